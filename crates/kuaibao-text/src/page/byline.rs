//! Who wrote an article and where from: bylines, datelines, photo credits.
//!
//! Comes in: one line, or one paragraph. Goes out: what it is and where its parts are. Never looks
//! at more than that one line; where it stands on the page is for the caller to judge.

use std::ops::Range;

use super::furniture::stated_date;
use super::words::{
    AUTHOR_KEY, EDITOR, NO_NAME, OTHER_KEY, OUTLET, REPORTED, SOURCE_KEY, TASK, TIME_KEY, pattern,
};
use crate::text::chars::{is_han, is_name_dot};
use crate::text::squeezed;
use crate::text::surnames::{self, Rarity};

/// A byline's label: whom they write for, in what post.
macro_rules! label {
    () => {
        concat!(
            r"((?:文[/／]?图?|图)?",
            r"(?:%own%|\p{Han}{2,10}?%outlet%(?:[·•]\p{Han}{2,4}%outlet%)?)?",
            r"(?:[驻駐]\p{Han}{1,6}?)?(?:\p{Han}{2}站|%rank%)*",
            "%role%)"
        )
    };
}

/// A byline's parts, as ranges of the text that was parsed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Byline {
    /// One range a name; it may hold white space between two characters.
    pub names: Vec<Range<usize>>,
    /// Everything else.
    pub labels: Vec<Range<usize>>,
    /// Whether it stands in brackets, as bylines below an article do.
    pub bracketed: bool,
    /// Whether a mark (`□`) or a label says that it is one.
    pub labelled: bool,
}

impl Byline {
    fn shifted(self, by: usize) -> Self {
        let shift = |ranges: Vec<Range<usize>>| {
            ranges
                .into_iter()
                .map(|r| r.start + by..r.end + by)
                .collect()
        };
        Self {
            names: shift(self.names),
            labels: shift(self.labels),
            ..self
        }
    }
}

/// A token of a byline.
enum Token {
    Label,
    /// Those who made the page: their names are no authors.
    EditorLabel,
    Name,
    /// One character: half of a name that was set with a space inside.
    Half,
}

/// What bylines begin with to be seen.
const MARKS: [char; 12] = ['□', '■', '◎', '○', '●', '▲', '△', '◆', '◇', '☐', '❑', '▢'];

/// Parses a line that is a byline and nothing else: `□浙江日报记者 张留 来逸晨`.
///
/// `continues` says that the line before was a byline, so that a line of names alone is one too.
pub(super) fn byline(text: &str, continues: bool) -> Option<Byline> {
    if text.len() > 240
        || text.contains(['。', '，', '！', '？', '“', '”', '《'])
        || goes_beyond_brackets(text)
        || begins_with_dateline(text)
        // The author of a paper in a journal.
        || text.contains("通讯作者")
    {
        return None;
    }
    let mut parsed = Byline {
        bracketed: text.starts_with(['（', '(']) && text.ends_with(['）', ')']),
        ..Byline::default()
    };
    let is_blank = |from: usize, to: usize| text[from..to].trim().is_empty();
    let mut half: Option<Range<usize>> = None;
    let mut editors = false;
    let mark = text
        .find(|c: char| !MARKS.contains(&c) && !matches!(c, '—' | '－' | '-') && !c.is_whitespace())
        .map_or("", |end| text[..end].trim_end());
    let mut at = mark.len();
    if at > 0 {
        parsed.labels.push(0..at);
        parsed.labelled = mark.starts_with(MARKS);
    }
    while let Some(range) = next_token(text, &mut at, &mut parsed.labels) {
        let token = &text[range.clone()];
        if let Some((split, names)) = glued_label(token) {
            parsed.labels.push(range.start..range.start + split);
            let shift = |r: Range<usize>| r.start + range.start..r.end + range.start;
            parsed.names.extend(names.into_iter().map(shift));
            (parsed.labelled, editors) = (true, false);
            continue;
        }
        let kind = match token_kind(token)? {
            // A family name: `文 鸣`.
            Token::Label if token == "文" && half.is_none() && is_half(&text[at..]) => Token::Half,
            kind => kind,
        };
        match kind {
            Token::Label | Token::EditorLabel => {
                parsed.labels.push(range);
                editors = matches!(kind, Token::EditorLabel);
                parsed.labelled |= !editors;
                if half.is_some() {
                    return None;
                }
            }
            Token::Name if editors => parsed.labels.push(range),
            Token::Name => {
                // What stands before the label names the paper, not a person.
                if half.is_some()
                    || !parsed.labelled && !is_surnamed(token)
                    || NO_NAME.contains(token)
                {
                    return None;
                }
                match names_without_spaces(token).filter(|names| names.len() > 1) {
                    Some(names) => {
                        let shift = |r: Range<usize>| r.start + range.start..r.end + range.start;
                        parsed.names.extend(names.into_iter().map(shift));
                    }
                    None => parsed.names.push(range),
                }
            }
            Token::Half => match half.take() {
                // `欧阳　菲`
                None => match parsed.names.last_mut() {
                    Some(surname)
                        if is_compound(&text[surname.clone()])
                            && is_blank(surname.end, range.start) =>
                    {
                        surname.end = range.end;
                    }
                    _ => half = Some(range),
                },
                Some(first) if !is_blank(first.end, range.start) => return None,
                Some(first) if editors => parsed.labels.extend([first, range]),
                Some(first) => parsed.names.push(first.start..range.end),
            },
        }
    }
    if half.is_some() || !(parsed.labelled || continues) {
        return None;
    }
    // Without a label they must look like names.
    let is_plain_name = |n: &Range<usize>| {
        let name = &text[n.clone()];
        is_surnamed(name)
            && !name.contains(is_name_dot)
            && (name.chars().filter(|c| is_han(*c)).count() <= 3 || is_compound_named(name))
    };
    if !parsed.labelled && !parsed.names.iter().all(is_plain_name) {
        return None;
    }
    // A mark alone, or `记者` alone, is no byline; `本报评论员` is.
    let words = parsed.labels.iter().any(|l| l.len() >= 12);
    (!parsed.names.is_empty() || words).then_some(parsed)
}

