//! What the figures and the figure check make of lines of text.
//!
//! `cargo run -p kuaibao-text --example figures [-- DATE] < lines`: a line of Chinese gives its figures,
//! a Chinese and an English line parted by a tab what the check says of them.

use std::{
    env,
    io::{self, BufRead},
};

use kuaibao_text::{
    checks::{FigureCheck, check_figures},
    figures::{Clock, extract, extract_english},
};

fn main() -> io::Result<()> {
    let date = env::args().nth(1);
    let clock = date.and_then(|d| Clock::parse(&d)).unwrap_or_default();
    for line in io::stdin().lock().lines() {
        let line = line?;
        let Some((zh, en)) = line.split_once('\t') else {
            println!("{line}");
            for f in extract(&line, &clock) {
                println!(
                    "    {} = {} [{}] {f:?}",
                    &line[f.range.clone()],
                    f.value,
                    f.en
                );
            }
            continue;
        };
        let check = check_figures(zh, en, &clock);
        println!("ok={}\t{zh}\t{en}\t{}", check.ok(), told(zh, en, &check));
        if env::var_os("VERBOSE").is_some() {
            for f in extract_english(en) {
                println!("    {f:?}");
            }
        }
    }
    Ok(())
}

/// What the check found, in one line.
fn told(zh: &str, en: &str, check: &FigureCheck) -> String {
    let missing = check
        .missing
        .iter()
        .map(|m| format!("missing {}", &zh[m.zh.clone()]));
    let wrong = check.wrong.iter();
    let wrong = wrong.map(|w| format!("wrong {} = {}", &zh[w.zh.clone()], &en[w.en.clone()]));
    let extra = check
        .extra
        .iter()
        .map(|x| format!("extra {}", &en[x.en.clone()]));
    missing
        .chain(wrong)
        .chain(extra)
        .collect::<Vec<_>>()
        .join("; ")
}
