//! The records of a page on their way out: one buffer and where each record stands in it.

use crate::numbers;
use everypage_core::walk::Page;
use js_sys::{Object, Reflect, Uint8Array, Uint32Array};
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// The records as one JSON array, byte for byte as the server sent each, and their places in it.
pub(crate) fn array(page: &Page) -> (Vec<u8>, Vec<u32>) {
    let size = page.records().map(|record| record.len() + 1).sum::<usize>() + 1;
    let mut json = Vec::with_capacity(size.max(2));
    let mut spans = Vec::with_capacity(page.len() * 2);
    json.push(b'[');
    for record in page.records() {
        if !spans.is_empty() {
            json.push(b',');
        }
        spans.push(json.len() as u32);
        json.extend_from_slice(record);
        spans.push(json.len() as u32);
    }
    json.push(b']');
    (json, spans)
}

/// The page as the package's TypeScript takes it.
pub(crate) fn delivered(page: &Page) -> JsValue {
    let (json, spans) = array(page);
    let out = Object::new();
    let set = |name: &str, value: JsValue| {
        // Setting a member of a plain object can't fail.
        let _ = Reflect::set(&out, &name.into(), &value);
    };
    set("page", (page.id.0 as f64).into());
    set("number", (page.number as f64).into());
    set("long", numbers::has_long(&json).into());
    set("broken", (json.contains(&b'\n') || json.contains(&b'\r')).into());
    set("json", Uint8Array::from(json.as_slice()).into());
    set("spans", Uint32Array::from(spans.as_slice()).into());
    out.into()
}

/// The same JSON with whole numbers that a double can't hold as texts, each behind `mark`.
#[wasm_bindgen(js_name = rewriteNumbers)]
pub fn rewrite_numbers(json: &[u8], mark: &str) -> Vec<u8> {
    numbers::rewrite(json, mark)
}
