//! Every key of a source but `pagination` and `end`: name, shape, default, meaning.

use super::paging::{END, PAGINATION};
use super::places::{CAPTURE, VALUE, WRITE_SIZE};
use super::{ANY, Names, Object, Shape, key};

object! {
    /// The source itself.
    SOURCE = "source" {
        /// The JSON Schema this file follows, for editors; it means nothing to a walk.
        "$schema": &Shape::Text;
        /// Label for reports and presets [host and path of the URL].
        "name": &Shape::Text;
        /// The request that reads the list.
        "request": &Shape::Object(&REQUEST), required;
        /// Credentials: all values are secret, and `${NAME}` in them is filled by the host from its
        /// environment (`$${` is a literal).
        "auth": &Shape::Object(&AUTH);
        /// Where the records are: a pointer, several of which the first that is there wins, or an object.
        "records": &RECORDS, required;
        /// What identifies a record: a pointer or several, on the element before `each`; "" is the element
        /// itself.
        "id": &ID;
        /// What the server sorts by; checked as pages arrive.
        "order": &Shape::Object(&ORDER);
        /// The page size.
        "size": &Shape::Object(&SIZE);
        /// How to go on from page to page.
        "pagination": &PAGINATION, required;
        /// What shows that the list has ended [the style's natural signals].
        "end": &Shape::List { of: &END, least: 1, most: 64 };
        /// The server's admission that rows are missing.
        "incomplete": &Shape::Object(&FLAG);
        /// The number of records the server counts: a locator, or an object.
        "total": &TOTAL;
        /// What the API will not go beyond.
        "cap": &CAP;
        /// What answers mean, before the defaults; the first rule that matches wins.
        "classify": &Shape::List { of: &Shape::Object(&CLASS_RULE), least: 0, most: ANY };
        /// Rate limits, all of which hold.
        "rate": &Shape::List { of: &Shape::Object(&WINDOW), least: 0, most: ANY };
        /// Non-standard headers or body values that speak of the rate limit.
        "hints": &Shape::List { of: &Shape::Object(&HINT), least: 0, most: ANY };
        /// Whether a window's requests are spread over it or sent as soon as they may be.
        "pacing": &Shape::Word(PACING), or r#""smooth""#;
        /// The longest wait of the server's that is obeyed by waiting; beyond it the walk stops and says when
        /// to come back.
        "max_wait": &Shape::Duration { zero: true }, or r#""15m""#;
        /// Requests in flight; more than one only for the styles `offset` and `page`.
        "concurrency": &Shape::Count { min: 1, max: 64 }, or "1";
        /// Pages fetched before they are acknowledged.
        "ahead": &Shape::Count { min: 1, max: 1000 }, or "2";
        /// Trying again.
        "retry": &Shape::Object(&RETRY);
        /// Finite limits.
        "limits": &Shape::Object(&LIMITS);
        /// Values read from the last page and handed out in the report, by name.
        "capture": &Shape::Map { names: Names::Any, of: &Shape::Locator(&CAPTURE), least: 0 };
        /// Other origins that may receive requests and credentials.
        "origins": &Shape::List { of: &Shape::Origin, least: 0, most: ANY };
    }
}

object! {
    /// `request`.
    REQUEST = "request" {
        /// The first URL: absolute, without user info and fragment.
        "url": &Shape::Url, required;
        /// The method; POST also needs `read_only`.
        "method": &Shape::Word(METHODS), or r#""GET""#;
        /// Query members; a list repeats the name, null leaves it out.
        "query": &QUERY;
        /// Headers that are no credentials.
        "headers": &HEADERS;
        /// A JSON body.
        "body": &Shape::Json;
        /// A form body (application/x-www-form-urlencoded).
        "form": &QUERY;
        /// A body of any text; `{NAME}` in it can be written by `text:NAME`.
        "text": &Shape::Text;
        /// Added to the first request only.
        "first": &Shape::Object(&EXTRA);
        /// Added to the following requests only.
        "then": &Shape::Object(&EXTRA);
        /// That repeating the call changes nothing on the server; must be true for POST.
        "read_only": &Shape::Flag, or "false";
    }
}

object! {
    /// `request.first` and `request.then`.
    EXTRA = "extra" {
        /// Query members.
        "query": &QUERY;
        /// Members merged into the JSON body.
        "body": &Shape::Members;
        /// Headers.
        "headers": &HEADERS;
    }
}

static QUERY: Shape = Shape::Map { names: Names::Any, of: &PARAMETER, least: 0 };
static HEADERS: Shape = Shape::Map { names: Names::Headers, of: &Shape::HeaderValue, least: 0 };
static PARAMETER: Shape = Shape::Named(
    "parameter",
    &Shape::OneOf(&[Shape::Literal, Shape::List { of: &Shape::Literal, least: 0, most: ANY }]),
);
static METHODS: &[&str] = &["GET", "POST", "HEAD"];

