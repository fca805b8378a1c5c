//! Summaries: what an editor reads first.
//!
//! Comes in: the sentences of one article in both languages, and what a summariser wrote about
//! them. Goes out: a [`Summary`] within a [`Budget`] of words, each sentence with the sentences of
//! the article that say it. There are four [`Route`]s, and one way at their end:
//!
//! | route | who writes | files |
//! |---|---|---|
//! | extract | nobody: sentences of the translation are chosen by what the Chinese says | [`extract`] |
//! | crosslingual | a model that reads the Chinese | [`chunks`], then [`fuse`] |
//! | pivot | a model that reads the translation | [`chunks`], then [`fuse`] |
//! | native | a model that reads the Chinese and writes Chinese, which is translated | [`chunks`], then [`fuse`] |
//!
//! [`mod@write`] is the door: it calls the models, between [`chunks`] and [`fuse`]. Never touches files
//! or the terminal.

mod choose;
pub mod chunks;
pub mod extract;
pub mod fuse;
pub mod headline;
mod lead;
pub mod record;
mod support;
mod vectors;
mod write;

use kuaibao_text::checks::Flag;
use kuaibao_text::checks::FlagKind;
use std::fmt;

use crate::engine::Reads;
use kuaibao_text::text::word_count;
use kuaibao_text::{figures::Clock, people::Name};
use record::{LeftOut, Reason, SummarySentence};
use support::Supports;
pub use write::{Made, write};

/// Who writes the summary, and from what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Route {
    /// Sentences of the article, translated.
    Extract,
    /// Chinese in, summary out.
    Crosslingual,
    /// Translation in, summary out.
    Pivot,
    /// Chinese in, Chinese summary out, which is translated.
    Native,
}

impl Route {
    /// The route that a summariser makes, or none does.
    pub fn of(summarizer: Option<Reads>) -> Self {
        match summarizer {
            None => Self::Extract,
            Some(Reads::Chinese) => Self::Crosslingual,
            Some(Reads::English) => Self::Pivot,
            Some(Reads::Native) => Self::Native,
        }
    }
}

impl fmt::Display for Route {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Extract => "extract",
            Self::Crosslingual => "crosslingual",
            Self::Pivot => "pivot",
            Self::Native => "native",
        })
    }
}

/// How long a summary is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Length {
    /// 60 words
    Short,
    /// 120 words
    #[default]
    Medium,
    /// 240 words
    Long,
}

/// What is wanted of a summary.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    /// Its length.
    pub length: Length,
    /// Words of it, instead of a length.
    pub words: Option<usize>,
    /// Whether doubtful facts are kept out of it.
    pub strict: bool,
}

impl Wish {
    /// The length of the summary of an article of so many English words: a number of words is
    /// kept; a named length never comes to more than two thirds of an article.
    fn budget(self, article: usize) -> Budget {
        /// An article of so few words is its own summary.
        const FEW: usize = 40;
        let named = match self.length {
            Length::Short => 60,
            Length::Medium => 120,
            Length::Long => 240,
        };
        let named = named.min((article * 2 / 3).max(FEW));
        Budget {
            words: self.words.unwrap_or(named),
        }
    }

    /// The length as a signature names it.
    pub fn length_name(self) -> String {
        match (self.words, self.length) {
            (Some(words), _) => format!("{words} words"),
            (None, Length::Short) => "short".to_owned(),
            (None, Length::Medium) => "medium".to_owned(),
            (None, Length::Long) => "long".to_owned(),
        }
    }
}

/// How many words a summary has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// As many as were asked for; 20 % more or less will do.
    pub words: usize,
}

impl Budget {
    /// The fewest words that keep it.
    pub fn least(self) -> usize {
        (self.words * 4).div_ceil(5)
    }

    /// The most words that keep it.
    pub fn most(self) -> usize {
        self.words * 6 / 5
    }
}

/// An article, as a summary sees it.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The article's own headline, in Chinese and in English.
    pub headline: Option<(&'a str, &'a str)>,
    /// The sentences of its body, in order.
    pub sentences: &'a [Sentence<'a>],
}

/// A sentence of an article's body.
#[derive(Clone, Debug)]
pub struct Sentence<'a> {
    /// Its id in the brief.
    pub id: &'a str,
    /// The Chinese.
    pub zh: &'a str,
    /// Its translation.
    pub en: &'a str,
    /// Doubts about the translation.
    pub flags: &'a [Flag],
    /// Index of its paragraph in the article.
    pub paragraph: usize,
    /// How many key figures the Chinese holds.
    pub figures: usize,
    /// The people that the Chinese names.
    pub people: Vec<Name<'a>>,
}

