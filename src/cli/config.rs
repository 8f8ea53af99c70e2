//! `gfxlint config`: the values in force, and where each comes from.

use super::args::{Common, PathArgs};
use super::output::Output;
use super::session::{Session, relative};
use super::{ExitStatus, write};
use crate::config::{Config, Given, Rules};
use crate::error::RunError;
use crate::report::config::{Row, json, text};

pub(super) fn run(arguments: &PathArgs, common: &Common) -> Result<ExitStatus, RunError> {
    let session = Session::of_paths(common, arguments)?;
    let files: Vec<&str> = session.config.files.iter().rev().map(|file| file.shown.as_str()).collect();
    let rows = rows(&session.config);
    write(
        &Output::new(common)?,
        "config",
        |style| text(&files, &rows, style),
        |style| text(&files, &rows, style),
        || json(&files, &rows),
    )
}

/// Every key with the values in force, in the order of the documentation.
fn rows(config: &Config) -> Vec<Row> {
    let mut rows = Rowed::default();
    match &config.targets {
        Some(targets) => {
            targets.value.iter().for_each(|target| rows.push("targets", target, &targets.origin.describe()))
        }
        None => rows.unset("targets", "none in particular"),
    }
    rules(config, &mut rows);
    rows.scalar("preview", config.preview.as_ref(), ToString::to_string, "false");
    rows.scalar("pedantic", config.pedantic.as_ref(), ToString::to_string, "false");
    rows.scalar("fail-on", config.fail_on.as_ref(), |value| format!("{value:?}").to_lowercase(), "warning");
    rows.scalar("min-severity", config.min_severity.as_ref(), |value| value.name().to_owned(), "note");
    rows.scalar("min-confidence", config.min_confidence.as_ref(), |value| value.name().to_owned(), "low");
    rows.list("exclude", &config.exclude, Clone::clone);
    rows.list("rules", &config.rules, |path| relative(path));
    rows.list("knowledge", &config.knowledge, |path| relative(path));
    rows.scalar("baseline", config.baseline.as_ref(), |path| relative(path), "none");
    rows.scalar("versions.vllm", config.vllm.as_ref(), Clone::clone, "as files say");
    rows.scalar("versions.rocm", config.rocm.as_ref(), Clone::clone, "as files say");
    rows.list("severity", &config.severity, |(rule, severity)| format!("{rule} = {}", severity.name()));
    rows.scalar("suppressions.require-reason", config.require_reason.as_ref(), ToString::to_string, "false");
    rows.list("suppressions.forbid", &config.forbid, Clone::clone);
    for path in &config.per_path {
        let paths: Vec<&str> = path.paths.iter().map(|given| given.value.as_str()).collect();
        let paths = paths.join(" ");
        let severities: Vec<String> =
            path.severity.iter().map(|given| format!("{}={}", given.value.0, given.value.1.name())).collect();
        let lists = [
            ("select", names(&path.rules.select)),
            ("ignore", names(&path.rules.ignore)),
            ("severity", severities),
            ("targets", path.targets.as_ref().map(|given| given.value.clone()).unwrap_or_default()),
        ];
        let said: Vec<String> = lists
            .iter()
            .filter(|(_, list)| !list.is_empty())
            .map(|(what, list)| format!("{what} {}", list.join(" ")))
            .collect();
        rows.push("per-path", &format!("{paths}: {}", said.join(", ")), &path.origin.describe());
    }
    if config.per_path.is_empty() {
        rows.unset("per-path", "none");
    }
    rows.rows
}

/// Which rules run: the nearest place that selects, and what is ignored from there on.
fn rules(config: &Config, rows: &mut Rowed) {
    let from = config.layers.iter().rposition(|layer| !layer.select.is_empty()).unwrap_or_default();
    let in_force: &[Rules] = config.layers.get(from..).unwrap_or_default();
    let selected = in_force.first().map(|layer| layer.select.as_slice()).unwrap_or_default();
    selected.iter().for_each(|given| rows.push("select", &given.value, &given.origin.describe()));
    if selected.is_empty() {
        rows.unset("select", "all rules");
    }
    let ignored: Vec<&Given<String>> = in_force.iter().flat_map(|layer| &layer.ignore).collect();
    ignored.iter().for_each(|given| rows.push("ignore", &given.value, &given.origin.describe()));
    if ignored.is_empty() {
        rows.unset("ignore", "none");
    }
}

fn names(list: &[Given<String>]) -> Vec<String> {
    list.iter().map(|given| given.value.clone()).collect()
}

#[derive(Default)]
struct Rowed {
    rows: Vec<Row>,
}

impl Rowed {
    fn push(&mut self, key: &str, value: &str, origin: &str) {
        self.rows.push(Row { key: key.to_owned(), value: value.to_owned(), origin: origin.to_owned() });
    }

    fn unset(&mut self, key: &str, value: &str) {
        self.push(key, value, "default");
    }

    fn scalar<T>(&mut self, key: &str, given: Option<&Given<T>>, text: impl Fn(&T) -> String, default: &str) {
        match given {
            Some(given) => self.push(key, &text(&given.value), &given.origin.describe()),
            None => self.unset(key, default),
        }
    }

    fn list<T>(&mut self, key: &str, given: &[Given<T>], text: impl Fn(&T) -> String) {
        given.iter().for_each(|given| self.push(key, &text(&given.value), &given.origin.describe()));
        if given.is_empty() {
            self.unset(key, "none");
        }
    }
}
