//! Whatever is thrown at it, the reader of sources answers with a source or with faults: it never panics, never
//! shows a secret, never accepts what it then can't read.

#![allow(clippy::unwrap_used)] // helpers of tests

use everypage_core::error::InvalidSource;
use everypage_core::source::{Fill, Source};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// Every word that means something somewhere, and some that don't.
const WORDS: [&str; 64] = [
    "name",
    "request",
    "url",
    "method",
    "query",
    "headers",
    "body",
    "form",
    "text",
    "first",
    "then",
    "read_only",
    "auth",
    "bearer",
    "basic",
    "header",
    "records",
    "at",
    "each",
    "missing",
    "drop",
    "id",
    "dense",
    "order",
    "by",
    "direction",
    "immutable",
    "size",
    "write",
    "value",
    "min",
    "max",
    "echo",
    "pagination",
    "style",
    "cursor",
    "read",
    "start",
    "state",
    "next",
    "add",
    "end",
    "flag",
    "is",
    "absent",
    "pages",
    "status",
    "total",
    "kind",
    "cap",
    "classify",
    "when",
    "wait",
    "rate",
    "requests",
    "per",
    "hints",
    "means",
    "retry",
    "limits",
    "capture",
    "origins",
    "template",
    "__proto__",
];

/// Texts that mean something somewhere, and some that don't.
const TEXTS: [&str; 40] = [
    "https://api.example.com/v1/leads?a=1",
    "https://a.example/{handle}",
    "GET",
    "POST",
    "offset",
    "page",
    "cursor",
    "keyset",
    "link",
    "single",
    "query:cursor",
    "query:a,b,*",
    "body:/next",
    "body:",
    "header:X-Next",
    "link:next",
    "last:/id",
    "max:/id",
    "record:/id",
    "status",
    "form:a",
    "path:handle",
    "text:START",
    "query:a~{},{last}",
    "body:/a~x",
    "/data",
    "",
    "/a~2",
    "30s",
    "0s",
    "64MiB",
    "one",
    "records",
    "echo",
    "empty",
    "short",
    "total",
    "{NAME}",
    "${NAME}",
    "mutation { a }",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![8 => prop::sample::select(&WORDS[..]).prop_map(str::to_owned), 1 => ".{0,6}"]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        6 => prop::sample::select(&TEXTS[..]).prop_map(str::to_owned),
        2 => word(),
        1 => ".{0,12}",
    ]
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0_u64..200).prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 8, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((word(), inner), 0..8)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// Documents that are understood.
fn sound() -> Vec<Value> {
    include_str!("sources/vendors.jsonl")
        .lines()
        .filter(|line| !line.contains("{PIT}") && !line.contains("{SCROLL}") && !line.contains("{HANDLE}"))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

/// Puts `new` in the place of the `nth` value inside `value`, counted in document order.
fn replace(value: &mut Value, nth: &mut usize, new: &Value) {
    if *nth == 0 {
        *value = new.clone();
    }
    *nth = nth.wrapping_sub(1);
    if let Value::Array(items) = value {
        for item in items {
            replace(item, nth, new);
        }
    } else if let Value::Object(members) = value {
        for (_, member) in members {
            replace(member, nth, new);
        }
    }
}

fn judge(read: &Result<Source, InvalidSource>) -> Result<(), TestCaseError> {
    if let Err(error) = read {
        prop_assert!(!error.faults.is_empty());
        for fault in &error.faults {
            prop_assert!(!fault.expected.is_empty() && !fault.found.is_empty(), "{fault}");
            // The checker and the reader would have to disagree for this one.
            prop_assert!(!fault.to_string().contains("a document that can't be read"), "{fault}");
            prop_assert!(!fault.to_string().contains(|c: char| c.is_ascii_control()), "{fault:?}");
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_answered(text in ".{0,200}") {
        judge(&Source::from_json(&text, &Fill::none()))?;
    }

    #[test]
    fn any_json_is_answered(value in any_json()) {
        judge(&Source::from_value(&value, &Fill::none()))?;
        judge(&Source::from_json(&value.to_string(), &Fill::none()))?;
    }

    #[test]
    fn a_sound_document_with_anything_in_it_is_answered(
        which in any::<prop::sample::Index>(),
        nth in 0_usize..40,
        new in any_json(),
        key in word(),
        extra in any_json(),
    ) {
        let mut document = which.get(&sound()).clone();
        replace(&mut document, &mut { nth }, &new);
        judge(&Source::from_value(&document, &Fill::none()))?;
        if let Value::Object(members) = &mut document {
            members.insert(key, extra);
        }
        judge(&Source::from_value(&document, &Fill::none()))?;
    }

    #[test]
    fn no_fault_shows_what_stands_under_auth(nth in 0_usize..40, shape in any_json(), twice: bool) {
        let secret = json!("hunter2-is-secret");
        let mut auth = json!({
            "bearer": "a", "basic": ["a", "b"], "header": {"X-A": "b"}, "query": {"a": "b"}, "body": {"/a": "b"},
        });
        replace(&mut auth, &mut { nth }, &secret);
        let mut other = shape;
        replace(&mut other, &mut { nth }, &secret);
        for auth in [auth, other, json!({"hunter2-is-secret": 1}), json!({"header": {"hunter2-is-secret :": 1}})] {
            let mut document = json!({"request": {"url": "x"}, "auth": auth});
            if twice {
                let Value::Object(members) = &mut document else { unreachable!() };
                members.insert("zzz".to_owned(), json!(1));
            }
            for error in [
                Source::from_value(&document, &Fill::none()).err(),
                Source::from_json(&document.to_string(), &Fill::none()).err(),
                everypage_core::facts::Auth::from_value(&document["auth"]).err(),
            ].into_iter().flatten() {
                prop_assert!(!error.to_string().contains("hunter2"), "{error}");
            }
        }
    }

    #[test]
    fn the_order_of_keys_makes_no_difference(which in any::<prop::sample::Index>(), seed: u64) {
        let document = which.get(&sound()).clone();
        let sorted = Source::from_value(&document, &Fill::none()).unwrap();
        let shuffled = Source::from_json(&shuffle(&document, seed), &Fill::none()).unwrap();
        prop_assert_eq!(sorted.fingerprint, shuffled.fingerprint);
        prop_assert!(sorted.pagination == shuffled.pagination && sorted.end == shuffled.end);
        prop_assert!(sorted.request.always == shuffled.request.always);
    }
}

/// The document as text with its members in another order.
fn shuffle(value: &Value, seed: u64) -> String {
    match value {
        Value::Object(members) => {
            let mut parts: Vec<String> = members
                .iter()
                .map(|(name, value)| format!("{}: {}", json!(name), shuffle(value, seed / 7)))
                .collect();
            let by = usize::try_from(seed % 13).unwrap();
            let count = parts.len().max(1);
            parts.rotate_left(by % count);
            if seed % 2 == 1 {
                parts.reverse();
            }
            format!("{{ {} }}", parts.join(" ,\n"))
        }
        Value::Array(items) => {
            format!("[{}]", items.iter().map(|item| shuffle(item, seed / 7)).collect::<Vec<_>>().join(", "))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value.to_string(),
    }
}
