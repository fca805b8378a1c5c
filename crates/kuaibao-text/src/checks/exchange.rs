//! Figures that have changed places: each value is there, but where another one belongs.
//!
//! Every matched pair is judged by its surroundings alone, the value left aside: what stands beside
//! the Chinese figure (unit, month, known words) and beside the English one. Two pairs are
//! suspected when both would sit much better with their English figures exchanged.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::LazyLock;

use super::need::{Need, What};
use crate::figures::{Dimension, EnglishFigure, EnglishValue, Kind, Standing};

/// How much better the exchanged reading has to be. Tuned on published translations so that it
/// stays silent on nearly all of them.
const CLEARLY: i32 = 5;

/// What a concept weighs that stands beside both figures of a pair.
const CONCEPT: i32 = 3;

/// Beyond so many figures in a line the pairs are not compared.
const MANY: usize = 60;

/// Two pairs (of need and English figure) that seem to have changed places.
pub(super) fn exchanged(
    pairs: &[(usize, usize)],
    needs: &[Need],
    english: &[EnglishFigure],
    zh: &str,
    en: &str,
) -> Option<[(usize, usize); 2]> {
    let pairs: Vec<(usize, usize)> = pairs
        .iter()
        .copied()
        .filter(|(i, j)| is_movable(&needs[*i], &english[*j]))
        .collect();
    if pairs.len() < 2 || pairs.len() > MANY {
        return None;
    }
    let zh_concepts: Vec<u128> = pairs
        .iter()
        .map(|(i, _)| {
            let own = &needs[*i].zh;
            let others = || needs.iter().map(|n| &n.zh);
            let from = others().map(|z| z.end).filter(|end| *end <= own.start);
            let to = others().map(|z| z.start).filter(|start| *start >= own.end);
            let around = from.max().unwrap_or(0)..to.min().unwrap_or(zh.len());
            concepts_zh(zh, own, &around)
        })
        .collect();
    let en_concepts: Vec<u128> = pairs
        .iter()
        .map(|(_, j)| concepts_en(en, &english[*j]))
        .collect();
    let cost = |a: usize, b: usize| {
        let shared = (zh_concepts[a] & en_concepts[b]).count_ones().min(2);
        slot_cost(&needs[pairs[a].0], &english[pairs[b].1]) - CONCEPT * shared as i32
    };
    let mut best: Option<(i32, usize, usize)> = None;
    for a in 0..pairs.len() {
        for b in a + 1..pairs.len() {
            let ((i, j), (k, l)) = (pairs[a], pairs[b]);
            if !can_exchange(&needs[i], &needs[k], zh)
                || !is_alone(a, &pairs, needs, english)
                || !is_alone(b, &pairs, needs, english)
            {
                continue;
            }
            let crossed = ((needs[i].zh.start, i) < (needs[k].zh.start, k))
                != (english[j].range.start < english[l].range.start);
            let spelling = 3 * i32::from(english[j].around.misspelt)
                + 3 * i32::from(english[l].around.misspelt);
            let order = match order(&needs[i], &needs[k], crossed, zh) {
                TWINS
                    if !are_neighbours(&pairs, a, b, needs)
                        || is_part_of(en, &english[j], &english[l]) =>
                {
                    0
                }
                order => order,
            };
            let gain = cost(a, a) + cost(b, b) - cost(a, b) - cost(b, a) + order + spelling;
            if gain >= CLEARLY && best.is_none_or(|(most, ..)| gain > most) {
                best = Some((gain, a, b));
            }
        }
    }
    best.map(|(_, a, b)| [pairs[a], pairs[b]])
}

/// Whether nothing else has the same value: else the pairing itself is a matter of taste.
fn is_alone(a: usize, pairs: &[(usize, usize)], needs: &[Need], english: &[EnglishFigure]) -> bool {
    let (i, j) = pairs[a];
    let value = needs[i].what.number();
    let same = |(b, (k, _)): (usize, &(usize, usize))| b != a && needs[*k].what.number() == value;
    let said_again = |(k, en): (usize, &EnglishFigure)| {
        k != j
            && en.standing == Standing::Stated
            && en.value == EnglishValue::Number(value.abs())
            && en.range != english[j].range
    };
    !pairs.iter().enumerate().any(same) && !english.iter().enumerate().any(said_again)
}

