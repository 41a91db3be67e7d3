//! The way of a request: counted, limited, authorized, perhaps faulted, answered.

use crate::{
    admin,
    app::{App, Connection},
    ask::Endpoint,
    auth,
    chance::{below, draw, fingerprint},
    config::Cors,
    fault::{
        Fault, StatusFault, WireFault, body,
        plan::Effect,
        status::{self, Context},
        wire,
    },
    hints::{self, wall},
    rate::{self, Level},
    reply::{Parts, Reply},
    routes,
    stats::Entry,
};
use bytes::Bytes;
use http_body_util::{BodyExt, Limited};
use hyper::{
    Method, Request, Response,
    body::Incoming,
    header::{
        ACCEPT_ENCODING, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
        ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS, HOST,
        HeaderMap, HeaderValue,
    },
    http::request::Parts as Head,
};
use std::time::{Duration, Instant};

/// Longest body of a request.
const MOST_BODY: usize = 1 << 20;

/// Headers a browser's script may read where CORS exposes them.
const EXPOSED: &str = "date, link, ratelimit, ratelimit-limit, ratelimit-policy, ratelimit-remaining, ratelimit-reset, \
    retry-after, x-ratelimit-limit, x-ratelimit-remaining, x-ratelimit-reset, x-total-count";

/// A fault on the connection: which, with what settings, with which chance.
type Wired<'a> = (WireFault, &'a Fault, u64);

/// Notes how a request ended, also when its client hangs up and the handler is dropped.
struct Noted<'a> {
    app: &'a App,
    number: u64,
    status: u16,
    fault: Option<&'a str>,
}

impl Drop for Noted<'_> {
    fn drop(&mut self) {
        self.app.state().counts.end(self.number, self.status, self.fault);
    }
}

fn host(head: &Head, port: u16) -> String {
    let host = head.headers.get(HOST).and_then(|host| host.to_str().ok());
    host.map_or_else(|| format!("127.0.0.1:{port}"), str::to_owned)
}

impl App {
    /// Answers one request; `path` is the path below where this list is mounted.
    pub(crate) async fn answer(
        &self,
        line: &Connection,
        path: &str,
        request: Request<Incoming>,
    ) -> Response<Parts> {
        let (head, incoming) = request.into_parts();
        let reply = if head.method == Method::OPTIONS {
            let mut reply = Reply::json(204, "");
            self.cors(&head, &mut reply.headers);
            reply
        } else if let Some((name, endpoint)) = Endpoint::find(path) {
            self.list(line, name, endpoint, &head, incoming).await
        } else {
            let mut reply = admin::answer(self, path, head.uri.query().unwrap_or_default());
            self.cors(&head, &mut reply.headers);
            reply
        };
        reply.into_response()
    }

    async fn list(
        &self,
        line: &Connection,
        name: &'static str,
        endpoint: Endpoint,
        head: &Head,
        incoming: Incoming,
    ) -> Reply {
        let (mut noted, passes, levels) = self.arrive(line, name, head);
        let jitter = u64::try_from(self.config.jitter.as_millis()).unwrap_or(u64::MAX);
        let jitter = below(self.config.seed, 0x1a7, noted.number, jitter.saturating_add(1));
        let wait = self.config.latency + Duration::from_millis(jitter);
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
        let body = match Limited::new(incoming, MOST_BODY).collect().await {
            Ok(body) => Some(body.to_bytes()),
            Err(_) => None,
        };
        let (mut reply, wired) = match body {
            _ if !passes => (status::too_many(), None),
            None => (Reply::error(400, "bad_body", "the request's body can't be read"), None),
            Some(_) if !self.admits(head) => {
                (Reply::error(401, "unauthorized", "no token, or not a good one"), None)
            }
            Some(body) => self.page(endpoint, head, &body, &mut noted),
        };
        hints::write(&mut reply.headers, &self.config.dialects, &levels, !passes, self.config.clock_skew);
        if self.config.clock_skew != 0 {
            hints::date(&mut reply.headers, wall(self.config.clock_skew));
        }
        self.cors(head, &mut reply.headers);
        noted.status = reply.status.as_u16();
        let Some((kind, fault, chance)) = wired else { return reply };
        if matches!(kind, WireFault::Hang | WireFault::LostResponse | WireFault::ResetBefore) {
            noted.status = 0;
        }
        line.wire.arm(wire::script(kind, fault, reply, chance, wall(self.config.clock_skew)));
        // Whatever is answered now is replaced by the script.
        Reply::json(200, "")
    }

