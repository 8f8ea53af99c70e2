//! What a text says of the machine that containers run on.

use serde::{Deserialize, Serialize};

use crate::span::Span;

/// A parameter of the kernel or a package of the host, as a script, a page or a configuration names it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HostMention {
    /// What is named.
    pub kind: HostKind,
    /// Its value: `27648000` of `ttm.pages_limit=27648000`; empty where there is none.
    pub value: String,
    /// Name and value.
    pub span: Span,
}

/// What of the host is named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum HostKind {
    /// `amdgpu.gtt_size`, which is no parameter.
    GttSizeMisspelled,
    /// `amdgpu.gttsize`.
    GttSize,
    /// `ttm.pages_limit`.
    PagesLimit,
    /// `amd_iommu=off`.
    IommuOff,
    /// `linux-firmware` with a date; the date is the value.
    Firmware,
    /// A package of the kernel with its version: `linuxPackages_6_12`, `linux-image-6.14.0-27-generic`.
    Kernel,
}

impl HostKind {
    /// Its name in output.
    pub fn name(self) -> &'static str {
        match self {
            Self::GttSizeMisspelled => "amdgpu.gtt_size",
            Self::GttSize => "amdgpu.gttsize",
            Self::PagesLimit => "ttm.pages_limit",
            Self::IommuOff => "amd_iommu=off",
            Self::Firmware => "linux-firmware",
            Self::Kernel => "kernel",
        }
    }
}
