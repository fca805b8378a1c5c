//! How likely a character is in a given name.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::text::chars::is_han;

/// Cost, in nats, of a character in a given name; `None` where it never stands in one.
///
/// The classes hold about 200 and 1,000 characters; the frequent ones make up about two thirds of
/// all given names. So a frequent one has a probability of about 1/200, a usual one 1/700, and any
/// other 1/8000.
pub(super) fn cost(c: char) -> Option<f64> {
    const FREQUENT: f64 = 5.3;
    const USUAL: f64 = 6.6;
    const OTHER: f64 = 9.0;
    if !is_han(c) {
        return None;
    }
    match table().get(&c) {
        Some(Class::Frequent) => Some(FREQUENT),
        Some(Class::Usual) => Some(USUAL),
        Some(Class::Never) => None,
        None => Some(OTHER),
    }
}

/// The class of a character as a number: frequent, usual, never, or none of the table.
pub(super) fn class(c: char) -> usize {
    table().get(&c).map_or(0, |class| *class as usize + 1)
}

/// Whether a character may stand in a given name, and seldom does.
pub(super) fn is_unusual(c: char) -> bool {
    is_han(c) && !table().contains_key(&c)
}

#[derive(Clone, Copy)]
enum Class {
    Frequent,
    Usual,
    Never,
}

fn table() -> &'static HashMap<char, Class> {
    static TABLE: OnceLock<HashMap<char, Class>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let mut table = HashMap::new();
        let mut class = Class::Frequent;
        for line in include_str!("given.txt").lines() {
            match line {
                "[frequent]" => class = Class::Frequent,
                "[usual]" => class = Class::Usual,
                "[never]" => class = Class::Never,
                _ if line.starts_with('#') => {}
                _ => {
                    for c in line.chars() {
                        table.entry(c).or_insert(class);
                    }
                }
            }
        }
        table
    })
}
