//! Reads the figures of English tokens, left to right.

use std::ops::Range;

use super::super::Kind;
use super::super::units::Dimension;
use super::tokens::{Literal, Shape, Token, tokens};
use super::words::{self, Senses, glued_scale, glued_unit, roman, senses};
use super::{Around, EnglishFigure, EnglishValue, Standing};

/// The figures of `text`, each as its own words give it.
pub(super) fn read(text: &str) -> Vec<EnglishFigure> {
    let tokens = tokens(text);
    let mut parser = Parser {
        text,
        tokens: &tokens,
        figures: Vec::new(),
    };
    let mut at = 0;
    while at < tokens.len() {
        at = match &tokens[at].shape {
            Shape::Number(literal) => parser.number(at, *literal),
            Shape::Word(_) => parser.words(at),
            Shape::Mark(_) => parser.behind_mark(at),
        };
    }
    parser.figures
}

/// Whether an ordinal's ending, a percent sign, a currency sign or a magnitude has lost its number.
pub(super) fn has_lost_number(text: &str) -> bool {
    let tokens = tokens(text);
    let parser = Parser {
        text,
        tokens: &tokens,
        figures: Vec::new(),
    };
    (0..tokens.len()).any(|at| parser.is_torn(at))
}

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    figures: Vec<EnglishFigure>,
}

/// A number as far as it has been read.
#[derive(Clone, Copy)]
struct Amount {
    value: f64,
    /// Decimal exponent of the last significant digit.
    last_digit: i32,
    /// Token behind it.
    end: usize,
    ordinal: bool,
    weak: bool,
}

impl Amount {
    fn new(value: f64, end: usize) -> Self {
        Self {
            value,
            last_digit: 0,
            end,
            ordinal: false,
            weak: false,
        }
    }
}

