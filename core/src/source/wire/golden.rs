//! Requests, byte for byte: every place, template and style, as real APIs have them.

use super::samples::{at, leads, lines, send, source, url};
use super::{At, Target};
use crate::facts::{Auth, Secret};
use crate::http::Method;
use crate::source::Next;

#[test]
fn a_request_is_complete_and_its_headers_are_sorted() {
    let source =
        leads(r#", "auth": {"bearer": "tok-12345678"}, "size": {"write": "query:limit", "value": 100}"#);
    let request = at(&source, true, &["-"]).unwrap();
    assert_eq!((request.method, request.body), (Method::Get, None));
    assert_eq!(request.url, "https://api.example.com/v1/leads?limit=100");
    let headers: Vec<_> = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    assert_eq!(
        headers,
        ["accept: application/json", "authorization: Bearer tok-12345678", "cache-control: no-store"]
    );
    let next = at(&source, false, &["\"a b+c==\""]).unwrap();
    assert_eq!(next.url, "https://api.example.com/v1/leads?cursor=a%20b%2Bc%3D%3D&limit=100");
    assert_eq!(next, at(&source, false, &["\"a b+c==\""]).unwrap());
}

#[test]
fn headers_of_the_source_win_over_ours() {
    let source = source(
        r#"{"request": {"url": "https://a.example/", "headers": {"Accept": "application/vnd.github+json",
            "Cache-Control": "max-age=0", "X-Version": "2"}}, "records": "", "pagination": {"style": "single"}}"#,
    );
    let request = send(&source, true, Target::Positions(&[])).unwrap();
    let expected =
        [("accept", "application/vnd.github+json"), ("cache-control", "max-age=0"), ("x-version", "2")];
    assert!(request.headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).eq(expected));
}

#[test]
fn the_urls_own_query_comes_first_and_members_are_sorted() {
    let source = source(
        r#"{"request": {"url": "https://a.example/x?b=%7e&a=1&flag", "query": {"z": "1 2", "list": ["b", "a"],
            "none": null, "n": 5, "$top": "a,b:c/d@!'()*", "page[size]": true}},
            "records": "", "pagination": {"style": "page", "write": "query:page", "start": 7}}"#,
    );
    assert_eq!(
        lines(at(&source, false, &["8"])),
        "GET https://a.example/x?b=%7e&a=1&flag&$top=a,b:c/d@!'()*&list=b&list=a&n=5&page=8&page%5Bsize%5D=true&z=1%202"
    );
    // Validation keeps positions out of the URL's own query; if one is there, it is replaced in place.
    let mut own = source;
    own.request.url = url("https://a.example/x?page=7&a=1");
    own.request.always.query.clear();
    assert_eq!(lines(at(&own, false, &["8"])), "GET https://a.example/x?page=8&a=1");
}

#[test]
fn bracketed_names_are_names() {
    let source = source(
        r#"{"request": {"url": "https://z.example/api/v2/tickets"}, "records": "/tickets", "id": "/id",
            "size": {"write": "query:page[size]", "value": 100},
            "pagination": {"style": "cursor", "read": "body:/meta/after_cursor", "write": "query:page[after]"},
            "end": [{"flag": "body:/meta/has_more", "is": false}]}"#,
    );
    assert_eq!(
        lines(at(&source, false, &["\"aGVsbG8=\""])),
        "GET https://z.example/api/v2/tickets?page%5Bafter%5D=aGVsbG8%3D&page%5Bsize%5D=100"
    );
}

#[test]
fn both_numbers_of_a_query_language_stand_in_one_parameter() {
    let quickbooks = |start: &str, query: &str| {
        source(&format!(
            r#"{{"request": {{"url": "https://q.example/v3/company/1/query", "query": {{"query": "{query}"}}}},
                "records": {{"at": "/QueryResponse/Customer", "missing": "empty"}}, "id": "/Id",
                "size": {{"write": "text:COUNT", "value": 1000}},
                "pagination": {{"style": "offset", "write": "{start}", "start": 1}}}}"#
        ))
    };
    let expected = "GET https://q.example/v3/company/1/query?query=select%20*%20from%20Customer%20\
                    STARTPOSITION%201001%20MAXRESULTS%201000";
    let plain = quickbooks("text:START", "select * from Customer STARTPOSITION {START} MAXRESULTS {COUNT}");
    assert_eq!(lines(at(&plain, false, &["1001"])), expected);
    let wrapped =
        quickbooks("text:START~STARTPOSITION {}", "select * from Customer {START} MAXRESULTS {COUNT}");
    assert_eq!(lines(at(&wrapped, false, &["1001"])), expected);
}

