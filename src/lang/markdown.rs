//! The Markdown front end: the list of supported GPUs, commands, and sentences that name targets.

use super::script::Script;
use super::{Candidate, FrontEnd, remarks, tables};
use crate::arch::{MatchMode, tokens_in_prose};
use crate::facts::{ArchExpr, ArchSite, FileFacts, Home, ProseKind, Sense, SettingKind, SiteKind};
use crate::span::Span;

/// The Markdown front end.
pub static FRONT_END: FrontEnd = FrontEnd {
    language: "markdown",
    claims: |candidate: &Candidate<'_>| candidate.has_extension(&["md", "mdx"]),
    words: WORDS,
    joined: None,
    extract,
    extract_callers: None,
};

/// Words of which a page must hold one: targets, and what tells that it is about AMD GPUs.
const WORDS: &[&str] = &[
    "gfx",
    "rocm",
    "ROCm",
    "ROCM",
    "/dev/kfd",
    "HIP_VISIBLE",
    "HSA_OVERRIDE",
    "amd.com/gpu",
    "Strix Halo",
    "amdgpu.gtt",
    tables::HEADING,
];

/// Commands of documentation are shown, not done.
const SHOWN: Home = Home { stage: None, container: None, is_shown: true };

/// Languages of fences that hold commands.
const COMMANDS: &[&str] = &["", "bash", "sh", "shell", "zsh", "console", "shell-session", "sh-session", "text", "txt"];
/// What a command line in an indented block starts with.
const STARTS: &[&str] = &["$ ", "export ", "docker ", "cmake ", "pip ", "python ", "python3 ", "uv "];

fn extract(text: &str, facts: &mut FileFacts) {
    let lines: Vec<Line> = remarks::lines(text, Span::new(0, text.len())).map(|span| Line::new(text, span)).collect();
    let mut at = 0;
    while let Some(line) = lines.get(at) {
        at = if let Some(fence) = Fence::opened_by(text, line) {
            fence.read(text, &lines, at + 1, facts)
        } else if is_requirement(text, line) {
            requirement(text, &lines, at, facts)
        } else if is_command(text, line) {
            commands(text, &lines, at, facts)
        } else if let Some(column) = tables::column(text, line.span) {
            let rows = lines.get(at + 1..).unwrap_or_default().iter().map(|line| line.span);
            tables::rows(text, column, rows, facts);
            at + 1
        } else {
            remarks::prose(text, line.span, ProseKind::Docs, facts);
            at + 1
        };
    }
}

/// A line.
#[derive(Debug, Clone, Copy)]
struct Line {
    /// Its bytes without the line's end.
    span: Span,
    /// How many blanks it starts with, a tab as four.
    indent: usize,
    /// Where its text starts.
    start: usize,
}

impl Line {
    fn new(text: &str, span: Span) -> Self {
        let written = span.text(text);
        let blanks = written.bytes().take_while(|byte| matches!(byte, b' ' | b'\t'));
        let (count, indent) =
            blanks.fold((0, 0), |(count, indent), byte| (count + 1, indent + if byte == b'\t' { 4 } else { 1 }));
        Self { span, indent, start: span.start as usize + count }
    }

    /// The text without indentation.
    fn text<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.start..self.span.end as usize).unwrap_or_default()
    }

    /// The span without at most `indent` blanks.
    fn dedented(&self, indent: usize) -> Span {
        let skipped = indent.min(self.start - self.span.start as usize);
        Span::new(self.span.start as usize + skipped, self.span.end as usize)
    }
}

/// The opening of fenced code.
struct Fence<'a> {
    mark: char,
    length: usize,
    indent: usize,
    language: &'a str,
}

impl<'a> Fence<'a> {
    fn opened_by(text: &'a str, line: &Line) -> Option<Self> {
        // A list item can open a fence on its own line.
        let written = line.text(text).trim_start_matches("- ").trim_start_matches("> ");
        let mark = written.chars().next().filter(|mark| matches!(mark, '`' | '~'))?;
        let length = written.chars().take_while(|&next| next == mark).count();
        let info = written[length..].trim();
        if length < 3 || mark == '`' && info.contains('`') {
            return None;
        }
        let language = info.trim_start_matches(['{', '.']).split([' ', ',', '{', '}', '\t']).next().unwrap_or_default();
        Some(Self { mark, length, indent: line.indent, language })
    }

    fn is_closed_by(&self, text: &str, line: &Line) -> bool {
        let written = line.text(text).trim_end();
        written.len() >= self.length && written.chars().all(|next| next == self.mark)
    }

