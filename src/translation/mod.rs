//! Chinese to English: the one door to the translator, for briefs, lines, scores and measurements.
//!
//! Comes in: Chinese texts, with the people they name, and [`Options`]. Goes out: English, checked and
//! mended where [`Options::checks`] asks for it. Every text goes the same way: to Simplified Chinese,
//! which is what models are trained on; into pieces that the model takes; through the model; without
//! the HTML entities that models pick up from the web; through [`mod@repair`]. What people see of the
//! Chinese stays as it is.

mod into_chinese;
pub mod repair;

use std::{borrow::Cow, sync::atomic::AtomicBool};

use crate::{
    brief::record::Origin,
    engine::{Engine, side_by_side},
};
pub use into_chinese::{IntoChinese, into_chinese};
use kuaibao_engine::generate::{GenerateError, SearchConfig, Translation};
use kuaibao_text::{
    people::{Name, quotes::attribution_in_english},
    text::{Chunker, simplify},
};
pub use repair::{Checked, Rules};
use repair::{RetryRequest, check, repair};

/// A Chinese text, and the people it names.
#[derive(Clone, Debug)]
pub struct Text<'a> {
    /// The Chinese.
    pub zh: &'a str,
    /// The people.
    pub names: Vec<Name<'a>>,
    /// The Chinese of its article: what that names may stand in the English of any of its sentences.
    pub around: &'a str,
}

impl<'a> Text<'a> {
    /// A text that stands alone.
    pub fn alone(zh: &'a str) -> Self {
        Self {
            zh,
            names: Vec::new(),
            around: "",
        }
    }
}

/// What is asked of a translation.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// Whether a text goes to the model as long as the model takes it; else it is cut at
    /// [`SENTENCE_TOKENS`], which suits models that were trained on sentences.
    pub whole: bool,
    /// What the English is held to; nothing is checked without.
    pub checks: Option<&'a Rules<'a>>,
    /// Whether what the checks find is mended where that is safe.
    pub mend: bool,
}

/// A translated text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Translated {
    /// The English.
    pub en: String,
    /// Mean log-probability a token.
    pub score: f32,
    /// Other hypotheses that were asked for, best first; none where the text was translated in
    /// pieces.
    pub others: Vec<(String, f32)>,
    /// Whether it was longer than the model takes and had to be cut inside a clause.
    pub cut: bool,
    /// Tokens of the English, the end of each piece counted.
    pub tokens: usize,
}

/// Most source tokens of a piece. Translation models are trained on sentences; far beyond that
/// length they drop clauses, so longer ones are cut at a clause end.
pub const SENTENCE_TOKENS: usize = 160;
/// Source tokens a piece of a second try: about a clause or two.
const RETRY_TOKENS: usize = 32;
/// Most beams of a second try. With twelve it costs a sixth of a brief more and mends no more sentences
/// of the sample articles.
const RETRY_BEAMS: usize = 8;
/// Beams of a try with wanted words: with eight, a quarter fewer sentences get them.
const BEAMS_WITH_WORDS: usize = 12;

/// Translates texts, each into one English text, in input order. `progress` is told of the number of
/// pieces as they are done, second tries not counted.
pub fn translate(
    engine: &Engine,
    texts: &[Text],
    options: &Options,
    progress: &dyn Fn(usize),
) -> Result<Vec<Checked>, GenerateError> {
    let simplified: Vec<Cow<str>> = texts.iter().map(|text| simplify(text.zh)).collect();
    let limit = if options.whole {
        usize::MAX
    } else {
        SENTENCE_TOKENS
    };
    let config = &engine.translator.config;
    let Some(rules) = options.checks else {
        let zh: Vec<&str> = simplified.iter().map(AsRef::as_ref).collect();
        let first = hypotheses(engine, &zh, limit, config, " ", progress)?;
        return Ok(first.into_iter().map(Checked::from).collect());
    };
    // Who is named is looked for in the text that was translated.
    let names = texts.iter().flat_map(|text| &text.names);
    let simple: Vec<(Cow<str>, &str)> = names.map(|n| (simplify(n.zh), n.en)).collect();
    let mut simple = simple.iter().map(|(zh, en)| Name { zh, en });
    let mut articles: Vec<&str> = texts.iter().map(|text| text.around).collect();
    // By address: the texts of an article share it, and it may be long.
    articles.dedup_by(|a, b| std::ptr::eq(*a, *b));
    let articles: Vec<(&str, Cow<str>)> = articles.iter().map(|a| (*a, simplify(a))).collect();
    let mut article = 0;
    let texts = simplified.iter().zip(texts).map(|(zh, text)| {
        article += usize::from(!std::ptr::eq(articles[article].0, text.around));
        Text {
            zh,
            names: simple.by_ref().take(text.names.len()).collect(),
            around: &articles[article].1,
        }
    });
    let texts: Vec<Text> = texts.collect();
    if !options.mend {
        let zh: Vec<&str> = texts.iter().map(|text| text.zh).collect();
        let first = hypotheses(engine, &zh, limit, config, " ", progress)?;
        return Ok(check(&texts, first, rules));
    }
    // What has a set form needs no model, which gets half of them wrong.
    let forms = texts.iter();
    let forms: Vec<Option<String>> = forms
        .map(|text| attribution_in_english(text.zh, &text.names))
        .collect();
    progress(forms.iter().flatten().count());
    let texts = texts.into_iter().zip(&forms);
    let texts: Vec<Text> = texts.filter(|(_, f)| f.is_none()).map(|(t, _)| t).collect();
    let zh: Vec<&str> = texts.iter().map(|text| text.zh).collect();
    let first = hypotheses(engine, &zh, limit, config, " ", progress)?;
    let mended = repair(&texts, first, rules, &|asked: &[RetryRequest]| {
        let mut made: Vec<_> = asked.iter().map(|_| Ok(Vec::new())).collect();
        let stop = AtomicBool::new(false);
        side_by_side(
            engine.threads(),
            asked.len(),
            &stop,
            |i| retry(engine, &asked[i], limit),
            |i, translated| {
                made[i] = translated;
                Ok::<_, GenerateError>(())
            },
        )?;
        made.into_iter().collect()
    })?;
    let mut mended = mended.into_iter();
    let all = forms.into_iter().filter_map(|form| match form {
        Some(en) => Some(Checked {
            en,
            origin: Origin::Template,
            ..Checked::default()
        }),
        None => mended.next(),
    });
    Ok(all.collect())
}

