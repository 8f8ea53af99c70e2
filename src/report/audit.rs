//! The audit for people: the verdict on top, then layers with their sites, then components.

use std::fmt::Write as _;

use super::style::columns;
use super::{Style, printable};
use crate::audit::{Audit, ComponentVerdict, Layer, Site, Verdict};

/// Sites of a layer that are shown one by one before the rest is counted.
const MOST_SITES: usize = 10;

/// The audit as text; one line a fact where `concise`.
pub fn text(audit: &Audit, concise: bool, style: &Style) -> String {
    if concise { lines(audit) } else { page(audit, style) }
}

/// One line a site and a component, to be searched with line tools.
fn lines(audit: &Audit) -> String {
    let mut out = format!("{}: {}: {}\n", audit.arch, audit.verdict.words(), audit.summary);
    for layer in &audit.layers {
        let _ = writeln!(out, "layer {}: {}", layer.layer, layer.state);
    }
    for component in &audit.components {
        let _ =
            writeln!(out, "component {}: {} ({})", component.name, component.verdict, printable(&component.version));
    }
    for site in &audit.sites {
        let listed = if site.listed { "listed" } else { "not listed" };
        let _ = writeln!(
            out,
            "{}:{}:{}: {} {} {}: {listed}",
            printable(&site.path),
            site.line,
            site.column,
            site.layer,
            site.kind,
            printable(&site.symbol)
        );
    }
    out
}

fn page(audit: &Audit, style: &Style) -> String {
    let tree = audit.vllm.as_ref().map(|version| format!(" on vLLM {}", printable(version))).unwrap_or_default();
    let products = if audit.products.is_empty() { String::new() } else { format!(" ({})", audit.products.join(", ")) };
    let word = audit.verdict.words().to_uppercase();
    let word = match audit.verdict {
        Verdict::Works => style.good(&word),
        Verdict::Blocked | Verdict::NotBuilt => style.bad(&word),
        Verdict::SourceOnly | Verdict::Unknown => style.bold(&word),
    };
    let mut out = format!("{}{products}{tree}: {word}\n{}\n", style.bold(&audit.arch), style.wrap(&audit.summary, ""));
    let _ = writeln!(out, "\n{}", style.bold("Layers"));
    for layer in &audit.layers {
        out.push_str(&layer_text(audit, layer, style));
    }
    let _ = writeln!(out, "\n{}", style.bold("Components"));
    out.push_str(&component_rows(&audit.components, style));
    out
}

/// A layer's state, the sites that name targets, and how many follow from them.
fn layer_text(audit: &Audit, layer: &Layer, style: &Style) -> String {
    let mut out = format!(
        "  {} {}\n",
        mark(layer.state, style),
        columns(&[vec![layer.layer.to_owned(), layer.state.to_owned()]], "", |column, cell| if column == 0 {
            style.bold(cell)
        } else {
            cell.to_owned()
        })
        .trim_end()
    );
    let sites: Vec<&Site> = layer.sites.iter().filter_map(|&at| audit.sites.get(at)).collect();
    let (mut written, derived): (Vec<&Site>, Vec<&Site>) = sites.iter().partition(|site| !site.written.is_empty());
    written.sort_by_key(|site| !site.decisive);
    let row = |site: &&Site| {
        let listed = if site.listed { "listed" } else { "not listed" };
        vec![listed.to_owned(), printable(&site.symbol), format!("{}:{}", printable(&site.path), site.line)]
    };
    let rows: Vec<Vec<String>> = written.iter().take(MOST_SITES).map(row).collect();
    out.push_str(&columns(&rows, "      ", |column, cell| match (column, cell) {
        (0, "listed") => style.good(cell),
        (0, _) => style.bad(cell),
        (2, _) => style.dim(cell),
        _ => cell.to_owned(),
    }));
    let hidden = written.len().saturating_sub(MOST_SITES);
    let listed = |sites: &[&Site]| sites.iter().filter(|site| site.listed).count();
    if hidden > 0 {
        let _ = writeln!(
            out,
            "      {}",
            style.dim(&format!(
                "{} with a list of its own; {} of them listed",
                count(hidden, "more site"),
                listed(&written[MOST_SITES..])
            ))
        );
    }
    if !derived.is_empty() {
        let verb = if derived.len() == 1 { "follows" } else { "follow" };
        let follow =
            format!("{} {verb} from such lists; it passes {}", count(derived.len(), "more site"), listed(&derived));
        let _ = writeln!(out, "      {}", style.dim(&follow));
    }
    out
}

fn count(number: usize, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

fn mark(state: &str, style: &Style) -> String {
    match (state, style.unicode) {
        ("listed", true) => style.good("✓"),
        ("listed", false) => style.good("+"),
        ("missing", true) => style.bad("✗"),
        ("missing", false) => style.bad("x"),
        (_, true) => style.dim("·"),
        (_, false) => style.dim("-"),
    }
}

/// Components with their verdict, required ones first.
fn component_rows(components: &[ComponentVerdict], style: &Style) -> String {
    let mut sorted: Vec<&ComponentVerdict> = components.iter().collect();
    sorted.sort_by_key(|component| !component.required);
    let rows: Vec<Vec<String>> = sorted
        .iter()
        .map(|component| {
            let name =
                if component.required { format!("{} (required)", component.name) } else { component.name.clone() };
            vec![
                name,
                component.verdict.to_owned(),
                printable(&component.version),
                component.blocks.as_deref().map(printable).unwrap_or_default(),
            ]
        })
        .collect();
    columns(&rows, "  ", |column, cell| match (column, cell) {
        (1, "supported") => style.good(cell),
        (1, "unsupported") => style.bad(cell),
        (3, _) => style.dim(cell),
        _ => cell.to_owned(),
    })
}
