//! Chinese to English: the one door to the translator, for briefs, lines, scores and measurements.
//!
//! Comes in: Chinese texts, with the people they name, and [`Options`]. Goes out: English, checked and
//! mended where [`Options::checks`] asks for it. Every text goes the same way: to Simplified Chinese,
//! which is what models are trained on; into pieces that the model takes; through the model; without
//! the HTML entities that models pick up from the web; through [`mod@repair`]. What people see of the
//! Chinese stays as it is.

mod harm;
mod into_chinese;
pub mod repair;
mod second;

use std::{borrow::Cow, sync::atomic::AtomicBool};

use crate::{
    brief::record::Origin,
    engine::{Engine, side_by_side},
    memory::Memory,
};
pub use into_chinese::{IntoChinese, into_chinese};
use kuaibao_engine::generate::{GenerateError, SearchConfig, Translation};
use kuaibao_text::{
    figures::Clock,
    people::{Name, Person, quotes::attribution_in_english},
    text::{Chunker, simplify},
};
pub use repair::{Checked, Rules};
use repair::{RetryRequest, check, remembered, repair};

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

    /// Texts of an article with those of the people found in them whose names are certain; a mention's
    /// paragraph is the place of its text.
    pub fn naming(
        texts: &'a [impl AsRef<str>],
        people: &'a [Person],
        around: &'a str,
    ) -> Vec<Self> {
        let texts = texts.iter().map(|zh| Self {
            around,
            ..Self::alone(zh.as_ref())
        });
        let mut texts: Vec<Self> = texts.collect();
        for person in people.iter().filter(|p| p.certain) {
            for mention in &person.mentions {
                let names = &mut texts[mention.paragraph].names;
                names.extend(Name::new(&person.zh, &person.en).filter(|n| !names.contains(n)));
            }
        }
        texts
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
    /// What editors have corrected before.
    pub memory: Option<&'a Memory>,
}

/// A translated text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Translated {
    /// The English.
    pub en: String,
    /// Mean log-probability a token.
    pub score: f32,
    /// Other hypotheses that were asked for, best first; none where the text was translated in
    /// pieces, and none that came to no end.
    pub others: Vec<(String, f32)>,
    /// Whether it was longer than the model takes and had to be cut inside a clause.
    pub cut: bool,
    /// Whether the English of a piece came to no end and was broken off.
    pub broken_off: bool,
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

/// Texts that belong together, and what is asked of their translation.
#[derive(Clone, Copy)]
pub struct Request<'a> {
    /// The texts.
    pub texts: &'a [Text<'a>],
    /// What is asked.
    pub options: Options<'a>,
}

/// Translates texts, each into one English text, in input order: what the memory has is taken from
/// there, and the model does the rest. `progress` is told of the number of pieces as they are done,
/// second tries not counted.
pub fn translate(
    engine: &Engine,
    texts: &[Text],
    options: &Options,
    progress: &dyn Fn(usize),
) -> Result<Vec<Checked>, GenerateError> {
    let options = *options;
    let made = translate_together(engine, &[Request { texts, options }], progress)?;
    Ok(made.into_iter().flatten().collect())
}

/// Translates the texts of several requests, the first time in the same batches; each is held to its own
/// rules alone.
pub fn translate_together(
    engine: &Engine,
    requests: &[Request],
    progress: &dyn Fn(usize),
) -> Result<Vec<Vec<Checked>>, GenerateError> {
    let plans: Vec<Plan> = requests.iter().map(Plan::new).collect();
    let settled = plans.iter().flat_map(|plan| &plan.settled);
    progress(settled.flatten().count());
    let texts: Vec<(&str, usize)> = plans.iter().flat_map(Plan::texts).collect();
    let config = &engine.translator.config;
    let mut first = hypotheses(engine, &texts, config, " ", progress)?.into_iter();
    let first: Vec<Vec<Translated>> = plans
        .iter()
        .map(|plan| first.by_ref().take(plan.texts().count()).collect())
        .collect();
    let mut made: Vec<_> = plans.iter().map(|_| Ok(Vec::new())).collect();
    side_by_side(
        engine.threads(),
        plans.len(),
        &AtomicBool::new(false),
        |i| plans[i].finish(engine, first[i].clone()),
        |i, checked| {
            made[i] = checked;
            Ok::<_, GenerateError>(())
        },
    )?;
    made.into_iter().collect()
}

