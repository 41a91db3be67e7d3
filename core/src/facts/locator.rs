//! Where a value is read or written, and what must hold there.

use crate::json::{Pointer, Raw};

/// A place in a request, a response or a record, with an optional template.
///
/// Written `query:NAME`, `body:/pointer`, `header:NAME`, `form:NAME`, `path:NAME`, `text:NAME`, `link:REL`,
/// `last:/pointer`, `max:/pointer`, `record:/pointer`, or `status` in conditions. The parser is `source`'s.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Locator {
    /// The place.
    pub place: Place,
    /// How the value is wrapped there; `None` means as it is.
    pub template: Option<Template>,
}

/// The kinds of place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Place {
    /// A value in the JSON body (of the request when written, of the response when read).
    Body(Pointer),
    /// A form field of the request body.
    Form(String),
    /// A header.
    Header(String),
    /// A value in the last element of the page.
    Last(Pointer),
    /// The target of the `Link` header (RFC 8288) with this relation.
    Link(String),
    /// The greatest value over the page's elements.
    Max(Pointer),
    /// A `{NAME}` in the path of the URL.
    Path(String),
    /// A query parameter; `Query("a,b,*")` style spreads are [`Place::Spread`].
    Query(String),
    /// A value inside one element.
    Record(Pointer),
    /// An object's members over the query: the listed names, and with `rest` every other, except names
    /// that are fixed or secret.
    Spread {
        /// The names taken first.
        names: Vec<String>,
        /// Whether `*` was given.
        rest: bool,
    },
    /// The status code, in conditions.
    Status,
    /// A `{NAME}` in `request.text` or in a text parameter.
    Text(String),
}

/// A text with placeholders: `{}` the position (or, when reading, what is captured), `{json}` the position
/// as JSON, `{size}` the page size, `{last}` the window's last index. Other braces are literal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Template(pub String);

/// A JSON scalar in a source: compared with what a response holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Literal(pub Raw);

/// What must hold at one place.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Expect {
    /// Text that holds this text.
    Contains(String),
    /// One of these.
    In(Vec<Literal>),
    /// Exactly this.
    Is(Literal),
    /// Not that.
    Not(Box<Expect>),
    /// There, and not null (`true`), or absent or null (`false`).
    Present(bool),
    /// Text that starts so.
    Starts(String),
}

/// Places and what must hold there, all of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Condition(pub Vec<(Locator, Expect)>);
