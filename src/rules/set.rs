//! The rules of a run.

use super::{RULES, RuleMeta};

/// The rules of a run: the built-in ones, and the user's own.
#[derive(Debug, Clone)]
pub struct RuleSet {
    rules: Vec<&'static RuleMeta>,
}

impl Default for RuleSet {
    fn default() -> Self {
        Self { rules: RULES.iter().collect() }
    }
}

impl RuleSet {
    /// Every rule, by id.
    pub fn iter(&self) -> impl Iterator<Item = &'static RuleMeta> + '_ {
        self.rules.iter().copied()
    }

    /// The rule of that id or name.
    pub fn find(&self, id_or_name: &str) -> Option<&'static RuleMeta> {
        self.iter().find(|rule| rule.id.eq_ignore_ascii_case(id_or_name) || rule.name == id_or_name)
    }
}
