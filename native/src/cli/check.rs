//! `everypage check`: validation only.

use super::args::Check;
use super::exit::Exit;
use super::{document, say, tell};
use crate::error::Error;
use everypage_core::error::InvalidSource;

pub(super) fn run(arguments: &Check) -> Exit {
    match document::read(&arguments.source) {
        Ok(source) => {
            tell(format_args!("{}: a valid source for {}", source.name, source.request.url.redacted()));
            Exit::Well
        }
        Err(error) => explain(&error),
    }
}

/// Says what is wrong with a source or with the options, every fault on its own line.
pub(super) fn explain(error: &Error) -> Exit {
    match error {
        Error::Source(InvalidSource { faults }) => {
            say("everypage: the source is not valid:");
            for fault in faults {
                say(format_args!("  {fault}"));
            }
        }
        Error::Record { .. } | Error::Settings(_) | Error::Usage(_) | Error::Walk(_) => {
            say(format_args!("everypage: {error}"));
        }
    }
    Exit::of_error(error)
}
