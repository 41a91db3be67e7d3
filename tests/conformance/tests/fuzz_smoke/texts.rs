//! URLs, headers, dates, rates, locators.

use crate::mutate::Mutator;
use everypage_core::http::{Headers, date, link, retry_after};
use everypage_core::pace::{Budget, BudgetKey, Grant, HintMeaning, ReadHint, Rules, Window};
use everypage_core::source::parse_locator;
use everypage_core::time::{Millis, Now, Tick, UnixMillis};
use everypage_core::url::{Origin, Url, decode, encode};

const URLS: [&str; 10] = [
    "https://api.example.com/v1/leads?a=1&b=%2C|{}#x",
    "http://10.0.0.1:8080/a/../b/./c",
    "https://[2001:db8::1]:443/x",
    "HTTPS://User@EXAMPLE.com:0443",
    "//evil.example/x",
    "?page=2&size=10",
    "../../x/%2e%2e/y",
    "https://xn--bcher-kva.example/",
    "/a;b=c/d,e?f=[1]",
    "",
];

#[test]
fn urls_read_back_as_they_are_sent() {
    let base = Url::parse("https://api.example.com/v1/leads?status=active").unwrap();
    let mut mutator = Mutator::new(11);
    let mut taken = 0;
    for _ in 0..8000 {
        let text = mutator.text(&URLS);
        for url in [Url::parse(&text), base.resolve(&text)].into_iter().flatten() {
            taken += 1;
            assert_eq!(Url::parse(url.as_str()), Ok(url.clone()), "{text}");
            assert!(url.as_str().bytes().all(|b| b.is_ascii_graphic()), "{text} as {url:?}");
            assert!(!url.as_str().contains('#') && !url.redacted().contains('?'), "{text}");
            assert_eq!(Origin::parse(&url.origin().to_string()), Ok(url.origin()), "{text}");
            assert!(url.agrees_with(url.as_str()), "{text}");
            let value = mutator.text(&URLS);
            let with = url.with_param("cursor", &value);
            assert_eq!(with.param("cursor").as_deref(), Some(value.as_str()), "{text} {value}");
            assert_eq!((with.origin(), with.path()), (url.origin(), url.path()));
            assert_eq!(
                with.without_param("cursor").param("cursor"),
                url.without_param("cursor").param("cursor")
            );
            let _ = (url.is_private(), url.params());
        }
        if let Err(error) = Url::parse(&text) {
            assert!(error.to_string().len() < 300, "{error}");
        }
        assert_eq!(decode(&encode(&text)), text);
    }
    assert!(taken > 2000, "{taken}");
}

#[test]
fn link_headers_give_a_target_that_stands_in_them() {
    let corpus: [&[u8]; 6] = [
        b"<https://api.example.com/?page=2>; rel=\"next\", <https://api.example.com/?page=9>; rel=last",
        b"<a>; title=\"x \\\" , <b>; rel=next\"; REL=next;x",
        b"<?a=1,2;3>;rel=\"prev next\" ,, <z>; rev=next; anchor=\"#x\"",
        b"<a>; rel*=UTF-8''next; rel=next",
        b"<>; rel=next",
        b",",
    ];
    let mut mutator = Mutator::new(12);
    let (mut found, mut broken) = (0, 0);
    for _ in 0..8000 {
        let fields: Vec<Vec<u8>> = (0..=mutator.below(2)).map(|_| mutator.bytes(&corpus)).collect();
        let headers: Headers = fields.iter().map(|field| ("Link", field.clone())).collect();
        match link::target(&headers, "next") {
            Ok(Some(target)) => {
                found += 1;
                let wrapped = format!("<{target}>");
                let stands =
                    |field: &Vec<u8>| field.windows(wrapped.len()).any(|part| part == wrapped.as_bytes());
                assert!(!target.is_empty() && fields.iter().any(stands), "{target}");
            }
            Ok(None) => {}
            Err(error) => {
                broken += 1;
                assert!(error.to_string().len() < 200);
            }
        }
    }
    assert!(found > 300 && broken > 300, "{found} {broken}");
}

const DATES: [&str; 6] = [
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
    "Mon, 21 Sep 2026 14:13:20 GMT",
    "120",
    "5, 60, Fri, 31 Dec 9999 23:59:59 GMT",
];

