//! The grammar as data: one table from which the checker, the defaults and the JSON Schema all come.

/// Writes an object of the grammar: the doc comments are the schema's descriptions.
macro_rules! object {
    ($(#[doc = $about:literal])+ $object:ident = $title:literal $(, with $more:ident)? {
        $($(#[doc = $doc:literal])+ $name:literal: $shape:expr $(, $how:ident $($default:literal)?)?;)+
    }) => {
        $(#[doc = $about])+
        pub(in crate::source) static $object: Object = Object {
            name: $title,
            keys: &[$(key($name, $shape, concat!($($doc),+)) $(.$how($($default)?))?),+],
            more: more!($($more)?),
        };
    };
}

/// The keys of another object, or none.
macro_rules! more {
    () => {
        &[]
    };
    ($object:ident) => {
        $object.keys
    };
}

mod paging;
mod places;
mod tables;

pub(super) use paging::*;
pub(super) use places::*;
pub(super) use tables::*;

use super::locator::PlaceKind;
use crate::json::{Raw, Tree};
use std::borrow::Cow;

/// What a value may look like.
pub(super) enum Shape {
    /// Any JSON value.
    Any,
    /// A whole number in a range.
    Count {
        /// The least.
        min: u64,
        /// The most.
        max: u64,
    },
    /// A duration such as `"30s"`.
    Duration {
        /// Whether no time at all is allowed.
        zero: bool,
    },
    /// True or false.
    Flag,
    /// The value of a header: a text or a number; null leaves it out.
    HeaderValue,
    /// A JSON object or list.
    Json,
    /// A list.
    List {
        /// What its elements are.
        of: &'static Shape,
        /// How many there must be.
        least: usize,
        /// How many there may be.
        most: usize,
    },
    /// A text, a number, true, false or null.
    Literal,
    /// A locator: a text, or `{"at": …, "template": …}`.
    Locator(&'static Use),
    /// An object with names of the user's own.
    Map {
        /// What the names are.
        names: Names,
        /// What the values are.
        of: &'static Shape,
        /// How many there must be.
        least: usize,
    },
    /// Any object.
    Members,
    /// A shape with a name of its own in the schema.
    #[cfg_attr(not(any(test, feature = "schema")), allow(dead_code))]
    Named(&'static str, &'static Shape),
    /// An object with a closed list of keys.
    Object(&'static Object),
    /// One of several shapes.
    OneOf(&'static [Shape]),
    /// An origin such as `https://api.example.com`.
    Origin,
    /// A JSON Pointer.
    Pointer,
    /// A text that is never shown.
    Secret,
    /// A size such as `"64MiB"`.
    Size,
    /// `one`, `records`, `size` or a locator.
    Step,
    /// `url`, `query` or `param:NAME`.
    Take,
    /// A text that isn't empty.
    Text,
    /// An absolute URL.
    Url,
    /// A duration or a locator.
    Wait,
    /// One of a closed list of words.
    Word(&'static [&'static str]),
}

/// As many elements as a document has room for.
const ANY: usize = usize::MAX;

/// What the names of a map are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Names {
    /// Anything but the empty text.
    Any,
    /// Places of a response.
    Facts,
    /// Names of headers that a source may set.
    Headers,
    /// Places inside an element.
    Members,
    /// JSON Pointers.
    Pointers,
    /// Names of headers, also those that carry credentials.
    SecretHeaders,
    /// Anything but the empty text, for secret values.
    Secrets,
}

impl Names {
    /// Whether what stands there is secret.
    pub(super) fn are_secret(self) -> bool {
        match self {
            Names::Pointers | Names::SecretHeaders | Names::Secrets => true,
            Names::Any | Names::Facts | Names::Headers | Names::Members => false,
        }
    }
}

impl Shape {
    /// The object behind this shape, if it is one.
    pub(super) fn object(&self) -> Option<&'static Object> {
        if let Shape::Object(object) = self { Some(object) } else { None }
    }

    /// What its elements are, if it is a list.
    pub(super) fn elements(&self) -> Option<&'static Shape> {
        if let Shape::List { of, .. } = self { Some(of) } else { None }
    }

    /// The word this shape insists on, if it allows only one.
    pub(super) fn only_word(&self) -> Option<&'static str> {
        if let Shape::Word([only]) = self { Some(only) } else { None }
    }
}

/// Whether a value is meant to have this shape, judged by its kind; objects by their first key.
pub(super) fn is_meant(shape: &Shape, tree: &Tree) -> bool {
    let is_object = matches!(tree, Tree::Object(_));
    let is_scalar = matches!(tree, Tree::Scalar(_));
    match shape {
        Shape::Any => true,
        Shape::Json => !is_scalar,
        Shape::List { .. } => matches!(tree, Tree::Array(_)),
        Shape::Locator(_) | Shape::Step | Shape::Wait => is_scalar || child(tree, "at").is_some(),
        Shape::Map { .. } | Shape::Members => is_object,
        Shape::Named(_, shape) => is_meant(shape, tree),
        Shape::Object(object) => object.is_meant(tree),
        Shape::OneOf(shapes) => shapes.iter().any(|shape| is_meant(shape, tree)),
        Shape::Count { .. }
        | Shape::Duration { .. }
        | Shape::Flag
        | Shape::HeaderValue
        | Shape::Literal
        | Shape::Origin
        | Shape::Pointer
        | Shape::Secret
        | Shape::Size
        | Shape::Take
        | Shape::Text
        | Shape::Url
        | Shape::Word(_) => is_scalar,
    }
}

/// An object with a closed list of keys.
pub(super) struct Object {
    /// What it is called in messages and in the schema.
    pub name: &'static str,
    /// Its keys; where there is a choice between objects, the first tells them apart.
    pub keys: &'static [Key],
    /// More keys, shared with other objects.
    pub more: &'static [Key],
}

/// One key of an object.
pub(super) struct Key {
    /// Its name.
    pub name: &'static str,
    /// What stands there.
    pub shape: &'static Shape,
    /// Whether it must be there.
    pub required: bool,
    /// What is taken if it isn't, as JSON.
    pub default: Option<&'static str>,
    /// What it means. Not kept where no schema is made.
    #[cfg(any(test, feature = "schema"))]
    pub doc: &'static str,
}

/// A key that may be left out. `doc` is only kept where a schema is made.
#[cfg_attr(not(any(test, feature = "schema")), allow(unused_variables))]
const fn key(name: &'static str, shape: &'static Shape, doc: &'static str) -> Key {
    Key {
        name,
        shape,
        required: false,
        default: None,
        #[cfg(any(test, feature = "schema"))]
        doc,
    }
}

impl Key {
    /// It must be there.
    const fn required(self) -> Key {
        Key { required: true, ..self }
    }

    /// What is taken if it isn't there.
    const fn or(self, default: &'static str) -> Key {
        Key { default: Some(default), ..self }
    }
}

impl Object {
    /// All keys.
    pub(super) fn all(&self) -> impl Iterator<Item = &'static Key> + Clone {
        self.keys.iter().chain(self.more)
    }

    /// The key of that name.
    pub(super) fn key(&self, name: &str) -> Option<&'static Key> {
        self.all().find(|key| key.name == name)
    }

    /// Whether the first key says that `tree` is this one of several objects.
    pub(super) fn is_meant(&self, tree: &Tree) -> bool {
        let Some(tag) = self.keys.first() else { return false };
        let Some(value) = child(tree, tag.name) else { return false };
        tag.shape.only_word().is_none_or(|only| word(value).as_deref() == Some(only))
    }
}

