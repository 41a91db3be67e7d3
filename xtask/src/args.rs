//! Arguments of steps.

use crate::fail::{Result, fail};

/// Nothing, or `--check` (true).
pub fn only_check(step: &str, args: &[String]) -> Result<bool> {
    match args {
        [] => Ok(false),
        [check] if check == "--check" => Ok(true),
        _ => fail!("{step} takes nothing, or --check"),
    }
}
