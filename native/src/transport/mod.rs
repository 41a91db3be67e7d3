//! What a walk needs from its host: something that carries a request, and a clock. Both are traits, so a
//! test brings its own wire and a user its own HTTP stack.

#[cfg(feature = "reqwest")]
mod body;
#[cfg(feature = "reqwest")]
mod connect;
#[cfg(feature = "reqwest")]
mod exact;
#[cfg(feature = "reqwest")]
mod failure;
mod handed;
#[cfg(feature = "reqwest")]
mod inflate;
#[cfg(feature = "reqwest")]
mod options;
#[cfg(feature = "reqwest")]
mod reqwest;
#[cfg(feature = "reqwest")]
mod resolve;
mod timer;

pub use self::handed::{HandOver, Handed};
#[cfg(feature = "reqwest")]
pub use self::options::TransportOptions;
#[cfg(feature = "reqwest")]
pub use self::reqwest::Reqwest;
pub use self::timer::{Timer, TokioTimer};

use everypage_core::http::{Failure, Request, Response};
use std::future::Future;
use std::pin::Pin;

/// A boxed future that may move between threads.
pub type BoxFuture<T> = Pin<Box<dyn Future<Output = T> + Send + 'static>>;

/// One request to perform, once.
#[derive(Debug)]
pub struct Call {
    /// What to send, byte for byte: no header of this list may be left out, the URL not be rewritten.
    pub request: Request,
    /// The most decoded bytes the body may have; to be checked while it arrives.
    pub body_limit: u64,
    /// Whether the name may resolve to a private address (loopback, link-local, metadata …).
    pub private_allowed: bool,
}

/// Carries requests. It follows no redirect, retries nothing, keeps no cookies, and answers with the whole
/// body after content decoding, or with a [`Failure`]: a body that was cut is a failure, never an answer.
///
/// The walk gives up an exchange at its deadline by dropping the future.
pub trait Transport: Send + Sync + 'static {
    /// Performs one request.
    fn exchange(&self, call: Call) -> BoxFuture<Result<Response, Failure>>;
}
