//! Which rules run: `--select` and `--ignore` by id, prefix of an id, or name.

use super::{RuleMeta, RuleSet};
use crate::error::RunError;
use crate::report::printable;

/// The rules that run.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// From the farthest configuration file to the command line; the last one that speaks of a rule decides.
    layers: Vec<Layer>,
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
        Ok(Self { layers: vec![layer] })
    }

    /// One rule alone.
    pub fn only(rule: &RuleMeta) -> Self {
        Self { layers: vec![Layer { select: vec![rule.id.to_owned()], ignore: Vec::new() }] }
    }

    /// Puts a layer on top, which wins over those below.
    pub fn push(&mut self, layer: Layer) {
        self.layers.push(layer);
    }

    /// Whether a rule runs.
    pub fn contains(&self, rule: &RuleMeta) -> bool {
        self.layers.iter().rev().find_map(|layer| layer.says(rule)).unwrap_or(true)
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
        || rule.id.get(..selector.len()).is_some_and(|start| start.eq_ignore_ascii_case(selector))
            && selector.len() >= 3
}

/// A whole family may be selected before it has any rules (`GFX3`).
fn is_catalogue_prefix(selector: &str) -> bool {
    let upper = selector.to_ascii_uppercase();
    upper.strip_prefix("GFX").is_some_and(|number| number.len() < 3 && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn specificity(rule: &RuleMeta, selector: &str) -> usize {
    if rule.name == selector { rule.id.len() } else { selector.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(layers: &[(&[&str], &[&str])], name: &str) -> bool {
        let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let layers = layers.iter().map(|(select, ignore)| Layer { select: own(select), ignore: own(ignore) }).collect();
        Selection { layers }.contains(RuleSet::default().find(name).unwrap())
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
}
