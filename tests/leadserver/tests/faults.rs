//! Faults of single requests: each is observable, hits where it was told to, and is gone when the request is repeated.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on has failed")]

mod common;
use common::{Answer, Client, cursor_walk, ids, serve};
use flate2::read::MultiGzDecoder;
use serde_json::json;
use std::{
    io::Read as _,
    time::{Duration, Instant},
};

/// Asks for three pages; gives the second one's first answer after checking that all else is well.
fn second(fault: &str) -> Answer {
    let (server, mut client) = serve(&format!("--records 300 --fault {fault}"));
    client.headers = vec![("accept-encoding".into(), "gzip".into())];
    let name = fault.split('=').next().unwrap();
    assert_eq!(ids(&client.page("/offset?limit=100")["data"]).len(), 100, "{fault}");
    let faulted = client.get("/offset?limit=100&offset=100");
    for offset in [100, 200, 0, 100] {
        let page = client.page(&format!("/offset?limit=100&offset={offset}"));
        assert_eq!(ids(&page["data"]).len(), 100, "{fault} at {offset}");
    }
    assert_eq!(server.stats().faults[name], 1, "{fault}");
    let log = server.log();
    let hit: Vec<_> =
        log.iter().filter(|e| e.fault.as_deref() == Some(name)).map(|e| (e.number, e.status)).collect();
    assert_eq!(hit, [(2, faulted.status)], "{fault}");
    faulted
}

fn date(answer: &Answer, name: &str) -> std::time::SystemTime {
    httpdate::parse_http_date(answer.header(name)).unwrap()
}

#[test]
fn statuses_with_and_without_a_wait() {
    let answer = second("429=2:after=3");
    assert_eq!((answer.status, answer.header("retry-after")), (429, "3"));
    let answer = second("429-date=2:after=3");
    let wait = date(&answer, "retry-after").duration_since(date(&answer, "date")).unwrap().as_secs();
    assert_eq!((answer.status, wait == 3 || wait == 4), (429, true));
    let answer = second("429-bare=2");
    assert_eq!((answer.status, answer.header("retry-after")), (429, ""));
    assert!([500, 502, 503, 504].contains(&second("5xx=2").status));
    for code in [503, 418, 408, 500] {
        assert_eq!(second(&format!("{code}=2")).status, code);
    }
    assert_eq!(second("503=2:after=9").header("retry-after"), "9");
}

#[test]
fn what_hides_in_a_200() {
    assert!(second("error-in-200=2").json()["error"]["code"].is_string());
    let nothing = second("errors-empty-data=2").json();
    assert_eq!(nothing["data"], json!([]));
    assert!(nothing["errors"][0].is_object());
    let html = second("html-200=2");
    assert!(
        html.text().starts_with("<!DOCTYPE html>") && html.header("content-type").starts_with("text/html")
    );
    assert_eq!(second("empty-200=2").body, b"");
}

#[test]
fn errors_speak_the_style_of_their_list() {
    let (_server, mut client) = serve("--records 300 --fault errors-empty-data=1:always");
    let query = json!({ "query": "{ leads }", "variables": {} });
    let page = client.post("/graphql", &query).json();
    assert_eq!(page["data"]["leads"]["pageInfo"]["hasNextPage"], false);
    assert!(page["errors"].is_array());
    let (_server, mut client) = serve("--records 300 --fault error-in-200=1-9");
    assert!(client.post("/graphql", &query).json()["data"].is_null());
    assert!(client.post("/search", &json!({})).json()["error"].is_object());
}

#[test]
fn a_409_in_the_middle_stays() {
    let (_server, mut client) = serve("--records 500 --fault 409-middle");
    let status = |client: &mut Client, n| client.get(&format!("/link?page={n}")).status;
    assert_eq!([1, 2, 3, 3, 3, 4].map(|n| status(&mut client, n)), [200, 200, 409, 409, 409, 200]);
}

