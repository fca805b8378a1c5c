//! The Porter stemmer with NLTK's extensions, which Google's `rouge-score` uses.
//!
//! After M. F. Porter, "An algorithm for suffix stripping", Program 14.3 (1980), and
//! `nltk/stem/porter.py`, mode `NLTK_EXTENSIONS` (NLTK 3.10, Apache-2.0), step by step. The stemming
//! crates have Porter's second algorithm, which gives other stems for 507 of the 24,281 words of
//! three news test sets.
//!
//! In: one lower-case word of ASCII letters and digits. Out: its stem.

/// The stem of a lower-case ASCII word.
pub fn stem(word: &str) -> String {
    if let Some(&(_, stem)) = IRREGULAR.iter().find(|(form, _)| *form == word) {
        return stem.to_owned();
    }
    if word.len() <= 2 {
        return word.to_owned();
    }
    let steps = [
        step_1a, step_1b, step_1c, step_2, step_3, step_4, step_5a, step_5b,
    ];
    steps.iter().fold(word.to_owned(), |word, step| step(&word))
}

const IRREGULAR: [(&str, &str); 16] = [
    ("sky", "sky"),
    ("skies", "sky"),
    ("dying", "die"),
    ("lying", "lie"),
    ("tying", "tie"),
    ("news", "news"),
    ("innings", "inning"),
    ("inning", "inning"),
    ("outings", "outing"),
    ("outing", "outing"),
    ("cannings", "canning"),
    ("canning", "canning"),
    ("howe", "howe"),
    ("proceed", "proceed"),
    ("exceed", "exceed"),
    ("succeed", "succeed"),
];

/// Plurals.
fn step_1a(word: &str) -> String {
    if word.len() == 4 && word.ends_with("ies") {
        return word[..3].to_owned();
    }
    let rules = [("sses", "ss"), ("ies", "i"), ("ss", "ss"), ("s", "")];
    replace(word, &rules, |_| true)
}

/// Past tense and participles.
fn step_1b(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ied") {
        let ending = if word.len() == 4 { "ie" } else { "i" };
        return format!("{stem}{ending}");
    }
    if word.ends_with("eed") {
        return replace(word, &[("eed", "ee")], |stem| measure(stem) > 0);
    }
    let has_vowel = |stem: &&str| consonants(stem).any(|consonant| !consonant);
    let Some(stem) = ["ed", "ing"]
        .iter()
        .find_map(|suffix| word.strip_suffix(suffix).filter(has_vowel))
    else {
        return word.to_owned();
    };
    if stem.ends_with("at") || stem.ends_with("bl") || stem.ends_with("iz") {
        return format!("{stem}e");
    }
    if ends_in_double_consonant(stem) {
        let single = !stem.ends_with(['l', 's', 'z']);
        return stem[..stem.len() - usize::from(single)].to_owned();
    }
    if measure(stem) == 1 && ends_consonant_vowel_consonant(stem) {
        return format!("{stem}e");
    }
    stem.to_owned()
}

/// A final y behind a consonant.
fn step_1c(word: &str) -> String {
    replace(word, &[("y", "i")], |stem| {
        stem.len() > 1 && consonants(stem).last() == Some(true)
    })
}

/// Double suffixes.
fn step_2(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("alli")
        && measure(stem) > 0
    {
        return step_2(&format!("{stem}al"));
    }
    if word.ends_with("logi") {
        // The l counts with the stem, so that `geo` and `theo` go as `archaeo` does.
        let log = &word[..word.len() - 1];
        let counted = &word[..word.len() - 3];
        return if measure(counted) > 0 { log } else { word }.to_owned();
    }
    let rules = [
        ("ational", "ate"),
        ("tional", "tion"),
        ("enci", "ence"),
        ("anci", "ance"),
        ("izer", "ize"),
        ("bli", "ble"),
        ("alli", "al"),
        ("entli", "ent"),
        ("eli", "e"),
        ("ousli", "ous"),
        ("ization", "ize"),
        ("ation", "ate"),
        ("ator", "ate"),
        ("alism", "al"),
        ("iveness", "ive"),
        ("fulness", "ful"),
        ("ousness", "ous"),
        ("aliti", "al"),
        ("iviti", "ive"),
        ("biliti", "ble"),
        ("fulli", "ful"),
    ];
    replace(word, &rules, |stem| measure(stem) > 0)
}

