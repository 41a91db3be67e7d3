//! Each list walked in its own way finds every lead, once, in order.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on has failed")]

mod common;
use common::{Client, cursor_walk, id, ids, link, serve};
use everypage_leadserver::LeadServer;
use serde_json::{Value, json};

const FLAGS: &[&str] = &["--records 250", "--records 250 --int-ids", "--records 0", "--records 100"];

/// The truth in the order a list shows it.
fn truth(server: &LeadServer, asc: bool) -> Vec<String> {
    let mut ids = server.oracle();
    if !asc {
        ids.reverse();
    }
    ids
}

/// Walks in both orders under all flags and compares with the truth.
fn check(walk: impl Fn(&mut Client, &str) -> Vec<String>) {
    for flags in FLAGS {
        let (server, mut client) = serve(flags);
        for asc in [false, true] {
            let sort = if asc { "&sort=asc" } else { "" };
            assert_eq!(walk(&mut client, sort), truth(&server, asc), "{flags} {sort}");
        }
    }
}

#[test]
fn by_offset() {
    check(|client, sort| {
        let mut found = Vec::new();
        loop {
            let page = client.page(&format!("/offset?limit=100&offset={}{sort}", found.len()));
            let rows = ids(&page["data"]);
            assert_eq!(page["limit"], 100);
            found.extend(rows.iter().cloned());
            if rows.is_empty() {
                assert_eq!(page["total"], found.len());
                return found;
            }
        }
    });
}

#[test]
fn by_page_number() {
    check(|client, sort| {
        let mut found = Vec::new();
        for n in 1.. {
            let page = client.page(&format!("/page?pageSize=100&page={n}{sort}"));
            found.extend(ids(&page["data"]));
            let paging = &page["pagination"];
            assert_eq!((&paging["page"], &paging["pageSize"]), (&json!(n), &json!(100)));
            assert_eq!(paging["hasPrevPage"], n > 1);
            let pages = paging["totalPages"].as_u64().unwrap();
            assert_eq!(paging["hasNextPage"], n < pages);
            if n >= pages {
                break;
            }
        }
        found
    });
}

#[test]
fn by_cursor() {
    check(|client, sort| cursor_walk(client, &format!("/cursor?limit=100{sort}"), 9).concat());
}

#[test]
fn by_link_header() {
    for by in ["", "&by=cursor"] {
        check(|client, sort| {
            let (mut found, mut pages) = (Vec::new(), 0);
            let mut next = Some(format!("http://any.example/link?per_page=100{sort}{by}"));
            while let Some(url) = next {
                let answer = client.follow(&url);
                found.extend(ids(&answer.json()));
                next = link(answer.header("link"), "next");
                pages += 1;
                if by.is_empty() {
                    assert_eq!(link(answer.header("link"), "prev").is_some(), pages > 1);
                }
                assert!(next.as_ref().is_none_or(|n| n.starts_with("http://any.example/link?")), "{next:?}");
            }
            found
        });
    }
}

#[test]
fn by_link_in_the_body() {
    for by in ["", "&by=cursor", "&links=relative"] {
        check(|client, sort| {
            let mut found = Vec::new();
            let mut next = Some(format!("/link-body?limit=100{sort}{by}"));
            while let Some(url) = next {
                let page = if url.starts_with('/') { client.page(&url) } else { client.follow(&url).json() };
                found.extend(ids(&page["data"]));
                next = page["links"]["next"].as_str().map(str::to_owned);
                assert!(page["links"].get("next").is_some());
                assert!(
                    by != "&links=relative" || next.as_ref().is_none_or(|n| n.starts_with('/')),
                    "{next:?}"
                );
            }
            found
        });
    }
}

#[test]
fn by_keyset() {
    check(|client, sort| {
        let mut found: Vec<String> = Vec::new();
        loop {
            let after = found.last().map_or(String::new(), |last| format!("&after_id={last}"));
            let page = client.page(&format!("/keyset?limit=100{after}{sort}"));
            found.extend(ids(&page["data"]));
            if page["has_more"] == false {
                return found;
            }
        }
    });
}

#[test]
fn by_keyset_with_the_anchor_met_again() {
    let (server, mut client) = serve("--records 250");
    let first = ids(&client.page("/keyset?limit=100")["data"]);
    let page = client.page(&format!("/keyset?limit=100&from_id={}", first[99]));
    assert_eq!(ids(&page["data"])[..2], truth(&server, false)[99..101]);
    assert_eq!(client.get("/keyset?after_id=nobody").status, 400);
}

#[test]
fn in_one_answer() {
    check(|client, sort| ids(&client.page(&format!("/single?x=1{sort}"))["data"]));
}

#[test]
fn by_odata_link() {
    check(|client, sort| {
        let mut found = Vec::new();
        let mut next = Some(format!("http://any.example/odata?$top=100{sort}"));
        while let Some(url) = next {
            let page = client.follow(&url).json();
            found.extend(ids(&page["value"]));
            next = page.get("@odata.nextLink").map(|n| n.as_str().unwrap().to_owned());
        }
        found
    });
}

fn sort_of(sort: &str) -> &str {
    if sort.is_empty() { "desc" } else { "asc" }
}

