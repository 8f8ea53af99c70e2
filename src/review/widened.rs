//! Lists and conditions that hold for other targets than before.

use rustc_hash::FxHashMap;

use super::{Both, Changed};
use crate::arch::{ArchSet, MatchMode};
use crate::context::Context;
use crate::facts::{Sense, SettingKind, SiteKind};
use crate::span::Place;
use crate::stack;
use crate::workspace::{ResolvedSite, Workspace};

/// A site on the side after the change whose set is not what it was.
#[derive(Debug, Clone, Copy)]
pub struct Widened<'a> {
    /// The site.
    pub site: &'a ResolvedSite,
    /// The same before; none where it is new.
    pub was: Option<&'a ResolvedSite>,
    /// The targets that it holds for now and did not before.
    pub gained: ArchSet,
    /// The targets that it no longer holds for.
    pub lost: ArchSet,
    /// Whether it stands on lines of the change; if not, it follows from one that does.
    pub is_direct: bool,
}

type Key<'a> = (&'a str, SiteKind, &'a str);

/// Every site that differs, and new ones on lines of the change.
pub fn widened<'a>(both: &Both<'_, 'a>) -> Vec<Widened<'a>> {
    let mut before: FxHashMap<Key<'_>, Vec<&'a ResolvedSite>> = FxHashMap::default();
    let (old, new): (&'a Workspace, &'a Workspace) = (both.old.workspace, both.new.workspace);
    for site in both.old.sites() {
        let path = old.sources().get(site.at.file).path.as_str();
        before.entry((path, site.kind, &site.symbol)).or_default().push(site);
    }
    let mut seen: FxHashMap<Key<'_>, usize> = FxHashMap::default();
    let mut found = Vec::new();
    for site in both.new.sites().filter(|site| !matches!(site.kind, SiteKind::CommentList | SiteKind::DocsCommand)) {
        let path = new.sources().get(site.at.file).path.as_str();
        let key = (both.lines.old_path(path), site.kind, site.symbol.as_str());
        let nth = seen.entry(key).or_default();
        let group = before.get(&key).map_or(&[][..], Vec::as_slice);
        let is_direct = both.lines.touches(new.sources(), site.at);
        // A site that is untouched has the same text as its like before.
        let text = new.sources().text(site.at);
        let same_text = || group.iter().find(|was| old.sources().text(was.at) == text).copied();
        let was =
            group.get(*nth).copied().filter(|was| is_direct || old.sources().text(was.at) == text).or_else(same_text);
        *nth += 1;
        let held = was.map_or(ArchSet::EMPTY, |was| was.effective);
        let (gained, lost) = (site.effective.difference(held), held.difference(site.effective));
        let differs = was.is_some() && !(gained.is_empty() && lost.is_empty());
        if differs || is_direct {
            found.push(Widened { site, was, gained, lost, is_direct });
        }
    }
    found
}

impl Widened<'_> {
    /// Whether it lists or tests targets by name, on a line of the change, and does something for them.
    pub fn names_targets(&self) -> bool {
        self.is_direct && !self.site.written.is_empty() && !self.site.negated && self.site.sense == Sense::Enables
    }
}

/// What a change does about targets.
pub struct Touched {
    /// The targets that it adds somewhere.
    pub added: ArchSet,
    /// The targets that it writes where they stood before, or that stand in every layer.
    pub standing: ArchSet,
}