#[test]
fn a_position_may_stand_inside_the_value_of_a_form_field() {
    let source = source(
        r#"{"request": {"url": "https://m.example/index.php?method=API.getBulkRequest", "method": "POST",
            "read_only": true,
            "form": {"urls[0]": "method=Live.getLastVisitsDetails&filter_limit={LIMIT}&filter_offset={OFFSET}"}},
            "auth": {"body": {"/token_auth": "matomo-token"}},
            "records": "/0", "id": "/idVisit", "size": {"write": "text:LIMIT", "value": 100},
            "pagination": {"style": "offset", "write": "text:OFFSET", "step": "size"}}"#,
    );
    assert_eq!(
        lines(at(&source, false, &["300"])),
        "POST https://m.example/index.php?method=API.getBulkRequest\n\
         content-type: application/x-www-form-urlencoded\n\
         token_auth=matomo-token&urls%5B0%5D=method%3DLive.getLastVisitsDetails%26filter_limit%3D100\
         %26filter_offset%3D300"
    );
}

#[test]
fn a_size_in_a_header_is_repeated_with_every_link() {
    let link = |url: &str, size: &str, read: &str| {
        source(&format!(
            r#"{{"request": {{"url": "{url}", "query": {{"$select": "name"}}}}, "auth": {{"bearer": "secret-token"}},
                "records": "/value", "size": {{"write": "{size}", "value": 2000}},
                "pagination": {{"style": "link", "read": "{read}"}}}}"#
        ))
    };
    let dataverse = link(
        "https://d.example/api/data/v9.2/contacts",
        "header:Prefer~odata.maxpagesize={}",
        "body:/@odata.nextLink",
    );
    assert_eq!(
        lines(send(&dataverse, true, Target::Positions(&[]))),
        "GET https://d.example/api/data/v9.2/contacts?$select=name\n\
         authorization: Bearer secret-token\nprefer: odata.maxpagesize=2000"
    );
    let next = url("https://d.example/api/data/v9.2/contacts?$skiptoken=%3Ccookie%20a='1'/%3E|x");
    assert_eq!(
        lines(send(&dataverse, false, Target::Url(&next))),
        "GET https://d.example/api/data/v9.2/contacts?$skiptoken=%3Ccookie%20a='1'/%3E|x\n\
         authorization: Bearer secret-token\nprefer: odata.maxpagesize=2000"
    );
    // Also where the walk doesn't say a size.
    let at = At { first: false, target: Target::Url(&next), size: None };
    assert_eq!(dataverse.request(&at, &dataverse.auth), send(&dataverse, false, Target::Url(&next)));
    let salesforce = link(
        "https://s.example/services/data/v60.0/query",
        "header:Sforce-Query-Options~batchSize={}",
        "body:/nextRecordsUrl",
    );
    let next = url("https://s.example/services/data/v60.0/query/01gD-2000");
    assert_eq!(
        lines(send(&salesforce, false, Target::Url(&next))),
        "GET https://s.example/services/data/v60.0/query/01gD-2000\n\
         authorization: Bearer secret-token\nsforce-query-options: batchSize=2000"
    );
}

