//! Whole numbers that a JavaScript number can't hold.

use std::ops::Range;

/// 2^53 - 1: up to here every whole number is itself.
const LAST_SAFE: &[u8] = b"9007199254740991";

/// Whether there is one. Most pages hold none, and a run of sixteen digits has one at every sixteenth byte at
/// least, so only those are looked at first.
pub fn has_long(json: &[u8]) -> bool {
    let step = LAST_SAFE.len();
    let suspicious = (0..json.len()).step_by(step).any(|at| {
        let digits = |bytes: &mut dyn Iterator<Item = &u8>| bytes.take_while(|b| b.is_ascii_digit()).count();
        let behind = digits(&mut json.get(at..).unwrap_or_default().iter().take(step));
        behind > 0 && behind + digits(&mut json.get(..at).unwrap_or_default().iter().rev().take(step)) >= step
    });
    suspicious && long(json).next().is_some()
}

/// The same JSON with each of them as a text behind `mark`.
pub fn rewrite(json: &[u8], mark: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(json.len() + (json.len() >> 3));
    let mut done = 0;
    for number in long(json) {
        out.extend_from_slice(json.get(done..number.start).unwrap_or_default());
        done = number.end;
        out.push(b'"');
        out.extend_from_slice(mark.as_bytes());
        out.extend_from_slice(json.get(number).unwrap_or_default());
        out.push(b'"');
    }
    out.extend_from_slice(json.get(done..).unwrap_or_default());
    out
}

/// Where they stand, in JSON whose grammar was checked.
fn long(json: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    std::iter::from_fn(move || {
        while let Some(&byte) = json.get(at) {
            let rest = json.get(at..).unwrap_or_default();
            match byte {
                b'"' => at += text(rest),
                b'-' | b'0'..=b'9' => {
                    let is_part =
                        |b: &u8| b.is_ascii_digit() || matches!(b, b'-' | b'+' | b'.' | b'e' | b'E');
                    let length = rest.iter().take_while(|b| is_part(b)).count();
                    let number = at..at + length;
                    at = number.end;
                    if json.get(number.clone()).is_some_and(is_long) {
                        return Some(number);
                    }
                }
                _ => at += 1,
            }
        }
        None
    })
}

fn is_long(number: &[u8]) -> bool {
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    let whole = digits.iter().all(u8::is_ascii_digit);
    whole && (digits.len() > LAST_SAFE.len() || digits.len() == LAST_SAFE.len() && digits > LAST_SAFE)
}

/// The length of a string with its quotes.
fn text(rest: &[u8]) -> usize {
    let mut escaped = false;
    let inside = rest.iter().skip(1).take_while(|&&byte| {
        let goes_on = escaped || byte != b'"';
        escaped = !escaped && byte == b'\\';
        goes_on
    });
    inside.count() + 2
}
