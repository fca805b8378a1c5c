//! Names transliterated into Chinese.

use std::ops::Range;

use crate::brief::words;

/// The dots between the parts of a transliterated name.
pub(super) fn is_dot(c: char) -> bool {
    matches!(c, '·' | '•' | '・' | '‧')
}

/// Characters that transliterate; after the tables of Xinhua's names department, by frequency.
const SOUNDS: &str = "\
阿埃艾爱安昂奥巴白拜班邦包保堡鲍贝本比彼边宾波伯博勃布采查柴昌楚茨慈措达大戴丹当道德登邓狄迪第蒂丁东都杜敦顿多俄厄恩尔法凡范方芳菲\
费芬丰佛夫弗福甫盖干冈高戈哥格葛根贡古瓜圭郭果哈海汉翰豪赫黑亨洪侯胡华怀惠霍基吉季加佳贾简江杰金津久居卡凯坎康考柯科可克肯孔库夸\
奎昆扩拉腊莱赖兰朗劳勒雷蕾黎理李里丽利莉连廉良列烈林琳灵留柳龙隆卢鲁路露伦罗洛略马玛迈麦曼芒毛茅梅门蒙孟米秘密蜜敏明摩莫默姆穆娜\
纳南瑙内嫩尼妮年涅宁牛纽农努诺欧帕潘庞培佩彭蓬皮匹平珀普奇齐恰乔钦琴琼丘屈让热仁日荣茹儒瑞若撒萨塞赛桑瑟森沙莎山珊尚绍舍申生圣\
施什史士舒朔丝思斯松苏孙索塔泰坦唐陶忒特藤提缇廷通图托陀娃瓦万旺威韦维魏温文翁沃乌武西希锡夏香向肖歇谢辛欣兴休雄许雪逊雅亚延扬\
耶叶伊依易因英永尤于约月赞泽扎詹张哲真芝治兹子宗祖佐迦珂泰茜蕾娅薇妲梵贡奈伽赖汶婭";

pub(super) fn is_sound(c: char) -> bool {
    SOUNDS.contains(c)
}

/// Names with dots: `卡尔·罗恩`. Left and right the parts reach as far as characters transliterate
/// and no common word begins.
pub(super) fn dotted(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (dot, c) in text.char_indices().filter(|&(_, c)| is_dot(c)) {
        let after_dot = dot + c.len_utf8();
        if let Some(last) = found.last_mut()
            && last.end == dot
        {
            last.end = part_end(text, after_dot);
            continue;
        }
        let start = part_start(text, dot);
        let end = part_end(text, after_dot);
        if start < dot && end > after_dot {
            found.push(start..end);
        }
    }
    found.retain(|r| !r.is_empty() && !text[r.clone()].ends_with(is_dot));
    found
}

/// Longest part of a transliterated name, in characters.
const LONGEST_PART: usize = 8;

fn part_start(text: &str, dot: usize) -> usize {
    let before = &text[..dot];
    let mut start = dot;
    for (i, c) in before.char_indices().rev().take(LONGEST_PART) {
        if !is_sound(c) && !c.is_ascii_alphabetic() {
            break;
        }
        start = i;
    }
    // `总理卡尔·`: what a post or a country ends in is no part of the name.
    let run = &text[start..dot];
    let skip = run
        .char_indices()
        .skip(1)
        .map(|(i, _)| i)
        .filter(|&i| super::context::post_head(&text[..start + i]).is_some_and(|h| h.len() > 3))
        .last();
    start + skip.unwrap_or(0)
}

fn part_end(text: &str, from: usize) -> usize {
    let mut end = from;
    let rest = &text[from..];
    for (count, (i, c)) in rest.char_indices().enumerate() {
        let stops = count == LONGEST_PART
            || !(is_sound(c) || c.is_ascii_alphabetic())
            || (count > 0 && begins_a_word(&rest[i..]));
        if stops {
            break;
        }
        end = from + i + c.len_utf8();
    }
    end
}

/// A transliterated name that begins at a place: as many characters as transliterate.
pub(super) fn plain(text: &str, from: usize) -> Option<Range<usize>> {
    let end = part_end(text, from);
    let count = text[from..end].chars().count();
    (count >= 2).then_some(from..end)
}

/// Whether a common word of two characters or more begins here that is not made of sounds alone.
fn begins_a_word(rest: &str) -> bool {
    let segmenter = words::segmenter();
    let mut ends = rest
        .char_indices()
        .map(|(i, c)| i + c.len_utf8())
        .take(4)
        .skip(1);
    ends.any(|end| {
        let word = &rest[..end];
        segmenter.has_word(word)
            && segmenter.tag(word, false).first().is_some_and(|t| {
                t.word == word && !t.tag.starts_with("nr") && !t.tag.starts_with("ns")
            })
            && segmenter.suggest_freq(word) > 100
    })
}
