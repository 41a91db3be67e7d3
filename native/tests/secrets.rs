//! A canary among the credentials: it reaches the server and nothing else.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, reason = "tests")]

mod support;

use everypage::{Client, Fill, Source};
use std::fmt::{Debug, Write as _};
use std::io::Write;
use std::sync::{Arc, Mutex};
use support::{Server, answer, ok};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

/// Keeps everything that is logged, as text.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<String>>);

impl Visit for Log {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        let _ = write!(self.0.lock().unwrap(), " {field}={value:?}");
    }
}

impl Subscriber for Log {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("everypage")
    }

    fn new_span(&self, span: &Attributes<'_>) -> Id {
        let _ = write!(self.0.lock().unwrap(), "\n{}", span.metadata().name());
        span.record(&mut self.clone());
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, values: &Record<'_>) {
        values.record(&mut self.clone());
    }

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        self.0.lock().unwrap().push('\n');
        event.record(&mut self.clone());
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

const CANARY: &str = "hunter2-canary";

#[tokio::test]
async fn a_secret_is_in_no_log_error_report_or_checkpoint() {
    let log = Log::default();
    let guard = tracing::subscriber::set_default(log.clone());
    // The server puts the key it was given into its links, as some do, and fails on the third page.
    let server = Server::start(|head, stream| {
        let page: u64 = head
            .split("page=")
            .nth(1)
            .map_or(1, |rest| rest.split([' ', '&']).next().unwrap().parse().unwrap());
        let next = format!("/leads?page={}&key={CANARY}", page + 1);
        let reply = match page {
            1 | 2 => ok(&format!("{{\"data\":[{{\"id\":{page}}}],\"next\":\"{next}\"}}")),
            _ => answer("403 Forbidden", "", &format!("{{\"message\":\"{CANARY} is not allowed\"}}")),
        };
        stream.write_all(&reply).is_ok()
    });
    let text = format!(
        r#"{{"request":{{"url":"{}"}},"records":"/data","id":"/id","auth":{{"bearer":"{CANARY}","query":{{"key":"{CANARY}"}}}},
            "pagination":{{"style":"link","read":"body:/next"}}}}"#,
        server.url("/leads")
    );
    let mut walk = Client::new().unwrap().walk(Source::from_json(&text, &Fill::none()).unwrap());
    let error = walk.collect(10).await.unwrap_err();
    drop(guard);

    assert!(server.heads().iter().all(|head| head.contains(&format!("key={CANARY}"))));
    assert_eq!(server.heads().len(), 3);
    let mut told = format!("{error} {error:?} {walk:?}\n");
    told.push_str(&error.report().unwrap().to_json());
    told.push_str(&error.checkpoint().unwrap().to_json());
    told.push_str(&log.0.lock().unwrap());
    for word in ["walk", "request", "status=403", "url=\"http://127.0.0.1", "/leads"] {
        assert!(told.contains(word), "{word} in {told}");
    }
    let needle: String = CANARY.chars().take(8).collect();
    assert!(!told.contains(&needle), "{told}");
}
