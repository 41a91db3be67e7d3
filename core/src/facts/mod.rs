//! The words that several policies share. Plain values: no policy, no state machine.

mod locator;
mod secret;
mod tally;
mod words;

pub use locator::{Condition, Expect, Literal, Locator, Place, Template};
pub use secret::{Auth, Secret};
pub use tally::{Counts, Waits};
pub use words::{CheckName, Class, EndSignal, Outcome, TotalKind, Verdict};
