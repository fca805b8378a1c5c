//! A line of Chinese as the grammar reads it: one glyph a character, variants folded together.

use std::cell::Cell;
use std::ops::Range;

use super::number::Numeral;

/// Text as folded characters, each with its byte offset in the original.
pub(super) struct Line {
    glyphs: Vec<char>,
    at: Vec<usize>,
    /// The numerals read last, each with where it begins, in the place that its position has.
    numerals: [Cell<Option<Read>>; REMEMBERED],
}

/// Where a numeral was looked for, and what was found there.
type Read = (usize, Option<Numeral>);

/// A rule reads a numeral and the one behind it, seldom a third.
const REMEMBERED: usize = 4;

impl Line {
    pub(super) fn new(text: &str) -> Self {
        let mut glyphs = Vec::with_capacity(text.len() / 3 + 1);
        let mut at = Vec::with_capacity(text.len() / 3 + 2);
        for (offset, c) in text.char_indices() {
            glyphs.push(fold(c));
            at.push(offset);
        }
        at.push(text.len());
        Self {
            glyphs,
            at,
            numerals: Default::default(),
        }
    }

    /// The numeral that was read at `i`, where that is known still.
    pub(super) fn remembered(&self, i: usize) -> Option<Option<Numeral>> {
        let (at, numeral) = self.numerals[i % REMEMBERED].get()?;
        (at == i).then_some(numeral)
    }

    pub(super) fn remember(&self, i: usize, numeral: Option<Numeral>) {
        self.numerals[i % REMEMBERED].set(Some((i, numeral)));
    }

    pub(super) fn len(&self) -> usize {
        self.glyphs.len()
    }

    /// The glyph at `i`; NUL behind the end, which no rule matches.
    #[inline]
    pub(super) fn get(&self, i: usize) -> char {
        self.glyphs.get(i).copied().unwrap_or('\0')
    }

    /// The glyph before `i`.
    pub(super) fn before(&self, i: usize) -> char {
        i.checked_sub(1).map_or('\0', |i| self.get(i))
    }

    pub(super) fn glyphs(&self) -> &[char] {
        &self.glyphs
    }

    /// Bytes of the original that the glyphs `range` cover.
    pub(super) fn bytes(&self, range: Range<usize>) -> Range<usize> {
        self.at[range.start]..self.at[range.end]
    }

    /// Whether `word` stands at `i`.
    #[inline]
    pub(super) fn has(&self, i: usize, word: &str) -> bool {
        word.chars().zip(i..).all(|(c, at)| self.get(at) == c)
    }

    /// Index behind the first of `words` that stands at `i` (list longer words first).
    pub(super) fn take(&self, i: usize, words: &[&str]) -> Option<usize> {
        words
            .iter()
            .find(|w| self.has(i, w))
            .map(|w| i + w.chars().count())
    }

    /// Index of the first glyph of the first of `words` that ends just before `i`.
    pub(super) fn take_back(&self, i: usize, words: &[&str]) -> Option<usize> {
        words.iter().find_map(|word| {
            let mut at = i;
            for c in word.chars().rev() {
                at = at.checked_sub(1).filter(|at| self.get(*at) == c)?;
            }
            Some(at)
        })
    }

    /// `i`, or the index behind the blanks that stand there (two at most: typesetting, not layout).
    pub(super) fn skip_blank(&self, i: usize) -> usize {
        let mut at = i;
        while at < i + 2 && is_blank(self.get(at)) {
            at += 1;
        }
        at
    }

    /// `i`, or the index of the first of the blanks that end just before it.
    pub(super) fn skip_blank_back(&self, i: usize) -> usize {
        let mut at = i;
        while at > 0 && at + 2 > i && is_blank(self.get(at - 1)) {
            at -= 1;
        }
        at
    }
}

pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{a0}')
}

/// Full-width forms to ASCII and the Traditional characters that the grammar uses to Simplified.
///
/// The full-width comma stays: it parts clauses, the ASCII one groups digits.
fn fold(c: char) -> char {
    match c {
        '\0'..='\x7f' => c,
        '！'..='～' if c != '，' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        '○' | '◯' => '〇',
        '﹪' => '%',
        '–' | '―' | '─' | '－' | '‐' | '‑' => '—',
        '〜' | '∼' => '~',
        '−' | '﹣' => '-',
        '萬' => '万',
        '億' => '亿',
        '兩' => '两',
        '點' => '点',
        '個' | '箇' => '个',
        '歲' => '岁',
        '餘' => '余',
        '幾' => '几',
        '數' => '数',
        '約' => '约',
        '過' => '过',
        '達' => '达',
        '時' => '时',
        '鐘' | '鍾' => '钟',
        '號' => '号',
        '週' => '周',
        '禮' => '礼',
        '歐' => '欧',
        '鎊' => '镑',
        '圓' => '圆',
        '幣' => '币',
        '臺' => '台',
        '噸' => '吨',
        '畝' => '亩',
        '頃' => '顷',
        '間' => '间',
        '後' => '后',
        '來' => '来',
        '從' => '从',
        '陸' => '陆',
        '貳' => '贰',
        '參' => '参',
        '負' => '负',
        '張' => '张',
        '條' => '条',
        '項' => '项',
        '屆' => '届',
        '場' => '场',
        '隻' => '只',
        '雙' => '双',
        '對' => '对',
        '輛' => '辆',
        '戶' => '户',
        '種' => '种',
        '國' => '国',
        '縣' => '县',
        '鄉' => '乡',
        '鎮' => '镇',
        '隊' => '队',
        '階' => '阶',
        '級' => '级',
        '層' => '层',
        '樓' => '楼',
        '組' => '组',
        '類' => '类',
        '門' => '门',
        '為' | '爲' => '为',
        '於' => '于',
        '僅' => '仅',
        '滿' => '满',
        '將' => '将',
        '當' => '当',
        '現' => '现',
        '屬' => '属',
        '師' => '师',
        '員' => '员',
        '無' => '无',
        '處' => '处',
        '塊' => '块',
        '錢' => '钱',
        '釐' => '厘',
        '與' => '与',
        '開' => '开',
        '長' => '长',
        _ => c,
    }
}
