//! The last words: how many, how sure, why, and what to do about it.

use super::numbers::{count, several, span};
use everypage_core::facts::{EndSignal, Outcome, Verdict};
use everypage_core::time::Millis;
use everypage_core::walk::{Basis, Check, Report};
use std::fmt::Write;

/// What the summary can't read from the report.
pub(super) struct Around<'a> {
    /// The command that goes on, if there is something to go on from.
    pub(super) resume: Option<&'a str>,
    /// Bytes that were cut off the output when it was opened.
    pub(super) dropped_bytes: u64,
}

/// A few lines for a person.
pub(super) fn summary(report: &Report, around: &Around<'_>) -> String {
    let mut out = String::new();
    // Writing to a string can't fail.
    let _ = numbers(&mut out, report);
    let _ = sureness(&mut out, report);
    if around.dropped_bytes > 0 {
        let _ = writeln!(
            out,
            "  {} behind the checkpoint, left by a pull that was killed, were cut off and fetched again.",
            several(around.dropped_bytes, "byte", "bytes")
        );
    }
    if let (Verdict::Stopped | Verdict::Failed, Some(resume)) = (report.verdict, around.resume) {
        let _ = writeln!(out, "  Go on with: {resume}");
    }
    out.truncate(out.trim_end().len());
    out
}

fn numbers(out: &mut String, report: &Report) -> std::fmt::Result {
    let counts = &report.counts;
    write!(
        out,
        "{}: {} in {}",
        report.source,
        several(counts.records, "record", "records"),
        several(counts.pages, "page", "pages")
    )?;
    write!(out, " ({}", several(counts.requests, "request", "requests"))?;
    if counts.retries > 0 {
        write!(out, ", {}", several(counts.retries, "retry", "retries"))?;
    }
    write!(out, ") in {}", span(Millis(report.elapsed_ms)))?;
    let waits = &report.waits_ms;
    let waited = Millis(waits.backoff.saturating_add(waits.pace).saturating_add(waits.retry_after));
    if waited >= Millis(1000) {
        write!(out, ", {} of it waiting", span(waited))?;
    }
    writeln!(out, ".")?;
    if counts.duplicates > 0 {
        let again = if counts.revisions > 0 {
            format!(", {} of them changed meanwhile", count(counts.revisions))
        } else {
            String::new()
        };
        writeln!(
            out,
            "  {} met again and kept once{again}.",
            several(counts.duplicates, "record was", "records were")
        )?;
    }
    if counts.dropped > 0 {
        writeln!(
            out,
            "  {} dropped as the source says.",
            several(counts.dropped, "element was", "elements were")
        )?;
    }
    Ok(())
}

fn sureness(out: &mut String, report: &Report) -> std::fmt::Result {
    match report.verdict {
        Verdict::Complete => {
            let how = match report.basis {
                Some(Basis::Contract) => {
                    "the source declares that its positions are stable, and nothing speaks against it"
                }
                Some(Basis::Observed) | None => "nothing could have been skipped unseen",
            };
            writeln!(out, "Complete: {}; {how}.", ended(report))
        }
        Verdict::Unproven => {
            writeln!(
                out,
                "Not proven complete: {}, and nothing contradicts, but there is no proof.",
                ended(report)
            )?;
            checks(out, report, Outcome::Unavailable)
        }
        Verdict::Incomplete => {
            writeln!(out, "INCOMPLETE: {}, but records are missing or out of reach.", ended(report))?;
            checks(out, report, Outcome::Failed)
        }
        Verdict::Stopped => {
            write!(out, "Stopped before the end of the list")?;
            match &report.error {
                Some(error) => writeln!(out, ": {}.", error.advice.trim_end_matches('.')),
                None => writeln!(out, "."),
            }
        }
        Verdict::Failed => failed(out, report),
    }
}

fn failed(out: &mut String, report: &Report) -> std::fmt::Result {
    let Some(error) = &report.error else { return writeln!(out, "Failed.") };
    write!(out, "Failed: {} ({}", error.advice, error.code)?;
    if let Some(page) = error.page {
        write!(out, ", page {}", count(page))?;
    }
    if let Some(attempts) = error.attempts.filter(|attempts| *attempts > 1) {
        write!(out, ", after {attempts} attempts")?;
    }
    if let Some(status) = error.status {
        write!(out, ", status {status}")?;
    }
    writeln!(out, ")")?;
    if let Some(at) = error.retry_at {
        let at = everypage_core::time::UnixMillis(at.0).to_rfc3339();
        writeln!(out, "  The server will answer again at {at}.")?;
    }
    Ok(())
}

