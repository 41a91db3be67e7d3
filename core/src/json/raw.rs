//! One JSON value as the text the server sent.

use super::lex::Lexer;
use super::span::{Kind, Limits};
use super::text;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::borrow::Cow;
use std::fmt;

/// One JSON value as text, with no space around it: always valid, never changed. In a document it is a
/// string that holds the text, so that no reader in between can change a number.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Raw(Box<str>);

impl Raw {
    /// Takes one whole JSON value; space around it is left off. `None` if it isn't one.
    pub fn parse(json: &str) -> Option<Raw> {
        let mut lexer = Lexer::new(json.as_bytes(), 0);
        let start = lexer.space(0);
        let end = lexer.skip(start, Limits::DEPTH).ok()?;
        if lexer.space(end) != json.len() {
            return None;
        }
        json.get(start..end).map(|value| Raw(value.into()))
    }

    /// Takes a value that was checked already, with no space around it.
    pub(super) fn checked(json: &str) -> Raw {
        debug_assert!(Raw::parse(json).is_some_and(|raw| raw.as_str() == json), "not checked");
        Raw(json.into())
    }

    /// `null`.
    pub fn null() -> Raw {
        Raw("null".into())
    }

    /// A whole number.
    pub fn from_u64(number: u64) -> Raw {
        Raw(number.to_string().into())
    }

    /// A text, as a JSON string.
    pub fn from_text(text: &str) -> Raw {
        let mut out = String::with_capacity(text.len() + 2);
        text::quote(&mut out, text);
        Raw(out.into())
    }

    /// The JSON text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What kind of value it is.
    pub fn kind(&self) -> Kind {
        // A Raw is valid, so its first byte names its kind.
        self.0.bytes().next().and_then(Kind::of).unwrap_or(Kind::Null)
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        self.kind() == Kind::Null
    }

    /// Whether it is `null` or the empty string.
    pub fn is_blank(&self) -> bool {
        matches!(&*self.0, "null" | "\"\"")
    }

    /// A boolean's value.
    pub fn as_bool(&self) -> Option<bool> {
        match &*self.0 {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        }
    }

