//! The figures of a Chinese sentence against those of its English, by value.
//!
//! Both sides are taken apart into single values (a date into year, month and day; a range into
//! its ends), each Chinese value looks for an English one that can stand for it, and what is left
//! over on both sides is paired up as wrong, or is missing.

use std::ops::Range;

use crate::brief::figures::{
    Bound, Clock, Dimension, EnglishFigure, EnglishValue, Figure, Kind, Said, Value, extract,
    extract_english,
};

/// A Chinese figure that the English does not have.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing {
    /// Bytes of the Chinese.
    pub zh: Range<usize>,
    /// What is missing: for a date, the part of it.
    pub value: Value,
    /// English that would be right.
    pub expected: String,
}

/// A Chinese figure that the English has with another value.
#[derive(Clone, Debug, PartialEq)]
pub struct Wrong {
    /// Bytes of the Chinese.
    pub zh: Range<usize>,
    /// The Chinese value.
    pub value: Value,
    /// Bytes of the English.
    pub en: Range<usize>,
    /// The English value.
    pub en_value: f64,
    /// English value through Chinese value where it is a power of ten: a scale error.
    pub scale: Option<f64>,
    /// English that would be right.
    pub expected: String,
}

/// An English figure that the Chinese does not have.
#[derive(Clone, Debug, PartialEq)]
pub struct Extra {
    /// Bytes of the English.
    pub en: Range<usize>,
    /// Its value.
    pub value: f64,
}

/// What the comparison found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FigureCheck {
    /// Values of the Chinese that were looked for.
    pub figures: usize,
    /// In the Chinese only.
    pub missing: Vec<Missing>,
    /// In both, with different values.
    pub wrong: Vec<Wrong>,
    /// In the English only.
    pub extra: Vec<Extra>,
    /// The English range to replace, and with what, when exactly one number is wrong and nothing else is.
    pub patch: Option<(Range<usize>, String)>,
}

impl FigureCheck {
    /// Whether nothing is missing or wrong; extra figures alone are no alarm.
    pub fn ok(&self) -> bool {
        self.missing.is_empty() && self.wrong.is_empty()
    }
}

/// Compares the figures of `zh` with those of `en`.
pub fn check_figures(zh: &str, en: &str, clock: &Clock) -> FigureCheck {
    let figures = extract(zh, clock);
    let english = extract_english(en);
    let needs: Vec<Need> = figures.iter().flat_map(Need::of).collect();
    let mut pairing = Pairing::new(&needs, &english, zh.len(), en.len());
    pairing.solve();
    pairing.report()
}

/// One value that the English has to show.
#[derive(Clone, Debug)]
struct Need {
    zh: Range<usize>,
    what: What,
    value: Value,
    expected: String,
    /// Whether its absence is an error: 今年 may become anything.
    owed: bool,
}

#[derive(Clone, Debug)]
enum What {
    Amount {
        value: f64,
        kind: Kind,
        measure: Option<(Dimension, f64)>,
    },
    /// 数百: anything of that order.
    Order {
        low: f64,
        high: f64,
    },
    Year(i32),
    Decade(i32),
    Century(i32),
    Month(u32),
    Day(u32),
    Quarter(u32),
    Weekday(u32),
    Time(u32, u32),
}

impl Need {
    /// The values of one figure.
    fn of(figure: &Figure) -> Vec<Self> {
        let need = |what: What, value: Value, owed: bool| Self {
            zh: figure.range.clone(),
            what,
            value,
            expected: figure.en.clone(),
            owed,
        };
        let amount = |value: f64| What::Amount {
            value,
            kind: figure.kind,
            measure: figure.measure,
        };
        match &figure.value {
            Value::Number(n) if figure.bound == Some(Bound::TensOf) => {
                vec![need(
                    What::Order {
                        low: *n,
                        high: *n * 10.0,
                    },
                    figure.value.clone(),
                    true,
                )]
            }
            Value::Number(n) => vec![need(amount(*n), figure.value.clone(), true)],
            Value::Range(a, b) if is_order(*a, *b) => {
                vec![need(
                    What::Order {
                        low: *a / 2.0,
                        high: *b,
                    },
                    figure.value.clone(),
                    true,
                )]
            }
            Value::Range(a, b) | Value::Score(a, b) => vec![
                need(amount(*a), Value::Number(*a), true),
                need(amount(*b), Value::Number(*b), true),
            ],
            Value::Date(_) => figure
                .said
                .iter()
                .filter_map(|said| {
                    let (what, owed) = match *said {
                        Said::Year(y) => (What::Year(y), true),
                        Said::Decade(y) => (What::Decade(y), true),
                        Said::Century(c) => (What::Century(c), true),
                        Said::Month(m) => (What::Month(m), true),
                        Said::Day(d) => (What::Day(d), true),
                        Said::Quarter(q) => (What::Quarter(q), true),
                        Said::Weekday(d) => (What::Weekday(d), false),
                        Said::Time(h, m) => (What::Time(h, m), true),
                        Said::Word => return None,
                    };
                    Some(need(what, figure.value.clone(), owed))
                })
                .collect(),
        }
    }
}

