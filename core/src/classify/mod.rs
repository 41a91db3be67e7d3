//! What an answer or a failure is taken for, where the source has no rule of its own.

mod failure;
mod status;

pub use failure::{failure, was_sent};
pub use status::{follows, status};

use crate::error::ErrorKind;
use crate::facts::Class;

/// What is known of an answer besides its status.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct StatusFacts {
    /// It says when to try again.
    pub retry_after: bool,
    /// It says that nothing is left of a rate limit.
    pub remaining_zero: bool,
    /// The request asked for a position other than the first.
    pub continuation: bool,
}

/// How an answer or a failure is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sorted {
    /// What it is. For redirects what it is if it isn't followed.
    pub class: Class,
    /// The kind of error if the walk ends of it; for accepted answers, if the body turns out to be none.
    pub kind: ErrorKind,
    /// The most tries at the page, where it is fewer than the policy allows; for accepted answers, where the body
    /// turns out to be none.
    pub tries: Option<u32>,
    /// Whether it points elsewhere; [`follows`] says for which method it may be followed.
    pub redirect: bool,
}

impl Sorted {
    const fn new(class: Class, kind: ErrorKind) -> Sorted {
        Sorted { class, kind, tries: None, redirect: false }
    }

    const fn fatal(kind: ErrorKind) -> Sorted {
        Sorted::new(Class::Fatal, kind)
    }

    const fn transient(kind: ErrorKind) -> Sorted {
        Sorted::new(Class::Transient, kind)
    }

    const fn throttled() -> Sorted {
        Sorted::new(Class::Throttled, ErrorKind::RateLimited)
    }

    /// At most so many tries.
    const fn tries(self, tries: u32) -> Sorted {
        Sorted { tries: Some(tries), ..self }
    }
}
