//! A second translation beside the first: where the two differ in facts is where an editor looks.
//!
//! Comes in: texts with their English, and a second model or a file of pairs. Goes out: a flag on each
//! text whose two translations differ in figures, names, places, negations or other facts. Never changes
//! the English, and never says which of the two is right.

use std::collections::BTreeSet;

use super::{Checked, Options, Simplified, Text};
use crate::{brief::record::Origin, engine::Second};
use kuaibao_engine::generate::GenerateError;
use kuaibao_text::{
    checks::{DoubtKind, Flag, FlagKind, Habit, check_figures, check_meaning},
    figures::Clock,
    text::squeezed,
};

impl Second {
    /// The second English of each text, where there is one.
    fn english(&self, texts: &[Text]) -> Result<Vec<Option<String>>, GenerateError> {
        match self {
            Self::Model(engine) => {
                let made = super::translate(engine, texts, &Options::default(), &|_| ())?;
                Ok(made.into_iter().map(|text| Some(text.en)).collect())
            }
            Self::Pairs { english, .. } => {
                let find = |text: &Text| english.get(&squeezed(text.zh)).cloned();
                Ok(texts.iter().map(find).collect())
            }
        }
    }

    /// Flags the texts whose second English differs from their first in facts.
    pub fn compare(
        &self,
        texts: &[Text],
        first: &mut [Checked],
        clock: &Clock,
    ) -> Result<(), GenerateError> {
        let second = self.english(texts)?;
        let simple = Simplified::of(texts);
        let texts = simple.texts();
        let habit = |en: &mut dyn Iterator<Item = &str>| {
            Habit::of(texts.iter().zip(en).map(|(text, en)| (text.zh, en)))
        };
        let habits = [
            habit(&mut first.iter().map(|checked| checked.en.as_str())),
            habit(&mut second.iter().map(|en| en.as_deref().unwrap_or_default())),
        ];
        for ((text, checked), second) in texts.iter().zip(first).zip(&second) {
            // What an editor wrote needs no second opinion of a model.
            let Some(second) = second.as_ref().filter(|_| checked.origin != Origin::Memory) else {
                continue;
            };
            let differs = differences(text, [&checked.en, second], habits, clock);
            if !differs.is_empty() {
                let differs = differs.into_iter().collect::<Vec<_>>().join(", ");
                checked.flags.push(Flag {
                    kind: FlagKind::Disagreement,
                    message: format!("Another translation differs in {differs}: “{second}”."),
                });
            }
        }
        Ok(())
    }
}

/// What two translations of a text differ in.
fn differences(
    text: &Text,
    [first, second]: [&str; 2],
    [of_first, of_second]: [Habit; 2],
    clock: &Clock,
) -> BTreeSet<&'static str> {
    let mut differs = BTreeSet::new();
    // Each is held to the Chinese; what only one of them fails is where they differ.
    let figures = |en: &str| -> BTreeSet<String> {
        let check = check_figures(text.zh, en, clock);
        let missing = check.missing.iter().map(|m| format!("{:?}", m.zh));
        let wrong = check.wrong.iter();
        let wrong = wrong.map(|w| format!("{:?} is {}", w.zh, w.en_value));
        let extra = check.extra.iter().filter(|extra| extra.alarm);
        let extra = extra.map(|extra| format!("and {}", extra.value));
        missing.chain(wrong).chain(extra).collect()
    };
    if figures(first) != figures(second) {
        differs.insert("figures");
    }
    if text
        .names
        .iter()
        .any(|name| name.is_called_in(first) != name.is_called_in(second))
    {
        differs.insert("names");
    }
    let doubts = |en: &str, habit| -> BTreeSet<(DoubtKind, String, String)> {
        let doubts = check_meaning(text.zh, en, text.around, habit);
        doubts.into_iter().map(|d| (d.kind, d.zh, d.en)).collect()
    };
    let (first, second) = (doubts(first, of_first), doubts(second, of_second));
    for (kind, ..) in first.symmetric_difference(&second) {
        differs.extend(match kind {
            DoubtKind::Place => Some("places"),
            DoubtKind::Person => Some("names"),
            DoubtKind::Negation => Some("negation"),
            DoubtKind::Trend => Some("direction"),
            DoubtKind::Organisation => Some("organisations"),
            _ => None,
        });
    }
    differs
}

#[cfg(test)]
mod tests {
    use super::*;
    use kuaibao_text::people::Name;

    #[test]
    fn translations_differ_in_facts_and_not_in_words() {
        let of = |zh, name: Option<(&'static str, &'static str)>, first, second| {
            let names = name
                .and_then(|(zh, en)| Name::new(zh, en))
                .into_iter()
                .collect();
            let text = Text {
                names,
                ..Text::alone(zh)
            };
            let differs = differences(
                &text,
                [first, second],
                [Habit::default(); 2],
                &Clock::unknown(),
            );
            differs.into_iter().collect::<Vec<_>>()
        };
        let zh = "全年投资90亿元，同比增长5%。";
        let first = "Investment was 9 billion yuan, up 5 percent on the year.";
        assert!(
            of(
                zh,
                None,
                first,
                "In the year 9 billion yuan was invested, a rise of 5% from a year earlier."
            )
            .is_empty()
        );
        assert_eq!(
            of(
                zh,
                None,
                first,
                "Investment was 90 billion yuan, up 5 percent on the year."
            ),
            ["figures"]
        );
        let zh = "市长王浩到会。";
        let name = Some(("王浩", "Wang Hao"));
        assert!(
            of(
                zh,
                name,
                "Mayor Wang Hao came.",
                "Wang Hao, the mayor, attended."
            )
            .is_empty()
        );
        assert!(of(zh, name, "Mayor Wang Hao came.", "Mayor Zhang Wei came.").contains(&"names"));
        let zh = "他没有去北京。";
        let differs = of(
            zh,
            None,
            "He did not go to Beijing.",
            "He went to Shanghai.",
        );
        assert!(differs.contains(&"places"), "{differs:?}");
    }
}
