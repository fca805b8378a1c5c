//! A target of cargo-fuzz: the one that the environment names.
#![no_main]

use std::sync::LazyLock;

use kuaibao_fuzz::{TARGETS, Target};
use libfuzzer_sys::fuzz_target;

static TARGET: LazyLock<Target> = LazyLock::new(|| {
    let name = std::env::var("KUAIBAO_FUZZ").expect("KUAIBAO_FUZZ names a target");
    let found = TARGETS.iter().find(|(target, _)| *target == name);
    found.expect("KUAIBAO_FUZZ is one of the targets").1
});

fuzz_target!(|input: &[u8]| (*TARGET)(input));
