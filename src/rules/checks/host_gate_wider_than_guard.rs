//! GFX104: targets that are built and let through by the host, and then meet a stub on the device.

use crate::context::Context;
use crate::rules::Findings;
use crate::stack;

/// Reports each guard once, with all targets that it strands.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for open in stack::open_guards(cx) {
        let names = cx.universe().list(open.targets);
        let message = format!(
            "{names} {} built and let through by the host, but no device guard here covers {}: kernels such as '{}' are stubs that stop the process.",
            if open.targets.len() == 1 { "is" } else { "are" },
            if open.targets.len() == 1 { "it" } else { "them" },
            open.kernel,
        );
        let mut finding = out
            .finding(open.guard, message)
            .label(format!("leaves out {names}"))
            .data("arch", cx.universe().names(open.targets))
            .data("kernel", open.kernel.clone());
        if let Some(list) =
            stack::allow_lists(cx).into_iter().find(|site| !site.effective.intersection(open.targets).is_empty())
        {
            finding = finding.related(list.at, format!("build: {} lists {names}", list.symbol));
        }
        finding =
            finding.related(open.gate, "host gate: lets them through").related(open.stub, "the stub that they end in");
        out.push(finding.help(format!(
            "extend the guard if the kernels work on {names}, or close the host gate for {}; a family macro such as __GFX11__ also covers parts that do not exist yet",
            if open.targets.len() == 1 { "it" } else { "them" },
        )));
    }
}
