//! Reads the pickles in a torch file and runs nothing.
//!
//! Comes in: an untrusted pickle stream. Goes out: a [`Program`], the values it builds, in one flat
//! list. The interpreter knows the opcodes that a dictionary of tensors needs and the few names it
//! may refer to; anything else is an error that says its name. Memory is linear in the stream, no
//! value is nested in another (they refer by number), nothing recurses.
//!
//! Opcodes: `Lib/pickletools.py` of Python; persistent ids and rebuild functions:
//! `torch/serialization.py` and `torch/_utils.py`.

use std::collections::HashMap;

use super::{Dtype, TorchError};

/// A pickle longer than this lists no model's tensors: a thousand of them take some 200 KiB, and
/// each byte can ask for a hundred of memory.
const LONGEST: usize = 4 << 20;

/// No call of an allowed function has more arguments, no tensor more dimensions.
const MOST_ARGUMENTS: usize = 8;

/// The values of one pickle.
pub(super) struct Program<'a> {
    values: Vec<Value<'a>>,
    result: Ref,
    /// Bytes up to the end of the pickle.
    pub(super) len: usize,
}

/// The number of a value in its program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ref(usize);

#[derive(Debug)]
pub(super) enum Value<'a> {
    None,
    Bool(bool),
    Int(i128),
    Float,
    Text(&'a str),
    Tuple(Vec<Ref>),
    List(Vec<Ref>),
    Dict(Vec<(Ref, Ref)>),
    Global(Global),
    Storage(Storage<'a>),
    Tensor(View),
}

/// What a pickle may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Global {
    OrderedDict,
    RebuildTensor,
    RebuildParameter,
    Storage(Dtype),
}

/// Raw numbers elsewhere in the file, or a part of them.
#[derive(Clone, Debug)]
pub(super) struct Storage<'a> {
    pub(super) key: &'a str,
    pub(super) dtype: Dtype,
    /// In elements.
    pub(super) len: usize,
    /// First element and number of elements of the part, in the legacy format.
    pub(super) part: Option<(usize, usize)>,
}

/// A tensor: how to walk over a storage, in elements.
#[derive(Clone, Debug)]
pub(super) struct View {
    pub(super) storage: Ref,
    pub(super) offset: usize,
    pub(super) shape: Vec<usize>,
    pub(super) strides: Vec<usize>,
}

impl<'a> Program<'a> {
    /// Interprets the pickle that `bytes` begins with.
    pub(super) fn run(bytes: &'a [u8]) -> Result<Self, TorchError> {
        let mut machine = Machine {
            input: &bytes[..bytes.len().min(LONGEST)],
            at: 0,
            values: Vec::new(),
            stack: Vec::new(),
            marks: Vec::new(),
            memo: HashMap::new(),
        };
        let result = loop {
            let start = machine.at;
            match machine.step() {
                Ok(None) => {}
                Ok(Some(result)) => break result,
                Err(Fault::Named(error)) => return Err(error),
                Err(Fault::Here(problem)) => {
                    return Err(TorchError::Pickle { at: start, problem });
                }
            }
        };
        Ok(Self {
            values: machine.values,
            result,
            len: machine.at,
        })
    }

    /// The value that the pickle is of.
    pub(super) fn result(&self) -> &Value<'a> {
        self.get(self.result)
    }

    pub(super) fn get(&self, at: Ref) -> &Value<'a> {
        &self.values[at.0]
    }

    pub(super) fn values(&self) -> &[Value<'a>] {
        &self.values
    }
}

/// Why the machine stops.
enum Fault {
    /// Wrong at the opcode in hand.
    Here(String),
    Named(TorchError),
}

impl From<&str> for Fault {
    fn from(problem: &str) -> Self {
        Self::Here(problem.to_owned())
    }
}

struct Machine<'a> {
    input: &'a [u8],
    at: usize,
    values: Vec<Value<'a>>,
    stack: Vec<Ref>,
    /// Heights of the stack.
    marks: Vec<usize>,
    memo: HashMap<u32, Ref>,
}

