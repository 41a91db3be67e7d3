//! What the mapping can't derive from an entry's blocks: one row per entry and oddity.

use serde_json::{Value, json};

/// Entries that can't be walked whole, and why.
pub const CANNOT: &[(&str, &str)] = &[(
    "es.scroll",
    "the scroll is opened at one URL (/{index}/_search) and read on at another (/_search/scroll); a source has one URL, \
     and Elasticsearch itself points to search_after",
)];

/// Placeholders and remarks in a spec, by entry and pointer.
pub const SPEC: &[(&str, &str, &str)] = &[
    // The key is the resource's name: known to whoever names the resource.
    ("twilio.v1", "/records/pointer", r#""/conversations""#),
    ("dynamodb", "/record_id", r#""/sk/N""#),
    ("snowflake.sql", "/record_id", r#""/0""#),
    // The statement is submitted by the caller; its handle is the state's first value, partitions are read with GET.
    ("snowflake.sql", "/method", r#""GET""#),
    ("snowflake.sql", "/state/1/init", r#""01b2-handle""#),
    ("snowflake.sql", "/stop", r#"[{"kind": "total"}]"#),
    ("es.search_after", "/state/1/init", r#""pit-0""#),
    // Rows on this endpoint.
    ("personio", "/state/0/next/step", r#""size""#),
    // A total limit on some servers that suppresses the next link: not sent (vendors.md, "size-param-is-total").
    ("odata.v2", "/size", "null"),
];

/// Entries whose list is at a path that matters to their links.
pub fn path(id: &str) -> &'static str {
    match id {
        "confluence.v1" => "/wiki/rest/api/content",
        "confluence.v2" => "/ex/confluence/cloud-1/wiki/api/v2/pages",
        "es.scroll" => "/leads/_search",
        "salesforce.query" => "/services/data/v60.0/query",
        "twilio.2010" => "/2010-04-01/Accounts/AC1/Messages.json",
        _ => "/v1/leads",
    }
}

/// The text that positions and sizes are written behind.
pub fn text(id: &str) -> &'static str {
    match id {
        "googleads.change" => "SELECT change_status.resource_name FROM change_status",
        "matomo" => "method=Live.getLastVisitsDetails",
        "quickbooks" => "select * from Customer",
        _ => "",
    }
}

/// What a source says besides its blocks.
pub fn source(id: &str, base: &str) -> Value {
    match id {
        "woocommerce" => {
            json!({"classify": [{"when": {"body:/code": "rest_post_invalid_page_number"}, "is": "end"}]})
        }
        "dynamodb" => json!({"id": ["/pk/S", "/sk/N"]}),
        "es.from" => json!({"request": {"body": {"track_total_hits": true}}}),
        "es.search_after" => {
            json!({"request": {"body": {"track_total_hits": true, "sort": ["at", "_shard_doc"]}}})
        }
        "es.scroll" => {
            json!({"pagination": {"reuse": "advances"}, "request": {"first": {"query": {"scroll": "1m"}}}})
        }
        "fhir" => json!({"records": {"drop": {"record:/search/mode": "include"}}}),
        "github.graphql" | "linear" | "monday.boards" | "monday.items" | "shopify.graphql" => {
            json!({"request": {"body": {"query": "query Leads { leads { id } }"}}})
        }
        "gong" => json!({"classify": [{"when": {"status": 404}, "is": "end"}]}),
        // The number is a limit for the whole answer, so it is always the maximum.
        "googleads.change" => json!({"size": {"value": 10000}}),
        "google.gmail" | "scim" => json!({"records": {"missing": "empty"}}),
        "intercom.scroll" => json!({"pagination": {"reuse": "advances"}}),
        "mixpanel.engage" => json!({"size": {"echo": "body:/page_size"}}),
        "quickbooks" => json!({
            "records": {"missing": "empty"},
            "total": {"read": "body:/QueryResponse/totalCount",
                "request": {"query": {"query": "select count(*) from Customer"}}},
        }),
        "salesforce.query" => json!({"request": {"query": {"q": "SELECT Id FROM Lead"}}}),
        "shopify.rest" => {
            json!({"total": {"read": "body:/count", "request": {"url": format!("{base}/count.json"), "query": {}}}})
        }
        "x.v2" => json!({"records": {"missing": "empty"}, "size": {"min": 5}}),
        "zendesk.incremental" => json!({"request": {"first": {"query": {"start_time": 0}}}}),
        _ => json!({}),
    }
}

/// What stands where the next position was, on the last page.
#[derive(Clone, Copy)]
pub enum Gone {
    Absent,
    Empty,
    Null,
    ParentAbsent,
    ParentNull,
}

pub fn gone(id: &str) -> Gone {
    match id {
        "airtable" | "chargebee" | "close.search" | "confluence.v1" | "confluence.v2" | "dataverse"
        | "dynamodb" | "fhir" | "gong" | "google.calendar" | "google.drive" | "google.gmail"
        | "google.people" | "googleads.change" | "jira.jql" | "linkedin.cursor" | "msgraph" | "odata.v2"
        | "outreach" | "salesforce.query" | "x.v2" | "youtube" => Gone::Absent,
        "box.marker" | "gitlab.offset" | "kubernetes" | "slack" | "zoom" => Gone::Empty,
        "hubspot.list" | "hubspot.search" => Gone::ParentAbsent,
        "asana" | "intercom.list" | "intercom.search" => Gone::ParentNull,
        _ => Gone::Null,
    }
}

/// What a token looks like.
#[derive(Clone, Copy, PartialEq)]
pub enum Token {
    /// A JSON text.
    Json,
    /// The id of the page's last record.
    LastId,
    /// A number; 0 is one of them.
    Number,
    /// An object.
    Object,
    /// The same token again and again: the server moves on at each call.
    Session,
    /// Any text.
    Text,
}

pub fn token(id: &str) -> Token {
    match id {
        "chargebee" => Token::Json,
        "dynamodb" => Token::Object,
        "elevenlabs" | "openai" => Token::LastId,
        "es.scroll" | "intercom.scroll" => Token::Session,
        "vercel" => Token::Number,
        _ => Token::Text,
    }
}

/// What a next link carries.
#[derive(Clone, Copy, PartialEq)]
pub enum Carrier {
    Page(&'static str),
    Path,
    Rows(&'static str),
    Token(&'static str),
}

pub fn carrier(id: &str) -> Carrier {
    match id {
        "freshdesk" | "github.rest" | "greenhouse" | "zendesk.offset" => Carrier::Page("page"),
        "salesforce.query" => Carrier::Path,
        "servicenow" => Carrier::Rows("sysparm_offset"),
        "dataverse" | "msgraph" | "odata.v2" => Carrier::Token("$skiptoken"),
        "fhir" => Carrier::Token("_getpages"),
        "gitlab.keyset" => Carrier::Token("id_after"),
        "klaviyo" => Carrier::Token("page[cursor]"),
        "okta" => Carrier::Token("after"),
        "outreach" => Carrier::Token("page[after]"),
        "sendgrid.marketing" => Carrier::Token("page_token"),
        "shopify.rest" => Carrier::Token("page_info"),
        "stripe.v2" => Carrier::Token("page"),
        "twilio.2010" | "twilio.v1" => Carrier::Token("PageToken"),
        _ => Carrier::Token("cursor"),
    }
}

/// Whether an empty page leaves the records out.
pub fn leaves_records_out(id: &str) -> bool {
    matches!(id, "google.gmail" | "quickbooks" | "scim" | "x.v2")
}

/// Whether pages may be short before the end, and whether empty.
pub fn sparse(id: &str) -> Option<bool> {
    match id {
        "facebook" | "google.calendar" | "google.drive" | "msgraph" | "dynamodb" | "servicenow" => Some(true),
        "box.offset" | "jira.jql" | "salesforce.query" | "slack" => Some(false),
        _ => None,
    }
}

/// The id of row `i`.
pub fn id(entry: &str, i: usize) -> Value {
    match entry {
        "discord.members" => snowflake(i).into(),
        // Newest first.
        "discord.messages" | "x.v2" => snowflake(100_000 - i).into(),
        "airtable" => format!("rec{i:014}").into(),
        "calendly" => format!("https://api.calendly.example/scheduled_events/{i}").into(),
        "dynamodb" | "snowflake.sql" | "xero.journals" => (i + 1).to_string().into(),
        "github.graphql" | "linear" | "shopify.graphql" => format!("gid://lead/{}", i * 7).into(),
        "sendgrid.suppressions" => format!("lead{i:05}@example.com").into(),
        "stripe.v1" | "stripe.search" | "stripe.v2" | "openai" | "elevenlabs" => format!("obj_{i:08}").into(),
        "kubernetes" => format!("6f1b0a3e-0000-4000-8000-{i:012x}").into(),
        _ => (i as u64 + 1).into(),
    }
}

/// An id beyond 2^53, as text.
fn snowflake(i: usize) -> String {
    (1_150_000_000_000_000_001 + i as u64 * 4_194_304).to_string()
}
