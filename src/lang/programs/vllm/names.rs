//! Names of vLLM's options: how they are spelled, and which take values.
//!
//! Only what is needed to split a command line stands here; which releases have which option is knowledge.

/// How many values an option takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Arity {
    /// None.
    Switch,
    /// One, if one follows.
    One,
    /// All that follow.
    Many,
}

/// Short options and what they stand for.
const SHORT: &[(&str, &str)] = &[
    ("q", "quantization"),
    ("tp", "tensor-parallel-size"),
    ("pp", "pipeline-parallel-size"),
    ("dp", "data-parallel-size"),
    ("dpn", "data-parallel-rank"),
    ("dpr", "data-parallel-start-rank"),
    ("dpl", "data-parallel-size-local"),
    ("dpa", "data-parallel-address"),
    ("dpp", "data-parallel-rpc-port"),
    ("dpb", "data-parallel-backend"),
    ("dph", "data-parallel-hybrid-lb"),
    ("dpe", "data-parallel-external-lb"),
    ("dcp", "decode-context-parallel-size"),
    ("pcp", "prefill-context-parallel-size"),
    ("ep", "enable-expert-parallel"),
    ("asc", "api-server-count"),
    ("ac", "attention-config"),
    ("cc", "compilation-config"),
    ("sc", "speculative-config"),
    ("O", "compilation-config"),
    ("n", "nnodes"),
    ("r", "node-rank"),
    ("i", "input-file"),
    ("o", "output-file"),
];

/// Options that may be cut short, and the shortest form in which only they (and longer names that start with them)
/// are meant.
const CUT_SHORT: &[(&str, &str)] = &[
    ("dt", "dtype"),
    ("q", "quantization"),
    ("kv-cache-d", "kv-cache-dtype"),
    ("load", "load-format"),
    ("attention-b", "attention-backend"),
    ("enf", "enforce-eager"),
    ("tens", "tensor-parallel-size"),
    ("swap", "swap-space"),
    ("max-model", "max-model-len"),
    ("gpu", "gpu-memory-utilization"),
    ("disable-log-r", "disable-log-requests"),
    ("tru", "trust-remote-code"),
];

/// Switches that their first word does not tell.
const SWITCHES: &[&str] = &[
    "aggregate-engine-logging",
    "async-engine",
    "async-scheduling",
    "calculate-kv-scales",
    "cudagraph-metrics",
    "data-parallel-external-lb",
    "data-parallel-hybrid-lb",
    "data-parallel-multi-port-external-lb",
    "dcp-q-replicate",
    "eplb-log-balancedness",
    "fully-sharded-loras",
    "grpc",
    "headless",
    "hf-enable-torch-compile",
    "interleave-mm-strings",
    "jit-monitor-verbose",
    "kv-cache-metrics",
    "kv-sharing-fast-prefill",
    "language-model-only",
    "log-error-stack",
    "long-prefill-token-threshold-adaptive",
    "mm-device-do-normalize",
    "mm-encoder-only",
    "monokernel",
    "numa-bind",
    "omni",
    "profile",
    "ray-workers-use-nsight",
    "return-sampling-mask",
    "return-tokens-as-token-ids",
    "scheduler-reserve-full-isl",
    "sleep-mode-offload-cudagraph",
    "specialize-active-lora",
    "swa-bounded-replay",
    "tokens-only",
    "worker-use-ray",
    "engine-use-ray",
];

/// First words of switches.
const SWITCH_VERBS: &[&str] =
    &["enable", "disable", "no", "use", "skip", "trust", "allow", "enforce", "exclude", "fail"];

/// Options that take all values that follow.
const LISTS: &[&str] = &[
    "served-model-name",
    "lora-modules",
    "lora-target-modules",
    "cudagraph-capture-sizes",
    "cuda-graph-sizes",
    "kv-cache-dtype-skip-layers",
    "device-ids",
    "ignore-patterns",
    "logits-processors",
    "numa-bind-nodes",
    "numa-bind-cpus",
    "api-key",
];

/// Options of the engine that are in common use, beside those above: what tells a launch from other text.
const ENGINE: &[&str] = &[
    "attention-backend",
    "attention-config",
    "block-size",
    "chat-template",
    "compilation-config",
    "cpu-offload-gb",
    "data-parallel-size",
    "distributed-executor-backend",
    "download-dir",
    "dtype",
    "enable-auto-tool-choice",
    "enable-chunked-prefill",
    "enable-expert-parallel",
    "enable-lora",
    "enable-prefix-caching",
    "enforce-eager",
    "gpu-memory-utilization",
    "hf-config-path",
    "hf-overrides",
    "kv-cache-dtype",
    "kv-transfer-config",
    "limit-mm-per-prompt",
    "load-format",
    "max-model-len",
    "max-num-batched-tokens",
    "max-num-seqs",
    "model",
    "moe-backend",
    "pipeline-parallel-size",
    "quantization",
    "reasoning-parser",
    "served-model-name",
    "speculative-config",
    "swap-space",
    "tensor-parallel-size",
    "tokenizer",
    "tokenizer-mode",
    "tool-call-parser",
    "trust-remote-code",
];

/// The long name of an option as written (`--kv_cache_dtype`, `-tp`, `--quant`, `--attention-config.backend`); none
/// where it is no known spelling.
pub(super) fn resolve(written: &str) -> Option<String> {
    if let Some(name) = written.strip_prefix("--") {
        let (name, rest) = name.split_once('.').map_or((name, None), |(name, rest)| (name, Some(rest)));
        let name = full(&dashed(name));
        return Some(rest.map_or(name.clone(), |rest| format!("{name}.{rest}")));
    }
    let name = written.strip_prefix('-')?;
    let (name, rest) = name.split_once('.').map_or((name, None), |(name, rest)| (name, Some(rest)));
    let (_, long) = SHORT.iter().find(|(short, _)| *short == name)?;
    Some(rest.map_or_else(|| (*long).to_owned(), |rest| format!("{long}.{rest}")))
}

/// A keyword (`kv_cache_dtype`) as an option's name (`kv-cache-dtype`).
pub(crate) fn dashed(name: &str) -> String {
    name.trim().replace('_', "-")
}

/// The name that a cut one stands for.
fn full(name: &str) -> String {
    CUT_SHORT
        .iter()
        .find(|(shortest, full)| name.starts_with(shortest) && full.starts_with(name))
        .map_or(name, |(_, full)| full)
        .to_owned()
}

/// How many values an option takes, by its long name.
pub(super) fn arity(name: &str) -> Arity {
    if LISTS.contains(&name) {
        Arity::Many
    } else if name == "disable-access-log-for-endpoints" || name.contains('.') {
        Arity::One
    } else if SWITCHES.contains(&name) || name.split('-').next().is_some_and(|verb| SWITCH_VERBS.contains(&verb)) {
        Arity::Switch
    } else {
        Arity::One
    }
}

/// Whether an option is one of the engine's, by its long name.
pub(crate) fn is_engine_option(name: &str) -> bool {
    let name = name.split('.').next().unwrap_or_default();
    ENGINE.contains(&name)
}

/// Whether a variable of that name holds any number of arguments.
pub(super) fn are_many(name: &str) -> bool {
    let name = name.to_ascii_uppercase();
    ["ARG", "OPT", "FLAG", "PARAM", "EXTRA", "CMD", "COMMAND"].iter().any(|word| name.contains(word))
}
