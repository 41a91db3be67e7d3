//! `pagination` and `end`.

use super::records::flag;
use super::view::{View, meant};
use crate::facts::{Locator, Place, TotalKind};
use crate::json::{Pointer, Raw, Tree};
use crate::source::grammar::{
    ABSENT, ADD, CURSOR, END_ABSENT, END_PAGES, END_STATUS, KEYSET, LINK, OFFSET, PAGE, READ, READ_LINK,
    STATE, STATES, STYLES, VALUE, WRITE, child, scalar, word,
};
use crate::source::types::{
    EndRule, Expired, Next, Pagination, Reuse, SizeSpec, Stable, State, Step, Style, Token, TotalSpec,
};
use crate::source::values;

/// `pagination`. `id` is the key that keysets read by default, `size` says where `step: echo` reads.
pub(super) fn pagination(tree: &Tree, id: Option<&Pointer>, size: Option<&SizeSpec>) -> Option<Pagination> {
    let view = meant(tree, &STYLES)?;
    let style = style(tree, view, id, size)?;
    let expired = match view.word("expired")?.as_str() {
        "fail" => Expired::Fail,
        "restart" => Expired::Restart,
        "keyset" => Expired::Keyset,
        _ => return None,
    };
    let reuse = match view.word("reuse")?.as_str() {
        "idempotent" => Reuse::Idempotent,
        "once" => Reuse::Once,
        "advances" => Reuse::Advances,
        _ => return None,
    };
    let stable = match view.word("stable")?.as_str() {
        "unknown" => Stable::Unknown,
        "key" => Stable::Key,
        "snapshot" => Stable::Snapshot,
        _ => return None,
    };
    let contact = match view.word("contact")?.as_str() {
        "auto" => true,
        "off" => false,
        _ => return None,
    };
    let reread = view.given("verify").is_some();
    Some(Pagination { style, expired, lifetime: view.millis("lifetime"), reuse, stable, contact, reread })
}

fn style(tree: &Tree, view: View<'_>, id: Option<&Pointer>, size: Option<&SizeSpec>) -> Option<Style> {
    if STATES.is_meant(tree) {
        return view.list("state").iter().map(state).collect::<Option<_>>().map(Style::States);
    }
    if CURSOR.is_meant(tree) {
        return token(view, None).map(Style::Cursor);
    }
    if KEYSET.is_meant(tree) {
        let last = id.map(|id| Locator { place: Place::Last(id.clone()), template: None });
        return token(view, last).map(Style::Keyset);
    }
    if LINK.is_meant(tree) {
        let take = view.value("take").and_then(|tree| values::take(&tree).ok());
        return Some(Style::Link { read: view.locator("read", &READ_LINK)?, take: take? });
    }
    if OFFSET.is_meant(tree) {
        let step = match view.word("step")?.as_str() {
            "records" => Step::Records,
            "size" => Step::Size,
            "echo" => Step::Echo(size?.echo.clone()?),
            _ => return None,
        };
        return Some(Style::Offset {
            write: view.locator("write", &WRITE)?,
            start: view.count("start")?,
            step,
        });
    }
    if PAGE.is_meant(tree) {
        return Some(Style::Page { write: view.locator("write", &WRITE)?, start: view.count("start")? });
    }
    Some(Style::Single)
}

/// `read`, `write`, `start`.
fn token(view: View<'_>, read: Option<Locator>) -> Option<Token> {
    let read = if view.given("read").is_some() { view.locator("read", &READ) } else { read };
    Some(Token {
        read: read?,
        write: view.locator("write", &WRITE)?,
        start: view.given("start").and_then(start),
    })
}

/// A first position as JSON; null is none.
fn start(tree: &Tree) -> Option<Raw> {
    if scalar(tree).is_some_and(Raw::is_null) { None } else { Raw::parse(&tree.to_json()) }
}

fn state(tree: &Tree) -> Option<State> {
    let view = View::new(&STATE, Some(tree));
    let next = view.given("next")?;
    let next = match child(next, "add") {
        Some(_) => Next::Add(values::step(View::new(&ADD, Some(next)).given("add")?).ok()?),
        None => Next::Read(values::locator(next, &READ).ok()?),
    };
    Some(State { write: view.locator("write", &WRITE)?, start: view.given("start").and_then(start), next })
}

/// One signal of `end`.
pub(super) fn signal(tree: &Tree) -> Option<EndRule> {
    if let Some(word) = word(tree) {
        return match &*word {
            "missing" => Some(EndRule::Missing),
            "repeat" => Some(EndRule::Repeat),
            "empty" => Some(EndRule::Empty),
            "short" => Some(EndRule::Short),
            "total" => Some(EndRule::Total),
            _ => None,
        };
    }
    if END_ABSENT.is_meant(tree) {
        return View::new(&END_ABSENT, Some(tree)).locator("absent", &ABSENT).map(EndRule::Absent);
    }
    if END_PAGES.is_meant(tree) {
        return View::new(&END_PAGES, Some(tree)).locator("pages", &VALUE).map(EndRule::Pages);
    }
    if END_STATUS.is_meant(tree) {
        let code = View::new(&END_STATUS, Some(tree)).count("status")?;
        return u16::try_from(code).ok().map(EndRule::Status);
    }
    flag(tree).map(|(at, is)| EndRule::Flag(at, is))
}

/// The signals a style brings along.
pub(super) fn natural_signals(style: &Style, total: Option<&TotalSpec>) -> Vec<EndRule> {
    // Only an exact total can end a walk: the others are reached too early, or never.
    let counted = || total.filter(|total| total.kind == TotalKind::Exact).map(|_| EndRule::Total);
    match style {
        Style::Cursor(_) | Style::Link { .. } => vec![EndRule::Missing],
        Style::Keyset(_) => vec![EndRule::Short, EndRule::Empty],
        Style::Offset { .. } | Style::Page { .. } => {
            [EndRule::Short, EndRule::Empty].into_iter().chain(counted()).collect()
        }
        Style::Single | Style::States(_) => Vec::new(),
    }
}

/// The word of a style.
pub(in crate::source) fn style_word(style: &Style) -> &'static str {
    match style {
        Style::Cursor(_) => "cursor",
        Style::Keyset(_) => "keyset",
        Style::Link { .. } => "link",
        Style::Offset { .. } => "offset",
        Style::Page { .. } => "page",
        Style::Single => "single",
        Style::States(_) => "state",
    }
}

/// Whether anything of the style can say `missing`: a position that is read from the response.
pub(in crate::source) fn reads_a_position(style: &Style) -> bool {
    match style {
        Style::Cursor(_) | Style::Keyset(_) | Style::Link { .. } => true,
        Style::Offset { .. } | Style::Page { .. } | Style::Single => false,
        Style::States(states) => states.iter().any(|state| matches!(state.next, Next::Read(_))),
    }
}
