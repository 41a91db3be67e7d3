//! Comparing values by what they mean, from their text.

use super::lex::Lexer;
use super::span::Kind;
use super::{Raw, number, text};
use std::cmp::Ordering;

/// Orders two JSON texts: numbers exactly by value, whatever their length and exponent; strings by code
/// points; `false` before `true`; null equal to null. `None` for different kinds, for arrays and objects,
/// and for what isn't JSON.
pub fn compare(a: &str, b: &str) -> Option<Ordering> {
    if let (Some(a), Some(b)) = (plain(a), plain(b)) {
        return Some(a.cmp(b));
    }
    let (a, b) = (a.trim_matches(SPACE), b.trim_matches(SPACE));
    let kind = scalar(a)?;
    if scalar(b)? != kind {
        return None;
    }
    Some(match kind {
        Kind::Null => Ordering::Equal,
        // "false" stands before "true" in the alphabet, too.
        Kind::Bool => a.cmp(b),
        Kind::Number => number::compare(a, b),
        Kind::String => {
            let (a, b) = (inner(a)?, inner(b)?);
            if a.contains('\\') || b.contains('\\') {
                text::code_points(a).cmp(text::code_points(b))
            } else {
                a.cmp(b)
            }
        }
        Kind::Array | Kind::Object => return None,
    })
}

/// Whether two JSON texts are the same value: strings by what their escapes stand for, numbers by their
/// text (`1` and `1.0` differ), arrays and objects by their canonical form. What isn't JSON is the same as
/// nothing.
pub fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.trim_matches(SPACE), b.trim_matches(SPACE));
    match (kind(a), kind(b)) {
        (Some(Kind::String), Some(Kind::String)) => compare(a, b) == Some(Ordering::Equal),
        (Some(Kind::Number | Kind::Bool | Kind::Null), Some(Kind::Number | Kind::Bool | Kind::Null)) => {
            a == b && scalar(a).is_some()
        }
        (Some(Kind::Array | Kind::Object), Some(Kind::Array | Kind::Object)) => {
            match (Raw::parse(a), Raw::parse(b)) {
                (Some(a), Some(b)) => a.canonical() == b.canonical(),
                (Some(_) | None, _) => false,
            }
        }
        (Some(_) | None, _) => false,
    }
}

/// What stands in a string without escapes: by far the most common sort key.
fn plain(text: &str) -> Option<&str> {
    let inner = text.strip_prefix('"')?.strip_suffix('"')?;
    inner.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\').then_some(inner)
}

const SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

fn kind(text: &str) -> Option<Kind> {
    text.bytes().next().and_then(Kind::of)
}

/// The kind of a text that is one whole scalar.
fn scalar(text: &str) -> Option<Kind> {
    let end = Lexer::new(text.as_bytes(), 0).skip(0, 0).ok()?;
    if end == text.len() { kind(text) } else { None }
}

/// What stands between the quotes.
fn inner(text: &str) -> Option<&str> {
    text.strip_prefix('"')?.strip_suffix('"')
}
