//! Variables and lists of targets that attributes hold.

use super::modules::{Leaf, Module};
use super::package::METHODS;
use super::reader::Reader;
use super::syntax::{Attr, Id, Kind};
use crate::facts::{FileFacts, NixConfig, NixOption, NixValue, Setting, SettingKind, Text, TextPart};
use crate::lang::remarks;
use crate::span::Span;

/// Attributes that hold lists of targets: of PyTorch, vLLM and ROCm's libraries, of clr, of Ollama and llama.cpp.
pub(super) const TARGET_LISTS: &[&str] = &["gpuTargets", "localGpuTargets", "rocmGpuTargets"];
/// Starts of variables that software for GPUs reads.
const VARIABLES: &[&str] = &[
    "AITER_",
    "AMD",
    "CUDA_",
    "FLASH_ATTENTION_",
    "GPU_",
    "HCC_",
    "HIP",
    "HSA_",
    "LD_PRELOAD",
    "MIOPEN_",
    "MORI_",
    "NCCL_",
    "NVIDIA_",
    "PYTORCH_",
    "RCCL_",
    "ROC",
    "TORCH",
    "TRITON_",
    "USE_ROCM",
    "USE_CUDA",
    "USE_DISTRIBUTED",
    "VLLM_",
    "OLLAMA_",
];
/// Parts of options' names that tell which GPUs a configuration is for, and which package sets it makes.
const OPTIONS: &[&str] = &[
    "rocm",
    "amdgpu",
    "nvidia",
    "cuda",
    "acceleration",
    "videodrivers",
    "kernelmodules",
    "useglobalpkgs",
    "nixpkgs.overlays",
    "permittedinsecurepackages",
];

/// Whether an attribute is a variable of software for GPUs.
pub(super) fn is_variable(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_')
        && VARIABLES.iter().any(|start| name.starts_with(start))
}

/// Whether a setting of the same bytes is there already.
pub(super) fn add(setting: Setting, facts: &mut FileFacts) {
    let is_same = |known: &Setting| known.span == setting.span && known.name == setting.name;
    if !facts.settings.iter().any(is_same) {
        facts.settings.push(setting);
    }
}

/// The variable that an attribute sets.
pub(super) fn variable(
    reader: &Reader<'_>,
    leaf: &Leaf,
    kind: SettingKind,
    container: Option<usize>,
) -> Option<Setting> {
    let text = match reader.value(leaf.value) {
        NixValue::Text(text) => text,
        NixValue::Bool(value) => Text::literal(if value { "1" } else { "" }, None),
        NixValue::Import(path, names) => imported(&path, &names),
        NixValue::Reference(names) if is_handed_in(reader, &names) => imported("", &names),
        NixValue::Unknown | NixValue::Reference(_) => Text::unknown(),
        _ => return None,
    };
    let span = leaf.own_span();
    let via = elsewhere(&text, span);
    let mut setting = remarks::setting(leaf.last(), span, reader.inner(leaf.value), text, kind);
    setting.container = container;
    setting.via = via;
    Some(setting)
}

/// Where a value comes from, when none of it stands where it is used.
fn elsewhere(text: &Text, own: Span) -> Option<Span> {
    let spans = text.parts.iter().filter_map(|part| match part {
        TextPart::Literal(_, span) => *span,
        _ => None,
    });
    let first = spans.into_iter().next()?;
    (!own.contains(first)).then_some(first)
}

/// Lists of targets, variables without a unit, configurations and options of a module.
pub(super) fn read(reader: &Reader<'_>, module: &Module, facts: &mut FileFacts) {
    // What a package set is made with is read where it is made.
    let is_argument =
        reader.called_with(module.set).is_some_and(|(_, name)| METHODS.contains(&name) || name == "import");
    let mut config = NixConfig { is_option: true, ..NixConfig::part(Vec::new()) };
    for leaf in &module.leaves {
        let names = leaf.names();
        match names.as_slice() {
            ["nixpkgs", "config", _] => config.arguments.extend(argument(reader, leaf)),
            // What the module system hands on: lists there have no effect on packages.
            [.., name] if TARGET_LISTS.contains(name) => targets(reader, module, leaf, facts),
            [.., name] if is_variable(name) => {
                if let Some(setting) = variable(reader, leaf, SettingKind::NixEnv, None) {
                    add(setting, facts);
                }
            }
            ["nixpkgs", "config"] => config.is_open = true,
            _ => {}
        }
        let is_support = |name: &str| name == "rocmSupport" || name == "cudaSupport";
        let is_config = names.len() == 1
            || names.iter().rev().nth(1).is_some_and(|name| name.to_ascii_lowercase().contains("config"));
        if is_support(leaf.last())
            && !is_argument
            && is_config
            && names.first() != Some(&"nixpkgs")
            && names.iter().all(|name| *name != "passthru")
        {
            let arguments = argument(reader, leaf).into_iter().collect();
            push_config(NixConfig { is_open: true, ..NixConfig::part(arguments) }, facts);
        }
        option(reader, leaf, &names, facts);
    }
    if !config.arguments.is_empty() {
        push_config(config, facts);
    }
}

fn push_config(config: NixConfig, facts: &mut FileFacts) {
    facts.nix.get_or_insert_default().configs.push(config);
}

fn argument(reader: &Reader<'_>, leaf: &Leaf) -> Option<crate::facts::NixArgument> {
    Some(crate::facts::NixArgument {
        name: leaf.last().to_owned(),
        name_span: leaf.name_span(),
        span: leaf.span,
        value: reader.value(leaf.value),
        value_span: reader.inner(leaf.value),
    })
}

