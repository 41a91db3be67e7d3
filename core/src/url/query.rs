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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn url(query: &str) -> Url {
        Url::parse(&format!("https://api.example/leads{query}")).unwrap()
    }

    #[test]
    fn appending_keeps_what_is_there_byte_for_byte() {
        for (own, appended) in [
            ("", "?a%20b=x%26admin%3Dtrue"),
            ("?", "?a%20b=x%26admin%3Dtrue"),
            ("?q=%2C&", "?q=%2C&a%20b=x%26admin%3Dtrue"),
            ("?f={%7B}|[1]'&100%", "?f={%7B}|[1]'&100%&a%20b=x%26admin%3Dtrue"),
        ] {
            assert_eq!(url(own).append("a b", "x&admin=true"), url(appended), "{own}");
        }
    }

    #[test]
    fn a_value_can_never_leave_its_place() {
        for value in
            ["x&admin=true", "x#y", "x%26y", "\"}],\"", "a b", "a\r\nb", "?", "/../..", "\\", "ü", "+"]
        {
            let sent = url("?fixed=1").append("cursor", value);
            assert_eq!((sent.path(), sent.host()), ("/leads", "api.example"));
            assert_eq!(sent.params(), [("fixed".into(), "1".into()), ("cursor".into(), value.to_owned())]);
        }
    }

    #[test]
    fn the_first_parameter_of_a_name_is_read_decoded() {
        let url = url("?&a=1&%62=x%2Cy+z&a=2&flag&=nameless&e=a=b");
        for (name, value) in [
            ("a", Some("1")),
            ("b", Some("x,y z")),
            ("flag", Some("")),
            ("", Some("nameless")),
            ("e", Some("a=b")),
            ("c", None),
            ("%62", None),
        ] {
            assert_eq!(url.param(name).as_deref(), value, "{name}");
        }
        assert_eq!(url.params().len(), 6);
        assert_eq!(Url::parse("https://a/").unwrap().param(""), None);
        assert_eq!(Url::parse("https://a/?").unwrap().param(""), None);
    }

    #[test]
    fn a_parameter_is_replaced_in_its_place() {
        for (own, replaced) in [
            ("?x=%2C&page=1&y=[2]", "?x=%2C&page=a%20b&y=[2]"),
            ("?page=1&page=2", "?page=a%20b&page=2"),
            ("?p%61ge=1", "?p%61ge=a%20b"),
            ("?page", "?page=a%20b"),
            ("?x=1", "?x=1&page=a%20b"),
            ("", "?page=a%20b"),
            ("?&&page=1&", "?&&page=a%20b&"),
        ] {
            assert_eq!(url(own).with_param("page", "a b"), url(replaced), "{own}");
        }
    }

    #[test]
    fn a_parameter_is_removed_everywhere() {
        for (own, without) in [
            ("?x=%2C&page=1&y=[2]", "?x=%2C&y=[2]"),
            ("?page=1&p%61ge=2", ""),
            ("?x=1&", "?x=1&"),
            ("?", "?"),
            ("", ""),
        ] {
            assert_eq!(url(own).without_param("page"), url(without), "{own}");
        }
    }

    #[test]
    fn a_query_or_path_that_is_set_stays_inside_its_component() {
        let url = url("?q=1");
        assert_eq!(url.with_query(None).as_str(), "https://api.example/leads");
        assert_eq!(url.with_query(Some("")).as_str(), "https://api.example/leads?");
        assert_eq!(
            url.with_query(Some("a b#c\\ü?/")).as_str(),
            "https://api.example/leads?a%20b%23c%5C%C3%BC?/"
        );
        assert_eq!(url.with_path("x").as_str(), "https://api.example/x?q=1");
        assert_eq!(url.with_path("/a b?c#d\\{N}").as_str(), "https://api.example/a%20b%3Fc%23d%5C{N}?q=1");
        assert_eq!(url.with_path("//evil.example/x").host(), "api.example");
        assert_eq!(url.with_path("/a/./b/../c").path(), "/a/c");
        assert_eq!(url.with_path("").path(), "/");
    }

    proptest! {
        #[test]
        fn changed_urls_read_back_as_themselves(
            query in "[ -~ü]{0,20}", path in "[ -~ü]{0,20}", name in "[ -~ü]{1,5}", value in any::<String>(),
        ) {
            let base = url("?a=1").with_path(&path).with_query(Some(&query));
            for changed in [base.append(&name, &value), base.with_param(&name, &value)] {
                prop_assert_eq!(Url::parse(changed.as_str()), Ok(changed.clone()));
                let theirs = ::url::Url::parse(changed.as_str()).unwrap();
                prop_assert!(changed.agrees_with(theirs.as_str()));
                // Other readers of forms see the value, too.
                prop_assert!(theirs.query_pairs().any(|(n, v)| n == name.as_str() && v == value.as_str()));
            }
            prop_assert_eq!(base.with_param(&name, &value).param(&name), Some(value));
            prop_assert_eq!(base.without_param(&name).param(&name), None);
        }
    }
}
