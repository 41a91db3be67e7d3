//! Chance that repeats: every draw is a pure function of the seed, a stream and a counter.

use std::hash::{DefaultHasher, Hasher};

/// Scrambles 64 bits so that neighbouring inputs share nothing (a SplitMix64 finaliser).
pub(crate) fn mix(value: u64) -> u64 {
    let mut z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// The `n`-th draw of one stream under one seed.
pub(crate) fn draw(seed: u64, stream: u64, n: u64) -> u64 {
    mix(mix(mix(seed) ^ stream) ^ n)
}

/// A draw in `0..bound`; 0 where the bound is 0.
pub(crate) fn below(seed: u64, stream: u64, n: u64, bound: u64) -> u64 {
    draw(seed, stream, n).checked_rem(bound).unwrap_or(0)
}

/// One number for a request's identity. Not keyed: it only has to tell requests of one walk apart.
pub(crate) fn fingerprint(parts: &[&[u8]]) -> u64 {
    let mut hasher = DefaultHasher::new();
    for part in parts {
        hasher.write_usize(part.len());
        hasher.write(part);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn draws_repeat_and_differ_by_stream_and_counter() {
        assert_eq!(draw(7, 1, 2), draw(7, 1, 2));
        assert_ne!(draw(7, 1, 2), draw(7, 2, 2));
        assert_ne!(draw(7, 1, 2), draw(7, 1, 3));
        assert_ne!(draw(7, 1, 2), draw(8, 1, 2));
        assert_eq!(below(7, 1, 2, 0), 0);
    }

    #[test]
    fn a_fingerprint_knows_where_its_parts_end() {
        assert_ne!(fingerprint(&[b"ab", b"c"]), fingerprint(&[b"a", b"bc"]));
    }
}
