//! Scores against sacrebleu, rouge-score and NLTK (`tests/eval/parity.json`), and what holds for any
//! corpus.

use std::fs;
use std::path::PathBuf;

use indicatif::ProgressBar;
use kuaibao::eval::bleu::{Bleu, Smoothing};
use kuaibao::eval::chrf::Chrf;
use kuaibao::eval::corpus::{Corpus, Item, Kind, Output, System};
use kuaibao::eval::metric::{Metric, Segment};
use kuaibao::eval::rouge::{Language, Rouge, Variant};
use kuaibao::eval::significance::Battery;
use kuaibao::eval::ter::Ter;
use kuaibao::eval::tokenize::Tokenizer;
use kuaibao::eval::{EvalReport, Plan, evaluate};
use serde::Deserialize;

#[derive(Deserialize)]
struct Parity {
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    language: String,
    one: Vec<String>,
    other: Vec<String>,
    references: Vec<Vec<String>>,
    single: Vec<Value>,
    multiple: Vec<Value>,
    variable: Vec<Value>,
    rouge: std::collections::BTreeMap<String, Vec<[f64; 3]>>,
    significance: Significance,
}

#[derive(Deserialize)]
struct Value {
    metric: Spec,
    corpus: f64,
    segments: Vec<f64>,
    signature: String,
}

#[derive(Deserialize)]
struct Significance {
    seed: u64,
    resamples: usize,
    trials: usize,
    values: Vec<Test>,
}

#[derive(Deserialize)]
struct Test {
    metric: Spec,
    mean: [f64; 2],
    margin: [f64; 2],
    p_bootstrap: f64,
    p_randomisation: f64,
    signature: String,
}

#[derive(Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
enum Spec {
    Bleu {
        tokenize: String,
        smooth: String,
        value: Option<f64>,
        effective: bool,
        lowercase: bool,
    },
    Chrf {
        words: usize,
        lowercase: bool,
    },
    Ter {
        asian: bool,
    },
}

impl Spec {
    fn metric(&self) -> Box<dyn Metric> {
        match self {
            Self::Bleu {
                tokenize,
                smooth,
                value,
                effective,
                lowercase,
            } => Box::new(Bleu {
                tokenizer: match tokenize.as_str() {
                    "13a" => Tokenizer::Mteval13a,
                    "zh" => Tokenizer::Zh,
                    "char" => Tokenizer::Char,
                    _ => Tokenizer::None,
                },
                smoothing: match smooth.as_str() {
                    "exp" => Smoothing::Exp,
                    "floor" => Smoothing::Floor(value.unwrap_or(0.1)),
                    "add-k" => Smoothing::AddK(value.unwrap_or(1.0)),
                    _ => Smoothing::None,
                },
                effective_order: *effective,
                lowercase: *lowercase,
            }),
            &Self::Chrf { words, lowercase } => Box::new(Chrf {
                word_orders: words,
                lowercase,
            }),
            &Self::Ter { asian } => Box::new(Ter { asian }),
        }
    }
}

