//! Text to text through each way a model can be told a language, against `transformers`.
//!
//! `tests/fixtures/make_family_fixtures.py` makes the models and `translations.json`.

use std::path::Path;

use candle_core::Device;
use kuaibao_engine::{
    generate::{Languages, Translator, Workers},
    hub::{self, HubOptions, Task},
    nn::{Placement, Precision},
};
use serde_json::Value;

#[test]
fn texts_are_written_as_the_reference_writes_them() {
    // What a person says, and of whom the language is asked first.
    for (family, task, target) in [
        ("marian-multi", Task::Translate, Some("eng")),
        // Known of its family: English.
        ("small100", Task::Translate, None),
        ("small100", Task::Translate, Some("en")),
        ("crosssum-m2m", Task::Crosslingual, Some("english")),
        ("bart-zh", Task::Summarize, None),
        ("umt5", Task::Crosslingual, None),
    ] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../tests/fixtures/families")
            .join(family);
        let expected = std::fs::read(folder.join("translations.json")).unwrap();
        let expected: Value = serde_json::from_slice(&expected).unwrap();
        let rows =
            |name: &str| -> Vec<String> { serde_json::from_value(expected[name].clone()).unwrap() };
        let options = HubOptions::from_env().unwrap();
        let location = hub::resolve(folder.to_str().unwrap(), &options).unwrap();
        let placement = Placement::new(Device::Cpu, Precision::F32);
        let languages = Languages {
            source: None,
            target: target.map(str::to_owned),
        };
        let translator =
            Translator::open_with(&location, &placement, task, None, languages, false).unwrap();
        let texts = rows("texts");
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let workers = Workers::start(1);
        let found = translator.translate(&workers, &texts, &translator.config, &|_| ());
        let found: Vec<String> = found
            .unwrap()
            .into_iter()
            .map(|mut b| b.remove(0).text)
            .collect();
        assert_eq!(found, rows("translations"), "{family} {target:?}");
    }
}
