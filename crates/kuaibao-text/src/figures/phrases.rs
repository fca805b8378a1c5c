//! Numerals that are not figures: names, idioms, official formulas.
//!
//! A table, read by longest match. It holds what the grammar would otherwise read as a number with
//! a unit (三门峡 is not three doors); words whose numeral no unit follows need no entry. An entry
//! that begins with a numeral does not match behind another one: 二十三门 is 23 of something.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::line::Line;
use super::numeral::is_numeral;

/// Places, bodies, brands, works, days.
const NAMES: &str = "
三门峡 三门县 三门湾 三门核电 三台县 三台子 三元桥 三元里 三元区 三元食品 三元材料 三元锂 三元电池 三间房 三家店 三家子
三国演义 三国志 三国时期 三国杀 三只松鼠 三只羊 三棵树 三道堰 三道湾 三里河 三条石 三字经 三毛 三生三世 三名工程 三月街
二道区 二道河 二道白河 二道江 二月河 二人转 二次元 二龙山 四方台 四间房 四人帮 四会市 四季青
五台山 五台县 五道口 五道营 五家渠 五棵松 五代十国 五月天 五月花 五胡十六国 五个一工程
六枝特区 六盘山 六盘水 六间房 六个核桃 六道轮回 六家桥 六小龙 七台河 七匹狼 七度空间 七天酒店 七里河 七种武器 七国集团 八国集团
八国联军 八步沙 八道湾 八家子 八里桥 八达岭 九台区 九台市 九间棚 九门口 九段线 九年一贯制 九尾狐
十国集团 二十国集团 七十七国集团 十六国 十三行 十月稻田 十月革命 十月怀胎 十里河 十里洋场 百万庄 百千万工程 千万工程
万亿之城 万亿市 万亿俱乐部 二万五千里长征 一千零一夜 八十天环游 二十四桥 二十四史 二十四节气
零一万物 一点点 一级市场 二级市场 二线城市 一手房 二手房 二手车 廿八都
三八节 三月三 二月二 六月六 九月九 七月半 三伏 三伏天 三九天 数九天 双11 双12 十一国庆 九一八事变 七七事变
618大促 618购物节 618年中 618期间 315晚会 12345热线 12345政务 12345平台 12306 12315 110报警 119指挥 120急救 12123 96110
";

/// Idioms and fixed expressions.
const IDIOMS: &str = "
一家三口 一家两口 一家四口 一家五口 三口之家 四口之家 小两口 老两口 两口子 三人行 一年一度 一年之计 一年到头 一年四季 一年又一年
一日三餐 一期一会 一点一滴 一目十行 一元化 一元论 一元复始 一元二次 一分为二 一分耕耘 一分部署 九分落实 一分一秒 一成不变
二次创业 二次开发 二次污染 二元 二胎 三胎 两回事 两码事 两国 两国论 两头 两面三刀 两面人 两面性 两天打鱼 三天打鱼 三天两头
三五成群 三番五次 三番两次 三头六臂 三头对案 三步走 两步走 三步并作两步 三级跳 三轮车 三段论 三支一扶 三位一体 五位一体
三包政策 三包服务 三包期 三分球 三分线 两分球 七分裤 九分裤 八分饱 三寸不烂 三寸金莲 三尺讲台 三尺之冰 冰冻三尺 三千尺 垂涎三尺 入木三分
三年五载 三座大山 三条腿 两条腿 两条心 三个臭皮匠 三字 四字 两字 八字 两个字 三个字 四个字 五个字 六个字 八个字 三篇文章 两篇文章 四篇文章
四面八方 四面楚歌 四分五裂 四周 四处 四起 四伏 四轮驱动 四六级 英语四级 英语六级 五花八门 五子登科 五朵金花 五十步笑百步 六月飞雪
七步成诗 七月流火 八面玲珑 八股文 八面来风 威风八面 八千里路 三千里路 十里长街 十里八乡 学富五车 火冒三丈 百步穿杨 货比三家 胡说八道
九牛二虎 十分 百分 万分 十万火急 十万个为什么 十年寒窗 十年如一日 十年树木 十年磨一剑 十年一剑 十面埋伏 十项全能 十字 十步之内
三百六十行 三十六计 七十二变 一百八十度转弯 一百八十度大转弯 二百五 亿万 亿万富翁 亿万富豪 亿万人民 百万富翁 千万富翁 百万雄师 千儿八百
千万不 千万别 千万要 千万记 千万小心 千万注意 千千万万 千百万 百千万 成千成万 成千上万 成百上千 上百上千 数以百计 数以千计 数以万计 数以亿计
数以十万计 数以百万计 数以千万计 四两拨千斤 一寸光阴 两张皮 两本账 三本账 两手抓 一碗水端平 五讲四美 零组件 零部件 五斗米
一代又一代 一批又一批 一次又一次 上半场 下半场 两地分居
第一时间 第一线 第一书记 第一夫人 第一责任人 第一动力 第一资源 第一要务 第一生产力 第一议题 第一桶金 第一把手 第一手 第一手资料
第一产业 第二产业 第三产业 第三方 第三者 第三世界 第三国 第一财经 第一现场 第一印象 第一反应 第一眼 第一步 第二故乡 第二课堂 第二曲线
第六感 第四范式 第一关 第一梯队 第二梯队
";