/// Names that stand alone on a line, as authors' do under a headline: each begins with a surname
/// that is common or known.
pub(super) fn bare_names(text: &str) -> Option<Byline> {
    let common =
        |name: &str| surnames::leading(name).is_some_and(|(_, rarity)| rarity != Rarity::Rare);
    let parsed = byline(text, true).filter(|b| !b.labelled && b.labels.is_empty())?;
    let all = parsed.names.iter().all(|name| {
        let name = squeezed(&text[name.clone()]);
        common(&name) && (2..=4).contains(&name.chars().count())
    });
    // Four characters without a space are no two names, here.
    let apart = parsed
        .names
        .windows(2)
        .all(|pair| pair[0].end < pair[1].start);
    (all && apart && parsed.names.len() <= 4).then_some(parsed)
}

/// The byline in brackets that ends a paragraph behind its last sentence: `……一砖一瓦。（陶静）`, or
/// with its label without them: `……。 本报记者 陶静`. Where it begins, and its parts.
pub(super) fn byline_at_end(text: &str) -> Option<(usize, Byline)> {
    let parted = |c: char| c.is_whitespace() || matches!(c, '□' | '■' | '◎' | '●');
    if !text.trim_end().ends_with(['）', ')']) && !text.contains(parted) {
        return None;
    }
    let tail = text.char_indices().rev().nth(48).map_or(0, |(at, _)| at);
    let found = pattern!(r"[。！？….”’」』）)]\s*([（(][^（()）]{2,44}[）)])\s*$")
        .captures(&text[tail..])
        .or_else(|| pattern!(r"[。！？.”]\s*((?:[□■◎●]|\s).{2,44})$").captures(&text[tail..]))?;
    let part = found.get(1)?;
    let lead = part.as_str().len() - part.as_str().trim_start().len();
    let start = tail + part.start() + lead;
    let bracketed = text[start..].starts_with(['（', '(']);
    let parsed = byline(text[start..].trim_end(), bracketed)?;
    let named = !parsed.names.is_empty()
        && (parsed.labelled
            || parsed
                .names
                .iter()
                .all(|n| is_surnamed(&text[start + n.start..start + n.end])));
    named.then(|| (start, parsed.shifted(start)))
}

/// Whether a text goes on with the second half of a name that was set with a space inside.
fn is_half(behind: &str) -> bool {
    let mut words = behind.split_whitespace();
    words.next().is_some_and(|word| {
        word.chars().count() == 1 && word.chars().all(is_han) && !matches!(word, "文" | "图" | "摄")
    })
}

/// Whether brackets are left open, or something stands behind them: a line of running text.
fn goes_beyond_brackets(text: &str) -> bool {
    match (text.find(['（', '(']), text.rfind(['）', ')'])) {
        (None, None) => false,
        (Some(open), Some(close)) if open < close => {
            let behind = &text[close..];
            behind.chars().count() > 1
        }
        _ => true,
    }
}

/// Whether a line begins as a report does: `本报讯`.
fn begins_with_dateline(text: &str) -> bool {
    text.starts_with('本') && pattern!(r"^%own%\s*%dispatch%").is_match(text)
}

