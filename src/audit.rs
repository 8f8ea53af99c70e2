//! What supports a target: layer by layer, site by site, component by component.

use serde::Serialize;

use crate::arch::{Arch, ArchSet};
use crate::context::Context;
use crate::facts::SiteKind;
use crate::span::{FileId, Place};
use crate::stack;

/// The support matrix of one target.
#[derive(Debug, Serialize)]
pub struct Audit {
    /// Version of this form.
    pub version: u32,
    /// The target.
    pub arch: String,
    /// Its marketing names.
    pub products: Vec<String>,
    /// The release of the tree, where it tells.
    pub vllm: Option<String>,
    /// How it ends.
    pub verdict: Verdict,
    /// What is in the way: components and guards.
    pub blocked_by: Vec<String>,
    /// One or two sentences for people.
    pub summary: String,
    /// The layers, from build to documentation.
    pub layers: Vec<Layer>,
    /// Every site that decides for targets.
    pub sites: Vec<Site>,
    /// The components of the stack.
    pub components: Vec<ComponentVerdict>,
}

/// How an audit ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Built, shipped in an image, and nothing blocks it.
    Works,
    /// A source build is allowed; no image ships it.
    SourceOnly,
    /// Missing from the build's allow list; nothing else is in the way.
    NotBuilt,
    /// A required component or a guard cannot do it.
    Blocked,
    /// The tree does not tell.
    Unknown,
}

impl Verdict {
    /// The verdict for people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Works => "works",
            Self::SourceOnly => "source builds only",
            Self::NotBuilt => "not built",
            Self::Blocked => "blocked",
            Self::Unknown => "unknown",
        }
    }
}

/// One layer.
#[derive(Debug, Serialize)]
pub struct Layer {
    /// `build`, `image`, `component`, `host-gate`, `device-guard`, `docs`.
    pub layer: &'static str,
    /// `listed`, `missing`, `not-applicable` or `unknown`.
    pub state: &'static str,
    /// Its sites, as indices into the audit's.
    pub sites: Vec<usize>,
}

/// One site.
#[derive(Debug, Serialize)]
pub struct Site {
    /// The file.
    #[serde(skip)]
    pub file: FileId,
    /// Its path.
    pub path: String,
    /// 1-based line.
    pub line: u32,
    /// 1-based column in UTF-16 units.
    pub column: u32,
    /// The layer that it belongs to.
    pub layer: &'static str,
    /// What form it has.
    pub kind: &'static str,
    /// What it defines or controls.
    pub symbol: String,
    /// Whether the target is in its set.
    pub listed: bool,
    /// Names as written there.
    #[serde(skip)]
    pub written: Vec<String>,
    /// Whether the layer's state depends on it.
    #[serde(skip)]
    pub decisive: bool,
}

/// What a component says.
#[derive(Debug, Serialize)]
pub struct ComponentVerdict {
    /// Its name.
    pub name: String,
    /// `supported`, `unsupported`, `experimental` or `unknown`.
    pub verdict: &'static str,
    /// The ref that the tree pins, or the one that was read.
    pub version: String,
    /// Where the answer was read.
    pub source: String,
    /// Whether vLLM cannot run without it.
    pub required: bool,
    /// What the user meets without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<String>,
}

/// The layer of a site; none for examples, comments and CI lists, which decide nothing.
pub fn layer_of(kind: SiteKind) -> Option<&'static str> {
    Some(match kind {
        SiteKind::CmakeSet | SiteKind::CmakeIntersect | SiteKind::CmakeFilter | SiteKind::CmakeCondition => "build",
        SiteKind::DockerArg
        | SiteKind::DockerEnv
        | SiteKind::DockerRun
        | SiteKind::NixList
        | SiteKind::ShellFilter
        | SiteKind::BuildFlag => "image",
        SiteKind::PythonList
        | SiteKind::PythonDict
        | SiteKind::PythonTest
        | SiteKind::PythonPredicate
        | SiteKind::PythonCapability
        | SiteKind::PythonOrdinal
        | SiteKind::PythonStringMembership
        | SiteKind::HostTest => "host-gate",
        SiteKind::DeviceMacro | SiteKind::DerivedGuard => "device-guard",
        SiteKind::DocsList => "docs",
        SiteKind::ShellAssign
        | SiteKind::ShellDefault
        | SiteKind::BakeDefault
        | SiteKind::YamlList
        | SiteKind::CommentList
        | SiteKind::DocsCommand => return None,
    })
}

