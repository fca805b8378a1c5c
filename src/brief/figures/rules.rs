//! The grammar: a table of rules, tried in order wherever a figure may begin.

use super::calendar::{Fine, Partial};
use super::dates::{self, Carry, Said, Until};
use super::line::{Line, is_blank};
use super::numeral::{self, Numeral, Style};
use super::units::{self, Class, Dimension, Unit};
use super::{Bound, Figure, Kind, Value, phrases, render};

/// What a rule makes of the text at its position.
enum Outcome {
    Figure(Found),
    /// Numerals that are no figure: go on behind them.
    Skip(usize),
}

/// A figure in glyph positions.
pub(super) struct Found {
    /// Before the numeral, where a rule takes words in front of it.
    start: usize,
    end: usize,
    kind: Kind,
    value: Value,
    unit: Option<String>,
    currency: Option<&'static str>,
    bound: Option<Bound>,
    en: String,
    said: Vec<Said>,
    measure: Option<(Dimension, f64)>,
}

/// One rule of the grammar.
struct Rule {
    /// What it reads, for whoever reads the table.
    #[expect(dead_code, reason = "names the rule in the table")]
    name: &'static str,
    read: fn(&mut Cursor<'_>) -> Option<Outcome>,
}

/// The rules in the order they are tried: what is no figure first, then the longer form before the
/// shorter one that it contains.
static RULES: &[Rule] = &[
    Rule {
        name: "set phrase: 一带一路, 三亚",
        read: set_phrase,
    },
    Rule {
        name: "code: 5G, B-52, PM2.5",
        read: code,
    },
    Rule {
        name: "five-year plan: “十五五”",
        read: plan,
    },
    Rule {
        name: "term in quotation marks: “三大差距”, “4+1”",
        read: quoted_term,
    },
    Rule {
        name: "list marker: 1. （二） 三、",
        read: list_marker,
    },
    Rule {
        name: "telephone, serial and page numbers",
        read: serial,
    },
    Rule {
        name: "score: 3比1, 21:18",
        read: score,
    },
    Rule {
        name: "date and time of day",
        read: date,
    },
    Rule {
        name: "fraction: 三分之二, 百分之五, 1/3, 一半",
        read: fraction,
    },
    Rule {
        name: "doubling: 翻一番",
        read: doubling,
    },
    Rule {
        name: "ordinal: 第十四届, 十五届",
        read: ordinal,
    },
    Rule {
        name: "money with its sign in front: US$5亿",
        read: money,
    },
    Rule {
        name: "half of a unit: 半年",
        read: half,
    },
    Rule {
        name: "number with its unit",
        read: amount,
    },
];

/// The reading position.
struct Cursor<'a> {
    line: &'a Line,
    at: usize,
    /// End of the figure before: what stands before it is taken.
    free: usize,
    carry: &'a mut Carry,
}

/// The figures of `text`.
pub(super) fn read(text: &str, carry: &mut Carry) -> Vec<Figure> {
    let line = Line::new(text);
    let mut figures = Vec::new();
    let mut cx = Cursor {
        line: &line,
        at: 0,
        free: 0,
        carry,
    };
    while cx.at < line.len() {
        let c = line.get(cx.at);
        if matches!(c, '。' | '！' | '？' | '!' | '?') {
            cx.carry.end_sentence();
        }
        if !may_begin(c) {
            cx.at += 1;
            continue;
        }
        let outcome = RULES.iter().find_map(|rule| (rule.read)(&mut cx));
        match outcome {
            Some(Outcome::Figure(mut found)) => {
                bound_in_front(&line, cx.free, &mut found);
                cx.at = found.end;
                cx.free = found.end;
                figures.push(found.into_figure(&line));
            }
            Some(Outcome::Skip(end)) => {
                cx.at = end;
                cx.free = end;
            }
            None => cx.at = behind_numeral(&line, cx.at),
        }
    }
    figures
}

/// Characters that a rule may begin with.
fn may_begin(c: char) -> bool {
    c.is_ascii_alphanumeric()
        || matches!(
            c,
            '零' | '〇'
                | '一'
                | '二'
                | '两'
                | '三'
                | '四'
                | '五'
                | '六'
                | '七'
                | '八'
                | '九'
                | '十'
                | '百'
                | '千'
                | '万'
                | '亿'
                | '廿'
                | '卅'
                | '数'
                | '几'
                | '半'
                | '第'
                | '翻'
                | '负'
                | '-'
                | '壹'
                | '贰'
                | '叁'
                | '肆'
                | '伍'
                | '陆'
                | '柒'
                | '捌'
                | '玖'
                | '拾'
                | '佰'
                | '仟'
                | '今'
                | '去'
                | '明'
                | '前'
                | '后'
                | '上'
                | '下'
                | '本'
                | '昨'
                | '大'
                | '这'
                | '周'
                | '星'
                | '礼'
                | '年'
                | '公'
                | '凌'
                | '清'
                | '早'
                | '傍'
                | '晚'
                | '夜'
                | '午'
                | '深'
                | '中'
                | '黎'
                | '正'
                | '“'
                | '「'
                | '《'
                | '‘'
                | '『'
                | '$'
                | '¥'
                | '￥'
                | '€'
                | '£'
                | '人'
                | '('
                | '统'
                | '唯'
                | '专'
                | '单'
                | '同'
                | '之'
                | '逐'
                | '合'
                | '不'
                | '划'
                | '如'
                | '归'
                | '定'
                | '独'
                | '说'
                | '接'
                | '朝'
                | '颠'
                | '丢'
                | '低'
                | '推'
                | '张'
                | '隔'
                | '杂'
                | '乱'
                | '横'
                | '举'
                | '挂'
                | '以'
                | '闻'
                | '退'
                | '入'
                | '约'
                | '岁'
                | '火'
                | '事'
                | '狡'
                | '垂'
                | '文'
                | '家'
                | '名'
                | '学'
                | '过'
                | '吆'
                | '眼'
                | '才'
                | '胡'
                | '威'
                | '首'
                | '成'
                | '其'
                | '双'
                | '动'
                | '凋'
                | '飘'
                | '略'
                | '狗'
        )
}

/// Goes on behind a numeral that no rule took, so that nothing begins inside it.
fn behind_numeral(line: &Line, at: usize) -> usize {
    let c = line.get(at);
    let numeral = c.is_ascii_digit() || numeral::digit(c).is_some() || "十百千万亿廿卅".contains(c);
    if !numeral {
        return at + 1;
    }
    let mut end = numeral::read(line, at).map_or(at + 1, |n| n.end.max(at + 1));
    while line.get(at).is_ascii_digit()
        && (line.get(end).is_ascii_digit()
            || line.get(end) == '.' && line.get(end + 1).is_ascii_digit())
    {
        end += 1;
    }
    end
}

impl Found {
    fn new(start: usize, end: usize, kind: Kind, value: Value) -> Self {
        Self {
            start,
            end,
            kind,
            value,
            unit: None,
            currency: None,
            bound: None,
            en: String::new(),
            said: Vec::new(),
            measure: None,
        }
    }

    fn into_figure(self, line: &Line) -> Figure {
        let en = render::with_bound(&self.en, self.bound, self.kind);
        Figure {
            range: line.bytes(self.start..self.end),
            kind: self.kind,
            value: self.value,
            unit: self.unit,
            currency: self.currency,
            bound: self.bound,
            en,
            said: self.said,
            measure: self.measure,
        }
    }
}

// ---------------------------------------------------------------- what is no figure

fn set_phrase(cx: &mut Cursor<'_>) -> Option<Outcome> {
    phrases::at(cx.line, cx.at).map(Outcome::Skip)
}

