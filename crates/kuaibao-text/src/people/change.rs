//! Appointments, removals and resignations: `任命甲为某厅厅长`, `免去甲的某厅厅长职务`, `接受甲辞去市长职务的请求`.
//!
//! Comes in: a sentence and where a name stands in it. Goes out: what happened to its bearer, with the
//! post that it is about where the sentence says so behind the name.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::context::post_head;
use super::lexicon::{APPOINTED, APPOINTS, REMOVED, REMOVES, RESIGNED};
use super::titles::Title;
use crate::text::chars::is_clause_end;

/// What happened to somebody's post.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Change {
    /// Given the post.
    Appointed,
    /// Taken from it.
    Removed,
    /// Left by the holder's own wish.
    Resigned,
}

/// What a sentence says happened to the post of somebody named at `name`.
pub(super) fn at(text: &str, name: &Range<usize>) -> Option<(Change, Option<Title>)> {
    let before = text[..name.start].trim_end();
    let after = text[name.end..].trim_start();
    let after = after.strip_prefix("同志").unwrap_or(after);
    let after = after.strip_prefix("等人").unwrap_or(after);
    if REMOVES.end(before).is_some() {
        return Some((Change::Removed, title_at_start(after)));
    }
    if APPOINTS.end(before).is_some() {
        let behind = after
            .strip_prefix('为')
            .or_else(|| after.strip_prefix("担任"));
        return Some((Change::Appointed, title_at_start(behind.unwrap_or(after))));
    }
    let clause = after.find(is_clause_end).map_or(after, |end| &after[..end]);
    // An adverb or a time may stand between: `昨天宣布辞职`.
    let starts = clause.char_indices().map(|(i, _)| i).take(MOST_BETWEEN + 1);
    for at in starts {
        let (between, rest) = clause.split_at(at);
        if between.contains(DENIALS) {
            return None;
        }
        if let Some(word) = RESIGNED.start(rest) {
            return Some((Change::Resigned, title_at_start(&rest[word.len()..])));
        }
        if let Some(word) = REMOVED.start(rest) {
            return Some((Change::Removed, title_at_start(&rest[word.len()..])));
        }
    }
    let word = APPOINTED.start(after)?;
    let title = title_at_start(&after[word.len()..])?;
    // Who heads a group for one matter keeps the post, and has no other.
    (!OF_ONE_MATTER.iter().any(|post| title.post.ends_with(post)))
        .then_some((Change::Appointed, Some(title)))
}

/// Posts in groups that are set up for one matter (`由副省长甲任组长的调查组`).
const OF_ONE_MATTER: [&str; 5] = ["组长", "总指挥", "指挥长", "召集人", "领队"];

/// Characters between a name and what happened to its bearer.
const MOST_BETWEEN: usize = 12;
/// Who does not resign, or does not want to, has not.
const DENIALS: &[char] = &['不', '未', '没', '否', '拒', '若', '促', '吁', '图'];

/// The title that a text begins with.
fn title_at_start(text: &str) -> Option<Title> {
    const LONGEST: usize = 40;
    let text = text.strip_prefix('的').unwrap_or(text);
    let ends = text.char_indices().map(|(i, c)| (i + c.len_utf8(), c));
    let mut best = None;
    for (end, _) in ends
        .take(LONGEST)
        .take_while(|&(_, c)| c == '、' || c == '·' || c.is_alphanumeric())
    {
        if post_head(&text[..end]).is_none() {
            continue;
        }
        let behind = &text[end..];
        let ends_here = behind.chars().next().is_none_or(|c| !c.is_alphanumeric())
            || ["职务", "一职", "的", "等", "之职"]
                .iter()
                .any(|w| behind.starts_with(w));
        if ends_here {
            best = Some(end);
        }
    }
    Title::read(&text[..best?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_happened_and_to_which_post() {
        for (text, name, expected) in [
            ("任命王浩为云湖市副市长。", "王浩", "Appointed 云湖市副市长"),
            (
                "免去王浩的云湖市副市长职务。",
                "王浩",
                "Removed 云湖市副市长",
            ),
            ("接受王浩辞去市长职务的请求。", "王浩", "Resigned 市长"),
            ("王浩昨天宣布辞职。", "王浩", "Resigned -"),
            ("王浩当选会长。", "王浩", "Appointed 会长"),
            ("由副省长王浩任组长的事故调查组。", "王浩", "-"),
            ("王浩不会辞职。", "王浩", "-"),
            ("王浩说，好。", "王浩", "-"),
        ] {
            let start = text.find(name).unwrap();
            let found = at(text, &(start..start + name.len()));
            let found = found.map_or("-".to_owned(), |(change, title)| {
                let post = title.map_or("-".to_owned(), |t| t.post);
                format!("{change:?} {post}")
            });
            assert_eq!(found, expected, "{text}");
        }
    }
}
