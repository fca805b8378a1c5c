//! Quotations: who says what.
//!
//! Comes in: a paragraph and the people known to be named in the article. Goes out: direct speech
//! (`“……。”张三说`) and reported speech (`张三强调，……`) as byte ranges, each with its speaker where the
//! paragraph names one. Quotation marks round a slogan or a title are no quotation. Never touches
//! tensors, files or the terminal.
//!
//! Give it whole paragraphs: a quotation may be longer than a sentence, and its speaker may stand
//! behind it.

use std::ops::Range;

use super::context::{post_head, title_behind};
use super::{Name, PersonRecord};
use crate::glossary;
use crate::text::chars::{is_clause_end, is_han, is_stop};
use crate::text::{sections, surnames};

sections! {
    "quotes.txt";
    SAYING = "saying",
    QUESTIONERS = "questioners",
    PRONOUNS = "pronouns",
    NOBODY = "nobody",
    OF_A_SLOGAN = "of-a-slogan",
    BODIES = "bodies",
    OBJECT_VERBS = "object-verbs",
    BELONGINGS = "belongings",
    LADIES = "ladies",
    GENTLEMEN = "gentlemen",
    FEMALE = "female",
    MALE = "male",
}

/// Something said, as byte ranges of the paragraph.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QuoteRange {
    /// A name, a pronoun, or what the paragraph calls the speaker; `None` where it does not say.
    pub speaker: Option<Range<usize>>,
    /// The words, without their quotation marks.
    pub words: Range<usize>,
    /// Whether the words stand in quotation marks.
    pub direct: bool,
}

/// The longest paragraph that is searched; a longer one is no prose.
const LONGEST: usize = 64 << 10;

/// The quotations of a paragraph, in order. `people` are the full names that the article is known
/// to hold.
pub fn find(paragraph: &str, people: &[&str]) -> Vec<QuoteRange> {
    if paragraph.len() > LONGEST {
        return Vec::new();
    }
    if let Some(turn) = turn(paragraph, people) {
        return vec![turn];
    }
    let marks = quotation_marks(paragraph);
    let mut found = direct(paragraph, people, &marks);
    found.extend(reported(paragraph, people, &marks));
    found.sort_by_key(|quote| (quote.words.start, quote.words.end));
    // Reported speech that begins inside a direct quotation is part of it.
    let mut end = 0;
    found.retain(|quote| {
        let new = quote.words.start >= end;
        end = end.max(quote.words.end);
        new
    });
    found
}

/// A turn of an interview: `单立华：路早就通了。`, `答：早就通了。` The paragraph is what is said; whoever
/// asks is not quoted. `何润生：男，汉族` is no turn, nor is a headline of that form.
fn turn(text: &str, people: &[&str]) -> Option<QuoteRange> {
    const LONGEST_LABEL: usize = 60;
    let label_end = text.find(['：', ':']).filter(|end| *end <= LONGEST_LABEL)?;
    let label = &text[..label_end];
    let behind = label_end + text[label_end..].chars().next().map_or(0, char::len_utf8);
    let words = text[behind..].trim();
    let start = text.len() - text[behind..].trim_start().len();
    let spoken = words.ends_with(is_stop) && !words.starts_with(['“', '「', '"', '男', '女']);
    if !spoken || label.contains(is_clause_end) {
        return None;
    }
    let speaker = match label.trim() {
        "答" | "A" => None,
        _ => {
            let named = people
                .iter()
                .find(|name| !name.is_empty() && label.trim().ends_with(**name))?;
            let before = label.trim_end().strip_suffix(*named)?;
            let titled = before.trim().is_empty() || post_head(before.trim_end()).is_some();
            if !titled {
                return None;
            }
            Some(before.len()..before.len() + named.len())
        }
    };
    Some(QuoteRange {
        speaker,
        words: start..start + words.len(),
        direct: true,
    })
}

