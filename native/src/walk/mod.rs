//! One traversal of a list: from its start or a checkpoint to a report.

mod record;
mod store;
mod stream;

pub use record::Record;
pub use stream::{Pages, Records, Typed};

use crate::client::Shared;
use crate::driver::Driver;
use crate::error::{Error, Failed};
use crate::timeline::Timeline;
use everypage_core as core;
use everypage_core::checkpoint::Checkpoint;
use everypage_core::source::Source;
use everypage_core::walk::{Page, PageId, Progress, Report};
use futures_util::task::AtomicWaker;
use serde::de::DeserializeOwned;
use std::fmt;
use std::future::poll_fn;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll, ready};
use tokio::sync::watch;

/// One traversal of a list. Made by [`Client::walk`](crate::Client::walk); read by [`Walk::pages`],
/// [`Walk::records`] or [`Walk::typed`], or stored by [`Walk::into_sink`]. It runs inside a tokio runtime,
/// and only while it is asked for something; dropping it drops what is in flight.
///
/// A page is acknowledged, and thereby part of the [checkpoint](Walk::checkpoint), when the next one is asked
/// for; by record, when the first record after the page is asked for.
pub struct Walk {
    shared: Arc<Shared>,
    source: Source,
    strict: bool,
    state: State,
    /// The page that was handed out and is not acknowledged yet.
    out: Option<PageId>,
    stop: StopHandle,
    progress: watch::Sender<Progress>,
    timeline: Timeline,
}

enum State {
    /// Nothing was asked for yet.
    Fresh(Option<Box<Checkpoint>>),
    Running(Box<Driver>),
    /// The end was told.
    Over(Box<Driver>),
    /// It could not be started.
    Refused,
}

impl Walk {
    pub(crate) fn new(shared: Arc<Shared>, source: Source) -> Walk {
        let progress = watch::Sender::new(Progress::default());
        Walk {
            shared,
            source,
            strict: false,
            state: State::Fresh(None),
            out: None,
            stop: StopHandle::default(),
            progress,
            timeline: Timeline::default(),
        }
    }

    /// Goes on where this checkpoint stands.
    #[must_use]
    pub fn resume(mut self, from: Checkpoint) -> Walk {
        self.state = State::Fresh(Some(Box::new(from)));
        self
    }

    /// Whether a walk that ends `unproven` or `incomplete` is an error (default: it is not).
    #[must_use]
    pub const fn strict(mut self, strict: bool) -> Walk {
        self.strict = strict;
        self
    }

    /// What is walked.
    pub const fn source(&self) -> &Source {
        &self.source
    }

    /// The pages, as a stream.
    pub const fn pages(&mut self) -> Pages<&mut Walk> {
        Pages::new(self)
    }

    /// The pages, as a stream that owns the walk.
    pub const fn into_pages(self) -> Pages<Walk> {
        Pages::new(self)
    }

    /// The records, as a stream.
    pub const fn records(&mut self) -> Records<&mut Walk> {
        Records::new(self)
    }

    /// The records, as a stream that owns the walk.
    pub const fn into_records(self) -> Records<Walk> {
        Records::new(self)
    }

    /// The records read into a type of the caller's, as a stream.
    pub const fn typed<T: DeserializeOwned>(&mut self) -> Typed<T, &mut Walk> {
        Typed::new(Records::new(self))
    }

    /// At most `max` records. If there are more, the walk is stopped there, and its report says so.
    pub async fn collect(&mut self, max: usize) -> Result<Vec<Record>, Error> {
        let mut found = Vec::new();
        let mut records = self.records();
        while let Some(record) = records.next().await {
            if found.len() == max {
                records.walk().stop_handle().stop();
                break;
            }
            found.push(record?);
        }
        drop(records);
        // Lets the walk come to its end, so that there is a report; what it has in hand is not acknowledged.
        if self.report().is_none() {
            self.out = None;
            while let Some(page) = self.next_page().await {
                page?;
                self.out = None;
            }
        }
        Ok(found)
    }

    /// The next page, or `None` after the last. Asking acknowledges the page before. The returned future may
    /// be dropped and asked for again.
    pub async fn next_page(&mut self) -> Option<Result<Page, Error>> {
        poll_fn(|cx| self.poll_next_page(cx)).await
    }

    /// [`Walk::next_page`] for those who poll.
    pub fn poll_next_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Page, Error>>> {
        if let Err(error) = self.commit() {
            return Poll::Ready(Some(Err(error)));
        }
        if let Err(error) = self.begin() {
            return Poll::Ready(Some(Err(error)));
        }
        let State::Running(driver) = &mut self.state else { return Poll::Ready(None) };
        if self.stop.heard(cx) {
            driver.stop();
        }
        match ready!(driver.poll_page(cx)) {
            Some(page) => {
                self.out = Some(page.id);
                Poll::Ready(Some(Ok(page)))
            }
            None => Poll::Ready(self.end().map(Err)),
        }
    }

