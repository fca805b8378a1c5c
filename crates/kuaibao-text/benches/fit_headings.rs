//! Fits the table of weights of headings, `src/page/data/heading.tsv`.
//!
//! Pages are made of the heads in `heads.tsv`, wrapped at random widths, some in the sizes that markup
//! states, some stacked or below their article, some with a line that is nobody's. The fit takes the
//! weights under which the right cuts are likeliest among all cuts (a semi-Markov conditional random
//! field, Sarawagi and Cohen 2004), with a normal prior: the one whose fit makes the right cuts of heads
//! kept aside likeliest. Prints how many blocks of those heads are cut right by the table and by the fit,
//! with the mean log-likelihood of the right cut, and the weights of a fit on all:
//!
//! `cargo test --release -p kuaibao-text --lib fit -- --ignored --nocapture`
//!
//! It is compiled into the library's tests, because it fits what nobody outside of the room sees.

use super::*;
use crate::dice::Dice;
use crate::page::line;
use crate::page::odds::Fit;
use crate::text::words::segmenter;

const PAGES: usize = 500;
const EPOCHS: usize = 12;
const LINES_OF_NOBODY: [&str; 6] = [
    "天天有优惠",
    "本版图片除署名外均由受访者提供",
    "欢迎扫描二维码",
    "关注民生 服务百姓",
    "公益广告",
    "读者热线全天开通",
];
/// Kickers of campaigns, above any article.
const SLOGANS: [&str; 8] = [
    "抓改革 促发展",
    "在希望的田野上",
    "奋斗者正青春",
    "深化“放管服”改革",
    "缩小城乡差距",
    "把实事办到心坎上",
    "学思想 强党性",
    "高质量发展调研行",
];

/// Who signs the notice before.
const SIGNED: [&str; 4] = [
    "东屿市交通运输局",
    "云岭县人民政府",
    "北岸区疾病预防控制中心",
    "青石镇抗洪救灾指挥部",
];

/// One row of `heads.tsv`.
struct Row {
    kicker: &'static str,
    headline: &'static str,
    subheadline: &'static str,
    text: &'static str,
}

fn rows() -> Vec<Row> {
    include_str!("heads.tsv")
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let mut cells = line.split('\t');
            let mut cell = || cells.next().expect("four cells");
            Row {
                kicker: cell(),
                headline: cell(),
                subheadline: cell(),
                text: cell(),
            }
        })
        .collect()
}

/// A group as it should be: its article, its headings, and which of them is the headline.
type Gold = (usize, Vec<Range<usize>>, usize);

/// A page with the right cut of each of its blocks.
#[derive(Default)]
struct Made {
    source: String,
    lines: usize,
    blocks: Vec<Block>,
    gold: Vec<Vec<Gold>>,
    /// Sizes of lines, where markup states them.
    sizes: Vec<(usize, u16)>,
    articles: Vec<Traced>,
}

impl Made {
    fn push(&mut self, line: &str) {
        self.source.push_str(line);
        self.source.push('\n');
        self.lines += 1;
    }

    fn heading(&mut self, text: &str, size: Option<u16>, dice: &mut Dice) -> Range<usize> {
        let start = self.lines;
        // Most headlines go over their columns; some stand in a narrow one.
        let limit = if dice.one_in(20) {
            5 + dice.below(4)
        } else {
            9 + dice.below(15)
        };
        // By hand a headline is broken between words; set in a column, anywhere, also behind a space.
        let by_hand = dice.one_in(2);
        let pieces: Vec<String> = match by_hand {
            true => segmenter()
                .cut(text, true)
                .into_iter()
                .map(|w| w.word.to_owned())
                .collect(),
            false => text.chars().map(String::from).collect(),
        };
        let mut line = String::new();
        for piece in pieces {
            let over = line.chars().count() + piece.chars().count() > limit;
            if over && !line.trim().is_empty() && !piece.starts_with(line::forbidden_at_start) {
                self.push(if by_hand {
                    line.trim()
                } else {
                    line.trim_start()
                });
                line.clear();
            }
            line.push_str(&piece);
        }
        self.push(line.trim());
        self.sizes.extend(
            size.into_iter()
                .flat_map(|size| (start..self.lines).map(move |i| (i, size))),
        );
        start..self.lines
    }

