//! Bodies made to hurt: deep, long, wide. A pass that is not linear would not end in these tests' time.

use super::super::{Limits, Raw, ScanError, Tree, arrays, lookup, scan};
use super::{curious_plans, pointer, rows, run, text, values};

fn nested(depth: usize, open: &str, middle: &str, close: &str) -> String {
    format!("{}{middle}{}", open.repeat(depth), close.repeat(depth))
}

#[test]
fn depth_is_limited_on_every_way() {
    let limits = |depth| Limits { depth, ..Limits::default() };
    for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]"), ("{\"x\":", "}"), ("[1,", ",2]")]
    {
        let levels = if open.starts_with("[{") { 2 } else { 1 };
        for plan in curious_plans() {
            let fine = nested(128 / levels, open, "1", close);
            assert!(!matches!(run(&fine, &plan), Err(ScanError::TooDeep { .. })), "{open}");
            let deep = nested(128 / levels, open, "[1]", close);
            assert_eq!(run(&deep, &plan).map(|_| ()), Err(ScanError::TooDeep { limit: 128 }), "{open}");
            assert_eq!(
                scan(deep.as_bytes(), &plan, &limits(u32::MAX)).err(),
                Some(ScanError::TooDeep { limit: 128 })
            );
            for depth in [0, 1, 2, 5, 60] {
                let fine = nested(depth / levels, open, "1", close);
                let found = scan(fine.as_bytes(), &plan, &limits(depth as u32));
                assert!(!matches!(found, Err(ScanError::TooDeep { .. })), "{open} {depth}");
                let deep = nested(depth / levels + 1, open, "1", close);
                let limit = depth as u32;
                assert_eq!(
                    scan(deep.as_bytes(), &plan, &limits(limit)).err(),
                    Some(ScanError::TooDeep { limit })
                );
            }
        }
    }
    let million = "[".repeat(1_000_000);
    assert_eq!(run(&million, &super::nothing()), Err(ScanError::TooDeep { limit: 128 }));
    assert_eq!((Raw::parse(&million), Tree::parse(&million)), (None, None));
    assert_eq!((lookup(million.as_bytes(), &pointer("/0")), arrays(million.as_bytes())), (None, vec![]));
    let fine = nested(128, "[", "", "]");
    assert!(Raw::parse(&fine).is_some() && Tree::parse(&fine).is_some_and(|tree| tree.to_json() == fine));
    assert_eq!(Raw::parse(&nested(129, "[", "", "]")), None);
}

/// Everything that can be done with a body.
fn all(body: &str) {
    let cell = rows(&["/a", "", "/0"], "/a", &["/id", "/x[k=1]/v", "/-1", "/a/a/a"]);
    let value = values(&["/a[k=z]/v", "/[k=z]/v", "/-1/-1", "/a/-1", "/a/a/0/a"]);
    for plan in curious_plans().iter().chain([&cell, &value]) {
        let _ = run(body, plan);
    }
    let _ = (arrays(body.as_bytes()), lookup(body.as_bytes(), &pointer("/a/-1/[k=1]/b")));
    if let Some(raw) = Raw::parse(body) {
        assert!(raw.canonical().as_str().len() <= body.len());
        let _ = Tree::parse(body);
    }
}

#[test]
fn long_bodies_take_time_in_proportion() {
    let long = 60_000;
    for body in [
        format!("\"{}\"", "\\\\".repeat(long)),
        format!("[\"{}\"]", "\\\"".repeat(long)),
        format!("{{\"{}\":1}}", "\\u0061".repeat(long)),
        format!("{{\"a\":\"{}\"}}", "é".repeat(long)),
        format!("[{}]", " ".repeat(long)),
        format!("[{}1]", "\n\t ".repeat(long)),
        format!("[{}]", "7".repeat(long)),
        format!("[0.{}e-{}]", "7".repeat(long), "8".repeat(long)),
        format!("[{}1]", "1,".repeat(long)),
        format!("[{}1]", "\"\",".repeat(long)),
        format!("[{}1]", "{},".repeat(long)),
        format!("[{}1]", "[[]],".repeat(long)),
        format!("{{\"a\":[{}1]}}", "{\"k\":2},".repeat(long)),
        format!("[{}1]", "{\"id\":1,\"a\":{\"a\":{\"a\":2}}},".repeat(long / 10)),
        format!("[{}1]", "{\"x\":[{\"k\":1,\"v\":2}]},".repeat(long / 10)),
        format!("{{{}\"z\":1}}", "\"i\\u0064\":1,\"b\":2,".repeat(long / 10)),
        format!("{{{}\"z\":1}}", "\"ab\":[],".repeat(long)),
        format!("[{}1]", "[[[[[[[[[[[[1]]]]]]]]]]]],".repeat(long / 20)),
        "\"".repeat(long),
        "\\".repeat(long),
        "\0".repeat(long),
        " ".repeat(long),
        "{\"a\":".repeat(long),
        format!("[{}", "\"a\",".repeat(long)),
        format!("\"{}", "a".repeat(long)),
    ] {
        all(&body);
    }
}

#[test]
fn names_that_mean_something_elsewhere_are_only_names() {
    let body = r#"[{"__proto__":1,"constructor":2,"toString":3,"id":4,"hasOwnProperty":5}]"#;
    let found =
        run(body, &rows(&[""], "", &["/__proto__", "/constructor", "/toString", "/valueOf"])).unwrap();
    assert_eq!(super::texts(body, &found.cells), ["1", "2", "3", ""]);
}

#[test]
fn a_page_with_many_rows_is_a_page() {
    let body = format!("[{}0]", "0,".repeat(200_000));
    let found = run(&body, &rows(&[""], "", &[""])).unwrap();
    assert_eq!((found.rows.len(), found.cells.len()), (200_001, 200_001));
    assert_eq!(text(&body, found.cells[200_000]), "0");
}
