//! The validated description of one paginated list. Only `source::parse` makes one, so whatever holds a
//! [`Source`] may rely on it: pointers parse, sizes are in range, every style has become a list of states.

use crate::facts::{Auth, Class, Condition, Literal, Locator, TotalKind};
use crate::http::Method;
use crate::json::{Pointer, Raw, Tree};
use crate::time::Millis;
use crate::url::{Origin, Url};
use std::collections::BTreeMap;

/// One paginated list: request, where records and positions are, limits.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    /// Label for reports: `name`, or host + path of the URL.
    pub name: String,
    /// The request.
    pub request: RequestSpec,
    /// Credentials, already filled in.
    pub auth: Auth,
    /// Where the records are.
    pub records: RecordsSpec,
    /// What identifies a record.
    pub id: Option<IdSpec>,
    /// What the server sorts by.
    pub order: Option<OrderSpec>,
    /// The page size.
    pub size: Option<SizeSpec>,
    /// How to go on.
    pub pagination: Pagination,
    /// The end signals: the given ones, or the style's natural ones.
    pub end: Vec<EndRule>,
    /// The server's admission that rows are missing.
    pub incomplete: Option<(Locator, Literal)>,
    /// The total.
    pub total: Option<TotalSpec>,
    /// What the API will not go beyond.
    pub cap: Option<Cap>,
    /// Rules before the default classification; the first that matches wins.
    pub classify: Vec<ClassRule>,
    /// Declared rate limits.
    pub rate: RateSpec,
    /// Requests in flight for styles whose positions can be computed.
    pub concurrency: u32,
    /// Pages fetched before they are acknowledged.
    pub ahead: u32,
    /// Retries.
    pub retry: RetrySpec,
    /// Finite limits.
    pub limits: Limits,
    /// Values handed out in the report, read from the last page.
    pub capture: BTreeMap<String, Locator>,
    /// Other origins that may receive requests and credentials.
    pub origins: Vec<Origin>,
    /// Hash of the canonical source without secrets, hex; and one per top-level key, to name what changed.
    pub fingerprint: Fingerprint,
}

/// Hashes that bind a checkpoint to its source.
#[derive(Clone, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub struct Fingerprint {
    /// Hash of the whole.
    pub all: String,
    /// Hash of each part that shapes what is read: `request`, `records`, `id`, `order`, `size`, `pagination`, …
    pub parts: BTreeMap<String, String>,
}

/// `request`.
#[derive(Clone, PartialEq, Eq)]
pub struct RequestSpec {
    /// The first URL.
    pub url: Url,
    /// The method.
    pub method: Method,
    /// Added to every request.
    pub always: Extra,
    /// What the body is made of.
    pub body: BodySpec,
    /// Added to the first request only.
    pub first: Extra,
    /// Added to the following requests only.
    pub then: Extra,
    /// Whether repeating the call changes nothing on the server.
    pub read_only: bool,
}

/// Additions to a request.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Extra {
    /// Query members, sorted by name; a list repeats the name, null was left out. Values as text.
    pub query: Vec<(String, Vec<String>)>,
    /// Headers: lower-case names.
    pub headers: Vec<(String, String)>,
    /// Members merged into the JSON body (`first`/`then`); unused in `always`, whose body is [`BodySpec`].
    pub body: Option<Tree>,
}

/// The request's body.
#[derive(Clone, PartialEq, Eq)]
pub enum BodySpec {
    /// `application/x-www-form-urlencoded` fields, in the order of their names.
    Form(Vec<(String, Vec<String>)>),
    /// JSON.
    Json(Tree),
    /// No body of its own (positions written to `body:` still make one).
    None,
    /// Text with placeholders.
    Text(String),
}

/// `records`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RecordsSpec {
    /// Where the array may be; the first that is there wins.
    pub at: Vec<Pointer>,
    /// Where the record is inside each element.
    pub each: Pointer,
    /// Whether an absent or null array is an empty page (`"missing": "empty"`).
    pub missing_is_empty: bool,
    /// Elements that are not records.
    pub drop: Option<Condition>,
}

