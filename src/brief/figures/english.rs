//! Figures of English text, for the check of a translation against its source.
//!
//! Comes in: a sentence of English. Goes out: every number that it states, in digits or in words,
//! with its unit where one stands beside it. Generous on purpose: *half*, *dozens*, *both*,
//! *tripled*, *a decade* all state a number when the Chinese did.

use std::ops::Range;

use super::Kind;
use super::units::{Dimension, MU};

/// A figure of English text.
#[derive(Clone, Debug, PartialEq)]
pub struct EnglishFigure {
    /// Bytes of the text.
    pub range: Range<usize>,
    /// What sort of figure it is, as far as the words beside it say.
    pub kind: Kind,
    /// Its value.
    pub value: EnglishValue,
    /// Another reading, where a later number lends its magnitude: the 40 of *40 to 50 billion*.
    pub alternate: Option<f64>,
    /// Words that state a number only when the source does: *one*, *second*, *both*, *May*.
    pub weak: bool,
    /// Preceded by *about*, *nearly*, *more than* …
    pub hedged: bool,
    /// Decimal exponent of the last significant digit written: 1.3 billion → 8.
    pub last_digit: i32,
    pub(in crate::brief) measure: Option<(Dimension, f64)>,
}

/// The value of an [`EnglishFigure`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EnglishValue {
    /// One number; in percent where the kind is [`Kind::Percent`].
    Number(f64),
    /// *dozens*, *hundreds of thousands*.
    Vague(f64, f64),
    /// 1 to 12.
    Month(u32),
    /// Monday is 1.
    Weekday(u32),
    /// *the 1990s*: its first year.
    Decade(i32),
    /// Hour and minute.
    Time(u32, u32),
}

/// The figures of `text`, in order.
pub fn extract_english(text: &str) -> Vec<EnglishFigure> {
    let tokens = tokens(text);
    let mut parser = Parser {
        text,
        tokens: &tokens,
        figures: Vec::new(),
    };
    let mut at = 0;
    while at < tokens.len() {
        at = parser.read(at);
    }
    let mut figures = parser.figures;
    lend(text, &mut figures);
    figures
}

#[derive(Clone, Debug, PartialEq)]
enum Shape {
    /// Lower-cased letters.
    Word(String),
    /// Digits, with the number of decimals.
    Digits {
        value: f64,
        decimals: usize,
        whole: usize,
        zeros: usize,
        grouped: bool,
    },
    Mark(char),
}

#[derive(Clone, Debug)]
struct Token {
    shape: Shape,
    range: Range<usize>,
    /// Whether white space stands before it.
    spaced: bool,
    capital: bool,
}

fn tokens(text: &str) -> Vec<Token> {
    let mut out = Vec::new();
    let mut spaced = true;
    let mut chars = text.char_indices().peekable();
    while let Some((start, c)) = chars.next() {
        if c.is_whitespace() {
            spaced = true;
            continue;
        }
        let rest = &text[start..];
        let (shape, len) = if c.is_ascii_digit() {
            digits(rest)
        } else if c.is_alphabetic() {
            let len = rest
                .char_indices()
                .find(|(_, c)| !c.is_alphabetic())
                .map_or(rest.len(), |(i, _)| i);
            (Shape::Word(rest[..len].to_lowercase()), len)
        } else {
            let mark = match c {
                '–' | '—' | '‐' | '‑' | '−' => '-',
                '’' | '‘' => '\'',
                '％' => '%',
                '￥' => '¥',
                c => c,
            };
            (Shape::Mark(mark), c.len_utf8())
        };
        let end = start + len;
        while chars.peek().is_some_and(|(i, _)| *i < end) {
            chars.next();
        }
        out.push(Token {
            shape,
            range: start..end,
            spaced,
            capital: c.is_uppercase(),
        });
        spaced = false;
    }
    out
}

/// 3,000.5 and 1 alike; grouping commas need three digits behind them.
fn digits(text: &str) -> (Shape, usize) {
    let bytes = text.as_bytes();
    let run = |from: usize| {
        bytes[from..]
            .iter()
            .take_while(|b| b.is_ascii_digit())
            .count()
    };
    let mut end = run(0);
    let mut grouped = false;
    if end <= 3 {
        while bytes.get(end) == Some(&b',') && run(end + 1) == 3 {
            end += 4;
            grouped = true;
        }
    }
    let whole_end = end;
    let mut decimals = 0;
    if bytes.get(end) == Some(&b'.') {
        decimals = run(end + 1);
        if decimals > 0 {
            end += 1 + decimals;
        }
    }
    let plain: String = text[..end].chars().filter(|c| *c != ',').collect();
    let whole_digits = text[..whole_end].chars().filter(char::is_ascii_digit);
    let zeros = whole_digits
        .clone()
        .collect::<Vec<_>>()
        .iter()
        .rev()
        .take_while(|c| **c == '0')
        .count();
    let shape = Shape::Digits {
        value: plain.parse().unwrap_or(0.0),
        decimals,
        whole: whole_digits.count(),
        zeros,
        grouped,
    };
    (shape, end)
}

