//! A request in the making: everything but the credentials, which [`Draft::sign`] adds last, so that a draft can
//! be shown.

use super::body::Content;
use super::template::unsafe_cursor;
use super::{At, WireError};
use crate::facts::{Auth, Place};
use crate::http::Method;
use crate::json::Raw;
use crate::source::types::{Extra, Source};
use crate::url::{Url, encode, is_dot_segment};
use std::collections::BTreeMap;

/// Query members by name: arrays repeat the name.
pub(super) type Members = BTreeMap<String, Vec<String>>;

/// A request without credentials.
pub(super) struct Draft {
    /// The method.
    pub method: Method,
    /// The URL so far: the source's own with its query, or the one the server gave.
    pub url: Url,
    /// Whether the server gave the URL: then nothing but credentials is added to it.
    pub linked: bool,
    /// Query members the source fixes.
    pub fixed: Members,
    /// Query members that hold the size and the positions.
    pub written: Members,
    /// Headers by lower-case name.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub content: Content,
    /// Whether it stays without one, also without credentials in one.
    pub bodyless: bool,
    /// Values of the `{NAME}`s in the path, already encoded; `None` where nothing is sent.
    pub in_path: BTreeMap<String, Option<String>>,
    /// Values of the `{NAME}`s in texts.
    pub in_text: BTreeMap<String, String>,
}

impl Draft {
    /// A request at positions.
    pub(super) fn positions(
        source: &Source,
        at: &At<'_>,
        positions: &[Option<Raw>],
        auth: &Auth,
    ) -> Result<Draft, WireError> {
        let mut draft = Draft::start(source, source.request.url.clone(), false, at.first);
        for extra in [&source.request.always, draft_extra(source, at.first)] {
            draft.fixed.extend(extra.query.iter().cloned());
        }
        draft.write(source, at, positions, auth)?;
        draft.settle()
    }

    /// A request to a URL the server gave. Positions that are written elsewhere than into the URL go along.
    pub(super) fn link(
        source: &Source,
        at: &At<'_>,
        url: &Url,
        positions: &[Option<Raw>],
        auth: &Auth,
    ) -> Result<Draft, WireError> {
        let mut draft = Draft::start(source, url.clone(), true, at.first);
        draft.write(source, at, positions, auth)?;
        draft.settle()
    }

    /// The extra request for the total: no size, no position, the source's query and body unless it has its own.
    pub(super) fn total(source: &Source, at: &At<'_>) -> Result<Draft, WireError> {
        let Some(own) = source.total.as_ref().and_then(|total| total.request.as_ref()) else {
            return Err(WireError::Mismatch {
                message: "the source has no request for its total".to_owned(),
            });
        };
        let url = own.url.clone().unwrap_or_else(|| source.request.url.clone());
        source.allows(&url)?;
        let mut draft = Draft::start(source, url, false, at.first);
        if own.query.is_empty() && own.url.is_none() {
            draft.fixed.extend(source.request.always.query.iter().cloned());
        } else {
            draft.fixed.extend(own.query.iter().cloned());
        }
        draft.take_total_body(source);
        draft.settle()
    }

    /// Puts the body of `total.request` in, where it has one.
    pub(super) fn take_total_body(&mut self, source: &Source) {
        let own = source.total.as_ref().and_then(|total| total.request.as_ref());
        if let Some(body) = own.and_then(|own| own.body.as_ref()) {
            self.content = Content::Json(body.clone());
        }
    }

    /// A redirect that asks with another method has no body, and no header that speaks of one.
    pub(super) fn drop_body(&mut self) {
        self.content = Content::None;
        self.bodyless = true;
        self.headers.remove("content-type");
    }

