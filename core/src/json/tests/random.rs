//! Random texts, judged against `serde_json` and against plain recursion.
//!
//! Where they differ on purpose: a byte order mark is passed over here, depth is limited, and numbers and
//! halves of surrogate pairs keep their text instead of being errors in values. The generators leave that
//! out; `grammar` and `hostile` have it.

use super::super::{Kind, Raw, Records, Span, Tree, compare, lookup, same};
use super::{curious_plans, holds, pointer, rows, run, text, values};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::Value;
use std::cmp::Ordering;

fn space() -> impl Strategy<Value = &'static str> {
    select(&["", "", "", " ", "\n", "\t", "\r\n        ", "\n                 ", "  "][..])
}

fn string() -> impl Strategy<Value = String> {
    let piece = select(
        &[
            "a",
            "id",
            "x y",
            "é",
            "😀",
            "\\n",
            "\\\"",
            "\\\\",
            "\\/",
            "\\u0041",
            "\\ud83d\\ude00",
            "{",
            "]",
            ",",
            ":",
        ][..],
    );
    prop_oneof![
        vec(piece, 0..6).prop_map(|pieces| format!("\"{}\"", pieces.concat())),
        (0..150_usize).prop_map(|length| format!("\"{}\"", "z".repeat(length))),
    ]
}

/// Names that the plans below look for, some of them in disguise.
fn name() -> impl Strategy<Value = String> {
    select(
        &["\"id\"", "\"a\"", "\"b\"", "\"\\u0061\"", "\"\\u0069d\"", "\"0\"", "\"\"", "\"\u{e9}\"", "\"-1\""]
            [..],
    )
    .prop_map(str::to_owned)
}

/// A whole value; no name stands twice in an object.
fn json() -> impl Strategy<Value = String> {
    let word = select(
        &[
            "null",
            "true",
            "false",
            "0",
            "-0",
            "7",
            "-12",
            "1.5",
            "12e3",
            "1E-2",
            "9007199254740993",
            "0.1e+1",
            "[]",
            "{}",
        ][..],
    );
    let leaf = prop_oneof![word.prop_map(str::to_owned), string()];
    leaf.prop_recursive(5, 80, 6, |inner| {
        let element = (space(), inner.clone(), space()).prop_map(|(a, b, c)| format!("{a}{b}{c}"));
        let name = prop_oneof![4 => name(), 1 => string()];
        let member = (space(), name, space(), space(), inner, space());
        prop_oneof![
            vec(element, 0..6).prop_map(|elements| format!("[{}]", elements.join(","))),
            vec(member, 0..6).prop_map(|members| {
                let mut names = Vec::new();
                let mut texts = Vec::new();
                for (a, name, b, c, value, d) in members {
                    let meant: String = serde_json::from_str(&name).unwrap();
                    if !names.contains(&meant) {
                        names.push(meant);
                        texts.push(format!("{a}{name}{b}:{c}{value}{d}"));
                    }
                }
                format!("{{{}}}", texts.join(","))
            }),
        ]
    })
}

fn accepted_elsewhere(body: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(body).is_ok()
}

/// The value at a span, which must hold it without any space around.
fn read(body: &str, span: Span) -> Option<Value> {
    if span.is_none() {
        return None;
    }
    let text = text(body, span);
    assert_eq!(Raw::parse(text).unwrap().as_str(), text);
    Some(serde_json::from_str(text).unwrap())
}

const SLOTS: &[&str] =
    &["", "/a", "/b", "/id", "/a/b", "/a/0", "/0", "/1/a", "/b/a/id", "/a/1/id", "/\u{e9}", "/"];

