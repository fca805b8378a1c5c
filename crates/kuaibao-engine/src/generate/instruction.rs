//! How a model is told what to do: by a prompt, by language tokens, or, where it does one thing, not
//! at all.
//!
//! Comes in: a task, a model's manifest or what its files say of its family, a prompt of the user's.
//! Goes out: token ids of texts, told. Codes and prompts are data: those of the manifest, else those
//! of the family's first manifest, else the family's template.

use std::path::Path;

use serde_json::Value;

use super::{
    GenerateError,
    prompt::{Fill, Prompt},
};
use crate::{
    hub::{Family, Location, Manifest, Task, able_to, manifests},
    marian, nn,
    tokenizer::{self, Tokenizer},
};

/// The languages to translate between, as the model writes them (`zh`, `zho_Hans`, `eng`), or in words
/// for one that is told by a prompt; what is not said is known of the model, or an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Languages {
    /// Of the texts.
    pub source: Option<String>,
    /// Of the translations.
    pub target: Option<String>,
}

/// What a model is told around every text.
#[derive(Clone, Debug)]
pub(super) struct Instruction {
    prompt: Option<Prompt>,
    source_language: String,
    target_language: String,
    /// How many words the answer may have, for prompts that say so.
    pub(super) max_words: usize,
    framing: tokenizer::Framing,
}

/// How models write Chinese and English, in simplified characters where they tell scripts apart.
const CHINESE: [&str; 8] = [
    "zh",
    "zh_CN",
    "zho_Hans",
    "cmn_Hans",
    "zh_Hans",
    "cmn",
    "zho",
    "chinese_simplified",
];
const ENGLISH: [&str; 5] = ["en", "en_XX", "eng_Latn", "eng", "english"];

/// The first of these codes that a model knows.
fn spelt<'c>(tokenizer: &Tokenizer, codes: &[&'c str]) -> Option<&'c str> {
    let known = |code: &&&str| tokenizer.language_id(code).is_some();
    codes.iter().find(known).copied()
}

/// Words of an answer where nobody says how many.
const MAX_WORDS: usize = 100;

impl Instruction {
    /// What `task` takes with a model; `prompt` wins over the model's own.
    pub(super) fn new(
        task: Task,
        location: &Location,
        tokenizer: &Tokenizer,
        prompt: Option<Prompt>,
        languages: &Languages,
    ) -> Result<Self, GenerateError> {
        let family = match location.manifest {
            Some(manifest) => Some(manifest.family),
            None => family(&location.dir, tokenizer)?,
        };
        let facts = location.manifest.or_else(|| {
            let alike = |m: &&Manifest| Some(m.family) == family;
            manifests().iter().find(alike)
        });
        if prompt.is_some() && family.is_some_and(|f| !takes_prompt(f, location.manifest)) {
            return Err(needless_prompt(&location.name));
        }
        // The other direction is asked for in the same words, its languages exchanged.
        let asked = match task {
            Task::IntoChinese => Task::Translate,
            task => task,
        };
        let prompt = prompt.or_else(|| match location.manifest {
            Some(manifest) => Prompt::builtin(manifest.prompt(asked)?),
            None => Prompt::of(asked, family?),
        });
        if prompt.is_none() && family.is_some_and(instructed) {
            return Err(GenerateError::NoPrompt {
                model: location.name.clone(),
                task,
            });
        }
        // What a person says wins over what is known of the model, and is an error where the model
        // has no languages to be told.
        let source = languages.source.as_deref();
        let target = languages.target.as_deref();
        let told = source.is_some() || target.is_some();
        let chinese = || facts.and_then(|f| f.source_lang.as_deref());
        let english = || facts.and_then(|f| f.target_lang.as_deref());
        let (source, target) = match task {
            // "Into Chinese" says which languages these are, however this model writes them.
            Task::IntoChinese => (
                source
                    .or_else(english)
                    .or_else(|| spelt(tokenizer, &ENGLISH)),
                target
                    .or_else(chinese)
                    .or_else(|| spelt(tokenizer, &CHINESE)),
            ),
            Task::Native => (source.or_else(chinese), target.or_else(chinese)),
            _ => (source.or_else(chinese), target.or_else(english)),
        };
        let (source_word, target_word) = match task {
            Task::IntoChinese => ("English", "Chinese"),
            Task::Native => ("Chinese", "Chinese"),
            _ => ("Chinese", "English"),
        };
        let framing = match tokenizer.has_languages() || told && prompt.is_none() {
            true => tokenizer.framing(source, target)?,
            false => tokenizer.framing(None, None)?,
        };
        Ok(Self {
            prompt,
            source_language: source.unwrap_or(source_word).to_owned(),
            target_language: target.unwrap_or(target_word).to_owned(),
            max_words: MAX_WORDS,
            framing,
        })
    }

