//! The text form of locators and templates, and which places make sense where.

use super::faults::{choice, quoted};
use crate::facts::{Locator, Place, Template};
use crate::json::Pointer;
use std::fmt;

/// A value that doesn't fit its place: what was found and what would be right.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("found {found}, expected {expected}")]
pub struct Misfit {
    /// What stands there.
    pub found: String,
    /// What would be right.
    pub expected: String,
}

impl Misfit {
    /// Found this, expected that.
    pub(super) fn new(found: impl Into<String>, expected: impl Into<String>) -> Misfit {
        Misfit { found: found.into(), expected: expected.into() }
    }
}

/// The kinds of place by the word before the colon, in the order they are listed in messages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum PlaceKind {
    Query,
    Body,
    Header,
    Form,
    Path,
    Text,
    Link,
    Last,
    Max,
    Record,
    Status,
    /// `query:a,b,*`; not a word of its own.
    Spread,
}

impl PlaceKind {
    const WORDS: [(&'static str, PlaceKind); 10] = [
        ("query", PlaceKind::Query),
        ("body", PlaceKind::Body),
        ("header", PlaceKind::Header),
        ("form", PlaceKind::Form),
        ("path", PlaceKind::Path),
        ("text", PlaceKind::Text),
        ("link", PlaceKind::Link),
        ("last", PlaceKind::Last),
        ("max", PlaceKind::Max),
        ("record", PlaceKind::Record),
    ];

    /// The word before the colon; the whole text for `status`.
    pub(super) fn word(self) -> &'static str {
        match self {
            PlaceKind::Query | PlaceKind::Spread => "query",
            PlaceKind::Body => "body",
            PlaceKind::Header => "header",
            PlaceKind::Form => "form",
            PlaceKind::Path => "path",
            PlaceKind::Text => "text",
            PlaceKind::Link => "link",
            PlaceKind::Last => "last",
            PlaceKind::Max => "max",
            PlaceKind::Record => "record",
            PlaceKind::Status => "status",
        }
    }

    /// The kind of a place.
    pub(super) fn of(place: &Place) -> PlaceKind {
        match place {
            Place::Body(_) => PlaceKind::Body,
            Place::Form(_) => PlaceKind::Form,
            Place::Header(_) => PlaceKind::Header,
            Place::Last(_) => PlaceKind::Last,
            Place::Link(_) => PlaceKind::Link,
            Place::Max(_) => PlaceKind::Max,
            Place::Path(_) => PlaceKind::Path,
            Place::Query(_) => PlaceKind::Query,
            Place::Record(_) => PlaceKind::Record,
            Place::Spread { .. } => PlaceKind::Spread,
            Place::Status => PlaceKind::Status,
            Place::Text(_) => PlaceKind::Text,
        }
    }
}

/// Reads a locator: `query:cursor`, `body:/meta/next`, `header:Prefer~odata.maxpagesize={}`, `status`, …
pub fn parse_locator(text: &str) -> Result<Locator, Misfit> {
    let (place, template) = split_template(text);
    let template = match template {
        Some("") => return Err(Misfit::new("an empty template", "a text after `~`")),
        Some(text) => Some(Template(text.to_owned())),
        None => None,
    };
    Ok(Locator { place: parse_place(place)?, template })
}

/// Splits at the first `~` that is not one of RFC 6901's escapes `~0` and `~1`.
fn split_template(text: &str) -> (&str, Option<&str>) {
    for (at, _) in text.match_indices('~') {
        let after = text.get(at + 1..).unwrap_or_default();
        if !after.starts_with(['0', '1']) {
            return (text.get(..at).unwrap_or_default(), Some(after));
        }
    }
    (text, None)
}

fn parse_place(text: &str) -> Result<Place, Misfit> {
    if text == "status" {
        return Ok(Place::Status);
    }
    let kinds = || choice(PlaceKind::WORDS.iter().map(|(word, _)| *word));
    let Some((word, rest)) = text.split_once(':') else {
        return Err(Misfit::new(
            quoted(text),
            format!("a place such as `body:/next`: {} and a colon", kinds()),
        ));
    };
    let Some((_, kind)) = PlaceKind::WORDS.iter().find(|(name, _)| *name == word) else {
        return Err(Misfit::new(quoted(word), format!("{} before the colon", kinds())));
    };
    match kind {
        PlaceKind::Query | PlaceKind::Spread => parse_query(rest),
        PlaceKind::Body => Ok(Place::Body(parse_pointer(rest)?)),
        PlaceKind::Last => Ok(Place::Last(parse_pointer(rest)?)),
        PlaceKind::Max => Ok(Place::Max(parse_pointer(rest)?)),
        PlaceKind::Record => Ok(Place::Record(parse_pointer(rest)?)),
        PlaceKind::Header if is_token(rest) => Ok(Place::Header(rest.to_ascii_lowercase())),
        PlaceKind::Header => Err(Misfit::new(quoted(rest), "the name of a header")),
        PlaceKind::Link if is_relation(rest) => Ok(Place::Link(rest.to_ascii_lowercase())),
        PlaceKind::Link => Err(Misfit::new(quoted(rest), "a link relation such as `next`")),
        PlaceKind::Form => Ok(Place::Form(not_empty(rest)?.to_owned())),
        PlaceKind::Path | PlaceKind::Text if !is_name(rest) => Err(Misfit::new(
            quoted(rest),
            "the name in a `{NAME}`: letters, digits and `_`, not starting with a digit",
        )),
        PlaceKind::Path => Ok(Place::Path(rest.to_owned())),
        PlaceKind::Text => Ok(Place::Text(rest.to_owned())),
        PlaceKind::Status => Ok(Place::Status),
    }
}

