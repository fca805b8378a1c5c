//! From what a summariser wrote about each chunk to one summary.
//!
//! The second pass chooses among the sentences of the first and writes nothing, so each one still
//! comes from the chunk that says it, and what did not fit is known by name. Where the model wrote
//! too little, the most relevant sentences of the article that nothing cites fill up.

use super::{
    Budget, Source, Summary, about_a_fact,
    choose::{Parts, choose},
    extract::fill_up,
    may_lose_its_end, readable,
    support::{Support, Supports, content},
    vectors::{Vectors, scaled_to_one},
};
use crate::summary::record::{Reason, SummarySentence, ZhOrigin};
use kuaibao_text::{
    checks::{Flag, check_text},
    figures::Clock,
    text::{english_sentences, word_count},
};

/// A sentence that a model wrote.
#[derive(Clone, Debug, Default)]
pub struct Said {
    /// In English.
    pub en: String,
    /// In Chinese, where that is what the model wrote; the English is its translation then.
    pub zh: Option<String>,
    /// Doubts about that translation.
    pub flags: Vec<Flag>,
    /// Whether it has an end.
    pub finished: bool,
}

/// A sentence that may stand in a summary.
struct Part {
    chunk: usize,
    said: Said,
    support: Support,
}

/// Makes one summary of what a model wrote about each chunk, in order. `strict` drops what the
/// article does not say.
pub fn fuse(
    source: &Source,
    written: Vec<Vec<Said>>,
    budget: Budget,
    strict: bool,
    clock: &Clock,
) -> Summary {
    let mut summary = Summary::default();
    let supports = Supports::new(source, clock);
    let mut parts = Vec::new();
    for (chunk, mut sentences) in written.into_iter().enumerate() {
        // The model's limit cuts its last sentence, which is kept only where that is all.
        if sentences.len() > 1
            && let Some(last) = sentences.pop_if(|last| !last.finished)
        {
            let message = "The model stopped in the middle of it.".to_owned();
            summary.leave_out(&last.en, Reason::Unfinished, message);
        }
        for mut said in sentences {
            let mut support = supports.of(&said.en);
            support.flags.extend(check_text("", &said.en));
            let new = std::mem::take(&mut said.flags).into_iter();
            let new = new.filter(|flag| !support.flags.contains(flag));
            support.flags.extend(new.collect::<Vec<_>>());
            let wrong = support.flags.iter().find(|f| about_a_fact(f));
            if let Some(wrong) = wrong.filter(|_| strict) {
                summary.leave_out(&said.en, Reason::Unsupported, wrong.message.clone());
            } else {
                parts.push(Part {
                    chunk,
                    said,
                    support,
                });
            }
        }
    }
    choose_among(parts, source, budget, &mut summary);
    fill_up(source, budget, strict, &mut summary);
    summary
}

/// The sentences of what a model wrote in English.
pub fn said(text: &str) -> Vec<Said> {
    // Pegasus writes line ends so.
    let text = text.replace("<n>", "\n");
    english_sentences(&text)
        .into_iter()
        .map(|range| &text[range])
        .filter(|sentence| word_count(sentence) > 0)
        .map(|sentence| Said {
            en: sentence.to_owned(),
            finished: is_finished(sentence),
            ..Said::default()
        })
        .collect()
}

/// Whether a sentence, in either language, has its end.
pub fn is_finished(sentence: &str) -> bool {
    let closing = ['"', '”', '\'', '’', ')', ']', '）', '」', '』', '》', ' '];
    let end = sentence.trim_end_matches(closing);
    end.ends_with(['.', '!', '?', '…', '。', '！', '？'])
}

