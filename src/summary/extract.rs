//! The extract route: sentences of the article that say what it is about, translated.
//!
//! Comes in: the sentences of one article in both languages. Goes out: those chosen, in source
//! order, each with its relevance, as the translation has them. Works on words alone and never writes a
//! sentence of its own.
//!
//! A sentence's relevance blends, as weighed in [`relevance`], its centrality, its position
//! (newspaper articles put the news first), the headline's words, figures and named people. A
//! sentence whose translation cannot be read is of little use, whatever its Chinese says.

use super::{
    Budget, Sentence, Source, Summary, about_a_fact,
    choose::{Choice, Parts, choose},
    lead::lead_trim,
    may_lose_its_end, readable,
    record::{Reason, SummarySentence, ZhOrigin},
    vectors::{Vectors, scaled_to_one},
};
use kuaibao_text::checks::FlagKind;
use kuaibao_text::{text::word_count, text::words};

/// Sentences with fewer content words than this say too little to stand alone.
const MIN_CONTENT_WORDS: usize = 3;

/// The chosen sentences.
pub struct Extract {
    chosen: Vec<(Choice, f64)>,
    /// Sentences that `--strict` keeps out.
    barred: Vec<usize>,
    budget: Budget,
    strict: bool,
}

impl Extract {
    /// Chooses the sentences that summarise an article, its lead among them. `strict` leaves out those
    /// whose translation has a fact wrong.
    pub fn new(source: &Source, budget: Budget, strict: bool) -> Self {
        let vectors = vectors(source);
        let lead = lead(source.sentences, &vectors);
        Self::among(source, &vectors, lead, budget, strict)
    }

    fn among(
        source: &Source,
        vectors: &Vectors,
        lead: Option<usize>,
        budget: Budget,
        strict: bool,
    ) -> Self {
        let sentences = source.sentences;
        let mut relevance = relevance(sentences, vectors);
        let words = |s: &Sentence| word_count(&readable(s.zh, s.en).0);
        let words: Vec<usize> = sentences.iter().map(words).collect();
        let may_be_cut = sentences.iter().map(|s| may_lose_its_end(s.zh, s.en));
        let may_be_cut: Vec<bool> = may_be_cut.collect();
        let choose = |relevance: &[f64]| {
            let parts = Parts {
                vectors,
                relevance,
                words: &words,
                may_be_cut: &may_be_cut,
            };
            choose(&parts, budget, lead)
        };
        let mut choices = choose(&relevance);
        let mut barred = Vec::new();
        if strict {
            let wrong = |i: &usize| sentences[*i].flags.iter().any(about_a_fact);
            barred.extend(choices.iter().map(|c| c.part).filter(wrong));
            for i in (0..relevance.len()).filter(wrong) {
                relevance[i] = 0.0;
            }
            choices = choose(&relevance);
        }
        let chosen = choices.into_iter().map(|c| (c, relevance[c.part]));
        Self {
            chosen: chosen.collect(),
            barred,
            budget,
            strict,
        }
    }

    /// The summary: sentences as the translation has them.
    pub fn summary(&self, source: &Source) -> Summary {
        let mut summary = self.draft(source);
        fill_up(source, self.budget, self.strict, &mut summary);
        summary
    }

    fn draft(&self, source: &Source) -> Summary {
        let mut summary = Summary::default();
        for &i in &self.barred {
            let sentence = &source.sentences[i];
            let doubt = sentence.flags.iter().find(|f| about_a_fact(f));
            let message = doubt.map(|f| f.message.clone()).unwrap_or_default();
            summary.leave_out(sentence.en, Reason::Unsupported, message);
        }
        for (choice, relevance) in &self.chosen {
            let own = &source.sentences[choice.part];
            summary.push(SummarySentence {
                en: own.en.to_owned(),
                zh: own.zh.to_owned(),
                zh_origin: ZhOrigin::Source,
                sources: vec![own.id.to_owned()],
                score: *relevance,
                flags: own.flags.to_vec(),
                judge: None,
            });
        }
        let cut = self.chosen.iter().position(|(c, _)| c.keep.is_some());
        if let Some(i) = cut.or(self.chosen.len().checked_sub(1)) {
            summary.fit(i, self.budget);
        }
        summary
    }
}

fn vectors(source: &Source) -> Vectors {
    let rows = source.sentences.iter().map(|s| words::content(s.zh));
    let headline = source
        .headline
        .map(|(zh, _)| words::content(zh))
        .unwrap_or_default();
    Vectors::new(rows.collect(), headline)
}

