//! Changes as a patch that `git apply` and `patch -p1` take.

use similar::{ChangeTag, TextDiff};

use super::Change;
use crate::report::{Paths, Style, printable};

/// Lines that are shown around a change.
const CONTEXT: usize = 3;

/// The changes as unified diffs. For a terminal, characters that could steer it are escaped.
pub fn unified(changes: &[Change], paths: &Paths, style: &Style, for_terminal: bool) -> String {
    changes.iter().map(|change| one(change, &paths.shown(&change.location), style, for_terminal)).collect()
}

fn one(change: &Change, path: &str, style: &Style, for_terminal: bool) -> String {
    let (before, after) = (String::from_utf8_lossy(&change.before), String::from_utf8_lossy(&change.after));
    // Only line feeds end lines of a patch.
    let lines = |text: &str| text.split_inclusive('\n').map(str::to_owned).collect::<Vec<_>>();
    let (old, new) = (lines(&before), lines(&after));
    let (old, new): (Vec<&str>, Vec<&str>) =
        (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
    let diff = TextDiff::configure().newline_terminated(true).diff_slices(&old, &new);
    let mut out = style.bold(&format!("--- {}\n+++ {}", quoted("a/", path), quoted("b/", path)));
    out.push('\n');
    for hunk in diff.unified_diff().context_radius(CONTEXT).iter_hunks() {
        out.push_str(&style.dim(&hunk.header().to_string()));
        out.push('\n');
        for line in hunk.iter_changes() {
            let text = line.value();
            let body = text.strip_suffix('\n').unwrap_or(text);
            let body = if for_terminal { printable_line(body) } else { body.to_owned() };
            out.push_str(&match line.tag() {
                ChangeTag::Delete => style.bad(&format!("-{body}")),
                ChangeTag::Insert => style.good(&format!("+{body}")),
                ChangeTag::Equal => format!(" {body}"),
            });
            out.push('\n');
            if !text.ends_with('\n') {
                out.push_str("\\ No newline at end of file\n");
            }
        }
    }
    out
}

/// A line for a terminal: tabs and a return at its end stay, since they only move the cursor on their line.
fn printable_line(line: &str) -> String {
    let (body, end) = line.strip_suffix('\r').map_or((line, ""), |body| (body, "\\r"));
    format!("{}{end}", body.split('\t').map(printable).collect::<Vec<_>>().join("\t"))
}

/// A path as git writes it in patches: quoted where it holds what would end its line.
fn quoted(side: &str, path: &str) -> String {
    if !path.chars().any(|letter| letter.is_control() || matches!(letter, '"' | '\\')) {
        return format!("{side}{path}");
    }
    let mut out = format!("\"{side}");
    for byte in path.bytes() {
        match byte {
            b'\n' => out.push_str("\\n"),
            b'\t' => out.push_str("\\t"),
            b'"' => out.push_str("\\\""),
            b'\\' => out.push_str("\\\\"),
            0x20..=0x7e => out.push(char::from(byte)),
            _ => out.push_str(&format!("\\{byte:03o}")),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn paths_that_would_end_a_line_are_quoted() {
        assert_eq!(quoted("a/", "docker/Dockerfile é"), "a/docker/Dockerfile é");
        assert_eq!(quoted("b/", "a\n+b \"é"), "\"b/a\\n+b \\\"\\303\\251\"");
    }
}
