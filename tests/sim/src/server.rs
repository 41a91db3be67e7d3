//! The simulated API: pages of the list as it is at that moment.

use crate::draw::Draw;
use crate::odd;
use crate::setup::{Setup, Style, Total};
use crate::source::ORIGIN;
use crate::truth::{Row, Truth};
use everypage_core::http::Response;
use everypage_core::url::Url;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// The API.
#[derive(Debug)]
pub struct Server {
    /// The list.
    pub truth: Truth,
    snapshots: Vec<Vec<Row>>,
    used: BTreeSet<String>,
    handed: Vec<String>,
    max: u64,
    nonce: u64,
    /// The rows at the start, if answers come from a cache.
    first: Vec<Row>,
}

/// What a request asked for.
#[derive(Default)]
struct Slice {
    /// The rows of the list, or of a frozen copy of it.
    rows: Vec<Row>,
    /// How many rows there are in all.
    len: usize,
    /// The row after the last one.
    end: usize,
    /// The copy.
    snapshot: Option<usize>,
}

/// An answer of the list.
pub enum Listed {
    /// A page; whether it can be taken at its word; the ids of its rows.
    Page(Response, bool, Vec<u64>),
    /// The token is dead.
    Dead,
}

impl Server {
    /// The API of a run.
    pub fn new(setup: &Setup) -> Server {
        let own_ids = setup.moves || setup.step == 1000 && !setup.style.by_key();
        let truth = Truth::new(setup.rows, setup.step, setup.descending, own_ids, setup.hidden);
        Server {
            first: if setup.odd.stale > 0 { truth.rows.clone() } else { Vec::new() },
            truth,
            snapshots: Vec::new(),
            used: BTreeSet::new(),
            handed: Vec::new(),
            max: setup.max,
            nonce: 0,
        }
    }

    /// The count in a request of its own.
    pub fn count(&self) -> Response {
        json(format!("{{\"total\":{}}}", self.truth.rows.len()))
    }

    /// Whether the API handed this token out.
    pub fn has_handed(&self, token: &str) -> bool {
        self.handed.iter().rev().any(|handed| handed == token)
    }

    /// One page of the list as it was at the start, out of a cache.
    pub fn stale(&mut self, setup: &Setup, url: &Url, draw: &mut Draw) -> Listed {
        std::mem::swap(&mut self.first, &mut self.truth.rows);
        let mut listed = self.list(setup, url, draw);
        std::mem::swap(&mut self.first, &mut self.truth.rows);
        if let Listed::Page(response, ..) = &mut listed {
            response.headers.push("age", "60");
        }
        listed
    }

    /// One page.
    pub fn list(&mut self, setup: &Setup, url: &Url, draw: &mut Draw) -> Listed {
        let number = |name: &str| url.param(name).and_then(|v| v.parse::<u64>().ok());
        if draw.permille(setup.faults.resize) {
            self.max = draw.between(1, setup.size);
        }
        let asked = number("limit").unwrap_or(setup.size);
        let size = if setup.style == Style::Single { u64::MAX } else { asked.clamp(1, self.max) };
        let token = url.param("cursor");
        let mut honest = true;
        if let Some(token) = &token {
            if draw.permille(setup.faults.expired) {
                return Listed::Dead;
            }
            if setup.once && !self.used.insert(token.clone()) {
                return Listed::Dead;
            }
        }
        let restart = token.is_some() && draw.permille(setup.faults.restart);
        honest &= !restart;
        let token = token.filter(|_| !restart);
        let mut count = size as usize;
        if draw.permille(setup.faults.short) {
            count = draw.between(1, size.min(10_000)) as usize;
            // A server that cuts pages as it likes keeps no promise that numbers could be judged by.
            honest &= setup.style.by_token();
        }
        if setup.style.by_token() && draw.permille(setup.faults.empty) {
            count = 0;
        }
        let mut slice = match setup.style {
            Style::Offset | Style::LinkOffset | Style::LongOffset => {
                let start = number("offset").unwrap_or(0);
                let start = if setup.rounds { start / size * size } else { start };
                self.slice(start as usize, count)
            }
            Style::Page | Style::PageFixed | Style::LinkPage => {
                let index = number("page").unwrap_or(1).saturating_sub(1);
                self.slice(index.saturating_mul(size) as usize, count)
            }
            Style::Keyset => {
                let start = url.param("after").map_or(0, |a| self.truth.behind(rank(&a)));
                self.slice(start, count)
            }
            Style::KeysetInclusive => {
                let start = url.param("from").map_or(0, |a| self.truth.at_or_behind(rank(&a)));
                self.slice(start, count)
            }
            Style::KeysetTies => {
                let beyond = number("beyond");
                let before = |row: &&Row, edge| !past(group(setup, row), edge, setup.descending);
                let start = beyond
                    .map_or(0, |edge| self.truth.rows.iter().take_while(|row| before(row, edge)).count());
                self.slice(start, count)
            }
            Style::CursorKey | Style::LinkToken | Style::LongToken => {
                let start = token.as_deref().map_or(0, |t| self.truth.behind(field(t, 1)));
                self.slice(start, count)
            }
            Style::CursorOffset => {
                let start = token.as_deref().map_or(0, |t| field(t, 1));
                self.slice(start as usize, count)
            }
            Style::CursorSnapshot => self.frozen(token.as_deref(), count),
            Style::Single => self.slice(0, usize::MAX),
        };
        let more = slice.end < slice.len;
        let next = more.then(|| self.token(setup, &slice, token.as_deref()));
        let next = next.map(|next| {
            if !self.handed.is_empty() && draw.permille(setup.faults.cycle) {
                honest = false;
                let at = draw.below(self.handed.len() as u64) as usize;
                let old = self.handed.get(at).cloned().unwrap_or_default();
                // Ahead it must not lead: that breaks the vendor's promise in a way nobody can see.
                if self.leads_back(&old, &slice) {
                    return old;
                }
            }
            self.handed.push(next.clone());
            next
        });
        // The source of the long form speaks of no flag: nobody could see it then.
        let leads = setup.flag
            && (setup.style.by_token() || setup.style.by_link())
            && setup.style != Style::LongToken;
        let next = next.filter(|_| {
            let lost = leads && draw.permille(setup.odd.lost);
            honest &= !lost;
            !lost
        });
        slice.rows.retain(|row| !self.truth.is_hidden(row.id));
        for row in &slice.rows {
            self.truth.note(row);
        }
        let ids = slice.rows.iter().map(|row| row.id).collect();
        Listed::Page(page(setup, url, &slice, next, more, size), honest, ids)
    }

