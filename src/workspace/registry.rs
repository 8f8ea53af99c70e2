//! The lists of names that a vLLM tree chooses from.

use super::Workspace;
use crate::facts::{FileFacts, ListedName, NameList, NameListKind, NamedClass};
use crate::knowledge::{OwnList, TreeLists};
use crate::span::{FileId, Place};

/// Where the registry stands in the package `vllm`.
const HOME: &str = "model_executor/layers/quantization/";

/// What a vLLM tree says of its quantization methods.
#[derive(Debug)]
pub struct QuantizationRegistry<'a> {
    /// Values of `--quantization` (`QuantizationMethods`).
    pub methods: Listed<'a>,
    /// What they are mapped to (`method_to_config`).
    pub configs: Listed<'a>,
    /// Those that are refused as deprecated.
    pub deprecated: Listed<'a>,
    /// Those that the ROCm platform lists.
    pub rocm: Listed<'a>,
    /// Those that may take over checkpoints of others.
    pub overrides: Listed<'a>,
    /// Names that classes of the tree are registered under.
    pub registered: Listed<'a>,
    /// The classes that tell their name.
    pub classes: Vec<(FileId, &'a NamedClass)>,
    /// Compiled kernels that builds for ROCm have.
    pub kernels: Listed<'a>,
    /// Compiled kernels that builds for ROCm leave out.
    pub cuda_kernels: Listed<'a>,
    /// Functions that only hand on to the kernel of their name.
    pub wrapped: Listed<'a>,
    /// What the documentation says of methods on AMD GPUs.
    pub documented: Listed<'a>,
}

impl<'a> QuantizationRegistry<'a> {
    /// The class that a name of `method_to_config` is mapped to, where it tells its own name.
    pub fn class_of(&self, method: &ListedName) -> Option<(FileId, &'a NamedClass)> {
        let last = method.value.as_deref()?.rsplit('.').next()?;
        self.classes.iter().find(|(_, class)| class.class == last).copied()
    }
}

/// A list, with what is added to it elsewhere in its file.
#[derive(Debug, Default)]
pub struct Listed<'a> {
    parts: Vec<(FileId, &'a NameList)>,
}

impl<'a> Listed<'a> {
    /// Whether there is no such list.
    pub fn is_missing(&self) -> bool {
        self.parts.iter().all(|(_, part)| part.kind == NameListKind::Added)
    }

    /// Whether it may hold more than was read. What plugins add to the dictionary of their own does not count.
    pub fn is_open(&self) -> bool {
        let by_plugins = |part: &NameList| part.taken_from.as_ref().is_some_and(|name| name.contains("CUSTOM"));
        self.is_missing() || self.parts.iter().any(|(_, part)| part.is_open && !by_plugins(part))
    }

    /// Its names, with their places.
    pub fn names(&self) -> impl Iterator<Item = (Place, &'a ListedName)> {
        self.parts
            .iter()
            .flat_map(|&(file, part)| part.names.iter().map(move |name| (Place { file, span: name.span }, name)))
    }

    /// Whether the name is in it, perhaps under a condition.
    pub fn has(&self, name: &str) -> bool {
        self.names().any(|(_, own)| own.name == name)
    }

    /// Where the list is named.
    pub fn place(&self) -> Option<Place> {
        self.parts.first().map(|&(file, part)| Place { file, span: part.span })
    }

    fn own_list(&self) -> Option<OwnList> {
        if self.is_open() {
            return None;
        }
        let mut own = OwnList::default();
        for (_, part) in &self.parts {
            let side = if part.is_conditional { &mut own.sometimes } else { &mut own.names };
            side.extend(part.names.iter().map(|name| name.name.clone()));
        }
        Some(own)
    }
}

impl Workspace {
    /// The registries of quantization methods of the vLLM trees in the run.
    pub fn quantization_registries(&self) -> Vec<QuantizationRegistry<'_>> {
        self.files()
            .filter_map(|(file, source, _)| {
                let package = source.path.strip_suffix("__init__.py")?.strip_suffix(HOME)?;
                registry(self, file, package)
            })
            .collect()
    }

    /// What the vLLM tree of the run lists, for questions to which its own answer counts more than what is known of
    /// releases.
    pub fn vllm_lists(&self) -> Option<TreeLists> {
        tree_lists(self)
    }
}

