//! Which unit stands behind a number, and whether it is one at all.

use super::super::line::Line;
use super::super::numeral::{self, Numeral, Style};
use crate::figures::units::{self, Class, Unit};
use crate::text::chars::is_han;

/// A unit behind a number.
pub(super) struct UnitFound {
    pub(super) unit: &'static Unit,
    pub(super) end: usize,
    /// 个半: half a unit more.
    pub(super) half: bool,
    /// 个多, 个来: somewhat more, or about.
    pub(super) more: bool,
}

/// The unit that begins at `at`, whatever follows it.
pub(super) fn at(line: &Line, at: usize) -> Option<UnitFound> {
    let unit = units::beginning_with(line.get(at))
        .iter()
        .find(|u| line.has(at, u.zh))?;
    let end = at + unit.zh.chars().count();
    // 5m, 3g: no letter may run on.
    let letters = line.get(end - 1).is_ascii_alphabetic() && line.get(end).is_ascii_alphanumeric();
    (!letters).then(|| UnitFound::whole(unit, end))
}

impl UnitFound {
    /// A unit that ends at `end`, with nothing more.
    pub(super) fn whole(unit: &'static Unit, end: usize) -> Self {
        Self {
            unit,
            end,
            half: false,
            more: false,
        }
    }
}

/// The unit of this name.
pub(super) fn named(zh: &str) -> Option<&'static Unit> {
    let first = zh.chars().next()?;
    units::beginning_with(first).iter().find(|u| u.zh == zh)
}

/// The unit 元.
pub(super) fn yuan() -> Option<&'static Unit> {
    named("元")
}

/// The unit of the number `n`, which ends at `end`.
pub(super) fn of(line: &Line, end: usize, n: &Numeral) -> Option<UnitFound> {
    let start = line.skip_blank(end);
    if let Some(u) = with_half(line, start) {
        return Some(u);
    }
    // 三大本, 两小袋
    let sized = n.style == Style::Written && n.low < 10.0 && matches!(line.get(start), '大' | '小');
    if sized
        && let Some(u) = at(line, start + 1)
        && matches!(u.unit.class, Class::Count("", ""))
        && u.unit.zh != "类"
        && !is_word_continued(line, &u)
    {
        return Some(u);
    }
    let u = at(line, start)?;
    // 2021大师论坛: a year, and a name
    let year = n.digits == 4 && n.decimals == 0 && (1990.0..2040.0).contains(&n.low);
    if year && matches!(u.unit.zh, "大" | "招" | "帕" | "银" | "国" | "冠" | "站") {
        return None;
    }
    let digit = n.style == Style::Written && !n.scaled;
    // 这两站比赛; 喀什、和田、阿克苏三地
    let counted =
        u.unit.zh == "站" && line.before(end) == '两' || u.unit.zh == "地" && is_listed(line, end);
    // 胖了一磅多
    let counted = counted || matches!(u.unit.zh, "磅" | "码") && line.get(u.end) == '多';
    let named =
        digit && DIGITS_MEAN_OTHERWISE.contains(&u.unit.zh) && !counted && !is_tally(line, end, &u);
    (!named && !is_word_continued(line, &u)).then_some(u)
}

/// The unit of a range, whose number is not one digit that a word may begin with.
pub(super) fn behind_a_range(line: &Line, end: usize) -> Option<UnitFound> {
    at(line, line.skip_blank(end)).filter(|u| !is_word_continued(line, u))
}

/// 个半小时, 个多月, 个来小时, 分多钟, 分半钟.
fn with_half(line: &Line, start: usize) -> Option<UnitFound> {
    if let Some(end) = line.take(start, &["分多钟", "分半钟"]) {
        return Some(UnitFound {
            more: line.get(start + 1) == '多',
            half: line.get(start + 1) == '半',
            ..UnitFound::whole(named("分钟")?, end)
        });
    }
    if line.get(start) != '个' {
        return None;
    }
    let more = line.get(start + 1);
    if !matches!(more, '半' | '多' | '来') {
        return None;
    }
    let (unit, end) = if line.get(start + 2) == '月' {
        (named("个月")?, start + 3)
    } else {
        let u = at(line, start + 2).filter(|u| matches!(u.unit.class, Class::Span(..)))?;
        (u.unit, u.end)
    };
    Some(UnitFound {
        unit,
        end,
        half: more == '半',
        more: more != '半',
    })
}

