//! GFX417: version conditions that the shell takes for redirections.

use crate::context::Context;
use crate::facts::{Install, InstallTool, Package};
use crate::finding::{Applicability, Edit, Finding};
use crate::rules::Findings;
use crate::span::{FileId, Place, Span};

/// Looks at the packages of every installation by a shell, in files about AMD GPUs.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, _, facts) in cx.files() {
        let found: Vec<Finding> = facts
            .installs
            .iter()
            .filter(|install| is_of_shell(install))
            .flat_map(|install| &install.packages)
            .filter_map(|package| unquoted(cx, file, package))
            .map(|span| report(cx, out, Place { file, span }))
            .collect();
        if !found.is_empty() && cx.touches_amd(file) {
            found.into_iter().for_each(|finding| out.push(finding));
        }
    }
}

fn is_of_shell(install: &Install) -> bool {
    let tools = [InstallTool::Pip, InstallTool::Uv, InstallTool::Wheel, InstallTool::Conda];
    tools.contains(&install.tool) && install.command.is_some() && !install.home.is_shown
}

/// The requirement as it is meant, where a redirection follows a name: an operator with a version behind it.
fn unquoted(cx: &Context<'_>, file: FileId, package: &Package) -> Option<Span> {
    if package.name.is_empty() || !package.version.is_empty() || package.source.is_some() {
        return None;
    }
    let text = cx.workspace.sources().get(file).text();
    let end = package.word.span.range().end;
    let rest = text.get(end..)?;
    let blanks = rest.len() - rest.trim_start_matches([' ', '\t']).len();
    let behind = rest.get(blanks..)?.strip_prefix(['>', '<'])?;
    let (is_condition, version) = match behind.strip_prefix('=') {
        Some(version) => (true, version),
        // `> 2` and `>log` are files that are meant.
        None => (blanks == 0, behind),
    };
    let length = version.find(|next: char| !is_part(next)).unwrap_or(version.len());
    let written = version[..length].trim_end_matches([',', '.']);
    let numbers = written.split([',', '<', '>', '=', '!', '~']).filter(|part| !part.is_empty());
    let mut numbers = numbers.map(|part| part.starts_with(|first: char| first.is_ascii_digit() || first == '$'));
    if !is_condition || !numbers.next()? || !numbers.all(|is_number| is_number) || is_file(written) {
        return None;
    }
    let stop = text.len() - version.len() + written.len();
    Some(Span::new(package.word.span.range().start, stop))
}

/// Whether a letter may stand in a version condition.
fn is_part(letter: char) -> bool {
    letter.is_ascii_alphanumeric()
        || matches!(letter, '.' | ',' | '<' | '>' | '=' | '!' | '~' | '*' | '+' | '$' | '{' | '}' | '_' | ':' | '-')
}

/// `2.log`: a file's name that starts with a number.
fn is_file(written: &str) -> bool {
    let last = written.rsplit('.').next().unwrap_or_default();
    ["log", "txt", "out", "err"].contains(&last)
}

fn report(cx: &Context<'_>, out: &Findings, at: Place) -> Finding {
    let sources = cx.workspace.sources();
    let written = sources.text(at);
    let name_end = written.find(['>', '<']).unwrap_or(written.len());
    let (name, condition) = (written[..name_end].trim_end(), &written[name_end..]);
    let message = match condition.find('<') {
        None => format!(
            "The shell takes '{condition}' for a redirection: {name} is installed at any version, what is there already \
             is kept, and the output goes to a file named '{}'.",
            &condition[1..]
        ),
        Some(less) => {
            let wanted = condition[less + 1..].split(['<', '>']).next().unwrap_or_default();
            format!(
                "The shell takes '{condition}' for redirections: it looks for a file named '{wanted}' to read, and the command does not run."
            )
        }
    };
    let finding = out
        .finding(at, message)
        .label("a redirection")
        .help(format!("put the requirement in quotes: \"{name}{condition}\""))
        .data("package", name);
    match quote(cx, at) {
        Some(quote) => {
            let edit = Edit::new(at, format!("{quote}{name}{condition}{quote}"));
            finding.fix("Put the requirement in quotes", Applicability::Safe, vec![edit])
        }
        None => finding,
    }
}

/// The kind of quotes that the text around a place leaves room for.
fn quote(cx: &Context<'_>, at: Place) -> Option<char> {
    let text = cx.workspace.sources().get(at.file).text();
    let range = at.span.range();
    let start = text[..range.start].rfind('\n').map_or(0, |newline| newline + 1);
    let end = text[range.end..].find('\n').map_or(text.len(), |newline| range.end + newline);
    let line = &text[start..end];
    ['"', '\''].into_iter().find(|&quote| !line.contains(quote))
}
