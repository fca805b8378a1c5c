//! Names transliterated into Chinese, and other names that pinyin does not spell.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::context::{After, Before, is_delegation, post_at_end, post_head};
use super::lexicon::{
    COURTESY, FOREIGN_POSTS, JAPANESE, MAINLAND_BODIES, NO_PERSONS, OWN_SPELLING, PEOPLES,
    PERSONAL_NOUNS, PLACES_BEHIND, TRANSLITERATED, WORLD_BODIES,
};
use crate::glossary;
use crate::text::chars::{is_han, is_name_dot};
use crate::text::{surnames, words};

/// Characters that transliterate, after the tables of Xinhua's names department.
const SOUNDS: &str = "\
阿埃艾爱安得昂奥巴白拜班邦包保堡鲍贝本比彼边宾波伯博勃卜布采查柴昌楚茨慈措达大戴丹当道德登邓狄迪第蒂丁东都杜敦顿多俄厄恩尔法凡范方芳菲\
费芬丰佛夫弗福甫盖干冈高戈哥格葛根贡古瓜圭郭果哈海汉翰豪赫黑亨洪侯胡华怀惠霍基吉季加佳贾简江杰捷金津久居卡凯坎康考柯科可克肯孔库夸\
奎昆扩拉腊莱赖兰朗劳勒雷蕾黎理李里丽利莉连廉良列烈林琳灵留柳龙隆卢鲁路露伦罗洛略马玛迈麦曼芒毛茅梅门蒙孟米秘密蜜敏明摩莫默姆穆娜\
纳南瑙内嫩尼妮年涅宁牛纽农努诺欧帕潘庞培佩彭蓬皮匹平珀普奇齐恰乔切钦琴琼丘屈让热仁日荣茹儒瑞若撒萨塞赛桑瑟森沙莎山珊尚绍舍申生圣\
施什史士舒朔丝思斯松苏孙索塔泰坦唐陶忒特藤提缇廷通图托陀娃瓦万旺威韦维魏温文翁沃乌武西希锡夏香向肖歇谢辛欣兴休雄许雪逊雅亚延扬\
耶叶伊依易因英永尤于约月赞泽扎詹张哲真芝治兹子宗祖佐迦珂茜娅薇妲梵奈伽汶婭别桂盛鲜富席彻策坚姬嘉喀罕琅仑缪朴滕田透汪熙萧星严亦音元云展珍郑中朱卓黛莘卫耐芙蓓荷伍礼";

/// Characters that transliterate, and far more often are prepositions and the like.
pub(super) const SELDOM_SOUNDS: &str = "向同任于与由为";

/// Characters that transliterate the names of China's own peoples, beside those.
const SOUNDS_OF_MINORITIES: &str = "恒得汗孜甫肯不合买江吾牙肉玉衣帕孜木力热提腾格巴图宝音吉日才旦丹增嘎措泽登布仁苏米吐克孜迪丽亚依支呷岩罕香玉沙莫色伍郎朵茹勒琪沁娃仙姑波琴黄陈吴王刘周";

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

/// How much a character speaks for a transliterated name: 1 where it stands in them far more often than in
/// Chinese given names, a half where it stands in both, nothing where it is a sound all the same; `None`
/// where it is none. By the logarithm of its share of the second and later characters of the dictionary's
/// transliterated names over that of its Chinese names: above 2.2, above 1.2, or below.
fn sound(c: char) -> Option<f64> {
    const STRONG: &str = "\
茨什斯奥拉帕涅尔特托蒂瓦迈比埃莫多哈姆巴尼莱里卡诺瑟沃迪顿莎萨热塔默雷格韦纳耶杜洛伊罗弗赖克米夫切戈坦贝曼厄霍索列塞菲滕勒赫扎科劳加基普珀撒纽亚布维\
罕娃兹库泽伯阿";
    const WEAK: &str = "坎潘娅妮努朗乌彻利茅因谢奇内堡伦瑙卢彼鲁舍珊查德易翰卜蕾古约肯辛娜西马乔森达芙佐希穆恩安凯艾费桑丽莉";
    static TABLE: LazyLock<HashMap<char, f64>> = LazyLock::new(|| {
        let sounds = SOUNDS.chars().map(|c| (c, 0.0));
        let weak = WEAK.chars().map(|c| (c, 0.5));
        sounds
            .chain(weak)
            .chain(STRONG.chars().map(|c| (c, 1.0)))
            .collect()
    });
    TABLE.get(&c).copied()
}

