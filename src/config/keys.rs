//! The keys of a configuration file: what they are called, what they hold, what they do.
//!
//! One table: the reader, the JSON schema and the file that `gfxlint init` writes are made from it.

/// A key.
#[derive(Debug)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What it holds.
    pub kind: Kind,
    /// What it does, in one sentence.
    pub doc: &'static str,
    /// A value, as one would write it.
    pub example: &'static str,
}

/// What a key holds.
#[derive(Debug, Clone, Copy)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// A string.
    Text,
    /// A string, which may be empty.
    AnyText,
    /// A whole number from 1 on.
    Number,
    /// A table of strings.
    Texts,
    /// A list of strings.
    Strings,
    /// A string, or a list of them.
    TextOrStrings,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// A table whose keys are names, and whose values are one of these words.
    Named(&'static [&'static str]),
    /// A table with these keys.
    Table(&'static [Key]),
    /// A list of tables with these keys.
    Tables(&'static [Key]),
}

/// The severities, as they are written.
pub const SEVERITIES: &[&str] = &["error", "warning", "note"];
/// How sure a finding may be, as it is written.
pub const CONFIDENCES: &[&str] = &["high", "medium", "low"];

const fn key(name: &'static str, kind: Kind, doc: &'static str, example: &'static str) -> Key {
    Key { name, kind, doc, example }
}

/// The keys of a file, in the order in which they are shown.
pub const KEYS: &[Key] = &[
    key(
        "extends",
        Kind::TextOrStrings,
        "Files whose values hold where this one says nothing; their paths count from this file.",
        "\"../gfxlint.toml\"",
    ),
    key(
        "targets",
        Kind::Strings,
        "The GPU targets to check for, as with --arch: gfx names or products.",
        "[\"gfx942\", \"MI250X\"]",
    ),
    key(
        "select",
        Kind::Strings,
        "Run only these rules: an id, the start of one, a name, or a tag.",
        "[\"GFX1\", \"GFX2\", \"mixed-rocm\"]",
    ),
    key("ignore", Kind::Strings, "Leave these rules out.", "[\"docs-lag\"]"),
    key("preview", Kind::Flag, "Run also rules that are still being tried.", "false"),
    key("pedantic", Kind::Flag, "Report advice as well, and what could not be read.", "false"),
    key(
        "fail-on",
        Kind::Choice(&["error", "warning", "note", "never"]),
        "The lowest severity of findings that make a run fail.",
        "\"warning\"",
    ),
    key(
        "min-severity",
        Kind::Choice(SEVERITIES),
        "The lowest severity that is reported; notes also need `pedantic`.",
        "\"warning\"",
    ),
    key(
        "min-confidence",
        Kind::Choice(CONFIDENCES),
        "How sure a finding must be to be reported: high follows from what the files say.",
        "\"medium\"",
    ),
    key(
        "exclude",
        Kind::Strings,
        "Files and folders that are not checked, written as in a .gitignore; they still exist for imports.",
        "[\"third_party/\", \"*.patch.py\"]",
    ),
    key("rules", Kind::Strings, "Folders with rules of your own.", "[\"./gfx-rules\"]"),
    key(
        "knowledge",
        Kind::Strings,
        "Folders with tables that correct or extend what gfxlint knows.",
        "[\"./gfx-knowledge\"]",
    ),
    key("baseline", Kind::Text, "The file with findings that are known and not reported.", "\"gfxlint-baseline.json\""),
    key(
        "versions",
        Kind::Table(VERSIONS),
        "Which releases are meant where no file says so.",
        "{ vllm = \"0.14.1\", rocm = \"7.1\" }",
    ),
    key(
        "severity",
        Kind::Named(SEVERITIES),
        "The severity of a rule's findings, whatever the rule itself says.",
        "{ GFX115 = \"note\", unpinned-source = \"error\" }",
    ),
    key("suppressions", Kind::Table(SUPPRESSIONS), "What comments may leave out.", "{ require-reason = true }"),
    key(
        "per-path",
        Kind::Tables(PER_PATH),
        "Other rules for some files.",
        "{ paths = [\"tools/\"], ignore = [\"GFX4\"] }",
    ),
];

const VERSIONS: &[Key] = &[
    key("vllm", Kind::Text, "The release of vLLM.", "\"0.14.1\""),
    key("rocm", Kind::Text, "The release of ROCm.", "\"7.1\""),
];

const SUPPRESSIONS: &[Key] = &[
    key("require-reason", Kind::Flag, "Heed only comments that say why.", "true"),
    key("forbid", Kind::Strings, "Rules that no comment may leave out.", "[\"GFX2\"]"),
];

const PER_PATH: &[Key] = &[
    key("paths", Kind::Strings, "Which files, written as in a .gitignore.", "[\"tools/\"]"),
    key("select", Kind::Strings, "Run only these rules on them.", "[\"GFX2\"]"),
    key("ignore", Kind::Strings, "Leave these rules out for them.", "[\"GFX4\"]"),
    key("severity", Kind::Named(SEVERITIES), "The severity of a rule's findings in them.", "{ GFX401 = \"note\" }"),
    key("targets", Kind::Strings, "The GPU targets that they are checked for; --arch wins.", "[\"gfx1151\"]"),
];

/// What people write for a key that is called something else.
const MEANT: &[(&str, &str)] = &[
    ("arch", "targets"),
    ("archs", "targets"),
    ("target", "targets"),
    ("gpu-targets", "targets"),
    ("extend", "extends"),
    ("disable", "ignore"),
    ("enable", "select"),
    ("ignores", "ignore"),
    ("glob", "paths"),
    ("globs", "paths"),
    ("files", "paths"),
    ("path", "paths"),
    ("per-file-ignores", "per-path"),
    ("overrides", "per-path"),
    ("severities", "severity"),
];

/// The key that is meant by a name that none has.
pub fn meant(keys: &[Key], name: &str) -> Option<&'static str> {
    let kebab = name.to_lowercase().replace('_', "-");
    let known = |wanted: &str| keys.iter().find(|key| key.name == wanted).map(|key| key.name);
    let synonym = MEANT.iter().find(|(written, _)| *written == kebab).and_then(|(_, meant)| known(meant));
    synonym.or_else(|| nearest(keys.iter().map(|key| key.name), &kebab))
}

/// The word that is nearest to one that is none of them, if it is near enough to be a slip.
pub fn nearest(words: impl Iterator<Item = &'static str>, written: &str) -> Option<&'static str> {
    let near = |word: &'static str| (crate::knowledge::distance(written, word), word);
    words.map(near).filter(|(steps, word)| *steps <= 1 + word.len() / 4).min().map(|(_, word)| word)
}
