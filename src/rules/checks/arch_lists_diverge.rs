//! GFX110: copies of one list of targets that are no longer equal.

use crate::arch::ArchSet;
use crate::context::Context;
use crate::facts::{Setting, SettingKind};
use crate::finding::{Applicability, Edit};
use crate::rules::Findings;
use crate::source::Section;
use crate::span::{Place, Span};
use crate::stack::is_well_formed;
use crate::workspace::{ResolvedSite, SiteFact, arch_list};

/// What a file with such a list is for. Lists are compared within a role only: CI builds for the machines that it
/// owns, a release for everybody.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Release,
    Ci,
}

/// A written-out list.
struct Member<'a> {
    site: &'a ResolvedSite,
    role: Role,
    variable: String,
    /// From its first name to its last.
    list: Span,
}

/// Compares the copies of each variable's list, role by role.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut copies: Vec<Member<'_>> = cx.sites().filter_map(|site| copy(cx, site)).collect();
    while let Some(first) = copies.first() {
        let (variable, role) = (first.variable.clone(), first.role);
        let group: Vec<Member<'_>>;
        (group, copies) = copies.into_iter().partition(|copy| copy.variable == variable && copy.role == role);
        compare(cx, &of_one_image(cx, group), out);
    }
}

/// Several container files are several images, each with a list of its own: the one with the plainest name stands for
/// what the copies elsewhere repeat.
fn of_one_image<'a>(cx: &Context<'_>, group: Vec<Member<'a>>) -> Vec<Member<'a>> {
    let file = |copy: &Member<'_>| cx.workspace.sources().get(copy.site.at.file);
    let images = group.iter().filter(|copy| file(copy).language == "dockerfile");
    let main = images.map(|copy| copy.site.at.file).min_by_key(|&id| {
        let path = &cx.workspace.sources().get(id).path;
        (path.len(), path)
    });
    group.into_iter().filter(|copy| file(copy).language != "dockerfile" || Some(copy.site.at.file) == main).collect()
}

/// Reports the members of a group that differ from its majority.
fn compare(cx: &Context<'_>, group: &[Member<'_>], out: &mut Findings) {
    let sources = cx.workspace.sources();
    let votes = |set: ArchSet| group.iter().filter(|copy| copy.site.effective == set).count();
    // Of equally many, a container file's: it is what the others copy.
    let is_image = |copy: &Member<'_>| sources.get(copy.site.at.file).language == "dockerfile";
    let Some(model) = group.iter().rev().max_by_key(|copy| (votes(copy.site.effective), is_image(copy))) else {
        return;
    };
    let majority = model.site.effective;
    let count = votes(majority);
    for copy in group
        .iter()
        .filter(|copy| copy.site.effective != majority && !copy.site.effective.intersection(majority).is_empty())
    {
        let (lacks, adds) = (majority.difference(copy.site.effective), copy.site.effective.difference(majority));
        let difference = [("lacks", lacks), ("adds", adds)]
            .into_iter()
            .filter(|(_, set)| !set.is_empty())
            .map(|(verb, set)| format!("{verb} {}", cx.universe().list(set)));
        let others = if count == 1 {
            format!("the copy at {}", cx.describe(model.site.at))
        } else {
            format!("the {count} equal copies of the list")
        };
        let message = format!(
            "This {} {}, unlike {others}: what is built depends on which copy is read.",
            copy.site.symbol,
            difference.collect::<Vec<_>>().join(" and ")
        );
        let at = Place { file: copy.site.at.file, span: copy.list };
        let wanted = model.list.text(sources.get(model.site.at.file).text());
        let mut finding = out.finding(at, message).label("differs from the other copies");
        for other in group.iter().filter(|other| other.site.effective == majority) {
            finding = finding.related(
                Place { file: other.site.at.file, span: other.list },
                format!("{} as elsewhere", other.site.symbol),
            );
        }
        let finding =
            finding.data("archs", cx.universe().names(lacks.union(adds))).data("variable", copy.site.symbol.as_str());
        let finding = finding.help(format!("set it to {wanted}, or read the list from one place"));
        out.push(finding.fix(
            "Set it to the value of the other copies",
            Applicability::Unsafe,
            vec![Edit::new(at, wanted)],
        ));
    }
}

/// A site as a member of a group: a literal list of several targets in a build or release file.
fn copy<'a>(cx: &Context<'a>, site: &'a ResolvedSite) -> Option<Member<'a>> {
    let SiteFact::Setting(at) = site.fact else { return None };
    let file = cx.workspace.sources().get(site.at.file);
    let setting = &cx.workspace.facts(site.at.file).settings[at];
    // A list of one target is an image or a job for that target, not a copy of the full list.
    if site.via.is_some()
        || !states_a_default(setting)
        || site.effective.len() < 2
        || !is_well_formed(cx, site)
        || file.section == Section::Docs
    {
        return None;
    }
    let items = arch_list(&setting.value, cx.universe())?.items;
    let spans: Option<Vec<Span>> = items.iter().map(|item| item.span).collect();
    let list = spans?.into_iter().reduce(Span::hull)?;
    Some(Member { site, role: role(&file.path)?, variable: variable(&site.symbol), list })
}

/// Whether a setting says what a build is for as a whole; a variable before one command is for that command.
fn states_a_default(setting: &Setting) -> bool {
    use SettingKind::{
        BakeDefault, BuildArg, Comment, DockerArg, DockerEnv, ShellAssign, ShellDefault, ShellEcho, YamlValue,
    };
    let kind = matches!(
        setting.kind,
        DockerArg | DockerEnv | ShellDefault | ShellEcho | BuildArg | BakeDefault | YamlValue | Comment
    );
    setting.filter.is_none() && (kind || setting.kind == ShellAssign && setting.stage.is_none())
}

/// The role of a file by its name; none for files that are not about builds, or about one target alone.
fn role(path: &str) -> Option<Role> {
    let path = path.to_ascii_lowercase();
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.contains("gfx") {
        return None;
    }
    if name.ends_with(".hcl")
        || name.contains("bake")
        || path.contains("hardware_tests")
        || name.starts_with("ci-")
        || name.starts_with("ci_")
    {
        return Some(Role::Ci);
    }
    let releases = name.contains("dockerfile")
        || name.contains("containerfile")
        || name.contains("release-pipeline")
        || (name.contains("annotate") && name.contains("release"));
    releases.then_some(Role::Release)
}

/// The variable under all of its names: `ARG_PYTORCH_ROCM_ARCH` and `rocm-pytorch-rocm-arch` hand on `PYTORCH_ROCM_ARCH`.
fn variable(name: &str) -> String {
    let name = name.to_ascii_lowercase().replace('-', "_");
    if name.ends_with("pytorch_rocm_arch") {
        "pytorch_rocm_arch".to_owned()
    } else {
        name.trim_start_matches("arg_").to_owned()
    }
}
