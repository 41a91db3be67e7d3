//! Some thousand walks in seconds; the command does more.

use everypage_sim::{Drift, Style, Tally, run};

#[test]
fn no_walk_breaks_a_promise() {
    let mut tally = Tally::default();
    for seed in 1..=1500 {
        let outcome = run(seed, None, false);
        assert_eq!(outcome.violation, None, "seed {seed}");
        tally.add(&outcome);
    }
    assert!(tally.walks > 1500 && tally.crashes > 1000, "{} walks, {} crashes", tally.walks, tally.crashes);
}

#[test]
fn the_same_seed_gives_the_same_log_byte_for_byte() {
    for seed in 1..=60 {
        let (one, two) = (run(seed, None, true), run(seed, None, true));
        assert!(one.log.len() > 100);
        assert_eq!(one.log, two.log, "seed {seed}");
    }
}

#[test]
fn good_sources_are_complete_however_the_list_changes() {
    let drift = Drift::measure(6, 1);
    assert_eq!(drift.violations, []);
    for style in [
        Style::Offset,
        Style::Page,
        Style::CursorKey,
        Style::CursorSnapshot,
        Style::Keyset,
        Style::KeysetInclusive,
        Style::LinkPage,
        Style::LinkOffset,
        Style::LinkToken,
        Style::LongToken,
        Style::Single,
    ] {
        for rate in [0, 100, 500, 1000] {
            assert_eq!(drift.share(style, rate), 1000, "{} at {rate}\n{}", style.name(), drift.table());
        }
    }
}

#[test]
fn every_style_comes_to_its_end_by_itself() {
    for style in Style::ALL {
        let ended = (1..=40).filter(|seed| !run(*seed, Some(style), false).verdicts.is_empty()).count();
        assert_eq!(ended, 40, "{}", style.name());
    }
}