/// The sentence that has the news: the first that says something, or one that says the same where the
/// English of the first cannot be read.
fn lead(sentences: &[Sentence], vectors: &Vectors) -> Option<usize> {
    let says_something = |i: &usize| vectors.distinct(*i) >= MIN_CONTENT_WORDS;
    let first = (0..sentences.len()).find(says_something)?;
    let mut others = first + 1..sentences.len();
    let same = (is_broken(&sentences[first]))
        .then(|| others.find(|&i| vectors.repeats(i, first) && !is_broken(&sentences[i])));
    Some(same.flatten().unwrap_or(first))
}

/// Adds sentences of the article, the most relevant that nothing cites, up to the budget.
pub(super) fn fill_up(source: &Source, budget: Budget, strict: bool, summary: &mut Summary) {
    let words = summary.words();
    if words >= budget.least() {
        return;
    }
    let cited = |id: &str| {
        let mut sources = summary.sentences.iter().flat_map(|s| &s.sources);
        sources.any(|source| source == id)
    };
    let sentences = source.sentences.iter();
    let rest: Vec<_> = sentences.filter(|s| !cited(s.id)).cloned().collect();
    let rest = Source {
        sentences: &rest,
        ..*source
    };
    let room = Budget {
        words: budget.words - words,
    };
    let added = Extract::among(&rest, &vectors(&rest), None, room, strict).draft(&rest);
    summary.sentences.extend(added.sentences);
    for left_out in added.left_out {
        if !summary.left_out.contains(&left_out) {
            summary.left_out.push(left_out);
        }
    }
    let place = |s: &SummarySentence| {
        let first = s.sources.first();
        first.and_then(|id| source.sentences.iter().position(|other| other.id == *id))
    };
    summary
        .sentences
        .sort_by_key(|s| place(s).unwrap_or(usize::MAX));
}

/// Each sentence's relevance, scaled so that the best has 1.
fn relevance(sentences: &[Sentence], vectors: &Vectors) -> Vec<f64> {
    const CENTRALITY: f64 = 0.35;
    const POSITION: f64 = 0.35;
    const HEADLINE: f64 = 0.20;
    const FIGURES: f64 = 0.07;
    const PEOPLE: f64 = 0.03;

    let centrality = vectors.centrality();
    let overlap = vectors.headline_overlap();
    let mut before = None;
    let blended = sentences.iter().enumerate().map(|(i, s)| {
        let first_in_paragraph = before.replace(s.paragraph) != Some(s.paragraph);
        let whole = CENTRALITY * centrality[i]
            + POSITION * position(s.paragraph, first_in_paragraph)
            + HEADLINE * overlap[i]
            + FIGURES * (s.figures as f64 / 3.0).min(1.0)
            + PEOPLE * (s.people.len() as f64).min(1.0);
        whole * self_contained(s.zh, vectors.distinct(i)) * trust(s)
    });
    scaled_to_one(blended.collect())
}

/// Less than 1 for a sentence whose translation is broken; little less where a fact is wrong, for
/// the editor is told.
fn trust(sentence: &Sentence) -> f64 {
    if is_broken(sentence) {
        0.3
    } else if sentence.flags.iter().any(about_a_fact) {
        0.9
    } else {
        1.0
    }
}

/// Whether the English cannot be read.
fn is_broken(sentence: &Sentence) -> bool {
    let broken = |k| matches!(k, FlagKind::Repetition | FlagKind::Untranslated);
    sentence.flags.iter().any(|f| broken(f.kind))
}

/// 1 for the lead, less with each paragraph; the first sentence of a paragraph counts for more.
fn position(paragraph: usize, first_in_paragraph: bool) -> f64 {
    let paragraph = 1.0 / (1.0 + 0.5 * paragraph as f64);
    paragraph * if first_in_paragraph { 1.0 } else { 0.6 }
}

/// Less than 1 for a sentence that a reader could not follow alone.
fn self_contained(zh: &str, content_words: usize) -> f64 {
    let zh = lead_trim(zh);
    let length = if content_words < MIN_CONTENT_WORDS {
        0.2
    } else {
        1.0
    };
    let question = if zh.trim_end_matches(['”', '」', '"']).ends_with(['？', '?']) {
        0.1
    } else {
        1.0
    };
    let points_back = [
        "这", "那", "该", "其", "他", "她", "它", "但", "而", "也", "还", "于是", "所以",
    ];
    let alone = if points_back.iter().any(|p| zh.starts_with(p)) {
        0.8
    } else {
        1.0
    };
    length * question * alone
}

#[cfg(test)]
mod tests {
    use super::*;
    use kuaibao_text::checks::Flag;

