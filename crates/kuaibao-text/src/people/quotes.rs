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

use crate::glossary;

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

/// Verbs of saying, longest first where one begins another.
const SAYING: &[&str] = &[
    "告诉记者",
    "介绍说",
    "表示说",
    "解释说",
    "补充说",
    "笑着说",
    "回忆说",
    "感慨地说",
    "分析说",
    "指出",
    "强调",
    "表示",
    "介绍",
    "认为",
    "坦言",
    "透露",
    "回忆",
    "解释",
    "补充",
    "直言",
    "谈到",
    "感慨",
    "感叹",
    "提出",
    "建议",
    "呼吁",
    "要求",
    "希望",
    "提醒",
    "分析",
    "写道",
    "回应",
    "宣布",
    "承诺",
    "叮嘱",
    "嘱咐",
    "勉励",
    "寄语",
    "重申",
    "主张",
    "警告",
    "评价",
    "预测",
    "笑言",
    "回答",
    "说道",
    "问道",
    "答道",
    "喊道",
    "说",
    "称",
    "问",
    "讲",
    "道",
];
const PRONOUNS: &[&str] = &["他们", "她们", "他", "她", "我"];
/// Documents and meetings speak in newspapers; they are nobody.
const NOBODY: &[&str] = &[
    "会议", "全会", "大会", "文章", "通知", "意见", "方案", "报告", "文件", "公告", "社论", "决定",
    "公报", "条例", "规定", "数据", "研究", "调查", "宣言", "声明", "贺信", "回信", "指示", "批示",
    "纲要", "讲话",
];
/// What follows quotation marks round a slogan or a title.
const OF_A_SLOGAN: &[&str] = &[
    "的", "等", "理念", "精神", "口号", "活动", "工程", "模式", "行动", "原则", "战略", "目标",
    "要求", "是", "为", "和", "与", "、", "成", "已", "不",
];
/// The longest paragraph that is searched; a longer one is no prose.
const LONGEST: usize = 64 << 10;

