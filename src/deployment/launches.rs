//! Launches, joined with where they run.

use std::sync::Arc;

use rayon::prelude::*;

use super::builds::join;
use super::markers::markers;
use super::platform::is_rocm_variable;
use super::variables::Variables;
use super::{
    Answer, Basis, Certainty, ContainerView, Deployment, Found, ImageFacts, ImageRef, Images, Pretended, Reach,
    RocmOrigin, Stated, Version, VllmRelease, aim, config_file, overridden,
};
use crate::facts::{Launch, LaunchForm, SettingKind};
use crate::source::Section;
use crate::span::FileId;

/// The launches of the run, by file.
pub(super) fn deployments<'a>(
    basis: Basis<'a>,
    images: &Images<'a>,
    containers: &[Arc<ContainerView<'a>>],
) -> Vec<Deployment<'a>> {
    let joiner = Joiner { basis, images, containers };
    let launches: Vec<Found<'a, Launch>> = basis
        .workspace
        .files()
        .flat_map(|(file, _, facts)| facts.launches.iter().map(move |fact| Found { file, fact }))
        .collect();
    let mut found: Vec<Deployment<'a>> = launches.into_par_iter().map(|launch| joiner.join(launch)).collect();
    // A configuration file that a launch reads is part of that launch.
    let used: Vec<(FileId, crate::span::Span)> =
        found.iter().filter_map(|launch| launch.config).map(|config| (config.file, config.fact.span)).collect();
    // A file of options alone says nothing until a launch names it.
    let is_whole = |launch: &Launch| launch.form != LaunchForm::ConfigFile || launch.model.is_some();
    found.retain(|launch| is_whole(launch.launch.fact) && !used.contains(&(launch.file(), launch.launch.fact.span)));
    found
}

struct Joiner<'a, 'b> {
    basis: Basis<'a>,
    images: &'b Images<'a>,
    containers: &'b [Arc<ContainerView<'a>>],
}

