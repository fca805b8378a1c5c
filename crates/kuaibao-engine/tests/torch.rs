//! Weight files as `torch.save` writes them, and what is done with hostile ones.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use kuaibao_engine::torch::{Dtype, Tensor, TorchError, read};
use safetensors::SafeTensors;

const FILES: [&str; 4] = [
    "zip.bin",
    "zip-protocol-4.bin",
    "legacy.bin",
    "legacy-protocol-5.bin",
];

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures")
        .join(name)
}

fn file(name: &str) -> Vec<u8> {
    fs::read(fixture("torch").join(name)).unwrap()
}

/// A number type as safetensors writes it.
fn name(dtype: Dtype) -> &'static str {
    match dtype {
        Dtype::F16 => "F16",
        Dtype::BF16 => "BF16",
        Dtype::F32 => "F32",
        Dtype::F64 => "F64",
        Dtype::U8 => "U8",
        Dtype::I8 => "I8",
        Dtype::I16 => "I16",
        Dtype::I32 => "I32",
        Dtype::I64 => "I64",
        Dtype::Bool => "BOOL",
    }
}

fn assert_same(tensor: &Tensor<'_>, expected: &safetensors::tensor::TensorView<'_>, file: &str) {
    let place = format!("{file}: {}", tensor.name);
    assert_eq!(
        name(tensor.dtype),
        format!("{:?}", expected.dtype()),
        "{place}"
    );
    assert_eq!(tensor.shape, expected.shape(), "{place}");
    assert_eq!(tensor.data(), expected.data(), "{place}");
}

#[test]
fn both_formats_give_what_was_saved() {
    let expected = file("expected.safetensors");
    let expected = SafeTensors::deserialize(&expected).unwrap();
    for name in FILES {
        let bytes = file(name);
        let tensors = read(&bytes).unwrap();
        assert_eq!(tensors.len(), expected.len(), "{name}");
        for tensor in &tensors {
            assert_same(tensor, &expected.tensor(&tensor.name).unwrap(), name);
        }
    }
}

#[test]
fn both_formats_give_the_weights_of_a_model() {
    let expected = fs::read(fixture("marian-tiny/model.safetensors")).unwrap();
    let expected = SafeTensors::deserialize(&expected).unwrap();
    for format in ["torch-zip", "torch-legacy"] {
        let bytes = fs::read(
            fixture("marian-tiny")
                .join(format)
                .join("pytorch_model.bin"),
        )
        .unwrap();
        let tensors: BTreeMap<String, Tensor<'_>> = read(&bytes)
            .unwrap()
            .into_iter()
            .map(|tensor| (tensor.name.clone(), tensor))
            .collect();
        for (name, tensor) in expected.tensors() {
            assert_same(&tensors[&name], &tensor, format);
        }
        // The shared embedding is there under all its names.
        let shared = &tensors["model.shared.weight"].data();
        for name in [
            "lm_head.weight",
            "model.encoder.embed_tokens.weight",
            "model.decoder.embed_tokens.weight",
        ] {
            assert_eq!(&tensors[name].data(), shared, "{format}: {name}");
        }
    }
}

#[test]
fn a_file_cut_anywhere_is_refused() {
    for name in FILES {
        let bytes = file(name);
        for len in 0..bytes.len() {
            assert!(read(&bytes[..len]).is_err(), "{name} cut at {len}");
        }
    }
}

#[test]
fn a_damaged_file_is_refused_or_read() {
    // A linear congruential generator (Knuth's MMIX): the same damage each run.
    let mut state = 1u64;
    let mut draw = move |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut refused = 0;
    for name in FILES {
        let whole = file(name);
        for _ in 0..20_000 {
            let mut bytes = whole.clone();
            for _ in 0..=draw(4) {
                let at = draw(bytes.len());
                bytes[at] = draw(256) as u8;
            }
            match read(&bytes) {
                Ok(tensors) => {
                    for tensor in tensors {
                        assert_eq!(tensor.data().len(), tensor.len() * tensor.dtype.size());
                    }
                }
                Err(_) => refused += 1,
            }
        }
    }
    assert!(refused > 10_000);
}

/// A file in the legacy format around the pickle of a dictionary, with a storage `0` of floats if
/// there are any.
fn legacy(dictionary: &[u8], floats: usize) -> Vec<u8> {
    let mut file = file("legacy.bin")[..137].to_vec();
    file.extend_from_slice(dictionary);
    if floats == 0 {
        file.extend_from_slice(b"\x80\x02].");
        return file;
    }
    file.extend_from_slice(b"\x80\x02](X\x01\x00\x00\x000e.");
    file.extend_from_slice(&(floats as u64).to_le_bytes());
    file.extend_from_slice(&vec![0; 4 * floats]);
    file
}

/// `{"w": tensor}` with numbers below 256.
fn one_tensor(floats: u8, offset: u8, shape: &[u8], strides: &[u8]) -> Vec<u8> {
    let tuple = |items: &[u8]| {
        let mut tuple = b"(".to_vec();
        for &item in items {
            tuple.extend([b'K', item]);
        }
        tuple.push(b't');
        tuple
    };
    let mut pickle = b"\x80\x02}X\x01\x00\x00\x00wctorch._utils\n_rebuild_tensor_v2\n(".to_vec();
    pickle.extend(
        b"(X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x000X\x03\x00\x00\x00cpu",
    );
    pickle.extend([b'K', floats]);
    pickle.extend(b"tQ");
    pickle.extend([b'K', offset]);
    pickle.extend(tuple(shape));
    pickle.extend(tuple(strides));
    pickle.extend(b"\x89ccollections\nOrderedDict\n)RtRs.");
    pickle
}

