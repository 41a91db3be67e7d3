//! Where positions and the page size are written: only into their own places.

use super::request::{fixed_headers, fixed_parameters, has, names_in};
use crate::facts::{Locator, Place, Template};
use crate::http::Method;
use crate::json::{Pointer, Tree};
use crate::source::faults::{Faults, quoted};
use crate::source::grammar::{elements, members, scalar, word};
use crate::source::parse::Draft;
use crate::source::types::{BodySpec, Extra, RequestSpec, Style, Take};
use crate::source::values::header_name;

/// Every place the walk writes to, with its field.
pub(super) fn written(draft: &Draft) -> Vec<(String, &Locator)> {
    let mut places: Vec<(String, &Locator)> = Vec::new();
    match draft.pagination.as_ref().map(|pagination| &pagination.style) {
        Some(Style::Cursor(token) | Style::Keyset(token)) => {
            places.push(("pagination.write".to_owned(), &token.write));
        }
        Some(Style::Offset { write, .. } | Style::Page { write, .. }) => {
            places.push(("pagination.write".to_owned(), write));
        }
        Some(Style::States(states)) => {
            let states = states.iter().enumerate();
            places.extend(states.map(|(i, state)| (format!("pagination.state[{i}].write"), &state.write)));
        }
        Some(Style::Link { .. } | Style::Single) | None => {}
    }
    places.extend(draft.size.as_ref().and_then(|size| size.write.as_ref()).map(|at| (SIZE.to_owned(), at)));
    places
}

const SIZE: &str = "size.write";

/// Each place is there, is nobody else's and can be written.
pub(super) fn check(request: &RequestSpec, draft: &Draft, faults: &mut Faults) {
    let places = written(draft);
    for (index, (field, locator)) in places.iter().enumerate() {
        check_place(field, locator, request, draft, faults);
        check_template(field, locator, draft, faults);
        for (other, earlier) in places.iter().take(index) {
            if overlap(&locator.place, &earlier.place) {
                faults.add(
                    field,
                    quoted(&locator.place.to_string()),
                    format!("another place than `{other}` writes to"),
                );
            }
        }
    }
    check_taken(request, draft, faults);
    let form = places.iter().find(|(_, locator)| matches!(locator.place, Place::Form(_)));
    let json = places.iter().any(|(_, locator)| matches!(locator.place, Place::Body(_)));
    let json = json || draft.auth.as_ref().is_some_and(|auth| !auth.body.is_empty());
    if let Some((field, _)) = form.filter(|_| json && request.body == BodySpec::None) {
        faults.add(field, "a form field beside a value in a JSON body", "one kind of body");
    }
}

/// A parameter that is taken from links replaces nothing that is fixed.
fn check_taken(request: &RequestSpec, draft: &Draft, faults: &mut Faults) {
    let style = draft.pagination.as_ref().map(|pagination| &pagination.style);
    if let Some(Style::Link { take: Take::Param(name), .. }) = style {
        refuse_fixed("pagination.take", fixed_parameters(request, name), faults);
        refuse_secret("pagination.take", name, draft, faults);
    }
}

fn check_place(field: &str, locator: &Locator, request: &RequestSpec, draft: &Draft, faults: &mut Faults) {
    // Where no size is asked for, a fixed parameter of that name is what the server gets.
    let asked = field != SIZE || draft.size.as_ref().is_some_and(|size| size.value.is_some());
    match &locator.place {
        Place::Query(name) => {
            if asked {
                refuse_fixed(field, fixed_parameters(request, name), faults);
            }
            refuse_secret(field, name, draft, faults);
        }
        Place::Spread { names, .. } => {
            for name in names {
                refuse_fixed(field, fixed_parameters(request, name), faults);
                refuse_secret(field, name, draft, faults);
            }
        }
        Place::Header(name) => {
            if let Err(misfit) = header_name(name, false) {
                faults.add(field, misfit.found, misfit.expected);
            }
            if asked {
                refuse_fixed(field, fixed_headers(request, name), faults);
            }
            if draft.auth.as_ref().is_some_and(|auth| has(&auth.headers, name)) {
                faults.add(field, "a header that `auth` sends", "a place of its own");
            }
        }
        Place::Body(pointer) => in_body(field, pointer, request, draft, asked, faults),
        Place::Form(name) => in_form(field, name, request, asked, faults),
        Place::Path(name) => {
            if !names_in(request.url.path()).any(|known| known == name) {
                faults.add(
                    field,
                    quoted(&locator.place.to_string()),
                    format!("`{{{name}}}` in the path of `request.url`"),
                );
            }
        }
        Place::Text(name) => {
            if !texts(request).iter().any(|text| names_in(text).any(|known| known == name)) {
                let expected = format!(
                    "`{{{name}}}` in `request.text`, or in a text of the query, headers, form or body"
                );
                faults.add(field, quoted(&locator.place.to_string()), expected);
            }
        }
        // The grammar takes none of these for writing.
        Place::Last(_) | Place::Link(_) | Place::Max(_) | Place::Record(_) | Place::Status => {}
    }
}

fn refuse_fixed(field: &str, fixed: Vec<String>, faults: &mut Faults) {
    for place in fixed {
        let expected = if field == SIZE {
            format!("a parameter that `{place}` doesn't fix, or no `size.value`")
        } else {
            format!("a parameter that `{place}` doesn't fix; a first value is written as `start`")
        };
        faults.add(field, format!("what `{place}` fixes"), expected);
    }
}

