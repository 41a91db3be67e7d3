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
    let mut payload = serde_json::to_value(payload).unwrap_or_default();
    payload.sort_all_objects();
    enclosed(&payload.to_string())
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
    let mut payload = members.remove("payload").ok_or(corrupt("it has no payload"))?;
    if members.len() != 4 {
        return Err(corrupt("it has members that a checkpoint does not have"));
    }
    sort(&mut payload);
    let payload = payload.to_json();
    if scalar(&members, "length") != Some(payload.len().to_string().as_str()) {
        return Err(corrupt("its payload has another length than it says"));
    }
    if scalar(&members, "checksum") != Some(format!("\"{}\"", Digest::of(payload.as_bytes())).as_str()) {
        return Err(corrupt("its payload has another checksum than it says"));
    }
    let written = enclosed(&payload);
    if bytes != written.as_bytes() && letters(bytes) != letters(written.as_bytes()) {
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

/// Puts the members of all objects into the order of their names.
fn sort(tree: &mut Tree) {
    match tree {
        Tree::Array(elements) => elements.iter_mut().for_each(sort),
        Tree::Object(members) => {
            members.sort_by(|(a, _), (b, _)| a.cmp(b));
            for (_, value) in members {
                sort(value);
            }
        }
        Tree::Scalar(_) => {}
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde::Deserialize;

    #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
    struct State {
        zulu: u64,
        alpha: Option<String>,
        map: BTreeMap<String, i64>,
        list: Vec<Inner>,
    }

    #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
    struct Inner {
        b: bool,
        a: f64,
    }

    fn state() -> State {
        State {
            zulu: u64::MAX,
            alpha: Some("é \"\\\u{1f}\n /\u{7f}".into()),
            map: [("\u{1a}k".to_owned(), i64::MIN), ("j".to_owned(), 0)].into(),
            list: vec![Inner { b: true, a: 1e300 }, Inner { b: false, a: -0.1 }],
        }
    }

    fn corrupt(text: impl AsRef<[u8]>) -> bool {
        matches!(decode::<State>(text), Err(CheckpointError::Corrupt { .. }))
    }

    /// An envelope that is right about its payload.
    fn around(payload: &str) -> String {
        enclosed(payload)
    }

    #[test]
    fn the_text_is_canonical() {
        let payload = r#"{"alpha":null,"list":[{"a":0.5,"b":true}],"map":{"a":2,"z":1},"zulu":7}"#;
        let state = State {
            zulu: 7,
            alpha: None,
            map: [("z".to_owned(), 1), ("a".to_owned(), 2)].into(),
            list: vec![Inner { b: true, a: 0.5 }],
        };
        // Written out: this text has to be read for ever.
        assert_eq!(
            encode(&state),
            format!(
                r#"{{"checksum":"8cd69dea0c1e2405955cdaa7b22d5bf5","format":"everypage-checkpoint","length":71,"payload":{payload},"version":1}}"#
            )
        );
    }

    #[test]
    fn every_flipped_bit_is_found() {
        let text = encode(&state()).into_bytes();
        for at in 0..text.len() {
            for bit in 0..8 {
                let mut damaged = text.clone();
                damaged[at] ^= 1 << bit;
                assert!(decode::<State>(&damaged).is_err(), "bit {bit} of byte {at}");
            }
        }
    }

    #[test]
    fn every_cut_and_every_addition_is_found() {
        let text = encode(&state()).into_bytes();
        for end in 0..text.len() {
            assert!(corrupt(&text[..end]), "cut at {end}");
            assert!(corrupt([&text[..end], &text[end + 1..]].concat()), "without byte {end}");
            let twice = [&text[..=end], &text[end..]].concat();
            assert!(decode::<State>(twice).is_err(), "byte {end} twice");
        }
        assert!(corrupt([&text[..], &text[..]].concat()) && corrupt([&text[..], b"x"].concat()));
    }

    #[test]
    fn what_never_was_a_checkpoint_is_corrupt() {
        let (zeros, noise) = (vec![0; 1000], (0..1000u32).map(|n| ((n * n) >> 3) as u8).collect::<Vec<_>>());
        for odd in [&b""[..], b"x", b"\0", b"{}", b"[]", b"null", b"{\"version\":1}", &zeros, &noise] {
            assert!(corrupt(odd));
        }
        assert!(corrupt(vec![b' '; MAX_BYTES + 1]));
    }

    #[test]
    fn the_limit_is_64_mib_and_not_less() {
        let text = encode(&"x".repeat(1000));
        let padded = format!("{text}{}", " ".repeat(MAX_BYTES - text.len()));
        assert_eq!(decode::<String>(&padded).unwrap().len(), 1000);
        assert_eq!(
            decode::<String>(padded + " "),
            Err(CheckpointError::Corrupt { why: "it is longer than 64 MiB" })
        );
    }

    #[test]
    fn other_versions_are_named_whatever_they_hold() {
        let text = encode(&state());
        for found in [2, 0, u64::from(u32::MAX), u64::MAX] {
            let other = text.replace("\"version\":1", &format!("\"version\":{found}"));
            assert_eq!(decode::<State>(other), Err(CheckpointError::Version { found, known: VERSION }));
        }
        let bare = r#"{"format":"everypage-checkpoint","version":2,"whatever":[1]}"#;
        assert_eq!(decode::<State>(bare), Err(CheckpointError::Version { found: 2, known: VERSION }));
        for odd in ["-1", "1.0", "1e0", "\"1\"", "null", "[1]", "18446744073709551616"] {
            assert!(corrupt(text.replace("\"version\":1", &format!("\"version\":{odd}"))), "{odd}");
        }
    }

    /// The members of every object turned around, as another tool may store them.
    fn turned(tree: Tree) -> Tree {
        match tree {
            Tree::Array(elements) => Tree::Array(elements.into_iter().map(turned).collect()),
            Tree::Object(members) => {
                Tree::Object(members.into_iter().rev().map(|(name, value)| (name, turned(value))).collect())
            }
            Tree::Scalar(raw) => Tree::Scalar(raw),
        }
    }

    #[test]
    fn order_and_space_may_change_but_nothing_else() {
        let text = encode(&state());
        let other = turned(Tree::parse(&text).unwrap()).to_json();
        assert_ne!(other, text);
        assert_eq!(decode::<State>(&other), Ok(state()));
        assert_eq!(decode::<State>(other.replace("],", " ]\n,\t")), Ok(state()));
        for (from, to) in [
            ("18446744073709551615", "18446744073709551615.0"),
            ("-9223372036854775808", "-9223372036854775807"),
            ("é", "\\u00e9"),
            ("/", "\\/"),
            ("\\u001ak", "\\u001Ak"),
            ("\\u001f", "\\u001F"),
            ("true", "false"),
            ("\"b\":true", "\"b\":true,\"c\":1"),
            ("\"version\"", "\"extra\":0,\"version\""),
            ("\"j\":0", "\"j\":0,\"j\":0"),
        ] {
            assert!(text.contains(from) && corrupt(text.replacen(from, to, 1)), "{from} to {to}");
        }
    }

    #[test]
    fn a_right_checksum_around_a_wrong_payload_is_still_corrupt() {
        let payload = |zulu: &str| format!(r#"{{"alpha":null,"list":[],"map":{{}},"zulu":{zulu}}}"#);
        assert!(decode::<State>(around(&payload("18446744073709551615"))).is_ok());
        for zulu in ["-1", "18446744073709551616", "1e30", "\"1\"", "null", "1.5"] {
            assert!(corrupt(around(&payload(zulu))), "{zulu}");
        }
        assert!(corrupt(around("null")) && corrupt(around("{}")));
        assert!(corrupt(format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000))));
    }

    #[test]
    fn what_json_can_not_hold_is_never_taken_for_a_checkpoint() {
        let odd: BTreeMap<Vec<u8>, u8> = [(vec![1], 1)].into();
        assert!(decode::<BTreeMap<Vec<u8>, u8>>(encode(&odd)).is_err());
    }

    #[test]
    fn a_mismatch_names_the_parts_that_changed() {
        let of = |all: &str, parts: &[(&str, &str)]| Fingerprint {
            all: all.to_owned(),
            parts: parts.iter().map(|(name, hash)| ((*name).to_owned(), (*hash).to_owned())).collect(),
        };
        let stored = of("1", &[("request", "a"), ("size", "b"), ("id", "c")]);
        assert_eq!(compare(&stored, &stored), Ok(()));
        let err = |parts: &[&str]| Err(parts.iter().map(|part| (*part).to_owned()).collect());
        assert_eq!(
            compare(&stored, &of("2", &[("request", "x"), ("size", "b"), ("id", "y")])),
            err(&["id", "request"])
        );
        assert_eq!(
            compare(&stored, &of("2", &[("request", "a"), ("id", "c"), ("order", "d")])),
            err(&["order", "size"])
        );
        assert_eq!(
            compare(&stored, &of("2", &stored.parts.iter().map(|(n, h)| (&**n, &**h)).collect::<Vec<_>>())),
            err(&["source"])
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn decoding_undoes_encoding(zulu: u64, alpha: Option<String>, map: BTreeMap<String, i64>, pair: (bool, i32)) {
            let state = State { zulu, alpha, map, list: vec![Inner { b: pair.0, a: f64::from(pair.1) / 4.0 }] };
            let text = encode(&state);
            let back: State = decode(&text).unwrap();
            prop_assert_eq!(encode(&back), text);
            prop_assert_eq!(back, state);
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>) {
            prop_assert!(corrupt(bytes));
        }
    }
}