/// Units that may stand behind digits in ASCII letters.
const ASCII_UNITS: &[&str] = &[
    "km/h", "km", "KM", "cm", "mm", "nm", "kg", "mg", "ml", "GHz", "GB", "TB", "MB", "m", "g",
];
const CURRENCY_LETTERS: &[(&str, &str)] = &[
    ("RMB", "CNY"),
    ("CNY", "CNY"),
    ("US$", "USD"),
    ("USD", "USD"),
    ("HK$", "HKD"),
    ("HKD", "HKD"),
    ("NT$", "TWD"),
    ("A$", "AUD"),
    ("EUR", "EUR"),
    ("GBP", "GBP"),
    ("JPY", "JPY"),
];

/// Letters glued to digits: a name, not a number.
fn code(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let first = line.get(cx.at);
    if !first.is_ascii_alphanumeric() {
        return None;
    }
    if CURRENCY_LETTERS.iter().any(|(w, _)| line.has(cx.at, w)) {
        return None;
    }
    let mut end = cx.at;
    while line.get(end).is_ascii_alphanumeric() {
        end += 1;
    }
    if first.is_ascii_digit() {
        let letters = (cx.at..end).find(|i| line.get(*i).is_ascii_alphabetic())?;
        let unit = line.take(letters, ASCII_UNITS).is_some_and(|e| e >= end);
        return (!unit).then_some(Outcome::Skip(end));
    }
    // Words, then what hangs on them: B-52, COVID-19, PM2.5, www.example.cn/2025, iPhone 15
    let mut glued = end;
    while line.get(glued).is_ascii_alphanumeric()
        || matches!(line.get(glued), '-' | '.' | '_' | '/' | '@' | ':' | '—')
            && line.get(glued + 1).is_ascii_alphanumeric()
            && !(line.get(glued) == ':' && end - cx.at > 6)
    {
        glued += 1;
    }
    if glued == end && is_blank(line.get(end)) && line.get(end + 1).is_ascii_digit() {
        let n = numeral::read(line, end + 1);
        if let Some(n) = n
            && !n.scaled
            && n.decimals == 0
            && find_unit(line, n.end, &n).is_none()
            && !matches!(line.get(line.skip_blank(n.end)), '年' | '月' | '日' | '/')
        {
            glued = n.end;
        }
    }
    Some(Outcome::Skip(glued))
}

/// 1. 1、 (1) （一） 一、 at the head of a clause; ①.
fn list_marker(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let before = line.before(line.skip_blank_back(cx.at));
    let head = matches!(
        before,
        '\0' | '。' | '；' | ';' | '：' | ':' | '\n' | '！' | '？' | '•' | '·' | '#'
    );
    if line.get(cx.at) == '(' {
        let n = numeral::read(line, cx.at + 1)?;
        let marker = head && line.get(n.end) == ')' && n.whole(99).is_some();
        return marker.then_some(Outcome::Skip(n.end + 1));
    }
    let n = numeral::read(line, cx.at)?;
    n.whole(99)?;
    let marker = match line.get(n.end) {
        '.' => head && !line.get(n.end + 1).is_ascii_digit() && n.style == Style::Arabic,
        '、' => {
            let list = numeral::read(line, n.end + 1).is_some_and(|m| {
                m.style == n.style && find_unit(line, m.end, &m).is_some()
                    || line.get(m.end) == '、'
            });
            head && !list
        }
        ')' => head || before == '(' && line.before(cx.at - 1) == '\0',
        _ => false,
    };
    marker.then_some(Outcome::Skip(n.end + 1))
}

/// Words that a number behind them labels.
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
    "转",
    "见",
];

fn serial(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    if !line.get(cx.at).is_ascii_digit() {
        // 下转第三版, 第3版, 三版
        return page_number(line, cx.at);
    }
    let mut end = cx.at;
    let mut dashes = 0;
    while line.get(end).is_ascii_digit()
        || matches!(line.get(end), '-' | '—')
            && line.get(end + 1).is_ascii_digit()
            && line.get(end - 1).is_ascii_digit()
    {
        dashes += usize::from(!line.get(end).is_ascii_digit());
        end += 1;
    }
    let run = end - cx.at;
    let digits = run - dashes;
    let behind = line.skip_blank(end);
    let counted = find_unit_at(line, behind).is_some()
        || matches!(
            line.get(behind),
            '万' | '亿' | '多' | '余' | '年' | '月' | '%' | '.' | ','
        );
    let leading_zero = line.get(cx.at) == '0' && digits > 2 && line.get(cx.at + 1).is_ascii_digit();
    let dashed = dashes > 0 && digits >= 10 && !counted;
    let long =
        dashes == 0 && digits >= 7 && !counted && line.get(end) != '.' && line.get(end) != ',';
    if dashed || long || digits > 15 || leading_zero && dashes > 0 {
        return Some(Outcome::Skip(end));
    }
    // A version or an address: 1.2.3
    let mut dots = 0;
    let mut at = cx.at;
    while line.get(at).is_ascii_digit() || line.get(at) == '.' && line.get(at + 1).is_ascii_digit()
    {
        dots += usize::from(line.get(at) == '.');
        at += 1;
    }
    if dots >= 2 && dates::read(line, cx.at, &mut cx.carry.clone()).is_none() {
        return Some(Outcome::Skip(at));
    }
    // 图1, 电话：6789; but 图2年 …
    let front = line.skip_blank_back(cx.at);
    let front = line
        .take_back(front, &["：", ":", "号", "码", "是", "为"])
        .unwrap_or(front);
    let labelled =
        line.take_back(front, LABELS).is_some() || line.take_back(cx.at, LABELS).is_some();
    if labelled && !counted && line.get(end) != '/' {
        return Some(Outcome::Skip(end));
    }
    page_number(line, cx.at)
}

/// 第3版, A12版, 转四版; not 3版 of a book's editions, which has 第 and 次.
fn page_number(line: &Line, at: usize) -> Option<Outcome> {
    let start = line.take(at, &["第"]).unwrap_or(at);
    let n = numeral::read(line, start)?;
    n.whole(200)?;
    let mut end = line.skip_blank(n.end);
    // 第1、3版
    while matches!(line.get(end), '、' | '-' | '—')
        && let Some(m) = numeral::read(line, end + 1)
    {
        end = m.end;
    }
    let page = line.get(end) == '版'
        && !matches!(line.get(end + 1), '本' | '权' | '块' | '图' | '面' | '税');
    page.then_some(Outcome::Skip(end + 1))
}

/// “十五五”, “十四五”规划, 十三五时期: the Nth five-year plan.
///
/// The first ran from 1953; the sixth (1981–1985) and all since run five years each.
fn plan(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let open = line.take(cx.at, &["“", "「", "‘", "《"]);
    let start = open.unwrap_or(cx.at);
    let (number, end) = plan_number(line, start)?;
    let named = match open {
        Some(_) => {
            matches!(line.get(end), '”' | '」' | '’' | '"')
                || line
                    .take(end, &["规划", "时期", "期间", "末", "初"])
                    .is_some()
        }
        None => line
            .take(
                end,
                &[
                    "规划", "时期", "期间", "末", "初", "以来", "开局", "收官", "计划",
                ],
            )
            .is_some(),
    };
    if !named || number < 6 {
        return None;
    }
    let first = 1981 + (number as i32 - 6) * 5;
    let end = if open.is_some() && matches!(line.get(end), '”' | '」' | '’' | '"') {
        end + 1
    } else {
        end
    };
    let mut f = Found::new(
        cx.at,
        end,
        Kind::Date,
        Value::Date(format!("{first}/{}", first + 4)),
    );
    f.en = format!(
        "the {} Five-Year Plan period ({first}-{})",
        render::ordinal(u64::from(number)),
        first + 4
    );
    f.said = vec![Said::Word];
    Some(Outcome::Figure(f))
}

