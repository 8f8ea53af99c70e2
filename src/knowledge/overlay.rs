//! Tables of a user's own, laid over the embedded ones.
//!
//! One way for all of them: a table is changed key by key; of a list of entries, one that is known by its name (or version,
//! or path) is changed key by key, and one that nothing is known of is added. Entries without such a key come before
//! gfxlint's own, since the first that fits counts.

use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use miette::NamedSource;
use toml::de::{DeTable, DeValue};
use toml::{Spanned, Table, Value};

use super::Knowledge;
use crate::discover::{below_working, shown};
use crate::error::RunError;
use crate::report::{printable, printable_in_place};

/// Keys by which entries are known, the first that an entry has.
const IDENTITY: [&str; 3] = ["name", "version", "path"];

/// The tables of a user's folders.
pub(super) struct Overlay {
    files: Vec<File>,
}

/// One file of them.
struct File {
    /// The table that it is laid over.
    table: String,
    /// Its path as output shows it.
    shown: String,
    text: String,
}

impl Knowledge {
    /// The embedded knowledge with the tables of these folders on top.
    ///
    /// # Errors
    /// A file that is no table of gfxlint's, and one that does not fit.
    pub fn with_folders(folders: &[PathBuf]) -> Result<Self, RunError> {
        if folders.is_empty() { Self::embedded() } else { Self::laid_over(&Overlay::read(folders)?) }
    }
}

impl Overlay {
    fn read(folders: &[PathBuf]) -> Result<Self, RunError> {
        let mut files = Vec::new();
        for folder in folders {
            let entries = std::fs::read_dir(folder).map_err(|error| RunError::path(folder, &error))?;
            let mut paths: Vec<PathBuf> = entries.filter_map(Result::ok).map(|entry| entry.path()).collect();
            paths.sort();
            let is_table = |path: &&PathBuf| path.extension().is_some_and(|extension| extension == "toml");
            for path in paths.iter().filter(is_table) {
                files.push(File::read(path)?);
            }
        }
        Ok(Self { files })
    }

    /// A table with the user's on top; none where nothing is laid over it.
    ///
    /// # Errors
    /// What does not fit, at its place in the user's file: the embedded text is right.
    pub(super) fn table<T>(
        &self,
        name: &str,
        embedded: &str,
        read: impl Fn(&str) -> Result<T, RunError>,
    ) -> Result<Option<T>, RunError> {
        let files: Vec<&File> = self.files.iter().filter(|file| file.table == name).collect();
        let Some(last) = files.last() else { return Ok(None) };
        let read = |table: &Table| read(&toml::to_string(table).map_err(|error| last.error(&error.to_string(), None))?);
        let own: Table = embedded.parse().map_err(|error| RunError::knowledge(name, &error))?;
        let mut whole = own.clone();
        for file in &files {
            lay_over(&mut whole, file.parse()?, false);
        }
        read(&whole).map(Some).or_else(|error| {
            // Which part is to blame shows when they are laid on one by one.
            let mut whole = own;
            for file in &files {
                for (part, place) in file.parts()? {
                    lay_over(&mut whole, part, false);
                    if let Err(RunError::Data { cause, .. }) = read(&whole) {
                        return Err(file.error(&cause, Some(&place)));
                    }
                }
            }
            Err(error)
        })
    }
}

impl File {
    fn read(path: &Path) -> Result<Self, RunError> {
        let shown = printable(&shown(below_working(path)));
        if path.is_symlink() {
            let what = format!("{shown}: a link may lead anywhere and is not followed");
            let help = Some("put the table itself here".to_owned());
            return Err(RunError::Config { what, help, label: String::new(), source_code: None, at: None });
        }
        let table = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(path).map_err(|error| RunError::path(path, &error))?;
        let file = Self { table, shown, text };
        let known = Knowledge::tables();
        if known.contains(&file.table.as_str()) {
            return Ok(file);
        }
        let what = format!("{}: gfxlint has no such table", file.shown);
        let help = Some(format!("it is one of {}", known.join(", ")));
        Err(RunError::Config { what, help, label: String::new(), source_code: None, at: None })
    }

    fn parse(&self) -> Result<Table, RunError> {
        self.text.parse().map_err(|error: toml::de::Error| RunError::Config {
            what: format!("{} is not TOML: {}", self.shown, error.message()),
            help: None,
            label: "here".to_owned(),
            at: error.span().map(Into::into),
            source_code: Some(self.source()),
        })
    }

    /// Each key of its own and each entry of a list, as a table that holds nothing else, with its place.
    fn parts(&self) -> Result<Vec<(Table, Spanned<DeValue<'_>>)>, RunError> {
        let (table, Ok(places)) = (self.parse()?, DeTable::parse(&self.text)) else { return Ok(Vec::new()) };
        let mut parts = Vec::new();
        for (key, place) in places.into_inner() {
            let alone = |value: &Value| Table::from_iter([(key.get_ref().to_string(), value.clone())]);
            let span = place.span();
            match (table.get(key.get_ref().as_ref()), place.into_inner()) {
                (Some(Value::Array(items)), DeValue::Array(places)) if items.iter().all(Value::is_table) => {
                    let items = items.iter().map(|item| alone(&Value::Array(vec![item.clone()])));
                    parts.extend(items.zip(places));
                }
                (Some(value), place) => parts.push((alone(value), Spanned::new(span, place))),
                (None, _) => {}
            }
        }
        Ok(parts)
    }

