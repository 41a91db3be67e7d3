//! What the tests of this folder share: sources as documents, requests as text.

use super::{At, Target, WireError};
use crate::http::Request;
use crate::json::Raw;
use crate::source::{Fill, Source};
use crate::url::Url;

/// A source from its document.
pub fn source(json: &str) -> Source {
    Source::from_json(json, &Fill::none()).unwrap_or_else(|error| panic!("{error}\n{json}"))
}

/// A source that pages by cursor through a query parameter, with these members on top.
pub fn leads(more: &str) -> Source {
    source(&format!(
        r#"{{"request": {{"url": "https://api.example.com/v1/leads"}}, "records": "/data", "id": "/id",
            "pagination": {{"style": "cursor", "read": "body:/next", "write": "query:cursor"}}{more}}}"#
    ))
}

/// JSON texts as positions; `-` is none.
pub fn positions(texts: &[&str]) -> Vec<Option<Raw>> {
    texts.iter().map(|text| (*text != "-").then(|| Raw::parse(text).expect(text))).collect()
}

/// The request at these positions, with the source's own size and credentials.
pub fn at(source: &Source, first: bool, texts: &[&str]) -> Result<Request, WireError> {
    send(source, first, Target::Positions(&positions(texts)))
}

/// Any request, with the source's own size and credentials.
pub fn send(source: &Source, first: bool, target: Target<'_>) -> Result<Request, WireError> {
    let size = source.size.as_ref().and_then(|size| size.value);
    source.request(&At { first, target, size }, &source.auth)
}

/// A URL.
pub fn url(text: &str) -> Url {
    Url::parse(text).expect(text)
}

/// A request as lines: method and URL, the headers that not every request has, the body.
pub fn lines(request: Result<Request, WireError>) -> String {
    let request = request.unwrap_or_else(|error| panic!("{error}"));
    let mut lines = vec![format!("{} {}", request.method.as_str(), request.url)];
    for (name, value) in &request.headers {
        if !matches!(
            (name.as_str(), value.as_str()),
            ("accept", "application/json") | ("cache-control", "no-store")
        ) {
            lines.push(format!("{name}: {value}"));
        }
    }
    lines.extend(request.body.map(|body| String::from_utf8(body).expect("a body of text")));
    lines.join("\n")
}
