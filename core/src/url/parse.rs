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
        let (scheme, rest) = scheme(rest)?;
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

/// Splits off the scheme. A colon in the first segment that ends no valid scheme is an error (RFC 3986, section
/// 4.2), since some clients would take what is before it for one.
fn scheme(text: &str) -> Result<(Option<&str>, &str), UrlError> {
    let first = text.split('/').next().unwrap_or_default();
    let Some((scheme, _)) = first.split_once(':') else { return Ok((None, text)) };
    let valid = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b));
    if !valid {
        return Err(UrlError::Scheme);
    }
    Ok((Some(scheme), text.get(scheme.len() + 1..).unwrap_or_default()))
}
