//! A source in code: the same JSON value a file would hold, through the same validation.

use super::Fill;
use super::types::Source;
use crate::error::InvalidSource;
use serde_json::{Map, Value, json};

/// Makes a source step by step.
///
/// ```
/// use everypage_core::source::{Fill, Source};
/// let source = Source::builder("https://api.example.com/v1/leads")
///     .records("/data")
///     .id("/id")
///     .size("query:limit", 100)
///     .cursor("body:/next", "query:cursor")
///     .build(&Fill::none())?;
/// assert_eq!(source.name, "api.example.com/v1/leads");
/// # Ok::<(), everypage_core::error::InvalidSource>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct Builder {
    document: Map<String, Value>,
}

impl Source {
    /// Starts a source that reads this URL.
    pub fn builder(url: &str) -> Builder {
        let mut document = Map::new();
        document.insert("request".to_owned(), json!({ "url": url }));
        Builder { document }
    }
}

impl Builder {
    /// A label for reports.
    pub fn name(self, name: &str) -> Builder {
        self.set(&["name"], name)
    }

    /// A query parameter of every request; a list repeats it.
    pub fn query(self, name: &str, value: impl Into<Value>) -> Builder {
        self.set(&["request", "query", name], value)
    }

    /// A header of every request.
    pub fn header(self, name: &str, value: &str) -> Builder {
        self.set(&["request", "headers", name], value)
    }

    /// Sends a POST with this JSON body. By calling this you say that repeating the call changes nothing on the
    /// server.
    pub fn read_only_post(self, body: Value) -> Builder {
        let posted = self.set(&["request", "method"], "POST").set(&["request", "read_only"], true);
        if body.is_null() { posted } else { posted.set(&["request", "body"], body) }
    }

    /// Sends `Authorization: Bearer …`. `${NAME}` is filled in from the environment.
    pub fn bearer(self, token: &str) -> Builder {
        self.set(&["auth", "bearer"], token)
    }

    /// Sends `Authorization: Basic …`.
    pub fn basic(self, user: &str, password: &str) -> Builder {
        self.set(&["auth", "basic"], json!([user, password]))
    }

    /// Sends a credential in a header.
    pub fn auth_header(self, name: &str, value: &str) -> Builder {
        self.set(&["auth", "header", name], value)
    }

    /// Sends a credential in the query.
    pub fn auth_query(self, name: &str, value: &str) -> Builder {
        self.set(&["auth", "query", name], value)
    }

    /// Where the array of records is.
    pub fn records(self, pointer: &str) -> Builder {
        self.set(&["records"], pointer)
    }

    /// What identifies a record.
    pub fn id(self, pointer: &str) -> Builder {
        self.set(&["id"], pointer)
    }

    /// What the server sorts by, `asc` or `desc`, and whether a record never changes its place.
    pub fn order(self, by: &str, direction: &str, immutable: bool) -> Builder {
        self.set(&["order"], json!({ "by": by, "direction": direction, "immutable": immutable }))
    }

    /// The page size and where it is asked for.
    pub fn size(self, write: &str, value: u64) -> Builder {
        self.set(&["size", "write"], write).set(&["size", "value"], value)
    }

    /// The greatest page size the server takes.
    pub fn max_size(self, max: u64) -> Builder {
        self.set(&["size", "max"], max)
    }

    /// A token of the server: where it is read and where it is written.
    pub fn cursor(self, read: &str, write: &str) -> Builder {
        self.set(&["pagination"], json!({ "style": "cursor", "read": read, "write": write }))
    }

    /// The key of the last record, by default its id.
    pub fn keyset(self, write: &str) -> Builder {
        self.set(&["pagination"], json!({ "style": "keyset", "write": write }))
    }

    /// Rows to skip.
    pub fn offset(self, write: &str) -> Builder {
        self.set(&["pagination"], json!({ "style": "offset", "write": write }))
    }

    /// A page number.
    pub fn page(self, write: &str) -> Builder {
        self.set(&["pagination"], json!({ "style": "page", "write": write }))
    }

    /// A link of the server, followed as it is.
    pub fn link(self, read: &str) -> Builder {
        self.set(&["pagination"], json!({ "style": "link", "read": read }))
    }

    /// The whole list is one response.
    pub fn single(self) -> Builder {
        self.set(&["pagination"], json!({ "style": "single" }))
    }

    /// One variable of the long form; call it once for each.
    pub fn state(self, state: Value) -> Builder {
        self.push(&["pagination", "state"], state)
    }

    /// What the vendor promises of its tokens or links: `key` or `snapshot`.
    pub fn stable(self, promise: &str) -> Builder {
        self.set(&["pagination", "stable"], promise)
    }

    /// One end signal, instead of the style's natural ones; call it once for each.
    pub fn end(self, signal: impl Into<Value>) -> Builder {
        self.push(&["end"], signal.into())
    }

