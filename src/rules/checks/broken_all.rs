//! GFX203: `__all__` names something that the module does not define.

use crate::context::Context;
use crate::finding::{Applicability, Edit};
use crate::rules::{Findings, imports};

/// Reports each entry.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for broken in &cx.workspace.import_analysis().exports {
        let (module, name) = (&broken.module, &broken.name);
        let renamed = broken.homes.first().and_then(|home| home.renamed.clone());
        let whereabouts = match (broken.homes.first(), &renamed) {
            (_, Some(renamed)) => format!("; it defines `{renamed}`"),
            (Some(home), None) => format!("; it is in `{}`", home.dotted),
            (None, None) => String::new(),
        };
        let message = format!(
            "`__all__` of `{module}` lists `{name}`, which the module does not define{whereabouts}. Every `from {module} import *` fails."
        );
        let mut finding =
            imports::with_data(out.finding(broken.at, message).label("not defined"), module, Some(name), &broken.homes);
        if let Some(renamed) = renamed {
            // What is wrong is the entry itself: the right one is the answer, not the module it stands in.
            finding = finding.data("suggestion", renamed.clone()).fix(
                format!("list `{renamed}`"),
                Applicability::Unsafe,
                vec![Edit::new(broken.at, renamed)],
            );
        } else if let Some(home) = broken.homes.first() {
            finding =
                finding.help(format!("import `{name}` from `{}` in this module, or take it off the list", home.dotted));
        } else {
            finding = finding.help("define the name, import it, or take it off the list".to_owned());
        }
        out.push(finding);
    }
}
