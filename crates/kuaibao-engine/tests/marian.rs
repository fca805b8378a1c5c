//! Marian-native models, held to Marian's own answers and to a numpy forward pass
//! (`tests/fixtures/marian/`), and their files, whole and damaged.

use std::fs;
use std::path::{Path, PathBuf};

use candle_core::Device;
use kuaibao_engine::{
    generate::{self, SearchConfig, Translator, Workers},
    hub::{HubOptions, Task, resolve},
    marian::{Archive, Shortlist},
    nn::{self, NO_TOKEN, Placement, Precision, Seq2Seq, Shortlisted},
    tokenizer::Tokenizer,
};
use serde_json::Value;

/// A model of the fixtures in a folder that holds one form of its weights.
struct Fixture {
    folder: tempfile::TempDir,
    expected: Value,
    file: &'static str,
}

fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/marian")
}

impl Fixture {
    fn new(kind: &str, file: &'static str) -> Self {
        Self::of(&fixtures().join(kind), &fixtures().join(kind), file)
    }

    fn of(source: &Path, answers: &Path, file: &'static str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for entry in fs::read_dir(source).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if !name.starts_with("model") || name == file {
                fs::copy(&path, folder.path().join(name)).unwrap();
            }
        }
        let expected = fs::read(answers.join("expected.json")).unwrap();
        Self {
            folder,
            expected: serde_json::from_slice(&expected).unwrap(),
            file,
        }
    }

    fn model(&self, precision: Precision) -> Box<dyn Seq2Seq> {
        nn::load(self.folder.path(), &Placement::new(Device::Cpu, precision)).unwrap()
    }

    fn config(&self) -> SearchConfig {
        let tokenizer = Tokenizer::from_dir(self.folder.path()).unwrap();
        SearchConfig::of_marian(self.folder.path(), &tokenizer).unwrap()
    }

    fn sources(&self) -> Vec<Vec<u32>> {
        rows(&self.expected["source_tokens"])
    }
}

/// Every form in which the three models are here; with `../shared/` all that there are.
fn in_f32() -> Vec<Fixture> {
    let mut all = vec![
        Fixture::new("joint", "model.bin"),
        Fixture::new("opus", "model.npz"),
    ];
    let shared =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/marian-native/fixtures");
    if shared.is_dir() {
        for (kind, file) in [
            ("joint", "model.npz"),
            ("split", "model.npz"),
            ("split", "model.bin"),
            ("opus", "model.bin"),
        ] {
            let folder = shared.join(kind);
            all.push(Fixture::of(&folder, &folder, file));
        }
    } else {
        println!(
            "skipped: {} is not there, four more forms",
            shared.display()
        );
    }
    all
}

fn ids(value: &Value) -> Vec<u32> {
    let ids = value.as_array().unwrap().iter();
    ids.map(|id| id.as_u64().unwrap() as u32).collect()
}

fn rows(value: &Value) -> Vec<Vec<u32>> {
    value.as_array().unwrap().iter().map(ids).collect()
}

fn floats(value: &Value) -> Vec<f32> {
    let numbers = value.as_array().unwrap().iter();
    numbers.map(|x| x.as_f64().unwrap() as f32).collect()
}

fn number(value: &Value) -> f32 {
    value.as_f64().unwrap() as f32
}

/// Tokens but for the end token, which the reference leaves out of a list that is full.
fn words(tokens: &[u32]) -> Vec<u32> {
    tokens.iter().copied().filter(|&token| token != 0).collect()
}

fn close(a: &[f32], b: &[f32], tolerance: f32, what: &str) {
    assert_eq!(a.len(), b.len(), "{what}");
    let most = a
        .iter()
        .zip(b)
        .map(|(a, b)| (a - b).abs())
        .fold(0f32, f32::max);
    assert!(most < tolerance, "{what}: differs by {most}");
}

