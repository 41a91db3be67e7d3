//! A blocking HTTP client that hides nothing: what came, how it was framed, how it ended.

#![allow(dead_code, reason = "each test file uses a part of it")]

use everypage_leadserver::{Config, LeadServer};
use serde_json::Value;
use std::{
    collections::BTreeMap,
    fmt::Write as _,
    io::{ErrorKind, Read as _, Write as _},
    net::TcpStream,
    time::Duration,
};

/// One answer, as far as it came.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: BTreeMap<String, String>,
    pub body: Vec<u8>,
    /// Whether the framing says that the body is whole.
    pub whole: bool,
    /// Whether the connection was reset.
    pub reset: bool,
}

impl Answer {
    pub fn json(&self) -> Value {
        assert!(self.whole, "the body is not whole: {self:?}");
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {:?}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }
}

/// A keep-alive connection.
pub struct Client {
    port: u16,
    stream: Option<TcpStream>,
    read: Vec<u8>,
    pub headers: Vec<(String, String)>,
    pub host: Option<String>,
}

pub fn serve(flags: &str) -> (LeadServer, Client) {
    let server = LeadServer::start(Config::from_line(flags).unwrap());
    let client = Client::new(server.port());
    (server, client)
}

impl Client {
    pub fn new(port: u16) -> Client {
        Client { port, stream: None, read: Vec::new(), headers: Vec::new(), host: None }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    pub fn get(&mut self, target: &str) -> Answer {
        self.send("GET", target, "")
    }

    pub fn post(&mut self, target: &str, body: &Value) -> Answer {
        self.send("POST", target, &body.to_string())
    }

    /// GET of an absolute URL, whatever its host: every name is this server.
    pub fn follow(&mut self, url: &str) -> Answer {
        let rest = url.strip_prefix("http://").unwrap();
        let (host, path) = rest.split_at(rest.find('/').unwrap());
        self.host = Some(host.to_owned());
        let answer = self.get(path);
        self.host = None;
        answer
    }

    /// The same, as JSON with status 200.
    pub fn page(&mut self, target: &str) -> Value {
        let answer = self.get(target);
        assert_eq!(answer.status, 200, "{target}: {}", answer.text());
        answer.json()
    }

    pub fn send(&mut self, method: &str, target: &str, body: &str) -> Answer {
        let stream = self.stream.get_or_insert_with(|| {
            self.read.clear();
            let stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
            stream.set_nodelay(true).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            stream
        });
        let host = self.host.clone().unwrap_or_else(|| format!("127.0.0.1:{}", self.port));
        let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\n");
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        if !body.is_empty() {
            let _ = write!(head, "content-length: {}\r\n", body.len());
        }
        stream.write_all(format!("{head}\r\n{body}").as_bytes()).unwrap();
        let mut reset = false;
        let head_len = loop {
            if let Some(at) = find(&self.read, b"\r\n\r\n") {
                break Some(at);
            }
            match more(stream, &mut self.read) {
                More::Data => {}
                More::End => break None,
                More::Reset => {
                    reset = true;
                    break None;
                }
            }
        };
        let Some(head_len) = head_len else {
            self.stream = None;
            let body = std::mem::take(&mut self.read);
            return Answer { status: 0, headers: BTreeMap::new(), body, whole: false, reset };
        };
        let (status, headers) = parse(&self.read[..head_len]);
        self.read.drain(..head_len + 4);
        let mut answer = Answer { status, headers, body: Vec::new(), whole: false, reset };
        loop {
            let left = self.read.len();
            let taken = if answer.header("transfer-encoding") == "chunked" {
                chunks(&self.read)
            } else if method == "HEAD" || status == 204 {
                Some((Vec::new(), 0))
            } else {
                let length = answer.headers.get("content-length").map(|l| l.parse::<usize>().unwrap());
                length.filter(|l| *l <= left).map(|l| (self.read[..l].to_vec(), l))
            };
            if let Some((body, used)) = taken {
                self.read.drain(..used);
                answer.body = body;
                answer.whole = true;
                break;
            }
            match more(stream, &mut self.read) {
                More::Data => {}
                end @ (More::End | More::Reset) => {
                    answer.reset = matches!(end, More::Reset);
                    // Without a length, only a plain end says that all has come.
                    answer.whole = !answer.headers.contains_key("content-length")
                        && answer.header("transfer-encoding").is_empty()
                        && !answer.reset;
                    answer.body = std::mem::take(&mut self.read);
                    self.stream = None;
                    break;
                }
            }
        }
        if answer.header("connection") == "close" {
            self.stream = None;
        }
        answer
    }
}

enum More {
    Data,
    End,
    Reset,
}

fn more(stream: &mut TcpStream, into: &mut Vec<u8>) -> More {
    let mut buffer = vec![0; 65_536];
    match stream.read(&mut buffer) {
        Ok(0) => More::End,
        Ok(n) => {
            into.extend_from_slice(&buffer[..n]);
            More::Data
        }
        Err(e) if e.kind() == ErrorKind::ConnectionReset => More::Reset,
        Err(e) => panic!("{e}"),
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|w| w == what)
}

fn parse(head: &[u8]) -> (u16, BTreeMap<String, String>) {
    let head = std::str::from_utf8(head).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    (status, lines.map(|l| l.split_once(": ").unwrap()).map(|(n, v)| (n.to_owned(), v.to_owned())).collect())
}

/// A chunked body that has come to its end, and its length on the wire.
fn chunks(mut bytes: &[u8]) -> Option<(Vec<u8>, usize)> {
    let (all, mut body) = (bytes.len(), Vec::new());
    loop {
        let line = find(bytes, b"\r\n")?;
        let len = usize::from_str_radix(std::str::from_utf8(&bytes[..line]).ok()?, 16).ok()?;
        bytes = bytes.get(line + 2..)?;
        body.extend_from_slice(bytes.get(..len)?);
        bytes = bytes.get(len + 2..)?;
        if len == 0 {
            return Some((body, all - bytes.len()));
        }
    }
}

/// The ids of a page's records, as plain text.
pub fn ids(records: &Value) -> Vec<String> {
    records.as_array().unwrap().iter().map(|r| id(&r["id"])).collect()
}

pub fn id(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The URL of a relation in a `Link` header written as the server writes it.
pub fn link(header: &str, rel: &str) -> Option<String> {
    let end = format!("rel=\"{rel}\"");
    let mut rest = header;
    while let Some((_, after)) = rest.split_once('<') {
        let (url, params) = after.split_once('>')?;
        let here = params.split_once(", <").map_or(params, |(params, _)| params);
        if here.ends_with(&end) {
            return Some(url.to_owned());
        }
        rest = params;
    }
    None
}

/// What a careful client finds: every page of a cursor list.
pub fn cursor_walk(client: &mut Client, target: &str, most: usize) -> Vec<Vec<String>> {
    let mut pages = Vec::new();
    let mut next = String::new();
    while pages.len() < most {
        let page = client.page(&format!("{target}{next}"));
        pages.push(ids(&page["data"]));
        match page["pagination"]["next_cursor"].as_str() {
            Some(cursor) => next = format!("&cursor={cursor}"),
            None => break,
        }
    }
    pages
}
