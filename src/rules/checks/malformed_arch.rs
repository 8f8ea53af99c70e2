//! GFX119: items of declared target lists that no compiler knows, or that their consumer reads differently.

use rustc_hash::FxHashMap;

use crate::arch::Arch;
use crate::context::Context;
use crate::deployment::overridden;
use crate::facts::{ArchExpr, SettingKind, SiteKind};
use crate::finding::{Applicability, Edit, Finding, Severity};
use crate::rules::Findings;
use crate::span::{FileId, Place, Span};
use crate::stack::{Declaration, declarations};

/// Checks every declared list: its items, what stands between them, and how the shell reads it.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for list in declarations(cx) {
        let text = cx.workspace.sources().get(list.file).text();
        let unquoted = unquoted_list(&list, text);
        if let Some(span) = unquoted {
            out.push(cut_off(cx, out, &list, Place { file: list.file, span }));
        }
        for &span in &list.items {
            out.push_some(item(cx, out, &list, span));
        }
        repeated(cx, out, list.file, &list.items);
        if unquoted.is_none()
            && let Some(at) = list.wrong_separator(text)
        {
            let edits = list
                .items
                .windows(2)
                .map(|pair| {
                    Edit::new(Place { file: list.file, span: Span { start: pair[0].end, end: pair[1].start } }, ";")
                })
                .collect();
            let (name, place) = (&list.setting.name, Place { file: list.file, span: at });
            let message =
                format!("{name} is split at `;`, so '{}' is one name, which no compiler knows.", at.text(text));
            let finding = out
                .finding(place, message)
                .severity(Severity::Warning)
                .label("wants `;` between targets")
                .help("separate the targets by `;`");
            out.push(finding.data("archs", names(&list.items, text)).fix(
                "Separate the targets by `;`",
                Applicability::Safe,
                edits,
            ));
        }
    }
    for (file, _, facts) in cx.files() {
        let is_declaration = |symbol: &str| {
            ["allowed_arch", "supported_arch", "allowed_gpu", "supported_gpu"]
                .iter()
                .any(|part| symbol.rsplit('.').next().is_some_and(|last| last.to_ascii_lowercase().contains(part)))
        };
        for site in
            facts.arch_sites.iter().filter(|site| site.kind == SiteKind::PythonList && is_declaration(&site.symbol))
        {
            let ArchExpr::Matches { tokens, mode: crate::arch::MatchMode::Exact } = &site.expr else { continue };
            let spans: Vec<Span> = tokens.iter().map(|token| token.span).collect();
            repeated(cx, out, file, &spans);
            for token in tokens {
                let known = cx.universe().find(&token.name);
                out.push_some(known.and_then(|arch| withdrawn(cx, out, arch, Place { file, span: token.span })));
            }
        }
    }
}

/// What is wrong with one item, if anything is.
fn item(cx: &Context<'_>, out: &Findings, list: &Declaration<'_>, span: Span) -> Option<Finding> {
    let written = span.text(cx.workspace.sources().get(list.file).text());
    let place = Place { file: list.file, span };
    let name = written.split(':').next().unwrap_or_default();
    if let Some(arch) = cx.universe().find(name) {
        return withdrawn(cx, out, arch, place);
    }
    if cx.universe().generic(name).is_some()
        || cx.universe().is_older(name)
        || matches!(
            name.to_ascii_lowercase().as_str(),
            "native" | "all" | "default" | "none" | "off" | "auto" | "detect" | ""
        )
    {
        return None;
    }
    // Variables of these names exist outside ROCm too (`GPU_ARCHS=80;90`): a bare number must then be a known target.
    let lower = name.to_ascii_lowercase().split_whitespace().collect::<String>();
    // A number in the notation of HSA_OVERRIDE_GFX_VERSION: 1151 of `11.5.1`.
    let lower = overridden(&lower).map_or(lower, |name| name.trim_start_matches("gfx").to_owned());
    let bare = !lower.contains("gfx");
    if bare && !list.is_rocm() && cx.universe().find(&format!("gfx{lower}")).is_none() {
        return None;
    }
    let meant = nearest(cx, &if bare { format!("gfx{lower}") } else { lower });
    let message = format!(
        "'{written}' in {} is no GPU target: the build fails on it, or drops it and compiles nothing for that GPU.",
        list.setting.name
    );
    let finding = out.finding(place, message).label("unknown target").data("arch", written);
    Some(match meant {
        Some(meant) => {
            let meant = cx.universe().name(meant).to_owned();
            let fix = Edit::new(
                Place { file: list.file, span: Span::new(span.range().start, span.range().start + name.len()) },
                meant.clone(),
            );
            finding.help(format!("did you mean {meant}?")).data("meant", meant.as_str()).fix(
                format!("Write {meant}"),
                Applicability::Unsafe,
                vec![fix],
            )
        }
        None => finding.help("`gfxlint arch` lists all targets"),
    })
}

