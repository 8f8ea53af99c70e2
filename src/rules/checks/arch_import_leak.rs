//! GFX321: a library that only some targets have is imported where every target passes.

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
    for (file, _, facts) in cx.files() {
        let Some(import) = facts.eager_imports.iter().find(|import| leaks(import)) else { continue };
        let module = cx.workspace.modules().name(file);
        let by = match users(cx, file, module) {
            Users::Always(by) => Some(by),
            Users::Nobody if !is_special(cx, file) => None,
            _ => continue,
        };
        let package = &import.package;
        let message = format!(
            "{package} is imported as soon as this module is, on every target and whether or not it is wanted: a release of it that does not know the GPU stops vLLM here with a RuntimeError."
        );
        let finding = out.finding(Place { file, span: import.span }, message).label("runs on import");
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
    /// No module of the run does.
    Nobody,
}

fn users(cx: &Context<'_>, file: FileId, module: &str) -> Users {
    let mut found = Users::Nobody;
    for (user, _, facts) in cx.files().filter(|(user, _, _)| *user != file) {
        for import in imports_of(cx.workspace, user, facts, module) {
            let context = import.context;
            let is_always = context.scope != Scope::Function && context.reach == Reach::Certain;
            if is_always && !is_special(cx, user) {
                return Users::Always(Place { file: user, span: import.span });
            }
            if context.runs() {
                found = Users::Sometimes;
            }
        }
    }
    found
}

/// The imports of a file that import `module`.
fn imports_of<'a>(
    workspace: &'a Workspace,
    user: FileId,
    facts: &'a FileFacts,
    module: &'a str,
) -> impl Iterator<Item = &'a Import> {
    let (package, last) = module.rsplit_once('.').unwrap_or(("", module));
    let names = facts.outline.iter().flat_map(|outline| &outline.imports);
    names.filter(move |import| match &import.from {
        // Most imports name other modules: these are told by their last word, before anything is resolved.
        Some(from) if from.module.ends_with(last) || import.names.iter().any(|name| *name.name == *last) => {
            let written = format!("{}{}", ".".repeat(usize::from(from.level)), from.module);
            let from = workspace.modules().absolute(workspace.sources(), user, &written);
            from.is_some_and(|from| {
                from == module || from == package && import.names.iter().any(|name| *name.name == *last)
            })
        }
        Some(_) => false,
        None => import.names.iter().any(|name| *name.name == *module),
    })
}

/// Whether a module is for some GPUs alone, by its name and those of its folders in the tree.
fn is_special(cx: &Context<'_>, file: FileId) -> bool {
    let path = cx.workspace.sources().get(file).path.as_str();
    let below = cx.workspace.vllm_root().and_then(|root| path.strip_prefix(root));
    let name = below.unwrap_or_else(|| cx.workspace.modules().name(file));
    name.split(['.', '_', '/']).any(|word| SPECIAL.contains(&word) || word.starts_with("gfx"))
}
