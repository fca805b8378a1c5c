//! Words that bound a figure: 超过, 近, 以上, 左右.

use std::sync::LazyLock;

use super::super::numeral::is_numeral;
use super::{Bound, FigureKind, Found, Line, Value, unit_behind};
use crate::figures::by_char::ByChar;
use crate::text::chars::is_han;

/// Words in front, longest first.
const IN_FRONT: &[(&str, Bound)] = &[
    ("不得低于", Bound::AtLeast),
    ("不得少于", Bound::AtLeast),
    ("不能低于", Bound::AtLeast),
    ("不能少于", Bound::AtLeast),
    ("不应低于", Bound::AtLeast),
    ("不应少于", Bound::AtLeast),
    ("不少于", Bound::AtLeast),
    ("不低于", Bound::AtLeast),
    ("不小于", Bound::AtLeast),
    ("不下于", Bound::AtLeast),
    ("不宜低于", Bound::AtLeast),
    ("不宜少于", Bound::AtLeast),
    ("不宜超过", Bound::AtMost),
    ("不要超过", Bound::AtMost),
    ("不准超过", Bound::AtMost),
    ("不会超过", Bound::AtMost),
    ("不能超过", Bound::AtMost),
    ("不得超过", Bound::AtMost),
    ("不应超过", Bound::AtMost),
    ("不可超过", Bound::AtMost),
    ("不得高于", Bound::AtMost),
    ("不得多于", Bound::AtMost),
    ("不能高于", Bound::AtMost),
    ("不能多于", Bound::AtMost),
    ("不应高于", Bound::AtMost),
    ("不会高于", Bound::AtMost),
    ("没有超过", Bound::AtMost),
    ("未超过", Bound::AtMost),
    ("不超过", Bound::AtMost),
    ("不高于", Bound::AtMost),
    ("不多于", Bound::AtMost),
    ("不大于", Bound::AtMost),
    ("超过了", Bound::MoreThan),
    ("突破了", Bound::MoreThan),
    ("不到", Bound::LessThan),
    ("不足", Bound::LessThan),
    ("不满", Bound::LessThan),
    ("未满", Bound::LessThan),
    ("未到", Bound::LessThan),
    ("低于", Bound::LessThan),
    ("少于", Bound::LessThan),
    ("小于", Bound::LessThan),
    ("至少", Bound::AtLeast),
    ("最少", Bound::AtLeast),
    ("起码", Bound::AtLeast),
    ("不下", Bound::AtLeast),
    ("至多", Bound::AtMost),
    ("最多", Bound::AtMost),
    ("多达", Bound::AtMost),
    ("最高", Bound::AtMost),
    ("最低", Bound::AtLeast),
    ("不过", Bound::AtMost),
    ("不止", Bound::MoreThan),
    ("超过", Bound::MoreThan),
    ("超出", Bound::MoreThan),
    ("突破", Bound::MoreThan),
    ("升破", Bound::MoreThan),
    ("涨破", Bound::MoreThan),
    ("冲破", Bound::MoreThan),
    ("跌破", Bound::LessThan),
    ("降破", Bound::LessThan),
    ("多于", Bound::MoreThan),
    ("大于", Bound::MoreThan),
    ("高于", Bound::MoreThan),
    ("大约", Bound::About),
    ("大概", Bound::About),
    ("大致", Bound::About),
    ("约为", Bound::About),
    ("约有", Bound::About),
    ("约合", Bound::About),
    ("大约占", Bound::About),
    ("最长可", Bound::AtMost),
    ("最短可", Bound::AtLeast),
    ("大约是", Bound::About),
    ("差不多", Bound::About),
    ("须年满", Bound::AtLeast),
    ("需年满", Bound::AtLeast),
    ("应年满", Bound::AtLeast),
    ("几乎是", Bound::Nearly),
    ("几乎", Bound::Nearly),
    ("约占", Bound::About),
    ("约达", Bound::About),
    ("将近", Bound::Nearly),
    ("接近", Bound::Nearly),
    ("逼近", Bound::Nearly),
    ("近乎", Bound::Nearly),
    ("≥", Bound::AtLeast),
    ("≤", Bound::AtMost),
    (">", Bound::MoreThan),
    ("<", Bound::LessThan),
    ("逾", Bound::MoreThan),
    ("超", Bound::MoreThan),
    ("过", Bound::MoreThan),
    ("破", Bound::MoreThan),
    ("上", Bound::MoreThan),
    ("满", Bound::AtLeast),
    ("约", Bound::About),
    ("近", Bound::Nearly),
    ("快", Bound::Nearly),
];

