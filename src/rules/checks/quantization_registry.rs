//! GFX320: the lists of quantization methods in one vLLM tree do not fit together.

use crate::context::Context;
use crate::facts::ListedName;
use crate::finding::{Finding, Severity};
use crate::rules::Findings;
use crate::span::Place;
use crate::workspace::{Listed, QuantizationRegistry};

/// Compares the lists of each tree.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for registry in cx.workspace.quantization_registries() {
        unmapped(&registry, out);
        unknown(&registry, out);
        refused(&registry, out);
        misnamed(&registry, out);
        unlisted_overrides(&registry, out);
        forgotten(&registry, out);
        without_kernels(&registry, out);
        documented(&registry, out);
    }
}

/// Methods that `--quantization` knows and nothing is mapped to.
fn unmapped(registry: &QuantizationRegistry<'_>, out: &mut Findings) {
    if registry.configs.is_open() {
        return;
    }
    let has_class = |name: &str| registry.configs.has(name) || registry.registered.has(name);
    for (at, method) in registry.methods.names().filter(|(_, method)| !has_class(&method.name)) {
        let message = format!(
            "'{}' is a value of --quantization, but method_to_config has no class for it: whoever asks for it gets a KeyError.",
            method.name
        );
        let finding = named(out, at, method, message).label("no class");
        let finding = related(finding, &registry.configs, "the classes");
        out.push(finding.help("map it to its configuration class, or take it off QuantizationMethods"));
    }
}