#[test]
fn texts_have_the_reference_s_tokens() {
    for (kind, file) in [
        ("joint", "model.bin"),
        ("split", "model.alphas.bin"),
        ("opus", "model.npz"),
    ] {
        let fixture = Fixture::new(kind, file);
        let tokenizer = Tokenizer::from_dir(fixture.folder.path()).unwrap();
        let texts = fs::read_to_string(fixture.folder.path().join("sources.txt")).unwrap();
        let found: Vec<Vec<u32>> = texts
            .lines()
            .map(|line| tokenizer.encode_source(line).unwrap())
            .collect();
        assert_eq!(found, fixture.sources(), "{kind}");
        for answer in fixture.expected["greedy"]["translations"]
            .as_array()
            .unwrap()
        {
            let text = tokenizer.decode(&ids(&answer["tokens"])).unwrap();
            assert_eq!(text, answer["text"].as_str().unwrap().trim(), "{kind}");
        }
    }
}

#[test]
fn logits_and_alignments_are_those_of_the_numpy_pass() {
    for (kind, file) in [
        ("joint", "model.bin"),
        ("joint", "model.alphas.bin"),
        ("split", "model.alphas.bin"),
        ("opus", "model.npz"),
    ] {
        let fixture = Fixture::new(kind, file);
        let model = fixture.model(Precision::F32);
        let trace = &fixture.expected["traces"][file];
        let (tokens, sources) = (ids(&trace["tokens"]), fixture.sources());
        let mut state = model.start(&model.encode(&[&sources[1]]).unwrap()).unwrap();
        let mut input = NO_TOKEN;
        for (step, &token) in tokens.iter().enumerate() {
            let logits = model.step(&mut state, &[input]).unwrap();
            let logits: Vec<Vec<f32>> = logits.to_vec2().unwrap();
            let exact = floats(&trace["logits"][step]);
            close(
                &logits[0],
                &exact,
                1e-4,
                &format!("{kind} {file}, step {step}"),
            );
            input = token;
        }
        let config = fixture.config();
        let scored = generate::score(&*model, &[(&sources[1], &tokens)], &config, true).unwrap();
        for (step, found) in scored[0].attention.iter().enumerate() {
            let exact = floats(&trace["alignment"][step]);
            close(
                found,
                &exact,
                1e-4,
                &format!("{kind} {file}, alignment {step}"),
            );
        }
    }
}

#[test]
fn greedy_search_is_marian_s_alone_and_in_batches() {
    for fixture in in_f32() {
        let (model, config) = (fixture.model(Precision::F32), fixture.config());
        assert_eq!((config.num_beams, config.max_length_factor), (1, Some(2.0)));
        let sources = fixture.sources();
        let all: Vec<&[u32]> = sources.iter().map(Vec::as_slice).collect();
        let together = generate::search(&*model, &all, &config).unwrap();
        let answers = fixture.expected["greedy"]["translations"]
            .as_array()
            .unwrap();
        for ((source, found), answer) in all.iter().zip(&together).zip(answers) {
            let tokens = ids(&answer["tokens"]);
            assert_eq!(found[0].tokens, tokens, "{}", fixture.file);
            let alone = generate::search(&*model, &[source], &config).unwrap();
            assert_eq!(alone[0][0].tokens, tokens);
            let mean = number(&answer["total"]) / tokens.len() as f32;
            assert!((found[0].score - mean).abs() < 1e-3);
            let scored = generate::score(&*model, &[(source, &tokens)], &config, false).unwrap();
            close(
                &scored[0].log_probs,
                &floats(&answer["word_scores"]),
                1e-3,
                "word scores",
            );
        }
    }
}

