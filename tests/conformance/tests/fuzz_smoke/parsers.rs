//! JSON, sources, checkpoints, sets of keys.

use crate::mutate::Mutator;
use everypage_conformance::drive::Host;
use everypage_conformance::world::World;
use everypage_core::checkpoint::Checkpoint;
use everypage_core::dedup::{HashKey, Key, Seen};
use everypage_core::json::{
    Limits, Plan, Pointer, Raw, ScanError, Tree, arrays, compare, lookup, same, scan,
};
use everypage_core::pace::Budget;
use everypage_core::rng::Seed;
use everypage_core::source::{Fill, Source};
use everypage_core::walk::Walk;

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

fn pointers() -> Vec<Pointer> {
    POINTERS.iter().map(|text| Pointer::parse(text).unwrap()).collect()
}

/// What serde_json takes for JSON, without looking into it. Nesting too deep for it is unknown.
fn is_json(body: &[u8]) -> Option<bool> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    match serde_json::from_slice::<serde::de::IgnoredAny>(body) {
        Ok(_) => Some(true),
        Err(error) if error.to_string().contains("recursion") => None,
        Err(_) => Some(false),
    }
}

#[test]
fn bodies_are_scanned_or_refused_and_every_span_is_a_value() {
    let wanted = pointers();
    let mut builder = Plan::builder();
    let slots: Vec<usize> = wanted.iter().map(|pointer| builder.body(pointer)).collect();
    let at = |text: &str| Pointer::parse(text).unwrap();
    builder.records(&[at("/data"), at("/rows/items"), at("")], &at("/node"));
    for text in ["/id", "/node/id", "/tags[name=x]/v"] {
        builder.element(&at(text));
    }
    let plan = builder.build();
    let mut mutator = Mutator::new(1);
    let (mut taken, mut refused) = (0, 0);
    for round in 0..6000 {
        let body = mutator.bytes(&BODIES);
        let limits = Limits { depth: [8, 128][round % 2], value: [16, 65536][round % 3 % 2] };
        let shown = || String::from_utf8_lossy(&body).into_owned();
        let _ = arrays(&body);
        match scan(&body, &plan, &limits) {
            Ok(found) => {
                taken += 1;
                assert_eq!(found.cells.len(), found.rows.len() * 3);
                assert!(found.invalid_utf8 || is_json(&body) != Some(false), "not JSON: {}", shown());
                let rows = found.rows.iter().flat_map(|row| [&row.element, &row.record]);
                for span in rows.chain(&found.cells).chain(&found.values).filter(|span| !span.is_none()) {
                    let bytes = span.slice(&body);
                    assert!(!bytes.is_empty() && bytes.len() == span.len() as usize, "{}", shown());
                    if let Ok(text) = std::str::from_utf8(bytes) {
                        assert!(Raw::parse(text).is_some(), "`{text}` in {}", shown());
                    }
                }
                for (pointer, slot) in wanted.iter().zip(&slots) {
                    let (fast, slow) = (found.values[*slot], lookup(&body, pointer));
                    assert_eq!(Some(fast).filter(|span| !span.is_none()), slow, "{pointer} in {}", shown());
                }
            }
            Err(error) => {
                refused += 1;
                assert!(error.to_string().len() < 2000, "{error}");
                let ours = matches!(
                    error,
                    ScanError::DuplicateMember { .. }
                        | ScanError::TooDeep { .. }
                        | ScanError::ValueTooLong { .. }
                        | ScanError::InvalidUtf8 { .. }
                );
                assert!(ours || is_json(&body) != Some(true), "{error} in {}", shown());
            }
        }
    }
    assert!(taken > 500 && refused > 500, "{taken} {refused}");
}

