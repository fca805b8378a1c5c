//! Names transliterated into Chinese, and other names that pinyin does not spell.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::context::{is_delegation, post_at_end, post_head};
use super::lexicon::{
    FOREIGN_POSTS, JAPANESE, MAINLAND_BODIES, OWN_SPELLING, PEOPLES, TRANSLITERATED, WORLD_BODIES,
};
use crate::glossary;
use crate::text::chars::{is_han, is_name_dot};
use crate::text::words;

/// Characters that transliterate, after the tables of Xinhua's names department.
const SOUNDS: &str = "\
阿埃艾爱安得昂奥巴白拜班邦包保堡鲍贝本比彼边宾波伯博勃卜布采查柴昌楚茨慈措达大戴丹当道德登邓狄迪第蒂丁东都杜敦顿多俄厄恩尔法凡范方芳菲\
费芬丰佛夫弗福甫盖干冈高戈哥格葛根贡古瓜圭郭果哈海汉翰豪赫黑亨洪侯胡华怀惠霍基吉季加佳贾简江杰捷金津久居卡凯坎康考柯科可克肯孔库夸\
奎昆扩拉腊莱赖兰朗劳勒雷蕾黎理李里丽利莉连廉良列烈林琳灵留柳龙隆卢鲁路露伦罗洛略马玛迈麦曼芒毛茅梅门蒙孟米秘密蜜敏明摩莫默姆穆娜\
纳南瑙内嫩尼妮年涅宁牛纽农努诺欧帕潘庞培佩彭蓬皮匹平珀普奇齐恰乔切钦琴琼丘屈让热仁日荣茹儒瑞若撒萨塞赛桑瑟森沙莎山珊尚绍舍申生圣\
施什史士舒朔丝思斯松苏孙索塔泰坦唐陶忒特藤提缇廷通图托陀娃瓦万旺威韦维魏温文翁沃乌武西希锡夏香向肖歇谢辛欣兴休雄许雪逊雅亚延扬\
耶叶伊依易因英永尤于约月赞泽扎詹张哲真芝治兹子宗祖佐迦珂茜娅薇妲梵奈伽汶婭别桂盛鲜富席彻策坚姬嘉喀罕琅仑缪朴滕田透汪熙萧星严亦音元云展珍郑中朱卓黛莘卫耐芙蓓荷";

/// Characters that transliterate the names of China's own peoples, beside those.
const SOUNDS_OF_MINORITIES: &str = "恒得汗孜甫肯不合买江吾牙肉玉衣帕孜木力热提腾格巴图宝音吉日才旦丹增嘎措泽登布仁苏米吐克孜迪丽亚依黄陈吴王刘周";

fn is_sound_of_minorities(c: char) -> bool {
    is_sound(c) || SOUNDS_OF_MINORITIES.contains(c)
}

fn is_sound(c: char) -> bool {
    SOUNDS.contains(c) || c.is_ascii_alphabetic() || c == '-'
}

/// Whether a string that could be a Chinese name is more likely a transliterated one: `罗伯特`.
pub(super) fn looks_transliterated(name: &str) -> bool {
    /// Characters that stand in transliterations far more often than in Chinese given names.
    const STRONG: &str = "特尔斯克蒂普托拉萨夫姆布茨伯迪鲁塔赫阿埃奥厄贝娅弗比尼哈基卡莱罗诺索兹泽戈格盖莫默穆洛伦德拜巴乌瓦查";
    /// Characters that stand in both.
    const WEAK: &str = "维波安恩米丽莎娜妮丹里雷利曼达加珂佳蕾雪儿琳西";
    if TRANSLITERATED.contains(name) {
        return true;
    }
    let mut weight = 0.0;
    let mut characters = 0;
    for (i, c) in name.chars().enumerate() {
        if !is_sound(c) {
            return false;
        }
        characters += 1;
        weight += match c {
            // Many surnames transliterate.
            c if i == 0 && STRONG.contains(c) => 0.5,
            _ if i == 0 => 0.0,
            c if STRONG.contains(c) => 1.0,
            c if WEAK.contains(c) => 0.5,
            _ => 0.0,
        };
    }
    weight >= if characters > 2 { 1.5 } else { 1.0 }
}

/// Whether every character of a name transliterates.
pub(super) fn is_all_sounds(name: &str) -> bool {
    name.chars().all(is_sound)
}

/// Whether a transliterated name goes on with this character.
pub(super) fn goes_on(c: char) -> bool {
    is_name_dot(c) || is_sound(c)
}

/// The longest part of a transliterated name, in characters.
const LONGEST_PART: usize = 8;

/// A name that may stand in a text.
pub(super) struct Candidate {
    pub(super) range: Range<usize>,
    /// How many characters it has, dots left out.
    pub(super) characters: usize,
}