/// Whether no third figure of their sort stands between two, in either language.
fn are_neighbours(pairs: &[(usize, usize)], a: usize, b: usize, needs: &[Need]) -> bool {
    let ((i, j), (k, l)) = (pairs[a], pairs[b]);
    pairs.iter().enumerate().all(|(c, (m, n))| {
        let sort = needs[*m].unit == needs[i].unit && needs[*m].what.is_alike(&needs[i].what);
        let between = (i.min(k) < *m && *m < i.max(k)) || (j.min(l) < *n && *n < j.max(l));
        c == a || c == b || !sort || !between
    })
}

/// *three of the nine*: the part comes first in English, the whole in Chinese.
fn is_part_of(en: &str, a: &EnglishFigure, b: &EnglishFigure) -> bool {
    let (first, second) = if a.range.start < b.range.start {
        (a, b)
    } else {
        (b, a)
    };
    let between = en.get(first.range.end..second.range.start).unwrap_or("");
    let close = between.len() < 60 && !between.contains([',', ';', '.']);
    close
        && [" of ", " from ", " in ", " with ", "more than", "out of"]
            .iter()
            .any(|w| between.contains(w))
}

/// Whether two figures are apart enough to be told apart: two values, and two figures or the ends of
/// a range. The sides of a score turn round with the side that tells it.
fn can_exchange(a: &Need, b: &Need, zh: &str) -> bool {
    let range = |need: &Need| {
        matches!(need.what, What::Amount { kind, .. } if kind != Kind::Score)
            && !zh[need.zh.clone()].contains("比")
    };
    a.what.number() != b.what.number() && (a.zh != b.zh || range(a) && range(b) || is_date(a))
}

fn is_date(need: &Need) -> bool {
    matches!(need.what, What::Day(_) | What::Year(_))
}

/// What the order says: both languages name things that are listed side by side in one order, while
/// 甲的乙 turns round in English.
fn order(a: &Need, b: &Need, crossed: bool, zh: &str) -> i32 {
    let (first, second) = if a.zh.start < b.zh.start {
        (a, b)
    } else {
        (b, a)
    };
    let ends = std::mem::discriminant(&first.what) == std::mem::discriminant(&second.what);
    if first.zh == second.zh && !ends {
        return 0;
    }
    if first.zh == second.zh {
        // the two ends of a range
        return if crossed { 2 * CLEARLY } else { -2 * CLEARLY };
    }
    let between = zh.get(first.zh.end..second.zh.start).unwrap_or("");
    let joined = between.ends_with(['、', '和', '与', '及']);
    let listed = between.len() < 120 && (joined || between.contains(['，', '、', '；', '。']));
    let turned = !joined && between.contains(['的', '中']) && !between.contains(['，', '；', '。']);
    let twins = first.unit == second.unit
        && first.what.is_alike(&second.what)
        && !matches!(first.what, What::Name(_));
    match (crossed, twins && listed && !turned, turned) {
        (_, _, true) => 0,
        (true, true, _) => TWINS,
        (false, true, _) => -TWINS,
        (true, ..) => 2,
        (false, ..) => -2,
    }
}

/// What the crossing of two figures of one sort weighs, which stand side by side in the Chinese.
const TWINS: i32 = 5;

/// Whether a pair can be part of an exchange: a number in so many words on both sides.
fn is_movable(need: &Need, en: &EnglishFigure) -> bool {
    let number = matches!(en.value, EnglishValue::Number(_)) && en.standing == Standing::Stated;
    number
        && !matches!(
            need.what,
            What::Month(_) | What::Weekday(_) | What::Order { .. }
        )
}

const NEVER: i32 = 8;

