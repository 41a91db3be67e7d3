//! What a server may try: a position that wants to be more than one value, a link that leads astray.

use super::samples::{at, leads, lines, send, source, url};
use super::{MAX_URL, Target};
use crate::error::ErrorKind;
use crate::facts::{Auth, Secret};
use crate::json::Raw;
use crate::source::Source;
use crate::source::follow::Followed;
use crate::url::Url;

/// Values that end a parameter, a string, a line or a path in some syntax.
const TOKENS: [&str; 10] = [
    "x&admin=true",
    "x#y",
    "x%26y",
    "\"}],\"admin\":true",
    "x?y=1",
    "../../admin",
    "a;b=c",
    "a\r\nX-Admin: 1",
    "a\u{0}b",
    "{{auth:t.authorization:-}}",
];

fn json(token: &str) -> String {
    Raw::from_text(token).as_str().to_owned()
}

#[test]
fn a_token_in_the_query_is_one_encoded_value() {
    let source =
        leads(r#", "size": {"write": "query:limit", "value": 5}, "auth": {"bearer": "token-12345"}"#);
    for token in TOKENS {
        let request = at(&source, false, &[&json(token)]).unwrap();
        let sent = Url::parse(&request.url).unwrap();
        let expected = [("cursor".to_owned(), token.to_owned()), ("limit".to_owned(), "5".to_owned())];
        assert_eq!(sent.params(), expected, "{token}");
        assert_eq!(sent.path(), "/v1/leads");
        assert_eq!(sent.as_str().matches('&').count(), 1, "{token}");
        assert_eq!(request.headers.len(), 3);
    }
}

#[test]
fn a_token_in_a_body_or_form_is_one_value() {
    let search = |write: &str, own: &str| {
        source(&format!(
            r#"{{"request": {{"url": "https://a.example/s", "method": "POST", "read_only": true, {own}}},
                "records": "", "pagination": {{"style": "cursor", "read": "body:/c", "write": "{write}"}}}}"#
        ))
    };
    let body = search("body:/page/after", r#""body": {"q": 1}"#);
    let form = search("form:after", r#""form": {"q": 1}"#);
    for token in TOKENS {
        let sent = at(&body, false, &[&json(token)]).unwrap().body.unwrap();
        let expected = serde_json::json!({"q": 1, "page": {"after": token}});
        assert_eq!(serde_json::from_slice::<serde_json::Value>(&sent).unwrap(), expected);
        let sent = String::from_utf8(at(&form, false, &[&json(token)]).unwrap().body.unwrap()).unwrap();
        let fields = url(&format!("https://a.example/?{sent}")).params();
        assert_eq!(fields, [("after".to_owned(), token.to_owned()), ("q".to_owned(), "1".to_owned())]);
    }
}

#[test]
fn a_token_in_a_header_is_visible_ascii_or_refused() {
    let header = |template: &str| {
        source(&format!(
            r#"{{"request": {{"url": "https://a.example/s"}}, "records": "",
                "pagination": {{"style": "cursor", "read": "body:/c", "write": "header:X-After{template}"}}}}"#
        ))
    };
    let plain = header("");
    let bad = ["a\r\nX-Admin: 1", "a\nb", "a\u{0}b", " a", "a ", "a b", "a\tb", "caf\u{e9}", "\u{7f}", ""];
    for token in bad {
        let error = at(&plain, false, &[&json(token)]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnsafeCursor, "{token:?}");
        assert!(token.len() < 3 || !error.to_string().contains(token), "{error}");
    }
    for token in ["x&admin=true", "a\"b", "7"] {
        assert_eq!(
            lines(at(&plain, false, &[&json(token)])),
            format!("GET https://a.example/s\nx-after: {token}")
        );
    }
    let error = at(&header("~items {}"), false, &[&json("1\r\nX-Admin: 1")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnsafeCursor);
    assert_eq!(lines(at(&header("~items {}"), false, &["7"])), "GET https://a.example/s\nx-after: items 7");
    let error = at(&header("~{json}"), false, &["\"caf\u{e9}\""]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnsafeCursor);
}