    fn start(source: &Source, url: Url, linked: bool, first: bool) -> Draft {
        let extra = draft_extra(source, first);
        let mut headers = BTreeMap::from([
            ("accept".to_owned(), "application/json".to_owned()),
            // A cache would mix states of the list.
            ("cache-control".to_owned(), "no-store".to_owned()),
        ]);
        for (name, value) in source.request.always.headers.iter().chain(&extra.headers) {
            headers.insert(name.to_ascii_lowercase(), value.clone());
        }
        let mut draft = Draft {
            method: source.request.method,
            url,
            linked,
            fixed: Members::new(),
            written: Members::new(),
            headers,
            content: Content::new(source, extra.body.as_ref()),
            bodyless: false,
            in_path: BTreeMap::new(),
            in_text: BTreeMap::new(),
        };
        // Every place is known from the start, so that one without a value is emptied, not left standing.
        let size = source.size.as_ref().and_then(|size| size.write.as_ref());
        for locator in source.written().iter().chain(size) {
            match &locator.place {
                Place::Path(name) => drop(draft.in_path.insert(name.clone(), None)),
                Place::Text(name) => drop(draft.in_text.insert(name.clone(), String::new())),
                Place::Body(_)
                | Place::Form(_)
                | Place::Header(_)
                | Place::Last(_)
                | Place::Link(_)
                | Place::Max(_)
                | Place::Query(_)
                | Place::Record(_)
                | Place::Spread { .. }
                | Place::Status => {}
            }
        }
        draft
    }

    /// Writes the size and the positions.
    fn write(
        &mut self,
        source: &Source,
        at: &At<'_>,
        positions: &[Option<Raw>],
        auth: &Auth,
    ) -> Result<(), WireError> {
        let own = source.size.as_ref();
        // A link holds the size if it stands in the URL; in a header it must be repeated.
        let size = at.size.or_else(|| own.filter(|_| self.linked).and_then(|own| own.value));
        if let (Some(locator), Some(size)) = (own.and_then(|own| own.write.as_ref()), size) {
            self.place(locator, &Raw::from_u64(size), Some(size), auth)?;
        }
        for (locator, position) in source.written().iter().zip(positions) {
            if let Some(position) = position {
                self.place(locator, position, size, auth)?;
            }
        }
        Ok(())
    }

    /// Fills the `{NAME}`s in and makes the query, all but the credentials.
    fn settle(mut self) -> Result<Draft, WireError> {
        let texts = std::mem::take(&mut self.in_text);
        if !texts.is_empty() {
            let members = self.fixed.values_mut().flatten();
            for value in members.chain(self.headers.values_mut()) {
                *value = fill_names(value, |name| texts.get(name).cloned());
            }
            self.content.fill_texts(&texts);
        }
        if self.linked {
            return Ok(self);
        }
        if !self.in_path.is_empty() {
            self.url = self.url.with_path(&self.filled_path()?);
        }
        if let Some(own) = self.url.query().filter(|own| !texts.is_empty() && own.contains('{')) {
            let filled = fill_names(own, |name| texts.get(name).map(|text| encode(text)));
            self.url = self.url.with_query(Some(&filled));
        }
        let mut members = std::mem::take(&mut self.fixed);
        for (name, values) in std::mem::take(&mut self.written) {
            if self.url.param(&name).is_some()
                && let [value] = values.as_slice()
            {
                self.url = self.url.with_param(&name, value);
            } else {
                members.insert(name, values);
            }
        }
        let mut query = self.url.query().unwrap_or_default().to_owned();
        for (name, values) in &members {
            for value in values {
                if !query.is_empty() && !query.ends_with('&') {
                    query.push('&');
                }
                query.push_str(&encode(name));
                query.push('=');
                query.push_str(&encode(value));
            }
        }
        if !members.is_empty() {
            self.url = self.url.with_query(Some(&query));
        }
        Ok(self)
    }

    /// The path with its `{NAME}`s filled in. A segment that is nothing but a place without a value is left out.
    fn filled_path(&self) -> Result<String, WireError> {
        let mut path = String::new();
        for segment in self.url.path().split('/').skip(1) {
            let known = |name: &str| self.in_path.get(name).map(|value| value.clone().unwrap_or_default());
            let filled = fill_names(segment, known);
            if filled != segment {
                if filled.is_empty() {
                    continue;
                }
                if is_dot_segment(&filled) {
                    return Err(unsafe_cursor("path", "a segment of dots would change the path"));
                }
            }
            path.push('/');
            path.push_str(&filled);
        }
        Ok(path)
    }
}

/// What is added to the first request, or to the others.
fn draft_extra(source: &Source, first: bool) -> &Extra {
    if first { &source.request.first } else { &source.request.then }
}

/// Replaces every `{NAME}` that is known, in one pass: what is filled in is not looked at again.
pub(super) fn fill_names(text: &str, known: impl Fn(&str) -> Option<String>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let filled = after.split_once('}').and_then(|(name, tail)| Some((known(name)?, tail)));
        if let Some((value, tail)) = filled {
            out.push_str(&value);
            rest = tail;
        } else {
            out.push('{');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}
