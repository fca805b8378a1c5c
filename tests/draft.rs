//! From a page to its briefs: everything that the Chinese says by itself.

use std::fmt::Write as _;

use kuaibao::{
    brief::{
        draft::Draft,
        record::{Brief, Role, Signature},
    },
    report::html,
    summary::{
        Made, Summary,
        record::{Headline, Making},
    },
    translation::Checked,
};
use kuaibao_text::{
    checks::{Flag, FlagKind},
    glossary::{Entry, Glossary},
    page::{self, Page},
};

/// The briefs of a page; a sentence's English is `english` of its Chinese.
fn briefs(page: &Page, glossary: &Glossary, english: impl Fn(&str) -> Checked) -> Vec<Brief> {
    let mut draft = Draft::new(page, "p.txt", Some("2026-07-14")).unwrap();
    draft.rename(glossary);
    let english = draft.texts().iter().map(|text| english(text.zh)).collect();
    let articles = draft.translated(english).into_iter();
    let made = || Made {
        headline: Headline::default(),
        summary: Summary::default(),
        making: Making::default(),
    };
    articles
        .map(|article| article.brief(made(), &Signature::default()))
        .collect()
}

fn checked(en: &str) -> Checked {
    Checked {
        en: en.to_owned(),
        ..Checked::default()
    }
}

/// The one brief of a text whose English does not matter.
fn brief(text: &str) -> Brief {
    let page = page::split(text, None);
    let mut briefs = briefs(&page, &Glossary::new(), |_| checked("English."));
    assert_eq!(briefs.len(), 1, "{page:?}");
    briefs.remove(0)
}

const PAGE: &str = "\
青河县新修公路三百公里

　　本报讯 （记者 何穗）7月14日，青河县交通局局长周文远介绍，今年全县新修公路300公里。

　　周文远说：“路通了，茶叶当天就能运到城里。”他还说，明年再修40公里。
";

#[test]
fn every_part_stands_where_the_source_has_it() {
    let brief = brief(PAGE);
    assert_eq!(
        (brief.source.as_str(), brief.article.as_str()),
        ("p.txt", "1")
    );
    assert_eq!(brief.date.as_deref(), Some("2026-07-14"));
    assert_eq!(brief.byline, ["何穗"]);
    let segments = brief.translation.iter();
    let ids: Vec<(&str, Role)> = segments.map(|s| (s.id.as_str(), s.role)).collect();
    assert_eq!(
        ids,
        [
            ("h1", Role::Headline),
            ("p1s1", Role::Body),
            ("p2s1", Role::Body),
            ("p2s2", Role::Body),
        ]
    );
    for segment in &brief.translation {
        assert_eq!(&PAGE[segment.start..segment.end], segment.zh);
    }
    for figure in &brief.figures {
        assert_eq!(PAGE[figure.start..figure.end], figure.zh);
    }
    let figures: Vec<&str> = brief.figures.iter().map(|f| f.zh.as_str()).collect();
    assert!(
        figures.contains(&"300公里") && figures.contains(&"40公里"),
        "{figures:?}"
    );
    let [zhou] = &brief.people[..] else {
        panic!("{:?}", brief.people)
    };
    for [start, end] in &zhou.mentions {
        assert_eq!(&PAGE[*start..*end], "周文远");
    }
    assert_eq!(brief.checks.sentences, 4);
    assert_eq!(brief.checks.notes, [""; 0]);
}

#[test]
fn a_translation_brings_its_doubts_and_its_count() {
    let page = page::split(PAGE, None);
    let english = |zh: &str| {
        let mut checked = checked("It ends with a full stop.");
        if zh.contains("300") {
            (checked.figures, checked.figures_right) = (2, 1);
            checked.flags.push(Flag {
                kind: FlagKind::FigureMissing,
                message: "300公里 is not in the English.".to_owned(),
            });
        }
        checked
    };
    let brief = briefs(&page, &Glossary::new(), english).remove(0);
    let kinds: Vec<FlagKind> = brief.translation[1].flags.iter().map(|f| f.kind).collect();
    assert_eq!(kinds, [FlagKind::FigureMissing]);
    let checks = &brief.checks;
    assert_eq!(
        (checks.doubtful, checks.figures, checks.figures_right),
        (1, 2, 1)
    );
    assert_eq!(
        brief.translation[0].en, "It ends with a full stop",
        "a headline does not"
    );
    assert_eq!(brief.translation[1].en, "It ends with a full stop.");
}

