//! Pulls a list into a file, is interrupted, goes on, and compares the file with what the server knows.
//!
//! `cargo run -p everypage-example` runs offline: the server is part of this process.

use everypage::sink::Jsonl;
use everypage::{Client, Fill, Report, Source, Verdict};
use everypage_leadserver::{Config, LeadServer};
use std::collections::BTreeSet;
use std::path::Path;

type Failure = Box<dyn std::error::Error>;

/// What the server does: leads come and go while they are read, and some answers are bad.
const SERVER: &str = "--records 5000 --churn mixed --churn-every 5 --churn-size 20 \
    --fault 5xx=3% --fault reset-in-body=2% --fault truncate-json=2%";

/// The list, as somebody would write it down who has read the API's documentation.
const SOURCE: &str = r#"{
    "name": "leads",
    "request": { "url": "{BASE}/offset" },
    "records": "/data",
    "id": "/id",
    "order": { "by": "/created_at", "direction": "desc", "immutable": true },
    "size": { "write": "query:limit", "value": 100, "max": 1000 },
    "pagination": { "style": "offset" },
    "total": "body:/total"
}"#;

#[tokio::main]
async fn main() -> Result<(), Failure> {
    let server = LeadServer::start(Config::from_line(SERVER)?);
    let vars = [("BASE".to_owned(), server.url().to_owned())].into();
    let source = Source::from_json(SOURCE, &Fill { vars: &vars, ..Fill::none() })?;
    let folder = std::env::temp_dir().join(format!("everypage-example-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let done = twice(source, &folder.join("leads.jsonl"), &server).await;
    std::fs::remove_dir_all(&folder)?;
    done
}

/// Pulls until half of the list is there, then goes on to its end.
async fn twice(source: Source, file: &Path, server: &LeadServer) -> Result<(), Failure> {
    let client = Client::new()?;

    let mut walk = client.walk(source.clone());
    let (mut progress, stop) = (walk.watch(), walk.stop_handle());
    tokio::spawn(async move {
        // As Ctrl-C would: the page in hand is stored, and a checkpoint beside the file says where to go on.
        if progress.wait_for(|now| now.records >= 2_500).await.is_ok() {
            stop.stop();
        }
    });
    tell("first", &walk.into_sink(Jsonl::create(file)).await?);

    // Another process could do this: all that is needed is in the two files.
    let report = client.walk(source).into_sink(Jsonl::resume(file)).await?;
    tell("second", &report);
    println!("{}", report.to_json());
    compare(file, server, &report)
}

fn tell(which: &str, report: &Report) {
    let counts = &report.counts;
    println!(
        "{which} pull: {:?}, {} records in {} pages, {} of {} requests were retries",
        report.verdict, counts.records, counts.pages, counts.retries, counts.requests
    );
}

/// Every lead that lived from the first request to the last is in the file, and none is there twice.
fn compare(file: &Path, server: &LeadServer, report: &Report) -> Result<(), Failure> {
    let text = std::fs::read_to_string(file)?;
    let mut found = BTreeSet::new();
    for line in text.lines() {
        let lead: serde_json::Value = serde_json::from_str(line)?;
        found.insert(lead["id"].as_str().unwrap_or_default().to_owned());
    }
    let lived = server.oracle();
    let missed = lived.iter().filter(|id| !found.contains(*id)).count();
    let twice = text.lines().count() - found.len();
    println!("{} leads lived through it all: {missed} missed, {twice} written twice", lived.len());
    let well = missed == 0 && twice == 0 && report.verdict == Verdict::Complete;
    if well { Ok(()) } else { Err("the list is not whole".into()) }
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_example_does_what_it_says() {
        super::main().unwrap();
    }
}
