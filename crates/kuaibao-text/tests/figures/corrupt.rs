//! Makes known errors in the figures of English text, from a seed.

/// What is done to a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Corruption {
    TimesTen,
    TimesHundred,
    TenthOf,
    Dropped,
    DigitOff,
}

pub(super) const DIGITS: [Corruption; 5] = [
    Corruption::TimesTen,
    Corruption::TimesHundred,
    Corruption::TenthOf,
    Corruption::Dropped,
    Corruption::DigitOff,
];

/// SplitMix64 (Steele et al. 2014).
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % n as u64) as usize
    }
}

/// A number in digits: its bytes, its digits before and behind the point, whether it has commas.
pub(super) struct Number {
    pub(super) range: std::ops::Range<usize>,
    whole: String,
    decimals: String,
    grouped: bool,
}

/// Numbers in digits that are no part of a word (`G20`, `3D`) or of a longer code (`10:30`, `1/3`).
pub(super) fn numbers(en: &str) -> Vec<Number> {
    let bytes = en.as_bytes();
    let digit = |i: usize| bytes.get(i).is_some_and(u8::is_ascii_digit);
    let mut out = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        if !digit(at) {
            at += 1;
            continue;
        }
        let start = at;
        while digit(at) || matches!(bytes.get(at), Some(b',' | b'.')) && digit(at + 1) {
            at += 1;
        }
        let text = &en[start..at];
        let before = en[..start].chars().next_back().unwrap_or(' ');
        let after = en[at..].chars().next().unwrap_or(' ');
        let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
        let grouped = whole.contains(',');
        let code = before.is_alphanumeric()
            || matches!(before, '-' | '/' | ':' | '\'' | '#' | '.')
            || matches!(after, '/' | ':' | '\'' | '-')
            || after.is_alphabetic()
                && !["st", "nd", "rd", "th"]
                    .iter()
                    .any(|s| en[at..].starts_with(s))
            || decimals.contains(['.', ','])
            || grouped && whole.split(',').skip(1).any(|group| group.len() != 3);
        if !code {
            out.push(Number {
                range: start..at,
                whole: whole.replace(',', ""),
                decimals: decimals.to_owned(),
                grouped,
            });
        }
    }
    out
}

impl Number {
    /// As it would be written with other digits.
    fn written(&self, whole: &str, decimals: &str) -> String {
        let whole = whole.trim_start_matches('0');
        let whole = if whole.is_empty() { "0" } else { whole };
        let mut out = String::new();
        for (i, c) in whole.chars().enumerate() {
            if self.grouped && i > 0 && (whole.len() - i).is_multiple_of(3) {
                out.push(',');
            }
            out.push(c);
        }
        let decimals = decimals.trim_end_matches('0');
        if !decimals.is_empty() {
            out.push('.');
            out.push_str(decimals);
        }
        out
    }

    /// With its point moved to the right; to the left where negative.
    fn shifted(&self, by: i32) -> String {
        let digits = format!("{}{}", self.whole, self.decimals);
        let point = self.whole.len() as i32 + by;
        let padded = if point > digits.len() as i32 {
            format!("{digits:0<width$}", width = point as usize)
        } else if point <= 0 {
            format!("{}{digits}", "0".repeat((1 - point) as usize))
        } else {
            digits
        };
        let point = point.max(1) as usize;
        self.written(&padded[..point], &padded[point..])
    }

    fn with_a_digit_off(&self, random: &mut Random) -> String {
        let digits = format!("{}{}", self.whole, self.decimals);
        let at = random.below(digits.len());
        let old = digits.as_bytes()[at] - b'0';
        let new = match (old, random.below(2)) {
            (0, _) => 1,
            (9, _) => 8,
            (1, 0) if at == 0 => 2,
            (d, 0) => d - 1,
            (d, _) => d + 1,
        };
        let off = format!("{}{new}{}", &digits[..at], &digits[at + 1..]);
        self.written(&off[..self.whole.len()], &off[self.whole.len()..])
    }
}

/// `en` with one of its numbers gone wrong in the given way; `None` where it has none for it.
pub(super) fn corrupt(en: &str, how: Corruption, random: &mut Random) -> Option<String> {
    let numbers = numbers(en);
    if numbers.is_empty() {
        return None;
    }
    let one = &numbers[random.below(numbers.len())];
    let replaced = |new: &str| {
        let mut en = en.to_owned();
        en.replace_range(one.range.clone(), new);
        Some(en)
    };
    match how {
        Corruption::TimesTen => replaced(&one.shifted(1)),
        Corruption::TimesHundred => replaced(&one.shifted(2)),
        Corruption::TenthOf => replaced(&one.shifted(-1)),
        Corruption::Dropped => replaced(""),
        Corruption::DigitOff => replaced(&one.with_a_digit_off(random)),
    }
}
