//! What a page has beside its articles' text: bylines, datelines, credits, page heads, jump lines.
//!
//! Comes in: one line, or one paragraph. Goes out: what it is and where its parts are. Never looks
//! at more than that one line; where it stands on the page is for the caller to judge.

use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use crate::figures::whole_number;
use crate::text::chars::is_han;
use crate::text::surnames::begins_with_surname;

/// A regular expression that is known to be valid.
macro_rules! pattern {
    ($($part:expr),+ $(,)?) => {{
        static PATTERN: LazyLock<Regex> = LazyLock::new(|| {
            Regex::new(concat!($($part),+)).expect("a pattern in the source is valid")
        });
        &*PATTERN
    }};
}

/// The bylines' words for those who write.
macro_rules! role {
    () => {
        "(?:记者|記者|通讯员|通訊員|评论员|評論員|特派员|特派員|观察员|觀察員|撰稿人|实习生|實習生|见习生|作者)"
    };
}

/// A byline's label: whom they write for, in what post.
macro_rules! label {
    () => {
        concat!(
            r"^((?:文[/／]?图?|图)?",
            r"(?:本报|本報|本台|本网|本網|本刊|本社|\p{Han}{2,10}?(?:报|報|社|网|台|客户端|电视|频道|新闻|媒体中心|传媒|周刊|杂志))?",
            r"(?:驻\p{Han}{1,6}?)?(?:\p{Han}{2}站|全媒体|融媒体|首席|高级|资深|见习|实习|特约|特派|摄影|体育|新媒体)*",
            role!(),
            ")"
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
}

/// A token of a byline.
enum Token {
    Label,
    Name,
    /// One character: half of a name that was set with a space inside.
    Half,
}

/// Parses a line that is a byline and nothing else: `□浙江日报记者 张留 来逸晨`.
///
/// `continues` says that the line before was a byline, so that a line of names alone is one too.
pub(super) fn byline(text: &str, continues: bool) -> Option<Byline> {
    if text.len() > 240
        || text.contains(['。', '，', '！', '？', '“', '”', '《'])
        || goes_beyond_brackets(text)
        || begins_with_dateline(text)
    {
        return None;
    }
    let mut parsed = Byline::default();
    let mut labelled = false;
    let mut half: Option<Range<usize>> = None;
    let marked = text.chars().next().filter(|c| {
        matches!(
            c,
            '□' | '■' | '◎' | '○' | '●' | '▲' | '△' | '◆' | '◇' | '☐' | '❑' | '▢'
        )
    });
    let mut at = marked.map_or(0, char::len_utf8);
    if at > 0 {
        parsed.labels.push(0..at);
        labelled = true;
    }
    while let Some(range) = next_token(text, &mut at, &mut parsed.labels) {
        let token = &text[range.clone()];
        if let Some(split) = glued_label(token) {
            parsed.labels.push(range.start..range.start + split);
            parsed.names.push(range.start + split..range.end);
            labelled = true;
            continue;
        }
        let kind = match token_kind(token)? {
            // A family name: `文 鸣`.
            Token::Label if token == "文" && half.is_none() && is_half(&text[at..]) => Token::Half,
            kind => kind,
        };
        match kind {
            Token::Label => {
                parsed.labels.push(range);
                labelled = true;
                if half.is_some() {
                    return None;
                }
            }
            Token::Name => {
                // What stands before the label names the paper, not a person.
                if half.is_some() || !labelled && !begins_with_surname(token) {
                    return None;
                }
                parsed.names.push(range);
            }
            Token::Half => match half.take() {
                None => half = Some(range),
                Some(first) => parsed.names.push(first.start..range.end),
            },
        }
    }
    if half.is_some() || !(labelled || continues) {
        return None;
    }
    // Without a label they must look like names.
    let is_plain_name = |n: &Range<usize>| {
        begins_with_surname(&text[n.clone()]) && !text[n.clone()].contains(['·', '•'])
    };
    if !labelled && !parsed.names.iter().all(is_plain_name) {
        return None;
    }
    // A mark alone, or `记者` alone, is no byline; `本报评论员` is.
    let words = parsed.labels.iter().any(|l| l.len() >= 12);
    (!parsed.names.is_empty() || words).then_some(parsed)
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
    pattern!(r"^(?:本报|本報|本台|本网|本網)\s*(?:讯|訊|电|電|消息)").is_match(text)
}

/// The next run between separators; separators that are not white space go to `labels`.
fn next_token(text: &str, at: &mut usize, labels: &mut Vec<Range<usize>>) -> Option<Range<usize>> {
    let is_separator = |c: char| {
        c.is_whitespace()
            || matches!(
                c,
                '、' | '，' | ',' | '：' | ':' | '/' | '；' | '（' | '）' | '(' | ')' | '｜' | '|'
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
    if pattern!(label!(), r"$").is_match(token)
        || matches!(
            token,
            "文" | "图"
                | "文图"
                | "撰文"
                | "采写"
                | "摄影"
                | "整理"
                | "综述"
                | "文并图"
                | "本报编辑部"
                | "综合"
        )
    {
        return Some(Token::Label);
    }
    let chars = token.chars().count();
    let all_han = token.chars().all(|c| is_han(c) || c == '·' || c == '•');
    match chars {
        1 if all_han => Some(Token::Half),
        2..=4 if all_han => Some(Token::Name),
        5..=14 if all_han && token.contains(['·', '•']) => Some(Token::Name),
        _ => None,
    }
}

/// `记者张留`: where the label ends and the name begins.
fn glued_label(token: &str) -> Option<usize> {
    let found = pattern!(label!(), r"\p{Han}{2,4}$").captures(token)?;
    let split = found.get(1)?.end();
    if ["文章", "报道", "采访", "手记", "札记", "来信", "获悉"].contains(&&token[split..])
    {
        return None;
    }
    begins_with_surname(&token[split..]).then_some(split)
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
}

pub(super) fn dateline(text: &str) -> Option<Dateline> {
    if text.starts_with('【') {
        return bracketed_dateline(text);
    }
    let head = text
        .char_indices()
        .nth(32)
        .map_or(text, |(end, _)| &text[..end]);
    // Cheap, and true of hardly any other line.
    if !head.contains(['讯', '訊', '电', '電', '消']) {
        return None;
    }
    let found = pattern!(
        r"^(?:(?:本报|本報|本台|本网|本網)(?:\s*\p{Han}{2,10}?\s*\d{1,2}\s*月\s*\d{1,2}\s*日)?\s*(?:讯|訊|电|電|消息)",
        r"|据?(?:新华社|中新社|中新网|新华网|人民网|央视网|法新社|路透社|本报|本報|中央社|\p{Han}{2,8}(?:日报|日報|晚报|晚報|通讯社|通訊社))",
        r"\s*\p{Han}{2,12}?\s*\d{1,2}\s*月\s*\d{1,2}\s*日\s*(?:[专專]?[电電]|讯|訊|消息))"
    )
    .find(text)?;
    let mut dateline = Dateline {
        text: found.range(),
        byline: Byline::default(),
        end: found.end(),
    };
    let behind = &text[found.end()..];
    if let Some(brackets) = pattern!(r"^\s*[（(][^（()）]{2,76}[）)]").find(behind) {
        let start = found.end();
        if let Some(inner) = byline(brackets.as_str(), true) {
            let shift = |r: Range<usize>| r.start + start..r.end + start;
            dateline.byline = Byline {
                names: inner.names.into_iter().map(shift).collect(),
                labels: inner.labels.into_iter().map(shift).collect(),
            };
            dateline.end = start + brackets.end();
        }
    }
    // `本报讯` before a verb is no dateline, but then nothing follows it directly.
    let rest = &text[dateline.end..];
    (!rest.starts_with(['，', '。', '、'])).then_some(dateline)
}

/// As papers of Taiwan and Hong Kong have it: `【记者叶知秋、许安平／南湾报道】`.
fn bracketed_dateline(text: &str) -> Option<Dateline> {
    let found = pattern!(
        r"^【((?:本[报報]|\p{Han}{1,6}[报報社])?(?:特[约約]|[驻駐]\p{Han}{1,6}?)?",
        role!(),
        r")\s*([^【】／/]{2,40})([／/]\s*)((?:\p{Han}{2,12})?(?:[报報][导導道]|[专專][电電]|[电電]|特稿))】"
    )
    .captures(text)?;
    let [whole, role, names, slash, place] =
        std::array::from_fn(|i| found.get(i).map(|m| m.range()));
    let (whole, role, names, slash, text_of_place) = (whole?, role?, names?, slash?, place?);
    let inner = byline(&text[names.clone()], true)?;
    let shift = |r: Range<usize>| r.start + names.start..r.end + names.start;
    let mut labels = vec![0..role.start, role];
    labels.extend(inner.labels.into_iter().map(shift));
    labels.extend([slash, text_of_place.end..whole.end]);
    Some(Dateline {
        text: text_of_place,
        byline: Byline {
            names: inner.names.into_iter().map(shift).collect(),
            labels,
        },
        end: whole.end,
    })
}

/// Who else was there: the sentence that closes a report, often a paragraph of its own.
pub(super) fn is_attendance(text: &str) -> bool {
    text.len() < 400 && pattern!(r"^\p{Han}{2,}(?:、\p{Han}{2,})*(?:等)?(?:同志)?(?:分别|一同|陪同|先后)?(?:参加|出席|陪同)[^，。]{0,16}。$").is_match(text)
}

/// A follow-up item's mark at the start of a paragraph.
pub(super) fn is_follow_up(text: &str) -> bool {
    pattern!(r"^(?:又|另)[讯訊]").is_match(text)
}

/// A photo or graphics credit at the end of a text: `本报记者 叶敏 摄`. Where it begins.
pub(super) fn credit(text: &str) -> Option<usize> {
    let found = pattern!(
        r"(?:^|[\s。！？”）…])([（(]?\s*(?:",
        r"(?P<label>(?:图|摄影|供图)[:：/／\s]*|\p{Han}{0,12}(?:记者|記者|通讯员|通訊員|摄影师|攝影師)[\s:：]*)?",
        r"(?P<name>\p{Han}{2,4}|\p{Han}\s\p{Han})",
        r"(?:[\s、]+(?:\p{Han}{0,8}(?:记者|記者|通讯员|通訊員)\s*)?(?:\p{Han}{2,4}|\p{Han}\s\p{Han})){0,5}",
        r"(?P<gap>\s*)(?P<act>摄影报道|攝影報導|摄影|攝影|摄|攝|供图|供圖|制图|製圖|绘图|繪圖|绘|繪|文/?[图圖]|图|圖)",
        r"|(?:新华社|中新社|本报|人民视觉|视觉中国|影像中国|受访者|\p{Han}{2,10})(?:发|供图)[（(]\p{Han}{2,4}\s*[摄攝][）)]",
        r"|资料图片|资料照片|资料图",
        r")(?:[（(][^（()）]{1,16}[）)])?\s*[）)]?)$"
    )
    .captures(text)?;
    // Without `记者` before it, what precedes `摄` must at least look like a name.
    if let (None, Some(name), Some(act)) =
        (found.name("label"), found.name("name"), found.name("act"))
    {
        let apart = found.name("gap").is_some_and(|gap| !gap.is_empty());
        if !begins_with_surname(name.as_str()) || act.as_str() == "图" && !apart {
            return None;
        }
    }
    found.get(1).map(|m| m.start())
}

/// Whether a text begins as captions do: with a date, or with what the picture shows.
pub(super) fn begins_like_caption(text: &str) -> bool {
    pattern!(r"^(?:近日|日前|连日来|昨日|昨天|今日|今天|[上下左右]?图[①-⑳一二三四为：]|[①-⑳]|\d{1,2}\s*月\s*\d{1,2}\s*日)").is_match(text)
}

/// A jump or continuation note that is a whole line: `（下转第三版）`.
pub(super) fn is_jump_line(text: &str) -> bool {
    text.len() < 120 && pattern!(
        r"^[（(【\[▶►▷>＞●◆■\s]*(?:紧接|下转|上接|转|接|详见|全文见|全文刊|报道见|相关报道见|相关报道|更多报道见|内容见|另见|均见|刊)\s*(?:\S{0,8}?)第?\s*[A-Z]?[\d一二三四五六七八九十]{1,3}\s*[版页](?:\S{0,10})?[）)】\]\s▶►▷>＞]*$"
    )
    .is_match(text)
}

/// A jump note behind the last sentence of a paragraph, or before its first: its range.
pub(super) fn jump_within(text: &str) -> Option<Range<usize>> {
    pattern!(
        r"[（(【▶►▷\s]*[（(【▶►▷](?:紧接|下转|上接|详见|全文见|报道见|相关报道见)[^（()）]{0,8}?第?\s*[A-Z]?[\d一二三四五六七八九十]{1,3}\s*[版页][^（()）]{0,10}[）)】▶►▷]?$",
        r"|^[（(【](?:紧接|上接)[^（()）]{0,8}?第?\s*[A-Z]?[\d一二三四五六七八九十]{1,3}\s*[版页][^（()）]{0,10}[）)】]"
    )
    .find(text)
    .map(|m| m.range())
}

/// Whether a line ends with a jump note.
pub(super) fn ends_with_jump(text: &str) -> bool {
    jump_within(text).is_some_and(|note| note.end == text.len() && note.start > 0)
}

/// Whether a character goes on with the number before it.
pub(super) fn counts(c: char) -> bool {
    c.is_ascii_digit() || "年月日号时分秒万亿千百个人次名位家元吨米岁届".contains(c)
}

/// A line that names editors or tells how to reach them.
pub(super) fn is_editors_line(text: &str) -> bool {
    text.len() < 300
        && !text.contains('。')
        && pattern!(
            r"^[■□●◆\s]*(?:(?:本版|本报|本期|值班)?\s*(?:责任编辑|责编|编辑|主编|副主编|编委|总监|版面|版式|美编|美术编辑|校对|审读|审校|制图|视觉|视觉设计|组版|排版|统筹|策划|值班主任|值班总编辑|审核|监制)(?:\s*[/／]\s*\p{Han}{2,4})?\s*[:：/／|｜]|(?:新闻热线|热线|电话|邮箱|投稿邮箱|联系电话|广告热线|发行热线|零售价|本报地址|社址|邮编)\s*[:：]|(?:责任编辑|责编|美编|版式|校对)\s+\p{Han})"
        )
        .is_match(text)
}

/// What a page head states.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct PageHead {
    pub paper: Option<String>,
    /// ISO 8601.
    pub date: Option<String>,
    /// Nothing but a page number.
    pub number_only: bool,
}

/// Parses a line that is a page head or foot: a date, a page number, the paper's name, a section.
///
/// `edge` says that the line stands at the page's beginning or end, where less is enough.
pub(super) fn page_head(text: &str, edge: bool) -> Option<PageHead> {
    if text.len() > 200 || text.contains(['。', '，', '？', '！']) {
        return None;
    }
    let mut head = PageHead::default();
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let mut rest = compact.as_str().to_owned();
    if let Some(found) = date_pattern().captures(&compact) {
        head.date = iso_date(&found[1], &found[2], &found[3]);
        rest = rest.replacen(&found[0], " ", 1);
    }
    let dated = head.date.is_some();
    let number =
        pattern!(r"第?[A-Z]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})版(?:面)?(?:至第?\d+版)?");
    let numbered = number.is_match(&rest);
    rest = number.replace_all(&rest, " ").into_owned();
    rest = pattern!(
        r"(?:星期|周)[一二三四五六日天]|农历\p{Han}{2,10}|(?:今日|本期)\d+版|总?第\d+[期号]|\d+期|国内统一\S*|CN\d+[-—]\d+|代号\S*|https?://\S+|www\.\S+|[\w.]+@[\w.]+|Tel\S*|今日天气\S*"
    )
    .replace_all(&rest, " ")
    .into_owned();
    if let Some(paper) = paper_name(rest.trim()) {
        rest = rest.replacen(paper.as_str(), " ", 1);
        head.paper = Some(paper);
    }
    let named = head.paper.is_some();
    let left: Vec<char> = rest.chars().filter(|c| !c.is_whitespace()).collect();
    let han = left.iter().filter(|c| is_han(**c)).count();
    let digits_only = !left.is_empty()
        && left
            .iter()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '—' | '·' | '/' | '|'))
        && left.len() <= 4;
    head.number_only = !dated && !named;
    let plain = !rest.contains(['（', '）', '“', '”', '《', '》', '；', '、', '(', ')']);
    let weekday = compact.contains("星期") || compact.contains("农历");
    let accepted = plain
        && match (dated, numbered, named) {
            // A sentence may hold a date; a page head states it beside its weekday, or alone.
            (true, _, _) => han <= if weekday || numbered || named { 8 } else { 0 },
            (false, true, true) => han <= 6,
            (false, true, false) => han <= if edge { 6 } else { 0 },
            (false, false, true) => edge && han == 0,
            (false, false, false) => {
                edge && (digits_only && left.iter().any(char::is_ascii_digit)
                    || is_section(&compact))
            }
        };
    accepted.then_some(head)
}

/// A section with its page's number: `要闻 3`.
fn is_section(text: &str) -> bool {
    pattern!(
        r"^(?:\d{1,3}|[A-Z]\d{1,2})?(?:要闻|综合|国际|国内|时政|经济|财经|文化|体育|社会|民生|评论|理论|副刊|专题|专版|教育|健康|科技|旅游|读书|广告|本地|地方|天下|视点|焦点|深度)(?:新闻|版)?(?:\d{1,3}|[A-Z]\d{1,2})?$"
    )
    .is_match(text)
        && text.contains(|c: char| c.is_ascii_digit())
}

/// The name of a newspaper, when the text is one or begins with one.
pub(super) fn paper_name(text: &str) -> Option<String> {
    pattern!(r"^(?:\p{Han}{1,8}?(?:日|晚|早|晨|时|時|商|周|週|都市|青年|新闻|快|文摘|法治|法制|教育|科技|农民|農民|信息)[报報]|参考消息|文[汇匯][报報]|大公[报報])")
        .find(text)
        .map(|m| m.as_str().to_owned())
}

fn date_pattern() -> &'static Regex {
    pattern!(
        r"((?:19|20)\d\d|[二一][〇○零九][〇○零一二三四五六七八九]{2})[年./-](\d{1,2}|[一二三四五六七八九十]{1,2})[月./-](\d{1,2}|[一二三四五六七八九十]{1,3})日?"
    )
}