/// Translates once more: with the wanted words in the English, or, where none are wanted, with a
/// wider beam and in smaller pieces.
fn retry(
    engine: &Engine,
    asked: &RetryRequest,
    limit: usize,
) -> Result<Vec<Translated>, GenerateError> {
    let translator = &engine.translator;
    let phrases = asked.required.iter().map(|w| translator.phrase(w));
    let Some(phrases) = phrases.collect() else {
        // Words that the model cannot spell.
        return Ok(vec![Translated::default(); asked.texts.len()]);
    };
    let config = &translator.config;
    let wider = config.with_beams(
        (2 * config.num_beams)
            .min(RETRY_BEAMS)
            .max(config.num_beams),
    );
    let (limit, config) = if asked.required.is_empty() {
        (limit.min(RETRY_TOKENS), wider)
    } else {
        let constrained = SearchConfig {
            force_words_ids: phrases,
            ..wider.with_beams(BEAMS_WITH_WORDS)
        };
        (usize::MAX, constrained)
    };
    hypotheses(engine, &asked.texts, limit, &config, " ", &|_| ())
}

/// The hypotheses of each text, in input order; one that is longer than `limit` tokens is cut into
/// pieces at the best boundary there is and joined again with `between`.
fn hypotheses(
    engine: &Engine,
    texts: &[&str],
    limit: usize,
    config: &SearchConfig,
    between: &str,
    progress: &dyn Fn(usize),
) -> Result<Vec<Translated>, GenerateError> {
    let translator = &engine.translator;
    let count = |text: &str| translator.count(text);
    let chunker = Chunker::new(limit.min(translator.source_limit()), &count);
    let mut pieces = Vec::new();
    let mut owners = Vec::new();
    let mut translated = vec![Translated::default(); texts.len()];
    for (i, text) in texts.iter().enumerate() {
        if text.trim().is_empty() {
            continue;
        }
        for piece in chunker.pieces(text) {
            pieces.push(&text[piece.range]);
            owners.push(i);
            translated[i].cut |= piece.cut;
        }
    }
    let found = translator.translate(&engine.workers, &pieces, config, progress)?;
    for (owner, best) in owners.into_iter().zip(found) {
        append(&mut translated[owner], best, config.length_penalty, between);
    }
    Ok(translated)
}

/// Appends a piece's hypotheses to its text's translation.
fn append(whole: &mut Translated, best: Vec<Translation>, length_penalty: f32, between: &str) {
    let mean = |t: &Translation| {
        // Back from `sum / length^penalty` to the mean.
        t.score * (t.tokens.len().max(1) as f32).powf(length_penalty - 1.0)
    };
    let first = whole.en.is_empty() && whole.tokens == 0;
    let mut best = best.into_iter();
    let Some(top) = best.next() else { return };
    let tokens = top.tokens.len();
    let sum = whole.score * whole.tokens as f32 + mean(&top) * tokens as f32;
    whole.tokens += tokens;
    whole.score = sum / whole.tokens.max(1) as f32;
    if !first && !whole.en.is_empty() {
        whole.en.push_str(between);
    }
    whole.en.push_str(&decode_entities(top.text.trim()));
    whole.others = if first {
        best.map(|t| (decode_entities(t.text.trim()), mean(&t)))
            .collect()
    } else {
        Vec::new()
    };
}

/// A hypothesis without the HTML entities that models pick up from the web.
fn decode_entities(en: &str) -> String {
    let entities = [
        ("&quot;", "\""),
        ("&apos;", "'"),
        ("&#39;", "'"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&amp;", "&"),
    ];
    entities
        .iter()
        .fold(en.to_owned(), |en, (entity, c)| en.replace(entity, c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_join_with_their_mean_score() {
        let piece = |text: &str, tokens: usize, score| Translation {
            text: text.to_owned(),
            tokens: vec![0; tokens],
            score,
        };
        let mut whole = Translated::default();
        append(
            &mut whole,
            vec![piece("One", 2, -1.0), piece("Un", 3, -2.0)],
            1.0,
            " ",
        );
        assert_eq!(whole.others, [("Un".to_owned(), -2.0)]);
        append(&mut whole, vec![piece("two.", 6, -2.0)], 1.0, " ");
        assert_eq!(whole.en, "One two.");
        assert!((whole.score + 1.75).abs() < 1e-6);
        assert!(whole.others.is_empty());
    }
}
