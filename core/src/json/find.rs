//! Finding a value by its pointer, one level after the other.

use super::fault::Fault;
use super::lex::Lexer;
use super::parts::{Elements, Members};
use super::pointer::{Pointer, Token};
use super::span::{Limits, Span};
use super::text;

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
pub(super) fn find(lexer: &mut Lexer<'_>, start: usize, tokens: &[Token]) -> Result<Option<usize>, Lost> {
    let mut at = start;
    for token in tokens {
        let next = match (lexer.byte(at), token) {
            (b'{', Token::Name(name)) => member(lexer, at, name)?,
            (b'[', Token::Name(_)) => element(lexer, at, token)?,
            (b'[', Token::Select { field, value }) => select(lexer, at, field, value)?,
            (_, Token::Name(_) | Token::Select { .. }) => None,
        };
        match next {
            Some(next) => at = next,
            None => return Ok(None),
        }
    }
    Ok(Some(at))
}

fn member(lexer: &mut Lexer<'_>, at: usize, name: &str) -> Result<Option<usize>, Lost> {
    let mut members = Members::new(lexer, at)?;
    let mut found = None;
    while let Some(member) = members.next(lexer)? {
        if text::is_name(member.name, member.escaped, name) {
            if found.is_some() {
                return Err(Lost::Twice);
            }
            found = Some(member.start);
        }
        members.skip(lexer, &member)?;
    }
    Ok(found)
}

fn element(lexer: &mut Lexer<'_>, at: usize, token: &Token) -> Result<Option<usize>, Lost> {
    let wanted = token.index();
    if wanted.is_none() && !token.is_last() {
        return Ok(None);
    }
    let mut elements = Elements::new(lexer, at);
    let mut last = None;
    let mut number = 0_u32;
    while let Some(start) = elements.next() {
        if wanted == Some(number) {
            return Ok(Some(start));
        }
        last = Some(start);
        number = number.saturating_add(1);
        elements.skip(lexer, start)?;
    }
    Ok(if wanted.is_none() { last } else { None })
}

fn select(lexer: &mut Lexer<'_>, at: usize, field: &str, value: &str) -> Result<Option<usize>, Lost> {
    let mut elements = Elements::new(lexer, at);
    let mut found = None;
    while let Some(start) = elements.next() {
        let end = elements.skip(lexer, start)?;
        if lexer.byte(start) != b'{' {
            continue;
        }
        let next = elements.next();
        if let Some(at) = member(lexer, start, field)? {
            lexer.seek(at);
            let behind = lexer.skip(at, Limits::DEPTH)?;
            if is_value(lexer.bytes().get(at..behind).unwrap_or_default(), value) {
                // Taking the first would be a guess.
                if found.is_some() {
                    return Err(Lost::Twice);
                }
                found = Some(start);
            }
        }
        lexer.seek(next.unwrap_or(end));
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
    // Spans can't say more.
    let body = body.get(..u32::MAX as usize).unwrap_or(body);
    let start = behind_mark(body);
    let mut lexer = Lexer::new(body, start);
    let start = lexer.space(start);
    let start = find(&mut lexer, start, at.tokens()).ok()??;
    lexer.seek(start);
    let end = lexer.skip(start, Limits::DEPTH).ok()?;
    Some(Span::new(start, end))
}