fn plan_number(line: &Line, i: usize) -> Option<(u32, usize)> {
    // 十五 → 15th; 七五 → 7th
    let d = |at| numeral::digit(line.get(at)).filter(|d| *d > 0);
    if line.get(i) == '十' {
        let n = d(i + 1)?;
        return (line.get(i + 2) == '五').then_some((10 + n, i + 3));
    }
    let n = d(i)?;
    (n >= 6 && line.get(i + 1) == '五').then_some((n, i + 2))
}

/// Short words in quotation marks name something; a measured amount in them is still a figure.
fn quoted_term(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let (close, most) = match line.get(cx.at) {
        '“' => ('”', 12),
        '「' => ('」', 12),
        '‘' => ('’', 12),
        '『' => ('』', 12),
        '《' => ('》', 40),
        _ => return None,
    };
    let inside = cx.at + 1;
    let length = (0..=most).find(|k| line.get(inside + k) == close)?;
    let end = inside + length;
    let title = close == '》';
    let pausing =
        (inside..end).any(|i| matches!(line.get(i), '，' | '。' | '！' | '？' | '；' | ',' | '：'));
    if pausing && !title {
        return None;
    }
    let mut at = inside;
    while at < end {
        if let Some(n) = may_begin(line.get(at))
            .then(|| numeral::read(line, at))
            .flatten()
        {
            let unit = find_unit(line, n.end, &n);
            let measured = unit.as_ref().is_some_and(|u| {
                matches!(
                    u.unit.class,
                    Class::Money(..) | Class::Percent(..) | Class::Measure(..) | Class::Age
                ) || matches!(u.unit.class, Class::Span(..)) && n.style == Style::Arabic
            });
            let dated = n.digits == 4 && (1900..2100).contains(&n.whole(2999).unwrap_or(0));
            if n.style != Style::Written && (measured && !title || dated)
                || measured && !title && n.scaled
            {
                return None;
            }
            at = n.end.max(at + 1);
        } else {
            at += 1;
        }
    }
    Some(Outcome::Skip(end + 1))
}

// ---------------------------------------------------------------- figures

fn date(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let d = dates::read(cx.line, cx.at, cx.carry)?;
    let (value, en) = match d.until {
        None => (d.start.to_string(), render::date(&d.start)),
        Some(Until::Interval(to)) => (format!("{}/{to}", d.start), render::interval(&d.start, &to)),
        Some(Until::Also(also)) => (
            format!("{{{},{also}}}", d.start),
            render::both(&d.start, &also),
        ),
    };
    let mut f = Found::new(cx.at, d.end, Kind::Date, Value::Date(value));
    let unresolved = d.start.fine != Fine::Time
        && d.start
            == Partial {
                fine: d.start.fine,
                about: d.start.about,
                ..Partial::default()
            };
    f.en = if unresolved {
        render::word(cx.line.glyphs().get(cx.at..d.end).unwrap_or(&[])).unwrap_or(en)
    } else {
        en
    };
    f.said = d.said;
    Some(Outcome::Figure(f))
}

/// 三分之二, 百分之五点三, 千分之三, 1/3, 一半, 过半.
fn fraction(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    if let Some(end) = line.take(cx.at, &["百分百"]) {
        let mut f = Found::new(cx.at, end, Kind::Percent, Value::Number(100.0));
        f.en = "100%".to_owned();
        f.unit = Some("%".to_owned());
        return Some(Outcome::Figure(f));
    }
    if let Some(end) = line.take(cx.at, &["一半", "半数"]) {
        let mut f = Found::new(cx.at, end, Kind::Fraction, Value::Number(0.5));
        f.en = "half".to_owned();
        return Some(Outcome::Figure(f));
    }
    let (sign, at) = sign(line, cx.at, cx.free);
    let below = numeral::read(line, at)?;
    if line.has(below.end, "分之") {
        let above = numeral::read(line, below.end + 2)?;
        let base = below.exact().filter(|b| *b > 0.0)?;
        let (low, high) = (sign * above.low, sign * above.high);
        let percent = if base == 100.0 {
            Some(1.0)
        } else if base >= 1000.0 {
            Some(100.0 / base)
        } else {
            None
        };
        let mut end = above.end;
        let Some(scale) = percent else {
            let mut f = Found::new(
                cx.at,
                end,
                Kind::Fraction,
                value_of(low / base, high / base),
            );
            f.en = render::fraction(above.low, base);
            f.bound = above.bound;
            bound_behind(line, &mut f);
            return Some(Outcome::Figure(f));
        };
        let (mut low, mut high) = (low * scale, high * scale);
        // 百分之十到十五
        if let Some(next) = dates::connector(line, end) {
            let from = if line.get(next) == '百' && line.has(next, "百分之") {
                next + 3
            } else {
                next
            };
            if let Some(m) = numeral::read(line, from)
                && m.low * scale > low
                && find_unit(line, m.end, &m).is_none()
            {
                high = m.high * scale;
                low = low.min(high);
                end = m.end;
            }
        }
        let mut f = Found::new(cx.at, end, Kind::Percent, value_of(low, high));
        f.en = render::percent(low, high, "%");
        f.unit = Some("%".to_owned());
        f.bound = above.bound;
        bound_behind(line, &mut f);
        return Some(Outcome::Figure(f));
    }
    // 1/3; not 7/24 of a date with a year, which the date rule has taken
    if line.get(below.end) == '/' && below.style == Style::Arabic {
        let base = numeral::read(line, below.end + 1)?;
        let (a, b) = (below.whole(99)?, base.whole(1000)?);
        if a == 0
            || a >= b
            || !line.get(below.end + 1).is_ascii_digit()
            || line.get(base.end) == '/'
        {
            return None;
        }
        let mut f = Found::new(
            cx.at,
            base.end,
            Kind::Fraction,
            Value::Number(f64::from(a) / f64::from(b)),
        );
        f.en = render::fraction(f64::from(a), f64::from(b));
        bound_behind(line, &mut f);
        return Some(Outcome::Figure(f));
    }
    None
}

/// 翻一番, 翻了两番, 翻番: each 番 doubles.
fn doubling(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    if line.get(cx.at) != '翻' {
        return None;
    }
    let at = line.take(cx.at + 1, &["了"]).unwrap_or(cx.at + 1);
    let (times, end) = match numeral::read(line, at) {
        Some(n) => (n.whole(20)?, n.end),
        None => (1, at),
    };
    if line.get(end) == '倍' && times > 0 {
        let mut f = Found::new(
            cx.at,
            end + 1,
            Kind::Multiple,
            Value::Number(f64::from(times)),
        );
        f.unit = Some("倍".to_owned());
        f.en = render::times(f64::from(times), f64::from(times));
        return Some(Outcome::Figure(f));
    }
    if line.get(end) != '番' {
        return None;
    }
    let factor = 2f64.powi(times as i32);
    let mut f = Found::new(cx.at, end + 1, Kind::Multiple, Value::Number(factor));
    f.unit = Some("番".to_owned());
    f.en = match times {
        1 => "double".to_owned(),
        2 => "quadruple (double twice)".to_owned(),
        _ => format!("{factor}-fold (double {times} times)"),
    };
    Some(Outcome::Figure(f))
}

/// Ranks that are numbered without 第 as well.
const RANKS_WITHOUT_DI: &[&str] = &["届", "期", "级", "楼", "等奖", "年级"];

