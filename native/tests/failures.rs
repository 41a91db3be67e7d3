//! Every way an exchange can fail, on real sockets, and what must not happen on the way: no redirect is
//! followed, nothing is sent twice.
#![allow(missing_docs, clippy::unwrap_used, clippy::panic, clippy::format_collect, reason = "tests")]

mod support;

use everypage::core::http::{FailureKind, Method};
use everypage::transport::{Reqwest, Transport, TransportOptions};
use std::io::Write;
use std::net::TcpListener;
use std::time::Duration;
use support::{Server, answer, call, failure, fetch, get, ok, options, transport};

#[tokio::test]
async fn a_port_nobody_listens_on_is_refused() {
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    for target in ["x", "x?q='1'"] {
        let failed = fetch(&format!("http://127.0.0.1:{port}/{target}")).await.unwrap_err();
        assert_eq!(failed.kind, FailureKind::ConnectRefused, "{}", failed.detail);
    }
}

#[tokio::test]
async fn a_name_that_does_not_exist_is_a_lookup_failure() {
    let failed = fetch("http://no-such-name.invalid/x").await.unwrap_err();
    // Without a resolver in reach the name can't be looked up; with one it doesn't exist.
    assert!(matches!(failed.kind, FailureKind::DnsNotFound | FailureKind::DnsTemporary), "{failed:?}");
}

#[tokio::test]
async fn a_name_that_leads_to_a_private_address_is_refused_when_guarded() {
    let server = Server::bytes(ok("{}"));
    for target in ["x", "x?q='1'"] {
        let mut guarded = call(get(&format!("http://localhost:{}/{target}", server.port)));
        guarded.private_allowed = false;
        assert_eq!(transport().exchange(guarded).await.unwrap_err().kind, FailureKind::UnsafeAddress);
    }
    assert!(server.heads().is_empty(), "nothing was sent");
}

#[tokio::test]
async fn hanging_up_is_told_apart_by_how_far_the_answer_had_come() {
    let silent = Server::start(|_, _| false);
    assert_eq!(failure(&silent).await, FailureKind::ResetBeforeResponse);
    assert_eq!(silent.heads().len(), 2, "one request for each engine: nothing was sent twice");

    let in_the_head = Server::bytes("HTTP/1.1 200 OK\r\ncontent-");
    assert_eq!(failure(&in_the_head).await, FailureKind::ResetBeforeResponse);

    // Closing with unread bytes in the socket resets the connection.
    let reset = Server::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n{").unwrap();
        std::thread::sleep(Duration::from_millis(100));
        false
    });
    for target in ["/x", "/x?q='1'"] {
        let mut post = get(&reset.url(target));
        (post.method, post.body) = (Method::Post, Some(vec![b'x'; 4 << 20]));
        let failed = transport().exchange(call(post)).await.unwrap_err();
        assert!(matches!(failed.kind, FailureKind::ResetInBody | FailureKind::BodyTruncated), "{failed:?}");
    }
}

#[tokio::test]
async fn what_is_not_http_is_nonsense() {
    assert_eq!(failure(&Server::bytes("220 mail.example ESMTP\r\n\r\n")).await, FailureKind::Other);
}

#[tokio::test]
async fn silence_is_a_timeout_wherever_it_falls() {
    let pause = || std::thread::sleep(Duration::from_millis(2500));
    let never = Server::start(move |_, _| {
        pause();
        false
    });
    assert_eq!(failure(&never).await, FailureKind::ReadTimeout);
    let stalls = Server::start(move |_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"data\":").unwrap();
        pause();
        false
    });
    assert_eq!(failure(&stalls).await, FailureKind::ReadTimeout);
}

#[tokio::test]
async fn a_slow_body_that_keeps_coming_is_no_timeout() {
    let drips = Server::start(|_, stream| {
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n").unwrap();
        for _ in 0..10 {
            std::thread::sleep(Duration::from_millis(120));
            stream.write_all(b" ").unwrap();
        }
        false
    });
    assert_eq!(fetch(&drips.url("/x")).await.unwrap().body.len(), 10);
}

#[tokio::test]
async fn a_handshake_that_never_ends_is_a_connect_timeout() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    for target in ["x", "x?q='1'"] {
        let failed = fetch(&format!("https://127.0.0.1:{port}/{target}")).await.unwrap_err();
        assert_eq!(failed.kind, FailureKind::ConnectTimeout, "{}", failed.detail);
    }
}

#[tokio::test]
async fn a_server_that_speaks_no_tls_is_a_tls_failure() {
    let plain = Server::bytes(ok("{}"));
    for target in ["x", "x?q='1'"] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            std::thread::sleep(Duration::from_millis(300));
        });
        let failed = fetch(&format!("https://127.0.0.1:{port}/{target}")).await.unwrap_err();
        assert_eq!(failed.kind, FailureKind::TlsOther, "{}", failed.detail);
    }
    drop(plain);
}

