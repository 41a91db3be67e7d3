//! The conformance vectors: transcripts with exact times that every language replays.
//!
//! A scenario is a source, a small scripted server and how the walk must end; [`record`] runs it in virtual time
//! and writes every step down; [`replay`] plays it again.

mod counting;
pub mod format;
mod pacing;
mod paging;
pub mod record;
pub mod replay;
mod resume;
mod seams;
mod security;
mod server;
mod shapes;
mod trouble;

use format::Vector;
use record::Book;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// All vectors.
///
/// # Errors
/// What came out otherwise than its scenario says, one line each.
pub fn all() -> Result<Vec<Vector>, Vec<String>> {
    let mut book = Book::default();
    paging::add(&mut book);
    counting::add(&mut book);
    shapes::add(&mut book);
    trouble::add(&mut book);
    pacing::add(&mut book);
    seams::add(&mut book);
    security::add(&mut book);
    resume::add(&mut book);
    for vector in &book.vectors {
        let played = replay::replay(vector).err();
        book.wrong.extend(played);
    }
    if book.wrong.is_empty() { Ok(book.vectors) } else { Err(book.wrong) }
}

/// The files of the directory: names and texts.
///
/// # Errors
/// As [`all`].
pub fn files() -> Result<Vec<(String, String)>, Vec<String>> {
    let vectors = all()?;
    let mut files: Vec<(String, String)> =
        vectors.iter().map(|vector| (format!("{}.json", vector.name), vector.to_text())).collect();
    files.push(("README.md".to_owned(), readme(&vectors)));
    Ok(files)
}

/// The vectors as they stand in `tests/vectors`, by name.
///
/// # Errors
/// A file that can't be read, or is no vector.
pub fn read() -> io::Result<Vec<Vector>> {
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

const FORMAT: &str = "\
# Conformance vectors

Transcripts of the machine: at this tick expect this step, then give this answer. Rust, JavaScript and Python replay
the same files, so a wrong unit, a lost row or another byte in a request shows in each of them. Written by
`cargo run -p everypage-conformance --bin vectors`; never edit them by hand.

One file is one walk: `name`, `why`, `source`, `vars` and `auth` (if any), `seed`, `start` (`tick`, and `unix` in
milliseconds or null for a host without a wall clock), `checkpoint` (if it resumes from one) and `steps`. Wall time
goes on with the ticks. Each step has `at`, the tick, and one of

| member | what to do |
|---|---|
| `send` | poll; expect this request: `ticket`, `method`, `url`, `headers`, `body` (text or null), `deadline` |
| `deliver` | poll; expect these `records`, each its JSON text, of page `page`, the `number`th response |
| `sleep` | poll; expect a sleep `until` a tick, and `why`: `backoff`, `pace`, `retry_after` |
| `blocked` | poll; expect to be blocked on `acknowledgement`, `answer`, `budget` or `credentials` |
| `authorize` | poll; expect to be asked for credentials of this generation |
| `finish` | poll; expect this report, its `version` replaced by `VERSION` |
| `checkpoint` | expect exactly this text from `checkpoint` |
| `response` | hand in an answer: `ticket`, `status`, `headers`, `body` or `body_base64`; `headers_hidden` and `url` (what the host really asked) if given |
| `failure` | hand in a failure: `ticket`, `kind` (its stable name), no detail |
| `acknowledge` | the page is stored |
| `credentials` | hand in fresh credentials for `generation`; `auth` null: there are none |
| `stop` | the caller stops the walk |

Headers are lists of name and value, in order. Reports compare as JSON values, everything else as text or number.
";

fn readme(vectors: &[Vector]) -> String {
    let mut out = format!("{FORMAT}\n{} vectors:\n\n| name | why |\n|---|---|\n", vectors.len());
    for vector in vectors {
        let _ = writeln!(out, "| `{}` | {} |", vector.name, vector.why.replace('|', "\\|"));
    }
    out
}