#[test]
fn pointers_values_and_trees_read_back_as_they_are_written() {
    let mut mutator = Mutator::new(2);
    let texts: Vec<&str> = BODIES.iter().filter_map(|body| std::str::from_utf8(body).ok()).collect();
    let mut values: Vec<Raw> = Vec::new();
    for _ in 0..6000 {
        let text = mutator.text(&POINTERS);
        if let Ok(pointer) = Pointer::parse(&text) {
            assert_eq!(Pointer::parse(pointer.as_str()), Ok(pointer.clone()), "{text}");
            assert_eq!(pointer.to_string(), text);
            assert!(text.len() <= 512 && pointer.tokens().len() <= 32);
        }
        let text = mutator.text(&texts);
        if let Some(raw) = Raw::parse(&text) {
            assert_eq!(Raw::parse(raw.as_str()).as_ref(), Some(&raw));
            let canonical = raw.canonical();
            assert_eq!(canonical.canonical(), canonical, "{text}");
            assert_eq!(canonical.kind(), raw.kind());
            assert!(
                same(raw.as_str(), raw.as_str()) || !matches!(compare(&text, &text), Some(o) if o.is_eq())
            );
            let stored = serde_json::to_string(&raw).unwrap();
            assert_eq!(serde_json::from_str::<Raw>(&stored).unwrap(), raw);
            let _ = (raw.text(), raw.plain(), raw.as_u64(), raw.loose_u64(), raw.as_bool(), raw.is_blank());
            values.push(raw);
        }
        if let Some(tree) = Tree::parse(&text) {
            let printed = tree.to_json();
            assert_eq!(Tree::parse(&printed).map(|tree| tree.to_json()), Some(printed), "{text}");
        }
    }
    let scalars = [
        "1",
        "1.0",
        "1e0",
        "-0",
        "0",
        "1e400",
        "\"a\"",
        "\"\\u0061\"",
        "\"\"",
        "true",
        "null",
        "10",
        "9",
        "1e-5",
    ];
    values.extend(scalars.iter().filter_map(|text| Raw::parse(text)));
    for _ in 0..3000 {
        let (a, b) = (&values[mutator.below(values.len())], &values[mutator.below(values.len())]);
        let (there, back) = (compare(a.as_str(), b.as_str()), compare(b.as_str(), a.as_str()));
        assert_eq!(there, back.map(std::cmp::Ordering::reverse), "{a:?} {b:?}");
    }
}

const CANARY: &str = "canary-5f21c0ffee";

const SOURCES: [&str; 5] = [
    r#"{"request":{"url":"https://api.example.com/v1/leads","query":{"status":"active","n":[1,2]},"headers":{"x-a":"1"}},"auth":{"bearer":"canary-5f21c0ffee"},"records":"/data","id":"/id","size":{"write":"query:limit","value":100,"max":1000},"pagination":{"style":"cursor","read":"body:/next","write":"query:cursor"},"end":["missing",{"flag":"body:/has_more","is":false}],"total":{"read":"body:/total","kind":"exact"},"rate":[{"requests":100,"per":"60s","burst":7}]}"#,
    r#"{"request":{"url":"https://api.example.com/search","method":"POST","read_only":true,"body":{"q":"x","page":{"n":1}},"first":{"headers":{"a":"1"}}},"auth":{"header":{"x-api-key":"canary-5f21c0ffee"}},"records":{"at":["/data","/rows"],"each":"/node","missing":"empty","drop":{"record:/@removed":{"present":true}}},"id":["/a","/b"],"pagination":{"state":[{"write":"body:/page/n","start":1,"next":{"add":"one"}},{"write":"body:/key","next":"last:/id"}]},"end":["empty",{"pages":"body:/pages"}]}"#,
    r#"{"name":"x","request":{"url":"https://api.example.com/{path}/a"},"auth":{"query":{"key":"canary-5f21c0ffee"}},"records":"","id":{"at":"/id","dense":true},"order":{"by":"/id","direction":"desc","immutable":true},"size":{"write":"query:range~[{},{last}]","value":7,"min":2},"pagination":{"style":"offset","write":"path:path","start":0,"step":"size"},"concurrency":4,"ahead":5,"cap":{"records":10000},"retry":{"attempts":3,"base":"10ms","cap":"1s","page_time":"5s"},"limits":{"pages":50,"no_progress":2,"body":"1MiB","deadline":"2h"}}"#,
    r#"{"request":{"url":"https://api.example.com/l"},"auth":{"basic":["u","canary-5f21c0ffee"]},"records":"/value","pagination":{"style":"link","read":"header:Content-Range~*/{}","take":"param:p","reuse":"once","expired":"fail","lifetime":"5m"},"classify":[{"when":{"status":{"in":[429,503]},"body:/e":{"not":{"contains":"x"}}},"is":"throttled","wait":"header:X-Wait"}],"hints":[{"read":"header:X-Left","means":"remaining"}],"capture":{"delta":"body:/delta"},"origins":["https://b.example.com"],"incomplete":{"flag":"body:/partial","is":true}}"#,
    r#"{"request":{"url":"https://api.example.com/k","form":{"a":1},"method":"POST","read_only":true},"auth":{"body":{"/token":"canary-5f21c0ffee"}},"records":"/data","id":"/id","pagination":{"style":"keyset","write":"form:after","expired":"keyset"},"max_wait":"10m","pacing":"burst"}"#,
];

