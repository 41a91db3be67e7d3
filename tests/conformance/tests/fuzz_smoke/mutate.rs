//! Small changes to inputs that are right.

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

/// Changes inputs, the same way for the same seed.
pub struct Mutator {
    pub rng: Rng,
}

impl Mutator {
    pub fn new(seed: u64) -> Mutator {
        Mutator { rng: Rng::new(Seed(seed)) }
    }

    /// A number below `n`; 0 for none.
    pub fn below(&mut self, n: usize) -> usize {
        self.rng.up_to((n as u64).saturating_sub(1)) as usize
    }

    pub fn chance(&mut self, percent: u64) -> bool {
        self.rng.up_to(99) < percent
    }

    pub fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// One of the corpus, changed a few times, and seldom not at all.
    pub fn bytes(&mut self, corpus: &[&[u8]]) -> Vec<u8> {
        let mut bytes = self.pick(corpus).to_vec();
        for _ in 0..self.rng.up_to(4) {
            self.change(&mut bytes, corpus);
            bytes.truncate(64 * 1024);
        }
        bytes
    }

    /// The same for parsers of text.
    pub fn text(&mut self, corpus: &[&str]) -> String {
        let corpus: Vec<&[u8]> = corpus.iter().map(|text| text.as_bytes()).collect();
        String::from_utf8_lossy(&self.bytes(&corpus)).into_owned()
    }

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
                // A part many times over.
                let end = (at + self.below(20)).min(bytes.len());
                let part = bytes[at..end].repeat(self.below(40));
                bytes.splice(at..at, part);
            }
            4 => {
                let end = (at + self.below(12)).min(bytes.len());
                bytes.drain(at..end);
            }
            5 => {
                // A number becomes another.
                let Some(from) = bytes.iter().skip(at).position(u8::is_ascii_digit).map(|i| i + at) else {
                    return;
                };
                let end = bytes
                    .iter()
                    .skip(from)
                    .position(|b| !b.is_ascii_digit())
                    .map_or(bytes.len(), |i| from + i);
                let numbers: [&[u8]; 6] =
                    [b"0", b"1", b"18446744073709551615", b"99999999999999999999", b"4294967296", b"-7"];
                let number = self.pick(&numbers).to_vec();
                bytes.splice(from..end, number);
            }
            _ => {
                let token = self.pick(&TOKENS).to_vec();
                bytes.splice(at..at, token);
            }
        }
    }
}
