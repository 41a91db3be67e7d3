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
        schema.insert("title".to_owned(), json!("everypage source"));
        schema.insert("description".to_owned(), json!("The description of one paginated list."));
        schema.extend(source);
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
        let made = make(defs);
        defs.insert(name.to_owned(), made);
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
            json!({"type": ["string", "number", "null"], "pattern": "^(?:[!-~](?:[\\t -~]*[!-~])?)?$"})
        }
        Shape::Json => json!({"type": ["object", "array"]}),
        Shape::List { of, least } => json!({"type": "array", "items": shape(of, defs), "minItems": least}),
        Shape::Literal => json!({"type": ["string", "number", "boolean", "null"]}),
        Shape::Locator(purpose) => defined(purpose.name, defs, |_| locator(purpose)),
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
