//! JSON as bytes: find what is wanted in one pass, keep everything else as the server sent it.
//!
//! [`scan`] checks a body against the whole grammar of RFC 8259, to the last byte, and finds the records,
//! their keys and the values around them on the way. Nothing is decoded that nobody asked for: a number
//! keeps its text whatever its length, a string its escapes. Where a value is wanted is said by
//! [`Pointer`]s, collected in a [`Plan`]. [`Raw`] is one value as text, [`Tree`] a request body.

mod arrays;
mod compare;
mod error;
mod fault;
mod find;
mod lex;
mod number;
mod parts;
mod plan;
mod pointer;
mod raw;
mod scan;
mod skip;
mod span;
mod stops;
mod take;
mod text;
mod track;
mod tree;

pub use arrays::arrays;
pub use compare::{compare, same};
pub use error::ScanError;
pub use find::lookup;
pub use plan::{Plan, PlanBuilder};
pub use pointer::{Pointer, PointerError, Token};
pub use raw::Raw;
pub use scan::{Records, Row, Scan, scan};
pub use span::{Kind, Limits, Span};
pub use tree::Tree;

#[cfg(test)]
mod tests;
