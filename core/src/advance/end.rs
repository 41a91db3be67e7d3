//! Has the list ended, who says so, and with what authority.
//!
//! The laws (design, section 4): authoritative beats heuristic; a flag beats a token; *more* without a token
//! is a contradiction; *short* ends a walk only with a proven page size; missing is not zero.

use crate::facts::EndSignal;

/// What one end signal says of one page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Said {
    /// The list ends here.
    End,
    /// There is more.
    More,
    /// Nothing.
    Silent,
}

/// One signal, what it says, and whether it has authority when it says so.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Word {
    /// Which signal.
    pub signal: EndSignal,
    /// Its place in the source's list of end signals.
    pub index: usize,
    /// What it says.
    pub said: Said,
    /// Whether the server itself means the end by it.
    pub authority: bool,
}

/// The decision over all signals of one page.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// The list ends with this page.
    End(Word),
    /// A flag says there is more, yet there is no position to go on from.
    Contradiction(Word),
    /// Go on.
    GoOn,
}

/// Weighs the words of one page. `rows` is what the page held before any filter; `stuck` says that there is no
/// position to go on from.
pub fn weigh(words: &[Word], rows: u64, stuck: bool) -> Verdict {
    let is_flag = |w: &&Word| matches!(w.signal, EndSignal::Flag | EndSignal::Absent | EndSignal::Status);
    if let Some(end) = words.iter().filter(is_flag).find(|w| w.said == Said::End) {
        return Verdict::End(*end);
    }
    if let Some(more) = words.iter().filter(is_flag).find(|w| w.said == Said::More) {
        return if stuck { Verdict::Contradiction(*more) } else { Verdict::GoOn };
    }
    let by = |signal: EndSignal| words.iter().find(|w| w.signal == signal);
    for signal in [EndSignal::Single, EndSignal::Repeat, EndSignal::Missing] {
        if let Some(end) = by(signal).filter(|w| w.said == Said::End) {
            return Verdict::End(*end);
        }
    }
    // A token that is there means more: short and empty pages don't end a token's walk.
    if by(EndSignal::Missing).is_some_and(|w| w.said == Said::More) {
        return Verdict::GoOn;
    }
    let counted = [EndSignal::Total, EndSignal::Pages];
    if let Some(end) = words.iter().find(|w| counted.contains(&w.signal) && w.said == Said::End) {
        return Verdict::End(*end);
    }
    let says_more = |w: &&Word| counted.contains(&w.signal) && w.said == Said::More;
    let count_says_more = words.iter().any(|w| says_more(&w));
    let response_says_more = words.iter().any(|w| says_more(&w) && w.authority);
    if let Some(end) = by(EndSignal::Empty).filter(|w| w.said == Said::End) {
        // Rows met before are no end while a count promises more, unless the word has authority. It has none against
        // the total of the very same response: a page may be short because the server shrank it.
        if !count_says_more || rows == 0 || end.authority && !response_says_more {
            return Verdict::End(Word { authority: end.authority && !response_says_more, ..*end });
        }
    }
    if let Some(end) = by(EndSignal::Short).filter(|w| w.said == Said::End) {
        // A count that promises more outweighs a short page, but not a page without any row.
        if !count_says_more || rows == 0 {
            return Verdict::End(*end);
        }
    }
    Verdict::GoOn
}

#[cfg(test)]
mod tests {
    use super::*;

    fn word(signal: EndSignal, said: Said) -> Word {
        Word { signal, index: 0, said, authority: false }
    }

    fn ends(words: &[Word], rows: u64) -> bool {
        matches!(weigh(words, rows, false), Verdict::End(_))
    }

    #[test]
    fn a_flag_beats_a_token_and_everything_else() {
        let more = word(EndSignal::Flag, Said::More);
        let end = word(EndSignal::Flag, Said::End);
        for other in [EndSignal::Empty, EndSignal::Short, EndSignal::Total, EndSignal::Pages] {
            assert!(!ends(&[more, word(other, Said::End)], 0), "{other:?}");
        }
        assert!(ends(&[end, word(EndSignal::Missing, Said::More)], 100));
    }

    #[test]
    fn more_without_a_token_is_a_contradiction() {
        let words = [word(EndSignal::Flag, Said::More), word(EndSignal::Missing, Said::End)];
        assert!(matches!(weigh(&words, 10, true), Verdict::Contradiction(_)));
    }

    #[test]
    fn a_token_that_is_there_outlives_short_and_empty_pages() {
        let token = word(EndSignal::Missing, Said::More);
        assert!(!ends(&[token, word(EndSignal::Empty, Said::End), word(EndSignal::Short, Said::End)], 0));
    }

    #[test]
    fn a_page_without_rows_has_no_authority_against_the_total_of_its_own_response() {
        let empty = Word { authority: true, ..word(EndSignal::Empty, Said::End) };
        let total = Word { authority: true, ..word(EndSignal::Total, Said::More) };
        assert_eq!(weigh(&[empty, total], 0, false), Verdict::End(Word { authority: false, ..empty }));
        assert_eq!(weigh(&[empty], 0, false), Verdict::End(empty));
    }

    #[test]
    fn a_count_that_promises_more_outweighs_a_short_page_but_not_an_empty_one() {
        let total = word(EndSignal::Total, Said::More);
        let short = word(EndSignal::Short, Said::End);
        assert!(!ends(&[total, short], 99));
        assert!(ends(&[total, short], 0));
        assert!(ends(&[short], 99));
    }
}
