//! Parameters of the kernel and packages of the host, which scripts, pages and configurations of any language name.

use std::sync::LazyLock;

use super::Words;
use crate::facts::{FileFacts, HostKind, HostMention};
use crate::span::Span;

/// Languages of files that may set up a host. Container files do not.
const LANGUAGES: &[&str] = &["markdown", "shell", "yaml", "nix", "unit"];

/// What starts a mention. A `.` also stands for the blank of `options amdgpu gttsize=...` in a file for modprobe.
const NAMES: &[(&str, HostKind)] = &[
    ("amdgpu.gtt_size", HostKind::GttSizeMisspelled),
    ("amdgpu.gttsize", HostKind::GttSize),
    ("ttm.pages_limit", HostKind::PagesLimit),
    ("amd_iommu=off", HostKind::IommuOff),
    ("linux-firmware", HostKind::Firmware),
    ("linuxPackages_", HostKind::Kernel),
    ("linux-image-", HostKind::Kernel),
];

/// Adds what a file names.
pub fn mentions(language: &str, text: &str, facts: &mut FileFacts) {
    if !LANGUAGES.contains(&language) {
        return;
    }
    for at in SEARCH.positions(text.as_bytes()) {
        let found = SPELLINGS.iter().find(|(spelling, _)| text[at..].starts_with(spelling));
        facts.host.extend(found.and_then(|(spelling, kind)| mention(text, at, spelling, *kind)));
    }
}

/// Each name, and with a blank for its first `.`.
static SPELLINGS: LazyLock<Vec<(String, HostKind)>> = LazyLock::new(|| {
    let spellings = NAMES.iter().flat_map(|&(name, kind)| {
        let spaced = Some(name.replacen('.', " ", 1)).filter(|spaced| spaced != name);
        [Some(name.to_owned()), spaced].into_iter().flatten().map(move |spelling| (spelling, kind))
    });
    spellings.collect()
});

static SEARCH: LazyLock<Words> = LazyLock::new(|| {
    let spellings: Vec<&str> = SPELLINGS.iter().map(|(spelling, _)| spelling.as_str()).collect();
    Words::new(&spellings)
});

fn mention(text: &str, at: usize, name: &str, kind: HostKind) -> Option<HostMention> {
    let is_word = |next: char| next.is_ascii_alphanumeric() || next == '_';
    let rest = text.get(at + name.len()..)?;
    if text[..at].ends_with(is_word) {
        return None;
    }
    let (value, length) = match kind {
        HostKind::IommuOff if rest.starts_with(is_word) => return None,
        HostKind::IommuOff => (String::new(), 0),
        HostKind::Firmware => date(rest)?,
        HostKind::Kernel => {
            let length =
                rest.find(|next: char| !next.is_ascii_digit() && next != '.' && next != '_').unwrap_or(rest.len());
            (rest[..length].trim_matches(['.', '_']).replace('_', "."), length)
        }
        _ if rest.starts_with(is_word) => return None,
        _ => match rest.strip_prefix('=') {
            Some(value) => {
                let length = value.find(|next: char| !is_word(next) && next != '-').unwrap_or(value.len());
                (value[..length].to_owned(), length + 1)
            }
            None => (String::new(), 0),
        },
    };
    let end = at + name.len() + length;
    // A kernel without a number says nothing.
    (kind != HostKind::Kernel || !value.is_empty()).then(|| HostMention { kind, value, span: Span::new(at, end) })
}

/// The date that a firmware package is named with, close behind its name.
fn date(rest: &str) -> Option<(String, usize)> {
    let line = rest.split('\n').next()?;
    let digits = line.find(|next: char| next.is_ascii_digit()).filter(|&at| at <= 12)?;
    let length = line[digits..].find(|next: char| !next.is_ascii_digit()).unwrap_or(line.len() - digits);
    (length == 8).then(|| (line[digits..digits + 8].to_owned(), digits + 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(HostKind, String, String)> {
        let mut facts = FileFacts::default();
        mentions("shell", text, &mut facts);
        let shown = |mention: &HostMention| (mention.kind, mention.value.clone(), mention.span.text(text).to_owned());
        facts.host.iter().map(shown).collect()
    }

    #[test]
    fn parameters_are_read_wherever_they_stand() {
        let text = "grubby --args=\"amd_iommu=off amdgpu.gttsize=131072 ttm.pages_limit=33554432\"\noptions ttm pages_limit=1\n";
        let kinds: Vec<_> = found(text).into_iter().map(|(kind, value, _)| (kind, value)).collect();
        assert_eq!(
            kinds,
            [
                (HostKind::IommuOff, String::new()),
                (HostKind::GttSize, "131072".to_owned()),
                (HostKind::PagesLimit, "33554432".to_owned()),
                (HostKind::PagesLimit, "1".to_owned()),
            ]
        );
    }

    #[test]
    fn packages_need_a_number() {
        assert_eq!(found("dnf install linux-firmware && uname"), []);
        let firmware = ("linux-firmware-20251125-1.fc43", "20251125", "linux-firmware-20251125");
        assert_eq!(found(firmware.0), [(HostKind::Firmware, firmware.1.to_owned(), firmware.2.to_owned())]);
        assert_eq!(found("linuxPackages_latest"), []);
        assert_eq!(found("pkgs.linuxPackages_6_12")[0].1, "6.12");
        assert_eq!(found("apt install linux-image-6.14.0-27-generic")[0].1, "6.14.0");
    }

    #[test]
    fn container_files_set_up_no_host() {
        let mut facts = FileFacts::default();
        mentions("dockerfile", "RUN echo amd_iommu=off", &mut facts);
        assert!(facts.host.is_empty());
    }
}
