//! The grammar of RFC 8259, case by case: what a reader must accept, must refuse, and what it may decide.
//! Each case stands alone, inside other values, and in many places of a block.

use super::super::Raw;
use super::{holds, nothing, run};
use crate::json::ScanError;

#[rustfmt::skip]
const ACCEPT: &[&str] = &[
    // values alone
    "null", "true", "false", "0", "-0", "1", "\"\"", "\"a\"", "[]", "{}", " [] ", "\t\r\n {} \n", " 1",
    "\"\u{7f}\"",
    // arrays
    "[[]   ]", "[\"\"]", "[\"a\"]", "[false]", "[null, 1, \"1\", {}]", "[null]", "[1\n]", " [1]",
    "[1,null,null,null,2]", "[2] ", "[ ]", "[[],[[]],{}]", "[\n\n\n]", "[{},[],{}]",
    "[1,2,3,4,5,6,7,8,9,10]", "[[[[[[[[]]]]]]]]",
    // numbers
    "[123e65]", "[0e+1]", "[0e1]", "[ 4]",
    "[-0.000000000000000000000000000000000000000000000000000000000000000001]", "[20e1]", "[123]", "[-0]",
    "[-123]", "[-1]", "[1E22]", "[1E-2]", "[1E+2]", "[123e45]", "[123.456e78]", "[1e-2]", "[1e+2]",
    "[123.456789]", "[0.0]", "[0.5E-00]", "[1e0001]", "[-9223372036854775809]", "[9007199254740993]",
    // objects
    "{\"asd\":\"sdf\", \"dfg\":\"fgh\"}", "{\"asd\":\"sdf\"}", "{\"a\":\"b\",\"a\":\"c\"}",
    "{\"a\":\"b\",\"a\":\"b\"}", "{\"\":0}", "{\"foo\\u0000bar\": 42}",
    "{ \"min\": -1.0e+28, \"max\": 1.0e+28 }", "{\"a\":[]}", "{\"title\":\"\\u041f\\u043e\\u043b\" }",
    "{\n\"a\": \"b\"\n}", "{\"a\":{\"a\":{\"a\":{}}}}", "{\"\\\"\":1,\"\\\\\":2}",
    "{\"x\":[{\"id\": \"x\"}], \"id\": \"x\"}", "{\"a\" : 1 , \"b\" : 2}", "{\"\\u0061\":1}",
    "{\"__proto__\":null}",
    // strings
    "[\"\\u0060\\u012a\\u12AB\"]", "[\"\\uD801\\udc37\"]", "[\"\\ud83d\\ude39\\ud83d\\udc8d\"]",
    "[\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"]", "[\"\\\\u0000\"]", "[\"\\\"\"]", "[\"a/*b*/c/*d//e\"]",
    "[\"\\\\a\"]", "[\"\\\\n\"]", "[\"\\u0012\"]", "[\"\\uFFFF\"]", "[\"asd\"]", "[ \"asd\"]",
    "[\"\\uDBFF\\uDFFF\"]", "[\"new\\u00A0line\"]", "[\"\u{10ffff}\"]", "[\"\u{ffff}\"]", "[\"\\u0000\"]",
    "[\"\\u002c\"]", "[\"\u{3c0}\"]", "[\"\u{1bfff}\"]", "[\"asd \"]", "\" \"", "[\"\\u0821\"]",
    "[\"\\u0123\"]", "[\"\u{2028}\"]", "[\"\u{2029}\"]", "[\"\\u0061\\u30af\"]", "[\"new\\u000Aline\"]",
    "[\"\u{7f}\"]", "[\"\\uA66D\"]", "[\"\\u005C\"]", "[\"\u{2342}\u{3248}\u{2338}\"]", "[\"\\u200B\"]",
    "[\"\\u2064\"]", "[\"\\uFDD0\"]", "[\"\\uFFFE\"]", "[\"\\u0022\"]", "[\"a\u{7f}a\"]", "\"\\\\\\\\\"",
    "[\"\u{feff}\"]", "[\"'\"]", "[\"//\"]", "[\"</script>\"]",
    // what a reader may decide: numbers of any size and halves of surrogate pairs keep their text
    "[123.456e-789]",
    "[0.4e00669999999999999999999999999999999999999999999999999999999999999999999999999999999999999999]",
    "[-1e+9999]", "[1.5e+9999]", "[-123123e100000]", "[123123e100000]", "[123123e-10000000]", "[1e400]",
    "[-123123123123123123123123123123]", "[100000000000000000000]",
    "[-237462374673276894279832749832423479823246327846]", "{\"\\uDFAA\":0}", "[\"\\uDADA\"]",
    "[\"\\uD888\\u1234\"]", "[\"\\uD800\\n\"]", "[\"\\uDd1ea\"]", "[\"\\uD800\\uD800\\n\"]",
    "[\"\\ud800\"]", "[\"\\ud800abc\"]", "[\"\\uDd1e\\uD834\"]", "[\"\\uDFAA\"]",
];

