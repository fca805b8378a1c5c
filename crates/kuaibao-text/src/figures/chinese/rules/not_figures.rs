//! Numerals that are no figure: names, terms, markers, serial numbers.

use super::super::dates;
use super::super::line::is_blank;
use super::super::numeral::{self, Style, is_numeral};
use super::{Cursor, Line, Outcome, phrases, unit_behind};
use crate::figures::units::Class;
use crate::text::chars::is_han;

pub(super) fn set_phrase(cx: &mut Cursor<'_>) -> Option<Outcome> {
    const BUILDERS: &[&str] = &["中建", "中铁", "中交", "中水", "水电"];
    let before = cx.line.before(cx.at);
    // 连跌四周
    if cx.line.has(cx.at, "四周") && "跌涨升降连续过近满足整".contains(before) {
        return None;
    }
    // 中建八局, 中铁十四局
    if let Some(number) = cx.line.take(cx.at, BUILDERS) {
        let n = numeral::read(cx.line, number)?;
        return (cx.line.get(n.end) == '局').then_some(Outcome::Skip(n.end + 1));
    }
    // 投中九记三分
    if cx.line.has(cx.at, "三分") && before == '记' {
        return Some(Outcome::Skip(cx.at + 2));
    }
    phrases::at(cx.line, cx.at, cx.free).map(Outcome::Skip)
}

/// 利奥十四世: which of those who bear the name; not 十九世纪.
pub(super) fn regnal(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let n = numeral::read(cx.line, cx.at)?;
    let is_name = cx.line.get(n.end) == '世' && !"纪代界人".contains(cx.line.get(n.end + 1));
    (is_name && n.whole(30).is_some()).then_some(Outcome::Skip(n.end + 1))
}

/// 农历八月十五: not a date of our calendar.
pub(super) fn lunar_date(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let mut end = cx.line.take(cx.at, &["农历", "阴历", "旧历"])?;
    while is_numeral(cx.line.get(end))
        || matches!(
            cx.line.get(end),
            '年' | '月' | '日' | '初' | '正' | '腊' | '冬' | '闰'
        )
    {
        end += 1;
    }
    Some(Outcome::Skip(end))
}

/// Letters glued to digits: a name, not a number.
pub(super) fn code(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let first = line.get(cx.at);
    if !first.is_ascii_alphanumeric() || super::amounts::currency_in_front(line, cx.at).is_some() {
        return None;
    }
    let mut end = cx.at;
    while line.get(end).is_ascii_alphanumeric() {
        end += 1;
    }
    if first.is_ascii_digit() {
        return numbered_name(line, cx.at, end).map(Outcome::Skip);
    }
    // GDP10%: a share of it; IP15周年, Margiela2020年
    if let Some(digits) = (cx.at + 2..end).find(|i| line.get(*i).is_ascii_digit())
        && numeral::read(line, digits).is_some_and(|n| {
            line.take(n.end, &["%", "周年"]).is_some() || n.digits == 4 && line.get(n.end) == '年'
        })
    {
        return Some(Outcome::Skip(digits));
    }
    // B-52, COVID-19, PM2.5, www.example.cn/2025
    let mut glued = end;
    while line.get(glued).is_ascii_alphanumeric()
        || matches!(
            line.get(glued),
            '-' | '.' | '_' | '/' | '@' | ':' | '—' | '~'
        ) && line.get(glued + 1).is_ascii_alphanumeric()
            && !(line.get(glued) == ':' && dates::read_at(line, glued + 1, cx.carry))
            // CI:1.10
            && (line.get(glued) != ':' || glued > end || !line.get(glued + 1).is_ascii_digit())
    {
        glued += 1;
    }
    if let Some(end) = standard(line, cx.at, glued) {
        return Some(Outcome::Skip(end));
    }
    // iPhone 15: a number behind a word in letters is part of the name, unless it counts something
    if glued == end
        && is_blank(line.get(end))
        && line.get(end + 1).is_ascii_digit()
        && let Some(n) = numeral::read(line, end + 1)
        && !n.scaled
        && n.decimals == 0
        && unit_behind::of(line, n.end, &n).is_none()
        && !matches!(line.get(line.skip_blank(n.end)), '年' | '月' | '日' | '/')
    {
        glued = n.end;
    }
    Some(Outcome::Skip(glued))
}

