//! A walk into a sink: pages and checkpoints are stored together.

use super::{State, Walk};
use crate::error::{Error, Failed};
use crate::sink::Sink;
use everypage_core::error::{ErrorKind, UsageError, WalkError};
use everypage_core::facts::Verdict;
use everypage_core::walk::{Report, SinkInfo};
use std::time::Duration;

impl Walk {
    /// Walks to the end and stores what comes. The walk goes on where the sink's checkpoint stands, if it
    /// holds one. Pages are acknowledged when the sink has taken them; what a crash takes from the sink is
    /// fetched again by the next walk.
    ///
    /// To stop early, use a [`StopHandle`](crate::StopHandle): the sink is then brought to a good end. A
    /// future that is dropped leaves the last commit, from which the next walk goes on as well.
    pub async fn into_sink<S: Sink>(&mut self, sink: S) -> Result<Report, Error> {
        let text = |path: &std::path::Path| path.display().to_string();
        let info = SinkInfo { class: sink.class().as_str().to_owned(), path: sink.place().map(text) };
        let checkpoint = sink.checkpoint_place().map(text);
        let walked = self.store(sink).await;
        if let State::Running(driver) | State::Over(driver) = &mut self.state {
            driver.note(info, checkpoint);
        }
        walked.map_err(|error| self.with_report(error))?;
        self.report()
            .cloned()
            .ok_or_else(|| Error::world(ErrorKind::Internal, "the walk ended without a report"))
    }

    async fn store<S: Sink>(&mut self, sink: S) -> Result<(), Error> {
        let source = self.source.clone();
        let mut sink = Some(sink);
        let opened = blocking(&mut sink, move |sink| sink.open(&source)).await?;
        let State::Fresh(from) = &mut self.state else { return Err(UsageError::AlreadyStarted.into()) };
        if let Some(checkpoint) = opened.checkpoint {
            *from = Some(Box::new(checkpoint));
        }
        self.begin()?;
        if let Some(checkpoint) = self.checkpoint() {
            self.judge(blocking(&mut sink, move |sink| sink.begin(checkpoint)).await)?;
        }
        let walked = self.fill(&mut sink).await;
        let verdict = self.report().map_or(Verdict::Failed, |report| report.verdict);
        if let Some(checkpoint) = self.checkpoint().filter(|_| sink.is_some()) {
            self.judge(blocking(&mut sink, move |sink| sink.end(verdict, checkpoint)).await)?;
        }
        walked
    }

    /// Feeds the sink to the end of the walk.
    async fn fill<S: Sink>(&mut self, sink: &mut Option<S>) -> Result<(), Error> {
        loop {
            let next = match sink.as_ref().and_then(Sink::due) {
                None => self.next_page().await,
                Some(Duration::ZERO) => {
                    let Some(checkpoint) = self.checkpoint() else { return Ok(()) };
                    self.judge(blocking(sink, move |sink| sink.commit(checkpoint)).await)?;
                    continue;
                }
                // While nothing comes, for a rate limit say, what has come is made durable.
                Some(due) => match tokio::time::timeout(due, self.next_page()).await {
                    Ok(next) => next,
                    Err(_) => continue,
                },
            };
            let (Some(page), Some(open)) = (next.transpose()?, &mut *sink) else { return Ok(()) };
            let taken = open.page(&page);
            if taken.is_err() {
                // Not stored, so not acknowledged; and a sink that has failed is not asked again.
                (self.out, *sink) = (None, None);
            }
            self.judge(taken)?;
            self.commit()?;
        }
    }

    /// Ends the walk if the sink has failed, so that it has a report that says so.
    fn judge<T>(&mut self, stored: Result<T, Error>) -> Result<T, Error> {
        if let (Err(error), State::Running(driver) | State::Over(driver)) = (&stored, &mut self.state) {
            driver.fail(match error {
                Error::Walk(failed) => failed.error.clone(),
                Error::Record { .. } | Error::Settings(_) | Error::Source(_) | Error::Usage(_) => {
                    WalkError::new(ErrorKind::Storage, error.to_string())
                }
            });
        }
        stored
    }

    fn with_report(&self, error: Error) -> Error {
        match error {
            Error::Walk(failed) => {
                let report = self.report().cloned().map(Box::new).or(failed.report);
                Error::Walk(Box::new(Failed { report, ..*failed }))
            }
            other @ (Error::Record { .. } | Error::Settings(_) | Error::Source(_) | Error::Usage(_)) => other,
        }
    }
}

/// Runs a call that may block where that disturbs nobody. A sink that fails is gone afterwards.
async fn blocking<S, T, F>(sink: &mut Option<S>, work: F) -> Result<T, Error>
where
    S: Sink,
    T: Send + 'static,
    F: FnOnce(&mut S) -> Result<T, Error> + Send + 'static,
{
    let Some(mut open) = sink.take() else {
        return Err(Error::world(ErrorKind::Storage, "the sink has failed"));
    };
    let done = tokio::task::spawn_blocking(move || work(&mut open).map(|value| (open, value))).await;
    let (open, value) =
        done.unwrap_or_else(|_| Err(Error::world(ErrorKind::Storage, "the sink panicked")))?;
    *sink = Some(open);
    Ok(value)
}
