//! GFX507: parameters and packages of the host that do not do what they are there for.

use std::collections::BTreeSet;

use crate::arch::ArchSet;
use crate::context::Context;
use crate::facts::{HostKind, HostMention};
use crate::finding::{Applicability, Edit, Finding, Severity};
use crate::rules::Findings;
use crate::source::SourceFile;
use crate::span::{FileId, Span};
use crate::version::Version;

/// The largest memory that a machine with these parts has, in pages of 4 KiB: 128 GiB.
const MOST_PAGES: u64 = 128 * 1024 * 1024 / 4;
/// Up to this kernel, gfx1151 gets 15.5 GiB at most.
const KERNEL: &str = "6.16.9";
/// The firmware with which gfx1151 hangs.
const FIRMWARE: &str = "20251125";

/// Words of a line that warns of what it names.
const WARNS: &[&str] = &[
    "not ",
    "n't",
    "never",
    "avoid",
    "broken",
    "hang",
    "bug",
    "fails",
    "instead",
    "deprecat",
    "remov",
    "unknown",
    "downgrade",
    "blacklist",
    "exclude",
    "older",
    "obsolete",
    "replace",
    "ignored",
    "issue",
    "crash",
    "no longer",
    "was ",
    "except",
    "warning",
    "caution",
    "\u{26a0}",
];

/// Looks at what scripts, pages and configurations name.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, source, facts) in cx.files() {
        let mut is_strix = None;
        let mut told = BTreeSet::new();
        for mention in facts.host.iter().filter(|mention| !is_warned_of(source, mention.span)) {
            let on_strix = *is_strix.get_or_insert_with(|| is_about_strix(cx, source));
            // A page that says a thing twice is told once.
            let finding = judge(cx, out, file, mention, on_strix);
            out.push_some(finding.filter(|_| told.insert((mention.kind, mention.value.as_str()))));
        }
    }
}

/// Whether a file is about gfx1151, by what was asked for, its path or its text.
fn is_about_strix(cx: &Context<'_>, source: &SourceFile) -> bool {
    let strix: ArchSet = cx.universe().find("gfx1151").into_iter().collect();
    let asked = cx.options.targets;
    let names = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["gfx1151", "strix halo", "strix-halo", "strixhalo", "strix_halo", "ryzen ai max", "ai max+"]
            .iter()
            .any(|word| text.contains(word))
    };
    !asked.intersection(strix).is_empty() || asked.is_empty() && (names(&source.path) || names(source.text()))
}

/// Whether the line warns of what it names; in a comment of several lines, whether any of them does.
fn is_warned_of(source: &SourceFile, at: Span) -> bool {
    let text = source.text();
    let own = source.lines().line_span(text, source.lines().line_of(at.start)).range();
    let is_comment = |line: &&str| line.trim_start().starts_with('#');
    let warns = |line: &str| {
        let line = line.to_ascii_lowercase();
        WARNS.iter().any(|word| line.contains(word))
    };
    let line = &text[own.clone()];
    if warns(line) || !is_comment(&line) {
        return warns(line);
    }
    let above = text[..own.start].lines().rev().take_while(is_comment);
    let below = text[own.end..].lines().skip(1).take_while(is_comment);
    above.chain(below).any(warns)
}

fn judge(cx: &Context<'_>, out: &Findings, file: FileId, mention: &HostMention, on_strix: bool) -> Option<Finding> {
    let at = cx.place(file, mention.span);
    let says = |severity: Severity, message: String, help: &str| {
        let finding = out.finding(at, message).severity(severity).help(help.to_owned());
        Some(finding.data("parameter", mention.kind.name()))
    };
    match mention.kind {
        HostKind::GttSizeMisspelled => {
            let finding = says(
                Severity::Warning,
                "The kernel knows no parameter amdgpu.gtt_size and passes it over: the GPU gets the memory that it gets anyway.".to_owned(),
                "write `ttm.pages_limit=<pages of 4 KiB>`; its older form is `amdgpu.gttsize=<MiB>`",
            )?;
            // The older form would be deprecated at once. 256 pages of 4 KiB are a MiB.
            let written = mention.span.text(cx.workspace.sources().get(file).text());
            let mebibytes = mention.value.parse::<u64>().ok().filter(|size| (1..=MOST_PAGES / 256).contains(size));
            Some(match mebibytes {
                Some(size) if written == format!("amdgpu.gtt_size={size}") => {
                    let edit = Edit::new(at, format!("ttm.pages_limit={}", size * 256));
                    finding.fix("Write ttm.pages_limit", Applicability::Unsafe, vec![edit])
                }
                _ => finding,
            })
        }
        HostKind::GttSize => says(
            Severity::Note,
            "amdgpu.gttsize is deprecated: newer kernels ask for ttm.pages_limit in its place, and say so at boot.".to_owned(),
            "write `ttm.pages_limit=<MiB * 256>`",
        ),
        HostKind::PagesLimit => {
            let pages: u64 = mention.value.parse().ok().filter(|_| on_strix)?;
            let message = format!(
                "{pages} pages of 4 KiB are {} GiB, more than the 128 GiB that a machine with this part can have.",
                pages / (256 * 1024)
            );
            let help = "count pages of 4 KiB: 96 GiB are 25165824 pages; leave some for the system";
            (pages > MOST_PAGES).then(|| says(Severity::Warning, message, help))?
        }
        HostKind::IommuOff if on_strix => says(
            Severity::Note,
            "Advice on amd_iommu=off contradicts itself: some measure a gain, AMD's own triage of faults on gfx1151 asks to take it out.".to_owned(),
            "measure with and without it; `iommu=pt` is the usual middle way",
        ),
        HostKind::Firmware if on_strix && mention.value == FIRMWARE => says(
            Severity::Warning,
            format!("linux-firmware {FIRMWARE} holds the scheduler firmware with which gfx1151 hangs under load."),
            "take a later linux-firmware, or the one before it",
        ),
        HostKind::Kernel if on_strix => {
            let known = Version::parse(&mention.value).filter(|version| version.numbers().len() > 1)?;
            let message = format!("Kernels before {KERNEL} give gfx1151 15.5 GiB at most, whatever is set.");
            (known < Version::parse(KERNEL)?).then(|| says(Severity::Note, message, "take a newer kernel"))?
        }
        HostKind::IommuOff | HostKind::Firmware | HostKind::Kernel => None,
    }
}
