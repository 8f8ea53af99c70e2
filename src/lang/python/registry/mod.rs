//! Lists of names that vLLM chooses from, and the classes that bear these names.
//!
//! A handful of files in a tree has them. A search for words tells which, and of these files only the logical lines that
//! hold one are parsed, each by itself.

mod expression;
mod kernels;
mod module;
#[cfg(test)]
mod tests;

use super::blocks::{Blocks, identifier};
use super::focus;
use crate::facts::FileFacts;

/// Words of which a file with such a list holds one.
pub(super) const WORDS: &[&str] = &[
    "QuantizationMethods",
    "QUANTIZATION_METHODS",
    "method_to_config",
    "supported_quantization",
    "overrides = [",
    "CacheDType = ",
    "LoadFormats = ",
    "class AttentionBackendEnum",
    "class _Backend(",
    "environment_variables: ",
    "environment_variables = ",
    "FrontendArgs",
    "class EngineArgs",
    "class ServeSubcommand",
    "def get_name(",
    "def override_quantization_method(",
    "register_quantization_config(",
    "register_model_loader(",
    kernels::WRAPPERS,
];

/// Variables whose lists are read.
const LISTS: &[&str] = &[
    "QuantizationMethods",
    "QUANTIZATION_METHODS",
    "DEPRECATED_QUANTIZATION_METHODS",
    "method_to_config",
    "supported_quantization",
    "overrides",
    "CacheDType",
    "LoadFormats",
    "environment_variables",
];

/// A logical line that is deeper is not read: it is read recursively.
const DEEPEST: usize = 200;

/// Notes the lists and classes of a module; `words` are the places at which words stand.
pub(super) fn extract(text: &str, words: &[usize], facts: &mut FileFacts) {
    if words.is_empty() {
        return;
    }
    let module = Blocks::new(text);
    let mut has_options = false;
    for (at, line) in module.lines.iter().enumerate() {
        if !focus::holds_one(words, &(line.first..line.end)) {
            continue;
        }
        let written = module.line(at);
        if let Some(rest) = written.strip_prefix("class ") {
            let name = identifier(rest);
            has_options |= ["EngineArgs", "FrontendArgs", "ServeSubcommand"].iter().any(|end| name.ends_with(end));
            if matches!(name, "AttentionBackendEnum" | "_Backend") || name.ends_with("FrontendArgs") {
                facts.name_lists.push(module.members(at, name));
            }
        } else if let Some(rest) = written.strip_prefix("def ") {
            module.method(at, identifier(rest), facts);
        } else if written.contains("register_quantization_config(") || written.contains("register_model_loader(") {
            facts.name_lists.extend(module.registered(at));
        } else if LISTS.iter().any(|list| written.starts_with(list) || written.starts_with("cls.")) {
            facts.name_lists.extend(module.list(at));
        }
    }
    if text.contains(kernels::WRAPPERS) {
        facts.name_lists.extend(module.wrapped());
    }
    if !facts.named_classes.is_empty() {
        kernels::extract(text, facts);
    }
    if has_options {
        facts.name_lists.extend((0..module.lines.len()).filter_map(|at| module.options(at)));
    }
}
