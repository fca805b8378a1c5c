//! Negations: lost, and made up.
//!
//! How often good English says a Chinese negation without any word of its own was counted for each
//! word and the word behind it (`data/negation.tsv`, by `training/lexicon.py`): 不断 is nearly always
//! said otherwise (*constantly*), 未 nearly never.

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::LazyLock;

use include_flate::flate;
use regex::Regex;

use super::sides::{Chinese, English, Negation};
use super::{DoubtKind, Fact, lexicon};
use crate::text::{chars::is_clause_end, stem};

/// English that denies, and what may stand for a denial.
struct Patterns {
    denying: Regex,
    any: Regex,
    /// Set phrases that deny nothing.
    idioms: Regex,
    /// Words that look like denials.
    affirming: Regex,
}

static ENGLISH: LazyLock<Patterns> = LazyLock::new(|| {
    let [denying, others] = patterns(include_str!("data/negation-english.txt"));
    let [idioms, affirming] = patterns(include_str!("data/negation-idioms.txt"));
    let pattern = |text: &str| lexicon::english(text).expect("a table of patterns");
    Patterns {
        any: pattern(&format!("{denying}|{others}")),
        denying: pattern(&denying),
        idioms: pattern(&idioms),
        affirming: Regex::new(&format!("(?i-u:^(?:{affirming})$)")).expect("a table of patterns"),
    }
});

/// The two blocks of a table of patterns, each as one pattern.
fn patterns(table: &str) -> [String; 2] {
    let joined = |block: &str| {
        let lines = block.lines().map(str::trim);
        let kept = lines.filter(|l| !l.is_empty() && !l.starts_with('#'));
        kept.collect::<Vec<_>>().join("|")
    };
    let (first, second) = table.split_once("\n---\n").unwrap_or((table, ""));
    [joined(first), joined(second)]
}

/// Whether a Chinese text has a word that denies.
fn denies(zh: &str) -> bool {
    const CHARACTERS: &[char] = &['不', '没', '未', '无', '非', '勿', '莫'];
    const WORDS: [&str; 5] = ["否认", "拒绝", "禁止", "难以", "难言"];
    zh.contains(CHARACTERS) || WORDS.iter().any(|word| zh.contains(word))
}

/// Questions that offer both (是不是, 到没到), and words where the negation is another word's.
static NO_NEGATION: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(concat!(
        r"是不是|是否|有没有|会不会|能不能|可不可|要不要|好不好|对不对|想不想|不仅|不但|不光|不只|不单|不得不|无不|不禁|",
        r"非常|非洲|非遗|南非|北非|中非|西非|东非|对非|非但|无论|不管|不论|未来|莫斯科|无人机|不过|不久|不断|不错|不少",
        r"|没的说|没得说|没说的|坚定不移|差不多|了不起|对不起|不好意思|不由|无非|莫过于|不亚于|不同|不一样|不一|不满|不懈|不愧|忍不住|不得了|不要紧|说不定|不可或缺|必不可少|毫无疑问|没收|罚没|无线|不停|不离不弃|不妨|不便之处|无症状|无尽|无限|不善|满不在乎|不言而喻|不寻常|(?:身体|感到|感觉|略感|有些|何|轻微|任何|令人)不适|不适(?:感|症|反应|者)|不安|不休|没有这么|没那么|不到",
        r"|不忘|无数|不辞|不大|不缓不|没有不|并不是不|避免不了|免不了|少不了|好久没|很久没|好久不|许久未|许久没|无时无刻|不招摇|不良"
    ))
    .expect("a constant")
});
/// Words that English often says with a negation.
static NEGATIVE: LazyLock<HashMap<&str, f64>> = LazyLock::new(|| {
    lexicon::rows(include_str!("data/negative.tsv"))
        .filter_map(|[word, with, all]| {
            Some((word, with.parse::<f64>().ok()? / all.parse::<f64>().ok()?))
        })
        .collect()
});

flate!(static WORDS_AND_NEGATIONS: str from "src/checks/meaning/data/negation.tsv" with zstd);

/// Words with a negation: how often English says them without one, and out of how often.
type Counted = HashMap<(&'static str, &'static str), (f64, f64)>;
static COUNTED: LazyLock<Counted> = LazyLock::new(|| {
    lexicon::rows(&WORDS_AND_NEGATIONS)
        .filter_map(|[word, behind, without, all]| {
            Some(((word, behind), (without.parse().ok()?, all.parse().ok()?)))
        })
        .collect()
});

/// Evidence (the negative logarithm of how often good English has no negation) from which a lost
/// one is told; about one in five.
const ENOUGH: f64 = 1.7;
/// The same where the English denies, but other things by the lexicon.
const ENOUGH_BESIDE: f64 = 3.0;
/// A word's evidence counts in the sum beyond this, so that many weak ones do not add up.
const WEAK: f64 = 0.3;

/// Evidence of a negation that good English shows as surely as a word for itself.
const STRONG: f64 = 2.3;