#[test]
fn people_are_called_as_the_house_calls_them() {
    let page = page::split(PAGE, None);
    let mut glossary = Glossary::new();
    glossary.insert(Entry::new("周文远", "Chow Wen-yuan"));
    let mut draft = Draft::new(&page, "p.txt", None).unwrap();
    draft.rename(&glossary);
    let names = |zh: &str| -> Vec<String> {
        let texts = draft.texts();
        let text = texts.iter().find(|t| t.zh.contains(zh)).unwrap();
        text.names.iter().map(|name| name.en.to_owned()).collect()
    };
    assert_eq!(names("300公里"), ["Chow Wen-yuan"]);
    assert_eq!(names("青河县新修公路三百公里"), [""; 0]);
    let brief = briefs(&page, &glossary, |_| checked("“The road is open now.”")).remove(0);
    assert_eq!(brief.people[0].en, "Chow Wen-yuan");
    assert_eq!(brief.quotes[0].speaker.as_deref(), Some("Chow Wen-yuan"));
}

/// A quotation's English is what stands between the marks, where there is one pair.
#[test]
fn a_quotation_has_its_words_and_its_speaker() {
    let page = page::split(PAGE, None);
    for (en, words) in [
        (
            "Zhou said: “The road is open now.”",
            "The road is open now.",
        ),
        (
            "Zhou said that the road is open.",
            "Zhou said that the road is open.",
        ),
        (
            "“Yes,” he said, “it is open.”",
            "“Yes,” he said, “it is open.”",
        ),
    ] {
        let brief = briefs(&page, &Glossary::new(), |_| checked(en)).remove(0);
        let quote = brief.quotes.iter().find(|q| q.direct).unwrap();
        assert_eq!(quote.speaker.as_deref(), Some("Zhou Wenyuan"));
        assert_eq!(quote.en, words);
        assert_eq!(quote.source, "p2s1");
    }
}

#[test]
fn he_is_the_one_who_was_named_before_and_not_after() {
    let text = "　　本报讯 青河县交通局局长周文远昨日到会。他说：“路通了，茶叶当天就能运到城里。”

　　青河县教育局局长何润生说：“学校明年开学，孩子们不用再翻山了。”
";
    let quotes = brief(text).quotes;
    let speakers: Vec<Option<&str>> = quotes.iter().map(|q| q.speaker.as_deref()).collect();
    assert_eq!(
        speakers,
        [Some("he (probably Zhou Wenyuan)"), Some("He Runsheng")]
    );
    let text = "　　本报讯 会议昨日召开。他说：“路通了，茶叶当天就能运到城里。”

　　青河县教育局局长何润生也到会。
";
    assert_eq!(brief(text).quotes[0].speaker.as_deref(), Some("he"));
}

#[test]
fn all_quotations_are_kept_and_the_page_shows_direct_ones_first() {
    let mut text = "　　本报讯 青河县交通局局长周文远昨日到会。\n\n".to_owned();
    for i in 1..=4 {
        let _ = writeln!(text, "　　周文远说，第{i}条路明年通车，茶叶能运到城里。\n");
    }
    for i in 1..=9 {
        let _ = writeln!(
            text,
            "　　周文远说：“第{i}座桥也通了，孩子们不用再翻山了。”\n"
        );
    }
    let brief = brief(&text);
    assert_eq!(brief.quotes.len(), 13);
    let page = html::document(&brief, &html::Surroundings::default()).unwrap();
    let quotes = &page[page.find(r#"id="quotes""#).unwrap()..];
    let (shown, more) = quotes.split_once("<details><summary>5 more").unwrap();
    let spoken = |text: &str| text.matches("座桥").count();
    assert_eq!((spoken(shown), shown.contains("条路")), (8, false));
    assert!(more.contains("条路"));
}

#[test]
fn what_an_editor_should_know_of_the_whole_is_noted() {
    let note = |brief: &Brief, part: &str| brief.checks.notes.iter().any(|n| n.contains(part));
    let mut page = page::split(PAGE, None);
    page.articles[0].confidence = 0.49;
    let doubtful = &briefs(&page, &Glossary::new(), |_| checked("English."))[0];
    assert!(note(doubtful, "begins and ends"));
    page.articles[0].confidence = 0.5;
    let sure = &briefs(&page, &Glossary::new(), |_| checked("English."))[0];
    assert!(!note(sure, "begins and ends"));
    page.articles[0].paragraphs.clear();
    let empty = &briefs(&page, &Glossary::new(), |_| checked("English."))[0];
    assert!(note(empty, "No body text"));
    assert!(note(
        &brief("The council met.\n\nIt agreed on a plan.\n"),
        "not Chinese"
    ));
    assert!(!note(&brief(PAGE), "not Chinese"));
}
