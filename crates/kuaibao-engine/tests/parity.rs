//! The engine against `transformers`: small random-weight models of each architecture.
//!
//! `tests/fixtures/make_fixtures.py` makes the models and computes what is expected.

use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

use candle_core::{DType, Device, Tensor, safetensors};
use kuaibao_engine::{
    generate::{self, Circles, EarlyStopping, Hypothesis, SearchConfig},
    nn::{self, Placement, Precision, Seq2Seq},
};
use serde_json::Value;

/// Folders of `tests/fixtures` that hold a model, `expected.json` and `expected.safetensors`.
const MODELS: [&str; 16] = [
    "marian-tiny",
    "families/bart",
    "families/mbart50",
    "families/pegasus",
    "families/m2m100",
    "families/nllb",
    "families/t5",
    "families/mt5",
    "families/flan-t5",
    "families/madlad",
    "families/marian-multi",
    "families/marian-en-zh",
    "families/small100",
    "families/bart-zh",
    "families/umt5",
    "families/crosssum-m2m",
];

struct Fixture {
    name: &'static str,
    folder: PathBuf,
    expected: Value,
    sources: Vec<Vec<u32>>,
    targets: Vec<Vec<u32>>,
}

impl Fixture {
    fn all() -> Vec<Self> {
        MODELS.into_iter().map(Self::read).collect()
    }

    fn read(name: &'static str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../tests/fixtures")
            .join(name);
        let text = std::fs::read_to_string(folder.join("expected.json")).unwrap();
        let expected: Value = serde_json::from_str(&text).unwrap();
        let rows = |key: &str| serde_json::from_value(expected[key].clone()).unwrap();
        Self {
            name,
            folder,
            sources: rows("sources"),
            targets: rows("targets"),
            expected,
        }
    }

    /// The folder's own search, begun as the language decides it where it does.
    fn search(&self) -> SearchConfig {
        let mut config = SearchConfig::read(&self.folder).unwrap();
        let tokens = std::fs::read(self.folder.join("tokens.json")).unwrap_or_default();
        let tokens: Value = serde_json::from_slice(&tokens).unwrap_or_default();
        if let Some(start) = tokens["decoder_start"].as_u64() {
            config.decoder_start_token_id = start as u32;
        }
        config
    }

    fn model(&self, precision: Precision) -> Box<dyn Seq2Seq> {
        self.placed(&Placement::new(Device::Cpu, precision))
    }

    fn placed(&self, placement: &Placement) -> Box<dyn Seq2Seq> {
        nn::load(&self.folder, placement).unwrap()
    }

    fn sources(&self) -> Vec<&[u32]> {
        self.sources.iter().map(Vec::as_slice).collect()
    }

    fn tensor(&self, name: &str) -> Tensor {
        let path = self.folder.join("expected.safetensors");
        let tensor = safetensors::load(path, &Device::Cpu).unwrap()[name].clone();
        tensor.to_dtype(DType::F32).unwrap()
    }

    /// The largest difference between our teacher-forced logits and the reference's.
    fn logit_difference(&self, placement: &Placement, name: &str) -> f32 {
        let model = self.placed(placement);
        let expected: Vec<Vec<Vec<f32>>> = self.tensor(name).to_vec3().unwrap();
        let start = self.search().decoder_start_token_id;
        let mut most = 0f32;
        for (i, target) in self.targets.iter().enumerate() {
            let encoded = model.encode(&[&self.sources[i]]).unwrap();
            let mut state = model.start(&encoded).unwrap();
            for (t, expected) in expected[i].iter().enumerate().take(target.len()) {
                let input = if t == 0 { start } else { target[t - 1] };
                let logits: Vec<Vec<f32>> =
                    model.step(&mut state, &[input]).unwrap().to_vec2().unwrap();
                for (column, logit) in logits[0].iter().enumerate() {
                    let token = model.outputs().token(column) as usize;
                    most = most.max((logit - expected[token]).abs());
                }
            }
        }
        most
    }
}

