use super::*;
use crate::rng::Seed;

const POLICY: Policy = Policy {
    attempts: 6,
    base: Millis(500),
    cap: Millis(60_000),
    page_time: Millis(300_000),
    max_wait: Millis(900_000),
};

/// Fails again and again, each time as soon as it is tried, until it ends.
fn until_the_end(
    policy: &Policy,
    stated: Option<Millis>,
    throttled: bool,
    seed: u64,
) -> (Vec<Decision>, Tick) {
    let (mut rng, mut now) = (Rng::new(Seed(seed)), Tick(10_000));
    let mut tries = Tries::new(now);
    let mut decisions = Vec::new();
    loop {
        let decision = decide(policy, &mut tries, None, stated, throttled, None, &mut rng, now);
        decisions.push(decision);
        match decision {
            Decision::Again { at, .. } => now = at,
            Decision::GiveUp(_) => return (decisions, now),
        }
    }
}

#[test]
fn attempts_end_it_and_each_kind_of_trouble_may_have_fewer() {
    let (decisions, _) = until_the_end(&POLICY, None, false, 1);
    assert_eq!((decisions.len(), decisions[5]), (6, Decision::GiveUp(Reason::Attempts)));
    for (limit, expected) in [(1, 1), (2, 2), (3, 3), (9, 6)] {
        let (mut rng, mut tries) = (Rng::new(Seed(1)), Tries::new(Tick(0)));
        let mut decide = || decide(&POLICY, &mut tries, Some(limit), None, false, None, &mut rng, Tick(0));
        assert_eq!((1..20).find(|_| matches!(decide(), Decision::GiveUp(Reason::Attempts))), Some(expected));
    }
}

#[test]
fn the_same_seed_gives_the_same_waits() {
    let waits = |seed| until_the_end(&POLICY, None, false, seed).0;
    assert_eq!(waits(5), waits(5));
    assert_ne!(waits(5), waits(6));
}

#[test]
fn throttling_without_a_time_starts_at_a_second_and_costs_less() {
    let mut over_half = 0;
    for seed in 0..1000 {
        let (mut rng, mut tries) = (Rng::new(Seed(seed)), Tries::new(Tick(0)));
        let Decision::Again { at, why, charge } =
            decide(&POLICY, &mut tries, None, None, true, None, &mut rng, Tick(0))
        else {
            panic!("gave up")
        };
        assert_eq!((why, charge), (Why::Backoff, Charge::Throttled));
        assert!(at <= Tick(1000));
        over_half += u32::from(at > Tick(500));
    }
    assert!((400..600).contains(&over_half));
}

#[test]
fn a_stated_wait_is_obeyed_for_free_and_takes_no_page_time() {
    let (decisions, end) = until_the_end(&POLICY, Some(Millis(600_000)), true, 3);
    assert_eq!(decisions.len(), 6);
    for decision in &decisions[..5] {
        assert!(matches!(decision, Decision::Again { why: Why::RetryAfter, charge: Charge::Stated, .. }));
    }
    assert_eq!(decisions[5], Decision::GiveUp(Reason::Attempts));
    assert!((3_000_000..3_026_000).contains(&end.0), "{end:?}");
}

#[test]
fn a_stated_wait_of_nothing_still_backs_off() {
    let (decisions, _) = until_the_end(&POLICY, Some(Millis(0)), false, 3);
    assert!(matches!(decisions[0], Decision::Again { why: Why::Backoff, charge: Charge::Transient, .. }));
}

#[test]
fn too_long_a_wait_ends_it_at_once_and_says_until_when() {
    let give_up = |stated: u64, deadline: Option<u64>| {
        let (mut rng, mut tries) = (Rng::new(Seed(1)), Tries::new(Tick(0)));
        let deadline = deadline.map(Tick);
        decide(&POLICY, &mut tries, None, Some(Millis(stated)), true, deadline, &mut rng, Tick(1000))
    };
    let too_long = |at| Decision::GiveUp(Reason::WaitTooLong { retry_at: Tick(at) });
    assert_eq!(give_up(900_001, None), too_long(901_001));
    assert_eq!(give_up(u64::MAX, None), too_long(u64::MAX));
    assert!(matches!(give_up(900_000, None), Decision::Again { .. }));
    assert_eq!(give_up(60_000, Some(60_999)), too_long(61_000));
    // Chance adds nothing where the deadline leaves no room for it.
    assert!(matches!(give_up(60_000, Some(61_000)), Decision::Again { at: Tick(61_000), .. }));
}

