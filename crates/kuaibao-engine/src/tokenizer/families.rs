//! How each family of models numbers its pieces and frames its texts.

use std::collections::HashMap;
use std::path::Path;

use tokenizers::decoders::byte_level::ByteLevel;
use tokenizers::models::bpe::BPE;

use super::sentencepiece::SentencePiece;
use super::settings::{Settings, read, read_json};
use super::subwords::Subwords;
use super::word_pieces::{Habits, WordPieces};
use super::{Backend, Cleanup, Special, Template, Tokenizer, TokenizerError};
use crate::marian;

/// Picks the family by the files in the folder; `model_type` decides where two families share one.
pub(super) fn from_dir(dir: &Path, settings: &Settings) -> Result<Tokenizer, TokenizerError> {
    if let Some(files) = marian::Files::of(dir) {
        return marian_native(dir, &files);
    }
    let has = |name: &str| dir.join(name).is_file();
    if has("source.spm") || has("target.spm") {
        return opus_mt(dir, settings);
    }
    if has("tokenizer.json") {
        return library(dir, settings);
    }
    let kind = settings.model.model_type.as_str();
    let piece_file = [
        "sentencepiece.bpe.model",
        "spiece.model",
        "sentencepiece.model",
    ]
    .into_iter()
    .find(|name| has(name));
    if let Some(name) = piece_file {
        let path = dir.join(name);
        let pieces = sentencepiece(&path)?;
        return match kind {
            "t5" | "mt5" | "umt5" | "switch_transformers" => t5(&path, pieces, settings),
            "pegasus" => pegasus(&path, pieces, settings),
            "mbart" => mbart(&path, pieces, settings),
            "m2m_100" if has("vocab.json") => m2m100(&dir.join("vocab.json"), pieces, settings),
            "m2m_100" => nllb(&path, pieces, settings),
            _ => Err(TokenizerError::Invalid {
                path: dir.join("config.json"),
                problem: format!(
                    "model_type is {kind:?}; known with {name} are t5, mt5, pegasus, mbart, m2m_100"
                ),
            }),
        };
    }
    if has("vocab.json") && has("merges.txt") {
        return byte_level(dir, settings);
    }
    if has("vocab.txt") {
        return match kind {
            "bart" | "pegasus" => word_pieces(&dir.join("vocab.txt"), settings),
            _ => Err(TokenizerError::Invalid {
                path: dir.join("config.json"),
                problem: format!("model_type is {kind:?}; known with vocab.txt are bart, pegasus"),
            }),
        };
    }
    Err(TokenizerError::Missing {
        dir: dir.to_owned(),
    })
}

/// Marian: two sentencepiece files, one vocabulary, `>>language<<` tokens where there are several
/// targets.
fn opus_mt(dir: &Path, settings: &Settings) -> Result<Tokenizer, TokenizerError> {
    let path = dir.join("vocab.json");
    if settings.flag("separate_vocabs") {
        return Err(TokenizerError::Invalid {
            path: dir.join("tokenizer_config.json"),
            problem: "separate_vocabs: a vocabulary for each language is not supported".to_owned(),
        });
    }
    let vocabulary = vocabulary(&path)?;
    let source = sentencepiece(&dir.join("source.spm"))?;
    let target = sentencepiece(&dir.join("target.spm"))?;
    let special = special(&path, settings, |token| vocabulary.get(token).copied())?;
    let languages = language_tokens(&vocabulary);
    let subwords = Subwords::listed(
        source,
        Some(target),
        vocabulary,
        special.unknown_or_end(),
        &special.silent(),
        &languages,
    );
    Ok(Tokenizer {
        english_of_both: false,
        vocab_size: subwords.len(),
        backend: Backend::Subwords(Box::new(subwords)),
        special,
        template: Template::TargetFirst,
        languages,
        cleanup: Cleanup {
            unescape: true,
            punctuation: settings.flag("clean_up_tokenization_spaces"),
        },
    })
}