/// The hypotheses of the model for a text, the best first, each held to the rules; one where the text
/// is too long for the model to see it at once.
pub fn alternatives(
    engine: &Engine,
    text: &Text,
    count: usize,
    rules: Option<&Rules>,
) -> Result<Vec<Checked>, GenerateError> {
    let zh = simplify(text.zh);
    let config = &engine.translator.config;
    let config = config.with_beams(config.num_beams.max(count));
    let made = hypotheses(engine, &[(&zh, usize::MAX)], &config, " ", &|_| ())?;
    let Some(mut best) = made.into_iter().next() else {
        return Ok(Vec::new());
    };
    let others = std::mem::take(&mut best.others).into_iter();
    let others = others.map(|(en, score)| Translated {
        en,
        score,
        ..Translated::default()
    });
    let mut made: Vec<Translated> = Vec::new();
    for one in std::iter::once(best).chain(others) {
        if made.len() < count && made.iter().all(|other| other.en != one.en) {
            made.push(one);
        }
    }
    let checked = made.into_iter().map(|one| match rules {
        Some(rules) => examined(text, one, rules),
        None => one.into(),
    });
    Ok(checked.collect())
}

/// An English text held to the rules, whoever wrote it; nothing is mended.
pub fn examine(text: &Text, en: &str, rules: &Rules) -> Checked {
    let en = en.to_owned();
    let translated = Translated {
        en,
        ..Translated::default()
    };
    examined(text, translated, rules)
}

fn examined(text: &Text, translated: Translated, rules: &Rules) -> Checked {
    let simple = Simplified::of(std::slice::from_ref(text));
    check(&simple.texts(), vec![translated], rules).remove(0)
}

/// Texts in Simplified Chinese, with what goes with them: who is named is looked for in the text that is
/// translated.
struct Simplified<'a> {
    texts: &'a [Text<'a>],
    zh: Vec<Cow<'a, str>>,
    names: Vec<Cow<'a, str>>,
    /// The articles, by the address of what they are made of: their texts share it, and it may be long.
    around: Vec<(&'a str, Cow<'a, str>)>,
}

impl<'a> Simplified<'a> {
    fn of(texts: &'a [Text<'a>]) -> Self {
        let names = texts.iter().flat_map(|text| &text.names);
        let mut around: Vec<&str> = texts.iter().map(|text| text.around).collect();
        around.dedup_by(|a, b| std::ptr::eq(*a, *b));
        let around = around.into_iter();
        Self {
            texts,
            zh: texts.iter().map(|text| simplify(text.zh)).collect(),
            names: names.map(|name| simplify(name.zh)).collect(),
            around: around.map(|a| (a, simplify(a))).collect(),
        }
    }

    fn texts(&self) -> Vec<Text<'_>> {
        let mut names = self.names.iter();
        let mut article = 0;
        let texts = self.zh.iter().zip(self.texts).map(|(zh, text)| {
            article += usize::from(!std::ptr::eq(self.around[article].0, text.around));
            // In this order: the other way round a name would be lost at each end.
            let named = text.names.iter().zip(names.by_ref());
            Text {
                zh,
                names: named.map(|(name, zh)| Name { zh, en: name.en }).collect(),
                around: &self.around[article].1,
            }
        });
        texts.collect()
    }
}

/// What becomes of the texts of a request.
struct Plan<'a> {
    options: Options<'a>,
    simple: Simplified<'a>,
    /// The English of texts that need no model: an editor wrote it before, or they have a set form.
    settled: Vec<Option<Checked>>,
}

