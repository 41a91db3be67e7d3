//! The built-in transport: reqwest over rustls, with everything switched off that would act on its own
//! (redirects, retries, decompression), and hyper itself for the URLs that reqwest would rewrite.

use super::body::{Idle, framing, read};
use super::connect::{no_tls, tls};
use super::exact::{self, Exact, path_start};
use super::failure::{Phase, failure, proxy_wants_credentials};
use super::options::{Checked, TransportOptions};
use super::resolve::Resolver;
use super::{BoxFuture, Call, Transport};
use crate::error::Error;
use bytes::Bytes;
use everypage_core::http::{Failure, FailureKind, Headers, Method, Request, Response};
use http::header::{ACCEPT_ENCODING, AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue};
use http_body::Body;
use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::Poll;

/// Carries requests by reqwest. Cheap to clone; clones share their connections.
#[derive(Clone)]
pub struct Reqwest {
    shared: Arc<Shared>,
}

struct Shared {
    settings: Checked,
    /// Read when the first `https` URL is asked, as it may fail where only `http` is needed.
    tls: OnceLock<Result<rustls::ClientConfig, Failure>>,
    engines: [OnceLock<Result<Engines, Failure>>; 4],
}

/// Two pools of connections under the same rules.
struct Engines {
    plain: reqwest::Client,
    exact: Exact,
}

impl Reqwest {
    /// A transport with these settings.
    pub fn new(options: TransportOptions) -> Result<Reqwest, Error> {
        let settings = options.check()?;
        Ok(Reqwest {
            shared: Arc::new(Shared { settings, tls: OnceLock::new(), engines: Default::default() }),
        })
    }
}

impl Transport for Reqwest {
    fn exchange(&self, call: Call) -> BoxFuture<Result<Response, Failure>> {
        let shared = self.shared.clone();
        Box::pin(async move { shared.perform(call).await })
    }
}

impl Shared {
    async fn perform(&self, call: Call) -> Result<Response, Failure> {
        let text = call.request.url.as_str();
        let uri = exact::uri(text);
        let headers = self.headers(&call.request)?;
        let options = &self.settings.options;
        let mut idle = Idle::new(options.idle_timeout, options.connect_timeout);
        match url::Url::parse(text) {
            Ok(url) if same_on_wire(text, url.as_str()) => {
                let engines = self.engines(text, uri.ok().as_ref(), call.private_allowed)?;
                let mut request = reqwest::Request::new(method(call.request.method), url);
                *request.headers_mut() = headers;
                *request.body_mut() = call.request.body.clone().map(Into::into);
                let answer = first_byte(engines.plain.execute(request), &mut idle).await?;
                let answer = match answer {
                    Ok(answer) => answer,
                    Err(error) => return unanswered(&error, text),
                };
                let landed = answer.url().as_str();
                let url = if same_on_wire(text, landed) { text } else { landed }.to_owned();
                receive(answer.into(), url, call.body_limit, &mut idle).await
            }
            // hyper sends it as it is or not at all, and reports nothing else.
            Ok(_) | Err(_) => {
                let uri = uri?;
                let engines = self.engines(text, Some(&uri), call.private_allowed)?;
                let sent = engines.exact.send(&call.request, uri, headers);
                let answer: exact::Answer = first_byte(sent, &mut idle).await?;
                let answer = match answer {
                    Ok(answer) => answer,
                    Err(error) => return unanswered(&error, text),
                };
                receive(answer, text.to_owned(), call.body_limit, &mut idle).await
            }
        }
    }