/// Methods in other lists that `--quantization` does not know.
fn unknown(registry: &QuantizationRegistry<'_>, out: &mut Findings) {
    if registry.methods.is_open() {
        return;
    }
    let is_known = |name: &str| registry.methods.has(name) || registry.registered.has(name);
    let lists: [(&Listed<'_>, Severity, &str, &str); 4] = [
        (&registry.configs, Severity::Warning, "is mapped to a class", "so nobody can choose it"),
        (
            &registry.rocm,
            Severity::Error,
            "is listed for ROCm",
            "so the entry supports nothing: a slip or a method that is gone",
        ),
        (&registry.deprecated, Severity::Warning, "is listed as deprecated", "since it is gone already"),
        (
            &registry.overrides,
            Severity::Error,
            "is asked whether it takes a checkpoint over",
            "so every quantized checkpoint fails with \"Invalid quantization method\"",
        ),
    ];
    for (list, severity, what, so) in lists {
        for (at, method) in list.names().filter(|(_, method)| !is_known(&method.name)) {
            let message = format!("'{}' {what}, but QuantizationMethods does not have it, {so}.", method.name);
            let finding = named(out, at, method, message).severity(severity).label("not in QuantizationMethods");
            let finding = related(finding, &registry.methods, "the methods");
            out.push(finding.help("correct the name, add it to QuantizationMethods, or take it off this list"));
        }
    }
}

/// Methods that ROCm lists although vLLM refuses them.
fn refused(registry: &QuantizationRegistry<'_>, out: &mut Findings) {
    for (at, method) in registry.rocm.names().filter(|(_, method)| registry.deprecated.has(&method.name)) {
        let message = format!(
            "'{}' is listed for ROCm, but deprecated: vLLM refuses it unless --allow-deprecated-quantization is given.",
            method.name
        );
        let finding = named(out, at, method, message).severity(Severity::Note).label("deprecated");
        out.push(related(finding, &registry.deprecated, "the deprecated methods"));
    }
}

/// Classes whose name is no method.
fn misnamed(registry: &QuantizationRegistry<'_>, out: &mut Findings) {
    if registry.methods.is_open() {
        return;
    }
    let is_known = |name: &str| registry.methods.has(name) || registry.registered.has(name);
    for &(file, class) in &registry.classes {
        let Some(name) = class.name.as_ref().filter(|name| !is_known(&name.name)) else { continue };
        let message = format!(
            "{} calls itself '{}', which QuantizationMethods does not have: checkpoints that it takes over are refused.",
            class.class, name.name
        );
        let finding = named(out, Place { file, span: name.span }, name, message).severity(Severity::Warning);
        let finding = related(finding.label("not in QuantizationMethods"), &registry.methods, "the methods");
        out.push(finding.help("return the name that the class is mapped under"));
    }
}

/// Methods whose classes have code for ROCm, and which the ROCm platform does not list.
fn forgotten(registry: &QuantizationRegistry<'_>, out: &mut Findings) {
    if registry.rocm.is_open() || registry.methods.is_open() {
        return;
    }
    let elsewhere = ["cpu", "tpu", "xpu", "ipex", "hpu", "neuron"];
    for (at, method) in registry.configs.names() {
        let is_known = registry.methods.has(&method.name) && !registry.deprecated.has(&method.name);
        let is_other = elsewhere.iter().any(|vendor| method.name.contains(vendor));
        if !is_known || is_other || registry.rocm.has(&method.name) {
            continue;
        }
        let class = registry.class_of(method);
        let Some(asks) = class.and_then(|(file, class)| Some(Place { file, span: class.for_rocm? })) else { continue };
        let message = format!(
            "'{}' has code for ROCm, but the ROCm platform does not list it: vLLM refuses the method before that code is reached.",
            method.name
        );
        let finding = named(out, at, method, message).severity(Severity::Note).label("not listed for ROCm");
        let finding = related(finding.related(asks, "asks for ROCm here"), &registry.rocm, "the methods for ROCm");
        out.push(finding.help("list it in supported_quantization, or take the branch out"));
    }
}

/// Methods that ROCm lists, and whose own kernels are in no build for ROCm.
fn without_kernels(registry: &QuantizationRegistry<'_>, out: &mut Findings) {
    let is_missing = |kernel: &ListedName| {
        let is_sure = kernel.value.is_some() || registry.wrapped.has(&kernel.name);
        is_sure && registry.cuda_kernels.has(&kernel.name) && !registry.kernels.has(&kernel.name)
    };
    for (at, method) in registry.rocm.names() {
        let mapped = registry.configs.names().find(|(_, own)| own.name == method.name);
        let Some((file, class)) = mapped.and_then(|(_, own)| registry.class_of(own)) else { continue };
        let Some(first) = class.kernels.first().filter(|_| class.for_rocm.is_none()) else { continue };
        if !class.kernels.iter().all(is_missing) {
            continue;
        }
        let message = format!(
            "'{}' is listed for ROCm, but what {} calls ({}) is bound only where USE_ROCM is not defined: a build for ROCm has no such kernel.",
            method.name, class.class, first.name
        );
        let finding = named(out, at, method, message).severity(Severity::Warning).label("no kernels on ROCm");
        let finding = finding.related(Place { file, span: first.span }, "called here");
        let bound = registry.cuda_kernels.names().find(|(_, own)| own.name == first.name);
        let finding = match bound {
            Some((at, _)) => finding.related(at, "left out of builds for ROCm"),
            None => finding,
        };
        out.push(finding.help("take it off supported_quantization, or give the class a way without these kernels"));
    }
}

/// Methods of which the documentation's table says something else than the ROCm platform does.
fn documented(registry: &QuantizationRegistry<'_>, out: &mut Findings) {
    if registry.rocm.is_open() {
        return;
    }
    for (at, row) in registry.documented.names() {
        let plain = |name: &str| name.to_ascii_lowercase().replace([' ', '_'], "-");
        let own = registry.methods.names().find(|(_, method)| plain(&method.name) == plain(&row.name));
        let says = row.value.as_deref().and_then(|value| match value.trim_end_matches(['*', '\u{fe0e}', '\u{fe0f}']) {
            "✅" | "✔" | "yes" | "Yes" => Some(true),
            "❌" | "✗" | "✘" | "no" | "No" => Some(false),
            _ => None,
        });
        let (Some((_, method)), Some(says)) = (own, says) else { continue };
        if says == registry.rocm.has(&method.name) {
            continue;
        }
        let (table, list) = if says { ("has", "does not list") } else { ("does not have", "lists") };
        let message =
            format!("The table says that an AMD GPU {table} '{}', but the ROCm platform {list} it.", method.name);
        let finding = named(out, at, method, message).severity(Severity::Note).label("differs");
        let finding = related(finding, &registry.rocm, "the methods for ROCm");
        out.push(finding.help("correct the table, or supported_quantization"));
    }
}

/// Classes that take checkpoints over without being in the list of those that may.
fn unlisted_overrides(registry: &QuantizationRegistry<'_>, out: &mut Findings) {
    if registry.overrides.is_open() {
        return;
    }
    for (at, method) in registry.configs.names() {
        let Some((file, class)) = registry.class_of(method) else { continue };
        let Some(takes_over) = class.takes_over else { continue };
        if !registry.methods.has(&method.name) || registry.overrides.has(&method.name) {
            continue;
        }
        let message = format!(
            "{} may take checkpoints over, but '{}' is not in the list of overrides: vLLM stops with \"is an override but has not been added to the overrides list\".",
            class.class, method.name
        );
        let finding = named(out, Place { file, span: takes_over }, method, message).label("takes over");
        let finding = finding.related(at, format!("'{}' is mapped to it", method.name));
        let finding = related(finding, &registry.overrides, "the overrides");
        out.push(finding.help(format!("add '{}' to the list of overrides", method.name)));
    }
}

fn named(out: &Findings, at: Place, method: &ListedName, message: String) -> Finding {
    out.finding(at, message).data("method", method.name.as_str())
}

fn related(finding: Finding, list: &Listed<'_>, what: &str) -> Finding {
    match list.place() {
        Some(at) => finding.related(at, what),
        None => finding,
    }
}
