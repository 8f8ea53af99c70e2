//! GFX321: a library that only some targets have is imported where every target passes.

use std::collections::BTreeMap;

use rustc_hash::FxHashMap;

use crate::context::Context;
use crate::facts::outline::{Import, Reach, Scope};
use crate::facts::{EagerImport, FileFacts};
use crate::rules::Findings;
use crate::span::{FileId, Place};
use crate::workspace::Workspace;

/// Exceptions that cover what AITER raises on a target that it does not know, a `RuntimeError`.
const BROAD: &[&str] = &["RuntimeError", "Exception", "BaseException"];

/// Words in the name of a module that is for AMD GPUs of some kind alone.
const SPECIAL: &[&str] = &["aiter", "rocm", "amd", "hip", "flydsl", "cuda", "nvidia"];

/// Checks imports that run when their module is imported.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let leak = |facts: &FileFacts| facts.eager_imports.iter().find(|import| leaks(import)).cloned();
    let leaking: Vec<_> = cx.files().filter_map(|(file, _, facts)| Some((file, leak(facts)?))).collect();
    let mut users = users(cx, leaking.iter().map(|(file, _)| *file));
    for (file, import) in &leaking {
        let by = match users.remove(file) {
            Some(Users::Always(by)) => Some(by),
            None if !is_special(cx, *file) => None,
            _ => continue,
        };
        let package = &import.package;
        let message = format!(
            "{package} is imported as soon as this module is, on every target and whether or not it is wanted: a release of it that does not know the GPU stops vLLM here with a RuntimeError."
        );
        let finding = out.finding(Place { file: *file, span: import.span }, message).label("runs on import");
        let finding = match by {
            Some(by) => finding.related(by, "imported here on every target"),
            None => finding,
        };
        let caught = if import.caught.is_empty() {
            format!("import it in the function that uses it, behind a test that {package} is enabled for the target")
        } else {
            format!(
                "catch RuntimeError as well as {}, or import it in the function that uses it",
                import.caught.join(", ")
            )
        };
        out.push(finding.help(caught).data("package", package.as_str()));
    }
}

/// Whether nothing stands between the module's import and this one: no test but whether the platform is ROCm or the
/// library exists, and no handler that catches what the library raises.
fn leaks(import: &EagerImport) -> bool {
    let is_caught = import.caught.iter().any(|name| BROAD.contains(&name.rsplit('.').next().unwrap_or(name)));
    let tells_nothing = |condition: &Option<String>| {
        condition.as_deref().is_some_and(|condition| {
            condition.split(" and ").all(|part| {
                let part = part.trim().trim_matches(['(', ')']);
                part.ends_with("is_rocm") || part.ends_with("_FOUND") || part.contains("find_spec(")
            })
        })
    };
    !is_caught && import.conditions.iter().all(tells_nothing)
}

/// Who imports a module.
enum Users {
    /// A module that every target imports does, whenever it is imported itself.
    Always(Place),
    /// Somebody does, but in functions, under conditions, or in modules that are for some GPUs alone.
    Sometimes,
}

/// Who imports each of these files, where anybody does; in one pass over all imports.
fn users(cx: &Context<'_>, files: impl Iterator<Item = FileId>) -> BTreeMap<FileId, Users> {
    // Most imports name other modules: they are told by their last word, before anything is resolved.
    let mut by_last_word: FxHashMap<&str, Vec<Imported<'_>>> = FxHashMap::default();
    for file in files {
        let imported = Imported::new(file, cx.workspace.modules().name(file));
        by_last_word.entry(imported.last).or_default().push(imported);
    }
    let mut users = BTreeMap::new();
    if by_last_word.is_empty() {
        return users;
    }
    for (user, _, facts) in cx.files() {
        for import in facts.outline.iter().flat_map(|outline| &outline.imports) {
            let from = import.from.as_ref().map(|from| &*from.module);
            let words = from.into_iter().chain(import.names.iter().map(|name| &*name.name)).map(last_word);
            let meant = words.filter_map(|word| by_last_word.get(word)).flatten();
            for imported in
                meant.filter(|imported| imported.file != user && imported.is_named(cx.workspace, user, import))
            {
                let context = import.context;
                let is_always = context.scope != Scope::Function && context.reach == Reach::Certain;
                let known = users.entry(imported.file);
                if is_always && !is_special(cx, user) {
                    let by = || Users::Always(Place { file: user, span: import.span });
                    known
                        .and_modify(|known| {
                            if matches!(known, Users::Sometimes) {
                                *known = by()
                            }
                        })
                        .or_insert_with(by);
                } else if context.runs() {
                    known.or_insert(Users::Sometimes);
                }
            }
        }
    }
    users
}

/// A module that may be imported.
struct Imported<'a> {
    file: FileId,
    module: &'a str,
    package: &'a str,
    last: &'a str,
}

impl<'a> Imported<'a> {
    fn new(file: FileId, module: &'a str) -> Self {
        let (package, last) = module.rsplit_once('.').unwrap_or(("", module));
        Self { file, module, package, last }
    }

    /// Whether an import of a file imports it.
    fn is_named(&self, workspace: &Workspace, user: FileId, import: &Import) -> bool {
        let Some(from) = &import.from else { return import.names.iter().any(|name| *name.name == *self.module) };
        let written = format!("{}{}", ".".repeat(usize::from(from.level)), from.module);
        let from = workspace.modules().absolute(workspace.sources(), user, &written);
        from.is_some_and(|from| {
            from == self.module || from == self.package && import.names.iter().any(|name| *name.name == *self.last)
        })
    }
}

/// `envs` of `vllm.envs`.
fn last_word(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

/// Whether a module is for some GPUs alone, by its name and those of its folders in the tree.
fn is_special(cx: &Context<'_>, file: FileId) -> bool {
    let path = cx.workspace.sources().get(file).path.as_str();
    let below = cx.workspace.vllm_root().and_then(|root| path.strip_prefix(root));
    let name = below.unwrap_or_else(|| cx.workspace.modules().name(file));
    name.split(['.', '_', '/']).any(|word| SPECIAL.contains(&word) || word.starts_with("gfx"))
}
