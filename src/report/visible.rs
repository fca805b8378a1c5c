//! Characters that would not show, or would show other text than is there.

use std::borrow::Cow;

/// Whether a character steers the display instead of showing: controls, bidirectional overrides
/// and isolates, line separators, tags, noncharacters.
///
/// Joiners and variation selectors are not among them: emoji and rare Han forms need them.
pub(super) fn is_deceptive(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{061C}' // Arabic letter mark
            | '\u{200E}' | '\u{200F}' // left-to-right and right-to-left marks
            | '\u{2028}' | '\u{2029}' // line and paragraph separators
            | '\u{202A}'..='\u{202E}' // bidirectional embeddings and overrides
            | '\u{2060}'..='\u{206F}' // word joiner, isolates, deprecated format characters
            | '\u{FEFF}' // byte order mark
            | '\u{FFF9}'..='\u{FFFB}' // interlinear annotation
            | '\u{E0000}'..='\u{E007F}') // tags
        || (u32::from(c) & 0xFFFE) == 0xFFFE // noncharacters that end each plane
        || ('\u{FDD0}'..='\u{FDEF}').contains(&c)
}

/// The text with white space as single spaces' kin (no line ends or tabs) and every deceptive
/// character replaced by U+FFFD.
pub(super) fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_deceptive) {
        return Cow::Borrowed(text);
    }
    text.chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' | '\u{2028}' | '\u{2029}' => ' ',
            c if is_deceptive(c) => char::REPLACEMENT_CHARACTER,
            c => c,
        })
        .collect::<String>()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_steers_the_display_is_shown_as_a_mark() {
        for (text, expected) in [
            ("新华社 3.5%", "新华社 3.5%"),
            ("一\n二\t三", "一 二 三"),
            ("a\u{202E}txt.exe\u{202C}", "a\u{FFFD}txt.exe\u{FFFD}"),
            (
                "\u{2066}x\u{2069}\u{0}\u{1b}[31m",
                "\u{FFFD}x\u{FFFD}\u{FFFD}\u{FFFD}[31m",
            ),
            ("👩\u{200D}🌾 葛\u{E0100}", "👩\u{200D}🌾 葛\u{E0100}"),
            ("\u{FFFE}\u{10FFFF}\u{E0041}", "\u{FFFD}\u{FFFD}\u{FFFD}"),
        ] {
            assert_eq!(visible(text), expected);
        }
    }
}
