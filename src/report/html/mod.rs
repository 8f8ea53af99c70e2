//! One self-contained page: a heat map of targets against layers and components, then what was found.

use std::fmt::Write as _;

use serde::Serialize;

use super::{Report, printable};
use crate::audit::{Audit, Verdict};
use crate::error::RunError;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// A block of text below the map.
#[derive(Debug, Clone)]
pub struct Section {
    /// Its heading.
    pub title: String,
    /// What it lists.
    pub entries: Vec<Entry>,
}

/// An entry that opens.
#[derive(Debug, Clone)]
pub struct Entry {
    /// `error`, `warning`, `note`, or a layer.
    pub tag: String,
    /// `path:line`.
    pub place: String,
    /// The sentence.
    pub text: String,
    /// Further lines: related places, help.
    pub more: Vec<String>,
}

impl Section {
    /// The findings of a report.
    pub fn of(title: &str, report: &Report<'_>) -> Self {
        let place = |at: crate::span::Place| {
            format!("{}:{}", report.paths.relative(report.sources.get(at.file)), report.sources.start(at).line)
        };
        let entries = report
            .shown()
            .map(|finding| Entry {
                tag: finding.severity.name().to_owned(),
                place: place(finding.at),
                text: format!("{} {}", finding.rule.id, finding.message),
                more: finding
                    .related
                    .iter()
                    .map(|label| format!("{} {}", place(label.at), label.message))
                    .chain(finding.help.iter().map(|help| format!("Help: {help}")))
                    .collect(),
            })
            .collect();
        Self { title: title.to_owned(), entries }
    }
}

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
    blocks: Option<&'a str>,
}

/// The page for audits of several targets of one tree; `asked` of them come first and stand out.
///
/// # Errors
/// None with these types.
pub fn page(
    title: &str,
    summary: &str,
    audits: &[Audit],
    asked: usize,
    sections: &[Section],
) -> Result<String, RunError> {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n<link rel=\"icon\" href=\"data:,\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>{}</h1>\n<p>{}</p>\n",
        escaped(title),
        escaped(title),
        escaped(summary)
    );
    if !audits.is_empty() {
        map(&mut out, audits, asked);
    }
    for section in sections.iter().filter(|section| !section.entries.is_empty()) {
        let _ = writeln!(out, "<h2>{} ({})</h2>", escaped(&section.title), section.entries.len());
        section.entries.iter().for_each(|found| entry(&mut out, found));
    }
    out.push_str("</main>\n");
    if !audits.is_empty() {
        let data = serde_json::to_string(&data(audits))
            .map_err(|error| RunError::Output { path: "HTML".to_owned(), cause: error.to_string() })?;
        // Nothing in it can end the element.
        let data = data.replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029");
        let _ =
            writeln!(out, "<script type=\"application/json\" id=\"data\">{data}</script>\n<script>\n{SCRIPT}</script>");
    }
    out.push_str("</body>\n</html>\n");
    Ok(out)
}

