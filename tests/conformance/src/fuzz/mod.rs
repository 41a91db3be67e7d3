//! What must hold for every input: one home for the fuzzers in `tests/fuzz` and for the smoke test that needs
//! nothing but a stable compiler.
//!
//! A target takes bytes and panics when a promise is broken. It says whether they made sense, so that a run which
//! tests nothing but refusals is seen.

mod absurd;
pub mod choices;
mod json;
mod rate;
pub mod seeds;
mod sources;
mod stored;
mod texts;
mod transcript;
mod watch;
mod wild;

pub use wild::report;

/// A secret that must show nowhere.
pub const CANARY: &str = "canary-5f21c0ffee";

/// One kind of input.
pub struct Target {
    /// Its name: also of the fuzzer, and of the folder with its corpus.
    pub name: &'static str,
    /// Looks at one input; whether it made sense.
    pub check: fn(&[u8]) -> bool,
}

/// All of them.
pub const TARGETS: [Target; 18] = [
    Target { name: "body", check: json::body },
    Target { name: "checkpoint", check: stored::checkpoint },
    Target { name: "forgery", check: wild::forgery },
    Target { name: "http_date", check: texts::http_date },
    Target { name: "keys", check: stored::keys },
    Target { name: "link_header", check: texts::link_header },
    Target { name: "locator", check: texts::locator },
    Target { name: "pointer", check: json::pointer },
    Target { name: "rate", check: rate::rate },
    Target { name: "retry_after", check: texts::retry_after },
    Target { name: "rows", check: stored::rows },
    Target { name: "search", check: json::search },
    Target { name: "source", check: sources::source },
    Target { name: "transcript", check: transcript::transcript },
    Target { name: "unit", check: texts::unit },
    Target { name: "url", check: texts::url },
    Target { name: "value", check: json::value },
    Target { name: "walk", check: wild::walk },
];

/// Looks at one input of the target of that name.
///
/// # Panics
/// When a promise is broken, or there is no such target.
pub fn check(name: &str, input: &[u8]) -> bool {
    let target = TARGETS.iter().find(|target| target.name == name);
    (target.expect("a target of that name").check)(input)
}