/// The next run between separators; separators that are not white space go to `labels`.
fn next_token(text: &str, at: &mut usize, labels: &mut Vec<Range<usize>>) -> Option<Range<usize>> {
    let is_separator = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '、' | '，'
                    | ','
                    | '：'
                    | ':'
                    | '/'
                    | '／'
                    | '；'
                    | '（'
                    | '）'
                    | '('
                    | ')'
                    | '｜'
                    | '|'
            )
    };
    while let Some(c) = text[*at..].chars().next() {
        if !is_separator(c) {
            let len = text[*at..].find(is_separator).unwrap_or(text.len() - *at);
            let range = *at..*at + len;
            *at = range.end;
            return Some(range);
        }
        if !c.is_whitespace() {
            labels.push(*at..*at + c.len_utf8());
        }
        *at += c.len_utf8();
    }
    None
}

fn token_kind(token: &str) -> Option<Token> {
    if EDITOR.contains(token) && !TASK.contains(token) {
        return Some(Token::EditorLabel);
    }
    let wired = || {
        pattern!(r"^(?:%own%|%outlet%)?综合(?:\p{Han}{2,4}社)?(?:%dispatch%|%reported%|整理)?$")
            .is_match(token)
    };
    let sent = || pattern!(r"^[发發]自\p{Han}{2,6}$").is_match(token);
    if TASK.contains(token) || pattern!("^", label!(), "$").is_match(token) || wired() || sent() {
        return Some(Token::Label);
    }
    let chars = token.chars().count();
    let all_han = token.chars().all(|c| is_han(c) || is_name_dot(c));
    match chars {
        1 if all_han => Some(Token::Half),
        2..=4 if all_han => Some(Token::Name),
        5..=14 if all_han && token.contains(is_name_dot) => Some(Token::Name),
        5..=9 if all_han && names_without_spaces(token).is_some() => Some(Token::Name),
        _ => None,
    }
}

/// `记者张留`: where the label ends, and the names behind it. Letter-spaced lines lose the spaces
/// between names: `记者何远陆明` is cut where surnames stand.
fn glued_label(token: &str) -> Option<(usize, Vec<Range<usize>>)> {
    let found = pattern!("^", label!(), r"\p{Han}{2,9}$").captures(token)?;
    let split = found.get(1)?.end();
    let behind = &token[split..];
    if NO_NAME.start(behind).is_some() {
        return None;
    }
    let names = names_without_spaces(behind)?;
    let shift = |r: Range<usize>| r.start + split..r.end + split;
    Some((split, names.into_iter().map(shift).collect()))
}

/// Han characters as one name, or as several that each begin with a surname.
fn names_without_spaces(text: &str) -> Option<Vec<Range<usize>>> {
    let ends: Vec<usize> = text.char_indices().map(|(i, c)| i + c.len_utf8()).collect();
    if !is_surnamed(text) {
        return None;
    }
    let longest = if is_compound_named(text) { 4 } else { 3 };
    if ends.len() <= longest || ends.len() == 4 && !is_surnamed(&text[ends[1]..]) {
        return (ends.len() <= 4).then(|| std::iter::once(0..text.len()).collect());
    }
    let cut = |length: usize| {
        let end = *ends.get(length - 1)?;
        if length == 4 && !is_compound_named(text) {
            return None;
        }
        let rest = names_without_spaces(&text[end..])?;
        let shift = |r: Range<usize>| r.start + end..r.end + end;
        let names: Vec<_> = std::iter::once(0..end)
            .chain(rest.into_iter().map(shift))
            .collect();
        Some(names)
    };
    // Three characters before two: most given names have two. But what is a surname only rarely is
    // rather the rest of a name.
    let is_likely = |names: &Vec<Range<usize>>| {
        surnames::leading(&text[names[1].clone()]).is_some_and(|(_, rarity)| rarity != Rarity::Rare)
    };
    let mut ways: Vec<_> = [3, 2, 4].into_iter().filter_map(cut).collect();
    let best = ways.iter().position(is_likely).unwrap_or(0);
    (best < ways.len()).then(|| ways.swap_remove(best))
}

/// Whether a name begins with a surname and goes on behind it.
pub(super) fn is_surnamed(name: &str) -> bool {
    surnames::leading(name)
        .is_some_and(|(surname, _)| surname.len() < name.len() || is_compound(name))
}

fn is_compound(name: &str) -> bool {
    matches!(surnames::leading(name), Some((surname, Rarity::Compound)) if surname == name)
}

fn is_compound_named(name: &str) -> bool {
    matches!(surnames::leading(name), Some((_, Rarity::Compound)))
}

/// A dateline at the start of a paragraph: `本报讯`, `新华社北京7月24日电（记者 王宁）`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dateline {
    /// `本报讯`, without the byline in brackets.
    pub text: Range<usize>,
    /// What stands in the brackets.
    pub byline: Byline,
    /// Where the paragraph's text begins.
    pub end: usize,
    /// Whether what follows is the title of a feature (`电题：`), not its text.
    pub titled: bool,
}

