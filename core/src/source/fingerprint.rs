//! What binds a checkpoint to its source: hashes of everything that shapes what is read.

use super::grammar::{Names, Object, SOURCE, Shape, is_meant, members, word};
use super::types::Fingerprint;
use crate::json::{Raw, Tree};
use crate::url::Url;
use siphasher::sip128::{Hasher128, SipHasher13};
use std::collections::BTreeMap;
use std::hash::Hasher;

/// The keys that shape what is read. Credentials, limits, pacing and the like may change between two runs.
const PARTS: [&str; 11] = [
    "cap",
    "classify",
    "end",
    "id",
    "incomplete",
    "order",
    "pagination",
    "records",
    "request",
    "size",
    "total",
];

/// Hashes a checked document. The order of keys doesn't matter, nor does writing a default out.
pub(super) fn fingerprint(tree: &Tree) -> Fingerprint {
    let mut parts = BTreeMap::new();
    let mut all = SipHasher13::new();
    for name in PARTS {
        let Some((_, value)) = members(tree).iter().find(|(key, _)| key == name) else { continue };
        let Some(key) = SOURCE.key(name) else { continue };
        let text = canonical(value, Some(key.shape), false).to_json();
        all.write(name.as_bytes());
        all.write(&[0]);
        all.write(text.as_bytes());
        all.write(&[0]);
        let mut part = SipHasher13::new();
        part.write(text.as_bytes());
        parts.insert(name.to_owned(), hex(&part));
    }
    Fingerprint { all: hex(&all), parts }
}

fn hex(hasher: &SipHasher13) -> String {
    format!("{:032x}", hasher.finish128().as_u128())
}

/// The same value with members sorted, defaults left out and secrets blanked.
fn canonical(tree: &Tree, shape: Option<&Shape>, secret: bool) -> Tree {
    match tree {
        Tree::Array(items) => {
            let of = shape.and_then(|shape| meant(shape, tree)).and_then(Shape::elements);
            Tree::Array(items.iter().map(|item| canonical(item, of, secret)).collect())
        }
        Tree::Object(found) => {
            let shape = shape.and_then(|shape| meant(shape, tree));
            // Parameters and headers have names of the user's own.
            let free_names = matches!(shape, Some(Shape::Map { names: Names::Any | Names::Headers, .. }));
            let mut kept: Vec<(String, Tree)> = Vec::new();
            for (name, value) in found {
                let (shape, default) = match shape {
                    Some(Shape::Object(object)) => key(object, name),
                    Some(Shape::Map { of, .. }) => (Some(*of), None),
                    _ => (None, None),
                };
                let secret = free_names && sounds_secret(name);
                let value = canonical(value, shape, secret);
                if default.is_none_or(|default| default != value) {
                    kept.push((name.clone(), value));
                }
            }
            kept.sort_by(|a, b| a.0.cmp(&b.0));
            Tree::Object(kept)
        }
        Tree::Scalar(_) if secret => Tree::Scalar(Raw::null()),
        Tree::Scalar(raw) => match shape {
            Some(Shape::Url) => {
                Tree::Scalar(word(tree).map_or_else(Raw::null, |text| Raw::from_text(&bare(&text))))
            }
            _ => Tree::Scalar(raw.canonical()),
        },
    }
}

fn key(object: &'static Object, name: &str) -> (Option<&'static Shape>, Option<Tree>) {
    let Some(key) = object.key(name) else { return (None, None) };
    (Some(key.shape), key.default.and_then(Tree::parse))
}

/// The shape among several that the value has.
fn meant<'a>(shape: &'a Shape, tree: &Tree) -> Option<&'a Shape> {
    if let Shape::Named(_, shape) = shape {
        return meant(shape, tree);
    }
    let Shape::OneOf(shapes) = shape else { return Some(shape) };
    shapes.iter().find(|shape| is_meant(shape, tree)).and_then(|shape| meant(shape, tree))
}

/// The URL without the values of parameters that sound secret.
fn bare(text: &str) -> String {
    let Ok(url) = Url::parse(text) else { return String::new() };
    let secret = url.params().into_iter().map(|(name, _)| name).filter(|name| sounds_secret(name));
    secret.fold(url.clone(), |url, name| url.with_param(&name, "")).as_str().to_owned()
}

