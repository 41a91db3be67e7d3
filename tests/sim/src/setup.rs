//! What one run is like: the list, the API, the faults and the host, all drawn from the seed.

use crate::draw::Draw;
use crate::odd::Odd;
use crate::truth::Churn;

/// How the simulated API pages.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Style {
    /// Rows to skip.
    Offset,
    /// Page numbers, the size can be asked for.
    Page,
    /// Page numbers of the server's own size.
    PageFixed,
    /// A token that names a key.
    CursorKey,
    /// A token that hides an offset.
    CursorOffset,
    /// A token into a frozen copy.
    CursorSnapshot,
    /// The last record's key, exclusive.
    Keyset,
    /// The last record's key, inclusive.
    KeysetInclusive,
    /// The last record's value of a field with ties.
    KeysetTies,
    /// A link with a page number.
    LinkPage,
    /// A link with an offset.
    LinkOffset,
    /// A link with a token.
    LinkToken,
    /// The long form of an offset.
    LongOffset,
    /// The long form of a token with a page number beside it.
    LongToken,
    /// One response.
    Single,
}

impl Style {
    /// All of them.
    pub const ALL: [Style; 15] = [
        Style::Offset,
        Style::Page,
        Style::PageFixed,
        Style::CursorKey,
        Style::CursorOffset,
        Style::CursorSnapshot,
        Style::Keyset,
        Style::KeysetInclusive,
        Style::KeysetTies,
        Style::LinkPage,
        Style::LinkOffset,
        Style::LinkToken,
        Style::LongOffset,
        Style::LongToken,
        Style::Single,
    ];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Style::Offset => "offset",
            Style::Page => "page",
            Style::PageFixed => "page-fixed",
            Style::CursorKey => "cursor-key",
            Style::CursorOffset => "cursor-offset",
            Style::CursorSnapshot => "cursor-snapshot",
            Style::Keyset => "keyset",
            Style::KeysetInclusive => "keyset-inclusive",
            Style::KeysetTies => "keyset-ties",
            Style::LinkPage => "link-page",
            Style::LinkOffset => "link-offset",
            Style::LinkToken => "link-token",
            Style::LongOffset => "long-offset",
            Style::LongToken => "long-token",
            Style::Single => "single",
        }
    }

    /// Whether the server says where to go on.
    pub const fn by_token(self) -> bool {
        match self {
            Style::CursorKey
            | Style::CursorOffset
            | Style::CursorSnapshot
            | Style::LinkToken
            | Style::LongToken => true,
            Style::Offset
            | Style::Page
            | Style::PageFixed
            | Style::Keyset
            | Style::KeysetInclusive
            | Style::KeysetTies
            | Style::LinkPage
            | Style::LinkOffset
            | Style::LongOffset
            | Style::Single => false,
        }
    }

    /// Whether the walk can compute positions, and so may have several requests in flight.
    pub const fn by_number(self) -> bool {
        matches!(self, Style::Offset | Style::Page | Style::PageFixed | Style::LinkPage | Style::LinkOffset)
    }

    /// Whether the position is the key of a record.
    pub const fn by_key(self) -> bool {
        matches!(self, Style::Keyset | Style::KeysetInclusive | Style::KeysetTies)
    }

    /// Whether the next position is a link.
    pub const fn by_link(self) -> bool {
        matches!(self, Style::LinkPage | Style::LinkOffset | Style::LinkToken)
    }
}

/// Strengths of the network's and the server's faults, each in a thousand requests.
#[derive(Clone, Copy, Debug, Default)]
pub struct Faults {
    /// No answer: a failure of some kind.
    pub failure: u64,
    /// A failure that is not worth another try.
    pub fatal: u64,
    /// 5xx and other statuses worth another try.
    pub status: u64,
    /// Any status at all.
    pub wild: u64,
    /// 429 and its kin.
    pub throttle: u64,
    /// Cut or garbled bodies.
    pub body: u64,
    /// An error member in a 200.
    pub error: u64,
    /// A redirect on the same origin.
    pub redirect: u64,
    /// A redirect or link that must not be followed.
    pub hostile: u64,
    /// The credentials run out.
    pub auth: u64,
    /// A token's page without rows.
    pub empty: u64,
    /// A page with fewer rows than asked for.
    pub short: u64,
    /// A dead position.
    pub expired: u64,
    /// A token that leads back.
    pub cycle: u64,
    /// A token that is not understood: the list from its start.
    pub restart: u64,
    /// The server serves another size from some request on.
    pub resize: u64,
    /// Announced limits on good answers.
    pub announce: u64,
}

