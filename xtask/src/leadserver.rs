//! The lead server as a process of its own, and questions to it.

use crate::fail::{At, Fail, Result, fail};
use crate::{programs, shell};
use serde_json::Value;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, ChildStdin, Stdio};

/// A running lead server. It ends when this is dropped, and also when this process ends in any other way:
/// it serves until its input does, and we hold the other end.
pub struct LeadServer {
    child: Child,
    input: Option<ChildStdin>,
    /// Its URL without a path.
    pub url: String,
}

impl LeadServer {
    /// Starts it with these flags.
    pub fn start(flags: &[&str]) -> Result<LeadServer> {
        let program = programs::leadserver()?;
        let mut command = shell::command(&program.display().to_string(), flags);
        command.arg("--until-eof").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().at(program.display())?;
        let input = child.stdin.take();
        let output = child.stdout.take().ok_or_else(|| Fail::new("the lead server has no output"))?;
        let mut url = String::new();
        BufReader::new(output).read_line(&mut url)?;
        let server = LeadServer { child, input, url: url.trim().to_owned() };
        if server.url.is_empty() {
            fail!("the lead server did not start");
        }
        Ok(server)
    }

    /// What it answers at one of its own paths, such as `/oracle`.
    pub fn ask(&self, path: &str) -> Result<Value> {
        let host = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(host).at(&self.url)?;
        // In HTTP/1.0 the answer ends with the connection: nothing to parse.
        write!(stream, "GET {path} HTTP/1.0\r\nHost: {host}\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).at(path)?;
        let Some((head, body)) = answer.split_once("\r\n\r\n") else { fail!("{path}: no answer") };
        if !head.lines().next().is_some_and(|line| line.contains(" 200 ")) {
            fail!("{path}: {}", head.lines().next().unwrap_or_default());
        }
        serde_json::from_str(body).at(path)
    }
}

impl Drop for LeadServer {
    fn drop(&mut self) {
        drop(self.input.take());
        if self.child.wait().is_err() {
            eprintln!("the lead server could not be waited for");
        }
    }
}
