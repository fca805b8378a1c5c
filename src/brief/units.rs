//! An article cut into the sentences that are translated, each traced to the source.

use super::record::Role;
use kuaibao_text::{
    page::{Article, Page},
    text::{Traced, sentences},
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
}
