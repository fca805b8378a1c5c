//! English that is none: placeholders and words that no text has.

use std::sync::LazyLock;

use regex::Regex;

use super::sides::{Chinese, English};
use super::{Doubt, DoubtKind};

/// What a template or a training text leaves behind: `(PERSON2026)`, `<unk>`, `NAME_1`.
static PLACEHOLDER: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"(?i)<unk>|⁇|\b(?:PERSON|NAME|PLACE|ORG|LOCATION|DATE|NUMBER|NUM|ENTITY|TOKEN|PLACEHOLDER)_?\d+\b")
        .expect("a constant")
});

/// Placeholders that the Chinese does not have.
pub(super) fn find(zh: &Chinese, en: &English) -> Vec<Doubt> {
    PLACEHOLDER
        .find_iter(en.text)
        .filter(|found| !zh.text.contains(found.as_str()))
        .map(|found| Doubt::new(DoubtKind::Garbage, None, Some(found.range())))
        .collect()
}
