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

use super::sides::{Chinese, ChineseWord, English, EnglishWord};
use super::{Doubt, DoubtKind, spelling};

/// Evidence from which a stretch is told, and words that must be missing in it.
///
/// On the references and Google's output of the three test sets 0.8 % of the lines have one; half of
/// those that were read are no omissions (`tests/meaning.rs`).
const ENOUGH: f64 = 6.4;
const WORDS: usize = 2;
/// A word of the English that nothing in the Chinese says speaks for a translation in words of its
/// own, and against an omission.
const OWN_WORD: f64 = 0.5;

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

/// Evidence that is enough where the sentence is broken otherwise: what a model left out of one that
/// it could not translate is likelier than what a good translation did without.
const ENOUGH_BESIDE: f64 = 4.8;

/// The strongest omission, where it is strong enough; `doubted`: whether something else is doubtful.
pub(super) fn find(zh: &Chinese, en: &English, doubted: bool) -> Option<Doubt> {
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
        if absent && abbreviated && word.text.chars().count() >= LONG_NAME {
            continue;
        }
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
    // Words of its own are no sign of freedom in a sentence that is broken.
    let (least, own_words) = if doubted || is_broken(en) {
        (ENOUGH_BESIDE, 0)
    } else {
        (ENOUGH, unexplained(zh, en))
    };
    let enough = missing >= WORDS && sum - OWN_WORD * own_words as f64 >= least;
    enough.then(|| Doubt {
        p: Some((sum / (sum + 2.0) * 100.0).round() / 100.0),
        ..Doubt::new(DoubtKind::Omission, Some(range), None)
    })
}

/// Characters of a word that is the name of a body, which English may call by its initials.
const LONG_NAME: usize = 4;

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
    let said =
        entry.stems.iter().any(|stem| en.has(stem)) || spelling::spells_a_word(word.text, en);
    Some(if said {
        (((ELSEWHERE + by_chance) / (1.0 - unsaid)).ln(), false)
    } else {
        (((1.0 - by_chance) * (1.0 - ELSEWHERE) / unsaid).ln(), true)
    })
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

/// Whether the English has words that no text has, or one twice in a row.
fn is_broken(en: &English) -> bool {
    let small = |w: &EnglishWord| w.text.chars().all(char::is_lowercase);
    let unknown =
        |w: &EnglishWord| w.text.len() > 5 && small(w) && !super::lexicon::is_known(&w.stem);
    let twice = en
        .words
        .windows(2)
        .any(|pair| pair[0].stem == pair[1].stem && small(&pair[1]) && pair[0].text.len() > 3);
    // One may be a rare word.
    twice || en.words.iter().filter(|w| unknown(w)).count() > 1
}
