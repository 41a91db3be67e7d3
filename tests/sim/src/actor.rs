//! One walk with its host: disk, consumer, and what is watched of it.

use crate::disk::Disk;
use crate::server::read_row;
use crate::setup::Setup;
use crate::truth::Truth;
use crate::watch::Watch;
use crate::wire::Reply;
use everypage_core::checkpoint::Checkpoint;
use everypage_core::http::Request;
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::Source;
use everypage_core::time::Now;
use everypage_core::walk::{Page, PageId, Report, ResumeError, SleepReason, Ticket, Walk};
use std::collections::{BTreeMap, VecDeque};

/// A request on the wire.
pub struct Flight {
    /// Answers it.
    pub ticket: Ticket,
    /// What was sent.
    pub request: Request,
    /// When the server takes it up.
    pub served_at: u64,
    /// When the answer is back.
    pub back_at: u64,
    /// The answer, once there is one, and the state of the list it shows.
    pub reply: Option<(Reply, u64)>,
}

/// A page with the consumer.
pub struct Taken {
    /// Acknowledge it by this.
    pub id: PageId,
    /// Its rows as lines.
    pub lines: Vec<u8>,
    /// How many.
    pub rows: u64,
    /// When the consumer is done with it.
    pub ready_at: u64,
}

/// A walk and its host.
pub struct Actor {
    /// Its number in the run.
    pub index: usize,
    /// The walk, while the process lives.
    pub walk: Option<Walk>,
    /// What is stored.
    pub disk: Disk,
    /// Requests on the wire.
    pub flights: Vec<Flight>,
    /// Pages with the consumer.
    pub taken: VecDeque<Taken>,
    /// When the walk wants to be polled again.
    pub wake: Option<u64>,
    /// Credentials that were asked for.
    pub asked: Option<u32>,
    /// How it ended.
    pub report: Option<Report>,
    /// Resumptions after an ending that allows them.
    pub resumes: u32,
    /// Crashes survived.
    pub crashes: u32,
    /// No request before, as the checkpoint it goes on from says.
    pub floor: u64,
    /// The state of the list at the first and at the last page.
    pub span: Option<(u64, u64)>,
    /// The walk was excused from the strictest checks.
    pub odd: bool,
    /// Requests over all lives.
    pub sends: u64,
    /// It sleeps for the pace's sake.
    pub paced: bool,
    /// Requests of other walks since it was this one's turn, and since it could not go when it came.
    pub passed: u64,
    pub overtaken: u64,
    /// What is watched.
    pub watch: Watch,
}

impl Actor {
    /// An actor before its walk starts.
    pub fn new(index: usize) -> Actor {
        Actor {
            index,
            walk: None,
            disk: Disk::default(),
            flights: Vec::new(),
            taken: VecDeque::new(),
            wake: None,
            asked: None,
            report: None,
            resumes: 0,
            crashes: 0,
            floor: 0,
            span: None,
            odd: false,
            sends: 0,
            paced: false,
            passed: 0,
            overtaken: 0,
            watch: Watch::default(),
        }
    }

    /// Starts the walk, or goes on where the disk says.
    ///
    /// # Errors
    /// A violation.
    pub fn open(
        &mut self,
        source: &Source,
        budget: &Budget,
        seed: u64,
        now: Now,
        canaries: &[String],
        other: Option<&Source>,
    ) -> Result<(), String> {
        self.flights.clear();
        self.taken.clear();
        self.wake = None;
        self.asked = None;
        self.report = None;
        self.floor = 0;
        self.watch = Watch::after(&self.watch, now.tick.0);
        let walk = match self.disk.open(canaries)? {
            None => {
                self.span = None;
                Walk::start(source.clone(), budget, Seed(seed), now)
            }
            Some(mut checkpoint) => {
                self.watch.resumed = true;
                if let (Some(told), Some(unix)) = (self.disk.not_before, now.unix) {
                    self.floor = now.tick.0 + told.saturating_sub(unix.0).max(0).cast_unsigned();
                }
                if checkpoint.needs_rows() {
                    let mut rows = checkpoint.rebuild(source).ok_or("rows don't hold their ids")?;
                    for line in self.disk.lines() {
                        rows.push(line).map_err(|error| format!("a stored row is refused: {error}"))?;
                    }
                    checkpoint.restore(rows);
                }
                if let Some(other) = other {
                    let walk =
                        Walk::resume(other.clone(), &Budget::new(), checkpoint.clone(), Seed(seed), now);
                    if !matches!(walk, Err(ResumeError::OtherSource(_))) {
                        return Err("I-42: another source's checkpoint is taken".into());
                    }
                }
                Walk::resume(source.clone(), budget, checkpoint, Seed(seed), now)
                    .map_err(|error| format!("I-42: its own checkpoint is refused: {error}"))?
            }
        };
        self.walk = Some(walk);
        Ok(())
    }

