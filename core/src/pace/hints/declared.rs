//! Hints that the source declares.

use super::value::{self, Unit};
use super::{Reading, Said};
use crate::pace::{HintMeaning, ReadHint};
use crate::time::{Millis, UnixMillis};

/// Reads them: those that follow each other speak of one limit, until a meaning comes again.
pub(super) fn read(hints: &[ReadHint], server: Option<UnixMillis>, said: &mut Said) {
    let mut readings = vec![Reading::new("declared 0")];
    let mut known = Vec::new();
    for hint in hints {
        let part = Part::of(hint.means);
        if part != Part::Wait && known.contains(&part) {
            known.clear();
            readings.push(Reading::new(format!("declared {}", readings.len())));
        }
        known.push(part);
        let Some(reading) = readings.last_mut() else { continue };
        if apply(hint, server, reading, &mut said.declared).is_none() {
            said.ignore();
        }
    }
    said.readings.extend(readings.into_iter().filter(|r| r.remaining.is_some()));
}

/// What a hint tells of a limit.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Left,
    Limit,
    Reset,
    Wait,
}

impl Part {
    const fn of(means: HintMeaning) -> Part {
        match means {
            HintMeaning::Limit => Part::Limit,
            HintMeaning::Remaining | HintMeaning::UsedOfLimit => Part::Left,
            HintMeaning::ResetEpochMillis
            | HintMeaning::ResetEpochSeconds
            | HintMeaning::ResetMillis
            | HintMeaning::ResetSeconds => Part::Reset,
            HintMeaning::WaitMillis | HintMeaning::WaitSeconds => Part::Wait,
        }
    }
}

fn apply(
    hint: &ReadHint,
    server: Option<UnixMillis>,
    to: &mut Reading,
    wait: &mut Option<Millis>,
) -> Option<()> {
    let text = hint.text.as_str();
    let reset = |unit| value::reset(text, unit, server);
    match hint.means {
        HintMeaning::Limit => to.size(value::number(text)?.whole),
        HintMeaning::Remaining => to.left(least(text)?),
        HintMeaning::ResetEpochMillis => to.starts_anew(reset(Unit::EpochMillis)?),
        HintMeaning::ResetEpochSeconds => to.starts_anew(reset(Unit::EpochSeconds)?),
        HintMeaning::ResetMillis => to.starts_anew(reset(Unit::Millis)?),
        HintMeaning::ResetSeconds => to.starts_anew(reset(Unit::Seconds)?),
        HintMeaning::UsedOfLimit => used_of_limit(text, to)?,
        // A wait is obeyed at any length; who waits decides whether it is too long.
        HintMeaning::WaitMillis => *wait = (*wait).max(Some(stated(text, 1000)?)),
        HintMeaning::WaitSeconds => *wait = (*wait).max(Some(stated(text, 1)?)),
    }
    Some(())
}

fn stated(text: &str, per_second: u64) -> Option<Millis> {
    match value::number(text) {
        Some(number) => Some(Millis(number.thousandths.div_ceil(per_second))),
        None => value::duration(text),
    }
}

/// The smallest of several numbers, without fractions.
pub(super) fn least(text: &str) -> Option<u64> {
    text.split(',')
        .map(|part| value::number(part).map(|n| n.whole))
        .collect::<Option<Vec<_>>>()?
        .into_iter()
        .min()
}

/// `32/40`, whatever stands around it: `api-usage=32/40`.
pub(super) fn used_of_limit(text: &str, to: &mut Reading) -> Option<()> {
    let (used, size) = text.split_once('/')?;
    let used = used.trim_end().rsplit(|c: char| !c.is_ascii_digit() && c != '.').next()?;
    let size = size.trim_start().split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
    let (used, size) = (value::number(used)?, value::number(size)?.whole);
    to.size(size);
    to.left(size.saturating_sub(used.thousandths.div_ceil(1000)));
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(hints: &[(HintMeaning, &str)]) -> Said {
        let hints: Vec<_> =
            hints.iter().map(|(m, t)| ReadHint { means: *m, text: (*t).to_owned() }).collect();
        let mut said = Said::default();
        read(&hints, Some(UnixMillis(1_705_420_800_000)), &mut said);
        said
    }

    #[test]
    fn hints_in_a_row_speak_of_one_limit_until_a_meaning_comes_again() {
        use HintMeaning::{Limit, Remaining, ResetEpochSeconds, ResetMillis};
        let said = said(&[
            (Remaining, "0"),
            (ResetMillis, "10000"),
            (Limit, "100"),
            (Limit, "5"),
            (Remaining, "7.9, 3.2"),
            (ResetEpochSeconds, "1705420805"),
        ]);
        let of = |r: &Reading| (r.limit, r.remaining, r.reset.map(|w| w.0));
        assert_eq!(
            said.readings.iter().map(of).collect::<Vec<_>>(),
            [(Some(100), Some(0), Some(10_000)), (Some(5), Some(3), Some(6000))]
        );
    }

    #[test]
    fn waits_are_read_in_their_unit() {
        use HintMeaning::{WaitMillis, WaitSeconds};
        for (means, text, wait) in [
            (WaitMillis, "6457", Some(6457)),
            (WaitSeconds, "6457", Some(6_457_000)),
            (WaitSeconds, "1.25", Some(1250)),
            (WaitSeconds, "6m0s", Some(360_000)),
            (WaitSeconds, "-1", None),
            (WaitMillis, "soon", None),
        ] {
            let said = said(&[(means, text)]);
            assert_eq!(said.declared.map(|w| w.0), wait, "{text}");
            assert_eq!(said.ignored, u32::from(wait.is_none()), "{text}");
        }
    }

    #[test]
    fn used_of_limit_is_read_and_junk_is_counted() {
        for (text, left) in [
            ("32/40", Some(8)),
            ("api-usage=25/15000", Some(14_975)),
            ("50/40", Some(0)),
            ("1.5 / 4", Some(2)),
        ] {
            assert_eq!(said(&[(HintMeaning::UsedOfLimit, text)]).readings[0].remaining, left, "{text}");
        }
        for text in ["32", "/", "a/b", "-/40", ""] {
            assert_eq!(said(&[(HintMeaning::UsedOfLimit, text)]).ignored, 1, "{text}");
        }
        assert_eq!(said(&[(HintMeaning::Remaining, "∞"), (HintMeaning::Limit, "-1")]).ignored, 2);
    }
}