/// Marian without `transformers`: the ids are those of the SentencePiece files, one for both languages
/// or one each, or of a list of pieces; `</s>` behind every text, and nothing before it.
fn marian_native(dir: &Path, files: &marian::Files) -> Result<Tokenizer, TokenizerError> {
    let missing = || TokenizerError::Missing {
        dir: dir.to_owned(),
    };
    let path = dir.join(files.source_pieces.as_ref().ok_or_else(missing)?);
    let source = sentencepiece(&path)?;
    let target = match &files.target_pieces {
        Some(name) => Some(sentencepiece(&dir.join(name))?),
        None => None,
    };
    let listed = match &files.vocabulary {
        Some(name) => Some((dir.join(name), marian_vocabulary(&dir.join(name))?)),
        None => None,
    };
    let id = |token: &str| match (&listed, &target) {
        (Some((_, vocabulary)), _) => vocabulary.get(token).copied(),
        // What is output ends with the target's.
        (None, Some(target)) => target.id(token),
        (None, None) => source.id(token),
    };
    let needed = |token: &str| {
        id(token).ok_or_else(|| TokenizerError::Invalid {
            path: path.clone(),
            problem: format!("{token} is not in the vocabulary"),
        })
    };
    let end = needed("</s>")?;
    let special = Special {
        begin: None,
        end,
        pad: end,
        unknown: Some(needed("<unk>")?),
    };
    let own = |token: &str| source.id(token) == id(token);
    if listed.is_none() && !(own("</s>") && own("<unk>")) {
        return Err(TokenizerError::Invalid {
            path,
            problem: "source and target number </s> or <unk> differently".to_owned(),
        });
    }
    let joint = target.is_none();
    let mut languages = HashMap::new();
    let subwords = match listed {
        Some((_, vocabulary)) => {
            languages = language_tokens(&vocabulary);
            Subwords::listed(
                source,
                target,
                vocabulary,
                special.unknown_or_end(),
                &special.silent(),
                &languages,
            )
        }
        None => Subwords::own(source, target, special.unknown_or_end(), &special.silent()),
    };
    let suffix = vec![end];
    Ok(Tokenizer {
        english_of_both: joint && files.writes_english(),
        vocab_size: subwords.len(),
        backend: Backend::Subwords(Box::new(subwords)),
        special,
        template: match languages.is_empty() {
            true => Template::Fixed {
                prefix: vec![],
                suffix,
            },
            false => Template::TargetFirst,
        },
        languages,
        cleanup: Cleanup {
            unescape: true,
            punctuation: false,
        },
    })
}

/// `>>code<<` tokens, where there are several target languages.
fn language_tokens(vocabulary: &HashMap<String, u32>) -> HashMap<String, u32> {
    let language = |(piece, &id): (&String, &u32)| {
        let code = piece.strip_prefix(">>")?.strip_suffix("<<")?;
        Some((code.to_owned(), id))
    };
    vocabulary.iter().filter_map(language).collect()
}

/// Reads Marian's YAML: a piece, quoted where it must be, and its id, a line each.
fn marian_vocabulary(path: &Path) -> Result<HashMap<String, u32>, TokenizerError> {
    let invalid = |problem: String| TokenizerError::Invalid {
        path: path.to_owned(),
        problem,
    };
    let bytes = read(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| invalid(error.to_string()))?;
    let mut vocabulary = HashMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        let entry = line.rsplit_once(':').and_then(|(piece, id)| {
            let id: u32 = id.trim().parse().ok()?;
            Some((unquoted(piece.trim())?, id))
        });
        let (piece, id) =
            entry.ok_or_else(|| invalid(format!("line {number} is no piece with its id")))?;
        if vocabulary.insert(piece, id).is_some() {
            return Err(invalid(format!(
                "line {number} has a piece for the second time"
            )));
        }
    }
    checked_ids(path, vocabulary)
}

/// A YAML scalar: plain, in single quotes, or in double quotes, which are JSON's but for `\x` and `\U`.
fn unquoted(scalar: &str) -> Option<String> {
    if let Some(inner) = scalar.strip_prefix('\'') {
        return Some(inner.strip_suffix('\'')?.replace("''", "'"));
    }
    if !scalar.starts_with('"') {
        return Some(scalar.to_owned());
    }
    let inner = scalar.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    let mut characters = inner.chars();
    while let Some(c) = characters.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        let escape = characters.next()?;
        let digits = match escape {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        text.push(match escape {
            _ if digits > 0 => {
                let code: String = characters.by_ref().take(digits).collect();
                char::from_u32(u32::from_str_radix(&code, 16).ok()?)?
            }
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            '0' => '\0',
            '_' => '\u{a0}',
            'N' => '\u{85}',
            'L' => '\u{2028}',
            'P' => '\u{2029}',
            other => other,
        });
    }
    Some(text)
}

