//! The stretch of Chinese that the English most likely leaves out.
//!
//! Each word of the lexicon is evidence: one whose translations are all absent speaks for an
//! omission, the more the less often good English does without them; one that is there speaks
//! against it. The evidence of a word is the logarithm of a ratio of likelihoods, so that a stretch
//! of words is the sum of its own, and the strongest stretch is found in one pass (Kadane's
//! algorithm for the maximum subarray).

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::lexicon::Entry;
use super::sides::{Chinese, ChineseWord, English, cut};
use super::{Doubt, DoubtKind, spelling};

/// Evidence from which a stretch of a good translation is told, and words that must be missing in it.
///
/// On the references and Google's output of the three test sets 0.4 % of the lines have one; half of
/// those that were read are no omissions (`tests/meaning.rs`).
const ENOUGH: f64 = 7.0;
const WORDS: usize = 2;
/// The same beside initials that the Chinese has not, which may stand for a long name (PSG, UCCA).
const ENOUGH_BESIDE_INITIALS: f64 = 12.5;
/// The same of a translation that leaves out as much as [`Habit::WORST`]: one in seven of its sentences
/// has an omission, where one in two hundred of the references has (by our reading), and what is thirty
/// times as likely beforehand needs that much less evidence (the logarithm of thirty is 3.4).
const ENOUGH_OF_THE_WORST: f64 = 3.7;
/// How much less is enough where something else in the sentence is wrong.
const BESIDE: f64 = 0.6;
/// A word of the English that nothing in the Chinese says speaks for a translation in words of its
/// own, and against an omission.
const OWN_WORD: f64 = 0.5;

/// How much a translation leaves unsaid: the share of its Chinese words that have no counterpart, beyond
/// the share that good translations leave.
#[derive(Clone, Copy, Debug, Default)]
pub struct Habit {
    beyond: f64,
}

impl Habit {
    /// What the references of the three test sets have at most (0.035 to 0.052, by
    /// `tests/meaning.rs`); Google's output has less than nothing.
    const GOOD: f64 = 0.055;
    /// What the bundled model has on articles of seven genres.
    const WORST: f64 = 0.12;
    /// Words of a good translation that count with the text's own, so that a few lines tell nothing.
    const PRIOR: f64 = 200.0;

    /// The habit of a text, from all its sentences with their English.
    pub fn of<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let (mut words, mut beyond) = (0.0, 0.0);
        for (zh, en) in pairs {
            let en = English::new(en);
            if en.words.is_empty() {
                continue;
            }
            for word in cut(zh) {
                let (Some(entry), false) = (word.entry, NUMBER.is_match(word.text)) else {
                    continue;
                };
                words += 1.0;
                beyond += f64::from(u8::from(!is_said(&word, entry, &en))) - entry.unsaid;
            }
        }
        Self {
            beyond: (beyond + Self::PRIOR * Self::GOOD) / (words + Self::PRIOR),
        }
    }

    /// Where it stands from a good translation (0) to the worst (1).
    fn share(self) -> f64 {
        ((self.beyond - Self::GOOD) / (Self::WORST - Self::GOOD)).clamp(0.0, 1.0)
    }

    /// Evidence that is enough in a text of this habit.
    fn enough(self) -> f64 {
        ENOUGH - self.share() * (ENOUGH - ENOUGH_OF_THE_WORST)
    }
}

/// Evidence of the English that no word is left out without a trace: a translation may be there by
/// chance, and good English may say it otherwise.
const NEVER_CERTAIN: f64 = 0.02;
/// Share of the words of an omitted stretch that the English has all the same, said of something else.
const ELSEWHERE: f64 = 0.03;

/// Numbers and what is counted; the check of figures knows them better.
static NUMBER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r"^(?:[一二三四五六七八九十百千万亿两零〇几数第多余个年月日时号分秒岁半来著译编]+|每小时|公里|英里|千米|公斤|公顷|分钟|小时|年间|年代|以上|以下|左右|超过|不到|至少|当地时间|北京时间)$",
    )
    .expect("a constant")
});
/// The title of a work.
static TITLE: LazyLock<Regex> = LazyLock::new(|| Regex::new("《[^》]*》").expect("a constant"));
/// Chinese with its name in Latin letters behind it.
static GLOSSED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\p{Han}+[》”]?\s?[（(]\s?([A-Za-z][^（）()]*)[）)]").expect("a constant")
});