fn ordinal(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let start = line.take(cx.at, &["第"]);
    let n = numeral::read(line, line.skip_blank(start.unwrap_or(cx.at)))?;
    let value = n.exact().filter(|v| v.fract() == 0.0 && *v >= 1.0)?;
    if n.bound.is_some() || n.style == Style::Arabic && n.leading_zero && n.digits > 3 {
        return None;
    }
    let unit = find_unit_at(line, line.skip_blank(n.end));
    let (end, noun, unit) = if start.is_some() {
        if line.get(n.end) == '季' && line.get(n.end + 1) == '度' {
            return None;
        }
        // 第二十条, 第三方: articles and parties are numbered, but are labels all the same.
        let unit = unit.filter(|u| !is_word_continued(line, u.end, u.unit.zh));
        let noun = unit.as_ref().map_or("", |u| match u.unit.class {
            Class::Rank(noun) => noun,
            Class::Count(one, _) | Class::Measure(one, ..) | Class::Span(one, ..) => one,
            _ => "",
        });
        match unit {
            Some(u) => (u.end, noun, Some(u.unit.zh)),
            None => (n.end, "", None),
        }
    } else {
        let u = unit?;
        let Class::Rank(noun) = u.unit.class else {
            // 七次全会 behind 十五届
            let plenum = u.unit.zh == "次"
                && line
                    .take(
                        u.end,
                        &["全会", "全体会议", "会议", "代表大会", "集体学习", "党代会"],
                    )
                    .is_some()
                && line.before(cx.at) == '届';
            return plenum.then(|| ordinal_found(cx.at, u.end, value, Some("次"), ""));
        };
        if !RANKS_WITHOUT_DI.contains(&u.unit.zh) || n.decimals > 0 {
            return None;
        }
        let context = match u.unit.zh {
            "级" => {
                let wind = line
                    .take_back(
                        cx.at,
                        &[
                            "风力", "阵风", "震级", "约", "至", "—", "-", "到", "里氏", "达", "生",
                            "生了", "的",
                        ],
                    )
                    .is_some()
                    || matches!(
                        line.get(u.end),
                        '地' | '余'
                            | '台'
                            | '大'
                            | '阵'
                            | '强'
                            | '以'
                            | '左'
                            | '北'
                            | '南'
                            | '东'
                            | '西'
                            | '风'
                    );
                n.style == Style::Written && !wind
            }
            "届" => true,
            "楼" => !matches!(line.get(u.end), '盘' | '市'),
            "期" => {
                n.style == Style::Written && !matches!(line.get(u.end), '间' | '货' | '望')
                    || matches!(line.get(u.end), '工' | '项')
            }
            _ => true,
        };
        if !context || n.scaled && n.low >= 1000.0 {
            return None;
        }
        (u.end, noun, Some(u.unit.zh))
    };
    Some(ordinal_found(cx.at, end, value, unit, noun))
}

fn ordinal_found(start: usize, end: usize, value: f64, unit: Option<&str>, noun: &str) -> Outcome {
    let mut f = Found::new(start, end, Kind::Ordinal, Value::Number(value));
    f.unit = unit.map(str::to_owned);
    f.en = render::ordinal_with(value as u64, noun);
    Outcome::Figure(f)
}

/// US$5亿, ¥200, 人民币300万元.
fn money(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let (at, code) = currency_in_front(line, cx.at)?;
    let n = numeral::read(line, line.skip_blank(at))?;
    let (end, name) = match find_unit(line, n.end, &n) {
        Some(u) if matches!(u.unit.class, Class::Money(..)) => (u.end, None),
        _ => (n.end, None::<&str>),
    };
    let _ = name;
    let mut f = Found::new(cx.at, end, Kind::Money, value_of(n.low, n.high));
    f.currency = Some(code);
    f.unit = Some("元".to_owned());
    f.bound = n.bound;
    f.en = render::money(n.low, n.high, code, render::currency_name(code));
    range_behind(line, &n, &mut f);
    bound_behind(line, &mut f);
    Some(Outcome::Figure(f))
}

fn currency_in_front(line: &Line, at: usize) -> Option<(usize, &'static str)> {
    for (letters, code) in CURRENCY_LETTERS {
        if line.has(at, letters) {
            return Some((at + letters.len(), code));
        }
    }
    if let Some(end) = line.take(at, &["人民币"]) {
        return Some((end, "CNY"));
    }
    let code = match line.get(at) {
        '$' => "USD",
        '¥' | '￥' => "CNY",
        '€' => "EUR",
        '£' => "GBP",
        _ => return None,
    };
    Some((at + 1, code))
}

/// 半年, 半个月, 半小时.
fn half(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    if line.get(cx.at) != '半'
        || matches!(
            line.before(cx.at),
            '一' | '上' | '下' | '前' | '后' | '大' | '多'
        )
    {
        return None;
    }
    let u = find_unit_at(line, cx.at + 1).or_else(|| {
        line.has(cx.at + 1, "个")
            .then(|| find_unit_at(line, cx.at + 2))
            .flatten()
    })?;
    if !matches!(u.unit.class, Class::Span(..))
        || matches!(u.unit.zh, "夜" | "晚" | "日" | "月" | "周")
    {
        return None;
    }
    let n = Numeral {
        low: 0.5,
        high: 0.5,
        end: cx.at + 1,
        ..numeral::read(line, cx.at + 1).unwrap_or(HALF)
    };
    let mut f = described(cx.at, &n, &u)?;
    bound_behind(line, &mut f);
    Some(Outcome::Figure(f))
}

const HALF: Numeral = Numeral {
    end: 0,
    low: 0.5,
    high: 0.5,
    bound: None,
    style: Style::Written,
    digits: 0,
    decimals: 1,
    scaled: false,
    bare: false,
    leading_zero: false,
};

/// 3比1, 21:18, 2-0 where the clause speaks of a match.
fn score(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let a = numeral::read(line, cx.at)?;
    let left = a.whole(299)?;
    let at = line.skip_blank(a.end);
    let mark = line.get(at);
    if !matches!(mark, '比' | ':' | '-' | '—' | '∶') {
        return None;
    }
    let b = numeral::read(line, line.skip_blank(at + 1))?;
    let right = b.whole(299)?;
    let colon = matches!(mark, ':' | '∶');
    let sport = speaks_of_a_match(line, cx.at, b.end);
    let ok = match mark {
        '比' => {
            !matches!(line.get(b.end), '例' | '较')
                && find_unit(line, b.end, &b).is_none()
                && (a.style == b.style)
        }
        _ if colon => (sport || b.digits == 1) && line.get(b.end) != ':',
        _ => {
            sport
                && a.style == Style::Arabic
                && b.style == Style::Arabic
                && !a.leading_zero
                && find_unit(line, b.end, &b).is_none()
        }
    };
    if !ok {
        return None;
    }
    let mut f = Found::new(
        cx.at,
        b.end,
        Kind::Score,
        Value::Score(f64::from(left), f64::from(right)),
    );
    f.en = format!("{left}-{right}");
    Some(Outcome::Figure(f))
}

/// Whether words of sport stand within a dozen glyphs.
fn speaks_of_a_match(line: &Line, start: usize, end: usize) -> bool {
    const WORDS: &[&str] = &[
        "比分",
        "击败",
        "战胜",
        "战平",
        "负于",
        "大胜",
        "险胜",
        "完胜",
        "不敌",
        "淘汰",
        "逆转",
        "取胜",
        "获胜",
        "领先",
        "落后",
        "扳成",
        "扳平",
        "横扫",
        "力克",
        "胜出",
        "输给",
        "轻取",
        "告负",
        "握手言和",
        "打平",
        "拿下",
        "平局",
        "先下一城",
        "胜",
        "负",
    ];
    let from = start.saturating_sub(14);
    (from..end + 12).any(|i| line.take(i, WORDS).is_some())
}

// ---------------------------------------------------------------- number and unit

/// A unit behind a number.
struct UnitFound {
    unit: &'static Unit,
    end: usize,
    /// 个半: half a unit more.
    half: bool,
    /// 个多: somewhat more.
    more: bool,
}

