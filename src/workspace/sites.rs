//! Sites: conditions and lists, resolved to sets of targets.

use rayon::prelude::*;

use super::resolve::Resolver;
use super::{ArchList, ResolvedSite, SiteFact, Workspace, arch_list, images};
use crate::arch::{ArchSet, MatchMode, TokenShape, Universe};
use crate::facts::{
    ArchExpr, ArchSite, FileFacts, NixValue, Prose, ProseKind, Sense, Setting, SettingKind, SiteKind, Text, TextPart,
};
use crate::knowledge::Knowledge;
use crate::span::{FileId, Place, Span};

/// Resolves every site of the run, by file and place.
pub(super) fn resolve(workspace: &Workspace, knowledge: &Knowledge) -> Vec<ResolvedSite> {
    let universe = &knowledge.universe;
    let files: Vec<(FileId, &FileFacts)> = workspace.files().map(|(file, _, facts)| (file, facts)).collect();
    let resolver = || Resolver::new(workspace, universe);
    let of_file = |resolver: &mut Resolver<'_>, &(file, facts): &(FileId, &FileFacts)| of_file(resolver, file, facts);
    files.par_iter().map_init(resolver, of_file).flatten_iter().collect()
}

/// The sites of a file, by place.
fn of_file(resolver: &Resolver<'_>, file: FileId, facts: &FileFacts) -> Vec<ResolvedSite> {
    let (workspace, universe) = (resolver.workspace, resolver.universe);
    let mut sites = Vec::new();
    for (at, site) in facts.arch_sites.iter().enumerate() {
        sites.extend(condition(resolver, universe, file, site, at).map(|resolved| in_host_pass(facts, resolved)));
    }
    for (at, setting) in facts.settings.iter().enumerate() {
        sites.extend(list(workspace, universe, file, setting, at));
    }
    for (at, prose) in facts.prose.iter().enumerate() {
        sites.extend(claim(workspace, universe, file, prose, at, &sites));
    }
    sites.sort_by_key(|site: &ResolvedSite| (site.at.span, site.kind));
    // The same set at the same place twice: the first names it best.
    let mut kept: Vec<ResolvedSite> = Vec::with_capacity(sites.len());
    for site in sites {
        if !kept.iter().rev().take(4).any(|known| known.at == site.at && known.effective == site.effective) {
            kept.push(site);
        }
    }
    kept
}

/// A condition; none where it does not tell targets apart.
fn condition(
    resolver: &Resolver<'_>,
    universe: &Universe,
    file: FileId,
    site: &ArchSite,
    at: usize,
) -> Option<ResolvedSite> {
    let all = universe.all();
    let truth = resolver.truth(file, &site.scope, &site.expr);
    // A capability that every target has is worth knowing: the gate keeps nobody out.
    let admits_all = matches!(site.expr, ArchExpr::Capability { .. }) && truth.can_hold == all;
    if !truth.tells_targets_apart(all) && !admits_all {
        return None;
    }
    let telling: Vec<_> = site
        .atoms
        .iter()
        .map(|(span, expr)| (*span, expr, resolver.truth(file, &site.scope, expr)))
        .filter(|(_, _, truth)| truth.tells_targets_apart(all))
        .collect();
    let span = telling.iter().map(|(span, ..)| *span).reduce(Span::hull).unwrap_or(site.span);
    let covers = match telling.as_slice() {
        [(_, _, only)] => positive(*only, all),
        [] => positive(bare(site, resolver, file, truth), all),
        _ => positive(truth, all),
    };
    let wanted = if site.sense == Sense::Refuses { truth.can_fail } else { truth.can_hold };
    let effective = if wanted == all || wanted.is_empty() && truth.can_hold == all { covers } else { wanted };
    let tokens = site.expr.tokens();
    Some(ResolvedSite {
        at: Place { file, span },
        kind: site.kind,
        symbol: site.symbol.clone(),
        written: tokens.iter().map(|token| token.name.clone()).chain(pattern(&site.expr)).collect(),
        mode: mode(&site.expr),
        covers,
        negated: effective != covers,
        effective,
        via: if tokens.is_empty() { resolver.origin(file, &site.scope, &site.expr) } else { None },
        sense: site.sense,
        fact: SiteFact::Condition(at),
    })
}

