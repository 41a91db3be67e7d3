//! What spans packages: a host in virtual time, simulated servers, and the transcripts every language runs.
#![allow(clippy::expect_used, clippy::panic, reason = "a test host: what can't happen ends the test")]

pub mod crowd;
pub mod drive;
pub mod fuzz;
pub mod kill;
pub mod vectors;
pub mod world;
