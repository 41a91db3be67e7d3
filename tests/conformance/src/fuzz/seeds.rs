//! Inputs to start from: some by hand, the others from the vectors.

use super::CANARY;
use crate::vectors::format::{Vector, What};
use crate::vectors::replay;
use everypage_core::rng::{Rng, Seed};
use serde_json::Value;

/// The seeds of a target.
///
/// # Panics
/// When a vector doesn't come out as it says.
pub fn of(target: &str) -> Vec<Vec<u8>> {
    match target {
        "walk" => noise(60, 400),
        "forgery" => noise(30, 300),
        "body" => with_head(&bodies(), b"\0"),
        "checkpoint" => {
            vectors().iter().filter_map(|vector| vector.checkpoint.clone()).map(Into::into).collect()
        }
        "source" => sources(),
        "transcript" => vectors().iter().filter_map(transcript).collect(),
        "http_date" => with_head(&bytes(&DATES), b"\0"),
        "retry_after" => with_head(&bytes(&WAITS), b"\0"),
        "keys" => bytes(&KEYS),
        "link_header" => bytes(&LINKS),
        "locator" => bytes(&LOCATORS),
        "pointer" => bytes(&POINTERS),
        "rate" => with_head(&bytes(&RATES), b"\x01\0\0\0\0\0\0\0"),
        "rows" => bytes(&ROWS),
        "search" => searches(),
        "unit" => bytes(&UNITS),
        "url" => bytes(&URLS),
        "value" => bytes(&VALUES),
        _ => Vec::new(),
    }
}

fn bytes(texts: &[&str]) -> Vec<Vec<u8>> {
    texts.iter().map(|text| text.as_bytes().to_vec()).collect()
}

fn with_head(inputs: &[Vec<u8>], head: &[u8]) -> Vec<Vec<u8>> {
    inputs.iter().map(|input| [head, input].concat()).collect()
}

/// Decisions by chance.
fn noise(count: u64, length: usize) -> Vec<Vec<u8>> {
    let one = |seed| {
        let mut rng = Rng::new(Seed(seed));
        (0..length).map(|_| rng.next_u64() as u8).collect()
    };
    (0..count).map(one).collect()
}

fn vectors() -> Vec<Vector> {
    crate::vectors::all().unwrap_or_else(|wrong| panic!("{}", wrong.join("\n")))
}

/// Documents of the vectors and some that use what those don't.
fn sources() -> Vec<Vec<u8>> {
    let vectors = vectors();
    let known = vectors.iter().map(|vector| vector.source.to_string().into_bytes());
    let mut sources: Vec<Vec<u8>> = bytes(&SOURCES).into_iter().chain(known).collect();
    sources.sort();
    sources.dedup();
    sources
}

/// Bodies of the vectors, and stranger ones.
fn bodies() -> Vec<Vec<u8>> {
    let vectors = vectors();
    let steps = vectors.iter().flat_map(|vector| &vector.steps);
    let answered = steps.filter_map(|step| match &step.what {
        What::Response(response) => response.body.clone().map(String::into_bytes),
        What::Acknowledge(_)
        | What::Authorize(_)
        | What::Blocked(_)
        | What::Checkpoint(_)
        | What::Credentials(_)
        | What::Deliver(_)
        | What::Failure(_)
        | What::Finish(_)
        | What::Send(_)
        | What::Sleep(_)
        | What::Stop(_) => None,
    });
    let mut bodies: Vec<Vec<u8>> = BODIES.iter().map(|body| body.to_vec()).chain(answered).collect();
    bodies.sort();
    bodies.dedup();
    bodies.retain(|body| body.len() < 1000);
    bodies
}

fn searches() -> Vec<Vec<u8>> {
    let all = POINTERS
        .iter()
        .flat_map(|pointer| BODIES.iter().map(move |body| [pointer.as_bytes(), b"\n", body].concat()));
    all.step_by(3).collect()
}