    /// Reads the code from line `first` on; returns the line behind the fence's end.
    fn read(&self, text: &str, lines: &[Line], first: usize, facts: &mut FileFacts) -> usize {
        let rest = lines.get(first..).unwrap_or_default();
        let length = rest.iter().position(|line| self.is_closed_by(text, line)).unwrap_or(rest.len());
        let code = &rest[..length];
        match Code::of(self.language, text, code) {
            Code::Shell => shell(text, code, self.indent, facts),
            Code::Other(read) => embedded(text, code, self.indent, read, facts),
            Code::Unknown => {}
        }
        first + length + 1
    }
}

/// Hands commands to the shell front end; those that are commented out are read as well.
fn shell(text: &str, code: &[Line], indent: usize, facts: &mut FileFacts) {
    let prompts = code.iter().any(|line| line.text(text).starts_with("$ "));
    let mut script = Script::default();
    let mut commented = Vec::new();
    for line in code {
        let mut span = line.dedented(indent);
        if let Some(assignment) = commented_assignment(text, line) {
            commented.push(assignment);
        } else if prompts && span.text(text).trim_start().starts_with("$ ") {
            span = Span::new(line.start + 2, span.end as usize);
            script.push(span);
        } else {
            script.push(span);
        }
        script.end_line(text, span.end as usize);
    }
    script.extract(text, SHOWN, Some(SettingKind::DocsCommand), &|_| None, facts);
    for span in commented {
        let mut script = Script::default();
        script.push(span);
        script.extract(text, SHOWN, Some(SettingKind::DocsCommand), &|_| None, facts);
    }
}

/// The assignment in `# export X=v`.
fn commented_assignment(text: &str, line: &Line) -> Option<Span> {
    let written = line.text(text).strip_prefix('#')?;
    let command = written.trim_start();
    let assignment = command.strip_prefix("export ").unwrap_or(command).trim_start();
    let name = assignment.bytes().take_while(|&byte| byte.is_ascii_alphanumeric() || byte == b'_').count();
    let is_assignment = name > 0 && assignment[name..].starts_with('=') && !assignment[name..].starts_with("==");
    is_assignment.then(|| Span::new(line.span.end as usize - command.len(), line.span.end as usize))
}

/// Reads the pieces of a page as another language.
type Embedded = fn(&str, &[Span], &mut FileFacts);

/// What a fence holds.
enum Code {
    Shell,
    Other(Embedded),
    Unknown,
}

impl Code {
    /// By the language that it names; where it names none, by what it starts with.
    fn of(language: &str, text: &str, code: &[Line]) -> Self {
        let language = language.to_ascii_lowercase();
        let starts = |word: &str| {
            let first = code.iter().map(|line| line.text(text)).find(|line| !line.is_empty() && !line.starts_with('#'));
            first.is_some_and(|line| line.starts_with(word))
        };
        let holds = |word: &str| code.iter().any(|line| line.text(text).trim_end() == word);
        match language.as_str() {
            "dockerfile" | "docker" | "containerfile" => Self::Other(dockerfile),
            "yaml" | "yml" | "compose" | "docker-compose" => Self::Other(yaml),
            "ini" | "systemd" | "conf" | "quadlet" | "toml" if holds("[Container]") || holds("[Service]") => {
                Self::Other(unit)
            }
            "" | "text" | "txt" if starts("FROM ") || starts("ARG ") && holds("FROM") => Self::Other(dockerfile),
            "" | "text" | "txt" if starts("services:") || starts("apiVersion:") => Self::Other(yaml),
            "" | "text" | "txt" if starts("[Container]") || starts("[Unit]") || starts("[Service]") => {
                Self::Other(unit)
            }
            other if COMMANDS.contains(&other) => Self::Shell,
            _ => Self::Unknown,
        }
    }
}

/// Reads code of another language. It is shown, not done: what it sets is an example, and fragments are no faults.
fn embedded(text: &str, code: &[Line], indent: usize, read: Embedded, facts: &mut FileFacts) {
    let mut script = Script::default();
    for line in code {
        let span = line.dedented(indent);
        script.push(span);
        script.end_line(text, span.end as usize);
    }
    let before = Counts::of(facts);
    read(text, &script.into_pieces(), facts);
    before.show_rest(facts);
}

/// How many facts there were before a fence.
struct Counts {
    settings: usize,
    gaps: usize,
    homes: [usize; 6],
}

impl Counts {
    fn of(facts: &FileFacts) -> Self {
        Self {
            settings: facts.settings.len(),
            gaps: facts.gaps.len(),
            homes: [
                facts.commands.len(),
                facts.launches.len(),
                facts.installs.len(),
                facts.checkouts.len(),
                facts.containers.len(),
                facts.image_builds.len(),
            ],
        }
    }

