//! Replays every file of `tests/vectors` against the core.

use everypage_conformance::vectors::format::{Vector, What};
use everypage_conformance::vectors::read as vectors;
use everypage_conformance::vectors::replay::replay;

#[test]
fn every_vector_replays_step_by_step() {
    let vectors = vectors().unwrap();
    let wrong: Vec<String> = vectors.iter().filter_map(|vector| replay(vector).err()).collect();
    println!("{} vectors", vectors.len());
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), vectors.len(), wrong.join("\n"));
    assert!(vectors.len() >= 80, "only {} vectors", vectors.len());
}

#[test]
fn at_least_a_dozen_vectors_look_at_the_checkpoint() {
    let vectors = vectors().unwrap();
    let looks = |vector: &&Vector| vector.steps.iter().any(|s| matches!(s.what, What::Checkpoint(_)));
    assert!(vectors.iter().filter(looks).count() >= 12);
}

#[test]
fn a_vector_that_is_one_millisecond_off_is_noticed() {
    let mut vector = vectors().unwrap().into_iter().find(|v| v.name == "retry_after_seconds").unwrap();
    let sleep = vector.steps.iter_mut().find_map(|step| match &mut step.what {
        What::Sleep(sleep) => Some(sleep),
        What::Send(_)
        | What::Deliver(_)
        | What::Blocked(_)
        | What::Authorize(_)
        | What::Finish(_)
        | What::Response(_)
        | What::Failure(_)
        | What::Acknowledge(_)
        | What::Credentials(_)
        | What::Stop(_)
        | What::Checkpoint(_) => None,
    });
    sleep.unwrap().until += 1;
    assert!(replay(&vector).is_err());
}
