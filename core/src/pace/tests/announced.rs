//! Limits that are known from answers only.

use super::*;

/// How the server speaks of its limit.
#[derive(Clone, Copy, Debug)]
enum Speaks {
    Epoch,
    EpochMillis,
    Seconds,
    Duration,
    Ietf,
    IetfWithPolicy,
    Draft7,
}

const ALL: [Speaks; 7] = [
    Speaks::Epoch,
    Speaks::EpochMillis,
    Speaks::Seconds,
    Speaks::Duration,
    Speaks::Ietf,
    Speaks::IetfWithPolicy,
    Speaks::Draft7,
];

/// So many requests in each span of the clock.
struct Fixed {
    limit: u64,
    per: u64,
    /// Whether another consumer takes one of three.
    shared: bool,
    speaks: Speaks,
    window: u64,
    seen: u64,
    all: u64,
}

impl Server for Fixed {
    fn arrive(&mut self, now: u64) -> Result<Headers, Headers> {
        // Its windows begin off the full second.
        let window = (now + 333) / self.per;
        if window != self.window {
            (self.window, self.seen) = (window, 0);
        }
        self.all += 1;
        self.seen += 1 + u64::from(self.shared && self.all.is_multiple_of(3) && self.seen + 1 < self.limit);
        let left = self.limit.saturating_sub(self.seen);
        let reset = (window + 1) * self.per - 333;
        let epoch = EPOCH as u64 + reset;
        let seconds = (reset - now).div_ceil(1000);
        let limit = self.limit;
        let mut headers = Headers::new();
        headers.push("date", http_date(EPOCH + now.cast_signed()));
        match self.speaks {
            Speaks::Ietf => headers.push("ratelimit", format!("\"d\";r={left};t={seconds}")),
            Speaks::IetfWithPolicy => {
                headers.push("ratelimit-policy", format!("\"d\";q={limit};w={}", self.per / 1000));
                headers.push("ratelimit", format!("\"d\";r={left};t={seconds}"));
            }
            Speaks::Draft7 => {
                headers.push("ratelimit", format!("limit={limit}, remaining={left}, reset={seconds}"));
            }
            Speaks::Epoch | Speaks::EpochMillis | Speaks::Seconds | Speaks::Duration => {
                headers.push("x-ratelimit-limit", limit.to_string());
                headers.push("x-ratelimit-remaining", left.to_string());
                let text = match self.speaks {
                    Speaks::Epoch => (epoch / 1000).to_string(),
                    Speaks::EpochMillis => epoch.to_string(),
                    Speaks::Duration => format!("{}ms", reset - now),
                    Speaks::Seconds | Speaks::Ietf | Speaks::IetfWithPolicy | Speaks::Draft7 => {
                        seconds.to_string()
                    }
                };
                headers.push("x-ratelimit-reset", text);
            }
        }
        if self.seen <= limit { Ok(headers) } else { Err(headers) }
    }
}

fn http_date(at: i64) -> String {
    let text = UnixMillis(at).to_rfc3339();
    // The world lasts less than a day, a Sunday in November.
    format!("Sun, 22 Nov 2026 {} GMT", &text[11..19])
}

#[test]
fn once_a_limit_is_announced_nothing_is_refused() {
    let mut rng = Rng::new(Seed(21));
    for seed in 0..12 {
        for speaks in ALL {
            let walks = 1 + rng.up_to(5) as usize;
            let limit = 10 + rng.up_to(90);
            let per = 1000 * (5 + rng.up_to(25));
            let chance = Chance { timer: 3, way: rng.up_to(40), answer: (5, rng.up_to(60)) };
            let mut server = Fixed { limit, per, shared: seed % 2 == 0, speaks, window: 0, seen: 0, all: 0 };
            let mut world = World::new(&vec![Rules::default(); walks], &mut server, chance, seed);
            world.run(per * 12);
            let sent = world.granted.len() as u64;
            // What others take between an answer and the next request can't be known.
            let most = if seed % 2 == 0 { sent / 20 } else { 0 };
            assert!(
                world.refused <= most,
                "{seed} {speaks:?}: {walks} walks, {limit} per {per}, {sent} sent, {} refused",
                world.refused
            );
            let answers = per * 12 / (chance.way + chance.answer.0 + chance.answer.1) * walks as u64;
            let possible = answers.min(limit * 12 * if seed % 2 == 0 { 3 } else { 4 } / 4);
            assert!(
                sent * 2 >= possible,
                "{seed} {speaks:?}: {walks} walks, {limit} per {per}, {sent} of {possible}"
            );
        }
    }
}