/// T5: the ids of the file, then a hundred sentinels.
fn t5(
    path: &Path,
    pieces: SentencePiece,
    settings: &Settings,
) -> Result<Tokenizer, TokenizerError> {
    let special = special(path, settings, |token| pieces.id(token))?;
    let sentinels = settings.number("extra_ids").unwrap_or(100);
    let ids = (0..pieces.len() as u32).collect();
    let languages = decoder_languages(path, settings, |token| pieces.id(token))?;
    let mut tokenizer = numbered(pieces, ids, special, settings);
    tokenizer.template = t5_template(&languages, special.end);
    tokenizer.languages = languages;
    tokenizer.vocab_size += sentinels as usize;
    Ok(tokenizer)
}

fn t5_template(languages: &HashMap<String, u32>, end: u32) -> Template {
    match languages.is_empty() {
        true => Template::Fixed {
            prefix: vec![],
            suffix: vec![end],
        },
        false => Template::TargetBegins,
    }
}

/// The tokens of the languages that a decoder begins with, where a model has such.
fn decoder_languages(
    path: &Path,
    settings: &Settings,
    id: impl Fn(&str) -> Option<u32>,
) -> Result<HashMap<String, u32>, TokenizerError> {
    let numbered = |(name, token): (&str, &str)| {
        let id = id(token).ok_or_else(|| TokenizerError::Invalid {
            path: path.to_owned(),
            problem: format!("{token:?}, the token of {name}, is not in the vocabulary"),
        })?;
        Ok((name.to_owned(), id))
    };
    let languages = settings.model.decoder_languages().into_iter();
    languages.map(numbered).collect()
}

/// BERT's word pieces: `[CLS] text [SEP]` for BART. Pegasus ends a text with the vocabulary's second
/// entry, as its own tokenizer has it, and begins it with nothing.
fn word_pieces(path: &Path, settings: &Settings) -> Result<Tokenizer, TokenizerError> {
    let invalid = |problem: String| TokenizerError::Invalid {
        path: path.to_owned(),
        problem,
    };
    let bytes = read(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| invalid(error.to_string()))?;
    let vocabulary: Vec<String> = text.lines().map(str::to_owned).collect();
    let id = |token: &str| {
        let found = vocabulary.iter().rposition(|piece| piece == token);
        found.map(|id| id as u32)
    };
    let needed = |token: &str| {
        id(token).ok_or_else(|| invalid(format!("{token:?} is not in the vocabulary")))
    };
    let pegasus = settings.model.model_type == "pegasus";
    let unknown = settings.token("unk_token", "[UNK]");
    let unknown = if pegasus { "[UNK]" } else { unknown };
    let (special, silent, template) = if pegasus {
        let special = Special {
            begin: None,
            end: needed("[unused1]")?,
            pad: needed("[PAD]")?,
            unknown: Some(needed(unknown)?),
        };
        // The masks, and two tokens that no text has.
        let masks = ["[unused2]", "[unused3]", "[CLS]", "[SEP]"]
            .into_iter()
            .filter_map(id);
        let silent = special.silent().into_iter().chain(masks).collect();
        let suffix = vec![special.end];
        let prefix = vec![];
        (special, silent, Template::Fixed { prefix, suffix })
    } else {
        let begin = needed(settings.token("cls_token", "[CLS]"))?;
        let special = Special {
            begin: Some(begin),
            end: needed(settings.token("sep_token", "[SEP]"))?,
            pad: needed(settings.token("pad_token", "[PAD]"))?,
            unknown: Some(needed(unknown)?),
        };
        let mask = id(settings.token("mask_token", "[MASK]"));
        let silent = special.silent().into_iter().chain(mask).collect::<Vec<_>>();
        let suffix = vec![special.end];
        let prefix = vec![begin];
        (special, silent, Template::Fixed { prefix, suffix })
    };
    let habits = Habits {
        lowercase: settings.said("do_lower_case").unwrap_or(true),
        strip_accents: settings.said("strip_accents"),
        chinese_characters: settings.said("tokenize_chinese_chars").unwrap_or(true),
        words: pegasus,
    };
    let pieces = WordPieces::new(&vocabulary, unknown, &silent, habits).map_err(invalid)?;
    Ok(Tokenizer {
        english_of_both: false,
        vocab_size: pieces.len(),
        backend: Backend::WordPieces(Box::new(pieces)),
        special,
        template,
        languages: HashMap::new(),
        cleanup: Cleanup::default(),
    })
}