    /// An error at the word of `part` that the cause names, else at the part as a whole.
    fn error(&self, cause: &str, part: Option<&Spanned<DeValue<'_>>>) -> RunError {
        let words = cause.split(['`', '"']).skip(1).step_by(2);
        let named = part.and_then(|part| words.filter_map(|word| place_of(part, word)).next());
        let at = named.or_else(|| part.map(Spanned::span));
        RunError::Config {
            what: format!("{}: {cause}", self.shown),
            help: None,
            label: "here".to_owned(),
            source_code: at.is_some().then(|| self.source()),
            at: at.map(Into::into),
        }
    }

    fn source(&self) -> Arc<NamedSource<String>> {
        Arc::new(NamedSource::new(&self.shown, printable_in_place(&self.text)))
    }
}

/// Where a word stands in a value, as a key or as a value of its own.
fn place_of(value: &Spanned<DeValue<'_>>, word: &str) -> Option<Range<usize>> {
    let is_it = match value.get_ref() {
        DeValue::String(text) => text == word,
        DeValue::Integer(number) => number.as_str() == word,
        DeValue::Float(number) => number.as_str() == word,
        DeValue::Boolean(flag) => flag.to_string() == word,
        DeValue::Datetime(_) => false,
        DeValue::Array(items) => return items.iter().find_map(|item| place_of(item, word)),
        DeValue::Table(table) => {
            let key = table.keys().find(|key| key.get_ref() == word).map(Spanned::span);
            return key.or_else(|| table.values().find_map(|value| place_of(value, word)));
        }
    };
    is_it.then(|| value.span())
}

/// Lays a table over another one. A plain list is added to; within an entry it is one of the entry's values, and is
/// replaced.
fn lay_over(table: &mut Table, over: Table, is_entry: bool) {
    for (key, value) in over {
        match (table.get_mut(&key), value) {
            (Some(Value::Table(own)), Value::Table(over)) => lay_over(own, over, is_entry),
            (Some(Value::Array(own)), Value::Array(over)) if over.iter().all(Value::is_table) && !over.is_empty() => {
                add_entries(own, over);
            }
            (Some(Value::Array(own)), Value::Array(over)) if !is_entry => {
                over.into_iter().for_each(|item| {
                    if !own.contains(&item) {
                        own.push(item);
                    }
                });
            }
            (_, value) => _ = table.insert(key, value),
        }
    }
}

fn add_entries(own: &mut Vec<Value>, over: Vec<Value>) {
    let (named, others): (Vec<Value>, Vec<Value>) = over.into_iter().partition(|item| identity(item).is_some());
    own.splice(..0, others);
    for item in named {
        let known = own.iter_mut().find(|known| identity(known) == identity(&item));
        match (known.and_then(Value::as_table_mut), item) {
            (Some(known), Value::Table(item)) => lay_over(known, item, true),
            (_, item) => own.push(item),
        }
    }
}

/// What an entry is known by.
fn identity(item: &Value) -> Option<(&'static str, &str)> {
    IDENTITY.iter().find_map(|key| Some((*key, item.get(key)?.as_str()?)))
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
    fn what_fits_first_is_the_users() {
        let own = read(&[
            ("wheels.toml", "[[row]]\ntargets = ['gfx906']\nhas = false\nsources = ['lab']\n"),
            ("images.toml", "[[image]]\nnames = ['vllm/*']\nplatform = 'cuda'\nsources = ['lab']\n"),
            ("environment.toml", "always = ['A_LAB', 'VLLM_HOST_IP']\n"),
            ("releases.toml", "[[release]]\nversion = '0.34.0'\nimage_rocm = '8.0'\n"),
        ])
        .unwrap();
        let plain = Knowledge::embedded().unwrap();
        let version = |text: &str| crate::version::Version::parse(text);
        assert!(own.wheels().have("gfx906", version("2.9.0").as_ref(), version("6.4").as_ref()).is_no());
        assert!(plain.wheels().have("gfx906", version("2.9.0").as_ref(), version("6.4").as_ref()).is_yes());
        assert_eq!(own.images().entries().len(), plain.images().entries().len() + 1);
        assert_eq!(own.images().entries()[0].names, ["vllm/*"]);
        assert!(own.environment().get("A_LAB").is_some() && own.environment().get("VLLM_PORT").is_some());
        let newest = own.releases().newest().unwrap();
        assert_eq!((newest.version.to_string().as_str(), newest.image_rocm.as_deref()), ("0.34.0", Some("8.0")));
        assert_eq!(newest.python, plain.releases().newest().unwrap().python, "as in the release before");
    }

    /// Each can be laid over, the embedded one at least.
    #[test]
    fn every_table_is_read() {
        for name in Knowledge::tables() {
            read(&[(name, "")]).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
        let files = std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules/knowledge")).unwrap();
        assert_eq!(files.count(), Knowledge::tables().len(), "a table that cannot be laid over");
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
