//! Doubtful translations, mended where that is safe and flagged where it is not.
//!
//! A sentence whose figures differ from the Chinese, whose English repeats itself or leaves
//! something out, or which calls a person or a term of the glossary otherwise than it should, goes
//! through these steps until one helps; each that changed the English is recorded:
//!
//! 1. another hypothesis of the n-best that passes;
//! 2. translated again with a wider beam and cut smaller;
//! 3. translated again with the wanted words in it; then, where a negation may be lost, with one;
//! 4. a single wrong number, or a name spaced or spelt otherwise, replaced in place, when it is
//!    unambiguous;
//! 5. flags for the editor.

use kuaibao_text::checks::Flag;
use kuaibao_text::checks::FlagKind;
use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use super::{Text, Translated, harm::is_harmed};
use crate::{brief::record::Origin, memory::Recalled};
use kuaibao_text::{
    checks::{
        Doubt, DoubtKind, FigureCheck, Habit, Meaning, Wrong, check_figures, check_text,
        spelling_of, times,
    },
    figures::Clock,
    glossary::{Glossary, Violation},
    people::Name,
};

/// A translation after the repairs, with what is still doubtful.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Checked {
    /// The English.
    pub en: String,
    /// Mean log-probability a token.
    pub score: f32,
    /// Whose English it is.
    pub origin: Origin,
    /// What changed the English, in order.
    pub repairs: Vec<String>,
    /// What remains doubtful.
    pub flags: Vec<Flag>,
    /// Doubts of meaning among it, with their places.
    pub doubts: Vec<Doubt>,
    /// Figures of the Chinese.
    pub figures: usize,
    /// Of these, those that the English has with the same value.
    pub figures_right: usize,
    /// Terms of the glossary in the Chinese.
    pub terms: usize,
    /// Tokens of the first translation, the end of each piece counted.
    pub tokens: usize,
}

impl From<Translated> for Checked {
    /// A translation that nothing was held against.
    fn from(translated: Translated) -> Self {
        Self {
            flags: limits(translated.cut, translated.broken_off).collect(),
            en: translated.en,
            score: translated.score,
            tokens: translated.tokens,
            ..Self::default()
        }
    }
}

/// Texts to be translated once more: with the wanted words in each, or, where none are wanted, more
/// carefully.
pub struct RetryRequest<'a> {
    /// The Chinese.
    pub texts: Vec<&'a str>,
    /// What the English of each is to have.
    pub required: Vec<&'a str>,
}

/// Translates once more; the n-th of the n-th result belongs to the n-th text of the n-th request.
pub type Retry<'a, E> = dyn Fn(&[RetryRequest]) -> Result<Vec<Vec<Translated>>, E> + 'a;

/// What the English is held to beside the Chinese itself.
pub struct Rules<'a> {
    /// The date that relative dates count from.
    pub clock: &'a Clock,
    /// How terms are called.
    pub glossary: &'a Glossary,
}

/// How the repair begins that puts a name in, which the model did not choose.
pub const PUT_IN: &str = "name put in:";

/// How far the score of a translation that has fewer faults may lie below that of the first: beyond
/// it the wanted words are there and the sentence around them is broken (“to avoid mis Eric Chu”).
const MOST_LOST: f32 = 1.0;

/// What is wrong with a translation.
struct Verdict {
    figures: FigureCheck,
    text: Vec<Flag>,
    terms: Vec<Violation>,
    /// Indices of the text's names.
    names: Vec<usize>,
    doubts: Vec<Doubt>,
}

impl Verdict {
    fn of(text: &Text, meaning: &Meaning, en: &str, rules: &Rules, habit: Habit) -> Self {
        let wrong = |(i, name): (usize, &Name)| (!name.is_called_in(en)).then_some(i);
        let names: Vec<usize> = text.names.iter().enumerate().filter_map(wrong).collect();
        // A name that is wrong is told by the name, in whatever way it is wrong.
        let told = |doubt: &Doubt| doubt.kind == DoubtKind::Person && !names.is_empty();
        let mut doubts = meaning.doubts(en, habit);
        let terms = rules.glossary.violations(text.zh, en);
        doubts.retain(|doubt| !told(doubt) && !is_said_by_terms(doubt, text.zh, &terms, rules));
        Self {
            figures: check_figures(text.zh, en, rules.clock),
            text: check_text(text.zh, en),
            terms,
            names,
            doubts,
        }
    }

