//! lm-evaluation-harness, which starts vLLM's engine with `--model vllm --model_args pretrained=M,dtype=float16`.

use super::names;
use super::pieces;
use crate::facts::{Launch, LaunchForm, LaunchOption, Word};
use crate::lang::programs::Invocation;
use crate::lang::programs::options::{self, Argument, split_at_equals};

/// Notes the launch in `lm_eval --model vllm --model_args ...`.
pub(in crate::lang::programs) fn lm_eval(run: &mut Invocation<'_>, arguments: &[Word]) {
    let takes_value = |name: &str| !matches!(name, "--log_samples" | "--apply_chat_template" | "--trust_remote_code");
    let (mut program, mut values, mut is_open) = (None, Vec::new(), false);
    let mut in_values = false;
    for argument in options::arguments(arguments, takes_value) {
        match argument {
            Argument::Option { name, value: Some(value), .. } => {
                in_values = name == "--model_args" || name == "--model-args" || name == "-a";
                match name.as_str() {
                    "--model" | "-M"
                        if value.known().is_some_and(|model| matches!(model.as_str(), "vllm" | "vllm-vlm")) =>
                    {
                        program = Some(value.span);
                    }
                    _ if in_values => values.extend(pieces::split(&value, ',')),
                    _ => {}
                }
            }
            Argument::Option { .. } => in_values = false,
            // Newer versions take them as words of their own.
            Argument::Operand(value) if in_values => values.extend(pieces::split(&value, ',')),
            Argument::Operand(_) => {}
            Argument::Open(_) => is_open = true,
        }
    }
    let Some(program) = program else { return };
    let (mut model, mut options) = (None, Vec::new());
    for value in &values {
        let Some((name, value)) = split_at_equals(value) else {
            is_open |= value.known().is_none();
            continue;
        };
        match name.trim() {
            "pretrained" => model = Some(value),
            name => {
                let end = value.span.range().start.saturating_sub(1);
                let span = crate::span::Span::new(end.saturating_sub(name.len()), end);
                options.push(LaunchOption { name: names::dashed(name), span, value: Some(value) });
            }
        }
    }
    let command = run.command;
    run.facts.launches.push(Launch {
        form: LaunchForm::LmEval,
        span: command.span,
        program,
        model,
        options,
        is_open,
        home: command.home,
        command: Some(run.at),
        environment: command.environment.clone(),
    });
}