/// Outer quotation marks: from behind the opening to before the closing one, with the byte behind.
struct Marks {
    opening: usize,
    inner: Range<usize>,
    behind: usize,
}

fn quotation_marks(text: &str) -> Vec<Marks> {
    let mut marks = Vec::new();
    let mut open: Option<(usize, usize, char)> = None;
    for (at, c) in text.char_indices() {
        let end = at + c.len_utf8();
        match (open, c) {
            (None, '“') => open = Some((at, end, '”')),
            (None, '「') => open = Some((at, end, '」')),
            (None, '"') => open = Some((at, end, '"')),
            (Some((opening, inner, closing)), c) if c == closing => {
                marks.push(Marks {
                    opening,
                    inner: inner..at,
                    behind: end,
                });
                open = None;
            }
            _ => {}
        }
    }
    // A quotation that goes on in the next paragraph is not closed in this one.
    if let Some((opening, inner, '”')) = open {
        marks.push(Marks {
            opening,
            inner: inner..text.len(),
            behind: text.len(),
        });
    }
    marks
}

fn direct(text: &str, people: &[&str], marks: &[Marks]) -> Vec<QuoteRange> {
    let quote = |speaker, marks: &Marks| QuoteRange {
        speaker,
        words: marks.inner.clone(),
        direct: true,
    };
    let mut found: Vec<QuoteRange> = Vec::new();
    for (i, mark) in marks.iter().enumerate() {
        let inner = &text[mark.inner.clone()];
        let is_sentence = inner.ends_with(['。', '！', '？', '…', '，', '；', '!', '?']);
        let from = i.checked_sub(1).map_or(0, |p| marks[p].behind);
        let lead = text[from..mark.opening].trim_end();
        let introduced = lead.ends_with(['：', ':']);
        let after = text[mark.behind..].trim_start();
        let slogan =
            !is_sentence && (inner.chars().count() < 6 || OF_A_SLOGAN.start(after).is_some());
        if let Some(verb) = verb_at_end(lead.trim_end_matches(['：', ':', '，', ',']))
            && (introduced || !slogan)
        {
            let clause = from..from + verb.start;
            found.push(quote(speaker(text, &clause, people), mark));
        } else if is_sentence && let Some(verb) = verb_behind(text, mark.behind) {
            found.push(quote(speaker(text, &(mark.behind..verb), people), mark));
        } else if is_sentence && lead.is_empty() && inner.chars().count() >= 10 {
            // “……。”张三说，“……。”: the second half has the speaker of the first.
            let same = found
                .last()
                .filter(|_| from > 0)
                .and_then(|q| q.speaker.clone());
            found.push(quote(same, mark));
        } else if is_sentence
            && lead.ends_with(['，', '。'])
            && verb_at_end(lead.trim_end_matches(['，', '。'])).is_some()
        {
            let same = found.last().and_then(|q| q.speaker.clone());
            found.push(quote(same, mark));
        }
    }
    found
}

/// The verb of saying that a text ends in.
fn verb_at_end(text: &str) -> Option<Range<usize>> {
    let trimmed = text.trim_end_matches(['了', '着', '道', '到']);
    let ends = [text, trimmed];
    let (text, verb) = ends
        .iter()
        .find_map(|text| SAYING.end(text).map(|verb| (*text, verb)))?;
    Some(text.len() - verb.len()..text.len())
}

/// Where the verb of saying begins in the clause behind a quotation.
fn verb_behind(text: &str, from: usize) -> Option<usize> {
    const LONGEST_SPEAKER: usize = 40;
    let rest = &text[from..];
    let clause_end = rest
        .char_indices()
        .take(LONGEST_SPEAKER)
        .find(|&(_, c)| is_clause_end(c) || c == '“')
        .map_or(rest.len(), |(i, _)| i);
    let clause = &rest[..clause_end];
    verb_at_end(clause)
        .map(|verb| from + verb.start)
        .filter(|&verb| verb > from)
}

