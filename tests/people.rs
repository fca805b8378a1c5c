//! The recogniser of people on sentences of our own with gold (`tests/people/*.tsv`).

use std::collections::BTreeSet;
use std::path::Path;

use kuaibao::brief::people::{self, Person};

/// One line of gold.
struct Case {
    text: String,
    people: Vec<Gold>,
}

struct Gold {
    name: String,
    post: Option<String>,
    organisation: Option<String>,
}

fn cases(file: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/people")
        .join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let (text, gold) = line
                .split_once('\t')
                .unwrap_or_else(|| panic!("no gold: {line}"));
            let people = gold
                .split(';')
                .filter(|g| *g != "-")
                .map(gold_person)
                .collect();
            Case {
                text: text.to_owned(),
                people,
            }
        })
        .collect()
}

fn gold_person(gold: &str) -> Gold {
    let (rest, organisation) = match gold.split_once('@') {
        Some((rest, organisation)) => (rest, Some(organisation.to_owned())),
        None => (gold, None),
    };
    let (name, post) = match rest.split_once('=') {
        Some((name, post)) => (name, Some(post.to_owned())),
        None => (rest, None),
    };
    Gold {
        name: name.to_owned(),
        post,
        organisation,
    }
}

#[derive(Default)]
struct Score {
    right: usize,
    found: usize,
    gold: usize,
    posts: usize,
    posts_right: usize,
    complaints: Vec<String>,
}

impl Score {
    fn precision(&self) -> f64 {
        self.right as f64 / self.found as f64
    }

    fn recall(&self) -> f64 {
        self.right as f64 / self.gold as f64
    }

    fn post_accuracy(&self) -> f64 {
        self.posts_right as f64 / self.posts as f64
    }
}

fn score(cases: &[Case]) -> Score {
    let mut score = Score::default();
    for case in cases {
        let paragraphs: Vec<&str> = case.text.split('¶').collect();
        let found = people::find(&paragraphs, &[]);
        check_mentions(&paragraphs, &found);
        let names: BTreeSet<&str> = found.iter().map(|p| p.zh.as_str()).collect();
        let gold: BTreeSet<&str> = case.people.iter().map(|g| g.name.as_str()).collect();
        score.right += names.intersection(&gold).count();
        score.found += names.len();
        score.gold += gold.len();
        for name in names.difference(&gold) {
            score
                .complaints
                .push(format!("extra {name}: {}", case.text));
        }
        for name in gold.difference(&names) {
            score
                .complaints
                .push(format!("missed {name}: {}", case.text));
        }
        for g in &case.people {
            let (Some(post), Some(person)) = (&g.post, found.iter().find(|p| p.zh == g.name))
            else {
                continue;
            };
            score.posts += 1;
            let organisation_right =
                g.organisation.is_none() || g.organisation == person.organisation_zh;
            if person.post_zh.as_ref() == Some(post) && organisation_right {
                score.posts_right += 1;
            } else {
                score.complaints.push(format!(
                    "post of {}: {:?} @ {:?} instead of {post} @ {:?}: {}",
                    g.name, person.post_zh, person.organisation_zh, g.organisation, case.text
                ));
            }
        }
    }
    score
}

/// Mentions are in order, inside their paragraph, and hold the name or a part of it.
fn check_mentions(paragraphs: &[&str], people: &[Person]) {
    for person in people {
        assert!(
            !person.mentions.is_empty(),
            "{} is never mentioned",
            person.zh
        );
        let mut last = (0, 0);
        for m in &person.mentions {
            let slice = &paragraphs[m.paragraph][m.range.clone()];
            let surname = person.zh.chars().next().unwrap_or_default();
            assert!(
                slice.starts_with(surname) || person.zh.ends_with(slice),
                "{slice} is no mention of {}",
                person.zh
            );
            assert!(
                (m.paragraph, m.range.start) >= last,
                "mentions out of order"
            );
            last = (m.paragraph, m.range.end);
        }
    }
}

fn report(file: &str, score: &Score) {
    eprintln!(
        "{file}: precision {:.3}, recall {:.3}, posts {:.3} ({} found, {} gold, {} posts)",
        score.precision(),
        score.recall(),
        score.post_accuracy(),
        score.found,
        score.gold,
        score.posts
    );
    for complaint in &score.complaints {
        eprintln!("  {complaint}");
    }
}

#[test]
fn people_are_found_with_their_posts() {
    for (file, precision, recall) in [("sentences.tsv", 0.98, 0.97), ("held-out.tsv", 0.97, 0.85)] {
        let score = score(&cases(file));
        report(file, &score);
        assert!(score.precision() >= precision, "{file}");
        assert!(score.recall() >= recall, "{file}");
        assert!(score.post_accuracy() >= 0.95, "{file}");
    }
}
