//! Rate limits: who may pass, and how many were really seen in any window.

use crate::{config::duration, fault::BadFlag};
use std::{
    collections::VecDeque,
    str::FromStr,
    time::{Duration, Instant},
};

/// How a limit counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counting {
    /// At most so many in any window whatever; what was refused doesn't count.
    Sliding,
    /// A window begins with the first request after the last one ended, as the big providers do.
    Fixed,
}

/// One declared limit, `100/60s` or `100/60s/fixed`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Requests per window.
    pub requests: u32,
    /// The window.
    pub window: Duration,
    /// How it is enforced. What is reported is always the sliding count.
    pub counting: Counting,
}

impl Rate {
    /// A limit over any window whatever.
    pub fn sliding(requests: u32, window: Duration) -> Rate {
        Rate { requests, window, counting: Counting::Sliding }
    }
}

impl FromStr for Rate {
    type Err = BadFlag;
    fn from_str(text: &str) -> Result<Rate, BadFlag> {
        let bad = || BadFlag(format!("{text:?} is no rate: write REQUESTS/WINDOW[/fixed], such as 100/60s"));
        let (requests, rest) = text.split_once('/').ok_or_else(bad)?;
        let (window, counting) = match rest.split_once('/') {
            None => (rest, Counting::Sliding),
            Some((window, "sliding")) => (window, Counting::Sliding),
            Some((window, "fixed")) => (window, Counting::Fixed),
            Some(_) => return Err(bad()),
        };
        let requests = requests.parse().ok().filter(|n| *n > 0).ok_or_else(bad)?;
        let window = duration(window).filter(|w| !w.is_zero()).ok_or_else(bad)?;
        Ok(Rate { requests, window, counting })
    }
}

/// What a limit has to say after a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Level {
    pub(crate) limit: u32,
    pub(crate) window: Duration,
    pub(crate) remaining: u32,
    /// Until a request will pass (nothing remaining), else until all of the limit is back.
    pub(crate) reset: Duration,
}

/// What was seen at one limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Most requests, refused ones included, in any window.
    pub(crate) most: u64,
    /// The least time in which one request more than the limit came, if that many came at all.
    pub(crate) shortest: Option<Duration>,
    pub(crate) refused: u64,
}

#[derive(Debug)]
pub(crate) struct Meter {
    pub(crate) rate: Rate,
    /// What is enforced and counted: the window less the slack.
    span: Duration,
    pub(crate) seen: Seen,
    /// Arrivals within the last window, and never fewer than limit + 1.
    arrivals: VecDeque<Instant>,
    within: usize,
    /// Passed within the window (sliding), or since its start (fixed).
    passed: VecDeque<Instant>,
}

impl Meter {
    pub(crate) fn new(rate: Rate, slack: Duration) -> Meter {
        let span = rate.window.saturating_sub(slack);
        Meter {
            rate,
            span,
            seen: Seen::default(),
            arrivals: VecDeque::new(),
            within: 0,
            passed: VecDeque::new(),
        }
    }

    fn count(&mut self, now: Instant) {
        let limit = self.rate.requests as usize;
        if self.arrivals.len() >= limit
            && let Some(&earlier) = self.arrivals.get(self.arrivals.len() - limit)
        {
            let span = now - earlier;
            self.seen.shortest = Some(self.seen.shortest.map_or(span, |least| least.min(span)));
        }
        self.arrivals.push_back(now);
        self.within += 1;
        while self.within > 0
            && self.arrivals.get(self.arrivals.len() - self.within).is_some_and(|&at| now - at >= self.span)
        {
            self.within -= 1;
        }
        while self.arrivals.len() > self.within.max(limit + 1) {
            self.arrivals.pop_front();
        }
        self.seen.most = self.seen.most.max(self.within as u64);
    }

    fn forget(&mut self, now: Instant) {
        match self.rate.counting {
            Counting::Sliding => {
                while self.passed.front().is_some_and(|&at| now - at >= self.span) {
                    self.passed.pop_front();
                }
            }
            Counting::Fixed => {
                if self.passed.front().is_some_and(|&at| now - at >= self.span) {
                    self.passed.clear();
                }
            }
        }
    }

    fn has_room(&self) -> bool {
        self.passed.len() < self.rate.requests as usize
    }

