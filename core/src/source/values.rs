//! Reading single values of a source: each either fits or says what would.

use super::faults::{choice, describe, nearest, quoted};
use super::grammar::{Use, VALUE, child, members, scalar, word};
use super::locator::{Misfit, is_token, parse_locator, parse_pointer};
use super::types::{Step, Take, WaitSpec};
use crate::facts::{Literal, Locator, Template};
use crate::json::{Kind, Pointer, Raw, Tree};
use crate::time::Millis;
use crate::url::{Origin, Url};

/// A whole number in a range.
pub(super) fn count(tree: &Tree, min: u64, max: u64) -> Result<u64, Misfit> {
    let fits = scalar(tree).and_then(Raw::as_u64).filter(|n| (min..=max).contains(n));
    fits.ok_or_else(|| {
        let range = match (min, max) {
            (0, u64::MAX) => "0 or a greater whole number".to_owned(),
            (_, u64::MAX) => format!("a whole number, at least {min}"),
            _ => format!("a whole number from {min} to {max}"),
        };
        Misfit::new(describe(tree, true), range)
    })
}

/// A duration such as `"30s"`.
pub(super) fn duration(tree: &Tree, zero: bool) -> Result<Millis, Misfit> {
    let fits = word(tree).and_then(|text| Millis::parse(&text)).filter(|time| zero || *time != Millis::ZERO);
    let more = if zero { "" } else { " of more than nothing" };
    fits.ok_or_else(|| {
        Misfit::new(
            describe(tree, true),
            format!("a duration{more} such as \"500ms\", \"30s\", \"5m\" or \"2h\""),
        )
    })
}

/// A size in bytes such as `"64MiB"`.
pub(super) fn size(tree: &Tree) -> Result<u64, Misfit> {
    let parse = |text: &str| {
        let (digits, unit) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
        let factor = match unit {
            "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return None,
        };
        // Places in a body are kept in 32 bits.
        digits.parse::<u64>().ok()?.checked_mul(factor).filter(|n| (1..=u64::from(u32::MAX)).contains(n))
    };
    word(tree).and_then(|text| parse(&text)).ok_or_else(|| {
        Misfit::new(
            describe(tree, true),
            "a size from \"1B\" to below \"4GiB\" such as \"512KiB\" or \"64MiB\"",
        )
    })
}

/// True or false.
pub(super) fn flag(tree: &Tree) -> Result<bool, Misfit> {
    scalar(tree).and_then(Raw::as_bool).ok_or_else(|| Misfit::new(describe(tree, true), "true or false"))
}

/// A text that isn't empty. What it says isn't shown.
pub(super) fn text(tree: &Tree) -> Result<String, Misfit> {
    match word(tree) {
        Some(text) if text.is_empty() => Err(Misfit::new("an empty text", "a text")),
        Some(text) => Ok(text.into_owned()),
        None => Err(Misfit::new(describe(tree, false), "a text")),
    }
}

/// A text, a number, true, false or null.
pub(super) fn literal(tree: &Tree) -> Result<Literal, Misfit> {
    let fits = scalar(tree).cloned().map(Literal);
    fits.ok_or_else(|| Misfit::new(describe(tree, false), "a text, a number, true, false or null"))
}

/// One of a closed list of words.
pub(super) fn one_of(tree: &Tree, words: &[&str]) -> Result<(), Misfit> {
    let found = word(tree);
    if found.as_deref().is_some_and(|found| words.contains(&found)) {
        return Ok(());
    }
    let all = choice(words.iter().copied());
    let expected = match found.and_then(|found| nearest(&found, words.iter().copied())) {
        Some(near) if words.len() > 1 => format!("`{near}`? It must be {all}"),
        _ => all,
    };
    Err(Misfit::new(describe(tree, true), expected))
}

/// A JSON Pointer.
pub(super) fn pointer(tree: &Tree) -> Result<Pointer, Misfit> {
    match word(tree) {
        Some(text) => parse_pointer(&text),
        None => Err(Misfit::new(describe(tree, true), "a JSON Pointer such as `/data`")),
    }
}