#[test]
fn sources_are_taken_or_refused_in_bounded_words_without_secrets() {
    for text in SOURCES {
        if let Err(error) = Source::from_json(text, &Fill::none()) {
            println!("{error}");
        }
    }
    let mut mutator = Mutator::new(3);
    let (mut taken, mut refused) = (0, 0);
    for _ in 0..2500 {
        let text = mutator.text(&SOURCES);
        let secret = || {
            let doc: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            text.matches(CANARY).count() == 1 && doc["auth"].to_string().contains(CANARY)
        };
        match Source::from_json(&text, &Fill::none()) {
            Ok(source) => {
                taken += 1;
                let again = Source::from_json(&text, &Fill::none()).unwrap();
                assert_eq!(again.fingerprint, source.fingerprint);
                assert_eq!(again.dry_run(), source.dry_run());
                assert!(!secret() || !source.dry_run().contains(CANARY), "{}", source.dry_run());
                assert_eq!(source.states().len(), source.starts().len());
            }
            Err(error) => {
                refused += 1;
                let words = error.to_string();
                assert!(words.len() < 400_000 && !error.faults.is_empty(), "{} bytes", words.len());
                assert!(!secret() || !words.contains(CANARY), "{words} of {text}");
            }
        }
    }
    assert!(taken > 200 && refused > 500, "{taken} {refused}");
}

#[test]
fn a_changed_checkpoint_is_refused() {
    let source = r#"{"request":{"url":"https://api.example.com/cursor"},"records":"/data","id":"/id","size":{"write":"query:limit","value":5},
        "pagination":{"style":"cursor","read":"body:/next","write":"query:after"}}"#;
    let source = Source::from_json(source, &Fill::none()).unwrap();
    let host = Host { stop_after_pages: Some(4), ..Host::default() };
    let mut walk = Walk::start(source, &Budget::new(), Seed(7), host.now);
    let text = host.run(&mut walk, &mut World::new(100, 1)).checkpoint;
    let read = Checkpoint::from_json(&text).unwrap();
    assert_eq!(read.to_json(), text);
    let mut mutator = Mutator::new(4);
    let mut refused = 0;
    for _ in 0..1500 {
        let changed = mutator.text(&[&text]);
        match Checkpoint::from_json(&changed) {
            // White space is all that may differ.
            Ok(read) => assert_eq!(read.to_json(), text),
            Err(error) => {
                refused += 1;
                assert!(error.to_string().len() < 200);
            }
        }
    }
    assert!(refused > 800, "{refused}");
}

#[test]
fn sets_and_keys_read_back_as_they_are_written() {
    let hash_key = HashKey::from_seed(Seed(1));
    let mut seen = Seen::new(&hash_key);
    let ids: [&[u8]; 9] = [
        b"1",
        b"2",
        b"3",
        b"18446744073709551615",
        b"\"x\"",
        b"1.5",
        b"true",
        b"\"67e55044-10b1-426f-9247-bb680e5fe0c8\"",
        b"\"00000000-0000-0000-0000-000000000000\"",
    ];
    let keys: Vec<Key> = ids.iter().filter_map(|id| Key::of([*id].into_iter(), &hash_key)).collect();
    for key in &keys {
        seen.insert(*key);
    }
    let sets = [
        seen.inline(1 << 20).unwrap(),
        ";;".to_owned(),
        "1-100 105;;".to_owned(),
        "0-18446744073709551615;;".to_owned(),
        "0-18446744073709551614;;".to_owned(),
    ];
    let sets: Vec<&str> = sets.iter().map(String::as_str).collect();
    let texts: Vec<String> = keys.iter().map(Key::to_text).collect();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let mut mutator = Mutator::new(5);
    let mut taken = 0;
    for _ in 0..4000 {
        let text = mutator.text(&sets);
        if let Some(mut set) = Seen::from_inline(&text, &hash_key) {
            taken += 1;
            assert_eq!(set.inline(1 << 20).as_ref(), Some(&text));
            let (len, _) = (set.len(), set.gaps());
            for key in &keys {
                let fresh = set.insert(*key);
                assert!(set.contains(*key) && set.remove(*key) && !set.contains(*key), "{text}");
                if !fresh {
                    set.insert(*key);
                }
            }
            // A set of everything counts as one less: nobody holds 2^64 keys.
            assert!(set.len() == len || len >= u64::MAX - 2, "{text}");
        }
        let text = mutator.text(&texts);
        if let Some(key) = Key::from_text(&text) {
            assert_eq!(key.to_text(), text);
        }
    }
    assert!(taken > 300, "{taken}");
}
