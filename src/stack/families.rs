//! Families of images: container files that take their list of targets from the same place.

use super::{ComponentBuild, Image, component_builds, images};
use crate::arch::ArchSet;
use crate::context::Context;
use crate::knowledge::Component;
use crate::span::FileId;

/// An image and those that are built on it.
#[derive(Debug, Clone)]
pub struct ImageFamily<'a> {
    /// The images; the one that sets the list is first.
    pub images: Vec<Image<'a>>,
    /// The component builds in their files.
    pub builds: Vec<ComponentBuild<'a>>,
}

/// The image families of the run, by the file that sets the list.
pub fn image_families<'a>(cx: &Context<'a>) -> Vec<ImageFamily<'a>> {
    let root = |image: &Image<'_>| image.list.via.map_or(image.file, |via| via.file);
    let mut families: Vec<(FileId, ImageFamily<'a>)> = Vec::new();
    for image in images(cx) {
        let root = root(&image);
        match families.iter_mut().find(|(known, _)| *known == root) {
            Some((_, family)) if image.file == root => family.images.insert(0, image),
            Some((_, family)) => family.images.push(image),
            None => families.push((root, ImageFamily { images: vec![image], builds: Vec::new() })),
        }
    }
    families.sort_by_key(|(root, _)| *root);
    let builds = component_builds(cx);
    families
        .into_iter()
        .map(|(_, mut family)| {
            family.builds = builds
                .iter()
                .filter(|build| family.images.iter().any(|image| image.file == build.at().file))
                .cloned()
                .collect();
            family
        })
        .collect()
}

impl<'a> ImageFamily<'a> {
    /// The targets that its images are built for.
    pub fn targets(&self) -> ArchSet {
        self.images.iter().fold(ArchSet::EMPTY, |set, image| set.union(image.targets))
    }

    /// The builds of a component.
    pub fn builds_of(&self, component: &Component) -> impl Iterator<Item = &ComponentBuild<'a>> {
        self.builds.iter().filter(move |build| build.component.name == component.name)
    }
}
