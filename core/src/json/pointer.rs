//! Where a value is: JSON Pointer (RFC 6901), and two ways to choose in an array by more than a number.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

/// The path to a value. RFC 6901, and besides:
/// - a token that ends in `[field=value]` goes to the member before the bracket, an array, and there to the
///   element whose member `field` is `value` (a string, or another scalar by its JSON text); with nothing
///   before the bracket the value at hand is the array: `/link[relation=next]/url`;
/// - in an array, the token `-1` is the last element.
///
/// The empty pointer is the whole value.
#[derive(Clone)]
pub struct Pointer {
    text: Box<str>,
    tokens: Box<[Token]>,
}

/// One step of a [`Pointer`].
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Token {
    /// A member of an object by its name, with the pointer's escapes taken away; in an array, the element
    /// of that number (`0`, or digits that don't begin with a zero), or the last one for `-1`.
    Name(Box<str>),
    /// The element of an array whose member has this value.
    Select {
        /// The member's name.
        field: Box<str>,
        /// Its value: a string's text, or another scalar's JSON text.
        value: Box<str>,
    },
}

impl Token {
    /// The element of an array that this token means, if it is a number as RFC 6901 section 4 has it.
    pub fn index(&self) -> Option<u32> {
        match self {
            Token::Name(name) if &**name == "0" => Some(0),
            Token::Name(name) if name.starts_with(|first: char| ('1'..='9').contains(&first)) => {
                // A sign can't stand first here, and `parse` takes one nowhere else.
                name.parse().ok()
            }
            Token::Name(_) | Token::Select { .. } => None,
        }
    }

    /// Whether it means the last element of an array.
    pub fn is_last(&self) -> bool {
        matches!(self, Token::Name(name) if &**name == "-1")
    }
}

/// Why a text is no pointer.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("at byte {at}, expected {expected}")]
pub struct PointerError {
    /// The byte of the text that is wrong.
    pub at: usize,
    /// What would have been right.
    pub expected: &'static str,
}

impl Pointer {
    /// The longest text, in bytes.
    pub const MAX_LENGTH: usize = 512;
    /// The most tokens; a selection is one of its own.
    pub const MAX_DEPTH: usize = 32;

    /// Reads a pointer.
    pub fn parse(text: &str) -> Result<Pointer, PointerError> {
        if text.len() > Pointer::MAX_LENGTH {
            return Err(PointerError { at: Pointer::MAX_LENGTH, expected: "a pointer of at most 512 bytes" });
        }
        let Some(path) = text.strip_prefix('/') else {
            return if text.is_empty() {
                Ok(Pointer::root())
            } else {
                Err(PointerError { at: 0, expected: "`/`, or nothing for the whole value" })
            };
        };
        let mut tokens = Vec::new();
        let mut at = 1;
        for part in path.split('/') {
            push_tokens(&mut tokens, part, at)?;
            if tokens.len() > Pointer::MAX_DEPTH {
                return Err(PointerError { at, expected: "a pointer of at most 32 tokens" });
            }
            at += part.len() + 1;
        }
        Ok(Pointer { text: text.into(), tokens: tokens.into() })
    }

    /// The whole value.
    pub fn root() -> Pointer {
        Pointer { text: Box::default(), tokens: Box::default() }
    }

    /// Whether it means the whole value.
    pub fn is_root(&self) -> bool {
        self.tokens.is_empty()
    }

    /// The text it was made from.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The steps.
    pub fn tokens(&self) -> &[Token] {
        &self.tokens
    }

    /// This path, and from there on the other. The limits of [`Pointer::parse`] are not applied again.
    #[must_use]
    pub fn join(&self, then: &Pointer) -> Pointer {
        Pointer {
            text: format!("{}{}", self.text, then.text).into(),
            tokens: self.tokens.iter().chain(&then.tokens).cloned().collect(),
        }
    }
}

fn push_tokens(tokens: &mut Vec<Token>, part: &str, at: usize) -> Result<(), PointerError> {
    let Some((name, field, value)) = selection(part) else {
        tokens.push(Token::Name(unescape(part, at)?));
        return Ok(());
    };
    if !name.is_empty() {
        tokens.push(Token::Name(unescape(name, at)?));
    }
    let field_at = at + name.len() + 1;
    let value = unescape(value, field_at + field.len() + 1)?;
    tokens.push(Token::Select { field: unescape(field, field_at)?, value });
    Ok(())
}

/// `name[field=value]`. The bracket is the last one before the first `=`, so that a value may hold
/// brackets and a name may, too.
fn selection(part: &str) -> Option<(&str, &str, &str)> {
    let (head, value) = part.strip_suffix(']')?.split_once('=')?;
    let (name, field) = head.rsplit_once('[')?;
    if field.is_empty() { None } else { Some((name, field, value)) }
}

