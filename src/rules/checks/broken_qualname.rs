//! GFX204: a string that is used as a qualified name and resolves to nothing.

use crate::context::Context;
use crate::facts::outline::Reach;
use crate::finding::Severity;
use crate::rules::{Findings, imports};

/// Reports each string.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for broken in &cx.workspace.import_analysis().names {
        let what = match &broken.name {
            Some(name) => format!("`{}` has no `{name}`", broken.module),
            None => format!("there is no module `{}`", broken.module),
        };
        let whereabouts = broken.homes.first().map(|home| format!("; it is in `{}`", home.dotted)).unwrap_or_default();
        let message = format!("This name leads nowhere: {what}{whereabouts}. Whatever resolves it fails then.");
        let severity = match broken.context.reach {
            Reach::TypeOnly => Severity::Note,
            _ if broken.context.deferred() => Severity::Warning,
            _ => Severity::Error,
        };
        let finding = imports::with_data(
            out.finding(broken.at, message).severity(severity).label("resolves to nothing"),
            &broken.module,
            broken.name.as_deref(),
            &broken.homes,
        );
        out.push(match imports::help(&broken.homes) {
            Some(help) => finding.help(help),
            None => finding.help("remove the entry, or name what exists".to_owned()),
        });
    }
}
