//! GFX112: a compute capability as a gate in code that runs on AMD GPUs alone.

use crate::arch::{ArchSet, tokens};
use crate::context::Context;
use crate::facts::{ArchExpr, ArchSite, FileFacts, Relation, Sense};
use crate::rules::Findings;
use crate::source::SourceFile;
use crate::span::{Place, Span};
use crate::stack::{relevant, remarks_near};

/// How near a remark stands that speaks of AMD GPUs, in lines.
const NEAR: usize = 3;

/// Capabilities up to this one are common minimums for NVIDIA GPUs.
const COMMON_MINIMUM: i64 = 70;

/// Reports each such comparison.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let relevant = relevant(cx);
    for (file, source, facts) in
        cx.files().filter(|(_, source, _)| source.language == "python" && !is_nvidia(&source.path))
    {
        for site in &facts.arch_sites {
            let Some((relation, number)) = capability(&site.expr) else { continue };
            let span =
                site.atoms.iter().find(|(_, expr)| capability(expr).is_some()).map_or(site.span, |(span, _)| *span);
            let at = Place { file, span };
            let remark = amd_remark(cx, at);
            if is_for_nvidia(site)
                || is_in_branch(source, span, "is_cuda()")
                || (number <= COMMON_MINIMUM && remark.is_none())
            {
                continue;
            }
            if !(remark.is_some()
                || is_for_rocm(site)
                || is_rocm_file(source)
                || is_behind_refusal(facts, site)
                || is_in_branch(source, span, "is_rocm()"))
            {
                continue;
            }
            let admitted = cx
                .universe()
                .by_capability(|capability| relation.holds(i64::from(capability), number))
                .intersection(relevant);
            // A remark that lists just these targets says that they are meant.
            if remark.is_some_and(|remark| named(cx, remark) == admitted && !admitted.is_empty()) {
                continue;
            }
            let shown = match admitted {
                set if set == relevant => "every AMD target, so it keeps none out".to_owned(),
                set if set.is_empty() => "no AMD target at all".to_owned(),
                set => cx.universe().list(set),
            };
            let message = format!(
                "On AMD GPUs the compute capability is the gfx version, which does not rise with what they can do: {number} here admits {shown}."
            );
            let mut finding = out.finding(at, message).label("compares gfx versions, not abilities");
            if let Some(remark) = remark {
                finding = finding.related(remark, "what is said to be meant");
            }
            let finding = finding
                .help("name the targets: test gcnArchName, or call a predicate such as on_mi3xx()")
                .data("archs", cx.universe().names(admitted));
            out.push(finding.data("capability", number));
        }
    }
}

/// The comparison in a condition that sorts by capability; an equality names one generation and is left alone.
fn capability(expr: &ArchExpr) -> Option<(Relation, i64)> {
    let mut found = None;
    expr.visit(&mut |part| match part {
        ArchExpr::Capability { relation, number } if !matches!(relation, Relation::Equal | Relation::NotEqual) => {
            found = Some((*relation, *number))
        }
        _ => {}
    });
    found
}

fn asks(expr: &ArchExpr, question: &str) -> bool {
    expr.names().iter().any(|name| name.rsplit('.').next() == Some(question))
}

fn is_for_rocm(site: &ArchSite) -> bool {
    asks(&site.expr, "is_rocm")
        || site.scope.split('.').any(|part| part.trim_start_matches('_').to_ascii_lowercase().starts_with("rocm"))
}

fn is_for_nvidia(site: &ArchSite) -> bool {
    ["is_cuda", "is_cuda_alike"].iter().any(|question| asks(&site.expr, question)) || is_nvidia(&site.scope)
}

/// Whether a path or scope is about NVIDIA's GPUs by its name.
fn is_nvidia(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["nvidia", "cuda", "cutlass", "flashinfer", "deep_gemm", "deepgemm", "marlin", "trtllm", "cutedsl"]
        .iter()
        .any(|word| name.contains(word))
}

fn is_rocm_file(source: &SourceFile) -> bool {
    let name = source.path.rsplit('/').next().unwrap_or_default();
    name.starts_with("rocm") || name.contains("_rocm") || source.path.contains("/amd/")
}

/// Whether the function has turned other platforms away before: `if not current_platform.is_rocm(): raise`.
fn is_behind_refusal(facts: &FileFacts, site: &ArchSite) -> bool {
    facts.arch_sites.iter().any(|earlier| {
        let refuses_others = matches!(&earlier.expr, ArchExpr::Not(inner) if matches!(inner.as_ref(), ArchExpr::Named(name) if name.ends_with("is_rocm")));
        earlier.sense == Sense::Refuses && refuses_others && !site.scope.is_empty() && earlier.scope == site.scope && earlier.span.end <= site.span.start
    })
}

/// Whether an `if` or `elif` around the place asks that question and no other platform's.
fn is_in_branch(source: &SourceFile, span: Span, question: &str) -> bool {
    let (text, index) = (source.text(), source.lines());
    let indent = |line: &str| line.len() - line.trim_start().len();
    let own = index.line_of(span.start);
    let mut level = indent(index.line_span(text, own).text(text));
    for line in (0..own).rev().map(|at| index.line_span(text, at).text(text)).filter(|line| !line.trim().is_empty()) {
        if indent(line) >= level {
            continue;
        }
        level = indent(line);
        let line = line.trim_start();
        if line.starts_with("def ") || line.starts_with("class ") {
            return false;
        }
        if (line.starts_with("if ") || line.starts_with("elif "))
            && line.contains(question)
            && !line.contains("not ")
            && !line.contains(" or ")
        {
            return true;
        }
    }
    false
}

/// A remark near the place that says which AMD GPUs are meant.
fn amd_remark(cx: &Context<'_>, at: Place) -> Option<Place> {
    remarks_near(cx, at, NEAR).into_iter().find(|&remark| {
        let text = cx.workspace.sources().text(remark);
        let lower = text.to_ascii_lowercase();
        // `MI300X`, `gfx94`, `AMD Instinct`; not `is_rocm` in a sentence about who is left out.
        let is_product = |word: &str| {
            word.strip_prefix("MI").is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_digit()))
        };
        let speaks = text.split(|next: char| !next.is_alphanumeric()).any(|word| is_product(word) || word == "AMD")
            || !tokens(text, Span::new(0, text.len())).is_empty();
        speaks
            && !["not support", "unsupported", "except", "nvidia", "cuda", "sm9", "sm_"]
                .iter()
                .any(|word| lower.contains(word))
    })
}

/// The targets that a remark names.
fn named(cx: &Context<'_>, remark: Place) -> ArchSet {
    let text = cx.workspace.sources().get(remark.file).text();
    tokens(text, remark.span).iter().filter_map(|token| cx.universe().find(&token.name)).collect()
}
