//! What a scan looks for, made ready once per source.

use super::pointer::{Pointer, Token, step};

/// Collects what a scan looks for.
#[derive(Clone, Default, Debug)]
pub struct PlanBuilder {
    values: Vec<Pointer>,
    records: Vec<Pointer>,
    each: Option<Pointer>,
    cells: Vec<Pointer>,
}

/// What a scan looks for. Made by [`Plan::builder`].
#[derive(Clone, Debug)]
pub struct Plan {
    /// The pointers of the body slots, for messages.
    pub(super) values: Vec<Pointer>,
    /// The pointers of the element slots, for messages; behind them `each`.
    pub(super) cells: Vec<Pointer>,
    /// The pointers to the records; none if they aren't wanted.
    pub(super) records: Vec<Pointer>,
    /// Whether the record is the whole element.
    pub(super) whole: bool,
    /// What is looked for in the body.
    pub(super) body: Tracks,
    /// What is looked for in each element.
    pub(super) element: Tracks,
}

/// A tree of wanted paths. The first node is the value itself.
#[derive(Clone, Debug)]
pub(super) struct Tracks {
    pub(super) nodes: Vec<Node>,
}

/// One place on the way to something wanted.
#[derive(Clone, Default, Debug)]
pub(super) struct Node {
    /// The way here, as a pointer, for messages.
    pub(super) path: String,
    /// Members and elements that lead on.
    pub(super) edges: Vec<Edge>,
    /// A bit for each length of an edge's name, lengths modulo 64.
    pub(super) lengths: u64,
    /// Whether an edge can be an element of an array.
    pub(super) indexed: bool,
    /// What is wanted of the value here.
    pub(super) wants: Vec<Want>,
}

/// A way on.
#[derive(Clone, Debug)]
pub(super) struct Edge {
    pub(super) name: Box<str>,
    /// The name's first eight bytes, the first lowest, zeros behind a shorter one.
    pub(super) head: u64,
    pub(super) index: Option<u32>,
    pub(super) node: usize,
}

/// Something wanted of a value.
#[derive(Clone, Debug)]
pub(super) struct Want {
    pub(super) goal: Goal,
    /// The rest of the way from here: begins with a token that can only be followed when the value is
    /// known whole (a selection, or the last element). Mostly empty.
    pub(super) then: Box<[Token]>,
    /// Whether its size is limited.
    pub(super) bounded: bool,
    /// Whether it must be UTF-8.
    pub(super) text: bool,
}

/// What becomes of a wanted value.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Goal {
    /// The records, by this alternative.
    Records(usize),
    /// This slot.
    Slot(usize),
}

impl Plan {
    /// Starts with nothing wanted.
    pub fn builder() -> PlanBuilder {
        PlanBuilder::default()
    }
}

impl PlanBuilder {
    /// Wants a value of the body. Gives the number of its slot in `Scan::values`; the same pointer has the
    /// same slot.
    pub fn body(&mut self, at: &Pointer) -> usize {
        slot(&mut self.values, at)
    }

    /// Wants the records: the elements of the array at the first of these pointers that leads to one, and
    /// of each element the value at `each`. A second call replaces the first.
    pub fn records(&mut self, at: &[Pointer], each: &Pointer) {
        self.records = at.to_vec();
        self.each = Some(each.clone());
    }

    /// Wants a value of each element. Gives the number of its slot in the element's cells; the same pointer
    /// has the same slot.
    pub fn element(&mut self, at: &Pointer) -> usize {
        slot(&mut self.cells, at)
    }

    /// Makes it ready.
    pub fn build(self) -> Plan {
        let each = self.each.unwrap_or_else(Pointer::root);
        let mut body = Tracks::new();
        for (number, at) in self.values.iter().enumerate() {
            // A value that may hold the records is as long as they are, and as badly encoded.
            let around = at.is_root() || self.records.iter().any(|to| to.tokens().starts_with(at.tokens()));
            body.add(at, Goal::Slot(number), !around, !around);
        }
        for (number, at) in self.records.iter().enumerate() {
            body.add(at, Goal::Records(number), false, false);
        }
        let mut cells = self.cells;
        let whole = each.is_root();
        // The record has a cell of its own behind the others while an element is read.
        cells.push(each);
        let mut element = Tracks::new();
        for (number, at) in cells.iter().enumerate() {
            let record = number + 1 == cells.len();
            if !(whole && record) {
                element.add(at, Goal::Slot(number), !record && !at.is_root(), !record);
            }
        }
        Plan { values: self.values, cells, records: self.records, whole, body, element }
    }
}

fn slot(slots: &mut Vec<Pointer>, at: &Pointer) -> usize {
    slots.iter().position(|known| known == at).unwrap_or_else(|| {
        slots.push(at.clone());
        slots.len() - 1
    })
}

impl Tracks {
    fn new() -> Tracks {
        Tracks { nodes: vec![Node::default()] }
    }

    fn add(&mut self, at: &Pointer, goal: Goal, bounded: bool, text: bool) {
        let mut here = 0;
        let mut tokens = at.tokens();
        while let Some((Token::Name(name), rest)) = tokens.split_first() {
            let token = Token::Name(name.clone());
            // Which element is the last shows only behind it.
            if token.is_last() {
                break;
            }
            here = self.edge(here, name, token.index());
            tokens = rest;
        }
        if let Some(node) = self.nodes.get_mut(here) {
            node.wants.push(Want { goal, then: tokens.into(), bounded, text });
        }
    }

    fn edge(&mut self, from: usize, name: &str, index: Option<u32>) -> usize {
        let next = self.nodes.len();
        let Some(node) = self.nodes.get_mut(from) else { return from };
        if let Some(edge) = node.edges.iter().find(|edge| &*edge.name == name) {
            return edge.node;
        }
        let head = name.bytes().take(8).rev().fold(0, |head, byte| head << 8 | u64::from(byte));
        node.edges.push(Edge { name: name.into(), head, index, node: next });
        node.lengths |= 1 << (name.len() % 64);
        node.indexed |= index.is_some();
        let path = step(&node.path, name);
        self.nodes.push(Node { path, ..Node::default() });
        next
    }
}
