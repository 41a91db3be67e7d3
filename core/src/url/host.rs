//! The authority: host and port (RFC 3986, section 3.2), read so that no client can see another host in it.

use super::{UrlError, address};
use std::net::{Ipv4Addr, Ipv6Addr};

pub(super) const fn default_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

/// The canonical host and the port of an authority.
pub(super) fn authority(text: &str, https: bool) -> Result<(String, u16), UrlError> {
    if text.contains('@') {
        return Err(UrlError::UserInfo);
    }
    if !text.is_ascii() {
        return Err(UrlError::NotAsciiHost);
    }
    if text.contains('%') {
        return Err(UrlError::EncodedHost);
    }
    // The colons of an IPv6 address stand inside its brackets.
    let host_end = text.rfind(']').map_or(0, |at| at + 1);
    let port_at = text.get(host_end..).and_then(|rest| rest.find(':')).map(|at| at + host_end);
    let (name, digits) = match port_at {
        None => (text, None),
        Some(at) => (text.get(..at).unwrap_or_default(), text.get(at + 1..)),
    };
    if name.is_empty() {
        return Err(UrlError::MissingHost);
    }
    Ok((host(name)?, port(digits, https)?))
}

/// Decimal digits; none at all mean the default, leading zeros mean nothing.
fn port(digits: Option<&str>, https: bool) -> Result<u16, UrlError> {
    let digits = digits.unwrap_or_default();
    if digits.is_empty() {
        return Ok(default_port(https));
    }
    let significant = digits.trim_start_matches('0');
    if !digits.bytes().all(|b| b.is_ascii_digit()) || significant.is_empty() {
        return Err(UrlError::Port);
    }
    significant.parse().map_err(|_| UrlError::Port)
}

fn host(name: &str) -> Result<String, UrlError> {
    if let Some(inner) = name.strip_prefix('[') {
        let inner = inner.strip_suffix(']').ok_or(UrlError::MalformedHost)?;
        let ip: Ipv6Addr = inner.parse().map_err(|_| UrlError::MalformedHost)?;
        return Ok(format!("[{}]", ipv6_text(ip)));
    }
    if name.ends_with('.') {
        return Err(UrlError::TrailingDot);
    }
    if name.len() > 253 || !name.split('.').all(is_label) {
        return Err(UrlError::MalformedHost);
    }
    // Clients that follow the WHATWG read any host whose last label is a number as an IPv4 address, in octal or
    // hexadecimal if need be, and with fewer than four parts.
    let last = name.rsplit('.').next().unwrap_or_default();
    if is_number(last) && name.parse::<Ipv4Addr>().is_err() {
        return Err(UrlError::NumericHost);
    }
    Ok(name.to_ascii_lowercase())
}

/// Letters, digits, hyphens, and the underscore that real hosts use.
fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn is_number(label: &str) -> bool {
    let hex = label.strip_prefix("0x").or_else(|| label.strip_prefix("0X"));
    hex.map_or_else(
        || label.bytes().all(|b| b.is_ascii_digit()),
        |digits| digits.bytes().all(|b| b.is_ascii_hexdigit()),
    )
}

/// RFC 5952 without its dotted tail for mapped addresses, which is how URL parsers write it.
fn ipv6_text(ip: Ipv6Addr) -> String {
    let segments = ip.segments();
    let (mut best_at, mut best_len, mut run) = (0, 0, 0);
    for (at, segment) in segments.iter().enumerate() {
        run = if *segment == 0 { run + 1 } else { 0 };
        if run > best_len {
            (best_at, best_len) = (at + 1 - run, run);
        }
    }
    let hex = |part: &[u16]| part.iter().map(|s| format!("{s:x}")).collect::<Vec<_>>().join(":");
    if best_len < 2 {
        return hex(&segments);
    }
    let (head, tail) = segments.split_at(best_at);
    format!("{}::{}", hex(head), hex(tail.get(best_len..).unwrap_or_default()))
}

/// As [`super::Url::is_private`], for a canonical host.
pub(super) fn is_private(host: &str) -> bool {
    if let Some(inner) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return inner.parse().is_ok_and(address::is_private_v6);
    }
    if let Ok(ip) = host.parse() {
        return address::is_private_v4(ip);
    }
    // A name without a dot is answered by the local network only: `localhost`, `metadata`, `redis`.
    !host.contains('.')
        || [".localhost", ".local", ".internal", ".home.arpa"].iter().any(|zone| host.ends_with(zone))
        || host == "metadata.goog"
}

#[cfg(test)]
mod tests {
    use crate::url::{Url, UrlError};

    fn host(authority: &str) -> Result<String, UrlError> {
        Url::parse(&format!("https://{authority}/x")).map(|url| url.origin().to_string())
    }