#[test]
fn beam_search_is_marian_s_with_its_whole_n_best_lists() {
    for fixture in in_f32() {
        let model = fixture.model(Precision::F32);
        let sources = fixture.sources();
        let all: Vec<&[u32]> = sources.iter().map(Vec::as_slice).collect();
        for (name, normalize) in [("beam4_normalize0", 0.0), ("beam4_normalize1", 1.0)] {
            let config = SearchConfig {
                length_penalty: normalize,
                ..fixture.config().with_beams(4)
            };
            let found = generate::search(&*model, &all, &config).unwrap();
            let answers = fixture.expected[name]["n_best"].as_array().unwrap();
            for (found, answers) in found.iter().zip(answers) {
                let answers = answers.as_array().unwrap();
                let exact: Vec<f32> = answers.iter().map(|a| number(&a["score"])).collect();
                let scores: Vec<f32> = found.iter().map(|f| f.score).collect();
                close(&scores[..exact.len()], &exact, 2e-3, name);
                for (i, (found, answer)) in found.iter().zip(answers).enumerate() {
                    // Where two hypotheses are as good as equal, either may come first.
                    let near = |j: Option<&f32>| j.is_some_and(|s| (s - exact[i]).abs() < 1e-4);
                    let tied = near(exact.get(i + 1)) || i > 0 && near(exact.get(i - 1));
                    let same = words(&found.tokens) == words(&ids(&answer["tokens"]));
                    assert!(same || tied, "{} {name}, {i}: {answer}", fixture.file);
                }
            }
        }
    }
}

#[test]
fn given_targets_have_marian_s_scores() {
    for fixture in in_f32() {
        let (model, config) = (fixture.model(Precision::F32), fixture.config());
        let sources = fixture.sources();
        let answers = fixture.expected["forced"].as_array().unwrap();
        let targets: Vec<Vec<u32>> = answers.iter().map(|a| ids(&a["target_tokens"])).collect();
        let pairs: Vec<(&[u32], &[u32])> = sources
            .iter()
            .zip(&targets)
            .map(|(s, t)| (s.as_slice(), t.as_slice()))
            .collect();
        for (scored, answer) in generate::score(&*model, &pairs, &config, false)
            .unwrap()
            .iter()
            .zip(answers)
        {
            close(
                &scored.log_probs,
                &floats(&answer["reference_word_scores"]),
                1e-3,
                "words",
            );
            let total: f32 = scored.log_probs.iter().sum();
            assert!((total - number(&answer["total"])).abs() < 1e-3);
        }
    }
}

#[test]
fn stored_bytes_are_computed_with_as_they_are() {
    for kind in ["joint", "split"] {
        let fixture = Fixture::new(kind, "model.alphas.bin");
        let stated = Placement {
            stated_scales: true,
            ..Placement::new(Device::Cpu, Precision::Q8)
        };
        // How far apart the two best logits may be where a tie of rounding still decides: with its
        // inputs changed by 2e-7, the reference itself parts from its answers at gaps up to 0.0785.
        for (how, model, tie) in [
            ("dequantised", fixture.model(Precision::F32), 1e-4),
            ("rows", fixture.model(Precision::Q8), 0.08),
            (
                "alphas",
                nn::load(fixture.folder.path(), &stated).unwrap(),
                0.08,
            ),
        ] {
            let answers = fixture.expected["int8"][how]["translations"]
                .as_array()
                .unwrap();
            let mut same = 0;
            for (source, answer) in fixture.sources().iter().zip(answers) {
                // The reference allows four tokens more, and every one.
                let config = SearchConfig {
                    max_length: 1 + 2 * source.len() + 4,
                    max_length_factor: None,
                    bad_words_ids: Vec::new(),
                    ..fixture.config()
                };
                let found = generate::search(&*model, &[source], &config).unwrap();
                if found[0][0].tokens == ids(&answer["tokens"]) {
                    same += 1;
                } else {
                    let gap = number(&answer["least_gap"]);
                    assert!(gap < tie, "{kind} {how}: a gap of {gap}");
                }
            }
            println!("{kind} {how}: {same} of {} the same", answers.len());
            assert!(same + 1 >= answers.len(), "{kind} {how}: {same} the same");
        }
    }
}

