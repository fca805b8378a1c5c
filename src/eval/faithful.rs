//! Whether an English text says what its Chinese says: figures, names, terms, and signs of a broken
//! output.
//!
//! In: sentence pairs where the system gives them, else the segment as one pair. The judgements are
//! those of [`kuaibao_text::checks`], [`kuaibao_text::people`] and [`kuaibao_text::glossary`]; this
//! module only counts. A figure or a name that the checks cannot read is in no count.

use kuaibao_text::checks::FlagKind;
use std::sync::LazyLock;

use kuaibao_text::checks::{
    Doubt, DoubtKind, FigureCheck, Habit, check_figures, check_meaning, check_text,
};
use kuaibao_text::figures::{self, Clock};
use kuaibao_text::glossary::Glossary;
use kuaibao_text::people::{self, Person, Spelling};

use super::metric::{Better, Metric, Needs, Segment, Signature};

/// What is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Faithfulness {
    /// Of the figures in the English, how many are in the Chinese with the same value.
    FigurePrecision,
    /// Of the figures in the Chinese, how many are in the English with the same value.
    FigureRecall,
    /// Of the figures in 万 or 亿, how many are wrong by a power of ten.
    ScaleErrors,
    /// Of the people named, how many have their name in the English, in any usual spelling.
    Names,
    /// Of the places, bodies and set terms, how many have their official English.
    Terms,
    /// Sentences with much less English than their Chinese needs.
    Omissions,
    /// Sentences in which the English repeats itself and the Chinese does not.
    Loops,
    /// Sentences with Chinese left in the English.
    Untranslated,
    /// Sentences with a doubt of meaning of this kind.
    Doubts(DoubtKind),
    /// Sentences with a doubt of meaning of any kind.
    AnyDoubt,
}

use Faithfulness::{
    AnyDoubt, Doubts, FigurePrecision, FigureRecall, Loops, Names, Omissions, ScaleErrors, Terms,
    Untranslated,
};

impl Faithfulness {
    /// Hits and cases in one pair of texts.
    fn count(self, zh: &str, en: &str) -> (usize, usize) {
        match self {
            FigurePrecision => {
                let check = check_figures(zh, en, &Clock::unknown());
                let right = right(&check);
                (right, right + check.wrong.len() + check.extra.len())
            }
            FigureRecall => {
                let check = check_figures(zh, en, &Clock::unknown());
                (right(&check), check.figures)
            }
            ScaleErrors => scale_errors(zh, en),
            Names => names(zh, en),
            Terms => terms(zh, en),
            Omissions => flagged(zh, en, FlagKind::Omission),
            Loops => flagged(zh, en, FlagKind::Repetition),
            Untranslated => flagged(zh, en, FlagKind::Untranslated),
            Doubts(kind) => doubted(zh, en, |doubt| doubt.kind == kind),
            AnyDoubt => doubted(zh, en, |_| true),
        }
    }
}

fn right(check: &FigureCheck) -> usize {
    check
        .figures
        .saturating_sub(check.missing.len() + check.wrong.len())
}

fn is_large(zh: &str) -> bool {
    zh.contains(['万', '亿', '萬', '億'])
}

fn scale_errors(zh: &str, en: &str) -> (usize, usize) {
    let clock = Clock::unknown();
    let large = figures::extract(zh, &clock);
    let large = large
        .iter()
        .filter(|figure| is_large(&zh[figure.range.clone()]))
        .count();
    if large == 0 {
        return (0, 0);
    }
    let wrong = check_figures(zh, en, &clock).wrong;
    let wrong = wrong
        .iter()
        .filter(|w| w.scale.is_some() && is_large(&zh[w.zh.clone()]));
    (wrong.count(), large)
}

fn names(zh: &str, en: &str) -> (usize, usize) {
    let people = people::find(&[zh], &[]);
    let known = people
        .iter()
        .filter(|person| person.spelling != Spelling::Unknown);
    let kept = known.clone().filter(|person| is_named(person, en)).count();
    (kept, known.count())
}