/// The same by their last character.
static BY_LAST: LazyLock<ByChar<(&str, Bound)>> = LazyLock::new(|| {
    let last = |word: &str| word.chars().next_back().expect("words are not empty");
    ByChar::new(IN_FRONT.iter().map(|row| (last(row.0), *row)))
});

/// Bounds that 有, 需 and their like may follow.
const FILLED: &[&str] = &[
    "至少",
    "最少",
    "至多",
    "最多",
    "大约",
    "大概",
    "起码",
    "最高",
    "最低",
    "约",
    "不超过",
    "不低于",
    "不少于",
    "差不多",
];

/// Takes a bound in front of a figure, not before `free`.
pub(super) fn in_front(line: &Line, free: usize, f: &mut Found) {
    if matches!(
        f.kind,
        FigureKind::Ordinal | FigureKind::Score | FigureKind::Date
    ) {
        return;
    }
    let near = line.skip_blank_back(f.start);
    // 升破每盎司3400美元
    let per = (near.saturating_sub(5)..near).find(|k| {
        line.get(*k) == '每' && unit_behind::at(line, k + 1).is_some_and(|u| u.end == near)
    });
    let rated = matches!(f.kind, FigureKind::Money | FigureKind::Quantity);
    let near = per.filter(|_| rated).unwrap_or(near);
    let near = of_a_whole(line, near, f).unwrap_or(near);
    // 至少有4名, 约需8分钟, 最多容纳300万人
    let filled = line.take_back(
        near,
        &[
            "可达",
            "相当于",
            "价值",
            "占到",
            "补贴",
            "补助",
            "奖励",
            "资助",
            "可得",
            "能得",
            "可容纳",
            "容纳",
            "可承载",
            "承载",
            "可存放",
            "可停放",
            "支持",
            "提供",
            "持有",
            "领取",
            "获得",
            "使用",
            "支付",
            "缴纳",
            "达到",
            "需要",
            "也要",
            "也得",
            "也需",
            "也有",
            "有",
            "需",
            "要",
            "达",
            "为",
            "占",
            "在",
            "是",
            "可",
            "能",
        ],
    );
    let at = filled
        .filter(|at| line.take_back(*at, FILLED).is_some() && !is_extreme(line, *at))
        .or_else(|| behind_a_verb(line, near))
        .unwrap_or(near);
    let words = BY_LAST.at(line.before(at)).iter();
    let mut words = words.filter_map(|(word, bound)| Some((line.take_back(at, &[word])?, *bound)));
    let Some((start, bound)) = words.next().filter(|(start, _)| *start >= free) else {
        return;
    };
    if !holds(line, start, at - start, f) {
        return;
    }
    f.start = start;
    // 约10余万: 余 says more than 约 does.
    f.bound = match (f.bound, bound) {
        (Some(inner), Bound::About) => Some(inner),
        (Some(Bound::TensOf), _) => Some(Bound::TensOf),
        (_, outer) => Some(outer),
    };
}

/// 最低为14元，最高为16元: these two it was, no less and no more.
fn is_extreme(line: &Line, at: usize) -> bool {
    line.get(at) == '为' && line.take_back(at, &["最高", "最低"]).is_some()
}

/// Where the 可领 of 最多可领20元 begins, the 节省 of 至少节省半年: a verb between a bound and its figure.
fn behind_a_verb(line: &Line, near: usize) -> Option<usize> {
    const LONGEST: usize = 9;
    const WORDS: &[&str] = &[
        "至少",
        "最少",
        "至多",
        "最多",
        "起码",
        "几乎",
        "大约",
        "最长可",
        "最短可",
    ];
    // 最高可得到40%, but 最高气温35℃
    let may = |k: usize| {
        line.take_back(k, &["最高"]).is_some() && "可能给奖补罚处判将面".contains(line.get(k))
    };
    (near.saturating_sub(LONGEST)..near)
        .rev()
        .take_while(|k| is_han(line.get(*k)) && !"的是个一部每这那".contains(line.get(*k)))
        .take_while(|k| !is_numeral(line.get(*k)))
        .find(|k| line.take_back(*k, WORDS).is_some() || may(*k))
}

