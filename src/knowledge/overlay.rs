//! Tables of a user's own, laid over the embedded ones.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::NamedSource;
use toml::{Table, Value};

use super::{Knowledge, arches, components, kernels};
use crate::error::RunError;
use crate::report::{printable, printable_in_place};

/// The tables that may be laid over, with their embedded text.
const TABLES: [(&str, &str); 3] = [
    ("arches.toml", include_str!("../../rules/knowledge/arches.toml")),
    ("components.toml", include_str!("../../rules/knowledge/components.toml")),
    ("kernels.toml", include_str!("../../rules/knowledge/kernels.toml")),
];

impl Knowledge {
    /// The embedded knowledge with the tables of these folders on top: an entry of a known name is changed key by key,
    /// any other is added.
    ///
    /// # Errors
    /// A file that is no table of gfxlint's, and one that does not fit.
    pub fn with_folders(folders: &[PathBuf]) -> Result<Self, RunError> {
        if folders.is_empty() {
            return Self::embedded();
        }
        let files = folders.iter().map(|folder| files(folder)).collect::<Result<Vec<_>, _>>()?.concat();
        let text = |name: &str| laid_over(name, &files);
        let blame = |name: &'static str| {
            let files = &files;
            move |error| blamed(error, name, files)
        };
        let (universe, arches, series) = arches::read(&text("arches.toml")?).map_err(blame("arches.toml"))?;
        let components = components::read(&text("components.toml")?, &universe).map_err(blame("components.toml"))?;
        let kernels = kernels::read(&text("kernels.toml")?).map_err(blame("kernels.toml"))?;
        Ok(Self { universe, arches, series, components, kernels, spellings: std::sync::OnceLock::new() })
    }
}

/// The tables of a folder.
fn files(folder: &Path) -> Result<Vec<PathBuf>, RunError> {
    let entries = std::fs::read_dir(folder).map_err(|error| RunError::path(folder, &error))?;
    let is_table = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "toml");
    let mut found: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).filter(is_table).collect();
    found.sort();
    if let Some(link) = found.iter().find(|path| path.is_symlink()) {
        return Err(wrong(link, "a link may lead anywhere and is not followed", Some("put the table itself here")));
    }
    let is_known = |path: &&PathBuf| TABLES.iter().any(|(name, _)| path.ends_with(name));
    match found.iter().find(|path| !is_known(path)) {
        Some(other) => Err(wrong(
            other,
            "gfxlint has no such table",
            Some("it is one of arches.toml, components.toml, kernels.toml"),
        )),
        None => Ok(found),
    }
}

fn wrong(path: &Path, cause: &str, help: Option<&str>) -> RunError {
    RunError::Config {
        what: format!("{}: {cause}", printable(&path.display().to_string())),
        help: help.map(ToOwned::to_owned),
        label: String::new(),
        source_code: None,
        at: None,
    }
}

/// The text of a table with the user's on top.
fn laid_over(name: &str, files: &[PathBuf]) -> Result<String, RunError> {
    let embedded = TABLES.iter().find(|(own, _)| *own == name).map_or("", |(_, text)| text);
    let own: Vec<&PathBuf> = files.iter().filter(|path| path.ends_with(name)).collect();
    if own.is_empty() {
        return Ok(embedded.to_owned());
    }
    let mut table: Table = embedded.parse().map_err(|error| RunError::knowledge(name, &error))?;
    for path in own {
        let text = std::fs::read_to_string(path).map_err(|error| RunError::path(path, &error))?;
        let over: Table = text.parse().map_err(|error: toml::de::Error| {
            let shown = printable(&path.display().to_string());
            RunError::Config {
                what: format!("{shown} is not TOML: {}", error.message()),
                help: None,
                label: "here".to_owned(),
                at: error.span().map(Into::into),
                source_code: Some(Arc::new(NamedSource::new(shown, printable_in_place(&text)))),
            }
        })?;
        lay_over(&mut table, over);
    }
    toml::to_string(&table).map_err(|error| wrong(Path::new(name), &error.to_string(), None))
}

fn lay_over(table: &mut Table, over: Table) {
    for (key, value) in over {
        match (table.get_mut(&key), value) {
            (Some(Value::Table(own)), Value::Table(over)) => lay_over(own, over),
            (Some(Value::Array(own)), Value::Array(over)) if over.iter().all(|item| name(item).is_some()) => {
                for item in over {
                    let known = own.iter_mut().find(|known| name(known) == name(&item));
                    match (known.and_then(Value::as_table_mut), item) {
                        (Some(known), Value::Table(item)) => lay_over(known, item),
                        (_, item) => own.push(item),
                    }
                }
            }
            // A list without names is replaced as a whole.
            (_, value) => _ = table.insert(key, value),
        }
    }
}

fn name(item: &Value) -> Option<&str> {
    item.get("name")?.as_str()
}

/// An error in a table, told of the user's file: the embedded ones are right.
fn blamed(error: RunError, name: &str, files: &[PathBuf]) -> RunError {
    match (files.iter().rfind(|path| path.ends_with(name)), error) {
        (Some(path), RunError::Data { cause, .. }) => wrong(path, &cause, None),
        (_, error) => error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)]) -> Result<Knowledge, RunError> {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        Knowledge::with_folders(&[folder.path().to_owned()])
    }

    #[test]
    fn entries_are_changed_key_by_key_and_added() {
        let plain = Knowledge::embedded().unwrap();
        let own = read(&[
            ("arches.toml", "[[arch]]\nname = 'gfx906'\nproducts = ['Lab Card']\n"),
            ("components.toml", "[[component]]\nname = 'triton'\nrequired = false\n"),
        ])
        .unwrap();
        assert_eq!(own.universe.all().len(), plain.universe.all().len());
        assert_eq!(
            own.lookup("Lab Card").map(|found| own.universe.names(found.targets)),
            Some(vec!["gfx906".to_owned()])
        );
        let card = own.arches.iter().find(|arch| arch.name == "gfx906").map(|arch| arch.products.as_slice());
        assert_eq!(card, Some(["Lab Card".to_owned()].as_slice()), "the list was replaced");
        let (before, after) = (plain.component("triton").unwrap(), own.component("triton").unwrap());
        assert!(before.required && !after.required);
        assert_eq!(before.support.len(), after.support.len());
        assert_eq!(own.components.len(), plain.components.len());
    }

    #[test]
    fn what_does_not_fit_is_told_of_the_users_file() {
        for (file, text, cause) in [
            ("targets.toml", "", "no such table"),
            ("arches.toml", "[[arch]\n", "is not TOML"),
            ("arches.toml", "[[arch]]\nname = 'gfx906'\nwave_size = 'many'\n", "arches.toml: "),
            (
                "components.toml",
                "[[component]]\nname = 'triton'\n[[component.support]]\nsupported = ['gfx1']\n",
                "components.toml: ",
            ),
        ] {
            let told = read(&[(file, text)]).unwrap_err().to_string();
            assert!(told.contains(cause) && !told.contains("rules/knowledge"), "{told}");
        }
    }
}
