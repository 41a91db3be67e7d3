//! The end of a draft: credentials go in, or `…` in their stead.

use super::draft::Draft;
use super::{MAX_URL, WireError, secrets};
use crate::facts::Auth;
use crate::http::Request;
use crate::json::Raw;
use crate::url::encode;
use std::fmt::Write as _;

impl Draft {
    /// Adds the credentials and checks what goes out.
    pub(super) fn sign(mut self, auth: &Auth) -> Result<Request, WireError> {
        for (name, secret) in &auth.headers {
            self.headers.insert(name.to_ascii_lowercase(), secret.expose().to_owned());
        }
        for (name, secret) in &auth.query {
            // A link that has the parameter keeps it: its bytes are the server's.
            if !self.linked || self.url.param(name).is_none() {
                self.url = self.url.with_param(name, secret.expose());
            }
        }
        if !self.bodyless {
            for (pointer, secret) in &auth.body {
                self.content.set(pointer, &Raw::from_text(secret.expose()))?;
            }
        }
        if self.url.as_str().len() > MAX_URL {
            return Err(WireError::TooLarge { limit: MAX_URL });
        }
        let (kind, body) = self.content.into_bytes();
        if let Some(kind) = kind {
            self.headers.entry("content-type".to_owned()).or_insert_with(|| kind.to_owned());
        }
        if let Some((name, _)) = self.headers.iter().find(|(_, value)| !is_header_value(value)) {
            return Err(WireError::UnsafeHeader { name: name.clone() });
        }
        let headers = self.headers.into_iter().collect();
        Ok(Request { method: self.method, url: self.url.as_str().to_owned(), headers, body })
    }

    /// The request as text, every secret as `…`.
    pub(super) fn show(mut self, auth: &Auth) -> String {
        for (name, _) in &auth.headers {
            self.headers.insert(name.to_ascii_lowercase(), secrets::HIDDEN.to_owned());
        }
        let mut url = self.url.as_str().to_owned();
        for (name, _) in &auth.query {
            if self.url.param(name).is_none() {
                let separator = if url.contains('?') { '&' } else { '?' };
                url = format!("{url}{separator}{}={}", encode(name), secrets::HIDDEN);
            }
        }
        for (pointer, _) in &auth.body {
            // What can't be set can't be sent either; the request itself will say so.
            let _ = self.content.set(pointer, &Raw::from_text(secrets::HIDDEN));
        }
        let (kind, body) = self.content.into_bytes();
        if let Some(kind) = kind {
            self.headers.entry("content-type".to_owned()).or_insert_with(|| kind.to_owned());
        }
        let mut text = format!("{} {url}\n", self.method.as_str());
        for (name, value) in &self.headers {
            let _ = writeln!(text, "{name}: {value}");
        }
        if let Some(body) = body {
            let _ = write!(text, "\n{}\n", String::from_utf8_lossy(&body));
        }
        secrets::hide(auth, &text)
    }
}

/// Whether a value can be a header field's: printable ASCII, blanks only inside.
fn is_header_value(value: &str) -> bool {
    value.bytes().all(|b| matches!(b, b' '..=b'~')) && value.trim_matches(' ') == value
}
