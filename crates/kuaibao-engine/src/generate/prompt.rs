//! Prompt templates: how a text is put to a model that is told in words what to do.
//!
//! Comes in: a template, from `prompts/` or a file of the user's, and the text. Goes out: what the
//! model reads. A template is plain text with the slots `{text}`, `{max_words}`,
//! `{source_language}` and `{target_language}`; `{{` and `}}` stand for braces; line ends at its end
//! do not count. Never looks into the text: slots in an article stay as they are.

use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::hub::{Family, Task, sha256_hex};

/// The templates in `prompts/`.
const BUILTIN: [(&str, &str); 8] = [
    (
        "crosslingual.mt0.txt",
        include_str!("../../../../prompts/crosslingual.mt0.txt"),
    ),
    (
        "summarize.flan.txt",
        include_str!("../../../../prompts/summarize.flan.txt"),
    ),
    (
        "summarize.mt0.txt",
        include_str!("../../../../prompts/summarize.mt0.txt"),
    ),
    (
        "summarize.t5.txt",
        include_str!("../../../../prompts/summarize.t5.txt"),
    ),
    (
        "translate.flan.txt",
        include_str!("../../../../prompts/translate.flan.txt"),
    ),
    (
        "translate.madlad.txt",
        include_str!("../../../../prompts/translate.madlad.txt"),
    ),
    (
        "translate.mt0.txt",
        include_str!("../../../../prompts/translate.mt0.txt"),
    ),
    (
        "translate.t5.txt",
        include_str!("../../../../prompts/translate.t5.txt"),
    ),
];

/// A template, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Prompt {
    pieces: Vec<Piece>,
    hash: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    Text(String),
    Slot(Slot),
}

/// A place in a template that is filled for each text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// The text itself.
    Text,
    /// How many words the answer may have.
    MaxWords,
    /// The language of the text, as the model names it.
    SourceLanguage,
    /// The language of the answer, as the model names it.
    TargetLanguage,
}

impl Slot {
    const ALL: [Self; 4] = [
        Self::Text,
        Self::MaxWords,
        Self::SourceLanguage,
        Self::TargetLanguage,
    ];

    /// The name between the braces.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::MaxWords => "max_words",
            Self::SourceLanguage => "source_language",
            Self::TargetLanguage => "target_language",
        }
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{}}}", self.as_str())
    }
}

/// What fills the slots.
#[derive(Clone, Copy, Debug)]
pub struct Fill<'a> {
    /// The text.
    pub text: &'a str,
    /// How many words the answer may have.
    pub max_words: usize,
    /// The language of the text: `Chinese`, or the code that the model knows.
    pub source_language: &'a str,
    /// The language of the answer: `English`, or the code that the model knows.
    pub target_language: &'a str,
}

/// Why a template cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// A slot that does not exist.
    #[error(
        "{name}, line {line}: there is no slot {{{slot}}}; there are {{text}}, {{max_words}}, \
         {{source_language}}, {{target_language}}, and {{{{ for a brace"
    )]
    UnknownSlot {
        /// The template.
        name: String,
        /// Where.
        line: usize,
        /// What stands between the braces.
        slot: String,
    },
    /// A brace without its partner.
    #[error(
        "{name}, line {line}: a {brace:?} without its partner; write it twice for the character itself"
    )]
    LoneBrace {
        /// The template.
        name: String,
        /// Where.
        line: usize,
        /// Which.
        brace: char,
    },
    /// The text has no place, or several.
    #[error("{name}: {{text}} must stand in it once, it stands in it {count} times")]
    TextCount {
        /// The template.
        name: String,
        /// How often it does.
        count: usize,
    },
    /// The file cannot be read.
    #[error("{}: cannot read the prompt: {source}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

