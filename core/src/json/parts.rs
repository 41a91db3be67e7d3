//! An object's members and an array's elements, one after the other: for whatever need not be fast.

use super::lex::{Expected, Fault, byte, colon, fault, name_start, plain_end, space, string};
use super::skip::skip;
use super::span::Limits;

/// One member of an object. Places are bytes from the start of the text.
pub(super) struct Member<'a> {
    /// What stands between the quotes of its name.
    pub(super) name: &'a [u8],
    /// Whether that holds escapes.
    pub(super) escaped: bool,
    /// Where its value starts.
    pub(super) start: usize,
    /// Where its value ends.
    pub(super) end: usize,
}

/// The members of the object that starts at a place.
pub(super) struct Members<'a>(Parts<'a>);

/// The elements of the array that starts at a place, by where they start and end.
pub(super) struct Elements<'a>(Parts<'a>);

struct Parts<'a> {
    bytes: &'a [u8],
    at: usize,
    first: bool,
    close: u8,
    expected: Expected,
}

impl<'a> Members<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Members<'a> {
        Members(Parts { bytes, at: at + 1, first: true, close: b'}', expected: Expected::CommaOrBrace })
    }

    /// The next one, or `None` behind the last.
    pub(super) fn next(&mut self) -> Result<Option<Member<'a>>, Fault> {
        let Some(at) = self.0.next()? else { return Ok(None) };
        let name = read_name(self.0.bytes, at)?;
        let start = colon(self.0.bytes, name.behind)?;
        let end = self.0.value(start)?;
        Ok(Some(Member { name: name.text, escaped: name.escaped, start, end }))
    }
}

impl<'a> Elements<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Elements<'a> {
        Elements(Parts { bytes, at: at + 1, first: true, close: b']', expected: Expected::CommaOrBracket })
    }

    /// The next one, or `None` behind the last.
    pub(super) fn next(&mut self) -> Result<Option<(usize, usize)>, Fault> {
        let Some(start) = self.0.next()? else { return Ok(None) };
        let end = self.0.value(start)?;
        Ok(Some((start, end)))
    }
}

impl Parts<'_> {
    /// To where the next part starts.
    fn next(&mut self) -> Result<Option<usize>, Fault> {
        let at = space(self.bytes, self.at);
        let found = byte(self.bytes, at);
        if found == self.close {
            // Asked again, it stands before the bracket again.
            self.at = at;
            return Ok(None);
        }
        if self.first {
            self.first = false;
            return Ok(Some(at));
        }
        if found != b',' {
            return fault(at, self.expected);
        }
        Ok(Some(space(self.bytes, at + 1)))
    }

    fn value(&mut self, start: usize) -> Result<usize, Fault> {
        self.at = skip(self.bytes, start, Limits::DEPTH)?;
        Ok(self.at)
    }
}

/// A member's name as it is read.
pub(super) struct Name<'a> {
    /// What stands between its quotes.
    pub(super) text: &'a [u8],
    /// Whether that holds escapes.
    pub(super) escaped: bool,
    /// The place behind its closing quote.
    pub(super) behind: usize,
}

/// Reads a member's name from its opening quote.
#[inline(always)]
pub(super) fn read_name(bytes: &[u8], at: usize) -> Result<Name<'_>, Fault> {
    let start = name_start(bytes, at)?;
    let plain = plain_end(bytes, start);
    let escaped = byte(bytes, plain) != b'"';
    let behind = if escaped { string(bytes, plain)? } else { plain + 1 };
    Ok(Name { text: bytes.get(start..behind - 1).unwrap_or_default(), escaped, behind })
}
