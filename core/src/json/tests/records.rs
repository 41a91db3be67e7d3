//! Records: where they are, what is in them, which of several places counts.

use super::super::{Limits, Plan, Records, Row, ScanError, Span, arrays, scan};
use super::{pointer, rows, run, text, texts};
use crate::json::Kind;

fn duplicate(body: &str, plan: &Plan) -> String {
    match run(body, plan) {
        Err(ScanError::DuplicateMember { pointer }) => pointer,
        other => panic!("{body}: {other:?}"),
    }
}

#[test]
fn records_ids_and_values_are_found_in_one_pass() {
    let mut builder = Plan::builder();
    let next = builder.body(&pointer("/meta/next"));
    let none = builder.body(&pointer("/meta/none"));
    assert_eq!(builder.body(&pointer("/meta/next")), next);
    builder.records(&[pointer("/items"), pointer("/data")], &pointer(""));
    let id = builder.element(&pointer("/id"));
    let user = builder.element(&pointer("/user/id"));
    assert_eq!(builder.element(&pointer("/id")), id);
    let plan = builder.build();
    let body = r#" { "data" : [ {"id" : 1, "user": {"id":"a"}} , {"x":[{"id":3}],"\u0069d":2 }, 7, null ], "meta":{"next":"n"}} "#;
    let found = run(body, &plan).unwrap();
    assert_eq!(found.found, Records::At(1));
    assert_eq!((text(body, found.values[next]), found.values[none]), (r#""n""#, Span::NONE));
    let elements: Vec<Span> = found.rows.iter().map(|row| row.element).collect();
    let expected = [r#"{"id" : 1, "user": {"id":"a"}}"#, r#"{"x":[{"id":3}],"\u0069d":2 }"#, "7", "null"];
    assert_eq!(texts(body, &elements), expected);
    assert_eq!(found.rows[2].record, found.rows[2].element);
    assert_eq!(found.rows[3], Row { element: elements[3], record: Span::NONE });
    assert_eq!(text(body, found.cells[id]), "1");
    assert_eq!(text(body, found.cells[user]), r#""a""#);
    assert_eq!(text(body, found.cells[2 + id]), "2");
    assert_eq!(found.cells[2 + user..], [Span::NONE; 5]);
    assert!(found.cells.len() == 8 && found.root == Kind::Object && !found.invalid_utf8);
}

#[test]
fn spans_are_exact_whatever_stands_around() {
    for space in ["", " ", "\n\t", "\r\n            "] {
        for value in ["null", "-1.5e+7", r#""\" ,]}""#, "[ ]", "[1 , 2]", r#"{ "a" : [ ] }"#] {
            let s = space;
            let body =
                format!(r#"{s}{{{s}"d"{s}:{s}[{s}{value}{s},{s}{{{s}"id"{s}:{s}{value}{s}}}{s}]{s}}}{s}"#);
            let found = run(&body, &rows(&["/d"], "", &["", "/id"])).unwrap();
            assert_eq!(text(&body, found.rows[0].element), value);
            let second = format!(r#"{{{s}"id"{s}:{s}{value}{s}}}"#);
            assert_eq!(texts(&body, &found.cells), [value, "", &second, value]);
            let marked = format!("\u{feff}{body}");
            let moved = run(&marked, &rows(&["/d"], "", &["", "/id"])).unwrap();
            assert_eq!(texts(&marked, &moved.cells), texts(&body, &found.cells));
        }
    }
}

#[test]
fn the_root_may_be_the_records() {
    let found = run("[1,2]", &rows(&[""], "", &[""])).unwrap();
    assert_eq!((found.found, texts("[1,2]", &found.cells)), (Records::At(0), vec!["1", "2"]));
    assert_eq!(run("[]", &rows(&[""], "", &["/id"])).unwrap().found, Records::At(0));
    assert_eq!(run("{}", &rows(&[""], "", &[])).unwrap().found, Records::Other(Kind::Object));
    assert_eq!(run("null", &rows(&[""], "", &[])).unwrap().found, Records::Null);
    assert_eq!(run("[]", &super::nothing()).unwrap().found, Records::NotWanted);
}

#[test]
fn of_several_places_the_first_array_counts_then_the_first_value() {
    let plan = rows(&["/a", "/b", "/c/d"], "", &["/id"]);
    for (body, expected, ids) in [
        (r#"{"a":[{"id":1}],"b":[{"id":2}]}"#, Records::At(0), vec!["1"]),
        (r#"{"b":[{"id":2}],"a":[{"id":1}]}"#, Records::At(0), vec!["1"]),
        (r#"{"b":[{"id":2},{"id":3}],"a":[]}"#, Records::At(0), vec![]),
        (r#"{"c":{"d":[{"id":4}]},"b":[{"id":2}]}"#, Records::At(1), vec!["2"]),
        (r#"{"c":{"d":[{"id":4}]}}"#, Records::At(2), vec!["4"]),
        (r#"{"a":null,"c":{"d":[{"id":4}]}}"#, Records::At(2), vec!["4"]),
        (r#"{"c":{"d":[{"id":4}]},"a":{"id":1},"b":null}"#, Records::At(2), vec!["4"]),
        (r#"{"a":null,"b":"x","c":{"d":7}}"#, Records::Other(Kind::String), vec![]),
        (r#"{"c":{"d":7},"b":null,"a":true}"#, Records::Other(Kind::Bool), vec![]),
        (r#"{"c":{"d":null}}"#, Records::Null, vec![]),
        (r#"{"c":{},"d":[1]}"#, Records::Absent, vec![]),
        (r#"{"c":[{"d":[1]}]}"#, Records::Absent, vec![]),
        ("7", Records::Absent, vec![]),
    ] {
        let found = run(body, &plan).unwrap();
        assert_eq!((found.found, texts(body, &found.cells)), (expected, ids), "{body}");
        assert_eq!(found.rows.len(), found.cells.len());
    }
}

#[test]
fn one_place_may_lie_inside_another() {
    let body = r#"{"data":{"data":[{"id":1}]}}"#;
    let found = run(body, &rows(&["/data", "/data/data"], "", &["/id"])).unwrap();
    assert_eq!((found.found, texts(body, &found.cells)), (Records::At(1), vec!["1"]));
    let body = r#"[[{"id":1}],[{"id":2}],{"id":3}]"#;
    let found = run(body, &rows(&["/0"], "", &["/id"])).unwrap();
    assert_eq!((found.found, texts(body, &found.cells)), (Records::At(0), vec!["1"]));
    let found = run(body, &rows(&["", "/0"], "", &["/id"])).unwrap();
    assert_eq!((found.found, found.rows.len(), text(body, found.cells[2])), (Records::At(0), 3, "3"));
    let found = run(body, &rows(&["/1", "/0", ""], "", &["/id"])).unwrap();
    assert_eq!((found.found, texts(body, &found.cells)), (Records::At(0), vec!["2"]));
}

#[test]
fn records_may_be_reached_by_a_selection_or_from_the_end() {
    let body = r#"{"x":[{"k":"a","v":[1]},{"k":"b","v":[2,3]},{"k":"c"}],"id":9}"#;
    let found = run(body, &rows(&["/x[k=b]/v"], "", &[""])).unwrap();
    assert_eq!((found.found, texts(body, &found.cells)), (Records::At(0), vec!["2", "3"]));
    let mut builder = Plan::builder();
    let id = builder.body(&pointer("/id"));
    builder.records(&[pointer("/x/-1/v"), pointer("/x[k=z]/v"), pointer("/x/0/v")], &pointer(""));
    let plan = builder.build();
    let found = run(body, &plan).unwrap();
    assert_eq!((found.found, found.rows.len(), text(body, found.values[id])), (Records::At(2), 1, "9"));
    assert_eq!(
        run(r#"{"x":[{"k":"b","v":null}]}"#, &rows(&["/x[k=b]/v"], "", &[])).unwrap().found,
        Records::Null
    );
    let wrong = run(r#"{"x":[{"k":"b","v":1},{"v":[],"k":"b"}]}"#, &rows(&["/x[k=b]/v"], "", &[]));
    assert_eq!(wrong, Err(ScanError::DuplicateMember { pointer: "/x[k=b]/v".to_owned() }));
}

#[test]
fn the_record_may_lie_inside_the_element() {
    let body = r#"[{"id":1,"node":{"a":1}},{"id":2,"node":null},{"id":3},{"node":"x","id":4},5]"#;
    let found = run(body, &rows(&[""], "/node", &["/id", "/node/a", "/node"])).unwrap();
    let records: Vec<Span> = found.rows.iter().map(|row| row.record).collect();
    assert_eq!(texts(body, &records), [r#"{"a":1}"#, "", "", r#""x""#, ""]);
    assert_eq!(records[1], Span::NONE);
    let cells = ["1", "1", r#"{"a":1}"#, "2", "", "null", "3", "", "", "4", "", r#""x""#, "", "", ""];
    assert_eq!(texts(body, &found.cells), cells);
    let body = r#"[{"v":[1,2]},{"v":[]}]"#;
    let found = run(body, &rows(&[""], "/v/-1", &["/v/0"])).unwrap();
    assert_eq!((text(body, found.rows[0].record), found.rows[1].record), ("2", Span::NONE));
    assert_eq!(texts(body, &found.cells), ["1", ""]);
}

#[test]
fn cells_are_found_at_any_depth() {
    let cells = ["/user/id", "/ids/1", "", "/ids/-1", "/x[k=1]/v", "/a~1b", "/"];
    let body = r#"{"d":[{"ids":[7,8,9],"user":{"name":"n","id":"u"},"x":[{"k":1,"v":true}],"a/b":0,"":-1}]}"#;
    let found = run(body, &rows(&["/d"], "", &cells)).unwrap();
    let whole = text(body, found.rows[0].element);
    assert_eq!(texts(body, &found.cells), [r#""u""#, "8", whole, "9", "true", "0", "-1"]);
    // Numbers are names in an object, and names are nothing in an array.
    let body = r#"[{"user":[1],"ids":{"1":"one","-1":"minus"},"x":{"k":1,"v":2}},[[0]]]"#;
    let found = run(body, &rows(&[""], "", &cells)).unwrap();
    assert_eq!(
        texts(body, &found.cells[..5]),
        ["", r#""one""#, text(body, found.rows[0].element), r#""minus""#, ""]
    );
    assert_eq!(texts(body, &found.cells[7..]), ["", "", "[[0]]", "", "", "", ""]);
}

#[test]
fn a_name_on_the_way_to_something_must_not_stand_twice() {
    let plan = rows(&["/data", "/items"], "/node", &["/id", "/a/b", "/x[k=1]/v"]);
    assert_eq!(duplicate(r#"{"data":[],"data":[]}"#, &plan), "/data");
    assert_eq!(duplicate(r#"{"items":1,"\u0069tems":2}"#, &plan), "/items");
    assert_eq!(duplicate(r#"{"data":[{},{"id":1,"x":{"id":2},"id":1}]}"#, &plan), "/data/1/id");
    assert_eq!(duplicate(r#"{"items":[{"node":1,"node":1}]}"#, &plan), "/items/0/node");
    assert_eq!(duplicate(r#"{"data":[{"a":{},"a":{}}]}"#, &plan), "/data/0/a");
    assert_eq!(duplicate(r#"{"data":[{"a":{"b":1,"c":1,"b":1}}]}"#, &plan), "/data/0/a/b");
    assert_eq!(duplicate(r#"{"data":[{"x":[{"k":1,"v":1,"v":1}]}]}"#, &plan), "/data/0/x[k=1]/v");
    let fine = r#"{"o":1,"o":2,"data":[{"o":1,"o":2,"id":{"id":1,"id":2},"a":{"c":1,"c":1}}]}"#;
    assert_eq!(run(fine, &plan).unwrap().rows.len(), 1);
    assert_eq!(duplicate(r#"[{"~/":1,"~\/":1}]"#, &rows(&[""], "", &["/~0~1"])), "/0/~0~1");
    // A body that is cut is that first of all.
    assert!(matches!(run(r#"{"data":[],"data":["#, &plan), Err(ScanError::Invalid { at: 19, .. })));
    assert_eq!(run(r#"{"data":[],"data":[]},"#, &plan), Err(ScanError::Trailing { at: 21 }));
}

#[test]
fn more_ways_than_bits_are_kept_apart() {
    let cells: Vec<String> = (0..200).map(|number| format!("/c{number}")).collect();
    let plan = rows(&[""], "", &cells.iter().map(String::as_str).collect::<Vec<_>>());
    let members: Vec<String> = (0..200).rev().map(|number| format!("\"c{number}\":{number}")).collect();
    let body = format!("[{{{}}}]", members.join(","));
    let found = run(&body, &plan).unwrap();
    assert!(found.cells.iter().enumerate().all(|(slot, cell)| text(&body, *cell) == slot.to_string()));
    for twice in ["c3", "c64", "c199"] {
        let body = format!("[{{{},\"{twice}\":0}}]", members.join(","));
        assert_eq!(duplicate(&body, &plan), format!("/0/{twice}"));
    }
}

#[test]
fn names_are_told_apart_by_every_byte() {
    let names = [
        "id",
        "ids",
        "i",
        "long_name",
        "long_nam3",
        "long_namE",
        "eight_by",
        "eight_bytes",
        "i\u{0}",
        "\u{0}",
    ];
    let cells: Vec<String> = names.iter().map(|name| format!("/{name}")).collect();
    let plan = rows(&[""], "", &cells.iter().map(String::as_str).collect::<Vec<_>>());
    for (slot, name) in names.iter().enumerate() {
        let open = serde_json::to_string(name).unwrap();
        let hidden: Vec<String> =
            name.chars().map(|letter| format!("\\u{:04x}", u32::from(letter))).collect();
        // Short bodies too: names at the very end of a text are read another way.
        for name in [open, format!("\"{}\"", hidden.concat())] {
            let body = format!("[{{{name}:1}}]");
            let found = run(&body, &plan).unwrap();
            let there: Vec<usize> = (0..names.len()).filter(|slot| !found.cells[*slot].is_none()).collect();
            assert_eq!(there, [slot], "{body}");
        }
    }
}

#[test]
fn near_misses_are_named() {
    let named = |body: &str| arrays(body.as_bytes());
    let found = named(r#"{"meta":{"tags":[1,2]},"results":[{"x":[1]},{"x":[1]}],"a~/b":[]}"#);
    let expected = [("/results", 2), ("/a~0~1b", 0), ("/meta/tags", 2)];
    assert_eq!(found, expected.map(|(path, length)| (path.to_owned(), length)));
    assert_eq!(named("\u{feff} [1,2,3]"), [(String::new(), 3)]);
    assert_eq!(named(r#"[{"results":[]}]"#), [(String::new(), 1), ("/0/results".to_owned(), 0)]);
    assert_eq!(named("[[1,2],[3]]"), [(String::new(), 2), ("/0".to_owned(), 2)]);
    assert_eq!(named(r#"{"a":{"b":{"c":{"d":[],"e":{"f":[]}}}}}"#), [("/a/b/c/d".to_owned(), 0)]);
    let wide: Vec<String> = (0..40).map(|number| format!("\"k{number}\":[]")).collect();
    assert_eq!(named(&format!("{{{}}}", wide.join(","))).len(), 16);
    for poor in ["", "null", "<a>", "{", "{\"a\"", "[1,", "\"[]\""] {
        assert_eq!(named(poor), [], "{poor}");
    }
}

#[test]
fn a_body_that_is_not_utf8_is_flagged_and_kept_but_for_what_is_wanted() {
    let plan = rows(&["/d"], "/n", &["/id"]);
    let body = b"{\"d\":[{\"id\":1,\"n\":{\"t\":\"\xff\"},\"\xfe\":0}],\"\xc3\":[]}";
    let found = run(body, &plan).unwrap();
    assert!(found.invalid_utf8 && found.rows[0].record.slice(body) == b"{\"t\":\"\xff\"}");
    let wrong = scan(b"{\"d\":[{\"id\":\"\xff\"}]}", &plan, &Limits::default());
    assert_eq!(wrong, Err(ScanError::InvalidUtf8 { pointer: "/d/0/id".to_owned() }));
    let mut builder = Plan::builder();
    for at in ["", "/d", "/next"] {
        builder.body(&pointer(at));
    }
    builder.records(&[pointer("/d")], &pointer(""));
    let plan = builder.build();
    assert!(run(b"{\"d\":[\"\xff\"],\"next\":\"a\"}", &plan).unwrap().invalid_utf8);
    let wrong = run(b"{\"d\":[],\"next\":{\"k\":\"\xff\"}}", &plan);
    assert_eq!(wrong, Err(ScanError::InvalidUtf8 { pointer: "/next".to_owned() }));
}
