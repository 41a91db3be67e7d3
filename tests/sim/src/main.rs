//! `everypage-sim --walks N [--seed S] [--style NAME] [--trace] [--keep-going] [--quiet] [--threads N]`, or
//! `everypage-sim --drift --walks N [--seed S]`, N walks for each style and rate of change

use everypage_sim::{Drift, Outcome, Style, Tally, run};
use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

/// A run allocates all the time, and little at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

struct Options {
    walks: u64,
    seed: u64,
    style: Option<Style>,
    trace: bool,
    keep_going: bool,
    quiet: bool,
    drift: bool,
    threads: u64,
}

fn options() -> Result<Options, String> {
    let mut options = Options {
        walks: 10_000,
        seed: 1,
        style: None,
        trace: false,
        keep_going: false,
        quiet: false,
        drift: false,
        threads: 2,
    };
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        let mut value = || words.next().ok_or(format!("{word} wants a value"));
        let number = |text: String| text.parse::<u64>().map_err(|error| format!("{text}: {error}"));
        match word.as_str() {
            "--walks" => options.walks = number(value()?)?,
            "--seed" => options.seed = number(value()?)?,
            "--threads" => options.threads = number(value()?)?.max(1),
            "--trace" => options.trace = true,
            "--keep-going" => options.keep_going = true,
            "--quiet" => options.quiet = true,
            "--drift" => options.drift = true,
            "--style" => {
                let name = value()?;
                let style = Style::ALL.into_iter().find(|style| style.name() == name);
                options.style = Some(style.ok_or(format!("no style is called {name}"))?);
            }
            _ => return Err(format!("what is {word}?")),
        }
    }
    Ok(options)
}

/// Walks over good sources whose lists change: how many are complete.
fn drift(options: &Options) -> ExitCode {
    let drift = Drift::measure(options.walks, options.seed);
    print!("{}", drift.table());
    for (style, seed, violation) in &drift.violations {
        println!("VIOLATION {} seed {seed}: {violation}", style.name());
    }
    println!("{} violations", drift.violations.len());
    if drift.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// A run whose panics are violations.
fn guarded(seed: u64, style: Option<Style>, trace: bool) -> Result<Outcome, String> {
    std::panic::catch_unwind(|| run(seed, style, trace)).map_err(|_| "I-56: a panic".to_owned())
}

fn main() -> ExitCode {
    let options = match options() {
        Ok(options) => options,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::from(64);
        }
    };
    if options.drift {
        return drift(&options);
    }
    let started = Instant::now();
    let next = AtomicU64::new(0);
    let total = Mutex::new(Tally::default());
    let failures: Mutex<Vec<(u64, String)>> = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..options.threads {
            scope.spawn(|| work(&options, &next, &total, &failures));
        }
    });
    let tally = total.into_inner().unwrap_or_default();
    let mut failures = failures.into_inner().unwrap_or_default();
    failures.sort();
    let seconds = started.elapsed().as_secs_f64();
    if !options.quiet {
        print!("{}", tally.table());
    }
    println!(
        "{} walks, {} requests, {} crashes in {seconds:.1} s: {:.0} walks/s",
        tally.walks,
        tally.requests,
        tally.crashes,
        tally.walks as f64 / seconds
    );
    let mut kinds: BTreeMap<String, u64> = BTreeMap::new();
    for (seed, violation) in &failures {
        let kind: String = violation.chars().filter(|c| !c.is_ascii_digit()).take(24).collect();
        let count = kinds.entry(kind).or_default();
        *count += 1;
        if *count <= 4 {
            println!("VIOLATION seed {seed}: {violation}");
        }
    }
    for (kind, count) in &kinds {
        println!("{count:>7} × {kind}…");
    }
    println!("{} violations", failures.len());
    if let Some((seed, _)) = failures.first().filter(|_| !options.keep_going && !options.quiet)
        && let Ok(outcome) = guarded(*seed, options.style, true)
    {
        println!("{}", outcome.log);
    }
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn work(options: &Options, next: &AtomicU64, total: &Mutex<Tally>, failures: &Mutex<Vec<(u64, String)>>) {
    let mut tally = Tally::default();
    loop {
        let at = next.fetch_add(1, Ordering::Relaxed);
        let stop = !options.keep_going && failures.lock().is_ok_and(|list| !list.is_empty());
        if at >= options.walks || stop {
            break;
        }
        let seed = options.seed.wrapping_add(at);
        let violation = match guarded(seed, options.style, options.trace) {
            Ok(outcome) => {
                if options.trace {
                    println!("{}", outcome.log);
                }
                tally.add(&outcome);
                outcome.violation
            }
            Err(violation) => Some(violation),
        };
        if let (Some(violation), Ok(mut list)) = (violation, failures.lock()) {
            list.push((seed, violation));
        }
    }
    if let Ok(mut sum) = total.lock() {
        sum.merge(&tally);
    }
}
