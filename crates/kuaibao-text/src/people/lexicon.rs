//! The words that show where a name stands, from `lexicon.txt`.

use crate::text::sections;

sections! {
    "lexicon.txt";
    SPEECH = "speech",
    ACTION = "action",
    BEHIND = "behind",
    COURTESY = "courtesy",
    NAMED = "named",
    OPENERS = "openers",
    MARKED = "marked",
    NAMESAKES = "namesakes",
    NO_NAMES = "no-names",
    CREDITS = "credits",
    CREDITED = "credited",
    KINDS_OF_REPORTERS = "kinds-of-reporters",
    MODIFIERS = "modifiers",
    LEVELS = "levels",
    BODY_SUFFIXES = "body-suffixes",
    ORGANS = "organs",
    TITLE_STOPS = "title-stops",
    PERSONAL_NOUNS = "personal-nouns",
    IMPERSONAL = "impersonal",
    JAPANESE = "japanese",
    TIBETAN = "tibetan",
    TRANSLITERATED = "transliterated",
}
