//! Marian-native models through the program: the expected output of `tests/fixtures/marian/`, and of
//! `../shared/marian-native/` where that is there.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use kuaibao_engine::tokenizer::Tokenizer;
use serde_json::Value;
use tempfile::TempDir;

/// A model of the fixtures with one form of its weights.
struct Fixture {
    folder: TempDir,
    expected: Value,
    name: String,
}

impl Fixture {
    fn of(source: &Path, file: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(source).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if !name.starts_with("model") || name == file {
                // What is shared may be read-only.
                fs::write(folder.path().join(name), fs::read(&path).unwrap()).unwrap();
            }
        }
        let expected = fs::read(source.join("expected.json")).unwrap();
        Self {
            folder,
            expected: serde_json::from_slice(&expected).unwrap(),
            name: format!("{} of {}", file, source.display()),
        }
    }

    fn here(kind: &str, file: &str) -> Self {
        let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/marian");
        Self::of(&fixtures.join(kind), file)
    }

    fn sources(&self) -> PathBuf {
        self.folder.path().join("sources.txt")
    }

    /// `kuaibao translate --lines` of a file with this model.
    fn run(&self, flags: &[&str], source: &Path) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kuaibao"));
        command.args(["translate", "--lines", "--quiet", "--device", "cpu"]);
        command.arg("--translator").arg(self.folder.path());
        command.args(flags).arg(source).output().unwrap()
    }

    fn lines(&self, flags: &[&str]) -> Vec<String> {
        let done = self.run(flags, &self.sources());
        let said = String::from_utf8_lossy(&done.stderr);
        assert!(done.status.success(), "{}: {said}", self.name);
        let printed = String::from_utf8(done.stdout).unwrap();
        printed.lines().map(str::to_owned).collect()
    }

    /// The text of expected tokens, of the first `most` of them.
    fn text(&self, tokens: &Value, most: usize) -> String {
        let tokens = tokens.as_array().unwrap().iter().take(most);
        let tokens: Vec<u32> = tokens.map(|id| id.as_u64().unwrap() as u32).collect();
        let tokenizer = Tokenizer::from_dir(self.folder.path()).unwrap();
        tokenizer.decode(&tokens).unwrap()
    }

    /// Twice as many tokens as each source has: what Marian lets a translation have.
    fn limits(&self) -> impl Iterator<Item = usize> {
        let sources = self.list("/source_tokens").iter();
        sources.map(|tokens| 2 * tokens.as_array().unwrap().len())
    }

    fn list(&self, pointer: &str) -> &Vec<Value> {
        self.expected.pointer(pointer).unwrap().as_array().unwrap()
    }
}

#[test]
fn the_program_prints_what_marian_does() {
    let mut fixtures = vec![
        Fixture::here("joint", "model.bin"),
        Fixture::here("opus", "model.npz"),
    ];
    let shared = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/marian-native/fixtures");
    if shared.is_dir() {
        for kind in ["joint", "split", "opus"] {
            for file in ["model.npz", "model.bin"] {
                fixtures.push(Fixture::of(&shared.join(kind), file));
            }
        }
    } else {
        println!("skipped: {} is not there, six more forms", shared.display());
    }
    for fixture in fixtures {
        let answers = fixture.list("/greedy/translations");
        let texts: Vec<&str> = answers
            .iter()
            .map(|a| a["text"].as_str().unwrap().trim())
            .collect();
        let flags = ["--precision", "f32", "--beam", "1"];
        assert_eq!(fixture.lines(&flags), texts, "{}", fixture.name);
        let answers = fixture.list("/beam4_normalize1/n_best");
        let best = |n_best: &Value| fixture.text(&n_best[0]["tokens"], usize::MAX);
        let texts: Vec<String> = answers.iter().map(best).collect();
        let flags = ["--precision", "f32", "--beam", "4"];
        assert_eq!(fixture.lines(&flags), texts, "{}, 4 beams", fixture.name);
    }
}

/// How far apart the two best logits may be where rounding still decides, as the engine's own test of these
/// fixtures has it.
const TIE: f64 = 0.08;

/// The weights as they are stored, in 8 bits: the tokens of the numpy pass that rounds activations a
/// row at a time, but where the two best scores are as near as that rounding's error.
#[test]
fn the_program_computes_with_the_stored_bytes() {
    for kind in ["joint", "split"] {
        let fixture = Fixture::here(kind, "model.alphas.bin");
        let found = fixture.lines(&["--precision", "q8", "--beam", "1"]);
        let answers = fixture.list("/int8/rows/translations");
        assert_eq!(found.len(), answers.len());
        let mut compared = 0;
        for ((found, answer), most) in found.iter().zip(answers).zip(fixture.limits()) {
            if answer["least_gap"].as_f64().unwrap() > TIE {
                // The reference allows four tokens more.
                assert_eq!(*found, fixture.text(&answer["tokens"], most), "{kind}");
                compared += 1;
            }
        }
        assert!(compared > 5, "{kind}: {compared} compared");
    }
}

#[test]
fn the_shortlist_is_used_when_it_is_asked_for() {
    let fixture = Fixture::here("joint", "model.bin");
    let sources = fs::read_to_string(fixture.sources()).unwrap();
    let answers = fixture.list("/shortlist");
    let flags = ["--precision", "f32", "--beam", "1", "--shortlist"];
    let mut others = 0;
    for (source, answer) in sources.lines().zip(answers).take(6) {
        // Sentences of a batch share their lists, so each goes alone.
        let one = fixture.folder.path().join("one.txt");
        fs::write(&one, format!("{source}\n")).unwrap();
        let done = fixture.run(&flags, &one);
        let printed = String::from_utf8(done.stdout).unwrap();
        assert_eq!(
            printed.trim_end(),
            fixture.text(answer, usize::MAX),
            "{source}"
        );
        let whole = fixture.run(&flags[..4], &one);
        others += usize::from(whole.stdout != printed.as_bytes());
    }
    assert!(others > 0, "the shortlist changed nothing");

    fs::remove_file(fixture.folder.path().join("lex.s2t.bin")).unwrap();
    let done = fixture.run(&flags, &fixture.sources());
    let said = String::from_utf8_lossy(&done.stderr);
    assert_eq!(done.status.code(), Some(2), "{said}");
    assert!(
        said.contains("lex.*.bin") && said.contains("--shortlist"),
        "{said}"
    );
}
