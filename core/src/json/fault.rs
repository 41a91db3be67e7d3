//! Faults of grammar, small enough to be handed about on the fast path.

/// What would have been right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Expected {
    /// `:`
    Colon,
    /// `,` or `]`
    CommaOrBracket,
    /// `,` or `}`
    CommaOrBrace,
    /// Fewer levels. Not a fault of grammar.
    Depth,
    /// A digit of a number.
    Digit,
    /// A letter after `\`.
    Escape,
    /// Four hexadecimal digits after `\u`.
    Hex,
    /// A member name.
    Name,
    /// More of a string.
    StringEnd,
    /// No control character.
    StringText,
    /// A value.
    Value,
}

/// A fault of grammar: where, and what would have been right.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fault {
    at: u32,
    expected: Expected,
}

impl Fault {
    /// The place.
    pub(super) const fn at(self) -> usize {
        self.at as usize
    }

    /// What would have been right; nothing if the grammar holds and only the depth is wrong.
    pub(super) const fn expected_text(self) -> Option<&'static str> {
        Some(match self.expected {
            Expected::Colon => "`:` after the member name",
            Expected::CommaOrBracket => "`,` or `]`",
            Expected::CommaOrBrace => "`,` or `}`",
            Expected::Depth => return None,
            Expected::Digit => "a digit",
            Expected::Escape => "one of the letters that may follow `\\` in a string",
            Expected::Hex => "four hexadecimal digits after `\\u`",
            Expected::Name => "a member name in double quotes",
            Expected::StringEnd => "the rest of a string",
            Expected::StringText => "a string without control characters",
            Expected::Value => "a value",
        })
    }
}

/// A fault, made out of the way of the fast path.
#[cold]
pub(super) const fn fault<T>(at: usize, expected: Expected) -> Result<T, Fault> {
    Err(Fault { at: at as u32, expected })
}
