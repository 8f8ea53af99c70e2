//! GFX109: components of an image that are built for none of the image's targets.

use crate::context::Context;
use crate::finding::{Finding, Severity};
use crate::rules::Findings;
use crate::stack::{self, ComponentBuild, Image, TARGETS_VARIABLE};

/// Reports each component of an image once, at the first list that shares nothing with the image's.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let builds = stack::component_builds(cx);
    for image in stack::images(cx).iter().filter(|image| !image.targets.is_empty()) {
        let mut reported: Vec<&str> = Vec::new();
        for build in builds.iter().filter(|build| build.at().file == image.file) {
            let name = build.component.name.as_str();
            let is_written = build.site.via.is_none() && build.setting.filter.is_none();
            let is_image_list = build.at() == image.list.at;
            if is_written
                && !is_image_list
                && !reported.contains(&name)
                && build.site.effective.intersection(image.targets).is_empty()
            {
                reported.push(name);
                let others = builds.iter().filter(|other| {
                    other.component.name == name && other.at().file == image.file && other.at() != build.at()
                });
                out.push(report(cx, out, image, build, others));
            }
        }
    }
}

fn report<'a>(
    cx: &Context<'_>,
    out: &Findings,
    image: &Image<'_>,
    build: &ComponentBuild<'_>,
    others: impl Iterator<Item = &'a ComponentBuild<'a>>,
) -> Finding {
    let universe = cx.universe();
    let (title, own, wanted) =
        (build.component.short_title(), universe.list(build.site.effective), universe.list(image.targets));
    let remark = stack::unfinished(cx, image.file, build.setting.stage);
    let mut finding = out
        .finding(
            cx.value(build.site),
            format!("{title} is built for {own}, but the image is for {wanted}, where it cannot run."),
        )
        .severity(if remark.is_some() { Severity::Note } else { out.severity() })
        .label(format!("shares nothing with {wanted}"))
        .related(cx.value(image.list), "the image's targets")
        .data("arch", universe.names(image.targets))
        .data("component", build.component.name.clone());
    for other in others {
        finding = finding.related(other.at(), format!("{title} is given a list here too"));
    }
    if let Some(remark) = remark {
        finding = finding.related(remark, "a comment says that this is unfinished");
    }
    finding.help(format!(
        "set {} to `${{{TARGETS_VARIABLE}}}` if {title} supports {wanted}, else leave {title} out of this image",
        build.setting.name
    ))
}
