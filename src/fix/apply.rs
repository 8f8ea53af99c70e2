//! Edits of one round, and what they make of a file's bytes.

use std::collections::BTreeMap;

use crate::finding::{Edit, Fix};
use crate::source::{SourceFile, Sources};
use crate::span::{FileId, Span};

/// The edits that a round applies.
#[derive(Default)]
pub(super) struct Claims<'f> {
    edits: BTreeMap<FileId, Vec<&'f Edit>>,
    /// Files by what they really are: one may be reached by several paths.
    files: BTreeMap<std::path::PathBuf, FileId>,
}

impl<'f> Claims<'f> {
    /// Takes a fix whole, unless one of its edits touches one that was taken before. The same edits may be taken twice:
    /// two findings can have one cause.
    pub(super) fn take(&mut self, fix: &'f Fix, sources: &Sources) -> bool {
        let fresh: Vec<&Edit> = fix.edits.iter().filter(|edit| !self.holds(edit)).collect();
        if fresh.is_empty() {
            return true;
        }
        let is_whole = fresh.len() == fix.edits.len();
        let is_free = |edit: &&Edit| {
            let taken = self.edits.get(&edit.at.file).into_iter().flatten();
            taken.into_iter().all(|other| !touch(other.at.span, edit.at.span))
        };
        let apart = fresh.iter().enumerate().all(|(at, edit)| {
            fresh[at + 1..].iter().all(|other| other.at.file != edit.at.file || !touch(other.at.span, edit.at.span))
        });
        let is_only_way = fresh.iter().all(|edit| {
            let key = crate::scan::overlay_key(&sources.get(edit.at.file).location);
            *self.files.entry(key).or_insert(edit.at.file) == edit.at.file
        });
        let taken = is_whole && apart && is_only_way && fresh.iter().all(is_free);
        if taken {
            for edit in fresh {
                self.edits.entry(edit.at.file).or_default().push(edit);
            }
        }
        taken
    }

    fn holds(&self, edit: &Edit) -> bool {
        self.edits.get(&edit.at.file).is_some_and(|taken| taken.contains(&edit))
    }

    /// The edits of each file, by place.
    pub(super) fn into_edits(mut self) -> BTreeMap<FileId, Vec<&'f Edit>> {
        self.edits.values_mut().for_each(|edits| edits.sort_by_key(|edit| edit.at));
        self.edits
    }
}

/// Whether two edits would depend on which comes first.
fn touch(left: Span, right: Span) -> bool {
    let is_insertion = left.start == left.end || right.start == right.end;
    if is_insertion {
        left.start <= right.end && right.start <= left.end
    } else {
        left.start < right.end && right.start < left.end
    }
}

/// Whether an edit lies within its file and cuts no character.
pub(super) fn is_sound(edit: &Edit, sources: &Sources) -> bool {
    sources.get(edit.at.file).text().get(edit.at.span.range()).is_some()
}

/// The bytes of a file as it was read.
pub(super) fn bytes_of(source: &SourceFile) -> Vec<u8> {
    with_mark(source, source.text())
}

/// A file's bytes after edits that are sorted and apart from each other.
pub(super) fn apply(source: &SourceFile, edits: &[&Edit]) -> Vec<u8> {
    let text = source.text();
    let ends_with_return =
        memchr::memchr(b'\n', text.as_bytes()).is_some_and(|at| at > 0 && text.as_bytes()[at - 1] == b'\r');
    let mut out = String::with_capacity(text.len() + 64);
    let mut done = 0;
    for edit in edits {
        let range = edit.at.span.range();
        out.push_str(text.get(done..range.start).unwrap_or_default());
        if ends_with_return {
            out.push_str(&edit.text.replace("\r\n", "\n").replace('\n', "\r\n"));
        } else {
            out.push_str(&edit.text);
        }
        done = range.end;
    }
    out.push_str(text.get(done..).unwrap_or_default());
    with_mark(source, &out)
}

fn with_mark(source: &SourceFile, text: &str) -> Vec<u8> {
    let mark = if source.bom > 0 { "\u{feff}" } else { "" };
    [mark, text].concat().into_bytes()
}