#[test]
fn json_bodies_keep_their_order_and_the_text_of_numbers() {
    let dynamodb = source(
        r#"{"request": {"url": "https://dynamodb.example/", "method": "POST", "read_only": true,
            "headers": {"X-Amz-Target": "DynamoDB_20120810.Query", "Content-Type": "application/x-amz-json-1.0"},
            "body": {"TableName": "leads", "Big": 12345678901234567890.10}},
            "records": "/Items", "size": {"write": "body:/Limit", "value": 50},
            "pagination": {"style": "cursor", "read": "body:/LastEvaluatedKey", "write": "body:/ExclusiveStartKey"}}"#,
    );
    let head = "POST https://dynamodb.example/\ncontent-type: application/x-amz-json-1.0\n\
                x-amz-target: DynamoDB_20120810.Query\n";
    assert_eq!(
        lines(at(&dynamodb, true, &["-"])),
        format!("{head}{}", r#"{"TableName":"leads","Big":12345678901234567890.10,"Limit":50}"#)
    );
    assert_eq!(
        lines(at(&dynamodb, false, &[r#"{"pk": {"S": "a\u00e9"}, "sk": {"N": 1e400}}"#])),
        format!(
            "{head}{}",
            r#"{"TableName":"leads","Big":12345678901234567890.10,"Limit":50,"ExclusiveStartKey":{"pk":{"S":"a\u00e9"},"sk":{"N":1e400}}}"#
        )
    );
}

#[test]
fn a_body_is_made_for_what_is_written_into_it() {
    let soap = source(
        r#"{"request": {"url": "https://w.example/workers", "method": "POST", "read_only": true},
            "records": "/Worker", "size": {"write": "body:/Response_Filter/Count", "value": 100},
            "pagination": {"style": "page", "write": "body:/Response_Filter/Page"}}"#,
    );
    assert_eq!(
        lines(at(&soap, false, &["2"])),
        "POST https://w.example/workers\ncontent-type: application/json\n\
         {\"Response_Filter\":{\"Count\":100,\"Page\":2}}"
    );
    let search = source(
        r#"{"request": {"url": "https://c.example/search", "method": "POST", "read_only": true}, "records": "/data",
            "pagination": {"style": "cursor", "read": "body:/cursor", "write": "body:/cursor"}}"#,
    );
    assert_eq!(
        lines(at(&search, true, &["-"])),
        "POST https://c.example/search\ncontent-type: application/json\n{}"
    );
}

#[test]
fn a_text_template_in_a_json_body_stays_in_its_string() {
    let source = source(
        r#"{"request": {"url": "https://g.example/v17/customers/1/googleAds:search", "method": "POST",
            "read_only": true, "body": {"query": "SELECT \"a\" FROM change_status LIMIT {LIMIT}"}},
            "records": "/results", "size": {"write": "text:LIMIT", "value": 10000},
            "pagination": {"style": "cursor", "read": "body:/nextPageToken", "write": "body:/pageToken"}}"#,
    );
    assert_eq!(
        lines(at(&source, false, &["\"CIj\\/w==\""])),
        "POST https://g.example/v17/customers/1/googleAds:search\ncontent-type: application/json\n\
         {\"query\":\"SELECT \\\"a\\\" FROM change_status LIMIT 10000\",\"pageToken\":\"CIj\\/w==\"}"
    );
}

#[test]
fn a_path_segment_is_filled_or_left_out() {
    let source = source(
        r#"{"request": {"url": "https://sf.example/api/v2/statements/{handle}"}, "records": "/data",
            "pagination": {"state": [
                {"write": "path:handle", "next": "body:/statementHandle"},
                {"write": "query:partition", "start": 0, "next": {"add": "one"}}]},
            "end": ["empty"]}"#,
    );
    assert_eq!(lines(at(&source, true, &["-", "0"])), "GET https://sf.example/api/v2/statements?partition=0");
    assert_eq!(
        lines(at(&source, false, &["\"01b/a c\"", "3"])),
        "GET https://sf.example/api/v2/statements/01b%2Fa%20c?partition=3"
    );
}

#[test]
fn two_variables_and_a_json_encoded_key() {
    let source = source(
        r#"{"request": {"url": "https://couch.example/db/_design/d/_view/v", "then": {"query": {"skip": 1}}},
            "records": "/rows", "id": "/id", "size": {"write": "query:limit", "value": 50},
            "pagination": {"state": [
                {"write": "query:startkey~{json}", "next": "last:/key"},
                {"write": "query:startkey_docid", "next": "last:/id"}]},
            "end": ["short"]}"#,
    );
    assert_eq!(
        lines(at(&source, true, &["-", "-"])),
        "GET https://couch.example/db/_design/d/_view/v?limit=50"
    );
    assert_eq!(
        lines(at(&source, false, &["[\"a\", 1]", "\"doc 1\""])),
        "GET https://couch.example/db/_design/d/_view/v?limit=50&skip=1&startkey=%5B%22a%22,%201%5D\
         &startkey_docid=doc%201"
    );
    // A null key is a key there: JSON says so.
    assert!(lines(at(&source, false, &["null", "\"x\""])).contains("startkey=null&"));
}

#[test]
fn forms_are_sorted_and_take_positions() {
    let source = source(
        r#"{"request": {"url": "https://mp.example/api/query/engage", "method": "POST", "read_only": true,
            "form": {"where": "a == \"b\"", "distinct_ids": ["1", "2"]}}, "auth": {"basic": ["user", "pass"]},
            "records": "/results", "pagination": {"state": [
                {"write": "form:session_id", "next": "body:/session_id"},
                {"write": "form:page", "start": 0, "next": {"add": "one"}}]},
            "end": ["short"]}"#,
    );
    assert_eq!(
        lines(at(&source, false, &["\"s&1\"", "1"])),
        "POST https://mp.example/api/query/engage\nauthorization: Basic dXNlcjpwYXNz\n\
         content-type: application/x-www-form-urlencoded\n\
         distinct_ids=1&distinct_ids=2&page=1&session_id=s%261&where=a%20%3D%3D%20%22b%22"
    );
}

