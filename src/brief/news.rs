//! What makes an article news: whom it harms, who is in it, how much money, what is abroad.
//!
//! Comes in: the records of a brief. Goes out: what a figure measures, in English, and how an index
//! ranks the article. Reads the Chinese alone, so that no model can make news.

use std::{collections::HashMap, sync::LazyLock};

use kuaibao_text::{
    figures::{FigureRecord, Measure, in_yuan, measures},
    glossary,
    text::{chars::is_clause_end, words::segmenter},
};
use serde::Serialize;

use super::record::{Brief, Role};

/// The rows of `news.tsv` of one kind: weight and words.
fn rows(kind: &'static str) -> impl Iterator<Item = (u32, Vec<&'static str>)> {
    let lines = include_str!("news.tsv").lines();
    lines.filter_map(move |line| {
        let mut columns = line.split('\t');
        columns.next().filter(|name| *name == kind)?;
        let weight = columns.next()?.parse().unwrap_or(0);
        Some((weight, columns.next()?.split(' ').collect()))
    })
}

/// The words of a kind of `news.tsv`.
fn words(kind: &'static str) -> Vec<&'static str> {
    rows(kind).flat_map(|(_, words)| words).collect()
}

/// Posts that make what their holder does news, by the words of the Chinese, with their weight.
static POSTS: LazyLock<Vec<(u32, Vec<&str>)>> = LazyLock::new(|| rows("post").collect());

/// What says that somebody was taken away.
static HELD: LazyLock<Vec<&str>> = LazyLock::new(|| words("held"));

/// Units that count people.
static OF_PEOPLE: LazyLock<Vec<&str>> = LazyLock::new(|| words("unit of people"));

/// What a figure measures, where that is known: by its own record, or, of people, by the harm that its
/// clause tells of (`抓获嫌疑人38名`, `6名责任人已被控制`).
pub fn measure(record: &FigureRecord) -> Option<&'static Measure> {
    let what = record.what.as_deref().or_else(|| noun_before(record));
    // 总经费 is 经费, 现金红利 is 红利
    let own = what.and_then(|what| {
        let mut ends = what.char_indices().map(|(i, _)| &what[i..]);
        ends.find_map(|end| {
            measures()
                .get(end)
                .filter(|_| end == what || end.len() > '金'.len_utf8())
        })
    });
    own.filter(|own| own.harm.is_some())
        .or_else(|| harm_nearby(record))
        .or(own)
}

/// The noun right in front of a figure, where its record knows of none (`注册资本8000万元`).
pub fn noun_before(record: &FigureRecord) -> Option<&str> {
    /// Characters that only a time has.
    const OF_TIME: [char; 6] = ['期', '年', '月', '日', '度', '时'];
    if record.kind == "ordinal" {
        return None;
    }
    let (before, _) = record.sentence.split_once(record.zh.as_str())?;
    let clause = before.rsplit(|c| is_clause_end(c) || c == '、').next()?;
    let clause = clause.trim_end_matches(['为', '达', '约', '共']);
    let noun = segmenter().tag(clause, true).pop()?;
    let is_noun = noun.tag.starts_with('n') && !noun.tag.starts_with("ns");
    let long = noun.word.chars().count() > 1 && !noun.word.contains(OF_TIME);
    (is_noun && long).then_some(noun.word)
}

fn harm_nearby(record: &FigureRecord) -> Option<&'static Measure> {
    /// Characters of the clause on either side in which the harm is the figure's.
    const BEFORE: usize = 8;
    const BEHIND: usize = 16;
    let unit = record.unit.as_deref()?;
    if record.kind != "number" || !OF_PEOPLE.contains(&unit) {
        return None;
    }
    let (before, behind) = record.sentence.split_once(record.zh.as_str())?;
    let before = before.rsplit(is_clause_end).next()?;
    let behind = behind.split(is_clause_end).next()?;
    let skipped = before.chars().count().saturating_sub(BEFORE);
    let before: String = before.chars().skip(skipped).collect();
    let behind: String = behind.chars().take(BEHIND).collect();
    let harm = |text: &str| {
        let found = measures().iter().filter(|(zh, measure)| {
            measure.harm.is_some() && zh.chars().count() > 1 && text.contains(**zh)
        });
        found.map(|(_, measure)| measure).min_by_key(|m| m.harm)
    };
    harm(&before).or_else(|| {
        let done_to = behind
            .contains(['被', '遭'])
            .then(|| harm(&behind))
            .flatten();
        let held = HELD.iter().any(|w| behind.contains(w));
        done_to.or_else(|| held.then(|| measures().get("被捕")).flatten())
    })
}

