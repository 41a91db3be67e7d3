//! Where to go next: how positions grow, how windows meet, what counts as the end. Plain values and pure
//! methods; the walk feeds them facts.

pub mod counter;
pub mod end;
pub mod link;
