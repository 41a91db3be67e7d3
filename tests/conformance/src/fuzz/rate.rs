//! What servers say about their limits.

use super::choices::Choices;
use everypage_core::http::Headers;
use everypage_core::pace::{Budget, BudgetKey, Grant, HintMeaning, ReadHint, Rules, Window};
use everypage_core::time::{Millis, Now, Tick, UnixMillis};

const MEANINGS: [HintMeaning; 9] = [
    HintMeaning::Limit,
    HintMeaning::Remaining,
    HintMeaning::ResetEpochMillis,
    HintMeaning::ResetEpochSeconds,
    HintMeaning::ResetMillis,
    HintMeaning::ResetSeconds,
    HintMeaning::UsedOfLimit,
    HintMeaning::WaitMillis,
    HintMeaning::WaitSeconds,
];

/// Eight bytes that choose the declared windows, then answers, one a paragraph: `name: value` a line, where a
/// digit for a name is a hint of the source. Whatever they say, time goes on.
pub fn rate(input: &[u8]) -> bool {
    let (head, text) = input.split_at(input.len().min(8));
    let mut choices = Choices::of(head);
    let windows = (0..choices.below(3)).map(|_| Window {
        requests: [1, 7, 0, u64::MAX][choices.below(4)],
        per: Millis([1000, 1, 0, u64::MAX][choices.below(4)]),
        burst: [None, Some(0), Some(9), Some(u64::MAX)][choices.below(4)],
    });
    let rules = Rules { windows: windows.collect(), burst: choices.chance(50), in_flight: None };
    let tick = [1000, 0, u64::MAX - 5][choices.below(3)];
    let key = BudgetKey { origin: "https://api.example.com".to_owned(), credential: 1 };
    let mut member = Budget::new().join(&key, &rules);
    let mut now = Now { tick: Tick(tick), unix: Some(UnixMillis(1_790_000_000_000)) };
    let mut understood = false;
    for paragraph in String::from_utf8_lossy(text).split("\n\n").take(24) {
        let (mut headers, mut hints) = (Headers::new(), Vec::new());
        for line in paragraph.lines().take(24) {
            let (name, value) = line.split_once(": ").unwrap_or((line, ""));
            match name.as_bytes() {
                [digit @ b'0'..=b'8'] => {
                    let means = MEANINGS[usize::from(digit - b'0')];
                    hints.push(ReadHint { means, text: value.to_owned() });
                }
                _ => headers.push(name, value),
            }
        }
        let observed = member.observe(&headers, &hints, now);
        understood |= observed.declared.is_some() || observed.reset.is_some() || observed.empty;
        assert!(observed.ignored as usize <= paragraph.len() + 24, "{observed:?}");
        match member.grant(now) {
            Grant::Go => member.answered(),
            Grant::NotBefore { at, .. } => {
                assert!(at > now.tick || at.0 == u64::MAX, "{at:?} at {now:?}");
                now.unix = now.unix.map(|unix| unix.after(at.since(now.tick)));
                now.tick = at;
            }
            Grant::Busy => panic!("nothing is on the wire"),
        }
    }
    understood
}
