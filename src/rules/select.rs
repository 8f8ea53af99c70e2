//! Which rules run: `--select` and `--ignore` by id, prefix of an id, or name.

use super::{RULES, RuleMeta};
use crate::error::RunError;
use crate::report::printable;

/// The rules that run.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    select: Vec<String>,
    ignore: Vec<String>,
}

impl Selection {
    /// Takes selectors as given; no `select` means all rules.
    ///
    /// # Errors
    /// A selector that matches no rule.
    pub fn new(select: &[String], ignore: &[String]) -> Result<Self, RunError> {
        for selector in select.iter().chain(ignore) {
            if !RULES.iter().any(|rule| matches(rule, selector)) && !is_catalogue_prefix(selector) {
                return Err(RunError::UnknownRule { selector: printable(selector) });
            }
        }
        Ok(Self { select: select.to_vec(), ignore: ignore.to_vec() })
    }

    /// Whether a rule runs. The longest selector that matches decides; `--ignore` wins a tie.
    pub fn contains(&self, rule: &RuleMeta) -> bool {
        let weight = |selectors: &[String]| {
            selectors
                .iter()
                .filter(|selector| matches(rule, selector))
                .map(|selector| specificity(rule, selector))
                .max()
        };
        let selected = if self.select.is_empty() { Some(0) } else { weight(&self.select) };
        match (selected, weight(&self.ignore)) {
            (None, _) => false,
            (Some(_), None) => true,
            (Some(selected), Some(ignored)) => selected > ignored,
        }
    }

    /// Whether no rule runs that reads more than imports.
    pub fn is_about_imports(&self) -> bool {
        RULES.iter().filter(|rule| self.contains(rule)).all(RuleMeta::is_about_imports)
    }
}

fn matches(rule: &RuleMeta, selector: &str) -> bool {
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
