//! The clock of a host.

use super::BoxFuture;
use everypage_core::time::{Millis, Now, Tick, UnixMillis};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::Instant;

/// The longest single sleep: 2^31 - 1 milliseconds, what every timer in use can hold. Longer waits are
/// slept in parts.
const LONGEST: Millis = Millis((1 << 31) - 1);

/// Tells the time and waits.
pub trait Timer: Send + Sync + 'static {
    /// The monotonic tick and, where there is one, wall time.
    fn now(&self) -> Now;
    /// Completes after `wait`.
    fn sleep(&self, wait: Millis) -> BoxFuture<()>;
}

/// Tokio's clock, which tests may pause, and the system's wall time.
#[derive(Clone, Debug)]
pub struct TokioTimer {
    zero: Instant,
}

impl TokioTimer {
    /// A clock whose ticks count from now.
    pub fn new() -> TokioTimer {
        TokioTimer { zero: Instant::now() }
    }
}

impl Default for TokioTimer {
    fn default() -> TokioTimer {
        TokioTimer::new()
    }
}

impl Timer for TokioTimer {
    fn now(&self) -> Now {
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).ok();
        Now {
            tick: Tick(millis(self.zero.elapsed())),
            unix: unix.map(|since| UnixMillis(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))),
        }
    }

    fn sleep(&self, wait: Millis) -> BoxFuture<()> {
        Box::pin(tokio::time::sleep(Duration::from_millis(wait.min(LONGEST).0)))
    }
}

fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_month_is_slept_in_parts() {
        let timer = TokioTimer::new();
        timer.sleep(Millis::mins(60 * 24 * 30)).await;
        let slept = timer.now().tick.0;
        assert!((LONGEST.0..LONGEST.0 + 10).contains(&slept), "{slept}");
    }
}
