//! Reading the members of an object: what the document says, else the grammar's default.

use crate::facts::Locator;
use crate::json::{Pointer, Tree};
use crate::source::grammar::{Object, Use, child, elements, word};
use crate::source::values;
use crate::time::Millis;
use std::borrow::Cow;

/// An object of a document, or its absence: then every member has its default.
///
/// Nothing here reports faults: the checker has. What doesn't fit is `None`.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    object: &'static Object,
    tree: Option<&'a Tree>,
}

impl<'a> View<'a> {
    /// The object in `tree`.
    pub(super) fn new(object: &'static Object, tree: Option<&'a Tree>) -> View<'a> {
        View { object, tree }
    }

    /// The object at a member.
    pub(super) fn view(&self, name: &str, object: &'static Object) -> View<'a> {
        View { object, tree: self.given(name) }
    }

    /// What the document says at a member.
    pub(super) fn given(&self, name: &str) -> Option<&'a Tree> {
        debug_assert!(self.object.key(name).is_some(), "{} has no key {name}", self.object.name);
        child(self.tree?, name)
    }

    /// The same, else the default.
    pub(super) fn value(&self, name: &str) -> Option<Cow<'a, Tree>> {
        match self.given(name) {
            Some(found) => Some(Cow::Borrowed(found)),
            None => self.object.key(name)?.default.and_then(Tree::parse).map(Cow::Owned),
        }
    }

    /// A word.
    pub(super) fn word(&self, name: &str) -> Option<String> {
        self.value(name).and_then(|tree| word(&tree).map(Cow::into_owned))
    }

    /// A word that is one of the serialised forms of `T`.
    pub(super) fn named<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_value(serde_json::Value::String(self.word(name)?)).ok()
    }

    /// True or false.
    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        self.value(name).and_then(|tree| values::flag(&tree).ok())
    }

    /// A whole number.
    pub(super) fn count(&self, name: &str) -> Option<u64> {
        self.value(name).and_then(|tree| values::count(&tree, 0, u64::MAX).ok())
    }

    /// The same in 32 bits.
    pub(super) fn small(&self, name: &str) -> Option<u32> {
        self.count(name).and_then(|n| u32::try_from(n).ok())
    }

    /// A duration.
    pub(super) fn millis(&self, name: &str) -> Option<Millis> {
        self.value(name).and_then(|tree| values::duration(&tree, true).ok())
    }

    /// A locator.
    pub(super) fn locator(&self, name: &str, purpose: &Use) -> Option<Locator> {
        self.value(name).and_then(|tree| values::locator(&tree, purpose).ok())
    }

    /// A pointer.
    pub(super) fn pointer(&self, name: &str) -> Option<Pointer> {
        self.value(name).and_then(|tree| values::pointer(&tree).ok())
    }

    /// The elements of a list; none if it isn't there.
    pub(super) fn list(&self, name: &str) -> &'a [Tree] {
        self.given(name).map_or(&[], elements)
    }
}

/// The first of several objects that `tree` is meant to be.
pub(super) fn meant<'a>(tree: &'a Tree, objects: &[&'static Object]) -> Option<View<'a>> {
    let object = objects.iter().find(|object| object.is_meant(tree))?;
    Some(View::new(object, Some(tree)))
}

/// One pointer or a list of them.
pub(super) fn pointers(tree: &Tree) -> Option<Vec<Pointer>> {
    match tree {
        Tree::Array(items) => items.iter().map(|item| values::pointer(item).ok()).collect(),
        Tree::Object(_) | Tree::Scalar(_) => values::pointer(tree).ok().map(|pointer| vec![pointer]),
    }
}