/// How badly a need sits in an English place, whatever number stands there.
fn slot_cost(need: &Need, en: &EnglishFigure) -> i32 {
    let place = Place::of(en);
    match &need.what {
        What::Day(_) => match place {
            Place::Month(month) if need.month.is_none_or(|m| m == month) => 0,
            Place::DayOfYear => 0,
            Place::Month(_) => 4,
            Place::YearOfDay => NEVER,
            // the 5th; but a day that the Chinese gives with its month has it in English too
            Place::Rank => 1 + 2 * i32::from(need.month.is_some()),
            Place::Open | Place::Since => 2 + 2 * i32::from(need.month.is_some()),
            Place::Noun => 4,
            _ => NEVER,
        },
        What::Year(_) | What::Decade(_) => match place {
            Place::Since | Place::YearOfDay => 0,
            Place::DayOfYear => NEVER,
            Place::Month(month) => 3 * i32::from(need.month != Some(month)),
            Place::Open => 1,
            Place::Noun => 3,
            _ => NEVER,
        },
        What::Amount { kind, measure, .. } => {
            amount_cost(*kind, *measure, &place) + 4 * i32::from(need.is_in_another_currency(en))
        }
        _ => 2,
    }
}

fn amount_cost(kind: Kind, measure: Option<(Dimension, f64)>, place: &Place) -> i32 {
    match (kind, place) {
        (Kind::Percent | Kind::Fraction, Place::Percent) => 0,
        (Kind::Percent, _) => NEVER,
        (_, Place::Percent) => NEVER,
        (Kind::Money, Place::Money) => 0,
        (Kind::Money, Place::Open | Place::Noun | Place::Since) => 4,
        (Kind::Money, _) => NEVER,
        (_, Place::Money) => 6,
        (
            Kind::Number | Kind::Ordinal | Kind::Age | Kind::Quantity | Kind::Duration,
            Place::Month(_),
        ) => NEVER,
        (Kind::Quantity | Kind::Duration, Place::Unit(dimension, size)) => match measure {
            Some((wanted, wanted_size)) if wanted == *dimension => {
                if (wanted_size / size - 1.0).abs() < 1e-3 {
                    0
                } else {
                    3
                }
            }
            _ => 6,
        },
        (Kind::Quantity | Kind::Duration, _) => 3,
        (Kind::Age, Place::Age) => 0,
        (Kind::Age, Place::Open | Place::Since) => 2,
        (Kind::Age, _) => 4,
        (Kind::Ordinal, Place::Rank) => 0,
        (Kind::Ordinal, _) => 3,
        (Kind::Multiple, Place::Times) => 0,
        (Kind::Multiple, _) => 4,
        (Kind::Number, Place::Noun) => 0,
        (Kind::Number, Place::Open) => 2,
        (Kind::Number, Place::Since) => 4,
        (Kind::Number, Place::Rank | Place::Age) => 5,
        (Kind::Number, Place::Unit(..)) => 5,
        (_, _) => 2,
    }
}

/// What the words beside an English number make of it.
#[derive(Clone, Copy, Debug)]
enum Place {
    Percent,
    Money,
    Unit(Dimension, f64),
    Age,
    Times,
    /// 5th, No. 5.
    Rank,
    /// Beside a month.
    Month(u32),
    /// The 24 of *July 24, 2025*, and its 2025.
    DayOfYear,
    YearOfDay,
    /// Behind *in*, *since*, with no noun behind it.
    Since,
    /// Before a noun.
    Noun,
    /// Before a mark or a word that carries no meaning of its own.
    Open,
}

impl Place {
    fn of(en: &EnglishFigure) -> Self {
        const RANKED: &[&str] = &[
            "no", "number", "article", "chapter", "type", "phase", "level", "grade", "class",
            "page", "group", "top", "section", "round", "episode",
        ];
        const DATED: &[&str] = &[
            "in", "since", "during", "by", "until", "till", "before", "after", "early", "late",
            "mid", "from", "of", "year", "through",
        ];
        let around = &en.around;
        let kind = match en.kind {
            Kind::Number => en.shared.unwrap_or(Kind::Number),
            kind => kind,
        };
        if around.year_follows {
            return Self::DayOfYear;
        }
        if around.day_before {
            return Self::YearOfDay;
        }
        if let Some(month) = around.month {
            return Self::Month(month);
        }
        let noun = !around.closed && !around.after.is_empty() && !is_function_word(&around.after);
        match kind {
            Kind::Percent | Kind::Fraction => Self::Percent,
            Kind::Money => Self::Money,
            Kind::Age => Self::Age,
            Kind::Multiple => Self::Times,
            Kind::Ordinal => Self::Rank,
            _ if RANKED.contains(&around.before[0].as_str()) => Self::Rank,
            _ => match en.measure {
                Some((dimension, size)) => Self::Unit(dimension, size),
                None if noun => Self::Noun,
                None if DATED.contains(&around.before[0].as_str()) => Self::Since,
                None => Self::Open,
            },
        }
    }
}