object! {
    /// `auth`.
    AUTH = "auth" {
        /// Sent as `Authorization: Bearer …`.
        "bearer": &Shape::Secret;
        /// User and password, sent as `Authorization: Basic …`.
        "basic": &Shape::List { of: &Shape::Secret, least: 2, most: 2 };
        /// Headers.
        "header": &Shape::Map { names: Names::SecretHeaders, of: &Shape::Secret, least: 1 };
        /// Query parameters.
        "query": &Shape::Map { names: Names::Secrets, of: &Shape::Secret, least: 1 };
        /// Values in the JSON body, by pointer; fields of a form body by a pointer of one step.
        "body": &Shape::Map { names: Names::Pointers, of: &Shape::Secret, least: 1 };
    }
}

static POINTERS: Shape =
    Shape::OneOf(&[Shape::Pointer, Shape::List { of: &Shape::Pointer, least: 1, most: ANY }]);
static RECORDS: Shape = Shape::OneOf(&[
    Shape::Pointer,
    Shape::List { of: &Shape::Pointer, least: 1, most: ANY },
    Shape::Object(&RECORDS_OBJECT),
]);

object! {
    /// The long form of `records`.
    RECORDS_OBJECT = "records" {
        /// Where the array is; of several the first that is there wins.
        "at": &POINTERS, required;
        /// Where the record is inside each element.
        "each": &Shape::Pointer, or r#""""#;
        /// What an absent or null array means.
        "missing": &Shape::Word(&["error", "empty"]), or r#""error""#;
        /// Elements that are not records.
        "drop": &DROP;
    }
}

static ID: Shape = Shape::OneOf(&[
    Shape::Pointer,
    Shape::List { of: &Shape::Pointer, least: 1, most: ANY },
    Shape::Object(&ID_OBJECT),
]);

object! {
    /// The long form of `id`.
    ID_OBJECT = "id" {
        /// One pointer, or several that identify together.
        "at": &POINTERS, required;
        /// Whether ids are meant to have no gaps.
        "dense": &Shape::Flag, or "false";
    }
}

object! {
    /// `order`.
    ORDER = "order" {
        /// The sort key, on the element before `each`.
        "by": &Shape::Pointer, required;
        /// Least or greatest first.
        "direction": &Shape::Word(&["asc", "desc"]), or r#""asc""#;
        /// Whether a record never changes its place.
        "immutable": &Shape::Flag, or "false";
    }
}

object! {
    /// `size`.
    SIZE = "size" {
        /// Where it is asked for.
        "write": &Shape::Locator(&WRITE_SIZE);
        /// What is asked for; clamped to `max`.
        "value": &AT_LEAST_ONE;
        /// The least the server takes.
        "min": &AT_LEAST_ONE, or "1";
        /// The most the server takes.
        "max": &AT_LEAST_ONE;
        /// Where the server says what it used.
        "echo": &Shape::Locator(&VALUE);
    }
}

/// A count that can't be zero.
pub(in crate::source) static AT_LEAST_ONE: Shape = Shape::Count { min: 1, max: u64::MAX };

object! {
    /// `{"flag": …, "is": …}`.
    FLAG = "flag" {
        /// Where the flag is.
        "flag": &Shape::Locator(&VALUE), required;
        /// The value that says so.
        "is": &Shape::Literal, required;
    }
}

static TOTAL: Shape = Shape::OneOf(&[Shape::Locator(&VALUE), Shape::Object(&TOTAL_OBJECT)]);

object! {
    /// The long form of `total`.
    TOTAL_OBJECT = "total" {
        /// Where it is read.
        "read": &Shape::Locator(&VALUE), required;
        /// How far it can be trusted: counted exactly, guessed, a lower bound, the rows after this page, or
        /// the rows of this page only.
        "kind": &Shape::Word(&["exact", "estimate", "at_least", "remaining", "page"]), or r#""exact""#;
        /// Where the count itself stops.
        "cap": &AT_LEAST_ONE;
        /// A request of its own that brings it.
        "request": &Shape::Object(&TOTAL_REQUEST);
    }
}

object! {
    /// `total.request`.
    TOTAL_REQUEST = "total_request" {
        /// Its URL [the source's].
        "url": &Shape::Url;
        /// Its query members, instead of the source's.
        "query": &QUERY;
        /// Its JSON body, instead of the source's.
        "body": &Shape::Json;
    }
}

