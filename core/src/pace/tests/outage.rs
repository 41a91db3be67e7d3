//! An origin that answers nobody for a while.

use super::*;
use crate::time::Millis;

/// Fifty walks, each of which tries again after up to two seconds when it fails, and stops after ten pages.
struct Storm {
    members: Vec<Member>,
    pages: Vec<u32>,
    events: BTreeMap<(u64, u64), (usize, bool)>,
    count: u64,
    blocked: BTreeSet<usize>,
    rng: Rng,
    sent: Vec<u64>,
    at_once: usize,
}

impl Storm {
    fn new(walks: usize) -> Storm {
        let budget = Budget::new();
        let members: Vec<_> = (0..walks).map(|_| budget.join(&key(), &Rules::default())).collect();
        let mut storm = Storm {
            members,
            pages: vec![0; walks],
            events: BTreeMap::new(),
            count: 0,
            blocked: BTreeSet::new(),
            rng: Rng::new(Seed(8)),
            sent: Vec::new(),
            at_once: 0,
        };
        (0..walks).for_each(|walk| storm.later(walk as u64, walk, false));
        storm
    }

    fn later(&mut self, at: u64, walk: usize, answer: bool) {
        self.count += 1;
        self.events.insert((at, self.count), (walk, answer));
    }

    /// Runs until all walks have their pages. The origin is down between the two times. Gives the end.
    fn run(&mut self, down: u64, up: u64) -> u64 {
        let mut last = 0;
        while let Some(((now, _), (walk, answer))) = self.events.pop_first() {
            last = now;
            if answer {
                self.members[walk].answered();
                if (down..up).contains(&now) {
                    self.members[walk].failed(Tick(now));
                    let pause = self.rng.up_to(2000);
                    self.later(now + pause, walk, false);
                } else {
                    self.members[walk].succeeded();
                    self.pages[walk] += 1;
                    if self.pages[walk] < 10 {
                        self.later(now, walk, false);
                    }
                }
                for waiting in std::mem::take(&mut self.blocked) {
                    self.later(now, waiting, false);
                }
                continue;
            }
            match self.members[walk].grant(Now::at(now)) {
                Grant::Go => {
                    self.sent.push(now);
                    let takes = 100 + self.rng.up_to(50);
                    self.later(now + takes, walk, true);
                    self.at_once =
                        self.at_once.max(self.events.values().filter(|(_, answer)| *answer).count());
                }
                Grant::NotBefore { at, why } => {
                    assert!(at.0 > now && why != Wait::Stated);
                    self.later(at.0, walk, false);
                }
                Grant::Busy => {
                    self.blocked.insert(walk);
                }
            }
        }
        last
    }
}

#[test]
fn a_long_outage_sees_few_requests_and_afterwards_everybody_finishes() {
    let mut storm = Storm::new(50);
    let (down, up) = (300, 600_000);
    let end = storm.run(down, up);
    assert!(storm.pages.iter().all(|pages| *pages == 10));
    assert!(storm.blocked.is_empty());
    let during = storm.sent.iter().filter(|at| (down..up).contains(at)).count();
    // All that were on the wire or about to leave, and then one at a time, less and less often.
    assert!(during <= 2 * 50 + 20, "{during}");
    assert!(end < up + 60_000 + 10_000, "{end}");
}

#[test]
fn a_try_that_never_comes_back_is_taken_over() {
    let budget = Budget::new();
    let mut members: Vec<_> = (0..3).map(|_| budget.join(&key(), &Rules::default())).collect();
    for n in 0..10 {
        assert_eq!(members[n % 3].grant(Now::at(0)), Grant::Go);
        members[n % 3].answered();
        members[n % 3].failed(Tick(0));
    }
    let until = Grant::NotBefore { at: Tick(500), why: Wait::Circuit };
    for member in &mut members {
        assert_eq!(member.grant(Now::at(1)), until);
    }
    assert_eq!(members[0].grant(Now::at(500)), Grant::Go);
    assert_eq!(members[1].grant(Now::at(500)), Grant::Busy);
    drop(members.remove(0));
    assert_eq!(members[0].grant(Now::at(501)), Grant::Go);
    members[0].answered();
    members[0].failed(Tick(600));
    let later = Tick(600).after(Millis(1000));
    assert_eq!(members[1].grant(Now::at(600)), Grant::NotBefore { at: later, why: Wait::Circuit });
}
