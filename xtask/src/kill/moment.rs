//! When a process is killed.

use super::LONGEST;
use crate::fail::Result;
use crate::leadserver::LeadServer;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant, SystemTime};

/// Numbers drawn from a seed (splitmix64).
pub struct Chance(u64);

impl Chance {
    pub const fn new(seed: u64, stream: u64) -> Chance {
        Chance(seed ^ stream.wrapping_mul(0xd1b5_4a32_d192_ed03))
    }

    /// One of `0..n`.
    pub const fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }
}

/// A moment in the life of a process, and how long after it the kill comes.
#[derive(Clone, Copy)]
pub enum Moment {
    /// It has begun.
    Start(Duration),
    /// The file has changed: rows were written, or a tail was cut off.
    Write(Duration),
    /// A checkpoint is being written.
    Checkpoint(Duration),
    /// A checkpoint was stored.
    Stored(Duration),
    /// The server has seen so many more requests.
    Requests(u64),
}

/// The moments by name, as [`Moment::index`] counts them.
pub const NAMES: [&str; 5] =
    ["after the start", "in a write", "in a checkpoint", "after a checkpoint", "after requests"];

impl Moment {
    pub fn draw(chance: &mut Chance) -> Moment {
        let micros = |chance: &mut Chance, most: u64| Duration::from_micros(chance.below(most));
        match chance.below(10) {
            0 => Moment::Start(micros(chance, 120_000)),
            1..=3 => Moment::Write(micros(chance, 1500)),
            4..=6 => Moment::Checkpoint(micros(chance, 600)),
            7..=8 => Moment::Stored(micros(chance, 150_000)),
            _ => Moment::Requests(1 + chance.below(20)),
        }
    }

    pub const fn index(self) -> usize {
        match self {
            Moment::Start(_) => 0,
            Moment::Write(_) => 1,
            Moment::Checkpoint(_) => 2,
            Moment::Stored(_) => 3,
            Moment::Requests(_) => 4,
        }
    }

    /// Waits for it; less if the process is over before, or the moment doesn't come.
    pub fn wait(self, watch: &Watch, server: &LeadServer, child: &mut Child) -> Result<()> {
        let begun = Instant::now();
        let asked = |server: &LeadServer| -> Result<u64> {
            Ok(server.ask("/stats")?["requests"].as_u64().unwrap_or_default())
        };
        let before = if matches!(self, Moment::Requests(_)) { asked(server)? } else { 0 };
        let (pause, after) = match self {
            Moment::Start(after) => {
                nap(after);
                return Ok(());
            }
            Moment::Write(after) | Moment::Checkpoint(after) | Moment::Stored(after) => {
                (Duration::from_micros(200), after)
            }
            Moment::Requests(_) => (Duration::from_millis(10), Duration::ZERO),
        };
        while begun.elapsed() < LONGEST && child.try_wait()?.is_none() {
            let come = match self {
                Moment::Start(_) => true,
                Moment::Write(_) => watch.written(),
                Moment::Checkpoint(_) => watch.writing_checkpoint(),
                Moment::Stored(_) => watch.stored(),
                Moment::Requests(more) => asked(server)? >= before + more,
            };
            if come {
                nap(after);
                return Ok(());
            }
            std::thread::sleep(pause);
        }
        Ok(())
    }
}

/// Sleeps are too coarse for the shortest waits.
fn nap(time: Duration) {
    let begun = Instant::now();
    if time > Duration::from_millis(2) {
        std::thread::sleep(time);
    }
    while begun.elapsed() < time {
        std::hint::spin_loop();
    }
}

/// The checkpoint beside a file.
pub fn checkpoint(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".checkpoint");
    PathBuf::from(name)
}

/// What the files were like before a process began.
pub struct Watch {
    file: PathBuf,
    length: Option<u64>,
    checkpoint: PathBuf,
    modified: Option<SystemTime>,
    temporary: PathBuf,
}

impl Watch {
    pub fn new(file: &Path) -> Watch {
        let checkpoint = checkpoint(file);
        let mut temporary = checkpoint.as_os_str().to_owned();
        temporary.push(".tmp");
        Watch {
            length: length(file),
            modified: modified(&checkpoint),
            file: file.to_owned(),
            checkpoint,
            temporary: PathBuf::from(temporary),
        }
    }

    fn written(&self) -> bool {
        length(&self.file) != self.length
    }

    fn stored(&self) -> bool {
        modified(&self.checkpoint) != self.modified
    }

    fn writing_checkpoint(&self) -> bool {
        self.stored() || self.temporary.exists()
    }
}

fn length(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|file| file.len())
}

fn modified(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).ok().and_then(|file| file.modified().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_moment_is_drawn_and_the_same_seed_draws_the_same() {
        let drawn = |seed| {
            let mut chance = Chance::new(seed, 1);
            (0..200).map(|_| Moment::draw(&mut chance).index()).collect::<Vec<_>>()
        };
        assert_eq!(drawn(7), drawn(7));
        assert_ne!(drawn(7), drawn(8));
        assert!((0..NAMES.len()).all(|index| drawn(7).contains(&index)));
    }
}
