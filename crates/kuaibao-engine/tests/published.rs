//! What manifests claim, held to what the repositories themselves show (`published.json`), without a
//! network. The older manifests' architectures are in `architectures.rs`.

use std::path::Path;

use kuaibao_engine::{
    hub::{Family, Manifest, Task, manifest, manifests},
    nn::{Architecture, T5Architecture},
};
use serde_json::Value;

fn published() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/published.json");
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// The model type that a family's configurations name.
fn model_type(family: Family) -> &'static str {
    match family {
        Family::Marian => "marian",
        Family::Bart => "bart",
        Family::Mbart => "mbart",
        Family::Pegasus => "pegasus",
        Family::M2m100 | Family::Nllb => "m2m_100",
        Family::T5 | Family::Flan | Family::Madlad => "t5",
        Family::Mt5 | Family::Mt0 => "mt5",
        Family::Deberta => "deberta-v2",
        Family::Bert => "bert",
    }
}

fn check(name: &str, manifest: &Manifest, facts: &Value) {
    assert_eq!(manifest.repo.as_deref(), facts["repo"].as_str(), "{name}");
    match facts["licence"].as_str() {
        Some(licence) => assert!(manifest.licence.eq_ignore_ascii_case(licence), "{name}"),
        // A page that names none is not put words in its mouth.
        None => {
            assert_eq!(manifest.licence, "not stated", "{name}");
            assert!(
                manifest.licence_note.is_some() && manifest.commercial != Some(true),
                "{name}"
            );
        }
    }
    // A commit is pinned only where it was read.
    if let Some(revision) = &manifest.revision {
        assert_eq!(facts["commit"].as_str(), Some(revision.as_str()), "{name}");
    }
    if let Some(codes) = facts["codes"].as_array() {
        let told = [&manifest.source_lang, &manifest.target_lang];
        for code in told.into_iter().flatten() {
            assert!(codes.iter().any(|c| c == code.as_str()), "{name}: {code}");
        }
    }
    let config = &facts["config"];
    if config.is_null() {
        return;
    }
    assert_eq!(config["model_type"], model_type(manifest.family), "{name}");
    let judge = [Task::Entail, Task::Embed]
        .iter()
        .any(|t| manifest.tasks.contains(t));
    // A vocabulary's size is not on the page of every model.
    let mut config = config.clone();
    let path = Path::new("config.json");
    if config["vocab_size"].is_null() {
        config["vocab_size"] = 50_000.into();
    }
    let bart = Architecture::from_config(path, &config).unwrap().is_some();
    let t5 = T5Architecture::from_config(path, &config)
        .unwrap()
        .is_some();
    assert!(judge ^ bart ^ t5, "{name}");
}

#[test]
fn manifests_claim_what_their_repositories_show() {
    let published = published();
    let models = published["models"].as_object().unwrap();
    assert!(models.len() >= 10);
    for (name, facts) in models {
        let manifest = manifest(name).unwrap_or_else(|| panic!("no manifest {name}"));
        check(name, manifest, facts);
    }
}

/// A manifest that claims what nobody wrote down here cannot be told from a guess.
#[test]
fn every_manifest_is_accounted_for() {
    // Sizes and hashes of these are pinned, or their architecture is in `architectures.rs`.
    const OLDER: [&str; 15] = [
        "opus-mt-zh-en",
        "m2m100-418m",
        "nllb-600m",
        "mbart50-many-to-one",
        "madlad400-3b",
        "crosssum-m2o-en",
        "crosssum-m2m",
        "mt0-base",
        "flan-t5-base",
        "bart-large-cnn",
        "distilbart-cnn",
        "pegasus-cnn",
        "firefox-zh-en",
        "firefox-zh-en-small",
        "firefox-en-zh",
    ];
    let published = published();
    for manifest in manifests().iter().filter(|m| !m.bundled) {
        let name = manifest.name.as_str();
        let known = published["models"].get(name).is_some() || OLDER.contains(&name);
        assert!(known, "{name}");
    }
}
