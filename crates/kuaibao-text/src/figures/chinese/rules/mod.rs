//! The grammar: a table of rules, tried in order wherever a figure may begin.

mod amounts;
mod bounds;
mod not_figures;
mod ordinals;
mod parts;
mod unit_behind;

use std::ops::Range;
use std::sync::LazyLock;

use super::dates::{self, Carry, DatePart, Until};
use super::line::Line;
use super::numeral::{self, is_numeral};
use super::{context, phrases};
use crate::figures::calendar::{Fine, Partial};
use crate::figures::currency::{self, CurrencySet};
use crate::figures::units::Dimension;
use crate::figures::{Bound, Figure, FigureKind, Value, render};

/// What a rule makes of the text at its position.
enum Outcome {
    Figure(Found),
    /// Numerals that are no figure: go on behind them.
    Skip(usize),
}

/// A rule, what it may begin with, and what it does there.
type Rule = (
    &'static str,
    &'static [Begins],
    fn(&mut Cursor<'_>) -> Option<Outcome>,
);

/// What a rule may begin with.
enum Begins {
    /// A digit of ASCII.
    Digit,
    /// A numeral in any writing, with 几 and 数.
    Numeral,
    /// A letter of ASCII.
    Letter,
    /// One of the set phrases.
    Phrase,
    /// What stands before an amount of money.
    Currency,
    /// One of these characters.
    With(&'static str),
}

use Begins::{Currency, Digit, Letter, Numeral, Phrase, With};

/// The rules in the order they are tried: what is no figure first, then the longer form before the
/// shorter one that it contains.
static RULES: &[Rule] = &[
    (
        "set phrase or name: 一带一路, 三亚",
        &[Phrase, With("中水")],
        not_figures::set_phrase,
    ),
    (
        "lunar date: 农历八月十五",
        &[With("农阴旧")],
        not_figures::lunar_date,
    ),
    (
        "grade in Roman numerals: Ⅱ级, III级",
        &[With("ⅠⅡⅢⅣⅤI")],
        ordinals::roman,
    ),
    ("code: 5G, B-52, PM2.5", &[Digit, Letter], not_figures::code),
    (
        "five-year plan: “十五五”",
        &[Numeral, With("“「‘'\"")],
        plan,
    ),
    (
        "term in quotation marks: “三大差距”, “4+1”",
        &[With("“「‘『《")],
        not_figures::quoted_term,
    ),
    (
        "number of a document: 〔2013〕23号",
        &[With("〔([")],
        not_figures::document,
    ),
    (
        "list marker: 1. （二） 三、 第四，",
        &[Numeral, With("(第")],
        not_figures::list_marker,
    ),
    (
        "telephone, serial and page numbers",
        &[Numeral, With("第")],
        not_figures::serial,
    ),
    (
        "number in the name of a king or a pope: 利奥十四世",
        &[With("一二三四五六七八九十")],
        not_figures::regnal,
    ),
    ("running time: 2:11.60", &[Digit], parts::running_time),
    ("score: 3比1, 21:18", &[Numeral], parts::score),
    (
        "years in brackets: （2019）, （1418—1450）",
        &[With("(")],
        years,
    ),
    (
        "date and time of day",
        &[
            Numeral,
            With("今去明前后上下本昨大当同次翌转这周星礼年公凌清早傍晚夜午深中黎正第"),
        ],
        date,
    ),
    ("generation: 90后", &[Numeral], not_figures::generation),
    (
        "fraction: 三分之二, 百分之五, 1/3, 一半, 过半, 近半",
        &[Numeral, With("半过近负-—")],
        parts::fraction,
    ),
    ("doubling: 翻一番", &[With("翻")], parts::doubling),
    (
        "ordinal: 第十四届, 十五届",
        &[Numeral, With("第")],
        ordinals::ordinal,
    ),
    (
        "money with its sign in front: US$5亿",
        &[Currency],
        amounts::money,
    ),
    ("half of a unit: 半年", &[With("半")], amounts::half),
    (
        "number with its unit: 3亿元, 40亿—50亿元, 两年半",
        &[Numeral, With("负-—")],
        amounts::amount,
    ),
];

/// Characters that numerals begin with, beside the digits of ASCII.
const NUMERALS: &str = "俩零〇一二两三四五六七八九十百千万亿廿卅数几壹贰叁肆伍陆柒捌玖拾佰仟";

/// The rules that may begin with each character of the Basic Multilingual Plane, a bit a rule.
static MAY_BEGIN: LazyLock<Vec<u32>> = LazyLock::new(|| {
    let mut rules = vec![0; 0x1_0000];
    for (at, (_, begins, _)) in RULES.iter().enumerate() {
        let mut add = |c: char| rules[c as usize] |= 1 << at;
        for begin in *begins {
            match begin {
                Digit => ('0'..='9').for_each(&mut add),
                Numeral => ('0'..='9').chain(NUMERALS.chars()).for_each(&mut add),
                Letter => ('A'..='Z').chain('a'..='z').for_each(&mut add),
                Phrase => phrases::firsts().for_each(&mut add),
                Currency => currency::firsts_before().for_each(&mut add),
                With(characters) => characters.chars().for_each(&mut add),
            }
        }
    }
    rules
});

/// The rules that may begin with `c`, a bit a rule.
fn rules_for(c: char) -> u32 {
    MAY_BEGIN.get(c as usize).copied().unwrap_or(0)
}

/// What the first of `rules` that holds makes of the text at its position.
fn first_of(rules: u32, cx: &mut Cursor<'_>) -> Option<Outcome> {
    let mut left = rules;
    while left != 0 {
        let (_, _, rule) = RULES[left.trailing_zeros() as usize];
        if let Some(outcome) = rule(cx) {
            return Some(outcome);
        }
        left &= left - 1;
    }
    None
}

/// The reading position.
struct Cursor<'a> {
    line: &'a Line,
    at: usize,
    /// End of the figure before: what stands before it is taken.
    free: usize,
    carry: &'a mut Carry,
}

/// A figure in glyph positions.
struct Found {
    start: usize,
    end: usize,
    kind: FigureKind,
    value: Value,
    unit: Option<String>,
    currency: Option<&'static str>,
    /// All the currencies that the name may mean.
    may_be: CurrencySet,
    currency_stated: bool,
    bound: Option<Bound>,
    en: String,
    stated: Vec<DatePart>,
    measure: Option<(Dimension, f64)>,
    parts: Vec<(f64, Option<(Dimension, f64)>)>,
}

/// The figures of `text`.
pub(in crate::figures) fn read(text: &str, carry: &mut Carry) -> Vec<Figure> {
    let line = Line::new(text);
    let mut figures = Vec::new();
    let mut spans = Vec::new();
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
        let rules = rules_for(c);
        if rules == 0 {
            cx.at += 1;
            continue;
        }
        match first_of(rules, &mut cx) {
            Some(Outcome::Figure(mut found)) => {
                bounds::in_front(&line, cx.free, &mut found);
                cx.at = found.end;
                cx.free = found.end;
                spans.push((found.start, found.end));
                figures.push(found.into_figure(&line));
            }
            Some(Outcome::Skip(end)) => {
                cx.at = end;
                cx.free = end;
            }
            None => cx.at = behind_numeral(&line, cx.at),
        }
    }
    context::describe(&line, &spans, &mut figures);
    figures
}

