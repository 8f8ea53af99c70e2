//! Files that have been read, before they are joined.

use rayon::prelude::*;

use super::joined;
use super::past::{self, Past};
use super::predicates::{follow_again, follow_predicates};
use super::reading::Reading;
use crate::cache::{Asking, Cache, Rounds};
use crate::discover::Layout;
use crate::knowledge::Knowledge;
use crate::source::Sources;
use crate::timings::{Phase, spend};
use crate::workspace::Workspace;

/// Files that have been read, sorted by path. Facts of those that did not change since an earlier run are taken when they
/// are joined.
pub struct Scanned {
    pub(super) files: Vec<Reading>,
    pub(super) layout: Layout,
    pub(super) past: Option<Past>,
    pub(super) keeps_texts: bool,
}

impl Scanned {
    /// A question about these very files, to which more may be added, and where its answer may be kept. None where
    /// nothing is kept, or where not all that was read is told by paths and bytes.
    pub fn asking(&self) -> Option<(&Cache, Asking)> {
        let past = self.past.as_ref()?;
        let mut asking = Asking::new();
        for file in &self.files {
            file.ask(&mut asking)?;
        }
        asking.part(&postcard::to_stdvec(&self.layout).ok()?);
        Some((past.cache(), asking))
    }

    /// Joins the files.
    pub fn join(mut self, knowledge: &Knowledge) -> Workspace {
        self.follow(knowledge);
        spend(Phase::Join, || joined(self.files, self.layout, self.keeps_texts, knowledge))
    }

    /// The files alone.
    pub fn into_sources(self) -> Sources {
        Sources::new(self.files.into_par_iter().map(|file| file.into_source(true)).collect())
    }

    /// Follows predicates from file to file, and keeps all that was read for the next run.
    fn follow(&mut self, knowledge: &Knowledge) {
        let files = &mut self.files;
        let Some(past) = &self.past else {
            follow_predicates(files, knowledge);
            return;
        };
        Past::take_changed(files);
        let defined = past::defined(files);
        let rounds = past.rounds(defined);
        past.take_facts(files, rounds.is_some());
        let names = match rounds {
            Some(rounds) => {
                follow_again(files, &rounds.names);
                rounds.names.clone()
            }
            None => follow_predicates(files, knowledge),
        };
        past.write(files, Rounds { defined, names });
    }
}
