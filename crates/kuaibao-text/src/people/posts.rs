//! A title cut at its posts, each into organisation and post.

use super::context::post_head;
use super::lexicon::{FORMER, MODIFIERS};
use crate::text::words;

/// The posts of a title that names several: `厅党组书记、厅长`, `董事长兼总经理`.
pub(super) fn elements(title: &str) -> impl Iterator<Item = &str> {
    title.split(['、', '兼']).filter(|e| !e.is_empty())
}

/// One element as organisation and post.
pub(super) fn split(element: &str) -> Option<(&str, &str)> {
    let head = post_head(element)?;
    let mut at = element.len() - head.len();
    while let Some(modifier) = MODIFIERS.end(&element[..at]) {
        // The 代 of 宁德时代 and the 原 of 中原 are parts of longer words.
        let start = at - modifier.len();
        let inside = start > 0 && modifier.chars().count() == 1 && modifier != "副" && {
            let bounds = words::bounds(&element[..at]);
            bounds.binary_search(&start).is_err()
        };
        if inside {
            break;
        }
        at = start;
    }
    Some(element.split_at(at))
}

/// A title without the word at its start that says that it is held no longer. `前海`, `原料` begin
/// with a longer word.
pub(super) fn without_former(title: &str) -> &str {
    let rest = FORMER.start(title).map(|former| &title[former.len()..]);
    rest.filter(|rest| {
        rest.chars().count() > 1 && words::bounds(title).contains(&(title.len() - rest.len()))
    })
    .unwrap_or(title)
}
