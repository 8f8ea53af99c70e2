//! Facts as conditions see them: names and values.

use minijinja::Value;

use crate::arch::MatchMode;
use crate::context::Context;
use crate::facts::{FileFacts, Home, SettingKind, Word};
use crate::source::{Section, SourceFile};
use crate::span::{FileId, Place, Span};

/// The kinds of facts, and the names that each gives.
pub(super) const KINDS: &[(&str, &[&str])] = &[
    ("arch-set", &["kind", "symbol", "written", "match", "covers", "negated", "effective", "is_inherited"]),
    ("setting", &["kind", "name", "value", "is_known", "stage", "is_shown"]),
    ("launch", &["form", "model", "options", "environment", "is_open", "is_shown"]),
    (
        "install",
        &[
            "tool",
            "packages",
            "requirements",
            "switches",
            "index",
            "extra_indexes",
            "find_links",
            "is_open",
            "is_shown",
        ],
    ),
    ("stage", &["name", "image", "is_last"]),
    (
        "container",
        &[
            "kind",
            "name",
            "image",
            "devices",
            "groups",
            "ipc",
            "shm_size",
            "is_privileged",
            "arguments",
            "is_open",
            "is_shown",
        ],
    ),
    ("command", &["program", "words", "is_shown"]),
    ("checkout", &["repository", "reference", "is_shown"]),
    ("import", &["module", "name", "alias"]),
];

/// Names that every fact gives.
pub(super) const COMMON: &[&str] = &["path", "language", "section"];

/// The names that facts of a kind give; none where there is no such kind.
pub(super) fn names(kind: &str) -> Option<Vec<&'static str>> {
    let (_, own) = KINDS.iter().find(|(name, _)| *name == kind)?;
    Some(COMMON.iter().chain(*own).copied().collect())
}

/// A fact, and where it stands.
pub(super) struct View {
    pub(super) at: Place,
    pub(super) values: Value,
}

