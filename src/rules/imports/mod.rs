//! What the import rules share: severity by place, messages, and the rewritten import.

mod rewrite;

use crate::context::Context;
use crate::facts::outline::Reach;
use crate::finding::{Finding, Severity};
use crate::modules::{BrokenImport, Failure, Home};
use crate::rules::Findings;

/// How many places where a name lives are shown.
const SHOWN: usize = 3;

/// Reports a broken import.
pub(super) fn report(cx: &Context<'_>, broken: &BrokenImport, out: &mut Findings) {
    let finding = out.finding(broken.at, message(cx, broken)).severity(severity(broken));
    let label = match (&broken.name, broken.failure) {
        (_, Failure::Follows(_)) => "fails with the import it depends on".to_owned(),
        (Some(_), _) => format!("not in {}", broken.module),
        (None, _) => "no such module".to_owned(),
    };
    let finding = with_data(finding.label(label), &broken.module, broken.name.as_deref(), &broken.homes);
    let finding = match rewrite::fix(cx, broken) {
        Some((title, edits)) => finding.fix(title, crate::finding::Applicability::Unsafe, edits),
        None => finding,
    };
    out.push(match help(&broken.homes) {
        Some(help) => finding.help(help),
        None => finding,
    });
}

/// The rule's arguments for machines, and the places where the name lives.
pub(super) fn with_data(finding: Finding, module: &str, name: Option<&str>, homes: &[Home]) -> Finding {
    let mut finding = finding
        .data("module", module)
        .data("name", name)
        .data("suggestion", homes.first().map(|home| home.dotted.clone()));
    if let Some(renamed) = homes.first().and_then(|home| home.renamed.as_deref()) {
        finding = finding.data("replacement", renamed);
    }
    if homes.len() > 1 {
        finding = finding.data("candidates", homes.iter().map(|home| home.dotted.clone()).collect::<Vec<_>>());
    }
    for home in homes.iter().take(SHOWN) {
        let what = match (name, &home.renamed) {
            (_, Some(renamed)) => format!("`{renamed}` is defined here"),
            (Some(name), None) => format!("`{name}` is defined here"),
            (None, None) => format!("`{}` is this file", home.dotted),
        };
        finding = finding.related(home.at, what);
    }
    finding
}

/// How bad a broken import is, by where it stands.
fn severity(broken: &BrokenImport) -> Severity {
    match broken.failure {
        Failure::Follows(_) => Severity::Note,
        _ if broken.context.reach == Reach::TypeOnly => Severity::Note,
        _ if broken.context.deferred() => Severity::Warning,
        _ => Severity::Error,
    }
}

fn message(cx: &Context<'_>, broken: &BrokenImport) -> String {
    let module = &broken.module;
    let tree = match (&broken.release, broken.is_foreign) {
        (Some(release), true) => format!(" in vLLM {release}"),
        _ => String::new(),
    };
    let fault = match (&broken.name, broken.failure) {
        (_, Failure::Follows(cause)) => {
            let name = broken.name.as_deref().unwrap_or_default();
            return format!(
                "`{name}` cannot be imported from `{module}`: an import in {} that it depends on fails.",
                cx.workspace.sources().get(cause).path
            );
        }
        (Some(name), _) => format!("`{module}` has no `{name}`{tree}{}", whereabouts(broken, name)),
        (None, _) if module.starts_with('.') => format!("`{module}` leads out of the package"),
        (None, _) => format!(
            "there is no module `{module}`{tree}{}",
            broken.homes.first().map(|home| format!("; it is `{}` now", home.dotted)).unwrap_or_default()
        ),
    };
    format!("{}{}.", capitalised(&fault), consequence(broken))
}

/// Where the name is instead.
fn whereabouts(broken: &BrokenImport, name: &str) -> String {
    match broken.homes.first() {
        Some(home) => match &home.renamed {
            Some(renamed) => format!("; it has `{renamed}`"),
            None => format!("; it is in `{}`", home.dotted),
        },
        None if broken.exists_somewhere => {
            "; several modules define one, and none is surely the one that is meant".to_owned()
        }
        None => format!(": this tree has no `{name}` anywhere"),
    }
}

/// What happens, where that is not simply that the import fails.
fn consequence(broken: &BrokenImport) -> &'static str {
    match broken.context.reach {
        Reach::TypeOnly => ". Only type checkers read this import",
        _ if broken.context.deferred() => ". The import fails when the function is called",
        Reach::Undecided => ". The import fails when this branch runs",
        _ => "",
    }
}

/// What to do.
pub(super) fn help(homes: &[Home]) -> Option<String> {
    let first = homes.first()?;
    let others: Vec<_> = homes.iter().skip(1).take(SHOWN).map(|home| format!("`{}`", home.dotted)).collect();
    let also =
        if others.is_empty() { String::new() } else { format!("; others of that name are in {}", others.join(", ")) };
    Some(match &first.renamed {
        Some(renamed) => format!("if `{renamed}` is what it was renamed to, import that"),
        None => format!("import from `{}`{also}", first.dotted),
    })
}

/// The text with its first letter in upper case.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
