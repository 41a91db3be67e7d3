//! How fast many walks go, in virtual time: never faster than declared or announced, nearly as fast as that, and
//! almost silent while a server is down. `-- --nocapture` prints the figures.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test says so by panicking")]

use everypage_conformance::crowd::{Api, Crowd, Limit, Speaks, naive};
use serde_json::{Value, json};

const ENDLESS: u64 = 1_000_000;
const MINUTE: u64 = 60_000;

fn source(more: &Value) -> Value {
    let mut doc = json!({
        "request": {"url": "https://api.example.com/list"}, "records": "/data", "id": "/id",
        "pagination": {"style": "cursor", "read": "body:/next", "write": "query:cursor", "stable": "key"},
    });
    for (key, value) in more.as_object().unwrap() {
        doc[key] = value.clone();
    }
    doc
}

fn crowd(processes: usize, walks: usize, more: &Value, until: u64) -> Crowd {
    Crowd { processes, walks, source: source(more), way: (10, 50), until, seed: 7 }
}

/// The share of the permitted rate that was used between these moments, in ten thousandths.
fn used(api: &Api, limit: &Limit, span: std::ops::Range<u64>) -> u64 {
    let permitted = limit.requests * (span.end - span.start) / limit.per;
    api.served(span) * 10_000 / permitted
}

fn percent(parts: u64) -> String {
    format!("{}.{:02} %", parts / 100, parts % 100)
}

fn limit(requests: u64, per: u64, sliding: bool, speaks: Speaks) -> Limit {
    Limit { requests, per, sliding, speaks }
}

#[test]
fn walks_on_one_budget_keep_to_what_is_declared_and_use_it() {
    for (requests, per, walks) in [(100, 10_000, 50), (600, 60_000, 50), (1500, 60_000, 100), (20, 10_000, 8)]
    {
        for pacing in ["smooth", "burst"] {
            let limit = limit(requests, per, true, Speaks::Nothing);
            let rate = json!([{"requests": requests, "per": format!("{per}ms")}]);
            let mut api = Api::new(ENDLESS).limited(limit);
            let told = crowd(1, walks, &json!({"rate": rate, "pacing": pacing}), 5 * MINUTE).run(&mut api);
            let used = used(&api, &limit, MINUTE..5 * MINUTE);
            println!(
                "declared {requests:4} per {:2} s, {walks:3} walks, {pacing:6}: {:5} requests, at most {:4} in a window, {} refused, {} used",
                per / 1000,
                told.requests,
                api.most,
                api.refused,
                percent(used)
            );
            assert_eq!((api.refused, api.most <= requests), (0, true));
            assert!(used >= 9_800);
        }
    }
}

#[test]
fn what_a_server_announces_is_kept_to() {
    for (speaks, name) in [(Speaks::XRateLimit, "X-RateLimit"), (Speaks::Ietf, "RateLimit")] {
        for (walks, processes) in [(1, 1), (40, 1), (10, 4)] {
            let limit = limit(600, 60_000, false, speaks);
            let mut api = Api::new(ENDLESS).limited(limit);
            let told = crowd(processes, walks, &json!({}), 6 * MINUTE).run(&mut api);
            let used = used(&api, &limit, MINUTE..6 * MINUTE);
            println!(
                "announced 600 per 60 s by {name:11}, {processes} processes of {walks:2} walks: {:5} requests, {:2} refused, {} used",
                told.requests,
                api.refused,
                percent(used)
            );
            assert!(used >= 9_800);
            // One budget never goes over what it was told. Several learn of each other's requests only by what is
            // left of the limit, so at the end of a window a few may be refused; nobody storms.
            let most = if processes == 1 { 0 } else { told.requests / 100 };
            assert!(api.refused <= most, "{} refused", api.refused);
        }
    }
}

#[test]
fn processes_that_declare_their_share_keep_to_the_whole() {
    for processes in [2, 4, 8] {
        let limit = limit(600, 60_000, true, Speaks::Nothing);
        let rate = json!([{"requests": 600 / processes as u64, "per": "60s"}]);
        let mut api = Api::new(ENDLESS).limited(limit);
        let told = crowd(processes, 5, &json!({"rate": rate}), 6 * MINUTE).run(&mut api);
        let used = used(&api, &limit, MINUTE..6 * MINUTE);
        println!(
            "600 per 60 s shared out to {processes} processes of 5 walks: {:5} requests, at most {:3} in a window, {} refused, {} used",
            told.requests,
            api.most,
            api.refused,
            percent(used)
        );
        assert_eq!((api.refused, api.most <= 600), (0, true));
        assert!(used >= 9_800);
    }
}

#[test]
fn an_outage_of_ten_minutes_costs_hardly_a_request() {
    const PAGES: u64 = 100;
    let down = 5_000..605_000;
    let crowd = crowd(1, 200, &json!({}), 60 * MINUTE);
    let mut api = Api::new(PAGES).down(down.clone());
    let told = crowd.run(&mut api);
    let mut other = Api::new(PAGES).down(down);
    naive(&crowd, &mut other, PAGES, 1000);
    let share = api.during * 10_000 / other.during;
    println!(
        "ten minutes down, 200 walks: {} requests meanwhile, {} by asking again every second: {}; {} walks came to their end, {:.1} s after it was over",
        api.during,
        other.during,
        percent(share),
        told.whole(),
        told.ended.saturating_sub(605_000) as f64 / 1000.0
    );
    assert!(share <= 500);
    assert_eq!(told.whole(), 200);
}
