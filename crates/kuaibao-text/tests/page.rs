//! Pages of our own making, split; and what must hold for any text at all.
//!
//! The fixtures in `tests/pages` are made by `tests/pages/make.py`. Snapshots are what a person
//! read and found right.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use kuaibao_text::page::record::{self, PageRecord};
use kuaibao_text::page::{Options, Page, Reason, decode, read, read_with, split};
use kuaibao_text::text::Traced;
use proptest::prelude::*;

/// A page as its readable view would have it.
fn view(page: &Page) -> String {
    let mut out = String::new();
    let mut line = |label: &str, text: &str| {
        writeln!(out, "{}", format!("{label:<9} {text}").trim_end()).unwrap();
    };
    line("paper", page.paper.as_deref().unwrap_or("-"));
    line("date", page.date.as_deref().unwrap_or("-"));
    for article in &page.articles {
        line("", "");
        line("article", &article.id);
        for kicker in &article.kicker {
            line("kicker", kicker.as_str());
        }
        for (label, text) in [
            ("headline", &article.headline),
            ("sub", &article.subheadline),
            ("dateline", &article.dateline),
        ] {
            if let Some(text) = text {
                line(label, text.as_str());
            }
        }
        let names: Vec<&str> = article.byline.iter().map(Traced::as_str).collect();
        line("byline", &names.join(", "));
        for (i, paragraph) in article.paragraphs.iter().enumerate() {
            for subhead in article.subheads.iter().filter(|s| s.before == i) {
                line("subhead", subhead.text.as_str());
            }
            line("p", paragraph.as_str());
        }
        for caption in &article.captions {
            line("caption", caption.as_str());
        }
        if article.follow_up {
            line("has", "follow-up");
        }
    }
    line("", "");
    for dropped in &page.dropped {
        let reason = serde_json::to_value(dropped.reason).unwrap();
        line(reason.as_str().unwrap(), dropped.text.as_str());
    }
    out
}

#[test]
fn fixtures() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages");
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "txt"))
        .collect();
    names.sort();
    assert!(names.len() >= 6);
    for path in names {
        let text = decode(&std::fs::read(&path).unwrap(), None).unwrap().text;
        let page = split(&text, None);
        assert_nothing_lost(&text, &page);
        assert_traced(&text, &page);
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        insta::with_settings!({snapshot_path => "pages/snapshots", prepend_module_to_snapshot => false, omit_expression => true}, {
            insta::assert_snapshot!(name, view(&page));
        });
    }
}

/// Every text of a page.
fn texts(page: &Page) -> Vec<&Traced> {
    let mut texts = Vec::new();
    for article in &page.articles {
        texts.extend(&article.kicker);
        texts.extend(&article.headline);
        texts.extend(&article.subheadline);
        texts.extend(&article.byline);
        texts.extend(&article.dateline);
        texts.extend(&article.paragraphs);
        texts.extend(article.subheads.iter().map(|s| &s.text));
        texts.extend(&article.captions);
    }
    texts.extend(page.dropped.iter().map(|d| &d.text));
    texts
}

fn count(chars: impl Iterator<Item = char>) -> BTreeMap<char, usize> {
    let mut counts = BTreeMap::new();
    for c in chars.filter(|c| !c.is_whitespace()) {
        *counts.entry(c).or_default() += 1;
    }
    counts
}

fn squashed(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// Every character that is not white space is in exactly one text.
#[track_caller]
fn assert_nothing_lost(source: &str, page: &Page) {
    let found = texts(page);
    assert_eq!(
        count(source.chars()),
        count(found.iter().flat_map(|t| t.as_str().chars()))
    );
    let mut ranges: Vec<_> = found.iter().flat_map(|t| t.pieces()).collect();
    ranges.sort_by_key(|r| (r.start, r.end));
    for pair in ranges.windows(2) {
        assert!(pair[0].end <= pair[1].start, "{pair:?} overlap");
    }
}

/// A text equals its slice of the source, white space aside; so does any part of it.
#[track_caller]
fn assert_traced(source: &str, page: &Page) {
    for text in texts(page) {
        let sliced = |range: std::ops::Range<usize>| -> String {
            let parts = text.parts(source, range);
            // The hyphen of a word that a line end cut is within its part, not in the text.
            parts
                .into_iter()
                .map(|r| squashed(&source[r].replace("-\n", "")))
                .collect()
        };
        assert_eq!(
            squashed(text.as_str()).replace('-', ""),
            sliced(0..text.len()).replace('-', "")
        );
        let cuts: Vec<usize> = text.as_str().char_indices().map(|(at, _)| at).collect();
        for part in cuts.windows(8).step_by(5) {
            let range = part[0]..part[7];
            assert_eq!(
                squashed(&text.as_str()[range.clone()]).replace('-', ""),
                sliced(range).replace('-', "")
            );
        }
    }
}

#[test]
fn an_edited_record_reads_back_as_it_was() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/pages/narrow-double.txt");
    let text = std::fs::read_to_string(path).unwrap();
    let record = PageRecord::new(&split(&text, None), "a/narrow-double.txt", "UTF-8");
    let (source, page) = record.to_page();
    assert_nothing_lost(&source, &page);
    assert_traced(&source, &page);
    assert_eq!(
        PageRecord::new(&page, "a/narrow-double.txt", "UTF-8"),
        record
    );
    let json = serde_json::to_string(&record).unwrap();
    assert_eq!(serde_json::from_str::<PageRecord>(&json).unwrap(), record);
}

