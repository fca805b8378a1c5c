//! What a step of decoding costs as its past grows: measured, not tested.
//!
//!     cargo test --release --test step_cost -- --ignored --nocapture

mod random;

use std::time::Instant;

use candle_core::Device;
use kuaibao_engine::nn::{self, Placement, Precision};
use random::Sizes;

const SIZES: Sizes = Sizes {
    d_model: 512,
    heads: 8,
    ffn: 2048,
    layers: 6,
    vocabulary: 8000,
};
/// Hypotheses of one source, reordered at every step.
const ROWS: usize = 4;
const SOURCE: u32 = 100;
/// Steps timed at each place.
const WINDOW: usize = 10;

#[test]
#[ignore = "it measures; run it alone, in a release build"]
fn a_step_by_the_length_of_its_past() {
    let folder = tempfile::tempdir().unwrap();
    println!("ms a step of {ROWS} rows, the least of {WINDOW} steps around each place");
    println!("| model | precision | 10 | 100 | 500 |\n|---|---|---:|---:|---:|");
    for name in ["T5", "BART"] {
        match name {
            "T5" => random::t5(folder.path(), SIZES),
            _ => random::bart(folder.path(), SIZES),
        };
        for precision in [Precision::F32, Precision::Q8] {
            let placement = Placement::new(Device::Cpu, precision);
            let model = nn::load(folder.path(), &placement).unwrap();
            let source: Vec<u32> = (2..2 + SOURCE).collect();
            let mut state = model.start(&model.encode(&[&source]).unwrap()).unwrap();
            let mut times = Vec::new();
            for step in 0..510 {
                let tokens: Vec<u32> = (0..state.rows() as u32).map(|r| 2 + r + step).collect();
                let start = Instant::now();
                model.step(&mut state, &tokens).unwrap();
                let parents: Vec<usize> = match step {
                    0 => vec![0; ROWS],
                    // As beams do: mostly in order, now and then two from one.
                    _ if step % 3 == 0 => vec![0, 0, 1, 2],
                    _ => (0..ROWS).collect(),
                };
                state.gather(&parents).unwrap();
                times.push(start.elapsed().as_secs_f64() * 1e3);
            }
            let around = |place: usize| {
                // The least of them: what else the machine does only ever adds.
                let window = &times[place - WINDOW / 2..place + WINDOW / 2];
                window.iter().copied().fold(f64::INFINITY, f64::min)
            };
            println!(
                "| {name} | {} | {:.2} | {:.2} | {:.2} |",
                precision.name(),
                around(10),
                around(100),
                around(500)
            );
        }
    }
}
