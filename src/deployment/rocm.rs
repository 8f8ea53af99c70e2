//! The ROCm versions that an image is said to hold.

use super::rocm_numbers::{NAMES, Numbered, dotted, rocm_numbers};
use super::spelled::Spelled;
use super::{Found, ImageRef, Reach, RocmOrigin, RocmVersion, StagePath};
use crate::facts::{Command, Install, InstallTool, Package, Setting, SettingKind, Word};
use crate::span::{FileId, Place};

/// Variables that hold ROCm's version.
const VARIABLES: &[&str] = &["ROCM_VERSION", "ROCM_VER", "ROCM_RELEASE", "ROCM_SDK_VERSION", "THEROCK_VERSION"];

/// Everything that names a ROCm version within reach, in build order.
pub(super) fn rocm_versions(path: &StagePath<'_>) -> Vec<RocmVersion> {
    let mut all = Collected::default();
    for (step, image) in path.roots(Reach::Whole) {
        all.of_image(step.file, &image);
    }
    for setting in path.global_arguments().chain(path.settings(Reach::Whole)) {
        all.of_setting(path, setting);
    }
    for install in path.installs(Reach::Whole) {
        all.of_install(install);
    }
    for command in path.commands(Reach::Whole) {
        all.of_command(command);
    }
    path.sort(&mut all.0, |found| Some(found.at));
    all.0.dedup_by(|later, earlier| later.at == earlier.at && later.version == earlier.version);
    all.0
}

#[derive(Default)]
struct Collected(Vec<RocmVersion>);

impl Collected {
    fn add(&mut self, file: FileId, spelled: &Spelled, numbers: Vec<Numbered>, origin: RocmOrigin) {
        for (version, range) in numbers {
            let at = Place { file, span: spelled.at(range) };
            // A file's name repeats what its address says.
            let repeated = self.0.iter().any(|known| {
                known.at.file == file
                    && known.origin == origin
                    && known.version == version
                    && known.at.span.start.abs_diff(at.span.start) < 200
            });
            if !repeated {
                self.0.push(RocmVersion { version, at, origin });
            }
        }
    }

    fn of_image(&mut self, file: FileId, image: &Spelled) {
        let mut numbers = rocm_numbers(&image.text);
        let place = Place { file, span: image.at(0..image.text.len()) };
        if numbers.is_empty()
            && let Some(name) = ImageRef::parse(&image.text, place)
            && let Some(tag) = name.tag.as_ref().filter(|_| is_rocm_itself(&name))
        {
            let start = image.text.rfind(tag.as_str()).unwrap_or_default();
            numbers.extend(dotted(&image.text, start));
        }
        self.add(file, image, numbers, RocmOrigin::BaseImage);
    }

    fn of_setting(&mut self, path: &StagePath<'_>, setting: Found<'_, Setting>) {
        let at = setting.place(setting.span);
        let fill = |name: &str| path.value_of(name, Some(at));
        let spelled = Spelled::new(&setting.fact.value, setting.value_span, &fill);
        let whole = || dotted(&spelled.text, 0).into_iter().collect();
        match setting.kind {
            SettingKind::DockerLabel if setting.name.to_ascii_lowercase().contains("rocm") => {
                self.add(setting.file, &spelled, whole(), RocmOrigin::Label);
            }
            SettingKind::DockerLabel => {}
            _ if VARIABLES.contains(&setting.name.as_str()) => {
                self.add(setting.file, &spelled, whole(), RocmOrigin::Variable);
            }
            _ => {
                let numbers = paths(&spelled.text);
                self.add(setting.file, &spelled, numbers, RocmOrigin::Path);
            }
        }
    }

    fn of_install(&mut self, install: Found<'_, Install>) {
        match install.tool {
            InstallTool::Uninstall => {}
            InstallTool::Apt | InstallTool::Dnf => {
                for package in &install.fact.packages {
                    let spelled = Spelled::word(&package.word);
                    self.add(install.file, &spelled, system_package(&spelled.text), RocmOrigin::System);
                }
            }
            _ => self.of_python_install(install),
        }
    }

    fn of_python_install(&mut self, install: Found<'_, Install>) {
        let mut is_bundled = false;
        let indexes = install.fact.index.iter().chain(&install.fact.extra_indexes).chain(&install.fact.find_links);
        for index in indexes {
            is_bundled |= brings_rocm(&Spelled::word(index).text);
            self.of_address(install.file, index);
        }
        for package in &install.fact.packages {
            self.of_package(install.file, package, is_bundled);
        }
    }

