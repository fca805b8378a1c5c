//! Names in pinyin: `单志刚` → `Shan Zhigang`, `西安` → `Xi'an`.
//!
//! Comes in: a name in Chinese characters. Goes out: its spelling after GB/T 28039-2011 (personal
//! names: surname first, given name in one word) and GB/T 16159-2012 (an apostrophe before a
//! syllable that begins with a, o or e), without tones. Characters outside the pinyin table pass
//! through unchanged. Never guesses that a string is a name.
//!
//! Readings come from the maintained `pinyin` crate; `readings.tsv` holds what depends on a
//! character's place in a name.

use std::collections::HashMap;
use std::sync::LazyLock;

use ::pinyin::ToPinyin;

use crate::glossary::rows;

use crate::text::chars::is_name_dot;
use crate::text::surnames;

/// A Chinese personal name, surname first: `王浩` → `Wang Hao`, `尉迟恭` → `Yuchi Gong`.
///
/// A name of one character gives its surname reading alone. A name with `·` is no Chinese name and
/// comes back unchanged.
pub fn romanise_name(zh: &str) -> String {
    if zh.contains(is_name_dot) {
        return zh.to_owned();
    }
    let (surname, given) = split(zh);
    let mut name = capitalised(&surname_reading(surname));
    if !given.is_empty() {
        name.push(' ');
        name.push_str(&capitalised(&given_reading(given)));
    }
    name
}

/// A surname alone: `欧阳` → `Ouyang`.
pub(super) fn romanise_surname(zh: &str) -> String {
    capitalised(&surname_reading(zh))
}

/// Surname and given name. A compound surname needs something left for the given name.
fn split(zh: &str) -> (&str, &str) {
    let surname = match surnames::leading(zh) {
        Some((surname, _)) if surname.len() < zh.len() => surname,
        _ => zh.chars().next().map_or("", |c| &zh[..c.len_utf8()]),
    };
    zh.split_at(surname.len())
}

/// A place name in one word: `西安` → `Xi'an`, `绿水` → `Lüshui`. For places that the glossary of
/// place names does not hold, the reading of each character is its most common one.
pub fn romanise_place(zh: &str) -> String {
    capitalised(&joined(zh, "place"))
}

fn surname_reading(surname: &str) -> String {
    known("surname", surname).map_or_else(|| joined(surname, ""), str::to_owned)
}

fn given_reading(given: &str) -> String {
    known("pair", given).map_or_else(|| joined(given, "given"), str::to_owned)
}

/// What the table says of a string where it stands as `kind`.
fn known(kind: &str, zh: &str) -> Option<&'static str> {
    type Readings = HashMap<(&'static str, &'static str), &'static str>;
    static READINGS: LazyLock<Readings> = LazyLock::new(|| {
        rows(include_str!("readings.tsv"))
            .filter_map(|columns| Some(((columns[0], columns[1]), *columns.get(2)?)))
            .collect()
    });
    READINGS.get(&(kind, zh)).copied()
}

/// Syllables in one word, with an apostrophe where the next could be read into the one before.
fn joined(zh: &str, kind: &str) -> String {
    let mut word = String::new();
    for c in zh.chars() {
        let syllable = known(kind, c.encode_utf8(&mut [0; 4]))
            .or_else(|| c.to_pinyin().map(::pinyin::Pinyin::plain));
        match syllable {
            Some(syllable) => {
                if !word.is_empty() && syllable.starts_with(['a', 'o', 'e']) {
                    word.push('\'');
                }
                word.push_str(syllable);
            }
            None => word.push(c),
        }
    }
    word
}

fn capitalised(word: &str) -> String {
    let mut chars = word.chars();
    chars.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(chars).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn surnames_are_read_as_surnames() {
        for (zh, en) in [
            ("王浩", "Wang Hao"),
            ("单志刚", "Shan Zhigang"),
            ("仇明", "Qiu Ming"),
            ("解学海", "Xie Xuehai"),
            ("任长霞", "Ren Changxia"),
            ("曾庆", "Zeng Qing"),
            ("查干", "Zha Gan"),
            ("区伯华", "Ou Bohua"),
            ("盖文", "Ge Wen"),
            ("朴成哲", "Piao Chengzhe"),
            ("尉迟恭", "Yuchi Gong"),
            ("万俟兴", "Moqi Xing"),
            ("乐平", "Yue Ping"),
            ("员晓明", "Yun Xiaoming"),
            ("欧阳振华", "Ouyang Zhenhua"),
            ("欧阳", "Ou Yang"),
            ("覃海", "Qin Hai"),
            ("吕绿洲", "Lü Lüzhou"),
            ("华安", "Hua An"),
            ("吕", "Lü"),
        ] {
            assert_eq!(romanise_name(zh), en, "{zh}");
        }
    }

    #[test]
    fn given_names_are_read_as_given_names() {
        for (zh, en) in [
            ("李长乐", "Li Changle"),
            ("陈晟", "Chen Sheng"),
            ("孙朝阳", "Sun Zhaoyang"),
            ("周建安", "Zhou Jian'an"),
            ("吴行", "Wu Xing"),
            ("林重远", "Lin Zhongyuan"),
            ("梁恩娥", "Liang En'e"),
        ] {
            assert_eq!(romanise_name(zh), en, "{zh}");
        }
    }

    #[test]
    fn places_are_one_word() {
        assert_eq!(romanise_place("西安"), "Xi'an");
        assert_eq!(romanise_place("云湖"), "Yunhu");
        assert_eq!(romanise_place("绿水"), "Lüshui");
    }

    #[test]
    fn what_is_no_chinese_name_comes_back() {
        assert_eq!(romanise_name("卡尔·罗恩"), "卡尔·罗恩");
        assert_eq!(romanise_name(""), "");
        assert_eq!(romanise_name("A王"), "A Wang");
    }
}
