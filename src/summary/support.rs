//! Which sentences of an article say what a sentence of its summary says, and how much of it.
//!
//! The support of a sentence *s* by a set *T* of sentences of the article is
//!
//! ```text
//! support(s, T) = Σ w(u) over the units of s that T has / Σ w(u) over all units of s
//! ```
//!
//! Units are the words of *s* that carry meaning, stemmed, and its figures, by value. This is the
//! coverage of Grusky, Naaman & Artzi ("Newsroom", NAACL 2018, §4.1) at the level of words, each
//! weighed by its idf in the article (Spärck Jones, 1972), so that what every sentence has proves
//! little; a word that is no sentence's weighs most; capitalised words and figures weigh twice. *T*
//! has a word when its translation or the English name of a person that its Chinese names has it,
//! and a figure when its *Chinese* has it. *T* is found as in Nallapati et al. ("SummaRuNNer", AAAI
//! 2017, §3.1): the sentence that adds most, again and again.

use kuaibao_text::checks::Flag;
use kuaibao_text::checks::FlagKind;
use std::collections::{HashMap, HashSet};

use super::Source;
use crate::translation::repair::wrong_figure;
use kuaibao_text::{
    checks::{FigureCheck, check_figures},
    figures::Clock,
    text::{is_function_word, stem},
};

/// Below this much support a sentence is doubtful.
const SUPPORTED: f64 = 0.5;
/// The most sentences that are cited.
const MOST_SOURCES: usize = 3;
/// A sentence that adds less than this is not cited.
const LEAST_GAIN: f64 = 0.1;

/// What is known about the sentences of an article.
pub(super) struct Supports<'a> {
    source: &'a Source<'a>,
    clock: &'a Clock,
    /// The words of each sentence.
    words: Vec<HashSet<String>>,
    /// How many sentences have a word.
    sentences_with: HashMap<String, usize>,
}

/// What an article says of a sentence.
#[derive(Clone, Debug, Default)]
pub(super) struct Support {
    /// The sentences that say it, in order.
    pub(super) sources: Vec<usize>,
    /// How much of it they say, 0 to 1.
    pub(super) score: f64,
    /// What they do not say.
    pub(super) flags: Vec<Flag>,
}

impl<'a> Supports<'a> {
    pub(super) fn new(source: &'a Source<'a>, clock: &'a Clock) -> Self {
        let words: Vec<HashSet<String>> = source
            .sentences
            .iter()
            .map(|s| {
                let texts = s.people.iter().map(|name| name.en).chain([s.en]);
                texts.flat_map(content).map(|(word, _)| word).collect()
            })
            .collect();
        let mut sentences_with = HashMap::new();
        for word in words.iter().flatten() {
            *sentences_with.entry(word.clone()).or_default() += 1;
        }
        Self {
            source,
            clock,
            words,
            sentences_with,
        }
    }

    /// The support of a sentence of a summary.
    pub(super) fn of(&self, en: &str) -> Support {
        let units = self.units(en);
        let total: f64 = units.iter().map(|unit| unit.weight).sum();
        let mut open: Vec<&Unit> = units.iter().collect();
        let mut support = Support::default();
        while support.sources.len() < MOST_SOURCES && total > 0.0 {
            let gain = |i: usize| -> f64 {
                let gained = open.iter().filter(|unit| unit.said_by(i, &self.words));
                gained.map(|unit| unit.weight).sum::<f64>() / total
            };
            let gains = (0..self.words.len()).map(|i| (i, gain(i)));
            let best = gains.max_by(|a, b| a.1.total_cmp(&b.1).then(b.0.cmp(&a.0)));
            let Some((best, gain)) = best.filter(|(_, gain)| *gain >= LEAST_GAIN) else {
                break;
            };
            support.score += gain;
            support.sources.push(best);
            open.retain(|unit| !unit.said_by(best, &self.words));
        }
        support.score = support.score.min(1.0);
        support.sources.sort_unstable();
        support.flags = self.flags(en, &support);
        support
    }

    fn units(&self, en: &str) -> Vec<Unit> {
        let n = self.words.len() as f64;
        let idf = |with: usize| (1.0 + n / with.max(1) as f64).ln();
        let mut units: Vec<Unit> = content(en)
            .map(|(word, is_name)| {
                let with = self.sentences_with.get(&word).copied().unwrap_or(0);
                let weight = idf(with) * if is_name { 2.0 } else { 1.0 };
                Unit {
                    what: What::Word(word),
                    weight,
                }
            })
            .collect();
        // Against no Chinese at all every figure is one too many.
        let figures = doubtful_ranges(&check_figures("", en, self.clock));
        if figures.is_empty() {
            return units;
        }
        let missing: Vec<HashSet<(usize, usize)>> = self
            .source
            .sentences
            .iter()
            .map(|s| doubtful_ranges(&check_figures(s.zh, en, self.clock)))
            .collect();
        let mut figures: Vec<(usize, usize)> = figures.into_iter().collect();
        figures.sort_unstable();
        units.extend(figures.into_iter().map(|range| {
            Unit {
                what: What::Figure(
                    (0..missing.len())
                        .filter(|&i| !missing[i].contains(&range))
                        .collect(),
                ),
                weight: 2.0 * idf(1),
            }
        }));
        units
    }

