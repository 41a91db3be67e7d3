//! What came of each list, as a table.

use super::lists::{List, Wanted};
use crate::fail::{Fail, Result};
use std::fmt;
use std::time::Duration;

/// What the command did.
pub struct Found {
    /// Its exit code.
    pub exit: Option<i32>,
    /// Records it wrote.
    pub rows: u64,
    /// The checksum of their ids.
    pub sha256: String,
    /// The report's verdict.
    pub verdict: Option<String>,
    /// The kind of the report's error.
    pub error: Option<String>,
    /// Requests it sent.
    pub requests: Option<u64>,
    /// The last line on standard error.
    pub last_words: String,
    /// How long it took.
    pub time: Duration,
}

/// One line of the table.
pub struct Row {
    list: String,
    found: Option<Found>,
    result: String,
    good: bool,
}

impl Row {
    /// A list that isn't ours to walk.
    pub fn elsewhere(list: &List) -> Row {
        let why = if let Wanted::Elsewhere(why) = &list.wanted { why } else { "" };
        Row { list: list.name.clone(), found: None, result: format!("not ours: {why}"), good: true }
    }

    /// A server that didn't start.
    pub fn broken(server: &str, fail: &Fail) -> Row {
        Row { list: server.to_owned(), found: None, result: fail.to_string(), good: false }
    }

    /// What was found against what was wanted.
    pub fn judged(list: &List, found: Result<Found>) -> Row {
        let name = list.name.clone();
        match found {
            Err(fail) => Row { list: name, found: None, result: fail.to_string(), good: false },
            Ok(found) => {
                let problems = problems(&list.wanted, &found);
                let good = problems.is_empty();
                let result = if good { good_words(&list.wanted) } else { problems.join("; ") };
                Row { list: name, found: Some(found), result, good }
            }
        }
    }

    /// What is wrong with it, if anything is.
    pub fn problem(&self) -> Option<String> {
        (!self.good).then(|| format!("{}: {}", self.list, self.result))
    }
}

fn good_words(wanted: &Wanted) -> String {
    match wanted {
        Wanted::Whole { .. } => "ok".to_owned(),
        Wanted::Refused { .. } => "ok: refused, as it should be".to_owned(),
        Wanted::Elsewhere(_) => String::new(),
    }
}

fn problems(wanted: &Wanted, found: &Found) -> Vec<String> {
    let mut problems = Vec::new();
    let exit = found.exit.map_or("a signal".to_owned(), |code| code.to_string());
    match wanted {
        Wanted::Whole { count, sha256, verdict } => {
            if found.exit != Some(0) {
                problems.push(format!("exit {exit}: {}", found.last_words));
            }
            if found.rows != *count {
                problems.push(format!("{} records, there are {count}", found.rows));
            } else if found.sha256 != *sha256 {
                problems.push("as many records as there are, but not the same".to_owned());
            }
            if found.verdict.as_ref() != Some(verdict) {
                problems.push(format!("the verdict should be {verdict}"));
            }
        }
        Wanted::Refused { kind, exit: wanted } => {
            if found.exit != Some(*wanted) || found.error.as_ref() != Some(kind) {
                let error = found.error.as_deref().unwrap_or("none");
                problems.push(format!("exit {exit} and error {error}, not exit {wanted} and {kind}"));
            }
        }
        Wanted::Elsewhere(_) => {}
    }
    problems
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let number = |value: Option<u64>| value.map_or("-".to_owned(), |n| n.to_string());
        let found = self.found.as_ref();
        let verdict = found.and_then(|found| found.verdict.as_deref()).unwrap_or("-");
        let time = found.map_or("-".to_owned(), |found| format!("{:.2} s", found.time.as_secs_f64()));
        write!(
            f,
            "{:22} {:>6} {:12} {:>8} {time:>9}  {}",
            self.list,
            number(found.map(|found| found.rows)),
            verdict,
            number(found.and_then(|found| found.requests)),
            self.result
        )
    }
}

/// All lines.
pub fn show(rows: &[Row]) -> String {
    let head =
        format!("{:22} {:>6} {:12} {:>8} {:>9}  result", "list", "rows", "verdict", "requests", "time");
    rows.iter().fold(head, |table, row| format!("{table}\n{row}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(rows: u64, sha256: &str, verdict: &str) -> Found {
        Found {
            exit: Some(0),
            rows,
            sha256: sha256.to_owned(),
            verdict: Some(verdict.to_owned()),
            error: None,
            requests: Some(1),
            last_words: String::new(),
            time: Duration::ZERO,
        }
    }

    #[test]
    fn every_difference_from_the_truth_is_a_problem() {
        let wanted = Wanted::Whole { count: 2, sha256: "aa".to_owned(), verdict: "complete".to_owned() };
        assert_eq!(problems(&wanted, &found(2, "aa", "complete")), Vec::<String>::new());
        assert_eq!(problems(&wanted, &found(1, "aa", "complete")).len(), 1);
        assert_eq!(problems(&wanted, &found(2, "bb", "complete")).len(), 1);
        assert_eq!(problems(&wanted, &found(2, "aa", "unproven")).len(), 1);
        assert_eq!(problems(&wanted, &Found { exit: None, ..found(2, "aa", "complete") }).len(), 1);
        let refused = Wanted::Refused { kind: "x".to_owned(), exit: 3 };
        assert_eq!(problems(&refused, &found(2, "aa", "complete")).len(), 1);
    }
}