/// Whether the dictionary has a string as somebody's name.
pub(super) fn is_listed(name: &str) -> bool {
    words::segmenter().has_word(name)
        && words::tag(name).is_some_and(|tag| tag.starts_with("nr"))
        && !NO_PERSONS.contains(name)
}

/// Whether the dictionary has a string as a place's name, which somebody may bear as well.
pub(super) fn is_listed_as_a_place(name: &str) -> bool {
    words::segmenter().has_word(name) && words::tag(name) == Some("ns")
}

/// Whether the character before a transliterated name at `start` belongs to a longer one: `奥|沙利文`.
pub(super) fn begins_before(text: &str, start: usize) -> bool {
    let before = &text[..start];
    let strong = before
        .chars()
        .next_back()
        .is_some_and(|c| sound(c) == Some(1.0));
    let two = before
        .char_indices()
        .rev()
        .nth(1)
        .map_or(before, |(at, _)| &before[at..]);
    strong && text[start..].chars().take(2).all(is_sound) && !words::segmenter().has_word(two)
}

/// Whether the characters of a string show it to be a transliterated name.
pub(super) fn is_bare(name: &str) -> bool {
    let all = bare(name);
    all.iter()
        .any(|candidate| candidate.plain && candidate.range == (0..name.len()))
}

/// Transliterated names that nothing shows but their characters: `克雷默说`.
pub(super) fn bare(text: &str) -> Vec<Candidate> {
    /// Longer ones are two words.
    const LONGEST: usize = 7;
    let mut found = Vec::new();
    let mut run: Vec<(usize, char, f64)> = Vec::new();
    let ends = std::iter::once((text.len(), '\u{0}'));
    for (at, c) in text.char_indices().chain(ends) {
        if let Some(weight) = sound(c).filter(|_| !begins_an_ordinal(&text[at..])) {
            run.push((at, c, weight));
            continue;
        }
        // What stands beside a dot is a part of the name with the dot.
        let first = run.first().map_or(at, |&(start, ..)| start);
        let beside_a_dot = is_name_dot(c) || text[..first].ends_with(is_name_dot);
        if beside_a_dot {
            run.clear();
        }
        for (i, &(start, ..)) in run.iter().enumerate() {
            // Many surnames transliterate.
            let mut weight = -run[i].2 / 2.0;
            // Where somebody stands, less is enough.
            let shown = std::cell::LazyCell::new(|| {
                matches!(
                    Before::of(text, start),
                    Before::Post | Before::Role | Before::Named | Before::Noun
                )
            });
            let first = run[i].1;
            if "中当让".contains(first)
                || SELDOM_SOUNDS.contains(first)
                || COURTESY.start(&text[start + first.len_utf8()..]).is_some()
                || begins_inside_a_noun(text, start, first)
            {
                continue;
            }
            // `林|阿水`: a surname and a syllable are hardly a name by sound.
            let surname = surnames::leading_single(&text[start..])
                .is_some_and(|(_, rarity)| rarity == surnames::Rarity::Common);
            for (n, &(last, c, w)) in run[i..].iter().take(LONGEST).enumerate() {
                weight += w;
                let characters = n + 1;
                let end = last + c.len_utf8();
                let least = if characters > 2 || surname { 1.5 } else { 1.0 };
                // `古道尔|年逾九旬`
                let year = c == '年'
                    && text[end..].starts_with(['逾', '近', '仅', '过', '满', '届', '已']);
                let plainly = !year && weight >= least && 2.2 * weight >= characters as f64;
                let barely = weight >= 1.0 && 4.0 * weight >= characters as f64;
                let named = || !year && weight >= 0.5 && is_listed(&text[start..end]);
                let whole = plainly || characters > 2 && (barely && *shown || named());
                let perhaps = !year && weight >= 0.0 && run[i..=i + n].iter().any(|r| r.2 > 0.0);
                if characters > 1
                    && (whole || perhaps)
                    && PLACES_BEHIND.start(&text[end..]).is_none()
                {
                    found.push(Candidate {
                        range: start..regnal(text, end),
                        characters,
                        plain: whole,
                    });
                }
            }
        }
        run.clear();
    }
    found.retain(|name| {
        let word = &text[name.range.clone()];
        let known = words::segmenter().has_word(word);
        // Behind a post even `沙拉` is somebody.
        let shown = post_at_end(&text[..name.range.start]) == Some(Before::Post);
        let quoted = text[..name.range.start].ends_with(['“', '《', '「'])
            && text[name.range.end..].starts_with(['”', '》', '」']);
        let place = glossary::places().contains_key(word);
        let somebody = !place && (is_listed(word) || is_listed_as_a_place(word));
        // `冈多菲堡`
        let castle = word.ends_with('堡');
        let something = quoted || NO_PERSONS.contains(word) || !somebody && (known || castle);
        if something && !shown {
            return false;
        }
        let around = |c: Option<char>| {
            c.is_some_and(|c| is_name_dot(c) || c == '-' || c.is_ascii_alphabetic())
        };
        !around(text[..name.range.start].chars().next_back())
            && !around(text[name.range.end..].chars().next())
    });
    found
}

