//! What a page has around its articles: page heads, notes of editors and sites, jump lines.
//!
//! Comes in: one line, or one paragraph. Goes out: what it is. Never looks at more than that one
//! line; where it stands on the page is for the caller to judge.

use std::ops::Range;

use regex::Regex;

use super::Reason;
use super::words::{BRIEFS, COUNTER, INDEX, JUMP_FROM, NOTE, OUTLET, SALUTATION, pattern};
use crate::figures::whole_number;
use crate::text::chars::is_han;
use crate::text::{squeezed, words};

/// Who else was there: the sentence that closes a report, often a paragraph of its own.
pub(super) fn is_attendance(text: &str) -> bool {
    text.len() < 400 && text.ends_with('。') && pattern!(r"^\p{Han}{2,}(?:、\p{Han}{2,})*(?:等)?(?:同志)?(?:分别|一同|陪同|先后)?%attended%[^，。]{0,16}。$").is_match(text)
}

/// A follow-up item's mark at the start of a paragraph.
pub(super) fn is_follow_up(text: &str) -> bool {
    text.starts_with(['又', '另']) && pattern!(r"^(?:又|另)[讯訊]").is_match(text)
}

/// Whether a text begins as captions do: with a date, or with what the picture shows.
pub(super) fn begins_like_caption(text: &str) -> bool {
    pattern!(r"^(?:%recent%|[上下左右]?图[①-⑳一二三四为：]|[①-⑳]|\d{1,2}\s*月\s*\d{1,2}\s*日)")
        .is_match(text)
}

/// Whether a text begins with the words that say which picture it tells of: `图①：`.
pub(super) fn names_a_picture(text: &str) -> bool {
    pattern!(r"^(?:[上下左右]?图[①-⑳\d一二三四五六]?(?:为|[:：])|图[①-⑳]|[①-⑳]图)").is_match(text)
}

/// Whether a text begins as reports do: with a day, or with how it is known.
pub(super) fn begins_like_report(text: &str) -> bool {
    let head = text
        .char_indices()
        .nth(24)
        .map_or(text, |(at, _)| &text[..at]);
    pattern!(r"%recent%|\d{1,2}\s*月\s*\d{1,2}\s*日|获悉|^(?:据|截至|为期)").is_match(head)
}

/// Whom a letter, a speech or an order speaks to: a line of its own before the text.
pub(super) fn is_salutation(text: &str) -> bool {
    text.ends_with(['：', ':']) && text.chars().count() <= 40 && SALUTATION.start(text).is_some()
}

/// Whether a text begins as what is asked or answered in an interview does.
pub(super) fn asks_or_answers(text: &str) -> bool {
    text.starts_with(['记', '問', '问', '答'])
        && pattern!(r"^(?:记者|問|问|答)\s*[:：]").is_match(text)
}

/// Whether reporters in brackets took the pictures too: `（温岭 摄影报道）`.
pub(super) fn signs_report(text: &str) -> bool {
    is_bracketed(text) && pattern!(r"(?:摄影报道|攝影報導)[）)]$").is_match(text)
}

/// Whether a short line begins with what it tells of: `明天：阴有小雨`.
pub(super) fn is_labelled(text: &str) -> bool {
    text.contains(['：', ':'])
        && text.chars().count() <= 40
        && pattern!(r"^[\p{Han}\d]{2,8}[:：]\s*\S").is_match(text)
}

/// The heading of a list of short items: `本地简讯`.
pub(super) fn names_briefs(text: &str) -> bool {
    BRIEFS.end(text).is_some() && text.chars().count() <= 10
}

/// Whether a text begins with who says it: `温岭：`.
pub(super) fn names_a_speaker(text: &str) -> bool {
    pattern!(r"^\p{Han}{2,4}[:：]").is_match(text)
}

/// The number of an item or section at the start of a line: `一、`, `（二）`, `3.`, `①`.
pub(super) fn enumerator(text: &str) -> Option<&str> {
    pattern!(r"^(?:第?[一二三四五六七八九十]{1,3}、|[（(][一二三四五六七八九十\d]{1,3}[）)]|\d{1,2}[．、]|\d{1,2}\.(?:\D|$)|[①-⑳])")
        .find(text)
        .map(|m| m.as_str())
}