fn kind(value: &Value) -> Kind {
    match value {
        Value::Array(_) => Kind::Array,
        Value::Bool(_) => Kind::Bool,
        Value::Null => Kind::Null,
        Value::Number(_) => Kind::Number,
        Value::Object(_) => Kind::Object,
        Value::String(_) => Kind::String,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn valid_texts_are_accepted_and_one_changed_byte_is_judged_as_elsewhere(
        body in json(), place in any::<prop::sample::Index>(), byte in any::<u8>(), how in 0..4,
    ) {
        prop_assert!(holds(body.as_bytes()));
        let mut body = body.into_bytes();
        let place = place.index(body.len());
        let likely = LIKELY.get(usize::from(byte)).copied().unwrap_or(byte);
        match how {
            0 => body[place] = likely,
            1 => body.insert(place, likely),
            2 => { body.remove(place); }
            _ => body.truncate(place),
        }
        prop_assert_eq!(holds(&body), accepted_elsewhere(&body), "{:?}", String::from_utf8_lossy(&body));
    }

    #[test]
    fn heaps_of_words_are_judged_as_elsewhere(words in vec(select(WORDS), 0..40)) {
        let body = words.concat();
        prop_assert_eq!(holds(body.as_bytes()), accepted_elsewhere(body.as_bytes()), "{}", body);
    }

    #[test]
    fn wild_bytes_are_judged_as_elsewhere(body in vec(any::<u8>(), 0..100)) {
        prop_assume!(!body.starts_with(b"\xef\xbb\xbf"));
        prop_assert_eq!(holds(&body), accepted_elsewhere(&body));
        for plan in curious_plans() {
            let _ = run(&body, &plan);
        }
    }

    #[test]
    fn values_are_found_where_they_are(body in json()) {
        let whole: Value = serde_json::from_str(&body).unwrap();
        let found = run(&body, &values(SLOTS)).unwrap();
        prop_assert_eq!(found.root, kind(&whole));
        for (slot, at) in SLOTS.iter().enumerate() {
            prop_assert_eq!(read(&body, found.values[slot]), whole.pointer(at).cloned(), "{} in {}", at, body);
            prop_assert_eq!(lookup(body.as_bytes(), &pointer(at)).unwrap_or(Span::NONE), found.values[slot]);
        }
    }

    #[test]
    fn rows_are_what_the_records_are(body in json()) {
        let whole: Value = serde_json::from_str(&body).unwrap();
        let at = ["/a", "/b/a", "", "/0"];
        let cells = ["", "/id", "/a/b", "/0"];
        let found = run(&body, &rows(&at, "/id", &cells)).unwrap();
        let there = || at.iter().enumerate().filter_map(|(by, at)| Some((by, whole.pointer(at)?)));
        let array = there().find_map(|(by, value)| Some((by, value.as_array()?)));
        let expected = match (array, there().find(|(_, value)| !value.is_null()), there().next()) {
            (Some((by, _)), _, _) => Records::At(by),
            (None, Some((_, value)), _) => Records::Other(kind(value)),
            (None, None, Some(_)) => Records::Null,
            (None, None, None) => Records::Absent,
        };
        prop_assert_eq!(found.found, expected, "{}", body);
        let elements = array.map_or(&[][..], |(_, elements)| elements);
        prop_assert_eq!(found.rows.len(), elements.len());
        prop_assert_eq!(found.cells.len(), elements.len() * cells.len());
        for (row, element) in elements.iter().enumerate() {
            prop_assert_eq!(read(&body, found.rows[row].element), Some(element.clone()));
            let record = element.pointer("/id").filter(|record| !record.is_null());
            prop_assert_eq!(read(&body, found.rows[row].record), record.cloned());
            for (slot, at) in cells.iter().enumerate() {
                let cell = found.cells[row * cells.len() + slot];
                prop_assert_eq!(read(&body, cell), element.pointer(at).cloned(), "{} in {}", at, body);
            }
        }
    }

    #[test]
    fn the_last_element_and_a_selected_one_are_what_recursion_finds(body in json()) {
        let whole: Value = serde_json::from_str(&body).unwrap();
        let found = run(&body, &values(&["/-1", "/a/-1/id"])).unwrap();
        let last = |value: &Value| match value {
            Value::Array(elements) => elements.last().cloned(),
            Value::Object(members) => members.get("-1").cloned(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => None,
        };
        prop_assert_eq!(read(&body, found.values[0]), last(&whole));
        let inner = whole.pointer("/a").and_then(last).and_then(|last| last.pointer("/id").cloned());
        prop_assert_eq!(read(&body, found.values[1]), inner);
        let selected = format!(r#"[{{"k":1,"v":{body}}},{{"k":"\u0031x","v":[{body}]}}]"#);
        let found = run(&selected, &values(&["/[k=1x]/v/0", "/[k=1]/v", "/[k=2]"])).unwrap();
        prop_assert_eq!(read(&selected, found.values[0]), Some(whole.clone()));
        prop_assert_eq!(read(&selected, found.values[1]), Some(whole));
        prop_assert!(found.values[2].is_none());
    }

    #[test]
    fn trees_and_canonical_texts_mean_the_same(body in json()) {
        let whole: Value = serde_json::from_str(&body).unwrap();
        let tree = Tree::parse(&body).unwrap();
        prop_assert_eq!(&serde_json::from_str::<Value>(&tree.to_json()).unwrap(), &whole);
        prop_assert_eq!(&serde_json::from_str::<Value>(&Tree::from_value(&whole).to_json()).unwrap(), &whole);
        let raw = Raw::parse(&body).unwrap();
        let canonical = raw.canonical();
        prop_assert_eq!(&serde_json::from_str::<Value>(canonical.as_str()).unwrap(), &whole);
        prop_assert_eq!(&canonical.canonical(), &canonical);
        prop_assert_eq!(Raw::parse(canonical.as_str()), Some(canonical.clone()));
        prop_assert!(same(&body, canonical.as_str()));
        let again = serde_json::from_str::<Raw>(&serde_json::to_string(&raw).unwrap()).unwrap();
        prop_assert_eq!(again, raw);
    }

    #[test]
    fn texts_go_in_and_come_out(word in any::<String>()) {
        let raw = Raw::from_text(&word);
        let elsewhere = serde_json::to_string(&word).unwrap();
        prop_assert_eq!(raw.as_str(), elsewhere);
        let text = raw.text();
        prop_assert_eq!(text.as_deref(), Some(&*word));
        prop_assert_eq!(raw.plain(), word);
    }

    #[test]
    fn strings_compare_as_their_texts_do(a in string(), b in string()) {
        let text = |json: &str| serde_json::from_str::<String>(json).unwrap();
        prop_assert_eq!(compare(&a, &b), Some(text(&a).cmp(&text(&b))));
        prop_assert_eq!(same(&a, &b), text(&a) == text(&b));
    }

    #[test]
    fn numbers_compare_as_whole_numbers_do(
        a in -1_000_000_i128..1_000_000, b in prop_oneof![-1000_i128..0, 1_i128..1000], x in -12_i32..12, y in -12_i32..12,
        shift in 0_i32..9,
    ) {
        let scaled = |number: i128, exponent: i32| number * 10_i128.pow((exponent + 12) as u32);
        let expected = scaled(a, x).cmp(&scaled(b, y));
        let plain = |number: i128, exponent: i32| format!("{number}e{exponent}");
        // The same number with the point elsewhere and zeros that don't count.
        let zeros = "0".repeat(shift as usize);
        let moved = format!("{b}{zeros}.0{zeros}E{:+}", y - shift);
        let sign = if b < 0 { "-" } else { "" };
        let small = format!("{sign}0.{zeros}{:07}e{}", b.abs(), y + 7 + shift);
        for b in [plain(b, y), moved, small] {
            prop_assert_eq!(compare(&plain(a, x), &b), Some(expected), "{} {}", a, b);
            prop_assert_eq!(compare(&b, &plain(a, x)), Some(expected.reverse()));
            prop_assert_eq!(compare(&b, &b), Some(Ordering::Equal));
        }
    }
}

const WORDS: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\",
    "\"a\"",
    "\"a\":",
    "\"b\":1",
    "{}",
    "[]",
    "0",
    "1",
    "-",
    "1.5",
    ".",
    "e",
    "E+",
    "9e9",
    "true",
    "false",
    "null",
    "\\u",
    "\\u0041",
    "\\ud800",
    "\\n",
    "\\\"",
    " ",
    "\n",
    "\t",
    "\u{1}",
    "\u{e9}",
    "tru",
    "nul",
    "{\"a\":",
    "[{\"id\":1},",
    "]}",
    "}]",
    "},{",
    "\",\"",
    "\":\"",
    "                ",
    "long enough to leave its block",
];

/// What stands for the first bytes when one is drawn: bytes that matter.
const LIKELY: &[u8] = b"\"\\{}[],:0123456789-+.eEtfnu \n\"\\{}[],:0123456789-+.eEtfnu \n\"\\{}[],:0123456789-+.eEtfnu \n\x00\x1f\xff\xc3";
