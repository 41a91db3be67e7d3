//! One list, pulled by the command and compared with the truth.

use super::lists::{List, Wanted};
use super::server::Running;
use super::table::{Found, Row};
use crate::fail::{At, Result};
use crate::{shell, tree};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::Path;
use std::time::Instant;

/// Pulls the list into `folder` and says what came of it.
pub fn pull(program: &Path, server: &Running, list: &List, folder: &Path) -> Result<Row> {
    if let Wanted::Elsewhere(_) = list.wanted {
        return Ok(Row::elsewhere(list));
    }
    let place = |ending: &str| folder.join(format!("{}{ending}", list.name));
    let (rows, report) = (place(".jsonl"), place(".report.json"));
    let mut command = shell::command(&program.display().to_string(), &["pull"]);
    command.arg(&list.source).arg("--into").arg(&rows).arg("--report").arg(&report);
    command.arg("--set").arg(format!("BASE={}", server.base));
    for (name, value) in &server.values {
        command.arg("--set").arg(format!("{name}={value}"));
    }
    if let Some(value) = &list.authorization {
        command.env("AUTHORIZATION", value);
    }
    let start = Instant::now();
    let done = command.output().at(program.display())?;
    let time = start.elapsed();
    std::fs::write(place(".stderr"), &done.stderr)?;
    let report: Value = std::fs::read_to_string(&report)
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or(Value::Null);
    let text = if rows.is_file() { tree::read(&rows)? } else { String::new() };
    let found = ids(&text, &list.id).map(|ids| Found {
        exit: done.status.code(),
        rows: ids.len() as u64,
        sha256: checksum(ids),
        verdict: report["verdict"].as_str().map(str::to_owned),
        error: report["error"]["kind"].as_str().map(str::to_owned),
        requests: report["counts"]["requests"].as_u64(),
        last_words: String::from_utf8_lossy(&done.stderr)
            .trim()
            .lines()
            .last()
            .unwrap_or_default()
            .to_owned(),
        time,
    });
    Ok(Row::judged(list, found))
}

/// The ids of NDJSON text, each as the text that stands there.
fn ids(text: &str, path: &[String]) -> Result<Vec<String>> {
    let one = |(number, line): (usize, &str)| {
        let record: Value = serde_json::from_str(line).at(format!("line {}", number + 1))?;
        let id = path.iter().fold(&record, |value, member| &value[member]);
        Ok(id.as_str().map_or_else(|| id.to_string(), str::to_owned))
    };
    text.lines().enumerate().map(one).collect()
}

/// SHA-256 of the ids, sorted as text, joined by line breaks, in hexadecimal.
fn checksum(mut ids: Vec<String>) -> String {
    ids.sort();
    let hash = Sha256::digest(ids.join("\n"));
    hash.iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_by_their_path_and_keep_their_text() {
        let path = ["id".to_owned(), "N".to_owned()];
        assert_eq!(ids("{\"id\":{\"N\":\"7\"}}\n{\"id\":{\"N\":8}}\n", &path).unwrap(), ["7", "8"]);
        assert!(ids("{", &path).unwrap_err().to_string().contains("line 1"));
    }

    #[test]
    fn the_checksum_does_not_depend_on_the_order_of_pages() {
        let sum = |ids: &[&str]| checksum(ids.iter().map(|id| (*id).to_owned()).collect());
        assert_eq!(sum(&["b", "a"]), sum(&["a", "b"]));
        assert_eq!(sum(&["a"]), "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb");
    }
}
