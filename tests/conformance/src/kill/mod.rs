//! Every moment at which a process may die, and every state a disk may be left in: a walk into a store, taken up
//! again from each of them.
//!
//! A store notes each operation on its files on a [`Tape`]. What a process does after it was killed doesn't matter,
//! so one run shows all of its kill points: the files as they are before, between and after its operations. Each
//! of them is turned into the states a crash may leave ([`Files::crashes`]); each state not seen before is resumed,
//! which brings new kill points, and so on. Two rounds are double kills at every point; when no state is new, all
//! sequences of kills of any length are covered.

mod files;
mod stores;

pub use files::{Files, Op};
pub use stores::{AtLeastOnce, Idempotent, Transactional};

use crate::drive::Server;
use everypage_core::checkpoint::Checkpoint;
use everypage_core::facts::Verdict;
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::Source;
use everypage_core::time::{Now, UnixMillis};
use everypage_core::walk::{Page, Report, Step, Walk};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// What a store keeps between two processes, and what became of it operation by operation.
#[derive(Clone, Debug, Default)]
pub struct Tape {
    /// The files now.
    pub files: Files,
    /// The files at each moment so far; a write that is torn in two by the kill is one of them.
    pub moments: Vec<Files>,
}

impl Tape {
    /// A tape that starts with what a crash has left.
    pub fn new(files: Files) -> Tape {
        Tape { moments: vec![files.clone()], files }
    }

    /// Notes an operation and its effect.
    pub fn note(&mut self, op: &Op) {
        if let Op::Append(name, bytes) = op
            && let Some(half) = bytes.get(..bytes.len() / 2).filter(|half| !half.is_empty())
        {
            let mut torn = self.files.clone();
            torn.apply(&Op::Append(name.clone(), half.to_vec()));
            self.moments.push(torn);
        }
        self.files.apply(op);
        self.moments.push(self.files.clone());
    }
}

/// A store as a host uses it. An error is a broken promise: nothing here fails by itself.
pub trait Store {
    /// What it holds.
    ///
    /// # Errors
    /// When it refuses what a crash has left.
    fn open(&mut self, source: &Source) -> Result<Option<Checkpoint>, String>;
    /// The walk starts, or goes on, here.
    ///
    /// # Errors
    /// When it can't be stored.
    fn begin(&mut self, checkpoint: Checkpoint) -> Result<(), String>;
    /// Takes a page in.
    ///
    /// # Errors
    /// When it can't be stored.
    fn page(&mut self, page: &Page) -> Result<(), String>;
    /// Makes durable what it has, together with the checkpoint.
    ///
    /// # Errors
    /// When it can't be stored.
    fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), String>;
    /// The walk is over.
    ///
    /// # Errors
    /// When it can't be stored.
    fn end(&mut self, verdict: Verdict, checkpoint: Checkpoint) -> Result<(), String>;
}

/// One walk into a store, with a commit every so many pages. Counts the steps of the machine: at each of them the
/// process may die as well.
///
/// # Errors
/// What the store or the machine refused.
pub fn pull(
    source: &Source,
    store: &mut dyn Store,
    server: &mut dyn Server,
    every: u64,
    steps: &mut u64,
) -> Result<Report, String> {
    let mut now = Now { unix: Some(UnixMillis(1_790_000_000_000)), ..Now::at(1000) };
    let budget = Budget::new();
    let mut walk = match store.open(source)? {
        None => Walk::start(source.clone(), &budget, Seed(3), now),
        Some(from) => {
            Walk::resume(source.clone(), &budget, from, Seed(4), now).map_err(|error| error.to_string())?
        }
    };
    store.begin(walk.checkpoint())?;
    let mut pages = 0;
    loop {
        *steps += 1;
        match walk.poll(now) {
            Step::Send(exchange) => match server.answer(&exchange.request, now) {
                Ok(response) => walk.handle_response(exchange.ticket, response, now),
                Err(failure) => walk.handle_failure(exchange.ticket, failure, now),
            }
            .map_err(|error| error.to_string())?,
            Step::Deliver(page) => {
                store.page(&page)?;
                walk.acknowledge(page.id).map_err(|error| error.to_string())?;
                pages += 1;
                if pages % every == 0 {
                    store.commit(walk.checkpoint())?;
                }
            }
            Step::Sleep { until, .. } => now.tick = until,
            Step::Finish(report) => {
                store.end(report.verdict, walk.checkpoint())?;
                return Ok(*report);
            }
            Step::Authorize(_) | Step::Blocked(_) => return Err("a lone walk is blocked".to_owned()),
        }
    }
}