/// One to nineteen and the tens.
fn small_word(word: &str) -> Option<f64> {
    const WORDS: &[&str] = &[
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
        "thirteen",
        "fourteen",
        "fifteen",
        "sixteen",
        "seventeen",
        "eighteen",
        "nineteen",
    ];
    const TENS: &[&str] = &[
        "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
    ];
    if let Some(i) = WORDS.iter().position(|w| *w == word) {
        return Some(i as f64);
    }
    TENS.iter()
        .position(|w| *w == word)
        .map(|i| (i as f64 + 2.0) * 10.0)
}

fn ordinal_word(word: &str) -> Option<f64> {
    const WORDS: &[&str] = &[
        "zeroth",
        "first",
        "second",
        "third",
        "fourth",
        "fifth",
        "sixth",
        "seventh",
        "eighth",
        "ninth",
        "tenth",
        "eleventh",
        "twelfth",
        "thirteenth",
        "fourteenth",
        "fifteenth",
        "sixteenth",
        "seventeenth",
        "eighteenth",
        "nineteenth",
        "twentieth",
    ];
    if let Some(i) = WORDS.iter().position(|w| *w == word) {
        return Some(i as f64);
    }
    Some(match word {
        "thirtieth" => 30.0,
        "fortieth" => 40.0,
        "fiftieth" => 50.0,
        "sixtieth" => 60.0,
        "seventieth" => 70.0,
        "eightieth" => 80.0,
        "ninetieth" => 90.0,
        "hundredth" => 100.0,
        "firstly" => 1.0,
        "secondly" => 2.0,
        "thirdly" => 3.0,
        _ => return None,
    })
}

fn scale_word(word: &str) -> Option<f64> {
    Some(match word {
        "dozen" => 12.0,
        "hundred" => 1e2,
        "thousand" => 1e3,
        "k" => 1e3,
        "lakh" => 1e5,
        "million" | "mn" | "mln" | "mil" => 1e6,
        "crore" => 1e7,
        "billion" | "bn" | "bln" => 1e9,
        "trillion" | "tn" | "trn" => 1e12,
        _ => return None,
    })
}

/// Suffixes that are glued to digits.
fn glued_scale(word: &str) -> Option<f64> {
    match word {
        "m" => Some(1e6),
        "b" => Some(1e9),
        "t" => Some(1e12),
        w => scale_word(w),
    }
}

fn month(word: &str) -> Option<u32> {
    const MONTHS: &[(&str, &str)] = &[
        ("january", "jan"),
        ("february", "feb"),
        ("march", "mar"),
        ("april", "apr"),
        ("may", "may"),
        ("june", "jun"),
        ("july", "jul"),
        ("august", "aug"),
        ("september", "sep"),
        ("october", "oct"),
        ("november", "nov"),
        ("december", "dec"),
    ];
    if word == "sept" {
        return Some(9);
    }
    MONTHS
        .iter()
        .position(|(long, short)| word == *long || word == *short)
        .map(|i| i as u32 + 1)
}

fn weekday(word: &str) -> Option<u32> {
    Some(match word.strip_suffix('s').unwrap_or(word) {
        "monday" | "mon" => 1,
        "tuesday" | "tue" => 2,
        "wednesday" | "wedne" | "wed" => 3,
        "thursday" | "thur" | "thu" => 4,
        "friday" | "fri" => 5,
        "saturday" | "sat" => 6,
        "sunday" => 7,
        _ => return None,
    })
}

/// Units by their English word, with dimension and size.
fn unit_word(word: &str) -> Option<(Dimension, f64)> {
    use Dimension::{Area, Length, Mass, Power, Speed, Time, Volume};
    const DAY: f64 = 86_400.0;
    let singular = word.strip_suffix('s').unwrap_or(word);
    Some(match singular {
        "km" | "kilometre" | "kilometer" => (Length, 1e3),
        "metre" | "meter" => (Length, 1.0),
        "cm" | "centimetre" | "centimeter" => (Length, 0.01),
        "mm" | "millimetre" | "millimeter" => (Length, 1e-3),
        "mile" => (Length, 1609.344),
        "foot" | "feet" | "ft" => (Length, 0.3048),
        "inch" | "inche" => (Length, 0.0254),
        "yard" => (Length, 0.9144),
        "hectare" | "ha" => (Area, 1e4),
        "acre" => (Area, 4046.856),
        "mu" => (Area, MU),
        "kg" | "kilogram" | "kilo" | "kilogramme" => (Mass, 1.0),
        "gram" | "gramme" => (Mass, 1e-3),
        "tonne" | "ton" => (Mass, 1e3),
        "pound" | "lb" => (Mass, 0.453_592),
        "ounce" | "oz" => (Mass, 0.028_35),
        "jin" | "catty" | "cattie" => (Mass, 0.5),
        "litre" | "liter" => (Volume, 1e-3),
        "gallon" => (Volume, 3.785e-3),
        "mph" => (Speed, 0.447),
        "kph" | "kmh" => (Speed, 1.0 / 3.6),
        "kw" | "kilowatt" => (Power, 1e3),
        "mw" | "megawatt" => (Power, 1e6),
        "gw" | "gigawatt" => (Power, 1e9),
        "second" | "sec" => (Time, 1.0),
        "minute" | "min" => (Time, 60.0),
        "hour" | "hr" => (Time, 3600.0),
        "day" => (Time, DAY),
        "week" => (Time, 7.0 * DAY),
        "fortnight" => (Time, 14.0 * DAY),
        "month" => (Time, 30.4375 * DAY),
        "quarter" => (Time, 91.3 * DAY),
        "year" | "yr" => (Time, 365.25 * DAY),
        "decade" => (Time, 3652.5 * DAY),
        "century" | "centurie" => (Time, 36_525.0 * DAY),
        _ => return None,
    })
}