    fn head(&mut self, row: &Row, article: usize, sized: bool, dice: &mut Dice) -> Gold {
        let size = |size: u16| sized.then_some(size);
        let mut headings = Vec::new();
        if dice.one_in(16) {
            let slogan = SLOGANS[dice.below(SLOGANS.len())];
            headings.push(self.heading(slogan, size(115), dice));
        }
        if !row.kicker.is_empty() && !dice.one_in(4) {
            headings.push(self.heading(row.kicker, size(115), dice));
        }
        let headline = headings.len();
        headings.push(self.heading(row.headline, size(200), dice));
        if !row.subheadline.is_empty() && !dice.one_in(4) {
            headings.push(self.heading(row.subheadline, size(130), dice));
        }
        (article, headings, headline)
    }
}

fn make(rows: &[Row], dice: &mut Dice) -> Made {
    let mut made = Made::default();
    let sized = dice.one_in(4);
    let count = 3 + dice.below(3);
    let mut left: Vec<usize> = (0..rows.len()).collect();
    let chosen: Vec<&Row> = (0..count)
        .map(|_| &rows[left.swap_remove(dice.below(left.len()))])
        .collect();
    // Where each head stands: above its article, below it, or with the head before it.
    let mut block_of: Vec<usize> = (0..count).collect();
    for (i, block) in block_of.iter_mut().enumerate() {
        match dice.below(8) {
            0 => *block = i + 1,
            1 if i > 0 => *block = i - 1,
            _ => {}
        }
    }
    for block in 0..=count {
        let start = made.lines;
        let mut groups = Vec::new();
        if block > 0 && dice.one_in(12) {
            made.push(SIGNED[dice.below(SIGNED.len())]);
            made.push("2031年4月3日");
        } else if dice.one_in(20) {
            made.push(LINES_OF_NOBODY[dice.below(LINES_OF_NOBODY.len())]);
        }
        for (i, row) in chosen
            .iter()
            .enumerate()
            .filter(|(i, _)| block_of[*i] == block)
        {
            let group = made.head(row, i, sized, dice);
            groups.push(group);
        }
        if start < made.lines {
            made.blocks.push(Block {
                lines: start..made.lines,
                before: block.checked_sub(1),
                at: 0,
                behind: (block < count).then_some(block),
            });
            made.gold.push(groups);
        }
        if let Some(row) = chosen.get(block) {
            // A headline may say nothing that its article says.
            let told = if dice.one_in(6) {
                left[dice.below(left.len())]
            } else {
                usize::MAX
            };
            let text_of = rows.get(told).map_or(row.text, |other| other.text);
            let mut text = Traced::new();
            for paragraph in text_of.split('|') {
                let from = made.source.len();
                made.push(paragraph);
                text.push(&made.source, from..from + paragraph.len());
            }
            made.articles.push(text);
        }
    }
    made
}

/// A way to take a stretch of lines: by nobody, or as a group of headings.
struct Edge {
    lines: Range<usize>,
    group: Option<Gold>,
    seen: Vec<(usize, f64)>,
}

impl Edge {
    fn weight(&self, weights: &Weights) -> f64 {
        self.seen
            .iter()
            .map(|(what, times)| weights.0[*what] * times)
            .sum()
    }
}

