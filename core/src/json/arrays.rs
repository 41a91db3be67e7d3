//! Arrays that were perhaps meant, for messages.

use super::fault::Fault;
use super::find::behind_mark;
use super::lex::Lexer;
use super::parts::{Elements, Members};
use super::pointer::step;
use super::text;
use std::collections::VecDeque;

/// Arrays that are told.
const TOLD: usize = 16;
/// Tokens of their pointers.
const DEPTH: u32 = 4;
/// Values to look into, at one time; beyond that a message has enough to say.
const QUEUE: usize = 256;

/// The arrays of a body, shallow ones first, by pointer and length: at most 16, at most four tokens deep,
/// for saying where the records may be. Elements are looked into only where an array is a wrapping: it has
/// one element, or begins with an array.
pub fn arrays(body: &[u8]) -> Vec<(String, usize)> {
    let start = behind_mark(body);
    let mut lexer = Lexer::new(body, start);
    let start = lexer.space(start);
    let mut search = Search { found: Vec::new(), queue: VecDeque::from([(String::new(), start, 0)]) };
    while let Some((path, at, depth)) = search.queue.pop_front() {
        if search.found.len() == TOLD {
            break;
        }
        // A body that stops being JSON here has no more to tell.
        let _ = match lexer.byte(at) {
            b'{' if depth < DEPTH => search.open_object(&mut lexer, at, &path, depth),
            b'[' => search.open_array(&mut lexer, at, path, depth),
            _ => Ok(()),
        };
    }
    search.found
}

struct Search {
    found: Vec<(String, usize)>,
    /// Pointer, place and number of tokens.
    queue: VecDeque<(String, usize, u32)>,
}

impl Search {
    fn open_object(&mut self, lexer: &mut Lexer<'_>, at: usize, path: &str, depth: u32) -> Result<(), Fault> {
        let mut members = Members::new(lexer, at)?;
        while let Some(member) = members.next(lexer)? {
            if matches!(lexer.byte(member.start), b'{' | b'[')
                && self.queue.len() < QUEUE
                && let Some(name) = text::name_of(member.name)
            {
                self.queue.push_back((step(path, &name), member.start, depth + 1));
            }
            members.skip(lexer, &member)?;
        }
        Ok(())
    }

    fn open_array(
        &mut self,
        lexer: &mut Lexer<'_>,
        at: usize,
        path: String,
        depth: u32,
    ) -> Result<(), Fault> {
        let mut elements = Elements::new(lexer, at);
        let mut first = None;
        let mut length = 0_usize;
        while let Some(start) = elements.next() {
            first = first.or(Some(start));
            length += 1;
            elements.skip(lexer, start)?;
        }
        if let Some(first) = first
            && (length == 1 || lexer.byte(first) == b'[')
            && depth < DEPTH
            && self.queue.len() < QUEUE
        {
            self.queue.push_back((step(&path, "0"), first, depth + 1));
        }
        self.found.push((path, length));
        Ok(())
    }
}
