//! URLs: one strict parser and resolver, so that the origin that was judged is the origin that is asked.
//!
//! HTTP clients disagree about backslashes, tabs, missing slashes, escaped hosts and numeric hosts. Whatever they
//! disagree about is refused here, before a request; what is left reads the same to all of them. Paths and
//! queries keep their bytes: a next link is sent as the server wrote it.

mod address;
mod agree;
mod encoding;
mod host;
mod parse;
mod query;
mod resolve;

pub use address::is_private_ip;
pub use encoding::{decode, encode, encode_path_segment};
pub use resolve::is_dot_segment;

use std::fmt;

/// Longest URL or reference that is read, in bytes. Servers refuse far shorter ones.
pub const MAX_LENGTH: usize = 64 * 1024;

/// An absolute `http` or `https` URL without user info and fragment, safe to send as it stands.
///
/// Scheme and host are in lower case, the default port is left out, dot segments are resolved, the path starts with
/// `/`. Apart from that the bytes are those it was made of. [`fmt::Display`] and [`fmt::Debug`] show origin and path
/// only, since queries hold cursors and secrets.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Url {
    /// The whole URL; all that follows is derived from it.
    text: Box<str>,
    https: bool,
    port: u16,
    /// Where the host ends and a port or the path begins.
    host_end: usize,
    /// Where the path begins, with its `/`.
    path_start: usize,
    /// Where the path ends and the `?` stands, if there is one.
    path_end: usize,
}

impl Url {
    /// Exactly the text that is sent.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> Origin {
        Origin { https: self.https, host: self.host().to_owned(), port: self.port }
    }

    /// The host in lower case, an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        self.text.get(self.scheme().len() + 3..self.host_end).unwrap_or_default()
    }

    /// The path with its leading `/`, percent-encoded as written.
    pub fn path(&self) -> &str {
        self.text.get(self.path_start..self.path_end).unwrap_or_default()
    }

    /// The query without its `?`, as written; `Some("")` if there is a `?` with nothing behind it.
    pub fn query(&self) -> Option<&str> {
        self.text.get(self.path_end + 1..)
    }

    /// Origin and path, without the query: what may stand in errors and reports.
    pub fn redacted(&self) -> String {
        self.text.get(..self.path_end).unwrap_or_default().to_owned()
    }

    /// Whether the host is, by its name or address alone, a place that only this machine or this network can reach:
    /// loopback, private, link-local, multicast, unspecified, metadata services, names without a dot, and the names
    /// under `localhost`, `local`, `internal` and `home.arpa`.
    ///
    /// A public name may still resolve to such an address: hosts ask [`is_private_ip`] about what it resolved to.
    pub fn is_private(&self) -> bool {
        host::is_private(self.host())
    }

    fn scheme(&self) -> &'static str {
        if self.https { "https" } else { "http" }
    }

    /// Puts the parts together. Path and query are made safe but not judged: see [`encoding::keep`].
    fn build(https: bool, host: &str, port: u16, path: &str, query: Option<&str>) -> Url {
        let mut text = String::with_capacity(host.len() + path.len() + query.map_or(0, str::len) + 16);
        text.push_str(if https { "https://" } else { "http://" });
        text.push_str(host);
        let host_end = text.len();
        if port != host::default_port(https) {
            text.push(':');
            text.push_str(&port.to_string());
        }
        let path_start = text.len();
        text.push_str(&resolve::remove_dot_segments(&encoding::keep(path, true)));
        let path_end = text.len();
        if let Some(query) = query {
            text.push('?');
            text.push_str(&encoding::keep(query, false));
        }
        Url { text: text.into_boxed_str(), https, port, host_end, path_start, path_end }
    }
}

impl fmt::Display for Url {
    /// Origin and path only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text.get(..self.path_end).unwrap_or_default())
    }
}

impl fmt::Debug for Url {
    /// Origin and path only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Url({self})")
    }
}

/// Scheme, host and port: what credentials and budgets are bound to (RFC 6454).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Origin {
    https: bool,
    host: String,
    port: u16,
}

impl Origin {
    /// Reads `https://host[:port]`, with or without a closing slash; anything more is an error.
    pub fn parse(text: &str) -> Result<Origin, UrlError> {
        let url = Url::parse(text)?;
        if url.path() == "/" && url.query().is_none() { Ok(url.origin()) } else { Err(UrlError::NotAnOrigin) }
    }

    /// Whether the scheme is `https`.
    pub fn is_https(&self) -> bool {
        self.https
    }

    /// The host in lower case, an IPv6 address in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, also where it is the scheme's default.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// As [`Url::is_private`].
    pub fn is_private(&self) -> bool {
        host::is_private(&self.host)
    }
}

impl fmt::Display for Origin {
    /// `https://host`, with `:port` where it isn't the scheme's default.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.https { "https" } else { "http" }, self.host)?;
        if self.port == host::default_port(self.https) { Ok(()) } else { write!(f, ":{}", self.port) }
    }
}

