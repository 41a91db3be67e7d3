//! Opaque cursors: a position *after a row*, so that rows that come and go elsewhere don't move it.

use crate::chance::mix;

/// What a cursor stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Token {
    /// The sequence number of the row the next page comes after; [`Token::START`] for none.
    pub(crate) after: u64,
    /// How many pages came before the one this cursor asks for.
    pub(crate) depth: u32,
    /// The generation of cursors it belongs to: an expiry ends a generation.
    pub(crate) generation: u8,
    /// Milliseconds from the server's start to the cursor's issue; 0 unless cursors live for a time.
    pub(crate) issued: u32,
}

impl Token {
    /// Before the first row, in either order.
    pub(crate) const START: u64 = (1 << 48) - 1;

    /// 32 hex digits that tell nothing without the key and carry a check, so that foreign text is refused.
    pub(crate) fn encode(&self, key: u64) -> String {
        let low = (self.after & Token::START) | (u64::from(self.generation) << 48) | (0xa5 << 56);
        let high = u64::from(self.depth) | (u64::from(self.issued) << 32);
        let (low, high) = scramble(low, high, key);
        format!("{high:016x}{low:016x}")
    }

    /// The token behind the text, if this server with this key could have made it.
    pub(crate) fn decode(text: &str, key: u64) -> Option<Token> {
        let hex = |part: &str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let (high, low) = (text.get(..16)?, text.get(16..)?);
        if text.len() != 32 || !hex(text) {
            return None;
        }
        let high = u64::from_str_radix(high, 16).ok()?;
        let (low, high) = unscramble(u64::from_str_radix(low, 16).ok()?, high, key);
        (low >> 56 == 0xa5).then_some(Token {
            after: low & Token::START,
            depth: u32::try_from(high & 0xffff_ffff).ok()?,
            generation: u8::try_from((low >> 48) & 0xff).ok()?,
            issued: u32::try_from(high >> 32).ok()?,
        })
    }
}

/// Four Feistel rounds: not a secret, only opaque; one changed digit changes both halves.
fn scramble(mut low: u64, mut high: u64, key: u64) -> (u64, u64) {
    high ^= mix(low ^ key);
    low ^= mix(high ^ key.rotate_left(17));
    high ^= mix(low ^ key.rotate_left(31));
    low ^= mix(high ^ key.rotate_left(47));
    (low, high)
}

fn unscramble(mut low: u64, mut high: u64, key: u64) -> (u64, u64) {
    low ^= mix(high ^ key.rotate_left(47));
    high ^= mix(low ^ key.rotate_left(31));
    low ^= mix(high ^ key.rotate_left(17));
    high ^= mix(low ^ key);
    (low, high)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded() {
        for n in 0..2_000_u32 {
            let token = Token {
                after: mix(n.into()) & Token::START,
                depth: n,
                generation: n as u8,
                issued: n.wrapping_mul(77),
            };
            assert_eq!(Token::decode(&token.encode(9), 9), Some(token));
        }
    }

    #[test]
    fn foreign_text_is_refused() {
        let text = Token { after: 5, depth: 1, generation: 0, issued: 0 }.encode(9);
        assert_eq!(Token::decode("", 9), None);
        assert_eq!(Token::decode(&text[1..], 9), None);
        assert_eq!(Token::decode(&text.to_uppercase(), 9), None);
        assert_eq!(Token::decode(&format!("{text}0"), 9), None);
        // One changed digit is caught 255 times of 256: here it always is.
        let caught = (0..32).filter(|&at| {
            let mut changed = text.clone().into_bytes();
            changed[at] = if changed[at] == b'0' { b'1' } else { b'0' };
            Token::decode(&String::from_utf8(changed).unwrap(), 9).is_none()
        });
        assert!(caught.count() >= 31);
    }
}
