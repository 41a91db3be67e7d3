//! What the rows are made of: sources, answers, a walk in virtual time, and what may come of it.

use everypage_conformance::drive::{Host, Outcome};
pub use everypage_conformance::world::json as page;
use everypage_core::facts::Verdict;
pub use everypage_core::http::FailureKind;
use everypage_core::http::{Failure, Request, Response};
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::{Fill, Source};
use everypage_core::time::Now;
use everypage_core::walk::{Report, Walk};
pub use serde_json::{Value, json};

/// Where every list stands.
pub const URL: &str = "https://api.example.com/v1/leads";
/// A secret that must show nowhere.
pub const CANARY: &str = "canary-5f21c0ffee";
/// What comes after the answers of a case: the last page.
pub const LAST: &str = r#"{"data":[{"id":"the last"}],"next":null,"has_more":false}"#;
/// Mon, 21 Sep 2026 14:13:20 GMT, when every walk starts, in seconds since 1970.
pub const START: i64 = 1_790_000_000;

/// What came of a case: nothing to say, or what is wrong.
pub type Came = Result<(), String>;

/// One row of the table.
pub struct Row {
    /// Its id.
    pub id: &'static str,
    /// Where the design says otherwise than the table.
    pub note: &'static str,
    /// Its inputs.
    pub cases: Vec<Case>,
}

/// One input.
pub struct Case {
    /// The input, for messages.
    pub input: String,
    /// Tries it.
    pub check: Box<dyn Fn() -> Came>,
}

pub fn row(id: &'static str, cases: impl IntoIterator<Item = Case>) -> Row {
    noted(id, "", cases)
}

pub fn noted(id: &'static str, note: &'static str, cases: impl IntoIterator<Item = Case>) -> Row {
    Row { id, note, cases: cases.into_iter().collect() }
}

pub fn case(input: impl std::fmt::Debug, check: impl Fn() -> Came + 'static) -> Case {
    let input: String = format!("{input:?}").chars().take(120).collect();
    Case { input, check: Box::new(check) }
}

/// Says what is wrong unless something holds.
pub fn expect(holds: bool, what: impl FnOnce() -> String) -> Came {
    if holds { Ok(()) } else { Err(what()) }
}

/// An answer of the case's server.
#[derive(Clone)]
pub enum Answer {
    Page(Response),
    Broken(FailureKind),
}

impl From<Response> for Answer {
    fn from(response: Response) -> Answer {
        Answer::Page(response)
    }
}

pub fn body(text: impl Into<Vec<u8>>) -> Answer {
    Answer::Page(page(text))
}

pub fn status(status: u16, headers: &[(&str, &[u8])]) -> Answer {
    with(Response { status, ..page("{}") }, headers)
}

pub fn with(mut response: Response, headers: &[(&str, &[u8])]) -> Answer {
    for (name, value) in headers {
        response.headers.push(name, *value);
    }
    Answer::Page(response)
}

