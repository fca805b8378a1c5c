//! Fits the weights of possible names, `src/people/odds.bin`.
//!
//! Two kinds of sentences say who is named: parallel news, labelled by `label_names.py`, and our own of
//! `tests/people`, but for the sets named in `ASIDE`. Each is read again under other names, made of the
//! tables of surnames and of characters of given names, and a pronoun becomes a name, because names stand
//! wherever 他 does: so the weights learn what stands around names and what names are made of, not who is in
//! the news. The fit is a logistic regression by AdaGrad; now and then what is inside of the string is
//! hidden, or what stands around it, so that each learns to do without the other; labels that two rounds
//! contradict are left out. Prints precision and recall on a fiftieth of the parallel sentences, which
//! nothing is fitted to, and writes the weights:
//!
//! `KUAIBAO_NAMES=labels.tsv KUAIBAO_ODDS=odds.bin cargo test --release -p kuaibao-text --lib names -- --ignored --nocapture`

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;

use super::*;
use crate::dice::Dice;
use crate::people::foreign;
use crate::text::chars::is_han;

/// Sets of `tests/people` that are kept aside, or have other columns.
const ASIDE: [&str; 4] = ["posts.tsv", "quotes.tsv", "genres-8.tsv", "odds.tsv"];
/// How often a sentence is read again, and one of our own; those without Chinese names half as often.
const COPIES: usize = 4;
const OWN_COPIES: usize = 20;
/// Places of one name that count.
const MOST_OF_A_NAME: usize = 25;
const ROUNDS: usize = 8;

/// A sentence, and what is known of who is named in it.
#[derive(Clone, Default)]
struct Labelled {
    text: String,
    /// Chinese names, names by sound, other things by sound, and what nobody knows.
    chinese: Vec<Range<usize>>,
    sounds: Vec<Range<usize>>,
    places: Vec<Range<usize>>,
    unknown: Vec<Range<usize>>,
    /// The English names somebody who was not found.
    unsaid: bool,
    /// Surnames that the English has by themselves.
    surnames: String,
    own: bool,
    test: bool,
}

fn overlaps(range: &Range<usize>, all: &[Range<usize>]) -> bool {
    all.iter()
        .any(|other| other.start < range.end && range.start < other.end)
}

/// The sentences that `label_names.py` labelled; its ranges count characters.
fn parallel() -> Vec<Labelled> {
    let path = std::env::var("KUAIBAO_NAMES").expect("KUAIBAO_NAMES: what label_names.py wrote");
    let table = std::fs::read_to_string(path).unwrap();
    let read = |(n, line): (usize, &str)| {
        let columns: Vec<&str> = line.split('\t').collect();
        let text = columns[0];
        let starts: Vec<usize> = text.char_indices().map(|(i, _)| i).collect();
        let byte = |n: &str| {
            let n: usize = n.parse().unwrap();
            starts.get(n).copied().unwrap_or(text.len())
        };
        let ranges = |column: usize| {
            let ranges = columns[column].split(';').filter_map(|r| r.split_once('-'));
            let ranges = ranges.filter(|(from, _)| !from.is_empty());
            ranges.map(|(from, to)| byte(from)..byte(to)).collect()
        };
        Labelled {
            text: text.to_owned(),
            chinese: ranges(1),
            sounds: ranges(2),
            places: ranges(3),
            unknown: ranges(4),
            unsaid: columns[5] == "1",
            surnames: columns[6].replace('-', ""),
            own: false,
            test: n % 50 == 0,
        }
    };
    table.lines().enumerate().map(read).collect()
}

/// The sentences of `tests/people`, each once.
fn own() -> Vec<Labelled> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/people");
    let files: BTreeSet<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "tsv"))
        .filter(|path| !ASIDE.contains(&path.file_name().unwrap().to_str().unwrap()))
        .collect();
    let mut seen = HashSet::new();
    let mut all = Vec::new();
    for path in files {
        let table = std::fs::read_to_string(&path).unwrap();
        let name_first = path.ends_with("continuations.tsv") || path.ends_with("conjunctions.tsv");
        for row in table.lines().filter(|row| !row.starts_with('#')) {
            let Some((first, second)) = row.split_once('\t') else {
                continue;
            };
            let (text, gold) = match name_first {
                true => (second, first),
                false => (first, second),
            };
            let names: Vec<&str> = gold
                .split(';')
                .filter(|name| *name != "-")
                .map(|name| name.split(['=', '@', '~']).next().unwrap_or(name))
                .collect();
            for sentence in text.split_inclusive(['¶', '。', '！', '？', '；']) {
                let sentence = sentence.trim_matches('¶');
                if sentence.chars().count() > 3 && seen.insert(sentence.to_owned()) {
                    all.push(labelled(sentence, &names));
                }
            }
        }
    }
    all
}