impl Faults {
    /// All strengths together.
    pub const fn sum(&self) -> u64 {
        self.failure
            + self.fatal
            + self.status
            + self.wild
            + self.throttle
            + self.body
            + self.error
            + self.redirect
            + self.hostile
            + self.auth
            + self.empty
            + self.short
            + self.expired
            + self.cycle
            + self.restart
            + self.resize
            + self.announce
    }
}

/// How the total is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Total {
    /// Not at all.
    None,
    /// The number of rows.
    Exact,
    /// Exact as text.
    Text,
}

/// One run.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The seed.
    pub seed: u64,
    /// The style.
    pub style: Style,
    /// Rows at the start.
    pub rows: u64,
    /// Distance of ranks.
    pub step: u64,
    /// Ids are texts.
    pub text_ids: bool,
    /// Greatest first.
    pub descending: bool,
    /// The order is declared as immutable.
    pub ordered: bool,
    /// Rows change their place.
    pub moves: bool,
    /// The size asked for, and the greatest the server gives.
    pub size: u64,
    /// The greatest the server gives.
    pub max: u64,
    /// Rows left out after the page was cut, in a thousand.
    pub hidden: u64,
    /// The server rounds offsets down to whole pages.
    pub rounds: bool,
    /// The total.
    pub total: Total,
    /// A flag says whether there is more.
    pub flag: bool,
    /// The link stands in the header.
    pub header_link: bool,
    /// Positions are declared stable.
    pub stable: bool,
    /// The policy for dead positions.
    pub expired: &'static str,
    /// The token may be used once.
    pub once: bool,
    /// Total in a request of its own.
    pub asked_total: bool,
    /// How the list changes.
    pub churn: Churn,
    /// Faults.
    pub faults: Faults,
    /// Requests in flight.
    pub concurrency: u64,
    /// Pages ahead.
    pub ahead: u64,
    /// Declared limit: requests and milliseconds.
    pub rate: Option<(u64, u64)>,
    /// Use it in bursts.
    pub burst: bool,
    /// Deadline in milliseconds.
    pub deadline: Option<u64>,
    /// Walks that share the budget.
    pub walks: u64,
    /// Pages per commit.
    pub every: u64,
    /// Rows and checkpoint are stored in one transaction.
    pub transactional: bool,
    /// Crash at a step of the host, in a thousand.
    pub crash: u64,
    /// A stop by the caller, in a thousand steps.
    pub stop: u64,
    /// Latency of the network, most.
    pub latency: u64,
    /// The consumer takes so long for a page, most.
    pub consumer: u64,
    /// The server's clock is off by so many milliseconds.
    pub skew: i64,
    /// The host has no wall clock.
    pub no_clock: bool,
    /// The secret goes into the query instead of a header.
    pub query_secret: bool,
    /// What is odd besides.
    pub odd: Odd,
}

