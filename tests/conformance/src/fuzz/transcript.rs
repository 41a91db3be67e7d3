//! Walks written out: a source, then what happens to it, in parts that each start with a line `%%` and a word:
//!
//! - a status, then headers, an empty line, a body: an answer to the oldest request
//! - the name of a failure: what the oldest request came to
//! - `ack`, `hold`, `wait`, `stop`, `resume`, `credentials`
//!
//! Pages are acknowledged at once until somebody says `hold`.

use super::CANARY;
use super::sources::has_secret;
use super::watch::{Rest, Watch};
use everypage_core::http::{FailureKind, Headers, Response};
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::{Fill, Source};
use everypage_core::time::{Millis, Now, Tick, UnixMillis};
use everypage_core::walk::{ResumeError, Walk};

const PART: &[u8] = b"\n%%";

/// The text cut at its parts.
fn parts(input: &[u8]) -> Vec<&[u8]> {
    let (mut parts, mut rest) = (Vec::new(), input);
    while let Some(at) = rest.windows(PART.len()).position(|window| window == PART) {
        parts.push(&rest[..at]);
        rest = &rest[at + PART.len()..];
    }
    parts.push(rest);
    parts
}

/// An answer: headers, an empty line, a body. `Hidden: 1` hides headers, `Asked: URL` is what the host asked.
fn response(status: u16, mut text: &[u8]) -> Response {
    let mut response = Response { status, ..Response::default() };
    let mut headers = Headers::new();
    while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
        let line = &text[..end];
        text = &text[end + 1..];
        if line.is_empty() {
            break;
        }
        let at = line.windows(2).position(|pair| pair == b": ").unwrap_or(line.len());
        let (name, value) = (String::from_utf8_lossy(&line[..at]), line.get(at + 2..).unwrap_or_default());
        match &*name {
            "Hidden" => response.headers_hidden = true,
            "Asked" => response.url = Some(String::from_utf8_lossy(value).into_owned()),
            _ => headers.push(&name, value),
        }
    }
    response.headers = headers;
    text.clone_into(&mut response.body);
    response
}

struct Play {
    watch: Watch,
    walk: Walk,
    source: Source,
    hold: bool,
}

impl Play {
    /// Lets the walk go on until an answer, a page that is held or credentials are needed; whether it is over.
    fn settle(&mut self) -> bool {
        // A walk that sleeps again and again without a request would be a loop of its own.
        for _ in 0..100 {
            match self.watch.poll(&mut self.walk) {
                Rest::Over(_) => return true,
                Rest::Sleep(_) | Rest::Blocked(_) if !self.hold && !self.watch.waiting.is_empty() => {
                    self.watch.acknowledge(&mut self.walk);
                }
                Rest::Sleep(until) if self.watch.flying.is_empty() => self.advance(until),
                Rest::Sleep(_) | Rest::Blocked(_) => return false,
            }
        }
        panic!("the walk sleeps for ever");
    }

    fn advance(&mut self, until: Tick) {
        let now = &mut self.watch.now;
        now.unix = now.unix.map(|unix| unix.after(until.since(now.tick)));
        now.tick = now.tick.max(until);
    }

    fn happens(&mut self, part: &[u8]) {
        let end = part.iter().position(|byte| *byte == b'\n').unwrap_or(part.len());
        let (word, rest) = (String::from_utf8_lossy(&part[..end]), part.get(end + 1..).unwrap_or_default());
        match &*word {
            "ack" => self.watch.acknowledge(&mut self.walk),
            "hold" => self.hold = true,
            "wait" => self.advance(self.watch.now.tick.after(Millis::secs(30))),
            "stop" => {
                self.walk.stop();
                self.watch.waiting.clear();
            }
            "credentials" => {
                if let Some(generation) = self.watch.asked.take() {
                    let fresh = Some(self.source.auth.clone());
                    assert_eq!(self.walk.handle_credentials(generation, fresh, self.watch.now), Ok(()));
                }
            }
            "resume" => self.resume(),
            word => {
                let answer = match (word.parse(), FailureKind::parse(word)) {
                    (Ok(status), _) => Ok(response(status, rest)),
                    (Err(_), Some(kind)) => Err(kind),
                    (Err(_), None) => return,
                };
                self.watch.answer(&mut self.walk, 0, answer);
            }
        }
    }

    /// Another process goes on from the checkpoint.
    fn resume(&mut self) {
        let checkpoint = self.watch.look(&self.walk);
        let (source, now) = (self.source.clone(), self.watch.now);
        self.walk = match Walk::resume(source, &Budget::new(), checkpoint, Seed(2), now) {
            Ok(walk) => {
                self.watch.leave();
                walk
            }
            // A server's own secret in its link is not kept, so only another start helps.
            Err(ResumeError::MissingSecret) => self.watch.start(&self.source, Seed(2)),
            Err(error) => panic!("{error}"),
        };
    }

    /// What is left of the walk once nothing happens any more: no page may be lost on the way out.
    fn leave(mut self) {
        self.walk.stop();
        self.watch.waiting.clear();
        self.hold = false;
        match self.watch.poll(&mut self.walk) {
            Rest::Over(_) => {}
            rest @ (Rest::Blocked(_) | Rest::Sleep(_)) => panic!("stopped, but {rest:?}"),
        }
    }
}

/// Plays it. Whether the walk came to its own end.
pub fn transcript(input: &[u8]) -> bool {
    let parts = parts(input);
    let Some((document, happenings)) = parts.split_first() else { return false };
    let Ok(document) = std::str::from_utf8(document) else { return false };
    let Ok(source) = Source::from_json(document, &Fill::none()) else { return false };
    // What the server itself says may be repeated, so the secret has to be the caller's alone.
    let secret = has_secret(document) && !happenings.iter().any(|part| contains(part, CANARY));
    let now = Now { tick: Tick(1000), unix: Some(UnixMillis(1_790_000_000_000)) };
    let mut watch = Watch::new(&source, secret, now);
    let walk = watch.start(&source, Seed(1));
    let mut play = Play { watch, walk, source, hold: false };
    for part in happenings.iter().take(64) {
        if play.settle() {
            return true;
        }
        play.happens(part);
    }
    if play.settle() {
        return true;
    }
    play.leave();
    false
}

fn contains(part: &[u8], text: &str) -> bool {
    part.windows(text.len()).any(|window| window == text.as_bytes())
}
