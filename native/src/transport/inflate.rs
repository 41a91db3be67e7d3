//! Content decoding that accepts only what is whole: a gzip member needs its trailer and the right
//! checksum, and nothing but further members may follow it. Common clients deliver a cut gzip body as if it
//! were complete; here it is an error.

use flate2::{Crc, Decompress, FlushDecompress, Status};

/// What is wrong with an encoded body. The texts go into reports.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Bad {
    /// The checksum or length of the trailer doesn't fit the data.
    Checksum,
    /// The stream ends in the middle.
    Cut,
    /// The bytes are not of this coding.
    Format,
    /// The room for the output is used up.
    Full,
    /// Something follows the end of the stream.
    Trailing,
}

impl Bad {
    pub(super) const fn text(self) -> &'static str {
        match self {
            Bad::Checksum => "the compressed body's checksum does not fit",
            Bad::Cut => "the compressed body is cut",
            Bad::Format => "the body is not compressed as its Content-Encoding says",
            Bad::Full => "the decoded body is larger than the limit",
            Bad::Trailing => "bytes follow the end of the compressed body",
        }
    }
}

/// A streaming decoder for `gzip` and `deflate`.
pub(super) struct Inflate {
    stage: Stage,
    /// Header or trailer bytes gathered so far.
    held: Vec<u8>,
    raw: Decompress,
    crc: Crc,
    /// Whether a whole member was seen.
    whole: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Inside a gzip member's header, or before it.
    GzipHeader,
    GzipData,
    GzipTrailer,
    /// Before the two bytes that tell a zlib stream from raw deflate.
    ZlibHeader,
    ZlibData,
    ZlibEnd,
}

/// The longest gzip header worth reading: names and comments are short.
const LONGEST_HEADER: usize = 64 << 10;

/// The step in which the output grows, at least.
const STEP: usize = 32 << 10;

impl Inflate {
    /// For `Content-Encoding: gzip`.
    pub(super) fn gzip() -> Inflate {
        Inflate::at(Stage::GzipHeader, false)
    }

    /// For `Content-Encoding: deflate`: a zlib stream by RFC 9110, raw deflate from some servers.
    pub(super) fn deflate() -> Inflate {
        Inflate::at(Stage::ZlibHeader, true)
    }

    fn at(stage: Stage, zlib: bool) -> Inflate {
        Inflate { stage, held: Vec::new(), raw: Decompress::new(zlib), crc: Crc::new(), whole: false }
    }

    /// Decodes the next bytes of the wire into `out`, which never grows beyond `limit`.
    pub(super) fn push(&mut self, mut input: &[u8], out: &mut Vec<u8>, limit: usize) -> Result<(), Bad> {
        while !input.is_empty() {
            input = match self.stage {
                Stage::GzipHeader => self.gzip_header(input)?,
                Stage::GzipData | Stage::ZlibData => self.data(input, out, limit)?,
                Stage::GzipTrailer => self.gzip_trailer(input)?,
                Stage::ZlibHeader => self.zlib_header(input, out, limit)?,
                Stage::ZlibEnd => return Err(Bad::Trailing),
            };
        }
        Ok(())
    }

    /// The wire has ended: was that an end?
    pub(super) fn finish(&self) -> Result<(), Bad> {
        let at_border = match self.stage {
            Stage::GzipHeader => self.held.is_empty(),
            Stage::ZlibEnd => true,
            Stage::GzipData | Stage::GzipTrailer | Stage::ZlibHeader | Stage::ZlibData => false,
        };
        match (at_border, self.whole) {
            (true, true) => Ok(()),
            // A further "member" that doesn't even start like one is junk, not a cut.
            (false, true) if self.stage == Stage::GzipHeader && !could_be_gzip(&self.held) => {
                Err(Bad::Trailing)
            }
            (true | false, _) => Err(Bad::Cut),
        }
    }

