//! Which findings a change brings.

use rustc_hash::{FxHashMap, FxHashSet};

use super::Both;
use crate::context::Context;
use crate::finding::Finding;

/// The findings that did not stand before. They are told apart by rule, file and message, so that lines may move.
pub fn findings(both: &Both<'_, '_>, before: &[Finding], after: Vec<Finding>) -> Vec<Finding> {
    let mut known: FxHashMap<(&str, String, String), usize> = FxHashMap::default();
    for finding in before {
        *known.entry(identity(both.old, finding, |path| path.to_owned())).or_default() += 1;
    }
    let is_new = |finding: &Finding| {
        let key = identity(both.new, finding, |path| both.lines.old_path(path).to_owned());
        match known.get_mut(&key) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            _ => true,
        }
    };
    let mut is_new = is_new;
    after.into_iter().filter(|finding| is_new(finding)).collect()
}

/// Whether a finding's place, or any place that takes part, lies in the change.
pub fn belongs(both: &Both<'_, '_>, finding: &Finding) -> bool {
    let touched = |at| both.lines.touches(both.new.workspace.sources(), at);
    touched(finding.at) || finding.related.iter().any(|label| touched(label.at))
}

/// Where findings stood before, as places of the side after.
pub struct Stood {
    places: FxHashSet<(&'static str, String, u32, String)>,
}

impl Stood {
    /// Follows the places through the change.
    pub fn of(both: &Both<'_, '_>, before: &[Finding]) -> Self {
        let sources = both.old.workspace.sources();
        let place = |finding: &Finding| {
            let path = sources.get(finding.at.file).path.as_str();
            let line = sources.start(finding.at).line - 1;
            let (path, line) = match both.lines.from(path) {
                Some(change) => (change.new_path.as_deref()?, change.moved(line)),
                None => (path, line),
            };
            Some((finding.rule.id, path.to_owned(), line, sources.text(finding.at).to_owned()))
        };
        Self { places: before.iter().filter_map(place).collect() }
    }

    /// Whether a finding is one that stood there, worded anew: its line is untouched.
    pub fn has(&self, both: &Both<'_, '_>, finding: &Finding) -> bool {
        let sources = both.new.workspace.sources();
        let path = sources.get(finding.at.file).path.clone();
        let line = sources.start(finding.at).line - 1;
        !both.lines.touches(sources, finding.at)
            && self.places.contains(&(finding.rule.id, path, line, sources.text(finding.at).to_owned()))
    }
}

fn identity(cx: &Context<'_>, finding: &Finding, path: impl Fn(&str) -> String) -> (&'static str, String, String) {
    let file = cx.workspace.sources().get(finding.at.file);
    (finding.rule.id, path(&file.path), without_lines(&finding.message))
}

/// A message without the line numbers in it: `rocm.py:106` and `rocm.py:107` are one place, moved.
fn without_lines(message: &str) -> String {
    let mut out = String::with_capacity(message.len());
    let mut is_number = false;
    for character in message.chars() {
        is_number = character.is_ascii_digit() && (is_number || out.ends_with(':'));
        if !is_number {
            out.push(character);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn line_numbers_tell_nothing_apart() {
        assert_eq!(super::without_lines("a.py:12 and gfx906, 3 of b:7."), "a.py: and gfx906, 3 of b:.");
    }
}
