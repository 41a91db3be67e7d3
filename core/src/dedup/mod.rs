//! What was delivered before: exact identities of records, and the set of those already seen.
//!
//! Nothing here is probable: integers and UUIDs are kept as they are, and everything else by a 128-bit hash
//! under a key the server doesn't know. A repeated [`Key`] is a repeated record.

mod base64;
mod blocks;
mod hash_key;
mod integers;
mod key;
mod mixer;
mod seen;
mod string;
mod table;
mod uuid;

pub use hash_key::HashKey;
pub use integers::Gaps;
pub use key::Key;
pub use seen::Seen;
