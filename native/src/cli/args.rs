//! The options.

use clap::{Args, Parser, Subcommand};
use everypage_core::time::Millis;
use std::path::PathBuf;

/// Pulls complete lists out of paginated HTTP APIs: every record once, and a verdict on how sure that is.
#[derive(Debug, Parser)]
#[command(name = "everypage", version, about, after_help = EXIT_CODES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes: 0 complete or unproven, 2 incomplete (with --strict also unproven), 3 failed, 4 stopped,
64 bad usage or invalid source.";

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Validate a source; nothing is sent
    Check(Check),
    /// Tell how many requests a list takes and how long that lasts; nothing is sent
    Estimate(Estimate),
    /// Pull a list: to standard output, one record a line, or into a file
    #[command(after_help = EXIT_CODES)]
    Pull(Box<Pull>),
}

/// Which source, and what fills it in.
#[derive(Debug, Args)]
pub(super) struct SourceArguments {
    /// The source: a .json or .toml file
    pub(super) source: PathBuf,
    /// Fill in {NAME} in the source; may be repeated
    #[arg(long = "set", value_name = "NAME=VALUE", value_parser = variable)]
    pub(super) set: Vec<(String, String)>,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    pub(super) source: SourceArguments,
}

#[derive(Debug, Args)]
pub(super) struct Estimate {
    #[command(flatten)]
    pub(super) source: SourceArguments,
    /// How many records the list has
    #[arg(long, value_name = "N")]
    pub(super) total: u64,
    /// Records a page, if the source doesn't say
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) page_size: Option<u64>,
    /// How long one answer takes
    #[arg(long, value_name = "TIME", default_value = "300ms", value_parser = duration)]
    pub(super) latency: Millis,
    /// Requests in flight, instead of the source's
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) concurrency: Option<u32>,
}

#[derive(Debug, Args)]
pub(super) struct Pull {
    #[command(flatten)]
    pub(super) source: SourceArguments,
    /// Store the records in FILE.jsonl, with FILE.jsonl.checkpoint beside it
    #[arg(long, value_name = "FILE")]
    pub(super) into: Option<PathBuf>,
    /// Go on where the output's checkpoint stands; starts anew if there is neither
    #[arg(long, requires = "into")]
    pub(super) resume: bool,
    /// Write the report as JSON
    #[arg(long, value_name = "FILE")]
    pub(super) report: Option<PathBuf>,
    /// Exit with 2 unless the list is proven to be complete
    #[arg(long)]
    pub(super) strict: bool,
    /// Stop after N records
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<u64>,
    /// Requests in flight, where positions can be computed
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub(super) concurrency: Option<u32>,
    /// Print the first request, secrets hidden, and send nothing
    #[arg(long)]
    pub(super) dry_run: bool,
    /// The proxy, instead of HTTP_PROXY, HTTPS_PROXY and ALL_PROXY
    #[arg(long, value_name = "URL")]
    pub(super) proxy: Option<String>,
    /// A file of certificates (PEM) to trust besides the system's; may be repeated
    #[arg(long, value_name = "FILE")]
    pub(super) ca: Vec<PathBuf>,
    /// The User-Agent, where the source doesn't set one
    #[arg(long, value_name = "TEXT")]
    pub(super) user_agent: Option<String>,
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if is_name(name) => Ok((name.to_owned(), value.to_owned())),
        Some((name, _)) if !name.is_empty() => Err("the names of variables are in capitals".to_owned()),
        Some(_) | None => Err("expected NAME=VALUE".to_owned()),
    }
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
}

fn duration(text: &str) -> Result<Millis, String> {
    Millis::parse(text).ok_or_else(|| "expected a whole number with a unit: 200ms, 1s, 2m".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definition_is_sound() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
        let parsed = |words: &[&str]| Arguments::try_parse_from([&["everypage"], words].concat()).is_ok();
        assert!(parsed(&[
            "pull", "a.json", "--set", "A=1", "--set", "B=x=y", "--into", "o.jsonl", "--resume"
        ]));
        assert!(!parsed(&["pull", "a.json", "--resume"]), "there is nothing to resume without an output");
        assert!(!parsed(&["pull", "a.json", "--set", "A"]));
        assert!(!parsed(&["pull", "a.json", "--set", "a=1"]));
        assert!(!parsed(&["pull", "a.json", "--concurrency", "0"]));
        assert!(!parsed(&["estimate", "a.json"]));
        assert!(parsed(&["estimate", "a.json", "--total", "5", "--latency", "1s"]));
    }
}