/// Where the 高峰期的 of 不足高峰期的三成 begins: what a share is of, behind its bound.
fn of_a_whole(line: &Line, near: usize, f: &Found) -> Option<usize> {
    const REACH: usize = 8;
    const FAR: usize = 18;
    const WORDS: &[&str] = &["不足", "不到", "超过", "低于", "高于", "接近"];
    const EQUAL: &[&str] = &["大约是", "几乎是", "约为", "约是", "约占"];
    let share = matches!(
        f.kind,
        FigureKind::Percent | FigureKind::Fraction | FigureKind::Multiple
    );
    if !share || line.before(near) != '的' {
        return None;
    }
    let mut from = (near.saturating_sub(FAR)..near - 1).rev();
    let end = from.find_map(|k| {
        let close = line.take(k, WORDS).filter(|_| k + REACH >= near);
        line.take(k, EQUAL).or(close)
    })?;
    (end + 1 < near && (end..near - 1).all(|k| is_han(line.get(k)))).then_some(end)
}

/// Whether a word of one glyph is a bound here: 近30人, but not 最近, 附近, 近三年来.
fn holds(line: &Line, start: usize, length: usize, f: &Found) -> bool {
    let before = line.before(start);
    if length > 1 {
        let priced = matches!(
            f.kind,
            FigureKind::Money | FigureKind::Number | FigureKind::Percent | FigureKind::Duration
        );
        // 高于四年前的170万: the bound is that number's
        let than = line.get(start + 1) == '于';
        if than && f.kind == FigureKind::Duration && "前后".contains(line.get(f.end)) {
            return false;
        }
        // 手续费按比例收取，最低5元; not 股价最低5元
        let filled = line.get(start + length) == '也';
        let least = f.kind == FigureKind::Money && (!before.is_alphanumeric() || filled);
        // 成本不过百元; not 不过，百元…
        if line.has(start, "不过") {
            return is_han(before) && f.kind != FigureKind::Duration;
        }
        return (!line.has(start, "最高") || priced || line.has(start, "最高可达"))
            && (!line.has(start, "最低") || least);
    }
    match line.get(start) {
        '近' => {
            // 悬空近两小时: the last two hours are said otherwise
            let short = f.unit.as_deref().is_some_and(|u| {
                matches!(u, "小时" | "个小时" | "分钟" | "秒" | "钟头" | "个钟头")
            });
            // 近40年后: not the last forty
            let past = f.kind == FigureKind::Duration
                && line.get(f.end) != '后'
                && !(short && is_han(before))
                && !"时达了有隔续过长共年名位先后已越".contains(before)
                && line.take(f.end, &["过去了"]).is_none();
            // 近6轮首次不失球: the last six
            let last = !is_han(before)
                && f.unit
                    .as_deref()
                    .is_some_and(|u| matches!(u, "轮" | "场" | "届" | "战"));
            // 近两个赛季
            let seasons = line
                .take(f.end, &["赛季", "财年", "学期", "交易日"])
                .is_some();
            let past = past || last || seasons;
            !"最附靠邻临远走亲就贴抵".contains(before) && !past
        }
        '过' => {
            let counted = matches!(
                f.kind,
                FigureKind::Number
                    | FigureKind::Money
                    | FigureKind::Percent
                    | FigureKind::Fraction
                    | FigureKind::Quantity
                    | FigureKind::Age
            );
            // 进度过七成, but 度过
            let of_progress = line.take_back(start, &["进度", "程度"]).is_some();
            // 发生过三场: it has happened, and no more than that
            let occasions = matches!(f.unit.as_deref(), Some("次" | "场" | "届" | "回" | "遍"))
                && !"数量".contains(before);
            counted && !occasions && (of_progress || !"通经超越度渡走跳路不难错透受纳缴布来看去做到有得出穿跨熬历改写拍演办开用买卖换获拿打踢赢输行发派装投捐审接收唱演读教住当任加种养修建造设提说讲问谈举".contains(before))
        }
        '上' => {
            "百千万亿".contains(line.get(start + 1)) && !"以之马成线会路网身车加".contains(before)
        }
        '超' => {
            let of_these = line.take_back(start, &["其中"]).is_some();
            of_these || !"赶高反中英德".contains(before)
        }
        // 收视率破2%, 播放量三日破5亿; not 侦破3起
        '破' => {
            let large = matches!(f.value, Value::Number(n) if n >= 10_000.0);
            let measured = matches!(f.kind, FigureKind::Percent | FigureKind::Money)
                || f.kind == FigureKind::Quantity
                    && matches!(f.value, Value::Number(n) if n >= 100.0);
            // 单杆破百
            let bare = f.end == f.start + 1 && "百千万".contains(line.get(f.start));
            bare || "突首均已量房额值数".contains(before)
                || (measured || large) && !"打侦攻告爆识撕击戳".contains(before)
        }
        // 结婚快3年了; not 快3秒, 加快3年
        '快' => {
            let long = matches!(f.unit.as_deref(), Some("年" | "个月" | "岁"));
            long && !"加变更赶尽较最不很".contains(before) && line.get(f.end) != '内'
        }
        '满' if matches!(before, '刚' | '年' | '才') => false,
        '满' => {
            f.kind == FigureKind::Age
                || f.kind == FigureKind::Duration && !"圆爆充".contains(before)
        }
        '约' if before == '合' => line.before(start - 1) == '折',
        '约' => !"条签违履预节纽公契相邀续解赴".contains(before),
        _ => true,
    }
}

