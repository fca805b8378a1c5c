//! How likely a string is somebody's name where it stands: a small convolutional network over the
//! characters of a sentence.
//!
//! Comes in: a sentence. Goes out: for each character the logarithms of the probabilities that it begins a
//! name, goes on with one, ends one, or belongs to none; from these the odds of a string. What other sentences
//! show, and what the glossary knows, is for others to weigh. Each character is known by itself, by the pair that
//! it makes with the one behind it (Zhang & Yang, "Chinese NER Using Lattice LSTM", ACL 2018, measure what pairs
//! are worth), by its class as a surname and in given names, and by the dictionary's words that begin, go on and
//! end at it; residual
//! layers of dilated convolutions (Strubell et al., "Fast and Accurate Entity Recognition with Iterated Dilated
//! Convolutions", EMNLP 2017) see some ten characters to either side. The weights (`tagger.bin`, a byte each) are
//! fitted by `benches/fit_tagger.py` to news whose names were marked by reading, to parallel news, whose English says who is named, and to
//! the sentences of `tests/people`.

use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::LazyLock;

use include_flate::flate;

use super::given;
use crate::text::{surnames, words};

/// What a character is known by, and the width of the layers.
const EMBEDDING: usize = 32;
const PAIR: usize = 16;
const INPUT: usize = EMBEDDING + PAIR;
const HIDDEN: usize = 128;
/// How far apart the characters are that a layer looks at.
const DILATIONS: [usize; 5] = [1, 2, 4, 2, 1];
/// Classes of surnames, of characters in given names, and what the dictionary says of a character.
const SURNAMES: usize = 5;
const GIVEN: usize = 4;
const WORDS: usize = 8;
/// A character belongs to no name, begins one, goes on with one, or ends one.
const TAGS: usize = 4;
const BEGINS: usize = 1;
const INSIDE: usize = 2;
const ENDS: usize = 3;

/// The longest name that is looked for, in characters.
const LONGEST: usize = 16;

/// Logarithms of the probabilities of the tags of a sentence's characters.
pub(super) struct Tags {
    /// Where the characters begin, and where the last one ends.
    bounds: Vec<usize>,
    tags: Vec<[f32; TAGS]>,
}

/// Reads sentences, remembering them.
#[derive(Default)]
pub(super) struct Tagger<'t> {
    sentences: HashMap<&'t str, Rc<Tags>>,
}

impl<'t> Tagger<'t> {
    pub(super) fn read(&mut self, text: &'t str) -> Rc<Tags> {
        let tags = self.sentences.entry(text);
        Rc::clone(tags.or_insert_with(|| Rc::new(NETWORK.tags(text))))
    }
}

impl Tags {
    /// The logarithm of the odds that the string at `name`, in bytes, is a name.
    pub(super) fn odds(&self, name: &Range<usize>) -> f64 {
        let character = |byte| self.bounds.partition_point(|&bound| bound < byte);
        self.odds_of(character(name.start), character(name.end))
    }

    /// The strings that are more likely names than not, in bytes, with the logarithms of their odds.
    pub(super) fn names(&self) -> Vec<(Range<usize>, f64)> {
        let count = self.tags.len();
        let mut found = Vec::new();
        for from in 0..count {
            if self.tags[from][BEGINS] < -1.0 {
                continue;
            }
            for to in from + 2..=count.min(from + LONGEST) {
                let odds = self.odds_of(from, to);
                if odds > 0.0 {
                    found.push((self.bounds[from]..self.bounds[to], odds));
                    break;
                }
                if self.tags[to - 1][INSIDE] < -1.0 {
                    break;
                }
            }
        }
        found
    }

    fn odds_of(&self, from: usize, to: usize) -> f64 {
        if to < from + 2 {
            return f64::NEG_INFINITY;
        }
        let inside = self.tags[from + 1..to - 1].iter().map(|tag| tag[INSIDE]);
        let all = self.tags[from][BEGINS] + inside.sum::<f32>() + self.tags[to - 1][ENDS];
        let all = f64::from(all).min(-1e-9);
        all - (-all.exp_m1()).ln()
    }
}

/// Numbers in the order of the file.
struct Weights<'f>(&'f [u8]);

