//! The lists of `data/words.txt`, and patterns that hold them.

use regex::Regex;

use crate::text::{WordList, sections};

sections!("data/words.txt";
    TASK = "task",
    EDITOR = "editor",
    NO_NAME = "no-name",
    NOTE = "note",
    INDEX = "index",
    OCCASION = "occasion",
    RUBRIC = "rubric",
    EXPLAINS = "explains",
    INTERVIEWS = "interviews",
    PREDICATE = "predicate",
    SIGNER = "signer",
    ANNOUNCED = "announced",
    NOTICE = "notice",
    BRIEFS = "briefs",
    UNFINISHED = "unfinished",
    COUNTER = "counter",
    SALUTATION = "salutation",
    OUTLET = "outlet",
    SOURCE_KEY = "source-key",
    TIME_KEY = "time-key",
    AUTHOR_KEY = "author-key",
    OTHER_KEY = "other-key",
    REPORTED = "reported",
    JUMP_FROM = "jump-from",
);

/// A pattern in which `%role%` stands for any word of the list `role`.
///
/// # Panics
/// When it is no pattern, or names no list: both are in the source.
pub(super) fn compile(pattern: &str) -> Regex {
    let mut whole = String::new();
    for (i, part) in pattern.split('%').enumerate() {
        if i % 2 == 0 {
            whole.push_str(part);
            continue;
        }
        let list = WordList::section(include_str!("data/words.txt"), part);
        let mut words: Vec<String> = list.iter().map(regex::escape).collect();
        // The longest first: of two words that begin alike the longer is meant.
        words.sort_by(|a, b| b.len().cmp(&a.len()).then(a.cmp(b)));
        whole.push_str("(?:");
        whole.push_str(&words.join("|"));
        whole.push(')');
    }
    // The script of Unicode's tables is thousands of states as often as it is repeated; these ranges
    // are a few.
    let whole = whole.replace(r"\p{Han}", r"[〇㐀-\u{9fff}\u{20000}-\u{3ffff}]");
    Regex::new(&whole).expect("a pattern in the source is valid")
}

/// A regular expression that is compiled on first use.
macro_rules! pattern {
    ($($part:expr),+ $(,)?) => {{
        static PATTERN: std::sync::LazyLock<regex::Regex> =
            std::sync::LazyLock::new(|| crate::page::words::compile(concat!($($part),+)));
        &*PATTERN
    }};
}
pub(super) use pattern;