    /// Whether a token leads to a place no farther than the end of this page.
    fn leads_back(&self, token: &str, slice: &Slice) -> bool {
        match token.as_bytes().first() {
            Some(b'k') => self.truth.behind(field(token, 1)) <= slice.end,
            Some(b's') => {
                slice.snapshot == Some(field(token, 1) as usize) && field(token, 2) <= slice.end as u64
            }
            Some(_) => token.parse().unwrap_or(field(token, 1)) <= slice.end as u64,
            None => false,
        }
    }

    fn slice(&self, start: usize, count: usize) -> Slice {
        let rows: Vec<Row> = self.truth.rows.iter().skip(start).take(count).copied().collect();
        let end = start.saturating_add(rows.len());
        Slice { rows, len: self.truth.rows.len(), end, snapshot: None }
    }

    fn frozen(&mut self, token: Option<&str>, count: usize) -> Slice {
        let (index, start) = if let Some(token) = token {
            (field(token, 1) as usize, field(token, 2) as usize)
        } else {
            self.snapshots.push(self.truth.rows.clone());
            (self.snapshots.len() - 1, 0)
        };
        let Some(copy) = self.snapshots.get(index) else { return Slice::default() };
        let rows: Vec<Row> = copy.iter().skip(start).take(count).copied().collect();
        Slice { end: start + rows.len(), rows, len: copy.len(), snapshot: Some(index) }
    }

    fn token(&mut self, setup: &Setup, slice: &Slice, before: Option<&str>) -> String {
        // Empty pages lead on with a token that was never handed out before.
        self.nonce += 1;
        let plain = match setup.style {
            Style::CursorKey | Style::LinkToken | Style::LongToken => {
                let key = match (slice.rows.last(), before) {
                    (Some(row), _) => row.rank,
                    (None, Some(token)) => field(token, 1),
                    (None, None) if setup.descending => u64::MAX,
                    (None, None) => 0,
                };
                format!("k-{key}-{}", self.nonce)
            }
            Style::CursorOffset => format!("o-{}-{}", slice.end, self.nonce),
            Style::CursorSnapshot => {
                format!("s-{}-{}-{}", slice.snapshot.unwrap_or(0), slice.end, self.nonce)
            }
            Style::LinkOffset => slice.end.to_string(),
            Style::Offset
            | Style::Page
            | Style::PageFixed
            | Style::Keyset
            | Style::KeysetInclusive
            | Style::KeysetTies
            | Style::LinkPage
            | Style::LongOffset
            | Style::Single => String::new(),
        };
        if setup.style.by_token() { odd::token(setup, plain) } else { plain }
    }
}