/// Where the text of an item begins behind its mark (`▲`).
pub(super) fn mark_of_item(text: &str) -> Option<usize> {
    let behind = text.strip_prefix(['▲', '△', '◆', '◇', '■', '●'])?;
    let text_of = behind.trim_start();
    (!text_of.is_empty()).then(|| text.len() - text_of.len())
}

/// The dateline that a text begins with, perhaps behind the mark of an item of a list (`▲`).
pub(super) fn dateline(text: &str) -> Option<Dateline> {
    let mark = text
        .find(|c: char| !MARKS.contains(&c) && !c.is_whitespace())
        .filter(|end| *end > 0 && text.starts_with(MARKS));
    let start = mark.unwrap_or(0);
    let mut found = if text[start..].starts_with('【') {
        bracketed_dateline(&text[start..]).or_else(|| in_brackets(&text[start..]))
    } else if text[start..].starts_with('（') {
        in_brackets(&text[start..])
    } else {
        plain_dateline(&text[start..])
    }?;
    if start > 0 {
        found.text = found.text.start + start..found.text.end + start;
        found.end += start;
        found.byline = found.byline.shifted(start);
        found
            .byline
            .labels
            .insert(0, 0..text[..start].trim_end().len());
    }
    Some(found)
}

/// `【本报讯】`, `（新华社北京4月2日电）`.
fn in_brackets(text: &str) -> Option<Dateline> {
    let open = text.chars().next()?;
    let close = text.find(if open == '【' { '】' } else { '）' })?;
    let inner = &text[open.len_utf8()..close];
    let found = plain_dateline(inner).filter(|d| d.end == inner.len() && !d.titled)?;
    let end = close + open.len_utf8();
    let mut byline = found.byline.shifted(open.len_utf8());
    byline.labels.push(0..open.len_utf8());
    byline.labels.push(close..end);
    let at = open.len_utf8();
    (end < text.len()).then_some(Dateline {
        text: found.text.start + at..found.text.end + at,
        byline,
        end,
        titled: false,
    })
}

fn plain_dateline(text: &str) -> Option<Dateline> {
    // Cheap, and true of hardly any other line.
    let tells = |c| matches!(c, '讯' | '訊' | '电' | '電' | '消' | '报' | '報');
    if !text.chars().take(32).any(tells) {
        return None;
    }
    let found = pattern!(
        r"^(?:(?P<own>%own%(?:\s*\p{Han}{1,10}?)?(?:\s*\d{1,2}\s*月\s*\d{1,2}\s*日)?\s*(?:综合)?%dispatch%)",
        r"|(?P<dated>%cited%?\p{Han}{1,10}?%outlet%",
        r"\s*(?:\p{Han}{1,12}?)?\s*\d{1,2}\s*月\s*\d{1,2}\s*日\s*(?:%dispatch%|%reported%))",
        r"|(?P<agency>%cited%?(?:%agency%|\p{Han}{1,8}?%outlet%)(?:%dispatch%|%reported%))",
        r"|(?P<title>%agency%[^，。]{0,24}?[电電]\s*题[:：]))"
    )
    .captures(text)?;
    let whole = found.get(0)?.range();
    let dateline_text = text[whole.clone()].trim_end();
    if dateline_text.contains("记者") {
        return None;
    }
    let mut dateline = Dateline {
        text: 0..whole.end,
        byline: Byline::default(),
        end: whole.end,
        titled: false,
    };
    if found.name("title").is_some() {
        let end = text[whole.clone()].rfind('题').unwrap_or(whole.end);
        dateline.text.end = text[..end].trim_end().len();
        dateline.byline.labels.push(end..whole.end);
        dateline.titled = true;
        return Some(dateline);
    }
    let behind = &text[dateline.end..];
    if let Some(title) = pattern!(r"^\s*题[:：]\s*").find(behind) {
        let start = dateline.end + (title.as_str().len() - title.as_str().trim_start().len());
        let end = dateline.end + title.as_str().trim_end().len();
        dateline.byline.labels.push(start..end);
        dateline.end += title.end();
        dateline.titled = true;
        return Some(dateline);
    }
    dateline.take_byline(text);
    let rest = &text[dateline.end..];
    // Words that may go on as a sentence are known by what follows.
    let apart =
        dateline.end > whole.end || rest.is_empty() || rest.starts_with(char::is_whitespace);
    let told = text[whole.clone()].trim_end();
    let strong = told.ends_with(['讯', '訊'])
        || (told.ends_with(['电', '電']) || told.ends_with("消息"))
            && rest.starts_with(|c: char| c.is_ascii_digit());
    if found.name("agency").is_some() && !apart && !strong {
        return None;
    }
    // `本报讯` before a verb is no dateline, but then nothing follows it directly.
    (!rest.starts_with(['，', '。', '、'])).then_some(dateline)
}

