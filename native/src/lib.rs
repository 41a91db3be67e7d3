//! Pulls complete lists out of paginated HTTP APIs: every record that was on the list from the first request
//! to the last, once, and a verdict on how sure that is.
//!
//! ```no_run
//! # async fn example() -> Result<(), everypage::Error> {
//! use everypage::{Client, Fill, Source};
//!
//! let source = Source::from_json(
//!     r#"{
//!         "request": { "url": "https://api.example.com/v1/leads" },
//!         "records": "/data",
//!         "id": "/id",
//!         "pagination": { "style": "cursor", "read": "body:/next", "write": "query:cursor" }
//!     }"#,
//!     &Fill::none(),
//! )?;
//! let mut walk = Client::new()?.walk(source);
//! let mut records = walk.records();
//! while let Some(record) = records.next().await {
//!     println!("{}", record?.as_str().unwrap_or("not UTF-8"));
//! }
//! println!("{:?}", walk.report().map(|report| report.verdict));
//! # Ok(())
//! # }
//! ```
//!
//! [`Walk::into_sink`] stores a list instead, so that a walk which was killed goes on where it stood.
#![forbid(unsafe_code)]

#[cfg(feature = "blocking")]
pub mod blocking;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
pub mod sink;
pub mod transport;

mod checkpoint_file;
mod client;
mod driver;
mod error;
mod log;
mod timeline;
mod walk;

pub use checkpoint_file::CheckpointFile;
pub use client::{Budget, Client, ClientBuilder};
pub use error::{BoxError, Error, Failed};
pub use everypage_core as core;
pub use everypage_core::checkpoint::Checkpoint;
pub use everypage_core::error::{ErrorKind, InvalidSource, UsageError, WalkError};
pub use everypage_core::facts::{Auth, Verdict};
pub use everypage_core::source::{Fill, Source};
pub use everypage_core::walk::{Generation, Page, Progress, Report, SleepReason};
pub use timeline::{Entry, Event, Timeline};
pub use walk::{Pages, Record, Records, StopHandle, Typed, Walk};