/// Whether the English has the name (`Wang Hao`, `Hao Wang`, `Wang Xiao-ming`), or the surname alone,
/// as news does from the second mention on.
fn is_named(person: &Person, en: &str) -> bool {
    let english = letters(en);
    let (first, rest) = person.en.split_once(' ').unwrap_or((&person.en, ""));
    let (given_last, given_first) = (
        letters(first) + &letters(rest),
        letters(rest) + &letters(first),
    );
    let surname = match person.spelling {
        Spelling::Pinyin => first,
        _ => person.en.rsplit(' ').next().unwrap_or(first),
    };
    english.contains(&given_last)
        || english.contains(&given_first)
        || en
            .split(|c: char| !c.is_alphabetic())
            .any(|word| word == surname)
}

fn letters(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .map(|c| if c == 'ü' { 'u' } else { c })
        .collect()
}

fn terms(zh: &str, en: &str) -> (usize, usize) {
    static OFFICIAL: LazyLock<Glossary> = LazyLock::new(Glossary::official);
    let mut found: Vec<&str> = OFFICIAL
        .matches(zh)
        .iter()
        .map(|m| m.entry.zh.as_str())
        .collect();
    found.sort_unstable();
    found.dedup();
    let violated = OFFICIAL.violations(zh, en).len();
    (found.len().saturating_sub(violated), found.len())
}

fn flagged(zh: &str, en: &str, kind: FlagKind) -> (usize, usize) {
    let found = check_text(zh, en).iter().any(|flag| flag.kind == kind);
    (usize::from(found), 1)
}

fn doubted(zh: &str, en: &str, counts: impl Fn(&Doubt) -> bool) -> (usize, usize) {
    (
        usize::from(
            check_meaning(zh, en, "", Habit::default())
                .iter()
                .any(counts),
        ),
        1,
    )
}

impl Metric for Faithfulness {
    fn name(&self) -> String {
        match self {
            FigurePrecision => "Figure precision %",
            FigureRecall => "Figure recall %",
            ScaleErrors => "Scale errors %",
            Names => "Names kept %",
            Terms => "Terms kept %",
            Omissions => "Omissions %",
            Loops => "Loops %",
            Untranslated => "Left in Chinese %",
            AnyDoubt => "Doubtful meaning %",
            Doubts(kind) => return format!("Doubts: {} %", kind.name()),
        }
        .to_owned()
    }

    fn signature(&self) -> Signature {
        let of = match self {
            FigurePrecision | FigureRecall => "figures",
            ScaleErrors => "figures-in-万-亿",
            Names => "people",
            Terms => "glossary-terms",
            Omissions | Loops | Untranslated | Doubts(_) | AnyDoubt => "sentences",
        };
        Signature::new()
            .with("of", of)
            .with("check", "kuaibao.check/1")
    }

    fn better(&self) -> Better {
        match self {
            FigurePrecision | FigureRecall | Names | Terms => Better::Higher,
            ScaleErrors | Omissions | Loops | Untranslated | Doubts(_) | AnyDoubt => Better::Lower,
        }
    }

    fn needs(&self) -> Needs {
        Needs::Source
    }

    fn width(&self) -> usize {
        2
    }

    fn statistics(&self, segment: &Segment) -> Vec<f64> {
        let whole;
        let pairs = if segment.aligned.is_empty() {
            whole = (segment.source.unwrap_or_default(), segment.hypothesis);
            &mut std::iter::once(whole) as &mut dyn Iterator<Item = (&str, &str)>
        } else {
            &mut segment
                .aligned
                .iter()
                .map(|(zh, en)| (zh.as_str(), en.as_str()))
        };
        let (hits, cases) = pairs
            .map(|(zh, en)| self.count(zh, en))
            .fold((0, 0), |(hits, cases), (more_hits, more_cases)| {
                (hits + more_hits, cases + more_cases)
            });
        vec![hits as f64, cases as f64]
    }

    fn score(&self, total: &[f64]) -> Option<f64> {
        (total[1] > 0.0).then(|| 100.0 * total[0] / total[1])
    }

    fn parts(&self, total: &[f64]) -> Vec<(&'static str, f64)> {
        vec![("hits", total[0]), ("cases", total[1])]
    }
}
