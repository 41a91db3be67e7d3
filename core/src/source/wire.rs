//! The only place that makes requests. What goes out is decided here byte by byte, from the source, the
//! position and the credentials alone: the same in every language, and nothing a server says can fill more
//! than the place its value belongs to.

mod body;
mod draft;
mod finish;
#[cfg(test)]
mod golden;
#[cfg(test)]
mod hostile;
mod place;
#[cfg(test)]
mod samples;
mod secrets;
mod template;

use super::types::{Next, Source, State, Step, Style, Take};
use crate::error::ErrorKind;
use crate::facts::{Auth, Locator, Place};
use crate::http::{Method, Request};
use crate::json::Raw;
use crate::url::{Url, UrlError};
use draft::Draft;
pub use secrets::{Held, mask, unmask, unmask_value};

/// The longest URL that is sent, in bytes. Servers refuse far shorter ones; beyond this a list wants POST.
pub const MAX_URL: usize = 64 * 1024;

/// Which request of a walk.
#[derive(Clone, Copy)]
pub struct At<'a> {
    /// Whether it is the first one: `request.first` is added instead of `request.then`.
    pub first: bool,
    /// Where it points.
    pub target: Target<'a>,
    /// The page size to ask for, where the source says how.
    pub size: Option<u64>,
}

