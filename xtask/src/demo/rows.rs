//! The rows of a JSONL file.

use crate::fail::{At, Result};
use crate::tree;
use serde_json::Value;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Counts the lines of a file that is being written.
pub struct Rows {
    path: PathBuf,
    file: Option<File>,
    lines: u64,
}

impl Rows {
    /// The file need not be there yet.
    pub fn open(path: &Path) -> Rows {
        Rows { path: path.to_owned(), file: None, lines: 0 }
    }

    /// The whole lines there are now.
    pub fn count(&mut self) -> Result<u64> {
        let file = match self.file.as_mut() {
            Some(file) => file,
            None => match File::open(&self.path) {
                Ok(file) => self.file.insert(file),
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
                Err(error) => return Err(error).at(self.path.display()),
            },
        };
        let mut new = Vec::new();
        file.read_to_end(&mut new).at(self.path.display())?;
        self.lines += new.split(|byte| *byte == b'\n').count().saturating_sub(1) as u64;
        Ok(self.lines)
    }
}

/// The ids of a JSON list, as text.
pub fn ids(list: &Value) -> BTreeSet<String> {
    list.as_array().into_iter().flatten().map(Value::to_string).collect()
}

/// The ids that were written, and how many rows had one that was there before.
pub fn written(file: &Path) -> Result<(BTreeSet<String>, usize)> {
    let (mut found, mut twice) = (BTreeSet::new(), 0);
    for (number, line) in tree::read(file)?.lines().enumerate() {
        let row: Value = serde_json::from_str(line).at(format!("{}:{}", file.display(), number + 1))?;
        twice += usize::from(!found.insert(row["id"].to_string()));
    }
    Ok((found, twice))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    #[test]
    fn lines_are_counted_while_they_come_and_doubles_are_seen() {
        let path = std::env::temp_dir().join(format!("everypage-xtask-rows-{}", std::process::id()));
        let mut rows = Rows::open(&path);
        assert_eq!(rows.count().unwrap(), 0);
        let mut file = File::create(&path).unwrap();
        file.write_all(b"{\"id\":1}\n{\"id\":\"1\"}\n{\"id\"").unwrap();
        assert_eq!(rows.count().unwrap(), 2);
        file.write_all(b":1}\n").unwrap();
        assert_eq!(rows.count().unwrap(), 3);
        let (found, twice) = written(&path).unwrap();
        assert_eq!((found.len(), twice), (2, 1));
        std::fs::remove_file(path).unwrap();
    }
}
