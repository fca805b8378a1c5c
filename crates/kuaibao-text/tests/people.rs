//! The recogniser of people on sentences of our own with gold (`tests/people/*.tsv`).

use std::collections::BTreeSet;
use std::path::Path;

use kuaibao_text::people::{self, Person, Spelling};

/// One line of gold.
struct Case {
    text: String,
    people: Vec<Gold>,
}

struct Gold {
    name: String,
    post: Option<String>,
    organisation: Option<String>,
    /// The English name, where pinyin does not spell it; `?` where nobody knows it.
    en: Option<String>,
}

fn cases(file: &str) -> Vec<Case> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/people")
        .join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
        .map(|line| {
            let (text, gold) = line
                .split_once('\t')
                .unwrap_or_else(|| panic!("no gold: {line}"));
            let people = gold
                .split(';')
                .filter(|g| *g != "-")
                .map(gold_person)
                .collect();
            Case {
                text: text.to_owned(),
                people,
            }
        })
        .collect()
}

fn gold_person(gold: &str) -> Gold {
    let (gold, en) = match gold.split_once('~') {
        Some((gold, en)) => (gold, Some(en.to_owned())),
        None => (gold, None),
    };
    let (rest, organisation) = match gold.split_once('@') {
        Some((rest, organisation)) => (rest, Some(organisation.to_owned())),
        None => (gold, None),
    };
    let (name, post) = match rest.split_once('=') {
        Some((name, post)) => (name, Some(post.to_owned())),
        None => (rest, None),
    };
    Gold {
        name: name.to_owned(),
        post,
        organisation,
        en,
    }
}

#[derive(Default)]
struct Score {
    right: usize,
    found: usize,
    gold: usize,
    posts: usize,
    posts_right: usize,
    complaints: Vec<String>,
}

impl Score {
    fn precision(&self) -> f64 {
        self.right as f64 / self.found as f64
    }

    fn recall(&self) -> f64 {
        self.right as f64 / self.gold as f64
    }

    fn post_accuracy(&self) -> f64 {
        self.posts_right as f64 / self.posts as f64
    }
}

fn score(cases: &[Case]) -> Score {
    let mut score = Score::default();
    for case in cases {
        let paragraphs: Vec<&str> = case.text.split('¶').collect();
        let found = people::find(&paragraphs, &[]);
        check_mentions(&paragraphs, &found);
        let names: BTreeSet<&str> = found.iter().map(|p| p.zh.as_str()).collect();
        let gold: BTreeSet<&str> = case.people.iter().map(|g| g.name.as_str()).collect();
        score.right += names.intersection(&gold).count();
        score.found += names.len();
        score.gold += gold.len();
        for name in names.difference(&gold) {
            score
                .complaints
                .push(format!("extra {name}: {}", case.text));
        }
        for name in gold.difference(&names) {
            score
                .complaints
                .push(format!("missed {name}: {}", case.text));
        }
        for g in &case.people {
            if let (Some(en), Some(person)) = (&g.en, found.iter().find(|p| p.zh == g.name)) {
                let right = match en.as_str() {
                    "?" => person.spelling == Spelling::Unknown && !person.certain,
                    en => person.en == en,
                };
                if !right {
                    score
                        .complaints
                        .push(format!("{} is {}: {}", g.name, person.en, case.text));
                }
            }
            let (Some(post), Some(person)) = (&g.post, found.iter().find(|p| p.zh == g.name))
            else {
                continue;
            };
            score.posts += 1;
            let organisation_right =
                g.organisation.is_none() || g.organisation == person.organisation_zh;
            if person.post_zh.as_ref() == Some(post) && organisation_right {
                score.posts_right += 1;
            } else {
                score.complaints.push(format!(
                    "post of {}: {:?} @ {:?} instead of {post} @ {:?}: {}",
                    g.name, person.post_zh, person.organisation_zh, g.organisation, case.text
                ));
            }
        }
    }
    score
}

/// Mentions are in order, inside their paragraph, and hold the name or a part of it.
fn check_mentions(paragraphs: &[&str], people: &[Person]) {
    for person in people {
        assert!(
            !person.mentions.is_empty(),
            "{} is never mentioned",
            person.zh
        );
        let mut last = (0, 0);
        for m in &person.mentions {
            let slice = &paragraphs[m.paragraph][m.range.clone()];
            let surname = person.zh.chars().next().unwrap_or_default();
            assert!(
                slice.starts_with(surname) || person.zh.ends_with(slice),
                "{slice} is no mention of {}",
                person.zh
            );
            assert!(
                (m.paragraph, m.range.start) >= last,
                "mentions out of order"
            );
            last = (m.paragraph, m.range.end);
        }
    }
}

