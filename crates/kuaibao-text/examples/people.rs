//! Who is named in lines of text, and how that agrees with labels.
//!
//! `cargo run -p kuaibao-text --example people < lines`: a line of Chinese gives its people; where names
//! stand behind a tab, parted by `;` (as in `tests/people`), only lines that differ are shown, and the
//! last line gives precision and recall of the names and the share of lines with the same names.

use std::{
    collections::BTreeSet,
    io::{self, BufRead},
};

use kuaibao_text::people::find;

fn main() -> io::Result<()> {
    let [mut right, mut found, mut gold, mut lines, mut same] = [0; 5];
    for line in io::stdin().lock().lines() {
        let line = line?;
        if line.starts_with('#') || line.is_empty() {
            continue;
        }
        let Some((zh, names)) = line.split_once('\t') else {
            println!("{line}");
            for person in find(&[&line], &[]) {
                println!("    {person:?}");
            }
            continue;
        };
        let people = find(&zh.split('¶').collect::<Vec<_>>(), &[]);
        let people: BTreeSet<&str> = people.iter().map(|p| p.zh.as_str()).collect();
        let names: BTreeSet<&str> = names
            .split(';')
            .map(|name| name.split(['=', '@', '~']).next().unwrap_or(name))
            .filter(|name| !matches!(*name, "-" | ""))
            .collect();
        right += people.intersection(&names).count();
        found += people.len();
        gold += names.len();
        lines += 1;
        same += usize::from(people == names);
        let list = |names: std::collections::btree_set::Difference<'_, &str>| {
            names.copied().collect::<Vec<_>>().join(" ")
        };
        if people != names {
            let (missed, extra) = (
                list(names.difference(&people)),
                list(people.difference(&names)),
            );
            println!("missed [{missed}] extra [{extra}]\t{zh}");
        }
    }
    if lines > 0 {
        println!(
            "{lines} lines, {gold} names: precision {:.3}, recall {:.3}; {:.1} % of lines the same",
            right as f64 / found as f64,
            right as f64 / gold as f64,
            100.0 * same as f64 / lines as f64,
        );
    }
    Ok(())
}