static CAP: Shape =
    Shape::OneOf(&[Shape::Object(&CAP_RECORDS), Shape::Object(&CAP_OFFSET), Shape::Object(&CAP_PAGES)]);

object! {
    /// One rule of `classify`.
    CLASS_RULE = "class_rule" {
        /// When it applies: places and what must hold there, all of it.
        "when": &Shape::Named("condition", &CONDITION), required;
        /// What the answer is then.
        "is": &Shape::Word(CLASSES), required;
        /// How long to wait: a duration, or a locator of seconds or of a duration.
        "wait": &Shape::Wait;
    }
}

static CLASSES: &[&str] =
    &["accept", "empty", "end", "transient", "throttled", "expired", "unauthorized", "fatal"];
static CONDITION: Shape = Shape::Map { names: Names::Facts, of: &EXPECT, least: 1 };
static DROP: Shape = Shape::Map { names: Names::Members, of: &EXPECT, least: 1 };
static EXPECT: Shape = Shape::Named("expectation", &EXPECTATION);
static EXPECTATION: Shape = Shape::OneOf(&[
    Shape::Literal,
    Shape::Object(&PRESENT),
    Shape::Object(&IN),
    Shape::Object(&STARTS),
    Shape::Object(&CONTAINS),
    Shape::Object(&NOT),
]);

object! {
    /// One window of `rate`.
    WINDOW = "window" {
        /// So many requests are allowed.
        "requests": &AT_LEAST_ONE, required;
        /// In this time.
        "per": &Shape::Duration { zero: false }, required;
        /// Requests that may go out at once.
        "burst": &AT_LEAST_ONE;
    }
}

object! {
    /// One of `hints`.
    HINT = "hint" {
        /// Where it is read.
        "read": &Shape::Locator(&VALUE), required;
        /// What its number means; `used_of_limit` is `40/80`.
        "means": &Shape::Word(MEANINGS), required;
    }
}

static MEANINGS: &[&str] = &[
    "remaining",
    "limit",
    "reset_epoch",
    "reset_epoch_ms",
    "reset_seconds",
    "reset_ms",
    "used_of_limit",
    "wait_seconds",
    "wait_ms",
];
static PACING: &[&str] = &["smooth", "burst"];

object! {
    /// `retry`.
    RETRY = "retry" {
        /// Tries per page.
        "attempts": &Shape::Count { min: 1, max: 1000 }, or "6";
        /// First step of the backoff.
        "base": &Shape::Duration { zero: true }, or r#""500ms""#;
        /// Longest step of the backoff.
        "cap": &Shape::Duration { zero: true }, or r#""60s""#;
        /// Time per page, obeyed waits not counted.
        "page_time": &Shape::Duration { zero: false }, or r#""5m""#;
    }
}

object! {
    /// `limits`.
    LIMITS = "limits" {
        /// Pages.
        "pages": &AT_LEAST_ONE, or "100000";
        /// Requests [four times `pages`].
        "requests": &AT_LEAST_ONE;
        /// Records delivered.
        "records": &AT_LEAST_ONE;
        /// Pages in a row without a new key.
        "no_progress": &Shape::Count { min: 1, max: 1_000_000 }, or "3";
        /// Decoded bytes of one body.
        "body": &Shape::Size, or r#""64MiB""#;
        /// Time for the whole walk.
        "deadline": &Shape::Duration { zero: false };
    }
}

object! {
    /// `{"records": …}`.
    CAP_RECORDS = "cap_records" {
        /// Records.
        "records": &AT_LEAST_ONE, required;
    }
}

object! {
    /// `{"offset": …}`.
    CAP_OFFSET = "cap_offset" {
        /// The greatest offset.
        "offset": &AT_LEAST_ONE, required;
    }
}

object! {
    /// `{"pages": …}`.
    CAP_PAGES = "cap_pages" {
        /// Pages.
        "pages": &AT_LEAST_ONE, required;
    }
}

object! {
    /// `{"present": …}`.
    PRESENT = "present" {
        /// There and not null, or absent or null.
        "present": &Shape::Flag, required;
    }
}

object! {
    /// `{"in": …}`.
    IN = "in" {
        /// One of these.
        "in": &Shape::List { of: &Shape::Literal, least: 1, most: ANY }, required;
    }
}

object! {
    /// `{"starts": …}`.
    STARTS = "starts" {
        /// A text that starts so.
        "starts": &Shape::Text, required;
    }
}

object! {
    /// `{"contains": …}`.
    CONTAINS = "contains" {
        /// A text that holds this.
        "contains": &Shape::Text, required;
    }
}

object! {
    /// `{"not": …}`.
    NOT = "not" {
        /// The opposite.
        "not": &EXPECT, required;
    }
}
