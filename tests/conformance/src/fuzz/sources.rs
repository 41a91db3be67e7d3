//! Source documents.

use super::CANARY;
use everypage_core::source::{Fill, Source};
use serde_json::Value;

/// Whether the only secret of the text stands where secrets belong, and so has to show nowhere.
pub fn has_secret(text: &str) -> bool {
    let document: Value = serde_json::from_str(text).unwrap_or_default();
    text.matches(CANARY).count() == 1 && document["auth"].to_string().contains(CANARY)
}

/// A document is taken or refused, in bounded words without secrets, and always alike.
pub fn source(input: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(input) else { return false };
    match Source::from_json(text, &Fill::none()) {
        Ok(source) => {
            let again = Source::from_json(text, &Fill::none()).expect("it was just taken");
            assert_eq!(again.fingerprint, source.fingerprint);
            let shown = source.dry_run();
            assert_eq!(again.dry_run(), shown);
            assert!(!has_secret(text) || !shown.contains(CANARY), "{shown}");
            assert_eq!(source.states().len(), source.starts().len());
            true
        }
        Err(error) => {
            let words = error.to_string();
            assert!(words.len() < 400_000 && !error.faults.is_empty(), "{} bytes", words.len());
            assert!(!has_secret(text) || !words.contains(CANARY), "{words}");
            false
        }
    }
}