#[rustfmt::skip]
const REFUSE: &[&str] = &[
    // nothing, or not one value
    "", " ", "\n", "[][]", "1 2", "{}{}", "[]]", "{}}", "[1]x", "\"\"\"", "1]", "1,", "null,", "[],", "{},",
    "\"a\",\"b\"", "[1] // end", "[]#", "{}#", "{\"a\":true} \"x\"", "{\"a\":\"b\"}/**/", "{\"a\":\"b\"}/",
    "{\"a\":\"b\"}#{}", "][",
    // arrays
    "[1 true]", "[\"\": 1]", "[\"\"],", "[,1]", "[1,,2]", "[\"x\",,]", "[\"x\"]]", "[\"\",]", "[\"x\"",
    "[x", "[3[4]]", "[1:2]", "[,]", "[-]", "[   , \"\"]", "[\"a\",\n4\n,1,", "[1,]", "[1,,]",
    "[\"\u{b}a\"\\f]", "[*]", "[\"\"", "[1,", "[1,\n1\n,1", "[{}", "[", "[[", "]", ",", "[1}", "[}",
    "[\"a\" \"b\"]", "[1 2]", "[;]", "[1;2]", "[[]", "[null",
    // literals
    "[fals]", "[nul]", "[tru]", "nul", "truth", "fals", "True", "NULL", "[True]", "[TRUE]", "[nullx]",
    "[truee]", "[undefined]", "[nan]", "n", "t", "f", "[none]",
    // numbers
    "[++1234]", "[+1]", "[+Inf]", "[-01]", "[-1.0.]", "[-2.]", "[-NaN]", "[.-1]", "[.2e-3]", "[0.1.2]",
    "[0.3e+]", "[0.3e]", "[0.e1]", "[0E+]", "[0E]", "[0e+]", "[0e]", "[1.0e+]", "[1.0e-]", "[1.0e]",
    "[1 000.0]", "[1eE2]", "[2.e+3]", "[2.e-3]", "[2.e3]", "[9.e+]", "[Inf]", "[NaN]", "[Infinity]",
    "[-Infinity]", "[1+2]", "[0x1]", "[0x42]", "[-foo]", "[- 1]", "[-012]", "[-.123]", "[1ea]", "[1.]",
    "[.123]", "[1.2a-3]", "[1.8011670033376514H-308]", "[012]", "01", "-", "+1", "1.", ".5", "1e", "1e+",
    "--1", "1-1", "00", "[1_000]", "[1e1.5]", "[1.e1]", "-a", "[\u{ff11}]", "0b1", "[1,000.]", "1f", "[1L]",
    // objects
    "[\"x\", truth]", "{[: \"x\"}\n", "{\"x\", null}", "{\"x\"::\"b\"}", "{\"a\":\"a\" 123}",
    "{key: 'value'}", "{\"a\" b}", "{:\"b\"}", "{\"a\" \"b\"}", "{\"a\":", "{\"a\"", "{1:1}",
    "{9999E9999:1}", "{null:null,null:null}", "{\"id\":0,,,,,}", "{'a':0}", "{\"id\":0,}",
    "{\"a\":\"b\",,\"c\":\"d\"}", "{a: \"b\"}", "{\"a\":\"a", "{ \"foo\" : \"bar\", \"a\" }",
    "{\"a\":/*c*/\"b\"}", "{", "{\"a\":1]", "{]", "{,}", "{\"a\":}", "{\"a\":1,\"b\"}", "{\"a\":1 \"b\":2}",
    "{\"a\",\"b\":1}", "{{}}", "{[]}", "{\"a\":1,}", "{\"a\":1,", "{true:1}", "{\"a\"=1}",
    "{\"a\":1;\"b\":2}", "{,\"a\":1}", "{\"a\":[}", "{\"a\":{]}",
    // strings
    "[\"\\uD800\\\"]", "[\"\\uD800\\u\"]", "[\"\\uD800\\u1\"]", "[\"\\uD800\\u1x\"]", "[\u{e9}]",
    "[\"\\x00\"]", "[\"\\\\\\\"]", "[\"\\\t\"]", "[\"\\\u{1f300}\"]", "[\"\\\"]", "[\"\\u00A\"]",
    "[\"\\uD834\\uDd\"]", "[\"\\a\"]", "[\"\\uqqqq\"]", "[\"\\", "[\\u0020\"asd\"]", "[\\n]", "\"",
    "['single quote']", "abc", "[\"\\", "[\"a\u{0}a\"]", "[\"new\nline\"]", "[\"\t\"]", "\"\\UA66D\"",
    "[\"\\u{61}\"]", "[\"\u{1f}\"]", "[\"\u{1}\"]", "\"a", "\"a\\\"", "\"\\u00\"", "[\"\\'\"]", "[\"\\v\"]",
    "[\"\\0\"]", "[\"\\u 061\"]", "[\"\\u+061\"]", "\"\r\"", "[\"a\",\"b]", "[\"\\u00g0\"]", "{\"a\nb\":1}",
    "{\"a\\x\":1}",
    // structure
    "<.>", "[<null>]", "[1]x", "[a", "[\"asd]", "a\u{e5}", "[True]", "{\"x\": true,", "\u{2060}[]",
    "[\u{b}]", "[\u{c}]", "[\u{a0}]", "[\u{2028}]", "\u{c}[]", "/* */ []", "// x\n[]", "[/**/]", "@", "#",
    "[\"a\"\u{0}]", "\u{0}", "[]\u{0}", "*", "{\"\":", "$", "\u{e5}", "<html></html>", "<!doctype html>",
    "callback({})", ")]}',\n{}", "{\"a\":undefined}", "{\"a\":1}}", "\u{feff}", "\u{feff}\u{feff}[]",
    "[]\u{feff}", "[\u{feff}]",
];

