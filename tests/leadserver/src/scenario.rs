//! The cases that tell walkers apart, each a server within the server: `/scenario/NAME/…`.

use crate::{config::Config, fault::BadFlag};

/// One case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scenario {
    /// Its name in `/scenario/NAME/…`.
    pub name: &'static str,
    /// The flags of a server that plays it.
    pub flags: &'static str,
    /// Method, path and query of the first request; a body is described by the endpoint.
    pub start: &'static str,
    /// What is special, in a few words.
    pub about: &'static str,
}

const fn case(name: &'static str, flags: &'static str, start: &'static str, about: &'static str) -> Scenario {
    Scenario { name, flags, start, about }
}

/// The list of all cases: those of the comparison with other walkers, in its order.
#[rustfmt::skip]
pub const SCENARIOS: &[Scenario] = &[
    case("envelope", "--records 250", "GET /page?pageSize=100", "1-based pages with totalPages and hasNextPage"),
    case("odata", "--records 250", "GET /odata?$top=100", "@odata.nextLink"),
    case("clamp", "--records 250 --fault clamp=100 --fault no-total", "GET /offset?limit=200", "asked for 200, gets 100"),
    case("clamp-total", "--records 250 --fault clamp=100", "GET /offset?limit=200", "asked for 200, gets 100, told 250"),
    case("clamp-page", "--records 250 --fault clamp=100 --fault no-total", "GET /page?pageSize=200", "the same by page numbers"),
    case("short-middle", "--records 249 --fault short-middle=2 --fault no-total", "GET /offset?limit=100", "page 2 has 99 rows, page 3 has 50"),
    case("short-middle-page", "--records 249 --fault short-middle=2 --fault no-total", "GET /page?pageSize=100", "the same by page numbers"),
    case("empty-middle-cursor", "--records 250 --fault empty-middle=2", "GET /cursor?limit=100", "page 2 is empty, its cursor goes on"),
    case("empty-middle-link", "--records 250 --fault empty-middle=2", "GET /link?per_page=100", "page 2 is empty, its link goes on"),
    case("cursor-loop", "--records 250 --fault cursor-loop", "GET /cursor?limit=50", "the cursor never changes"),
    case("cursor-cycle", "--records 250 --fault cursor-cycle", "GET /cursor?limit=50", "A, B, A, B"),
    case("link-cycle", "--records 250 --fault cursor-cycle", "GET /link?per_page=50", "the same with links"),
    case("foreign-link", "--records 250 --auth-token secret --fault foreign-link", "GET /link?per_page=100", "next is on another host"),
    case("foreign-link-body", "--records 250 --auth-token secret --fault foreign-link", "GET /link-body?limit=100", "the same in the body"),
    case("retry-after", "--records 250 --fault 429=2:after=3", "GET /cursor?limit=100", "429 with Retry-After: 3"),
    case("retry-after-date", "--records 250 --fault 429-date=2:after=3", "GET /cursor?limit=100", "429 with Retry-After as a date"),
    case("offset-delete", "--records 250 --churn delete --churn-every 2 --churn-size 1 --churn-events 1 --churn-where head", "GET /offset?limit=100", "one early row is deleted meanwhile"),
    case("page-delete", "--records 250 --churn delete --churn-every 2 --churn-size 1 --churn-events 1 --churn-where head", "GET /page?pageSize=100", "the same by page numbers"),
    case("total-lies", "--records 240 --fault total-lies=250", "GET /offset?limit=100", "told 250, there are 240"),
    case("repeated-rows", "--records 240 --fault repeat-rows=10", "GET /offset?limit=100", "250 rows, told 250, 240 distinct"),
    case("error-in-200", "--records 250 --fault error-in-200=2:always", "GET /cursor?limit=100", "an error object in a 200, always"),
    case("error-in-200-once", "--records 250 --fault error-in-200=2", "GET /cursor?limit=100", "an error object in a 200, once"),
    case("error-in-200-offset", "--records 250 --fault error-in-200=2:always", "GET /offset?limit=100", "the same by offset"),
    case("errors-empty-data", "--records 250 --fault errors-empty-data=2:always", "GET /cursor?limit=100", "no rows and errors in a 200, always"),
    case("errors-empty-data-once", "--records 250 --fault errors-empty-data=2", "GET /cursor?limit=100", "no rows and errors in a 200, once"),
    case("errors-empty-data-offset", "--records 250 --fault errors-empty-data=2:always", "GET /offset?limit=100", "the same by offset"),
    case("cursor-expired", "--records 250 --fault expired-cursor=410:uses=1", "GET /cursor?limit=100", "410 on page 3; a new start is good"),
    case("cursor-expired-always", "--records 250 --fault expired-cursor=410:uses=1:times=always", "GET /cursor?limit=100", "410 on page 3, every time"),
    case("result-cap", "--records 250 --fault cap=100", "GET /offset?limit=100", "nothing past 100, told 250"),
    case("result-cap-page", "--records 250 --fault cap=100", "GET /page?pageSize=50", "the same by page numbers"),
    case("result-cap-error", "--records 250 --fault cap=100:error", "GET /offset?limit=100", "400 past 100"),
    case("result-cap-repeat", "--records 250 --fault cap=100:repeat", "GET /page?pageSize=50", "the last page again and again"),
    case("cursor-ends-early", "--records 250 --fault cap=100", "GET /cursor?limit=100", "the cursor ends at 100, told 250"),
    case("incomplete-results", "--records 250 --fault cap=100:flag", "POST /search", "the same, and the server admits it"),
    case("conflict", "--records 250 --fault 409-middle", "GET /link?per_page=100", "409 on page 3, always"),
    case("weird-link", "--records 250 --fault weird-link", "GET /link?per_page=100", "; and , inside the link, title before rel"),
    case("overlap", "--records 250 --fault overlap=5:pages=1", "GET /cursor?limit=100", "page 2 begins 5 rows early"),
];

impl Scenario {
    /// The case of this name.
    pub fn find(name: &str) -> Option<&'static Scenario> {
        SCENARIOS.iter().find(|scenario| scenario.name == name)
    }

    /// The settings of a server that plays it.
    pub fn config(&self) -> Result<Config, BadFlag> {
        Config::from_line(self.flags)
    }
}

pub(crate) fn as_json() -> String {
    let list: Vec<_> = SCENARIOS
        .iter()
        .map(|s| serde_json::json!({ "name": s.name, "flags": s.flags, "start": s.start, "about": s.about }))
        .collect();
    serde_json::Value::from(list).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_scenario_can_be_played_and_has_its_own_name() {
        for (at, scenario) in SCENARIOS.iter().enumerate() {
            assert!(scenario.config().is_ok(), "{}", scenario.name);
            assert!(
                SCENARIOS.iter().skip(at + 1).all(|other| other.name != scenario.name),
                "{}",
                scenario.name
            );
        }
    }
}
