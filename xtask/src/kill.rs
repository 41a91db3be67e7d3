//! `kill`: pulls that are killed (SIGKILL) again and again, at moments drawn from a seed, and go on with `--resume`.
//! The lists change meanwhile and the server misbehaves. In the end nothing may be missing or stand there twice.
//!
//! `--kills N` (500), `--seed S` (by the clock), `--pulls N` at a time (16).

mod moment;

use crate::demo::rows;
use crate::fail::{At, Outcome, Result, fail, none_of};
use crate::leadserver::LeadServer;
use crate::{programs, shell, tree};
use moment::{Chance, Moment, NAMES, Watch};
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant, SystemTime};

/// What the servers do to their clients, besides a seed of their own.
const SERVER: [&str; 10] = [
    "--records=12000",
    "--latency-ms=20",
    "--jitter-ms=10",
    "--churn=mixed",
    "--churn-every=7",
    "--churn-size=5",
    "--fault=5xx=1%",
    "--fault=reset-in-body=1%",
    "--fault=truncate-json=1%",
    "--fault=error-in-200=1%",
];
/// The lists that are pulled in turn.
const STYLES: [&str; 4] = ["offset", "cursor", "page", "link"];

struct Options {
    kills: u64,
    seed: u64,
    pulls: u64,
}

/// What all pulls have come to.
#[derive(Default)]
struct Told {
    kills: AtomicU64,
    by_moment: [AtomicU64; NAMES.len()],
    /// Processes that were over before their moment came.
    missed: AtomicU64,
    walks: AtomicU64,
    rows: AtomicU64,
    cut: AtomicU64,
    complete: AtomicU64,
}

/// Runs the step.
pub fn run(args: &[String]) -> Result<Outcome> {
    let options = options(args)?;
    let program = programs::everypage()?;
    programs::leadserver()?;
    let folder = tree::scratch("kill")?;
    println!("seed {}: {} kills, {} pulls at a time", options.seed, options.kills, options.pulls);
    println!("servers: {}", SERVER.join(" "));
    let (start, told) = (Instant::now(), Told::default());
    let problems: Vec<String> = std::thread::scope(|scope| {
        let (options, told, program, folder) = (&options, &told, &program, &folder);
        let pulls = (0..options.pulls).map(|lane| {
            scope.spawn(move || -> std::result::Result<(), String> {
                let mut number = lane;
                while told.kills.load(Ordering::Relaxed) < options.kills {
                    let walk = Walk::new(program, folder, options, number);
                    walk.and_then(|walk| walk.through(told, options.kills))
                        .map_err(|fail| format!("walk {number} of seed {}: {fail}", options.seed))?;
                    number += options.pulls;
                }
                Ok(())
            })
        });
        let pulls: Vec<_> = pulls.collect();
        let ended =
            pulls.into_iter().map(|pull| pull.join().unwrap_or_else(|_| Err("a thread panicked".into())));
        ended.filter_map(std::result::Result::err).collect()
    });
    let count = |count: &AtomicU64| count.load(Ordering::Relaxed);
    let kinds: Vec<String> =
        NAMES.iter().zip(&told.by_moment).map(|(name, kills)| format!("{} {name}", count(kills))).collect();
    println!("{} kills ({}) in {:.1} s", count(&told.kills), kinds.join(", "), start.elapsed().as_secs_f64());
    println!(
        "{} walks, {} of them complete; {} rows; {} files had a tail that was cut off; {} moments never came",
        count(&told.walks),
        count(&told.complete),
        count(&told.rows),
        count(&told.cut),
        count(&told.missed)
    );
    if problems.is_empty() {
        println!("0 rows lost, 0 rows twice, every line is JSON");
    }
    none_of(&problems)
}

fn options(args: &[String]) -> Result<Options> {
    let clock = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
    let mut options = Options { kills: 500, seed: clock.as_secs(), pulls: 16 };
    for pair in args.chunks(2) {
        let [name, value] = pair else { fail!("{} wants a number", pair.join(" ")) };
        let value = value.parse().at(value)?;
        match name.as_str() {
            "--kills" => options.kills = value,
            "--seed" => options.seed = value,
            "--pulls" => options.pulls = value,
            _ => fail!("kill takes --kills N, --seed S and --pulls N, not {name}"),
        }
    }
    Ok(options)
}

/// One walk over one server, through many processes.
struct Walk<'a> {
    program: &'a Path,
    source: PathBuf,
    file: PathBuf,
    report: PathBuf,
    server: LeadServer,
    chance: Chance,
}