/// 数百 and 十几 come as ranges that mean an order of magnitude.
fn is_order(low: f64, high: f64) -> bool {
    let unit = 10f64.powf(low.log10().floor());
    low > 0.0 && (low == 2.0 * unit && high == 9.0 * unit || low == 11.0 && high == 19.0)
}

impl What {
    /// How well `en` can stand for this: 0 is best, `None` not at all.
    fn fit(&self, en: &EnglishFigure) -> Option<u32> {
        match *self {
            Self::Amount {
                value,
                kind,
                measure,
            } => amount_fit(value, kind, measure, en),
            Self::Order { low, high } => match en.value {
                EnglishValue::Vague(a, b) => (a <= high && low <= b).then_some(0),
                EnglishValue::Number(n) => (low <= n && n <= high * 1.2).then_some(1),
                _ => None,
            },
            Self::Year(y) => match en.value {
                EnglishValue::Number(n) => {
                    let plain = en.kind != Kind::Percent && en.kind != Kind::Money;
                    let short = n < 100.0 && f64::from(y.rem_euclid(100)) == n && n >= 10.0;
                    (plain && (n == f64::from(y) || short)).then_some(u32::from(short))
                }
                EnglishValue::Decade(d) => (d == y - y % 10).then_some(2),
                _ => None,
            },
            Self::Decade(y) => match en.value {
                EnglishValue::Decade(d) => (d == y).then_some(0),
                EnglishValue::Number(n) => (n == f64::from(y)).then_some(1),
                _ => None,
            },
            Self::Century(c) => match en.value {
                EnglishValue::Number(n) => (n == f64::from(c)).then_some(0),
                EnglishValue::Decade(d) => (d / 100 + 1 == c).then_some(1),
                _ => None,
            },
            Self::Month(m) => match en.value {
                EnglishValue::Month(n) => (m == n).then_some(0),
                EnglishValue::Number(n) => {
                    (n == f64::from(m) && en.kind == Kind::Number && !en.weak).then_some(3)
                }
                _ => None,
            },
            Self::Day(d) => match en.value {
                EnglishValue::Number(n) => {
                    let kind = matches!(
                        en.kind,
                        Kind::Number | Kind::Ordinal | Kind::Date | Kind::Score
                    );
                    (kind && n == f64::from(d)).then_some(u32::from(en.kind == Kind::Number))
                }
                _ => None,
            },
            Self::Quarter(q) => match en.value {
                EnglishValue::Number(n) => (n == f64::from(q)).then_some(0),
                _ => None,
            },
            Self::Weekday(d) => match en.value {
                EnglishValue::Weekday(e) => (d == e).then_some(0),
                _ => None,
            },
            Self::Time(h, m) => match en.value {
                EnglishValue::Time(eh, em) => (h % 12 == eh % 12 && m == em).then_some(0),
                EnglishValue::Number(n) => {
                    ((n == f64::from(h) || n == f64::from(h % 12)) && m == 0).then_some(2)
                }
                _ => None,
            },
        }
    }
}

fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

