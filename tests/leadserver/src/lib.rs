//! An embedded HTTP/1.1 server of synthetic leads on loopback: every paging style as an endpoint, with churn, faults,
//! rate limits, and an oracle that knows which leads lived through a walk.
//!
//! ```
//! use everypage_leadserver::{Config, LeadServer};
//!
//! let server = LeadServer::start(Config::from_line("--records 250 --fault 503=2")?);
//! println!("{}", server.at("/cursor?limit=100"));
//! // … walk it …
//! assert_eq!(server.oracle().len(), 250);
//! # Ok::<(), everypage_leadserver::BadFlag>(())
//! ```
//!
//! The list is served youngest first, or oldest first with `?sort=asc`. Everything is a function of the seed: the
//! leads, what churn does at which request, which request a fault hits. A request is known by its bytes: the same one
//! again is the same page to the faults, so what went wrong once goes right when it is repeated.
//!
//! | path | position | answer |
//! |---|---|---|
//! | `/offset` | `offset` + `limit` | `{data, offset, limit, total}` |
//! | `/page` | `page` from 1 + `pageSize` | `{data, pagination: {page, pageSize, total, totalPages, hasNextPage, hasPrevPage}}` |
//! | `/cursor` | `cursor` + `limit` | `{data, pagination: {next_cursor, has_more, total_count}, incomplete_results}` |
//! | `/link` | `page` + `per_page`, or `?by=cursor` | an array; `Link` with prev, next, last, first; `X-Total-Count` |
//! | `/link-body` | as `/link` | `{data, links: {next}, meta: {total}}`; `?links=relative` |
//! | `/keyset` | `after_id` (exclusive) or `from_id` (inclusive) | `{data, has_more}` |
//! | `/single` | – | `{data, total}`: the whole list |
//! | `/odata` | `$skiptoken` + `$top` | `{value, @odata.count, @odata.nextLink}`; absent at the end |
//! | `/search` | POST `{cursor, size}`, JSON or form | `{results, total_count, incomplete_results, next_cursor}`; absent at the end |
//! | `/graphql` | POST `{query, variables: {first, after}}` | `{data: {leads: {edges: [{cursor, node}], pageInfo, totalCount}}}` |
//! | `/scroll` | GET or POST `{size}`, then `{scroll_id}` | `{hits: {hits: [{_id, _source}], total: {value}}, _scroll_id}`; empty at the end |
//!
//! `/stats`, `/oracle`, `/oracle?now=1`, `/log` and `/reset` look in and start over. `/scenario/NAME/…` is a server
//! within the server for each of [`SCENARIOS`]; `/scenarios` lists them.

mod admin;
mod app;
mod ask;
mod auth;
mod chance;
mod churn;
mod config;
mod fault;
mod hints;
mod lead;
mod line;
mod list;
mod rate;
mod reply;
mod routes;
mod scenario;
mod serve;
mod server;
mod stats;
mod token;

pub use churn::{Change, Churn, Place};
pub use config::{Config, Cors, help};
pub use fault::{BadFlag, Fault};
pub use hints::Dialect;
pub use rate::{Counting, Rate};
pub use scenario::{SCENARIOS, Scenario};
pub use server::LeadServer;
pub use stats::{Entry, RateStats, Stats};