#[tokio::test]
async fn redirects_are_answers_and_their_bodies_are_not_read() {
    let server = Server::bytes(answer("302 Found", "location: /elsewhere\r\n", "go away"));
    for target in ["/x", "/x?q='1'"] {
        let found = fetch(&server.url(target)).await.unwrap();
        assert_eq!((found.status, found.headers.get("location")), (302, Some("/elsewhere")));
        assert!(found.body.is_empty());
    }
    assert_eq!(server.heads().len(), 2);
}

#[tokio::test]
async fn urls_go_out_byte_for_byte_and_come_back_as_they_were() {
    let server = Server::start(|_, stream| stream.write_all(&ok("{}")).is_ok());
    let targets = [
        "/x?filter=name%20eq%20'me'&t=a|b&p[limit]=5&f={y}&c=%2C,%2c&plus=a+b&empty=&=&&",
        "/x?c=%2C&t=a|b&p[]=5&f={y}",
        "/a/../b/./c",
        "/%7Bid%7D/{id}/a|b/[x]",
        "/x/\"quoted\"?^",
        "/x?q=`",
        "/x?q=ok#".trim_end_matches('#'),
        "/",
    ];
    for target in targets {
        let url = server.url(target);
        let answered = fetch(&url).await.unwrap_or_else(|failed| panic!("{target}: {failed:?}"));
        assert_eq!(answered.url.as_deref(), Some(url.as_str()));
    }
    assert_eq!(server.targets(), targets);
    // What HTTP can't carry is refused, not rewritten.
    assert_eq!(fetch(&server.url("/x?q=a<b")).await.unwrap_err().kind, FailureKind::Other);
    assert_eq!(server.targets().len(), targets.len());
}

#[tokio::test]
async fn headers_go_out_as_given_with_two_of_our_own() {
    let server = Server::bytes(ok("{}"));
    let mut request = get(&server.url("/x"));
    request.headers.push(("x-tag".into(), "one".into()));
    request.headers.push(("x-tag".into(), "two".into()));
    transport().exchange(call(request.clone())).await.unwrap();
    request.headers.push(("user-agent".into(), "mine".into()));
    request.headers.push(("accept-encoding".into(), "identity".into()));
    request.url = server.url("/x?q='1'");
    transport().exchange(call(request)).await.unwrap();
    let heads = server.heads();
    for line in ["x-tag: one", "x-tag: two", "accept: application/json", "accept-encoding: gzip"] {
        assert!(heads[0].contains(line), "{line} in {}", heads[0]);
    }
    assert!(heads[0].contains(concat!("user-agent: everypage/", env!("CARGO_PKG_VERSION"))), "{}", heads[0]);
    assert!(
        heads[1].contains("user-agent: mine") && heads[1].contains("accept-encoding: identity"),
        "{}",
        heads[1]
    );
    assert_eq!(heads[0].matches("accept:").count(), 1);
}

#[tokio::test]
async fn a_proxy_gets_whole_urls_and_its_password() {
    let proxy = Server::bytes(ok("{\"proxied\":true}"));
    let through = Reqwest::new(TransportOptions {
        proxy: Some(format!("http://me:pw@127.0.0.1:{}", proxy.port)),
        ..options()
    });
    let through = through.unwrap();
    for url in ["http://far.invalid/x?q=1", "http://far.invalid/x?q='1'"] {
        let mut guarded = call(get(url));
        guarded.private_allowed = false;
        assert_eq!(through.exchange(guarded).await.unwrap().body, b"{\"proxied\":true}");
        let head = proxy.heads().pop().unwrap();
        assert!(head.starts_with(&format!("GET {url} HTTP/1.1\r\n")), "{head}");
        assert!(
            head.to_lowercase().contains("proxy-authorization: basic bwu6chc=".to_lowercase().as_str()),
            "{head}"
        );
    }
}

#[tokio::test]
async fn a_secure_url_is_tunnelled_and_a_refused_tunnel_is_a_failure() {
    let proxy = Server::bytes("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n");
    let options = TransportOptions { proxy: Some(format!("http://127.0.0.1:{}", proxy.port)), ..options() };
    let through = Reqwest::new(options).unwrap();
    for url in ["https://far.invalid/x?q=1", "https://far.invalid/x?q='1'"] {
        let answered = through.exchange(call(get(url))).await;
        assert_eq!(answered.map(|answered| answered.status), Ok(407));
        assert!(proxy.heads().pop().unwrap().starts_with("CONNECT far.invalid:443 HTTP/1.1\r\n"));
    }
}
