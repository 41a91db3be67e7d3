//! The machine of everypage for JavaScript. This layer converts and calls; the package's TypeScript beside it
//! fetches, sleeps and stores; what to do next is decided in the core.
//!
//! Every method is synchronous and none calls back into the caller's code while it holds the machine, so nothing
//! that awaits ever borrows it.

mod checkpoint;
mod convert;
mod machine;
pub mod numbers;
mod page;
mod source;

pub use checkpoint::{Checkpoint, digest};
pub use machine::Machine;
pub use page::rewrite_numbers;
pub use source::Source;

use everypage_core::pace;
use wasm_bindgen::prelude::wasm_bindgen;

/// The version of the core, the same in every package.
#[wasm_bindgen]
pub fn version() -> String {
    everypage_core::VERSION.to_owned()
}

/// Rate limits and retry budgets, shared by the walks that are given it.
#[wasm_bindgen]
#[derive(Default)]
pub struct Budget(pub(crate) pace::Budget);

#[wasm_bindgen]
impl Budget {
    /// A fresh budget.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Budget {
        Budget::default()
    }
}