fn choose_among(parts: Vec<Part>, source: &Source, budget: Budget, summary: &mut Summary) {
    let words = |part: &Part| content(&part.said.en).map(|(word, _)| word).collect();
    let vectors = Vectors::new(parts.iter().map(words).collect(), Vec::<String>::new());
    let counts: Vec<usize> = parts
        .iter()
        .map(|p| word_count(&readable("", &p.said.en).0))
        .collect();
    let may_be_cut: Vec<bool> = parts
        .iter()
        .map(|p| may_lose_its_end(p.said.zh.as_deref().unwrap_or_default(), &p.said.en))
        .collect();
    let among = Parts {
        vectors: &vectors,
        relevance: &relevance(&parts, &vectors),
        words: &counts,
        may_be_cut: &may_be_cut,
    };
    let choices = choose(&among, budget, None);
    for (i, part) in parts.iter().enumerate() {
        if choices.iter().any(|c| c.part == i) {
            continue;
        }
        let same = choices.iter().any(|c| vectors.repeats(i, c.part));
        let (reason, message) = if same {
            (
                Reason::Repeated,
                "Another sentence of the summary says it.".to_owned(),
            )
        } else {
            let most = budget.most();
            (
                Reason::OverBudget,
                format!("The summary may have {most} words."),
            )
        };
        summary.leave_out(&part.said.en, reason, message);
    }
    let cut = choices.iter().position(|c| c.keep.is_some());
    for choice in &choices {
        let part = &parts[choice.part];
        let cited = part.support.sources.iter().map(|&i| &source.sentences[i]);
        let (zh, zh_origin) = match &part.said.zh {
            Some(zh) => (zh.clone(), ZhOrigin::Model),
            None => (cited.clone().map(|s| s.zh).collect(), ZhOrigin::Source),
        };
        summary.push(SummarySentence {
            en: part.said.en.clone(),
            zh,
            zh_origin,
            sources: cited.map(|s| s.id.to_owned()).collect(),
            score: part.support.score,
            flags: part.support.flags.clone(),
            judge: None,
        });
    }
    if let Some(i) = cut.or(summary.sentences.len().checked_sub(1)) {
        summary.fit(i, budget);
    }
}