fn labelled(text: &str, names: &[&str]) -> Labelled {
    let mut names: Vec<&str> = names
        .iter()
        .flat_map(|name| [*name, super::super::last_part(name)])
        .collect();
    names.sort_by_key(|name| std::cmp::Reverse(name.len()));
    let mut it = Labelled {
        text: text.to_owned(),
        own: true,
        ..Labelled::default()
    };
    let mut taken: Vec<Range<usize>> = Vec::new();
    for name in names {
        for (at, _) in text.match_indices(name) {
            let range = at..at + name.len();
            if overlaps(&range, &taken) {
                continue;
            }
            taken.push(range.clone());
            let dotted = text[..at].ends_with('·') || name.contains('·');
            let by_sound = foreign::is_all_sounds(name) && sounds_inside(name);
            match (dotted, by_sound) {
                (true, _) => it.unknown.push(range),
                (_, true) => it.sounds.push(range),
                _ if name.chars().count() > 4 => it.unknown.push(range),
                _ => it.chinese.push(range),
            }
        }
    }
    it
}

/// Whether a character behind the first one speaks for a name by sound.
fn sounds_inside(name: &str) -> bool {
    name.chars().skip(1).any(foreign::speaks_for_sounds)
}

/// What names are made of.
struct Pools {
    surnames: [Vec<String>; 4],
    /// Characters of given names, by how usual they are.
    characters: [Vec<char>; 3],
    given: Vec<String>,
    sounds: Vec<String>,
    nouns: Vec<String>,
}

impl Pools {
    fn new(all: &[Labelled]) -> Self {
        let mut given = BTreeSet::new();
        let mut sounds = BTreeSet::new();
        let mut nouns = BTreeSet::new();
        let mut seldom = Vec::new();
        for (n, it) in all.iter().enumerate() {
            for name in it.chinese.iter().map(|range| &it.text[range.clone()]) {
                if let Some((surname, _)) = surnames::leading(name) {
                    given.insert(name[surname.len()..].to_owned());
                }
            }
            sounds.extend(
                it.sounds
                    .iter()
                    .map(|range| it.text[range.clone()].to_owned()),
            );
            if n % 5 == 0 {
                let words = words::segmenter().cut(&it.text, false).into_iter();
                let usual = |word: &str| {
                    word.chars()
                        .all(|c| given::cost(c).is_some_and(|cost| cost < 8.0))
                };
                nouns.extend(
                    words
                        .map(|token| token.word)
                        .filter(|word| word.chars().count() == 2 && usual(word))
                        .filter(|word| {
                            words::tag(word)
                                .is_some_and(|tag| tag.starts_with(['n', 'a', 'z', 'i']))
                        })
                        .map(str::to_owned),
                );
            }
            if n % 37 == 0 {
                let characters = it.text.chars().step_by(9);
                seldom
                    .extend(characters.filter(|&c| given::cost(c).is_some_and(|cost| cost > 8.0)));
            }
        }
        given.remove("");
        let mut characters = [Vec::new(), Vec::new(), seldom];
        for c in ('\u{4e00}'..='\u{9fff}').filter(|&c| given::cost(c).is_some()) {
            match given::cost(c) {
                Some(cost) if cost < 6.0 => characters[0].push(c),
                Some(cost) if cost < 8.0 => characters[1].push(c),
                _ => {}
            }
        }
        for class in &mut characters {
            class.retain(|c| !carries_a_sentence_on(*c));
        }
        Self {
            surnames: surnames::by_rarity(),
            characters,
            given: given.into_iter().collect(),
            sounds: sounds.into_iter().collect(),
            nouns: nouns.into_iter().collect(),
        }
    }

    /// A Chinese name, with surnames about as frequent as among people.
    fn chinese(&self, dice: &mut Dice) -> String {
        let class = match dice.below(100) {
            0..78 => 0,
            78..93 => 1,
            93..97 => 2,
            _ => 3,
        };
        let surnames = &self.surnames[class];
        let mut at = dice.below(surnames.len());
        if class == 0 {
            at = at.min(dice.below(surnames.len()));
        }
        let mut name = surnames[at].clone();
        if dice.below(10) < 4 {
            name.push_str(&self.given[dice.below(self.given.len())]);
            return name;
        }
        let characters = if dice.below(100) < 38 { 1 } else { 2 };
        for _ in 0..characters {
            let class = match dice.below(100) {
                0..64 => 0,
                64..96 => 1,
                _ => 2,
            };
            name.push(*dice.one_of(&self.characters[class]));
        }
        name
    }

