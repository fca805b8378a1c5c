//! People.
pub mod surnames;
