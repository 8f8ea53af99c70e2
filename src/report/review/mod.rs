//! Reviews and plans: the verdict, then what contradicts, what breaks, what is missing, what else was found.

mod annotations;
mod json;
mod markdown;
mod text;

use crate::error::RunError;
use crate::finding::{Applicability, BaselineState, Finding, Severity};
use crate::plan::{Gap, Plan};
use crate::report::{Format, Paths, Report, Style, html, sarif};
use crate::review::{Change, Changed, Lines, Review};
use crate::rules;
use crate::source::Sources;
use crate::span::Place;

/// A review or a plan, ready to be written in any form.
pub struct Document<'d> {
    verdict: &'static str,
    summary: &'d str,
    changes: &'d [Changed],
    claims: Report<'d>,
    breaks: Report<'d>,
    gaps: &'d [Gap],
    findings: Report<'d>,
    /// Files that change and that nothing was read of, with why.
    skipped: &'d [(String, &'static str)],
    lines: Option<&'d Lines<'d>>,
    sources: &'d Sources,
    paths: &'d Paths,
    pedantic: bool,
}

impl<'d> Document<'d> {
    /// A plan.
    pub fn of_plan(plan: &'d Plan, sources: &'d Sources, paths: &'d Paths, pedantic: bool) -> Self {
        let group = |findings: &[Finding]| Report::new(sources, paths, findings.to_vec(), pedantic);
        Self {
            verdict: plan.verdict.name(),
            summary: &plan.summary,
            changes: &[],
            claims: group(&plan.claims),
            breaks: group(&[]),
            gaps: &plan.gaps,
            findings: group(&plan.findings),
            skipped: &[],
            lines: None,
            sources,
            paths,
            pedantic,
        }
    }

    /// A review.
    pub fn of_review(
        review: &'d Review,
        change: &'d Change,
        lines: &'d Lines<'d>,
        sources: &'d Sources,
        paths: &'d Paths,
        pedantic: bool,
    ) -> Self {
        let group = |findings: &[Finding]| Report::new(sources, paths, findings.to_vec(), pedantic);
        Self {
            verdict: review.verdict.name(),
            summary: &review.summary,
            changes: &review.changes,
            claims: group(&review.claims),
            breaks: group(&review.breaks),
            gaps: &review.gaps,
            findings: group(&review.findings),
            skipped: &change.skipped,
            lines: Some(lines),
            sources,
            paths,
            pedantic,
        }
    }

    /// The groups of findings with their headings, in the order in which they are told; gaps come before the last.
    fn groups(&self) -> [(&'static str, &Report<'d>); 3] {
        [("Contradicted claims", &self.claims), ("Broken by the change", &self.breaks), ("Findings", &self.findings)]
    }

    /// Everything as findings, gaps too.
    fn all(&self) -> Vec<Finding> {
        let told = self.groups().into_iter().flat_map(|(_, report)| report.shown().cloned());
        told.chain(self.gaps.iter().filter_map(as_finding)).collect()
    }

    /// The highest severity; an open place counts as a warning.
    pub fn worst(&self) -> Option<Severity> {
        let of_gaps = (!self.gaps.is_empty()).then_some(Severity::Warning);
        self.groups().into_iter().filter_map(|(_, report)| report.worst()).chain(of_gaps).max()
    }

    /// With excerpts of the files, for people.
    pub fn pretty(&self, style: &Style) -> String {
        text::pretty(self, style)
    }

    /// One line each.
    pub fn concise(&self, style: &Style) -> String {
        text::concise(self, style)
    }

    /// One JSON document.
    ///
    /// # Errors
    /// None with these types.
    pub fn json(&self) -> Result<String, RunError> {
        json::render(self)
    }

    /// A comment for a pull request.
    pub fn markdown(&self, provenance: &sarif::Provenance) -> String {
        markdown::render(self, provenance)
    }

    /// Annotations for lines of the change.
    pub fn annotations(&self) -> String {
        annotations::render(self)
    }

    /// Everything as findings, each marked as new, in a format that knows findings alone.
    ///
    /// # Errors
    /// None with these types.
    pub fn as_findings(&self, format: Format, style: &Style, run: &sarif::Run<'_>) -> Result<String, RunError> {
        let mut all = self.all();
        for finding in &mut all {
            finding.standing.baseline = Some(BaselineState::New);
        }
        Report::new(self.sources, self.paths, all, self.pedantic).render(format, style, run)
    }

    /// The head of a page.
    pub fn head(&self) -> html::Head {
        let tone = match self.verdict {
            "clean" | "complete" | "empty" => "yes",
            "findings" => "maybe",
            _ => "no",
        };
        html::Head {
            command: "gfxlint review".to_owned(),
            badge: Some((self.verdict.to_owned(), tone)),
            summary: self.summary.to_owned(),
            ..html::Head::default()
        }
    }

    /// The blocks of a page.
    pub fn sections(&self) -> Vec<html::Section> {
        let [claims, breaks, findings] = self.groups().map(|(title, report)| html::Section::of(title, report));
        let entry = |gap: &Gap| html::Entry {
            group: crate::plan::readable(gap.layer).to_owned(),
            severity: "",
            place: format!("{}:{}", self.path(gap.at), self.line(gap.at)),
            text: gap.why.clone(),
            related: Vec::new(),
            help: gap.edit.as_ref().map(|edit| format!("insert `{}`", edit.text)),
        };
        let gaps = html::Section {
            title: "Still missing, in working order".to_owned(),
            entries: self.gaps.iter().map(entry).collect(),
        };
        vec![claims, breaks, gaps, findings]
    }

    fn line(&self, at: Place) -> u32 {
        self.sources.start(at).line
    }

    fn path(&self, at: Place) -> String {
        self.paths.relative(self.sources.get(at.file))
    }

    /// Whether a place lies on a line of the change.
    fn is_in_change(&self, at: Place) -> bool {
        self.lines.is_some_and(|lines| lines.touches(self.sources, at))
    }
}

/// A gap as a finding of GFX101, for formats that know findings alone.
fn as_finding(gap: &Gap) -> Option<Finding> {
    let why = format!("{}: {}.", crate::plan::readable(gap.layer), gap.why);
    let finding =
        Finding::new(rules::built_in("GFX101")?, gap.at, why).severity(Severity::Warning).data("layer", gap.layer);
    Some(match &gap.edit {
        Some(edit) => finding.fix("Add the target to the list", Applicability::Unsafe, vec![edit.clone()]),
        None => finding,
    })
}
