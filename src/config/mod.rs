//! The configuration of a run: `gfxlint.toml` or `[tool.gfxlint]` in `pyproject.toml`, and what the command line says.
//!
//! One configuration a run, found upward from the first path. Every value keeps where it comes from, so that an error
//! points at it and `gfxlint config` can tell.

mod find;
pub mod keys;
mod origin;
mod policy;
mod read;
pub mod schema;
#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use origin::{ConfigFile, Given, Origin};
pub use policy::Policy;
pub(crate) use read::{check_table, severity};

use crate::discover::Exclude;
use crate::error::RunError;
use crate::finding::{Confidence, FailOn, Severity};
use crate::knowledge::Knowledge;
use crate::rules::{Layer, RuleSet, Selection};

/// The values in force. Of lists that add up, the farthest file comes first; else the nearest value is kept.
#[derive(Debug, Default)]
pub struct Config {
    /// The files that were read, the nearest one last.
    pub files: Vec<Arc<ConfigFile>>,
    /// Which rules run, place by place.
    pub layers: Vec<Rules>,
    /// The targets to check for.
    pub targets: Option<Given<Vec<String>>>,
    /// Whether rules run that are being tried.
    pub preview: Option<Given<bool>>,
    /// Whether advice is wanted.
    pub pedantic: Option<Given<bool>>,
    /// From which severity on a run fails.
    pub fail_on: Option<Given<FailOn>>,
    /// The lowest severity that is reported.
    pub min_severity: Option<Given<Severity>>,
    /// How sure a finding must be to be reported.
    pub min_confidence: Option<Given<Confidence>>,
    /// What is not checked.
    pub exclude: Vec<Given<String>>,
    /// Folders with the user's rules.
    pub rules: Vec<Given<PathBuf>>,
    /// Folders with the user's knowledge.
    pub knowledge: Vec<Given<PathBuf>>,
    /// The baseline; it need not exist.
    pub baseline: Option<Given<PathBuf>>,
    /// The release of vLLM that is meant where nothing says so.
    pub vllm: Option<Given<String>>,
    /// The same of ROCm.
    pub rocm: Option<Given<String>>,
    /// Severities of rules.
    pub severity: Vec<Given<(String, Severity)>>,
    /// Whether comments must say why.
    pub require_reason: Option<Given<bool>>,
    /// Rules that no comment may leave out.
    pub forbid: Vec<Given<String>>,
    /// Other rules for some files.
    pub per_path: Vec<PathRules>,
}

/// Which rules run, as one place says.
#[derive(Debug, Default)]
pub struct Rules {
    /// These and no others.
    pub select: Vec<Given<String>>,
    /// All but these.
    pub ignore: Vec<Given<String>>,
}

/// Other rules for some files.
#[derive(Debug)]
pub struct PathRules {
    /// The table.
    pub origin: Origin,
    /// The folder that the patterns count from.
    pub folder: PathBuf,
    /// Which files.
    pub paths: Vec<Given<String>>,
    /// Which rules.
    pub rules: Rules,
    /// Severities of rules.
    pub severity: Vec<Given<(String, Severity)>>,
    /// The targets that they are checked for, where those differ.
    pub targets: Option<Given<Vec<String>>>,
}

impl Rules {
    fn layer(&self) -> Layer {
        let values = |list: &[Given<String>]| list.iter().map(|given| given.value.clone()).collect();
        Layer { select: values(&self.select), ignore: values(&self.ignore) }
    }

    fn selectors(&self) -> impl Iterator<Item = &Given<String>> {
        self.select.iter().chain(&self.ignore)
    }
}

impl Config {
    /// The configuration that `GFXLINT_CONFIG` names, or that of what lies at `start`; the empty one where there is none. `shown` writes a path.
    ///
    /// # Errors
    /// A configuration that cannot be read or means nothing.
    pub fn find(start: &Path, shown: impl Fn(&Path) -> String) -> Result<Self, RunError> {
        let Some(file) = find::named().or_else(|| find::upward(start)) else { return Ok(Self::default()) };
        let mut config = Self::default();
        for (file, part) in find::chain(&file, &shown)? {
            config.add(&file, part)?;
        }
        Ok(config)
    }

    /// Puts a file's values on top.
    fn add(&mut self, file: &Arc<ConfigFile>, part: read::Part) -> Result<(), RunError> {
        let root = find::root_of(&file.path);
        let folders = |named: Vec<Given<String>>, what: &str| -> Result<Vec<Given<PathBuf>>, RunError> {
            named
                .into_iter()
                .map(|given| match find::within(&root, &file.folder, &given.value) {
                    Ok(path) if path.is_dir() => Ok(Given { value: path, origin: given.origin }),
                    Ok(_) => Err(given.origin.error(format!("the {what} is not a folder"), "named here", None)),
                    Err(cause) => {
                        Err(given.origin.error(format!("cannot read the {what}: {cause}"), "named here", None))
                    }
                })
                .collect()
        };
        self.rules.extend(folders(part.rules, "folder with rules")?);
        self.knowledge.extend(folders(part.knowledge, "folder with knowledge")?);
        if let Some(given) = part.baseline {
            let parent = Path::new(&given.value).parent().and_then(Path::to_str).unwrap_or_default();
            let parent = if parent.is_empty() { "." } else { parent };
            let folder = find::within(&root, &file.folder, parent)
                .map_err(|cause| given.origin.error(format!("cannot use the baseline: {cause}"), "named here", None))?;
            let path = folder.join(Path::new(&given.value).file_name().unwrap_or_default());
            // What is written there must not come to lie somewhere else.
            if path.is_symlink() {
                find::within(&root, &file.folder, &given.value).map_err(|cause| {
                    given.origin.error(format!("cannot use the baseline: {cause}"), "named here", None)
                })?;
            }
            self.baseline = Some(Given { value: path, origin: given.origin });
        }
        self.layers.push(Rules { select: part.select, ignore: part.ignore });
        self.targets = part.targets.or(self.targets.take());
        self.preview = part.preview.or(self.preview.take());
        self.pedantic = part.pedantic.or(self.pedantic.take());
        self.fail_on = part.fail_on.or(self.fail_on.take());
        self.min_severity = part.min_severity.or(self.min_severity.take());
        self.min_confidence = part.min_confidence.or(self.min_confidence.take());
        self.vllm = part.vllm.or(self.vllm.take());
        self.rocm = part.rocm.or(self.rocm.take());
        self.require_reason = part.require_reason.or(self.require_reason.take());
        self.exclude.extend(part.exclude);
        self.severity.extend(part.severity);
        self.forbid.extend(part.forbid);
        self.per_path.extend(part.per_path.into_iter().map(|path| PathRules {
            origin: path.origin,
            folder: file.folder.clone(),
            paths: path.paths,
            rules: Rules { select: path.select, ignore: path.ignore },
            severity: path.severity,
            targets: path.targets,
        }));
        self.files.push(Arc::clone(file));
        Ok(())
    }

