//! Titles: the post and the organisation that stand before a name.
//!
//! `传达省农业农村厅党组书记、厅长` → organisation `省农业农村厅`, post `党组书记、厅长`. A title reaches left
//! over nouns, places and bodies, and over `、` where a post stands before it; a verb, a function
//! word or other punctuation ends it.

use std::ops::Range;

use super::context::post_head;
use super::foreign::Origin;
use super::lattice::{Kind, Token};
use crate::brief::{glossary, words};

/// A title as it stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Title {
    /// The post, with the party or state body it belongs to (`省委副书记`).
    pub(super) post: String,
    /// The organisation, where it is more than that (`省农业农村厅`).
    pub(super) organisation: Option<String>,
}

/// The title that ends where the token `name` begins.
pub(super) fn before(text: &str, tokens: &[Token], name: usize) -> Option<Title> {
    let end = tokens[name].range.start;
    let end = text[..end].trim_end_matches([' ', '\u{3000}']).len();
    post_head(&text[..end])?;
    let span = span(text, tokens, name, end);
    Title::read(&text[span])
}

impl Title {
    /// Whether the post is one of another country.
    pub(super) fn is_foreign(&self) -> bool {
        let whole = format!(
            "{}{}",
            self.organisation.as_deref().unwrap_or_default(),
            self.post
        );
        Origin::before(&whole).is_some()
    }

    /// Splits a title into organisation and post.
    pub(super) fn read(title: &str) -> Option<Self> {
        let elements: Vec<&str> = elements(title).collect();
        let (organisation, post) = split(elements.first()?)?;
        let others_have_their_own = elements[1..]
            .iter()
            .any(|e| split(e).is_some_and(|(organisation, _)| !organisation.is_empty()));
        let belongs_to_post = organisation.is_empty() || is_state_body(organisation);
        let (organisation, post) = if belongs_to_post || others_have_their_own {
            (None, title)
        } else {
            (
                Some(whole_organisation(organisation, post)),
                &title[organisation.len()..],
            )
        };
        Some(Self {
            post: post.to_owned(),
            organisation,
        })
    }
}

/// `省公安` of `省公安厅长` → `省公安厅`.
fn whole_organisation(organisation: &str, post: &str) -> String {
    let rank = post.trim_start_matches(DEPUTY).strip_suffix('长');
    match rank {
        Some(rank @ ("部" | "厅" | "局" | "处" | "院" | "校" | "所" | "署"))
            if !ends_in_body(organisation) =>
        {
            format!("{organisation}{rank}")
        }
        _ => organisation.to_owned(),
    }
}

/// The posts of a title that names several: `厅党组书记、厅长`, `董事长兼总经理`.
pub(super) fn elements(title: &str) -> impl Iterator<Item = &str> {
    title.split(['、', '兼']).filter(|e| !e.is_empty())
}

/// One element as organisation and post.
pub(super) fn split(element: &str) -> Option<(&str, &str)> {
    let head = post_head(element)?;
    let mut at = element.len() - head.len();
    while let Some(modifier) = MODIFIERS.iter().find(|m| element[..at].ends_with(**m)) {
        at -= modifier.len();
    }
    Some(element.split_at(at))
}

/// `副` and what may stand with it.
pub(super) const DEPUTY: &[char] = &['副'];
/// What may stand between an organisation and its post.
const MODIFIERS: [&str; 22] = [
    "常务副",
    "第一副",
    "高级副",
    "执行副",
    "副",
    "代理",
    "代",
    "候任",
    "名誉",
    "荣誉",
    "执行",
    "高级",
    "首席",
    "特聘",
    "时任",
    "现任",
    "前任",
    "原",
    "前",
    "总",
    "党组",
    "资深",
];

/// Party and state organs, whose name belongs to the post: `省委书记`, `全国政协主席`.
fn is_state_body(zh: &str) -> bool {
    const ORGANS: [&str; 16] = [
        "委",
        "政府",
        "人大",
        "人大常委会",
        "政协",
        "纪委",
        "监委",
        "军委",
        "省",
        "市",
        "县",
        "区",
        "州",
        "国家",
        "中央",
        "国务院",
    ];
    let known_country = glossary::places().get(zh).is_some();
    let is_department = ["厅", "局", "部", "办", "中心", "公司", "大学"]
        .iter()
        .any(|s| zh.ends_with(s));
    let party = ["中共", "中央", "全国", "国家", "国务院", "最高"]
        .iter()
        .any(|p| zh.starts_with(p));
    let commission = glossary::topics().keys().any(|t| {
        zh.strip_suffix('委').is_some_and(|rest| rest.ends_with(t)) && t.chars().count() > 1
    });
    known_country
        || (party && !commission)
        || (!is_department && !commission && ORGANS.iter().any(|o| zh.ends_with(o)))
}

fn span(text: &str, tokens: &[Token], name: usize, end: usize) -> Range<usize> {
    /// The longest titles, with several posts, stay below this many bytes.
    const LONGEST: usize = 240;
    let mut start = end;
    let mut at = name;
    while at > 0 {
        at -= 1;
        let token = &tokens[at];
        if token.range.start >= end {
            continue;
        }
        let word = &text[token.range.start..token.range.end.min(end)];
        if end - token.range.start > LONGEST || !belongs(text, token, word, start, end) {
            break;
        }
        start = token.range.start;
        if ["时任", "原", "前", "现任", "曾任"].contains(&word) {
            break;
        }
    }
    let lead = text[start..end].trim_start_matches(['、', '兼']);
    end - lead.len()..end
}

