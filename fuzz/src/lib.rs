//! What any bytes must not break: no panic, no endless work, no lost character, no range that lies
//! outside its text.

use std::{
    collections::HashMap,
    fs,
    io::{Cursor, Write},
    ops::Range,
    path::{Path, PathBuf},
    sync::{LazyLock, Mutex, PoisonError},
};

use candle_core::Device;
use kuaibao::brief::{draft::Draft, one::Given};
use kuaibao_engine::{
    generate::SearchConfig,
    marian::Shortlist,
    nn::{self, Placement, Precision},
    tokenizer::Tokenizer,
    torch,
};
use kuaibao_text::{
    checks::{Habit, check_figures, check_meaning, check_text},
    figures::{self, Clock},
    glossary::Glossary,
    page::{self, Page, record},
    text::Traced,
};
use tempfile::TempDir;

/// A property that holds of any bytes.
pub type Target = fn(&[u8]);

/// Every target by its name.
pub const TARGETS: &[(&str, Target)] = &[
    ("text", |bytes| pages("txt", bytes)),
    ("markdown", |bytes| pages("md", bytes)),
    ("html", |bytes| pages("html", bytes)),
    ("docx", docx),
    ("pdf", |bytes| pages("pdf", bytes)),
    ("split-json", split_json),
    ("jsonl", jsonl),
    ("figures", figures_of),
    ("check", check),
    ("glossary", glossary),
    ("config", config),
    ("spm", |bytes| tokenizer("source.spm", bytes)),
    ("tokenizer-json", |bytes| tokenizer("tokenizer.json", bytes)),
    ("pickle", pickle),
    ("gguf", |bytes| model("model.gguf", bytes)),
    ("safetensors", |bytes| model("model.safetensors", bytes)),
    ("marian", |bytes| marian("model.bin", bytes)),
    ("npz", |bytes| marian("model.npz", bytes)),
    ("shortlist", shortlist),
];

/// A file of the repository.
pub fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path)
}

/// The characters of texts that are not white space, sorted.
fn characters<'a>(texts: impl Iterator<Item = &'a str>) -> Vec<char> {
    let characters = texts.flat_map(str::chars).filter(|c| !c.is_whitespace());
    let mut characters: Vec<char> = characters.collect();
    characters.sort_unstable();
    characters
}

/// Every text of a page.
fn texts(page: &Page) -> impl Iterator<Item = &str> {
    let articles = page.articles.iter().flat_map(|article| {
        let heads = [&article.headline, &article.subheadline, &article.dateline];
        let lists = [
            &article.kicker,
            &article.byline,
            &article.paragraphs,
            &article.captions,
        ];
        let subheads = article.subheads.iter().map(|s| &s.text);
        heads
            .into_iter()
            .flatten()
            .chain(lists.into_iter().flatten())
            .chain(subheads)
    });
    articles
        .chain(page.dropped.iter().map(|d| &d.text))
        .map(Traced::as_str)
}

/// What becomes of a page: nothing is lost, and what is found stands where it is said to stand.
fn holds(page: &Page, source: &str) {
    assert_eq!(
        characters(texts(page)),
        characters([source].into_iter()),
        "a character is lost"
    );
    let draft = Draft::new(page, "page", None).expect("an input is small");
    for (figures, people) in draft.records() {
        for figure in figures {
            assert!(source.get(figure.start..figure.end).is_some(), "{figure:?}");
        }
        for [start, end] in people.iter().flat_map(|p| &p.mentions) {
            assert!(source.get(*start..*end).is_some());
        }
    }
}

fn pages(extension: &str, bytes: &[u8]) {
    if let Ok(source) = page::read(bytes, Some(extension), None) {
        holds(&source.split(None), &source.text);
    }
}

/// The bytes as a file, and as the document in one that is whole.
fn docx(bytes: &[u8]) {
    pages("docx", bytes);
    let mut file = zip::ZipWriter::new(Cursor::new(Vec::new()));
    let stored =
        zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let written = file
        .start_file("word/document.xml", stored)
        .and_then(|()| Ok(file.write_all(bytes)?));
    if let (Ok(()), Ok(file)) = (written, file.finish()) {
        pages("docx", &file.into_inner());
    }
}

/// A record that was read is written and read as the same.
fn split_json(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    for record in record::parse(text).unwrap_or_default() {
        let (source, page) = record.to_page();
        holds(&page, &source);
        let again = record::PageRecord::new(&page, &record.source, &record.encoding);
        let json = serde_json::to_string(&again).expect("a record is JSON");
        let read = record::parse(&json).expect("what was written is read");
        assert_eq!(read, [again]);
    }
}

