//! From text, or a value of `serde_json`, to a tree: bounded, with nothing lost and nothing twice.

use super::faults::{Faults, element, member, single};
use crate::error::InvalidSource;
use crate::json::Tree;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::collections::BTreeSet;
use std::fmt;

/// The longest source, in bytes.
const MAX_BYTES: usize = 1 << 20;
/// The deepest source.
const MAX_DEPTH: usize = 64;
/// The field of faults of the document as a whole.
const WHOLE: &str = "source";

/// Reads a document.
pub(super) fn from_text(text: &str) -> Result<Tree, InvalidSource> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.len() > MAX_BYTES {
        return Err(too_long());
    }
    if depth(text) > MAX_DEPTH {
        return Err(too_deep());
    }
    if let Err(error) = serde_json::from_str::<IgnoredAny>(text) {
        // The reader names what is missing and where, never what stands there.
        return Err(single(WHOLE, error.to_string(), "a JSON object"));
    }
    // A tree takes no name twice in an object; where there is one, it is looked for.
    let text = text.trim_matches([' ', '\t', '\r', '\n']);
    Tree::parse(text).ok_or_else(|| {
        let mut faults = Faults::default();
        let mut reader = serde_json::Deserializer::from_str(text);
        let read = Twice { at: "", faults: &mut faults }.deserialize(&mut reader);
        match read {
            _ if !faults.is_empty() => faults.into_error(&[]),
            Ok(()) => single(WHOLE, "a text that is no JSON", "a JSON object"),
            Err(error) => single(WHOLE, error.to_string(), "a JSON object"),
        }
    })
}

/// Takes a value over.
pub(super) fn from_value(value: &Value) -> Result<Tree, InvalidSource> {
    if is_deeper(value, MAX_DEPTH) {
        return Err(too_deep());
    }
    let tree = Tree::from_value(value);
    if tree.to_json().len() > MAX_BYTES { Err(too_long()) } else { Ok(tree) }
}

fn too_long() -> InvalidSource {
    single(WHOLE, "more than 1 MiB", "at most 1 MiB")
}

fn too_deep() -> InvalidSource {
    single(WHOLE, "values more than 64 levels deep", "at most 64 levels")
}

/// The deepest nesting of brackets outside strings, whatever else is wrong with the text.
fn depth(text: &str) -> usize {
    let (mut now, mut most, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'[' | b'{' if !in_string => {
                now += 1;
                most = most.max(now);
            }
            b']' | b'}' if !in_string => now = now.saturating_sub(1),
            _ => {}
        }
    }
    most
}

/// Whether there are more levels than `left`; looks no deeper than that.
fn is_deeper(value: &Value, left: usize) -> bool {
    match value {
        Value::Array(items) => left == 0 || items.iter().any(|item| is_deeper(item, left - 1)),
        Value::Object(members) => left == 0 || members.values().any(|item| is_deeper(item, left - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// Reads JSON for nothing but names that stand twice in one object: parsers disagree on which of them counts.
struct Twice<'a> {
    at: &'a str,
    faults: &'a mut Faults,
}

impl<'de> DeserializeSeed<'de> for Twice<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, reader: D) -> Result<(), D::Error> {
        reader.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Twice<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_map<M: MapAccess<'de>>(self, mut map: M) -> Result<(), M::Error> {
        let mut seen = BTreeSet::new();
        while let Some(name) = map.next_key::<String>()? {
            // What stands under `auth` may be a secret in the wrong place.
            let hidden =
                self.at.strip_prefix("auth").is_some_and(|rest| rest.is_empty() || rest.starts_with('['));
            let at = if hidden { "auth".to_owned() } else { member(self.at, &name) };
            map.next_value_seed(Twice { at: &at, faults: self.faults })?;
            if !seen.insert(name) {
                self.faults.add(at, "a key that is there twice", "each key once");
            }
        }
        Ok(())
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut list: S) -> Result<(), S::Error> {
        let mut index = 0;
        while list.next_element_seed(Twice { at: &element(self.at, index), faults: self.faults })?.is_some() {
            index += 1;
        }
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> String {
        from_text(text).expect_err(text).to_string()
    }

    #[test]
    fn documents_are_bounded_before_they_are_read() {
        assert!(from_text(&format!("[\"{}\"]", "x".repeat(MAX_BYTES - 4))).is_ok());
        assert!(refused(&format!("[\"{}\"]", "x".repeat(MAX_BYTES - 3))).contains("1 MiB"));
        assert!(from_text(&format!("{}{}", "[".repeat(64), "]".repeat(64))).is_ok());
        assert!(refused(&format!("{}{}", "[".repeat(65), "]".repeat(65))).contains("64 levels"));
        assert!(refused(&"[".repeat(100_000)).contains("64 levels"));
        assert!(
            from_text(&format!("\"{}\"", "[".repeat(100))).is_ok(),
            "brackets inside strings are no levels"
        );
    }

    #[test]
    fn values_are_bounded_as_texts_are() {
        let nested = |levels: usize| (0..levels).fold(Value::Null, |inner, _| Value::Array(vec![inner]));
        assert!(from_value(&nested(64)).is_ok());
        assert!(from_value(&nested(65)).unwrap_err().to_string().contains("64 levels"));
        assert!(from_value(&Value::String("x".repeat(MAX_BYTES))).unwrap_err().to_string().contains("1 MiB"));
    }

    #[test]
    fn what_is_no_json_is_refused_with_its_place_and_without_its_words() {
        for text in ["", "{", "{\"auth\": hunter2}", "{} {}", "{'a': 1}", "[1,]", "{\"a\": 01}"] {
            let error = refused(text);
            assert!(error.contains("line 1"), "{text}: {error}");
            assert!(!error.contains("hunter2"), "{error}");
        }
        assert!(from_text("\u{feff} {\"a\": 1} \n").is_ok());
    }

    #[test]
    fn a_key_that_stands_twice_is_named_unless_it_may_be_a_secret() {
        let error = from_text("{\"a\": [{\"b\": 1, \"b\": 2}], \"c\": 1, \"c\": 1}").unwrap_err();
        let fields: Vec<&str> = error.faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["a[0].b", "c"]);
        for text in [
            r#"{"auth": {"hunter2": 1, "hunter2": 2}}"#,
            r#"{"auth": [[{"hunter2": 1, "hunter2": 2}]]}"#,
            r#"{"auth": {"a": {"b": [{"hunter2": 1, "hunter2": 2}]}}}"#,
        ] {
            let error = refused(text);
            assert!(error.contains("twice") && !error.contains("hunter2"), "{error}");
        }
    }
}