/// The unit that begins at `at`.
fn find_unit_at(line: &Line, at: usize) -> Option<UnitFound> {
    let unit = units::beginning_with(line.get(at))
        .iter()
        .find(|u| line.has(at, u.zh))?;
    let end = at + unit.zh.chars().count();
    // 5m, 3g: a letter must not run on.
    let last = unit.zh.chars().last().unwrap_or('\0');
    if last.is_ascii_alphabetic() && line.get(end).is_ascii_alphanumeric() {
        return None;
    }
    Some(UnitFound {
        unit,
        end,
        half: false,
        more: false,
    })
}

/// The unit of a number that ends at `at`.
fn find_unit(line: &Line, at: usize, n: &Numeral) -> Option<UnitFound> {
    let at = line.skip_blank(at);
    // 两个半小时, 一个多月
    if line.get(at) == '个'
        && let c @ ('半' | '多') = line.get(at + 1)
        && let Some(u) = find_unit_at(line, at + 2)
        && (matches!(u.unit.class, Class::Span(..)) || line.get(at + 2) == '月')
    {
        return Some(UnitFound {
            half: c == '半',
            more: c == '多',
            ..u
        });
    }
    if line.get(at) == '个' && matches!(line.get(at + 1), '半' | '多') && line.get(at + 2) == '月'
    {
        let unit = units::beginning_with('个')
            .iter()
            .find(|u| u.zh == "个月")?;
        return Some(UnitFound {
            unit,
            end: at + 3,
            half: line.get(at + 1) == '半',
            more: line.get(at + 1) == '多',
        });
    }
    let u = find_unit_at(line, at)?;
    if is_word_continued(line, u.end, u.unit.zh) {
        return None;
    }
    let written = n.style == Style::Written && !n.scaled;
    // Measure words that are more often something else behind a written digit: 三方, 四大, 五路.
    if written
        && matches!(
            u.unit.zh,
            "方" | "子"
                | "手"
                | "重"
                | "面"
                | "市"
                | "州"
                | "区"
                | "室"
                | "死"
                | "伤"
                | "平"
                | "负"
                | "胜"
                | "金"
                | "银"
                | "铜"
                | "单"
                | "核"
                | "维"
                | "强"
                | "节"
                | "码"
                | "寸"
                | "磅"
                | "坪"
                | "兆"
                | "行"
        )
    {
        let exact = matches!(u.unit.zh, "面" | "节" | "寸" | "码" | "磅") && n.low >= 2.0;
        if !exact {
            return None;
        }
    }
    Some(u)
}

/// Whether what looks like a unit is the beginning of another word.
fn is_word_continued(line: &Line, end: usize, unit: &str) -> bool {
    let next = line.get(end);
    match unit {
        "元" => matches!(
            next,
            '素' | '首' | '宵' | '旦' | '老' | '朝' | '气' | '件' | '宇' | '化' | '月'
        ),
        "天" => matches!(
            next,
            '津' | '然' | '空' | '才' | '山' | '文' | '猫' | '使' | '鹅' | '河' | '安' | '府'
        ),
        "人" => matches!(
            next,
            '民' | '工' | '均' | '才' | '类' | '大' | '格' | '形' | '行'
        ),
        "家" => matches!(next, '长' | '具' | '电' | '乡' | '门' | '园' | '族'),
        "国" => matches!(
            next,
            '家' | '务' | '资' | '企' | '内' | '际' | '产' | '道' | '有' | '债'
        ),
        "点" => matches!(next, '评' | '赞' | '燃' | '击' | '名' | '火'),
        "分" => matches!(
            next,
            '之' | '别'
                | '析'
                | '布'
                | '成'
                | '为'
                | '公'
                | '局'
                | '厅'
                | '支'
                | '类'
                | '工'
                | '配'
                | '享'
                | '期'
                | '红'
        ),
        "年" => matches!(next, '级' | '轻' | '龄' | '代' | '货' | '味'),
        "级" => matches!(next, '别'),
        "号" => matches!(next, '称' | '召'),
        "部" => matches!(next, '门' | '长' | '委' | '队' | '署' | '分' | '级' | '落'),
        "处" => matches!(next, '于' | '理' | '长' | '罚' | '分' | '置'),
        "台" => matches!(next, '湾' | '州' | '风' | '胞' | '商' | '北' | '海' | '阶'),
        "成" => matches!(
            next,
            '为' | '立'
                | '功'
                | '员'
                | '长'
                | '果'
                | '都'
                | '本'
                | '绩'
                | '交'
                | '千'
                | '熟'
                | '效'
                | '年'
                | '人'
                | '就'
                | '因'
                | '品'
                | '套'
                | '份'
                | '分'
        ),
        "位" => matches!(next, '于' | '列' | '居' | '置' | '数' | '次'),
        "名" => matches!(next, '称' | '额' | '单' | '义' | '校' | '城' | '列'),
        "场" => matches!(next, '馆' | '所' | '地' | '景' | '均'),
        "组" => matches!(next, '织' | '成' | '团' | '建' | '长' | '合'),
        "项" => matches!(next, '目'),
        "对" => matches!(
            next,
            '于' | '外' | '口' | '接' | '话' | '比' | '策' | '象' | '手' | '阵'
        ),
        "面" => matches!(
            next,
            '对' | '向' | '临' | '积' | '貌' | '试' | '包' | '条' | '粉' | '食'
        ),
        "道" => matches!(next, '路' | '德' | '理' | '歉' | '教'),
        "口" => matches!(next, '岸' | '号' | '碑' | '味' | '罩' | '粮'),
        "代" => matches!(next, '表' | '理' | '价' | '码' | '办'),
        "市" => matches!(next, '场' | '长' | '民' | '委' | '政' | '值'),
        "次" => matches!(next, '于' | '日' | '生' | '年' | '月' | '要' | '序'),
        "起" => matches!(
            next,
            '来' | '步' | '草' | '到' | '义' | '飞' | '源' | '诉' | '跑'
        ),
        "所" => matches!(next, '有' | '以' | '谓' | '长' | '在' | '需' | '得'),
        "本" => matches!(
            next,
            '报' | '市' | '省' | '地' | '届' | '次' | '人' | '国' | '科' | '赛'
        ),
        "只" => matches!(next, '有' | '是' | '要' | '能' | '会' | '好' | '占'),
        "条" => matches!(next, '件' | '例' | '约'),
        "大" => matches!(
            next,
            '学' | '会'
                | '家'
                | '量'
                | '部'
                | '多'
                | '小'
                | '幅'
                | '力'
                | '型'
                | '约'
                | '概'
                | '厦'
                | '桥'
                | '街'
                | '道'
                | '精'
                | '代'
                | '报'
                | '召'
                | '以'
                | '闭'
                | '胜'
        ),
        "强" => matches!(
            next,
            '调' | '化' | '度' | '降' | '烈' | '劲' | '国' | '制' | '省' | '县' | '市'
        ),
        "月" | "日" => true,
        "周" => matches!(next, '边' | '围' | '期' | '口' | '刊' | '末' | '恩'),
        "克" => matches!(next, '服' | '拉' | '里'),
        "米" => matches!(next, '饭' | '粉' | '兰' | '勒' | '尔'),
        "度" => matches!(next, '假' | '过'),
        "升" => matches!(next, '级' | '至' | '到' | '值' | '温'),
        "节" => matches!(next, '日' | '目' | '能' | '约' | '气' | '点' | '假'),
        "村" | "县" | "区" | "镇" | "乡" => matches!(next, '民' | '委' | '长' | '域' | '庄'),
        "平" => {
            next != '，' && next != '。' && !next.is_ascii_digit() && numeral::digit(next).is_none()
        }
        "胜" | "负" => matches!(next, '利' | '责' | '任' | '地' | '于' | '者'),
        "股" => matches!(next, '份' | '票' | '东' | '权' | '市' | '民' | '指'),
        "手" => matches!(
            next,
            '机' | '术' | '段' | '工' | '续' | '车' | '房' | '资' | '交'
        ),
        "行" => matches!(next, '业' | '动' | '为' | '程' | '政' | '李' | '人' | '长'),
        "门" => matches!(next, '户' | '口' | '店' | '票' | '诊' | '槛'),
        "户" => matches!(next, '籍' | '外' | '口'),
        "把" => matches!(next, '握' | '关'),
        "发" => matches!(
            next,
            '展' | '生'
                | '现'
                | '布'
                | '动'
                | '明'
                | '电'
                | '送'
                | '行'
                | '放'
                | '表'
                | '出'
                | '改'
        ),
        "子" | "核" | "维" | "单" => !matches!(next, '业' | '交' | '子') || unit != "单",
        "票" => matches!(next, '房' | '价' | '据'),
        "班" => matches!(next, '子' | '级'),
        "路" => true,
        "间" => matches!(next, '接' | '隔' | '谍'),
        "包" => matches!(next, '括' | '含' | '围'),
        "片" => matches!(next, '区' | '面'),
        "支" => matches!(next, '持' | '付' | '出' | '援' | '部' | '撑'),
        "批" => matches!(next, '准' | '评' | '发' | '复'),
        "例" => matches!(next, '如' | '行' | '外'),
        "件" | "份" => matches!(next, '额'),
        "期" => matches!(next, '间' | '货' | '待' | '望' | '权' | '限'),
        "款" => matches!(next, '项' | '待'),
        "列" => matches!(next, '为' | '入' | '席' | '出'),
        "集" => matches!(next, '团' | '中' | '体' | '合' | '聚' | '群' | '成'),
        "声" => matches!(next, '明' | '称' | '音'),
        "首" => matches!(
            next,
            '次' | '先' | '批' | '个' | '席' | '都' | '相' | '发' | '届'
        ),
        "层" => matches!(next, '面' | '次' | '级'),
        "字" => matches!(next, '节' | '体'),
        "步" => matches!(next, '行' | '骤' | '伐' | '入'),
        "轮" => matches!(next, '胎' | '船' | '换' | '番' | '椅'),
        "节课" => false,
        _ => false,
    }
}

