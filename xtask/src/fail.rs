//! How a step ends.

use std::fmt;

/// What a step came to, if it didn't fail.
pub enum Outcome {
    /// Everything it looks at is as it should be.
    Passed,
    /// It could not run here, for this reason.
    Skipped(String),
}

/// Why a step failed, in words for a person.
pub struct Fail(String);

/// The result of everything here that can fail.
pub type Result<T> = std::result::Result<T, Fail>;

impl Fail {
    /// With these words.
    pub fn new(words: impl Into<String>) -> Fail {
        Fail(words.into())
    }
}

impl fmt::Display for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Fail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Any error is a failure in its own words. (`Fail` is no `Error` itself, or this would clash.)
impl<E: std::error::Error> From<E> for Fail {
    fn from(error: E) -> Fail {
        Fail(error.to_string())
    }
}

/// Says where or with what something failed.
pub trait At<T> {
    /// Puts `place: ` before the words.
    fn at(self, place: impl fmt::Display) -> Result<T>;
}

impl<T, E: Into<Fail>> At<T> for std::result::Result<T, E> {
    fn at(self, place: impl fmt::Display) -> Result<T> {
        self.map_err(|error| Fail(format!("{place}: {}", error.into())))
    }
}

/// Fails with one line for each problem, passes without any.
pub fn none_of(problems: &[String]) -> Result<Outcome> {
    if problems.is_empty() { Ok(Outcome::Passed) } else { Err(Fail::new(problems.join("\n  "))) }
}

/// Returns with a failure in these words.
macro_rules! fail {
    ($($words:tt)*) => {
        return Err($crate::fail::Fail::new(format!($($words)*)))
    };
}
pub(crate) use fail;