    /// A short article of our own: the harbour lead, two details, one repeat, one aside.
    const HARBOUR: [&str; 6] = [
        "云湖港新集装箱码头昨日投入运营，年吞吐能力达到120万标准箱。",
        "新码头拥有两个泊位，可停靠20万吨级集装箱船。",
        "云湖港新集装箱码头昨日正式投入运营，年吞吐能力为120万标准箱。",
        "码头采用自动化装卸，作业效率比旧码头提高三成。",
        "当天下着小雨。",
        "港口负责人说，集装箱航线明年将增加到18条。",
    ];
    /// Ten words each.
    const ENGLISH: &str = "one two three four five six seven eight nine ten";
    const IDS: [&str; 6] = ["p1s1", "p1s2", "p2s1", "p2s2", "p3s1", "p3s2"];

    fn harbour(flags: &[Flag], flagged: usize) -> Vec<Sentence<'_>> {
        HARBOUR
            .iter()
            .enumerate()
            .map(|(i, zh)| Sentence {
                id: IDS[i],
                zh,
                en: ENGLISH,
                flags: if i == flagged { flags } else { &[] },
                paragraph: i / 2,
                figures: usize::from(zh.contains(|c: char| c.is_ascii_digit())),
                people: vec![],
            })
            .collect()
    }

    fn summary(sentences: &[Sentence], words: usize, strict: bool) -> Summary {
        let source = Source {
            headline: Some(("云湖港新集装箱码头投入运营", "")),
            sentences,
        };
        Extract::new(&source, Budget { words }, strict).summary(&source)
    }

    fn ids(summary: &Summary) -> Vec<&str> {
        summary
            .sentences
            .iter()
            .map(|s| s.sources[0].as_str())
            .collect()
    }

    #[test]
    fn the_lead_is_chosen_and_not_repeated() {
        let sentences = harbour(&[], 0);
        let found = summary(&sentences, 30, false);
        let ids = ids(&found);
        assert_eq!(ids.len(), 3);
        assert_eq!(ids[0], "p1s1");
        assert!(!ids.contains(&"p2s1"), "the repeat of the lead: {ids:?}");
        assert!(!ids.contains(&"p3s1"), "the aside: {ids:?}");
        assert!(ids.is_sorted());
        let scores = found.sentences.iter().map(|s| s.score);
        assert!(scores.clone().all(|s| (0.0..=1.0).contains(&s)));
        assert!((scores.max_by(f64::total_cmp).unwrap() - 1.0).abs() < 1e-9);
    }

    #[test]
    fn a_budget_is_kept_and_what_was_cut_is_told() {
        let sentences = harbour(&[], 0);
        for words in [10, 20, 25, 33, 40] {
            let found = summary(&sentences, words, false);
            let count: usize = found.sentences.iter().map(|s| word_count(&s.en)).sum();
            let budget = Budget { words };
            assert!(
                (budget.least()..=budget.most()).contains(&count),
                "{words}: {count}"
            );
        }
        let found = summary(&sentences, 5, false);
        assert_eq!(found.sentences[0].en, "One two three four five six …");
        assert_eq!(found.left_out[0].en, "seven eight nine ten");
        assert_eq!(found.left_out[0].reason, Reason::OverBudget);
    }

    #[test]
    fn strictness_passes_over_what_is_wrong_and_says_so() {
        let wrong = [Flag {
            kind: FlagKind::FigureWrong,
            message: "120万 is 1.2 million.".to_owned(),
        }];
        let sentences = harbour(&wrong, 0);
        assert_eq!(ids(&summary(&sentences, 20, false))[0], "p1s1");
        let strict = summary(&sentences, 20, true);
        assert!(!ids(&strict).contains(&"p1s1"));
        assert_eq!(strict.left_out[0].reason, Reason::Unsupported);
        assert_eq!(strict.left_out[0].message, "120万 is 1.2 million.");
    }

    #[test]
    fn a_broken_translation_gives_way() {
        let looped = [Flag {
            kind: FlagKind::Repetition,
            message: String::new(),
        }];
        let sentences = harbour(&looped, 0);
        assert_eq!(ids(&summary(&sentences, 10, false)), ["p2s1"]);
    }

    #[test]
    fn odd_input_is_answered() {
        assert!(summary(&[], 30, false).sentences.is_empty());
        for zh in ["", "，，，", "2025", "\u{0}\u{fffd}"] {
            let sentence = Sentence {
                id: "p1s1",
                zh,
                en: "",
                flags: &[],
                paragraph: 0,
                figures: 0,
                people: vec![],
            };
            assert!(summary(&[sentence], 30, false).sentences.is_empty(), "{zh}");
        }
    }
}
