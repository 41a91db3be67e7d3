//! Where a value is, what kind it is, how much of it is accepted.

use std::fmt;

/// The kinds of JSON value.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Kind {
    /// `[…]`
    Array,
    /// `true` or `false`
    Bool,
    /// `null`
    Null,
    /// A number.
    Number,
    /// `{…}`
    Object,
    /// A string.
    String,
}

impl Kind {
    /// The kind of the value that starts with this byte, if one can.
    pub(super) const fn of(first: u8) -> Option<Kind> {
        match first {
            b'[' => Some(Kind::Array),
            b't' | b'f' => Some(Kind::Bool),
            b'n' => Some(Kind::Null),
            b'-' | b'0'..=b'9' => Some(Kind::Number),
            b'{' => Some(Kind::Object),
            b'"' => Some(Kind::String),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Array => "an array",
            Kind::Bool => "a boolean",
            Kind::Null => "null",
            Kind::Number => "a number",
            Kind::Object => "an object",
            Kind::String => "a string",
        })
    }
}

/// A stretch of a body, in bytes from its start (a byte order mark counts).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Span {
    /// The first byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Span {
    /// No value. No value of JSON is empty, so no value has this span.
    pub const NONE: Span = Span { start: 0, end: 0 };

    /// From here to there. Callers have made sure that the body is shorter than 4 GiB.
    pub(super) const fn new(start: usize, end: usize) -> Span {
        Span { start: start as u32, end: end as u32 }
    }

    /// Whether there is no value.
    pub const fn is_none(&self) -> bool {
        self.start == self.end
    }

    /// How many bytes.
    pub const fn len(&self) -> u32 {
        self.end.saturating_sub(self.start)
    }

    /// The same as [`Span::is_none`].
    pub const fn is_empty(&self) -> bool {
        self.is_none()
    }

    /// Its bytes in the body it was found in; nothing if it doesn't lie in this one.
    pub fn slice<'a>(&self, body: &'a [u8]) -> &'a [u8] {
        body.get(self.start as usize..self.end as usize).unwrap_or_default()
    }
}

/// How much a scan accepts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Arrays and objects inside each other; more than [`Limits::DEPTH`] counts as that.
    pub depth: u32,
    /// The longest string or number that is extracted, in bytes of its JSON text. Arrays, objects and
    /// records are bounded by the body alone.
    pub value: u32,
}

impl Limits {
    /// The deepest nesting that can be accepted.
    pub const DEPTH: u32 = 128;
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { depth: Limits::DEPTH, value: 64 * 1024 }
    }
}
