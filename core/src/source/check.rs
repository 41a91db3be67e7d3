//! Holds a document against the grammar and reports everything that doesn't fit.

use super::faults::{Faults, choice, describe, element, member, nearest};
use super::grammar::{FACT, MEMBER, Names, Object, Shape, child, is_meant};
use super::locator::{Misfit, parse_locator, parse_pointer};
use super::values;
use crate::json::Tree;
use std::collections::BTreeSet;

/// Reports everything in `tree` that doesn't fit `shape`; `at` is the field it stands in.
pub(super) fn check(tree: &Tree, shape: &Shape, at: &str, faults: &mut Faults) {
    if faults.are_enough() {
        return;
    }
    match shape {
        Shape::Named(_, shape) => check(tree, shape, at, faults),
        Shape::Object(object) => check_object(tree, object, at, faults),
        Shape::OneOf(shapes) => check_choice(tree, shapes, at, faults),
        Shape::List { of, least, most } => {
            let Tree::Array(items) = tree else {
                return faults.add(at, describe(tree, false), expected(shape));
            };
            if items.len() < *least || items.len() > *most {
                faults.add(at, format!("a list of {}", items.len()), expected(shape));
            }
            for (index, item) in items.iter().enumerate().take(*most) {
                check(item, of, &element(at, index), faults);
            }
        }
        Shape::Map { names, of, least } => {
            let Tree::Object(found) = tree else {
                return faults.add(at, describe(tree, false), expected(shape));
            };
            if found.len() < *least {
                faults.add(at, describe(tree, false), expected(shape));
            }
            check_names(found, *names, at, faults);
            for (name, value) in found {
                // Names under `auth` are the user's own and may be a secret by mistake: they aren't shown.
                let field = if names.are_secret() { at.to_owned() } else { member(at, name) };
                check(value, of, &field, faults);
            }
        }
        Shape::Any
        | Shape::Count { .. }
        | Shape::Duration { .. }
        | Shape::Flag
        | Shape::HeaderValue
        | Shape::Json
        | Shape::Literal
        | Shape::Locator(_)
        | Shape::Members
        | Shape::Origin
        | Shape::Pointer
        | Shape::Secret
        | Shape::Size
        | Shape::Step
        | Shape::Take
        | Shape::Text
        | Shape::Url
        | Shape::Wait
        | Shape::Word(_) => {
            // Where a variable is missing, that is said already.
            if let Err(misfit) = check_leaf(tree, shape)
                && !faults.touch(at)
            {
                faults.add(at, misfit.found, misfit.expected);
            }
        }
    }
}

/// A value without parts of its own.
fn check_leaf(tree: &Tree, shape: &Shape) -> Result<(), Misfit> {
    match shape {
        Shape::Count { min, max } => values::count(tree, *min, *max).map(drop),
        Shape::Duration { zero } => values::duration(tree, *zero).map(drop),
        Shape::Flag => values::flag(tree).map(drop),
        Shape::HeaderValue => values::header_value(tree).map(drop),
        Shape::Json if matches!(tree, Tree::Scalar(_)) => {
            Err(Misfit::new(describe(tree, false), "an object or a list; other bodies are written as `text`"))
        }
        Shape::Literal => values::literal(tree).map(drop),
        Shape::Locator(purpose) => values::locator(tree, purpose).map(drop),
        Shape::Members if !matches!(tree, Tree::Object(_)) => {
            Err(Misfit::new(describe(tree, false), "an object"))
        }
        Shape::Origin => values::origin(tree).map(drop),
        Shape::Pointer => values::pointer(tree).map(drop),
        Shape::Secret | Shape::Text => values::text(tree).map(drop),
        Shape::Size => values::size(tree).map(drop),
        Shape::Step => values::step(tree).map(drop),
        Shape::Take => values::take(tree).map(drop),
        Shape::Url => values::url(tree).map(drop),
        Shape::Wait => values::wait(tree).map(drop),
        Shape::Word(words) => values::one_of(tree, words),
        // The rest holds others, or takes anything.
        Shape::Any
        | Shape::Json
        | Shape::Members
        | Shape::List { .. }
        | Shape::Map { .. }
        | Shape::Named(..)
        | Shape::Object(_)
        | Shape::OneOf(_) => Ok(()),
    }
}

/// Known keys only, the required ones among them.
fn check_object(tree: &Tree, object: &Object, at: &str, faults: &mut Faults) {
    let Tree::Object(found) = tree else {
        return faults.add(at, describe(tree, false), format!("an object with {}", keys(object)));
    };
    for key in object.all() {
        match child(tree, key.name) {
            Some(value) => check(value, key.shape, &member(at, key.name), faults),
            None if key.required => {
                let field = member(at, key.name);
                faults.add(field, "nothing", format!("`{}`, which must be given", key.name));
            }
            None => {}
        }
    }
    for (name, _) in found {
        if object.key(name).is_none() && !faults.are_enough() {
            unknown_key(name, object, at, faults);
        }
    }
}

fn unknown_key(name: &str, object: &Object, at: &str, faults: &mut Faults) {
    let near = nearest(name, object.all().map(|key| key.name));
    let expected = match near {
        Some(near) => format!("`{near}`, the nearest name there is"),
        None => keys(object),
    };
    if at == "auth" {
        faults.add(at, "an unknown key", expected);
    } else {
        faults.add(member(at, name), "an unknown key", expected);
    }
}

