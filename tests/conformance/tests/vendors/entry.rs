//! One family of lists, as `vendors.json` describes it.

use crate::odd;
use serde::Deserialize;
use serde_json::Value;

/// The survey, without what the tests don't need.
const BOOK: &str = include_str!("../../vendors.json");

#[derive(Deserialize)]
pub struct Entry {
    pub id: String,
    pub caps: Vec<Cap>,
    pub spec: Spec,
}

#[derive(Deserialize)]
pub struct Cap {
    pub unit: String,
    pub limit: u64,
}

#[derive(Deserialize)]
pub struct Spec {
    pub method: String,
    pub size: Option<Size>,
    pub fixed: Vec<String>,
    pub state: Vec<State>,
    pub records: Records,
    pub record_id: String,
    pub stop: Vec<Stop>,
    pub stop_authoritative: bool,
    pub total: Option<String>,
    pub ok: Option<String>,
}

#[derive(Deserialize)]
pub struct Size {
    pub slot: Slot,
    pub default: Option<u64>,
    pub max: Option<u64>,
}

/// Where something is written.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Slot {
    Body { pointer: String },
    Form { name: String },
    Header { name: String, template: String },
    Path { template: String },
    Query { name: String },
    Text { param: String, template: String },
    Url,
}

#[derive(Deserialize)]
pub struct State {
    pub slot: Slot,
    pub init: Value,
    pub next: Next,
}

/// Where the next value is found.
#[derive(Deserialize)]
#[serde(tag = "read", rename_all = "kebab-case")]
pub enum Next {
    Body { pointer: String },
    Counter { step: Step, echo: Option<String> },
    Header { name: String },
    LastRecord { pointer: String, encode: Option<String> },
    LinkBody { pointer: String, take: String, param: Option<String> },
    LinkHeader { rel: String },
    MaxOfRecords { pointer: String },
}

#[derive(Deserialize, Clone, Copy, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    EchoedSize,
    One,
    Records,
    Size,
}

#[derive(Deserialize)]
pub struct Records {
    pub pointer: String,
    pub each: Option<String>,
}

/// How the end is known.
#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Stop {
    Empty,
    Flag { pointer: String, value: String },
    Missing,
    PageCount { source: String },
    Short,
    SiblingAbsent { pointer: String },
    Total,
}

/// All entries, their placeholders filled in.
pub fn all() -> Vec<Entry> {
    let book: Value = serde_json::from_str(BOOK).expect("vendors.json is JSON");
    let entries = book["entries"].as_array().expect("vendors.json has entries").iter();
    entries
        .map(|entry| {
            let mut entry = entry.clone();
            let id = entry["id"].as_str().unwrap_or_default().to_owned();
            fill(&mut entry["spec"]);
            for (_, pointer, value) in odd::SPEC.iter().filter(|(of, ..)| *of == id) {
                let value = serde_json::from_str(value).expect("an override is JSON");
                *entry["spec"].pointer_mut(pointer).expect("an override is of something") = value;
            }
            for place in ["/records/pointer", "/record_id"] {
                let text = entry["spec"].pointer_mut(place).expect("every entry has records and an id");
                *text = bare(text.as_str().unwrap_or_default()).into();
            }
            serde_json::from_value(entry).unwrap_or_else(|e| panic!("{id}: {e}"))
        })
        .collect()
}

/// Puts names for `<one|other>` and `**`.
fn fill(value: &mut Value) {
    match value {
        Value::String(text) => {
            let mut filled = text.replace("**", "viewer/leads");
            while let Some((start, rest)) = filled.split_once('<') {
                let Some((inside, end)) = rest.split_once('>') else { break };
                let first = inside.split('|').next().unwrap_or_default();
                filled = format!("{start}{first}{end}");
            }
            *text = filled;
        }
        Value::Array(items) => items.iter_mut().for_each(fill),
        Value::Object(members) => members.values_mut().for_each(fill),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// A pointer without the remark behind it.
pub fn bare(text: &str) -> &str {
    let marks = [" (", " or ", " e.g. ", " with "];
    marks.iter().fold(text, |text, mark| text.split(mark).next().unwrap_or_default())
}

impl Entry {
    /// Whether the walk goes by numbers of its own.
    pub fn counts(&self) -> bool {
        matches!(self.spec.state.as_slice(), [State { next: Next::Counter { .. }, .. }])
    }

    /// Whether the position is the key of a record.
    pub fn is_keyset(&self) -> bool {
        let keyed = |s: &State| matches!(s.next, Next::LastRecord { .. } | Next::MaxOfRecords { .. });
        self.spec.state.iter().any(keyed)
    }

    /// Whether the page size is asked for.
    pub fn asks_size(&self) -> bool {
        self.spec.size.is_some()
    }
}
