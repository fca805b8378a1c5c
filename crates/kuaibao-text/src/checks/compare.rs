//! The figures of a Chinese sentence against those of its English, by value.
//!
//! Both sides are taken apart into single values (a date into year, month and day; a range into
//! its ends). Each Chinese value looks for an English one that can stand for it; what is left over
//! on both sides is paired up as wrong, and the rest of the Chinese is missing.

use std::collections::HashSet;
use std::ops::Range;

use super::difference::{Difference, Texts, difference};
use super::expected::{ExpectedFigure, ExpectedValue, close, number_of};
use super::misplaced::{misplaced, not_the_first};
use crate::figures::{
    Clock, CurrencySet, EnglishFigure, EnglishValue, FigureKind, Standing, Value, english_number,
    extract, extract_english, named_in, numerals_in_names,
};

/// A Chinese figure that the English does not have.
#[derive(Clone, Debug, PartialEq)]
pub struct Missing {
    /// Bytes of the Chinese.
    pub zh: Range<usize>,
    /// ExpectedValue is missing.
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
    /// English value through Chinese value where that is a power of ten: a scale error.
    pub scale: Option<f64>,
    /// What is wrong.
    pub differs: Difference,
    /// English that would be right.
    pub expected: String,
}

/// `10 times`, of a scale error ([`Wrong::scale`]) of a factor of ten either way.
pub fn times(scale: f64) -> String {
    format!("{} times", english_number(scale.max(1.0 / scale).round()))
}

/// An English figure that the Chinese does not have.
#[derive(Clone, Debug, PartialEq)]
pub struct Extra {
    /// Bytes of the English.
    pub en: Range<usize>,
    /// Its value.
    pub value: f64,
    /// Whether it fails the line: a number in digits, three or more, that is no year and no part of a
    /// name or a date.
    pub alarm: bool,
}

/// ExpectedValue the comparison found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FigureCheck {
    /// Chinese figures that the English has to show.
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
    /// Whether nothing is missing, wrong or plainly made up.
    pub fn ok(&self) -> bool {
        self.missing.is_empty() && self.wrong.is_empty() && !self.extra.iter().any(|x| x.alarm)
    }
}

/// Compares the figures of `zh` with those of `en`.
pub fn check_figures(zh: &str, en: &str, clock: &Clock) -> FigureCheck {
    let figures = extract(zh, clock);
    let english = extract_english(en);
    let names = numerals_in_names(zh, &figures);
    let yearly = says_year_on_year(en);
    let currencies = named_in(zh).and(clock.currencies());
    let mut expectations: Vec<ExpectedFigure> = figures
        .iter()
        .flat_map(|f| ExpectedFigure::of(f, zh, currencies))
        .chain(
            names
                .iter()
                .filter(|(_, _, plain)| *plain)
                .map(|(range, value, _)| ExpectedFigure::name(range.clone(), *value, zh)),
        )
        .collect();
    for expectation in &mut expectations {
        let compared = zh[..expectation.zh.start].ends_with(['比', '较']);
        expectation.required &=
            !(yearly && compared && matches!(expectation.shown, ExpectedValue::Year(_)));
    }
    let lower = en.to_lowercase();
    let texts = Texts::new(zh, &lower);
    let mut pairing = Pairing::new(&expectations, &english, texts);
    pairing.solve();
    // 三大差距 may become *three major gaps*.
    let stated: Vec<f64> = names.iter().map(|(_, value, _)| *value).collect();
    let excused = |range: &Range<usize>, value| {
        en[range.clone()].starts_with(char::is_alphabetic) && stated.contains(&value)
    };
    let mut check = pairing.report(excused);
    let told = |x: &Extra| {
        let wrong = |w: &Wrong| w.en.start < x.en.end && x.en.start < w.en.end;
        check.wrong.iter().any(wrong)
    };
    let extra: Vec<Extra> = check.extra.iter().filter(|x| !told(x)).cloned().collect();
    check.extra = extra;
    // One made-up number fails a line; a table needs no more than some hundreds looked at.
    for extra in check.extra.iter_mut().take(MANY) {
        let first = english.partition_point(|f| f.range.start < extra.en.start);
        let figure = english[first..].iter().find(|f| f.range == extra.en);
        extra.alarm = figure.is_some_and(|figure| {
            is_made_up(figure, extra.value, zh, en) && !is_conversion(figure, &expectations)
        });
    }
    check
}