    /// Acknowledges the page that was handed out last: it is stored.
    pub fn commit(&mut self) -> Result<(), Error> {
        match (self.out.take(), &mut self.state) {
            (Some(page), State::Running(driver)) => Ok(driver.acknowledge(page)?),
            (Some(_) | None, _) => Ok(()),
        }
    }

    /// Ends the walk where it stands: `stopped`, unless it has ended already. The page in hand is not acknowledged
    /// and will come again; what is in flight is given up. A walk that never began stays as it is.
    pub fn close(&mut self) {
        self.out = None;
        if let State::Running(driver) = &mut self.state {
            driver.close();
        }
    }

    /// How the walk ended; `None` while it runs.
    pub fn report(&self) -> Option<&Report> {
        match &self.state {
            State::Running(driver) | State::Over(driver) => driver.report(),
            State::Fresh(_) | State::Refused => None,
        }
    }

    /// Where to go on: what was acknowledged, and nothing else. Before the first request it is the
    /// checkpoint the walk was resumed from, if any.
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        match &self.state {
            State::Fresh(from) => from.as_deref().cloned(),
            State::Running(driver) | State::Over(driver) => Some(driver.machine().checkpoint()),
            State::Refused => None,
        }
    }

    /// Where the walk stands.
    pub fn progress(&self) -> Progress {
        match &self.state {
            State::Running(driver) | State::Over(driver) => driver.machine().progress(),
            State::Fresh(_) | State::Refused => Progress::default(),
        }
    }

    /// Where the walk stands, for another task: changes with every page and every wait.
    pub fn watch(&self) -> watch::Receiver<Progress> {
        self.progress.subscribe()
    }

    /// Its last requests and waits, for another task.
    pub fn timeline(&self) -> Timeline {
        self.timeline.clone()
    }

    /// Stops the walk from elsewhere: it ends as `stopped`, with a checkpoint.
    pub fn stop_handle(&self) -> StopHandle {
        self.stop.clone()
    }

    /// Starts the machine, if that wasn't done yet.
    fn begin(&mut self) -> Result<(), Error> {
        let State::Fresh(from) = &mut self.state else { return Ok(()) };
        let from = from.take();
        self.state = State::Refused;
        let (budget, seed, now) = (self.shared.budget.core(), self.shared.seed(), self.shared.timer.now());
        let source = self.source.clone();
        let machine = match from {
            None => core::walk::Walk::start(source, budget, seed, now),
            Some(from) => core::walk::Walk::resume(source, budget, *from, seed, now).map_err(Error::from)?,
        };
        let driver = Driver::new(
            machine,
            &self.source.name,
            self.shared.clone(),
            self.progress.clone(),
            self.timeline.clone(),
        );
        self.state = State::Running(Box::new(driver));
        Ok(())
    }

    /// Told once: the error the walk ends with, if it ends with one.
    fn end(&mut self) -> Option<Error> {
        let State::Running(mut driver) = std::mem::replace(&mut self.state, State::Refused) else {
            return None;
        };
        let failed = driver.report().and_then(|report| report.error_if(self.strict)).map(|error| Failed {
            error,
            report: driver.report().cloned().map(Box::new),
            checkpoint: Some(Box::new(driver.machine().checkpoint())),
            cause: driver.take_cause(),
        });
        self.state = State::Over(driver);
        failed.map(|failed| Error::Walk(Box::new(failed)))
    }
}

impl AsMut<Walk> for Walk {
    fn as_mut(&mut self) -> &mut Walk {
        self
    }
}

impl AsRef<Walk> for Walk {
    fn as_ref(&self) -> &Walk {
        self
    }
}

impl fmt::Debug for Walk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Walk")
            .field("source", &self.source.name)
            .field("progress", &self.progress())
            .finish_non_exhaustive()
    }
}

/// Stops a walk, from any thread.
#[derive(Clone, Debug, Default)]
pub struct StopHandle(Arc<Stop>);

#[derive(Debug, Default)]
struct Stop {
    asked: AtomicBool,
    waker: AtomicWaker,
}

impl StopHandle {
    /// Asks the walk to end as `stopped`. It does so when it is next polled, which this brings about.
    pub fn stop(&self) {
        self.0.asked.store(true, Ordering::Release);
        self.0.waker.wake();
    }

    /// Whether it was asked for.
    pub fn is_stopped(&self) -> bool {
        self.0.asked.load(Ordering::Acquire)
    }

    fn heard(&self, cx: &mut Context<'_>) -> bool {
        self.0.waker.register(cx.waker());
        self.is_stopped()
    }
}