fn is_function_word(word: &str) -> bool {
    const WORDS: &[&str] = &[
        "a", "an", "and", "are", "as", "at", "but", "by", "for", "from", "had", "has", "have",
        "he", "her", "his", "in", "is", "it", "its", "of", "on", "or", "she", "since", "than",
        "that", "the", "their", "they", "this", "to", "until", "was", "we", "were", "when",
        "where", "which", "while", "who", "will", "with", "would", "after", "before", "during",
        "last", "there", "into", "between", "through", "if",
    ];
    WORDS.contains(&word)
}

/// Words whose presence beside both figures says that they belong together.
const CONCEPTS: &[(&str, &str)] = &[
    (
        "增 涨 升 提高 扩大 多了",
        "rise rises rose risen rising grow grows grew grown growth growing increase increased increases increasing up climb climbed gain gained jumped surged higher expanded",
    ),
    (
        "降 跌 减 下滑 少了 缩",
        "fall falls fell fallen falling drop dropped drops decline declined declines decrease decreased decreasing down lower shrank shrunk reduced cut slipped lost",
    ),
    (
        "死 遇难 丧生 身亡 罹难",
        "dead death deaths died killed kill killing kills lives fatalities die",
    ),
    (
        "伤",
        "injured injuring injuries wounded hurt injury wounding",
    ),
    ("失踪 失联", "missing disappeared"),
    ("男", "men man male males boys boy"),
    ("女", "women woman female females girls girl"),
    ("儿童 孩 未成年", "children child kids kid minors"),
    (
        "学生 同学 考生 毕业生",
        "student students pupils graduates candidates",
    ),
    ("教师 老师", "teacher teachers"),
    ("医 护士", "doctor doctors medical nurses"),
    (
        "工人 职工 员工 雇员",
        "workers employees staff worker employee",
    ),
    ("农民 农户", "farmers farmer rural"),
    (
        "企业 公司 厂",
        "companies company enterprises enterprise firms firm businesses factories",
    ),
    ("国家 国", "countries country nations nation states"),
    ("省 省份", "provinces province provincial"),
    ("市 城市", "cities city"),
    ("县 区", "counties county districts district"),
    ("村", "villages village"),
    (
        "学校 高校 大学",
        "schools school universities university colleges",
    ),
    (
        "人 名 位",
        "people persons person delegates members residents visitors participants individuals",
    ),
    ("户", "households household families family"),
    (
        "车 辆",
        "cars car vehicles vehicle trucks automobiles buses",
    ),
    ("船 艘", "ships ship vessels vessel boats frigates"),
    ("飞机 架", "aircraft planes plane jets helicopters flights"),
    ("项 项目", "projects project items item"),
    ("例 病例 确诊", "cases case patients"),
    ("起 案件", "cases incidents case accidents"),
    ("次", "times occasions time"),
    ("场", "games matches game match"),
    ("胜 赢", "wins won victories win victory beat"),
    ("负 输", "losses lost defeats defeat lose"),
    ("进口", "imports import imported"),
    ("出口", "exports export exported"),
    ("收入", "revenue income revenues earnings"),
    ("利润 净利", "profit profits net"),
    ("投资", "investment invest invested investments investing"),
    ("价 售价", "price prices priced cost costs"),
    ("销量 销售", "sales sold sale selling"),
    ("面积 平方", "area square"),
    ("人口", "population"),
    ("高 海拔", "high height tall altitude"),
    ("长 全长", "long length"),
    ("宽", "wide width"),
    ("重", "weigh weighs weight weighing heavy"),
    ("深", "deep depth"),
    ("岁 年龄", "old age aged ages years"),
    ("票", "votes vote tickets ticket"),
    ("席", "seats seat"),
    ("分", "points point score"),
    ("金牌 金", "gold"),
    ("银牌 银", "silver"),
    ("铜牌 铜", "bronze"),
    (
        "赞成 支持 同意",
        "favour favor support supported approve agree",
    ),
    ("反对", "against oppose opposed"),
    ("弃权", "abstained abstentions"),
    ("至少 不少于 以上", "least more over"),
    ("最多 不超过 以下 以内", "most under below less within"),
    ("去年 上年 同期", "last previous year-on-year"),
    ("今年 本年", "this"),
    (
        "次会议 次全会 次全体会议 次委员长 次集体学习",
        "meeting session plenum plenary council",
    ),
    ("届", "national npc cppcc congress games olympics"),
    ("第一 首", "first"),
    ("第二", "second"),
    ("平均 人均", "average per"),
    ("墓", "tomb tombs grave graves"),
    ("文物", "relic relics artifact artifacts artefacts"),
    ("床", "bed beds"),
    ("季", "season seasons"),
    ("容纳 座", "seat seats capacity"),
    ("总 共 累计", "total altogether cumulative all overall"),
];