fn report(file: &str, score: &Score) {
    eprintln!(
        "{file}: precision {:.3}, recall {:.3}, posts {:.3} ({} found, {} gold, {} posts)",
        score.precision(),
        score.recall(),
        score.post_accuracy(),
        score.found,
        score.gold,
        score.posts
    );
    for complaint in &score.complaints {
        eprintln!("  {complaint}");
    }
}

/// The complaints of each set as they stand: `<file>: <complaint>` a line. A change for the better or
/// for the worse shows; run with `KUAIBAO_REWRITE=1` to write the list anew, and read the difference.
#[test]
fn people_are_found_with_their_posts() {
    // Precision and recall of the first runs, before anything was tuned on a set: held-out
    // 0.905 and 0.779, blind 0.964 and 0.740, fresh 0.974 and
    // 0.925, news 0.959 and 0.945, later 0.958 and 0.753, everyday
    // 0.968 and 0.968, genres 0.980 and 0.900, genres-2, after the kinds of genres had been mended, 1.000
    // and 0.875, genres-3, after those of genres-2, 0.979 and 0.829, kinds, whose sentences are hard on
    // purpose, 0.962 and 0.596, genres-4, after those of kinds, 0.961 and 0.824,
    // genres-5, after those of genres-4, 0.934 and 0.836, genres-6, after those of genres-5, 0.900 and
    // 0.789, genres-7, after those of genres-6, 0.980 and 0.776,
    // genres-8, after those of genres-7, 0.924 and 0.849. The texts of others that were measured are not
    // here: 416 sentences of news with 247 names were 0.944 and 0.883 at first, 406 others, drawn from all
    // news, with 110 names 0.873 and 0.936.
    // Posts are whole here since describing words belong to them (`经济学教授`): 170 annotations that had left
    // such words out were completed, each read beside its sentence.
    let mut complaints = String::new();
    for file in [
        "sentences.tsv",
        "held-out.tsv",
        "blind.tsv",
        "fresh.tsv",
        "news.tsv",
        "later.tsv",
        "everyday.tsv",
        "genres.tsv",
        "genres-2.tsv",
        "genres-3.tsv",
        "kinds.tsv",
        "genres-4.tsv",
        "genres-5.tsv",
        "genres-6.tsv",
        "genres-7.tsv",
        "genres-8.tsv",
        "odds.tsv",
        "later-kinds.tsv",
    ] {
        let score = score(&cases(file));
        report(file, &score);
        for complaint in &score.complaints {
            complaints.extend([file, ": ", complaint.as_str(), "\n"]);
        }
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/people/complaints.txt");
    if std::env::var_os("KUAIBAO_REWRITE").is_some() {
        std::fs::write(&path, &complaints).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(complaints, expected);
}

/// Names end where they end, whatever stands behind them.
#[test]
fn names_end_before_what_carries_the_sentence_on() {
    let continuations = include_str!("people/continuations.tsv");
    let conjunctions = include_str!("people/conjunctions.tsv");
    let mut wrong = Vec::new();
    for row in continuations.lines().chain(conjunctions.lines()) {
        let Some((name, text)) = row.split_once('\t').filter(|_| !row.starts_with('#')) else {
            continue;
        };
        let found = people::find(&[text], &[]);
        let found = found.first().map(|p| p.zh.as_str());
        if found != Some(name) {
            wrong.push(format!("{name} is {found:?}: {text}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_second_post_of_one_organisation_keeps_the_organisation() {
    let found = people::find(&["东海集团董事长梁国强、总经理袁淑芬出席。"], &[]);
    let posts: Vec<_> = found
        .iter()
        .map(|p| {
            (
                p.zh.as_str(),
                p.post_zh.as_deref(),
                p.organisation_zh.as_deref(),
            )
        })
        .collect();
    assert_eq!(
        posts,
        [
            ("梁国强", Some("董事长"), Some("东海集团")),
            ("袁淑芬", Some("总经理"), Some("东海集团")),
        ]
    );
}

#[test]
fn posts_in_english() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/people/posts.tsv");
    let table = std::fs::read_to_string(&path).unwrap();
    let mut rows = 0;
    for row in table.lines().filter(|l| !l.starts_with('#')).skip(1) {
        let columns: Vec<&str> = row.split('\t').collect();
        let [title, post, organisation] = columns[..] else {
            panic!("not three columns: {row}");
        };
        let text = format!("{title}王晓明说，很好。");
        let found = people::find(&[&text], &[]);
        let person = found.first().unwrap_or_else(|| panic!("nobody in {text}"));
        assert_eq!(person.zh, "王晓明", "{title}");
        assert_eq!(person.post_en.as_deref().unwrap_or("-"), post, "{title}");
        assert_eq!(
            person.organisation_en.as_deref().unwrap_or("-"),
            organisation,
            "{title}"
        );
        rows += 1;
    }
    assert!(rows > 90);
}

#[test]
fn an_unknown_title_stays_chinese() {
    for title in ["云湖船级社总验船师", "大有号首席品香师", "某某堂掌柜"] {
        let text = format!("{title}王晓明说，很好。王晓明表示，欢迎再来。");
        for person in people::find(&[&text], &[]) {
            assert_eq!(person.post_en, None, "{title}");
        }
    }
}

#[test]
fn names_that_pinyin_does_not_spell_are_marked() {
    let cases = [
        (
            "俄罗斯防长绍里科夫说，会谈有益。",
            "绍里科夫",
            Spelling::Unknown,
        ),
        ("日本首相高桥健一表示欢迎。", "高桥健一", Spelling::Unknown),
        (
            "教授卡尔·罗恩（Carl Ronn）说，会谈有益。",
            "Carl Ronn",
            Spelling::Stated,
        ),
        (
            "罗伯特说，他很满意。罗伯特还说，要再来。",
            "罗伯特",
            Spelling::Unknown,
        ),
        (
            "俄罗斯总统普京说，会谈有益。",
            "Vladimir Putin",
            Spelling::Glossary,
        ),
        (
            "中国驻俄罗斯大使吕志清说，会谈有益。",
            "Lü Zhiqing",
            Spelling::Pinyin,
        ),
        ("省长单立华说，会谈有益。", "Shan Lihua", Spelling::Pinyin),
    ];
    for (text, en, spelling) in cases {
        let found = people::find(&[text], &[]);
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert_eq!(
            (found[0].en.as_str(), found[0].spelling),
            (en, spelling),
            "{text}"
        );
    }
}

#[test]
fn mentions_by_surname_and_last_part_are_joined() {
    let text = "市委书记褚学农讲话。褚书记说，安全第一。会后，褚学农同志来到现场。";
    let found = people::find(&[text], &[]);
    let mentions: Vec<&str> = found[0]
        .mentions
        .iter()
        .map(|m| &text[m.range.clone()])
        .collect();
    assert_eq!(mentions, ["褚学农", "褚书记", "褚学农"]);
    let text = "作家卡尔·罗恩到访。罗恩说，云湖很美。";
    let found = people::find(&[text], &[]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].mentions.len(), 2);
}

#[test]
fn reporters_are_nobody() {
    let paragraphs = ["本报讯（记者 钱小米）市长单立华说，路通了。", "钱小米 摄"];
    let names = |exclude: &[&str]| -> Vec<String> {
        people::find(&paragraphs, exclude)
            .into_iter()
            .map(|p| p.zh)
            .collect()
    };
    assert_eq!(names(&[]), ["单立华"]);
    assert_eq!(names(&["单立华"]), Vec::<String>::new());
}

#[test]
fn any_text_is_answered_in_time() {
    for text in [
        "",
        "·",
        "··",
        "王",
        "王·",
        "\u{0}王\u{fffd}",
        "王 ",
        "😀王浩说",
        "ａ王浩",
        "记者",
        "（",
        "、、、",
    ] {
        people::find(&[text, ""], &["", "王"]);
    }
    let started = std::time::Instant::now();
    for unit in [
        "王",
        "王浩、",
        "卡尔·",
        "省委书记",
        "书记、",
        "、",
        "（",
        "说“",
        "王浩说，",
        "日本首相",
    ] {
        let text = unit.repeat(60_000 / unit.len());
        people::find(&[&text], &[]);
    }
    let many: Vec<String> = (0..2000)
        .map(|i| format!("作家卡尔·罗恩{i}世说，好。"))
        .collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    people::find(&many, &[]);
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn the_acceptance_page_names_eight_officials() {
    let page =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/inputs/newspaper-page.txt");
    let Ok(page) = std::fs::read_to_string(&page) else {
        eprintln!("skipped: {} is not there", page.display());
        return;
    };
    let joined: String = page.split_whitespace().collect();
    let found = people::find(&[&joined], &[]);
    let posts: Vec<(&str, &str)> = found
        .iter()
        .map(|p| (p.zh.as_str(), p.post_zh.as_deref().unwrap_or_default()))
        .collect();
    for expected in [
        ("王成", "省委副书记"),
        ("李岩益", "省领导"),
        ("王浩", "省委书记"),
        ("邱启文", "省领导"),
        ("柯吉欣", "省领导"),
        ("尹学群", "省领导"),
        ("王通林", "党组书记、厅长"),
        ("习近平", "总书记"),
    ] {
        assert!(posts.contains(&expected), "{expected:?} not in {posts:?}");
    }
    assert_eq!(posts.len(), 8, "{posts:?}");
}
