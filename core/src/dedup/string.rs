//! What JSON strings say.

use std::borrow::Cow;

/// What a JSON string says, as UTF-8. A lone surrogate, which JSON text can spell but UTF-8 can't, becomes the
/// three bytes that UTF-8 would use for its number (known as WTF-8), so it stays different from everything else.
pub(super) fn decoded(text: &[u8]) -> Option<Cow<'_, [u8]>> {
    let [b'"', inner @ .., b'"'] = text else { return None };
    if !inner.contains(&b'\\') {
        return Some(Cow::Borrowed(inner));
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let (&escape, after) = rest.split_first()?;
        rest = after;
        out.push(match escape {
            b'"' | b'\\' | b'/' => escape,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let unit;
                (unit, rest) = code_unit(rest)?;
                let mut code = unit;
                if let (0xd800..=0xdbff, Some((low @ 0xdc00..=0xdfff, after))) =
                    (unit, rest.strip_prefix(b"\\u").and_then(code_unit))
                {
                    code = 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                    rest = after;
                }
                push_code_point(code, &mut out);
                continue;
            }
            _ => return None,
        });
    }
    Some(Cow::Owned(out))
}

/// Four hex digits and what follows them.
fn code_unit(text: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = text.split_at_checked(4)?;
    let unit = digits.iter().try_fold(0, |unit, &c| Some(unit << 4 | char::from(c).to_digit(16)?))?;
    Some((unit, rest))
}

/// Appends a code point, surrogates included.
fn push_code_point(code: u32, out: &mut Vec<u8>) {
    match char::from_u32(code) {
        Some(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        None => out.extend([0xe0 | code >> 12, 0x80 | code >> 6 & 0x3f, 0x80 | code & 0x3f].map(|b| b as u8)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_what_they_stand_for_and_the_rest_is_borrowed() {
        let of = |text: &'static str| decoded(text.as_bytes()).unwrap();
        assert!(matches!(of(r#""plain é""#), Cow::Borrowed(b"plain \xc3\xa9")));
        assert_eq!(
            &*of(r#""\"\\\/\b\f\n\r\t\u0041\u00E9\u20ac\ud83d\ude00""#),
            "\"\\/\u{8}\u{c}\n\r\tAé€😀".as_bytes()
        );
    }

    #[test]
    fn lone_surrogates_keep_their_number() {
        for (text, bytes) in [
            (r#""\ud800""#, &b"\xed\xa0\x80"[..]),
            (r#""\udfff""#, b"\xed\xbf\xbf"),
            (r#""\ud83dx""#, b"\xed\xa0\xbdx"),
            (r#""\ud83d\u0041""#, b"\xed\xa0\xbdA"),
            (r#""\ude00\ud83d""#, b"\xed\xb8\x80\xed\xa0\xbd"),
            (r#""\ud83d\ud83d\ude00""#, b"\xed\xa0\xbd\xf0\x9f\x98\x80"),
        ] {
            assert_eq!(decoded(text.as_bytes()).unwrap(), bytes, "{text}");
        }
    }

    #[test]
    fn what_is_no_string_is_none() {
        for text in ["", "\"", "x", "\"open", r#""\""#, r#""\x""#, r#""\u12""#, r#""\u12g4""#, r#""\u+123""#]
        {
            assert_eq!(decoded(text.as_bytes()), None, "{text}");
        }
    }
}
