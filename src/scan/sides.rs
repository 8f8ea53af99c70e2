//! Both sides of a change: files that it leaves alone are read and parsed once.

use std::path::PathBuf;

use rayon::prelude::*;

use super::predicates::follow_predicates;
use super::{Input, Overlay, Purpose, Read, Reading, Request, compare_with_records, joined, read_input, take};
use crate::discover::{self, Found, Layout};
use crate::error::RunError;
use crate::knowledge::Knowledge;
use crate::source::Section;
use crate::timings::{Phase, spend};
use crate::workspace::Workspace;

/// A file that differs, with its text on each side; none where it does not exist there.
#[derive(Debug, Clone)]
pub struct Replaced {
    /// The path that opens it, or would.
    pub location: PathBuf,
    /// Its text before.
    pub old: Option<Vec<u8>>,
    /// Its text after.
    pub new: Option<Vec<u8>>,
}

/// The two sides of a change.
pub struct Sides {
    /// Before.
    pub old: Workspace,
    /// After.
    pub new: Workspace,
}

/// Reads a tree with some files replaced, on either side; `input` may be either side, or what both share.
///
/// # Errors
/// A path that does not exist.
pub fn scan_sides(input: Input, replaced: &[Replaced], knowledge: &Knowledge) -> Result<Sides, RunError> {
    let purpose = Purpose::Rules;
    let keeps_texts = matches!(input, Input::Memory(_) | Input::Text(..));
    let request = Request { purpose, input: input.clone(), against: None, overlay: &Overlay::new(), cache: None };
    let Read { files: mut shared, discovered, .. } = read_input(input, &request)?;
    let files: Vec<(String, &Replaced)> =
        replaced.iter().map(|file| (discover::shown(discover::below_working(&file.location)), file)).collect();
    shared.retain(|reading| !files.iter().any(|(path, _)| *path == reading.path));
    let side = |mut readings: Vec<Reading>, text: fn(&Replaced) -> Option<&Vec<u8>>| {
        let read = |(path, file): &(String, &Replaced)| {
            let bytes = text(file).filter(|_| discover::is_walked(path))?;
            let section = Section::of(discovered.within_project(path));
            let found = Found { path: path.clone(), location: file.location.clone(), front_end: None };
            Some(Reading { section, is_held: true, ..take(found, purpose.depth(section), bytes.clone()) })
        };
        readings.extend(files.par_iter().filter_map(read).collect::<Vec<_>>());
        readings.sort_by(|a, b| a.path.cmp(&b.path));
        let layout = layout(&discovered.layout, &readings, &files);
        compare_with_records(&mut readings);
        follow_predicates(&mut readings, knowledge);
        spend(Phase::Join, || joined(readings, layout, keeps_texts, knowledge))
    };
    if keeps_texts {
        shared.par_iter_mut().for_each(Reading::share);
    }
    let copy = shared.clone();
    let (old, new) = rayon::join(|| side(copy, |file| file.old.as_ref()), || side(shared, |file| file.new.as_ref()));
    Ok(Sides { old, new })
}

/// The layout of one side: folders that come with its files, without those that go with the other's.
fn layout(of_input: &Layout, readings: &[Reading], files: &[(String, &Replaced)]) -> Layout {
    let mut layout = of_input.clone();
    let of_side = Layout::of_files(
        files
            .iter()
            .map(|(path, _)| path.as_str())
            .filter(|path| readings.binary_search_by(|reading| reading.path.as_str().cmp(path)).is_ok()),
    );
    let roots = std::mem::take(&mut layout.roots);
    layout.append(Layout { roots: Vec::new(), ..of_side });
    layout.roots = roots;
    let is_empty = |folder: &str| {
        let start = format!("{folder}/");
        let at = readings.partition_point(|reading| reading.path < start);
        !readings.get(at).is_some_and(|reading| reading.path.starts_with(&start))
            && !layout.files.iter().any(|file| file.starts_with(&start))
    };
    let around = |path: &str| path.match_indices('/').map(|(at, _)| path[..at].to_owned()).collect::<Vec<_>>();
    let mut gone: Vec<String> =
        files.iter().flat_map(|(path, _)| around(path)).filter(|folder| is_empty(folder)).collect();
    gone.sort();
    layout.folders.retain(|folder| gone.binary_search(folder).is_err());
    layout
}
