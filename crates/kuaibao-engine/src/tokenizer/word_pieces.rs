//! BERT's word pieces over a `vocab.txt`, as Chinese BART and Pegasus models have them.
//!
//! Comes in: text. Goes out: ids, and text of ids. Each Chinese character is a word; other words are cut
//! greedily, longest piece first, by `tokenizers`' own BERT stages. Randeng-Pegasus cuts a text with jieba
//! first and looks whole words up; what its vocabulary does not hold is cut as BERT does.

use std::collections::HashMap;
use std::sync::LazyLock;

use jieba_rs::Jieba;
use tokenizers::models::wordpiece::WordPiece;
use tokenizers::normalizers::bert::BertNormalizer;
use tokenizers::pre_tokenizers::bert::BertPreTokenizer;

use super::TokenizerError;

/// How a vocabulary of word pieces is used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Habits {
    pub(super) lowercase: bool,
    /// As `lowercase`, where nobody says.
    pub(super) strip_accents: Option<bool>,
    pub(super) chinese_characters: bool,
    /// Whether jieba cuts before the vocabulary is looked at.
    pub(super) words: bool,
}

/// Text ↔ ids, without any special token.
pub(super) struct WordPieces {
    bert: tokenizers::Tokenizer,
    /// Pieces by id; `None` for what decodes to nothing.
    pieces: Vec<Option<String>>,
    habits: Habits,
}

/// jieba's dictionary takes a tenth of a second to load, so it is loaded on first use.
static WORDS: LazyLock<Jieba> = LazyLock::new(Jieba::new);

impl WordPieces {
    /// Over `vocabulary`, pieces by id; `unknown` is the piece of what it does not hold, and the ids
    /// `silent` decode to nothing.
    pub(super) fn new(
        vocabulary: &[String],
        unknown: &str,
        silent: &[u32],
        habits: Habits,
    ) -> Result<Self, String> {
        let ids: HashMap<&str, u32> = vocabulary.iter().map(String::as_str).zip(0..).collect();
        // BERT's own prefix and limit.
        let model = serde_json::json!({
            "type": "WordPiece", "unk_token": unknown, "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": ids,
        });
        let model: WordPiece =
            serde_json::from_str(&model.to_string()).map_err(|error| error.to_string())?;
        let mut bert = tokenizers::Tokenizer::new(model);
        bert.with_normalizer(Some(BertNormalizer::new(
            true,
            habits.chinese_characters,
            habits.strip_accents,
            habits.lowercase,
        )))
        .map_err(|error| error.to_string())?;
        bert.with_pre_tokenizer(Some(BertPreTokenizer));
        let spoken = |(id, piece): (u32, &String)| (!silent.contains(&id)).then(|| piece.clone());
        Ok(Self {
            bert,
            pieces: (0u32..).zip(vocabulary).map(spoken).collect(),
            habits,
        })
    }

    /// One more than the highest id.
    pub(super) fn len(&self) -> usize {
        self.pieces.len()
    }

    pub(super) fn id(&self, piece: &str) -> Option<u32> {
        self.bert.token_to_id(piece)
    }

    pub(super) fn encode(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        if !self.habits.words {
            return self.cut(text);
        }
        let text = match self.habits.lowercase {
            true => text.to_lowercase(),
            false => text.to_owned(),
        };
        let mut ids = Vec::new();
        for word in WORDS.cut(&text, false) {
            match self.spoken_id(word.word) {
                Some(id) => ids.push(id),
                None => ids.extend(self.cut(word.word)?),
            }
        }
        Ok(ids)
    }

    /// The id of a word that is a piece, and no special token that an article spells.
    fn spoken_id(&self, word: &str) -> Option<u32> {
        let id = self.id(word)?;
        self.pieces.get(id as usize)?.as_ref().map(|_| id)
    }

    fn cut(&self, text: &str) -> Result<Vec<u32>, TokenizerError> {
        let encoding = self.bert.encode_fast(text, false);
        let encoding = encoding.map_err(|error| TokenizerError::Encode(error.to_string()))?;
        Ok(encoding.get_ids().to_vec())
    }

    pub(super) fn decode(&self, ids: &[u32]) -> String {
        let spoken = ids
            .iter()
            .filter_map(|&id| self.pieces.get(id as usize)?.as_deref());
        match self.habits.words {
            true => joined_as_pegasus(spoken),
            false => joined_as_bert(spoken),
        }
    }
}