/// The numerals of `text` outside its figures: parts of names and terms, with their values, and
/// whether English will hardly write them otherwise (not 三 of 三亚).
pub(in crate::figures) fn numerals_in_names(
    text: &str,
    figures: &[Figure],
) -> Vec<(Range<usize>, f64, bool)> {
    let line = Line::new(text);
    let mut out = Vec::new();
    let mut taken = figures.iter().map(|f| f.range.clone()).peekable();
    let mut at = 0;
    while at < line.len() {
        let byte = line.bytes(at..at).start;
        while taken.next_if(|r| r.end <= byte).is_some() {}
        let free = taken.peek().is_none_or(|r| byte < r.start) && is_numeral(line.get(at));
        match free.then(|| numeral::read(&line, at)).flatten() {
            // .N225 is a code that English may leave out
            Some(n) if n.end > at => {
                let letters = (0..at)
                    .rev()
                    .take(6)
                    .take_while(|i| line.get(*i).is_ascii_alphabetic());
                let code = letters
                    .last()
                    .is_some_and(|first| line.before(first) == '.');
                let marker = line.before(at) == '(' && line.get(n.end) == ')'
                    || at == 0 && line.get(n.end) == '、';
                let plain = n.style != numeral::Style::Written || n.low > 10.0 || marker;
                // 8·11汇改 is the reform of August 11
                let month = line.get(n.end) == '·'
                    && line.get(n.end + 1).is_ascii_digit()
                    && n.whole(12).is_some();
                let plain = plain && !code && !month;
                if let Some(value) = n.exact().filter(|v| *v > 0.0) {
                    out.push((line.bytes(at..n.end), value, plain));
                }
                at = n.end;
            }
            _ => at += 1,
        }
    }
    out
}

