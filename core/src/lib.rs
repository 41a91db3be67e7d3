//! The pure machine of everypage.
//!
//! A [`walk::Walk`] decides how a paginated HTTP list is pulled whole: which request to send next,
//! what an answer means, when to wait, when the list has ended and how sure that is. It opens no
//! socket, reads no clock, starts no thread: a host performs the [`walk::Step`]s it is given and
//! reports back what happened.
#![forbid(unsafe_code)]

pub mod checkpoint;
pub mod walk;

pub mod source;

pub mod advance;
pub mod audit;
pub mod classify;
pub mod dedup;
pub mod guard;
pub mod pace;
pub mod retry;

pub mod error;
pub mod facts;
pub mod http;
pub mod json;
pub mod rng;
pub mod time;
pub mod url;

/// The version of this crate, the same in every package of everypage.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
