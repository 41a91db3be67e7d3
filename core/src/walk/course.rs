//! Where a walk is: by positions of the server, or by numbers of its own.

use crate::advance::counter::{Counter, Mode, Unit, Window};
use crate::checkpoint::{CourseState, LinkState};
use crate::facts::{Auth, Place as Where};
use crate::json::Raw;
use crate::source::wire::{Held, unmask, unmask_value};
use crate::source::{Source, State, Style};
use crate::url::Url;

/// Where a walk is.
#[derive(Clone, Debug)]
pub(super) enum Course {
    /// By positions or links of the server: one request at a time.
    Chain(Chain),
    /// By numbers: windows can be planned ahead.
    Count(Count),
}

/// The next position of the server.
#[derive(Clone, Debug)]
pub(super) struct Chain {
    /// One value per state.
    pub at: Vec<Option<Raw>>,
    /// A link instead.
    pub url: Option<Url>,
    /// Whether this is the start.
    pub first: bool,
}

/// A counter and what its number is written into.
#[derive(Clone, Debug)]
pub(super) struct Count {
    pub counter: Counter,
    pub link: Option<LinkCourse>,
}

/// A link whose number is set.
#[derive(Clone, Debug)]
pub(super) struct LinkCourse {
    /// The second page's link as the server gave it: also the way back to following links plainly.
    pub url: Url,
    pub number: String,
    pub size: Option<String>,
}

/// What one request asks for.
#[derive(Clone, Debug)]
pub(super) enum Place {
    Chain(Chain),
    Total,
    Window(Window),
}

impl Course {
    /// The start of the list.
    pub(super) fn start(source: &Source) -> Course {
        let ask = asked_size(source);
        let least = source.size.as_ref().map_or(1, |s| s.min.max(1));
        let contact = source.pagination.contact && source.id.is_some();
        let mode = |possible: bool| if contact && possible { Mode::Contact } else { Mode::Plain };
        let count =
            |unit, mode| Course::Count(Count { counter: Counter::new(unit, mode, ask, least), link: None });
        match &source.pagination.style {
            Style::Offset { start, .. } => count(Unit::Rows(*start), mode(ask != Some(1))),
            Style::Page { start, .. } => {
                count(Unit::Pages(*start), mode(ask.is_some_and(|size| size > 1 && size / 2 + 1 >= least)))
            }
            Style::Cursor(_) | Style::Keyset(_) | Style::Link { .. } | Style::Single | Style::States(_) => {
                Course::Chain(Chain {
                    at: source.states().into_iter().map(|s| s.start).collect(),
                    url: None,
                    first: true,
                })
            }
        }
    }

    /// Whether contact is being kept.
    pub(super) const fn in_contact(&self) -> bool {
        match self {
            Course::Chain(_) => false,
            Course::Count(count) => matches!(count.counter.mode, Mode::Contact),
        }
    }

    pub(super) const fn by_number(&self) -> bool {
        matches!(self, Course::Count(_))
    }

    /// What a checkpoint keeps, with known secrets in links replaced by placeholders.
    pub(super) fn state(&self, source: &Source, held: Held<'_>) -> CourseState {
        match self {
            Course::Chain(chain) => CourseState::Chain {
                positions: chain.at.iter().map(|v| v.as_ref().map(|v| source.mask_value(held, v))).collect(),
                url: chain.url.as_ref().map(|url| source.mask(held, url.as_str())),
                first: chain.first,
            },
            Course::Count(count) => CourseState::Count {
                counter: count.counter.clone(),
                link: count.link.as_ref().map(|link| LinkState {
                    url: source.mask(held, link.url.as_str()),
                    number: link.number.clone(),
                    size: link.size.clone(),
                    unit: count.counter.unit,
                }),
            },
        }
    }

    /// The course a checkpoint kept; `None` if a link can't be refilled or isn't one.
    pub(super) fn from_state(state: &CourseState, auth: &Auth) -> Option<Course> {
        let refill = |text: &str| unmask(auth, text).and_then(|t| Url::parse(&t).ok());
        Some(match state {
            CourseState::Chain { positions, url, first } => {
                let url = match url {
                    Some(text) => Some(refill(text)?),
                    None => None,
                };
                let refill = |value: &Option<Raw>| match value {
                    Some(value) => unmask_value(auth, value).map(Some),
                    None => Some(None),
                };
                let at = positions.iter().map(refill).collect::<Option<Vec<_>>>()?;
                Course::Chain(Chain { at, url, first: *first })
            }
            CourseState::Count { counter, link } => {
                let link = match link {
                    Some(link) => Some(LinkCourse {
                        url: refill(&link.url)?,
                        number: link.number.clone(),
                        size: link.size.clone(),
                    }),
                    None => None,
                };
                Course::Count(Count { counter: counter.clone(), link })
            }
        })
    }
}

impl Chain {
    /// The same position, the secrets in it those that are in use now. Where they can't be put in it stays as it is.
    pub(super) fn refilled(&self, source: &Source, held: Held<'_>) -> Chain {
        let value = |value: &Raw| {
            unmask_value(held.now, &source.mask_value(held, value)).unwrap_or_else(|| value.clone())
        };
        Chain {
            at: self.at.iter().map(|at| at.as_ref().map(value)).collect(),
            url: self.url.as_ref().map(|url| refilled(source, held, url)),
            first: self.first,
        }
    }
}

/// The link with the secrets in it that are in use now.
pub(super) fn refilled(source: &Source, held: Held<'_>, url: &Url) -> Url {
    let text = unmask(held.now, &source.mask(held, url.as_str()));
    text.and_then(|text| Url::parse(&text).ok()).unwrap_or_else(|| url.clone())
}

/// The page size the source asks for: in a place of its own, or through the template of a position.
pub(super) fn asked_size(source: &Source) -> Option<u64> {
    let size = source.size.as_ref()?;
    let holds = |state: &State| {
        let template = state.write.template.as_ref();
        template.is_some_and(|t| t.0.contains("{size}") || t.0.contains("{last}"))
    };
    let asked = size.write.is_some() || source.states().iter().any(holds);
    size.value.filter(|_| asked)
}

/// The query parameter the page size is written to, if it is one.
pub(super) fn size_parameter(source: &Source) -> Option<&str> {
    match &source.size.as_ref()?.write.as_ref()?.place {
        Where::Query(name) => Some(name),
        Where::Body(_)
        | Where::Form(_)
        | Where::Header(_)
        | Where::Last(_)
        | Where::Link(_)
        | Where::Max(_)
        | Where::Path(_)
        | Where::Record(_)
        | Where::Spread { .. }
        | Where::Status
        | Where::Text(_) => None,
    }
}
