//! When a fault happens: by chance, or on pages that are named.

use crate::chance::below;

/// Parts per million: rates are kept as integers.
const MILLION: u64 = 1_000_000;

/// The requests a fault is meant for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// Each new request with this chance in a million.
    Chance(u64),
    /// Pages by number from 1, as closed ranges.
    Pages(Vec<(u64, u64)>),
}

impl When {
    pub(crate) const EVERY: When = When::Chance(MILLION);

    pub(crate) fn page(number: u64) -> When {
        When::Pages(vec![(number, number)])
    }

    /// `10%`, `0.25`, `3`, `2,5-7`.
    pub(crate) fn parse(text: &str) -> Option<When> {
        if let Some(percent) = text.strip_suffix('%') {
            let percent: f64 = percent.parse().ok()?;
            return chance(percent / 100.0);
        }
        if text.contains('.') {
            return chance(text.parse().ok()?);
        }
        let mut pages = Vec::new();
        for part in text.split(',') {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            let (from, to) = (from.parse().ok()?, to.parse().ok()?);
            if from == 0 || to < from {
                return None;
            }
            pages.push((from, to));
        }
        Some(When::Pages(pages))
    }

    /// Whether the fault number `stream` happens on the request or page number `n`.
    pub(crate) fn hits(&self, seed: u64, stream: u64, n: u64) -> bool {
        match self {
            When::Chance(chance) => below(seed, 0x0fa1_0000 + stream, n, MILLION) < *chance,
            When::Pages(_) => self.names(n),
        }
    }

    /// Whether page `n` is named; never by chance.
    pub(crate) fn names(&self, n: u64) -> bool {
        match self {
            When::Chance(chance) => *chance == MILLION,
            When::Pages(pages) => pages.iter().any(|&(from, to)| (from..=to).contains(&n)),
        }
    }

    /// The first page that is named.
    pub(crate) fn first(&self) -> Option<u64> {
        match self {
            When::Chance(_) => None,
            When::Pages(pages) => pages.iter().map(|&(from, _)| from).min(),
        }
    }
}

fn chance(rate: f64) -> Option<When> {
    (0.0..=1.0).contains(&rate).then(|| When::Chance((rate * MILLION as f64).round() as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_and_pages_are_told_apart() {
        assert_eq!(When::parse("10%"), Some(When::Chance(100_000)));
        assert_eq!(When::parse("0.25"), Some(When::Chance(250_000)));
        assert_eq!(When::parse("100%"), Some(When::EVERY));
        assert_eq!(When::parse("3"), Some(When::page(3)));
        assert_eq!(When::parse("2,5-7"), Some(When::Pages(vec![(2, 2), (5, 7)])));
        for bad in ["", "0", "7-5", "1.5", "101%", "-3", "x"] {
            assert_eq!(When::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_rate_is_met_and_repeats() {
        let when = When::Chance(100_000);
        let hits = |stream| (0..10_000).filter(|&n| when.hits(1, stream, n)).collect::<Vec<_>>();
        assert!((900..1_100).contains(&hits(1).len()));
        assert_eq!(hits(1), hits(1));
        assert_ne!(hits(1), hits(2));
    }
}
