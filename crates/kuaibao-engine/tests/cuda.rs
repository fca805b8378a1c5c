//! The kernels for a GPU, run on a CPU: `cuda/emulated.cpp` compares each with plain loops.

use std::{env, fs, path::Path, process::Command};

#[test]
fn the_kernels_of_a_gpu_equal_plain_loops() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cuda/emulated.cpp");
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("emulated");
    let compiler = env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let compile = |source: &Path| {
        Command::new(&compiler)
            .args(["-std=c++20", "-O1", "-pthread", "-o"])
            .args([program.as_path(), source])
            .output()
    };
    let probe = folder.path().join("probe.cpp");
    fs::write(&probe, "#include <barrier>\n_Float16 x;\nint main() {}\n").unwrap();
    if !compile(&probe).is_ok_and(|probe| probe.status.success()) {
        eprintln!("skipped: {} compiles no C++20", compiler.display());
        return;
    }
    let compiled = compile(&source).unwrap();
    let said = String::from_utf8_lossy(&compiled.stderr);
    assert!(compiled.status.success(), "{said}");
    let run = Command::new(&program).output().unwrap();
    let found = String::from_utf8_lossy(&run.stdout);
    assert!(run.status.success(), "{found}");
}
