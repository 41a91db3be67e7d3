//! Every fault by name: what it takes and what it does. The help text is made from this table.

use super::Kind::{self, Body, Link, List, Status, Wire};
use super::{BodyFault as B, LinkFault as K, ListFault as L, StatusFault as S, WireFault as W};
use std::fmt::Write as _;

/// One row of the catalogue.
pub(crate) struct Known {
    pub(crate) name: &'static str,
    pub(crate) kind: Kind,
    /// What a bare number means when it isn't a page; empty where a bare number is a page.
    pub(crate) number: &'static str,
    pub(crate) options: &'static [&'static str],
    pub(crate) words: &'static [&'static str],
    pub(crate) about: &'static str,
}

const fn row(
    name: &'static str,
    kind: Kind,
    number: &'static str,
    options: &'static [&'static str],
    words: &'static [&'static str],
    about: &'static str,
) -> Known {
    Known { name, kind, number, options, words, about }
}

/// All faults but plain statuses (`503`, `418`, …), which are any number from 300 to 599.
#[rustfmt::skip]
pub(crate) const FAULTS: &[Known] = &[
    row("429", Status(S::TooMany), "", &["after", "times"], &[], "429 with Retry-After in seconds (after=1)"),
    row("429-date", Status(S::TooManyDate), "", &["after", "times"], &[], "429 with Retry-After as an HTTP-date (after=1)"),
    row("429-bare", Status(S::TooManyBare), "", &["times"], &[], "429 without a word on when to come back"),
    row("5xx", Status(S::ServerError), "", &["after", "times"], &[], "one of 500, 502, 503, 504"),
    row("409-middle", Status(S::Conflict), "", &["times"], &[], "409 on page 3, always"),
    row("401-once", Status(S::Rotate), "", &[], &[], "401 on page 2; from then on only the fresh token is good"),
    row("redirect", Status(S::Redirect), "", &["hops", "code", "times"], &["foreign", "loop"], "a chain of redirects (hops=1, code=302) to the page, to another host, or to itself"),
    row("error-in-200", Status(S::ErrorIn200), "", &["times"], &[], "200 with {\"error\": …} and no records"),
    row("errors-empty-data", Status(S::ErrorsEmptyData), "", &["times"], &[], "200 with an empty list and {\"errors\": […]}"),
    row("html-200", Status(S::Html), "", &["times"], &[], "200 with a sign-in page"),
    row("empty-200", Status(S::Empty), "", &["times"], &[], "200 without a body"),
    row("reset-before", Wire(W::ResetBefore), "", &["times"], &[], "connection reset before any byte; nothing was done"),
    row("lost-response", Wire(W::LostResponse), "", &["times"], &[], "the page was made (scrolls moved on), then the connection reset"),
    row("reset-in-body", Wire(W::ResetInBody), "", &["at", "times"], &[], "connection reset after at= bytes of the body (by chance)"),
    row("truncate-length", Wire(W::TruncateLength), "", &["at", "times"], &[], "Content-Length longer than the body that is sent"),
    row("truncate-chunked", Wire(W::TruncateChunked), "", &["at", "times"], &[], "chunked body closed before its last chunk"),
    row("truncate-close", Wire(W::TruncateClose), "", &["at", "times"], &[], "body without a length, closed early"),
    row("excess-body", Wire(W::ExcessBody), "", &["times"], &[], "body longer than its Content-Length"),
    row("hang", Wire(W::Hang), "", &["ms", "times"], &[], "no byte for ms= (60000), then closed"),
    row("slow-drip", Wire(W::SlowDrip), "", &["ms", "bytes", "times"], &[], "the whole body in pieces of bytes= (1024) every ms= (20)"),
    row("truncate-gzip", Body(B::TruncateGzip), "", &["times"], &[], "gzip stream cut in two, framing right"),
    row("gzip-no-trailer", Body(B::GzipNoTrailer), "", &["times"], &[], "gzip stream without its last 8 bytes"),
    row("bad-gzip", Body(B::BadGzip), "", &["times"], &[], "gzip stream with a wrong checksum"),
    row("gzip-two-members", Body(B::GzipTwoMembers), "", &["times"], &[], "gzip in two members: legal, the page is whole"),
    row("gzip-junk", Body(B::GzipJunk), "", &["times"], &[], "junk after the gzip stream"),
    row("plain-as-gzip", Body(B::PlainAsGzip), "", &["times"], &[], "says gzip, is plain"),
    row("gzip-bomb", Body(B::GzipBomb), "", &["mib", "times"], &[], "a page behind mib= (80) MiB of blanks"),
    row("truncate-json", Body(B::TruncateJson), "", &["at", "times"], &[], "JSON cut in two, framing right"),
    row("junk-after", Body(B::JunkAfter), "", &["times"], &[], "junk after the JSON"),
    row("bom", Body(B::Bom), "", &["times"], &[], "a byte order mark before the JSON: the page is whole"),
    row("gzip", Body(B::Gzip), "", &["times"], &[], "honest gzip, for clients that accept it; every page unless said otherwise"),
    row("clamp", List(L::Clamp), "rows", &[], &[], "pages of at most so many rows, without a word"),
    row("short-middle", List(L::ShortMiddle), "", &["size"], &["total-all"], "page 2 is one row short; places are counted in pages of size= (100)"),
    row("empty-middle", List(L::EmptyMiddle), "", &["size"], &[], "page 2 is empty, the list goes on; for offsets, places in pages of size= (100)"),
    row("cap", List(L::Cap), "rows", &[], &["silent", "error", "repeat", "flag"], "nothing past so many rows: ends in silence, answers 400, or repeats the last page; flag admits it"),
    row("total-lies", List(L::TotalLies), "total", &[], &[], "another total: absolute, or +N, -N"),
    row("no-total", List(L::NoTotal), "", &[], &[], "no total anywhere"),
    row("repeat-rows", List(L::RepeatRows), "rows", &[], &[], "the first rows come again at the end (offset, page, link, single)"),
    row("overlap", List(L::Overlap), "rows", &["pages"], &[], "cursor pages start so many rows early"),
    row("cursor-loop", Link(K::Loop), "", &[], &[], "page 2's next position is page 2"),
    row("cursor-cycle", Link(K::Cycle), "", &["len"], &[], "len= (2) pages from page 2 on in a circle"),
    row("foreign-link", Link(K::Foreign), "", &["to"], &[], "page 1's next link is on another host (this server as localhost, or to=URL)"),
    row("weird-link", Link(K::Weird), "", &[], &[], "`;` and `,` inside the Link target, title before rel"),
    row("awkward-cursor", Link(K::Awkward), "", &[], &[], "cursors hold + / = & # and a space"),
    row("expired-cursor", Link(K::Expired), "status", &["uses", "ms", "times"], &[], "410 (or this status) after uses= (3) or ms=; once, or times="),
    row("single-use", Link(K::SingleUse), "status", &[], &[], "a cursor that comes twice is answered 410 (or this status)"),
];

/// The catalogue as lines of help.
pub(crate) fn help() -> String {
    let mut out = String::new();
    for known in FAULTS {
        let mut name = known.name.to_owned();
        if !known.number.is_empty() {
            name.push('=');
            name.push_str(&known.number.to_uppercase());
        }
        let _ = write!(out, "  {name:<22} {}", known.about);
        if !known.words.is_empty() {
            let _ = write!(out, " [{}]", known.words.join(" | "));
        }
        out.push('\n');
    }
    out
}