/// Pegasus: `<pad>` and `</s>` of the file, then 103 tokens that only its training used, then the
/// rest of the file.
fn pegasus(
    path: &Path,
    pieces: SentencePiece,
    settings: &Settings,
) -> Result<Tokenizer, TokenizerError> {
    let offset = settings.number("offset").unwrap_or(103);
    let number = |id: u32| if id < 2 { id } else { id + offset };
    let special = special(path, settings, |token| pieces.id(token).map(number))?;
    let ids = (0..pieces.len() as u32).map(number).collect();
    let suffix = vec![special.end];
    let mut tokenizer = numbered(pieces, ids, special, settings);
    tokenizer.template = Template::Fixed {
        prefix: vec![],
        suffix,
    };
    Ok(tokenizer)
}

/// mBART with its 25 languages, mBART-50 with its 52: told apart by the size of the vocabulary.
fn mbart(
    path: &Path,
    pieces: SentencePiece,
    settings: &Settings,
) -> Result<Tokenizer, TokenizerError> {
    let lists = [
        (include_str!("languages/mbart.txt"), Template::SourceLast),
        (include_str!("languages/mbart50.txt"), Template::SourceFirst),
    ];
    let vocab_size = settings.model.vocab_size;
    // The file's pieces moved up by one, the languages, `<mask>`.
    let fits = |list: &str| vocab_size == Some(pieces.len() + 1 + list.lines().count() + 1);
    let Some((list, template)) = lists.into_iter().find(|(list, _)| fits(list)) else {
        return Err(TokenizerError::Invalid {
            path: path.to_owned(),
            problem: format!(
                "{} pieces and a vocabulary of {vocab_size:?} fit neither mBART nor mBART-50",
                pieces.len()
            ),
        });
    };
    fairseq(path, pieces, list, template, settings)
}

/// NLLB: 202 languages.
fn nllb(
    path: &Path,
    pieces: SentencePiece,
    settings: &Settings,
) -> Result<Tokenizer, TokenizerError> {
    let template = nllb_template(settings);
    fairseq(
        path,
        pieces,
        include_str!("languages/nllb.txt"),
        template,
        settings,
    )
}

fn nllb_template(settings: &Settings) -> Template {
    if settings.flag("legacy_behaviour") {
        Template::SourceLast
    } else {
        Template::SourceFirst
    }
}

/// The numbering of fairseq's multilingual models: `<s> <pad> </s> <unk>`, the file's pieces from
/// its fourth on, the languages, `<mask>`.
fn fairseq(
    path: &Path,
    pieces: SentencePiece,
    languages: &str,
    template: Template,
    settings: &Settings,
) -> Result<Tokenizer, TokenizerError> {
    let special = Special {
        begin: Some(0),
        end: 2,
        pad: 1,
        unknown: Some(3),
    };
    // The file begins `<unk> <s> </s>`.
    if ["<unk>", "<s>", "</s>"].map(|token| pieces.id(token)) != [Some(0), Some(1), Some(2)] {
        return Err(TokenizerError::Invalid {
            path: path.to_owned(),
            problem: "it does not begin with <unk>, <s>, </s>".to_owned(),
        });
    }
    let number = |id: u32| [3, 0, 2].get(id as usize).copied().unwrap_or(id + 1);
    let first_language = pieces.len() as u32 + 1;
    let ids = (0..pieces.len() as u32).map(number).collect();
    let mut tokenizer = numbered(pieces, ids, special, settings);
    tokenizer.template = template;
    tokenizer.languages = languages
        .lines()
        .map(str::to_owned)
        .zip(first_language..)
        .collect();
    tokenizer.vocab_size += tokenizer.languages.len() + 1;
    Ok(tokenizer)
}