#[test]
fn a_folder_translates_by_its_name_with_words_that_are_wanted() {
    for (kind, file) in [("joint", "model.bin"), ("opus", "model.npz")] {
        let fixture = Fixture::new(kind, file);
        let options = HubOptions::from_env().unwrap();
        let location = resolve(fixture.folder.path().to_str().unwrap(), &options).unwrap();
        let placement = Placement::new(Device::Cpu, Precision::F32);
        let translator = Translator::open(&location, &placement, Task::Translate, None).unwrap();
        assert_eq!(translator.source_limit(), 127);
        let texts = fs::read_to_string(fixture.folder.path().join("sources.txt")).unwrap();
        let lines: Vec<&str> = texts.lines().collect();
        let workers = Workers::start(1);
        let found = translator
            .translate(&workers, &lines, &translator.config, &|_| {})
            .unwrap();
        let answers = fixture.expected["greedy"]["translations"]
            .as_array()
            .unwrap();
        for (found, answer) in found.iter().zip(answers) {
            assert_eq!(found[0].text, answer["text"].as_str().unwrap().trim());
        }
        let wanted = translator.phrase("umbrella").unwrap();
        let config = SearchConfig {
            force_words_ids: vec![wanted],
            ..translator.config.with_beams(4)
        };
        let found = translator
            .translate(&workers, &lines[..4], &config, &|_| {})
            .unwrap();
        for best in found {
            assert!(
                best[0].text.contains("umbrella"),
                "{kind}: {}",
                best[0].text
            );
        }
        // The logits of the wanted words alone, and whole rows of logits, as a CPU renormalises them.
        let bare = SearchConfig {
            bad_words_ids: Vec::new(),
            renormalize_logits: false,
            ..config
        };
        let whole = SearchConfig {
            renormalize_logits: true,
            ..bare.clone()
        };
        let texts = |config: &SearchConfig| -> Vec<String> {
            let found = translator.translate(&workers, &lines, config, &|_| {});
            let best = found.unwrap().into_iter().flatten();
            best.map(|translation| translation.text).collect()
        };
        assert_eq!(texts(&bare), texts(&whole), "{kind}");
    }
}

#[test]
fn packed_files_are_the_files() {
    use std::io::Write;
    let fixture = Fixture::new("joint", "model.alphas.bin");
    let plain = fixture.model(Precision::Q8);
    let packed = tempfile::tempdir().unwrap();
    for (name, end) in [("model.alphas.bin", "gz"), ("vocab.spm", "zst")] {
        let bytes = fs::read(fixture.folder.path().join(name)).unwrap();
        let path = packed.path().join(format!("{name}.{end}"));
        if end == "gz" {
            let file = fs::File::create(&path).unwrap();
            let mut out = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
            out.write_all(&bytes).unwrap();
            out.finish().unwrap();
        } else {
            let level = ruzstd::encoding::CompressionLevel::Fastest;
            fs::write(&path, ruzstd::encoding::compress_to_vec(&*bytes, level)).unwrap();
        }
    }
    let placement = Placement::new(Device::Cpu, Precision::Q8);
    let unpacked = nn::load(packed.path(), &placement).unwrap();
    let sources = fixture.sources();
    let logits = |model: &dyn Seq2Seq| -> Vec<Vec<f32>> {
        let mut state = model.start(&model.encode(&[&sources[0]]).unwrap()).unwrap();
        model
            .step(&mut state, &[NO_TOKEN])
            .unwrap()
            .to_vec2()
            .unwrap()
    };
    assert_eq!(logits(&*plain), logits(&*unpacked));
    let tokenizer = Tokenizer::from_dir(packed.path()).unwrap();
    let same = Tokenizer::from_dir(fixture.folder.path()).unwrap();
    let text = "市长说:2024年GDP增长5.3%!";
    assert_eq!(
        tokenizer.encode_source(text).unwrap(),
        same.encode_source(text).unwrap()
    );
    // What is packed of zeros alone grows without end.
    let bomb = packed.path().join("bomb.bin.gz");
    let mut out = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    out.write_all(&vec![0; 8 << 20]).unwrap();
    fs::write(&bomb, out.finish().unwrap()).unwrap();
    let error = Archive::open(&bomb).err().unwrap().to_string();
    assert!(error.contains("unpacks to more"), "{error}");
}

