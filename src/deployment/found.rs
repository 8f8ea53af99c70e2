//! Facts with the file that they stand in.

use std::ops::Deref;

use crate::span::{FileId, Place, Span};

/// A fact and its file.
#[derive(Debug)]
pub struct Found<'a, T> {
    /// The file.
    pub file: FileId,
    /// The fact.
    pub fact: &'a T,
}

impl<T> Clone for Found<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Found<'_, T> {}

impl<T> Deref for Found<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.fact
    }
}

impl<T> Found<'_, T> {
    /// A place in the fact's file.
    pub fn place(&self, span: Span) -> Place {
        Place { file: self.file, span }
    }
}
