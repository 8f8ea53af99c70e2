//! Which nixpkgs a flake is locked to.

use crate::context::Context;
use crate::span::Place;

/// The day of the nixpkgs that the lock file of the nearest folder holds.
pub(crate) fn lock_of(cx: &Context<'_>, at: Place) -> Option<(String, Place)> {
    let sources = cx.workspace.sources();
    let path = &sources.get(at.file).path;
    let locks = cx.workspace.files().filter_map(|(file, source, facts)| {
        let folder = source.path.strip_suffix("flake.lock")?;
        let version = facts.versions.iter().find(|version| version.package == "nixpkgs")?;
        path.starts_with(folder).then(|| (folder.len(), version.version.clone(), Place { file, span: version.span }))
    });
    locks.max_by_key(|(length, ..)| *length).map(|(_, day, at)| (day, at))
}
