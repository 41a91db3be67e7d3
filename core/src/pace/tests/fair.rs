//! Who is served when several wait.

use super::*;
use crate::pace::Window;
use crate::time::Millis;

struct Open;

impl Server for Open {
    fn arrive(&mut self, _: u64) -> Result<Headers, Headers> {
        Ok(Headers::new())
    }
}

#[test]
fn nobody_is_overtaken_much_however_many_wait() {
    let mut rng = Rng::new(Seed(3));
    for seed in 0..40 {
        let walks = 2 + rng.up_to(20) as usize;
        let window = Window { requests: 1 + rng.up_to(100), per: Millis(1000), burst: None };
        let limit = (rng.up_to(1) == 0).then(|| 1 + rng.up_to(3) as u32);
        let rules = Rules { windows: vec![window], burst: rng.up_to(1) == 0, in_flight: limit };
        let chance = Chance { timer: rng.up_to(9), way: 0, answer: (rng.up_to(50), rng.up_to(100)) };
        let mut open = Open;
        let mut world = World::new(&vec![rules.clone(); walks], &mut open, chance, seed);
        world.run(20_000);
        let most = world.passed_over;
        assert!(most <= 2 * (walks - 1), "{seed}: {most} of {walks}, {rules:?}, {}", world.granted.len());
        let each: Vec<usize> =
            (0..walks).map(|w| world.granted.iter().filter(|g| g.walk == w).count()).collect();
        let (least, most) = (each.iter().min().unwrap(), each.iter().max().unwrap());
        assert!(most <= &(5 + least * 2), "{seed}: {each:?}, {rules:?}");
    }
}

#[test]
fn slots_are_never_more_than_allowed_and_are_not_left_idle() {
    for walks in [1, 2, 5, 20] {
        for limit in [1, 3] {
            let rules = Rules { in_flight: Some(limit), ..Rules::default() };
            let chance = Chance { timer: 2, way: 0, answer: (40, 20) };
            let mut open = Open;
            let mut world = World::new(&vec![rules; walks], &mut open, chance, 4);
            world.run(60_000);
            let possible = 60_000 / 50 * walks.min(limit as usize);
            assert!(
                world.granted.len() * 100 >= possible * 75,
                "{walks}/{limit}: {} of {possible}",
                world.granted.len()
            );
        }
    }
}

#[test]
fn a_walk_that_does_not_come_is_not_waited_for() {
    let budget = Budget::new();
    let window = Window { requests: 10, per: Millis(1000), burst: None };
    let rules = Rules { windows: vec![window], ..Rules::default() };
    let mut members: Vec<_> = (0..3).map(|_| budget.join(&key(), &rules)).collect();
    assert_eq!(members[0].grant(Now::at(0)), Grant::Go);
    let at = |grant| match grant {
        Grant::NotBefore { at, .. } => at.0,
        Grant::Busy | Grant::Go => panic!("{grant:?}"),
    };
    let first = at(members[1].grant(Now::at(1)));
    let second = at(members[2].grant(Now::at(1)));
    assert!(second >= first + 100);
    // The first never comes; the second goes at its own time, and the first is still before it next time.
    assert_eq!(members[2].grant(Now::at(second)), Grant::Go);
    let third = at(members[2].grant(Now::at(second + 1)));
    let again = at(members[1].grant(Now::at(second + 2)));
    assert!(again < third + 1 && at(members[2].grant(Now::at(second + 3))) > again);
}

#[test]
fn a_dropped_walk_returns_its_slots_and_its_place() {
    let budget = Budget::new();
    let rules = Rules { in_flight: Some(1), ..Rules::default() };
    let mut members: Vec<_> = (0..3).map(|_| budget.join(&key(), &rules)).collect();
    assert_eq!(members[0].grant(Now::at(0)), Grant::Go);
    assert_eq!(members[1].grant(Now::at(0)), Grant::Busy);
    assert_eq!(members[2].grant(Now::at(0)), Grant::Busy);
    drop(members.remove(0));
    // Whoever is first has a moment to come for the slot.
    assert_eq!(members[1].grant(Now::at(5)), Grant::NotBefore { at: Tick(15), why: Wait::Pace });
    drop(members.remove(0));
    assert_eq!(members[0].grant(Now::at(6)), Grant::Go);
    // An answer more than there were requests changes nothing.
    members[0].answered();
    members[0].answered();
    let mut other = budget.join(&key(), &rules);
    assert_eq!(other.grant(Now::at(7)), Grant::Go);
    assert_eq!(members[0].grant(Now::at(8)), Grant::Busy);
}

#[test]
fn a_walk_that_waits_for_a_slot_and_never_comes_is_passed_by_for_good() {
    let budget = Budget::new();
    let window = Window { requests: 10, per: Millis(1000), burst: None };
    let rules = Rules { windows: vec![window], in_flight: Some(1), ..Rules::default() };
    let mut one = budget.join(&key(), &rules);
    let mut gone = budget.join(&key(), &rules);
    let (mut now, mut sent) = (0, 0);
    assert_eq!(one.grant(Now::at(0)), Grant::Go);
    assert!(matches!(gone.grant(Now::at(0)), Grant::NotBefore { .. }));
    assert_eq!(gone.grant(Now::at(200)), Grant::Busy);
    one.answered();
    while now < 10_000 {
        match one.grant(Now::at(now)) {
            Grant::Go => {
                sent += 1;
                one.answered();
            }
            Grant::NotBefore { at, .. } => now = at.0,
            Grant::Busy => panic!("nobody else sends"),
        }
    }
    assert!(sent >= 95, "{sent}");
}
