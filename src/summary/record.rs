//! What a brief says of its summary and its headline: a part of `kuaibao.brief/1`.

use kuaibao_text::checks::Flag;
use serde::{Deserialize, Serialize};

/// A headline in both languages.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Headline {
    /// The Chinese headline; empty when the article has none.
    pub zh: String,
    /// The English headline.
    pub en: String,
    /// Where the English comes from.
    #[serde(default)]
    pub origin: HeadlineOrigin,
    /// Doubts about the English.
    #[serde(default)]
    pub flags: Vec<Flag>,
    /// Whether the English may stand above the article: it is there, and nothing is doubtful about it.
    #[serde(default)]
    pub usable: bool,
}

/// Where an English headline comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HeadlineOrigin {
    /// It is the translation of the article's own.
    #[default]
    Article,
    /// The summariser wrote it: the article has none.
    Summarizer,
    /// It is the lead, cut short: the article has none.
    Lead,
}

/// One sentence of the summary.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct SummarySentence {
    /// English text.
    pub en: String,
    /// Chinese that says the same.
    #[serde(default)]
    pub zh: String,
    /// Where that Chinese comes from.
    #[serde(default)]
    pub zh_origin: ZhOrigin,
    /// Ids of the translated sentences that support it.
    pub sources: Vec<String>,
    /// From 0 to 1: of a sentence of the article, how central it is to it; of one that a model
    /// wrote, how much of it its sources say.
    pub score: f64,
    /// Doubts about it, as of a translated sentence.
    #[serde(default)]
    pub flags: Vec<Flag>,
    /// What second models say of it and the Chinese that it cites, where they were asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub judge: Option<OpinionRecord>,
}

/// What second models say of a Chinese sentence and its English, rounded to 1e-3.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct OpinionRecord {
    /// Probability that the Chinese entails the English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entailment: Option<f64>,
    /// Probability that neither follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub neutral: Option<f64>,
    /// Probability that the English contradicts the Chinese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contradiction: Option<f64>,
    /// Cosine of the two sentences' vectors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f64>,
}

/// Where the Chinese of a sentence of the summary comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ZhOrigin {
    /// It is the sentences of the article that are cited.
    #[default]
    Source,
    /// A model wrote it; the English is its translation.
    Model,
}

/// How a summary was made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Making {
    /// Words it was to have.
    pub words: usize,
    /// What the summariser read at a time; empty where none was used.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub chunks: Vec<ChunkRecord>,
    /// What it might have held and does not.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<LeftOut>,
}

/// A part of an article that a summariser read at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChunkRecord {
    /// Ids of its first and its last sentence.
    pub sentences: [String; 2],
    /// Tokens, as the model counts them.
    pub tokens: usize,
}

/// A sentence, or a part of one, that is not in the summary.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// English text.
    pub en: String,
    /// Machine-readable reason.
    pub reason: Reason,
    /// The reason as one plain English sentence.
    pub message: String,
}

/// Why something is not in a summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reason {
    /// The summary has no room for it.
    OverBudget,
    /// Another sentence of the summary says it.
    Repeated,
    /// The model stopped in the middle of it.
    Unfinished,
    /// Its facts are wrong or not in the article.
    Unsupported,
}