/// The text of a JSON string.
pub(super) fn word(tree: &Tree) -> Option<Cow<'_, str>> {
    match tree {
        Tree::Scalar(raw) => raw.text(),
        Tree::Array(_) | Tree::Object(_) => None,
    }
}

/// The scalar of a tree.
pub(super) fn scalar(tree: &Tree) -> Option<&Raw> {
    match tree {
        Tree::Scalar(raw) => Some(raw),
        Tree::Array(_) | Tree::Object(_) => None,
    }
}

/// The member of that name, if this is an object that has one.
pub(super) fn child<'a>(tree: &'a Tree, name: &str) -> Option<&'a Tree> {
    members(tree).iter().find(|(key, _)| key == name).map(|(_, value)| value)
}

/// The elements, if this is an array.
pub(super) fn elements(tree: &Tree) -> &[Tree] {
    match tree {
        Tree::Array(items) => items,
        Tree::Object(_) | Tree::Scalar(_) => &[],
    }
}

/// The members, if this is an object.
pub(super) fn members(tree: &Tree) -> &[(String, Tree)] {
    match tree {
        Tree::Object(members) => members,
        Tree::Array(_) | Tree::Scalar(_) => &[],
    }
}

impl PlaceKind {
    /// The pattern of such a locator in the schema, without its template.
    #[cfg(any(test, feature = "schema"))]
    pub(super) fn pattern(self) -> &'static str {
        match self {
            PlaceKind::Body => "body:(?:/.*)?",
            PlaceKind::Form => "form:.+",
            PlaceKind::Header => "header:[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:~.+)?",
            PlaceKind::Last => "last:(?:/.*)?",
            PlaceKind::Link => "link:[!#-~]+",
            PlaceKind::Max => "max:(?:/.*)?",
            PlaceKind::Path => "path:[A-Za-z_][A-Za-z0-9_]*(?:~.+)?",
            PlaceKind::Query | PlaceKind::Spread => "query:.+",
            PlaceKind::Record => "record:(?:/.*)?",
            PlaceKind::Status => "status",
            PlaceKind::Text => "text:[A-Za-z_][A-Za-z0-9_]*(?:~.+)?",
        }
    }
}