/// A number with its unit, or a plain number.
fn amount(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let (sign, at) = sign(line, cx.at, cx.free);
    let mut n = numeral::read(line, at)?;
    if n.bare && !is_bare_allowed(line, cx.at, &n) {
        return None;
    }
    n.low *= sign;
    n.high *= sign;
    if let Some(found) = range(line, cx.at, &n) {
        return Some(Outcome::Figure(found));
    }
    let Some(mut u) = find_unit(line, n.end, &n) else {
        return plain_number(line, cx.at, &n);
    };
    if is_article(line, cx.at, &n, &u) {
        return None;
    }
    if let Class::Rank(_) = u.unit.class {
        return rank_quantity(line, cx.at, &n, &u);
    }
    // 一年半, 三公里多
    let mut m = n;
    if u.half
        || line.get(u.end) == '半'
            && matches!(
                u.unit.class,
                Class::Span(..) | Class::Times | Class::Measure(..)
            )
            && !matches!(line.get(u.end + 1), '决' | '数' | '径')
    {
        if !u.half {
            u.end += 1;
        }
        m.low += 0.5;
        m.high += 0.5;
    } else if u.more {
        m.bound = Some(Bound::MoreThan);
    }
    if let Class::Tenths = u.unit.class {
        return Some(Outcome::Figure(tenths(line, cx.at, &m, u.end)));
    }
    let mut f = described(cx.at, &m, &u)?;
    rate(line, &u, &mut f);
    bound_behind(line, &mut f);
    below_zero(line, cx.free, &mut f);
    Some(Outcome::Figure(f))
}

/// 负3.5, -3.5: the sign and where the digits begin. A dash behind a word or a number is no sign.
fn sign(line: &Line, at: usize, free: usize) -> (f64, usize) {
    match line.get(at) {
        '负' => (-1.0, at + 1),
        '-' if (at == free || !line.before(at).is_alphanumeric())
            && line.get(at + 1).is_ascii_digit() =>
        {
            (-1.0, at + 1)
        }
        _ => (1.0, at),
    }
}

/// 百亿, 千余, 近百, 上万; not 百姓, 千方百计.
fn is_bare_allowed(line: &Line, at: usize, n: &Numeral) -> bool {
    let words = [
        "上", "近", "逾", "超", "过", "约", "达", "将近", "破", "不足", "成", "每",
    ];
    n.bound.is_some()
        || n.end - at >= 2 && n.low >= 1e5
        || n.end - at >= 2
            && line.get(at) != line.get(at + 1)
            && find_unit(line, n.end, n).is_some()
        || line.take_back(at, &words).is_some()
            && (find_unit(line, n.end, n).is_some() || n.end - at >= 2)
}

/// A number without a unit: digits always count, words only where they are plainly a count.
fn plain_number(line: &Line, at: usize, n: &Numeral) -> Option<Outcome> {
    let next = line.get(n.end);
    let counts = match n.style {
        Style::Arabic => {
            let before = line.before(at);
            // 4+1, 3·15, 7×24: formulas and dates of remembrance are names
            let formula = matches!(next, '+' | '×' | '·' | '・' | '&' | '*' | '=' | '#' | 'x')
                || matches!(
                    before,
                    '+' | '×' | '·' | '・' | '&' | '*' | '#' | '№' | '_' | '.'
                );
            if formula {
                return Some(Outcome::Skip(behind_formula(line, n.end)));
            }
            !n.leading_zero && !before.is_ascii_alphabetic()
        }
        Style::Written => {
            n.scaled
                && n.low >= 10.0
                && (n.bound.is_some() || n.low > 10.0 && n.end - at >= 2)
                && !(n.bare && n.bound.is_none() && n.end - at < 2)
        }
        Style::Positional => false,
    };
    if !counts {
        return None;
    }
    let mut f = Found::new(at, n.end, Kind::Number, value_of(n.low, n.high));
    f.bound = n.bound;
    f.en = render::count(n.low, n.high, "", "");
    bound_behind(line, &mut f);
    Some(Outcome::Figure(f))
}

fn behind_formula(line: &Line, end: usize) -> usize {
    let mut at = end;
    while line.get(at).is_ascii_digit()
        || matches!(line.get(at), '+' | '×' | '·' | '・' | '&' | '*' | '=')
    {
        at += 1;
    }
    at
}

/// 一个, 一名: the Chinese article, not a count; it counts with victims and in contrast.
fn is_article(line: &Line, at: usize, n: &Numeral, u: &UnitFound) -> bool {
    let one = n.style == Style::Written
        && n.low == 1.0
        && n.high == 1.0
        && !n.scaled
        && n.bound.is_none();
    if !one || u.half || u.more {
        return false;
    }
    match u.unit.class {
        Class::Count(..) | Class::Rank(_) => {
            let harm = line
                .take(u.end, &["死", "遇难", "受伤", "失踪", "重伤", "轻伤", "伤"])
                .is_some();
            let caused = line
                .take_back(at, &["致", "造成", "仅有", "只有", "仅"])
                .is_some();
            !(u.unit.zh == "人" && (harm || caused))
        }
        Class::Span(..) => matches!(
            u.unit.zh,
            "天" | "日" | "夜" | "晚" | "载" | "年度" | "月" | "学年" | "季度"
        ),
        Class::Measure(..) => matches!(u.unit.zh, "度" | "方" | "节" | "码" | "尺" | "寸" | "丈"),
        _ => false,
    }
}