/// Each sentence's relevance: central to all that was written, early in the article, borne out.
fn relevance(parts: &[Part], vectors: &Vectors) -> Vec<f64> {
    const CENTRALITY: f64 = 0.4;
    const POSITION: f64 = 0.3;
    const SUPPORT: f64 = 0.3;

    let centrality = vectors.centrality();
    let blended = parts.iter().enumerate().map(|(i, part)| {
        let position = 1.0 / (1.0 + 0.5 * part.chunk as f64);
        CENTRALITY * centrality[i] + POSITION * position + SUPPORT * part.support.score
    });
    scaled_to_one(blended.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::Sentence;
    use kuaibao_text::checks::FlagKind;

    const ARTICLE: [(&str, &str, &str); 5] = [
        (
            "p1s1",
            "云湖港新码头昨日开港。",
            "The new terminal of Yunhu Port opened yesterday.",
        ),
        (
            "p1s2",
            "工程总投资90亿元。",
            "The project cost 9 billion yuan in total.",
        ),
        (
            "p2s1",
            "新码头有两个泊位。",
            "The new terminal has two berths.",
        ),
        (
            "p3s1",
            "何润生说，航线将增加到18条。",
            "He Runsheng said the number of routes will grow to 18.",
        ),
        (
            "p4s1",
            "当地渔民欢迎这一变化。",
            "Local fishermen welcome the change.",
        ),
    ];

    fn fused(written: &[&str], words: usize, strict: bool) -> Summary {
        let sentences: Vec<Sentence> = ARTICLE
            .iter()
            .enumerate()
            .map(|(i, (id, zh, en))| Sentence {
                id,
                zh,
                en,
                flags: &[],
                paragraph: i,
                figures: 0,
                people: vec![],
            })
            .collect();
        let source = Source {
            headline: None,
            sentences: &sentences,
        };
        let written = written.iter().map(|text| said(text)).collect();
        fuse(
            &source,
            written,
            Budget { words },
            strict,
            &Clock::unknown(),
        )
    }

    #[test]
    fn the_tail_of_an_article_is_in_its_summary_and_cited() {
        let written = [
            "The new terminal of Yunhu Port opened yesterday. The project cost 9 billion yuan",
            "Routes will grow to 18, said He Runsheng. Local fishermen welcome the change.",
        ];
        let summary = fused(&written, 20, false);
        let cited: Vec<_> = summary
            .sentences
            .iter()
            .map(|s| s.sources.concat())
            .collect();
        assert_eq!(cited, ["p1s1", "p3s1", "p4s1"]);
        assert!(
            summary
                .sentences
                .iter()
                .all(|s| s.flags.is_empty() && s.score > 0.9)
        );
        assert_eq!(summary.left_out[0].reason, Reason::Unfinished);
        assert_eq!(summary.left_out[0].en, "The project cost 9 billion yuan");
    }

    #[test]
    fn what_was_written_in_chinese_keeps_its_chinese_and_its_doubts() {
        let sentences: Vec<Sentence> = Vec::new();
        let source = Source {
            headline: None,
            sentences: &sentences,
        };
        let doubt = Flag {
            kind: FlagKind::DoubtNegation,
            message: "“没有” is not in the English.".to_owned(),
        };
        let said = |zh: &str, en: &str, flags: &[Flag]| Said {
            en: en.to_owned(),
            zh: Some(zh.to_owned()),
            flags: flags.to_vec(),
            finished: is_finished(zh),
        };
        let written = || {
            vec![vec![
                said(
                    "新码头昨日开港。",
                    "The new terminal opened yesterday.",
                    &[],
                ),
                said(
                    "没有人受伤。",
                    "People were hurt.",
                    std::slice::from_ref(&doubt),
                ),
                // The Chinese breaks off, whatever its English looks like.
                said("航线将增", "Routes will increase.", &[]),
            ]]
        };
        let fused = |strict| {
            fuse(
                &source,
                written(),
                Budget { words: 30 },
                strict,
                &Clock::unknown(),
            )
        };
        let summary = fused(false);
        let both: Vec<(&str, &str, ZhOrigin)> = (summary.sentences.iter())
            .map(|s| (s.zh.as_str(), s.en.as_str(), s.zh_origin))
            .collect();
        assert_eq!(
            both,
            [
                (
                    "新码头昨日开港。",
                    "The new terminal opened yesterday.",
                    ZhOrigin::Model
                ),
                ("没有人受伤。", "People were hurt.", ZhOrigin::Model),
            ]
        );
        assert!(summary.sentences[1].flags.contains(&doubt));
        assert_eq!(summary.left_out[0].reason, Reason::Unfinished);
        // Nothing of the article says it, and so `strict` keeps it out.
        let strict = fused(true);
        assert!(strict.sentences.is_empty(), "{strict:?}");
    }

    #[test]
    fn what_does_not_fit_or_repeats_is_told() {
        let written = [
            "The new terminal opened yesterday. The new terminal of Yunhu Port opened yesterday.",
            "Local fishermen welcome the change. The number of routes will grow to 18.",
        ];
        let summary = fused(&written, 13, false);
        let reasons: Vec<Reason> = summary.left_out.iter().map(|l| l.reason).collect();
        assert!(reasons.contains(&Reason::Repeated), "{summary:#?}");
        assert!(reasons.contains(&Reason::OverBudget), "{summary:#?}");
        let kept = summary.sentences.len() + summary.left_out.len();
        assert_eq!(kept, 4, "{summary:#?}");
    }

    #[test]
    fn what_the_article_does_not_say_is_flagged_or_dropped() {
        let written =
            ["The new terminal of Yunhu Port opened yesterday. It has 17 cranes from Germany."];
        let loose = fused(&written, 13, false);
        let kinds: Vec<FlagKind> = loose.sentences[1].flags.iter().map(|f| f.kind).collect();
        assert_eq!(kinds, [FlagKind::Unsupported, FlagKind::FigureExtra]);
        let strict = fused(&written, 13, true);
        assert!(strict.sentences.iter().all(|s| s.flags.is_empty()));
        assert_eq!(strict.left_out[0].reason, Reason::Unsupported);
        assert_eq!(strict.left_out[0].en, "It has 17 cranes from Germany.");
    }

    #[test]
    fn too_little_is_filled_up_from_the_article_and_too_much_is_cut() {
        let long = "word ".repeat(200);
        for written in [&[""][..], &["Port opened."], &[&long], &["", &long, "", ""]] {
            for words in [10, 20, 30] {
                let summary = fused(written, words, false);
                let budget = Budget { words };
                let all = summary.words();
                assert!(
                    (budget.least()..=budget.most()).contains(&all),
                    "{words}: {all} {summary:#?}"
                );
            }
        }
        // More is asked for than the article has.
        let all = fused(&[""], 500, false);
        assert_eq!(all.sentences.len(), ARTICLE.len());
        assert!(fused(&[], 30, false).words() > 0);
    }

    #[test]
    fn line_ends_of_pegasus_are_sentence_ends() {
        let summary = fused(
            &["The new terminal has two berths .<n>Local fishermen welcome it ."],
            11,
            false,
        );
        assert_eq!(summary.sentences.len(), 2);
    }
}