    fn gzip_header<'a>(&mut self, input: &'a [u8]) -> Result<&'a [u8], Bad> {
        let before = self.held.len();
        let take = input.len().min(LONGEST_HEADER.saturating_sub(before));
        self.held.extend_from_slice(input.get(..take).unwrap_or_default());
        if !could_be_gzip(&self.held) {
            return Err(if self.whole { Bad::Trailing } else { Bad::Format });
        }
        match header_length(&self.held)? {
            None if self.held.len() >= LONGEST_HEADER => Err(Bad::Format),
            None => Ok(&[]),
            Some(length) => {
                self.held.clear();
                self.raw.reset(false);
                self.crc.reset();
                self.stage = Stage::GzipData;
                Ok(input.get(length.saturating_sub(before)..).unwrap_or_default())
            }
        }
    }

    fn zlib_header<'a>(&mut self, input: &'a [u8], out: &mut Vec<u8>, limit: usize) -> Result<&'a [u8], Bad> {
        let take = input.len().min(2 - self.held.len().min(1));
        let (start, rest) = input.split_at_checked(take).unwrap_or((input, &[]));
        self.held.extend_from_slice(start);
        if let [method, check, ..] = self.held[..] {
            let zlib = method & 0x0f == 8 && u16::from_be_bytes([method, check]).is_multiple_of(31);
            self.raw.reset(zlib);
            self.stage = Stage::ZlibData;
            let held = std::mem::take(&mut self.held);
            let left = self.data(&held, out, limit)?;
            if !left.is_empty() {
                return Err(Bad::Trailing);
            }
        }
        Ok(rest)
    }

    fn data<'a>(&mut self, mut input: &'a [u8], out: &mut Vec<u8>, limit: usize) -> Result<&'a [u8], Bad> {
        loop {
            if out.len() == out.capacity() {
                // One byte beyond the limit, so that a body of exactly its size is not refused.
                let room = limit.saturating_add(1).saturating_sub(out.len()).min(out.len().max(STEP));
                if room == 0 {
                    return Err(Bad::Full);
                }
                out.reserve_exact(room);
            }
            let (consumed, written) = (self.raw.total_in(), out.len());
            let status =
                self.raw.decompress_vec(input, out, FlushDecompress::None).map_err(|_| Bad::Format)?;
            let read = usize::try_from(self.raw.total_in() - consumed).unwrap_or(usize::MAX);
            input = input.get(read..).unwrap_or_default();
            if out.len() > limit {
                return Err(Bad::Full);
            }
            let fresh = out.get(written..).unwrap_or_default();
            if self.stage == Stage::GzipData {
                self.crc.update(fresh);
            }
            match status {
                Status::StreamEnd => {
                    let gzip = self.stage == Stage::GzipData;
                    self.stage = if gzip { Stage::GzipTrailer } else { Stage::ZlibEnd };
                    self.whole |= self.stage == Stage::ZlibEnd;
                    return Ok(input);
                }
                // Nothing left to read and room left to write: it waits for the wire.
                Status::Ok | Status::BufError if input.is_empty() && out.len() < out.capacity() => {
                    return Ok(input);
                }
                Status::Ok | Status::BufError
                    if read == 0 && fresh.is_empty() && out.len() < out.capacity() =>
                {
                    return Err(Bad::Format);
                }
                Status::Ok | Status::BufError => {}
            }
        }
    }

    fn gzip_trailer<'a>(&mut self, input: &'a [u8]) -> Result<&'a [u8], Bad> {
        let take = input.len().min(8usize.saturating_sub(self.held.len()));
        let (start, rest) = input.split_at_checked(take).unwrap_or((input, &[]));
        self.held.extend_from_slice(start);
        if let [a, b, c, d, e, f, g, h] = self.held[..] {
            if u32::from_le_bytes([a, b, c, d]) != self.crc.sum()
                || u32::from_le_bytes([e, f, g, h]) != self.crc.amount()
            {
                return Err(Bad::Checksum);
            }
            self.held.clear();
            self.whole = true;
            self.stage = Stage::GzipHeader;
        }
        Ok(rest)
    }
}

fn could_be_gzip(start: &[u8]) -> bool {
    start.iter().zip(&[0x1f, 0x8b, 8]).all(|(found, expected)| found == expected)
}

