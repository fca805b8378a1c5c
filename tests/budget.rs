//! Output, memory and time grow as the input does, whatever the input; what is beyond all measure is
//! refused.

use std::{fmt::Write as _, fs, time::Instant};

use kuaibao::{
    brief::{
        draft::{Draft, MOST_FACTS, Overfull},
        record::{Brief, Signature},
    },
    pipeline::{self, MOST_TEXT, SourceError},
    report::{html, json, markdown},
    summary::{
        Made, Summary,
        record::{Headline, Making},
    },
    translation::{Rules, Translated, repair},
};
use kuaibao_text::{
    glossary::{Entry, Glossary},
    page::{self, Page},
};

/// What is repeated to make a text that goes wrong in one way.
const PATHOLOGICAL: [&str; 64] = [
    // Figures of all kinds, with nothing between them.
    "1至",
    "1、",
    "1",
    "1.",
    "1,",
    "1%",
    "1亿",
    "一",
    "亿",
    "万亿",
    "百分之",
    "三分之一",
    "几十",
    "2025年",
    "7月24日",
    "7月24日至25日，",
    "上午8点",
    "8:30—",
    "3比2",
    "第十",
    "约1",
    "1多",
    "零下",
    "比去年增长15%，",
    "同比下降3.2个百分点",
    "100元",
    "US$1 billion ",
    "2.5倍",
    "千米",
    // People, places and posts.
    "王",
    "王浩、",
    "王浩说：“好。",
    "省委书记",
    "台州市",
    "约翰·",
    "（记者 王浩）",
    "□本报记者 ",
    "记者 崔：",
    "本报讯 ",
    "又讯 ",
    "某",
    // Marks that open, close and end.
    "（",
    "）",
    "“",
    "”",
    "《",
    "【】",
    "……",
    "——",
    "。",
    "；",
    "、",
    "\u{3000}",
    " ",
    "\n",
    "\n\n",
    "云州港开港\n\n",
    "云\n",
    "（下转第三版）\n",
    "1. 云州港\n",
    // Letters and odd characters.
    "a",
    "A b ",
    "https://a.example/",
    "\u{2f45}\u{200b}\u{301}\u{1f600}",
];

/// Seconds that this thread has computed for; the clock's where the system does not say.
fn seconds() -> f64 {
    thread_local!(static STARTED: Instant = Instant::now());
    let scheduled = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let nanoseconds = scheduled.and_then(|s| s.split(' ').next()?.parse::<f64>().ok());
    nanoseconds.map_or_else(|| STARTED.with(|s| s.elapsed().as_secs_f64()), |n| n / 1e9)
}

/// What models say of what they do not understand.
const ENGLISH: &str =
    "Wang Hao and Li said on 24 July that Taizhou had 3,000 of them, up 15 percent.";

/// The briefs of a page whose English says one thing again and again.
fn briefs(page: &Page, english: &str) -> Result<Vec<Brief>, Overfull> {
    let draft = Draft::new(page, "p.txt", Some("2026-07-14"))?;
    let texts = draft.texts();
    // A model of random weights says up to eight bytes for one of Chinese.
    let translated = texts.iter().map(|text| Translated {
        en: english
            .repeat(1 + text.zh.len() / english.len())
            .chars()
            .take(8 * text.zh.len())
            .collect(),
        ..Translated::default()
    });
    let rules = Rules {
        clock: draft.clock(),
        glossary: &Glossary::official(),
    };
    let english = repair::check(&texts, translated.collect(), &rules);
    let articles = draft.translated(english).into_iter();
    let brief = |article: kuaibao::brief::draft::TranslatedArticle| {
        let made = Made {
            headline: Headline::default(),
            summary: Summary::default(),
            making: Making::default(),
        };
        article.brief(made, &Signature::default())
    };
    Ok(articles.map(brief).collect())
}

/// Bytes of a page's briefs: as JSON, and in all forms.
fn written(page: &Page, english: &str) -> (usize, usize) {
    let briefs = briefs(page, english).unwrap();
    let json: usize = briefs
        .iter()
        .map(|b| json::document(b).unwrap().len())
        .sum();
    let others = briefs.iter().map(|brief| {
        let html = html::document(brief, &html::Surroundings::default()).unwrap();
        markdown::document(brief).len() + html.len()
    });
    (json, json + others.sum::<usize>())
}

