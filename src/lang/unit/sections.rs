//! Units as sections of entries, continuation lines joined.

use std::ops::Range;

use crate::lang::shell::Joined;

/// A section. Ranges are bytes of the joined text.
pub(super) struct Section {
    pub name: String,
    /// `[Name]`.
    pub header: Range<usize>,
    /// The header and all entries.
    pub whole: Range<usize>,
    pub entries: Vec<Entry>,
}

/// `Key=value`.
pub(super) struct Entry {
    pub key: String,
    /// The value, in so many pieces as it has lines.
    pub value: Vec<Range<usize>>,
}

/// The sections of a unit, and its comments. Sections of one name are one; an empty value forgets those before it.
pub(super) fn sections(joined: &Joined<'_>) -> (Vec<Section>, Vec<Range<usize>>) {
    let (mut sections, mut comments): (Vec<Section>, Vec<Range<usize>>) = (Vec::new(), Vec::new());
    let mut current = None;
    let mut is_continued = false;
    for line in lines(joined.text()) {
        let written = joined.slice(line.clone());
        let content = trimmed(written, line.start);
        let body = joined.slice(content.clone());
        if body.starts_with(['#', ';']) {
            comments.push(content);
            continue;
        }
        let goes_on = body.ends_with('\\');
        let value = if goes_on { content.start..content.end - 1 } else { content.clone() };
        if is_continued {
            let section = current.and_then(|at: usize| sections.get_mut(at));
            if let Some(section) = section {
                section.whole.end = content.end;
                // The line break stands for a blank.
                let from = if value.start > line.start { value.start - 1 } else { line.start.saturating_sub(1) };
                section.entries.iter_mut().next_back().into_iter().for_each(|entry| entry.value.push(from..value.end));
            }
            is_continued = goes_on && !body.is_empty();
            continue;
        }
        if let Some(name) = body.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let known = sections.iter().position(|section| section.name == name);
            current = Some(known.unwrap_or(sections.len()));
            if known.is_none() {
                sections.push(Section {
                    name: name.to_owned(),
                    header: content.clone(),
                    whole: content,
                    entries: Vec::new(),
                });
            }
            continue;
        }
        let Some((key, _)) = body.split_once('=') else { continue };
        let Some(section) = current.and_then(|at| sections.get_mut(at)) else { continue };
        let start = (content.start + key.len() + 1).min(value.end);
        let key = key.trim_end().to_owned();
        section.whole.end = content.end;
        is_continued = goes_on;
        if !goes_on && joined.slice(start..value.end).trim().is_empty() {
            section.entries.retain(|entry| entry.key != key);
        } else {
            section.entries.push(Entry { key, value: std::iter::once(start..value.end).collect() });
        }
    }
    (sections, comments)
}

fn lines(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        start..start + line.trim_end_matches(['\n', '\r']).len()
    })
}

fn trimmed(written: &str, start: usize) -> Range<usize> {
    let from = start + written.len() - written.trim_start().len();
    from..from + written.trim().len()
}
