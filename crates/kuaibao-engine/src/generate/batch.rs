//! Batches: which sentences are searched together.

/// Groups sentences of the given token counts into batches whose members times longest length
/// stays within `budget`, longest first. Gives indices into `lengths`.
///
/// A pure function of its arguments: how many workers there are never changes a batch. A sentence
/// over the budget is a batch of its own.
pub fn batches(lengths: &[usize], budget: usize) -> Vec<Vec<usize>> {
    let mut order: Vec<usize> = (0..lengths.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(lengths[i]), i));
    let mut batches: Vec<Vec<usize>> = Vec::new();
    for i in order {
        match batches.last_mut() {
            // The first member is the longest.
            Some(batch) if (batch.len() + 1) * lengths[batch[0]] <= budget => batch.push(i),
            _ => batches.push(vec![i]),
        }
    }
    batches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sentence_is_in_one_batch_within_the_budget() {
        let lengths = [3, 90, 7, 7, 1, 30, 2, 200, 30];
        let batches = batches(&lengths, 100);
        let mut all: Vec<usize> = batches.concat();
        all.sort_unstable();
        assert_eq!(all, (0..lengths.len()).collect::<Vec<_>>());
        assert_eq!(batches[0], [7], "longest first, alone when over the budget");
        for batch in &batches {
            assert!(batch.len() == 1 || batch.len() * lengths[batch[0]] <= 100);
        }
    }
}
