//! What a newspaper sentence opens with that says nothing to a reader of its summary.

/// Drops what a sentence opens with that says nothing to a reader of the summary: `本报讯`,
/// `据悉，`, `记者从……获悉，`, `他强调，`, `此外，`.
pub(super) fn lead_trim(zh: &str) -> &str {
    let mut rest = zh.trim_start();
    while let Some(shorter) = without_lead(rest) {
        rest = shorter;
    }
    if rest.is_empty() { zh.trim() } else { rest }
}

/// Openings that are dropped wherever they stand before a sentence.
const LABELS: [&str; 9] = [
    "本报讯",
    "又讯",
    "综合消息：",
    "综合消息",
    "快讯：",
    "图为：",
    "图为",
    "原标题：",
    "核心提示：",
];
/// Openings that are dropped with the comma behind them.
const LINKS: [&str; 26] = [
    "据悉",
    "据了解",
    "据介绍",
    "据统计",
    "据报道",
    "另据报道",
    "据新华社报道",
    "此外",
    "另外",
    "同时",
    "与此同时",
    "其中",
    "对此",
    "因此",
    "为此",
    "不过",
    "然而",
    "但是",
    "而且",
    "并且",
    "随后",
    "接着",
    "最后",
    "另据了解",
    "会上",
    "会议期间",
];
/// Speakers that point back to a sentence the summary may not hold.
const PRONOUNS: [&str; 6] = ["他们", "她们", "他", "她", "大家", "双方"];
/// Verbs between such a speaker and what was said.
const SAYING: [&str; 16] = [
    "强调",
    "指出",
    "表示",
    "说",
    "要求",
    "认为",
    "介绍",
    "称",
    "提出",
    "希望",
    "坦言",
    "告诉记者",
    "介绍说",
    "表示说",
    "补充说",
    "解释说",
];

fn without_lead(sentence: &str) -> Option<&str> {
    let sentence = sentence.trim_start();
    if let Some(rest) = LABELS.iter().find_map(|l| sentence.strip_prefix(l)) {
        return Some(without_reporter(rest.trim_start()));
    }
    let (head, rest) = sentence.split_once(['，', ',', '：', ':'])?;
    let rest = rest.trim_start();
    let head = head.trim();
    let comma = sentence[..sentence.len() - rest.len()]
        .trim_end()
        .ends_with(['，', ',']);
    let is_link = LINKS.contains(&head);
    let is_pronoun_saying = PRONOUNS.iter().any(|p| {
        head.strip_prefix(p).is_some_and(|verb| {
            SAYING.contains(&verb.trim_start_matches(['还', '也', '又', '并', '特']))
        })
    });
    let is_source = head.chars().count() <= 24
        && ["记者从", "日前从", "从"]
            .iter()
            .any(|p| head.starts_with(p))
        && ["获悉", "了解到"].iter().any(|s| head.ends_with(s));
    let quoted = rest.starts_with(['“', '"', '「']);
    ((is_link && comma) || (is_pronoun_saying && !quoted) || is_source)
        .then_some(rest)
        .filter(|rest| !rest.is_empty())
}

/// `（记者 某某）某市某局……` → `某市某局……`, as it follows `本报讯`.
fn without_reporter(text: &str) -> &str {
    let Some(inner) = text.strip_prefix(['（', '(']) else {
        return text.trim_start_matches(['：', ':', ' ', '\u{3000}']);
    };
    match inner.split_once(['）', ')']) {
        Some((label, rest)) if ["记者", "通讯员", "见习"].iter().any(|w| label.contains(w)) => {
            rest.trim_start()
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::lead_trim;

    #[test]
    fn lead_words_are_dropped() {
        let cases = [
            ("本报讯 5月3日，云湖港开港。", "5月3日，云湖港开港。"),
            ("本报讯（记者 钱某）云湖港开港。", "云湖港开港。"),
            ("据悉，码头有两个泊位。", "码头有两个泊位。"),
            ("他强调，要抓好安全生产。", "要抓好安全生产。"),
            ("他还指出，要抓好安全生产。", "要抓好安全生产。"),
            ("记者从云湖港务局获悉，码头有两个泊位。", "码头有两个泊位。"),
            ("此外，据了解，航线将增加。", "航线将增加。"),
            ("会议强调，要抓好安全生产。", "会议强调，要抓好安全生产。"),
            ("他说：“我们做到了。”", "他说：“我们做到了。”"),
            ("同时达到两个目标。", "同时达到两个目标。"),
            ("其中", "其中"),
            ("据悉，", "据悉，"),
        ];
        for (zh, expected) in cases {
            assert_eq!(lead_trim(zh), expected, "{zh}");
        }
    }
}