/// *($210 million)*, *(5 miles)*: what the Chinese has, in another currency or unit.
fn is_conversion(figure: &EnglishFigure, expectations: &[ExpectedFigure]) -> bool {
    expectations.iter().any(|expectation| {
        let ExpectedValue::Amount {
            value,
            kind,
            measure,
            ..
        } = expectation.shown
        else {
            return false;
        };
        let money = kind == FigureKind::Money && figure.kind == FigureKind::Money;
        let measured = measure
            .zip(figure.measure)
            .is_some_and(|((a, size), (b, en_size))| {
                let number = number_of(figure).unwrap_or(0.0);
                a == b && close(value * size, number * en_size, 0.06)
            });
        money && expectation.is_in_another_currency(figure) || measured
    })
}

/// Whether an English figure that the Chinese does not have is a number that somebody made up: in
/// digits, three or more, no year, no part of a name or a date.
fn is_made_up(figure: &EnglishFigure, value: f64, zh: &str, en: &str) -> bool {
    const NUMBERED: &[&str] = &[
        "no", "number", "article", "chapter", "section", "page", "type", "phase", "level", "grade",
        "class", "act", "group", "channel", "room", "flight", "route", "season", "episode", "age",
    ];
    let text = &en[figure.range.clone()];
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    let plain = text.len() == digits.len();
    let year = plain && digits.len() == 4 && (1000.0..2100.0).contains(&value);
    let before = en[..figure.range.start].trim_end();
    let last = before.rsplit([' ', '-']).next().unwrap_or("");
    let starts = before.len() == last.len()
        || before[..before.len() - last.len()]
            .trim_end()
            .ends_with(['.', ':', '"', '“']);
    let name = plain && last.starts_with(char::is_uppercase) && !starts;
    !digits.is_empty()
        && value >= 3.0
        && !year
        && !matches!(figure.kind, FigureKind::Date | FigureKind::Ordinal)
        && figure.around.month.is_none()
        && !matches!(
            figure.value,
            EnglishValue::Time(..) | EnglishValue::Decade(_)
        )
        && !name
        && !NUMBERED.contains(&figure.around.before.as_str())
        && !before.ends_with(['#', '/', '\'', '’', '@', '_'])
        && !zh.contains(&digits)
        && !is_written_in(zh, value)
}

/// Whether a small number stands somewhere in the Chinese: the 五 of 五星好评.
fn is_written_in(zh: &str, value: f64) -> bool {
    const DIGITS: [&str; 11] = [
        "零", "一", "二", "三", "四", "五", "六", "七", "八", "九", "十",
    ];
    let digit = DIGITS.get(value as usize).filter(|_| value.fract() == 0.0);
    digit.is_some_and(|digit| zh.contains(digit))
}

/// 比2016年增长14.2% as *up 14.2 percent year-on-year*.
fn says_year_on_year(en: &str) -> bool {
    const WORDS: &[&str] = &[
        "year-on-year",
        "year on year",
        "year-over-year",
        "yoy",
        "previous year",
        "year earlier",
        "year before",
        "last year",
        "a year ago",
    ];
    let en = en.to_ascii_lowercase();
    WORDS.iter().any(|words| en.contains(words))
}

/// Which English figure stands for which expectation.
struct Pairing<'a> {
    expectations: &'a [ExpectedFigure],
    english: &'a [EnglishFigure],
    /// For each expectation, the English figures that fit, best first.
    fits: Vec<Vec<usize>>,
    /// For each English figure, the expectation it stands for.
    taken: Vec<Option<usize>>,
    /// For each expectation, whether the English has its value, but differs from it in something else.
    differing: Vec<Vec<(usize, Difference)>>,
    texts: Texts<'a>,
}

/// Beyond so many figures a line is a table; each expectation then looks only near its own place.
const MANY: usize = 400;

/// So many of what is left over are paired up as wrong; a line with more is not a translation.
const FEW: usize = 100;

