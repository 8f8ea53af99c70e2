//! What is reported of a comment: it leaves out nothing, its day is over, or it cannot be understood.

use super::{Comments, Judged};
use crate::facts::Selector;
use crate::finding::{Applicability, Edit, Finding};
use crate::knowledge::distance;
use crate::report::printable;
use crate::rules::{RuleMeta, Status, matches};

/// The findings about one comment.
pub(super) fn findings(comments: &Comments<'_>, judged: &Judged<'_>, rule: &'static RuleMeta) -> Vec<Finding> {
    let directive = judged.directive;
    if directive.is_shown {
        return Vec::new();
    }
    let new = |span, message: String| Finding::new(rule, judged.place(span), message);
    if let Some((fault, span)) = &directive.fault {
        let message = format!("This comment leaves nothing out: {}.", printable(fault));
        return vec![new(*span, message).label("not understood")];
    }
    if directive.is_value {
        let message = "What stands behind this instruction is part of its value: it takes no comment at its end.";
        let finding = new(directive.span, message.to_owned()).label("part of the value");
        return vec![finding.help("put the comment on the line above")];
    }
    if let (true, Some((last, span))) = (judged.is_over, directive.until) {
        let message = format!("This comment left findings out until {last} and does so no more.");
        return vec![removal(judged, new(span, message).label("this day is over"))];
    }
    if comments.lacks_reason(directive) {
        let message = "This comment leaves nothing out: it gives no reason, and the configuration asks for one.";
        let finding = new(directive.span, message.to_owned()).label("why?");
        return vec![finding.help("say why behind the brackets")];
    }
    let judge = |(selector, used): (_, &bool)| {
        let unused = if *used { None } else { verdict(comments, judged, selector) };
        Some((selector, unused.or_else(|| renamed(comments, selector))?))
    };
    let unused: Vec<(&Selector, Verdict)> = directive.selectors.iter().zip(&judged.used).filter_map(judge).collect();
    let all_unused =
        unused.len() == directive.selectors.len() && unused.iter().all(|(_, why)| matches!(why, Verdict::Silent));
    if all_unused && unused.len() > 1 {
        let names: Vec<String> = unused.iter().map(|(selector, _)| printable(&selector.text)).collect();
        let message = format!("None of {} is reported here, so this comment leaves nothing out.", names.join(", "));
        return vec![removal(judged, new(directive.span, message).label("suppresses nothing"))];
    }
    unused
        .into_iter()
        .map(|(selector, why)| about(comments, judged, selector, why, new(selector.span, String::new())))
        .collect()
}

/// Why a name in a comment left nothing out.
#[derive(Clone, Copy)]
enum Verdict {
    /// No rule is called so.
    Unknown,
    /// The configuration keeps it from being left out.
    Forbidden,
    /// The rule ran and found nothing here.
    Silent,
    /// The rule is called otherwise by now.
    Renamed(&'static RuleMeta),
    /// The rule is gone.
    Removed(&'static RuleMeta),
}

/// What is to be said of a name that works, but not for long.
fn renamed(comments: &Comments<'_>, selector: &Selector) -> Option<Verdict> {
    comments.rules.renamed(&selector.text).map(Verdict::Renamed)
}

/// None where nothing can be said: the rules that the name stands for did not run.
fn verdict(comments: &Comments<'_>, judged: &Judged<'_>, selector: &Selector) -> Option<Verdict> {
    let file = comments.workspace.sources().get(judged.file);
    let mut meant = comments.rules.iter().filter(|rule| matches(rule, &selector.text)).peekable();
    if meant.peek().is_none() {
        return Some(Verdict::Unknown);
    }
    let meant: Vec<_> = meant.collect();
    if let [rule] = meant[..]
        && rule.life.status == Status::Removed
    {
        return Some(Verdict::Removed(rule));
    }
    if meant.iter().all(|rule| !(comments.may_be_left_out)(rule)) {
        return Some(Verdict::Forbidden);
    }
    meant.iter().any(|rule| (comments.ran)(rule, file)).then_some(Verdict::Silent)
}

fn about(comments: &Comments<'_>, judged: &Judged<'_>, selector: &Selector, why: Verdict, finding: Finding) -> Finding {
    let name = printable(&selector.text);
    let with = |message: String, label: &str| Finding { message, ..finding.clone() }.label(label);
    match why {
        Verdict::Unknown => {
            let finding = with(format!("No rule is called `{name}`, so this leaves nothing out."), "no such rule");
            match near(comments, &selector.text) {
                Some(meant) => finding.help(format!("did you mean {meant}?")).fix(
                    format!("write {meant}"),
                    Applicability::Unsafe,
                    vec![Edit::new(judged.place(selector.span), meant)],
                ),
                None => cut(judged, selector, finding.help("`gfxlint rules` lists the rules"), Applicability::Unsafe),
            }
        }
        Verdict::Forbidden => {
            with(format!("The configuration does not let comments leave `{name}` out."), "must be mended, not left out")
        }
        Verdict::Silent => {
            let finding = with(
                format!("`{name}` is not reported here, so this comment leaves nothing out."),
                "suppresses nothing",
            );
            cut(judged, selector, finding, Applicability::Safe)
        }
        Verdict::Renamed(rule) => {
            let as_written = if rule.life.formerly.iter().any(|old| *old == selector.text && old.contains('-')) {
                rule.name
            } else {
                rule.id
            };
            let message = format!("`{name}` is called {} ({}) by now.", rule.id, rule.name);
            let edit = Edit::new(judged.place(selector.span), as_written);
            with(message, "a former name").fix(format!("write {as_written}"), Applicability::Safe, vec![edit])
        }
        Verdict::Removed(rule) => {
            let message = rule.remark(rule.id).unwrap_or_default();
            let finding = with(format!("{message}: this comment leaves nothing out."), "a rule that is gone");
            cut(judged, selector, finding, Applicability::Safe)
        }
    }
}

/// Takes one name out of the list; with the last one goes the comment.
fn cut(judged: &Judged<'_>, selector: &Selector, finding: Finding, applicability: Applicability) -> Finding {
    if judged.directive.selectors.len() == 1 {
        let finding = removal(judged, finding);
        let fix = finding.fix.map(|fix| crate::finding::Fix { applicability, ..fix });
        return Finding { fix, ..finding };
    }
    let edit = Edit::new(judged.place(selector.removal), "");
    finding.fix("take it out of the list", applicability, vec![edit])
}

fn removal(judged: &Judged<'_>, finding: Finding) -> Finding {
    let edit = Edit::new(judged.place(judged.directive.removal), "");
    finding.fix("remove the comment", Applicability::Safe, vec![edit])
}

/// The id or name that is nearest to one that no rule has.
fn near(comments: &Comments<'_>, name: &str) -> Option<&'static str> {
    let names = comments.rules.iter().flat_map(|rule| [rule.id, rule.name]);
    // Of ids, many lie one digit apart: only a slip of the case or a doubled letter is sure.
    let is_id = |known: &str| known.bytes().any(|byte| byte.is_ascii_digit());
    names
        .filter(|known| !is_id(known))
        .map(|known| (distance(&name.to_lowercase(), known), known))
        .filter(|&(steps, known)| steps <= 1 + known.len() / 8)
        .min()
        .map(|(_, known)| known)
}