impl Parser<'_> {
    // ------------------------------------------------------------ looking at tokens

    fn word(&self, at: usize) -> &str {
        match self.tokens.get(at).map(|t| &t.shape) {
            Some(Shape::Word(w)) => w,
            _ => "",
        }
    }

    fn senses(&self, at: usize) -> &'static Senses {
        senses(self.word(at))
    }

    fn mark(&self, at: usize) -> Option<char> {
        match self.tokens.get(at).map(|t| &t.shape) {
            Some(Shape::Mark(c)) => Some(*c),
            _ => None,
        }
    }

    fn literal(&self, at: usize) -> Option<Literal> {
        match self.tokens.get(at).map(|t| &t.shape) {
            Some(Shape::Number(literal)) => Some(*literal),
            _ => None,
        }
    }

    /// Whether nothing stands between this token and the one before.
    fn glued(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|t| !t.spaced)
    }

    /// `at`, or the token behind a hyphen there.
    fn behind_hyphen(&self, at: usize) -> usize {
        if self.mark(at) == Some('-') && self.glued(at + 1) {
            at + 1
        } else {
            at
        }
    }

    fn slice(&self, at: usize) -> &str {
        self.tokens
            .get(at)
            .map_or("", |t| &self.text[t.range.clone()])
    }

    fn is_capital(&self, at: usize) -> bool {
        self.slice(at)
            .chars()
            .next()
            .is_some_and(char::is_uppercase)
    }

    fn is_hedged(&self, at: usize) -> bool {
        (1..=3).any(|k| at.checked_sub(k).is_some_and(|i| self.senses(i).hedge))
    }

    /// Behind a mark, or behind the whole of &#39;.
    fn behind_mark(&self, at: usize) -> usize {
        let entity = self.mark(at) == Some('&')
            && self.mark(at + 1) == Some('#')
            && self.literal(at + 2).is_some();
        if entity { at + 3 } else { at + 1 }
    }

    /// Whether the number that should stand beside this token is gone.
    fn is_torn(&self, at: usize) -> bool {
        let before = at.checked_sub(1);
        let number_before = before.is_some_and(|i| {
            self.literal(i).is_some()
                || self.senses(i).cardinal.is_some()
                || self.senses(i).scale.is_some()
                || matches!(
                    self.word(i),
                    "a" | "the"
                        | "of"
                        | "this"
                        | "that"
                        | "what"
                        | "in"
                        | "small"
                        | "large"
                        | "certain"
                        | "s"
                        | "half"
                        | "per"
                        | "few"
                        | "several"
                        | "some"
                        | "many"
                        | "quarter"
                        | "multi"
                        | "no"
                        | "any"
                        | "each"
                        | "every"
                        | "by"
                )
        });
        match self.word(at) {
            "th" | "nd" | "rd" | "st" => {
                self.tokens[at].spaced && before.is_some() && !self.is_capital(at)
            }
            "percent" => {
                !number_before
                    && before.is_some_and(|i| self.senses(i).hedge || self.word(i) == "the")
            }
            "million" | "billion" | "trillion" => {
                !number_before && before.is_some_and(|i| self.senses(i).hedge)
            }
            _ => match self.mark(at) {
                Some('%') => before.is_none_or(|i| {
                    self.literal(i).is_none()
                        && self.senses(i).cardinal.is_none()
                        && self.senses(i).scale.is_none()
                        && self.mark(i).is_none()
                }),
                Some('$' | '€' | '£') => {
                    self.literal(at + 1).is_none()
                        && self.word(at + 1).is_empty()
                        && self.mark(at + 1).is_none()
                        || self
                            .tokens
                            .get(at + 1)
                            .is_some_and(|t| t.spaced && self.literal(at + 1).is_none())
                }
                _ => false,
            },
        }
    }

    // ------------------------------------------------------------ writing figures

    fn push(
        &mut self,
        tokens: Range<usize>,
        kind: Kind,
        value: EnglishValue,
    ) -> &mut EnglishFigure {
        let hedged = self.is_hedged(tokens.start);
        let range = self.bytes(&tokens);
        let around = self.around(&tokens);
        self.figures.push(EnglishFigure {
            range,
            kind,
            value,
            alternate: None,
            shared: None,
            standing: Standing::Stated,
            hedged,
            last_digit: 0,
            around,
            measure: None,
        });
        self.figures.last_mut().expect("one was just pushed")
    }

    fn bytes(&self, tokens: &Range<usize>) -> Range<usize> {
        self.tokens[tokens.start].range.start..self.tokens[tokens.end - 1].range.end
    }

    /// $5, RMB5, 5 euros: the currency and the tokens that name it. Any dollar is USD.
    fn currency_beside(&self, tokens: &Range<usize>) -> Option<(&'static str, Range<usize>)> {
        if let Some(before) = tokens.start.checked_sub(1) {
            let code = match (self.mark(before), self.word(before)) {
                (Some('€'), _) | (_, "eur") => Some("EUR"),
                (Some('£'), _) | (_, "gbp") => Some("GBP"),
                (Some('¥'), _) | (_, "rmb" | "cny") => Some("CNY"),
                (Some('$'), _) | (_, "usd") => Some("USD"),
                _ => None,
            };
            if let Some(code) = code {
                let letters = self.mark(before).is_some() && self.glued(before);
                let letters = letters && before > 0 && !self.word(before - 1).is_empty();
                return Some((code, before - usize::from(letters)..before + 1));
            }
        }
        let end = self.behind_hyphen(tokens.end);
        // 5 Hong Kong dollars, 5 U.S. dollars
        let dotted = |i: usize| self.mark(i) == Some('.') && self.word(i - 1).len() == 1;
        let mut words = (end..end + 5).take_while(|i| match self.word(*i) {
            "" => dotted(*i),
            // 100 to the yuan
            "to" | "and" | "or" | "in" | "of" | "for" | "per" | "a" => false,
            _ => true,
        });
        words.find_map(|i| {
            let code = match self.word(i) {
                "yuan" | "rmb" | "renminbi" => "CNY",
                "dollar" | "dollars" => "USD",
                "euro" | "euros" => "EUR",
                "pounds" | "sterling" => "GBP",
                "yen" => "JPY",
                "won" => "KRW",
                _ => return None,
            };
            Some((code, i..i + 1))
        })
    }

    /// 12nd, 3th: the digits and the ending do not belong together.
    fn is_misspelt(&self, at: usize) -> bool {
        let Some(literal) = self.literal(at).filter(|l| l.decimals == 0) else {
            return false;
        };
        let right = match (literal.value % 100.0, literal.value % 10.0) {
            (11.0..=13.0, _) => "th",
            (_, 1.0) => "st",
            (_, 2.0) => "nd",
            (_, 3.0) => "rd",
            _ => "th",
        };
        let ending = self.word(at + 1);
        self.glued(at + 1) && matches!(ending, "st" | "nd" | "rd" | "th") && ending != right
    }

    /// What stands beside the tokens of a figure.
    fn around(&self, tokens: &Range<usize>) -> Around {
        let Range { start, end } = *tokens;
        let before = |k: usize| start.checked_sub(k).unwrap_or(usize::MAX);
        let joined =
            |at: usize| self.mark(at) == Some('-') || matches!(self.word(at), "to" | "and" | "or");
        let month_at = |at: usize| self.senses(at).month.filter(|_| self.is_capital(at));
        let dot = usize::from(self.mark(before(1)) == Some('.'));
        let far = joined(before(1)) && self.literal(before(2)).is_some();
        let month = month_at(before(1 + dot))
            .or_else(|| month_at(end))
            .or_else(|| {
                month_at(end + 1).filter(|_| self.word(end) == "of" || self.mark(end) == Some('-'))
            })
            .or_else(|| month_at(before(3)).filter(|_| far))
            .or_else(|| {
                month_at(end + 2).filter(|_| joined(end) && self.literal(end + 1).is_some())
            });
        // July 24, 2025: whatever stands there
        let comma = |at: usize| self.mark(at) == Some(',');
        let year_follows = month_at(before(1 + dot)).is_some()
            && comma(end)
            && self.literal(end + 1).is_some()
            && (self.mark(end + 2).is_some() || end + 2 >= self.tokens.len());
        let day_before = comma(before(1))
            && self.literal(before(2)).is_some()
            && month_at(before(3))
                .or_else(|| month_at(before(4)).filter(|_| self.mark(before(3)) == Some('.')))
                .is_some();
        let currency = self.currency_beside(tokens);
        let named = currency.as_ref().map_or(tokens.clone(), |(_, named)| {
            named.start.min(start)..named.end.max(end)
        });
        Around {
            year_follows,
            day_before,
            misspelt: self.is_misspelt(start),
            currency: currency.map(|(code, _)| code),
            with_currency: self.bytes(&named),
            before: [
                self.word(before(1)).to_owned(),
                self.word(before(2)).to_owned(),
            ],
            after: self.word(self.behind_hyphen(end)).to_owned(),
            closed: self.tokens.get(end).is_none()
                || matches!(self.mark(end), Some('.' | ',' | ';' | ')' | ':')),
            month,
        }
    }

    /// A figure whose words may mean something else.
    fn push_as(
        &mut self,
        standing: Standing,
        tokens: Range<usize>,
        kind: Kind,
        value: EnglishValue,
    ) -> &mut EnglishFigure {
        let figure = self.push(tokens, kind, value);
        figure.standing = standing;
        figure
    }

    // ------------------------------------------------------------ numbers in digits

    fn number(&mut self, at: usize, literal: Literal) -> usize {
        if self.glued(at)
            && at > 0
            && !self.word(at - 1).is_empty()
            && !self.senses(at - 1).currency
            && !matches!(self.word(at - 1), "to" | "and" | "of")
            && (self.word(at - 1).len() < 4 || self.is_capital(at - 1))
        {
            // m2, CO2
            let value = EnglishValue::Number(literal.value);
            self.push_as(Standing::Name, at..at + 1, Kind::Number, value);
            return at + 1;
        }
        let special = self
            .numeric_date(at)
            .or_else(|| self.time(at, literal))
            .or_else(|| self.primed(at, literal))
            .or_else(|| self.slashed(at, literal));
        if let Some(end) = special {
            return end;
        }
        let Literal {
            value,
            decimals,
            zeros,
            ..
        } = literal;
        let mut amount = Amount {
            last_digit: if decimals > 0 {
                -(decimals as i32)
            } else {
                zeros as i32
            },
            ..Amount::new(value, at + 1)
        };
        let suffix = if self.glued(at + 1) {
            self.word(at + 1).to_owned()
        } else {
            String::new()
        };
        match suffix.as_str() {
            "" => amount = self.scaled(amount),
            "st" | "nd" | "rd" | "th" => {
                amount.ordinal = true;
                amount.end += 1;
            }
            "s" if decimals == 0 && value % 10.0 == 0.0 && value >= 10.0 => {
                return self.decade(at, at + 2, value);
            }
            suffix => {
                // 5k is five thousand, 4K a kind of screen
                let capital = self.is_capital(at + 1) && !self.is_money(at, at + 2);
                if let Some(scale) = glued_scale(suffix).filter(|_| !capital || suffix.len() > 1) {
                    amount.value *= scale;
                    amount.last_digit += scale.log10() as i32;
                    amount.end += 1;
                    let index = self.figures.len();
                    let end = self.with_unit(at, amount);
                    // 5m is five million, or five metres.
                    if let Some(figure) = self.figures.get_mut(index).filter(|_| suffix == "m") {
                        figure.alternate = Some(value);
                    }
                    return end;
                }
                let named = glued_unit(suffix).is_none() && self.is_capital(at + 1);
                let Some(measure) = glued_unit(suffix)
                    .or((!named).then_some(None))
                    .filter(|_| !capital)
                else {
                    // 5G, 3D: a name; it can stand for a figure, but is none of its own.
                    self.push_as(
                        Standing::Name,
                        at..at + 2,
                        Kind::Number,
                        EnglishValue::Number(value),
                    );
                    return at + 2;
                };
                let measure = measure.or_else(|| self.square_or_cubic(at + 1));
                let figure = self.push(at..at + 2, Kind::Quantity, EnglishValue::Number(value));
                figure.measure = measure;
                figure.last_digit = amount.last_digit;
                return at + 2;
            }
        }
        self.with_unit(at, amount)
    }

    /// the 1990s, the '90s, in their thirties.
    fn decade(&mut self, at: usize, end: usize, value: f64) -> usize {
        let first = match value as i32 {
            y @ 100.. => y,
            y @ 30..=90 => 1900 + y,
            y => 2000 + y,
        };
        let figure = self.push(at..end, Kind::Date, EnglishValue::Decade(first));
        figure.alternate = Some(value);
        end
    }

    /// 2025-07-24, 7/24/2025, 24/07/2025.
    fn numeric_date(&mut self, at: usize) -> Option<usize> {
        let part = |i: usize| {
            self.literal(i)
                .filter(|l| l.decimals == 0)
                .map(|l| l.value as u32)
        };
        let mark = self.mark(at + 1).filter(|m| matches!(m, '-' | '/'))?;
        let whole = self.mark(at + 3) == Some(mark) && (at + 1..=at + 4).all(|i| self.glued(i));
        let (a, b, c) = (part(at)?, part(at + 2)?, part(at + 4)?);
        let (y, m, d) = match (a, b, c) {
            (1000.., ..) => (a, b, c),
            (..=12, _, 1000..) => (c, a, b),
            (_, _, 1000..) => (c, b, a),
            _ => return None,
        };
        if !whole || !(1..=12).contains(&m) || !(1..=31).contains(&d) {
            return None;
        }
        let tokens = at..at + 5;
        self.push(
            tokens.clone(),
            Kind::Date,
            EnglishValue::Number(f64::from(y)),
        );
        self.push(tokens.clone(), Kind::Date, EnglishValue::Month(m));
        self.push(tokens, Kind::Date, EnglishValue::Number(f64::from(d)));
        Some(at + 5)
    }

    /// 3:30 p.m., 3 pm, 15:30, 8.30am, 3 o'clock; 2:13:38 and 21:18 are also numbers.
    fn time(&mut self, at: usize, literal: Literal) -> Option<usize> {
        let Literal {
            value,
            whole,
            decimals,
            ..
        } = literal;
        if whole > 2 || value >= 25.0 {
            return None;
        }
        let mut end = at + 1;
        let mut parts = vec![value];
        while self.mark(end) == Some(':')
            && self.glued(end)
            && self.glued(end + 1)
            && let Some(next) = self.literal(end + 1)
            && next.whole <= 2
        {
            parts.push(next.value);
            end += 2;
        }
        let half = match self.word(end) {
            "am" | "pm" => Some((self.word(end) == "pm", end + 1)),
            "a" | "p" if self.mark(end + 1) == Some('.') && self.word(end + 2) == "m" => {
                let dot = usize::from(self.mark(end + 3) == Some('.'));
                Some((self.word(end) == "p", end + 3 + dot))
            }
            "o" if self.mark(end + 1) == Some('\'') && self.word(end + 2) == "clock" => {
                Some((false, end + 3))
            }
            _ => None,
        };
        if half.is_none() && parts.len() == 1 {
            return None;
        }
        let close = half.map_or(end, |(_, close)| close);
        let mut hour = value.trunc() as u32;
        let minute = match parts.get(1) {
            Some(m) => *m as u32,
            None if decimals == 2 => (value.fract() * 100.0).round() as u32,
            None => 0,
        };
        if half.is_some_and(|(pm, _)| pm) && hour < 12 {
            hour += 12;
        }
        self.push(at..close, Kind::Date, EnglishValue::Time(hour, minute));
        if half.is_none() {
            // A score or a running time as well.
            for (k, part) in parts.iter().enumerate() {
                let token = at + 2 * k;
                self.push_as(
                    Standing::Doubtful,
                    token..token + 1,
                    Kind::Score,
                    EnglishValue::Number(*part),
                );
            }
        }
        Some(close)
    }

    /// 23'54: seconds and hundredths, or minutes and seconds.
    fn primed(&mut self, at: usize, literal: Literal) -> Option<usize> {
        let mark = self
            .mark(at + 1)
            .filter(|m| matches!(m, '\'' | '"' | '″' | '′'))?;
        let next = self.literal(at + 2).filter(|l| l.whole == 2)?;
        let whole = literal.whole <= 2 && literal.decimals == 0;
        if !whole || !self.glued(at + 1) || !self.glued(at + 2) || mark == '"' {
            return None;
        }
        let joined = literal.value + next.value / 100.0;
        self.push(at..at + 3, Kind::Duration, EnglishValue::Number(joined))
            .last_digit = -2;
        for (token, value) in [(at, literal.value), (at + 2, next.value)] {
            let value = EnglishValue::Number(value);
            self.push_as(Standing::Doubtful, token..token + 1, Kind::Duration, value);
        }
        Some(at + 3)
    }

    /// 1/3.
    fn slashed(&mut self, at: usize, literal: Literal) -> Option<usize> {
        let below = self.literal(at + 2)?;
        let fraction = self.mark(at + 1) == Some('/')
            && self.mark(at + 3) != Some('/')
            && below.value > literal.value
            && below.value <= 1000.0
            && self.glued(at + 1);
        fraction.then(|| {
            self.push(
                at..at + 3,
                Kind::Fraction,
                EnglishValue::Number(literal.value / below.value),
            );
            at + 3
        })
    }

    /// Takes million, thousand … behind a number.
    fn scaled(&self, mut amount: Amount) -> Amount {
        loop {
            let at = self.behind_hyphen(amount.end);
            let Some(scale) = self.senses(at).scale else {
                return amount;
            };
            amount.value *= scale;
            amount.last_digit += scale.log10() as i32;
            amount.end = at + 1;
        }
    }

    // ------------------------------------------------------------ numbers in words

    fn words(&mut self, at: usize) -> usize {
        self.code(at)
            .or_else(|| self.vague(at))
            .or_else(|| self.calendar(at))
            .or_else(|| self.half_of(at))
            .or_else(|| self.one_of(at))
            .or_else(|| {
                let amount = self.spelled(at)?;
                Some(self.with_unit(at, amount))
            })
            .or_else(|| self.stand_in(at))
            .unwrap_or(at + 1)
    }

    /// COVID-19, G20: a name with digits can stand for a figure but is none of its own.
    fn code(&mut self, at: usize) -> Option<usize> {
        let word = self.word(at);
        if !self.is_capital(at) || senses(word).currency || senses(word).month.is_some() {
            return None;
        }
        let mut number = at + 1;
        if self.mark(number) == Some('-') && self.glued(number) {
            let short = word.len() <= 3 || self.slice(at).chars().all(char::is_uppercase);
            if !short
                || matches!(
                    word,
                    "mid" | "pre" | "non" | "top" | "no" | "one" | "two" | "ten" | "six"
                )
            {
                return None;
            }
            number += 1;
        }
        if !self.glued(number) {
            return None;
        }
        let value = self.literal(number)?.value;
        self.push_as(
            Standing::Name,
            number..number + 1,
            Kind::Number,
            EnglishValue::Number(value),
        );
        let mut end = number + 1;
        while self.glued(end) && !self.word(end).is_empty() {
            end += 1;
        }
        Some(end)
    }

    /// dozens, hundreds of thousands, several hundred, for decades.
    fn vague(&mut self, at: usize) -> Option<usize> {
        let word = self.word(at);
        let mut end = at + 1;
        let mut low = 1.0;
        if let Some(order) = senses(word).order {
            low = order;
            while self.word(end) == "of"
                && let s = self.senses(end + 1)
                && let Some(more) = s.order.or(s.scale)
            {
                low *= more;
                end += 2;
            }
        } else if word == "multi" {
            let next = self.behind_hyphen(end);
            low = self.senses(next).scale?;
            end = next + 1;
        } else if matches!(
            word,
            "several" | "few" | "many" | "some" | "numerous" | "couple"
        ) {
            // a couple of thousand
            if word == "couple" && self.word(end) == "of" && self.senses(end + 1).scale.is_some() {
                end += 1;
            }
            while let Some(scale) = self.senses(end).scale {
                low *= scale;
                end += 1;
            }
            if low == 1.0 {
                return None;
            }
            low = if word == "some" { return None } else { low };
        } else if matches!(word, "decades" | "centuries") {
            let years = if word == "decades" { 10.0 } else { 100.0 };
            let figure = self.push_as(
                Standing::StandIn,
                at..end,
                Kind::Duration,
                EnglishValue::Vague(years, years * 100.0),
            );
            figure.measure = senses("years").unit;
            return Some(end);
        } else {
            return None;
        }
        let measure = self.senses(end).unit;
        let figure = self.push(at..end, Kind::Number, EnglishValue::Vague(low, low * 100.0));
        figure.measure = measure;
        if low < 100.0 {
            figure.standing = Standing::StandIn;
        }
        Some(end)
    }

    /// Months and weekdays, which are capitalised.
    fn calendar(&mut self, at: usize) -> Option<usize> {
        let sense = self.senses(at);
        if !self.is_capital(at) {
            return None;
        }
        let beside = |i: usize| self.literal(i).is_some() || self.senses(i).ordinal.is_some();
        let misspelt = || {
            let numbered = beside(at + 1) || at > 0 && beside(at - 1);
            numbered
                .then(|| words::misspelt_month(self.word(at)))
                .flatten()
        };
        if let Some(month) = sense.month.or_else(misspelt) {
            // Also a modal verb, a walk, a title: certain only beside a number.
            let doubtful = matches!(
                self.word(at),
                "may" | "march" | "mar" | "august" | "jan" | "dec"
            );
            let sure = !doubtful || beside(at + 1) || at > 0 && beside(at - 1);
            self.push(at..at + 1, Kind::Date, EnglishValue::Month(month))
                .standing = if sure {
                Standing::Stated
            } else {
                Standing::Doubtful
            };
            return Some(at + 1);
        }
        let weekday = sense.weekday?;
        self.push_as(
            Standing::Doubtful,
            at..at + 1,
            Kind::Date,
            EnglishValue::Weekday(weekday),
        );
        Some(at + 1)
    }

    /// half a million, half an hour, half-century.
    fn half_of(&mut self, at: usize) -> Option<usize> {
        if self.word(at) != "half" {
            return None;
        }
        let next = self.behind_hyphen(at + 1);
        let article = matches!(self.word(next), "a" | "an" | "the");
        let of = if article {
            self.behind_hyphen(next + 1)
        } else {
            next
        };
        if let Some(scale) = self.senses(of).scale {
            let amount = self.scaled(Amount::new(scale / 2.0, of + 1));
            return Some(self.with_unit(at, amount));
        }
        let measure = self.senses(of).unit?;
        let figure = self.push_as(
            Standing::Doubtful,
            at..of + 1,
            Kind::Duration,
            EnglishValue::Number(0.5),
        );
        figure.measure = Some(measure);
        self.push_as(
            Standing::Doubtful,
            at..of + 1,
            Kind::Fraction,
            EnglishValue::Number(0.5),
        );
        Some(of + 1)
    }

    /// a hundred, a dozen, a third, a decade, a quarter, the past year.
    fn one_of(&mut self, at: usize) -> Option<usize> {
        let article = matches!(self.word(at), "a" | "an");
        let noun = match self.word(at + 1) {
            _ if !article => at,
            "full" | "whole" | "further" | "good" => at + 2,
            _ => at + 1,
        };
        let sense = self.senses(noun);
        if article && let Some(scale) = sense.scale {
            let amount = self.scaled(Amount::new(scale, noun + 1));
            return Some(self.with_unit(at, amount));
        }
        if article && let Some(below) = sense.ordinal.filter(|n| *n >= 3.0) {
            // a third of it, or a third time: either reading will do
            self.push_as(
                Standing::Doubtful,
                at..noun + 1,
                Kind::Fraction,
                EnglishValue::Number(1.0 / below),
            );
            self.push_as(
                Standing::Doubtful,
                at..noun + 1,
                Kind::Ordinal,
                EnglishValue::Number(below),
            );
            return Some(noun + 1);
        }
        if article
            && let Some(amount) = sense
                .unit
                .map(|_| self.and_a_half(Amount::new(1.0, noun + 1)))
                .filter(|a| a.value > 1.0)
        {
            // an hour and a half
            let figure = self.push(
                at..amount.end,
                Kind::Duration,
                EnglishValue::Number(amount.value),
            );
            figure.measure = sense.unit;
            return Some(amount.end);
        }
        // A singular unit without a number is one of it; second and quarter have other readings too.
        let singular = !self.word(noun).ends_with('s');
        let measure = sense.unit.filter(|_| singular && sense.ordinal.is_none())?;
        let figure = self.push_as(
            Standing::StandIn,
            at..noun + 1,
            Kind::Duration,
            EnglishValue::Number(1.0),
        );
        figure.measure = Some(measure);
        if let Some((kind, value)) = sense.stands_for {
            self.push_as(
                Standing::StandIn,
                at..noun + 1,
                kind,
                EnglishValue::Number(value),
            );
        }
        if article {
            self.push_as(
                Standing::StandIn,
                at..at + 1,
                Kind::Number,
                EnglishValue::Number(1.0),
            );
        }
        Some(noun + 1)
    }

    /// twenty-five thousand four hundred, two and a half, thirty-first.
    fn spelled(&self, at: usize) -> Option<Amount> {
        let first = self.senses(at);
        if let Some(value) = first.ordinal {
            return Some(Amount {
                ordinal: true,
                weak: true,
                ..Amount::new(value, at + 1)
            });
        }
        let bare = first.scale.filter(|_| {
            let before = at.checked_sub(1).map_or("", |i| self.word(i));
            matches!(
                before,
                "every" | "per" | "each" | "the" | "first" | "last" | "next"
            )
        });
        let mut section = first.cardinal.or(bare)?;
        let mut amount = Amount::new(0.0, at + 1);
        let mut total = 0.0;
        let mut open_tens = section >= 20.0;
        let mut scaled = false;
        loop {
            let and = scaled && self.word(amount.end) == "and";
            let next = self.behind_hyphen(if and { amount.end + 1 } else { amount.end });
            let sense = self.senses(next);
            if let Some(c) = sense.cardinal.filter(|c| *c > 0.0)
                && (open_tens && c < 10.0 && !and || scaled && section + total >= 100.0)
            {
                section += c;
                open_tens = c >= 20.0;
                scaled = false;
                amount.last_digit = 0;
            } else if let Some(o) = sense.ordinal.filter(|o| open_tens && *o < 10.0 && *o > 0.0) {
                section += o;
                amount.ordinal = true;
                amount.end = next + 1;
                break;
            } else if let Some(scale) = sense.scale.filter(|_| !and && self.word(next).len() >= 2) {
                if scale < 1000.0 {
                    section *= scale;
                } else {
                    total += section * scale;
                    section = 0.0;
                }
                amount.last_digit = scale.log10() as i32;
                scaled = true;
                open_tens = false;
            } else {
                break;
            }
            amount.end = next + 1;
        }
        amount.value = total + section;
        amount.weak = !amount.ordinal && amount.value <= 1.0 || first.cardinal.is_none();
        Some(self.and_a_half(amount))
    }

    /// The half of two and a half, two-and-a-half-year.
    fn and_a_half(&self, mut amount: Amount) -> Amount {
        let mut at = amount.end;
        for word in ["and", "a", "half"] {
            let next = self.behind_hyphen(at);
            if self.word(next) != word {
                return amount;
            }
            at = next + 1;
        }
        amount.value += 0.5;
        amount.end = at;
        self.scaled(amount)
    }

    /// both, tripled, largest, noon; roman numerals.
    fn stand_in(&mut self, at: usize) -> Option<usize> {
        if let Some(tens) = self.senses(at).plural_tens {
            return Some(self.decade(at, at + 1, tens));
        }
        if let Some((kind, value)) = self.senses(at).stands_for {
            let value = match kind {
                Kind::Date => EnglishValue::Time(value as u32, 0),
                _ => EnglishValue::Number(value),
            };
            let figure = self.push_as(Standing::StandIn, at..at + 1, kind, value);
            if kind == Kind::Duration {
                figure.measure = senses("years").unit;
            }
            return Some(at + 1);
        }
        let named = at > 0
            && (self.is_capital(at - 1)
                || matches!(
                    self.word(at - 1),
                    "phase" | "type" | "class" | "part" | "stage" | "level"
                ));
        let value = roman(self.slice(at)).filter(|_| named)?;
        self.push_as(
            Standing::Doubtful,
            at..at + 1,
            Kind::Ordinal,
            EnglishValue::Number(value),
        );
        Some(at + 1)
    }

    // ------------------------------------------------------------ what stands beside a number

    fn with_unit(&mut self, at: usize, amount: Amount) -> usize {
        let next = self.behind_hyphen(amount.end);
        if let Some(end) = self.denominated(at, amount, next) {
            return end;
        }
        let Amount {
            value,
            last_digit,
            end,
            ordinal,
            weak,
        } = amount;
        let mut kind = if ordinal { Kind::Ordinal } else { Kind::Number };
        let mut number = value;
        let mut close = end;
        let mut measure = None;
        if let Some((percent, behind)) = self.percent(next) {
            kind = Kind::Percent;
            number *= percent;
            close = behind;
        } else if matches!(self.word(next), "times" | "fold" | "x") && !ordinal {
            kind = Kind::Multiple;
        } else if self.is_money(at, next) {
            kind = Kind::Money;
        } else if let Some((unit, age)) = self.unit(next) {
            measure = Some(unit);
            kind = match unit.0 {
                _ if ordinal => kind,
                Dimension::Time if age => Kind::Age,
                Dimension::Time => Kind::Duration,
                _ if matches!(self.word(next), "pound" | "pounds") => Kind::Number,
                _ => Kind::Quantity,
            };
        }
        let others = matches!(self.word(next), "other" | "others" | "more" | "additional");
        let figure = self.push(at..close, kind, EnglishValue::Number(number));
        figure.measure = measure;
        figure.last_digit = last_digit;
        if weak {
            figure.standing = Standing::Doubtful;
        }
        if others && number < 20.0 {
            // Yale and two others: three
            figure.alternate = Some(number + 1.0);
        }
        // four dozen may be anything from forty to sixty
        let dozens = (at..end).any(|i| self.word(i) == "dozen");
        if dozens {
            let vague = EnglishValue::Vague(number / 12.0 * 10.0, number + 11.0);
            self.push_as(Standing::Doubtful, at..end, Kind::Number, vague);
        }
        close
    }

    /// three-quarters, two thirds, one in five.
    fn denominated(&mut self, at: usize, amount: Amount, next: usize) -> Option<usize> {
        let value = amount.value;
        if amount.ordinal || value < 1.0 {
            return None;
        }
        let word = self.word(next);
        let below = match word {
            "quarter" | "quarters" => Some(4.0),
            "half" | "halves" => Some(2.0),
            "in" => self
                .senses(next + 1)
                .cardinal
                .or_else(|| self.literal(next + 1).map(|l| l.value))
                .filter(|c| (value <= 3.0 || *c == 10.0) && *c > value && *c <= 100.0),
            word => {
                let singular = word.strip_suffix('s').unwrap_or(word);
                senses(singular).ordinal.filter(|o| *o >= 3.0)
            }
        }?;
        if value >= below {
            return None;
        }
        let end = if word == "in" { next + 2 } else { next + 1 };
        let quarters = matches!(word, "quarter" | "quarters");
        self.push_as(
            Standing::Doubtful,
            at..end,
            Kind::Fraction,
            EnglishValue::Number(value / below),
        );
        // three quarters may be nine months, one in five may be one hit in five shots
        if quarters {
            let measure = senses("quarter").unit;
            self.push_as(
                Standing::Doubtful,
                at..end,
                Kind::Duration,
                EnglishValue::Number(value),
            )
            .measure = measure;
        } else {
            self.push_as(
                Standing::Doubtful,
                at..amount.end,
                Kind::Number,
                EnglishValue::Number(value),
            );
            self.push_as(
                Standing::Doubtful,
                at..end,
                Kind::Number,
                EnglishValue::Number(below),
            );
        }
        Some(end)
    }

    /// %, percent, per cent, percentage points, basis points: factor to percent, and the end.
    fn percent(&self, at: usize) -> Option<(f64, usize)> {
        if self.mark(at) == Some('%') {
            return Some((1.0, at + 1));
        }
        match self.word(at) {
            "percent" | "pct" | "percentage" => Some((1.0, at + 1)),
            "per" if matches!(self.word(at + 1), "cent" | "cents") => Some((1.0, at + 2)),
            "basis" if self.word(at + 1).starts_with("point") => Some((0.01, at + 2)),
            _ => None,
        }
    }

    fn is_money(&self, at: usize, next: usize) -> bool {
        let sign = at.checked_sub(1).is_some_and(|i| {
            matches!(self.mark(i), Some('$' | '£' | '€' | '¥'))
                || self.senses(i).currency && self.is_capital(i)
        });
        // 5 Hong Kong dollars, 5 U.S. dollars
        let adjective = match self.word(next) {
            "us" | "chinese" | "australian" | "canadian" | "japanese" | "american" | "swiss"
            | "singapore" => 1,
            "hong" | "new" => 2,
            "u" => 4,
            _ => 0,
        };
        let named = |at: usize| {
            let code = self.slice(at).chars().all(char::is_uppercase) && self.word(at).len() != 3;
            self.senses(at).currency && !code
        };
        sign || named(next) || adjective > 0 && named(next + adjective)
    }

    /// The unit behind a number, and whether the two make an age.
    fn unit(&self, at: usize) -> Option<((Dimension, f64), bool)> {
        if let Some(unit) = self.square_or_cubic(at) {
            return Some((unit, false));
        }
        let at = match self.word(at) {
            "more" | "consecutive" | "straight" | "full" | "long" | "short" | "additional"
            | "whole" | "working" | "business" | "other" | "metric" | "successive" | "trading"
            | "extra" | "light" | "nautical" | "calendar" | "or" => self.behind_hyphen(at + 1),
            _ => at,
        };
        let unit = self.senses(at).unit?;
        let old = self.word(self.behind_hyphen(at + 1));
        Some((unit, matches!(old, "old" | "olds")))
    }

    fn square_or_cubic(&self, at: usize) -> Option<(Dimension, f64)> {
        let cubic = matches!(self.word(at), "cubic" | "cu");
        if !cubic && !matches!(self.word(at), "square" | "sq") {
            return None;
        }
        let at = if self.mark(at + 1) == Some('.') {
            at + 2
        } else {
            self.behind_hyphen(at + 1)
        };
        let (dimension, size) = match self.word(at) {
            "m" => (Dimension::Length, 1.0),
            word => senses(word).unit?,
        };
        if dimension != Dimension::Length {
            return None;
        }
        Some(if cubic {
            (Dimension::Volume, size.powi(3))
        } else {
            (Dimension::Area, size.powi(2))
        })
    }
}