/// The happenings of a vector as [`super::transcript`] reads them. Vectors that need values from outside are left out.
fn transcript(vector: &Vector) -> Option<Vec<u8>> {
    if !vector.vars.is_empty() || vector.auth.is_some() || vector.checkpoint.is_some() {
        return None;
    }
    let mut out = masked(&vector.source).to_string().into_bytes();
    for step in &vector.steps {
        let part = match &step.what {
            What::Response(response) => {
                let answer = replay::answer(response).ok()?;
                let mut part = format!("{}\n", answer.status).into_bytes();
                if answer.headers_hidden {
                    part.extend_from_slice(b"Hidden: 1\n");
                }
                if let Some(url) = &answer.url {
                    part.extend_from_slice(format!("Asked: {url}\n").as_bytes());
                }
                for (name, value) in answer.headers.iter() {
                    part.extend_from_slice(&[name.as_bytes(), b": ", value, b"\n"].concat());
                }
                [&part, &b"\n"[..], &answer.body].concat()
            }
            What::Failure(failure) => failure.kind.clone().into_bytes(),
            What::Credentials(_) => b"credentials".to_vec(),
            What::Stop(_) => b"stop".to_vec(),
            What::Checkpoint(_) => b"resume".to_vec(),
            What::Acknowledge(_)
            | What::Authorize(_)
            | What::Blocked(_)
            | What::Deliver(_)
            | What::Finish(_)
            | What::Send(_)
            | What::Sleep(_) => continue,
        };
        out.extend_from_slice(b"\n%%");
        out.extend_from_slice(&part);
    }
    Some(out)
}

/// The document with the canary for its bearer, if it has one.
fn masked(document: &Value) -> Value {
    let mut document = document.clone();
    if let Some(bearer) = document.pointer_mut("/auth/bearer") {
        *bearer = CANARY.into();
    }
    document
}

const POINTERS: [&str; 9] = [
    "/next",
    "/meta/total",
    "/errors/-1/message",
    "/list[k=v]/x",
    "/meta/more/0",
    "/a/b/c",
    "",
    "/data/1/id",
    "/a~1b/~0",
];

const BODIES: [&[u8]; 8] = [
    br#"{"data":[{"id":1,"tags":[{"name":"x","v":2}]},{"id":"a\u00e9\n","node":{"id":1.5e3}}],"next":"c2","meta":{"total":137,"more":[true,false]}}"#,
    br#"{"rows":{"items":[{"node":{"id":18446744073709551616}},null,[],{}]},"meta":{"total":"137"},"next":null}"#,
    b"\xef\xbb\xbf [ 1 , -2.5E+10 , \"x\" , { } , [ ] , true , null ] \n",
    br#"{"errors":[{"message":"no"},{"message":"\ud83d\ude00\\\/\b\f\n\r\t"}],"data":null}"#,
    br#"{"a":{"b":{"c":{"d":[[[[[[[[1]]]]]]]]}}},"data":{"data":[{"id":1}]},"list":[{"k":"v","x":7}]}"#,
    b"<!doctype html><p>no</p>",
    br#""just a text""#,
    br#"{"next":{"key":{"N":"1"}},"data":[]}"#,
];

const VALUES: [&str; 9] = [
    "1\n1.0\n1e0",
    "-0\n0\n1e400",
    "\"a\"\n\"\\u0061\"\n\"\"",
    "true\nnull\n10",
    "9\n1e-5\n-2.5E+10",
    "{\"b\":[1,{}],\"a\":\"\\ud83d\\ude00\"}",
    "[1, 2]\n[1,2]\n{\"k\" : 1}",
    "18446744073709551615\n18446744073709551616\n0.1",
    "{\"a\":{\"b\":[true,null,\"x\"]}}",
];

const KEYS: [&str; 7] = [
    ";;\n1\n\"x\"\n1.5",
    "1-100 105;;\ni105\n106\n\"67e55044-10b1-426f-9247-bb680e5fe0c8\"",
    "0-18446744073709551615;;\n7",
    "0-18446744073709551614;;\n18446744073709551615",
    "5;;\ntrue\n-1\n99999999999999999999",
    "1 3 5 7-9;;\n4\n\"\\u0041\"",
    ";;",
];