    pub(super) fn prompt(&self) -> Option<&Prompt> {
        self.prompt.as_ref()
    }

    /// The token that the output must begin with, where there is one.
    pub(super) fn forced_bos(&self) -> Option<u32> {
        self.framing.forced_bos()
    }

    /// The token that the decoder begins with, where the language decides it.
    pub(super) fn decoder_start(&self) -> Option<u32> {
        self.framing.decoder_start()
    }

    /// The ids of a text, told.
    pub(super) fn encode(
        &self,
        tokenizer: &Tokenizer,
        text: &str,
    ) -> Result<Vec<u32>, GenerateError> {
        Ok(tokenizer.encode(&self.tell(text), &self.framing)?)
    }

    /// Tokens that are added to a text's own.
    pub(super) fn tokens(&self, tokenizer: &Tokenizer) -> usize {
        let around = match self.prompt {
            // Where a text meets the prompt, a word may be cut otherwise than alone.
            Some(_) => tokenizer.count(&self.tell("")) + 2,
            None => 0,
        };
        around + self.framing.special_tokens()
    }

    fn tell(&self, text: &str) -> String {
        match &self.prompt {
            Some(prompt) => prompt.fill(&Fill {
                text,
                max_words: self.max_words,
                source_language: &self.source_language,
                target_language: &self.target_language,
            }),
            None => text.to_owned(),
        }
    }
}

/// Refuses a model that its manifest does not know to do any of the tasks, and says which can.
pub fn check_tasks(tasks: &[Task], manifest: Option<&Manifest>) -> Result<(), GenerateError> {
    let Some(manifest) = manifest else {
        return Ok(());
    };
    if tasks.iter().any(|task| manifest.tasks.contains(task)) {
        return Ok(());
    }
    let verbs = |tasks: &[Task]| tasks.iter().map(|t| t.verb()).collect::<Vec<_>>();
    Err(GenerateError::Unable {
        model: manifest.name.clone(),
        wanted: verbs(tasks).join(" or "),
        can: verbs(&manifest.tasks).join(", "),
        able: able_to(tasks),
    })
}

/// Refuses a prompt for a model that its manifest knows to be told nothing in words.
pub fn check_prompt(manifest: Option<&Manifest>) -> Result<(), GenerateError> {
    match manifest.filter(|m| !takes_prompt(m.family, Some(m))) {
        Some(manifest) => Err(needless_prompt(&manifest.name)),
        None => Ok(()),
    }
}

/// Whether a model can be told anything: an mT5 that nobody knows may have been fine-tuned to be.
fn takes_prompt(family: Family, manifest: Option<&Manifest>) -> bool {
    instructed(family) || family == Family::Mt5 && manifest.is_none()
}

fn needless_prompt(model: &str) -> GenerateError {
    let told = manifests().iter().filter(|m| instructed(m.family));
    let told: Vec<&str> = told.map(|m| m.name.as_str()).collect();
    GenerateError::NeedlessPrompt {
        model: model.to_owned(),
        told: told.join(", "),
    }
}

/// Whether models of a family are told in words what to do.
fn instructed(family: Family) -> bool {
    matches!(
        family,
        Family::T5 | Family::Flan | Family::Mt0 | Family::Madlad
    )
}

/// What family a folder's files say a model is of.
fn family(folder: &Path, tokenizer: &Tokenizer) -> Result<Option<Family>, GenerateError> {
    if marian::Files::of(folder).is_some() {
        return Ok(Some(Family::Marian));
    }
    let config = nn::read_json(&folder.join("config.json"))?;
    let text = |name: &str| config.get(name).and_then(Value::as_str).unwrap_or_default();
    Ok(Some(match text("model_type") {
        "marian" => Family::Marian,
        "bart" => Family::Bart,
        "mbart" => Family::Mbart,
        "pegasus" => Family::Pegasus,
        "m2m_100" if tokenizer.language_id("zho_Hans").is_some() => Family::Nllb,
        "m2m_100" => Family::M2m100,
        "t5" if tokenizer.token_id("<2en>").is_some() => Family::Madlad,
        "t5" if text("feed_forward_proj").starts_with("gated") => Family::Flan,
        "t5" => Family::T5,
        // mT5 learns a task only when it is fine-tuned for it, and then needs no telling.
        "mt5" | "umt5" => Family::Mt5,
        _ => return Ok(None),
    }))
}
