//! The JSON Schema (draft 2020-12) of a source, made from the grammar the parser itself reads.

use super::grammar::{FACT, Key, MEMBER, Names, Object, SOURCE, Shape, Use, VALUE};
use super::types::Source;
use serde_json::{Map, Value, json};

impl Source {
    /// The JSON Schema of a source. What a schema can't say, such as that a position is written over a fixed
    /// parameter, only [`Source::from_json`] finds.
    pub fn schema() -> Value {
        let mut defs = Map::new();
        let source = object(&SOURCE, &mut defs);
        let mut schema = Map::new();
        schema.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
        schema.extend(source);
        schema.insert("title".to_owned(), json!("everypage source"));
        schema.insert("description".to_owned(), json!("The description of one paginated list."));
        schema.insert("$defs".to_owned(), Value::Object(defs));
        Value::Object(schema)
    }
}

/// An object with a closed list of keys.
fn object(object: &Object, defs: &mut Map<String, Value>) -> Map<String, Value> {
    let properties: Map<String, Value> =
        object.all().map(|key| (key.name.to_owned(), property(key, defs))).collect();
    let required: Vec<&str> = object.all().filter(|key| key.required).map(|key| key.name).collect();
    let mut schema = Map::new();
    schema.insert("title".to_owned(), json!(object.name));
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    schema.insert("additionalProperties".to_owned(), json!(false));
    schema
}

/// What stands at a key, with its meaning and default.
fn property(key: &Key, defs: &mut Map<String, Value>) -> Value {
    let mut schema = Map::new();
    schema.insert("description".to_owned(), json!(key.doc.trim()));
    if let Some(default) = key.default.and_then(|text| serde_json::from_str::<Value>(text).ok()) {
        schema.insert("default".to_owned(), default);
    }
    if let Value::Object(shape) = shape(key.shape, defs) {
        schema.extend(shape);
    }
    Value::Object(schema)
}

/// The definition of that name, made once.
fn defined(
    name: &str,
    defs: &mut Map<String, Value>,
    make: impl FnOnce(&mut Map<String, Value>) -> Value,
) -> Value {
    if !defs.contains_key(name) {
        // A shape may hold itself: the name must be there before its body is made.
        defs.insert(name.to_owned(), Value::Null);
        let body = make(defs);
        defs.insert(name.to_owned(), body);
    }
    json!({ "$ref": format!("#/$defs/{name}") })
}

fn shape(of: &Shape, defs: &mut Map<String, Value>) -> Value {
    match of {
        Shape::Any => json!({}),
        Shape::Count { min, max: u64::MAX } => json!({"type": "integer", "minimum": min}),
        Shape::Count { min, max } => json!({"type": "integer", "minimum": min, "maximum": max}),
        Shape::Duration { zero: true } => json!({"type": "string", "pattern": "^[0-9]+(?:ms|s|m|h|d)$"}),
        Shape::Duration { zero: false } => {
            json!({"type": "string", "pattern": "^0*[1-9][0-9]*(?:ms|s|m|h|d)$"})
        }
        Shape::Flag => json!({"type": "boolean"}),
        Shape::HeaderValue => {
            json!({"type": ["string", "number", "null"], "pattern": "^(?:[!-~](?:[ -~]*[!-~])?)?$"})
        }
        Shape::Json => json!({"type": ["object", "array"]}),
        Shape::List { of, least, most: usize::MAX } => {
            json!({"type": "array", "items": shape(of, defs), "minItems": least})
        }
        Shape::List { of, least, most } => {
            json!({"type": "array", "items": shape(of, defs), "minItems": least, "maxItems": most})
        }
        Shape::Literal => json!({"type": ["string", "number", "boolean", "null"]}),
        Shape::Locator(purpose) => defined(&format!("place_{}", purpose.name), defs, |_| locator(purpose)),
        Shape::Map { names, of, least } => json!({
            "type": "object",
            "propertyNames": name_pattern(*names),
            "additionalProperties": shape(of, defs),
            "minProperties": least,
        }),
        Shape::Members => json!({"type": "object"}),
        Shape::Named(name, of) => defined(name, defs, |defs| shape(of, defs)),
        Shape::Object(of) => defined(of.name, defs, |defs| Value::Object(object(of, defs))),
        Shape::OneOf(shapes) => {
            json!({"anyOf": shapes.iter().map(|one| shape(one, defs)).collect::<Vec<_>>()})
        }
        Shape::Origin => {
            json!({"type": "string", "pattern": "^(?:[Hh][Tt][Tt][Pp][Ss]?://|\\{[A-Z][A-Z0-9_]*\\})[^/?#@]*$"})
        }
        Shape::Pointer => json!({"type": "string", "pattern": POINTER}),
        Shape::Secret | Shape::Text => json!({"type": "string", "minLength": 1}),
        Shape::Size => json!({"type": "string", "pattern": "^0*[1-9][0-9]*(?:B|KiB|MiB|GiB)$"}),
        Shape::Step => {
            let value = shape(&Shape::Locator(&VALUE), defs);
            json!({"anyOf": [{"enum": ["one", "records", "size"]}, value]})
        }
        Shape::Take => json!({"type": "string", "pattern": "^(?:url|query|param:.+)$"}),
        Shape::Url => {
            json!({"type": "string", "pattern": "^(?:[Hh][Tt][Tt][Pp][Ss]?://[^\\s#\\\\]|\\{[A-Z][A-Z0-9_]*\\})[^\\s#\\\\]*$"})
        }
        Shape::Wait => {
            let value = shape(&Shape::Locator(&VALUE), defs);
            json!({"anyOf": [shape(&Shape::Duration { zero: true }, defs), value]})
        }
        Shape::Word(words) => json!({"enum": words}),
    }
}