/// A locator: a text, or `{"at": …, "template": …}`.
pub(super) fn locator(tree: &Tree, purpose: &Use) -> Result<Locator, Misfit> {
    let located = match word(tree) {
        Some(text) => parse_locator(&text)?,
        None => locator_object(tree, purpose)?,
    };
    purpose.check(&located)?;
    Ok(located)
}

fn locator_object(tree: &Tree, purpose: &Use) -> Result<Locator, Misfit> {
    let Some(at) = child(tree, "at") else {
        return Err(Misfit::new(describe(tree, true), purpose.expected()));
    };
    if let Some((name, _)) = members(tree).iter().find(|(name, _)| name != "at" && name != "template") {
        return Err(Misfit::new(format!("the key {}", quoted(name)), "`at` and `template` only"));
    }
    let mut located = parse_locator(&text(at)?)?;
    if let Some(template) = child(tree, "template") {
        if located.template.is_some() {
            return Err(Misfit::new("a template in `at` and another in `template`", "one template"));
        }
        located.template = Some(Template(text(template)?));
    }
    Ok(located)
}

/// `one`, `records`, `size` or a locator.
pub(super) fn step(tree: &Tree) -> Result<Step, Misfit> {
    match word(tree).as_deref() {
        Some("one") => Ok(Step::One),
        Some("records") => Ok(Step::Records),
        Some("size") => Ok(Step::Size),
        Some(text) if !text.contains(':') => {
            Err(Misfit::new(quoted(text), "`one`, `records`, `size`, or a locator of the number"))
        }
        Some(_) | None => locator(tree, &VALUE).map(Step::Echo),
    }
}

/// `url`, `query` or `param:NAME`.
pub(super) fn take(tree: &Tree) -> Result<Take, Misfit> {
    let found = word(tree);
    match found.as_deref() {
        Some("url") => Ok(Take::Url),
        Some("query") => Ok(Take::Query),
        Some(text) => match text.strip_prefix("param:") {
            Some(name) if !name.is_empty() => Ok(Take::Param(name.to_owned())),
            _ => Err(Misfit::new(quoted(text), "`url`, `query` or `param:NAME`")),
        },
        None => Err(Misfit::new(describe(tree, true), "`url`, `query` or `param:NAME`")),
    }
}

/// A duration or a locator.
pub(super) fn wait(tree: &Tree) -> Result<WaitSpec, Misfit> {
    match word(tree) {
        Some(text) if !text.contains(':') => match Millis::parse(&text) {
            Some(time) => Ok(WaitSpec::For(time)),
            None => Err(Misfit::new(quoted(&text), "a duration such as \"30s\", or a locator")),
        },
        Some(_) | None => locator(tree, &VALUE).map(WaitSpec::Read),
    }
}

/// An absolute URL. The error says what is wrong with it without showing it: it may hold a secret.
pub(super) fn url(tree: &Tree) -> Result<Url, Misfit> {
    let expected = "an absolute URL without user info and fragment";
    match word(tree) {
        Some(text) => Url::parse(&text).map_err(|error| Misfit::new(error.to_string(), expected)),
        None => Err(Misfit::new(describe(tree, false), expected)),
    }
}

/// An origin.
pub(super) fn origin(tree: &Tree) -> Result<Origin, Misfit> {
    let expected = "an origin such as `https://api.example.com`";
    match word(tree) {
        Some(text) => Origin::parse(&text).map_err(|error| Misfit::new(error.to_string(), expected)),
        None => Err(Misfit::new(describe(tree, false), expected)),
    }
}

