//! How long a walk will take, before anything is sent.

use super::Window;
use super::gcra::{STRETCH, WHOLE};
use crate::time::Millis;

/// How long so many requests take at the declared rate, if each is answered after `latency` and at most `concurrency`
/// are on the wire at once. What the server announces on the way isn't known yet and not part of it.
pub fn estimate(requests: u64, windows: &[Window], concurrency: u32, latency: Millis) -> Millis {
    if requests == 0 {
        return Millis::ZERO;
    }
    let rounds = requests.div_ceil(u64::from(concurrency.max(1))) - 1;
    let paced = windows.iter().filter(|w| w.requests > 0).map(|w| last_grant(requests, w)).max().unwrap_or(0);
    Millis(paced.max(rounds.saturating_mul(latency.0))).plus(latency)
}

/// When the last of so many requests may leave, in milliseconds after the first.
fn last_grant(requests: u64, window: &Window) -> u64 {
    let waiting = u128::from(requests.saturating_sub(window.burst.unwrap_or(1).max(1)));
    let at =
        (waiting * u128::from(window.per.0)).saturating_mul(STRETCH) / (WHOLE * u128::from(window.requests));
    u64::try_from(at).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn window(requests: u64, per: Millis, burst: Option<u64>) -> Window {
        Window { requests, per, burst }
    }

    #[test]
    fn the_slowest_limit_sets_the_time() {
        let minute = window(100, Millis::mins(1), None);
        // 500 requests at 100 a minute are five minutes, and a little for the margin.
        let five = estimate(500, &[minute, window(50, Millis::secs(1), None)], 1, Millis(200));
        assert!((300_000..306_000).contains(&five.0), "{five}");
        assert_eq!(estimate(500, &[], 1, Millis(200)), Millis(100_000));
        assert_eq!(estimate(500, &[], 4, Millis(200)), Millis(25_000));
        assert_eq!(estimate(1, &[minute], 1, Millis(200)), Millis(200));
        assert_eq!(estimate(0, &[minute], 1, Millis(200)), Millis::ZERO);
        assert_eq!(estimate(40, &[window(2, Millis::secs(1), Some(40))], 40, Millis(9)), Millis(9));
    }

    #[test]
    fn nothing_overflows() {
        let widest = window(1, Millis(u64::MAX), Some(0));
        assert_eq!(
            estimate(u64::MAX, &[widest, window(0, Millis(0), None)], 0, Millis(u64::MAX)),
            Millis(u64::MAX)
        );
    }
}
