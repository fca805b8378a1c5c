//! Made pages with the habits of real newspapers, one and two at a time, and how they are split.
//!
//! The texts are those of `tests/pages/articles.json` and `more-articles.json`, our own. Other texts are measured, not held
//! to bounds, with `KUAIBAO_ARTICLES=FILE cargo test -p kuaibao-text --test habits -- --nocapture`.

use kuaibao_text::page::{Article, Page, split};
use kuaibao_text::text::Traced;

mod made;

use made::{HABITS, Habit, Made, Text, make};

fn squashed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Counts of one habit's pages.
#[derive(Default)]
struct Score {
    paragraphs: [usize; 3],
    articles: [usize; 3],
    headlines: [usize; 2],
    bylines: [usize; 3],
    captions: [usize; 2],
    sure: [usize; 2],
    gold: usize,
}

fn f1([hit, found, gold]: [usize; 3]) -> f64 {
    if found + gold == 0 {
        1.0
    } else {
        2.0 * hit as f64 / (found + gold) as f64
    }
}

impl Score {
    fn add(&mut self, made: &Made, page: &Page) {
        let bodies = |a: &Article| {
            a.paragraphs
                .iter()
                .map(|p| squashed(p.as_str()))
                .collect::<Vec<_>>()
        };
        let found: Vec<Vec<String>> = page.articles.iter().map(bodies).collect();
        let mut left: Vec<&String> = found.iter().flatten().collect();
        self.paragraphs[1] += left.len();
        self.articles[1] += found.len();
        let mut right = vec![false; found.len()];
        for gold in &made.gold {
            self.gold += 1;
            let paragraphs: Vec<String> = gold.paragraphs.iter().map(|p| squashed(p)).collect();
            self.paragraphs[2] += paragraphs.len();
            for paragraph in &paragraphs {
                if let Some(at) = left.iter().position(|p| *p == paragraph) {
                    left.swap_remove(at);
                    self.paragraphs[0] += 1;
                }
            }
            self.articles[2] += 1;
            let whole = found.iter().position(|f| *f == paragraphs);
            self.articles[0] += usize::from(whole.is_some());
            // Whose article it is most: the one with its first paragraph, or any.
            let mine = whole.or_else(|| {
                let start: String = paragraphs[0].chars().take(12).collect();
                found
                    .iter()
                    .position(|f| f.iter().any(|p| p.starts_with(&start)))
            });
            let article = mine.map(|i| &page.articles[i]);
            let headline = article
                .and_then(|a| a.headline.as_ref())
                .map(|h| squashed(h.as_str()));
            let headed = headline.as_deref() == Some(&squashed(&gold.headline));
            self.headlines[0] += usize::from(headed);
            self.headlines[1] += 1;
            let names: Vec<&str> = article.map_or(Vec::new(), |a| {
                a.byline.iter().map(Traced::as_str).collect()
            });
            let hit = gold
                .byline
                .iter()
                .filter(|n| names.contains(&n.as_str()))
                .count();
            self.bylines[0] += hit;
            self.bylines[1] += names.len();
            self.bylines[2] += gold.byline.len();
            for caption in &gold.captions {
                self.captions[1] += 1;
                self.captions[0] += usize::from(page.articles.iter().any(|a| {
                    a.captions
                        .iter()
                        .any(|c| squashed(c.as_str()) == squashed(caption))
                }));
            }
            if std::env::var("KUAIBAO_WRONG").is_ok()
                && (whole.is_none() || !headed || hit < gold.byline.len() || names.len() > hit)
            {
                println!(
                    "-- {} {:?} conf {:?}",
                    gold.headline,
                    gold.byline,
                    article.map(|a| a.confidence)
                );
                println!("   got {headline:?} {names:?}");
                if whole.is_none() {
                    let got = mine.map_or(&[][..], |i| &found[i][..]);
                    for p in paragraphs.iter().filter(|p| !got.contains(p)) {
                        println!("   gold  {p}");
                    }
                    for p in got.iter().filter(|p| !paragraphs.contains(p)) {
                        println!("   extra {p}");
                    }
                }
            }
            if let Some(i) = whole {
                right[i] = headed && hit == gold.byline.len() && names.len() == hit;
            }
        }
        for (article, right) in page.articles.iter().zip(right) {
            if article.confidence >= 0.95 {
                self.sure[1] += 1;
                self.sure[0] += usize::from(right);
            }
        }
    }

