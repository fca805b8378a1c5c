//! The bundled model against `transformers`, on 200 sentences of our own.
//!
//! `tests/fixtures/make_fixtures.py bundled` computes what is expected.

use std::path::Path;

use candle_core::Device;
use kuaibao_engine::{
    generate::{SearchConfig, Translator, Workers},
    hub::{Location, Task},
    nn::{Placement, Precision},
};
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn translator(precision: Precision) -> Translator {
    let placement = Placement::new(Device::Cpu, precision);
    let location = Location {
        dir: root().join("models/kuaibao-tiny-zh-en"),
        name: "kuaibao-tiny-zh-en".to_owned(),
        revision: None,
        manifest: None,
    };
    Translator::open(&location, &placement, Task::Translate, None).unwrap()
}

fn sentences() -> Vec<String> {
    let path = root().join("tests/fixtures/bundled/sentences.zh.txt");
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(str::to_owned).collect()
}

fn expected(beams: usize) -> Vec<Vec<u32>> {
    let path = root().join("tests/fixtures/bundled/expected.json");
    let json: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    serde_json::from_value(json[format!("beam_{beams}")].clone()).unwrap()
}

fn tokens(translator: &Translator, workers: &Workers, beams: usize) -> Vec<Vec<u32>> {
    let mut config = translator.config.clone();
    config.num_beams = beams;
    let sentences = sentences();
    let texts: Vec<&str> = sentences.iter().map(String::as_str).collect();
    let found = translator
        .translate(workers, &texts, &config, &|_| ())
        .unwrap();
    found
        .into_iter()
        .map(|mut best| best.remove(0).tokens)
        .collect()
}

#[test]
fn every_token_is_that_of_the_reference() {
    let translator = translator(Precision::F32);
    let workers = Workers::start(2);
    for beams in [1, 6] {
        let found = tokens(&translator, &workers, beams);
        let expected = expected(beams);
        assert_eq!(found.len(), 200);
        for (i, (found, expected)) in found.iter().zip(&expected).enumerate() {
            assert_eq!(found, expected, "sentence {} with {beams} beams", i + 1);
        }
    }
}

#[test]
fn the_number_of_workers_changes_nothing() {
    for precision in [Precision::F32, Precision::Q8] {
        let translator = translator(precision);
        let one = tokens(&translator, &Workers::start(1), 2);
        let four = tokens(&translator, &Workers::start(4), 2);
        assert_eq!(one, four, "{precision:?}");
    }
}

/// No text without an end costs more tokens, for those that it has, than one of the 200 sentences does.
#[test]
fn a_text_without_an_end_takes_no_more_tokens_than_another() {
    const HOSTILE: [&str; 8] = [
        "1至",
        "至",
        "的",
        "哈哈",
        "亿万",
        "不是是",
        "１、",
        "云州港和",
    ];
    let translator = translator(Precision::Q8);
    let workers = Workers::start(2);
    let hostile = HOSTILE.map(|unit| unit.repeat(400 / unit.len()));
    let mut endless = 0;
    for num_beams in [1, 4] {
        // What each text takes for one token.
        let costs = |texts: &[String], break_circles| -> Vec<f64> {
            let config = SearchConfig {
                num_beams,
                break_circles,
                ..translator.config.clone()
            };
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let found = translator.translate(&workers, &texts, &config, &|_| ());
            let costs = texts.iter().zip(found.unwrap()).map(|(text, best)| {
                let own = translator.count(text) as f64;
                best[0].tokens.len() as f64 / own
            });
            costs.collect()
        };
        let most = costs(&sentences(), true).into_iter().fold(0.0, f64::max);
        let whole = costs(&hostile, false);
        for ((unit, cost), whole) in HOSTILE.iter().zip(costs(&hostile, true)).zip(whole) {
            assert!(cost <= most, "{unit:?}: {cost:.2}, news {most:.2}");
            endless += usize::from(whole > most);
        }
    }
    assert!(endless > 0, "the model goes round in none of them");
}

/// Eight-bit products are exact sums, so a sentence's tokens do not depend on its batch.
#[test]
fn in_8_bits_a_batch_equals_its_members() {
    let translator = translator(Precision::Q8);
    let workers = Workers::start(2);
    let together = tokens(&translator, &workers, 4);
    let mut config = translator.config.clone();
    config.num_beams = 4;
    for (i, sentence) in sentences().iter().enumerate().step_by(7) {
        let alone = translator
            .translate(&workers, &[sentence], &config, &|_| ())
            .unwrap();
        assert_eq!(alone[0][0].tokens, together[i], "sentence {}", i + 1);
    }
}
