//! The second models that a run has, and what they say of its English.
//!
//! Comes in: pairs of Chinese and English. Goes out: [`Opinion`]s, doubts of those that a judge does
//! not believe, and where an encoder places a text. Never changes a text.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use crate::{
    brief::record::{Brief, Embedding, Role},
    summary::record::{HeadlineOrigin, OpinionRecord},
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

/// Texts of one language whose vectors have a smaller cosine are not called alike. It is not fitted, for
/// which LaBSE's weights are needed; with them `cargo test --test judged -- --nocapture alike` tells where
/// the pairs of `tests/judge/alike.tsv` part best.
pub const ALIKE: f64 = 0.6;

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

    /// Where the encoder places each text, a vector a unit long; `None` of one that is too long, and of all
    /// without an encoder.
    fn vectors(&self, texts: &[&str]) -> Result<Vec<Option<Vec<f32>>>, JudgeError> {
        match &self.vectors {
            Some(judge) => judge.vectors(texts),
            None => Ok(vec![None; texts.len()]),
        }
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
        let questions = questions(brief);
        let pairs = questions.iter().map(|q| (q.zh.as_str(), q.en.as_str()));
        let asked: Vec<bool> = questions.iter().map(|q| q.entails).collect();
        let opinions = self.opinions_where(&pairs.collect::<Vec<_>>(), &asked)?;
        answer(brief, &opinions);
        if let Some(judge) = &self.vectors {
            let title = brief.headline.zh.as_str();
            let about: Vec<&str> = [title].into_iter().chain(brief.lead()).collect();
            let vector = judge.vectors(&[&about.join("\n")])?.pop().flatten();
            let model = judge.location().versioned();
            brief.embedding = vector.map(|vector| Embedding::new(model, &vector));
        }
        if self.give_verdicts() {
            let checked = DoubtKind::Judge.name().to_owned();
            brief.checks.checked.push(checked);
        }
        Ok(())
    }
}

/// Vectors of texts, each made once.
#[derive(Default)]
pub struct Vectors(Mutex<HashMap<String, Option<Arc<[f32]>>>>);

impl Vectors {
    /// How alike two texts are by the vectors of both, −1 to 1, once [`Vectors::learn`] has seen them.
    pub fn similarity(&self, a: &str, b: &str) -> Option<f64> {
        let (a, b) = {
            let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            (known.get(a)?.clone()?, known.get(b)?.clone()?)
        };
        let products = a.iter().zip(&*b).map(|(a, b)| f64::from(a * b));
        Some(products.sum())
    }

    /// Has the vectors made of those texts that have none yet.
    pub fn learn(&self, judges: &Judges, texts: &[&str]) -> Result<(), JudgeError> {
        let lock = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let new: Vec<&str> = {
            let known = lock();
            let new = texts.iter().filter(|&&text| !known.contains_key(text));
            new.copied().collect()
        };
        // Others are answered meanwhile.
        let made = judges.vectors(&new)?;
        let made = made.into_iter().map(|vector| vector.map(Arc::from));
        lock().extend(new.into_iter().map(str::to_owned).zip(made));
        Ok(())
    }
}

/// A pair that is asked about.
struct Question {
    zh: String,
    en: String,
    /// Whether it is asked what entails what.
    entails: bool,
}

/// What is asked of a brief: its segments, the sentences of its summary, its headline.
fn questions(brief: &Brief) -> Vec<Question> {
    let heading = |role| matches!(role, Role::Headline | Role::Subheadline | Role::Kicker);
    let segments = brief.translation.iter();
    let segments = segments.map(|s| Question {
        zh: s.zh.clone(),
        en: s.en.clone(),
        entails: heading(s.role) || !s.flags.is_empty(),
    });
    let sentences = brief.summary.iter().map(|sentence| {
        let cited = brief.translation.iter();
        let cited = cited.filter(|s| sentence.sources.contains(&s.id));
        let zh: String = cited.map(|s| s.zh.as_str()).collect();
        Question {
            // A sentence that cites nothing is doubted for that already.
            entails: !zh.is_empty(),
            zh,
            en: sentence.en.clone(),
        }
    });
    let headline = Question {
        // A headline that a model wrote is held to the lead.
        zh: brief.lead().collect(),
        en: brief.headline.en.clone(),
        entails: brief.headline.origin == HeadlineOrigin::Summarizer,
    };
    segments.chain(sentences).chain([headline]).collect()
}