/// Audits the run for one target.
pub fn audit(cx: &Context<'_>, arch: Arch) -> Audit {
    let sources = cx.workspace.sources();
    let images = stack::images(cx);
    let eligible =
        cx.workspace.sites().iter().filter(|site| site.kind == SiteKind::DocsList || cx.is_product(site.at.file));
    let gates = stack::family_predicates(cx, arch);
    let deciders: Vec<Place> = gates
        .iter()
        .map(|gate| gate.site)
        .chain(stack::allow_lists(cx))
        .chain(images.iter().filter(|image| image.own).map(|image| image.list))
        .chain(stack::docs_lists(cx))
        .map(|site| site.at)
        .collect();
    let sites: Vec<Site> = eligible
        .filter_map(|site| {
            let start = sources.start(site.at);
            Some(Site {
                file: site.at.file,
                path: sources.get(site.at.file).path.clone(),
                line: start.line,
                column: start.column,
                layer: layer_of(site.kind)?,
                kind: site.kind.name(),
                symbol: site.symbol.clone(),
                listed: site.effective.contains(arch),
                written: site.written.clone(),
                decisive: deciders.contains(&site.at),
            })
        })
        .collect();
    let shipping = images.iter().find(|image| image.targets.contains(arch));
    let components: Vec<_> = cx
        .knowledge
        .components
        .iter()
        .map(|component| stack::state_of(cx, component, arch, shipping.map(|image| image.file)))
        .collect();

    let set_state = |set: Option<ArchSet>| match set {
        Some(set) if set.contains(arch) => "listed",
        Some(_) => "missing",
        None => "unknown",
    };
    let build = set_state(stack::built(cx));
    let image = set_state(images.iter().map(|image| image.targets).reduce(ArchSet::union));
    let docs = set_state(stack::docs_lists(cx).into_iter().map(|site| site.effective).reduce(ArchSet::union));
    let component = match components
        .iter()
        .filter(|state| state.component.required)
        .map(|state| state.verdict)
        .max_by_key(|&verdict| verdict == "unsupported")
    {
        Some("unsupported") => "missing",
        Some("unknown") | None => "unknown",
        Some(_) => "listed",
    };
    let host_gate = match gates.as_slice() {
        [] => "not-applicable",
        gates if gates.iter().any(|gate| gate.site.effective.contains(arch)) => "listed",
        _ => "missing",
    };
    let open_guards = stack::open_guards(cx);
    let blocked_guards: Vec<_> = open_guards.iter().filter(|open| open.targets.contains(arch)).collect();
    let guards: Vec<_> = sites.iter().filter(|site| site.layer == "device-guard").collect();
    let device_guard = match guards.as_slice() {
        _ if !blocked_guards.is_empty() => "missing",
        [] => "unknown",
        guards if guards.iter().any(|site| site.listed) => "listed",
        _ => "not-applicable",
    };

    let mut blocked_by: Vec<String> = components
        .iter()
        .filter(|state| state.component.required && state.verdict == "unsupported")
        .map(|state| state.component.name.clone())
        .collect();
    blocked_by.extend(blocked_guards.iter().map(|open| cx.describe(open.guard)));
    let verdict = match (build, image) {
        _ if !blocked_by.is_empty() => Verdict::Blocked,
        ("missing", _) => Verdict::NotBuilt,
        ("listed", "listed") | ("unknown", "listed") => Verdict::Works,
        ("listed", "missing") => Verdict::SourceOnly,
        ("unknown", "missing") => Verdict::NotBuilt,
        _ => Verdict::Unknown,
    };
    let layer = |layer: &'static str, state: &'static str| Layer {
        layer,
        state,
        sites: sites.iter().enumerate().filter(|(_, site)| site.layer == layer).map(|(at, _)| at).collect(),
    };
    let layers = vec![
        layer("build", build),
        layer("image", image),
        layer("component", component),
        layer("host-gate", host_gate),
        layer("device-guard", device_guard),
        layer("docs", docs),
    ];
    let summary = summary(cx, arch, verdict, &blocked_by, &layers);
    Audit {
        version: 1,
        arch: cx.universe().name(arch).to_owned(),
        products: cx.knowledge.arch(arch).products.clone(),
        vllm: cx.workspace.vllm_version().map(ToOwned::to_owned),
        verdict,
        blocked_by,
        summary,
        layers,
        sites,
        components: components.iter().map(component_verdict).collect(),
    }
}

fn component_verdict(state: &stack::ComponentState<'_>) -> ComponentVerdict {
    let read = state
        .support
        .map(|support| support.refs.first().cloned().unwrap_or_else(|| support.versions.clone()))
        .unwrap_or_default();
    let version = match &state.pin {
        Some(pin) if state.exact => pin.value.clone(),
        Some(pin) if read.is_empty() => format!("{} (answer from the nearest known ref)", pin.value),
        Some(pin) => format!("{} (answer from {read})", pin.value),
        None => read,
    };
    ComponentVerdict {
        name: state.component.name.clone(),
        verdict: state.verdict,
        version,
        source: state.support.map(|support| support.sources.join("; ")).unwrap_or_default(),
        required: state.component.required,
        blocks: state.component.blocks.clone().filter(|_| state.verdict == "unsupported"),
    }
}

fn summary(cx: &Context<'_>, arch: Arch, verdict: Verdict, blocked_by: &[String], layers: &[Layer]) -> String {
    let name = cx.universe().name(arch);
    let missing: Vec<_> = layers.iter().filter(|layer| layer.state == "missing").map(|layer| layer.layer).collect();
    match verdict {
        Verdict::Works => format!("{name} is built, shipped in an image, and nothing in this tree blocks it."),
        Verdict::SourceOnly => format!("{name} can be built from source; no image of this tree ships it."),
        Verdict::NotBuilt => format!("{name} is not in the build's list, so nothing is compiled for it."),
        Verdict::Blocked => {
            format!("{name} is blocked by {}. Layers that lack it: {}.", blocked_by.join(", "), missing.join(", "))
        }
        Verdict::Unknown => format!("This tree does not say what it builds for, so nothing can be told of {name}."),
    }
}
