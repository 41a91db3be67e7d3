//! The same walk by the Python package.

use super::{SERVER, compare, tell};
use crate::fail::{At, Outcome, Result, fail};
use crate::leadserver::LeadServer;
use crate::{python, shell, tree};

/// Pulls the list of a server of its own, in one go. Without a Python it is left out.
pub fn run() -> Result<Outcome> {
    if python::interpreter()?.is_none() {
        tell("The same in Python is left out: there is no Python 3.11 or newer.");
        return Ok(Outcome::Passed);
    }
    let program = python::installed()?;
    let server = LeadServer::start(SERVER)?;
    let folder = tree::scratch("demo-python")?;
    let (file, report) = (folder.join("leads.jsonl"), folder.join("report.json"));
    let words = ["examples/python/leads.py", "examples/leads.json", server.url.as_str()];
    let mut walk = shell::command(&program.display().to_string(), &words);
    walk.arg(&file).arg(&report);
    tell(&format!("The same in Python, by another server: {}", shell::typed(&walk)));
    let status = walk.status().at(program.display())?;
    if !status.success() {
        fail!("the walk ended with {status}");
    }
    compare(&file, &report, &server)
}
