//! Arguments that are handed to an image which starts vLLM by itself.

use super::names;
use super::parser::{self, Arguments};
use super::{module_form, verb};
use crate::facts::{FileFacts, Home, Launch, LaunchForm, TextPart, Word};
use crate::lang::programs::{hull, is_python};
use crate::span::Span;

/// Notes the launch that arguments behind an image's name make: `docker run vllm/vllm-openai-rocm:TAG --model M`, a
/// service's `command:`, a `CMD`. The caller knows that the image starts vLLM; `words` may also say so themselves
/// (`vllm serve M`, `serve M`). Notes nothing where they start another program, and none for no words.
pub(crate) fn entrypoint(words: &[Word], home: Home, span: Span, facts: &mut FileFacts) {
    let Some((form, program, arguments)) = start(words) else { return };
    let Some(Arguments { model, options, is_open }) = parser::read(arguments) else { return };
    if model.is_none() && options.is_empty() && form == LaunchForm::Entrypoint {
        return;
    }
    let program = program.or(model.as_ref().map(|model| model.span)).or(hull(words)).unwrap_or(span);
    facts.launches.push(Launch {
        form,
        span,
        program,
        model,
        options,
        is_open,
        home,
        command: None,
        environment: Vec::new(),
    });
}

/// The form, the words that name the program, and the arguments.
fn start(words: &[Word]) -> Option<(LaunchForm, Option<Span>, &[Word])> {
    let (first, rest) = words.split_first()?;
    let Some(name) = first.known() else {
        return is_model(first, rest).then_some((LaunchForm::Entrypoint, None, words));
    };
    let program = name.rsplit('/').next().unwrap_or_default();
    match program {
        "vllm" => {
            let (form, verbs) = verb(rest)?;
            Some((form, hull(&words[..=verbs]), &rest[verbs..]))
        }
        "serve" => Some((LaunchForm::Serve, Some(first.span), rest)),
        _ if is_python(program) => {
            let [option, module, arguments @ ..] = rest else { return None };
            let (form, verbs) = (option.known()? == "-m").then(|| module_form(module, arguments))??;
            Some((form, Some(module.span), &arguments[verbs..]))
        }
        _ if name.starts_with('-') || is_model(first, rest) => Some((LaunchForm::Entrypoint, None, words)),
        _ => None,
    }
}

/// Options of vLLM's server that few other programs have, and of earlier engines.
const SERVER: &[&str] = &[
    "served-model-name",
    "chat-template",
    "enable-auto-tool-choice",
    "tool-call-parser",
    "reasoning-parser",
    "disable-log-requests",
    "enable-log-requests",
    "task",
    "api-key",
];

/// Whether the first word is a model, not a program.
fn is_model(word: &Word, rest: &[Word]) -> bool {
    let takes_options = || {
        rest.iter().filter_map(Word::known).any(|word| {
            let name = word.split('=').next().unwrap_or_default();
            name.starts_with('-')
                && names::resolve(name)
                    .is_some_and(|name| names::is_engine_option(&name) || SERVER.contains(&name.as_str()))
        })
    };
    let Some(name) = word.by_default().or_else(|| word.known()) else {
        let is_named = matches!(word.text.parts.first(), Some(TextPart::Outer { name, .. })
            if name.to_ascii_uppercase().contains("MODEL"));
        return is_named || takes_options();
    };
    let is_script = [".sh", ".py", ".bash"].iter().any(|extension| name.ends_with(extension));
    let is_repository = name.split('/').count() == 2 && !name.starts_with(['/', '.']);
    let is_program = ["/bin/", "/sbin/"].iter().any(|folder| name.contains(folder));
    let is_file = name.ends_with(".gguf") || name.starts_with("/models/") || name.starts_with("/model/");
    !is_script && !is_program && !name.starts_with('-') && (is_repository || is_file || takes_options())
}
