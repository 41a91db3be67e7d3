//! The mistakes, as `cargo mutants` lists them. What is known to change nothing is left out by `.cargo/mutants.toml`.

use super::is_in;
use crate::fail::{At, Result};
use crate::shell::{cargo, output};
use serde_json::Value;
use std::ops::Range;

/// One mistake: another text for a stretch of a file.
pub struct Mutant {
    /// What it is, and where.
    pub name: String,
    /// The file, from the root.
    pub file: String,
    /// The module of the core.
    pub module: String,
    /// The function it is in, if any: its last name, and its stretch.
    pub function: Option<(String, Place)>,
    /// Whether the function belongs to a type, and whether it is there for a trait.
    pub method: bool,
    /// See `method`.
    pub in_trait: bool,
    /// What is replaced.
    pub place: Place,
    /// By what.
    pub replacement: String,
}

/// A stretch of a file: lines and columns from 1, columns in characters.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    start: (usize, usize),
    end: (usize, usize),
}

impl Place {
    fn read(span: &Value) -> Option<Place> {
        let point =
            |point: &Value| Some((point["line"].as_u64()? as usize, point["column"].as_u64()? as usize));
        Some(Place { start: point(&span["start"])?, end: point(&span["end"])? })
    }

    /// The same in bytes.
    pub fn range(self, text: &str) -> Range<usize> {
        let offset = |(line, column): (usize, usize)| {
            let before: usize = text.split_inclusive('\n').take(line - 1).map(str::len).sum();
            let rest = text.get(before..).unwrap_or_default();
            before + rest.chars().take(column - 1).map(char::len_utf8).sum::<usize>()
        };
        offset(self.start)..offset(self.end)
    }

    /// Whether the other lies within it.
    pub fn holds(self, other: Place) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

impl Mutant {
    /// The whole file with the mistake in it.
    pub fn applied(&self, text: &str) -> String {
        let range = self.place.range(text);
        [&text[..range.start], &self.replacement, &text[range.end..]].concat()
    }

    fn read(value: &Value, modules: &[String]) -> Option<Mutant> {
        let file = value["file"].as_str()?.to_owned();
        let function = &value["function"];
        let path = function["function_name"].as_str().unwrap_or_default();
        let name = path.rsplit("::").next().filter(|name| !name.is_empty());
        Some(Mutant {
            name: value["name"].as_str()?.to_owned(),
            module: modules.iter().find(|module| is_in(&file, module))?.clone(),
            file,
            method: path.contains("::"),
            in_trait: path.contains("<impl "),
            function: name.map(str::to_owned).zip(Place::read(&function["span"])),
            place: Place::read(&value["span"])?,
            replacement: value["replacement"].as_str()?.to_owned(),
        })
    }
}

/// All of these modules, in the order of the files.
pub fn all(modules: &[String]) -> Result<Vec<Mutant>> {
    let mut list = cargo(&["mutants", "--list", "--json", "--package", "everypage-core"]);
    for module in modules {
        list.args(["--file", &format!("core/src/{module}/**")]);
    }
    let told: Value = serde_json::from_str(&output(&mut list)?).at("cargo mutants --list")?;
    let listed = told.as_array().map(Vec::as_slice).unwrap_or_default();
    Ok(listed.iter().filter_map(|value| Mutant::read(value, modules)).collect())
}
