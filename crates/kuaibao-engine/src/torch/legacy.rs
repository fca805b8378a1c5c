//! The format before torch 1.6: pickles of a magic number, a version, facts about the machine, the
//! dictionary and the list of storages, then each storage: its length and its numbers.

use std::collections::HashMap;

use super::pickle::{Program, Value};
use super::{Tensor, TorchError, tensors};

/// `MAGIC_NUMBER` and `PROTOCOL_VERSION` of `torch/serialization.py`.
const MAGIC: i128 = 0x1950_a86a_20f9_469c_fc6c;
const VERSION: i128 = 1001;

pub(super) fn looks_like(bytes: &[u8]) -> bool {
    // `PROTO` and its version, from protocol 4 on `FRAME` and a length, then the magic number.
    let magic = &MAGIC.to_le_bytes()[..10];
    let start = &bytes[..bytes.len().min(32)];
    bytes.first() == Some(&0x80) && start.windows(magic.len()).any(|window| window == magic)
}

pub(super) fn read(bytes: &[u8]) -> Result<Vec<Tensor<'_>>, TorchError> {
    let damaged = |problem: &str| TorchError::Damaged(problem.to_owned());
    let mut at = 0;
    let mut next = || -> Result<Program<'_>, TorchError> {
        let program = Program::run(&bytes[at..])?;
        at += program.len;
        Ok(program)
    };
    if !matches!(next()?.result(), Value::Int(MAGIC)) {
        return Err(damaged("its magic number is wrong"));
    }
    if !matches!(next()?.result(), Value::Int(VERSION)) {
        return Err(damaged("its version is not 1001"));
    }
    if is_big_endian(&next()?) {
        return Err(TorchError::ByteOrder("big-endian".to_owned()));
    }
    let dictionary = next()?;
    let list = next()?;
    let Value::List(keys) = list.result() else {
        return Err(damaged("its list of storages is missing"));
    };

    let sizes: HashMap<&str, usize> = dictionary
        .values()
        .iter()
        .filter_map(|value| match value {
            Value::Storage(storage) => Some((storage.key, storage.dtype.size())),
            _ => None,
        })
        .collect();
    let mut storages: HashMap<&str, &[u8]> = HashMap::with_capacity(keys.len());
    for &key in keys {
        let Value::Text(key) = *list.get(key) else {
            return Err(damaged("its list of storages holds something else"));
        };
        let size = sizes
            .get(key)
            .ok_or_else(|| TorchError::Damaged(format!("no tensor uses storage {key}")))?;
        let numbers = storage(bytes, &mut at, *size)
            .ok_or_else(|| TorchError::Damaged(format!("the file ends inside storage {key}")))?;
        storages.insert(key, numbers);
    }
    tensors(&dictionary, |storage| {
        storages
            .get(storage.key)
            .copied()
            .ok_or_else(|| format!("storage {} is not in the file", storage.key))
    })
}

/// A length in numbers of `size` bytes, then the numbers.
fn storage<'a>(bytes: &'a [u8], at: &mut usize, size: usize) -> Option<&'a [u8]> {
    let (len, rest) = bytes.get(*at..)?.split_first_chunk::<8>()?;
    let len = usize::try_from(u64::from_le_bytes(*len))
        .ok()?
        .checked_mul(size)?;
    let numbers = rest.get(..len)?;
    *at += 8 + len;
    Some(numbers)
}

/// `{"little_endian": False, …}`
fn is_big_endian(facts: &Program<'_>) -> bool {
    let Value::Dict(facts_listed) = facts.result() else {
        return false;
    };
    facts_listed.iter().any(|&(key, value)| {
        matches!(facts.get(key), Value::Text("little_endian"))
            && matches!(facts.get(value), Value::Bool(false))
    })
}