impl Dateline {
    /// Reporters behind it, in brackets or in words (`记者陆明报道：`), and a colon.
    fn take_byline(&mut self, text: &str) {
        let at = self.end;
        let behind = &text[at..];
        if let Some(brackets) = pattern!(r"^\s*[（(][^（()）]{2,76}[）)]").find(behind) {
            if let Some(inner) = byline(brackets.as_str(), true) {
                self.byline = inner.shifted(at);
                self.end = at + brackets.end();
            }
        } else if let Some(words) = pattern!(
            r"^\s*\p{Han}{0,12}[记記]者[^，。：:]{2,30}?%reported%?[：:]",
            r"|^\s*[记記]者\s*\p{Han}[^，。：:]{1,20}?%reported%\s*"
        )
        .find(behind)
        {
            let named = words.as_str().trim_end().trim_end_matches(['：', ':']);
            let told = REPORTED.end(named).map_or(0, str::len);
            let named = &named[..named.len() - told];
            let spoken = named.len()..words.as_str().trim_end().len();
            if let Some(mut inner) = byline(named, false).filter(|b| !b.names.is_empty()) {
                inner.labels.push(spoken);
                self.byline = inner.shifted(at);
                self.end = at + words.end();
            }
        }
        if let Some(colon) = text[self.end..]
            .chars()
            .next()
            .filter(|c| matches!(c, '：' | ':'))
        {
            self.byline
                .labels
                .push(self.end..self.end + colon.len_utf8());
            self.end += colon.len_utf8();
        }
    }
}

/// As papers of Taiwan and Hong Kong have it: `【记者叶知秋、许安平／南湾报道】`.
fn bracketed_dateline(text: &str) -> Option<Dateline> {
    let found = pattern!(
        r"^【((?:本[报報]|\p{Han}{1,6}[报報社])?(?:特[约約]|[驻駐]\p{Han}{1,6}?)?",
        r"%role%)\s*([^【】／/]{2,40})([／/]\s*)((?:\p{Han}{2,12})?(?:%reported%|%dispatch%|特稿))】"
    )
    .captures(text)?;
    let [whole, role, names, slash, place] =
        std::array::from_fn(|i| found.get(i).map(|m| m.range()));
    let (whole, role, names, slash, text_of_place) = (whole?, role?, names?, slash?, place?);
    let inner = byline(&text[names.clone()], true)?.shifted(names.start);
    let mut labels = vec![0..role.start, role];
    labels.extend(inner.labels);
    labels.extend([slash, text_of_place.end..whole.end]);
    Some(Dateline {
        text: text_of_place,
        byline: Byline {
            labels,
            names: inner.names,
            ..Byline::default()
        },
        end: whole.end,
        titled: false,
    })
}

/// A photo or graphics credit at the end of a text: `本报记者 叶敏 摄`. Where it begins.
pub(super) fn credit(text: &str) -> Option<usize> {
    // Cheap, and true of hardly any line: the last characters of what a credit ends with.
    let ends = [
        '摄', '攝', '影', '图', '圖', '绘', '繪', '道', '導', '供', '片', '照', '）', ')',
    ];
    if !text.ends_with(ends) {
        return None;
    }
    let found = pattern!(
        r"(?:^|[\s。！？.”）…])([（(]?\s*(?:",
        r"(?P<label>(?:图|摄影|供图)[:：/／\s]*|\p{Han}{0,12}%photographer%[\s:：]*)?",
        r"(?P<name>\p{Han}{2,4}|\p{Han}\s\p{Han})",
        r"(?:[\s、]+(?:\p{Han}{0,8}%photographer%\s*)?(?:\p{Han}{2,4}|\p{Han}\s\p{Han})){0,5}",
        r"(?P<gap>\s*)(?P<act>%pictured%)",
        r"|(?:%picture-agency%|\p{Han}{2,10})(?:发|供图)[（(]\p{Han}{2,4}\s*[摄攝][）)]",
        r"|%file-picture%",
        r")(?:[（(][^（()）]{1,16}[）)])?\s*[）)]?)$"
    )
    .captures(text)?;
    // Without `记者` before it, what precedes `摄` must at least look like a name.
    if let (None, Some(name), Some(act)) =
        (found.name("label"), found.name("name"), found.name("act"))
    {
        let apart = found.name("gap").is_some_and(|gap| !gap.is_empty());
        let rare = matches!(surnames::leading(name.as_str()), Some((_, Rarity::Rare)));
        if !is_surnamed(name.as_str()) || (act.as_str() == "图" || rare) && !apart {
            return None;
        }
    }
    found.get(1).map(|m| m.start())
}

