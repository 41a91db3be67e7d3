//! What one more try costs.

/// What one more try has to pay for out of the budget that all walks on an origin share; as a number, what it costs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Charge {
    /// The server said how long to wait, and the walk obeys. Free: walking slowly as told is no trouble for anybody.
    Stated,
    /// Too fast, without a word on how long to wait.
    Throttled,
    /// Trouble that may pass: the dearest, since more requests are what a server in trouble needs least.
    Transient,
}

impl From<Charge> for u32 {
    fn from(charge: Charge) -> u32 {
        match charge {
            Charge::Stated => 0,
            Charge::Throttled => 5,
            Charge::Transient => 14,
        }
    }
}