#[test]
fn by_posted_cursor() {
    check(|client, sort| {
        let (mut found, mut body) = (Vec::new(), json!({ "size": 100, "sort": sort_of(sort) }));
        loop {
            let page = client.post("/search", &body).json();
            found.extend(ids(&page["results"]));
            assert_eq!(page["incomplete_results"], false);
            match page.get("next_cursor") {
                Some(cursor) => body["cursor"] = cursor.clone(),
                None => return found,
            }
        }
    });
}

#[test]
fn by_graphql_connection() {
    check(|client, sort| {
        let mut found = Vec::new();
        let mut variables = json!({ "first": 100, "after": null, "sort": sort_of(sort) });
        loop {
            let body = json!({ "query": "query Q { leads { totalCount } }", "variables": variables });
            let leads = client.post("/graphql", &body).json()["data"]["leads"].clone();
            let edges = leads["edges"].as_array().unwrap();
            found.extend(edges.iter().map(|edge| id(&edge["node"]["id"])));
            let info = &leads["pageInfo"];
            if info["hasNextPage"] == false {
                return found;
            }
            variables["after"] = info["endCursor"].clone();
            // A row's own cursor leads on just as well.
            let own = json!({ "query": "query { leads }", "variables": { "first": 1, "sort": sort_of(sort),
                "after": edges.last().unwrap()["cursor"] } });
            let page = client.post("/graphql", &body).json();
            assert_eq!(page["data"]["leads"]["edges"][0], leads["edges"][0]);
            let after =
                client.post("/graphql", &own).json()["data"]["leads"]["edges"][0]["node"]["id"].clone();
            variables["check"] = after;
        }
    });
}

#[test]
fn by_scroll() {
    check(|client, sort| {
        let mut found = Vec::new();
        let mut page = client.post("/scroll", &json!({ "size": 100, "sort": sort_of(sort) })).json();
        loop {
            let hits = page["hits"]["hits"].as_array().unwrap().clone();
            found.extend(hits.iter().map(|hit| id(&hit["_id"])));
            assert!(hits.iter().all(|hit| hit["_id"] == hit["_source"]["id"]));
            if hits.is_empty() {
                assert_eq!(page["hits"]["total"]["value"], found.len());
                return found;
            }
            let next = json!({ "scroll_id": page["_scroll_id"], "sort": sort_of(sort) });
            page = client.post("/scroll", &next).json();
        }
    });
}

#[test]
fn a_form_is_as_good_as_json() {
    let (server, mut client) = serve("--records 20");
    client.headers = vec![("content-type".into(), "application/x-www-form-urlencoded".into())];
    let page = client.send("POST", "/search", "size=15&sort=a%73c").json();
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = client.send("POST", "/search", &format!("size=15&sort=asc&cursor={cursor}")).json();
    assert_eq!([ids(&page["results"]), ids(&rest["results"])].concat(), truth(&server, true));
}

#[test]
fn every_name_of_the_size_works_and_the_greatest_is_kept() {
    let (_server, mut client) = serve("--records 60 --page-size 7 --max-limit 20");
    for (target, rows) in [
        ("/offset", 7),
        ("/offset?limit=5", 5),
        ("/page?per_page=5", 5),
        ("/page?page_size=500", 20),
        ("/offset?limit=0", 1),
        ("/offset?limit=x", 7),
    ] {
        assert_eq!(ids(&client.page(target)["data"]).len(), rows, "{target}");
    }
}

#[test]
fn what_is_not_understood_is_refused() {
    let (_server, mut client) = serve("--records 5");
    assert_eq!(client.get("/nowhere").status, 404);
    assert_eq!(client.get("/scenario/nowhere/page").status, 404);
    assert_eq!(client.get("/search").status, 405);
    assert_eq!(client.post("/offset", &json!({})).status, 405);
    assert_eq!(client.send("POST", "/search", "{").status, 400);
    assert_eq!(client.get("/cursor?cursor=junk").status, 400);
    assert_eq!(client.post("/scroll", &json!({ "scroll_id": "junk" })).status, 404);
    let refused = client.post("/graphql", &json!({ "query": "mutation { leads }" })).json();
    assert!(refused["errors"][0]["message"].is_string());
    assert_eq!(client.send("HEAD", "/offset", "").body, b"");
}

#[test]
fn links_keep_the_other_parameters() {
    let (_server, mut client) = serve("--records 50");
    let answer = client.get("/link?per_page=10&api_key=k%20y&page=2&status=new");
    let next = link(answer.header("link"), "next").unwrap();
    assert!(next.ends_with("/link?page=3&per_page=10&api_key=k%20y&status=new"), "{next}");
}

#[test]
fn records_are_leads() {
    let (_server, mut client) = serve("--records 3");
    let page = client.page("/offset");
    let lead: &Value = &page["data"][0];
    for field in ["email", "first_name", "title", "created_at", "updated_at"] {
        assert!(lead[field].is_string(), "{field}");
    }
    let born: Vec<_> = page["data"].as_array().unwrap().iter().map(|r| r["created_at"].to_string()).collect();
    assert!(born.is_sorted_by(|a, b| a > b));
}
