//! Over a whole value, checking all of it and building nothing.

use super::lex::{Behind, Expected, byte, colon, fault, literal, name_start, number, space, string};
use super::span::Limits;

/// Over one value of any kind, from its first byte to behind its last. At most `depth` arrays and objects
/// inside each other, and never more than [`Limits::DEPTH`]: what is open is a stack of bits in one word.
pub(super) fn skip(bytes: &[u8], mut at: usize, depth: u32) -> Behind {
    let depth = depth.min(Limits::DEPTH);
    let mut open = 0_u32;
    // One bit for each open level, 1 for an object, the innermost lowest.
    let mut objects = 0_u128;
    loop {
        match byte(bytes, at) {
            b'"' => at = string(bytes, at + 1)?,
            b'-' | b'0'..=b'9' => at = number(bytes, at)?,
            b't' => at = literal(bytes, at, b"true")?,
            b'f' => at = literal(bytes, at, b"false")?,
            b'n' => at = literal(bytes, at, b"null")?,
            first @ (b'{' | b'[') => {
                if open == depth {
                    return fault(at, Expected::Depth);
                }
                let inside = space(bytes, at + 1);
                // `]` and `}` are two behind `[` and `{`.
                if byte(bytes, inside) == first + 2 {
                    at = inside + 1;
                } else {
                    open += 1;
                    objects = objects << 1 | u128::from(first == b'{');
                    at = if first == b'{' { name(bytes, inside)? } else { inside };
                    continue;
                }
            }
            _ => return fault(at, Expected::Value),
        }
        loop {
            if open == 0 {
                return Ok(at);
            }
            at = space(bytes, at);
            let object = objects & 1 == 1;
            match (byte(bytes, at), object) {
                (b',', true) => {
                    at = name(bytes, space(bytes, at + 1))?;
                    break;
                }
                (b',', false) => {
                    at = space(bytes, at + 1);
                    break;
                }
                (b'}', true) | (b']', false) => {
                    at += 1;
                    open -= 1;
                    objects >>= 1;
                }
                (_, true) => return fault(at, Expected::CommaOrBrace),
                (_, false) => return fault(at, Expected::CommaOrBracket),
            }
        }
    }
}

/// Over a member's name and colon, to its value.
#[inline(always)]
fn name(bytes: &[u8], at: usize) -> Behind {
    let behind = string(bytes, name_start(bytes, at)?)?;
    colon(bytes, behind)
}