fn reported(text: &str, people: &[&str], marks: &[Marks]) -> Vec<QuoteRange> {
    let quoted = |at: usize| {
        let next = marks.partition_point(|m| m.inner.end <= at);
        marks.get(next).is_some_and(|m| m.inner.start <= at)
    };
    let mut found = Vec::new();
    let mut sentence = 0;
    let mut taken = 0;
    for (at, c) in text.char_indices() {
        if (is_stop(c) || c == '\n') && !quoted(at) {
            sentence = at + c.len_utf8();
        }
        if !matches!(c, '，' | '：' | ',' | ':') || quoted(at) || at < taken {
            continue;
        }
        let words = at + c.len_utf8();
        let words = words + (text[words..].len() - text[words..].trim_start().len());
        let Some(verb) = verb_at_end(&text[sentence..at]) else {
            continue;
        };
        let before = sentence..sentence + verb.start;
        let Some(speaker) = speaker(text, &before, people) else {
            continue;
        };
        let end = end_of_sentence(text, words, quoted);
        if text[words..].starts_with(['“', '「', '"']) || end <= words {
            continue;
        }
        taken = end;
        found.push(QuoteRange {
            speaker: Some(speaker),
            words: words..end,
            direct: false,
        });
    }
    found
}

fn end_of_sentence(text: &str, from: usize, quoted: impl Fn(usize) -> bool) -> usize {
    text[from..]
        .char_indices()
        .map(|(i, c)| (from + i, c))
        .find(|&(at, c)| (is_stop(c) || c == '\n') && !quoted(at))
        .map_or(
            text.len(),
            |(at, c)| if c == '\n' { at } else { at + c.len_utf8() },
        )
}

/// Who speaks, in what stands before the verb: somebody named, a pronoun, or a post or body.
fn speaker(text: &str, before: &Range<usize>, people: &[&str]) -> Option<Range<usize>> {
    let mut clauses: Vec<Range<usize>> = Vec::new();
    let mut start = before.start;
    for (i, c) in text[before.clone()].char_indices() {
        if is_clause_end(c) || matches!(c, '“' | '”') {
            clauses.push(start..before.start + i);
            start = before.start + i + c.len_utf8();
        }
    }
    clauses.push(start..before.end);
    let own = clauses.last()?.clone();
    if NOBODY.start(text[own.clone()].trim_start()).is_some() {
        return None;
    }
    clauses
        .iter()
        .rev()
        .find_map(|clause| person_in(text, clause, people))
        .or_else(|| called(text, &own))
}

/// The first person of a clause who may be its subject.
fn person_in(text: &str, clause: &Range<usize>, people: &[&str]) -> Option<Range<usize>> {
    let slice = &text[clause.clone()];
    let named = people
        .iter()
        .filter(|name| !name.is_empty())
        .flat_map(|name| slice.match_indices(name))
        .map(|(at, name)| (at, name.len()))
        .filter(|&(at, len)| !is_object(slice, at, at + len))
        .min();
    let pronoun = PRONOUNS.start(slice.trim_start());
    let pronoun = pronoun.map(|p| (slice.len() - slice.trim_start().len(), p.len()));
    let (at, len) = named.into_iter().chain(pronoun).min()?;
    Some(clause.start + at..clause.start + at + len)
}

/// Where the people are named in a paragraph who do something in their clause, rather than be met,
/// studied or quoted: only they are meant by a pronoun behind it.
pub fn subjects(paragraph: &str, people: &[&str]) -> Vec<Range<usize>> {
    if paragraph.len() > LONGEST {
        return Vec::new();
    }
    let named = people.iter().filter(|name| !name.is_empty());
    let named = named.flat_map(|name| paragraph.match_indices(name));
    let does = |&(at, name): &(usize, &str)| {
        let before = paragraph[..at].split(is_clause_end).next_back();
        let start = at - before.unwrap_or_default().len();
        let end = paragraph[at..].find(is_clause_end);
        let clause = &paragraph[start..end.map_or(paragraph.len(), |end| at + end)];
        !is_object(clause, at - start, at - start + name.len())
    };
    named
        .filter(does)
        .map(|(at, name)| at..at + name.len())
        .collect()
}