/// What came of trying every kill.
#[derive(Clone, Copy, Default, Debug)]
pub struct Explored {
    /// Kills in a row that were tried at every point.
    pub kills: u32,
    /// Whether no further kill brings a new state: every sequence is covered.
    pub closed: bool,
    /// Moments at which a process was killed: steps of the machine and operations on files.
    pub points: u64,
    /// Disk states that crashes there left, one for each way to crash.
    pub crashes: u64,
    /// Different ones among them, each of which was resumed.
    pub states: u64,
}

/// Kills at every moment, resumes from every state that may leave, and so on, `kills` in a row at most. `run`
/// walks from the files given to the end, judges what it finds there, and gives back its tape and its steps.
///
/// # Errors
/// What `run` objected to, and how it came to it.
pub fn explore(
    kills: u32,
    mut run: impl FnMut(&Files) -> Result<(Tape, u64), String>,
) -> Result<Explored, String> {
    let mut told = Explored { kills, ..Explored::default() };
    let mut plain = Plain::default();
    let mut known: BTreeSet<Vec<u8>> = BTreeSet::new();
    let mut next = VecDeque::from([(Files::default(), 0u32, "the start".to_owned())]);
    known.insert(plain.of(&Files::default()));
    told.closed = true;
    while let Some((files, depth, how)) = next.pop_front() {
        told.states += 1;
        let (tape, steps) =
            run(&files).map_err(|error| format!("{error}\n  after {how}\n  from {}", files.list()))?;
        told.points += steps + tape.moments.len() as u64;
        let last = tape.moments.len();
        for (at, moment) in tape.moments.into_iter().enumerate() {
            for (kind, left) in moment.crashes() {
                told.crashes += 1;
                if known.insert(plain.of(&left)) {
                    if depth == kills {
                        told.closed = false;
                        continue;
                    }
                    next.push_back((left, depth + 1, format!("{how}, {kind} at {at} of {last}")));
                }
            }
        }
    }
    Ok(told)
}

/// Texts under which states that differ only in how much was asked for again are the same.
#[derive(Default)]
struct Plain(BTreeMap<Vec<u8>, Vec<u8>>);

impl Plain {
    fn of(&mut self, files: &Files) -> Vec<u8> {
        let mut text = Vec::new();
        for (name, inode, content) in files.each() {
            text.extend_from_slice(format!("{name} {inode} ").as_bytes());
            let plain = self.0.entry(content.to_vec()).or_insert_with(|| without_counts(content));
            text.extend_from_slice(plain);
            text.push(0);
        }
        text
    }
}

/// What a checkpoint counts of requests and pages that were repeated. What it has stored is not among them.
const REPEATED: [&str; 8] = [
    "/counts/requests",
    "/counts/retries",
    "/counts/bytes",
    "/counts/pages",
    "/counts/duplicates",
    "/audit/seams/kept",
    "/audit/seams/unknown",
    "/audit/order/compared",
];

fn without_counts(content: &[u8]) -> Vec<u8> {
    let Ok(mut value) = serde_json::from_slice::<serde_json::Value>(content) else { return content.to_vec() };
    let Some(payload) = value.get_mut("payload") else { return content.to_vec() };
    for count in REPEATED {
        if let Some(count) = payload.pointer_mut(count) {
            *count = 0.into();
        }
    }
    payload.to_string().into_bytes()
}
