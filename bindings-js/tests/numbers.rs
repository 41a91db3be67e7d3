//! Whole numbers beyond 2^53 are found and rewritten, nothing else.
#![allow(clippy::unwrap_used, reason = "a test says so by panicking")]

use everypage_js::numbers::{has_long, rewrite};

fn rewritten(json: &str) -> String {
    let found = has_long(json.as_bytes());
    let text = String::from_utf8(rewrite(json.as_bytes(), "!")).unwrap();
    assert_eq!(found, text != json, "{json}");
    text
}

#[test]
fn only_whole_numbers_beyond_the_safe_ones_are_rewritten() {
    for same in [
        "[9007199254740991,-9007199254740991,0,-0]",
        r#"["9007199254740993","\"9007199254740993","\\",1]"#,
        "[9007199254740993.5,9007199254740993e1,1e400,1.9007199254740993]",
        r#"[{"9007199254740993":1}]"#,
        "[]",
    ] {
        assert_eq!(rewritten(same), same);
    }
    for (json, expected) in [
        ("[9007199254740992]", r#"["!9007199254740992"]"#),
        ("[-9007199254740992]", r#"["!-9007199254740992"]"#),
        (r#"[{"a\\":123456789012345678901,"b":1}]"#, r#"[{"a\\":"!123456789012345678901","b":1}]"#),
        ("[1,18446744073709551615,2]", r#"[1,"!18446744073709551615",2]"#),
    ] {
        assert_eq!(rewritten(json), expected);
    }
}

#[test]
fn one_is_found_wherever_it_stands() {
    for before in 0..40 {
        for digits in 15..20 {
            let json = format!("[{}{}]", " ".repeat(before), "9".repeat(digits));
            assert_eq!(has_long(json.as_bytes()), digits >= 16, "{json}");
        }
    }
}
