//! What is shown while a walk runs: a bar on a terminal, a line now and then elsewhere.

use super::numbers::{count, several, span};
use super::say;
use crate::transport::{Timer, TokioTimer};
use everypage_core::time::{Millis, Tick};
use everypage_core::walk::{Progress, SleepReason};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use std::fmt::Write;
use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// How often a bar is looked at.
const FRAME: Duration = Duration::from_millis(150);
/// How often a line is printed where there is no terminal.
const LINE: Duration = Duration::from_secs(10);
/// Shorter waits are not worth a word.
const WORTH_TELLING: Millis = Millis(1000);

/// Shows progress until it is dropped with the future that awaits it. What is already stored, `before`, is
/// part of the count but not of the rate.
pub(super) async fn show(name: String, before: u64, mut seen: watch::Receiver<Progress>, timer: TokioTimer) {
    if io::stderr().is_terminal() {
        let bar = Bar::new(name, before);
        loop {
            bar.draw(&seen.borrow_and_update(), timer.now().tick);
            tokio::time::sleep(FRAME).await;
        }
    } else {
        let started = Instant::now();
        loop {
            tokio::time::sleep(LINE).await;
            say(line(&name, before, &seen.borrow_and_update(), started.elapsed(), timer.now().tick));
        }
    }
}

/// The bar; it vanishes when dropped.
struct Bar(ProgressBar);

impl Bar {
    fn new(name: String, before: u64) -> Bar {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr()).with_prefix(name);
        bar.set_position(before);
        bar.reset_eta();
        bar.set_style(style("{spinner} {prefix}: {human_pos} records{rate}{msg}"));
        Bar(bar)
    }

    fn draw(&self, progress: &Progress, now: Tick) {
        if let Some(total) = progress.total
            && self.0.length() != Some(total)
        {
            self.0.set_length(total);
            let bar = "{prefix}: [{wide_bar}] {human_pos} of {human_len}{rate}, {eta} left{msg}";
            self.0.set_style(style(bar).progress_chars("=> "));
        }
        self.0.set_position(progress.records.max(self.0.position()));
        self.0.set_message(waiting(progress, now).map_or_else(String::new, |what| format!(", {what}")));
        self.0.tick();
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

fn style(template: &str) -> ProgressStyle {
    // Only a faulty template fails, and a plain bar does as well.
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    style.with_key("rate", |state: &ProgressState, out: &mut dyn Write| {
        // Writing to a terminal's line can't be helped if it fails.
        let _ = write!(out, ", {}/s", count(state.per_sec() as u64));
    })
}

/// What the walk waits for, if it is worth telling.
fn waiting(progress: &Progress, now: Tick) -> Option<String> {
    let (why, until) = progress.waiting?;
    let left = until.since(now);
    (left >= WORTH_TELLING).then(|| format!("waiting {} {}", span(left), reason(why)))
}

const fn reason(why: SleepReason) -> &'static str {
    match why {
        SleepReason::Backoff => "before another try",
        SleepReason::Pace => "for the rate limit",
        SleepReason::RetryAfter => "because the server said so",
    }
}

fn line(name: &str, before: u64, progress: &Progress, elapsed: Duration, now: Tick) -> String {
    let total = progress.total.map_or_else(String::new, |total| format!(" of {}", count(total)));
    let pages = several(progress.pages, "page", "pages");
    let fresh = progress.records.saturating_sub(before);
    let rate =
        fresh.checked_div(elapsed.as_secs()).map_or_else(String::new, |rate| format!(", {}/s", count(rate)));
    let waits = waiting(progress, now).map_or_else(String::new, |what| format!(", {what}"));
    format!("{name}: {}{total} records, {pages}{rate}{waits}", count(progress.records))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_how_far_how_fast_and_what_it_waits_for() {
        let mut progress =
            Progress { pages: 120, records: 12_000, total: Some(50_000), ..Progress::default() };
        let text = |progress: &Progress| line("leads", 2_000, progress, Duration::from_secs(10), Tick(0));
        assert_eq!(text(&progress), "leads: 12,000 of 50,000 records, 120 pages, 1,000/s");
        progress.waiting = Some((SleepReason::RetryAfter, Tick(90_000)));
        assert!(text(&progress).ends_with(", waiting 1 min 30 s because the server said so"));
        progress.waiting = Some((SleepReason::Pace, Tick(50)));
        assert!(text(&progress).ends_with("1,000/s"), "short waits are normal");
    }
}
