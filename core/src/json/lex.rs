//! The words of the grammar: white space, strings, numbers, literals. Every reading takes the place where its
//! word starts and gives the place behind it. RFC 8259, sections 2, 3, 6 and 7.

#![allow(clippy::inline_always, reason = "measured: without it a scan takes a quarter longer")]

use super::fault::{Expected, Fault, fault};
use super::stops::Stops;

/// The place behind a word, or what is wrong with it.
pub(super) type Behind = Result<usize, Fault>;

/// One in every byte.
const ONES: u64 = 0x0101_0101_0101_0101;

/// Reads words of a text. Every reading starts at a place with which the stops are in step, and leaves them
/// in step with the place it gives.
#[derive(Clone, Debug)]
pub(super) struct Lexer<'a> {
    bytes: &'a [u8],
    stops: Stops<'a>,
}

impl<'a> Lexer<'a> {
    /// Reads this text from a place on.
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Lexer<'a> {
        Lexer { bytes, stops: Stops::new(bytes, at) }
    }

    /// The text.
    pub(super) const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Goes to another place.
    pub(super) fn seek(&mut self, at: usize) {
        self.stops.seek(at);
    }

    /// The byte at a place; 0, which is never right outside strings, behind the end.
    #[inline(always)]
    pub(super) fn byte(&self, at: usize) -> u8 {
        match self.bytes.get(at) {
            Some(byte) => *byte,
            None => 0,
        }
    }

    /// The four bytes at a place, the first lowest; 0, which is never right, if there are fewer.
    #[inline(always)]
    fn four(&self, at: usize) -> u32 {
        match self.bytes.get(at..).and_then(<[u8]>::first_chunk) {
            Some(four) => u32::from_le_bytes(*four),
            None => 0,
        }
    }

    /// The eight bytes at a place, the first lowest; 0 if there are fewer.
    #[inline(always)]
    pub(super) fn eight(&self, at: usize) -> u64 {
        match self.bytes.get(at..).and_then(<[u8]>::first_chunk) {
            Some(eight) => u64::from_le_bytes(*eight),
            None => 0,
        }
    }

    /// Over white space.
    #[inline(always)]
    pub(super) fn space(&mut self, at: usize) -> usize {
        if self.byte(at) > b' ' { at } else { self.some_space(at) }
    }

    #[inline(never)]
    fn some_space(&mut self, start: usize) -> usize {
        // One space, as behind a colon, is no stop.
        if self.byte(start) == b' ' && self.byte(start + 1) > b' ' {
            return start + 1;
        }
        let mut at = start;
        loop {
            while matches!(self.byte(at), b'\n' | b'\r' | b'\t') {
                at += 1;
            }
            // An indentation, eight spaces at a time.
            let spaces = (self.eight(at) ^ (ONES * 0x20)).trailing_zeros() as usize / 8;
            at += spaces;
            if spaces < 8 && !matches!(self.byte(at), b' ' | b'\n' | b'\r' | b'\t') {
                self.seek(at);
                return at;
            }
            if spaces == 0 && self.byte(at) == b' ' {
                at += 1;
            }
        }
    }

    /// Over a quote that stands at this place.
    #[inline(always)]
    pub(super) fn quote(&mut self, at: usize) {
        let stop = self.stops.next();
        debug_assert_eq!(stop, at, "out of step");
    }

    /// Over a string, from behind its opening quote to behind its closing one.
    #[inline(always)]
    pub(super) fn string(&mut self) -> Behind {
        let end = self.stops.next();
        if self.byte(end) == b'"' { Ok(end + 1) } else { self.odd_string(end) }
    }

    /// The same from a stop inside it that isn't the closing quote, or perhaps is.
    #[inline(never)]
    fn odd_string(&mut self, mut stop: usize) -> Behind {
        loop {
            match self.bytes.get(stop) {
                Some(b'"') => return Ok(stop + 1),
                Some(b'\\') => {
                    let behind = self.escape(stop + 1)?;
                    // What was escaped may be a stop itself.
                    self.seek(behind);
                    stop = self.stops.next();
                }
                Some(_) => return fault(stop, Expected::StringText),
                None => return fault(stop, Expected::StringEnd),
            }
        }
    }

    /// Over an escape, from behind its `\`. Half a surrogate pair is fine: the grammar allows it.
    fn escape(&self, at: usize) -> Behind {
        match self.bytes.get(at) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 1),
            Some(b'u') => {
                for place in at + 1..at + 5 {
                    match self.bytes.get(place) {
                        Some(hex) if hex.is_ascii_hexdigit() => {}
                        Some(_) => return fault(place, Expected::Hex),
                        None => return fault(place, Expected::StringEnd),
                    }
                }
                Ok(at + 5)
            }
            Some(_) => fault(at, Expected::Escape),
            None => fault(at, Expected::StringEnd),
        }
    }

    #[inline(always)]
    fn digits(&self, mut at: usize) -> usize {
        // Eight at a time without looking for the end of the text.
        while let Some(eight) = self.bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
            for byte in eight {
                if !byte.is_ascii_digit() {
                    return at;
                }
                at += 1;
            }
        }
        while self.byte(at).is_ascii_digit() {
            at += 1;
        }
        at
    }

    /// At least one digit.
    #[inline(always)]
    fn some_digits(&self, at: usize) -> Behind {
        let end = self.digits(at);
        if end == at { fault(at, Expected::Digit) } else { Ok(end) }
    }

    /// Over a number, from its first byte, which is `-` or a digit.
    #[inline(never)]
    fn number(&self, at: usize, first: u8) -> Behind {
        let whole = at + usize::from(first == b'-');
        // A zero stands alone: what follows must not be another digit, and isn't taken for one.
        let mut end = if self.byte(whole) == b'0' { whole + 1 } else { self.some_digits(whole)? };
        if self.byte(end) == b'.' {
            end = self.some_digits(end + 1)?;
        }
        if self.byte(end) | 0x20 == b'e' {
            let sign = usize::from(matches!(self.byte(end + 1), b'+' | b'-'));
            end = self.some_digits(end + 1 + sign)?;
        }
        Ok(end)
    }

    /// Over a number, `true`, `false` or `null`.
    #[inline(always)]
    pub(super) fn word(&self, at: usize, first: u8) -> Behind {
        if first.wrapping_sub(b'0') < 10 || first == b'-' {
            self.number(at, first)
        } else {
            self.literal(at, first)
        }
    }

    /// Over `true`, `false` or `null`.
    #[inline(never)]
    fn literal(&self, at: usize, first: u8) -> Behind {
        match first {
            b't' if self.four(at) == u32::from_le_bytes(*b"true") => Ok(at + 4),
            b'n' if self.four(at) == u32::from_le_bytes(*b"null") => Ok(at + 4),
            b'f' if self.four(at + 1) == u32::from_le_bytes(*b"alse") => Ok(at + 5),
            _ => fault(at, Expected::Value),
        }
    }

    /// Over a member's name, from behind its opening quote, to its value.
    #[inline(always)]
    pub(super) fn name(&mut self) -> Result<Name, Fault> {
        let end = self.stops.next();
        let four = self.four(end);
        if four & 0xffff == u32::from(u16::from_le_bytes(*b"\":")) {
            let [_, _, close, far] = four.to_le_bytes();
            if close > b' ' {
                return Ok(Name { end, escaped: false, value: end + 2, first: close });
            }
            if close == b' ' && far > b' ' {
                return Ok(Name { end, escaped: false, value: end + 3, first: far });
            }
        }
        self.odd_name(end)
    }

    /// A name with escapes in it, or with space behind it.
    #[inline(never)]
    fn odd_name(&mut self, stop: usize) -> Result<Name, Fault> {
        let behind = self.odd_string(stop)?;
        let at = self.space(behind);
        if self.byte(at) != b':' {
            return fault(at, Expected::Colon);
        }
        let value = self.space(at + 1);
        Ok(Name { end: behind - 1, escaped: behind - 1 != stop, value, first: self.byte(value) })
    }

    /// Over a member's value that is a string, from its opening quote, and on to the next name.
    #[inline(always)]
    pub(super) fn text_member(&mut self, at: usize) -> Result<Next, Fault> {
        self.quote(at);
        let end = self.stops.next();
        let four = self.four(end);
        if four & 0xff_ffff == u32::from_le_bytes(*b"\",\"\0") {
            self.quote(end + 2);
            return Ok(Next::Part(end + 3));
        }
        let behind = if four as u8 == b'"' { end + 1 } else { self.odd_string(end)? };
        self.next_name(behind)
    }

    /// From inside an object, behind its `{`, to its first name, or behind its `}`.
    #[inline(always)]
    pub(super) fn first_name(&mut self, at: usize) -> Result<Next, Fault> {
        let at = self.space(at);
        if self.byte(at) == b'}' { Ok(Next::End(at + 1)) } else { self.open_name(at) }
    }

    /// From behind a member's value to the next name, or behind the `}`.
    #[inline(always)]
    pub(super) fn next_name(&mut self, at: usize) -> Result<Next, Fault> {
        let at = self.space(at);
        match self.byte(at) {
            b',' => {
                let at = self.space(at + 1);
                self.open_name(at)
            }
            b'}' => Ok(Next::End(at + 1)),
            _ => fault(at, Expected::CommaOrBrace),
        }
    }

    #[inline(always)]
    fn open_name(&mut self, at: usize) -> Result<Next, Fault> {
        if self.byte(at) != b'"' {
            return fault(at, Expected::Name);
        }
        self.quote(at);
        Ok(Next::Part(at + 1))
    }

    /// From inside an array, behind its `[`, to its first element, or behind its `]`.
    #[inline(always)]
    pub(super) fn first_element(&mut self, at: usize) -> Next {
        let at = self.space(at);
        if self.byte(at) == b']' { Next::End(at + 1) } else { Next::Part(at) }
    }

    /// From behind an element to the next one, or behind the `]`.
    #[inline(always)]
    pub(super) fn next_element(&mut self, at: usize) -> Result<Next, Fault> {
        let at = self.space(at);
        match self.byte(at) {
            b',' => Ok(Next::Part(self.space(at + 1))),
            b']' => Ok(Next::End(at + 1)),
            _ => fault(at, Expected::CommaOrBracket),
        }
    }
}

/// What comes next in an array or object.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Next {
    /// The place behind the closing bracket.
    End(usize),
    /// The place of an element, or the place behind the opening quote of a member's name.
    Part(usize),
}

/// A member's name, and where its value starts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Name {
    /// The place of its closing quote.
    pub(super) end: usize,
    /// Whether it holds escapes.
    pub(super) escaped: bool,
    /// Where the value starts.
    pub(super) value: usize,
    /// Its first byte.
    pub(super) first: u8,
}
