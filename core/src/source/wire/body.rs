//! The request's body: a JSON tree, form fields or a text.

use super::WireError;
use super::draft::{Members, fill_names};
use crate::facts::Place;
use crate::json::{Kind, Pointer, Raw, Tree};
use crate::source::types::{BodySpec, Source};
use crate::url::encode;
use std::collections::BTreeMap;

/// A body in the making.
pub(super) enum Content {
    /// Form fields.
    Form(Members),
    /// JSON.
    Json(Tree),
    /// None.
    None,
    /// Text.
    Text(String),
}

impl Content {
    /// The source's own body, with what is added to this request. Where anything is ever written into a JSON body,
    /// every request has one: an API that takes its cursor there wants `{}` for the first page, not nothing.
    pub(super) fn new(source: &Source, extra: Option<&Tree>) -> Content {
        let mut content = match &source.request.body {
            BodySpec::Form(fields) => Content::Form(fields.iter().cloned().collect()),
            BodySpec::Json(tree) => Content::Json(tree.clone()),
            BodySpec::None => Content::None,
            BodySpec::Text(text) => Content::Text(text.clone()),
        };
        if matches!(content, Content::None) {
            let size = source.size.as_ref().and_then(|size| size.write.as_ref());
            let written = source.written();
            let writes = |wanted: fn(&Place) -> bool| written.iter().chain(size).any(|l| wanted(&l.place));
            if writes(|place| matches!(place, Place::Body(_))) {
                content = Content::Json(Tree::Object(Vec::new()));
            } else if writes(|place| matches!(place, Place::Form(_))) {
                content = Content::Form(Members::new());
            }
        }
        if let Some(extra) = extra {
            match &mut content {
                Content::Json(tree) => tree.merge(extra),
                Content::Form(_) | Content::None | Content::Text(_) => content = Content::Json(extra.clone()),
            }
        }
        content
    }

    /// Sets a value in the JSON body, or the field of that name in a form.
    pub(super) fn set(&mut self, pointer: &Pointer, value: &Raw) -> Result<(), WireError> {
        let refused = |what: &str| {
            Err(WireError::Mismatch { message: format!("`body:{}` can't be set: {what}", pointer.as_str()) })
        };
        if matches!(self, Content::None) {
            *self = Content::Json(Tree::Object(Vec::new()));
        }
        match self {
            Content::Form(_) => {
                let name = pointer.as_str().strip_prefix('/').unwrap_or_default();
                if name.is_empty() || name.contains('/') {
                    return refused("the body is a form");
                }
                self.set_field(&name.replace("~1", "/").replace("~0", "~"), value.plain().into_owned())
            }
            Content::Json(tree) => {
                let set = Tree::parse(value.as_str()).is_some_and(|value| tree.set(pointer, value));
                if set { Ok(()) } else { refused("something else is in its way") }
            }
            Content::None => Ok(()),
            Content::Text(_) => refused("the body is a text"),
        }
    }

    /// Sets a form field.
    pub(super) fn set_field(&mut self, name: &str, value: String) -> Result<(), WireError> {
        if matches!(self, Content::None) {
            *self = Content::Form(Members::new());
        }
        match self {
            Content::Form(fields) => {
                fields.insert(name.to_owned(), vec![value]);
                Ok(())
            }
            Content::Json(_) | Content::None | Content::Text(_) => Err(WireError::Mismatch {
                message: format!("`form:{name}` can't be set: the body is no form"),
            }),
        }
    }

    /// Fills the `{NAME}`s in, wherever the body has text.
    pub(super) fn fill_texts(&mut self, texts: &BTreeMap<String, String>) {
        let known = |name: &str| texts.get(name).cloned();
        match self {
            Content::Form(fields) => {
                for value in fields.values_mut().flatten() {
                    *value = fill_names(value, known);
                }
            }
            Content::Json(tree) => fill_tree(tree, &known),
            Content::None => {}
            Content::Text(text) => *text = fill_names(text, known),
        }
    }

    /// The media type that goes with it, and its bytes.
    pub(super) fn into_bytes(self) -> (Option<&'static str>, Option<Vec<u8>>) {
        match self {
            Content::Form(fields) => {
                let mut pairs = Vec::new();
                for (name, values) in &fields {
                    pairs.extend(values.iter().map(|value| format!("{}={}", encode(name), encode(value))));
                }
                (Some("application/x-www-form-urlencoded"), Some(pairs.join("&").into_bytes()))
            }
            Content::Json(tree) => (Some("application/json"), Some(tree.to_json().into_bytes())),
            Content::None => (None, None),
            // What kind of text it is, only the source knows.
            Content::Text(text) => (None, Some(text.into_bytes())),
        }
    }
}

/// Fills the `{NAME}`s in the strings of a tree: what is filled in stays inside its string.
fn fill_tree(tree: &mut Tree, known: &impl Fn(&str) -> Option<String>) {
    match tree {
        Tree::Array(items) => items.iter_mut().for_each(|item| fill_tree(item, known)),
        Tree::Object(members) => members.iter_mut().for_each(|(_, member)| fill_tree(member, known)),
        Tree::Scalar(raw) => {
            if raw.kind() != Kind::String || !raw.as_str().contains('{') {
                return;
            }
            let filled = raw.text().and_then(|text| {
                let filled = fill_names(&text, known);
                (filled != *text).then_some(filled)
            });
            if let Some(filled) = filled {
                *raw = Raw::from_text(&filled);
            }
        }
    }
}