/// Index behind a name that begins with the digits at `at`, whose letters and digits end at `end`: 5G, 2019-nCoV,
/// 18650型, 328航班.
fn numbered_name(line: &Line, at: usize, end: usize) -> Option<usize> {
    if let Some(letters) = (at..end).find(|i| line.get(*i).is_ascii_alphabetic()) {
        // 2026NBA: a year, and a name
        let year = numeral::read(line, at).and_then(|n| n.whole(2039));
        let dated = letters == at + 4 && year.is_some_and(|y| y >= 1990);
        if dated && line.get(letters).is_ascii_uppercase() && end > letters + 1 {
            return None;
        }
        let unit = unit_behind::at(line, letters).is_some_and(|unit| unit.end >= end);
        return (!unit).then_some(end);
    }
    if line.before(at).is_ascii_digit() || line.before(at) == '.' {
        return None;
    }
    if line.get(end) == '-' && line.get(end + 1).is_ascii_alphabetic() {
        return Some(end + 1);
    }
    line.take(end, &["航班", "班机", "型", "不锈钢"])
        .filter(|_| end > at + 1 || line.get(end) == '型')
}

/// Index behind the number of a standard whose letters end at `end`: GB/T 2312—1980, SJ/T 11364, ISO 9001.
fn standard(line: &Line, start: usize, end: usize) -> Option<usize> {
    const BODIES: &[&str] = &["GB", "SJ", "YD", "JB", "DB", "QB", "ISO", "IEC", "IEEE"];
    let lettered = (start..end).all(|i| line.get(i).is_ascii_uppercase() || line.get(i) == '/');
    if !lettered || line.take(start, BODIES).is_none() || !is_blank(line.get(end)) {
        return None;
    }
    let digits = |from: usize| {
        let run = (from..).take_while(|i| line.get(*i).is_ascii_digit() || line.get(*i) == '.');
        from + run.count()
    };
    let number = digits(end + 1);
    if number == end + 1 {
        return None;
    }
    let year = line.take(number, &["—", "-", "一"]).map(digits);
    Some(year.unwrap_or(number))
}

/// 国发〔2013〕23号: the number of a document.
pub(super) fn document(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let year = numeral::read(line, cx.at + 1).filter(|n| n.digits == 4)?;
    let number = line.take(year.end, &["〕", ")", "]"])?;
    let number = line.take(number, &["第"]).unwrap_or(number);
    let n = numeral::read(line, number).filter(|n| n.style == Style::Arabic)?;
    (line.get(n.end) == '号').then_some(Outcome::Skip(n.end + 1))
}

/// 1. 1、 (1) （一） 一、 第一， at the head of a clause.
pub(super) fn list_marker(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let before = line.before(line.skip_blank_back(cx.at));
    let head = matches!(
        before,
        '\0' | '。' | '；' | ';' | '：' | ':' | '\n' | '！' | '？' | '•' | '·' | '#' | '”'
    );
    if !head {
        return None;
    }
    let open = line.get(cx.at) == '(';
    // 第三，…: the third point of several
    let point = line
        .take(cx.at, &["第"])
        .and_then(|at| numeral::read(line, at));
    if let Some(n) = point {
        let pointed = n.style == Style::Written && matches!(line.get(n.end), '，' | '、' | ':');
        return (pointed && n.whole(20).is_some()).then_some(Outcome::Skip(n.end + 1));
    }
    let n = numeral::read(line, cx.at + usize::from(open))?;
    // 3.1976年, 2.3月31号: the point is the marker's
    let dated = matches!((n.decimals, line.get(n.end)), (4, '年') | (1 | 2, '月'));
    if !open && n.style == Style::Arabic && n.digits == 1 && dated {
        return Some(Outcome::Skip(cx.at + 2));
    }
    n.whole(99)?;
    let marker = match line.get(n.end) {
        ')' => true,
        _ if open => false,
        '.' => n.style == Style::Arabic && !line.get(n.end + 1).is_ascii_digit(),
        '。' => n.style == Style::Arabic && before == '\0',
        // 2，如果…, 5请勿…
        '，' => n.style == Style::Arabic && n.decimals == 0,
        // 2,朝鲜
        ',' => n.style == Style::Arabic && is_han(line.get(n.end + 1)),
        _ if n.style == Style::Arabic && line.take(n.end, INSTRUCTIONS).is_some() => {
            return Some(Outcome::Skip(n.end));
        }
        // 2一块黑板: the number of a line, grown together with what cannot be counted
        next if before == '\0' && n.style == Style::Arabic && UNCOUNTED.contains(next) => {
            return (n.bound.is_none() && n.decimals == 0).then_some(Outcome::Skip(n.end));
        }
        '、' => {
            // 三、四月 and 3、4号 are lists of what they count
            let counted = numeral::read(line, n.end + 1).is_some_and(|m| {
                m.style == n.style
                    && (unit_behind::of(line, m.end, &m).is_some()
                        || matches!(line.get(m.end), '、' | '月' | '日' | '年'))
            });
            !counted
        }
        _ => false,
    };
    marker.then_some(Outcome::Skip(n.end + 1))
}

