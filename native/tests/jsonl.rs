//! The JSONL sink: what a crash at any moment leaves behind can be gone on from, and nothing else is touched.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::format_collect, reason = "tests")]

mod support;

use everypage::sink::{Jsonl, Sink};
use everypage::{Client, Error, ErrorKind, Fill, Report, Source, Verdict};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;
use support::{Server, answer, ok};

/// A fresh folder that goes away with its test.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Folder {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let path = std::env::temp_dir().join(format!(
            "everypage-jsonl-{}-{}",
            std::process::id(),
            COUNT.fetch_add(1, Ordering::Relaxed)
        ));
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("leads.jsonl")
    }

    fn checkpoint(&self) -> PathBuf {
        self.0.join("leads.jsonl.checkpoint")
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(&self.0).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// 400 leads, ten a page; the server fails from `broken` on while the switch is on.
fn list(broken: u64, on: Arc<AtomicBool>) -> Server {
    Server::start(move |head, stream| {
        let from: u64 = head
            .split("cursor=")
            .nth(1)
            .map_or(0, |rest| rest.split([' ', '&']).next().unwrap().parse().unwrap());
        if from >= broken && on.load(Ordering::SeqCst) {
            return stream.write_all(&answer("404 Not Found", "", "{}")).is_ok();
        }
        let rows: Vec<String> =
            (from..from + 10).map(|n| format!("{{\"id\":\"lead-{n:04}\",\n \"n\":{n}}}")).collect();
        let next = if from + 10 < 400 { format!("\"{}\"", from + 10) } else { "null".to_owned() };
        stream.write_all(&ok(&format!("{{\"data\":[{}],\"next\":{next}}}", rows.join(",")))).is_ok()
    })
}

fn source(server: &Server) -> Source {
    let text = format!(
        r#"{{"name":"leads","request":{{"url":"{}"}},"records":"/data","id":"/id",
            "pagination":{{"style":"cursor","read":"body:/next","write":"query:cursor"}}}}"#,
        server.url("/leads")
    );
    Source::from_json(&text, &Fill::none()).unwrap()
}

async fn pull(server: &Server, sink: Jsonl) -> Result<Report, Error> {
    Client::new().unwrap().walk(source(server)).into_sink(sink).await
}

fn whole() -> String {
    (0..400).map(|n| format!("{{\"id\":\"lead-{n:04}\",  \"n\":{n}}}\n")).collect()
}

/// A pull that broke off at row 200, and the switch that mends the server.
async fn half(folder: &Folder) -> Server {
    let on = Arc::new(AtomicBool::new(true));
    let server = list(200, on.clone());
    let error = pull(&server, Jsonl::create(folder.file())).await.unwrap_err();
    assert_eq!(error.kind(), Some(ErrorKind::HttpStatus));
    on.store(false, Ordering::SeqCst);
    assert_eq!(fs::read_to_string(folder.file()).unwrap().lines().count(), 200);
    server
}

async fn resume(server: &Server, folder: &Folder) -> Result<Report, Error> {
    pull(server, Jsonl::resume(folder.file())).await
}

#[tokio::test]
async fn a_whole_list_becomes_a_file_of_lines() {
    let folder = Folder::new();
    let server = list(0, Arc::default());
    let report = pull(&server, Jsonl::create(folder.file())).await.unwrap();
    assert_eq!(report.counts.records, 400);
    let sink = report.sink.unwrap();
    assert_eq!((sink.class.as_str(), sink.path), ("appendable", Some(folder.file().display().to_string())));
    assert_eq!(report.checkpoint, Some(folder.checkpoint().display().to_string()));
    assert_eq!(
        fs::read_to_string(folder.file()).unwrap(),
        whole(),
        "line breaks inside records became spaces"
    );
    assert_eq!(folder.names(), ["leads.jsonl", "leads.jsonl.checkpoint", "leads.jsonl.checkpoint.previous"]);

    // Once more: the checkpoint says that the walk is over, and nothing is asked.
    let asked = server.heads().len();
    let again = resume(&server, &folder).await.unwrap();
    assert_eq!((again.verdict, again.counts.records), (Verdict::Unproven, 400));
    assert_eq!(server.heads().len(), asked);
    assert_eq!(fs::read_to_string(folder.file()).unwrap(), whole());
}

#[tokio::test]
async fn a_broken_pull_goes_on_where_it_stood() {
    let folder = Folder::new();
    let server = half(&folder).await;
    let report = resume(&server, &folder).await.unwrap();
    assert_eq!(report.counts.records, 400);
    assert_eq!(fs::read_to_string(folder.file()).unwrap(), whole());
}

#[tokio::test]
async fn resuming_nothing_starts_anew() {
    let folder = Folder::new();
    let server = list(0, Arc::default());
    assert_eq!(resume(&server, &folder).await.unwrap().counts.records, 400);
}

