//! Which kinds of place make sense for which purpose, and what a template must hold there.

use crate::facts::{Locator, Template};
use crate::source::faults::{choice, quoted};
use crate::source::locator::{Misfit, PlaceKind};

/// A purpose of locators.
#[cfg_attr(not(any(test, feature = "schema")), allow(dead_code))]
pub(in crate::source) struct Use {
    /// Its name in the schema.
    pub name: &'static str,
    /// The kinds of place it takes.
    pub kinds: &'static [PlaceKind],
    /// What a template must hold exactly one of; nothing if it takes no template.
    pub holes: &'static [&'static str],
    /// What it is, for the schema.
    pub doc: &'static str,
}

/// Where a position is written.
pub(in crate::source) static WRITE: Use = Use {
    name: "write",
    kinds: &[
        PlaceKind::Query,
        PlaceKind::Spread,
        PlaceKind::Body,
        PlaceKind::Header,
        PlaceKind::Form,
        PlaceKind::Path,
        PlaceKind::Text,
    ],
    holes: &["{}", "{json}"],
    doc: "Where a position is written: `query:NAME`, `body:/pointer`, `header:NAME`, `form:NAME`, `path:NAME` or \
          `text:NAME` (a `{NAME}` in the URL path or in the request's text), `query:a,b,*` to spread an object. \
          After `~` a template: `{}` the position, `{json}` the position as JSON, `{size}` the page size, `{last}` \
          the window's last index.",
};

/// Where the page size is written.
pub(in crate::source) static WRITE_SIZE: Use = Use {
    name: "write_size",
    kinds: &[
        PlaceKind::Query,
        PlaceKind::Body,
        PlaceKind::Header,
        PlaceKind::Form,
        PlaceKind::Path,
        PlaceKind::Text,
    ],
    holes: &["{}", "{json}", "{size}"],
    doc: "Where the page size is written: `query:limit`, `body:/limit`, `header:Prefer~odata.maxpagesize={}`, …",
};

/// Where the next position is read.
pub(in crate::source) static READ: Use = Use {
    name: "read",
    kinds: &[PlaceKind::Body, PlaceKind::Header, PlaceKind::Last, PlaceKind::Max, PlaceKind::Link],
    holes: &["{}"],
    doc: "Where the next position is read: `body:/pointer`, `header:NAME`, `last:/pointer` or `max:/pointer` (over \
          the page's elements), `link:REL`. After `~` a template in which `{}` captures.",
};

/// Where a link is read.
pub(in crate::source) static READ_LINK: Use = Use {
    name: "read_link",
    kinds: &[PlaceKind::Link, PlaceKind::Body, PlaceKind::Header],
    holes: &["{}"],
    doc: "Where the next link is read: `link:next` (RFC 8288), `body:/next`, `header:Next-Page`.",
};

/// Where a number or a flag of the response is read.
pub(in crate::source) static VALUE: Use = Use {
    name: "value",
    kinds: &[PlaceKind::Body, PlaceKind::Header],
    holes: &["{}"],
    doc: "A value of the response: `body:/pointer` or `header:NAME`. After `~` a template in which `{}` captures: \
          `header:Content-Range~*/{}`.",
};

/// Whatever a response can hold.
pub(in crate::source) static CAPTURE: Use = Use {
    name: "capture",
    kinds: &[PlaceKind::Body, PlaceKind::Header, PlaceKind::Link, PlaceKind::Last, PlaceKind::Max],
    holes: &["{}"],
    doc: "Anything a response holds: `body:/pointer`, `header:NAME`, `link:REL`, `last:/pointer`, `max:/pointer`.",
};

/// What `{"absent": …}` looks at.
pub(in crate::source) static ABSENT: Use = Use {
    name: "absent_place",
    kinds: &[PlaceKind::Body, PlaceKind::Header, PlaceKind::Link],
    holes: &["{}"],
    doc: "What may be absent: `body:/pointer`, `header:NAME`, `link:REL`.",
};

/// What conditions on a response look at.
pub(in crate::source) static FACT: Use = Use {
    name: "fact",
    kinds: &[PlaceKind::Body, PlaceKind::Header, PlaceKind::Link, PlaceKind::Status],
    holes: &["{}"],
    doc: "What a condition looks at: `status`, `body:/pointer`, `header:NAME`, `link:REL`.",
};

/// What conditions on an element look at.
pub(in crate::source) static MEMBER: Use = Use {
    name: "member",
    kinds: &[PlaceKind::Record],
    holes: &["{}"],
    doc: "A value inside one element: `record:/pointer`.",
};

impl Use {
    /// Whether the locator makes sense here.
    pub(in crate::source) fn check(&self, locator: &Locator) -> Result<(), Misfit> {
        let kind = PlaceKind::of(&locator.place);
        if !self.kinds.contains(&kind) {
            let found = if kind == PlaceKind::Spread { "a spread".to_owned() } else { quoted(kind.word()) };
            return Err(Misfit { found, expected: self.expected() });
        }
        let Some(Template(text)) = &locator.template else { return Ok(()) };
        let templates = match kind {
            PlaceKind::Status | PlaceKind::Spread => false,
            PlaceKind::Body
            | PlaceKind::Form
            | PlaceKind::Header
            | PlaceKind::Last
            | PlaceKind::Link
            | PlaceKind::Max
            | PlaceKind::Path
            | PlaceKind::Query
            | PlaceKind::Record
            | PlaceKind::Text => true,
        };
        if !templates {
            return Err(Misfit { found: quoted(text), expected: "no template here".to_owned() });
        }
        let holes: usize = self.holes.iter().map(|hole| text.matches(hole).count()).sum();
        if holes != 1 {
            let expected = format!("a template with exactly one {}", choice(self.holes.iter().copied()));
            return Err(Misfit { found: quoted(text), expected });
        }
        Ok(())
    }

    /// The kinds of place, for a message.
    pub(in crate::source) fn expected(&self) -> String {
        let mut words: Vec<&str> = self.kinds.iter().map(|kind| kind.word()).collect();
        words.dedup();
        format!("a place of the kind {}", choice(words))
    }
}
