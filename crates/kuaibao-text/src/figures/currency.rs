//! Currencies: the one table that the Chinese grammar, the English reader and the renderer share.
//!
//! A name may mean several currencies: a dollar is American, Canadian or of Hong Kong, 卢比 Indian or
//! Pakistani. Such names give a [`CurrencySet`]; two figures name different currencies when their
//! sets have nothing in common. Tables only, in `currencies.tsv`.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::by_char::ByChar;

/// One line of `currencies.tsv`.
#[derive(Debug)]
pub(crate) struct Currency {
    /// ISO 4217.
    pub(crate) code: &'static str,
    /// Behind a number in English.
    pub(crate) name: &'static str,
    /// Before a number in English, where a news desk writes one.
    pub(crate) sign: Option<&'static str>,
    chinese: Vec<&'static str>,
    before: Vec<&'static str>,
    english: Vec<&'static str>,
    signs: Vec<&'static str>,
    places: Vec<&'static str>,
    /// Roughly what one unit is worth in yuan.
    yuan: Option<f64>,
}

/// Which currencies a name may mean: one bit a line of the table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct CurrencySet(u128);

impl CurrencySet {
    fn at(index: usize) -> Self {
        Self(1 << index)
    }

    /// The currency of an ISO 4217 code.
    pub(crate) fn of(code: &str) -> Self {
        let at = CURRENCIES.iter().position(|c| c.code == code);
        at.map_or(Self::default(), Self::at)
    }

    pub(crate) fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The currencies that are in both.
    pub(crate) fn of_both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Whether both may mean the same currency.
    pub(crate) fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

static CURRENCIES: LazyLock<Vec<Currency>> = LazyLock::new(|| {
    let lines = include_str!("currencies.tsv").lines();
    let rows: Vec<Currency> = lines
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let field = |n: usize| line.split('\t').nth(n).filter(|f| *f != "-");
            let words = |n: usize| field(n).map_or(Vec::new(), |f| f.split(' ').collect());
            Currency {
                code: field(0).expect("a code"),
                chinese: words(1),
                before: words(2),
                name: field(3).expect("an English name"),
                english: field(4).map_or(Vec::new(), |f| f.split(", ").collect()),
                signs: words(5),
                sign: field(6),
                places: words(7),
                yuan: field(8).map(|rate| rate.parse().expect("a rate")),
            }
        })
        .collect();
    assert!(rows.len() <= 128, "a set has 128 bits");
    rows
});

/// A name with the currency it means by default and all it may mean.
type Meaning = (&'static str, &'static Currency, CurrencySet);

/// The names of one column, each once, longest first.
fn meanings(column: fn(&Currency) -> &[&'static str]) -> Vec<Meaning> {
    let mut out: Vec<Meaning> = Vec::new();
    let mut at: HashMap<&str, usize> = HashMap::new();
    for (index, currency) in CURRENCIES.iter().enumerate() {
        for &name in column(currency) {
            let place = *at.entry(name).or_insert(out.len());
            match out.get_mut(place) {
                Some((.., set)) => *set = set.and(CurrencySet::at(index)),
                None => out.push((name, currency, CurrencySet::at(index))),
            }
        }
    }
    out.sort_by_key(|(name, ..)| std::cmp::Reverse(name.len()));
    out
}

/// Chinese names behind a number.
pub(crate) fn chinese_names() -> Vec<Meaning> {
    meanings(|c| &c.chinese)
}

/// Chinese names, letters and signs before a number by their first character, longest first.
static CHINESE_BEFORE: LazyLock<ByChar<Meaning>> = LazyLock::new(|| {
    let meanings = meanings(|c| &c.before).into_iter();
    ByChar::new(meanings.map(|meaning| (first_of(&meaning), meaning)))
});

fn first_of((name, ..): &Meaning) -> char {
    name.chars().next().expect("names are not empty")
}

/// The names before a number that begin with `c`, longest first.
pub(super) fn before_beginning_with(c: char) -> &'static [Meaning] {
    CHINESE_BEFORE.at(c)
}

/// The first characters of all of them.
pub(super) fn firsts_before() -> impl Iterator<Item = char> {
    meanings(|c| &c.before).into_iter().map(|m| first_of(&m))
}

