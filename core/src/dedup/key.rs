//! The identity of one record, taken from the bytes the server sent.

use super::{base64, uuid};
use crate::rng::Seed;
use serde::{Deserialize, Serialize};
use siphasher::sip128::{Hasher128, SipHasher13};
use std::borrow::Cow;
use std::fmt;
use std::hash::Hasher;

/// What makes the hashes of one walk unpredictable for the server, so that it can't make two records collide.
/// It is kept in the checkpoint: without it, keys from before and after a restart could not be compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HashKey([u64; 2]);

impl HashKey {
    /// The hash key of the walk that has this seed. One-way: jitter, which comes from the same seed and which
    /// the server can observe, doesn't tell it.
    pub fn from_seed(seed: Seed) -> HashKey {
        let hash = SipHasher13::new_with_keys(seed.0, 0).hash(b"everypage record keys");
        HashKey([hash.h1, hash.h2])
    }

    /// A keyed hash of some bytes: what mixers and other keys derive theirs from.
    pub(super) fn hash(&self, bytes: &[u8]) -> u128 {
        SipHasher13::new_with_keys(self.0[0], self.0[1]).hash(bytes).as_u128()
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashKey(…)")
    }
}

impl Serialize for HashKey {
    /// 32 hex digits.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:016x}{:016x}", self.0[0], self.0[1]))
    }
}

impl<'de> Deserialize<'de> for HashKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<HashKey, D::Error> {
        let text = String::deserialize(deserializer)?;
        let canonical = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        match u128::from_str_radix(&text, 16) {
            Ok(key) if canonical => Ok(HashKey([(key >> 64) as u64, key as u64])),
            _ => Err(serde::de::Error::custom("a hash key is 32 lower-case hex digits")),
        }
    }
}

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
    /// Strings are compared by what they say (`"\u0041"` is `"A"`), numbers by how they are written (1, 1.0 and
    /// 1e0 are three keys: no server writes one id in two of these ways).
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
                let text = string(part)?;
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
        Parts { hasher: SipHasher13::new_with_keys(key.0[0], key.0[1]), length: 0 }
    }

    fn add(&mut self, part: &[u8]) -> Option<()> {
        let tag = match part.first()? {
            b'"' => {
                self.write(&string(part)?);
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

/// What a JSON string says, as UTF-8. A lone surrogate, which JSON text can spell but UTF-8 can't, becomes the
/// three bytes that UTF-8 would use for its number (known as WTF-8), so it stays different from everything else.
fn string(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    let [b'"', inner @ .., b'"'] = text else { return None };
    if !inner.contains(&b'\\') {
        return Some(Cow::Borrowed(inner));
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let (&escape, after) = rest.split_first()?;
        rest = after;
        out.push(match escape {
            b'"' | b'\\' | b'/' => escape,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let unit;
                (unit, rest) = code_unit(rest)?;
                let mut code = unit;
                if let (0xd800..=0xdbff, Some((low @ 0xdc00..=0xdfff, after))) =
                    (unit, rest.strip_prefix(b"\\u").and_then(code_unit))
                {
                    code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                    rest = after;
                }
                push_code_point(code, &mut out);
                continue;
            }
            _ => return None,
        });
    }
    Some(Cow::Owned(out))
}

/// Four hex digits and what follows them.
fn code_unit(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(4)?;
    let unit = digits.iter().try_fold(0, |unit, &c| Some(unit << 4 | char::from(c).to_digit(16)?))?;
    Some((unit, rest))
}

/// Appends a code point, surrogates included.
fn push_code_point(code: u32, out: &mut Vec<u8>) {
    match char::from_u32(code) {
        Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.extend([0xe0 | code >> 12, 0x80 | code >> 6 & 0x3f, 0x80 | code & 0x3f].map(|b| b as u8)),
    }
}
