//! A rule's life: whether it is tried, settled or on its way out, since when, and what it was called before.

use serde::{Deserialize, Serialize};

use super::RuleMeta;

/// The release that brought whatever says nothing of it.
pub const FIRST: &str = "0.1.0";

/// Where a rule stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// It is what it will be.
    Stable,
    /// It is being tried: it runs where it is selected by its id or name, or with `--preview`.
    Preview,
    /// It runs, and will not for long.
    Deprecated,
    /// It runs no more; its file tells what became of it.
    Removed,
}

/// A rule's life, as its file says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Life {
    /// Where it stands.
    pub status: Status,
    /// The release since which it does; none for rules of one's own that say nothing of it.
    pub since: Option<&'static str>,
    /// What to do instead, of a rule that is deprecated or removed.
    pub instead: Option<&'static str>,
    /// Ids and names that it had before.
    pub formerly: &'static [&'static str],
}

impl Life {
    /// What holds where a file says nothing.
    pub const USUAL: Self = Self { status: Status::Stable, since: Some(FIRST), instead: None, formerly: &[] };

    /// All of it in a sentence or two.
    pub fn told(&self) -> String {
        let since = self.since.map(|since| format!(" since {since}")).unwrap_or_default();
        let mut told = match self.status {
            Status::Stable => format!("Stable{since}."),
            Status::Preview => {
                format!("In preview{since}: it runs where it is selected by its id or name, or with --preview.")
            }
            Status::Deprecated => format!("Deprecated{since}."),
            Status::Removed => format!("Removed{}.", since.replacen("since", "in", 1)),
        };
        if let Some(instead) = self.instead {
            told = format!("{}: {instead}.", told.trim_end_matches('.'));
        }
        if !self.formerly.is_empty() {
            told = format!("{told} It was called {} before.", self.formerly.join(", "));
        }
        told
    }

    /// Whether it was called so.
    pub fn was(&self, name: &str) -> bool {
        self.formerly.iter().any(|old| old.eq_ignore_ascii_case(name))
    }
}

impl RuleMeta {
    /// Whether this is its id or its name, and no wider selector.
    pub fn is_called(&self, selector: &str) -> bool {
        self.id.eq_ignore_ascii_case(selector) || self.name == selector || self.life.was(selector)
    }

    /// What is to be said to somebody who names the rule so: it is called otherwise by now, it will go, it is gone.
    pub fn remark(&self, selector: &str) -> Option<String> {
        let (id, name) = (self.id, self.name);
        let since = |word: &str| self.life.since.map(|since| format!(" {word} {since}")).unwrap_or_default();
        let instead = self.life.instead.map(|instead| format!(": {instead}")).unwrap_or_default();
        match self.life.status {
            _ if !self.is_called(selector) => None,
            Status::Removed => Some(format!("`{id}` ({name}) was removed{}{instead}", since("in"))),
            Status::Deprecated => Some(format!("`{id}` ({name}) is deprecated{}{instead}", since("since"))),
            _ if self.life.was(selector) => Some(format!("`{selector}` is called {id} ({name}) by now: write that")),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_told_in_words() {
        let life = |status, instead| Life { status, instead, since: Some("0.3.0"), formerly: &[] };
        assert_eq!(Life::USUAL.told(), "Stable since 0.1.0.");
        assert_eq!(life(Status::Removed, Some("GFX102 tells")).told(), "Removed in 0.3.0: GFX102 tells.");
        assert_eq!(life(Status::Deprecated, None).told(), "Deprecated since 0.3.0.");
        let renamed = Life { formerly: &["GFX199", "old-gap"], ..Life::USUAL };
        assert_eq!(renamed.told(), "Stable since 0.1.0. It was called GFX199, old-gap before.");
        assert!(renamed.was("gfx199") && !renamed.was("GFX19"));
    }
}
