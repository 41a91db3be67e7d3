//! Rate limits are enforced, told and counted as declared; credentials are asked for and remembered.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on has failed")]

mod common;
use common::{Client, serve};
use std::time::{Duration, Instant};

#[test]
fn the_limit_holds_and_the_wait_that_is_told_is_enough() {
    let (server, mut client) =
        serve("--records 10 --rate 5/1s --rate-headers retry-after-seconds,x-ratelimit-delta");
    let statuses: Vec<_> = (0..7).map(|_| client.get("/offset").status).collect();
    assert_eq!(statuses, [200, 200, 200, 200, 200, 429, 429]);
    let refused = client.get("/offset");
    assert_eq!(refused.header("x-ratelimit-remaining"), "0");
    let wait = refused.header("retry-after").parse().unwrap();
    std::thread::sleep(Duration::from_secs(wait));
    assert_eq!(client.get("/offset").status, 200);
    let rate = &server.stats().rates[0];
    assert_eq!((rate.requests, rate.window_ms, rate.refused, rate.violated), (5, 1_000, 3, true));
    assert_eq!(rate.most, 8);
    assert!(rate.shortest_us.unwrap() < 1_000_000);
    server.reset();
    assert!(!server.stats().violated);
}

#[test]
fn a_client_that_keeps_the_limit_is_never_refused_nor_a_violator() {
    let (server, mut client) = serve("--records 10 --rate 4/200ms --rate 9/600ms --rate-headers none");
    for n in 0..24 {
        // Four at once every 200 ms would break the second limit: three keep both.
        if n % 3 == 0 {
            std::thread::sleep(Duration::from_millis(205));
        }
        let answer = client.get("/offset");
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("x-ratelimit-limit"), "");
    }
    let stats = server.stats();
    assert!(!stats.violated, "{stats:?}");
    assert_eq!(stats.rates[0].most, 3);
    assert!(
        stats.rates.iter().all(|r| r.shortest_us.is_none_or(|us| us >= r.window_ms * 1_000)),
        "{stats:?}"
    );
}

#[test]
fn every_dialect_comes_with_every_answer_it_belongs_to() {
    for (dialect, header, always) in [
        ("retry-after-seconds", "retry-after", false),
        ("retry-after-date", "retry-after", false),
        ("x-ratelimit-epoch", "x-ratelimit-reset", true),
        ("x-ratelimit-delta", "x-ratelimit-reset", true),
        ("ietf-06", "ratelimit-reset", true),
        ("ietf-07", "ratelimit", true),
        ("ietf-draft8", "ratelimit-policy", true),
    ] {
        let (_server, mut client) = serve(&format!("--records 10 --rate 1/60s --rate-headers {dialect}"));
        assert_eq!(client.get("/cursor").header(header).is_empty(), !always, "{dialect}");
        let refused = client.get("/cursor");
        assert_eq!(refused.status, 429);
        assert!(!refused.header(header).is_empty(), "{dialect}");
        assert_eq!(client.get("/stats").header(header), "", "admin paths have no limit");
    }
}

#[test]
fn a_wrong_clock_is_wrong_in_all_dates_alike() {
    let (_server, mut client) = serve(
        "--records 10 --rate 1/10s --rate-headers retry-after-date,x-ratelimit-epoch --clock-skew -86400",
    );
    client.get("/offset");
    let refused = client.get("/offset");
    let date = httpdate::parse_http_date(refused.header("date")).unwrap();
    let until = httpdate::parse_http_date(refused.header("retry-after")).unwrap();
    let wait = until.duration_since(date).unwrap().as_secs();
    assert!((9..=12).contains(&wait), "{wait}");
    let behind = std::time::SystemTime::now().duration_since(date).unwrap().as_secs();
    assert!((86_399..86_410).contains(&behind), "{behind}");
}

