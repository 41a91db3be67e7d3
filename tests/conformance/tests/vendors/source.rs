//! From an entry to the source a user would write for it.

use crate::entry::{Entry, Next, Slot, State, Step, Stop, bare};
use crate::odd;
use serde_json::{Map, Value, json};

/// The page size that is asked for: small, so that there are several pages.
pub const SIZE: u64 = 50;

/// The document of a source. `declared` adds what the vendor promises of order and positions.
pub fn document(entry: &Entry, declared: bool) -> Value {
    let spec = &entry.spec;
    let base = base(&entry.id);
    let mut doc = json!({
        "name": entry.id,
        "request": request(entry, &base),
        "records": records(entry),
        "id": spec.record_id,
        "pagination": pagination(entry),
    });
    if let Some(size) = &spec.size {
        doc["size"] = json!({"write": written(&size.slot, "SIZE"), "value": SIZE});
        if let Some(max) = size.max {
            doc["size"]["max"] = max.into();
        }
    }
    for state in &spec.state {
        if let Next::Counter { echo: Some(echo), .. } = &state.next {
            doc["size"]["echo"] = format!("body:{echo}").into();
        }
    }
    if let Some(total) = total(entry, &mut doc) {
        doc["total"] = total;
    }
    let signals = signals(entry, doc.get("total").is_some());
    if !signals.is_empty() {
        doc["end"] = signals.into();
    }
    if let Some(rule) = spec.ok.as_deref().map(rule) {
        doc["classify"] = json!([rule]);
    }
    if let Some(cap) = entry.caps.iter().max_by_key(|cap| cap.limit) {
        let unit = if cap.unit == "rows" { "records" } else { &cap.unit };
        doc["cap"] = json!({unit: cap.limit});
    }
    merge(&mut doc, odd::source(&entry.id, &base));
    if declared && entry.counts() {
        doc["order"] = json!({"by": spec.record_id, "immutable": true});
    } else if declared && !spec.state.is_empty() {
        doc["pagination"]["stable"] = "key".into();
    }
    doc
}

/// The URL of the list.
pub fn base(id: &str) -> String {
    format!("https://{}.example{}", id.replace('.', "-"), odd::path(id))
}

fn request(entry: &Entry, base: &str) -> Value {
    let spec = &entry.spec;
    let mut request = json!({"url": base, "method": spec.method});
    if spec.method == "POST" {
        request["read_only"] = true.into();
    }
    for fixed in spec.fixed.iter().map(String::as_str) {
        let (place, fixed) = fixed.strip_prefix("then ").map_or(("", fixed), |rest| ("then", rest));
        let (name, value) = fixed.trim_start_matches("q:").split_once('=').expect("a fixed parameter");
        let at = if place.is_empty() { &mut request["query"] } else { &mut request[place]["query"] };
        at[name] = value.into();
    }
    let mut text = odd::text(&entry.id).to_owned();
    let mut param = None;
    let positions = spec.state.iter().map(|state| (&state.slot, "{POS}"));
    let sizes = spec.size.iter().map(|size| (&size.slot, "{SIZE}"));
    for (slot, placeholder) in positions.chain(sizes) {
        match slot {
            Slot::Text { param: name, template } => {
                param = Some(name);
                text.push_str(if template.contains('=') { "&" } else { " " });
                text.push_str(&template.replace("{}", placeholder));
            }
            Slot::Path { template } => request["url"] = format!("{base}{template}").into(),
            Slot::Body { .. } | Slot::Form { .. } | Slot::Header { .. } | Slot::Query { .. } | Slot::Url => {}
        }
    }
    if let Some(param) = param {
        request[carrier(entry)] = json!({param: text});
    }
    request
}

/// What kind of parameter holds a text.
pub fn carrier(entry: &Entry) -> &'static str {
    let json = entry.spec.state.iter().any(|state| matches!(state.slot, Slot::Body { .. }));
    match entry.spec.method.as_str() {
        "POST" if json => "body",
        "POST" => "form",
        _ => "query",
    }
}

fn records(entry: &Entry) -> Value {
    json!({"at": entry.spec.records.pointer, "each": entry.spec.records.each.as_deref().unwrap_or_default()})
}

/// A locator to write to.
fn written(slot: &Slot, name: &str) -> String {
    match slot {
        Slot::Body { pointer } => format!("body:{pointer}"),
        Slot::Form { name } => format!("form:{name}"),
        Slot::Header { name, template } => format!("header:{name}~{template}"),
        Slot::Path { template } => format!("path:{}", template.trim_matches(['/', '{', '}'])),
        Slot::Query { name } => format!("query:{name}"),
        Slot::Text { .. } => format!("text:{name}"),
        Slot::Url => unreachable!("a link is not written"),
    }
}

fn pagination(entry: &Entry) -> Value {
    let [state] = entry.spec.state.as_slice() else {
        if entry.spec.state.is_empty() {
            return json!({"style": "single"});
        }
        let states: Vec<Value> = entry.spec.state.iter().map(long).collect();
        return json!({"state": states});
    };
    let mut style = match &state.next {
        Next::Counter { step: Step::One, .. } => json!({"style": "page"}),
        Next::Counter { step, .. } => json!({"style": "offset", "step": match step {
            Step::EchoedSize => "echo",
            Step::One | Step::Records => "records",
            Step::Size => "size",
        }}),
        Next::Body { .. } | Next::Header { .. } => json!({"style": "cursor", "read": read(&state.next)}),
        Next::LastRecord { .. } | Next::MaxOfRecords { .. } => {
            json!({"style": "keyset", "read": read(&state.next)})
        }
        Next::LinkBody { take, param, .. } => {
            let take = param.as_ref().map_or(take.clone(), |param| format!("param:{param}"));
            return json!({"style": "link", "read": read(&state.next), "take": take});
        }
        Next::LinkHeader { .. } => return json!({"style": "link", "read": read(&state.next)}),
    };
    style["write"] = written(&state.slot, "POS").into();
    if !state.init.is_null() {
        style["start"] = state.init.clone();
    }
    style
}

