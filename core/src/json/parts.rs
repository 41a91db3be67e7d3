//! An object's members and an array's elements, one after the other: for whatever need not be fast.

use super::fault::Fault;
use super::lex::{Lexer, Next};
use super::span::Limits;

/// One member of an object. Places are bytes from the start of the text.
pub(super) struct Member<'a> {
    /// What stands between the quotes of its name.
    pub(super) name: &'a [u8],
    /// Whether that holds escapes.
    pub(super) escaped: bool,
    /// Where its value starts.
    pub(super) start: usize,
}

/// Goes through the members of an object.
pub(super) struct Members(Next);

/// Goes through the elements of an array.
pub(super) struct Elements(Next);

impl Members {
    /// Of the object that starts at a place.
    pub(super) fn new(lexer: &mut Lexer<'_>, at: usize) -> Result<Members, Fault> {
        lexer.seek(at);
        Ok(Members(lexer.first_name(at + 1)?))
    }

    /// The next one, or `None` behind the last. The reading is done up to its value.
    pub(super) fn next<'a>(&mut self, lexer: &mut Lexer<'a>) -> Result<Option<Member<'a>>, Fault> {
        let Next::Part(start) = self.0 else { return Ok(None) };
        let name = lexer.name()?;
        let text = lexer.bytes().get(start..name.end).unwrap_or_default();
        Ok(Some(Member { name: text, escaped: name.escaped, start: name.value }))
    }

    /// Over the value of the last one.
    pub(super) fn skip(&mut self, lexer: &mut Lexer<'_>, member: &Member<'_>) -> Result<(), Fault> {
        let end = lexer.skip(member.start, Limits::DEPTH)?;
        self.behind(lexer, end)
    }

    /// Goes on behind the value of the last one, to which the reading is done.
    pub(super) fn behind(&mut self, lexer: &mut Lexer<'_>, end: usize) -> Result<(), Fault> {
        self.0 = lexer.next_name(end)?;
        Ok(())
    }

    /// The place behind the object, when there is no next member.
    pub(super) fn end(&self) -> usize {
        let (Next::Part(at) | Next::End(at)) = self.0;
        at
    }
}

impl Elements {
    /// Of the array that starts at a place.
    pub(super) fn new(lexer: &mut Lexer<'_>, at: usize) -> Elements {
        lexer.seek(at);
        Elements(lexer.first_element(at + 1))
    }

    /// Where the next one starts, or `None` behind the last.
    pub(super) fn next(&mut self) -> Option<usize> {
        match self.0 {
            Next::Part(start) => Some(start),
            Next::End(_) => None,
        }
    }

    /// Over the one that starts here. Gives the place behind it.
    pub(super) fn skip(&mut self, lexer: &mut Lexer<'_>, start: usize) -> Result<usize, Fault> {
        let end = lexer.skip(start, Limits::DEPTH)?;
        self.behind(lexer, end)?;
        Ok(end)
    }

    /// Goes on behind an element, to which the reading is done.
    pub(super) fn behind(&mut self, lexer: &mut Lexer<'_>, end: usize) -> Result<(), Fault> {
        self.0 = lexer.next_element(end)?;
        Ok(())
    }

    /// The place behind the array, when there is no next element.
    pub(super) fn end(&self) -> usize {
        let (Next::Part(at) | Next::End(at)) = self.0;
        at
    }
}