/// What stands between the pieces that random pages are made of.
const PIECES: [&str; 40] = [
    "□",
    "本报记者 ",
    "浙江",
    "日报",
    "陈舟",
    " 林晓 ",
    "本报讯 ",
    "又讯 ",
    "新华社北京7月24日电",
    "（记者 王宁）",
    "摄",
    "本报记者 叶岚 摄",
    "（下转第三版）",
    "责任编辑：",
    "2031年4月3日 星期四",
    "3版",
    "。",
    "，",
    "、",
    "”",
    "“",
    "《",
    "》",
    "（",
    "）",
    "——",
    "……",
    "：",
    "\n",
    "\n\n",
    "\r\n",
    " ",
    "　　",
    "\t",
    "40",
    "GDP",
    ".",
    "全村茶叶年产值增加",
    "水泥路通到了茶园",
    "的",
];

fn page_text() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop_oneof![
            8 => prop::sample::select(PIECES.to_vec()).prop_map(str::to_owned),
            2 => "[\u{4e00}-\u{4e40}]{1,30}",
            1 => any::<char>().prop_map(String::from),
        ],
        0..120,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_is_lost_of_page_like_text(text in page_text()) {
        let page = split(&text, None);
        assert_nothing_lost(&text, &page);
        assert_traced(&text, &page);
    }

    #[test]
    fn nothing_is_lost_of_any_text(text in "\\PC{0,200}(\n\\PC{0,80}){0,12}") {
        let page = split(&text, None);
        assert_nothing_lost(&text, &page);
        assert_traced(&text, &page);
    }

    #[test]
    fn decoding_never_panics(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        if let Ok(decoded) = decode(&bytes, None) {
            let page = split(&decoded.text, None);
            assert_nothing_lost(&decoded.text, &page);
        }
    }
}

/// Paragraphs of our own, each ending a sentence.
const PARAGRAPHS: [&str; 8] = [
    "三月的云州，山上的杜鹃开得正旺。清晨六点，护林员罗大山已经背着水壶和砍刀走进了林子，这条十二公里的山路，他一走就是二十六年。",
    "“刚来的时候，山上没有信号，也没有路。”罗大山说，那时候最怕的不是累，而是下雨天听不见对讲机里的声音。",
    "去年，县里为38名护林员配上了北斗终端，14座瞭望塔装上了热成像仪。一旦出现火情，5分钟内就能定位，误差不超过10米。",
    "护林员的收入也在变。基本工资加上公益林补偿，罗大山每月能拿到3460元，比五年前多了将近一倍。",
    "林子守住了，林下的生意也活了。村里流转了2100亩林地种黄精、养蜜蜂，今年一季度卖出蜂蜜6.3吨，收入118万元。",
    "站在山顶，罗大山指着远处新栽的枫香说，等它们长到碗口粗，他就可以放心退休了。",
    "青禾县林业局局长唐一苇介绍，到明年年底，全县将完成低效林改造4.5万亩，新建防火通道86公里，护林员队伍也将补充到120人。",
    "傍晚，山风吹过林梢。罗大山锁好瞭望塔的门，沿着来路慢慢下山。",
];

