//! One real server, from its start to its stop.

use crate::fail::{At, Fail, Result};
use crate::shell::{Afterwards, command, output};
use crate::tree;
use serde_json::Value;
use std::path::Path;

/// Where the harness keeps what it installs.
const CACHE: &str = "EVERYPAGE_REAL_CACHE";

/// A running server; it is stopped when this is dropped.
pub struct Running {
    /// Its URL without a path.
    pub base: String,
    /// Values that are only known now, by the name of the variable they are for.
    pub values: Vec<(String, String)>,
    _stop: Afterwards,
}

impl Running {
    /// Installs it where that wasn't done yet, and starts it.
    pub fn start(harness: &Path, name: &str) -> Result<Running> {
        let script = harness.join("harness.py").display().to_string();
        let harness = |verb| {
            let mut harness = command("python3", &[&script, verb, name]);
            // What it installs is kept with what is built, unless the variable says where.
            if std::env::var_os(CACHE).is_none() {
                harness.env(CACHE, tree::target().join("realworld"));
            }
            harness
        };
        let set_up = output(&mut harness("setup"))?;
        eprintln!("{}", set_up.trim());
        // Promised before the start, so that a start that is broken off leaves nothing behind either.
        let stop = Afterwards::run(&harness("stop"))?;
        let line = output(&mut harness("start"))?;
        let said: Value = serde_json::from_str(line.trim()).at(name)?;
        let base = said["base_url"].as_str().ok_or_else(|| Fail::new(format!("{name} has no base_url")))?;
        let values = said["vars"].as_object().into_iter().flatten();
        let values = values.map(|(key, value)| (key.clone(), plain(value))).collect();
        Ok(Running { base: base.to_owned(), values, _stop: stop })
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
