//! What no scanned file says: which targets exist, and what the components of the stack support.
//!
//! The data is `rules/knowledge/*.toml`, each entry with its source; this module is its typed view.

mod arches;
mod attention;
mod components;
mod dtypes;
mod embedded;
mod images;
mod kernels;
mod lookup;
mod names;
mod nixpkgs;
mod overlay;
pub(crate) mod pattern;
mod quantization;
mod releases;
mod rocm;
mod targets;
mod vllm;

pub use arches::{ArchFact, ProductSeries};
pub use attention::{Aiter, AiterUse, Attention, Backend, Crash, KvCache, KvCacheDtype};
pub use components::{Component, Support};
pub use dtypes::{Dtype, Dtypes, LoadFormat, Refusal};
pub use images::{ImageDescription, ImageEntry, ImageReference, Images, Part, Platform, Subject, ToldVersion};
pub use kernels::KernelGate;
pub use lookup::Lookup;
pub(crate) use lookup::distance;
pub use names::{Gone, Names};
pub use nixpkgs::{NixPackage, Nixpkgs, Removed, RocmScope};
pub use quantization::{Becomes, Limit, Method, Outcome, Plugin, Quantization, Scope};
pub use releases::{Presence, Release, Releases};
pub use rocm::{RocmMinimum, RocmMinimums, Wheels};
pub use targets::TargetNames;
pub use vllm::{OwnList, TreeLists, Vllm};

use std::sync::{LazyLock, OnceLock};

use crate::arch::{Arch, ArchSet, Universe};
use crate::error::RunError;

/// All knowledge of one run.
#[derive(Debug)]
pub struct Knowledge {
    /// The known targets.
    pub universe: Universe,
    /// What is known of each, in the universe's order.
    pub arches: Vec<ArchFact>,
    /// Marketing series and the targets that they stand for.
    pub series: Vec<ProductSeries>,
    /// The components of the stack.
    pub components: Vec<Component>,
    /// Host gates of kernels.
    pub kernels: Vec<KernelGate>,
    spellings: OnceLock<lookup::Spellings>,
}

impl Knowledge {
    /// The embedded knowledge.
    pub fn embedded() -> Result<Self, RunError> {
        let (universe, arches, series) = arches::read(include_str!("../../rules/knowledge/arches.toml"))?;
        let components = components::read(include_str!("../../rules/knowledge/components.toml"), &universe)?;
        let kernels = kernels::read(include_str!("../../rules/knowledge/kernels.toml"))?;
        Ok(Self { universe, arches, series, components, kernels, spellings: OnceLock::new() })
    }

    /// The releases of vLLM that were read.
    pub fn releases(&self) -> &'static Releases {
        Releases::embedded()
    }

    /// What is known of a target.
    pub fn arch(&self, arch: Arch) -> &ArchFact {
        &self.arches[arch.0 as usize]
    }

    /// The component of that name.
    pub fn component(&self, name: &str) -> Option<&Component> {
        self.components.iter().find(|component| component.name == name)
    }

    /// The targets for which `wanted` holds.
    pub fn select(&self, wanted: impl Fn(&ArchFact) -> bool) -> ArchSet {
        self.universe.iter().filter(|&arch| wanted(self.arch(arch))).collect()
    }
}

/// Tables that only some rules need: each is read when it is first asked for.
macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $read:expr;)*) => {
        impl Knowledge {
            $(
                $(#[$doc])*
                pub fn $name(&self) -> &'static $kind {
                    static TABLE: LazyLock<$kind> = LazyLock::new($read);
                    &TABLE
                }
            )*
        }
    };
}

tables! {
    /// Container images.
    images: Images = Images::embedded;
    /// Quantization methods.
    quantization: Quantization = Quantization::embedded;
    /// Activation dtypes.
    dtypes: Dtypes = Dtypes::embedded;
    /// KV-cache dtypes.
    kv_cache: KvCache = KvCache::embedded;
    /// Attention backends.
    attention: Attention = Attention::embedded;
    /// AITER.
    aiter: Aiter = Aiter::embedded;
    /// Variables that vLLM reads.
    environment: Names = Names::environment;
    /// nixpkgs.
    nixpkgs: Nixpkgs = Nixpkgs::embedded;
    /// PyTorch's ROCm wheels.
    wheels: Wheels = Wheels::embedded;
    /// The ROCm that targets need.
    rocm_minimums: RocmMinimums = RocmMinimums::embedded;
    /// Options of `vllm serve` and the engine.
    flags: Names = Names::flags;
}