/// 5.5级地震, 11级大风.
fn rank_quantity(line: &Line, at: usize, n: &Numeral, u: &UnitFound) -> Option<Outcome> {
    if u.unit.zh != "级" {
        return None;
    }
    // 百亿级: of that order
    if n.low >= 1e4 {
        let mut f = Found::new(at, u.end, Kind::Number, value_of(n.low, n.high));
        f.unit = Some("级".to_owned());
        f.en = format!("{}-level", render::span(n.low, n.high));
        return Some(Outcome::Figure(f));
    }
    let mut f = Found::new(at, u.end, Kind::Quantity, value_of(n.low, n.high));
    f.unit = Some("级".to_owned());
    let quake = n.decimals > 0 || line.take(u.end, &["地震", "余震", "强震"]).is_some();
    let number = render::span(n.low, n.high);
    f.en = if quake {
        format!("magnitude {number}")
    } else {
        format!("force {number}")
    };
    bound_behind(line, &mut f);
    Some(Outcome::Figure(f))
}

/// 五成, 八成五.
fn tenths(line: &Line, at: usize, n: &Numeral, end: usize) -> Found {
    let (mut low, mut high, mut end) = (n.low * 10.0, n.high * 10.0, end);
    if let Some(d) = numeral::digit(line.get(end)).filter(|d| *d > 0)
        && numeral::digit(line.get(end + 1)).is_none()
        && find_unit_at(line, end + 1).is_none()
    {
        low += f64::from(d);
        high += f64::from(d);
        end += 1;
    }
    let mut f = Found::new(at, end, Kind::Percent, value_of(low, high));
    f.unit = Some("成".to_owned());
    f.bound = n.bound;
    f.en = render::percent(low, high, "%");
    bound_behind(line, &mut f);
    f
}

/// 40亿—50亿元, 3至5个月, 10%-15%.
fn range(line: &Line, at: usize, n: &Numeral) -> Option<Found> {
    let first = find_unit(line, n.end, n);
    let behind = first.as_ref().map_or(n.end, |u| u.end);
    let next = dates::connector(line, behind)?;
    let m = numeral::read(line, next)?;
    let second = find_unit(line, m.end, &m);
    let unit = match (&first, &second) {
        (Some(a), Some(b)) if a.unit.zh == b.unit.zh => second,
        (Some(a), Some(b))
            if std::mem::discriminant(&a.unit.class) == std::mem::discriminant(&b.unit.class)
                && a.unit.zh.ends_with(b.unit.zh) =>
        {
            second
        }
        (None, Some(_)) => second,
        (None, None)
            if n.style == Style::Arabic && m.style == Style::Arabic || n.scaled && m.scaled =>
        {
            None
        }
        (Some(_), None) | (None, None) | (Some(_), Some(_)) => return None,
    };
    let mut low = n.low;
    // 3—5万: the magnitude belongs to both
    let step = m.low / plain_part(&m, line, next);
    if !n.scaled && m.scaled && low * step < m.low && first.is_none() {
        low *= step;
    }
    if m.low <= low || m.bare {
        return None;
    }
    let both = Numeral {
        low,
        high: m.high,
        bound: m.bound,
        scaled: n.scaled || m.scaled,
        ..m
    };
    let mut f = match unit {
        Some(u) => {
            if let Class::Tenths = u.unit.class {
                return Some(tenths(line, at, &both, u.end));
            }
            if let Class::Rank(_) = u.unit.class {
                if u.unit.zh != "级" {
                    return None;
                }
                let mut f = Found::new(at, u.end, Kind::Quantity, value_of(low, m.high));
                f.unit = Some("级".to_owned());
                f.en = format!("force {}", render::span(low, m.high));
                f
            } else {
                let mut f = described(at, &both, &u)?;
                rate(line, &u, &mut f);
                f
            }
        }
        None => {
            let connected = line.get(line.skip_blank(behind));
            if connected == '-' && !n.scaled && !m.scaled && n.digits != m.digits && n.decimals == 0
            {
                return None;
            }
            let mut f = Found::new(at, m.end, Kind::Number, Value::Range(low, m.high));
            f.en = render::count(low, m.high, "", "");
            f
        }
    };
    bound_behind(line, &mut f);
    Some(f)
}

/// The number before its magnitude: 5 of 5万.
fn plain_part(m: &Numeral, line: &Line, at: usize) -> f64 {
    let mut value = m.low;
    let mut end = m.end;
    while end > at && matches!(line.get(end - 1), '多' | '余') {
        end -= 1;
    }
    while end > at {
        let power = match line.get(end - 1) {
            '百' => 1e2,
            '千' => 1e3,
            '万' => 1e4,
            '亿' => 1e8,
            _ => break,
        };
        value /= power;
        end -= 1;
    }
    value
}

/// A second amount behind a money sign: US$5-10.
fn range_behind(line: &Line, n: &Numeral, f: &mut Found) {
    if let Some(next) = dates::connector(line, f.end) {
        let from = currency_in_front(line, next).map_or(next, |(at, _)| at);
        if let Some(m) = numeral::read(line, from)
            && m.low > n.low
        {
            f.end = find_unit(line, m.end, &m)
                .filter(|u| matches!(u.unit.class, Class::Money(..)))
                .map_or(m.end, |u| u.end);
            f.value = Value::Range(n.low, m.high);
            f.en = render::money(
                n.low,
                m.high,
                f.currency.unwrap_or("USD"),
                render::currency_name(f.currency.unwrap_or("USD")),
            );
        }
    }
}

/// A figure of number and unit.
fn described(start: usize, n: &Numeral, u: &UnitFound) -> Option<Found> {
    let (low, high) = (n.low, n.high);
    let zh = u.unit.zh;
    let (kind, value, en) = match u.unit.class {
        Class::Money(code, name) => (
            Kind::Money,
            value_of(low, high),
            render::money(low, high, code, name),
        ),
        Class::Measure(one, more, ..) => {
            let mut en = render::measure(low, high, one, more);
            if zh == "亩" {
                en = format!("{en} ({} hectares)", render::hectares(low, high));
            }
            (Kind::Quantity, value_of(low, high), en)
        }
        Class::Span(one, more, _) => (
            Kind::Duration,
            value_of(low, high),
            render::measure(low, high, one, more),
        ),
        Class::Count(one, more) => (
            Kind::Number,
            value_of(low, high),
            render::count(low, high, one, more),
        ),
        Class::Age => (
            Kind::Age,
            value_of(low, high),
            format!("{} years old", render::span(low, high)),
        ),
        Class::Times => (
            Kind::Multiple,
            value_of(low, high),
            render::times(low, high),
        ),
        Class::Percent(name, factor) => {
            let (low, high) = (low * factor, high * factor);
            (
                Kind::Percent,
                value_of(low, high),
                render::percent(low, high, name),
            )
        }
        Class::Tenths | Class::Rank(_) => return None,
    };
    let mut f = Found::new(start, u.end, kind, value);
    f.en = en;
    f.bound = n.bound.or(u.more.then_some(Bound::MoreThan));
    f.unit = Some(zh.to_owned());
    match u.unit.class {
        Class::Money(code, _) => f.currency = Some(code),
        Class::Measure(_, _, dimension, size) => f.measure = Some((dimension, size)),
        Class::Span(_, _, seconds) => f.measure = Some((Dimension::Time, seconds)),
        _ => {}
    }
    Some(f)
}

/// 元/吨, 吨/亩: so much a unit.
fn rate(line: &Line, u: &UnitFound, f: &mut Found) {
    if line.get(u.end) != '/' {
        return;
    }
    let per = find_unit_at(line, u.end + 1);
    let (end, zh) = match per {
        Some(p) => (p.end, p.unit.zh),
        None => return,
    };
    f.end = end;
    if let Some(unit) = &mut f.unit {
        unit.push('/');
        unit.push_str(zh);
    }
    f.en.push_str(&render::per(zh));
}

