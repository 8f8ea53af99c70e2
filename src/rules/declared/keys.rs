//! The keys of a user's rule.

use crate::config::keys::{Key, Kind, SEVERITIES};

const fn key(name: &'static str, kind: Kind) -> Key {
    Key { name, kind, doc: "", example: "" }
}

/// The keys of a rule's file.
pub(super) const KEYS: &[Key] = &[
    key("id", Kind::Text),
    key("name", Kind::Text),
    key("severity", Kind::Choice(SEVERITIES)),
    key("summary", Kind::Text),
    key("status", Kind::Choice(&["stable", "preview", "deprecated", "removed"])),
    key("since", Kind::Text),
    key("instead", Kind::Text),
    key("formerly", Kind::Strings),
    key("why", Kind::Text),
    key("fix", Kind::Text),
    key("tags", Kind::Strings),
    key("sources", Kind::Strings),
    key("fact", Kind::Text),
    key("when", Kind::Text),
    key("language", Kind::Text),
    key("query", Kind::Text),
    key("words", Kind::Strings),
    key("message", Kind::Text),
    key("help", Kind::Text),
    key("paths", Kind::Strings),
    key("examples", Kind::Tables(EXAMPLE)),
];

const EXAMPLE: &[Key] = &[
    key("name", Kind::Text),
    key("arch", Kind::Strings),
    key("files", Kind::Texts),
    key("expect", Kind::Tables(EXPECTED)),
];

const EXPECTED: &[Key] = &[
    key("path", Kind::Text),
    key("line", Kind::Number),
    key("text", Kind::AnyText),
    key("severity", Kind::Choice(SEVERITIES)),
];