#[test]
fn encoder_states_and_logits_are_within_1e_4() {
    for fixture in Fixture::all() {
        let model = fixture.model(Precision::F32);
        let encoded = model.encode(&fixture.sources()).unwrap();
        let expected = fixture.tensor("encoder"); // (sources, longest, d_model)
        for (i, span) in encoded.packing.spans().enumerate() {
            let ours = encoded.states.narrow(0, span.start, span.len()).unwrap();
            let theirs = expected.get(i).unwrap().narrow(0, 0, span.len()).unwrap();
            let difference = (ours - theirs).unwrap().abs().unwrap();
            let most: f32 = difference
                .flatten_all()
                .unwrap()
                .max(0)
                .unwrap()
                .to_scalar()
                .unwrap();
            assert!(most < 1e-4, "{}: encoder differs by {most}", fixture.name);
        }
        let most = fixture.logit_difference(&Placement::new(Device::Cpu, Precision::F32), "logits");
        println!("{}: max |Δlogit| {most:.2e}", fixture.name);
        assert!(most < 1e-4, "{}: logits differ by {most}", fixture.name);
    }
}

/// 16-bit weights round at other places in another engine; ours end up no farther from the
/// reference in f32 than twice as far as the reference itself in that type.
#[test]
fn half_precision_logits_are_near() {
    for name in ["marian-tiny", "families/flan-t5"] {
        let fixture = Fixture::read(name);
        let exact = fixture.tensor("logits");
        for (precision, suffix) in [(Precision::F16, "f16"), (Precision::BF16, "bf16")] {
            let theirs = (fixture.tensor(&format!("logits_{suffix}")) - &exact).unwrap();
            let theirs = theirs.abs().unwrap().flatten_all().unwrap().max(0).unwrap();
            let theirs: f32 = theirs.to_scalar().unwrap();
            // As on a GPU: computed in that type too.
            let throughout = Placement {
                activations: precision.dtype(),
                ..Placement::new(Device::Cpu, precision)
            };
            let ours = fixture.logit_difference(&throughout, "logits");
            println!("{name}: {suffix} {ours:.2e} from f32, the reference {theirs:.2e}");
            assert!(ours < 2.0 * theirs, "{name}: {suffix} differs by {ours}");
            // As on a CPU: only stored in it.
            let stored = Placement::new(Device::Cpu, precision);
            let ours = fixture.logit_difference(&stored, "logits");
            println!("{name}: weights alone in {suffix} {ours:.2e} from f32");
            assert!(ours < theirs, "{name}: stored {suffix} differs by {ours}");
        }
    }
}

#[test]
fn searches_give_the_same_tokens_and_scores() {
    for fixture in Fixture::all() {
        let model = fixture.model(Precision::F32);
        let cases = fixture.expected["generate"].as_array().unwrap();
        assert!(cases.len() > 20);
        for case in cases {
            let name = format!("{}: {}", fixture.name, case["name"]);
            let config = config(&fixture, &case["options"]);
            let found = generate::search(&*model, &fixture.sources(), &config).unwrap();
            let sequences: Vec<Vec<Vec<u32>>> =
                serde_json::from_value(case["sequences"].clone()).unwrap();
            let tokens: Vec<Vec<Vec<u32>>> = found
                .iter()
                .map(|best| best.iter().map(|h| h.tokens.clone()).collect())
                .collect();
            assert_eq!(tokens, sequences, "{name}");
            let Some(scores) = case["scores"].as_array() else {
                continue;
            };
            for (found, scores) in found.iter().zip(scores) {
                for (hypothesis, score) in found.iter().zip(scores.as_array().unwrap()) {
                    let score = score.as_f64().unwrap() as f32;
                    let difference = (hypothesis.score - score).abs();
                    assert!(
                        difference < 1e-4 * score.abs().max(1.0),
                        "{name}: score {score}"
                    );
                }
            }
        }
    }
}

