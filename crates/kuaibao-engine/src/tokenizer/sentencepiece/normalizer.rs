//! Rewrites text the way the pieces were trained on it.
//!
//! Comes in: any text. Goes out: the text with the model's character rules applied (`nmt_nfkc` in
//! most models: NFKC, control characters out, odd spaces to plain ones), runs of spaces collapsed
//! and spaces written `▁`. Follows `Normalizer::Normalize` of sentencepiece step by step.

use std::collections::HashSet;

use super::proto::NormalizerSpec;

/// What sentencepiece writes for a space: U+2581 LOWER ONE EIGHTH BLOCK.
pub(super) const SPACE: &str = "\u{2581}";

#[derive(Debug)]
pub(super) struct Normalizer {
    rules: Option<CharsMap>,
    symbols: Symbols,
    add_dummy_prefix: bool,
    dummy_at_end: bool,
    remove_extra_whitespaces: bool,
    space: &'static str,
}

impl Normalizer {
    pub(super) fn new(
        spec: &NormalizerSpec,
        symbols: Symbols,
        dummy_at_end: bool,
    ) -> Result<Self, String> {
        Ok(Self {
            rules: CharsMap::parse(&spec.charsmap)?,
            symbols,
            add_dummy_prefix: spec.add_dummy_prefix,
            dummy_at_end,
            remove_extra_whitespaces: spec.remove_extra_whitespaces,
            space: if spec.escape_whitespaces { SPACE } else { " " },
        })
    }

    pub(super) fn normalize(&self, mut text: &str) -> String {
        if self.remove_extra_whitespaces {
            while let (" ", len) = self.step(text) {
                text = &text[len..];
            }
        }
        let mut out = String::with_capacity(text.len() + self.space.len());
        if text.is_empty() {
            return out;
        }
        if self.add_dummy_prefix && !self.dummy_at_end {
            out.push_str(self.space);
        }
        let mut after_space = self.remove_extra_whitespaces;
        while !text.is_empty() {
            let (mut part, len) = self.step(text);
            if after_space {
                part = part.trim_start_matches(' ');
            }
            if !part.is_empty() {
                self.push(part, &mut out);
                after_space = self.remove_extra_whitespaces && part.ends_with(' ');
            }
            text = &text[len..];
        }
        if self.remove_extra_whitespaces {
            out.truncate(out.trim_end_matches(self.space).len());
        }
        if self.add_dummy_prefix && self.dummy_at_end {
            out.push_str(self.space);
        }
        out
    }

    fn push(&self, part: &str, out: &mut String) {
        for (n, word) in part.split(' ').enumerate() {
            if n > 0 {
                out.push_str(self.space);
            }
            out.push_str(word);
        }
    }

    /// What the text begins with becomes, and its length: a symbol, the longest key of a rule, or a
    /// character.
    fn step<'a>(&'a self, text: &'a str) -> (&'a str, usize) {
        if let Some(len) = self.symbols.prefix(text) {
            return (&text[..len], len);
        }
        if let Some(rule) = self.rules.as_ref().and_then(|rules| rules.longest(text)) {
            return rule;
        }
        let len = text.chars().next().map_or(0, char::len_utf8);
        (&text[..len], len)
    }
}

/// User-defined symbols: found as they stand, never rewritten nor cut.
#[derive(Debug, Default)]
pub(super) struct Symbols {
    symbols: HashSet<String>,
    /// Their lengths in bytes, longest first.
    lengths: Vec<usize>,
}

impl Symbols {
    pub(super) fn new(symbols: HashSet<String>) -> Self {
        let lengths: HashSet<usize> = symbols.iter().map(String::len).collect();
        let mut lengths: Vec<usize> = lengths.into_iter().collect();
        lengths.sort_unstable_by(|a, b| b.cmp(a));
        Self { symbols, lengths }
    }

    /// Length of the longest symbol that `text` begins with.
    pub(super) fn prefix(&self, text: &str) -> Option<usize> {
        self.lengths.iter().copied().find(|&len| {
            text.get(..len)
                .is_some_and(|head| self.symbols.contains(head))
        })
    }
}

/// Rewriting rules as sentencepiece compiles them: the length of a trie in bytes, the trie, and
/// the replacements, each ended by a zero byte.
#[derive(Debug)]
struct CharsMap {
    /// A double array as darts-clone lays it out, see [`CharsMap::longest`].
    units: Vec<u32>,
    replacements: String,
}

impl CharsMap {
    fn parse(bytes: &[u8]) -> Result<Option<Self>, String> {
        if bytes.is_empty() {
            return Ok(None);
        }
        let broken = || "its character rules are broken".to_owned();
        let (len, rest) = bytes.split_first_chunk::<4>().ok_or_else(broken)?;
        let len = u32::from_le_bytes(*len) as usize;
        let (trie, replacements) = rest.split_at_checked(len).ok_or_else(broken)?;
        let (units, odd) = trie.as_chunks::<4>();
        if units.is_empty() || !odd.is_empty() {
            return Err(broken());
        }
        Ok(Some(Self {
            units: units.iter().map(|unit| u32::from_le_bytes(*unit)).collect(),
            replacements: String::from_utf8(replacements.to_vec()).map_err(|_| broken())?,
        }))
    }

    /// The replacement of the longest key that `text` begins with, and that key's length.
    ///
    /// The bit layout of a unit is that of darts-clone (`DoubleArrayUnit` in `darts.h`).
    fn longest<'a>(&'a self, text: &str) -> Option<(&'a str, usize)> {
        const LABEL: u32 = 1 << 31 | 0xff;
        let offset = |unit: u32| ((unit >> 10) << ((unit & (1 << 9)) >> 6)) as usize;
        let mut found = None;
        let mut node = offset(*self.units.first()?);
        for (at, byte) in text.bytes().enumerate() {
            node ^= usize::from(byte);
            let Some(&unit) = self.units.get(node) else {
                break;
            };
            if unit & LABEL != u32::from(byte) {
                break;
            }
            node ^= offset(unit);
            let is_key = unit >> 8 & 1 == 1;
            if is_key && let Some(&leaf) = self.units.get(node) {
                found = Some(((leaf & !(1 << 31)) as usize, at + 1));
            }
        }
        let (start, len) = found.filter(|&(_, len)| text.is_char_boundary(len))?;
        let replacement = self.replacements.get(start..)?.split('\0').next()?;
        Some((replacement, len))
    }
}
