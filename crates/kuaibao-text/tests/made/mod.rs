//! Made pages with the habits of real newspapers, and what should be found of them.
//!
//! The texts are those of `tests/pages/articles.json` and `more-articles.json`, our own.
#![allow(
    dead_code,
    unreachable_pub,
    missing_docs,
    reason = "each test that has this maker uses its own part of it"
)]

use std::fmt::Write as _;

#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Text {
    pub headline: String,
    pub kicker: Option<String>,
    pub subheadline: Option<String>,
    pub paragraphs: Vec<String>,
    pub caption: Option<String>,
}

/// What a paper does that the plain page does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Habit {
    TailBylines,
    InlineTailBylines,
    NoBylines,
    Watermark,
    LetterSpaced,
    RunningHead,
    FormFeed,
    AsciiPunctuation,
    Masthead,
    InfoLine,
    BareAuthor,
    SiteTail,
    Jump,
    Datelines,
    Narrow,
    Subheads,
}

pub const HABITS: [Habit; 16] = [
    Habit::TailBylines,
    Habit::InlineTailBylines,
    Habit::NoBylines,
    Habit::Watermark,
    Habit::LetterSpaced,
    Habit::RunningHead,
    Habit::FormFeed,
    Habit::AsciiPunctuation,
    Habit::Masthead,
    Habit::InfoLine,
    Habit::BareAuthor,
    Habit::SiteTail,
    Habit::Jump,
    Habit::Datelines,
    Habit::Narrow,
    Habit::Subheads,
];

/// A linear congruential generator: the same pages each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % n
    }

    fn of<'t>(&mut self, all: &[&'t str]) -> &'t str {
        all[self.below(all.len())]
    }

    fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

fn cells(text: &str) -> usize {
    text.chars()
        .map(|c| 1 + usize::from(c > '\u{250}' || c == '·'))
        .sum()
}

/// Lines of a column of `width` cells: closing punctuation hangs, opening is carried over, numbers
/// and Latin words are kept whole.
fn wrap(text: &str, width: usize, indent: usize) -> Vec<String> {
    let mut tokens: Vec<String> = Vec::new();
    for c in text.chars() {
        let glue = |t: &String| {
            c.is_ascii()
                && !c.is_whitespace()
                && t.chars().all(|b| b.is_ascii() && !b.is_whitespace())
        };
        match tokens.last_mut() {
            Some(token) if glue(token) => token.push(c),
            _ => tokens.push(c.to_string()),
        }
    }
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut limit = 2 * width - indent;
    for token in tokens {
        let closing = token
            .chars()
            .all(|c| "，。、；：？！”’）》】」』%,.:;".contains(c));
        let over = cells(&line) + cells(&token) > limit;
        let hangs = closing && cells(&line) + cells(&token) <= limit + 2;
        if over && !hangs && !line.trim().is_empty() {
            let mut carried = String::new();
            while line.ends_with(['“', '‘', '（', '《', '【']) {
                carried.insert(0, line.pop().unwrap());
            }
            lines.push(std::mem::replace(&mut line, carried));
            limit = 2 * width;
        }
        line.push_str(&token);
    }
    lines.push(line);
    lines
}

const SURNAMES: &str = "陆何林周许温秦顾叶陶傅颜季尚穆萧丁谭欧";
const GIVEN: [&str; 16] = [
    "明", "晓舟", "远", "以宁", "安平", "岭", "砚", "长亭", "青", "静", "建平", "若冰", "一夫",
    "海波", "小满", "望舒",
];

fn name(dice: &mut Dice) -> String {
    if dice.one_in(24) {
        return format!("欧阳{}", dice.of(&["菲", "静", "明远"]));
    }
    let surnames: Vec<char> = SURNAMES.chars().collect();
    format!(
        "{}{}",
        surnames[dice.below(surnames.len())],
        dice.of(&GIVEN)
    )
}

/// An article as it should come out.
#[derive(serde::Serialize)]
pub struct Gold {
    pub headline: String,
    pub byline: Vec<String>,
    pub paragraphs: Vec<String>,
    pub captions: Vec<String>,
}

pub struct Made {
    pub text: String,
    pub gold: Vec<Gold>,
}

fn ascii(text: &str) -> String {
    text.replace('，', ",")
        .replace('。', ".")
        .replace('：', ":")
}

/// How a page is made.
struct Maker<'a> {
    dice: Dice,
    habits: &'a [Habit],
    width: usize,
    paper: &'a str,
    lines: Vec<String>,
    indent: &'a str,
}