    /// A name without a surname: a noun, two characters of given names, three with an unusual first.
    fn stage(&self, dice: &mut Dice) -> String {
        let frequent = |dice: &mut Dice| *dice.one_of(&self.characters[0]);
        match dice.below(4) {
            0 if dice.below(3) == 0 => format!("阿{}", frequent(dice)),
            0 => dice.one_of(&self.nouns).clone(),
            1 => {
                let first = *dice.one_of(&self.characters[2]);
                [first, frequent(dice), frequent(dice)].iter().collect()
            }
            _ => [
                frequent(dice),
                *dice.one_of(&self.characters[dice.0 as usize >> 7 & 1]),
            ]
            .iter()
            .collect(),
        }
    }
}

/// Whether a character is a frequent word that no given name should be made with.
fn carries_a_sentence_on(c: char) -> bool {
    const FREQUENT: usize = 3000;
    let mut buffer = [0; 4];
    let word = c.encode_utf8(&mut buffer);
    words::segmenter().suggest_freq(word) > FREQUENT
        && words::tag(word)
            .is_some_and(|tag| tag.starts_with(['d', 'p', 'c', 'v', 'u', 'r', 'f', 'q', 'm']))
}

/// The sentence under other names.
fn renamed(it: &Labelled, pools: &Pools, dice: &mut Dice) -> Labelled {
    let mut spans: Vec<(Range<usize>, bool)> =
        it.chinese.iter().map(|r| (r.clone(), true)).collect();
    spans.extend(it.sounds.iter().map(|r| (r.clone(), false)));
    spans.sort_by_key(|(range, _)| range.start);
    let mut names: HashMap<&str, String> = HashMap::new();
    let mut out = Labelled {
        text: String::new(),
        chinese: Vec::new(),
        sounds: Vec::new(),
        places: Vec::new(),
        unknown: Vec::new(),
        ..it.clone()
    };
    let mut at = 0;
    let mut shifts: Vec<(usize, isize)> = Vec::new();
    for (range, chinese) in &spans {
        if range.start < at {
            continue;
        }
        out.text.push_str(&it.text[at..range.start]);
        let name = names
            .entry(&it.text[range.clone()])
            .or_insert_with(|| match chinese {
                true if is_posted(&it.text, range.start) && dice.below(10) == 0 => {
                    pools.stage(dice)
                }
                true => pools.chinese(dice),
                false => dice.one_of(&pools.sounds).clone(),
            });
        let start = out.text.len();
        out.text.push_str(name);
        let place = start..out.text.len();
        match chinese {
            true => out.chinese.push(place),
            false => out.sounds.push(place),
        }
        at = range.end;
        shifts.push((at, out.text.len() as isize - at as isize));
    }
    out.text.push_str(&it.text[at..]);
    let moved = |ranges: &[Range<usize>]| -> Vec<Range<usize>> {
        let kept = ranges.iter().filter(|range| {
            !spans
                .iter()
                .any(|(span, _)| overlaps(range, std::slice::from_ref(span)))
        });
        kept.map(|range| {
            let shift = shifts.iter().rev().find(|(from, _)| *from <= range.start);
            let shift = shift.map_or(0, |(_, by)| *by);
            range.start.strict_add_signed(shift)..range.end.strict_add_signed(shift)
        })
        .collect()
    };
    out.places = moved(&it.places);
    out.unknown = moved(&it.unknown);
    out
}

