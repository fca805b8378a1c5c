//! The `kuaibao` binary.
fn main() {}