/// A device macro around a macro that only host code uses: clang defines `__gfx90a__` and its like in the device pass
/// alone (LLVM `clang/lib/Basic/Targets/AMDGPU.cpp`), so the branch is dead.
fn in_host_pass(facts: &FileFacts, mut site: ResolvedSite) -> ResolvedSite {
    let branch =
        facts.guards.iter().flat_map(|chain| &chain.branches).find(|branch| branch.span.contains(site.at.span));
    if site.kind == SiteKind::DeviceMacro
        && branch.is_some_and(|branch| branch.host_token.is_some() && !branch.defines.is_empty())
    {
        site.effective = ArchSet::EMPTY;
        site.negated = true;
    }
    site
}

/// The set that a condition's pattern covers: a negation says where it does not hold.
fn positive(truth: crate::arch::ArchTruth, all: ArchSet) -> ArchSet {
    if truth.can_hold == all { all.difference(truth.can_fail) } else { truth.can_hold }
}

/// The condition without the negation around it.
fn bare(
    site: &ArchSite,
    resolver: &Resolver<'_>,
    file: FileId,
    truth: crate::arch::ArchTruth,
) -> crate::arch::ArchTruth {
    match &site.expr {
        ArchExpr::Not(inner) => resolver.truth(file, &site.scope, inner),
        _ => truth,
    }
}

fn pattern(expr: &ArchExpr) -> Option<String> {
    match expr {
        ArchExpr::Regex(pattern) => Some(pattern.clone()),
        ArchExpr::Not(inner) => pattern(inner),
        _ => None,
    }
}

fn mode(expr: &ArchExpr) -> MatchMode {
    let mut found = MatchMode::Exact;
    expr.visit(&mut |part| match part {
        ArchExpr::Matches { mode, .. } => found = *mode,
        ArchExpr::Regex(_) => found = MatchMode::Substring,
        _ => {}
    });
    found
}

/// A setting whose value is a list of targets, its own or inherited from a base image.
fn list(
    workspace: &Workspace,
    universe: &Universe,
    file: FileId,
    setting: &Setting,
    at: usize,
) -> Option<ResolvedSite> {
    // A label describes an image; nothing is built from it.
    if setting.kind == SettingKind::DockerLabel {
        return None;
    }
    let (found, via) = match arch_list(&setting.value, universe) {
        Some(found) => (found, setting.via.map(|span| Place { file, span })),
        None if setting.kind == SettingKind::NixList => imported(workspace, universe, file, &setting.value)?,
        None => inherited(workspace, universe, file, &setting.value)?,
    };
    let written = found
        .items
        .iter()
        .filter(|item| item.span.is_some_and(|span| setting.span.contains(span)))
        .map(|item| item.text.clone())
        .collect::<Vec<_>>();
    let covers = found.covers();
    Some(ResolvedSite {
        at: Place { file, span: setting.span },
        kind: kind_of(setting),
        symbol: setting.name.clone(),
        written,
        mode: MatchMode::Exact,
        covers,
        negated: false,
        effective: covers,
        via,
        sense: Sense::Enables,
        fact: SiteFact::Setting(at),
    })
}

/// The list that a container file takes over from the image that it is built on.
fn inherited(
    workspace: &Workspace,
    universe: &Universe,
    file: FileId,
    value: &Text,
) -> Option<(ArchList, Option<Place>)> {
    let [TextPart::Outer { name, default }] = value.parts.as_slice() else { return None };
    // `${ARG_X:-${X}}`: without the build argument, the default decides.
    if let Some(default) = default {
        return match arch_list(default, universe) {
            Some(found) => Some((found, None)),
            None => inherited(workspace, universe, file, default),
        };
    }
    let base = images::base_of(workspace, file)?;
    let setting = &workspace.facts(base).settings[images::final_env(workspace, base, name)?];
    Some((arch_list(&setting.value, universe)?, Some(Place { file: base, span: setting.via.unwrap_or(setting.span) })))
}

