//! `kuaibao.figure/1`: a figure as other programs read it. Field names and meanings are a contract.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A key figure (`kuaibao.figure/1`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FigureRecord {
    /// `kuaibao.figure/1`.
    pub schema: String,
    /// The source it was found in.
    pub source: String,
    /// The article within its source.
    pub article: String,
    /// `number`, `fraction`, `percent`, `money`, `quantity`, `date`, `duration`, `ordinal`, `multiple`, `age`, `score`.
    pub kind: String,
    /// As written, white space removed.
    pub zh: String,
    /// Byte offset in the source text.
    pub start: usize,
    /// Byte offset in the source text.
    pub end: usize,
    /// A number, a `[low, high]` range, or an EDTF string for dates.
    pub value: Value,
    /// The Chinese unit or measure word; `%` or `pp` (percentage points).
    pub unit: Option<String>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// Whether the Chinese names the currency: 元 alone does not.
    #[serde(default)]
    pub currency_stated: bool,
    /// `at-least`, `at-most`, `more-than`, `less-than`, `about`, `nearly`, `tens-of`.
    pub bound: Option<String>,
    /// English rendering.
    pub en: String,
    /// The noun that it measures or counts: 净利润, 死亡.
    #[serde(default)]
    pub what: Option<String>,
    /// `up`, `down`, `flat`, `narrowing`, `widening`.
    #[serde(default)]
    pub direction: Option<String>,
    /// `year-on-year`, `previous-period`, or a date in EDTF.
    #[serde(default)]
    pub compared: Option<String>,
    /// Of a brief: the id of the sentence it stands in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sentence_id: Option<String>,
    /// The Chinese sentence it stands in; of a long one 140 characters around the figure, cuts marked `…`.
    pub sentence: String,
}
