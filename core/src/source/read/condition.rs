//! Whether what stands somewhere is what was expected there.

use super::Found;
use crate::facts::{Expect, Literal, Locator, Place};
use crate::json::{Raw, same};
use std::borrow::Cow;

/// Whether the expectation holds. Of a place that may be hidden nothing is known, so nothing holds there.
pub(super) fn holds(found: &Found, locator: &Locator, expect: &Expect) -> bool {
    match found {
        Found::Absent => meets(None, false, expect),
        Found::Hidden => false,
        Found::Null => meets(Some("null"), false, expect),
        Found::Value(value) => meets(Some(value.as_str()), is_text(locator), expect),
    }
}

/// Whether the value at a locator is a text that has no JSON types: there `3`, `false` and `"false"` are compared
/// as they are written.
fn is_text(locator: &Locator) -> bool {
    locator.template.is_some()
        || match &locator.place {
            Place::Header(_) | Place::Link(_) | Place::Status => true,
            Place::Body(_)
            | Place::Form(_)
            | Place::Last(_)
            | Place::Max(_)
            | Place::Path(_)
            | Place::Query(_)
            | Place::Record(_)
            | Place::Spread { .. }
            | Place::Text(_) => false,
        }
}

/// Whether a JSON text (`None` where nothing stands) meets the expectation. Nothing is allocated for strings
/// without escapes.
pub(super) fn meets(json: Option<&str>, is_text: bool, expect: &Expect) -> bool {
    match expect {
        Expect::Contains(part) => json.is_some_and(|json| plain(json).contains(part.as_str())),
        Expect::In(literals) => literals.iter().any(|literal| is(json, is_text, literal)),
        Expect::Is(literal) => is(json, is_text, literal),
        Expect::Not(other) => !meets(json, is_text, other),
        Expect::Present(wanted) => json.is_some_and(|json| json != "null") == *wanted,
        Expect::Starts(start) => json.is_some_and(|json| plain(json).starts_with(start.as_str())),
    }
}

fn is(json: Option<&str>, is_text: bool, Literal(literal): &Literal) -> bool {
    json.is_some_and(|json| {
        if is_text {
            !literal.is_null() && plain(json) == literal.plain()
        } else {
            // Mostly the text itself: only escapes need more than a look.
            let escaped = json.contains('\\') || literal.as_str().contains('\\');
            json == literal.as_str() || (escaped && same(json, literal.as_str()))
        }
    })
}

/// A string's text, or the JSON of anything else.
fn plain(json: &str) -> Cow<'_, str> {
    match json.strip_prefix('"').and_then(|json| json.strip_suffix('"')) {
        Some(inner) if !inner.contains('\\') => Cow::Borrowed(inner),
        Some(_) => Raw::parse(json).map_or(Cow::Borrowed(json), |raw| Cow::Owned(raw.plain().into_owned())),
        None => Cow::Borrowed(json),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Pointer;

    fn literal(json: &str) -> Literal {
        Literal(Raw::parse(json).unwrap())
    }

    #[test]
    fn only_the_declared_form_of_a_flag_counts() {
        // B-B16: has_more "false", 0, 1, "no".
        for (json, expected) in [
            ("false", true),
            ("\"false\"", false),
            ("0", false),
            ("\"no\"", false),
            ("null", false),
            ("true", false),
            ("[]", false),
        ] {
            assert_eq!(meets(Some(json), false, &Expect::Is(literal("false"))), expected, "{json}");
        }
        assert!(!meets(None, false, &Expect::Is(literal("false"))));
        assert!(!meets(Some("1.0"), false, &Expect::Is(literal("1"))));
        assert!(meets(Some("\"\\u0061\""), false, &Expect::Is(literal("\"a\""))));
    }

    #[test]
    fn headers_are_compared_as_text() {
        let header = Locator { place: Place::Header("x-more".to_owned()), template: None };
        let found = Found::Value(Raw::from_text("false"));
        assert!(holds(&found, &header, &Expect::Is(literal("false"))));
        assert!(holds(&found, &header, &Expect::Is(literal("\"false\""))));
        let body = Locator { place: Place::Body(Pointer::root()), template: None };
        assert!(!holds(&found, &body, &Expect::Is(literal("false"))));
    }

    #[test]
    fn every_expectation_has_its_truth_table() {
        let cases: [(Option<&str>, Expect, bool); 18] = [
            (Some("\"rate limit hit\""), Expect::Contains("limit".into()), true),
            (Some("[{\"type\": \"RATE_LIMITED\"}]"), Expect::Contains("RATE_LIMITED".into()), true),
            (Some("\"a\\nb\""), Expect::Contains("\n".into()), true),
            (None, Expect::Contains(String::new()), false),
            (Some("\"abc\""), Expect::Starts("ab".into()), true),
            (Some("\"abc\""), Expect::Starts("b".into()), false),
            (Some("429"), Expect::Starts("4".into()), true),
            (Some("2"), Expect::In(vec![literal("1"), literal("2")]), true),
            (Some("\"2\""), Expect::In(vec![literal("1"), literal("2")]), false),
            (None, Expect::In(vec![]), false),
            (Some("0"), Expect::Present(true), true),
            (Some("null"), Expect::Present(true), false),
            (Some("null"), Expect::Present(false), true),
            (None, Expect::Present(false), true),
            (None, Expect::Present(true), false),
            (Some("null"), Expect::Is(literal("null")), true),
            (None, Expect::Is(literal("null")), false),
            (None, Expect::Not(Box::new(Expect::Is(literal("1")))), true),
        ];
        for (json, expect, expected) in cases {
            assert_eq!(meets(json, false, &expect), expected, "{json:?} {expect:?}");
        }
    }

    #[test]
    fn nothing_holds_of_a_hidden_header() {
        let header = Locator { place: Place::Header("x".to_owned()), template: None };
        for expect in
            [Expect::Present(false), Expect::Present(true), Expect::Not(Box::new(Expect::Is(literal("1"))))]
        {
            assert!(!holds(&Found::Hidden, &header, &expect));
        }
    }
}
