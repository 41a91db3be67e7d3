//! From a link as a server wrote it to where the next request points.

use super::types::{Source, Style, Take};
use super::wire::WireError;
use crate::json::Raw;
use crate::url::Url;

/// Where a link leads.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Followed {
    /// To positions of the source's own request: a parameter was taken out of the link.
    Positions(Vec<Option<Raw>>),
    /// To a URL, which may be asked.
    Url(Url),
}

impl Source {
    /// Follows a link: resolves it against the URL that was requested (RFC 3986, section 5) and takes from it
    /// what `pagination.take` says. A link that is taken as a carrier of its query or of one parameter is never
    /// asked itself, so its origin doesn't matter; any other must pass [`Source::allows`].
    pub fn follow(&self, from: &Url, found: &str) -> Result<Followed, WireError> {
        let url = from.resolve(found)?;
        let take = match &self.pagination.style {
            Style::Link { take, .. } => take,
            Style::Cursor(_)
            | Style::Keyset(_)
            | Style::Offset { .. }
            | Style::Page { .. }
            | Style::Single
            | Style::States(_) => &Take::Url,
        };
        match take {
            Take::Param(name) => match url.param(name) {
                Some(value) => Ok(Followed::Positions(vec![Some(Raw::from_text(&value))])),
                None => Err(WireError::Mismatch { message: format!("the link has no parameter `{name}`") }),
            },
            Take::Query => match url.query() {
                Some(query) if !query.is_empty() => {
                    let url = self.request.url.with_query(Some(query));
                    self.allows(&url)?;
                    Ok(Followed::Url(url))
                }
                Some(_) | None => Err(WireError::Mismatch { message: "the link has no query".to_owned() }),
            },
            Take::Url => {
                self.allows(&url)?;
                Ok(Followed::Url(url))
            }
        }
    }
}
