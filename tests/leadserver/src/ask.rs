//! A list request, taken apart.

use crate::list::Order;
use serde_json::Value;
use std::{borrow::Cow, fmt::Write as _};

/// The lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Endpoint {
    Cursor,
    Graphql,
    Keyset,
    Link,
    LinkBody,
    Odata,
    Offset,
    Page,
    Scroll,
    Search,
    Single,
}

pub(crate) const ENDPOINTS: &[(&str, Endpoint)] = &[
    ("/cursor", Endpoint::Cursor),
    ("/graphql", Endpoint::Graphql),
    ("/keyset", Endpoint::Keyset),
    ("/link", Endpoint::Link),
    ("/link-body", Endpoint::LinkBody),
    ("/odata", Endpoint::Odata),
    ("/offset", Endpoint::Offset),
    ("/page", Endpoint::Page),
    ("/scroll", Endpoint::Scroll),
    ("/search", Endpoint::Search),
    ("/single", Endpoint::Single),
];

impl Endpoint {
    pub(crate) fn find(path: &str) -> Option<(&'static str, Endpoint)> {
        ENDPOINTS.iter().find(|(name, _)| *name == path).copied()
    }

    /// Whether it is asked with POST (`Some(true)`), GET, or either.
    pub(crate) fn posts(self) -> Option<bool> {
        match self {
            Endpoint::Graphql | Endpoint::Search => Some(true),
            Endpoint::Scroll => None,
            Endpoint::Cursor
            | Endpoint::Keyset
            | Endpoint::Link
            | Endpoint::LinkBody
            | Endpoint::Odata
            | Endpoint::Offset
            | Endpoint::Page
            | Endpoint::Single => Some(false),
        }
    }
}

/// One request to a list.
#[derive(Debug)]
pub(crate) struct Ask<'a> {
    pub(crate) endpoint: Endpoint,
    /// Path as the client wrote it.
    pub(crate) path: &'a str,
    pub(crate) query: &'a str,
    /// The JSON object the parameters of a POST are in.
    pub(crate) body: Option<Value>,
    /// Host and port as the client knows them.
    pub(crate) host: &'a str,
}

const SIZE: &[&str] = &["limit", "pageSize", "per_page", "page_size", "size", "first", "$top"];

impl Ask<'_> {
    /// A parameter under any of these names, from the body of a POST or from the query; empty is absent.
    pub(crate) fn text(&self, names: &[&str]) -> Option<Cow<'_, str>> {
        let found = match &self.body {
            Some(body) => names.iter().find_map(|name| body.get(name)).and_then(|value| match value {
                Value::String(text) => Some(Cow::Borrowed(text.as_str())),
                Value::Number(number) => Some(Cow::Owned(number.to_string())),
                Value::Bool(flag) => Some(Cow::Owned(flag.to_string())),
                Value::Null | Value::Array(_) | Value::Object(_) => None,
            }),
            None => {
                self.pairs().find(|(name, _)| names.contains(&name.as_ref())).map(|(_, value)| decode(value))
            }
        };
        found.filter(|text| !text.is_empty())
    }

    fn pairs(&self) -> impl Iterator<Item = (Cow<'_, str>, &str)> {
        self.query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (decode(name), value))
    }

    pub(crate) fn number(&self, names: &[&str]) -> Option<usize> {
        self.text(names)?.parse().ok()
    }

    pub(crate) fn size(&self) -> Option<usize> {
        self.number(SIZE)
    }

    pub(crate) fn order(&self) -> Order {
        match self.text(&["sort"]).as_deref() {
            Some("asc") => Order::OldestFirst,
            _ => Order::YoungestFirst,
        }
    }

    /// The URL of this request with another position: every other parameter stays as the client wrote it.
    pub(crate) fn link(&self, host: &str, drop: &[&str], position: &str) -> String {
        let mut url = if host.contains("://") { host.to_owned() } else { format!("http://{host}") };
        url.push_str(self.path);
        url.push('?');
        url.push_str(position);
        for pair in self.query.split('&').filter(|pair| !pair.is_empty()) {
            let name = decode(pair.split('=').next().unwrap_or(pair));
            if !drop.contains(&name.as_ref()) && name != "_hop" {
                url.push('&');
                url.push_str(pair);
            }
        }
        url
    }
}

/// Percent-decoding as forms have it: `+` is a space.
pub(crate) fn decode(text: &str) -> Cow<'_, str> {
    if !text.contains(['%', '+']) {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [byte, tail @ ..] = rest {
        rest = tail;
        match (*byte, tail) {
            (b'+', _) => out.push(b' '),
            (b'%', [high, low, left @ ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    out.push(high << 4 | low);
                    rest = left;
                }
                _ => out.push(b'%'),
            },
            (byte, _) => out.push(byte),
        }
    }
    Cow::Owned(String::from_utf8_lossy(&out).into_owned())
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|d| u8::try_from(d).ok())
}

/// Percent-encoding of all that isn't unreserved.
pub(crate) fn encode(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len()), |mut out, byte| {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
        out
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(query: &str) -> Ask<'_> {
        Ask { endpoint: Endpoint::Link, path: "/link", query, body: None, host: "h:1" }
    }

    #[test]
    fn parameters_are_decoded_and_empty_ones_absent() {
        let a = ask("cursor=a%2Bb+c%&limit=10&x=&%24top=5&sort=asc");
        assert_eq!(a.text(&["cursor"]).as_deref(), Some("a+b c%"));
        assert_eq!(a.text(&["x"]), None);
        assert_eq!(a.number(&["$top"]), Some(5));
        assert_eq!(a.size(), Some(10));
        assert_eq!(a.order(), Order::OldestFirst);
        assert_eq!(decode(&encode("ä &=?#+%")), "ä &=?#+%");
    }

    #[test]
    fn a_link_keeps_what_it_does_not_know() {
        let a = ask("page=2&per_page=5&api_key=s%20s&_hop=0");
        assert_eq!(a.link("h:1", &["page"], "page=3"), "http://h:1/link?page=3&per_page=5&api_key=s%20s");
        assert_eq!(ask("").link("https://x", &[], "page=3"), "https://x/link?page=3");
    }

    #[test]
    fn a_posted_body_replaces_the_query() {
        let mut a = ask("limit=10");
        a.body = Some(serde_json::json!({ "size": 7, "cursor": null, "sort": "asc" }));
        assert_eq!((a.size(), a.text(&["cursor"])), (Some(7), None));
    }
}