impl Weights<'_> {
    fn numbers(&mut self, count: usize) -> Vec<f32> {
        let (numbers, rest) = self.0.split_at(4 * count);
        self.0 = rest;
        let (numbers, _) = numbers.as_chunks();
        numbers.iter().map(|&b| f32::from_le_bytes(b)).collect()
    }

    /// A matrix by rows; each row has the scale of its bytes before it.
    fn matrix(&mut self, rows: usize, columns: usize) -> Vec<f32> {
        let mut matrix = Vec::with_capacity(rows * columns);
        for _ in 0..rows {
            let scale = self.numbers(1)[0];
            let (row, rest) = self.0.split_at(columns);
            self.0 = rest;
            matrix.extend(row.iter().map(|&b| f32::from(b.cast_signed()) * scale));
        }
        matrix
    }

    /// A layer that takes `width` values of each of three characters.
    fn convolution(&mut self, width: usize) -> Convolution {
        let by_output = self.matrix(HIDDEN, 3 * width);
        let mut weights = vec![0.0; by_output.len()];
        for (output, row) in by_output.chunks_exact(3 * width).enumerate() {
            for (input, &weight) in row.iter().enumerate() {
                weights[input * HIDDEN + output] = weight;
            }
        }
        Convolution {
            width,
            weights,
            bias: self.numbers(HIDDEN),
        }
    }
}

/// A convolution over three characters.
struct Convolution {
    /// How many values of a character it takes.
    width: usize,
    /// By character, value and output.
    weights: Vec<f32>,
    bias: Vec<f32>,
}

impl Convolution {
    /// What it makes of the character `at` of `input` (characters × `width`) and of those `apart` from it.
    fn at(&self, input: &[f32], at: usize, apart: usize) -> [f32; HIDDEN] {
        let mut sums = [0.0; HIDDEN];
        sums.copy_from_slice(&self.bias);
        let places = self.weights.chunks_exact(self.width * HIDDEN);
        for (place, weights) in places.enumerate() {
            let Some(values) = (at + place * apart)
                .checked_sub(apart)
                .and_then(|from| input.get(from * self.width..(from + 1) * self.width))
            else {
                continue;
            };
            for (&value, weights) in values.iter().zip(weights.chunks_exact(HIDDEN)) {
                // Half of the values are cut off at zero.
                if value != 0.0 {
                    add(&mut sums, weights, value);
                }
            }
        }
        sums
    }
}

fn add(sums: &mut [f32; HIDDEN], weights: &[f32], by: f32) {
    for (sum, weight) in sums.iter_mut().zip(weights) {
        *sum += by * weight;
    }
}

struct Network {
    characters: HashMap<char, usize>,
    /// A row for what is in no table, then one a character.
    embedding: Vec<f32>,
    /// In the order of their code points, each with a row of `pair`.
    pairs: Vec<[char; 2]>,
    pair: Vec<f32>,
    surname: Vec<f32>,
    given: Vec<f32>,
    words: Vec<f32>,
    first: Convolution,
    layers: [Convolution; DILATIONS.len()],
    last: Vec<f32>,
    last_bias: Vec<f32>,
}

flate!(static WEIGHTS: [u8] from "src/people/tagger.bin" with zstd);

static NETWORK: LazyLock<Network> = LazyLock::new(|| Network::read(&WEIGHTS));

impl Network {
    /// Reads the weights: the characters and the pairs, each ended by a line break, then matrices and biases.
    fn read(file: &[u8]) -> Self {
        let mut parts = file.splitn(3, |&b| b == b'\n');
        let mut text = || str::from_utf8(parts.next().expect("three parts")).expect("characters");
        let characters: HashMap<char, usize> = text().chars().zip(1..).collect();
        let pairs: Vec<char> = text().chars().collect();
        let (pairs, _) = pairs.as_chunks::<2>();
        let mut weights = Weights(parts.next().expect("weights"));
        let network = Self {
            embedding: weights.matrix(characters.len() + 1, EMBEDDING),
            pairs: pairs.to_vec(),
            pair: weights.matrix(1, pairs.len() * PAIR),
            surname: weights.matrix(SURNAMES, HIDDEN),
            given: weights.matrix(GIVEN, HIDDEN),
            words: weights.matrix(WORDS, HIDDEN),
            first: weights.convolution(INPUT),
            layers: DILATIONS.map(|_| weights.convolution(HIDDEN)),
            last: weights.matrix(TAGS, HIDDEN),
            last_bias: weights.numbers(TAGS),
            characters,
        };
        assert!(weights.0.is_empty(), "all weights are read");
        network
    }