fn parity() -> Parity {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/eval/parity.json");
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn corpus(references: &[Vec<String>], systems: &[(&str, &[String])]) -> Corpus {
    Corpus {
        items: references
            .iter()
            .enumerate()
            .map(|(i, references)| Item {
                id: (i + 1).to_string(),
                references: references.clone(),
                ..Item::default()
            })
            .collect(),
        systems: systems
            .iter()
            .map(|(name, outputs)| System {
                name: (*name).to_owned(),
                kind: Kind::System,
                outputs: outputs.iter().cloned().map(Output::of).collect(),
            })
            .collect(),
        notes: Vec::new(),
    }
}

fn report(corpus: &Corpus, metrics: Vec<Box<dyn Metric>>, plan: &Plan) -> EvalReport {
    evaluate(corpus, &Battery::new(metrics), plan, &ProgressBar::hidden())
}

fn plan(resamples: usize, trials: usize) -> Plan {
    Plan {
        resamples,
        trials,
        seed: 12345,
        rank_by: 0,
        listed: 5,
    }
}

fn close(ours: f64, theirs: f64, what: &str) {
    assert!((ours - theirs).abs() < 1e-5, "{what}: {ours}, not {theirs}");
}

#[test]
fn scores_and_signatures_equal_sacrebleu() {
    for case in parity().cases {
        let single: Vec<_> = case.references.iter().map(|r| r[..1].to_vec()).collect();
        let variable: Vec<_> = case
            .references
            .iter()
            .enumerate()
            .map(|(i, r)| r[..=i % 2].to_vec())
            .collect();
        for (references, values) in [
            (&single, &case.single),
            (&case.references, &case.multiple),
            (&variable, &case.variable),
        ] {
            check(&case.name, &case.one, references, values);
        }
    }
}

fn check(name: &str, hypotheses: &[String], references: &[Vec<String>], values: &[Value]) {
    let metrics: Vec<_> = values.iter().map(|value| value.metric.metric()).collect();
    let found = report(
        &corpus(references, &[("one", hypotheses)]),
        metrics,
        &plan(0, 0),
    );
    for (value, score) in values.iter().zip(&found.systems[0].scores) {
        let signature = score.signature.to_string();
        assert!(
            signature.starts_with(&value.signature),
            "{signature}, not {}",
            value.signature
        );
        close(
            score.score.unwrap(),
            value.corpus,
            &format!("{name} {signature}"),
        );

        let metric = value.metric.metric();
        for (i, theirs) in value.segments.iter().enumerate() {
            let statistics = metric.statistics(&segment(&hypotheses[i], &references[i]));
            let ours = metric.segment_score(&statistics).unwrap();
            close(ours, *theirs, &format!("{name} {signature} segment {i}"));
        }
    }
}

fn segment<'a>(hypothesis: &'a str, references: &'a [String]) -> Segment<'a> {
    Segment {
        source: None,
        document: None,
        hypothesis,
        references,
        aligned: &[],
        given: &[],
    }
}

#[test]
fn rouge_equals_rouge_score() {
    for case in parity().cases {
        let language = match case.language.as_str() {
            "zh" => Language::Zh,
            _ => Language::En,
        };
        for (variant, theirs) in [
            (Variant::N(1), &case.rouge["rouge1"]),
            (Variant::N(2), &case.rouge["rouge2"]),
            (Variant::N(3), &case.rouge["rouge3"]),
            (Variant::L, &case.rouge["rougeL"]),
            (Variant::Lsum, &case.rouge["rougeLsum"]),
        ] {
            let metric = Rouge { variant, language };
            for (i, [precision, recall, f]) in theirs.iter().enumerate() {
                let ours = metric.statistics(&segment(&case.one[i], &case.references[i]));
                let what = format!("{} {} {i}", case.name, metric.name());
                close(ours[0], *f, &what);
                close(ours[1], *precision, &what);
                close(ours[2], *recall, &what);
            }
        }
    }
}

#[test]
fn certainty_equals_sacrebleu() {
    for case in parity().cases {
        let single: Vec<_> = case.references.iter().map(|r| r[..1].to_vec()).collect();
        let corpus = corpus(&single, &[("one", &case.one), ("other", &case.other)]);
        let tests = &case.significance;
        let metrics = tests
            .values
            .iter()
            .map(|test| test.metric.metric())
            .collect();
        let plan = Plan {
            seed: tests.seed,
            ..plan(tests.resamples, tests.trials)
        };
        let found = report(&corpus, metrics, &plan);
        for (m, test) in tests.values.iter().enumerate() {
            let comparison = &found.comparisons[m];
            let what = format!("{} {}", case.name, comparison.metric);
            for s in 0..2 {
                let interval = found.systems[s].scores[m].interval.unwrap();
                // sacrebleu resamples in single precision.
                assert!((interval.mean - test.mean[s]).abs() < 1e-3, "{what}");
                assert!((interval.margin() - test.margin[s]).abs() < 1e-3, "{what}");
            }
            close(comparison.p_bootstrap.unwrap(), test.p_bootstrap, &what);
            close(
                comparison.p_randomisation.unwrap(),
                test.p_randomisation,
                &what,
            );
            let signature = comparison.signature.to_string().replace("bs:1000|", "");
            assert!(
                signature.starts_with(&test.signature),
                "{signature}, not {}",
                test.signature
            );
        }
    }
}
