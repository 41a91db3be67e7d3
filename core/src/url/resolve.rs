//! References against a base (RFC 3986, section 5).

use super::parse::{Parts, absolute};
use super::{Url, UrlError};
use std::borrow::Cow;

impl Url {
    /// The URL that `reference` means in an answer from this URL: RFC 3986, section 5, strict.
    ///
    /// Bytes of path and query are kept, including the characters `[ ] | { } ' " < >` that a purist would have
    /// escaped; characters outside ASCII are percent-encoded; the fragment is removed. What [`Url::parse`] refuses is
    /// refused here, too, before resolution. Whether the result may be asked is for the caller to judge.
    pub fn resolve(&self, reference: &str) -> Result<Url, UrlError> {
        let parts = Parts::split(reference)?;
        if parts.scheme.is_some() || parts.authority.is_some() {
            return absolute(&parts, self.https);
        }
        let merged;
        let (path, query) = if parts.path.is_empty() {
            (self.path(), parts.query.or(self.query()))
        } else if parts.path.starts_with('/') {
            (parts.path, parts.query)
        } else {
            let folder = self.path().rfind('/').map_or("/", |at| self.path().get(..=at).unwrap_or("/"));
            merged = format!("{folder}{}", parts.path);
            (merged.as_str(), parts.query)
        };
        Ok(Url::build(self.https, self.host(), self.port, path, query))
    }
}

/// Whether a path segment is `.` or `..`, also where its dots are percent-encoded: clients resolve both. A value with
/// this shape can't be written into a path.
pub fn is_dot_segment(segment: &str) -> bool {
    dots(segment).is_some()
}

/// 1 for `.`, 2 for `..`, in any mixture of plain and encoded dots.
fn dots(segment: &str) -> Option<usize> {
    let mut rest = segment;
    let mut count = 0;
    while !rest.is_empty() {
        rest = rest
            .strip_prefix('.')
            .or_else(|| rest.strip_prefix("%2e"))
            .or_else(|| rest.strip_prefix("%2E"))?;
        count += 1;
        if count > 2 {
            return None;
        }
    }
    (count > 0).then_some(count)
}

