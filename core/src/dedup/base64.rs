//! Base64 in the URL alphabet without padding (RFC 4648 section 5), strictly canonical: one spelling a value.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Appends the spelling of `bytes`.
pub(super) fn encode(bytes: impl Iterator<Item = u8>, out: &mut String) {
    let (mut held, mut bits) = (0u32, 0u32);
    out.reserve(bytes.size_hint().0 / 3 * 4 + 4);
    for byte in bytes {
        held = (held << 8 | u32::from(byte)) & 0xffff;
        bits += 8;
        while bits >= 6 {
            bits -= 6;
            out.push(digit(held >> bits));
        }
    }
    if bits > 0 {
        out.push(digit(held << (6 - bits)));
    }
}

/// The bytes behind a spelling, or nothing if it isn't the one [`encode`] writes.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 2);
    let (mut held, mut bits) = (0u32, 0u32);
    for c in text.bytes() {
        held = (held << 6 | value(c)?) & 0xffff;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            out.push((held >> bits) as u8);
        }
    }
    // Six left-over bits would be a digit that says nothing; left-over bits that are set would be lost.
    (bits < 6 && held & ((1 << bits) - 1) == 0).then_some(out)
}

fn digit(value: u32) -> char {
    ALPHABET.get((value & 63) as usize).map_or('A', |&c| char::from(c))
}

fn value(c: u8) -> Option<u32> {
    Some(u32::from(match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'-' => 62,
        b'_' => 63,
        _ => return None,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn text(bytes: &[u8]) -> String {
        let mut out = String::new();
        encode(bytes.iter().copied(), &mut out);
        out
    }

    #[test]
    fn spells_the_examples_of_the_rfc_without_padding() {
        for (bytes, spelled) in [
            ("", ""),
            ("f", "Zg"),
            ("fo", "Zm8"),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg"),
            ("fooba", "Zm9vYmE"),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(text(bytes.as_bytes()), spelled);
            assert_eq!(decode(spelled).unwrap(), bytes.as_bytes());
        }
        assert_eq!(text(&[0xfb, 0xff]), "-_8");
    }

    #[test]
    fn refuses_every_other_spelling() {
        for odd in ["Z", "Zg==", "Zh", "Zm9", "Zm9v Yg", "+/8", "é"] {
            assert_eq!(decode(odd), None, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn bytes_survive_the_round_trip(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&text(&bytes)).unwrap(), bytes);
        }

        #[test]
        fn what_decodes_is_spelled_the_one_way(odd in "[A-D8_-]{0,9}") {
            if let Some(bytes) = decode(&odd) {
                prop_assert_eq!(text(&bytes), odd);
            }
        }
    }
}