/// Why a URL or reference may not be asked. The texts name what is wrong and where, never the URL itself.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum UrlError {
    /// `\`: some clients read it as `/`.
    #[error("a backslash at byte {at}")]
    Backslash {
        /// Where, in bytes from 0.
        at: usize,
    },
    /// A tab, line end, NUL or other control character: some clients drop it silently.
    #[error("a control character at byte {at}")]
    Control {
        /// Where, in bytes from 0.
        at: usize,
    },
    /// A `%` in the host.
    #[error("a percent-encoded host")]
    EncodedHost,
    /// A fragment, which would never be sent; links may have one.
    #[error("a fragment (`#…`), which is never sent")]
    Fragment,
    /// The host is no name and no address: a forbidden character, an empty or overlong label.
    #[error("a malformed host")]
    MalformedHost,
    /// `https:/x`, `https:x`, `https:///x`.
    #[error("no host after the scheme")]
    MissingHost,
    /// Not an absolute URL.
    #[error("not an absolute URL: it must start with https:// or http://")]
    NotAbsolute,
    /// An origin with a path or query.
    #[error("an origin is https://host or https://host:port, without path and query")]
    NotAnOrigin,
    /// A host outside ASCII; international names are written in their `xn--` form.
    #[error("a host with other than ASCII characters (international names are written as xn--…)")]
    NotAsciiHost,
    /// `127.1`, `0x7f000001`, `2130706433`: addresses in other forms than the dotted quad.
    #[error("a numeric host that isn't a plain dotted quad")]
    NumericHost,
    /// No number, 0, or above 65535.
    #[error("a port that isn't a number from 1 to 65535")]
    Port,
    /// A scheme other than `http` and `https`, or a colon where only a scheme could end.
    #[error("a scheme other than https and http")]
    Scheme,
    /// A raw space.
    #[error("a raw space at byte {at}")]
    Space {
        /// Where, in bytes from 0.
        at: usize,
    },
    /// Longer than [`MAX_LENGTH`].
    #[error("longer than {MAX_LENGTH} bytes")]
    TooLong,
    /// `host.`: another name for the same host to some clients, another host to others.
    #[error("a host that ends in a dot")]
    TrailingDot,
    /// `user@` or `user:password@`.
    #[error("user info before the host; credentials belong under `auth`")]
    UserInfo,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_shows_origin_and_path_only() {
        let url = Url::parse("HTTPS://Api.Example:8443/v1/leads?token=s3cret").unwrap();
        assert_eq!(url.as_str(), "https://api.example:8443/v1/leads?token=s3cret");
        for shown in [url.to_string(), url.redacted(), format!("{url:?}"), format!("{url:#?}")] {
            assert!(
                shown.contains("https://api.example:8443/v1/leads") && !shown.contains("s3cret"),
                "{shown}"
            );
        }
        assert_eq!((url.host(), url.path(), url.query()), ("api.example", "/v1/leads", Some("token=s3cret")));
    }

    #[test]
    fn the_parts_of_a_short_url_are_right() {
        for text in ["http://a", "http://a/", "http://a:80", "http://A:/"] {
            let url = Url::parse(text).unwrap();
            assert_eq!(
                (url.as_str(), url.host(), url.path(), url.query()),
                ("http://a/", "a", "/", None),
                "{text}"
            );
        }
        let url = Url::parse("http://a?").unwrap();
        assert_eq!((url.as_str(), url.path(), url.query()), ("http://a/?", "/", Some("")));
        let url = Url::parse("http://a?b/../c").unwrap();
        assert_eq!((url.as_str(), url.path(), url.query()), ("http://a/?b/../c", "/", Some("b/../c")));
    }

    #[test]
    fn origins_compare_by_scheme_host_and_port() {
        let origin = |text| Origin::parse(text).unwrap();
        assert_eq!(
            origin("https://API.example:443/"),
            Url::parse("https://api.example/x?y").unwrap().origin()
        );
        assert_ne!(origin("https://api.example"), origin("http://api.example"));
        assert_ne!(origin("https://api.example"), origin("https://api.example:8443"));
        assert_ne!(origin("https://api.example"), origin("https://api.example.evil"));
        for text in ["https://api.example", "http://api.example:8080", "https://[::1]:1", "http://a"] {
            assert_eq!(origin(text).to_string(), text);
        }
        assert!(origin("https://a").is_https() && !origin("http://a").is_https());
        assert_eq!((origin("https://a").port(), origin("https://a").host()), (443, "a"));
        assert!(origin("http://localhost:1").is_private() && !origin("http://a.example").is_private());
    }

    #[test]
    fn an_origin_is_nothing_more() {
        for text in ["https://a/x", "https://a/?", "https://a?x", "https://a//"] {
            assert_eq!(Origin::parse(text), Err(UrlError::NotAnOrigin), "{text}");
        }
        for text in ["", "a", "//a", "*", "https://*.example", "https://a/#x", "https://u@a", "ftp://a"] {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn errors_never_echo_the_url() {
        for text in
            ["https://user:s3cret@a/", "s3cret://a", "https://a/#s3cret", "https://s3cret.a./", "s3cret"]
        {
            let error = Url::parse(text).unwrap_err();
            assert!(!format!("{error} {error:?}").contains("s3cret"), "{error:?}");
        }
    }
}
