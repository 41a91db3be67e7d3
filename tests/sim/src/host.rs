//! What a host does besides fetching: it stores pages, and takes the end.

use crate::run::Sim;
use crate::{judge, watch};
use everypage_core::facts::Verdict;
use everypage_core::walk::{PageId, Report, Step};

/// Whether the walk says this, and nothing else, about its end.
fn is_report(step: &Step, report: &Report) -> bool {
    matches!(step, Step::Finish(again) if **again == *report)
}

impl Sim {
    /// Stores pages the consumer is done with. `None`: nothing to do now; `Some(true)`: the process died meanwhile.
    pub(crate) fn consume(&mut self, index: usize, pressed: bool) -> Result<Option<bool>, String> {
        let now = self.now;
        let Some(actor) = self.actors.get(index) else { return Ok(None) };
        let ready = actor.taken.iter().take_while(|page| page.ready_at <= now).count();
        let due = ready > 0 && (pressed || ready as u64 >= self.setup.every);
        if !due {
            return Ok(None);
        }
        self.store(index, ready).map(Some)
    }

    /// Whether the process dies at this point of storing.
    fn dies(&mut self, index: usize) -> bool {
        let crashes = self.actors.get(index).map_or(0, |a| a.crashes);
        crashes < 40 && self.draw.permille(self.setup.crash)
    }

    fn store(&mut self, index: usize, pages: usize) -> Result<bool, String> {
        let mut ids: Vec<(PageId, u64, usize)> = Vec::new();
        for at in 0..pages {
            let Some(actor) = self.actors.get_mut(index) else { return Ok(false) };
            if let Some(page) = actor.taken.get_mut(at) {
                let lines = std::mem::take(&mut page.lines);
                ids.push((page.id, page.rows, lines.len()));
                actor.disk.append(&lines);
            }
            if !self.setup.transactional && self.dies(index) {
                return Ok(true);
            }
        }
        if !self.setup.transactional {
            if let Some(actor) = self.actors.get_mut(index) {
                actor.disk.sync();
            }
            if self.dies(index) {
                return Ok(true);
            }
        }
        let Some(actor) = self.actors.get_mut(index) else { return Ok(false) };
        let Some(walk) = actor.walk.as_mut() else { return Ok(false) };
        for (id, rows, bytes) in ids {
            walk.acknowledge(id).map_err(|error| format!("a delivered page: {error}"))?;
            actor.disk.acknowledged(rows, bytes);
            actor.taken.pop_front();
            self.log.line(|| format!("{} {index} stored {}", self.now, id.0));
        }
        if self.dies(index) {
            if self.setup.transactional
                && let Some(actor) = self.actors.get_mut(index)
            {
                // The transaction never happened.
                actor.disk.forget();
            }
            return Ok(true);
        }
        self.save(index)?;
        Ok(self.dies(index))
    }

    /// Stores the checkpoint of this moment, and the rows with it.
    pub(crate) fn save(&mut self, index: usize) -> Result<(), String> {
        let Some(actor) = self.actors.get_mut(index) else { return Ok(()) };
        let text = actor.checkpoint(&self.canaries, self.draw.permille(40))?;
        actor.disk.sync();
        if self.draw.permille(20) {
            judge::flipped(&text.to_json(), &mut self.draw)?;
        }
        actor.disk.store(text);
        Ok(())
    }

    /// The walk has ended: what it says is judged and kept, and it may be taken up again.
    pub(crate) fn finish(&mut self, index: usize, report: Report) -> Result<(), String> {
        let now = self.clock();
        watch::report(&report)?;
        watch::no_canary(&self.canaries, &report.to_json(), "a report")?;
        let Some(actor) = self.actors.get_mut(index) else { return Ok(()) };
        if !matches!(report.verdict, Verdict::Stopped) && !actor.taken.is_empty() {
            return Err("I-2: it ends before its pages are acknowledged".into());
        }
        actor.taken.clear();
        if let Some(walk) = actor.walk.as_mut() {
            for _ in 0..2 {
                if !is_report(&walk.poll(now), &report) {
                    return Err("I-2: the end is not the end".into());
                }
            }
        }
        let sends = actor.watch.sends;
        if !actor.watch.resumed && report.counts.requests != sends {
            return Err(format!("I-60: {sends} requests sent, {} counted", report.counts.requests));
        }
        actor.disk.drop_tail();
        self.save(index)?;
        let retry_at = report.error.as_ref().and_then(|error| error.retry_at).map(|at| at.0);
        let resumable = match report.verdict {
            Verdict::Failed => report.error.as_ref().is_some_and(|error| error.kind.is_resumable()),
            Verdict::Stopped => true,
            Verdict::Complete | Verdict::Incomplete | Verdict::Unproven => self.draw.permille(50),
        };
        let Some(actor) = self.actors.get_mut(index) else { return Ok(()) };
        actor.report = Some(report);
        actor.walk = None;
        actor.flights.clear();
        if resumable && actor.resumes < 4 {
            let before = actor.report.clone();
            actor.resumes += 1;
            let wall = now.unix.map(|unix| unix.0);
            let floor = match (retry_at, wall) {
                (Some(at), Some(wall)) => self.now + at.saturating_sub(wall).max(0) as u64,
                _ => 0,
            };
            let old = before.filter(|report| {
                matches!(report.verdict, Verdict::Complete | Verdict::Incomplete | Verdict::Unproven)
            });
            self.reopen(index)?;
            if let Some(actor) = self.actors.get_mut(index) {
                actor.floor = actor.floor.max(floor);
            }
            if let Some(old) = old {
                let Some(walk) = self.actors.get_mut(index).and_then(|a| a.walk.as_mut()) else {
                    return Ok(());
                };
                if !is_report(&walk.poll(now), &old) {
                    return Err("I-2: a finished checkpoint does not answer with its report".into());
                }
                if let Some(actor) = self.actors.get_mut(index) {
                    actor.walk = None;
                    actor.report = Some(old);
                }
            }
        }
        Ok(())
    }
}