    fn level(&self, now: Instant) -> Level {
        let remaining = self.rate.requests.saturating_sub(self.passed.len() as u32);
        let from = match self.rate.counting {
            Counting::Fixed => self.passed.front(),
            Counting::Sliding if remaining == 0 => self.passed.front(),
            Counting::Sliding => self.passed.back(),
        };
        let reset = from.map_or(Duration::ZERO, |&at| (at + self.rate.window).saturating_duration_since(now));
        Level { limit: self.rate.requests, window: self.rate.window, remaining, reset }
    }
}

/// One request at all limits: whether it passes (all have room, and then each counts it), and their levels after it.
pub(crate) fn arrive(meters: &mut [Meter], now: Instant) -> (bool, Vec<Level>) {
    for meter in meters.iter_mut() {
        meter.count(now);
        meter.forget(now);
    }
    let passes = meters.iter().all(Meter::has_room);
    for meter in meters.iter_mut() {
        if passes {
            meter.passed.push_back(now);
        } else if !meter.has_room() {
            meter.seen.refused += 1;
        }
    }
    (passes, meters.iter().map(|meter| meter.level(now)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Duration {
        Duration::from_millis(n)
    }

    #[test]
    fn rates_are_read() {
        assert_eq!("100/60s".parse(), Ok(Rate::sliding(100, ms(60_000))));
        let fixed = Rate { requests: 5, window: ms(500), counting: Counting::Fixed };
        assert_eq!("5/500ms/fixed".parse(), Ok(fixed));
        for bad in ["", "5", "0/1s", "5/0s", "5/1", "5/1s/odd", "-5/1s"] {
            assert!(bad.parse::<Rate>().is_err(), "{bad}");
        }
    }

    #[test]
    fn the_sliding_count_agrees_with_counting_by_hand() {
        let start = Instant::now();
        let mut meters = [Meter::new(Rate::sliding(5, ms(100)), ms(0))];
        let mut times = Vec::new();
        let (mut at, mut refused, mut most) = (0, 0, 0);
        for n in 0..2_000_u64 {
            at += crate::chance::below(1, 1, n, 45);
            let before = times.iter().filter(|&&(t, passed)| passed && at - t < 100).count();
            let (passes, levels) = arrive(&mut meters, start + ms(at));
            assert_eq!(passes, before < 5);
            assert_eq!(levels[0].remaining as usize, 5 - before - usize::from(passes));
            times.push((at, passes));
            refused += u64::from(!passes);
            most = most.max(times.iter().filter(|&&(t, _)| at - t < 100).count() as u64);
        }
        let spans = times.windows(6).map(|w| w[5].0 - w[0].0).min().unwrap();
        assert_eq!(meters[0].seen, Seen { most, shortest: Some(ms(spans)), refused });
    }

    #[test]
    fn a_fixed_window_ends_as_a_whole() {
        let start = Instant::now();
        let mut meters = [
            Meter::new(Rate { requests: 2, window: ms(100), counting: Counting::Fixed }, ms(0)),
            Meter::new(Rate::sliding(9, ms(1)), ms(0)),
        ];
        let mut at = |t| {
            let (passes, levels) = arrive(&mut meters, start + ms(t));
            (passes, levels[0].remaining, levels[0].reset)
        };
        assert_eq!(at(0), (true, 1, ms(100)));
        assert_eq!(at(90), (true, 0, ms(10)));
        assert_eq!(at(99), (false, 0, ms(1)));
        assert_eq!(at(100), (true, 1, ms(100)));
        assert_eq!(at(101), (true, 0, ms(99)));
        assert_eq!(meters[0].seen.most, 4);
    }

    #[test]
    fn slack_forgives_who_is_a_little_early() {
        let start = Instant::now();
        let passes = |slack, at| {
            let mut meters = [Meter::new(Rate::sliding(1, ms(100)), ms(slack))];
            arrive(&mut meters, start);
            (arrive(&mut meters, start + ms(at)).0, meters[0].seen.most)
        };
        assert_eq!([passes(0, 99), passes(5, 94), passes(5, 95)], [(false, 2), (false, 2), (true, 1)]);
    }

    #[test]
    fn waiting_as_long_as_told_is_enough() {
        let start = Instant::now();
        let mut meters = [Meter::new(Rate::sliding(3, ms(100)), ms(0))];
        let mut now = start;
        for _ in 0..50 {
            let (passes, levels) = arrive(&mut meters, now);
            assert!(passes);
            now += if levels[0].remaining == 0 { levels[0].reset } else { ms(3) };
        }
        assert_eq!(meters[0].seen.refused, 0);
    }
}
