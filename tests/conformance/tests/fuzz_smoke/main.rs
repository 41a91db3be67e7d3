//! A smoke test by mutation: the same seeds every time, a few seconds long. What it finds becomes a test of its own.

mod mutate;
mod parsers;
mod texts;
mod walks;
