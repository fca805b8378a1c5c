//! Minimal cases of figures, people and the check, one a line, three or more of each kind
//! (`tests/cases.tsv`). The date is 2025-07-26.

use std::fmt::Write as _;
use std::path::Path;

use kuaibao_text::checks::check_figures;
use kuaibao_text::figures::{Clock, Figure, Value, extract};
use kuaibao_text::people::{self, Person};

/// Every case as the program reads it. `KUAIBAO_REWRITE=1` writes the table anew: read the difference.
#[test]
fn every_case_is_read_as_the_table_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases.tsv");
    let table =
        std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let clock = Clock::parse("2025-07-26").unwrap();
    let mut said = String::new();
    let (mut rows, mut wrong) = (0, String::new());
    for line in table.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let [kind, input, expected] = columns[..] else {
            writeln!(said, "{line}").unwrap();
            continue;
        };
        let found = match kind {
            "figures" => figures(input, &clock),
            "people" => persons(input),
            "check" => verdict(input, &clock),
            other => panic!("no kind of case: {other}"),
        };
        rows += 1;
        writeln!(said, "{kind}\t{input}\t{found}").unwrap();
        if found != expected {
            writeln!(
                wrong,
                "{kind} {input}\n   wanted {expected}\n   found  {found}"
            )
            .unwrap();
        }
    }
    if std::env::var_os("KUAIBAO_REWRITE").is_some() {
        std::fs::write(&path, said).unwrap();
    }
    assert!(rows >= 300, "only {rows} cases");
    assert!(wrong.is_empty(), "{wrong}");
}

fn figures(text: &str, clock: &Clock) -> String {
    let one = |figure: &Figure| {
        let value = match &figure.value {
            Value::Number(n) => short(*n),
            Value::Range(a, b) => format!("{}..{}", short(*a), short(*b)),
            Value::Score(a, b) => format!("{}:{}", short(*a), short(*b)),
            Value::Date(edtf) => edtf.clone(),
        };
        let unit = figure.currency.or(figure.unit.as_deref()).unwrap_or("-");
        let bound = figure.bound.map_or("-", |bound| bound.name());
        format!("{value} {unit} {bound} ({})", figure.en)
    };
    or_none(extract(text, clock).iter().map(one).collect())
}

/// Up to six decimals.
fn short(n: f64) -> String {
    let text = format!("{n:.6}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

fn persons(text: &str) -> String {
    let one = |person: &Person| {
        let mut told = format!("{} {}", person.zh, person.en);
        for (label, field) in [("post", &person.post_en), ("of", &person.organisation_en)] {
            if let Some(field) = field {
                write!(told, ", {label} {field}").unwrap();
            }
        }
        if let (None, Some(zh)) = (&person.organisation_en, &person.organisation_zh) {
            write!(told, ", of {zh}").unwrap();
        }
        if person.former {
            told.push_str(", former");
        }
        if let Some(change) = person.change {
            write!(told, ", {change:?}").unwrap();
        }
        if !person.certain {
            told.push_str(", uncertain");
        }
        format!("{told}, {}", person.mentions.len())
    };
    or_none(people::find(&[text], &[]).iter().map(one).collect())
}

/// `ok`, or what is wrong.
fn verdict(input: &str, clock: &Clock) -> String {
    let (zh, en) = input.split_once(" ‖ ").expect("Chinese ‖ English");
    let check = check_figures(zh, en, clock);
    let missing = check.missing.iter();
    let missing = missing.map(|m| format!("missing {}", &zh[m.zh.clone()]));
    let wrong = check.wrong.iter().map(|w| {
        let (zh, en) = (&zh[w.zh.clone()], &en[w.en.clone()]);
        format!("{} {zh} = {en}", w.differs.name())
    });
    let alarms = check.extra.iter().filter(|x| x.alarm);
    let alarms = alarms.map(|x| format!("extra {}", &en[x.en.clone()]));
    let said: Vec<String> = missing.chain(wrong).chain(alarms).collect();
    assert_eq!(check.ok(), said.is_empty(), "{input}: {said:?}");
    if said.is_empty() {
        "ok".to_owned()
    } else {
        said.join("; ")
    }
}

fn or_none(said: Vec<String>) -> String {
    if said.is_empty() {
        "-".to_owned()
    } else {
        said.join("; ")
    }
}
