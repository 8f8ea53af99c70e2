//! Findings with excerpts of the files, for people.

use std::fmt::{self, Write as _};

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, SourceCode};

use super::folded::Folded;
use super::snippet::{Mark, Snippets};
use super::{Report, Style, printable, printable_path};
use crate::error::RunError;
use crate::finding::{Finding, Severity};

/// Columns of a tab in excerpts.
const TAB: usize = 4;

/// The report with its summary as the last line.
pub(super) fn render(report: &Report<'_>, style: &Style) -> String {
    let mut out = String::new();
    let folded = Folded::of(report);
    for finding in report.shown().filter(|finding| !folded.hides(finding)) {
        out.push_str(&frame(report, finding, style));
        out.push_str(&folded.below(report, finding, style));
        out.push('\n');
    }
    out.push_str(&style.bold(&report.summary_line()));
    out.push('\n');
    out
}

/// A failure of the run, for standard error.
pub fn failure(error: &RunError, style: &Style) -> String {
    let mut out = String::new();
    let handler = GraphicalReportHandler::new_themed(theme(style)).with_links(false).with_width(style.width);
    // The handler fails only where the writer does, and a string does not.
    let _ = handler.render_report(&mut out, error);
    out
}

fn theme(style: &Style) -> GraphicalTheme {
    match (style.color, style.unicode) {
        (true, true) => GraphicalTheme::unicode(),
        (true, false) => GraphicalTheme::ascii(),
        (false, true) => GraphicalTheme::unicode_nocolor(),
        (false, false) => GraphicalTheme::none(),
    }
}

/// One finding: heading, excerpts, places without excerpt, help.
pub(super) fn frame(report: &Report<'_>, finding: &Finding, style: &Style) -> String {
    let related = finding.related.iter().map(|label| Mark { at: label.at, message: &label.message });
    let marks: Vec<Mark<'_>> =
        std::iter::once(Mark { at: finding.at, message: &finding.label }).chain(related).collect();
    let (snippets, rest) = Snippets::new(report.sources, report.paths, &marks, style);
    let view = View { finding, snippets };
    let mut drawn = String::new();
    let _ = handler(&view, style).render_report(&mut drawn, &view);
    // miette indents the heading for its icon; ours is the severity and the rule.
    let mut out = drawn.strip_prefix("  ").unwrap_or(&drawn).to_owned();
    for mark in rest {
        let path = printable_path(&report.paths.relative(report.sources.get(mark.at.file)));
        let start = report.sources.start(mark.at);
        let line = format!("  = {path}:{}:{}  {}", start.line, start.column, printable(mark.message));
        let _ = writeln!(out, "{}", line.trim_end());
    }
    if let Some(help) = help(finding) {
        let _ = writeln!(out, "  {} {}", style.bold("help:"), style.wrap(&printable(&help), "        "));
    }
    out
}

/// What to do; where a rule says nothing, what its edit does.
fn help(finding: &Finding) -> Option<String> {
    finding.help.clone().or_else(|| finding.fix.as_ref().map(|fix| fix.title.clone()))
}

/// The handler for one finding: the heading in its severity's colour, the primary label too, the others in one other.
fn handler(view: &View<'_>, style: &Style) -> GraphicalReportHandler {
    let finding = view.finding;
    let mut theme = theme(style);
    let heading = format!("{}[{}]", finding.severity.name(), finding.rule.id);
    let (icon, own) = match finding.severity {
        Severity::Error => (&mut theme.characters.error, theme.styles.error),
        Severity::Warning => (&mut theme.characters.warning, theme.styles.warning),
        Severity::Note => (&mut theme.characters.advice, theme.styles.advice),
    };
    *icon = heading;
    let mut labels: Vec<&LabeledSpan> = view.snippets.labels.iter().collect();
    labels.sort_unstable_by_key(|label| label.offset());
    let other = theme.styles.help;
    theme.styles.highlights = labels.iter().map(|label| if label.primary() { own } else { other }).collect();
    if theme.styles.highlights.is_empty() {
        theme.styles.highlights.push(own);
    }
    GraphicalReportHandler::new_themed(theme)
        .with_links(false)
        .with_width(style.width)
        .tab_width(TAB)
        .with_context_lines(1)
        .without_syntax_highlighting()
}

/// A finding as miette sees it.
#[derive(Debug)]
struct View<'a> {
    finding: &'a Finding,
    snippets: Snippets,
}

impl fmt::Display for View<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.finding.rule.name, printable(&self.finding.message))
    }
}

impl std::error::Error for View<'_> {}

impl Diagnostic for View<'_> {
    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.finding.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
            Severity::Note => miette::Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.snippets.labels.is_empty()).then_some(&self.snippets)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.snippets.labels.iter().cloned()))
    }
}