/// Whether a name that began with the character at `start` would begin inside a noun for people: `妻|子`.
fn begins_inside_a_noun(text: &str, start: usize, first: char) -> bool {
    let end = start + first.len_utf8();
    let noun = PERSONAL_NOUNS
        .end(&text[..end])
        .or_else(|| post_head(&text[..end]));
    noun.is_some_and(|noun| noun.len() > first.len_utf8())
}

/// `斯特里普|第21次`.
fn begins_an_ordinal(text: &str) -> bool {
    text.strip_prefix('第').is_some_and(|rest| {
        rest.starts_with(|c: char| c.is_ascii_digit() || "一二三四五六七八九十".contains(c))
    })
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
const LONGEST_PART: usize = 9;

/// A name that may stand in a text.
pub(super) struct Candidate {
    pub(super) range: Range<usize>,
    /// How many characters it has, dots left out.
    pub(super) characters: usize,
    /// Whether its form is enough to think of a name; else the words around it have to say so.
    pub(super) plain: bool,
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
                    plain: true,
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

/// Where a part that ends at `end` could begin, with its number of characters. `小罗伯特`: a 小 that begins a
/// clause belongs to it.
fn starts_of_part(text: &str, end: usize) -> impl Iterator<Item = (usize, usize)> {
    let junior = |at: usize| {
        let rest = text[..at].strip_suffix('小')?;
        rest.chars()
            .next_back()
            .is_none_or(|c| !is_han(c))
            .then_some(rest.len())
    };
    text[..end]
        .char_indices()
        .rev()
        .take(LONGEST_PART)
        .take_while(|&(_, c)| is_sound_of_minorities(c))
        .enumerate()
        .map(move |(count, (at, _))| (count + 1, junior(at).unwrap_or(at)))
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
    let origin = Origin::before(&text[..start]).or_else(|| Origin::of_people(&text[..start]));
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
            range: start..regnal(text, end),
            characters,
            plain: true,
        })
        .collect()
}

/// Where a name goes on to that has a number: `利奥|十四世`.
fn regnal(text: &str, end: usize) -> usize {
    let rest = text[end..].trim_start_matches(|c| "一二三四五六七八九十".contains(c));
    let number = text.len() - end - rest.len();
    match rest.strip_prefix('世') {
        Some(behind) if number > 0 && !behind.starts_with(['纪', '代']) => {
            text.len() - behind.len()
        }
        _ => end,
    }
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
            plain: true,
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
            let alone = || {
                let opens = Before::of(text, start) == Before::Clause;
                let acts = matches!(
                    After::of(text, middle),
                    After::Speech | After::Action | After::Title
                );
                (opens && acts || post_at_end(&text[..start]).is_some()).then_some(middle)
            };
            let end = end.or_else(alone)?;
            Some(Candidate {
                range: start..end,
                characters: 4,
                plain: true,
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

    /// The origin that a people before a noun for persons gives to the name behind it: `彝族姑娘`.
    fn of_people(text: &str) -> Option<Self> {
        let noun = PERSONAL_NOUNS.end(text).or_else(|| post_head(text))?;
        PEOPLES
            .end(&text[..text.len() - noun.len()])
            .map(|_| Self::Minority)
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