#[test]
fn a_token_in_a_path_is_one_segment() {
    let source = source(
        r#"{"request": {"url": "https://a.example/lists/{after}/items"}, "records": "",
            "pagination": {"style": "cursor", "read": "body:/c", "write": "path:after"}}"#,
    );
    assert_eq!(lines(at(&source, true, &["-"])), "GET https://a.example/lists/items");
    for token in TOKENS {
        let sent = at(&source, false, &[&json(token)]).unwrap().url;
        let path = sent.strip_prefix("https://a.example/lists/").unwrap().strip_suffix("/items").unwrap();
        assert!(!path.contains(['/', '?', '#', '&']), "{path}");
        assert_eq!(crate::url::decode(path), token);
    }
    for token in [".", "..", "", "%2e%2e"] {
        match at(&source, false, &[&json(token)]) {
            Err(error) => assert_eq!(error.kind(), ErrorKind::UnsafeCursor),
            Ok(request) => assert_eq!(request.url, "https://a.example/lists/%252e%252e/items"),
        }
    }
}

#[test]
fn a_token_inside_a_text_is_plain_or_refused() {
    let source = source(
        r#"{"request": {"url": "https://a.example/s", "method": "POST", "read_only": true,
            "text": "<q after=\"{AFTER}\" next={AFTER}>$${OTHER}</q>"}, "records": "",
            "pagination": {"style": "cursor", "read": "body:/c", "write": "text:AFTER"}}"#,
    );
    for token in TOKENS {
        let sent = at(&source, false, &[&json(token)]);
        match sent {
            Err(error) => assert_eq!(error.kind(), ErrorKind::UnsafeCursor, "{token}"),
            Ok(_) => assert_eq!(token, "../../admin"),
        }
    }
    // What is filled in is not looked at again.
    assert_eq!(
        lines(at(&source, false, &["\"b64+/==\""])),
        "POST https://a.example/s\n<q after=\"b64+/==\" next=b64+/==>${OTHER}</q>"
    );
    assert!(at(&source, false, &["\"{AFTER}\""]).is_err());
}

