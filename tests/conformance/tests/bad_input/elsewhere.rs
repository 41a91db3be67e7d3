//! Rows that aren't the core's to decide.

/// Id, and why it is not tested here and where it is.
pub const ROWS: [(&str, &str); 6] = [
    ("B-U19", "sealed tokens are not built yet (design, section 14)"),
    ("B-U20", "sealed tokens are not built yet (design, section 14)"),
    (
        "B-S14",
        "callbacks belong to the hosts: a host's own exception comes back as itself, tested by each wrapper",
    ),
    ("B-S15", "the lock on an output is the sink's: tested with the sinks of the native crate"),
    ("B-C11", "the lock on an output is the sink's: tested with the sinks of the native crate"),
    ("B-C12", "files and their kinds are the sink's: tested with the sinks of the native crate"),
];
