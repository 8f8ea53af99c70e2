//! GFX308: values that an option of vLLM does not take in any release.

use crate::context::Context;
use crate::facts::NameListKind;
use crate::finding::Applicability;
use crate::rules::Findings;
use crate::rules::launches::{Case, Fault, replace_value, report};

/// Reports values that no release knows.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    report(cx, out, faults);
}

fn faults(case: &Case<'_, '_>) -> Vec<Fault> {
    let mut found = of_types(case);
    found.extend(kv_cache(case));
    found.extend(load_format(case));
    found
}

/// Values of the options that decide the types: `--dtype`, `--quantization`.
pub(crate) fn of_types(case: &Case<'_, '_>) -> Vec<Fault> {
    dtype(case).into_iter().chain(quantization(case)).collect()
}

fn dtype(case: &Case<'_, '_>) -> Option<Fault> {
    let asked = case.launch.value("dtype")?;
    let dtypes = case.cx.knowledge.dtypes();
    // Transformers' spelling, which vLLM also takes from Python.
    if dtypes.is_value(&asked.value) || asked.value.is_empty() {
        return None;
    }
    let meant = dtypes.meant(&asked.value);
    let fault = fault(case, "dtype", &dtypes.values.join(", "), meant)?;
    // A method may take one type alone, which need not be the one that was meant.
    let applicability = if case.method().is_some() { Applicability::DisplayOnly } else { Applicability::Safe };
    Some(match meant {
        Some(meant) => fault.fix(format!("use {meant}"), applicability, replace_value(case, "dtype", meant)),
        None => fault,
    })
}

fn quantization(case: &Case<'_, '_>) -> Option<Fault> {
    let asked = case.launch.value("quantization")?.value.to_ascii_lowercase();
    let table = case.cx.knowledge.quantization();
    let is_fine = matches!(asked.as_str(), "" | "none" | "null") || table.method(&asked).is_some() || registers(case);
    if is_fine {
        return None;
    }
    fault(case, "quantization", "such as awq, gptq, fp8, compressed-tensors", None)
}

fn kv_cache(case: &Case<'_, '_>) -> Option<Fault> {
    let asked = case.launch.value("kv-cache-dtype")?;
    let table = case.cx.knowledge.kv_cache();
    if asked.value.is_empty() || table.dtype(&asked.value).is_some() {
        return None;
    }
    let meant = case.cx.knowledge.dtypes().meant(&asked.value).filter(|meant| table.dtype(meant).is_some());
    fault(case, "kv-cache-dtype", "such as auto, fp8, bfloat16", meant)
}

fn load_format(case: &Case<'_, '_>) -> Option<Fault> {
    let asked = case.launch.value("load-format")?;
    if asked.value.is_empty() || case.cx.knowledge.dtypes().load_format(&asked.value).is_some() || registers(case) {
        return None;
    }
    fault(case, "load-format", "such as auto, safetensors, gguf", None)
}

fn fault(case: &Case<'_, '_>, option: &'static str, values: &str, meant: Option<&str>) -> Option<Fault> {
    // Somebody's own vLLM may take more.
    if case.is_fork() && meant.is_none() {
        return None;
    }
    let asked = case.launch.value(option).filter(|asked| !stands_for_another(&asked.value))?;
    let message = format!("No release of vLLM takes `{}` for --{option}.", asked.value);
    let help = match meant {
        Some(meant) => format!("write `{meant}`"),
        None => format!("use one of its values, {values}"),
    };
    Some(Fault::new(asked.at?, "not a value", message).help(help).data("option", option).data("value", asked.value))
}

/// Whether a value is there to be replaced: `<dtype>`, `DTYPE`, `auto|half`, `...`.
fn stands_for_another(value: &str) -> bool {
    let is_name = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let shouts = value.len() > 4 && !value.bytes().any(|byte| byte.is_ascii_lowercase());
    !is_name || shouts || value.starts_with("your") || value.bytes().all(|byte| byte == b'.')
}

/// Whether some file of the run registers methods or loaders of its own.
fn registers(case: &Case<'_, '_>) -> bool {
    let mut lists = case.cx.workspace.files().flat_map(|(_, _, facts)| &facts.name_lists);
    lists.any(|list| list.kind == NameListKind::Registered)
}
