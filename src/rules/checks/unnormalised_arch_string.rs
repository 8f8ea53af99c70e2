//! GFX122: the target's name as the system reports it, used where only the plain name fits.

use crate::context::Context;
use crate::facts::{ArchRead, ArchSource, FileFacts, SiteKind};
use crate::rules::Findings;
use crate::span::{FileId, Place};
use crate::stack::relevant;

/// Reports exact uses of a raw name, and functions that hand on amdsmi's spelling.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, _, facts) in cx.files() {
        for (at, read) in facts.arch_reads.iter().enumerate() {
            exact(file, read, out);
            let is_first = !facts.arch_reads[..at]
                .iter()
                .any(|earlier| earlier.scope == read.scope && earlier.source == read.source && earlier.returned);
            if is_first && read.returned && read.source == ArchSource::TargetGraphicsVersion {
                handed_on(cx, file, facts, read, out);
            }
        }
    }
}

/// A name with its features compared with a plain one.
fn exact(file: FileId, read: &ArchRead, out: &mut Findings) {
    for &span in &read.exact {
        let word = read.source.name();
        let message = format!(
            "{word} may carry features (gfx942:sramecc+:xnack-), so a comparison with the whole name fails on boards that report them."
        );
        let mut finding = out.finding(Place { file, span }, message).label("compares the raw text");
        if !span.contains(read.span) {
            finding = finding.related(Place { file, span: read.span }, "read here");
        }
        out.push(
            finding
                .help("cut the features off first: `.split(\":\")[0]`")
                .data("archs", Vec::<String>::new())
                .data("source", word),
        );
    }
}

/// amdsmi's name for a target, returned as it is to code that tests names.
fn handed_on(cx: &Context<'_>, file: FileId, facts: &FileFacts, read: &ArchRead, out: &mut Findings) {
    let text = cx.workspace.sources().get(file).text();
    if !facts.arch_sites.iter().any(|site| matches!(site.kind, SiteKind::PythonTest | SiteKind::PythonStringMembership))
    {
        return;
    }
    for arch in relevant(cx).iter() {
        let (name, aliases) = (cx.universe().name(arch), &cx.knowledge.arch(arch).aliases);
        // A file that knows the other spelling maps it.
        let Some(alias) = aliases.iter().find(|alias| !text.contains(alias.as_str())) else { continue };
        let message = format!(
            "amdsmi may call {name} '{alias}', and this value is handed on as it is: tests for {name} then fail on that GPU."
        );
        let finding = out.finding(Place { file, span: read.span }, message).label("returned as amdsmi spells it");
        out.push(
            finding
                .help(format!("map '{alias}' to '{name}' before returning it"))
                .data("arch", name)
                .data("alias", alias.as_str()),
        );
    }
}
