//! Doubtful translations, mended where that is safe and flagged where it is not.
//!
//! A sentence whose figures differ from the Chinese, or whose English repeats itself or leaves
//! something out, goes through these steps until one helps; each that changed the English is
//! recorded:
//!
//! 1. another hypothesis of the n-best that passes;
//! 2. translated again with a wider beam and cut smaller;
//! 3. a single wrong number replaced in place, when it is unambiguous;
//! 4. flags for the editor.

use super::{
    checks::{FigureCheck, Wrong, check_figures, check_text},
    figures::Clock,
    record::{Flag, FlagKind},
    translation::Translated,
};

/// A translation after the repairs, with what is still doubtful.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    /// The English.
    pub en: String,
    /// Mean log-probability a token.
    pub score: f32,
    /// What changed the English, in order.
    pub repairs: Vec<String>,
    /// What remains doubtful.
    pub flags: Vec<Flag>,
    /// Figures of the Chinese.
    pub figures: usize,
    /// Of these, those that the English has with the same value.
    pub figures_right: usize,
}

/// Translates texts once more, more carefully: the n-th result belongs to the n-th text.
pub type Retry<'a, E> = dyn Fn(&[&str]) -> Result<Vec<Translated>, E> + 'a;

/// What is wrong with a translation.
struct Verdict {
    figures: FigureCheck,
    text: Vec<Flag>,
}

impl Verdict {
    fn of(zh: &str, en: &str, clock: &Clock) -> Self {
        Self {
            figures: check_figures(zh, en, clock),
            text: check_text(zh, en),
        }
    }

    /// Number of faults; figures of the English alone are a lesser one.
    fn faults(&self) -> (usize, usize) {
        let figures = &self.figures;
        (
            figures.missing.len() + figures.wrong.len() + self.text.len(),
            figures.extra.len(),
        )
    }

    fn passes(&self) -> bool {
        self.faults().0 == 0
    }
}

/// A sentence on its way through the steps.
struct Case<'a> {
    zh: &'a str,
    en: String,
    score: f32,
    verdict: Verdict,
    repairs: Vec<String>,
    cut: bool,
}

impl Case<'_> {
    /// Takes the best of `candidates` if it has fewer faults.
    fn improve(&mut self, candidates: Vec<(String, f32)>, clock: &Clock, how: &str) {
        let mut improved = false;
        for (en, score) in candidates {
            let verdict = Verdict::of(self.zh, &en, clock);
            if verdict.faults().0 < self.verdict.faults().0 {
                (self.en, self.score, self.verdict) = (en, score, verdict);
                improved = true;
            }
        }
        if improved {
            self.repairs.push(how.to_owned());
        }
    }

    fn patch(&mut self, clock: &Clock) {
        let Some((range, right)) = self.verdict.figures.patch.clone() else {
            return;
        };
        let wrong = self.en[range.clone()].to_owned();
        let mut en = self.en.clone();
        en.replace_range(range, &right);
        let verdict = Verdict::of(self.zh, &en, clock);
        if verdict.faults() < self.verdict.faults() {
            (self.en, self.verdict) = (en, verdict);
            self.repairs.push(format!(
                "“{wrong}” replaced by “{right}”, the value in the Chinese"
            ));
        }
    }

    fn finish(self) -> Checked {
        let figures = &self.verdict.figures;
        let mut flags: Vec<Flag> = Vec::new();
        let mut flag = |kind, message| flags.push(Flag { kind, message });
        for missing in &figures.missing {
            let zh = &self.zh[missing.zh.clone()];
            let message = format!("{zh} ({}) is not in the English.", missing.expected);
            flag(FlagKind::FigureMissing, message);
        }
        for wrong in &figures.wrong {
            let wrong = wrong_figure(self.zh, &self.en, wrong);
            flag(wrong.kind, wrong.message);
        }
        for extra in &figures.extra {
            let en = &self.en[extra.en.clone()];
            flag(
                FlagKind::FigureExtra,
                format!("{en} is not in the Chinese."),
            );
        }
        let wrong = figures.missing.len() + figures.wrong.len();
        let (count, right) = (figures.figures, figures.figures.saturating_sub(wrong));
        if self.cut {
            let message =
                "The sentence is longer than the model takes and was cut inside a clause.";
            flag(FlagKind::Cut, message.to_owned());
        }
        flags.extend(self.verdict.text);
        let mut said = Vec::new();
        flags.retain(|f| {
            !said.contains(&f.message) && {
                said.push(f.message.clone());
                true
            }
        });
        Checked {
            en: self.en,
            score: self.score,
            repairs: self.repairs,
            flags,
            figures: count,
            figures_right: right,
        }
    }
}

