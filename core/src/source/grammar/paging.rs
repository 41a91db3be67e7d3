//! `pagination` and `end`.

use super::places::{ABSENT, READ, READ_LINK, VALUE, WRITE};
use super::tables::FLAG;
use super::{Object, Shape, key};

/// `pagination`: one of the styles.
pub(super) static PAGINATION: Shape = Shape::OneOf(&[
    Shape::Object(&OFFSET),
    Shape::Object(&PAGE),
    Shape::Object(&CURSOR),
    Shape::Object(&KEYSET),
    Shape::Object(&LINK),
    Shape::Object(&SINGLE),
    Shape::Object(&STATES),
]);

/// All of them.
pub(in crate::source) static STYLES: [&Object; 7] =
    [&OFFSET, &PAGE, &CURSOR, &KEYSET, &LINK, &SINGLE, &STATES];

object! {
    /// Keys of every style.
    COMMON = "common" {
        /// What to do about a dead position.
        "expired": &Shape::Word(&["fail", "restart", "keyset"]), or r#""fail""#;
        /// How long a position lives.
        "lifetime": &Shape::Duration { zero: false };
        /// Whether a position may be sent twice; `advances`: the server moves on at every call.
        "reuse": &Shape::Word(&["idempotent", "once", "advances"]), or r#""idempotent""#;
        /// What the vendor promises of its tokens or links.
        "stable": &Shape::Word(&["unknown", "key", "snapshot"]), or r#""unknown""#;
        /// Whether pages overlap a little, so that nothing slips between them.
        "contact": &Shape::Word(&["auto", "off"]), or r#""auto""#;
        /// Read each page again before going on.
        "verify": &Shape::Word(&["reread"]);
    }
}

object! {
    /// Rows to skip.
    OFFSET = "offset", with COMMON {
        /// Rows to skip.
        "style": &Shape::Word(&["offset"]), required;
        /// Where the offset is written.
        "write": &Shape::Locator(&WRITE), or r#""query:offset""#;
        /// The first offset.
        "start": &Shape::Count { min: 0, max: u64::MAX }, or "0";
        /// How it advances: by the rows received, the size asked for, or the size the server says it used.
        "step": &Shape::Word(&["records", "size", "echo"]), or r#""records""#;
    }
}

object! {
    /// A page number.
    PAGE = "page", with COMMON {
        /// A page number.
        "style": &Shape::Word(&["page"]), required;
        /// Where the number is written.
        "write": &Shape::Locator(&WRITE), or r#""query:page""#;
        /// The first page.
        "start": &Shape::Count { min: 0, max: u64::MAX }, or "1";
    }
}

object! {
    /// A token of the server.
    CURSOR = "cursor", with COMMON {
        /// A token of the server.
        "style": &Shape::Word(&["cursor"]), required;
        /// Where the next one is read.
        "read": &Shape::Locator(&READ), required;
        /// Where it is written.
        "write": &Shape::Locator(&WRITE), required;
        /// The first one [absent].
        "start": &Shape::Any;
    }
}

object! {
    /// The key of the last record.
    KEYSET = "keyset", with COMMON {
        /// The key of the last record.
        "style": &Shape::Word(&["keyset"]), required;
        /// Where it is read [`last:` and the id].
        "read": &Shape::Locator(&READ);
        /// Where it is written.
        "write": &Shape::Locator(&WRITE), required;
        /// The first one [absent].
        "start": &Shape::Any;
    }
}

object! {
    /// A link of the server.
    LINK = "link", with COMMON {
        /// A link of the server.
        "style": &Shape::Word(&["link"]), required;
        /// Where it is read.
        "read": &Shape::Locator(&READ_LINK), required;
        /// What is taken from it: the URL, its whole query, or one parameter.
        "take": &Shape::Take, or r#""url""#;
    }
}

object! {
    /// One response.
    SINGLE = "single", with COMMON {
        /// The whole list is one response.
        "style": &Shape::Word(&["single"]), required;
    }
}

object! {
    /// The long form.
    STATES = "states", with COMMON {
        /// The variables of the walk.
        "state": &Shape::List { of: &Shape::Object(&STATE), least: 1, most: 16 }, required;
    }
}

object! {
    /// One variable of the long form.
    STATE = "state" {
        /// Where it is written.
        "write": &Shape::Locator(&WRITE), required;
        /// The first value [absent].
        "start": &Shape::Any;
        /// Where the next value comes from: a locator, or a number that grows.
        "next": &NEXT, required;
    }
}

static NEXT: Shape = Shape::OneOf(&[Shape::Locator(&READ), Shape::Object(&ADD)]);

object! {
    /// `{"add": …}`.
    ADD = "add" {
        /// By one, by the rows received, by the size asked for, or by a number of the response.
        "add": &Shape::Step, required;
    }
}

/// One end signal.
pub(super) static END: Shape = Shape::OneOf(&[
    Shape::Word(&["missing", "repeat", "empty", "short", "total"]),
    Shape::Object(&FLAG),
    Shape::Object(&END_ABSENT),
    Shape::Object(&END_PAGES),
    Shape::Object(&END_STATUS),
]);

object! {
    /// `{"absent": …}`.
    END_ABSENT = "absent" {
        /// This value is absent or null.
        "absent": &Shape::Locator(&ABSENT), required;
    }
}

object! {
    /// `{"pages": …}`.
    END_PAGES = "pages" {
        /// The page number has reached this count.
        "pages": &Shape::Locator(&VALUE), required;
    }
}

object! {
    /// `{"status": …}`.
    END_STATUS = "status" {
        /// This status.
        "status": &Shape::Count { min: 100, max: 599 }, required;
    }
}
