//! Claims of a change that contradict what is known of the hardware, of components, or what the tree says.

use super::Both;
use super::widened::Widened;
use crate::arch::{ArchSet, MatchMode};
use crate::audit::layer_of;
use crate::facts::{Sense, SiteKind};
use crate::finding::{Finding, Severity};
use crate::knowledge::ArchFact;
use crate::rules;
use crate::span::Place;
use crate::stack;

/// Rules whose findings are claims of a list or a gate that something else contradicts.
const CONTRADICTIONS: &[&str] =
    &["GFX102", "GFX103", "GFX105", "GFX106", "GFX108", "GFX113", "GFX119", "GFX121", "GFX309", "GFX317"];

/// Routes that a message names before it counts the rest.
const MOST_ROUTES: usize = 6;

/// Whether a finding says that a claim is contradicted.
pub fn contradicts(finding: &Finding) -> bool {
    CONTRADICTIONS.contains(&finding.rule.id)
}

/// What the widened sites claim and the knowledge denies.
pub(super) fn of_change<'a>(both: &Both<'_, 'a>, widened: &[Widened<'a>]) -> Vec<Finding> {
    let claims = Claims { both, widened };
    let mut found = claims.formats();
    found.extend(claims.matrix_paths());
    found.extend(claims.component_gates());
    found
}

struct Claims<'r, 'c, 'a> {
    both: &'r Both<'c, 'a>,
    widened: &'r [Widened<'a>],
}

/// A number format that hardware has or lacks, by the words of a gate's name.
struct FormatClaim {
    words: &'static [&'static str],
    title: &'static str,
    rule: &'static str,
    lacks: fn(&ArchFact) -> bool,
}

/// `fnuz` comes before `fp8`: a gate's first match counts.
const FORMATS: &[FormatClaim] = &[
    FormatClaim {
        words: &["fnuz"],
        title: "FP8 hardware of the FNUZ kind",
        rule: "GFX309",
        lacks: |fact| fact.fp8.as_deref().is_some_and(|kind| kind != "fnuz"),
    },
    FormatClaim {
        words: &["fp8", "float8"],
        title: "FP8 hardware",
        rule: "GFX309",
        lacks: |fact| fact.fp8.as_deref() == Some("none"),
    },
    FormatClaim {
        words: &["mx", "mxfp4", "fp4"],
        title: "MX FP4 hardware",
        rule: "GFX310",
        lacks: |fact| fact.fp4 == Some(false),
    },
    FormatClaim {
        words: &["bf16", "bfloat16"],
        title: "bfloat16 hardware",
        rule: "GFX306",
        lacks: |fact| fact.bf16.as_deref() == Some("none"),
    },
];