/// Names with dots (`卡尔·罗恩`), with every length that its first and last part could have: which
/// characters still belong to it is for the words around it to say.
pub(super) fn dotted(text: &str) -> Vec<Candidate> {
    let dots: Vec<usize> = text.match_indices(is_name_dot).map(|(i, _)| i).collect();
    let mut found = Vec::new();
    let mut first = 0;
    while first < dots.len() {
        // Dots with nothing but one part between them belong to one name.
        let mut last = first;
        while last + 1 < dots.len() && is_part(&text[after_dot(text, dots[last])..dots[last + 1]]) {
            last += 1;
        }
        let (left, right) = (dots[first], after_dot(text, dots[last]));
        let between = text[left..right]
            .chars()
            .filter(|&c| !is_name_dot(c))
            .count();
        for (before, start) in starts_of_part(text, left) {
            for (behind, end) in ends_of_part(text, right) {
                found.push(Candidate {
                    range: start..end,
                    characters: before + between + behind,
                });
            }
        }
        first = last + 1;
    }
    found
}

fn after_dot(text: &str, dot: usize) -> usize {
    dot + text[dot..].chars().next().map_or(0, char::len_utf8)
}

fn is_part(part: &str) -> bool {
    !part.is_empty()
        && part.chars().all(is_sound_of_minorities)
        && part.chars().count() <= LONGEST_PART
}

/// Where a part that ends at `end` could begin, with its number of characters.
fn starts_of_part(text: &str, end: usize) -> impl Iterator<Item = (usize, usize)> {
    text[..end]
        .char_indices()
        .rev()
        .take(LONGEST_PART)
        .take_while(|&(_, c)| is_sound_of_minorities(c))
        .enumerate()
        .map(|(count, (at, _))| (count + 1, at))
}

/// Where a part that begins at `start` could end, with its number of characters.
fn ends_of_part(text: &str, start: usize) -> impl Iterator<Item = (usize, usize)> {
    // A part is written in one script: `科恩|CNN`.
    let latin = text[start..].starts_with(|c: char| c.is_ascii_alphabetic());
    text[start..]
        .char_indices()
        .take(LONGEST_PART)
        .take_while(move |&(_, c)| c == '-' || c.is_ascii_alphabetic() == latin)
        .take_while(|&(_, c)| is_sound_of_minorities(c))
        .enumerate()
        .filter(|&(_, (_, c))| c != '-')
        .map(move |(count, (at, c))| (count + 1, start + at + c.len_utf8()))
}

/// Names without dots that follow a foreign post at `start`: `俄罗斯防长绍伊古`, `日本首相高桥健一`.
pub(super) fn plain(text: &str, start: usize) -> Vec<Candidate> {
    let origin = Origin::before(&text[..start]);
    // 外交部长|官: a longer post ends a character later
    let longer = text[start..].chars().next().is_some_and(|c| {
        let post = post_head(&text[..start + c.len_utf8()]);
        post.is_some_and(|post| post.len() > c.len_utf8())
    });
    let Some(origin) = origin.filter(|_| !longer && !is_delegation(text, start)) else {
        return Vec::new();
    };
    let belongs = |c: char| match origin {
        Origin::Transliterated => is_sound(c),
        Origin::Minority => is_sound_of_minorities(c),
        Origin::Han { .. } => is_han(c),
        Origin::Chinese => false,
    };
    let characters = text[start..]
        .char_indices()
        .take_while(|&(_, c)| belongs(c));
    characters
        .enumerate()
        .map(|(count, (at, c))| (count + 1, start + at + c.len_utf8()))
        .take(LONGEST_PART)
        .filter(|&(characters, _)| match origin {
            Origin::Han { usual } => characters == usual,
            _ => characters > 1,
        })
        .map(|(characters, end)| Candidate {
            range: start..end,
            characters,
        })
        .collect()
}

/// Japanese names without a post before them: a surname that is no Chinese word, and a given name.
pub(super) fn japanese(text: &str) -> Vec<Candidate> {
    let mut found = Vec::new();
    for (start, _) in text.char_indices() {
        let Some(surname) = JAPANESE.start(&text[start..]) else {
            continue;
        };
        let given = start + surname.len();
        let given = text[given..]
            .char_indices()
            .take_while(|&(_, c)| is_han(c))
            .take(2);
        found.extend(given.enumerate().map(|(count, (at, c))| Candidate {
            range: start..start + surname.len() + at + c.len_utf8(),
            characters: count + 3,
        }));
    }
    found
}

/// Tibetan names: two of the words they are made of, or one behind a post.
pub(super) fn tibetan(text: &str) -> Vec<Candidate> {
    let word_at = |at: usize| tibetan_word(&text[at..]).map(|(zh, _)| zh.len());
    let starts = text.char_indices().map(|(i, _)| i);
    starts
        .filter_map(|start| {
            let middle = start + word_at(start)?;
            let end = word_at(middle).map(|len| middle + len);
            let end = end.or_else(|| post_at_end(&text[..start]).map(|_| middle))?;
            Some(Candidate {
                range: start..end,
                characters: 4,
            })
        })
        .collect()
}

