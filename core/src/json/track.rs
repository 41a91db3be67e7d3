//! The part of a scan that follows wanted paths. Whatever leads nowhere is left to [`Lexer::skip`].

#![allow(clippy::inline_always, reason = "measured: without it a scan takes a quarter longer")]

use super::error::ScanError;
use super::fault::{Expected, Fault, fault};
use super::find::{Lost, find};
use super::lex::{Lexer, Name, Next};
use super::plan::{Edge, Goal, Node, Plan, Tracks, Want};
use super::pointer::step;
use super::span::{Limits, Span};
use super::text;

/// Reads a body along a plan.
pub(super) struct Tracker<'a> {
    pub(super) lexer: Lexer<'a>,
    pub(super) plan: &'a Plan,
    value: u32,
    check_utf8: bool,
}

/// Why a scan stops early.
#[derive(Debug)]
pub(super) enum Stop {
    /// The grammar does not hold.
    Grammar(Fault),
    /// It does, but this is wrong.
    Other(Box<ScanError>),
}

impl From<Fault> for Stop {
    fn from(fault: Fault) -> Stop {
        Stop::Grammar(fault)
    }
}

impl From<ScanError> for Stop {
    fn from(error: ScanError) -> Stop {
        Stop::Other(Box::new(error))
    }
}

/// The place behind a value.
pub(super) type Reached = Result<usize, Stop>;

/// Where found values go.
pub(super) trait Sink {
    /// The records start here, perhaps: reads them, and gives the place behind them.
    fn records(
        &mut self,
        tracker: &mut Tracker<'_>,
        node: &Node,
        at: usize,
        depth: u32,
    ) -> Result<Option<usize>, Stop>;
    /// A wanted value.
    fn take(&mut self, tracker: &mut Tracker<'_>, want: &Want, found: Span) -> Result<(), Stop>;
    /// How a path is written in a message.
    fn pointer(&self, plan: &Plan, path: &str) -> String;
    /// How the path of something wanted is written in a message.
    fn wanted(&self, plan: &Plan, goal: Goal) -> String;
}

impl<'a> Tracker<'a> {
    pub(super) fn new(lexer: Lexer<'a>, plan: &'a Plan, value: u32, check_utf8: bool) -> Tracker<'a> {
        Tracker { lexer, plan, value, check_utf8 }
    }

    /// Over a value that may lead to something.
    pub(super) fn value<S: Sink>(
        &mut self,
        tracks: &Tracks,
        node: &Node,
        at: usize,
        depth: u32,
        sink: &mut S,
    ) -> Reached {
        let end = match self.lexer.byte(at) {
            b'{' if !node.edges.is_empty() => self.object(tracks, node, at, depth, sink)?,
            b'[' => {
                let read = sink.records(self, node, at, depth)?;
                match read {
                    Some(end) if !node.indexed => end,
                    None if !node.indexed => self.lexer.skip(at, depth)?,
                    // Elements that are wanted by their number are looked at a second time.
                    Some(_) | None => {
                        self.lexer.seek(at);
                        self.array(tracks, node, at, depth, sink)?
                    }
                }
            }
            _ => self.lexer.skip(at, depth)?,
        };
        self.take(node, at, end, sink)?;
        Ok(end)
    }

    /// What is wanted of a value.
    #[inline(always)]
    fn take<S: Sink>(&mut self, node: &Node, at: usize, end: usize, sink: &mut S) -> Result<(), Stop> {
        for want in &node.wants {
            if want.then.is_empty() {
                sink.take(self, want, Span::new(at, end))?;
            } else {
                self.follow(want, at, sink)?;
                self.lexer.seek(end);
            }
        }
        Ok(())
    }

    /// The rest of a way that could only be followed when the value was known whole.
    fn follow<S: Sink>(&mut self, want: &Want, at: usize, sink: &mut S) -> Result<(), Stop> {
        match find(&mut self.lexer, at, &want.then) {
            Ok(Some(start)) => {
                // It was checked on the way here, depth and all.
                self.lexer.seek(start);
                let end = self.lexer.skip(start, Limits::DEPTH)?;
                sink.take(self, want, Span::new(start, end))
            }
            Ok(None) => Ok(()),
            Err(Lost::Invalid(fault)) => Err(fault.into()),
            Err(Lost::Twice) => {
                Err(ScanError::DuplicateMember { pointer: sink.wanted(self.plan, want.goal) }.into())
            }
        }
    }