/// The facts of both sides.
pub(super) fn read(zh: &Chinese, en: &English, _around: &str) -> (Vec<Fact>, Vec<Fact>) {
    let all = ENGLISH.any.find_iter(en.text).map(|m| m.range());
    let all: Vec<Range<usize>> = all
        .filter(|cue| !ENGLISH.affirming.is_match(&en.text[cue.clone()]))
        .collect();
    let fact = |range| Fact::new(DoubtKind::Negation, "no", range);
    let negations = zh.negations.get_or_init(|| negations(zh)).clone();
    let (negations, cues) = unmatched(zh, negations, en.text, all.clone());
    let mut zh_facts = Vec::new();
    let mut en_facts = Vec::new();
    let sum: f64 = negations.iter().map(|n| (n.evidence - WEAK).max(0.0)).sum();
    let enough = if all.is_empty() {
        ENOUGH
    } else {
        ENOUGH_BESIDE
    };
    if cues.is_empty() && sum >= enough {
        let most = negations.iter().map(|n| n.evidence).fold(0.0, f64::max);
        let strong = negations.iter().filter(|n| n.evidence >= most / 2.0);
        zh_facts.extend(strong.enumerate().map(|(i, n)| Fact {
            key: format!("no {i}"),
            ..fact(n.range.clone())
        }));
    } else {
        let strong: Vec<&Negation> = negations.iter().filter(|n| n.evidence >= STRONG).collect();
        // One *not* may stand for a row of them.
        let first = |n: &Negation| zh.text[n.range.clone()].chars().next();
        let in_row = |(i, n): &(usize, &&Negation)| {
            strong[..*i].iter().any(|other| first(other) == first(n))
        };
        let row = strong.iter().enumerate().any(|at| in_row(&at));
        let alone = strong.iter().enumerate().filter(|at| !in_row(at));
        let clauses: BTreeSet<usize> = alone.map(|(_, n)| clause(zh.text, n.range.start)).collect();
        let few = clauses.len() >= cues.len() + 2;
        let more = negations.len() > cues.len() && !row;
        for (i, negation) in strong.into_iter().enumerate() {
            if few || more && is_denied_nowhere(zh, en, &negation.range, &all) {
                zh_facts.push(Fact {
                    key: format!("there {i}"),
                    ..fact(negation.range.clone())
                });
            }
        }
    }
    // “No. 5” denies nothing, nor does “no doubt”.
    let plain = ENGLISH
        .idioms
        .replace_all(en.text, |found: &regex::Captures| {
            "x".repeat(found[0].len())
        });
    if let Some(found) = not_only(zh, en) {
        zh_facts.push(Fact {
            key: "not only".to_owned(),
            ..fact(found)
        });
    }
    if let Some(found) = ENGLISH.denying.find(&plain) {
        let said = denies(zh.text)
            || zh.words.iter().any(|w| NEGATIVE.contains_key(w.text))
            || zh.text.contains(ASKS);
        if said {
            zh_facts.push(Fact {
                required: false,
                ..fact(0..0)
            });
        }
        en_facts.push(fact(found.range()));
    }
    (zh_facts, en_facts)
}

/// Questions, which may be rhetorical, and characters that deny in words without a negation.
const ASKS: &[char] = &[
    '吗', '何', '岂', '哪', '除', '免', '缺', '拒', '弗', '？', '毋', '零', '缓', '慎',
];

/// 不仅 of which the English has *only* without its *not*: where it stands.
fn not_only(zh: &Chinese, en: &English) -> Option<Range<usize>> {
    /// Words before *only* in which its *not* may stand.
    const NEAR: usize = 6;
    static NOT_ONLY: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("不仅仅|不仅|不只|不光|不但|不单|不止").expect("a constant"));
    static ONLY: LazyLock<Regex> =
        LazyLock::new(|| Regex::new("只|仅|才|光是|单是|刚|就").expect("a constant"));
    let found = NOT_ONLY.find(zh.text)?;
    let rest = NOT_ONLY.replace_all(zh.text, "");
    let is_only = |word: &str| {
        ["only", "just", "merely", "simply"]
            .iter()
            .any(|only| word.eq_ignore_ascii_case(only))
    };
    let only: Vec<usize> = (0..en.words.len())
        .filter(|&i| is_only(en.words[i].text))
        .collect();
    let denied = |&at: &usize| {
        let start = en.words[at.saturating_sub(NEAR)].start;
        let before = &en.text[start..en.words[at].start];
        ENGLISH.denying.is_match(before) || before.ends_with("more than ")
    };
    let lost = !only.is_empty() && !only.iter().any(denied) && !ONLY.is_match(&rest);
    lost.then(|| found.range())
}

/// How many clauses of the text stand before a byte.
fn clause(zh: &str, at: usize) -> usize {
    zh[..at]
        .chars()
        .filter(|c| is_clause_end(*c) || *c == '、')
        .count()
}

