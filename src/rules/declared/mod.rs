//! Rules that users write: a condition over facts, or a tree-sitter query, in the same TOML as the built-in ones.

mod expression;
mod keys;
mod load;
mod query;
#[cfg(test)]
mod tests;
mod views;

use std::collections::BTreeMap;

use minijinja::Value;

use self::expression::{Condition, Message};
use self::load::Source;
use super::RuleMeta;
use crate::context::Context;
use crate::discover::Exclude;
use crate::error::RunError;
use crate::finding::Finding;
use crate::span::Place;

pub use load::read_folders;

/// A rule that a user wrote.
pub struct Declared {
    /// What it is.
    pub meta: &'static RuleMeta,
    body: Body,
    message: Message,
    help: Option<Message>,
    /// The files that it is about; none for all.
    paths: Option<Exclude>,
    source: Source,
}

enum Body {
    /// A condition over facts of one kind.
    When { kind: &'static str, condition: Condition },
    /// Patterns of a query.
    Query(query::Pattern),
}

impl std::fmt::Debug for Declared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.meta.fmt(f)
    }
}

/// Runs these rules.
///
/// # Errors
/// A condition or a message that cannot be computed for some fact.
pub fn run(cx: &Context<'_>, rules: &[&Declared]) -> Result<Vec<Finding>, RunError> {
    let mut found = Vec::new();
    let mut views: BTreeMap<&str, Vec<views::View>> = BTreeMap::new();
    for rule in rules {
        let Body::When { kind, condition } = &rule.body else { continue };
        for view in views.entry(kind).or_insert_with(|| views::views(cx, kind)).iter() {
            if !rule.is_about(cx, view.at) {
                continue;
            }
            if condition.holds(&view.values).map_err(|fault| rule.source.failed(cx, "when", fault, view.at))? {
                found.push(rule.finding(cx, view.at, &view.values)?);
            }
        }
    }
    let queries: Vec<(&Declared, &query::Pattern)> = rules
        .iter()
        .filter_map(|rule| match &rule.body {
            Body::Query(pattern) => Some((*rule, pattern)),
            Body::When { .. } => None,
        })
        .collect();
    for (rule, hit) in query::run(cx, &queries)? {
        if rule.is_about(cx, hit.at) {
            found.push(rule.finding(cx, hit.at, &hit.values)?);
        }
    }
    Ok(found)
}

impl Declared {
    fn is_about(&self, cx: &Context<'_>, at: Place) -> bool {
        let file = cx.workspace.sources().get(at.file);
        let is_among = |paths: &Exclude| paths.covers(&std::path::Path::new("/").join(&file.path));
        !file.is_context && self.paths.as_ref().is_none_or(is_among)
    }

    fn finding(&self, cx: &Context<'_>, at: Place, values: &Value) -> Result<Finding, RunError> {
        let failed = |part: &'static str| move |fault| self.source.failed(cx, part, fault, at);
        let message = self.message.about(values).map_err(failed("message"))?;
        let finding = Finding::new(self.meta, at, message.trim());
        match &self.help {
            Some(help) => Ok(finding.help(help.about(values).map_err(failed("help"))?.trim())),
            None => Ok(finding),
        }
    }
}