    /// What a more careful translation may mend.
    fn broken(&self) -> usize {
        self.figures.missing.len() + self.figures.wrong.len() + self.text.len() + self.doubts.len()
    }

    /// Whether no fault of any kind is here that the other verdict does not have as often.
    fn adds_nothing_to(&self, other: &Self) -> bool {
        let doubts =
            |verdict: &Self, kind| verdict.doubts.iter().filter(|d| d.kind == kind).count();
        let flags = |verdict: &Self, kind| verdict.text.iter().filter(|f| f.kind == kind).count();
        self.figures.missing.len() + self.figures.wrong.len()
            <= other.figures.missing.len() + other.figures.wrong.len()
            && self.names.iter().all(|name| other.names.contains(name))
            && self.terms.iter().all(|term| other.terms.contains(term))
            && self
                .doubts
                .iter()
                .all(|d| doubts(self, d.kind) <= doubts(other, d.kind))
            && self
                .text
                .iter()
                .all(|f| flags(self, f.kind) <= flags(other, f.kind))
    }

    /// The same with what the English alone has.
    fn untrue(&self) -> usize {
        self.broken() + self.figures.extra.len()
    }

    /// What asking for the words mends.
    fn unnamed(&self) -> usize {
        self.terms.len() + self.names.len()
    }

    /// Number of faults; figures of the English alone are a lesser one.
    fn faults(&self) -> (usize, usize) {
        (self.broken() + self.unnamed(), self.figures.extra.len())
    }
}

/// Whether a third of what seems to be left out is terms that the English renders as the glossary wants:
/// the lexicon may know no other word for them.
fn is_said_by_terms(doubt: &Doubt, zh: &str, violations: &[Violation], rules: &Rules) -> bool {
    let (DoubtKind::Omission, Some(range)) = (doubt.kind, &doubt.zh_range) else {
        return false;
    };
    let matches = rules.glossary.matches(zh).into_iter();
    let said = matches.filter(|m| !violations.iter().any(|v| v.zh == m.entry.zh));
    let shared = said.map(|m| {
        m.range
            .end
            .min(range.end)
            .saturating_sub(m.range.start.max(range.start))
    });
    3 * shared.sum::<usize>() >= range.len()
}

/// A sentence on its way through the steps.
struct Case<'a> {
    text: &'a Text<'a>,
    meaning: Meaning<'a>,
    rules: &'a Rules<'a>,
    /// How much the model leaves out of this page.
    habit: Habit,
    en: String,
    score: f32,
    verdict: Verdict,
    repairs: Vec<String>,
    cut: bool,
    broken_off: bool,
    tokens: usize,
}

impl<'a> Case<'a> {
    fn new(text: &'a Text<'a>, rules: &'a Rules<'a>, habit: Habit, translated: Translated) -> Self {
        let meaning = Meaning::of(text.zh, text.around);
        let mut case = Self {
            text,
            rules,
            habit,
            verdict: Verdict::of(text, &meaning, &translated.en, rules, habit),
            meaning,
            en: translated.en,
            score: translated.score,
            repairs: Vec::new(),
            cut: translated.cut,
            broken_off: translated.broken_off,
            tokens: translated.tokens,
        };
        if case.verdict.faults().0 > 0 {
            case.improve(translated.others, "another hypothesis of the model", &[]);
        }
        case
    }

    fn verdict_of(&self, en: &str) -> Verdict {
        Verdict::of(self.text, &self.meaning, en, self.rules, self.habit)
    }

    /// Takes the best of `candidates` if it has fewer faults, and none that weighs more: a wanted word
    /// is no gain where a figure is lost or made up for it, or where it stands beside the sentence. None of
    /// them was broken off.
    fn improve(&mut self, candidates: Vec<(String, f32)>, how: &str, wanted: &[String]) {
        let mut improved = false;
        for (en, score) in candidates {
            if score < self.score - MOST_LOST || en == self.en || is_harmed(&self.en, &en, wanted) {
                continue;
            }
            let verdict = self.verdict_of(&en);
            if verdict.faults().0 < self.verdict.faults().0
                && verdict.adds_nothing_to(&self.verdict)
                && verdict.untrue() <= self.verdict.untrue()
            {
                (self.en, self.score, self.verdict) = (en, score, verdict);
                improved = true;
            }
        }
        if improved {
            self.broken_off = false;
            self.repairs.push(how.to_owned());
        }
    }

