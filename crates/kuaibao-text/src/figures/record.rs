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
    /// The Chinese unit or measure word.
    pub unit: Option<String>,
    /// ISO 4217 code.
    pub currency: Option<String>,
    /// `at-least`, `at-most`, `more-than`, `less-than`, `about`, `nearly`, `tens-of`.
    pub bound: Option<String>,
    /// English rendering.
    pub en: String,
    /// The Chinese sentence it stands in.
    pub sentence: String,
}
