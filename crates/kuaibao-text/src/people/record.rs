//! `kuaibao.person/1`: a person as other programs read them. Field names and meanings are a contract.

use serde::{Deserialize, Serialize};

use super::{Change, Person};

/// A person named in an article (`kuaibao.person/1`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRecord {
    /// `kuaibao.person/1`.
    pub schema: String,
    /// The source it was found in.
    pub source: String,
    /// The article within its source.
    pub article: String,
    /// Name in Chinese.
    pub zh: String,
    /// Name in English.
    pub en: String,
    /// Post as written.
    pub post_zh: Option<String>,
    /// Post in English.
    pub post_en: Option<String>,
    /// Organisation as written.
    pub organisation_zh: Option<String>,
    /// Organisation in English.
    pub organisation_en: Option<String>,
    /// What the article says happened to the post.
    #[serde(default)]
    pub change: Option<Change>,
    /// Whether the post is held no longer.
    #[serde(default)]
    pub former: bool,
    /// Whether the name's end and spelling are certain; if not, it is never forced into the English.
    #[serde(default)]
    pub certain: bool,
    /// Byte ranges of every mention in the source text.
    pub mentions: Vec<[usize; 2]>,
}

impl Person {
    /// The record of this person, found in an article of a source; `mentions` are the byte ranges of
    /// the mentions in the source text.
    pub fn record(self, source: &str, article: &str, mentions: Vec<[usize; 2]>) -> PersonRecord {
        PersonRecord {
            schema: "kuaibao.person/1".to_owned(),
            source: source.to_owned(),
            article: article.to_owned(),
            zh: self.zh,
            en: self.en,
            post_zh: self.post_zh,
            post_en: self.post_en,
            organisation_zh: self.organisation_zh,
            organisation_en: self.organisation_en,
            change: self.change,
            former: self.former,
            certain: self.certain,
            mentions,
        }
    }
}
