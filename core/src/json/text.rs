//! Strings: what their escapes stand for, and how they are written. RFC 8259, section 7.

use std::borrow::Cow;
use std::fmt::Write as _;

/// The code points of a string's JSON text (without its quotes); half a surrogate pair stands for itself.
/// The text must be valid; what isn't ends the list early.
pub(super) fn code_points(inner: &str) -> impl Iterator<Item = u32> + '_ {
    let mut rest = inner.chars();
    std::iter::from_fn(move || {
        let first = rest.next()?;
        if first != '\\' {
            return Some(u32::from(first));
        }
        Some(match rest.next()? {
            'b' => 0x8,
            'f' => 0xc,
            'n' => 0xa,
            'r' => 0xd,
            't' => 0x9,
            'u' => {
                let (unit, behind) = hex4(rest.as_str())?;
                rest = behind.chars();
                let low = behind.strip_prefix("\\u").and_then(hex4);
                match low {
                    Some((low, behind)) if is_high(unit) && is_low(low) => {
                        rest = behind.chars();
                        0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00)
                    }
                    Some(_) | None => unit,
                }
            }
            other => u32::from(other),
        })
    })
}

const fn is_high(unit: u32) -> bool {
    unit >= 0xd800 && unit <= 0xdbff
}

const fn is_low(unit: u32) -> bool {
    unit >= 0xdc00 && unit <= 0xdfff
}

fn hex4(text: &str) -> Option<(u32, &str)> {
    let (digits, behind) = text.split_at_checked(4)?;
    Some((u32::from_str_radix(digits, 16).ok()?, behind))
}

/// What a string's JSON text (without its quotes) stands for. `None` for half a surrogate pair, which no
/// Rust string can hold.
pub(super) fn unescape(inner: &str) -> Option<Cow<'_, str>> {
    if !inner.contains('\\') {
        return Some(Cow::Borrowed(inner));
    }
    code_points(inner).map(char::from_u32).collect::<Option<String>>().map(Cow::Owned)
}

/// Writes a text as a JSON string, with no escape that isn't needed.
pub(super) fn quote(out: &mut String, text: &str) {
    out.push('"');
    // Most texts have nothing to escape.
    if text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\') {
        out.push_str(text);
    } else {
        for letter in text.chars() {
            write_point(out, u32::from(letter));
        }
    }
    out.push('"');
}

/// Writes a string's JSON text (without its quotes) anew, with no escape that isn't needed.
pub(super) fn requote(out: &mut String, inner: &str) {
    out.push('"');
    for point in code_points(inner) {
        write_point(out, point);
    }
    out.push('"');
}

fn write_point(out: &mut String, point: u32) {
    match char::from_u32(point) {
        Some('"') => out.push_str("\\\""),
        Some('\\') => out.push_str("\\\\"),
        Some('\u{8}') => out.push_str("\\b"),
        Some('\t') => out.push_str("\\t"),
        Some('\n') => out.push_str("\\n"),
        Some('\u{c}') => out.push_str("\\f"),
        Some('\r') => out.push_str("\\r"),
        Some(letter) if letter >= ' ' => out.push(letter),
        // Control characters and halves of surrogate pairs. Writing to a String can't fail.
        Some(_) | None => {
            let _ = write!(out, "\\u{point:04x}");
        }
    }
}

/// Whether a member name, as the bytes between its quotes, is this name.
pub(super) fn is_name(found: &[u8], escaped: bool, name: &str) -> bool {
    if !escaped {
        return found == name.as_bytes();
    }
    // A name that isn't UTF-8 is no name anybody can have asked for.
    std::str::from_utf8(found).is_ok_and(|found| code_points(found).eq(name.chars().map(u32::from)))
}

/// A member name as text, for messages and request bodies.
pub(super) fn name_of(found: &[u8]) -> Option<Cow<'_, str>> {
    std::str::from_utf8(found).ok().and_then(unescape)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_escape_stands_for_its_character() {
        assert_eq!(unescape(r#"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00é"#).unwrap(), "\"\\/\u{8}\u{c}\n\r\té😀é");
        assert_eq!(unescape("plain").unwrap(), "plain");
    }

    #[test]
    fn half_a_surrogate_pair_has_no_text_but_keeps_its_place_in_the_order() {
        for lone in [r"\ud800", r"\udc00x", r"\ud800\ud800", r"\ud800\u0041", r"\ud800\n", r"\ude00\ud83d"] {
            assert_eq!(unescape(lone), None, "{lone}");
        }
        assert_eq!(code_points(r"\ud800\u0041").collect::<Vec<_>>(), [0xd800, 0x41]);
        assert_eq!(code_points(r"\ud800\ud83d\ude00").collect::<Vec<_>>(), [0xd800, 0x1_f600]);
    }

    #[test]
    fn what_is_written_has_no_escape_too_many() {
        let mut out = String::new();
        requote(&mut out, r"\u0041\/\u00e9\u001F\u007f\ud83d\ude00\uD800\u000a\u0022");
        assert_eq!(out, "\"A/é\\u001f\u{7f}😀\\ud800\\n\\\"\"");
    }

    #[test]
    fn a_name_is_met_however_it_is_escaped() {
        assert!(is_name(b"id", false, "id"));
        assert!(is_name(br"\u0069d", true, "id"));
        assert!(is_name(br"\ud83d\ude00", true, "😀"));
        assert!(!is_name(br"\ud800", true, "\u{fffd}"));
        assert!(!is_name(b"\xff", false, "\u{fffd}"));
        assert!(!is_name(b"\\n\xff", true, "\n"));
        assert!(!is_name(br"\u0069d", true, "i"));
        assert!(!is_name(br"\u0069", true, "id"));
    }
}
