//! Secrets in what a server sends back. Links repeat the parameters of the request, and with them its
//! credentials; such values become placeholders before a position is kept, and are put back when it is sent.
//!
//! A placeholder is `{{auth:ID:CODING}}`. `ID` says which credential: `h.NAME` a header's value, `t.NAME` what
//! follows the scheme in it, `p.NAME` the password in it, `q.NAME` a query parameter, `b.POINTER` a body value.
//! `CODING` says how it stood there, so that what comes back is the same byte for byte. `{{auth:}}` stands for
//! the text `{{auth:` of a server that tries to have a secret put where it likes.

mod coding;

use crate::facts::Auth;
use crate::json::Raw;
use crate::source::types::Source;
use crate::url::{decode, encode};
use coding::{ANY, Coding, matched};
use std::fmt::Write as _;

/// What is shown in place of a secret.
pub(super) const HIDDEN: &str = "…";

const OPEN: &str = "{{auth:";
const CLOSE: &str = "}}";

/// A secret shorter than this is only known by its name: its characters may stand anywhere.
const SHORTEST: usize = 8;

/// Parameters whose value is a credential whoever made it.
const TELLING: [&str; 5] = ["access_token", "api_key", "apikey", "sig", "signature"];

/// The text with placeholders for every known secret, in any encoding, and for the values of parameters that are
/// named like one of `auth.query` or `access_token` and its like. A value under another name (`key`, `token`: often the cursor)
/// is a secret only if it is a known one.
pub fn mask(auth: &Auth, text: &str) -> String {
    replace(auth.into(), &[], text, OPEN, "{{auth:}}", |id, coding| format!("{OPEN}{id}:{coding}{CLOSE}"))
}

/// Puts the secrets back in. `None` if the text has a placeholder these credentials can't fill, or a malformed
/// one.
pub fn unmask(auth: &Auth, text: &str) -> Option<String> {
    let known = known(auth.into());
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        out.push_str(before);
        let (placeholder, tail) = after.split_once(CLOSE)?;
        rest = tail;
        if placeholder.is_empty() {
            out.push_str(OPEN);
            continue;
        }
        let (id, coding) = placeholder.split_once(':')?;
        let secret = &known.iter().find(|secret| secret.id == id)?.text;
        out.push_str(&if coding == ANY { encode(secret) } else { Coding::parse(coding)?.apply(secret) });
    }
    out.push_str(rest);
    Some(out)
}

/// The text for human eyes: every secret as `…`.
pub(super) fn hide(auth: &Auth, text: &str) -> String {
    replace(auth.into(), &[], text, "", "", |_, _| HIDDEN.to_owned())
}

/// As [`unmask`], for a position that [`Source::mask_value`] has masked.
pub fn unmask_value(auth: &Auth, value: &Raw) -> Option<Raw> {
    if value.as_str().contains(OPEN) {
        Raw::parse(&unmask(auth, value.as_str())?)
    } else {
        Some(value.clone())
    }
}

/// The credentials in use, and those before them: what a server repeats may be either.
#[derive(Clone, Copy)]
pub struct Held<'a> {
    /// Those that go out.
    pub now: &'a Auth,
    /// Those that went out before, whatever became of them.
    pub before: &'a [Auth],
}

impl<'a> From<&'a Auth> for Held<'a> {
    fn from(now: &'a Auth) -> Held<'a> {
        Held { now, before: &[] }
    }
}

impl<'a> Held<'a> {
    fn all(self) -> impl Iterator<Item = &'a Auth> {
        std::iter::once(self.now).chain(self.before)
    }
}

impl Source {
    /// A position with placeholders for its secrets; it stays JSON.
    pub fn mask_value<'a>(&self, held: impl Into<Held<'a>>, value: &Raw) -> Raw {
        let masked = self.mask(held, value.as_str());
        // Only a number can be a secret without quotes around it; as a text it is at least kept.
        Raw::parse(&masked).unwrap_or_else(|| Raw::from_text(&masked))
    }

    /// As [`mask`], but leaves what the source itself holds in clear: a key in `request.url` is known to whoever
    /// has the source, and can't be put back from `auth`.
    pub fn mask<'a>(&self, held: impl Into<Held<'a>>, text: &str) -> String {
        let mut clear = self.request.url.params();
        for extra in [&self.request.always, &self.request.first, &self.request.then] {
            for (name, values) in &extra.query {
                clear.extend(values.iter().map(|value| (name.clone(), value.clone())));
            }
        }
        replace(held.into(), &clear, text, OPEN, "{{auth:}}", |id, coding| {
            format!("{OPEN}{id}:{coding}{CLOSE}")
        })
    }
}

/// A secret and its name in placeholders.
struct Known {
    id: String,
    text: String,
}

