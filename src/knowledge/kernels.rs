//! Which host gate decides that a kernel is launched: `rules/knowledge/kernels.toml`.

use serde::Deserialize;

use crate::error::RunError;

/// A family of kernels and the host gates in front of it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KernelGate {
    /// How the names of its `__global__` functions start.
    pub names: Vec<String>,
    /// Python functions that decide whether it is launched.
    pub gates: Vec<String>,
    /// Where this was read.
    pub source: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    kernel: Vec<KernelGate>,
}

/// Reads the file's text.
pub(super) fn read(text: &str) -> Result<Vec<KernelGate>, RunError> {
    toml::from_str::<File>(text).map(|file| file.kernel).map_err(|error| RunError::knowledge("kernels.toml", &error))
}
