//! A fingerprint of bytes that arrive piece by piece.

use siphasher::sip128::{Hasher128, SipHasher13};
use std::hash::Hasher;

/// A 128-bit digest (SipHash-1-3 with the zero key). It finds damage and mix-ups, whatever their size; it is
/// no protection against somebody who rewrites bytes and digest together.
#[derive(Clone, Debug)]
pub struct Digest(SipHasher13);

impl Digest {
    /// The digest of no bytes yet.
    pub fn new() -> Digest {
        Digest(SipHasher13::new_with_keys(0, 0))
    }

    /// The digest of these bytes: 32 hex digits.
    pub fn of(bytes: &[u8]) -> String {
        let mut digest = Digest::new();
        digest.update(bytes);
        digest.hex()
    }

    /// Takes in the bytes that follow. How bytes are cut into pieces doesn't matter.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.write(bytes);
    }

    /// The digest of all bytes so far: 32 hex digits, lower-case. More may follow.
    pub fn hex(&self) -> String {
        format!("{:032x}", self.0.finish128().as_u128())
    }
}

impl Default for Digest {
    fn default() -> Digest {
        Digest::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_bytes_have_the_digest_they_have_always_had() {
        // Stored files are judged by these for ever: a change here refuses every old checkpoint.
        assert_eq!(Digest::of(b""), "b91c5ed031fb33032134935d61d9b40d");
        assert_eq!(Digest::of(b"{\"id\":1}\n"), "84a1af99fe835dd9dab7b73d9437d96a");
    }

    proptest! {
        #[test]
        fn pieces_make_the_same_digest_as_the_whole(pieces: Vec<Vec<u8>>) {
            let mut digest = Digest::new();
            for piece in &pieces {
                digest.update(piece);
            }
            prop_assert_eq!(digest.hex(), Digest::of(&pieces.concat()));
        }

        #[test]
        fn one_changed_bit_changes_the_digest(bytes in prop::collection::vec(any::<u8>(), 1..200), bit: usize) {
            let mut other = bytes.clone();
            let at = bit / 8 % bytes.len();
            other[at] ^= 1 << (bit % 8);
            prop_assert_ne!(Digest::of(&bytes), Digest::of(&other));
        }
    }
}