#[tokio::test]
async fn what_exists_is_never_overwritten() {
    for name in ["leads.jsonl", "leads.jsonl.checkpoint"] {
        let folder = Folder::new();
        fs::write(folder.0.join(name), "precious").unwrap();
        let server = list(0, Arc::default());
        let error = pull(&server, Jsonl::create(folder.file())).await.unwrap_err();
        assert_eq!(error.kind(), Some(ErrorKind::Storage));
        assert!(error.to_string().contains("is not overwritten"), "{error}");
        assert_eq!(fs::read_to_string(folder.0.join(name)).unwrap(), "precious");
        assert_eq!(folder.names(), [name]);
        assert!(server.heads().is_empty());
    }
}

#[tokio::test]
async fn what_a_crash_wrote_behind_the_checkpoint_is_cut_off() {
    let folder = Folder::new();
    let server = half(&folder).await;
    let mut file = fs::OpenOptions::new().append(true).open(folder.file()).unwrap();
    file.write_all(b"{\"id\":\"lead-0200\",  \"n\":200}\n{\"id\":\"lea").unwrap();
    drop(file);
    let mut sink = Jsonl::resume(folder.file());
    assert_eq!(sink.open(&source(&server)).unwrap().dropped_bytes, 29 + 10);
    drop(sink);
    assert_eq!(resume(&server, &folder).await.unwrap().counts.records, 400);
    assert_eq!(fs::read_to_string(folder.file()).unwrap(), whole());
}

#[tokio::test]
async fn another_file_is_refused_and_left_alone() {
    type Damage = fn(&Path);
    let damages: [(&str, Damage); 4] = [
        ("shorter", |file| {
            let text = fs::read(file).unwrap();
            fs::write(file, &text[..text.len() - 1]).unwrap();
        }),
        ("other bytes", |file| {
            let mut text = fs::read(file).unwrap();
            let at = text.len() - 20;
            text[at] ^= 1;
            fs::write(file, text).unwrap();
        }),
        ("empty", |file| fs::write(file, "").unwrap()),
        ("gone", |file| fs::remove_file(file).unwrap()),
    ];
    for (what, damage) in damages {
        let folder = Folder::new();
        let server = half(&folder).await;
        damage(&folder.file());
        let (before, asked) = (fs::read(folder.file()).ok(), server.heads().len());
        let error = resume(&server, &folder).await.unwrap_err();
        assert_eq!(error.kind(), Some(ErrorKind::SinkMismatch), "{what}: {error}");
        assert_eq!(fs::read(folder.file()).ok(), before, "{what}");
        assert_eq!(server.heads().len(), asked, "{what}");
    }
    let folder = Folder::new();
    fs::write(folder.file(), whole()).unwrap();
    let error = resume(&list(0, Arc::default()), &folder).await.unwrap_err();
    assert_eq!(error.kind(), Some(ErrorKind::SinkMismatch), "a file without a checkpoint");
}

#[tokio::test]
async fn a_damaged_checkpoint_is_refused_and_the_one_before_is_offered() {
    let folder = Folder::new();
    let server = half(&folder).await;
    let good = fs::read(folder.checkpoint()).unwrap();
    for bytes in [Vec::new(), vec![0], vec![0; 100], good[..good.len() / 2].to_vec(), {
        let mut flipped = good.clone();
        flipped[good.len() / 2] ^= 4;
        flipped
    }] {
        fs::write(folder.checkpoint(), bytes).unwrap();
        let error = resume(&server, &folder).await.unwrap_err();
        assert_eq!(error.kind(), Some(ErrorKind::CheckpointCorrupt));
        assert!(error.to_string().contains("leads.jsonl.checkpoint.previous"), "{error}");
    }
    // Taking the offer works.
    fs::copy(folder.0.join("leads.jsonl.checkpoint.previous"), folder.checkpoint()).unwrap();
    assert_eq!(resume(&server, &folder).await.unwrap().counts.records, 400);
    assert_eq!(fs::read_to_string(folder.file()).unwrap(), whole());
}

#[tokio::test]
async fn the_checkpoint_of_another_source_is_refused() {
    let folder = Folder::new();
    half(&folder).await;
    let error = resume(&list(0, Arc::default()), &folder).await.unwrap_err();
    assert_eq!(error.kind(), Some(ErrorKind::CheckpointMismatch), "{error}");
}

#[tokio::test]
async fn a_second_writer_is_kept_out() {
    let folder = Folder::new();
    let server = half(&folder).await;
    let mut first = Jsonl::resume(folder.file());
    first.open(&source(&server)).unwrap();
    assert_eq!(resume(&server, &folder).await.unwrap_err().kind(), Some(ErrorKind::CheckpointLocked));
    drop(first);
    assert_eq!(resume(&server, &folder).await.unwrap().counts.records, 400);
}

