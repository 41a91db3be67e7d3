//! Why a checkpoint is not taken.

use crate::error::ErrorKind;

/// The text is no checkpoint that this version can go on from. Nothing was changed by trying.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckpointError {
    /// It was damaged, cut, edited, or never was a checkpoint.
    #[error("the checkpoint is corrupt: {why}")]
    Corrupt {
        /// What doesn't fit; never anything that stands in the text.
        why: &'static str,
    },
    /// It was written in another format.
    #[error("the checkpoint has format version {found}; this release reads version {known}")]
    Version {
        /// Its version.
        found: u64,
        /// Ours.
        known: u64,
    },
}

impl CheckpointError {
    /// The kind of error a walk reports this as.
    pub const fn kind(self) -> ErrorKind {
        match self {
            CheckpointError::Corrupt { .. } => ErrorKind::CheckpointCorrupt,
            CheckpointError::Version { .. } => ErrorKind::CheckpointVersion,
        }
    }

    /// The stable code.
    pub const fn code(self) -> &'static str {
        self.kind().code()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_has_its_stable_code_and_says_what_to_expect() {
        let corrupt = CheckpointError::Corrupt { why: "it is empty" };
        assert_eq!(corrupt.code(), "EP_CHECKPOINT_CORRUPT");
        assert_eq!(corrupt.to_string(), "the checkpoint is corrupt: it is empty");
        let newer = CheckpointError::Version { found: 2, known: 1 };
        assert_eq!(newer.code(), "EP_CHECKPOINT_VERSION");
        assert_eq!(newer.to_string(), "the checkpoint has format version 2; this release reads version 1");
    }
}
