//! The identity of one record, taken from the bytes the server sent.

use super::{HashKey, base64, string, uuid};
use siphasher::sip128::{Hasher128, SipHasher13};
use std::hash::Hasher;

/// What identifies a record. Keys of different kinds are different records: 1 is not `"1"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Key {
    /// A JSON integer from 0 to 2^64 - 1, written without sign, fraction or exponent.
    Integer(u64),
    /// A string that is a UUID in lower case with dashes.
    Uuid(u128),
    /// Anything else: a hash of its parts under the walk's [`HashKey`].
    Hash(u128),
}

impl Key {
    /// The key that these parts make together, each the JSON text of one scalar as it was sent. `None` if there
    /// is no part, or if one is absent (no bytes), null, an array, an object or no JSON at all.
    ///
    /// Strings are compared by what they say (`"\u0041"` is `"A"`), numbers by how they are written: 1, 1.0 and 1e0
    /// are three keys.
    pub fn of<'a>(mut parts: impl Iterator<Item = &'a [u8]>, key: &HashKey) -> Option<Key> {
        let first = parts.next()?;
        match parts.next() {
            None => Key::of_one(first, key),
            Some(second) => {
                let mut hash = Parts::new(key);
                hash.add(first)?;
                hash.add(second)?;
                parts.try_for_each(|part| hash.add(part))?;
                Some(Key::Hash(hash.finish()))
            }
        }
    }

    /// The key of a record that has no id but itself (`"id": ""`): scalars as [`Key::of`] has them, arrays and
    /// objects by their text, white space between tokens left out. `None` for null.
    pub fn of_record(record: &[u8], key: &HashKey) -> Option<Key> {
        if !matches!(record.first(), Some(b'[' | b'{')) {
            return Key::of_one(record, key);
        }
        let mut hash = Parts::new(key);
        let (mut start, mut in_string, mut escaped) = (0, false, false);
        for (at, &byte) in record.iter().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if in_string => escaped = true,
                b'"' => in_string = !in_string,
                b' ' | b'\t' | b'\n' | b'\r' if !in_string => {
                    hash.write(record.get(start..at)?);
                    start = at + 1;
                }
                _ => {}
            }
        }
        hash.write(record.get(start..)?);
        hash.close(Tag::Record);
        Some(Key::Hash(hash.finish()))
    }

    fn of_one(part: &[u8], key: &HashKey) -> Option<Key> {
        let mut hash = Parts::new(key);
        match part.first()? {
            b'"' => {
                // What reads as a UUID holds no escapes, so there is no need to look for them first.
                if let [_, inner @ .., b'"'] = part
                    && let Some(id) = uuid::parse(inner)
                {
                    return Some(Key::Uuid(id));
                }
                let text = string::decoded(part)?;
                if let Some(id) = uuid::parse(&text) {
                    return Some(Key::Uuid(id));
                }
                hash.write(&text);
                hash.close(Tag::String);
            }
            b'0'..=b'9' => match integer(part) {
                Some(value) => return Some(Key::Integer(value)),
                None => hash.add(part)?,
            },
            _ => hash.add(part)?,
        }
        Some(Key::Hash(hash.finish()))
    }

    /// The key in few characters, for checkpoints: `i` and the integer, or `u` or `h` and 22 digits of base64.
    pub fn to_text(&self) -> String {
        let (mut text, bits) = match *self {
            Key::Integer(value) => return format!("i{value}"),
            Key::Uuid(bits) => ("u".to_owned(), bits),
            Key::Hash(bits) => ("h".to_owned(), bits),
        };
        base64::encode(bits.to_be_bytes().into_iter(), &mut text);
        text
    }

    /// The key behind a text, or nothing if [`Key::to_text`] writes no such text.
    pub fn from_text(text: &str) -> Option<Key> {
        let rest = text.get(1..)?;
        let bits = || base64::decode(rest)?.try_into().ok().map(u128::from_be_bytes);
        match text.as_bytes().first()? {
            b'i' => integer(rest.as_bytes()).map(Key::Integer),
            b'u' => bits().map(Key::Uuid),
            b'h' => bits().map(Key::Hash),
            _ => None,
        }
    }
}

/// What a hashed part is.
#[derive(Clone, Copy)]
enum Tag {
    Literal = b'l' as isize,
    Number = b'n' as isize,
    Record = b'r' as isize,
    String = b's' as isize,
}

/// A hash over several parts. Behind the bytes of each stand its tag and its length, so the parts can be read
/// off from the end in only one way: ("a", "bc") and ("ab", "c") differ.
struct Parts {
    hasher: SipHasher13,
    length: u64,
}

impl Parts {
    fn new(key: &HashKey) -> Parts {
        Parts { hasher: key.hasher(), length: 0 }
    }

