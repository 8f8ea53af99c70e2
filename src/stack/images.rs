//! Images: container files that build for a list of targets.

use crate::arch::ArchSet;
use crate::context::Context;
use crate::deployment::TARGETS_VARIABLE;
use crate::facts::SiteKind;
use crate::span::FileId;
use crate::workspace::ResolvedSite;

/// A container file and the targets that it builds for.
#[derive(Debug, Clone)]
pub struct Image<'a> {
    /// The container file.
    pub file: FileId,
    /// The list that decides, in this file or the one that it is built on.
    pub list: &'a ResolvedSite,
    /// Its targets.
    pub targets: ArchSet,
    /// Whether the list stands in this file, not in its base image's.
    pub own: bool,
    /// Whether the file's name ends in a target (`Dockerfile.rocm_base_gfx1250`): an image for that one alone.
    pub for_one_target: bool,
}

/// The images of the run, by file.
pub fn images<'a>(cx: &Context<'a>) -> Vec<Image<'a>> {
    let mut found: Vec<Image<'a>> = Vec::new();
    for site in cx.sites().filter(|site| {
        matches!(site.kind, SiteKind::DockerArg | SiteKind::DockerEnv) && site.symbol == TARGETS_VARIABLE
    }) {
        if found.iter().any(|image| image.file == site.at.file) {
            continue;
        }
        let path = &cx.workspace.sources().get(site.at.file).path;
        let name = path.rsplit('/').next().unwrap_or_default();
        found.push(Image {
            file: site.at.file,
            list: site,
            targets: site.effective,
            own: site.via.is_none_or(|via| via.file == site.at.file),
            for_one_target: name.contains("gfx"),
        });
    }
    found
}