    /// Bodies that the English does not name as the article does.
    fn unnamed_bodies(&self) -> impl Iterator<Item = &str> {
        let doubts = self.verdict.doubts.iter();
        let bodies = doubts.filter(|d| d.kind == DoubtKind::Organisation && d.en.is_empty());
        bodies.map(|d| d.zh.as_str())
    }

    /// The words that a translation should have and this one has not, the same for the same faults:
    /// terms, names, codes as they are written, and bodies as another sentence calls them.
    fn wanted(&self, bodies: &BTreeMap<String, String>) -> Vec<String> {
        let terms = self.verdict.terms.iter().map(|v| v.wanted.clone());
        let name = |i: &usize| self.text.names[*i].wanted(self.text.zh).to_owned();
        let codes = self.verdict.doubts.iter();
        let codes = codes.filter(|d| d.kind == DoubtKind::Latin && d.en.is_empty());
        let names = self.verdict.names.iter().map(name);
        let elsewhere = self
            .unnamed_bodies()
            .filter_map(|zh| bodies.get(zh).cloned());
        let mut wanted: Vec<String> = terms
            .chain(names)
            .chain(elsewhere)
            .chain(codes.map(|d| d.zh.clone()))
            .collect();
        wanted.sort_unstable();
        wanted.dedup();
        wanted
    }

    /// The words to ask for where a negation may be lost.
    fn negators(&self) -> Option<Vec<String>> {
        let lost = |d: &Doubt| d.kind == DoubtKind::Negation && d.en.is_empty();
        (self.verdict.doubts.iter().any(lost)).then(|| vec!["not".to_owned()])
    }

    /// How a repair that put these words in is told: of a name, that it was put in.
    fn how(&self, wanted: &[String]) -> String {
        let name = |word: &String| {
            let mut names = self.text.names.iter();
            names.any(|name| name.en == word || name.wanted(self.text.zh) == word)
        };
        let words = wanted.join("”, “");
        match wanted {
            [] => "translated again in smaller pieces".to_owned(),
            names if names.iter().all(name) => format!("{PUT_IN} “{words}”"),
            _ => format!("translated again with “{words}” in it"),
        }
    }

    fn patch(&mut self) {
        if let Some((range, right)) = self.verdict.figures.patch.clone() {
            let before = self.verdict.faults();
            let wrong = self.en[range.clone()].to_owned();
            if self.replace(range, &right, |v| v.faults() < before) {
                let repair = format!("“{wrong}” replaced by “{right}”, the value in the Chinese");
                self.repairs.push(repair);
            }
        }
        for name in &self.text.names {
            if let Some((range, right)) = name.respaced(&self.en) {
                let wrong = self.en[range.clone()].to_owned();
                self.replace(range, right, |_| true);
                let repair =
                    format!("“{wrong}” replaced by “{right}”, the spelling used throughout");
                self.repairs.push(repair);
            }
        }
        for i in self.verdict.names.clone() {
            let unnamed = self.verdict.names.len();
            if let Some((range, right)) = self.text.names[i].misspelt(self.text.zh, &self.en) {
                let wrong = self.en[range.clone()].to_owned();
                if self.replace(range, right, |v| v.names.len() < unnamed) {
                    let repair = format!("{PUT_IN} “{right}” for “{wrong}”");
                    self.repairs.push(repair);
                }
            }
        }
    }

    /// Puts `right` in the place of `range`, if that does any good, and says whether it did.
    fn replace(
        &mut self,
        range: Range<usize>,
        right: &str,
        good: impl Fn(&Verdict) -> bool,
    ) -> bool {
        let mut en = self.en.clone();
        en.replace_range(range, right);
        let verdict = self.verdict_of(&en);
        let good = good(&verdict);
        if good {
            (self.en, self.verdict) = (en, verdict);
        }
        good
    }