fn amount_fit(
    value: f64,
    kind: Kind,
    measure: Option<(Dimension, f64)>,
    en: &EnglishFigure,
) -> Option<u32> {
    let number = match en.value {
        EnglishValue::Number(n) => n,
        EnglishValue::Vague(low, high) => {
            // 上万 as tens of thousands, 千余 as thousands
            return (value >= low && value <= high && value >= 10.0).then_some(3);
        }
        EnglishValue::Time(h, _) => {
            return (f64::from(h) == value && kind == Kind::Score).then_some(1);
        }
        EnglishValue::Decade(_) => {
            let years = en.alternate.is_some_and(|a| a == value);
            return (years && kind == Kind::Age).then_some(0);
        }
        _ => return None,
    };
    if !kinds_agree(kind, en, number, value) {
        return None;
    }
    // Both sides name a unit: compare what they amount to.
    if let (Some((a, size)), Some((b, en_size))) = (measure, en.measure)
        && a == b
        && en_size > 0.0
        && !close(size, en_size, 1e-3)
    {
        let tolerance = if a == Dimension::Time { 0.03 } else { 0.06 };
        return close(value * size, number * en_size, tolerance).then_some(1);
    }
    let same = |n: f64| close(value.abs(), n.abs(), 1e-9);
    if same(number) {
        return Some(u32::from(en.weak) + u32::from(kind != en.kind));
    }
    if en.alternate.is_some_and(same) {
        return Some(1);
    }
    match (kind, en.kind) {
        (Kind::Percent, Kind::Fraction) => return close(value / 100.0, number, 0.01).then_some(1),
        (Kind::Fraction, Kind::Percent) => return close(value, number / 100.0, 0.01).then_some(1),
        (Kind::Fraction, Kind::Number | Kind::Quantity) if close(value, number, 1e-5) => {
            return Some(0);
        }
        (Kind::Fraction, Kind::Fraction) => return close(value, number, 1e-3).then_some(0),
        (Kind::Percent, Kind::Multiple) => return close(value / 100.0, number, 0.01).then_some(1),
        (Kind::Multiple, Kind::Percent) => {
            let ok =
                close(value * 100.0, number, 1e-6) || close((value - 1.0) * 100.0, number, 1e-6);
            return ok.then_some(1);
        }
        (Kind::Multiple, _)
            if close(value + 1.0, number, 1e-9)
                || close(value - 1.0, number, 1e-9) && value > 2.0 =>
        {
            return Some(3);
        }
        _ => {}
    }
    is_rounding(value.abs(), number.abs(), en).then_some(2)
}

/// Whether the words beside the English number allow it to stand for a figure of `kind`.
fn kinds_agree(kind: Kind, en: &EnglishFigure, number: f64, value: f64) -> bool {
    let percent = en.kind == Kind::Percent;
    match kind {
        Kind::Percent => {
            percent || matches!(en.kind, Kind::Fraction | Kind::Number | Kind::Multiple)
        }
        Kind::Fraction => {
            percent
                || matches!(
                    en.kind,
                    Kind::Fraction | Kind::Number | Kind::Multiple | Kind::Quantity
                )
        }
        Kind::Multiple => !matches!(en.kind, Kind::Money | Kind::Age | Kind::Date),
        Kind::Ordinal => !percent && en.kind != Kind::Money,
        Kind::Money => matches!(en.kind, Kind::Money | Kind::Number),
        Kind::Age => matches!(
            en.kind,
            Kind::Age | Kind::Number | Kind::Duration | Kind::Ordinal
        ),
        Kind::Duration => !percent && en.kind != Kind::Money,
        Kind::Quantity => {
            !percent && !matches!(en.kind, Kind::Money | Kind::Age | Kind::Fraction)
                || number == value && en.kind == Kind::Fraction
        }
        Kind::Number | Kind::Score | Kind::Date => !percent && !matches!(en.kind, Kind::Money),
    }
}

/// 1.3 billion for 12.84亿: the English is the Chinese at the precision that the English shows.
fn is_rounding(value: f64, number: f64, en: &EnglishFigure) -> bool {
    let unit = 10f64.powi(en.last_digit);
    let shows_scale = en.last_digit > 0 && number >= 1e6 || en.last_digit < 0;
    let precise = value / unit;
    let digits = number / unit;
    if digits < 10.0 && !en.hedged || !(shows_scale || en.hedged) || precise.fract().abs() < 1e-9 {
        return false;
    }
    let nearest = (precise - digits).abs() <= 0.5 + 1e-9;
    let cut = en.hedged && (precise - digits).abs() < 1.0;
    nearest || cut
}

/// Which English figure stands for which need.
struct Pairing<'a> {
    needs: &'a [Need],
    english: &'a [EnglishFigure],
    /// For each need, the English figures that fit, best first.
    fits: Vec<Vec<usize>>,
    /// For each English figure, the need it stands for.
    taken: Vec<Option<usize>>,
    lengths: (usize, usize),
}

