//! Which request gets which fault. A request is known by its bytes: the same request again is the same page, so
//! that what went wrong once goes right when it is repeated.

use super::{BodyFault, Fault, Kind, StatusFault, WireFault, when::When};
use std::collections::HashMap;

/// What is done to one request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Body(BodyFault),
    Status(StatusFault),
    Wire(WireFault),
}

/// A fault with its defaults filled in.
#[derive(Debug)]
pub(crate) struct Planned {
    pub(crate) effect: Effect,
    pub(crate) fault: Fault,
    when: When,
    times: u32,
}

/// All faults that act on single requests.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    seed: u64,
    planned: Vec<Planned>,
}

/// What the plan remembers between requests; cleared by a reset.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    met: HashMap<u64, Met>,
}

#[derive(Clone, Copy, Debug)]
struct Met {
    /// This request was the n-th new one, from 1.
    ordinal: u64,
    fault: Option<usize>,
    fired: u32,
}

impl Plan {
    pub(crate) fn new(seed: u64, faults: &[Fault]) -> Plan {
        let planned = faults.iter().filter_map(|fault| {
            let (effect, when, times) = match fault.kind {
                Kind::Status(StatusFault::Conflict) => {
                    (Effect::Status(StatusFault::Conflict), When::page(3), u32::MAX)
                }
                Kind::Status(StatusFault::Rotate) => (Effect::Status(StatusFault::Rotate), When::page(2), 1),
                Kind::Status(status) => (Effect::Status(status), When::Chance(100_000), 1),
                Kind::Wire(wire) => (Effect::Wire(wire), When::Chance(100_000), 1),
                Kind::Body(BodyFault::Gzip) => (Effect::Body(BodyFault::Gzip), When::EVERY, u32::MAX),
                Kind::Body(body) => (Effect::Body(body), When::Chance(100_000), 1),
                Kind::List(_) | Kind::Link(_) => return None,
            };
            let when = fault.when.clone().unwrap_or(when);
            Some(Planned { effect, fault: fault.clone(), when, times: fault.times.unwrap_or(times) })
        });
        Plan { seed, planned: planned.collect() }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.planned.is_empty()
    }

    /// The fault for this request, if any, and which new request it was. Of several that hit, the first one asked
    /// for wins and the others never touch that request; honest gzip only acts where nothing else does.
    pub(crate) fn decide(&self, memory: &mut Memory, identity: u64) -> (u64, Option<&Planned>) {
        let next = memory.met.len() as u64 + 1;
        let met = memory.met.entry(identity).or_insert_with(|| Met {
            ordinal: next,
            fault: self.planned.iter().enumerate().position(|(at, planned)| {
                planned.effect != Effect::Body(BodyFault::Gzip) && self.hits(at, planned, next)
            }),
            fired: 0,
        });
        if let Some(planned) = met.fault.and_then(|at| self.planned.get(at))
            && met.fired < planned.times
        {
            met.fired += 1;
            return (met.ordinal, Some(planned));
        }
        let gzip = self.planned.iter().enumerate().find(|(at, planned)| {
            planned.effect == Effect::Body(BodyFault::Gzip) && self.hits(*at, planned, met.ordinal)
        });
        (met.ordinal, gzip.map(|(_, planned)| planned))
    }

    fn hits(&self, at: usize, planned: &Planned, ordinal: u64) -> bool {
        planned.when.hits(self.seed, at as u64, ordinal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(faults: &[&str]) -> Plan {
        Plan::new(1, &faults.iter().map(|f| f.parse().unwrap()).collect::<Vec<_>>())
    }

    fn name(planned: Option<&Planned>) -> &str {
        planned.map_or("", |p| p.fault.name())
    }

    #[test]
    fn a_page_fails_as_often_as_told_and_then_succeeds() {
        let (plan, mut memory) = (plan(&["503=2:times=2", "429=2-3", "gzip"]), Memory::default());
        let mut ask = |identity| name(plan.decide(&mut memory, identity).1).to_owned();
        assert_eq!(ask(10), "gzip");
        assert_eq!([ask(20), ask(20), ask(20)], ["503", "503", "gzip"]);
        assert_eq!([ask(30), ask(30), ask(20), ask(10)], ["429", "gzip", "gzip", "gzip"]);
    }

    #[test]
    fn chance_repeats_from_one_walk_to_the_next() {
        let plan = plan(&["429=20%", "5xx=10%"]);
        let walk = || {
            let mut memory = Memory::default();
            (0..500).map(|n| name(plan.decide(&mut memory, n * 7).1).to_owned()).collect::<Vec<_>>()
        };
        let first = walk();
        assert_eq!(first, walk());
        assert!((70..130).contains(&first.iter().filter(|f| *f == "429").count()));
        assert!(first.iter().any(|f| f == "5xx"));
    }

    #[test]
    fn what_always_fails_never_succeeds() {
        let (plan, mut memory) = (plan(&["409-middle"]), Memory::default());
        let mut ask = |identity| plan.decide(&mut memory, identity).1.is_some();
        assert!(!ask(1) && !ask(2) && (0..50).all(|_| ask(3)));
    }
}