    /// Counts a request and asks the limits.
    fn arrive(&self, line: &Connection, name: &'static str, head: &Head) -> (Noted<'_>, bool, Vec<Level>) {
        let entry = Entry {
            number: 0,
            at_us: u64::try_from(self.uptime().as_micros()).unwrap_or(u64::MAX),
            connection: line.number,
            method: head.method.to_string(),
            host: host(head, self.port),
            target: head.uri.path_and_query().map(|target| target.as_str().to_owned()).unwrap_or_default(),
            auth: auth::sent(head),
            status: 0,
            fault: None,
        };
        let mut state = self.state();
        let (passes, levels) = if state.meters.is_empty() {
            (true, Vec::new())
        } else {
            rate::arrive(&mut state.meters, Instant::now())
        };
        let number = state.counts.begin(name, entry, self.config.log);
        (Noted { app: self, number, status: 0, fault: None }, passes, levels)
    }

    fn admits(&self, head: &Head) -> bool {
        let Some(first) = &self.config.auth_token else { return true };
        let sent = auth::sent(head);
        let Some(token) = sent.as_deref().and_then(auth::token) else { return false };
        let good = |known: &str| auth::same(&token, known);
        self.fresh.as_deref().is_some_and(good) || (!self.state().rotated && good(first))
    }

    /// The page, or what a fault makes of it.
    fn page<'a>(
        &'a self,
        endpoint: Endpoint,
        head: &Head,
        body: &Bytes,
        noted: &mut Noted<'a>,
    ) -> (Reply, Option<Wired<'a>>) {
        let (host, query) = (host(head, self.port), head.uri.query().unwrap_or_default());
        let ask = match routes::ask(endpoint, head, query, body, &host) {
            Ok(ask) => ask,
            Err(reply) => return (*reply, None),
        };
        let hops = status::hops(query);
        if let Some((left @ 1.., code)) = hops {
            return (status::hop(code, &ask.link(&host, &[], &format!("_hop={}-{code}", left - 1))), None);
        }
        let mut state = self.state();
        let (ordinal, planned) = if self.plan.is_empty() || hops.is_some() {
            (0, None)
        } else {
            let parts = [head.method.as_str().as_bytes(), head.uri.path().as_bytes(), query.as_bytes(), body];
            self.plan.decide(&mut state.memory, fingerprint(&parts))
        };
        let Some(planned) = planned else { return (routes::page(self, &mut state, &ask), None) };
        noted.fault = Some(planned.fault.name());
        let chance = draw(self.config.seed, 0xfa, ordinal);
        match planned.effect {
            Effect::Status(kind) => {
                state.rotated |= kind == StatusFault::Rotate;
                let foreign = self.foreign();
                let context = Context { ask: &ask, skew: self.config.clock_skew, chance, foreign: &foreign };
                (status::reply(kind, &planned.fault, &context), None)
            }
            Effect::Body(kind) => {
                let accepted =
                    head.headers.get(ACCEPT_ENCODING).and_then(|v| v.to_str().ok()).unwrap_or_default();
                let page = routes::page(self, &mut state, &ask);
                (body::apply(kind, &planned.fault, accepted.contains("gzip"), page), None)
            }
            Effect::Wire(kind) => {
                let made = wire::makes_the_page(kind);
                let reply = if made { routes::page(self, &mut state, &ask) } else { Reply::json(200, "") };
                (reply, Some((kind, &planned.fault, chance)))
            }
        }
    }

    fn cors(&self, head: &Head, headers: &mut HeaderMap) {
        if self.config.cors == Cors::Off {
            return;
        }
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        if self.config.cors == Cors::Expose {
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
        }
        if head.method == Method::OPTIONS {
            headers
                .insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, HEAD, POST, OPTIONS"));
            if let Some(wanted) = head.headers.get(ACCESS_CONTROL_REQUEST_HEADERS) {
                headers.insert(ACCESS_CONTROL_ALLOW_HEADERS, wanted.clone());
            }
        }
    }
}
