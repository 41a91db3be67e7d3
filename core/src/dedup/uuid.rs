//! UUIDs in the one spelling servers use: 36 characters, lower-case, with dashes (RFC 9562 section 4). Any
//! other spelling is just another string, as it is for the server.

/// The 128 bits behind a canonical spelling.
pub(super) fn parse(text: &[u8]) -> Option<u128> {
    let t: &[u8; 36] = text.try_into().ok()?;
    if [t[8], t[13], t[18], t[23]] != [b'-'; 4] {
        return None;
    }
    let groups = [
        eight([t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7]])?,
        eight([t[9], t[10], t[11], t[12], t[14], t[15], t[16], t[17]])?,
        eight([t[19], t[20], t[21], t[22], t[24], t[25], t[26], t[27]])?,
        eight([t[28], t[29], t[30], t[31], t[32], t[33], t[34], t[35]])?,
    ];
    Some(groups.into_iter().fold(0, |id, group| id << 32 | u128::from(group)))
}

/// The number behind eight hex digits, all eight at once: each byte of the word holds one digit.
fn eight(digits: [u8; 8]) -> Option<u32> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let word = u64::from_be_bytes(digits);
    // Bit 6 tells letters (0x61..=0x66) from decimal digits (0x30..=0x39).
    let letter = word >> 6 & ONES;
    let values = (word & (0x0f * ONES)) + 9 * letter;
    // A letter is 10 to 15, a decimal digit 0 to 9, and the upper halves are 6 and 3.
    let tens = (values + 6 * ONES) >> 4 & ONES;
    if word & (0xf0 * ONES) != 0x30 * (ONES + letter) || values & (0x10 * ONES) != 0 || tens != letter {
        return None;
    }
    let pairs = (values | values >> 4) & 0x00ff_00ff_00ff_00ff;
    let fours = (pairs | pairs >> 8) & 0x0000_ffff_0000_ffff;
    Some((fours | fours >> 16) as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_the_examples_of_the_rfc() {
        for (text, id) in [
            ("00000000-0000-0000-0000-000000000000", 0),
            ("ffffffff-ffff-ffff-ffff-ffffffffffff", u128::MAX),
            ("f81d4fae-7dec-11d0-a765-00a0c91e6bf6", 0xf81d_4fae_7dec_11d0_a765_00a0_c91e_6bf6),
            ("017f22e2-79b0-7cc3-98c4-dc0c0c07398f", 0x017f_22e2_79b0_7cc3_98c4_dc0c_0c07_398f),
        ] {
            assert_eq!(parse(text.as_bytes()), Some(id));
        }
    }

    #[test]
    fn every_byte_at_every_place_is_judged_as_a_slow_reader_would() {
        let good = *b"f81d4fae-7dec-11d0-a765-00a0c91e6bf6";
        for at in 0..36 {
            for byte in 0..=255u8 {
                let mut text = good;
                text[at] = byte;
                let right = match at {
                    8 | 13 | 18 | 23 => byte == b'-',
                    _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
                };
                let slow = right.then(|| {
                    let hex: String = text.iter().filter(|&&b| b != b'-').map(|&b| char::from(b)).collect();
                    u128::from_str_radix(&hex, 16).unwrap()
                });
                assert_eq!(parse(&text), slow, "{byte:#x} at {at}");
            }
        }
    }

    #[test]
    fn other_lengths_are_no_uuids() {
        let long = [b'0'; 40];
        for length in (0..=40).filter(|&n| n != 36) {
            assert_eq!(parse(&long[..length]), None);
        }
    }
}