/// How the end of the list showed.
fn ended(report: &Report) -> String {
    let Some(end) = &report.end else { return "the list ended".to_owned() };
    let named = |what: &str| match &end.locator {
        Some(locator) => format!("{what} (`{locator}`)"),
        None => what.to_owned(),
    };
    let page = count(end.page);
    match end.signal {
        EndSignal::Absent => named("the value that announces more was absent"),
        EndSignal::Empty => format!("page {page} brought nothing new"),
        EndSignal::Flag => named("the server said that this was all"),
        EndSignal::Missing => named("the server gave no further position"),
        EndSignal::Pages => named("the last of the announced pages was read"),
        EndSignal::Repeat => "the server gave the same position again".to_owned(),
        EndSignal::Short => format!("page {page} was not full"),
        EndSignal::Single => "the list is one answer".to_owned(),
        EndSignal::Status => "the server's status said that this was all".to_owned(),
        EndSignal::Total => named("the last page ended where the announced total says"),
    }
}

/// The checks that came out so, with what they say.
fn checks(out: &mut String, report: &Report, outcome: Outcome) -> std::fmt::Result {
    for Check { note, expected, found, .. } in report.checks.iter().filter(|check| check.outcome == outcome) {
        let numbers = match (expected, found) {
            (Some(expected), Some(found)) => {
                format!(" ({} expected, {} found)", count(*expected), count(*found))
            }
            (Some(_) | None, Some(_) | None) => String::new(),
        };
        if let Some(note) = note {
            writeln!(out, "  - {note}{numbers}")?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use everypage_core::error::{ErrorKind, WalkError};
    use everypage_core::facts::CheckName;
    use everypage_core::walk::{Counts, Drift, End, TotalSeen, Waits};

    fn report(verdict: Verdict) -> Report {
        Report {
            version: "0".into(),
            source: "leads".into(),
            generation: String::new(),
            verdict,
            basis: Some(Basis::Observed),
            end: Some(End {
                page: 501,
                signal: EndSignal::Flag,
                locator: Some("body:/more".into()),
                value: None,
            }),
            checks: vec![
                Check {
                    name: CheckName::Total,
                    outcome: Outcome::Failed,
                    expected: Some(51_000),
                    found: Some(50_000),
                    note: Some("the total is not reached".into()),
                },
                Check {
                    name: CheckName::Order,
                    outcome: Outcome::Unavailable,
                    expected: None,
                    found: None,
                    note: Some("declare `order`".into()),
                },
            ],
            counts: Counts {
                pages: 501,
                requests: 503,
                retries: 2,
                records: 50_000,
                duplicates: 1,
                ..Counts::default()
            },
            total: TotalSeen::default(),
            drift: Drift::default(),
            waits_ms: Waits { retry_after: 30_000, ..Waits::default() },
            capture: std::collections::BTreeMap::new(),
            error: None,
            sink: None,
            checkpoint: None,
            started: None,
            elapsed_ms: 95_000,
        }
    }

    fn told(report: &Report) -> String {
        summary(report, &Around { resume: Some("everypage pull x --resume"), dropped_bytes: 0 })
    }

    #[test]
    fn numbers_come_first_and_the_verdict_says_why() {
        let complete = told(&report(Verdict::Complete));
        assert!(complete.starts_with(
            "leads: 50,000 records in 501 pages (503 requests, 2 retries) in 1 min 35 s, 30 s of it waiting.\n"
        ));
        assert!(complete.contains("  1 record was met again and kept once.\n"), "{complete}");
        assert!(
            complete.contains("Complete: the server said that this was all (`body:/more`)"),
            "{complete}"
        );
        assert!(!complete.contains("--resume"));
        let unproven = told(&report(Verdict::Unproven));
        assert!(
            unproven.contains("Not proven complete") && unproven.ends_with("  - declare `order`"),
            "{unproven}"
        );
        let short = told(&report(Verdict::Incomplete));
        assert!(short.ends_with("  - the total is not reached (51,000 expected, 50,000 found)"), "{short}");
    }

    #[test]
    fn what_can_go_on_says_how() {
        let mut stopped = report(Verdict::Stopped);
        assert!(
            told(&stopped)
                .ends_with("Stopped before the end of the list.\n  Go on with: everypage pull x --resume")
        );
        stopped.verdict = Verdict::Failed;
        let mut error = WalkError::new(ErrorKind::RateLimited, "the stated wait is too long");
        (error.status, error.attempts, error.page) = (Some(429), Some(6), Some(12));
        error.retry_at = Some(everypage_core::time::UnixMillis(1_705_420_800_000).into());
        stopped.error = Some(error);
        let failed = told(&stopped);
        assert!(
            failed.contains(
                "Failed: the stated wait is too long (EP_RATE_LIMITED, page 12, after 6 attempts, status 429)"
            ),
            "{failed}"
        );
        assert!(failed.contains("will answer again at 2024-01-16T16:00:00.000Z"), "{failed}");
    }
}