/// How an index ranks an article, and why.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct News {
    /// More is more.
    pub value: u32,
    /// What counted, the weightiest first, in English.
    pub why: Vec<String>,
}

impl News {
    /// What counts of a brief.
    pub fn of(brief: &Brief) -> Self {
        let mut counted: Vec<(u32, String)> = Vec::new();
        counted.extend(harms(brief));
        counted.extend(who(brief));
        counted.extend(money(brief));
        counted.extend(abroad(brief));
        counted.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
        Self {
            value: counted.iter().map(|(weight, _)| weight).sum(),
            why: counted.into_iter().map(|(_, why)| why).collect(),
        }
    }
}

/// Each harm by the most people that it is told of.
fn harms(brief: &Brief) -> Vec<(u32, String)> {
    let mut most: HashMap<u8, (f64, &'static str)> = HashMap::new();
    for record in &brief.figures {
        let Some(Measure {
            en,
            harm: Some(harm),
        }) = measure(record)
        else {
            continue;
        };
        let count = record.value.as_f64().unwrap_or_default();
        let known = most.entry(*harm).or_insert((0.0, en));
        known.0 = known.0.max(count);
    }
    let told = most.into_iter().filter(|(_, (count, _))| *count > 0.0);
    let mut harms: Vec<(u32, String)> = told
        .map(|(harm, (count, en))| {
            let weight = 40.0 / f64::from(harm) + 12.0 * (1.0 + count).log10();
            (weight as u32, format!("{count} {en}"))
        })
        .collect();
    harms.sort();
    harms
}

/// Whoever holds the highest post, and what happened to posts.
fn who(brief: &Brief) -> Vec<(u32, String)> {
    let weight = |post: &str| {
        let rank = POSTS
            .iter()
            .find(|(_, words)| words.iter().any(|w| post.contains(w)));
        rank.map_or(0, |(weight, _)| *weight)
    };
    let first = brief.people.iter().filter_map(|person| {
        let weight = weight(person.post_zh.as_deref()?);
        (weight > 0).then_some((weight, person))
    });
    // The first of equals is who the article is about.
    let first = first.reduce(|best, next| if next.0 > best.0 { next } else { best });
    let who = first.map(|(weight, person)| (weight, person.en.clone()));
    let changes = brief.people.iter().filter(|p| p.change.is_some()).count();
    let changes = (changes > 0).then(|| (8, "posts change hands".to_owned()));
    who.into_iter().chain(changes).collect()
}

/// The largest sum.
fn money(brief: &Brief) -> Option<(u32, String)> {
    let sums = brief
        .figures
        .iter()
        .filter(|f| f.currency.is_some() && f.unit.as_deref() != Some("pp"));
    let sums = sums.filter_map(|f| {
        let value = f.value.as_f64().or_else(|| f.value.get(1)?.as_f64())?;
        let yuan = in_yuan(value, f.currency.as_deref()?)?;
        (yuan > 1e6).then_some((yuan, f))
    });
    let (yuan, record) = sums.max_by(|a, b| a.0.total_cmp(&b.0))?;
    Some((
        (3.0 * (yuan / 1e6).log10()).min(18.0) as u32,
        record.en.clone(),
    ))
}

/// Countries in the headline and the lead, China apart.
fn abroad(brief: &Brief) -> Option<(u32, String)> {
    let lead = brief
        .translation
        .iter()
        .filter(|s| s.role == Role::Body)
        .take(2);
    let text: String = lead
        .map(|s| s.zh.as_str())
        .chain([brief.headline.zh.as_str()])
        .collect();
    let countries = glossary::places().iter().filter(|(zh, (_, level))| {
        *level == "country" && **zh != "中国" && zh.chars().count() > 1 && text.contains(**zh)
    });
    let mut names: Vec<&str> = countries.map(|(_, (en, _))| *en).collect();
    names.sort_unstable();
    names.dedup();
    (!names.is_empty()).then(|| (10, names.join(", ")))
}
