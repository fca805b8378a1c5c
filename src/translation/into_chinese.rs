//! English to Chinese, with models that do it: sentence by sentence, held to its figures and to the terms
//! of the house.

use super::{BEAMS_WITH_WORDS, SENTENCE_TOKENS, hypotheses};
use crate::engine::Engine;
use kuaibao_engine::generate::{GenerateError, SearchConfig};
use kuaibao_text::{
    checks::{TurnedCheck, check_into_chinese},
    figures::Clock,
    glossary::Glossary,
    text::english_sentences,
};

/// A text in Chinese.
#[derive(Clone, Debug, PartialEq)]
pub struct IntoChinese {
    /// The Chinese.
    pub zh: String,
    /// Mean log-probability a token.
    pub score: f32,
    /// Whether the Chinese of a sentence came to no end and was broken off.
    pub broken_off: bool,
    /// What the checks found, where they were asked.
    pub check: Option<TurnedCheck>,
}

/// Translates English texts, each into one Chinese text, in input order. With `whole` a text goes to the
/// model as long as the model takes it, else a sentence at a time. What the `glossary` of the house wants
/// is asked for a second time where it is not there, and taken if nothing else gets worse.
pub fn into_chinese(
    engine: &Engine,
    texts: &[&str],
    whole: bool,
    glossary: Option<&Glossary>,
    progress: &dyn Fn(usize),
) -> Result<Vec<IntoChinese>, GenerateError> {
    let (limit, config) = (
        if whole { usize::MAX } else { SENTENCE_TOKENS },
        &engine.translator.config,
    );
    let mut sentences: Vec<&str> = Vec::new();
    let mut owners = Vec::new();
    for (i, text) in texts.iter().enumerate() {
        let parts = match whole {
            true => vec![text.trim()],
            false => english_sentences(text)
                .into_iter()
                .map(|range| text[range].trim())
                .collect(),
        };
        owners.extend(parts.iter().map(|_| i));
        sentences.extend(parts);
    }
    let limited: Vec<(&str, usize)> = sentences.iter().map(|text| (*text, limit)).collect();
    let found = hypotheses(engine, &limited, config, "", progress)?;
    let mut done: Vec<IntoChinese> = texts
        .iter()
        .map(|_| IntoChinese {
            zh: String::new(),
            score: 0.0,
            broken_off: false,
            check: None,
        })
        .collect();
    let mut tokens = vec![0; texts.len()];
    for ((owner, en), mut translated) in owners.into_iter().zip(sentences).zip(found) {
        if let Some(glossary) = glossary {
            translated.en = with_terms(engine, en, translated.en, glossary)?;
        }
        let whole = &mut done[owner];
        let before = tokens[owner];
        tokens[owner] += translated.tokens;
        let sum = whole.score * before as f32 + translated.score * translated.tokens as f32;
        whole.broken_off |= translated.broken_off;
        whole.score = sum / tokens[owner].max(1) as f32;
        whole.zh.push_str(&translated.en);
    }
    if let Some(glossary) = glossary {
        for (en, text) in texts.iter().zip(&mut done) {
            text.check = Some(check_into_chinese(
                en,
                &text.zh,
                &Clock::unknown(),
                glossary,
            ));
        }
    }
    Ok(done)
}

/// A sentence with the terms that the house wants in it, where the model can be brought to say them
/// without breaking a figure.
fn with_terms(
    engine: &Engine,
    en: &str,
    zh: String,
    glossary: &Glossary,
) -> Result<String, GenerateError> {
    let clock = Clock::unknown();
    let before = check_into_chinese(en, &zh, &clock, glossary);
    if before.terms.is_empty() {
        return Ok(zh);
    }
    let translator = &engine.translator;
    let phrases = before.terms.iter().map(|t| translator.phrase(&t.zh));
    let Some(force_words_ids) = phrases.collect() else {
        return Ok(zh);
    };
    let config = SearchConfig {
        force_words_ids,
        ..translator.config.with_beams(BEAMS_WITH_WORDS)
    };
    let again = hypotheses(engine, &[(en, usize::MAX)], &config, "", &|_| ())?;
    let Some(again) = again.into_iter().next() else {
        return Ok(zh);
    };
    let after = check_into_chinese(en, &again.en, &clock, glossary);
    let faults = |c: &TurnedCheck| c.missing.len() + c.wrong.len() + c.extra.len();
    let better = !again.broken_off
        && after.terms.len() < before.terms.len()
        && faults(&after) <= faults(&before);
    Ok(if better { again.en } else { zh })
}
