//! What is known of targets: the table of all, and one by one what it is and which components support it.

use std::fmt::Write as _;

use serde::Serialize;

use super::style::columns;
use super::{Style, json_text};
use crate::arch::{Arch, ArchSet};
use crate::error::RunError;
use crate::knowledge::{ArchFact, Component, Knowledge, Support};

/// What a component makes of a target.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Verdict {
    Supported,
    Experimental,
    Unsupported,
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    arches: Vec<Entry<'a>>,
}

#[derive(Serialize)]
pub(super) struct Entry<'a> {
    name: &'a str,
    family: &'a str,
    products: &'a [String],
    codenames: &'a [String],
    aliases: &'a [String],
    status: &'a str,
    capability: String,
    kfd: u32,
    wave_size: Option<u16>,
    matrix: Option<&'a str>,
    fp8: Option<&'a str>,
    bf16: Option<&'a str>,
    fp4: Option<bool>,
    dot: &'a [String],
    lds_kib: Option<u32>,
    triton_family: Option<&'a str>,
    components: Vec<ComponentEntry<'a>>,
    sources: &'a [String],
}

#[derive(Serialize)]
struct ComponentEntry<'a> {
    name: &'a str,
    verdict: Verdict,
    refs: &'a [String],
    versions: &'a str,
    /// Whether this stands for refs that nobody read.
    default: bool,
    sources: &'a [String],
}

/// Targets as JSON.
///
/// # Errors
/// None with these types.
pub fn json(knowledge: &Knowledge, targets: ArchSet) -> Result<String, RunError> {
    json_text(&Document { version: 1, arches: entries(knowledge, targets) })
}

/// What is known of each.
pub(super) fn entries(knowledge: &Knowledge, targets: ArchSet) -> Vec<Entry<'_>> {
    targets.iter().map(|arch| entry(knowledge, arch)).collect()
}

/// All targets, one a line.
pub fn table(knowledge: &Knowledge, style: &Style) -> String {
    let head = ["target", "family", "status", "products"].map(str::to_owned).to_vec();
    let row = |fact: &ArchFact| {
        let known = if fact.products.is_empty() { &fact.codenames } else { &fact.products };
        vec![fact.name.clone(), fact.family.clone(), fact.status.clone(), known.join(", ")]
    };
    let rows: Vec<Vec<String>> = std::iter::once(head).chain(knowledge.arches.iter().map(row)).collect();
    let mut out = columns(&rows, "", |column, cell| if column == 0 { style.bold(cell) } else { cell.to_owned() });
    let series = knowledge
        .series
        .iter()
        .map(|series| vec![series.name.clone(), knowledge.universe.names(series.covers).join(" ")]);
    let rows: Vec<Vec<String>> = series.collect();
    if !rows.is_empty() {
        let _ = write!(out, "\n{}\n{}", style.bold("product series"), columns(&rows, "", |_, cell| cell.to_owned()));
    }
    out
}

/// One target: identity, instruction set, components, sources.
pub fn page(knowledge: &Knowledge, arch: Arch, style: &Style) -> String {
    let fact = knowledge.arch(arch);
    let mut out = format!("{} ({}, {})\n", style.bold(&fact.name), fact.family, fact.status);
    out.push_str(&columns(
        &identity(fact),
        "  ",
        |column, cell| if column == 0 { style.dim(cell) } else { cell.to_owned() },
    ));
    let rows = component_rows(knowledge, arch);
    if !rows.is_empty() {
        let _ = write!(out, "\n{}\n", style.bold("Components"));
        out.push_str(&columns(&rows, "  ", |column, cell| match (column, cell) {
            (1, "supported") => style.good(cell),
            (1, "unsupported") => style.bad(cell),
            (3, source) => style.dim(source),
            _ => cell.to_owned(),
        }));
    }
    if !fact.sources.is_empty() {
        let _ = writeln!(out, "\n{}", style.bold("Sources"));
        fact.sources.iter().for_each(|source| out.push_str(&format!("  {source}\n")));
    }
    out
}