/// So many figures to each side are looked at for one that an English amount may be said of instead.
const NEAR: usize = 20;

impl<'a> Pairing<'a> {
    fn new(
        expectations: &'a [ExpectedFigure],
        english: &'a [EnglishFigure],
        texts: Texts<'a>,
    ) -> Self {
        let mut pairing = Self {
            expectations,
            english,
            fits: Vec::with_capacity(expectations.len()),
            taken: vec![None; english.len()],
            differing: Vec::with_capacity(expectations.len()),
            texts,
        };
        for (i, expectation) in expectations.iter().enumerate() {
            let mut differing = Vec::new();
            let mut fits: Vec<(u32, u64, usize)> = pairing
                .window(i)
                .filter_map(|j| {
                    let mut fit = expectation.shown.fit(&english[j])?;
                    if let Some(what) = difference(expectation, &english[j], texts) {
                        differing.push((j, what));
                        fit += 5;
                    }
                    Some((fit, pairing.distance(expectation, &english[j]), j))
                })
                .collect();
            fits.sort_unstable();
            pairing.differing.push(differing);
            pairing
                .fits
                .push(fits.into_iter().map(|(_, _, j)| j).collect());
        }
        pairing
    }

    /// The English figures that the `i`th expectation is compared with.
    fn window(&self, i: usize) -> Range<usize> {
        if self.english.len() <= MANY {
            return 0..self.english.len();
        }
        let center = i * self.english.len() / self.expectations.len();
        center.saturating_sub(MANY / 2)..(center + MANY / 2).min(self.english.len())
    }

    /// How far apart the two stand, relative to their sentences, in parts of a thousand.
    fn distance(&self, expectation: &ExpectedFigure, en: &EnglishFigure) -> u64 {
        let zh = expectation.zh.start as u64 * 1000 / self.texts.zh.len().max(1) as u64;
        let at = en.range.start as u64 * 1000 / self.texts.en.len().max(1) as u64;
        zh.abs_diff(at)
    }

    /// Bipartite matching by augmenting paths (Kuhn 1955), expectations with the fewest choices first.
    fn solve(&mut self) {
        let mut order: Vec<usize> = (0..self.expectations.len()).collect();
        order.sort_by_key(|i| (!self.expectations[*i].required, self.fits[*i].len()));
        let augment = self.expectations.len() <= MANY && self.english.len() <= MANY;
        for expectation in order {
            if augment {
                self.place(expectation, &mut vec![false; self.english.len()]);
            } else if let Some(j) = self.fits[expectation]
                .iter()
                .copied()
                .find(|j| self.taken[*j].is_none())
            {
                self.taken[j] = Some(expectation);
            }
        }
    }

    fn place(&mut self, expectation: usize, seen: &mut [bool]) -> bool {
        for k in 0..self.fits[expectation].len() {
            let j = self.fits[expectation][k];
            if seen[j] {
                continue;
            }
            seen[j] = true;
            if self.taken[j].is_none_or(|other| self.place(other, seen)) {
                self.taken[j] = Some(expectation);
                return true;
            }
        }
        false
    }