/// Where an article goes on, or where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Jump {
    pub range: Range<usize>,
    /// Comes from that page, rather than goes on to it.
    pub from: bool,
    /// The page's number or letter: `3`, `A2`.
    pub page: Option<String>,
}

impl Jump {
    fn new(range: Range<usize>, text: &str) -> Self {
        let number =
            pattern!(r"第?\s*([A-Za-z]?)\s*0*(\d{1,3}|[一二三四五六七八九十]{1,3})\s*[版页頁]");
        let page = number.captures(text).and_then(|found| {
            let number = whole_number(&found[2])?;
            Some(format!("{}{number}", found[1].to_ascii_uppercase()))
        });
        Self {
            range,
            from: JUMP_FROM.iter().any(|word| text.contains(word)),
            page,
        }
    }
}

/// A jump or continuation note that is a whole line: `（下转第三版）`.
pub(super) fn jump_line(text: &str) -> Option<Jump> {
    (text.len() < 120 && text.contains(['版', '页', '頁']) && pattern!(
        r"^[（(【\[▶►▷>＞●◆■\s]*(?:%jump-from%|%jump-to%|[转轉接刊])\s*(?:\S{0,8}?)第?\s*[A-Z]?[\d一二三四五六七八九十]{1,3}\s*[版页頁](?:\S{0,10})?[）)】\]\s▶►▷>＞]*$"
    )
    .is_match(text))
    .then(|| Jump::new(0..text.len(), text))
}

/// A jump note behind the last sentence of a paragraph, or before its first.
pub(super) fn jump_within(text: &str) -> Option<Jump> {
    // Cheap, and true of hardly any paragraph.
    if !text.contains(['版', '页', '頁']) {
        return None;
    }
    pattern!(
        r"[（(【▶►▷\s]*[（(【▶►▷](?:%jump-from%|%jump-to%)[^（()）]{0,8}?第?\s*[A-Z]?[\d一二三四五六七八九十]{1,3}\s*[版页頁][^（()）]{0,10}[）)】▶►▷]?$",
        r"|^[（(【]%jump-from%[^（()）]{0,8}?第?\s*[A-Z]?[\d一二三四五六七八九十]{1,3}\s*[版页頁][^（()）]{0,10}[）)】]"
    )
    .find(text)
    .map(|m| Jump::new(m.range(), m.as_str()))
}

/// Whether a line ends with a jump note.
pub(super) fn ends_with_jump(text: &str) -> bool {
    jump_within(text).is_some_and(|note| note.range.end == text.len() && note.range.start > 0)
}

/// Whether a character goes on with the number before it.
pub(super) fn counts(c: char) -> bool {
    c.is_ascii_digit() || COUNTER.contains(c.encode_utf8(&mut [0; 4]))
}

/// A line that names editors or tells how to reach them.
pub(super) fn is_editors_line(text: &str) -> bool {
    text.len() < 300
        && !text.contains('。')
        && text.contains([':', '：', '/', '／', '|', '｜', ' ', '\u{3000}'])
        && pattern!(
            r"^[■□●◆\s（(【]*(?:(?:本版|本报|本期|值班)?\s*%editor%(?:\s*[/／]\s*\p{Han}{2,4})?\s*[:：/／|｜]|%contact%\s*[:：]|%editor%\s+\p{Han})"
        )
        .is_match(text)
}

/// What sites and papers print around articles and belongs to none: `（完）`, `（原标题：…）`,
/// `返回首页>>`, `+1`, addresses of sites.
pub(super) fn is_note(text: &str) -> bool {
    let chars = text.chars().count();
    if chars > 80 || text.contains('。') && chars > 40 {
        return false;
    }
    if is_bracketed(text) {
        return is_bracketed_note(text);
    }
    chars <= 40 && pattern!("%site%").is_match(text)
        || pattern!(
            r"(?:>>|》》|＞＞|›|»)\s*$",
            r"|^(?:(?:[+＋]\s*\d{1,3}|%button%)[\s|｜/、]*)+$",
            r"|^[-—–·\s]*(?i:the end|end|fin)[-—–·\s]*$",
            r"|^(?:本文)?%original-title%\s*[:：]|^(?:特别|郑重|本[网站]|免责)?声明\s*[:：]",
            r"|^(?:%source-key%)\s*[:：]\s*\S{2,14}(?:\s+\S{0,8}(?:编辑|责编)\s*[:：]\s*\S+)?$",
            r"|\p{Han}{2,4}_N[A-Z]*\d+$",
            r"|^(?:网址|官网|网站)?\s*[:：]?\s*(?:https?://|www\.)[\w./?=&\x25\-]+$",
            r"|扫(?:码|描|一扫)\S{0,10}(?:关注|下载|观看|查看|阅读|加入|参与)|^(?:请)?关注\S{2,16}(?:公众号|客户端|微信|微博)$"
        )
        .is_match(text)
}