/// A sentence in which nobody is named, with a name for 他 or 她.
fn with_a_name(it: &Labelled, pools: &Pools, dice: &mut Dice) -> Option<Labelled> {
    const LONGEST: usize = 90;
    let nobody = [&it.chinese, &it.sounds, &it.places, &it.unknown]
        .iter()
        .all(|ranges| ranges.is_empty());
    if !nobody || it.own || it.unsaid || it.text.chars().count() >= LONGEST {
        return None;
    }
    let stands = |at: usize| {
        let (before, behind) = (&it.text[..at], &it.text[at + '他'.len_utf8()..]);
        !before.ends_with(['其', '吉', '利', '是']) && !behind.starts_with(['们', '人', '者'])
    };
    let pronouns: Vec<usize> = it
        .text
        .match_indices(['他', '她'])
        .map(|(at, _)| at)
        .filter(|&at| stands(at))
        .collect();
    if pronouns.is_empty() {
        return None;
    }
    let chinese = dice.below(100) < 65;
    let name = match chinese {
        true => pools.chinese(dice),
        false => dice.one_of(&pools.sounds).clone(),
    };
    let first = *dice.one_of(&pronouns);
    let mut out = Labelled {
        surnames: String::new(),
        ..it.clone()
    };
    out.text.clear();
    for (at, c) in it.text.char_indices() {
        if at == first || pronouns.contains(&at) && dice.below(3) == 0 {
            let start = out.text.len();
            out.text.push_str(&name);
            let place = start..out.text.len();
            match chinese {
                true => out.chinese.push(place),
                false => out.sounds.push(place),
            }
        } else {
            out.text.push(c);
        }
    }
    Some(out)
}

/// A possible name: its features, those that look at the string itself marked by the highest bit.
struct Sample {
    features: Vec<u32>,
    named: bool,
    form: Form,
    test: bool,
}

const INSIDE: u32 = 1 << 31;

/// The possible names of a sentence of which it is known whether they are.
fn possible_names(it: &Labelled, n: usize) -> Vec<(Range<usize>, Form, bool)> {
    /// The longest name by sound.
    const LONGEST: usize = 7;
    let text = &it.text;
    let starts: Vec<usize> = text
        .char_indices()
        .map(|(i, _)| i)
        .chain([text.len()])
        .collect();
    // Of what nobody is named by in parallel text, a third is enough.
    let left_out = |a: usize, b: usize| !it.own && !(n * 7 + a * 3 + b).is_multiple_of(3);
    let mut found = Vec::new();
    for (k, &start) in starts.iter().enumerate() {
        let rest = &text[start..];
        let mut ends = Vec::new();
        if surnames::leading_single(rest).is_some() {
            ends.extend([(k + 1, k + 2), (k + 1, k + 3)]);
        }
        match surnames::leading(rest) {
            Some((_, surnames::Rarity::Compound)) => ends.extend([(k + 2, k + 3), (k + 2, k + 4)]),
            None if is_posted(text, start) => ends.extend([(k, k + 2), (k, k + 3)]),
            _ => {}
        }
        for (given, to) in ends {
            let Some(&end) = starts.get(to) else { continue };
            let range = start..end;
            if !text[starts[given]..end]
                .chars()
                .all(|c| given::cost(c).is_some())
            {
                continue;
            }
            let named = it.chinese.contains(&range);
            let word = &text[range.clone()];
            let doubtful = || {
                it.unsaid
                    || rest.starts_with(|c| it.surnames.contains(c))
                    || overlaps(&range, &it.sounds)
                    || overlaps(&range, &it.unknown)
                    || !it.own
                        && words::segmenter().has_word(word)
                        && words::tag(word).is_some_and(|tag| tag.starts_with("nr"))
                    || left_out(k, to - given)
            };
            if named || overlaps(&range, &it.chinese) || !doubtful() {
                found.push((range, Form::Chinese, named));
            }
        }
        let sounds = rest
            .chars()
            .take(LONGEST)
            .take_while(|&c| foreign::goes_on(c) && is_han(c));
        let mut speaks = false;
        for (i, c) in sounds.enumerate() {
            speaks |= foreign::speaks_for_sounds(c);
            let range = start..starts[k + i + 1];
            let dotted = text[..start].ends_with('·') || text[range.end..].starts_with('·');
            if i == 0 || !speaks || dotted {
                continue;
            }
            let named = it.sounds.contains(&range);
            let near = overlaps(&range, &it.sounds) || it.places.contains(&range);
            let across = it
                .places
                .iter()
                .any(|p| *p != range && overlaps(&range, std::slice::from_ref(p)));
            let doubtful = || {
                overlaps(&range, &it.unknown)
                    || overlaps(&range, &it.chinese) && !near && !n.is_multiple_of(3)
                    || !near && left_out(k, k + i)
                    || near && across && !(k + k + i).is_multiple_of(3)
            };
            if named || !doubtful() {
                found.push((range, Form::Sounds, named));
            }
        }
    }
    found
}

