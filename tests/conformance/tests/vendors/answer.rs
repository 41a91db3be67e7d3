//! What the server answers: a page in the vendor's envelope, with the next position where the vendor puts it.

use crate::asked::put;
use crate::entry::{Entry, Next, Slot, State, Stop, bare};
use crate::odd::{self, Carrier, Gone, Token};
use crate::server::World;
use crate::source;
use everypage_core::http::Response;
use serde_json::{Value, json};

impl World<'_> {
    /// The token that leads to a row.
    fn issue(&mut self, at: usize) -> Value {
        match odd::token(&self.entry.id) {
            Token::Json => format!("[\"{at}\",\"x y\"]").into(),
            Token::LastId => {
                let last = at.checked_sub(1).and_then(|i| self.rows.get(i));
                last.and_then(|row| row.pointer(&self.entry.spec.record_id)).cloned().unwrap_or(Value::Null)
            }
            Token::Number => {
                self.issued.push(at);
                (self.issued.len() as u64 - 1).into()
            }
            Token::Object => json!({"pk": {"S": "lead"}, "sk": {"N": at.to_string()}}),
            Token::Session => "session-1".into(),
            Token::Text => format!("t={at}/+==").into(),
        }
    }

    pub fn page(&mut self, shown: &[usize], at: usize, end: usize, size: u64, more: bool) -> Response {
        let entry = self.entry;
        let spec = &entry.spec;
        let mut body = if spec.records.pointer.is_empty() { json!([]) } else { json!({}) };
        let mut response = Response::default();
        let mut rows: Vec<Value> = Vec::new();
        for i in shown {
            rows.push(self.rows[*i].clone());
            if entry.id == "fhir" && i % 10 == 9 {
                rows.push(json!({"resource": {"id": format!("org-{i}")}, "search": {"mode": "include"}}));
            }
        }
        if entry.id == "quickbooks" {
            body["QueryResponse"] = json!({});
        }
        if !(rows.is_empty() && odd::leaves_records_out(&entry.id)) {
            put(&mut body, &spec.records.pointer, rows.into());
        }
        if let Some((pointer, value)) = spec.ok.as_deref().and_then(|ok| ok.split_once('=')) {
            put(&mut body, pointer, serde_json::from_str(value).unwrap_or(Value::Null));
        }
        let n = self.rows.len() as u64;
        self.total(&mut body, &mut response, end as u64);
        self.replies += 1;
        for state in &spec.state {
            self.next(state, &mut body, &mut response, (at, end), size, more);
        }
        for stop in &spec.stop {
            match stop {
                Stop::Flag { pointer, value } => {
                    let ended: bool = value == "true";
                    put(&mut body, pointer, Value::Bool(if more { !ended } else { ended }));
                }
                Stop::SiblingAbsent { pointer } if more => {
                    let pointer =
                        if pointer.ends_with(']') { format!("{pointer}/href") } else { pointer.clone() };
                    put(&mut body, &pointer, "/v1/leads?start=next".into());
                }
                Stop::PageCount { source } => {
                    let pages = n.div_ceil(size);
                    match source.strip_prefix("hdr:") {
                        Some(name) => response.headers.push(name, pages.to_string()),
                        None => put(&mut body, bare(source).trim_start_matches("body:"), pages.into()),
                    }
                }
                Stop::Empty | Stop::Missing | Stop::Short | Stop::SiblingAbsent { .. } | Stop::Total => {}
            }
        }
        response.status = 200;
        response.headers.push("content-type", "application/json");
        response.body = body.to_string().into_bytes();
        response
    }

    fn total(&self, body: &mut Value, response: &mut Response, end: u64) {
        let Some(total) = self.entry.spec.total.as_deref() else { return };
        let n = self.rows.len() as u64;
        let (left, total) = total.strip_prefix("remaining: ").map_or((n, total), |rest| (n - end, rest));
        let value = if total.contains("(string)") { left.to_string().into() } else { Value::from(left) };
        let place = bare(total);
        if let Some(name) = place.strip_prefix("hdr:") {
            response.headers.push(name, n.to_string());
        } else if let Some(pointer) = place.strip_prefix("body:") {
            let rare = total.contains("(rare)") || self.entry.id == "kubernetes" && left == 0;
            if !rare {
                put(body, pointer, value);
            }
        }
    }

    /// Hands the next position out, or what stands there at the end.
    fn next(
        &mut self,
        state: &State,
        body: &mut Value,
        response: &mut Response,
        (at, end): (usize, usize),
        size: u64,
        more: bool,
    ) {
        let id = self.entry.id.clone();
        let outlives = !self.entry.spec.stop.iter().any(|stop| matches!(stop, Stop::Missing));
        match &state.next {
            Next::Counter { echo: Some(echo), .. } => put(body, echo, size.into()),
            Next::Counter { .. } | Next::LastRecord { .. } | Next::MaxOfRecords { .. } => {}
            Next::Header { name } => {
                let first = state.init.as_u64().unwrap_or(0);
                let next = first + end as u64 / unit(state, size);
                response.headers.push(name, if more { next.to_string() } else { String::new() });
            }
            Next::Body { pointer } => match id.as_str() {
                "mixpanel.engage" if at == 0 => {
                    put(body, pointer, "session-1".into());
                    put(body, "/page_size", size.into());
                }
                "mixpanel.engage" => put(body, "/page_size", size.into()),
                "es.search_after" => put(body, pointer, format!("pit-{}", self.replies).into()),
                "snowflake.sql" => {
                    put(body, pointer, "01b2-handle".into());
                    put(body, "/resultSetMetaData/partitionInfo", json!([{"rowCount": size}]));
                }
                "couchdb.find" if end == at => put(body, pointer, "nil".into()),
                _ if more || outlives => {
                    let next = if state.init.is_number() {
                        let pages = end as u64 / unit(state, size);
                        Value::from(state.init.as_u64().unwrap_or(0) + pages)
                    } else {
                        self.issue(end)
                    };
                    put(body, pointer, next);
                }
                _ => absent(body, pointer, odd::gone(&id)),
            },
            Next::LinkBody { pointer, .. } => {
                if more {
                    let link = self.link(end, size);
                    put(body, pointer, link.into());
                } else if id == "fhir" {
                    put(body, "/link[relation=self]/url", "https://fhir.example/v1/leads".into());
                } else {
                    absent(body, pointer, odd::gone(&id));
                }
                if id == "twilio.v1" {
                    put(body, "/meta/key", "conversations".into());
                }
            }
            Next::LinkHeader { .. } => self.link_headers(response, end, size, more),
        }
    }

    fn link_headers(&mut self, response: &mut Response, end: usize, size: u64, more: bool) {
        let next = more.then(|| format!("<{}>; rel=\"next\"", self.link(end, size)));
        let own = source::base(&self.entry.id);
        match (self.entry.id.as_str(), next) {
            // Several header lines instead of one list.
            ("okta", next) => {
                response.headers.push("link", format!("<{own}?limit={size}>; rel=\"self\""));
                if let Some(next) = next {
                    response.headers.push("link", next);
                }
            }
            ("shopify.rest", Some(next)) if end > size as usize => {
                response.headers.push("link", format!("<{own}?page_info=b>; rel=\"previous\", {next}"));
            }
            ("github.rest", Some(next)) => {
                response
                    .headers
                    .push("link", format!("{next}, <{own}?per_page={size}&page=9>; rel=\"last\""));
            }
            (_, Some(next)) => response.headers.push("link", next),
            (_, None) => {}
        }
    }

    /// The next link as this vendor writes it.
    fn link(&mut self, end: usize, size: u64) -> String {
        let entry = self.entry;
        let own = source::base(&entry.id);
        let token = plain(&self.issue(end)).replace('+', "%2B");
        let asked = match entry.spec.size.as_ref().map(|size| &size.slot) {
            Some(Slot::Query { name }) => format!("&{name}={size}"),
            _ => String::new(),
        };
        let path = odd::path(&entry.id);
        let mut link = match (entry.id.as_str(), odd::carrier(&entry.id)) {
            ("confluence.v1", _) => format!("/rest/api/content?cursor={token}{asked}"),
            ("confluence.v2", _) => format!("/wiki/api/v2/pages?cursor={token}{asked}"),
            ("salesforce.query", _) | (_, Carrier::Path) => {
                return format!("{path}/{}", token.replace('/', "%2F"));
            }
            ("twilio.2010", Carrier::Token(name)) => format!("{path}?Page=1{asked}&{name}={token}"),
            ("twilio.v1", Carrier::Token(name)) => format!("{own}?Page=1{asked}&{name}={token}"),
            ("klaviyo", _) => format!("{own}?page%5Bcursor%5D={token}{asked}"),
            (_, Carrier::Page(name)) => format!("{own}?{name}={}{asked}", end as u64 / size + 1),
            (_, Carrier::Rows(name)) => format!("{own}?{name}={end}{asked}"),
            (_, Carrier::Token(name)) => format!("{own}?{name}={token}{asked}"),
        };
        if entry.id != "shopify.rest" {
            let fixed = &source::document(entry, false)["request"]["query"];
            for (name, value) in fixed.as_object().into_iter().flatten() {
                link = format!("{link}&{name}={}", plain(value));
            }
        }
        link
    }
}

