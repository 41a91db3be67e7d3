//! Collecting everything that is wrong with a source, in words that help and give nothing away.

use crate::error::{Fault, InvalidSource};
use crate::json::{Kind, Tree};

/// Faults found so far.
#[derive(Default)]
pub(super) struct Faults {
    found: Vec<Fault>,
    /// How many of them are of the value by itself.
    own: usize,
}

impl Faults {
    /// Adds one: where, what stands there, what would be right.
    pub(super) fn add(
        &mut self,
        field: impl Into<String>,
        found: impl Into<String>,
        expected: impl Into<String>,
    ) {
        let fault = Fault { field: field.into(), found: found.into(), expected: expected.into() };
        // Two rules may see the same thing; once is enough. And a value that is wrong by itself needn't fit others.
        if self.are_enough() {
            return;
        }
        let is_known = self.found.iter().take(self.own).any(|known| known.field == fault.field);
        if !is_known && !self.found.contains(&fault) {
            self.found.push(fault);
        }
    }

    /// From here on, faults are of values that don't go together: they are dropped where the value is wrong by
    /// itself.
    pub(super) fn compare_from_here(&mut self) {
        self.own = self.found.len();
    }

    /// Whether so many are known that more would help nobody; they aren't looked for.
    pub(super) fn are_enough(&self) -> bool {
        self.found.len() >= 1000
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// Whether a fault at this field, or inside it, was reported already.
    pub(super) fn touch(&self, field: &str) -> bool {
        self.found.iter().any(|fault| {
            fault
                .field
                .strip_prefix(field)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        })
    }

    /// All of them, sorted by the place of their first name in `order`.
    pub(super) fn into_error(mut self, order: &[&str]) -> InvalidSource {
        if self.are_enough() {
            let (field, found) = ("source".to_owned(), "more faults than are listed".to_owned());
            self.found.push(Fault { field, found, expected: "these put right first".to_owned() });
        }
        self.found.sort_by_key(|fault| {
            let first = fault.field.split(['.', '[']).next().unwrap_or_default();
            order.iter().position(|name| *name == first).unwrap_or(order.len())
        });
        InvalidSource { faults: self.found }
    }
}

/// A fault that stands alone.
pub(super) fn single(field: &str, found: impl Into<String>, expected: impl Into<String>) -> InvalidSource {
    InvalidSource {
        faults: vec![Fault { field: field.to_owned(), found: found.into(), expected: expected.into() }],
    }
}

/// The field of a member.
pub(super) fn member(at: &str, name: &str) -> String {
    if at.is_empty() { shorten(name) } else { format!("{at}.{}", shorten(name)) }
}

/// The field of an element.
pub(super) fn element(at: &str, index: usize) -> String {
    format!("{at}[{index}]")
}

/// A text for a message: control characters escaped, cut after 48 characters.
pub(super) fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(48).flat_map(char::escape_debug).collect();
    if text.chars().nth(48).is_some() {
        short.push('…');
    }
    short
}

/// The same in backquotes.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", shorten(text))
}

/// What a value is: scalars are shown, texts only where `show` says that they can't be secrets.
pub(super) fn describe(value: &Tree, show: bool) -> String {
    match value {
        Tree::Array(items) if items.is_empty() => "an empty list".to_owned(),
        Tree::Array(_) => "a list".to_owned(),
        Tree::Object(members) if members.is_empty() => "an empty object".to_owned(),
        Tree::Object(_) => "an object".to_owned(),
        Tree::Scalar(raw) => match raw.kind() {
            Kind::Null => "null".to_owned(),
            Kind::Bool | Kind::Number | Kind::String if show => shorten(raw.as_str()),
            Kind::Bool => "true or false".to_owned(),
            Kind::Number => "a number".to_owned(),
            Kind::String => "a text".to_owned(),
            Kind::Array => "a list".to_owned(),
            Kind::Object => "an object".to_owned(),
        },
    }
}

/// A list for a sentence: "`a`, `b` or `c`".
pub(super) fn choice<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        None => "nothing".to_owned(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// The known name that `name` was probably meant to be.
pub(super) fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name: Vec<char> = name.chars().take(65).flat_map(char::to_lowercase).collect();
    if name.len() > 64 {
        return None;
    }
    let best = known
        .into_iter()
        .map(|other| {
            (distance(&name, &other.chars().flat_map(char::to_lowercase).collect::<Vec<_>>()), other)
        })
        .min()?;
    // A third of the letters may be wrong, and at least one.
    (best.0 <= (name.len() / 3).max(1)).then_some(best.1)
}

/// Edits (insertions, deletions, substitutions, swaps of neighbours) from one text to the other.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, y) in b.iter().enumerate() {
            let at = |row: &[usize], column: usize| row.get(column).copied().unwrap_or(usize::MAX / 2);
            let mut best =
                (at(&last, j + 1) + 1).min(at(&row, j) + 1).min(at(&last, j) + usize::from(x != y));
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(y) && b.get(j - 1) == Some(x);
            if swapped {
                best = best.min(at(&before, j - 1) + 1);
            }
            row.push(best);
        }
        before = std::mem::replace(&mut last, row);
    }
    last.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_for_slips_and_refused_for_strangers() {
        let known = ["pagination", "records", "request", "retry", "id"];
        for (slip, meant) in [
            ("pagniation", "pagination"),
            ("record", "records"),
            ("Request", "request"),
            ("retires", "retry"),
            ("ID", "id"),
        ] {
            assert_eq!(nearest(slip, known), (slip != "retires").then_some(meant), "{slip}");
        }
        assert_eq!(nearest("completely-else", known), None);
        assert_eq!(nearest(&"x".repeat(100_000), known), None);
        assert_eq!(distance(&['a', 'b'], &['b', 'a']), 1);
    }

    #[test]
    fn messages_stay_short_and_printable() {
        assert_eq!(shorten("a\r\nb"), "a\\r\\nb");
        assert!(shorten(&"ä".repeat(1000)).chars().count() < 60);
        assert_eq!(choice(["a", "b", "c"]), "`a`, `b` or `c`");
        assert_eq!(choice(["a"]), "`a`");
    }
}
