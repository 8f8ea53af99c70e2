//! vLLM's own command line.

use super::Invocation;
use crate::facts::{FileFacts, Home, Word};
use crate::span::Span;

/// `vllm serve MODEL ...` and the other commands that start an engine.
pub(super) fn command(_run: &mut Invocation<'_>) {}

/// `python -m vllm.entrypoints.openai.api_server ...`.
pub(super) fn module(_run: &mut Invocation<'_>, _module: &Word, _arguments: &[Word]) {}

/// `lm_eval --model vllm --model_args pretrained=M,dtype=float16`.
pub(super) fn lm_eval(_run: &mut Invocation<'_>, _arguments: &[Word]) {}

/// Arguments that an image hands to vLLM by itself: `--model M ...`, `M --dtype half`.
pub(super) fn entrypoint(_words: &[Word], _home: Home, _span: Span, _facts: &mut FileFacts) {}
