//! Values of the body, by every kind of way.

use super::super::{Limits, ScanError, Span, compare, lookup, same, scan};
use super::{pointer, rows, run, text, texts, values};
use std::cmp::Ordering;

fn found(body: &str, at: &[&str]) -> Vec<String> {
    let spans = run(body, &values(at)).unwrap().values;
    for (at, span) in at.iter().zip(&spans) {
        assert_eq!(lookup(body.as_bytes(), &pointer(at)).unwrap_or(Span::NONE), *span, "{at} in {body}");
    }
    texts(body, &spans).into_iter().map(str::to_owned).collect()
}

#[test]
fn the_examples_of_rfc_6901_are_found() {
    let body =
        r#"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#;
    let at = ["", "/foo", "/foo/0", "/", "/a~1b", "/c%d", "/e^f", "/g|h", "/i\\j", "/k\"l", "/ ", "/m~0n"];
    let expected = [body, r#"["bar","baz"]"#, r#""bar""#, "0", "1", "2", "3", "4", "5", "6", "7", "8"];
    assert_eq!(found(body, &at), expected);
}

#[test]
fn elements_are_found_by_number_and_from_the_end() {
    let body = r#"{"a":[10,[20,21],{"b":[30]}]}"#;
    let at = [
        "/a/0",
        "/a/1/1",
        "/a/2/b/-1",
        "/a/-1/b/0",
        "/a/3",
        "/a/01",
        "/a/-",
        "/a/-2",
        "/a/1/-1",
        "/a/+1",
        "/a/00",
    ];
    assert_eq!(found(body, &at), ["10", "21", "30", "30", "", "", "", "", "21", "", ""]);
    assert_eq!(found("[]", &["/-1", "/0"]), ["", ""]);
    assert_eq!(found(r#"{"-1":1,"0":2}"#, &["/-1", "/0"]), ["1", "2"]);
}

#[test]
fn elements_are_selected_by_the_value_of_a_member() {
    let body = r#"{"link":[{"relation":"self","url":"s"},7,null,[],{"url":"x"},{"relation":"n\u0065xt","url":"n"}]}"#;
    let at =
        ["/link[relation=next]/url", "/link/[relation=self]/url", "/link[relation=last]/url", "/link[url=n]"];
    let last = r#"{"relation":"n\u0065xt","url":"n"}"#;
    assert_eq!(found(body, &at), [r#""n""#, r#""s""#, "", last]);
    let body = r#"[{"k":1,"v":"one"},{"k":"2","v":"two"},{"k":true,"v":"yes"},{"k":null,"v":"no"},{"k":[1],"v":"array"},
        {"k":"","v":"empty"},{"k":1.0,"v":"float"},{"a/b":"c]","v":"odd"}]"#;
    let at = [
        "/[k=1]/v",
        "/[k=2]/v",
        "/[k=true]/v",
        "/[k=null]/v",
        "/[k=[1]]/v",
        "/[k=]/v",
        "/[k=1.0]/v",
        "/[a~1b=c]]/v",
    ];
    assert_eq!(found(body, &at).join(" "), r#""one" "two" "yes" "no"  "empty" "float" "odd""#);
    // A selection is nothing in an object, and its literal name is one that can't be asked for.
    assert_eq!(found(r#"{"a":{"k":1},"a[k=1]":2}"#, &["/a[k=1]"]), [""]);
}

#[test]
fn a_value_that_stands_twice_is_nobodys_guess() {
    let twice = |body: &str, at: &str| {
        assert_eq!(lookup(body.as_bytes(), &pointer(at)), None);
        assert_eq!(run(body, &values(&[at])), Err(ScanError::DuplicateMember { pointer: at.to_owned() }));
    };
    twice(r#"{"next":"a","next":null}"#, "/next");
    twice(r#"{"p":{"next":1,"n\u0065xt":1}}"#, "/p/next");
    twice(r#"[{"r":"n","u":1},{"r":"n","u":1}]"#, "/[r=n]/u");
    twice(r#"[{"r":"n","r":"m","u":1}]"#, "/[r=n]/u");
    twice(r#"[{"u":1,"u":2}]"#, "/-1/u");
    assert_eq!(found(r#"{"p":{"x":1,"x":2},"next":3}"#, &["/next"]), ["3"]);
}

#[test]
fn what_is_inside_the_records_can_be_a_value_of_the_body() {
    let mut builder = super::Plan::builder();
    let slots = ["/d/0/id", "/d/-1/id", "/d", "/d/1"].map(|at| builder.body(&pointer(at)));
    builder.records(&[pointer("/d")], &pointer(""));
    builder.element(&pointer("/id"));
    let body = r#"{"d":[{"id":1},{"id":2}],"z":0}"#;
    let found = run(body, &builder.build()).unwrap();
    assert_eq!(texts(body, &found.cells), ["1", "2"]);
    let all = slots.map(|slot| text(body, found.values[slot]));
    assert_eq!(all, ["1", "2", r#"[{"id":1},{"id":2}]"#, r#"{"id":2}"#]);
}

#[test]
fn long_values_are_an_error_only_where_they_are_wanted_and_not_around_the_records() {
    let limits = Limits { value: 10, ..Limits::default() };
    let long = |pointer: &str| Err(ScanError::ValueTooLong { pointer: pointer.to_owned(), limit: 10 });
    let body = r#"{"d":[{"id":"12345678","t":"123456789"}],"next":"12345678"}"#;
    assert!(scan(body.as_bytes(), &values(&["/next"]), &limits).is_ok());
    assert!(scan(body.as_bytes(), &rows(&["/d"], "", &["/id", ""]), &limits).is_ok());
    assert!(scan(body.as_bytes(), &rows(&["/d"], "/t", &["/id"]), &limits).is_ok());
    assert_eq!(scan(body.as_bytes(), &rows(&["/d"], "", &["/id", "/t"]), &limits), long("/d/0/t"));
    assert_eq!(scan(br#"{"p":{"n":"123456789"}}"#, &values(&["", "/p/n"]), &limits), long("/p/n"));
    assert_eq!(scan(br#"{"p":{"n":"12345678"}}"#, &values(&["/p"]), &limits), long("/p"));
    assert_eq!(
        scan(br#"{"p":[{"n":1},{"n":123456789012}]}"#, &values(&["/p/-1/n"]), &limits),
        long("/p/-1/n")
    );
    let mut builder = super::Plan::builder();
    builder.body(&pointer("/d"));
    builder.body(&pointer(""));
    builder.records(&[pointer("/d/0/t"), pointer("/d")], &pointer(""));
    assert!(scan(body.as_bytes(), &builder.build(), &limits).is_ok());
}

#[test]
fn numbers_and_odd_strings_keep_their_text() {
    let nines = "9".repeat(5000);
    for value in ["9007199254740993", "1e400", "-0.0", "1.10", r#""\ud800""#, r#""\u0041\/""#, &nines] {
        assert_eq!(found(&format!(r#"{{"next":{value}}}"#), &["/next"]), [value]);
        assert_eq!(found(value, &[""]), [value]);
    }
}

#[test]
fn only_values_of_one_kind_that_have_an_order_compare() {
    assert_eq!(compare("10", "9"), Some(Ordering::Greater));
    assert_eq!(compare(r#""10""#, r#""9""#), Some(Ordering::Less));
    assert_eq!(compare(r#""\u0061""#, r#""a""#), Some(Ordering::Equal));
    assert_eq!(compare(r#""é""#, r#""\ud83d\ude00""#), Some(Ordering::Less));
    // By code point, not by UTF-16 unit: U+FFFD goes before U+1F600, and half a pair before both.
    assert_eq!(compare("\"\u{fffd}\"", r#""\ud83d\ude00""#), Some(Ordering::Less));
    assert_eq!(compare(r#""\ud83d""#, "\"\u{fffd}\""), Some(Ordering::Less));
    assert_eq!(compare(r#""\ud800""#, r#""\ud801""#), Some(Ordering::Less));
    assert_eq!(compare(" null ", "null"), Some(Ordering::Equal));
    assert_eq!(compare("false", "true"), Some(Ordering::Less));
    for (a, b) in [
        ("1", r#""1""#),
        ("null", "0"),
        ("[]", "[]"),
        ("{}", "{}"),
        ("1 2", "1"),
        ("", ""),
        ("01", "1"),
        ("1", "["),
    ] {
        assert_eq!((compare(a, b), compare(b, a)), (None, None), "{a} {b}");
    }
}

#[test]
fn the_same_value_is_the_same_text_but_for_escapes_and_space() {
    for (a, b, alike) in [
        ("1", "1", true),
        ("1", "1.0", false),
        ("1", r#""1""#, false),
        ("-0", "0", false),
        (r#""a""#, r#""\u0061""#, true),
        (r#""\ud800""#, r#""\uD800""#, true),
        ("true", " true", true),
        ("null", "null", true),
        ("null", "false", false),
        ("[1, 2]", "[1,2]", true),
        ("[1,2]", "[2,1]", false),
        (r#"{"a":1}"#, r#"{ "\u0061" : 1 }"#, true),
        (r#"{"a":1}"#, r#"["a",1]"#, false),
        ("nul", "nul", false),
        ("[1", "[1", false),
        ("", "", false),
    ] {
        assert_eq!((same(a, b), same(b, a)), (alike, alike), "{a} {b}");
    }
}
