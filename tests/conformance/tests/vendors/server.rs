//! A server that behaves as an entry says, and refuses whatever it doesn't know.

use crate::answer::{plain, row, unit};
use crate::asked::Asked;
use crate::entry::{Entry, Next, Slot, State, Step};
use crate::odd::{self, Carrier, Token};
use crate::source;
use everypage_conformance::drive::Server;
use everypage_core::http::{Failure, Request, Response};
use everypage_core::time::Now;
use serde_json::{Value, json};

/// The page size where the entry names none.
const OWN_SIZE: u64 = 50;

pub struct World<'a> {
    pub entry: &'a Entry,
    pub rows: Vec<Value>,
    /// The server gives no more rows than this, whatever it says of its maximum.
    clamp: u64,
    /// Whether rows in the middle are hidden after the page was cut: short pages, and empty ones.
    hides: Option<bool>,
    /// Where each numeric token leads.
    pub issued: Vec<usize>,
    /// Where the open session stands.
    session: usize,
    /// Changes with every answer of a point in time.
    pub replies: u64,
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
            Some(whole_pages) => !((60..70).contains(&i) || whole_pages && (100..150).contains(&i)),
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
        self.parameters(asked, place.as_deref())?;
        let size = self.size(asked)?;
        let at = self.at(asked, place.as_deref(), size)?;
        let n = self.rows.len();
        if entry.id == "woocommerce" && at >= n && at > 0 {
            return Ok(status(400, &json!({"code": "rest_post_invalid_page_number"})));
        }
        let end = at.saturating_add(size as usize).min(n);
        self.session = end;
        let limit =
            if entry.id == "googleads.change" { asked.number_in_text(entry, "LIMIT ")? as usize } else { n };
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
    fn parameters(&self, asked: &Asked, place: Option<&str>) -> Result<(), String> {
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
            Slot::Body { .. }
            | Slot::Form { .. }
            | Slot::Header { .. }
            | Slot::Path { .. }
            | Slot::Text { .. }
            | Slot::Url => None,
        }));
        let moved = follow
            || entry.spec.state.iter().any(|state| asked.slot(&state.slot).is_some_and(|v| v != state.init));
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
                Carrier::Page(name) | Carrier::Rows(name) | Carrier::Token(name) => {
                    known.push(name.to_owned());
                }
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
        let Some(size) = &self.entry.spec.size else {
            // A list without pages is one page.
            return Ok(if self.entry.spec.state.is_empty() { u64::MAX } else { OWN_SIZE });
        };
        let most = size.max.unwrap_or(u64::MAX).min(self.clamp);
        if self.entry.id == "googleads.change" {
            return Ok(OWN_SIZE.min(self.clamp));
        }
        let number = match asked.slot(&size.slot) {
            None if matches!(size.slot, Slot::Header { .. }) => {
                return Err("no header with the size".to_owned());
            }
            None => size.default.unwrap_or(OWN_SIZE),
            Some(Value::String(text)) if !matches!(size.slot, Slot::Body { .. }) => {
                text.parse().map_err(|_| format!("the size {text}"))?
            }
            Some(value) => value.as_u64().ok_or_else(|| format!("the size {value}"))?,
        };
        if number == 0 { Err("the size 0".to_owned()) } else { Ok(number.min(most)) }
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
    fn at(&mut self, asked: &Asked, place: Option<&str>, size: u64) -> Result<usize, String> {
        let entry = self.entry;
        let number = |text: &str| text.parse::<u64>().map_err(|_| format!("the position {text}"));
        if let [State { slot: Slot::Url, .. }] = entry.spec.state.as_slice() {
            let carried = self.carried(asked);
            return match odd::carrier(&entry.id) {
                Carrier::Path => place.map_or(Ok(0), |place| self.token(&place.into())),
                Carrier::Token(_) => carried.map_or(Ok(0), |text| self.token(&text.into())),
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
                if place != Some("01b2-handle") {
                    return Err("no handle".to_owned());
                }
                let at = number(asked.query("partition").ok_or("no partition")?)? * size;
                let beyond = at > 0 && at >= self.rows.len() as u64;
                return if beyond { Err("a partition beyond the last".to_owned()) } else { Ok(at as usize) };
            }
            "es.scroll" if asked.body.get("scroll_id").is_some() => {
                return Err("a scroll_id at a search".to_owned());
            }
            "es.search_after"
                if asked.body.pointer("/pit/id") != Some(&json!(format!("pit-{}", self.replies))) =>
            {
                return Err("another point in time".to_owned());
            }
            _ => {}
        }
        let Some(state) = entry.spec.state.first() else { return Ok(0) };
        let value = asked.slot(&state.slot);
        let Some(value) = value else {
            return if state.init.is_null() { Ok(0) } else { Err("no position".to_owned()) };
        };
        match &state.next {
            Next::Counter { step: Step::One, .. } => counted(&value, state, size),
            Next::Counter { .. } => counted(&value, state, 1),
            Next::Body { .. } | Next::Header { .. } if state.init.is_number() => {
                counted(&value, state, unit(state, size))
            }
            Next::LastRecord { pointer, .. } | Next::MaxOfRecords { pointer } => {
                if plain(&value) == plain(&state.init) {
                    return Ok(0);
                }
                let holds = |row: &Value| {
                    let key = row.pointer(pointer).unwrap_or(&Value::Null);
                    if matches!(state.slot, Slot::Body { .. }) {
                        *key == value
                    } else {
                        plain(key) == plain(&value)
                    }
                };
                let found = self.rows.iter().position(holds);
                found.map(|i| i + 1).ok_or_else(|| format!("the position {value}"))
            }
            Next::Body { .. } | Next::Header { .. } | Next::LinkBody { .. } | Next::LinkHeader { .. } => {
                self.token(&value)
            }
        }
    }

    /// An anchor that is part of its page, and two values to name it.
    fn view(&self, asked: &Asked) -> Result<usize, String> {
        let (key, doc) = (asked.query("startkey"), asked.query("startkey_docid"));
        let (Some(key), Some(doc)) = (key, doc) else {
            return if key.or(doc).is_none() { Ok(0) } else { Err("half an anchor".to_owned()) };
        };
        let key: Value = serde_json::from_str(key).map_err(|_| format!("the key {key}"))?;
        let skip: usize = asked.query("skip").and_then(|skip| skip.parse().ok()).unwrap_or(0);
        let found = self.rows.iter().position(|row| row["key"] == key && plain(&row["id"]) == doc);
        found.map(|i| i + skip).ok_or_else(|| format!("the key {key}"))
    }

    /// The row a token leads to.
    fn token(&self, value: &Value) -> Result<usize, String> {
        let wrong = || format!("the position {value}");
        let text = plain(value);
        match odd::token(&self.entry.id) {
            Token::Json => {
                let parts: Vec<String> = serde_json::from_str(&text).map_err(|_| wrong())?;
                parts.first().and_then(|row| row.parse().ok()).ok_or_else(wrong)
            }
            Token::LastId => {
                let id = |row: &Value| row.pointer(&self.entry.spec.record_id).map(plain);
                self.rows
                    .iter()
                    .position(|row| id(row).as_ref() == Some(&text))
                    .map(|i| i + 1)
                    .ok_or_else(wrong)
            }
            Token::Number => {
                text.parse::<usize>().ok().and_then(|i| self.issued.get(i).copied()).ok_or_else(wrong)
            }
            Token::Object => value.pointer("/sk/N").and_then(|n| n.as_str()?.parse().ok()).ok_or_else(wrong),
            Token::Session => {
                if text == "session-1" {
                    Ok(self.session)
                } else {
                    Err(wrong())
                }
            }
            Token::Text => {
                let at = text.strip_prefix("t=").and_then(|rest| rest.strip_suffix("/+=="));
                at.and_then(|at| at.parse().ok()).ok_or_else(wrong)
            }
        }
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

fn json(body: &Value) -> Response {
    status(200, body)
}

fn status(status: u16, body: &Value) -> Response {
    let mut response = Response { status, body: body.to_string().into_bytes(), ..Response::default() };
    response.headers.push("content-type", "application/json");
    response
}

fn counted(value: &Value, state: &State, unit: u64) -> Result<usize, String> {
    let number = match value {
        // In a JSON body a number is a number.
        Value::String(text) if !matches!(state.slot, Slot::Body { .. }) => text.parse().ok(),
        Value::Number(number) => number.as_u64(),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    };
    let first = state.init.as_u64().unwrap_or(0);
    let from_first = number.and_then(|number: u64| number.checked_sub(first));
    Ok((from_first.ok_or_else(|| format!("the position {value}"))? * unit) as usize)
}
