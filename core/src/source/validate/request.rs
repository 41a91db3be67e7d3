//! The request by itself: method, body, what is fixed, credentials.

use super::graphql::{writing_operation, writing_text};
use crate::facts::Place;
use crate::http::Method;
use crate::json::Tree;
use crate::source::faults::{Faults, choice};
use crate::source::grammar::child;
use crate::source::parse::Draft;
use crate::source::types::{BodySpec, Extra, RequestSpec};
use crate::url::Url;

/// Everything about `request` that doesn't need the positions.
pub(super) fn check(request: &RequestSpec, draft: &Draft, tree: &Tree, faults: &mut Faults) {
    let given = |name: &str| child(tree, "request").and_then(|request| child(request, name)).is_some();
    let bodies: Vec<&str> = ["body", "form", "text"].into_iter().filter(|name| given(name)).collect();
    if let [_, second, ..] = bodies.as_slice() {
        faults.add(
            format!("request.{second}"),
            format!("{} together", choice(bodies.clone())),
            "one of them",
        );
    }
    if request.method == Method::Post && !request.read_only {
        let found = if given("read_only") { "false for a POST" } else { "nothing for a POST" };
        faults.add("request.read_only", found, "true, if repeating the call changes nothing on the server");
    }
    if request.method != Method::Post {
        for name in bodies {
            faults.add(
                format!("request.{name}"),
                format!("a body of a {}", request.method.as_str()),
                "a POST",
            );
        }
    }
    for (name, extra) in [("first", &request.first), ("then", &request.then)] {
        additions(name, extra, request, faults);
    }
    operations(request, draft, faults);
    placeholders(request, draft, faults);
    total_request(request, draft, faults);
}

/// `first` and `then` add; they don't replace.
fn additions(name: &str, extra: &Extra, request: &RequestSpec, faults: &mut Faults) {
    for (member, _) in &extra.query {
        if has(&request.always.query, member) {
            let field = format!("request.{name}.query.{member}");
            faults.add(
                field,
                "a parameter that `request.query` has, too",
                "it in one of them, or in `first` and `then`",
            );
        }
    }
    for (header, _) in &extra.headers {
        if has(&request.always.headers, header) {
            let field = format!("request.{name}.headers.{header}");
            faults.add(
                field,
                "a header that `request.headers` has, too",
                "it in one of them, or in `first` and `then`",
            );
        }
    }
    if extra.body.is_none() {
        return;
    }
    let field = format!("request.{name}.body");
    match &request.body {
        _ if request.method != Method::Post => {
            faults.add(field, format!("a body of a {}", request.method.as_str()), "a POST");
        }
        BodySpec::Form(_) | BodySpec::Text(_) => {
            faults.add(field, "members of a JSON body", "`request.body` to add them to");
        }
        BodySpec::Json(Tree::Array(_)) => {
            faults.add(field, "members for a list", "an object as `request.body`");
        }
        BodySpec::Json(_) | BodySpec::None => {}
    }
}

/// No request may write, since requests are repeated.
fn operations(request: &RequestSpec, draft: &Draft, faults: &mut Faults) {
    let (field, fixed) = match &request.body {
        BodySpec::Json(tree) => ("request.body.query", writing_operation(tree)),
        BodySpec::Text(text) => ("request.text", writing_text(text)),
        BodySpec::Form(fields) => {
            let mut queries =
                fields.iter().filter(|(name, _)| name == "query").flat_map(|(_, values)| values);
            ("request.form.query", queries.find_map(|query| writing_text(query)))
        }
        BodySpec::None => ("", None),
    };
    let count = draft.total.as_ref().and_then(|total| total.request.as_ref()?.body.as_ref());
    let others = [
        ("request.first.body.query", request.first.body.as_ref()),
        ("request.then.body.query", request.then.body.as_ref()),
        ("total.request.body.query", count),
    ];
    let others = others.map(|(field, body)| (field, body.and_then(writing_operation)));
    for (field, operation) in [(field, fixed)].into_iter().chain(others) {
        if let Some(operation) = operation {
            faults.add(field, format!("a GraphQL {operation}"), "a query: a walk repeats its requests");
        }
    }
}

/// Every `{name}` in the path is written by somebody.
fn placeholders(request: &RequestSpec, draft: &Draft, faults: &mut Faults) {
    let written = super::writes::written(draft);
    for name in names_in(request.url.path()) {
        if !written.iter().any(|(_, locator)| locator.place == Place::Path(name.to_owned())) {
            let expected = format!("`path:{name}` in a `write`, or a variable in capitals");
            faults.add("request.url", format!("`{{{name}}}`, which nothing fills in"), expected);
        }
    }
}

/// The names in `{…}` of a text.
pub(super) fn names_in(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| {
        let (name, after) =
            rest.split_at(rest.bytes().take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count());
        (after.starts_with('}') && crate::source::locator::is_name(name)).then_some(name)
    })
}

/// A request of its own for the total stays on the origins that may be asked.
fn total_request(request: &RequestSpec, draft: &Draft, faults: &mut Faults) {
    let Some(count) = draft.total.as_ref().and_then(|total| total.request.as_ref()) else { return };
    if let Some(url) = &count.url {
        let origin = url.origin();
        if origin != request.url.origin() && !draft.origins.contains(&origin) {
            faults.add(
                "total.request.url",
                format!("the origin {origin}"),
                "the origin of `request.url`, or one of `origins`",
            );
        }
    }
    if count.body.is_some() && request.method != Method::Post {
        faults.add("total.request.body", format!("a body of a {}", request.method.as_str()), "a POST");
    }
}

/// Fields where a query parameter is fixed.
pub(super) fn fixed_parameters(request: &RequestSpec, name: &str) -> Vec<String> {
    let mut fields = Vec::new();
    if in_url(&request.url, name) {
        fields.push("request.url".to_owned());
    }
    for (field, extra) in parts(request) {
        if has(&extra.query, name) {
            fields.push(format!("{field}.query.{name}"));
        }
    }
    fields
}

/// Fields where a header is fixed.
pub(super) fn fixed_headers(request: &RequestSpec, name: &str) -> Vec<String> {
    let fixed = parts(request).into_iter().filter(|(_, extra)| has(&extra.headers, name));
    fixed.map(|(field, _)| format!("{field}.headers.{name}")).collect()
}

fn parts(request: &RequestSpec) -> [(&'static str, &Extra); 3] {
    [("request", &request.always), ("request.first", &request.first), ("request.then", &request.then)]
}

/// Whether the URL's own query has the parameter.
fn in_url(url: &Url, name: &str) -> bool {
    url.params().iter().any(|(known, _)| known == name)
}

/// Whether a list of members has the name.
pub(super) fn has<T>(members: &[(String, T)], name: &str) -> bool {
    members.iter().any(|(known, _)| known == name)
}