/// A paragraph of an interview that answers: who speaks, as the label has it, and where the words begin.
pub type Answer<'a> = (&'a str, usize);

/// The answers of an interview, paragraph by paragraph: `王某：……`, and what follows it without a label
/// until the next question (`记者：……`). Nothing where it is no interview.
pub fn answers<'a>(paragraphs: &[&'a str]) -> Vec<Option<Answer<'a>>> {
    /// Questions and answers that make an interview.
    const LEAST: usize = 2;
    let labels: Vec<Option<Answer>> = paragraphs.iter().map(|p| label(p)).collect();
    let asks = |name: &str| QUESTIONERS.contains(name);
    let (questions, answers): (Vec<&str>, Vec<&str>) = labels
        .iter()
        .flatten()
        .map(|(name, _)| *name)
        .partition(|name| asks(name));
    if questions.len() < LEAST || answers.len() < LEAST {
        return Vec::new();
    }
    let mut speaker = None;
    let answers = labels.into_iter().map(|label| match label {
        Some((name, from)) => {
            speaker = Some(name).filter(|name| !asks(name));
            speaker.map(|name| (name, from))
        }
        None => speaker.map(|name| (name, 0)),
    });
    answers.collect()
}

/// The label that a paragraph begins with, and where its text does.
fn label(paragraph: &str) -> Option<Answer<'_>> {
    const LONGEST: usize = 8;
    let at = paragraph.find(['：', ':'])?;
    let name = paragraph[..at].trim();
    let plain = !name.is_empty() && name.chars().all(|c| is_han(c) || c == '·');
    let says = verb_at_end(name).is_some_and(|verb| verb.start > 0);
    let colon = paragraph[at..].chars().next()?.len_utf8();
    (plain && !says && name.chars().count() <= LONGEST).then_some((name, at + colon))
}

/// Whether a name in a clause is an object (`会见甲`, `受甲委托`), or only belongs to a noun
/// (`学习贯彻甲的讲话`, `甲的母亲`), so that its bearer does not speak. The post before a name is passed over.
fn is_object(clause: &str, start: usize, end: usize) -> bool {
    // 会见了何润生: what marks the verb stands between.
    let marked = ['了', '过', '着'];
    let mut before = clause[..start].trim_end().trim_end_matches(marked);
    while let Some(head) = post_head(before) {
        before = &before[..before.len() - head.len()];
    }
    let after = clause[end..].trim_start();
    let after = title_behind(after).map_or(after, |title| &after[title.len()..]);
    let governed = |text: &str| OBJECT_VERBS.end(text).is_some();
    governed(before) || governed(clause[..start].trim_end()) || BELONGINGS.start(after).is_some()
}

/// A post or a body that a clause consists of: `据一位村民`, `省水利厅有关负责人`.
fn called(text: &str, clause: &Range<usize>) -> Option<Range<usize>> {
    const LONGEST: usize = 30;
    let slice = &text[clause.clone()];
    let lead = slice.trim_start_matches(['据', '对', '此', ' ', '\u{3000}', '而', '但']);
    let tail = lead.trim_end_matches(['则', '还', '也', '又', '就', '地', ' ']);
    let tail = tail.split_once('在').map_or(tail, |(subject, _)| subject);
    let tail = tail.trim();
    let is_somebody = {
        let mut starts = tail.char_indices().map(|(i, _)| i);
        starts.any(|i| glossary::posts().contains_key(&tail[i..]))
            || BODIES.end(tail).is_some()
            || courtesy(tail).is_some()
            || glossary::bodies().contains_key(tail)
    };
    let fits = is_somebody && tail.chars().count() <= LONGEST && NOBODY.end(tail).is_none();
    let at = clause.start + slice.find(tail)?;
    fits.then(|| at..at + tail.len())
}