pub(super) fn is_medal(zh: &str) -> bool {
    matches!(zh, "金" | "银" | "铜")
}

/// 两金一银, 三金两银一铜: beside another count of medals.
fn is_tally(line: &Line, end: usize, u: &UnitFound) -> bool {
    let medal = |at: usize| is_medal(line.get(at).encode_utf8(&mut [0; 4]));
    let digit = |at: usize| numeral::digit(line.get(at)).is_some();
    let before = end >= 2 && medal(end - 2);
    is_medal(u.unit.zh) && (before || digit(u.end) && medal(u.end + 1))
}

/// Whether what is counted by the digit before `end` is listed in front of it: A、B、C三地.
fn is_listed(line: &Line, end: usize) -> bool {
    const REACH: usize = 8;
    let from = end.saturating_sub(REACH);
    let listed = (from..end - 1).rev();
    let mut listed = listed.take_while(|k| is_han(line.get(*k)) || line.get(*k) == '、');
    listed.any(|k| line.get(k) == '、')
}

/// Measure words that a single written digit makes a name or a phrase of: 三方, 两手, 四维.
const DIGITS_MEAN_OTHERWISE: &[&str] = &[
    "方", "子", "手", "重", "市", "州", "区", "室", "死", "伤", "平", "负", "胜", "金", "银", "铜",
    "单", "核", "维", "强", "坪", "兆", "行", "环", "把", "路", "站", "伏", "帕", "度", "节", "磅",
    "码", "出", "味", "地",
];

