//! What a command works with: the configuration with the command line on top, the rules, the knowledge.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use super::args::{Common, PathArgs};
use super::output;
use crate::arch::{Arch, ArchSet};
use crate::baseline::Baseline;
use crate::cache::Folder;
use crate::config::{Config, Given, Policy, Rules};
use crate::context::Options;
use crate::deployment::Assumed;
use crate::discover::shown;
use crate::engine::Plan;
use crate::error::RunError;
use crate::facts::Date;
use crate::knowledge::Knowledge;
use crate::rules::{RuleMeta, RuleSet};
use crate::scan::Purpose;
use crate::version::Version;

/// What a command works with.
pub(super) struct Session {
    pub(super) config: Config,
    pub(super) rules: RuleSet,
    pub(super) knowledge: Knowledge,
    pub(super) policy: Policy,
    /// What is to be said of the configuration, and was told.
    pub(super) remarks: Vec<String>,
    /// Where facts are kept from run to run.
    pub(super) cache: Option<Folder>,
}

impl Session {
    /// For a command that reads files.
    ///
    /// # Errors
    /// A configuration or an option that means nothing.
    pub(super) fn of_paths(common: &Common, arguments: &PathArgs) -> Result<Self, RunError> {
        let first = arguments.paths.first().filter(|path| path.as_os_str() != "-");
        let named = arguments.stdin_filename.as_deref().and_then(|name| Path::new(name).parent());
        let start = first.map(std::path::PathBuf::as_path).or(named).filter(|path| !path.as_os_str().is_empty());
        Self::at(common, start.unwrap_or(Path::new(".")))
    }

    /// For a command that reads none: the configuration of the working directory holds.
    ///
    /// # Errors
    /// A configuration or an option that means nothing.
    pub(super) fn here(common: &Common) -> Result<Self, RunError> {
        Self::at(common, Path::new("."))
    }

    fn at(common: &Common, start: &Path) -> Result<Self, RunError> {
        let config = configuration(common, start)?;
        let folders: Vec<_> = config.rules.iter().map(|given| given.value.clone()).collect();
        let rules = RuleSet::with_folders(&folders)?;
        let tables: Vec<_> = config.knowledge.iter().map(|given| given.value.clone()).collect();
        let knowledge = Knowledge::with_folders(&tables)?;
        config.check(&rules, &knowledge)?;
        let policy = config.policy()?;
        let remarks = config.remarks(&rules);
        remarks.iter().for_each(|remark| output::tell(&format!("warning: {remark}\n")));
        // What predicates amount to depends on the targets that are known.
        let may_keep = !common.no_cache && config.knowledge.is_empty();
        let cache = may_keep.then(Folder::of_user).flatten();
        Ok(Self { config, rules, knowledge, policy, remarks, cache })
    }

    /// What was asked for.
    ///
    /// # Errors
    /// A target that nobody knows.
    pub(super) fn options(&self) -> Result<Options, RunError> {
        let names = self.config.targets.as_ref().map(|targets| targets.value.as_slice()).unwrap_or_default();
        let version = |given: &Option<Given<String>>| given.as_ref().and_then(|given| Version::parse(&given.value));
        Ok(Options {
            targets: self.knowledge.targets(names)?,
            pedantic: self.is_pedantic(),
            assumed: Assumed { vllm: version(&self.config.vllm), rocm: version(&self.config.rocm) },
        })
    }

    /// The one target that was asked for.
    ///
    /// # Errors
    /// None, or several; `what` is what needs one (`a plan`), `example` how it is given.
    pub(super) fn one_target(&self, targets: ArchSet, what: &str, example: &str) -> Result<Arch, RunError> {
        let mut wanted = targets.iter();
        let (Some(arch), None) = (wanted.next(), wanted.next()) else {
            let what = if targets.is_empty() {
                format!("{what} needs a target")
            } else {
                format!("{what} is about one target, not {}", self.knowledge.universe.list(targets))
            };
            return Err(RunError::Usage { what, help: format!("give one, as in `{example}`") });
        };
        Ok(arch)
    }

