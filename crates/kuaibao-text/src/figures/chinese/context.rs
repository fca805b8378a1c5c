//! Which way a Chinese figure moved, against what, and what it measures.
//!
//! Comes in: the line and its figures in order. Looks back from each figure as far as the figure before
//! it or the clause goes, some two dozen glyphs at most; says nothing where the Chinese does not.

use std::sync::LazyLock;

use super::line::{Line, is_blank};
use crate::figures::by_char::ByChar;
use crate::figures::context::{Base, Compared, Direction, Measured, measured_at_end};
use crate::figures::{Figure, FigureKind};
use crate::text::chars::{is_clause_end, is_han, is_stop};

/// How far back a figure's clause is read.
const REACH: usize = 24;

/// Words that say which way, longest first where one holds another.
const DIRECTIONS: &[(&str, Direction)] = &[
    ("收窄", Direction::Narrowing),
    ("缩小", Direction::Narrowing),
    ("扩大", Direction::Up),
    ("延长", Direction::Up),
    ("缩短", Direction::Down),
    ("缩至", Direction::Down),
    ("贬值", Direction::Down),
    ("升值", Direction::Up),
    ("增长", Direction::Up),
    ("增加", Direction::Up),
    ("增多", Direction::Up),
    ("新增", Direction::Up),
    ("净增", Direction::Up),
    ("激增", Direction::Up),
    ("猛增", Direction::Up),
    ("大增", Direction::Up),
    ("剧增", Direction::Up),
    ("上升", Direction::Up),
    ("攀升", Direction::Up),
    ("回升", Direction::Up),
    ("飙升", Direction::Up),
    ("跃升", Direction::Up),
    ("提升", Direction::Up),
    ("提高", Direction::Up),
    ("上涨", Direction::Up),
    ("大涨", Direction::Up),
    ("收涨", Direction::Up),
    ("上调", Direction::Up),
    ("上浮", Direction::Up),
    ("走高", Direction::Up),
    ("高出", Direction::Up),
    ("多出", Direction::Up),
    ("增幅", Direction::Up),
    ("涨幅", Direction::Up),
    ("升幅", Direction::Up),
    ("增速", Direction::Up),
    ("增", Direction::Up),
    ("涨", Direction::Up),
    ("升", Direction::Up),
    ("下降", Direction::Down),
    ("下跌", Direction::Down),
    ("下滑", Direction::Down),
    ("下调", Direction::Down),
    ("下浮", Direction::Down),
    ("减少", Direction::Down),
    ("锐减", Direction::Down),
    ("缩减", Direction::Down),
    ("降低", Direction::Down),
    ("骤降", Direction::Down),
    ("大跌", Direction::Down),
    ("暴跌", Direction::Down),
    ("收跌", Direction::Down),
    ("回落", Direction::Down),
    ("走低", Direction::Down),
    ("萎缩", Direction::Down),
    ("缩水", Direction::Down),
    ("降幅", Direction::Down),
    ("跌幅", Direction::Down),
    ("减幅", Direction::Down),
    ("降", Direction::Down),
    ("跌", Direction::Down),
    ("减", Direction::Down),
];

/// The same by their last character.
static BY_LAST: LazyLock<ByChar<(&str, Direction)>> = LazyLock::new(|| {
    let last = |word: &str| word.chars().next_back().expect("words are not empty");
    ByChar::new(DIRECTIONS.iter().map(|row| (last(row.0), *row)))
});

/// What may stand between such a word and its figure.
const FILLERS: &str = "了约近超过逾达到至为的又再将已仅只可高最多少同环比分别大幅度率整是在";

const YEAR_ON_YEAR: &[&str] = &["同比", "去年同期", "上年同期", "上年", "去年"];
const PREVIOUS: &[&str] = &[
    "环比",
    "上月",
    "上个月",
    "上季度",
    "上季",
    "上周",
    "前一日",
    "前一天",
    "前日",
    "昨日",
    "前一年",
    "上一年度",
];