/// Roughly what so much of a currency, by its ISO 4217 code, is worth in yuan, for ranking sums; nothing where
/// no rate is known.
pub fn in_yuan(value: f64, code: &str) -> Option<f64> {
    let currency = CURRENCIES.iter().find(|c| c.code == code)?;
    currency.yuan.map(|rate| value * rate)
}

/// Signs and letters before an English number, longest first.
static SIGNS: LazyLock<Vec<Meaning>> = LazyLock::new(|| meanings(|c| &c.signs));

/// An English name in words.
type EnglishName = (Vec<&'static str>, CurrencySet);

/// English names by their first word, longest first.
static ENGLISH: LazyLock<HashMap<&'static str, Vec<EnglishName>>> = LazyLock::new(|| {
    let mut map: HashMap<&'static str, Vec<EnglishName>> = HashMap::new();
    for (name, _, set) in meanings(|c| &c.english) {
        let words: Vec<&str> = name.split([' ', '.']).filter(|w| !w.is_empty()).collect();
        map.entry(words[0]).or_default().push((words, set));
    }
    for names in map.values_mut() {
        names.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    }
    map
});

/// The currency whose name the lower-case `words` begin with, and of how many words it is.
pub(super) fn english_name(words: &[&str]) -> Option<(CurrencySet, usize)> {
    let names = ENGLISH.get(words.first()?)?;
    let (name, set) = names.iter().find(|(name, _)| words.starts_with(name))?;
    Some((*set, name.len()))
}

/// The currency whose sign or letters `text` ends with, and their bytes.
pub(super) fn english_sign(text: &str) -> Option<(CurrencySet, usize)> {
    let (sign, _, set) = SIGNS.iter().find(|(sign, ..)| {
        text.strip_suffix(sign).is_some_and(|before| {
            !sign.starts_with(char::is_alphabetic) || !before.ends_with(char::is_alphanumeric)
        })
    })?;
    Some((*set, sign.len()))
}

/// The currencies that a Chinese text names, by a name of their own or by a place that uses them.
pub(crate) fn named_in(zh: &str) -> CurrencySet {
    let mut set = CurrencySet::default();
    for (index, currency) in CURRENCIES.iter().enumerate() {
        let own = currency
            .chinese
            .iter()
            .filter(|name| **name != "元" && **name != "圆");
        if own.chain(&currency.places).any(|word| zh.contains(word)) {
            set = set.and(CurrencySet::at(index));
        }
    }
    set
}

/// The currencies that are called a dollar in English, or a pataca, and 元 at home.
pub(crate) fn dollars() -> CurrencySet {
    let named = |name| english_name(&[name]).map_or(CurrencySet::default(), |(set, _)| set);
    named("dollars").and(named("patacas"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_ranked_by_what_they_are_worth() {
        let yuan = |value, code| in_yuan(value, code).unwrap();
        assert!((2.0e6..3.0e6).contains(&yuan(5e7, "JPY")));
        assert!(yuan(1e9, "RUB") < yuan(2e7, "USD"));
        assert_eq!(yuan(5.0, "CNY"), 5.0);
        assert_eq!(in_yuan(5.0, "KPW"), None);
    }

    #[test]
    fn names_mean_what_the_table_says() {
        let has = |set: CurrencySet, code| set.meets(CurrencySet::of(code));
        let set = |words: &[&str]| english_name(words).unwrap();
        assert_eq!(
            set(&["hong", "kong", "dollars"]),
            (CurrencySet::of("HKD"), 3)
        );
        assert!(has(set(&["dollars"]).0, "USD") && has(set(&["dollars"]).0, "AUD"));
        assert!(!has(set(&["u", "s", "dollars"]).0, "AUD"));
        let sign = |text: &str| english_sign(text).unwrap().0;
        assert!(has(sign("it paid ¥"), "JPY") && has(sign("it paid ¥"), "CNY"));
        assert_eq!(sign("it paid HK$"), CurrencySet::of("HKD"));
        assert!(english_sign("it paid").is_none());
        assert!(has(named_in("香港的公司"), "HKD") && !has(named_in("元旦的公司"), "CNY"));
    }
}