#[tokio::test]
async fn whatever_is_no_ordinary_file_is_refused() {
    let folder = Folder::new();
    let server = list(0, Arc::default());
    fs::create_dir(folder.file()).unwrap();
    assert_eq!(resume(&server, &folder).await.unwrap_err().kind(), Some(ErrorKind::Storage));
    let nowhere = pull(&server, Jsonl::create(folder.0.join("no/such/folder.jsonl"))).await.unwrap_err();
    assert_eq!(nowhere.kind(), Some(ErrorKind::Storage));
    #[cfg(unix)]
    {
        let target = folder.0.join("target");
        fs::write(&target, "precious").unwrap();
        for name in ["linked.jsonl", "other.jsonl.checkpoint", "third.jsonl.lock"] {
            std::os::unix::fs::symlink(&target, folder.0.join(name)).unwrap();
        }
        for name in ["linked.jsonl", "other.jsonl", "third.jsonl"] {
            let error = pull(&server, Jsonl::resume(folder.0.join(name))).await.unwrap_err();
            assert_eq!(error.kind(), Some(ErrorKind::Storage), "{name}: {error}");
        }
        assert_eq!(fs::read_to_string(&target).unwrap(), "precious");
    }
    assert!(server.heads().is_empty());
}

#[tokio::test]
async fn a_stopped_walk_and_a_dropped_one_leave_something_to_go_on_from() {
    // The server takes its time behind row 100.
    let slow = Arc::new(AtomicBool::new(true));
    let on = slow.clone();
    let server = Server::start(move |head, stream| {
        let from: u64 = head
            .split("cursor=")
            .nth(1)
            .map_or(0, |rest| rest.split([' ', '&']).next().unwrap().parse().unwrap());
        if from >= 100 && on.load(Ordering::SeqCst) {
            std::thread::sleep(Duration::from_secs(4));
            return false;
        }
        let rows: Vec<String> =
            (from..from + 10).map(|n| format!("{{\"id\":\"lead-{n:04}\",  \"n\":{n}}}")).collect();
        let next = if from + 10 < 400 { format!("\"{}\"", from + 10) } else { "null".to_owned() };
        stream.write_all(&ok(&format!("{{\"data\":[{}],\"next\":{next}}}", rows.join(",")))).is_ok()
    });

    let folder = Folder::new();
    let client = Client::new().unwrap();
    let mut walk = client.walk(source(&server));
    let stop = walk.stop_handle();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(500)).await;
        stop.stop();
    });
    let report = walk.into_sink(Jsonl::create(folder.file())).await.unwrap();
    assert_eq!((report.verdict, report.counts.records), (Verdict::Stopped, 100));

    let dropped = Folder::new();
    let mut walk = client.walk(source(&server));
    // Long enough for the first commit, which comes a second after the first page.
    let pull = walk.into_sink(Jsonl::create(dropped.file()));
    assert!(tokio::time::timeout(Duration::from_millis(1600), pull).await.is_err());
    drop(walk);
    assert_eq!(fs::read_to_string(dropped.file()).unwrap().lines().count(), 100);

    slow.store(false, Ordering::SeqCst);
    for folder in [folder, dropped] {
        assert_eq!(resume(&server, &folder).await.unwrap().counts.records, 400);
        assert_eq!(fs::read_to_string(folder.file()).unwrap(), whole());
    }
}

#[tokio::test]
async fn keys_too_many_for_the_checkpoint_are_read_back_from_the_rows() {
    // A thousand a page; the last page brings rows of the first pages again.
    let broken = Arc::new(AtomicBool::new(true));
    let on = broken.clone();
    let server = Server::start(move |head, stream| {
        let from: u64 = head
            .split("cursor=")
            .nth(1)
            .map_or(0, |rest| rest.split([' ', '&']).next().unwrap().parse().unwrap());
        if from == 11_000 && on.load(Ordering::SeqCst) {
            return stream.write_all(&answer("404 Not Found", "", "{}")).is_ok();
        }
        let numbers = if from == 11_000 {
            (0..500).chain(11_000..11_500)
        } else {
            (from..from + 500).chain(from + 500..from + 1000)
        };
        let rows: Vec<String> = numbers.map(|n| format!("{{\"id\":\"lead number {n:06}\"}}")).collect();
        let next = if from < 11_000 { format!("\"{}\"", from + 1000) } else { "null".to_owned() };
        stream.write_all(&ok(&format!("{{\"data\":[{}],\"next\":{next}}}", rows.join(",")))).is_ok()
    });
    let folder = Folder::new();
    pull(&server, Jsonl::create(folder.file())).await.unwrap_err();
    let text = fs::read_to_string(folder.checkpoint()).unwrap();
    assert!(everypage::Checkpoint::from_json(&text).unwrap().needs_rows(), "the keys are not inside");
    broken.store(false, Ordering::SeqCst);
    let report = resume(&server, &folder).await.unwrap();
    assert_eq!((report.counts.records, report.counts.duplicates), (11_500, 500));
    let text = fs::read_to_string(folder.file()).unwrap();
    let distinct: std::collections::BTreeSet<&str> = text.lines().collect();
    assert_eq!((text.lines().count(), distinct.len()), (11_500, 11_500));
}

#[cfg(unix)]
#[tokio::test]
async fn checkpoints_are_for_their_owner_only() {
    use std::os::unix::fs::PermissionsExt;
    let folder = Folder::new();
    half(&folder).await;
    for name in ["leads.jsonl.checkpoint", "leads.jsonl.checkpoint.previous"] {
        assert_eq!(fs::metadata(folder.0.join(name)).unwrap().permissions().mode() & 0o777, 0o600, "{name}");
    }
}
