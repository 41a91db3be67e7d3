//! The client: what all walks share. A transport, a clock, a budget, and where fresh credentials come from.

use crate::error::{BoxError, Error};
use crate::transport::{BoxFuture, Timer, TokioTimer, Transport};
use crate::walk::Walk;
use everypage_core::facts::Auth;
use everypage_core::pace;
use everypage_core::rng::{Rng, Seed};
use everypage_core::source::Source;
use everypage_core::walk::Generation;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use tokio::sync::Notify;

#[cfg(feature = "reqwest")]
use crate::transport::{Reqwest, TransportOptions};
#[cfg(feature = "reqwest")]
use std::time::Duration;

/// Starts walks. Cheap to clone; clones share connections and the budget.
#[derive(Clone)]
pub struct Client {
    pub(crate) shared: Arc<Shared>,
}

/// What the walks of one client have in common.
pub(crate) struct Shared {
    pub(crate) transport: Arc<dyn Transport>,
    pub(crate) timer: Arc<dyn Timer>,
    pub(crate) budget: Budget,
    pub(crate) authorize: Option<Authorize>,
    seed: u64,
    walks: AtomicU64,
}

/// Fetches fresh credentials.
pub(crate) type Authorize = Arc<dyn Fn(Generation) -> BoxFuture<Result<Auth, BoxError>> + Send + Sync>;

impl Client {
    /// A client with the built-in transport and the default settings.
    #[cfg(feature = "reqwest")]
    pub fn new() -> Result<Client, Error> {
        Client::builder().build()
    }

    /// Settings for a client.
    pub fn builder() -> ClientBuilder {
        ClientBuilder::default()
    }

    /// A walk over this list. Nothing is sent before the first page or record is asked for.
    pub fn walk(&self, source: Source) -> Walk {
        Walk::new(self.shared.clone(), source)
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").finish_non_exhaustive()
    }
}

impl Shared {
    /// A seed that no other walk has.
    pub(crate) fn seed(&self) -> Seed {
        let walk = self.walks.fetch_add(1, Ordering::Relaxed);
        Seed(Rng::new(Seed(self.seed.wrapping_add(walk))).next_u64())
    }
}

/// Settings for a client; every one has a default.
#[derive(Default)]
#[must_use]
pub struct ClientBuilder {
    authorize: Option<Authorize>,
    budget: Option<Budget>,
    seed: Option<u64>,
    timer: Option<Arc<dyn Timer>>,
    transport: Option<Arc<dyn Transport>>,
    #[cfg(feature = "reqwest")]
    options: TransportOptions,
}

impl ClientBuilder {
    /// Where fresh credentials come from after a 401: asked once per generation, whatever the number of
    /// walks. An error it returns is the cause of the walk's `AuthRequired`.
    pub fn authorize<F, R>(mut self, ask: F) -> ClientBuilder
    where
        F: Fn(Generation) -> R + Send + Sync + 'static,
        R: Future<Output = Result<Auth, BoxError>> + Send + 'static,
    {
        self.authorize = Some(Arc::new(move |generation| Box::pin(ask(generation))));
        self
    }

    /// Shares a budget (rate limits, retry budget) with other clients.
    pub fn budget(mut self, budget: Budget) -> ClientBuilder {
        self.budget = Some(budget);
        self
    }

    /// Certificates (PEM) that are trusted besides the system's own.
    #[cfg(feature = "reqwest")]
    pub fn extra_ca(mut self, pem: impl Into<Vec<u8>>) -> ClientBuilder {
        self.options.extra_ca.push(pem.into());
        self
    }

    /// How long a connection may take, TLS included (default: 10 s).
    #[cfg(feature = "reqwest")]
    pub const fn connect_timeout(mut self, limit: Duration) -> ClientBuilder {
        self.options.connect_timeout = limit;
        self
    }

    /// How long a server may be silent, before the first byte and between two (default: 30 s).
    #[cfg(feature = "reqwest")]
    pub const fn idle_timeout(mut self, limit: Duration) -> ClientBuilder {
        self.options.idle_timeout = limit;
        self
    }

    /// The proxy for every request (default: as the environment says).
    #[cfg(feature = "reqwest")]
    pub fn proxy(mut self, url: impl Into<String>) -> ClientBuilder {
        self.options.proxy = Some(url.into());
        self
    }

    /// Where chance comes from (default: the system). With one seed, the walks of a client draw the same jitter in
    /// the same order.
    pub const fn seed(mut self, seed: u64) -> ClientBuilder {
        self.seed = Some(seed);
        self
    }

    /// Another clock.
    pub fn timer(mut self, timer: impl Timer) -> ClientBuilder {
        self.timer = Some(Arc::new(timer));
        self
    }

    /// Another HTTP stack. The settings of the built-in one are then without effect.
    pub fn transport(mut self, transport: impl Transport) -> ClientBuilder {
        self.transport = Some(Arc::new(transport));
        self
    }

    /// The `User-Agent`, where the source doesn't set one (default: `everypage/VERSION`).
    #[cfg(feature = "reqwest")]
    pub fn user_agent(mut self, text: impl Into<String>) -> ClientBuilder {
        self.options.user_agent = text.into();
        self
    }

    /// The client.
    pub fn build(mut self) -> Result<Client, Error> {
        let transport = match self.transport.take() {
            Some(transport) => transport,
            None => self.built_in()?,
        };
        let shared = Shared {
            transport,
            timer: self.timer.unwrap_or_else(|| Arc::new(TokioTimer::new())),
            budget: self.budget.unwrap_or_default(),
            authorize: self.authorize,
            // The keys of a fresh hasher are the standard library's one way to the system's randomness.
            seed: self.seed.unwrap_or_else(|| RandomState::new().hash_one(0u8)),
            walks: AtomicU64::new(0),
        };
        Ok(Client { shared: Arc::new(shared) })
    }

    #[cfg(feature = "reqwest")]
    fn built_in(&mut self) -> Result<Arc<dyn Transport>, Error> {
        Ok(Arc::new(Reqwest::new(std::mem::take(&mut self.options))?))
    }

    #[cfg(not(feature = "reqwest"))]
    fn built_in(&mut self) -> Result<Arc<dyn Transport>, Error> {
        Err(Error::Settings("without the feature `reqwest` a client needs a transport".to_owned()))
    }
}

impl fmt::Debug for ClientBuilder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientBuilder").finish_non_exhaustive()
    }
}

/// Rate limits and retry budgets by origin and credential, shared by every walk that is given it.
#[derive(Clone, Default)]
pub struct Budget {
    core: pace::Budget,
    returned: Arc<Notify>,
}

impl Budget {
    /// A fresh budget.
    pub fn new() -> Budget {
        Budget::default()
    }

    pub(crate) const fn core(&self) -> &pace::Budget {
        &self.core
    }

    /// Completes when a walk gives something back to the budget after the first poll.
    pub(crate) async fn returned(&self) {
        self.returned.notified().await;
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget").finish_non_exhaustive()
    }
}

/// Wakes the walks that wait for a slot of the budget: when asked to, and when dropped.
pub(crate) struct Freed(pub(crate) Budget);

impl Freed {
    pub(crate) fn wake(&self) {
        self.0.returned.notify_waiters();
    }
}

impl Drop for Freed {
    fn drop(&mut self) {
        self.wake();
    }
}
