//! The command as a user meets it: exit codes, what stands where, signals, pipes.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::format_collect, reason = "tests")]

mod support;

use serde_json::Value;
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;
use support::{Server, answer, ok};

/// A folder to run in.
struct Place(PathBuf);

impl Place {
    fn new() -> Place {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let path = std::env::temp_dir().join(format!(
            "everypage-cli-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        ));
        fs::create_dir_all(&path).unwrap();
        Place(path)
    }

    fn source(&self, server: &Server, more: &str) {
        let text = format!(
            r#"{{"name":"leads","request":{{"url":"{}"}},"records":"/data","id":"/id",
                "pagination":{{"style":"cursor","read":"body:/next","write":"query:cursor"}}{more}}}"#,
            server.url("/leads")
        );
        fs::write(self.0.join("leads.json"), text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_everypage"));
        command.args(arguments).current_dir(&self.0).stdin(Stdio::null()).env_remove("LEADS_TOKEN");
        command
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::from(self.command(arguments).output().unwrap())
    }

    fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    fn wait_for_rows(&self, name: &str, rows: usize) {
        for _ in 0..500 {
            if fs::read_to_string(self.0.join(name)).is_ok_and(|text| text.lines().count() >= rows) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("{name} never had {rows} rows");
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[derive(Debug)]
struct Run {
    code: Option<i32>,
    out: String,
    err: String,
}

impl From<Output> for Run {
    fn from(output: Output) -> Run {
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }
}

/// `total` leads, ten a page, each answer after `delay` milliseconds.
fn list(total: u64, delay: u64) -> Server {
    gated(total, Arc::new(AtomicU64::new(delay)), |_, _| None)
}

fn gated(
    total: u64,
    delay: Arc<AtomicU64>,
    gate: impl Fn(&str, u64) -> Option<Vec<u8>> + Send + Sync + 'static,
) -> Server {
    Server::start(move |head, stream| {
        std::thread::sleep(Duration::from_millis(delay.load(Ordering::SeqCst)));
        let from: u64 = head
            .split("cursor=")
            .nth(1)
            .map_or(0, |rest| rest.split([' ', '&']).next().unwrap().parse().unwrap());
        let reply = gate(head, from).unwrap_or_else(|| {
            let rows: Vec<String> =
                (from..total.min(from + 10)).map(|n| format!("{{\"id\":\"lead-{n:05}\"}}")).collect();
            let next = if from + 10 < total { format!("\"{}\"", from + 10) } else { "null".to_owned() };
            ok(&format!("{{\"data\":[{}],\"next\":{next},\"total\":100}}", rows.join(",")))
        });
        stream.write_all(&reply).is_ok()
    })
}

fn rows(total: u64) -> String {
    (0..total).map(|n| format!("{{\"id\":\"lead-{n:05}\"}}\n")).collect()
}

fn signal(child: &Child, name: &str) {
    assert!(Command::new("kill").args([name, &child.id().to_string()]).status().unwrap().success());
}

#[test]
fn help_and_version_are_no_mistakes_but_mistakes_are_64() {
    let place = Place::new();
    for arguments in [&["--help"][..], &["--version"], &["pull", "--help"]] {
        let run = place.run(arguments);
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{arguments:?}");
    }
    fs::write(place.0.join("bad.json"), r#"{"records":"data","size":{"value":0}}"#).unwrap();
    for arguments in [
        &[][..],
        &["fetch"],
        &["pull"],
        &["pull", "bad.json", "--limit", "many"],
        &["pull", "bad.json", "--resume"],
        &["pull", "none.json"],
        &["pull", "bad.json"],
        &["check", "bad.json"],
        &["estimate", "bad.json", "--total", "5"],
    ] {
        let run = place.run(arguments);
        assert_eq!((run.code, run.out.as_str()), (Some(64), ""), "{arguments:?}: {run:?}");
        assert!(!run.err.is_empty());
    }
}

#[test]
fn check_says_everything_that_is_wrong() {
    let (place, server) = (Place::new(), list(1, 0));
    place.source(&server, "");
    let run = place.run(&["check", "leads.json"]);
    assert_eq!(run.code, Some(0));
    assert!(run.out.contains("leads: a valid source for http://127.0.0.1"), "{run:?}");
    place.source(&server, r#","sort":"id","size":{"valeu":10},"auth":{"bearer":"${LEADS_TOKEN}"}"#);
    let run = place.run(&["check", "leads.json"]);
    assert_eq!(run.code, Some(64));
    for fault in ["sort", "valeu", "LEADS_TOKEN"] {
        assert!(run.err.contains(fault), "{fault} in {}", run.err);
    }
    assert!(server.heads().is_empty());
}

#[test]
fn estimate_counts_requests_and_time() {
    let (place, server) = (Place::new(), list(1, 0));
    place.source(
        &server,
        r#","size":{"write":"query:limit","value":100},"rate":[{"requests":60,"per":"60s"}]"#,
    );
    let run = place.run(&["estimate", "leads.json", "--total", "12000"]);
    assert_eq!(run.code, Some(0));
    assert!(
        run.out.starts_with("leads: 120 requests, 1 min 59 s")
            || run.out.starts_with("leads: 120 requests, 2 min"),
        "{run:?}"
    );
    assert!(run.err.contains("rate limit"), "{run:?}");
    assert!(server.heads().is_empty());
}

#[test]
fn a_dry_run_shows_the_request_without_its_secrets_and_sends_nothing() {
    let (place, server) = (Place::new(), list(1, 0));
    place.source(&server, r#","auth":{"bearer":"${LEADS_TOKEN}","query":{"key":"hunter2"}}"#);
    let run = Run::from(
        place.command(&["pull", "leads.json", "--dry-run"]).env("LEADS_TOKEN", "s3cret").output().unwrap(),
    );
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.out.starts_with("GET http://127.0.0.1:"), "{run:?}");
    assert!(run.out.contains("authorization: [secret]") && run.out.contains("key=[secret]"), "{run:?}");
    assert!(!run.out.contains("s3cret") && !run.out.contains("hunter2"), "{run:?}");
    assert!(server.heads().is_empty());
}

#[test]
fn records_go_to_standard_output_and_everything_else_does_not() {
    let (place, server) = (Place::new(), list(95, 0));
    place.source(&server, "");
    let run = place.run(&["pull", "leads.json", "--report", "report.json"]);
    assert_eq!((run.code, run.out), (Some(0), rows(95)));
    assert!(run.err.contains("leads: 95 records in 10 pages (10 requests)"), "{}", run.err);
    assert!(run.err.contains("Not proven complete"), "{}", run.err);
    let report: Value = serde_json::from_str(&place.read("report.json")).unwrap();
    assert_eq!(
        (report["verdict"].as_str(), report["counts"]["records"].as_u64()),
        (Some("unproven"), Some(95))
    );
    assert_eq!(report["sink"]["class"], "at_least_once");
    let strict = place.run(&["pull", "leads.json", "--strict"]);
    assert_eq!((strict.code, strict.out), (Some(2), rows(95)));
}

#[test]
fn a_short_list_is_incomplete() {
    let (place, server) = (Place::new(), list(95, 0));
    place.source(&server, r#","total":"body:/total""#);
    let run = place.run(&["pull", "leads.json"]);
    assert_eq!(run.code, Some(2), "{run:?}");
    assert!(run.err.contains("INCOMPLETE"), "{}", run.err);
}

#[test]
fn an_output_is_made_resumed_and_never_overwritten() {
    let (place, server) = (Place::new(), list(95, 0));
    place.source(&server, "");
    let pull = ["pull", "leads.json", "--into", "out.jsonl"];
    let run = place.run(&pull);
    assert_eq!((run.code, run.out.as_str()), (Some(0), ""));
    assert_eq!(place.read("out.jsonl"), rows(95));

    let asked = server.heads().len();
    let again = place.run(&pull);
    assert_eq!(again.code, Some(3));
    assert!(again.err.contains("--resume"), "{}", again.err);
    let resumed = place.run(&[&pull[..], &["--resume"]].concat());
    assert_eq!(resumed.code, Some(0));
    assert!(resumed.err.contains("95 records"), "{}", resumed.err);
    assert_eq!((server.heads().len(), place.read("out.jsonl")), (asked, rows(95)));

    fs::write(place.0.join("out.jsonl"), "something else").unwrap();
    let refused = place.run(&[&pull[..], &["--resume"]].concat());
    assert_eq!(refused.code, Some(3));
    assert!(refused.err.contains("not the output of this walk"), "{}", refused.err);
    assert_eq!(place.read("out.jsonl"), "something else");

    for (name, why) in [("out.sqlite", "SQLite"), ("out.csv", ".jsonl")] {
        let wrong = place.run(&["pull", "leads.json", "--into", name]);
        assert_eq!(wrong.code, Some(64));
        assert!(wrong.err.contains(why), "{}", wrong.err);
    }
}

#[test]
fn a_failed_pull_says_what_to_do_and_can_be_gone_on_with() {
    let broken = Arc::new(AtomicBool::new(true));
    let on = broken.clone();
    let server = gated(95, Arc::default(), move |_, from| {
        (from == 50 && on.load(Ordering::SeqCst)).then(|| answer("404 Not Found", "", "{}"))
    });
    let place = Place::new();
    place.source(&server, "");
    let run = place.run(&["pull", "leads.json", "--into", "out.jsonl", "--report", "report.json"]);
    assert_eq!(run.code, Some(3));
    assert!(run.err.contains("EP_HTTP_STATUS") && run.err.contains("status 404"), "{}", run.err);
    assert!(run.err.contains("everypage pull leads.json --into out.jsonl --resume"), "{}", run.err);
    let report: Value = serde_json::from_str(&place.read("report.json")).unwrap();
    assert_eq!(
        (report["verdict"].as_str(), report["error"]["code"].as_str()),
        (Some("failed"), Some("EP_HTTP_STATUS"))
    );
    assert_eq!(report["checkpoint"], "out.jsonl.checkpoint");
    broken.store(false, Ordering::SeqCst);
    assert_eq!(place.run(&["pull", "leads.json", "--into", "out.jsonl", "--resume"]).code, Some(0));
    assert_eq!(place.read("out.jsonl"), rows(95));
}

#[test]
fn a_limit_stops_with_4() {
    let (place, server) = (Place::new(), list(95, 0));
    place.source(&server, "");
    let run = place.run(&["pull", "leads.json", "--limit", "25"]);
    assert_eq!((run.code, run.out), (Some(4), rows(25)), "{}", run.err);
}

#[test]
fn a_reader_that_goes_away_stops_the_pull_quietly() {
    let (place, server) = (Place::new(), list(20_000, 1));
    place.source(&server, "");
    let mut child = place.spawn(&["pull", "leads.json"]);
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert_eq!(line, "{\"id\":\"lead-00000\"}\n");
    let run = Run::from(child.wait_with_output().unwrap());
    assert_eq!(run.code, Some(4), "{run:?}");
    assert!(!run.err.contains("panicked") && !run.err.contains("EP_STORAGE"), "{}", run.err);
    assert!(server.heads().len() < 1000);
}

#[cfg(unix)]
#[test]
fn signals_leave_something_to_go_on_from() {
    for name in ["-INT", "-TERM"] {
        let delay = Arc::new(AtomicU64::new(30));
        let (place, server) = (Place::new(), gated(995, delay.clone(), |_, _| None));
        place.source(&server, "");
        let child = place.spawn(&["pull", "leads.json", "--into", "out.jsonl"]);
        place.wait_for_rows("out.jsonl", 50);
        signal(&child, name);
        let run = Run::from(child.wait_with_output().unwrap());
        assert_eq!(run.code, Some(4), "{run:?}");
        assert!(run.err.contains("stopping") && run.err.contains("--resume"), "{}", run.err);
        let stored = place.read("out.jsonl");
        assert!(rows(995).starts_with(&stored) && stored.len() < rows(995).len());
        delay.store(0, Ordering::SeqCst);
        assert_eq!(place.run(&["pull", "leads.json", "--into", "out.jsonl", "--resume"]).code, Some(0));
        assert_eq!(place.read("out.jsonl"), rows(995));
    }
}

#[cfg(unix)]
#[test]
fn killing_it_again_and_again_loses_and_repeats_nothing() {
    let delay = Arc::new(AtomicU64::new(15));
    let (place, server) = (Place::new(), gated(1995, delay.clone(), |_, _| None));
    place.source(&server, "");
    let pull = ["pull", "leads.json", "--into", "out.jsonl", "--resume"];
    for millis in [150, 400, 700, 1300, 1700] {
        let mut child = place.spawn(&pull);
        std::thread::sleep(Duration::from_millis(millis));
        child.kill().unwrap();
        child.wait().unwrap();
    }
    delay.store(0, Ordering::SeqCst);
    let run = place.run(&pull);
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(place.read("out.jsonl"), rows(1995));
    assert!(run.err.contains("1,995 records"), "{}", run.err);
}

#[cfg(unix)]
#[test]
fn a_second_pull_into_the_same_file_is_kept_out() {
    let (place, server) = (Place::new(), list(2000, 20));
    place.source(&server, "");
    let pull = ["pull", "leads.json", "--into", "out.jsonl", "--resume"];
    let mut first = place.spawn(&pull);
    place.wait_for_rows("out.jsonl", 10);
    let second = place.run(&pull);
    assert_eq!(second.code, Some(3));
    assert!(second.err.contains("another process is writing"), "{}", second.err);
    first.kill().unwrap();
    first.wait().unwrap();
}

#[test]
fn secrets_come_from_the_environment_and_stay_out_of_everything_written() {
    let (place, server) = (Place::new(), list(25, 0));
    place.source(&server, r#","auth":{"bearer":"${LEADS_TOKEN}"}"#);
    let arguments = ["pull", "leads.json", "--into", "out.jsonl", "--report", "report.json"];
    let run = place.run(&arguments);
    assert_eq!(run.code, Some(64));
    assert!(run.err.contains("LEADS_TOKEN"), "{}", run.err);
    let run = Run::from(place.command(&arguments).env("LEADS_TOKEN", "s3cret-canary").output().unwrap());
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(server.heads().iter().all(|head| head.contains("authorization: Bearer s3cret-canary")));
    for text in
        [run.err, place.read("report.json"), place.read("out.jsonl.checkpoint"), place.read("out.jsonl")]
    {
        assert!(!text.contains("s3cret-canary"), "{text}");
    }
}

#[test]
fn variables_and_toml_fill_a_source() {
    let (place, server) = (Place::new(), list(25, 0));
    let text = format!(
        "name = \"leads\"\nrecords = \"/data\"\nid = \"/id\"\n[request]\nurl = \"{}\"\n[pagination]\nstyle = \"cursor\"\nread = \"body:/next\"\nwrite = \"query:cursor\"\n",
        server.url("/{TEAM}/leads")
    );
    fs::write(place.0.join("leads.toml"), text).unwrap();
    let run = place.run(&["pull", "leads.toml", "--set", "TEAM=east"]);
    assert_eq!((run.code, run.out), (Some(0), rows(25)), "{}", run.err);
    assert_eq!(server.targets()[0], "/east/leads");
    assert_eq!(place.run(&["pull", "leads.toml"]).code, Some(64));
}
