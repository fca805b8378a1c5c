//! Firms by their names: what no dictionary has must be spelt, what it has must be called so.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::sides::{Chinese, ChineseWord, English};
use super::{DoubtKind, Fact, lexicon::Entry, places::AMBIGUOUS, spelling};
use crate::{
    figures::MONTHS,
    text::{chars::is_han, stem},
};

/// What a firm's name ends with.
static FIRM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("科技|化工|集团|股份|公司|有限公司|证券|药业|实业|控股|重工|酒业|置业|影业")
        .expect("a constant")
});

/// How rarely good English may be without a name that the lexicon has.
const MOSTLY_SAID: f64 = 0.15;

/// The facts of both sides.
pub(super) fn read(zh: &Chinese, en: &English, around: &str) -> (Vec<Fact>, Vec<Fact>) {
    let (mut zh_facts, mut en_facts) = (Vec::new(), Vec::new());
    for (i, word) in zh.words.iter().enumerate() {
        let at_end = FIRM.find(word.text).is_some_and(|m| m.start() == 0);
        if !at_end || i == 0 {
            continue;
        }
        let Some((start, known)) = name_before(zh, i) else {
            continue;
        };
        let name = &zh.text[start..word.start];
        let said = match known {
            Some(stems) => stems.iter().any(|stem| en.has(stem)),
            None => has_another_name(zh, en, start..word.start),
        };
        if said || spelt(name, en) {
            en_facts.push(Fact::possible(DoubtKind::Organisation, name, 0..0));
        }
        let range = start..word.range().end;
        zh_facts.push(Fact::new(DoubtKind::Organisation, name, range));
    }
    for title in LAW.captures_iter(zh.text).filter_map(|found| found.get(1)) {
        let inside = |w: &&ChineseWord| title.start() <= w.start && w.range().end <= title.end();
        let words = zh.words.iter().filter(inside);
        let words = words.filter_map(|w| Some((w, w.entry?)));
        let telling: Vec<_> = words.filter(|(_, e)| e.unsaid < MOSTLY_SAID).collect();
        let missing = telling
            .iter()
            .filter(|(_, e)| !e.stems.iter().any(|stem| en.has(stem)));
        let size = |words: &mut dyn Iterator<Item = &(&ChineseWord, &Entry)>| -> usize {
            words.map(|(w, _)| w.text.chars().count()).sum()
        };
        let (missing, all) = (size(&mut missing.into_iter()), size(&mut telling.iter()));
        if 2 * missing >= all.max(SHORT_TITLE) {
            let name = title.as_str();
            zh_facts.push(Fact::new(DoubtKind::Organisation, name, title.range()));
        }
    }
    for found in ENGLISH_FIRM.captures_iter(en.text) {
        let Some(name) = found.get(1) else { continue };
        let words = name.as_str().split([' ', '-']);
        let parts: Vec<String> = words.clone().map(spelling::letters).collect();
        let pinyin = |part: &String| (1..=4).any(|n| spelling::are_syllables(part, n));
        let whole = parts.concat();
        let read = |part: &String| {
            spelling::is_spelt(zh.text, part)
                || spelling::is_spelt(around, part)
                || zh.may_say(&stem(part))
        };
        let syllable = |part: &String| spelling::are_syllables(part, 1);
        if !parts.iter().all(pinyin)
            || syllable(&whole)
            || words.into_iter().any(|word| AMBIGUOUS.contains(&word))
        {
            continue;
        }
        // One syllable is that of some character or other of any sentence.
        if read(&whole) || parts.iter().any(|part| !syllable(part) && read(part)) {
            zh_facts.push(Fact::possible(DoubtKind::Organisation, name.as_str(), 0..0));
        }
        en_facts.push(Fact::new(
            DoubtKind::Organisation,
            name.as_str(),
            name.range(),
        ));
    }
    (zh_facts, en_facts)
}

