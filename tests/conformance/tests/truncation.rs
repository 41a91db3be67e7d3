//! Each recorded page cut at every byte and offered as a whole answer: none is accepted. A cut JSON text never parses,
//! so only what is missing nothing but blanks at its end is the page.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::wildcard_enum_match_arm,
    reason = "a test says so by panicking"
)]

use everypage_conformance::vectors::format::{Response, Vector, What};
use everypage_conformance::vectors::{read, replay};
use everypage_core::facts::Verdict;
use everypage_core::source::Source;
use everypage_core::time::Now;
use everypage_core::walk::{Step, Ticket, Walk};

/// Pages of one vector that are cut: its first ones and its last.
const A_VECTOR: usize = 3;

/// The walk of a vector just before the step.
fn before(vector: &Vector, source: &Source, step: usize) -> Walk {
    let mut walk = replay::start(vector, source.clone()).unwrap();
    for step in &vector.steps[..step] {
        replay::play(vector, &mut walk, step).unwrap();
    }
    walk
}

/// Hands in the answer with this body; returns how many pages it brought, and what the walk does then.
fn hand_in(walk: &mut Walk, answer: &Response, body: &[u8], now: Now) -> (u64, Step) {
    let before = walk.progress().pages;
    let whole = replay::answer(answer).unwrap();
    let cut = everypage_core::http::Response { body: body.to_vec(), ..whole };
    walk.handle_response(Ticket(answer.ticket), cut, now).unwrap();
    (walk.progress().pages - before, walk.poll(now))
}

/// Whether the list has ended by this step, as far as the walk knows.
fn ended(step: &Step) -> bool {
    match step {
        Step::Finish(report) => !matches!(report.verdict, Verdict::Failed | Verdict::Stopped),
        Step::Authorize(_) | Step::Blocked(_) | Step::Deliver(_) | Step::Send(_) | Step::Sleep { .. } => {
            false
        }
    }
}

#[test]
fn no_page_that_was_cut_is_accepted_wherever_it_was_cut() {
    let (mut pages, mut cuts, mut blank) = (0, 0, 0);
    for vector in &read().unwrap() {
        let Ok(source) = replay::source(vector) else { continue };
        let answers: Vec<(usize, &Response)> = vector
            .steps
            .iter()
            .enumerate()
            .filter_map(|(at, step)| match &step.what {
                What::Response(answer) if answer.status == 200 => Some((at, answer)),
                _ => None,
            })
            .collect();
        let last = answers.len().saturating_sub(1);
        for (nth, (at, answer)) in answers.into_iter().enumerate() {
            let now = replay::now(vector, vector.steps[at].at);
            // With an end of line, as many servers send it: without it the page is whole all the same.
            let body = [replay::answer(answer).unwrap().body, b"\n".to_vec()].concat();
            if body.len() > 4000 || (nth + 1 >= A_VECTOR && nth != last) {
                continue;
            }
            // It may bring those behind it, too, which were there first.
            let (whole, _) = hand_in(&mut before(vector, &source, at), answer, &body, now);
            if whole == 0 {
                continue;
            }
            pages += 1;
            for length in 0..body.len() {
                let (brought, then) = hand_in(&mut before(vector, &source, at), answer, &body[..length], now);
                if body[length..].iter().all(u8::is_ascii_whitespace) {
                    assert_eq!(brought, whole, "{}: only blanks are missing", vector.name);
                    blank += 1;
                    continue;
                }
                cuts += 1;
                let cut = String::from_utf8_lossy(&body[..length]);
                assert_eq!(brought, 0, "{} step {}: {cut} is taken for a page", vector.name, at + 1);
                assert!(!ended(&then), "{} step {}: {cut} ends the list", vector.name, at + 1);
            }
        }
    }
    println!(
        "{pages} recorded pages cut at every byte: {cuts} cuts, 0 accepted; {blank} lacked only a blank"
    );
    assert!(pages >= 50 && cuts > 5000);
}
