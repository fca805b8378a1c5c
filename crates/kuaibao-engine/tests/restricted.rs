//! What it changes that `q8` does not compute what a model was never trained to output.

use std::fs;
use std::path::{Path, PathBuf};

use candle_core::Device;
use kuaibao_engine::{
    generate::{self, SearchConfig, batches},
    marian,
    nn::{self, Placement, Precision, Seq2Seq},
    tokenizer::Tokenizer,
};

/// A model twice: with every column of its projection, and without those that are left out.
struct Both {
    tokenizer: Tokenizer,
    config: SearchConfig,
    whole: Box<dyn Seq2Seq>,
    restricted: Box<dyn Seq2Seq>,
}

impl Both {
    fn load(folder: &Path) -> Self {
        let tokenizer = Tokenizer::from_dir(folder).unwrap();
        let load = || nn::load(folder, &Placement::new(Device::Cpu, Precision::Q8)).unwrap();
        let mut restricted = load();
        let kept = tokenizer.target_tokens();
        restricted.restrict(&kept.expect("nothing of this model is left out"));
        let config = match marian::Files::of(folder) {
            Some(_) => SearchConfig::of_marian(folder, &tokenizer),
            None => SearchConfig::read(folder),
        };
        Self {
            config: config.unwrap(),
            tokenizer,
            whole: load(),
            restricted,
        }
    }

    /// The best tokens of each line, of both.
    fn search(&self, lines: &[&str], num_beams: usize) -> Vec<[Vec<u32>; 2]> {
        let config = SearchConfig {
            num_beams,
            ..self.config.clone()
        };
        let framing = self.tokenizer.framing(None, None).unwrap();
        let encode = |line: &&str| self.tokenizer.encode(line, &framing).unwrap();
        let sources: Vec<Vec<u32>> = lines.iter().map(encode).collect();
        let lengths: Vec<usize> = sources.iter().map(Vec::len).collect();
        let mut found = vec![[Vec::new(), Vec::new()]; lines.len()];
        for batch in batches(&lengths, 1024 / num_beams) {
            let sources: Vec<&[u32]> = batch.iter().map(|&i| sources[i].as_slice()).collect();
            for (side, model) in [&self.whole, &self.restricted].into_iter().enumerate() {
                let best = generate::search(&**model, &sources, &config).unwrap();
                for (&i, mut best) in batch.iter().zip(best) {
                    found[i][side] = best.remove(0).tokens;
                }
            }
        }
        found
    }

    /// Whether all of these are computed where columns are left out.
    fn kept(&self, tokens: &[u32]) -> bool {
        let outputs = self.restricted.outputs();
        tokens.iter().all(|&token| outputs.column(token).is_some())
    }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/fixtures")
        .join(name)
}

/// Weights of no training output what is left out all the time; a line of theirs that does not is the
/// same without it.
#[test]
fn a_line_changes_only_where_it_holds_what_is_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let joint = fixture("marian/joint");
    for (from, to) in [
        ("model.alphas.bin", "model.zhen.intgemm.alphas.bin"),
        ("vocab.spm", "vocab.zhen.spm"),
    ] {
        fs::copy(joint.join(from), folder.path().join(to)).unwrap();
    }
    let both = Both::load(folder.path());
    let texts = fs::read_to_string(joint.join("sources.txt")).unwrap();
    let lines: Vec<&str> = texts
        .lines()
        .flat_map(|line| line.split_inclusive('，'))
        .collect();
    let found = both.search(&lines, 1);
    let mut same = 0;
    for [whole, restricted] in &found {
        assert!(both.kept(restricted));
        if both.kept(whole) {
            assert_eq!(whole, restricted);
            same += 1;
        } else {
            let until = whole
                .iter()
                .take_while(|&&token| both.kept(&[token]))
                .count();
            assert_eq!(
                whole[..until],
                restricted[..until],
                "they part before what is left out"
            );
        }
    }
    let columns = (both.restricted.outputs().len(), both.whole.outputs().len());
    println!(
        "{} of {} columns, {same} of {} lines the same",
        columns.0,
        columns.1,
        lines.len()
    );
}

/// `KUAIBAO_LINES=FILE.zh KUAIBAO_MODEL=FOLDER cargo test --release -p kuaibao-engine --test restricted -- --ignored --nocapture`
#[test]
#[ignore = "a measurement"]
fn lines_that_change() {
    let folder = std::env::var_os("KUAIBAO_MODEL").expect("KUAIBAO_MODEL names a model");
    let both = Both::load(Path::new(&folder));
    let texts =
        std::env::var("KUAIBAO_LINES").expect("KUAIBAO_LINES names a file, a sentence a line");
    let texts = fs::read_to_string(texts).unwrap();
    let lines: Vec<&str> = texts
        .lines()
        .filter(|line| !line.trim().is_empty())
        .collect();
    let (kept, all) = (both.restricted.outputs().len(), both.whole.outputs().len());
    println!("{kept} of {all} columns are computed");
    for beams in [1, 4] {
        let found = both.search(&lines, beams);
        let changed = found
            .iter()
            .filter(|[whole, restricted]| whole != restricted);
        let foreign = found.iter().filter(|[whole, _]| !both.kept(whole));
        println!(
            "{beams} beams: {} of {} lines change, {} hold what is left out",
            changed.count(),
            lines.len(),
            foreign.count()
        );
    }
}
