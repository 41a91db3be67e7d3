//! Over a whole value, checking all of it and building nothing.

#![allow(clippy::inline_always, reason = "measured: without it a scan takes a quarter longer")]

use super::fault::{Expected, Fault, fault};
use super::lex::{Behind, Lexer, Next};
use super::span::Limits;

impl Lexer<'_> {
    /// Over one value of any kind, from its first byte to behind its last. At most `depth` arrays and
    /// objects inside each other, and never more than [`Limits::DEPTH`].
    #[inline(always)]
    pub(super) fn skip(&mut self, at: usize, depth: u32) -> Behind {
        match self.byte(at) {
            b'"' => {
                self.quote(at);
                self.string()
            }
            b'{' | b'[' => self.skip_deep(at, depth),
            first => self.word(at, first),
        }
    }

    /// Over a member's value, which starts with this byte, and on to the next name or behind the `}`.
    #[inline(always)]
    pub(super) fn skip_member(&mut self, at: usize, first: u8, depth: u32) -> Result<Next, Fault> {
        let end = match first {
            b'"' => return self.text_member(at),
            b'{' | b'[' => self.skip_deep(at, depth)?,
            _ => self.word(at, first)?,
        };
        self.next_name(end)
    }

    /// Over an array or object. What is open is a stack of bits in one word.
    #[inline(never)]
    fn skip_deep(&mut self, mut at: usize, depth: u32) -> Behind {
        let depth = depth.min(Limits::DEPTH);
        let mut open = 0_u32;
        // One bit for each open level, 1 for an object, the innermost lowest.
        let mut objects = 0_u128;
        loop {
            // Here an array or object starts.
            if open == depth {
                return fault(at, Expected::Depth);
            }
            let object = self.byte(at) == b'{';
            open += 1;
            objects = objects << 1 | u128::from(object);
            let mut next = if object { self.first_name(at + 1)? } else { self.first_element(at + 1) };
            // Over what is open, to the next start or to the end of all.
            loop {
                let inner =
                    if objects & 1 == 1 { self.skip_members(next)? } else { self.skip_elements(next)? };
                match inner {
                    Next::Part(start) => {
                        at = start;
                        break;
                    }
                    Next::End(end) => {
                        open -= 1;
                        objects >>= 1;
                        if open == 0 {
                            return Ok(end);
                        }
                        next = if objects & 1 == 1 { self.next_name(end)? } else { self.next_element(end)? };
                    }
                }
            }
        }
    }

    /// Over members whose values are no arrays or objects, to the first that is one, or behind the `}`.
    #[inline(always)]
    fn skip_members(&mut self, mut next: Next) -> Result<Next, Fault> {
        while let Next::Part(_) = next {
            let name = self.name()?;
            next = match name.first {
                b'"' => self.text_member(name.value)?,
                b'{' | b'[' => return Ok(Next::Part(name.value)),
                _ => {
                    let end = self.word(name.value, name.first)?;
                    self.next_name(end)?
                }
            };
        }
        Ok(next)
    }

    /// Over elements that are no arrays or objects, to the first that is one, or behind the `]`.
    #[inline(always)]
    fn skip_elements(&mut self, mut next: Next) -> Result<Next, Fault> {
        while let Next::Part(start) = next {
            let end = match self.byte(start) {
                b'"' => {
                    self.quote(start);
                    self.string()?
                }
                b'{' | b'[' => return Ok(next),
                first => self.word(start, first)?,
            };
            next = self.next_element(end)?;
        }
        Ok(next)
    }
}
