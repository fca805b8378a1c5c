//! Places and organisations an article names.

use std::collections::HashMap;
use std::ops::Range;

use super::lexicon::{BODY_SUFFIXES, LEVELS};
use super::{Mention, english, sentences};
use crate::{glossary, text::words};

/// A place or an organisation named in an article.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// Name in Chinese.
    pub zh: String,
    /// Name in English.
    pub en: String,
    /// Whether it is a place and nothing more.
    pub place: bool,
    /// Every mention, in order.
    pub mentions: Vec<Mention>,
}

/// The places and organisations of an article whose English the term lists give, in order of first
/// mention: `浙江省农业农村厅`, `国务院`, `台州市`. The longest name counts at each place.
pub fn bodies(paragraphs: &[&str]) -> Vec<Body> {
    let mut bodies: Vec<Body> = Vec::new();
    let mut by_name: HashMap<&str, usize> = HashMap::new();
    for sentence in sentences(paragraphs) {
        for (range, en) in bodies_in(sentence.text) {
            let zh = &sentence.text[range.clone()];
            let i = *by_name.entry(zh).or_insert_with(|| {
                let place = english::is_place(zh);
                bodies.push(Body {
                    zh: zh.to_owned(),
                    en,
                    place,
                    mentions: Vec::new(),
                });
                bodies.len() - 1
            });
            bodies[i].mentions.push(Mention {
                paragraph: sentence.paragraph,
                range: sentence.start + range.start..sentence.start + range.end,
            });
        }
    }
    bodies
}

fn bodies_in(text: &str) -> Vec<(Range<usize>, String)> {
    /// The longest name, in words.
    const LONGEST: usize = 8;
    let bounds = words::bounds(text);
    let mut found = Vec::new();
    let mut at = 0;
    while at + 1 < bounds.len() {
        let start = bounds[at];
        let ends = if may_begin(&text[start..bounds[at + 1]]) {
            LONGEST
        } else {
            0
        };
        let longest = (at + 1..bounds.len().min(at + 1 + ends))
            .rev()
            .find_map(|end| {
                let name = &text[start..bounds[end]];
                let en = may_end(name)
                    .then(|| english::organisation(name))
                    .flatten()?;
                Some((end, en))
            });
        at = match longest {
            Some((end, en)) => {
                found.push((start..bounds[end], en));
                end
            }
            None => at + 1,
        };
    }
    found
}

/// Whether a word may begin the name of a body.
fn may_begin(word: &str) -> bool {
    let mut ends = word.char_indices().map(|(i, c)| i + c.len_utf8());
    LEVELS.start(word).is_some()
        || ["国家", "中央", "全国", "中共", "最高", "联合国"]
            .iter()
            .any(|w| word.starts_with(w))
        || ends.any(|end| {
            let name = &word[..end];
            glossary::places().contains_key(name) || glossary::bodies().contains_key(name)
        })
        || glossary::topics()
            .keys()
            .any(|topic| topic.starts_with(word))
        || word.ends_with(['省', '市', '县', '区', '镇', '乡', '村'])
}

/// Whether a string ends like the name of a body, and is more than a bare level.
fn may_end(name: &str) -> bool {
    let known = glossary::bodies().contains_key(name) || glossary::places().contains_key(name);
    // `影市`, `灌区`: an unlisted city or district needs more than its last character.
    if name.ends_with(['市', '区']) && !known {
        let listed = |name: &str| glossary::places().contains_key(name);
        return name.strip_suffix(['市', '区']).is_some_and(listed);
    }
    known
        || (name.chars().count() > 2 && BODY_SUFFIXES.end(name).is_some())
        || ["省委", "市委", "县委", "区委", "州委", "省政府", "市政府"].contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let bodies = bodies(&[text]);
        bodies
            .into_iter()
            .map(|b| format!("{}={}", b.zh, b.en))
            .collect()
    }

    #[test]
    fn bodies_are_composed_and_places_are_found() {
        assert_eq!(
            found("浙江省农业农村厅和台州市水利局在杭州签约。"),
            [
                "浙江省农业农村厅=Zhejiang Provincial Department of Agriculture and Rural Affairs",
                "台州市水利局=Taizhou Municipal Bureau of Water Resources",
                "杭州=Hangzhou",
            ]
        );
        assert_eq!(
            found("国务院、外交部有关负责人赴法国访问。"),
            [
                "国务院=State Council",
                "外交部=Ministry of Foreign Affairs",
                "法国=France"
            ]
        );
    }

    #[test]
    fn words_that_end_like_bodies_are_none() {
        for text in [
            "他全部办好了。",
            "村庄美，田园秀。",
            "社区里人来人往。",
            "大家走进小区和园区。",
            "",
        ] {
            assert_eq!(found(text), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn mentions_are_counted() {
        let bodies = bodies(&["省水利厅开会。", "会后，省水利厅发文。"]);
        assert_eq!(bodies.len(), 1);
        assert_eq!(bodies[0].mentions.len(), 2);
        assert!(!bodies[0].place);
    }
}
