//! A brief as JSON, the form that other programs read.

use serde::Serialize;

use super::ReportError;
use crate::brief::record::Brief;

/// The brief as an indented document, for a file.
pub fn document(brief: &Brief) -> Result<String, ReportError> {
    indented(brief, &brief.source)
}

/// The brief on one line (without its line end), for a stream.
pub fn line(brief: &Brief) -> Result<String, ReportError> {
    serde_json::to_string(brief).map_err(|source| ReportError::Json {
        page: brief.source.clone(),
        source,
    })
}

/// Any document, indented, with a line end.
pub(super) fn indented(document: &impl Serialize, page: &str) -> Result<String, ReportError> {
    let mut text = serde_json::to_string_pretty(document).map_err(|source| ReportError::Json {
        page: page.to_owned(),
        source,
    })?;
    text.push('\n');
    Ok(text)
}
