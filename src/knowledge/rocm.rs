//! PyTorch's ROCm wheels and the ROCm that targets need: `wheels.toml`, `rocm-minimums.toml`.

use serde::Deserialize;

use super::{TargetNames, pattern};
use crate::version::{Known, Version, VersionRange};

/// For which targets PyTorch's own wheels are built.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wheels {
    indexes: Vec<String>,
    row: Vec<Row>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    targets: TargetNames,
    #[serde(default)]
    torch: VersionRange,
    #[serde(default)]
    rocm: VersionRange,
    has: bool,
    #[serde(rename = "sources")]
    _sources: Vec<String>,
}

impl Wheels {
    /// Whether an index serves these wheels.
    pub fn is_index(&self, address: &str) -> bool {
        self.indexes.iter().any(|index| pattern::matches(index, address))
    }

    /// Whether the wheel of this PyTorch for this ROCm holds kernels for the target of that name.
    pub fn have(&self, target: &str, torch: Option<&Version>, rocm: Option<&Version>) -> Known {
        for row in self.row.iter().filter(|row| row.targets.covers(target)) {
            let fits = |range: &VersionRange, version: Option<&Version>| match version {
                _ if range.is_any() => Known::Yes,
                Some(version) => range.contains(version).into(),
                None => Known::Unknown,
            };
            match (fits(&row.torch, torch), fits(&row.rocm, rocm)) {
                (Known::Yes, Known::Yes) => return row.has.into(),
                (Known::No, _) | (_, Known::No) => {}
                // The row may be the one that decides.
                _ => return Known::Unknown,
            }
        }
        Known::Unknown
    }
}

/// The ROCm that targets need.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RocmMinimums {
    minimum: Vec<RocmMinimum>,
}

/// The ROCm that some targets need.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RocmMinimum {
    /// The targets.
    pub targets: TargetNames,
    /// The first release that knows them.
    #[serde(default)]
    pub rocm: Option<Version>,
    /// The first one in which they are more than a preview.
    #[serde(default)]
    pub works: Option<Version>,
    /// The last one whose packages are made for them.
    #[serde(default)]
    pub last: Option<Version>,
    /// Whether AMD or vLLM say so.
    pub sure: bool,
    /// Where this was read.
    pub sources: Vec<String>,
}

impl RocmMinimums {
    /// What the target of that name needs, where it is known.
    pub fn of(&self, target: &str) -> Option<&RocmMinimum> {
        self.minimum.iter().find(|minimum| minimum.targets.covers(target))
    }
}

pub(super) const WHEELS: &str = include_str!("../../rules/knowledge/wheels.toml");
pub(super) const MINIMUMS: &str = include_str!("../../rules/knowledge/rocm-minimums.toml");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wheels_hold_kernels_by_pytorch_and_rocm() {
        let wheels: Wheels = toml::from_str(WHEELS).unwrap();
        let have = |target: &str, torch: &str, rocm: &str| {
            wheels.have(target, Version::parse(torch).as_ref(), Version::parse(rocm).as_ref())
        };
        assert_eq!(have("gfx1151", "2.5.1", "6.2"), Known::No);
        assert_eq!(have("gfx1151", "", "6.4"), Known::No);
        assert_eq!(have("gfx1151", "2.10.0", "7.1"), Known::Yes);
        assert_eq!(have("gfx1151", "2.9.0", "7.0"), Known::Unknown);
        assert_eq!(have("gfx906", "2.9.0", "6.4"), Known::Yes);
        assert_eq!(have("gfx906", "2.12.0", "7.14.0"), Known::No);
        assert_eq!(have("gfx906", "2.12.0", ""), Known::Unknown);
        assert_eq!(have("gfx1201", "2.6.0", "6.2.4"), Known::No);
        assert_eq!(have("gfx1201", "2.8.0", "6.4"), Known::Yes);
        assert_eq!(have("gfx1152", "", ""), Known::No);
        assert!(wheels.is_index("https://download.pytorch.org/whl/rocm6.4"));
        assert!(!wheels.is_index("https://download.pytorch.org/whl/cu129"));
    }

    #[test]
    fn targets_need_a_rocm() {
        let minimums: RocmMinimums = toml::from_str(MINIMUMS).unwrap();
        let first = |target: &str| minimums.of(target).and_then(|minimum| minimum.rocm.clone());
        assert_eq!(first("gfx1151"), Version::parse("6.4.4"));
        assert_eq!(first("gfx906"), None);
        assert_eq!(minimums.of("gfx906").unwrap().last, Version::parse("6.3"));
        assert!(minimums.of("gfx942").is_none());
        assert!(minimums.minimum.iter().all(|minimum| !minimum.sources.is_empty()));
    }
}