/// Goes on behind a numeral that no rule took, so that nothing begins inside it.
fn behind_numeral(line: &Line, at: usize) -> usize {
    if !is_numeral(line.get(at)) {
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
    fn new(start: usize, end: usize, kind: FigureKind, value: Value) -> Self {
        Self {
            start,
            end,
            kind,
            value,
            unit: None,
            currency: None,
            may_be: CurrencySet::default(),
            currency_stated: false,
            bound: None,
            en: String::new(),
            stated: Vec::new(),
            measure: None,
            parts: Vec::new(),
        }
    }

    fn into_figure(self, line: &Line) -> Figure {
        let cold = matches!(self.measure, Some((Dimension::Temperature, _)))
            && matches!(self.value, Value::Number(n) if n < 0.0);
        let en = match self.bound {
            Some(Bound::AtMost) if cold => format!("{} or lower", self.en),
            Some(Bound::AtLeast) if cold => format!("{} or higher", self.en),
            bound => render::with_bound(&self.en, bound, self.kind),
        };
        Figure {
            range: line.bytes(self.start..self.end),
            en,
            kind: self.kind,
            value: self.value,
            unit: self.unit,
            currency: self.currency,
            may_be: self.may_be,
            currency_stated: self.currency_stated,
            bound: self.bound,
            stated: self.stated,
            measure: self.measure,
            parts: self.parts,
            what: None,
            direction: None,
            compared: None,
            base: None,
        }
    }
}

/// One number or a range, rid of the last bit that scaling by tenths leaves to chance.
fn value_of(low: f64, high: f64) -> Value {
    let tidy = |v: f64| {
        if v.abs() < 1e9 {
            (v * 1e6).round() / 1e6
        } else {
            v
        }
    };
    if low == high {
        Value::Number(tidy(low))
    } else {
        Value::Range(tidy(low.min(high)), tidy(high.max(low)))
    }
}

fn date(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let Some(d) = dates::read(cx.line, cx.at, cx.carry) else {
        // 通常在周三|集会: no date, but no count either
        return dates::weekday_again(cx.line, cx.at).map(Outcome::Skip);
    };
    let (value, en) = match d.until {
        None => (d.start.to_string(), render::date(&d.start)),
        Some(Until::Interval(to)) => (format!("{}/{to}", d.start), render::interval(&d.start, &to)),
        Some(Until::Also(also)) => (
            format!("{{{},{also}}}", d.start),
            render::both(&d.start, &also),
        ),
    };
    let mut f = Found::new(cx.at, d.end, FigureKind::Date, Value::Date(value));
    let bare = Partial {
        fine: d.start.fine,
        about: d.start.about,
        ..Partial::default()
    };
    let unresolved = d.start.fine != Fine::Time && d.start == bare;
    f.en = unresolved
        .then(|| render::word(&cx.line.glyphs()[cx.at..d.end]))
        .flatten()
        .unwrap_or(en);
    f.stated = d.stated;
    if let [.., DatePart::Quarter(q)] = f.stated[..] {
        let year = d
            .start
            .year
            .map_or_else(String::new, |y| format!(" of {y}"));
        f.en = match f.stated[..] {
            [.., DatePart::Quarter(first), DatePart::Quarter(_)] => {
                let quarters = [first, q].map(render::ordinal_word);
                format!("the {} and {} quarters{year}", quarters[0], quarters[1])
            }
            _ => format!("the {} quarter{year}", render::ordinal_word(q)),
        };
    }
    // 5月底前
    let before = cx.line.get(d.end) == '前' && !"后三两四夕".contains(cx.line.get(d.end + 1));
    if before && matches!(cx.line.before(d.end), '底' | '末') {
        f.en = format!("by {}", f.en);
    }
    Some(Outcome::Figure(f))
}

/// （2019）, （1418—1450）: years, of a work, a plan, a life.
fn years(cx: &mut Cursor<'_>) -> Option<Outcome> {
    let line = cx.line;
    let year = |at: usize| {
        let n = numeral::read(line, at).filter(|n| n.style == numeral::Style::Arabic)?;
        let year = n.whole(2099).filter(|y| *y >= 1000 && n.digits == 4)?;
        Some((Partial::year(Some(year as i32)), n.end))
    };
    let (first, end) = year(line.skip_blank(cx.at + 1))?;
    let second = dates::connector(line, end).and_then(year);
    let (value, en, end) = match second {
        Some((last, end)) => (
            format!("{first}/{last}"),
            render::interval(&first, &last),
            end,
        ),
        None => (first.to_string(), render::date(&first), end),
    };
    let recent = second.is_some() || first.year.is_some_and(|y| y >= 1900);
    if line.get(line.skip_blank(end)) != ')' || !recent {
        return None;
    }
    let start = line.skip_blank(cx.at + 1);
    let mut f = Found::new(start, end, FigureKind::Date, Value::Date(value));
    f.en = en;
    let stated = [Some(first), second.map(|(last, _)| last)];
    let stated = stated.into_iter().flatten().filter_map(|date| date.year);
    f.stated = stated.map(DatePart::Year).collect();
    Some(Outcome::Figure(f))
}

/// “十五五”, “十四五”规划, 十三五时期: the Nth five-year plan.
///
/// The sixth plan ran from 1981 to 1985, and every one since five years more.
fn plan(cx: &mut Cursor<'_>) -> Option<Outcome> {
    const PERIODS: &[&str] = &[
        "规划", "时期", "期间", "末", "初", "以来", "开局", "收官", "计划", "减排", "目标",
    ];
    let line = cx.line;
    let open = line.take(cx.at, &["“", "「", "‘", "'", "\""]);
    let start = open.map_or(cx.at, |at| line.skip_blank(at));
    let digit = |at| numeral::digit(line.get(at)).filter(|d| *d > 0);
    // “十五”计划: the tenth
    let tenth = line.has(start, "十五") && line.get(start + 2) != '五' && open.is_some();
    let (number, five) = match line.get(start) {
        '十' if tenth => (10, start + 1),
        '十' => (10 + digit(start + 1)?, start + 2),
        _ => (digit(start)?, start + 1),
    };
    if line.get(five) != '五' || number < 6 {
        return None;
    }
    let close = line
        .take(five + 1, &["”", "」", "’", "'", "\""])
        .filter(|_| open.is_some());
    let named = close.is_some_and(|end| line.take(end, PERIODS).is_some());
    if tenth && !named || close.is_none() && line.take(five + 1, PERIODS).is_none() {
        return None;
    }
    let first = 1981 + (number as i32 - 6) * 5;
    let value = Value::Date(format!("{first}/{}", first + 4));
    let mut f = Found::new(cx.at, close.unwrap_or(five + 1), FigureKind::Date, value);
    let nth = render::ordinal(u64::from(number));
    f.en = format!("the {nth} Five-Year Plan period ({first}-{})", first + 4);
    f.stated = vec![DatePart::Plan(number)];
    Some(Outcome::Figure(f))
}