/// The list that a Nix file takes from another one.
fn imported(
    workspace: &Workspace,
    universe: &Universe,
    file: FileId,
    value: &Text,
) -> Option<(ArchList, Option<Place>)> {
    let [TextPart::Outer { name, .. }] = value.parts.as_slice() else { return None };
    let (file, value) = workspace.nix_outer(file, name)?;
    let NixValue::List(items, false) = value else { return None };
    let mut text = Text::default();
    for item in &items {
        let NixValue::Text(own) = &item.value else { return None };
        text.parts.extend(own.parts.iter().cloned());
        text.parts.push(TextPart::Literal(";".to_owned(), None));
    }
    let at = items.first().map(|item| Place { file, span: item.span });
    Some((arch_list(&text, universe)?, at))
}

fn kind_of(setting: &Setting) -> SiteKind {
    match setting.kind {
        _ if setting.filter.is_some() => SiteKind::ShellFilter,
        SettingKind::DockerArg => SiteKind::DockerArg,
        SettingKind::DockerEnv => SiteKind::DockerEnv,
        SettingKind::ShellAssign if setting.stage.is_some() => SiteKind::DockerRun,
        SettingKind::ShellAssign
        | SettingKind::ContainerEnv
        | SettingKind::PythonEnv
        | SettingKind::UnitEnv
        | SettingKind::EnvFile
        | SettingKind::DockerLabel => SiteKind::ShellAssign,
        SettingKind::ShellDefault | SettingKind::ShellEcho => SiteKind::ShellDefault,
        SettingKind::BuildFlag | SettingKind::BuildArg => SiteKind::BuildFlag,
        SettingKind::NixEnv | SettingKind::NixList => SiteKind::NixList,
        SettingKind::CmakeSet => SiteKind::CmakeSet,
        SettingKind::BakeDefault => SiteKind::BakeDefault,
        SettingKind::YamlValue => SiteKind::YamlList,
        SettingKind::DocsCommand => SiteKind::DocsCommand,
        SettingKind::Comment => SiteKind::CommentList,
    }
}

/// How near a comment stands to the gate that it speaks of, in lines.
const NEAR: usize = 3;

/// Words that make a comment a claim about support.
const CLAIMS: &[&str] = &["support", "only", "require", "enabled for", "available on", "works on"];

/// A comment beside a gate that says which targets are supported.
fn claim(
    workspace: &Workspace,
    universe: &Universe,
    file: FileId,
    prose: &Prose,
    at: usize,
    sites: &[ResolvedSite],
) -> Option<ResolvedSite> {
    // Most comments are out before their text is looked at, which may have to be read again.
    if prose.kind != ProseKind::Comment || sites.is_empty() {
        return None;
    }
    let names: Vec<_> = prose.tokens.iter().filter(|token| token.shape == TokenShape::Processor).collect();
    let (first, last) = (names.first()?, names.last()?);
    let source = workspace.sources().get(file);
    let text = prose.span.text(source.text()).to_ascii_lowercase();
    let is_claim =
        CLAIMS.iter().any(|word| text.contains(word)) && !text.contains("not support") && !text.contains("unsupported");
    if !is_claim {
        return None;
    }
    let line = source.lines().line_of(prose.span.start);
    let is_near = |site: &&ResolvedSite| source.lines().line_of(site.at.span.start).abs_diff(line) <= NEAR;
    sites.iter().find(is_near)?;
    let covers =
        names.iter().fold(ArchSet::EMPTY, |set, token| set.union(universe.covers(&token.name, MatchMode::Exact)));
    Some(ResolvedSite {
        at: Place { file, span: first.span.hull(last.span) },
        kind: SiteKind::CommentList,
        symbol: String::new(),
        written: names.iter().map(|token| token.name.clone()).collect(),
        mode: MatchMode::Exact,
        covers,
        negated: false,
        effective: covers,
        via: None,
        sense: Sense::Enables,
        fact: SiteFact::Prose(at),
    })
}
