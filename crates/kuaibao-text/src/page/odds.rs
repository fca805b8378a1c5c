//! Tables of weights: what is observed of headings, and what each observation weighs.
//!
//! The weights are log-odds in tables, `data/heading.tsv` (how a block of headings is cut, and whose
//! its parts are) and `data/beginning.tsv` (whether headings begin another article). The first is fitted
//! to made pages by `benches/fit_headings.rs`, but for what only their maker decides; the second has round
//! numbers that were set by judgement. That program and `benches/fit_beginnings.rs` say how many of pages
//! that were not fitted on the tables and a fit tell right.

use std::sync::LazyLock;

/// Names observations as their table does.
macro_rules! observations {
    ($(#[$about:meta])* $name:ident; $($(#[$doc:meta])* $variant:ident = $row:literal),* $(,)?) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum $name {
            $($(#[$doc])* $variant),*
        }

        impl $name {
            pub(super) const NAMES: &[&str] = &[$($row),*];
        }

        impl From<$name> for usize {
            fn from(what: $name) -> usize {
                what as usize
            }
        }
    };
}

observations! {
    /// One thing that can be observed of a cut of headings.
    Observation;
    /// A group stands right above its article, right below it, or neither.
    HeadsItsArticle = "heads-its-article",
    EndsBefore = "ends-before",
    Elsewhere = "elsewhere",
    /// A line that nobody takes; one with no article below it.
    Nobody = "nobody",
    NobodyBelow = "nobody-below",
    /// Two lines are one heading for certain (an open bracket, a comma), or two (other sizes, a dash).
    SurelyOne = "surely-one",
    SurelyTwo = "surely-two",
    /// The first ends with an opening mark.
    OpenMark = "open-mark",
    /// Two lines are one heading at all; with nothing that says so for certain.
    OneHeading = "one-heading",
    /// They are of one size that markup states.
    SameSize = "same-size",
    WiderBelow = "wider-below",
    /// The second is wider by more than a word, which the first had room for.
    HadRoom = "had-room",
    SameWidth = "same-width",
    OccasionAbove = "occasion-above",
    RubricAbove = "rubric-above",
    /// The first ends with a character that no heading ends with.
    UnfinishedWord = "unfinished-word",
    /// The first ends as sub-headlines do that say what kind of report it is; the second begins without
    /// who it speaks of.
    ExplainsAbove = "explains-above",
    GoesOnBelow = "goes-on-below",
    /// The first has at most five cells.
    NarrowLine = "narrow-line",
    /// The second has at most three cells, or five.
    TinyRest = "tiny-rest",
    ShortRest = "short-rest",
    OpenEnd = "open-end",
    OddGap = "odd-gap",
    /// The characters on both sides of the line end belong to one word, stand together elsewhere on
    /// the page, or do not.
    CutWord = "cut-word",
    Together = "together",
    NoWord = "no-word",
    /// A kicker; and the share of its words that the article has, where it might be the headline.
    Kicker = "kicker",
    KickerSaid = "kicker-said",
    /// A kicker is the name of a series or an office, is long or short and neither, asks or calls.
    KickerRubric = "kicker-rubric",
    KickerLong = "kicker-long",
    KickerShort = "kicker-short",
    KickerSpeaks = "kicker-speaks",
    /// The share of a kicker's words that are another article's.
    OthersWords = "others-words",
    /// The headline only tells the occasion or explains another, is the name of a series, or is very short.
    OccasionAlone = "occasion-alone",
    RubricAlone = "rubric-alone",
    TooShort = "too-short",
    /// By how much it is longer than headlines are, in units of five characters.
    LongHeadline = "long-headline",
    /// By how much its longest part between marks or spaces is longer than clauses are, in units of four.
    LongClause = "long-clause",
    /// The headline is an office, has clauses, or ends as a sub-headline does below what is no kicker
    /// for certain.
    OfficeAlone = "office-alone",
    HeadlineClauses = "headline-clauses",
    ExplainsAnother = "explains-another",
    /// A sub-headline that no dash and no size tells: at all, and with a number that the headline has not.
    PlainSubheadline = "plain-subheadline",
    /// It goes on with the headline, without who it speaks of.
    SubheadlineGoesOn = "subheadline-goes-on",
    SubheadlineCounts = "subheadline-counts",
    /// It says who claims what.
    SubheadlineClaims = "subheadline-claims",
    /// It says what kind of report it is, or has clauses where the headline has none.
    SubheadlineExplains = "subheadline-explains",
    SubheadlineClauses = "subheadline-clauses",
    /// How much the head says, and how much of that the article repeats.
    Length = "length",
    Shared = "shared",
}

observations! {
    /// One thing that can be observed of headings between two paragraphs, which begin another article
    /// or head a part of the one that is open.
    Beginning;
    /// Headings at all.
    Headings = "headings",
    /// Their width, in units of twenty half cells.
    Width = "width",
    SeveralLines = "several-lines",
    WiderThanColumn = "wider-than-column",
    /// The share of what follows that stands before, in rare pairs of characters.
    Cohesion = "cohesion",
    /// What follows begins as reports do: with a day, or with how it is known.
    Lead = "lead",
    /// It begins with a number.
    Numbered = "numbered",
    /// Paragraphs up to the next heading.
    ParagraphsBehind = "paragraphs-behind",
    /// The article before has a byline; so have the articles of the page.
    Signed = "signed",
    SignedPage = "signed-page",
}

/// What each observation of one table weighs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Weights(pub(super) Vec<f64>);

/// How headings are cut.
pub(super) static HEADING: LazyLock<Weights> =
    LazyLock::new(|| Weights::parse(Observation::NAMES, include_str!("data/heading.tsv")));
/// Whether headings begin another article.
pub(super) static BEGINNING: LazyLock<Weights> =
    LazyLock::new(|| Weights::parse(Beginning::NAMES, include_str!("data/beginning.tsv")));

impl Weights {
    /// Reads a table of names and weights.
    ///
    /// # Panics
    /// Where it names something else than the observations: it is compiled in.
    fn parse(names: &[&str], table: &str) -> Self {
        let rows = || {
            let lines = table.lines().filter(|line| !line.starts_with('#'));
            lines.filter_map(|line| line.split_once('\t'))
        };
        assert_eq!(rows().count(), names.len(), "rows of weights");
        let weight = |name: &&str| {
            let row = rows().find(|(n, _)| n == name);
            let (_, weight) = row.unwrap_or_else(|| panic!("no weight of {name}"));
            weight.trim().parse().expect("a weight is a number")
        };
        Self(names.iter().map(weight).collect())
    }

    pub(super) fn of(&self, what: impl Into<usize>) -> f64 {
        self.0[what.into()]
    }

    /// The weight of observations, each made once.
    pub(super) fn sum(&self, seen: &[Observation]) -> f64 {
        seen.iter().map(|what| self.of(*what)).sum()
    }
}

/// Steps of a fit that shrink with how far it went (`AdaGrad`), with a normal prior around nothing.
#[cfg(test)]
pub(super) struct Fit {
    pub(super) weights: Weights,
    squares: Vec<f64>,
    prior: f64,
}

#[cfg(test)]
impl Fit {
    const STEP: f64 = 0.5;
    /// Priors, by how much of a weight each case takes off: the program that fits takes the one whose
    /// table does best on texts kept aside.
    pub(super) const PRIORS: [f64; 4] = [1e-2, 1e-3, 1e-4, 1e-5];

    pub(super) fn new(observations: usize, prior: f64) -> Self {
        Self {
            weights: Weights(vec![0.0; observations]),
            squares: vec![1.0; observations],
            prior,
        }
    }

    /// One step up the gradient of one case's log-likelihood.
    pub(super) fn step(&mut self, gradient: &[f64]) {
        for (i, slope) in gradient.iter().enumerate() {
            let slope = slope - self.weights.0[i] * self.prior;
            self.squares[i] += slope * slope;
            self.weights.0[i] += Self::STEP * slope / self.squares[i].sqrt();
        }
    }

    /// Prints the table.
    pub(super) fn print(&self, names: &[&str]) {
        for (name, weight) in names.iter().zip(&self.weights.0) {
            println!("{name}\t{weight:.1}");
        }
    }
}
