//! What the server can be told, as fields and as flags.

use crate::{
    churn::Churn,
    fault::{self, BadFlag, Fault},
    hints::Dialect,
    rate::Rate,
};
use std::{fmt::Display, str::FromStr, time::Duration};

/// Whether scripts of other origins may read the answers, and which headers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Cors {
    /// No CORS headers: a browser refuses.
    #[default]
    Off,
    /// Allowed, and every header that matters is exposed.
    Expose,
    /// Allowed, but `Link`, `Retry-After` and the like stay hidden.
    Hide,
}

/// All settings. `Config { records: 250, ..Config::default() }`, or [`Config::from_args`] with the flags of the
/// command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Config {
    /// Leads on the list at a reset.
    pub records: u64,
    /// What all chance comes from.
    pub seed: u64,
    /// TCP port on 127.0.0.1; 0 for any free one.
    pub port: u16,
    /// Wait before every page.
    pub latency: Duration,
    /// Up to so much longer, by chance.
    pub jitter: Duration,
    /// Declared limits, all of them enforced with 429.
    pub rates: Vec<Rate>,
    /// By how much a request may come early to every limit: the network's jitter isn't the client's fault. A window
    /// counts as so much shorter.
    pub rate_slack: Duration,
    /// How limits are told.
    pub dialects: Vec<Dialect>,
    /// What goes wrong.
    pub faults: Vec<Fault>,
    /// How the list changes while it is read.
    pub churn: Option<Churn>,
    /// The token that is asked for.
    pub auth_token: Option<String>,
    /// The token that is good after `401-once`; by default the first one with `-fresh` behind it.
    pub fresh_token: Option<String>,
    /// Ids are integers, not UUIDs.
    pub int_ids: bool,
    /// Rows a page where the request doesn't say.
    pub page_size: usize,
    /// Most rows a page, whatever the request says.
    pub max_limit: usize,
    /// What browsers may see.
    pub cors: Cors,
    /// Seconds by which the server's wall clock is wrong.
    pub clock_skew: i64,
    /// Requests the log keeps.
    pub log: usize,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            records: 1_000,
            seed: 1,
            port: 0,
            latency: Duration::ZERO,
            jitter: Duration::ZERO,
            rates: Vec::new(),
            rate_slack: Duration::ZERO,
            dialects: vec![Dialect::RetryAfterSeconds],
            faults: Vec::new(),
            churn: None,
            auth_token: None,
            fresh_token: None,
            int_ids: false,
            page_size: 50,
            max_limit: 1_000,
            cors: Cors::Off,
            clock_skew: 0,
            log: 10_000,
        }
    }
}

const FLAGS: &str = "\
everypage-leadserver: a paginated list of synthetic leads on 127.0.0.1

  --records N            leads on the list [1000]
  --seed S               what all chance comes from [1]
  --port P               port; 0 for any free one [0]
  --page-size N          rows a page where the request doesn't say [50]
  --max-limit N          most rows a page [1000]
  --int-ids              ids are integers, not UUIDs
  --latency-ms MS        wait before every page [0]
  --jitter-ms MS         up to so much longer, by chance [0]
  --rate R/W[/fixed]     at most R requests in any window W (100/60s, 5/500ms); repeatable
  --rate-slack-ms MS     windows are enforced and counted as so much shorter: jitter is forgiven [0]
  --rate-headers LIST    how limits are told, comma between: retry-after-seconds, retry-after-date,
                         x-ratelimit-epoch, x-ratelimit-delta, ietf-06, ietf-07, ietf-draft8, none
                         [retry-after-seconds]
  --auth-token T         401 without it: Authorization (any scheme), X-Api-Key, api_key= or access_token=
  --fresh-token T        the token that is good after 401-once [T-fresh]
  --churn KIND           insert, delete, update, several in turn with +, or mixed for all three [mixed]
  --churn-every K        an event before every K-th page that is made
  --churn-size S         rows per event [10]
  --churn-where PLACE    anywhere, head (youngest) or tail: what is deleted or updated [anywhere]
  --churn-events N       the list stands still after so many
  --cors expose|hide     let scripts of other origins read, with or without the headers that matter
  --clock-skew S         seconds by which the server's wall clock is wrong [0]
  --log N                requests the log keeps [10000]
  --until-eof            stop when standard input ends (the command only)
  --fault NAME[=ARG[:ARG]…]  repeatable; ARG is a rate (10%), pages (3 or 2,5-7), an option (times=2), a word

Lists:  /offset /page /cursor /link /link-body /keyset /single /odata (GET), /search /graphql (POST), /scroll (both)
        ?limit= (also pageSize, per_page, $top, …), ?sort=asc
Admin:  /stats /oracle[?now=1] /log /reset /scenarios, and /scenario/NAME/… for servers within the server

Faults that hit single requests count new requests as pages; the same request again succeeds (times=N: the N+1st
time, always: never). By default they hit 10% of the requests.
Statuses: any number from 300 to 599 (after=SECONDS adds Retry-After).
";

/// The help text.
pub fn help() -> String {
    format!("{FLAGS}\nFaults:\n{}", fault::help())
}

