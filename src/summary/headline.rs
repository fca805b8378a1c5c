//! The English headline of an article: its own, else what a summariser wrote, else its lead.

use super::{
    Summary, capitalised, may_lose_its_end,
    record::{Headline, HeadlineOrigin},
};

/// The most words of a headline that is not the article's own.
pub const HEADLINE_WORDS: usize = 16;

/// The headline of an article: `own` is its headline in Chinese and English, `written` what a summariser wrote,
/// `lead` the translation of its first sentence. It is usable if it is there, and says what it was made
/// from; its flags are for who knows those of the sentences.
pub fn headline(
    own: Option<(&str, &str)>,
    written: Option<&str>,
    summary: &Summary,
    lead: &str,
) -> Headline {
    if let Some((zh, en)) = own {
        return Headline {
            zh: zh.to_owned(),
            en: capitalised(en),
            origin: HeadlineOrigin::Article,
            flags: Vec::new(),
            usable: !en.trim().is_empty(),
        };
    }
    let written = written.map(|w| (w, HeadlineOrigin::Summarizer));
    // The summary's first sentence is the lead without its opening.
    let first = summary.sentences.first().map(|s| s.en.as_str());
    let lead = (first.unwrap_or(lead), HeadlineOrigin::Lead);
    let (whole, origin) = written.unwrap_or(lead);
    let en = compressed(whole);
    let zh = summary.sentences.first().map_or("", |s| &*s.zh);
    let kept_all = en.len() + 1 >= without_time(whole).len();
    Headline {
        zh: String::new(),
        usable: !en.is_empty() && (kept_all || may_lose_its_end(zh, whole)),
        en,
        origin,
        flags: Vec::new(),
    }
}

/// The first clause of a sentence that says something, in at most [`HEADLINE_WORDS`] words.
fn compressed(sentence: &str) -> String {
    let words: Vec<&str> = without_time(sentence).split_whitespace().collect();
    let clause = (5..words.len().min(HEADLINE_WORDS))
        .find(|&n| words[n - 1].ends_with([',', ';', ':', '.']))
        .unwrap_or(words.len());
    let kept = words[..clause.min(HEADLINE_WORDS)].join(" ");
    let cut = clause > HEADLINE_WORDS;
    let mut kept = kept.trim_end_matches([',', ';', ':', '.']);
    if !cut {
        return capitalised(kept);
    }
    while let Some((before, last)) = kept.rsplit_once(' ')
        && LEADING_ON.contains(&last)
    {
        kept = before;
    }
    capitalised(&format!("{kept} …"))
}

/// `On the afternoon of July 23, the road opened.` without when it was.
fn without_time(sentence: &str) -> &str {
    const LONGEST: usize = 9;
    let begins = |word: &str| sentence.to_lowercase().starts_with(&format!("{word} "));
    match sentence.split_once(", ") {
        Some((when, what))
            if ["on", "in", "at", "since", "from", "during", "by"]
                .iter()
                .any(|w| begins(w))
                && when.split_whitespace().count() <= LONGEST
                && what.split_whitespace().count() > 3 =>
        {
            what
        }
        _ => sentence,
    }
}

/// Words that a headline does not end with.
const LEADING_ON: [&str; 21] = [
    "a", "an", "and", "as", "at", "by", "for", "from", "has", "in", "is", "of", "on", "or", "that",
    "the", "to", "was", "which", "will", "with",
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::record::SummarySentence;

    #[test]
    fn a_headline_is_made_where_the_article_has_none() {
        let summary = |en: &str| Summary {
            sentences: vec![SummarySentence {
                en: en.to_owned(),
                ..SummarySentence::default()
            }],
            left_out: vec![],
        };
        let long = "on July 14 the county of Qinghe announced that it has built 300 kilometres of roads this year, officials said";
        let cases = [
            (
                None,
                "the road opened on Monday, officials said.",
                "The road opened on Monday",
                HeadlineOrigin::Lead,
            ),
            (
                None,
                long,
                "On July 14 the county of Qinghe announced that it has built 300 kilometres of roads …",
                HeadlineOrigin::Lead,
            ),
            (
                Some("county builds roads."),
                long,
                "County builds roads",
                HeadlineOrigin::Summarizer,
            ),
            (
                None,
                "on the afternoon of July 23, the governor visited two bureaus.",
                "The governor visited two bureaus",
                HeadlineOrigin::Lead,
            ),
            (None, "", "", HeadlineOrigin::Lead),
        ];
        for (written, lead, expected, origin) in cases {
            let found = headline(None, written, &summary(lead), "");
            assert_eq!((found.en.as_str(), found.origin), (expected, origin));
        }
        let lead = headline(None, None, &Summary::default(), "it rained.");
        assert_eq!((lead.en.as_str(), lead.usable), ("It rained", true));
        let nothing = headline(None, None, &Summary::default(), "");
        assert!(!nothing.usable);
        let turned = "The port of the county opened on Monday, but ships were not let in.";
        assert!(!headline(None, None, &summary(turned), "").usable);
    }
}