#[test]
fn waits_and_dates_are_read_or_ignored() {
    let mut mutator = Mutator::new(13);
    let clocks =
        [None, Some(0), Some(1_790_000_000_000), Some(i64::MAX), Some(i64::MIN)].map(|at| at.map(UnixMillis));
    for _ in 0..8000 {
        let text = mutator.text(&DATES);
        let (server, local) = (clocks[mutator.below(5)], clocks[mutator.below(5)]);
        if let Some(at) = date::parse(&text, server) {
            // Dates on the wire have four digits of year.
            assert!(at.0.abs() < 400_000_000_000_000, "{text} is {at:?}");
        }
        let mut headers = Headers::new();
        headers.push("retry-after", mutator.bytes(&[text.as_bytes()]));
        headers.push("date", text.as_str());
        let _ = date::of(&headers);
        let stated = retry_after::parse(&headers, server, local);
        assert!(stated.wait.is_some() || stated.ignored > 0, "{text}");
    }
}

#[test]
fn announced_limits_never_stop_the_clock() {
    let names = [
        "X-RateLimit-Limit",
        "X-RateLimit-Remaining",
        "X-RateLimit-Reset",
        "X-Rate-Limit-Remaining",
        "X-Rate-Limit-Reset",
        "RateLimit",
        "RateLimit-Policy",
        "RateLimit-Remaining",
        "RateLimit-Reset",
        "RateLimit-Limit",
        "Age",
        "Date",
        "x-ratelimit-remaining-requests",
        "x-ratelimit-reset-requests",
    ];
    let values = [
        "0",
        "1",
        "41",
        "1790000041",
        "1790000041000",
        "6m0s",
        "20ms",
        "1e9",
        "\"d\";r=0;t=5",
        "\"p\";q=10000;w=1000",
        "limit=10, remaining=0, reset=5",
        "default;r=1",
        "2026-09-21T14:13:50Z",
        "Mon, 21 Sep 2026 14:13:50 GMT",
        "10;w=60, 5;w=1",
        "0.5",
    ];
    let meanings = [
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
    let mut mutator = Mutator::new(14);
    for round in 0..400 {
        let key = BudgetKey { origin: "https://api.example.com".to_owned(), credential: 1 };
        let windows = (0..mutator.below(3)).map(|_| Window {
            requests: [0, 1, 7, u64::MAX][mutator.below(4)],
            per: Millis([0, 1, 1000, u64::MAX][mutator.below(4)]),
            burst: [None, Some(0), Some(9), Some(u64::MAX)][mutator.below(4)],
        });
        let rules = Rules { windows: windows.collect(), burst: round % 2 == 0, in_flight: None };
        let mut member = Budget::new().join(&key, &rules);
        let mut now = Now {
            tick: Tick([0, 1000, u64::MAX - 5][mutator.below(3)]),
            unix: Some(UnixMillis(1_790_000_000_000)),
        };
        for _ in 0..12 {
            let headers: Headers =
                (0..mutator.below(4)).map(|_| (mutator.pick(&names), mutator.text(&values))).collect();
            let hints: Vec<ReadHint> = (0..mutator.below(3))
                .map(|_| ReadHint { means: meanings[mutator.below(9)], text: mutator.text(&values) })
                .collect();
            let _ = member.observe(&headers, &hints, now);
            match member.grant(now) {
                Grant::Go => member.answered(),
                Grant::NotBefore { at, .. } => {
                    assert!(at > now.tick || at.0 == u64::MAX, "{at:?} at {now:?}");
                    if mutator.chance(50) {
                        now.unix = now.unix.map(|unix| unix.after(at.since(now.tick)));
                        now.tick = at;
                    }
                }
                Grant::Busy => panic!("nothing is on the wire"),
            }
        }
    }
}

#[test]
fn locators_read_back_as_they_are_written() {
    let corpus = [
        "query:cursor",
        "body:/meta/next",
        "header:Prefer~odata.maxpagesize={}",
        "status",
        "link:next",
        "last:/id",
        "max:/id~x{}y",
        "record:/a/-1",
        "query:a,b,*",
        "query:range~[{},{last}]",
        "path:id",
        "text:NAME",
        "form:f",
        "body:/list[k=v]/x~{json}",
        "body:/a~1b~0",
    ];
    let mut mutator = Mutator::new(15);
    let mut taken = 0;
    for _ in 0..8000 {
        let text = mutator.text(&corpus);
        if let Ok(locator) = parse_locator(&text) {
            taken += 1;
            let printed = locator.to_string();
            assert_eq!(parse_locator(&printed).ok().as_ref(), Some(&locator), "{text} as {printed}");
        }
    }
    assert!(taken > 1000, "{taken}");
}
