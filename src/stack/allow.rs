//! The build's allow list for a file of the run: what it lists, what patches make of it, where a target is inserted.

use crate::arch::{Arch, MatchMode, TokenShape, tokens};
use crate::context::Context;
use crate::facts::SiteKind;
use crate::finding::Edit;
use crate::span::{FileId, Place, Span};
use crate::workspace::{ArchList, ResolvedSite, arch_list};

/// A CMake list that cuts down what the environment asks for.
#[derive(Debug, Clone)]
pub struct AllowList<'a> {
    /// Where it is set.
    pub site: &'a ResolvedSite,
    /// Its elements.
    pub list: ArchList,
}

/// The allow list that a file's builds meet: of several trees in the run, the one of the nearest folder.
pub fn allow_list_for<'a>(cx: &Context<'a>, file: FileId) -> Option<AllowList<'a>> {
    let sources = cx.workspace.sources();
    let path = &sources.get(file).path;
    let common = |site: &ResolvedSite| {
        sources.get(site.at.file).path.bytes().zip(path.bytes()).take_while(|(a, b)| a == b).count()
    };
    let site = super::allow_lists(cx).into_iter().rev().max_by_key(|site| common(site))?;
    let list = arch_list(&cx.workspace.setting(site)?.value, cx.universe())?;
    Some(AllowList { site, list })
}

impl AllowList<'_> {
    /// Whether CMake keeps an element: `IN_LIST` compares whole strings.
    pub fn keeps(&self, written: &str) -> bool {
        self.list.items.iter().any(|item| item.text == written)
    }

    /// Where the CMake files of its tree compare it with what was asked for.
    pub fn intersections(&self, cx: &Context<'_>) -> Vec<Place> {
        let folder = |path: &str| path.rsplit_once('/').map_or(String::new(), |(folder, _)| format!("{folder}/"));
        let own = folder(&cx.workspace.sources().get(self.site.at.file).path);
        let of_tree = cx.files().filter(|(_, file, _)| file.path.starts_with(&own));
        of_tree
            .flat_map(|(file, _, facts)| {
                facts
                    .arch_sites
                    .iter()
                    .filter(|site| site.kind == SiteKind::CmakeIntersect)
                    .map(move |site| Place { file, span: site.span })
            })
            .collect()
    }

    /// Whether a `sed -i` of `file` adds a target to the list before it is read. A command on this CMake file that is
    /// not understood counts if it names the target.
    pub fn patched_in(&self, cx: &Context<'_>, file: FileId, written: &str) -> bool {
        let sources = cx.workspace.sources();
        let cmake = sources.get(self.site.at.file);
        let name = cmake.path.rsplit('/').next().unwrap_or_default();
        let edits_list = |files: &[String]| files.iter().any(|file| file.rsplit('/').next() == Some(name));
        let line = cmake.text().get(self.site.at.span.range()).unwrap_or_default();
        cx.workspace.facts(file).patches.iter().filter(|patch| edits_list(&patch.files)).any(|patch| {
            match &patch.filters {
                Some(filters) => {
                    let made = filters.iter().try_fold(line.to_owned(), |text, filter| filter.apply(&text));
                    made.is_some_and(|made| names(&made).any(|name| name == written))
                }
                None => names(sources.text(Place { file, span: patch.span })).any(|name| name == written),
            }
        })
    }

    /// The edit that inserts a target: behind the nearest smaller name of its family, else before the nearest greater
    /// one, else at the end. The order of what is there stays as it is.
    pub fn insertion(&self, cx: &Context<'_>, target: Arch) -> Option<Edit> {
        let name = cx.universe().name(target);
        let items: Vec<(&str, Span)> =
            self.list.items.iter().filter_map(|item| Some((item.text.as_str(), item.span?))).collect();
        let family = |name: &str| name.get(..name.len().saturating_sub(2)).unwrap_or_default().to_owned();
        let relatives = || items.iter().filter(|(other, _)| family(other) == family(name));
        let (after, (_, anchor)) = match relatives().filter(|(other, _)| *other < name).max_by_key(|(other, _)| *other)
        {
            Some(smaller) => (true, smaller),
            None => relatives()
                .filter(|(other, _)| *other > name)
                .min_by_key(|(other, _)| *other)
                .map(|greater| (false, greater))
                .or(items.last().map(|last| (true, last)))?,
        };
        let separator = self.separator(cx, &items);
        let near = Place { file: self.site.at.file, span: *anchor };
        Some(if after {
            Edit::insert(near, anchor.end, format!("{separator}{name}"))
        } else {
            Edit::insert(near, anchor.start, format!("{name}{separator}"))
        })
    }

    /// What stands between the first two elements.
    fn separator(&self, cx: &Context<'_>, items: &[(&str, Span)]) -> String {
        let between = |a: Span, b: Span| {
            cx.workspace
                .sources()
                .text(Place { file: self.site.at.file, span: Span { start: a.end, end: b.start.max(a.end) } })
                .to_owned()
        };
        match items {
            [(_, first), (_, second), ..] => between(*first, *second),
            _ => ";".to_owned(),
        }
    }
}

/// The targets that a text names.
fn names(text: &str) -> impl Iterator<Item = String> {
    tokens(text, Span::new(0, text.len()))
        .into_iter()
        .filter(|token| token.shape != TokenShape::Family)
        .map(|token| token.name)
}

/// The target that an element names exactly: none for generic targets and unknown names.
pub fn exact_target(cx: &Context<'_>, written: &str) -> Option<Arch> {
    let processor = written.split(':').next().unwrap_or_default();
    let covers = cx.universe().covers(processor, MatchMode::Exact);
    covers.iter().next().filter(|_| covers.len() == 1 && cx.universe().generic(processor).is_none())
}
