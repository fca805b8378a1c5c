//! Lexical shortlists, `lex.*.bin`: which target tokens a source token makes likely (marian-dev,
//! `src/data/shortlist.cpp`). Only these, and the most frequent ones, are then scored.

use std::path::Path;

use super::MarianError;
use crate::packed;

const MAGIC: u64 = 0xF11A_48D5_0134_17F5;
/// The candidates of a sentence are filled up to a multiple of this, as Marian's kernels want it.
const MULTIPLE: usize = 8;

/// A list of target tokens for each source token.
#[derive(Debug)]
pub struct Shortlist {
    /// So many of the lowest ids, which are the most frequent tokens, are always candidates.
    frequent: usize,
    /// Where each source token's list begins, and at last their end.
    starts: Vec<usize>,
    targets: Vec<u32>,
}

impl Shortlist {
    /// Reads a file for so many target tokens.
    pub fn open(path: &Path, vocabulary: usize) -> Result<Self, MarianError> {
        let bad = |problem: String| MarianError {
            path: path.to_owned(),
            problem,
        };
        let bytes = packed::read(path).map_err(|error| bad(error.to_string()))?;
        Self::parse(&bytes, vocabulary).map_err(bad)
    }

    fn parse(bytes: &[u8], vocabulary: usize) -> Result<Self, String> {
        let word = |i: usize| {
            let bytes = bytes.get(i * 8..)?.first_chunk::<8>()?;
            Some(u64::from_le_bytes(*bytes))
        };
        let head: Option<Vec<u64>> = (0..6).map(word).collect();
        let head = head.ok_or("no shortlist: it is too short")?;
        let [magic, checksum, frequent, _best, starts, targets] = head[..] else {
            return Err("no shortlist: it is too short".to_owned());
        };
        if magic != MAGIC {
            return Err(format!("no binary shortlist: it begins with {magic:#x}"));
        }
        let body = &bytes[16..];
        let left = (bytes.len() - 48) as u64;
        let wanted = starts
            .checked_mul(8)
            .and_then(|n| n.checked_add(targets.checked_mul(4)?));
        if wanted.is_none_or(|wanted| wanted > left) {
            return Err(format!(
                "it is said to hold {starts} lists of {targets} tokens in {left} bytes"
            ));
        }
        if hash(body) != checksum {
            return Err("its checksum is wrong: it is damaged".to_owned());
        }
        let starts: Vec<usize> = (0..starts as usize)
            .map(|i| word(6 + i).unwrap_or(u64::MAX) as usize)
            .collect();
        let ids = &bytes[48 + 8 * starts.len()..][..4 * targets as usize];
        let ids = ids.as_chunks::<4>().0.iter();
        let targets: Vec<u32> = ids.map(|id| u32::from_le_bytes(*id)).collect();
        if starts.windows(2).any(|pair| pair[0] > pair[1])
            || starts.last().is_none_or(|&end| end > targets.len())
        {
            return Err("its lists do not follow one another".to_owned());
        }
        if let Some(id) = targets.iter().find(|&&id| id as usize >= vocabulary) {
            return Err(format!(
                "it names the token {id}, the model has {vocabulary}"
            ));
        }
        Ok(Self {
            frequent: (frequent as usize).min(vocabulary),
            starts,
            targets,
        })
    }

    /// The candidates of one source sentence, ascending, of a vocabulary of so many; `shared` where
    /// source and target have the same tokens, which then may be copied.
    pub fn candidates(&self, source: &[u32], vocabulary: usize, shared: bool) -> Vec<u32> {
        let mut chosen = vec![false; vocabulary];
        chosen[..self.frequent].fill(true);
        for &token in source {
            if shared && (token as usize) < vocabulary {
                chosen[token as usize] = true;
            }
            let bounds = self.starts.get(token as usize..token as usize + 2);
            let [from, to] = bounds.unwrap_or(&[0, 0]) else {
                continue;
            };
            for &target in &self.targets[*from..*to] {
                chosen[target as usize] = true;
            }
        }
        let mut count = chosen.iter().filter(|&&chosen| chosen).count();
        // As the reference fills up: with the next of the lowest ids, chosen already or not.
        for chosen in &mut chosen[self.frequent..] {
            if count.is_multiple_of(MULTIPLE) {
                break;
            }
            count += usize::from(!*chosen);
            *chosen = true;
        }
        let tokens = (0u32..).zip(chosen);
        tokens
            .filter_map(|(token, chosen)| chosen.then_some(token))
            .collect()
    }
}

/// Marian's checksum: boost's combination of the 64-bit words.
fn hash(bytes: &[u8]) -> u64 {
    let words = bytes
        .as_chunks::<8>()
        .0
        .iter()
        .map(|b| u64::from_le_bytes(*b));
    words.fold(0, |seed: u64, word| {
        seed ^ word
            .wrapping_add(0x9E37_79B9)
            .wrapping_add(seed << 6)
            .wrapping_add(seed >> 2)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file with lists of the tokens 4 and 5, none, and 9; the two lowest ids are frequent.
    fn file() -> Vec<u8> {
        let mut body = Vec::new();
        for word in [2u64, 6, 4, 3, 0, 2, 2, 3] {
            body.extend(word.to_le_bytes());
        }
        for id in [4u32, 5, 9] {
            body.extend(id.to_le_bytes());
        }
        let mut bytes = MAGIC.to_le_bytes().to_vec();
        bytes.extend(hash(&body).to_le_bytes());
        bytes.extend(body);
        bytes
    }

    #[test]
    fn candidates_are_the_frequent_the_listed_and_the_next() {
        let list = Shortlist::parse(&file(), 20).unwrap();
        assert_eq!(
            list.candidates(&[0, 1], 20, false),
            [0, 1, 2, 3, 4, 5, 6, 7]
        );
        assert_eq!(
            list.candidates(&[2, 700], 20, false),
            [0, 1, 2, 3, 4, 5, 6, 9]
        );
        assert_eq!(
            list.candidates(&[0, 12], 20, true),
            [0, 1, 2, 3, 4, 5, 6, 12]
        );
    }

    #[test]
    fn a_damaged_file_is_refused() {
        let whole = file();
        for length in 0..whole.len() {
            assert!(
                Shortlist::parse(&whole[..length], 20).is_err(),
                "{length} bytes"
            );
        }
        assert!(
            Shortlist::parse(&whole, 9).is_err(),
            "a token of another model"
        );
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x80;
            assert!(
                Shortlist::parse(&bytes, 20).is_err(),
                "byte {at} was changed"
            );
        }
    }
}
