//! Churn: the list changes between requests, the same way every time.

use crate::{chance::draw, fault::BadFlag};
use std::str::FromStr;

/// One kind of change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// Rows are gone.
    Delete,
    /// New rows at the young end.
    Insert,
    /// Rows hold other values; their order stays.
    Update,
}

/// Which rows are deleted or updated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Any, by chance.
    Anywhere,
    /// The youngest: the head of the list as it is served by default.
    Head,
    /// The oldest.
    Tail,
}

/// The rule of change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Churn {
    /// An event before every so many list requests; at least 1.
    pub every: u64,
    /// Rows per event.
    pub size: u64,
    /// What the events are, in turn.
    pub turns: Vec<Change>,
    /// Where rows are deleted and updated.
    pub place: Place,
    /// Events after which the list stands still.
    pub events: u64,
}

impl Default for Churn {
    fn default() -> Churn {
        let turns = vec![Change::Insert, Change::Delete, Change::Update];
        Churn { every: 5, size: 10, turns, place: Place::Anywhere, events: u64::MAX }
    }
}

/// What has happened so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Happened {
    pub(crate) requests: u64,
    pub(crate) events: u64,
    pub(crate) inserted: u64,
    pub(crate) deleted: u64,
    pub(crate) updated: u64,
    /// The youngest sequence number ever given away.
    youngest: u64,
    draws: u64,
}

impl Churn {
    /// `insert`, `delete`, `update`, several in turn with `+`, or `mixed` for all three.
    pub fn parse_turns(text: &str) -> Result<Vec<Change>, BadFlag> {
        if text == "mixed" {
            return Ok(Churn::default().turns);
        }
        text.split('+').map(str::parse).collect()
    }

    /// One more request: perhaps an event. `render` is told of every row that is new or different.
    pub(crate) fn tick(
        &self,
        happened: &mut Happened,
        living: &mut Vec<u64>,
        seed: u64,
        mut render: impl FnMut(u64, u64),
    ) {
        happened.requests += 1;
        if !happened.requests.is_multiple_of(self.every.max(1)) || happened.events >= self.events {
            return;
        }
        let turn = (happened.events as usize).checked_rem(self.turns.len()).and_then(|at| self.turns.get(at));
        happened.events += 1;
        for _ in 0..self.size {
            match turn {
                Some(Change::Insert) => {
                    let seq = living.last().copied().unwrap_or(0).max(happened.youngest) + 1;
                    happened.youngest = seq;
                    render(seq, 0);
                    living.push(seq);
                    happened.inserted += 1;
                }
                Some(Change::Delete) => {
                    if let Some(at) = self.pick(happened, living.len(), seed) {
                        let seq = living.remove(at);
                        happened.youngest = happened.youngest.max(seq);
                        happened.deleted += 1;
                    }
                }
                Some(Change::Update) => {
                    if let Some(&seq) = self.pick(happened, living.len(), seed).and_then(|at| living.get(at))
                    {
                        happened.updated += 1;
                        render(seq, happened.updated);
                    }
                }
                None => {}
            }
        }
    }

    fn pick(&self, happened: &mut Happened, len: usize, seed: u64) -> Option<usize> {
        happened.draws += 1;
        match self.place {
            Place::Anywhere => {
                usize::try_from(draw(seed, 0xc4, happened.draws).checked_rem(len as u64)?).ok()
            }
            Place::Head => len.checked_sub(1),
            Place::Tail => (len > 0).then_some(0),
        }
    }
}

impl FromStr for Change {
    type Err = BadFlag;
    fn from_str(text: &str) -> Result<Change, BadFlag> {
        match text {
            "delete" => Ok(Change::Delete),
            "insert" => Ok(Change::Insert),
            "update" => Ok(Change::Update),
            _ => Err(BadFlag(format!("{text:?} is no change: insert, delete, update, or mixed"))),
        }
    }
}

impl FromStr for Place {
    type Err = BadFlag;
    fn from_str(text: &str) -> Result<Place, BadFlag> {
        match text {
            "anywhere" => Ok(Place::Anywhere),
            "head" => Ok(Place::Head),
            "tail" => Ok(Place::Tail),
            _ => Err(BadFlag(format!("{text:?} is no place: anywhere, head or tail"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(churn: &Churn, requests: u64) -> (Vec<u64>, Happened, Vec<(u64, u64)>) {
        let (mut living, mut happened, mut rendered) = ((1..=20).collect(), Happened::default(), Vec::new());
        for _ in 0..requests {
            churn.tick(&mut happened, &mut living, 1, |seq, revision| rendered.push((seq, revision)));
        }
        (living, happened, rendered)
    }

    #[test]
    fn events_come_in_turn_and_repeat() {
        let churn = Churn { every: 2, size: 3, ..Churn::default() };
        let (living, happened, rendered) = run(&churn, 6);
        assert_eq!((happened.inserted, happened.deleted, happened.updated), (3, 3, 3));
        assert_eq!(rendered.len(), 6);
        assert_eq!(living.len(), 20);
        assert_eq!(run(&churn, 6).0, living);
        assert_eq!(run(&churn, 1).1.events, 0);
    }

    #[test]
    fn a_number_is_never_given_twice() {
        let turns = vec![Change::Insert, Change::Delete];
        let churn = Churn { every: 1, size: 2, turns, place: Place::Head, events: 5 };
        let (living, happened, rendered) = run(&churn, 50);
        assert_eq!(happened.events, 5);
        assert_eq!(rendered, [(21, 0), (22, 0), (23, 0), (24, 0), (25, 0), (26, 0)]);
        assert_eq!(living.last(), Some(&26));
    }

    #[test]
    fn an_emptied_list_stays_empty() {
        let churn = Churn { every: 1, size: 50, turns: vec![Change::Delete], ..Churn::default() };
        assert_eq!(run(&churn, 3).0, Vec::<u64>::new());
    }
}
