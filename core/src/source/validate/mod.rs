//! How the parts of a source go together. What single values must be is the grammar's.

mod auth;
mod graphql;
mod paging;
mod request;
mod writes;

pub(super) use auth::by_themselves as credentials;

use super::faults::Faults;
use super::grammar::child;
use super::parse::Draft;
use super::types::ClassRule;
use crate::facts::{Class, Condition, Expect, Literal, Place, TotalKind};
use crate::json::Tree;

/// Reports everything that doesn't go together.
pub(super) fn validate(draft: &Draft, tree: &Tree, faults: &mut Faults) {
    if let Some(request) = &draft.request {
        request::check(request, draft, tree, faults);
        auth::beside_request(request, draft, faults);
        writes::check(request, draft, faults);
    }
    if let Some(given) = child(tree, "auth") {
        auth::by_themselves(given, faults);
    }
    sizes(draft, faults);
    paging::check(draft, tree, faults);
    for (index, rule) in draft.classify.iter().enumerate() {
        classify(index, rule, faults);
    }
    policies(draft, faults);
}

fn sizes(draft: &Draft, faults: &mut Faults) {
    if let Some(id) = draft.id.as_ref().filter(|id| id.dense && id.at.len() > 1) {
        faults.add(
            "id.dense",
            format!("true for an id of {} parts", id.at.len()),
            "one pointer where ids are dense",
        );
    }
    // Numbers that aren't any were reported by the checker.
    let Some(size) = draft.size.as_ref().filter(|_| !faults.touch("size")) else { return };
    if let Some(max) = size.max.filter(|max| *max < size.min) {
        faults.add("size.min", size.min.to_string(), format!("at most `max`, which is {max}"));
    }
    if let Some(value) = size.value.filter(|value| *value < size.min) {
        faults.add("size.value", value.to_string(), format!("at least `min`, which is {}", size.min));
    }
}

fn classify(index: usize, rule: &ClassRule, faults: &mut Faults) {
    let waits = match rule.is {
        Class::Throttled | Class::Transient => true,
        Class::Accept | Class::Empty | Class::End | Class::Expired | Class::Fatal | Class::Unauthorized => {
            false
        }
    };
    if rule.wait.is_some() && !waits {
        let field = format!("classify[{index}].wait");
        faults.add(field, "a wait where nothing is tried again", "it for `throttled` and `transient` only");
    }
    statuses(&rule.when, &format!("classify[{index}].when"), faults);
}

/// A status is a number from 100 to 599; anything else would never match.
fn statuses(condition: &Condition, at: &str, faults: &mut Faults) {
    for (locator, expect) in &condition.0 {
        if locator.place == Place::Status && !is_about_statuses(expect) {
            faults.add(format!("{at}.status"), "what no status can be", "statuses from 100 to 599");
        }
    }
}

fn is_about_statuses(expect: &Expect) -> bool {
    let is_status = |Literal(raw): &Literal| raw.as_u64().is_some_and(|code| (100..600).contains(&code));
    match expect {
        Expect::Is(literal) => is_status(literal),
        Expect::In(literals) => literals.iter().all(is_status),
        Expect::Not(inner) => is_about_statuses(inner),
        Expect::Contains(_) | Expect::Present(_) | Expect::Starts(_) => false,
    }
}

fn policies(draft: &Draft, faults: &mut Faults) {
    for (index, window) in draft.rate.iter().flat_map(|rate| rate.windows.iter().enumerate()) {
        if let Some(burst) = window.burst.filter(|burst| *burst > window.requests) {
            let expected = format!("at most `requests`, which is {}", window.requests);
            faults.add(format!("rate[{index}].burst"), burst.to_string(), expected);
        }
    }
    if let Some(retry) = draft.retry.filter(|retry| retry.base > retry.cap) {
        faults.add("retry.base", retry.base.to_string(), format!("at most `cap`, which is {}", retry.cap));
    }
    let https = draft.request.as_ref().is_some_and(|request| request.url.origin().is_https());
    for (index, origin) in draft.origins.iter().enumerate() {
        if https && !origin.is_https() {
            faults.add(
                format!("origins[{index}]"),
                origin.to_string(),
                "an https origin, as the URL's is one",
            );
        }
    }
    if let Some(total) = &draft.total
        && total.cap.is_some()
        && matches!(total.kind, TotalKind::Page | TotalKind::Remaining)
    {
        faults.add(
            "total.cap",
            "a cap of a count that is none of the whole list",
            "`kind` exact, estimate or at_least",
        );
    }
}
