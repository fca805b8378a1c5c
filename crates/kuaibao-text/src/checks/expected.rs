//! ExpectedValue the English has to show for each Chinese figure, and which English figure shows it.

use std::ops::Range;

use crate::figures::{
    Base, Bound, CurrencySet, DatePart, Dimension, Direction, EnglishFigure, EnglishValue, Figure,
    FigureKind, Standing, Value, dollars, english_number,
};

/// One value that the English has to show.
#[derive(Clone, Debug)]
pub(super) struct ExpectedFigure {
    /// Bytes of the Chinese figure.
    pub(super) zh: Range<usize>,
    pub(super) shown: ExpectedValue,
    /// The figure's value, or the part of it.
    pub(super) value: Value,
    pub(super) expected: String,
    /// The unit as written.
    pub(super) unit: Option<String>,
    /// The currencies that the money may be of.
    pub(super) currency: CurrencySet,
    /// Whether the Chinese names its currency.
    pub(super) currency_stated: bool,
    /// The month of a day or a year, where the text says it.
    pub(super) month: Option<u32>,
    /// Whether its absence is an error. 今年 may become anything; 第二天 is *the next day*.
    pub(super) required: bool,
    pub(super) bound: Option<Bound>,
    /// 多达, 最高: the English may as well say that it is more.
    pub(super) reaches: bool,
    pub(super) direction: Option<Direction>,
    pub(super) base: Option<Base>,
    /// Counted in percentage points.
    pub(super) points: bool,
}

/// A value to be shown.
#[derive(Clone, Debug)]
pub(super) enum ExpectedValue {
    Amount {
        value: f64,
        kind: FigureKind,
        measure: Option<(Dimension, f64)>,
        /// Without a unit, or with one that English may render as money or percent.
        bare: bool,
        /// In Chinese characters throughout.
        written: bool,
        /// A multiple that says how many times as much, not how much more.
        exact: bool,
    },
    /// 数百: anything of that order.
    Order {
        low: f64,
        high: f64,
        measure: Option<(Dimension, f64)>,
    },
    Year(i32),
    Decade(i32),
    Century(i32),
    Month(u32),
    /// The 9 of 1至9月, which English also calls the first nine months.
    LastMonth(u32),
    Day(u32),
    Quarter(u32),
    Weekday(u32),
    /// Hour as written, minute, hour of the day where it is sure.
    Time(u32, u32, Option<u32>),
    /// A numeral in a name or a term.
    Name(f64),
}

impl ExpectedFigure {
    /// A numeral in a name: digits stay in good English, words may go (三农, 第三方), and so may days
    /// of shopping (双11).
    pub(super) fn name(zh: Range<usize>, value: f64, text: &str) -> Self {
        let digits = text[zh.clone()].bytes().all(|b| b.is_ascii_digit());
        let required = digits && !text[..zh.start].ends_with('双');
        Self {
            zh,
            shown: ExpectedValue::Name(value),
            value: Value::Number(value),
            expected: english_number(value),
            unit: None,
            currency: CurrencySet::default(),
            currency_stated: false,
            month: None,
            required,
            bound: None,
            reaches: false,
            direction: None,
            base: None,
            points: false,
        }
    }

    /// Whether the English names another currency.
    pub(super) fn is_in_another_currency(&self, en: &EnglishFigure) -> bool {
        let other = en.around.currency;
        !self.currency.is_empty() && !other.is_empty() && !self.currency.meets(other)
    }

