//! Verdicts of many runs, by style.

use crate::run::Outcome;
use crate::setup::Style;
use everypage_core::facts::Verdict;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Counts over many runs.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Walks.
    pub walks: u64,
    /// Requests.
    pub requests: u64,
    /// Crashes.
    pub crashes: u64,
    verdicts: BTreeMap<(Style, bool), [u64; 5]>,
}

impl Tally {
    /// Counts one run.
    pub fn add(&mut self, outcome: &Outcome) {
        self.walks += outcome.verdicts.len() as u64;
        self.requests += outcome.requests;
        self.crashes += outcome.crashes;
        let row = self.verdicts.entry((outcome.style, outcome.churned)).or_default();
        for verdict in &outcome.verdicts {
            let at = match verdict {
                Verdict::Complete => 0,
                Verdict::Unproven => 1,
                Verdict::Incomplete => 2,
                Verdict::Stopped => 3,
                Verdict::Failed => 4,
            };
            if let Some(count) = row.get_mut(at) {
                *count += 1;
            }
        }
    }

    /// Adds another tally.
    pub fn merge(&mut self, other: &Tally) {
        self.walks += other.walks;
        self.requests += other.requests;
        self.crashes += other.crashes;
        for (key, counts) in &other.verdicts {
            let row = self.verdicts.entry(*key).or_default();
            for (sum, count) in row.iter_mut().zip(counts) {
                *sum += count;
            }
        }
    }

    /// The shares as a table.
    pub fn table(&self) -> String {
        let mut text = String::from(
            "style              churn   walks  complete  unproven  incomplete  stopped  failed\n",
        );
        for ((style, churned), counts) in &self.verdicts {
            let all: u64 = counts.iter().sum::<u64>().max(1);
            let churn = if *churned { "yes" } else { "no" };
            let _ = write!(text, "{:<18} {churn:<5} {all:>7}", style.name());
            for (count, width) in counts.iter().zip([9, 9, 11, 8, 7]) {
                let share = format!("{:.1}%", *count as f64 * 100.0 / all as f64);
                let _ = write!(text, " {share:>width$}");
            }
            text.push('\n');
        }
        text
    }
}
