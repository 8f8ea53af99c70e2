//! The rules of a run.

use std::path::PathBuf;
use std::sync::Arc;

use super::declared::{self, Declared};
use super::{RULES, RuleMeta};
use crate::error::RunError;

/// The rules of a run: the built-in ones, and the user's own.
#[derive(Debug, Clone)]
pub struct RuleSet {
    rules: Vec<&'static RuleMeta>,
    own: Arc<Vec<Declared>>,
}

impl Default for RuleSet {
    fn default() -> Self {
        Self { rules: RULES.iter().collect(), own: Arc::default() }
    }
}

impl RuleSet {
    /// The built-in rules, and those of these folders.
    ///
    /// # Errors
    /// A folder that cannot be read, and a rule in it that means nothing.
    pub fn with_folders(folders: &[PathBuf]) -> Result<Self, RunError> {
        let mut set = Self::default();
        if !folders.is_empty() {
            let own = declared::read_folders(folders)?;
            set.rules.extend(own.iter().map(|rule| rule.meta));
            set.rules.sort_by_key(|rule| rule.id);
            set.own = Arc::new(own);
        }
        Ok(set)
    }

    /// Every rule, by id.
    pub fn iter(&self) -> impl Iterator<Item = &'static RuleMeta> + '_ {
        self.rules.iter().copied()
    }

    /// The user's own rules, by id.
    pub fn own(&self) -> &[Declared] {
        &self.own
    }

    /// Whether a rule is the user's own.
    pub fn is_own(&self, rule: &RuleMeta) -> bool {
        self.own.iter().any(|own| own.meta.id == rule.id)
    }

    /// The rule of that id or name, or the one that was called so.
    pub fn find(&self, id_or_name: &str) -> Option<&'static RuleMeta> {
        self.iter().find(|rule| rule.is_called(id_or_name))
    }

    /// The rule that was called so, where it is called otherwise by now.
    pub fn renamed(&self, id_or_name: &str) -> Option<&'static RuleMeta> {
        self.iter().find(|rule| rule.life.was(id_or_name))
    }
}
