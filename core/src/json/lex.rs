//! The words of the grammar: white space, strings, numbers, literals. Every function takes the place where
//! its word starts and gives the place behind it. RFC 8259, sections 2, 3, 6 and 7.

/// What would have been right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Expected {
    /// `:`
    Colon,
    /// `,` or `]`
    CommaOrBracket,
    /// `,` or `}`
    CommaOrBrace,
    /// Fewer levels. Not a fault of grammar.
    Depth,
    /// A digit of a number.
    Digit,
    /// A letter after `\`.
    Escape,
    /// Four hexadecimal digits after `\u`.
    Hex,
    /// A member name.
    Name,
    /// More of a string.
    StringEnd,
    /// No control character.
    StringText,
    /// A value.
    Value,
}

/// A fault of grammar: where, and what would have been right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    at: u32,
    expected: Expected,
}

impl Fault {
    /// The place.
    pub(super) const fn at(self) -> usize {
        self.at as usize
    }

    /// What would have been right; nothing if the grammar holds and only the depth is wrong.
    pub(super) const fn expected_text(self) -> Option<&'static str> {
        Some(match self.expected {
            Expected::Colon => "`:` after the member name",
            Expected::CommaOrBracket => "`,` or `]`",
            Expected::CommaOrBrace => "`,` or `}`",
            Expected::Depth => return None,
            Expected::Digit => "a digit",
            Expected::Escape => "one of the letters that may follow `\\` in a string",
            Expected::Hex => "four hexadecimal digits after `\\u`",
            Expected::Name => "a member name in double quotes",
            Expected::StringEnd => "the rest of a string",
            Expected::StringText => "a string without control characters",
            Expected::Value => "a value",
        })
    }
}

/// The place behind a word, or what is wrong with it.
pub(super) type Behind = Result<usize, Fault>;

/// A fault, made out of the way of the fast path.
#[cold]
pub(super) const fn fault<T>(at: usize, expected: Expected) -> Result<T, Fault> {
    Err(Fault { at: at as u32, expected })
}

/// The byte at a place; 0, which is never right outside strings, behind the end.
#[inline(always)]
pub(super) fn byte(bytes: &[u8], at: usize) -> u8 {
    match bytes.get(at) {
        Some(byte) => *byte,
        None => 0,
    }
}

/// Over white space.
#[inline(always)]
pub(super) fn space(bytes: &[u8], at: usize) -> usize {
    if byte(bytes, at) > b' ' { at } else { long_space(bytes, at) }
}

fn long_space(bytes: &[u8], mut at: usize) -> usize {
    while matches!(byte(bytes, at), b' ' | b'\n' | b'\r' | b'\t') {
        at += 1;
    }
    at
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// From inside a string to the first byte that is `"`, `\` or a control character, or to the end.
///
/// Eight bytes at a time. A byte with its high bit clear is zero exactly if subtracting one borrows into
/// the high bit; a borrow can only make bytes above a real hit look like hits, and the lowest is taken.
#[inline(always)]
pub(super) fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk::<8>) {
        let word = u64::from_le_bytes(*chunk);
        let quote = (word ^ (ONES * b'"' as u64)).wrapping_sub(ONES);
        let backslash = (word ^ (ONES * b'\\' as u64)).wrapping_sub(ONES);
        let control = word.wrapping_sub(ONES * 0x20);
        let hits = (quote | backslash | control) & !word & HIGHS;
        if hits != 0 {
            return at + (hits.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(byte) = bytes.get(at) {
        if matches!(byte, b'"' | b'\\' | 0..=0x1f) {
            break;
        }
        at += 1;
    }
    at
}

/// Over a string, from behind its opening quote to behind its closing one.
#[inline(always)]
pub(super) fn string(bytes: &[u8], at: usize) -> Behind {
    let end = plain_end(bytes, at);
    if byte(bytes, end) == b'"' { Ok(end + 1) } else { long_string(bytes, end) }
}

#[inline(never)]
fn long_string(bytes: &[u8], mut at: usize) -> Behind {
    loop {
        at = plain_end(bytes, at);
        match bytes.get(at) {
            Some(b'"') => return Ok(at + 1),
            Some(b'\\') => at = escape(bytes, at + 1)?,
            Some(_) => return fault(at, Expected::StringText),
            None => return fault(at, Expected::StringEnd),
        }
    }
}

/// Over an escape, from behind its `\`. Half a surrogate pair is fine: the grammar allows it.
#[inline]
fn escape(bytes: &[u8], at: usize) -> Behind {
    match bytes.get(at) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(at + 1),
        Some(b'u') => {
            for place in at + 1..at + 5 {
                match bytes.get(place) {
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
fn digits(bytes: &[u8], mut at: usize) -> usize {
    while byte(bytes, at).wrapping_sub(b'0') < 10 {
        at += 1;
    }
    at
}

/// At least one digit.
#[inline(always)]
fn some_digits(bytes: &[u8], at: usize) -> Behind {
    let end = digits(bytes, at);
    if end == at { fault(at, Expected::Digit) } else { Ok(end) }
}

/// Over a number, from its first byte, which is `-` or a digit.
#[inline(always)]
pub(super) fn number(bytes: &[u8], at: usize) -> Behind {
    let whole = at + usize::from(byte(bytes, at) == b'-');
    // A zero stands alone: what follows must not be another digit, and isn't taken for one.
    let mut end = if byte(bytes, whole) == b'0' { whole + 1 } else { some_digits(bytes, whole)? };
    if byte(bytes, end) == b'.' {
        end = some_digits(bytes, end + 1)?;
    }
    if byte(bytes, end) | 0x20 == b'e' {
        let sign = usize::from(matches!(byte(bytes, end + 1), b'+' | b'-'));
        end = some_digits(bytes, end + 1 + sign)?;
    }
    Ok(end)
}

/// Over `true`, `false` or `null`.
#[inline(always)]
pub(super) fn literal(bytes: &[u8], at: usize, word: &[u8]) -> Behind {
    match bytes.get(at..).and_then(|rest| rest.get(..word.len())) {
        Some(found) if found == word => Ok(at + word.len()),
        Some(_) | None => fault(at, Expected::Value),
    }
}

/// Over a name's opening quote.
#[inline(always)]
pub(super) fn name_start(bytes: &[u8], at: usize) -> Behind {
    if byte(bytes, at) == b'"' { Ok(at + 1) } else { fault(at, Expected::Name) }
}

/// From behind a name to its value.
#[inline(always)]
pub(super) fn colon(bytes: &[u8], at: usize) -> Behind {
    let at = space(bytes, at);
    if byte(bytes, at) == b':' { Ok(space(bytes, at + 1)) } else { fault(at, Expected::Colon) }
}
