//! Reads the figures of English tokens, left to right.

use std::ops::Range;

use super::super::FigureKind;
use super::super::currency::{self, CurrencySet};
use super::super::units::Dimension;
use super::context;
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

    // ------------------------------------------------------------ writing figures

    fn push(
        &mut self,
        tokens: Range<usize>,
        kind: FigureKind,
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
            points: false,
            sure: false,
            context: context::read(self.tokens, &tokens),
        });
        self.figures.last_mut().expect("one was just pushed")
    }

    fn bytes(&self, tokens: &Range<usize>) -> Range<usize> {
        self.tokens[tokens.start].range.start..self.tokens[tokens.end - 1].range.end
    }

    /// $5, RMB5, 5 euros, euros 5: the currencies that the name beside these tokens may mean, and the
    /// bytes of both.
    fn currency_beside(&self, tokens: &Range<usize>) -> Option<(CurrencySet, Range<usize>)> {
        let bytes = self.bytes(tokens);
        if let Some((set, length)) = self.currency_before(tokens.start) {
            let trimmed = self.text[..bytes.start].trim_end().len();
            return Some((set, trimmed - length..bytes.end));
        }
        // 5 Hong Kong dollars, 5 U.S. dollars, 5 brand-new yuan
        let words = self.words_behind(self.behind_hyphen(tokens.end), 5);
        (0..words.len()).find_map(|first| {
            let names: Vec<&str> = words[first..].iter().map(|(word, _)| *word).collect();
            let (set, length) = currency::english_name(&names)?;
            let (word, last) = words[first + length - 1];
            let certain = first == 0 || !matches!(word, "won" | "dong" | "rand" | "pound");
            (certain && self.is_currency_word(last))
                .then(|| (set, bytes.start..self.tokens[last].range.end))
        })
    }

    /// The sign, letters or name right before a token, and their length in bytes.
    fn currency_before(&self, at: usize) -> Option<(CurrencySet, usize)> {
        let before = self.text[..self.tokens[at].range.start].trim_end();
        if let Some(found) = currency::english_sign(before) {
            return Some(found);
        }
        // euros 300 million
        let name = at.checked_sub(1)?;
        let plural = matches!(
            self.word(name),
            "euros" | "dollars" | "yuan" | "yen" | "roubles" | "rubles" | "rupees" | "usd" | "eur"
        );
        let (set, _) = currency::english_name(&[self.word(name)]).filter(|_| plural)?;
        Some((set, self.slice(name).len()))
    }

    /// Whether an ISO 4217 code is written as one: TRY, not try.
    fn is_currency_word(&self, at: usize) -> bool {
        let slice = self.slice(at);
        if matches!(
            self.word(at),
            "rand" | "won" | "dong" | "birr" | "kip" | "lei" | "crowns" | "quid"
        ) {
            return !self.is_capital(at);
        }
        let code = !CurrencySet::of(&slice.to_uppercase()).is_empty();
        !code || slice.chars().all(char::is_uppercase)
    }

    /// The words from `at` on, across the points of U.S., with their tokens: up to `most`, as far as no
    /// word of another phrase comes between (100 to the yuan).
    fn words_behind(&self, at: usize, most: usize) -> Vec<(&str, usize)> {
        let mut out = Vec::new();
        let mut i = at;
        while out.len() < most {
            let dotted = self.mark(i) == Some('.') && i > at && self.word(i - 1).len() == 1;
            match self.word(i) {
                "" if dotted => {}
                "" | "to" | "and" | "or" | "in" | "of" | "for" | "per" | "a" => break,
                word => out.push((word, i)),
            }
            i += 1;
        }
        out
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
        let currency = self.currency_beside(tokens);
        let (currency, with_currency) =
            currency.unwrap_or_else(|| (CurrencySet::default(), self.bytes(tokens)));
        Around {
            before: self.word(before(1)).to_owned(),
            after: self.word(self.behind_hyphen(end)).to_owned(),
            currency,
            with_currency,
            month,
        }
    }

    /// A figure whose words may mean something else.
    fn push_as(
        &mut self,
        standing: Standing,
        tokens: Range<usize>,
        kind: FigureKind,
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
            && self.currency_before(at).is_none()
            && !matches!(self.word(at - 1), "to" | "and" | "of")
            && (self.word(at - 1).len() < 4 || self.is_capital(at - 1))
        {
            // m2, CO2
            let value = EnglishValue::Number(literal.value);
            self.push_as(Standing::Name, at..at + 1, FigureKind::Number, value);
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
        // 4x4: a kind of car; 7*24 and 24/7: all the time
        let times = self.word(at + 1) == "x" || matches!(self.mark(at + 1), Some('*' | '×'));
        let joined = self.glued(at + 1) && self.glued(at + 2) && decimals == 0;
        let other = self.literal(at + 2).filter(|_| joined).map(|l| l.value);
        let always = matches!((value as u32, other), (7, Some(24.0)) | (24, Some(7.0)));
        if always && (times || self.mark(at + 1) == Some('/')) {
            let value = EnglishValue::Number(24.0);
            let figure = self.push_as(Standing::StandIn, at..at + 3, FigureKind::Duration, value);
            figure.measure = senses("hours").unit;
        }
        if let Some(other) = other.filter(|_| times || always) {
            for (token, value) in [(at, value), (at + 2, other)] {
                let value = EnglishValue::Number(value);
                self.push_as(Standing::Name, token..token + 1, FigureKind::Number, value);
            }
            return at + 3;
        }
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
                // but 50K is fifty thousand
                let many = suffix == "k" && decimals == 0 && value > 8.0 && value != 1080.0;
                let scaled = many || suffix == "m" && value != 1.0 || suffix == "b" && value > 9.0;
                if let Some(scale) =
                    glued_scale(suffix).filter(|_| !capital || scaled || suffix.len() > 1)
                {
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
                let letters = suffix.len() > 1 || suffix == "l";
                let Some(measure) = glued_unit(suffix)
                    .or((!named).then_some(None))
                    .filter(|_| !capital || letters && glued_unit(suffix).is_some())
                else {
                    // 5G, 3D: a name; it can stand for a figure, but is none of its own.
                    self.push_as(
                        Standing::Name,
                        at..at + 2,
                        FigureKind::Number,
                        EnglishValue::Number(value),
                    );
                    return at + 2;
                };
                let measure = measure.or_else(|| self.square_or_cubic(at + 1));
                let figure = self.push(
                    at..at + 2,
                    FigureKind::Quantity,
                    EnglishValue::Number(value),
                );
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
        let figure = self.push(at..end, FigureKind::Date, EnglishValue::Decade(first));
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
            FigureKind::Date,
            EnglishValue::Number(f64::from(y)),
        );
        self.push(tokens.clone(), FigureKind::Date, EnglishValue::Month(m));
        self.push(tokens, FigureKind::Date, EnglishValue::Number(f64::from(d)));
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
        // 1200 GMT
        let local = matches!(
            self.word(at + 1),
            "beijing" | "local" | "eastern" | "moscow"
        ) && self.word(at + 2) == "time";
        let zone = local
            || matches!(self.word(at + 1), "gmt" | "utc" | "hours")
                && self.literal(at + 2).is_none();
        if whole == 4
            && decimals == 0
            && value < 2400.0
            && value % 100.0 < 60.0
            && zone
            && !literal.grouped
        {
            let (hour, minute) = (value as u32 / 100, value as u32 % 100);
            self.push(
                at..at + 2,
                FigureKind::Date,
                EnglishValue::Time(hour, minute),
            )
            .sure = true;
            return Some(at + 2);
        }
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
                let in_the = |word: &str| self.word(end + 3) == "in" && self.word(end + 5) == word;
                Some((in_the("afternoon") || in_the("evening"), end + 3))
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
        let (morning, evening) = half.map_or((false, false), |(pm, _)| (!pm, pm));
        let clock = self.word(end) == "o";
        if evening && hour < 12 {
            hour += 12;
        }
        if morning && hour == 12 && !clock {
            hour = 0;
        }
        let time = EnglishValue::Time(hour, minute);
        let sure = evening || morning && !clock || hour > 12;
        self.push(at..close, FigureKind::Date, time).sure = sure;
        if half.is_none() {
            // A score or a running time as well.
            for (k, part) in parts.iter().enumerate() {
                let token = at + 2 * k;
                self.push_as(
                    Standing::Doubtful,
                    token..token + 1,
                    FigureKind::Score,
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
        self.push(
            at..at + 3,
            FigureKind::Duration,
            EnglishValue::Number(joined),
        )
        .last_digit = -2;
        for (token, value) in [(at, literal.value), (at + 2, next.value)] {
            let value = EnglishValue::Number(value);
            self.push_as(
                Standing::Doubtful,
                token..token + 1,
                FigureKind::Duration,
                value,
            );
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
                FigureKind::Fraction,
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
            .or_else(|| self.clock(at))
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
        let letters = self.slice(at);
        let currency = currency::english_sign(letters).is_some_and(|(_, n)| n == letters.len());
        if !self.is_capital(at) || currency || senses(word).month.is_some() {
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
            FigureKind::Number,
            EnglishValue::Number(value),
        );
        let mut end = number + 1;
        while self.glued(end) && !self.word(end).is_empty() {
            end += 1;
        }
        Some(end)
    }

    /// half past three, a quarter to six, around the clock.
    fn clock(&mut self, at: usize) -> Option<usize> {
        let round = matches!(self.word(at), "around" | "round");
        let the = self.behind_hyphen(at + 1);
        let clock = self.behind_hyphen(the + 1);
        if round && self.word(the) == "the" && self.word(clock) == "clock" {
            let tokens = at..clock + 1;
            let value = EnglishValue::Number(24.0);
            let figure = self.push_as(Standing::StandIn, tokens, FigureKind::Duration, value);
            figure.measure = senses("hours").unit;
            return Some(clock + 1);
        }
        let past = match (self.word(at), self.word(at + 1)) {
            ("half", "past") => 30,
            ("quarter", "past") => 15,
            ("quarter", "to") => 45,
            _ => return None,
        };
        let named = self.senses(at + 2).cardinal;
        let hour = named.or_else(|| self.literal(at + 2).map(|l| l.value))?;
        let hour = if past == 45 { hour - 1.0 } else { hour };
        (0.0..24.0).contains(&hour).then(|| {
            let time = EnglishValue::Time(hour as u32, past);
            self.push(at..at + 3, FigureKind::Date, time);
            at + 3
        })
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
                FigureKind::Duration,
                EnglishValue::Vague(years, years * 100.0),
            );
            figure.measure = senses("years").unit;
            return Some(end);
        } else {
            return None;
        }
        let measure = self.senses(end).unit;
        let figure = self.push(
            at..end,
            FigureKind::Number,
            EnglishValue::Vague(low, low * 100.0),
        );
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
            self.push(at..at + 1, FigureKind::Date, EnglishValue::Month(month))
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
            FigureKind::Date,
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
            FigureKind::Duration,
            EnglishValue::Number(0.5),
        );
        figure.measure = Some(measure);
        self.push_as(
            Standing::Doubtful,
            at..of + 1,
            FigureKind::Fraction,
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
                FigureKind::Fraction,
                EnglishValue::Number(1.0 / below),
            );
            self.push_as(
                Standing::Doubtful,
                at..noun + 1,
                FigureKind::Ordinal,
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
                FigureKind::Duration,
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
            FigureKind::Duration,
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
                FigureKind::Number,
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
                FigureKind::Date => EnglishValue::Time(value as u32, 0),
                _ => EnglishValue::Number(value),
            };
            let figure = self.push_as(Standing::StandIn, at..at + 1, kind, value);
            if kind == FigureKind::Duration {
                figure.measure = senses("years").unit;
            }
            return Some(at + 1);
        }
        let word = self.word(at);
        if word.len() > 5
            && word.ends_with("est")
            && !matches!(
                word,
                "forest"
                    | "interest"
                    | "request"
                    | "protest"
                    | "invest"
                    | "harvest"
                    | "honest"
                    | "contest"
                    | "suggest"
                    | "conquest"
                    | "arrest"
                    | "southwest"
                    | "northwest"
                    | "midwest"
            )
        {
            let value = EnglishValue::Number(1.0);
            self.push_as(Standing::StandIn, at..at + 1, FigureKind::Ordinal, value);
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
            FigureKind::Ordinal,
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
        let mut kind = if ordinal {
            FigureKind::Ordinal
        } else {
            FigureKind::Number
        };
        let mut number = value;
        let mut close = end;
        let mut measure = None;
        let mut points = false;
        if let Some((percent, behind, in_points)) = self.percent(next) {
            points = in_points;
            kind = FigureKind::Percent;
            number *= percent;
            close = behind;
        } else if matches!(self.word(next), "times" | "fold" | "x") && !ordinal {
            kind = FigureKind::Multiple;
        } else if self.is_money(at, next) {
            kind = FigureKind::Money;
        } else if let Some((unit, age)) = self.unit(next) {
            measure = Some(unit);
            kind = match unit.0 {
                _ if ordinal => kind,
                Dimension::Time if age => FigureKind::Age,
                Dimension::Time => FigureKind::Duration,
                _ if matches!(self.word(next), "pound" | "pounds") => FigureKind::Number,
                _ => FigureKind::Quantity,
            };
        }
        let fahrenheit = matches!(measure, Some((Dimension::Fahrenheit, _)));
        let others = matches!(self.word(next), "other" | "others" | "more" | "additional");
        let figure = self.push(at..close, kind, EnglishValue::Number(number));
        figure.measure = measure;
        figure.points = points;
        figure.last_digit = last_digit;
        if fahrenheit {
            figure.alternate = Some(((number - 32.0) / 1.8).round());
        }
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
            self.push_as(Standing::Doubtful, at..end, FigureKind::Number, vague);
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
            FigureKind::Fraction,
            EnglishValue::Number(value / below),
        );
        // three quarters may be nine months, one in five may be one hit in five shots
        if quarters {
            let measure = senses("quarter").unit;
            self.push_as(
                Standing::Doubtful,
                at..end,
                FigureKind::Duration,
                EnglishValue::Number(value),
            )
            .measure = measure;
        } else {
            self.push_as(
                Standing::Doubtful,
                at..amount.end,
                FigureKind::Number,
                EnglishValue::Number(value),
            );
            self.push_as(
                Standing::Doubtful,
                at..end,
                FigureKind::Number,
                EnglishValue::Number(below),
            );
        }
        Some(end)
    }

    /// %, percent, per cent, percentage points, basis points: factor to percent, and the end.
    fn percent(&self, at: usize) -> Option<(f64, usize, bool)> {
        let (factor, end) = match (self.mark(at), self.word(at)) {
            (Some('%'), _) | (_, "percent" | "pct" | "percentage") => (1.0, at + 1),
            (Some('‰'), _) | (_, "permille") => (0.1, at + 1),
            (_, "per") => match self.word(at + 1) {
                "cent" | "cents" => (1.0, at + 2),
                "mille" | "mil" => (0.1, at + 2),
                "thousand" if !self.word(at + 2).starts_with("people") => (0.1, at + 2),
                _ => return None,
            },
            (_, "basis") if !self.word(at + 1).starts_with("point") => return None,
            (_, "basis" | "bp" | "bps") => {
                let end = at + 1 + usize::from(self.word(at + 1).starts_with("point"));
                return Some((0.01, end, true));
            }
            _ => return None,
        };
        let points = self.word(self.behind_hyphen(end)).starts_with("point");
        Some((
            factor,
            end + usize::from(points && self.word(end).starts_with("point")),
            points,
        ))
    }

    /// Whether the name or sign of a currency stands right before token `at` or at `next`.
    fn is_money(&self, at: usize, next: usize) -> bool {
        let words = self.words_behind(next, 4);
        let names: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let named = currency::english_name(&names).is_some_and(|(_, length)| {
            let (word, last) = words[length - 1];
            // 5 pounds may be either
            (length > 1 || !matches!(word, "pound" | "pounds")) && self.is_currency_word(last)
        });
        named || self.currency_before(at).is_some()
    }

    /// The unit behind a number, and whether the two make an age.
    fn unit(&self, at: usize) -> Option<((Dimension, f64), bool)> {
        if let Some(unit) = self.square_or_cubic(at) {
            return Some((unit, false));
        }
        let names: Vec<&str> = (at..at + 6)
            .filter(|i| self.mark(*i) != Some('-'))
            .map(|i| self.word(i))
            .take_while(|word| !word.is_empty())
            .collect();
        if let Some((unit, _)) = words::unit_of_words(&names) {
            return Some((unit, false));
        }
        if self.word(at) == "m" && !self.is_capital(at) && !self.glued(at) {
            let power = self
                .literal(at + 1)
                .filter(|_| self.glued(at + 1))
                .map_or(1.0, |l| l.value);
            let raised = match self.mark(at + 1) {
                Some('²') => 2.0,
                Some('³') => 3.0,
                _ => power,
            };
            let dimension = match raised as i32 {
                2 => Dimension::Area,
                3 => Dimension::Volume,
                _ => Dimension::Length,
            };
            return Some(((dimension, 1.0), false));
        }
        let at = match self.word(at) {
            "more" | "consecutive" | "straight" | "full" | "long" | "short" | "additional"
            | "whole" | "working" | "business" | "other" | "metric" | "successive" | "trading"
            | "extra" | "calendar" | "or" => self.behind_hyphen(at + 1),
            _ => at,
        };
        let unit = self.senses(at).unit?;
        // Li and Ping are people
        if self.is_capital(at) && matches!(self.word(at), "li" | "ping" | "zhang" | "chi" | "mu") {
            return None;
        }
        // km2, km²
        let raised = self.glued(at + 1).then(|| {
            let exponent = self
                .literal(at + 1)
                .filter(|l| l.whole == 1 && l.decimals == 0);
            exponent
                .map(|l| l.value as i32)
                .or(match self.mark(at + 1) {
                    Some('²') => Some(2),
                    Some('³') => Some(3),
                    _ => None,
                })
        });
        if let (Some(Some(power @ 2..=3)), Dimension::Length) = (raised, unit.0) {
            let dimension = if power == 2 {
                Dimension::Area
            } else {
                Dimension::Volume
            };
            return Some(((dimension, unit.1.powi(power)), false));
        }
        let per_hour = self.mark(at + 1) == Some('/') && self.word(at + 2) == "h";
        if per_hour && unit.0 == Dimension::Length {
            return Some(((Dimension::Speed, unit.1 / 3600.0), false));
        }
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