/// Characters of grammar, which no thing begins with that is counted.
const UNCOUNTED: &str = "是一在我你他她它这那有的把被从由因如若当但而也都还就又其之";

/// What the points of a manual begin with; nothing that is counted does.
const INSTRUCTIONS: &[&str] = &[
    "请",
    "不",
    "如果",
    "必须",
    "应当",
    "严禁",
    "禁止",
    "使用",
    "长时间",
    "未经",
    "因",
    "由于",
    "自您",
];

/// Words whose number is a label.
const LABELS: &[&str] = &[
    "电话",
    "热线",
    "手机",
    "传真",
    "邮编",
    "邮政编码",
    "微信",
    "微信号",
    "QQ",
    "编号",
    "证号",
    "车牌",
    "车牌号",
    "账号",
    "警号",
    "卡号",
    "刊号",
    "统一刊号",
    "代号",
    "邮发代号",
    "图",
    "图片",
    "表",
    "附件",
    "附表",
    "附图",
    "密码",
    "验证码",
    "股票代码",
    "代码",
    "文号",
    "案号",
    "页码",
    "尾号",
    "门牌号",
    "房号",
    "批号",
    "学号",
    "座位号",
    "准考证号",
    "拨打",
    "转",
    "见",
];

/// Telephone, serial and page numbers, versions.
pub(super) fn serial(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    if !line.get(cx.at).is_ascii_digit() {
        return page_number(line, cx.at);
    }
    let mut end = cx.at;
    let mut dashes = 0;
    // 拨打021 644 83 46
    let front = line.skip_blank_back(cx.at);
    let called = ["拨打", "电话", "热线", "专线", "致电"];
    // 0800 555 111
    let grouped = line.get(cx.at) == '0' && line.get(cx.at + 1).is_ascii_digit();
    let called = line.take_back(front, &called).is_some() || grouped;
    loop {
        let c = line.get(end);
        let joins = matches!(c, '-' | '—') || is_blank(c) && called;
        if joins && line.get(end + 1).is_ascii_digit() {
            dashes += 1;
        } else if !c.is_ascii_digit() {
            break;
        }
        end += 1;
    }
    let digits = end - cx.at - dashes;
    let behind = line.skip_blank(end);
    let next = line.get(behind);
    let counted = unit_behind::at(line, behind).is_some() || "万亿多余年月%.,".contains(next);
    // 600519.SH, （股票代码600519）, (000858)
    let listed = line.take(end, &[".SH", ".SZ", ".HK", ".BJ"]);
    let bracketed = line.before(cx.at) == '(' && line.get(end) == ')' && dashes == 0;
    if digits >= 4 && (listed.is_some() || bracketed && digits == 6) {
        return Some(Outcome::Skip(listed.unwrap_or(end)));
    }
    // 600519收报1455元
    let quoted = [
        "收报", "收盘", "收于", "收涨", "收跌", "涨停", "跌停", "开盘",
    ];
    if digits == 6 && dashes == 0 && line.take(end, &quoted).is_some() {
        return Some(Outcome::Skip(end));
    }
    // 96119咨询, 12315投诉
    let dialled = ["热线", "专线", "咨询", "投诉", "举报", "报警"];
    if (5..=6).contains(&digits) && dashes == 0 && line.take(end, &dialled).is_some() {
        return Some(Outcome::Skip(end));
    }
    // 988自杀与危机热线
    let manned = || {
        let mut name = (end..end + 9).take_while(|k| is_han(line.get(*k)));
        name.any(|k| line.take(k, &["热线", "专线"]).is_some())
    };
    if (3..=6).contains(&digits) && dashes == 0 && !counted && manned() {
        return Some(Outcome::Skip(end));
    }
    // 360公司, 58集团: a number in a company's name
    let company = line
        .take(end, &["公司", "集团", "股份", "科技", "数科", "金融"])
        .is_some();
    if company && digits <= 4 && dashes == 0 && !is_han(line.before(cx.at)) {
        return Some(Outcome::Skip(end));
    }
    let zero = line.get(cx.at) == '0' && digits > 2 && line.get(cx.at + 1).is_ascii_digit();
    let long = digits >= if dashes > 0 && !called { 10 } else { 7 } && !counted;
    if long || digits > 15 || zero && dashes > 0 {
        return Some(Outcome::Skip(end));
    }
    if let Some(end) = version(cx) {
        return Some(Outcome::Skip(end));
    }
    // 见图1.1
    let sectioned = line.get(end) == '.' && line.get(end + 1).is_ascii_digit();
    if sectioned
        && line
            .take_back(front, &["图", "表", "附图", "附表"])
            .is_some()
    {
        return numeral::read(line, cx.at).map(|n| Outcome::Skip(n.end));
    }
    // 图1, 电话：6789
    let front = line
        .take_back(front, &[":", "号", "码", "是", "为"])
        .unwrap_or(front);
    let labelled =
        line.take_back(front, LABELS).is_some() || line.take_back(cx.at, LABELS).is_some();
    if labelled && !counted && !"/至到~".contains(line.get(end)) {
        return Some(Outcome::Skip(end));
    }
    page_number(line, cx.at)
}