/// All ways to take the lines of a block.
fn edges(scale: &Scale) -> Vec<Edge> {
    let count = scale.widths.len();
    let nobody = |i: usize| Edge {
        lines: i..i + 1,
        group: None,
        seen: vec![(scale.nobody() as usize, 1.0)],
    };
    let mut edges: Vec<Edge> = (0..count).map(nobody).collect();
    for start in 0..count {
        for end in start + 1..=count.min(start + LONGEST_GROUP) {
            let lines = start..end;
            for cuts in 0..1_u32 << (lines.len() - 1) {
                let headings = headings(&lines, cuts);
                let ways = Below::ALL.into_iter().flat_map(|below| {
                    (0..scale.candidates.len()).map(move |candidate| (below, candidate))
                });
                for (below, candidate) in ways {
                    let Some((above, ..)) = scale.parts(&headings, below) else {
                        continue;
                    };
                    let mut seen = vec![(scale.place(&lines, candidate) as usize, 1.0)];
                    let mut see = |what: Observation, times| seen.push((what as usize, times));
                    if !scale.observe(&headings, below, candidate, &mut see) {
                        continue;
                    }
                    edges.push(Edge {
                        lines: lines.clone(),
                        group: Some((scale.candidates[candidate], headings.clone(), above.len())),
                        seen,
                    });
                }
            }
        }
    }
    edges
}

fn log_sum(values: &[f64]) -> f64 {
    let most = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    most + values.iter().map(|v| (v - most).exp()).sum::<f64>().ln()
}

/// The log-likelihood of the right cut and its gradient; `None` where that cut is not among those weighed.
fn likelihood(
    edges: &[Edge],
    right: &[bool],
    count: usize,
    weights: &Weights,
) -> Option<(f64, Vec<f64>)> {
    let taken = || edges.iter().zip(right).filter(|(_, r)| **r);
    if taken().map(|(e, _)| e.lines.len()).sum::<usize>() != count {
        return None;
    }
    let weight: Vec<f64> = edges.iter().map(|e| e.weight(weights)).collect();
    let ways = |is: &dyn Fn(&Edge) -> bool, rest: &dyn Fn(&Edge) -> f64| {
        let ways = edges.iter().zip(&weight).filter(|(e, _)| is(e));
        log_sum(&ways.map(|(e, w)| rest(e) + w).collect::<Vec<_>>())
    };
    let mut ahead = vec![0.0; count + 1];
    for end in 1..=count {
        ahead[end] = ways(&|e| e.lines.end == end, &|e| ahead[e.lines.start]);
    }
    let mut behind = vec![0.0; count + 1];
    for start in (0..count).rev() {
        behind[start] = ways(&|e| e.lines.start == start, &|e| behind[e.lines.end]);
    }
    let mut gradient = vec![0.0; Observation::NAMES.len()];
    for ((edge, weight), right) in edges.iter().zip(&weight).zip(right) {
        let likely =
            (ahead[edge.lines.start] + weight + behind[edge.lines.end] - ahead[count]).exp();
        for (what, times) in &edge.seen {
            gradient[*what] += (f64::from(u8::from(*right)) - likely) * times;
        }
    }
    let own: f64 = taken().map(|(e, _)| e.weight(weights)).sum();
    Some((own - ahead[count], gradient))
}

/// What an edge takes is what the right cut does there.
fn is_right(edge: &Edge, gold: &[Gold]) -> bool {
    match &edge.group {
        Some(group) => gold.contains(group),
        None => {
            let takes =
                |(_, headings, _): &Gold| headings.iter().any(|h| h.contains(&edge.lines.start));
            !gold.iter().any(takes)
        }
    }
}

/// Calls `visit` with each block of a page on its scale and the right cut, in the block's own lines.
fn each_block(made: &Made, weights: &Weights, visit: &mut impl FnMut(&Scale, &[Gold])) {
    let mut lines = line::lines(&made.source);
    for (i, size) in &made.sizes {
        lines[*i].size = *size;
    }
    let articles = Articles::new(made.articles.iter().map(std::iter::once));
    let pairs = pairs_at_line_ends(&made.source, &lines, made.blocks.iter().map(|b| &b.lines));
    for (block, gold) in made.blocks.iter().zip(&made.gold) {
        let scale = Scale::new(&made.source, &lines, &pairs, block, &articles, weights);
        let at = block.lines.start;
        let own = |h: &Range<usize>| h.start - at..h.end - at;
        let gold: Vec<_> = gold
            .iter()
            .map(|(a, hs, headline)| (*a, hs.iter().map(own).collect(), *headline))
            .collect();
        visit(&scale, &gold);
    }
}