#[test]
fn bodies_that_end_too_early() {
    let length = |a: &Answer| a.header("content-length").parse::<usize>().unwrap();
    let answer = second("truncate-length=2");
    assert!(!answer.whole && !answer.reset && answer.body.len() < length(&answer));
    let answer = second("truncate-chunked=2");
    assert!(!answer.whole && !answer.reset && answer.header("transfer-encoding") == "chunked");
    let answer = second("truncate-close=2:at=777");
    assert!(answer.whole && answer.body.len() == 777 && answer.header("content-length").is_empty());
    let answer = second("reset-in-body=2");
    assert!(!answer.whole && answer.reset && answer.status == 200);
    let answer = second("truncate-json=2");
    assert!(answer.whole && serde_json::from_slice::<serde_json::Value>(&answer.body).is_err());
    // A body longer than its length leaves a connection that can't be used again.
    let answer = second("excess-body=2");
    assert!(answer.whole && serde_json::from_slice::<serde_json::Value>(&answer.body).is_err());
}

#[test]
fn connections_that_give_nothing() {
    for fault in ["reset-before=2", "lost-response=2"] {
        let answer = second(fault);
        assert!(answer.reset && answer.status == 0 && answer.body.is_empty(), "{fault}");
    }
    let start = Instant::now();
    let answer = second("hang=2:ms=120");
    assert!(answer.status == 0 && !answer.reset && start.elapsed() >= Duration::from_millis(120));
}

#[test]
fn a_slow_body_is_whole_in_the_end() {
    let start = Instant::now();
    let answer = second("slow-drip=2:bytes=4096:ms=10");
    assert_eq!(ids(&answer.json()["data"]).len(), 100);
    assert!(start.elapsed() >= Duration::from_millis(80), "{:?}", start.elapsed());
}

fn unzip(answer: &Answer) -> Result<Vec<u8>, std::io::Error> {
    assert_eq!(answer.header("content-encoding"), "gzip");
    let mut out = Vec::new();
    MultiGzDecoder::new(&answer.body[..]).read_to_end(&mut out).map(|_| out)
}

#[test]
fn gzip_whole_and_broken() {
    for fault in ["truncate-gzip=2", "gzip-no-trailer=2", "bad-gzip=2", "plain-as-gzip=2", "gzip-junk=2"] {
        let answer = second(fault);
        assert!(answer.whole && unzip(&answer).is_err(), "{fault}");
    }
    let page: serde_json::Value =
        serde_json::from_slice(&unzip(&second("gzip-two-members=2")).unwrap()).unwrap();
    assert_eq!(ids(&page["data"]).len(), 100);
    assert!(unzip(&second("gzip-bomb=2:mib=3")).unwrap().len() > 3 << 20);
    assert!(second("bom=2").body.starts_with(b"\xef\xbb\xbf{"));
    assert!(second("junk-after=2").text().ends_with("{\"also\":[1]}"));
}

#[test]
fn honest_gzip_is_for_those_who_ask() {
    let (_server, mut client) = serve("--records 300 --fault gzip --fault 503=2");
    assert_eq!(client.page("/offset")["limit"], 50);
    client.headers = vec![("accept-encoding".into(), "br, gzip;q=0.8".into())];
    for status in [503, 200, 200] {
        let answer = client.get("/offset?offset=50");
        assert_eq!(answer.status, status);
        if status == 200 {
            let page: serde_json::Value = serde_json::from_slice(&unzip(&answer).unwrap()).unwrap();
            assert_eq!(page["offset"], 50);
        }
    }
}

#[test]
fn redirects_lead_to_the_page_or_in_circles() {
    let (server, mut client) = serve("--records 300 --fault redirect=2:hops=3:code=307");
    let (mut target, mut codes) = ("/offset?limit=100&offset=100".to_owned(), Vec::new());
    client.page("/offset?limit=100");
    let page = loop {
        let answer = client.get(&target);
        codes.push(answer.status);
        match answer.header("location").strip_prefix(server.url()) {
            Some(next) => target = next.to_owned(),
            None => break answer,
        }
    };
    assert_eq!(codes, [307, 307, 307, 200]);
    assert_eq!(page.json()["offset"], 100);
    assert_eq!(client.page("/offset?limit=100&offset=100")["offset"], 100);
    let (server, mut client) = serve("--records 300 --fault redirect=1:foreign");
    let foreign = client.get("/offset?limit=5");
    assert!(foreign.header("location").starts_with(&format!("http://{}/offset", server.foreign_host())));
    let (server, mut client) = serve("--records 300 --fault redirect=1:loop:always");
    for _ in 0..3 {
        assert_eq!(client.get("/offset?limit=5").header("location"), server.at("/offset?limit=5"));
    }
}

