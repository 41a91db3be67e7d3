//! The secret behind hashed keys.

use crate::rng::Seed;
use serde::{Deserialize, Serialize};
use siphasher::sip128::SipHasher13;
use std::fmt;

/// What makes the hashes of one walk unpredictable for the server, so that it can't make two records collide.
/// It is kept in the checkpoint: without it, keys from before and after a restart could not be compared.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HashKey([u64; 2]);

impl HashKey {
    /// The hash key of the walk that has this seed. One-way: jitter, which comes from the same seed and which
    /// the server can observe, doesn't tell it.
    pub fn from_seed(seed: Seed) -> HashKey {
        let hash = SipHasher13::new_with_keys(seed.0, 0).hash(b"everypage record keys");
        HashKey([hash.h1, hash.h2])
    }

    /// A hasher under this key.
    pub(super) fn hasher(&self) -> SipHasher13 {
        SipHasher13::new_with_keys(self.0[0], self.0[1])
    }

    /// The hash of some bytes under this key.
    pub(super) fn hash(&self, bytes: &[u8]) -> u128 {
        self.hasher().hash(bytes).as_u128()
    }
}

impl fmt::Debug for HashKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashKey(…)")
    }
}

impl Serialize for HashKey {
    /// 32 hex digits.
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&format_args!("{:016x}{:016x}", self.0[0], self.0[1]))
    }
}

impl<'de> Deserialize<'de> for HashKey {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<HashKey, D::Error> {
        let text = String::deserialize(deserializer)?;
        let canonical = text.len() == 32 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        match u128::from_str_radix(&text, 16) {
            Ok(key) if canonical => Ok(HashKey([(key >> 64) as u64, key as u64])),
            _ => Err(serde::de::Error::custom("a hash key is 32 lower-case hex digits")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_key_depends_on_the_seed_alone_and_survives_the_round_trip() {
        let (a, b) = (HashKey::from_seed(Seed(1)), HashKey::from_seed(Seed(2)));
        assert_eq!(a, HashKey::from_seed(Seed(1)));
        assert_ne!(a, b);
        assert_ne!(a.hash(b"x"), b.hash(b"x"));
        let stored = serde_json::to_string(&a).unwrap();
        assert_eq!(stored.len(), 34);
        assert_eq!(serde_json::from_str::<HashKey>(&stored).unwrap(), a);
    }

    #[test]
    fn only_its_own_spelling_is_read_and_it_is_never_printed() {
        let zeros = "0".repeat(31);
        for odd in [
            "",
            "00",
            &format!("+{zeros}"),
            &format!("{zeros}A"),
            &format!("{zeros}00"),
            &format!("{zeros}é"),
        ] {
            assert!(serde_json::from_str::<HashKey>(&format!("\"{odd}\"")).is_err(), "{odd}");
        }
        assert!(serde_json::from_str::<HashKey>("1").is_err());
        assert_eq!(format!("{:?}", HashKey::from_seed(Seed(1))), "HashKey(…)");
    }
}
