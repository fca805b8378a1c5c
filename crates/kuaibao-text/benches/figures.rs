//! How fast figures are read: `cargo bench -p kuaibao-text --bench figures -- FILE…`, on one core.

use std::{env, fs, hint::black_box, time::Instant};

use kuaibao_text::figures::{Clock, Reader};

fn main() {
    let clock = Clock::parse("2025-07-26").expect("a date");
    let files = env::args().skip(1).filter(|a| !a.starts_with("--"));
    let texts: Vec<String> = files
        .map(|path| fs::read_to_string(&path).unwrap_or_else(|e| panic!("{path}: {e}")))
        .collect();
    let bytes: usize = texts.iter().map(String::len).sum();
    assert!(bytes > 0, "name text files to read");
    let read = || {
        let mut found = 0;
        for text in &texts {
            let mut reader = Reader::new(clock);
            found += text
                .lines()
                .map(|l| black_box(reader.read(l)).len())
                .sum::<usize>();
        }
        found
    };
    let figures = read();
    let mut best = f64::INFINITY;
    for _ in 0..5 {
        let start = Instant::now();
        read();
        best = best.min(start.elapsed().as_secs_f64());
    }
    println!(
        "{figures} figures in {:.2} MB: {:.1} MB/s on one core (best of 5)",
        bytes as f64 / 1e6,
        bytes as f64 / 1e6 / best
    );
}
