//! The same list once more, by the command and by the npm package: the reports must be the same.

use crate::fail::{At, Outcome, Result, none_of};
use crate::leadserver::LeadServer;
use crate::{npm, shell, tree};
use serde_json::Value;
use std::path::Path;

/// Everything but a rate limit: how long that makes one wait is the clock's affair.
const SERVER: &[&str] = &[
    "--records=10000",
    "--churn=mixed",
    "--churn-every=5",
    "--churn-size=20",
    "--fault=5xx=3%",
    "--fault=reset-in-body=2%",
    "--fault=truncate-json=2%",
];
/// What differs between any two walks.
const OWN: [&str; 6] = ["generation", "started", "elapsed_ms", "waits_ms", "sink", "checkpoint"];

/// Runs it, where there is a Node to run it with.
pub fn run(program: &Path, folder: &Path) -> Result<Outcome> {
    if let Some(why) = npm::missing()? {
        println!("\nNOT RUN: the walk in Node, for {why}");
        return Ok(Outcome::Passed);
    }
    npm::pack()?;
    super::tell(&format!(
        "The same in Node and by the command, each from a fresh server: {}",
        SERVER.join(" ")
    ));
    let server = LeadServer::start(SERVER)?;
    let report = folder.join("command.json");
    let mut command = shell::command(&program.display().to_string(), &["pull", "examples/leads.json"]);
    command.arg("--into").arg(folder.join("command.jsonl")).arg("--report").arg(&report);
    shell::run(command.args(["--set", &format!("BASE={}", server.url)]))?;
    let by_command: Value = serde_json::from_str(&tree::read(&report)?).at(report.display())?;

    let server = LeadServer::start(SERVER)?;
    let script = npm::example("node/walk.mjs")?;
    let mut node =
        shell::command("node", &[&script.display().to_string(), "examples/leads.json", &server.url]);
    let said = shell::output(node.arg(folder.join("node.jsonl")))?;
    let by_node: Value = serde_json::from_str(&said)?;
    println!(
        "verdict {} by the command, {} in Node; {} and {} records, {} and {} requests",
        by_command["verdict"],
        by_node["verdict"],
        by_command["counts"]["records"],
        by_node["counts"]["records"],
        by_command["counts"]["requests"],
        by_node["counts"]["requests"]
    );
    let keys = by_command.as_object().into_iter().flatten().map(|(key, _)| key);
    let differ = keys.filter(|key| !OWN.contains(&key.as_str()) && by_command[*key] != by_node[*key]);
    let differ = differ.map(|key| format!("`{key}`: {} and in Node {}", by_command[key], by_node[key]));
    let problems: Vec<String> = differ.collect();
    if problems.is_empty() {
        println!("the reports are the same in everything but times and places");
    }
    none_of(&problems)
}