    /// Marks what has been added since as shown.
    fn show_rest(&self, facts: &mut FileFacts) {
        facts.gaps.truncate(self.gaps);
        for setting in facts.settings.iter_mut().skip(self.settings) {
            let is_claim = matches!(
                setting.kind,
                SettingKind::DockerArg | SettingKind::DockerEnv | SettingKind::YamlValue | SettingKind::ShellAssign
            );
            if is_claim {
                setting.kind = SettingKind::DocsCommand;
            }
        }
        let [commands, launches, installs, checkouts, containers, builds] = self.homes;
        let homes = (facts.commands.iter_mut().skip(commands).map(|fact| &mut fact.home))
            .chain(facts.launches.iter_mut().skip(launches).map(|fact| &mut fact.home))
            .chain(facts.installs.iter_mut().skip(installs).map(|fact| &mut fact.home))
            .chain(facts.checkouts.iter_mut().skip(checkouts).map(|fact| &mut fact.home))
            .chain(facts.containers.iter_mut().skip(containers).map(|fact| &mut fact.home))
            .chain(facts.image_builds.iter_mut().skip(builds).map(|fact| &mut fact.home));
        homes.for_each(|home| home.is_shown = true);
    }
}

fn dockerfile(text: &str, pieces: &[Span], facts: &mut FileFacts) {
    super::dockerfile::extract_region(text, pieces, facts);
}

/// Services and objects; other YAML of a page is of no interest.
fn yaml(text: &str, pieces: &[Span], facts: &mut FileFacts) {
    let (Some(first), Some(last)) = (pieces.first(), pieces.last()) else { return };
    // Columns count from the line's start, whatever the fence is indented by.
    let start = text.get(..first.range().start).and_then(|before| before.rfind('\n')).map_or(0, |end| end + 1);
    let region = Span::new(start, last.range().end);
    let line = |start: &str| region.text(text).lines().any(|line| line.trim_start().starts_with(start));
    if line("services:") || line("apiVersion:") && line("kind:") {
        super::yaml::extract_region(text, region, SHOWN, facts);
    }
}

fn unit(text: &str, pieces: &[Span], facts: &mut FileFacts) {
    super::unit::extract_region(text, pieces, SHOWN, facts);
}

/// The text of a list item, without its mark.
fn item<'a>(text: &'a str, line: &Line) -> Option<&'a str> {
    ["- ", "* ", "+ "].iter().find_map(|mark| line.text(text).strip_prefix(mark))
}

/// Whether the line is a list item such as `- GPU: MI200s (gfx90a), MI300 (gfx942)`.
fn is_requirement(text: &str, line: &Line) -> bool {
    let Some((label, _)) = item(text, line).and_then(|item| item.split_once(':')) else { return false };
    let label = label.trim_matches(['*', '_', ' ']).to_ascii_lowercase();
    let words = label.split_whitespace().count();
    words <= 4 && label.split_whitespace().any(|word| matches!(word, "gpu" | "gpus" | "hardware"))
}

/// Reads a requirement with the lines that it runs on to; returns the line behind it.
fn requirement(text: &str, lines: &[Line], first: usize, facts: &mut FileFacts) -> usize {
    let Some(line) = lines.get(first) else { return first + 1 };
    let runs_on = |next: &&Line| {
        next.indent > line.indent
            && !next.text(text).is_empty()
            && item(text, next).is_none()
            && Fence::opened_by(text, next).is_none()
    };
    let rest = lines.get(first + 1..).unwrap_or_default();
    let length = rest.iter().take_while(runs_on).count();
    let whole = rest.get(..length).and_then(<[Line]>::last).map_or(line.span, |last| line.span.hull(last.span));
    let tokens = tokens_in_prose(text, whole);
    let bracketed = |start: u32| text.as_bytes().get((start as usize).wrapping_sub(1)) == Some(&b'(');
    match tokens.as_slice() {
        [first_token, .., last] if tokens.iter().any(|token| bracketed(token.span.start)) => {
            facts.arch_sites.push(ArchSite {
                kind: SiteKind::DocsList,
                symbol: "GPU requirement".to_owned(),
                span: first_token.span.hull(last.span),
                sense: Sense::Enables,
                scope: String::new(),
                atoms: Vec::new(),
                expr: ArchExpr::Matches { tokens, mode: MatchMode::Exact },
            })
        }
        _ => remarks::prose(text, whole, ProseKind::Docs, facts),
    }
    first + 1 + length
}

/// Whether the line stands in an indented block and is a command that names a target.
fn is_command(text: &str, line: &Line) -> bool {
    let written = line.text(text);
    let assigns = || {
        written.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'0'..=b'9'))
        })
    };
    line.indent >= 4 && (STARTS.iter().any(|start| written.starts_with(start)) || assigns())
}