    /// `excused`: whether an English number may be part of a name or term of the Chinese.
    fn report(&self, excused: impl Fn(&Range<usize>, f64) -> bool) -> FigureCheck {
        let mut placed = vec![false; self.expectations.len()];
        for expectation in self.taken.iter().flatten() {
            placed[*expectation] = true;
        }
        let (open, shown): (Vec<usize>, Vec<usize>) =
            (0..self.expectations.len()).partition(|i| !placed[*i]);
        let mut left = self.left_over();
        // 三大差距 may become *three major gaps*.
        let excuse = |j: &usize| {
            let en = &self.english[*j];
            number_of(en).is_some_and(|value| excused(&en.range, value))
        };
        left.retain(|j| !excuse(j));
        let wrong = self.pair_up(&open, &shown, &mut left);
        let mut check = FigureCheck {
            figures: self.expectations.iter().filter(|n| n.required).count(),
            wrong: wrong.iter().map(|(i, j)| self.wrong(*i, *j)).collect(),
            ..FigureCheck::default()
        };
        let mistaken = self.differences();
        check.wrong.extend(mistaken.iter().map(|(i, j, what)| {
            let en = match what {
                Difference::Currency => self.english[*j].around.with_currency.clone(),
                _ => self.english[*j].range.clone(),
            };
            Wrong {
                en,
                differs: *what,
                ..self.wrong(*i, *j)
            }
        }));
        if check.wrong.is_empty() {
            check.wrong.extend(self.misplaced());
        }
        let wrong_at: HashSet<usize> = check.wrong.iter().map(|w| w.zh.start).collect();
        let shown_values: HashSet<u64> = (0..self.expectations.len())
            .filter(|i| placed[*i])
            .map(|i| self.expectations[i].shown.number().to_bits())
            .collect();
        for i in open {
            let expectation = &self.expectations[i];
            // DatePart twice in Chinese and once in English is not missing.
            let repeated = shown_values.contains(&expectation.shown.number().to_bits())
                && self.is_repeated(i, &placed);
            // What a date or a range is made of comes one behind the other.
            let told = check.missing.last().is_some_and(|m| m.zh == expectation.zh)
                || wrong_at.contains(&expectation.zh.start);
            if expectation.required && !repeated && !told {
                check.missing.push(Missing {
                    zh: expectation.zh.clone(),
                    value: expectation.value.clone(),
                    expected: expectation.expected.clone(),
                });
            }
        }
        let mut fitting = vec![false; self.english.len()];
        for j in self.fits.iter().flatten() {
            fitting[*j] = true;
        }
        check.extra = left
            .into_iter()
            // ExpectedValue the Chinese has, stated once more, is not made up.
            .filter(|j| self.english[*j].standing == Standing::Stated && !fitting[*j])
            .filter_map(|j| {
                let en = &self.english[j];
                let value = number_of(en)?;
                Some(Extra {
                    en: en.range.clone(),
                    value,
                    alarm: false,
                })
            })
            .collect();
        check.wrong.sort_by_key(|w| w.zh.start);
        check.patch = match (wrong.as_slice(), mistaken.as_slice()) {
            _ if !check.missing.is_empty() || !check.extra.is_empty() => None,
            ([wrong], []) => self.patch(*wrong),
            ([], [(i, j, Difference::Currency)]) => self.patch_currency((*i, *j)),
            _ => None,
        };
        check
    }

    /// English figures that stand for nothing, though they say a number.
    fn left_over(&self) -> Vec<usize> {
        let shadowed = |j: usize| {
            // 21:18 was read as a time and as a score; one of the two was wanted.
            let range = &self.english[j].range;
            (j.saturating_sub(3)..(j + 4).min(self.english.len())).any(|k| {
                let other = &self.english[k].range;
                self.taken[k].is_some() && other.start < range.end && range.start < other.end
            })
        };
        (0..self.english.len())
            .filter(|j| {
                let en = &self.english[*j];
                let says = matches!(en.standing, Standing::Stated | Standing::Name);
                self.taken[*j].is_none() && says && number_of(en).is_some() && !shadowed(*j)
            })
            .collect()
    }

    /// Pairs what is open with what is left: likeliest first, a scale error, a slip of a digit, the
    /// same sort of figure nearby. ExpectedValue English expectation not show is paired only with its own slip, and
    /// so is what it shows elsewhere already.
    fn pair_up(
        &self,
        open: &[usize],
        shown: &[usize],
        left: &mut Vec<usize>,
    ) -> Vec<(usize, usize)> {
        let mut pairs: Vec<(u32, u64, usize, usize)> = Vec::new();
        for &j in left.iter().take(FEW) {
            let en = &self.english[j];
            for &i in open.iter().chain(shown).take(2 * FEW) {
                let expectation = &self.expectations[i];
                let Some(likeness) = likeness(expectation, en) else {
                    continue;
                };
                let distance = self.distance(expectation, en);
                let (rank, fits) = if self.rests_on_a_word(i) {
                    (
                        5,
                        en.standing == Standing::Stated && is_replaced(expectation, en, distance),
                    )
                } else if shown.contains(&i) {
                    (20, is_echo(expectation, en, likeness, distance))
                } else if expectation.required {
                    (0, en.standing == Standing::Stated)
                } else {
                    (10, is_slip_of_name(expectation, en, likeness, distance))
                };
                if fits {
                    pairs.push((rank + likeness, distance, i, j));
                }
            }
        }
        pairs.sort_unstable();
        let mut out: Vec<(usize, usize)> = Vec::new();
        let (mut used_i, mut used_j) = (HashSet::new(), HashSet::new());
        for (_, _, i, j) in pairs {
            if !used_i.contains(&i) && !used_j.contains(&j) {
                used_i.insert(i);
                used_j.insert(j);
                out.push((i, j));
            }
        }
        left.retain(|j| out.iter().all(|(_, b)| b != j));
        out
    }

