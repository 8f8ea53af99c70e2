//! ROCm version numbers in names, paths and addresses.

use std::ops::Range;

use super::Version;
use crate::facts::holds_in_any_case;

/// A version in a text, and where.
pub(super) type Numbered = (Version, Range<usize>);

/// What stands before a version of ROCm.
pub(super) const NAMES: &[&str] = &["rocm", "amdgpu-install"];

/// The ROCm versions that a text names: `rocm7.2`, `rocm-6.3.3`, `+rocm700`, `rocm-rel-6.4.1`, `/opt/rocm-7.0.0`,
/// `repo.radeon.com/rocm/apt/7.0`, `amdgpu-install/6.2.4`, `amdgpu-install_6.2.60204-1_all.deb`.
pub(super) fn rocm_numbers(text: &str) -> Vec<Numbered> {
    if !NAMES.iter().any(|name| holds_in_any_case(text, name)) {
        return Vec::new();
    }
    let lower = text.to_ascii_lowercase();
    let mut found: Vec<Numbered> = Vec::new();
    for (at, word) in lower.match_indices("rocm") {
        let behind = at + word.len();
        let before = lower[..at].chars().next_back();
        let is_apart = ["amd", "%2b"].iter().any(|start| lower[..at].ends_with(start));
        if before.is_some_and(|letter| letter.is_ascii_alphanumeric()) && !is_apart {
            continue;
        }
        // `x_rocm-3.2.0-cp312.whl` is version 3.2.0 of a package for ROCm.
        let segment = lower[behind..].split(['/', ' ', '"', '\'']).next().unwrap_or_default();
        if before == Some('_') && segment.starts_with('-') && segment.ends_with(".whl") {
            continue;
        }
        let in_path = || path_number(&lower, behind);
        if let Some(number) = suffix_number(&lower, behind).or_else(in_path) {
            found.push(number);
        }
    }
    for (at, word) in lower.match_indices("amdgpu-install") {
        let behind = at + word.len();
        let start = behind + lower[behind..].len() - lower[behind..].trim_start_matches(['/', '_', '-']).len();
        found.extend(dotted(&lower, start));
    }
    found.sort_by_key(|(_, range)| range.start);
    found.dedup_by(|later, earlier| later.1 == earlier.1);
    found
}

/// The number right behind `rocm`: `7.2`, `-6.3.3`, `-rel-6.4.1`, `_7.0`, `700`.
fn suffix_number(text: &str, behind: usize) -> Option<Numbered> {
    let rest = &text[behind..];
    let name = rest
        .strip_prefix("-rel-")
        .or_else(|| rest.strip_prefix("-core-sdk-"))
        .or_else(|| rest.strip_prefix(['-', '_', '/', '=']).filter(|_| !rest.starts_with('/')))
        .unwrap_or(rest);
    let start = behind + rest.len() - name.len();
    dotted(text, start).or_else(|| compact(text, start))
}

/// The number in a path behind `rocm/`: `rocm/apt/7.0`, `rocm/el9/6.4.1/main`, `rocm/manylinux/rocm-rel-6.4.1`.
fn path_number(text: &str, behind: usize) -> Option<Numbered> {
    let mut at = behind + text[behind..].strip_prefix('/').map(|_| 1)?;
    for _ in 0..3 {
        let part = text[at..].split(['/', ' ', '"', '\'']).next().unwrap_or_default();
        let whole = dotted(text, at).filter(|(_, range)| range.len() == part.len());
        if whole.is_some() {
            return whole;
        }
        let is_system = ["apt", "yum", "rpm", "zyp", "el", "rhel", "sle", "suse", "ubuntu", "manylinux"];
        if !is_system.iter().any(|name| part.starts_with(name)) || !text[at + part.len()..].starts_with('/') {
            return None;
        }
        at += part.len() + 1;
    }
    None
}

