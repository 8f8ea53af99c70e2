//! Names that come and go with vLLM's releases: variables (`environment.toml`) and options (`flags.toml`).

use std::collections::BTreeMap;

use serde::Deserialize;

use super::Presence;

/// Variables or options, and the releases that have them.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Names {
    #[serde(deserialize_with = "sorted")]
    always: Vec<String>,
    life: BTreeMap<String, Presence>,
    #[serde(default)]
    gone: Vec<Gone>,
    /// Where this was read.
    pub sources: Vec<String>,
}

/// Names are looked up by halves, and a user's own come last.
fn sorted<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<String>, D::Error> {
    let mut names = Vec::<String>::deserialize(deserializer)?;
    names.sort_unstable();
    Ok(names)
}

/// What to do in place of a name that is gone.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Gone {
    /// The name.
    pub name: String,
    /// The variable or option (with its dashes) that does the same in later releases.
    #[serde(default)]
    pub by: Option<String>,
    /// What else is to be said.
    #[serde(default)]
    pub text: Option<String>,
    /// Whether the option takes a value, which goes with it.
    #[serde(default)]
    pub value: bool,
    /// Where this was read.
    pub sources: Vec<String>,
}

impl Names {
    /// The releases that have the name; none for a name of which no release that was read knows.
    pub fn get(&self, name: &str) -> Option<Presence> {
        match self.life.get(name) {
            Some(&presence) => Some(presence),
            None => self.always.binary_search_by(|own| own.as_str().cmp(name)).ok().map(|_| Presence::always()),
        }
    }

    /// What to do in place of a name that is gone.
    pub fn gone(&self, name: &str) -> Option<&Gone> {
        self.gone.iter().find(|gone| gone.name == name)
    }

    /// All names that some release that was read has.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.always.iter().chain(self.life.keys()).map(String::as_str)
    }
}

pub(super) const ENVIRONMENT: &str = include_str!("../../rules/knowledge/environment.toml");
pub(super) const FLAGS: &str = include_str!("../../rules/knowledge/flags.toml");

#[cfg(test)]
mod tests {
    use super::*;
    use crate::version::{Known, Version, VersionRange};

    fn tables() -> [Names; 2] {
        [toml::from_str(ENVIRONMENT).unwrap(), toml::from_str(FLAGS).unwrap()]
    }

    #[test]
    fn names_live_as_long_as_the_releases_say() {
        let [environment, flags] = tables();
        let at = |presence: Option<Presence>, version: &str| {
            presence.map(|presence| presence.at(&VersionRange::exact(Version::parse(version).unwrap())))
        };
        assert_eq!(at(environment.get("VLLM_USE_V1"), "0.11.0"), Some(Known::Yes));
        assert_eq!(at(environment.get("VLLM_USE_V1"), "0.12.0"), Some(Known::No));
        assert_eq!(at(environment.get("VLLM_ATTENTION_BACKEND"), "0.15.0"), Some(Known::Unknown));
        assert_eq!(at(environment.get("VLLM_ROCM_USE_AITER"), "0.33.0"), Some(Known::Yes));
        assert_eq!(environment.get("VLLM_RDNA_FORCE_FP16"), None);
        assert_eq!(at(flags.get("swap-space"), "0.14.1"), Some(Known::Yes));
        assert_eq!(at(flags.get("swap-space"), "0.19.1"), Some(Known::No));
        assert_eq!(at(flags.get("dtype"), "0.19.1"), Some(Known::Yes));
        assert_eq!(at(flags.get("port"), "0.19.1"), Some(Known::Yes));
    }

    #[test]
    fn what_is_in_every_release_is_in_order() {
        for table in tables() {
            assert!(table.always.windows(2).all(|pair| pair[0] < pair[1]));
            assert!(table.life.keys().all(|name| !table.always.contains(name)));
        }
    }

    #[test]
    fn what_takes_a_names_place_exists_once_it_is_gone() {
        let [environment, flags] = tables();
        for (table, entry) in [(&environment, &environment.gone), (&flags, &flags.gone)]
            .into_iter()
            .flat_map(|(table, gone)| gone.iter().map(move |gone| (table, gone)))
        {
            assert!(entry.by.is_some() || entry.text.is_some(), "{entry:?}");
            let presence = table.get(&entry.name);
            let gone_by = presence.and_then(Presence::gone_by);
            assert!(presence.is_none() || gone_by.is_some(), "{} is not gone", entry.name);
            let Some(by) = &entry.by else { continue };
            let after = gone_by.unwrap();
            let successor = match by.strip_prefix("--") {
                Some(flag) => flags.get(flag.split('.').next().unwrap()),
                None => environment.get(by),
            };
            let lives = successor.map(|presence| presence.at(&VersionRange::exact(after.clone())));
            assert_eq!(lives, Some(Known::Yes), "{by} in {after}");
        }
    }
}
