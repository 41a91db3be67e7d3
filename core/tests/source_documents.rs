//! Documents that must be understood, and documents that must be refused with every fault in its place.
//!
//! The files in `sources/` hold one case a line: `sound.jsonl` and `faulty.jsonl` say what they change of
//! [`base`] (null takes a key away), `vendors.jsonl` has one whole source for every endpoint family of the vendors
//! we studied. The unit tests of the schema read the same files.

#![allow(clippy::unwrap_used)] // helpers of tests

use everypage_core::source::{Fill, Source};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const SOUND: &str = include_str!("sources/sound.jsonl");
const FAULTY: &str = include_str!("sources/faulty.jsonl");
const VENDORS: &str = include_str!("sources/vendors.jsonl");

/// The source that cases change.
fn base() -> Value {
    json!({
        "request": {"url": "https://api.example.com/v1/leads"},
        "records": "/data",
        "id": "/id",
        "pagination": {"style": "cursor", "read": "body:/next", "write": "query:cursor"},
    })
}

fn changed(change: &Value) -> Value {
    let mut document = base();
    for (name, value) in change.as_object().unwrap() {
        if value.is_null() {
            document.as_object_mut().unwrap().remove(name);
        } else {
            document[name] = value.clone();
        }
    }
    document
}

fn lines(file: &str) -> impl Iterator<Item = Value> {
    file.lines().map(|line| serde_json::from_str(line).unwrap())
}

#[test]
fn every_sound_document_is_understood() {
    for change in lines(SOUND) {
        let document = changed(&change);
        let read = Source::from_value(&document, &Fill::none());
        assert!(read.is_ok(), "{document}: {:?}", read.err());
        assert!(Source::from_json(&document.to_string(), &Fill::none()).is_ok(), "{document}");
    }
}

#[test]
fn every_endpoint_family_of_the_vendors_can_be_said() {
    let vars = ["PIT", "SCROLL", "HANDLE"].map(|name| (name.to_owned(), "x1".to_owned()));
    let vars = BTreeMap::from(vars);
    let mut count = 0;
    for document in lines(VENDORS) {
        let read = Source::from_value(&document, &Fill { vars: &vars, ..Fill::none() });
        assert!(read.is_ok(), "{document}: {:?}", read.err());
        count += 1;
    }
    assert_eq!(count, 106);
}

#[test]
fn every_fault_is_named_with_its_field_and_nothing_else_is() {
    for case in lines(FAULTY) {
        let document = changed(&case["set"]);
        let Err(error) = Source::from_value(&document, &Fill::none()) else {
            panic!("{document} was understood")
        };
        let text = error.to_string();
        // A case says `field: a part of the message`; `serde_json` sorts the keys, so order isn't judged here.
        let mut expected: Vec<(&str, &str)> = case["faults"]
            .as_array()
            .unwrap()
            .iter()
            .map(|fault| fault.as_str().unwrap().split_once(": ").unwrap())
            .collect();
        expected.sort_unstable();
        let mut faults = error.faults.clone();
        faults.sort_by(|a, b| a.field.cmp(&b.field));
        let fields: Vec<&str> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(
            fields,
            expected.iter().map(|(field, _)| *field).collect::<Vec<_>>(),
            "{}: {text}",
            case["set"]
        );
        for (fault, (_, part)) in faults.iter().zip(expected) {
            assert!(fault.to_string().contains(part), "{}: {fault}, expected {part:?}", case["set"]);
            assert!(fault.to_string().len() < 600, "{fault}");
        }
        assert!(!text.contains("s3cret"), "{text}");
        assert!(!text.contains(['\r', '\n']), "{text:?}");
    }
}