/// Set as a column does it: `width` cells, an indent of two that is lost, closing punctuation
/// hanging over the edge. Also says whether a paragraph's last line is full, where nothing but
/// the next line's width tells that it ended.
fn wrap(paragraph: &str, width: usize) -> Vec<String> {
    let cells =
        |text: &str| -> usize { text.chars().map(|c| 1 + usize::from(c > '\u{250}')).sum() };
    let mut lines = vec![String::new()];
    let mut limit = 2 * width - 4;
    for c in paragraph.chars() {
        let line = lines.last_mut().unwrap();
        let hangs = "，。、；：？！”）".contains(c) && cells(line) < limit + 2;
        if cells(line) + 1 + usize::from(c > '\u{250}') > limit && !hangs {
            lines.push(String::new());
            limit = 2 * width;
        }
        lines.last_mut().unwrap().push(c);
    }
    lines
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    #[test]
    fn reflow_undoes_wrapping(width in 9_usize..40, gap in prop::sample::select(vec!["\n", "\n\n", "\r\n"]), from in 0_usize..4) {
        let lines: Vec<String> = PARAGRAPHS[from..].iter().flat_map(|p| wrap(p, width)).collect();
        let text = lines.join(gap);
        let page = split(&text, None);
        let found: Vec<&str> = page.articles.iter().flat_map(|a| &a.paragraphs).map(Traced::as_str).collect();
        prop_assert_eq!(found, &PARAGRAPHS[from..]);
    }

    #[test]
    fn clean_text_passes_untouched(indent in prop::sample::select(vec!["", "　　", "    "]), gap in prop::sample::select(vec!["\n", "\n\n"])) {
        let lines: Vec<String> = PARAGRAPHS.iter().map(|p| format!("{indent}{p}")).collect();
        let page = split(&lines.join(gap), None);
        let found: Vec<&str> = page.articles.iter().flat_map(|a| &a.paragraphs).map(Traced::as_str).collect();
        prop_assert_eq!(found, PARAGRAPHS);
    }
}

/// Where each paragraph has a column of its own, a full last line may hide an end: not every one
/// can be found, but most, and nothing is lost. The same columns each run.
#[test]
fn reflow_follows_changing_columns() {
    let mut state = 1u64;
    let mut draw = |from: usize, below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        from + (state >> 33) as usize % (below - from)
    };
    let (mut right, mut all) = (0, 0);
    for round in 0..200 {
        let lines: Vec<String> = PARAGRAPHS
            .iter()
            .flat_map(|p| wrap(p, draw(9, 40)))
            .collect();
        let text = lines.join(["\n", "\n\n"][round % 2]);
        let page = split(&text, None);
        assert_nothing_lost(&text, &page);
        let found: Vec<&str> = page
            .articles
            .iter()
            .flat_map(|a| &a.paragraphs)
            .map(Traced::as_str)
            .collect();
        right += PARAGRAPHS.iter().filter(|p| found.contains(p)).count();
        all += PARAGRAPHS.len();
    }
    println!("{right} of {all} paragraphs");
    assert!(right * 100 >= all * 95, "{right} of {all}");
}

/// The maker's pages with their gold, where the data is at hand.
#[test]
fn measured_pages_stay_above_their_bounds() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/pages");
    if !folder.is_dir() {
        eprintln!("skipped: {} is not there", folder.display());
        return;
    }
    let (mut right, mut gold_total, mut found_total) = (0, 0, 0);
    for i in 1..=8 {
        let source = std::fs::read_to_string(folder.join(format!("page-{i}.txt"))).unwrap();
        let page = split(&source, None);
        assert_nothing_lost(&source, &page);
        let gold: serde_json::Value = serde_json::from_str(
            &std::fs::read_to_string(folder.join(format!("page-{i}.gold.json"))).unwrap(),
        )
        .unwrap();
        let mut gold: Vec<String> = gold["articles"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|a| a["paragraphs"].as_array().unwrap())
            .map(|p| {
                squashed(p.as_str().unwrap())
                    .trim_start_matches("本报讯")
                    .to_owned()
            })
            .collect();
        gold_total += gold.len();
        for paragraph in page.articles.iter().flat_map(|a| &a.paragraphs) {
            found_total += 1;
            if let Some(at) = gold.iter().position(|g| *g == squashed(paragraph.as_str())) {
                gold.swap_remove(at);
                right += 1;
            }
        }
    }
    let f1 = 2.0 * f64::from(right) / (gold_total + found_total) as f64;
    assert!(f1 >= 0.97, "paragraph F1 {f1:.4}");
}