/// A line about an article as sites print it: `来源：云州日报 发布时间：2031-04-03 作者：陆明`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Info {
    /// Names of authors.
    pub names: Vec<Range<usize>>,
    /// Everything else.
    pub labels: Vec<Range<usize>>,
    /// The paper or site.
    pub source: Option<String>,
    /// Whether a field's name says where it is from or when it was published.
    pub keyed: bool,
}

/// What a field of such a line holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Field {
    Source,
    Time,
    Author,
    Other,
}

/// Parses such a line; every word of it must be a field's name or its value.
pub(super) fn info(text: &str) -> Option<Info> {
    // A field has a name and a colon, or is a day.
    if text.len() > 400
        || text.contains(['。', '，', '！', '？', '“', '”', '；'])
        || !text.contains(|c: char| c.is_ascii_digit() || matches!(c, ':' | '：'))
    {
        return None;
    }
    let mut info = Info::default();
    let mut open: Option<Field> = None;
    let mut fields = 0;
    for word in pattern!(
        r"(?:(?:19|20)\d\d[年./-]\d{1,2}[月./-]\d{1,2}日?)?\d{1,2}[:：]\d{2}(?:[:：]\d{2})?",
        r"|(?:19|20)\d\d[年./-]\d{1,2}[月./-]\d{1,2}日?",
        r"|[^\s:：|｜【】\[\]()（）]+[:：]?"
    )
    .find_iter(text)
    {
        let (range, whole) = (word.range(), word.as_str());
        if let Some(key) = whole.strip_suffix(['：', ':']) {
            // `云州日报作者：`: the value before may be glued to the next key.
            let (value, field) = field_of(key)?;
            if !value.is_empty() {
                info.value(&value, range.start..range.start + value.len(), open?)?;
            }
            info.labels.push(range.start + value.len()..range.end);
            (open, fields) = (Some(field), fields + 1);
            info.keyed |= matches!(field, Field::Source | Field::Time);
            continue;
        }
        let is_time = pattern!(r"^(?:(?:19|20)\d\d[年./-]\d{1,2}[月./-]\d{1,2}日?|\d{1,2}[月-]\d{1,2}日?|\d{1,2}[:：]\d{2}(?:[:：]\d{2})?|星期\p{Han}|\d{1,2}时\d{1,2}分)+$").is_match(whole);
        if is_time {
            fields += usize::from(whole.contains(['年', '-', '/', '.']) && whole.len() >= 8);
            info.labels.push(range);
        } else if OTHER_KEY.contains(whole) || whole.parse::<f64>().is_ok() {
            info.labels.push(range);
        } else if let Some(field) = open {
            info.value(whole, range, field)?;
        } else if fields == 0 && info.names.is_empty() && is_author_of(text, whole) {
            info.names.push(range);
        } else if OUTLET.end(whole).is_some() && whole.chars().count() <= 12
            || !info.names.is_empty() && fields < 2 && is_place_or_outlet(whole)
        {
            info.value(whole, range, Field::Source)?;
        } else {
            // A byline that stands in the line: `2031年4月3日 云州日报 记者 陆明`, perhaps behind a source
            // that is not named as most are.
            if fields == 0 {
                return None;
            }
            let at = |start: usize| Some(byline(&text[start..], false)?.shifted(start));
            let behind = at(range.end).filter(|b| b.labelled && !b.names.is_empty());
            let rest = match behind {
                Some(rest) if !whole.chars().any(|c| c.is_ascii_digit()) => {
                    let is_label = token_kind(whole).is_some_and(|k| matches!(k, Token::Label));
                    if is_label {
                        info.labels.push(range);
                    } else {
                        info.value(whole, range, Field::Source)?;
                    }
                    rest
                }
                _ => at(range.start)?,
            };
            info.names.extend(rest.names);
            info.labels.extend(rest.labels);
            break;
        }
    }
    // Behind `记者：` an interview goes on.
    let speaks = fields == 1 && open == Some(Field::Author) && info.names.is_empty();
    (fields > 0 && !speaks).then_some(info)
}

/// Whether the first word of a line with a date is its author, before the source: `何远 云州发布
/// 2031-04-03 08:15`.
fn is_author_of(line: &str, word: &str) -> bool {
    let mut words = line.split_whitespace();
    words.next() == Some(word)
        && words.next().is_some_and(|w| w.chars().all(is_han))
        && bare_names(word).is_some()
        && stated_date(line).is_some()
}

/// Whether a word may be what stands beside an author and a date: the source, or where it was written.
fn is_place_or_outlet(word: &str) -> bool {
    word.chars().all(is_han) && word.chars().count() <= 8
}

