//! Servers on raw sockets: what they send, and when they hang up, is up to the byte.
#![allow(dead_code, missing_docs, clippy::unwrap_used, clippy::panic, reason = "every test file uses a part")]

use everypage::core::http::{Failure, FailureKind, Method, Request, Response};
use everypage::transport::{Call, Reqwest, Transport, TransportOptions};
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// A server that hands each request's head to a closure, which writes whatever it likes. The connection is
/// kept if the closure returns true.
pub struct Server {
    pub port: u16,
    heads: Arc<Mutex<Vec<String>>>,
}

impl Server {
    pub fn start(answer: impl Fn(&str, &mut TcpStream) -> bool + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let (heads, answer) = (Arc::new(Mutex::new(Vec::new())), Arc::new(answer));
        let seen = heads.clone();
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (Ok(mut stream), answer, seen) = (stream, answer.clone(), seen.clone()) else { return };
                std::thread::spawn(move || {
                    stream.set_nodelay(true).unwrap();
                    while let Some(head) = read_head(&mut stream) {
                        seen.lock().unwrap().push(head.clone());
                        if !answer(&head, &mut stream) {
                            break;
                        }
                    }
                });
            }
        });
        Server { port, heads }
    }

    /// A server that sends these bytes and hangs up.
    pub fn bytes(bytes: impl Into<Vec<u8>>) -> Server {
        let bytes = bytes.into();
        Server::start(move |_, stream| {
            let _ = stream.write_all(&bytes);
            false
        })
    }

    pub fn url(&self, rest: &str) -> String {
        format!("http://127.0.0.1:{}{rest}", self.port)
    }

    /// The heads of the requests so far.
    pub fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap().clone()
    }

    /// The request targets so far.
    pub fn targets(&self) -> Vec<String> {
        self.heads().iter().map(|head| head.split(' ').nth(1).unwrap().to_owned()).collect()
    }
}

/// Reads to the empty line, byte by byte: what follows stays in the socket.
fn read_head(stream: &mut TcpStream) -> Option<String> {
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            Ok(_) | Err(_) => return None,
        }
    }
    String::from_utf8(head).ok()
}

/// `200` with a length and a body.
pub fn ok(body: &str) -> Vec<u8> {
    answer("200 OK", "content-type: application/json\r\n", body)
}

pub fn answer(status: &str, headers: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len()).into_bytes()
}

/// A head with these header lines, and a body as it is.
pub fn raw(headers: &str, body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\n{headers}\r\n").as_bytes(), body].concat()
}

pub fn get(url: &str) -> Request {
    Request {
        method: Method::Get,
        url: url.to_owned(),
        headers: vec![("accept".into(), "application/json".into())],
        body: None,
    }
}

pub fn call(request: Request) -> Call {
    Call { request, body_limit: 64 << 20, private_allowed: true }
}

pub fn options() -> TransportOptions {
    TransportOptions {
        connect_timeout: Duration::from_millis(600),
        idle_timeout: Duration::from_millis(600),
        ..TransportOptions::default()
    }
}

pub fn transport() -> Reqwest {
    Reqwest::new(options()).unwrap()
}

/// Performs one request against `url`.
pub async fn fetch(url: &str) -> Result<Response, Failure> {
    transport().exchange(call(get(url))).await
}

/// The kind of failure that fetching from this server ends with.
pub async fn failure(server: &Server) -> FailureKind {
    // Both engines: a quote in the query goes out by hyper itself.
    let (plain, exact) = (fetch(&server.url("/x?q=1")).await, fetch(&server.url("/x?q='1'")).await);
    let kind = |answer: Result<Response, Failure>| match answer {
        Ok(response) => panic!("{} bytes, taken for whole", response.body.len()),
        Err(failure) => failure.kind,
    };
    let (plain, exact) = (kind(plain), kind(exact));
    assert_eq!(plain, exact, "both engines agree");
    plain
}

/// The body that fetching from this server brings.
pub async fn body(server: &Server) -> Vec<u8> {
    let (plain, exact) =
        (fetch(&server.url("/x?q=1")).await.unwrap(), fetch(&server.url("/x?q='1'")).await.unwrap());
    assert_eq!((plain.status, &plain.body), (exact.status, &exact.body), "both engines agree");
    plain.body
}
