//! Checkpoints, stored rows, sets of keys.

use everypage_core::checkpoint::{Checkpoint, Digest, Rebuild, RowError};
use everypage_core::dedup::{HashKey, Key, Seen};
use everypage_core::json::{Pointer, Raw};
use everypage_core::rng::Seed;
use serde_json::Value;

/// A checkpoint is read whole and written again, or refused in few words.
pub fn checkpoint(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    match Checkpoint::from_json(text) {
        Ok(read) => {
            let written = read.to_json();
            // One of another release may have other members; those that both know say the same.
            let payload = |text: &str| serde_json::from_str::<Value>(text).map(|all| all["payload"].clone());
            let (now, before) = (payload(&written).expect("JSON"), payload(text).expect("JSON"));
            for (name, value) in before.as_object().into_iter().flatten() {
                assert!(now.get(name).is_none_or(|known| known == value), "{name}");
            }
            let again = Checkpoint::from_json(&written).expect("it was just written");
            assert_eq!(again.to_json(), written);
            true
        }
        Err(error) => {
            assert!(error.to_string().len() < 200);
            false
        }
    }
}

/// Puts a payload into an envelope that is right about it.
pub fn enclosed(payload: &str) -> String {
    let (length, checksum) = (payload.len(), Digest::of(payload.as_bytes()));
    format!(
        r#"{{"checksum":"{checksum}","format":"everypage-checkpoint","length":{length},"payload":{payload},"version":1}}"#
    )
}

/// The id's pointers on the first line, stored rows on the others: what is taken makes the digest of exactly
/// these bytes, and what isn't changes nothing.
pub fn rows(input: &[u8]) -> bool {
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else { return false };
    let (line, file) = (&input[..end], &input[end + 1..]);
    let Ok(line) = std::str::from_utf8(line) else { return false };
    let Ok(ids) = line.split(' ').map(Pointer::parse).collect::<Result<Vec<_>, _>>() else { return false };
    let key = HashKey::from_seed(Seed(1));
    let mut rows = Rebuild::new(&ids, &key);
    let (mut taken, mut bytes) = (0_u64, Vec::new());
    for row in file.split_inclusive(|byte| *byte == b'\n') {
        match rows.push(row) {
            Ok(()) => {
                taken += 1;
                bytes.extend_from_slice(row.strip_suffix(b"\n").unwrap_or(row));
                bytes.push(b'\n');
            }
            Err(RowError::NoId { row } | RowError::NoJson { row, .. }) => assert_eq!(row, taken + 1),
            Err(error) => panic!("{error}"),
        }
        assert_eq!((rows.rows(), rows.bytes()), (taken, bytes.len() as u64));
    }
    let (seen, count, digest) = rows.finish();
    assert_eq!((count, digest), (taken, Digest::of(&bytes)));
    assert!(seen.len() <= taken && (taken == 0 || !seen.is_empty()));
    taken > 0
}

/// A set of keys on the first line, a key on each other: both read back, and the set does what a set does.
pub fn keys(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    let mut lines = text.split('\n');
    let hash_key = HashKey::from_seed(Seed(1));
    let set = lines.next().unwrap_or_default();
    let keys: Vec<Key> = lines
        .take(8)
        .filter_map(|line| {
            let key = Key::from_text(line);
            if let Some(key) = key {
                assert_eq!(key.to_text(), line);
            }
            // A line that is no key may be the JSON of an id.
            key.or_else(|| Key::of([Raw::parse(line)?.as_str().as_bytes()].into_iter(), &hash_key))
        })
        .collect();
    for key in &keys {
        assert_eq!(Key::from_text(&key.to_text()).as_ref(), Some(key));
    }
    let Some(mut seen) = Seen::from_inline(set, &hash_key) else { return false };
    assert_eq!(seen.inline(1 << 20).as_deref(), Some(set));
    let (len, _) = (seen.len(), seen.gaps());
    for key in &keys {
        let fresh = seen.insert(*key);
        assert!(seen.contains(*key) && seen.remove(*key) && !seen.contains(*key), "{key:?}");
        if !fresh {
            seen.insert(*key);
        }
    }
    // A set of everything counts as one less: nobody holds 2^64 keys.
    assert!(seen.len() == len || len >= u64::MAX - 2);
    true
}