    fn headers(&self, request: &Request) -> Result<HeaderMap, Failure> {
        let unsendable =
            || Failure::new(FailureKind::Other, "a request header holds characters that can't be sent");
        let mut map = HeaderMap::with_capacity(request.headers.len() + 2);
        for (name, value) in &request.headers {
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unsendable())?;
            let mut value = HeaderValue::from_str(value).map_err(|_| unsendable())?;
            // Kept out of the compression tables of HTTP/2.
            value.set_sensitive([AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION].contains(&name));
            map.append(name, value);
        }
        map.entry(USER_AGENT).or_insert_with(|| self.settings.user_agent.clone());
        map.entry(ACCEPT_ENCODING).or_insert(HeaderValue::from_static("gzip"));
        Ok(map)
    }

    /// The engines for this kind of request: with or without TLS, guarded against private addresses or not.
    fn engines(&self, url: &str, uri: Option<&http::Uri>, private: bool) -> Result<&Engines, Failure> {
        let proxy = uri.and_then(|uri| self.settings.proxies.intercept(uri));
        let secure =
            url.starts_with("https:") || proxy.is_some_and(|via| via.uri().scheme_str() == Some("https"));
        let [open, guarded, open_tls, guarded_tls] = &self.engines;
        let slot = match (secure, private) {
            (false, true) => open,
            (false, false) => guarded,
            (true, true) => open_tls,
            (true, false) => guarded_tls,
        };
        slot.get_or_init(|| self.build(secure, !private)).as_ref().map_err(Clone::clone)
    }

    fn build(&self, secure: bool, guard: bool) -> Result<Engines, Failure> {
        let broken = |error: rustls::Error| Failure::new(FailureKind::TlsInvalid, error.to_string());
        let config = if secure {
            self.tls.get_or_init(|| tls(&self.settings).map_err(broken)).clone()?
        } else {
            no_tls().map_err(broken)?
        };
        let resolver = Resolver::new(guard, self.settings.trusted.clone());
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .connect_timeout(self.settings.options.connect_timeout)
            .http2_max_header_list_size(64 << 10)
            .dns_resolver(Arc::new(resolver.clone()))
            .tls_backend_preconfigured(config.clone());
        if let Some(proxy) =
            self.settings.options.proxy.as_deref().and_then(|proxy| reqwest::Proxy::all(proxy).ok())
        {
            builder = builder.proxy(proxy.no_proxy(reqwest::NoProxy::from_env()));
        }
        let plain = builder.build().map_err(|error| failure(&error, Phase::Head))?;
        Ok(Engines { plain, exact: Exact::new(&self.settings, config, resolver) })
    }
}

pub(super) const fn method(method: Method) -> http::Method {
    match method {
        Method::Get => http::Method::GET,
        Method::Head => http::Method::HEAD,
        Method::Post => http::Method::POST,
    }
}

/// Whether reading a URL as `url::Url` left it as it was. That an empty path becomes `/` doesn't count: the
/// request line has one in any case.
fn same_on_wire(text: &str, read: &str) -> bool {
    let (head, tail) = text.split_at_checked(path_start(text)).unwrap_or((text, ""));
    read == text
        || (!tail.starts_with('/')
            && read.strip_prefix(head).and_then(|rest| rest.strip_prefix('/')) == Some(tail))
}

/// Waits for the head of the answer.
async fn first_byte<F: Future>(sent: F, idle: &mut Idle) -> Result<F::Output, Failure> {
    let mut sent = pin!(sent);
    poll_fn(|cx| match sent.as_mut().poll(cx) {
        Poll::Ready(answer) => Poll::Ready(Ok(answer)),
        Poll::Pending => idle
            .poll_expired(cx)
            .map(|_| Err(Failure::new(FailureKind::ReadTimeout, "the server did not begin to answer"))),
    })
    .await
}

/// No answer came, unless it is the proxy's: that it wants credentials is a status like any other.
fn unanswered(error: &(dyn std::error::Error + 'static), url: &str) -> Result<Response, Failure> {
    if proxy_wants_credentials(error) {
        return Ok(Response { status: 407, url: Some(url.to_owned()), ..Response::default() });
    }
    Err(failure(error, Phase::Head))
}

async fn receive<B>(
    answer: http::Response<B>,
    url: String,
    limit: u64,
    idle: &mut Idle,
) -> Result<Response, Failure>
where
    B: Body<Data = Bytes> + Unpin,
    B::Error: std::error::Error + 'static,
{
    let (head, body) = answer.into_parts();
    let framing = framing(&head.headers)?;
    // What a redirect has to say is in its headers.
    let body =
        if head.status.is_redirection() { Vec::new() } else { read(body, framing, limit, idle).await? };
    let headers: Headers =
        head.headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
    Ok(Response { status: head.status.as_u16(), headers, body, url: Some(url), headers_hidden: false })
}

impl std::fmt::Debug for Reqwest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reqwest").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(text: &str) -> bool {
        url::Url::parse(text).is_ok_and(|url| same_on_wire(text, url.as_str()))
    }

    #[test]
    fn rewriting_is_noticed() {
        for text in [
            "https://a.example/x?y=%2C,|[]{}",
            "https://a.example",
            "https://a.example?x=1",
            "https://a.example:8443/a%2fb|c[",
        ] {
            assert!(kept(text), "{text}");
        }
        for text in [
            "https://a.example/x?q='me'",
            "https://a.example/a/../b",
            "https://a.example/{id}",
            "https://a.example:443/",
            "https://a.example/x?q=\"y\"",
        ] {
            assert!(!kept(text), "{text}");
        }
    }
}
