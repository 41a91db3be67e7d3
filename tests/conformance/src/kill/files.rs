//! A folder of files as a disk keeps it: what is durable, what isn't yet, and what may be left of that.

use std::collections::BTreeMap;

/// One operation on the folder.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Op {
    /// A new, empty file.
    Create(String),
    /// Bytes at the end of a file.
    Append(String, Vec<u8>),
    /// Another length.
    SetLen(String, usize),
    /// What the file holds is made durable; its name may not be.
    Sync(String),
    /// A name goes.
    Remove(String),
    /// A second name.
    Link(String, String),
    /// Another name, in place of what had it.
    Rename(String, String),
    /// The names are made durable.
    SyncNames,
    /// A whole small thing (a row of a database, a message) that is there or isn't.
    Put(String, Vec<u8>),
    /// Several of them at once, durable when it is done.
    Transaction(Vec<(String, Vec<u8>)>),
}

/// A change of the names that isn't durable yet.
#[derive(Clone, Debug)]
enum Move {
    Link(String, usize),
    Unlink(String),
    Rename(String, String, usize),
}

#[derive(Clone, Debug)]
enum Change {
    Append(Vec<u8>),
    SetLen(usize),
}

#[derive(Clone, Debug, Default)]
struct Inode {
    durable: Vec<u8>,
    now: Vec<u8>,
    /// From the one to the other.
    loose: Vec<Change>,
}

/// A folder.
#[derive(Clone, Debug, Default)]
pub struct Files {
    inodes: Vec<Inode>,
    names: BTreeMap<String, usize>,
    durable: BTreeMap<String, usize>,
    moves: Vec<Move>,
}

/// What becomes of writes that were not synced.
#[derive(Clone, Copy, Debug)]
enum Loose {
    Kept,
    Lost,
    /// The last of them is cut in its middle.
    Torn,
    /// The file is as long as it was, but the bytes never came.
    Zeroed,
    /// The first of them is lost, the others are there.
    Reordered,
}

impl Files {
    /// The operation's effect. One that makes no sense has none: the store would have been told so.
    pub fn apply(&mut self, op: &Op) {
        match op {
            Op::Create(name) => {
                self.inodes.push(Inode::default());
                self.link(name, self.inodes.len() - 1);
            }
            Op::Append(name, bytes) => self.change(name, Change::Append(bytes.clone())),
            Op::SetLen(name, length) => self.change(name, Change::SetLen(*length)),
            Op::Sync(name) => {
                if let Some(inode) = self.names.get(name).and_then(|at| self.inodes.get_mut(*at)) {
                    inode.durable.clone_from(&inode.now);
                    inode.loose.clear();
                }
            }
            Op::Remove(name) => {
                if self.names.remove(name).is_some() {
                    self.moves.push(Move::Unlink(name.clone()));
                }
            }
            Op::Link(from, to) => {
                if let Some(&at) = self.names.get(from) {
                    self.link(to, at);
                }
            }
            Op::Rename(from, to) => {
                // Two names of one file: nothing happens (rename(2)).
                if let Some(&at) = self.names.get(from)
                    && self.names.get(to) != Some(&at)
                {
                    self.names.remove(from);
                    self.names.insert(to.clone(), at);
                    self.moves.push(Move::Rename(from.clone(), to.clone(), at));
                }
            }
            Op::SyncNames => {
                self.durable.clone_from(&self.names);
                self.moves.clear();
            }
            Op::Put(name, bytes) => {
                self.inodes.push(Inode { durable: bytes.clone(), now: bytes.clone(), loose: Vec::new() });
                self.link(name, self.inodes.len() - 1);
            }
            Op::Transaction(puts) => {
                for (name, bytes) in puts {
                    self.apply(&Op::Put(name.clone(), bytes.clone()));
                }
                self.apply(&Op::SyncNames);
            }
        }
    }

    fn link(&mut self, name: &str, at: usize) {
        self.names.insert(name.to_owned(), at);
        self.moves.push(Move::Link(name.to_owned(), at));
    }

    fn change(&mut self, name: &str, change: Change) {
        if let Some(inode) = self.names.get(name).and_then(|at| self.inodes.get_mut(*at)) {
            change.on(&mut inode.now);
            inode.loose.push(change);
        }
    }

    /// What a file holds.
    pub fn read(&self, name: &str) -> Option<&[u8]> {
        self.names.get(name).and_then(|at| self.inodes.get(*at)).map(|inode| inode.now.as_slice())
    }

