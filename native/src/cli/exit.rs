//! What the command's exit codes mean. They are a public contract: scripts branch on them.

use crate::error::Error;
use everypage_core::error::ErrorKind;
use everypage_core::facts::Verdict;
use std::process::ExitCode;

/// How the command ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Exit {
    /// 0: complete, or unproven without `--strict`.
    Well,
    /// 2: incomplete; with `--strict` also unproven.
    Incomplete,
    /// 3: failed; also a checkpoint or an output that is refused, locked or can't be written.
    Failed,
    /// 4: stopped, by a limit or by you.
    Stopped,
    /// 64: bad usage or an invalid source.
    Usage,
}

impl Exit {
    pub(super) const fn code(self) -> u8 {
        match self {
            Exit::Well => 0,
            Exit::Incomplete => 2,
            Exit::Failed => 3,
            Exit::Stopped => 4,
            Exit::Usage => 64,
        }
    }

    /// For a walk that came to its end.
    pub(super) const fn of_verdict(verdict: Verdict, strict: bool) -> Exit {
        match verdict {
            Verdict::Complete => Exit::Well,
            Verdict::Failed => Exit::Failed,
            Verdict::Incomplete => Exit::Incomplete,
            Verdict::Stopped => Exit::Stopped,
            Verdict::Unproven => {
                if strict {
                    Exit::Incomplete
                } else {
                    Exit::Well
                }
            }
        }
    }

    /// For an error.
    pub(super) fn of_error(error: &Error) -> Exit {
        match error {
            Error::Settings(_) | Error::Source(_) => Exit::Usage,
            Error::Walk(failed) if failed.error.kind == ErrorKind::Incomplete => Exit::Incomplete,
            Error::Record { .. } | Error::Usage(_) | Error::Walk(_) => Exit::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> ExitCode {
        ExitCode::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use everypage_core::error::InvalidSource;

    #[test]
    fn verdicts_and_errors_have_the_codes_of_the_contract() {
        let code = |verdict, strict| Exit::of_verdict(verdict, strict).code();
        let codes = |strict| {
            [Verdict::Complete, Verdict::Unproven, Verdict::Incomplete, Verdict::Failed, Verdict::Stopped]
                .map(|v| code(v, strict))
        };
        assert_eq!(codes(false), [0, 0, 2, 3, 4]);
        assert_eq!(codes(true), [0, 2, 2, 3, 4]);
        let world = |kind| Exit::of_error(&Error::world(kind, "")).code();
        assert_eq!(world(ErrorKind::Incomplete), 2);
        for kind in
            [ErrorKind::CheckpointLocked, ErrorKind::SinkMismatch, ErrorKind::Storage, ErrorKind::RateLimited]
        {
            assert_eq!(world(kind), 3);
        }
        assert_eq!(Exit::of_error(&Error::from(InvalidSource { faults: vec![] })).code(), 64);
        assert_eq!(Exit::of_error(&Error::Settings(String::new())).code(), 64);
    }
}