/// Whether a line stands in one pair of brackets as a whole.
pub(super) fn is_bracketed(text: &str) -> bool {
    let pairs = [('（', '）'), ('(', ')'), ('【', '】'), ('[', ']')];
    pairs.iter().any(|(open, close)| {
        text.strip_prefix(*open)
            .and_then(|t| t.strip_suffix(*close))
            .is_some_and(|inner| !inner.contains([*open, *close]))
    })
}

/// A note in brackets that is no part of the text: `（完）`, `（参与记者：温岭、陶静）`.
pub(super) fn is_bracketed_note(text: &str) -> bool {
    let inner = text.trim_matches(|c: char| {
        matches!(c, '（' | '）' | '(' | ')' | '【' | '】' | '[' | ']') || c.is_whitespace()
    });
    NOTE.start(inner).is_some() && (inner.chars().count() > 1 || inner == "完")
        || pattern!("%site%").is_match(inner)
        || pattern!(r"_N[A-Z]*\d+$").is_match(inner)
}

/// No heading of an index is longer, in bytes.
const LONGEST_INDEX_HEADING: usize = 60;

/// A heading of a front page's index: `导读`.
pub(super) fn is_index_heading(text: &str) -> bool {
    if text.len() > LONGEST_INDEX_HEADING {
        return false;
    }
    let word: String = text.chars().filter(|c| is_han(*c)).collect();
    INDEX.contains(&word) && text.chars().count() <= word.chars().count() + 4
}

