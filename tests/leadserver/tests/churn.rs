//! The oracle is exact, and cursors stand still while the list moves.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test that can't go on has failed")]

mod common;
use common::{Client, cursor_walk, ids, serve};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

fn served(client: &mut Client, every: usize, most: usize) -> (Vec<String>, Vec<Value>) {
    let (mut found, mut records) = (Vec::new(), Vec::new());
    for n in 0..most {
        let page = client.page(&format!("/offset?limit={every}&offset={}", n * every));
        found.extend(ids(&page["data"]));
        records.extend(page["data"].as_array().unwrap().iter().cloned());
        if page["data"].as_array().unwrap().is_empty() {
            break;
        }
    }
    (found, records)
}

fn whole(client: &mut Client) -> Vec<String> {
    ids(&client.page("/single?sort=asc")["data"])
}

#[test]
fn the_oracle_names_those_that_lived_and_no_others() {
    // `/single` is a list request too, so it ticks: churn stops before the last look.
    let (server, mut client) =
        serve("--records 300 --churn insert+delete --churn-every 1 --churn-size 3 --churn-events 40");
    let before: BTreeSet<_> = server.oracle().into_iter().collect();
    assert_eq!(before.len(), 300);
    served(&mut client, 1, 45);
    let now = whole(&mut client);
    assert_eq!(server.oracle_now(), now);
    let now: BTreeSet<_> = now.into_iter().collect();
    let lived: BTreeSet<_> = server.oracle().into_iter().collect();
    assert_eq!(lived, before.intersection(&now).cloned().collect());
    let stats = server.stats();
    assert_eq!((stats.inserted, stats.deleted, stats.records), (60, 60, 300));
    assert!(lived.len() < 300 && lived.len() >= 240);
    assert_eq!(ids_of(&mut client, "/oracle"), server.oracle());
    assert_eq!(ids_of(&mut client, "/oracle?now=1"), server.oracle_now());
    client.post("/reset", &Value::Null);
    assert_eq!(server.oracle().into_iter().collect::<BTreeSet<_>>(), before);
    assert_eq!((server.stats().inserted, server.stats().requests), (0, 0));
}

fn ids_of(client: &mut Client, target: &str) -> Vec<String> {
    let found = client.page(target);
    found.as_array().unwrap().iter().map(common::id).collect()
}

#[test]
fn cursor_walks_lose_nothing_that_lived() {
    for flags in ["mixed", "insert", "delete", "insert+delete"] {
        let (server, mut client) =
            serve(&format!("--records 3000 --int-ids --churn {flags} --churn-every 1 --churn-size 9"));
        for sort in ["", "&sort=asc"] {
            server.reset();
            let found = cursor_walk(&mut client, &format!("/cursor?limit=50{sort}"), 200).concat();
            let distinct: BTreeSet<_> = found.iter().cloned().collect();
            assert_eq!(found.len(), distinct.len(), "{flags}: a row came twice");
            let missed: Vec<_> = server.oracle().into_iter().filter(|id| !distinct.contains(id)).collect();
            assert_eq!(missed, Vec::<String>::new(), "{flags}");
        }
    }
}

#[test]
fn offset_walks_lose_rows_under_deletes() {
    let (server, mut client) = serve("--records 3000 --churn delete --churn-every 1 --churn-size 5");
    let (found, _) = served(&mut client, 100, 40);
    let found: BTreeSet<_> = found.into_iter().collect();
    assert!(server.oracle().iter().any(|id| !found.contains(id)), "the scenario shows nothing");
}

#[test]
fn the_same_walk_sees_the_same_list() {
    let walk = || {
        let (server, mut client) =
            serve("--records 500 --churn mixed --churn-every 2 --churn-size 7 --seed 3");
        let first = served(&mut client, 50, 30);
        server.reset();
        assert_eq!(served(&mut client, 50, 30), first);
        first
    };
    assert_eq!(walk(), walk());
}

#[test]
fn updates_change_rows_where_they_stand() {
    let (server, mut client) = serve("--records 100 --churn update --churn-every 1 --churn-size 20");
    let (first, before) = served(&mut client, 100, 1);
    let (second, after) = served(&mut client, 100, 1);
    assert_eq!(first, second);
    let changed = before.iter().zip(&after).filter(|(a, b)| a != b).count();
    assert!((10..=40).contains(&changed), "{changed}");
    assert!(before.iter().zip(&after).all(|(a, b)| a["created_at"] == b["created_at"]));
    assert_eq!((server.stats().updated, server.oracle().len()), (40, 100));
}

#[test]
fn one_early_row_can_be_deleted_once() {
    let (server, mut client) = serve(
        "--records 250 --churn delete --churn-every 2 --churn-size 1 --churn-events 1 --churn-where head",
    );
    let truth = server.oracle();
    let (found, _) = served(&mut client, 100, 4);
    let mut count = BTreeMap::new();
    for id in &found {
        *count.entry(id).or_insert(0) += 1;
    }
    let missed: Vec<_> = server.oracle().into_iter().filter(|id| !count.contains_key(id)).collect();
    assert_eq!(found.len(), 249);
    assert_eq!(server.oracle().len(), 249);
    // The youngest is gone; who lived and was never shown is the 101st.
    assert_eq!(missed, [truth[250 - 101].clone()]);
}
