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
