//! A smoke test by mutation: the same seeds every time, a few seconds long. What it finds becomes a test of its own.

#![allow(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may panic, too")]

mod absurd;
mod mutate;
mod parsers;
mod texts;
mod walks;