/// One state of the long form.
fn long(state: &State) -> Value {
    let next = match &state.next {
        Next::Counter { step: Step::One, .. } => json!({"add": "one"}),
        Next::Counter { step: Step::Records, .. } => json!({"add": "records"}),
        Next::Counter { step: Step::Size, .. } => json!({"add": "size"}),
        Next::Counter { echo, .. } => json!({"add": echo.as_ref().map(|echo| format!("body:{echo}"))}),
        Next::Body { .. }
        | Next::Header { .. }
        | Next::LastRecord { .. }
        | Next::LinkBody { .. }
        | Next::LinkHeader { .. }
        | Next::MaxOfRecords { .. } => read(&state.next).into(),
    };
    let encoded = matches!(&state.next, Next::LastRecord { encode: Some(_), .. });
    let write = written(&state.slot, "POS") + if encoded { "~{json}" } else { "" };
    let mut long = json!({"write": write, "next": next});
    if !state.init.is_null() {
        long["start"] = state.init.clone();
    }
    long
}

/// A locator to read from.
fn read(next: &Next) -> String {
    match next {
        Next::Body { pointer } | Next::LinkBody { pointer, .. } => format!("body:{pointer}"),
        Next::Counter { .. } => unreachable!("a counter reads nothing"),
        Next::Header { name } => format!("header:{name}"),
        Next::LastRecord { pointer, .. } => format!("last:{pointer}"),
        Next::LinkHeader { rel } => format!("link:{rel}"),
        Next::MaxOfRecords { pointer } => format!("max:{pointer}"),
    }
}

/// `hdr:X` or `body:/x` as a locator.
pub fn place(text: &str) -> String {
    bare(text).replace("hdr:", "header:")
}

/// The end signals; none where they are the style's own.
fn signals(entry: &Entry, total: bool) -> Vec<Value> {
    let signals: Vec<Value> = entry
        .spec
        .stop
        .iter()
        .filter_map(|stop| match stop {
            Stop::Empty => Some("empty".into()),
            Stop::Flag { pointer, value } => {
                let is: Value = serde_json::from_str(value).expect("a flag's value is JSON");
                Some(json!({"flag": format!("body:{pointer}"), "is": is}))
            }
            Stop::Missing => Some("missing".into()),
            Stop::PageCount { source } => Some(json!({"pages": place(source)})),
            Stop::Short => Some("short".into()),
            Stop::SiblingAbsent { pointer } => Some(json!({"absent": format!("body:{pointer}")})),
            Stop::Total => total.then(|| "total".into()),
        })
        .collect();
    let one = entry.spec.state.len() == 1;
    let natural = if entry.counts() || entry.is_keyset() {
        signals.iter().all(|signal| matches!(signal.as_str(), Some("short" | "empty" | "total")))
    } else {
        signals.iter().all(|signal| signal == "missing")
    };
    if one && natural { Vec::new() } else { signals }
}

/// The total, where the API states one that means the whole list.
fn total(entry: &Entry, doc: &mut Value) -> Option<Value> {
    let text = entry.spec.total.as_deref()?;
    let (kind, text) =
        text.strip_prefix("remaining: ").map_or((None, text), |rest| (Some("remaining"), rest));
    let remark = text.split_once(" (").map_or("", |(_, remark)| remark);
    // Needs an expansion, counts something else, or is another request (see `odd`).
    if ["separate", "whole view", "on search only", "capped", "needs expand"]
        .iter()
        .any(|mark| text.contains(mark))
    {
        return None;
    }
    let switch = remark.split([' ', ')']).find_map(|word| word.split_once('='));
    if let Some((name, value)) =
        switch.filter(|_| doc["request"]["query"].get("include_paging_counts").is_none())
    {
        doc["request"]["query"][name] = value.into();
    }
    let kind = kind.unwrap_or(if remark.contains("estimate") || remark.contains("approximate") {
        "estimate"
    } else {
        "exact"
    });
    Some(json!({"read": place(text), "kind": kind}))
}

/// The rule behind `ok`.
fn rule(ok: &str) -> Value {
    if ok.starts_with("204") {
        return json!({"when": {"status": 204}, "is": "empty"});
    }
    match ok.split_once('=') {
        Some((pointer, value)) => {
            let value: Value = serde_json::from_str(value).expect("the value is JSON");
            json!({"when": {format!("body:{pointer}"): {"not": value}}, "is": "fatal"})
        }
        None => {
            json!({"when": {format!("body:{}", ok.trim_end_matches(" absent")): {"present": true}}, "is": "fatal"})
        }
    }
}

/// Puts more members into an object, deeply.
fn merge(doc: &mut Value, more: Value) {
    match more {
        Value::Object(more) => {
            if !doc.is_object() {
                *doc = Value::Object(Map::new());
            }
            for (key, value) in more {
                merge(&mut doc[key], value);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => *doc = more,
    }
}