/// 零下5摄氏度.
fn below_zero(line: &Line, free: usize, f: &mut Found) {
    let degrees = f
        .unit
        .as_deref()
        .is_some_and(|u| u.ends_with('度') || u == "℃" || u == "°C");
    if !degrees {
        return;
    }
    if let Some(start) = line.take_back(f.start, &["零下"]).filter(|s| *s >= free) {
        f.start = start;
        if let Value::Number(n) = &mut f.value {
            *n = -*n;
            f.en = format!("-{}", f.en);
        } else if let Value::Range(a, b) = &mut f.value {
            (*a, *b) = (-*b, -*a);
            f.en = format!("minus {}", f.en);
        }
    }
}

fn value_of(low: f64, high: f64) -> Value {
    let tidy = |v: f64| {
        // Scaling by 0.1 or 10 leaves the last bit to chance; figures have far fewer digits.
        let rounded = (v * 1e6).round() / 1e6;
        if v.abs() < 1e9 { rounded } else { v }
    };
    if low == high {
        Value::Number(tidy(low))
    } else {
        Value::Range(tidy(low.min(high)), tidy(high.max(low)))
    }
}

// ---------------------------------------------------------------- bounds

/// Words before a figure that bound it, longest first.
const IN_FRONT: &[(&str, Bound)] = &[
    ("不少于", Bound::AtLeast),
    ("不低于", Bound::AtLeast),
    ("不小于", Bound::AtLeast),
    ("不下于", Bound::AtLeast),
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
    ("超过", Bound::MoreThan),
    ("超出", Bound::MoreThan),
    ("突破", Bound::MoreThan),
    ("多于", Bound::MoreThan),
    ("大于", Bound::MoreThan),
    ("高于", Bound::MoreThan),
    ("大约", Bound::About),
    ("大概", Bound::About),
    ("大致", Bound::About),
    ("约为", Bound::About),
    ("约有", Bound::About),
    ("约合", Bound::About),
    ("约占", Bound::About),
    ("约达", Bound::About),
    ("将近", Bound::Nearly),
    ("接近", Bound::Nearly),
    ("逼近", Bound::Nearly),
    ("近乎", Bound::Nearly),
    ("逾", Bound::MoreThan),
    ("超", Bound::MoreThan),
    ("过", Bound::MoreThan),
    ("破", Bound::MoreThan),
    ("上", Bound::MoreThan),
    ("满", Bound::AtLeast),
    ("约", Bound::About),
    ("近", Bound::Nearly),
];

fn bound_in_front(line: &Line, free: usize, f: &mut Found) {
    if matches!(f.kind, Kind::Ordinal | Kind::Score) || f.kind == Kind::Date {
        return;
    }
    let at = line.skip_blank_back(f.start);
    let Some((start, bound)) = IN_FRONT.iter().find_map(|(word, bound)| {
        let start = line.take_back(at, &[word])?;
        Some((start, *bound))
    }) else {
        return;
    };
    if start < free || !bounds_here(line, start, f) {
        return;
    }
    f.start = start;
    // 约10余万 keeps the narrower of the two: 余 says more than about does.
    f.bound = match (f.bound, bound) {
        (Some(Bound::TensOf), _) => f.bound,
        (Some(inner), Bound::About) => Some(inner),
        (_, outer) => Some(outer),
    };
}

/// Whether the one-character words mean a bound: 近30人, but not 最近, 附近, 近三年来.
fn bounds_here(line: &Line, start: usize, f: &Found) -> bool {
    let before = line.before(start);
    match line.get(start) {
        '近' if line.get(start + 1) != '乎' => {
            let joined = matches!(
                before,
                '最' | '附' | '靠' | '邻' | '临' | '远' | '走' | '亲' | '就' | '贴' | '抵'
            );
            let past = f.kind == Kind::Duration
                && !matches!(
                    before,
                    '时' | '达' | '了' | '有' | '隔' | '续' | '过' | '长' | '共' | '年'
                );
            !joined && !past
        }
        '过' => {
            let joined = matches!(
                before,
                '通' | '经'
                    | '超'
                    | '越'
                    | '度'
                    | '渡'
                    | '走'
                    | '路'
                    | '不'
                    | '难'
                    | '错'
                    | '透'
                    | '受'
                    | '来'
                    | '看'
                    | '去'
                    | '做'
                    | '到'
                    | '有'
                    | '得'
                    | '出'
                    | '穿'
                    | '跨'
                    | '熬'
                    | '历'
            );
            !joined
                && matches!(
                    f.kind,
                    Kind::Number | Kind::Money | Kind::Percent | Kind::Fraction | Kind::Quantity
                )
        }
        '上' => {
            let bare = matches!(line.get(start + 1), '百' | '千' | '万' | '亿');
            bare && !matches!(
                before,
                '以' | '之' | '马' | '成' | '线' | '会' | '路' | '网' | '身' | '车' | '加'
            )
        }
        '超' => {
            !matches!(before, '赶' | '高' | '反' | '中' | '英' | '德')
                || line.get(start + 1) != '过' && before != '中'
        }
        '破' => matches!(
            before,
            '突' | '首' | '均' | '已' | '量' | '房' | '额' | '值' | '数'
        ),
        '满' => {
            f.kind == Kind::Age || f.kind == Kind::Duration && !matches!(before, '圆' | '爆' | '充')
        }
        '约' => !matches!(
            before,
            '条' | '合' | '签' | '违' | '履' | '预' | '节' | '纽' | '公' | '契' | '相'
        ),
        '最' => {
            line.get(start + 1) != '高'
                || matches!(
                    f.kind,
                    Kind::Money | Kind::Number | Kind::Percent | Kind::Duration
                )
        }
        _ => true,
    }
}

/// Words behind a figure that bound it, longest first.
const BEHIND: &[(&str, Bound)] = &[
    ("(含)以上", Bound::AtLeast),
    ("及其以上", Bound::AtLeast),
    ("或者以上", Bound::AtLeast),
    ("及以上", Bound::AtLeast),
    ("或以上", Bound::AtLeast),
    ("以上", Bound::AtLeast),
    ("(含)以下", Bound::AtMost),
    ("及以下", Bound::AtMost),
    ("或以下", Bound::AtMost),
    ("以下", Bound::AtMost),
    ("以内", Bound::AtMost),
    ("之内", Bound::AtMost),
    ("左右", Bound::About),
    ("上下", Bound::About),
    ("有余", Bound::MoreThan),
    ("出头", Bound::MoreThan),
    ("开外", Bound::MoreThan),
    ("多", Bound::MoreThan),
    ("余", Bound::MoreThan),
];

fn bound_behind(line: &Line, f: &mut Found) {
    let at = line.skip_blank(f.end);
    let Some((word, bound)) = BEHIND.iter().find(|(word, _)| line.has(at, word)) else {
        return;
    };
    let end = at + word.chars().count();
    if matches!(*word, "多" | "余") {
        let taken = f.kind == Kind::Duration
            || f.kind == Kind::Age
            || f.kind == Kind::Quantity
            || f.kind == Kind::Multiple
            || f.kind == Kind::Money;
        let joined = matches!(
            line.get(end),
            '样' | '元'
                | '种'
                | '个'
                | '名'
                | '次'
                | '家'
                | '年'
                | '数'
                | '边'
                | '项'
                | '地'
                | '热'
                | '震'
        );
        if !taken || joined || f.unit.is_none() {
            return;
        }
    }
    if *word == "以上" && matches!(line.get(end), '是') {
        return;
    }
    f.end = end;
    f.bound = Some(*bound);
}
