//! What the front ends extracted, as the workspace resolved it.

use std::fmt::Write as _;

use serde::Serialize;

mod builds;
mod entry;
mod python;
mod runs;

use self::entry::{Entry, Maker};
use super::json::Range;
use super::style::columns;
use super::{Paths, Style, counted, printable, printable_path};
use crate::arch::{MatchMode, Universe};
use crate::context::Context;
use crate::error::RunError;
use crate::source::Sources;
use crate::workspace::ResolvedSite;

/// The facts of a run, in the order of output.
#[derive(Serialize)]
pub struct Facts {
    version: u32,
    facts: Vec<Fact>,
}

/// A fact of whatever kind.
#[derive(Serialize)]
#[serde(untagged)]
enum Fact {
    ArchSet(ArchSetFact),
    Other(Entry),
}

/// A place that declares or tests a set of targets.
#[derive(Serialize)]
struct ArchSetFact {
    fact: &'static str,
    #[serde(flatten)]
    range: Range,
    kind: &'static str,
    symbol: String,
    written: Vec<String>,
    #[serde(rename = "match")]
    mode: MatchMode,
    covers: Vec<String>,
    negated: bool,
    effective: Vec<String>,
    via: Option<String>,
}

impl Facts {
    /// Everything that is known of a run.
    pub fn of(cx: &Context<'_>, paths: &Paths) -> Self {
        let sources = cx.workspace.sources();
        let mut all = Self::sites(cx.workspace.sites(), sources, paths, cx.universe());
        let maker = Maker { cx, paths };
        let mut others = Vec::new();
        builds::add(&maker, &mut others);
        runs::add(&maker, &mut others);
        python::add(&maker, &mut others);
        all.facts.extend(others.into_iter().map(Fact::Other));
        // Sites stay in their own order where several stand at one place.
        all.facts.sort_by(|a, b| a.key().cmp(&b.key()));
        all
    }

    /// The facts about `sites`.
    fn sites(sites: &[ResolvedSite], sources: &Sources, paths: &Paths, universe: &Universe) -> Self {
        let mut sites: Vec<&ResolvedSite> = sites.iter().collect();
        sites.sort_by(|a, b| (a.at, a.kind, &a.symbol).cmp(&(b.at, b.kind, &b.symbol)));
        let fact = |site: &ResolvedSite| ArchSetFact {
            fact: "arch-set",
            range: Range::new(sources, paths, site.at),
            kind: site.kind.name(),
            symbol: site.symbol.clone(),
            written: site.written.clone(),
            mode: site.mode,
            covers: universe.names(site.covers),
            negated: site.negated,
            effective: universe.names(site.effective),
            via: site.via.map(|via| format!("{}:{}", paths.relative(sources.get(via.file)), sources.start(via).line)),
        };
        Self { version: 1, facts: sites.into_iter().map(fact).map(Fact::ArchSet).collect() }
    }

    /// The facts as JSON.
    ///
    /// # Errors
    /// None with these types.
    pub fn json(&self) -> Result<String, RunError> {
        super::json_text(self)
    }

    /// One line a fact.
    pub fn concise(&self, style: &Style) -> String {
        let mut out = String::new();
        for fact in &self.facts {
            let range = fact.range();
            let at = format!("{}:{}:{}", printable_path(&range.path), range.line, range.column);
            let cells: Vec<String> = fact.cells().into_iter().filter(|cell| !cell.is_empty()).collect();
            let _ = writeln!(out, "{}: {}", style.bold(&at), cells.join(" "));
        }
        out
    }

