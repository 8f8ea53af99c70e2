//! Device guards of C++ and HIP sources.

use serde::{Deserialize, Serialize};

use super::ArchExpr;
use crate::span::Span;

/// An `#if` ... `#elif` ... `#else` ... `#endif` chain of which at least one condition tests the device target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GuardChain {
    /// The branches, `#else` last (its condition is [`ArchExpr::Constant`]`(true)`).
    pub branches: Vec<GuardBranch>,
    /// How many chains this one stands in, of any kind.
    pub depth: usize,
}

/// One branch of a chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GuardBranch {
    /// The condition, continuation lines included; for `#else` the directive.
    pub span: Span,
    /// The condition, `defined(X)` as [`ArchExpr::Named`] for project macros.
    pub condition: ArchExpr,
    /// The lines that it guards.
    pub body: Span,
    /// Whether the body is a stub that stops the program (`UNREACHABLE_CODE`, `assert(false)`, `__builtin_trap()`) or
    /// does nothing: all its kernels stop or have no body; without kernels, a statement of its own stops.
    pub is_stub: bool,
    /// Kernels (`__global__` functions) that the body defines.
    pub kernels: Vec<String>,
    /// The first thing in it that exists on the host alone.
    pub host_token: Option<HostToken>,
    /// Macros that the body defines, in nested chains as well.
    pub defines: Vec<String>,
}

/// Something that exists on the host alone: `TORCH_CHECK`, `at::`, a kernel launch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HostToken {
    /// Where.
    pub span: Span,
    /// What, as written.
    pub text: String,
}

/// Sources that a CMake file adds to builds for CUDA alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CudaBlock {
    /// The text that decides, as in `"CUDA"`.
    pub condition_span: Span,
    /// The sources, as written.
    pub sources: Vec<String>,
}

/// Sources that a CMake file adds to a build under a condition on the targets that are built for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CmakeGate {
    /// The text that decides: the pattern of a `MATCHES` or of the `list(FILTER)` whose result is tested.
    pub condition_span: Span,
    /// What it says. The sources are part of the build if it holds for one target of the build, and are then, as a
    /// rule, compiled for every one of them.
    pub expr: ArchExpr,
    /// The sources, as written, and where.
    pub sources: Vec<(String, Span)>,
}