    fn add(&mut self, part: &[u8]) -> Option<()> {
        let tag = match part.first()? {
            b'"' => {
                self.write(&string::decoded(part)?);
                self.close(Tag::String);
                return Some(());
            }
            b'-' | b'0'..=b'9' => Tag::Number,
            b't' | b'f' => Tag::Literal,
            _ => return None,
        };
        self.write(part);
        self.close(tag);
        Some(())
    }

    fn write(&mut self, bytes: &[u8]) {
        self.hasher.write(bytes);
        self.length += bytes.len() as u64;
    }

    fn close(&mut self, tag: Tag) {
        self.hasher.write(&(self.length << 8 | tag as u64).to_le_bytes());
        self.length = 0;
    }

    fn finish(&self) -> u128 {
        self.hasher.finish128().as_u128()
    }
}

/// The value of an integer literal that has no sign and fits.
fn integer(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 20 || (text.first() == Some(&b'0') && text.len() > 1) {
        return None;
    }
    text.iter().try_fold(0u64, |value, &c| {
        let digit = c.wrapping_sub(b'0');
        if digit > 9 { None } else { value.checked_mul(10)?.checked_add(u64::from(digit)) }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Seed;
    use proptest::prelude::*;

    fn key() -> HashKey {
        HashKey::from_seed(Seed(9))
    }

    fn one(text: &str) -> Option<Key> {
        Key::of([text.as_bytes()].into_iter(), &key())
    }

    fn many(parts: &[&str]) -> Option<Key> {
        Key::of(parts.iter().map(|part| part.as_bytes()), &key())
    }

    #[test]
    fn each_spelling_has_the_identity_it_should_have() {
        let classes: &[&[&str]] = &[
            &["0"],
            &["-0"],
            &["0.0"],
            &["1"],
            &["\"1\"", r#""\u0031""#],
            &["1.0"],
            &["1.00"],
            &["1e0"],
            &["1E0"],
            &["-1"],
            &["18446744073709551615"],
            &["18446744073709551616"],
            &["\"18446744073709551615\""],
            &["1000000000000000000000000000000000000000000"],
            &["9007199254740992"],
            &["9007199254740993"],
            &["1e400"],
            &["\"A\"", r#""\u0041""#],
            &["\"a\"", r#""\u0061""#],
            &["\"\""],
            &["\" \""],
            &["true"],
            &["false"],
            &["\"true\""],
            &["\"null\""],
            &["\"é\"", r#""\u00e9""#, r#""\u00E9""#],
            &["\"e\u{301}\""],
            &["\"😀\"", r#""\ud83d\ude00""#],
            &[r#""\ud83d""#],
            &[r#""\ude00""#],
            &[r#""\ude00\ud83d""#],
            &[r#""\ud83dx""#],
            &[r#""\ud83d\ud83d""#],
            &["\"\u{fffd}\""],
            &["\"/\"", r#""\/""#],
            &[r#""\\""#],
            &[r#""\"""#],
            &[r#""\n""#, r#""\u000a""#],
            &[r#""\b\f\r\t""#, r#""\u0008\u000c\u000d\u0009""#],
            &["\"f81d4fae-7dec-11d0-a765-00a0c91e6bf6\"", r#""\u006681d4fae-7dec-11d0-a765-00a0c91e6bf6""#],
            &["\"F81D4FAE-7DEC-11D0-A765-00A0C91E6BF6\""],
            &["\"f81d4fae7dec11d0a76500a0c91e6bf6\""],
            &["\"{f81d4fae-7dec-11d0-a765-00a0c91e6bf6}\""],
            &["\"f81d4fae-7dec-11d0-a765-00a0c91e6bf7\""],
        ];
        let mut known = std::collections::BTreeMap::new();
        for class in classes {
            let first = one(class[0]).unwrap_or_else(|| panic!("{class:?}"));
            assert!(class.iter().all(|text| one(text) == Some(first)), "{class:?}");
            if let Some(other) = known.insert(first, class) {
                panic!("{other:?} and {class:?} are one key");
            }
        }
        assert_eq!(one("0"), Some(Key::Integer(0)));
        assert_eq!(one("18446744073709551615"), Some(Key::Integer(u64::MAX)));
        assert!(matches!(one("18446744073709551616"), Some(Key::Hash(_))));
        assert_eq!(one("\"00000000-0000-0000-0000-00000000000f\""), Some(Key::Uuid(15)));
    }

    #[test]
    fn what_identifies_nothing_has_no_key() {
        for text in [
            "",
            "null",
            "[]",
            "{}",
            "[1]",
            "NaN",
            "x",
            "\"",
            "\"open",
            r#""\""#,
            r#""\x""#,
            r#""\u12""#,
            " 1",
            "\"f81d4fae-7dec-11d0-a765-00a0c91e6bf6x",
        ] {
            assert_eq!(one(text), None, "{text}");
            assert_eq!(many(&["1", text]), None, "{text}");
            assert_eq!(many(&[text, "1"]), None, "{text}");
        }
        assert_eq!(many(&[]), None);
    }

    #[test]
    fn parts_are_not_confused_with_each_other() {
        let all = [
            many(&["\"a\"", "\"bc\""]),
            many(&["\"ab\"", "\"c\""]),
            many(&["\"abc\"", "\"\""]),
            many(&["\"\"", "\"abc\""]),
            many(&["\"abc\""]),
            many(&["\"a\"", "\"b\"", "\"c\""]),
            many(&["\"bc\"", "\"a\""]),
            many(&["1", "2"]),
            many(&["\"1\"", "2"]),
            many(&["1", "\"2\""]),
            many(&["12"]),
            many(&["1", "2", "2"]),
            many(&["1.0", "2"]),
            many(&["true", "2"]),
            many(&["\"true\"", "2"]),
            many(&[r#""a\u0000b""#, "1"]),
            many(&["\"a\"", r#""b\u0000""#]),
        ];
        let distinct: std::collections::BTreeSet<_> = all.iter().map(|key| key.unwrap()).collect();
        assert_eq!(distinct.len(), all.len());
        assert_eq!(many(&[r#""\u0061""#, "1"]), many(&["\"a\"", "1"]));
    }

    #[test]
    fn a_record_is_its_text_without_the_space_between_tokens() {
        let of = |text: &str| Key::of_record(text.as_bytes(), &key());
        let spaced = of("{ \"a b\" :\t[1, 2],\r\n\"c\\\" d\": null }");
        assert_eq!(spaced, of(r#"{"a b":[1,2],"c\" d":null}"#));
        assert_ne!(spaced, of(r#"{"ab":[1,2],"c\" d":null}"#));
        assert_ne!(spaced, of(r#"{"a b":[1,2],"c\"d":null}"#));
        assert_ne!(of("[1,2]"), one("\"[1,2]\""));
        assert_eq!(of("\"x\""), one("\"x\""));
        assert_eq!(of("7"), Some(Key::Integer(7)));
        assert_eq!(of("null"), None);
    }

    #[test]
    fn hashes_depend_on_the_hash_key_and_nothing_else_does() {
        let of = |text: &str, seed| Key::of([text.as_bytes()].into_iter(), &HashKey::from_seed(Seed(seed)));
        assert_eq!(of("\"x\"", 1), of("\"x\"", 1));
        assert_ne!(of("\"x\"", 1), of("\"x\"", 2));
        assert_eq!(of("7", 1), of("7", 2));
    }

    #[test]
    fn stored_keys_keep_the_hash_they_have_always_had() {
        // Checkpoints hold such keys: a change here would deliver records again after an update.
        assert_eq!(serde_json::to_string(&key()).unwrap(), "\"009ced4f97bbb52fed1f16991b4bd9ed\"");
        assert_eq!(one("\"x\"").unwrap().to_text(), "hB5FsSJMTyfGqHFNmmMXXgg");
        assert_eq!(many(&["1", "\"x\"", "true"]).unwrap().to_text(), "hDtORT7AP7WROs4dpspJzEA");
        assert_eq!(Key::of_record(b"{\"a\": 1}", &key()).unwrap().to_text(), "hV8B53eNMhG-RHPi6vAzQ-g");
    }

    #[test]
    fn keys_are_written_in_one_way_only() {
        assert_eq!(Key::Integer(42).to_text(), "i42");
        assert_eq!(Key::Uuid(1).to_text(), "uAAAAAAAAAAAAAAAAAAAAAQ");
        for odd in [
            "",
            "i",
            "i01",
            "i-1",
            "i+1",
            "i18446744073709551616",
            "x1",
            "u",
            "uAAAA",
            "uAAAAAAAAAAAAAAAAAAAAAR",
            "é",
        ] {
            assert_eq!(Key::from_text(odd), None, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn keys_survive_the_round_trip(value: u64, bits: u128) {
            for key in [Key::Integer(value), Key::Uuid(bits), Key::Hash(bits)] {
                prop_assert_eq!(Key::from_text(&key.to_text()), Some(key));
            }
        }

        #[test]
        fn any_text_is_the_same_key_however_its_characters_are_escaped(text: String) {
            let plain = serde_json::to_string(&text).unwrap();
            let units = text.encode_utf16().map(|unit| format!("\\u{unit:04X}"));
            let escaped = format!("\"{}\"", units.collect::<String>());
            prop_assert!(one(&plain).is_some());
            prop_assert_eq!(one(&plain), one(&escaped));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes: Vec<u8>, more: Vec<u8>) {
            let _ = Key::of([&bytes[..]].into_iter(), &key());
            let _ = Key::of([&bytes[..], &more[..]].into_iter(), &key());
            let _ = Key::of_record(&[b"{", &bytes[..]].concat(), &key());
            let _ = Key::of([&[b"\"", &bytes[..], b"\""].concat()[..]].into_iter(), &key());
        }
    }
}