impl<'a> Plan<'a> {
    fn new(request: &Request<'a>) -> Self {
        let options = request.options;
        let simple = Simplified::of(request.texts);
        let texts = simple.texts().into_iter();
        let settled = texts.map(|text| settled(&text, &options)).collect();
        Self {
            options,
            simple,
            settled,
        }
    }

    /// What the model is given, each with the most tokens of a piece.
    fn texts(&self) -> impl Iterator<Item = (&str, usize)> {
        let texts = self.simple.zh.iter().zip(&self.settled);
        let rest = texts.filter(|(_, settled)| settled.is_none());
        rest.map(|(zh, _)| (zh.as_ref(), self.limit()))
    }

    /// Most tokens of a piece.
    fn limit(&self) -> usize {
        match self.options.whole {
            true => usize::MAX,
            false => SENTENCE_TOKENS,
        }
    }

    /// The English of all texts, given what the model made of those that it did.
    fn finish(
        &self,
        engine: &Engine,
        first: Vec<Translated>,
    ) -> Result<Vec<Checked>, GenerateError> {
        let mut made = self.checked(engine, first)?.into_iter();
        let settled = self.settled.iter().cloned();
        Ok(settled
            .filter_map(|own| own.or_else(|| made.next()))
            .collect())
    }

    /// What the model made, checked and mended as it is asked for.
    fn checked(
        &self,
        engine: &Engine,
        first: Vec<Translated>,
    ) -> Result<Vec<Checked>, GenerateError> {
        let Some(rules) = self.options.checks else {
            return Ok(first.into_iter().map(Checked::from).collect());
        };
        let texts = self.simple.texts().into_iter().zip(&self.settled);
        let rest = texts.filter(|(_, settled)| settled.is_none());
        let texts: Vec<Text> = rest.map(|(text, _)| text).collect();
        if !self.options.mend {
            return Ok(check(&texts, first, rules));
        }
        repair(&texts, first, rules, &|asked: &[RetryRequest]| {
            let mut made: Vec<_> = asked.iter().map(|_| Ok(Vec::new())).collect();
            side_by_side(
                engine.threads(),
                asked.len(),
                &AtomicBool::new(false),
                |i| retry(engine, &asked[i], self.limit()),
                |i, translated| {
                    made[i] = translated;
                    Ok::<_, GenerateError>(())
                },
            )?;
            made.into_iter().collect()
        })
    }
}

/// The English of a text that needs no model. A set form needs none, for a model gets half of them wrong.
fn settled(text: &Text, options: &Options) -> Option<Checked> {
    let unknown = Clock::unknown();
    let clock = options.checks.map_or(&unknown, |rules| rules.clock);
    let recalled = options
        .memory
        .and_then(|memory| memory.recall(text.zh, &text.names, clock));
    if let Some(recalled) = recalled {
        return Some(remembered(text.zh, recalled, options.checks));
    }
    let is_mended = options.mend && options.checks.is_some();
    let form = is_mended.then(|| attribution_in_english(text.zh, &text.names));
    Some(Checked {
        en: form.flatten()?,
        origin: Origin::Template,
        ..Checked::default()
    })
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
    let texts: Vec<(&str, usize)> = asked.texts.iter().map(|text| (*text, limit)).collect();
    hypotheses(engine, &texts, &config, " ", &|_| ())
}

