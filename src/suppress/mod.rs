//! Leaves out what comments ask to leave out, and reports comments that leave out nothing (GFX901).

mod unused;

use crate::facts::{Date, Directive, Reach};
use crate::finding::{Finding, Suppression, SuppressionKind};
use crate::rules::{RuleMeta, RuleSet, matches};
use crate::source::SourceFile;
use crate::span::{FileId, Place, Span};
use crate::workspace::Workspace;

/// The rule that comments are judged by.
pub const RULE: &str = "GFX901";

/// Whether a rule ran on a file.
type Ran<'a> = Box<dyn Fn(&RuleMeta, &SourceFile) -> bool + 'a>;

/// What is needed to judge comments.
pub struct Comments<'a> {
    /// The files with their comments.
    pub workspace: &'a Workspace,
    /// All rules that there are.
    pub rules: &'a RuleSet,
    /// Whether a rule ran on a file, so that its silence says something.
    pub ran: Ran<'a>,
    /// Whether a rule may be left out by a comment.
    pub may_be_left_out: Box<dyn Fn(&RuleMeta) -> bool + 'a>,
    /// Whether comments must say why.
    pub requires_reason: bool,
    /// The day of the run.
    pub today: Date,
}

/// A comment, and what came of each name in it.
struct Judged<'a> {
    file: FileId,
    directive: &'a Directive,
    /// Whether its day is over.
    is_over: bool,
    used: Vec<bool>,
}

impl Judged<'_> {
    fn place(&self, span: Span) -> Place {
        Place { file: self.file, span }
    }
}

impl Comments<'_> {
    /// Marks the findings that comments leave out, and adds those about the comments.
    pub fn apply(&self, findings: &mut Vec<Finding>) {
        let mut judged = self.all();
        if judged.is_empty() {
            return;
        }
        judged.iter_mut().for_each(|judged| self.leave_out(judged, findings));
        let Some(rule) = self.rules.find(RULE) else { return };
        let mut about: Vec<Finding> = judged.iter().flat_map(|judged| unused::findings(self, judged, rule)).collect();
        about.retain(|finding| (self.ran)(rule, self.workspace.sources().get(finding.at.file)));
        judged.iter_mut().for_each(|judged| self.leave_out(judged, &mut about));
        findings.extend(about);
    }

    /// The comments of all files that are checked.
    fn all(&self) -> Vec<Judged<'_>> {
        let files = self.workspace.files().filter(|(_, file, _)| !file.is_context);
        let directives =
            files.flat_map(|(file, _, facts)| facts.directives.iter().map(move |directive| (file, directive)));
        directives
            .map(|(file, directive)| Judged {
                file,
                directive,
                is_over: directive.until.is_some_and(|(last, _)| last < self.today),
                used: vec![false; directive.selectors.len()],
            })
            .collect()
    }

    fn leave_out(&self, judged: &mut Judged<'_>, findings: &mut [Finding]) {
        let directive = judged.directive;
        if directive.fault.is_some() || judged.is_over || self.lacks_reason(directive) {
            return;
        }
        for (selector, used) in directive.selectors.iter().zip(&mut judged.used) {
            let mut wanted: Vec<&mut Finding> = findings
                .iter_mut()
                .filter(|finding| finding.at.file == judged.file && matches(finding.rule, &selector.text))
                .filter(|finding| (self.may_be_left_out)(finding.rule))
                .collect();
            *used |= match &directive.reach {
                Reach::File => mark(wanted.iter_mut().map(|finding| &mut **finding), &directive.reason),
                Reach::Regions(regions) => regions.iter().any(|region| {
                    let here = wanted.iter_mut().map(|finding| &mut **finding);
                    mark(here.filter(|finding| touches(*region, finding.at.span)), &directive.reason)
                }),
            };
        }
    }

    fn lacks_reason(&self, directive: &Directive) -> bool {
        self.requires_reason && directive.reason.is_empty()
    }
}

/// Marks findings as left out; whether there are any.
fn mark<'f>(findings: impl Iterator<Item = &'f mut Finding>, reason: &str) -> bool {
    let mut any = false;
    for finding in findings {
        any = true;
        let reason = (!reason.is_empty()).then(|| reason.to_owned());
        let suppression = Suppression { kind: SuppressionKind::InSource, reason };
        finding.standing.suppression.get_or_insert(suppression);
    }
    any
}

/// Whether a finding starts in a region or reaches into it.
fn touches(region: Span, at: Span) -> bool {
    region.start <= at.start && at.start <= region.end || at.start < region.start && at.end > region.start
}
