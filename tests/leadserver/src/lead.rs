//! What a lead looks like: a pure function of seed, sequence number and revision.

use crate::chance::{draw, mix};
use std::fmt::Write as _;

/// Makes records and their ids. Sequence numbers start at 1; a higher one is a younger lead.
#[derive(Clone, Debug)]
pub(crate) struct Maker {
    seed: u64,
    int_ids: bool,
}

const GIVEN: &[&str] = &[
    "Amara", "Björn", "Chloé", "Dmitri", "Elif", "Farid", "Greta", "Hiro", "Inês", "Jonas", "Keiko", "Lucía",
];
const FAMILY: &[&str] = &[
    "Adeyemi",
    "Brandt",
    "Castellano",
    "D'Angelo",
    "Eriksen",
    "Fontaine",
    "Grünwald",
    "Haddad",
    "Ivanova",
    "Kaur",
];
const HOUSE: &[&str] =
    &["Altair", "Brightwater", "Cinder", "Driftwood", "Evergreen", "Foxglove", "Granite", "Halcyon"];
const TRADE: &[&str] =
    &["Mobility", "Optics", "Textiles", "Energy", "Diagnostics", "Studios", "Freight", "Software"];
const ROLE: &[&str] = &[
    "Head of Procurement",
    "VP Marketing",
    "Chief of Staff",
    "Director, Partner Success",
    "Buyer",
    "Founder & Managing Partner",
    "\\\"Interim\\\" Operations Lead",
];
const SECTOR: &[&str] = &["Automotive", "Publishing", "Insurance", "Biotech", "Transport", "Education"];
const PLACE: &[(&str, &str)] = &[
    ("Århus", "DK"),
    ("Bogotá", "CO"),
    ("Chennai", "IN"),
    ("Denver", "US"),
    ("Nairobi", "KE"),
    ("Zürich", "CH"),
];

/// 2024-01-01T00:00:00Z in seconds since 1970: where the first lead's creation time starts.
const BIRTH: u64 = 1_704_067_200;
/// Seconds between two leads' creation times: strictly rising, so `/created_at` is an immutable order.
const APART: u64 = 7;

fn pick<T: Copy>(from: &[T], chance: u64, empty: T) -> T {
    let at = usize::try_from(chance).unwrap_or(0).checked_rem(from.len()).unwrap_or(0);
    from.get(at).copied().unwrap_or(empty)
}

impl Maker {
    pub(crate) fn new(seed: u64, int_ids: bool) -> Maker {
        Maker { seed, int_ids }
    }

    /// The id as plain text: digits, or a UUID of version 7 whose time part is the sequence number, so that
    /// text order is age.
    pub(crate) fn id(&self, seq: u64) -> String {
        if self.int_ids {
            return seq.to_string();
        }
        let (a, b) = (draw(self.seed, 1, seq), draw(self.seed, 2, seq));
        format!(
            "{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}",
            (seq >> 16) & 0xffff_ffff,
            seq & 0xffff,
            a & 0xfff,
            0x8000 | ((a >> 16) & 0x3fff),
            b & 0xffff_ffff_ffff
        )
    }

    /// The id as it stands in JSON.
    pub(crate) fn id_json(&self, seq: u64) -> String {
        if self.int_ids { seq.to_string() } else { format!("\"{}\"", self.id(seq)) }
    }

    /// The sequence number an id was made from, whether or not that lead exists. Only exact ids are known.
    pub(crate) fn seq_of(&self, id: &str) -> Option<u64> {
        let seq = if self.int_ids {
            id.parse().ok()?
        } else {
            let (high, low) = (id.get(..8)?, id.get(9..13)?);
            (u64::from_str_radix(high, 16).ok()? << 16) | u64::from_str_radix(low, 16).ok()?
        };
        (self.id(seq) == id).then_some(seq)
    }

