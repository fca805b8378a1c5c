//! English words that state a number or stand beside one. Tables only.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::super::FigureKind;
use super::super::units::{self, Dimension};

/// What one lower-case word may mean; several fields can be set (*second*, *quarter*, *may*).
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Senses {
    /// zero to nineteen, twenty to ninety.
    pub(super) cardinal: Option<f64>,
    /// first, twentieth; their plurals are denominators.
    pub(super) ordinal: Option<f64>,
    /// hundred, million, bn.
    pub(super) scale: Option<f64>,
    /// dozens, hundreds: an order of magnitude, counted by the table's size.
    pub(super) order: Option<f64>,
    pub(super) month: Option<u32>,
    pub(super) weekday: Option<u32>,
    pub(super) unit: Option<(Dimension, f64)>,
    /// twenties, thirties: 20, 30.
    pub(super) plural_tens: Option<f64>,
    /// both, tripled, next: a number when the source has one.
    pub(super) stands_for: Option<(FigureKind, f64)>,
    /// about, nearly, more than.
    pub(super) hedge: bool,
}

const NOTHING: Senses = Senses {
    cardinal: None,
    ordinal: None,
    scale: None,
    order: None,
    month: None,
    weekday: None,
    unit: None,
    plural_tens: None,
    stands_for: None,
    hedge: false,
};

/// The senses of a lower-case word.
pub(super) fn senses(word: &str) -> &'static Senses {
    WORDS.get(word).unwrap_or(&NOTHING)
}

const CARDINALS: &str =
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen";
const TENS: &str = "twenty thirty forty fifty sixty seventy eighty ninety";
const ORDINALS: &str =
    "zeroth first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth
    thirteenth fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth";
const TENTHS: &str =
    "twentieth thirtieth fortieth fiftieth sixtieth seventieth eightieth ninetieth";
const MONTHS: &str =
    "january february march april may june july august september october november december";
const SHORT_MONTHS: &str = "jan feb mar apr may jun jul aug sep oct nov dec";
const WEEKDAYS: &str = "monday tuesday wednesday thursday friday saturday sunday";
const SHORT_WEEKDAYS: &str = "mon tue wed thu fri sat sun";

const SCALES: &[(&str, f64)] = &[
    ("dozen", 12.0),
    ("hundred", 1e2),
    ("thousand k", 1e3),
    ("lakh", 1e5),
    ("million mn mln mil", 1e6),
    ("crore", 1e7),
    ("billion bn bln", 1e9),
    ("trillion tn trn", 1e12),
];

const ORDERS: &[(&str, f64)] = &[
    ("tens dozens scores", 1e1),
    ("hundreds", 1e2),
    ("thousands", 1e3),
    ("millions multimillion", 1e6),
    ("billions multibillion", 1e9),
    ("trillions", 1e12),
];

/// A decade of a century or of a life: the thirties, in their thirties.
const PLURAL_TENS: &str = "twenties thirties forties fifties sixties seventies eighties nineties";

/// Words that say a number without naming it.
const STAND_INS: &[(&str, FigureKind, f64)] = &[
    ("majority", FigureKind::Fraction, 0.5),
    ("half halved halves halve halving halfway evenly equally", FigureKind::Fraction, 0.5),
    ("quarter quarters quarterly", FigureKind::Fraction, 0.25),
    ("both pair pairs couple duo twin twins dual brace bilateral mutual either", FigureKind::Number, 2.0),
    ("trio triplets trilateral tripartite trilogy triad", FigureKind::Number, 3.0),
    ("quartet quadrilateral quadruplets", FigureKind::Number, 4.0),
    ("quintet", FigureKind::Number, 5.0),
    ("sextet", FigureKind::Number, 6.0),
    ("once single sole a an each every per lone", FigureKind::Number, 1.0),
    ("double doubled doubles doubling twice twofold", FigureKind::Multiple, 2.0),
    ("triple tripled triples tripling thrice threefold treble trebled trebling", FigureKind::Multiple, 3.0),
    ("quadruple quadrupled quadruples quadrupling fourfold", FigureKind::Multiple, 4.0),
    ("quintuple quintupled fivefold", FigureKind::Multiple, 5.0),
    ("sixfold", FigureKind::Multiple, 6.0),
    ("sevenfold", FigureKind::Multiple, 7.0),
    ("eightfold", FigureKind::Multiple, 8.0),
    ("ninefold", FigureKind::Multiple, 9.0),
    ("tenfold", FigureKind::Multiple, 10.0),
    (
        "largest biggest top leading primary foremost best most highest initial initially debut maiden earliest champion
        champions championship gold winner winners chief main premier never original greatest firstly won title lead leader leaders tops topped topping daiichi previously",
        FigureKind::Ordinal,
        1.0,
    ),
    (
        "next following another again latter other secondary after later runner silver tomorrow afterwards secondly",
        FigureKind::Ordinal,
        2.0,
    ),
    ("tertiary bronze thirdly", FigureKind::Ordinal, 3.0),
    ("noon midday", FigureKind::Date, 12.0),
    ("midnight", FigureKind::Date, 0.0),
    ("biennial biannual", FigureKind::Duration, 2.0),
    ("centenary centennial", FigureKind::Duration, 100.0),
    ("bicentenary bicentennial", FigureKind::Duration, 200.0),
];

const HEDGES: &str = "about around nearly almost over approximately roughly than least most exceeding exceeded exceeds
    surpassed surpassing above below under close topped topping past estimated near circa approaching approx up beyond";

