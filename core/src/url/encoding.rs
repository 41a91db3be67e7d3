//! Percent-encoding (RFC 3986, section 2.1).

use std::borrow::Cow;

/// Percent-encodes a query name or value: all but the unreserved characters and `$ , : / @ ! ' ( ) *`. A space
/// becomes `%20`, a plus `%2B`.
pub fn encode(value: &str) -> String {
    encode_but(value, b"-._~$,:/@!'()*")
}

/// As [`encode`], and `/` too. The values `.` and `..` stay what they are: no encoding of them survives in a path
/// (see [`super::is_dot_segment`]).
pub fn encode_path_segment(value: &str) -> String {
    encode_but(value, b"-._~$,:@!'()*")
}

fn encode_but(value: &str, plain: &[u8]) -> String {
    let mut out = String::with_capacity(value.len());
    for b in value.bytes() {
        if b.is_ascii_alphanumeric() || plain.contains(&b) {
            out.push(char::from(b));
        } else {
            push_escape(&mut out, b);
        }
    }
    out
}

/// Undoes the encoding of a query name or value; `+` is a space, as forms write it. A `%` that starts no escape stays,
/// and bytes that are no UTF-8 stay escaped, so that different texts never become the same.
pub fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        rest = after;
        bytes.push(match (first, after) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    rest = after;
                    high << 4 | low
                }
                (None, _) | (_, None) => b'%',
            },
            (other, _) => other,
        });
    }
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|b| push_escape(&mut out, *b));
    }
    out
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|v| u8::try_from(v).ok())
}

pub(super) fn push_escape(out: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    for nibble in [byte >> 4, byte & 15] {
        out.push(char::from(DIGITS.get(usize::from(nibble)).copied().unwrap_or(b'0')));
    }
}

/// A path or query as it may stand in a URL: bytes that would end it or can't be sent are percent-encoded, all others
/// are kept as they are.
pub(super) fn keep(text: &str, is_path: bool) -> Cow<'_, str> {
    let unsafe_byte = |b: u8| !b.is_ascii_graphic() || b == b'#' || b == b'\\' || (is_path && b == b'?');
    if !text.bytes().any(unsafe_byte) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for b in text.bytes() {
        if unsafe_byte(b) { push_escape(&mut out, b) } else { out.push(char::from(b)) }
    }
    Cow::Owned(out)
}
