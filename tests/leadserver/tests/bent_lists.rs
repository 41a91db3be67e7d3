//! Faults of the list itself: each can be seen by a client, and is the same for every request.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on has failed")]

mod common;
use common::{Client, cursor_walk, ids, link, serve};
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn lens(pages: &[Vec<String>]) -> Vec<usize> {
    pages.iter().map(Vec::len).collect()
}

fn distinct(pages: &[Vec<String>]) -> usize {
    pages.iter().flatten().collect::<BTreeSet<_>>().len()
}

fn offsets(client: &mut Client, step: usize, pages: usize) -> Vec<Vec<String>> {
    let page = |n: usize| ids(&client.page(&format!("/offset?limit={step}&offset={}", n * step))["data"]);
    (0..pages).map(page).collect()
}

fn numbers(client: &mut Client, size: usize, pages: usize) -> Vec<Vec<String>> {
    let page = |n: usize| ids(&client.page(&format!("/page?pageSize={size}&page={}", n + 1))["data"]);
    (0..pages).map(page).collect()
}

#[test]
fn a_clamp_makes_pages_smaller_without_a_word() {
    let (_server, mut client) = serve("--records 250 --fault clamp=100");
    let page = client.page("/offset?limit=200");
    assert_eq!((ids(&page["data"]).len(), &page["total"]), (100, &json!(250)));
    assert_eq!(lens(&numbers(&mut client, 200, 3)), [100, 100, 50]);
    assert_eq!(lens(&cursor_walk(&mut client, "/cursor?limit=200", 9)), [100, 100, 50]);
}

#[test]
fn a_middle_page_is_one_row_short() {
    let (server, mut client) = serve("--records 249 --fault short-middle=2");
    for pages in [
        offsets(&mut client, 100, 4),
        numbers(&mut client, 100, 4),
        cursor_walk(&mut client, "/cursor?limit=100", 9),
    ] {
        assert_eq!(lens(&pages)[..3], [100, 99, 50]);
        assert_eq!(distinct(&pages), server.oracle().len());
    }
    // The place is blank for every window over it.
    assert_eq!(ids(&client.page("/offset?limit=10&offset=145")["data"]).len(), 9);
    assert_eq!(client.page("/offset")["total"], 249);
    let (_server, mut client) = serve("--records 249 --fault short-middle=2:total-all");
    assert_eq!(client.page("/offset")["total"], 250);
}

#[test]
fn a_middle_page_is_empty_and_the_list_goes_on() {
    let (_server, mut client) = serve("--records 250 --fault empty-middle=2");
    for pages in [
        offsets(&mut client, 100, 4),
        numbers(&mut client, 100, 4),
        cursor_walk(&mut client, "/cursor?limit=100", 9),
    ] {
        assert_eq!((lens(&pages), distinct(&pages)), (vec![100, 0, 100, 50], 250));
    }
    let second = client.get("/link?per_page=100&page=2");
    assert_eq!(second.body, b"[]");
    assert!(link(second.header("link"), "next").is_some());
}

#[test]
fn a_cap_ends_the_list_in_silence() {
    let (_server, mut client) = serve("--records 250 --fault cap=100");
    assert_eq!(lens(&offsets(&mut client, 60, 3)), [60, 40, 0]);
    assert_eq!(lens(&cursor_walk(&mut client, "/cursor?limit=60", 9)), [60, 40]);
    let page = client.page("/page?pageSize=50&page=2");
    assert_eq!(page["pagination"]["hasNextPage"], false);
    assert_eq!(page["pagination"]["total"], 250);
    assert_eq!(client.page("/cursor")["incomplete_results"], false);
    let (_server, mut client) = serve("--records 250 --fault cap=100:flag");
    let page = client.post("/search", &json!({ "size": 100 })).json();
    assert_eq!((&page["incomplete_results"], page.get("next_cursor")), (&json!(true), None));
    assert_eq!(page["total_count"], 250);
}

#[test]
fn a_cap_answers_400() {
    let (_server, mut client) = serve("--records 250 --fault cap=100:error");
    assert_eq!(lens(&offsets(&mut client, 50, 2)), [50, 50]);
    assert_eq!(client.get("/offset?limit=50&offset=100").status, 400);
    let page = client.page("/cursor?limit=100");
    let cursor = page["pagination"]["next_cursor"].as_str().unwrap();
    assert_eq!(client.get(&format!("/cursor?cursor={cursor}")).status, 400);
}

#[test]
fn a_cap_repeats_the_last_page() {
    let (_server, mut client) = serve("--records 250 --fault cap=100:repeat");
    let pages = numbers(&mut client, 50, 5);
    assert_eq!((distinct(&pages), &pages[1], &pages[4]), (100, &pages[2], &pages[2]));
    let pages = cursor_walk(&mut client, "/cursor?limit=50", 6);
    assert_eq!((pages.len(), distinct(&pages)), (6, 100));
}

