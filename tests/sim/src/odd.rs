//! What is odd about an API and its source beyond the faults of its network. Drawn apart from them, so that a run
//! without any of this is the run it was before there was any.

use crate::draw::Draw;
use crate::setup::{Setup, Style};

/// Oddities; strengths are in a thousand requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Odd {
    /// A page whose parts have other names or are of another type.
    pub shape: u64,
    /// An answer from a cache: the list as it was at the start.
    pub stale: u64,
    /// A page that says there is more, but not where.
    pub lost: u64,
    /// Tokens hold characters that mean something in URLs.
    pub spicy: bool,
    /// Records have no id.
    pub keyless: bool,
    /// The source declares the greatest page size.
    pub max_declared: bool,
    /// `limits.records`.
    pub records: Option<u64>,
    /// `limits.pages`.
    pub pages: Option<u64>,
}

impl Odd {
    /// The oddities of a seed.
    pub fn draw(seed: u64, style: Style, moves: bool) -> Odd {
        let d = &mut Draw::new(seed, 3);
        Odd {
            shape: if d.permille(60) { d.pick(&[5, 30], 5) } else { 0 },
            stale: if d.permille(50) { d.pick(&[20, 200], 20) } else { 0 },
            lost: if d.permille(60) { d.pick(&[20, 100], 20) } else { 0 },
            spicy: d.permille(300),
            keyless: d.permille(40) && !style.by_key() && !moves,
            max_declared: d.permille(300),
            records: d.permille(30).then(|| d.between(1, 60)),
            pages: d.permille(30).then(|| d.between(1, 12)),
        }
    }

    /// Whether pages come that can't be taken at their word.
    pub const fn lies(&self) -> u64 {
        self.shape + self.lost + self.stale
    }

    /// Whether the caller limits the walk.
    pub const fn limits(&self) -> bool {
        self.records.is_some() || self.pages.is_some()
    }
}

/// What spicy tokens end with.
const SPICE: &str = "-+/=&?#%2F é~;";

/// A token as the API hands it out.
pub fn token(setup: &Setup, plain: String) -> String {
    if setup.odd.spicy { plain + SPICE } else { plain }
}