/// The hypotheses of each text, in input order; one that has more tokens than stand beside it is cut
/// into pieces at the best boundary there is and joined again with `between`.
fn hypotheses(
    engine: &Engine,
    texts: &[(&str, usize)],
    config: &SearchConfig,
    between: &str,
    progress: &dyn Fn(usize),
) -> Result<Vec<Translated>, GenerateError> {
    let translator = &engine.translator;
    let count = |text: &str| translator.count(text);
    let mut pieces = Vec::new();
    let mut owners = Vec::new();
    let mut translated = vec![Translated::default(); texts.len()];
    for (i, &(text, limit)) in texts.iter().enumerate() {
        if text.trim().is_empty() {
            continue;
        }
        let chunker = Chunker::new(limit.min(translator.source_limit()), &count);
        for piece in chunker.pieces(text) {
            pieces.push(&text[piece.range]);
            owners.push(i);
            translated[i].cut |= piece.cut;
        }
    }
    // What goes round in circles would cost many times what other texts do, and says no more.
    let config = SearchConfig {
        break_circles: true,
        ..config.clone()
    };
    let found = translator.translate(&engine.workers, &pieces, &config, progress)?;
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
    whole.broken_off |= top.broken_off;
    whole.score = sum / whole.tokens.max(1) as f32;
    if !first && !whole.en.is_empty() {
        whole.en.push_str(between);
    }
    whole.en.push_str(&as_written(top.text.trim()));
    whole.others = if first {
        best.filter(|t| !t.broken_off)
            .map(|t| (as_written(t.text.trim()), mean(&t)))
            .collect()
    } else {
        Vec::new()
    };
}

/// A hypothesis without the faults of writing that models pick up from the texts they were trained on.
fn as_written(en: &str) -> String {
    quotations_apart(&decode_entities(en))
}

/// A text without HTML entities.
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

/// A text whose quotations, where straight marks come in pairs, stand apart from the words round them and close to
/// their own: `a"red line"and` becomes `a "red line" and`. A mark behind a digit may be one of inches, so that text stays.
fn quotations_apart(en: &str) -> String {
    let parts: Vec<&str> = en.split('"').collect();
    let inches = |part: &&str| part.ends_with(|c: char| c.is_ascii_digit());
    if parts.len().is_multiple_of(2) || parts.iter().step_by(2).any(inches) {
        return en.to_owned();
    }
    let mut whole = String::with_capacity(en.len() + 8);
    for (i, part) in parts.iter().enumerate() {
        let inside = i % 2 == 1;
        if inside {
            whole.extend(["\"", part.trim(), "\""]);
            continue;
        }
        if i > 0 && part.starts_with(char::is_alphanumeric) {
            whole.push(' ');
        }
        whole.push_str(part);
        let ends = |c: char| c.is_alphanumeric() || matches!(c, ',' | ';' | ':');
        if i + 1 < parts.len() && part.ends_with(ends) {
            whole.push(' ');
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotations_stand_apart_from_the_words_round_them() {
        for (en, wanted) in [
            (
                r#"the"outside forces"and their"17 steps", a"threat"."#,
                r#"the "outside forces" and their "17 steps", a "threat"."#,
            ),
            (r#"He said,"We go.""#, r#"He said, "We go.""#),
            (r#"" We go " , he said"#, r#""We go" , he said"#),
            (
                r#"("red line") and pre-"reform""#,
                r#"("red line") and pre-"reform""#,
            ),
            (
                r#"27" screens and 24" screens"#,
                r#"27" screens and 24" screens"#,
            ),
            (r#"an open "mark"#, r#"an open "mark"#),
            (r#"a "red line" stands"#, r#"a "red line" stands"#),
        ] {
            assert_eq!(quotations_apart(en), wanted);
        }
    }

    #[test]
    fn pieces_join_with_their_mean_score() {
        let piece = |text: &str, tokens: usize, score| Translation {
            text: text.to_owned(),
            tokens: vec![0; tokens],
            broken_off: tokens == 6,
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
        assert!(!whole.broken_off);
        append(&mut whole, vec![piece("two.", 6, -2.0)], 1.0, " ");
        assert_eq!(whole.en, "One two.");
        assert!((whole.score + 1.75).abs() < 1e-6);
        assert!(whole.others.is_empty() && whole.broken_off);
        let mut broken = Translated::default();
        append(
            &mut broken,
            vec![piece("Round", 2, -1.0), piece("and round", 6, -2.0)],
            1.0,
            " ",
        );
        assert_eq!((broken.others.len(), broken.broken_off), (0, false));
    }
}
