//! The model families, each built from plain values of its architecture.

mod bart;
mod t5;

pub use bart::Bart;
pub use t5::T5;
