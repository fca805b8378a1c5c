//! A plain fuzzer: mutates a corpus at random, without feedback. It finds less in a minute than
//! cargo-fuzz and needs nothing.
//!
//! `plain TARGET SECONDS [SEED]` begins with the files of `fuzz/corpus/TARGET`. An input that panics or takes longer than ten seconds is written to
//! `fuzz/artifacts/TARGET/` and ends the run with 1. `plain TARGET FILE` runs one file.

use std::{
    fs,
    panic::{self, AssertUnwindSafe},
    process::ExitCode,
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use kuaibao_fuzz::{TARGETS, repository};

/// The longest that an input may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// The longest input.
const LONGEST: usize = 1 << 14;

/// What texts and formats are made of.
const TOKENS: [&str; 32] = [
    "本报讯",
    "（记者 ",
    "□",
    "—",
    "……",
    "“",
    "”",
    "《",
    "亿",
    "万",
    "至",
    "约",
    "余",
    "%",
    "．",
    "，",
    "。",
    "\u{3000}",
    "\n",
    "<p>",
    "</",
    "&#x",
    "<!--",
    "](",
    "\"}",
    "[[",
    "-1",
    "1e999",
    "\u{0}",
    "\u{feff}",
    "\u{1F600}",
    "記者",
];

/// xorshift64 (Marsaglia 2003).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit.max(1)
    }
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, what, seed @ ..] = &arguments[..] else {
        eprintln!("plain TARGET SECONDS|FILE [SEED]; targets:");
        for (name, _) in TARGETS {
            eprintln!("  {name}");
        }
        return ExitCode::from(2);
    };
    let Some((_, target)) = TARGETS.iter().find(|(target, _)| target == name) else {
        eprintln!("no target {name}");
        return ExitCode::from(2);
    };
    let Ok(seconds) = what.parse::<f64>() else {
        target(&fs::read(what).expect("the file can be read"));
        return ExitCode::SUCCESS;
    };
    let seed = seed.first().and_then(|s| s.parse().ok()).unwrap_or(2026);
    let corpus = corpus(name);
    let running: Arc<Mutex<(Instant, Vec<u8>)>> =
        Arc::new(Mutex::new((Instant::now(), Vec::new())));
    watch(name.clone(), Arc::clone(&running));
    panic::set_hook(Box::new(|_| {}));
    let mut random = Random(seed);
    let (started, mut runs) = (Instant::now(), 0_u64);
    while started.elapsed().as_secs_f64() < seconds {
        let input = match corpus.get(runs as usize) {
            Some(input) => input.clone(),
            None => mutated(&corpus, &mut random),
        };
        *running.lock().expect("one thread runs") = (Instant::now(), input.clone());
        runs += 1;
        if panic::catch_unwind(AssertUnwindSafe(|| target(&input))).is_err() {
            let path = keep(name, &input);
            eprintln!("{name}: panics after {runs} runs: {path}");
            return ExitCode::FAILURE;
        }
    }
    println!("{name}: {runs} runs in {seconds} s");
    ExitCode::SUCCESS
}

/// The inputs to begin with.
fn corpus(target: &str) -> Vec<Vec<u8>> {
    let files = fs::read_dir(repository("fuzz/corpus").join(target))
        .into_iter()
        .flatten();
    let mut files: Vec<_> = files.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    let mut corpus: Vec<Vec<u8>> = files
        .iter()
        .filter_map(|path| fs::read(path).ok())
        .collect();
    corpus.push(Vec::new());
    corpus
}

fn mutated(corpus: &[Vec<u8>], random: &mut Random) -> Vec<u8> {
    let mut input = corpus[random.below(corpus.len())].clone();
    for _ in 0..=random.below(6) {
        let at = random.below(input.len() + 1);
        let end = (at + random.below(64)).min(input.len());
        match random.below(8) {
            0 if at < input.len() => input[at] ^= 1 << random.below(8),
            1 if at < input.len() => input[at] = random.below(256) as u8,
            2 => drop(input.drain(at..end)),
            3 => input.truncate(at),
            4 => {
                let other = &corpus[random.below(corpus.len())];
                let from = random.below(other.len() + 1);
                let piece = &other[from..(from + random.below(256)).min(other.len())];
                input.splice(at..at, piece.iter().copied());
            }
            5 => {
                let piece = input[at..end].repeat(1 + random.below(40));
                input.splice(at..at, piece);
            }
            _ => {
                let token = TOKENS[random.below(TOKENS.len())].as_bytes();
                input.splice(at..at, token.iter().copied());
            }
        }
    }
    // Formats with a head that counts bytes are cut as a whole; texts lose nothing by it.
    if input.len() > LONGEST && random.below(2) == 0 {
        input.truncate(LONGEST);
    }
    input
}

/// Ends the process, and keeps the input, when one takes too long.
fn watch(name: String, running: Arc<Mutex<(Instant, Vec<u8>)>>) {
    thread::spawn(move || {
        loop {
            thread::sleep(Duration::from_millis(500));
            let running = running.lock().expect("nobody panics with it");
            if running.0.elapsed() > PATIENCE {
                let path = keep(&name, &running.1);
                eprintln!("{name}: takes longer than {} s: {path}", PATIENCE.as_secs());
                std::process::exit(1);
            }
        }
    });
}

fn keep(name: &str, input: &[u8]) -> String {
    let folder = repository("fuzz/artifacts").join(name);
    let hash = input.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    });
    let path = folder.join(format!("{hash:016x}"));
    let kept = fs::create_dir_all(&folder).and_then(|()| fs::write(&path, input));
    kept.map_or_else(|error| error.to_string(), |()| path.display().to_string())
}