/// Every secret of the credentials, the longest first, so that a part never hides the whole.
fn known(held: Held<'_>) -> Vec<Known> {
    let mut found = Vec::new();
    let mut add = |kind: char, name: &str, text: &str| {
        found.push(Known { id: id(kind, name), text: text.to_owned() });
    };
    for auth in held.all() {
        for (name, secret) in &auth.headers {
            add('h', name, secret.expose());
            if let Some((scheme, token)) = secret.expose().split_once(' ') {
                add('t', name, token);
                let password = scheme.eq_ignore_ascii_case("basic").then(|| from_base64(token)).flatten();
                if let Some((_, password)) = password.as_deref().and_then(|pair| pair.split_once(':')) {
                    add('p', name, password);
                }
            }
        }
        for (name, secret) in &auth.query {
            add('q', name, secret.expose());
        }
        for (pointer, secret) in &auth.body {
            add('b', pointer.as_str(), secret.expose());
        }
    }
    found.retain(|secret| !secret.text.is_empty());
    found.sort_by(|a, b| b.text.len().cmp(&a.text.len()).then_with(|| a.id.cmp(&b.id)));
    found
}

fn id(kind: char, name: &str) -> String {
    let mut id = format!("{kind}.");
    for b in name.bytes() {
        if b.is_ascii_alphanumeric() || b"-_./".contains(&b) {
            id.push(char::from(b));
        } else {
            let _ = write!(id, "%{b:02x}");
        }
    }
    id
}

/// Goes through a text once and replaces what is secret. `clear` are parameters that are none.
fn replace(
    held: Held<'_>,
    clear: &[(String, String)],
    text: &str,
    literal: &str,
    escaped: &str,
    placeholder: impl Fn(&str, &str) -> String,
) -> String {
    let known = known(held);
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    let mut before = '?';
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let found = if !literal.is_empty() && rest.starts_with(literal) {
            Some((literal.len(), escaped.to_owned()))
        } else if matches!(before, '?' | '&' | ';' | '\n')
            || text.get(..at).is_some_and(|text| text.ends_with("\\u0026"))
        {
            parameter(held, &known, clear, rest).map(|(name, value, id, coding)| {
                let shown = if literal.is_empty() { name.to_owned() } else { name.replace(literal, escaped) };
                (name.len() + value, format!("{shown}{}", placeholder(&id, &coding)))
            })
        } else {
            None
        };
        let found = found.or_else(|| {
            let mut long = known.iter().filter(|secret| secret.text.len() >= SHORTEST);
            long.find_map(|secret| {
                let (length, coding) = matched(&secret.text, rest)?;
                Some((length, placeholder(&secret.id, &coding)))
            })
        });
        let length = if let Some((length, put)) = found {
            out.push_str(&put);
            length
        } else {
            let first = rest.chars().next().unwrap_or_default();
            out.push(first);
            first.len_utf8()
        };
        before = text.get(at..at + length).and_then(|taken| taken.chars().next_back()).unwrap_or_default();
        at += length;
    }
    out
}

/// A parameter at the start of `rest` whose value is a secret: its name with the `=`, the length of the value,
/// and the placeholder's parts.
fn parameter<'a>(
    held: Held<'_>,
    known: &[Known],
    clear: &[(String, String)],
    rest: &'a str,
) -> Option<(&'a str, usize, String, String)> {
    let end = rest.find(|c: char| "=&#?\"\\<>".contains(c) || c.is_whitespace())?;
    let name = rest.get(..=end).filter(|name| name.ends_with('='))?;
    let tail = rest.get(name.len()..)?;
    let length = tail.find(|c: char| "&#\"\\<>".contains(c) || c.is_whitespace()).unwrap_or(tail.len());
    let value = tail.get(..length).filter(|value| !value.is_empty())?;
    let plain = decode(name.strip_suffix('=')?);
    let own = held.all().any(|auth| auth.query.iter().any(|(name, _)| *name == plain));
    let telling = TELLING.iter().any(|word| plain.eq_ignore_ascii_case(word))
        && !clear.iter().any(|(name, text)| *name == plain && *text == decode(value));
    if !own && !telling {
        return None;
    }
    // Under a name that tells, short secrets are looked for, too.
    let whole = known.iter().find_map(|secret| {
        let (matched, coding) = matched(&secret.text, value)?;
        (matched == length).then(|| (secret.id.clone(), coding))
    });
    let (id, coding) = whole.unwrap_or_else(|| (id('q', &plain), ANY.to_owned()));
    Some((name, length, id, coding))
}

