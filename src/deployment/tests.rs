//! The joins on small runs, written as their files.

use super::*;
use crate::scan::{Input, scan};

mod containers;
mod images;
mod launches;

/// A run, and questions to it.
pub(super) struct Run {
    pub workspace: Workspace,
    pub knowledge: Knowledge,
}

impl Run {
    pub fn new(files: &[(&str, &str)]) -> Self {
        let knowledge = Knowledge::embedded().unwrap();
        let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
        Self { workspace: scan(Input::Memory(files), &knowledge).unwrap(), knowledge }
    }

    pub fn joins(&self) -> Joins<'_> {
        Joins::new(Basis {
            workspace: &self.workspace,
            knowledge: &self.knowledge,
            asked: ArchSet::EMPTY,
            assumed: None,
        })
    }

    pub fn text(&self, at: Option<crate::span::Place>) -> &str {
        at.map_or("", |at| self.workspace.sources().text(at))
    }

    pub fn names(&self, set: ArchSet) -> String {
        self.knowledge.universe.names(set).join(" ")
    }
}

/// The image that the last stage of a run's only container file is.
pub(super) fn last<'a>(joins: &'a Joins<'a>) -> &'a ImageFacts<'a> {
    joins.images().iter().last().unwrap()
}