/// An entry of an index that names its page at its end: `云州港吞吐量创新高 ▶2版`; or the page alone.
pub(super) fn is_index_entry(text: &str) -> bool {
    text.chars().count() <= 48
        && pattern!(
            r"(?:^|[\s…·.▶►>\-—（(])(?:详见|见|刊)?第?\s*[A-Z]?[\d一二三四五六七八九十]{1,3}\s*[版页頁][）)]?$",
            r"|(?:[▶►→]|…{2}|\.{3}|·{3})\s*[A-Z]?\d{1,2}$"
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

/// Parses a line that is a page head or foot, or the line with paper and date that stands beside a
/// headline: a date, a page number, the paper's name, a section.
///
/// It is known by its shape, so that any paper's is: beside a date in full it holds at most twelve
/// characters, none of them a verb. `edge` says that the line stands at the page's beginning or
/// end, where less is enough.
pub(super) fn page_head(text: &str, edge: bool) -> Option<PageHead> {
    // Cheap, and true of hardly any line of running text.
    #[rustfmt::skip]
    let tells = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '版' | '页' | '頁' | '报' | '報' | '星' | '周' | '週' | '历' | '曆' | '期' | '号' | '天' | '〇' | '○' | '零' | '消')
    };
    if text.len() > 200 || text.contains(['。', '，', '？', '！', '；']) || !text.contains(tells)
    {
        return None;
    }
    let mut head = PageHead::default();
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || matches!(c, '|' | '｜' | '·' | '/'))
        .collect();
    let compact = squeezed(text);
    let mut rest = compact.as_str().to_owned();
    if let Some(found) = date_pattern().captures(&compact) {
        head.date = iso_date(&found[1], &found[2], &found[3]);
        rest = rest.replacen(&found[0], " ", 1);
    }
    let dated = head.date.is_some();
    let number =
        pattern!(r"第?[A-Z]?(?:\d{1,3}|[一二三四五六七八九十]{1,3})[版页頁](?:面)?(?:至第?\d+版)?");
    let numbered = number.is_match(&rest);
    if numbered && jump_line(text).is_some() {
        return None;
    }
    rest = number.replace_all(&rest, " ").into_owned();
    let imprint = pattern!(
        r"(?:星期|周|週)[一二三四五六日天]|(?:农|農|夏)[历曆]\p{Han}{2,10}|(?:今日|本期|共)\d+版|总?第\d+[期号]|\d+期|国内统一\S*|CN\d+[-—]\d+|(?:邮发)?代号\S*|https?://\S+|www\.\S+|[\w.]+@[\w.]+|Tel\S*|今日天气\S*|天气[:：]\S*|\d{1,2}[:：]\d\d(?:[:：]\d\d)?"
    );
    let has_imprint = imprint.is_match(&rest);
    rest = imprint.replace_all(&rest, " ").into_owned();
    if dated {
        // `《云州日报》（2031年04月03日第05版）`
        rest.retain(|c| !matches!(c, '《' | '》' | '（' | '）' | '(' | ')' | '【' | '】'));
    }
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
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '—' | '–' | '·' | '/' | '|'))
        && left.len() <= 5;
    head.number_only = !dated && !named && !has_imprint;
    let plain = !rest.contains([
        '（', '）', '“', '”', '《', '》', '；', '、', '(', ')', '：', ':',
    ]);
    let weekday = compact.contains("星期") || compact.contains("农历");
    let accepted = plain
        && match (dated, numbered, named) {
            // A sentence may hold a date; a page head states it beside its weekday, or alone.
            (true, _, _) => {
                han == 0
                    || han <= 12 && (weekday || numbered || named || is_source(&words, &mut head))
            }
            (false, true, true) => han <= 6,
            (false, true, false) => han <= if edge { 6 } else { 0 },
            (false, false, true) => edge && han == 0,
            (false, false, false) => {
                let dashed = digits_only && left.len() > 2 && !left[0].is_ascii_alphanumeric();
                has_imprint && han == 0
                    || dashed && left.iter().any(char::is_ascii_digit)
                    || edge
                        && (digits_only && left.iter().any(char::is_ascii_digit)
                            || is_section(&compact))
            }
        };
    accepted.then_some(head)
}

/// Whether what stands beside a date names a paper, a site or an office: words of its own, without
/// a verb. The first names the paper.
fn is_source(words: &[&str], head: &mut PageHead) -> bool {
    // It may be glued to the date: `2031年4月3日云州网`.
    let undated = words.iter().map(|word| date_pattern().replace(word, ""));
    let names: Vec<_> = undated
        .filter(|w| w.chars().any(is_han) && !is_dated(w))
        .collect();
    let mut others = names.iter().map(AsRef::as_ref);
    let Some(first) = others.next() else {
        return false;
    };
    let is_noun = |word: &str| {
        // So short a word is no headline; a longer one is none where it has no verb.
        word.chars().count() <= SHORT_NAME
            || OUTLET.end(word).is_some()
            || words::segmenter().tag(word, true).iter().all(|w| {
                w.tag
                    .starts_with(['n', 'j', 'm', 'q', 't', 's', 'a', 'b', 'z', 'x', 'f'])
            })
    };
    let all = first.chars().count() <= 12 && is_noun(first) && others.all(is_noun);
    if all && OUTLET.end(first).is_some() {
        head.paper = Some(first.to_owned());
    }
    all
}

/// Names of papers of so many characters may have a verb (`半月谈`).
const SHORT_NAME: usize = 5;

/// Whether a line is a date in full and nothing else.
pub(super) fn is_date(line: &str) -> bool {
    let line = line.trim();
    date_pattern()
        .find(line)
        .is_some_and(|found| found.len() == line.len())
}

fn is_dated(word: &str) -> bool {
    pattern!(r"^[（(《]?(?:\d{4}年\d{1,2}月\d{1,2}日|\d{1,2}月\d{1,2}日|\d+日|(?:星期|周)\p{Han}|[二一][〇○零一二三四五六七八九]{3}年\p{Han}+日)[）)》]?$").is_match(word)
}

/// A section's name alone, as it stands beside a page head: `要闻`.
pub(super) fn is_section_name(text: &str) -> bool {
    pattern!(r"^%section%(?:新闻|版)?$").is_match(text)
}

