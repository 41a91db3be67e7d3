//! `demo`: what everypage is for, in half a minute. A server with 50,000 leads that come and go while they are
//! read, that limits the rate and fails in many ways; a pull that is killed half-way and goes on; and a
//! comparison of what was written with what the server knows.

mod node;
mod python;
pub mod rows;

use crate::fail::{At, Outcome, Result, fail, none_of};
use crate::leadserver::LeadServer;
use crate::{programs, shell, tree};
use rows::Rows;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, Instant};

const LEADS: u64 = 50_000;

/// What the server does to its clients: all of it happens to APIs on ordinary days.
const SERVER: &[&str] = &[
    "--records=50000",
    "--rate=20/1s",
    "--churn=mixed",
    "--churn-every=5",
    "--churn-size=20",
    "--latency-ms=5",
    "--fault=5xx=3%",
    "--fault=429=1%:after=1",
    "--fault=reset-in-body=2%",
    "--fault=truncate-json=2%",
    "--fault=error-in-200=1%",
];

/// Runs the step.
pub fn run(_: &[String]) -> Result<Outcome> {
    let program = programs::everypage()?;
    let server = LeadServer::start(SERVER)?;
    let folder = tree::scratch("demo")?;
    let (file, report) = (folder.join("leads.jsonl"), folder.join("report.json"));
    let start = Instant::now();

    tell(&format!("A server of {LEADS} leads at {}: {}", server.url, SERVER.join(" ")));
    let pull = |resume: bool| -> Command {
        let mut command = shell::command(&program.display().to_string(), &["pull", "examples/leads.json"]);
        command.arg("--into").arg(&file).arg("--report").arg(&report);
        command.args(["--set", &format!("BASE={}", server.url)]);
        if resume {
            command.arg("--resume");
        }
        tell(&shell::typed(&command));
        command
    };

    let mut child = pull(false).spawn().at(program.display())?;
    let stored = wait_for(&file, LEADS / 2, &mut child)?;
    child.kill()?;
    child.wait()?;
    tell(&format!("Killed (SIGKILL) with {stored} leads in the file. The same again, with --resume:"));

    let status = pull(true).status().at(program.display())?;
    if !status.success() {
        fail!("the pull ended with {status}");
    }
    tell(&format!("The report ({}):", tree::shown(&report)));
    println!("{}", tree::read(&report)?.trim_end());
    compare(&file, &report, &server)?;
    let outcome = node::run(&program, &folder)?;
    println!("{:.1} s in all", start.elapsed().as_secs_f64());
    if !matches!(outcome, Outcome::Passed) {
        return Ok(outcome);
    }
    python::run()
}

fn tell(words: &str) {
    println!("\n> {words}");
}

/// Waits until the file has so many lines; they are counted as they come.
fn wait_for(file: &Path, lines: u64, child: &mut Child) -> Result<u64> {
    let mut rows = Rows::open(file);
    let start = Instant::now();
    loop {
        let now = rows.count()?;
        if now >= lines {
            return Ok(now);
        }
        if let Some(status) = child.try_wait()? {
            fail!("the pull ended too soon, with {status} and {now} leads");
        }
        if start.elapsed() > Duration::from_secs(120) {
            child.kill()?;
            child.wait()?;
            fail!("the pull has come to {now} leads in two minutes");
        }
        thread::sleep(Duration::from_millis(10));
    }
}

/// What was written against what the server knows.
fn compare(file: &Path, report: &Path, server: &LeadServer) -> Result<Outcome> {
    let (stats, truth) = (server.ask("/stats")?, rows::ids(&server.ask("/oracle")?));
    let said: serde_json::Value = serde_json::from_str(&tree::read(report)?).at(report.display())?;
    let (written, twice) = rows::written(file)?;
    let missed = truth.difference(&written).count();
    tell("What the server knows:");
    println!(
        "meanwhile {} leads were born, {} deleted, {} changed; {} requests, {} of them answered badly",
        stats["inserted"],
        stats["deleted"],
        stats["updated"],
        stats["requests"],
        faults(&stats)
    );
    println!("{} leads lived through it all: {missed} of them missed", truth.len());
    println!("{} leads written, {twice} of them twice; verdict {}", written.len(), said["verdict"]);
    let mut problems = Vec::new();
    if truth.is_empty() || missed > 0 {
        problems.push(format!("{missed} of {} leads are missing", truth.len()));
    }
    if twice > 0 {
        problems.push(format!("{twice} leads were written twice"));
    }
    if said["verdict"] != "complete" {
        problems.push(format!("the verdict is {}, not complete", said["verdict"]));
    }
    if stats["violated"] != false {
        problems.push("the rate limit was exceeded".to_owned());
    }
    if faults(&stats) == 0 {
        problems.push("nothing went wrong, so nothing was shown".to_owned());
    }
    none_of(&problems)
}

/// How many answers were made bad.
fn faults(stats: &serde_json::Value) -> u64 {
    let counts = stats["faults"].as_object().into_iter().flatten();
    counts.filter_map(|(_, count)| count.as_u64()).sum()
}
