//! Faults: what goes wrong, when and how often.
//!
//! Written `NAME[=ARGUMENT[:ARGUMENT]…]`. An argument is a rate (`10%`, `0.1`), pages by number from 1 (`3`, `2,5-7`),
//! an option (`after=3`), a word (`always`, `silent`), or, for some faults, first a number (`clamp=100`).

pub(crate) mod body;
mod catalogue;
pub(crate) mod plan;
pub(crate) mod shape;
pub(crate) mod status;
pub(crate) mod when;
pub(crate) mod wire;

use catalogue::FAULTS;
pub(crate) use catalogue::help;
use std::{collections::BTreeMap, fmt, str::FromStr};
use when::When;

/// One fault as it was asked for. Made from its text: `"429=10%".parse::<Fault>()`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub(crate) kind: Kind,
    text: String,
    /// The first number of faults that take one, and whether it had a sign.
    pub(crate) number: Option<i64>,
    pub(crate) signed: bool,
    pub(crate) when: Option<When>,
    /// How often one and the same request is answered so; `None`: as the fault's kind has it.
    pub(crate) times: Option<u32>,
    options: BTreeMap<String, u64>,
    pub(crate) to: Option<String>,
    words: Vec<String>,
}

/// A fault's family decides where it acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Another answer in the page's place.
    Status(StatusFault),
    /// The page is made, its bytes on the connection are wrong.
    Wire(WireFault),
    /// The page is made and framed right, its body is wrong.
    Body(BodyFault),
    /// The list itself is odd, the same for every request.
    List(ListFault),
    /// Links and cursors are odd.
    Link(LinkFault),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatusFault {
    Code(u16),
    Conflict,
    Empty,
    ErrorIn200,
    ErrorsEmptyData,
    Html,
    Redirect,
    Rotate,
    ServerError,
    TooMany,
    TooManyBare,
    TooManyDate,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WireFault {
    ExcessBody,
    Hang,
    LostResponse,
    ResetBefore,
    ResetInBody,
    SlowDrip,
    TruncateChunked,
    TruncateClose,
    TruncateLength,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BodyFault {
    BadGzip,
    Bom,
    Gzip,
    GzipBomb,
    GzipJunk,
    GzipNoTrailer,
    GzipTwoMembers,
    JunkAfter,
    PlainAsGzip,
    TruncateGzip,
    TruncateJson,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ListFault {
    Cap,
    Clamp,
    EmptyMiddle,
    NoTotal,
    Overlap,
    RepeatRows,
    ShortMiddle,
    TotalLies,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LinkFault {
    Awkward,
    Cycle,
    Expired,
    Foreign,
    Loop,
    SingleUse,
    Weird,
}

/// What is wrong with a flag or a fault's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadFlag(pub(crate) String);

impl fmt::Display for BadFlag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BadFlag {}

impl Fault {
    pub(crate) fn option(&self, name: &str, default: u64) -> u64 {
        self.options.get(name).copied().unwrap_or(default)
    }

    pub(crate) fn stated(&self, name: &str) -> Option<u64> {
        self.options.get(name).copied()
    }

    pub(crate) fn says(&self, word: &str) -> bool {
        self.words.iter().any(|w| w == word)
    }

    /// The fault's name, as it is counted in the statistics.
    pub(crate) fn name(&self) -> &str {
        self.text.split('=').next().unwrap_or_default()
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Fault {
    type Err = BadFlag;

    fn from_str(text: &str) -> Result<Fault, BadFlag> {
        let (name, arguments) = text.split_once('=').unwrap_or((text, ""));
        let bad = |what: &str| BadFlag(format!("fault {text:?}: {what}"));
        let status = name.parse().ok().filter(|code| (300..600).contains(code));
        let known = FAULTS.iter().find(|known| known.name == name);
        let kind = match (known, status) {
            (Some(known), _) => known.kind,
            (None, Some(code)) => Kind::Status(StatusFault::Code(code)),
            (None, None) => return Err(bad("no such name; --help lists them")),
        };
        let options = known.map_or(&["after", "times"][..], |known| known.options);
        let number_means = known.map_or("", |known| known.number);
        let mut fault = Fault {
            kind,
            text: text.to_owned(),
            number: None,
            signed: false,
            when: None,
            times: None,
            options: BTreeMap::new(),
            to: None,
            words: Vec::new(),
        };
        let mut rest = arguments;
        while !rest.is_empty() {
            // A URL holds colons, so `to=` takes all that is left.
            let (part, left) =
                if rest.starts_with("to=") { (rest, "") } else { rest.split_once(':').unwrap_or((rest, "")) };
            rest = left;
            if let Some((key, value)) = part.split_once('=') {
                if !options.contains(&key) {
                    return Err(bad(&format!("doesn't take {key}=, only {options:?}")));
                }
                fault.set(key, value).ok_or_else(|| bad(&format!("{key}={value} isn't understood")))?;
            } else if part == "always" {
                fault.times = Some(u32::MAX);
            } else if known.is_some_and(|known| known.words.contains(&part)) {
                fault.words.push(part.to_owned());
            } else if !number_means.is_empty() && fault.number.is_none() && !part.contains(['%', '.', ',']) {
                fault.number = Some(part.parse().map_err(|_| bad(&format!("{part:?} isn't a number")))?);
                fault.signed = part.starts_with(['+', '-']);
            } else {
                fault.when =
                    Some(When::parse(part).ok_or_else(|| bad(&format!("{part:?} isn't understood")))?);
            }
        }
        if matches!(number_means, "rows" | "total") && fault.number.is_none() {
            return Err(bad(&format!("needs a number of {number_means}")));
        }
        Ok(fault)
    }
}

impl Fault {
    fn set(&mut self, key: &str, value: &str) -> Option<()> {
        match key {
            "to" => self.to = Some(value.to_owned()),
            "pages" => self.when = Some(When::parse(value)?),
            "times" if value == "always" => self.times = Some(u32::MAX),
            "times" => self.times = Some(value.parse().ok()?),
            _ => {
                self.options.insert(key.to_owned(), value.parse().ok()?);
            }
        }
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(text: &str) -> Fault {
        text.parse().unwrap()
    }

    #[test]
    fn arguments_are_read_in_any_order() {
        let f = fault("429=3,5:after=7:times=2");
        assert_eq!(f.kind, Kind::Status(StatusFault::TooMany));
        assert_eq!(f.when, When::parse("3,5"));
        assert_eq!((f.option("after", 1), f.times), (7, Some(2)));
        let f = fault("cap=100:error:flag");
        assert_eq!((f.number, f.says("error"), f.says("silent")), (Some(100), true, false));
        let f = fault("total-lies=+10");
        assert_eq!((f.number, f.signed), (Some(10), true));
        let f = fault("foreign-link=2:to=http://other.example:81/x?y=1");
        assert_eq!(f.to.as_deref(), Some("http://other.example:81/x?y=1"));
        assert_eq!(fault("503=10%:always").times, Some(u32::MAX));
        assert_eq!(fault("418").kind, Kind::Status(StatusFault::Code(418)));
        assert_eq!(fault("418").name(), "418");
        assert_eq!(fault("expired-cursor=400:uses=1").number, Some(400));
        assert_eq!(fault("overlap=5:pages=1").when, Some(When::page(1)));
    }

    #[test]
    fn a_misspelt_fault_is_refused() {
        for bad in
            ["", "492x", "200", "429=x", "429=at=3", "clamp", "clamp=x", "cap=5:loud", "overlap=5:pages=0"]
        {
            assert!(bad.parse::<Fault>().is_err(), "{bad}");
        }
    }

    #[test]
    fn every_fault_of_the_catalogue_can_be_written() {
        for known in FAULTS {
            let text =
                if known.number.is_empty() { known.name.to_owned() } else { format!("{}=410", known.name) };
            assert_eq!(fault(&text).kind, known.kind, "{text}");
            assert!(help().contains(known.name));
        }
    }
}
