//! GFX403: the module amdsmi of another ROCm than the system's.

use crate::context::Context;
use crate::deployment::{Found, ImageFacts, Reach, RocmVersion};
use crate::facts::{Install, InstallTool, Package};
use crate::finding::{Applicability, Edit, Finding, Severity};
use crate::rules::Findings;
use crate::version::Version;

/// Where ROCm keeps the module's source.
const SHARE: &str = "/opt/rocm/share/amd_smi";

/// Looks at amdsmi from a package index in images for ROCm.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let mut seen = std::collections::BTreeSet::new();
    for image in cx.images().filter(|image| image.platform.is_rocm.is_yes()) {
        for install in image.path.installs(Reach::Whole) {
            if !matches!(install.tool, InstallTool::Pip | InstallTool::Uv) {
                continue;
            }
            for package in
                install.packages.iter().filter(|package| package.name == "amdsmi" && package.source.is_none())
            {
                let at = install.place(package.word.span);
                if let Some(finding) = judge(out, image, &install, package).filter(|_| seen.insert(at)) {
                    out.push(finding);
                }
            }
        }
    }
}

fn judge(out: &Findings, image: &ImageFacts<'_>, install: &Found<'_, Install>, package: &Package) -> Option<Finding> {
    let at = install.place(package.word.span);
    let edit = vec![Edit::new(at, SHARE)];
    let title = "Install the module that the image's own ROCm ships";
    let system = image.system_rocm();
    if package.version.is_empty() {
        let rocm = system.map(|rocm| format!(" {}", rocm.version)).unwrap_or_default();
        let message = format!(
            "amdsmi comes from PyPI without a version: that package is the newest Python code over the amdsmi library of \
             this image's ROCm{rocm}, and ends with undefined symbols where they differ."
        );
        return Some(
            out.finding(at, message)
                .severity(Severity::Warning)
                .label("no version")
                .help(format!("install `{SHARE}`, which fits the ROCm of the image"))
                .fix(title, Applicability::Unsafe, edit),
        );
    }
    let number = package.version.strip_prefix("==").filter(|number| !number.contains(['*', ',']))?;
    let (wanted, rocm) = (Version::parse(number)?, system?);
    differs(&wanted, rocm).then(|| {
        let is_newer = wanted.series() > rocm.version.series();
        let relation = if is_newer { "newer" } else { "older" };
        let message = format!(
            "amdsmi {wanted} is {relation} than the ROCm {} of this image; the module is Python code over the system's \
             library, and the two have to be of one release.",
            rocm.version
        );
        out.finding(at, message)
            .severity(if is_newer { Severity::Error } else { Severity::Warning })
            .label(format!("for ROCm {}.{}", wanted.series().0, wanted.series().1))
            .related(rocm.at, format!("ROCm {} comes from here", rocm.version))
            .help(format!("install `{SHARE}`, which fits the ROCm of the image"))
            .fix(title, Applicability::Unsafe, edit)
    })
}

/// Major and minor decide: patch levels share the library's interface.
fn differs(wanted: &Version, rocm: &RocmVersion) -> bool {
    wanted.series() != rocm.version.series()
}