    fn tags(&self, text: &str) -> Tags {
        let starts = text.char_indices().map(|(i, _)| i);
        let bounds: Vec<usize> = starts.chain([text.len()]).collect();
        let count = bounds.len() - 1;
        let mut embedded = Vec::with_capacity(count * INPUT);
        let mut characters = text.chars().map(folded).peekable();
        while let Some(c) = characters.next() {
            let row = self.characters.get(&c).copied().unwrap_or(0);
            embedded.extend_from_slice(&self.embedding[row * EMBEDDING..][..EMBEDDING]);
            let next = characters.peek().copied().unwrap_or_default();
            match self.pairs.binary_search(&[c, next]) {
                Ok(row) => embedded.extend_from_slice(&self.pair[row * PAIR..][..PAIR]),
                Err(_) => embedded.extend_from_slice(&[0.0; PAIR]),
            }
        }
        let mut values = vec![0.0; count * HIDDEN];
        let known = known(text, &bounds);
        for (at, out) in values.chunks_exact_mut(HIDDEN).enumerate() {
            let mut sums = self.first.at(&embedded, at, 1);
            let known = &known[at];
            add(&mut sums, &self.surname[known.surname * HIDDEN..], 1.0);
            add(&mut sums, &self.given[known.given * HIDDEN..], 1.0);
            for (word, row) in self.words.chunks_exact(HIDDEN).enumerate() {
                if known.words & 1 << word != 0 {
                    add(&mut sums, row, 1.0);
                }
            }
            for (out, sum) in out.iter_mut().zip(sums) {
                *out = sum.max(0.0);
            }
        }
        for (layer, apart) in self.layers.iter().zip(DILATIONS) {
            let before = values.clone();
            for (at, out) in values.chunks_exact_mut(HIDDEN).enumerate() {
                for (out, sum) in out.iter_mut().zip(layer.at(&before, at, apart)) {
                    *out += sum.max(0.0);
                }
            }
        }
        let tags = values.chunks_exact(HIDDEN).map(|values| {
            let mut scores = [0.0; TAGS];
            let rows = self.last.chunks_exact(HIDDEN).zip(&self.last_bias);
            for (score, (row, bias)) in scores.iter_mut().zip(rows) {
                let sum: f32 = row.iter().zip(values).map(|(w, v)| w * v).sum();
                *score = bias + sum;
            }
            let most = scores.into_iter().fold(f32::NEG_INFINITY, f32::max);
            let all: f32 = scores.iter().map(|s| (s - most).exp()).sum();
            scores.map(|score| score - most - all.ln())
        });
        Tags {
            tags: tags.collect(),
            bounds,
        }
    }
}

/// All digits count as one, and all Latin letters.
fn folded(c: char) -> char {
    match c {
        '0'..='9' | '０'..='９' => '0',
        'a'..='z' | 'A'..='Z' | 'Ａ'..='Ｚ' | 'ａ'..='ｚ' => 'a',
        _ => c,
    }
}

/// What tables and the dictionary say of a character.
#[derive(Clone, Copy, Default)]
struct Features {
    surname: usize,
    given: usize,
    /// Whether a word of two characters begins or ends there; one of three begins, goes on or ends; one of four.
    words: u8,
}

fn known(text: &str, bounds: &[usize]) -> Vec<Features> {
    let count = bounds.len() - 1;
    let mut known = vec![Features::default(); count];
    for at in 0..count {
        let rest = &text[bounds[at]..];
        known[at].surname = surnames::class(rest);
        known[at].given = rest.chars().next().map_or(0, given::class);
        for length in 2..=(count - at).min(4) {
            if !words::segmenter().has_word(&text[bounds[at]..bounds[at + length]]) {
                continue;
            }
            let places: &[u8] = match length {
                2 => &[0, 1],
                3 => &[2, 3, 4],
                _ => &[5, 6, 6, 7],
            };
            for (features, place) in known[at..].iter_mut().zip(places) {
                features.words |= 1 << place;
            }
        }
    }
    known
}