    /// The values of one figure of the text `zh`, which names these currencies.
    pub(super) fn of(figure: &Figure, zh: &str, named: CurrencySet) -> Vec<Self> {
        let required = is_required(figure, zh);
        let written = is_written(&zh[figure.range.clone()]);
        let single = matches!(figure.value, Value::Number(_)) && figure.parts.is_empty();
        let expectation = |shown: ExpectedValue, value: Value, required: bool| Self {
            zh: figure.range.clone(),
            shown,
            value,
            expected: figure.en.clone(),
            unit: figure.unit.clone(),
            currency: currencies_of(figure, named),
            currency_stated: figure.currency_stated,
            month: figure.stated.iter().find_map(|s| {
                if let DatePart::Month(m) = s {
                    Some(*m)
                } else {
                    None
                }
            }),
            required,
            bound: figure.bound.filter(|_| single),
            reaches: ["多达", "最高", "最多", "高达"]
                .iter()
                .any(|w| zh[figure.range.clone()].contains(w)),
            direction: figure.direction,
            base: figure.base,
            points: figure.is_in_points(),
        };
        let amount = |value: f64, measure: Option<(Dimension, f64)>| ExpectedValue::Amount {
            value,
            kind: figure.kind,
            measure: measure.or_else(|| years_of(figure)),
            bare: is_bare(figure),
            written,
            exact: is_exact(figure, zh),
        };
        if !figure.parts.is_empty() {
            let part = |(value, measure): &(f64, Option<(Dimension, f64)>)| {
                expectation(amount(*value, *measure), Value::Number(*value), required)
            };
            return figure.parts.iter().map(part).collect();
        }
        match &figure.value {
            Value::Number(left) if figure.unit.as_deref() == Some("折") => {
                let either = [*left, 100.0 - left];
                let one = |v| expectation(amount(v, None), Value::Number(v), required);
                either.map(one).into()
            }
            Value::Number(n) if figure.bound == Some(Bound::TensOf) => {
                let order = ExpectedValue::Order {
                    low: *n,
                    high: *n * 10.0,
                    measure: figure.measure,
                };
                vec![expectation(order, figure.value.clone(), required)]
            }
            Value::Number(n) => vec![expectation(
                amount(*n, figure.measure),
                figure.value.clone(),
                required,
            )],
            Value::Range(a, b) if is_order(a.abs().min(b.abs()), a.abs().max(b.abs())) => {
                let (a, b) = (a.abs().min(b.abs()), a.abs().max(b.abs()));
                let order = ExpectedValue::Order {
                    low: a / 2.0,
                    high: b,
                    measure: figure.measure,
                };
                vec![expectation(order, figure.value.clone(), required)]
            }
            Value::Range(a, b) | Value::Score(a, b) => vec![
                expectation(amount(*a, figure.measure), Value::Number(*a), required),
                expectation(amount(*b, figure.measure), Value::Number(*b), required),
            ],
            Value::Date(_) => {
                let months: Vec<u32> = figure
                    .stated
                    .iter()
                    .filter_map(|s| {
                        if let DatePart::Month(m) = s {
                            Some(*m)
                        } else {
                            None
                        }
                    })
                    .collect();
                let months_through = months.len() == 2
                    && months[0] == 1
                    && !figure.stated.iter().any(|s| matches!(s, DatePart::Day(_)));
                figure
                    .stated
                    .iter()
                    .filter_map(|stated| {
                        let (what, required) = match *stated {
                            DatePart::Year(y) => (ExpectedValue::Year(y), true),
                            DatePart::Decade(y) => (ExpectedValue::Decade(y), true),
                            DatePart::Century(c) => (ExpectedValue::Century(c), true),
                            DatePart::Month(1) if months_through => {
                                (ExpectedValue::Month(1), false)
                            }
                            DatePart::Month(m) if months_through => {
                                (ExpectedValue::LastMonth(m), true)
                            }
                            DatePart::Month(m) => (ExpectedValue::Month(m), true),
                            DatePart::LastMonth(m) => (ExpectedValue::LastMonth(m), true),
                            DatePart::Day(d) => (ExpectedValue::Day(d), true),
                            DatePart::Quarter(q) => (ExpectedValue::Quarter(q), true),
                            DatePart::Weekday(d) => (ExpectedValue::Weekday(d), false),
                            DatePart::Time(h, m, full) => (ExpectedValue::Time(h, m, full), true),
                            DatePart::Plan(n) => (amount(f64::from(n), None), false),
                            DatePart::Word => return None,
                        };
                        Some(expectation(what, figure.value.clone(), required))
                    })
                    .collect()
            }
        }
    }
}

/// ExpectedValue the money may be of: a 元 that nothing says more of is the yuan, or the dollar of a place or a
/// currency that the sentence names.
fn currencies_of(figure: &Figure, named: CurrencySet) -> CurrencySet {
    if figure.currency.is_none() || figure.currency_stated {
        return figure.may_be;
    }
    figure.may_be.and(named.of_both(dollars()))
}