/// `NAME`, or a spread: names with commas between them, or `*`.
fn parse_query(text: &str) -> Result<Place, Misfit> {
    if text != "*" && !text.contains(',') {
        return Ok(Place::Query(not_empty(text)?.to_owned()));
    }
    let mut names = Vec::new();
    let mut rest = false;
    for name in text.split(',') {
        let again =
            if name == "*" { std::mem::replace(&mut rest, true) } else { names.iter().any(|n| n == name) };
        if name.is_empty() || again {
            return Err(Misfit::new(quoted(text), "different names with commas between them, or `*`"));
        }
        if name != "*" {
            names.push(name.to_owned());
        }
    }
    Ok(Place::Spread { names, rest })
}

/// Reads a JSON Pointer, with the position of what is wrong with it.
pub(super) fn parse_pointer(text: &str) -> Result<Pointer, Misfit> {
    Pointer::parse(text)
        .map_err(|error| Misfit::new(quoted(text), format!("a JSON Pointer such as `/data/items`: {error}")))
}

fn not_empty(name: &str) -> Result<&str, Misfit> {
    if name.is_empty() { Err(Misfit::new("no name", "a name after the colon")) } else { Ok(name) }
}

/// Whether the text is a token of RFC 9110, section 5.6.2: what a header name may be.
pub(super) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&b))
}

/// A relation of RFC 8288: a name, or a URI.
fn is_relation(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && b != b'"')
}

/// Whether the text can be the NAME in `{NAME}`.
pub(super) fn is_name(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
        && text.bytes().next().is_some_and(|b| !b.is_ascii_digit())
}

impl fmt::Display for Place {
    /// The text that [`parse_locator`] reads back.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = PlaceKind::of(self).word();
        match self {
            Place::Body(pointer) | Place::Last(pointer) | Place::Max(pointer) | Place::Record(pointer) => {
                write!(f, "{word}:{pointer}")
            }
            Place::Form(name)
            | Place::Header(name)
            | Place::Link(name)
            | Place::Path(name)
            | Place::Query(name)
            | Place::Text(name) => write!(f, "{word}:{name}"),
            Place::Spread { names, rest } => {
                let star = rest.then_some("*");
                let names: Vec<&str> = names.iter().map(String::as_str).chain(star).collect();
                write!(f, "{word}:{}", names.join(","))
            }
            Place::Status => f.write_str(word),
        }
    }
}

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.template {
            None => write!(f, "{}", self.place),
            Some(Template(text)) => write!(f, "{}~{text}", self.place),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_place_reads_back_as_written() {
        for text in [
            "query:cursor",
            "query:page[after]",
            "query:$skiptoken",
            "query:created_at.after",
            "query:a,b,*",
            "query:*",
            "query:a,b",
            "body:/pagination/next_cursor",
            "body:",
            "body:/@odata.nextLink",
            "body:/link[relation=next]/url",
            "body:/a~1b~0c/d",
            "header:x-next-page",
            "header:prefer~odata.maxpagesize={}",
            "header:content-range~*/{}",
            "query:range~[{},{last}]",
            "query:startkey~{json}",
            "form:session_id",
            "path:handle",
            "text:START",
            "link:next",
            "link:http://example.com/rel#more",
            "last:/id",
            "last:",
            "max:/user/id",
            "record:/search/mode",
            "status",
        ] {
            let locator = parse_locator(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(locator.to_string(), text);
        }
    }

    #[test]
    fn a_template_starts_at_the_first_tilde_that_escapes_nothing() {
        let read = |text: &str| {
            let locator = parse_locator(text).unwrap();
            (locator.place, locator.template.map(|Template(text)| text))
        };
        let pointer = |text: &str| Pointer::parse(text).unwrap();
        assert_eq!(read("body:/a~1b~x{}"), (Place::Body(pointer("/a~1b")), Some("x{}".to_owned())));
        assert_eq!(read("query:q~~{}"), (Place::Query("q".to_owned()), Some("~{}".to_owned())));
        assert_eq!(read("query:q~0"), (Place::Query("q~0".to_owned()), None));
    }

    #[test]
    fn what_is_no_place_is_refused_with_a_reason() {
        for (text, reason) in [
            ("", "a place such as"),
            ("cursor", "a place such as"),
            ("qurey:cursor", "before the colon"),
            ("Query:cursor", "before the colon"),
            ("status:200", "before the colon"),
            ("query:", "a name after the colon"),
            ("query:a,,b", "different names"),
            ("query:a,b,a", "different names"),
            ("query:*,*", "different names"),
            ("form:", "a name after the colon"),
            ("header:", "the name of a header"),
            ("header:a b", "the name of a header"),
            ("header:a\r\nb", "the name of a header"),
            ("header:a:b", "the name of a header"),
            ("link:", "a link relation"),
            ("link:a b", "a link relation"),
            ("path:", "letters, digits"),
            ("path:a/b", "letters, digits"),
            ("text:1a", "letters, digits"),
            ("body:next", "JSON Pointer"),
            ("body:$..next", "JSON Pointer"),
            ("last:a..b", "JSON Pointer"),
            ("query:a~", "a text after `~`"),
        ] {
            let error = parse_locator(text).expect_err(text);
            assert!(error.expected.contains(reason), "{text}: {error}");
            assert!(!error.to_string().contains(['\r', '\n']), "{text}");
        }
    }
}