    /// A number's value, if it is written as a whole number from 0 to 2^64-1: no sign, fraction or exponent.
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// A string's text. `None` for other kinds, and for half a surrogate pair, which no text can hold.
    pub fn text(&self) -> Option<Cow<'_, str>> {
        text::unescape(self.inner()?)
    }

    /// How it is written into a URL or a header: a string's text (its JSON text without the quotes, if
    /// that has half a surrogate pair), other values as JSON.
    pub fn plain(&self) -> Cow<'_, str> {
        match self.inner() {
            Some(inner) => text::unescape(inner).unwrap_or(Cow::Borrowed(inner)),
            None => Cow::Borrowed(&self.0),
        }
    }

    /// A count: a whole number, or a string of digits such as `"137"`.
    pub fn loose_u64(&self) -> Option<u64> {
        let plain = self.plain();
        if plain.bytes().all(|byte| byte.is_ascii_digit()) { plain.parse().ok() } else { None }
    }

    /// The same value in its canonical form: no space between its parts, strings with no escape that isn't
    /// needed; numbers keep their text and members their order.
    #[must_use]
    pub fn canonical(&self) -> Raw {
        let mut out = String::with_capacity(self.0.len());
        let mut lexer = Lexer::new(self.0.as_bytes(), 0);
        let mut at = 0;
        while let Some(rest) = self.0.get(at..).filter(|rest| !rest.is_empty()) {
            // Strings are written anew; outside them only space is left off.
            if rest.starts_with('"') {
                lexer.quote(at);
                let end = lexer.string().unwrap_or(self.0.len());
                text::requote(&mut out, self.0.get(at + 1..end - 1).unwrap_or_default());
                at = end;
            } else {
                let part = rest.split(['"', ' ', '\t', '\n', '\r']).next().unwrap_or_default();
                out.push_str(part);
                at = lexer.space(at + part.len());
            }
        }
        Raw(out.into())
    }

    /// What stands between a string's quotes.
    fn inner(&self) -> Option<&str> {
        self.0.strip_prefix('"')?.strip_suffix('"')
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Raw {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Raw {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Raw, D::Error> {
        let json = Cow::<str>::deserialize(deserializer)?;
        Raw::parse(&json).ok_or_else(|| de::Error::custom("expected a string that holds one JSON value"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn raw(json: &str) -> Raw {
        Raw::parse(json).unwrap()
    }

    #[test]
    fn a_value_keeps_its_text() {
        for json in ["null", "1e400", "-0.10", r#""\ud800""#, "[ 1,\n2 ]", r#"{"a" : {}}"#, &"9".repeat(5000)]
        {
            assert_eq!(raw(&format!(" \r\n\t{json} ")).as_str(), json);
        }
        for bad in ["", " ", "1 2", "01", "nul", "[1,]", "\u{feff}1", "\u{a0}1", "{", "'a'"] {
            assert_eq!(Raw::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn kinds_and_readings() {
        let kinds = ["[]", "true", "null", "-1", "{}", r#""""#].map(|json| raw(json).kind().to_string());
        assert_eq!(kinds, ["an array", "a boolean", "null", "a number", "an object", "a string"]);
        assert!(raw("null").is_blank() && raw(r#""""#).is_blank());
        assert!(!["0", "false", "[]", "{}", r#""null""#, r#"" ""#].iter().any(|json| raw(json).is_blank()));
        assert_eq!(
            ["true", "false", "0", r#""true""#].map(|j| raw(j).as_bool()),
            [Some(true), Some(false), None, None]
        );
    }

    #[test]
    fn a_count_may_be_a_number_or_digits() {
        for (json, strict, loose) in [
            ("137", Some(137), Some(137)),
            ("18446744073709551615", Some(u64::MAX), Some(u64::MAX)),
            ("18446744073709551616", None, None),
            (r#""137""#, None, Some(137)),
            (r#""0137""#, None, Some(137)),
            (r#""\u0031""#, None, Some(1)),
            ("-1", None, None),
            ("-0", None, None),
            ("1e3", None, None),
            ("1.0", None, None),
            (r#""""#, None, None),
            (r#""+1""#, None, None),
            (r#"" 1""#, None, None),
            ("null", None, None),
            ("[1]", None, None),
        ] {
            assert_eq!((raw(json).as_u64(), raw(json).loose_u64()), (strict, loose), "{json}");
        }
    }

    #[test]
    fn texts_lose_their_escapes_and_get_them_back() {
        assert_eq!(raw(r#""a\u0062\/\n""#).text().unwrap(), "ab/\n");
        assert_eq!(raw(r#""\ud800""#).text(), None);
        assert_eq!(raw("1").text(), None);
        let plain =
            [r#""a\tb""#, r#""x\ud800""#, "1.50", r#"{"a": 1}"#].map(|json| raw(json).plain().into_owned());
        assert_eq!(plain, ["a\tb", r"x\ud800", "1.50", r#"{"a": 1}"#]);
        let odd = "\u{0}\"\\/é😀\u{7f}\n";
        assert_eq!(Raw::from_text(odd).text().unwrap(), odd);
        assert_eq!(Raw::from_text(odd).as_str(), "\"\\u0000\\\"\\\\/é😀\u{7f}\\n\"");
        assert_eq!(Raw::from_u64(u64::MAX).as_u64(), Some(u64::MAX));
    }

    #[test]
    fn the_canonical_form_has_no_space_and_no_escape_too_many() {
        let json =
            "{ \"\\u0061 b\" :\t[ 1.0 , -0e5,\r\n\"\\ud83d\\ude00 \\uD800\" , true,null ] , \"\": { } }";
        assert_eq!(raw(json).canonical().as_str(), r#"{"a b":[1.0,-0e5,"😀 \ud800",true,null],"":{}}"#);
        assert_eq!(raw(json).canonical(), raw(json).canonical().canonical());
    }

    #[test]
    fn in_a_document_it_is_a_string() {
        let json = serde_json::to_string(&raw("1e400")).unwrap();
        assert_eq!(json, r#""1e400""#);
        assert_eq!(serde_json::from_str::<Raw>(&json).unwrap(), raw("1e400"));
        assert_eq!(serde_json::from_str::<Raw>(r#""\"a\"""#).unwrap(), Raw::from_text("a"));
        assert!(serde_json::from_str::<Raw>(r#""1 2""#).is_err());
        assert!(serde_json::from_str::<Raw>("1").is_err());
    }
}
