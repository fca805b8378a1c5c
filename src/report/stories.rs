//! The same story in several papers, and where their figures differ.
//!
//! Comes in: the cards of an index. Goes out: which belong together. Two articles tell the same story if
//! they share half of the words that say what they are about, and their days are near. Half as many
//! words do where an encoder finds that they mean the same.

use std::collections::{BTreeMap, HashMap};

use super::card::Card;
use crate::judges::ALIKE;

/// Words that two articles on one story share at least, and the share of the fewer words of the two.
const LEAST: usize = 6;
const SHARE: f64 = 0.5;
/// A word of more articles than this says nothing of a story.
const MOST_WITH: usize = 64;
/// Days between two papers that report the same.
const DAYS: i32 = 2;

/// Articles that tell one story, by their places among the cards, and how their figures differ.
#[derive(Debug, Default)]
pub(super) struct Story {
    pub(super) cards: Vec<usize>,
    pub(super) differences: Vec<String>,
}

/// The stories of an index, every card in one, in the order of the first card of each.
pub(super) fn stories(cards: &[Card]) -> Vec<Story> {
    let mut with: HashMap<&str, Vec<usize>> = HashMap::new();
    let mut first: Vec<usize> = (0..cards.len()).collect();
    for (i, card) in cards.iter().enumerate() {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        for word in &card.about {
            let others = with.entry(word).or_default();
            if others.len() < MOST_WITH {
                for &other in &*others {
                    *shared.entry(other).or_default() += 1;
                }
                others.push(i);
            }
        }
        let same = shared.into_iter().find(|&(other, shared)| {
            let other = &cards[other];
            let fewer = card.about.len().min(other.about.len());
            // With a second witness each word counts twice.
            let shared = if mean_the_same(card, other) {
                2 * shared
            } else {
                shared
            };
            shared >= LEAST
                && shared as f64 >= SHARE * fewer as f64
                && card.source != other.source
                && are_near(card.date.as_deref(), other.date.as_deref())
        });
        if let Some((other, _)) = same {
            first[i] = first[other];
        }
    }
    let mut stories: Vec<Story> = cards.iter().map(|_| Story::default()).collect();
    for (i, &first) in first.iter().enumerate() {
        stories[first].cards.push(i);
    }
    stories.retain(|story| !story.cards.is_empty());
    for story in &mut stories {
        story.differences = differences(cards, &story.cards);
    }
    stories
}

fn mean_the_same(a: &Card, b: &Card) -> bool {
    let both = a.embedding.as_ref().zip(b.embedding.as_ref());
    both.and_then(|(a, b)| a.similarity(b))
        .is_some_and(|similarity| similarity >= ALIKE)
}

fn are_near(a: Option<&str>, b: Option<&str>) -> bool {
    let day = |text: Option<&str>| text.and_then(|t| t.parse::<jiff::civil::Date>().ok());
    match (day(a), day(b)) {
        (Some(a), Some(b)) => a.until(b).is_ok_and(|span| span.get_days().abs() <= DAYS),
        _ => true,
    }
}

/// Where two papers give other figures for the same: what one says that the other never does.
fn differences(cards: &[Card], story: &[usize]) -> Vec<String> {
    let mut told = Vec::new();
    let [first, others @ ..] = story else {
        return told;
    };
    let first = &cards[*first];
    for other in others.iter().map(|&i| &cards[i]) {
        for ours in &first.facts {
            let same = |facts: &'_ [super::card::Stated]| {
                let values = facts.iter().filter(|f| f.what == ours.what);
                values.map(|f| f.value).collect::<Vec<f64>>()
            };
            let (own, theirs) = (same(&first.facts), same(&other.facts));
            let apart = own.iter().all(|own| !theirs.contains(own));
            let their = other.facts.iter().find(|f| f.what == ours.what);
            if let Some(their) = their.filter(|_| apart) {
                let difference = format!(
                    "{} ({}) against {} ({})",
                    ours.en,
                    name(first),
                    their.en,
                    name(other)
                );
                let known = |t: &String| t.starts_with(&format!("{} (", ours.en));
                if !told.iter().any(known) {
                    told.push(difference);
                }
            }
        }
    }
    told
}

/// What a reader calls an article by: its paper, else its source.
fn name(card: &Card) -> &str {
    match &card.paper {
        Some(paper) if !paper.en.is_empty() => &paper.en,
        Some(paper) => &paper.zh,
        None => &card.source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{brief::record::Embedding, report::card::Stated};

    fn card(source: &str, date: &str, about: &str, output: f64) -> Card {
        let about = about.split(' ').map(str::to_owned);
        Card {
            about: about.collect(),
            date: Some(date.to_owned()),
            facts: vec![Stated {
                what: "output 吨".to_owned(),
                value: output,
                en: format!("output {output}"),
            }],
            ..Card::bare(source)
        }
    }

    #[test]
    fn a_story_is_told_once_and_its_figures_are_held_together() {
        let harvest = "全省 粮食 总产量 丰收 统计局 公布 播种";
        let cards = [
            card("a.txt", "2026-07-14", harvest, 4560.0),
            card(
                "b.txt",
                "2026-07-14",
                "港口 开港 泊位 码头 集装箱 航线",
                12.0,
            ),
            card("c.txt", "2026-07-15", &format!("{harvest} 单产"), 4650.0),
            card("d.txt", "2025-07-15", harvest, 1.0),
        ];
        let found = stories(&cards);
        let places: Vec<&[usize]> = found.iter().map(|s| s.cards.as_slice()).collect();
        assert_eq!(places, [&[0, 2][..], &[1], &[3]]);
        assert_eq!(
            found[0].differences,
            ["output 4560 (a.txt) against output 4650 (c.txt)"]
        );
    }

    #[test]
    fn an_encoder_is_a_second_witness_and_never_the_only_one() {
        let placed = |card: Card, model: &str, vector: &[f32]| Card {
            embedding: Some(Embedding::new(model.to_owned(), vector)),
            ..card
        };
        let day = "2026-07-14";
        let first = card(
            "a.txt",
            day,
            "暴雨 山洪 青溪 转移 群众 救援 失联 桥梁 中断",
            1.0,
        );
        let second = "青溪 洪水 冲毁 受灾 转移 搜救 村民 群众 道路 停电";
        let found = |a: &[f32], model: &str, about: &str| {
            let cards = [
                placed(card("a.txt", day, "", 1.0), "encoder", &[1.0, 0.0]),
                placed(card("b.txt", day, about, 1.0), model, a),
            ];
            let [mut one, other] = cards;
            one.about.clone_from(&first.about);
            stories(&[one, other]).len()
        };
        // Three words of nine are shared.
        assert_eq!(found(&[0.9, 0.3], "encoder", second), 1);
        assert_eq!(found(&[0.3, 0.9], "encoder", second), 2);
        assert_eq!(found(&[0.9, 0.3], "another", second), 2);
        assert_eq!(found(&[0.9, 0.3], "encoder", "港口 泊位 码头 群众"), 2);
    }
}