fn option(reader: &Reader<'_>, leaf: &Leaf, names: &[&str], facts: &mut FileFacts) {
    let dotted = names.join(".");
    let lower = dotted.to_ascii_lowercase();
    if names.len() >= 2 && OPTIONS.iter().any(|part| lower.contains(part)) {
        facts.nix.get_or_insert_default().options.push(NixOption {
            path: names.iter().map(|name| (*name).to_owned()).collect(),
            name: leaf.name_span(),
            value: reader.value(leaf.value),
            value_span: reader.inner(leaf.value),
        });
    }
}

/// A list of targets under one of the names for them.
fn targets(reader: &Reader<'_>, module: &Module, leaf: &Leaf, facts: &mut FileFacts) {
    let before = facts.settings.len();
    list(reader, leaf.last(), leaf.own_span(), leaf.value, facts);
    // The package that is given it.
    if let Some(setting) = facts.settings.get_mut(before)
        && let Some((function, _)) = reader.called_with(module.set)
        && let Kind::Select { base, path, .. } = reader.syntax.kind(function)
    {
        let own = path.iter().rev().nth(1).and_then(Attr::name).map(|name| name.text.clone());
        let package = own.or_else(|| reader.reference(*base).map(|package| package.package_name().to_owned()));
        setting.context = package.unwrap_or_default();
    }
}

/// The list that an attribute or a parameter's default is.
fn list(reader: &Reader<'_>, name: &str, span: Span, value: Id, facts: &mut FileFacts) {
    let text = match reader.value(value) {
        NixValue::List(items, false) => joined(&items),
        NixValue::Text(text) => text,
        NixValue::Import(path, names) => imported(&path, &names),
        NixValue::Reference(names) if is_handed_in(reader, &names) => imported("", &names),
        _ => return,
    };
    let mut setting = remarks::setting(name, span, reader.inner(value), text, SettingKind::NixList);
    setting.via = elsewhere(&setting.value, span);
    add(setting, facts);
}

/// Whether a value is a parameter of the file itself.
fn is_handed_in(reader: &Reader<'_>, names: &[String]) -> bool {
    matches!(names, [name] if reader.is_own_parameter(name))
}

/// What another file holds or hands in, for the workspace to look up: `./gpu.nix#targets`, `#targets`.
fn imported(path: &str, names: &[String]) -> Text {
    Text { parts: vec![TextPart::Outer { name: format!("{path}#{}", names.join(".")), default: None }] }
}

/// Items as one value, `;` between them.
pub(super) fn joined(items: &[crate::facts::NixItem]) -> Text {
    let mut text = Text::default();
    for item in items {
        if !text.parts.is_empty() {
            text.parts.push(TextPart::Literal(";".to_owned(), None));
        }
        match &item.value {
            NixValue::Text(own) => text.parts.extend(own.parts.iter().cloned()),
            _ => text.parts.push(TextPart::Unknown),
        }
    }
    text
}

/// Defaults of parameters that are lists of targets, and flags in strings: `"-DGPU_TARGETS=gfx906"`.
pub(super) fn loose(reader: &Reader<'_>, facts: &mut FileFacts) {
    for id in 0..reader.syntax.exprs.len() {
        match reader.syntax.kind(id) {
            Kind::Lambda(lambda) => {
                for (name, default) in lambda.formals.iter().flatten() {
                    if let Some(default) = default.filter(|_| TARGET_LISTS.contains(&name.text.as_str())) {
                        let span = name.span.hull(reader.syntax.get(default).span);
                        list(reader, &name.text, span, default, facts);
                    }
                }
            }
            Kind::Str { .. } => flag(reader, id, facts),
            Kind::Apply { .. } => cmake_feature(reader, id, facts),
            _ => {}
        }
    }
}

fn flag(reader: &Reader<'_>, id: Id, facts: &mut FileFacts) {
    let inner = reader.inner(id);
    let written = inner.text(reader.text);
    let Some((name, _)) = written.strip_prefix("-D").and_then(|rest| rest.split_once('=')) else { return };
    let bare = name.split(':').next().unwrap_or_default();
    if !remarks::names_targets(bare) && !bare.ends_with("_TARGETS") {
        return;
    }
    let NixValue::Text(mut value) = reader.value(id) else { return };
    let start = inner.range().start + written.find('=').map_or(0, |at| at + 1);
    // The name is a part of the first literal.
    if let Some(TextPart::Literal(text, span)) = value.parts.first_mut() {
        *text = text.split_once('=').map_or_else(String::new, |(_, rest)| rest.to_owned());
        *span = span.map(|span| Span::new(start, span.range().end));
    }
    let value_span = Span::new(start, inner.range().end);
    add(remarks::setting(bare, inner, value_span, value, SettingKind::BuildFlag), facts);
}

/// `lib.cmakeFeature "GPU_TARGETS" "gfx906"`.
fn cmake_feature(reader: &Reader<'_>, id: Id, facts: &mut FileFacts) {
    let (function, arguments) = reader.syntax.call(id);
    let (Some("cmakeFeature"), [name, value]) = (reader.syntax.function_name(function), arguments.as_slice()) else {
        return;
    };
    let (NixValue::Text(name), NixValue::Text(text)) = (reader.value(*name), reader.value(*value)) else { return };
    if let Some(name) = name.known().filter(|name| remarks::names_targets(name)) {
        let span = reader.syntax.get(id).span;
        add(remarks::setting(&name, span, reader.inner(*value), text, SettingKind::BuildFlag), facts);
    }
}