impl Maker<'_> {
    fn has(&self, habit: Habit) -> bool {
        self.habits.contains(&habit)
    }

    fn body(&mut self, paragraph: &str) {
        let kept = self.indent.chars().count();
        let mut lines = wrap(paragraph, self.width, 4);
        lines[0].insert_str(0, self.indent);
        debug_assert!(kept <= 2);
        self.lines.extend(lines);
    }

    /// A heading within a body: one of its own, or words of the paragraph below.
    fn subhead(&mut self, paragraph: &str) -> String {
        let clause = paragraph
            .split(['，', '。', '、', '；', '：', '“', '”'])
            .find(|c| {
                (5..=11).contains(&c.chars().count())
                    && c.chars().all(|c| c > '\u{4dff}' && c < '\u{a000}')
            });
        match clause.filter(|_| self.dice.one_in(2)) {
            Some(clause) => clause.to_owned(),
            None => self.dice.of(&SUBHEADS).to_owned(),
        }
    }

    fn article(&mut self, text: &Text, jumps: bool) -> (Gold, Vec<String>) {
        let habit = |m: &Self, h| m.has(h);
        let mut gold = Gold {
            headline: text.headline.clone(),
            byline: Vec::new(),
            paragraphs: text.paragraphs.clone(),
            captions: text.caption.iter().cloned().collect(),
        };
        if self.dice.one_in(2) {
            let without_stop = |c: &mut String| *c = c.trim_end_matches('。').to_owned();
            gold.captions.iter_mut().for_each(without_stop);
        }
        let head_width = 12 + self.dice.below(14);
        for part in text
            .kicker
            .iter()
            .chain([&text.headline])
            .chain(&text.subheadline)
        {
            self.lines.extend(wrap(part, head_width, 0));
        }
        if habit(self, Habit::Masthead) {
            let date = self.dice.of(&["2031年4月3日", "2031-04-03"]);
            let line = match self.dice.below(3) {
                0 => format!("{} {date}", self.paper),
                1 => format!("{date} {}", self.paper),
                _ => format!("{} {date} 08:{}", self.paper, 10 + self.dice.below(50)),
            };
            self.lines.push(line);
        }
        let count = 1 + usize::from(self.dice.one_in(3));
        gold.byline = (0..count).map(|_| name(&mut self.dice)).collect();
        gold.byline.dedup();
        let names = gold.byline.join(" ");
        let tail = habit(self, Habit::TailBylines) || habit(self, Habit::InlineTailBylines);
        if habit(self, Habit::InfoLine) {
            let line = match self.dice.below(2) {
                0 => format!(
                    "来源：{}　发布时间：2031-04-03 10:2{}　作者：{names}",
                    self.paper,
                    self.dice.below(10)
                ),
                _ => format!(
                    "2031-04-03 09:4{} 来源：{} 作者：{names} 分享到：",
                    self.dice.below(10),
                    self.paper
                ),
            };
            self.lines.push(line);
        } else if habit(self, Habit::BareAuthor) {
            gold.byline.truncate(1);
            self.lines.push(gold.byline[0].clone());
        } else if habit(self, Habit::NoBylines) {
            gold.byline.clear();
        } else if !tail {
            let label = self.dice.of(&[
                "本报记者 ",
                "□本报记者 ",
                "本报记者",
                "见习记者 ",
                "云州日报记者 ",
            ]);
            let label = if count > 1 && !label.ends_with(' ') {
                "本报记者 "
            } else {
                label
            };
            self.lines.push(format!("{label}{names}"));
        }
        let mut paragraphs: Vec<String> = text.paragraphs.clone();
        if habit(self, Habit::Datelines) {
            let dateline = self.dice.of(&[
                "本报讯 ",
                "本报云州4月2日电 ",
                "【本报讯】",
                "新京报讯 ",
                "云州网消息：",
            ]);
            paragraphs[0].insert_str(0, dateline);
        }
        let inline = habit(self, Habit::InlineTailBylines);
        if inline {
            write!(
                paragraphs.last_mut().unwrap(),
                "（{}{names}）",
                self.dice.of(&["", "本报记者 "])
            )
            .unwrap();
        }
        let mut rest = Vec::new();
        let cut = if jumps {
            1 + self.dice.below(paragraphs.len() - 1)
        } else {
            paragraphs.len()
        };
        let middle = self.dice.below(paragraphs.len());
        for (i, paragraph) in paragraphs.iter().enumerate() {
            if i >= cut {
                rest.push(paragraph.clone());
                continue;
            }
            if i > 0 && i % 2 == 0 && habit(self, Habit::Subheads) {
                let subhead = self.subhead(paragraph);
                self.lines.push(subhead);
            }
            self.body(paragraph);
            if i == middle
                && i + 1 < cut
                && let Some(caption) = gold.captions.first()
            {
                self.lines.extend(wrap(caption, self.width, 0));
                let who = name(&mut self.dice);
                self.lines.push(format!("本报记者 {who} 摄"));
            } else if i == middle {
                gold.captions.clear();
            }
        }
        if jumps {
            self.lines.push("（下转2版）".to_owned());
        } else if tail && !inline {
            self.lines.push(format!("（本报记者 {names}）"));
        }
        if habit(self, Habit::SiteTail) {
            let editor = name(&mut self.dice);
            self.lines.push(format!(
                "（责任编辑：{editor}_NT0{}）",
                10 + self.dice.below(80)
            ));
            if self.dice.one_in(2) {
                self.lines.push(
                    self.dice
                        .of(&["返回首页>>", "点击查看更多精彩内容>>", "+1"])
                        .to_owned(),
                );
            }
        }
        (gold, rest)
    }
}