fn samples(all: &[Labelled]) -> Vec<Sample> {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    let mut samples = Vec::new();
    let mut odds = Odds::default();
    for (n, it) in all.iter().enumerate() {
        for (range, form, named) in possible_names(it, n) {
            if named {
                let places = seen.entry(&it.text[range.clone()]).or_default();
                *places += 1;
                if *places > MOST_OF_A_NAME {
                    continue;
                }
            }
            let mut features = Vec::new();
            odds.features(&it.text, &range, form, |inside, feature| {
                features.push(feature as u32 | if inside { INSIDE } else { 0 });
            });
            samples.push(Sample {
                features,
                named,
                form,
                test: it.test,
            });
        }
    }
    samples
}

/// The weights by AdaGrad.
fn weights(samples: &[Sample], dice: &mut Dice) -> Vec<f32> {
    const STEP: f32 = 0.15;
    const PRIOR: f32 = 2e-6;
    let at = |feature: u32| (feature & !INSIDE) as usize;
    let mut weights = vec![0f32; WEIGHTS];
    let mut squares = vec![1e-2f32; WEIGHTS];
    let mut order: Vec<usize> = (0..samples.len()).filter(|&i| !samples[i].test).collect();
    for round in 0..ROUNDS {
        if round == 2 {
            order.retain(|&i| {
                let s = &samples[i];
                let odds: f32 = s.features.iter().map(|&f| weights[at(f)]).sum();
                match (s.form, s.named) {
                    (Form::Chinese, true) => odds > -5.0,
                    (Form::Chinese, false) => odds < 3.5,
                    (Form::Sounds, true) => odds > -4.0,
                    (Form::Sounds, false) => odds < 1.0,
                }
            });
        }
        for i in (1..order.len()).rev() {
            order.swap(i, dice.below(i + 1));
        }
        let step = STEP * (1.0 - round as f32 / (ROUNDS as f32 + 0.5));
        for &i in &order {
            let hidden = match dice.below(10) {
                0 | 1 => Some(INSIDE),
                2 | 3 => Some(0),
                _ => None,
            };
            let seen = |f: &&u32| Some(**f & INSIDE) != hidden;
            let features = || samples[i].features.iter().filter(seen);
            let odds: f32 = features().map(|&f| weights[at(f)]).sum();
            let error = 1.0 / (1.0 + (-odds).exp()) - f32::from(u8::from(samples[i].named));
            for &f in features() {
                let slope = error + PRIOR * weights[at(f)];
                squares[at(f)] += slope * slope;
                weights[at(f)] -= step * slope / squares[at(f)].sqrt();
            }
        }
    }
    weights
}

#[test]
#[ignore = "a fit: minutes, and labels that KUAIBAO_NAMES names"]
fn names() {
    let mut dice = Dice(7);
    let mut all = parallel();
    all.extend(own());
    let pools = Pools::new(&all);
    let mut more = Vec::new();
    for it in all.iter().filter(|it| !it.test) {
        more.extend(with_a_name(it, &pools, &mut dice));
        if it.own {
            more.extend(vec![it.clone(); OWN_COPIES / 2]);
        }
        let copies = match it.own {
            true => OWN_COPIES,
            false if it.chinese.is_empty() => COPIES / 2,
            false => COPIES,
        };
        if !it.chinese.is_empty() || !it.sounds.is_empty() {
            more.extend((0..copies).map(|_| renamed(it, &pools, &mut dice)));
        }
    }
    all.extend(more);
    let samples = samples(&all);
    let weights = weights(&samples, &mut dice);
    let bytes: Vec<u8> = weights
        .iter()
        .map(|&w| ((f64::from(w) / super::STEP).round().clamp(-127.0, 127.0) as i8).cast_unsigned())
        .collect();
    for form in [Form::Chinese, Form::Sounds] {
        for least in [-1.0, 0.0, 1.0, 2.0] {
            let [mut right, mut wrong, mut missed] = [0; 3];
            for s in samples.iter().filter(|s| s.test && s.form == form) {
                let steps = s
                    .features
                    .iter()
                    .map(|&f| i32::from(bytes[(f & !INSIDE) as usize].cast_signed()));
                let odds = f64::from(steps.sum::<i32>()) * super::STEP;
                match (s.named, odds > least) {
                    (true, true) => right += 1,
                    (false, true) => wrong += 1,
                    (true, false) => missed += 1,
                    (false, false) => {}
                }
            }
            println!(
                "{form:?}, odds above {least}: precision {:.3}, recall {:.3}",
                f64::from(right) / f64::from(right + wrong),
                f64::from(right) / f64::from(right + missed)
            );
        }
    }
    std::fs::write(
        std::env::var("KUAIBAO_ODDS").expect("KUAIBAO_ODDS: where to"),
        bytes,
    )
    .unwrap();
}
