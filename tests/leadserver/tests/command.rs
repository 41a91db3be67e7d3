//! The command: says where it is, stops when told, refuses what it doesn't know.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on has failed")]

use std::{
    io::{BufRead as _, BufReader},
    process::{Command, Output, Stdio},
};

fn command() -> Command {
    Command::new(env!("CARGO_BIN_EXE_everypage-leadserver"))
}

fn run(args: &[&str]) -> Output {
    command().args(args).stdin(Stdio::null()).output().unwrap()
}

#[test]
fn it_prints_its_url_and_stops_with_its_input() {
    let mut child = command()
        .args(["--records", "5", "--until-eof"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("http://").unwrap().to_owned();
    assert!(std::net::TcpStream::connect(&address).is_ok());
    // Its port is taken now.
    let port = address.rsplit(':').next().unwrap();
    assert_eq!(run(&["--port", port, "--until-eof"]).status.code(), Some(1));
    drop(child.stdin.take());
    assert!(child.wait().unwrap().success());
    assert!(std::net::TcpStream::connect(&address).is_err());
}

#[test]
fn it_explains_itself_and_refuses_the_rest() {
    assert!(String::from_utf8(run(&["--help"]).stdout).unwrap().contains("--churn-every K"));
    let refused = run(&["--fault", "zap"]);
    assert_eq!(refused.status.code(), Some(64));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("zap"));
}