    /// Appends the record as JSON. A revision above 0 changes score, notes and `updated_at`, nothing else.
    pub(crate) fn render(&self, out: &mut String, seq: u64, revision: u64) {
        let r = draw(self.seed, 3, seq);
        let v = if revision == 0 { r } else { mix(r ^ revision) };
        let (given, family) = (pick(GIVEN, r >> 3, ""), pick(FAMILY, r >> 9, ""));
        let (house, trade) = (pick(HOUSE, r >> 15, ""), pick(TRADE, r >> 21, ""));
        let (city, country) = pick(PLACE, r >> 27, ("", ""));
        let born = BIRTH + seq * APART;
        let domain = format!("{}{}.example", house.to_ascii_lowercase(), trade.to_ascii_lowercase());
        let _ = write!(
            out,
            "{{\"id\":{},\"email\":\"lead.{seq}@{domain}\",\"first_name\":\"{given}\",\"last_name\":\"{family}\",\"title\":\"{}\",\
             \"company\":{{\"name\":\"{house} {trade}\",\"domain\":\"{domain}\",\"industry\":\"{}\",\"employees\":{}}},\
             \"phone\":\"+1-555-01{:02}\",\"location\":{{\"city\":\"{city}\",\"country\":\"{country}\"}},\
             \"score\":{}.{:02},\"email_verified\":{},\"tags\":[\"inbound\",\"wave-{}\"],\"notes\":",
            self.id_json(seq),
            pick(ROLE, r >> 33, ""),
            pick(SECTOR, r >> 39, ""),
            3 + r % 9_000,
            (r >> 45) % 100,
            v % 100,
            (v >> 8) % 100,
            (r >> 51) & 1 == 1,
            1 + (r >> 53) % 5,
        );
        if revision == 0 {
            out.push_str("null");
        } else {
            let _ = write!(out, "\"revision {revision}\"");
        }
        let updated = born + (v >> 16) % 20_000_000;
        let _ = write!(out, ",\"created_at\":\"{}\",\"updated_at\":\"{}\"}}", stamp(born), stamp(updated));
    }
}

/// RFC 3339 text of seconds since 1970, for dates from 1970 on.
fn stamp(seconds: u64) -> String {
    let (days, rest) = (seconds / 86_400, seconds % 86_400);
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Year, month and day of a day count since 1970-01-01, counting in years that begin in March so that the leap
/// day comes last.
fn civil(days: u64) -> (u64, u64, u64) {
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_right_at_the_edges() {
        assert_eq!(stamp(0), "1970-01-01T00:00:00Z");
        assert_eq!(stamp(951_782_400), "2000-02-29T00:00:00Z");
        assert_eq!(stamp(BIRTH), "2024-01-01T00:00:00Z");
        assert_eq!(stamp(BIRTH + 366 * 86_400 - 1), "2024-12-31T23:59:59Z");
    }

    #[test]
    fn a_record_is_json_and_repeats() {
        for int_ids in [false, true] {
            let maker = Maker::new(5, int_ids);
            for seq in [1, 70_000, 9_999_999] {
                let (mut one, mut two) = (String::new(), String::new());
                maker.render(&mut one, seq, 0);
                maker.render(&mut two, seq, 3);
                assert_ne!(one, two);
                let value: serde_json::Value = serde_json::from_str(&one).unwrap();
                let again: serde_json::Value = serde_json::from_str(&two).unwrap();
                assert_eq!(value["id"], again["id"]);
                assert_eq!(value["created_at"], again["created_at"]);
                assert_eq!(value["id"].to_string(), maker.id_json(seq));
                assert_eq!(maker.seq_of(&maker.id(seq)), Some(seq));
            }
            assert_eq!(maker.seq_of("junk"), None);
        }
    }

    #[test]
    fn ids_rise_with_the_sequence_number() {
        let maker = Maker::new(5, false);
        let ids: Vec<_> = [1, 2, 65_535, 65_536, 1 << 24].iter().map(|&s| maker.id(s)).collect();
        assert!(ids.is_sorted());
        assert_ne!(Maker::new(6, false).id(1), maker.id(1));
    }
}
