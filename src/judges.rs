//! The second models that a run has, and what they say of its English.
//!
//! Comes in: pairs of Chinese and English. Goes out: [`Opinion`]s, and doubts of those that a judge does
//! not believe. Never changes a text.

use crate::brief::record::{Brief, Role};
use kuaibao_engine::judge::{Judge, JudgeError, Verdict};
use kuaibao_text::checks::{Doubt, DoubtKind, Flag};
use serde::Serialize;

/// What the judges say of a pair.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Opinion {
    /// Whether the Chinese entails the English.
    pub verdict: Option<Verdict>,
    /// How alike the two are in meaning, −1 to 1.
    pub similarity: Option<f32>,
}

/// An opinion in records, its numbers rounded to 1e-3.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OpinionRecord {
    /// Probability that the Chinese entails the English.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entailment: Option<f64>,
    /// Probability that neither follows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub neutral: Option<f64>,
    /// Probability that the English contradicts the Chinese.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contradiction: Option<f64>,
    /// Cosine of the two sentences' vectors.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub similarity: Option<f64>,
}

fn rounded(value: f32) -> f64 {
    (f64::from(value) * 1e3).round() / 1e3
}

impl From<Opinion> for OpinionRecord {
    fn from(opinion: Opinion) -> Self {
        let of = |part: fn(Verdict) -> f32| opinion.verdict.map(|v| rounded(part(v)));
        Self {
            entailment: of(|v| v.entailment),
            neutral: of(|v| v.neutral),
            contradiction: of(|v| v.contradiction),
            similarity: opinion.similarity.map(rounded),
        }
    }
}

impl Opinion {
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
        let mut opinions = vec![Opinion::default(); pairs.len()];
        if let Some(judge) = &self.verdicts {
            for (opinion, verdict) in opinions.iter_mut().zip(judge.verdicts(pairs)?) {
                opinion.verdict = verdict;
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
    /// Asks about what an editor reads first and what is doubtful already: the sentences of the summary, the
    /// headings, and every sentence that carries a flag. What is not believed gets a doubt and a flag.
    pub fn judge(&self, brief: &mut Brief) -> Result<(), JudgeError> {
        if !self.give_verdicts() {
            return Ok(());
        }
        let heading = |role| matches!(role, Role::Headline | Role::Subheadline | Role::Kicker);
        let asked: Vec<usize> = (0..brief.translation.len())
            .filter(|&i| {
                let segment = &brief.translation[i];
                heading(segment.role) || !segment.flags.is_empty()
            })
            .collect();
        let cited = |ids: &[String]| -> String {
            let said = brief.translation.iter().filter(|s| ids.contains(&s.id));
            said.map(|s| s.zh.as_str()).collect()
        };
        let summary: Vec<String> = brief.summary.iter().map(|s| cited(&s.sources)).collect();
        let segments = asked.iter().map(|&i| &brief.translation[i]);
        let mut pairs: Vec<(&str, &str)> = segments.map(|s| (&*s.zh, &*s.en)).collect();
        let sentences = summary.iter().zip(&brief.summary);
        pairs.extend(sentences.map(|(zh, s)| (zh.as_str(), s.en.as_str())));
        let opinions = self.opinions(&pairs)?;
        let (of_segments, of_summary) = opinions.split_at(asked.len());
        for (&i, opinion) in asked.iter().zip(of_segments) {
            let segment = &mut brief.translation[i];
            let doubt = opinion.doubt(&segment.zh, &segment.en);
            brief.checks.doubts += usize::from(doubt.is_some());
            brief.checks.doubtful += usize::from(doubt.is_some() && segment.flags.is_empty());
            segment.doubts.extend(doubt);
            segment.flags.extend(opinion.flag());
        }
        for (sentence, (zh, opinion)) in
            brief.summary.iter_mut().zip(summary.iter().zip(of_summary))
        {
            // A sentence that cites nothing is doubted for that already.
            sentence
                .flags
                .extend(opinion.flag().filter(|_| !zh.is_empty()));
        }
        brief
            .checks
            .checked
            .push(DoubtKind::Judge.name().to_owned());
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