impl<'a> Joiner<'a, '_> {
    fn join(&self, launch: Found<'a, Launch>) -> Deployment<'a> {
        let basis = self.basis;
        let container = self.container_of(launch);
        let image = self.image_of(launch, container.as_deref());
        let image_ref = container
            .as_ref()
            .and_then(|container| container.image.clone())
            .or_else(|| image.as_ref().and_then(|image| image.path.base.clone()));
        let variables = Variables::new(
            basis.workspace,
            launch.file,
            Some(launch.fact),
            container.as_ref().map(|container| (container.container, container.index)),
            image.clone(),
        );
        let told = self.release(launch, image.as_deref(), container.as_deref(), image_ref.as_ref(), &variables);
        let vllm = if told.is_unknown() { told.or_assumed(basis.assumed) } else { told };
        let targets =
            aim::of_launch(basis, launch.file, &variables, image.as_deref(), image_ref.as_ref(), container.as_deref());
        let markers = markers(basis, launch, image.as_deref(), &vllm);
        let pretended = variables.get("HSA_OVERRIDE_GFX_VERSION").map(|seen| {
            let written = seen.value.unwrap_or_default();
            Pretended { name: overridden(&written), written, at: seen.at }
        });
        let is_shown = launch.fact.home.is_shown || basis.workspace.sources().get(launch.file).section == Section::Docs;
        let mut deployment = Deployment {
            launch,
            rocm: self.rocm(image.as_deref(), image_ref.as_ref()).or_else(|| self.assumed_rocm()),
            container,
            image,
            image_ref,
            vllm,
            targets,
            pretended,
            is_amd: Answer::Unknown,
            markers,
            is_shown,
            config: None,
            variables,
        };
        deployment.is_amd = self.is_amd(&deployment);
        deployment.config = self.config(&deployment);
        deployment
    }

    /// The container that a launch stands in, or the only one that runs the image whose command it is.
    fn container_of(&self, launch: Found<'a, Launch>) -> Option<Arc<ContainerView<'a>>> {
        let own =
            |view: &&Arc<ContainerView<'a>>| view.file() == launch.file && Some(view.index) == launch.home.container;
        if launch.fact.home.container.is_some() {
            return self.containers.iter().find(own).cloned();
        }
        launch.fact.home.stage?;
        let starts = |view: &&Arc<ContainerView<'a>>| {
            view.launches.iter().any(|started| started.file == launch.file && started.span == launch.span)
        };
        let mut starting = self.containers.iter().filter(starts);
        starting.next().filter(|_| starting.next().is_none()).cloned()
    }

    /// The image that a launch runs in: its stage's, its container's, or the one that its script is copied into.
    fn image_of(
        &self,
        launch: Found<'a, Launch>,
        container: Option<&ContainerView<'a>>,
    ) -> Option<Arc<ImageFacts<'a>>> {
        if let Some(stage) = launch.fact.home.stage {
            return self.images.get(launch.file, stage).cloned();
        }
        if let Some(container) = container {
            return container.built.clone();
        }
        let mut holding = self.images.iter().filter(|image| image.is_final && self.takes(image, launch.file));
        holding.next().filter(|_| holding.next().is_none()).cloned()
    }

    /// Whether an image takes a file of the run by its name.
    fn takes(&self, image: &ImageFacts<'_>, file: FileId) -> bool {
        let sources = self.basis.workspace.sources();
        let wanted = &sources.get(file).path;
        let own = &sources.get(image.path.file).path;
        let name = wanted.rsplit('/').next().unwrap_or_default();
        let folders = super::builds::folders_above(own);
        image.path.copies(Reach::Chain).filter(|copy| copy.fact.from.is_none()).any(|copy| {
            let words = copy.fact.sources.iter().filter_map(crate::facts::Word::by_default);
            words
                .into_iter()
                .filter(|source| source.ends_with(name))
                .any(|source| folders.iter().any(|folder| join(folder, &source) == *wanted))
        })
    }

    /// The release of vLLM that a launch starts.
    fn release(
        &self,
        launch: Found<'a, Launch>,
        image: Option<&ImageFacts<'a>>,
        container: Option<&ContainerView<'a>>,
        image_ref: Option<&ImageRef>,
        variables: &Variables<'a>,
    ) -> VllmRelease {
        let in_image = || image.and_then(|image| image.vllm()).map(|vllm| vllm.release.clone());
        let by_name = || VllmRelease::of_image(self.basis.knowledge, image_ref?);
        if let Some(release) = in_image().or_else(by_name) {
            return release;
        }
        let has_image = container.is_some_and(|container| container.image.is_some() || container.built.is_some());
        if image.is_some() || has_image {
            return VllmRelease::default();
        }
        let stated = || {
            let seen = variables.get("VLLM_VERSION")?;
            VllmRelease::of_number(&seen.value?, Some(seen.at))
        };
        self.installed_before(launch).or_else(stated).or_else(|| self.of_tree(launch.file)).unwrap_or_default()
    }

    /// The release that the same script installs before it starts it.
    fn installed_before(&self, launch: Found<'a, Launch>) -> Option<VllmRelease> {
        let facts = self.basis.workspace.facts(launch.file);
        let installs = facts.installs.iter().filter(|install| {
            install.home == launch.fact.home && install.span.start < launch.span.start && install.tool.installs_python()
        });
        let mut packages = installs.flat_map(|install| &install.packages);
        let package = packages.rfind(|package| super::sources::is_package(package, "vllm"))?;
        let at = launch.place(package.word.span);
        match &package.source {
            None => Some(VllmRelease::of_condition(&package.version, at)),
            Some(source) => VllmRelease::of_address(source, at),
        }
    }

    /// The release of the scanned vLLM, where the launch lies in its tree.
    fn of_tree(&self, file: FileId) -> Option<VllmRelease> {
        let workspace = self.basis.workspace;
        let path = &workspace.sources().get(file).path;
        workspace.vllm_root().filter(|root| path.starts_with(root))?;
        VllmRelease::of_number(workspace.vllm_version()?, None)
    }

    /// The ROCm that is meant where no file says so.
    fn assumed_rocm(&self) -> Option<Stated<Version>> {
        let value = self.basis.assumed?.rocm.clone()?;
        Some(Stated { value, certainty: Certainty::Declared, at: None })
    }

    fn rocm(&self, image: Option<&ImageFacts<'a>>, named: Option<&ImageRef>) -> Option<Stated<Version>> {
        if let Some(rocm) = image.and_then(ImageFacts::system_rocm) {
            let certainty = if rocm.origin == RocmOrigin::BaseImage { Certainty::Named } else { Certainty::Declared };
            return Some(Stated::new(rocm.version.clone(), rocm.at, certainty));
        }
        let named = named?;
        let told = self.basis.knowledge.images().describe(&named.text).rocm?;
        Some(Stated::new(told.version, named.at, Certainty::Named))
    }

    fn is_amd(&self, launch: &Deployment<'a>) -> Answer {
        if self.is_for_another_device(launch) {
            return Answer::No;
        }
        let platforms = [
            launch.container.as_ref().map(|container| container.platform),
            launch.image.as_ref().map(|image| image.platform),
        ];
        let nvidia = platforms.iter().flatten().any(|platform| platform.nvidia.is_some());
        let answers = || platforms.iter().flatten().map(|platform| platform.is_rocm);
        if answers().any(Answer::is_yes) && !nvidia {
            return Answer::Yes;
        }
        // Only what was asked for speaks louder than an image for other GPUs.
        if nvidia || answers().any(Answer::is_no) {
            return if launch.targets.certainty == Some(Certainty::Asked) && !nvidia {
                Answer::Unknown
            } else {
                Answer::No
            };
        }
        let named =
            launch.image_ref.as_ref().and_then(|image| super::Platform::of_name(self.basis, &image.text, image.at));
        let by_name = named.map_or(Answer::Unknown, |platform| platform.is_rocm);
        let is_aimed = launch.targets.certainty.is_some_and(|certainty| certainty > Certainty::Hinted);
        let by_variable = || {
            let facts = self.basis.workspace.facts(launch.file());
            let own = launch.launch.fact.environment.iter().any(|variable| is_rocm_variable(&variable.name));
            own || facts.settings.iter().any(|setting| {
                setting.container.is_none()
                    && setting.kind == SettingKind::ShellAssign
                    && is_rocm_variable(&setting.name)
            })
        };
        match by_name {
            Answer::Unknown if is_aimed || by_variable() => Answer::Yes,
            answer => answer,
        }
    }

    /// Whether a launch says that it is for the CPU or another vendor's device, whatever target was asked for.
    fn is_for_another_device(&self, launch: &Deployment<'a>) -> bool {
        let device = launch.variable("VLLM_TARGET_DEVICE").and_then(|seen| seen.value);
        let is_other = |device: &str| !matches!(device, "" | "rocm" | "auto" | "empty") && !device.contains('$');
        let option = launch.value("device").map(|asked| asked.value);
        let is_of_cpu = |name: &str| name.starts_with("VLLM_CPU_");
        device.is_some_and(|device| is_other(&device))
            || option.is_some_and(|option| matches!(option.as_str(), "cpu" | "tpu" | "xpu" | "hpu"))
            || launch.launch.environment.iter().any(|variable| is_of_cpu(&variable.name))
            || names_another_device(&self.basis.workspace.sources().get(launch.file()).path)
            || !launch.is_shown && self.shares_a_script_for_the_cpu(launch, is_of_cpu)
    }

    /// Whether what stands around a launch, in its script or its stage, is for the CPU.
    fn shares_a_script_for_the_cpu(&self, launch: &Deployment<'a>, is_of_cpu: impl Fn(&str) -> bool) -> bool {
        let (facts, home) = (self.basis.workspace.facts(launch.file()), launch.launch.home);
        let mut settings =
            facts.settings.iter().filter(|setting| (setting.stage, setting.container) == (home.stage, home.container));
        let installs = facts.installs.iter().filter(|install| install.home == home);
        let mut packages = installs.flat_map(|install| &install.packages);
        settings.any(|setting| is_of_cpu(&setting.name))
            || packages.any(|package| matches!(package.name.as_str(), "vllm-cpu" | "vllm-metal" | "vllm-tpu"))
    }

    /// The configuration file that a launch names.
    fn config(&self, launch: &Deployment<'a>) -> Option<Found<'a, Launch>> {
        let named = launch.value("config")?.value;
        let takes = |image: &ImageFacts<'_>, file| self.takes(image, file);
        let (container, image) = (launch.container.as_deref(), launch.image.as_deref());
        let file = config_file::find(self.basis, launch.file(), &named, container, image, &takes)?;
        let fact = self.basis.workspace.facts(file).launches.iter().find(|fact| fact.form == LaunchForm::ConfigFile)?;
        Some(Found { file, fact })
    }
}

/// Whether a file's name has a word for what is no GPU of AMD's, and none for one: `serve-cpu.sh`, `run_macos.sh`.
fn names_another_device(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    let words: Vec<&str> = name.split(|next: char| !next.is_ascii_alphanumeric()).collect();
    let is_other = |word: &&str| matches!(*word, "cpu" | "macos" | "mac" | "darwin" | "mps" | "tpu" | "xpu" | "gaudi");
    let is_amd = |word: &&str| {
        matches!(*word, "gpu" | "gpus" | "rocm" | "amd" | "hip" | "offload" | "vs") || word.starts_with("gfx")
    };
    words.iter().any(is_other) && !words.iter().any(is_amd)
}