fn refuse_secret(field: &str, name: &str, draft: &Draft, faults: &mut Faults) {
    if draft.auth.as_ref().is_some_and(|auth| has(&auth.query, name)) {
        faults.add(field, "a parameter that `auth.query` sends", "a place of its own");
    }
}

fn in_body(
    field: &str,
    at: &Pointer,
    request: &RequestSpec,
    draft: &Draft,
    asked: bool,
    faults: &mut Faults,
) {
    if request.method != Method::Post {
        return faults.add(field, format!("a place in the body of a {}", request.method.as_str()), "a POST");
    }
    let empty = Tree::Object(Vec::new());
    let body = match &request.body {
        BodySpec::Json(tree) => tree,
        BodySpec::None => &empty,
        BodySpec::Form(_) => {
            return faults.add(field, "a place in a JSON body", "`form:NAME`, since the body is a form");
        }
        BodySpec::Text(_) => {
            return faults.add(field, "a place in a JSON body", "`text:NAME`, since the body is a text");
        }
    };
    if !body.clone().set(at, Tree::Array(Vec::new())) {
        return faults.add(field, quoted(at.as_str()), "a place that can be reached in `request.body`");
    }
    // null marks the place: GraphQL variables are declared so.
    let is_set =
        |tree: &Tree| tree.get(at).is_some_and(|there| !scalar(there).is_some_and(crate::json::Raw::is_null));
    let parts = [
        ("request.body", Some(body)),
        ("request.first.body", request.first.body.as_ref()),
        ("request.then.body", request.then.body.as_ref()),
    ];
    for (place, part) in parts {
        if asked && !(at.is_root() && request.body == BodySpec::None) && part.is_some_and(is_set) {
            let field_of = format!("{place}{at}");
            refuse_fixed(field, vec![field_of], faults);
        }
    }
    if draft.auth.iter().flat_map(|auth| &auth.body).any(|(secret, _)| leads_into(secret, at)) {
        faults.add(field, "a place that `auth.body` fills", "a place of its own");
    }
}

fn in_form(field: &str, name: &str, request: &RequestSpec, asked: bool, faults: &mut Faults) {
    if request.method != Method::Post {
        return faults.add(field, format!("a form field of a {}", request.method.as_str()), "a POST");
    }
    match &request.body {
        BodySpec::Form(fields) if asked && has(fields, name) => {
            refuse_fixed(field, vec![format!("request.form.{name}")], faults);
        }
        BodySpec::Json(_) => faults.add(field, "a form field", "`body:/pointer`, since the body is JSON"),
        BodySpec::Text(_) => faults.add(field, "a form field", "`text:NAME`, since the body is a text"),
        BodySpec::Form(_) | BodySpec::None => {}
    }
}

/// What a template needs to be filled in.
fn check_template(field: &str, locator: &Locator, draft: &Draft, faults: &mut Faults) {
    let Some(Template(text)) = &locator.template else { return };
    let needs_size = field != SIZE && (text.contains("{size}") || text.contains("{last}"));
    if needs_size && draft.size.as_ref().is_none_or(|size| size.value.is_none()) && !faults.touch("size") {
        faults.add(field, "`{size}` or `{last}` in the template", "`size.value`, which they are made from");
    }
}

/// Whether two writes would meet in one place.
fn overlap(a: &Place, b: &Place) -> bool {
    match (a, b) {
        (Place::Body(a), Place::Body(b)) => leads_into(a, b),
        (Place::Spread { names, .. }, Place::Query(name))
        | (Place::Query(name), Place::Spread { names, .. }) => names.contains(name),
        (Place::Spread { names: a, rest: x }, Place::Spread { names: b, rest: y }) => {
            (*x && *y) || a.iter().any(|name| b.contains(name))
        }
        (a, b) => a == b,
    }
}

/// Whether one pointer is the other, or leads into what the other names.
fn leads_into(a: &Pointer, b: &Pointer) -> bool {
    a.tokens().iter().zip(b.tokens()).all(|(x, y)| x == y)
}

/// Every text of the request that may hold a `{NAME}`.
fn texts(request: &RequestSpec) -> Vec<String> {
    let mut texts = Vec::new();
    let parameters = |found: &[(String, Vec<String>)], texts: &mut Vec<String>| {
        texts.extend(found.iter().flat_map(|(_, values)| values.iter().cloned()));
    };
    match &request.body {
        BodySpec::Text(text) => texts.push(text.clone()),
        BodySpec::Json(tree) => texts_of(tree, &mut texts),
        BodySpec::Form(fields) => parameters(fields, &mut texts),
        BodySpec::None => {}
    }
    texts.extend(request.url.query().map(str::to_owned));
    for Extra { query, headers, body } in [&request.always, &request.first, &request.then] {
        parameters(query, &mut texts);
        texts.extend(headers.iter().map(|(_, value)| value.clone()));
        if let Some(body) = body {
            texts_of(body, &mut texts);
        }
    }
    texts
}

fn texts_of(tree: &Tree, texts: &mut Vec<String>) {
    texts.extend(word(tree).map(std::borrow::Cow::into_owned));
    for item in elements(tree).iter().chain(members(tree).iter().map(|(_, item)| item)) {
        texts_of(item, texts);
    }
}