static WORDS: LazyLock<HashMap<&'static str, Senses>> = LazyLock::new(|| {
    let mut words: HashMap<&'static str, Senses> = HashMap::new();
    let mut set = |word: &'static str, f: &dyn Fn(&mut Senses)| f(words.entry(word).or_default());
    for (i, word) in CARDINALS.split_whitespace().enumerate() {
        set(word, &|s| s.cardinal = Some(i as f64));
    }
    for (i, word) in TENS.split_whitespace().enumerate() {
        set(word, &|s| s.cardinal = Some((i as f64 + 2.0) * 10.0));
    }
    for (i, word) in PLURAL_TENS.split_whitespace().enumerate() {
        set(word, &|s| s.plural_tens = Some((i as f64 + 2.0) * 10.0));
    }
    for (i, word) in ORDINALS.split_whitespace().enumerate() {
        set(word, &|s| s.ordinal = Some(i as f64));
    }
    for (i, word) in TENTHS.split_whitespace().enumerate() {
        set(word, &|s| s.ordinal = Some((i as f64 + 2.0) * 10.0));
    }
    set("hundredth", &|s| s.ordinal = Some(100.0));
    set("thousandth", &|s| s.ordinal = Some(1000.0));
    for list in [MONTHS, SHORT_MONTHS] {
        for (i, word) in list.split_whitespace().enumerate() {
            set(word, &|s| s.month = Some(i as u32 + 1));
        }
    }
    set("sept", &|s| s.month = Some(9));
    for list in [WEEKDAYS, SHORT_WEEKDAYS] {
        for (i, word) in list.split_whitespace().enumerate() {
            set(word, &|s| s.weekday = Some(i as u32 + 1));
        }
    }
    for (list, size) in SCALES {
        for word in list.split_whitespace() {
            set(word, &|s| s.scale = Some(*size));
        }
    }
    for (list, size) in ORDERS {
        for word in list.split_whitespace() {
            set(word, &|s| s.order = Some(*size));
        }
    }
    for (name, dimension, size) in units::english_names() {
        if !name.contains([' ', '/']) {
            set(name, &|s| s.unit = Some((dimension, size)));
        }
    }
    for (list, kind, value) in STAND_INS {
        for word in list.split_whitespace() {
            set(word, &|s| s.stands_for = Some((*kind, *value)));
        }
    }
    for word in HEDGES.split_whitespace() {
        set(word, &|s| s.hedge = true);
    }
    words
});

/// The size of a scale that is glued to its digits: 5m, 2.3b.
pub(super) fn glued_scale(word: &str) -> Option<f64> {
    match word {
        "m" => Some(1e6),
        "b" => Some(1e9),
        "t" => Some(1e12),
        word => senses(word).scale.filter(|_| word != "dozen"),
    }
}

/// Letters that are a unit when glued to digits, with a dimension where one is worth comparing.
pub(super) fn glued_unit(word: &str) -> Option<Option<(Dimension, f64)>> {
    match word {
        "g" => Some(Some((Dimension::Mass, 1e-3))),
        "l" => Some(Some((Dimension::Volume, 1e-3))),
        "h" => Some(Some((Dimension::Time, 3600.0))),
        "s" => Some(Some((Dimension::Time, 1.0))),
        "c" | "f" | "w" | "x" | "v" | "px" => Some(None),
        word => senses(word).unit.map(Some),
    }
}

/// The unit whose name of several words the lower-case `words` begin with, and of how many it is.
pub(super) fn unit_of_words(words: &[&str]) -> Option<((Dimension, f64), usize)> {
    let names = PHRASES.get(words.first()?)?;
    let (name, unit) = names.iter().find(|(name, _)| words.starts_with(name))?;
    Some((*unit, name.len()))
}

/// Names of units in words, and the unit.
type UnitNames = Vec<(Vec<&'static str>, (Dimension, f64))>;

static PHRASES: LazyLock<HashMap<&'static str, UnitNames>> = LazyLock::new(|| {
    let mut map: HashMap<&'static str, UnitNames> = HashMap::new();
    for (name, dimension, size) in units::english_names() {
        let words: Vec<&str> = name.split(' ').collect();
        if words.len() > 1 {
            let names = map.entry(words[0]).or_default();
            names.push((words, (dimension, size)));
        }
    }
    for names in map.values_mut() {
        names.sort_by_key(|(words, _)| std::cmp::Reverse(words.len()));
    }
    map
});

/// The month whose long name a word is but for a slip or two of the pen: Novemeber.
pub(super) fn misspelt_month(word: &str) -> Option<u32> {
    let near = |month: &str| {
        month.len() >= 7
            && word.len().abs_diff(month.len()) <= 2
            && word.as_bytes().first() == month.as_bytes().first()
            && distance(word.as_bytes(), month.as_bytes()) <= 2
    };
    let at = MONTHS.split_whitespace().position(near)?;
    Some(at as u32 + 1)
}

/// Insertions, deletions, substitutions and swaps of neighbours between two words (Damerau 1964).
fn distance(a: &[u8], b: &[u8]) -> usize {
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            rows[i][j] = if i == 0 || j == 0 {
                i + j
            } else {
                let same = usize::from(a[i - 1] != b[j - 1]);
                let swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
                let edits = (rows[i - 1][j] + 1)
                    .min(rows[i][j - 1] + 1)
                    .min(rows[i - 1][j - 1] + same);
                if swapped {
                    edits.min(rows[i - 2][j - 2] + 1)
                } else {
                    edits
                }
            };
        }
    }
    rows[a.len()][b.len()]
}

/// Roman numerals up to twelve, in capitals.
pub(super) fn roman(word: &str) -> Option<f64> {
    const NUMERALS: &[&str] = &[
        "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII",
    ];
    NUMERALS
        .iter()
        .position(|n| *n == word)
        .map(|i| i as f64 + 1.0)
}