/// A finished summary.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Its sentences, in the order of the article.
    pub sentences: Vec<SummarySentence>,
    /// What it might have held and does not, and why.
    pub left_out: Vec<LeftOut>,
}

impl Summary {
    /// Words of all sentences.
    pub fn words(&self) -> usize {
        self.sentences.iter().map(|s| word_count(&s.en)).sum()
    }

    /// Shortens sentence `i` where the whole is over the budget, or leaves it out where it may not lose
    /// its end; the only sentence stays as it is then.
    fn fit(&mut self, i: usize, budget: Budget) {
        let others = self.words() - word_count(&self.sentences[i].en);
        if self.words() > budget.most() {
            let (least, most) = (budget.least(), budget.most());
            let message = format!("The summary may have {most} words.");
            let sentence = &mut self.sentences[i];
            if may_lose_its_end(&sentence.zh, &sentence.en) {
                let (kept, rest) = shortened(
                    &sentence.en,
                    least.saturating_sub(others),
                    most.saturating_sub(others),
                );
                sentence.en = kept;
                self.leave_out(&rest, Reason::OverBudget, message);
            } else if i > 0 {
                let whole = self.sentences.remove(i).en;
                self.leave_out(&whole, Reason::OverBudget, message);
            }
        }
        for sentence in &mut self.sentences {
            sentence.en = whole_sentence(&sentence.en);
        }
    }

    /// Adds a sentence, as much of it as is readable.
    fn push(&mut self, sentence: SummarySentence) {
        let (en, rest) = readable(&sentence.zh, &sentence.en);
        let message = format!("No sentence of a summary has more than {LONGEST_SENTENCE} words.");
        self.leave_out(&rest, Reason::OverBudget, message);
        self.sentences.push(SummarySentence { en, ..sentence });
    }

    fn leave_out(&mut self, en: &str, reason: Reason, message: String) {
        if en.is_empty() {
            return;
        }
        self.left_out.push(LeftOut {
            en: en.to_owned(),
            reason,
            message,
        });
    }
}

/// Whether an article says what a text says.
pub fn is_said(source: &Source, en: &str, clock: &Clock) -> bool {
    let support = Supports::new(source, clock).of(en);
    !support.flags.iter().any(about_a_fact)
}

/// A part of a longer sentence as a sentence of its own: it begins with a capital and does not end as if
/// more followed.
fn whole_sentence(text: &str) -> String {
    let open = |c: char| matches!(c, ';' | ':' | ',' | '，' | '；' | '：') || c.is_whitespace();
    match text.trim_end_matches(open) {
        kept if kept.len() < text.trim_end().len() => capitalised(kept) + ".",
        kept => capitalised(kept),
    }
}

/// A text that begins with a capital.
pub(super) fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    match chars.next() {
        Some(first) => first.to_uppercase().chain(chars).collect(),
        None => String::new(),
    }
}

/// Whether a doubt is about a fact: what `--strict` keeps out of a summary.
fn about_a_fact(flag: &Flag) -> bool {
    use FlagKind as K;
    match flag.kind {
        K::FigureMissing
        | K::FigureWrong
        | K::FigureExtra
        | K::Name
        | K::Repetition
        | K::Addition
        | K::Untranslated
        | K::Unsupported
        | K::Disagreement
        | K::DoubtPlace
        | K::DoubtPerson
        | K::DoubtTrend
        | K::DoubtNegation
        | K::DoubtLatin
        | K::DoubtRole
        | K::DoubtAttribution
        | K::DoubtOrganisation
        | K::DoubtGarbage
        | K::DoubtJudge => true,
        K::DoubtOmission | K::Glossary | K::Omission | K::Cut | K::NotChinese => false,
    }
}

/// Words of a sentence beyond which nobody reads it in a summary; a longer one ends at a clause
/// before.
const LONGEST_SENTENCE: usize = 48;

/// Chinese that turns, denies or limits what stands before it, or is quoted: half of what somebody said is
/// no quotation.
const TURNS: [&str; 17] = [
    "但", "却", "否则", "除非", "不过", "然而", "不", "没", "未", "无", "非", "虽", "尽管", "而是",
    "拒绝", "禁止", "“",
];
/// English that does.
const ENGLISH_TURNS: [&str; 24] = [
    "but",
    "however",
    "otherwise",
    "unless",
    "although",
    "though",
    "yet",
    "except",
    "excluding",
    "without",
    "instead",
    "rather",
    "only",
    "if",
    "not",
    "no",
    "never",
    "nor",
    "none",
    "cannot",
    "fail",
    "failed",
    "refused",
    "denied",
];

