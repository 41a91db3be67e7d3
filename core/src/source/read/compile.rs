//! From a source to a reader: which values are wanted, and in which slot each will be.

use super::{Compiled, Dropping, From, MAX_POSITION, Reader};
use crate::facts::{Locator, Place};
use crate::json::{Limits, Plan, PlanBuilder, Pointer, Token};
use crate::source::types::{EndRule, Next, Source, Step, Style, Take, WaitSpec};

impl Reader {
    /// A reader for everything the source has a name for.
    pub fn new(source: &Source) -> Reader {
        let mut plan = Plan::builder();
        let records = source.records.clone();
        plan.records(&records.at, &records.each);
        let mut places: Vec<Compiled> = Vec::new();
        for (locator, position) in locators(source) {
            if let Some(known) = places.iter_mut().find(|place| place.locator == *locator) {
                known.position |= position;
            } else {
                let from = from(&mut plan, locator);
                places.push(Compiled { locator: locator.clone(), from, position });
            }
        }
        let ids = source.id.iter().flat_map(|id| &id.at).map(|at| named(&mut plan, at)).collect();
        let order = source.order.as_ref().map(|order| named(&mut plan, &order.by));
        let drop = records.drop.iter().flat_map(|condition| &condition.0);
        let drop = drop
            .map(|(locator, expect)| {
                let cell = match &locator.place {
                    Place::Record(at) => Some(plan.element(at)),
                    Place::Body(_)
                    | Place::Form(_)
                    | Place::Header(_)
                    | Place::Last(_)
                    | Place::Link(_)
                    | Place::Max(_)
                    | Place::Path(_)
                    | Place::Query(_)
                    | Place::Spread { .. }
                    | Place::Status
                    | Place::Text(_) => None,
                };
                Dropping { cell, locator: locator.clone(), expect: expect.clone() }
            })
            .collect();
        // What lives under `errors` may be what is asked for.
        let asked = |name: &str| records.at.iter().any(|at| starts_with(at, name));
        let errors = ["/error", "/errors"].into_iter().filter(|at| !asked(at));
        let errors = errors.filter_map(|at| Pointer::parse(at).ok()).map(|at| plan.body(&at)).collect();
        Reader {
            plan: plan.build(),
            limits: Limits { value: MAX_POSITION, ..Limits::default() },
            places,
            errors,
            records,
            ids,
            order,
            drop,
        }
    }
}

fn starts_with(at: &Pointer, name: &str) -> bool {
    Pointer::parse(name).is_ok_and(|name| at.tokens().starts_with(name.tokens() as &[Token]))
}

fn named(plan: &mut PlanBuilder, at: &Pointer) -> (usize, String) {
    (plan.element(at), at.as_str().to_owned())
}

fn from(plan: &mut PlanBuilder, locator: &Locator) -> From {
    match &locator.place {
        Place::Body(at) => From::Body(plan.body(at)),
        Place::Header(name) => From::Header(name.clone()),
        Place::Last(at) => From::Last(plan.element(at)),
        Place::Link(rel) => From::Link(rel.clone()),
        Place::Max(at) => From::Max(plan.element(at)),
        Place::Status => From::Status,
        // One element's value says nothing about a response; the others are written only.
        Place::Form(_)
        | Place::Path(_)
        | Place::Query(_)
        | Place::Record(_)
        | Place::Spread { .. }
        | Place::Text(_) => From::Nowhere,
    }
}

/// Every locator that is read from a response, and whether it is a position.
fn locators(source: &Source) -> Vec<(&Locator, bool)> {
    let mut found: Vec<(&Locator, bool)> = Vec::new();
    match &source.pagination.style {
        Style::Cursor(token) | Style::Keyset(token) => found.push((&token.read, true)),
        Style::Link { read, take: Take::Param(_) | Take::Query | Take::Url } => found.push((read, true)),
        Style::Offset { step, .. } => found.extend(echo(step)),
        Style::Page { .. } | Style::Single => {}
        Style::States(states) => {
            for state in states {
                match &state.next {
                    Next::Add(step) => found.extend(echo(step)),
                    Next::Read(locator) => found.push((locator, true)),
                }
            }
        }
    }
    for rule in &source.end {
        match rule {
            EndRule::Absent(locator) | EndRule::Flag(locator, _) | EndRule::Pages(locator) => {
                found.push((locator, false));
            }
            EndRule::Empty
            | EndRule::Missing
            | EndRule::Repeat
            | EndRule::Short
            | EndRule::Status(_)
            | EndRule::Total => {}
        }
    }
    found.extend(source.incomplete.iter().map(|(locator, _)| (locator, false)));
    found.extend(source.total.iter().map(|total| (&total.read, false)));
    found.extend(source.size.iter().filter_map(|size| size.echo.as_ref()).map(|echo| (echo, false)));
    for rule in &source.classify {
        found.extend(rule.when.0.iter().map(|(locator, _)| (locator, false)));
        match &rule.wait {
            Some(WaitSpec::Read(locator)) => found.push((locator, false)),
            Some(WaitSpec::For(_)) | None => {}
        }
    }
    found.extend(source.rate.hints.iter().map(|hint| (&hint.read, false)));
    found.extend(source.capture.values().map(|locator| (locator, false)));
    let drop = source.records.drop.iter().flat_map(|condition| &condition.0);
    found.extend(drop.map(|(locator, _)| (locator, false)));
    found
}

fn echo(step: &Step) -> Option<(&Locator, bool)> {
    match step {
        Step::Echo(locator) => Some((locator, false)),
        Step::One | Step::Records | Step::Size => None,
    }
}
