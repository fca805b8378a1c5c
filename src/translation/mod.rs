//! An article cut into sentences and put into English, every sentence traced to the source.

pub mod repair;

use crate::brief::record::Role;
use kuaibao_engine::generate::{GenerateError, SearchConfig, Translation, Translator, Workers};
use kuaibao_text::{
    page::{Article, Page},
    text::{Chunker, Traced, sentences},
};

/// A sentence, headline or caption to be translated.
#[derive(Clone, Debug, PartialEq)]
pub struct Unit {
    /// Unique within its article: `h1`, `k1`, `p2s3`, …
    pub id: String,
    /// What part of the article it is.
    pub role: Role,
    /// The Chinese, traced to the source.
    pub zh: Traced,
    /// Index of its paragraph, for body and subheads.
    pub paragraph: Option<usize>,
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
}

/// Most source tokens of a piece. Translation models are trained on sentences; far beyond that
/// length they drop clauses, so longer ones are cut at a clause end.
const PIECE_TOKENS: usize = 160;

/// The parts of an article in reading order, sentence by sentence.
pub fn units(article: &Article) -> Vec<Unit> {
    let mut units = Vec::new();
    let whole = |id: String, role, zh: &Traced, paragraph| Unit {
        id,
        role,
        zh: zh.clone(),
        paragraph,
    };
    for (i, kicker) in article.kicker.iter().enumerate() {
        units.push(whole(format!("k{}", i + 1), Role::Kicker, kicker, None));
    }
    if let Some(headline) = &article.headline {
        units.push(whole("h1".to_owned(), Role::Headline, headline, None));
    }
    if let Some(line) = &article.subheadline {
        units.push(whole("h2".to_owned(), Role::Subheadline, line, None));
    }
    for (p, paragraph) in article.paragraphs.iter().enumerate() {
        units.extend(subheads_before(article, p));
        for (s, range) in sentences(paragraph.as_str()).into_iter().enumerate() {
            units.push(Unit {
                id: format!("p{}s{}", p + 1, s + 1),
                role: Role::Body,
                zh: paragraph.slice(range),
                paragraph: Some(p),
            });
        }
    }
    units.extend(subheads_before(article, article.paragraphs.len()));
    for (c, caption) in article.captions.iter().enumerate() {
        for (s, range) in sentences(caption.as_str()).into_iter().enumerate() {
            let id = format!("c{}s{}", c + 1, s + 1);
            units.push(whole(id, Role::Caption, &caption.slice(range), None));
        }
    }
    units
}

fn subheads_before(article: &Article, paragraph: usize) -> impl Iterator<Item = Unit> + '_ {
    let last = article.paragraphs.len();
    article
        .subheads
        .iter()
        .enumerate()
        .filter(move |(_, s)| s.before.min(last) == paragraph)
        .map(move |(i, subhead)| Unit {
            id: format!("s{}", i + 1),
            role: Role::Subhead,
            zh: subhead.text.clone(),
            paragraph: Some(paragraph),
        })
}

/// The units of every article of a page.
pub fn page_units(page: &Page) -> Vec<Vec<Unit>> {
    page.articles.iter().map(units).collect()
}

/// Translates texts in input order; one that is longer than `limit` tokens is cut into pieces at
/// the best boundary there is and joined again.
pub fn translate_texts(
    translator: &Translator,
    workers: &Workers,
    texts: &[&str],
    limit: usize,
    config: &SearchConfig,
    progress: &dyn Fn(usize),
) -> Result<Vec<Translated>, GenerateError> {
    let count = |text: &str| translator.count(text);
    let limit = limit.min(translator.source_limit());
    let chunker = Chunker::new(limit, &count);
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
    let found = translator.translate(workers, &pieces, config, progress)?;
    let mut lengths = vec![0; texts.len()];
    for (owner, best) in owners.into_iter().zip(found) {
        append(
            &mut translated[owner],
            &mut lengths[owner],
            best,
            config.length_penalty,
        );
    }
    Ok(translated)
}

/// Appends a piece's hypotheses to its text's translation of `length` tokens so far.
fn append(whole: &mut Translated, length: &mut usize, best: Vec<Translation>, length_penalty: f32) {
    let mean = |t: &Translation| {
        // Back from `sum / length^penalty` to the mean.
        t.score * (t.tokens.len().max(1) as f32).powf(length_penalty - 1.0)
    };
    let first = whole.en.is_empty() && *length == 0;
    let mut best = best.into_iter();
    let Some(top) = best.next() else { return };
    let tokens = top.tokens.len();
    let sum = whole.score * *length as f32 + mean(&top) * tokens as f32;
    *length += tokens;
    whole.score = sum / (*length).max(1) as f32;
    if !first && !whole.en.is_empty() {
        whole.en.push(' ');
    }
    whole.en.push_str(top.text.trim());
    whole.others = if first {
        best.map(|t| (t.text.trim().to_owned(), mean(&t))).collect()
    } else {
        Vec::new()
    };
}

/// A hypothesis without the HTML entities that models pick up from the web.
pub fn without_entities(en: &str) -> String {
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

/// The most tokens that a sentence of a brief is translated in at once.
pub fn piece_tokens(translator: &Translator) -> usize {
    PIECE_TOKENS.min(translator.source_limit())
}

#[cfg(test)]
mod tests {
    use super::*;
    use kuaibao_text::page::split;

    #[test]
    fn every_sentence_has_its_place_and_its_range() {
        let source =
            "某县修通山路\n\n　　本报讯 山路昨日通车。全长12公里！\n\n　　村民说：“方便了。”\n";
        let page = split(source, None);
        let units: Vec<Unit> = page_units(&page).concat();
        for unit in &units {
            let range = unit.zh.source();
            let squeeze = |s: &str| s.split_whitespace().collect::<String>();
            assert_eq!(
                squeeze(&source[range]),
                squeeze(unit.zh.as_str()),
                "{unit:?}"
            );
        }
        let body: Vec<&str> = units
            .iter()
            .filter(|u| u.role == Role::Body)
            .map(|u| u.id.as_str())
            .collect();
        assert_eq!(body, ["p1s1", "p1s2", "p2s1"]);
    }

    #[test]
    fn pieces_join_with_their_mean_score() {
        let piece = |text: &str, tokens: usize, score| Translation {
            text: text.to_owned(),
            tokens: vec![0; tokens],
            score,
        };
        let mut whole = Translated::default();
        let mut length = 0;
        append(
            &mut whole,
            &mut length,
            vec![piece("One", 2, -1.0), piece("Un", 3, -2.0)],
            1.0,
        );
        assert_eq!(whole.others, [("Un".to_owned(), -2.0)]);
        append(&mut whole, &mut length, vec![piece("two.", 6, -2.0)], 1.0);
        assert_eq!(whole.en, "One two.");
        assert!((whole.score + 1.75).abs() < 1e-6);
        assert!(whole.others.is_empty());
    }
}
