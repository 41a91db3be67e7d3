//! URLs, headers, dates, locators, units.

use everypage_core::http::{self, Headers, date, link};
use everypage_core::source::{Fill, Source, parse_locator};
use everypage_core::time::{Millis, UnixMillis};
use everypage_core::url::{Origin, Url, decode, encode};
use serde_json::json;

/// A base, a reference and a value, one a line: what is accepted reads back as it is sent.
pub fn url(input: &[u8]) -> bool {
    let text = String::from_utf8_lossy(input);
    let mut lines = text.splitn(3, '\n');
    let mut line = || lines.next().unwrap_or_default();
    let (base, reference, value) = (line(), line(), line());
    assert_eq!(decode(&encode(value)), value);
    let parsed = Url::parse(base);
    if let Err(error) = &parsed {
        assert!(error.to_string().len() < 300, "{error}");
    }
    let parsed = parsed.ok();
    let known = Url::parse("https://api.example.com/v1/leads?status=active").expect("it is one");
    let resolved = parsed.as_ref().unwrap_or(&known).resolve(reference).ok();
    let taken = parsed.is_some() && resolved.is_some();
    for url in [parsed, resolved].into_iter().flatten() {
        assert_eq!(Url::parse(url.as_str()), Ok(url.clone()));
        assert!(url.as_str().bytes().all(|b| b.is_ascii_graphic()), "{url:?}");
        assert!(!url.as_str().contains('#') && !url.redacted().contains('?'));
        assert_eq!(Origin::parse(&url.origin().to_string()), Ok(url.origin()));
        assert!(url.agrees_with(url.as_str()));
        assert_eq!(url.resolve(""), Ok(url.clone()));
        assert_eq!(url.resolve(url.as_str()), Ok(url.clone()));
        let with = url.with_param("cursor", value);
        assert_eq!(with.param("cursor").as_deref(), Some(value));
        assert_eq!((with.origin(), with.path()), (url.origin(), url.path()));
        assert_eq!(Url::parse(with.as_str()), Ok(with.clone()));
        assert_eq!(with.without_param("cursor").param("cursor"), url.without_param("cursor").param("cursor"));
        let _ = (url.is_private(), url.params());
    }
    taken
}

/// `Link` headers, one a line: a target that is found stands in one of them.
pub fn link_header(input: &[u8]) -> bool {
    let fields: Vec<&[u8]> = input.split(|byte| *byte == b'\n').collect();
    let headers: Headers = fields.iter().map(|field| ("Link", *field)).collect();
    match link::target(&headers, "next") {
        Ok(Some(target)) => {
            let wrapped = format!("<{target}>");
            let stands = |field: &&[u8]| field.windows(wrapped.len()).any(|part| part == wrapped.as_bytes());
            assert!(!target.is_empty() && fields.iter().any(stands), "{target}");
            true
        }
        Ok(None) => false,
        Err(error) => {
            assert!(error.to_string().len() < 200);
            false
        }
    }
}

const CLOCKS: [Option<UnixMillis>; 5] = [
    Some(UnixMillis(1_790_000_000_000)),
    None,
    Some(UnixMillis(0)),
    Some(UnixMillis(i64::MAX)),
    Some(UnixMillis(i64::MIN)),
];

/// The clocks that the first byte chooses, and what comes after it.
fn clocked(input: &[u8]) -> Option<(Option<UnixMillis>, Option<UnixMillis>, &[u8])> {
    let (first, rest) = input.split_first()?;
    let clock = |digit: u8| CLOCKS[usize::from(digit) % CLOCKS.len()];
    Some((clock(*first), clock(first / 5), rest))
}

/// A date of HTTP is read or refused, and dates on the wire have four digits of year.
pub fn http_date(input: &[u8]) -> bool {
    let Some((server, _, text)) = clocked(input) else { return false };
    let headers: Headers = [("Date", text)].into_iter().collect();
    let _ = date::of(&headers);
    let Some(at) = std::str::from_utf8(text).ok().and_then(|text| date::parse(text, server)) else {
        return false;
    };
    assert!(at.0.abs() < 400_000_000_000_000, "{at:?}");
    true
}

/// `Retry-After`, one a line, is read or counted as ignored; the longest wait counts.
pub fn retry_after(input: &[u8]) -> bool {
    let Some((server, local, rest)) = clocked(input) else { return false };
    let read = |fields: &[&[u8]]| {
        let headers: Headers = fields.iter().map(|field| ("Retry-After", *field)).collect();
        http::retry_after::parse(&headers, server, local)
    };
    let fields: Vec<&[u8]> = rest.split(|byte| *byte == b'\n').take(8).collect();
    let stated = read(&fields);
    assert!(stated.wait.is_some() || stated.ignored > 0);
    for field in &fields {
        let alone = read(&[field]);
        assert!(alone.wait <= stated.wait, "{alone:?} alone, {stated:?} together");
    }
    stated.wait.is_some()
}

/// A locator reads back as it is written.
pub fn locator(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    match parse_locator(text) {
        Ok(locator) => {
            let printed = locator.to_string();
            assert_eq!(parse_locator(&printed).ok().as_ref(), Some(&locator), "{printed}");
            true
        }
        Err(misfit) => {
            assert!(misfit.to_string().len() < 2000 + text.len() * 8);
            false
        }
    }
}

/// A duration is exactly its digits times its unit, and a size of a body is, too.
pub fn unit(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let (digits, unit) = text.split_at(text.bytes().take_while(u8::is_ascii_digit).count());
    let number: Option<u128> = digits.parse().ok();
    let times = |units: &[(&str, u128)]| {
        let (_, factor) = units.iter().find(|(name, _)| *name == unit)?;
        number?.checked_mul(*factor)
    };
    let time = times(&[("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)]);
    // The number alone has to fit, too: nobody writes twenty zeros before a digit.
    let fits = |value: &u128| u64::try_from(*value).is_ok();
    let parsed = Millis::parse(text);
    assert_eq!(parsed.map(|time| u128::from(time.0)), time.filter(fits), "{text}");
    if let Some(time) = parsed {
        assert_eq!(Millis::parse(&time.to_string()), Some(time));
    }
    let size = times(&[("B", 1), ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)]);
    let size = size.filter(|bytes| (1..=u128::from(u32::MAX)).contains(bytes));
    let source = json!({"request": {"url": "https://api.example.com/leads"}, "records": "/data",
        "pagination": {"style": "single"}, "limits": {"body": text}});
    let body = Source::from_value(&source, &Fill::none()).ok().map(|source| u128::from(source.limits.body));
    assert_eq!(body, size, "{text}");
    parsed.is_some() || body.is_some()
}
