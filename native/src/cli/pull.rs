//! `everypage pull`: the walk, from the options to the exit code.

use super::args::Pull;
use super::check::explain;
use super::exit::Exit;
use super::stdout::Stdout;
use super::summary::{Around, summary};
use super::{document, dry, progress, say, signal};
use crate::client::Client;
use crate::error::Error;
use crate::sink::{Jsonl, Sink};
use crate::transport::TokioTimer;
use crate::walk::Walk;
use everypage_core::checkpoint::Checkpoint;
use everypage_core::source::Source;
use everypage_core::walk::Report;
use std::path::Path;

pub(super) fn run(arguments: &Pull) -> Exit {
    let done = source(arguments).and_then(|source| {
        if arguments.dry_run {
            return Ok(dry::run(&source));
        }
        // One thread is enough: the network is the limit, and nothing has to be handed over.
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        runtime.map_err(|error| Error::storage("can't start", error))?.block_on(pull(arguments, source))
    });
    done.unwrap_or_else(|error| explain(&error))
}

fn source(arguments: &Pull) -> Result<Source, Error> {
    if let Some(into) = &arguments.into {
        check_kind(into)?;
    }
    let mut source = document::read(&arguments.source)?;
    source.limits.records = arguments.limit.or(source.limits.records);
    source.concurrency = arguments.concurrency.unwrap_or(source.concurrency);
    Ok(source)
}

/// What an output is to be shows in its name.
fn check_kind(into: &Path) -> Result<(), Error> {
    if document::is(into, "jsonl") || document::is(into, "ndjson") {
        return Ok(());
    }
    let sqlite = ["sqlite", "sqlite3", "db"].iter().any(|known| document::is(into, known));
    Err(Error::Settings(if sqlite {
        "SQLite is not built in yet; store into a .jsonl file".to_owned()
    } else {
        format!("{}: the name of an output ends in .jsonl", into.display())
    }))
}

fn client(arguments: &Pull, timer: TokioTimer) -> Result<Client, Error> {
    let mut client = Client::builder().timer(timer);
    if let Some(proxy) = &arguments.proxy {
        client = client.proxy(proxy);
    }
    if let Some(user_agent) = &arguments.user_agent {
        client = client.user_agent(user_agent);
    }
    for path in &arguments.ca {
        let pem = std::fs::read(path).map_err(|error| {
            Error::Settings(format!("can't read the certificates {}: {error}", path.display()))
        })?;
        client = client.extra_ca(pem);
    }
    client.build()
}

async fn pull(arguments: &Pull, source: Source) -> Result<Exit, Error> {
    let timer = TokioTimer::new();
    let mut walk = client(arguments, timer.clone())?.walk(source.clone()).strict(arguments.strict);
    signal::listen(walk.stop_handle());
    let shown = |before| progress::show(source.name.clone(), before, walk.watch(), timer.clone());
    let (ended, dropped_bytes) = match &arguments.into {
        None => {
            let (sink, shown) = (Stdout::new(walk.stop_handle()), shown(0));
            (watched(&mut walk, sink, shown).await, 0)
        }
        Some(into) => {
            let mut sink = if arguments.resume { Jsonl::resume(into) } else { Jsonl::create(into) };
            // Opened here, so that what is wrong with the output shows before anything is sent.
            let opened = sink.open(&source).map_err(|error| advise(error, arguments))?;
            let shown = shown(opened.checkpoint.as_ref().map_or(0, Checkpoint::records));
            (watched(&mut walk, sink, shown).await, opened.dropped_bytes)
        }
    };
    // Without a report the walk never began.
    let ((Ok(report), _) | (Err(_), Some(report))) = (&ended, walk.report()) else {
        return ended.map(|_| Exit::Failed);
    };
    let resume = resume_command(arguments);
    let around = Around { resume: resume.as_deref().filter(|_| resumable(&ended)), dropped_bytes };
    say(summary(report, &around));
    if let Some(path) = &arguments.report {
        write_report(path, report)?;
    }
    Ok(match &ended {
        Ok(report) => Exit::of_verdict(report.verdict, arguments.strict),
        Err(error) => Exit::of_error(error),
    })
}

/// Walks into the sink, and shows progress while that lasts.
async fn watched<S: Sink>(
    walk: &mut Walk,
    sink: S,
    shown: impl Future<Output = ()>,
) -> Result<Report, Error> {
    tokio::select! {
        ended = walk.into_sink(sink) => ended,
        () = shown => Err(Error::Settings("progress ended before the walk".to_owned())),
    }
}

/// A refused output has its own remedy on the command line.
fn advise(error: Error, arguments: &Pull) -> Error {
    if let Error::Walk(failed) = &error
        && failed.error.advice.contains("is not overwritten")
        && let Some(into) = &arguments.into
    {
        let advice = format!(
            "{} exists already: add --resume to go on with it, or choose another name",
            into.display()
        );
        return Error::world(failed.error.kind, advice);
    }
    error
}

fn resumable(ended: &Result<Report, Error>) -> bool {
    ended.as_ref().err().is_none_or(Error::is_resumable)
}

/// The command that goes on, where there is an output to go on with.
fn resume_command(arguments: &Pull) -> Option<String> {
    let into = arguments.into.as_ref()?;
    let mut command = format!("everypage pull {}", quote(&arguments.source.source.display().to_string()));
    for (name, value) in &arguments.source.set {
        command.push_str(" --set ");
        command.push_str(&quote(&format!("{name}={value}")));
    }
    Some(command + " --into " + &quote(&into.display().to_string()) + " --resume")
}

/// As a shell wants it.
fn quote(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-_./=:,@%+".contains(&b);
    if text.bytes().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

fn write_report(path: &Path, report: &Report) -> Result<(), Error> {
    let text = report.to_json() + "\n";
    std::fs::write(path, text)
        .map_err(|error| Error::storage(format!("can't write the report {}", path.display()), error))
}