    /// Takes a delivered page from the walk.
    ///
    /// # Errors
    /// A violation of I-8 or I-9.
    pub fn take(&mut self, setup: &Setup, truth: &Truth, page: &Page, ready_at: u64) -> Result<(), String> {
        if page.is_empty() {
            return Err("an empty page was delivered".into());
        }
        if self.watch.last_page.is_some_and(|(id, number)| page.id <= id || page.number <= number) {
            return Err("I-9: pages are delivered out of order".into());
        }
        self.watch.last_page = Some((page.id, page.number));
        let mut before: Option<u64> = None;
        for record in page.records() {
            let Some(row) = read_row(setup, record) else {
                return Err(format!("I-8: {:?} was never served", String::from_utf8_lossy(record)));
            };
            if !truth.was_served(row.id, row.ver) {
                return Err(format!("I-8: version {} of {} was never served", row.ver, row.id));
            }
            let behind = |before: u64| if setup.descending { row.rank < before } else { row.rank > before };
            if before.is_some_and(|before| !behind(before)) {
                return Err(format!("I-9: {} is not in the server's order", row.id));
            }
            before = Some(row.rank);
        }
        let mut lines = Vec::new();
        page.write_ndjson(&mut lines);
        let rows = page.len() as u64;
        self.taken.push_back(Taken { id: page.id, lines, rows, ready_at });
        Ok(())
    }

    /// The keys of the stored rows, in order.
    ///
    /// # Errors
    /// A violation: a key twice, or a line that is no row.
    pub fn committed(&self, setup: &Setup) -> Result<BTreeMap<u64, u32>, String> {
        let mut keys = BTreeMap::new();
        for line in self.disk.lines() {
            let row = read_row(setup, line).ok_or("a stored line is no row")?;
            if keys.insert(row.id, row.ver).is_some() && !setup.odd.keyless {
                return Err(format!("I-7: {} was committed twice", row.id));
            }
        }
        Ok(keys)
    }

    /// A checkpoint of this very moment, with what the disk holds.
    ///
    /// # Errors
    /// A violation of I-43 or I-47.
    pub fn checkpoint(&self, canaries: &[String], read_back: bool) -> Result<Checkpoint, String> {
        let Some(walk) = &self.walk else { return Err("no walk".into()) };
        let mut checkpoint = walk.checkpoint();
        checkpoint.set_sink(Some(self.disk.mark()));
        if read_back {
            let text = checkpoint.to_json();
            let again = Checkpoint::from_json(&text).map_err(|error| format!("I-43: {error}"))?;
            if again.to_json() != text {
                return Err("I-43: a checkpoint reads back differently".into());
            }
            crate::watch::no_canary(canaries, &text, "a checkpoint")?;
        }
        Ok(checkpoint)
    }

    /// Notes why it sleeps. Whose turn has come is not passed by again and again.
    ///
    /// # Errors
    /// A violation of I-34.
    pub fn paces(&mut self, why: SleepReason, most: u64) -> Result<(), String> {
        self.paced = why == SleepReason::Pace;
        let passed = std::mem::take(&mut self.passed);
        self.overtaken = if self.paced { self.overtaken + passed } else { 0 };
        if self.overtaken > most {
            return Err(format!("I-34: overtaken {} times", self.overtaken));
        }
        Ok(())
    }

    /// The next moment something happens by itself.
    pub fn next_event(&self, now: u64) -> Option<u64> {
        let flights = self.flights.iter().map(|f| if f.reply.is_none() { f.served_at } else { f.back_at });
        let pages = self.taken.front().map(|page| page.ready_at);
        flights.chain(pages.filter(|at| *at > now)).chain(self.wake).min()
    }

    /// Whether there is nothing left to do.
    pub const fn is_done(&self) -> bool {
        self.walk.is_none()
    }
}
