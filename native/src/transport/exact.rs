//! The engine for URLs that reqwest would rewrite.
//!
//! reqwest holds URLs as `url::Url`, which changes some texts when it reads them: `'` in a query becomes
//! `%27`, `{` in a path `%7B`, `..` goes away. A signed link or a picky server notices. So these, and only
//! these, are sent by hyper itself, which puts the bytes of the text on the wire.

use super::connect::Connector;
use super::options::Checked;
use super::resolve::Resolver;
use bytes::Bytes;
use everypage_core::http::{Failure, FailureKind, Request};
use http::header::{HOST, PROXY_AUTHORIZATION};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper_util::client::legacy::{Client, Error, ResponseFuture};
use hyper_util::client::proxy::matcher::Matcher;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use std::sync::Arc;

/// A pool of connections that sends request targets byte for byte.
#[derive(Clone)]
pub(super) struct Exact {
    client: Client<Connector, Full<Bytes>>,
    proxies: Arc<Matcher>,
}

/// What the engine answers with.
pub(super) type Answer = Result<http::Response<Incoming>, Error>;

impl Exact {
    pub(super) fn new(settings: &Checked, tls: rustls::ClientConfig, resolver: Resolver) -> Exact {
        let client = Client::builder(TokioExecutor::new())
            .pool_timer(TokioTimer::new())
            .http2_max_header_list_size(64 << 10)
            .build(Connector::new(settings, tls, resolver));
        Exact { client, proxies: settings.proxies.clone() }
    }

    /// Sends the request; `uri` is its URL, read without changing it.
    pub(super) fn send(&self, request: &Request, uri: http::Uri, headers: http::HeaderMap) -> ResponseFuture {
        let body = request.body.clone().unwrap_or_default();
        let mut message = http::Request::new(Full::new(Bytes::from(body)));
        *message.method_mut() = super::reqwest::method(request.method);
        *message.headers_mut() = headers;
        if uri.scheme_str() == Some("http")
            && let Some(auth) = self.proxies.intercept(&uri).and_then(|via| via.basic_auth().cloned())
        {
            message.headers_mut().insert(PROXY_AUTHORIZATION, auth);
        }
        // hyper writes the header from the URL; one of the source's would be a second.
        message.headers_mut().remove(HOST);
        *message.uri_mut() = uri;
        self.client.request(message)
    }
}

/// The URL as hyper reads it, if that leaves every byte of its path and query alone.
pub(super) fn uri(text: &str) -> Result<http::Uri, Failure> {
    let refused = || Failure::new(FailureKind::Other, "the URL holds characters that HTTP can't carry");
    let uri: http::Uri = text.parse().map_err(|_| refused())?;
    let target = uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str);
    let start = path_start(text);
    let said = text.get(start..).unwrap_or_default();
    (target == said || (!said.starts_with('/') && target.strip_prefix('/') == Some(said)))
        .then_some(uri)
        .ok_or_else(refused)
}

/// Where the path of an absolute URL starts (its query or its end, if it has none).
pub(super) fn path_start(text: &str) -> usize {
    let authority = text.find("://").map_or(0, |at| at + 3);
    text.get(authority..).and_then(|rest| rest.find(['/', '?', '#'])).map_or(text.len(), |at| authority + at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hyper_keeps_what_url_would_rewrite() {
        for text in [
            "http://a.example/x?q='me'+in+owners",
            "http://a.example/x?f=a|b&g[]=1&h={y}&i=%2C%2c,",
            "http://a.example/a/../b/./c",
            "http://a.example/{id}/x",
            "http://a.example?x=1",
            "http://a.example",
            "https://a.example:443/x",
            "http://a.example/\"quoted\"",
        ] {
            assert!(uri(text).is_ok(), "{text}");
        }
    }

    #[test]
    fn what_cannot_be_sent_as_it_is_is_refused() {
        for text in [
            "http://a.example/x?q=a<b",
            "http://a.example/x?q=\"b\"",
            "http://a.example/`",
            "http://a.example/a b",
            "http://a.example/x#part",
        ] {
            assert!(uri(text).is_err(), "{text}");
        }
    }
}