/// Where candle computes, as on a GPU, only the best columns of a step come to the host; a processor that
/// wants whole rows, here one that bars nothing, has them fetched. Both find the same.
#[test]
fn searches_are_the_same_whatever_leaves_the_device() {
    for name in ["marian-tiny", "families/flan-t5"] {
        let fixture = Fixture::read(name);
        let throughout = Placement {
            activations: candle_core::DType::F16,
            ..Placement::new(Device::Cpu, Precision::F16)
        };
        let model = nn::load(&fixture.folder, &throughout).unwrap();
        for (num_beams, min_new_tokens) in [(1, 0), (4, 0), (4, 5)] {
            let options = serde_json::json!({
                "num_beams": num_beams,
                "num_return_sequences": num_beams,
                "min_new_tokens": min_new_tokens,
                "max_length": 20,
            });
            let composed = config(&fixture, &options);
            let whole = SearchConfig {
                no_repeat_ngram_size: 1000,
                ..composed.clone()
            };
            let search = |config| generate::search(&*model, &fixture.sources(), config).unwrap();
            let (found, exact) = (search(&composed).concat(), search(&whole).concat());
            assert_eq!(found.len(), exact.len());
            for (found, exact) in found.iter().zip(&exact) {
                assert_eq!(found.tokens, exact.tokens, "{name}, {num_beams} beams");
                assert!((found.score - exact.score).abs() < 1e-4, "{name}");
            }
        }
    }
}

/// Random weights go round in circles all the time: what is broken off there is what the reference begins
/// with, and nothing else is changed.
#[test]
fn what_goes_round_in_circles_is_broken_off() {
    let longest = |fixture: &Fixture| {
        let longest = fixture.sources().iter().map(|source| source.len()).max();
        longest.unwrap().max(Circles::LEAST)
    };
    let mut broken = 0;
    for fixture in Fixture::all() {
        let model = fixture.model(Precision::F32);
        let whole = SearchConfig {
            num_beams: 1,
            max_length: 4 * longest(&fixture),
            ..fixture.search()
        };
        let broken_off = SearchConfig {
            break_circles: true,
            ..whole.clone()
        };
        let search = |config| generate::search(&*model, &fixture.sources(), config).unwrap();
        let pairs = search(&whole).into_iter().zip(search(&broken_off));
        for (source, (whole, found)) in fixture.sources().iter().zip(pairs) {
            let (whole, found) = (&whole[0].tokens, &found[0]);
            assert!(whole.starts_with(&found.tokens), "{}", fixture.name);
            if found.tokens.len() == whole.len() {
                continue;
            }
            assert!(found.broken_off, "{}", fixture.name);
            broken += 1;
            let runs = |tokens: &[u32]| -> (usize, usize) {
                let all: Vec<&[u32]> = tokens.windows(4).collect();
                (all.len(), all.iter().collect::<HashSet<_>>().len())
            };
            // One more than the source has tokens.
            let (all, different) = runs(&found.tokens);
            assert_eq!(all - different, 1 + source.len().max(Circles::LEAST));
        }
    }
    assert!(broken > 0, "none goes round");
    // Of several, those that were broken off before they had the most tokens come last.
    let mut both = 0;
    for fixture in Fixture::all() {
        let model = fixture.model(Precision::F32);
        let config = SearchConfig {
            break_circles: true,
            max_length: 2 * longest(&fixture),
            ..fixture.search().with_beams(4)
        };
        for found in generate::search(&*model, &fixture.sources(), &config).unwrap() {
            let late = |h: &Hypothesis| h.broken_off && h.tokens.len() + 1 < config.max_length;
            assert!(found.is_sorted_by_key(late), "{}", fixture.name);
            both += usize::from(late(&found[0]) != late(&found[found.len() - 1]));
        }
    }
    assert!(both > 0, "all come to an end, or none");
}

/// The search options of a case; what it leaves out is the library's default, not the model's.
fn config(fixture: &Fixture, options: &Value) -> SearchConfig {
    let count = |name: &str| {
        options
            .get(name)
            .and_then(Value::as_u64)
            .map(|n| n as usize)
    };
    let number = |name: &str| options.get(name).and_then(Value::as_f64).map(|n| n as f32);
    let token = |name: &str| count(name).map(|n| n as u32);
    SearchConfig {
        num_beams: count("num_beams").unwrap_or(1),
        num_return_sequences: count("num_return_sequences").unwrap_or(1),
        length_penalty: number("length_penalty").unwrap_or(1.0),
        early_stopping: match &options["early_stopping"] {
            Value::Bool(true) => EarlyStopping::Full,
            Value::String(s) if s == "never" => EarlyStopping::Never,
            _ => EarlyStopping::Heuristic,
        },
        max_length: count("max_length")
            .or(count("max_new_tokens").map(|n| n + 1))
            .unwrap(),
        min_length: count("min_length").unwrap_or(0),
        min_new_tokens: count("min_new_tokens").unwrap_or(0),
        no_repeat_ngram_size: count("no_repeat_ngram_size").unwrap_or(0),
        repetition_penalty: number("repetition_penalty").unwrap_or(1.0),
        bad_words_ids: serde_json::from_value(options["bad_words_ids"].clone()).unwrap_or_default(),
        forced_bos_token_id: token("forced_bos_token_id"),
        forced_eos_token_id: token("forced_eos_token_id"),
        renormalize_logits: options["renormalize_logits"] == Value::Bool(true),
        ..fixture.search()
    }
}

