//! What walks on one key share, and walks on others don't.

use super::*;
use crate::facts::{Auth, Secret};
use crate::pace::{Ask, HintMeaning, ReadHint};
use crate::time::Millis;

#[test]
fn a_stated_wait_holds_every_walk_of_the_key_and_no_other() {
    let budget = Budget::new();
    let mut one = budget.join(&key(), &Rules::default());
    let mut other = budget.clone().join(&key(), &Rules::default());
    let mut elsewhere = budget.join(&BudgetKey { credential: 2, ..key() }, &Rules::default());
    one.hold_until(Tick(5000));
    one.hold_until(Tick(4000));
    assert_eq!(other.grant(Now::at(10)), Grant::NotBefore { at: Tick(5000), why: Wait::Stated });
    assert_eq!(elsewhere.grant(Now::at(10)), Grant::Go);
    // A walk that starts later is held, too.
    let mut late = budget.join(&key(), &Rules::default());
    assert_eq!(late.grant(Now::at(4999)), Grant::NotBefore { at: Tick(5000), why: Wait::Stated });
    assert_eq!(late.grant(Now::at(5000)), Grant::Go);
}

#[test]
fn a_declared_wait_holds_and_is_reported() {
    let mut member = Budget::new().join(&key(), &Rules::default());
    let hint = ReadHint { means: HintMeaning::WaitMillis, text: "6457".into() };
    let observed = member.observe(&Headers::new(), &[hint], Now::at(100));
    assert_eq!((observed.declared, observed.ignored), (Some(Millis(6457)), 0));
    assert_eq!(member.grant(Now::at(100)), Grant::NotBefore { at: Tick(6557), why: Wait::Stated });
}

#[test]
fn a_walk_keeps_to_the_limits_its_own_answers_speak_of() {
    let budget = Budget::new();
    let mut members: Vec<_> = (0..3).map(|_| budget.join(&key(), &Rules::default())).collect();
    for (member, resource, left) in [(0, "core", "4000"), (1, "search", "0")] {
        let headers: Headers = [
            ("x-ratelimit-resource", resource),
            ("x-ratelimit-remaining", left),
            ("x-ratelimit-reset", "60"),
        ]
        .into_iter()
        .collect();
        assert_eq!(members[member].grant(Now::at(0)), Grant::Go);
        members[member].answered();
        members[member].observe(&headers, &[], Now::at(0));
    }
    let later = Grant::NotBefore { at: Tick(60_000), why: Wait::Pace };
    assert_eq!(members[0].grant(Now::at(1)), Grant::Go);
    assert_eq!(members[1].grant(Now::at(1)), later);
    // Of a walk that had no answer yet, nobody knows which limit it is under; and it is not in the way of others.
    assert_eq!(members[2].grant(Now::at(1)), later);
    assert_eq!(members[0].grant(Now::at(2)), Grant::Go);
}

#[test]
fn the_last_requests_of_a_window_are_not_spent_twice() {
    let budget = Budget::new();
    let mut members: Vec<_> = (0..3).map(|_| budget.join(&key(), &Rules::default())).collect();
    let said = |left: &str| -> Headers {
        [("x-ratelimit-remaining", left), ("x-ratelimit-reset", "60")].into_iter().collect()
    };
    assert_eq!(members[0].grant(Now::at(0)), Grant::Go);
    members[0].answered();
    members[0].observe(&said("2"), &[], Now::at(0));
    assert_eq!(members[1].grant(Now::at(0)), Grant::Go);
    assert_eq!(members[2].grant(Now::at(0)), Grant::Go);
    assert_eq!(members[0].grant(Now::at(0)), Grant::Busy);
    // One answer never comes: it is taken to be counted. The other one says nothing else.
    members[1].answered();
    members[2].answered();
    members[2].observe(&said("1"), &[], Now::at(5));
    assert_eq!(members[0].grant(Now::at(5)), Grant::Go);
    members[0].answered();
    assert_eq!(members[0].grant(Now::at(6)), Grant::NotBefore { at: Tick(60_005), why: Wait::Pace });
}

#[test]
fn a_request_of_a_dropped_walk_is_taken_to_be_counted() {
    let budget = Budget::new();
    let mut stays = budget.join(&key(), &Rules::default());
    let mut goes = budget.join(&key(), &Rules::default());
    let headers: Headers =
        [("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "60")].into_iter().collect();
    stays.observe(&headers, &[], Now::at(0));
    assert_eq!(goes.grant(Now::at(0)), Grant::Go);
    assert_eq!(stays.grant(Now::at(0)), Grant::Busy);
    drop(goes);
    assert_eq!(stays.grant(Now::at(1)), Grant::NotBefore { at: Tick(60_000), why: Wait::Pace });
}

#[test]
fn the_retry_budget_is_one_for_all() {
    let budget = Budget::new();
    let mut members: Vec<_> = (0..5).map(|_| budget.join(&key(), &Rules::default())).collect();
    let paid = (0..100).filter(|n| members[n % 5].charge_retry(14_u32).is_some()).count();
    assert_eq!(paid, 35);
    members[0].refund(14_u32);
    assert_eq!((members[4].charge_retry(14_u32), members[3].charge_retry(14_u32)), (Some(14), None));
    (0..4).for_each(|_| members[1].page_ok());
    assert_eq!(members[2].charge_retry(14_u32), Some(14));
    let mut elsewhere =
        budget.join(&BudgetKey { origin: "https://other".into(), ..key() }, &Rules::default());
    assert_eq!(elsewhere.charge_retry(500_u32), Some(500));
}

#[test]
fn fifty_walks_ask_for_credentials_once_a_generation() {
    let budget = Budget::new();
    let mut members: Vec<_> = (0..50).map(|_| budget.join(&key(), &Rules::default())).collect();
    for refused in 0..3 {
        let answers: Vec<Ask> = members.iter_mut().map(|m| m.ask(refused)).collect();
        assert_eq!(answers.iter().filter(|a| **a == Ask::First).count(), 1);
        assert_eq!(answers.iter().filter(|a| **a == Ask::Pending).count(), 49);
        let first = answers.iter().position(|a| *a == Ask::First).unwrap();
        let fresh = Auth { headers: vec![("authorization".into(), Secret::new("x"))], ..Auth::default() };
        members[first].supply(refused + 1, Some(fresh.clone()));
        for member in &mut members {
            assert_eq!(member.ask(refused), Ask::Have(refused + 1));
            assert!(member.credentials() == (refused + 1, Some(fresh.clone())));
        }
    }
    // The one that asks is dropped: another takes the errand.
    assert_eq!(members[7].ask(3), Ask::First);
    drop(members.remove(7));
    assert_eq!(members[0].ask(3), Ask::First);
}

#[test]
fn keys_without_walks_are_forgotten_when_there_are_many() {
    let budget = Budget::new();
    let keep = budget.join(&key(), &Rules::default());
    for credential in 0..10_000 {
        drop(budget.join(&BudgetKey { origin: "https://other".into(), credential }, &Rules::default()));
    }
    drop(keep);
    assert!(format!("{budget:?}").len() < 50);
}

#[test]
fn handles_go_anywhere() {
    fn anywhere<T: Send + Sync>() {}
    anywhere::<Budget>();
    anywhere::<Member>();
}
