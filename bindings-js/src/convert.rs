//! Between the core's words and JavaScript's.

use everypage_core::error::{Fault, InvalidSource, UsageError};
use everypage_core::http::Headers;
use everypage_core::time::{Now, Tick, UnixMillis};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::prelude::JsValue;

/// What is thrown: the package makes an `EverypageError` of it.
#[derive(Serialize)]
struct Thrown<'a> {
    code: &'a str,
    kind: &'a str,
    advice: String,
    faults: &'a [Fault],
}

/// A value as plain JavaScript: objects, arrays, null.
pub(crate) fn plain<T: Serialize>(value: &T) -> JsValue {
    // Only numbers beyond 2^53 could fail, and there are none left in what is converted here.
    value.serialize(&serde_wasm_bindgen::Serializer::json_compatible()).unwrap_or(JsValue::UNDEFINED)
}

pub(crate) fn thrown(code: &str, kind: &str, advice: String) -> JsValue {
    plain(&Thrown { code, kind, advice, faults: &[] })
}

pub(crate) fn invalid(error: &InvalidSource) -> JsValue {
    let advice = error.to_string();
    plain(&Thrown { code: InvalidSource::CODE, kind: "InvalidSource", advice, faults: &error.faults })
}

pub(crate) fn usage(error: UsageError) -> JsValue {
    thrown(UsageError::CODE, "UsageError", error.to_string())
}

/// JSON text of an option, which is named if it doesn't fit.
pub(crate) fn text_at<T: DeserializeOwned>(text: &str, field: &str, expected: &str) -> Result<T, JsValue> {
    serde_json::from_str(text).map_err(|_| {
        let (found, expected) = ("something else".to_owned(), expected.to_owned());
        invalid(&InvalidSource { faults: vec![Fault { field: field.to_owned(), found, expected }] })
    })
}

pub(crate) fn now(tick: f64, unix: Option<f64>) -> Now {
    Now { tick: Tick(tick as u64), unix: unix.map(|unix| UnixMillis(unix as i64)) }
}

/// One `name: value` a line. Values are bytes, one character each, as `fetch` hands them out.
pub(crate) fn headers(lines: &str) -> Headers {
    let fields = lines.split('\n').filter_map(|line| line.split_once(": "));
    fields.map(|(name, value)| (name, value.chars().map(|c| c as u8).collect::<Vec<u8>>())).collect()
}
