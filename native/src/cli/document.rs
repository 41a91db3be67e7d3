//! Reads a source file: JSON or TOML, filled in from the options and the environment.

use super::args::SourceArguments;
use crate::error::Error;
use everypage_core::source::{Fill, Source};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::Path;

/// The source, or everything that is wrong with it.
pub(super) fn read(arguments: &SourceArguments) -> Result<Source, Error> {
    let vars: BTreeMap<String, String> = arguments.set.iter().cloned().collect();
    read_file(&arguments.source, &Fill { env: &|name| std::env::var(name).ok(), vars: &vars, auth: None })
}

/// The source in this file.
pub(super) fn read_file(path: &Path, fill: &Fill<'_>) -> Result<Source, Error> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Error::Settings(format!("can't read the source {}: {error}", path.display())))?;
    if is(path, "toml") {
        let table: toml::Table = text
            .parse()
            .map_err(|error| Error::Settings(format!("{} is not TOML: {error}", path.display())))?;
        Ok(Source::from_value(&Value::Object(json(table)), fill)?)
    } else {
        Ok(Source::from_json(text.trim_start_matches('\u{feff}'), fill)?)
    }
}

pub(super) fn is(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found.eq_ignore_ascii_case(extension))
}

fn json(table: toml::Table) -> Map<String, Value> {
    table.into_iter().map(|(name, value)| (name, value_of(value))).collect()
}

fn value_of(value: toml::Value) -> Value {
    match value {
        toml::Value::Array(items) => items.into_iter().map(value_of).collect(),
        toml::Value::Boolean(flag) => flag.into(),
        // JSON has no dates; an API gets the text.
        toml::Value::Datetime(date) => date.to_string().into(),
        toml::Value::Float(number) => number.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::String(text) => text.into(),
        toml::Value::Table(table) => Value::Object(json(table)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sink::testing::Folder;

    fn arguments(path: std::path::PathBuf, set: &[(&str, &str)]) -> SourceArguments {
        let set = set.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        SourceArguments { source: path, set }
    }

    #[test]
    fn toml_and_json_describe_the_same_source() {
        let folder = Folder::new();
        let toml = r#"
            name = "leads"
            records = "/data"
            id = "/id"
            request = { url = "https://api.example.com/{TEAM}/leads", query = { since = 2024-01-02, deep = true } }
            [pagination]
            style = "page"
        "#;
        let json = r#"{"name":"leads","records":"/data","id":"/id","pagination":{"style":"page"},
            "request":{"url":"https://api.example.com/{TEAM}/leads","query":{"since":"2024-01-02","deep":true}}}"#;
        for (name, text) in [("a.toml", toml), ("a.json", json), ("b.json", &format!("\u{feff}{json}"))] {
            std::fs::write(folder.path(name), text).unwrap();
        }
        let read = |name: &str| {
            read(&arguments(folder.path(name), &[("TEAM", "east")]))
                .unwrap_or_else(|error| panic!("{name}: {error}"))
        };
        let first = read("a.toml");
        assert_eq!(first.request.url.as_str(), "https://api.example.com/east/leads");
        assert!(first == read("a.json") && first == read("b.json"));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let folder = Folder::new();
        let error = |path: std::path::PathBuf| read(&arguments(path, &[])).err().unwrap().to_string();
        assert!(error(folder.path("none.json")).contains("can't read the source"));
        std::fs::write(folder.path("a.toml"), "name = ").unwrap();
        assert!(error(folder.path("a.toml")).contains("is not TOML"));
        std::fs::write(folder.path("a.json"), "{\"request\":{\"url\":\"https://a.example/{TEAM}\"}}")
            .unwrap();
        assert!(error(folder.path("a.json")).contains("TEAM"));
    }
}