/// 500起, 200块, 42度, 1.1个: the unit says too little to rule out money or percent.
fn is_bare(figure: &Figure) -> bool {
    match figure.unit.as_deref() {
        None | Some("起" | "块" | "度" | "点") => true,
        Some("个" | "分") => !matches!(figure.value, Value::Number(n) if n.fract() == 0.0),
        _ => false,
    }
}

/// 数百, 十几 and 二十几 come as ranges that mean an order of magnitude.
fn is_order(low: f64, high: f64) -> bool {
    let unit = 10f64.powf(low.log10().floor());
    let hundreds = close(low, 2.0 * unit, 1e-9) && close(high, 9.0 * unit, 1e-9);
    let tens = (low / unit).floor() * unit;
    let teens = close(low, tens + 0.1 * unit, 1e-9) && close(high, tens + 0.9 * unit, 1e-9);
    low > 0.0 && (hundreds || teens)
}

/// Whether a figure is in Chinese characters throughout.
fn is_written(text: &str) -> bool {
    !text.contains(|c: char| c.is_ascii_digit() || ('０'..='９').contains(&c))
}

/// Whether good English must show the figure.
fn is_required(figure: &Figure, zh: &str) -> bool {
    let text = &zh[figure.range.clone()];
    let before = &zh[..figure.range.start];
    // 八折 is 20% off, or 80% of the price, or a discount
    if figure.unit.as_deref() == Some("折") {
        return false;
    }
    // 1美元兑7.1元 is 7.1 yuan to the dollar
    let one = figure.kind == FigureKind::Money && figure.value == Value::Number(1.0);
    let rate = ['兑', '对', '合'];
    if one && (zh[figure.range.end..].starts_with(rate) || before.ends_with(rate)) {
        return false;
    }
    if !is_written(text) {
        let few = matches!(figure.value, Value::Number(n) if n <= 9.0)
            && figure.kind == FigureKind::Number;
        return !(few
            && ["这", "那", "上述", "以上"]
                .iter()
                .any(|w| before.ends_with(w)));
    }
    let unit = figure.unit.as_deref().unwrap_or("");
    let behind = &zh[figure.range.end..];
    // 第一高楼 is the tallest; 一级A标准 is Class A
    if figure.value == Value::Number(1.0) && figure.kind == FigureKind::Ordinal {
        let superlative =
            text == "第一" && behind.starts_with(['大', '高', '长', '强', '富', '深', '快', '重']);
        if superlative || behind.starts_with(|c: char| c.is_ascii_alphabetic()) {
            return false;
        }
    }
    // 两人 and 两个人 are they; 汉晋两代 the two dynasties just named
    if figure.value == Value::Number(2.0)
        && (unit == "人" || unit == "个" && behind.starts_with('人') || unit == "代")
        && figure.bound.is_none()
    {
        return false;
    }
    match (&figure.value, figure.kind) {
        // a year, a week, a month: English has the article, or nothing
        (Value::Number(n), FigureKind::Duration | FigureKind::Number | FigureKind::Quantity)
            if *n == 1.0 =>
        {
            false
        }
        // the next day
        (Value::Number(n), FigureKind::Ordinal) if *n == 2.0 => {
            !matches!(unit, "天" | "年" | "日" | "周" | "月" | "个月")
        }
        // a hundred percent: wholly
        (Value::Number(n), FigureKind::Percent) if *n == 100.0 => false,
        (Value::Number(n), FigureKind::Number | FigureKind::Duration) if *n <= 9.0 => {
            !is_pointed_at(before)
                && !is_enumerated(before, *n as usize)
                && !is_abbreviated(before, *n as usize)
        }
        (Value::Range(..), FigureKind::Duration) => !is_pointed_at(before),
        _ => true,
    }
}

/// 这两个, 以上三种, 夫妻两人: these, the above, the couple.
fn is_pointed_at(before: &str) -> bool {
    const WORDS: &[&str] = &[
        "这",
        "那",
        "以上",
        "上述",
        "以下",
        "该",
        "其",
        "此",
        "近",
        "父母",
        "夫妻",
        "夫妇",
        "兄弟",
        "姐妹",
        "母女",
        "母子",
        "父子",
        "父女",
        "师徒",
        "他们",
        "她们",
        "我们",
        "你们",
        "咱们",
        "双方",
        "最近",
        "接下来",
        "前",
        "后",
        "头",
    ];
    WORDS.iter().any(|w| before.ends_with(w))
}