    fn finish(self) -> Checked {
        let figures = &self.verdict.figures;
        let mut flags: Vec<Flag> = Vec::new();
        let mut flag = |kind, message| flags.push(Flag { kind, message });
        for missing in &figures.missing {
            let zh = &self.text.zh[missing.zh.clone()];
            let message = format!("{zh} ({}) is not in the English.", missing.expected);
            flag(FlagKind::FigureMissing, message);
        }
        for wrong in &figures.wrong {
            let wrong = wrong_figure(self.text.zh, &self.en, wrong);
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
        flags.extend(limits(self.cut, self.broken_off));
        flags.extend(self.verdict.terms.iter().map(not_called));
        for &i in &self.verdict.names {
            let Name { zh, en } = self.text.names[i];
            let message = format!("{zh} ({en}) is not named so in the English.");
            flags.push(Flag {
                kind: FlagKind::Name,
                message,
            });
        }
        flags.extend(self.verdict.text);
        flags.extend(self.verdict.doubts.iter().map(|doubt| Flag {
            kind: doubt.kind.into(),
            message: doubt.message(),
        }));
        let mut said = Vec::new();
        flags.retain(|f| {
            !said.contains(&f.message) && {
                said.push(f.message.clone());
                true
            }
        });
        let terms = self.rules.glossary.matches(self.text.zh).len();
        Checked {
            terms,
            en: self.en,
            score: self.score,
            origin: Origin::Model,
            repairs: self.repairs,
            flags,
            doubts: self.verdict.doubts,
            figures: count,
            figures_right: right,
            tokens: self.tokens,
        }
    }
}

/// What the limits of the model did to a text.
fn limits(cut: bool, broken_off: bool) -> impl Iterator<Item = Flag> {
    let cut = cut.then_some((
        FlagKind::Cut,
        "The sentence is longer than the model takes and was cut inside a clause.",
    ));
    let broken_off = broken_off.then_some((
        FlagKind::Omission,
        "The English came to no end and was broken off: what follows in the Chinese is left out.",
    ));
    cut.into_iter()
        .chain(broken_off)
        .map(|(kind, message)| Flag {
            kind,
            message: message.to_owned(),
        })
}

/// The flag of a figure that the English has with another value.
pub(crate) fn wrong_figure(zh: &str, en: &str, wrong: &Wrong) -> Flag {
    let (zh, en) = (&zh[wrong.zh.clone()], &en[wrong.en.clone()]);
    let right = &wrong.expected;
    let how = match wrong.scale {
        Some(scale) if scale > 1.0 => format!(", {} too much", times(scale)),
        Some(scale) => format!(", {} too little", times(scale)),
        None => match wrong.differs.explanation() {
            "" => String::new(),
            how => format!(", {how}"),
        },
    };
    Flag {
        kind: FlagKind::FigureWrong,
        message: format!("{zh} is {right}, but the English says {en}{how}."),
    }
}

/// How much a model leaves out of these texts.
fn habit(texts: &[Text], translated: &[Translated]) -> Habit {
    let pairs = texts.iter().zip(translated);
    Habit::of(pairs.map(|(text, translated)| (text.zh, &*translated.en)))
}

/// The English of an editor. Nothing in it is doubted but that it calls a thing otherwise than the house
/// does.
pub(super) fn remembered(zh: &str, recalled: Recalled, rules: Option<&Rules>) -> Checked {
    let mut checked = Checked {
        repairs: vec![recalled.how().to_owned()],
        en: recalled.en,
        origin: Origin::Memory,
        ..Checked::default()
    };
    let Some(rules) = rules else { return checked };
    let figures = check_figures(zh, &checked.en, rules.clock);
    let wrong = figures.missing.len() + figures.wrong.len();
    checked.figures = figures.figures;
    checked.figures_right = figures.figures.saturating_sub(wrong);
    checked.terms = rules.glossary.matches(zh).len();
    let violations = rules.glossary.violations(zh, &checked.en);
    let house = violations.into_iter().filter(|v| v.house);
    checked.flags = house.map(|v| not_called(&v)).collect();
    checked
}

/// The flag of a term that the English calls otherwise.
fn not_called(term: &Violation) -> Flag {
    Flag {
        kind: FlagKind::Glossary,
        message: format!("{} should be “{}”.", term.zh, term.wanted),
    }
}

/// Checks each translation and mends nothing.
pub fn check(texts: &[Text], translated: Vec<Translated>, rules: &Rules) -> Vec<Checked> {
    let habit = habit(texts, &translated);
    let cases = texts.iter().zip(translated).map(|(text, mut translated)| {
        translated.others.clear();
        Case::new(text, rules, habit, translated).finish()
    });
    cases.collect()
}

/// Checks each translation and mends what it can. `retry` is asked for all that are still broken
/// after the first step, then for all that want words, those that want the same together.
pub fn repair<E>(
    texts: &[Text],
    translated: Vec<Translated>,
    rules: &Rules,
    retry: &Retry<E>,
) -> Result<Vec<Checked>, E> {
    let habit = habit(texts, &translated);
    let mut cases: Vec<Case> = texts
        .iter()
        .zip(translated)
        .map(|(text, translated)| Case::new(text, rules, habit, translated))
        .collect();
    let again = |cases: &mut [Case], groups: BTreeMap<Vec<String>, Vec<usize>>| {
        if groups.is_empty() {
            return Ok(());
        }
        let asked: Vec<RetryRequest> = groups
            .iter()
            .map(|(wanted, which)| RetryRequest {
                texts: which.iter().map(|&i| cases[i].text.zh).collect(),
                required: wanted.iter().map(String::as_str).collect(),
            })
            .collect();
        for ((wanted, which), translated) in groups.iter().zip(retry(&asked)?) {
            let ended = |(_, t): &(&usize, Translated)| !t.broken_off;
            for (&i, t) in which.iter().zip(translated).filter(ended) {
                let mut candidates = vec![(t.en, t.score)];
                candidates.extend(t.others);
                let how = cases[i].how(wanted);
                cases[i].improve(candidates, &how, wanted);
            }
        }
        Ok(())
    };
    let broken: Vec<usize> = (0..cases.len())
        .filter(|&i| cases[i].verdict.broken() > 0)
        .collect();
    if !broken.is_empty() {
        again(&mut cases, BTreeMap::from([(Vec::new(), broken)]))?;
    }
    let wanting = |cases: &[Case], wanted: &dyn Fn(&Case) -> Option<Vec<String>>| {
        let mut groups: BTreeMap<Vec<String>, Vec<usize>> = BTreeMap::new();
        for (i, case) in cases.iter().enumerate() {
            if let Some(wanted) = wanted(case).filter(|wanted| !wanted.is_empty()) {
                groups.entry(wanted).or_default().push(i);
            }
        }
        groups
    };
    // One English for a body in an article: that of the sentence that spells it.
    let unnamed: BTreeSet<&str> = cases.iter().flat_map(Case::unnamed_bodies).collect();
    let spelt = |zh: &&str| cases.iter().find_map(|case| spelling_of(zh, &case.en));
    let bodies = unnamed
        .iter()
        .filter_map(|zh| Some(((*zh).to_owned(), spelt(zh)?.to_owned())));
    let bodies: BTreeMap<String, String> = bodies.collect();
    let words = wanting(&cases, &|case| Some(case.wanted(&bodies)));
    again(&mut cases, words)?;
    let negators = wanting(&cases, &|case| case.negators());
    again(&mut cases, negators)?;
    for case in &mut cases {
        case.patch();
    }
    Ok(cases.into_iter().map(Case::finish).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kuaibao_text::glossary::Entry;

    const ZH: &str = "全年投资90亿元。";

    fn translated(en: &str, others: &[&str]) -> Translated {
        Translated {
            en: en.to_owned(),
            score: -0.5,
            others: others.iter().map(|o| ((*o).to_owned(), -0.6)).collect(),
            ..Translated::default()
        }
    }

    /// `ZH` mended, with a glossary and a person; `again` answers what is asked with the same words.
    fn mend_with(
        zh: &str,
        first: Translated,
        (glossary, person): (&Glossary, Option<(&str, &str)>),
        again: &[(&[&str], &str)],
    ) -> Checked {
        let retry = |asked: &[RetryRequest]| -> Result<Vec<Vec<Translated>>, String> {
            let [
                RetryRequest {
                    texts,
                    required: wanted,
                },
            ] = asked
            else {
                return Err(format!("asked for {} at once", asked.len()));
            };
            assert_eq!(*texts, [zh]);
            let answer = again.iter().find(|(words, _)| words == wanted);
            let answer = answer.ok_or_else(|| format!("asked for {wanted:?}"))?;
            Ok(vec![vec![translated(answer.1, &[])]])
        };
        let text = Text {
            zh,
            names: person
                .and_then(|(zh, en)| Name::new(zh, en))
                .into_iter()
                .collect(),
            around: "",
        };
        let rules = Rules {
            clock: &Clock::unknown(),
            glossary,
        };
        repair(&[text], vec![first], &rules, &retry)
            .unwrap()
            .remove(0)
    }

    fn mend(first: Translated, again: &str) -> Checked {
        mend_with(ZH, first, (&Glossary::new(), None), &[(&[], again)])
    }

    fn house(zh: &str, en: &str) -> Glossary {
        let mut glossary = Glossary::new();
        glossary.insert(Entry::new(zh, en));
        glossary
    }

    #[test]
    fn a_right_translation_is_left_alone() {
        let first = translated("Investment was 9 billion yuan in the year.", &[]);
        // Asked again it would fail: nothing is expected to be asked.
        let checked = mend_with(ZH, first, (&Glossary::new(), None), &[]);
        assert_eq!(checked.flags, []);
        assert!(checked.repairs.is_empty());
        assert_eq!((checked.figures, checked.figures_right), (1, 1));
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

    #[test]
    fn another_currency_is_replaced_and_another_unit_is_named() {
        let en = "Investment came to US$9 billion in the year.";
        let zh = "全年投资人民币90亿元。";
        let rules = (&Glossary::new(), None);
        let checked = mend_with(zh, translated(en, &[]), rules, &[(&[], en)]);
        assert_eq!(checked.en, "Investment came to 9 billion yuan in the year.");
        assert_eq!(checked.flags, []);

        let zh = "园区占地15亩。";
        let acres = "The park covers 15 acres of land.";
        let checked = mend_with(
            zh,
            translated(acres, &[]),
            (&Glossary::new(), None),
            &[(&[], acres)],
        );
        assert_eq!(
            checked.flags[0].message,
            "15亩 is 15 mu (1 hectare), but the English says 15, in another unit."
        );
    }

    #[test]
    fn a_term_comes_from_another_hypothesis_then_from_asking_for_it_then_is_flagged() {
        let zh = "云湖港昨日开港。";
        let glossary = house("云湖港", "Port of Yunhu");
        let rules = (&glossary, None);
        let wrong = "The cloud lake port opened yesterday.";
        let right = "The Port of Yunhu opened yesterday.";
        let checked = mend_with(zh, translated(wrong, &[wrong, right]), rules, &[]);
        assert_eq!(checked.en, right);
        assert_eq!(checked.repairs, ["another hypothesis of the model"]);

        let asked: &[&str] = &["Port of Yunhu"];
        let checked = mend_with(zh, translated(wrong, &[]), rules, &[(asked, right)]);
        assert_eq!((checked.en.as_str(), checked.flags.len()), (right, 0));
        assert_eq!(
            checked.repairs,
            ["translated again with “Port of Yunhu” in it"]
        );

        let checked = mend_with(zh, translated(wrong, &[]), rules, &[(asked, wrong)]);
        assert_eq!(checked.en, wrong);
        assert_eq!(checked.flags[0].kind, FlagKind::Glossary);
        assert_eq!(
            checked.flags[0].message,
            "云湖港 should be “Port of Yunhu”."
        );
    }

    #[test]
    fn what_came_to_no_end_is_told_and_takes_the_place_of_nothing() {
        let said = |checked: &Checked| -> Vec<FlagKind> {
            let flags = checked.flags.iter();
            let told = flags.filter(|f| f.message.contains("broken off"));
            told.map(|f| f.kind).collect()
        };
        let round = Translated {
            broken_off: true,
            ..translated("Investment went round and was 9 billion yuan.", &[])
        };
        assert_eq!(said(&round.clone().into()), [FlagKind::Omission]);
        let rules = (&Glossary::new(), None);
        let checked = mend_with(ZH, round.clone(), rules, &[]);
        assert_eq!(said(&checked), [FlagKind::Omission]);
        // Another that came to an end and has fewer faults is whole.
        let right = "The year saw 9 billion yuan invested.";
        let broken = Translated {
            broken_off: true,
            ..translated("Investment was 90 billion yuan in the year.", &[right])
        };
        let checked = mend_with(ZH, broken, rules, &[]);
        assert_eq!((checked.en.as_str(), said(&checked).len()), (right, 0));
        // A second that came to none is not taken.
        let text = Text::alone(ZH);
        let rules = Rules {
            clock: &Clock::unknown(),
            glossary: &Glossary::new(),
        };
        let first = translated("Investment was high in the year.", &[]);
        let retry = |_: &[RetryRequest]| Ok::<_, String>(vec![vec![round.clone()]]);
        let checked = repair(&[text], vec![first.clone()], &rules, &retry).unwrap();
        assert_eq!((&checked[0].en, said(&checked[0]).len()), (&first.en, 0));
    }

    #[test]
    fn a_term_never_costs_a_figure() {
        let zh = "云湖港投资90亿元。";
        let glossary = house("云湖港", "Port of Yunhu");
        let first = "The cloud lake port cost 9 billion yuan.";
        let asked: &[&str] = &["Port of Yunhu"];
        let again = "The Port of Yunhu cost 90 billion yuan.";
        let first = translated(first, &[]);
        let checked = mend_with(zh, first.clone(), (&glossary, None), &[(asked, again)]);
        assert_eq!(checked.en, first.en);
        assert_eq!(checked.flags[0].kind, FlagKind::Glossary);

        let made_up = "The Port of Yunhu cost 9 billion yuan in its 19 years.";
        let checked = mend_with(zh, first.clone(), (&glossary, None), &[(asked, made_up)]);
        assert_eq!(checked.en, first.en);
    }

    #[test]
    fn a_lost_negation_and_a_code_are_asked_for() {
        let rules = (&Glossary::new(), None);
        let zh = "事故没有造成人员死亡。";
        let lost = "The accident caused deaths among people.";
        let right = "The accident did not cause deaths among people.";
        let again: &[(&[&str], &str)] = &[(&[], lost), (&["not"], right)];
        let checked = mend_with(zh, translated(lost, &[]), rules, again);
        assert_eq!((checked.en.as_str(), checked.flags.len()), (right, 0));
        assert_eq!(checked.repairs, ["translated again with “not” in it"]);

        let zh = "首架C919昨日交付。";
        let lost = "The first C99 was delivered yesterday.";
        let right = "The first C919 was delivered yesterday.";
        let again: &[(&[&str], &str)] = &[(&[], lost), (&["C919"], right)];
        let checked = mend_with(zh, translated(lost, &[]), rules, again);
        assert_eq!((checked.en.as_str(), checked.flags.len()), (right, 0));
    }

    #[test]
    fn a_person_is_called_by_one_name() {
        let zh = "市长王晓明昨日到会。";
        let glossary = Glossary::new();
        let rules = (&glossary, Some(("王晓明", "Wang Xiaoming")));
        let asked: &[&str] = &["Wang Xiaoming"];
        let wrong = "Mayor Wang Xiaomin came yesterday.";
        let right = "Mayor Wang Xiaoming came yesterday.";
        let checked = mend_with(zh, translated(wrong, &[]), rules, &[(asked, right)]);
        assert_eq!((checked.en.as_str(), checked.flags.len()), (right, 0));

        let checked = mend_with(zh, translated(wrong, &[]), rules, &[(asked, wrong)]);
        assert_eq!((checked.en.as_str(), checked.flags.len()), (right, 0));

        let nobody = "Mayor Zhang Xiaomin came yesterday.";
        let checked = mend_with(zh, translated(nobody, &[]), rules, &[(asked, nobody)]);
        assert_eq!(checked.flags[0].kind, FlagKind::Name);

        let spaced = "Mayor Wang Xiao-ming came yesterday.";
        let checked = mend_with(zh, translated(spaced, &[]), rules, &[]);
        assert_eq!(checked.en, right);
        assert_eq!(
            checked.repairs,
            ["“Wang Xiao-ming” replaced by “Wang Xiaoming”, the spelling used throughout"]
        );
    }
}