/// A number with a dot in it: `7.2`, `6.2.60204` (which is 6.2.4).
pub(super) fn dotted(text: &str, start: usize) -> Option<Numbered> {
    let rest = text.get(start..)?;
    let length = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
    let digits = rest[..length].trim_end_matches('.');
    let mut numbers: Vec<u32> = digits.split('.').take(3).map(|part| part.parse().ok()).collect::<Option<_>>()?;
    // A package number holds the whole version again: 60204 is 6.2.4.
    if let Some(&packed) = numbers.get(2).filter(|&&packed| packed >= 10_000) {
        numbers = vec![packed / 10_000, packed / 100 % 100, packed % 100];
    }
    let is_plausible = numbers.len() > 1 && (3..=20).contains(&numbers[0]) && numbers[1] < 100;
    is_plausible.then(|| Some((version(&numbers)?, start..start + digits.len())))?
}

fn version(numbers: &[u32]) -> Option<Version> {
    Version::parse(&numbers.iter().map(u32::to_string).collect::<Vec<_>>().join("."))
}

/// A number without dots: `72` is 7.2, `721` is 7.2.1.
fn compact(text: &str, start: usize) -> Option<Numbered> {
    let rest = text.get(start..)?;
    let length = rest.bytes().take_while(u8::is_ascii_digit).count();
    let next = rest[length..].chars().next();
    let numbers: Vec<u32> = rest[..length].chars().filter_map(|digit| digit.to_digit(10)).collect();
    let ends = next.is_none_or(|next| !next.is_ascii_alphabetic());
    ((2..=3).contains(&length) && ends && (5..=9).contains(&numbers[0]))
        .then(|| Some((version(&numbers)?, start..start + length)))?
}

#[cfg(test)]
mod tests {
    use super::*;

    fn versions(text: &str) -> Vec<String> {
        rocm_numbers(text).iter().map(|(version, _)| version.to_string()).collect()
    }

    #[test]
    fn every_spelling_of_the_catalogue() {
        let cases: &[(&str, &[&str])] = &[
            ("rocm7.2_ubuntu24.04_py3.12_pytorch_release_2.9.1", &["7.2"]),
            ("v2.7.1-rocm-6.3.3", &["6.3.3"]),
            (
                "https://repo.radeon.com/amdgpu-install/6.2.4/ubuntu/jammy/amdgpu-install_6.2.60204-1_all.deb",
                &["6.2.4", "6.2.4"],
            ),
            ("https://repo.radeon.com/rocm/apt/7.0 jammy main", &["7.0"]),
            ("https://repo.radeon.com/rocm/el9/6.4.1/main", &["6.4.1"]),
            ("https://repo.radeon.com/rocm/manylinux/rocm-rel-6.4.1/", &["6.4.1"]),
            ("https://download.pytorch.org/whl/nightly/rocm6.4", &["6.4"]),
            ("https://wheels.vllm.ai/rocm/0.14.0/rocm700", &["7.0.0"]),
            ("2.9.1+rocm7.2.0.lw.git7e1940d4", &["7.2.0"]),
            ("2.7.1+rocm7.0.0rc20250826", &["7.0.0"]),
            ("/opt/rocm-7.0.0/bin", &["7.0.0"]),
            ("vllm-0.19.1+rocm721-cp312", &["7.2.1"]),
            ("rocm-rel-6.4/pytorch_triton_rocm-3.2.0%2Brocm6.4.0-cp310-linux_x86_64.whl", &["6.4", "6.4.0"]),
            ("rocm/pytorch:latest", &[]),
            ("rocm/vllm-dev", &[]),
            ("https://repo.radeon.com/rocm/apt/latest", &[]),
            ("rocm6", &[]),
            ("gfxrocm7.2", &[]),
            ("https://rocm.nightlies.amd.com/v2/gfx1151/", &[]),
        ];
        for (text, wanted) in cases {
            assert_eq!(&versions(text), wanted, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn numbers_lie_in_the_text(text in "(rocm|amdgpu-install|[-/_.=+0-9a-zé*])*") {
            for (version, range) in rocm_numbers(&text) {
                proptest::prop_assert!(text.get(range).is_some());
                proptest::prop_assert!(version.numbers()[0] >= 3);
            }
        }
    }
}
