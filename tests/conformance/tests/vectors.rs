//! Replays every file of `tests/vectors` against the core.

use everypage_conformance::vectors::format::{Vector, What};
use everypage_conformance::vectors::replay::replay;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// Every vector of the directory, by name.
fn vectors() -> io::Result<Vec<Vector>> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors");
    let mut paths = fs::read_dir(dir)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "json"));
    paths.sort();
    let read = |path: &PathBuf| {
        serde_json::from_str(&fs::read_to_string(path)?)
            .map_err(|e| io::Error::other(format!("{}: {e}", path.display())))
    };
    paths.iter().map(read).collect()
}

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
