//! A process killed at every operation on the files of [`Jsonl`], again and again, with the power failing or not. It is
//! the real sink on real files: the tape knows what it did to them, and what a crash at each moment would leave is put
//! back into a folder for the next one to go on with.

use super::testing::{Folder, Forget, fail_after, is_pending, record, recorded};
use super::{Jsonl, Sink};
use crate::error::Error;
use everypage_conformance::kill::{Explored, Op, Store, Tape, explore, pull};
use everypage_conformance::world::World;
use everypage_core::checkpoint::Checkpoint;
use everypage_core::facts::Verdict;
use everypage_core::source::{Fill, Source};
use everypage_core::walk::{Page, Report};

const ROWS: u64 = 7;
const FILE: &str = "rows.jsonl";

/// The sink as the harness drives it: as [`crate::Walk::into_sink`] does.
struct Driven(Jsonl);

fn told<T>(result: Result<T, Error>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}

impl Store for Driven {
    fn open(&mut self, source: &Source) -> Result<Option<Checkpoint>, String> {
        told(self.0.open(source)).map(|opened| opened.checkpoint)
    }

    fn begin(&mut self, checkpoint: Checkpoint) -> Result<(), String> {
        told(self.0.begin(checkpoint))
    }

    fn page(&mut self, page: &Page) -> Result<(), String> {
        told(self.0.page(page))
    }

    fn commit(&mut self, checkpoint: Checkpoint) -> Result<(), String> {
        told(self.0.commit(checkpoint))
    }

    fn end(&mut self, verdict: Verdict, checkpoint: Checkpoint) -> Result<(), String> {
        told(self.0.end(verdict, checkpoint))
    }
}

fn source(style: &str) -> Source {
    let pagination = match style {
        "cursor" => r#"{"style":"cursor","read":"body:/next","write":"query:after","stable":"key"}"#,
        _ => r#"{"style":"offset"}"#,
    };
    let text = format!(
        r#"{{"request":{{"url":"https://api.example.com/{style}"}},"records":"/data","id":"/id",
            "size":{{"write":"query:limit","value":3}},"pagination":{pagination},
            "order":{{"by":"/id","direction":"desc","immutable":true}}}}"#
    );
    Source::from_json(&text, &Fill::none()).unwrap()
}

/// The file as it has to be.
fn expected() -> String {
    let row = |id| format!("{{\"id\":{id},\"name\":\"lead {id}\",\"score\":{}}}\n", id * 7919 % 10_007);
    (1..=ROWS).rev().map(row).collect::<Vec<_>>().concat()
}

/// Tries every kill. `forget` are operations that are left out of the tape: mistakes that the search has to find.
fn kills(style: &str, every: u64, depth: u32, forget: Forget) -> Result<Explored, String> {
    let source = source(style);
    let mut first: Option<Report> = None;
    explore(depth, |files| {
        let folder = Folder::quick();
        record(&folder, files, forget);
        let mut steps = 0;
        let mut sink = Driven(Jsonl::resume(folder.path(FILE)));
        let ended = pull(&source, &mut sink, &mut World::new(ROWS, 1), every, &mut steps);
        drop(sink);
        let tape = recorded();
        let report = ended?;
        same(&tape, &folder)?;
        let said = |report: &Report| (report.verdict, report.basis, report.counts.records);
        let first = first.get_or_insert_with(|| report.clone());
        if said(&report) != said(first) {
            return Err(format!("it ends as {:?}, not as {:?}", said(&report), said(first)));
        }
        let stored = std::fs::read_to_string(folder.path(FILE)).map_err(|error| error.to_string())?;
        if stored != expected() {
            return Err(format!("stored are {stored}"));
        }
        if folder.names() != [FILE, "rows.jsonl.checkpoint", "rows.jsonl.checkpoint.previous"] {
            return Err(format!("left are {:?}", folder.names()));
        }
        Ok((tape, steps))
    })
}

/// The tape has noted everything that was done.
fn same(tape: &Tape, folder: &Folder) -> Result<(), String> {
    let noted: Vec<String> = tape.files.each().map(|(name, _, _)| name.to_owned()).collect();
    if noted != folder.names() {
        return Err(format!("noted {noted:?}, there are {:?}", folder.names()));
    }
    for (name, _, content) in tape.files.each() {
        if std::fs::read(folder.path(name)).map_err(|error| error.to_string())? != content {
            return Err(format!("{name} is not what was noted"));
        }
    }
    Ok(())
}

fn nothing(_: &Op) -> bool {
    false
}

#[test]
fn a_file_of_lines_is_whole_after_any_two_kills() {
    for (style, every, depth) in [("cursor", 1, 2), ("cursor", 2, 2), ("offset", 1, 1)] {
        let told = kills(style, every, depth, nothing).unwrap();
        println!(
            "appendable     {style:17} commit every {every}: {:6} kill points, {:7} crashes, {:6} states, up to {} kills{}",
            told.points,
            told.crashes,
            told.states,
            told.kills,
            if told.closed { ", closed: any number of kills" } else { "" }
        );
        assert!(told.states > 100);
    }
}

#[test]
fn without_any_one_of_its_syncs_the_file_is_lost_and_the_search_finds_it() {
    let mistakes: [Forget; 3] = [
        |op| matches!(op, Op::Sync(name) if name == FILE),
        |op| matches!(op, Op::Sync(name) if name.ends_with("checkpoint.tmp")),
        |op| matches!(op, Op::SyncNames),
    ];
    for (number, forget) in mistakes.into_iter().enumerate() {
        assert!(kills("cursor", 1, 1, forget).is_err(), "mistake {number} is not found");
    }
}

#[test]
fn whichever_operation_fails_the_walk_says_so_and_goes_on_from_what_is_there() {
    let source = source("cursor");
    let pull_into = |folder: &Folder| {
        let mut sink = Driven(Jsonl::resume(folder.path(FILE)));
        pull(&source, &mut sink, &mut World::new(ROWS, 1), 1, &mut 0)
    };
    let (mut failed, mut borne) = (0, 0);
    for operation in 0.. {
        let folder = Folder::quick();
        fail_after(Some(operation));
        let ended = pull_into(&folder);
        if is_pending() {
            fail_after(None);
            ended.unwrap();
            break;
        }
        match ended {
            Err(error) => {
                assert!(error.contains("rows.jsonl"), "{error}");
                failed += 1;
            }
            // A second name can be had by copying, and a lock file may stay behind.
            Ok(_) => borne += 1,
        }
        pull_into(&folder).unwrap();
        assert_eq!(std::fs::read_to_string(folder.path(FILE)).unwrap(), expected(), "operation {operation}");
    }
    println!(
        "{failed} operations failed and ended the walk, {borne} were borne; each walk went on to its end"
    );
    assert!(failed > 30 && borne < 10);
}