/// Fills in direction, base, comparison and measure of the figures of `line`; `spans` are their glyphs.
pub(super) fn describe(line: &Line, spans: &[(usize, usize)], figures: &mut [Figure]) {
    for i in 0..figures.len() {
        if matches!(figures[i].kind, FigureKind::Date | FigureKind::Ordinal) {
            continue;
        }
        let (start, end) = spans[i];
        let before = i.checked_sub(1).map_or(0, |i| spans[i].1);
        let from = clause_start(line, start).max(before);
        let joined =
            (from..start).all(|k| matches!(line.get(k), '、' | '和' | '与' | '及' | '以' | ' '));
        let (head, tail) = figures.split_at_mut(i);
        let figure = &mut tail[0];
        figure.what = measured(line, from, start, end);
        if let Some(last) = head.last().filter(|_| joined && from == before && i > 0) {
            // 分别增长5%和6%
            if last.kind == figure.kind {
                figure.direction = last.direction;
                figure.compared = last.compared.clone();
                figure.base = last.base;
            }
            continue;
        }
        if let Some((direction, base)) = direction(line, from, start, end) {
            figure.direction = Some(direction);
            figure.base = base;
        }
        figure.compared = compared(
            line,
            "比较",
            from,
            start,
            head.last().zip(i.checked_sub(1).map(|i| spans[i])),
        );
        let next = tail.get(1).zip(spans.get(i + 1).copied());
        if tail[0].direction.is_none()
            && let Some(compared) = level(line, (from, start), end, next)
        {
            let figure = &mut tail[0];
            figure.direction = Some(Direction::Flat);
            figure.compared = figure.compared.take().or(compared);
        }
    }
}

/// Whether the Chinese says that a value did not move, and against what: 与上月持平 in front of the figure,
/// behind it or in a clause of its own behind it; 维持在3%不变.
fn level(
    line: &Line,
    before: (usize, usize),
    end: usize,
    next: Option<(&Figure, (usize, usize))>,
) -> Option<Option<Compared>> {
    let (from, start) = before;
    let stays = (end..end + 3).any(|k| line.has(k, "不变"));
    let held = (from..start).any(|k| line.take(k, &["维持", "保持", "稳定"]).is_some());
    if stays && (held || line.take(end, &["保持不变", "不变"]).is_some()) {
        return Some(None);
    }
    // 持平于5.3%, 与上月持平，为5.3%
    let lead = (start.saturating_sub(REACH)..start)
        .rev()
        .take_while(|k| !is_stop(line.get(*k)))
        .find(|k| line.has(*k, LEVEL))
        .filter(|k| {
            let between = k + LEVEL.chars().count()..start;
            between
                .clone()
                .all(|k| "，,为报达于在仍至".contains(line.get(k)))
        });
    if let Some(at) = lead {
        let clause = clause_start(line, at);
        return Some(compared(line, EQUALS, clause, at, None));
    }
    let clause = line.take(end, &["，", ","]).unwrap_or(end);
    let level = (clause..clause + REACH).find(|k| line.has(*k, LEVEL))?;
    let own = line.take(clause, &LEVEL_BEGINS).is_some() || level == clause;
    if !own || (clause..level).any(|k| is_clause_end(line.get(k))) {
        return None;
    }
    // 与2019年持平, 与去年持平: the date is the next figure
    let date = next.filter(|(figure, (first, last))| {
        figure.kind == FigureKind::Date && clause <= *first && *last <= level
    });
    if next.is_some_and(|(_, (first, _))| first < level) && date.is_none() {
        return None;
    }
    let against = compared(line, EQUALS, clause, level, None);
    Some(against.or_else(|| match &date?.0.value {
        crate::figures::Value::Date(date) => Some(Compared::Date(date.clone())),
        _ => None,
    }))
}

/// What says that a value did not move.
const LEVEL: &str = "持平";

/// What stands before that to which something is equal.
const EQUALS: &str = "与和同跟较比";

/// What a clause begins with that says so of the figure before it, and of nothing else.
const LEVEL_BEGINS: [&str; 13] = [
    "与", "和", "跟", "同", "较", "比", "环比", "基本", "大体", "大致", "总体", "继续", "保持",
];

/// Where the clause before `at` begins, at most [`REACH`] glyphs back.
fn clause_start(line: &Line, at: usize) -> usize {
    let first = at.saturating_sub(REACH);
    (first..at)
        .rev()
        .find(|i| is_clause_end(line.get(*i)))
        .map_or(first, |i| i + 1)
}

