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
        bytes.push(match first {
            b'+' => b' ',
            b'%' => escaped_byte(after).map_or(b'%', |(byte, after)| {
                rest = after;
                byte
            }),
            other => other,
        });
    }
    let mut out = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        out.push_str(chunk.valid());
        chunk.invalid().iter().for_each(|b| push_escape(&mut out, *b));
    }
    out
}

/// The byte that the two hexadecimal digits behind a `%` stand for, and what follows them.
pub(super) fn escaped_byte(behind: &[u8]) -> Option<(u8, &[u8])> {
    let [high, low, rest @ ..] = behind else { return None };
    let hex = |digit: u8| char::from(digit).to_digit(16);
    let byte = u8::try_from(hex(*high)? << 4 | hex(*low)?).ok()?;
    Some((byte, rest))
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
    // `"<>` (and a backtick in a path) are what HTTP clients refuse to put into a request line; browsers escape them.
    let unsafe_byte =
        |b: u8| !b.is_ascii_graphic() || b"#\\\"<>".contains(&b) || (is_path && b"?`".contains(&b));
    if !text.bytes().any(unsafe_byte) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for b in text.bytes() {
        if unsafe_byte(b) { push_escape(&mut out, b) } else { out.push(char::from(b)) }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn all_but_the_listed_characters_are_escaped() {
        let plain = "ABCXYZabcxyz0189-._~$,:/@!'()*";
        assert_eq!(encode(plain), plain);
        assert_eq!(
            encode(" +&=?#;%\"<>[]{}|\\^`"),
            "%20%2B%26%3D%3F%23%3B%25%22%3C%3E%5B%5D%7B%7D%7C%5C%5E%60"
        );
        assert_eq!(encode("ü€😀\0\r\n\t\u{7f}"), "%C3%BC%E2%82%AC%F0%9F%98%80%00%0D%0A%09%7F");
        assert_eq!(encode_path_segment("a/b c"), "a%2Fb%20c");
        assert_eq!(encode_path_segment(plain), plain.replace('/', "%2F"));
    }

    #[test]
    fn broken_escapes_stay_as_they_are() {
        for (text, decoded) in [
            ("100%", "100%"),
            ("%zz%4", "%zz%4"),
            ("%%41", "%A"),
            ("a+b%20c%2Bd", "a b c+d"),
            ("%2f%2F", "//"),
            ("%e2%82%ac", "€"),
            ("%ff%C3", "%FF%C3"),
            ("%+1", "% 1"),
            ("ü", "ü"),
        ] {
            assert_eq!(decode(text), decoded, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_was_encoded_decodes_to_itself(text in any::<String>()) {
            prop_assert_eq!(&decode(&encode(&text)), &text);
            prop_assert_eq!(&decode(&encode_path_segment(&text)), &text);
            prop_assert!(encode(&text).bytes().all(|b| b.is_ascii_graphic() && !b"&=#+?;\"<>\\".contains(&b)));
            // The same reading of forms as everyone else's.
            let encoded = encode(&text);
            let theirs = ::url::form_urlencoded::parse(encoded.as_bytes()).next().map(|(name, _)| name.into_owned());
            prop_assert_eq!(theirs.unwrap_or_default(), text);
        }
    }
}
