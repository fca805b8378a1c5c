//! Makes PTX of the kernels for a GPU, where the build is for one.

use std::{env, path::Path, process::Command};

/// Every card from this one on runs it (Turing, 2018): the driver makes machine code of PTX. NVCC 13 goes no further back.
const ARCHITECTURE: &str = "compute_75";

fn main() {
    let source = "src/nn/cuda/kernels.cu";
    println!("cargo::rerun-if-changed={source}");
    if env::var_os("CARGO_FEATURE_CUDA").is_none() {
        return;
    }
    let ptx = Path::new(&env::var_os("OUT_DIR").expect("cargo sets it")).join("kernels.ptx");
    let status = Command::new("nvcc")
        .args(["--ptx", "-O3", "-arch", ARCHITECTURE, source, "-o"])
        .arg(&ptx)
        .status();
    match status {
        Ok(status) if status.success() => {}
        Ok(status) => panic!("nvcc could not make PTX of {source}: {status}"),
        Err(error) => {
            panic!("nvcc cannot be started ({error}); CONTRIBUTING.md says how to get it")
        }
    }
}