    fn object<S: Sink>(
        &mut self,
        tracks: &Tracks,
        node: &Node,
        at: usize,
        depth: u32,
        sink: &mut S,
    ) -> Reached {
        let Some(depth) = depth.checked_sub(1) else { return Ok(fault(at, Expected::Depth)?) };
        let mut seen = Seen::default();
        let mut next = self.lexer.first_name(at + 1)?;
        loop {
            let start = match next {
                Next::Part(start) => start,
                Next::End(end) => return Ok(end),
            };
            let name = self.lexer.name()?;
            let Some((number, edge)) = way(node, &self.lexer, start, name) else {
                next = self.lexer.skip_member(name.value, name.first, depth)?;
                continue;
            };
            if !seen.insert(number) {
                let pointer = sink.pointer(self.plan, &step(&node.path, &edge.name));
                return Err(ScanError::DuplicateMember { pointer }.into());
            }
            let Some(child) = tracks.nodes.get(edge.node) else { continue };
            let end = if child.edges.is_empty() && name.first != b'[' {
                let end = self.lexer.skip(name.value, depth)?;
                self.take(child, name.value, end, sink)?;
                end
            } else {
                self.value(tracks, child, name.value, depth, sink)?
            };
            next = self.lexer.next_name(end)?;
        }
    }

    fn array<S: Sink>(
        &mut self,
        tracks: &Tracks,
        node: &Node,
        at: usize,
        depth: u32,
        sink: &mut S,
    ) -> Reached {
        self.elements(at, depth, |tracker, number, start, depth| {
            let edge =
                node.edges.iter().find(|edge| edge.index.is_some_and(|index| index as usize == number));
            match edge.and_then(|edge| tracks.nodes.get(edge.node)) {
                Some(child) => tracker.value(tracks, child, start, depth, sink),
                None => Ok(tracker.lexer.skip(start, depth)?),
            }
        })
    }

    /// Over an array, with a way to pass over each element: from its number, its place and the depth left.
    pub(super) fn elements(
        &mut self,
        at: usize,
        depth: u32,
        mut over: impl FnMut(&mut Tracker<'a>, usize, usize, u32) -> Reached,
    ) -> Reached {
        let Some(depth) = depth.checked_sub(1) else { return Ok(fault(at, Expected::Depth)?) };
        let mut next = self.lexer.first_element(at + 1);
        let mut number = 0;
        loop {
            let start = match next {
                Next::Part(start) => start,
                Next::End(end) => return Ok(end),
            };
            let end = over(self, number, start, depth)?;
            next = self.lexer.next_element(end)?;
            number += 1;
        }
    }

    /// Size and encoding of a value that is handed out.
    pub(super) fn check(
        &self,
        want: &Want,
        found: Span,
        pointer: impl Fn() -> String,
    ) -> Result<(), ScanError> {
        if want.bounded && found.len() > self.value {
            return Err(ScanError::ValueTooLong { pointer: pointer(), limit: self.value });
        }
        if want.text && self.check_utf8 && std::str::from_utf8(found.slice(self.lexer.bytes())).is_err() {
            return Err(ScanError::InvalidUtf8 { pointer: pointer() });
        }
        Ok(())
    }
}

/// The way on by a member's name.
#[inline(always)]
fn way<'n>(node: &'n Node, lexer: &Lexer<'_>, start: usize, name: Name) -> Option<(usize, &'n Edge)> {
    let length = name.end - start;
    // Most names have another length than any wanted one.
    if !name.escaped && node.lengths >> (length % 64) & 1 == 0 {
        return None;
    }
    // Behind the end of a name there is its quote; eight bytes are there but for the end of the body.
    let head = lexer.eight(start) & if length < 8 { !(u64::MAX << (8 * length)) } else { u64::MAX };
    node.edges.iter().enumerate().find(|(_, edge)| {
        if !name.escaped && head != 0 && (head != edge.head || length <= 8) {
            return head == edge.head && length == edge.name.len();
        }
        let text = lexer.bytes().get(start..name.end).unwrap_or_default();
        text::is_name(text, name.escaped, &edge.name)
    })
}

/// Which ways of a node were gone. More than 64 ways from one node are rare.
#[derive(Default)]
struct Seen {
    first: u64,
    others: Vec<usize>,
}

impl Seen {
    /// Whether it is new.
    fn insert(&mut self, number: usize) -> bool {
        if number < 64 {
            let bit = 1 << number;
            let new = self.first & bit == 0;
            self.first |= bit;
            return new;
        }
        let new = !self.others.contains(&number);
        self.others.push(number);
        new
    }
}