    /// Figures whose value the English has, but with another currency, unit, bound, sign or direction, and
    /// nowhere without that difference.
    fn differences(&self) -> Vec<(usize, usize, Difference)> {
        let met = (0..self.english.len()).filter_map(|j| Some((self.taken[j]?, j)));
        let mut out = Vec::new();
        for (i, j) in met {
            let differs = |i: usize, j: usize| self.differing[i].iter().find(|(at, _)| *at == j);
            let Some((_, what)) = differs(i, j) else {
                continue;
            };
            let number = number_of(&self.english[j]);
            let told = self.fits[i].iter().any(|other| {
                differs(i, *other).is_none() && number_of(&self.english[*other]) == number
            });
            // The same amount is said of something else, which is what the English means.
            let window = i.saturating_sub(NEAR)..(i + NEAR).min(self.expectations.len());
            let meant = window.into_iter().any(|k| {
                let same =
                    self.expectations[k].shown.number() == self.expectations[i].shown.number();
                k != i && same && self.fits[k].contains(&j) && differs(k, j).is_none()
            });
            if !told && !meant {
                out.push((i, j, *what));
            }
        }
        out
    }

    /// Whether a expectation is met by nothing better than *a*, *both*, *next*.
    fn rests_on_a_word(&self, i: usize) -> bool {
        let met = self
            .taken
            .iter()
            .position(|expectation| *expectation == Some(i));
        met.is_some_and(|j| self.english[j].standing == Standing::StandIn)
    }

    /// Whether the English shows the same value for another expectation.
    fn is_repeated(&self, i: usize, placed: &[bool]) -> bool {
        let expectation = &self.expectations[i];
        let same = |other: &ExpectedFigure| {
            let named =
                |expectation: &ExpectedFigure| matches!(expectation.shown, ExpectedValue::Name(_));
            (other.unit == expectation.unit || named(other) || named(expectation))
                && other.shown.number() == expectation.shown.number()
                && other.shown.is_alike(&expectation.shown)
        };
        let window = i.saturating_sub(MANY)..(i + MANY).min(placed.len());
        window
            .into_iter()
            .any(|k| placed[k] && same(&self.expectations[k]))
    }

    fn wrong(&self, i: usize, j: usize) -> Wrong {
        let (expectation, en) = (&self.expectations[i], &self.english[j]);
        let en_value = number_of(en).unwrap_or(0.0);
        Wrong {
            zh: expectation.zh.clone(),
            value: expectation.value.clone(),
            en: en.range.clone(),
            en_value,
            scale: scale_of(&expectation.shown, en_value),
            differs: self.differs(i, j),
            expected: expectation.expected.clone(),
        }
    }

    /// Figures in each other's place, turned scores, other weekdays, 首次 as *the fifth time*.
    fn misplaced(&self) -> Vec<Wrong> {
        let pairs: Vec<(usize, usize)> = (0..self.english.len())
            .filter_map(|j| Some((self.taken[j]?, j)))
            .collect();
        let (zh, en) = (self.texts.zh, self.texts.en);
        let found = misplaced(&pairs, self.expectations, self.english, zh, en);
        let mut out: Vec<Wrong> = found.iter().map(|(i, j)| self.wrong(*i, *j)).collect();
        out.extend(self.another_rank().map(|(i, j)| self.wrong(i, j)));
        if let Some((range, j)) = not_the_first(zh, self.english, &self.taken, en) {
            out.push(Wrong {
                zh: range,
                value: Value::Number(1.0),
                en: self.english[j].range.clone(),
                en_value: number_of(&self.english[j]).unwrap_or(0.0),
                scale: None,
                differs: Difference::Value,
                expected: "the first time".to_owned(),
            });
        }
        out
    }

