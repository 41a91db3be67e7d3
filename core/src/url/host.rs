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