/// Reads standard base64 with padding; `None` if it is none, or no text.
fn from_base64(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0u32, 0u32);
    for b in text.trim_end_matches('=').bytes() {
        let six = match b {
            b'A'..=b'Z' => b - b'A',
            b'a'..=b'z' => b - b'a' + 26,
            b'0'..=b'9' => b - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0xffff;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count & 0xff) as u8);
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::coding::is_unreserved;
    use super::*;
    use crate::facts::Secret;
    use crate::json::Pointer;

    const TOKEN: &str = "s3cr/et+val ue=&%é\"";

    fn auth(token: &str) -> Auth {
        Auth {
            headers: vec![("authorization".to_owned(), Secret::new(format!("Bearer {token}")))],
            query: vec![("page[key]".to_owned(), Secret::new("tiny"))],
            body: vec![(Pointer::parse("/auth/pass").unwrap(), Secret::new("opensesame"))],
        }
    }

    fn percent(text: &str, keep: &[u8], lower: bool) -> String {
        let mut out = String::new();
        for b in text.bytes() {
            if is_unreserved(b) || keep.contains(&b) {
                out.push(char::from(b));
            } else if lower {
                let _ = write!(out, "%{b:02x}");
            } else {
                let _ = write!(out, "%{b:02X}");
            }
        }
        out
    }

    #[test]
    fn secrets_are_masked_and_refilled_byte_for_byte_in_every_encoding() {
        let auth = auth(TOKEN);
        let spaces_as_plus = percent(TOKEN, b"", false).replace("%20", "+");
        let codings = [
            TOKEN.to_owned(),
            encode(TOKEN),
            percent(TOKEN, b"", false),
            percent(TOKEN, b"", true),
            percent(TOKEN, b"/", false),
            percent(TOKEN, b"!'()*", false),
            spaces_as_plus,
            percent(&percent(TOKEN, b"", false), b"", false),
            percent(&percent(TOKEN, b"", true), b"", true),
            TOKEN.replace('/', "\\/"),
        ];
        for coded in codings {
            for text in [
                coded.clone(),
                format!("https://a.example/x?page=2&t={coded}&z=1"),
                format!("\"https://a.example/{coded}/x\""),
            ] {
                let masked = mask(&auth, &text);
                assert!(masked.contains("{{auth:t.authorization:"), "{masked}");
                assert!(!masked.contains("s3cr"), "{masked}");
                assert_eq!(unmask(&auth, &masked), Some(text));
            }
        }
    }

    #[test]
    fn new_credentials_fill_old_placeholders() {
        let masked = mask(&auth("old-token-1"), "https://a.example/?access_token=old-token-1&page=3");
        let fresh = unmask(&auth("new+token/2"), &masked);
        assert_eq!(fresh.as_deref(), Some("https://a.example/?access_token=new%2Btoken%2F2&page=3"));
    }

    #[test]
    fn parameters_named_like_credentials_are_masked_whatever_they_hold() {
        let auth = auth("long-enough");
        for text in ["?page%5Bkey%5D=tiny&x=1", "x?a=1&page[key]=tiny", "page[key]=tiny"] {
            let masked = mask(&auth, text);
            assert!(masked.contains("{{auth:q.page%5bkey%5d:-}}"), "{masked}");
            assert_eq!(unmask(&auth, &masked).as_deref(), Some(text));
        }
        let other = mask(&auth, "?page[key]=changed");
        assert_eq!(unmask(&auth, &other).as_deref(), Some("?page[key]=tiny"));
        for name in ["access_token", "api_key", "apikey", "ApiKey", "sig", "signature"] {
            let masked = mask(&auth, &format!("https://a.example/?{name}=whatever&page=2"));
            assert!(!masked.contains("whatever"), "{masked}");
            assert_eq!(unmask(&auth, &masked), None, "these credentials can't fill it");
        }
    }

    #[test]
    fn cursors_are_left_alone() {
        let auth = auth("long-enough");
        for text in
            ["?token=abc123abc123&key=7&page=tiny", "tiny", "{auth:x}", "{{other}}", "\"a\\u0041\"", ""]
        {
            assert_eq!(mask(&auth, text), text);
            assert_eq!(unmask(&auth, text).as_deref(), Some(text));
        }
        assert_eq!(mask(&auth, "?token=long-enough"), "?token={{auth:t.authorization:-}}");
        assert_eq!(mask(&auth, "?key=opensesame"), "?key={{auth:b./auth/pass:-}}");
    }

    #[test]
    fn a_server_cannot_write_placeholders() {
        let auth = auth("long-enough");
        let text = "https://a.example/?q={{auth:t.authorization:-}}";
        let masked = mask(&auth, text);
        assert_eq!(unmask(&auth, &masked).as_deref(), Some(text));
    }

    #[test]
    fn malformed_and_foreign_placeholders_are_refused() {
        let auth = auth("long-enough");
        for text in
            ["{{auth:x", "{{auth:t.authorization}}", "{{auth:t.other:-}}", "{{auth:t.authorization:z-}}"]
        {
            assert_eq!(unmask(&auth, text), None, "{text}");
        }
    }

    #[test]
    fn the_password_of_basic_credentials_is_known() {
        let basic = Secret::new("Basic dXNlcjpwYXNzOndvcmQx");
        let auth = Auth { headers: vec![("authorization".to_owned(), basic)], ..Auth::default() };
        for text in ["x=pass:word1", "x=dXNlcjpwYXNzOndvcmQx", "x=pass%3Aword1"] {
            let masked = mask(&auth, text);
            assert!(masked.contains("{{auth:"), "{masked}");
            assert_eq!(unmask(&auth, &masked).as_deref(), Some(text));
        }
    }

    #[test]
    fn what_is_shown_has_no_secret() {
        assert_eq!(hide(&auth("long-enough"), "a long-enough {{auth: ?sig=1"), "a … {{auth: ?sig=…");
    }
}