#[test]
fn no_wait_ends_after_the_deadline() {
    for seed in 0..1000 {
        let (mut rng, mut tries) = (Rng::new(Seed(seed)), Tries::new(Tick(0)));
        let mut now = Tick(0);
        loop {
            match decide(&POLICY, &mut tries, None, None, false, Some(Tick(2000)), &mut rng, now) {
                Decision::Again { at, .. } => now = at,
                Decision::GiveUp(reason) => {
                    assert!(matches!(reason, Reason::Deadline | Reason::Attempts));
                    break;
                }
            }
            assert!(now <= Tick(2000));
        }
    }
}

#[test]
fn page_time_ends_it_but_obeyed_waits_are_not_counted() {
    let (mut rng, now) = (Rng::new(Seed(1)), Tick(400_000));
    let mut tries = Tries { attempts: 0, first: Tick(0), waited: Millis(0) };
    let mut decide =
        |tries: &mut Tries, stated| decide(&POLICY, tries, None, stated, false, None, &mut rng, now);
    assert_eq!(decide(&mut tries, None), Decision::GiveUp(Reason::PageTime));
    assert_eq!(decide(&mut tries, Some(Millis(5))), Decision::GiveUp(Reason::PageTime));
    tries.waited = Millis(200_000);
    assert!(matches!(decide(&mut tries, None), Decision::Again { .. }));
    let patient = Policy { attempts: 1000, page_time: Millis(60_000), ..POLICY };
    for seed in 0..200 {
        let (decisions, end) = until_the_end(&patient, None, false, seed);
        assert_eq!(decisions.last(), Some(&Decision::GiveUp(Reason::PageTime)));
        assert!(end <= Tick(70_000));
    }
}

#[test]
fn every_limit_is_met_to_the_millisecond() {
    let at_once = Policy { base: Millis::ZERO, ..POLICY };
    let decide = |stated: Option<u64>, deadline: Option<u64>, now| {
        let (mut rng, mut tries) = (Rng::new(Seed(1)), Tries::new(Tick(0)));
        let (stated, deadline) = (stated.map(Millis), deadline.map(Tick));
        decide(&at_once, &mut tries, None, stated, false, deadline, &mut rng, Tick(now))
    };
    let again = |why, charge, at| Decision::Again { at: Tick(at), why, charge };
    let backoff = |at| again(Why::Backoff, Charge::Transient, at);
    assert_eq!(decide(None, None, 300_000), backoff(300_000));
    assert_eq!(decide(None, None, 300_001), Decision::GiveUp(Reason::PageTime));
    assert_eq!(decide(Some(5), None, 300_000), again(Why::RetryAfter, Charge::Stated, 300_005));
    assert_eq!(decide(Some(5), None, 300_001), Decision::GiveUp(Reason::PageTime));
    assert_eq!(decide(None, Some(7), 7), backoff(7));
    assert_eq!(decide(None, Some(7), 8), Decision::GiveUp(Reason::Deadline));
}

#[test]
fn a_wait_that_is_obeyed_is_remembered_whole() {
    let (mut rng, mut tries) = (Rng::new(Seed(1)), Tries::new(Tick(0)));
    for (now, waited) in [(100, 9), (109, 18), (300, 27)] {
        let decision = decide(&POLICY, &mut tries, None, Some(Millis(9)), false, None, &mut rng, Tick(now));
        assert!(matches!(decision, Decision::Again { at, .. } if at == Tick(now + 9)));
        assert_eq!(tries.waited, Millis(waited));
    }
    assert_eq!(tries.attempts, 3);
}

#[test]
fn each_wait_may_be_twice_as_long_as_the_one_before() {
    let longest = |attempts: u32| {
        let waits = (0..2000).map(|seed| {
            let mut tries = Tries { attempts, first: Tick(0), waited: Millis::ZERO };
            let mut rng = Rng::new(Seed(seed));
            match decide(&POLICY, &mut tries, None, None, false, None, &mut rng, Tick(0)) {
                Decision::Again { at, .. } => at.0,
                Decision::GiveUp(reason) => panic!("{reason:?}"),
            }
        });
        waits.max().unwrap_or_default()
    };
    for (attempts, top) in [(0, 500), (1, 1000), (2, 2000), (4, 8000)] {
        let longest = longest(attempts);
        assert!(longest <= top && longest > top * 9 / 10, "{attempts}: {longest}");
    }
}

#[test]
fn what_a_try_costs_is_part_of_the_contract() {
    assert_eq!([Charge::Stated, Charge::Throttled, Charge::Transient].map(u32::from), [0, 5, 14]);
}
