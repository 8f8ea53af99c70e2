//! GFX315: options and variables that the vLLM in question does not have.

use std::collections::BTreeSet;

use crate::context::Context;
use crate::deployment::{Answer, Rests, VllmRelease};
use crate::finding::{Applicability, Edit, Finding, Severity};
use crate::knowledge::{Gone, Names, Presence};
use crate::rules::Findings;
use crate::rules::launches::{Case, Fault, Scope, Set, report, set, written};
use crate::span::FileId;
use crate::version::{Known, Version};

/// What other rules tell of.
const ELSEWHERE: &[&str] = &["VLLM_ATTENTION_BACKEND", "attention-backend", "attention-config"];

/// Names that are gone before this release are told of where nothing says which release it is.
const LONG_GONE: &str = "0.15";

/// Reports options, then variables.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    report(cx, out, options);
    let mut told = BTreeSet::new();
    let names = cx.knowledge.environment();
    let is_ours = |name: &str| {
        name.starts_with("VLLM_")
            && !ELSEWHERE.contains(&name)
            && (names.get(name).is_some() || names.gone(name).is_some())
    };
    let concerns_us = |found: &Set<'_, '_>| match found.scope {
        Scope::Launch(case) => case.is_rocm() || cx.touches_amd(found.at.file),
        Scope::File(file) => cx.touches_amd(file),
        Scope::Container(_) | Scope::Image(_) => true,
    };
    for found in set(cx, is_ours).into_iter().filter(concerns_us) {
        if let Some(finding) = variable(cx, out, &found, &mut told) {
            out.push(finding);
        }
    }
}

/// Why a name is not there.
enum Absence<'k> {
    /// It is gone since.
    Gone(&'k Version),
    /// It came with.
    NotYet(&'k Version),
    /// No release that was read has it.
    Never,
}

/// Whether a name is absent from a release, and why; the flag says that the release is not known.
fn absence<'k>(names: &Names, name: &str, release: &VllmRelease, is_in: Known) -> Option<(Absence<'k>, bool)> {
    let life: Option<Presence> = names.get(name);
    if release.is_unknown() {
        // `latest` and a branch say that it is a new one, not which.
        let gone = life?.gone_by().filter(|gone| Version::parse(LONG_GONE).is_some_and(|limit| **gone <= limit))?;
        return release.at.is_none().then_some((Absence::Gone(gone), true));
    }
    if !is_in.is_no() || release.is_fork == Answer::Yes {
        return None;
    }
    let Some(life) = life else { return names.gone(name).map(|_| (Absence::Never, false)) };
    match (life.first(), life.gone_by()) {
        (Some(first), _) if release.range.is_before(first) => Some((Absence::NotYet(first), false)),
        (_, Some(gone)) => Some((Absence::Gone(gone), false)),
        _ => None,
    }
}

impl Absence<'_> {
    /// "it is gone since 0.19.1".
    fn phrase(&self) -> String {
        match self {
            Self::Gone(version) => format!("it is gone since {version}"),
            Self::NotYet(version) => format!("it came with {version}"),
            Self::Never => "no release since 0.9 has it".to_owned(),
        }
    }
}

fn advice(gone: Option<&Gone>) -> String {
    match gone {
        Some(Gone { by: Some(by), text, .. }) => match text {
            Some(text) => format!("use `{by}`: {text}"),
            None => format!("use `{by}`"),
        },
        Some(Gone { text: Some(text), .. }) => format!("take it out: {text}"),
        _ => "take it out, or use a release that has it".to_owned(),
    }
}

