//! Which component a host gate is about.

use crate::context::Context;
use crate::knowledge::Component;
use crate::span::FileId;

/// The component that a symbol is about: by its own name, by what it imports, or by its module's name.
pub fn component_of<'a>(cx: &Context<'a>, file: FileId, symbol: &str) -> Option<&'a Component> {
    let components = || {
        cx.knowledge.components.iter().filter(|component| {
            !component.required && !component.import_names.is_empty() && !component.arch_variables.is_empty()
        })
    };
    let stem = cx.workspace.sources().get(file).path.rsplit('/').next().unwrap_or_default().trim_end_matches(".py");
    let imports = |component: &Component| {
        cx.workspace.facts(file).imports.iter().any(|import| {
            !import.scope.is_empty()
                && import.scope == symbol
                && component.import_names.iter().any(|name| import.module.split('.').next() == Some(name))
        })
    };
    components()
        .find(|component| names(symbol, component))
        .or_else(|| components().find(|component| imports(component)))
        .or_else(|| components().find(|component| !symbol.is_empty() && names(stem, component)))
}

/// Whether an identifier holds one of the component's package names, word by word: `AiterExperts`, `has_deep_ep`.
fn names(identifier: &str, component: &Component) -> bool {
    let words = words(identifier);
    component.import_names.iter().any(|name| {
        let wanted = name.replace('_', "");
        (1..=2).any(|length| words.windows(length).any(|window| window.concat() == wanted))
    })
}

/// The words of an identifier, in lower case: `ROCMAiterMLA.use_it` is `rocm aiter mla use it`.
pub fn words(identifier: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let chars: Vec<char> = identifier.chars().collect();
    for (at, &char) in chars.iter().enumerate() {
        let before = at.checked_sub(1).and_then(|at| chars.get(at)).copied().unwrap_or('_');
        let starts = char.is_uppercase()
            && (before.is_lowercase()
                || (before.is_uppercase() && chars.get(at + 1).is_some_and(|next| next.is_lowercase())));
        if !char.is_alphanumeric() || starts {
            words.push(String::new());
        }
        if let Some(word) = words.last_mut().filter(|_| char.is_alphanumeric()) {
            word.extend(char.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