/// 中老缅泰四国, 苏浙两省, 昨今两天: each named by one character.
fn is_abbreviated(before: &str, count: usize) -> bool {
    const NAMES: &str = "中美英法德日俄韩朝印老缅泰越柬新马菲澳加意西葡欧非亚巴乌波土伊以沙阿埃\
        京津沪渝粤港澳台苏浙皖鲁豫鄂湘赣闽川黔滇陕甘青冀晋蒙辽吉黑藏宁琼桂\
        文理农工商学兵上下左右东南北前后男女老少春夏秋冬早中晚昨今明党政军民";
    (2..=6).contains(&count)
        && before
            .chars()
            .rev()
            .take(count)
            .filter(|c| NAMES.contains(*c))
            .count()
            == count
}

/// 甲、乙、丙三人, 长江和黄河两条大河: English names them and does not count them.
fn is_enumerated(before: &str, count: usize) -> bool {
    // A list of so many names is none that anybody counts.
    const LONGEST: usize = 600;
    let from = before.len().saturating_sub(LONGEST);
    let from = (from..=before.len()).find(|i| before.is_char_boundary(*i));
    let before = &before[from.unwrap_or(0)..];
    let clause = before.rfind(['。', '；', '：', '！', '？']).unwrap_or(0);
    let clause = &before[clause..];
    let joins = clause.matches(['、', '和', '与', '及', '，', '/']).count();
    let near = clause
        .chars()
        .rev()
        .take(60)
        .any(|c| matches!(c, '、' | '和' | '与' | '及' | '/'));
    near && joins + 1 >= count
}

impl ExpectedValue {
    /// The number it stands for.
    pub(super) fn number(&self) -> f64 {
        match *self {
            Self::Amount { value, .. } | Self::Name(value) => value,
            Self::Order { low, .. } => low,
            Self::Year(y) | Self::Decade(y) | Self::Century(y) => f64::from(y),
            Self::Month(n)
            | Self::LastMonth(n)
            | Self::Day(n)
            | Self::Quarter(n)
            | Self::Weekday(n) => f64::from(n),
            Self::Time(h, m, _) => f64::from(h) + f64::from(m) / 100.0,
        }
    }