const CURRENCIES: &[&str] = &[
    "yuan", "rmb", "renminbi", "dollar", "dollars", "usd", "euro", "euros", "pound", "pounds",
    "yen", "won", "rupee", "rupees", "ruble", "rubles", "rouble", "roubles", "franc", "francs",
    "baht", "peso", "pesos", "cny", "hkd", "eur", "gbp", "pence", "cents", "ringgit", "kronor",
    "krona", "kroner", "dirhams", "lira",
];

struct Parser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    figures: Vec<EnglishFigure>,
}

/// A number as far as it has been read.
#[derive(Clone, Copy)]
struct Read {
    value: f64,
    /// Exponent of the last digit written.
    last_digit: i32,
    end: usize,
    ordinal: bool,
    digits: bool,
    /// A lone *one*, *a hundred*.
    weak: bool,
}

impl Parser<'_> {
    fn word(&self, at: usize) -> &str {
        match self.tokens.get(at).map(|t| &t.shape) {
            Some(Shape::Word(w)) => w,
            _ => "",
        }
    }

    fn mark(&self, at: usize) -> Option<char> {
        match self.tokens.get(at).map(|t| &t.shape) {
            Some(Shape::Mark(c)) => Some(*c),
            _ => None,
        }
    }

    /// A word at `at`, or behind a hyphen there.
    fn hyphen(&self, at: usize) -> usize {
        let hyphen =
            self.mark(at) == Some('-') && self.tokens.get(at + 1).is_some_and(|t| !t.spaced);
        if hyphen { at + 1 } else { at }
    }

    fn glued(&self, at: usize) -> bool {
        self.tokens.get(at).is_some_and(|t| !t.spaced)
    }

    fn push(
        &mut self,
        from: usize,
        end: usize,
        kind: Kind,
        value: EnglishValue,
    ) -> &mut EnglishFigure {
        let range = self.tokens[from].range.start..self.tokens[end - 1].range.end;
        let hedged = self.is_hedged(from);
        self.figures.push(EnglishFigure {
            range,
            kind,
            value,
            alternate: None,
            weak: false,
            hedged,
            last_digit: 0,
            measure: None,
        });
        self.figures.last_mut().expect("just pushed")
    }

    fn is_hedged(&self, from: usize) -> bool {
        const HEDGES: &[&str] = &[
            "about",
            "around",
            "nearly",
            "almost",
            "over",
            "approximately",
            "some",
            "roughly",
            "than",
            "least",
            "most",
            "to",
            "exceeding",
            "exceeded",
            "exceeds",
            "surpassed",
            "above",
            "below",
            "under",
            "close",
            "topped",
            "past",
            "estimated",
            "near",
            "circa",
            "approaching",
        ];
        (1..=3).any(|k| {
            from.checked_sub(k)
                .is_some_and(|i| HEDGES.contains(&self.word(i)))
        }) || from
            .checked_sub(1)
            .is_some_and(|i| self.mark(i) == Some('~'))
    }

    /// Reads what begins at `at`; returns where to go on.
    fn read(&mut self, at: usize) -> usize {
        match &self.tokens[at].shape {
            Shape::Digits { .. } => self.number(at),
            Shape::Word(_) => self.word_figure(at),
            Shape::Mark(_) => at + 1,
        }
    }

    fn word_figure(&mut self, at: usize) -> usize {
        if let Some(end) = self.code(at) {
            return end;
        }
        if let Some(end) = self.vague(at) {
            return end;
        }
        if let Some(end) = self.calendar(at) {
            return end;
        }
        if let Some(end) = self.special(at) {
            return end;
        }
        if let Some(read) = self.words(at) {
            return self.unit(at, read);
        }
        at + 1
    }

    /// COVID-19, G20, Boeing 737: a name with digits satisfies a figure but is none of its own.
    fn code(&mut self, at: usize) -> Option<usize> {
        let mut end = at + 1;
        if !self.tokens[at].capital {
            return None;
        }
        let word = self.word(at);
        if self.glued(end) && self.mark(end) == Some('-') && self.glued(end + 1) {
            let name = word.len() <= 3
                || self.text[self.tokens[at].range.clone()]
                    .chars()
                    .all(char::is_uppercase);
            if !name || month(word).is_some() || word == "mid" || word == "pre" || word == "non" {
                return None;
            }
            end += 1;
        } else if !self.glued(end) {
            return None;
        }
        let Some(Shape::Digits { value, .. }) = self.tokens.get(end).map(|t| &t.shape) else {
            return None;
        };
        if word == "rmb"
            || word == "us"
            || word == "usd"
            || word == "no"
            || CURRENCIES.contains(&word)
        {
            return None;
        }
        let value = *value;
        let figure = self.push(end, end + 1, Kind::Number, EnglishValue::Number(value));
        figure.weak = true;
        end += 1;
        while self.glued(end) && matches!(self.tokens[end].shape, Shape::Word(_)) {
            end += 1;
        }
        Some(end)
    }

    /// dozens, hundreds of thousands, several hundred, a few dozen.
    fn vague(&mut self, at: usize) -> Option<usize> {
        let plural = |w: &str| -> Option<f64> {
            Some(match w {
                "tens" => 1e1,
                "dozens" | "scores" => 1e1,
                "hundreds" => 1e2,
                "thousands" => 1e3,
                "millions" => 1e6,
                "billions" => 1e9,
                "trillions" => 1e12,
                _ => return None,
            })
        };
        let mut end = at;
        let mut low = 1.0;
        if let Some(p) = plural(self.word(at)) {
            low = p;
            end += 1;
            while self.word(end) == "of"
                && let Some(p) =
                    plural(self.word(end + 1)).or_else(|| scale_word(self.word(end + 1)))
            {
                low *= p;
                end += 2;
            }
        } else if matches!(self.word(at), "several" | "few" | "many") {
            end += 1;
            let first = end;
            while let Some(s) = scale_word(self.word(end)) {
                low *= s;
                end += 1;
            }
            if end == first {
                return None;
            }
        } else {
            return None;
        }
        let measure = unit_word(self.word(end));
        let figure = self.push(at, end, Kind::Number, EnglishValue::Vague(low, low * 100.0));
        figure.measure = measure;
        Some(end)
    }

    fn calendar(&mut self, at: usize) -> Option<usize> {
        let word = self.word(at);
        if let Some(m) = month(word) {
            let ambiguous = matches!(
                word,
                "may" | "march" | "mar" | "jan" | "dec" | "sep" | "august"
            );
            let capital = self.tokens[at].capital;
            if !capital {
                return None;
            }
            let weak = ambiguous && word.len() != 3 || ambiguous && word == "may";
            let end = if self.mark(at + 1) == Some('.') && word.len() <= 4 {
                at + 2
            } else {
                at + 1
            };
            self.push(at, at + 1, Kind::Date, EnglishValue::Month(m))
                .weak = weak;
            return Some(end);
        }
        let d = weekday(word)?;
        if !self.tokens[at].capital {
            return None;
        }
        self.push(at, at + 1, Kind::Date, EnglishValue::Weekday(d))
            .weak = true;
        Some(at + 1)
    }

    /// Words that are a number by themselves.
    fn special(&mut self, at: usize) -> Option<usize> {
        let word = self.word(at).to_owned();
        let (kind, value, weak) = match word.as_str() {
            "half" | "halve" | "halved" | "halves" | "halfway" => {
                // half a million, half an hour, half a century
                let article = matches!(self.word(at + 1), "a" | "an" | "the");
                let from = if article { at + 2 } else { self.hyphen(at + 1) };
                if let Some(s) = scale_word(self.word(from)) {
                    let read = Read {
                        value: s / 2.0,
                        last_digit: 0,
                        end: from + 1,
                        ordinal: false,
                        digits: false,
                        weak: false,
                    };
                    return Some(self.unit(at, read));
                }
                if let Some(measure) = unit_word(self.word(from)) {
                    let figure = self.push(at, from + 1, Kind::Duration, EnglishValue::Number(0.5));
                    figure.measure = Some(measure);
                    figure.weak = true;
                    return Some(from + 1);
                }
                (Kind::Fraction, 0.5, true)
            }
            "quarter" | "quarterly" => (Kind::Fraction, 0.25, true),
            "quarters" => (Kind::Fraction, 0.25, true),
            "both" | "pair" | "couple" | "duo" | "twin" | "two-way" | "bilateral" | "twins"
            | "dual" | "brace" => (Kind::Number, 2.0, true),
            "trio" | "triplets" | "trilateral" | "tripartite" | "threesome" | "trilogy" => {
                (Kind::Number, 3.0, true)
            }
            "quartet" | "quadrilateral" | "quadruplets" => (Kind::Number, 4.0, true),
            "quintet" => (Kind::Number, 5.0, true),
            "double" | "doubled" | "doubles" | "doubling" | "twice" | "twofold" => {
                (Kind::Multiple, 2.0, true)
            }
            "triple" | "tripled" | "triples" | "tripling" | "thrice" | "threefold" | "treble"
            | "trebled" => (Kind::Multiple, 3.0, true),
            "quadruple" | "quadrupled" | "quadrupling" | "fourfold" => (Kind::Multiple, 4.0, true),
            "quintuple" | "quintupled" | "fivefold" => (Kind::Multiple, 5.0, true),
            "sixfold" => (Kind::Multiple, 6.0, true),
            "sevenfold" => (Kind::Multiple, 7.0, true),
            "eightfold" => (Kind::Multiple, 8.0, true),
            "tenfold" => (Kind::Multiple, 10.0, true),
            "once" | "single" | "sole" | "another" | "a" | "an" => (Kind::Number, 1.0, true),
            "teenage" | "teenager" => return None,
            "decade" | "century" | "fortnight" | "biennial" | "centenary" | "centennial"
            | "bicentenary" => {
                let (years, measure) = match word.as_str() {
                    "decade" => (1.0, unit_word("decade")),
                    "century" => (1.0, unit_word("century")),
                    "fortnight" => (1.0, unit_word("fortnight")),
                    "biennial" => (2.0, unit_word("year")),
                    "bicentenary" => (200.0, unit_word("year")),
                    _ => (100.0, unit_word("year")),
                };
                let figure = self.push(at, at + 1, Kind::Duration, EnglishValue::Number(years));
                figure.measure = measure;
                figure.weak = true;
                return Some(at + 1);
            }
            "noon" | "midday" => {
                self.push(at, at + 1, Kind::Date, EnglishValue::Time(12, 0))
                    .weak = true;
                return Some(at + 1);
            }
            "midnight" => {
                self.push(at, at + 1, Kind::Date, EnglishValue::Time(0, 0))
                    .weak = true;
                return Some(at + 1);
            }
            _ => return None,
        };
        // a hundred, a dozen, a third, a quarter
        if word == "a" || word == "an" {
            if let Some(s) = scale_word(self.word(at + 1)) {
                let read = Read {
                    value: s,
                    last_digit: 0,
                    end: at + 2,
                    ordinal: false,
                    digits: false,
                    weak: false,
                };
                return Some(self.unit(at, self.more_scale(read)));
            }
            let third = matches!(
                self.word(at + 1),
                "third"
                    | "fifth"
                    | "sixth"
                    | "seventh"
                    | "eighth"
                    | "ninth"
                    | "tenth"
                    | "hundredth"
            );
            if third {
                let below = ordinal_word(self.word(at + 1)).unwrap_or(3.0);
                // a third of it, or a third time: either reading will do
                let figure = self.push(
                    at,
                    at + 2,
                    Kind::Fraction,
                    EnglishValue::Number(1.0 / below),
                );
                figure.weak = true;
                let figure = self.push(at, at + 2, Kind::Ordinal, EnglishValue::Number(below));
                figure.weak = true;
                return Some(at + 2);
            }
            if let Some(measure) = unit_word(self.word(at + 1)) {
                let figure = self.push(at, at + 1, Kind::Duration, EnglishValue::Number(1.0));
                figure.measure = Some(measure);
                figure.weak = true;
                return Some(
                    if matches!(
                        self.word(at + 1),
                        "decade" | "century" | "fortnight" | "quarter"
                    ) {
                        at + 2
                    } else {
                        at + 1
                    },
                );
            }
        }
        let figure = self.push(at, at + 1, kind, EnglishValue::Number(value));
        figure.weak = weak;
        Some(at + 1)
    }

    fn more_scale(&self, mut read: Read) -> Read {
        while let Some(s) = scale_word(self.word(self.hyphen(read.end))) {
            read.value *= s;
            read.last_digit += s.log10() as i32;
            read.end = self.hyphen(read.end) + 1;
        }
        read
    }

    /// twenty-five thousand four hundred, two and a half, thirty-first.
    fn words(&self, at: usize) -> Option<Read> {
        let first = self.word(at);
        if let Some(value) = ordinal_word(first) {
            return Some(Read {
                value,
                last_digit: 0,
                end: at + 1,
                ordinal: true,
                digits: false,
                weak: true,
            });
        }
        let mut total = 0.0;
        let mut section = small_word(first).or_else(|| {
            scale_word(first)
                .filter(|_| first == "hundred" || first == "thousand" || first == "dozen")
        })?;
        let mut end = at + 1;
        let mut tens = section >= 20.0 && section < 100.0 && first != "hundred";
        let mut scaled = scale_word(first).is_some();
        let mut last = 0;
        let mut ordinal = false;
        loop {
            let skip_and = if self.word(end) == "and" && scaled {
                end + 1
            } else {
                end
            };
            let next = self.hyphen(skip_and);
            let word = self.word(next);
            if let Some(d) = small_word(word)
                && (tens && d < 10.0 && d > 0.0 && skip_and == end || scaled && (d < 100.0))
                && !(skip_and > end && d < 10.0 && section + total < 100.0)
            {
                section += d;
                tens = d >= 20.0;
                scaled = false;
                end = next + 1;
                last = 0;
            } else if let Some(d) = ordinal_word(word)
                && tens
                && d < 10.0
            {
                section += d;
                end = next + 1;
                ordinal = true;
                break;
            } else if let Some(s) = scale_word(word)
                && next == self.hyphen(end)
                && word != "k"
            {
                if s < 1000.0 {
                    section *= s;
                } else {
                    total += section * s;
                    section = 0.0;
                }
                last = s.log10() as i32;
                scaled = true;
                tens = false;
                end = next + 1;
            } else {
                break;
            }
        }
        let mut value = total + section;
        // two and a half years, two-and-a-half-year
        let mut at_half = end;
        for (i, w) in ["and", "a", "half"].iter().enumerate() {
            let next = self.hyphen(at_half);
            if self.word(next) != *w {
                at_half = end;
                break;
            }
            at_half = next + 1;
            if i == 2 && value < 100.0 {
                value += 0.5;
                end = at_half;
            }
        }
        let weak = !ordinal && value <= 1.0 && !scaled;
        Some(Read {
            value,
            last_digit: last,
            end,
            ordinal,
            digits: false,
            weak,
        })
    }

    /// Digits, with what is glued to them.
    fn number(&mut self, at: usize) -> usize {
        let Shape::Digits {
            value,
            decimals,
            whole,
            zeros,
            grouped,
        } = self.tokens[at].shape.clone()
        else {
            return at + 1;
        };
        let last_digit = if decimals > 0 {
            -(decimals as i32)
        } else {
            zeros as i32
        };
        let mut read = Read {
            value,
            last_digit,
            end: at + 1,
            ordinal: false,
            digits: true,
            weak: false,
        };
        if let Some(end) = self.numeric_date(at) {
            return end;
        }
        if let Some(end) = self.time(at, value, whole) {
            return end;
        }
        // A fraction: 1/3
        if self.mark(at + 1) == Some('/')
            && self.glued(at + 1)
            && let Some(Shape::Digits { value: below, .. }) =
                self.tokens.get(at + 2).map(|t| t.shape.clone())
            && below > value
            && below <= 1000.0
            && self.mark(at + 3) != Some('/')
        {
            self.push(
                at,
                at + 3,
                Kind::Fraction,
                EnglishValue::Number(value / below),
            );
            return at + 3;
        }
        let suffix = if self.glued(at + 1) {
            self.word(at + 1).to_owned()
        } else {
            String::new()
        };
        match suffix.as_str() {
            "" => {}
            "st" | "nd" | "rd" | "th" => {
                read.ordinal = true;
                read.end = at + 2;
            }
            "s" if decimals == 0 && (value % 10.0 == 0.0) => {
                let decade = if value >= 1000.0 {
                    value as i32
                } else if value >= 30.0 {
                    1900 + value as i32
                } else {
                    2000 + value as i32
                };
                // the 1990s, but also "in his 60s"
                self.push(at, at + 2, Kind::Date, EnglishValue::Decade(decade))
                    .alternate = Some(value);
                return at + 2;
            }
            s if glued_scale(s).is_some() => {
                // 5m is five million or five metres: both readings are kept.
                let scale = glued_scale(s).unwrap_or(1.0);
                let metres = s == "m";
                let read = Read {
                    value: value * scale,
                    last_digit: last_digit + scale.log10() as i32,
                    end: at + 2,
                    ..read
                };
                let before = self.figures.len();
                let end = self.unit(at, read);
                if metres && let Some(f) = self.figures.get_mut(before) {
                    f.alternate = Some(value);
                }
                return end;
            }
            s if unit_word(s).is_some()
                || matches!(
                    s,
                    "g" | "l"
                        | "ml"
                        | "gb"
                        | "tb"
                        | "mb"
                        | "c"
                        | "f"
                        | "w"
                        | "kwh"
                        | "x"
                        | "hz"
                        | "v"
                        | "am"
                        | "pm"
                ) =>
            {
                let figure = self.push(at, at + 2, Kind::Quantity, EnglishValue::Number(value));
                figure.measure = unit_word(s);
                figure.last_digit = last_digit;
                return at + 2;
            }
            _ => {
                // 5G, 3D: a name
                let figure = self.push(at, at + 2, Kind::Number, EnglishValue::Number(value));
                figure.weak = true;
                return at + 2;
            }
        }
        if !read.ordinal && !self.glued_year(at, whole, grouped) {
            read = self.more_scale(read);
            // 1 million 200 thousand
        }
        self.unit(at, read)
    }

    /// Four digits without a comma before a scale word are still a number: nothing to do but name it.
    fn glued_year(&self, at: usize, whole: usize, grouped: bool) -> bool {
        whole == 4
            && !grouped
            && self.word(at + 1).is_empty()
            && self.mark(at + 1) == Some('-')
            && self.word(at + 2).is_empty()
    }

    /// 2025-07-24, 7/24/2025, 24.07.2025.
    fn numeric_date(&mut self, at: usize) -> Option<usize> {
        let part = |i: usize| match self.tokens.get(i).map(|t| &t.shape) {
            Some(Shape::Digits {
                value, decimals: 0, ..
            }) => Some(*value as u32),
            _ => None,
        };
        let a = part(at)?;
        let mark = self
            .mark(at + 1)
            .filter(|m| matches!(m, '-' | '/') && self.glued(at + 1))?;
        let b = part(at + 2).filter(|_| self.glued(at + 2))?;
        if self.mark(at + 3) != Some(mark) || !self.glued(at + 3) {
            return None;
        }
        let c = part(at + 4)?;
        let (y, m, d) = if a >= 1000 {
            (a, b, c)
        } else if c >= 1000 && a <= 12 {
            (c, a, b)
        } else if c >= 1000 {
            (c, b, a)
        } else {
            return None;
        };
        if !(1..=12).contains(&m) || !(1..=31).contains(&d) {
            return None;
        }
        self.push(at, at + 5, Kind::Date, EnglishValue::Number(f64::from(y)));
        self.push(at, at + 5, Kind::Date, EnglishValue::Month(m));
        self.push(at, at + 5, Kind::Date, EnglishValue::Number(f64::from(d)));
        Some(at + 5)
    }

    /// 3:30 p.m., 3 pm, 15:30, 8.30am, 3 o'clock.
    fn time(&mut self, at: usize, value: f64, whole: usize) -> Option<usize> {
        if value > 24.99 || whole > 2 {
            return None;
        }
        let mut end = at + 1;
        let mut minute = None;
        let mut hour = value.trunc() as u32;
        if value.fract() != 0.0 {
            minute = Some(((value.fract() * 100.0).round()) as u32);
        }
        if self.mark(end) == Some(':')
            && self.glued(end)
            && let Some(Shape::Digits {
                value: m,
                whole: 2,
                decimals: 0,
                ..
            }) = self.tokens.get(end + 1).map(|t| t.shape.clone())
            && self.glued(end + 1)
            && m < 60.0
        {
            minute = Some(m as u32);
            end += 2;
        }
        let colon = end > at + 1;
        let word = self.word(end).to_owned();
        let half = match word.as_str() {
            "am" | "pm" => {
                end += 1;
                Some(word.starts_with('p'))
            }
            "a" | "p" if self.mark(end + 1) == Some('.') && self.word(end + 2) == "m" => {
                end += 3;
                if self.mark(end) == Some('.') {
                    end += 1;
                }
                Some(word == "p")
            }
            "o" if self.mark(end + 1) == Some('\'') && self.word(end + 2) == "clock" => {
                end += 3;
                Some(hour > 12)
            }
            _ => None,
        };
        if half.is_none() && !colon || value.fract() != 0.0 && half.is_none() {
            return None;
        }
        if half == Some(true) && hour < 12 {
            hour += 12;
        }
        self.push(
            at,
            end,
            Kind::Date,
            EnglishValue::Time(hour, minute.unwrap_or(0)),
        );
        Some(end)
    }

    /// What stands around a number: percent, currency, unit, fraction; pushes the figure.
    fn unit(&mut self, at: usize, read: Read) -> usize {
        let Read {
            value,
            last_digit,
            end,
            ordinal,
            digits,
            weak,
        } = read;
        let next = self.hyphen(end);
        let word = self.word(next).to_owned();
        let after = self.word(next + 1).to_owned();
        let mut close = end;
        let mut kind = if ordinal { Kind::Ordinal } else { Kind::Number };
        let mut measure = None;
        let mut number = value;
        let mut last_digit = last_digit;
        let mut weak = weak;
        // three-quarters, two thirds, one in five
        let denominator = match word.as_str() {
            "quarter" | "quarters" => Some(4.0),
            "half" | "halves" => Some(2.0),
            w => w
                .strip_suffix('s')
                .and_then(ordinal_word)
                .or_else(|| ordinal_word(w))
                .filter(|d| *d >= 3.0),
        };
        if let Some(below) = denominator
            && !ordinal
            && value < below
            && value >= 1.0
            && !(word == "quarters" && value > 3.0)
        {
            let quarters = word == "quarters";
            let figure = self.push(
                at,
                next + 1,
                Kind::Fraction,
                EnglishValue::Number(value / below),
            );
            figure.weak = true;
            if quarters || word == "quarter" {
                let figure = self.push(at, next + 1, Kind::Duration, EnglishValue::Number(value));
                figure.measure = unit_word("quarter");
                figure.weak = true;
            }
            return next + 1;
        }
        if self.mark(next) == Some('%') || self.mark(end) == Some('%') {
            kind = Kind::Percent;
            close = if self.mark(end) == Some('%') {
                end + 1
            } else {
                next + 1
            };
        } else if matches!(word.as_str(), "percent" | "pct" | "percentage")
            || word == "per" && matches!(after.as_str(), "cent" | "cents")
            || word == "basis"
        {
            kind = Kind::Percent;
            close = next + 1 + usize::from(word == "per" || word == "basis");
            if word == "basis" {
                number /= 100.0;
                last_digit -= 2;
            }
        } else if matches!(word.as_str(), "times" | "fold" | "x") && !ordinal {
            kind = Kind::Multiple;
        } else if word == "in"
            && small_word(&after).is_some_and(|d| d > value)
            && value >= 1.0
            && value <= 3.0
            && !digits
        {
            // one in five
            let below = small_word(&after).unwrap_or(1.0);
            let figure = self.push(
                at,
                next + 2,
                Kind::Fraction,
                EnglishValue::Number(value / below),
            );
            figure.weak = true;
        } else if CURRENCIES.contains(&word.as_str())
            || CURRENCIES.contains(&after.as_str())
                && matches!(
                    word.as_str(),
                    "us" | "u"
                        | "chinese"
                        | "hong"
                        | "australian"
                        | "canadian"
                        | "japanese"
                        | "american"
                        | "british"
                        | "singapore"
                )
            || self.is_currency_before(at)
        {
            kind = Kind::Money;
        } else if let Some(m) = self
            .square_unit(next)
            .or_else(|| unit_word(&word))
            .or_else(|| unit_word(&after).filter(|_| is_adjective(&word)))
        {
            if !ordinal {
                measure = Some(m);
                kind = if m.0 == Dimension::Time {
                    Kind::Duration
                } else {
                    Kind::Quantity
                };
                if word == "year" && self.word(self.hyphen(next + 1)) == "old"
                    || word == "years" && after == "old"
                {
                    kind = Kind::Age;
                }
                if m.0 == Dimension::Time {
                    weak = weak && value <= 1.0;
                }
            } else if word == "century" {
                measure = Some(m);
            }
        } else if matches!(word.as_str(), "degrees" | "degree") {
            kind = Kind::Quantity;
            if after == "fahrenheit" {
                measure = Some((Dimension::Temperature, -1.0));
            }
        }
        let figure = self.push(at, close.max(end), kind, EnglishValue::Number(number));
        figure.measure = measure;
        figure.last_digit = last_digit;
        figure.weak = weak && !digits;
        close.max(end)
    }

    fn square_unit(&self, at: usize) -> Option<(Dimension, f64)> {
        let cube = matches!(self.word(at), "cubic" | "cu");
        if !cube && !matches!(self.word(at), "square" | "sq") {
            return None;
        }
        let at = if self.mark(at + 1) == Some('.') {
            at + 2
        } else {
            self.hyphen(at + 1)
        };
        let (dimension, size) = unit_word(self.word(at)).or(match self.word(at) {
            "m" => Some((Dimension::Length, 1.0)),
            _ => None,
        })?;
        (dimension == Dimension::Length).then(|| {
            if cube {
                (Dimension::Volume, size.powi(3))
            } else {
                (Dimension::Area, size.powi(2))
            }
        })
    }

    fn is_currency_before(&self, at: usize) -> bool {
        at.checked_sub(1).is_some_and(|i| {
            matches!(self.mark(i), Some('$' | '£' | '€' | '¥'))
                || matches!(self.word(i), "rmb" | "usd" | "cny" | "hkd" | "eur" | "gbp")
        })
    }
}

