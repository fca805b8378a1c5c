//! Which parts go into a summary of so many words.

use super::{
    Budget,
    vectors::{REPEATS, Vectors},
};

/// A part that was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Choice {
    /// Which.
    pub(super) part: usize,
    /// The fewest and the most words to keep of it, where all of it would be too much.
    pub(super) keep: Option<(usize, usize)>,
}

/// What can be chosen, part by part.
#[derive(Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) vectors: &'a Vectors,
    pub(super) relevance: &'a [f64],
    pub(super) words: &'a [usize],
    /// Whether a part says the same without its end.
    pub(super) may_be_cut: &'a [bool],
}

/// Weight of relevance against newness.
const LAMBDA: f64 = 0.7;
/// Words of a part that may be cut to fit; less would say nothing.
const LEAST_CUT: usize = 6;
/// Words that a sentence of a summary has at least in the mean; shorter ones make a list of it.
const WORDS_A_PART: usize = 24;

/// Chooses parts by maximal marginal relevance (Carbonell & Goldstein, SIGIR 1998), so that the
/// second does not repeat the first, until their words keep the budget; gives them in order. The
/// `lead`, where there is one, is always among them.
///
/// Where no whole part fits any more and the budget is not kept, the best one left is to be
/// shortened. Fewer words than the budget come out only when there are no more.
pub(super) fn choose(parts: &Parts, budget: Budget, lead: Option<usize>) -> Vec<Choice> {
    let Parts { vectors, words, .. } = *parts;
    let mut nearest = vec![0.0_f64; words.len()];
    let mut left: Vec<usize> = (0..words.len())
        .filter(|&i| words[i] > 0 && parts.relevance[i] > 0.0)
        .collect();
    let mut lead = lead.filter(|i| left.contains(i));
    let mut chosen: Vec<Choice> = Vec::new();
    let mut spent = 0;
    // Near enough: the next part would more likely overshoot.
    while spent * 10 < budget.words * 9 {
        left.retain(|&i| nearest[i] < REPEATS);
        let gain = |i: usize| LAMBDA * parts.relevance[i] - (1.0 - LAMBDA) * nearest[i];
        let best = |fits: &dyn Fn(usize) -> bool| {
            let fitting = left.iter().copied().filter(|&i| fits(i));
            fitting.max_by(|&a, &b| gain(a).total_cmp(&gain(b)).then(b.cmp(&a)))
        };
        let room = budget.most() - spent;
        // The last few parts have to be long enough to make up for short ones.
        let parts_left = budget
            .words
            .div_ceil(WORDS_A_PART)
            .saturating_sub(chosen.len());
        let long_enough = match parts_left {
            1 | 2 => budget.least().saturating_sub(spent).div_ceil(parts_left),
            _ => 0,
        };
        let lead = lead.take();
        let whole = match lead {
            Some(lead) => Some(lead).filter(|&i| words[i] <= room),
            None => best(&|i| (long_enough..=room).contains(&words[i]))
                .or_else(|| best(&|i| words[i] <= room)),
        };
        let first = lead.or_else(|| best(&|i| words[i] <= room || parts.may_be_cut[i]));
        let (part, keep) = match (whole, first) {
            // The best is worth shortening; another part is only where nothing else is left.
            (Some(whole), Some(first)) if !chosen.is_empty() || whole == first => (whole, None),
            (_, Some(first)) if spent < budget.least() && room >= LEAST_CUT.min(budget.words) => {
                let keep = (budget.least().saturating_sub(spent), room);
                (first, (words[first] > room).then_some(keep))
            }
            _ => break,
        };
        left.retain(|&i| i != part);
        // A lead that may not be cut is longer than there is room.
        spent += words[part].min(room);
        chosen.push(Choice { part, keep });
        for &i in &left {
            nearest[i] = nearest[i].max(vectors.similarity(i, part));
        }
    }
    chosen.sort_unstable_by_key(|c| c.part);
    chosen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(
        parts: Vec<Vec<usize>>,
        words: &[usize],
        relevance: &[f64],
        budget: usize,
        lead: Option<usize>,
    ) -> Vec<(usize, Option<(usize, usize)>)> {
        let parts = Parts {
            vectors: &Vectors::new(parts, vec![]),
            relevance,
            words,
            may_be_cut: &vec![true; words.len()],
        };
        let choices = choose(&parts, Budget { words: budget }, lead);
        choices.into_iter().map(|c| (c.part, c.keep)).collect()
    }

    fn chosen(
        words: &[usize],
        relevance: &[f64],
        budget: usize,
    ) -> Vec<(usize, Option<(usize, usize)>)> {
        let parts = (0..words.len()).map(|i| vec![i]).collect();
        found(parts, words, relevance, budget, None)
    }

    #[test]
    fn the_budget_is_kept() {
        // Whole parts where they fit, in the order of the article.
        assert_eq!(
            chosen(&[20, 20, 20], &[0.2, 1.0, 0.5], 40),
            [(1, None), (2, None)]
        );
        // One that would overshoot is passed over for one that fits.
        assert_eq!(
            chosen(&[30, 90, 28], &[1.0, 0.9, 0.3], 60),
            [(0, None), (2, None)]
        );
        // Nothing fits: the best is shortened to what is left.
        assert_eq!(
            chosen(&[30, 90], &[1.0, 0.9], 60),
            [(0, None), (1, Some((18, 42)))]
        );
        // A lead that is too long is still the lead.
        assert_eq!(chosen(&[90, 30], &[1.0, 0.1], 60), [(0, Some((48, 72)))]);
        // All there is.
        assert_eq!(
            chosen(&[10, 0, 5], &[1.0, 1.0, 0.5], 60),
            [(0, None), (2, None)]
        );
        assert_eq!(chosen(&[], &[], 60), []);
    }

    #[test]
    fn the_lead_is_always_chosen() {
        let parts = || (0..3).map(|i| vec![i]).collect();
        let relevance = [0.1, 1.0, 0.9];
        let lead = |words: &[usize]| found(parts(), words, &relevance, 60, Some(0));
        assert_eq!(lead(&[30, 30, 30]), [(0, None), (1, None)]);
        assert_eq!(lead(&[90, 30, 30]), [(0, Some((48, 72)))]);
    }

    #[test]
    fn what_may_not_be_cut_is_passed_over() {
        let choose = |may_be_cut: &[bool]| {
            let parts = Parts {
                vectors: &Vectors::new((0..2).map(|i| vec![i]).collect(), vec![]),
                relevance: &[1.0, 0.9],
                words: &[30, 90],
                may_be_cut,
            };
            choose(&parts, Budget { words: 60 }, None).len()
        };
        assert_eq!((choose(&[true, true]), choose(&[true, false])), (2, 1));
    }

    #[test]
    fn a_repeat_is_never_chosen() {
        let parts = vec![vec![0, 1], vec![0, 1], vec![2]];
        let found = found(parts, &[10, 10, 10], &[1.0, 0.9, 0.1], 30, None);
        assert_eq!(found.iter().map(|c| c.0).collect::<Vec<_>>(), [0, 2]);
    }
}
