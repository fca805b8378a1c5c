//! A second model that reads what the first one wrote.
//!
//! Comes in: pairs of a Chinese and an English sentence, or sentences. Goes out: how likely the Chinese
//! entails the English ([`Judge::verdicts`], mDeBERTa with a head of three classes), and how alike two
//! sentences are in meaning ([`Judge::similarities`], the cosine of their vectors by a BERT such as
//! LaBSE). Both are candle-transformers' modules, held to `transformers` by `tests/judge.rs`. Nothing is
//! truncated: a pair that is longer than the model takes gets no verdict. A batch gives what its members
//! give alone, but for rounding.

#[cfg(feature = "judge")]
mod encoder;
#[cfg(feature = "judge")]
mod entailment;
#[cfg(feature = "judge")]
mod weights;

use std::path::PathBuf;

use crate::hub::Location;
use crate::nn::{JudgeKind, ModelError, Placement, judge_kind};

/// What a judge says of a pair: three probabilities that sum to one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Verdict {
    /// The first text entails the second.
    pub entailment: f32,
    /// Neither follows.
    pub neutral: f32,
    /// The second contradicts the first.
    pub contradiction: f32,
}

impl Verdict {
    /// Whether something else than entailment is the likeliest.
    pub fn doubts(&self) -> bool {
        self.entailment < self.neutral.max(self.contradiction)
    }
}

/// A judge that cannot be had or used.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "the messages are the documentation")]
pub enum JudgeError {
    #[error(transparent)]
    Model(#[from] ModelError),
    #[error("{}: {problem}; a judge needs its tokenizer.json", path.display())]
    Tokenizer { path: PathBuf, problem: String },
    #[error("{model} {can}, it cannot {wanted}; models that can: {able}")]
    Unable {
        model: String,
        can: &'static str,
        wanted: &'static str,
        able: String,
    },
    #[error("this build has no judge in it; build with `--features judge`")]
    NotBuilt,
}

/// A loaded judge.
pub struct Judge {
    location: Location,
    #[cfg(feature = "judge")]
    model: Model,
}

#[cfg(feature = "judge")]
enum Model {
    Entailment(Box<entailment::Entailment>),
    Encoder(Box<encoder::Encoder>),
}

impl Judge {
    /// Loads a judge; it computes in f32.
    #[cfg(feature = "judge")]
    pub fn open(location: &Location, placement: &Placement) -> Result<Self, JudgeError> {
        let device = &placement.device;
        let folder = &location.dir;
        let model = match judge_kind(&folder.join("config.json"))? {
            JudgeKind::Entailment => {
                Model::Entailment(Box::new(entailment::Entailment::open(folder, device)?))
            }
            JudgeKind::Encoder => Model::Encoder(Box::new(encoder::Encoder::open(folder, device)?)),
        };
        Ok(Self {
            location: location.clone(),
            model,
        })
    }

    /// There is none in this build.
    #[cfg(not(feature = "judge"))]
    pub fn open(location: &Location, _placement: &Placement) -> Result<Self, JudgeError> {
        match judge_kind(&location.dir.join("config.json"))? {
            JudgeKind::Entailment | JudgeKind::Encoder => Err(JudgeError::NotBuilt),
        }
    }

    /// Where it came from.
    pub fn location(&self) -> &Location {
        &self.location
    }

    /// Whether it gives verdicts; else it compares.
    pub fn gives_verdicts(&self) -> bool {
        #[cfg(feature = "judge")]
        {
            matches!(self.model, Model::Entailment(_))
        }
        #[cfg(not(feature = "judge"))]
        {
            false
        }
    }

    /// How likely each Chinese text entails its English; `None` for a pair that is too long.
    pub fn verdicts(&self, pairs: &[(&str, &str)]) -> Result<Vec<Option<Verdict>>, JudgeError> {
        #[cfg(feature = "judge")]
        if let Model::Entailment(model) = &self.model {
            return model.verdicts(pairs);
        }
        let _ = pairs;
        Err(self.unable(
            "compares sentences",
            "judge what entails what",
            crate::hub::Task::Entail,
        ))
    }

    /// How alike the two texts of each pair are in meaning, −1 to 1; `None` for one that is too long.
    pub fn similarities(&self, pairs: &[(&str, &str)]) -> Result<Vec<Option<f32>>, JudgeError> {
        #[cfg(feature = "judge")]
        if let Model::Encoder(model) = &self.model {
            return model.similarities(pairs);
        }
        let _ = pairs;
        Err(self.unable(
            "judges what entails what",
            "compare sentences",
            crate::hub::Task::Embed,
        ))
    }

    /// The vector of each text, a unit long; `None` for one that is too long.
    pub fn vectors(&self, texts: &[&str]) -> Result<Vec<Option<Vec<f32>>>, JudgeError> {
        #[cfg(feature = "judge")]
        if let Model::Encoder(model) = &self.model {
            return model.vectors(texts);
        }
        let _ = texts;
        Err(self.unable(
            "judges what entails what",
            "compare sentences",
            crate::hub::Task::Embed,
        ))
    }

    fn unable(
        &self,
        can: &'static str,
        wanted: &'static str,
        task: crate::hub::Task,
    ) -> JudgeError {
        JudgeError::Unable {
            model: self.location.name.clone(),
            can,
            wanted,
            able: crate::hub::able_to(&[task]),
        }
    }
}