type Pairs = Vec<(&'static str, Value)>;

/// All facts of a kind in the files that are checked, by file.
pub(super) fn views(cx: &Context<'_>, kind: &str) -> Vec<View> {
    if kind == "arch-set" {
        return arch_sets(cx);
    }
    let mut found = Vec::new();
    for (file, source, facts) in cx.workspace.files() {
        for (span, pairs) in of_file(facts, kind) {
            found.push(view(file, source, span, pairs));
        }
    }
    found
}

fn view(file: FileId, source: &SourceFile, span: Span, own: Pairs) -> View {
    let common = [
        ("path", Value::from(source.path.as_str())),
        ("language", Value::from(source.language)),
        ("section", Value::from(section(source.section))),
    ];
    View { at: Place { file, span }, values: Value::from_pairs(common.into_iter().chain(own)) }
}

fn arch_sets(cx: &Context<'_>) -> Vec<View> {
    let names = |set| strings(cx.universe().names(set));
    let view = |site: &crate::workspace::ResolvedSite| {
        let mode = match site.mode {
            MatchMode::Exact => "exact",
            MatchMode::Prefix => "prefix",
            MatchMode::Substring => "substring",
        };
        let pairs = vec![
            ("kind", Value::from(site.kind.name())),
            ("symbol", Value::from(site.symbol.as_str())),
            ("written", strings(site.written.clone())),
            ("match", Value::from(mode)),
            ("covers", names(site.covers)),
            ("negated", Value::from(site.negated)),
            ("effective", names(site.effective)),
            ("is_inherited", Value::from(site.via.is_some())),
        ];
        let source = cx.workspace.sources().get(site.at.file);
        (!source.is_reference).then(|| view(site.at.file, source, cx.value(site).span, pairs))
    };
    cx.workspace.sites().iter().filter_map(view).collect()
}

fn of_file(facts: &FileFacts, kind: &str) -> Vec<(Span, Pairs)> {
    match kind {
        "setting" => settings(facts),
        "launch" => launches(facts),
        "install" => installs(facts),
        "stage" => stages(facts),
        "container" => containers(facts),
        "command" => {
            let pairs = |command: &crate::facts::Command| {
                let own = vec![
                    ("program", Value::from(command.program())),
                    ("words", words(&command.words)),
                    shown(command.home),
                ];
                (command.span, own)
            };
            facts.commands.iter().map(pairs).collect()
        }
        "checkout" => {
            let pairs = |checkout: &crate::facts::Checkout| {
                let own = vec![
                    ("repository", Value::from(checkout.repository.clone().unwrap_or_default())),
                    ("reference", word(checkout.reference.as_ref())),
                    shown(checkout.home),
                ];
                (checkout.span, own)
            };
            facts.checkouts.iter().map(pairs).collect()
        }
        "import" => imports(facts),
        _ => Vec::new(),
    }
}

fn settings(facts: &FileFacts) -> Vec<(Span, Pairs)> {
    let pairs = |setting: &crate::facts::Setting| {
        let value = setting.value.by_default();
        let own = vec![
            ("kind", Value::from(setting.kind.name())),
            ("name", Value::from(setting.name.as_str())),
            ("is_known", Value::from(value.is_some())),
            ("value", Value::from(value.unwrap_or_default())),
            ("stage", stage_name(facts, setting.stage)),
            ("is_shown", Value::from(setting.kind == SettingKind::DocsCommand)),
        ];
        (setting.span, own)
    };
    facts.settings.iter().filter(|setting| setting.via.is_none()).map(pairs).collect()
}

fn launches(facts: &FileFacts) -> Vec<(Span, Pairs)> {
    let pairs = |launch: &crate::facts::Launch| {
        let option = |option: &crate::facts::LaunchOption| {
            let value =
                option.value.as_ref().map_or_else(|| "true".to_owned(), |value| value.by_default().unwrap_or_default());
            (option.name.clone(), Value::from(value))
        };
        let variable = |variable: &crate::facts::Variable| {
            (variable.name.clone(), Value::from(variable.value.by_default().unwrap_or_default()))
        };
        let own = vec![
            ("form", Value::from(launch.form.name())),
            ("model", word(launch.model.as_ref())),
            ("options", Value::from_pairs(launch.options.iter().map(option))),
            ("environment", Value::from_pairs(launch.environment.iter().map(variable))),
            ("is_open", Value::from(launch.is_open)),
            shown(launch.home),
        ];
        (launch.program, own)
    };
    facts.launches.iter().map(pairs).collect()
}

fn installs(facts: &FileFacts) -> Vec<(Span, Pairs)> {
    let pairs = |install: &crate::facts::Install| {
        let name = |package: &crate::facts::Package| Value::from(package.name.as_str());
        let requirement = |package: &crate::facts::Package| Value::from(package.word.by_default().unwrap_or_default());
        let own = vec![
            ("tool", Value::from(install.tool.name())),
            ("packages", install.packages.iter().map(name).collect()),
            ("requirements", install.packages.iter().map(requirement).collect()),
            ("switches", strings(install.switches.clone())),
            ("index", word(install.index.as_ref())),
            ("extra_indexes", words(&install.extra_indexes)),
            ("find_links", words(&install.find_links)),
            ("is_open", Value::from(install.is_open)),
            shown(install.home),
        ];
        (install.span, own)
    };
    facts.installs.iter().map(pairs).collect()
}

fn stages(facts: &FileFacts) -> Vec<(Span, Pairs)> {
    let last = facts.stages.len().saturating_sub(1);
    let pairs = |(at, stage): (usize, &crate::facts::Stage)| {
        let own = vec![
            ("name", Value::from(stage.name.clone().unwrap_or_default())),
            ("image", Value::from(stage.image.by_default().unwrap_or_default())),
            ("is_last", Value::from(at == last)),
        ];
        (stage.image_span, own)
    };
    facts.stages.iter().enumerate().map(pairs).collect()
}

fn containers(facts: &FileFacts) -> Vec<(Span, Pairs)> {
    let pairs = |container: &crate::facts::Container| {
        let own = vec![
            ("kind", Value::from(container.kind.name())),
            ("name", Value::from(container.name.clone().unwrap_or_default())),
            ("image", word(container.image.as_ref())),
            ("devices", words(&container.devices)),
            ("groups", words(&container.groups)),
            ("ipc", word(container.ipc.as_ref())),
            ("shm_size", word(container.shm_size.as_ref())),
            ("is_privileged", Value::from(container.privileged.is_some())),
            ("arguments", words(&container.arguments)),
            ("is_open", Value::from(container.is_open)),
            shown(container.home),
        ];
        (container.anchor, own)
    };
    facts.containers.iter().map(pairs).collect()
}

/// One for each name that is imported.
fn imports(facts: &FileFacts) -> Vec<(Span, Pairs)> {
    let mut found = Vec::new();
    for import in facts.outline.iter().flat_map(|outline| &outline.imports) {
        for item in &import.names {
            let (module, name) = match &import.from {
                Some(from) => (format!("{}{}", ".".repeat(from.level.into()), from.module), item.name.as_ref()),
                None => (item.name.to_string(), ""),
            };
            let alias = Value::from(item.alias.as_deref().unwrap_or_default());
            found.push((
                item.span,
                vec![("module", Value::from(module)), ("name", Value::from(name)), ("alias", alias)],
            ));
        }
    }
    found
}

fn shown(home: Home) -> (&'static str, Value) {
    ("is_shown", Value::from(home.is_shown))
}

fn stage_name(facts: &FileFacts, stage: Option<usize>) -> Value {
    let name = stage.and_then(|at| facts.stages.get(at)).and_then(|stage| stage.name.clone());
    Value::from(name.unwrap_or_default())
}

fn strings(list: Vec<String>) -> Value {
    list.into_iter().map(Value::from).collect()
}

/// A word as far as it is known; empty where it is not.
fn word(word: Option<&Word>) -> Value {
    Value::from(word.and_then(Word::by_default).unwrap_or_default())
}

fn words(list: &[Word]) -> Value {
    list.iter().map(|own| word(Some(own))).collect()
}

pub(super) fn section(section: Section) -> &'static str {
    match section {
        Section::Product => "product",
        Section::Tests => "tests",
        Section::Benchmarks => "benchmarks",
        Section::Examples => "examples",
        Section::Docs => "docs",
        Section::Ci => "ci",
    }
}