impl Setup {
    /// The run of a seed; `style` overrides the drawn one.
    pub fn draw(seed: u64, style: Option<Style>) -> Setup {
        let mut draw = Draw::new(seed, 1);
        let drawn = draw.pick(&Style::ALL, Style::Offset);
        let style = style.unwrap_or(drawn);
        let d = &mut draw;
        let big = d.permille(3);
        let rows =
            if big { d.between(3000, 6000) } else { d.pick(&[0, 1, 2, 5, 12, 23, 40, 64, 100, 150], 40) };
        let rows = rows + if rows > 4 { d.below(7) } else { 0 };
        let size = if big { d.between(100, 500) } else { d.between(2, 14) };
        let clamp = d.permille(250);
        let max = if clamp { d.between(1, size) } else { 10_000 };
        let moves = !style.by_key() && d.permille(100);
        let churning = d.permille(600);
        let churn = if churning { Self::churn(d, moves) } else { Churn::default() };
        let faults = Self::faults(d);
        let number = style.by_number();
        Setup {
            seed,
            style,
            rows,
            step: d.pick(&[1, 2, 1000], 1),
            text_ids: d.permille(300),
            descending: d.coin(),
            ordered: !moves && d.permille(800),
            moves,
            size,
            max,
            hidden: if number && d.permille(100) { d.pick(&[50, 300, 700], 50) } else { 0 },
            rounds: style == Style::Offset && d.permille(20),
            total: d.pick(&[Total::None, Total::Exact, Total::Exact, Total::Text], Total::None),
            flag: d.coin(),
            header_link: d.coin(),
            stable: d.permille(700) && (!moves || style == Style::CursorSnapshot),
            expired: d.pick(&["fail", "restart"], "fail"),
            once: style.by_token() && d.permille(100),
            asked_total: d.permille(50),
            churn,
            faults,
            concurrency: if number && !style.by_link() && d.coin() { d.between(2, 4) } else { 1 },
            ahead: d.between(1, 4),
            rate: d.permille(200).then(|| (d.between(1, 20), d.pick(&[500, 1000, 7000], 1000))),
            burst: d.coin(),
            deadline: d.permille(50).then(|| d.between(500, 60_000)),
            walks: if d.permille(150) { d.between(2, 3) } else { 1 },
            every: d.pick(&[1, 1, 2, 3], 1),
            transactional: d.permille(300),
            crash: d.sometimes(&[3, 15, 60]),
            stop: d.pick(&[0, 0, 0, 5], 0),
            latency: d.pick(&[1, 40, 400], 40),
            consumer: d.pick(&[0, 0, 30, 300], 0),
            skew: d.pick(&[0, 0, 7_200_000, -300_000], 0),
            no_clock: d.permille(50),
            query_secret: d.permille(400),
            odd: Odd::draw(seed, style, moves),
        }
    }

    fn churn(d: &mut Draw, moves: bool) -> Churn {
        let mut kinds = [0; 6];
        for kind in &mut kinds {
            *kind = d.sometimes(&[1, 3, 9]);
        }
        if !moves {
            kinds[5] = 0;
        }
        if kinds.iter().sum::<u64>() == 0 {
            kinds = [3, 1, 1, 3, 1, 0];
        }
        Churn { rate: d.pick(&[30, 150, 500, 1000], 150), burst: d.pick(&[1, 1, 1, 3, 12], 1), kinds }
    }

    fn faults(d: &mut Draw) -> Faults {
        if d.permille(250) {
            return Faults::default();
        }
        let mild = &[10, 40, 150][..];
        let rare = &[2, 8][..];
        Faults {
            failure: d.sometimes(mild),
            fatal: if d.permille(100) { 3 } else { 0 },
            status: d.sometimes(mild),
            wild: if d.permille(100) { 15 } else { 0 },
            throttle: d.sometimes(mild),
            body: d.sometimes(mild),
            error: d.sometimes(mild),
            redirect: d.sometimes(mild),
            hostile: if d.permille(100) { 10 } else { 0 },
            auth: d.sometimes(rare),
            empty: if d.permille(250) { d.pick(mild, 0) } else { 0 },
            short: if d.permille(250) { d.pick(mild, 0) } else { 0 },
            expired: if d.permille(200) { d.pick(rare, 0) } else { 0 },
            cycle: if d.permille(70) { d.pick(mild, 0) } else { 0 },
            restart: if d.permille(70) { d.pick(rare, 0) } else { 0 },
            resize: if d.permille(100) { d.pick(mild, 0) } else { 0 },
            announce: if d.permille(200) { d.pick(&[50, 500], 0) } else { 0 },
        }
    }
}