/// Single suffixes that leave a word of the same kind.
fn step_3(word: &str) -> String {
    let rules = [
        ("icate", "ic"),
        ("ative", ""),
        ("alize", "al"),
        ("iciti", "ic"),
        ("ical", "ic"),
        ("ful", ""),
        ("ness", ""),
    ];
    replace(word, &rules, |stem| measure(stem) > 0)
}

/// Single suffixes off long stems.
fn step_4(word: &str) -> String {
    if let Some(stem) = word.strip_suffix("ion") {
        let removed = measure(stem) > 1 && stem.ends_with(['s', 't']);
        return if removed { stem } else { word }.to_owned();
    }
    let suffixes = [
        "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent", "ou",
        "ism", "ate", "iti", "ous", "ive", "ize",
    ];
    replace(word, &suffixes.map(|suffix| (suffix, "")), |stem| {
        measure(stem) > 1
    })
}

/// A final e.
fn step_5a(word: &str) -> String {
    replace(word, &[("e", "")], |stem| match measure(stem) {
        0 => false,
        1 => !ends_consonant_vowel_consonant(stem),
        _ => true,
    })
}

/// A final double l.
fn step_5b(word: &str) -> String {
    replace(word, &[("ll", "l")], |_| {
        measure(&word[..word.len() - 1]) > 1
    })
}

/// Applies the first rule whose suffix the word has, if the condition holds for what is before it.
fn replace(word: &str, rules: &[(&str, &str)], condition: impl Fn(&str) -> bool) -> String {
    let applicable = rules
        .iter()
        .find_map(|(suffix, ending)| Some((word.strip_suffix(suffix)?, ending)));
    match applicable {
        Some((stem, ending)) if condition(stem) => format!("{stem}{ending}"),
        _ => word.to_owned(),
    }
}

/// For each letter whether it is a consonant: not a vowel, and not a y behind a consonant.
fn consonants(word: &str) -> impl Iterator<Item = bool> {
    word.bytes().scan(false, |consonant, letter| {
        *consonant = match letter {
            b'a' | b'e' | b'i' | b'o' | b'u' => false,
            b'y' => !*consonant,
            _ => true,
        };
        Some(*consonant)
    })
}

/// Porter's m: how often a vowel is followed by a consonant.
fn measure(stem: &str) -> usize {
    consonants(stem)
        .zip(consonants(stem).skip(1))
        .filter(|&(first, second)| !first && second)
        .count()
}

fn ends_in_double_consonant(stem: &str) -> bool {
    let letters = stem.as_bytes();
    matches!(letters, [.., a, b] if a == b) && consonants(stem).last() == Some(true)
}

/// Porter's *o: `-wil`, `-hop`; NLTK also takes a two-letter stem like `at`.
fn ends_consonant_vowel_consonant(stem: &str) -> bool {
    let letters: Vec<bool> = consonants(stem).collect();
    match letters[..] {
        [.., true, false, true] => !stem.ends_with(['w', 'x', 'y']),
        [false, true] => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stems_as_nltk() {
        #[derive(serde::Deserialize)]
        struct Parity {
            stems: String,
            stemmed: String,
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/eval/parity.json");
        let parity: Parity = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let mut compared = 0;
        for (word, theirs) in parity.stems.split(' ').zip(parity.stemmed.split(' ')) {
            assert_eq!(stem(word), theirs, "{word}");
            compared += 1;
        }
        assert!(compared > 4000, "{compared} words compared");
    }
}
