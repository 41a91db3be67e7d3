//! The format of a vector: plain JSON that any language can replay.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What stands for the version of everypage in a report.
pub const VERSION: &str = "VERSION";

/// One transcript.
#[derive(Clone, PartialEq, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Vector {
    /// Its name: also the file's.
    pub name: String,
    /// One sentence on what would go wrong without it.
    pub why: String,
    /// The source document.
    pub source: Value,
    /// The caller's variables.
    #[serde(default)]
    pub vars: BTreeMap<String, String>,
    /// Credentials given in code.
    #[serde(default)]
    pub auth: Option<Value>,
    /// The seed; below 2^53, so that every language reads it alike.
    pub seed: u64,
    /// The moment of the start.
    pub start: Start,
    /// The checkpoint it resumes from.
    #[serde(default)]
    pub checkpoint: Option<String>,
    /// What happens, in order.
    pub steps: Vec<Step>,
}

/// A moment: the tick, and wall time where the host has a wall clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Start {
    /// Milliseconds on the monotonic clock.
    pub tick: u64,
    /// Milliseconds since 1970.
    pub unix: Option<i64>,
}

/// One step at its moment.
#[derive(Clone, PartialEq, Debug, Deserialize)]
pub struct Step {
    /// The tick.
    pub at: u64,
    /// What is expected, or what happens.
    #[serde(flatten)]
    pub what: What,
}

/// What is expected of the walk, or what is told to it.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// `poll` sends.
    Send(Send),
    /// `poll` delivers.
    Deliver(Deliver),
    /// `poll` sleeps.
    Sleep(Sleep),
    /// `poll` is blocked on this.
    Blocked(String),
    /// `poll` asks for fresh credentials of this generation.
    Authorize(u32),
    /// `poll` finishes with this report, its version replaced by [`VERSION`].
    Finish(Value),
    /// An answer comes in.
    Response(Response),
    /// A request failed.
    Failure(Failure),
    /// This page is stored.
    Acknowledge(u64),
    /// Fresh credentials.
    Credentials(Credentials),
    /// The caller stops the walk.
    Stop(bool),
    /// `checkpoint` is exactly this text.
    Checkpoint(String),
}

/// A request as it goes on the wire.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Send {
    /// Its ticket.
    pub ticket: u64,
    /// `GET`, `HEAD` or `POST`.
    pub method: String,
    /// The URL, byte for byte.
    pub url: String,
    /// Names and values, in sending order.
    pub headers: Vec<(String, String)>,
    /// The body as text.
    pub body: Option<String>,
    /// When the attempt is given up.
    pub deadline: u64,
}

/// Fresh records of one page.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Deliver {
    /// The page's id.
    pub page: u64,
    /// Its number among the accepted responses.
    pub number: u64,
    /// Each record as the text the server sent.
    pub records: Vec<String>,
}

/// A wait.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sleep {
    /// Until this tick.
    pub until: u64,
    /// `backoff`, `pace` or `retry_after`.
    pub why: String,
}

/// An answer.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Response {
    /// The ticket it answers.
    pub ticket: u64,
    /// The status.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body, where it is text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// The body, where it isn't.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body_base64: Option<String>,
    /// Whether headers may be hidden from the host.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub headers_hidden: bool,
    /// The URL the host really asked, where it tells.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// A failure.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Failure {
    /// The ticket it answers.
    pub ticket: u64,
    /// The name of its kind.
    pub kind: String,
}

/// Fresh credentials, or none to be had.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Credentials {
    /// The generation that was asked for.
    pub generation: u32,
    /// In the form of a source's `auth`; null when there are none.
    pub auth: Option<Value>,
}

impl Vector {
    /// The text of its file: one step a line.
    pub fn to_text(&self) -> String {
        let mut out = String::from("{\n");
        let mut member = |name: &str, value: &Value| {
            let _ = writeln!(out, "  {}: {value},", Value::from(name));
        };
        member("name", &self.name.as_str().into());
        member("why", &self.why.as_str().into());
        member("source", &self.source);
        if !self.vars.is_empty() {
            member("vars", &json(&self.vars));
        }
        if let Some(auth) = &self.auth {
            member("auth", auth);
        }
        member("seed", &self.seed.into());
        member("start", &json(self.start));
        if let Some(checkpoint) = &self.checkpoint {
            member("checkpoint", &checkpoint.as_str().into());
        }
        out.push_str("  \"steps\": [\n");
        for (index, step) in self.steps.iter().enumerate() {
            let what = json(&step.what).to_string();
            let inner = what.strip_prefix('{').unwrap_or(&what);
            let comma = if index + 1 < self.steps.len() { "," } else { "" };
            let _ = writeln!(out, "    {{\"at\":{},{inner}{comma}", step.at);
        }
        out.push_str("  ]\n}\n");
        out
    }
}

/// Plain data with string keys always serialises; a vector with null in it would not replay.
fn json(data: impl Serialize) -> Value {
    serde_json::to_value(data).unwrap_or_default()
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 with padding (RFC 4648, section 4).
pub fn to_base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let word =
            chunk.iter().fold(0_u32, |word, byte| word << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            let index = (word >> (18 - 6 * digit)) & 63;
            out.push(if digit <= chunk.len() { char::from(ALPHABET[index as usize]) } else { '=' });
        }
    }
    out
}

/// The bytes of a base64 text; `None` if it isn't one.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let (mut word, mut bits) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let digit = ALPHABET.iter().position(|b| *b == byte)? as u32;
        word = word << 6 | digit;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((word >> bits) as u8);
            word &= (1 << bits) - 1;
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_reads_back_what_it_wrote() {
        for length in 0..20_u8 {
            let bytes: Vec<u8> = (0..length).map(|i| i.wrapping_mul(91)).collect();
            assert_eq!(from_base64(&to_base64(&bytes)), Some(bytes));
        }
        assert_eq!(to_base64(b"ab"), "YWI=");
    }
}
