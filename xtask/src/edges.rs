//! `edges`: which module of the core may use which.

mod scan;

use crate::fail::{Fail, Outcome, Result, none_of};
use crate::tree;
use std::path::Path;

/// A module uses only modules of rows below its own.
const ROWS: [&[&str]; 5] = [
    &["walk"],
    &["checkpoint"],
    &["source"],
    &["advance", "audit", "classify", "dedup", "guard", "pace", "retry"],
    &["error", "facts", "http", "json", "rng", "time", "url"],
];

/// Inside the last row: words and time are shared.
const LEAVES: [(&str, &str); 8] = [
    ("error", "time"),
    ("facts", "error"),
    ("facts", "json"),
    ("facts", "time"),
    ("http", "error"),
    ("http", "time"),
    ("json", "error"),
    ("url", "error"),
];

/// Runs the step.
pub fn run(_: &[String]) -> Result<Outcome> {
    let folder = tree::root().join("core/src");
    let mut problems = Vec::new();
    let files = tree::files(&folder, ".rs")?;
    for file in &files {
        let inside = file.strip_prefix(&folder).unwrap_or(file);
        problems.extend(check(inside, &tree::read(file)?));
    }
    if files.is_empty() {
        return Err(Fail::new("core/src holds no Rust files"));
    }
    println!("{} files, {} modules", files.len(), ROWS.concat().len());
    none_of(&problems)
}

/// The forbidden edges that start in this file; its path is the one below `core/src`.
fn check(file: &Path, text: &str) -> Vec<String> {
    let parts: Vec<String> =
        file.with_extension("").iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let Some(from) = parts.first().filter(|first| *first != "lib") else { return Vec::new() };
    let is_folder = parts.last().is_some_and(|last| last == "mod");
    let depth = parts.len() - usize::from(is_folder && parts.len() > 1);
    let mut problems = Vec::new();
    if row(from).is_none() {
        problems.push(format!(
            "core/src/{}: `{from}` is in no row: add it to xtask/src/edges.rs",
            file.display()
        ));
        return problems;
    }
    for edge in scan::edges(text, depth) {
        if let Some(why) = objection(from, &edge.to) {
            problems.push(format!("core/src/{}:{}: {why}", file.display(), edge.line));
        }
    }
    problems
}

fn row(module: &str) -> Option<usize> {
    ROWS.iter().position(|row| row.contains(&module))
}

/// Why `from` may not use `to`, if so. Names that are no module (macros, `VERSION`) are nobody's edge.
fn objection(from: &str, to: &str) -> Option<String> {
    let (above, below) = (row(from)?, row(to)?);
    if from == to || below > above || LEAVES.contains(&(from, to)) {
        return None;
    }
    let kind = if below < above { "upward" } else { "sideways" };
    Some(format!("{kind} edge: `{from}` uses `{to}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(file: &str, text: &str) -> Vec<String> {
        check(Path::new(file), text)
    }

    #[test]
    fn a_planted_upward_edge_is_found() {
        let problems = found("retry/mod.rs", "use std::fmt;\nuse crate::walk::Step;\n");
        assert_eq!(problems, ["core/src/retry/mod.rs:2: upward edge: `retry` uses `walk`"]);
    }

    #[test]
    fn a_planted_sideways_edge_is_found() {
        let problems = found("pace.rs", "fn f() { let x = crate::retry::Policy::default(); }");
        assert_eq!(problems, ["core/src/pace.rs:1: sideways edge: `pace` uses `retry`"]);
        assert_eq!(found("time.rs", "use crate::error::UsageError;").len(), 1, "leaves have directions, too");
    }

    #[test]
    fn edges_in_groups_and_over_super_are_found() {
        assert_eq!(
            found("json/scan.rs", "use crate::{\n  json::Raw,\n  http::{Headers, walk},\n};").len(),
            1
        );
        assert_eq!(found("url/parse.rs", "use super::super::source::Source;").len(), 1);
        assert_eq!(found("url/mod.rs", "pub(crate) use super::guard::Guard;").len(), 1);
    }

    #[test]
    fn downward_edges_own_modules_comments_and_texts_are_fine() {
        let text = r#"
            //! See [`crate::walk::Walk`].
            use crate::{json::Raw, time::Millis};
            use super::parse; // crate::walk
            /* crate::walk::Step */
            const TEXT: &str = "crate::walk";
            fn life<'a>(c: &'a char) -> bool { *c == '"' && crate::VERSION != "crate::walk" }
            fn own() { crate::source::types::f(); super::read::g(); }
        "#;
        assert_eq!(found("source/wire.rs", text), Vec::<String>::new());
    }

    #[test]
    fn a_module_without_a_row_is_refused() {
        assert_eq!(found("helpers.rs", "").len(), 1);
    }
}
