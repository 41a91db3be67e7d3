//! What isn't a list: counts, truth, log, reset.

use crate::{app::App, reply::Reply, scenario};
use serde_json::json;

pub(crate) fn answer(app: &App, path: &str, query: &str) -> Reply {
    let says = |pair: &str| query.split('&').any(|found| found == pair);
    match path {
        "/" => Reply::json(200, index(app)),
        "/reset" => {
            app.reset();
            Reply::json(200, "{}")
        }
        "/stats" => Reply::json(200, serde_json::to_string(&app.stats()).unwrap_or_default()),
        "/oracle" => Reply::json(200, oracle(app, says("now=1"))),
        "/log" => {
            let state = app.state();
            let log: Vec<_> = state.counts.log.iter().collect();
            Reply::json(200, serde_json::to_string(&log).unwrap_or_default())
        }
        "/scenarios" => Reply::json(200, scenario::as_json()),
        _ => Reply::error(404, "not_found", "no such path; / lists what there is"),
    }
}

fn index(app: &App) -> String {
    let lists: Vec<_> = crate::ask::ENDPOINTS.iter().map(|(path, _)| *path).collect();
    json!({
        "lists": lists,
        "admin": ["/reset", "/stats", "/oracle", "/log", "/scenarios"],
        "records": app.config.records,
        "faults": app.config.faults.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
    .to_string()
}

/// Ids as they stand in the records, oldest first.
fn oracle(app: &App, now: bool) -> String {
    let ids = app.oracle(now);
    if !app.config.int_ids {
        return serde_json::to_string(&ids).unwrap_or_default();
    }
    format!("[{}]", ids.join(","))
}