const ROWS: [&str; 6] = [
    "/id\n{\"id\":1}\n{\"id\":\"a\",\"x\":{\"id\":9}}\n{\"x\":[],\"id\":1}\n",
    "/a /b/c\n{\"b\":{\"c\":\"y\"},\"a\":1}",
    "\n{\"a\": 1}\n\"text\"\n{\"a\":1}\n[1, 2]\n",
    "/id\n{\"id\":null}\n{}\n\n{\"id\":5}\n",
    "/id\n{\"id\":5}\n{\"id\":6",
    "/list[k=v]/x\n{\"list\":[{\"k\":\"v\",\"x\":7}]}\n7\n",
];

const UNITS: [&str; 16] = [
    "500ms",
    "30s",
    "5m",
    "2h",
    "15d",
    "0ms",
    "1B",
    "512KiB",
    "64MiB",
    "3GiB",
    "4GiB",
    "",
    "5",
    "1.5s",
    "0001h",
    "18446744073709551615d",
];

const URLS: [&str; 11] = [
    "https://api.example.com/v1/leads?a=1&b=%2C|{}#x\n?page=2&size=10\nc2",
    "http://10.0.0.1:8080/a/../b/./c\n../../x/%2e%2e/y\n",
    "https://[2001:db8::1]:443/x\n//evil.example/x\na b",
    "HTTPS://User@EXAMPLE.com:0443\n\n%2",
    "https://xn--bcher-kva.example/\n/a;b=c/d,e?f=[1]\n\u{e9}",
    "https://h:8080?cursor=1&cursor=2\nhttp://h:8080/\n&=#",
    "http://0x7f.1/\n///x\n",
    "https://[::ffff:127.0.0.1]/\nhttps:/x\n1",
    "http://169.254.169.254/latest\nhttp:x\n\0",
    "https://a.b.c.d.example.:443/\n#f\n+",
    "\n?\n/",
];

const LINKS: [&str; 7] = [
    "<https://api.example.com/?page=2>; rel=\"next\", <https://api.example.com/?page=9>; rel=last",
    "<a>; title=\"x \\\" , <b>; rel=next\"; REL=next;x",
    "<?a=1,2;3>;rel=\"prev next\" ,, <z>; rev=next; anchor=\"#x\"",
    "<a>; rel*=UTF-8''next; rel=next",
    "<>; rel=next",
    ",\n<b>; rel=next",
    "<a>; rel=next\n<a>; rel=next\n<c>; rel=prev",
];

const DATES: [&str; 6] = [
    "Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994",
    "Mon, 21 Sep 2026 14:13:20 GMT",
    "Thu, 29 Feb 2024 23:59:60 GMT",
    "Fri, 31 Dec 9999 23:59:59 GMT",
];

const WAITS: [&str; 7] = [
    "120",
    "5, 60, Fri, 31 Dec 9999 23:59:59 GMT",
    "Mon, 21 Sep 2026 14:13:20 GMT\n7",
    "99999999999999999999999",
    "-1\n0",
    "soon",
    "Sunday, 06-Nov-94 08:49:37 GMT, 3",
];

const LOCATORS: [&str; 15] = [
    "query:cursor",
    "body:/meta/next",
    "header:Prefer~odata.maxpagesize={}",
    "status",
    "link:next",
    "last:/id",
    "max:/id~x{}y",
    "record:/a/-1",
    "query:a,b,*",
    "query:range~[{},{last}]",
    "path:id",
    "text:NAME",
    "form:f",
    "body:/list[k=v]/x~{json}",
    "body:/a~1b~0",
];