#[test]
fn a_given_target_scores_as_in_the_reference() {
    for fixture in Fixture::all() {
        let model = fixture.model(Precision::F32);
        let config = fixture.search();
        let pairs: Vec<(&[u32], &[u32])> = fixture
            .sources
            .iter()
            .zip(&fixture.targets)
            .map(|(s, t)| (s.as_slice(), t.as_slice()))
            .collect();
        let scored = generate::score(&*model, &pairs, &config, true).unwrap();
        let expected: Vec<f64> =
            serde_json::from_value(fixture.expected["target_scores"].clone()).unwrap();
        for (scored, expected) in scored.iter().zip(expected) {
            let sum: f64 = scored.log_probs.iter().map(|&p| f64::from(p)).sum();
            assert!(
                (sum - expected).abs() < 1e-3,
                "{}: {sum} is not {expected}",
                fixture.name
            );
        }
        // (layers, heads, target, source) of the first pair
        let expected = fixture.tensor("cross_attentions").mean((0, 1)).unwrap();
        let expected: Vec<Vec<f32>> = expected.to_vec2().unwrap();
        for (ours, theirs) in scored[0].attention.iter().zip(&expected) {
            assert_eq!(ours.len(), theirs.len());
            for (a, b) in ours.iter().zip(theirs) {
                assert!(
                    (a - b).abs() < 1e-4,
                    "{}: attention {a} is not {b}",
                    fixture.name
                );
            }
        }
    }
}

#[test]
fn a_batch_equals_its_members_one_by_one_in_any_order() {
    for fixture in Fixture::all() {
        let model = fixture.model(Precision::F32);
        let config = SearchConfig {
            num_beams: 4,
            max_length: 40,
            ..fixture.search()
        };
        let together = generate::search(&*model, &fixture.sources(), &config).unwrap();
        let mut reversed = fixture.sources();
        reversed.reverse();
        let mut backwards = generate::search(&*model, &reversed, &config).unwrap();
        backwards.reverse();
        for (i, source) in fixture.sources().into_iter().enumerate() {
            let alone = generate::search(&*model, &[source], &config).unwrap();
            assert_eq!(
                alone[0][0].tokens, together[i][0].tokens,
                "{}",
                fixture.name
            );
            assert_eq!(
                alone[0][0].tokens, backwards[i][0].tokens,
                "{}",
                fixture.name
            );
        }
    }
}

#[test]
fn torch_weights_of_both_formats_give_the_same_logits() {
    let fixture = Fixture::read("marian-tiny");
    let expected = fixture
        .model(Precision::F32)
        .encode(&fixture.sources())
        .unwrap();
    for format in ["torch-zip", "torch-legacy"] {
        let dir = tempfile::tempdir().unwrap();
        for (folder, name) in [("", "config.json"), (format, "pytorch_model.bin")] {
            let from = fixture.folder.join(folder).join(name);
            std::fs::copy(from, dir.path().join(name)).unwrap();
        }
        let placement = Placement::new(Device::Cpu, Precision::F32);
        let model = nn::load(dir.path(), &placement).unwrap();
        let encoded = model.encode(&fixture.sources()).unwrap();
        let difference = (encoded.states - &expected.states).unwrap().abs().unwrap();
        let most: f32 = difference
            .flatten_all()
            .unwrap()
            .max(0)
            .unwrap()
            .to_scalar()
            .unwrap();
        assert_eq!(most, 0.0, "{format}");

        // A file that was cut off names itself.
        let path = dir.path().join("pytorch_model.bin");
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, &bytes[..bytes.len() / 3]).unwrap();
        let error = nn::load(dir.path(), &placement).err().unwrap().to_string();
        assert!(error.contains("pytorch_model.bin"), "{error}");
    }
}