/// A target that compilers have dropped.
fn withdrawn(cx: &Context<'_>, out: &Findings, arch: Arch, at: Place) -> Option<Finding> {
    let name = cx.universe().name(arch);
    (cx.knowledge.arch(arch).status == "withdrawn").then(|| {
        let message = format!("'{name}' has been withdrawn: it was never sold, and current ROCm compilers refuse it.");
        out.finding(at, message)
            .severity(Severity::Warning)
            .label("withdrawn target")
            .help("remove it; released MI300 boards are gfx942")
            .data("arch", name)
    })
}

/// So many repetitions are told for one list.
const MOST_REPEATED: usize = 20;

/// Reports the second and later mentions of a target.
fn repeated(cx: &Context<'_>, out: &mut Findings, file: FileId, items: &[Span]) {
    let text = cx.workspace.sources().get(file).text();
    let (mut mentions, mut told) = (FxHashMap::default(), 0);
    for (at, &span) in items.iter().enumerate() {
        let name = span.text(text);
        let first = *mentions.entry(name).or_insert(span);
        if first == span || told == MOST_REPEATED {
            continue;
        }
        told += 1;
        // From the end of the item before, so that its separator goes too; in Python that includes the quotes.
        let quote =
            u32::from(text.get(span.end as usize..).is_some_and(|rest| {
                rest.starts_with(['"', '\'']) && text[..span.start as usize].ends_with(['"', '\''])
            }));
        let quoted = items.len() > 1 && text[items[at - 1].range().end..].starts_with(['"', '\'']);
        let from = items[at - 1].end + u32::from(quoted);
        let cut = Place { file, span: Span { start: from, end: span.end + if quoted { quote } else { 0 } } };
        let finding = out.finding(Place { file, span }, format!("'{name}' is in this list twice: its kernels may be compiled twice, and an edit of one copy leaves the other.")).severity(Severity::Warning);
        let finding = finding
            .label("second mention")
            .related(Place { file, span: first }, "first mention")
            .help("remove one")
            .data("arch", name);
        out.push(finding.fix("Remove the second mention", Applicability::Safe, vec![Edit::new(cut, "")]));
    }
}

/// `X=a;b` in a shell, from the first name to the last: the shell ends the command at `;`.
fn unquoted_list(list: &Declaration<'_>, text: &str) -> Option<Span> {
    let in_shell = matches!(
        list.setting.kind,
        SettingKind::ShellAssign | SettingKind::BuildArg | SettingKind::BuildFlag | SettingKind::ContainerEnv
    ) && list.in_shell;
    let value = list.setting.value_span;
    let tail = text.get(value.end as usize..).filter(|_| in_shell && !value.text(text).ends_with(['"', '\'']))?;
    let word = tail
        .find(|next: char| next.is_whitespace() || matches!(next, '"' | '\'' | '&' | '|' | '`' | ')'))
        .map_or(tail, |end| &tail[..end])
        .trim_end_matches(';');
    let is_list = word.strip_prefix(';').is_some_and(|rest| rest.split(';').all(|name| name.starts_with("gfx")));
    is_list.then(|| Span::new(value.range().start, value.range().end + word.len()))
}

fn cut_off(cx: &Context<'_>, out: &Findings, list: &Declaration<'_>, at: Place) -> Finding {
    let text = cx.workspace.sources().get(at.file).text();
    let (name, whole) = (&list.setting.name, at.span.text(text));
    let (kept, lost) = whole.split_once(';').unwrap_or((whole, ""));
    let line_start = text[..at.span.range().start].rfind('\n').map_or(0, |found| found + 1);
    // Inside double quotes (`bash -c "..."`) only the other kind leaves the outer ones alone.
    let quote = if text[line_start..at.span.range().start].matches('"').count() % 2 == 1 { "'" } else { "\"" };
    let message =
        format!("The shell ends this command at `;`: {name} is just '{kept}', and '{lost}' is run as a command.");
    let edits = vec![Edit::insert(at, at.span.start, quote), Edit::insert(at, at.span.end, quote)];
    let finding = out
        .finding(at, message)
        .label("unquoted list")
        .help("quote the list")
        .data("archs", whole.split(';').map(str::to_owned).collect::<Vec<_>>());
    finding.fix("Quote the list", Applicability::Safe, edits)
}

/// The target whose name is nearest to `name`, at most two edits away.
fn nearest(cx: &Context<'_>, name: &str) -> Option<Arch> {
    let letters = |text: &str| text.chars().map(u32::from).sum::<u32>();
    let current = cx.universe().iter().filter(|&arch| cx.knowledge.arch(arch).status == "current");
    let ranked = current.map(|arch| {
        (
            crate::knowledge::distance(name, cx.universe().name(arch)),
            letters(name).abs_diff(letters(cx.universe().name(arch))),
            arch,
        )
    });
    ranked.min().filter(|&(far, ..)| far <= 2).map(|(.., arch)| arch)
}

fn names(items: &[Span], text: &str) -> Vec<String> {
    items.iter().map(|item| item.text(text).to_owned()).collect()
}
