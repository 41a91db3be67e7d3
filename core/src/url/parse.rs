//! Taking URLs apart (RFC 3986, appendix B) and judging the parts.

use super::{MAX_LENGTH, Url, UrlError, host};

/// The five components of a reference, as written.
pub(super) struct Parts<'a> {
    pub scheme: Option<&'a str>,
    pub authority: Option<&'a str>,
    pub path: &'a str,
    pub query: Option<&'a str>,
    pub fragment: Option<&'a str>,
}

impl Url {
    /// Reads an absolute `http` or `https` URL.
    ///
    /// Refused are user info, a fragment, control characters, spaces, backslashes, hosts that are not ASCII,
    /// percent-encoded, oddly numeric or end in a dot, and port 0. Other characters outside ASCII are
    /// percent-encoded.
    pub fn parse(text: &str) -> Result<Url, UrlError> {
        let parts = Parts::split(text)?;
        if parts.scheme.is_none() {
            return Err(UrlError::NotAbsolute);
        }
        let url = absolute(&parts, false)?;
        if parts.fragment.is_some() { Err(UrlError::Fragment) } else { Ok(url) }
    }
}

/// A URL with its own host; without a scheme it inherits the base's.
pub(super) fn absolute(parts: &Parts<'_>, base_is_https: bool) -> Result<Url, UrlError> {
    let https = match parts.scheme {
        None => base_is_https,
        Some(scheme) if scheme.eq_ignore_ascii_case("https") => true,
        Some(scheme) if scheme.eq_ignore_ascii_case("http") => false,
        Some(_) => return Err(UrlError::Scheme),
    };
    let authority = parts.authority.ok_or(UrlError::MissingHost)?;
    let (host, port) = host::authority(authority, https)?;
    Ok(Url::build(https, &host, port, parts.path, parts.query))
}

impl<'a> Parts<'a> {
    /// Splits a reference after having judged its characters.
    pub fn split(text: &'a str) -> Result<Parts<'a>, UrlError> {
        check_characters(text)?;
        let (rest, fragment) = cut(text, '#');
        let (rest, query) = cut(rest, '?');
        let (scheme, rest) = scheme(rest);
        let (authority, path) = match rest.strip_prefix("//") {
            None => (None, rest),
            Some(rest) => {
                let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
                (Some(authority), path)
            }
        };
        Ok(Parts { scheme, authority, path, query, fragment })
    }
}

/// Refuses what clients drop or rewrite, wherever it stands, before anything is interpreted.
fn check_characters(text: &str) -> Result<(), UrlError> {
    if text.len() > MAX_LENGTH {
        return Err(UrlError::TooLong);
    }
    for (at, c) in text.char_indices() {
        match c {
            '\\' => return Err(UrlError::Backslash { at }),
            ' ' => return Err(UrlError::Space { at }),
            c if c.is_control() => return Err(UrlError::Control { at }),
            _ => {}
        }
    }
    Ok(())
}

/// Before and after the first `mark`.
fn cut(text: &str, mark: char) -> (&str, Option<&str>) {
    text.split_once(mark).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Splits off the scheme. A colon in the first segment always ends one, valid or not (RFC 3986, section 4.2): some
/// clients would take what is before it for one, and whatever isn't `http` or `https` is refused later.
fn scheme(text: &str) -> (Option<&str>, &str) {
    let first = text.split('/').next().unwrap_or_default();
    match first.split_once(':') {
        None => (None, text),
        Some((scheme, _)) => (Some(scheme), text.get(scheme.len() + 1..).unwrap_or_default()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_absolute_url_says_so() {
        for (text, error) in [
            ("", UrlError::NotAbsolute),
            ("api.example/x", UrlError::NotAbsolute),
            ("//api.example/x", UrlError::NotAbsolute),
            ("/x", UrlError::NotAbsolute),
            ("?x", UrlError::NotAbsolute),
            ("localhost:8080/x", UrlError::Scheme),
            ("1http://a", UrlError::Scheme),
            (":", UrlError::Scheme),
            ("\u{feff}https://a/", UrlError::Scheme),
            ("%68ttps://a/", UrlError::Scheme),
            ("file:///etc/passwd", UrlError::Scheme),
            ("javascript:alert(1)", UrlError::Scheme),
            ("data:text/plain,x", UrlError::Scheme),
            ("ftp://a/x", UrlError::Scheme),
            ("blob:https://a/x", UrlError::Scheme),
            ("ws://a/", UrlError::Scheme),
            ("httpss://a/", UrlError::Scheme),
            ("https:/x", UrlError::MissingHost),
            ("https:x", UrlError::MissingHost),
            ("https:///x", UrlError::MissingHost),
            ("https://", UrlError::MissingHost),
            ("https:", UrlError::MissingHost),
            ("https://?x", UrlError::MissingHost),
            ("https://a/x#y", UrlError::Fragment),
            ("https://a#", UrlError::Fragment),
        ] {
            assert_eq!(Url::parse(text), Err(error), "{text:?}");
        }
    }

    #[test]
    fn control_characters_spaces_and_backslashes_are_refused_wherever_they_stand() {
        let url = "https://api.example:443/a/b?c=d#e";
        for bad in ['\t', '\r', '\n', '\0', '\u{7f}', '\u{1b}', '\u{85}', '\u{9f}', ' ', '\\'] {
            for at in (0..=url.len()).filter(|at| url.is_char_boundary(*at)) {
                let mut text = url.to_owned();
                text.insert(at, bad);
                let expected = match bad {
                    ' ' => UrlError::Space { at },
                    '\\' => UrlError::Backslash { at },
                    _ => UrlError::Control { at },
                };
                assert_eq!(Url::parse(&text), Err(expected.clone()), "{text:?}");
                assert_eq!(Url::parse("https://a/").unwrap().resolve(&text), Err(expected), "{text:?}");
            }
        }
    }

    #[test]
    fn length_is_bounded() {
        let longest = format!("https://a/{}", "x".repeat(MAX_LENGTH - 10));
        assert_eq!(Url::parse(&longest).unwrap().as_str().len(), 65_536);
        assert_eq!(Url::parse(&format!("{longest}x")), Err(UrlError::TooLong));
        assert_eq!(
            Url::parse("https://a/").unwrap().resolve(&"x".repeat(100 * 1024)),
            Err(UrlError::TooLong)
        );
    }

    #[test]
    fn characters_outside_ascii_are_escaped_behind_the_host_and_all_else_is_kept() {
        for (text, sent) in [
            ("https://a/ü?q=€", "https://a/%C3%BC?q=%E2%82%AC"),
            ("https://a/%zz/100%?q=%2C,%2c", "https://a/%zz/100%?q=%2C,%2c"),
            (
                "https://a/{ID}/x;y=1,2?a[b]={c}|$d'e'\"<>^`",
                "https://a/{ID}/x;y=1,2?a[b]={c}|$d'e'%22%3C%3E^`",
            ),
            ("https://a/a%2F..%2Fb//c", "https://a/a%2F..%2Fb//c"),
        ] {
            assert_eq!(Url::parse(text).unwrap().as_str(), sent, "{text}");
        }
    }
}