/// `id`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct IdSpec {
    /// One pointer, or several that identify together; on the element before `each`.
    pub at: Vec<Pointer>,
    /// Ids are meant to have no gaps.
    pub dense: bool,
}

/// `order`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OrderSpec {
    /// The sort key, on the element before `each`.
    pub by: Pointer,
    /// Greatest first.
    pub descending: bool,
    /// A record never changes its place.
    pub immutable: bool,
}

/// `size`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SizeSpec {
    /// Where it is asked.
    pub write: Option<Locator>,
    /// What is asked, already clamped to `max`.
    pub value: Option<u64>,
    /// The value of the document, where it was clamped.
    pub clamped_from: Option<u64>,
    /// The least the server takes.
    pub min: u64,
    /// The most the server takes.
    pub max: Option<u64>,
    /// Where the server says what it used.
    pub echo: Option<Locator>,
}

/// `pagination`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Pagination {
    /// How positions are made.
    pub style: Style,
    /// What to do about a dead position.
    pub expired: Expired,
    /// How long a position lives.
    pub lifetime: Option<Millis>,
    /// Whether a position may be sent twice.
    pub reuse: Reuse,
    /// What the vendor promises of its tokens or links.
    pub stable: Stable,
    /// `contact`: `auto` is true, `off` is false.
    pub contact: bool,
    /// `verify: "reread"`.
    pub reread: bool,
}

/// The styles, each a short form of the same algebra.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Style {
    /// A token of the server.
    Cursor(Token),
    /// The key of the last record.
    Keyset(Token),
    /// A link of the server.
    Link {
        /// Where the link is read.
        read: Locator,
        /// What is taken from it.
        take: Take,
    },
    /// Rows to skip.
    Offset {
        /// Where it is written.
        write: Locator,
        /// The first offset.
        start: u64,
        /// How it advances.
        step: Step,
    },
    /// A page number.
    Page {
        /// Where it is written.
        write: Locator,
        /// The first page.
        start: u64,
    },
    /// One response.
    Single,
    /// The long form.
    States(Vec<State>),
}

/// One position that the server hands out.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Token {
    /// Where the next one is read.
    pub read: Locator,
    /// Where it is written.
    pub write: Locator,
    /// The first one, if any.
    pub start: Option<Raw>,
}

/// One variable of the long form.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct State {
    /// Where it is written.
    pub write: Locator,
    /// The first value, if any.
    pub start: Option<Raw>,
    /// Where the next value comes from.
    pub next: Next,
}

/// Where the next value of a state comes from.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Next {
    /// A number that grows.
    Add(Step),
    /// A value of the response.
    Read(Locator),
}

/// How a counter grows.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Step {
    /// By a number the response holds (the size the server says it used).
    Echo(Locator),
    /// By one.
    One,
    /// By the rows received.
    Records,
    /// By the size asked for.
    Size,
}

/// What is taken from a link.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Take {
    /// One query parameter, written into the original request.
    Param(String),
    /// The whole query, put on the original URL.
    Query,
    /// The URL, byte for byte.
    Url,
}

/// Policies for a dead position.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Expired {
    /// End with `CursorExpired`.
    Fail,
    /// Go on after the last key, where the style has one; today the same as a restart.
    Keyset,
    /// Start again; what was acknowledged is suppressed.
    Restart,
}

/// Whether a position may be sent twice.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Reuse {
    /// The server moves on at every call.
    Advances,
    /// It may.
    Idempotent,
    /// Once only.
    Once,
}

/// What the vendor promises of its positions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stable {
    /// They name a key: inserts and deletes elsewhere don't move them.
    Key,
    /// They name a snapshot.
    Snapshot,
    /// Nothing is known.
    Unknown,
}