    #[test]
    fn a_host_is_one_spelling() {
        for (written, origin) in [
            ("api.example", "https://api.example"),
            ("API.Example", "https://api.example"),
            ("api.example:", "https://api.example"),
            ("api.example:443", "https://api.example"),
            ("api.example:0443", "https://api.example"),
            ("api.example:00000000000000000000443", "https://api.example"),
            ("api.example:80", "https://api.example:80"),
            ("api.example:65535", "https://api.example:65535"),
            ("xn--xample-2of.example", "https://xn--xample-2of.example"),
            ("my_service.example", "https://my_service.example"),
            ("1.2.3.4", "https://1.2.3.4"),
            ("1.example", "https://1.example"),
            ("0xfg.0xfg", "https://0xfg.0xfg"),
            ("[::1]", "https://[::1]"),
            ("[2001:DB8:0:0:1:0:0:1]:8443", "https://[2001:db8::1:0:0:1]:8443"),
            ("[1:0:2:3:4:5:6:7]", "https://[1:0:2:3:4:5:6:7]"),
            ("[0:0:1:0:0:0:0:1]", "https://[0:0:1::1]"),
            ("[1::]", "https://[1::]"),
            ("[::]", "https://[::]"),
            ("[::ffff:127.0.0.1]", "https://[::ffff:7f00:1]"),
        ] {
            assert_eq!(host(written).as_deref(), Ok(origin), "{written}");
        }
        let longest = format!("{}.abc", ["abcdefghi"; 26].join(".").get(..249).unwrap_or_default());
        assert_eq!((longest.len(), host(&longest)), (253, Ok(format!("https://{longest}"))));
        assert!(host(&format!("{longest}d")).is_err());
        assert_eq!(Url::parse("http://a:443/").unwrap().origin().to_string(), "http://a:443");
        assert_eq!(Url::parse("http://a:80/").unwrap().as_str(), "http://a/");
    }

    #[test]
    fn hosts_that_clients_read_differently_are_refused() {
        use UrlError::{
            EncodedHost, MalformedHost, MissingHost, NotAsciiHost, NumericHost, Port, TrailingDot, UserInfo,
        };
        let long_label = format!("{}.example", "a".repeat(64));
        let long_name = ["abcdefghij"; 24].join(".");
        for (written, error) in [
            ("user@api.example", UserInfo),
            ("user:secret@api.example", UserInfo),
            ("@api.example", UserInfo),
            ("api.example@evil", UserInfo),
            ("api.example:443@evil", UserInfo),
            ("api.example.", TrailingDot),
            ("localhost.", TrailingDot),
            (".", TrailingDot),
            ("127.0.0.1.", TrailingDot),
            ("api.example%2eevil", EncodedHost),
            ("%61pi.example", EncodedHost),
            ("api.example%00", EncodedHost),
            ("[fe80::1%25eth0]", EncodedHost),
            ("ⓔxample.com", NotAsciiHost),
            ("аpi.example", NotAsciiHost),
            ("api。example", NotAsciiHost),
            ("api.example\u{ad}", NotAsciiHost),
            ("127.1", NumericHost),
            ("127.0.1", NumericHost),
            ("0x7f000001", NumericHost),
            ("0X7F.1", NumericHost),
            ("0x", NumericHost),
            ("2130706433", NumericHost),
            ("017700000001", NumericHost),
            ("0177.0.0.1", NumericHost),
            ("127.0.0.01", NumericHost),
            ("256.1.1.1", NumericHost),
            ("1.2.3.4.5", NumericHost),
            ("api.example.1", NumericHost),
            ("api..example", MalformedHost),
            (".api.example", MalformedHost),
            ("api example", UrlError::Space { at: 11 }),
            ("api,example", MalformedHost),
            ("api!", MalformedHost),
            ("a[b]", MalformedHost),
            ("[::1", MalformedHost),
            ("::1]", MalformedHost),
            ("::1", MissingHost),
            ("[::1]x", MalformedHost),
            ("[]", MalformedHost),
            ("[127.0.0.1]", MalformedHost),
            ("[v1.x]", MalformedHost),
            ("[:::1]", MalformedHost),
            (&long_label, MalformedHost),
            (&long_name, MalformedHost),
            ("api.example:0", Port),
            ("api.example:000", Port),
            ("api.example:65536", Port),
            ("api.example:99999", Port),
            ("api.example:99999999999999999999", Port),
            ("api.example:-1", Port),
            ("api.example:+1", Port),
            ("api.example:8a", Port),
            ("api.example:80:80", Port),
            ("[::1]:x", Port),
            ("", MissingHost),
            (":443", MissingHost),
        ] {
            assert_eq!(host(written), Err(error), "{written}");
        }
    }

    #[test]
    fn private_places_are_known_by_name_and_address() {
        for host in [
            "localhost",
            "LOCALHOST",
            "a.localhost",
            "printer.local",
            "metadata.google.internal",
            "metadata",
            "metadata.goog",
            "router.home.arpa",
            "redis",
            "127.0.0.1",
            "0.0.0.0",
            "169.254.169.254",
            "10.1.2.3",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[fd00::1]",
            "[fe80::1]",
            "224.0.0.1",
        ] {
            assert!(Url::parse(&format!("http://{host}:8080/x")).unwrap().is_private(), "{host}");
        }
        for host in [
            "api.example",
            "localhost.example",
            "notlocalhost.com",
            "internal.example",
            "8.8.8.8",
            "[2600::1]",
        ] {
            assert!(!Url::parse(&format!("http://{host}:8080/x")).unwrap().is_private(), "{host}");
        }
    }
}
