//! Persons: a name in pinyin must be readable in the Chinese; who is named there must be in the English.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use regex::Regex;

use super::sides::{Chinese, English, EnglishWord};
use super::{DoubtKind, Fact, lexicon, spelling};
use crate::people::Name;
use crate::text::surnames;

/// `余某`, `刘某某`: a surname alone.
static UNNAMED: LazyLock<Regex> =
    LazyLock::new(|| Regex::new(r"(\p{Han})某[某甲乙丙丁戊]?").expect("a constant"));

/// What follows 某 where it is no person: 某种.
const OF_THINGS: &[char] = &[
    '种', '个', '些', '一', '位', '家', '国', '地', '年', '月', '日', '天', '次', '类', '件', '事',
    '方', '处', '市', '省', '县', '区', '校', '公', '单', '大', '知', '网', '项', '部', '段', '程',
    '时',
];

/// Words that are surnames in pinyin and English words too.
const WORDS: &[&str] = &[
    "an", "can", "he", "she", "so", "you", "long", "may", "song", "fan", "man", "sun", "pan",
    "fang", "gong", "ran", "ding", "bang", "wen", "tang", "lang", "hang", "ban", "bin", "bian",
    "dang", "die", "do", "gang", "hong", "kong", "king", "lee", "me", "men", "min", "pen", "pin",
    "rang", "sang", "sao", "shy", "sing", "ting", "wan", "wang", "win", "dong", "ha", "ho", "la",
    "le", "ma", "mu", "no", "pa", "pi", "sha", "ta", "tai", "ti", "to", "wa", "we", "ye", "yu",
    "an", "mo", "de", "da", "di", "du", "bai", "ai", "san", "xi", "tan", "bo", "lu", "mei",
];

/// The facts of both sides.
pub(super) fn read(zh: &Chinese, en: &English, around: &str) -> (Vec<Fact>, Vec<Fact>) {
    let (mut zh_facts, mut en_facts) = (Vec::new(), Vec::new());
    invented(zh, en, around, &mut zh_facts, &mut en_facts);
    for found in UNNAMED.captures_iter(zh.text) {
        let surname = &found[1];
        let whole = found.get(0).map_or(0..0, |m| m.range());
        let behind = whole.start + surname.len() + '某'.len_utf8();
        let thing = zh.text[behind..].starts_with(OF_THINGS);
        if surnames::leading_single(surname).is_none() || thing {
            continue;
        }
        if is_called(en, surname) {
            en_facts.push(Fact::possible(DoubtKind::Person, surname, 0..0));
        }
        zh_facts.push(Fact::new(DoubtKind::Person, surname, whole));
    }
    alone(zh, en, around, &mut zh_facts, &mut en_facts);
    lost(zh, en, &mut zh_facts, &mut en_facts);
    (zh_facts, en_facts)
}

/// Whether the English has a capitalised word that reads as the surname.
fn is_called(en: &English, surname: &str) -> bool {
    let mut capitals = en
        .words
        .iter()
        .filter(|w| w.text.starts_with(char::is_uppercase));
    capitals.any(|w| {
        let letters = spelling::letters(w.text);
        spelling::is_spelt(surname, &letters) || {
            // *Xie Mou*, *Xiemou*.
            let surname_alone = letters.strip_suffix("mou").unwrap_or(&letters);
            spelling::is_spelt(surname, surname_alone)
        }
    })
}

/// "Surname Given" in pinyin that nothing in the Chinese can be read as.
fn invented(
    zh: &Chinese,
    en: &English,
    around: &str,
    zh_facts: &mut Vec<Fact>,
    en_facts: &mut Vec<Fact>,
) {
    for pair in en.words.windows(2) {
        let [first, second] = pair else { continue };
        let (surname, given) = (
            spelling::letters(first.text),
            spelling::letters(second.text),
        );
        let joined = matches!(&en.text[first.range().end..second.start], " ");
        if !joined || !first.is_capitalised() || !second.is_capitalised() {
            continue;
        }
        if !spelling::is_surname(&surname)
            || given.len() < 2
            || !(1..=2).any(|n| spelling::are_syllables(&given, n))
            || WORDS.contains(&given.as_str())
            || WORDS.contains(&surname.as_str()) && !spelling::are_syllables(&given, 2)
            || is_part_of_more(en, first, second)
        {
            continue;
        }
        let name = format!("{surname}{given}");
        let turned = format!("{given}{surname}");
        let is_spelt =
            |text: &str| spelling::is_spelt(text, &name) || spelling::is_spelt(text, &turned);
        let translated = zh.word_may_say(&second.stem);
        if is_spelt(zh.text) || is_spelt(around) || translated {
            zh_facts.push(Fact::possible(DoubtKind::Person, name.clone(), 0..0));
        }
        let range = first.start..second.range().end;
        en_facts.push(Fact::new(DoubtKind::Person, name, range));
    }
}

