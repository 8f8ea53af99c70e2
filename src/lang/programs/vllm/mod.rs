//! vLLM's own command line, and other tools that start its engine.

mod entrypoint;
mod json;
mod lm_eval;
pub(crate) mod names;
mod parser;
pub(super) mod pieces;
#[cfg(test)]
mod tests;

pub(crate) use entrypoint::entrypoint;
pub(super) use lm_eval::lm_eval;

use self::parser::Arguments;
use super::{Invocation, hull};
use crate::facts::{Launch, LaunchForm, Word};
use crate::span::Span;

/// `vllm serve MODEL ...` and the other commands that start an engine.
pub(super) fn command(run: &mut Invocation<'_>) {
    let words = &run.command.words;
    let Some((form, verbs)) = verb(&words[1..]) else { return };
    let (start, rest) = words.split_at(1 + verbs);
    note(run, form, hull(start).unwrap_or(run.command.span), rest);
}

/// `python -m vllm.entrypoints.openai.api_server ...`.
pub(super) fn module(run: &mut Invocation<'_>, module: &Word, arguments: &[Word]) {
    let Some((form, verbs)) = module_form(module, arguments) else { return };
    note(run, form, module.span, &arguments[verbs..]);
}

/// `python .../benchmark_throughput.py --model M`: vLLM's scripts that became `vllm bench`.
pub(super) fn script(run: &mut Invocation<'_>, script: &Word, arguments: &[Word]) {
    let name = script.known().unwrap_or_default();
    let is_own = matches!(name.rsplit('/').next(), Some("benchmark_throughput.py" | "benchmark_latency.py"));
    let other_engine = arguments.windows(2).any(|pair| {
        pair[0].known().as_deref() == Some("--backend") && pair[1].known().is_none_or(|engine| !engine.contains("vllm"))
    });
    if is_own && !other_engine {
        note(run, LaunchForm::Tool, script.span, arguments);
    }
}

/// What the words behind `vllm` start, and how many of them say so; none where no engine is started. `vllm bench serve`
/// and `vllm chat` are clients of one.
fn verb(words: &[Word]) -> Option<(LaunchForm, usize)> {
    let verb = |at: usize| words.get(at).and_then(Word::known);
    match verb(0)?.as_str() {
        "serve" => Some((LaunchForm::Serve, 1)),
        "run-batch" => Some((LaunchForm::Tool, 1)),
        "bench" => matches!(verb(1)?.as_str(), "throughput" | "latency" | "startup").then_some((LaunchForm::Tool, 2)),
        _ => None,
    }
}

/// What a module starts, and how many arguments belong to its name.
fn module_form(module: &Word, arguments: &[Word]) -> Option<(LaunchForm, usize)> {
    match module.known()?.as_str() {
        "vllm.entrypoints.openai.api_server" | "vllm.entrypoints.api_server" | "vllm.entrypoints.grpc_server" => {
            Some((LaunchForm::Module, 0))
        }
        "vllm.entrypoints.openai.run_batch" | "vllm.benchmarks.throughput" | "vllm.benchmarks.latency" => {
            Some((LaunchForm::Tool, 0))
        }
        "vllm.entrypoints.cli.main" | "vllm.scripts" => verb(arguments),
        _ => None,
    }
}

/// Notes a launch that a command makes.
fn note(run: &mut Invocation<'_>, form: LaunchForm, program: Span, arguments: &[Word]) {
    let Some(arguments) = parser::read(arguments) else { return };
    let command = run.command;
    let Arguments { model, options, is_open } = arguments;
    run.facts.launches.push(Launch {
        form,
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
