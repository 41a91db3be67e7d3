//! References against a base (RFC 3986, section 5).

use super::parse::{Parts, absolute};
use super::{Url, UrlError};
use std::borrow::Cow;

impl Url {
    /// The URL that `reference` means in an answer from this URL: RFC 3986, section 5, strict.
    ///
    /// Bytes of path and query are kept, including the characters `[ ] | { } ' " < >` that a purist would have
    /// escaped; characters outside ASCII are percent-encoded; the fragment is removed. What [`Url::parse`] refuses is
    /// refused here, too, before resolution. Whether the result may be asked is for the caller to judge.
    pub fn resolve(&self, reference: &str) -> Result<Url, UrlError> {
        let parts = Parts::split(reference)?;
        if parts.scheme.is_some() || parts.authority.is_some() {
            return absolute(&parts, self.https);
        }
        let merged;
        let (path, query) = if parts.path.is_empty() {
            (self.path(), parts.query.or(self.query()))
        } else if parts.path.starts_with('/') {
            (parts.path, parts.query)
        } else {
            let folder = self.path().rfind('/').map_or("/", |at| self.path().get(..=at).unwrap_or("/"));
            merged = format!("{folder}{}", parts.path);
            (merged.as_str(), parts.query)
        };
        Ok(Url::build(self.https, self.host(), self.port, path, query))
    }

    /// Whether a client that reports `reported` asked this URL. Clients escape some characters on their own
    /// (`' " < > { }` and others, never the same ones) and may keep a fragment: neither makes another resource.
    /// An escape that was undone, a changed order or a changed host does.
    pub fn agrees_with(&self, reported: &str) -> bool {
        let reported = reported.split('#').next().unwrap_or_default();
        Url::parse(reported).is_ok_and(|reported| escaped(&self.text) == escaped(&reported.text))
    }
}

/// The text with everything escaped that any client escapes; existing escapes stay.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for b in text.bytes() {
        if b"\"'<>[]^`{|}".contains(&b) {
            super::encoding::push_escape(&mut out, b);
        } else {
            out.push(char::from(b));
        }
    }
    out
}

/// Whether a path segment is `.` or `..`, also where its dots are percent-encoded: clients resolve both. A value with
/// this shape can't be written into a path.
pub fn is_dot_segment(segment: &str) -> bool {
    dots(segment).is_some()
}

/// 1 for `.`, 2 for `..`, in any mixture of plain and encoded dots.
fn dots(segment: &str) -> Option<usize> {
    let mut rest = segment;
    let mut count = 0;
    while !rest.is_empty() {
        rest = rest
            .strip_prefix('.')
            .or_else(|| rest.strip_prefix("%2e"))
            .or_else(|| rest.strip_prefix("%2E"))?;
        count += 1;
        if count > 2 {
            return None;
        }
    }
    (count > 0).then_some(count)
}

/// Section 5.2.4 for an absolute path, which an empty one is taken for. Encoded dots count as dots, since clients
/// that follow the WHATWG would resolve them after us.
pub(super) fn remove_dot_segments(path: &str) -> Cow<'_, str> {
    let path = if path.is_empty() { "/" } else { path };
    if path.starts_with('/') && !path.split('/').any(is_dot_segment) {
        return Cow::Borrowed(path);
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut ends_in_folder = false;
    for segment in path.strip_prefix('/').unwrap_or(path).split('/') {
        let dots = dots(segment);
        match dots {
            None => kept.push(segment),
            Some(1) => {}
            Some(_) => drop(kept.pop()),
        }
        ends_in_folder = dots.is_some();
    }
    if ends_in_folder {
        kept.push("");
    }
    Cow::Owned(format!("/{}", kept.join("/")))
}
