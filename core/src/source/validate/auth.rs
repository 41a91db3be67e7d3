//! Credentials: sound by themselves, and beside nothing that takes their place. No value is ever shown.

use super::request::{fixed_headers, fixed_parameters, has};
use crate::http::Method;
use crate::json::{Token, Tree};
use crate::source::faults::{Faults, quoted};
use crate::source::grammar::{child, elements, members, word};
use crate::source::parse::Draft;
use crate::source::types::{BodySpec, RequestSpec};
use crate::source::values::is_field_value;

/// Credentials by themselves.
pub(in crate::source) fn by_themselves(auth: &Tree, faults: &mut Faults) {
    let (bearer, basic) = (child(auth, "bearer"), child(auth, "basic"));
    if bearer.is_some() && basic.is_some() {
        faults.add("auth.basic", "`basic` and `bearer` together", "one of them");
    }
    if basic.and_then(|parts| elements(parts).first()).and_then(word).is_some_and(|user| user.contains(':')) {
        faults.add("auth.basic", "a user with a colon", "a user without one (RFC 7617)");
    }
    let headers = child(auth, "header").map_or(&[][..], members);
    if headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("authorization"))
        && (bearer.or(basic)).is_some()
    {
        faults.add("auth.header", "`Authorization` beside `bearer` or `basic`, which send it", "one of them");
    }
    let unsafe_value = |tree: &Tree| word(tree).is_some_and(|value| !is_field_value(&value));
    if bearer.is_some_and(unsafe_value) {
        faults.add("auth.bearer", "a value that can't be sent in a header", "visible ASCII characters");
    }
    if headers.iter().any(|(_, value)| unsafe_value(value)) {
        faults.add("auth.header", "a value that can't be sent in a header", "visible ASCII characters");
    }
    // Control characters in user or password would survive base64 only to be refused by the server (RFC 7617).
    let parts = basic.map_or(&[][..], elements);
    if parts.iter().filter_map(word).any(|part| part.chars().any(char::is_control)) {
        faults.add("auth.basic", "a control character", "user and password without one (RFC 7617)");
    }
}

/// Credentials don't collide with what is fixed, and have the body they need.
pub(super) fn beside_request(request: &RequestSpec, draft: &Draft, faults: &mut Faults) {
    let Some(auth) = &draft.auth else { return };
    for (name, _) in &auth.query {
        for field in fixed_parameters(request, name) {
            faults.add(
                field,
                format!("the parameter {}, which `auth.query` sends", quoted(name)),
                "it in one of them",
            );
        }
    }
    for (name, _) in &auth.headers {
        for field in fixed_headers(request, name) {
            faults.add(field, "a header that `auth` sends", "it in one of them");
        }
    }
    if auth.body.is_empty() {
        return;
    }
    match &request.body {
        _ if request.method != Method::Post => {
            faults.add("auth.body", format!("values in the body of a {}", request.method.as_str()), "a POST");
        }
        BodySpec::Text(_) => faults.add("auth.body", "values in a body of text", "a JSON body or a form"),
        BodySpec::Form(fields) => {
            for (pointer, _) in &auth.body {
                match pointer.tokens() {
                    [Token::Name(name)] if has(fields, name) => {
                        faults.add("auth.body", "a field that `request.form` has", "it in one of them");
                    }
                    [Token::Name(_)] => {}
                    _ => faults.add(
                        "auth.body",
                        "a pointer into a form",
                        "one step, such as `/token`: its field",
                    ),
                }
            }
        }
        BodySpec::Json(body) => {
            let mut filled = body.clone();
            for (pointer, _) in &auth.body {
                if !filled.set(pointer, Tree::Array(Vec::new())) {
                    faults.add(
                        "auth.body",
                        "a pointer that leads nowhere in the body",
                        "the place of a new member",
                    );
                } else if body.get(pointer).is_some() {
                    faults.add("auth.body", "a place where `request.body` has a value", "it in one of them");
                }
            }
        }
        BodySpec::None => {}
    }
}
