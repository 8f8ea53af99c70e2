//! Callers of predicates that other files define.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use rayon::prelude::*;

use super::reading::Reading;
use crate::facts::DefinitionKind;
use crate::knowledge::Knowledge;
use crate::lang::Callers;
use crate::source::{SourceFile, Sources};
use crate::timings::{Phase, spend};
use crate::workspace::Workspace;

/// Wrappers of wrappers are followed so many times.
const MOST_ROUNDS: usize = 4;

/// Reads the callers of predicates that were found, then the callers of what these define, until nothing is new. Answers
/// the names of each round.
pub(super) fn follow_predicates(files: &mut [Reading], knowledge: &Knowledge) -> Vec<Vec<String>> {
    let mut known = BTreeSet::new();
    let mut rounds = Vec::new();
    for _ in 0..MOST_ROUNDS {
        let fresh: Vec<String> = spend(Phase::Join, || predicate_names(files, knowledge))
            .into_iter()
            .filter(|name| !known.contains(name))
            .collect();
        if fresh.is_empty() {
            break;
        }
        follow_round(files, &fresh, &mut known);
        rounds.push(fresh);
    }
    rounds
}

/// The same, where the names of each round are known.
pub(super) fn follow_again(files: &mut [Reading], rounds: &[Vec<String>]) {
    let mut known = BTreeSet::new();
    for fresh in rounds {
        follow_round(files, fresh, &mut known);
    }
}

/// Reads the callers of these names, which are not among those that are known so far.
fn follow_round(files: &mut [Reading], fresh: &[String], known: &mut BTreeSet<String>) {
    known.extend(fresh.iter().cloned());
    let all: Vec<&String> = known.iter().collect();
    let callers = Callers::new(fresh, &all);
    files.par_iter_mut().for_each(|file| file.extract_callers(&callers));
}

/// How predicates that some file defines are called: `name()` for functions, the name for constants. What they say is
/// resolved on the facts that have been read so far.
fn predicate_names(files: &[Reading], knowledge: &Knowledge) -> Vec<String> {
    // Packages are told by their `__init__.py`; other files without named conditions take no part.
    let takes_part = |file: &&Reading| {
        let facts = &file.facts;
        !facts.definitions.is_empty() || !facts.imports.is_empty() || file.path.ends_with("__init__.py")
    };
    let files = || files.iter().filter(takes_part);
    let facts = files().map(|file| Arc::clone(&file.facts));
    let sources = files().map(|file| {
        SourceFile::new(
            file.path.clone(),
            PathBuf::new(),
            file.front_end.map_or("", |front_end| front_end.language),
            None,
            0,
        )
    });
    let workspace = Workspace::of_predicates(Sources::new(sources.collect()), facts.collect());
    let mut names: Vec<String> = workspace
        .predicates(knowledge)
        .into_iter()
        .filter(|(at, _)| workspace.sources().get(at.file).language == "python")
        .filter_map(|(_, definition)| {
            let name = definition.name.rsplit('.').next().filter(|name| name.len() > 5)?;
            // Names inside a function are of no use to other functions.
            let is_shared = definition.kind == DefinitionKind::Function || !definition.name.contains('.');
            is_shared.then(|| {
                if definition.kind == DefinitionKind::Function { format!("{name}()") } else { name.to_owned() }
            })
        })
        .collect();
    names.sort();
    names.dedup();
    names
}
