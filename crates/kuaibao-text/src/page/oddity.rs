//! Characters that text from a page's layout has and running text should not.

/// How many of them a text holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Oddities {
    /// Full-width letters and digits (`Ａ`, `５`).
    pub full_width: usize,
    /// Compatibility ideographs and radicals that look like characters (`⽅` for `方`).
    pub compatibility: usize,
    /// Glyphs of the document's own font: nobody can read them without it.
    pub private_use: usize,
    /// Soft hyphens, zero-width spaces and joiners, variation selectors.
    pub invisible: usize,
    /// Characters that an earlier program could not read (`�`).
    pub lost: usize,
}

impl Oddities {
    /// Counts them.
    pub fn of(text: &str) -> Self {
        let mut found = Self::default();
        for c in text.chars().filter(|c| *c >= '\u{ad}') {
            match c {
                '\u{ff10}'..='\u{ff19}' | '\u{ff21}'..='\u{ff3a}' | '\u{ff41}'..='\u{ff5a}' => {
                    found.full_width += 1;
                }
                '\u{2e80}'..='\u{2fd5}' | '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}' => {
                    found.compatibility += 1;
                }
                '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}' => found.private_use += 1,
                '\u{ad}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2060}'
                | '\u{feff}'
                | '\u{fe00}'..='\u{fe0f}' => {
                    found.invisible += 1;
                }
                '\u{fffd}' => found.lost += 1,
                _ => {}
            }
        }
        found
    }

    /// What an editor should know, as a phrase; `None` where there is nothing.
    pub fn note(&self) -> Option<String> {
        let counts = [
            (self.full_width, "full-width letters or digits"),
            (self.compatibility, "compatibility forms of characters"),
            (self.private_use, "unreadable glyphs of the page's own font"),
            (self.invisible, "invisible characters"),
            (self.lost, "characters lost before this program saw them"),
        ];
        let phrases: Vec<String> = counts
            .iter()
            .filter(|(count, _)| *count > 0)
            .map(|(count, what)| format!("{count} {what}"))
            .collect();
        (!phrases.is_empty()).then(|| phrases.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::Oddities;

    #[test]
    fn odd_characters_are_counted() {
        assert_eq!(Oddities::of("云州港2031年“开门红”。ABC").note(), None);
        let odd = Oddities::of("２０３１年\u{ad}⽅案\u{e123}\u{fffd}，ＧＤＰ");
        assert_eq!(
            (
                odd.full_width,
                odd.invisible,
                odd.compatibility,
                odd.private_use,
                odd.lost
            ),
            (7, 1, 1, 1, 1)
        );
        assert!(odd.note().unwrap().starts_with("7 full-width"));
    }
}