    fn flags(&self, en: &str, support: &Support) -> Vec<Flag> {
        let mut flags = Vec::new();
        if support.score < SUPPORTED {
            let message = format!(
                "The article hardly says this: the sentences that come nearest have {:.0}% of its words and figures.",
                support.score * 100.0
            );
            flags.push(Flag {
                kind: FlagKind::Unsupported,
                message,
            });
        }
        let cited = support.sources.iter().map(|&i| self.source.sentences[i].zh);
        let zh: String = cited.collect();
        let check = check_figures(&zh, en, self.clock);
        // A summary may leave figures out; what it pairs up wrong by chance is one too many.
        for wrong in &check.wrong {
            flags.push(match wrong.scale {
                Some(_) => wrong_figure(&zh, en, wrong),
                None => unsaid(&en[wrong.en.clone()]),
            });
        }
        flags.extend(
            check
                .extra
                .iter()
                .map(|extra| unsaid(&en[extra.en.clone()])),
        );
        flags
    }
}

fn unsaid(figure: &str) -> Flag {
    Flag {
        kind: FlagKind::FigureExtra,
        message: format!("{figure} is not in the Chinese sentences that this cites."),
    }
}

fn doubtful_ranges(check: &FigureCheck) -> HashSet<(usize, usize)> {
    let wrong = check.wrong.iter().map(|w| &w.en);
    let ranges = wrong.chain(check.extra.iter().map(|e| &e.en));
    ranges.map(|range| (range.start, range.end)).collect()
}

struct Unit {
    what: What,
    weight: f64,
}

enum What {
    Word(String),
    /// A figure and the sentences whose Chinese has it.
    Figure(Vec<usize>),
}

impl Unit {
    fn said_by(&self, sentence: usize, words: &[HashSet<String>]) -> bool {
        match &self.what {
            What::Word(word) => words[sentence].contains(word),
            What::Figure(sentences) => sentences.contains(&sentence),
        }
    }
}

/// The words of a text that carry meaning, stemmed, each with whether it is written like a name.
/// Numbers are no words.
pub(super) fn content(text: &str) -> impl Iterator<Item = (String, bool)> {
    let words = text.split(|c: char| !c.is_alphanumeric());
    let words = words.filter(|w| w.chars().count() > 1 && w.chars().all(char::is_alphabetic));
    words.enumerate().filter_map(|(at, word)| {
        let lower = word.to_lowercase();
        let is_name = at > 0 && word.starts_with(char::is_uppercase);
        (!is_function_word(&lower)).then(|| (stem(&lower), is_name))
    })
}

#[cfg(test)]
mod tests {
    use std::ops::RangeInclusive;

    use super::*;
    use crate::summary::Sentence;
    use kuaibao_text::people::Name;

    const ARTICLE: [(&str, &str); 4] = [
        (
            "云湖港新集装箱码头昨日投入运营，年吞吐能力达到120万标准箱。",
            "Yunhu Port's new container terminal opened yesterday with an annual capacity of 1.2 million TEU.",
        ),
        ("新码头拥有两个泊位。", "The new terminal has two berths."),
        // The translation has the figure wrong.
        (
            "全年投资90亿元。",
            "Investment was 900 million yuan for the year.",
        ),
        // The translation has the name wrong.
        (
            "港口负责人何润生说，航线将增加。",
            "He Runshang, head of the port, said routes will grow.",
        ),
    ];

    const HE: Name = Name {
        zh: "何润生",
        en: "He Runsheng",
    };

    fn support(en: &str) -> Support {
        let sentences: Vec<Sentence> = ARTICLE
            .iter()
            .enumerate()
            .map(|(i, (zh, en))| Sentence {
                id: "",
                zh,
                en,
                flags: &[],
                paragraph: i,
                figures: 0,
                people: if i == 3 { vec![HE] } else { vec![] },
            })
            .collect();
        let source = Source {
            headline: None,
            sentences: &sentences,
        };
        Supports::new(&source, &Clock::unknown()).of(en)
    }

    #[test]
    fn a_sentence_is_supported_by_the_sentences_that_say_it() {
        /// A sentence, the sentences that it cites, between what and what its score is, its flags.
        type Case<'a> = (&'a str, &'a [usize], RangeInclusive<f64>, &'a [FlagKind]);
        let cases: [Case; 8] = [
            ("The new terminal has two berths.", &[1], 1.0..=1.0, &[]),
            (
                "The terminal opened with two berths.",
                &[0, 1],
                0.99..=1.0,
                &[],
            ),
            // Other forms of the same words.
            (
                "Routes are growing, the port's head said.",
                &[3],
                0.8..=1.0,
                &[],
            ),
            // The Chinese proves a figure and a name, whatever the translation made of them.
            ("He Runsheng says routes grow.", &[3], 0.99..=1.0, &[]),
            (
                "The year's investment was 9 billion yuan.",
                &[2],
                0.99..=1.0,
                &[],
            ),
            (
                "The year's investment was 900 million yuan.",
                &[2],
                0.3..=0.9,
                &[FlagKind::FigureWrong],
            ),
            (
                "The terminal has 17 cranes.",
                &[0],
                0.0..=0.5,
                &[FlagKind::Unsupported, FlagKind::FigureExtra],
            ),
            (
                "A panda was born in Chengdu.",
                &[],
                0.0..=0.0,
                &[FlagKind::Unsupported],
            ),
        ];
        for (en, sources, score, flags) in cases {
            let found = support(en);
            assert_eq!(found.sources, sources, "{en}: {found:?}");
            assert!(score.contains(&found.score), "{en}: {found:?}");
            let kinds: Vec<FlagKind> = found.flags.iter().map(|f| f.kind).collect();
            assert_eq!(kinds, flags, "{en}: {found:?}");
        }
    }

    #[test]
    fn odd_text_is_answered() {
        for en in ["", "…", "the", "!!!", "\u{0}\u{fffd}", "云湖港"] {
            let found = support(en);
            assert!((0.0..=1.0).contains(&found.score), "{en}");
        }
    }
}
