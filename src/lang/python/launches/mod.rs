//! Starts of vLLM in Python: `LLM(...)`, `EngineArgs(...)`, lists of words for `subprocess`, and the variables that a
//! program sets for them.
//!
//! Few files start vLLM, and in those few lines matter. So a search for words comes first, then only the logical lines
//! that hold one are parsed, each by itself, and those that give a value to a name which these lines use.

mod argv;
mod calls;
mod environ;
mod module;
#[cfg(test)]
mod tests;
mod value;

use self::module::Module;
use crate::facts::{FileFacts, Variable};

/// Words of which a file that starts vLLM holds one.
pub(super) const WORDS: &[&str] =
    &["LLM(", "EngineArgs(", "\"serve\"", "'serve'", "vllm serve ", "vllm.entrypoints.", "\"docker\"", "'docker'"];

/// Notes the starts of vLLM in a module, and the variables that it sets; `words` are the places at which words stand.
pub(super) fn extract(text: &str, words: &[usize], facts: &mut FileFacts) {
    if words.is_empty() || !text.contains("vllm") {
        return;
    }
    let module = Module::new(text);
    let before = (facts.launches.len(), facts.containers.len());
    for line in module.lines_with(words) {
        module.parsed(line, |root, offset| {
            calls::read(&module, line, root, offset, facts);
            argv::read(&module, line, root, offset, facts);
        });
    }
    if before != (facts.launches.len(), facts.containers.len()) {
        let settings = facts.settings.len();
        environ::read(&module, facts);
        hand_on(facts, before.0, settings);
    }
}

/// Gives launches the variables that the program sets before them.
fn hand_on(facts: &mut FileFacts, launches: usize, settings: usize) {
    let settings = &facts.settings[settings..];
    for launch in &mut facts.launches[launches..] {
        let before = settings.iter().filter(|setting| setting.span.start < launch.span.start);
        launch.environment.extend(before.map(|setting| Variable {
            name: setting.name.clone(),
            value: setting.value.clone(),
            span: Some(setting.span),
            is_prefix: false,
        }));
    }
}
