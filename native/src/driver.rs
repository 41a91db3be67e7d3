//! The one loop that does what the machine says: send, wait, hand out. It decides nothing.

use crate::client::{Budget, Freed, Shared};
use crate::error::BoxError;
use crate::log;
use crate::timeline::{Event, Timeline};
use crate::transport::{BoxFuture, Call};
use everypage_core::error::{ErrorKind, UsageError, WalkError};
use everypage_core::facts::Auth;
use everypage_core::http::{Failure, FailureKind, Response};
use everypage_core::time::{Millis, Tick};
use everypage_core::walk::{
    BlockedOn, Exchange, Generation, Page, PageId, Progress, Report, SinkInfo, Step, Ticket, Walk,
};
use futures_util::future::{Either, select};
use std::collections::{HashMap, VecDeque};
use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use tokio::sync::watch;
use tokio::task::{Id, JoinSet};
use tracing::{Instrument, Span};

/// How long a walk waits for a slot of the budget before it looks for itself: a net below the wake-ups.
const LOOK_AGAIN: Millis = Millis(500);

type Answer = Result<Response, Failure>;
type Fresh = Result<Option<Auth>, BoxError>;

/// A running walk. Dropping it drops what is in flight.
pub(crate) struct Driver {
    // Dropped before `freed`, which then wakes the walks that wait for the seat.
    machine: Walk,
    freed: Freed,
    shared: Arc<Shared>,
    flights: JoinSet<Answer>,
    /// What each flight is to answer.
    tickets: HashMap<Id, Ticket>,
    alarm: Option<(Tick, BoxFuture<()>)>,
    slot: Option<BoxFuture<()>>,
    credentials: Option<(Generation, BoxFuture<Fresh>)>,
    ready: VecDeque<Page>,
    report: Option<Box<Report>>,
    cause: Option<BoxError>,
    progress: watch::Sender<Progress>,
    timeline: Timeline,
    span: Span,
}

impl Driver {
    pub(crate) fn new(
        machine: Walk,
        name: &str,
        shared: Arc<Shared>,
        progress: watch::Sender<Progress>,
        timeline: Timeline,
    ) -> Driver {
        Driver {
            machine,
            freed: shared.budget.freed(),
            shared,
            flights: JoinSet::new(),
            tickets: HashMap::new(),
            alarm: None,
            slot: None,
            credentials: None,
            ready: VecDeque::new(),
            report: None,
            cause: None,
            progress,
            timeline,
            span: log::walk(name),
        }
    }

    pub(crate) const fn machine(&self) -> &Walk {
        &self.machine
    }

    pub(crate) fn report(&self) -> Option<&Report> {
        self.report.as_deref()
    }

    /// Writes into the report where the records went.
    pub(crate) fn note(&mut self, sink: SinkInfo, checkpoint: Option<String>) {
        if let Some(report) = &mut self.report {
            report.sink = Some(sink);
            report.checkpoint = checkpoint;
        }
    }

    pub(crate) fn take_cause(&mut self) -> Option<BoxError> {
        self.cause.take()
    }

    pub(crate) fn acknowledge(&mut self, page: PageId) -> Result<(), UsageError> {
        self.machine.acknowledge(page)
    }

    pub(crate) fn stop(&mut self) {
        self.machine.stop();
    }

    /// The next page, or `None` when the walk has ended and [`Driver::report`] says how.
    ///
    /// Before a page is handed out, everything else the machine wants is begun: the next request is on the
    /// wire while the consumer works.
    pub(crate) fn poll_page(&mut self, cx: &mut Context<'_>) -> Poll<Option<Page>> {
        while self.report.is_none() && self.step(cx) {}
        if self.progress.receiver_count() > 0 {
            let now = self.machine.progress();
            self.progress.send_if_modified(|last| {
                *last != now && {
                    *last = now;
                    true
                }
            });
        }
        match (self.ready.pop_front(), &self.report) {
            (Some(page), _) => Poll::Ready(Some(page)),
            (None, Some(_)) => Poll::Ready(None),
            (None, None) => Poll::Pending,
        }
    }

    /// Takes in what has happened and does one step; false when there is nothing to do now.
    fn step(&mut self, cx: &mut Context<'_>) -> bool {
        self.take_answers(cx);
        self.take_credentials(cx);
        if self.report.is_some() {
            return false;
        }
        let now = self.shared.timer.now();
        match self.machine.poll(now) {
            Step::Authorize(generation) => self.authorize(generation),
            Step::Blocked(BlockedOn::Answer) if self.flights.is_empty() => {
                self.broken("the walk waits for an answer to a request that is not on the wire")
            }
            Step::Blocked(BlockedOn::Acknowledgement | BlockedOn::Answer) => false,
            Step::Blocked(BlockedOn::Budget) => self.wait_for_slot(cx),
            // Another walk on this budget may be the one that fetches them.
            Step::Blocked(BlockedOn::Credentials) => self.credentials.is_none() && self.wait_for_slot(cx),
            Step::Deliver(page) => {
                self.ready.push_back(page);
                true
            }
            Step::Finish(report) => {
                self.finish(report);
                false
            }
            Step::Send(exchange) => {
                self.send(exchange, now.tick);
                true
            }
            Step::Sleep { until, why } => {
                let wait = until.since(now.tick);
                if self.alarm.as_ref().is_none_or(|(at, _)| *at != until) {
                    log::waits(&self.span, why, wait);
                    self.timeline.add(now.tick, until, Event::Waited(why));
                    self.alarm = Some((until, self.shared.timer.sleep(wait)));
                }
                self.alarm_rang(cx)
            }
        }
    }