/// What only the maker of the pages decides: how often a headline stands elsewhere, or a line is
/// nobody's, how much an article repeats of its head; and what is certain. The fit leaves these as the table has them.
const GIVEN: [Observation; 9] = [
    Observation::HeadsItsArticle,
    Observation::EndsBefore,
    Observation::Elsewhere,
    Observation::Nobody,
    Observation::NobodyBelow,
    Observation::SurelyOne,
    Observation::SurelyTwo,
    Observation::Length,
    Observation::Shared,
];

fn fitted(pages: &[Made], prior: f64) -> Fit {
    let mut fit = Fit::new(Observation::NAMES.len(), prior);
    let give = |fit: &mut Fit| {
        for what in GIVEN {
            fit.weights.0[what as usize] = HEADING.of(what);
        }
    };
    give(&mut fit);
    for _ in 0..EPOCHS {
        for page in pages {
            let now = fit.weights.clone();
            each_block(page, &now, &mut |scale, gold| {
                let edges = edges(scale);
                let right: Vec<bool> = edges.iter().map(|e| is_right(e, gold)).collect();
                let count = scale.widths.len();
                if let Some((_, gradient)) = likelihood(&edges, &right, count, &fit.weights) {
                    fit.step(&gradient);
                    give(&mut fit);
                }
            });
        }
    }
    fit
}

/// Blocks cut right, of all, and the mean log-likelihood of the right cut.
fn right(pages: &[Made], weights: &Weights) -> (usize, usize, f64) {
    let mut counts = (0, 0);
    let mut sum = 0.0;
    for page in pages {
        each_block(page, weights, &mut |scale, gold| {
            let edges = edges(scale);
            let right: Vec<bool> = edges.iter().map(|e| is_right(e, gold)).collect();
            let told = likelihood(&edges, &right, scale.widths.len(), weights);
            sum += told.map_or(0.0, |(likelihood, _)| likelihood);
            let at = scale.block.lines.start;
            let own = |h: &Range<usize>| h.start - at..h.end - at;
            let cut: Vec<Gold> = scale
                .cut(&HashSet::new())
                .1
                .iter()
                .map(|group| {
                    let headings: Vec<_> = group.headings.iter().map(own).collect();
                    let parts = scale.parts(&headings, group.below);
                    let headline = parts.expect("what is cut has a headline").0.len();
                    (group.article, headings, headline)
                })
                .collect();
            counts.0 += usize::from(cut == gold);
            counts.1 += 1;
        });
    }
    (counts.0, counts.1, sum / f64::from(counts.1 as u32))
}

#[test]
#[ignore = "fits a table: minutes"]
fn fit() {
    let rows = rows();
    let pages = |rows: &[Row], seed| {
        let mut dice = Dice(seed);
        (0..PAGES)
            .map(|_| make(rows, &mut dice))
            .collect::<Vec<_>>()
    };
    // Every third head is kept aside to measure on.
    let (mut kept, mut own) = (Vec::new(), Vec::new());
    for (i, row) in rows.into_iter().enumerate() {
        if i % 3 == 0 {
            kept.push(row);
        } else {
            own.push(row);
        }
    }
    let aside = pages(&kept, 2);
    println!(
        "cut right on heads kept aside, by the table: {:?}",
        right(&aside, &HEADING)
    );
    let made = pages(&own, 1);
    let best = Fit::PRIORS
        .map(|prior| (right(&aside, &fitted(&made, prior).weights), prior))
        .into_iter()
        .inspect(|(right, prior)| println!("fitted without them, prior {prior:e}: {right:?}"))
        .max_by(|(a, _), (b, _)| a.2.total_cmp(&b.2));
    own.extend(kept);
    let (_, prior) = best.expect("there are priors");
    fitted(&pages(&own, 3), prior).print(Observation::NAMES);
}

#[test]
fn the_table_cuts_made_blocks() {
    let mut dice = Dice(4);
    let rows = rows();
    let pages: Vec<Made> = (0..40).map(|_| make(&rows, &mut dice)).collect();
    let (right, all, _) = right(&pages, &HEADING);
    assert!(right * 2 >= all, "{right} of {all}");
}