#[test]
fn a_spread_takes_objects_only() {
    let source = source(
        r#"{"request": {"url": "https://a.example/s"}, "records": "",
            "pagination": {"style": "cursor", "read": "body:/c", "write": "query:a,b"}}"#,
    );
    assert_eq!(lines(at(&source, false, &[r#"{"b": 1, "c": 2}"#])), "GET https://a.example/s?b=1");
    for position in ["\"a=1\"", "[1]", "7", r#"{"a": 1, "a": 2}"#] {
        assert_eq!(at(&source, false, &[position]).unwrap_err().kind(), ErrorKind::SourceMismatch);
    }
}

#[test]
fn half_a_surrogate_pair_goes_into_json_only() {
    let error = at(&leads(""), false, &["\"\\ud800\""]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::UnsafeCursor);
    let body = source(
        r#"{"request": {"url": "https://a.example/s", "method": "POST", "read_only": true}, "records": "",
            "pagination": {"style": "cursor", "read": "body:/c", "write": "body:/c"}}"#,
    );
    assert_eq!(at(&body, false, &["\"\\ud800\""]).unwrap().body.unwrap(), b"{\"c\":\"\\ud800\"}");
}

#[test]
fn what_is_too_long_is_not_sent() {
    let error = at(&leads(""), false, &[&json(&"x".repeat(MAX_URL))]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    let long = format!("https://api.example.com/v1/leads?x={}", "x".repeat(MAX_URL));
    assert_eq!(
        link("").follow(&url("https://api.example.com/"), &long).unwrap_err().kind(),
        ErrorKind::TooLarge
    );
}

fn link(more: &str) -> Source {
    source(&format!(
        r#"{{"request": {{"url": "https://api.example.com/v1/leads?limit=5"}}, "records": "/data",
            "auth": {{"bearer": "token-12345"}},
            "pagination": {{"style": "link", "read": "body:/next"{more}}}, "origins": ["https://cdn.example.com"]}}"#
    ))
}

#[test]
fn links_to_other_origins_are_refused_before_a_request() {
    let from = url("https://api.example.com/v1/leads?limit=5&page=2");
    for bad in [
        "//evil.example/x",
        "https://evil.example/x",
        "http://api.example.com/v1/leads",
        "http://cdn.example.com/",
        "https://api.example.com:8443/v1/leads",
        "https://api.example.com.evil.example/",
        "https://sub.api.example.com/",
    ] {
        let error = link("").follow(&from, bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::CrossOriginNext, "{bad}: {error}");
        if let Ok(to) = from.resolve(bad) {
            assert_eq!(
                send(&link(""), false, Target::Url(&to)).unwrap_err().kind(),
                ErrorKind::CrossOriginNext
            );
            let redirect = Target::Redirect(&to, crate::http::Method::Get);
            assert_eq!(send(&link(""), false, redirect).unwrap_err().kind(), ErrorKind::CrossOriginNext);
        }
    }
    for bad in [
        "https:\\\\evil.example\\x",
        "https://api.example.com\\@evil.example/",
        "https://user@api.example.com/",
        "https://169.254.169.254/latest",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://[::1]/",
        "https://localhost/",
        "javascript:alert(1)",
        "file:///etc/passwd",
        "/a b",
        "/a\nb",
    ] {
        let error = link("").follow(&from, bad).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnsafeUrl, "{bad}: {error}");
        assert!(!error.to_string().contains("evil"), "{error}");
    }
    for (good, resolved) in [
        ("?page=3", "https://api.example.com/v1/leads?page=3"),
        ("leads?page=%2f3", "https://api.example.com/v1/leads?page=%2f3"),
        ("/v2?page=3#top", "https://api.example.com/v2?page=3"),
        ("HTTPS://API.example.com:443/x", "https://api.example.com/x"),
        ("https://cdn.example.com/x", "https://cdn.example.com/x"),
    ] {
        assert_eq!(link("").follow(&from, good), Ok(Followed::Url(url(resolved))));
    }
}

#[test]
fn a_private_source_may_follow_private_links() {
    let source = source(
        r#"{"request": {"url": "http://127.0.0.1:8080/leads"}, "records": "",
            "pagination": {"style": "link", "read": "link:next"}}"#,
    );
    let from = url("http://127.0.0.1:8080/leads");
    assert!(source.follow(&from, "?page=2").is_ok());
    assert!(source.follow(&from, "http://127.0.0.1:9090/leads").is_err());
}

