//! The check the other way: an English text against its Chinese translation.
//!
//! The comparison is that of [`check_figures`]: a figure that both have is one of both, whichever was
//! written first. What is told is turned round: what the English has and the Chinese has not is missing,
//! what the Chinese alone has is extra, and what would be right is said in Chinese.

use std::ops::Range;

use super::compare::{FigureCheck, check_figures};
use super::difference::Difference;
use crate::figures::{Clock, Value};
use crate::glossary::Glossary;

/// What the comparison found, for somebody who reads the Chinese as the translation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TurnedCheck {
    /// Figures that both texts must have.
    pub figures: usize,
    /// In the English only: numbers in digits that no Chinese stands for.
    pub missing: Vec<TurnedMissing>,
    /// In both, with different values.
    pub wrong: Vec<TurnedWrong>,
    /// In the Chinese only.
    pub extra: Vec<TurnedExtra>,
    /// Terms of the house that the English uses and the Chinese does not render as wanted.
    pub terms: Vec<TurnedTerm>,
}

/// An English figure that the Chinese has not.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnedMissing {
    /// Bytes of the English.
    pub en: Range<usize>,
    /// Its value.
    pub value: f64,
    /// Chinese that would be right.
    pub expected: String,
}

/// An English figure that the Chinese has with another value.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnedWrong {
    /// Bytes of the English.
    pub en: Range<usize>,
    /// The English value.
    pub value: f64,
    /// Bytes of the Chinese.
    pub zh: Range<usize>,
    /// The Chinese value.
    pub zh_value: Value,
    /// Chinese value through English value, where that is a power of ten.
    pub scale: Option<f64>,
    /// What is wrong.
    pub differs: Difference,
    /// Chinese that would be right.
    pub expected: String,
}

/// A Chinese figure that the English has not.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnedExtra {
    /// Bytes of the Chinese.
    pub zh: Range<usize>,
    /// Its value.
    pub value: Value,
}

/// A term that is to be called otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnedTerm {
    /// How the English calls it.
    pub en: String,
    /// The Chinese that is wanted.
    pub zh: String,
}

impl TurnedCheck {
    /// Whether nothing is missing, wrong, made up or called otherwise.
    pub fn ok(&self) -> bool {
        self.missing.is_empty()
            && self.wrong.is_empty()
            && self.extra.is_empty()
            && self.terms.is_empty()
    }
}

/// Holds the Chinese `zh` to the English `en` that it was made from.
pub fn check_into_chinese(en: &str, zh: &str, clock: &Clock, glossary: &Glossary) -> TurnedCheck {
    let check = check_figures(zh, en, clock);
    // Doubts of meaning were fitted to English as what is written, and alarm too often the other way.
    let mut turned = TurnedCheck::from(check);
    turned.terms = glossary
        .unrendered(en, zh)
        .map(|entry| TurnedTerm {
            en: entry.wanted().to_owned(),
            zh: entry.zh.clone(),
        })
        .collect();
    turned
}

impl From<FigureCheck> for TurnedCheck {
    fn from(check: FigureCheck) -> Self {
        let missing = check.extra.into_iter().filter(|x| x.alarm);
        Self {
            figures: check.figures,
            missing: missing
                .map(|x| TurnedMissing {
                    expected: chinese_number(x.value),
                    en: x.en,
                    value: x.value,
                })
                .collect(),
            wrong: check
                .wrong
                .into_iter()
                .map(|w| TurnedWrong {
                    expected: chinese_number(w.en_value),
                    en: w.en,
                    value: w.en_value,
                    zh: w.zh,
                    zh_value: w.value,
                    scale: w.scale.map(|scale| 1.0 / scale),
                    differs: w.differs,
                })
                .collect(),
            extra: check
                .missing
                .into_iter()
                .map(|m| TurnedExtra {
                    zh: m.zh,
                    value: m.value,
                })
                .collect(),
            ..Self::default()
        }
    }
}

/// A number as a Chinese paper prints it: 90亿, 5.3万, 1500.
pub fn chinese_number(value: f64) -> String {
    let (size, unit) = match value.abs() {
        size if size >= 1e8 => (1e8, "亿"),
        size if size >= 1e4 => (1e4, "万"),
        _ => (1.0, ""),
    };
    // No paper prints more digits than these, and a division leaves no others behind.
    let digits = format!("{:.4}", value / size);
    let digits = digits.trim_end_matches('0').trim_end_matches('.');
    format!("{digits}{unit}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(en: &str, zh: &str) -> TurnedCheck {
        check_into_chinese(en, zh, &Clock::unknown(), &Glossary::new())
    }

    #[test]
    fn numbers_are_printed_as_papers_do() {
        for (value, zh) in [
            (9e9, "90亿"),
            (53_000.0, "5.3万"),
            (1500.0, "1500"),
            (1.234e12, "12340亿"),
            (0.5, "0.5"),
            (-20_000.0, "-2万"),
        ] {
            assert_eq!(chinese_number(value), zh);
        }
    }

    #[test]
    fn what_is_told_is_turned_round() {
        let right = check("Output was 9 billion yuan.", "产值为90亿元。");
        assert!(right.ok() && right.figures == 1, "{right:?}");

        let wrong = check("Output was 9 billion yuan.", "产值为900亿元。");
        assert!(!wrong.ok());
        assert_eq!(wrong.wrong[0].expected, "90亿");
        assert_eq!(wrong.wrong[0].value, 9e9);
        assert_eq!(wrong.wrong[0].scale, Some(10.0));
        assert_eq!(&"产值为900亿元。"[wrong.wrong[0].zh.clone()], "900亿元");

        let lost = check("The plant hired 250 workers.", "工厂招聘了工人。");
        assert_eq!(lost.missing[0].expected, "250");
        assert!(lost.wrong.is_empty() && lost.extra.is_empty());

        let made_up = check("The plant hired workers.", "工厂招聘了250名工人。");
        assert_eq!(made_up.extra.len(), 1);
        assert!(made_up.missing.is_empty());
    }

    #[test]
    fn the_house_says_how_things_are_called() {
        let mut glossary = Glossary::new();
        glossary.insert(crate::glossary::Entry::new(
            "云湖港",
            "Port of Yunhu | Yunhu Port",
        ));
        let clock = Clock::unknown();
        let terms = |zh: &str| {
            let en = "Yunhu Port opened yesterday.";
            check_into_chinese(en, zh, &clock, &glossary).terms
        };
        assert!(terms("云湖港昨日开港。").is_empty());
        assert_eq!(terms("尹湖港昨日开港。")[0].zh, "云湖港");
        let other = check_into_chinese("The port opened.", "港口开港。", &clock, &glossary);
        assert!(other.terms.is_empty());
    }
}
