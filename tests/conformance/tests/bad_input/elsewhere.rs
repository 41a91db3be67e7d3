//! Rows that aren't the core's to decide.

/// Id, and why it is not tested here and where it is.
pub const ROWS: [(&str, &str); 6] = [
    ("B-U19", "sealed tokens are not built yet (design, section 14)"),
    ("B-U20", "sealed tokens are not built yet (design, section 14)"),
    (
        "B-S14",
        "callbacks are the hosts' (design, section 7): for the tests of the wrappers, once they are there",
    ),
    ("B-S15", "the lock on an output is the sink's: tested in native/src/sink/lock.rs"),
    ("B-C11", "the lock on an output is the sink's: tested in native/src/sink/lock.rs"),
    ("B-C12", "files and their kinds are the sink's: native/tests/jsonl.rs and native/src/sink/atomic.rs"),
];
