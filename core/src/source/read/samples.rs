//! What the tests of this folder share: sources as documents, responses as text.

use super::{Found, Reader, Reading};
use crate::http::{Headers, Response};
use crate::source::{Fill, Source, parse_locator};

/// A source from its document, with a URL and a style that needs nothing.
pub fn source(members: &str) -> Source {
    let pagination =
        if members.contains("\"pagination\"") { "" } else { r#""pagination": {"style": "single"}, "# };
    let json = format!(r#"{{"request": {{"url": "https://a.example/x"}}, {pagination}{members}}}"#);
    Source::from_json(&json, &Fill::none()).unwrap_or_else(|error| panic!("{error}\n{json}"))
}

/// An answer.
pub fn answer(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    let headers: Headers = headers.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
    Response { status, headers, body: body.as_bytes().to_vec(), ..Response::default() }
}

/// A page: status 200 and that body.
pub fn page(body: &str) -> Response {
    answer(200, &[], body)
}

/// What a source that pages by `cursor` with this `read` finds in an answer.
pub fn found(read: &str, response: &Response) -> (Found, Reading) {
    let source = source(&format!(
        r#""records": "/data", "pagination": {{"style": "cursor", "read": "{read}", "write": "query:c"}}"#
    ));
    let reader = Reader::new(&source);
    let reading = reader.read(response);
    let locator = parse_locator(read).expect(read);
    (reader.found(&reading, &locator).clone(), reading)
}