/// Writes what the judges say into the brief, an opinion for each question.
fn answer(brief: &mut Brief, opinions: &[Opinion]) {
    let (of_segments, rest) = opinions.split_at(brief.translation.len());
    let (of_summary, of_headline) = rest.split_at(brief.summary.len());
    let mut own = None;
    for (segment, opinion) in brief.translation.iter_mut().zip(of_segments) {
        let doubt = opinion.doubt(&segment.zh, &segment.en);
        brief.checks.doubts += usize::from(doubt.is_some());
        brief.checks.doubtful += usize::from(doubt.is_some() && segment.flags.is_empty());
        segment.doubts.extend(doubt);
        segment.flags.extend(opinion.flag());
        segment.judge = opinion.record();
        if segment.role == Role::Headline {
            own = own.or(Some(opinion));
        }
    }
    for (sentence, opinion) in brief.summary.iter_mut().zip(of_summary) {
        sentence.flags.extend(opinion.flag());
        sentence.judge = opinion.record();
    }
    // A headline is as doubtful as what it was made from.
    let made_from = match brief.headline.origin {
        HeadlineOrigin::Article => own,
        HeadlineOrigin::Lead => of_summary.first(),
        HeadlineOrigin::Summarizer => of_headline.first(),
    };
    let flag = made_from.and_then(Opinion::flag);
    brief.headline.usable &= flag.is_none();
    brief.headline.flags.extend(flag);
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

    #[test]
    fn what_is_not_believed_is_marked_wherever_it_stands() {
        let segment = |id: &str, role: &str| {
            serde_json::json!({
                "id": id, "role": role, "zh": format!("{id}。"), "en": format!("English of {id}."),
                "start": 0, "end": 0, "paragraph": null, "score": 0.0, "flags": []
            })
        };
        let brief = |origin: &str| -> Brief {
            let sentence =
                serde_json::json!({"en": "A summary.", "sources": ["p1s1"], "score": 1.0});
            serde_json::from_value(serde_json::json!({
                "schema": "kuaibao.brief/1", "source": "a.txt", "article": "1", "paper": null,
                "date": null, "byline": [], "figures": [], "people": [], "quotes": [],
                "headline": {"zh": "", "en": "A headline", "origin": origin, "usable": true},
                "summary": [sentence],
                "translation": [segment("h1", "headline"), segment("p1s1", "body")],
                "checks": {
                    "sentences": 2, "doubtful": 0, "figures": 0, "figures_right": 0,
                    "split_confidence": 1.0, "notes": []
                },
                "signature": {
                    "program": "", "device": "", "precision": "", "translator": "",
                    "route": "extract", "beam": 1, "length": "short", "source_sha256": ""
                }
            }))
            .unwrap()
        };
        let said = |entailment: f32| Opinion {
            verdict: Some(Verdict {
                entailment,
                neutral: 0.0,
                contradiction: 1.0 - entailment,
            }),
            similarity: Some(0.5),
        };
        // In the order of the questions: the headline's segment, the sentence, the summary, the headline.
        let asked: Vec<bool> = questions(&brief("summarizer"))
            .iter()
            .map(|q| q.entails)
            .collect();
        assert_eq!(asked, [true, false, true, true]);
        assert_eq!(questions(&brief("article"))[2].zh, "p1s1。");
        for (origin, wrong) in [("article", 0), ("lead", 2), ("summarizer", 3)] {
            let mut opinions = [said(0.9); 4];
            opinions[wrong] = said(0.1);
            let mut doubted = brief(origin);
            answer(&mut doubted, &opinions);
            let brief = doubted;
            assert!(
                !brief.headline.usable && brief.headline.flags.len() == 1,
                "{origin}"
            );
            assert_eq!(brief.checks.doubts, usize::from(wrong == 0));
            assert_eq!(brief.checks.doubtful, usize::from(wrong == 0));
            assert_eq!(brief.summary[0].flags.len(), usize::from(wrong == 2));
            let judge = brief.translation[1].judge.unwrap();
            assert_eq!((judge.entailment, judge.similarity), (Some(0.9), Some(0.5)));
        }
        let mut believed = brief("article");
        answer(&mut believed, &[said(0.9); 4]);
        assert!(believed.headline.usable && believed.headline.flags.is_empty());
    }
}