/// Section 5.2.4 for an absolute path, which an empty one is taken for. Encoded dots count as dots, since clients
/// that follow the WHATWG would resolve them after us.
pub(super) fn remove_dot_segments(path: &str) -> Cow<'_, str> {
    let path = if path.is_empty() { "/" } else { path };
    if path.starts_with('/') && !path.split('/').any(is_dot_segment) {
        return Cow::Borrowed(path);
    }
    let mut kept: Vec<&str> = Vec::new();
    let mut ends_in_folder = false;
    for segment in path.strip_prefix('/').unwrap_or(path).split('/') {
        let dots = dots(segment);
        match dots {
            None => kept.push(segment),
            Some(1) => {}
            Some(_) => drop(kept.pop()),
        }
        ends_in_folder = dots.is_some();
    }
    if ends_in_folder {
        kept.push("");
    }
    Cow::Owned(format!("/{}", kept.join("/")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resolve(base: &str, reference: &str) -> Result<String, UrlError> {
        Url::parse(base).unwrap().resolve(reference).map(|url| url.as_str().to_owned())
    }

    /// RFC 3986, section 5.4, all 42; without fragments, which are never sent, and with the two that are no URL here.
    #[test]
    fn the_examples_of_the_rfc_resolve_as_written_there() {
        for (reference, expected) in [
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g/"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q"),
            ("g#s", "http://a/b/c/g"),
            ("g?y#s", "http://a/b/c/g?y"),
            (";x", "http://a/b/c/;x"),
            ("g;x", "http://a/b/c/g;x"),
            ("g;x?y#s", "http://a/b/c/g;x?y"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../", "http://a/"),
            ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"),
            ("../../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            (".g", "http://a/b/c/.g"),
            ("g..", "http://a/b/c/g.."),
            ("..g", "http://a/b/c/..g"),
            ("./../g", "http://a/b/g"),
            ("./g/.", "http://a/b/c/g/"),
            ("g/./h", "http://a/b/c/g/h"),
            ("g/../h", "http://a/b/c/h"),
            ("g;x=1/./y", "http://a/b/c/g;x=1/y"),
            ("g;x=1/../y", "http://a/b/c/y"),
            ("g?y/./x", "http://a/b/c/g?y/./x"),
            ("g?y/../x", "http://a/b/c/g?y/../x"),
            ("g#s/./x", "http://a/b/c/g"),
            ("g#s/../x", "http://a/b/c/g"),
        ] {
            assert_eq!(resolve("http://a/b/c/d;p?q", reference).as_deref(), Ok(expected), "{reference:?}");
        }
        assert_eq!(resolve("http://a/b/c/d;p?q", "g:h"), Err(UrlError::Scheme));
        assert_eq!(resolve("http://a/b/c/d;p?q", "http:g"), Err(UrlError::MissingHost));
    }

    #[test]
    fn the_usual_next_links_resolve_byte_for_byte() {
        let base = "https://api.example/v1/leads?limit=2&page=1";
        for (reference, expected) in [
            ("?page=2", "https://api.example/v1/leads?page=2"),
            ("leads?page=2", "https://api.example/v1/leads?page=2"),
            ("page=2", "https://api.example/v1/page=2"),
            ("/x?page=2", "https://api.example/x?page=2"),
            ("?", "https://api.example/v1/leads?"),
            ("HTTPS://API.EXAMPLE:443/x?Q=A", "https://api.example/x?Q=A"),
            ("//api.example/x", "https://api.example/x"),
            (
                "?c=a+b/c=%2B|{}'$skiptoken=%2c,[1]&100%",
                "https://api.example/v1/leads?c=a+b/c=%2B|{}'$skiptoken=%2c,[1]&100%",
            ),
            ("?at=12:30:00&u=https://x/y@z", "https://api.example/v1/leads?at=12:30:00&u=https://x/y@z"),
            ("?q=München", "https://api.example/v1/leads?q=M%C3%BCnchen"),
            ("../../../x", "https://api.example/x"),
            ("/a%2F..%2Fb", "https://api.example/a%2F..%2Fb"),
            ("/a/%2e%2E/b/%2e", "https://api.example/b/"),
            ("/a//../b", "https://api.example/a/b"),
            ("/a/...", "https://api.example/a/..."),
            ("/x?page=2#top", "https://api.example/x?page=2"),
            ("./a:b", "https://api.example/v1/a:b"),
            ("?a?b", "https://api.example/v1/leads?a?b"),
        ] {
            assert_eq!(resolve(base, reference).as_deref(), Ok(expected), "{reference:?}");
        }
    }

    #[test]
    fn links_to_other_origins_are_seen_as_such() {
        let base = Url::parse("https://api.example/v1/leads").unwrap();
        for reference in [
            "//evil.example/x",
            "https://evil.example/x",
            "http://api.example/v1/leads",
            "https://api.example.evil/",
            "https://api.example:8443/",
            "https://evil.example/https://api.example/",
            "///evil.example/x/..//evil.example/",
        ] {
            let same = base.resolve(reference).is_ok_and(|url| url.origin() == base.origin());
            assert!(!same, "{reference}");
        }
        assert_eq!(
            base.resolve("/..//evil.example/x").unwrap().as_str(),
            "https://api.example//evil.example/x"
        );
    }

    #[test]
    fn references_that_clients_read_differently_are_refused() {
        use UrlError::{Backslash, EncodedHost, MissingHost, NotAsciiHost, NumericHost, Scheme, UserInfo};
        for (reference, error) in [
            (r"https:\\evil.example\x", Backslash { at: 6 }),
            (r"\\evil.example\x", Backslash { at: 0 }),
            (r"/\evil.example/x", Backslash { at: 1 }),
            (r"https://api.example\@evil/x", Backslash { at: 19 }),
            (r"https://evil.example\.api.example/x", Backslash { at: 20 }),
            ("https:/evil.example/x", MissingHost),
            ("https:evil.example", MissingHost),
            ("https:///evil.example/x", MissingHost),
            ("///evil.example/x", MissingHost),
            ("//", MissingHost),
            ("https://api.example@evil/x", UserInfo),
            ("//u:p@api.example/x", UserInfo),
            ("https://api.example%2eevil.example/", EncodedHost),
            ("//ⓔvil.example", NotAsciiHost),
            ("//127.1/x", NumericHost),
            ("//0x7f000001/x", NumericHost),
            ("//2130706433/x", NumericHost),
            ("//017700000001/x", NumericHost),
            ("//api.example./x", UrlError::TrailingDot),
            ("//api.example:0/x", UrlError::Port),
            ("//api.example:99999/x", UrlError::Port),
            ("javascript:alert(1)", Scheme),
            ("java\nscript:alert(1)", UrlError::Control { at: 4 }),
            (" https://evil.example", UrlError::Space { at: 0 }),
            ("\u{feff}https://evil.example/", Scheme),
            ("page:2", Scheme),
            ("2:2", Scheme),
        ] {
            assert_eq!(resolve("https://api.example/v1/leads", reference), Err(error), "{reference:?}");
        }
    }

    #[test]
    fn dot_segments_are_known_in_every_encoding() {
        for segment in [".", "..", "%2e", "%2E.", ".%2e", "%2E%2e"] {
            assert!(is_dot_segment(segment), "{segment}");
        }
        for segment in ["", "...", "a.", ".a", "%2", "%252e", "%2e%2e%2e", "%2f"] {
            assert!(!is_dot_segment(segment), "{segment}");
        }
    }
}