/// The targets that a change adds to a list or a condition.
pub fn targets(both: &Both<'_, '_>, widened: &[Widened<'_>]) -> Touched {
    let cx = both.new;
    let built = stack::relevant(cx);
    let shipped = stack::images(cx).iter().fold(ArchSet::EMPTY, |set, image| set.union(image.targets));
    let (mut added, mut written) = (ArchSet::EMPTY, ArchSet::EMPTY);
    for each in widened.iter().filter(|each| each.names_targets() && counts(each.site.kind)) {
        // A family's name stands for all its members; those that are built are meant.
        let scope = if each.site.mode == MatchMode::Exact { cx.universe().all() } else { built };
        let gained = each.gained.intersection(scope);
        match each.was {
            Some(_) => added = added.union(gained),
            // A new list adds the targets that no site of its layer had.
            None => {
                let known = layer_before(both.old, each.site.kind);
                if is_named_predicate(each.site) && gained.intersection(shipped).is_empty() {
                    // A predicate of their own for targets that no image ships: the change is about them.
                    added = added.union(gained);
                }
                added = added.union(gained.difference(known));
                written = written.union(gained.intersection(known));
            }
        }
        written = written.union(repeated(cx, each));
    }
    let current = cx.knowledge.select(|fact| fact.status != "withdrawn");
    let added = added.intersection(current);
    Touched { added, standing: written.difference(added) }
}

/// Targets that stood in a list before and are written there once more.
fn repeated(cx: &Context<'_>, each: &Widened<'_>) -> ArchSet {
    let Some(was) = each.was else { return ArchSet::EMPTY };
    let count = |site: &ResolvedSite, name: &str| site.written.iter().filter(|written| *written == name).count();
    let names = each.site.written.iter().filter(|name| count(each.site, name) > count(was, name));
    names.filter_map(|name| cx.universe().find(name)).filter(|arch| was.effective.contains(*arch)).collect()
}

/// Whether a site says what a predicate named after targets holds for, as `on_gfx906` does.
fn is_named_predicate(site: &ResolvedSite) -> bool {
    let name = site.symbol.rsplit('.').next().unwrap_or_default();
    matches!(site.kind, SiteKind::PythonTest | SiteKind::PythonPredicate) && name.to_ascii_lowercase().contains("gfx")
}

/// Whether a site of this kind adds a target to a tree.
fn counts(kind: SiteKind) -> bool {
    !matches!(kind, SiteKind::PythonOrdinal | SiteKind::PythonCapability | SiteKind::PythonStringMembership)
}

/// What the sites of a kind held before, all together.
fn layer_before(cx: &Context<'_>, kind: SiteKind) -> ArchSet {
    let layer = crate::audit::layer_of(kind);
    cx.sites()
        .filter(|site| !site.negated && crate::audit::layer_of(site.kind) == layer)
        .fold(ArchSet::EMPTY, |set, site| set.union(site.effective))
}

/// What the change does, for people and machines: targets of lists and conditions, settings, methods.
pub fn changes(both: &Both<'_, '_>, widened: &[Widened<'_>]) -> Vec<Changed> {
    let cx = both.new;
    let mut found = Vec::new();
    for each in widened.iter().filter(|each| each.is_direct && !each.site.written.is_empty()) {
        for (how, set) in [("added", each.gained), ("removed", each.lost)] {
            if !set.is_empty() && (each.was.is_some() || how == "added") {
                let name = format!("{} in {}", cx.universe().list(set), each.site.symbol);
                found.push(Changed { what: "target", how, name, at: each.site.at });
            }
        }
    }
    found.extend(settings(both));
    found.extend(methods(both));
    found.sort_by(|a, b| (a.at, a.what, &a.name).cmp(&(b.at, b.what, &b.name)));
    found.dedup();
    found
}

/// Settings whose value is new or another one.
fn settings(both: &Both<'_, '_>) -> Vec<Changed> {
    let (old, new) = (both.old.workspace, both.new.workspace);
    let mut found = Vec::new();
    let is_changed = |file, path: &str| both.lines.file(path).is_some() && both.new.is_product(file);
    for (file, source, facts) in both.new.files().filter(|(file, source, _)| is_changed(*file, &source.path)) {
        let before = old.sources().find(both.lines.old_path(&source.path)).map(|file| old.facts(file));
        for setting in facts.settings.iter().filter(|setting| setting.kind != SettingKind::Comment) {
            let at = Place { file, span: setting.span };
            if !both.lines.touches(new.sources(), at) || !is_told(&setting.name) {
                continue;
            }
            let was = before.and_then(|facts| {
                facts.settings.iter().find(|was| was.name == setting.name && was.kind == setting.kind)
            });
            let value = setting.value.known();
            let how = match was {
                None => "added",
                Some(was) if was.value.known() != value => "altered",
                Some(_) => continue,
            };
            found.push(Changed { what: "setting", how, name: setting.name.clone(), at });
        }
    }
    found
}

/// Whether a setting is more than a script's own variable, by its name: `PYTORCH_ROCM_ARCH`, `gpuTargets`, but not `i`.
fn is_told(name: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte);
    name.len() > 2 && name.bytes().all(is_word) && name.bytes().any(|byte| byte.is_ascii_uppercase() || byte == b'-')
}

/// Quantization methods that the platform's list gains or loses.
fn methods(both: &Both<'_, '_>) -> Vec<Changed> {
    let listed = |workspace: &Workspace| -> Vec<(String, Place)> {
        let of = |registry: crate::workspace::QuantizationRegistry<'_>| {
            registry.rocm.names().map(|(at, name)| (name.name.clone(), at)).collect::<Vec<_>>()
        };
        workspace.quantization_registries().into_iter().flat_map(of).collect()
    };
    let (before, after) = (listed(both.old.workspace), listed(both.new.workspace));
    after
        .iter()
        .filter(|(name, _)| !before.iter().any(|(was, _)| was == name))
        .map(|(name, at)| Changed { what: "method", how: "added", name: name.clone(), at: *at })
        .collect()
}
