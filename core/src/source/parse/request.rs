//! `request` and `auth`.

use super::view::View;
use crate::facts::{Auth, Secret};
use crate::http::Method;
use crate::json::{Pointer, Tree};
use crate::source::grammar::{AUTH, EXTRA, REQUEST, TOTAL_REQUEST, elements, members, scalar, word};
use crate::source::types::{BodySpec, Extra, RequestSpec, TotalRequest};
use crate::source::values;

/// `request`.
pub(super) fn request(tree: &Tree) -> Option<RequestSpec> {
    let view = View::new(&REQUEST, Some(tree));
    let method = match view.word("method")?.as_str() {
        "GET" => Method::Get,
        "POST" => Method::Post,
        "HEAD" => Method::Head,
        _ => return None,
    };
    let body = match (view.given("body"), view.given("form"), view.given("text")) {
        (Some(json), _, _) => BodySpec::Json(json.clone()),
        (None, Some(form), _) => BodySpec::Form(parameters(Some(form))),
        (None, None, Some(text)) => BodySpec::Text(values::text(text).ok()?),
        (None, None, None) => BodySpec::None,
    };
    Some(RequestSpec {
        url: view.given("url").and_then(|tree| values::url(tree).ok())?,
        method,
        always: extra(view.given("query"), view.given("headers"), None),
        body,
        first: addition(view.view("first", &EXTRA)),
        then: addition(view.view("then", &EXTRA)),
        read_only: view.flag("read_only")?,
    })
}

/// `total.request`.
pub(super) fn total_request(tree: &Tree) -> Option<TotalRequest> {
    let view = View::new(&TOTAL_REQUEST, Some(tree));
    let url = match view.given("url") {
        Some(url) => Some(values::url(url).ok()?),
        None => None,
    };
    Some(TotalRequest { url, query: parameters(view.given("query")), body: view.given("body").cloned() })
}

fn addition(view: View<'_>) -> Extra {
    extra(view.given("query"), view.given("headers"), view.given("body"))
}

fn extra(query: Option<&Tree>, headers: Option<&Tree>, body: Option<&Tree>) -> Extra {
    let mut fields: Vec<(String, String)> = Vec::new();
    for (name, value) in headers.map_or(&[][..], members) {
        if let Ok(Some(value)) = values::header_value(value) {
            fields.push((name.to_ascii_lowercase(), value));
        }
    }
    fields.sort();
    Extra { query: parameters(query), headers: fields, body: body.cloned() }
}

/// Members of a query or a form, sorted by name. A list repeats the name, null leaves it out.
fn parameters(tree: Option<&Tree>) -> Vec<(String, Vec<String>)> {
    let plain = |tree: &Tree| scalar(tree).filter(|raw| !raw.is_null()).map(|raw| raw.plain().into_owned());
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in tree.map_or(&[][..], members) {
        let values: Vec<String> = match value {
            Tree::Array(_) => elements(value).iter().filter_map(plain).collect(),
            Tree::Object(_) | Tree::Scalar(_) => plain(value).into_iter().collect(),
        };
        if !values.is_empty() {
            found.push((name.clone(), values));
        }
    }
    found.sort();
    found
}

/// `auth`. `bearer` and `basic` become the header they are sent as.
pub(super) fn auth(tree: &Tree) -> Option<Auth> {
    let view = View::new(&AUTH, Some(tree));
    let mut headers = secrets(view.given("header"), |name| Some(name.to_ascii_lowercase()))?;
    let mut authorize = |value: String| headers.push(("authorization".to_owned(), Secret::new(value)));
    if let Some(token) = view.given("bearer") {
        authorize(format!("Bearer {}", word(token)?));
    }
    if let [user, password] = view.list("basic") {
        authorize(format!("Basic {}", base64(format!("{}:{}", word(user)?, word(password)?).as_bytes())));
    }
    headers.sort_by(|a, b| a.0.cmp(&b.0));
    Some(Auth {
        headers,
        query: secrets(view.given("query"), |name| Some(name.to_owned()))?,
        body: secrets(view.given("body"), |name| Pointer::parse(name).ok())?,
    })
}

/// Secrets by name, in the order of their names.
fn secrets<N: Ord>(tree: Option<&Tree>, name: impl Fn(&str) -> Option<N>) -> Option<Vec<(N, Secret)>> {
    let found = tree.map_or(&[][..], members).iter();
    let found = found.map(|(key, value)| Some((name(key)?, Secret::new(word(value)?.into_owned()))));
    let mut found: Vec<(N, Secret)> = found.collect::<Option<_>>()?;
    found.sort_by(|a, b| a.0.cmp(&b.0));
    Some(found)
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0_u32, |bits, i| bits << 8 | chunk.get(i).copied().map_or(0, u32::from));
        for place in 0..4 {
            let letter = LETTERS.get((bits >> (18 - 6 * place) & 63) as usize).copied().unwrap_or_default();
            text.push(if place > chunk.len() { '=' } else { char::from(letter) });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_rfc_4648() {
        for (plain, coded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
            ("ü~>?", "w7x+Pj8="),
        ] {
            assert_eq!(base64(plain.as_bytes()), coded);
        }
    }

    #[test]
    fn parameters_repeat_lists_and_leave_nulls_out() {
        let tree = Tree::parse(r#"{"b":[1,"x",null],"a":true,"c":null,"d":[],"e":1.50,"f":""}"#).unwrap();
        let pair = |name: &str, values: &[&str]| {
            (name.to_owned(), values.iter().map(|value| (*value).to_owned()).collect::<Vec<_>>())
        };
        let expected = [pair("a", &["true"]), pair("b", &["1", "x"]), pair("e", &["1.50"]), pair("f", &[""])];
        assert_eq!(parameters(Some(&tree)), expected);
    }

    #[test]
    fn credentials_become_what_is_sent() {
        let auth = |json: &str| auth(&Tree::parse(json).unwrap()).unwrap();
        let shown = |auth: &Auth| -> Vec<(String, String)> {
            auth.headers.iter().map(|(name, value)| (name.clone(), value.expose().to_owned())).collect()
        };
        let bearer = auth(r#"{"header":{"X-Team":"7"},"bearer":"abc"}"#);
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(shown(&bearer), [pair("authorization", "Bearer abc"), pair("x-team", "7")]);
        let basic = auth(r#"{"basic":["Aladdin","open sesame"]}"#);
        assert_eq!(shown(&basic), [pair("authorization", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==")]);
        let others = auth(r#"{"query":{"key":"k"},"body":{"/token":"t"}}"#);
        assert!(others.query.iter().all(|(n, v)| n == "key" && v.expose() == "k") && others.query.len() == 1);
        assert!(others.body.iter().all(|(p, v)| p.as_str() == "/token" && v.expose() == "t"));
    }
}