/// Where a request points.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    /// One value per state ([`Source::states`]; one for a link of which a parameter is taken); `None` is
    /// not sent.
    Positions(&'a [Option<Raw>]),
    /// Where the server redirected to, and the method to ask with. A body goes along with `POST` only.
    /// Holds the position only as far as the URL does: see [`Source::redirected`].
    Redirect(&'a Url, Method),
    /// The extra request of `total.request`.
    Total,
    /// A followed link, sent byte for byte; method, headers, body and credentials are the source's.
    Url(&'a Url),
}

/// A request that is not made. The texts hold no value of the server's, no query and no secret.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum WireError {
    /// Another origin, or http after https.
    #[error("{origin} may not receive requests: it is neither the source's origin nor one of `origins`")]
    CrossOrigin {
        /// The origin that was pointed to.
        origin: String,
    },
    /// The answer, or the position in it, doesn't fit the place it is written to.
    #[error("{message}")]
    Mismatch {
        /// What doesn't fit.
        message: String,
    },
    /// More than anybody takes.
    #[error("the URL would be longer than {limit} bytes: if the API has a POST form, use it")]
    TooLarge {
        /// The limit.
        limit: usize,
    },
    /// A position that could do more than fill its place.
    #[error("the position can't be written to `{place}`: {why}")]
    UnsafeCursor {
        /// The place.
        place: String,
        /// What is wrong with the value.
        why: &'static str,
    },
    /// A credential or fixed value that is not a header value.
    #[error("the value of header `{name}` holds characters that no header may hold")]
    UnsafeHeader {
        /// The header.
        name: String,
    },
    /// A URL that no request may be sent to.
    #[error("the next URL is refused: {why}")]
    UnsafeUrl {
        /// What is wrong with it.
        why: String,
    },
}

impl WireError {
    /// The kind of error a walk ends with.
    pub const fn kind(&self) -> ErrorKind {
        match self {
            WireError::CrossOrigin { .. } => ErrorKind::CrossOriginNext,
            WireError::Mismatch { .. } => ErrorKind::SourceMismatch,
            WireError::TooLarge { .. } => ErrorKind::TooLarge,
            WireError::UnsafeCursor { .. } => ErrorKind::UnsafeCursor,
            WireError::UnsafeHeader { .. } => ErrorKind::AuthRequired,
            WireError::UnsafeUrl { .. } => ErrorKind::UnsafeUrl,
        }
    }
}

impl From<UrlError> for WireError {
    fn from(error: UrlError) -> WireError {
        if error == UrlError::TooLong {
            WireError::TooLarge { limit: MAX_URL }
        } else {
            WireError::UnsafeUrl { why: error.to_string() }
        }
    }
}

impl Source {
    /// The request for one position, complete with credentials.
    pub fn request(&self, at: &At<'_>, auth: &Auth) -> Result<Request, WireError> {
        match at.target {
            Target::Positions(positions) => Draft::positions(self, at, positions, auth)?.sign(auth),
            Target::Redirect(to, method) => {
                let starts = self.starts();
                let of = At { target: Target::Positions(if at.first { &starts } else { &[] }), ..*at };
                let lost = |locator: &Locator| {
                    matches!(
                        locator.place,
                        Place::Body(_) | Place::Form(_) | Place::Header(_) | Place::Text(_)
                    )
                };
                if !at.first && method == Method::Post && self.written().iter().any(lost) {
                    let message =
                        "the redirect's URL doesn't hold the position, which is in the body".to_owned();
                    return Err(WireError::Mismatch { message });
                }
                self.redirected(&of, to, method, auth)
            }
            Target::Total => Draft::total(self, at)?.sign(auth),
            Target::Url(url) => {
                self.allows(url)?;
                Draft::link(self, at, url, &[], auth)?.sign(auth)
            }
        }
    }

    /// The request `at` once more, to where the server redirected it: the URL as given, everything else as
    /// before, and the body only with `POST`.
    pub fn redirected(
        &self,
        at: &At<'_>,
        to: &Url,
        method: Method,
        auth: &Auth,
    ) -> Result<Request, WireError> {
        self.allows(to)?;
        let positions = match at.target {
            Target::Positions(positions) => positions,
            Target::Redirect(..) | Target::Total | Target::Url(_) => &[],
        };
        let mut draft = Draft::link(self, at, to, positions, auth)?;
        if matches!(at.target, Target::Total) {
            draft.take_total_body(self);
        }
        draft.method = method;
        if method != Method::Post {
            draft.drop_body();
        }
        draft.sign(auth)
    }

    /// The first request as text, every secret as `…`: method and URL, then headers, then the body.
    pub fn dry_run(&self) -> String {
        let starts = self.starts();
        let size = self.size.as_ref().and_then(|size| size.value);
        let at = At { first: true, target: Target::Positions(&starts), size };
        match Draft::positions(self, &at, &starts, &self.auth) {
            Ok(draft) => draft.show(&self.auth),
            Err(error) => format!("no request can be made: {error}\n"),
        }
    }

    /// The position styles as states: the long form that each of them is short for. Empty for a link and for
    /// a list of one response, whose requests hold no position of their own.
    pub fn states(&self) -> Vec<State> {
        let read = |token: &super::types::Token| State {
            write: token.write.clone(),
            start: token.start.clone(),
            next: Next::Read(token.read.clone()),
        };
        let add = |write: &Locator, start: u64, step: Step| State {
            write: write.clone(),
            start: Some(Raw::from_u64(start)),
            next: Next::Add(step),
        };
        match &self.pagination.style {
            Style::Cursor(token) | Style::Keyset(token) => vec![read(token)],
            Style::Link { .. } | Style::Single => Vec::new(),
            Style::Offset { write, start, step } => vec![add(write, *start, step.clone())],
            Style::Page { write, start } => vec![add(write, *start, Step::One)],
            Style::States(states) => states.clone(),
        }
    }

    /// The positions of the first request, one per state.
    pub fn starts(&self) -> Vec<Option<Raw>> {
        self.states().into_iter().map(|state| state.start).collect()
    }

    /// Where positions are written, in the order of [`Target::Positions`].
    pub(super) fn written(&self) -> Vec<Locator> {
        match &self.pagination.style {
            Style::Link { take: Take::Param(name), .. } => {
                vec![Locator { place: Place::Query(name.clone()), template: None }]
            }
            Style::Link { take: Take::Query | Take::Url, .. }
            | Style::Cursor(_)
            | Style::Keyset(_)
            | Style::Offset { .. }
            | Style::Page { .. }
            | Style::Single
            | Style::States(_) => self.states().into_iter().map(|state| state.write).collect(),
        }
    }

    /// Whether a URL may receive requests and credentials: the first URL's origin or one of `origins`, never
    /// http after https, and no private address unless the first URL is one.
    pub fn allows(&self, url: &Url) -> Result<(), WireError> {
        let home = &self.request.url;
        if url.as_str().len() > MAX_URL {
            return Err(WireError::TooLarge { limit: MAX_URL });
        }
        if url.is_private() && !home.is_private() {
            let why = "it is a private, loopback or metadata address, and the source's is not".to_owned();
            return Err(WireError::UnsafeUrl { why });
        }
        let origin = url.origin();
        let known = origin == home.origin() || self.origins.contains(&origin);
        if !known || (home.origin().is_https() && !origin.is_https()) {
            return Err(WireError::CrossOrigin { origin: origin.to_string() });
        }
        Ok(())
    }
}
