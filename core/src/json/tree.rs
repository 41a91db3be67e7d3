//! A request body: JSON that can be changed, with its members in their order.

use super::lex::Lexer;
use super::parts::{Elements, Members};
use super::pointer::{Pointer, Token};
use super::{Raw, text};

/// A JSON value that can be changed. Members keep their order, scalars their text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Tree {
    /// An array.
    Array(Vec<Tree>),
    /// An object. No name stands twice.
    Object(Vec<(String, Tree)>),
    /// A string, a number, `true`, `false` or `null`.
    Scalar(Raw),
}

impl Tree {
    /// Reads one whole JSON value. `None` if it isn't one, if a name stands twice in an object, or if a
    /// name is no text (half a surrogate pair).
    pub fn parse(json: &str) -> Option<Tree> {
        // Checks everything, depth and all, so that what follows can't fail but by its names.
        let raw = Raw::parse(json)?;
        let (tree, _) = read(&mut Lexer::new(raw.as_str().as_bytes(), 0), 0)?;
        Some(tree)
    }

    /// Takes over a value of `serde_json`.
    pub fn from_value(value: &serde_json::Value) -> Tree {
        use serde_json::Value;
        match value {
            Value::Array(elements) => Tree::Array(elements.iter().map(Tree::from_value).collect()),
            Value::Object(members) => Tree::Object(
                members.iter().map(|(name, value)| (name.clone(), Tree::from_value(value))).collect(),
            ),
            Value::String(text) => Tree::Scalar(Raw::from_text(text)),
            Value::Null | Value::Bool(_) | Value::Number(_) => Tree::Scalar(Raw::checked(&value.to_string())),
        }
    }

    /// The value at a pointer.
    pub fn get(&self, at: &Pointer) -> Option<&Tree> {
        at.tokens().iter().try_fold(self, |here, token| match here {
            Tree::Array(elements) => elements.get(place(elements, token)?),
            Tree::Object(members) => match token {
                Token::Name(name) => {
                    members.iter().find(|(known, _)| **known == **name).map(|(_, value)| value)
                }
                Token::Select { .. } => None,
            },
            Tree::Scalar(_) => None,
        })
    }

    /// Puts a value at a pointer: replaces what is there, appends to an array at the number of its length,
    /// and makes the objects that lead there where nothing (or null) stands. `false`, and nothing changed,
    /// where that can't be: the way leads through another scalar, or to an element that isn't there.
    pub fn set(&mut self, at: &Pointer, value: Tree) -> bool {
        self.put(at.tokens(), value)
    }

    fn put(&mut self, tokens: &[Token], value: Tree) -> bool {
        let Some((token, rest)) = tokens.split_first() else {
            *self = value;
            return true;
        };
        match self {
            Tree::Array(elements) => match place(elements, token) {
                Some(place) => elements.get_mut(place).is_some_and(|element| element.put(rest, value)),
                None if token.index().is_some_and(|index| index as usize == elements.len()) => {
                    let made = made(rest, value);
                    let possible = made.is_some();
                    elements.extend(made);
                    possible
                }
                None => false,
            },
            Tree::Object(members) => match token {
                Token::Name(name) => {
                    if let Some((_, member)) = members.iter_mut().find(|(known, _)| **known == **name) {
                        return member.put(rest, value);
                    }
                    let made = made(rest, value).map(|made| (name.to_string(), made));
                    let possible = made.is_some();
                    members.extend(made);
                    possible
                }
                Token::Select { .. } => false,
            },
            Tree::Scalar(raw) => match made(tokens, value) {
                Some(made) if raw.is_null() => {
                    *self = made;
                    true
                }
                Some(_) | None => false,
            },
        }
    }

    /// Lays another value over this one: objects member by member, at every depth; anything else is
    /// replaced.
    pub fn merge(&mut self, over: &Tree) {
        if let (Tree::Object(members), Tree::Object(over)) = (&mut *self, over) {
            for (name, value) in over {
                match members.iter_mut().find(|(known, _)| known == name) {
                    Some((_, member)) => member.merge(value),
                    None => members.push((name.clone(), value.clone())),
                }
            }
        } else {
            *self = over.clone();
        }
    }

    /// The JSON text, with no space in it.
    pub fn to_json(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }

    fn write(&self, out: &mut String) {
        match self {
            Tree::Array(elements) => {
                out.push('[');
                for (number, element) in elements.iter().enumerate() {
                    if number > 0 {
                        out.push(',');
                    }
                    element.write(out);
                }
                out.push(']');
            }
            Tree::Object(members) => {
                out.push('{');
                for (number, (name, value)) in members.iter().enumerate() {
                    if number > 0 {
                        out.push(',');
                    }
                    text::quote(out, name);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
            Tree::Scalar(raw) => out.push_str(raw.as_str()),
        }
    }
}

/// What stands where nothing stood: objects around the value. An array can't be entered before it is there.
fn made(tokens: &[Token], value: Tree) -> Option<Tree> {
    tokens.iter().rev().try_fold(value, |inner, token| match token {
        Token::Name(name) => Some(Tree::Object(vec![(name.to_string(), inner)])),
        Token::Select { .. } => None,
    })
}

/// The number of the element that a token means.
fn place(elements: &[Tree], token: &Token) -> Option<usize> {
    match token {
        Token::Name(_) if token.is_last() => elements.len().checked_sub(1),
        Token::Name(_) => token.index().map(|index| index as usize).filter(|index| *index < elements.len()),
        Token::Select { field, value } => elements.iter().position(|element| {
            let Tree::Object(members) = element else { return false };
            members.iter().any(|(name, member)| match member {
                Tree::Scalar(raw) => **name == **field && raw.plain() == **value,
                Tree::Array(_) | Tree::Object(_) => false,
            })
        }),
    }
}

/// The value at a place of a text that was checked, and the place behind it.
fn read(lexer: &mut Lexer<'_>, at: usize) -> Option<(Tree, usize)> {
    match lexer.byte(at) {
        b'{' => {
            let mut parts = Members::new(lexer, at).ok()?;
            let mut members: Vec<(String, Tree)> = Vec::new();
            while let Some(member) = parts.next(lexer).ok()? {
                let name = text::name_of(member.name)?.into_owned();
                let (value, end) = read(lexer, member.start)?;
                members.push((name, value));
                parts.behind(lexer, end).ok()?;
            }
            let mut names: Vec<&str> = members.iter().map(|(name, _)| name.as_str()).collect();
            names.sort_unstable();
            let twice = names.windows(2).any(|pair| matches!(pair, [a, b] if a == b));
            (!twice).then(|| (Tree::Object(members), parts.end()))
        }
        b'[' => {
            let mut parts = Elements::new(lexer, at);
            let mut elements = Vec::new();
            while let Some(start) = parts.next() {
                let (value, end) = read(lexer, start)?;
                elements.push(value);
                parts.behind(lexer, end).ok()?;
            }
            Some((Tree::Array(elements), parts.end()))
        }
        _ => {
            let end = lexer.skip(at, 0).ok()?;
            let json = std::str::from_utf8(lexer.bytes().get(at..end)?).ok()?;
            Some((Tree::Scalar(Raw::checked(json)), end))
        }
    }
}