    /// Holds the bounds of each habit.
    fn assert_good(&self, habit: Habit) {
        let headline = self.headlines[0] as f64 / self.headlines[1].max(1) as f64;
        let sure = self.sure[0] as f64 / self.sure[1].max(1) as f64;
        let row = self.row();
        assert!(f1(self.articles) >= 0.95, "{habit:?}: {row}");
        assert!(f1(self.bylines) >= 0.95, "{habit:?}: {row}");
        assert!(headline >= 0.9, "{habit:?}: {row}");
        assert!(self.sure[1] == 0 || sure >= 0.94, "{habit:?}: {row}");
    }

    fn row(&self) -> String {
        let share = |[hit, all]: [usize; 2]| {
            if all == 0 {
                1.0
            } else {
                hit as f64 / all as f64
            }
        };
        format!(
            "{:.3} | {:.3} | {:.3} | {:.3} | {:.3} | {:.3} ({:.2} of them)",
            f1(self.paragraphs),
            f1(self.articles),
            share(self.headlines),
            f1(self.bylines),
            share(self.captions),
            share(self.sure),
            self.sure[1] as f64 / self.gold.max(1) as f64,
        )
    }
}

fn score(texts: &[Text], habits: &[Habit], seeds: std::ops::Range<u64>) -> Score {
    let mut score = Score::default();
    for seed in seeds {
        let made = make(texts, habits, seed);
        let page = split(&made.text, None);
        score.add(&made, &page);
        if let Ok(folder) = std::env::var("KUAIBAO_MADE_PAGES") {
            let name = format!(
                "{folder}/{}-{seed}.txt",
                habits
                    .iter()
                    .map(|h| format!("{h:?}"))
                    .chain(habits.is_empty().then(|| "nothing".to_owned()))
                    .collect::<Vec<_>>()
                    .join("-")
            );
            std::fs::write(&name, &made.text).unwrap();
            let gold = serde_json::json!({"date": "2031-04-03", "articles": made.gold});
            std::fs::write(name.replace(".txt", ".gold.json"), gold.to_string()).unwrap();
        }
    }
    score
}

#[test]
fn habits_of_papers_are_read() {
    let seeds = std::env::var("KUAIBAO_SEEDS")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(40);
    let first = std::env::var("KUAIBAO_FIRST_SEED")
        .ok()
        .and_then(|s| s.parse().ok())
        .unwrap_or(0);
    let texts = match std::env::var("KUAIBAO_ARTICLES") {
        Ok(path) => made::read_texts(&path),
        Err(_) => made::own_texts(),
    };
    println!(
        "| habit | paragraph F1 | article F1 | headline | byline | caption | right at >= .95 |"
    );
    if let Ok(named) = std::env::var("KUAIBAO_HABIT") {
        let is_named = |h: &Habit| named.split(',').any(|n| n == format!("{h:?}"));
        let habits: Vec<Habit> = HABITS.into_iter().filter(is_named).collect();
        println!(
            "| {habits:?} | {} |",
            score(&texts, &habits, first..first + seeds).row()
        );
        return;
    }
    let plain = score(&texts, &[], first..first + seeds);
    println!("| nothing | {} |", plain.row());
    let held = std::env::var("KUAIBAO_ARTICLES").is_err();
    for habit in HABITS {
        let score = score(&texts, &[habit], first..first + seeds);
        println!("| {habit:?} | {} |", score.row());
        if held {
            score.assert_good(habit);
        }
    }
    let mut both = Score::default();
    for (i, a) in HABITS.iter().enumerate() {
        for b in &HABITS[i + 1..] {
            // Bylines in one place say nothing of another.
            let places = [
                Habit::TailBylines,
                Habit::InlineTailBylines,
                Habit::NoBylines,
            ];
            if places.contains(a)
                && (places.contains(b) || matches!(b, Habit::InfoLine | Habit::BareAuthor))
                || matches!((a, b), (Habit::InfoLine, Habit::BareAuthor))
            {
                continue;
            }
            let seed = first + 1000 + i as u64;
            let more = score(&texts, &[*a, *b], seed..seed + 1);
            if std::env::var("KUAIBAO_PAIRS").is_ok() {
                println!("| {a:?}, {b:?} | {} |", more.row());
            }
            for (sum, part) in [
                (&mut both.paragraphs, more.paragraphs),
                (&mut both.articles, more.articles),
                (&mut both.bylines, more.bylines),
            ] {
                for (sum, part) in sum.iter_mut().zip(part) {
                    *sum += part;
                }
            }
            for (sum, part) in [
                (&mut both.headlines, more.headlines),
                (&mut both.captions, more.captions),
                (&mut both.sure, more.sure),
            ] {
                for (sum, part) in sum.iter_mut().zip(part) {
                    *sum += part;
                }
            }
            both.gold += more.gold;
        }
    }
    println!("| any two | {} |", both.row());
}