impl<'a> Walk<'a> {
    fn new(program: &'a Path, folder: &Path, options: &Options, number: u64) -> Result<Walk<'a>> {
        let mut chance = Chance::new(options.seed, number);
        let seed = format!("--seed={}", chance.below(1_000_000));
        let flags: Vec<&str> = SERVER.into_iter().chain([seed.as_str()]).collect();
        let server = LeadServer::start(&flags)?;
        let style = STYLES[(number % STYLES.len() as u64) as usize];
        let at = |name: &str| folder.join(format!("{number}-{style}.{name}"));
        fs::write(at("source.json"), source(style, &server.url).to_string())?;
        Ok(Walk {
            program,
            source: at("source.json"),
            file: at("jsonl"),
            report: at("report.json"),
            server,
            chance,
        })
    }

    /// Pulls to the end, and is killed on the way until there were kills enough; then compares.
    fn through(mut self, told: &Told, enough: u64) -> Result<()> {
        let mut kills = 0;
        loop {
            let moment = Moment::draw(&mut self.chance);
            let moment = Some(moment).filter(|_| told.kills.load(Ordering::Relaxed) < enough && kills < 60);
            if self.process(moment, told)? {
                break;
            }
            kills += 1;
            if let Some(moment) = moment {
                told.kills.fetch_add(1, Ordering::Relaxed);
                told.by_moment[moment.index()].fetch_add(1, Ordering::Relaxed);
            }
            told.cut.fetch_add(u64::from(self.has_tail()), Ordering::Relaxed);
        }
        self.compare(told)
    }

    /// One process. True: it came to its end; false: it was killed.
    fn process(&mut self, moment: Option<Moment>, told: &Told) -> Result<bool> {
        let mut command = shell::command(&self.program.display().to_string(), &["pull"]);
        command.arg(&self.source).arg("--into").arg(&self.file).arg("--report").arg(&self.report);
        let errors = self.report.with_extension("stderr");
        command.arg("--resume").stdout(Stdio::null()).stderr(fs::File::create(&errors)?);
        let watch = Watch::new(&self.file);
        let mut child = command.spawn().at(self.program.display())?;
        if let Some(moment) = moment {
            moment.wait(&watch, &self.server, &mut child)?;
            child.kill()?;
        }
        let status = child.wait()?;
        if status.code().is_none() && moment.is_some() {
            return Ok(false);
        }
        if !status.success() {
            fail!("{} ended with {status}: {}", shell::typed(&command), tree::read(&errors)?.trim());
        }
        told.missed.fetch_add(u64::from(moment.is_some()), Ordering::Relaxed);
        Ok(true)
    }

    /// Whether there is more in the file than its checkpoint covers.
    fn has_tail(&self) -> bool {
        let checkpoint = moment::checkpoint(&self.file);
        let covered = fs::read(checkpoint).ok().and_then(|text| serde_json::from_slice::<Value>(&text).ok());
        let covered = covered.and_then(|checkpoint| checkpoint["payload"]["sink"]["bytes"].as_u64());
        fs::metadata(&self.file).is_ok_and(|file| covered.is_some_and(|covered| covered < file.len()))
    }

    fn compare(&self, told: &Told) -> Result<()> {
        let said: Value = serde_json::from_str(&tree::read(&self.report)?).at(self.report.display())?;
        let truth = rows::ids(&self.server.ask("/oracle")?);
        let (written, twice) = rows::written(&self.file)?;
        let lost: Vec<&String> = truth.difference(&written).collect();
        if truth.is_empty() || !lost.is_empty() || twice > 0 {
            fail!(
                "{}: {} of {} rows lost ({:?}), {twice} twice; the report says {}",
                tree::shown(&self.file),
                lost.len(),
                truth.len(),
                lost.first(),
                said["verdict"]
            );
        }
        if said["counts"]["records"].as_u64() != Some(written.len() as u64) {
            fail!("{}: {} rows, the report says {}", tree::shown(&self.file), written.len(), said["counts"]);
        }
        if said["verdict"] == "incomplete" {
            fail!("{}: called incomplete: {}", tree::shown(&self.file), said["checks"]);
        }
        told.walks.fetch_add(1, Ordering::Relaxed);
        told.complete.fetch_add(u64::from(said["verdict"] == "complete"), Ordering::Relaxed);
        told.rows.fetch_add(written.len() as u64, Ordering::Relaxed);
        Ok(())
    }
}

/// A source of that style. Tries are many and waits short: what is tested here is not patience.
fn source(style: &str, base: &str) -> Value {
    let mut source = json!({
        "name": format!("leads by {style}"),
        "request": {"url": format!("{base}/{style}")},
        "records": if style == "link" { "" } else { "/data" },
        "id": "/id",
        "order": {"by": "/created_at", "direction": "desc", "immutable": true},
        "size": {"write": if style == "link" { "query:per_page" } else { "query:limit" }, "value": 60},
        "pagination": {"style": style},
        "retry": {"attempts": 10, "base": "20ms", "cap": "200ms"},
        "limits": {"pages": 10_000, "no_progress": 20},
    });
    match style {
        "cursor" => {
            source["pagination"] = json!({
                "style": "cursor", "read": "body:/pagination/next_cursor", "write": "query:cursor",
                "stable": "key",
            });
        }
        "link" => source["pagination"]["read"] = json!("link:next"),
        _ => {}
    }
    source
}

/// The time a moment may take to come.
const LONGEST: Duration = Duration::from_secs(5);