fn keys(object: &Object) -> String {
    choice(object.all().map(|key| key.name))
}

/// Several shapes: the one that is meant is found by the kind of the value and by the first key of objects.
fn check_choice(tree: &Tree, shapes: &[Shape], at: &str, faults: &mut Faults) {
    if let Some(meant) = shapes.iter().find(|shape| is_meant(shape, tree)) {
        return check(tree, meant, at, faults);
    }
    let objects: Vec<&Object> = shapes.iter().filter_map(Shape::object).collect();
    let Tree::Object(found) = tree else {
        return faults.add(at, describe(tree, true), expected_choice(shapes));
    };
    if let [only] = objects.as_slice() {
        return check_object(tree, only, at, faults);
    }
    // The key that tells the objects apart is there, but says something unknown: a style that isn't one.
    let tags: BTreeSet<&str> =
        objects.iter().filter_map(|object| object.keys.first()).map(|key| key.name).collect();
    if let Some((name, value)) = found.iter().find(|(name, _)| tags.contains(name.as_str())) {
        let words = objects.iter().filter_map(|object| object.keys.first()).filter(|key| key.name == name);
        let words: Vec<&str> = words.filter_map(|key| key.shape.only_word()).collect();
        if let Err(misfit) = values::one_of(value, &words) {
            faults.add(member(at, name), misfit.found, misfit.expected);
        }
        return;
    }
    let near =
        found.iter().find_map(|(name, _)| nearest(name, tags.iter().copied()).map(|near| (name, near)));
    match near {
        Some((name, near)) => {
            faults.add(member(at, name), "an unknown key", format!("`{near}`, the nearest name there is"));
        }
        None => faults.add(at, describe(tree, false), format!("an object with {}", choice(tags))),
    }
}

/// The keys that tell objects apart.
fn tags(objects: &[&Object]) -> BTreeSet<&'static str> {
    objects.iter().filter_map(|object| object.keys.first()).map(|key| key.name).collect()
}

/// The names of a map, and that no header or place is named twice in other letters.
fn check_names(found: &[(String, Tree)], names: Names, at: &str, faults: &mut Faults) {
    let mut seen = BTreeSet::new();
    for (name, _) in found {
        let judged = match names {
            Names::Any | Names::Secrets if name.is_empty() => Err(Misfit::new("an empty name", "a name")),
            Names::Any | Names::Secrets => Ok(name.clone()),
            Names::Facts => parse_locator(name).and_then(|l| FACT.check(&l).map(|()| l.to_string())),
            Names::Members => parse_locator(name).and_then(|l| MEMBER.check(&l).map(|()| l.to_string())),
            Names::Headers => values::header_name(name, false).map(|()| name.to_ascii_lowercase()),
            Names::SecretHeaders => values::header_name(name, true).map(|()| name.to_ascii_lowercase()),
            Names::Pointers => parse_pointer(name).map(|pointer| pointer.to_string()).map_err(|_| {
                Misfit::new("a name that is no JSON Pointer", "a JSON Pointer such as `/token`")
            }),
        };
        let field = if names.are_secret() { at.to_owned() } else { member(at, name) };
        match judged {
            Ok(name) => {
                if !seen.insert(name) {
                    faults.add(field, "a name that is there twice", "each name once");
                }
            }
            Err(misfit) => faults.add(field, misfit.found, misfit.expected),
        }
    }
}

/// What a shape is, for a message.
fn expected(shape: &Shape) -> String {
    let text = match shape {
        Shape::Any => "any value",
        Shape::Count { .. } => "a whole number",
        Shape::Duration { .. } => "a duration such as \"30s\"",
        Shape::Flag => "true or false",
        Shape::HeaderValue => "a text, a number or null",
        Shape::Json => "an object or a list",
        Shape::List { least: 0, .. } => "a list",
        Shape::List { least: 1, most: usize::MAX, .. } => "a list with something in it",
        Shape::List { least: 1, most, .. } => return format!("a list with something in it, at most {most}"),
        Shape::List { .. } => "a list of user and password",
        Shape::Literal => "a text, a number, true, false or null",
        Shape::Locator(purpose) => return purpose.expected(),
        Shape::Map { least: 0, .. } | Shape::Members => "an object",
        Shape::Map { .. } => "an object with something in it",
        Shape::Named(_, shape) => return expected(shape),
        Shape::Object(object) => return format!("an object with {}", keys(object)),
        Shape::OneOf(shapes) => return expected_choice(shapes),
        Shape::Origin => "an origin",
        Shape::Pointer => "a JSON Pointer such as `/data`",
        Shape::Secret | Shape::Text => "a text",
        Shape::Size => "a size such as \"64MiB\"",
        Shape::Step => "`one`, `records`, `size` or a locator",
        Shape::Take => "`url`, `query` or `param:NAME`",
        Shape::Url => "an absolute URL",
        Shape::Wait => "a duration or a locator",
        Shape::Word(words) => return choice(words.iter().copied()),
    };
    text.to_owned()
}

/// What several shapes are; of several objects only what tells them apart.
fn expected_choice(shapes: &[Shape]) -> String {
    let objects: Vec<&Object> = shapes.iter().filter_map(Shape::object).collect();
    let others = shapes.iter().filter(|shape| shape.object().is_none() || objects.len() == 1);
    let mut texts: Vec<String> = others.map(expected).collect();
    if objects.len() > 1 {
        texts.push(format!("an object with {}", choice(tags(&objects))));
    }
    texts.join(", or ")
}
