//! The validated description of one paginated list: from a JSON document to a [`Source`], to the requests it
//! makes and the values it reads.

mod builder;
mod check;
mod document;
mod faults;
mod fill;
mod fingerprint;
mod grammar;
mod locator;
mod parse;
#[cfg(any(test, feature = "schema"))]
mod schema;
mod types;
mod validate;
mod values;

pub mod follow;
pub mod read;
pub mod wire;

pub use builder::Builder;
pub use fill::Fill;
pub use locator::{Misfit, parse_locator};
pub use types::*;
