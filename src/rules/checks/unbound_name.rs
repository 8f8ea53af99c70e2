//! GFX611: names that nothing binds.

use crate::context::Context;
use crate::finding::{Applicability, Edit, Finding};
use crate::rules::Findings;
use crate::rules::nix::{files, sign_of_amd};
use crate::span::{FileId, Place};

/// Looks at the files that have to do with AMD GPUs or vLLM.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, nix) in files(cx) {
        for name in &nix.unbound {
            let is_ours = ["rocm", "vllm", "torch", "ollama", "gfx"].iter().any(|part| name.name.contains(part));
            if is_ours || is_about_gpus(cx, file) {
                out.push(judge(cx, out, Place { file, span: name.span }, &name.name));
            }
        }
    }
}

/// Whether a file says anything of AMD GPUs or vLLM itself.
fn is_about_gpus(cx: &Context<'_>, file: FileId) -> bool {
    let facts = cx.workspace.facts(file);
    !facts.launches.is_empty() || cx.touches_amd(file) || sign_of_amd(cx, file).is_some_and(|at| at.file == file)
}

fn judge(cx: &Context<'_>, out: &Findings, at: Place, name: &str) -> Finding {
    let message = format!("Nothing binds '{name}' here: Nix stops before it evaluates anything (undefined variable).");
    let finding = out.finding(at, message).label("not bound").data("name", name);
    let overlay = files(cx).find_map(|(file, nix)| {
        let names = nix.layers.iter().flat_map(|layer| &layer.names);
        let own = names.into_iter().find(|own| own.name == name)?;
        Some(Place { file, span: own.span })
    });
    match overlay {
        Some(overlay) => finding
            .related(overlay, "an overlay adds it to the package set")
            .help(format!("write `pkgs.{name}`; modules see no package without its set"))
            .fix(format!("Write pkgs.{name}"), Applicability::Unsafe, vec![Edit::insert(at, at.span.start, "pkgs.")]),
        None => finding
            .help(format!("bind it (`let {name} = ...; in`), take it as an argument, or write the set that it is in")),
    }
}
