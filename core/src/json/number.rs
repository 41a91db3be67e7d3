//! Numbers, compared by value from their text: no length and no exponent is too large. RFC 8259, section 6.

use std::cmp::Ordering;

/// A number taken apart: ± 0.d₁d₂d₃… × 10^exponent, the first digit not zero.
struct Parts<'a> {
    negative: bool,
    /// The digits before and after the point, without zeros at either end; both empty for zero.
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: Exponent,
}

/// A whole number of any size, by sign and digits (no leading zeros).
#[derive(PartialEq, Eq)]
struct Exponent {
    negative: bool,
    digits: Vec<u8>,
}

/// Compares two JSON numbers by value.
pub(super) fn compare(a: &str, b: &str) -> Ordering {
    let (a, b) = (Parts::of(a.as_bytes()), Parts::of(b.as_bytes()));
    let sign = |parts: &Parts| match (parts.is_zero(), parts.negative) {
        (true, _) => 0,
        (false, false) => 1,
        (false, true) => -1,
    };
    let signs = sign(&a).cmp(&sign(&b));
    if signs.is_ne() || a.is_zero() {
        return signs;
    }
    let size = a.exponent.order(&b.exponent).then_with(|| a.digits().cmp(b.digits()));
    if a.negative { size.reverse() } else { size }
}

impl<'a> Parts<'a> {
    fn of(text: &'a [u8]) -> Parts<'a> {
        let (negative, text) = match text {
            [b'-', rest @ ..] => (true, rest),
            rest => (false, rest),
        };
        let mut halves = text.splitn(2, |byte| matches!(byte, b'e' | b'E'));
        let mantissa = halves.next().unwrap_or_default();
        let given = halves.next().unwrap_or_default();
        let mut sides = mantissa.splitn(2, |byte| *byte == b'.');
        let whole = without_leading_zeros(sides.next().unwrap_or_default());
        let all = sides.next().unwrap_or_default();
        // The point moves to before the first digit that counts: to the left over the whole part, or to the
        // right over the zeros after the point.
        let (fraction, moved) = if whole.is_empty() {
            let fraction = without_leading_zeros(all);
            (fraction, fraction.len() as i128 - all.len() as i128)
        } else {
            (all, whole.len() as i128)
        };
        let fraction = without_trailing_zeros(fraction);
        let whole = if fraction.is_empty() { without_trailing_zeros(whole) } else { whole };
        Parts { negative, whole, fraction, exponent: Exponent::of(given, moved) }
    }

    fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.is_empty()
    }

    fn digits(&self) -> impl Iterator<Item = &u8> {
        self.whole.iter().chain(self.fraction)
    }
}

fn without_leading_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    digits.get(zeros..).unwrap_or_default()
}

fn without_trailing_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().rev().take_while(|digit| **digit == b'0').count();
    digits.get(..digits.len().saturating_sub(zeros)).unwrap_or_default()
}

impl Exponent {
    /// Digits up to which an exponent is added to as a machine number.
    const SMALL: usize = 30;

    /// The exponent as given (sign and digits, or nothing), plus `moved`.
    fn of(given: &[u8], moved: i128) -> Exponent {
        let (negative, digits) = match given {
            [b'-', rest @ ..] => (true, rest),
            [b'+', rest @ ..] | rest => (false, rest),
        };
        let digits = without_leading_zeros(digits);
        if digits.len() <= Exponent::SMALL {
            let size =
                digits.iter().fold(0_i128, |sum, digit| sum * 10 + i128::from(digit.wrapping_sub(b'0')));
            let sum = if negative { -size } else { size } + moved;
            let digits = if sum == 0 { Vec::new() } else { sum.unsigned_abs().to_string().into_bytes() };
            return Exponent { negative: sum < 0, digits };
        }
        // So large that adding `moved` never changes the sign: add it, or take it away, digit by digit.
        let mut carry = if negative { -moved } else { moved };
        let mut digits = digits.to_vec();
        for digit in digits.iter_mut().rev() {
            let sum = i128::from(digit.wrapping_sub(b'0')) + carry;
            *digit = b'0' + sum.rem_euclid(10) as u8;
            carry = sum.div_euclid(10);
        }
        // What is left over is one digit more, 1; a digit less shows as a leading zero.
        if carry > 0 {
            digits.insert(0, b'0' + carry.min(9) as u8);
        }
        Exponent { negative, digits: without_leading_zeros(&digits).to_vec() }
    }

    fn order(&self, other: &Exponent) -> Ordering {
        let size = self.digits.len().cmp(&other.digits.len()).then_with(|| self.digits.cmp(&other.digits));
        match (self.negative, other.negative) {
            (false, false) => size,
            (true, true) => size.reverse(),
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_compare_by_value_whatever_their_form() {
        let groups: &[&[&str]] = &[
            &["-1e99999999999999999999999999999999999999999999"],
            &["-1e400", "-10e399"],
            &["-2"],
            &["-1.5", "-15e-1"],
            &["-1e-400"],
            &["0", "-0", "0.0", "0e999", "-0.000e-5", "0E+0"],
            &[
                "1e-100000000000000000000000000000000000000001",
                "10e-100000000000000000000000000000000000000002",
            ],
            &["1e-100000000000000000000000000000000000000000"],
            &["1e-400", "0.1e-399", "0.001e-397"],
            &["0.5", "5e-1", "0.50", "0.05e1", "50E-2"],
            &["1", "1.0", "10e-1", "0.1e1", "1e0", "1E+00", "100e-2"],
            &["9007199254740992"],
            &["9007199254740993", "9007199254740.993e3", "90071992547409930e-1"],
            &["18446744073709551616"],
            &["1e400", "10e399", "0.1e401"],
            &["9.999e999999999999999999999999999"],
            &["1e1000000000000000000000000000000", "0.1e1000000000000000000000000000001"],
            &["1e9999999999999999999999999999999999"],
            &["1e10000000000000000000000000000000000", "10e9999999999999999999999999999999999"],
        ];
        for (i, left) in groups.iter().enumerate() {
            for (j, right) in groups.iter().enumerate() {
                for a in *left {
                    for b in *right {
                        assert_eq!(compare(a, b), i.cmp(&j), "{a} against {b}");
                    }
                }
            }
        }
    }

    #[test]
    fn thousands_of_digits_count_to_the_last() {
        let long = "7".repeat(5000);
        assert_eq!(compare(&format!("{long}1"), &format!("{long}2")), Ordering::Less);
        assert_eq!(compare(&format!("{long}.0"), &long), Ordering::Equal);
        assert_eq!(compare(&format!("0.{long}e5000"), &long), Ordering::Equal);
        assert_eq!(compare(&format!("1{}", "0".repeat(5000)), "1e5000"), Ordering::Equal);
    }
}