const POINTER: &str = "^(?:/.*)?$";

/// A locator: a text, or an object.
fn locator(purpose: &Use) -> Value {
    let pattern = places(purpose);
    json!({
        "description": purpose.doc,
        "anyOf": [
            {"type": "string", "pattern": pattern},
            {
                "type": "object",
                "properties": {
                    "at": {"description": "The place.", "type": "string", "pattern": pattern},
                    "template": {
                        "description": "How the value is wrapped there.", "type": "string", "minLength": 1,
                    },
                },
                "required": ["at"],
                "additionalProperties": false,
            },
        ],
    })
}

fn places(purpose: &Use) -> String {
    let mut kinds: Vec<&str> = purpose.kinds.iter().map(|kind| kind.pattern()).collect();
    kinds.dedup();
    format!("^(?:{})$", kinds.join("|"))
}

fn name_pattern(names: Names) -> Value {
    match names {
        Names::Any | Names::Secrets => json!({"minLength": 1}),
        Names::Facts => json!({"pattern": places(&FACT)}),
        Names::Members => json!({"pattern": places(&MEMBER)}),
        Names::Headers | Names::SecretHeaders => json!({"pattern": "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"}),
        Names::Pointers => json!({"pattern": POINTER}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Fill;
    use regex_lite::Regex;
    use std::collections::BTreeMap;

    /// Whether `value` fits `schema`: the keywords that [`Source::schema`] uses, and no others.
    fn fits(value: &Value, schema: &Value, root: &Value) -> bool {
        schema.as_object().unwrap().iter().all(|(keyword, said)| match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "default" => true,
            "$ref" => {
                let path = said.as_str().unwrap().strip_prefix('#').unwrap();
                fits(value, root.pointer(path).unwrap(), root)
            }
            "anyOf" => said.as_array().unwrap().iter().any(|one| fits(value, one, root)),
            "enum" => said.as_array().unwrap().contains(value),
            "type" => {
                let types = said.as_array().cloned().unwrap_or_else(|| vec![said.clone()]);
                types.iter().any(|one| is_a(value, one.as_str().unwrap()))
            }
            "minimum" => {
                value.as_u64().is_none_or(|n| n >= said.as_u64().unwrap()) && value.as_i64() >= Some(0)
            }
            "maximum" => value.as_u64().is_none_or(|n| n <= said.as_u64().unwrap()),
            "minLength" => {
                value.as_str().is_none_or(|text| text.chars().count() as u64 >= said.as_u64().unwrap())
            }
            "pattern" => {
                value.as_str().is_none_or(|text| Regex::new(said.as_str().unwrap()).unwrap().is_match(text))
            }
            "items" => value.as_array().is_none_or(|items| items.iter().all(|item| fits(item, said, root))),
            "minItems" => value.as_array().is_none_or(|items| items.len() as u64 >= said.as_u64().unwrap()),
            "maxItems" => value.as_array().is_none_or(|items| items.len() as u64 <= said.as_u64().unwrap()),
            "minProperties" => {
                value.as_object().is_none_or(|found| found.len() as u64 >= said.as_u64().unwrap())
            }
            "required" => value.as_object().is_none_or(|found| {
                said.as_array().unwrap().iter().all(|n| found.contains_key(n.as_str().unwrap()))
            }),
            "propertyNames" => value
                .as_object()
                .is_none_or(|found| found.keys().all(|name| fits(&Value::String(name.clone()), said, root))),
            "properties" => value.as_object().is_none_or(|found| {
                said.as_object()
                    .unwrap()
                    .iter()
                    .all(|(n, one)| found.get(n).is_none_or(|v| fits(v, one, root)))
            }),
            "additionalProperties" => {
                let known = schema.get("properties").and_then(Value::as_object);
                let is_known = |name: &String| known.is_some_and(|known| known.contains_key(name));
                let others = value.as_object().into_iter().flatten().filter(|(name, _)| !is_known(name));
                others.into_iter().all(|(_, other)| *said != json!(false) && fits(other, said, root))
            }
            other => panic!("the schema uses `{other}`, which the test doesn't know"),
        })
    }

    fn is_a(value: &Value, kind: &str) -> bool {
        match kind {
            "integer" => value.is_u64() || value.is_i64(),
            "number" => value.is_number(),
            "string" => value.is_string(),
            "boolean" => value.is_boolean(),
            "array" => value.is_array(),
            "object" => value.is_object(),
            "null" => value.is_null(),
            other => panic!("{other}"),
        }
    }

    fn lines(file: &str) -> impl Iterator<Item = Value> {
        file.lines().map(|line| serde_json::from_str(line).unwrap())
    }

    fn changed(change: &Value) -> Value {
        let mut document = json!({
            "request": {"url": "https://api.example.com/v1/leads"},
            "records": "/data",
            "id": "/id",
            "pagination": {"style": "cursor", "read": "body:/next", "write": "query:cursor"},
        });
        for (name, value) in change.as_object().unwrap() {
            if value.is_null() {
                document.as_object_mut().unwrap().remove(name);
            } else {
                document[name] = value.clone();
            }
        }
        document
    }

    #[test]
    fn schema_and_parser_agree() {
        let schema = Source::schema();
        let vars = ["PIT", "SCROLL", "HANDLE"].map(|name| (name.to_owned(), "x".to_owned()));
        let vars = BTreeMap::from(vars);
        let with = Fill { vars: &vars, ..Fill::none() };
        let sound = lines(include_str!("../../tests/sources/sound.jsonl")).map(|change| changed(&change));
        let mut judged = 0;
        for document in sound.chain(lines(include_str!("../../tests/sources/vendors.jsonl"))) {
            assert!(Source::from_value(&document, &with).is_ok(), "{document}");
            assert!(fits(&document, &schema, &schema), "{document}");
            judged += 1;
        }
        for case in lines(include_str!("../../tests/sources/faulty.jsonl")) {
            let document = changed(&case["set"]);
            assert!(Source::from_value(&document, &Fill::none()).is_err(), "{document}");
            // Null: a limit of numbers or URLs that schemas can't state exactly.
            if let Some(accepts) = case["schema"].as_bool() {
                assert_eq!(fits(&document, &schema, &schema), accepts, "{}", case["set"]);
                judged += 1;
            }
        }
        assert!(judged >= 400, "{judged}");
    }

    #[test]
    fn every_key_is_explained_and_every_default_fits_its_key() {
        let schema = Source::schema();
        let mut objects = vec![&schema];
        objects.extend(schema["$defs"].as_object().unwrap().values());
        let mut keys = 0;
        for object in objects {
            for (name, property) in object["properties"].as_object().into_iter().flatten() {
                let description = property["description"].as_str().unwrap_or_default();
                assert!(description.ends_with('.') && !description.contains("  "), "{name}: {description:?}");
                if let Some(default) = property.get("default") {
                    assert!(fits(default, property, &schema), "{name}");
                }
                keys += 1;
            }
        }
        assert!(keys > 100, "{keys}");
    }
}
