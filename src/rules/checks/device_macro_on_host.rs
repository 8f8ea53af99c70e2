//! GFX116: a device macro around code that only the host pass compiles.

use crate::context::Context;
use crate::facts::{ArchExpr, GuardBranch};
use crate::rules::Findings;
use crate::span::Place;

/// Reports each branch whose condition can never hold for the code that it guards.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, source, facts) in cx.files() {
        for branch in facts.guards.iter().flat_map(|chain| &chain.branches) {
            let Some(host) = branch.host_token.as_ref().filter(|_| is_for_host(source.text(), branch)) else {
                continue;
            };
            let names: Vec<_> = branch.condition.tokens().iter().map(|token| token.name.clone()).collect();
            let site = facts.arch_sites.iter().find(|site| branch.span.contains(site.span));
            let at = Place { file, span: site.map_or(branch.span, |site| site.span) };
            let message = format!(
                "This branch never exists: '{}' is host code, and the macros of {} are defined in the device pass only.",
                host.text,
                names.join(", "),
            );
            out.push(
                out.finding(at, message)
                    .label("undefined in the host pass")
                    .related(Place { file, span: host.span }, "host code inside the branch")
                    .data("arch", names)
                    .help("test the device's name at run time (gcnArchName) instead, or move the macro into the device code"),
            );
        }
    }
}

/// Whether a branch that tests targets defines something for the host, and does not ask for the pass that it is in.
fn is_for_host(text: &str, branch: &GuardBranch) -> bool {
    let asks_for_pass = branch.span.text(text).contains("__HIP_DEVICE_COMPILE__");
    let is_positive = !matches!(branch.condition, ArchExpr::Not(_)) && !branch.condition.tokens().is_empty();
    is_positive && !asks_for_pass && !branch.defines.is_empty() && branch.kernels.is_empty()
}