fn is_adjective(word: &str) -> bool {
    matches!(
        word,
        "more"
            | "consecutive"
            | "straight"
            | "full"
            | "long"
            | "short"
            | "additional"
            | "whole"
            | "working"
            | "business"
            | "calendar"
            | "other"
            | "metric"
            | "light"
            | "nautical"
            | "successive"
            | "trading"
            | "extra"
            | "or"
    )
}

/// A number takes the magnitude and the sign of the next where they share it: 40 to 50 billion.
fn lend(text: &str, figures: &mut [EnglishFigure]) {
    for i in (0..figures.len().saturating_sub(1)).rev() {
        let (head, tail) = figures.split_at_mut(i + 1);
        let (a, b) = (&mut head[i], &tail[0]);
        let (EnglishValue::Number(x), EnglishValue::Number(y)) = (a.value, b.value) else {
            continue;
        };
        if a.range.end > b.range.start {
            continue;
        }
        let between = text[a.range.end..b.range.start]
            .trim()
            .trim_matches(|c| matches!(c, '$' | '£' | '€' | '¥'))
            .trim();
        let joined = matches!(
            between,
            "to" | "-"
                | "–"
                | "—"
                | "and"
                | "or"
                | ","
                | ", and"
                | "/"
                | "and RMB"
                | "to RMB"
                | "～"
                | "~"
                | "to US"
        );
        if !joined
            || matches!(
                a.kind,
                Kind::Ordinal | Kind::Date | Kind::Percent | Kind::Age
            )
        {
            continue;
        }
        let words = &text[b.range.clone()];
        let scale = words
            .split(|c: char| !c.is_ascii_alphabetic())
            .filter_map(|w| glued_scale(&w.to_lowercase()))
            .product::<f64>();
        if scale > 1.0 && x * scale <= y * 1000.0 && a.alternate.is_none() && x < 1000.0 {
            a.alternate = Some(x * scale);
        }
        if a.kind == Kind::Number
            && b.kind != Kind::Ordinal
            && b.kind != Kind::Date
            && b.kind != Kind::Fraction
        {
            let percent = b.kind == Kind::Percent;
            if percent
                || between != "and" && between != "," && between != ", and"
                || b.kind == Kind::Money
            {
                a.kind = b.kind;
                a.measure = b.measure;
            }
        }
    }
}