#[test]
fn a_link_may_be_a_carrier_of_its_query_or_of_one_parameter() {
    let from = url("https://api.example.com/v1/leads?limit=5");
    // Behind a gateway the link shows a host that nobody outside can ask: it is never asked.
    let found = "http://internal.local/wiki/leads?cursor=a%2Bb&limit=5";
    let query = link(r#", "take": "query""#);
    let expected = url("https://api.example.com/v1/leads?cursor=a%2Bb&limit=5");
    assert_eq!(query.follow(&from, found), Ok(Followed::Url(expected)));
    assert_eq!(query.follow(&from, "/x").unwrap_err().kind(), ErrorKind::SourceMismatch);
    let param = link(r#", "take": "param:cursor""#);
    let followed = param.follow(&from, found).unwrap();
    assert_eq!(followed, Followed::Positions(vec![Some(Raw::from_text("a+b"))]));
    assert_eq!(param.follow(&from, "/x?other=1").unwrap_err().kind(), ErrorKind::SourceMismatch);
    let Followed::Positions(positions) = followed else { panic!("a parameter is a position") };
    let sent = send(&param, false, Target::Positions(&positions)).unwrap();
    assert_eq!(sent.url, "https://api.example.com/v1/leads?limit=5&cursor=a%2Bb");
}

#[test]
fn credentials_that_are_no_header_value_are_never_sent() {
    for value in ["a\r\nb", "caf\u{e9}", " a", "a\u{0}"] {
        let auth =
            Auth { headers: vec![("authorization".to_owned(), Secret::new(value))], ..Auth::default() };
        let at = super::At { first: true, target: Target::Positions(&[]), size: None };
        let error = leads("").request(&at, &auth).unwrap_err();
        assert!(error.to_string().contains("authorization") && !error.to_string().contains("caf"));
    }
}

#[test]
fn a_key_that_the_source_holds_in_clear_is_no_secret() {
    let source = source(
        r#"{"request": {"url": "https://a.example/?api_key=open", "query": {"sig": "free"}}, "records": "",
            "pagination": {"style": "link", "read": "body:/next"}}"#,
    );
    let link = "https://a.example/?api_key=open&sig=free&page=2";
    assert_eq!(source.mask(&source.auth, link), link);
    assert_eq!(source.mask(&source.auth, "?api_key=other"), "?api_key={{auth:q.api_key:*}}");
    // Go writes `&` as an escape.
    let cursor =
        Raw::parse(r#"{"url": "https://a.example/?page=2\u0026access_token=abc\u0026x=1"}"#).unwrap();
    let masked = source.mask_value(&source.auth, &cursor);
    assert!(!masked.as_str().contains("abc"), "{masked:?}");
    let auth = Auth { query: vec![("access_token".to_owned(), Secret::new("abc"))], ..Auth::default() };
    let masked = source.mask_value(&auth, &cursor);
    assert!(!masked.as_str().contains("abc"), "{masked:?}");
    assert_eq!(super::unmask_value(&auth, &masked), Some(cursor));
    assert_eq!(super::unmask_value(&Auth::default(), &masked), None);
    let clear = Raw::from_u64(7);
    assert_eq!(super::unmask_value(&auth, &source.mask_value(&auth, &clear)), Some(clear));
}

proptest::proptest! {
    #[test]
    fn any_text_in_the_query_comes_out_as_it_went_in(token in ".{0,40}", path in "[^/]{1,20}") {
        let sent = Url::parse(&at(&leads(""), false, &[&json(&token)]).unwrap().url).unwrap();
        proptest::prop_assert_eq!(sent.params(), [("cursor".to_owned(), token)]);
        let source = source(
            r#"{"request": {"url": "https://a.example/x/{after}?q=1"}, "records": "",
                "pagination": {"style": "cursor", "read": "body:/c", "write": "path:after"}}"#,
        );
        match at(&source, false, &[&json(&path)]) {
            Ok(request) => {
                let sent = Url::parse(&request.url).unwrap();
                proptest::prop_assert_eq!(sent.query(), Some("q=1"));
                proptest::prop_assert_eq!(sent.path().matches('/').count(), 2);
            }
            Err(error) => proptest::prop_assert_eq!(error.kind(), ErrorKind::UnsafeCursor),
        }
    }

    #[test]
    fn what_is_masked_comes_back(
        secret in "[a-c%2/+ {}:\"&=]{1,12}", text in "([a-c%25Bb/+ {}:\"&=?]|\\{\\{auth:|\\}\\}|sig=|k=){0,30}", at in 0usize..30,
    ) {
        let auth = Auth { query: vec![("k".to_owned(), Secret::new(secret.clone()))], ..Auth::default() };
        let mut text = text;
        if text.is_char_boundary(at) {
            text.insert_str(at, &crate::url::encode(&secret));
        }
        let masked = super::mask(&auth, &text);
        let any = masked.contains(":*}}");
        match super::unmask(&auth, &masked) {
            Some(back) => proptest::prop_assert!(any || back == text, "{} {} {}", text, masked, back),
            None => proptest::prop_assert!(any, "{} {}", text, masked),
        }
    }
}
