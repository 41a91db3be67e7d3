//! Declared windows against servers that count every request.

use super::*;
use crate::pace::Window;
use crate::time::Millis;
use std::collections::VecDeque;

/// Counts exactly: never more than so many in any span of the window's length.
struct Log(Vec<(Window, VecDeque<u64>)>);

impl Log {
    fn of(windows: &[Window]) -> Log {
        Log(windows.iter().map(|w| (*w, VecDeque::new())).collect())
    }
}

impl Server for Log {
    fn arrive(&mut self, now: u64) -> Result<Headers, Headers> {
        let mut fits = true;
        for (window, seen) in &mut self.0 {
            // Answers overtake each other on the way, but the server has one order.
            while seen.front().is_some_and(|at| at + window.per.0 <= now) {
                seen.pop_front();
            }
            seen.push_back(now);
            fits &= seen.len() as u64 <= window.requests;
        }
        if fits { Ok(Headers::new()) } else { Err(Headers::new()) }
    }
}

const fn window(requests: u64, ms: u64) -> Window {
    Window { requests, per: Millis(ms), burst: None }
}

fn rules(windows: &[Window], burst: bool) -> Rules {
    Rules { windows: windows.to_vec(), burst, in_flight: None }
}

/// The share of the permitted rate that is used between two moments, in thousandths.
fn used(granted: &[Granted], window: Window, from: u64, to: u64) -> u64 {
    let count = granted.iter().filter(|g| (from..to).contains(&g.at)).count() as u64;
    count * window.per.0 * 1000 / (window.requests * (to - from))
}

#[test]
fn no_schedule_puts_more_into_a_window_than_declared() {
    let mut rng = Rng::new(Seed(11));
    for seed in 0..1500 {
        let windows: Vec<Window> = (0..=rng.up_to(2))
            .map(|_| {
                let requests = 1 + rng.up_to(60);
                let burst = (rng.up_to(3) == 0).then(|| 1 + rng.up_to(requests - 1));
                Window { burst, ..window(requests, 100 + rng.up_to(5000)) }
            })
            .collect();
        let rules = rules(&windows, rng.up_to(1) == 0);
        let walks = 1 + rng.up_to(7) as usize;
        let chance = Chance { timer: rng.up_to(30), way: 0, answer: (rng.up_to(200), rng.up_to(300)) };
        let mut log = Log::of(&windows);
        let mut world = World::new(&vec![rules.clone(); walks], &mut log, chance, seed);
        world.run(30_000);
        assert!(world.refused == 0, "{seed}: {rules:?}, {walks} walks");
        assert!(world.granted.len() > 3, "{seed}");
    }
}

#[test]
fn ninety_eight_percent_of_the_rate_are_used_by_one_and_by_several() {
    for (requests, per) in
        [(1, 1000), (7, 1000), (10, 1000), (100, 1000), (300, 1000), (100, 10_000), (100, 60_000)]
    {
        for walks in [1, 2, 20] {
            for burst in [false, true] {
                let window = window(requests, per);
                // One walk has to be answered in time to keep up.
                let answer = if walks == 1 { (1, 1) } else { (per / requests * 9 / 10, 2) };
                let chance = Chance { timer: 2, way: 0, answer };
                let mut log = Log::of(&[window]);
                let rules = vec![rules(&[window], burst); walks];
                let mut world = World::new(&rules, &mut log, chance, 5);
                let (from, to) = (per * 2, per * 42);
                world.run(to);
                let used = used(&world.granted, window, from, to);
                assert!(used >= 980, "{requests}/{per} ms, {walks} walks, burst {burst}: {used}");
                assert_eq!(world.refused, 0);
            }
        }
    }
}

#[test]
fn an_uneven_way_to_the_server_breaks_no_limit() {
    for (requests, per) in [(1, 1000), (10, 1000), (100, 10_000), (100, 60_000)] {
        for walks in [1, 4] {
            for burst in [false, true] {
                let window = window(requests, per);
                let chance = Chance { timer: 2, way: per / 128 - 1, answer: (1, 20) };
                let mut log = Log::of(&[window]);
                let mut world = World::new(&vec![rules(&[window], burst); walks], &mut log, chance, 9);
                world.run(per * 40);
                assert_eq!(world.refused, 0, "{requests}/{per} ms, {walks} walks, burst {burst}");
            }
        }
    }
}

#[test]
fn grants_are_taken_from_every_window_or_from_none() {
    // The long window refuses while the short one is free: its allowance must still be there afterwards.
    let windows = [window(5, 1000), Window { burst: Some(3), ..window(3, 100_000) }];
    let mut member =
        Budget::new().join(&key(), &Rules { windows: windows.to_vec(), burst: true, in_flight: None });
    let mut sent = Vec::new();
    for now in (0..110_000).step_by(10) {
        // One at a time, or all three would leave at once.
        if member.grant(Now::at(now)) == Grant::Go {
            sent.push(now);
        }
    }
    assert_eq!(sent[..3], [0, 10, 20]);
    let second = &sent[3..];
    assert!(second[0] > 100_000 && second[2] - second[0] == 20, "{sent:?}");
}

#[test]
fn walks_with_other_rules_keep_to_all_of_them_while_they_live() {
    let budget = Budget::new();
    let mut strict = budget.join(&key(), &rules(&[window(1, 10_000)], false));
    let mut free = budget.join(&key(), &Rules::default());
    assert_eq!(strict.grant(Now::at(0)), Grant::Go);
    assert!(matches!(free.grant(Now::at(1)), Grant::NotBefore { at, why: Wait::Pace } if at > Tick(10_000)));
    drop(strict);
    assert_eq!(free.grant(Now::at(2)), Grant::Go);
    // The server has counted on while nobody cared.
    let mut again = budget.join(&key(), &rules(&[window(1, 10_000)], false));
    assert!(matches!(again.grant(Now::at(3)), Grant::NotBefore { at, .. } if at > Tick(10_000)));
}

#[test]
fn a_window_of_nothing_limits_nothing() {
    let mut member = Budget::new().join(&key(), &rules(&[window(0, 1000), window(5, 0)], true));
    for now in 0..100 {
        assert_eq!(member.grant(Now::at(now)), Grant::Go);
    }
}