/// `~1` is `/` and `~0` is `~`.
fn unescape(part: &str, at: usize) -> Result<Box<str>, PointerError> {
    let mut out = String::with_capacity(part.len());
    let mut pieces = part.split('~');
    out.push_str(pieces.next().unwrap_or_default());
    let mut tilde = at + out.len();
    for piece in pieces {
        let (letter, rest) = match (piece.strip_prefix('0'), piece.strip_prefix('1')) {
            (Some(rest), _) => ('~', rest),
            (None, Some(rest)) => ('/', rest),
            (None, None) => return Err(PointerError { at: tilde, expected: "`~0` for `~` or `~1` for `/`" }),
        };
        out.push(letter);
        out.push_str(rest);
        tilde += piece.len() + 1;
    }
    Ok(out.into())
}

// Two pointers are the same if their texts are.
impl PartialEq for Pointer {
    fn eq(&self, other: &Pointer) -> bool {
        self.text == other.text
    }
}

impl Eq for Pointer {}

impl PartialOrd for Pointer {
    fn partial_cmp(&self, other: &Pointer) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Pointer {
    fn cmp(&self, other: &Pointer) -> Ordering {
        self.text.cmp(&other.text)
    }
}

impl Hash for Pointer {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text.hash(state);
    }
}

impl fmt::Debug for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.text)
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The text of a pointer one token longer.
pub(super) fn step(path: &str, name: &str) -> String {
    format!("{path}/{}", name.replace('~', "~0").replace('/', "~1"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(text: &str) -> Vec<Token> {
        Pointer::parse(text).unwrap().tokens().to_vec()
    }

    fn name(text: &str) -> Token {
        Token::Name(text.into())
    }

    fn select(field: &str, value: &str) -> Token {
        Token::Select { field: field.into(), value: value.into() }
    }

    #[test]
    fn the_examples_of_rfc_6901_read_as_they_should() {
        assert_eq!(tokens(""), []);
        assert_eq!(tokens("/foo/0"), [name("foo"), name("0")]);
        assert_eq!(tokens("/"), [name("")]);
        assert_eq!(tokens("/a~1b/m~0n/~01"), [name("a/b"), name("m~n"), name("~1")]);
        assert_eq!(tokens("/c%d/e^f/g|h/i\\j/k\"l/ "), ["c%d", "e^f", "g|h", "i\\j", "k\"l", " "].map(name));
    }

    #[test]
    fn selections_read_as_they_should() {
        assert_eq!(
            tokens("/link[relation=next]/url"),
            [name("link"), select("relation", "next"), name("url")]
        );
        assert_eq!(tokens("/[rel=next]"), [select("rel", "next")]);
        assert_eq!(tokens("/a[b][c=d[e]=f]"), [name("a[b]"), select("c", "d[e]=f")]);
        assert_eq!(tokens("/a[b~1c=~0]"), [name("a"), select("b/c", "~")]);
        assert_eq!(tokens("/a[b=]"), [name("a"), select("b", "")]);
        for literal in ["page[size]", "[=x]", "a=b]", "[a=b", "x[a=b]y"] {
            assert_eq!(tokens(&format!("/{literal}")), [name(literal)]);
        }
    }

    #[test]
    fn only_rfc_6901_numbers_are_indexes() {
        for (text, index) in [("0", Some(0)), ("10", Some(10)), ("4294967295", Some(u32::MAX))] {
            assert_eq!(name(text).index(), index);
        }
        for text in ["", "-", "-1", "+1", "01", "00", "1e0", "4294967296", "１", "1_0", "1+1"] {
            assert_eq!(name(text).index(), None, "{text}");
        }
        assert!(name("-1").is_last());
    }

    #[test]
    fn what_is_wrong_is_named_with_its_place() {
        let at = |text: &str| Pointer::parse(text).unwrap_err().at;
        assert_eq!(at("data"), 0);
        assert_eq!(at("/a~"), 2);
        assert_eq!(at("/a~0/b~2"), 6);
        assert_eq!(at("/é~0~x"), 5);
        assert_eq!(at("/a[b~=c]"), 4);
        assert_eq!(at("/a[b=c~]"), 6);
        assert_eq!(at(&"/a".repeat(33)), 65);
        assert_eq!(at(&format!("/{}", "a".repeat(512))), 512);
        assert!(Pointer::parse(&"/a".repeat(32)).is_ok());
        assert!(Pointer::parse(&format!("/{}", "a".repeat(511))).is_ok());
    }

    #[test]
    fn joined_pointers_are_the_pointer_of_the_joined_text() {
        let joined = Pointer::parse("/a[b=c]").unwrap().join(&Pointer::parse("/d~1").unwrap());
        assert_eq!(joined, Pointer::parse("/a[b=c]/d~1").unwrap());
        assert_eq!(joined.tokens(), tokens("/a[b=c]/d~1"));
        assert_eq!(Pointer::root().join(&joined), joined);
        assert_eq!(format!("{joined} {joined:?}"), r#"/a[b=c]/d~1 "/a[b=c]/d~1""#);
    }
}
