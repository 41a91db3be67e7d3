//! Recognising GraphQL operations that write: a walk repeats its requests, so they must only read.

use crate::json::Tree;
use crate::source::grammar::{child, elements, word};

/// The operation in a request body that isn't a query, if there is one: `mutation` or `subscription`.
pub(super) fn writing_operation(body: &Tree) -> Option<&'static str> {
    // Servers also take several operations at once, as a list.
    elements(body)
        .iter()
        .chain([body])
        .find_map(|one| child(one, "query").and_then(word).and_then(|q| operation(&q)))
}

/// The same in a body of text: JSON, or the bare document.
pub(super) fn writing_text(text: &str) -> Option<&'static str> {
    match Tree::parse(text.trim()) {
        Some(tree) => writing_operation(&tree),
        None => operation(text),
    }
}

/// The first operation of a document that writes. Strings and comments are skipped, selections too: a field
/// may well be called `mutation`.
fn operation(document: &str) -> Option<&'static str> {
    let mut depth = 0_u32;
    let mut first = true;
    let mut rest = document;
    let last_selection = document.rfind('{');
    while let Some(c) = rest.chars().next() {
        let step = match c {
            '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            '"' => string_length(rest),
            '{' | '(' | '[' => {
                depth += 1;
                1
            }
            '}' | ')' | ']' => {
                depth = depth.saturating_sub(1);
                // After a whole definition another one may start.
                first = first || depth == 0 && c == '}';
                1
            }
            c if c.is_ascii_alphabetic() || c == '_' => {
                let name =
                    rest.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').next().unwrap_or_default();
                let here = document.len() - rest.len();
                let selects = last_selection.is_some_and(|at| at > here);
                if depth == 0 && std::mem::take(&mut first) && selects {
                    match name {
                        "mutation" => return Some("mutation"),
                        "subscription" => return Some("subscription"),
                        _ => {}
                    }
                }
                name.len()
            }
            c => c.len_utf8(),
        };
        rest = rest.get(step.max(1)..).unwrap_or_default();
    }
    None
}

/// The length of the string that starts here, with its quotes: `"…"` or `"""…"""`.
fn string_length(text: &str) -> usize {
    let (quote, body) = match text.strip_prefix("\"\"\"") {
        Some(body) => ("\"\"\"", body),
        None => ("\"", text.get(1..).unwrap_or_default()),
    };
    let mut from = 0;
    while let Some(at) = body.get(from..).and_then(|rest| rest.find(quote)).map(|at| from + at) {
        let before = body.get(..at).unwrap_or_default();
        let slashes = before.len() - before.trim_end_matches('\\').len();
        if slashes % 2 == 0 {
            return quote.len() + at + quote.len();
        }
        from = at + 1;
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_that_write_are_seen_wherever_they_stand() {
        for document in [
            "mutation { delete }",
            "  mutation Delete($id: ID!) { delete(id: $id) }",
            "# a comment\nmutation{a}",
            "query A { a } mutation B { b }",
            "{ a }\nmutation B { b }",
            "fragment F on T { a } mutation { b }",
            "query A($s: String = \"}\") { a } mutation B { b }",
            "query A { a(s: \"\"\" \" { \"\"\") } mutation B { b }",
            ", mutation { a }",
            "\u{feff}mutation { a }",
        ] {
            assert_eq!(operation(document), Some("mutation"), "{document}");
        }
        assert_eq!(operation("subscription { a }"), Some("subscription"));
    }

    #[test]
    fn reading_is_never_taken_for_writing() {
        for document in [
            "",
            "{ mutation { a } }",
            "query mutation { a }",
            "query Q { mutation: a }",
            "query Q($a: String = \"mutation { b }\") { a }",
            "query Q { a } # mutation { b }",
            "query Q { a(x: \"\\\" mutation {\") }",
            "{ a } fragment mutation on T { b }",
            "mutation",
            "SELECT * FROM mutation",
        ] {
            assert_eq!(operation(document), None, "{document}");
        }
    }

    #[test]
    fn bodies_are_looked_into_in_every_form() {
        let tree = |json: &str| Tree::parse(json).unwrap();
        assert!(writing_operation(&tree(r#"{"query":"mutation{a}"}"#)).is_some());
        assert!(writing_operation(&tree(r#"[{"query":"{a}"},{"query":"mutation{a}"}]"#)).is_some());
        assert!(writing_operation(&tree(r#"{"query":{"match":"mutation{a}"}}"#)).is_none());
        assert!(writing_text(r#" {"query":"mutation{a}"} "#).is_some());
        assert!(writing_text("mutation{a}").is_some());
        assert!(writing_text("<xml>mutation {a}</xml>").is_none());
    }
}
