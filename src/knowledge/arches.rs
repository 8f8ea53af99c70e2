//! What is known of each target: `rules/knowledge/arches.toml`.

use serde::Deserialize;

use crate::arch::{ArchSet, Universe};
use crate::error::RunError;

/// What is known of one target.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ArchFact {
    /// The target: `gfx906`.
    pub name: String,
    /// Product and ISA generation: `GCN5.1`, `CDNA3`, `RDNA3.5`.
    pub family: String,
    /// Lanes of a wave in a HIP device build.
    #[serde(default)]
    pub wave_size: Option<u16>,
    /// Compute capability that HIP reports: major, minor.
    pub capability: (u16, u16),
    /// The kernel driver's `gfx_target_version`.
    pub kfd: u32,
    /// Marketing names, most common first.
    pub products: Vec<String>,
    /// Chip code names.
    pub codenames: Vec<String>,
    /// Other spellings that tools report.
    pub aliases: Vec<String>,
    /// `current`, `withdrawn` or `announced`.
    pub status: String,
    /// Matrix instructions: `none`, `mfma`, `wmma`.
    #[serde(default)]
    pub matrix: Option<String>,
    /// FP8 hardware: `none`, `fnuz`, `ocp`.
    #[serde(default)]
    pub fp8: Option<String>,
    /// How bfloat16 is computed: `none`, `mfma`, `wmma`, `native`.
    #[serde(default)]
    pub bf16: Option<String>,
    /// Whether there is MX FP4 hardware.
    #[serde(default)]
    pub fp4: Option<bool>,
    /// Dot-product instructions.
    #[serde(default)]
    pub dot: Vec<String>,
    /// LDS that a workgroup may use, in KiB.
    #[serde(default)]
    pub lds_kib: Option<u32>,
    /// The ISA family in Triton's AMD backend; `unknown` where it refuses the target.
    #[serde(default)]
    pub triton_family: Option<String>,
    /// Where this was read.
    pub sources: Vec<String>,
}

/// A marketing series and the targets that it stands for.
#[derive(Debug, Clone)]
pub struct ProductSeries {
    /// The series as documents write it: `MI300`.
    pub name: String,
    /// Its targets.
    pub covers: ArchSet,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    arch: Vec<ArchFact>,
    #[serde(default)]
    generic: Vec<Named>,
    #[serde(default)]
    product_series: Vec<Named>,
    older: Older,
}

/// Targets that compilers know and ROCm has left behind.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Older {
    names: Vec<String>,
    #[serde(rename = "sources")]
    _sources: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
    covers: Vec<String>,
    #[serde(rename = "sources")]
    _sources: Vec<String>,
}

/// Reads the file's text.
pub(super) fn read(text: &str) -> Result<(Universe, Vec<ArchFact>, Vec<ProductSeries>), RunError> {
    let file: File = toml::from_str(text).map_err(|error| RunError::knowledge("arches.toml", &error))?;
    let mut universe = Universe::default();
    for arch in &file.arch {
        universe.add(&arch.name, &arch.aliases, arch.capability);
    }
    let set = |names: &[String]| -> Result<ArchSet, RunError> {
        names
            .iter()
            .map(|name| universe.find(name).ok_or_else(|| RunError::unknown_arch_in("arches.toml", name)))
            .collect()
    };
    let generics = file
        .generic
        .iter()
        .map(|generic| Ok((generic.name.clone(), set(&generic.covers)?)))
        .collect::<Result<Vec<_>, RunError>>()?;
    let series = file
        .product_series
        .iter()
        .map(|series| Ok(ProductSeries { name: series.name.clone(), covers: set(&series.covers)? }))
        .collect::<Result<_, RunError>>()?;
    file.older.names.iter().for_each(|name| universe.add_older(name));
    for (name, covers) in generics {
        universe.add_generic(&name, covers);
    }
    Ok((universe, file.arch, series))
}