#[test]
fn the_reference_page_is_three_articles() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/inputs/newspaper-page.txt");
    let Ok(source) = std::fs::read_to_string(&path) else {
        eprintln!("skipped: {} is not there", path.display());
        return;
    };
    let page = split(&source, None);
    assert_nothing_lost(&source, &page);
    assert_traced(&source, &page);
    let shape: Vec<_> = page
        .articles
        .iter()
        .map(|a| {
            (
                a.byline.len(),
                a.kicker.len(),
                a.headline.is_some(),
                a.subheadline.is_some(),
                a.paragraphs.len(),
                a.subheads.iter().map(|s| s.before).collect::<Vec<_>>(),
                a.captions.len(),
                a.follow_up,
            )
        })
        .collect();
    assert_eq!(
        shape,
        [
            (2, 1, true, false, 4, vec![], 0, false),
            (1, 2, true, true, 5, vec![2], 1, false),
            (2, 0, false, false, 7, vec![], 0, true),
        ]
    );
    assert!(page.paper.is_some());
}

/// Headline, byline and paragraphs of each article.
fn outline(page: &Page) -> Vec<(Option<&str>, Vec<&str>, Vec<&str>)> {
    page.articles
        .iter()
        .map(|a| {
            (
                a.headline.as_ref().map(Traced::as_str),
                a.byline.iter().map(Traced::as_str).collect(),
                a.paragraphs.iter().map(Traced::as_str).collect(),
            )
        })
        .collect()
}

#[test]
fn one_table_says_what_a_surname_is() {
    for name in [
        "傅建平",
        "颜敏",
        "季海波",
        "尚远",
        "穆青",
        "萧一夫",
        "欧阳菲",
    ] {
        let page = split(
            &format!(
                "山村通了新公路\n本报记者{name}\n3月，村里的新公路通车了，全长12公里。\n学生在合唱。{name} 摄\n"
            ),
            None,
        );
        let [(headline, byline, paragraphs)] = &outline(&page)[..] else {
            panic!("{page:?}")
        };
        assert_eq!(
            (*headline, &byline[..]),
            (Some("山村通了新公路"), &[name][..])
        );
        assert_eq!(paragraphs.len(), 1);
        assert_eq!(page.articles[0].captions[0].as_str(), "学生在合唱。");
    }
}

/// What stands before a caption may fill its last line: it is the body's all the same.
#[test]
fn a_caption_behind_a_full_line_is_a_caption() {
    let width = 14;
    let mut lines = vec!["护林员的一天".to_owned(), "本报记者 苏禾".to_owned()];
    for paragraph in &PARAGRAPHS[..3] {
        lines.extend(wrap(paragraph, width));
    }
    // Up to a full last line.
    let body = "林子守住了，林下的生意也活了起来，村里人都说山是靠山。";
    assert_eq!(body.chars().count(), 2 * width - 2 + 1);
    lines.extend(wrap(body, width));
    lines.push("4月2日，护林员在巡山。".to_owned());
    lines.push("本报记者 贺兰 摄".to_owned());
    let page = split(&lines.join("\n"), None);
    assert_eq!(
        page.articles[0].captions[0].as_str(),
        "4月2日，护林员在巡山。"
    );
    assert_eq!(page.articles[0].paragraphs.last().unwrap().as_str(), body);
}

#[test]
fn what_jump_lines_part_is_joined_and_its_parts_are_known() {
    let source = "云州港吞吐量创新高\n本报记者 何远\n一季度，云州港完成货物吞吐量6830万\n吨，同比增长7.4%，港务局局长秦砚说，\n目前每周有42个航班（下转2版）\n夜班公交开通一月\n本报记者 温岭\n3月以来，云州新开12条夜班公交线，累\n计运送乘客38.6万人次。\n（上接1版）连接南湾、东屿等港口。\n";
    let page = split(source, None);
    assert_nothing_lost(source, &page);
    assert_traced(source, &page);
    assert_eq!(page.articles.len(), 2);
    let whole = &page.articles[0].paragraphs[0];
    assert!(
        whole
            .as_str()
            .ends_with("每周有42个航班连接南湾、东屿等港口。")
    );
    let parts = whole.parts(source, 0..whole.len());
    assert_eq!(parts.len(), 2);
    assert_eq!(&source[parts[1].clone()], "连接南湾、东屿等港口。");
    assert_eq!(page.articles[0].continued, None);
    // Where the rest is on another page, that page is named.
    let first = split(&source[..source.find("夜班").unwrap()], None);
    let to = first.articles[0].continued.as_ref().unwrap().to.as_deref();
    assert_eq!(to, Some("2"));
}

