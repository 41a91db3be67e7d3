//! Finding a value by its pointer, one level after the other, and arrays that were perhaps meant.

use super::lex::{self, Fault, byte};
use super::parts::{Elements, Members};
use super::pointer::{Pointer, Token};
use super::skip::skip;
use super::span::{Limits, Span};
use super::text;
use std::collections::VecDeque;

/// Why a value can't be found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Lost {
    /// The text is not JSON.
    Invalid(Fault),
    /// More than one value fits.
    Twice,
}

impl From<Fault> for Lost {
    fn from(fault: Fault) -> Lost {
        Lost::Invalid(fault)
    }
}

/// Where the value starts that these tokens lead to, from the value that starts at a place.
pub(super) fn find(bytes: &[u8], start: usize, tokens: &[Token]) -> Result<Option<usize>, Lost> {
    let mut at = start;
    for token in tokens {
        let next = match (byte(bytes, at), token) {
            (b'{', Token::Name(name)) => member(bytes, at, name)?,
            (b'[', Token::Name(_)) => element(bytes, at, token)?,
            (b'[', Token::Select { field, value }) => select(bytes, at, field, value)?,
            (_, Token::Name(_) | Token::Select { .. }) => None,
        };
        match next {
            Some(next) => at = next,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

fn member(bytes: &[u8], at: usize, name: &str) -> Result<Option<usize>, Lost> {
    let mut members = Members::new(bytes, at);
    let mut found = None;
    while let Some(member) = members.next()? {
        if text::is_name(member.name, member.escaped, name) {
            if found.is_some() {
                return Err(Lost::Twice);
            }
            found = Some(member.start);
        }
    }
    Ok(found)
}

fn element(bytes: &[u8], at: usize, token: &Token) -> Result<Option<usize>, Lost> {
    let wanted = token.index();
    if wanted.is_none() && !token.is_last() {
        return Ok(None);
    }
    let mut elements = Elements::new(bytes, at);
    let mut last = None;
    let mut number = 0_u32;
    while let Some((start, _)) = elements.next()? {
        if wanted == Some(number) {
            return Ok(Some(start));
        }
        last = Some(start);
        number = number.saturating_add(1);
    }
    Ok(if wanted.is_none() { last } else { None })
}

fn select(bytes: &[u8], at: usize, field: &str, value: &str) -> Result<Option<usize>, Lost> {
    let mut elements = Elements::new(bytes, at);
    let mut found = None;
    while let Some((start, _)) = elements.next()? {
        if byte(bytes, start) != b'{' {
            continue;
        }
        let Some(at) = member(bytes, start, field)? else { continue };
        let end = skip(bytes, at, Limits::DEPTH)?;
        if is_value(bytes.get(at..end).unwrap_or_default(), value) {
            // Taking the first would be a guess.
            if found.is_some() {
                return Err(Lost::Twice);
            }
            found = Some(start);
        }
    }
    Ok(found)
}

/// Whether a JSON value is this text: a string by what its escapes stand for, another scalar as it stands.
fn is_value(json: &[u8], value: &str) -> bool {
    match json {
        [b'"', inner @ .., b'"'] => text::is_name(inner, inner.contains(&b'\\'), value),
        [b'{' | b'[', ..] => false,
        scalar => scalar == value.as_bytes(),
    }
}

/// The place behind a byte order mark. RFC 8259 section 8.1 lets a reader ignore one.
pub(super) fn behind_mark(body: &[u8]) -> usize {
    if body.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 }
}

/// Finds one value. Slower than [`super::scan`] by a pass for each token, for messages and tests; `None` if
/// it is absent, there twice, or the body is not JSON up to there.
pub fn lookup(body: &[u8], at: &Pointer) -> Option<Span> {
    let body = body.get(..u32::MAX as usize).unwrap_or(body);
    let start = lex::space(body, behind_mark(body));
    let start = find(body, start, at.tokens()).ok()??;
    let end = skip(body, start, Limits::DEPTH).ok()?;
    Some(Span::new(start, end))
}

/// The arrays of a body, shallow ones first, by pointer and length: at most 16, at most four tokens deep,
/// for saying where the records may be. Elements are looked into only where an array is a wrapping: it has
/// one element, or begins with an array.
pub fn arrays(body: &[u8]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    let mut queue = VecDeque::from([(String::new(), lex::space(body, behind_mark(body)), 0_u32)]);
    while let Some((path, at, depth)) = queue.pop_front() {
        if found.len() == 16 {
            break;
        }
        // A body that stops being JSON here has no more to tell.
        let _ = match byte(body, at) {
            b'{' if depth < 4 => open_object(body, at, &path, depth, &mut queue),
            b'[' => open_array(body, at, path, depth, &mut queue, &mut found),
            _ => Ok(()),
        };
    }
    found
}

type Queue = VecDeque<(String, usize, u32)>;

/// Values to look into; beyond that a message has enough to say.
const QUEUE: usize = 256;

fn open_object(body: &[u8], at: usize, path: &str, depth: u32, queue: &mut Queue) -> Result<(), Fault> {
    let mut members = Members::new(body, at);
    while let Some(member) = members.next()? {
        if !matches!(byte(body, member.start), b'{' | b'[') || queue.len() >= QUEUE {
            continue;
        }
        if let Some(name) = text::name_of(member.name) {
            queue.push_back((step(path, &name), member.start, depth + 1));
        }
    }
    Ok(())
}

fn open_array(
    body: &[u8],
    at: usize,
    path: String,
    depth: u32,
    queue: &mut Queue,
    found: &mut Vec<(String, usize)>,
) -> Result<(), Fault> {
    let mut elements = Elements::new(body, at);
    let mut first = None;
    let mut length = 0_usize;
    while let Some((start, _)) = elements.next()? {
        first = first.or(Some(start));
        length += 1;
    }
    if let Some(first) = first {
        let wrapping = length == 1 || byte(body, first) == b'[';
        if wrapping && depth < 4 && queue.len() < QUEUE {
            queue.push_back((step(&path, "0"), first, depth + 1));
        }
    }
    found.push((path, length));
    Ok(())
}

/// A pointer one token longer.
pub(super) fn step(path: &str, name: &str) -> String {
    format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"))
}
