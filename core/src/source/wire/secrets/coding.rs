//! How a secret is written where a server repeats it, so that it can be put back byte for byte.

use crate::url::encode;
use std::fmt::Write as _;

/// The coding of a value that is not the known one, or not written in a way that could be described: what is put
/// back is the known one, percent-encoded.
pub(super) const ANY: &str = "*";

/// How a secret is written: percent-encoded but for its letters, digits, `-._~` and the bytes that stand raw.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Coding {
    /// Encoded twice: a URL inside a parameter of a URL.
    twice: bool,
    /// Hex digits in lower case.
    lower: bool,
    /// A space is a plus.
    plus: bool,
    /// A slash is `\/`, as some JSON writers have it.
    slash: bool,
    /// Other bytes that are not encoded, sorted.
    raw: Vec<u8>,
}

impl Coding {
    fn text(&self) -> String {
        let mut text = String::new();
        for (set, letter) in [(self.twice, '2'), (self.lower, 'l'), (self.plus, 'p'), (self.slash, 's')] {
            if set {
                text.push(letter);
            }
        }
        text.push('-');
        for b in &self.raw {
            let _ = write!(text, "{b:02x}");
        }
        text
    }

    pub(super) fn parse(text: &str) -> Option<Coding> {
        let (flags, raw) = text.split_once('-')?;
        let mut coding = Coding::default();
        for flag in flags.chars() {
            match flag {
                '2' => coding.twice = true,
                'l' => coding.lower = true,
                'p' => coding.plus = true,
                's' => coding.slash = true,
                _ => return None,
            }
        }
        for pair in raw.as_bytes().chunks(2) {
            coding.raw.push(u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?);
        }
        Some(coding)
    }

    pub(super) fn apply(&self, secret: &str) -> String {
        let mut bytes = Vec::with_capacity(secret.len());
        for b in secret.bytes() {
            if b == b'/' && self.slash {
                bytes.extend(b"\\/");
            } else if b == b' ' && self.plus {
                bytes.push(b'+');
            } else if is_unreserved(b) || self.raw.contains(&b) {
                bytes.push(b);
            } else {
                let percent = if self.twice { "%25" } else { "%" };
                let hex = if self.lower { format!("{b:02x}") } else { format!("{b:02X}") };
                bytes.extend(percent.bytes().chain(hex.bytes()));
            }
        }
        // Only an escaped and a raw byte of one character, which `matched` never describes, would be no UTF-8.
        String::from_utf8(bytes).unwrap_or_else(|_| encode(secret))
    }
}

pub(super) fn is_unreserved(b: u8) -> bool {
    b.is_ascii_alphanumeric() || b"-._~".contains(&b)
}

/// Whether `text` starts with the secret in any encoding: how long it is there, and its coding.
pub(super) fn matched(secret: &str, text: &str) -> Option<(usize, String)> {
    [true, false].into_iter().find_map(|escapes| {
        let (length, coding) = matched_by(secret, text, escapes)?;
        let exact = text.get(..length).is_some_and(|there| coding.apply(secret) == there);
        Some((length, if exact { coding.text() } else { ANY.to_owned() }))
    })
}

/// The same with escapes read as escapes, or (for a secret that has a `%` of its own) as they stand.
fn matched_by(secret: &str, text: &str, escapes: bool) -> Option<(usize, Coding)> {
    let mut coding = Coding::default();
    let mut rest = text.as_bytes();
    let hex = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    for b in secret.bytes() {
        let escape = match rest {
            [b'%', b'2', b'5', high, low, ..] if escapes && hex(&[*high, *low]) == Some(b) => {
                Some((5, [*high, *low]))
            }
            [b'%', high, low, ..] if escapes && hex(&[*high, *low]) == Some(b) => Some((3, [*high, *low])),
            _ => None,
        };
        let length = if let Some((length, digits)) = escape {
            coding.twice |= length == 5;
            coding.lower |= digits.iter().any(u8::is_ascii_lowercase);
            length
        } else {
            match rest {
                [first, ..] if *first == b => {
                    if !is_unreserved(b) && !coding.raw.contains(&b) {
                        coding.raw.push(b);
                    }
                    1
                }
                [b'+', ..] if b == b' ' => {
                    coding.plus = true;
                    1
                }
                [b'\\', b'/', ..] if b == b'/' => {
                    coding.slash = true;
                    2
                }
                _ => return None,
            }
        };
        rest = rest.get(length..)?;
    }
    coding.raw.sort_unstable();
    Some((text.len() - rest.len(), coding))
}
