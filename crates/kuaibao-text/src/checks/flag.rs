//! What an editor is told of a doubtful sentence.

use serde::{Deserialize, Serialize};

use super::DoubtKind;

/// A doubt about one translated sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// Machine-readable kind.
    pub kind: FlagKind,
    /// One plain English sentence for the editor.
    pub message: String,
}

/// Kinds of doubt.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FlagKind {
    /// A figure of the Chinese is not in the English.
    FigureMissing,
    /// A figure of the English has another value than the Chinese.
    FigureWrong,
    /// A figure of the English is not in the Chinese.
    FigureExtra,
    /// A person's name is missing or spelt otherwise.
    Name,
    /// A glossary term was not used.
    Glossary,
    /// The English repeats itself.
    Repetition,
    /// The English is much shorter than the Chinese: something may be left out.
    Omission,
    /// The English is much longer than the Chinese: something may be made up.
    Addition,
    /// The English still holds Chinese characters.
    Untranslated,
    /// The sentence was longer than the model takes and was cut inside a clause.
    Cut,
    /// The source does not look like Chinese.
    NotChinese,
    /// A sentence of the summary that the article does not say.
    Unsupported,
    /// A second translation has other facts.
    Disagreement,
    /// A doubt of meaning, as its kind says.
    DoubtPlace,
    /// Likewise.
    DoubtPerson,
    /// Likewise.
    DoubtTrend,
    /// Likewise.
    DoubtNegation,
    /// Likewise.
    DoubtLatin,
    /// Likewise.
    DoubtRole,
    /// Likewise.
    DoubtAttribution,
    /// Likewise.
    DoubtOrganisation,
    /// Likewise.
    DoubtOmission,
    /// Likewise.
    DoubtGarbage,
    /// Likewise.
    DoubtJudge,
}

impl From<DoubtKind> for FlagKind {
    fn from(kind: DoubtKind) -> Self {
        match kind {
            DoubtKind::Place => Self::DoubtPlace,
            DoubtKind::Person => Self::DoubtPerson,
            DoubtKind::Trend => Self::DoubtTrend,
            DoubtKind::Negation => Self::DoubtNegation,
            DoubtKind::Latin => Self::DoubtLatin,
            DoubtKind::Role => Self::DoubtRole,
            DoubtKind::Attribution => Self::DoubtAttribution,
            DoubtKind::Organisation => Self::DoubtOrganisation,
            DoubtKind::Omission => Self::DoubtOmission,
            DoubtKind::Garbage => Self::DoubtGarbage,
            DoubtKind::Judge => Self::DoubtJudge,
        }
    }
}