/// A Tibetan name in English: `洛桑扎西` → "Losang Tashi".
pub(super) fn tibetan_in_english(name: &str) -> Option<String> {
    let (first, en) = tibetan_word(name)?;
    let rest = &name[first.len()..];
    if rest.is_empty() {
        return Some(en.to_owned());
    }
    let (last, behind) = tibetan_word(rest)?;
    (last.len() == rest.len()).then(|| format!("{en} {behind}"))
}

/// The word of Tibetan names that a text begins with; each has two characters.
fn tibetan_word(text: &str) -> Option<(&str, &'static str)> {
    static WORDS: LazyLock<HashMap<&str, &str>> = LazyLock::new(|| {
        let rows = glossary::rows(include_str!("tibetan.tsv"));
        rows.map(|columns| (columns[0], columns[1])).collect()
    });
    let end = text.char_indices().nth(1).map(|(i, c)| i + c.len_utf8())?;
    Some((&text[..end], WORDS.get(&text[..end])?))
}

/// How the names of a country are written in Chinese.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    /// By sound.
    Transliterated,
    /// In Chinese characters, which are not read in Mandarin; most names have `usual` of them.
    Han { usual: usize },
    /// In Chinese, but spelt by the bearer's own rules (Hong Kong, Macao, Taiwan).
    Chinese,
    /// By sound, as those of several of China's peoples; others among them have Chinese names.
    Minority,
}

impl Origin {
    /// The origin that a post at the end of a text gives to the name behind it.
    pub(super) fn before(text: &str) -> Option<Self> {
        let head = post_head(text)?;
        let title = &text[..text.len() - head.len()];
        if head.ends_with("大使") && !head.contains("驻华") && title.contains('驻') {
            return None;
        }
        // `哈萨克斯坦总统甲、总理乙`: the second post is of the same country.
        let goes_on = title.ends_with(['、', '和', '与', '兼']);
        let ends_title = |c: char| !(c.is_alphanumeric() || goes_on && c == '、');
        let title = title.rsplit(ends_title).next().unwrap_or_default();
        Self::of_organisation(title)
            .or_else(|| FOREIGN_POSTS.contains(head).then_some(Self::Transliterated))
    }

    /// The origin that a phrase before a name or its title says: `来自台湾的咖啡师`, `日本留学生`.
    pub(super) fn of_phrase(text: &str) -> Option<Self> {
        const FROM: &str = "来自";
        /// Nobody is described at greater length.
        const LONGEST: usize = 60;
        let from = text.rfind(FROM)? + FROM.len();
        let phrase = &text[from..];
        let (place, description) = phrase.split_once('的').unwrap_or((phrase, ""));
        let nouns = |part: &str| {
            words::segmenter().cut(part, false).iter().all(|token| {
                words::tag(token.word)
                    .is_none_or(|tag| tag.starts_with(['n', 'm', 'q', 'b', 'a', 'j', 'x']))
            })
        };
        let plain = phrase.chars().all(|c| c.is_alphanumeric() || c == '、');
        (plain && phrase.len() < LONGEST && nouns(place) && nouns(description))
            .then(|| Self::of_organisation(place))?
    }

    /// The origin that the last country in an organisation's name shows.
    fn of_organisation(title: &str) -> Option<Self> {
        /// Nobody's title is longer.
        const LONGEST: usize = 24;
        let tail: Vec<usize> = title
            .char_indices()
            .rev()
            .take(LONGEST)
            .map(|(i, _)| i)
            .collect();
        if MAINLAND_BODIES.iter().any(|body| title.contains(body)) {
            return None;
        }
        let places = glossary::places();
        let mut origin = None;
        for &at in tail.iter().rev() {
            let rest = &title[at..];
            let ends = rest.char_indices().map(|(i, c)| i + c.len_utf8()).take(8);
            for end in ends {
                match (&rest[..end], places.get(&rest[..end])) {
                    ("中国", _) => origin = None,
                    (place, _) if OWN_SPELLING.contains(place) => origin = Some(Self::Chinese),
                    (body, _) if WORLD_BODIES.contains(body) => {
                        origin = Some(Self::Transliterated);
                    }
                    (people, _) if PEOPLES.contains(people) => origin = Some(Self::Minority),
                    ("日本" | "东京", _) => origin = Some(Self::Han { usual: 4 }),
                    ("韩国" | "朝鲜" | "越南" | "新加坡" | "首尔" | "平壤", _) => {
                        origin = Some(Self::Han { usual: 3 });
                    }
                    (_, Some((_, "country" | "city"))) => origin = Some(Self::Transliterated),
                    _ => {}
                }
            }
        }
        origin
    }
}