/// The English of a sentence that says nothing but who said what stands before it (`吴谦说。`, `她还表示。`),
/// which has a set form; `names` are those of its people that it is certain how to spell.
pub fn attribution_in_english(zh: &str, names: &[Name]) -> Option<String> {
    let zh = zh.trim().trim_start_matches(['”', '」']);
    let clause = zh.strip_suffix(['。', '.'])?.trim();
    let told = ["告诉记者", "对记者说", "对记者表示", "向记者表示"];
    let (subject, saying) = match told.iter().find_map(|verb| clause.strip_suffix(verb)) {
        Some(subject) => (subject, "told reporters"),
        None => {
            let verb = ["说道", "说", "表示", "称"];
            let subject = verb.iter().find_map(|verb| clause.strip_suffix(verb))?;
            (subject, "said")
        }
    };
    let (subject, also) = match subject.strip_suffix(['还', '也', '又']) {
        Some(subject) => (subject, "also "),
        None => (subject, ""),
    };
    let who = match subject.trim() {
        "他" => "He",
        "她" => "She",
        "他们" | "她们" => "They",
        subject => names.iter().find(|name| name.zh == subject)?.en,
    };
    Some(format!("{who} {also}{saying}."))
}

/// Somebody called by surname and courtesy alone, in English: `刘女士` → "Ms. Liu".
fn courtesy(zh: &str) -> Option<String> {
    let (surname, _) = surnames::leading(zh)?;
    let title = match &zh[surname.len()..] {
        title if LADIES.contains(title) => "Ms.",
        title if GENTLEMEN.contains(title) => "Mr.",
        _ => return None,
    };
    Some(format!(
        "{title} {}",
        super::pinyin::romanise_surname(surname)
    ))
}

/// The most quotations that a brief shows.
const MOST_SHOWN: usize = 8;

/// Keeps as many quotations as a brief shows: direct speech has the first places, what is reported
/// the rest, and the order stays.
pub fn retain_most_telling<T>(quotes: &mut Vec<T>, is_direct: impl Fn(&T) -> bool) {
    let mut direct = quotes
        .iter()
        .filter(|q| is_direct(q))
        .count()
        .min(MOST_SHOWN);
    let mut reported = MOST_SHOWN - direct;
    quotes.retain(|quote| {
        let left = if is_direct(quote) {
            &mut direct
        } else {
            &mut reported
        };
        let kept = *left > 0;
        *left = left.saturating_sub(1);
        kept
    });
}

/// A person's English name where the speaker is one of `people`, or most likely means the last one
/// named before byte `at`; a post or body in English where it is known; else as the text has it.
pub fn speaker_in_english(zh: &str, at: usize, people: &[PersonRecord]) -> String {
    if let Some(person) = people.iter().find(|p| zh.ends_with(&p.zh)) {
        return person.en.clone();
    }
    // An answer in an interview with one person.
    if let ("答", [person]) = (zh, people) {
        return person.en.clone();
    }
    let pronoun = match zh {
        "他" => "he",
        "她" => "she",
        _ => {
            let named = courtesy(zh).or_else(|| super::role(zh));
            return named.unwrap_or_else(|| zh.to_owned());
        }
    };
    let unlike = if pronoun == "he" { &FEMALE } else { &MALE };
    let mentions = people
        .iter()
        .filter(|p| unlike.end(&p.zh).is_none())
        .flat_map(|p| p.mentions.iter().map(move |m| (m[0], p)));
    let last = mentions
        .filter(|(start, _)| *start < at)
        .max_by_key(|(start, _)| *start);
    match last {
        Some((_, person)) => format!("{pronoun} (probably {})", person.en),
        None => pronoun.to_owned(),
    }
}
