//! Reading and changing parts of a URL. What isn't touched keeps its bytes.

use super::{Url, decode, encode};

impl Url {
    /// The same URL with that query, taken as it stands; only what can't be sent in a query is percent-encoded.
    #[must_use]
    pub fn with_query(&self, query: Option<&str>) -> Url {
        Url::build(self.https, self.host(), self.port, self.path(), query)
    }

    /// The same URL with that path, taken as it stands; only what can't be sent in a path is percent-encoded, and dot
    /// segments are resolved.
    #[must_use]
    pub fn with_path(&self, path: &str) -> Url {
        let rooted = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
        Url::build(self.https, self.host(), self.port, &rooted, self.query())
    }

    /// Adds one parameter at the end of the query, name and value encoded as data.
    #[must_use]
    pub fn append(&self, name: &str, value: &str) -> Url {
        let own = self.query().unwrap_or_default();
        let separator = if own.is_empty() || own.ends_with('&') { "" } else { "&" };
        self.with_query(Some(&format!("{own}{separator}{}={}", encode(name), encode(value))))
    }

    /// The decoded value of the first parameter of that (decoded) name; `""` for one without `=`.
    pub fn param(&self, name: &str) -> Option<String> {
        pairs(self.query()).find(|pair| pair.is(name)).map(|pair| decode(pair.value))
    }

    /// All parameters in order, decoded.
    pub fn params(&self) -> Vec<(String, String)> {
        pairs(self.query())
            .filter(|p| !p.text.is_empty())
            .map(|p| (decode(p.name), decode(p.value)))
            .collect()
    }

    /// Gives the first parameter of that name another value, in place; appends one if there is none. Everything else
    /// keeps its bytes.
    #[must_use]
    pub fn with_param(&self, name: &str, value: &str) -> Url {
        if !pairs(self.query()).any(|pair| pair.is(name)) {
            return self.append(name, value);
        }
        let mut done = false;
        let parts: Vec<String> = pairs(self.query())
            .map(|pair| {
                if done || !pair.is(name) {
                    return pair.text.to_owned();
                }
                done = true;
                format!("{}={}", pair.name, encode(value))
            })
            .collect();
        self.with_query(Some(&parts.join("&")))
    }

    /// Without any parameter of that name. Everything else keeps its bytes.
    #[must_use]
    pub fn without_param(&self, name: &str) -> Url {
        if !pairs(self.query()).any(|pair| pair.is(name)) {
            return self.clone();
        }
        let parts: Vec<&str> =
            pairs(self.query()).filter(|pair| !pair.is(name)).map(|pair| pair.text).collect();
        self.with_query(if parts.is_empty() { None } else { Some(parts.join("&")) }.as_deref())
    }
}

/// One piece of a query between two `&`, as written.
struct Pair<'a> {
    text: &'a str,
    name: &'a str,
    value: &'a str,
}

impl Pair<'_> {
    fn is(&self, name: &str) -> bool {
        !self.text.is_empty() && decode(self.name) == name
    }
}

fn pairs(query: Option<&str>) -> impl Iterator<Item = Pair<'_>> {
    query.into_iter().flat_map(|query| query.split('&')).map(|text| {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        Pair { text, name, value }
    })
}
