//! The tokenisers of BLEU, token for token as in sacrebleu 2.6 (`sacrebleu/tokenizers`, Apache-2.0).
//!
//! In: a line. Out: its tokens. They never fail and take time linear in the line.

use std::borrow::Cow;
use std::sync::LazyLock;

use clap::ValueEnum;
use regex::Regex;

/// How BLEU cuts a line into tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Tokenizer {
    /// `mteval-v13a.pl`, used by WMT for languages that put spaces between words
    #[value(name = "13a")]
    Mteval13a,
    /// Each Chinese character, the rest as in 13a
    Zh,
    /// Each character that is not white space
    Char,
    /// Split at white space, for text that is tokenised already
    None,
}

impl Tokenizer {
    /// The name in a signature.
    pub fn name(self) -> &'static str {
        match self {
            Self::Mteval13a => "13a",
            Self::Zh => "zh",
            Self::Char => "char",
            Self::None => "none",
        }
    }

    /// The tokens of a line.
    pub fn tokenize(self, line: &str) -> Vec<String> {
        match self {
            Self::Mteval13a => words(&western(&format!(" {} ", unescape(line)))),
            Self::Zh => words(&western(&spaced_chinese(line.trim_matches(is_space)))),
            Self::Char => line
                .chars()
                .filter(|&c| !is_space(c))
                .map(String::from)
                .collect(),
            Self::None => words(line),
        }
    }
}

/// White space as Python's `str.isspace`: Unicode's, and the four information separators.
pub(super) fn is_space(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{1c}'..='\u{1f}')
}

/// Python's `str.split()`.
pub(super) fn split(line: &str) -> impl Iterator<Item = &str> {
    line.split(is_space).filter(|word| !word.is_empty())
}

fn words(line: &str) -> Vec<String> {
    split(line).map(str::to_owned).collect()
}

/// Joins broken lines and resolves the entities that mteval knows, in its order: `&amp;lt;` becomes `<`.
fn unescape(line: &str) -> Cow<'_, str> {
    if !line.contains(['&', '<', '\n']) {
        return Cow::Borrowed(line);
    }
    Cow::Owned(
        line.replace("<skipped>", "")
            .replace("-\n", "")
            .replace('\n', " ")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
            .replace("&lt;", "<")
            .replace("&gt;", ">"),
    )
}

/// The part of mteval-v13a that is meant for Western languages: spaces around ASCII punctuation, but
/// not inside `3.5`, `4,000` or a hyphenated word.
fn western(line: &str) -> String {
    set_stops_and_dashes_apart(&set_punctuation_apart(line))
}

/// Spaces around ASCII punctuation other than `'`, `,`, `-` and `.`.
pub(super) fn set_punctuation_apart(line: &str) -> String {
    static RULES: LazyLock<[Rule; 1]> =
        LazyLock::new(|| [rule(r"([{-~\[-` -&(-+:-@/])", " ${1} ")]);
    apply(&*RULES, line)
}

/// Spaces around `.` and `,` but between digits, and around `-` behind a digit.
pub(super) fn set_stops_and_dashes_apart(line: &str) -> String {
    static RULES: LazyLock<[Rule; 3]> = LazyLock::new(|| {
        [
            rule(r"([^0-9])([.,])", "${1} ${2} "),
            rule(r"([.,])([^0-9])", " ${1} ${2}"),
            rule(r"([0-9])(-)", "${1} ${2} "),
        ]
    });
    apply(&*RULES, line)
}

type Rule = (Regex, &'static str);

fn rule(pattern: &str, replacement: &'static str) -> Rule {
    let pattern = Regex::new(pattern).expect("the pattern is a constant");
    (pattern, replacement)
}

fn apply(rules: &[Rule], line: &str) -> String {
    rules.iter().fold(
        line.to_owned(),
        |line, (pattern, replacement)| match pattern.replace_all(&line, *replacement) {
            Cow::Owned(replaced) => replaced,
            Cow::Borrowed(_) => line,
        },
    )
}

fn spaced_chinese(line: &str) -> String {
    let mut spaced = String::with_capacity(line.len() * 2);
    for c in line.chars() {
        if is_chinese(c) {
            spaced.extend([' ', c, ' ']);
        } else {
            spaced.push(c);
        }
    }
    spaced
}

/// sacrebleu's table. Two of its ranges were meant as U+20000–2A6D6 and U+2F800–2FA1D but are
/// written `\u20000`, which Python reads as two characters; compared with one character they cover
/// U+2001–2A6D (general punctuation and more) and a part of the Kangxi radicals. Scores published
/// with this tokeniser depend on it.
fn is_chinese(c: char) -> bool {
    matches!(c,
        '\u{3400}'..='\u{4db5}'
        | '\u{4e00}'..='\u{9fbb}'
        | '\u{f900}'..='\u{fa2d}'
        | '\u{fa30}'..='\u{fa6a}'
        | '\u{fa70}'..='\u{fad9}'
        | '\u{2001}'..='\u{2a6d}'
        | '\u{ff00}'..='\u{ffef}'
        | '\u{2e80}'..='\u{2fdf}'
        | '\u{2ff0}'..='\u{303f}'
        | '\u{3100}'..='\u{312f}'
        | '\u{31a0}'..='\u{31bf}'
        | '\u{31c0}'..='\u{31ef}'
        | '\u{3200}'..='\u{33ff}'
        | '\u{fe10}'..='\u{fe1f}'
        | '\u{fe30}'..='\u{fe4f}')
}