    /// Whether two values are of one sort.
    pub(super) fn is_alike(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Amount { kind: a, .. }, Self::Amount { kind: b, .. }) => a == b,
            (Self::Name(_), _) | (_, Self::Name(_)) => true,
            _ => std::mem::discriminant(self) == std::mem::discriminant(other),
        }
    }

    /// How well `en` can stand for this: 0 is best, `None` not at all.
    pub(super) fn fit(&self, en: &EnglishFigure) -> Option<u32> {
        if !self.may_be(en) {
            return None;
        }
        match (self, en.value) {
            (Self::Amount { .. }, _) => self.amount_fit(en),
            (Self::Name(value), EnglishValue::Number(n))
                if n % 100.0 == *value && (1900.0..2100.0).contains(&n) =>
            {
                Some(4)
            }
            (Self::Name(value), EnglishValue::Number(n)) => {
                (*value == n || en.alternate == Some(*value)).then_some(4)
            }
            (Self::Name(value), EnglishValue::Time(h, m)) => {
                (f64::from(h * 100 + m) == *value).then_some(4)
            }
            (Self::Name(value), EnglishValue::Decade(d)) => {
                let born = f64::from(d) == *value || f64::from(d % 100) == *value;
                born.then_some(4)
            }

            (Self::Order { low, high, measure }, EnglishValue::Vague(a, b)) => {
                let scale = in_years(*measure, en);
                let (low, high) = (low * scale, high * scale);
                // dozens are no hundreds
                (low <= a && a < high || measure.is_some() && a <= high && low <= b).then_some(0)
            }
            (Self::Order { low, high, measure }, EnglishValue::Number(n)) => {
                let n = match (measure, en.measure) {
                    (Some((a, size)), Some((b, en_size))) if *a == b => n * en_size / size,
                    _ => n,
                };
                (*low <= n && n <= high * 1.2).then_some(1)
            }
            (Self::Year(y), EnglishValue::Number(n)) => {
                let plain = matches!(en.kind, FigureKind::Number | FigureKind::Date)
                    || en.around.after == "year";
                let short = (10.0..100.0).contains(&n) && f64::from(y.rem_euclid(100)) == n;
                (plain && (n == f64::from(*y) || short)).then_some(u32::from(short))
            }
            (Self::Year(y), EnglishValue::Decade(d)) => (d == y - y.rem_euclid(10)).then_some(2),
            // the 80s of the 15th century
            (Self::Decade(y), EnglishValue::Decade(d)) => {
                let short = en.alternate == Some(f64::from(y.rem_euclid(100)));
                (d == *y || short).then_some(u32::from(d != *y))
            }
            (Self::Decade(y), EnglishValue::Number(n)) => (n == f64::from(*y)).then_some(1),
            (Self::Century(c), EnglishValue::Number(n)) => (n == f64::from(*c)).then_some(0),
            (Self::Century(c), EnglishValue::Decade(d)) => (d / 100 + 1 == *c).then_some(1),
            (Self::Month(m) | Self::LastMonth(m), EnglishValue::Month(n)) => (*m == n).then_some(0),
            (Self::LastMonth(m), EnglishValue::Number(n)) => (n == f64::from(*m)).then_some(1),
            (Self::Month(m), EnglishValue::Number(n)) => (n == f64::from(*m)
                && en.kind == FigureKind::Number
                && en.standing == Standing::Stated)
                .then_some(3),
            (Self::Day(d), EnglishValue::Number(n)) => {
                let kind = matches!(
                    en.kind,
                    FigureKind::Number | FigureKind::Ordinal | FigureKind::Date | FigureKind::Score
                );
                (kind && n == f64::from(*d)).then_some(u32::from(en.kind == FigureKind::Number))
            }
            // 一季度 may be any quarter, once in a quarter
            (Self::Quarter(q), EnglishValue::Number(n)) => (n == f64::from(*q)
                || *q == 1 && n == 0.25 && en.standing == Standing::StandIn)
                .then_some(0),
            (Self::Weekday(d), EnglishValue::Weekday(e)) => (*d == e).then_some(0),
            (Self::Time(h, m, full), EnglishValue::Time(eh, em)) => {
                let other = full.is_some_and(|full| full % 24 != eh % 24);
                (h % 12 == eh % 12 && *m == em).then_some(u32::from(other))
            }
            (Self::Time(h, 0, _), EnglishValue::Number(n)) => {
                (n == f64::from(*h) || n > 0.0 && n == f64::from(h % 12)).then_some(2)
            }
            _ => None,
        }
    }

    /// Whether words of such standing can show this at all.
    fn may_be(&self, en: &EnglishFigure) -> bool {
        match en.standing {
            Standing::Stated | Standing::Doubtful => true,
            Standing::Name => match *self {
                Self::Name(_) | Self::Amount { bare: true, .. } | Self::Year(_) => true,
                Self::Quarter(_) => en.around.before == "q",
                Self::Amount {
                    kind: FigureKind::Ordinal,
                    ..
                } => true,
                // 负二层 as B2
                Self::Amount { value, .. } => value < 0.0 && en.around.before == "b",
                _ => false,
            },
            Standing::StandIn => match *self {
                Self::Amount { kind, written, .. } => stands_in(kind, written, en),
                Self::Order { .. }
                | Self::Time(..)
                | Self::Weekday(_)
                | Self::Decade(_)
                | Self::Quarter(_) => true,
                _ => false,
            },
        }
    }

    fn amount_fit(&self, en: &EnglishFigure) -> Option<u32> {
        let Self::Amount {
            value,
            kind,
            measure,
            bare,
            exact,
            ..
        } = *self
        else {
            return None;
        };
        let number = match en.value {
            EnglishValue::Number(n) => n,
            EnglishValue::Vague(low, high) => {
                // 上万 as tens of thousands, 30年 as decades
                let round = value / 10f64.powf(value.abs().max(1.0).log10().floor());
                let value = value * in_years(measure, en);
                let within = value >= low && value <= high && value >= 10.0;
                return (within && round.fract() < 1e-9).then_some(3);
            }
            // 2小时13分 as 2:13, 3比10 as 3:10; 不到十点 as before 10 o'clock
            EnglishValue::Time(h, m) => {
                let part = f64::from(h) == value || f64::from(m) == value;
                let four = f64::from(h * 100 + m) == value && value >= 100.0;
                let clock = four || bare && m == 0 && f64::from(h % 12) == value % 12.0;
                let sorts = matches!(kind, FigureKind::Score | FigureKind::Duration);
                return (part && sorts || clock).then_some(2);
            }
            EnglishValue::Decade(d) => {
                let age = en.alternate == Some(value)
                    && (bare || matches!(kind, FigureKind::Age | FigureKind::Quantity));
                return (age || f64::from(d) == value && bare).then_some(0);
            }
            _ => return None,
        };
        let agrees = |en_kind: FigureKind| kinds_agree(kind, en_kind, bare);
        if !agrees(en.kind) && !en.shared.is_some_and(agrees) {
            return None;
        }
        // Both sides name a unit of their own: compare what they amount to. A foot for a 尺 is right.
        let mut apart = 0;
        if let (Some((a, size)), Some((b, en_size))) = (measure, en.measure) {
            if a == b && !close(size, en_size, 0.13) {
                let months = [size, en_size].contains(&MONTH);
                let tolerance = match a {
                    Dimension::Time if months => 0.1,
                    Dimension::Time => 0.03,
                    _ => 0.06,
                };
                return close(value.abs() * size, number * en_size, tolerance).then_some(1);
            }
            if a == b
                && !close(size, en_size, 1e-3)
                && close(value.abs() * size, number * en_size, 0.06)
            {
                return Some(1);
            }
            apart = 3 * u32::from(a != b);
        }
        let same = |n: f64| close(value.abs(), n.abs(), 1e-9);
        if same(number) {
            let doubts = u32::from(en.standing != Standing::Stated) + u32::from(kind != en.kind);
            return Some(doubts + apart);
        }
        if en.alternate.is_some_and(same) {
            return Some(1);
        }
        let converted = match (kind, en.kind) {
            (FigureKind::Percent, FigureKind::Fraction | FigureKind::Multiple) => {
                close(value / 100.0, number, 0.01)
            }
            // two-thirds as 66 percent
            (FigureKind::Fraction, FigureKind::Percent) => (value * 100.0 - number).abs() < 1.0,
            (FigureKind::Fraction, _) => close(value, number, 1e-3),
            (FigureKind::Multiple, FigureKind::Percent) => {
                close(value * 100.0, number, 1e-6) || close((value - 1.0) * 100.0, number, 1e-6)
            }
            (FigureKind::Multiple, _) if exact => false,
            // 增长两倍 is to triple, and is as often stated of doubling
            (FigureKind::Multiple, _) => {
                close(value + 1.0, number, 1e-9) || value > 2.0 && close(value - 1.0, number, 1e-9)
            }
            _ => false,
        };
        if converted {
            return Some(2);
        }
        is_rounding(value.abs(), number.abs(), en).then_some(2)
    }
}

