//! Modules that a build adds to a source tree.

use serde::{Deserialize, Serialize};

use crate::span::Span;

/// A module that is not in the tree and that its build puts there: an extension module, a generated file, a folder
/// that is copied in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BuiltModule {
    /// Where it lands, without extension: `vllm/_C`. Relative to the project that the file belongs to, or to the
    /// file's own folder.
    pub path: String,
    /// Whether everything whose path starts so may be there (`vllm/third_party/deep_gemm/`), not that module alone.
    pub is_prefix: bool,
    /// Whether the path counts from the folder of the file that says so.
    pub is_local: bool,
    /// Where the file says so.
    pub span: Span,
}

/// A file that an installed distribution lists as its own (a line of `RECORD`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordedFile {
    /// Its path below the folder that the distribution is installed in.
    pub path: String,
    /// Its size in bytes, where the line tells.
    pub size: Option<u64>,
    /// The SHA-256 of its content in URL-safe base64 without padding, where the line tells.
    pub sha256: Option<String>,
}

/// A program or plugin that a distribution declares: `vllm = "vllm.entrypoints.cli.main:main"`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryPoint {
    /// What it names: a module, or something in one behind a colon.
    pub target: String,
    /// Where the target stands, without quotes.
    pub span: Span,
}