const RATES: [&str; 12] = [
    "X-RateLimit-Limit: 60\nX-RateLimit-Remaining: 0\nX-RateLimit-Reset: 1790000041",
    "X-RateLimit-Limit: 60\nX-RateLimit-Remaining: 1\nX-RateLimit-Reset: 41\n\nX-RateLimit-Remaining: 0",
    "X-Rate-Limit-Remaining: 0\nX-Rate-Limit-Reset: 2026-09-21T14:13:50Z",
    "RateLimit: \"d\";r=0;t=5\nRateLimit-Policy: \"d\";q=10000;w=1000",
    "RateLimit: limit=10, remaining=0, reset=5\nAge: 300",
    "RateLimit-Limit: 10, 10;w=60, 5;w=1\nRateLimit-Remaining: 0\nRateLimit-Reset: 5",
    "RateLimit: default;r=1, \"b\";r=0;t=0.5\nDate: Mon, 21 Sep 2026 14:13:50 GMT",
    "x-ratelimit-remaining-requests: 0\nx-ratelimit-reset-requests: 6m0s\nx-ratelimit-reset-tokens: 20ms",
    "1: 0\n4: 1500\n\n6: 41/41\n8: 7",
    "0: 100\n1: 41\n2: 1790000041000\n3: 1790000041\n5: 1e9\n7: 20",
    "X-RateLimit-Remaining: -1\nX-RateLimit-Reset: 18446744073709551615",
    "Age: 1\nDate: Thu, 01 Jan 1970 00:00:00 GMT\nRateLimit-Reset: 0.5",
];

const SOURCES: [&str; 5] = [
    r#"{"request":{"url":"https://api.example.com/v1/leads","query":{"status":"active","n":[1,2]},"headers":{"x-a":"1"}},"auth":{"bearer":"canary-5f21c0ffee"},"records":"/data","id":"/id","size":{"write":"query:limit","value":100,"max":1000},"pagination":{"style":"cursor","read":"body:/next","write":"query:cursor"},"end":["missing",{"flag":"body:/has_more","is":false}],"total":{"read":"body:/total","kind":"exact"},"rate":[{"requests":100,"per":"60s","burst":7}]}"#,
    r#"{"request":{"url":"https://api.example.com/search","method":"POST","read_only":true,"body":{"q":"x","page":{"n":1}},"first":{"headers":{"a":"1"}}},"auth":{"header":{"x-api-key":"canary-5f21c0ffee"}},"records":{"at":["/data","/rows"],"each":"/node","missing":"empty","drop":{"record:/@removed":{"present":true}}},"id":["/a","/b"],"pagination":{"state":[{"write":"body:/page/n","start":1,"next":{"add":"one"}},{"write":"body:/key","next":"last:/id"}]},"end":["empty",{"pages":"body:/pages"}]}"#,
    r#"{"name":"x","request":{"url":"https://api.example.com/{path}/a"},"auth":{"query":{"key":"canary-5f21c0ffee"}},"records":"","id":{"at":"/id","dense":true},"order":{"by":"/id","direction":"desc","immutable":true},"size":{"write":"query:range~[{},{last}]","value":7,"min":2},"pagination":{"style":"offset","write":"path:path","start":0,"step":"size"},"concurrency":4,"ahead":5,"cap":{"records":10000},"retry":{"attempts":3,"base":"10ms","cap":"1s","page_time":"5s"},"limits":{"pages":50,"no_progress":2,"body":"1MiB","deadline":"2h"}}"#,
    r#"{"request":{"url":"https://api.example.com/l"},"auth":{"basic":["u","canary-5f21c0ffee"]},"records":"/value","pagination":{"style":"link","read":"header:Content-Range~*/{}","take":"param:p","reuse":"once","expired":"fail","lifetime":"5m"},"classify":[{"when":{"status":{"in":[429,503]},"body:/e":{"not":{"contains":"x"}}},"is":"throttled","wait":"header:X-Wait"}],"hints":[{"read":"header:X-Left","means":"remaining"}],"capture":{"delta":"body:/delta"},"origins":["https://b.example.com"],"incomplete":{"flag":"body:/partial","is":true}}"#,
    r#"{"request":{"url":"https://api.example.com/k","form":{"a":1},"method":"POST","read_only":true},"auth":{"body":{"/token":"canary-5f21c0ffee"}},"records":"/data","id":"/id","pagination":{"style":"keyset","write":"form:after","expired":"keyset"},"max_wait":"10m","pacing":"burst"}"#,
];
