//! Which lists there are, and what should come of each: facts about the servers from their own catalogue,
//! expectations of ours from `tests/realworld/expected.json`.

use crate::fail::{At, Result, fail};
use crate::tree;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// Everything that is known about all servers.
pub struct Catalogue {
    servers: Value,
    expected: Value,
}

/// One list of one server.
pub struct List {
    /// Its name.
    pub name: String,
    /// The source file.
    pub source: PathBuf,
    /// What the source file may ask of the environment as `AUTHORIZATION`.
    pub authorization: Option<String>,
    /// Where the id is in a record that the command wrote: names of members, outermost first.
    pub id: Vec<String>,
    /// What should come of it.
    pub wanted: Wanted,
}

/// What should come of a walk.
pub enum Wanted {
    /// The whole list.
    Whole {
        /// How many records there are.
        count: u64,
        /// The checksum of their ids, sorted as text, one a line.
        sha256: String,
        /// How sure the walk should be.
        verdict: String,
    },
    /// A refusal of this kind.
    Refused {
        /// `error.kind` of the report.
        kind: String,
        /// The command's exit code.
        exit: i32,
    },
    /// Nothing: the list is not for everypage, for this reason.
    Elsewhere(String),
}

impl Catalogue {
    /// Reads both files.
    pub fn read(harness: &Path) -> Result<Catalogue> {
        let json =
            |path: &Path| -> Result<Value> { serde_json::from_str(&tree::read(path)?).at(path.display()) };
        let servers = json(&harness.join("servers.json"))?;
        let expected = json(&tree::root().join("tests/realworld/expected.json"))?;
        Ok(Catalogue { servers, expected })
    }

    /// The servers that the arguments name: all of them, the quick ones, or by name.
    pub fn choose(&self, args: &[String]) -> Result<Vec<String>> {
        let texts = |list: &Value, member: &str| -> Vec<String> {
            let items = list.as_array().into_iter().flatten();
            items
                .filter_map(|item| if member.is_empty() { item.as_str() } else { item[member].as_str() })
                .map(str::to_owned)
                .collect()
        };
        let all = texts(&self.servers["servers"], "name");
        match args {
            [] => fail!("which servers? `all`, `quick`, or some of: {}", all.join(" ")),
            [word] if word == "all" => Ok(all),
            [word] if word == "quick" => Ok(texts(&self.expected["quick"], "")),
            names => match names.iter().find(|name| !all.contains(name)) {
                Some(name) => fail!("no server `{name}`; there are {}", all.join(" ")),
                None => Ok(names.to_vec()),
            },
        }
    }

    /// The lists of one server.
    pub fn lists(&self, server: &str) -> Result<Vec<List>> {
        let servers = self.servers["servers"].as_array().into_iter().flatten();
        let found =
            servers.filter(|entry| entry["name"] == server).filter_map(|entry| entry["lists"].as_array());
        found.flatten().map(|list| self.list(server, list)).collect()
    }

    fn list(&self, server: &str, list: &Value) -> Result<List> {
        let Some(name) = list["name"].as_str() else { fail!("{server}: a list without a name") };
        let expected = &self.expected["lists"][name];
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let wanted = if let Some(why) = text(&expected["elsewhere"]) {
            Wanted::Elsewhere(why)
        } else if let Some(kind) = text(&expected["refused"]) {
            Wanted::Refused { kind, exit: 3 }
        } else {
            let truth = &list["expect"];
            let (Some(count), Some(sha256)) = (truth["count"].as_u64(), text(&truth["ids_sha256"])) else {
                fail!("{name}: the catalogue doesn't say what it holds");
            };
            let Some(verdict) = text(&expected["verdict"]) else {
                fail!("{name}: tests/realworld/expected.json doesn't say what should come of it");
            };
            Wanted::Whole { count, sha256, verdict }
        };
        let path = text(&expected["id"]).or_else(|| text(&list["id_path"])).unwrap_or_default();
        Ok(List {
            name: name.to_owned(),
            source: tree::root().join(format!("tests/realworld/sources/{server}/{name}.json")),
            authorization: text(&list["request"]["headers"]["Authorization"]),
            id: path
                .trim_start_matches('$')
                .split('.')
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect(),
            wanted,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_list_takes_its_truth_from_the_catalogue_and_its_verdict_from_us() {
        let servers = json!({"servers": [{"name": "s", "lists": [
            {"name": "a", "id_path": "$.id.N", "expect": {"count": 2, "ids_sha256": "ff"}, "request": {}},
            {"name": "b", "id_path": "x/y"},
        ]}]});
        let expected =
            json!({"quick": ["s"], "lists": {"a": {"verdict": "complete"}, "b": {"elsewhere": "XML"}}});
        let catalogue = Catalogue { servers, expected };
        let lists = catalogue.lists("s").unwrap();
        assert_eq!(lists[0].id, ["id", "N"]);
        assert!(matches!(&lists[0].wanted, Wanted::Whole { count: 2, verdict, .. } if verdict == "complete"));
        assert!(matches!(&lists[1].wanted, Wanted::Elsewhere(why) if why == "XML"));
        assert_eq!(catalogue.choose(&["quick".to_owned()]).unwrap(), ["s"]);
        assert!(catalogue.choose(&["t".to_owned()]).unwrap_err().to_string().contains("`t`"));
    }
}
