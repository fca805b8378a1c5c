//! Quotations of sentences of our own (`tests/people/quotes.tsv`), who speaks, and which are shown.

use kuaibao_text::people::{self, PersonRecord, quotes};

#[test]
fn quotations_and_their_speakers() {
    let mut rows = 0;
    let table = include_str!("people/quotes.tsv");
    for row in table.lines().filter(|line| !line.starts_with('#')) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [text, people, expected] = columns[..] else {
            panic!("not three columns: {row}");
        };
        let people: Vec<&str> = people.split(',').filter(|name| *name != "-").collect();
        let found: Vec<String> = text
            .split('¶')
            .flat_map(|paragraph| {
                quotes::find(paragraph, &people).into_iter().map(|quote| {
                    let speaker = quote.speaker.map_or("-", |range| &paragraph[range]);
                    let kind = if quote.direct { "direct" } else { "reported" };
                    format!("{speaker}|{}|{kind}", &paragraph[quote.words])
                })
            })
            .collect();
        let found = if found.is_empty() {
            "-".to_owned()
        } else {
            found.join(";")
        };
        assert_eq!(found, expected, "{text}");
        rows += 1;
    }
    assert!(rows > 20);
}

#[test]
fn of_more_than_eight_quotations_direct_speech_is_kept_first_and_in_order() {
    let direct = |quote: &(usize, bool)| quote.1;
    let mut quotes: Vec<(usize, bool)> = (0..12).map(|i| (i, i % 2 == 1)).collect();
    quotes::retain_most_telling(&mut quotes, direct);
    let kept: Vec<usize> = quotes.iter().map(|quote| quote.0).collect();
    assert_eq!(kept, [0, 1, 2, 3, 5, 7, 9, 11]);
    let mut spoken: Vec<(usize, bool)> = (0..11).map(|i| (i, true)).collect();
    quotes::retain_most_telling(&mut spoken, direct);
    assert_eq!(spoken.len(), 8);
}

fn records(text: &str) -> Vec<PersonRecord> {
    let record = |person: people::Person| {
        let mentions = person.mentions.iter();
        let mentions = mentions.map(|m| [m.range.start, m.range.end]).collect();
        person.record("a.txt", "1", mentions)
    };
    people::find(&[text], &[]).into_iter().map(record).collect()
}

#[test]
fn a_pronoun_is_whoever_was_named_last_before_it() {
    let text = "市长单立华到场。他说，路通了。厅长何润生随后赶到。他说，水也通了。";
    let people = records(text);
    let at = |words: &str| text.find(words).unwrap();
    let speaker = |words| quotes::speaker_in_english("他", at(words), &people);
    assert_eq!(speaker("路通了"), "he (probably Shan Lihua)");
    assert_eq!(speaker("水也通了"), "he (probably He Runsheng)");
    // A woman is not meant by 他, nor a man by 她.
    let text = "市长单志强到场，厅长何丽娟陪同。路通了。";
    let people = records(text);
    let at = text.find("路通").unwrap();
    let speaker = |pronoun| quotes::speaker_in_english(pronoun, at, &people);
    assert_eq!(speaker("他"), "he (probably Shan Zhiqiang)");
    assert_eq!(speaker("她"), "she (probably He Lijuan)");
    // Whoever is named only later is not meant.
    assert_eq!(quotes::speaker_in_english("他", 0, &people), "he");
}

#[test]
fn speakers_in_english() {
    let people = records("市长单立华说，路通了。");
    for (zh, en) in [
        ("单立华", "Shan Lihua"),
        ("市长单立华", "Shan Lihua"),
        ("外交部", "Ministry of Foreign Affairs"),
        (
            "省水利厅有关负责人",
            "an official of the provincial Department of Water Resources",
        ),
        ("刘女士", "Ms. Liu"),
        ("欧阳先生", "Mr. Ouyang"),
        ("云湖船会", "云湖船会"),
    ] {
        assert_eq!(quotes::speaker_in_english(zh, 100, &people), en);
    }
}

#[test]
fn odd_text_is_answered() {
    for text in [
        "",
        "“",
        "”“",
        "说：“",
        "“”说",
        "：，：，",
        "他说，",
        "\u{0}“\u{fffd}”",
        "道道道，道",
    ] {
        for quote in quotes::find(text, &["", "道"]) {
            assert!(text.get(quote.words).is_some());
        }
    }
    let long = "他说：“好。”".repeat(20_000);
    assert!(quotes::find(&long, &[]).is_empty());
}

#[test]
fn only_who_does_something_is_meant_by_a_pronoun() {
    let text = "单立华强调，要深入学习贯彻郑国安同志关于安全的论述。会前，他会见了何润生一行。";
    let names = ["单立华", "郑国安", "何润生"];
    let found = quotes::subjects(text, &names);
    let found: Vec<&str> = found.into_iter().map(|range| &text[range]).collect();
    assert_eq!(found, ["单立华"]);
}

#[test]
fn every_answer_of_an_interview_has_its_speaker() {
    let paragraphs = [
        "秋收在即，记者采访了农技专家何润生。",
        "记者：今年收成如何？",
        "何润生：比去年好。雨水也够。",
        "不过，虫害要早防。",
        "记者：价格呢？",
        "何润生：还要看下月。",
    ];
    let found: Vec<String> = quotes::answers(&paragraphs)
        .into_iter()
        .zip(paragraphs)
        .map(|(answer, text)| {
            answer.map_or("-".to_owned(), |(who, at)| format!("{who}|{}", &text[at..]))
        })
        .collect();
    assert_eq!(
        found,
        [
            "-",
            "-",
            "何润生|比去年好。雨水也够。",
            "何润生|不过，虫害要早防。",
            "-",
            "何润生|还要看下月。"
        ]
    );
    // One line with a colon makes no interview, nor do a notice's headings.
    for paragraphs in [
        &["记者：今年收成如何？", "他笑了。"][..],
        &["时间：明日", "地点：县城", "联系人：何润生"],
    ] {
        assert!(quotes::answers(paragraphs).is_empty(), "{paragraphs:?}");
    }
}

#[test]
fn short_attributions_have_a_set_form() {
    let names = [people::Name::new("单立华", "Shan Lihua").unwrap()];
    for (zh, en) in [
        ("他说。", Some("He said.")),
        ("她还表示。", Some("She also said.")),
        ("单立华说。", Some("Shan Lihua said.")),
        ("”单立华告诉记者。", Some("Shan Lihua told reporters.")),
        ("何润生说。", None),
        ("他说，路通了。", None),
        ("话说。", None),
        ("说。", None),
    ] {
        assert_eq!(
            quotes::attribution_in_english(zh, &names).as_deref(),
            en,
            "{zh}"
        );
    }
}

#[test]
fn papers_have_english_names() {
    for (zh, en) in [
        ("人民日报", Some("People's Daily")),
        ("浙江日报", Some("Zhejiang Daily")),
        ("青河晚报", Some("Qinghe Evening News")),
        ("经济早报", Some("Economic Morning Post")),
        ("通知", None),
    ] {
        assert_eq!(people::paper(zh).as_deref(), en, "{zh}");
    }
}