    fn of_address(&mut self, file: FileId, address: &Word) {
        let spelled = Spelled::word(address);
        let origin = if brings_rocm(&spelled.text) { RocmOrigin::Bundled } else { RocmOrigin::Index };
        self.add(file, &spelled, rocm_numbers(&spelled.text), origin);
    }

    fn of_package(&mut self, file: FileId, package: &Package, is_bundled: bool) {
        let spelled = Spelled::word(&package.word);
        if package.source.is_some() {
            let origin = if brings_rocm(&spelled.text) { RocmOrigin::Bundled } else { RocmOrigin::Wheel };
            self.add(file, &spelled, rocm_numbers(&spelled.text), origin);
            return;
        }
        let version = || spelled.text.find("==").and_then(|at| dotted(&spelled.text, at + 2));
        match package.name.as_str() {
            "amdsmi" => self.add(file, &spelled, version().into_iter().collect(), RocmOrigin::Amdsmi),
            "rocm" | "rocm-sdk" | "rocm-sdk-core" => {
                self.add(file, &spelled, version().into_iter().collect(), RocmOrigin::Bundled);
            }
            _ => {
                let origin = if is_bundled { RocmOrigin::Bundled } else { RocmOrigin::Wheel };
                // The name may hold a number too (`onnxruntime-rocm`): the version alone counts.
                let start = spelled.text.find('+').unwrap_or(spelled.text.len());
                let mut numbers = rocm_numbers(&spelled.text);
                numbers.retain(|(_, range)| range.start > start);
                self.add(file, &spelled, numbers, origin);
            }
        }
    }

    fn of_command(&mut self, command: Found<'_, Command>) {
        let program = command.program();
        if matches!(program.as_str(), "pip" | "pip3" | "uv" | "apt" | "apt-get" | "dnf" | "yum" | "git" | "conda") {
            return;
        }
        let telling = |word: &&Word| word.text.may_hold_any(NAMES) || word.text.may_hold_any(&["therock-dist"]);
        for word in command.fact.words.iter().filter(telling) {
            let spelled = Spelled::word(word);
            let text = spelled.text.to_ascii_lowercase();
            if text.contains("repo.radeon.com") || text.contains("amdgpu-install") {
                self.add(command.file, &spelled, rocm_numbers(&text), RocmOrigin::System);
            } else if let Some(at) = text.find("therock-dist") {
                let number = (at..text.len()).filter(|&at| text.is_char_boundary(at) && text[..at].ends_with('-'));
                let numbers = number.filter_map(|at| dotted(&text, at)).collect();
                self.add(command.file, &spelled, numbers, RocmOrigin::System);
            } else {
                self.add(command.file, &spelled, paths(&text), RocmOrigin::Path);
            }
        }
    }
}

/// Versions in paths such as `/opt/rocm-7.0.0`.
fn paths(text: &str) -> Vec<Numbered> {
    let mut numbers = rocm_numbers(text);
    numbers.retain(|(_, range)| text[..range.start].to_ascii_lowercase().ends_with("/opt/rocm-"));
    numbers
}

/// The version that a system package's name or condition holds: `rocm-hip-sdk6.2.4`, `rocm-dev=6.2.4.60204-139`.
fn system_package(text: &str) -> Vec<Numbered> {
    let text = text.to_ascii_lowercase();
    let numbers = rocm_numbers(&text);
    let is_rocm = ["rocm", "amdrocm", "hip", "roc", "amd-smi"].iter().any(|start| text.starts_with(start));
    if !numbers.is_empty() || !is_rocm {
        return numbers;
    }
    let starts = text.char_indices().filter(|&(at, letter)| {
        letter.is_ascii_digit() && !text[..at].ends_with(|before: char| before.is_ascii_digit() || before == '.')
    });
    // Libraries have numbers of their own; those that the release goes by are ROCm's.
    let is_named = ["rocm", "amdrocm"].iter().any(|start| text.starts_with(start));
    starts.filter(|_| is_named).find_map(|(at, _)| dotted(&text, at)).into_iter().collect()
}

/// Whether packages from an address bring ROCm's libraries with them: TheRock's and AMD's indexes.
pub(super) fn brings_rocm(address: &str) -> bool {
    let address = address.to_ascii_lowercase();
    ["rocm.nightlies.amd.com", "repo.amd.com", "rocm.prereleases.amd.com", "rocm.devreleases.amd.com", "therock"]
        .iter()
        .any(|host| address.contains(host))
}

/// Whether an image is ROCm and nothing more, so that its tag is ROCm's version.
fn is_rocm_itself(image: &ImageRef) -> bool {
    let name = image.name();
    name.starts_with("rocm") || image.owner() == "rocm" && (name.starts_with("dev-") || name.starts_with("rocm"))
}
