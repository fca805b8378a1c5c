//! The other direction, for people and for programs: an English text with its Chinese.

use std::fmt;

use serde::Serialize;
use serde_json::Value;

use crate::{judges::Opinion, summary::record::OpinionRecord};
use kuaibao_text::checks::{Doubt, TurnedCheck, times};

/// Which language is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum To {
    /// Chinese into English
    #[default]
    En,
    /// English into Chinese: short for --source-lang en --target-lang zh, however the model spells them
    Zh,
}

/// One line pair (`kuaibao.check/1`, `to` being `zh`).
#[derive(Debug, Serialize)]
pub(super) struct TurnedRecord<'a> {
    schema: &'static str,
    to: &'static str,
    line: usize,
    ok: bool,
    #[serde(flatten)]
    found: Found<'a>,
}

/// What is doubtful about a Chinese translation.
#[derive(Debug, Serialize)]
pub(super) struct Found<'a> {
    missing: Vec<MissingRecord<'a>>,
    wrong: Vec<WrongRecord<'a>>,
    extra: Vec<ExtraRecord<'a>>,
    terms: Vec<TermRecord<'a>>,
    doubts: Vec<Doubt>,
    #[serde(skip_serializing_if = "Option::is_none")]
    judge: Option<OpinionRecord>,
}

#[derive(Debug, Serialize)]
struct MissingRecord<'a> {
    en: &'a str,
    en_value: f64,
    expected: &'a str,
}

#[derive(Debug, Serialize)]
struct WrongRecord<'a> {
    en: &'a str,
    en_value: f64,
    zh: &'a str,
    value: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    scale: Option<f64>,
    differs: &'static str,
    expected: &'a str,
}

#[derive(Debug, Serialize)]
struct ExtraRecord<'a> {
    zh: &'a str,
    value: Value,
    alarm: bool,
}

#[derive(Debug, Serialize)]
struct TermRecord<'a> {
    en: &'a str,
    zh: &'a str,
}

impl<'a> Found<'a> {
    pub(super) fn new(en: &'a str, zh: &'a str, check: &'a TurnedCheck, opinion: &Opinion) -> Self {
        Self {
            doubts: opinion.doubt(zh, en).into_iter().collect(),
            judge: opinion.record(),
            missing: check
                .missing
                .iter()
                .map(|m| MissingRecord {
                    en: &en[m.en.clone()],
                    en_value: m.value,
                    expected: &m.expected,
                })
                .collect(),
            wrong: check
                .wrong
                .iter()
                .map(|w| WrongRecord {
                    en: &en[w.en.clone()],
                    en_value: w.value,
                    zh: &zh[w.zh.clone()],
                    value: w.zh_value.json(),
                    scale: w.scale,
                    differs: w.differs.name(),
                    expected: &w.expected,
                })
                .collect(),
            extra: check
                .extra
                .iter()
                .map(|x| ExtraRecord {
                    zh: &zh[x.zh.clone()],
                    value: x.value.json(),
                    alarm: true,
                })
                .collect(),
            terms: check
                .terms
                .iter()
                .map(|t| TermRecord {
                    en: &t.en,
                    zh: &t.zh,
                })
                .collect(),
        }
    }
}

impl<'a> TurnedRecord<'a> {
    pub(super) fn new(
        line: usize,
        en: &'a str,
        zh: &'a str,
        check: &'a TurnedCheck,
        opinion: &Opinion,
    ) -> Self {
        Self {
            schema: "kuaibao.check/1",
            to: "zh",
            line,
            ok: is_ok(check, opinion),
            found: Found::new(en, zh, check, opinion),
        }
    }
}

/// A doubtful line as an editor reads it.
pub(super) struct Doubtful<'a> {
    pub(super) line: usize,
    pub(super) en: &'a str,
    pub(super) zh: &'a str,
    pub(super) check: &'a TurnedCheck,
    pub(super) opinion: &'a Opinion,
}

/// Whether neither the checks nor a judge doubt a pair.
pub(super) fn is_ok(check: &TurnedCheck, opinion: &Opinion) -> bool {
    check.ok() && opinion.flag().is_none()
}

impl fmt::Display for Doubtful<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { en, zh, check, .. } = self;
        writeln!(f, "line {}\n  {en}\n  {zh}", self.line)?;
        for m in &check.missing {
            writeln!(f, "  missing  {} ({})", &en[m.en.clone()], m.expected)?;
        }
        for w in &check.wrong {
            let (zh, en) = (&zh[w.zh.clone()], &en[w.en.clone()]);
            write!(f, "  wrong    “{en}” ({}) is {zh}", w.expected)?;
            if let Some(scale) = w.scale {
                let how = if scale > 1.0 { "large" } else { "small" };
                write!(f, ", {} too {how}", times(scale))?;
            } else if !w.differs.explanation().is_empty() {
                write!(f, ", {}", w.differs.explanation())?;
            }
            writeln!(f)?;
        }
        for x in &check.extra {
            writeln!(f, "  extra    {} is not in the English", &zh[x.zh.clone()])?;
        }
        for t in &check.terms {
            writeln!(f, "  term     “{}” is to be {}", t.en, t.zh)?;
        }
        if let Some(doubt) = self.opinion.doubt(zh, en) {
            writeln!(f, "  {:<8} {}", doubt.kind.name(), doubt.message())?;
        }
        writeln!(f)
    }
}

/// A sentence with what is doubtful about it.
pub(super) fn json(
    en: &str,
    zh: &str,
    score: f32,
    broken_off: bool,
    check: Option<&TurnedCheck>,
    opinion: &Opinion,
) -> String {
    let mut record = serde_json::json!({
        "en": en,
        "zh": zh,
        "score": (f64::from(score) * 1e3).round() / 1e3,
    });
    if broken_off {
        record["broken_off"] = true.into();
    }
    if let (Some(check), Some(fields)) = (check, record.as_object_mut()) {
        let ok = is_ok(check, opinion) && !broken_off;
        fields.insert("ok".to_owned(), ok.into());
        let found = serde_json::to_value(Found::new(en, zh, check, opinion)).unwrap_or_default();
        fields.extend(found.as_object().cloned().unwrap_or_default());
    }
    record.to_string()
}
