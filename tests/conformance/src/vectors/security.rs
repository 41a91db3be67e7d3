//! To come.

use super::record::Book;

pub fn add(_: &mut Book) {}