    /// 第一周 as *the third week*: the one rank of the Chinese that a stand-in shows or nothing needs to, and the
    /// one of the English that the Chinese has nowhere.
    fn another_rank(&self) -> Option<(usize, usize)> {
        let only = |found: &mut dyn Iterator<Item = usize>| {
            let one = found.next()?;
            found.next().is_none().then_some(one)
        };
        let is_rank = |i: &usize| {
            let kind = FigureKind::Ordinal;
            matches!(self.expectations[*i].shown, ExpectedValue::Amount { kind: k, .. } if k == kind)
        };
        let i = only(&mut (0..self.expectations.len()).filter(is_rank))?;
        let open = !self.expectations[i].required && !self.taken.contains(&Some(i))
            || self.rests_on_a_word(i);
        let stated = |j: &usize| {
            let en = &self.english[*j];
            let said = !matches!(en.standing, Standing::StandIn | Standing::Name);
            en.kind == FigureKind::Ordinal && said && self.taken[*j].is_none()
        };
        let j = only(&mut (0..self.english.len()).filter(stated))?;
        let value = number_of(&self.english[j])?;
        let mut values = self.expectations.iter().map(|e| e.shown.number());
        (open && value > 2.0 && !values.any(|v| v == value)).then_some((i, j))
    }

    /// What is wrong about an English figure that stands for an expectation, and does not fit it.
    fn differs(&self, i: usize, j: usize) -> Difference {
        let (expectation, en) = (&self.expectations[i], &self.english[j]);
        let number = number_of(en).unwrap_or(0.0);
        match expectation.shown {
            ExpectedValue::Time(..) | ExpectedValue::Weekday(_) => Difference::Time,
            _ if scale_of(&expectation.shown, number).is_some() => Difference::Scale,
            _ if expectation.shown.number() == number => {
                difference(expectation, en, self.texts).unwrap_or(Difference::Unit)
            }
            _ => Difference::Value,
        }
    }

    /// A correction in place of a plain amount.
    fn patch(&self, (i, j): (usize, usize)) -> Option<(Range<usize>, String)> {
        let ExpectedValue::Amount { value, kind, .. } = self.expectations[i].shown else {
            return None;
        };
        let en = &self.english[j];
        let text = match kind {
            FigureKind::Percent if en.kind == FigureKind::Percent => format!("{value}%"),
            FigureKind::Number
            | FigureKind::Money
            | FigureKind::Quantity
            | FigureKind::Age
            | FigureKind::Duration
                if en.kind != FigureKind::Percent =>
            {
                english_number(value)
            }
            _ => return None,
        };
        Some((en.range.clone(), text))
    }

    /// A correction in place of an amount in the wrong currency.
    fn patch_currency(&self, (i, j): (usize, usize)) -> Option<(Range<usize>, String)> {
        let number = english_number(self.expectations[i].shown.number());
        let currency = self.expectations[i].currency;
        let text = if currency == CurrencySet::of("CNY") && self.expectations[i].currency_stated {
            format!("{number} yuan")
        } else if currency == CurrencySet::of("USD") {
            format!("${number}")
        } else {
            return None;
        };
        Some((self.english[j].around.with_currency.clone(), text))
    }
}