/// A `.bin` with its header's words, names, shapes and where its data begins.
fn header_of(bytes: &[u8]) -> usize {
    let word = |at: usize| u64::from_le_bytes(bytes[at..at + 8].try_into().unwrap()) as usize;
    let items = word(8);
    let (mut names, mut shapes) = (0, 0);
    for item in 0..items {
        names += word(16 + 32 * item);
        shapes += 4 * word(16 + 32 * item + 16);
    }
    16 + 32 * items + names + shapes + 8
}

fn refusal(folder: &Path, name: &str, bytes: &[u8]) -> Option<String> {
    let path = folder.join(name);
    fs::write(&path, bytes).unwrap();
    let placement = Placement::new(Device::Cpu, Precision::Q8);
    nn::load(folder, &placement)
        .err()
        .map(|error| error.to_string())
}

#[test]
fn a_damaged_file_is_refused_by_name() {
    let whole = fs::read(fixtures().join("joint/model.alphas.bin")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let name = "model.alphas.bin";
    let refused = |bytes: &[u8], why: &str| {
        let error = refusal(folder.path(), name, bytes).unwrap_or_default();
        assert!(
            error.contains(name) && error.contains(why),
            "{error:?} does not say {why:?}"
        );
    };
    let data = header_of(&whole);
    // At every word of the header and a few places of the data.
    for cut in (0..data)
        .step_by(8)
        .chain([data, data + 100, whole.len() - 40_000])
    {
        refused(&whole[..cut], "");
    }
    let with = |at: usize, word: u64| {
        let mut bytes = whole.clone();
        bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
        bytes
    };
    refused(&with(0, 2), "version");
    for count in [0, 1 << 60, u64::MAX, 65_000] {
        refused(&with(8, count), "");
    }
    // Of the first matrix: length of its name, type, rank, length of its data.
    for absurd in [1 << 60, u64::MAX, 1 << 32] {
        for word in 0..4 {
            refused(&with(16 + 8 * word, absurd), "");
        }
    }
    for (kind, why) in [
        (0x1_1001, "order of one processor"),
        (0x2801, "FBGEMM"),
        (0x0408, "not known here"),
    ] {
        refused(&with(24, kind), why);
    }
    // A matrix whose name is another's is missing.
    let at = whole
        .windows(16)
        .position(|w| w == b"encoder_l1_ffn_W")
        .unwrap();
    let mut renamed = whole.clone();
    renamed[at] = b'x';
    let error = refusal(folder.path(), name, &renamed).unwrap();
    assert!(
        error.contains("missing") && error.contains("fc1"),
        "{error}"
    );
    // Any byte of the header may be any other: refused, or a model all the same.
    let mut state = 1u64;
    for _ in 0..300 {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        let mut bytes = whole.clone();
        bytes[(state >> 33) as usize % data] = (state >> 20) as u8;
        let path = folder.path().join("any.bin");
        fs::write(&path, &bytes).unwrap();
        let _ = Archive::open(&path);
    }
}

#[test]
fn a_damaged_npz_is_refused() {
    let whole = fs::read(fixtures().join("opus/model.npz")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for cut in [0, 10, 1000, whole.len() / 2, whole.len() - 10] {
        let error = refusal(folder.path(), "model.npz", &whole[..cut]).unwrap();
        assert!(error.contains("zip"), "{error}");
    }
    let shape = b"'shape': (";
    let at = whole.windows(shape.len()).position(|w| w == shape).unwrap() + shape.len();
    for lie in [&b"9"[..], b"-", b")"] {
        let mut bytes = whole.clone();
        bytes[at..at + lie.len()].copy_from_slice(lie);
        assert!(
            refusal(folder.path(), "model.npz", &bytes).is_some(),
            "{lie:?}"
        );
    }
}

#[test]
fn what_is_not_built_is_refused_by_its_name() {
    let whole = fs::read(fixtures().join("joint/model.bin")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (from, to, why) in [
        ("type: transformer\n", "type: s2s########\n", "`type`"),
        (
            "transformer-preprocess: \"\"",
            "transformer-preprocess: n ",
            "transformer-preprocess",
        ),
        (
            "transformer-postprocess: dan",
            "transformer-postprocess: da#",
            "transformer-postprocess",
        ),
        ("autoreg: rnn\n", "autoreg: aan\n", "`aan`"),
        ("dec-cell: ssru", "dec-cell: gru#", "dec-cell"),
        (
            "no-projection: false",
            "no-projection: true ",
            "transformer-no-projection",
        ),
        ("ffn-activation: relu", "ffn-activation: tanh", "`tanh`"),
        ("lemma-dim-emb: 0", "lemma-dim-emb: 9", "lemma-dim-emb"),
        (
            "position-embeddings: false",
            "position-embeddings: true ",
            "train-position",
        ),
        ("tied-layers:\n  []", "tied-layers:\n- 1#", "tied-layers"),
        ("transformer-heads: 8", "transformer-heads: 7", "7 heads"),
        ("dim-emb: 64", "dim-emb: -4", "dim-emb"),
        (
            "output-omit-bias: false",
            "output-omit-bias: true ",
            "output-omit-bias",
        ),
    ] {
        let at = whole.windows(from.len()).position(|w| w == from.as_bytes());
        let at = at.unwrap_or_else(|| panic!("{from:?} is not there"));
        assert_eq!(from.len(), to.len(), "{from:?}");
        let mut bytes = whole.clone();
        bytes[at..at + to.len()].copy_from_slice(to.as_bytes());
        let error = refusal(folder.path(), "model.bin", &bytes).unwrap_or_default();
        assert!(error.contains(why), "{error:?} does not name {why}");
    }
}

#[test]
fn with_a_shortlist_only_likely_tokens_are_output() {
    let fixture = Fixture::new("joint", "model.bin");
    let model = fixture.model(Precision::F32);
    let config = SearchConfig {
        bad_words_ids: Vec::new(),
        ..fixture.config()
    };
    let list = Shortlist::open(&fixture.folder.path().join("lex.s2t.bin"), 528).unwrap();
    let answers = rows(&fixture.expected["shortlist"]);
    for (source, answer) in fixture.sources().iter().zip(answers) {
        let tokens = list.candidates(source, 528, true);
        let model = Shortlisted::new(&*model, &tokens).unwrap();
        let found = generate::search(&model, &[source], &config).unwrap();
        assert_eq!(found[0][0].tokens, answer);
    }
}

/// Firefox's larger model into Chinese has two vocabularies of one size, numbered apart, over one table.
#[test]
fn two_vocabularies_may_share_a_table() {
    let fixture = Fixture::new("joint", "model.bin");
    let spm = fixture.folder.path().join("vocab.spm");
    for side in ["srcvocab.enzh.spm", "trgvocab.enzh.spm"] {
        fs::copy(&spm, fixture.folder.path().join(side)).unwrap();
    }
    fs::remove_file(spm).unwrap();
    let (model, config) = (fixture.model(Precision::F32), fixture.config());
    let answers = fixture.expected["greedy"]["translations"]
        .as_array()
        .unwrap();
    for (source, answer) in fixture.sources().iter().zip(answers) {
        let found = generate::search(&*model, &[source], &config).unwrap();
        assert_eq!(words(&found[0][0].tokens), words(&ids(&answer["tokens"])));
    }
}