#[test]
fn limits_are_errors_not_garbage() {
    let fixture = Fixture::read("marian-tiny");
    let model = fixture.model(Precision::F32);
    let long = vec![5; 65];
    let error = model.encode(&[&long]).err().unwrap().to_string();
    assert_eq!(
        error,
        "a sequence of 65 tokens is longer than the model takes (64)"
    );
    let error = model.encode(&[&[9_999]]).err().unwrap().to_string();
    assert_eq!(error, "token id 9999 is outside the vocabulary of 258");
}

#[test]
fn a_model_without_finite_scores_is_an_error() {
    let fixture = Fixture::read("marian-tiny");
    let dir = tempfile::tempdir().unwrap();
    for name in ["config.json", "generation_config.json"] {
        std::fs::copy(fixture.folder.join(name), dir.path().join(name)).unwrap();
    }
    let mut bytes = std::fs::read(fixture.folder.join("model.safetensors")).unwrap();
    let header = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
    let names: Value = serde_json::from_slice(&bytes[8..8 + header]).unwrap();
    let table = &names["model.decoder.layers.0.fc1.bias"]["data_offsets"];
    let first = 8 + header + table[0].as_u64().unwrap() as usize;
    bytes[first..first + 4].copy_from_slice(&f32::NAN.to_le_bytes());
    std::fs::write(dir.path().join("model.safetensors"), bytes).unwrap();
    let config = SearchConfig::read(dir.path()).unwrap();
    for precision in [Precision::F32, Precision::Q8] {
        let model = nn::load(dir.path(), &Placement::new(Device::Cpu, precision)).unwrap();
        let source: &[u32] = fixture.sources()[0];
        for beams in [1, 4] {
            let error = generate::search(&*model, &[source], &config.with_beams(beams));
            let error = error.unwrap_err().to_string();
            assert!(error.contains("finite"), "{error}");
        }
        assert!(generate::score(&*model, &[(source, &[5, 0])], &config, false).is_err());
    }
}

#[test]
fn a_t5_model_that_does_not_load_says_why() {
    let fixture = Fixture::read("families/t5");
    let model = fixture.model(Precision::F32);
    let error = model.encode(&[&[190]]).err().unwrap().to_string();
    assert_eq!(error, "token id 190 is outside the vocabulary of 190");
    assert_eq!(model.max_positions(), None);

    let dir = tempfile::tempdir().unwrap();
    let text = std::fs::read_to_string(fixture.folder.join("config.json")).unwrap();
    let placement = Placement::new(Device::Cpu, Precision::F32);
    let error = |from: &str, to: &str| {
        assert!(text.contains(from));
        std::fs::write(dir.path().join("config.json"), text.replace(from, to)).unwrap();
        let error = nn::load(dir.path(), &placement).err().unwrap().to_string();
        error.replace(dir.path().to_str().unwrap(), "DIR")
    };
    assert_eq!(
        error("", ""),
        "DIR/model.safetensors: not found; a model folder needs model.safetensors, \
         pytorch_model.bin or model.gguf"
    );
    let weights = fixture.folder.join("model.safetensors");
    std::fs::copy(weights, dir.path().join("model.safetensors")).unwrap();
    assert_eq!(
        error("\"d_ff\": 48", "\"d_ff\": 64"),
        "DIR: tensor `encoder.block.0.layer.1.DenseReluDense.wi.weight`: its shape is [48, 24], \
         config.json makes it [64, 24]"
    );
    assert_eq!(
        error(
            "\"feed_forward_proj\": \"relu\"",
            "\"feed_forward_proj\": \"gated-gelu\""
        ),
        "DIR: tensor `encoder.block.0.layer.1.DenseReluDense.wi_0.weight`: it is missing from the \
         weights; the file may be of another model"
    );
    assert!(
        error("\"model_type\": \"t5\"", "\"model_type\": \"longt5\"").starts_with(
            "DIR/config.json: model type `longt5` is not supported; supported are marian, bart,"
        )
    );
    assert!(error("\"num_heads\": 3", "\"num_heads\": 4").contains("its shape is [36, 24]"));
}