/// What a target is, as label and value; what is not known is left out.
fn identity(fact: &ArchFact) -> Vec<Vec<String>> {
    let list = |values: &[String]| Some(values.join(", ")).filter(|text| !text.is_empty());
    let rows: [(&str, Option<String>); 13] = [
        ("products", list(&fact.products)),
        ("code names", list(&fact.codenames)),
        ("also called", list(&fact.aliases)),
        ("capability", Some(capability(fact))),
        ("kernel driver", Some(fact.kfd.to_string())),
        ("wave size", fact.wave_size.map(|lanes| lanes.to_string())),
        ("matrix", fact.matrix.clone()),
        ("FP8", fact.fp8.clone()),
        ("bfloat16", fact.bf16.clone()),
        ("FP4", fact.fp4.map(|has| if has { "yes" } else { "none" }.to_owned())),
        ("dot products", list(&fact.dot)),
        ("LDS per group", fact.lds_kib.map(|kib| format!("{kib} KiB"))),
        ("Triton family", fact.triton_family.clone()),
    ];
    rows.into_iter().filter_map(|(label, value)| Some(vec![label.to_owned(), value?])).collect()
}

/// Component, verdict, ref, source: what stands for refs that nobody read first, then refs that say otherwise.
fn component_rows(knowledge: &Knowledge, arch: Arch) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for component in &knowledge.components {
        let usual = component.support.iter().find(|support| support.default).or(component.support.first());
        let Some(usual) = usual else { continue };
        let row = |name: &str, support: &Support| {
            vec![
                name.to_owned(),
                verdict(support, arch).name().to_owned(),
                reference(support),
                support.sources.first().cloned().unwrap_or_default(),
            ]
        };
        rows.push(row(&component.name, usual));
        let others = component.support.iter().filter(|support| verdict(support, arch) != verdict(usual, arch));
        rows.extend(others.map(|support| row("", support)));
    }
    rows
}

/// The version range that a statement is about, or the first ref at which it was read.
fn reference(support: &Support) -> String {
    let first = support
        .refs
        .first()
        .map(|name| if name.len() == 40 { name.get(..10).unwrap_or(name).to_owned() } else { name.clone() });
    if support.versions.is_empty() { first.unwrap_or_default() } else { support.versions.clone() }
}

fn verdict(support: &Support, arch: Arch) -> Verdict {
    if support.excluded.contains(arch) {
        Verdict::Unsupported
    } else if support.supported.contains(arch) {
        Verdict::Supported
    } else if support.experimental.contains(arch) {
        Verdict::Experimental
    } else {
        Verdict::Unsupported
    }
}

impl Verdict {
    fn name(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::Experimental => "experimental",
            Self::Unsupported => "unsupported",
        }
    }
}

fn capability(fact: &ArchFact) -> String {
    format!("{}.{}", fact.capability.0, fact.capability.1)
}

fn entry(knowledge: &Knowledge, arch: Arch) -> Entry<'_> {
    let fact = knowledge.arch(arch);
    Entry {
        name: &fact.name,
        family: &fact.family,
        products: &fact.products,
        codenames: &fact.codenames,
        aliases: &fact.aliases,
        status: &fact.status,
        capability: capability(fact),
        kfd: fact.kfd,
        wave_size: fact.wave_size,
        matrix: fact.matrix.as_deref(),
        fp8: fact.fp8.as_deref(),
        bf16: fact.bf16.as_deref(),
        fp4: fact.fp4,
        dot: &fact.dot,
        lds_kib: fact.lds_kib,
        triton_family: fact.triton_family.as_deref(),
        components: knowledge.components.iter().flat_map(|component| component_entries(component, arch)).collect(),
        sources: &fact.sources,
    }
}

fn component_entries(component: &Component, arch: Arch) -> impl Iterator<Item = ComponentEntry<'_>> {
    component.support.iter().map(move |support| ComponentEntry {
        name: &component.name,
        verdict: verdict(support, arch),
        refs: &support.refs,
        versions: &support.versions,
        default: support.default,
        sources: &support.sources,
    })
}