    fn alarm_rang(&mut self, cx: &mut Context<'_>) -> bool {
        let rang = self.alarm.as_mut().is_some_and(|(_, sleep)| sleep.as_mut().poll(cx).is_ready());
        if rang {
            self.alarm = None;
        }
        rang
    }

    fn send(&mut self, exchange: Exchange, now: Tick) {
        let Exchange { ticket, request, deadline, body_limit, private_allowed } = exchange;
        let span = log::request(&self.span, ticket, &request);
        let answer = self.shared.transport.exchange(Call { request, body_limit, private_allowed });
        // The transport has its own limits; this one holds whatever the transport does.
        let timeout = self.shared.timer.sleep(deadline.since(now));
        let (timeline, timer) = (self.timeline.clone(), self.shared.timer.clone());
        let flight = async move {
            let answer = match select(answer, timeout).await {
                Either::Left((answer, _)) => answer,
                Either::Right(_) => Err(Failure::new(FailureKind::ReadTimeout, "the exchange took too long")),
            };
            log::answered(&answer);
            timeline.add(now, timer.now().tick, event(&answer));
            answer
        };
        let task = self.flights.spawn(flight.instrument(span)).id();
        self.tickets.insert(task, ticket);
    }

    fn take_answers(&mut self, cx: &mut Context<'_>) {
        while let Poll::Ready(Some(landed)) = self.flights.poll_join_next_with_id(cx) {
            let now = self.shared.timer.now();
            let (task, answer) = match landed {
                Ok(landed) => landed,
                Err(error) if error.is_panic() => {
                    let advice = "the transport panicked; its message is on standard error";
                    self.fail(WalkError::new(ErrorKind::HostCallback, advice));
                    return;
                }
                // The runtime it flew in has gone. The walk has to know, or it would wait for this answer for ever.
                Err(error) => {
                    let lost = "its runtime was shut down before the answer came";
                    (error.id(), Err(Failure::new(FailureKind::Other, lost)))
                }
            };
            let handled = match (self.tickets.remove(&task), answer) {
                (Some(ticket), Ok(response)) => self.machine.handle_response(ticket, response, now),
                (Some(ticket), Err(failure)) => self.machine.handle_failure(ticket, failure, now),
                (None, _) => Err(UsageError::UnknownTicket),
            };
            self.freed.wake();
            if handled.is_err() {
                self.broken("the walk refused the answer to a request it had asked for");
                return;
            }
        }
    }

    fn authorize(&mut self, generation: Generation) -> bool {
        let fresh: BoxFuture<Fresh> = match &self.shared.authorize {
            Some(ask) => {
                let fresh = ask(generation);
                Box::pin(async move { fresh.await.map(Some) })
            }
            None => Box::pin(std::future::ready(Ok(None))),
        };
        self.credentials = Some((generation, fresh));
        true
    }

    fn take_credentials(&mut self, cx: &mut Context<'_>) {
        let Some((generation, fresh)) = &mut self.credentials else { return };
        let (generation, Poll::Ready(fresh)) = (*generation, fresh.as_mut().poll(cx)) else { return };
        self.credentials = None;
        let fresh = fresh.unwrap_or_else(|error| {
            self.cause = Some(error);
            None
        });
        let handled = self.machine.handle_credentials(generation, fresh, self.shared.timer.now());
        self.freed.wake();
        if handled.is_err() {
            self.broken("the walk refused the credentials it had asked for");
        }
    }

    /// Waits until another walk on the budget gives something back. True: look again at once.
    fn wait_for_slot(&mut self, cx: &mut Context<'_>) -> bool {
        if let Some(slot) = &mut self.slot {
            let woken = slot.as_mut().poll(cx).is_ready();
            if woken {
                self.slot = None;
            }
            return woken;
        }
        // Listening begins with the first poll, so the machine is asked once more after it.
        let (budget, nap) = (self.shared.budget.clone(), self.shared.timer.sleep(LOOK_AGAIN));
        let mut slot: BoxFuture<()> = Box::pin(async move {
            select(pin!(budget.returned()), nap).await;
        });
        if slot.as_mut().poll(cx).is_pending() {
            self.slot = Some(slot);
        }
        true
    }

    fn finish(&mut self, report: Box<Report>) {
        // What the machine never saw acknowledged will be delivered again by the next walk.
        self.ready.clear();
        self.flights.abort_all();
        self.report = Some(report);
        self.freed.wake();
    }

    /// Ends the walk with an error of the host: storage, or a broken invariant.
    pub(crate) fn fail(&mut self, error: WalkError) {
        let report = self.machine.fail(error, self.shared.timer.now());
        self.finish(Box::new(report));
    }

    /// Ends the walk where it stands, if it hasn't ended.
    pub(crate) fn close(&mut self) {
        if self.report.is_some() {
            return;
        }
        self.machine.stop();
        let now = self.shared.timer.now();
        // A stopped walk has nothing left to ask for but its end; the bound is for a broken one.
        let ended = (0..1000).find_map(|_| match self.machine.poll(now) {
            Step::Finish(report) => Some(report),
            Step::Authorize(_) | Step::Blocked(_) | Step::Deliver(_) | Step::Send(_) | Step::Sleep { .. } => {
                None
            }
        });
        if let Some(report) = ended {
            self.finish(report);
        }
    }

    fn broken(&mut self, what: &str) -> bool {
        let advice = format!("{what}: please report this as a bug of everypage");
        self.fail(WalkError::new(ErrorKind::Internal, advice));
        false
    }
}

fn event(answer: &Answer) -> Event {
    match answer {
        Ok(response) => Event::Answered(response.status),
        Err(failure) => Event::Failed(failure.kind.as_str()),
    }
}

impl Budget {
    fn freed(&self) -> Freed {
        Freed(self.clone())
    }
}
