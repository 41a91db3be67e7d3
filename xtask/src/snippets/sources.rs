//! JSON and TOML blocks: they parse, and what is a source is a valid one.

use super::blocks::{Block, Language};
use crate::fail::{At, Result};
use crate::{programs, shell};
use serde_json::Value;
use std::fs;
use std::path::Path;

/// What is wrong with the block, if anything is.
pub fn problem(block: &Block, folder: &Path) -> Result<Option<String>> {
    let (value, ending) = match block.language {
        Language::Toml => (toml::from_str::<Value>(&block.text).map_err(|error| error.to_string()), "toml"),
        Language::Json | Language::Rust | Language::Shell => {
            (serde_json::from_str::<Value>(&block.text).map_err(|error| error.to_string()), "json")
        }
    };
    let value = match value {
        Ok(value) => value,
        Err(error) => return Ok(Some(format!("{}: {error}", block.place))),
    };
    if value.get("request").is_none() || value.get("pagination").is_none() {
        return Ok(None);
    }
    let file = folder.join(format!("source.{ending}"));
    fs::write(&file, &block.text).at(file.display())?;
    let mut check = shell::command(&programs::everypage()?.display().to_string(), &["check"]);
    check.arg(&file);
    for (name, is_secret) in names(&block.text) {
        match (is_secret, name.as_str()) {
            (true, _) => check.env(name, "a-secret"),
            (false, "BASE") => check.args(["--set", "BASE=http://127.0.0.1:8080"]),
            (false, _) => check.args(["--set", &format!("{name}=1")]),
        };
    }
    let done = check.output().at("everypage check")?;
    let words = String::from_utf8_lossy(&done.stderr);
    Ok((!done.status.success()).then(|| format!("{}: {}", block.place, words.trim())))
}

/// The variables of a source, and whether each is one of the environment (`${NAME}`).
fn names(text: &str) -> Vec<(String, bool)> {
    let mut names = Vec::new();
    for (at, _) in text.match_indices('{') {
        let rest = text.get(at + 1..).unwrap_or_default();
        let name: String =
            rest.chars().take_while(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || *c == '_').collect();
        if !name.is_empty() && rest.get(name.len()..).is_some_and(|rest| rest.starts_with('}')) {
            names.push((name, text.get(..at).is_some_and(|before| before.ends_with('$'))));
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_and_secrets_are_told_apart() {
        let found = names("{\"a\": \"{BASE}/x\", \"b\": \"${TOKEN}\", \"c\": {\"D\": 1}, \"e\": \"{json}\"}");
        assert_eq!(found, [("BASE".to_owned(), false), ("TOKEN".to_owned(), true)]);
    }
}