/// 1.2.3, which is no date.
fn version(cx: &Cursor<'_>) -> Option<usize> {
    let line = cx.line;
    let mut dots = 0;
    let mut at = cx.at;
    while line.get(at).is_ascii_digit() || line.get(at) == '.' && line.get(at + 1).is_ascii_digit()
    {
        dots += usize::from(line.get(at) == '.');
        at += 1;
    }
    (dots >= 2 && !dates::read_at(line, cx.at, cx.carry)).then_some(at)
}

/// So many numbers a list of pages or generations has at most.
const LIST: usize = 12;

/// 第3版, 转四版, 第1、3版.
fn page_number(line: &Line, at: usize) -> Option<Outcome> {
    let start = line.take(at, &["第"]).unwrap_or(at);
    let n = numeral::read(line, start)?;
    n.whole(200)?;
    let mut end = line.skip_blank(n.end);
    let mut more = 0;
    while matches!(line.get(end), '、' | '-' | '—')
        && more < LIST
        && let Some(m) = numeral::read(line, end + 1)
    {
        more += 1;
        end = m.end;
    }
    let page = line.get(end) == '版'
        && !matches!(
            line.get(end + 1),
            '本' | '权' | '块' | '图' | '面' | '税' | '指' | '诊' | '教' | '《'
        );
    page.then_some(Outcome::Skip(end + 1))
}

/// 90后, 80、90后, 00后: who was born then.
pub(super) fn generation(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let mut at = cx.at;
    for _ in 0..LIST {
        let n = numeral::read(line, at)?;
        let two = n.digits == 2 || n.style == Style::Written && n.scaled && n.low < 100.0;
        if !two || n.low % 5.0 != 0.0 || n.bound.is_some() {
            return None;
        }
        match line.get(n.end) {
            '后' => {
                let born = !matches!(
                    line.get(n.end + 1),
                    '来' | '面' | '方' | '期' | '续' | '备' | '卫'
                );
                return born.then_some(Outcome::Skip(n.end + 1));
            }
            '、' | '/' => at = n.end + 1,
            _ => return None,
        }
    }
    None
}

/// Quotation marks and how many glyphs a name in them has at most.
const QUOTES: &[(char, char, usize)] = &[
    ('“', '”', 12),
    ('「', '」', 12),
    ('‘', '’', 12),
    ('『', '』', 12),
    ('《', '》', 40),
];

/// Short words in quotation marks name something; a measured amount in them is still a figure.
pub(super) fn quoted_term(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let (_, close, most) = *QUOTES.iter().find(|q| q.0 == line.get(cx.at))?;
    let inside = cx.at + 1;
    let end = (inside..=inside + most).find(|i| line.get(*i) == close)?;
    let title = close == '》';
    let clause = (inside..end).any(|i| "，。！？；,：".contains(line.get(i)));
    if clause && !title {
        return None;
    }
    let mut at = inside;
    while at < end {
        let Some(n) = numeral::read(line, at) else {
            at += 1;
            continue;
        };
        let plain = n.style != Style::Written;
        let measured = unit_behind::of(line, n.end, &n).is_some_and(|u| match u.unit.class {
            Class::Money(..)
            | Class::Percent(..)
            | Class::Points(..)
            | Class::Measure(..)
            | Class::Age => plain || n.scaled,
            // “8亿件衬衫”, “数千人”, “七连胜”
            Class::Count(..) => plain && n.scaled || n.low != n.high || u.unit.zh.starts_with('连'),
            Class::Span(..) => plain,
            // “第二届干细胞研讨会”
            Class::Rank(_) => u.unit.zh == "届" && line.before(at) == '第',
            _ => false,
        });
        // “400余万”
        let whole = at == inside && n.end == end && plain && n.scaled;
        let measured = measured || whole;
        let year = n.digits == 4 && n.whole(2099).is_some_and(|y| y >= 1900);
        if measured && !title || year && plain {
            return None;
        }
        at = n.end.max(at + 1);
    }
    Some(Outcome::Skip(end + 1))
}