impl<'a> Machine<'a> {
    /// One opcode; the result when it is the last.
    fn step(&mut self) -> Result<Option<Ref>, Fault> {
        let opcode = self.byte()?;
        match opcode {
            b'.' => return self.pop().map(Some),
            0x80 => match self.byte()? {
                2..=5 => {}
                other => return Err(Fault::Here(format!("pickle protocol {other}"))),
            },
            0x95 => drop(self.take(8)?), // FRAME: where the writer cut its buffers
            b'(' => self.marks.push(self.stack.len()),
            b'0' => drop(self.pop()?),
            b'1' => drop(self.pop_to_mark()?),
            b'2' => {
                let top = self.pop()?;
                self.stack.extend([top, top]);
            }
            b'q' => {
                let slot = self.byte()?;
                self.memoize(u32::from(slot))?;
            }
            b'r' => {
                let slot = self.u32()?;
                self.memoize(slot)?;
            }
            0x94 => self.memoize(self.memo.len() as u32)?,
            b'h' => {
                let slot = self.byte()?;
                self.recall(u32::from(slot))?;
            }
            b'j' => {
                let slot = self.u32()?;
                self.recall(slot)?;
            }
            b'R' => self.reduce()?,
            b'b' => self.build()?,
            b'Q' => self.persistent()?,
            b'c' => {
                let (module, name) = (self.line()?, self.line()?);
                self.global(module, name)?;
            }
            0x93 => {
                let (name, module) = (self.pop()?, self.pop()?);
                let (module, name) = (self.text(module)?, self.text(name)?);
                self.global(module, name)?;
            }
            b't' | 0x85..=0x87 | b')' | b'l' | b']' | b'd' | b'}' => self.collect(opcode)?,
            b'a' | b'e' | b's' | b'u' => self.insert(opcode)?,
            _ => {
                let value = self.scalar(opcode)?;
                self.push(value);
            }
        }
        Ok(None)
    }

