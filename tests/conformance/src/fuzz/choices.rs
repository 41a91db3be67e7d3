//! Decisions that a fuzzer makes by the bytes of its input, or a seed does.

use everypage_core::rng::{Rng, Seed};

/// Texts that mean something to some parser.
const TOKENS: [&[u8]; 30] = [
    b"18446744073709551615",
    b"18446744073709551616",
    b"9223372036854775808",
    b"-9223372036854775809",
    b"1e999999999",
    b"1e-999999999",
    b"-0",
    b"0.0000000000000000000000001",
    b"\"",
    b"\\",
    b"\\ud800",
    b"\\u0000",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\0",
    b"\r\n",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b";",
    b"~",
    b"%",
    b"%2",
    b"{}",
    b"null",
    b"<",
    "\u{e9}\u{1f600}".as_bytes(),
];

/// Decisions: first by the bytes, then, where there are none left, by chance. The same input decides alike.
pub struct Choices<'a> {
    bytes: &'a [u8],
    rng: Rng,
}

impl<'a> Choices<'a> {
    /// As these bytes say.
    pub const fn of(bytes: &'a [u8]) -> Choices<'a> {
        Choices { bytes, rng: Rng::new(Seed(bytes.len() as u64)) }
    }

    /// By chance alone.
    pub const fn seeded(seed: u64) -> Choices<'static> {
        Choices { bytes: &[], rng: Rng::new(Seed(seed)) }
    }

    fn byte(&mut self) -> u8 {
        match self.bytes.split_first() {
            Some((first, rest)) => {
                self.bytes = rest;
                *first
            }
            None => self.rng.next_u64() as u8,
        }
    }

    /// A number from 0 to `max`, both included. It takes as many bytes as `max` has.
    pub fn up_to(&mut self, max: u64) -> u64 {
        let (mut value, mut rest) = (0, max);
        while rest > 0 {
            value = value << 8 | u64::from(self.byte());
            rest >>= 8;
        }
        max.checked_add(1).map_or(value, |count| value % count)
    }

    /// A number below `n`; 0 for none.
    pub fn below(&mut self, n: usize) -> usize {
        self.up_to((n as u64).saturating_sub(1)) as usize
    }

    /// Whether something of this likelihood happens.
    pub fn chance(&mut self, percent: u64) -> bool {
        // Large bytes for what is rare: an input of zeros is one where nothing odd happens.
        99 - self.up_to(99) < percent
    }

    /// One of these.
    pub fn pick<'b, T: ?Sized>(&mut self, from: &[&'b T]) -> &'b T {
        from[self.below(from.len())]
    }

    /// One of the corpus, changed a few times, and seldom not at all.
    pub fn altered(&mut self, corpus: &[&[u8]]) -> Vec<u8> {
        let mut bytes = self.pick(corpus).to_vec();
        for _ in 0..self.up_to(4) {
            self.change(&mut bytes, corpus);
            bytes.truncate(64 * 1024);
        }
        bytes
    }

    /// Changes it a little: a bit, a cut, a repetition, a part of another, another number, a telling token.
    pub fn change(&mut self, bytes: &mut Vec<u8>, corpus: &[&[u8]]) {
        let at = self.below(bytes.len() + 1);
        match self.below(8) {
            0 if at < bytes.len() => bytes[at] ^= 1 << self.below(8),
            1 => bytes.truncate(at),
            2 => {
                let other = self.pick(corpus);
                let from = self.below(other.len() + 1);
                bytes.truncate(at);
                bytes.extend_from_slice(&other[from..]);
            }
            3 => {
                let end = (at + self.below(20)).min(bytes.len());
                let part = bytes[at..end].repeat(self.below(40));
                bytes.splice(at..at, part);
            }
            4 => {
                let end = (at + self.below(12)).min(bytes.len());
                bytes.drain(at..end);
            }
            5 => {
                let Some(from) = bytes.iter().skip(at).position(u8::is_ascii_digit).map(|i| i + at) else {
                    return;
                };
                let digits = bytes[from..].iter().take_while(|b| b.is_ascii_digit()).count();
                let numbers: [&[u8]; 6] =
                    [b"0", b"1", b"18446744073709551615", b"99999999999999999999", b"4294967296", b"-7"];
                let number = self.pick(&numbers).to_vec();
                bytes.splice(from..from + digits, number);
            }
            _ => {
                let token = self.pick(&TOKENS).to_vec();
                bytes.splice(at..at, token);
            }
        }
    }
}
