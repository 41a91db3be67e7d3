//! A transport made of a function: for hosts whose HTTP client is no future.

use super::{BoxFuture, Call, Transport};
use everypage_core::http::{Failure, FailureKind, Response};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

type Answer = Result<Response, Failure>;

/// Hands every request to a function, on a thread that may block. The function performs it, or sees to it that it is
/// performed, and answers through [`Handed::answer`].
pub struct HandOver {
    hand: Arc<dyn Fn(Handed) + Send + Sync>,
}

impl HandOver {
    /// A transport that hands its requests to this function.
    pub fn new(hand: impl Fn(Handed) + Send + Sync + 'static) -> HandOver {
        HandOver { hand: Arc::new(hand) }
    }
}

impl Transport for HandOver {
    fn exchange(&self, call: Call) -> BoxFuture<Answer> {
        let hand = self.hand.clone();
        Box::pin(async move {
            let (sender, answer) = oneshot::channel();
            let waiting = Arc::new(Mutex::new(Waiting::Still));
            let guard = Guard { waiting: waiting.clone(), runtime: Handle::current() };
            let handed = Handed { call, sender: Mutex::new(Some(sender)), waiting };
            drop(tokio::task::spawn_blocking(move || hand(handed)));
            let answer = answer.await;
            drop(guard);
            answer.unwrap_or_else(|_| Err(Failure::new(FailureKind::Cancelled, "the client gave no answer")))
        })
    }
}

/// A request in the hands of a host. One that is dropped unanswered counts as cancelled, which ends the walk.
pub struct Handed {
    call: Call,
    sender: Mutex<Option<oneshot::Sender<Answer>>>,
    waiting: Arc<Mutex<Waiting>>,
}

/// Whether anybody still waits for the answer.
enum Waiting {
    Still,
    Tell(Box<dyn FnOnce() + Send>),
    NoLonger,
}

impl Handed {
    /// What to perform.
    pub const fn call(&self) -> &Call {
        &self.call
    }

    /// The answer. Only the first one counts.
    pub fn answer(&self, answer: Answer) {
        *lock(&self.waiting) = Waiting::NoLonger;
        if let Some(sender) = lock(&self.sender).take() {
            // Nobody may be waiting any more: at its deadline a request is given up.
            let _ = sender.send(answer);
        }
    }

    /// Calls back when the walk has given the request up unanswered; at once if nobody waits any more.
    pub fn on_given_up(&self, tell: impl FnOnce() + Send + 'static) {
        let mut waiting = lock(&self.waiting);
        if matches!(*waiting, Waiting::NoLonger) {
            drop(waiting);
            tell();
        } else {
            *waiting = Waiting::Tell(Box::new(tell));
        }
    }
}

/// Dropped with the exchange.
struct Guard {
    waiting: Arc<Mutex<Waiting>>,
    runtime: Handle,
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Waiting::Tell(tell) = std::mem::replace(&mut *lock(&self.waiting), Waiting::NoLonger) {
            drop(self.runtime.spawn_blocking(tell));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for HandOver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HandOver").finish_non_exhaustive()
    }
}

impl fmt::Debug for Handed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Handed").field("call", &self.call).finish_non_exhaustive()
    }
}