#[test]
fn confidence_knows_pages_that_are_hard_to_read() {
    let clean: Vec<String> = ["护林员的一天", "本报记者 苏禾"]
        .map(str::to_owned)
        .into_iter()
        .chain(PARAGRAPHS.map(str::to_owned))
        .collect();
    let sure = |text: &str| split(text, None).articles[0].confidence;
    assert!(sure(&clean.join("\n")) >= 0.95);
    // Nothing says where the article begins.
    assert!(sure(&PARAGRAPHS.join("\n")) < 0.95);
    // Two columns side by side.
    let columns: Vec<Vec<String>> = [0, 4]
        .map(|from| {
            PARAGRAPHS[from..from + 4]
                .iter()
                .flat_map(|p| wrap(p, 16))
                .collect()
        })
        .to_vec();
    let rows: Vec<String> = columns[0]
        .iter()
        .zip(&columns[1])
        .map(|(a, b)| format!("{a}      {b}"))
        .collect();
    assert!(sure(&rows.join("\n")) < 0.5);
}

#[test]
fn a_character_is_in_one_place_only() {
    let mut inputs: Vec<String> = [
        "记者 崔：帆",
        "□江者 郝、英",
        "（记者 王、宁）",
        "本报记者 欧阳：菲",
        "来源：云州日报：作者：陆、明",
        "2031-04-03 | 08:30 ｜ 作者 陆明",
        "▲【本报讯】（记者 陆明）：",
        "【要闻】【民生】甲",
        "甲\u{2029}云州日报 2031年4月3日 星期四\u{2029}乙",
        "一\u{c}二\u{c}（下转2版）（上接1版）",
    ]
    .map(str::to_owned)
    .to_vec();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/cases/faults");
    for i in 1.. {
        match std::fs::read_to_string(folder.join(format!("lost-{i}.min.txt"))) {
            Ok(text) => inputs.push(text),
            Err(_) => break,
        }
    }
    for text in inputs {
        let page = split(&text, None);
        assert_nothing_lost(&text, &page);
    }
}

#[test]
fn an_edited_record_with_a_mistake_is_refused_by_name() {
    let good = r#"{"schema":"kuaibao.split/1","source":"a.txt","encoding":"UTF-8","date":"2031-04-03","articles":[{"id":"1","headline":"题","paragraphs":["一。"]}]}"#;
    assert_eq!(record::parse(&format!("{good}\n{good}")).unwrap().len(), 2);
    for (from, to, named) in [
        ("\"paragraphs\"", "\"paragraph\"", "paragraph"),
        ("2031-04-03", "2031-02-30", "date"),
        ("2031-04-03", "April 3", "date"),
        (
            "[{\"id\":\"1\",\"headline\":\"题\",\"paragraphs\":[\"一。\"]}]",
            "[]",
            "articles",
        ),
        ("\"encoding\"", "\"encodin\"", "encodin"),
        (
            "\"headline\"",
            "\"confidence\":7,\"headline\"",
            "confidence",
        ),
        (
            "\"headline\"",
            "\"subheads\":[{\"before\":3,\"text\":\"小\"}],\"headline\"",
            "subheads",
        ),
    ] {
        let bad = good.replace(from, to);
        assert_ne!(bad, good);
        let error = record::parse(&format!("{good}\n{bad}"))
            .unwrap_err()
            .to_string();
        assert!(
            error.contains(named) && error.contains("page 2 (a.txt)"),
            "{error}"
        );
    }
    assert!(
        record::parse("{")
            .unwrap_err()
            .to_string()
            .contains("page 1")
    );
}

#[test]
fn bytes_that_are_lost_are_in_the_ledger() {
    let text = "云州港吞吐量创新高\n本报记者 何远\n一季度，云州港完成货物吞吐量6830万吨。\n";
    let mut bytes = text.as_bytes().to_vec();
    bytes.insert(text.find("完成").unwrap(), 0xff);
    assert!(read(&bytes, Some("txt"), None).is_err());
    let options = Options {
        extension: Some("txt"),
        lossy: true,
        ..Options::default()
    };
    let source = read_with(&bytes, options).unwrap();
    let page = source.split(None);
    assert_nothing_lost(&source.text, &page);
    assert_eq!(
        page.dropped
            .iter()
            .filter(|d| d.reason == Reason::Lossy)
            .count(),
        1
    );
    assert_eq!(page.articles[0].byline[0].as_str(), "何远");
}

