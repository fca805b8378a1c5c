//! Plain text, as it goes over a wire: headline, where it is from, summary, the article, and behind it
//! what has to be checked.

use std::fmt::Write as _;

use super::{blocks, doubts};
use crate::brief::record::{Brief, Role};

pub(super) fn document(brief: &Brief) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}\n", line(&brief.headline.en));
    let about = [
        brief.paper.as_deref(),
        brief.date.as_deref(),
        Some(brief.source.as_str()),
    ];
    let about: Vec<String> = about.into_iter().flatten().map(line).collect();
    let _ = writeln!(out, "{}\n", about.join(", "));
    for sentence in &brief.summary {
        let _ = writeln!(out, "{}", line(&sentence.en));
    }
    let _ = writeln!(out, "\n* * *\n");
    for block in blocks(brief) {
        if block[0].role != Role::Headline {
            let text: Vec<String> = block.iter().map(|s| line(&s.en)).collect();
            let _ = writeln!(out, "{}\n", text.join(" "));
        }
    }
    let doubtful = brief
        .translation
        .iter()
        .filter_map(|s| Some((s, doubts(s)?)));
    let doubtful: Vec<_> = doubtful.collect();
    if !doubtful.is_empty() {
        let _ = writeln!(
            out,
            "* * *\n\nMachine translation. To be checked before use:\n"
        );
        for (segment, doubts) in doubtful {
            let _ = writeln!(
                out,
                "{}\n  {}\n  {}\n",
                line(&segment.en),
                line(&segment.zh),
                line(&doubts)
            );
        }
    }
    out
}

/// A text on one line, without characters that a terminal would obey.
fn line(text: &str) -> String {
    let plain = |c: char| if c.is_control() { ' ' } else { c };
    text.chars().map(plain).collect()
}