/// One end signal.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum EndRule {
    /// The value is absent (or null).
    Absent(Locator),
    /// No row that is new.
    Empty,
    /// The flag has this value.
    Flag(Locator, Literal),
    /// The next position is absent, null or the empty string.
    Missing,
    /// The page number has reached this count.
    Pages(Locator),
    /// The position that came back is the one that was sent.
    Repeat,
    /// Fewer rows than a page holds.
    Short,
    /// This status.
    Status(u16),
    /// The rows have reached the total.
    Total,
}

/// `total`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TotalSpec {
    /// Where it is read.
    pub read: Locator,
    /// How far it can be trusted.
    pub kind: TotalKind,
    /// Where the count itself stops.
    pub cap: Option<u64>,
    /// A request of its own that brings it: additions to the first request.
    pub request: Option<TotalRequest>,
}

/// A request of its own for the total.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct TotalRequest {
    /// Its URL; the source's if absent.
    pub url: Option<Url>,
    /// Its query members instead of the source's.
    pub query: Vec<(String, Vec<String>)>,
    /// Its JSON body instead of the source's.
    pub body: Option<Tree>,
}

/// What the API will not go beyond.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cap {
    /// Offsets.
    Offset(u64),
    /// Pages.
    Pages(u64),
    /// Records.
    Records(u64),
}

/// One rule of `classify`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ClassRule {
    /// When it applies.
    pub when: Condition,
    /// What the answer is then.
    pub is: Class,
    /// How long to wait, if it says so.
    pub wait: Option<WaitSpec>,
}

/// How long to wait.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum WaitSpec {
    /// So long.
    For(Millis),
    /// As this place says, in seconds (number or text) or as a duration text.
    Read(Locator),
}

/// `rate`, `hints`, `pacing`, `max_wait`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct RateSpec {
    /// Windows, all of which hold.
    pub windows: Vec<RateWindow>,
    /// Headers (or body values) that speak of the limit in their own way.
    pub hints: Vec<HintSpec>,
    /// `pacing: burst`: use the window's allowance at once instead of spreading it.
    pub burst: bool,
    /// The longest stated wait that is obeyed by waiting; beyond it the walk stops with `retry_at`.
    pub max_wait: Millis,
}

/// One declared limit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RateWindow {
    /// So many requests …
    pub requests: u64,
    /// … in this time.
    pub per: Millis,
    /// Requests that may go out at once.
    pub burst: Option<u64>,
}

/// One declared hint.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct HintSpec {
    /// Where it is read.
    pub read: Locator,
    /// What it means.
    pub means: HintMeaning,
}

/// What a hint's number means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum HintMeaning {
    /// The size of the window, in requests.
    Limit,
    /// Requests left in the window.
    Remaining,
    /// The window starts anew at this Unix time in seconds.
    ResetEpochSeconds,
    /// The same in milliseconds.
    ResetEpochMillis,
    /// Seconds until the window starts anew.
    ResetSeconds,
    /// Milliseconds until then.
    ResetMillis,
    /// `used/size` in one value.
    UsedOfLimit,
    /// A wait in seconds, a floor like `Retry-After`.
    WaitSeconds,
    /// A wait in milliseconds.
    WaitMillis,
}

/// `retry`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RetrySpec {
    /// Tries per page.
    pub attempts: u32,
    /// First step of the backoff.
    pub base: Millis,
    /// Longest step of the backoff.
    pub cap: Millis,
    /// Time per page, obeyed waits not counted.
    pub page_time: Millis,
}

/// `limits`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Limits {
    /// Pages.
    pub pages: u64,
    /// Requests.
    pub requests: u64,
    /// Records delivered.
    pub records: Option<u64>,
    /// Pages in a row without a new key.
    pub no_progress: u32,
    /// Decoded bytes of one body.
    pub body: u64,
    /// Time for the whole walk.
    pub deadline: Option<Millis>,
}