#[test]
fn a_window_has_a_first_and_a_last_index() {
    let range = |write: &str| {
        source(&format!(
            r#"{{"request": {{"url": "https://r.example/posts"}}, "records": "", "id": "/id",
                "size": {{"value": 25}}, "pagination": {{"style": "offset", "write": "{write}"}}}}"#
        ))
    };
    assert_eq!(
        lines(at(&range("query:range~[{},{last}]"), false, &["25"])),
        "GET https://r.example/posts?range=%5B25,49%5D"
    );
    assert_eq!(
        lines(at(&range("header:Range~items={}-{last}"), false, &["0"])),
        "GET https://r.example/posts\nrange: items=0-24"
    );
}

#[test]
fn an_object_is_spread_over_the_query() {
    let source = source(
        r#"{"request": {"url": "https://w.example/api.php?format=json", "query": {"list": "all"}},
            "auth": {"query": {"api_key": "k-123456789"}},
            "records": "/query/all", "pagination": {"style": "cursor", "read": "body:/continue", "write": "query:*"}}"#,
    );
    let cursor = r#"{"continue": "-||", "apcontinue": "B&C", "list": "other", "format": "xml", "api_key": "evil",
                     "n": 1, "none": null, "many": ["a", "b"]}"#;
    assert_eq!(
        lines(at(&source, false, &[cursor])),
        "GET https://w.example/api.php?format=json&apcontinue=B%26C&continue=-%7C%7C&list=all&many=a&many=b&n=1\
         &api_key=k-123456789"
    );
}

#[test]
fn first_and_then_are_added_where_they_belong() {
    let source = source(
        r#"{"request": {"url": "https://s.example/search", "method": "POST", "read_only": true,
            "query": {"v": 1}, "body": {"q": {"a": 1}},
            "first": {"query": {"start": "x"}, "headers": {"X-First": "1"}, "body": {"scroll": "1m"}},
            "then": {"query": {"a": 2}, "body": {"q": {"b": 2}}}},
            "records": "", "pagination": {"style": "cursor", "read": "body:/c", "write": "body:/c"}}"#,
    );
    let first = "POST https://s.example/search?start=x&v=1\ncontent-type: application/json\nx-first: 1\n\
                 {\"q\":{\"a\":1},\"scroll\":\"1m\"}";
    assert_eq!(lines(at(&source, true, &["-"])), first);
    let then = "POST https://s.example/search?a=2&v=1\ncontent-type: application/json\n\
                {\"q\":{\"a\":1,\"b\":2},\"c\":false}";
    assert_eq!(lines(at(&source, false, &["false"])), then);
}

#[test]
fn a_link_keeps_its_bytes_and_gets_the_credentials_it_lacks() {
    let source = source(
        r#"{"request": {"url": "https://l.example/items", "query": {"status": "open"}, "headers": {"X-A": "1"}},
            "auth": {"query": {"key": "s&cret-key"}}, "records": "", "size": {"write": "query:limit", "value": 5},
            "pagination": {"style": "link", "read": "link:next"}}"#,
    );
    for (link, sent) in [
        ("https://l.example/items?page=2", "https://l.example/items?page=2&key=s%26cret-key"),
        ("https://l.example/items", "https://l.example/items?key=s%26cret-key"),
        ("https://l.example/a?x=%2f%2F|{}[]'&key=theirs", "https://l.example/a?x=%2f%2F|{}[]'&key=theirs"),
    ] {
        let request = lines(send(&source, false, Target::Url(&url(link))));
        assert_eq!(request, format!("GET {sent}\nx-a: 1"));
    }
}

#[test]
fn the_total_has_a_request_of_its_own() {
    let source = source(
        r#"{"request": {"url": "https://q.example/query", "query": {"query": "select * from C", "minor": 4}},
            "auth": {"bearer": "secret-token"}, "records": "/rows", "size": {"write": "query:limit", "value": 5},
            "pagination": {"style": "offset"},
            "total": {"read": "body:/count", "request": {"query": {"query": "select count(*) from C"}}}}"#,
    );
    assert_eq!(
        lines(send(&source, true, Target::Total)),
        "GET https://q.example/query?query=select%20count(*)%20from%20C\nauthorization: Bearer secret-token"
    );
    let none = leads("");
    assert!(send(&none, true, Target::Total).is_err());
}