fn page(setup: &Setup, url: &Url, slice: &Slice, next: Option<String>, more: bool, size: u64) -> Response {
    let mut body = String::from("{\"data\":[");
    for (index, row) in slice.rows.iter().enumerate() {
        if index > 0 {
            body.push(',');
        }
        write_row(&mut body, setup, row);
    }
    body.push(']');
    match setup.total {
        Total::None => {}
        Total::Exact => drop(write!(body, ",\"total\":{}", slice.len)),
        Total::Text => drop(write!(body, ",\"total\":\"{}\"", slice.len)),
    }
    if setup.flag {
        let _ = write!(body, ",\"more\":{more}");
    }
    let next = next.map(|next| if setup.style.by_link() { next_link(setup, url, &next, size) } else { next });
    let in_header = setup.style.by_link() && setup.header_link;
    if !in_header && (setup.style.by_token() || setup.style.by_link()) {
        match &next {
            Some(next) => drop(write!(body, ",\"next\":\"{next}\"")),
            None => body.push_str(",\"next\":null"),
        }
    }
    body.push('}');
    let mut response = json(body);
    if let Some(next) = next.filter(|_| in_header) {
        response.headers.push("link", format!("<{next}>; rel=\"next\""));
    }
    response
}

/// The next link: the request's own parameters, secrets included, as servers do.
fn next_link(setup: &Setup, url: &Url, next: &str, size: u64) -> String {
    let base = format!("{ORIGIN}/list");
    let Ok(mut link) = Url::parse(&base) else { return base };
    for (name, value) in url.params() {
        if !matches!(name.as_str(), "page" | "offset" | "cursor" | "limit") {
            link = link.append(&name, &value);
        }
    }
    let link = if setup.style == Style::LinkPage {
        let page = url.param("page").and_then(|p| p.parse::<u64>().ok()).unwrap_or(1);
        link.append("page", &(page + 1).to_string())
    } else {
        link.append(if setup.style == Style::LinkOffset { "offset" } else { "cursor" }, next)
    };
    link.append("limit", &size.to_string()).as_str().to_owned()
}

/// The record's text. It always looks the same, so that it can be recognised byte for byte.
pub fn write_row(out: &mut String, setup: &Setup, row: &Row) {
    out.push_str(if setup.text_ids { "{\"id\":\"r" } else { "{\"id\":" });
    push_number(out, row.id, if setup.text_ids { 20 } else { 1 });
    out.push_str(if setup.text_ids { "\",\"at\":" } else { ",\"at\":" });
    push_number(out, row.rank, 1);
    out.push_str(",\"grp\":");
    push_number(out, group(setup, row), 1);
    out.push_str(",\"v\":");
    push_number(out, row.ver.into(), 1);
    out.push('}');
}

/// A number in decimal, with zeros in front up to a width: rows are most of what the simulator writes.
fn push_number(out: &mut String, mut number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut used = 0;
    for digit in digits.iter_mut().rev() {
        if number == 0 && used >= width {
            break;
        }
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
        used += 1;
    }
    let text = digits.get(digits.len() - used..).and_then(|digits| std::str::from_utf8(digits).ok());
    out.push_str(text.unwrap_or_default());
}

/// Reads a record back, if it is exactly one of ours, byte for byte.
pub fn read_row(setup: &Setup, text: &[u8]) -> Option<Row> {
    let (open, close): (&[u8], &[u8]) = if setup.text_ids { (b"\"r", b"\"") } else { (b"", b"") };
    let rest = text.strip_prefix(b"{\"id\":")?.strip_prefix(open)?;
    let (id, rest) = if setup.text_ids { digits(rest, 20)? } else { number(rest)? };
    let (rank, rest) = number(rest.strip_prefix(close)?.strip_prefix(b",\"at\":")?)?;
    let (grp, rest) = number(rest.strip_prefix(b",\"grp\":")?)?;
    let (ver, rest) = number(rest.strip_prefix(b",\"v\":")?)?;
    let row = Row { id, rank, ver: u32::try_from(ver).ok()? };
    (rest == b"}" && grp == group(setup, &row)).then_some(row)
}

/// A number as it is written: no zero in front.
fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let long = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if long > 1 && text.first() == Some(&b'0') { None } else { digits(text, long) }
}

/// So many digits, and what stands behind them.
fn digits(text: &[u8], long: usize) -> Option<(u64, &[u8])> {
    let (digits, rest) = text.split_at_checked(long).filter(|_| long > 0)?;
    let value = digits.iter().try_fold(0_u64, |sum, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        sum.checked_mul(10)?.checked_add(digit)
    })?;
    Some((value, rest))
}

/// A field with ties: several neighbours share it.
fn group(setup: &Setup, row: &Row) -> u64 {
    row.rank / (setup.step * 3)
}

const fn past(group: u64, edge: u64, descending: bool) -> bool {
    if descending { group < edge } else { group > edge }
}

fn rank(key: &str) -> u64 {
    key.trim_start_matches('r').parse().unwrap_or(0)
}

fn field(token: &str, index: usize) -> u64 {
    token.split('-').nth(index).and_then(|n| n.parse().ok()).unwrap_or(0)
}

/// A JSON answer.
pub fn json(body: String) -> Response {
    let mut response = Response { status: 200, body: body.into_bytes(), ..Response::default() };
    response.headers.push("content-type", "application/json");
    response
}