/// A surname alone beside one that is known, which nothing in the Chinese can be read as: *Sun and
/// Cheng* for 孙某等.
fn alone(
    zh: &Chinese,
    en: &English,
    around: &str,
    zh_facts: &mut Vec<Fact>,
    en_facts: &mut Vec<Fact>,
) {
    for pair in en.words.windows(3) {
        let [first, and, second] = pair else { continue };
        let (known, other) = (
            spelling::letters(first.text),
            spelling::letters(second.text),
        );
        let listed = and.text == "and" && first.is_capitalised() && second.is_capitalised();
        if !listed
            || !spelling::is_surname(&known)
            || !spelling::is_surname(&other)
            || WORDS.contains(&other.as_str())
            || !spelling::is_spelt(zh.text, &known)
            || en.text[second.range().end..].starts_with(' ')
                && en.text[second.range().end..]
                    .trim_start()
                    .starts_with(char::is_uppercase)
        {
            continue;
        }
        if spelling::is_spelt(zh.text, &other)
            || spelling::is_spelt(around, &other)
            || zh.may_say(&second.stem)
        {
            zh_facts.push(Fact::possible(DoubtKind::Person, other.clone(), 0..0));
        }
        en_facts.push(Fact::new(DoubtKind::Person, other, second.range()));
    }
}

/// Whether the pair stands in a longer name, of a place or a firm: *Lan Xin Road*.
fn is_part_of_more(en: &English, first: &EnglishWord, second: &EnglishWord) -> bool {
    let behind = en.text[second.range().end..].strip_prefix([' ', '-']);
    let before = en.text[..first.start].strip_suffix([' ', '-', '.']);
    let capital = behind.is_some_and(|t| t.starts_with(char::is_uppercase));
    let name_before = before.is_some_and(|t| {
        let word = t
            .rsplit(|c: char| !c.is_alphabetic())
            .next()
            .unwrap_or_default();
        let letters = spelling::letters(word);
        word.starts_with(char::is_uppercase)
            && (1..=3).any(|n| spelling::are_syllables(&letters, n))
    });
    capital || name_before
}

/// People of the Chinese whom the English calls otherwise.
fn lost(zh: &Chinese, en: &English, zh_facts: &mut Vec<Fact>, en_facts: &mut Vec<Fact>) {
    let mut seen = BTreeSet::new();
    for person in &zh.people {
        let Some(mention) = person.mentions.first() else {
            continue;
        };
        let Some(name) = Name::new(&person.zh, &person.en) else {
            continue;
        };
        let long = person.zh.chars().count();
        let common = surnames::leading(&person.zh)
            .is_some_and(|(_, rarity)| rarity == surnames::Rarity::Common);
        // A reader of one sentence takes some names in sounds for Chinese ones; a post before the
        // name, or a verb of saying, tells them apart no better than how common the surname is. Nor is a
        // name looked for of which it is not certain where it ends.
        if !common
            || !person.certain
            || zh.text[mention.range.end..].starts_with(['·', '?', '•', '-'])
        {
            continue;
        }
        if !(2..=3).contains(&long)
            || !spelling::is_spelt(&person.zh, &spelling::letters(&person.en))
            || !seen.insert(person.zh.clone())
        {
            continue;
        }
        let half = is_called_by_half(&person.zh, zh, en);
        let spelt = !half
            && en.words.iter().any(|w| {
                let letters = spelling::letters(w.text);
                letters.len() > 1
                    && w.text.starts_with(char::is_uppercase)
                    && spelling::is_spelt(&person.zh, &letters)
            });
        if !half && name.is_called_in(en.text) || spelt {
            en_facts.push(Fact::possible(DoubtKind::Person, person.zh.clone(), 0..0));
        }
        zh_facts.push(Fact::new(
            DoubtKind::Person,
            person.zh.clone(),
            mention.range.clone(),
        ));
    }
}

/// Whether the English has the surname of a name with a translation of the rest (*Wu humble* for 吴谦).
fn is_called_by_half(name: &str, zh: &Chinese, en: &English) -> bool {
    let Some((surname, _)) = surnames::leading(name) else {
        return false;
    };
    let given = &name[surname.len()..];
    en.words.windows(2).any(|pair| {
        let [first, second] = pair else { return false };
        spelling::is_spelt(surname, &spelling::letters(first.text))
            && first.is_capitalised()
            && !second.text.starts_with(char::is_uppercase)
            && &en.text[first.range().end..second.start] == " "
            && given.chars().any(|c| lexicon::may_mean(c, &second.stem))
            && !zh.words.iter().any(|w| {
                !name.contains(w.text)
                    && w.entry
                        .is_some_and(|e| e.stems.contains(&second.stem.as_str()))
            })
    })
}
