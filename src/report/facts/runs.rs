//! Facts of runs: containers and launches.

use serde_json::{Map, Value, json};

use super::builds::{answer, release};
use super::entry::{Entry, Maker, spelled};
use crate::deployment::{ContainerView, Deployment, Dtype, Quantization, Targets};
use crate::facts::SettingKind;

/// Adds them.
pub(super) fn add(maker: &Maker<'_, '_>, out: &mut Vec<Entry>) {
    out.extend(maker.cx.joins().containers().iter().map(|view| container_fact(maker, view)));
    out.extend(maker.cx.joins().deployments().iter().map(|launch| launch_fact(maker, launch)));
}

fn container_fact(maker: &Maker<'_, '_>, view: &ContainerView<'_>) -> Entry {
    let container = view.container.fact;
    let facts = maker.cx.workspace.facts(view.file());
    let environment: Map<String, Value> = facts
        .settings
        .iter()
        .filter(|setting| setting.container == Some(view.index) && setting.kind != SettingKind::DocsCommand)
        .map(|setting| (setting.name.clone(), json!(spelled(&setting.value))))
        .collect();
    let client: Vec<String> = container.client_environment.iter().map(|variable| variable.name.clone()).collect();
    let entrypoint: Option<Vec<String>> =
        container.entrypoint.as_ref().map(|words| words.iter().map(|word| spelled(&word.text)).collect());
    let entry = maker
        .entry("container-run", view.file(), container.anchor)
        .word("image", container.image.as_ref())
        .with("kind", container.kind.name())
        .with("name", container.name.clone())
        .words("devices", &container.devices)
        .words("groups", &container.groups)
        .words("nvidia", &container.nvidia)
        .word("runtime", container.runtime.as_ref())
        .word("ipc", container.ipc.as_ref())
        .word("shm_size", container.shm_size.as_ref())
        .words("mounts", &container.mounts)
        .with("privileged", container.privileged.is_some())
        .word("user", container.user.as_ref())
        .words("security", &container.security)
        .words("resources", &container.resources)
        .with("entrypoint", entrypoint)
        .words("arguments", &container.arguments)
        .words("env_files", &container.env_files)
        .with("environment", environment)
        .with("client_environment", client)
        .with("rocm", answer(view.platform.is_rocm))
        .with("open", container.is_open)
        .with("shown", view.is_shown);
    aimed(maker, entry, view.targets)
}

fn launch_fact(maker: &Maker<'_, '_>, launch: &Deployment<'_>) -> Entry {
    let options: Vec<Value> = launch
        .launch
        .options
        .iter()
        .map(|option| json!({ option.name.as_str(): option.value.as_ref().map(|value| spelled(&value.text)) }))
        .collect();
    let model = launch.launch.model.as_ref();
    let (dtype, quantization) = (dtype(launch), quantization(launch));
    let entry = maker
        .entry("launch", launch.file(), launch.launch.program)
        .word("model", model)
        .with("form", launch.launch.form.name())
        .with("options", options)
        .with("dtype", dtype)
        .with("quantization", quantization)
        .with("vllm", release(&launch.vllm))
        .with("rocm_version", launch.rocm.as_ref().map(|rocm| rocm.value.to_string()))
        .with("image", launch.image_ref.as_ref().map(|image| image.text.clone()))
        .with("amd", answer(launch.is_amd))
        .with("pretends", launch.pretended.as_ref().and_then(|pretended| pretended.name.clone()))
        .with("open", launch.launch.is_open)
        .with("shown", launch.is_shown);
    aimed(maker, entry, launch.targets)
}

/// Adds the targets, what says so, and how sure it is.
fn aimed(maker: &Maker<'_, '_>, entry: Entry, targets: Targets) -> Entry {
    entry
        .with("targets", maker.cx.universe().names(targets.set))
        .with("targets_by", targets.origin.map(|origin| origin.phrase()))
        .with("targets_at", targets.at.map(|at| maker.place(at)))
        .with("targets_certainty", targets.certainty.map(|certainty| certainty.name()))
}

/// The activation type; null where it is not known.
fn dtype(launch: &Deployment<'_>) -> Option<String> {
    match launch.dtype() {
        Dtype::Given(dtype) => Some(dtype.value),
        Dtype::Auto(_) => Some("auto".to_owned()),
        Dtype::Unknown => None,
    }
}

/// The quantization method, `none` where none can be seen, null where it is not known.
fn quantization(launch: &Deployment<'_>) -> Option<String> {
    match launch.quantization() {
        Quantization::Method(method) if method.is_guess() => Some(format!("{} (by its name)", method.name)),
        Quantization::Method(method) => Some(method.name),
        Quantization::None => Some("none".to_owned()),
        Quantization::Unknown => None,
    }
}
