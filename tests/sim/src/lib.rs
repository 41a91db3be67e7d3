//! A deterministic simulator around [`everypage_core::walk::Walk`]: it tries to lose a row.
//!
//! Each run draws a list, an API, faults and a host from its seed, lets walks go over it in virtual time, and
//! checks the invariants of the project's table A after every step and, against the oracle, at the end.

mod actor;
mod disk;
mod draw;
mod drift;
mod host;
mod judge;
mod log;
mod odd;
mod run;
mod server;
mod setup;
mod source;
mod tally;
mod truth;
mod watch;
mod wire;

pub use drift::Drift;
pub use run::{Outcome, run};
pub use setup::{Setup, Style};
pub use tally::Tally;