/// Beyond so many figures a line is a table; each need then looks only near its own place.
const MANY: usize = 400;

impl<'a> Pairing<'a> {
    fn new(needs: &'a [Need], english: &'a [EnglishFigure], zh_len: usize, en_len: usize) -> Self {
        let mut pairing = Self {
            needs,
            english,
            fits: Vec::with_capacity(needs.len()),
            taken: vec![None; english.len()],
            lengths: (zh_len.max(1), en_len.max(1)),
        };
        for (i, need) in needs.iter().enumerate() {
            let window = if english.len() <= MANY {
                0..english.len()
            } else {
                let center = i * english.len() / needs.len();
                center.saturating_sub(MANY / 2)..(center + MANY / 2).min(english.len())
            };
            let mut fits: Vec<(u32, u64, usize)> = window
                .filter_map(|j| {
                    let fit = need.what.fit(&english[j])?;
                    Some((fit, pairing.distance(need, &english[j]), j))
                })
                .collect();
            fits.sort_unstable();
            pairing
                .fits
                .push(fits.into_iter().map(|(_, _, j)| j).collect());
        }
        pairing
    }

    /// How far apart the two stand, relative to their sentences, in parts of a thousand.
    fn distance(&self, need: &Need, en: &EnglishFigure) -> u64 {
        let zh = need.zh.start as u64 * 1000 / self.lengths.0 as u64;
        let at = en.range.start as u64 * 1000 / self.lengths.1 as u64;
        zh.abs_diff(at)
    }

    /// Bipartite matching by augmenting paths (Kuhn 1955), needs with the fewest choices first.
    fn solve(&mut self) {
        let mut order: Vec<usize> = (0..self.needs.len()).collect();
        order.sort_by_key(|i| self.fits[*i].len());
        let augment = self.needs.len() <= MANY;
        for need in order {
            if augment {
                let mut seen = vec![false; self.english.len()];
                self.place(need, &mut seen);
            } else if let Some(j) = self.fits[need]
                .iter()
                .copied()
                .find(|j| self.taken[*j].is_none())
            {
                self.taken[j] = Some(need);
            }
        }
    }

    fn place(&mut self, need: usize, seen: &mut [bool]) -> bool {
        for k in 0..self.fits[need].len() {
            let j = self.fits[need][k];
            if seen[j] {
                continue;
            }
            seen[j] = true;
            let free = match self.taken[j] {
                None => true,
                Some(other) => self.place(other, seen),
            };
            if free {
                self.taken[j] = Some(need);
                return true;
            }
        }
        false
    }

    fn report(&self) -> FigureCheck {
        let mut check = FigureCheck {
            figures: self.needs.len(),
            ..FigureCheck::default()
        };
        let mut placed = vec![false; self.needs.len()];
        for need in self.taken.iter().flatten() {
            placed[*need] = true;
        }
        let mut left: Vec<usize> = (0..self.english.len())
            .filter(|j| {
                self.taken[*j].is_none()
                    && !self.english[*j].weak
                    && number_of(&self.english[*j]).is_some()
            })
            .collect();
        let open: Vec<usize> = (0..self.needs.len())
            .filter(|i| !placed[*i] && self.needs[*i].owed)
            .collect();
        // The likeliest pairs first: a scale error, a slip of one digit, the same kind nearby.
        let mut pairs: Vec<(u32, u64, usize, usize)> = Vec::new();
        for &i in &open {
            for &j in left.iter().take(MANY) {
                if let Some(likeness) = likeness(&self.needs[i], &self.english[j]) {
                    pairs.push((
                        likeness,
                        self.distance(&self.needs[i], &self.english[j]),
                        i,
                        j,
                    ));
                }
            }
        }
        pairs.sort_unstable();
        let mut settled = vec![false; self.needs.len()];
        for (_, _, i, j) in pairs {
            if settled[i] || !left.contains(&j) {
                continue;
            }
            settled[i] = true;
            left.retain(|k| *k != j);
            check.wrong.push(self.wrong(i, j));
        }
        for i in open {
            // Said twice in Chinese, once in English: not missing.
            if settled[i] || !self.fits[i].is_empty() {
                continue;
            }
            let need = &self.needs[i];
            check.missing.push(Missing {
                zh: need.zh.clone(),
                value: need.value.clone(),
                expected: need.expected.clone(),
            });
        }
        check.extra = left
            .into_iter()
            .map(|j| Extra {
                en: self.english[j].range.clone(),
                value: number_of(&self.english[j]).unwrap_or(0.0),
            })
            .collect();
        check.wrong.sort_by_key(|w| w.zh.start);
        check.patch = self.patch(&check);
        check
    }