/// A firm in English, by a name that may be pinyin.
static ENGLISH_FIRM: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"\b([A-Z][a-z']+(?:[ -][A-Z][a-z']+){0,2}) ",
        r"(?:Technolog(?:y|ies)|Group|Company|Corporation|Co|Chemicals?|Securities|Pharmaceuticals?",
        r"|Holdings?|Industr(?:y|ies)|Bank|University|Hospital)\b"
    ))
    .expect("a constant")
});

/// Characters of a law's name of which no half is enough.
const SHORT_TITLE: usize = 6;

/// The name of a law, whose words English has.
static LAW: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new("《([^》]{3,30}(?:法|条例|规定|办法|法典))》").expect("a constant")
});

/// Where the name before the `i`th word begins, and what the lexicon has of it: one word of two or
/// three characters that is a name, or words that mean nothing together.
fn name_before(zh: &Chinese, i: usize) -> Option<(usize, Option<&'static [&'static str]>)> {
    let word = &zh.words[i - 1];
    let han = |text: &str| text.chars().all(is_han);
    if !han(word.text) {
        return None;
    }
    match word.text.chars().count() {
        2..=4 => match word.entry {
            Some(entry) if entry.unsaid < MOSTLY_SAID && entry.by_chance < 0.002 => {
                Some((word.start, Some(entry.stems.as_slice())))
            }
            _ => None,
        },
        1 => {
            // Two characters in a row that are no word: 星 衡 科技.
            let before = zh.words.get(i.checked_sub(2)?)?;
            let single = before.text.chars().count() == 1 && han(before.text);
            let starts = i < 3 || zh.words[i - 3].text.chars().count() > 1;
            (single && starts && !before.text.contains(GRAMMAR) && !word.text.contains(GRAMMAR))
                .then_some((before.start, None))
        }
        _ => None,
    }
}

/// Characters that are words of their own beside a firm.
const GRAMMAR: &[char] = &[
    '的', '和', '与', '在', '是', '对', '为', '该', '各', '本', '我', '总', '分', '子', '母', '家',
    '大', '小', '新', '老', '两', '一', '二', '三', '四', '五', '六', '七', '八', '九', '十', '从',
    '由', '到', '于', '等', '及', '或', '中', '高', '低', '名', '个', '用', '以', '将', '被', '把',
    '让', '使', '有', '了', '着', '过', '后', '前', '内', '外', '上', '下', '这', '那', '些', '其',
    '他', '它', '原', '某', '多', '少', '全',
];

/// Whether the English spells a name.
fn spelt(name: &str, en: &English) -> bool {
    let letters: Vec<String> = en.words.iter().map(|w| spelling::letters(w.text)).collect();
    letters
        .iter()
        .any(|l| l.len() > 2 && spelling::is_spelt(name, l))
        || letters
            .windows(2)
            .any(|pair| spelling::is_spelt(name, &pair.concat()))
}

/// Whether the English has a name that only the firm's own characters can stand for, if any: its
/// English one.
fn has_another_name(zh: &Chinese, en: &English, name: Range<usize>) -> bool {
    en.words.iter().any(|w| {
        let explained = zh.words.iter().any(|z| {
            !(name.start <= z.start && z.start < name.end)
                && z.entry.is_some_and(|e| e.stems.contains(&w.stem.as_str()))
        });
        let capital = w.text.starts_with(char::is_uppercase) && w.text.len() > 1 && w.start > 0;
        capital && !explained && !super::lexicon::is_common(&w.stem) && !is_of_calendar(w.text)
            || w.text.chars().skip(1).any(char::is_uppercase)
    })
}

/// Days and months: capitalised words that are no names.
fn is_of_calendar(word: &str) -> bool {
    const DAYS: [&str; 7] = [
        "Monday",
        "Tuesday",
        "Wednesday",
        "Thursday",
        "Friday",
        "Saturday",
        "Sunday",
    ];
    MONTHS.contains(&word) || DAYS.contains(&word)
}