    /// Checks what can be checked once rules and knowledge are there: names of rules and targets, versions, patterns.
    ///
    /// # Errors
    /// The first that means nothing, or that contradicts another.
    pub fn check(&self, rules: &RuleSet, knowledge: &Knowledge) -> Result<(), RunError> {
        let known = |given: &Given<String>| policy::check_selector(rules, &given.value, &given.origin);
        for layer in self.layers.iter().chain(self.per_path.iter().map(|path| &path.rules)) {
            layer.selectors().try_for_each(known)?;
            if let Some(both) = layer
                .ignore
                .iter()
                .find(|ignored| layer.select.iter().any(|selected| selected.value.eq_ignore_ascii_case(&ignored.value)))
            {
                let what = format!("`{}` is both selected and ignored", both.value);
                return Err(both.origin.error(
                    what,
                    "selected above",
                    Some("take it out of one of the two".to_owned()),
                ));
            }
        }
        self.forbid.iter().try_for_each(known)?;
        policy::check_severities(rules, &self.severity)?;
        self.per_path.iter().try_for_each(|path| policy::check_severities(rules, &path.severity))?;
        for targets in self.targets.iter().chain(self.per_path.iter().filter_map(|path| path.targets.as_ref())) {
            let located = |error| targets.origin.locate(error, "not a target");
            knowledge.targets(&targets.value).map_err(located)?;
        }
        for version in [&self.vllm, &self.rocm].into_iter().flatten() {
            if crate::version::Version::parse(&version.value).is_none() {
                let what = format!("`{}` is no version", crate::report::printable(&version.value));
                return Err(version.origin.error(what, "not a version", Some("write it as in \"0.14.1\"".to_owned())));
            }
        }
        self.exclude()?;
        self.policy()?;
        Ok(())
    }

    /// What is to be said of selectors that work, but not for long: names that rules had before, rules that will go.
    pub fn remarks(&self, rules: &RuleSet) -> Vec<String> {
        let layers = self.layers.iter().chain(self.per_path.iter().map(|path| &path.rules));
        let severities = self.severity.iter().chain(self.per_path.iter().flat_map(|path| &path.severity));
        let named = layers
            .flat_map(|layer| layer.selectors().map(|given| (given.value.as_str(), &given.origin)))
            .chain(self.forbid.iter().map(|given| (given.value.as_str(), &given.origin)))
            .chain(severities.map(|given| (given.value.0.as_str(), &given.origin)));
        let remark = |(selector, origin): (&str, &Origin)| {
            let remark = rules.find(selector)?.remark(selector)?;
            Some(format!("{}: {remark}", origin.describe()))
        };
        named.filter_map(remark).collect()
    }

    /// The rules that run, but for some files.
    pub fn selection(&self) -> Selection {
        let mut selection = Selection::default();
        selection.preview = self.preview.as_ref().is_some_and(|given| given.value);
        self.layers.iter().for_each(|layer| selection.push(layer.layer()));
        selection
    }

    /// What is not checked.
    ///
    /// # Errors
    /// A pattern that is none.
    pub fn exclude(&self) -> Result<Exclude, RunError> {
        patterns(&self.exclude, None)
    }

    /// What is said of single rules and files.
    ///
    /// # Errors
    /// A pattern that is none.
    pub fn policy(&self) -> Result<Policy, RunError> {
        Policy::new(self)
    }
}

/// The patterns as one matcher, each file's own counting from its folder.
fn patterns(list: &[Given<String>], folder: Option<&Path>) -> Result<Exclude, RunError> {
    let mut exclude = Exclude::default();
    let folder_of = |given: &Given<String>| match (&given.origin, folder) {
        (_, Some(folder)) => folder.to_owned(),
        (Origin::File(file, _), None) => file.folder.clone(),
        (Origin::Flag(_), None) => std::env::current_dir().unwrap_or_default(),
    };
    for together in list.chunk_by(|left, right| folder_of(left) == folder_of(right)) {
        let texts: Vec<&str> = together.iter().map(|given| given.value.as_str()).collect();
        exclude.add(&folder_of(&together[0]), &texts).map_err(|(at, cause)| {
            let help = Some("patterns are written as in a .gitignore".to_owned());
            together[at].origin.error(format!("not a pattern: {cause}"), "here", help)
        })?;
    }
    Ok(exclude)
}
