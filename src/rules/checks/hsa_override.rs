//! GFX316: HSA_OVERRIDE_GFX_VERSION that makes ROCm take the GPU for another one.

use crate::arch::{Arch, ArchSet};
use crate::context::Context;
use crate::deployment::{Targets, VllmRelease, overridden};
use crate::finding::{Applicability, Edit, Finding, Severity};
use crate::rules::Findings;
use crate::rules::launches::{Set, set};
use crate::span::Place;

/// The variable.
const NAME: &str = "HSA_OVERRIDE_GFX_VERSION";

/// A variable of the compiler that Ollama's users set to the target that they pretend to have.
const COMPANION: &str = "HCC_AMDGPU_TARGET";

/// The option of NixOS' Ollama that sets it, behind what the service's own variables say.
const OPTION: &str = "rocmOverrideGfx";

/// Targets without code of their own in common builds, and the one that is put in their place.
const STAND_INS: &[(&[&str], &str)] = &[
    (&["gfx1031", "gfx1032", "gfx1033", "gfx1034", "gfx1035", "gfx1036"], "gfx1030"),
    (&["gfx902", "gfx909", "gfx90c"], "gfx900"),
];

/// Those for which this holds until vLLM's images hold code for them.
const UNTIL_BUILT: (&[&str], &str, &str) = (&["gfx1102", "gfx1103"], "gfx1100", "0.25");

/// Reports each place that sets it.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for found in set(cx, |name| name == NAME) {
        let finding = judged(cx, out, &found);
        out.push_some(finding);
    }
    twice(cx, out);
}

/// An option and a variable of one service of NixOS: the module puts the option's value last.
fn twice(cx: &Context<'_>, out: &mut Findings) {
    for (file, source, facts) in cx.files().filter(|(_, _, facts)| facts.nix.is_some()) {
        let own = || facts.settings.iter().filter(|setting| setting.name == NAME && setting.container.is_some());
        let is_option = |span: crate::span::Span| span.text(source.text()).starts_with(OPTION);
        for option in own().filter(|setting| is_option(setting.span)) {
            let Some(other) = own().find(|setting| setting.container == option.container && !is_option(setting.span))
            else {
                continue;
            };
            let is_same = option.value.known().is_some() && option.value.known() == other.value.known();
            let (severity, then) = if is_same {
                (Severity::Note, "it is the same value twice")
            } else {
                (Severity::Warning, "this one has no effect")
            };
            let message =
                format!("The service gets {NAME} from `{OPTION}` as well, which the module puts last: {then}.");
            let finding = out
                .finding(Place { file, span: other.span }, message)
                .severity(severity)
                .label("set again")
                .related(Place { file, span: option.span }, "what the service gets")
                .help(format!("keep `{OPTION}`"));
            out.push(finding);
        }
    }
}

fn judged(cx: &Context<'_>, out: &Findings, found: &Set<'_, '_>) -> Option<Finding> {
    let value = found.value.as_deref()?;
    let targets = found.targets(cx);
    let Some(name) = overridden(value) else { return Some(malformed(out, found, value)) };
    let pretended = cx.universe().find(&name);
    if targets.is_unknown() || targets.at.is_some_and(|at| is_pretended(cx, at)) {
        return None;
    }
    let release = found.release(cx);
    let is_other = |arch: &Arch| Some(*arch) != pretended && !is_stand_in(cx.universe().name(*arch), &name, &release);
    let affected: ArchSet = targets.set.iter().filter(is_other).collect();
    if affected.is_empty() {
        let is_same = targets.set.iter().all(|arch| Some(arch) == pretended);
        return is_same.then(|| identity(out, found, &name));
    }
    Some(spoof(cx, out, found, &targets, affected, &name))
}

/// Whether a target was read from a variable that people set along with this one, to the same target.
fn is_pretended(cx: &Context<'_>, at: Place) -> bool {
    let text = cx.workspace.sources().get(at.file).text();
    let start = text.get(..at.span.range().start).map_or(0, |before| before.rfind('\n').map_or(0, |at| at + 1));
    text.get(start..at.span.range().end).is_some_and(|line| line.contains(COMPANION))
}

/// A value that ROCm cannot read.
fn malformed(out: &Findings, found: &Set<'_, '_>, value: &str) -> Finding {
    let what = if value.is_empty() { "an empty value".to_owned() } else { format!("`{value}`") };
    let message = format!("{NAME} takes three numbers such as 11.5.1, not {what}: ROCm stops, or sees no GPU.");
    // An empty value has no place of its own.
    let at = if value.is_empty() { found.at } else { found.value_at };
    out.finding(at, message)
        .label("not a version")
        .help("take the variable out; if the GPU needs it, write major.minor.stepping in decimal (gfx90a is 9.0.10)")
}

/// The GPU's own version: harmless, and of no use.
fn identity(out: &Findings, found: &Set<'_, '_>, name: &str) -> Finding {
    let message = format!(
        "{NAME} says that the GPU is {name}, which all of this is for: on such a GPU the variable does nothing."
    );
    out.finding(found.value_at, message)
        .label(format!("{name} itself"))
        .severity(Severity::Note)
        .help("take it out, so that nobody copies it to another GPU")
        .data("pretended", name)
}

fn spoof(
    cx: &Context<'_>,
    out: &Findings,
    found: &Set<'_, '_>,
    targets: &Targets,
    affected: ArchSet,
    name: &str,
) -> Finding {
    let list = cx.universe().list(affected);
    let message = format!(
        "{NAME} makes ROCm take {list} for {name}: code for {name} is run on it, which ends in memory faults or wrong results."
    );
    let steps = found.doubts_of_target(cx) + usize::from(affected != targets.set);
    let mut finding = out
        .finding(found.value_at, message)
        .label(format!("stands for {name}"))
        .severity(out.severity().lowered_by(steps))
        .doubts(found.doubts_of_target(cx))
        .help(format!("take it out, and use an image or wheels that are built for {list}"))
        .data("arch", cx.universe().names(affected))
        .data("pretended", name);
    if let Some(at) = targets.at.filter(|at| *at != found.at) {
        finding = finding.related(at, format!("it is for {}", cx.universe().list(targets.set)));
    }
    if found.is_prefix {
        // The blank behind it goes as well.
        let mut at = found.at;
        at.span.end += 1;
        finding = finding.fix("take the variable out", Applicability::Unsafe, vec![Edit::new(at, "")]);
    }
    finding
}

/// Whether a target is commonly run as another one, since nothing is built for it.
fn is_stand_in(target: &str, pretended: &str, release: &VllmRelease) -> bool {
    let (until_built, stand_in, built) = UNTIL_BUILT;
    STAND_INS.iter().any(|(targets, stand_in)| targets.contains(&target) && *stand_in == pretended)
        || (until_built.contains(&target) && stand_in == pretended && !release.is_from(built))
}
