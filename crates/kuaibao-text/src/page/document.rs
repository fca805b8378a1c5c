//! What a page is split into.

use crate::text::Traced;

/// A page, split into articles.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    /// The paper's name, read from a page head, a byline or the file name.
    pub paper: Option<String>,
    /// The paper's date in ISO 8601, read from a page head or the file name.
    pub date: Option<String>,
    /// The articles, in the order of their bodies.
    pub articles: Vec<Article>,
    /// Text that belongs to no article.
    pub dropped: Vec<Dropped>,
}

/// An article of a page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Article {
    /// `1`, `2`, … within the page.
    pub id: String,
    /// The headline, where the page has one.
    pub headline: Option<Traced>,
    /// The line below the headline that explains it (`——解码…`).
    pub subheadline: Option<Traced>,
    /// Lines above the headline that lead to it.
    pub kicker: Vec<Traced>,
    /// Names of those who wrote it.
    pub byline: Vec<Traced>,
    /// `本报讯`, `新华社北京7月24日电`.
    pub dateline: Option<Traced>,
    /// The body.
    pub paragraphs: Vec<Traced>,
    /// Headings within the body.
    pub subheads: Vec<Subhead>,
    /// Captions of its pictures, without their credits.
    pub captions: Vec<Traced>,
    /// Whether one of its paragraphs is a follow-up item (`又讯`).
    pub follow_up: bool,
    /// Where the rest of it stands, if not in this source.
    pub continued: Option<Continued>,
    /// How sure it is that these parts belong together and nothing else does, 0 to 1.
    pub confidence: f64,
}

/// The pages that hold the rest of an article, as the jump lines name them (`2`, `A3`); empty where
/// a jump line names none.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Continued {
    /// The page that it comes from (`上接第一版`).
    #[serde(default)]
    pub from: Option<String>,
    /// The page that it goes on to (`下转第三版`).
    #[serde(default)]
    pub to: Option<String>,
}

/// A heading within a body.
#[derive(Clone, Debug, PartialEq)]
pub struct Subhead {
    /// Index of the paragraph that it stands before.
    pub before: usize,
    /// The heading.
    pub text: Traced,
}

/// Text that belongs to no article.
#[derive(Clone, Debug, PartialEq)]
pub struct Dropped {
    /// The text.
    pub text: Traced,
    /// Why it was dropped.
    pub reason: Reason,
}

/// Why a text belongs to no article.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// What stands around the names in a byline.
    Label,
    /// Paper, date, section.
    PageHead,
    /// Page number.
    PageNumber,
    /// Where an article goes on, or comes from.
    JumpLine,
    /// Who took the picture.
    Credit,
    /// Editors of the page, telephone numbers, addresses.
    Editors,
    /// What a paper or its site prints around articles: watermarks, index boxes, links, notes.
    Furniture,
    /// Source, time and the like of an article, as sites print them.
    Meta,
    /// A hyphen that a line end put into a word.
    Hyphen,
    /// A byte that could not be decoded.
    Lossy,
    /// A headline, kicker or caption without an article.
    Stray,
}