const BYTES: &[(&[u8], bool)] = &[
    (b"\xef\xbb\xbf[]", true),
    (b"\xef\xbb\xbf {\"a\":1}", true),
    (b"\xef\xbb\xbf", false),
    (b"\xef\xbb[]", false),
    // UTF-16, with a mark and without
    (b"\xff\xfe[\0]\0", false),
    (b"\xfe\xff\0[\0]", false),
    (b"\0[\0]", false),
    (b"[\0]\0", false),
    (b"1\0", false),
    // UTF-32
    (b"\0\0\xfe\xff\0\0\0[\0\0\0]", false),
    // not UTF-8, inside strings
    (b"[\"\xff\"]", true),
    (b"[\"\xe0\xff\"]", true),
    (b"[\"\xed\xa0\x80\"]", true),
    (b"[\"\xc0\xaf\"]", true),
    (b"[\"\xf4\xbf\xbf\xbf\"]", true),
    (b"[\"\x80\"]", true),
    (b"{\"\xb9\":\"0\",\"a\":1}", true),
    (b"[\"\xe6\x97\xa5\xd1\x88\xfa\"]", true),
    // not UTF-8, anywhere else
    (b"[\xff]", false),
    (b"[\xe5]", false),
    (b"\xe5", false),
    (b"[1\xe5]", false),
    (b"[1e1\xe5]", false),
    (b"[0\xe5]", false),
    (b"[-123.123foo\xe5]", false),
    (b"{\"a\":1\xff}", false),
    (b"{\"\x80\":1,}", false),
    (b"[\"\\u\xe5\"]", false),
    (b"[\"\\\xe5\"]", false),
    (b"[\"a\"]\xff", false),
];