#[test]
fn forms_of_characters_are_read_and_offsets_count_in_the_text() {
    let source = read(
        "⼤⼭⾥的⾳乐课\n本报记者 陆明\n柏树岭⼩学有６３名学⽣。\n".as_bytes(),
        Some("txt"),
        None,
    )
    .unwrap();
    assert!(!source.is_file());
    let page = source.split(None);
    assert_eq!(
        page.articles[0].headline.as_ref().unwrap().as_str(),
        "大山里的音乐课"
    );
    assert_nothing_lost(&source.text, &page);
    assert!(
        read("云州".as_bytes(), Some("txt"), None)
            .unwrap()
            .is_file()
    );
}

#[test]
fn what_stands_beside_an_article_of_a_site_is_dropped_not_lost() {
    let body = format!("<p>{}</p>", PARAGRAPHS.join("</p><p>"));
    let html = format!(
        "<html><head><title>护林员的一天 二十六年_云州网</title></head><body><div class=nav><a href=/>首页</a></div>\
         <h1>护林员的一天 二十六年</h1><div class=info>2031-04-03 08:12 来源：云州网 作者：苏禾</div>\
         <div class=article>{body}</div><div class=footer>版权所有 云州网</div></body></html>"
    );
    let source = read(html.as_bytes(), Some("html"), None).unwrap();
    let page = source.split(None);
    assert_nothing_lost(&source.text, &page);
    assert_eq!(
        outline(&page),
        [(
            Some("护林员的一天 二十六年"),
            vec!["苏禾"],
            PARAGRAPHS.to_vec()
        )]
    );
    assert_eq!(page.date.as_deref(), Some("2031-04-03"));
    assert!(page.dropped.iter().any(|d| d.reason == Reason::Meta));
}

/// Small forms of pages.
#[test]
fn small_forms_are_read() {
    forms("forms.cases", |source| {
        let page = split(source, None);
        assert_nothing_lost(source, &page);
        page
    });
}

/// Pages in the habit of common content management systems.
#[test]
fn pages_of_sites_are_read() {
    forms("sites.cases", |html| {
        let source = read(html.as_bytes(), Some("html"), None).unwrap();
        let page = source.split(None);
        assert_nothing_lost(&source.text, &page);
        page
    });
}

/// Holds each page of a file to what stands below it: headline, sub-headline, byline, paragraphs, captions.
fn forms(file: &str, read: fn(&str) -> Page) {
    let path = format!("{}/tests/pages/{file}", env!("CARGO_MANIFEST_DIR"));
    let cases = std::fs::read_to_string(path).unwrap();
    for case in cases.split("\n===\n").skip(1) {
        let (source, wanted) = case.split_once("\n---\n").expect("a case has two parts");
        let page = read(source);
        let mut found = String::new();
        let mut line = |label: &str, text: &str| {
            found.push_str(label);
            found.push(' ');
            found.push_str(text);
            found.push('\n');
        };
        if let Some(date) = &page.date {
            line("date", date);
        }
        for article in &page.articles {
            let headline = article.headline.as_ref().map_or("", |h| h.as_str());
            line("headline", headline);
            for (label, texts) in [
                ("kicker", article.kicker.iter().collect::<Vec<_>>()),
                ("sub", article.subheadline.iter().collect()),
                ("dateline", article.dateline.iter().collect()),
                ("by", article.byline.iter().collect()),
                ("p", article.paragraphs.iter().collect()),
                ("caption", article.captions.iter().collect()),
            ] {
                for text in texts {
                    line(label, text.as_str());
                }
            }
        }
        assert_eq!(found.trim(), wanted.trim(), "{source}");
    }
}

/// A page whose text layer has the marks of ASCII where its lines were set with Chinese ones.
#[test]
fn marks_of_ascii_are_as_wide_as_the_page_set_them() {
    let ascii = |text: &str| {
        text.replace('，', ",")
            .replace('。', ".")
            .replace('：', ":")
    };
    for width in 11..17 {
        let lines: Vec<String> = PARAGRAPHS.iter().flat_map(|p| wrap(p, width)).collect();
        let page = split(&ascii(&lines.join("\n")), None);
        let found: Vec<String> = page
            .articles
            .iter()
            .flat_map(|a| a.paragraphs.iter().map(|p| p.as_str().to_owned()))
            .collect();
        let wanted: Vec<String> = PARAGRAPHS.iter().map(|p| ascii(p)).collect();
        assert_eq!(found, wanted, "{width}");
    }
}
