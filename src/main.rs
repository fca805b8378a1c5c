//! The `kuaibao` binary: runs a command, prints its error, exits.

use std::process::ExitCode;

/// Files of the bundled model.
#[cfg(feature = "bundled-model")]
macro_rules! bundled {
    ($($name:literal),*) => {
        &[$(($name, include_bytes!(concat!("../models/kuaibao-tiny-zh-en/", $name)))),*]
    };
}

fn main() -> ExitCode {
    #[cfg(feature = "bundled-model")]
    kuaibao_engine::hub::embed(bundled!(
        "config.json",
        "generation_config.json",
        "model.safetensors",
        "source.spm",
        "target.spm",
        "tokenizer_config.json",
        "vocab.json"
    ));
    // Parallelism is one worker a core, each with single-threaded products; candle reads this
    // variable at every product and would otherwise start threads of its own inside each.
    if std::env::var_os("RAYON_NUM_THREADS").is_none() {
        // SAFETY: no other thread exists yet that could read the environment.
        #[expect(
            unsafe_code,
            reason = "candle takes its thread count from the environment alone"
        )]
        unsafe {
            std::env::set_var("RAYON_NUM_THREADS", "1");
        }
    }
    match kuaibao::cli::run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if let Some(message) = error.message() {
                eprintln!("kuaibao: {message}");
            }
            ExitCode::from(error.exit_code())
        }
    }
}
