//! One row of the peer benchmark: walks its synthetic list with everypage and prints one JSON line of figures.
//!
//! `cargo xtask bench` builds it and adds it to the benchmark's clients. Flags: `--url U --style page|offset|cursor|
//! link|keyset --mode count|dedup|ids --limit N --out FILE [--impl bytes|typed|sink] [--concurrency N] [--plain] [--contact]`.

use everypage::sink::Jsonl;
use everypage::{Client, Fill, Source, Walk};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::time::Instant;

type Fault = Box<dyn std::error::Error>;

/// A lead as an application would declare it.
#[derive(Deserialize, Serialize)]
struct Lead {
    id: String,
    email: String,
    first_name: String,
    last_name: String,
    title: String,
    company: Company,
    phone: String,
    location: Location,
    score: f64,
    email_verified: bool,
    tags: Vec<String>,
    notes: Option<String>,
    created_at: String,
    updated_at: String,
}

#[derive(Deserialize, Serialize)]
struct Company {
    name: String,
    domain: String,
    industry: String,
    employees: u32,
}

#[derive(Deserialize, Serialize)]
struct Location {
    city: String,
    country: String,
}

#[derive(Deserialize)]
struct Identified<'a> {
    #[serde(borrow)]
    id: std::borrow::Cow<'a, str>,
}

/// CPU time of this process in seconds.
fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 / 1e9
}

fn status_kib(key: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(':'));
    line.and_then(|rest| rest.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

/// The source of one style. Counting needs no id; with one, repeated records are suppressed and pages overlap.
fn source(args: &BTreeMap<String, String>) -> Result<Source, Fault> {
    let arg = |name: &str, default: &str| args.get(name).cloned().unwrap_or_else(|| default.to_owned());
    let (style, limit) = (arg("style", "offset"), arg("limit", "100"));
    let identified = arg("mode", "count") != "count" || args.contains_key("contact");
    let url = format!("{}/{style}", arg("url", ""));
    let contact = if args.contains_key("plain") { "off" } else { "auto" };
    let (size, paging, more) = match style.as_str() {
        "offset" => ("limit", r#""style":"offset""#, r#","total":"body:/total""#),
        "page" => (
            "pageSize",
            r#""style":"page""#,
            r#","end":[{"flag":"body:/pagination/hasNextPage","is":false}],"total":"body:/pagination/total""#,
        ),
        "cursor" => (
            "limit",
            r#""style":"cursor","read":"body:/pagination/next_cursor","write":"query:cursor","stable":"key""#,
            "",
        ),
        "link" => ("per_page", r#""style":"link","read":"link:next""#, ""),
        _ => (
            "limit",
            r#""style":"keyset","read":"last:/id","write":"query:after_id""#,
            r#","end":[{"flag":"body:/has_more","is":false}]"#,
        ),
    };
    let records = if style == "link" { "" } else { "/data" };
    let id = if identified {
        r#","id":"/id","order":{"by":"/id","direction":"desc","immutable":true}"#
    } else {
        ""
    };
    let document = format!(
        r#"{{"request":{{"url":"{url}"}},"records":"{records}"{id},"size":{{"write":"query:{size}","value":{limit}}},
        "pagination":{{{paging},"contact":"{contact}"}}{more},"concurrency":{}}}"#,
        arg("concurrency", "1")
    );
    Ok(Source::from_json(&document, &Fill::none())?)
}

async fn bytes(walk: &mut Walk, mode: &str, out: &mut impl Write) -> Result<u64, Fault> {
    let (mut records, mut lines) = (0, Vec::new());
    while let Some(page) = walk.next_page().await {
        let page = page?;
        records += page.len() as u64;
        lines.clear();
        match mode {
            "count" => {}
            "dedup" => page.write_ndjson(&mut lines),
            _ => {
                for record in page.records() {
                    let found: Identified = serde_json::from_slice(record)?;
                    writeln!(lines, "{}", found.id)?;
                }
            }
        }
        out.write_all(&lines)?;
    }
    Ok(records)
}

async fn typed(walk: &mut Walk, mode: &str, out: &mut impl Write) -> Result<u64, Fault> {
    let mut count = 0;
    let mut leads = walk.typed::<Lead>();
    while let Some(lead) = leads.next().await {
        let lead = lead?;
        count += 1;
        if mode == "dedup" {
            serde_json::to_writer(&mut *out, &lead)?;
            out.write_all(b"\n")?;
        }
    }
    Ok(count)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Fault> {
    let mut args = BTreeMap::new();
    let mut words = std::env::args().skip(1).peekable();
    while let Some(word) = words.next() {
        let value = words.next_if(|next| !next.starts_with("--")).unwrap_or_default();
        args.insert(word.trim_start_matches('-').to_owned(), value);
    }
    let file = args.get("out").cloned().unwrap_or_else(|| "/dev/null".to_owned());
    let mode = args.get("mode").cloned().unwrap_or_else(|| "count".to_owned());
    let source = source(&args)?;
    let mut out = BufWriter::with_capacity(1 << 16, File::create(&file)?);
    let (began, cpu_start, rss_start) = (Instant::now(), cpu(), status_kib("VmRSS"));
    let mut walk = Client::new()?.walk(source);
    let records = match args.get("impl").map_or("bytes", String::as_str) {
        "typed" => typed(&mut walk, &mode, &mut out).await?,
        "sink" if mode == "dedup" => {
            let path = format!("{file}.sink");
            let _ = std::fs::remove_file(&path);
            let _ = std::fs::remove_file(format!("{path}.checkpoint"));
            walk.into_sink(Jsonl::create(&path)).await?.counts.records
        }
        _ => bytes(&mut walk, &mode, &mut out).await?,
    };
    out.flush()?;
    let figures = (began.elapsed().as_secs_f64(), cpu() - cpu_start);
    println!(
        "{{\"records\":{records},\"unique\":{records},\"wall\":{:.6},\"cpu\":{:.6},\"cpu_start\":{cpu_start:.6},\"rss_start_kib\":{rss_start},\"rss_peak_kib\":{},\"verdict\":{}}}",
        figures.0,
        figures.1,
        status_kib("VmHWM"),
        walk.report()
            .map_or_else(|| "null".to_owned(), |r| serde_json::to_string(&r.verdict).unwrap_or_default()),
    );
    Ok(())
}
