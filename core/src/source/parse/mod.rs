//! From a document to a [`Source`]: fill in, check against the grammar, read, validate, fingerprint.

mod paging;
mod policy;
mod records;
mod request;
mod view;

pub(super) use paging::{reads_a_position, style_word};
pub(super) use records::only_id;

use super::check::check;
use super::faults::{Faults, single};
use super::fill::{Fill, fill};
use super::grammar::{AUTH, SOURCE, Shape, elements};
use super::types::{
    Cap, ClassRule, EndRule, IdSpec, Limits, OrderSpec, Pagination, RateSpec, RecordsSpec, RequestSpec,
    RetrySpec, SizeSpec, Source, TotalSpec,
};
use super::{document, fingerprint, validate, values};
use crate::error::InvalidSource;
use crate::facts::{Auth, Literal, Locator};
use crate::json::Tree;
use crate::url::{Origin, Url};
use std::collections::BTreeMap;
use view::View;

/// What could be read of a document: `None` where something is absent or doesn't fit.
pub(super) struct Draft {
    pub name: Option<String>,
    pub request: Option<RequestSpec>,
    pub auth: Option<Auth>,
    pub records: Option<RecordsSpec>,
    pub id: Option<IdSpec>,
    pub order: Option<OrderSpec>,
    pub size: Option<SizeSpec>,
    pub pagination: Option<Pagination>,
    /// As given: empty where the style's natural signals hold.
    pub end: Vec<EndRule>,
    pub incomplete: Option<(Locator, Literal)>,
    pub total: Option<TotalSpec>,
    pub cap: Option<Cap>,
    pub classify: Vec<ClassRule>,
    pub rate: Option<RateSpec>,
    pub concurrency: Option<u32>,
    pub ahead: Option<u32>,
    pub retry: Option<RetrySpec>,
    pub limits: Option<Limits>,
    pub capture: Option<BTreeMap<String, Locator>>,
    pub origins: Vec<Origin>,
}

impl Source {
    /// Reads a source from its JSON text.
    ///
    /// # Errors
    /// Everything that is wrong with it: the text, a key, a value, or how they go together.
    pub fn from_json(text: &str, with: &Fill<'_>) -> Result<Source, InvalidSource> {
        build(&document::from_text(text)?, with)
    }

    /// Reads a source from a JSON value.
    ///
    /// # Errors
    /// As [`Source::from_json`].
    pub fn from_value(value: &serde_json::Value, with: &Fill<'_>) -> Result<Source, InvalidSource> {
        build(&document::from_value(value)?, with)
    }
}

impl Auth {
    /// Reads credentials in the form of `auth`; nothing in them is filled in.
    ///
    /// # Errors
    /// Everything that is wrong with them. No error shows a value.
    pub fn from_value(value: &serde_json::Value) -> Result<Auth, InvalidSource> {
        let tree = document::from_value(value)?;
        let mut faults = Faults::default();
        check(&tree, &Shape::Object(&AUTH), "auth", &mut faults);
        validate::credentials(&tree, &mut faults);
        match request::auth(&tree) {
            Some(auth) if faults.is_empty() => Ok(auth),
            _ => Err(faults.into_error(&[])),
        }
    }
}

fn build(document: &Tree, with: &Fill<'_>) -> Result<Source, InvalidSource> {
    if !matches!(document, Tree::Object(_)) {
        return Err(single("source", super::faults::describe(document, false), "a JSON object"));
    }
    if let Some(auth) = with.auth {
        document::from_value(auth)?;
    }
    let mut faults = Faults::default();
    let tree = fill(document, with, &mut faults);
    check(&tree, &Shape::Object(&SOURCE), "", &mut faults);
    faults.compare_from_here();
    let draft = Draft::read(&tree);
    validate::validate(&draft, &tree, &mut faults);
    if !faults.is_empty() {
        let order: Vec<&str> = SOURCE.all().map(|key| key.name).collect();
        return Err(faults.into_error(&order));
    }
    // The checker has accepted everything that is read here, so nothing can be missing; should the two ever
    // disagree, the document is refused rather than half understood.
    draft
        .finish(&tree)
        .ok_or_else(|| single("source", "a document that can't be read", "a document as the schema says"))
}

impl Draft {
    fn read(tree: &Tree) -> Draft {
        let source = View::new(&SOURCE, Some(tree));
        let id = source.given("id").and_then(records::id);
        let size = source.given("size").and_then(records::size);
        let pagination = source.given("pagination");
        let pagination =
            pagination.and_then(|tree| paging::pagination(tree, only_id(id.as_ref()), size.as_ref()));
        let origins = source.given("origins").map_or(&[][..], elements).iter();
        Draft {
            name: source.word("name"),
            request: source.given("request").and_then(request::request),
            auth: source.given("auth").map_or(Some(Auth::default()), request::auth),
            records: source.given("records").and_then(records::records),
            order: source.given("order").and_then(records::order),
            pagination,
            end: source.list("end").iter().filter_map(paging::signal).collect(),
            incomplete: source.given("incomplete").and_then(records::flag),
            total: source.given("total").and_then(records::total),
            cap: source.given("cap").and_then(records::cap),
            classify: source.list("classify").iter().filter_map(policy::class_rule).collect(),
            rate: policy::rate(source),
            concurrency: source.small("concurrency"),
            ahead: source.small("ahead"),
            retry: policy::retry(source),
            limits: policy::limits(source),
            capture: policy::capture(source),
            origins: origins.filter_map(|tree| values::origin(tree).ok()).collect(),
            id,
            size,
        }
    }

    fn finish(self, tree: &Tree) -> Option<Source> {
        let (request, pagination) = (self.request?, self.pagination?);
        let end = if self.end.is_empty() {
            paging::natural_signals(&pagination.style, self.total.as_ref())
        } else {
            self.end
        };
        Some(Source {
            name: self.name.unwrap_or_else(|| default_name(&request.url)),
            auth: self.auth?,
            records: self.records?,
            id: self.id,
            order: self.order,
            size: self.size,
            pagination,
            end,
            incomplete: self.incomplete,
            total: self.total,
            cap: self.cap,
            classify: self.classify,
            rate: self.rate?,
            concurrency: self.concurrency?,
            ahead: self.ahead?,
            retry: self.retry?,
            limits: self.limits?,
            capture: self.capture?,
            origins: self.origins,
            fingerprint: fingerprint::fingerprint(tree),
            request,
        })
    }
}

/// Host and path.
fn default_name(url: &Url) -> String {
    format!("{}{}", url.host(), url.path())
}
