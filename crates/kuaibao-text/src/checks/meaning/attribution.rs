//! Short attributions (`他说。`): somebody says something, and nothing else stands there.

use std::sync::LazyLock;

use regex::Regex;

use super::sides::{Chinese, English};
use super::{DoubtKind, Fact};

static SHORT: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"^\s*[”’」]?\s*(他|她|他们|她们|\p{Han}{2,6}?)(?:还|也|又|同时|对此|随后|最后)?",
        r"(?:说|说道|表示|指出|强调|认为|称|坦言|透露|回忆说?|解释说?|补充说?|告诉记者|对记者说)\s*[。，：:,.]?\s*$"
    ))
    .expect("a constant")
});

/// English verbs of saying, by their beginnings.
static SAYS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:sa(?:y|ys|id|ying)|tell|told|add|stat|point|stress|emphasi|believ|think|thought|not|express",
        r"|indicat|reveal|recall|explain|admit|confess|claim|call|reflect|remember|according|announc|declar|mention|argu|suggest|remind|warn|ask|repl|answer)"
    ))
    .expect("a constant")
});

/// Words of English that an attribution may have: a name, a post, a verb.
const LONGEST: usize = 10;

/// The facts of both sides.
pub(super) fn read(zh: &Chinese, en: &English, _around: &str) -> (Vec<Fact>, Vec<Fact>) {
    let Some(found) = SHORT.captures(zh.text) else {
        return (Vec::new(), Vec::new());
    };
    let has = |word: &str| en.words.iter().any(|w| w.text.eq_ignore_ascii_case(word));
    let agrees = match &found[1] {
        "他" => !has("she"),
        "她" => !has("he"),
        _ => true,
    };
    let says = SAYS.is_match(en.text) && en.words.len() <= LONGEST && agrees;
    let fact = |range| Fact::new(DoubtKind::Attribution, "said", range);
    let en_facts = says.then(|| fact(0..0)).into_iter().map(|f| Fact {
        required: false,
        ..f
    });
    (vec![fact(0..zh.text.len())], en_facts.collect())
}
