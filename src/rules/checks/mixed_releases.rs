//! GFX205: files of one vLLM release in the tree of another.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::finding::Severity;
use crate::modules::Mixture;
use crate::rules::Findings;
use crate::source::Recorded;

/// How many names, and files, a message lists.
const SHOWN: usize = 4;

/// Reports one finding a tree, with the evidence.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for mixture in &cx.workspace.import_analysis().mixtures {
        let tree = mixture.release.as_ref().map_or_else(
            || "the rest of this tree".to_owned(),
            |release| format!("the rest of this tree (vLLM {release})"),
        );
        let (foreign, verb) = (listed(&mixture.foreign), if mixture.foreign.len() == 1 { "does" } else { "do" });
        let message = format!("{foreign} {verb} not belong to {tree}: {}.", evidence(cx, mixture));
        // A file that was changed on purpose breaks nothing.
        let severity =
            if mixture.imports.is_empty() && mixture.stated.is_none() { Severity::Warning } else { Severity::Error };
        let mut finding = out.finding(mixture.at, message).severity(severity).label("from another release");
        let broken = &cx.workspace.import_analysis().imports;
        for import in mixture
            .imports
            .iter()
            .filter_map(|&index| broken.get(index))
            .filter(|import| import.at != mixture.at)
            .take(SHOWN)
        {
            finding = finding.related(
                import.at,
                match &import.name {
                    Some(name) => format!("`{name}` is not in `{}` here", import.module),
                    None => format!("`{}` is not here", import.module),
                },
            );
        }
        finding = finding.folds(mixture.imports.iter().filter_map(|&index| broken.get(index)).map(|import| import.at));
        if let Some((version, at)) = &mixture.stated {
            finding = finding.related(*at, format!("this file is of vLLM {version}"));
        }
        let release = mixture.release.clone();
        let finding = finding
            .data("module", "vllm")
            .data("name", None::<String>)
            .data("suggestion", None::<String>)
            .data("files", mixture.foreign.clone())
            .data("release", release.clone())
            .data("findings", mixture.imports.len());
        let release = release.map_or_else(|| "one release".to_owned(), |release| format!("vLLM {release}"));
        out.push(finding.help(format!(
            "take all files of the package from {release}: reinstall it, or copy the whole folder and not single files"
        )));
    }
}

/// What shows that the files are foreign.
fn evidence(cx: &Context<'_>, mixture: &Mixture) -> String {
    let mut parts = Vec::new();
    let broken = &cx.workspace.import_analysis().imports;
    let missing: BTreeSet<(&str, &str)> = mixture
        .imports
        .iter()
        .filter_map(|&index| broken.get(index))
        .map(|import| (import.name.as_deref().unwrap_or(&import.module), import.module.as_str()))
        .collect();
    if !missing.is_empty() {
        let mut names: Vec<String> = missing.iter().map(|(name, _)| (*name).to_owned()).collect();
        names.dedup();
        parts.push(format!("{} names are not where they are imported from ({})", missing.len(), listed(&names)));
    }
    if let Some((version, at)) = &mixture.stated {
        parts.push(format!("{} states version {version}", cx.describe(*at)));
    }
    for (state, what) in [
        (Recorded::Differs, "differ from what was installed"),
        (Recorded::Unlisted, "were not installed with the package"),
    ] {
        let count = mixture.changed.iter().filter(|(_, recorded)| *recorded == state).count();
        if count > 0 {
            parts.push(format!("{count} files {what} (RECORD)"));
        }
    }
    parts.join("; ")
}

/// The first of several texts, and how many others there are.
fn listed(texts: &[String]) -> String {
    let shown: Vec<_> = texts.iter().take(SHOWN).map(|text| format!("`{text}`")).collect();
    match texts.len() - shown.len() {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
