//! Bodies, pointers, values.

use everypage_core::json::{
    Limits, Plan, Pointer, Raw, ScanError, Span, Tree, arrays, compare, lookup, same, scan,
};
use serde_json::Value;

/// Where the values of `body` are looked for.
const POINTERS: [&str; 9] = [
    "/next",
    "/meta/total",
    "/errors/-1/message",
    "/list[k=v]/x",
    "/meta/more/0",
    "/a/b/c",
    "",
    "/data/1/id",
    "/a~1b/~0",
];

/// What serde_json takes for JSON, without looking into it. Nesting too deep for it is unknown.
fn is_json(body: &[u8]) -> Option<bool> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match serde_json::from_slice::<serde::de::IgnoredAny>(body) {
        Ok(_) => Some(true),
        Err(error) if error.to_string().contains("recursion") => None,
        Err(_) => Some(false),
    }
}

/// A refusal that serde_json wouldn't make.
const fn is_ours(error: &ScanError) -> bool {
    matches!(
        error,
        ScanError::DuplicateMember { .. }
            | ScanError::TooDeep { .. }
            | ScanError::ValueTooLong { .. }
            | ScanError::InvalidUtf8 { .. }
    )
}

/// A body, after a byte that chooses the limits, is scanned or refused, and every span is a value.
pub fn body(input: &[u8]) -> bool {
    let Some((flags, body)) = input.split_first() else { return false };
    let limits = Limits {
        depth: if flags & 1 == 0 { 128 } else { 8 },
        value: if flags & 2 == 0 { 65536 } else { 16 },
    };
    let at = |text: &str| Pointer::parse(text).expect("it is one");
    let wanted = POINTERS.map(at);
    let mut builder = Plan::builder();
    let slots: Vec<usize> = wanted.iter().map(|pointer| builder.body(pointer)).collect();
    builder.records(&[at("/data"), at("/rows/items"), at("")], &at("/node"));
    for text in ["/id", "/node/id", "/tags[name=x]/v"] {
        builder.element(&at(text));
    }
    let _ = arrays(body);
    match scan(body, &builder.build(), &limits) {
        Ok(found) => {
            assert_eq!(found.cells.len(), found.rows.len() * 3);
            assert!(found.invalid_utf8 || is_json(body) != Some(false), "not JSON");
            let rows = found.rows.iter().flat_map(|row| [&row.element, &row.record]);
            for span in rows.chain(&found.cells).chain(&found.values).filter(|span| !span.is_none()) {
                let bytes = span.slice(body);
                assert!(!bytes.is_empty() && bytes.len() == span.len() as usize);
                if let Ok(text) = std::str::from_utf8(bytes) {
                    assert!(Raw::parse(text).is_some(), "`{text}`");
                }
            }
            for (pointer, slot) in wanted.iter().zip(&slots) {
                let (fast, slow) = (found.values[*slot], lookup(body, pointer));
                assert_eq!(Some(fast).filter(|span| !span.is_none()), slow, "{pointer}");
            }
            true
        }
        Err(error) => {
            assert!(error.to_string().len() < 2000, "{error}");
            assert!(is_ours(&error) || is_json(body) != Some(true), "{error}");
            false
        }
    }
}

/// A pointer on the first line, JSON after it: scanning finds what looking finds, and what serde_json finds.
pub fn search(input: &[u8]) -> bool {
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return false };
    let (line, body) = (&input[..end], &input[end + 1..]);
    let Some(pointer) = std::str::from_utf8(line).ok().and_then(|text| Pointer::parse(text).ok()) else {
        return false;
    };
    let mut builder = Plan::builder();
    let slot = builder.body(&pointer);
    let Ok(found) = scan(body, &builder.build(), &Limits::default()) else { return false };
    let span = Some(found.values[slot]).filter(|span| !span.is_none());
    assert_eq!(span, lookup(body, &pointer), "{pointer}");
    let plain = pointer.tokens().iter().all(|token| !token.is_last()) && !pointer.as_str().contains('[');
    let Ok(whole) = serde_json::from_slice::<Value>(body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body))
    else {
        return true;
    };
    // serde_json takes the last of members with one name; the scan knows of them only where it looks.
    if plain && !has_duplicates(body) {
        let theirs = whole.pointer(pointer.as_str());
        let ours = span.and_then(|span: Span| serde_json::from_slice::<Value>(span.slice(body)).ok());
        assert_eq!(ours.as_ref(), theirs, "{pointer}");
    }
    true
}

/// Whether an object names a member twice.
fn has_duplicates(body: &[u8]) -> bool {
    let text = std::str::from_utf8(body).unwrap_or_default().trim_start_matches('\u{feff}');
    Tree::parse(text).is_none()
}

/// A pointer reads back as it is written.
pub fn pointer(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let Ok(pointer) = Pointer::parse(text) else { return false };
    assert_eq!(Pointer::parse(pointer.as_str()), Ok(pointer.clone()));
    assert_eq!(pointer.to_string(), text);
    assert!(text.len() <= 512 && pointer.tokens().len() <= 32);
    true
}

/// Values, one a line: each reads back, and their order is one.
pub fn value(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let values: Vec<Raw> = text.lines().take(3).filter_map(Raw::parse).collect();
    for raw in &values {
        assert_eq!(Raw::parse(raw.as_str()).as_ref(), Some(raw));
        let canonical = raw.canonical();
        assert_eq!(canonical.canonical(), canonical);
        assert_eq!(canonical.kind(), raw.kind());
        let (itself, text) = (same(raw.as_str(), raw.as_str()), raw.as_str());
        assert!(itself || !matches!(compare(text, text), Some(order) if order.is_eq()));
        let stored = serde_json::to_string(raw).expect("it is JSON");
        assert_eq!(serde_json::from_str::<Raw>(&stored).expect("it was written so"), *raw);
        let _ = (raw.text(), raw.plain(), raw.as_u64(), raw.loose_u64(), raw.as_bool(), raw.is_blank());
    }
    for a in &values {
        for b in &values {
            let there = compare(a.as_str(), b.as_str());
            assert_eq!(
                there,
                compare(b.as_str(), a.as_str()).map(std::cmp::Ordering::reverse),
                "{a:?} {b:?}"
            );
            let Some(there) = there.filter(|order| order.is_le()) else { continue };
            for c in &values {
                if compare(b.as_str(), c.as_str()) == Some(there) {
                    assert_eq!(compare(a.as_str(), c.as_str()), Some(there), "{a:?} {b:?} {c:?}");
                }
            }
        }
    }
    if let Some(tree) = Tree::parse(text) {
        let printed = tree.to_json();
        assert_eq!(Tree::parse(&printed).map(|tree| tree.to_json()), Some(printed));
        return true;
    }
    !values.is_empty()
}