/// M2M100: the vocabulary's own numbers, then the languages, then eight ids nobody uses.
fn m2m100(
    path: &Path,
    pieces: SentencePiece,
    settings: &Settings,
) -> Result<Tokenizer, TokenizerError> {
    let vocabulary = vocabulary(path)?;
    let special = special(path, settings, |token| vocabulary.get(token).copied())?;
    let list = match settings.text("language_codes") {
        Some("wmt21") => include_str!("languages/wmt21.txt"),
        _ => include_str!("languages/m2m100.txt"),
    };
    let languages: HashMap<String, u32> = list
        .lines()
        .map(str::to_owned)
        .zip(vocabulary.len() as u32..)
        .collect();
    let subwords = Subwords::listed(
        pieces,
        None,
        vocabulary,
        special.unknown_or_end(),
        &special.silent(),
        &languages,
    );
    Ok(Tokenizer {
        english_of_both: false,
        vocab_size: subwords.len() + languages.len(),
        backend: Backend::Subwords(Box::new(subwords)),
        special,
        template: m2m100_template(settings),
        languages,
        cleanup: Cleanup {
            unescape: false,
            punctuation: settings.flag("clean_up_tokenization_spaces"),
        },
    })
}

fn m2m100_template(settings: &Settings) -> Template {
    match settings.is_small100() {
        true => Template::TargetBeforeSource,
        false => Template::SourceFirst,
    }
}

/// BART: byte-level BPE, `<s> text </s>`.
fn byte_level(dir: &Path, settings: &Settings) -> Result<Tokenizer, TokenizerError> {
    let path = dir.join("vocab.json");
    let vocabulary = vocabulary(&path)?;
    let special = special(&path, settings, |token| vocabulary.get(token).copied())?;
    let vocab_size = vocabulary.len();
    let merges = dir.join("merges.txt");
    let model = BPE::from_file(&path.to_string_lossy(), &merges.to_string_lossy())
        .build()
        .map_err(|error| TokenizerError::Invalid {
            path: merges,
            problem: error.to_string(),
        })?;
    let mut library = tokenizers::Tokenizer::new(model);
    library.with_pre_tokenizer(Some(ByteLevel::new(
        settings.flag("add_prefix_space"),
        true,
        true,
    )));
    library.with_decoder(Some(ByteLevel::default()));
    Ok(Tokenizer {
        english_of_both: false,
        backend: Backend::Library(Box::new(library)),
        template: Template::Fixed {
            prefix: special.begin.into_iter().collect(),
            suffix: vec![special.end],
        },
        special,
        languages: HashMap::new(),
        cleanup: Cleanup::default(),
        vocab_size,
    })
}

/// Whatever `tokenizer.json` describes.
fn library(dir: &Path, settings: &Settings) -> Result<Tokenizer, TokenizerError> {
    let path = dir.join("tokenizer.json");
    let invalid = |problem: String| TokenizerError::Invalid {
        path: path.clone(),
        problem,
    };
    let bytes = read(&path)?;
    let mut library =
        tokenizers::Tokenizer::from_bytes(bytes).map_err(|error| invalid(error.to_string()))?;
    // Neither is ours to do: a segment fits its model, and a batch pads itself.
    library
        .with_truncation(None)
        .map_err(|error| invalid(error.to_string()))?;
    library.with_padding(None);

    let special = special(&path, settings, |token| library.token_to_id(token))?;
    let code_tokens = |list: &str, token: &dyn Fn(&str) -> String| -> HashMap<String, u32> {
        let id = |code: &str| Some((code.to_owned(), library.token_to_id(&token(code))?));
        list.lines().filter_map(id).collect()
    };
    let plain = |code: &str| code.to_owned();
    let mbart50 = code_tokens(include_str!("languages/mbart50.txt"), &plain);
    let nllb = code_tokens(include_str!("languages/nllb.txt"), &plain);
    let m2m100 = code_tokens(include_str!("languages/m2m100.txt"), &|code| {
        format!("__{code}__")
    });
    let (template, languages) = match settings.model.model_type.as_str() {
        "mbart" if mbart50.len() == 25 => (Template::SourceLast, mbart50),
        "mbart" => (Template::SourceFirst, mbart50),
        "m2m_100" if !nllb.is_empty() => (nllb_template(settings), nllb),
        "m2m_100" => (m2m100_template(settings), m2m100),
        "t5" | "mt5" | "umt5" if !settings.model.decoder_languages().is_empty() => {
            let languages = decoder_languages(&path, settings, |token| library.token_to_id(token))?;
            (Template::TargetBegins, languages)
        }
        _ => (own_template(&library).map_err(invalid)?, HashMap::new()),
    };
    Ok(Tokenizer {
        english_of_both: false,
        vocab_size: library.get_vocab_size(true),
        backend: Backend::Library(Box::new(library)),
        special,
        template,
        languages,
        cleanup: Cleanup::default(),
    })
}

