//! Traditional characters to Simplified, for models that were trained on Simplified text.
//!
//! Comes in: Chinese text. Goes out: the same text in Simplified characters, or how Traditional it
//! looks. The text that people see and that offsets count in is never changed by this.
//!
//! `ferrous-opencc` carries `OpenCC`'s own dictionaries (phrases first: 乾燥 becomes 干燥, 乾隆 stays)
//! compiled in, opens in a tenth of a millisecond and converts some 40 MB/s. `opencc-fmmseg` pins
//! old releases of other crates; `zhconv` is GPL.

use std::borrow::Cow;
use std::sync::LazyLock;

use ferrous_opencc::{OpenCC, config::BuiltinConfig};

/// The text in Simplified characters; borrowed where nothing changes.
///
/// Of text that is Simplified already, only stray Traditional characters change.
pub fn simplify(text: &str) -> Cow<'_, str> {
    static TRADITIONAL_TO_SIMPLIFIED: LazyLock<OpenCC> =
        LazyLock::new(|| converter(BuiltinConfig::T2s));
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    let simplified = TRADITIONAL_TO_SIMPLIFIED.convert(text);
    if simplified == text {
        Cow::Borrowed(text)
    } else if text.contains('著') {
        Cow::Owned(with_particle(text, simplified))
    } else {
        Cow::Owned(simplified)
    }
}

fn converter(config: BuiltinConfig) -> OpenCC {
    OpenCC::from_config(config).expect("the dictionaries are compiled in")
}

/// Taiwan writes the particle 着 as 著 (看著, but 著名). Only the dictionaries for Taiwan tell the
/// two apart; their other choices would spoil text that is partly Simplified.
fn with_particle(text: &str, simplified: String) -> String {
    static TAIWAN_TO_SIMPLIFIED: LazyLock<OpenCC> =
        LazyLock::new(|| converter(BuiltinConfig::Tw2s));
    let taiwan = TAIWAN_TO_SIMPLIFIED.convert(text);
    if taiwan.chars().count() != simplified.chars().count() {
        return simplified;
    }
    let choose = |(c, taiwan)| if c == '著' { taiwan } else { c };
    simplified.chars().zip(taiwan.chars()).map(choose).collect()
}

/// How many characters [`simplify`] would change.
pub fn traditional_characters(text: &str) -> usize {
    match simplify(text) {
        Cow::Borrowed(_) => 0,
        Cow::Owned(simplified) => text
            .chars()
            .zip(simplified.chars())
            .filter(|(before, after)| before != after)
            .count(),
    }
}

/// Whether a text is written in Traditional characters, by the most frequent characters that
/// differ. Cheap: looks at no more than the first few thousand characters.
pub fn looks_traditional(text: &str) -> bool {
    let (mut traditional, mut simplified) = (0, 0);
    for c in text.chars().take(4096) {
        if TRADITIONAL.contains(c) {
            traditional += 1;
        } else if SIMPLIFIED.contains(c) {
            simplified += 1;
        }
    }
    traditional > 2 * simplified
}

// The most frequent characters that have two forms, each beside its other form below. Forms that
// Simplified text uses too (后, 里, 台, 只) are left out.
const TRADITIONAL: &str =
    "這個們來時會說對國過還沒發現學經動點關開長應種實問樣機業東義電話報記縣農發為與從將區設總書";
const SIMPLIFIED: &str =
    "这个们来时会说对国过还没发现学经动点关开长应种实问样机业东义电话报记县农发为与从将区设总书";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_told_apart() {
        assert_eq!(
            simplify("雲州縣長頭髮乾了，看著後山著名的乾隆碑，說：「發展農村。」"),
            "云州县长头发干了，看着后山著名的乾隆碑，说：「发展农村。」"
        );
    }

    #[test]
    fn simplified_text_is_borrowed() {
        for text in ["云州县长说：什么是名著？发展农村。", "GDP 5%", ""] {
            assert!(matches!(simplify(text), Cow::Borrowed(_)), "{text}");
            assert_eq!(traditional_characters(text), 0);
        }
    }

    #[test]
    fn traditional_characters_are_counted() {
        assert_eq!(traditional_characters("雲州縣的村"), 2);
        assert!(looks_traditional("記者從雲州縣了解到，這個項目已經開工。"));
        assert!(!looks_traditional("记者从云州县了解到，这个项目已经开工。"));
        assert!(!looks_traditional("no Chinese"));
    }
}
