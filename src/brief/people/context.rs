//! What stands before and behind a name, and what it says about its being one.

use std::collections::HashSet;
use std::sync::OnceLock;

use crate::brief::glossary;

/// What stands directly before a possible name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Before {
    /// A post: `省委书记`.
    Post,
    /// What somebody is: `村民`.
    Role,
    /// `名叫`, `34岁的`.
    Named,
    /// The start of a clause, a time, a word that opens one.
    Clause,
    /// `、`, `和`, a space: perhaps a list of names.
    List,
    /// A preposition or `的`.
    Preposition,
    /// Anything else.
    Other,
}

impl Before {
    pub(super) fn of(text: &str, at: usize) -> Self {
        let before = &text[..at];
        let before = before.trim_end_matches([' ', '\u{3000}', ':', '：']);
        if let Some(kind) = post_at_end(before) {
            return kind;
        }
        if NAMED.iter().any(|w| before.ends_with(w)) {
            return Self::Named;
        }
        match before.chars().next_back() {
            None => Self::Clause,
            Some('、') => Self::List,
            _ if before.len() < at => Self::List,
            Some('和' | '与' | '及' | '同' | '跟') => Self::List,
            Some(c) if is_boundary(c) => Self::Clause,
            _ if OPENERS.iter().any(|w| before.ends_with(w)) => Self::Clause,
            Some(c) if PREPOSITIONS.contains(c) => Self::Preposition,
            _ => Self::Other,
        }
    }

    /// What it takes off the cost of a name, in nats.
    pub(super) fn bonus(self) -> f64 {
        match self {
            Self::Post => 8.0,
            Self::Role => 7.0,
            Self::Named => 6.0,
            Self::List | Self::Clause => 1.0,
            Self::Preposition => 0.5,
            Self::Other => 0.0,
        }
    }

    /// What it says for the string being a person, whatever stands behind.
    pub(super) fn evidence(self) -> f64 {
        match self {
            Self::Post | Self::Named => 3.0,
            Self::Role => 2.5,
            Self::Clause => 0.5,
            Self::List | Self::Preposition => 0.25,
            Self::Other => -0.5,
        }
    }
}

/// What stands directly behind a possible name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum After {
    /// `同志`, `教授`, `（右二）`.
    Title,
    /// `说`, `表示`, `强调`.
    Speech,
    /// `主持`, `前往`, `当选`.
    Action,
    /// `等`, `一行`, `、`, punctuation, the end.
    Boundary,
    /// A function word.
    Function,
    /// Anything else.
    Other,
}

impl After {
    pub(super) fn of(text: &str, at: usize) -> Self {
        let rest = &text[at..];
        let after = rest.trim_start_matches([' ', '\u{3000}']);
        if title_at_start(after).is_some() || MARKED.iter().any(|w| after.starts_with(w)) {
            return Self::Title;
        }
        let verb = after.trim_start_matches(['还', '也', '又', '则', '就', '都', '曾', '再']);
        if longest(speech(), verb) {
            return Self::Speech;
        }
        if longest(action(), verb) {
            return Self::Action;
        }
        match after.chars().next() {
            None => Self::Boundary,
            _ if after.len() < rest.len() => Self::Boundary,
            Some('、' | '等') => Self::Boundary,
            Some(c) if is_boundary(c) => Self::Boundary,
            Some(c) if FUNCTION.contains(c) => Self::Function,
            _ => Self::Other,
        }
    }

    pub(super) fn bonus(self) -> f64 {
        match self {
            Self::Title => 4.0,
            Self::Speech => 3.0,
            Self::Action => 2.0,
            Self::Boundary => 1.0,
            Self::Function => 0.5,
            Self::Other => 0.0,
        }
    }

    pub(super) fn evidence(self) -> f64 {
        match self {
            Self::Title => 2.5,
            Self::Speech => 1.5,
            Self::Action => 0.75,
            Self::Boundary | Self::Function => 0.25,
            Self::Other => -0.25,
        }
    }
}

/// The title that stands behind a name (`同志`, `教授`), as its length in bytes.
pub(super) fn title_at_start(after: &str) -> Option<usize> {
    TITLES
        .iter()
        .filter(|t| after.starts_with(**t))
        .map(|t| t.len())
        .max()
}

/// Whether a title behind a name is a courtesy, which fits anybody.
pub(super) fn is_courtesy(title: &str) -> bool {
    matches!(
        title,
        "同志"
            | "先生"
            | "女士"
            | "老师"
            | "师傅"
            | "大爷"
            | "大妈"
            | "老人"
            | "奶奶"
            | "爷爷"
            | "阿姨"
    )
}

/// Whether a text ends in a post or a role.
pub(super) fn post_at_end(before: &str) -> Option<Before> {
    let head = post_head(before)?;
    let post = glossary::posts().get(head)?;
    Some(match post.kind {
        glossary::PostKind::Role => Before::Role,
        _ => Before::Post,
    })
}

/// The longest post that a text ends in.
pub(super) fn post_head(before: &str) -> Option<&str> {
    const LONGEST: usize = 8;
    let posts = glossary::posts();
    let mut head = None;
    for (i, _) in before.char_indices().rev().take(LONGEST) {
        if posts.contains_key(&before[i..]) {
            head = Some(&before[i..]);
        }
    }
    head
}

