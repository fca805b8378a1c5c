//! Sentencepiece pieces as a model numbers them.
//!
//! Most models do not use the ids of their sentencepiece file: Marian and M2M100 list their own in
//! `vocab.json`, mBART and NLLB shift them by one, Pegasus by 103. What differs between the
//! families is this numbering alone.

use std::collections::{HashMap, HashSet};

use super::sentencepiece::{Piece, SentencePiece, Surface};

/// Text ↔ ids, without any special token.
pub(super) struct Subwords {
    source: Side,
    /// Where the target language has its own pieces.
    target: Option<Side>,
    /// Pieces by their text, for models that number text rather than pieces: what no piece of one
    /// side holds may still be in the vocabulary of both.
    vocabulary: HashMap<String, u32>,
    unknown: u32,
    /// What each id contributes to decoded text.
    surfaces: Vec<Surface>,
    /// Whether decoded text is spelt as the target's file has it.
    decodes_by_target: bool,
}

/// A sentencepiece file and the model's id of each of its pieces.
struct Side {
    pieces: SentencePiece,
    ids: Vec<u32>,
}

/// Whether an English text may hold a character: the scripts of East Asia and their punctuation begin
/// at U+2E80, and behind them only pictures (emoji) are of no script.
fn may_be_english(c: char) -> bool {
    c < '\u{2e80}' || ('\u{1f000}'..'\u{20000}').contains(&c)
}

/// Which of a model's two languages a text is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Language {
    Source,
    Target,
}

impl Subwords {
    /// Numbered by `vocabulary`, a list of pieces with their ids; `special` ids decode to nothing,
    /// and no text yields one of them or of `languages` by spelling it.
    pub(super) fn listed(
        source: SentencePiece,
        target: Option<SentencePiece>,
        mut vocabulary: HashMap<String, u32>,
        unknown: u32,
        special: &[u32],
        languages: &HashMap<String, u32>,
    ) -> Self {
        let size = vocabulary.values().max().map_or(0, |&id| id as usize + 1);
        let mut surfaces = vec![Surface::Nothing; size];
        for (piece, &id) in &vocabulary {
            // The reference decodes both languages by the source's file.
            surfaces[id as usize] = source.surface(piece);
        }
        for &id in special {
            surfaces[id as usize] = Surface::Nothing;
        }
        let number = |pieces: SentencePiece| {
            let id = |piece: &str| vocabulary.get(piece).copied().unwrap_or(unknown);
            let ids = pieces.pieces().map(id).collect();
            Side { pieces, ids }
        };
        let source = number(source);
        let target = target.map(number);
        let reserved: HashSet<u32> = special.iter().chain(languages.values()).copied().collect();
        vocabulary.retain(|_, id| !reserved.contains(id));
        Self {
            source,
            target,
            vocabulary,
            unknown,
            surfaces,
            decodes_by_target: false,
        }
    }

    /// Numbered as the files themselves number their pieces, the two languages apart where there is a
    /// `target`.
    pub(super) fn own(
        source: SentencePiece,
        target: Option<SentencePiece>,
        unknown: u32,
        special: &[u32],
    ) -> Self {
        let ids = |pieces: &SentencePiece| (0..pieces.len() as u32).collect();
        let own = ids(&source);
        let Some(target) = target else {
            return Self::numbered(source, own, unknown, special);
        };
        let target_ids = ids(&target);
        let written = Self::numbered(target, target_ids, unknown, special);
        Self {
            source: Side {
                pieces: source,
                ids: own,
            },
            target: Some(written.source),
            decodes_by_target: true,
            ..written
        }
    }

    /// Numbered by `ids`, the id of each piece of the file; those of `special` decode to nothing.
    pub(super) fn numbered(
        pieces: SentencePiece,
        ids: Vec<u32>,
        unknown: u32,
        special: &[u32],
    ) -> Self {
        let size = ids.iter().max().map_or(0, |&id| id as usize + 1);
        let mut surfaces = vec![Surface::Nothing; size];
        for (piece, &id) in pieces.pieces().zip(&ids) {
            surfaces[id as usize] = pieces.surface(piece);
        }
        for &id in special {
            if let Some(surface) = surfaces.get_mut(id as usize) {
                *surface = Surface::Nothing;
            }
        }
        Self {
            source: Side { pieces, ids },
            target: None,
            vocabulary: HashMap::new(),
            unknown,
            surfaces,
            decodes_by_target: false,
        }
    }

    /// One more than the highest id.
    pub(super) fn len(&self) -> usize {
        self.surfaces.len()
    }

    /// The id of a piece of the source's file, or of the target's where the two are numbered apart.
    pub(super) fn id(&self, piece: &str) -> Option<u32> {
        let side = self.written();
        let id = side.pieces.id(piece)?;
        Some(side.ids[id as usize])
    }

    /// The ids that a target text can have, where the target language has its own pieces.
    pub(super) fn target_ids(&self) -> Option<&[u32]> {
        self.target.as_ref().map(|target| target.ids.as_slice())
    }

    pub(super) fn encode(&self, text: &str, language: Language, ids: &mut Vec<u32>) {
        let side = self.side(language);
        side.pieces
            .encode(text, |piece| ids.push(self.number(side, piece)));
    }

    pub(super) fn count(&self, text: &str) -> usize {
        let mut count = 0;
        self.source.pieces.encode(text, |_| count += 1);
        count
    }

    pub(super) fn decode(&self, ids: &[u32]) -> String {
        let surfaces = ids.iter().filter_map(|&id| self.surfaces.get(id as usize));
        self.written().pieces.decode(surfaces)
    }

    /// The side that decoded text is spelt by.
    fn written(&self) -> &Side {
        match &self.target {
            Some(target) if self.decodes_by_target => target,
            _ => &self.source,
        }
    }

    /// The ids of pieces that hold no character of Chinese or its neighbours.
    pub(super) fn without_han(&self) -> Vec<u32> {
        let latin = |surface: &Surface| match surface {
            Surface::Text(text) | Surface::Verbatim(text) => text.chars().all(may_be_english),
            Surface::Nothing | Surface::Byte(_) => true,
        };
        let surfaces = (0u32..).zip(&self.surfaces);
        surfaces
            .filter(|(_, s)| latin(s))
            .map(|(id, _)| id)
            .collect()
    }

    fn side(&self, language: Language) -> &Side {
        match (language, &self.target) {
            (Language::Target, Some(target)) => target,
            _ => &self.source,
        }
    }

    fn number(&self, side: &Side, piece: Piece<'_>) -> u32 {
        match piece {
            Piece::Known(id) => side.ids[id as usize],
            Piece::Unknown(run) => self.vocabulary.get(run).copied().unwrap_or(self.unknown),
        }
    }
}