/// The field that a word names, and what stands before the name in the same word.
fn field_of(key: &str) -> Option<(String, Field)> {
    [
        (&*SOURCE_KEY, Field::Source),
        (&*TIME_KEY, Field::Time),
        (&*AUTHOR_KEY, Field::Author),
        (&*OTHER_KEY, Field::Other),
    ]
    .into_iter()
    .filter_map(|(list, field)| Some((list.end(key)?, field)))
    .max_by_key(|(word, _)| word.len())
    .map(|(word, field)| (key[..key.len() - word.len()].to_owned(), field))
}

impl Info {
    /// A field's value; `None` where it cannot be one.
    fn value(&mut self, value: &str, range: Range<usize>, field: Field) -> Option<()> {
        let chars = value.chars().count();
        match field {
            Field::Author => {
                // Names with what each did: `何远/文 丁青/图`.
                if let Some(parsed) = byline(value, true).filter(|b| !b.names.is_empty()) {
                    let parsed = parsed.shifted(range.start);
                    self.names.extend(parsed.names);
                    self.labels.extend(parsed.labels);
                    return Some(());
                }
                let names = pattern!(r"\p{Han}{2,4}|\p{Han}+[·•]\p{Han}+");
                let all: Vec<Range<usize>> = names
                    .find_iter(value)
                    .map(|m| range.start + m.start()..range.start + m.end())
                    .collect();
                let held: usize = all.iter().map(ExactSizeIterator::len).sum();
                let between = value
                    .chars()
                    .filter(|c| matches!(c, '、' | ',' | '/'))
                    .map(char::len_utf8)
                    .sum::<usize>();
                if held + between != value.len()
                    || !all
                        .iter()
                        .any(|n| is_surnamed(&value[n.start - range.start..n.end - range.start]))
                {
                    // An institution, or whatever: no name, but a field still.
                    return (chars <= 14 && self.label(range)).then_some(());
                }
                let mut at = range.start;
                for name in all {
                    if at < name.start {
                        self.labels.push(at..name.start);
                    }
                    at = name.end;
                    self.names.push(name);
                }
                (at == range.end || self.label(at..range.end)).then_some(())
            }
            Field::Source => {
                self.source = self.source.take().or_else(|| Some(value.to_owned()));
                (chars <= 16 && self.label(range)).then_some(())
            }
            Field::Time => None,
            Field::Other => (chars <= 20 && self.label(range)).then_some(()),
        }
    }