/// Punctuation that ends a clause.
pub(super) fn is_boundary(c: char) -> bool {
    !c.is_alphanumeric() && !c.is_whitespace() && !matches!(c, '、' | '·' | '•')
}

const NAMED: [&str; 12] = [
    "名叫", "叫做", "名为", "叫作", "岁的", "人称", "姓名", "任命", "原名", "本名", "他叫", "她叫",
];
const OPENERS: [&str; 30] = [
    "当天", "今天", "昨天", "昨日", "今日", "日前", "近日", "随后", "其间", "期间", "会上", "之后",
    "此前", "后来", "同日", "当日", "上午", "下午", "晚上", "当晚", "中午", "目前", "如今", "现在",
    "这时", "对此", "据", "而", "但", "当",
];
const PREPOSITIONS: &str = "由以请让对向给被把将为在的是从比就按";
/// Marks that newspapers put behind a name in a caption or a list.
const MARKED: [&str; 16] = [
    "（右",
    "（左",
    "（中",
    "（前",
    "（后",
    "（化名",
    "（男",
    "（女",
    "(右",
    "(左",
    "(中",
    "(化名",
    "(男",
    "(女",
    "（音",
    "（图",
];
const FUNCTION: &str = "在从到对向为与和及同是有的了把被将给也还都就又则并以又并已曾正将";
/// Titles that stand behind a name.
pub(super) const TITLES: [&str; 58] = [
    "同志",
    "先生",
    "女士",
    "夫妇",
    "总书记",
    "主席",
    "总理",
    "副总理",
    "书记",
    "副书记",
    "部长",
    "省长",
    "市长",
    "县长",
    "区长",
    "镇长",
    "厅长",
    "局长",
    "院长",
    "校长",
    "所长",
    "主任",
    "副主任",
    "会长",
    "董事长",
    "总经理",
    "秘书长",
    "委员长",
    "国务委员",
    "教授",
    "副教授",
    "院士",
    "研究员",
    "老师",
    "博士",
    "医生",
    "大夫",
    "律师",
    "法官",
    "检察官",
    "警官",
    "将军",
    "司令",
    "政委",
    "大使",
    "总统",
    "首相",
    "外长",
    "烈士",
    "师傅",
    "大爷",
    "大妈",
    "老人",
    "奶奶",
    "爷爷",
    "阿姨",
    "一行",
    "等同志",
];

/// Whether a text begins with one of the words.
fn longest(words: &HashSet<&'static str>, text: &str) -> bool {
    let ends = text.char_indices().map(|(i, c)| i + c.len_utf8()).take(4);
    ends.into_iter().any(|end| words.contains(&text[..end]))
}

fn speech() -> &'static HashSet<&'static str> {
    static SET: OnceLock<HashSet<&str>> = OnceLock::new();
    SET.get_or_init(|| SPEECH.split_whitespace().collect())
}

fn action() -> &'static HashSet<&'static str> {
    static SET: OnceLock<HashSet<&str>> = OnceLock::new();
    SET.get_or_init(|| ACTION.split_whitespace().collect())
}

/// Verbs of saying and thinking.
const SPEECH: &str = "
说 表示 指出 强调 介绍 认为 告诉 坦言 称 透露 回忆 解释 补充 直言 谈到 感慨 感叹 提出 建议 呼吁 要求 希望 提醒 分析 写道 回应
宣布 承诺 笑着说 表态 发言 致辞 致词 讲话 讲述 讲 问 回答 答道 喊 深知 相信 觉得 自豪地 笑言 说道 谈及 谈起 算了 重申 否认
声称 主张 坚信 叮嘱 嘱咐 勉励 寄语 总结 深有 感到 评价 预测 预计 警告 抱怨 吐槽 断言 主张 自述 口中 眼中 心里 看来 得知 听说
";
/// What people do in newspapers.
const ACTION: &str = "
主持 出席 参加 会见 会谈 调研 考察 率 率队 率团 带队 带领 带着 前往 来到 赶到 赴 看望 走访 慰问 担任 当选 出任 接任 升任 兼任 任 作
做 签署 宣读 陪同 检查 督导 督查 部署 听取 深入 视察 抵达 离开 返回 见证 代表 致信 致电 发表 获得 荣获 获 夺得 夺冠 击败 战胜
出生 毕业 加入 创办 创立 创作 执导 主演 饰演 演唱 拿出 拿着 走进 走到 坐在 站在 看着 正在 一直 先后 分别 亲自 带头 主动 决定
接受 参观 观看 体验 了解 询问 察看 查看 详细 认真 仔细 专程 应邀 不幸 因病 逝世 去世 去年 今年 今天 昨天 近日 日前 当天 随后
领导 组织 负责 牵头 研究 撰写 编写 翻译 发现 提到 出访 访问 抵京 涉嫌 被查 接受审查 落马 退休 辞职 履新 履职 到任 涉 被 坐 站
忙着 忙碌 种植 种 养 干 家里 家中 家 夫妻 夫妇 团队 本人 个人 所在 等人 等 一家 一行 拥有 经营 打开 回到 联系 通过 利用 继续
";
