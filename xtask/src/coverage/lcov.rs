//! How often each line was reached, from LLVM's export in the format of lcov; without the lines of tests.

use crate::fail::{At, Result};
use crate::tree;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// Line numbers with how often they were reached.
pub type Lines = BTreeMap<usize, u64>;

/// The lines of every file of the core, by its path below `core/src`.
pub fn read(export: &str) -> Result<BTreeMap<String, Lines>> {
    let home = tree::root().join("core/src");
    let tests = test_files(&home)?;
    let mut files: BTreeMap<String, Lines> = BTreeMap::new();
    let mut current: Option<(String, BTreeSet<usize>)> = None;
    for line in export.lines() {
        if let Some(path) = line.strip_prefix("SF:") {
            let below = Path::new(path).strip_prefix(&home).ok().map(|path| path.display().to_string());
            let below = below.filter(|path| !tests.iter().any(|test| path.starts_with(test)));
            current = match below {
                Some(below) => Some((below, test_lines(&tree::read(Path::new(path))?))),
                None => None,
            };
        } else if let (Some(counted), Some((file, tests))) = (line.strip_prefix("DA:"), &current) {
            let mut parts = counted.split(',');
            let mut number = || parts.next().unwrap_or_default().parse::<u64>().at(line);
            let (at, count) = (number()? as usize, number()?);
            if !tests.contains(&at) {
                *files.entry(file.clone()).or_default().entry(at).or_default() += count;
            }
        }
    }
    Ok(files)
}

/// Files and folders that are modules for tests only, below the core.
fn test_files(home: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for file in tree::files(home, ".rs")? {
        let text = tree::read(&file)?;
        // A module of `a/mod.rs` or `lib.rs` is beside it, one of `a.rs` is in `a/`.
        let folder = match file.file_name().and_then(|name| name.to_str()) {
            Some("mod.rs" | "lib.rs") => file.parent().unwrap_or(home).to_owned(),
            _ => file.with_extension(""),
        };
        let below = folder.strip_prefix(home).unwrap_or(&folder).to_owned();
        let lines: Vec<&str> = text.lines().collect();
        for pair in lines.windows(2) {
            if let [before, line] = pair
                && before.contains("cfg(test)")
                && let Some(name) = line.trim_start_matches("pub ").strip_prefix("mod ")
                && let Some(name) = name.strip_suffix(';')
            {
                let path = below.join(name);
                found.extend(
                    [path.with_extension("rs"), path.join("")].map(|path| path.display().to_string()),
                );
            }
        }
    }
    Ok(found)
}

/// The lines of items that are there for tests only.
fn test_lines(text: &str) -> BTreeSet<usize> {
    let mut found = BTreeSet::new();
    let mut until: Option<String> = None;
    for (index, line) in text.lines().enumerate() {
        let indent: String = line.chars().take_while(|c| *c == ' ').collect();
        if until.is_none() && line.trim_start().starts_with("#[cfg(test)]") {
            until = Some(format!("{indent}}}"));
        }
        if let Some(end) = &until {
            found.insert(index + 1);
            // An item ends with its brace, or with the semicolon of its first line.
            if line == end || line.ends_with(';') && line.starts_with(&end.replace('}', "mod ")) {
                until = None;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_tests_do_not_count() {
        let text = "fn a() {}\n#[cfg(test)]\nmod golden;\nfn b() {\n}\n#[cfg(test)]\nmod tests {\n    fn c() {\n    }\n}\nfn d() {}\n";
        assert_eq!(test_lines(text), BTreeSet::from([2, 3, 6, 7, 8, 9, 10]));
    }
}
