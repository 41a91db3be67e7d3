//! Templates as they are written: `{}`, `{json}`, `{size}`, `{last}`, everything else literal.

use super::WireError;
use crate::json::{Kind, Raw};

/// What a template can be filled with.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    /// The position (or, where the size is written, the size).
    pub position: &'a Raw,
    /// The page size, if one is asked for.
    pub size: Option<u64>,
}

/// One piece of a template.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Piece<'a> {
    /// `{json}`
    Json,
    /// `{last}`
    Last,
    /// Text as it stands.
    Literal(&'a str),
    /// `{}`
    Position,
    /// `{size}`
    Size,
}

/// Cuts a template into its pieces.
pub(super) fn pieces(template: &str) -> Vec<Piece<'_>> {
    const WORDS: [(&str, Piece<'static>); 4] =
        [("{}", Piece::Position), ("{json}", Piece::Json), ("{last}", Piece::Last), ("{size}", Piece::Size)];
    let mut found = Vec::new();
    let mut rest = template;
    while !rest.is_empty() {
        let next =
            WORDS.iter().filter_map(|(word, piece)| rest.find(word).map(|at| (at, word.len(), *piece)));
        let Some((at, length, piece)) = next.min_by_key(|(at, ..)| *at) else {
            found.push(Piece::Literal(rest));
            break;
        };
        let (before, after) = rest.split_at(at);
        if !before.is_empty() {
            found.push(Piece::Literal(before));
        }
        found.push(piece);
        rest = after.get(length..).unwrap_or_default();
    }
    found
}

/// The value of one piece other than a literal or `{}`/`{json}`: a number of the window.
pub(super) fn number(piece: Piece<'_>, values: Values<'_>, place: &str) -> Result<Option<u64>, WireError> {
    let missing =
        |what: &str| WireError::Mismatch { message: format!("the template of `{place}` needs {what}") };
    match piece {
        Piece::Json | Piece::Literal(_) | Piece::Position => Ok(None),
        Piece::Last => {
            let size = values.size.ok_or_else(|| missing("a page size"))?;
            let first = values.position.loose_u64().ok_or_else(|| missing("a position that is a number"))?;
            // A window of no rows has no last index; sizes are at least 1, so this only guards the arithmetic.
            Ok(Some(first.saturating_add(size.saturating_sub(1))))
        }
        Piece::Size => values.size.map(Some).ok_or_else(|| missing("a page size")),
    }
}

/// Fills a template in. A position between other text must not be able to end that text: see [`splice`].
pub(super) fn fill(template: &str, values: Values<'_>, place: &str) -> Result<String, WireError> {
    let pieces = pieces(template);
    let alone = pieces.len() == 1;
    let mut text = String::with_capacity(template.len() + values.position.as_str().len());
    for piece in pieces {
        match piece {
            Piece::Json => text.push_str(values.position.as_str()),
            Piece::Last | Piece::Size => {
                let number = number(piece, values, place)?;
                text.push_str(&number.map(|number| number.to_string()).unwrap_or_default());
            }
            Piece::Literal(literal) => text.push_str(literal),
            Piece::Position if alone => text.push_str(&plain(values.position, place)?),
            Piece::Position => text.push_str(&splice(values.position, place)?),
        }
    }
    Ok(text)
}

/// A position as text: strings without their quotes, everything else as its JSON.
pub(super) fn plain(position: &Raw, place: &str) -> Result<String, WireError> {
    if position.kind() == Kind::String && position.text().is_none() {
        return Err(unsafe_cursor(place, "it holds half of a surrogate pair"));
    }
    Ok(position.plain().into_owned())
}

/// A position as a part of a longer text (a query language, a nested parameter, XML), whose syntax is not
/// known here. Only what is no syntax in any of them goes in: letters, digits and a few marks; blanks only
/// inside dates, which have nothing else in them. Anything else has `{json}`, which is whole by itself.
pub(super) fn splice(position: &Raw, place: &str) -> Result<String, WireError> {
    let text = plain(position, place)?;
    let word = |c: char| c.is_alphanumeric() || "-._~+/=:,@$!*|".contains(c);
    let date = |c: char| c.is_ascii_digit() || "-:./+TZ ".contains(c);
    if text.chars().all(word) || text.chars().all(date) {
        return Ok(text);
    }
    Err(unsafe_cursor(
        place,
        "inside other text it may only hold letters, digits and plain marks (or use {json})",
    ))
}

/// The refusal of a position.
pub(super) fn unsafe_cursor(place: &str, why: &'static str) -> WireError {
    WireError::UnsafeCursor { place: place.to_owned(), why }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, position: &str, size: Option<u64>) -> Result<String, WireError> {
        fill(template, Values { position: &Raw::parse(position).unwrap(), size }, "query:x")
    }

    #[test]
    fn known_words_are_filled_and_other_braces_stay() {
        let table = [
            ("[{},{last}]", "25", Some(25), "[25,49]"),
            ("odata.maxpagesize={}", "5000", None, "odata.maxpagesize=5000"),
            ("{json}", "[\"a\", 1]", None, "[\"a\", 1]"),
            ("{}", "\"a b\"", None, "a b"),
            ("{size}{}{size}", "7", Some(3), "373"),
            ("{a}{}{ }{", "1", None, "{a}1{ }{"),
            ("none", "1", None, "none"),
            ("{last}", "\"0\"", Some(1), "0"),
        ];
        for (template, position, size, expected) in table {
            assert_eq!(filled(template, position, size).as_deref(), Ok(expected), "{template}");
        }
    }

    #[test]
    fn what_a_template_needs_and_lacks_is_said() {
        for (template, position) in [("{size}", "1"), ("{last}", "1")] {
            let error = filled(template, position, None).unwrap_err();
            assert!(error.to_string().contains("page size"), "{error}");
        }
        let error = filled("{last}", "\"abc\"", Some(5)).unwrap_err();
        assert!(error.to_string().contains("a number"), "{error}");
    }

    #[test]
    fn a_spliced_position_cannot_end_the_text_around_it() {
        for bad in
            ["a'b", "a\\\"b", "x&y", "x#y", "x%26y", "1 OR 1=1", "a;b", "<a>", "a(b)", "{a}", "a\\nb", "a`"]
        {
            let error = filled("Id > '{}'", &format!("\"{bad}\""), None).unwrap_err();
            assert_eq!(error.kind(), crate::error::ErrorKind::UnsafeCursor, "{bad}");
        }
        for good in ["2024-01-01 00:00:00", "2024-01-01T00:00:00+02:00", "aGVsbG8=", "a/b+c", "Zoë", "0"] {
            assert_eq!(filled("'{}'", &format!("\"{good}\""), None), Ok(format!("'{good}'")));
        }
        // Alone it is the whole value of its place, and that place encodes it.
        assert_eq!(filled("{}", "\"x&y\"", None).as_deref(), Ok("x&y"));
    }

    #[test]
    fn half_a_surrogate_pair_is_refused() {
        let error = filled("{}", "\"\\ud800\"", None).unwrap_err();
        assert_eq!(error.kind(), crate::error::ErrorKind::UnsafeCursor);
    }
}
