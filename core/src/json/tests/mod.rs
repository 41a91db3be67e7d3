//! What only shows when the parts work together.

mod grammar;
mod hostile;
mod random;
mod records;
mod trees;
mod values;

use super::{Limits, Plan, Pointer, Scan, ScanError, Span, scan};

fn pointer(text: &str) -> Pointer {
    Pointer::parse(text).unwrap()
}

/// A plan that wants nothing.
fn nothing() -> Plan {
    Plan::builder().build()
}

/// A plan for records with these element slots.
fn rows(at: &[&str], each: &str, cells: &[&str]) -> Plan {
    let mut builder = Plan::builder();
    builder.records(&at.iter().map(|at| pointer(at)).collect::<Vec<_>>(), &pointer(each));
    for (slot, cell) in cells.iter().enumerate() {
        assert_eq!(builder.element(&pointer(cell)), slot);
    }
    builder.build()
}

/// A plan for these body slots.
fn values(at: &[&str]) -> Plan {
    let mut builder = Plan::builder();
    for (slot, at) in at.iter().enumerate() {
        assert_eq!(builder.body(&pointer(at)), slot);
    }
    builder.build()
}

fn run(body: impl AsRef<[u8]>, plan: &Plan) -> Result<Scan, ScanError> {
    scan(body.as_ref(), plan, &Limits::default())
}

fn text(body: &(impl AsRef<[u8]> + ?Sized), span: Span) -> &str {
    std::str::from_utf8(span.slice(body.as_ref())).unwrap()
}

fn texts<'a>(body: &'a (impl AsRef<[u8]> + ?Sized), spans: &[Span]) -> Vec<&'a str> {
    spans.iter().map(|span| text(body, *span)).collect()
}

/// Plans that lead through most of a body on the slow ways, too.
fn curious_plans() -> Vec<Plan> {
    let mut everywhere = Plan::builder();
    for at in
        ["", "/a", "/a/a", "/b/0", "/0", "/1/a", "/-1", "/a/-1", "/[a=1]/b", "/a[b=x]", "/id", "/\u{e9}"]
    {
        everywhere.body(&pointer(at));
        everywhere.element(&pointer(at));
    }
    everywhere.records(&["/-1", "/a", "/b/0", "", "/0"].map(pointer), &pointer("/a"));
    vec![
        nothing(),
        rows(&[""], "", &["/id", "/a/b"]),
        rows(&["/a", ""], "/a", &["", "/0"]),
        everywhere.build(),
    ]
}

/// Whether the grammar holds: what else is wrong with a body doesn't count. All plans must agree.
fn holds(body: &[u8]) -> bool {
    let plans = curious_plans();
    let verdicts = plans.iter().map(|plan| match run(body, plan) {
        Ok(_)
        | Err(
            ScanError::DuplicateMember { .. }
            | ScanError::InvalidUtf8 { .. }
            | ScanError::ValueTooLong { .. }
            | ScanError::TooDeep { .. }
            | ScanError::TooLarge,
        ) => true,
        Err(
            ScanError::Empty
            | ScanError::Invalid { .. }
            | ScanError::LooksLikeHtml
            | ScanError::Trailing { .. },
        ) => false,
    });
    let mut verdicts: Vec<bool> = verdicts.collect();
    verdicts.dedup();
    assert_eq!(verdicts.len(), 1, "the plans disagree about {:?}", String::from_utf8_lossy(body));
    verdicts[0]
}