/// `500ms`, `30s`, `5m`, `2h`.
pub(crate) fn duration(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let number: u64 = number.parse().ok()?;
    match unit {
        "ms" => Some(Duration::from_millis(number)),
        "s" => Some(Duration::from_secs(number)),
        "m" => Some(Duration::from_secs(number.checked_mul(60)?)),
        "h" => Some(Duration::from_secs(number.checked_mul(3_600)?)),
        _ => None,
    }
}

fn read<T: FromStr<Err: Display>>(name: &str, value: &str) -> Result<T, BadFlag> {
    value.parse().map_err(|e| BadFlag(format!("{name} {value:?}: {e}")))
}

impl Config {
    /// Reads the flags of [`help`], as `--name value` or `--name=value`.
    pub fn from_args<S: AsRef<str>>(args: impl IntoIterator<Item = S>) -> Result<Config, BadFlag> {
        let mut config = Config::default();
        let mut churn: Option<Churn> = None;
        let mut args = args.into_iter();
        while let Some(arg) = args.next() {
            let arg = arg.as_ref();
            if arg == "--int-ids" {
                config.int_ids = true;
                continue;
            }
            let next;
            let (name, value) = if let Some(pair) = arg.split_once('=') {
                pair
            } else {
                next = args.next().ok_or_else(|| BadFlag(format!("{arg} needs a value, or is no flag")))?;
                (arg, next.as_ref())
            };
            match name {
                "--records" => config.records = read(name, value)?,
                "--seed" => config.seed = read(name, value)?,
                "--port" => config.port = read(name, value)?,
                "--page-size" => config.page_size = read::<usize>(name, value)?.max(1),
                "--max-limit" => config.max_limit = read::<usize>(name, value)?.max(1),
                "--latency-ms" => config.latency = Duration::from_millis(read(name, value)?),
                "--jitter-ms" => config.jitter = Duration::from_millis(read(name, value)?),
                "--rate" => config.rates.push(read(name, value)?),
                "--rate-slack-ms" => config.rate_slack = Duration::from_millis(read(name, value)?),
                "--rate-headers" => {
                    config.dialects = value.split(',').map(str::parse).collect::<Result<_, _>>()?;
                }
                "--auth-token" => config.auth_token = Some(value.to_owned()),
                "--fresh-token" => config.fresh_token = Some(value.to_owned()),
                "--churn" => churn.get_or_insert_default().turns = Churn::parse_turns(value)?,
                "--churn-every" => churn.get_or_insert_default().every = read::<u64>(name, value)?.max(1),
                "--churn-size" => churn.get_or_insert_default().size = read(name, value)?,
                "--churn-where" => churn.get_or_insert_default().place = read(name, value)?,
                "--churn-events" => churn.get_or_insert_default().events = read(name, value)?,
                "--cors" if value == "expose" => config.cors = Cors::Expose,
                "--cors" if value == "hide" => config.cors = Cors::Hide,
                "--clock-skew" => config.clock_skew = read(name, value)?,
                "--log" => config.log = read(name, value)?,
                "--fault" => config.faults.push(value.parse()?),
                _ => {
                    return Err(BadFlag(format!("{name} {value}: no such flag or value; --help lists them")));
                }
            }
        }
        config.churn = churn;
        Ok(config)
    }

    /// The flags in one line, split at spaces: `Config::from_line("--records 250 --fault 503=2")`.
    pub fn from_line(line: &str) -> Result<Config, BadFlag> {
        Config::from_args(line.split_whitespace())
    }

    /// The token that is good after `401-once`.
    pub(crate) fn fresh(&self) -> Option<String> {
        self.fresh_token.clone().or_else(|| self.auth_token.as_ref().map(|token| format!("{token}-fresh")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_are_read_in_both_spellings() {
        let config = Config::from_line(
            "--records 250 --seed=9 --int-ids --rate 10/1s --rate 100/60s/fixed --rate-headers ietf-06,none \
             --churn insert+delete --churn-every 5 --churn-size 20 --fault cap=100:error --fault=429=3 --clock-skew -60",
        )
        .unwrap();
        assert_eq!((config.records, config.seed, config.int_ids, config.clock_skew), (250, 9, true, -60));
        assert_eq!((config.rates.len(), config.dialects.len(), config.faults.len()), (2, 2, 2));
        let churn = config.churn.unwrap();
        assert_eq!((churn.every, churn.size, churn.turns.len()), (5, 20, 2));
        assert_eq!(Config::from_line("").unwrap(), Config::default());
    }

    #[test]
    fn bad_flags_are_refused_by_name() {
        for bad in
            ["--recrods 5", "--records", "--records x", "--cors odd", "--fault zap", "--churn odd", "stray"]
        {
            assert!(Config::from_line(bad).is_err(), "{bad}");
        }
        assert!(Config::from_line("--recrods 5").unwrap_err().to_string().contains("--recrods"));
    }

    #[test]
    fn the_help_names_every_flag_and_fault() {
        let help = help();
        for flag in ["--records", "--churn-events", "--clock-skew", "cursor-cycle", "gzip-bomb"] {
            assert!(help.contains(flag), "{flag}");
        }
    }

    #[test]
    fn durations_need_a_unit() {
        assert_eq!(duration("500ms"), Some(Duration::from_millis(500)));
        assert_eq!(duration("2h"), Some(Duration::from_secs(7_200)));
        for bad in ["5", "", "s5", "5 s", "5d"] {
            assert_eq!(duration(bad), None, "{bad}");
        }
    }
}
