//! Where requests and credentials may go, and what must not be written down.

use super::record::{Asked, Book, Mark, Reply, scenario};
use super::server::{cursor, cursors, first, link, links, rows, with};
use serde_json::{Value, json};

pub fn add(book: &mut Book) {
    foreign_links(book);
    redirects(book);
    credentials(book);
    secrets(book);
    visibility(book);
}

fn signed(more: Value) -> Value {
    with(link(json!({"auth": {"bearer": "canary-token"}})), more)
}

fn leads_to(target: &'static str) -> impl FnMut(&Asked) -> Reply + 'static {
    links(9, move |_| target.to_owned())
}

fn foreign_links(book: &mut Book) {
    book.add(
        scenario(
            "link_to_another_host",
            "A next link to another host ends the walk before a request: no token leaves the origin.",
            signed(json!({})),
            leads_to("https://evil.example/leads?after=3"),
        )
        .fails("EP_CROSS_ORIGIN", 3),
    );
    book.add(
        scenario(
            "link_that_downgrades",
            "A link from https to http is refused.",
            signed(json!({})),
            leads_to("http://api.example.com/leads?after=3"),
        )
        .fails("EP_CROSS_ORIGIN", 3),
    );
    book.add(
        scenario(
            "link_to_a_private_address",
            "A link to a metadata address is refused.",
            signed(json!({})),
            leads_to("https://169.254.169.254/latest/meta-data"),
        )
        .fails("EP_UNSAFE_URL", 3),
    );
    book.add(
        scenario(
            "link_with_user_info",
            "A link whose host hides behind user info is refused.",
            signed(json!({})),
            leads_to("https://api.example.com@evil.example/leads"),
        )
        .fails("EP_UNSAFE_URL", 3),
    );
    book.add(
        scenario(
            "link_to_a_declared_origin",
            "Another origin that the source lists receives requests and credentials.",
            signed(json!({"origins": ["https://eu.api.example.com"]})),
            links(9, |to| format!("https://eu.api.example.com/leads?after={to}")),
        )
        .ends("complete", 9),
    );
    book.add(
        scenario(
            "link_with_default_port_and_upper_case",
            "An upper-case host and the default port are the same origin.",
            signed(json!({})),
            links(6, |to| format!("https://API.Example.com:443/leads?after={to}")),
        )
        .ends("complete", 6),
    );
}

fn moved(status: u16, location: &str) -> Reply {
    Reply::status(status, "").with("location", location)
}

fn redirects(book: &mut Book) {
    let get = || cursor(json!({"auth": {"bearer": "canary-token"}}));
    let post = || {
        with(
            get(),
            json!({"request": {"url": "https://api.example.com/search", "method": "POST", "read_only": true, "body": {"q": "x"}}}),
        )
    };
    book.add(
        scenario(
            "redirect_of_a_get",
            "301, 302, 303, 307 and 308 of a GET within the origin are followed with the credentials, each a request of its own.",
            get(),
            |asked| match asked.before {
                0 => moved(301, "/a"),
                1 => moved(302, "b"),
                2 => moved(303, "https://api.example.com/c"),
                3 => moved(307, "?x=1"),
                4 => moved(308, "/leads2"),
                _ => Reply::ok("{\"data\":[{\"id\":1}],\"next\":null}"),
            },
        )
        .ends("complete", 1),
    );
    book.add(
        scenario("redirect_in_a_circle", "Redirects without an end are cut after five.", get(), |_| {
            moved(302, "/again")
        })
        .fails("EP_BAD_RESPONSE", 0),
    );
    book.add(
        scenario(
            "redirect_to_another_host",
            "A redirect to another host gets no request and no token.",
            get(),
            |_| moved(302, "https://evil.example/leads"),
        )
        .fails("EP_CROSS_ORIGIN", 0),
    );
    book.add(
        scenario("redirect_that_downgrades", "A redirect from https to http is refused.", get(), |_| {
            moved(307, "http://api.example.com/leads")
        })
        .fails("EP_CROSS_ORIGIN", 0),
    );
    book.add(
        scenario(
            "redirect_of_a_post_keeps_the_body",
            "A 307 of a POST is sent again with its method and its body.",
            post(),
            |asked| match asked.before {
                0 => moved(307, "/search2"),
                _ => Reply::ok("{\"data\":[{\"id\":1}],\"next\":null}"),
            },
        )
        .ends("complete", 1),
    );
    for status in [301, 303] {
        book.add(
            scenario(
                &format!("redirect_of_a_post_by_{status}"),
                "A redirect that would turn a POST into a GET asks for another thing than the source: it ends the walk.",
                post(),
                move |_| moved(status, "/search2"),
            )
            .fails("EP_BAD_RESPONSE", 0),
        );
    }
    book.add(
        scenario(
            "client_that_followed_by_itself",
            "An HTTP client that asked another URL than it was told is found out.",
            get(),
            |_| Reply::ok("{\"data\":[{\"id\":1}],\"next\":null}").from("https://api.example.com/elsewhere"),
        )
        .fails("EP_URL_MISMATCH", 0),
    );
}

fn credentials(book: &mut Book) {
    let source = || cursor(json!({"auth": {"bearer": "old-token"}}));
    book.add(
        scenario(
            "refused_once_refreshes_once",
            "A 401 in the middle asks for fresh credentials once and sends the same position again with them.",
            source(),
            {
                let mut plain = cursors(9, |_, _| None);
                move |asked: &Asked| {
                    if asked.cursor() >= 3 && asked.header("authorization") == "Bearer old-token" {
                        return Reply::status(401, "{}");
                    }
                    plain(asked)
                }
            },
        )
        .credentials(Some(json!({"bearer": "new-token"})))
        .ends("complete", 9),
    );
    book.add(
        scenario(
            "refused_twice_is_final",
            "A 401 with fresh credentials is final: no third try.",
            source(),
            cursors(9, first(3, 99, |_| Reply::status(401, "{}"))),
        )
        .credentials(Some(json!({"bearer": "new-token"})))
        .fails("EP_AUTH_REQUIRED", 3),
    );
    book.add(
        scenario(
            "refused_without_fresh_credentials",
            "When there are no fresh credentials the walk ends with what it has.",
            source(),
            cursors(9, first(3, 99, |_| Reply::status(401, "{}"))),
        )
        .credentials(None)
        .fails("EP_AUTH_REQUIRED", 3),
    );
    book.add(
        scenario(
            "refused_without_any_credentials",
            "A 401 to a source without credentials asks for none.",
            cursor(json!({})),
            |_| Reply::status(401, "{}"),
        )
        .fails("EP_AUTH_REQUIRED", 0),
    );
}

fn secrets(book: &mut Book) {
    let source = json!({
        "request": {"url": "https://api.example.com/leads"}, "records": "/data", "id": "/id",
        "auth": {"query": {"api_key": "s3cr3t&key"}},
        "pagination": {"style": "link", "read": "body:/next", "stable": "key"}
    });
    let server = |asked: &Asked| {
        let at = asked.number("after", 0);
        let next = if at < 4 {
            format!("\"/leads?api_key=s3cr3t%26key&after={}\"", at + 2)
        } else {
            "null".to_owned()
        };
        Reply::ok(format!("{{\"data\":{},\"next\":{next}}}", rows(at, at + 2)))
    };
    book.add(
        scenario(
            "secrets_in_links_are_masked_in_checkpoints",
            "A server puts the API key into its next link: the checkpoint holds a placeholder instead.",
            source.clone(),
            server,
        )
        .checkpoint(Mark::Stored(1))
        .ends("complete", 6),
    );
    let before = book.add(
        scenario(
            "masked_link_before_a_resume",
            "A walk by links that hold the API key is stopped.",
            source.clone(),
            server,
        )
        .checkpoint(Mark::Stored(2))
        .stop(Mark::Stored(2))
        .ends("stopped", 4),
    );
    book.add(
        scenario(
            "masked_link_after_a_resume",
            "The placeholder in the checkpoint is filled again from the credentials: the link is sent as it was.",
            source,
            server,
        )
        .resumes(&before, 60_000)
        .ends("complete", 2),
    );
    book.add(
        scenario(
            "cursor_that_would_break_a_header",
            "A cursor with a line break can't be written to a header: it ends the walk before a request.",
            cursor(
                json!({"pagination": {"style": "cursor", "read": "body:/next", "write": "header:x-token"}}),
            ),
            |_| Reply::ok("{\"data\":[{\"id\":1}],\"next\":\"a\\r\\nX-Admin: 1\"}"),
        )
        .fails("EP_UNSAFE_CURSOR", 1),
    );
}

fn visibility(book: &mut Book) {
    book.add(
        scenario(
            "hidden_link_header_is_no_end",
            "A browser that may not see the Link header can't tell the end from a hidden link: that is an error, not the end.",
            link(json!({})),
            |_| Reply::ok(rows(0, 3)).hidden(),
        )
        .fails("EP_HEADER_NOT_VISIBLE", 3),
    );
    book.add(
        scenario(
            "hidden_headers_that_are_not_needed",
            "Hidden headers don't matter to a walk that reads everything from the body.",
            cursor(json!({})),
            |asked| match asked.cursor() {
                0 => Reply::ok("{\"data\":[{\"id\":1}],\"next\":\"c_1\"}").hidden(),
                _ => Reply::ok("{\"data\":[{\"id\":2}],\"next\":null}").hidden(),
            },
        )
        .ends("complete", 2),
    );
}
