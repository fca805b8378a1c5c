//! Briefs as files: the three forms of a brief, and an output folder that survives anything.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use kuaibao::{
    brief::record::{Brief, Role, Signature},
    report::{
        OutputLock, PageFolder, ReportError, Run, Status, html, index, json, markdown, write_run,
    },
};
use proptest::prelude::*;

/// A brief of `inputs/port-expansion.txt` as a real run gives it, flaws included.
fn example() -> Brief {
    serde_json::from_str(include_str!("report/port-expansion.json")).expect("a brief")
}

fn article(id: &str) -> Brief {
    Brief {
        article: id.to_owned(),
        ..example()
    }
}

fn ids(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// Every file below a folder with its bytes.
fn tree(dir: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(dir).unwrap().map(Result::unwrap) {
        if entry.file_type().unwrap().is_dir() {
            files.extend(tree(&entry.path()));
        } else {
            files.insert(entry.path(), fs::read(entry.path()).unwrap());
        }
    }
    files
}

fn snapshots() -> insta::Settings {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path("report");
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings
}

#[test]
fn json_is_the_document_itself() {
    let written = json::document(&example()).unwrap();
    assert_eq!(written, include_str!("report/port-expansion.json"));
    let line = json::line(&example()).unwrap();
    assert!(!line.contains('\n'));
    let back: Brief = serde_json::from_str(&line).unwrap();
    assert_eq!(json::document(&back).unwrap(), written);
}

#[test]
fn markdown_as_an_editor_reads_it() {
    snapshots().bind(|| insta::assert_snapshot!("brief.md", markdown::document(&example())));
}

#[test]
fn markdown_shows_an_article_as_it_was_written() {
    let mut brief = example();
    brief.headline.en = "# *Not* a [link](javascript:alert(1)) <b>".into();
    brief.summary[0].en = "1. Not a list & not &amp; an entity | no cell\n\n## no heading".into();
    let text = markdown::document(&brief);
    assert!(text.starts_with("# # \\*Not\\* a \\[link\\](javascript:alert(1)) \\<b\\>\n"));
    assert!(text.contains(
        "\n1\\. Not a list & not \\&amp; an entity \\| no cell  ## no heading [3] [4]\n"
    ));
}

#[test]
fn html_as_the_browser_gets_it() {
    let page = html::document(&example(), &html::Surroundings::default()).unwrap();
    // The style and script have tests of their own in `html.rs`; here the content counts.
    let body = &page[page.find("<body>").unwrap()..page.rfind("<script>").unwrap()];
    snapshots().bind(|| insta::assert_snapshot!("brief.html", body));
}

#[test]
fn figures_are_marked_in_both_languages() {
    let page = html::document(&example(), &html::Surroundings::default()).unwrap();
    for marked in [
        r#"<mark class="figure" data-figure="2">128.6亿元</mark>"#,
        r#"<mark class="figure" data-figure="2">12.86 billion yuan</mark>"#,
        r#"<mark class="figure" data-figure="8">231 million tonnes</mark>"#,
        // The number alone, where the unit is put otherwise.
        r#"<mark class="figure" data-figure="32">more than 1,400</mark>"#,
    ] {
        assert!(page.contains(marked), "{marked}");
    }
    assert!(
        !page.contains(r#"data-figure="5">42 million"#),
        "a wrong rendering is not marked as the figure"
    );
}

/// A caption between two columns lies within the sentence that runs on behind it.
#[test]
fn a_figure_behind_an_interruption_belongs_to_its_sentence() {
    let mut brief = example();
    let start = brief.translation[3].start + 1;
    let caption = &mut brief.translation[21];
    caption.role = Role::Caption;
    (caption.start, caption.end) = (start, start + 1);
    let page = html::document(&brief, &html::Surroundings::default()).unwrap();
    assert!(page.contains(r#"<mark class="figure" data-figure="2">128.6亿元</mark>"#));
}

#[test]
fn a_former_post_is_called_so_once() {
    let mut brief = example();
    for (en, shown) in [
        ("former vice mayor", "former vice mayor"),
        ("president", "former president"),
    ] {
        let person = &mut brief.people[0];
        (person.former, person.change) = (true, None);
        person.post_en = Some(en.to_owned());
        let page = html::document(&brief, &html::Surroundings::default()).unwrap();
        let text = markdown::document(&brief);
        for text in [page, text] {
            assert!(
                text.contains(shown) && !text.contains("former former"),
                "{en}"
            );
        }
    }
}

#[test]
fn reading_order_is_that_of_a_page() {
    let mut brief = example();
    brief.translation.reverse();
    let page = html::document(&brief, &html::Surroundings::default()).unwrap();
    let at = |id: &str| page.find(&format!("id=\"s-{id}\"")).unwrap();
    assert!(at("h1") < at("u1") && at("u1") < at("p1s3") && at("p1s1") < at("p7s1"));
    brief.translation[0].role = Role::Caption;
    let page = html::document(&brief, &html::Surroundings::default()).unwrap();
    assert!(page.find("id=\"s-p7s1\"") > page.find("id=\"s-p1s1\""));
}

#[test]
fn a_page_is_skipped_only_when_all_of_it_is_there() {
    let dir = tempfile::tempdir().unwrap();
    let page = PageFolder::new(dir.path(), Path::new("a/port.txt"));
    let signature = example().signature;
    assert!(page.finished(&signature).is_none());
    page.open(&signature, &ids(&["1", "2"]), None).unwrap();
    let written = page.write(&article("1")).unwrap();
    assert_eq!(written.html, "a/port.txt/1.html");
    assert!(page.finished(&signature).is_none(), "article 2 is missing");
    assert!(page.brief("1", &signature).is_some());
    assert!(page.brief("2", &signature).is_none());
    page.write(&article("2")).unwrap();
    assert!(
        page.finished(&signature).is_none(),
        "the page is not closed"
    );
    page.close().unwrap();
    let found = page.finished(&signature).unwrap();
    assert_eq!(
        found.iter().map(|b| &b.article).collect::<Vec<_>>(),
        ["1", "2"]
    );

    let other = Signature {
        beam: 1,
        ..signature.clone()
    };
    assert!(page.finished(&other).is_none());
    for lost in ["1.md", "2.html", "2.json", "page.json"] {
        let path = page.path().join(lost);
        let kept = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        assert!(page.finished(&signature).is_none(), "{lost}");
        fs::write(&path, &kept).unwrap();
    }
    fs::write(page.path().join("1.json"), "{\"schema\":").unwrap();
    assert!(page.finished(&signature).is_none());
}

#[test]
fn articles_that_a_page_no_longer_has_go_and_other_files_stay() {
    let dir = tempfile::tempdir().unwrap();
    let page = PageFolder::new(dir.path(), Path::new("port.html"));
    let signature = example().signature;
    page.open(&signature, &ids(&["1", "2", "3"]), Some("text"))
        .unwrap();
    for id in ["1", "2", "3"] {
        page.write(&article(id)).unwrap();
    }
    let html = fs::read_to_string(page.path().join("1.html")).unwrap();
    assert!(html.contains("href=\"source.txt\""));
    assert!(page.path().join("source.txt").is_file());
    fs::write(page.path().join("2-edited.md"), "mine").unwrap();
    // A run that was killed at its third article, before it closed the page.
    fs::remove_file(page.path().join("3.json")).unwrap();
    fs::write(page.path().join(".3.json.partial"), "{").unwrap();

    page.open(&signature, &ids(&["1"]), None).unwrap();
    page.write(&article("1")).unwrap();
    page.close().unwrap();
    let names: Vec<_> = tree(page.path())
        .into_keys()
        .map(|p| p.file_name().unwrap().to_string_lossy().into_owned())
        .collect();
    assert_eq!(
        names,
        ["1.html", "1.json", "1.md", "2-edited.md", "page.json"]
    );
}

/// Whatever a killed run left behind, the next one ends with the same bytes.
#[test]
fn a_run_that_was_killed_ends_like_one_that_was_not() {
    let signature = example().signature;
    let other = Signature {
        beam: 1,
        ..signature.clone()
    };
    let complete = |page: &PageFolder, signature: &Signature| {
        if page.finished(signature).is_some() {
            return;
        }
        page.open(signature, &ids(&["1", "2"]), None).unwrap();
        for id in ["1", "2"] {
            if page.brief(id, signature).is_none() {
                let brief = Brief {
                    signature: signature.clone(),
                    ..article(id)
                };
                page.write(&brief).unwrap();
            }
        }
        page.close().unwrap();
    };
    let whole = tempfile::tempdir().unwrap();
    complete(
        &PageFolder::new(whole.path(), Path::new("p.txt")),
        &signature,
    );
    let expected: Vec<_> = tree(whole.path()).into_values().collect();

    // Each file of the page missing, half-written under its temporary name, or of another run.
    for lost in [
        "1.md",
        "1.html",
        "1.json",
        "2.md",
        "2.html",
        "2.json",
        "page.json",
    ] {
        for earlier in [&signature, &other] {
            let dir = tempfile::tempdir().unwrap();
            let page = PageFolder::new(dir.path(), Path::new("p.txt"));
            complete(&page, earlier);
            fs::remove_file(page.path().join(lost)).unwrap();
            fs::write(page.path().join(format!(".{lost}.partial")), "half").unwrap();
            complete(&page, &signature);
            let found: Vec<_> = tree(dir.path()).into_values().collect();
            assert!(found == expected, "{lost} lost");
        }
    }
}

/// A switch of settings, killed between two files of an article, and back again.
#[test]
fn an_article_is_never_a_mixture_of_two_runs() {
    let dir = tempfile::tempdir().unwrap();
    let page = PageFolder::new(dir.path(), Path::new("p.txt"));
    let signature = example().signature;
    page.open(&signature, &ids(&["1"]), None).unwrap();
    page.write(&article("1")).unwrap();
    page.close().unwrap();
    // The next run, under other settings, dies where it may not write: at the HTML.
    fs::remove_file(page.path().join("1.html")).unwrap();
    fs::create_dir(page.path().join("1.html")).unwrap();
    let mut other = article("1");
    other.signature.beam = 1;
    page.open(&other.signature, &ids(&["1"]), None).unwrap();
    let error = page.write(&other).unwrap_err();
    assert!(error.to_string().contains("1.html"), "{error}");
    fs::remove_dir(page.path().join("1.html")).unwrap();
    fs::write(page.path().join("1.html"), "older").unwrap();
    assert!(page.brief("1", &signature).is_none());
    assert!(page.brief("1", &other.signature).is_none());
}

#[test]
fn names_from_outside_stay_inside_and_apart() {
    let dir = Path::new("out");
    let at = |relative: &str| {
        let path = PageFolder::new(dir, Path::new(relative)).path().to_owned();
        path.strip_prefix(dir)
            .unwrap()
            .to_string_lossy()
            .into_owned()
    };
    for (relative, expected) in [
        ("a/page.txt", "a/page.txt"),
        ("浙江 2025/第1版.txt", "浙江 2025/第1版.txt"),
        ("./a//b.txt", "a/b.txt"),
        ("../../etc/passwd", "%2E%2E/%2E%2E/etc/passwd"),
        ("/etc/passwd", "%2F/etc/passwd"),
        ("C:\\x\\y.txt", "C%3A%5Cx%5Cy.txt"),
        ("index.html", "%69ndex.html"),
        ("Run.JSON", "%52un.JSON"),
        ("a/index.html", "a/index.html"),
        (".hidden/x", "%2Ehidden/x"),
        ("con.txt", "%63on.txt"),
        ("aux", "%61ux"),
        ("COM1 .txt", "%43OM1 .txt"),
        ("lpt².a.b", "%6Cpt².a.b"),
        ("console.txt", "console.txt"),
        ("a./b ", "a%2E/b%20"),
        (" a", "%20a"),
        ("100%", "100%25"),
        ("a\u{202E}txt.exe", "a%E2%80%AEtxt.exe"),
        ("x\0y", "x%00y"),
        ("", "%"),
    ] {
        assert_eq!(at(relative), expected);
    }
    let page = PageFolder::new(dir, Path::new("a"));
    for (article, expected) in [
        ("1", "a/1.json"),
        ("../../x", "a/%2E./..%2Fx.json"),
        ("page", "a/%70age.json"),
        ("PAGE", "a/%50AGE.json"),
        ("", "a/%.json"),
        ("nul", "a/%6Eul.json"),
    ] {
        let expected = expected.replace("%2E./..", "%2E.%2F..");
        assert_eq!(page.files(article).json, expected);
    }
}

#[cfg(unix)]
#[test]
fn names_that_are_no_text_are_escaped_too() {
    use std::os::unix::ffi::OsStrExt;
    let name = std::ffi::OsStr::from_bytes(b"\xb9\xab.txt");
    let page = PageFolder::new(Path::new("out"), Path::new(name));
    assert_eq!(page.path(), Path::new("out/%B9%AB.txt"));
}

#[test]
fn articles_of_a_page_do_not_share_files() {
    let dir = tempfile::tempdir().unwrap();
    let page = PageFolder::new(dir.path(), Path::new("p.txt"));
    for pair in [["1", "1"], ["A", "a"]] {
        let error = page
            .open(&example().signature, &ids(&pair), None)
            .unwrap_err();
        assert!(matches!(error, ReportError::SameFiles { .. }));
    }
}

#[test]
fn two_runs_do_not_write_to_one_folder() {
    let dir = tempfile::tempdir().unwrap();
    let first = OutputLock::acquire(&dir.path().join("new"), None).unwrap();
    let second = OutputLock::acquire(&dir.path().join("new"), None);
    assert!(matches!(second, Err(ReportError::Busy { .. })));
    drop(first);
    OutputLock::acquire(&dir.path().join("new"), None).unwrap();
}

#[test]
fn the_record_of_a_run_differs_in_its_timing_alone() {
    let page = PageFolder::new(Path::new("out"), Path::new("port.txt"));
    let record = |status, seconds| {
        let mut run = Run::new(&example().signature);
        run.done(
            &example(),
            page.files("1"),
            status,
            Duration::from_secs(seconds),
        );
        run.failed("bad.txt", None, "bad.txt: not text".into(), Duration::ZERO);
        run.pending("late.txt");
        run.took(
            std::time::UNIX_EPOCH + Duration::from_secs(seconds),
            Duration::from_secs(seconds),
        );
        run
    };
    let (mut one, mut other) = (record(Status::Written, 9), record(Status::Skipped, 1));
    assert_eq!(one.timing.sentences, 22);
    assert_eq!(other.timing.sentences, 0);
    assert_eq!(
        index::document(&one).unwrap(),
        index::document(&other).unwrap()
    );
    let back: Run = serde_json::from_str(&serde_json::to_string(&one).unwrap()).unwrap();
    assert_eq!(back, one);
    snapshots()
        .bind(|| insta::assert_snapshot!("run.json", serde_json::to_string_pretty(&one).unwrap()));
    (one.timing, other.timing) = Default::default();
    assert_eq!(one, other);
}

#[test]
fn a_run_is_written_beside_its_briefs() {
    let dir = tempfile::tempdir().unwrap();
    let page = PageFolder::new(dir.path(), Path::new("a b/第1版#.txt"));
    page.open(&example().signature, &ids(&["1"]), None).unwrap();
    let files = page.write(&example()).unwrap();
    page.close().unwrap();
    let mut run = Run::new(&example().signature);
    run.done(&example(), files, Status::Written, Duration::ZERO);
    write_run(dir.path(), &run, &[]).unwrap();
    let index = fs::read_to_string(dir.path().join("index.html")).unwrap();
    assert!(index.contains(r#"href="a%20b&#x2f;%E7%AC%AC1%E7%89%88%23.txt&#x2f;1.html""#));
    let brief = fs::read_to_string(page.path().join("1.html")).unwrap();
    assert!(brief.contains(r#"href="..&#x2f;..&#x2f;index.html""#));
    assert!(dir.path().join("run.json").is_file());
}

proptest! {
    /// Different names, different places; none outside; none too long for a file system.
    #[test]
    fn any_name_is_a_place_below(a in any::<String>(), b in any::<String>(), long in 0..600usize) {
        let dir = Path::new("out");
        let a = a + &"长".repeat(long);
        let (pa, pb) = (PageFolder::new(dir, Path::new(&a)), PageFolder::new(dir, Path::new(&b)));
        for part in pa.path().strip_prefix(dir).unwrap().components() {
            let std::path::Component::Normal(name) = part else { panic!("{part:?}") };
            prop_assert!(name.len() <= 200);
        }
        if Path::new(&a).components().ne(Path::new(&b).components()) {
            prop_assert_ne!(pa.path(), pb.path());
        }
        let one = PageFolder::new(dir, Path::new("p"));
        if a != b {
            prop_assert_ne!(one.files(&a), one.files(&b));
        }
        prop_assert_eq!(one.files(&a).json.matches('/').count(), 1);
    }

    /// No text breaks the laying out, and none gets out of its place.
    #[test]
    fn any_text_is_laid_out(text in any::<String>(), other in "\\PC{0,40}[<>&\"'`|\\\\\\[\\]]{0,9}") {
        let mut brief = example();
        brief.headline.en.clone_from(&text);
        brief.translation[3].zh.clone_from(&text);
        brief.translation[3].en.clone_from(&other);
        brief.figures[1].zh.clone_from(&other);
        brief.figures[1].en.clone_from(&text);
        brief.people[0].en.clone_from(&other);
        let page = html::document(&brief, &html::Surroundings::default()).unwrap();
        prop_assert_eq!(page.matches("<script").count(), 1);
        prop_assert_eq!(page.matches("</main>").count(), 1);
        let rows = markdown::document(&brief).lines().filter(|l| l.starts_with("| ")).count();
        let figures = example().figures.into_iter().filter(|f| f.kind != "date").count();
        prop_assert_eq!(rows, 2 + figures + example().people.len());
    }
}

/// A source of one sentence of a megabyte with thousands of figures costs no more than reading it.
#[test]
fn a_wall_of_figures_is_laid_out_in_time() {
    let mut brief = example();
    let figure = brief.figures[1].clone();
    brief.figures = (0..20_000).map(|_| figure.clone()).collect();
    brief.translation[3].zh = "1".repeat(1 << 20);
    brief.translation[3].en = "1 ".repeat(1 << 19);
    let started = std::time::Instant::now();
    html::document(&brief, &html::Surroundings::default()).unwrap();
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn the_index_is_of_the_folder_and_the_tables_have_its_figures() {
    let dir = tempfile::tempdir().unwrap();
    let run_over = |source: &str, watch: &[String]| {
        let folder = PageFolder::new(dir.path(), Path::new(source));
        let brief = Brief {
            source: source.to_owned(),
            ..example()
        };
        folder.open(&brief.signature, &ids(&["1"]), None).unwrap();
        let files = folder.write(&brief).unwrap();
        let mut run = Run::new(&brief.signature);
        run.done(&brief, files, Status::Written, Duration::ZERO);
        write_run(dir.path(), &run, watch).unwrap();
    };
    let read = |name: &str| fs::read_to_string(dir.path().join(name)).unwrap();
    run_over("a.txt", &[]);
    run_over("b.txt", &["白鹭港".to_owned()]);
    let index = read("index.html");
    assert!(index.contains("a.txt&#x2f;1.html") && index.contains("b.txt&#x2f;1.html"));
    // The same article in two files is one story.
    assert!(index.contains("The same story in 1 more."));
    assert!(
        index.contains(r#"class="watched">白鹭港"#),
        "the watch list"
    );
    let rows = |name: &str, source: &str| {
        let text = read(name);
        text.lines().filter(|l| l.starts_with(source)).count()
    };
    let figures = example().figures.len();
    assert_eq!(
        (rows("figures.csv", "a.txt"), rows("figures.csv", "b.txt")),
        (figures, figures)
    );
    assert_eq!(rows("people.csv", "a.txt"), example().people.len());
    // What is gone from the folder is gone from the index; a run over the same source replaces it.
    fs::remove_dir_all(dir.path().join("a.txt")).unwrap();
    run_over("b.txt", &[]);
    let index = read("index.html");
    assert!(!index.contains("a.txt&#x2f;1.html"));
    assert_eq!(index.matches("b.txt&#x2f;1.html").count(), 1);
}