/// Reads an indented command with the lines that continue it; returns the line behind it.
fn commands(text: &str, lines: &[Line], first: usize, facts: &mut FileFacts) -> usize {
    let rest = lines.get(first..).unwrap_or_default();
    let continued = rest.iter().take_while(|line| line.span.text(text).ends_with('\\')).count();
    let code = rest.get(..(continued + 1).min(rest.len())).unwrap_or_default();
    shell(text, code, code.first().map_or(0, |line| line.indent), facts);
    first + code.len().max(1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::ContainerKind;

    const PAGE: &str = "# Install\n\n- GPU: MI200s (gfx90a), RX 7900\n  (gfx1100/1101)\n- OS: any\n\nFor MI300 (gfx942) users.\n\n!!! note\n    ```bash\n    A_GPU_ARCHS=\"gfx942\" make\n      # export B=gfx90a\n    ```\n\n```dockerfile\nARG X=\"gfx906;gfx908\"\nRUN x\n```\n\n~~~python\nx = 'gfx942'\n~~~\n    export C=gfx950\n";

    fn read(text: &str) -> FileFacts {
        let mut facts = FileFacts::default();
        extract(text, &mut facts);
        facts
    }

    #[test]
    fn the_requirement_is_a_list_and_the_rest_prose() {
        let facts = read(PAGE);
        let [site] = facts.arch_sites.as_slice() else { panic!("{:?}", facts.arch_sites) };
        assert_eq!(
            site.expr.tokens().iter().map(|token| token.name.as_str()).collect::<Vec<_>>(),
            ["gfx90a", "gfx1100", "gfx1101"]
        );
        assert_eq!(site.span.text(PAGE), "gfx90a), RX 7900\n  (gfx1100/1101");
        let prose: Vec<_> = facts
            .prose
            .iter()
            .filter(|prose| prose.kind == ProseKind::Docs)
            .map(|prose| prose.span.text(PAGE))
            .collect();
        assert_eq!(prose, ["For MI300 (gfx942) users."]);
    }

    #[test]
    fn instructions_are_examples() {
        let facts = read(PAGE);
        let found: Vec<_> = facts
            .settings
            .iter()
            .filter(|setting| setting.name == "X")
            .map(|setting| (setting.kind, setting.value_span.text(PAGE)))
            .collect();
        assert_eq!(found, [(SettingKind::DocsCommand, "gfx906;gfx908")]);
    }

    #[test]
    fn commented_assignments_are_cut_out() {
        let lines: Vec<Line> =
            remarks::lines(PAGE, Span::new(0, PAGE.len())).map(|span| Line::new(PAGE, span)).collect();
        let found: Vec<_> =
            lines.iter().filter_map(|line| commented_assignment(PAGE, line)).map(|span| span.text(PAGE)).collect();
        assert_eq!(found, ["export B=gfx90a"]);
    }

    #[test]
    fn fences_are_read_in_their_language() {
        let page = "# ROCm\n1. x\n\n    ```yaml\n    services:\n      a:\n        image: rocm/vllm\n        environment: [HIP_VISIBLE_DEVICES=0]\n    ```\n\
            ```\nFROM rocm/vllm\nENV X_ROCM_ARCH=gfx906\nRUN pip install vllm\n```\n\
            ```ini\n[Container]\nImage=rocm/vllm\n```\n```yaml\nname: CI\nenv: {A: gfx942}\n```\n";
        let facts = read(page);
        let found: Vec<_> =
            facts.containers.iter().map(|own| (own.kind, own.anchor.text(page), own.home.is_shown)).collect();
        assert_eq!(found, [(ContainerKind::Compose, "a", true), (ContainerKind::Quadlet, "[Container]", true)]);
        let settings: Vec<_> = facts.settings.iter().map(|own| (own.kind, own.name.as_str())).collect();
        assert_eq!(
            settings,
            [(SettingKind::ContainerEnv, "HIP_VISIBLE_DEVICES"), (SettingKind::DocsCommand, "X_ROCM_ARCH")]
        );
        assert!(facts.stages.len() == 1 && facts.installs.iter().all(|install| install.home.is_shown));
    }

    proptest::proptest! {
        #[test]
        fn no_text_is_fatal(text in "(.|\n){0,200}", at in 0usize..300, junk in "[`~# \\-*:(\n\tgfx0-9é]{0,20}") {
            read(&text);
            let mut mutated = PAGE.to_owned();
            mutated.insert_str(at.min(PAGE.len()), &junk);
            remarks::assert_spans(&mutated, &read(&mutated));
        }
    }
}
