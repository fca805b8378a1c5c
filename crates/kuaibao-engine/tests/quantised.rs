//! T5 in few bits: GGUF files of every type that candle computes with, and q8.

mod random;

use std::{
    collections::HashMap,
    fs::{self, File},
    path::{Path, PathBuf},
};

use candle_core::{
    DType, Device, Tensor,
    quantized::{GgmlDType, QTensor, gguf_file},
    safetensors,
};
use kuaibao_engine::{
    generate::{self, SearchConfig},
    nn::{self, Placement, Precision, Seq2Seq},
};
use random::Sizes;
use serde_json::Value;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures")
        .join(name)
}

fn load(folder: &Path, precision: Precision) -> Box<dyn Seq2Seq> {
    let placement = Placement::new(Device::Cpu, precision);
    nn::load(folder, &placement).unwrap()
}

/// Logits of the first steps over one source, every step fed the token of its number.
fn logits(model: &dyn Seq2Seq) -> Vec<f32> {
    let encoded = model.encode(&[&[5, 9, 3, 30, 11, 4, 8, 1]]).unwrap();
    let mut state = model.start(&encoded).unwrap();
    (0..12)
        .flat_map(|token| {
            let logits = model.step(&mut state, &[token]).unwrap();
            logits.flatten_all().unwrap().to_vec1::<f32>().unwrap()
        })
        .collect()
}

/// The largest difference, as a share of the largest logit.
fn difference(exact: &[f32], found: &[f32]) -> f32 {
    let most = exact.iter().fold(0f32, |most, x| most.max(x.abs()));
    assert_eq!(exact.len(), found.len());
    let apart = exact.iter().zip(found).map(|(a, b)| (a - b).abs());
    apart.fold(0.0, f32::max) / most
}

/// The t5 fixture with its weights in GGUF alone, under `name`.
fn gguf_folder(file: &str, name: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for small in ["config.json", "generation_config.json"] {
        fs::copy(
            fixture("families/t5").join(small),
            folder.path().join(small),
        )
        .unwrap();
    }
    fs::copy(fixture("gguf").join(file), folder.path().join(name)).unwrap();
    folder
}

#[test]
fn plain_numbers_in_gguf_are_those_of_safetensors() {
    let exact = load(&fixture("families/t5"), Precision::F32);
    let folder = gguf_folder("t5-f32.gguf", "model.gguf");
    let same = load(folder.path(), Precision::F32);
    assert_eq!(logits(&*exact), logits(&*same));

    // And so are the tokens, in every search of the fixture that has no options of its own.
    let text = fs::read_to_string(fixture("families/t5/expected.json")).unwrap();
    let expected: Value = serde_json::from_str(&text).unwrap();
    let sources: Vec<Vec<u32>> = serde_json::from_value(expected["sources"].clone()).unwrap();
    let sources: Vec<&[u32]> = sources.iter().map(Vec::as_slice).collect();
    let case = |name: &str| {
        let mut cases = expected["generate"].as_array().unwrap().iter();
        let case = cases.find(|c| c["name"] == name).unwrap();
        serde_json::from_value::<Vec<Vec<Vec<u32>>>>(case["sequences"].clone()).unwrap()
    };
    for (name, num_beams) in [("greedy", 1), ("beam 4", 4)] {
        let config = SearchConfig {
            num_beams,
            max_length: 40,
            ..SearchConfig::read(folder.path()).unwrap()
        };
        let found = generate::search(&*same, &sources, &config).unwrap();
        let tokens: Vec<Vec<Vec<u32>>> = found
            .into_iter()
            .map(|best| best.into_iter().map(|h| h.tokens).collect())
            .collect();
        assert_eq!(tokens, case(name), "{name}");
    }
}

#[test]
fn half_numbers_in_gguf_are_those_numbers() {
    // Whatever the one file is called.
    let folder = gguf_folder("t5-f16.gguf", "model-f16.gguf");
    let found = logits(&*load(folder.path(), Precision::F32));
    let exact = logits(&*load(&fixture("families/t5"), Precision::F32));
    println!("F16: {:.1e} from f32", difference(&exact, &found));

    let rounded = tempfile::tempdir().unwrap();
    fs::copy(
        folder.path().join("config.json"),
        rounded.path().join("config.json"),
    )
    .unwrap();
    let tensors = safetensors::load(fixture("families/t5/model.safetensors"), &Device::Cpu);
    let tensors: HashMap<String, Tensor> = tensors
        .unwrap()
        .into_iter()
        .map(|(name, tensor)| match tensor.rank() {
            2 => {
                let half = tensor.to_dtype(DType::F16).unwrap();
                (name, half.to_dtype(DType::F32).unwrap())
            }
            _ => (name, tensor),
        })
        .collect();
    safetensors::save(&tensors, rounded.path().join("model.safetensors")).unwrap();
    let exact = logits(&*load(rounded.path(), Precision::F32));
    assert_eq!(exact, found);
}