/// The case alone, and with enough in front to put it into every place of a block; a good one inside other
/// values, too.
fn check(case: &[u8], good: bool) {
    assert_eq!(holds(case), good, "{:?}", String::from_utf8_lossy(case));
    // A mark must stand first, and a zero near the start is taken for another encoding.
    if case.starts_with(b"\xef\xbb\xbf") || case.contains(&0) {
        return;
    }
    for length in (0..70).chain(1015..1026) {
        let letters = "x".repeat(length);
        let spaced = (" ".repeat(length), String::new());
        let quoted = (format!("[\"{letters}\","), "]".to_owned());
        let named = (format!("{{\"{letters}\":[null, "), ",null]}".to_owned());
        for (before, after) in [spaced, quoted, named].into_iter().take(if good { 3 } else { 1 }) {
            let body = [before.as_bytes(), case, after.as_bytes()].concat();
            assert_eq!(run(&body, &nothing()).is_ok(), good, "{:?}", String::from_utf8_lossy(&body));
        }
    }
}

#[test]
fn what_must_or_may_be_accepted_is() {
    for case in ACCEPT {
        check(case.as_bytes(), true);
        assert_eq!(
            Raw::parse(case).unwrap().as_str(),
            case.trim_matches([' ', '\t', '\r', '\n']),
            "{case:?}"
        );
    }
    assert!(ACCEPT.len() >= 120);
}

#[test]
fn what_must_be_refused_is() {
    for case in REFUSE {
        check(case.as_bytes(), false);
        assert_eq!(Raw::parse(case), None, "{case:?}");
    }
    assert!(REFUSE.len() >= 190);
}

#[test]
fn other_encodings_are_refused_but_in_strings() {
    for (case, good) in BYTES {
        check(case, *good);
    }
}

#[test]
fn what_is_wrong_is_named_with_its_place() {
    let invalid = |body: &str| match run(body, &nothing()) {
        Err(ScanError::Invalid { at, expected }) => (at, expected),
        other => panic!("{body:?}: {other:?}"),
    };
    assert_eq!(invalid("[1,]"), (3, "a value"));
    assert_eq!(invalid(" {\"a\":1,}"), (8, "a member name in double quotes"));
    assert_eq!(invalid("{\"a\" 1}"), (5, "`:` after the member name"));
    assert_eq!(invalid("[1 2]"), (3, "`,` or `]`"));
    assert_eq!(invalid("{\"a\":1"), (6, "`,` or `}`"));
    assert_eq!(invalid("[-]"), (2, "a digit"));
    assert_eq!(invalid("[\"abc"), (5, "the rest of a string"));
    assert_eq!(invalid("[\"a\nc\"]"), (3, "a string without control characters"));
    assert_eq!(invalid("[\"a\\x\"]"), (4, "one of the letters that may follow `\\` in a string"));
    assert_eq!(invalid("[\"\\u12x4\"]"), (6, "four hexadecimal digits after `\\u`"));
    assert_eq!(invalid("[\0"), (0, "UTF-8 (this looks like UTF-16 or UTF-32)"));
    assert_eq!(run("{} {}", &nothing()), Err(ScanError::Trailing { at: 3 }));
    assert_eq!(run("01", &nothing()), Err(ScanError::Trailing { at: 1 }));
    assert_eq!(run("\u{feff} \n", &nothing()), Err(ScanError::Empty));
    for html in ["<html>", "  \n<!DOCTYPE html>", "\u{feff}<a>{}</a>"] {
        assert_eq!(run(html, &nothing()), Err(ScanError::LooksLikeHtml));
    }
}

#[test]
fn a_body_cut_anywhere_is_refused() {
    let page = r#" {"data" : [{"id":1,"t":"a\"\\é\ud83d\ude00"},{"id":-1.5e+3,"x":[true,false,null,{}]}] ,
        "next":"abc", "more": false , "n":[[],[[]]]} "#;
    for body in [page, r#"[{"id":"é"},{"id":2}]"#, "{}", "[ ]"] {
        let end = body.trim_end().len();
        for cut in 0..end {
            assert!(!holds(&body.as_bytes()[..cut]), "cut at {cut}");
        }
        assert!((end..=body.len()).all(|cut| holds(&body.as_bytes()[..cut])));
    }
}
