//! A server that behaves as an entry says, and refuses whatever it doesn't know.

use crate::asked::{Asked, put};
use crate::entry::{Entry, Next, Slot, State, Step, Stop, bare};
use crate::odd::{self, Carrier, Gone, Token};
use crate::source;
use everypage_conformance::drive::Server;
use everypage_core::http::{Failure, Request, Response};
use everypage_core::time::Now;
use serde_json::{Value, json};

/// The page size where the entry names none.
const OWN_SIZE: u64 = 50;

pub struct World<'a> {
    entry: &'a Entry,
    rows: Vec<Value>,
    /// The server gives no more rows than this, whatever it says of its maximum.
    clamp: u64,
    /// Whether rows in the middle are hidden after the page was cut: short pages, and empty ones.
    hides: Option<bool>,
    /// Where each numeric token leads.
    issued: Vec<usize>,
    /// Where the open session stands.
    session: usize,
    /// Changes with every answer of a point in time.
    replies: u64,
    /// Why requests were refused.
    pub refused: Vec<String>,
}

type Reply = Result<Response, String>;

impl<'a> World<'a> {
    pub fn new(entry: &'a Entry, n: usize, clamp: Option<u64>, hides: Option<bool>) -> World<'a> {
        let rows = (0..n).map(|i| row(entry, i)).collect();
        let clamp = clamp.unwrap_or(u64::MAX);
        World { entry, rows, clamp, hides, issued: Vec::new(), session: 0, replies: 0, refused: Vec::new() }
    }

    /// What a walk must bring, in order.
    pub fn truth(&self) -> Vec<Value> {
        let each = self.entry.spec.records.each.as_deref().unwrap_or_default();
        let seen = self.rows.iter().enumerate().filter(|(i, _)| self.shows(*i));
        seen.map(|(_, row)| row.pointer(each).expect("rows hold their record").clone()).collect()
    }

    fn shows(&self, i: usize) -> bool {
        match self.hides {
            None => true,
            Some(whole_pages) => !(60..70).contains(&i) && !(whole_pages && (100..150).contains(&i)),
        }
    }

    fn reply(&mut self, asked: &Asked) -> Reply {
        let entry = self.entry;
        let spec = &entry.spec;
        if let Some(counted) = self.count(asked) {
            return Ok(json(&counted));
        }
        if asked.method != spec.method {
            return Err(format!("the method {}", asked.method));
        }
        let place = self.place(asked)?;
        self.parameters(asked, &place)?;
        let size = self.size(asked)?;
        let at = self.at(asked, &place, size)?;
        let n = self.rows.len();
        if entry.id == "woocommerce" && at >= n && at > 0 {
            return Ok(status(400, &json!({"code": "rest_post_invalid_page_number"})));
        }
        let end = at.saturating_add(size as usize).min(n);
        self.session = end;
        let limit = if entry.id == "googleads.change" { asked.number_in_text(entry, "LIMIT ")? as usize } else { n };
        let shown: Vec<usize> = (at.min(n)..end.min(limit)).filter(|i| self.shows(*i)).collect();
        if shown.is_empty() && entry.id == "zoho.crm" {
            return Ok(Response { status: 204, ..Response::default() });
        }
        if shown.is_empty() && entry.id == "gong" {
            return Ok(status(404, &json!({"errors": ["No calls found"]})));
        }
        // A key doesn't prove that there are more rows.
        let full = entry.id == "dynamodb" && end == at + size as usize;
        Ok(self.page(&shown, at, end, size, end < n.min(limit) || full))
    }

    /// The answer to a count of its own.
    fn count(&self, asked: &Asked) -> Option<Value> {
        let n = self.rows.len();
        match self.entry.id.as_str() {
            "shopify.rest" if asked.path.ends_with("/count.json") => Some(json!({"count": n})),
            "quickbooks" if asked.query("query").is_some_and(|q| q.starts_with("select count(*)")) => {
                Some(json!({"QueryResponse": {"totalCount": n}}))
            }
            _ => None,
        }
    }

    /// Whether the path is the list's, and what stands behind it.
    fn place(&self, asked: &Asked) -> Result<Option<String>, String> {
        let base = odd::path(&self.entry.id);
        let rest = asked.path.strip_prefix(base).ok_or_else(|| format!("the path {}", asked.path))?;
        match rest.strip_prefix('/') {
            Some(rest) => Ok(Some(rest.to_owned())),
            None if rest.is_empty() => Ok(None),
            None => Err(format!("the path {}", asked.path)),
        }
    }

    /// Exactly the parameters that belong to this request.
    fn parameters(&self, asked: &Asked, place: &Option<String>) -> Result<(), String> {
        let entry = self.entry;
        let doc = source::document(entry, false);
        let follow = self.carried(asked).is_some() || place.is_some();
        let drops = matches!(entry.id.as_str(), "salesforce.query" | "shopify.rest");
        let mut known: Vec<String> = Vec::new();
        let names = |value: &Value| -> Vec<String> {
            value.as_object().map(|members| members.keys().cloned().collect()).unwrap_or_default()
        };
        for name in names(&doc["request"]["query"]) {
            if !(follow && drops) {
                asked.query(&name).ok_or_else(|| format!("no {name}"))?;
                known.push(name);
            }
        }
        let positions = entry.spec.state.iter().map(|state| &state.slot);
        let slots = positions.chain(entry.spec.size.iter().map(|size| &size.slot));
        known.extend(slots.filter_map(|slot| match slot {
            Slot::Query { name } => Some(name.clone()),
            Slot::Body { .. } | Slot::Form { .. } | Slot::Header { .. } | Slot::Path { .. } => None,
            Slot::Text { .. } | Slot::Url => None,
        }));
        let moved = follow || entry.spec.state.iter().any(|state| asked.slot(&state.slot).is_some_and(|v| v != state.init));
        for (part, wanted) in [("first", !moved), ("then", moved)] {
            for name in names(&doc["request"][part]["query"]) {
                if wanted {
                    asked.query(&name).ok_or_else(|| format!("no {name}"))?;
                    known.push(name);
                }
            }
        }
        if matches!(entry.spec.state.as_slice(), [State { slot: Slot::Url, .. }]) {
            match odd::carrier(&entry.id) {
                Carrier::Page(name) | Carrier::Rows(name) | Carrier::Token(name) => known.push(name.to_owned()),
                Carrier::Path => {}
            }
            if entry.id.starts_with("twilio") {
                known.push("Page".to_owned());
            }
        }
        match asked.query.iter().find(|(name, _)| !known.contains(name)) {
            Some((name, _)) => Err(format!("the parameter {name}")),
            None => Ok(()),
        }
    }

    fn size(&self, asked: &Asked) -> Result<u64, String> {
        let Some(size) = &self.entry.spec.size else { return Ok(OWN_SIZE.min(self.whole())) };
        let most = size.max.unwrap_or(u64::MAX).min(self.clamp);
        if self.entry.id == "googleads.change" {
            return Ok(OWN_SIZE.min(self.clamp));
        }
        let number = match asked.slot(&size.slot) {
            None if matches!(size.slot, Slot::Header { .. }) => return Err("no header with the size".to_owned()),
            None => size.default.unwrap_or(OWN_SIZE),
            Some(Value::String(text)) if !matches!(size.slot, Slot::Body { .. }) => {
                text.parse().map_err(|_| format!("the size {text}"))?
            }
            Some(value) => value.as_u64().ok_or_else(|| format!("the size {value}"))?,
        };
        if number == 0 { Err("the size 0".to_owned()) } else { Ok(number.min(most)) }
    }

    /// A list without pages is one page.
    fn whole(&self) -> u64 {
        if self.entry.spec.state.is_empty() { u64::MAX } else { self.clamp }
    }

    /// What a followed link carries.
    fn carried<'r>(&self, asked: &'r Asked) -> Option<&'r str> {
        match self.entry.spec.state.as_slice() {
            [State { slot: Slot::Url, .. }] => match odd::carrier(&self.entry.id) {
                Carrier::Page(name) | Carrier::Rows(name) | Carrier::Token(name) => asked.query(name),
                Carrier::Path => None,
            },
            _ => None,
        }
    }

    /// The row the request starts at.
    fn at(&mut self, asked: &Asked, place: &Option<String>, size: u64) -> Result<usize, String> {
        let entry = self.entry;
        let number = |text: &str| text.parse::<u64>().map_err(|_| format!("the position {text}"));
        if let [State { slot: Slot::Url, .. }] = entry.spec.state.as_slice() {
            let carried = self.carried(asked);
            return match odd::carrier(&entry.id) {
                Carrier::Path => place.as_deref().map_or(Ok(0), |place| self.token(&place.into(), size)),
                Carrier::Token(_) => carried.map_or(Ok(0), |text| self.token(&text.into(), size)),
                Carrier::Page(_) => carried.map_or(Ok(0), |text| {
                    let page = number(text)?.checked_sub(1).ok_or("the page 0")?;
                    Ok((page * size) as usize)
                }),
                Carrier::Rows(_) => carried.map_or(Ok(0), |text| Ok(number(text)? as usize)),
            };
        }
        match entry.id.as_str() {
            "couchdb.view" => return self.view(asked),
            "mixpanel.engage" => {
                let page = asked.form("page").ok_or("no page")?;
                if page != "0" && asked.form("session_id") != Some("session-1") {
                    return Err("a page without its session".to_owned());
                }
                return Ok((number(page)? * size) as usize);
            }
            "snowflake.sql" => {
                if place.as_deref() != Some("01b2-handle") {
                    return Err("no handle".to_owned());
                }
                let at = number(asked.query("partition").ok_or("no partition")?)? * size;
                let beyond = at > 0 && at >= self.rows.len() as u64;
                return if beyond { Err("a partition beyond the last".to_owned()) } else { Ok(at as usize) };
            }
            "es.search_after" => {
                if asked.body.pointer("/pit/id") != Some(&json!(format!("pit-{}", self.replies))) {
                    return Err("another point in time".to_owned());
                }
            }
            _ => {}
        }
        let Some(state) = entry.spec.state.first() else { return Ok(0) };
        let value = asked.slot(&state.slot);
        let Some(value) = value else {
            return if state.init.is_null() { Ok(0) } else { Err("no position".to_owned()) };
        };
        match &state.next {
            Next::Counter { step: Step::One, .. } => self.counted(&value, state, size),
            Next::Counter { .. } => self.counted(&value, state, 1),
            Next::Body { .. } | Next::Header { .. } if state.init.is_number() => {
                self.counted(&value, state, self.unit(state, size))
            }
            Next::LastRecord { pointer, .. } | Next::MaxOfRecords { pointer } => {
                if source_text(&value) == source_text(&state.init) {
                    return Ok(0);
                }
                let holds = |row: &Value| {
                    let key = row.pointer(pointer).unwrap_or(&Value::Null);
                    if matches!(state.slot, Slot::Body { .. }) { *key == value } else { source_text(key) == source_text(&value) }
                };
                let found = self.rows.iter().position(holds);
                found.map(|i| i + 1).ok_or_else(|| format!("the position {value}"))
            }
            Next::Body { .. } | Next::Header { .. } | Next::LinkBody { .. } | Next::LinkHeader { .. } => {
                self.token(&value, size)
            }
        }
    }

    /// Rows per step of a number the server hands out.
    fn unit(&self, state: &State, size: u64) -> u64 {
        let pages = matches!(&state.slot, Slot::Query { name } if name.contains("page"));
        if pages { size } else { 1 }
    }

    fn counted(&self, value: &Value, state: &State, unit: u64) -> Result<usize, String> {
        let number = match value {
            // In a JSON body a number is a number.
            Value::String(text) if !matches!(state.slot, Slot::Body { .. }) => text.parse().ok(),
            other => other.as_u64(),
        };
        let first = state.init.as_u64().unwrap_or(0);
        let from_first = number.and_then(|number: u64| number.checked_sub(first));
        Ok((from_first.ok_or_else(|| format!("the position {value}"))? * unit) as usize)
    }

    /// An anchor that is part of its page, and two values to name it.
    fn view(&self, asked: &Asked) -> Result<usize, String> {
        let (key, doc) = (asked.query("startkey"), asked.query("startkey_docid"));
        let (Some(key), Some(doc)) = (key, doc) else {
            return if key.or(doc).is_none() { Ok(0) } else { Err("half an anchor".to_owned()) };
        };
        let key: Value = serde_json::from_str(key).map_err(|_| format!("the key {key}"))?;
        let skip: usize = asked.query("skip").and_then(|skip| skip.parse().ok()).unwrap_or(0);
        let found = self.rows.iter().position(|row| row["key"] == key && source_text(&row["id"]) == doc);
        found.map(|i| i + skip).ok_or_else(|| format!("the key {key}"))
    }

    /// The row a token leads to.
    fn token(&self, value: &Value, _: u64) -> Result<usize, String> {
        let wrong = || format!("the position {value}");
        let text = source_text(value);
        match odd::token(&self.entry.id) {
            Token::Json => {
                let parts: Vec<String> = serde_json::from_str(&text).map_err(|_| wrong())?;
                parts.first().and_then(|row| row.parse().ok()).ok_or_else(wrong)
            }
            Token::LastId => {
                let id = |row: &Value| row.pointer(&self.entry.spec.record_id).map(source_text);
                self.rows.iter().position(|row| id(row).as_ref() == Some(&text)).map(|i| i + 1).ok_or_else(wrong)
            }
            Token::Number => {
                text.parse::<usize>().ok().and_then(|i| self.issued.get(i).copied()).ok_or_else(wrong)
            }
            Token::Object => value.pointer("/sk/N").and_then(|n| n.as_str()?.parse().ok()).ok_or_else(wrong),
            Token::Session => if text == "session-1" { Ok(self.session) } else { Err(wrong()) },
            Token::Text => {
                let at = text.strip_prefix("t=").and_then(|rest| rest.strip_suffix("/+=="));
                at.and_then(|at| at.parse().ok()).ok_or_else(wrong)
            }
        }
    }

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

    fn page(&mut self, shown: &[usize], at: usize, end: usize, size: u64, more: bool) -> Response {
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
                    let pointer = if pointer.ends_with(']') { format!("{pointer}/href") } else { pointer.clone() };
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
                let next = first + end as u64 / self.unit(state, size);
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
                        let pages = end as u64 / self.unit(state, size);
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
                next.into_iter().for_each(|next| response.headers.push("link", next));
            }
            ("shopify.rest", Some(next)) if end > size as usize => {
                response.headers.push("link", format!("<{own}?page_info=b>; rel=\"previous\", {next}"));
            }
            ("github.rest", Some(next)) => {
                response.headers.push("link", format!("{next}, <{own}?per_page={size}&page=9>; rel=\"last\""));
            }
            (_, Some(next)) => response.headers.push("link", next),
            (_, None) => {}
        }
    }

    /// The next link as this vendor writes it.
    fn link(&mut self, end: usize, size: u64) -> String {
        let entry = self.entry;
        let own = source::base(&entry.id);
        let token = source_text(&self.issue(end)).replace('+', "%2B");
        let asked = match entry.spec.size.as_ref().map(|size| &size.slot) {
            Some(Slot::Query { name }) => format!("&{name}={size}"),
            _ => String::new(),
        };
        let path = odd::path(&entry.id);
        let mut link = match (entry.id.as_str(), odd::carrier(&entry.id)) {
            ("confluence.v1", _) => format!("/rest/api/content?cursor={token}{asked}"),
            ("confluence.v2", _) => format!("/wiki/api/v2/pages?cursor={token}{asked}"),
            ("salesforce.query", _) | (_, Carrier::Path) => return format!("{path}/{}", token.replace('/', "%2F")),
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
                link.push_str(&format!("&{name}={}", source_text(value)));
            }
        }
        link
    }
}

impl Server for World<'_> {
    fn answer(&mut self, request: &Request, _: Now) -> Result<Response, Failure> {
        let reply = Asked::new(request).and_then(|asked| self.reply(&asked));
        Ok(reply.unwrap_or_else(|why| {
            let refusal = status(400, &json!({"message": why}));
            self.refused.push(why);
            refusal
        }))
    }
}

/// A text as it stands in a URL: strings without quotes.
fn source_text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn json(body: &Value) -> Response {
    status(200, body)
}

fn status(status: u16, body: &Value) -> Response {
    let mut response = Response { status, body: body.to_string().into_bytes(), ..Response::default() };
    response.headers.push("content-type", "application/json");
    response
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
fn row(entry: &Entry, i: usize) -> Value {
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