fn map(out: &mut String, audits: &[Audit], asked: usize) {
    let Some(first) = audits.first() else { return };
    out.push_str("<h2>Targets, layers and components</h2>\n<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">Target</th>");
    let columns = first
        .layers
        .iter()
        .map(|layer| layer.layer)
        .chain(first.components.iter().map(|component| component.name.as_str()));
    for column in columns {
        let _ = write!(out, "<th scope=\"col\">{}</th>", escaped(column).replace('-', "-<wbr>"));
    }
    out.push_str("</tr></thead>\n<tbody>\n");
    for (row, audit) in audits.iter().enumerate() {
        let class = if row < asked { " class=\"asked\"" } else { "" };
        let verdict = match audit.verdict {
            Verdict::Works => "works",
            Verdict::SourceOnly => "source only",
            Verdict::NotBuilt => "not built",
            Verdict::Blocked => "blocked",
            Verdict::Unknown => "unknown",
        };
        let _ = write!(
            out,
            "<tr{class}><th scope=\"row\">{} <span class=\"dim\">{verdict}</span></th>",
            escaped(&audit.arch)
        );
        let states = audit
            .layers
            .iter()
            .map(|layer| layer.state)
            .chain(audit.components.iter().map(|component| component.verdict));
        let names = audit
            .layers
            .iter()
            .map(|layer| layer.layer)
            .chain(audit.components.iter().map(|component| component.name.as_str()));
        for (column, (state, name)) in states.zip(names).enumerate() {
            let (class, mark) = match state {
                "listed" | "supported" => ("yes", "✓"),
                "missing" | "unsupported" => ("no", "✗"),
                "experimental" => ("maybe", "~"),
                "unknown" => ("", "?"),
                _ => ("", "·"),
            };
            let tab = if row + column == 0 { "0" } else { "-1" };
            let _ = write!(
                out,
                "<td><button type=\"button\" class=\"{class}\" tabindex=\"{tab}\" data-row=\"{row}\" data-column=\"{column}\" data-state=\"{state}\" aria-expanded=\"false\" aria-controls=\"panel\" aria-label=\"{} {}: {state}\">{mark}</button></td>",
                escaped(&audit.arch),
                escaped(name)
            );
        }
        out.push_str("</tr>\n");
    }
    out.push_str("</tbody></table></div>\n<p class=\"legend\">✓ listed or supported, ✗ missing or unsupported, ~ experimental, · not applicable, ? unknown. A cell opens to its sites and sources; the arrow keys move between cells.</p>\n<section id=\"panel\" aria-live=\"polite\" hidden></section>\n");
}

fn entry(out: &mut String, entry: &Entry) {
    let _ = writeln!(
        out,
        "<details><summary><span class=\"tag {}\">{}</span> <code>{}</code> {}</summary>",
        escaped(&entry.tag),
        escaped(&entry.tag),
        escaped(&entry.place),
        escaped(&entry.text)
    );
    for line in &entry.more {
        let _ = writeln!(out, "<p>{}</p>", escaped(line));
    }
    out.push_str("</details>\n");
}

/// Sites are the same in every audit of a run, but for whether they list the target.
fn data(audits: &[Audit]) -> Data<'_> {
    let layers = audits.first().map(|audit| audit.layers.as_slice()).unwrap_or_default();
    let components = audits.first().map(|audit| audit.components.as_slice()).unwrap_or_default();
    let sites = audits.first().map(|audit| audit.sites.as_slice()).unwrap_or_default();
    let digit = |audit: &Audit, at: usize| if audit.sites.get(at).is_some_and(|site| site.listed) { '1' } else { '0' };
    Data {
        columns: layers
            .iter()
            .map(|layer| layer.layer)
            .chain(components.iter().map(|component| component.name.as_str()))
            .collect(),
        rows: audits.iter().map(|audit| audit.arch.as_str()).collect(),
        layers: layers.iter().map(|layer| layer.sites.as_slice()).collect(),
        sites: sites
            .iter()
            .enumerate()
            .map(|(at, site)| SiteData {
                path: &site.path,
                line: site.line,
                kind: site.kind,
                symbol: &site.symbol,
                decisive: site.decisive,
                listed: audits.iter().map(|audit| digit(audit, at)).collect(),
            })
            .collect(),
        components: (0..components.len())
            .map(|at| {
                audits
                    .iter()
                    .filter_map(|audit| {
                        let own = audit.components.get(at)?;
                        Some(ComponentData {
                            version: &own.version,
                            source: &own.source,
                            blocks: own.blocks.as_deref(),
                        })
                    })
                    .collect()
            })
            .collect(),
    }
}

/// Text that cannot be taken for markup.
fn escaped(text: &str) -> String {
    printable(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

#[cfg(test)]
mod tests {
    #[test]
    fn text_of_files_is_no_markup() {
        assert_eq!(super::escaped("<b a=\"'&\n"), "&lt;b a=&quot;&#39;&amp;\\n");
    }
}
