//! One list with everything that bends it.

use crate::{
    config::Config,
    fault::{
        plan::{Memory, Plan},
        shape::Shape,
    },
    lead::Maker,
    line::Wire,
    list::{Life, Store},
    rate::Meter,
    routes::Scroll,
    stats::{Counts, Stats, stats},
};
use std::{
    collections::{HashMap, HashSet},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::{Duration, Instant},
};

/// What changes from request to request.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) life: Life,
    pub(crate) counts: Counts,
    pub(crate) meters: Vec<Meter>,
    pub(crate) memory: Memory,
    /// Cursors of earlier generations are dead.
    pub(crate) generation: u8,
    /// How often cursors of this generation were used.
    pub(crate) uses: u64,
    /// Generations that died by use.
    pub(crate) deaths: u32,
    /// Cursors that came once, where they may not come twice.
    pub(crate) used: HashSet<u64>,
    pub(crate) scrolls: HashMap<String, Scroll>,
    /// Whether only the fresh token is good.
    pub(crate) rotated: bool,
}

impl State {
    fn new(config: &Config, store: &Store) -> State {
        State {
            life: Life::new(store, config.churn.as_ref()),
            counts: Counts::default(),
            meters: config.rates.iter().map(|rate| Meter::new(*rate, config.rate_slack)).collect(),
            memory: Memory::default(),
            generation: 0,
            uses: 0,
            deaths: 0,
            used: HashSet::new(),
            scrolls: HashMap::new(),
            rotated: false,
        }
    }
}

/// One list.
#[derive(Debug)]
pub(crate) struct App {
    pub(crate) config: Config,
    pub(crate) store: Store,
    pub(crate) shape: Shape,
    pub(crate) plan: Plan,
    pub(crate) fresh: Option<String>,
    pub(crate) port: u16,
    started: Instant,
    connections: Arc<AtomicU64>,
    state: Mutex<State>,
}

/// What is known of the connection a request came on.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) number: u64,
    pub(crate) wire: Arc<Wire>,
}

impl App {
    pub(crate) fn new(config: Config, port: u16, connections: Arc<AtomicU64>) -> App {
        let store = Store::new(Maker::new(config.seed, config.int_ids), config.records);
        let state = Mutex::new(State::new(&config, &store));
        App {
            store,
            shape: Shape::new(&config.faults),
            plan: Plan::new(config.seed, &config.faults),
            fresh: config.fresh(),
            port,
            started: Instant::now(),
            connections,
            state,
            config,
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        // A handler that panicked has left counts at worst one short: go on.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// As after the start: the list, the counts, the faults that have happened.
    pub(crate) fn reset(&self) {
        let mut state = self.state();
        let mut counts = std::mem::take(&mut state.counts);
        counts.reset();
        *state = State { counts, ..State::new(&self.config, &self.store) };
        self.connections.store(0, Relaxed);
    }

    pub(crate) fn stats(&self) -> Stats {
        stats(&self.state(), self.connections.load(Relaxed), self.store.mean())
    }

    /// Plain ids, oldest first: those that were there at the reset and still are, or (`now`) all that are there.
    pub(crate) fn oracle(&self, now: bool) -> Vec<String> {
        let state = self.state();
        let seqs = if now { state.life.now() } else { state.life.lived() };
        drop(state);
        seqs.into_iter().map(|seq| self.store.maker.id(seq)).collect()
    }

    pub(crate) fn uptime(&self) -> Duration {
        self.started.elapsed()
    }

    /// This server under a name that is another host to a client.
    pub(crate) fn foreign(&self) -> String {
        format!("localhost:{}", self.port)
    }
}