    /// Grouped by file, aligned.
    pub fn pretty(&self, style: &Style) -> String {
        let mut out = String::new();
        for facts in self.facts.chunk_by(|left, right| left.range().path == right.range().path) {
            let Some(first) = facts.first() else { continue };
            let _ = writeln!(out, "{}", style.bold(&printable_path(&first.range().path)));
            let rows: Vec<Vec<String>> = facts
                .iter()
                .map(|fact| {
                    std::iter::once(format!("{}:{}", fact.range().line, fact.range().column))
                        .chain(fact.cells())
                        .collect()
                })
                .collect();
            out.push_str(&columns(&rows, "  ", |column, cell| {
                if column == 0 || column == 4 { style.dim(cell) } else { cell.to_owned() }
            }));
            out.push('\n');
        }
        let files = self.facts.chunk_by(|left, right| left.range().path == right.range().path).count();
        let _ = writeln!(
            out,
            "{}",
            style.bold(&format!("{} in {}", counted(self.facts.len(), "fact"), counted(files, "file")))
        );
        out
    }
}

impl Fact {
    fn range(&self) -> &Range {
        match self {
            Self::ArchSet(fact) => &fact.range,
            Self::Other(entry) => &entry.range,
        }
    }

    fn key(&self) -> (&str, u32, u32, &str) {
        let name = match self {
            Self::ArchSet(fact) => fact.fact,
            Self::Other(entry) => entry.fact,
        };
        let range = self.range();
        (&range.path, range.line, range.column, name)
    }

    fn cells(&self) -> [String; 4] {
        match self {
            Self::ArchSet(fact) => fact.cells(),
            Self::Other(entry) => entry.cells(),
        }
    }
}

impl ArchSetFact {
    /// Kind, symbol, the set for which the site applies, and where the set comes from.
    fn cells(&self) -> [String; 4] {
        let set = if self.effective.is_empty() { "(no known target)".to_owned() } else { self.effective.join(" ") };
        let via = self.via.as_ref().map(|via| format!("via {}", printable(via))).unwrap_or_default();
        [self.kind.to_owned(), printable(&self.symbol), set, via]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::{Sense, SiteKind};
    use crate::report::style::PLAIN;
    use crate::report::testing::{place, sources};
    use crate::workspace::SiteFact;

    fn facts() -> Facts {
        let sources = sources(&[
            ("Dockerfile", "ARG PYTORCH_ROCM_ARCH=gfx90a\nENV PYTORCH_ROCM_ARCH=${PYTORCH_ROCM_ARCH}\n"),
            ("a.py", "on_gfx9()\n"),
        ]);
        let mut universe = Universe::default();
        let gfx906 = universe.add("gfx906", &[], (9, 0)).into_iter().collect();
        let gfx90a = universe.add("gfx90a", &[], (9, 0)).into_iter().collect();
        let site = |file: &str, needle: &str, kind, symbol: &str| ResolvedSite {
            at: place(&sources, file, needle),
            kind,
            symbol: symbol.to_owned(),
            written: vec!["gfx90a".to_owned()],
            mode: MatchMode::Exact,
            covers: gfx90a,
            negated: false,
            effective: gfx90a,
            via: None,
            sense: Sense::Enables,
            fact: SiteFact::Condition(0),
        };
        let inherited = ResolvedSite {
            via: Some(place(&sources, "Dockerfile", "PYTORCH")),
            ..site("Dockerfile", "${PYT", SiteKind::DockerEnv, "PYTORCH_ROCM_ARCH")
        };
        let negated = ResolvedSite {
            negated: true,
            effective: gfx906,
            mode: MatchMode::Prefix,
            ..site("a.py", "on_gfx9()", SiteKind::PythonPredicate, "on_gfx9")
        };
        Facts::sites(
            &[
                negated,
                inherited,
                site("Dockerfile", "PYTORCH_ROCM_ARCH=gfx90a", SiteKind::DockerArg, "PYTORCH_ROCM_ARCH"),
            ],
            &sources,
            &Paths::default(),
            &universe,
        )
    }

    #[test]
    fn facts_for_people() {
        insta::assert_snapshot!(format!("{}---\n{}", facts().pretty(&PLAIN), facts().concise(&PLAIN)));
    }

    #[test]
    fn facts_for_machines() {
        insta::assert_snapshot!(facts().json().unwrap());
    }
}