#[test]
fn totals_lie() {
    for (fault, told) in
        [("total-lies=250", json!(250)), ("total-lies=-40", json!(200)), ("no-total", Value::Null)]
    {
        let (_server, mut client) = serve(&format!("--records 240 --fault {fault}"));
        assert_eq!(client.page("/offset")["total"], told);
        assert_eq!(client.page("/page")["pagination"]["total"], told);
        assert_eq!(client.page("/cursor")["pagination"]["total_count"], told);
        assert_eq!(client.page("/odata")["@odata.count"], told);
        assert_eq!(client.page("/link-body")["meta"]["total"], told);
        assert_eq!(client.get("/link").header("x-total-count").is_empty(), told.is_null());
    }
}

#[test]
fn rows_come_again_at_the_end() {
    let (_server, mut client) = serve("--records 240 --fault repeat-rows=10");
    let pages = offsets(&mut client, 100, 4);
    assert_eq!((lens(&pages), distinct(&pages)), (vec![100, 100, 50, 0], 240));
    assert_eq!(pages[2][40..], pages[0][..10]);
    assert_eq!(client.page("/offset")["total"], 250);
    assert_eq!(cursor_walk(&mut client, "/cursor?limit=100", 9).concat().len(), 240);
}

#[test]
fn pages_overlap() {
    let (_server, mut client) = serve("--records 250 --fault overlap=5:pages=1");
    let pages = cursor_walk(&mut client, "/cursor?limit=100", 9);
    assert_eq!((lens(&pages), distinct(&pages)), (vec![100, 100, 55], 250));
    assert_eq!(pages[0][95..], pages[1][..5]);
    let (_server, mut client) = serve("--records 250 --fault overlap=5");
    assert_eq!(lens(&cursor_walk(&mut client, "/cursor?limit=100", 9)), [100, 100, 60]);
}

fn cursors(client: &mut Client, most: usize) -> Vec<String> {
    let (mut seen, mut next) = (Vec::new(), String::new());
    while seen.len() < most {
        let page = client.page(&format!("/cursor?limit=50{next}"));
        let Some(cursor) = page["pagination"]["next_cursor"].as_str() else { break };
        next = format!("&cursor={cursor}");
        seen.push(cursor.to_owned());
    }
    seen
}

#[test]
fn a_cursor_never_changes() {
    let (_server, mut client) = serve("--records 250 --fault cursor-loop");
    let seen = cursors(&mut client, 8);
    assert_eq!((seen.len(), seen.iter().collect::<BTreeSet<_>>().len()), (8, 1));
    let (_server, mut client) = serve("--records 250 --fault cursor-loop=4");
    let seen = cursors(&mut client, 8);
    assert_eq!((seen.iter().collect::<BTreeSet<_>>().len(), &seen[2]), (3, &seen[7]));
}

#[test]
fn cursors_go_in_a_circle() {
    let (_server, mut client) = serve("--records 500 --fault cursor-cycle");
    let seen = cursors(&mut client, 8);
    assert_eq!((&seen[0], &seen[1]), (&seen[2], &seen[3]));
    assert_ne!(seen[0], seen[1]);
    let pages = cursor_walk(&mut client, "/cursor?limit=50", 9);
    assert_eq!((&pages[1], &pages[2], distinct(&pages)), (&pages[3], &pages[4], 150));
    let (_server, mut client) = serve("--records 500 --fault cursor-cycle=3:len=4");
    let seen = cursors(&mut client, 12);
    assert_eq!(seen[1..5], seen[5..9]);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 5);
}

#[test]
fn links_go_in_a_circle() {
    let (_server, mut client) = serve("--records 500 --fault cursor-cycle");
    let mut next = "http://x/link?per_page=50".to_owned();
    let mut seen = Vec::new();
    for _ in 0..6 {
        next = link(client.follow(&next).header("link"), "next").unwrap();
        seen.push(next.clone());
    }
    assert_eq!((&seen[0], &seen[1]), (&seen[2], &seen[3]));
}

#[test]
fn a_link_leads_to_another_host() {
    let (server, mut client) = serve("--records 250 --auth-token t --fault foreign-link");
    client.headers = vec![("authorization".into(), "Bearer t".into())];
    let foreign = server.foreign_host();
    for target in ["/link?per_page=100", "/link?per_page=100&by=cursor"] {
        let next = link(client.get(target).header("link"), "next").unwrap();
        assert!(next.starts_with(&format!("http://{foreign}/link?")), "{next}");
    }
    for target in ["/link-body?limit=100", "/link-body?limit=100&by=cursor"] {
        let next = client.page(target)["links"]["next"].as_str().unwrap().to_owned();
        assert!(next.starts_with(&format!("http://{foreign}/link-body?")), "{next}");
        // Who follows gives the token away, and is seen doing it.
        assert_eq!(client.follow(&next).status, 200);
    }
    assert_eq!(server.stats().auth[&foreign]["authorization: Bearer t"], 2);
    let page = client.page("/odata?$top=100");
    assert!(page["@odata.nextLink"].as_str().unwrap().starts_with(&format!("http://{foreign}/")));
    let (_server, mut client) = serve("--records 250 --fault foreign-link=2:to=https://evil.example:8443");
    let next = |c: &mut Client, n| link(c.get(&format!("/link?page={n}")).header("link"), "next").unwrap();
    assert!(next(&mut client, 1).starts_with("http://127.0.0.1:"));
    assert!(next(&mut client, 2).starts_with("https://evil.example:8443/link?page=3"));
}