/// The value of a header; `None` leaves it out.
pub(super) fn header_value(tree: &Tree) -> Result<Option<String>, Misfit> {
    let expected = "a text or a number, or null to leave the header out";
    let Some(raw) = scalar(tree) else { return Err(Misfit::new(describe(tree, false), expected)) };
    match raw.kind() {
        Kind::Null => Ok(None),
        Kind::Number | Kind::String => {
            let value = raw.plain().into_owned();
            if is_field_value(&value) {
                Ok(Some(value))
            } else {
                Err(Misfit::new(
                    "a value that can't be sent in a header",
                    "visible ASCII characters and spaces between them",
                ))
            }
        }
        Kind::Array | Kind::Bool | Kind::Object => Err(Misfit::new(describe(tree, false), expected)),
    }
}

/// Whether the text can be the value of a header without harm (RFC 9110, section 5.5, visible ASCII only).
pub(super) fn is_field_value(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic() || b == b' ') && text.trim() == text
}

/// Whether a header of that name may be set: under `auth` (`secret`), or by the request or a position.
pub(super) fn header_name(name: &str, secret: bool) -> Result<(), Misfit> {
    let lower = name.to_ascii_lowercase();
    if !is_token(name) {
        let found = if secret { "a name that no header can have".to_owned() } else { quoted(name) };
        return Err(Misfit::new(found, "the name of a header: letters, digits and `-`"));
    }
    if HOST_HEADERS.contains(&lower.as_str()) {
        return Err(Misfit::new(quoted(name), "a header that isn't the transport's own"));
    }
    if !secret && CREDENTIAL_HEADERS.contains(&lower.as_str()) {
        return Err(Misfit::new(
            quoted(name),
            format!("credentials under `auth`, such as `auth.header.{lower}`"),
        ));
    }
    Ok(())
}

/// Headers that carry credentials: they belong under `auth`.
const CREDENTIAL_HEADERS: [&str; 4] = ["authorization", "cookie", "proxy-authorization", "x-api-key"];

/// Headers that the host makes itself.
const HOST_HEADERS: [&str; 12] = [
    "accept-encoding",
    "connection",
    "content-length",
    "expect",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(json: &str) -> Tree {
        Tree::parse(json).unwrap()
    }

    #[test]
    fn sizes_have_binary_units_and_fit_32_bits() {
        for (text, bytes) in [("1B", 1), ("3KiB", 3072), ("64MiB", 67_108_864), ("3GiB", 3_221_225_472)] {
            assert_eq!(size(&tree(&format!("\"{text}\""))), Ok(bytes), "{text}");
        }
        for text in
            ["0B", "4GiB", "64", "64MB", "MiB", "-1B", "1.5MiB", "64 MiB", "99999999999999999999KiB", ""]
        {
            assert!(size(&tree(&format!("\"{text}\""))).is_err(), "{text}");
        }
        assert!(size(&tree("64")).is_err());
    }

    #[test]
    fn header_names_and_values_are_judged_before_anything_is_sent() {
        assert!(header_name("X-Shop", false).is_ok());
        for name in ["Host", "content-length", "Transfer-Encoding", "a b", "a:b", "a\r\nb", "", "ä"] {
            assert!(header_name(name, false).is_err(), "{name}");
            assert!(header_name(name, true).is_err(), "{name}");
        }
        for name in ["Authorization", "cookie", "PROXY-AUTHORIZATION", "X-Api-Key"] {
            assert!(header_name(name, false).unwrap_err().expected.contains("`auth`"), "{name}");
            assert!(header_name(name, true).is_ok(), "{name}");
        }
        assert_eq!(header_value(&tree("\"a b\"")), Ok(Some("a b".to_owned())));
        assert_eq!(
            header_value(&tree("12345678901234567890123")),
            Ok(Some("12345678901234567890123".to_owned()))
        );
        assert_eq!(header_value(&tree("null")), Ok(None));
        for value in ["\"a\\r\\nb\"", "\"\\u0000\"", "\"é\"", "true", "[]", "\" a\""] {
            assert!(header_value(&tree(value)).is_err(), "{value}");
        }
    }

    #[test]
    fn a_word_is_corrected_where_it_is_near() {
        let error = one_of(&tree("\"resart\""), &["fail", "restart", "keyset"]).unwrap_err();
        assert!(error.expected.starts_with("`restart`?"), "{error}");
    }
}
