//! An extractive summary: which sentences of an article say what it is about.
//!
//! Comes in: the Chinese sentences of one article with what is known of each. Goes out: the chosen
//! ones, in source order, each with a score. Works on words alone; never touches tensors, files or
//! the terminal, and never writes a sentence of its own.
//!
//! A sentence's relevance blends four things, weighed in [`relevance`]:
//!
//! - centrality: continuous `LexRank` (Erkan & Radev, "Graph-based Lexical Centrality as
//!   Salience in Text Summarization", JAIR 22, 2004, §3.3), `PageRank` over the cosine similarity
//!   of the sentences' tf·idf vectors;
//! - position: newspaper articles put the news first;
//! - the headline's words;
//! - figures and named people.
//!
//! Sentences are then chosen one by one by maximal marginal relevance (Carbonell & Goldstein,
//! SIGIR 1998), so that the second does not repeat the first.

use std::collections::HashMap;

use super::words;

/// A sentence that may go into the summary.
#[derive(Clone, Copy, Debug)]
pub struct Candidate<'a> {
    /// The sentence.
    pub zh: &'a str,
    /// Index of its paragraph in the article.
    pub paragraph: usize,
    /// Whether it opens its paragraph.
    pub first_in_paragraph: bool,
    /// How many key figures it holds.
    pub figures: usize,
    /// How many people it names.
    pub people: usize,
}

/// How long a summary may get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Budget {
    /// At most so many sentences.
    Sentences(usize),
    /// About so many English words, estimated from the Chinese; at least one sentence.
    Words(usize),
}

/// English words a Chinese character comes to: 0.69 on wmt18's references, 0.75 on wmt22's,
/// 0.60 on FLORES.
const WORDS_PER_CHARACTER: f64 = 0.65;

/// Sentences with fewer content words than this say too little to stand alone.
const MIN_CONTENT_WORDS: usize = 3;