/// Whether a parameter or header of that name carries a secret, as far as one can tell.
fn sounds_secret(name: &str) -> bool {
    let name: String =
        name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect();
    let whole = ["key", "sig", "signature", "token"].contains(&name.as_str());
    let ends = ["accesstoken", "apikey", "apitoken", "authtoken", "password", "secret"];
    whole || ends.iter().any(|end| name.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    const BASE: &str = r#"{
        "request": {"url": "https://a.example/x?key=k1&a=1", "query": {"b": 1, "api_key": "k1"}, "headers": {"X-Auth-Token": "t1"}},
        "auth": {"bearer": "s1"}, "records": "/data", "id": "/id",
        "pagination": {"style": "offset", "write": "query:skip"}, "size": {"write": "query:limit", "value": 10}
    }"#;

    fn of(json: &str) -> Fingerprint {
        fingerprint(&Tree::parse(json).unwrap())
    }

    #[test]
    fn what_does_not_shape_the_reading_does_not_shape_the_fingerprint() {
        let base = of(BASE);
        assert_eq!(base.all.len(), 32);
        assert_eq!(base.parts.keys().collect::<Vec<_>>(), ["id", "pagination", "records", "request", "size"]);
        for (from, to) in [
            (r#""auth": {"bearer": "s1"}, "#, r#""auth": {"header": {"X": "s2"}}, "#),
            (r#""auth": {"bearer": "s1"}, "#, ""),
            (r#""api_key": "k1""#, r#""api_key": "k2""#),
            ("key=k1", "key=k2"),
            (r#""X-Auth-Token": "t1""#, r#""X-Auth-Token": "t2""#),
            (
                r#""id": "/id""#,
                r#""id": "/id", "name": "n", "limits": {"pages": 3}, "retry": {"attempts": 2}, "concurrency": 4"#,
            ),
            (
                r#""id": "/id""#,
                r#""ahead": 5, "rate": [{"requests": 1, "per": "1s"}], "id": "\u002fid", "capture": {"a": "body:/a"}"#,
            ),
            // Defaults written out, and the order of keys.
            (
                r#""style": "offset""#,
                r#""start": 0, "contact": "auto", "step": "records", "style": "offset""#,
            ),
            (r#""request": {"#, r#""request": {"method": "GET", "read_only": false, "#),
            (r#""value": 10"#, r#""min": 1, "value": 10"#),
        ] {
            assert!(BASE.contains(from), "{from}");
            assert_eq!(of(&BASE.replacen(from, to, 1)), base, "{to}");
        }
    }

    #[test]
    fn what_shapes_the_reading_changes_its_part() {
        let base = of(BASE);
        for (from, to, part) in [
            ("a=1", "a=2", "request"),
            (r#""b": 1"#, r#""b": 2"#, "request"),
            (r#""b": 1"#, r#""b": "1""#, "request"),
            (r#""/data""#, r#""/items""#, "records"),
            (r#""/id""#, r#""/key""#, "id"),
            ("query:skip", "query:start", "pagination"),
            (r#""style": "offset""#, r#""start": 1, "style": "offset""#, "pagination"),
            (r#""value": 10"#, r#""value": 20"#, "size"),
            (r#""id""#, r#""order": {"by": "/a"}, "id""#, "order"),
            (r#""id""#, r#""end": ["short"], "id""#, "end"),
            (r#""id""#, r#""total": "body:/total", "id""#, "total"),
            (r#""id""#, r#""cap": {"pages": 3}, "id""#, "cap"),
            (r#""id""#, r#""classify": [], "id""#, "classify"),
            (r#""id""#, r#""incomplete": {"flag": "body:/x", "is": true}, "id""#, "incomplete"),
        ] {
            let other = of(&BASE.replacen(from, to, 1));
            assert_ne!(other.all, base.all, "{to}");
            let changed: Vec<&String> = PARTS
                .iter()
                .filter(|name| other.parts.get(**name) != base.parts.get(**name))
                .filter_map(|name| other.parts.get_key_value(*name).map(|(name, _)| name))
                .collect();
            assert_eq!(changed, [part], "{to}");
        }
    }

    #[test]
    fn names_that_sound_secret_are_known() {
        for name in [
            "access_token",
            "api_key",
            "apikey",
            "token",
            "sig",
            "signature",
            "key",
            "X-PW-AccessToken",
            "xi-api-key",
            "client_secret",
        ] {
            assert!(sounds_secret(name), "{name}");
        }
        for name in ["page_token", "cursor", "limit", "keyword", "monkey", "X-Shop", "order_by"] {
            assert!(!sounds_secret(name), "{name}");
        }
    }
}