#[test]
fn a_lost_response_moves_a_scroll_on_and_a_reset_before_does_not() {
    for (fault, skipped) in [("lost-response=2", 10), ("reset-before=2", 0)] {
        let (_server, mut client) = serve(&format!("--records 300 --int-ids --fault {fault}"));
        let page = client.post("/scroll", &json!({ "size": 10 })).json();
        let next = json!({ "scroll_id": page["_scroll_id"] });
        assert!(client.post("/scroll", &next).reset);
        let page = client.post("/scroll", &next).json();
        assert_eq!(page["hits"]["hits"][0]["_id"], 290 - skipped, "{fault}");
    }
}

#[test]
fn chance_hits_its_share_and_repeats_after_a_reset() {
    let (server, mut client) = serve("--records 5000 --fault 503=20% --fault reset-in-body=10% --seed 4");
    let walk = |client: &mut Client| -> Vec<u16> {
        let ask = |n| {
            let target = format!("/offset?limit=10&offset={}", n * 10);
            let first = client.get(&target);
            let again = if first.whole && first.status == 200 { 0 } else { client.get(&target).status };
            assert!(again == 0 || again == 200);
            first.status * u16::from(first.whole)
        };
        (0..300).map(ask).collect()
    };
    let first = walk(&mut client);
    let share = |status| first.iter().filter(|s| **s == status).count();
    assert!((40..80).contains(&share(503)) && (10..40).contains(&share(0)), "{} {}", share(503), share(0));
    assert_eq!(server.stats().statuses[&503], share(503) as u64);
    server.reset();
    assert_eq!(walk(&mut client), first);
}

#[test]
fn a_page_fails_several_times_if_told_so() {
    let (_server, mut client) = serve("--records 300 --fault 503=2:times=3");
    let mut get = |offset| client.get(&format!("/offset?offset={offset}")).status;
    assert_eq!([get(0), get(50), get(50), get(50), get(50), get(100)], [200, 503, 503, 503, 200, 200]);
}

#[test]
fn a_walk_through_everything_at_once_is_whole() {
    let (server, mut client) = serve(
        "--records 2000 --fault 429=5% --fault 5xx=10% --fault truncate-length=10% --fault reset-before=10% \
         --fault error-in-200=5% --fault truncate-json=5% --fault truncate-chunked=5% --churn mixed --churn-every 3",
    );
    let (mut found, mut next) = (Vec::new(), String::new());
    loop {
        let answer = client.get(&format!("/cursor?limit=20{next}"));
        let body = serde_json::from_slice::<serde_json::Value>(&answer.body).ok();
        let Some(page) = body.filter(|b| answer.whole && answer.status == 200 && b["data"].is_array()) else {
            continue;
        };
        found.extend(ids(&page["data"]));
        match page["pagination"]["next_cursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    assert!(server.oracle().iter().all(|id| found.contains(id)));
    assert!(server.stats().faults.len() >= 6, "{:?}", server.stats().faults);
}

#[test]
fn scenarios_are_servers_of_their_own() {
    let (server, mut client) = serve("--records 7");
    let list = client.page("/scenarios");
    assert!(list.as_array().unwrap().len() >= 27);
    for scenario in list.as_array().unwrap() {
        let (method, target) = scenario["start"].as_str().unwrap().split_once(' ').unwrap();
        let name = scenario["name"].as_str().unwrap();
        client.headers = vec![("x-api-key".into(), "secret".into())];
        let body = if method == "POST" { "{}" } else { "" };
        let first = client.send(method, &format!("/scenario/{name}{target}"), body);
        assert_eq!(first.status, 200, "{name}: {}", first.text());
        assert_eq!(client.page(&format!("/scenario/{name}/stats"))["requests"], 1, "{name}");
        let truth = client.page(&format!("/scenario/{name}/oracle")).as_array().unwrap().len();
        assert!((240..=250).contains(&truth), "{name}");
        // Links stay within the scenario.
        let links = format!("{}{}", first.header("link"), first.text());
        assert!(!links.contains("://") || links.contains(&format!("/scenario/{name}/")), "{name}: {links}");
    }
    assert_eq!(server.stats().requests, 0);
    assert_eq!(cursor_walk(&mut client, "/scenario/overlap/cursor?limit=100", 9).concat().len(), 255);
}