fn message(bytes: &[u8]) -> String {
    read(bytes).unwrap_err().to_string()
}

#[test]
fn nothing_in_a_file_is_run() {
    for (pickle, name) in [
        (
            &b"\x80\x02cposix\nsystem\nX\x04\x00\x00\x00true\x85R."[..],
            "posix.system",
        ),
        (
            b"\x80\x02c__builtin__\neval\nX\x01\x00\x00\x001\x85R.",
            "__builtin__.eval",
        ),
        (
            b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x04true\x85R.",
            "os.system",
        ),
        (b"\x80\x02ctorch\nload\n.", "torch.load"),
        (
            b"\x80\x02ctorch._utils\n_import_dotted_name\n.",
            "torch._utils._import_dotted_name",
        ),
        (b"\x80\x02ctorch\nQInt8Storage\n.", "torch.QInt8Storage"),
    ] {
        let error = read(&legacy(pickle, 0)).unwrap_err();
        let TorchError::Forbidden { name: named } = &error else {
            panic!("{error}");
        };
        assert_eq!(named, name);
        assert!(error.to_string().contains("nothing of it was run"));
    }
}

#[test]
fn a_tensor_stays_within_its_storage() {
    let read_one = |floats, offset, shape: &[u8], strides: &[u8]| {
        let bytes = legacy(&one_tensor(floats, offset, shape, strides), 6);
        read(&bytes).map(|tensors| tensors[0].data().len())
    };
    assert_eq!(read_one(6, 0, &[2, 3], &[3, 1]).unwrap(), 24);
    assert_eq!(read_one(6, 0, &[3, 2], &[1, 3]).unwrap(), 24);
    assert_eq!(read_one(6, 5, &[], &[]).unwrap(), 4);
    assert_eq!(read_one(6, 9, &[0, 3], &[3, 1]).unwrap(), 0);
    for (offset, shape, strides) in [
        (1, &[2, 3][..], &[3, 1][..]),
        (0, &[2, 4], &[4, 1]),
        (0, &[2, 3], &[4, 1]),
        (6, &[], &[]),
        // Numbers repeated: 255 × 255 of them out of six.
        (0, &[255, 255], &[0, 0]),
        (0, &[7], &[0]),
    ] {
        let error = read_one(6, offset, shape, strides).unwrap_err().to_string();
        assert!(error.starts_with("tensor w: shape "), "{error}");
        assert!(
            error.contains("does not fit the 6 numbers of storage 0"),
            "{error}"
        );
    }
    assert_eq!(
        read_one(7, 0, &[2, 3], &[3, 1]).unwrap_err().to_string(),
        "tensor w: storage 0 should hold 7 numbers of 4 bytes and holds 24 bytes"
    );
    assert_eq!(
        read_one(6, 0, &[2, 3], &[1]).unwrap_err().to_string(),
        "tensor w: 2 dimensions and 1 strides"
    );
}

#[test]
fn what_is_not_a_weight_file_is_said() {
    assert!(message(b"").contains("nothing: it is empty"));
    assert!(message(b"<html>404</html>").contains(r#"it begins with "<html>404</html>""#));
    assert!(
        message(b"version https://git-lfs.github.com/spec/v1\noid").contains("a Git LFS pointer")
    );
    assert!(message(b"PK\x03\x04 and no more").starts_with("damaged zip archive: "));
    assert!(message(&legacy(b"\x80\x02].", 0)).contains("it holds no dictionary"));
    let number = b"\x80\x02}X\x01\x00\x00\x00wK\x01s.";
    assert_eq!(message(&legacy(number, 0)), "tensor w: it is not a tensor");
    assert_eq!(
        message(&legacy(b"\x80\x02}.", 1)),
        "damaged weight file: no tensor uses storage 0; fetch it again"
    );
    let unknown = message(&legacy(b"\x80\x02i.", 0));
    assert!(
        unknown.contains("at byte 2: opcode 0x69, which no dictionary of tensors needs"),
        "{unknown}"
    );
}

#[test]
fn big_endian_numbers_are_refused() {
    let little = file("legacy.bin");
    let mut big = little.clone();
    let flag = little.iter().position(|&byte| byte == 0x88).unwrap();
    big[flag] = 0x89;
    assert!(message(&big).contains("big-endian byte order"));

    let mut big = file("zip.bin");
    let order = big
        .windows(6)
        .position(|window| window == b"little")
        .unwrap();
    big[order..order + 6].copy_from_slice(b"big   ");
    assert!(message(&big).contains("in big byte order"));
}

#[test]
fn a_pickle_that_multiplies_itself_is_harmless() {
    // A list of pairs made a dictionary of a thousand times over, and tuples of tuples of tuples.
    let mut copies = b"\x80\x02](".to_vec();
    copies.extend(b"NN\x86".repeat(1000));
    copies.extend(b"eq\x00ccollections\nOrderedDict\nq\x01");
    copies.extend(b"h\x01h\x00\x85R".repeat(100_000));
    copies.push(b'.');
    assert!(read(&legacy(&copies, 0)).is_err());

    let mut nested = b"\x80\x02)".to_vec();
    nested.extend(b"\x85".repeat(1_000_000));
    nested.push(b'.');
    assert!(read(&legacy(&nested, 0)).is_err());

    let mut shared = b"\x80\x02}q\x00(".to_vec();
    shared.extend(b"h\x00h\x00".repeat(100_000));
    shared.extend(b"u.");
    assert!(read(&legacy(&shared, 0)).is_err());
}