/// Whether a sentence may be shortened: nothing behind its first clause turns what stands there, in
/// either language. The end that an editor must not miss is nearly always such a one (“…, otherwise
/// China will take measures”).
fn may_lose_its_end(zh: &str, en: &str) -> bool {
    let behind = |text: &str, marks: &[char]| text.find(marks).map_or(0, |at| at);
    let chinese = &zh[behind(zh, &['，', '；', '：', '。', ','])..];
    let english = en[behind(en, &[',', ';', ':'])..].to_lowercase();
    let denies = |word: &str| word.ends_with("n't") || word.ends_with("n’t");
    let mut words = english.split(|c: char| !(c.is_alphanumeric() || matches!(c, '\'' | '’')));
    !TURNS.iter().any(|turn| chinese.contains(turn))
        && !words.any(|word| ENGLISH_TURNS.contains(&word) || denies(word))
}

/// A sentence of a summary, and what of it is too long.
fn readable(zh: &str, en: &str) -> (String, String) {
    if word_count(en) <= LONGEST_SENTENCE || !may_lose_its_end(zh, en) {
        return (en.to_owned(), String::new());
    }
    shortened(en, LONGEST_SENTENCE * 2 / 3, LONGEST_SENTENCE)
}

/// The words of `text` up to a clause end, `least` to `most` of them, else just `most`; and the
/// rest.
fn shortened(text: &str, least: usize, most: usize) -> (String, String) {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() <= most {
        return (text.to_owned(), String::new());
    }
    let most = most.max(1);
    let clause = (least.max(1)..=most).rev().find(|&n| {
        let end = words.get(n - 1);
        end.is_some_and(|w| w.ends_with([',', ';', ':', '，', '；']))
    });
    let at = clause.unwrap_or(most);
    let kept = words[..at].join(" ");
    let kept = kept.trim_end_matches([',', ';', ':', '，', '；']);
    (format!("{kept} …"), words[at..].join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_percent_more_or_less() {
        for (words, least, most) in [(100, 80, 120), (1, 1, 1), (33, 27, 39), (60, 48, 72)] {
            let budget = Budget { words };
            assert_eq!((budget.least(), budget.most()), (least, most), "{words}");
        }
    }

    #[test]
    fn an_end_that_turns_the_sentence_is_not_lost() {
        for (zh, en, may) in [
            (
                "港口昨日开港，六个泊位随后启用。",
                "The port opened yesterday, and six berths follow.",
                true,
            ),
            (
                "应立即停止，否则将采取措施。",
                "Stop at once, or measures will be taken.",
                false,
            ),
            ("", "Stop at once, otherwise measures will be taken.", false),
            (
                "港口开港，但航线尚未恢复。",
                "The port opened, and lines are back.",
                false,
            ),
            (
                "不少人到场，港口开港。",
                "Many came, and the port opened.",
                true,
            ),
            ("", "The port opened, and lines haven't come back.", false),
        ] {
            assert_eq!(may_lose_its_end(zh, en), may, "{zh} {en}");
        }
    }

    #[test]
    fn a_part_of_a_sentence_stands_as_one() {
        for (part, whole) in [
            ("net profit fell;", "Net profit fell."),
            ("Net profit fell.", "Net profit fell."),
            ("he said …", "He said …"),
            ("; ", "."),
        ] {
            assert_eq!(whole_sentence(part), whole);
        }
    }

    #[test]
    fn a_sentence_is_shortened_at_a_clause_end_where_there_is_one() {
        let text = "The port opened, and six berths follow, officials said on Monday.";
        let cases = [
            (
                2,
                5,
                "The port opened …",
                "and six berths follow, officials said on Monday.",
            ),
            (
                4,
                8,
                "The port opened, and six berths follow …",
                "officials said on Monday.",
            ),
            (
                4,
                5,
                "The port opened, and six …",
                "berths follow, officials said on Monday.",
            ),
            (4, 50, text, ""),
        ];
        for (least, most, kept, rest) in cases {
            assert_eq!(
                shortened(text, least, most),
                (kept.to_owned(), rest.to_owned())
            );
        }
    }
}