const PAPERS: [&str; 14] = [
    "云州日报",
    "新京报",
    "南方周末",
    "澎湃新闻",
    "财新网",
    "环球人物",
    "北陵晚报",
    "第一财经",
    "云州发布",
    "半月谈",
    "界面新闻",
    "三联生活周刊",
    "参考消息",
    "东屿观察",
];
const SUBHEADS: [&str; 12] = [
    "一盏灯背后的账本",
    "路通了，人回来了",
    "难在哪里",
    "补上短板",
    "从“要我干”到“我要干”",
    "算清三笔账",
    "数字里的变化",
    "下一步怎么走",
    "各方反应",
    "一、总体情况",
    "二、存在的问题",
    "（三）几点建议",
];
const WATERMARKS: [&str; 6] = [
    "云州日报数字报",
    "www.yunzhou-news.example",
    "版权所有 严禁转载",
    "内部资料 注意保存",
    "云报集团 数字媒体部制作",
    "YZRB20310403A02",
];

pub fn make(texts: &[Text], habits: &[Habit], seed: u64) -> Made {
    let mut dice = Dice(seed.wrapping_mul(7_919) + 17);
    for _ in 0..5 {
        dice.below(2);
    }
    let narrow = habits.contains(&Habit::Narrow);
    let width = if narrow {
        7 + dice.below(4)
    } else {
        11 + dice.below(12)
    };
    let gap = dice.of(&["\n", "\n", "\n\n"]);
    let indent = dice.of(&["", "　　"]);
    let paper = dice.of(&PAPERS);
    let watermark = dice.of(&WATERMARKS);
    let mut maker = Maker {
        dice,
        habits,
        width,
        paper,
        lines: Vec::new(),
        indent,
    };
    let count = 3 + maker.dice.below(2);
    let mut order: Vec<usize> = (0..texts.len()).collect();
    for i in 0..count {
        let j = i + maker.dice.below(order.len() - i);
        order.swap(i, j);
    }
    let mut gold = Vec::new();
    let mut rests: Vec<(usize, Vec<String>)> = Vec::new();
    for (k, i) in order[..count].iter().enumerate() {
        let jumps = habits.contains(&Habit::Jump) && k == 0 && texts[*i].paragraphs.len() > 1;
        let (article, rest) = maker.article(&texts[*i], jumps);
        gold.push(article);
        if !rest.is_empty() {
            rests.push((k, rest));
        }
    }
    for (k, rest) in rests {
        maker.lines.push("（上接1版）".to_owned());
        for paragraph in &rest {
            maker.body(paragraph);
        }
        if habits.contains(&Habit::TailBylines) {
            let names = gold[k].byline.join(" ");
            maker.lines.push(format!("（本报记者 {names}）"));
        }
    }
    let mut lines = vec![
        "云州日报".to_owned(),
        "2031年4月3日 星期四 第2版".to_owned(),
    ];
    let total = maker.lines.len();
    for (i, line) in maker.lines.iter().enumerate() {
        let nth = |n: usize| i > 0 && i % n == n - 1 && i + 4 < total;
        if maker.has(Habit::Watermark) && nth(40) {
            lines.push(watermark.to_owned());
        }
        if maker.has(Habit::RunningHead) && nth(36) {
            lines.push("云州日报 2031年4月3日 星期四".to_owned());
            lines.push(format!("— {} —", 2 + i / 36));
        }
        let feed = if maker.has(Habit::FormFeed) && nth(31) {
            "\u{c}"
        } else {
            ""
        };
        lines.push(format!("{feed}{line}"));
    }
    lines.push("责任编辑：方同  版式：沈一帆  电话：0999-8100000".to_owned());
    if maker.has(Habit::AsciiPunctuation) {
        for line in &mut lines {
            *line = ascii(line);
        }
        for article in &mut gold {
            article.headline = ascii(&article.headline);
            for text in article.paragraphs.iter_mut().chain(&mut article.captions) {
                *text = ascii(text);
            }
        }
    }
    if maker.has(Habit::LetterSpaced) {
        for line in &mut lines {
            let chars: Vec<String> = line.chars().map(String::from).collect();
            *line = chars.join(" ");
        }
    }
    Made {
        text: lines.join(gap),
        gold,
    }
}

/// Our own texts.
pub fn own_texts() -> Vec<Text> {
    ["articles", "more-articles"]
        .map(|name| format!("{}/tests/pages/{name}.json", env!("CARGO_MANIFEST_DIR")))
        .iter()
        .flat_map(|path| read_texts(path))
        .collect()
}

pub fn read_texts(path: &str) -> Vec<Text> {
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}
