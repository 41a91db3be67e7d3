//! A walk as streams: of pages, of records, of the caller's own type.

use super::{Record, Walk};
use crate::error::Error;
use everypage_core::walk::Page;
use futures_core::Stream;
use serde::de::DeserializeOwned;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// The pages of a walk. A page is acknowledged when the next is asked for, or by [`Pages::commit`].
#[derive(Debug)]
#[must_use = "a stream does nothing unless it is polled"]
pub struct Pages<W = Walk> {
    walk: W,
}

impl<W: AsMut<Walk> + AsRef<Walk>> Pages<W> {
    /// The next page, or `None` after the last.
    pub async fn next(&mut self) -> Option<Result<Page, Error>> {
        self.walk.as_mut().next_page().await
    }

    /// Acknowledges the last page: it is stored.
    pub fn commit(&mut self) -> Result<(), Error> {
        self.walk.as_mut().commit()
    }

    /// The walk, for its checkpoint and progress.
    pub fn walk(&self) -> &Walk {
        self.walk.as_ref()
    }
}

impl<W> Pages<W> {
    pub(super) const fn new(walk: W) -> Pages<W> {
        Pages { walk }
    }

    /// The walk back.
    pub fn into_inner(self) -> W {
        self.walk
    }
}

impl<W: AsMut<Walk> + Unpin> Stream for Pages<W> {
    type Item = Result<Page, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.walk.as_mut().poll_next_page(cx)
    }
}

/// The records of a walk. A page is acknowledged when the first record after it is asked for.
#[derive(Debug)]
#[must_use = "a stream does nothing unless it is polled"]
pub struct Records<W = Walk> {
    walk: W,
    page: Option<Page>,
    /// The next record of the page.
    at: usize,
}

impl<W: AsMut<Walk> + AsRef<Walk> + Unpin> Records<W> {
    /// The next record, or `None` after the last.
    pub async fn next(&mut self) -> Option<Result<Record, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The walk, for its checkpoint and progress.
    pub fn walk(&self) -> &Walk {
        self.walk.as_ref()
    }
}

impl<W> Records<W> {
    pub(super) const fn new(walk: W) -> Records<W> {
        Records { walk, page: None, at: 0 }
    }

    /// The walk back. Records of the last page that were not asked for will come again.
    pub fn into_inner(self) -> W {
        self.walk
    }

    /// The page the last record is from, and the record's place in it.
    const fn place(&self) -> (u64, u64) {
        match &self.page {
            Some(page) => (page.number, self.at as u64),
            None => (0, 0),
        }
    }
}

impl<W: AsMut<Walk> + Unpin> Stream for Records<W> {
    type Item = Result<Record, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        loop {
            if let Some((body, spans)) = this.page.as_ref().map(Page::body)
                && let Some(span) = spans.get(this.at)
            {
                this.at += 1;
                return Poll::Ready(Some(Ok(Record::new(body.clone(), *span))));
            }
            this.page = None;
            match ready!(this.walk.as_mut().poll_next_page(cx)) {
                Some(Ok(page)) => (this.page, this.at) = (Some(page), 0),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.page.as_ref().map_or(0, |page| page.len().saturating_sub(self.at)), None)
    }
}

/// The records of a walk, read into a type. A record that doesn't fit is an [`Error::Record`]; the stream
/// goes on behind it.
#[derive(Debug)]
#[must_use = "a stream does nothing unless it is polled"]
pub struct Typed<T, W = Walk> {
    records: Records<W>,
    kind: PhantomData<fn() -> T>,
}

impl<T, W> Typed<T, W> {
    pub(super) const fn new(records: Records<W>) -> Typed<T, W> {
        Typed { records, kind: PhantomData }
    }
}

impl<T: DeserializeOwned, W: AsMut<Walk> + AsRef<Walk> + Unpin> Typed<T, W> {
    /// The next record, or `None` after the last.
    pub async fn next(&mut self) -> Option<Result<T, Error>> {
        poll_fn(|cx| Pin::new(&mut *self).poll_next(cx)).await
    }

    /// The walk, for its checkpoint and progress.
    pub fn walk(&self) -> &Walk {
        self.records.walk()
    }
}

impl<T: DeserializeOwned, W: AsMut<Walk> + Unpin> Stream for Typed<T, W> {
    type Item = Result<T, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let record = ready!(Pin::new(&mut self.records).poll_next(cx));
        Poll::Ready(record.map(|record| {
            record?.parse().map_err(|cause| {
                let (page, index) = self.records.place();
                Error::Record { page, index, cause }
            })
        }))
    }
}
