//! The tables compiled into the program.

use std::collections::HashMap;
use std::sync::OnceLock;

use super::{Entry, Kind};

const PEOPLE: &str = include_str!("data/people.tsv");
/// From CC-CEDICT, under its own licence; the file's head says so.
const PEOPLE_OF_CEDICT: &str = include_str!("data/people-cedict.tsv");

/// All compiled-in entries that a translation is checked against.
pub(super) fn entries() -> impl Iterator<Item = Entry> {
    [
        (include_str!("data/terms.tsv"), Kind::Term),
        (include_str!("data/bodies.tsv"), Kind::Body),
        (include_str!("data/places.tsv"), Kind::Place),
        (PEOPLE, Kind::Person),
        (PEOPLE_OF_CEDICT, Kind::Person),
    ]
    .into_iter()
    .flat_map(|(text, kind)| {
        rows(text).map(move |columns| {
            let mut entry = Entry::new(columns[0], columns[1]);
            entry.note = columns.get(2).map(|note| (*note).to_owned());
            entry.kind = kind;
            entry.house = false;
            entry
        })
    })
}

/// A post by the words it ends in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Post {
    /// English of the post.
    pub en: &'static str,
    /// English of its deputy, where there is one.
    pub deputy: Option<&'static str>,
    /// How it goes with an organisation.
    pub kind: PostKind,
}

/// How a post goes with an organisation and with names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PostKind {
    /// "… of the organisation".
    Of,
    /// The head of a place.
    Place,
    /// Needs no organisation.
    Alone,
    /// What somebody is, rather than a post.
    Role,
    /// Stands before several names and is shared by them.
    Group,
}

/// Posts by their Chinese.
pub fn posts() -> &'static HashMap<&'static str, Post> {
    static POSTS: OnceLock<HashMap<&'static str, Post>> = OnceLock::new();
    POSTS.get_or_init(|| {
        rows(include_str!("data/posts.tsv"))
            .map(|columns| {
                let kind = match columns.get(3).copied() {
                    Some("place") => PostKind::Place,
                    Some("alone") => PostKind::Alone,
                    Some("role") => PostKind::Role,
                    Some("group") => PostKind::Group,
                    _ => PostKind::Of,
                };
                let deputy = columns.get(2).copied().filter(|en| *en != "-");
                (
                    columns[0],
                    Post {
                        en: columns[1],
                        deputy,
                        kind,
                    },
                )
            })
            .collect()
    })
}

/// What departments deal with, by their Chinese.
pub fn topics() -> &'static HashMap<&'static str, &'static str> {
    static TOPICS: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    TOPICS.get_or_init(|| first_english(include_str!("data/topics.tsv")))
}

/// Offices that belong to a larger body (`组织部`), by their Chinese.
pub fn offices() -> &'static HashMap<&'static str, &'static str> {
    static OFFICES: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    OFFICES.get_or_init(|| first_english(include_str!("data/offices.tsv")))
}

/// Bodies that every level has (`政协`), by their Chinese: their English behind a bare level
/// ("provincial …") and behind a name ("Zhejiang Provincial …").
pub fn ranks() -> &'static HashMap<&'static str, (&'static str, &'static str)> {
    static RANKS: OnceLock<HashMap<&'static str, (&'static str, &'static str)>> = OnceLock::new();
    RANKS.get_or_init(|| {
        rows(include_str!("data/ranks.tsv"))
            .map(|c| (c[0], (c[1], c.get(2).copied().unwrap_or(c[1]))))
            .collect()
    })
}

/// Bodies by their Chinese.
pub fn bodies() -> &'static HashMap<&'static str, &'static str> {
    static BODIES: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    BODIES.get_or_init(|| first_english(include_str!("data/bodies.tsv")))
}

/// Set political and economic terms, by their Chinese.
pub fn terms() -> &'static HashMap<&'static str, &'static str> {
    static TERMS: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    TERMS.get_or_init(|| first_english(include_str!("data/terms.tsv")))
}

/// Papers and agencies by their Chinese, and, behind a hyphen, what the names of papers end in.
pub fn papers() -> impl Iterator<Item = (&'static str, &'static str)> {
    rows(include_str!("data/papers.tsv")).map(|c| (c[0], c[1]))
}

/// People with an English name of their own, by their Chinese.
pub fn people() -> &'static HashMap<&'static str, &'static str> {
    static NAMES: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    NAMES.get_or_init(|| {
        let mut people = first_english(PEOPLE_OF_CEDICT);
        people.extend(first_english(PEOPLE));
        people
    })
}

/// Places by their Chinese, each with its English and its level (`country`, `province`,
/// `prefecture`, `county`, `city`, `region`).
pub fn places() -> &'static HashMap<&'static str, (&'static str, &'static str)> {
    static PLACES: OnceLock<HashMap<&'static str, (&'static str, &'static str)>> = OnceLock::new();
    PLACES.get_or_init(|| {
        rows(include_str!("data/places.tsv"))
            .map(|c| (c[0], (first(c[1]), c.get(2).copied().unwrap_or_default())))
            .collect()
    })
}

/// The places with all their English names.
pub fn place_names() -> impl Iterator<Item = (&'static str, impl Iterator<Item = &'static str>)> {
    rows(include_str!("data/places.tsv")).map(|c| (c[0], c[1].split('|').map(str::trim)))
}

fn first_english(text: &'static str) -> HashMap<&'static str, &'static str> {
    rows(text).map(|c| (c[0], first(c[1]))).collect()
}

fn first(variants: &'static str) -> &'static str {
    variants.split(" | ").next().unwrap_or(variants)
}

/// Rows of a compiled-in table: at least two columns, no comments, no header.
pub(crate) fn rows(text: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.starts_with("zh\t"))
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|columns| columns.len() >= 2)
}