    fn wrong(&self, i: usize, j: usize) -> Wrong {
        let (need, en) = (&self.needs[i], &self.english[j]);
        let en_value = number_of(en).unwrap_or(0.0);
        Wrong {
            zh: need.zh.clone(),
            value: need.value.clone(),
            en: en.range.clone(),
            en_value,
            scale: scale_of(&need.what, en_value),
            expected: need.expected.clone(),
        }
    }

    /// A correction in place, when one plain amount is wrong and everything else is right.
    fn patch(&self, check: &FigureCheck) -> Option<(Range<usize>, String)> {
        let [wrong] = &check.wrong[..] else {
            return None;
        };
        if !check.missing.is_empty() || !check.extra.is_empty() {
            return None;
        }
        let need = self.needs.iter().find(|n| n.zh == wrong.zh)?;
        let What::Amount { value, kind, .. } = need.what else {
            return None;
        };
        if matches!(
            kind,
            Kind::Score | Kind::Fraction | Kind::Multiple | Kind::Ordinal
        ) {
            return None;
        }
        let text = match kind {
            Kind::Percent => format!("{value}%"),
            _ => crate::brief::figures::english_number(value),
        };
        Some((wrong.en.clone(), text))
    }
}

/// The number of an English figure, where it has one.
fn number_of(en: &EnglishFigure) -> Option<f64> {
    match en.value {
        EnglishValue::Number(n) => Some(n),
        EnglishValue::Vague(low, _) => Some(low),
        EnglishValue::Decade(d) => Some(f64::from(d)),
        EnglishValue::Month(m) => Some(f64::from(m)),
        EnglishValue::Weekday(_) => None,
        EnglishValue::Time(h, m) => Some(f64::from(h) + f64::from(m) / 100.0),
    }
}

/// The number a need stands for.
fn number_needed(what: &What) -> f64 {
    match *what {
        What::Amount { value, .. } => value,
        What::Order { low, .. } => low,
        What::Year(y) | What::Decade(y) | What::Century(y) => f64::from(y),
        What::Month(n) | What::Day(n) | What::Quarter(n) | What::Weekday(n) => f64::from(n),
        What::Time(h, m) => f64::from(h) + f64::from(m) / 100.0,
    }
}

/// How likely the English figure is this need gone wrong: 0 is likeliest.
fn likeness(need: &Need, en: &EnglishFigure) -> Option<u32> {
    let number = number_of(en)?;
    let needed = number_needed(&need.what);
    let same_sort = match need.what {
        What::Month(_) => matches!(en.value, EnglishValue::Month(_)),
        What::Time(..) => matches!(en.value, EnglishValue::Time(..)),
        What::Year(_) => {
            matches!(en.value, EnglishValue::Number(n) if (1000.0..3000.0).contains(&n))
        }
        What::Day(_) => matches!(en.value, EnglishValue::Number(n) if (1.0..=31.0).contains(&n)),
        What::Amount { kind, .. } => {
            matches!(en.value, EnglishValue::Number(_) | EnglishValue::Vague(..))
                && (kind == en.kind || en.kind == Kind::Number || kind == Kind::Number)
        }
        _ => matches!(en.value, EnglishValue::Number(_)),
    };
    if scale_of(&need.what, number).is_some() && number > 1.0 {
        return Some(0);
    }
    if !same_sort {
        return None;
    }
    Some(if is_slip(needed, number) { 1 } else { 2 })
}

fn scale_of(what: &What, number: f64) -> Option<f64> {
    let What::Amount { value, .. } = *what else {
        return None;
    };
    if value <= 0.0 || number <= 0.0 {
        return None;
    }
    let exponent = (number / value).log10();
    let whole = exponent.round();
    (whole != 0.0 && whole.abs() <= 12.0 && (exponent - whole).abs() < 1e-6)
        .then(|| 10f64.powf(whole))
}

/// One digit off, or two digits swapped.
fn is_slip(a: f64, b: f64) -> bool {
    let (x, y) = (format!("{a}"), format!("{b}"));
    let differ = x.chars().zip(y.chars()).filter(|(a, b)| a != b).count();
    x.len() == y.len() && differ <= 2
}