/// Political formulas that count in their name.
const FORMULAS: &str = "
三个代表 三个务必 三个面向 三个有利于 三个离不开 三个转变 三个倡导 三个一 三期叠加 三步走 两个务必 两个一百年 两个大局 两个文明 两个毫不动摇
两个确立 两个结合 两个维护 两个先行 两个健康 两个循环 两个同步 四个全面 四个意识 四个自信 四个服务 四个伟大 四个最严 四个坚持 四个革命
四项基本原则 五个一 五个一批 五个必由之路 五年规划 五年计划 六个一 六个一批 六个必须坚持 七个一批 七个有之 八项规定 八个明确 八个首先
十个一 十个明确 十个坚持 十四个坚持 十三个方面成就 百县千镇万村 万企兴万村 一县一业 一村一品 一镇一业 一国两制 一带一路
";

/// Figures although a shorter entry above says otherwise.
const FIGURES_AFTER_ALL: &str = "
十分钟 万亿市值 万亿市场 十分之 百分之 百分百 百分一百 百分二百 百分两百 百分点 四周内 四周后 四周前 四周时间 四周以 四周年 四处房产 四处古迹 四处遗址 四处景点 四起事 四起案 四起交
两头牛 两头猪 两头羊 两头熊 两头大 两头鲸 两头狮 三百六十行政 二元钱 二百五十 八字节 四字节 两字节 三字节 第一步兵 千万不到 千万不足
";

struct Entry {
    glyphs: Vec<char>,
    figure: bool,
}

static BY_FIRST: LazyLock<HashMap<char, Vec<Entry>>> = LazyLock::new(|| {
    let mut map: HashMap<char, Vec<Entry>> = HashMap::new();
    for (list, figure) in [
        (NAMES, false),
        (IDIOMS, false),
        (FORMULAS, false),
        (FIGURES_AFTER_ALL, true),
    ] {
        for word in list.split_whitespace() {
            let glyphs: Vec<char> = word.chars().collect();
            map.entry(glyphs[0])
                .or_default()
                .push(Entry { glyphs, figure });
        }
    }
    for entries in map.values_mut() {
        entries.sort_by_key(|e| (std::cmp::Reverse(e.glyphs.len()), !e.figure));
    }
    map
});

/// Index behind the set phrase that begins at `i`.
pub(super) fn at(line: &Line, i: usize) -> Option<usize> {
    let entries = BY_FIRST.get(&line.get(i))?;
    let longest = entries
        .iter()
        .find(|e| line.glyphs()[i..].starts_with(&e.glyphs))?;
    let inside = is_numeral(line.get(i)) && is_numeral(line.before(i));
    (!longest.figure && !inside).then_some(i + longest.glyphs.len())
}

/// The first characters of all phrases.
pub(super) fn firsts() -> impl Iterator<Item = char> {
    BY_FIRST.keys().copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figures::{Clock, extract};

    #[test]
    fn no_phrase_is_a_figure() {
        let clock = Clock::parse("2025-07-26").unwrap();
        for phrase in [NAMES, IDIOMS, FORMULAS]
            .iter()
            .flat_map(|l| l.split_whitespace())
        {
            for text in [format!("{phrase}，"), format!("是{phrase}的")] {
                assert_eq!(extract(&text, &clock), [], "{text}");
            }
        }
    }
}
