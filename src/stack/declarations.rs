//! Declared target lists: variables whose name says that they hold targets, whatever their items look like.

use crate::context::Context;
use crate::facts::{Setting, SettingKind, TextPart};
use crate::source::Section;
use crate::span::{FileId, Span};

/// Variables that are read as a list of targets, or the ends of their names.
const NAMES: &[&str] =
    &["ROCM_ARCH", "ROCM_ARCHS", "GPU_TARGETS", "GPU_ARCHS", "HIP_SUPPORTED_ARCHS", "HIP_ARCHITECTURES"];

/// A variable that is given a list of targets, with the items as written.
#[derive(Debug, Clone)]
pub struct Declaration<'a> {
    /// The file.
    pub file: FileId,
    /// The variable and its value.
    pub setting: &'a Setting,
    /// The items, quotes left out.
    pub items: Vec<Span>,
    /// Whether a shell reads the setting.
    pub in_shell: bool,
}

/// The declared lists of the run, by place.
pub fn declarations<'a>(cx: &Context<'a>) -> Vec<Declaration<'a>> {
    let mut found = Vec::new();
    for (file, source, facts) in cx.files().filter(|(_, source, _)| source.section != Section::Docs) {
        let in_shell = matches!(source.language, "shell" | "dockerfile" | "yaml");
        for setting in facts.settings.iter().filter(|setting| is_declaration(setting)) {
            let mut items = items(setting, source.text());
            if setting.kind == SettingKind::NixList {
                // A variable of the file may be given to several packages.
                let is_known = |list: &Declaration<'_>| list.file == file && list.items == items;
                items = if found.iter().any(is_known) { Vec::new() } else { items };
            } else {
                items.retain(|item| setting.span.contains(*item));
            }
            if !items.is_empty() {
                found.push(Declaration { file, setting, items, in_shell });
            }
        }
    }
    found.sort_by_key(|list| (list.file, list.setting.span));
    // A default and the assignment around it share their items.
    found.dedup_by(|later, earlier| {
        later.file == earlier.file && later.items.iter().all(|item| earlier.items.contains(item))
    });
    found
}

fn is_declaration(setting: &Setting) -> bool {
    if setting.kind == SettingKind::NixList {
        // magma's list has numbers alone.
        return !setting.context.starts_with("magma");
    }
    let name = setting.name.to_ascii_uppercase().replace('-', "_");
    let kind = !matches!(setting.kind, SettingKind::DocsCommand | SettingKind::Comment);
    // FetchContent and CUDA projects use such names for other lists.
    kind && setting.via.is_none() && NAMES.iter().any(|end| name.ends_with(end)) && !name.contains("CUDA")
}

/// The items of a value, as far as its bytes stand in the file.
fn items(setting: &Setting, text: &str) -> Vec<Span> {
    let mut items: Vec<Span> = Vec::new();
    for (at, part) in setting.value.parts.iter().enumerate() {
        let TextPart::Literal(_, Some(span)) = part else { continue };
        // An item that continues in a part that is not written here is not known.
        let cut = |neighbour: Option<&TextPart>| matches!(neighbour, Some(TextPart::Outer { .. } | TextPart::Unknown));
        let (before, behind) =
            (at.checked_sub(1).and_then(|at| setting.value.parts.get(at)), setting.value.parts.get(at + 1));
        let mut start = span.range().start;
        for piece in span.text(text).split_inclusive(is_separator) {
            let word = piece.trim_end_matches(is_separator);
            let open_end = word.len() == piece.len() && cut(behind);
            let open_start = start == span.range().start && cut(before);
            if let Some(item) = trimmed(word, start).filter(|_| !open_end && !open_start) {
                push(&mut items, item, text);
            }
            start += piece.len();
        }
    }
    items
}

/// The item in a word: quotes and a flag's name left out; none for words that hold an expansion or a pattern.
fn trimmed(word: &str, start: usize) -> Option<Span> {
    let quotes: &[char] = &['"', '\'', '\\', '[', ']'];
    let inner = word.trim_start_matches(quotes);
    let start = start + word.len() - inner.len();
    let inner = inner.trim_end_matches(quotes);
    let value = inner.strip_prefix("--offload-arch=").unwrap_or(inner);
    let is_item = !value.is_empty()
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'+' | b'-' | b'_' | b'.'));
    (is_item && !value.starts_with('-')).then(|| Span::new(start + inner.len() - value.len(), start + inner.len()))
}

/// Adds an item; `gfx 942` is one, torn apart.
fn push(items: &mut Vec<Span>, item: Span, text: &str) {
    let continues = item.text(text).starts_with(|first: char| first.is_ascii_digit());
    match items.last_mut() {
        Some(last) if continues && last.text(text).eq_ignore_ascii_case("gfx") => *last = last.hull(item),
        _ => items.push(item),
    }
}

fn is_separator(character: char) -> bool {
    matches!(character, ';' | ',' | '|') || character.is_whitespace()
}

impl Declaration<'_> {
    /// Whether the variable is ROCm's own, not one that other platforms use as well.
    pub fn is_rocm(&self) -> bool {
        let name = self.setting.name.to_ascii_uppercase();
        ["ROCM", "HIP", "AMDGPU"].iter().any(|part| name.contains(part))
    }

    /// The list, where its consumer splits it at `;` and something else stands between two items.
    pub fn wrong_separator(&self, text: &str) -> Option<Span> {
        let name = self.setting.name.to_ascii_uppercase().replace('-', "_");
        let cmake = ["GPU_TARGETS", "HIP_ARCHITECTURES"].iter().any(|end| name.ends_with(end))
            && matches!(self.setting.kind, SettingKind::BuildFlag | SettingKind::CmakeSet);
        let splits_at_semicolons =
            name.ends_with("PYTORCH_ROCM_ARCH") || name.ends_with("HIP_SUPPORTED_ARCHS") || cmake;
        let between = |pair: &[Span]| Span { start: pair[0].end, end: pair[1].start }.text(text).to_owned();
        // CMake's own lists are separated by blanks outside quotes, and end lines inside them.
        let is_wrong = |separator: &str| match self.setting.kind {
            SettingKind::CmakeSet => separator == "," || separator == " " && self.is_quoted(text),
            SettingKind::YamlValue => separator == "," || separator == " ",
            _ => !separator.contains([';', '\n', '[', '"', '\'']) && separator != "|",
        };
        let list = self.items.first()?.hull(*self.items.last()?);
        (splits_at_semicolons && self.items.windows(2).map(between).any(|separator| is_wrong(&separator)))
            .then_some(list)
    }

    fn is_quoted(&self, text: &str) -> bool {
        let value = self.setting.value_span;
        value.text(text).starts_with('"')
            || text.get(..value.start as usize).is_some_and(|before| before.ends_with('"'))
    }
}
