//! The oracle's judgement of a walk that has ended.

use crate::draw::Draw;
use crate::run::Sim;
use crate::setup::{Setup, Style};
use everypage_core::checkpoint::Checkpoint;
use everypage_core::facts::Verdict;
use std::collections::BTreeSet;

/// Whether the API does what its style promises, so that even an unproven walk has to be whole on a list that
/// stands still.
pub fn honest(setup: &Setup) -> bool {
    let faults = &setup.faults;
    let lies = faults.short + faults.cycle + faults.restart + faults.resize + faults.hostile + faults.wild;
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
    (setup.faults.short + setup.faults.resize > 0) && silent && !setup.style.by_token()
}

/// Judges one walk at the end of the run.
pub(crate) fn last(sim: &Sim, index: usize) -> Result<(), String> {
    let Some(actor) = sim.actors.get(index) else { return Ok(()) };
    let Some(report) = &actor.report else { return Err("I-2: no report".into()) };
    let setup = &sim.setup;
    let truth = &sim.wire.server.truth;
    let committed = actor.committed(setup)?;
    let ended = matches!(report.verdict, Verdict::Complete | Verdict::Incomplete | Verdict::Unproven);
    if report.counts.records != committed.len() as u64 {
        return Err(format!("I-60: {} rows stored, {} counted", committed.len(), report.counts.records));
    }
    let missing: Vec<u64> = match actor.span {
        Some((from, to)) => truth.lived(from, to).filter(|id| !committed.contains_key(id)).collect(),
        None => Vec::new(),
    };
    let few: Vec<u64> = missing.iter().take(8).copied().collect();
    if report.verdict == Verdict::Complete && !missing.is_empty() && !shrinks(setup) {
        return Err(format!("I-6: complete, but {} rows are missing: {few:?}", missing.len()));
    }
    let frozen = setup.churn.rate == 0;
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
    let calm = setup.faults.sum() == 0
        && !(setup.once && setup.crash > 0)
        && setup.deadline.is_none()
        && setup.stop == 0;
    if calm && honest(setup) && frozen && !ended {
        return Err(format!("a walk without any trouble ends {:?}: {:?}", report.verdict, report.error));
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
