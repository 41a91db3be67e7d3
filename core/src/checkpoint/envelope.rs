//! What is around a checkpoint's content: canonical JSON with a format, a version, a length and a checksum.
//!
//! The payload is checked before it is understood. Space between tokens and the order of members may differ
//! from what was written (other JSON tools may have stored it), nothing else: numbers and strings count by
//! their spelling.

use super::digest::Digest;
use super::error::CheckpointError;
use crate::json::Tree;
use crate::source::Fingerprint;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};

/// What the text says it is.
pub const FORMAT: &str = "everypage-checkpoint";
/// The version of the format written, and the only one read.
pub const VERSION: u64 = 1;
/// The longest text that is read, in bytes.
pub const MAX_BYTES: usize = 64 << 20;

/// Puts a payload into its envelope. The same payload makes the same text, byte for byte.
///
/// The payload has to be a type that JSON can hold: any other is written as null, which [`decode`] refuses.
pub fn encode<T: Serialize>(payload: &T) -> String {
    let payload = serde_json::to_value(payload).unwrap_or_default();
    let payload = sorted(Tree::from_value(&payload)).to_json();
    enclosed(&payload)
}

/// The payload in an envelope, if it is whole and of a version that is known.
pub fn decode<T: DeserializeOwned>(text: impl AsRef<[u8]>) -> Result<T, CheckpointError> {
    let corrupt = |why| CheckpointError::Corrupt { why };
    let bytes = text.as_ref();
    if bytes.len() > MAX_BYTES {
        return Err(corrupt("it is longer than 64 MiB"));
    }
    let text = std::str::from_utf8(bytes).map_err(|_| corrupt("it is not UTF-8"))?;
    let Some(Tree::Object(members)) = Tree::parse(text) else {
        return Err(corrupt("it is not one whole JSON object"));
    };
    let mut members: BTreeMap<String, Tree> = members.into_iter().collect();
    if scalar(&members, "format") != Some(format!("\"{FORMAT}\"").as_str()) {
        return Err(corrupt("it does not say that it is a checkpoint of everypage"));
    }
    // Before all else: what the other members of another version look like, nobody can know.
    let version = scalar(&members, "version").and_then(|text| text.parse::<u64>().ok());
    match version {
        Some(VERSION) => {}
        Some(found) => return Err(CheckpointError::Version { found, known: VERSION }),
        None => return Err(corrupt("its version is no number")),
    }
    let payload = members.remove("payload").ok_or(corrupt("it has no payload"))?;
    if members.len() != 4 {
        return Err(corrupt("it has members that a checkpoint does not have"));
    }
    let payload = sorted(payload).to_json();
    if scalar(&members, "length") != Some(payload.len().to_string().as_str()) {
        return Err(corrupt("its payload has another length than it says"));
    }
    if scalar(&members, "checksum") != Some(format!("\"{}\"", Digest::of(payload.as_bytes())).as_str()) {
        return Err(corrupt("its payload has another checksum than it says"));
    }
    if letters(bytes) != letters(enclosed(&payload).as_bytes()) {
        return Err(corrupt("it is not spelled as it was written"));
    }
    serde_json::from_str(&payload).map_err(|_| corrupt("its payload is not what a checkpoint holds"))
}

/// Whether two sources are the same as far as a checkpoint is concerned; if not, the parts that differ.
pub fn compare(stored: &Fingerprint, given: &Fingerprint) -> Result<(), Vec<String>> {
    let names: BTreeSet<&String> = stored.parts.keys().chain(given.parts.keys()).collect();
    let changed = names.into_iter().filter(|name| stored.parts.get(*name) != given.parts.get(*name));
    let changed: Vec<String> = changed.cloned().collect();
    match (changed.is_empty(), stored.all == given.all) {
        (true, true) => Ok(()),
        // The whole differs though no part does: nothing more can be said.
        (true, false) => Err(vec!["source".to_owned()]),
        (false, _) => Err(changed),
    }
}

fn enclosed(payload: &str) -> String {
    let (length, checksum) = (payload.len(), Digest::of(payload.as_bytes()));
    format!(
        r#"{{"checksum":"{checksum}","format":"{FORMAT}","length":{length},"payload":{payload},"version":{VERSION}}}"#
    )
}

/// The JSON text of a scalar member.
fn scalar<'m>(members: &'m BTreeMap<String, Tree>, name: &str) -> Option<&'m str> {
    match members.get(name)? {
        Tree::Scalar(raw) => Some(raw.as_str()),
        Tree::Array(_) | Tree::Object(_) => None,
    }
}

/// The value with the members of all its objects in the order of their names.
fn sorted(tree: Tree) -> Tree {
    match tree {
        Tree::Array(elements) => Tree::Array(elements.into_iter().map(sorted).collect()),
        Tree::Object(members) => {
            let members: BTreeMap<String, Tree> =
                members.into_iter().map(|(name, value)| (name, sorted(value))).collect();
            Tree::Object(members.into_iter().collect())
        }
        Tree::Scalar(raw) => Tree::Scalar(raw),
    }
}

/// How often each byte stands in a text, white space aside: the same for texts that differ only in it and in
/// the order of their members. It shows other spellings of member names, which are not part of the checksum.
fn letters(text: &[u8]) -> [usize; 256] {
    let mut counts = [0; 256];
    for &byte in text.iter().filter(|byte| !byte.is_ascii_whitespace()) {
        if let Some(count) = counts.get_mut(usize::from(byte)) {
            *count += 1;
        }
    }
    counts
}