/// Chooses the sentences that summarise an article.
///
/// Returns indices into `candidates` in source order, each with its relevance from 0 to 1 (1 is
/// the most relevant sentence of the article). Never more than the budget allows; the same input
/// gives the same answer.
pub fn select(
    candidates: &[Candidate<'_>],
    headline: Option<&str>,
    budget: Budget,
) -> Vec<(usize, f64)> {
    let vectors = Vectors::of(candidates, headline);
    let relevance = relevance(candidates, &vectors);
    let mut chosen = most_relevant_without_repeats(candidates, &vectors, &relevance, budget);
    chosen.sort_unstable();
    chosen.into_iter().map(|i| (i, relevance[i])).collect()
}

/// Drops what a sentence opens with that says nothing to a reader of the summary: `本报讯`,
/// `据悉，`, `记者从……获悉，`, `他强调，`, `此外，`.
pub fn lead_trim(zh: &str) -> &str {
    let mut rest = zh.trim_start();
    while let Some(shorter) = without_lead(rest) {
        rest = shorter;
    }
    if rest.is_empty() { zh.trim() } else { rest }
}

/// Openings that are dropped wherever they stand before a sentence.
const LABELS: [&str; 9] = [
    "本报讯",
    "又讯",
    "综合消息：",
    "综合消息",
    "快讯：",
    "图为：",
    "图为",
    "原标题：",
    "核心提示：",
];
/// Openings that are dropped with the comma behind them.
const LINKS: [&str; 26] = [
    "据悉",
    "据了解",
    "据介绍",
    "据统计",
    "据报道",
    "另据报道",
    "据新华社报道",
    "此外",
    "另外",
    "同时",
    "与此同时",
    "其中",
    "对此",
    "因此",
    "为此",
    "不过",
    "然而",
    "但是",
    "而且",
    "并且",
    "随后",
    "接着",
    "最后",
    "另据了解",
    "会上",
    "会议期间",
];
/// Speakers that point back to a sentence the summary may not hold.
const PRONOUNS: [&str; 6] = ["他们", "她们", "他", "她", "大家", "双方"];
/// Verbs between such a speaker and what was said.
const SAYING: [&str; 16] = [
    "强调",
    "指出",
    "表示",
    "说",
    "要求",
    "认为",
    "介绍",
    "称",
    "提出",
    "希望",
    "坦言",
    "告诉记者",
    "介绍说",
    "表示说",
    "补充说",
    "解释说",
];

fn without_lead(sentence: &str) -> Option<&str> {
    let sentence = sentence.trim_start();
    if let Some(rest) = LABELS.iter().find_map(|l| sentence.strip_prefix(l)) {
        return Some(without_reporter(rest.trim_start()));
    }
    let (head, rest) = sentence.split_once(['，', ',', '：', ':'])?;
    let rest = rest.trim_start();
    let head = head.trim();
    let comma = sentence[..sentence.len() - rest.len()]
        .trim_end()
        .ends_with(['，', ',']);
    let is_link = LINKS.contains(&head);
    let is_pronoun_saying = PRONOUNS.iter().any(|p| {
        head.strip_prefix(p).is_some_and(|verb| {
            SAYING.contains(&verb.trim_start_matches(['还', '也', '又', '并', '特']))
        })
    });
    let is_source = head.chars().count() <= 24
        && ["记者从", "日前从", "从"]
            .iter()
            .any(|p| head.starts_with(p))
        && ["获悉", "了解到"].iter().any(|s| head.ends_with(s));
    let quoted = rest.starts_with(['“', '"', '「']);
    ((is_link && comma) || (is_pronoun_saying && !quoted) || is_source)
        .then_some(rest)
        .filter(|rest| !rest.is_empty())
}

/// `（记者 某某）某市某局……` → `某市某局……`, as it follows `本报讯`.
fn without_reporter(text: &str) -> &str {
    let Some(inner) = text.strip_prefix(['（', '(']) else {
        return text.trim_start_matches(['：', ':', ' ', '\u{3000}']);
    };
    match inner.split_once(['）', ')']) {
        Some((label, rest)) if ["记者", "通讯员", "见习"].iter().any(|w| label.contains(w)) => {
            rest.trim_start()
        }
        _ => text,
    }
}

/// The sentences as unit vectors over the words they share, and the headline as one more.
struct Vectors {
    /// A sentence's terms with their weights, sorted by term; the weights' squares sum to 1.
    rows: Vec<Vec<(usize, f64)>>,
    /// Number of distinct content words of each sentence.
    distinct: Vec<usize>,
    headline: Vec<(usize, f64)>,
    terms: usize,
}

impl Vectors {
    fn of(candidates: &[Candidate<'_>], headline: Option<&str>) -> Self {
        let mut ids: HashMap<&str, usize> = HashMap::new();
        let mut count = |text| {
            let mut counts: HashMap<usize, f64> = HashMap::new();
            for word in words::content(text) {
                let next = ids.len();
                *counts.entry(*ids.entry(word).or_insert(next)).or_default() += 1.0;
            }
            counts
        };
        let rows: Vec<_> = candidates.iter().map(|c| count(c.zh)).collect();
        let headline = headline.map(&mut count).unwrap_or_default();

        let terms = ids.len();
        let mut sentences_with = vec![0_u32; terms];
        for row in &rows {
            for &term in row.keys() {
                sentences_with[term] += 1;
            }
        }
        let n = rows.len() as f64;
        let weigh = |counts: HashMap<usize, f64>| {
            let mut row: Vec<(usize, f64)> = counts
                .into_iter()
                .map(|(t, tf)| (t, tf * (1.0 + n / f64::from(sentences_with[t].max(1))).ln()))
                .collect();
            row.sort_unstable_by_key(|&(term, _)| term);
            let norm = row.iter().map(|(_, w)| w * w).sum::<f64>().sqrt();
            for (_, w) in &mut row {
                *w /= norm;
            }
            row
        };
        let distinct = rows.iter().map(HashMap::len).collect();
        Self {
            rows: rows.into_iter().map(weigh).collect(),
            distinct,
            headline: weigh(headline),
            terms,
        }
    }

    /// Continuous `LexRank`, scaled so that the most central sentence has 1.
    ///
    /// The similarity matrix is V·Vᵀ, so a step of the power iteration is Vᵀ then V: linear in the
    /// words of the article, where the matrix itself would be quadratic in its sentences.
    fn centrality(&self) -> Vec<f64> {
        /// The papers' usual damping.
        const DAMPING: f64 = 0.85;
        const STEPS: usize = 50;
        const TOLERANCE: f64 = 1e-7;

        let n = self.rows.len();
        let similar = |p: &[f64]| -> Vec<f64> {
            let mut by_term = vec![0.0; self.terms];
            for (row, p) in self.rows.iter().zip(p) {
                for &(term, w) in row {
                    by_term[term] += w * p;
                }
            }
            let to = |row: &[(usize, f64)]| row.iter().map(|&(t, w)| w * by_term[t]).sum::<f64>();
            // A sentence's likeness to itself is no recommendation.
            self.rows
                .iter()
                .zip(p)
                .map(|(row, p)| {
                    if row.is_empty() {
                        0.0
                    } else {
                        (to(row) - p).max(0.0)
                    }
                })
                .collect()
        };
        let degree = similar(&vec![1.0; n]);
        let mut rank = vec![1.0 / n as f64; n];
        for _ in 0..STEPS {
            let shared: Vec<f64> = rank
                .iter()
                .zip(&degree)
                .map(|(r, d)| if *d > 0.0 { r / d } else { 0.0 })
                .collect();
            let next: Vec<f64> = similar(&shared)
                .into_iter()
                .map(|s| (1.0 - DAMPING) / n as f64 + DAMPING * s)
                .collect();
            let moved: f64 = next.iter().zip(&rank).map(|(a, b)| (a - b).abs()).sum();
            rank = next;
            if moved < TOLERANCE {
                break;
            }
        }
        scaled_to_one(rank)
    }

    /// How much of the headline's weight a sentence's words cover.
    fn headline_overlap(&self, i: usize) -> f64 {
        dot(&self.headline, &self.rows[i])
    }

    fn similarity(&self, i: usize, j: usize) -> f64 {
        dot(&self.rows[i], &self.rows[j])
    }
}

fn dot(a: &[(usize, f64)], b: &[(usize, f64)]) -> f64 {
    let (mut i, mut j, mut sum) = (0, 0, 0.0);
    while i < a.len() && j < b.len() {
        match a[i].0.cmp(&b[j].0) {
            std::cmp::Ordering::Less => i += 1,
            std::cmp::Ordering::Greater => j += 1,
            std::cmp::Ordering::Equal => {
                sum += a[i].1 * b[j].1;
                i += 1;
                j += 1;
            }
        }
    }
    sum
}

fn scaled_to_one(mut values: Vec<f64>) -> Vec<f64> {
    let max = values.iter().copied().fold(0.0, f64::max);
    if max > 0.0 {
        for v in &mut values {
            *v /= max;
        }
    }
    values
}

/// Each sentence's relevance, scaled so that the best has 1.
fn relevance(candidates: &[Candidate<'_>], vectors: &Vectors) -> Vec<f64> {
    const CENTRALITY: f64 = 0.35;
    const POSITION: f64 = 0.35;
    const HEADLINE: f64 = 0.20;
    const FIGURES: f64 = 0.07;
    const PEOPLE: f64 = 0.03;

    let centrality = vectors.centrality();
    let overlap = (0..candidates.len()).map(|i| vectors.headline_overlap(i));
    let overlap = scaled_to_one(overlap.collect());
    let blended = candidates.iter().enumerate().map(|(i, c)| {
        let whole = CENTRALITY * centrality[i]
            + POSITION * position(c)
            + HEADLINE * overlap[i]
            + FIGURES * (c.figures as f64 / 3.0).min(1.0)
            + PEOPLE * (c.people as f64).min(1.0);
        whole * self_contained(c.zh, vectors.distinct[i])
    });
    scaled_to_one(blended.collect())
}

/// 1 for the lead, less with each paragraph; the first sentence of a paragraph counts for more.
fn position(c: &Candidate<'_>) -> f64 {
    let paragraph = 1.0 / (1.0 + 0.5 * c.paragraph as f64);
    paragraph * if c.first_in_paragraph { 1.0 } else { 0.6 }
}

/// Less than 1 for a sentence that a reader could not follow alone.
fn self_contained(zh: &str, content_words: usize) -> f64 {
    let zh = lead_trim(zh);
    let length = if content_words < MIN_CONTENT_WORDS {
        0.2
    } else {
        1.0
    };
    let question = if zh.trim_end_matches(['”', '」', '"']).ends_with(['？', '?']) {
        0.4
    } else {
        1.0
    };
    let points_back = [
        "这", "那", "该", "其", "他", "她", "它", "但", "而", "也", "还", "于是", "所以",
    ];
    let alone = if points_back.iter().any(|p| zh.starts_with(p)) {
        0.8
    } else {
        1.0
    };
    length * question * alone
}

fn most_relevant_without_repeats(
    candidates: &[Candidate<'_>],
    vectors: &Vectors,
    relevance: &[f64],
    budget: Budget,
) -> Vec<usize> {
    /// Weight of relevance against newness.
    const LAMBDA: f64 = 0.7;
    /// A sentence this like a chosen one repeats it.
    const REPEATS: f64 = 0.6;

    let words = |i: usize| characters(candidates[i].zh) as f64 * WORDS_PER_CHARACTER;
    let mut nearest = vec![0.0_f64; candidates.len()];
    let mut left: Vec<usize> = (0..candidates.len()).collect();
    left.retain(|&i| vectors.distinct[i] > 0);
    let mut chosen = Vec::new();
    let mut spent = 0.0;
    loop {
        let room = match budget {
            Budget::Sentences(n) => chosen.len() < n,
            Budget::Words(n) => chosen.is_empty() || spent < n as f64,
        };
        if !room {
            break;
        }
        left.retain(|&i| {
            let fits = match budget {
                Budget::Sentences(_) => true,
                Budget::Words(n) => chosen.is_empty() || spent + words(i) <= n as f64 * 1.1,
            };
            fits && nearest[i] < REPEATS
        });
        let gain = |i: usize| LAMBDA * relevance[i] - (1.0 - LAMBDA) * nearest[i];
        let Some(best) = left
            .iter()
            .enumerate()
            .max_by(|(_, a), (_, b)| gain(**a).total_cmp(&gain(**b)).then(b.cmp(a)))
            .map(|(at, _)| at)
        else {
            break;
        };
        let best = left.swap_remove(best);
        spent += words(best);
        chosen.push(best);
        for &i in &left {
            nearest[i] = nearest[i].max(vectors.similarity(i, best));
        }
    }
    chosen
}

/// Han characters, and runs of Latin letters or digits as one.
fn characters(text: &str) -> usize {
    let mut count = 0;
    let mut in_run = false;
    for c in text.chars() {
        let latin = c.is_ascii_alphanumeric() || c == '.';
        if (latin && !in_run) || (!latin && c.is_alphanumeric()) {
            count += 1;
        }
        in_run = latin;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A short article of our own: the harbour lead, two details, one repeat, one aside.
    const HARBOUR: [&str; 6] = [
        "云湖港新集装箱码头昨日投入运营，年吞吐能力达到120万标准箱。",
        "新码头拥有两个泊位，可停靠20万吨级集装箱船。",
        "云湖港新集装箱码头昨日正式投入运营，年吞吐能力为120万标准箱。",
        "码头采用自动化装卸，作业效率比旧码头提高三成。",
        "当天下着小雨。",
        "港口负责人说，集装箱航线明年将增加到18条。",
    ];

    fn candidates(sentences: &[&'static str]) -> Vec<Candidate<'static>> {
        sentences
            .iter()
            .enumerate()
            .map(|(i, zh)| Candidate {
                zh,
                paragraph: i / 2,
                first_in_paragraph: i % 2 == 0,
                figures: usize::from(zh.contains(|c: char| c.is_ascii_digit())),
                people: 0,
            })
            .collect()
    }

    #[test]
    fn the_lead_is_chosen_and_not_repeated() {
        let c = candidates(&HARBOUR);
        let chosen = select(&c, Some("云湖港新集装箱码头投入运营"), Budget::Sentences(3));
        let indices: Vec<usize> = chosen.iter().map(|&(i, _)| i).collect();
        assert_eq!(indices.len(), 3);
        assert_eq!(indices[0], 0);
        assert!(!indices.contains(&2), "the repeat of the lead: {indices:?}");
        assert!(!indices.contains(&4), "the aside: {indices:?}");
        assert!(indices.is_sorted());
        assert!(chosen.iter().all(|&(_, s)| (0.0..=1.0).contains(&s)));
        assert!((chosen[0].1 - 1.0).abs() < 1e-9, "the lead scores highest");
    }

    #[test]
    fn a_budget_in_words_is_kept() {
        let c = candidates(&HARBOUR);
        let one = select(&c, None, Budget::Words(1));
        assert_eq!(one.len(), 1, "never nothing");
        let words = |chosen: &[(usize, f64)]| -> f64 {
            chosen
                .iter()
                .map(|&(i, _)| characters(c[i].zh) as f64 * WORDS_PER_CHARACTER)
                .sum()
        };
        for budget in [30, 50, 80] {
            let chosen = select(&c, None, Budget::Words(budget));
            assert!(words(&chosen) <= budget as f64 * 1.1, "{budget}");
        }
    }

    #[test]
    fn odd_input_is_answered() {
        assert!(select(&[], Some("题"), Budget::Sentences(3)).is_empty());
        let c = candidates(&["", "，，，", "2025", "\u{0}\u{fffd}"]);
        assert!(select(&c, None, Budget::Sentences(3)).is_empty());
        let c = candidates(&["云湖港码头投入运营。"]);
        assert_eq!(select(&c, None, Budget::Sentences(3)).len(), 1);
        assert!(select(&c, None, Budget::Sentences(0)).is_empty());
    }

    #[test]
    fn lead_words_are_dropped() {
        let cases = [
            ("本报讯 5月3日，云湖港开港。", "5月3日，云湖港开港。"),
            ("本报讯（记者 钱某）云湖港开港。", "云湖港开港。"),
            ("据悉，码头有两个泊位。", "码头有两个泊位。"),
            ("他强调，要抓好安全生产。", "要抓好安全生产。"),
            ("他还指出，要抓好安全生产。", "要抓好安全生产。"),
            ("记者从云湖港务局获悉，码头有两个泊位。", "码头有两个泊位。"),
            ("此外，据了解，航线将增加。", "航线将增加。"),
            ("会议强调，要抓好安全生产。", "会议强调，要抓好安全生产。"),
            ("他说：“我们做到了。”", "他说：“我们做到了。”"),
            ("同时达到两个目标。", "同时达到两个目标。"),
            ("其中", "其中"),
            ("据悉，", "据悉，"),
        ];
        for (zh, expected) in cases {
            assert_eq!(lead_trim(zh), expected, "{zh}");
        }
    }
}
