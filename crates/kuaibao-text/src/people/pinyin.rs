//! Names in pinyin: `单志刚` → `Shan Zhigang`, `西安` → `Xi'an`.
//!
//! Comes in: a name in Chinese characters. Goes out: its spelling after GB/T 28039-2011 (personal
//! names: surname first, given name in one word) and GB/T 16159-2012 (an apostrophe before a
//! syllable that begins with a, o or e), without tones. Characters outside the pinyin table pass
//! through unchanged. Never guesses that a string is a name.
//!
//! Readings come from the maintained `pinyin` crate; the tables here hold what depends on a
//! character's place in a name.

use ::pinyin::ToPinyin;

use crate::text::chars::is_name_dot;
use crate::text::surnames;

/// Surnames read otherwise than the same character elsewhere.
const SURNAME_READINGS: &[(&str, &str)] = &[
    ("万俟", "moqi"),
    ("尉迟", "yuchi"),
    ("单于", "chanyu"),
    ("澹台", "tantai"),
    ("单", "shan"),
    ("仇", "qiu"),
    ("解", "xie"),
    ("曾", "zeng"),
    ("查", "zha"),
    ("区", "ou"),
    ("盖", "ge"),
    ("朴", "piao"),
    ("乐", "yue"),
    ("员", "yun"),
    ("贠", "yun"),
    ("种", "chong"),
    ("秘", "bi"),
    ("缪", "miao"),
    ("洗", "xian"),
    ("覃", "qin"),
    ("折", "she"),
    ("繁", "po"),
    ("召", "shao"),
    ("祭", "zhai"),
    ("阚", "kan"),
    ("翟", "zhai"),
    ("乜", "nie"),
    ("佴", "nai"),
    ("郇", "xun"),
    ("隗", "wei"),
    ("薄", "bo"),
    ("藏", "zang"),
    ("都", "du"),
    ("句", "gou"),
    ("长", "chang"),
    ("卜", "bu"),
    ("么", "yao"),
    ("重", "chong"),
    ("参", "shen"),
    ("适", "kuo"),
    ("黑", "he"),
];

/// Characters that the crate's first reading gets wrong inside a given name.
const GIVEN_READINGS: &[(char, &str)] = &[
    ('长', "chang"),
    ('晟', "sheng"),
    ('率', "shuai"),
    ('曾', "zeng"),
    ('缪', "miao"),
    ('隽', "jun"),
    ('还', "huan"),
    ('都', "du"),
    ('着', "zhuo"),
    ('没', "mo"),
    ('参', "shen"),
    ('仔', "zi"),
    ('什', "shi"),
    ('的', "di"),
    ('了', "liao"),
];

/// Given names of two characters whose first is read otherwise in that pair.
const GIVEN_PAIRS: &[(&str, &str)] = &[
    ("朝阳", "zhaoyang"),
    ("朝晖", "zhaohui"),
    ("朝辉", "zhaohui"),
    ("朝霞", "zhaoxia"),
    ("朝旭", "zhaoxu"),
    ("朝曦", "zhaoxi"),
    ("重阳", "chongyang"),
    ("重光", "chongguang"),
    ("重远", "zhongyuan"),
];

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

/// Surname and given name. A compound surname needs something left for the given name.
fn split(zh: &str) -> (&str, &str) {
    let surname = match surnames::leading(zh) {
        Some((surname, _)) if surname.len() < zh.len() => surname,
        _ => zh.chars().next().map_or("", |c| &zh[..c.len_utf8()]),
    };
    zh.split_at(surname.len())
}

/// Characters that the crate's first reading gets wrong in names of places.
const PLACE_READINGS: &[(char, &str)] = &[
    ('都', "du"),
    ('长', "chang"),
    ('重', "chong"),
    ('厦', "xia"),
    ('蔚', "yu"),
    ('莘', "shen"),
    ('单', "shan"),
    ('尉', "wei"),
    ('乐', "le"),
    ('行', "hang"),
    ('朝', "chao"),
    ('番', "fan"),
    ('埔', "pu"),
    ('堡', "bao"),
    ('什', "shi"),
    ('台', "tai"),
];

/// A place name in one word: `西安` → `Xi'an`, `绿水` → `Lüshui`. For places that the glossary of
/// place names does not hold, the reading of each character is its most common one.
pub fn romanise_place(zh: &str) -> String {
    capitalised(&joined(zh, |c| {
        exception(PLACE_READINGS, c).or_else(|| reading(c))
    }))
}

fn surname_reading(surname: &str) -> String {
    SURNAME_READINGS
        .iter()
        .find(|(zh, _)| *zh == surname)
        .map_or_else(|| joined(surname, reading), |(_, py)| (*py).to_owned())
}

fn given_reading(given: &str) -> String {
    if let Some((_, py)) = GIVEN_PAIRS.iter().find(|(zh, _)| *zh == given) {
        return (*py).to_owned();
    }
    joined(given, |c| {
        exception(GIVEN_READINGS, c).or_else(|| reading(c))
    })
}

fn exception(readings: &'static [(char, &'static str)], c: char) -> Option<&'static str> {
    readings.iter().find(|(zh, _)| *zh == c).map(|(_, py)| *py)
}

fn reading(c: char) -> Option<&'static str> {
    c.to_pinyin().map(::pinyin::Pinyin::plain)
}

/// Syllables in one word, with an apostrophe where the next could be read into the one before.
fn joined(zh: &str, reading: impl Fn(char) -> Option<&'static str>) -> String {
    let mut word = String::new();
    for c in zh.chars() {
        match reading(c) {
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
