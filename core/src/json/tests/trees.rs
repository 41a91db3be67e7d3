//! Request bodies: put together from values, changed by pointer.

use super::super::{Raw, Tree};
use super::pointer;

fn tree(json: &str) -> Tree {
    Tree::parse(json).unwrap()
}

fn put(json: &str, at: &str, value: &str) -> Option<String> {
    let mut changed = tree(json);
    let possible = changed.set(&pointer(at), tree(value));
    if !possible {
        assert_eq!(changed, tree(json), "changed nothing");
    }
    possible.then(|| changed.to_json())
}

#[test]
fn a_tree_keeps_the_order_of_members_and_the_text_of_scalars() {
    let json = r#" { "z" : 1.0 , "a" : [ 1e400 , "\u0041\ud800" ] , "\u0062" : { } , "":null } "#;
    assert_eq!(tree(json).to_json(), r#"{"z":1.0,"a":[1e400,"\u0041\ud800"],"b":{},"":null}"#);
    for bad in ["", "{", "[1,]", r#"{"a":1,"\u0061":2}"#, r#"{"\ud800":1}"#, "1 2"] {
        assert_eq!(Tree::parse(bad), None, "{bad}");
    }
}

#[test]
fn values_of_serde_json_are_taken_over() {
    let value: serde_json::Value =
        serde_json::from_str(r#"{"b":[1,-2,18446744073709551615,0.5,true,null],"a":{"x":"\"é\n"}}"#).unwrap();
    let json = Tree::from_value(&value).to_json();
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), value);
}

#[test]
fn set_replaces_appends_and_makes_objects() {
    for (json, at, value, expected) in [
        ("{}", "/a", "1", r#"{"a":1}"#),
        (r#"{"a":1,"b":2}"#, "/a", r#"{"x":3}"#, r#"{"a":{"x":3},"b":2}"#),
        ("{}", "/variables/after", r#""c""#, r#"{"variables":{"after":"c"}}"#),
        (r#"{"v":null}"#, "/v/after", r#""c""#, r#"{"v":{"after":"c"}}"#),
        ("null", "/a/b", "1", r#"{"a":{"b":1}}"#),
        ("7", "", "[]", "[]"),
        ("[1,2]", "/1", "3", "[1,3]"),
        ("[1,2]", "/2", "3", "[1,2,3]"),
        ("[]", "/0/a", "1", r#"[{"a":1}]"#),
        ("[1,2]", "/-1", "3", "[1,3]"),
        (r#"[{"k":"a"},{"k":"b"}]"#, "/[k=b]/v", "1", r#"[{"k":"a"},{"k":"b","v":1}]"#),
        (r#"{"f":[{"k":1}]}"#, "/f[k=1]/k", "2", r#"{"f":[{"k":2}]}"#),
        ("{}", "/a~1b", "1", r#"{"a/b":1}"#),
        ("{}", "/\"", "1", r#"{"\"":1}"#),
    ] {
        assert_eq!(put(json, at, value).as_deref(), Some(expected), "{at} of {json}");
    }
    for (json, at) in [
        ("[1,2]", "/3"),
        ("[1,2]", "/-"),
        ("[]", "/-1"),
        ("[1]", "/a"),
        ("[1]", "/01"),
        ("7", "/a"),
        (r#"{"a":"x"}"#, "/a/b"),
        ("{}", "/a[k=1]"),
        ("{}", "/a[k=1]/v"),
        ("[]", "/[k=1]/v"),
        ("[]", "/0[k=1]/v"),
        ("null", "/[k=1]"),
        (r#"{"a":{}}"#, "/a[k=1]/v"),
    ] {
        assert_eq!(put(json, at, "0"), None, "{at} of {json}");
    }
}

#[test]
fn get_finds_what_set_put_there() {
    let all = tree(r#"{"a":[{"k":"x","v":1},{"k":2,"v":[3,4]}],"b":{"-1":5}}"#);
    let got = |at: &str| all.get(&pointer(at)).map(Tree::to_json);
    for (at, expected) in [
        ("/a/0/v", Some("1")),
        ("/a/-1/v/-1", Some("4")),
        ("/a[k=x]/v", Some("1")),
        ("/a[k=2]/v/0", Some("3")),
        ("/b/-1", Some("5")),
        ("/a[k=z]", None),
        ("/a/2", None),
        ("/b[k=1]", None),
        ("/b/c", None),
        ("/a/0/v/x", None),
    ] {
        assert_eq!(got(at).as_deref(), expected, "{at}");
    }
    assert_eq!(all.get(&pointer("")), Some(&all));
    assert_eq!(Tree::Scalar(Raw::from_text("é\"")).to_json(), r#""é\"""#);
}

#[test]
fn merge_goes_deep_into_objects_and_replaces_the_rest() {
    let mut below = tree(r#"{"a":{"x":1,"y":2},"b":[1,2],"c":3}"#);
    below.merge(&tree(r#"{"a":{"y":{"z":4},"w":5},"b":[9],"d":null}"#));
    assert_eq!(below.to_json(), r#"{"a":{"x":1,"y":{"z":4},"w":5},"b":[9],"c":3,"d":null}"#);
    below.merge(&tree("[]"));
    assert_eq!(below.to_json(), "[]");
    below.merge(&tree(r#"{"a":1}"#));
    assert_eq!(below.to_json(), r#"{"a":1}"#);
}
