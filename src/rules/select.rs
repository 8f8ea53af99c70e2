//! Which rules run: `--select` and `--ignore` by id, prefix of an id, name, or tag.

use super::{RuleMeta, RuleSet, Status};
use crate::error::RunError;
use crate::report::printable;

/// The rules that run.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// From the farthest configuration file to the command line; the last one that speaks of a rule decides.
    layers: Vec<Layer>,
    /// Whether rules run that are being tried.
    pub preview: bool,
}

/// What one place says of which rules run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layer {
    /// The rules that run, these and no others; none where nothing is said of it.
    pub select: Vec<String>,
    /// Rules that do not run.
    pub ignore: Vec<String>,
}

impl Layer {
    /// Checks that every selector stands for a rule.
    ///
    /// # Errors
    /// A selector that matches no rule.
    pub fn check(&self, rules: &RuleSet) -> Result<(), RunError> {
        match self.select.iter().chain(&self.ignore).find(|selector| !is_known(rules, selector)) {
            Some(selector) => Err(RunError::UnknownRule { selector: printable(selector) }),
            None => Ok(()),
        }
    }

    /// Whether it selects a rule by its id or name.
    pub fn names(&self, rule: &RuleMeta) -> bool {
        self.select.iter().any(|selector| rule.is_called(selector))
    }

    /// Whether a rule runs, as far as this layer speaks of it. The longest selector that matches decides; `ignore`
    /// wins a tie.
    pub fn says(&self, rule: &RuleMeta) -> Option<bool> {
        let weight = |selectors: &[String]| {
            selectors
                .iter()
                .filter(|selector| matches(rule, selector))
                .map(|selector| specificity(rule, selector))
                .max()
        };
        match (weight(&self.select), weight(&self.ignore)) {
            (None, None) => (!self.select.is_empty()).then_some(false),
            (None, Some(_)) => Some(false),
            (Some(_), None) => Some(true),
            (Some(selected), Some(ignored)) => Some(selected > ignored),
        }
    }
}

impl Selection {
    /// Takes selectors of built-in rules as given; no `select` means all rules.
    ///
    /// # Errors
    /// A selector that matches no rule.
    pub fn new(select: &[String], ignore: &[String]) -> Result<Self, RunError> {
        let layer = Layer { select: select.to_vec(), ignore: ignore.to_vec() };
        layer.check(&RuleSet::default())?;
        Ok(Self { layers: vec![layer], preview: false })
    }

    /// One rule alone.
    pub fn only(rule: &RuleMeta) -> Self {
        Self { layers: vec![Layer { select: vec![rule.id.to_owned()], ignore: Vec::new() }], preview: false }
    }

    /// Puts a layer on top, which wins over those below.
    pub fn push(&mut self, layer: Layer) {
        self.layers.push(layer);
    }

    /// Whether a rule runs.
    pub fn contains(&self, rule: &RuleMeta) -> bool {
        self.selects(rule) && self.is_open(rule)
    }

    /// Whether a rule is selected, be it settled or not.
    pub fn selects(&self, rule: &RuleMeta) -> bool {
        self.layers.iter().rev().find_map(|layer| layer.says(rule)).unwrap_or(true)
    }

    /// Whether a rule may run at all: not what was removed, and what is being tried only where somebody asks for it.
    pub fn is_open(&self, rule: &RuleMeta) -> bool {
        match rule.life.status {
            Status::Stable | Status::Deprecated => true,
            Status::Preview => self.preview || self.layers.iter().any(|layer| layer.names(rule)),
            Status::Removed => false,
        }
    }
}

/// Whether a selector stands for a rule, or for a family that may have some.
pub fn is_known(rules: &RuleSet, selector: &str) -> bool {
    rules.iter().any(|rule| matches(rule, selector)) || is_catalogue_prefix(selector)
}

/// Whether a selector stands for a rule, among others perhaps.
pub fn matches(rule: &RuleMeta, selector: &str) -> bool {
    selector == "ALL"
        || rule.name == selector
        || rule.tags.contains(&selector)
        || rule.life.was(selector)
        || rule.id.get(..selector.len()).is_some_and(|start| start.eq_ignore_ascii_case(selector))
            && selector.len() >= 3
}

/// A whole family may be selected before it has any rules (`GFX3`).
fn is_catalogue_prefix(selector: &str) -> bool {
    let upper = selector.to_ascii_uppercase();
    upper.strip_prefix("GFX").is_some_and(|number| number.len() < 3 && number.bytes().all(|byte| byte.is_ascii_digit()))
}

/// How closely a selector that matches a rule is about it: its id or name most, then starts of ids by their length, then
/// tags, then `ALL`.
pub fn specificity(rule: &RuleMeta, selector: &str) -> usize {
    match selector {
        "ALL" => 0,
        _ if rule.is_called(selector) => rule.id.len(),
        _ if rule.tags.contains(&selector) => 1,
        _ => selector.len(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(layers: &[(&[&str], &[&str])], name: &str) -> bool {
        let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let layers = layers.iter().map(|(select, ignore)| Layer { select: own(select), ignore: own(ignore) }).collect();
        Selection { layers, preview: false }.contains(RuleSet::default().find(name).unwrap())
    }

    #[test]
    fn the_nearest_layer_that_speaks_of_a_rule_decides() {
        assert!(runs(&[], "GFX101"));
        assert!(!runs(&[(&["GFX2"], &[])], "GFX101"));
        assert!(!runs(&[(&[], &["GFX1"])], "GFX101"));
        assert!(runs(&[(&["GFX101"], &["GFX1"])], "arch-gap"));
        assert!(!runs(&[(&["GFX1"], &["arch-gap"])], "GFX101"));
        assert!(runs(&[(&[], &["GFX101"]), (&["GFX1"], &[])], "GFX101"));
        assert!(!runs(&[(&["GFX101"], &[]), (&[], &["GFX1"])], "GFX101"));
        assert!(!runs(&[(&[], &["GFX101"]), (&[], &["GFX2"])], "GFX101"));
    }

    #[test]
    fn tags_select_rules_and_every_closer_word_wins_over_them() {
        assert!(runs(&[(&["docker"], &[])], "GFX404") && !runs(&[(&["nix"], &[])], "GFX404"));
        assert!(!runs(&[(&["docker"], &["GFX4"])], "GFX404"));
        assert!(runs(&[(&["GFX4"], &["docker"])], "GFX404"));
        assert!(runs(&[(&["ALL", "mixed-rocm"], &["docker"])], "GFX404"));
        assert!(!runs(&[(&["ALL"], &["docker"])], "GFX404"));
    }

    #[test]
    fn rules_that_are_not_settled_run_where_somebody_asks_for_them() {
        let found = RuleSet::default().find("GFX404").unwrap();
        let with = |status| RuleMeta { life: super::super::Life { status, ..found.life }, ..found.clone() };
        let (preview, removed) = (with(Status::Preview), with(Status::Removed));
        let select = |selector: &str| Selection {
            layers: vec![Layer { select: vec![selector.to_owned()], ignore: Vec::new() }],
            preview: false,
        };
        assert!(!Selection::default().contains(&preview) && !select("GFX4").contains(&preview));
        assert!(select("gfx404").contains(&preview) && select("mixed-rocm").contains(&preview));
        assert!(Selection { preview: true, ..Selection::default() }.contains(&preview));
        assert!(!select("GFX404").contains(&removed));
    }
}