/// A space between two words, but none beside a Chinese character or its punctuation: BERT's own decoder
/// writes each character as a word, and nobody writes Chinese so.
fn joined_as_bert<'p>(pieces: impl Iterator<Item = &'p str>) -> String {
    let mut text = String::new();
    for piece in pieces {
        match piece.strip_prefix("##") {
            Some(rest) => text.push_str(rest),
            None => {
                let tight = |c: Option<char>| c.is_none_or(is_unspaced);
                // What `tokenizers`' decoder sets right behind a word.
                let closes = [".", ",", "?", "!"].contains(&piece);
                if !closes && !tight(text.chars().next_back()) && !tight(piece.chars().next()) {
                    text.push(' ');
                }
                text.push_str(piece);
            }
        }
    }
    text
}

/// Han, Chinese punctuation and full-width forms.
fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3000}'..='\u{303f}' | '\u{ff00}'..='\u{ffef}')
}

/// What BERT takes for a Chinese character.
fn is_chinese(c: char) -> bool {
    matches!(c, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{20000}'..='\u{2a6df}'
        | '\u{2a700}'..='\u{2b73f}' | '\u{2b740}'..='\u{2b81f}' | '\u{2b820}'..='\u{2ceaf}'
        | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}')
}

/// Behind these the published decoder of Randeng-Pegasus leaves no space.
const TIGHT_BEHIND: &str = "＂＃＄％＆＇（）＊＋，－／：；＜＝＞＠［＼］＾＿｀｛｜｝～｟｠｢｣､、〃〈〉《》「」『』【】〔〕〖〗〘〙\
    〚〛〜〝〞〟〰〾〿–—‘’‛“”„‟…‧﹏﹑﹔·！？｡。+-/={(<[";

/// The joining rules of Randeng-Pegasus' tokenizer, in its order.
fn joined_as_pegasus<'p>(pieces: impl Iterator<Item = &'p str>) -> String {
    let mut text = String::new();
    for (i, piece) in pieces.enumerate() {
        let mut characters = piece.chars();
        let single = characters.next().filter(|_| characters.next().is_none());
        if let Some(rest) = piece.strip_prefix("##") {
            text.push_str(rest);
        } else if single.is_some_and(is_chinese) {
            text.push_str(piece);
        } else if single.is_some_and(is_punctuation) {
            text.push_str(piece);
            text.push(' ');
        } else if i > 0 && text.chars().next_back().is_some_and(is_chinese) {
            text.push_str(piece);
        } else {
            text.push(' ');
            text.push_str(piece);
        }
    }
    let mut text = single_spaces(&text);
    for ending in ["re", "m", "s", "t", "ve", "d", "ll"] {
        text = text.replace(&format!("' {ending} "), &format!("'{ending} "));
    }
    let mut tight = String::with_capacity(text.len());
    for c in text.chars() {
        // One space goes behind such a character, and there is never more than one.
        let behind = tight.chars().next_back();
        if c == ' ' && behind.is_some_and(|before| TIGHT_BEHIND.contains(before)) {
            continue;
        }
        tight.push(c);
    }
    without_spaces_in_decimals(&tight).trim().to_owned()
}

fn single_spaces(text: &str) -> String {
    let mut single = String::with_capacity(text.len());
    for c in text.chars() {
        if c != ' ' || !single.ends_with(' ') {
            single.push(c);
        }
    }
    single
}

/// `1. 5` is `1.5`.
fn without_spaces_in_decimals(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let digit = |i: usize| characters.get(i).is_some_and(char::is_ascii_digit);
    let mut kept = String::with_capacity(text.len());
    for (i, &c) in characters.iter().enumerate() {
        let inside = c == ' ' && i >= 2 && characters[i - 1] == '.' && digit(i - 2) && digit(i + 1);
        if !inside {
            kept.push(c);
        }
    }
    kept
}

/// ASCII's signs, and Unicode's punctuation as far as `tokenizers` is asked for it.
fn is_punctuation(c: char) -> bool {
    use tokenizers::tokenizer::{OffsetReferential, OffsetType, PreTokenizedString, PreTokenizer};
    if c.is_ascii() {
        return c.is_ascii_punctuation();
    }
    if c.is_alphanumeric() || c.is_whitespace() {
        return false;
    }
    // A point splits the word that it stands in.
    let mut word = PreTokenizedString::from(format!("a{c}a"));
    BertPreTokenizer.pre_tokenize(&mut word).is_ok()
        && word
            .get_splits(OffsetReferential::Original, OffsetType::Byte)
            .len()
            > 1
}