fn jsonl(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (title, text) = text.split_once('\0').unwrap_or(("", &text));
    let given = Given {
        id: "1",
        text,
        title: Some(title),
        ..Given::default()
    };
    let (source, page) = given.page();
    assert_eq!(page.articles.len(), 1);
    holds(&page, &source);
}

fn figures_of(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for figure in figures::extract(&text, &Clock::unknown()) {
        assert!(!text[figure.range].is_empty());
    }
    for figure in figures::extract_english(&text) {
        assert!(!text[figure.range].is_empty());
    }
}

fn check(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (zh, en) = text.split_once('\n').unwrap_or((&text, ""));
    let found = check_figures(zh, en, &Clock::unknown());
    for wrong in &found.wrong {
        assert!(!zh[wrong.zh.clone()].is_empty() && !en[wrong.en.clone()].is_empty());
    }
    check_text(zh, en);
    for doubt in check_meaning(zh, en, &text, Habit::default()) {
        let inside =
            |range: Option<Range<usize>>, text: &str| range.is_none_or(|r| text.get(r).is_some());
        assert!(inside(doubt.zh_range, zh) && inside(doubt.en_range, en));
    }
}

fn glossary(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for name in ["g.tsv", "g.toml"] {
        let mut glossary = Glossary::new();
        if glossary.add(Path::new(name), &text).is_ok() {
            glossary.violations(&text, &text);
        }
    }
}

/// A folder of this process with one file of a model and, beside it, the others of the small Marian
/// model of the tests; it is made once, and the one file replaced each time.
fn model_with(name: &str, bytes: &[u8]) -> PathBuf {
    static FOLDERS: LazyLock<Mutex<HashMap<String, TempDir>>> = LazyLock::new(Mutex::default);
    let mut folders = FOLDERS.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = folders.entry(name.to_owned()).or_insert_with(|| {
        let folder = tempfile::tempdir().expect("a folder");
        if !name.starts_with("model.bin") && !name.starts_with("model.npz") {
            let files = [
                "config.json",
                "generation_config.json",
                "vocab.json",
                "source.spm",
                "target.spm",
                "tokenizer_config.json",
            ];
            for file in files {
                let fixture = repository("tests/fixtures/marian-tiny").join(file);
                fs::copy(fixture, folder.path().join(file)).expect("a fixture");
            }
        }
        folder
    });
    fs::write(folder.path().join(name), bytes).expect("a file");
    folder.path().to_owned()
}

fn config(bytes: &[u8]) {
    for name in ["config.json", "generation_config.json"] {
        let model = model_with(name, bytes);
        let _ = SearchConfig::read(&model);
        let _ = nn::model_type(&model);
    }
}

fn tokenizer(name: &str, bytes: &[u8]) {
    let model = model_with(name, bytes);
    if let Ok(tokenizer) = Tokenizer::from_dir(&model) {
        for text in [
            "云州港昨日开港。",
            "",
            "a\u{0}b",
            &String::from_utf8_lossy(bytes),
        ] {
            let _ = tokenizer.encode_source(&text.chars().take(200).collect::<String>());
        }
    }
}

fn pickle(bytes: &[u8]) {
    for tensor in torch::read(bytes).unwrap_or_default() {
        assert_eq!(tensor.is_empty(), tensor.len() == 0);
        if tensor.len() < 1 << 20 {
            tensor.data();
        }
    }
}

fn model(name: &str, bytes: &[u8]) {
    let model = model_with(name, bytes);
    let _ = nn::load(&model, &Placement::new(Device::Cpu, Precision::F32));
}

/// A model in Marian's own files, in both precisions.
fn marian(name: &str, bytes: &[u8]) {
    let model = model_with(name, bytes);
    for precision in [Precision::F32, Precision::Q8] {
        let _ = nn::load(&model, &Placement::new(Device::Cpu, precision));
    }
}

/// The bytes behind a magic number and a checksum that is right: no mutation finds it.
fn shortlist(bytes: &[u8]) {
    let words = bytes
        .as_chunks::<8>()
        .0
        .iter()
        .map(|b| u64::from_le_bytes(*b));
    let checksum = words.fold(0_u64, |seed, word| {
        let more = word
            .wrapping_add(0x9E37_79B9)
            .wrapping_add(seed << 6)
            .wrapping_add(seed >> 2);
        seed ^ more
    });
    let head = [0xF11A_48D5_0134_17F5, checksum].map(u64::to_le_bytes);
    let file = [head.as_flattened(), bytes].concat();
    let path = model_with("model.bin.lex", &file).join("model.bin.lex");
    if let Ok(list) = Shortlist::open(&path, 100) {
        let candidates = list.candidates(&[0, 5, 99, 100, u32::MAX], 100, true);
        assert!(candidates.iter().all(|&token| token < 100));
    }
}