static ZH_CONCEPTS: LazyLock<Vec<Vec<&'static str>>> = LazyLock::new(|| {
    CONCEPTS
        .iter()
        .map(|(zh, _)| zh.split(' ').collect())
        .collect()
});

static EN_CONCEPTS: LazyLock<HashMap<&'static str, u128>> = LazyLock::new(|| {
    let mut map = HashMap::new();
    for (bit, (_, words)) in CONCEPTS.iter().enumerate() {
        for word in words.split(' ') {
            *map.entry(word).or_insert(0) |= 1 << bit;
        }
    }
    map
});

/// Concepts within a few characters of a Chinese figure, inside its clause and up to the figures
/// beside it.
fn concepts_zh(zh: &str, own: &Range<usize>, around: &Range<usize>) -> u128 {
    let stop = |c: &char| "，。；、（）(),和与及".contains(*c) || c.is_ascii_digit();
    let before: Vec<char> = zh[around.start..own.start]
        .chars()
        .rev()
        .take(6)
        .take_while(|c| !stop(c))
        .collect();
    let before: String = before.into_iter().rev().collect();
    let after: String = zh[own.end..around.end]
        .chars()
        .take(10)
        .take_while(|c| !stop(c))
        .collect();
    let behind = format!("{}{after}", &zh[own.clone()]);
    let mut bits = 0;
    for (bit, words) in ZH_CONCEPTS.iter().enumerate() {
        if words
            .iter()
            .any(|w| before.contains(w) || behind.contains(w))
        {
            bits |= 1 << bit;
        }
    }
    bits | if before.ends_with(['从', '由', '自', '较', '比']) {
        FROM
    } else {
        0
    }
}

/// *from* and *than*: only directly before a figure.
const FROM: u128 = 1 << 127;

/// Concepts within a few words of an English figure, inside its clause.
fn concepts_en(en: &str, figure: &EnglishFigure) -> u128 {
    let of = |word: &str| {
        let word = word
            .trim_matches(|c: char| !c.is_alphanumeric())
            .to_ascii_lowercase();
        EN_CONCEPTS.get(word.as_str()).copied().unwrap_or(0)
    };
    let other = |word: &str| {
        matches!(word, "and" | "or" | "while" | "but")
            || word.contains(|c: char| c.is_ascii_digit())
    };
    let open = |word: &&str| !word.ends_with([',', ';', ')', '.']) && !other(word);
    let before = en[..figure.range.start]
        .split_whitespace()
        .rev()
        .take_while(open)
        .take(4);
    let mut bits = before.map(of).fold(0, |a, b| a | b);
    for word in en[figure.range.end..].split_whitespace().take(5) {
        if other(word) {
            break;
        }
        bits |= of(word);
        if !open(&word) {
            break;
        }
    }
    bits | if matches!(figure.around.before[0].as_str(), "from" | "than") {
        FROM
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn concepts_fit_their_bits() {
        assert!(super::CONCEPTS.len() < 127);
    }
}