#[test]
fn a_link_holds_what_parsers_cut_at() {
    let (_server, mut client) = serve("--records 250 --fault weird-link");
    let first = client.get("/link?per_page=100");
    let header = first.header("link");
    let target = format!("<http://127.0.0.1:{}/link?page=2&filter=a;b,c;d&per_page=100>", client.port());
    assert!(
        header.starts_with(&format!("{target}; title=\"leads; rel=\\\"prev\\\", page\"; rel=\"next\"")),
        "{header}"
    );
    let second = client.get("/link?page=2&filter=a;b,c;d&per_page=100");
    assert_eq!(ids(&second.json()).len(), 100);
    assert!(
        second.header("link").contains("page=3&filter=a;b,c;d&per_page=100>"),
        "{}",
        second.header("link")
    );
}

#[test]
fn a_cursor_must_be_encoded() {
    let (_server, mut client) = serve("--records 100 --fault awkward-cursor");
    let page = client.page("/cursor?limit=40");
    let cursor = page["pagination"]["next_cursor"].as_str().unwrap();
    assert!(cursor.contains('+') && cursor.contains('&') && cursor.contains('#') && cursor.contains('%'));
    let safe = cursor.bytes().fold(String::new(), |out, b| out + &format!("%{b:02x}"));
    assert_eq!(ids(&client.page(&format!("/cursor?limit=40&cursor={safe}"))["data"]).len(), 40);
    assert_eq!(
        client.get(&format!("/cursor?limit=40&cursor={}", cursor.replace([' ', '#'], ""))).status,
        400
    );
    let found = client.post("/search", &json!({ "cursor": cursor })).json();
    assert_eq!(ids(&found["results"]).len(), 50);
    let next = link(client.get("/link?by=cursor").header("link"), "next").unwrap();
    assert_eq!(ids(&client.follow(&next).json()).len(), 50);
}

#[test]
fn cursors_die_after_so_many_uses() {
    let (_server, mut client) = serve("--records 500 --fault expired-cursor=410:uses=2");
    let seen = cursors(&mut client, 2);
    let mut use_it = |cursor: &str| client.get(&format!("/cursor?limit=50&cursor={cursor}")).status;
    // `cursors` has used the first one.
    assert_eq!(use_it(&seen[1]), 200);
    assert_eq!([use_it(&seen[1]), use_it(&seen[1]), use_it(&seen[0])], [410, 410, 410]);
    // A new walk is not troubled again.
    assert_eq!(cursor_walk(&mut client, "/cursor?limit=50", 20).concat().len(), 500);
    let (_server, mut client) = serve("--records 500 --fault expired-cursor=400:uses=2:times=always");
    for _ in 0..3 {
        let seen = cursors(&mut client, 3);
        assert_eq!(client.get(&format!("/cursor?cursor={}", seen[2])).status, 400);
    }
}

#[test]
fn cursors_die_after_so_long() {
    let (_server, mut client) = serve("--records 500 --fault expired-cursor=422:ms=150");
    let seen = cursors(&mut client, 1);
    let target = format!("/cursor?cursor={}", seen[0]);
    assert_eq!(client.get(&target).status, 200);
    std::thread::sleep(std::time::Duration::from_millis(200));
    assert_eq!(client.get(&target).status, 422);
    assert_eq!(cursors(&mut client, 2).len(), 2);
}

#[test]
fn scrolls_die_and_move_on_at_every_call() {
    let (_server, mut client) = serve("--records 500 --fault expired-cursor=404:uses=2");
    let page = client.post("/scroll", &json!({ "size": 10 })).json();
    let next = json!({ "scroll_id": page["_scroll_id"] });
    let one = client.post("/scroll", &next).json()["hits"]["hits"][0]["_id"].clone();
    let two = client.post("/scroll", &next).json()["hits"]["hits"][0]["_id"].clone();
    assert_ne!(one, two);
    assert_eq!(client.post("/scroll", &next).status, 404);
    assert_eq!(client.post("/scroll", &next).status, 404);
}

#[test]
fn a_cursor_can_be_good_for_one_use() {
    let (_server, mut client) = serve("--records 500 --fault single-use");
    let seen = cursors(&mut client, 3);
    assert_eq!(client.get(&format!("/cursor?cursor={}", seen[0])).status, 410);
    assert_eq!(client.get(&format!("/cursor?cursor={}", seen[2])).status, 200);
    assert_eq!(client.get(&format!("/cursor?cursor={}", seen[2])).status, 410);
}