const SIZES: Sizes = Sizes {
    d_model: 256,
    heads: 4,
    ffn: 512,
    layers: 2,
    vocabulary: 96,
};

/// Every matrix in `dtype`, or in f32 where its rows are not made of whole blocks.
fn quantise(tensors: &HashMap<String, Tensor>, dtype: GgmlDType) -> Vec<(&str, QTensor)> {
    tensors
        .iter()
        .map(|(name, tensor)| {
            let dims = tensor.dims();
            let whole = dims[dims.len() - 1].is_multiple_of(dtype.block_size());
            let dtype = if dims.len() == 2 && whole {
                dtype
            } else {
                GgmlDType::F32
            };
            (name.as_str(), QTensor::quantize(tensor, dtype).unwrap())
        })
        .collect()
}

#[test]
fn quantised_weights_give_nearly_the_same_logits() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let tensors = random::t5(folder.path(), SIZES);
    let exact = logits(&*load(folder.path(), Precision::F32));
    let q8 = difference(&exact, &logits(&*load(folder.path(), Precision::Q8)));
    println!("q8: {q8:.1e} from f32");
    assert!(q8 < 0.05, "q8 differs by {q8}");

    println!("| type | from its own numbers in f32 | from the numbers before |\n|---|---:|---:|");
    for (dtype, own, before) in [
        (GgmlDType::F32, 0.0, 0.0),
        (GgmlDType::F16, 0.0, 0.005),
        (GgmlDType::BF16, 0.0, 0.02),
        (GgmlDType::Q8_0, 0.05, 0.05),
        (GgmlDType::Q6K, 0.05, 0.1),
        (GgmlDType::Q5K, 0.05, 0.2),
        (GgmlDType::Q5_1, 0.05, 0.2),
        (GgmlDType::Q5_0, 0.05, 0.2),
        (GgmlDType::Q4K, 0.05, 0.4),
        (GgmlDType::Q4_1, 0.05, 0.4),
        (GgmlDType::Q4_0, 0.05, 0.4),
        (GgmlDType::Q3K, 0.05, 0.8),
        (GgmlDType::Q2K, 0.05, 1.6),
    ] {
        let quantised = quantise(&tensors, dtype);
        let numbers: HashMap<&str, Tensor> = quantised
            .iter()
            .map(|(name, tensor)| (*name, tensor.dequantize(&Device::Cpu).unwrap()))
            .collect();
        let _ = fs::remove_file(path("model.gguf"));
        safetensors::save(&numbers, path("model.safetensors")).unwrap();
        let same = logits(&*load(folder.path(), Precision::F32));

        fs::remove_file(path("model.safetensors")).unwrap();
        let parts: Vec<(&str, &QTensor)> = quantised.iter().map(|(n, t)| (*n, t)).collect();
        gguf_file::write(&mut File::create(path("model.gguf")).unwrap(), &[], &parts).unwrap();
        let found = logits(&*load(folder.path(), Precision::F32));

        let (from_own, from_before) = (difference(&same, &found), difference(&exact, &found));
        println!("| {dtype:?} | {from_own:.1e} | {from_before:.1e} |");
        assert!(from_own <= own, "{dtype:?} differs by {from_own}");
        assert!(from_before <= before, "{dtype:?} differs by {from_before}");
    }
}

#[test]
fn what_is_wrong_with_a_gguf_file_is_named() {
    let folder = gguf_folder("t5-f32.gguf", "model.gguf");
    let path = folder.path().join("model.gguf");
    let placement = Placement::new(Device::Cpu, Precision::F32);
    let error = || {
        let error = nn::load(folder.path(), &placement).err();
        error.expect("it was accepted").to_string()
    };
    let bytes = fs::read(&path).unwrap();
    for cut in (0..bytes.len()).step_by(bytes.len() / 40) {
        fs::write(&path, &bytes[..cut]).unwrap();
        let error = error();
        assert!(error.contains("model.gguf"), "cut at {cut}: {error}");
    }
    fs::write(&path, b"<html>not found</html>").unwrap();
    assert!(error().contains("model.gguf: cannot be read as weights: it is not a GGUF file"));

    // Two files, and no word of which to use.
    fs::rename(&path, folder.path().join("a.gguf")).unwrap();
    fs::write(folder.path().join("b.gguf"), b"").unwrap();
    let message = error();
    assert!(message.contains("2 GGUF files"), "{message}");
    assert!(message.contains("model.gguf"), "{message}");
}
