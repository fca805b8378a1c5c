//! What single characters are: the one table for Han characters, sentence ends and punctuation.
//!
//! Comes in: a character. Goes out: whether it belongs to a class. What a class means where it
//! stands (a full stop inside a number, a colon before a quotation) is for the caller to judge.

/// Whether a character is a Han character: the unified ideographs of every plane, the compatibility
/// ideographs, and the two marks that stand for one, 〇 and 々.
pub fn is_han(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4dbf}'
        | '\u{4e00}'..='\u{9fff}'
        | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3ffff}'
        | '〇' | '々')
}

/// Whether a mark always ends a sentence, in Chinese as well as in mixed text: 。！？ and the
/// half-width ideographic full stop.
pub fn is_stop(c: char) -> bool {
    matches!(c, '。' | '！' | '？' | '｡')
}

/// Whether a mark may end a sentence: the stops, their ASCII forms, and the ellipsis. An ASCII full
/// stop also stands in numbers and abbreviations and is left to [`super::sentences`].
pub fn is_sentence_end(c: char) -> bool {
    is_stop(c) || matches!(c, '!' | '?' | '…')
}

/// Whether a mark ends a clause: whatever ends a sentence, commas, semicolons, colons, line ends.
/// The enumeration comma 、 joins words and ends no clause.
pub fn is_clause_end(c: char) -> bool {
    is_sentence_end(c) || matches!(c, '，' | '；' | '：' | ',' | ';' | ':' | '\n')
}

/// Whether a character opens a quotation, a title or a bracket.
pub fn is_opening(c: char) -> bool {
    matches!(
        c,
        '“' | '‘' | '「' | '『' | '〝' | '（' | '(' | '【' | '《' | '〈' | '［' | '[' | '〔'
    )
}

/// Whether a character closes a quotation, a title or a bracket. The ASCII quotation mark does so as
/// often as it opens one.
pub fn is_closing(c: char) -> bool {
    matches!(
        c,
        '”' | '’'
            | '」'
            | '』'
            | '〞'
            | '）'
            | ')'
            | '】'
            | '》'
            | '〉'
            | '］'
            | ']'
            | '〕'
            | '"'
    )
}

/// Whether a character is the dot between the parts of a transliterated name (`卡尔·罗恩`).
pub fn is_name_dot(c: char) -> bool {
    matches!(c, '·' | '•' | '・' | '‧' | '˙' | '∙' | '⋅')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn han_characters_of_every_plane_and_nothing_else() {
        for c in ['中', '㐂', '﨎', '𠮷', '〇', '々', '\u{31350}'] {
            assert!(is_han(c), "{c}");
        }
        for c in ['⽅', 'ひ', 'カ', '가', 'a', '，', '１', '\u{3004}'] {
            assert!(!is_han(c), "{c}");
        }
    }

    #[test]
    fn every_sentence_end_ends_a_clause_and_no_mark_opens_and_closes() {
        for c in ('\0'..='\u{ffff}').filter(|c| !is_han(*c)) {
            assert!(!is_stop(c) || is_sentence_end(c), "{c}");
            assert!(!is_sentence_end(c) || is_clause_end(c), "{c}");
            assert!(!(is_opening(c) && is_closing(c)), "{c}");
        }
        assert!(!is_clause_end('、') && !is_sentence_end('.'));
    }
}
