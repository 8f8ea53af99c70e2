//! The heat map: a row a target, a column a layer or a component, and what its cells open to.

use std::fmt::Write as _;

use serde::Serialize;

use super::{escaped, tone};
use crate::audit::{Audit, Verdict};
use crate::error::RunError;

/// What the script reads.
#[derive(Serialize)]
struct Data<'a> {
    columns: Vec<&'a str>,
    rows: Vec<&'a str>,
    layers: Vec<&'a [usize]>,
    sites: Vec<SiteData<'a>>,
    components: Vec<Vec<ComponentData<'a>>>,
}

#[derive(Serialize)]
struct SiteData<'a> {
    path: &'a str,
    line: u32,
    kind: &'static str,
    symbol: &'a str,
    decisive: bool,
    /// A digit for each row.
    listed: String,
}

#[derive(Serialize)]
struct ComponentData<'a> {
    version: &'a str,
    source: &'a str,
    required: bool,
    blocks: Option<&'a str>,
}

const LEGEND: &str = "<ul class=\"legend\">\n<li><span class=\"yes\">✓</span> listed, supported</li>\n<li><span class=\"no\">✗</span> missing, unsupported</li>\n<li><span class=\"maybe\">~</span> experimental</li>\n<li><span>·</span> not applicable</li>\n<li><span>?</span> unknown</li>\n</ul>\n<p class=\"dim hint\">A cell opens to its sites and sources. Arrow keys move, Enter opens, Escape closes.</p>\n";

pub(super) fn write(out: &mut String, audits: &[Audit], asked: usize) {
    let Some(first) = audits.first() else { return };
    let _ = write!(
        out,
        "<h2 id=\"map\">Targets, layers and components</h2>\n{LEGEND}<div class=\"scroll\"><table aria-labelledby=\"map\">\n<colgroup><col class=\"target\"><col span=\"{}\"><col class=\"edge\"><col span=\"{}\"></colgroup>\n<thead>\n<tr class=\"groups\"><td></td><th colspan=\"{}\" scope=\"colgroup\">Layers</th><th colspan=\"{}\" scope=\"colgroup\">Components</th></tr>\n<tr class=\"names\"><th scope=\"col\">Target</th>",
        first.layers.len(),
        first.components.len().saturating_sub(1).max(1),
        first.layers.len(),
        first.components.len()
    );
    for (column, name) in columns(first).enumerate() {
        let _ = write!(
            out,
            "<th scope=\"col\"{}><span>{}</span></th>",
            edge(first, column),
            escaped(&name.replace('-', " "))
        );
    }
    out.push_str("</tr>\n</thead>\n<tbody>\n");
    for (row, audit) in audits.iter().enumerate() {
        write_row(out, audit, row, row < asked);
    }
    out.push_str("</tbody></table></div>\n");
}

fn write_row(out: &mut String, audit: &Audit, row: usize, is_asked: bool) {
    let class = if is_asked { " class=\"asked\"" } else { "" };
    let _ = write!(
        out,
        "<tr{class}><th scope=\"row\"><b>{}</b> <span class=\"verdict {}\">{}</span></th>",
        escaped(&audit.arch),
        tone(audit.verdict),
        if audit.verdict == Verdict::SourceOnly { "source only" } else { audit.verdict.words() }
    );
    let layers = audit.layers.iter().map(|layer| layer.state);
    let states = layers.chain(audit.components.iter().map(|component| component.verdict));
    for (column, (state, name)) in states.zip(columns(audit)).enumerate() {
        let (class, mark) = match state {
            "listed" | "supported" => ("yes", "✓"),
            "missing" | "unsupported" => ("no", "✗"),
            "experimental" => ("maybe", "~"),
            "unknown" => ("", "?"),
            _ => ("", "·"),
        };
        // One stop for the tab key; arrow keys move it.
        let tab = if row + column == 0 { "0" } else { "-1" };
        let _ = write!(
            out,
            "<td{}><button type=\"button\" class=\"{class}\" tabindex=\"{tab}\" data-row=\"{row}\" data-column=\"{column}\" data-state=\"{state}\" aria-expanded=\"false\" aria-label=\"{} {}: {}\">{mark}</button></td>",
            edge(audit, column),
            escaped(&audit.arch),
            escaped(name),
            state.replace('-', " ")
        );
    }
    out.push_str("</tr>\n");
}

/// The first component stands apart from the layers.
fn edge(audit: &Audit, column: usize) -> &'static str {
    if column == audit.layers.len() { " class=\"edge\"" } else { "" }
}

fn columns(audit: &Audit) -> impl Iterator<Item = &str> {
    let layers = audit.layers.iter().map(|layer| layer.layer);
    layers.chain(audit.components.iter().map(|component| component.name.as_str()))
}

/// Sites are the same in every audit of a run, but for whether they list the target.
///
/// # Errors
/// None with these types.
pub(super) fn data(audits: &[Audit]) -> Result<String, RunError> {
    let layers = audits.first().map(|audit| audit.layers.as_slice()).unwrap_or_default();
    let components = audits.first().map(|audit| audit.components.as_slice()).unwrap_or_default();
    let sites = audits.first().map(|audit| audit.sites.as_slice()).unwrap_or_default();
    let digit = |audit: &Audit, at: usize| if audit.sites.get(at).is_some_and(|site| site.listed) { '1' } else { '0' };
    let component = |at: usize| {
        audits.iter().filter_map(move |audit| audit.components.get(at)).map(|own| ComponentData {
            version: &own.version,
            source: &own.source,
            required: own.required,
            blocks: own.blocks.as_deref(),
        })
    };
    let data = Data {
        columns: audits.first().map(|audit| columns(audit).collect()).unwrap_or_default(),
        rows: audits.iter().map(|audit| audit.arch.as_str()).collect(),
        layers: layers.iter().map(|layer| layer.sites.as_slice()).collect(),
        sites: sites
            .iter()
            .enumerate()
            .map(|(at, own)| SiteData {
                path: &own.path,
                line: own.line,
                kind: own.kind,
                symbol: &own.symbol,
                decisive: own.decisive,
                listed: audits.iter().map(|audit| digit(audit, at)).collect(),
            })
            .collect(),
        components: (0..components.len()).map(|at| component(at).collect()).collect(),
    };
    let text = serde_json::to_string(&data)
        .map_err(|error| RunError::Output { path: "HTML".to_owned(), cause: error.to_string() })?;
    // Nothing in it can end the element.
    Ok(text.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029"))
}
