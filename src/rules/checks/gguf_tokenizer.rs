//! GFX322: GGUF models without a tokenizer of their own.

use crate::context::Context;
use crate::deployment::MethodOrigin;
use crate::rules::Findings;
use crate::rules::launches::{Case, Fault, report};

/// Reports launches that leave the tokenizer to the GGUF file.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    report(cx, out, faults);
}

fn faults(case: &Case<'_, '_>) -> Vec<Fault> {
    let method = case.method().filter(|method| method.name == "gguf" && method.how != MethodOrigin::Name);
    let is_given = ["tokenizer", "hf-config-path"].iter().any(|option| case.launch.option(option).is_some());
    let Some(method) = method.filter(|_| !is_given && !case.launch.launch.is_open) else { return Vec::new() };
    let at = case.launch.model().and_then(|model| model.at).unwrap_or(method.at);
    let message = "A GGUF model without --tokenizer: vLLM converts the file's own, which is slow and may differ, or looks for a repository of the file's name.";
    vec![
        Fault::new(at, "no tokenizer", message)
            .help("name the original model: `--tokenizer ORG/MODEL`, and `--hf-config-path ORG/MODEL` if its configuration is not found"),
    ]
}