#[test]
fn without_the_token_there_is_nothing() {
    let (server, mut client) = serve("--records 10 --auth-token t0k");
    assert_eq!(client.get("/offset").status, 401);
    client.headers = vec![("authorization".into(), "Bearer wrong".into())];
    assert_eq!(client.get("/offset").status, 401);
    client.headers = vec![("authorization".into(), "Bearer t0k".into())];
    assert_eq!(client.get("/offset").status, 200);
    client.headers = vec![("x-api-key".into(), "t0k".into())];
    assert_eq!(client.get("/offset").status, 200);
    client.headers.clear();
    assert_eq!(client.get("/offset?api_key=t0k").status, 200);
    assert_eq!(client.get("/stats").status, 200);
    client.host = Some("elsewhere.example".into());
    client.headers = vec![("authorization".into(), "Bearer t0k".into())];
    client.get("/offset");
    let auth = server.stats().auth;
    assert_eq!(auth["elsewhere.example"].keys().collect::<Vec<_>>(), ["authorization: Bearer t0k"]);
    let here = &auth[&format!("127.0.0.1:{}", server.port())];
    assert_eq!((here["none"], here["api_key: t0k"], here["x-api-key: t0k"]), (1, 1, 1));
}

#[test]
fn a_token_can_expire_in_the_middle() {
    let (server, mut client) = serve("--records 300 --auth-token old --fault 401-once=3");
    let mut get = |token: &str, offset: u32| {
        client.headers = vec![("authorization".into(), format!("Bearer {token}"))];
        client.get(&format!("/offset?offset={offset}")).status
    };
    assert_eq!([get("old", 0), get("old", 50), get("old", 100), get("old", 100)], [200, 200, 401, 401]);
    assert_eq!([get("old-fresh", 100), get("old-fresh", 150), get("old", 150)], [200, 200, 401]);
    assert_eq!(server.fresh_token(), Some("old-fresh"));
    server.reset();
    assert_eq!(get("old", 0), 200);
}

#[test]
fn requests_connections_and_concurrency_are_counted() {
    let (server, mut client) = serve("--records 100 --latency-ms 60 --log 5");
    let start = Instant::now();
    client.get("/offset");
    assert!(start.elapsed() >= Duration::from_millis(60));
    let port = server.port();
    let threads: Vec<_> = (0..4)
        .map(|n| std::thread::spawn(move || Client::new(port).get(&format!("/page?page={n}")).status))
        .collect();
    assert!(threads.into_iter().all(|t| t.join().unwrap() == 200));
    client.get("/offset?limit=3");
    let stats = server.stats();
    assert_eq!((stats.requests, stats.connections, stats.in_flight), (6, 5, 4));
    assert_eq!((stats.by_path["/offset"], stats.by_path["/page"], stats.statuses[&200]), (2, 4, 6));
    let log = server.log();
    assert_eq!(log.len(), 5);
    let last = log.last().unwrap();
    assert_eq!((last.number, last.target.as_str(), last.status), (6, "/offset?limit=3", 200));
    assert_eq!(client.page("/log").as_array().unwrap().len(), 5);
    assert_eq!(client.page("/stats")["requests"], 6);
}

#[test]
fn a_browser_is_let_in_as_told() {
    let (_server, mut client) = serve("--records 5 --cors expose");
    client.headers = vec![("access-control-request-headers".into(), "authorization".into())];
    let preflight = client.send("OPTIONS", "/link", "");
    assert_eq!((preflight.status, preflight.header("access-control-allow-headers")), (204, "authorization"));
    assert!(client.get("/link").header("access-control-expose-headers").contains("link"));
    let (_server, mut client) = serve("--records 5 --cors hide");
    assert_eq!(client.get("/link").header("access-control-allow-origin"), "*");
    assert_eq!(client.get("/link").header("access-control-expose-headers"), "");
    let (_server, mut client) = serve("--records 5");
    assert_eq!(client.get("/link").header("access-control-allow-origin"), "");
}

#[test]
fn a_dropped_server_is_gone() {
    let (server, mut client) = serve("--records 5");
    let port = server.port();
    client.get("/offset");
    drop(server);
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
}
