//! GFX411: a ROCm that does not know the target yet.

use crate::arch::ArchSet;
use crate::context::Context;
use crate::deployment::{RocmVersion, Targets};
use crate::finding::{Finding, Severity};
use crate::knowledge::RocmMinimum;
use crate::rules::Findings;
use crate::version::Version;

/// Compares the ROCm of each image with what its targets need.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for image in cx.images().filter(|image| image.platform.is_rocm.is_yes()) {
        let targets = image.targets();
        let Some(rocm) = image.system_rocm() else { continue };
        let needs = |name: &str| cx.knowledge.rocm_minimums().of(name);
        let first = |minimum: &RocmMinimum| minimum.rocm.clone().filter(|first| rocm.version < *first);
        let affected: ArchSet = targets
            .set
            .iter()
            .filter(|&arch| needs(cx.universe().name(arch)).is_some_and(|minimum| first(minimum).is_some()))
            .collect();
        // A list of targets holds some for later releases as well; those that its image is for decide.
        let Some(one) = affected.iter().next().filter(|_| affected == targets.set) else {
            out.push_some(preview(cx, out, rocm, &targets));
            continue;
        };
        let Some(minimum) = needs(cx.universe().name(one)) else { continue };
        let Some(wanted) = first(minimum) else { continue };
        let list = cx.universe().list(affected);
        let message =
            format!("ROCm {} does not know {list} yet: the first release that does is {wanted}.", rocm.version);
        let severity = if minimum.sure { out.severity() } else { Severity::Note };
        let severity = if targets.is_guess() { severity.lowered() } else { severity };
        let mut finding = out
            .finding(rocm.at, message)
            .severity(severity)
            .doubts(usize::from(targets.is_guess()) + usize::from(!minimum.sure))
            .label(format!("ROCm {}", rocm.version))
            .help(format!("use ROCm {} or later", best(minimum, &wanted)))
            .data("arch", cx.universe().names(affected));
        if let Some(at) = targets.at {
            finding = finding.related(at, format!("it is for {list}"));
        }
        out.push(finding);
    }
}

/// A release that holds code for the target, and not more than that.
fn preview(cx: &Context<'_>, out: &Findings, rocm: &RocmVersion, targets: &Targets) -> Option<Finding> {
    let mut all = targets.set.iter();
    let (one, None) = (all.next()?, all.next()) else { return None };
    let name = cx.universe().name(one);
    let works = cx.knowledge.rocm_minimums().of(name)?.works.clone().filter(|works| rocm.version < *works)?;
    let message = format!(
        "ROCm {} supports {name} as a preview only; {works} is the first release that does more.",
        rocm.version
    );
    let finding = out.finding(rocm.at, message).severity(Severity::Note).label("a preview");
    Some(finding.help(format!("use ROCm {works} or later")).data("arch", vec![name.to_owned()]))
}

/// The release from which on the target is more than a preview.
fn best(minimum: &RocmMinimum, first: &Version) -> Version {
    minimum.works.clone().unwrap_or_else(|| first.clone())
}