fn direction(
    line: &Line,
    from: usize,
    start: usize,
    end: usize,
) -> Option<(Direction, Option<Base>)> {
    // 上涨到每公斤32元
    let per = (start.saturating_sub(6)..start)
        .rev()
        .find(|i| *i > from && line.get(*i) == '每');
    let start = per.unwrap_or(start);
    for at in (from..=start).rev() {
        let word = BY_LAST.at(line.before(at)).iter().find(|(word, _)| {
            line.take_back(at, &[word])
                .is_some_and(|first| first >= from)
        });
        if let Some((word, direction)) = word {
            let length = word.chars().count();
            // 5升 is litres, 减 of 加减
            let alone = length > 1 || !line.before(at - 1).is_ascii_digit() && start - at <= 2;
            if !alone {
                return None;
            }
            let amount = matches!(line.before(at), '幅' | '速');
            let arrived = (at..start).any(|k| matches!(line.get(k), '至' | '到' | '为' | '达'));
            let base = match (amount, arrived) {
                (true, _) => None,
                (false, true) => Some(Base::To),
                (false, false) => Some(Base::By),
            };
            let of_loss = |word: &&str| (from..at).any(|k| line.has(k, word));
            let loss = ["降幅", "跌幅", "亏损", "差距", "逆差"].iter().any(of_loss);
            let direction = match direction {
                Direction::Up if *word == "扩大" && loss => Direction::Widening,
                other => *other,
            };
            return Some((direction, base));
        }
        if at == from
            || !FILLERS.contains(line.before(at))
                && !is_blank(line.before(at))
                && !line.before(at).is_ascii_punctuation()
        {
            break;
        }
    }
    // 5%的增幅
    let at = line.take(end, &["的"])?;
    let (_, direction) = DIRECTIONS
        .iter()
        .find(|(word, _)| word.chars().count() > 1 && line.has(at, word))?;
    Some((*direction, None))
}

/// What the Chinese between `from` and `start` compares with, behind one of the characters `by`.
fn compared(
    line: &Line,
    by: &str,
    from: usize,
    start: usize,
    last: Option<(&Figure, (usize, usize))>,
) -> Option<Compared> {
    let (year, previous) = (from..start).fold((false, false), |(year, previous), k| {
        let compared = |words| line.take(k, words).is_some_and(|end| end <= start);
        let against = |words| by.contains(line.before(k)) && compared(words);
        (
            year || compared(&["同比"]) || against(YEAR_ON_YEAR),
            previous || compared(&["环比"]) || against(PREVIOUS),
        )
    });
    match (year, previous) {
        (true, _) => return Some(Compared::YearOnYear),
        (_, true) => return Some(Compared::PreviousPeriod),
        _ => {}
    }
    // 比2019年增长5%, 较上年同期下降3%
    let (figure, (first, end)) = last.filter(|(f, _)| f.kind == FigureKind::Date)?;
    if end != from || !matches!(line.before(first), '比' | '较') {
        return None;
    }
    let crate::figures::Value::Date(date) = &figure.value else {
        return None;
    };
    Some(match line.take(first, &["去年", "上年"]) {
        Some(_) => Compared::YearOnYear,
        None if line.take(first, PREVIOUS).is_some() => Compared::PreviousPeriod,
        None => Compared::Date(date.clone()),
    })
}

/// What 名 and 位 count, at the end of its phrase: 48名优秀党务工作者, 3名企业负责人.
fn people_counted(line: &Line, end: usize) -> Option<(String, Measured)> {
    const REACH: usize = 10;
    /// What no longer belongs to the phrase.
    const BEHIND: &str =
        "的在被把将因是有对从向于和与及了已获参受遭来到就也都均不进出组为由给以应要会上下通";
    let phrase = line.glyphs()[end..].iter().take(REACH);
    let phrase: Vec<char> = phrase
        .copied()
        .take_while(|&c| is_han(c) && !BEHIND.contains(c))
        .collect();
    (2..=phrase.len()).rev().find_map(|at| {
        let (length, measured) =
            measured_at_end(&phrase[..at]).filter(|(length, _)| *length > 1)?;
        Some((phrase[at - length..at].iter().collect(), measured))
    })
}

/// What is named right behind the figure (3人死亡), else last before it in its clause.
fn measured(line: &Line, from: usize, start: usize, end: usize) -> Option<(String, Measured)> {
    // They count people: nothing before them is counted.
    if matches!(line.before(end), '名' | '位') {
        return people_counted(line, end);
    }
    let glyphs = line.glyphs();
    let behind = (end + 1..=(end + 4).min(glyphs.len()))
        .rev()
        .find_map(|at| {
            // 1.2万亩高山茶园 is no height: a single character is a word before 的 and where no other follows.
            let ends = glyphs.get(at).is_none_or(|&c| c == '的' || !is_han(c));
            measured_at_end(&glyphs[end..at])
                .filter(|(length, _)| *length == at - end && (*length > 1 || ends))
                .map(|found| (at, found))
        });
    let before = || {
        (from + 1..=start).rev().find_map(|at| {
            let found = measured_at_end(&glyphs[from..at])?;
            // 水平 draws nothing: a single character counts only beside its figure
            // and 增长, 提高 measure nothing
            let mut moves = BY_LAST.at(line.before(at)).iter();
            let word = moves.any(|(word, _)| line.take_back(at, &[word]).is_some());
            let alone = at == start && !word && line.before(at - 1) != '最';
            (found.0 > 1 || alone).then_some((at, found))
        })
    };
    let (at, (length, measured)) = behind.or_else(before)?;
    Some((glyphs[at - length..at].iter().collect(), measured))
}