/// The registry in `home`, of the package whose folder is `package`.
fn registry<'a>(workspace: &'a Workspace, home: FileId, package: &str) -> Option<QuantizationRegistry<'a>> {
    let list = |file: FileId, name: &str, scope: &dyn Fn(&str) -> bool| Listed {
        parts: lists(workspace.facts(file))
            .filter(|list| list.name == name && scope(&list.scope))
            .map(|list| (file, list))
            .collect(),
    };
    let methods = list(home, "QuantizationMethods", &str::is_empty);
    if methods.is_missing() {
        return None;
    }
    let find = |path: &str| workspace.sources().find(&format!("{package}{path}"));
    let in_platform = |file: FileId| list(file, "supported_quantization", &|scope| scope.ends_with("RocmPlatform"));
    let chooses = |file: FileId| list(file, "overrides", &|scope| scope.contains("quantization"));
    let config = ["config/model.py", "config/__init__.py", "config.py"].into_iter().filter_map(find);
    let mut registry = QuantizationRegistry {
        methods,
        configs: list(home, "method_to_config", &|_| true),
        deprecated: list(home, "DEPRECATED_QUANTIZATION_METHODS", &str::is_empty),
        rocm: find("platforms/rocm.py").map(in_platform).unwrap_or_default(),
        overrides: config.map(chooses).find(|list| !list.is_missing()).unwrap_or_default(),
        registered: Listed::default(),
        classes: Vec::new(),
        kernels: Listed::default(),
        cuda_kernels: Listed::default(),
        wrapped: find("_custom_ops.py").map(|file| list(file, "ops", &str::is_empty)).unwrap_or_default(),
        documented: Listed::default(),
    };
    let root = package.strip_suffix("vllm/").unwrap_or(package);
    let documentation = format!("{root}docs/features/quantization/");
    let sources = format!("{root}csrc/");
    for (file, source, facts) in workspace.files() {
        if source.path.starts_with(&sources) && !source.path.contains("/cpu/") {
            let bound = |kind| lists(facts).filter(move |list| list.kind == kind).map(move |list| (file, list));
            registry.kernels.parts.extend(bound(NameListKind::Bound));
            registry.cuda_kernels.parts.extend(bound(NameListKind::BoundForCuda));
        } else if source.path.starts_with(&documentation) {
            let tables = lists(facts).filter(|list| list.kind == NameListKind::Column);
            registry.documented.parts.extend(tables.map(|list| (file, list)));
        }
    }
    for (file, source, facts) in workspace.files() {
        if !source.path.starts_with(package) || source.is_reference {
            continue;
        }
        let is_registered =
            |list: &&NameList| list.kind == NameListKind::Registered && list.name == "register_quantization_config";
        registry.registered.parts.extend(lists(facts).filter(is_registered).map(|list| (file, list)));
        let is_home = source.path[package.len()..].split('/').any(|part| part.starts_with("quant"));
        if is_home {
            registry.classes.extend(facts.named_classes.iter().map(|class| (file, class)));
        }
    }
    Some(registry)
}

fn lists(facts: &FileFacts) -> impl Iterator<Item = &NameList> {
    facts.name_lists.iter()
}

fn tree_lists(workspace: &Workspace) -> Option<TreeLists> {
    let package = format!("{}vllm/", workspace.vllm_root()?);
    let home = workspace.sources().find(&format!("{package}{HOME}__init__.py"));
    let registry = home.and_then(|home| registry(workspace, home, &package));
    let in_files = |wanted: &dyn Fn(&str) -> bool, lists_wanted: &dyn Fn(&NameList) -> bool| Listed {
        parts: workspace
            .files()
            .filter(|(_, source, _)| source.path.strip_prefix(&package).is_some_and(wanted))
            .flat_map(|(file, _, facts)| lists(facts).map(move |list| (file, list)))
            .filter(|(_, list)| lists_wanted(list))
            .collect(),
    };
    let named = |folder: &str, name: &str| {
        in_files(&|path| path.starts_with(folder), &|list| list.name == name && list.scope.is_empty()).own_list()
    };
    let backends = named("v1/attention/backends/", "AttentionBackendEnum")
        .or_else(|| named("attention/backends/", "AttentionBackendEnum"))
        .or_else(|| named("platforms/", "_Backend"));
    let quantization = registry.as_ref().and_then(|registry| {
        let mut own = registry.methods.own_list()?;
        own.names.extend(registry.registered.names().map(|(_, name)| name.name.clone()));
        Some(own)
    });
    Some(TreeLists {
        quantization,
        rocm_quantization: registry.as_ref().and_then(|registry| registry.rocm.own_list()),
        deprecated_quantization: registry.as_ref().and_then(|registry| registry.deprecated.own_list()),
        kv_cache_dtypes: named("config", "CacheDType"),
        load_formats: named("model_executor/model_loader/", "LoadFormats"),
        attention_backends: backends,
        environment: named("envs.py", "environment_variables"),
        flags: flags(&in_files),
    })
}

/// The options of the engine and the server, where both are in the tree.
fn flags<'a>(in_files: &impl Fn(&dyn Fn(&str) -> bool, &dyn Fn(&NameList) -> bool) -> Listed<'a>) -> Option<OwnList> {
    let is_option = |list: &NameList| list.kind == NameListKind::Options;
    let engine = in_files(&|path| path == "engine/arg_utils.py", &is_option);
    let is_server = |path: &str| {
        path.starts_with("entrypoints/") && (path.ends_with("/cli_args.py") || path.ends_with("/serve.py"))
    };
    let server = in_files(&is_server, &is_option);
    let fields = in_files(&is_server, &|list| list.kind == NameListKind::Members);
    if engine.parts.is_empty() || fields.parts.is_empty() {
        return None;
    }
    let options = engine.names().chain(server.names()).map(|(_, name)| name.name.clone());
    let fields = fields.names().map(|(_, name)| name.name.replace('_', "-"));
    Some(OwnList::of(options.chain(fields)))
}
