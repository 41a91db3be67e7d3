//! Where strings can end: all bytes that matter inside a string, found 64 at a time.

#![allow(clippy::inline_always, reason = "measured: without it a scan takes a quarter longer")]

/// Bytes in a block.
const BLOCK: usize = 64;
/// Blocks in a window: enough to be quick about, few enough to be quick with a short text.
const WINDOW: usize = 16;

/// Goes from stop to stop. A stop is a byte that can end the plain part of a string: `"`, `\` or a control
/// character. Behind the end of the text every place is one, so that there is always a next.
///
/// Taking the next stop doesn't wait for anything that was read before: that is what makes a scan fast.
/// But it only helps who stands in step: a reading at a place must have taken every stop before the place,
/// and none from there on.
#[derive(Clone, Debug)]
pub(super) struct Stops<'a> {
    bytes: &'a [u8],
    /// The stops ahead in the block at hand, a bit for each byte, the first byte lowest.
    ahead: u64,
    /// Where that block starts.
    block: usize,
    /// Where the window starts.
    window: usize,
    /// The stops of each block in the window.
    known: [u64; WINDOW],
}

impl<'a> Stops<'a> {
    /// The stops of this text from a place on.
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Stops<'a> {
        let mut stops = Stops { bytes, ahead: 0, block: 0, window: 0, known: [0; WINDOW] };
        stops.fill(at - at % BLOCK);
        stops.seek(at);
        stops
    }

    /// Takes the next stop.
    #[inline(always)]
    pub(super) fn next(&mut self) -> usize {
        if self.ahead == 0 {
            self.advance();
        }
        let at = self.block + self.ahead.trailing_zeros() as usize;
        self.ahead &= self.ahead.wrapping_sub(1);
        at
    }

    /// Goes to the next block that has a stop.
    #[inline(never)]
    fn advance(&mut self) {
        while self.ahead == 0 {
            self.block += BLOCK;
            if self.block - self.window == BLOCK * WINDOW {
                self.fill(self.block);
            }
            self.ahead = self.known_at(self.block);
        }
    }

    /// Gets in step with a place.
    #[inline(never)]
    pub(super) fn seek(&mut self, at: usize) {
        let block = at - at % BLOCK;
        if block < self.window || block - self.window >= BLOCK * WINDOW {
            self.fill(block);
        }
        self.block = block;
        self.ahead = self.known_at(block) & u64::MAX << (at % BLOCK);
    }

    fn known_at(&self, block: usize) -> u64 {
        // Callers have made sure that it is in the window.
        self.known.get((block - self.window) / BLOCK).copied().unwrap_or(u64::MAX)
    }

    /// Starts the window here.
    #[inline(never)]
    fn fill(&mut self, start: usize) {
        self.window = start;
        let rest = self.bytes.get(start..).unwrap_or_default();
        if let Some(whole) = rest.first_chunk::<{ BLOCK * WINDOW }>() {
            let (blocks, _) = whole.as_chunks();
            for (known, block) in self.known.iter_mut().zip(blocks) {
                *known = find(block);
            }
            return;
        }
        let (blocks, last) = rest.as_chunks();
        // Zeros are control characters, and so stops.
        let mut padded = [0; BLOCK];
        for (to, from) in padded.iter_mut().zip(last) {
            *to = *from;
        }
        let all = blocks.iter().chain([&padded]).map(find).chain(std::iter::repeat(u64::MAX));
        for (known, stops) in self.known.iter_mut().zip(all) {
            *known = stops;
        }
    }
}

/// The stops of one block.
#[inline(always)]
fn find(block: &[u8; BLOCK]) -> u64 {
    // First a mark of 0 or 1 for each byte, in a form that compilers make vector instructions of. Flipping
    // one bit puts `"` right behind the control characters.
    let mut marks = [0_u8; BLOCK];
    for (mark, byte) in marks.iter_mut().zip(block) {
        *mark = u8::from(*byte ^ 2 <= 0x20) | u8::from(*byte == b'\\');
    }
    // Then eight marks become eight bits by one multiplication, which adds up shifted copies of them.
    let (eights, _) = marks.as_chunks();
    let mut bits = 0;
    for (place, eight) in eights.iter().enumerate() {
        let byte = u64::from_le_bytes(*eight).wrapping_mul(0x0102_0408_1020_4080) >> 56;
        bits |= byte << (8 * place);
    }
    bits
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_stop(byte: u8) -> bool {
        matches!(byte, b'"' | b'\\' | 0..=0x1f)
    }

    #[test]
    fn every_byte_is_judged_in_every_place_of_a_block() {
        for byte in 0..=u8::MAX {
            for place in 0..BLOCK {
                let mut block = [b' '; BLOCK];
                block[place] = byte;
                assert_eq!(find(&block), u64::from(is_stop(byte)) << place, "{byte:#x} at {place}");
                let inverse = block.map(|other| if other == b' ' { b'"' } else { other });
                let whole = if byte == b' ' || is_stop(byte) { u64::MAX } else { !(1 << place) };
                assert_eq!(find(&inverse), whole, "{byte:#x} at {place}");
            }
        }
    }

    #[test]
    fn stops_come_in_order_whatever_the_length_and_the_start() {
        let text: Vec<u8> = (0..5000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        for length in (0..200).chain([1023, 1024, 1025, 2047, 2048, 2049, 5000]) {
            let text = &text[..length];
            for start in [0, 1, 63, 64, 65, 127, 1000, 1024, 1500, 3000] {
                let mut stops = Stops::new(text, start);
                let mut expected = (start..length).filter(|at| is_stop(text[*at])).chain(length.max(start)..);
                for _ in 0..length + 200 {
                    assert_eq!(Some(stops.next()), expected.next(), "{length} {start}");
                }
                stops.seek(start / 2);
                let first =
                    (start / 2..length).find(|at| is_stop(text[*at])).unwrap_or(length.max(start / 2));
                assert_eq!(stops.next(), first);
            }
        }
    }
}