/// A text of so many bytes.
fn repeated(unit: &str, bytes: usize) -> String {
    unit.repeat(bytes / unit.len())
}

/// Four times the text take at most nine times the time: sixteen would be its square.
fn assert_linear(name: &str, mut seconds_of: impl FnMut(usize) -> f64) {
    const BYTES: usize = 24_000;
    let mut last = (0.0, 0.0);
    // A machine that is busy makes one of them slow, not three.
    for _ in 0..3 {
        last = (seconds_of(BYTES), seconds_of(4 * BYTES));
        if last.1 < 9.0 * last.0 + 0.05 {
            return;
        }
    }
    panic!(
        "{name:?}: {:.3} s, and {:.3} s for four times as much",
        last.0, last.1
    );
}

fn took<T>(work: impl FnOnce() -> T) -> f64 {
    let since = seconds();
    drop(work());
    seconds() - since
}

#[test]
fn pathological_texts_take_linear_time_and_give_linear_output() {
    // What is read once, at first use, is not counted.
    drop(briefs(&page::split(ENGLISH, None), ENGLISH));
    for unit in PATHOLOGICAL {
        assert_linear(unit, |bytes| {
            let text = repeated(unit, bytes);
            took(|| {
                let (json, all) = written(&page::split(&text, None), ENGLISH);
                assert!(json <= 300 * text.len() + 32_000, "{unit:?}: {json} bytes");
                assert!(
                    all <= 600 * text.len() + 200_000,
                    "{unit:?}: {all} bytes in all"
                );
            })
        });
    }
}

/// What is done with each figure of a sentence does not read the whole sentence. In one of 1,000 characters
/// figures take up to four times what they take in short ones, for each is compared with more others; where
/// each read the sentence it was more than twenty times.
#[test]
fn a_long_sentence_costs_what_short_ones_do() {
    drop(briefs(&page::split(ENGLISH, None), ENGLISH));
    for (unit, english) in [
        ("1至", "1 to "),
        ("38、", "38 fire trucks, "),
        ("7月24日、", "24 July, "),
        ("15亩、", "15 mu, "),
        ("王浩、", "Wang Hao, "),
    ] {
        let short = repeated(&format!("{}。", unit.repeat(8)), 24_000);
        let long = short.replace('。', "");
        let seconds = |text: &str| took(|| written(&page::split(text, None), english));
        let mut last = (0.0, 0.0);
        // A machine that is busy makes one of them slow, not three.
        let linear = (0..3).any(|_| {
            last = (seconds(&short), seconds(&long));
            last.1 < 8.0 * last.0
        });
        let (short, long) = last;
        assert!(
            linear,
            "{unit:?}: {short:.3} s in short sentences, {long:.3} s in long ones"
        );
    }
}

/// Rows of a table, of a list, of a stock list, and paragraphs of figures alone.
fn figures_alone() -> [(&'static str, String); 4] {
    let mut texts = ["table", "list", "stocks", "paragraphs"].map(|name| (name, String::new()));
    for i in 0..400 {
        let (n, share) = (i * 7 % 1000, i % 100);
        let _ = writeln!(texts[0].1, "{i}\t{n}\t{share}.5%\t{}万元", i * 13 % 9999);
        let _ = writeln!(texts[1].1, "{i}. {n}亿元、{share}%、{i}公里；");
        let _ = writeln!(
            texts[2].1,
            "股票{i} 60{i:04} {share}.13 {share}.1% {n}手 {n}万元"
        );
        let _ = write!(
            texts[3].1,
            "　　总投资{i}.5亿元，比去年增长{share}%，占{n}至{}%。\n\n",
            n + 1
        );
    }
    texts
}

#[test]
fn a_brief_of_figures_alone_is_at_most_300_times_its_text() {
    for (name, text) in figures_alone() {
        let (json, _) = written(&page::split(&text, None), ENGLISH);
        assert!(json <= 300 * text.len(), "{name}: {json} of {}", text.len());
    }
}

/// Our own pages, of the kinds that papers print.
#[test]
fn a_brief_of_news_is_at_most_40_times_its_text() {
    for folder in ["inputs", "crates/kuaibao-text/tests/pages"] {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_none_or(|e| e != "txt") {
                continue;
            }
            let bytes = fs::read(&path).unwrap();
            let page = &pipeline::read(&bytes, &path, None, false).unwrap()[0];
            let (json, _) = written(&page.page, ENGLISH);
            let most = 40 * page.text.len() + 32_000;
            assert!(
                json <= most,
                "{}: {json} of {}",
                path.display(),
                page.text.len()
            );
        }
    }
}