    /// Where the exact number of records is read.
    pub fn total(self, read: &str) -> Builder {
        self.set(&["total", "read"], read)
    }

    /// How far the total can be trusted: `exact`, `estimate`, `at_least`, `remaining` or `page`.
    pub fn total_kind(self, kind: &str) -> Builder {
        self.set(&["total", "kind"], kind)
    }

    /// A rate limit: so many requests in this time, such as `"60s"`.
    pub fn rate(self, requests: u64, per: &str) -> Builder {
        self.push(&["rate"], json!({ "requests": requests, "per": per }))
    }

    /// Requests in flight.
    pub fn concurrency(self, requests: u32) -> Builder {
        self.set(&["concurrency"], requests)
    }

    /// Any other key, by its path: `set(&["limits", "pages"], 10)`.
    pub fn set(mut self, path: &[&str], value: impl Into<Value>) -> Builder {
        *self.place(path) = value.into();
        self
    }

    fn push(mut self, path: &[&str], value: Value) -> Builder {
        let place = self.place(path);
        if let Value::Array(items) = place {
            items.push(value);
        } else {
            *place = Value::Array(vec![value]);
        }
        self
    }

    /// The value at a path; what leads there becomes objects.
    fn place(&mut self, path: &[&str]) -> &mut Value {
        let (first, rest) = path.split_first().map_or(("", &[][..]), |(first, rest)| (*first, rest));
        let mut here = self.document.entry(first).or_insert(Value::Null);
        for name in rest {
            if !here.is_object() {
                *here = Value::Object(Map::new());
            }
            // `here` has just been made an object, so indexing inserts and can't fail.
            here = &mut here[*name];
        }
        here
    }

    /// The document so far.
    pub fn to_value(&self) -> Value {
        Value::Object(self.document.clone())
    }

    /// Validates it.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn build(&self, with: &Fill<'_>) -> Result<Source, InvalidSource> {
        Source::from_value(&self.to_value(), with)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_builder_says_what_a_file_would() {
        let built = Source::builder("https://api.example.com/v1/leads?a=1")
            .name("leads")
            .query("status", json!(["active", "new"]))
            .header("X-Team", "7")
            .bearer("abc")
            .auth_query("key", "k")
            .records("/data")
            .id("/id")
            .order("/id", "asc", true)
            .size("query:limit", 500)
            .max_size(100)
            .cursor("body:/next", "query:cursor")
            .stable("key")
            .end("missing")
            .end(json!({"flag": "body:/more", "is": false}))
            .total("body:/total")
            .total_kind("estimate")
            .rate(100, "60s")
            .rate(5, "1s")
            .set(&["limits", "pages"], 10);
        let written = json!({
            "name": "leads",
            "request": {
                "url": "https://api.example.com/v1/leads?a=1",
                "query": {"status": ["active", "new"]},
                "headers": {"X-Team": "7"},
            },
            "auth": {"bearer": "abc", "query": {"key": "k"}},
            "records": "/data",
            "id": "/id",
            "order": {"by": "/id", "direction": "asc", "immutable": true},
            "size": {"write": "query:limit", "value": 500, "max": 100},
            "pagination": {"style": "cursor", "read": "body:/next", "write": "query:cursor", "stable": "key"},
            "end": ["missing", {"flag": "body:/more", "is": false}],
            "total": {"read": "body:/total", "kind": "estimate"},
            "rate": [{"requests": 100, "per": "60s"}, {"requests": 5, "per": "1s"}],
            "limits": {"pages": 10},
        });
        assert_eq!(built.to_value(), written);
        assert_eq!(built.build(&Fill::none()).unwrap().name, "leads");
    }

    #[test]
    fn every_style_can_be_built() {
        let start = || Source::builder("https://api.example.com/x").records("").id("/id");
        for built in [
            start().cursor("body:/next", "query:cursor"),
            start().keyset("query:after"),
            start().offset("query:offset").concurrency(4),
            start().page("query:page").basic("user", "password"),
            start().link("link:next").auth_header("X-Key", "k"),
            start().single(),
            start().state(json!({"write": "query:page", "start": 1, "next": {"add": "one"}})).end("empty"),
            start().read_only_post(json!({"a": 1})).cursor("body:/next", "body:/cursor"),
            start().read_only_post(Value::Null).page("query:page"),
        ] {
            assert!(built.build(&Fill::none()).is_ok(), "{built:?}: {:?}", built.build(&Fill::none()).err());
        }
    }

    #[test]
    fn what_is_wrong_is_said_when_it_is_built() {
        let error = Source::builder("leads").offset("query:").build(&Fill::none()).err().unwrap();
        let fields: Vec<&str> = error.faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["request.url", "records", "pagination.write"]);
    }
}
