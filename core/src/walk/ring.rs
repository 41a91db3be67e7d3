//! The last bridged windows: what contact is judged by, and where repeated records can still be compared.

use crate::dedup::Key;
use crate::json::Span;
use std::collections::VecDeque;
use std::sync::Arc;

/// One accepted window.
#[derive(Debug)]
pub(super) struct Segment {
    /// Keys of its rows, in order.
    pub keys: Vec<Key>,
    /// What the rows looked like, while the process lives.
    pub bytes: Option<Bytes>,
}

/// The body of a window, and where its records and their order values stand in it.
#[derive(Debug)]
pub(super) struct Bytes {
    pub body: Arc<Vec<u8>>,
    pub records: Vec<Span>,
    pub orders: Vec<Span>,
}

/// A row met before.
#[derive(Clone, Copy)]
pub(super) struct Met<'a> {
    pub record: &'a [u8],
    pub order: Option<&'a [u8]>,
}

/// The last windows, oldest first.
#[derive(Clone, Debug, Default)]
pub(super) struct Ring(VecDeque<Arc<Segment>>);

/// Windows kept.
const WINDOWS: usize = 4;
/// Keys a checkpoint keeps of them.
const KEPT: usize = 500;

impl Ring {
    pub(super) fn push(&mut self, segment: Segment) {
        if segment.keys.is_empty() {
            return;
        }
        self.0.push_back(Arc::new(segment));
        if self.0.len() > WINDOWS {
            self.0.pop_front();
        }
    }

    /// The key of the last bridged row.
    pub(super) fn last(&self) -> Option<Key> {
        self.0.back().and_then(|s| s.keys.last().copied())
    }

    /// The key the last bridged window began with.
    pub(super) fn first_of_last(&self) -> Option<Key> {
        self.0.back().and_then(|s| s.keys.first().copied())
    }

    /// Every key kept.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        self.0.iter().flat_map(|s| s.keys.iter().copied())
    }

    /// Whether the key stands in a window kept; the newest rows are looked at first.
    pub(super) fn holds(&self, key: Key) -> bool {
        self.0.iter().rev().any(|s| s.keys.iter().rev().any(|k| *k == key))
    }

    /// What that key's row looked like, if it is still there.
    pub(super) fn met(&self, key: Key) -> Option<Met<'_>> {
        self.0.iter().rev().find_map(|segment| {
            let bytes = segment.bytes.as_ref()?;
            let index = segment.keys.iter().rposition(|k| *k == key)?;
            let record = bytes.records.get(index)?.slice(&bytes.body);
            Some(Met { record, order: bytes.orders.get(index).map(|span| span.slice(&bytes.body)) })
        })
    }

    /// The keys as texts, for a checkpoint.
    ///
    /// Only the newest ones: enough to meet one again, few enough that a checkpoint doesn't grow with the page size.
    pub(super) fn state(&self) -> Vec<Vec<String>> {
        let mut room = KEPT;
        let mut windows = Vec::new();
        for segment in self.0.iter().rev() {
            let from = segment.keys.len().saturating_sub(room);
            let keys: Vec<String> = segment.keys.iter().skip(from).map(Key::to_text).collect();
            room -= keys.len();
            if !keys.is_empty() {
                windows.push(keys);
            }
        }
        windows.reverse();
        windows
    }

    /// The ring a checkpoint kept; unreadable keys are left out.
    pub(super) fn from_state(windows: &[Vec<String>]) -> Ring {
        let segment = |keys: &Vec<String>| {
            let keys = keys.iter().filter_map(|k| Key::from_text(k)).collect();
            Arc::new(Segment { keys, bytes: None })
        };
        Ring(windows.iter().map(segment).filter(|s| !s.keys.is_empty()).collect())
    }
}