#[test]
fn redirects_repeat_the_request_at_another_place() {
    let source = source(
        r#"{"request": {"url": "https://r.example/search", "method": "POST", "read_only": true, "body": {"q": 1}},
            "auth": {"bearer": "secret-token"}, "records": "", "size": {"write": "query:limit", "value": 5},
            "pagination": {"style": "cursor", "read": "body:/c", "write": "body:/c"}}"#,
    );
    let to = url("https://r.example/v2/search?limit=5");
    assert_eq!(
        lines(send(&source, false, Target::Redirect(&to, Method::Get))),
        "GET https://r.example/v2/search?limit=5\nauthorization: Bearer secret-token"
    );
    let body = "POST https://r.example/v2/search?limit=5\nauthorization: Bearer secret-token\n\
                content-type: application/json\n";
    assert_eq!(lines(send(&source, true, Target::Redirect(&to, Method::Post))), format!("{body}{{\"q\":1}}"));
    // The URL alone doesn't hold the position: without it, page one would come back.
    assert!(send(&source, false, Target::Redirect(&to, Method::Post)).is_err());
    let positions = super::samples::positions(&["\"x\""]);
    let at = At { first: false, target: Target::Positions(&positions), size: Some(5) };
    assert_eq!(
        lines(source.redirected(&at, &to, Method::Post, &source.auth)),
        format!("{body}{{\"q\":1,\"c\":\"x\"}}")
    );
}

#[test]
fn credentials_are_given_anew_with_every_request() {
    let source = leads(r#", "auth": {"query": {"key": "first-secret"}}"#);
    let fresh = Auth {
        headers: vec![("x-api-key".to_owned(), Secret::new("second"))],
        query: vec![("key".to_owned(), Secret::new("third"))],
        body: Vec::new(),
    };
    let at = At { first: true, target: Target::Positions(&[None]), size: None };
    assert_eq!(
        lines(source.request(&at, &fresh)),
        "GET https://api.example.com/v1/leads?key=third\nx-api-key: second"
    );
}

#[test]
fn a_dry_run_shows_everything_but_secrets() {
    let source = source(
        r#"{"request": {"url": "https://d.example/x?a=1&access_token=oops", "method": "POST", "read_only": true,
            "body": {"note": "the-body-secret"}},
            "auth": {"bearer": "the-token", "query": {"key": "the-key-123"}, "body": {"/auth/pw": "the-body-secret"}},
            "records": "", "pagination": {"style": "page", "write": "body:/page"}}"#,
    );
    assert_eq!(
        source.dry_run(),
        "POST https://d.example/x?a=1&access_token=…&key=…\naccept: application/json\nauthorization: …\n\
         cache-control: no-store\ncontent-type: application/json\n\n\
         {\"note\":\"…\",\"page\":1,\"auth\":{\"pw\":\"…\"}}\n"
    );
}

#[test]
fn every_short_form_has_a_long_form() {
    let long = |pagination: &str| {
        let source = source(&format!(
            r#"{{"request": {{"url": "https://a.example/"}}, "records": "", "id": "/id", "size": {{"value": 5}},
                "pagination": {pagination}}}"#
        ));
        let states = source.states().into_iter();
        let text = states.map(|state| {
            let next = match state.next {
                Next::Add(step) => format!("{step:?}"),
                Next::Read(locator) => locator.to_string(),
            };
            format!("{} {:?} {next}", state.write, state.start)
        });
        text.collect::<Vec<_>>().join("; ")
    };
    for (short, expected) in [
        (r#"{"style": "offset"}"#, "query:offset Some(0) Records"),
        (r#"{"style": "offset", "step": "size", "start": 1}"#, "query:offset Some(1) Size"),
        (r#"{"style": "page"}"#, "query:page Some(1) One"),
        (r#"{"style": "cursor", "read": "body:/n", "write": "query:c"}"#, "query:c None body:/n"),
        (r#"{"style": "keyset", "write": "query:after", "start": "a"}"#, "query:after Some(\"a\") last:/id"),
        (r#"{"style": "link", "read": "link:next"}"#, ""),
        (r#"{"style": "single"}"#, ""),
    ] {
        assert_eq!(long(short), expected, "{short}");
    }
}