/// The first date that a text states in full, in ISO 8601.
pub(super) fn stated_date(text: &str) -> Option<String> {
    date_pattern()
        .captures_iter(text)
        .find_map(|found| iso_date(&found[1], &found[2], &found[3]))
        .or_else(|| {
            pattern!(r"(?:^|\D)((?:19|20)\d\d)(\d\d)(\d\d)(?:\D|$)")
                .captures(text)
                .and_then(|found| iso_date(&found[1], &found[2], &found[3]))
        })
}

fn iso_date(year: &str, month: &str, day: &str) -> Option<String> {
    let year = whole_number(year)?;
    let (month, day) = (whole_number(month)?, whole_number(day)?);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        _ => return None,
    };
    ((1..=days).contains(&day)).then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// The paper that a byline's label names: `□浙江日报记者` is from 浙江日报.
pub(super) fn paper_of_byline(text: &str) -> Option<String> {
    let text = text.trim_start_matches(|c: char| !is_han(c));
    paper_name(text)
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
        names("□云州日报记者 林晓舟 何 远", false, &["林晓舟", "何 远"]);
        names("本报驻京记者 文 鸣", false, &["文 鸣"]);
        names("◎文/本报记者 王宁 图/李可", false, &["王宁", "李可"]);
        names("本报记者 陆明 通讯员 陶静", false, &["陆明", "陶静"]);
        names("秦砚 谭小满", true, &["秦砚", "谭小满"]);
        // Surnames that the people's room knew and this one did not.
        for name in ["傅建平", "颜小溪", "季长风", "尚一鸣", "穆秋", "萧然"] {
            names(&format!("本报记者{name}"), false, &[name]);
        }
        for text in [
            "本报讯（记者 孔帆",
            "日电（记者 陆明）",
            "日电（记者 陆明） 县里",
            "沙里夫·本·努尔",
            "秦岚",
        ] {
            names(text, false, &[]);
        }
        // Behind a byline a foreign name begins the text.
        names("沙里夫·本·努尔", true, &[]);
    }

    #[track_caller]
    fn dated(text: &str, dateline_text: &str, expected: &[&str], rest: &str) {
        let found = dateline(text).unwrap();
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
        dated(
            "本报讯（记者 陆明 陶静）昨日",
            "本报讯",
            &["陆明", "陶静"],
            "昨日",
        );
        dated(
            "新华社云州4月3日电（陆明 陶静）昨日",
            "新华社云州4月3日电",
            &["陆明", "陶静"],
            "昨日",
        );
        dated(
            "【记者陆明、陶静／云州报道】昨日",
            "云州报道",
            &["陆明", "陶静"],
            "昨日",
        );
        assert_eq!(dateline("本报讯，不再刊登。"), None);
        assert_eq!(dateline("【编者按】昨日"), None);
    }

    #[test]
    fn page_heads_name_their_section() {
        assert!(page_head("要闻 10", true).is_some());
        assert!(page_head("要闻 10", false).is_none());
        assert!(page_head("经济要闻十条", true).is_none());
    }
}