    fn label(&mut self, range: Range<usize>) -> bool {
        self.labels.push(range);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn names(line: &str, continues: bool, expected: &[&str]) {
        let byline = byline(line, continues).unwrap_or_default();
        let found: Vec<&str> = byline.names.iter().map(|n| &line[n.clone()]).collect();
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn bylines_are_told_from_text() {
        for (line, expected) in [
            ("□云州日报记者 林晓舟 何 远", &["林晓舟", "何 远"][..]),
            ("本报驻京记者 文 鸣", &["文 鸣"]),
            ("◎文/本报记者 王宁 图/李可", &["王宁", "李可"]),
            ("本报记者 陆明 通讯员 陶静", &["陆明", "陶静"]),
            ("本报记者傅建平", &["傅建平"]),
            ("本报记者何远陆明", &["何远", "陆明"]),
            ("见习记者 欧阳　菲", &["欧阳　菲"]),
            ("（本报记者 陆明 通讯员 陶静）", &["陆明", "陶静"]),
            ("——本报记者 陆明", &["陆明"]),
            ("记者 陆明 文/摄", &["陆明"]),
            ("云州日报记者 陆一夫 编辑 刘晓 校对 李明", &["陆一夫"]),
        ] {
            names(line, false, expected);
        }
        names("秦砚 谭小满", true, &["秦砚", "谭小满"]);
        for text in [
            "本报讯（记者 孔帆",
            "日电（记者 陆明）",
            "日电（记者 陆明） 县里",
            "沙里夫·本·努尔",
            "秦岚",
            "记者观察",
            // A separator within a name is no space.
            "记者 崔：帆",
        ] {
            names(text, false, &[]);
        }
        // Behind a byline a foreign name begins the text.
        names("沙里夫·本·努尔", true, &[]);
        // A label without a name.
        assert!(byline("本报综合消息", false).is_some_and(|b| b.names.is_empty()));
    }

    #[test]
    fn a_byline_may_stand_behind_the_last_sentence() {
        for (text, expected) in [
            ("一砖一瓦修回去。（陶静）", &["陶静"][..]),
            ("一砖一瓦修回去。（本报记者 陶静 陆明）", &["陶静", "陆明"]),
            ("“灯要亮着。” 本报记者 陶静", &["陶静"]),
            ("工程总投资3.2亿元.(记者 温岭)", &["温岭"]),
        ] {
            let (start, byline) = byline_at_end(text).unwrap_or_else(|| panic!("{text}"));
            let found: Vec<&str> = byline.names.iter().map(|n| &text[n.clone()]).collect();
            assert_eq!(found, expected);
            assert!(
                byline
                    .labels
                    .iter()
                    .chain(&byline.names)
                    .all(|r| r.start >= start)
            );
        }
        for text in [
            "投入使用（见图）",
            "投入使用。（完）",
            "他说：“好。”（笑）",
            "投资（亿元）",
        ] {
            assert_eq!(byline_at_end(text), None, "{text}");
        }
    }

    #[track_caller]
    fn dated(text: &str, dateline_text: &str, expected: &[&str], rest: &str) {
        let found = dateline(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(&text[found.text.clone()], dateline_text);
        let names: Vec<&str> = found
            .byline
            .names
            .iter()
            .map(|n| &text[n.clone()])
            .collect();
        assert_eq!(names, expected);
        assert_eq!(text[found.end..].trim_start(), rest);
    }

    #[test]
    fn datelines_hold_names() {
        for (text, dateline, names, rest) in [
            (
                "本报讯（记者 陆明 陶静）昨日",
                "本报讯",
                &["陆明", "陶静"][..],
                "昨日",
            ),
            (
                "新华社云州4月3日电（陆明 陶静）昨日",
                "新华社云州4月3日电",
                &["陆明", "陶静"],
                "昨日",
            ),
            (
                "【记者陆明、陶静／云州报道】昨日",
                "云州报道",
                &["陆明", "陶静"],
                "昨日",
            ),
            (
                "北陵早报讯（记者 陆明）昨日",
                "北陵早报讯",
                &["陆明"],
                "昨日",
            ),
            ("【本報訊】昨日", "本報訊", &[], "昨日"),
            ("据新华社电 昨日", "据新华社电", &[], "昨日"),
            (
                "本报云州讯 记者陆明报道：昨日",
                "本报云州讯",
                &["陆明"],
                "昨日",
            ),
            ("东屿网消息：昨日", "东屿网消息", &[], "昨日"),
            (
                "▲ 新华社北陵4月2日电 昨日",
                "新华社北陵4月2日电",
                &[],
                "昨日",
            ),
            (
                "新华社北陵4月3日电题：航运为何回暖",
                "新华社北陵4月3日电",
                &[],
                "航运为何回暖",
            ),
        ] {
            dated(text, dateline, names, rest);
        }
        for text in [
            "本报讯，不再刊登。",
            "【编者按】昨日",
            "据新华社报道，昨日",
            "工作电视电话会议在云州召开",
            "云州电网电力供应平稳",
        ] {
            assert_eq!(dateline(text), None, "{text}");
        }
    }

    #[test]
    fn credits_need_a_name() {
        for (text, expected) in [
            ("学生在合唱。傅建平 摄", Some("傅建平 摄")),
            ("学生在合唱。 本报记者 颜敏 摄", Some("本报记者 颜敏 摄")),
            ("山里拍摄", None),
            ("这幅地图", None),
        ] {
            assert_eq!(credit(text).map(|at| text[at..].trim()), expected, "{text}");
        }
    }

    #[test]
    fn lines_about_an_article_are_read_field_by_field() {
        for (text, names, source) in [
            (
                "来源：云州日报 发布时间：2031-04-03 10:22 作者：陆明、陶静 分享到：",
                &["陆明", "陶静"][..],
                Some("云州日报"),
            ),
            (
                "2031年4月3日 08:30 云州网 记者 陆明",
                &["陆明"],
                Some("云州网"),
            ),
            ("发布时间：2031-04-03 浏览次数：128", &[], None),
            (
                "2031年4月3日19:21来源：云州日报 责任编辑：陆明",
                &[],
                Some("云州日报"),
            ),
            (
                "2031/04/03 08:30|来源：云州网|字号：大中小",
                &[],
                Some("云州网"),
            ),
            ("【字体：大 中 小】 打印", &[], None),
        ] {
            let found = info(text).unwrap_or_else(|| panic!("{text}"));
            let got: Vec<&str> = found.names.iter().map(|n| &text[n.clone()]).collect();
            assert_eq!(
                (&got[..], found.source.as_deref()),
                (names, source),
                "{text}"
            );
        }
        for text in [
            "记者：你怎么看？",
            "时间：下午3点 地点：云州大剧院",
            "云州港吞吐量创新高",
            "2031年4月3日",
        ] {
            assert!(
                info(text).is_none_or(|i| i.names.is_empty() && text.starts_with("20")),
                "{text}"
            );
        }
    }
}
