//! Filling in what a document leaves open: `${NAME}` under `auth` from the host's environment, `{NAME}`
//! elsewhere from the caller's variables.

use super::faults::{Faults, choice, element, member, nearest};
use super::grammar::{child, elements, members, word};
use super::locator::is_name;
use crate::json::{Raw, Tree};
use std::collections::{BTreeMap, BTreeSet};

/// What a host and its caller add to a document.
#[derive(Clone, Copy)]
pub struct Fill<'a> {
    /// The host's environment: what `${NAME}` under `auth` stands for.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The caller's variables: what `{NAME}` elsewhere stands for.
    pub vars: &'a BTreeMap<String, String>,
    /// Credentials given in code, in the form of `auth`, taken as they are. They replace the document's.
    pub auth: Option<&'a serde_json::Value>,
}

impl Fill<'static> {
    /// Nothing.
    pub fn none() -> Fill<'static> {
        static NO_VARS: BTreeMap<String, String> = BTreeMap::new();
        Fill { env: &|_| None, vars: &NO_VARS, auth: None }
    }
}

/// The document with everything filled in. What is missing is a fault and stays as it is.
pub(super) fn fill(document: &Tree, with: &Fill<'_>, faults: &mut Faults) -> Tree {
    let Tree::Object(found) = document else { return document.clone() };
    let kept = placeholders(document);
    let mut filled: Vec<(String, Tree)> = Vec::new();
    for (name, value) in found {
        let value = match (name.as_str(), with.auth) {
            ("auth", Some(_)) => continue,
            ("auth", None) => each_text(value, name, &mut |text, _| environment(text, with, faults)),
            _ => {
                each_text(value, &member("", name), &mut |text, at| variables(text, at, with, &kept, faults))
            }
        };
        filled.push((name.clone(), value));
    }
    if let Some(auth) = with.auth {
        filled.push(("auth".to_owned(), Tree::from_value(auth)));
    }
    Tree::Object(filled)
}

/// The names of `{NAME}` that positions and the page size are written to: they are no variables.
pub(super) fn placeholders(document: &Tree) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for part in ["pagination", "size"] {
        if let Some(part) = child(document, part) {
            collect_placeholders(part, &mut names);
        }
    }
    names
}

fn collect_placeholders(tree: &Tree, names: &mut BTreeSet<String>) {
    let part = |text: &str| {
        let rest = text.strip_prefix("path:").or_else(|| text.strip_prefix("text:"))?;
        rest.split('~').next().filter(|name| is_name(name)).map(str::to_owned)
    };
    names.extend(word(tree).and_then(|text| part(&text)));
    for item in elements(tree).iter().chain(members(tree).iter().map(|(_, item)| item)) {
        collect_placeholders(item, names);
    }
}

/// The same tree with every text changed; names of members stay.
fn each_text(tree: &Tree, at: &str, change: &mut dyn FnMut(&str, &str) -> Option<String>) -> Tree {
    match tree {
        Tree::Array(items) => {
            let items = items.iter().enumerate();
            Tree::Array(items.map(|(i, item)| each_text(item, &element(at, i), change)).collect())
        }
        Tree::Object(found) => {
            let found = found.iter();
            Tree::Object(found.map(|(n, v)| (n.clone(), each_text(v, &member(at, n), change))).collect())
        }
        Tree::Scalar(raw) => match raw.text().and_then(|text| change(&text, at)) {
            Some(changed) => Tree::Scalar(Raw::from_text(&changed)),
            None => tree.clone(),
        },
    }
}

/// Fills in `${NAME}`; `$${` is a literal `${`. `None` if nothing is to be changed.
fn environment(text: &str, with: &Fill<'_>, faults: &mut Faults) -> Option<String> {
    if !text.contains("${") {
        return None;
    }
    let mut filled = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        let after = from.get(2..).unwrap_or_default();
        if let Some(literal) = before.strip_suffix('$') {
            filled.push_str(literal);
            filled.push_str("${");
            rest = after;
            continue;
        }
        filled.push_str(before);
        let Some((name, after)) = closed_name(after).filter(|(name, _)| is_name(name)) else {
            faults.add("auth", "`${` without a name and `}`", "`${NAME}`, or `$${` for a literal `${`");
            filled.push_str("${");
            rest = after;
            continue;
        };
        match (with.env)(name) {
            Some(value) if !value.is_empty() => filled.push_str(&value),
            found => {
                let found = if found.is_some() { "which is empty" } else { "which isn't set" };
                let expected =
                    format!("the environment variable {name} with a value, or credentials given in code");
                faults.add("auth", format!("`${{{name}}}`, {found}"), expected);
                // Not empty, so that nothing else is wrong with it.
                filled.push_str(name);
            }
        }
        rest = after;
    }
    filled.push_str(rest);
    Some(filled)
}