    /// What a check wants of the files: rules of one's own may be about any of them.
    pub(super) fn purpose(&self) -> Purpose {
        if !self.rules.own().is_empty() {
            Purpose::Facts
        } else if self.selected().iter().all(|rule| rule.is_about_imports()) {
            Purpose::Imports
        } else {
            Purpose::Rules
        }
    }

    /// Whether advice is wanted.
    pub(super) fn is_pedantic(&self) -> bool {
        self.config.pedantic.as_ref().is_some_and(|given| given.value)
    }

    /// The rules that run, by id.
    pub(super) fn selected(&self) -> Vec<&'static RuleMeta> {
        self.rules.iter().filter(|rule| self.policy.runs(rule)).collect()
    }

    /// What a check is to do.
    pub(super) fn plan<'a>(
        &'a self,
        heeds_comments: bool,
        baseline: Option<&'a Baseline>,
        paths: &'a [std::path::PathBuf],
    ) -> Plan<'a> {
        Plan { rules: &self.rules, policy: &self.policy, heeds_comments, today: today(), baseline, paths }
    }

    /// What is known, where a baseline is named.
    ///
    /// # Errors
    /// A baseline that cannot be read.
    pub(super) fn baseline(&self) -> Result<Option<Baseline>, RunError> {
        let Some(given) = &self.config.baseline else { return Ok(None) };
        let located = |error| match error {
            // A broken baseline is shown itself; one that is not there, where it is named.
            RunError::Config { what, help, source_code: None, .. } => given.origin.error(what, "named here", help),
            error => error,
        };
        let mut baseline = Baseline::read(&given.value).map_err(located)?;
        for told in baseline.renew(&self.rules) {
            output::tell(&format!("warning: {told}\n"));
        }
        Ok(Some(baseline))
    }
}

/// The configuration that holds for what lies at `start`, with the command line on top.
pub(super) fn configuration(common: &Common, start: &Path) -> Result<Config, RunError> {
    let mut config = if common.isolated { Config::default() } else { Config::find(start, relative)? };
    let given = |flag: &'static str, list: &[String]| -> Vec<Given<String>> {
        list.iter().map(|value| Given::by_flag(flag, value.clone())).collect()
    };
    if !common.select.is_empty() || !common.ignore.is_empty() {
        config
            .layers
            .push(Rules { select: given("--select", &common.select), ignore: given("--ignore", &common.ignore) });
    }
    if !common.arch.is_empty() {
        config.targets = Some(Given::by_flag("--arch", common.arch.clone()));
    }
    if common.preview {
        config.preview = Some(Given::by_flag("--preview", true));
    }
    if let Some(least) = common.min_severity {
        config.min_severity = Some(Given::by_flag("--min-severity", least));
    }
    if let Some(least) = common.min_confidence {
        config.min_confidence = Some(Given::by_flag("--min-confidence", least));
    }
    if common.pedantic {
        config.pedantic = Some(Given::by_flag("--pedantic", true));
    }
    if let Some(fail_on) = common.fail_on {
        config.fail_on = Some(Given::by_flag("--fail-on", fail_on));
    }
    config.rules.extend(common.rules.iter().map(|folder| Given::by_flag("--rules", folder.clone())));
    config.knowledge.extend(common.knowledge.iter().map(|folder| Given::by_flag("--knowledge", folder.clone())));
    if let Some(baseline) = &common.baseline {
        config.baseline = Some(Given::by_flag("--baseline", baseline.clone()));
    }
    Ok(config)
}

/// A path as seen from the working directory.
pub(super) fn relative(path: &Path) -> String {
    let working = std::env::current_dir().and_then(|folder| folder.canonicalize()).unwrap_or_default();
    // From far away, the whole path says more than a ladder.
    for (up, folder) in working.ancestors().enumerate().take(4) {
        if let Ok(below) = path.strip_prefix(folder) {
            return format!("{}{}", "../".repeat(up), shown(below));
        }
    }
    shown(path)
}

/// The day on which the program runs, in UTC.
fn today() -> Date {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Date::from_days(seconds / 86_400)
}