impl Prompt {
    /// Takes a template apart; `name` is for messages.
    pub fn parse(name: &str, template: &str) -> Result<Self, PromptError> {
        let template = template.trim_end_matches(['\n', '\r']);
        let mut pieces = Vec::new();
        let mut text = String::new();
        let mut rest = template;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            text.push_str(before);
            let read = template.len() - from.len();
            let line = || 1 + template[..read].matches('\n').count();
            let single = |brace| PromptError::LoneBrace {
                name: name.to_owned(),
                line: line(),
                brace,
            };
            rest = if let Some(rest) = from.strip_prefix("{{") {
                text.push('{');
                rest
            } else if let Some(rest) = from.strip_prefix("}}") {
                text.push('}');
                rest
            } else if from.starts_with('}') {
                return Err(single('}'));
            } else {
                let (inner, rest) = from[1..].split_once('}').ok_or_else(|| single('{'))?;
                let slot = Slot::ALL.into_iter().find(|slot| slot.as_str() == inner);
                let Some(slot) = slot else {
                    return Err(PromptError::UnknownSlot {
                        name: name.to_owned(),
                        line: line(),
                        slot: inner.to_owned(),
                    });
                };
                if !text.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut text)));
                }
                pieces.push(Piece::Slot(slot));
                rest
            };
        }
        text.push_str(rest);
        if !text.is_empty() {
            pieces.push(Piece::Text(text));
        }
        let is_text = |piece: &&Piece| **piece == Piece::Slot(Slot::Text);
        let count = pieces.iter().filter(is_text).count();
        if count != 1 {
            return Err(PromptError::TextCount {
                name: name.to_owned(),
                count,
            });
        }
        Ok(Self {
            pieces,
            hash: sha256_hex(template.as_bytes()),
        })
    }

    /// Reads a template from a file.
    pub fn read(path: &Path) -> Result<Self, PromptError> {
        let template = fs::read_to_string(path).map_err(|source| PromptError::Read {
            path: path.to_owned(),
            source,
        })?;
        Self::parse(&path.display().to_string(), &template)
    }

    /// A template that comes with the program, by its file's name.
    pub fn builtin(name: &str) -> Option<Self> {
        let (name, template) = BUILTIN.iter().find(|(builtin, _)| *builtin == name)?;
        Self::parse(name, template).ok()
    }

    /// The template that comes with the program for a task and a family: `summarize.flan.txt`.
    pub fn of(task: Task, family: Family) -> Option<Self> {
        Self::builtin(&format!("{task}.{family}.txt"))
    }

    /// The template with its slots filled.
    pub fn fill(&self, fill: &Fill) -> String {
        let mut filled = String::with_capacity(fill.text.len() + 200);
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Slot(Slot::Text) => filled.push_str(fill.text),
                Piece::Slot(Slot::MaxWords) => filled.push_str(&fill.max_words.to_string()),
                Piece::Slot(Slot::SourceLanguage) => filled.push_str(fill.source_language),
                Piece::Slot(Slot::TargetLanguage) => filled.push_str(fill.target_language),
            }
        }
        filled
    }

    /// Whether the template has this slot.
    pub fn has(&self, slot: Slot) -> bool {
        self.pieces.contains(&Piece::Slot(slot))
    }

    /// SHA-256 of the template, in hexadecimal: part of a brief's signature.
    pub fn hash(&self) -> &str {
        &self.hash
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::hub::manifests;

    const FILL: Fill = Fill {
        text: "海州港{max_words}昨日开港。",
        max_words: 60,
        source_language: "Chinese",
        target_language: "English",
    };

    fn error(template: &str) -> String {
        Prompt::parse("p.txt", template).unwrap_err().to_string()
    }

    #[test]
    fn slots_are_filled_and_a_text_is_not_looked_into() {
        let prompt = Prompt::parse(
            "p",
            "Put {{this}} into {target_language}: {text}\nWords: {max_words}\n",
        )
        .unwrap();
        assert_eq!(
            prompt.fill(&FILL),
            "Put {this} into English: 海州港{max_words}昨日开港。\nWords: 60"
        );
        assert!(prompt.has(Slot::MaxWords) && !prompt.has(Slot::SourceLanguage));
        let bare = Prompt::parse("p", "{text}").unwrap();
        assert_eq!(bare.fill(&FILL), FILL.text);
    }

    #[test]
    fn a_template_with_a_slip_is_refused() {
        let message = error("a\n{text}\n{maxwords}");
        assert!(
            message.contains("p.txt, line 3") && message.contains("{maxwords}"),
            "{message}"
        );
        assert!(
            message.contains("{max_words}") && message.contains("{{"),
            "{message}"
        );
        assert!(error("{text} {").contains("without its partner"));
        assert!(error("{text} }").contains("without its partner"));
        assert!(error("{}{text}").contains("no slot {}"));
        assert!(error("{ text }").contains("no slot { text }"));
        assert!(error("").contains("0 times"));
        assert!(error("{text}{text}").contains("2 times"));
        assert!(
            Prompt::read(Path::new("no/such.txt"))
                .unwrap_err()
                .to_string()
                .contains("no/such.txt")
        );
    }

    #[test]
    fn the_hash_is_of_what_the_model_sees() {
        let hash = |template| Prompt::parse("p", template).unwrap().hash().to_owned();
        assert_eq!(hash("a {text}"), hash("a {text}\n"));
        assert_eq!(hash("a {text}"), sha256_hex(b"a {text}"));
        assert_ne!(hash("a {text}"), hash("b {text}"));
    }

    #[test]
    fn every_template_in_the_folder_is_compiled_in_and_parses() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../prompts");
        let on_disk: BTreeSet<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .filter(|name| !name.starts_with('.'))
            .collect();
        let compiled: BTreeSet<String> =
            BUILTIN.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(on_disk, compiled);
        for (name, template) in BUILTIN {
            Prompt::parse(name, template).unwrap_or_else(|error| panic!("{error}"));
        }
    }

    #[test]
    fn every_prompt_that_a_manifest_names_is_there() {
        for manifest in manifests() {
            for (task, name) in &manifest.prompts {
                let prompt = Prompt::builtin(name);
                assert!(prompt.is_some(), "{}: {name}", manifest.name);
                assert_eq!(
                    prompt,
                    Prompt::of(*task, manifest.family),
                    "{}",
                    manifest.name
                );
            }
        }
        let madlad = Prompt::of(Task::Translate, Family::Madlad).unwrap();
        let fill = Fill {
            text: "你好。",
            target_language: manifests()
                .iter()
                .find(|m| m.name == "madlad400-3b")
                .unwrap()
                .target_lang
                .as_deref()
                .unwrap(),
            ..FILL
        };
        assert_eq!(madlad.fill(&fill), "<2en> 你好。");
    }
}