/// Fills in `{NAME}`; `$${NAME}` is a literal `${NAME}`. `None` if nothing is to be changed.
fn variables(
    text: &str,
    at: &str,
    with: &Fill<'_>,
    kept: &BTreeSet<String>,
    faults: &mut Faults,
) -> Option<String> {
    let mut filled = String::new();
    let mut rest = text;
    let mut changed = false;
    while let Some((before, name, after)) = next_variable(rest) {
        filled.push_str(before);
        rest = after;
        let placeholder = format!("{{{name}}}");
        if kept.contains(name) {
            filled.push_str(&placeholder);
        } else if before.ends_with("$$") {
            filled.pop();
            filled.push_str(&placeholder);
            changed = true;
        } else if before.ends_with('$') {
            filled.push_str(&placeholder);
            faults.add(
                at,
                format!("`${{{name}}}`, which is filled in under `auth` only"),
                format!(
                    "the secret under `auth`, `{{{name}}}` for a variable, or `$${{{name}}}` for this text"
                ),
            );
        } else if let Some(value) = with.vars.get(name) {
            filled.push_str(value);
            changed = true;
        } else {
            filled.push_str(&placeholder);
            let near = nearest(name, with.vars.keys().map(String::as_str));
            let near = near.map(|near| format!("; {} was given", choice([near]))).unwrap_or_default();
            faults.add(
                at,
                format!("`{{{name}}}` without a value"),
                format!("the variable {name} (`--set {name}=VALUE`, `vars`){near}"),
            );
        }
    }
    filled.push_str(rest);
    changed.then_some(filled)
}

/// What stands before the first `{NAME}` with a NAME in capitals, the NAME, and what stands after.
fn next_variable(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices('{').find_map(|(at, _)| {
        let (name, after) = closed_name(text.get(at + 1..)?)?;
        let fits = is_name(name) && !name.starts_with('_') && !name.bytes().any(|b| b.is_ascii_lowercase());
        fits.then_some((text.get(..at)?, name, after))
    })
}

/// The letters, digits and `_` before a `}`, and what stands after it.
fn closed_name(text: &str) -> Option<(&str, &str)> {
    let (name, after) =
        text.split_at(text.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count());
    after.strip_prefix('}').map(|after| (name, after))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(json: &str, auth: Option<&serde_json::Value>) -> (String, Vec<String>) {
        let env = |name: &str| match name {
            "TOKEN" => Some("s3cret".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        };
        let vars =
            BTreeMap::from([("SHOP".to_owned(), "acme".to_owned()), ("X".to_owned(), "{SHOP}".to_owned())]);
        let mut faults = Faults::default();
        let tree = fill(&Tree::parse(json).unwrap(), &Fill { env: &env, vars: &vars, auth }, &mut faults);
        (tree.to_json(), faults.into_error(&[]).faults.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn variables_are_filled_in_everywhere_but_under_auth() {
        for (json, expected) in [
            (r#"{"a":["x {SHOP} y {SHOP}"]}"#, r#"{"a":["x acme y acme"]}"#),
            (r#"{"auth":{"bearer":"{SHOP}"}}"#, r#"{"auth":{"bearer":"{SHOP}"}}"#),
            (r#"{"auth":{"bearer":"a${TOKEN}b"}}"#, r#"{"auth":{"bearer":"as3cretb"}}"#),
            (r#"{"auth":{"bearer":"$${TOKEN}"}}"#, r#"{"auth":{"bearer":"${TOKEN}"}}"#),
            (r#"{"a":"$${SHOP}"}"#, r#"{"a":"${SHOP}"}"#),
            // Filled-in text isn't filled again.
            (r#"{"a":"{X}"}"#, r#"{"a":"{SHOP}"}"#),
            // Names of members, other braces, small letters: as they are.
            (
                r#"{"{SHOP}":"{} {json} {shop} {Shop} { SHOP } {1A} {\"A\":1}"}"#,
                r#"{"{SHOP}":"{} {json} {shop} {Shop} { SHOP } {1A} {\"A\":1}"}"#,
            ),
            (r#"{"a":"query { me { SHOP } }"}"#, r#"{"a":"query { me { SHOP } }"}"#),
        ] {
            assert_eq!(filled(json, None), (expected.to_owned(), vec![]), "{json}");
        }
    }

    #[test]
    fn names_that_positions_are_written_to_are_no_variables() {
        let json = r#"{"request":{"text":"from {START} take {MAX} of {SHOP}"},"size":{"write":"text:MAX"},"pagination":{"state":[{"write":{"at":"text:START"}}]}}"#;
        let (json, faults) = filled(json, None);
        assert!(json.contains("from {START} take {MAX} of acme"), "{json}");
        assert_eq!(faults, Vec::<String>::new());
    }

    #[test]
    fn what_is_missing_is_named() {
        for (json, part) in [
            (r#"{"a":[{"b":"{NOPE}"}]}"#, "`a[0].b`: found `{NOPE}` without a value"),
            (r#"{"a":"{SHOPS}"}"#, "`SHOP` was given"),
            (r#"{"a":"${SHOP}"}"#, "under `auth` only"),
            (r#"{"auth":{"basic":["u","${NOPE}"]}}"#, "the environment variable NOPE"),
            (r#"{"auth":{"bearer":"${EMPTY}"}}"#, "which is empty"),
            (r#"{"auth":{"bearer":"s3cret${"}}"#, "`${` without a name"),
        ] {
            let (_, faults) = filled(json, None);
            assert!(faults.len() == 1 && faults.iter().all(|f| f.contains(part)), "{json}: {faults:?}");
            assert!(!faults.iter().any(|f| f.contains("s3cret")), "{faults:?}");
        }
    }

    #[test]
    fn credentials_given_in_code_win_and_are_taken_as_they_are() {
        let auth = serde_json::json!({"bearer": "${TOKEN}"});
        let (json, faults) = filled(r#"{"auth":{"bearer":"${NOPE}"},"a":1}"#, Some(&auth));
        assert_eq!((json.as_str(), faults.len()), (r#"{"a":1,"auth":{"bearer":"${TOKEN}"}}"#, 0));
    }
}
