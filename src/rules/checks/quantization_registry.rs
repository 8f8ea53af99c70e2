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
        forgotten(cx, &registry, out);
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
fn forgotten(cx: &Context<'_>, registry: &QuantizationRegistry<'_>, out: &mut Findings) {
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
        let last = method.value.as_deref().and_then(|value| value.rsplit('.').next());
        let class = registry.classes.iter().find(|(_, class)| Some(class.class.as_str()) == last);
        let Some(asks) = class.and_then(|&(file, _)| rocm_branch(cx, file)) else { continue };
        let message = format!(
            "'{}' has code for ROCm, but the ROCm platform does not list it: vLLM refuses the method before that code is reached.",
            method.name
        );
        let finding = named(out, at, method, message).severity(Severity::Note).label("not listed for ROCm");
        let finding = related(finding.related(asks, "asks for ROCm here"), &registry.rocm, "the methods for ROCm");
        out.push(finding.help("list it in supported_quantization, or take the branch out"));
    }
}

/// The first place in a file that does something where the platform is ROCm.
fn rocm_branch(cx: &Context<'_>, file: crate::span::FileId) -> Option<Place> {
    let text = cx.workspace.sources().get(file).text();
    text.match_indices("is_rocm()").find_map(|(at, word)| {
        let line = text[..at].rfind('\n').map_or(0, |end| end + 1);
        let before = &text[line..at];
        let is_branch = before.trim_start().starts_with("if ") || before.trim_start().starts_with("elif ");
        let asks = is_branch && !before.contains("not ") && !before.contains('#');
        asks.then(|| cx.place(file, crate::span::Span::new(at, at + word.len())))
    })
}

/// Classes that take checkpoints over without being in the list of those that may.
fn unlisted_overrides(registry: &QuantizationRegistry<'_>, out: &mut Findings) {
    if registry.overrides.is_open() {
        return;
    }
    let class_of = |name: &str| {
        let last = name.rsplit('.').next().unwrap_or(name);
        registry.classes.iter().find(|(_, class)| class.class == last)
    };
    for (at, method) in registry.configs.names() {
        let mapped = method.value.as_deref().and_then(class_of);
        let Some(&(file, class)) = mapped else { continue };
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