/// Writes the end of a token.
fn absent(body: &mut Value, pointer: &str, gone: Gone) {
    let parent = pointer.rsplit_once('/').map_or("", |(parent, _)| parent);
    match gone {
        Gone::Absent if parent.is_empty() => {}
        // The member is gone, what it stood in isn't.
        Gone::Absent => put(body, &format!("{parent}/self"), "here".into()),
        Gone::Empty => put(body, pointer, "".into()),
        Gone::Null => put(body, pointer, Value::Null),
        Gone::ParentAbsent => {}
        Gone::ParentNull => put(body, parent, Value::Null),
    }
}

/// One element of the list, with its id, its keys and a mark to know it by.
pub fn row(entry: &Entry, i: usize) -> Value {
    let spec = &entry.spec;
    if entry.id == "snowflake.sql" {
        return json!([(i + 1).to_string(), "x"]);
    }
    let mut row = json!({});
    if entry.id == "dynamodb" {
        row["pk"] = json!({"S": "lead"});
    }
    for state in &spec.state {
        if let Next::LastRecord { pointer, .. } | Next::MaxOfRecords { pointer } = &state.next {
            let key = match pointer.as_str() {
                "/created_at" => format!("2026-01-01T00:{:02}:{:02}.000Z", i / 60, i % 60).into(),
                "/JournalNumber" => (3 * i + 1).into(),
                // The first value is shared.
                "/key" => format!("k{:03}", i / 3).into(),
                "/sort" => json!([1_790_000_000_000_u64 + i as u64 / 2, i]),
                _ => continue,
            };
            put(&mut row, pointer, key);
        }
    }
    put(&mut row, &spec.record_id, odd::id(&entry.id, i));
    put(&mut row, &format!("{}/n", spec.records.each.as_deref().unwrap_or_default()), i.into());
    row
}

/// Rows per step of a number the server hands out.
pub fn unit(state: &State, size: u64) -> u64 {
    let pages = matches!(&state.slot, Slot::Query { name } if name.contains("page"));
    if pages { size } else { 1 }
}

/// A text as it stands in a URL: strings without quotes.
pub fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
