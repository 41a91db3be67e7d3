//! The oracle's judgement of a walk that has ended.

use crate::draw::Draw;
use crate::run::Sim;
use crate::setup::{Setup, Style};
use everypage_core::checkpoint::Checkpoint;
use everypage_core::facts::{CheckName, Outcome, Verdict};
use everypage_core::walk::Report;
use std::collections::{BTreeMap, BTreeSet};

/// Whether the API does what its style promises, so that even an unproven walk has to be whole on a list that
/// stands still.
pub fn honest(setup: &Setup) -> bool {
    let faults = &setup.faults;
    let lies =
        setup.odd.lies() + faults.short + faults.cycle + faults.restart + faults.resize + faults.hostile;
    setup.hidden == 0
        && !setup.rounds
        && !setup.moves
        && (lies == 0 || lies == faults.short && setup.style.by_token())
        && setup.style != Style::KeysetTies
        && !(setup.style == Style::KeysetInclusive && setup.max < 2)
        && !(setup.max < setup.size && setup.style == Style::Page)
}

/// Whether pages get shorter as the server likes, and nothing in its answers says where the list ends: then a short
/// page is the only word for the end, and it may be false.
const fn shrinks(setup: &Setup) -> bool {
    let silent = matches!(setup.total, crate::setup::Total::None) && !setup.flag;
    (setup.faults.short + setup.faults.resize + setup.hidden > 0) && silent && !setup.style.by_token()
}

/// What a report names as lacking, the gravest first.
pub(crate) fn reason(report: &Report) -> Option<String> {
    if report.verdict == Verdict::Complete {
        return None;
    }
    let checks = |outcome| report.checks.iter().filter(move |check| check.outcome == outcome);
    let named = checks(Outcome::Failed).chain(
        checks(Outcome::Unavailable)
            .filter(|check| matches!(check.name, CheckName::EndSignal | CheckName::Seams | CheckName::Cap)),
    );
    let failed = report.error.as_ref().map(|error| error.advice.clone());
    failed.or(named.map(|check| check.note.clone().unwrap_or_default()).next())
}

/// Judges one walk at the end of the run.
pub(crate) fn last(sim: &Sim, index: usize) -> Result<(), String> {
    let Some(actor) = sim.actors.get(index) else { return Ok(()) };
    let Some(report) = &actor.report else { return Err("I-2: no report".into()) };
    let setup = &sim.setup;
    let truth = &sim.wire.server.truth;
    let committed = actor.committed(setup)?;
    let ended = matches!(report.verdict, Verdict::Complete | Verdict::Incomplete | Verdict::Unproven);
    let stored = if setup.odd.keyless { actor.disk.lines().count() } else { committed.len() } as u64;
    if report.counts.records != stored {
        return Err(format!("I-60: {stored} rows stored, {} counted", report.counts.records));
    }
    nothing_dropped(sim, index, &committed)?;
    let missing: Vec<u64> = match actor.span {
        Some((from, to)) => truth.lived(from, to).filter(|id| !committed.contains_key(id)).collect(),
        None => Vec::new(),
    };
    let few: Vec<u64> = missing.iter().take(8).copied().collect();
    if report.verdict == Verdict::Complete && !missing.is_empty() && !shrinks(setup) {
        return Err(format!("I-6: complete, but {} rows are missing: {few:?}", missing.len()));
    }
    let frozen = setup.churn.rate == 0;
    // Of a list that stands still, fewer rows than its total says are a failed check.
    let short = report.total.last.is_some_and(|total| total > stored)
        && report.total.first == report.total.last
        && report.drift.events == 0;
    if frozen && ended && short && report.verdict != Verdict::Incomplete {
        return Err(format!("I-18: {stored} rows against {:?} are {:?}", report.total, report.verdict));
    }
    if frozen && honest(setup) && !actor.odd && ended && stored != committed.len() as u64 {
        return Err(format!("I-7: {stored} rows stored, {} of them different", committed.len()));
    }
    if honest(setup) && frozen && !actor.odd {
        if ended && !missing.is_empty() {
            return Err(format!(
                "I-40: {:?} on a list that stands still, but {} rows are missing: {few:?}",
                report.verdict,
                missing.len()
            ));
        }
        if report.verdict == Verdict::Incomplete {
            return Err("a whole list is called incomplete".into());
        }
        let all: BTreeSet<u64> = truth.rows.iter().map(|row| row.id).collect();
        if ended && !committed.keys().all(|id| all.contains(id)) {
            return Err("rows that never were on the list".into());
        }
    }
    let calm = setup.faults.sum() + setup.odd.lies() == 0
        && !setup.odd.limits()
        && !(setup.once && setup.crash > 0)
        && setup.deadline.is_none()
        && setup.stop == 0;
    if calm && honest(setup) && frozen && !ended {
        return Err(format!("a walk without any trouble ends {:?}: {:?}", report.verdict, report.error));
    }
    Ok(())
}

/// What stood on a page that was taken was handed out, or its key was before.
fn nothing_dropped(sim: &Sim, index: usize, committed: &BTreeMap<u64, u32>) -> Result<(), String> {
    let Some(actor) = sim.actors.get(index) else { return Ok(()) };
    let Some(report) = &actor.report else { return Ok(()) };
    let ended = matches!(report.verdict, Verdict::Complete | Verdict::Incomplete | Verdict::Unproven);
    // A window that isn't bridged yet is no page; after a crash a page may be another one.
    let one_life = actor.crashes == 0 && actor.resumes == 0 && !actor.watch.dead;
    if !ended || !one_life || sim.setup.style.by_number() {
        return Ok(());
    }
    let watch = &actor.watch;
    if let Some(id) = watch.shown.iter().find(|id| !committed.contains_key(id)) {
        return Err(format!("I-11: {id} was dropped though nothing with its key came before"));
    }
    if sim.setup.odd.keyless && report.counts.records != watch.rows {
        let given = report.counts.records;
        return Err(format!("I-13: {} rows without a key came, {given} were handed out", watch.rows));
    }
    Ok(())
}

/// A checkpoint with one bit changed, or cut, is refused.
pub(crate) fn flipped(text: &str, draw: &mut Draw) -> Result<(), String> {
    let mut bytes = text.as_bytes().to_vec();
    if draw.coin() {
        bytes.truncate(draw.below(bytes.len() as u64) as usize);
    } else {
        let at = draw.below(bytes.len() as u64) as usize;
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << draw.below(7);
        }
    }
    match String::from_utf8(bytes) {
        Ok(text) if Checkpoint::from_json(&text).is_ok() => Err("I-44: a damaged checkpoint is taken".into()),
        Ok(_) | Err(_) => Ok(()),
    }
}
