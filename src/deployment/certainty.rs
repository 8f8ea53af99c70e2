//! How sure an answer is, and where it was read.

use crate::span::Place;

/// How sure an answer is; a greater one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Certainty {
    /// A name of something else hints at it: a model's name, a product in a comment.
    Hinted,
    /// A name says so: an image's tag, a file's name, an index's address.
    Named,
    /// It is written where it decides: an option, a variable with one value, a pinned version.
    Declared,
    /// The user says so (`--arch`).
    Asked,
}

impl Certainty {
    /// Whether findings that rest on it drop one step of severity.
    pub fn is_guess(self) -> bool {
        self == Self::Hinted
    }

    /// Its name in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hinted => "hinted",
            Self::Named => "named",
            Self::Declared => "declared",
            Self::Asked => "asked",
        }
    }
}

/// A value, where it was read and how sure it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Stated<T> {
    /// The value.
    pub value: T,
    /// Where it was read; none for what stands in no file (`--arch`).
    pub at: Option<Place>,
    /// How sure it is.
    pub certainty: Certainty,
}

impl<T> Stated<T> {
    /// A value that was read at a place.
    pub fn new(value: T, at: Place, certainty: Certainty) -> Self {
        Self { value, at: Some(at), certainty }
    }
}
