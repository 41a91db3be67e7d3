//! A request, taken apart as a server would.

use crate::entry::{Entry, Slot};
use crate::source::carrier;
use everypage_core::http::Request;
use everypage_core::json::{Pointer, Token};
use everypage_core::url::{Url, decode};
use serde_json::{Value, json};

pub struct Asked {
    pub method: &'static str,
    pub path: String,
    pub query: Vec<(String, String)>,
    pub headers: Vec<(String, String)>,
    pub body: Value,
    pub form: Vec<(String, String)>,
}

impl Asked {
    pub fn new(request: &Request) -> Result<Asked, String> {
        let url = Url::parse(&request.url).map_err(|e| e.to_string())?;
        let query = url.params();
        for (index, (name, _)) in query.iter().enumerate() {
            if query.iter().take(index).any(|(earlier, _)| earlier == name) {
                return Err(format!("{name} twice"));
            }
        }
        let content = request.body.clone().unwrap_or_default();
        let text = String::from_utf8(content).map_err(|_| "a body that is no text")?;
        let kind =
            request.headers.iter().find(|(name, _)| name == "content-type").map_or("", |(_, kind)| kind);
        let (mut body, mut form) = (Value::Null, Vec::new());
        match kind {
            "" if text.is_empty() => {}
            "application/x-www-form-urlencoded" => {
                let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
                form = pairs.map(|(name, value)| (decode(name), decode(value))).collect();
            }
            "application/json" => body = serde_json::from_str(&text).map_err(|e| e.to_string())?,
            other => return Err(format!("a body of the type {other}")),
        }
        Ok(Asked {
            method: request.method.as_str(),
            path: decode(url.path()),
            query,
            headers: request.headers.clone(),
            body,
            form,
        })
    }

    pub fn query(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    pub fn form(&self, name: &str) -> Option<&str> {
        self.form.iter().find(|(n, _)| n == name).map(|(_, value)| value.as_str())
    }

    /// What stands in a slot.
    pub fn slot(&self, slot: &Slot) -> Option<Value> {
        match slot {
            Slot::Body { pointer } => self.body.pointer(pointer).filter(|value| !value.is_null()).cloned(),
            Slot::Form { name } => self.form(name).map(Value::from),
            Slot::Header { name, template } => {
                let (_, value) = self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name))?;
                between(value, template).map(Value::from)
            }
            Slot::Query { name } => self.query(name).map(Value::from),
            Slot::Text { param, template } => {
                let body = self.body.get(param).and_then(Value::as_str);
                let text = self.query(param).or(self.form(param)).or(body)?;
                between(text, template).map(Value::from)
            }
            Slot::Path { .. } | Slot::Url => None,
        }
    }

    /// The number behind a word of the text parameter.
    pub fn number_in_text(&self, entry: &Entry, word: &str) -> Result<u64, String> {
        let query =
            if carrier(entry) == "body" { self.body.get("query").and_then(Value::as_str) } else { None };
        let number = query.and_then(|text| between(text, &format!("{word}{{}}")));
        number.and_then(|number| number.parse().ok()).ok_or_else(|| format!("no {word}"))
    }
}

/// The digits a template finds in a text.
fn between<'a>(text: &'a str, template: &str) -> Option<&'a str> {
    let (before, _) = template.split_once("{}")?;
    let (_, rest) = text.split_once(before)?;
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    Some(&rest[..length]).filter(|number| !number.is_empty())
}

/// Writes a value, making what it stands in.
pub fn put(body: &mut Value, pointer: &str, value: Value) {
    let pointer = Pointer::parse(pointer).expect("pointers of the survey are pointers");
    put_at(body, pointer.tokens(), value);
}

fn put_at(body: &mut Value, tokens: &[Token], value: Value) {
    let Some((token, rest)) = tokens.split_first() else {
        *body = value;
        return;
    };
    match token {
        Token::Name(name) => match token.index() {
            Some(index) if !body.is_object() || body.as_object().is_some_and(serde_json::Map::is_empty) => {
                if !body.is_array() {
                    *body = json!([]);
                }
                let items = body.as_array_mut().expect("an array");
                items.resize(items.len().max(index as usize + 1), Value::Null);
                put_at(&mut items[index as usize], rest, value);
            }
            Some(_) | None => put_at(&mut body[&**name], rest, value),
        },
        Token::Select { field, value: wanted } => {
            if !body.is_array() {
                *body = json!([]);
            }
            let items = body.as_array_mut().expect("an array");
            let at = items.iter().position(|item| item[&**field] == **wanted).unwrap_or_else(|| {
                items.push(json!({&**field: &**wanted}));
                items.len() - 1
            });
            put_at(&mut items[at], rest, value);
        }
    }
}
