//! The second models that a run has, and what they say of its English.
//!
//! Comes in: pairs of Chinese and English. Goes out: [`Opinion`]s, and doubts of those that a judge does
//! not believe. Never changes a text.

use crate::{
    brief::record::{Brief, Role},
    summary::record::OpinionRecord,
};
use kuaibao_engine::judge::{Judge, JudgeError, Verdict};
use kuaibao_text::checks::{Doubt, DoubtKind, Flag};

/// What the judges say of a pair.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Opinion {
    /// Whether the Chinese entails the English.
    pub verdict: Option<Verdict>,
    /// How alike the two are in meaning, −1 to 1.
    pub similarity: Option<f32>,
}

fn rounded(value: f32) -> f64 {
    (f64::from(value) * 1e3).round() / 1e3
}

impl Opinion {
    /// The opinion in a record, if there is one.
    pub fn record(&self) -> Option<OpinionRecord> {
        let of = |part: fn(Verdict) -> f32| self.verdict.map(|v| rounded(part(v)));
        (*self != Self::default()).then(|| OpinionRecord {
            entailment: of(|v| v.entailment),
            neutral: of(|v| v.neutral),
            contradiction: of(|v| v.contradiction),
            similarity: self.similarity.map(rounded),
        })
    }

    /// The doubt that the English says what the Chinese says, where something else is likelier.
    pub fn doubt(&self, zh: &str, en: &str) -> Option<Doubt> {
        let verdict = self.verdict.filter(Verdict::doubts)?;
        Some(Doubt {
            kind: DoubtKind::Judge,
            zh: zh.to_owned(),
            en: en.to_owned(),
            zh_range: Some(0..zh.len()),
            en_range: Some(0..en.len()),
            p: Some(rounded(1.0 - verdict.entailment)),
        })
    }

    /// The same as a flag, in a sentence that does not repeat the texts.
    pub fn flag(&self) -> Option<Flag> {
        let verdict = self.verdict.filter(Verdict::doubts)?;
        let how = match verdict.contradiction > verdict.neutral {
            true => "contradicts the Chinese",
            false => "does not follow from the Chinese",
        };
        Some(Flag {
            kind: DoubtKind::Judge.into(),
            message: format!(
                "Another model finds that the English {how} ({:.0} % sure).",
                100.0 * (1.0 - verdict.entailment)
            ),
        })
    }
}

/// The judges of a run; there may be none, and one of each kind.
#[derive(Default)]
pub struct Judges {
    verdicts: Option<Judge>,
    vectors: Option<Judge>,
}

impl Judges {
    /// Adds a judge; a second one of its kind takes its place.
    pub fn add(&mut self, judge: Judge) {
        match judge.gives_verdicts() {
            true => self.verdicts = Some(judge),
            false => self.vectors = Some(judge),
        }
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.verdicts.is_none() && self.vectors.is_none()
    }

    /// Whether one of them says what entails what.
    pub fn give_verdicts(&self) -> bool {
        self.verdicts.is_some()
    }

    /// Whether one of them compares.
    pub fn compare(&self) -> bool {
        self.vectors.is_some()
    }

    /// Who they are, with their revisions.
    pub fn versioned(&self) -> Option<String> {
        let all = self.verdicts.iter().chain(&self.vectors);
        let names: Vec<String> = all.map(|judge| judge.location().versioned()).collect();
        (!names.is_empty()).then(|| names.join(", "))
    }

    /// What they say of each pair.
    pub fn opinions(&self, pairs: &[(&str, &str)]) -> Result<Vec<Opinion>, JudgeError> {
        self.opinions_where(pairs, &vec![true; pairs.len()])
    }

