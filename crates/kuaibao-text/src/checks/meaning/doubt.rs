//! The record of a doubt (`doubts` of `kuaibao.check/1` and of a brief's sentences).

use std::ops::Range;

use serde::{Deserialize, Serialize};

/// Something that the English may have turned, lost or made up.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Doubt {
    /// What it is about.
    pub kind: DoubtKind,
    /// The Chinese words, empty where it has none.
    pub zh: String,
    /// The English words, empty where it has none.
    pub en: String,
    /// Bytes of the Chinese.
    #[serde(with = "pair")]
    pub zh_range: Option<Range<usize>>,
    /// Bytes of the English.
    #[serde(with = "pair")]
    pub en_range: Option<Range<usize>>,
    /// How likely the doubt is right, where that is known.
    pub p: Option<f64>,
}

/// What a doubt is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DoubtKind {
    /// A place that the Chinese does not name, or one that the English does not.
    Place,
    /// A person, likewise.
    Person,
    /// A rise that became a fall, an exclusion that became an inclusion, a base that was exchanged.
    Trend,
    /// A negation lost, made up or turned.
    Negation,
    /// A name in Latin letters or a code.
    Latin,
    /// What somebody is: former, deputy, lawyer, victim.
    Role,
    /// Who said it.
    Attribution,
    /// A body, firm or law.
    Organisation,
    /// Words that nothing in the English stands for.
    Omission,
    /// English that is none.
    Garbage,
    /// A second model's verdict.
    Judge,
}

impl DoubtKind {
    /// All kinds that this crate finds.
    pub const CHECKED: [Self; 10] = [
        Self::Place,
        Self::Person,
        Self::Trend,
        Self::Negation,
        Self::Latin,
        Self::Role,
        Self::Attribution,
        Self::Organisation,
        Self::Omission,
        Self::Garbage,
    ];

    /// The name in records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Person => "person",
            Self::Trend => "trend",
            Self::Negation => "negation",
            Self::Latin => "latin",
            Self::Role => "role",
            Self::Attribution => "attribution",
            Self::Organisation => "organisation",
            Self::Omission => "omission",
            Self::Garbage => "garbage",
            Self::Judge => "judge",
        }
    }
}

impl Doubt {
    /// A doubt about these ranges; [`check_meaning`](super::check_meaning) fills in the words.
    pub(super) fn new(
        kind: DoubtKind,
        zh_range: Option<Range<usize>>,
        en_range: Option<Range<usize>>,
    ) -> Self {
        Self {
            kind,
            zh: String::new(),
            en: String::new(),
            zh_range,
            en_range,
            p: None,
        }
    }

    /// One English sentence for the editor.
    pub fn message(&self) -> String {
        let (zh, en) = (&self.zh, &self.en);
        match (zh.is_empty(), en.is_empty()) {
            (false, false) => format!("{zh} against “{en}”: {}.", self.question()),
            (false, true) => format!("{zh}: {}.", self.question()),
            (true, _) => format!("“{en}”: {}.", self.question()),
        }
    }

    fn question(&self) -> &'static str {
        let lost = self.en.is_empty();
        match self.kind {
            DoubtKind::Place if lost => "the place is not in the English",
            DoubtKind::Place => "the Chinese does not name this place",
            DoubtKind::Person if lost => "the person is not named so in the English",
            DoubtKind::Person => "the Chinese does not name this person",
            DoubtKind::Trend if lost => "the English does not say this",
            DoubtKind::Trend => "the direction or what it is compared with may be turned",
            DoubtKind::Negation if lost => "the English may have lost the negation",
            DoubtKind::Negation => "the Chinese does not say no here",
            DoubtKind::Latin => "not in the English as it is written",
            DoubtKind::Role if lost => "what this person is, is not in the English",
            DoubtKind::Role => "the Chinese does not say that somebody is this",
            DoubtKind::Attribution => "who said it may be wrong",
            DoubtKind::Organisation if lost => "the body is not named so in the English",
            DoubtKind::Organisation => "the Chinese does not name this body",
            DoubtKind::Omission => "nothing in the English says this",
            DoubtKind::Garbage => "this is no English",
            DoubtKind::Judge => "another model doubts this sentence",
        }
    }
}

/// Ranges as `[start, end]`.
mod pair {
    use std::ops::Range;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::ref_option, reason = "serde's signature")]
    pub(super) fn serialize<S: Serializer>(
        range: &Option<Range<usize>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let pair = range.as_ref().map(|r| [r.start, r.end]);
        pair.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Range<usize>>, D::Error> {
        let pair: Option<[usize; 2]> = Option::deserialize(deserializer)?;
        Ok(pair.map(|[start, end]| start..end))
    }
}