/// The quotations of a paragraph, in order. `people` are the full names that the article is known
/// to hold.
pub fn find(paragraph: &str, people: &[&str]) -> Vec<QuoteRange> {
    if paragraph.len() > LONGEST {
        return Vec::new();
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
        let slogan = !is_sentence
            && (inner.chars().count() < 6 || OF_A_SLOGAN.iter().any(|w| after.starts_with(w)));
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
    let (text, verb) = ends.iter().find_map(|text| {
        let verbs = SAYING.iter().filter(|v| text.ends_with(**v));
        verbs.max_by_key(|v| v.len()).map(|v| (*text, *v))
    })?;
    Some(text.len() - verb.len()..text.len())
}

/// Where the verb of saying begins in the clause behind a quotation.
fn verb_behind(text: &str, from: usize) -> Option<usize> {
    const LONGEST_SPEAKER: usize = 40;
    let rest = &text[from..];
    let clause_end = rest
        .char_indices()
        .take(LONGEST_SPEAKER)
        .find(|&(_, c)| matches!(c, '，' | '。' | '：' | '“' | '！' | '？' | ',' | ':' | '；'))
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
        if matches!(c, '。' | '！' | '？' | '\n') && !quoted(at) {
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
        .find(|&(at, c)| matches!(c, '。' | '！' | '？' | '\n') && !quoted(at))
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
        if matches!(
            c,
            '，' | '。' | '；' | '！' | '？' | '：' | '”' | '“' | ',' | '\n'
        ) {
            clauses.push(start..before.start + i);
            start = before.start + i + c.len_utf8();
        }
    }
    clauses.push(start..before.end);
    let own = clauses.last()?.clone();
    if NOBODY
        .iter()
        .any(|n| text[own.clone()].trim_start().starts_with(n))
    {
        return None;
    }
    clauses
        .iter()
        .rev()
        .find_map(|clause| person_in(text, clause, people))
        .or_else(|| called(text, &own))
}

/// The first person of a clause that is not the object of a preposition.
fn person_in(text: &str, clause: &Range<usize>, people: &[&str]) -> Option<Range<usize>> {
    let slice = &text[clause.clone()];
    let is_object =
        |at: usize| slice[..at].ends_with(['向', '对', '同', '与', '给', '为', '让', '请']);
    let named = people
        .iter()
        .filter(|name| !name.is_empty())
        .filter_map(|name| slice.find(name).map(|at| (at, name.len())))
        .filter(|&(at, _)| !is_object(at))
        .min();
    let pronoun = PRONOUNS
        .iter()
        .find(|p| slice.trim_start().starts_with(**p));
    let pronoun = pronoun.map(|p| (slice.len() - slice.trim_start().len(), p.len()));
    let (at, len) = named.into_iter().chain(pronoun).min()?;
    Some(clause.start + at..clause.start + at + len)
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
            || [
                "部",
                "厅",
                "局",
                "方",
                "政府",
                "公司",
                "集团",
                "办公室",
                "委员会",
                "大学",
                "医院",
                "组织",
                "者",
            ]
            .iter()
            .any(|suffix| tail.ends_with(suffix))
            || glossary::bodies().contains_key(tail)
    };
    let fits =
        is_somebody && tail.chars().count() <= LONGEST && !NOBODY.iter().any(|n| tail.ends_with(n));
    let at = clause.start + slice.find(tail)?;
    fits.then(|| at..at + tail.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Quotations as `speaker|words|direct`.
    fn found(text: &str, people: &[&str]) -> Vec<String> {
        find(text, people)
            .into_iter()
            .map(|q| {
                let speaker = q.speaker.map_or("-", |r| &text[r]);
                let kind = if q.direct { "direct" } else { "reported" };
                format!("{speaker}|{}|{kind}", &text[q.words])
            })
            .collect()
    }

    #[test]
    fn direct_speech_before_and_behind_its_verb() {
        let people = ["钱立群", "朴大山"];
        let cases: [(&str, &[&str]); 9] = [
            ("朴大山说：“今年收成好。”", &["朴大山|今年收成好。|direct"]),
            (
                "“今年收成好。”朴大山笑着说。",
                &["朴大山|今年收成好。|direct"],
            ),
            (
                "“今年收成好，”村民朴大山告诉记者。",
                &["朴大山|今年收成好，|direct"],
            ),
            ("他说：“好！”", &["他|好！|direct"]),
            (
                "“路修好了。”朴大山说，“游客也多了起来，生意很红火。”",
                &[
                    "朴大山|路修好了。|direct",
                    "朴大山|游客也多了起来，生意很红火。|direct",
                ],
            ),
            (
                "据一位村民介绍：“水又清了。”",
                &["一位村民|水又清了。|direct"],
            ),
            (
                "“这是我们等了十年的一条路啊！”",
                &["-|这是我们等了十年的一条路啊！|direct"],
            ),
            (
                "钱立群同朴大山交谈时问：“收入怎么样？”",
                &["钱立群|收入怎么样？|direct"],
            ),
            ("她写道：「山高水长。」", &["她|山高水长。|direct"]),
        ];
        for (text, expected) in cases {
            assert_eq!(found(text, &people), expected, "{text}");
        }
    }

    #[test]
    fn reported_speech_runs_to_the_end_of_its_sentence() {
        let people = ["钱立群", "何润生"];
        let cases: [(&str, &[&str]); 7] = [
            (
                "钱立群强调，要抓好春耕。",
                &["钱立群|要抓好春耕。|reported"],
            ),
            (
                "钱立群在云湖调研时指出，要抓好“米袋子”“菜篮子”。他强调，要实干。",
                &[
                    "钱立群|要抓好“米袋子”“菜篮子”。|reported",
                    "他|要实干。|reported",
                ],
            ),
            (
                "钱立群来到园区，同何润生交谈，要求，要提速。",
                &["钱立群|要提速。|reported"],
            ),
            (
                "省水利厅有关负责人表示，水位正在下降。",
                &["省水利厅有关负责人|水位正在下降。|reported"],
            ),
            ("会议强调，要抓好落实。", &[]),
            ("文章指出，前景广阔。通知要求，各地自查。", &[]),
            (
                "外交部表示，中方愿意对话。",
                &["外交部|中方愿意对话。|reported"],
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(found(text, &people), expected, "{text}");
        }
    }

    #[test]
    fn slogans_and_titles_are_no_quotations() {
        for text in [
            "学习“千村示范”经验，缩小“三大差距”。",
            "要做好“强城”“兴村”“融合”三篇文章。",
            "他们提出“一村一品”的思路。",
            "以“奋进”为主题的活动开幕。",
            "强化“没有走在前列就是落后”的意识。",
        ] {
            assert_eq!(found(text, &[]), Vec::<String>::new(), "{text}");
        }
    }

    #[test]
    fn odd_text_is_answered() {
        for text in [
            "",
            "“",
            "”“",
            "说：“",
            "“”说",
            "：，：，",
            "他说，",
            "\u{0}“\u{fffd}”",
            "道道道，道",
        ] {
            for quote in find(text, &["", "道"]) {
                assert!(text.get(quote.words).is_some());
            }
        }
        let long = "他说：“好。”".repeat(20_000);
        assert!(find(&long, &[]).is_empty());
    }
}