    /// Numbers, text and the like.
    fn scalar(&mut self, opcode: u8) -> Result<Value<'a>, Fault> {
        Ok(match opcode {
            b'N' => Value::None,
            0x88 => Value::Bool(true),
            0x89 => Value::Bool(false),
            b'K' => Value::Int(i128::from(self.byte()?)),
            b'M' => Value::Int(i128::from(self.number::<2>()? as u16)),
            b'J' => Value::Int(i128::from(self.u32()?.cast_signed())),
            0x8a => {
                let len = self.byte()?;
                Value::Int(self.long(usize::from(len))?)
            }
            b'G' => {
                self.take(8)?;
                Value::Float
            }
            0x8c | b'U' => {
                let len = self.byte()?;
                Value::Text(self.utf8(usize::from(len))?)
            }
            b'X' | b'T' => {
                let len = self.u32()?;
                Value::Text(self.utf8(len as usize)?)
            }
            0x8d => {
                let len = self.number::<8>()?;
                Value::Text(self.utf8(usize::try_from(len).unwrap_or(usize::MAX))?)
            }
            _ => {
                return Err(Fault::Here(format!(
                    "opcode 0x{opcode:02x}, which no dictionary of tensors needs"
                )));
            }
        })
    }

    /// Tuples, lists and dictionaries from what is on the stack.
    fn collect(&mut self, opcode: u8) -> Result<(), Fault> {
        let value = match opcode {
            b')' => Value::Tuple(vec![]),
            b']' => Value::List(vec![]),
            b'}' => Value::Dict(vec![]),
            b't' => Value::Tuple(self.pop_to_mark()?),
            b'l' => Value::List(self.pop_to_mark()?),
            b'd' => Value::Dict(pairs(&self.pop_to_mark()?)?),
            _ => {
                let mut items = vec![self.pop()?];
                for _ in 0x85..opcode {
                    items.insert(0, self.pop()?);
                }
                Value::Tuple(items)
            }
        };
        self.push(value);
        Ok(())
    }

    /// Puts what is on the stack into the list or dictionary below it.
    fn insert(&mut self, opcode: u8) -> Result<(), Fault> {
        let items = match opcode {
            b'a' => vec![self.pop()?],
            b's' => {
                let value = self.pop()?;
                vec![self.pop()?, value]
            }
            _ => self.pop_to_mark()?,
        };
        let target = *self.stack.last().ok_or("the stack is empty")?;
        match (opcode, &mut self.values[target.0]) {
            (b'a' | b'e', Value::List(list)) => list.extend(items),
            (b's' | b'u', Value::Dict(dict)) => dict.extend(pairs(&items)?),
            _ => return Err("items for something that takes none".into()),
        }
        Ok(())
    }

    fn global(&mut self, module: &'a str, name: &'a str) -> Result<(), Fault> {
        let global = match (module, name) {
            ("collections", "OrderedDict") => Global::OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2") => Global::RebuildTensor,
            ("torch._utils", "_rebuild_parameter") => Global::RebuildParameter,
            ("torch", storage) => match storage.strip_suffix("Storage").and_then(Dtype::of_storage)
            {
                Some(dtype) => Global::Storage(dtype),
                None => return Err(forbidden(module, name)),
            },
            _ => return Err(forbidden(module, name)),
        };
        self.push(Value::Global(global));
        Ok(())
    }

    /// Calls one of the allowed functions.
    fn reduce(&mut self) -> Result<(), Fault> {
        let (arguments, function) = (self.pop()?, self.pop()?);
        let arguments = self.few(arguments)?;
        let Value::Global(function) = self.values[function.0] else {
            return Err("a call of something that is not a function".into());
        };
        let value = match (function, arguments.as_slice()) {
            (Global::OrderedDict, []) => Value::Dict(vec![]),
            (Global::OrderedDict, &[items]) => {
                // Read where it was built, never again: copies of copies would grow without bound.
                let items = self.take_items(items)?;
                let mut dict = Vec::with_capacity(items.len());
                for item in items {
                    dict.extend(pairs(&self.few(item)?)?);
                }
                Value::Dict(dict)
            }
            (Global::RebuildTensor, &[storage, offset, shape, strides, ..]) => {
                if !matches!(self.values[storage.0], Value::Storage(_)) {
                    return Err("a tensor without a storage".into());
                }
                Value::Tensor(View {
                    storage,
                    offset: self.size(offset)?,
                    shape: self.sizes(shape)?,
                    strides: self.sizes(strides)?,
                })
            }
            (Global::RebuildParameter, &[tensor, ..]) => {
                if !matches!(self.values[tensor.0], Value::Tensor(_)) {
                    return Err("a parameter without a tensor".into());
                }
                self.stack.push(tensor);
                return Ok(());
            }
            _ => {
                return Err(Fault::Here(format!(
                    "{function:?} with {} arguments",
                    arguments.len()
                )));
            }
        };
        self.push(value);
        Ok(())
    }

    /// Attributes of a dictionary (a module's `_metadata`) say nothing of the tensors.
    fn build(&mut self) -> Result<(), Fault> {
        self.pop()?;
        match self.stack.last().map(|target| &self.values[target.0]) {
            Some(Value::Dict(_)) => Ok(()),
            _ => Err("attributes of something that takes none".into()),
        }
    }

    /// `("storage", type, key, device, length)`, in the legacy format with a part of it.
    fn persistent(&mut self) -> Result<(), Fault> {
        let id = self.pop()?;
        let id = self.few(id)?;
        let (&[kind, storage, key, _device, len], rest) = id
            .split_first_chunk::<5>()
            .ok_or("a persistent id of another kind")?;
        if self.text(kind)? != "storage" {
            return Err("a persistent id that is not a storage".into());
        }
        let Value::Global(Global::Storage(dtype)) = self.values[storage.0] else {
            return Err("a storage without a type".into());
        };
        let part = match rest {
            [] => None,
            [part] if matches!(self.values[part.0], Value::None) => None,
            [part] => match *self.items(*part)? {
                [_key, offset, len] => Some((self.size(offset)?, self.size(len)?)),
                _ => return Err("a part of a storage of another kind".into()),
            },
            _ => return Err("a persistent id of another kind".into()),
        };
        let storage = Storage {
            key: self.text(key)?,
            dtype,
            len: self.size(len)?,
            part,
        };
        self.push(Value::Storage(storage));
        Ok(())
    }

    fn push(&mut self, value: Value<'a>) {
        self.stack.push(Ref(self.values.len()));
        self.values.push(value);
    }

    fn pop(&mut self) -> Result<Ref, Fault> {
        // What lies below a mark is not for a single opcode to take.
        let floor = self.marks.last().copied().unwrap_or(0);
        if self.stack.len() <= floor {
            return Err("the stack is empty".into());
        }
        self.stack.pop().ok_or_else(|| "the stack is empty".into())
    }

    fn pop_to_mark(&mut self) -> Result<Vec<Ref>, Fault> {
        let mark = self.marks.pop().ok_or("there is no mark")?;
        Ok(self.stack.split_off(mark))
    }

    fn memoize(&mut self, slot: u32) -> Result<(), Fault> {
        let top = *self.stack.last().ok_or("the stack is empty")?;
        self.memo.insert(slot, top);
        Ok(())
    }

    fn recall(&mut self, slot: u32) -> Result<(), Fault> {
        let value = *self
            .memo
            .get(&slot)
            .ok_or("it recalls what it never stored")?;
        self.stack.push(value);
        Ok(())
    }

    fn items(&self, at: Ref) -> Result<&[Ref], Fault> {
        match &self.values[at.0] {
            Value::Tuple(items) | Value::List(items) => Ok(items),
            _ => Err("a tuple was expected".into()),
        }
    }

    /// A tuple of a handful of items.
    fn few(&self, at: Ref) -> Result<Vec<Ref>, Fault> {
        let items = self.items(at)?;
        if items.len() > MOST_ARGUMENTS {
            return Err(Fault::Here(format!(
                "{} arguments or dimensions",
                items.len()
            )));
        }
        Ok(items.to_vec())
    }

    /// The items of a list, which is gone from then on.
    fn take_items(&mut self, at: Ref) -> Result<Vec<Ref>, Fault> {
        match std::mem::replace(&mut self.values[at.0], Value::None) {
            Value::Tuple(items) | Value::List(items) => Ok(items),
            _ => Err("a list was expected".into()),
        }
    }

    fn text(&self, at: Ref) -> Result<&'a str, Fault> {
        match self.values[at.0] {
            Value::Text(text) => Ok(text),
            _ => Err("a text was expected".into()),
        }
    }

    fn size(&self, at: Ref) -> Result<usize, Fault> {
        match self.values[at.0] {
            Value::Int(size) => {
                usize::try_from(size).map_err(|_| Fault::Here(format!("{size} is no size")))
            }
            _ => Err("a size was expected".into()),
        }
    }

    fn sizes(&self, at: Ref) -> Result<Vec<usize>, Fault> {
        self.few(at)?
            .into_iter()
            .map(|item| self.size(item))
            .collect()
    }

    fn take(&mut self, len: usize) -> Result<&'a [u8], Fault> {
        let rest = &self.input[self.at..];
        let taken = rest.get(..len).ok_or("the file ends here")?;
        self.at += len;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, Fault> {
        Ok(self.take(1)?[0])
    }

    fn u32(&mut self) -> Result<u32, Fault> {
        Ok(self.number::<4>()? as u32)
    }

    fn number<const N: usize>(&mut self) -> Result<u64, Fault> {
        let bytes = self.take(N)?;
        Ok(bytes
            .iter()
            .rev()
            .fold(0, |value, &byte| value << 8 | u64::from(byte)))
    }

    /// A signed number of any length up to 16 bytes.
    fn long(&mut self, len: usize) -> Result<i128, Fault> {
        let bytes = self.take(len)?;
        if len > 16 {
            return Err("a number longer than 128 bits".into());
        }
        let fill = if bytes.last().is_some_and(|&high| high >= 0x80) {
            0xff
        } else {
            0
        };
        let mut number = [fill; 16];
        number[..len].copy_from_slice(bytes);
        Ok(i128::from_le_bytes(number))
    }

    fn utf8(&mut self, len: usize) -> Result<&'a str, Fault> {
        std::str::from_utf8(self.take(len)?).map_err(|_| "a text that is not UTF-8".into())
    }

    fn line(&mut self) -> Result<&'a str, Fault> {
        // No module or function is longer.
        let rest = &self.input[self.at..];
        let end = rest
            .iter()
            .take(1024)
            .position(|&byte| byte == b'\n')
            .ok_or("a name without an end")?;
        let line = self.utf8(end)?;
        self.at += 1;
        Ok(line)
    }
}

fn forbidden(module: &str, name: &str) -> Fault {
    Fault::Named(TorchError::Forbidden {
        name: format!("{module}.{name}"),
    })
}

fn pairs(items: &[Ref]) -> Result<Vec<(Ref, Ref)>, Fault> {
    match items.as_chunks::<2>() {
        (pairs, []) => Ok(pairs.iter().map(|&[key, value]| (key, value)).collect()),
        _ => Err("a key without a value".into()),
    }
}