/// What is repeated in a file with markup, and the file around it.
const MARKUP: [(&str, &str, &str, &str); 22] = [
    ("html", "<p>云州港</p>", "", ""),
    ("html", "<br>云州港", "<p>", "</p>"),
    ("html", "<span>云</span>", "<p>", "</p>"),
    (
        "html",
        "<tr><td>1</td><td>2</td></tr>",
        "<table>",
        "</table>",
    ),
    ("html", "<li><p>云</p></li>", "<ol>", "</ol>"),
    ("html", "<h1>云州港开港</h1>", "", ""),
    ("html", "<a href=x>云州</a>", "<div>", "</div>"),
    ("html", "&nbsp;", "<p>云", "</p>"),
    (
        "html",
        "<meta name=pub content=x>",
        "<head>",
        "</head><p>云</p>",
    ),
    ("html", "云_", "<title>", "</title><h1>云州港开港</h1>"),
    (
        "html",
        "<div class='comment article'><p>云州港，昨日，开港。</p></div>",
        "",
        "",
    ),
    ("html", "<script>x</script>", "", "<p>云</p>"),
    ("html", "<![CDATA[", "<p>云</p>", ""),
    ("md", "|a", "", "\n|-\n|b"),
    ("md", "|", "|a|b|\n|-|-|\n", ""),
    ("md", "|1|2|\n", "|a|b|\n|-|-|\n", ""),
    ("md", "> ", "", "云"),
    ("md", "[", "", "云"),
    ("md", "*a ", "", "云"),
    ("md", "a\n=\n", "", ""),
    ("md", "1. 云\n", "", ""),
    ("md", "<a", "", "云"),
];

#[test]
fn markup_takes_linear_time() {
    let read = |extension: &str, text: &str| {
        let source = page::read(text.as_bytes(), Some(extension), None);
        source.map(|source| source.split(None)).is_ok()
    };
    read("html", "<p>云州港</p>");
    for (extension, unit, before, after) in MARKUP {
        assert_linear(&format!("{before}{unit}{after}"), |bytes| {
            let text = format!("{before}{}{after}", repeated(unit, bytes));
            took(|| read(extension, &text))
        });
    }
    // A table of one row with as many cells as columns.
    assert_linear("columns", |bytes| {
        let columns = bytes / 6;
        let text = format!("{}\n{}\n|b", "|a".repeat(columns), "|-".repeat(columns));
        took(|| read("md", &text))
    });
}

#[test]
fn a_glossary_of_100_000_entries_costs_its_reading() {
    let glossary = |entries: usize| {
        let mut glossary = Glossary::new();
        for i in 0..entries {
            let name: String = i
                .to_string()
                .chars()
                .map(|d| char::from_u32(0x4e00 + d as u32).unwrap())
                .collect();
            glossary.insert(Entry::new(&format!("港{name}"), &format!("Port {i}")));
        }
        glossary.violations("云州港开港。", "A port.");
        glossary.canonical().len()
    };
    let few = took(|| glossary(25_000));
    let many = took(|| glossary(100_000));
    assert!(
        many < 9.0 * few + 0.05,
        "{few:.3} s, and {many:.3} s for four times as many"
    );
}

#[test]
fn what_is_more_than_a_page_is_refused() {
    let text = "云州港昨日开港。\n".repeat(MOST_TEXT / 24);
    let read = |text: &str| pipeline::read(text.as_bytes(), "p.txt".as_ref(), None, false);
    let error = read(&text).err().expect("it is too long");
    assert!(matches!(error, SourceError::TooMuchText(_)), "{error}");
    let facts = "1、".repeat(MOST_FACTS + 1);
    let page = page::split(&facts, None);
    assert_eq!(Draft::new(&page, "p.txt", None).err(), Some(Overfull));
}