/// The strongest omission, where it is strong enough in a text of this `habit`; `doubted`: whether
/// something else is doubtful.
pub(super) fn find(zh: &Chinese, en: &English, habit: Habit, doubted: bool) -> Option<Doubt> {
    let silent = silent_ranges(zh, en);
    let mut best: Option<(f64, Range<usize>, usize)> = None;
    let (mut sum, mut from, mut missing) = (0.0, 0, 0);
    let abbreviated = has_abbreviation(zh, en);
    for word in &zh.words {
        let range = word.range();
        if silent
            .iter()
            .any(|s| s.start < range.end && range.start < s.end)
        {
            continue;
        }
        let Some((evidence, absent)) = evidence(word, en) else {
            continue;
        };
        if sum <= 0.0 {
            (sum, from, missing) = (0.0, range.start, 0);
        }
        sum += evidence;
        missing += usize::from(absent);
        if best.as_ref().is_none_or(|(most, ..)| sum > *most) {
            best = Some((sum, from..range.end, missing));
        }
    }
    let (sum, range, missing) = best?;
    let least = match abbreviated {
        true => ENOUGH_BESIDE_INITIALS,
        false => habit.enough() - if doubted { BESIDE } else { 0.0 },
    };
    // Of a model that leaves out much they are no sign of freedom.
    let own_words = OWN_WORD * (1.0 - habit.share()) * unexplained(zh, en) as f64;
    let enough = missing >= WORDS && sum - own_words >= least;
    enough.then(|| Doubt {
        p: Some((sum / (sum + 2.0) * 100.0).round() / 100.0),
        ..Doubt::new(DoubtKind::Omission, Some(range), None)
    })
}

/// Whether the English has initials that the Chinese has not: SCO for 上海合作组织.
fn has_abbreviation(zh: &Chinese, en: &English) -> bool {
    en.words.iter().any(|w| {
        w.text.len() > 1 && w.text.chars().all(char::is_uppercase) && !zh.text.contains(w.text)
    })
}

/// What a word says about an omission, and whether it is absent.
fn evidence(word: &ChineseWord, en: &English) -> Option<(f64, bool)> {
    if NUMBER.is_match(word.text) {
        return None;
    }
    let entry = word.entry?;
    let unsaid = entry.unsaid.max(NEVER_CERTAIN);
    let by_chance = entry.by_chance.max(0.002);
    Some(if is_said(word, entry, en) {
        (((ELSEWHERE + by_chance) / (1.0 - unsaid)).ln(), false)
    } else {
        (((1.0 - by_chance) * (1.0 - ELSEWHERE) / unsaid).ln(), true)
    })
}

/// Whether the English has a word for a word, or spells it.
fn is_said(word: &ChineseWord, entry: &Entry, en: &English) -> bool {
    entry.stems.iter().any(|stem| en.has(stem)) || spelling::spells_a_word(word.text, en)
}

/// Stretches that say nothing: a name in sounds (`罗娜·麦克丹尼尔`), whose characters mean nothing, and
/// what is said by the Latin letters behind it (`消费电子产品展（CES）`).
fn silent_ranges(zh: &Chinese, en: &English) -> Vec<Range<usize>> {
    let lower = en.text.to_ascii_lowercase();
    let glossed = GLOSSED.captures_iter(zh.text).filter_map(|found| {
        let latin = found.get(1)?.as_str().trim().to_ascii_lowercase();
        lower
            .contains(&latin)
            .then(|| found.get(0).map(|m| m.range()))
            .flatten()
    });
    let mut ranges: Vec<Range<usize>> = glossed.collect();
    ranges.extend(spelling::names_in_sounds(zh.text));
    ranges.extend(
        zh.people
            .iter()
            .flat_map(|p| &p.mentions)
            .map(|m| m.range.clone()),
    );
    // A work is called in English as it is called there.
    ranges.extend(TITLE.find_iter(zh.text).map(|m| m.range()));
    ranges
}

/// Words of the English that no word of the Chinese may say: it says something in words of its own.
fn unexplained(zh: &Chinese, en: &English) -> usize {
    en.words
        .iter()
        .filter(|w| {
            w.text.len() > 3
                && !w.text.starts_with(char::is_uppercase)
                && !super::lexicon::is_common(&w.stem)
                && !zh.may_say(&w.stem)
        })
        .count()
}