/// The special tokens that `tokenizer.json` itself puts around a text.
fn own_template(library: &tokenizers::Tokenizer) -> Result<Template, String> {
    let ids = |special: bool| -> Result<Vec<u32>, String> {
        let encoding = library
            .encode("a", special)
            .map_err(|error| error.to_string())?;
        Ok(encoding.get_ids().to_vec())
    };
    let (bare, framed) = (ids(false)?, ids(true)?);
    let start = (0..=framed.len().saturating_sub(bare.len()))
        .find(|&start| framed[start..].starts_with(&bare))
        .ok_or("its post-processor does more than frame a text")?;
    Ok(Template::Fixed {
        prefix: framed[..start].to_vec(),
        suffix: framed[start + bare.len()..].to_vec(),
    })
}

/// A tokenizer over one sentencepiece file with the given numbering; the caller sets the template.
fn numbered(
    pieces: SentencePiece,
    ids: Vec<u32>,
    special: Special,
    settings: &Settings,
) -> Tokenizer {
    let subwords = Subwords::numbered(pieces, ids, special.unknown_or_end(), &special.silent());
    Tokenizer {
        english_of_both: false,
        vocab_size: subwords.len(),
        backend: Backend::Subwords(Box::new(subwords)),
        special,
        template: Template::TargetFirst,
        languages: HashMap::new(),
        cleanup: Cleanup {
            unescape: false,
            punctuation: settings.flag("clean_up_tokenization_spaces"),
        },
    }
}

impl Special {
    fn unknown_or_end(&self) -> u32 {
        self.unknown.unwrap_or(self.end)
    }

    /// The tokens that decode to nothing.
    fn silent(&self) -> Vec<u32> {
        [self.begin, Some(self.end), Some(self.pad), self.unknown]
            .into_iter()
            .flatten()
            .collect()
    }
}

/// The special tokens of a vocabulary; it must at least be able to end and to pad.
fn special(
    path: &Path,
    settings: &Settings,
    id: impl Fn(&str) -> Option<u32>,
) -> Result<Special, TokenizerError> {
    let needed = |role: &str, usual: &str| {
        let token = settings.token(role, usual);
        id(token).ok_or_else(|| TokenizerError::Invalid {
            path: path.to_owned(),
            problem: format!("its {role} {token:?} is not in the vocabulary"),
        })
    };
    Ok(Special {
        begin: id(settings.token("bos_token", "<s>")),
        end: needed("eos_token", "</s>")?,
        pad: needed("pad_token", "<pad>")?,
        unknown: id(settings.token("unk_token", "<unk>")),
    })
}

/// Reads `vocab.json`: piece → id, the ids being 0 to the number of pieces.
fn vocabulary(path: &Path) -> Result<HashMap<String, u32>, TokenizerError> {
    checked_ids(path, read_json(path)?)
}

/// A vocabulary whose ids are 0 to the number of its pieces.
fn checked_ids(
    path: &Path,
    vocabulary: HashMap<String, u32>,
) -> Result<HashMap<String, u32>, TokenizerError> {
    match vocabulary
        .iter()
        .find(|&(_, &id)| id as usize >= vocabulary.len())
    {
        Some((piece, id)) => Err(TokenizerError::Invalid {
            path: path.to_owned(),
            problem: format!(
                "piece {piece:?} has id {id}, yet there are {} pieces",
                vocabulary.len()
            ),
        }),
        None => Ok(vocabulary),
    }
}

fn sentencepiece(path: &Path) -> Result<SentencePiece, TokenizerError> {
    SentencePiece::parse(&read(path)?).map_err(|problem| TokenizerError::Invalid {
        path: path.to_owned(),
        problem: format!("not a sentencepiece model that can be used: {problem}"),
    })
}