impl<'a> Claims<'_, '_, 'a> {
    /// Sites that enable something for targets that they gained.
    fn enabling(&self) -> impl Iterator<Item = &Widened<'a>> {
        let is_gate = |kind| {
            matches!(
                kind,
                SiteKind::PythonTest
                    | SiteKind::PythonPredicate
                    | SiteKind::PythonList
                    | SiteKind::PythonOrdinal
                    | SiteKind::HostTest
            )
        };
        self.widened.iter().filter(move |each| {
            is_gate(each.site.kind)
                && each.site.sense == Sense::Enables
                && !each.site.negated
                && !each.gained.is_empty()
        })
    }

    /// The targets that claims are judged for: what is built, and what the change names one by one.
    fn scope(&self) -> ArchSet {
        let named = self.widened.iter().filter(|each| each.names_targets() && each.site.mode == MatchMode::Exact);
        named.fold(stack::relevant(self.both.new), |set, each| set.union(each.gained))
    }

    /// The line of the change that widens a site: its own, or that of the gate it follows from.
    fn cause(&self, each: &Widened<'a>) -> Option<&Widened<'a>> {
        self.widened
            .iter()
            .filter(|direct| direct.is_direct && !direct.gained.intersection(each.gained).is_empty())
            // A gate of the host follows from gates of the host, not from a list of the image.
            .filter(|direct| layer_of(direct.site.kind) == layer_of(each.site.kind))
            .min_by_key(|direct| (direct.site.at != each.site.at, direct.site.at))
    }

    /// Gates named after a number format, for targets whose hardware does not have it.
    fn formats(&self) -> Vec<Finding> {
        let cx = self.both.new;
        let scope = self.scope();
        let mut found: Vec<Finding> = Vec::new();
        for each in self.enabling() {
            let words = stack::words(&each.site.symbol);
            let Some(format) =
                FORMATS.iter().find(|format| format.words.iter().any(|word| words.iter().any(|own| own == word)))
            else {
                continue;
            };
            let lacking: ArchSet = each
                .gained
                .intersection(scope)
                .iter()
                .filter(|arch| (format.lacks)(cx.knowledge.arch(*arch)))
                .collect();
            let (Some(first), Some(cause), Some(rule)) =
                (lacking.iter().next(), self.cause(each), rules::built_in(format.rule))
            else {
                continue;
            };
            // A site that merely calls a gate with the same claim adds nothing.
            if found.iter().any(|known| known.rule.id == rule.id && known.at == cause.site.at) {
                continue;
            }
            let fact = cx.knowledge.arch(first);
            let source = fact.sources.first().map(|source| format!(" ({source})")).unwrap_or_default();
            let message = format!(
                "{} now holds for {}, which {} no {}{source}.",
                last(&each.site.symbol),
                cx.universe().list(lacking),
                if lacking.len() == 1 { "has" } else { "have" },
                format.title
            );
            let mut finding = Finding::new(rule, cause.site.at, message)
                .severity(Severity::Warning)
                .label(format!("adds {}", cx.universe().list(cause.gained)))
                .help("leave these targets out; where a software path is meant, name it so")
                .data("arch", cx.universe().names(lacking))
                .data("sources", fact.sources.clone());
            if cause.site.at != each.site.at {
                finding = finding.related(each.site.at, format!("{} follows from it", last(&each.site.symbol)));
            }
            found.push(finding);
        }
        found
    }

    /// Gates that stood for targets with MFMA alone and now hold for one without.
    fn matrix_paths(&self) -> Vec<Finding> {
        let cx = self.both.new;
        let matrix = |set: ArchSet, kind: &str| -> ArchSet {
            set.iter().filter(|arch| cx.knowledge.arch(*arch).matrix.as_deref() == Some(kind)).collect()
        };
        let mut found = Vec::new();
        for each in self.enabling().filter(|each| each.is_direct && !each.site.written.is_empty()) {
            let Some(was) =
                each.was.filter(|was| matrix(was.effective, "mfma") == was.effective && !was.effective.is_empty())
            else {
                continue;
            };
            let without = each.gained.difference(matrix(each.gained, "mfma"));
            let Some(rule) = rules::built_in("GFX104").filter(|_| !without.is_empty()) else { continue };
            let routes: Vec<&Widened<'a>> = self
                .enabling()
                .filter(|route| !route.is_direct && !route.gained.intersection(without).is_empty())
                .collect();
            let names = cx.universe().list(without);
            let message = format!(
                "{} now holds for {names}, which {} no MFMA instructions; every target that it stood for ({}) has them. {}",
                last(&each.site.symbol),
                if without.len() == 1 { "has" } else { "have" },
                cx.universe().list(was.effective),
                self.routes_text(&routes)
            );
            let mut finding = Finding::new(rule, each.site.at, message)
                .severity(Severity::Warning)
                .label(format!("adds {names}"))
                .help(format!("define a predicate for {names} and use it where a path is known to work, instead of widening this one"))
                .data("arch", cx.universe().names(without));
            for route in &routes {
                finding = finding.related(route.site.at, format!("{} opens with it", named(&route.site.symbol)));
            }
            found.push(finding);
        }
        found
    }

    fn routes_text(&self, routes: &[&Widened<'a>]) -> String {
        if routes.is_empty() {
            return "Nothing in this tree asks it yet.".to_owned();
        }
        let shown: Vec<String> = routes
            .iter()
            .take(MOST_ROUTES)
            .map(|route| format!("{} ({})", named(&route.site.symbol), self.both.new.describe(route.site.at)))
            .collect();
        let rest = routes.len().saturating_sub(shown.len());
        let more = if rest > 0 { format!(" and {rest} more") } else { String::new() };
        format!("It opens {}{more}.", shown.join(", "))
    }

    /// Gates of a component that open for a target which the component does not support.
    fn component_gates(&self) -> Vec<Finding> {
        let cx = self.both.new;
        let scope = self.scope();
        let mut found: Vec<(Place, String, Finding)> = Vec::new();
        for each in self.enabling() {
            let Some(component) = stack::component_of(cx, each.site.at.file, &each.site.symbol) else { continue };
            let unsupported: ArchSet = each
                .gained
                .intersection(scope)
                .iter()
                .filter(|arch| stack::state_of(cx, component, *arch, None).verdict == "unsupported")
                .collect();
            let (Some(arch), Some(cause), Some(rule)) =
                (unsupported.iter().next(), self.cause(each), rules::built_in("GFX105"))
            else {
                continue;
            };
            let gate = format!("{} ({})", named(&each.site.symbol), cx.describe(each.site.at));
            if let Some((_, _, known)) =
                found.iter_mut().find(|(at, name, _)| *at == cause.site.at && *name == component.name)
            {
                known
                    .related
                    .push(crate::finding::Label { at: each.site.at, message: format!("{gate} opens as well") });
                continue;
            }
            let state = stack::state_of(cx, component, arch, None);
            let pinned = state.pin.as_ref().map(|pin| format!(" at {}", pin.value)).unwrap_or_default();
            let source = state
                .support
                .and_then(|support| support.sources.first())
                .map(|source| format!(" ({source})"))
                .unwrap_or_default();
            let names = cx.universe().list(unsupported);
            let message = format!(
                "{} now holds for {names} and opens the {} gate {gate}; {}{pinned} does not support {names}{source}.",
                last(&cause.site.symbol),
                component.short_title(),
                component.short_title()
            );
            let mut finding = Finding::new(rule, cause.site.at, message)
                .label(format!("adds {names}"))
                .related(each.site.at, format!("the gate of {}", component.short_title()))
                .help(format!("keep {names} out of that gate, or out of this condition"))
                .data("arch", cx.universe().names(unsupported))
                .data("component", component.name.clone());
            if let Some(pin) = state.pin {
                finding = finding.related(pin.at, format!("{} is pinned here", component.short_title()));
            }
            found.push((cause.site.at, component.name.clone(), finding));
        }
        found.into_iter().map(|(.., finding)| finding).collect()
    }
}

/// The last part of a dotted name; the class of a method that every class has.
fn last(symbol: &str) -> &str {
    symbol.rsplit('.').find(|name| !name.is_empty() && !name.starts_with("__")).unwrap_or("this condition")
}

/// A symbol for a list of routes.
fn named(symbol: &str) -> &str {
    if symbol.is_empty() { "a condition" } else { symbol }
}