    /// What they say of each pair: how alike its texts are, and, where it is `asked`, what entails what.
    fn opinions_where(
        &self,
        pairs: &[(&str, &str)],
        asked: &[bool],
    ) -> Result<Vec<Opinion>, JudgeError> {
        let mut opinions = vec![Opinion::default(); pairs.len()];
        if let Some(judge) = &self.verdicts {
            let asked: Vec<usize> = (0..pairs.len()).filter(|&i| asked[i]).collect();
            let pairs: Vec<(&str, &str)> = asked.iter().map(|&i| pairs[i]).collect();
            for (i, verdict) in asked.into_iter().zip(judge.verdicts(&pairs)?) {
                opinions[i].verdict = verdict;
            }
        }
        if let Some(judge) = &self.vectors {
            for (opinion, alike) in opinions.iter_mut().zip(judge.similarities(pairs)?) {
                opinion.similarity = alike;
            }
        }
        Ok(opinions)
    }
}

impl Judges {
    /// What they say of a brief. Whether the Chinese entails the English is asked of what an editor reads
    /// first and of what is doubtful already: the sentences of the summary, the headings, and every sentence
    /// that carries a flag; what is not believed gets a doubt and a flag. How alike the two are is asked of
    /// every sentence.
    pub fn judge(&self, brief: &mut Brief) -> Result<(), JudgeError> {
        if self.is_empty() {
            return Ok(());
        }
        let heading = |role| matches!(role, Role::Headline | Role::Subheadline | Role::Kicker);
        let cited = |ids: &[String]| -> String {
            let said = brief.translation.iter().filter(|s| ids.contains(&s.id));
            said.map(|s| s.zh.as_str()).collect()
        };
        let summary: Vec<String> = brief.summary.iter().map(|s| cited(&s.sources)).collect();
        let segments = brief.translation.iter();
        let mut asked: Vec<bool> = segments
            .map(|s| heading(s.role) || !s.flags.is_empty())
            .collect();
        // A sentence that cites nothing is doubted for that already.
        asked.extend(summary.iter().map(|zh| !zh.is_empty()));
        let segments = brief.translation.iter().map(|s| (&*s.zh, &*s.en));
        let sentences = summary.iter().zip(&brief.summary);
        let sentences = sentences.map(|(zh, s)| (zh.as_str(), s.en.as_str()));
        let pairs: Vec<(&str, &str)> = segments.chain(sentences).collect();
        let opinions = self.opinions_where(&pairs, &asked)?;
        let (of_segments, of_summary) = opinions.split_at(brief.translation.len());
        for (segment, opinion) in brief.translation.iter_mut().zip(of_segments) {
            let doubt = opinion.doubt(&segment.zh, &segment.en);
            brief.checks.doubts += usize::from(doubt.is_some());
            brief.checks.doubtful += usize::from(doubt.is_some() && segment.flags.is_empty());
            segment.doubts.extend(doubt);
            segment.flags.extend(opinion.flag());
            segment.judge = opinion.record();
        }
        for (sentence, opinion) in brief.summary.iter_mut().zip(of_summary) {
            sentence.flags.extend(opinion.flag());
            sentence.judge = opinion.record();
        }
        if self.give_verdicts() {
            let checked = DoubtKind::Judge.name().to_owned();
            brief.checks.checked.push(checked);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_doubt_is_what_is_likelier_than_entailment() {
        let opinion = |entailment, neutral, contradiction| Opinion {
            verdict: Some(Verdict {
                entailment,
                neutral,
                contradiction,
            }),
            similarity: None,
        };
        assert!(opinion(0.6, 0.3, 0.1).doubt("好", "Good").is_none());
        let doubt = opinion(0.2, 0.1, 0.7).doubt("不好", "Good").unwrap();
        assert_eq!((doubt.kind, doubt.p), (DoubtKind::Judge, Some(0.8)));
        assert_eq!(doubt.zh_range, Some(0..6));
        let flag = opinion(0.2, 0.1, 0.7).flag().unwrap();
        assert!(flag.message.contains("contradicts") && flag.message.contains("80 %"));
        assert!(
            opinion(0.2, 0.7, 0.1)
                .flag()
                .unwrap()
                .message
                .contains("follow")
        );
        assert!(Opinion::default().flag().is_none());
    }
}
