//! How often walks are complete while the list changes, where the source is all that its style allows: the order is
//! declared, the total exact, positions stable where they are, nothing fails. What the swarm of runs reaches says little
//! of that: its sources are poor on purpose.

use crate::draw::Draw;
use crate::odd::Odd;
use crate::run::{Outcome, of};
use crate::setup::{Faults, Setup, Style, Total};
use crate::truth::Churn;
use everypage_core::facts::Verdict;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Changes in a thousand requests.
const RATES: [u64; 4] = [0, 100, 500, 1000];

/// The run of a seed over a good source.
fn setup(seed: u64, style: Style, rate: u64) -> Setup {
    let d = &mut Draw::new(seed, 4);
    // Inserts at both ends and between, deletes, updates; nothing moves.
    let mut kinds = [d.below(4), d.below(4), d.below(4), d.below(4), d.below(2), 0];
    if kinds.iter().sum::<u64>() == 0 {
        kinds = [1, 1, 1, 1, 1, 0];
    }
    Setup {
        rows: d.between(100, 700),
        size: d.between(10, 50),
        descending: d.coin(),
        latency: 40,
        step: 1000,
        max: 10_000,
        ordered: true,
        moves: false,
        hidden: 0,
        rounds: false,
        total: Total::Exact,
        flag: true,
        stable: true,
        once: false,
        asked_total: false,
        churn: Churn { rate, burst: 1, kinds },
        faults: Faults::default(),
        concurrency: 1,
        rate: None,
        deadline: None,
        walks: 1,
        crash: 0,
        stop: 0,
        consumer: 0,
        odd: Odd::default(),
        ..Setup::draw(seed, Some(style))
    }
}

/// Shares of complete walks, by style and by how fast the list changes.
#[derive(Debug, Default)]
pub struct Drift {
    cells: BTreeMap<(Style, u64), Cell>,
    /// Broken promises: style, seed, and what was broken.
    pub violations: Vec<(Style, u64, String)>,
}

#[derive(Debug, Default)]
struct Cell {
    walks: u64,
    complete: u64,
    requests: u64,
    /// Why the others were not, by the report.
    reasons: BTreeMap<String, u64>,
}

impl Drift {
    /// Walks so many seeds in every style at every rate.
    pub fn measure(walks: u64, first: u64) -> Drift {
        let mut drift = Drift::default();
        for style in Style::ALL {
            for rate in RATES {
                for seed in first..first.saturating_add(walks) {
                    drift.add(style, rate, seed, &of(setup(seed, style, rate), false));
                }
            }
        }
        drift
    }

    fn add(&mut self, style: Style, rate: u64, seed: u64, outcome: &Outcome) {
        let cell = self.cells.entry((style, rate)).or_default();
        cell.walks += 1;
        cell.requests += outcome.requests;
        for verdict in &outcome.verdicts {
            if *verdict == Verdict::Complete {
                cell.complete += 1;
            } else {
                let reason = format!("{verdict:?}: {}", outcome.reason.as_deref().unwrap_or("?"));
                *cell.reasons.entry(reason).or_default() += 1;
            }
        }
        if let Some(violation) = &outcome.violation {
            self.violations.push((style, seed, violation.clone()));
        }
    }

    /// The share of complete walks of a style at a rate, in a thousand.
    pub fn share(&self, style: Style, rate: u64) -> u64 {
        self.cells.get(&(style, rate)).map_or(0, |cell| cell.complete * 1000 / cell.walks.max(1))
    }

    /// As a table.
    pub fn table(&self) -> String {
        let mut text = String::from(
            "complete at 0, 100, 500, 1000 changes per 1000 requests; requests at 1000 against 0; what the others lack\n",
        );
        for style in Style::ALL {
            let _ = write!(text, "{:<18}", style.name());
            for rate in RATES {
                let share = self.share(style, rate);
                let _ = write!(text, " {:>5}.{}%", share / 10, share % 10);
            }
            let requests = |rate| self.cells.get(&(style, rate)).map_or(0, |cell| cell.requests);
            let more = requests(1000) as f64 / requests(0).max(1) as f64;
            let _ = write!(text, "  × {more:.2}");
            let mut reasons: BTreeMap<&str, u64> = BTreeMap::new();
            for cell in RATES.iter().filter_map(|rate| self.cells.get(&(style, *rate))) {
                for (reason, count) in &cell.reasons {
                    *reasons.entry(reason).or_default() += count;
                }
            }
            let mut reasons: Vec<_> = reasons.into_iter().collect();
            reasons.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
            for (reason, count) in reasons.into_iter().take(2) {
                let _ = write!(text, "  {count} × {reason}");
            }
            text.push('\n');
        }
        text
    }
}