/// A page of one record, its next position as JSON.
pub fn next(value: &str) -> Answer {
    body(format!(r#"{{"data":[{{"id":1}}],"next":{value}}}"#))
}

/// A source on `/data` with ids, its parts replaced by those of `more`.
pub fn source(pagination: Value, more: Value) -> Value {
    let mut doc = json!({
        "request": {"url": URL}, "records": "/data", "id": "/id", "auth": {"bearer": CANARY},
        "pagination": pagination,
    });
    if let Value::Object(more) = more {
        for (key, value) in more {
            doc[key] = value;
        }
    }
    doc
}

pub fn cursor(more: Value) -> Value {
    source(json!({"style": "cursor", "read": "body:/next", "write": "query:cursor"}), more)
}

pub fn header_link(more: Value) -> Value {
    source(json!({"style": "link", "read": "link:next", "contact": "off"}), more)
}

pub fn body_link(more: Value) -> Value {
    source(json!({"style": "link", "read": "body:/next", "contact": "off"}), more)
}

/// What came of a walk.
pub struct Ran {
    pub urls: Vec<String>,
    /// When each request went out, in milliseconds.
    pub at: Vec<u64>,
    pub records: Vec<String>,
    pub code: Option<String>,
    pub outcome: Outcome,
}

/// Walks over the answers, then over [`LAST`].
pub fn run(doc: &Value, answers: &[Answer]) -> Ran {
    let source = Source::from_value(doc, &Fill::none()).unwrap_or_else(|error| panic!("{error}"));
    let host = Host { max_requests: 60, ..Host::default() };
    let mut walk = Walk::start(source, &Budget::new(), Seed(7), host.now);
    drive(&mut walk, host, answers)
}

/// The same with a walk that is there already.
pub fn drive(walk: &mut Walk, host: Host, answers: &[Answer]) -> Ran {
    let mut left = answers.iter();
    let mut bodies: Vec<Vec<u8>> = Vec::new();
    let mut server = |_: &Request, _: Now| match left.next().cloned().unwrap_or_else(|| body(LAST)) {
        Answer::Page(response) => {
            bodies.push(response.body.clone());
            Ok(response)
        }
        Answer::Broken(kind) => Err(Failure::new(kind, "")),
    };
    let outcome = host.run(walk, &mut server);
    // What holds whatever came in: credentials stay home, records are the server's bytes, nothing runs away.
    let report = outcome.report.to_json();
    assert!(!report.contains(CANARY) && !outcome.checkpoint.contains(CANARY), "the secret is in {report}");
    assert!(!outcome.runaway, "the walk doesn't end");
    for (_, url) in &outcome.asked {
        assert!(url.starts_with("https://api.example.com/"), "asked {url}");
    }
    for record in &outcome.records {
        let sent = bodies.iter().any(|body| body.windows(record.len()).any(|part| part == *record));
        assert!(sent, "a record that no answer holds");
    }
    assert!(outcome.sleeps.iter().all(|(ms, _)| *ms < 1 << 31), "a timer too long for JavaScript");
    Ran {
        urls: outcome.asked.iter().map(|(_, url)| url.clone()).collect(),
        at: outcome.asked.iter().map(|(at, _)| *at).collect(),
        records: outcome.records.iter().map(|r| String::from_utf8_lossy(r).into_owned()).collect(),
        code: outcome.report.error.as_ref().map(|error| error.code.clone()),
        outcome,
    }
}

/// Walks over one page many times as large as the others: only the report, nothing compared byte by byte.
pub fn run_unchecked(doc: &Value, text: &str) -> Report {
    let source = Source::from_value(doc, &Fill::none()).unwrap_or_else(|error| panic!("{error}"));
    let host = Host { max_requests: 60, ..Host::default() };
    let mut walk = Walk::start(source, &Budget::new(), Seed(7), host.now);
    let mut server = |_: &Request, _: Now| -> Result<Response, Failure> { Ok(page(text)) };
    host.run(&mut walk, &mut server).report
}

impl Ran {
    fn brief(&self) -> String {
        let error = self.outcome.report.error.as_ref().map(ToString::to_string);
        format!("{:?} {error:?} after {} requests {:?}", self.verdict(), self.urls.len(), self.urls.get(1))
    }

    pub fn verdict(&self) -> Verdict {
        self.outcome.report.verdict
    }

    /// The second request went to this URL, and the list ended with its answer.
    pub fn followed(&self, url: &str) -> Came {
        let good = self.urls.len() == 2 && self.urls[1] == url && self.code.is_none();
        expect(good, || format!("expected {url} followed, found {}", self.brief()))
    }

    /// The list ended with its first page, but nothing proves that.
    pub fn ended_unproven(&self) -> Came {
        let good = self.urls.len() == 1 && self.verdict() == Verdict::Unproven;
        expect(good, || format!("expected an unproven end, found {}", self.brief()))
    }

    /// The walk failed at the first answer: no other try, no end, and its records were handed out if it was a page.
    pub fn failed(&self, code: &str) -> Came {
        let good = self.urls.len() == 1
            && self.code.as_deref() == Some(code)
            && matches!(self.verdict(), Verdict::Failed | Verdict::Stopped);
        expect(good, || format!("expected {code} at once, found {}", self.brief()))
    }

    /// The walk tried the same URL so many times, then failed.
    pub fn gave_up(&self, code: &str, tries: usize) -> Came {
        let same = self.urls.iter().all(|url| *url == self.urls[0]);
        let good = self.urls.len() == tries && same && self.code.as_deref() == Some(code);
        expect(good && self.verdict() == Verdict::Failed, || {
            format!("expected {code} after {tries} tries, found {}", self.brief())
        })
    }

    /// The first page was asked for again, after a wait in this range of milliseconds, and the list went on.
    pub fn tried_again(&self, least: u64, most: u64) -> Came {
        let good = self.urls.len() == 2 && self.urls[0] == self.urls[1] && self.code.is_none();
        expect(good, || format!("expected another try, found {}", self.brief()))?;
        self.waited(least, most)
    }

    /// The second request went out so long after the first was answered.
    pub fn waited(&self, least: u64, most: u64) -> Came {
        let Some(second) = self.at.get(1) else { return Err(format!("one request: {}", self.brief())) };
        let wait = second - self.at[0] - 10;
        expect((least..=most).contains(&wait), || format!("waited {wait} ms, not {least} to {most}"))
    }
}

/// The source is refused, and what is wrong is said to stand at this field.
pub fn refused(doc: &Value, field: &str) -> Came {
    match Source::from_value(doc, &Fill::none()) {
        Ok(_) => Err("taken".to_owned()),
        Err(error) => {
            let named = error.faults.iter().any(|fault| fault.field.starts_with(field));
            expect(named && !error.to_string().contains(CANARY), || format!("refused as {error}"))
        }
    }
}