/// Whether a word belongs to the title that begins behind it at `start`.
fn belongs(text: &str, token: &Token, word: &str, start: usize, end: usize) -> bool {
    let right = &text[start..end];
    if right.is_empty() {
        return true;
    }
    // The head itself may be cut into several words.
    let head_start = end - post_head(&text[..end]).map_or(0, str::len);
    if token.range.start >= head_start || token.range.end > head_start {
        return true;
    }
    if matches!(word, "、" | "兼") {
        return post_head(&text[..token.range.start]).is_some();
    }
    if token.kind != Kind::Word || !word.chars().all(|c| c.is_alphanumeric() || c == '·') {
        return false;
    }
    if word.chars().all(|c| c.is_ascii_digit() || c == '.') || STOPS.contains(&word) {
        return false;
    }
    let known = glossary::bodies().contains_key(word)
        || glossary::places().contains_key(word)
        || glossary::topics().contains_key(word)
        || glossary::posts().contains_key(word);
    if known || LEVELS.contains(&word) {
        return true;
    }
    match tag(word) {
        'n' | 'j' | 's' | 'b' | 'f' | 'x' | 'e' | 'g' | 'i' | 'l' | 'a' => true,
        'm' => !word.ends_with(['号', '个', '名', '位']),
        'v' => is_noun_verb(word) || BODY_SUFFIXES.iter().any(|s| right.starts_with(s)),
        _ => false,
    }
}

fn tag(word: &str) -> char {
    let tags = words::segmenter().tag(word, false);
    match tags.as_slice() {
        [one] => one.tag.chars().next().unwrap_or('x'),
        _ => 'n',
    }
}

fn is_noun_verb(word: &str) -> bool {
    let tags = words::segmenter().tag(word, false);
    tags.first().is_some_and(|t| t.tag == "vn")
}

fn ends_in_body(zh: &str) -> bool {
    BODY_SUFFIXES.iter().any(|s| zh.ends_with(s))
}

const LEVELS: [&str; 14] = [
    "省", "市", "县", "区", "州", "镇", "乡", "村", "厅", "局", "部", "委", "院", "校",
];

/// What organisations end in.
const BODY_SUFFIXES: [&str; 60] = [
    "委员会",
    "委",
    "厅",
    "局",
    "部",
    "署",
    "办公室",
    "办公厅",
    "办",
    "院",
    "所",
    "中心",
    "公司",
    "集团",
    "有限",
    "股份",
    "银行",
    "大学",
    "学院",
    "医院",
    "学校",
    "小学",
    "中学",
    "协会",
    "学会",
    "商会",
    "联合会",
    "研究会",
    "合作社",
    "基金会",
    "总队",
    "支队",
    "大队",
    "中队",
    "队",
    "站",
    "处",
    "科",
    "组",
    "社",
    "厂",
    "场",
    "馆",
    "团",
    "营",
    "连",
    "班",
    "店",
    "园",
    "村",
    "镇",
    "乡",
    "县",
    "市",
    "区",
    "省",
    "州",
    "户",
    "员",
    "党组",
];

/// Words that never belong to a title, whatever their tag.
const STOPS: &[&str] = &[
    "的",
    "了",
    "在",
    "是",
    "由",
    "和",
    "与",
    "及",
    "同",
    "跟",
    "向",
    "对",
    "为",
    "被",
    "把",
    "让",
    "给",
    "从",
    "据",
    "经",
    "请",
    "以",
    "将",
    "并",
    "也",
    "还",
    "都",
    "就",
    "而",
    "但",
    "或",
    "等",
    "这",
    "那",
    "该",
    "其",
    "某",
    "各",
    "各位",
    "位",
    "名",
    "个",
    "一",
    "一名",
    "一位",
    "两",
    "两名",
    "两位",
    "多名",
    "多位",
    "当地",
    "他",
    "她",
    "我",
    "我们",
    "他们",
    "全体",
    "广大",
    "部分",
    "许多",
    "不少",
    "有",
    "来自",
    "作为",
    "新任",
    "今年",
    "去年",
    "今天",
    "昨天",
    "上午",
    "下午",
    "晚上",
    "近日",
    "日前",
    "当天",
    "期间",
    "会议",
    "记者",
    "本报",
    "本报讯",
    "同时",
    "其中",
    "目前",
    "现在",
    "时",
    "年",
    "月",
    "日",
    "后",
    "前往",
    "会见",
    "看望",
    "陪同",
    "采访",
    "学习",
    "传达",
    "落实",
    "贯彻",
    "听取",
    "感谢",
    "选举",
    "任命",
    "决定",
    "欢迎",
    "祝贺",
    "邀请",
    "接受",
    "通过",
    "根据",
    "包括",
    "以及",
    "以来",
    "说",
    "称",
    "表示",
    "指出",
    "强调",
    "还有",
    "就是",
    "成为",
    "担任",
    "当选",
    "当选为",
    "任",
    "出任",
    "身为",
    "做",
    "叫",
    "新",
    "老",
    "两国",
    "双方",
    "如今",
    "曾经",
    "曾",
    "今",
    "岁",
    "上",
    "中",
    "下",
    "里",
    "内",
    "外",
    "当时",
    "如",
    "像",
    "比如",
    "例如",
    "对于",
    "关于",
    "即",
    "则",
];
