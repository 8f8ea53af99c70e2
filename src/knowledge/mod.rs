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

use self::overlay::Overlay;

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
    own: Own,
}

impl Knowledge {
    /// The embedded knowledge.
    pub fn embedded() -> Result<Self, RunError> {
        let (universe, arches, series) = arches::read(ARCHES)?;
        let (components, kernels) = (components::read(COMPONENTS, &universe)?, kernels::read(KERNELS)?);
        Ok(Self { universe, arches, series, components, kernels, spellings: OnceLock::new(), own: Own::default() })
    }

    /// The embedded knowledge with the user's on top.
    fn laid_over(overlay: &Overlay) -> Result<Self, RunError> {
        let plain = Self::embedded()?;
        let (universe, arches, series) =
            overlay.table("arches.toml", ARCHES, arches::read)?.unwrap_or((plain.universe, plain.arches, plain.series));
        // What they name are targets, of which there may be more by now.
        let read_components = |text: &str| components::read(text, &universe);
        let components = match overlay.table("components.toml", COMPONENTS, read_components)? {
            Some(components) => components,
            None => read_components(COMPONENTS)?,
        };
        let kernels = overlay.table("kernels.toml", KERNELS, kernels::read)?.unwrap_or(plain.kernels);
        let own = Own::read(overlay)?;
        Ok(Self { universe, arches, series, components, kernels, spellings: OnceLock::new(), own })
    }

    /// The tables that a user's own may be laid over.
    fn tables() -> Vec<&'static str> {
        let mut names = vec!["arches.toml", "components.toml", "kernels.toml"];
        names.extend(LAZY);
        names.sort_unstable();
        names
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

const ARCHES: &str = include_str!("../../rules/knowledge/arches.toml");
const COMPONENTS: &str = include_str!("../../rules/knowledge/components.toml");
const KERNELS: &str = include_str!("../../rules/knowledge/kernels.toml");

/// Tables that only some rules need: each is read when it is first asked for, and one that a user's is laid over at once,
/// for what is wrong in it.
macro_rules! tables {
    ($($(#[$doc:meta])* $name:ident: $kind:ty = $file:literal, $text:path;)*) => {
        /// Those of the tables that a user's are laid over. They live as long as the program, as the others do.
        #[derive(Debug, Default)]
        struct Own {
            releases: Option<&'static Releases>,
            $($name: Option<&'static $kind>,)*
        }

        impl Own {
            fn read(overlay: &Overlay) -> Result<Self, RunError> {
                Ok(Self {
                    releases: embedded::laid_over(overlay, "releases.toml", releases::TABLE)?,
                    $($name: embedded::laid_over(overlay, $file, $text)?,)*
                })
            }
        }

        /// Their names.
        const LAZY: &[&str] = &["releases.toml", $($file),*];

        impl Knowledge {
            $(
                $(#[$doc])*
                pub fn $name(&self) -> &'static $kind {
                    static TABLE: LazyLock<$kind> = LazyLock::new(|| embedded::read($text));
                    self.own.$name.unwrap_or_else(|| &TABLE)
                }
            )*
        }
    };
}

tables! {
    /// Container images.
    images: Images = "images.toml", images::TABLE;
    /// Quantization methods.
    quantization: Quantization = "quantization.toml", quantization::TABLE;
    /// Activation dtypes.
    dtypes: Dtypes = "dtypes.toml", dtypes::TABLE;
    /// KV-cache dtypes.
    kv_cache: KvCache = "kv-cache.toml", attention::KV_CACHE;
    /// Attention backends.
    attention: Attention = "attention.toml", attention::ATTENTION;
    /// AITER.
    aiter: Aiter = "aiter.toml", attention::AITER;
    /// Variables that vLLM reads.
    environment: Names = "environment.toml", names::ENVIRONMENT;
    /// nixpkgs.
    nixpkgs: Nixpkgs = "nixpkgs.toml", nixpkgs::TABLE;
    /// PyTorch's ROCm wheels.
    wheels: Wheels = "wheels.toml", rocm::WHEELS;
    /// The ROCm that targets need.
    rocm_minimums: RocmMinimums = "rocm-minimums.toml", rocm::MINIMUMS;
    /// Options of `vllm serve` and the engine.
    flags: Names = "flags.toml", names::FLAGS;
}

impl Knowledge {
    /// The releases of vLLM that were read, and those that a user tells of. In which of them something lives is known of
    /// the former alone.
    pub fn releases(&self) -> &'static Releases {
        self.own.releases.unwrap_or_else(Releases::embedded)
    }
}