/// The flag of a figure that the English has with another value.
pub(super) fn wrong_figure(zh: &str, en: &str, wrong: &Wrong) -> Flag {
    let scale = match wrong.scale {
        Some(scale) if scale > 1.0 => format!(", {scale} times too much"),
        Some(scale) => format!(", {} times too little", (1.0 / scale).round()),
        None => String::new(),
    };
    let (zh, en) = (&zh[wrong.zh.clone()], &en[wrong.en.clone()]);
    let right = &wrong.expected;
    Flag {
        kind: FlagKind::FigureWrong,
        message: format!("{zh} is {right}, but the English says {en}{scale}."),
    }
}

/// Checks each translation and mends what it can; `retry` is asked once for all that still fail
/// after the first step.
pub fn repair<E>(
    texts: &[&str],
    translated: Vec<Translated>,
    clock: &Clock,
    retry: &Retry<E>,
) -> Result<Vec<Checked>, E> {
    let mut cases: Vec<Case> = texts
        .iter()
        .zip(translated)
        .map(|(zh, t)| {
            let mut case = Case {
                zh,
                verdict: Verdict::of(zh, &t.en, clock),
                en: t.en,
                score: t.score,
                repairs: Vec::new(),
                cut: t.cut,
            };
            if !case.verdict.passes() {
                case.improve(t.others, clock, "another hypothesis of the model");
            }
            case
        })
        .collect();
    let failing: Vec<usize> = (0..cases.len())
        .filter(|&i| !cases[i].verdict.passes())
        .collect();
    if !failing.is_empty() {
        let again: Vec<&str> = failing.iter().map(|&i| texts[i]).collect();
        for (&i, t) in failing.iter().zip(retry(&again)?) {
            let mut candidates = vec![(t.en, t.score)];
            candidates.extend(t.others);
            cases[i].improve(candidates, clock, "translated again in smaller pieces");
        }
    }
    for case in cases.iter_mut().filter(|c| !c.verdict.passes()) {
        case.patch(clock);
    }
    Ok(cases.into_iter().map(Case::finish).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    const ZH: &str = "全年投资90亿元。";

    fn translated(en: &str, others: &[&str]) -> Translated {
        Translated {
            en: en.to_owned(),
            score: -0.5,
            others: others.iter().map(|o| ((*o).to_owned(), -0.6)).collect(),
            cut: false,
        }
    }

    fn mend(first: Translated, again: &str) -> Checked {
        let retry = |texts: &[&str]| -> Result<Vec<Translated>, Infallible> {
            assert_eq!(texts, [ZH]);
            Ok(vec![translated(again, &[])])
        };
        let Ok(mut checked) = repair(&[ZH], vec![first], &Clock::unknown(), &retry);
        checked.remove(0)
    }

    #[test]
    fn a_right_translation_is_left_alone() {
        let never = |_: &[&str]| -> Result<Vec<Translated>, &str> { Err("asked again") };
        let first = translated("Investment was 9 billion yuan in the year.", &[]);
        let checked = repair(&[ZH], vec![first], &Clock::unknown(), &never).unwrap();
        assert_eq!(checked[0].flags, []);
        assert!(checked[0].repairs.is_empty());
        assert_eq!((checked[0].figures, checked[0].figures_right), (1, 1));
    }

    #[test]
    fn another_hypothesis_is_tried_first() {
        let first = translated(
            "Investment was 90 billion yuan in the year.",
            &[
                "Nothing much happened here this year.",
                "The year saw 9 billion yuan invested.",
            ],
        );
        let checked = mend(first, "never used");
        assert_eq!(checked.en, "The year saw 9 billion yuan invested.");
        assert_eq!(checked.repairs, ["another hypothesis of the model"]);
    }

    #[test]
    fn then_a_second_translation_then_a_patch_then_a_flag() {
        let wrong = "Investment was 90 billion yuan in the year.";
        let right = "Investment stood at 9 billion yuan that year.";
        let checked = mend(translated(wrong, &[]), right);
        assert_eq!((checked.en.as_str(), checked.repairs.len()), (right, 1));

        let checked = mend(translated(wrong, &[]), wrong);
        assert_eq!(checked.en, "Investment was 9 billion yuan in the year.");
        assert!(
            checked.repairs[0].contains("90 billion"),
            "{:?}",
            checked.repairs
        );
        assert_eq!(checked.flags, []);

        let lost = "Investment was large in the whole of the year.";
        let checked = mend(translated(lost, &[]), lost);
        assert_eq!(checked.flags[0].kind, FlagKind::FigureMissing);
        assert_eq!((checked.figures, checked.figures_right), (1, 0));
    }
}