/// The length of the gzip header at the start of `bytes` (RFC 1952 section 2.3), once it is all there.
fn header_length(bytes: &[u8]) -> Result<Option<usize>, Bad> {
    let Some(&flags) = bytes.get(3) else { return Ok(None) };
    if flags & 0xe0 != 0 {
        return Err(Bad::Format);
    }
    let mut at = 10;
    if flags & 4 != 0 {
        let (Some(&low), Some(&high)) = (bytes.get(at), bytes.get(at + 1)) else { return Ok(None) };
        at += 2 + usize::from(u16::from_le_bytes([low, high]));
    }
    for text in [8, 16] {
        if flags & text != 0 {
            let Some(end) = bytes.get(at..).and_then(|rest| rest.iter().position(|&b| b == 0)) else {
                return Ok(None);
            };
            at += end + 1;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    Ok((bytes.len() >= at).then_some(at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
    use flate2::{Compression, GzBuilder};
    use std::io::Write;

    fn gz(data: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        encoder.write_all(data).unwrap();
        encoder.finish().unwrap()
    }

    fn run(mut inflate: Inflate, wire: &[u8], chunk: usize) -> Result<Vec<u8>, Bad> {
        let mut out = Vec::new();
        for part in wire.chunks(chunk) {
            inflate.push(part, &mut out, 1 << 20)?;
        }
        inflate.finish().map(|()| out)
    }

    fn text() -> Vec<u8> {
        (0..1500u32).flat_map(|n| format!("{{\"id\":{n}}}\n").into_bytes()).collect()
    }

    #[test]
    fn whole_streams_decode_in_any_pieces() {
        let mut two = gz(&text());
        two.extend(gz(b"tail"));
        let named = {
            let mut e = GzBuilder::new()
                .filename("a")
                .comment("b")
                .extra(vec![1, 2, 3])
                .write(Vec::new(), Compression::best());
            e.write_all(b"named").unwrap();
            e.finish().unwrap()
        };
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::default());
        zlib.write_all(&text()).unwrap();
        let zlib = zlib.finish().unwrap();
        let mut raw = DeflateEncoder::new(Vec::new(), Compression::default());
        raw.write_all(&text()).unwrap();
        let raw = raw.finish().unwrap();
        for chunk in [1, 2, 7, 8192, usize::MAX] {
            assert_eq!(run(Inflate::gzip(), &gz(&text()), chunk).unwrap(), text());
            assert_eq!(run(Inflate::gzip(), &two, chunk).unwrap(), [text(), b"tail".to_vec()].concat());
            assert_eq!(run(Inflate::gzip(), &named, chunk).unwrap(), b"named");
            assert_eq!(run(Inflate::deflate(), &zlib, chunk).unwrap(), text());
            assert_eq!(run(Inflate::deflate(), &raw, chunk).unwrap(), text());
        }
    }

    #[test]
    fn every_cut_is_seen() {
        let wire = gz(b"{\"data\":[1,2,3]}");
        for end in 0..wire.len() {
            assert_eq!(run(Inflate::gzip(), &wire[..end], 5), Err(Bad::Cut), "cut at {end}");
        }
    }

    #[test]
    fn junk_bad_checksums_and_plain_bodies_are_errors() {
        let good = gz(&text());
        for junk in [&b"x"[..], b"\0\0\0", b"\x1f\x8c", b"{\"data\":[]}"] {
            let wire = [&good[..], junk].concat();
            for chunk in [1, 100, usize::MAX] {
                assert_eq!(run(Inflate::gzip(), &wire, chunk), Err(Bad::Trailing), "{junk:?}");
            }
        }
        for at in good.len() - 8..good.len() {
            let mut wire = good.clone();
            wire[at] ^= 1;
            assert_eq!(run(Inflate::gzip(), &wire, 999), Err(Bad::Checksum));
        }
        assert_eq!(run(Inflate::gzip(), b"{\"data\":[]}", 4), Err(Bad::Format));
        assert_eq!(run(Inflate::deflate(), b"{\"data\":[]}", 4), Err(Bad::Format));
    }

    #[test]
    fn the_limit_holds_while_streaming() {
        let bomb = gz(&vec![b'0'; 4 << 20]);
        let mut out = Vec::new();
        assert_eq!(Inflate::gzip().push(&bomb, &mut out, 1 << 20), Err(Bad::Full));
        assert!(out.capacity() <= (1 << 20) + 1, "{}", out.capacity());
    }
}