const YEAR: f64 = 365.25 * 86_400.0;
const MONTH: f64 = YEAR / 12.0;

/// An age is counted in years.
fn years_of(figure: &Figure) -> Option<(Dimension, f64)> {
    (figure.kind == FigureKind::Age).then_some((Dimension::Time, YEAR))
}

/// 翻一番, 翻倍, 是原来的3倍, 达3倍: so many times as much. 增长3倍 and 翻两倍 may be said either way.
fn is_exact(figure: &Figure, zh: &str) -> bool {
    let before = &zh[..figure.range.start];
    let before = before.trim_end_matches(['约', '近', '超', '过', '了']);
    let whole = ["的", "是", "为", "相当于", "至", "到", "达"];
    let text = &zh[figure.range.clone()];
    let doubled = text.starts_with('翻') && !text.contains(['两', '二', '2']);
    let doubled = doubled && figure.value == Value::Number(2.0);
    figure.kind == FigureKind::Multiple
        && (doubled
            || figure.unit.as_deref() == Some("番")
            || whole.iter().any(|w| before.ends_with(w)))
}

/// ExpectedValue a number of `measure` has to be multiplied by to be compared with *decades*.
fn in_years(measure: Option<(Dimension, f64)>, en: &EnglishFigure) -> f64 {
    match measure {
        Some((Dimension::Time, size)) if en.kind == FigureKind::Duration => size / YEAR,
        _ => 1.0,
    }
}