/// What must not follow a unit: it is the beginning of another word then.
const CONTINUED: &[(&str, &str)] = &[
    ("元", "素首宵旦老朝气件宇化月凶勋谋帅"),
    ("天", "津然空山文猫使鹅河安府气地"),
    ("人", "制民工均才类大格形行物体间道权"),
    ("家", "长具电乡门园族"),
    ("国", "人家务资企内际产道有债庆旗防土籍"),
    ("地", "区方点址铁震带面下上级产块势形"),
    ("点", "评赞燃击名火"),
    ("分", "之别析布成为公局厅支类工配享期红子区"),
    ("码", "位头"),
    ("洞", "庭口穴察见"),
    ("命", "令中名运案题"),
    ("投", "资产"),
    ("人组", "成织建"),
    ("群", "众"),
    ("出", "头"),
    ("年", "级轻龄代货味"),
    ("级", "别"),
    ("号", "称召"),
    ("部", "门长委队署分级落"),
    ("处", "于理长罚分置"),
    ("台", "湾州风胞商北海阶"),
    ("成", "为立功员长果都本绩交千熟效年人就因品套份分"),
    ("位", "于列居置数次"),
    ("名", "称额单义校城列"),
    ("场", "馆所地景均"),
    ("组", "织成团建长合"),
    ("项", "目"),
    ("对", "于外口接话比策象手阵我你他她它此这"),
    ("面", "对向临积貌试包条粉食"),
    ("道", "路德理歉教"),
    ("口", "岸号碑味罩粮"),
    ("代", "表理价码办"),
    ("市", "场长民委政值"),
    ("起", "来步草到义飞源诉跑"),
    ("所", "有以谓长在需得收属述含"),
    ("本", "报市省地届次人国科赛"),
    ("只", "有是要能会好占比"),
    ("条", "件例约"),
    ("大", "发学会家量部多小幅力型约概厦桥街道关"),
    ("强", "调化度降烈劲国制省县市"),
    ("周", "边围期口刊末恩"),
    ("克", "服拉里"),
    ("米", "饭粉兰勒尔"),
    ("度", "假过"),
    ("升", "级至到值温"),
    ("节", "日目能约气点假"),
    ("村", "民委长域庄"),
    ("县", "民委长域"),
    ("区", "民委长域间块"),
    ("镇", "民委长域"),
    ("乡", "民委长域村"),
    ("平", "均台方米衡"),
    ("胜", "利地于者节"),
    ("银", "行河幕色联"),
    ("冠", "军名心状词"),
    ("环", "绕境保节球"),
    ("负", "责任担债于"),
    ("股", "份票东权市民指"),
    ("手", "机术段工续车房资交"),
    ("行", "业动为程政李人长"),
    ("门", "户口店票诊槛"),
    ("户", "籍外口"),
    ("把", "握关"),
    ("单", "元位独一价身日打"),
    ("发", "射展生现布动明电送行放表出改"),
    ("票", "房价据"),
    ("班", "子级"),
    ("间", "接隔谍"),
    ("包", "括含围"),
    ("片", "区面"),
    ("支", "持付出援部撑柱"),
    ("批", "准评发复"),
    ("例", "如行外"),
    ("件", "额"),
    ("份", "额"),
    ("期", "间货待望权限"),
    ("款", "项待"),
    ("列", "为入席出"),
    ("集", "团中体合聚群成"),
    ("声", "明称音"),
    ("首", "次先批个席都相发届"),
    ("层", "面次级"),
    ("字", "节体汇典幕"),
    ("步", "行骤伐入"),
    ("轮", "胎船换番椅"),
    ("队", "伍员长"),
    ("类", "似别型"),
    ("头", "部条版号"),
    ("招", "生聘商募标"),
    ("宗", "教旨族师"),
    ("省", "委长会略钱去心"),
    ("州", "长市"),
    ("校", "长园友准"),
    ("张", "家江口某"),
    ("块", "链"),
    ("回", "应到家归收报顾"),
    ("届", "时"),
    ("楼", "盘市"),
    ("尾", "气"),
    ("堂", "会"),
    ("封", "面闭城"),
    ("双", "方向边"),
    ("盘", "活中"),
    ("套", "餐"),
    ("排", "放名行"),
    ("具", "有体备"),
    ("员", "工"),
    ("斤", "两"),
    ("任", "务职何由性命期教"),
    ("案", "例件情发"),
    ("锅", "炉"),
    ("世", "界纪家子"),
    ("大宗", "教"),
    ("个月", "球"),
    ("记", "者录忆得载住在号过下了"),
    ("圈", "子层粉内外"),
    ("盆", "地景栽腔"),
    ("幕", "后墙布"),
    ("稿", "件费"),
];

fn is_word_continued(line: &Line, u: &UnitFound) -> bool {
    // 路 numbers bus lines, 月 and 日 without a count are dates
    if u.unit.zh == "月" && matches!(line.before(u.end - 1), '俩' | '两') {
        return false;
    }
    // 一个|星期五; not 一个星期五天
    if u.unit.zh.ends_with("星期") && "二三四五六日".contains(line.get(u.end)) {
        return !"天次个小日".contains(line.get(u.end + 1));
    }
    if matches!(u.unit.zh, "路" | "月") {
        return true;
    }
    let next = line.get(u.end);
    // 2000间隔离房, 15支部队, 600名义大利囚犯
    let mouths = u.unit.zh == "张" && next == '口' && !is_han(line.get(u.end + 1));
    let whole = [
        ("间", "隔离"),
        ("支", "部队"),
        ("家", "门店"),
        ("家", "电商"),
        ("名", "义大利"),
    ];
    if mouths
        || whole
            .iter()
            .any(|(unit, word)| u.unit.zh == *unit && line.has(u.end, word))
    {
        return false;
    }
    // 1.5升至2升
    if u.unit.zh == "升" && matches!(next, '至' | '到') {
        let other = numeral::read(line, u.end + 1);
        return other.is_none_or(|m| line.take(m.end, &["升", "毫升"]).is_none());
    }
    CONTINUED
        .iter()
        .any(|(unit, nexts)| *unit == u.unit.zh && nexts.contains(next))
}