/// Words that deny what stands behind them, and nothing else.
const PLAIN: &[&str] = &[
    "没有", "不能", "不会", "并未", "尚未", "无法", "不是", "从未", "未能", "不再", "不要", "不得",
    "不准", "不可", "没能", "并不", "并非", "不应", "不愿", "未", "不", "没",
];

/// Whether what the Chinese denies stands in the English, once, with no denial near it.
fn is_denied_nowhere(
    zh: &Chinese,
    en: &English,
    negation: &Range<usize>,
    cues: &[Range<usize>],
) -> bool {
    /// Words of the English before what is denied, and behind it, in which a denial may stand.
    const BEFORE: usize = 14;
    const BEHIND: usize = 6;
    if !PLAIN
        .iter()
        .any(|word| zh.text[negation.start..].starts_with(word))
    {
        return false;
    }
    let denied = zh.words.iter().filter(|w| w.range().end > negation.start);
    let mut denied = denied.skip(1).take(2).filter(|w| {
        w.text.chars().count() > 1
            && clause(zh.text, w.start) == clause(zh.text, negation.start)
            && !denies(w.text)
    });
    let Some(entry) = denied.find_map(|w| w.entry) else {
        return false;
    };
    if entry.by_chance > 0.02 {
        return false;
    }
    let mut said =
        (0..en.words.len()).filter(|i| entry.stems.contains(&en.words[*i].stem.as_str()));
    let (Some(at), None) = (said.next(), said.next()) else {
        return false;
    };
    let start = en.words[at.saturating_sub(BEFORE)].start;
    let end = en.words[(at + BEHIND).min(en.words.len() - 1)].range().end;
    !cues.iter().any(|cue| start <= cue.start && cue.start < end)
}

fn negations(zh: &Chinese) -> Vec<Negation> {
    let mut found = Vec::new();
    for (i, word) in zh.words.iter().enumerate() {
        if !denies(word.text) || is_none(zh, word.range()) {
            continue;
        }
        let behind = zh.words.get(i + 1);
        let evidence = -said_without(word.text, behind.map_or(".", |w| w.text)).ln();
        found.push(Negation {
            evidence,
            range: word.start..behind.map_or(word.range().end, |w| w.range().end),
            stems: word.entry.map_or(&[], |entry| entry.stems.as_slice()),
        });
    }
    found
}

/// English that denies by a part of itself or compares: what another word of the Chinese has in its
/// company (黑人 beside *unarmed*) does not explain it.
static OWN: LazyLock<Regex> = LazyLock::new(|| {
    let own = "^(?:(?:un|in|im|ir|il|dis|mis|non).*|.*less|hardly|few|fewer|little|.* than)$";
    Regex::new(own).expect("a constant")
});

/// Words beside a negation that may be one word of English with it: 几乎没有 is *little*, 没有屋顶的 *roofless*.
const NEAR: usize = 4;

/// The negations and the English for them that are left when those are taken away that belong
/// together by the lexicon, and English that another word of the Chinese explains (*difficult* for 困难).
fn unmatched(
    zh: &Chinese,
    mut negations: Vec<Negation>,
    text: &str,
    mut cues: Vec<Range<usize>>,
) -> (Vec<Negation>, Vec<Range<usize>>) {
    cues.retain(|cue| {
        let word = text[cue.clone()].to_ascii_lowercase();
        if ENGLISH.denying.is_match(&word) || OWN.is_match(&word) {
            return true;
        }
        let cue = stem(&word);
        if let Some(own) = negations
            .iter()
            .position(|n| n.stems.contains(&cue.as_str()))
        {
            negations.remove(own);
            return false;
        }
        !zh.words.iter().enumerate().any(|(i, w)| {
            let near = &zh.words[i.saturating_sub(NEAR)..(i + NEAR + 1).min(zh.words.len())];
            !near.iter().any(|w| denies(w.text))
                && w.entry.is_some_and(|e| e.stems.contains(&cue.as_str()))
        })
    });
    (negations, cues)
}

/// Whether a word stands in what is no negation.
fn is_none(zh: &Chinese, range: Range<usize>) -> bool {
    let a_not_a = {
        let mut before = zh.text[..range.start].chars().rev();
        let mut behind = zh.text[range.start..].chars().skip(1);
        matches!((before.next(), behind.next()), (Some(a), Some(b)) if a == b)
    };
    a_not_a
        || NO_NEGATION
            .find_iter(zh.text)
            .any(|m| m.start() < range.end && range.start < m.end())
}

/// How often good English says a word with a negation without one: counted with the word behind it
/// where that is known, else of the word, else as of most.
fn said_without(word: &str, behind: &str) -> f64 {
    const MOST: f64 = 0.2;
    const WEIGHT: f64 = 4.0;
    let shrink = |counted: Option<&(f64, f64)>, to: f64| {
        let (without, all) = counted.copied().unwrap_or_default();
        (without + WEIGHT * to) / (all + WEIGHT)
    };
    let of_word = shrink(COUNTED.get(&(word, "*")), MOST);
    shrink(COUNTED.get(&(word, behind)), of_word)
}