pub(super) fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

/// Whether a word like *next*, *both*, *a* can stand for a figure of `kind`.
fn stands_in(kind: FigureKind, written: bool, en: &EnglishFigure) -> bool {
    match en.kind {
        // the largest, the next: 第一, 第二 in words
        FigureKind::Ordinal => kind == FigureKind::Ordinal && written,
        // 第一天 as a day
        FigureKind::Duration if kind == FigureKind::Ordinal => written,
        FigureKind::Number => matches!(kind, FigureKind::Number | FigureKind::Duration),
        // twice, double, half
        FigureKind::Multiple => matches!(
            kind,
            FigureKind::Multiple | FigureKind::Number | FigureKind::Percent
        ),
        FigureKind::Fraction => matches!(
            kind,
            FigureKind::Fraction | FigureKind::Percent | FigureKind::Multiple
        ),
        FigureKind::Duration => matches!(
            kind,
            FigureKind::Duration | FigureKind::Quantity | FigureKind::Age
        ),
        _ => false,
    }
}

/// Whether a figure of kind `zh` can be stated in English as one of kind `en`.
fn kinds_agree(zh: FigureKind, en: FigureKind, bare: bool) -> bool {
    match zh {
        FigureKind::Number | FigureKind::Quantity if bare => true,
        FigureKind::Percent => matches!(
            en,
            FigureKind::Percent | FigureKind::Fraction | FigureKind::Number | FigureKind::Multiple
        ),
        FigureKind::Fraction => matches!(
            en,
            FigureKind::Percent
                | FigureKind::Fraction
                | FigureKind::Number
                | FigureKind::Multiple
                | FigureKind::Quantity
                | FigureKind::Duration
        ),
        FigureKind::Multiple => {
            !matches!(en, FigureKind::Money | FigureKind::Age | FigureKind::Date)
        }
        FigureKind::Money => matches!(en, FigureKind::Money | FigureKind::Number),
        FigureKind::Age => matches!(
            en,
            FigureKind::Age | FigureKind::Number | FigureKind::Duration | FigureKind::Ordinal
        ),
        FigureKind::Duration | FigureKind::Ordinal => {
            !matches!(en, FigureKind::Percent | FigureKind::Money)
        }
        FigureKind::Quantity => !matches!(
            en,
            FigureKind::Percent | FigureKind::Money | FigureKind::Age
        ),
        FigureKind::Number | FigureKind::Score | FigureKind::Date => {
            !matches!(en, FigureKind::Percent | FigureKind::Money)
        }
    }
}

/// 1.3 billion for 12.84亿, over 8 million for 8.47 million: the English is the Chinese at the
/// precision that the English shows.
fn is_rounding(value: f64, number: f64, en: &EnglishFigure) -> bool {
    let unit = 10f64.powi(en.last_digit);
    let (precise, shown) = (value / unit, number / unit);
    let open = en.last_digit > 0 && number >= 1e6 || en.last_digit < 0 || en.hedged;
    if !open || precise < 1.0 || (precise - precise.round()).abs() < 1e-6 {
        return false;
    }
    let nearest = (precise - shown).abs() <= 0.5 + 1e-9 && shown >= 10.0;
    let cut = (precise - shown).abs() < 1.0 && en.hedged;
    (nearest || cut) && close(value, number, 0.06)
}

/// The number of an English figure, where it has one.
pub(super) fn number_of(en: &EnglishFigure) -> Option<f64> {
    match en.value {
        EnglishValue::Number(n) => Some(n),
        EnglishValue::Vague(low, _) => Some(low),
        EnglishValue::Decade(d) => Some(f64::from(d)),
        EnglishValue::Month(m) => Some(f64::from(m)),
        EnglishValue::Weekday(_) => None,
        EnglishValue::Time(h, m) => Some(f64::from(h) + f64::from(m) / 100.0),
    }
}
