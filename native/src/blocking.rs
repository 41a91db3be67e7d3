//! Walks for hosts without an async runtime of their own, such as other languages: requests are carried by threads in
//! the background, and a caller waits in slices, or is called back when there is news.

use crate::error::Error;
use crate::sink::Sink;
use crate::timeline::Entry;
use crate::walk::StopHandle;
use everypage_core::checkpoint::Checkpoint;
use everypage_core::error::{ErrorKind, UsageError};
use everypage_core::walk::{Page, Progress, Report};
use std::future::poll_fn;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch::Receiver;

/// Never shut down: requests may be on the wire when the process ends.
static RUNTIME: Mutex<Option<(u32, &'static Runtime)>> = Mutex::new(None);

/// What came of waiting for a page.
#[derive(Debug)]
pub enum Next {
    /// This page.
    Page(Page),
    /// The walk has ended; its report says how.
    Over,
    /// Nothing yet: ask again.
    Waiting,
}

type Landed = Option<Result<Page, Error>>;
type Told = Box<dyn FnOnce() + Send>;

/// A walk that any thread may drive. Cheap to clone; clones are the same walk.
#[derive(Clone)]
pub struct Walk(Arc<Shared>);

struct Shared {
    /// Away while it is being stored.
    walk: Mutex<Option<crate::Walk>>,
    job: Mutex<Job>,
    runtime: Handle,
    stop: StopHandle,
    progress: Receiver<Progress>,
    timeline: crate::Timeline,
}

/// What runs in the background for somebody who is called back.
#[derive(Default)]
struct Job {
    running: bool,
    landed: Option<Landed>,
    told: Option<Told>,
}

impl Walk {
    /// Takes a walk over.
    pub fn new(walk: crate::Walk) -> Result<Walk, Error> {
        let (stop, progress, timeline) = (walk.stop_handle(), walk.watch(), walk.timeline());
        let (walk, job) = (Mutex::new(Some(walk)), Mutex::default());
        Ok(Walk(Arc::new(Shared { walk, job, runtime: runtime()?, stop, progress, timeline })))
    }

    /// The next page, waiting for at most this long. Asking acknowledges the page before.
    pub fn next_page(&self, at_most: Duration) -> Result<Next, Error> {
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let (mut cx, until) = (Context::from_waker(&waker), Instant::now() + at_most);
        loop {
            if let Poll::Ready(next) = self.0.poll(&mut cx) {
                return told(Some(next));
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(Next::Waiting);
            }
            std::thread::park_timeout(left);
        }
    }

    /// Lets the next page come and calls back, from another thread, when it has. True: it is there already, and nobody
    /// is called. Asking again before it came replaces who is called.
    pub fn request(&self, tell: impl FnOnce() + Send + 'static) -> bool {
        let mut job = lock(&self.0.job);
        if job.landed.is_some() {
            return true;
        }
        job.told = Some(Box::new(tell));
        if !job.running {
            job.running = true;
            let shared = self.0.clone();
            self.0.runtime.spawn(async move {
                let next = poll_fn(|cx| shared.poll(cx)).await;
                shared.land(next);
            });
        }
        false
    }

    /// What was requested, if it has come.
    pub fn take(&self) -> Result<Next, Error> {
        told(lock(&self.0.job).landed.take())
    }

    /// Stores the list and calls back at the end; [`Walk::take`] then says [`Next::Over`], or with which error.
    pub fn store<S: Sink>(&self, sink: S, tell: impl FnOnce() + Send + 'static) -> Result<(), Error> {
        let mut walk = lock(&self.0.walk).take().ok_or(UsageError::AlreadyStarted)?;
        lock(&self.0.job).told = Some(Box::new(tell));
        let shared = self.0.clone();
        self.0.runtime.spawn(async move {
            let ended = walk.into_sink(sink).await;
            *lock(&shared.walk) = Some(walk);
            shared.land(ended.err().map(Err));
        });
        Ok(())
    }

    /// Acknowledges the page that was handed out last.
    pub fn commit(&self) -> Result<(), Error> {
        self.0.with(crate::Walk::commit).unwrap_or(Ok(()))
    }

    /// Asks the walk to end as stopped.
    pub fn stop(&self) {
        self.0.stop.stop();
    }

    /// Ends the walk where it stands; see [`crate::Walk::close`]. One that is being stored is asked to stop.
    pub fn close(&self) {
        if self.0.with(crate::Walk::close).is_none() {
            self.stop();
        }
    }

    /// How the walk ended; `None` while it runs.
    pub fn report(&self) -> Option<Report> {
        self.0.with(|walk| walk.report().cloned()).flatten()
    }

    /// Where to go on; `None` before the first request, and while the list is being stored: the checkpoint is then
    /// the sink's.
    pub fn checkpoint(&self) -> Option<Checkpoint> {
        self.0.with(|walk| walk.checkpoint()).flatten()
    }

    /// Where the walk stands.
    pub fn progress(&self) -> Progress {
        self.0.progress.borrow().clone()
    }

    /// The last requests and waits.
    pub fn timeline(&self) -> Vec<Entry> {
        self.0.timeline.entries()
    }
}

impl Shared {
    fn with<T>(&self, work: impl FnOnce(&mut crate::Walk) -> T) -> Option<T> {
        let _inside = self.runtime.enter();
        lock(&self.walk).as_mut().map(work)
    }

    fn poll(&self, cx: &mut Context<'_>) -> Poll<Landed> {
        self.with(|walk| walk.poll_next_page(cx)).unwrap_or(Poll::Ready(None))
    }

    fn land(&self, landed: Landed) {
        let mut job = lock(&self.job);
        job.running = false;
        job.landed = Some(landed);
        let tell = job.told.take();
        drop(job);
        if let Some(tell) = tell {
            // It may wait for a lock of the host's; the threads that carry requests must not.
            drop(self.runtime.spawn_blocking(tell));
        }
    }
}

impl Drop for Shared {
    /// What is in flight can only be given up inside the runtime.
    fn drop(&mut self) {
        let _inside = self.runtime.enter();
        drop(lock(&self.walk).take());
    }
}

fn told(landed: Option<Landed>) -> Result<Next, Error> {
    match landed {
        None => Ok(Next::Waiting),
        Some(None) => Ok(Next::Over),
        Some(Some(page)) => page.map(Next::Page),
    }
}

/// The threads that carry requests: started once for a process, and anew in one that was forked.
pub fn runtime() -> Result<Handle, Error> {
    let mut slot = lock(&RUNTIME);
    let process = std::process::id();
    if let Some((of, runtime)) = *slot
        && of == process
    {
        return Ok(runtime.handle().clone());
    }
    let runtime = Builder::new_multi_thread().worker_threads(2).thread_name("everypage").enable_all().build();
    let runtime = runtime.map_err(|error| Error::world(ErrorKind::Internal, error.to_string()))?;
    let runtime: &'static Runtime = Box::leak(Box::new(runtime));
    *slot = Some((process, runtime));
    Ok(runtime.handle().clone())
}

/// A thread that panicked has left the data as it was: nothing here changes it half.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Wakes a thread that waits for news.
struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Unpark>) {
        self.0.unpark();
    }
}

impl std::fmt::Debug for Walk {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Walk").field("progress", &self.progress()).finish_non_exhaustive()
    }
}
