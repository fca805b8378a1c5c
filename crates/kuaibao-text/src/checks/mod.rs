//! Checks of a translation against its source: figures by value, and signs of a broken output.
//!
//! Comes in: a Chinese sentence and its English. Goes out: what is missing, wrong or extra, and
//! flags for the editor. Never judges style, never looks at anything but the two texts.

mod compare;
mod difference;
mod expected;
mod flag;
mod meaning;
mod misplaced;
mod text;
mod turned;

pub use compare::{Extra, FigureCheck, Missing, Wrong, check_figures, times};
pub use difference::Difference;
pub use flag::{Flag, FlagKind};
pub use meaning::{Doubt, DoubtKind, Habit, Meaning, check_meaning, spelling_of};
pub use text::check_text;
pub use turned::{
    TurnedCheck, TurnedExtra, TurnedMissing, TurnedTerm, TurnedWrong, check_into_chinese,
    chinese_number,
};