    /// The files in the order of their names. Names of one file have the same number.
    pub fn each(&self) -> impl Iterator<Item = (&str, usize, &[u8])> {
        let first = |at: usize| self.names.values().position(|other| *other == at).unwrap_or_default();
        self.names.iter().filter_map(move |(name, &at)| {
            Some((name.as_str(), first(at), self.inodes.get(at)?.now.as_slice()))
        })
    }

    /// The names, for a message.
    pub fn list(&self) -> String {
        let files = self.each().map(|(name, inode, content)| format!("{name} #{inode} {}", content.len()));
        format!("[{}]", files.collect::<Vec<_>>().join(", "))
    }

    /// Every state a crash at this moment may leave, and what kind of crash that is. The first is the kill of the
    /// process alone, after which everything is there; in the others the power fails, and of the changes that were
    /// not synced any may be there and any may not: names in order, out of order, or none; contents as in `Loose`.
    pub fn crashes(&self) -> Vec<(String, Files)> {
        let mut left = vec![("a kill".to_owned(), self.left(&self.names, Loose::Kept))];
        let loose = self.inodes.iter().any(|inode| !inode.loose.is_empty());
        let contents: &[Loose] = if loose {
            &[Loose::Kept, Loose::Lost, Loose::Torn, Loose::Zeroed, Loose::Reordered]
        } else {
            &[Loose::Kept]
        };
        let count = self.moves.len();
        let mut kept: Vec<Vec<bool>> = Vec::new();
        if count <= 4 {
            kept.extend((0..1u32 << count).map(|bits| (0..count).map(|at| bits >> at & 1 == 1).collect()));
        } else {
            // All in order up to one of them; all but one; one alone.
            kept.extend((0..=count).map(|end| (0..count).map(|at| at < end).collect()));
            kept.extend((0..count).map(|out| (0..count).map(|at| at != out).collect()));
            kept.extend((0..count).map(|only| (0..count).map(|at| at == only).collect()));
        }
        for kept in kept {
            let mut names = self.durable.clone();
            for (step, _) in self.moves.iter().zip(&kept).filter(|(_, kept)| **kept) {
                step.on(&mut names);
            }
            for loose in contents {
                left.push((
                    format!("a power failure (names {kept:?}, contents {loose:?})"),
                    self.left(&names, *loose),
                ));
            }
        }
        left
    }

    fn left(&self, names: &BTreeMap<String, usize>, loose: Loose) -> Files {
        let mut files = Files::default();
        let mut moved: BTreeMap<usize, usize> = BTreeMap::new();
        for (name, at) in names {
            let Some(inode) = self.inodes.get(*at) else { continue };
            let to = *moved.entry(*at).or_insert_with(|| {
                let content = inode.left(loose);
                files.inodes.push(Inode { durable: content.clone(), now: content, loose: Vec::new() });
                files.inodes.len() - 1
            });
            files.names.insert(name.clone(), to);
        }
        files.durable.clone_from(&files.names);
        files
    }
}

impl Move {
    fn on(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Move::Link(name, at) => drop(names.insert(name.clone(), *at)),
            Move::Unlink(name) => drop(names.remove(name)),
            Move::Rename(from, to, at) => {
                if names.get(from) == Some(at) {
                    names.remove(from);
                }
                names.insert(to.clone(), *at);
            }
        }
    }
}

impl Change {
    fn on(&self, content: &mut Vec<u8>) {
        match self {
            Change::Append(bytes) => content.extend_from_slice(bytes),
            Change::SetLen(length) => content.resize(*length, 0),
        }
    }
}

impl Inode {
    fn left(&self, loose: Loose) -> Vec<u8> {
        let mut content = self.durable.clone();
        for (index, change) in self.loose.iter().enumerate() {
            let last = index + 1 == self.loose.len();
            match (loose, change) {
                (Loose::Lost, _) => {}
                (Loose::Torn, Change::Append(bytes)) if last => {
                    content.extend_from_slice(bytes.get(..bytes.len() / 2).unwrap_or_default());
                }
                (Loose::Zeroed, Change::Append(bytes)) => content.resize(content.len() + bytes.len(), 0),
                (Loose::Reordered, Change::Append(bytes)) if index == 0 => {
                    content.resize(content.len() + bytes.len(), 0);
                }
                (Loose::Reordered, Change::SetLen(_)) if index == 0 => {}
                (Loose::Kept | Loose::Torn | Loose::Zeroed | Loose::Reordered, _) => change.on(&mut content),
            }
        }
        content
    }
}
