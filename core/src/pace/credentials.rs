//! Credentials that walks share: asked for once per generation, whoever finds them refused first.

use super::queue::SeatId;
use crate::facts::Auth;

/// The answer to a walk whose credentials were refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ask {
    /// This walk has to fetch the generation after the refused one and to supply it.
    First,
    /// There are newer ones, of this generation, or it is known since then that there are none.
    Have(u32),
    /// Another walk is fetching them.
    Pending,
}

/// The credentials in use. Generation 0 are those of the source.
#[derive(Clone, Default)]
pub(super) struct Credentials {
    generation: u32,
    auth: Option<Auth>,
    asking: Option<SeatId>,
}

impl Credentials {
    /// The generation in use and, above 0, the credentials, or none if there are none to be had.
    pub(super) fn current(&self) -> (u32, Option<Auth>) {
        (self.generation, self.auth.clone())
    }

    /// Those of `refused` no longer do.
    pub(super) fn ask(&mut self, seat: SeatId, refused: u32) -> Ask {
        if self.generation > refused {
            return Ask::Have(self.generation);
        }
        if *self.asking.get_or_insert(seat) == seat { Ask::First } else { Ask::Pending }
    }

    /// Fresh ones have come. Of a generation that isn't newer they change nothing.
    pub(super) fn supply(&mut self, generation: u32, auth: Option<Auth>) {
        if generation > self.generation {
            *self = Credentials { generation, auth, asking: None };
        }
    }

    /// The walk is gone: if it was to fetch them, another one has to.
    pub(super) fn leave(&mut self, seat: SeatId) {
        if self.asking == Some(seat) {
            self.asking = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_walk_fetches_and_the_others_share() {
        let mut credentials = Credentials::default();
        assert!(credentials.current() == (0, None));
        assert_eq!(credentials.ask(1, 0), Ask::First);
        assert_eq!(credentials.ask(2, 0), Ask::Pending);
        assert_eq!(credentials.ask(1, 0), Ask::First);
        credentials.supply(1, Some(Auth::default()));
        assert_eq!(credentials.ask(2, 0), Ask::Have(1));
        assert!(credentials.current() == (1, Some(Auth::default())));
        assert_eq!(credentials.ask(2, 1), Ask::First);
        credentials.supply(1, None);
        assert!(credentials.current().1.is_some());
        credentials.supply(2, None);
        assert_eq!(credentials.ask(1, 1), Ask::Have(2));
        assert!(credentials.current() == (2, None));
    }

    #[test]
    fn a_walk_that_leaves_hands_the_errand_on() {
        let mut credentials = Credentials::default();
        assert_eq!(credentials.ask(1, 0), Ask::First);
        credentials.leave(2);
        assert_eq!(credentials.ask(2, 0), Ask::Pending);
        credentials.leave(1);
        assert_eq!(credentials.ask(2, 0), Ask::First);
    }
}