/// How likely the English figure is this expectation gone wrong: 0 is likeliest.
fn likeness(expectation: &ExpectedFigure, en: &EnglishFigure) -> Option<u32> {
    let number = number_of(en)?;
    if scale_of(&expectation.shown, number).is_some() {
        return Some(0);
    }
    let plain = matches!(en.value, EnglishValue::Number(_));
    let same_sort = match expectation.shown {
        ExpectedValue::Month(_) | ExpectedValue::LastMonth(_) => {
            matches!(en.value, EnglishValue::Month(_))
        }
        ExpectedValue::Time(..) => matches!(en.value, EnglishValue::Time(..)),
        ExpectedValue::Year(_) => plain && (100.0..10_000.0).contains(&number),
        ExpectedValue::Day(_) => {
            let countable = !matches!(
                en.kind,
                FigureKind::Duration | FigureKind::Percent | FigureKind::Money
            );
            plain && countable && (1.0..=99.0).contains(&number)
        }
        ExpectedValue::Amount { kind, .. } => {
            let sort =
                kind == en.kind || en.kind == FigureKind::Number || kind == FigureKind::Number;
            sort && (plain || matches!(en.value, EnglishValue::Vague(..)))
        }
        _ => plain,
    };
    if !same_sort {
        return None;
    }
    Some(if is_slip(expectation.shown.number(), number) {
        1
    } else {
        2
    })
}

/// Whether a stated number stands where the Chinese has this one: 3 hours for 1小时, beside *an
/// hour*; 500% for 50%, beside *half*.
fn is_replaced(expectation: &ExpectedFigure, en: &EnglishFigure, distance: u64) -> bool {
    let ExpectedValue::Amount { kind, measure, .. } = expectation.shown else {
        return false;
    };
    let percent = kind == FigureKind::Percent;
    kind == en.kind && measure == en.measure && (measure.is_some() || percent) && distance < 300
}

/// Whether an English figure that stands for nothing says again, but wrongly, what it says rightly elsewhere.
fn is_echo(expectation: &ExpectedFigure, en: &EnglishFigure, likeness: u32, distance: u64) -> bool {
    let (value, number) = (expectation.shown.number(), number_of(en).unwrap_or(0.0));
    if matches!(expectation.shown, ExpectedValue::Day(_))
        && expectation.month.is_some()
        && en.around.month == expectation.month
        && number != value
    {
        return en.standing == Standing::Stated;
    }
    let plain = matches!(en.value, EnglishValue::Number(_)) && en.standing == Standing::Stated;
    match likeness {
        0 => {
            plain && (number >= 10.0 || number.fract() != 0.0) && (value >= 10.0 || distance < 150)
        }
        1 => {
            let ordinal = |kind| kind == FigureKind::Ordinal;
            let named =
                matches!(expectation.shown, ExpectedValue::Amount { kind, .. } if ordinal(kind));
            let ordinals = named && ordinal(en.kind) && value >= 10.0 && value != number;
            plain && (ordinals || value >= 100.0 && !(1500.0..2100.0).contains(&number))
        }
        _ => false,
    }
}

/// Whether an English figure that stands for nothing is a slip of a numeral in a name.
fn is_slip_of_name(
    expectation: &ExpectedFigure,
    en: &EnglishFigure,
    likeness: u32,
    distance: u64,
) -> bool {
    let plain = matches!(en.value, EnglishValue::Number(_));
    let named =
        matches!(expectation.shown, ExpectedValue::Name(_)) || en.standing == Standing::Stated;
    let near = distance
        < if expectation.shown.number() >= 100.0 {
            400
        } else {
            150
        };
    let told =
        matches!(expectation.shown, ExpectedValue::Name(_)) || expectation.shown.number() >= 10.0;
    plain && named && near && told && likeness <= 1
}

/// The power of ten between an amount and `number`.
fn scale_of(what: &ExpectedValue, number: f64) -> Option<f64> {
    let value = match *what {
        ExpectedValue::Amount { value, .. } | ExpectedValue::Name(value) => value,
        ExpectedValue::Year(y) => f64::from(y),
        ExpectedValue::Day(d) => f64::from(d),
        _ => return None,
    };
    if value <= 0.0 || number <= 0.0 {
        return None;
    }
    let exponent = (number / value).log10();
    let whole = exponent.round();
    let power = whole != 0.0 && whole.abs() <= 12.0 && (exponent - whole).abs() < 1e-6;
    power.then(|| 10f64.powf(whole))
}

/// One digit off, or two digits swapped.
fn is_slip(a: f64, b: f64) -> bool {
    let (x, y) = (format!("{a}"), format!("{b}"));
    let differ = x.chars().zip(y.chars()).filter(|(a, b)| a != b).count();
    x.len() == y.len() && differ <= 2
}
