//! What spans packages: a host in virtual time, simulated servers, and the transcripts every language runs.

pub mod drive;
pub mod vectors;
pub mod world;
