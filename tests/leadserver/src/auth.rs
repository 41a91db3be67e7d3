//! Credentials as they are sent.

use crate::ask::decode;
use hyper::{header::AUTHORIZATION, http::request::Parts as Head};
use std::borrow::Cow;

/// Query parameters that hold a credential.
const PARAMETERS: &[&str] = &["api_key", "access_token"];

/// The first credential of a request as `name: value`.
pub(crate) fn sent(head: &Head) -> Option<String> {
    for name in [AUTHORIZATION.as_str(), "x-api-key", "cookie"] {
        if let Some(value) = head.headers.get(name) {
            return Some(format!("{name}: {}", String::from_utf8_lossy(value.as_bytes())));
        }
    }
    let query = head.uri.query()?;
    let (name, value) = query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(name, _)| PARAMETERS.contains(name))?;
    Some(format!("{name}: {}", decode(value)))
}

/// The token in what [`sent`] found: the value itself, the word after the scheme, `user:password` of Basic.
pub(crate) fn token(sent: &str) -> Option<Cow<'_, str>> {
    let (name, value) = sent.split_once(": ")?;
    if name != AUTHORIZATION.as_str() {
        return Some(Cow::Borrowed(value));
    }
    match value.split_once(' ') {
        Some((scheme, pair)) if scheme.eq_ignore_ascii_case("basic") => {
            String::from_utf8(unbase64(pair.trim())?).ok().map(Cow::Owned)
        }
        Some((_, word)) => Some(Cow::Borrowed(word.trim())),
        None => Some(Cow::Borrowed(value)),
    }
}

/// Whether it is the known token: whole, or as either half of `user:password`.
pub(crate) fn same(token: &str, known: &str) -> bool {
    token == known || token.split_once(':').is_some_and(|(user, password)| user == known || password == known)
}

fn unbase64(text: &str) -> Option<Vec<u8>> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let (mut out, mut bits, mut held) = (Vec::new(), 0_u32, 0_u32);
    for byte in text.trim_end_matches('=').bytes() {
        bits = bits << 6 | u32::try_from(LETTERS.iter().position(|&letter| letter == byte)?).ok()?;
        held += 6;
        if held >= 8 {
            held -= 8;
            out.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
        bits &= (1 << held) - 1;
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::Request;

    fn found(uri: &str, headers: &[(&str, &str)]) -> Option<String> {
        let mut request = Request::builder().uri(uri);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        sent(&request.body(()).unwrap().into_parts().0)
    }

    #[test]
    fn a_token_is_found_wherever_it_is_sent() {
        let places: [(&str, &[(&str, &str)]); 5] = [
            ("/x", &[("authorization", "Bearer T")]),
            ("/x", &[("Authorization", "token T")]),
            ("/x", &[("x-api-key", "T")]),
            ("/x?a=1&api_key=T", &[]),
            ("/x?access_token=%54", &[]),
        ];
        for (uri, headers) in places {
            let sent = found(uri, headers).unwrap();
            assert_eq!(token(&sent).as_deref(), Some("T"), "{sent}");
        }
        assert_eq!(found("/x?y=T", &[]), None);
    }

    #[test]
    fn basic_credentials_are_decoded() {
        let sent = found("/x", &[("authorization", "Basic dXNlcjpzZWNyZXQ=")]).unwrap();
        let pair = token(&sent).unwrap();
        assert_eq!(pair, "user:secret");
        assert!(same(&pair, "secret") && same(&pair, "user") && !same(&pair, "sec"));
        assert_eq!(unbase64("not base64!"), None);
    }
}