/// Words behind, longest first.
const BEHIND: &[(&str, Bound)] = &[
    ("(含)以上", Bound::AtLeast),
    ("及其以上", Bound::AtLeast),
    ("及以上", Bound::AtLeast),
    ("或以上", Bound::AtLeast),
    ("以上", Bound::AtLeast),
    ("(含)以下", Bound::AtMost),
    ("及以下", Bound::AtMost),
    ("或以下", Bound::AtMost),
    ("以下", Bound::AtMost),
    ("以内", Bound::AtMost),
    ("之内", Bound::AtMost),
    ("甚至更多", Bound::AtLeast),
    ("或更长", Bound::AtLeast),
    ("或更久", Bound::AtLeast),
    ("或更高", Bound::AtLeast),
    ("或更大", Bound::AtLeast),
    ("或更多", Bound::AtLeast),
    ("或更少", Bound::AtMost),
    ("或更高级别", Bound::AtLeast),
    ("还不止", Bound::MoreThan),
    ("还不到", Bound::LessThan),
    ("不止", Bound::MoreThan),
    ("不到", Bound::LessThan),
    ("左右", Bound::About),
    ("附近", Bound::About),
    ("上下", Bound::About),
    ("上方", Bound::MoreThan),
    ("下方", Bound::LessThan),
    ("有余", Bound::MoreThan),
    ("出头", Bound::MoreThan),
    ("开外", Bound::MoreThan),
    ("多一点", Bound::MoreThan),
    ("多", Bound::MoreThan),
    ("余", Bound::MoreThan),
];

/// Takes a bound behind a figure.
pub(super) fn behind(line: &Line, f: &mut Found) {
    // 50万人口以上
    let end = f.end + usize::from(f.unit.as_deref() == Some("人") && line.get(f.end) == '口');
    let at = line.skip_blank(end);
    let Some((word, bound)) = BEHIND.iter().find(|(word, _)| line.has(at, word)) else {
        return;
    };
    let end = at + word.chars().count();
    // 反弹至8万元上方; not 路面3米上方
    let priced = matches!(f.kind, FigureKind::Money | FigureKind::Percent)
        || f.kind == FigureKind::Number && matches!(f.unit.as_deref(), None | Some("点"));
    if matches!(*word, "上方" | "下方" | "附近") && !priced {
        return;
    }
    // 存款5万不到，; not 3人不到1小时
    if word.ends_with("不到") || word.ends_with("不止") {
        let next = line.get(end);
        let last = !is_han(next) && !next.is_ascii_digit() || next == '的';
        let counted = !matches!(f.kind, FigureKind::Score | FigureKind::Ordinal);
        if !last || !counted {
            return;
        }
    }
    // 两车左右并行
    if *word == "左右" && "并两逢摇手翼兼".contains(line.get(end)) {
        return;
    }
    // 出访的三天之内: while it lasted
    if matches!(*word, "以内" | "之内") && line.before(f.start) == '的' {
        return;
    }
    if matches!(*word, "多" | "余") {
        // 三年多, 5公里余; not 三个多元
        let measured = !matches!(
            f.kind,
            FigureKind::Number
                | FigureKind::Percent
                | FigureKind::Fraction
                | FigureKind::Score
                | FigureKind::Ordinal
        );
        // 滑到30%多
        let tenths = matches!(f.unit.as_deref(), Some("成" | "%"));
        if !measured && !tenths
            || f.unit.is_none()
            || "样元种个名次家年数边项地热震云阴晴雨雷雪风雾".contains(line.get(end))
        {
            return;
        }
    }
    f.end = end;
    f.bound = Some(*bound);
}