/// A section with its page's number: `要闻 3`.
fn is_section(text: &str) -> bool {
    pattern!(r"^(?:\d{1,3}|[A-Z]\d{1,2})?%section%(?:新闻|版)?(?:\d{1,3}|[A-Z]\d{1,2})?$")
        .is_match(text)
        && text.contains(|c: char| c.is_ascii_digit())
}

/// A paper's name in Latin letters: `YUNZHOU RIBAO`.
pub(super) fn is_latin_masthead(text: &str) -> bool {
    text.len() <= 40 && pattern!(r"^[A-Z][A-Z .&']{3,}$").is_match(text)
}

/// The name of a newspaper, when the text is one or begins with one.
pub(super) fn paper_name(text: &str) -> Option<String> {
    pattern!(r"^(?:\p{Han}{1,8}?%paper%[报報]|%named-paper%)")
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
    let year = i16::try_from(whole_number(year)?).ok()?;
    let month = i8::try_from(whole_number(month)?).ok()?;
    let day = i8::try_from(whole_number(day)?).ok()?;
    jiff::civil::Date::new(year, month, day)
        .ok()
        .map(|date| date.to_string())
}

/// The paper that a byline's label names: `□浙江日报记者` is from 浙江日报.
pub(super) fn paper_of_byline(text: &str) -> Option<String> {
    let text = text.trim_start_matches(|c: char| !is_han(c));
    paper_name(text)
}

/// Why a page head's line is dropped.
pub(super) fn reason(head: &PageHead) -> Reason {
    if head.number_only {
        Reason::PageNumber
    } else {
        Reason::PageHead
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_heads_are_known_by_their_shape() {
        for (text, paper, date) in [
            (
                "云州日报 2031年4月3日 星期四 第6版 要闻",
                Some("云州日报"),
                Some("2031-04-03"),
            ),
            ("2031-04-03 东屿周刊", Some("东屿周刊"), Some("2031-04-03")),
            ("环山人物 2031年4月3日", None, Some("2031-04-03")),
            (
                "《云州日报》（ 2031年04月03日 第 05 版）",
                Some("云州日报"),
                Some("2031-04-03"),
            ),
            ("二〇三一年四月三日 星期四", None, Some("2031-04-03")),
            ("国内统一连续出版物号 CN 99-0001", None, None),
            ("农历辛亥年三月十二", None, None),
            ("— 3 —", None, None),
        ] {
            let head = page_head(text, false).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (head.paper.as_deref(), head.date.as_deref()),
                (paper, date),
                "{text}"
            );
        }
        for text in [
            "2031年4月3日 云州举行春季马拉松比赛",
            "截至2031年4月3日，全市完成投资26亿元。",
            "云州港一季度吞吐量创新高",
            "12",
        ] {
            assert!(page_head(text, false).is_none(), "{text}");
        }
        assert!(page_head("要闻 10", true).is_some());
        assert!(page_head("要闻 10", false).is_none());
        assert!(page_head("经济要闻十条", true).is_none());
    }

    #[test]
    fn notes_are_told_from_headlines() {
        for text in [
            "（原标题：老街改造记）",
            "（完）",
            "（本栏稿件除署名外均据新华社电）",
            "责任编辑：姚远_NT01",
            "返回首页>>",
            "+1",
            "本文来源：云州日报",
            "扫码关注云州发布",
            "www.yunzhou.example/news",
        ] {
            assert!(is_note(text) || is_editors_line(text), "{text}");
        }
        for text in [
            "扫码支付新规出台",
            "（国际观察）航运为何回暖",
            "完成投资26亿元",
            "版权保护条例下月施行",
        ] {
            assert!(!is_note(text), "{text}");
        }
    }

    #[test]
    fn jump_lines_name_their_page() {
        for (text, from, page) in [
            ("（下转第三版）", false, Some("3")),
            ("（上接1版）", true, Some("1")),
            ("▶下转A03版", false, Some("A3")),
        ] {
            let jump = jump_line(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!((jump.from, jump.page.as_deref()), (from, page), "{text}");
        }
        assert_eq!(jump_line("接待游客3万人次"), None);
        let jump = jump_within("目前每周有42个航班（下转2版）").unwrap();
        assert!(!jump.from && jump.page.as_deref() == Some("2"));
    }
}