/// The options of a launch that its release does not have. Its parser stops at the first.
fn options(case: &Case<'_, '_>) -> Vec<Fault> {
    let names = case.cx.knowledge.flags();
    let mut found = Vec::new();
    let launches = std::iter::once(case.launch.launch).chain(case.launch.config);
    for (launch, option) in launches.flat_map(|launch| launch.fact.options.iter().map(move |option| (launch, option))) {
        let name = option.name.split('.').next().unwrap_or_default();
        let is_known = names.get(name).is_some() || names.gone(name).is_some();
        if ELSEWHERE.contains(&name) || !is_known || option.name.contains('.') {
            continue;
        }
        let is_in = case.vllm().flag(name);
        let Some((absence, is_guess)) = absence(names, name, &case.launch.vllm, is_in) else { continue };
        let gone = names.gone(name);
        let who = if is_guess { "Recent vLLM".to_owned() } else { case.release() };
        let message = format!(
            "{who} has no option --{name}: {}, and vLLM stops at options that it does not know.",
            absence.phrase()
        );
        let at = launch.place(option.span);
        let severity = if is_guess { Severity::Note } else { Severity::Error };
        let edits = gone.filter(|gone| gone.by.is_none() && !is_guess).and_then(|gone| removal(case, option, gone));
        found.push(
            Fault::new(at, "no such option", message)
                .severity(severity)
                .rests(Rests { on_release: !is_guess, ..Rests::default() })
                .help(advice(gone))
                .fix("take the option out", Applicability::Safe, edits)
                .data("option", name),
        );
    }
    found
}

/// Takes an option and its value out, where both are plain words of one command line.
fn removal(case: &Case<'_, '_>, option: &crate::facts::LaunchOption, gone: &Gone) -> Option<Vec<Edit>> {
    let place = case.launch.place(option.span);
    let name = written(case.cx, place);
    let whole = match (&option.value, gone.value) {
        (Some(value), true) => option.span.hull(value.span),
        (None, false) => option.span,
        _ => return None,
    };
    let whole = case.launch.place(whole);
    let text = written(case.cx, whole);
    let is_plain = name.starts_with("--") && !text.contains(['\n', '"', '\'', ',', '\\']);
    let source = case.cx.workspace.sources().get(whole.file).text();
    let before = source.get(..whole.span.range().start)?;
    let behind = source.get(whole.span.range().end..)?;
    let is_word = before.ends_with(' ') && (behind.is_empty() || behind.starts_with([' ', '\n', '\r']));
    let mut at = whole;
    at.span.start -= 1;
    // A blank goes with it; a continued line keeps its indentation.
    let is_alone = before.trim_end_matches(' ').ends_with('\n') || !before.ends_with(' ');
    (is_plain && is_word && !is_alone).then(|| vec![Edit::new(at, "")])
}

/// A variable that the release does not read.
fn variable(
    cx: &Context<'_>,
    out: &Findings,
    found: &Set<'_, '_>,
    told: &mut BTreeSet<(FileId, String)>,
) -> Option<Finding> {
    let names = cx.knowledge.environment();
    let name = found.name.as_str();
    let release = found.release(cx);
    let is_in = cx.knowledge.vllm(&release.range).environment(name);
    let (absence, is_guess) = absence(names, name, &release, is_in)?;
    // Nothing names the release: once a file is enough.
    if is_guess && !told.insert((found.at.file, name.to_owned())) {
        return None;
    }
    let who = if is_guess { "Recent vLLM".to_owned() } else { format!("vLLM {}", release.range) };
    let message = format!("{who} does not read {name}: {}, so it does nothing.", absence.phrase());
    let base = if is_guess { Severity::Note } else { out.severity() };
    let mut finding = out
        .finding(found.at, message)
        .label("not read")
        .severity(base.lowered_by(found.doubts(cx)))
        .doubts(found.doubts(cx) + usize::from(is_guess))
        .help(advice(names.gone(name)))
        .data("variable", name);
    if let Some(at) = release.at.filter(|at| *at != found.at && !is_guess) {
        finding = finding.related(at, who);
    }
    let renamed = names.gone(name).and_then(|gone| gone.by.as_deref()).filter(|by| by.starts_with("VLLM_"));
    if let (Some(by), true) = (renamed, written(cx, found.at).starts_with(name) && !is_guess) {
        let mut at = found.at;
        at.span.end = at.span.start + u32::try_from(name.len()).unwrap_or_default();
        finding = finding.fix(format!("use {by}"), Applicability::Safe, vec![Edit::new(at, by)]);
    }
    Some(finding)
}
