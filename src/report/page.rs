//! A rule's page in Markdown: what the rule reference and code scanning show. It is made of the rule's file alone.

use std::fmt::Write as _;

use crate::rules::RuleMeta;
use crate::rules::examples::{Example, examples};

/// Which of a rule's examples a page shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    /// The first that is reported and the first that is not.
    Two,
    /// All.
    All,
}

/// The page.
pub fn page(rule: &RuleMeta, shown: Shown) -> String {
    let mut out = format!("# {} `{}`\n\n{}\n\n", rule.id, rule.name, rule.summary);
    let _ = writeln!(out, "Severity: **{}**, unless a finding says otherwise.", rule.severity.name());
    if shown == Shown::All {
        let tags: Vec<String> = rule.tags.iter().map(|tag| format!("`{tag}`")).collect();
        let _ = writeln!(out, "{} Tags: {}.", rule.life.told(), tags.join(", "));
    }
    for (title, text) in [("Why it matters", rule.why), ("How to fix it", rule.fix)] {
        let _ = write!(out, "\n## {title}\n\n{text}\n");
    }
    let all = examples(rule).unwrap_or_default();
    for (title, reported) in [("What is reported", true), ("What is not reported", false)] {
        let mut own = all.iter().filter(|example| example.expect.is_empty() != reported).peekable();
        if own.peek().is_none() {
            continue;
        }
        let _ = writeln!(out, "\n## {title}");
        let most = if shown == Shown::All { usize::MAX } else { 1 };
        own.take(most).for_each(|example| show(&mut out, example, rule));
    }
    sources(&mut out, rule);
    out
}

/// One example: what it shows, its files, and the findings that they give.
fn show(out: &mut String, example: &Example, rule: &RuleMeta) {
    let asked =
        if example.arch.is_empty() { String::new() } else { format!(", with `--arch {}`", example.arch.join(",")) };
    let _ = writeln!(out, "\n### {}{asked}", capital(&example.name));
    for (path, text) in example.files.iter().filter(|(_, text)| !text.trim().is_empty()) {
        let text = text.trim_start_matches('\n').trim_end();
        let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
        let fence = "`".repeat(longest.max(2) + 1);
        let _ = write!(out, "\n`{path}`:\n\n{fence}{}\n{text}\n{fence}\n", language(path));
    }
    if !example.expect.is_empty() {
        out.push('\n');
    }
    for expected in &example.expect {
        let severity = expected.severity.as_deref().unwrap_or(rule.severity.name());
        let token = expected.text.lines().next().unwrap_or_default();
        let token = if token.is_empty() { String::new() } else { format!(" at ``{}``", padded(token)) };
        let _ = writeln!(out, "- {severity} in `{}`, line {}{token}", expected.path, expected.line);
    }
}

/// Code that starts or ends with a mark needs a space there.
fn padded(code: &str) -> String {
    if code.starts_with('`') || code.ends_with('`') { format!(" {code} ") } else { code.to_owned() }
}

fn sources(out: &mut String, rule: &RuleMeta) {
    let file: toml::Table = rule.source.parse().unwrap_or_default();
    let listed = file.get("sources").and_then(toml::Value::as_array);
    let sources: Vec<&str> = listed.into_iter().flatten().filter_map(toml::Value::as_str).collect();
    if sources.is_empty() {
        return;
    }
    out.push_str("\n## Sources\n\n");
    for source in sources {
        let (address, rest) = source.split_once(' ').unwrap_or((source, ""));
        let source = if address.starts_with("https://") { format!("<{address}> {rest}") } else { source.to_owned() };
        let _ = writeln!(out, "- {}", source.trim_end());
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// What highlighters call the language of a file.
fn language(path: &str) -> &'static str {
    let name = path.rsplit('/').next().unwrap_or_default();
    if name.contains("Dockerfile") || name.contains("Containerfile") {
        return "dockerfile";
    }
    if name == "CMakeLists.txt" {
        return "cmake";
    }
    match name.rsplit('.').next().unwrap_or_default() {
        "py" | "pyi" => "python",
        "cmake" => "cmake",
        "sh" | "bash" | "env" => "sh",
        "yaml" | "yml" => "yaml",
        "nix" => "nix",
        "md" => "markdown",
        "toml" => "toml",
        "json" => "json",
        "hcl" => "hcl",
        "cu" | "cuh" | "cpp" | "h" | "hip" | "hpp" => "cpp",
        "service" | "container" => "ini",
        _ => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::RULES;

    #[test]
    fn a_page_holds_all_that_a_rule_says() {
        let source = "id = 'GFX101'\nname = 'arch-gap'\nsources = ['https://a.example (b)', 'a file']\n\n[[examples]]\nname = 'a gap'\narch = ['gfx906']\nexpect = [{ path = 'Dockerfile', line = 2, text = 'make' }]\nfiles = { 'Dockerfile' = \"FROM x\\nRUN make\\n\" }\n\n[[examples]]\nname = 'nothing'\nfiles = { 'a.md' = \"```sh\\nx\\n```\" }\n\n[[examples]]\nname = 'more of it'\nfiles = { 'a.py' = 'x' }\n";
        let rule = RuleMeta { source, ..RULES[0].clone() };
        insta::assert_snapshot!(format!("{}---\n{}", page(&rule, Shown::All), page(&rule, Shown::Two).len()));
    }
}
