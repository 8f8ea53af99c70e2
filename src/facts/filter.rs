//! What a shell filter makes of a list in text form.

use std::borrow::Cow;

use regex_lite::{Captures, Regex};

use super::{Filter, FilterUse};

/// Results longer than this many bytes are not followed: no list of targets is that long.
const LIMIT: usize = 1 << 14;
/// Replacements longer than this many bytes are not followed, since they may stand for each byte of the text.
const REPLACEMENT_LIMIT: usize = 256;

impl FilterUse {
    /// What comes out of the filters for `input`, as `$(...)` yields it: without the newlines at its end.
    /// None where a pattern cannot be evaluated.
    pub fn evaluate(&self, input: &str) -> Option<String> {
        let fed = format!("{input}\n");
        let made =
            self.filters.iter().try_fold(fed, |text, filter| filter.apply(&text).filter(|made| made.len() <= LIMIT))?;
        Some(made.trim_end_matches('\n').to_owned())
    }
}

impl Filter {
    /// What this command makes of `text`, which may have several lines; None where its pattern cannot be evaluated.
    pub fn apply(&self, text: &str) -> Option<String> {
        match self {
            Self::Substitute { pattern, replacement, global } => {
                let regex = Regex::new(pattern).ok().filter(|_| replacement.len() <= REPLACEMENT_LIMIT)?;
                Some(each_line(text, |line| Some(substitute(&regex, line, replacement, *global))))
            }
            Self::Translate { from, to } => Some(translate(text, from, to)),
            Self::Lines { pattern, keep } => {
                let regex = Regex::new(pattern).ok()?;
                Some(each_line(text, |line| (regex.is_match(line) == *keep).then_some(Cow::Borrowed(line))))
            }
            Self::Join(separator) => Some(text.lines().collect::<Vec<_>>().join(separator) + "\n"),
        }
    }
}

/// Rewrites or drops each line; line ends stay as they are.
fn each_line<'a>(text: &'a str, mut rewrite: impl FnMut(&'a str) -> Option<Cow<'a, str>>) -> String {
    let mut made = String::new();
    for line in text.split_inclusive('\n') {
        let body = line.strip_suffix('\n').unwrap_or(line);
        if let Some(rewritten) = rewrite(body) {
            made.push_str(&rewritten);
            made.push_str(&line[body.len()..]);
        }
        if made.len() > LIMIT {
            break;
        }
    }
    made
}

/// The line with its first match replaced, or all of them.
fn substitute<'a>(regex: &Regex, line: &'a str, replacement: &str, global: bool) -> Cow<'a, str> {
    let limit = usize::from(!global);
    regex.replacen(line, limit, |found: &Captures<'_>| fill(replacement, found))
}

/// A sed replacement with `&` and `\1` to `\9` filled in.
fn fill(replacement: &str, found: &Captures<'_>) -> String {
    let group = |number: usize| found.get(number).map_or("", |group| group.as_str());
    let mut made = String::new();
    let mut chars = replacement.chars();
    while let Some(next) = chars.next() {
        match next {
            '&' => made.push_str(group(0)),
            '\\' => match chars.next() {
                Some(digit @ '0'..='9') => made.push_str(group(digit as usize - '0' as usize)),
                Some('n') => made.push('\n'),
                Some('t') => made.push('\t'),
                Some(other) => made.push(other),
                None => made.push('\\'),
            },
            other => made.push(other),
        }
    }
    made
}

/// `tr`: characters of `from` become those of `to`, one to one, its last one repeated; nothing in `to` deletes them.
fn translate(text: &str, from: &str, to: &str) -> String {
    let last = to.chars().next_back();
    text.chars()
        .filter_map(|char| match from.chars().position(|candidate| candidate == char) {
            Some(at) => to.chars().nth(at).or(last),
            None => Some(char),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::facts::Text;
    use crate::span::Span;

    fn run(filters: Vec<Filter>, input: &str) -> Option<String> {
        FilterUse { span: Span::default(), input: Text::default(), filters }.evaluate(input)
    }

    fn drop_rdna() -> Filter {
        Filter::Substitute { pattern: ";gfx1[0-9]{3}".to_owned(), replacement: String::new(), global: true }
    }

    #[test]
    fn a_substitution_drops_what_it_matches_and_no_more() {
        let cases = [
            ("gfx90a;gfx942;gfx1100;gfx1201", "gfx90a;gfx942"),
            ("gfx1151", "gfx1151"),
            ("gfx1100;gfx1101", "gfx1100"),
            ("gfx11-generic", "gfx11-generic"),
        ];
        for (input, wanted) in cases {
            assert_eq!(run(vec![drop_rdna()], input).as_deref(), Some(wanted));
        }
    }

    #[test]
    fn lists_become_lines_flags_and_lists_again() {
        let split = Filter::Translate { from: ";".to_owned(), to: "\n".to_owned() };
        let rest = Filter::Lines { pattern: "^gfx1".to_owned(), keep: false };
        assert_eq!(
            run(vec![split, rest, Filter::Join(";".to_owned())], "gfx90a;gfx1100;gfx950").as_deref(),
            Some("gfx90a;gfx950")
        );
        let each = Filter::Substitute {
            pattern: "(gfx[0-9a-f]+)".to_owned(),
            replacement: r"--offload-arch=\1".to_owned(),
            global: true,
        };
        let blank = Filter::Translate { from: ";".to_owned(), to: " ".to_owned() };
        assert_eq!(
            run(vec![each, blank], "gfx942;gfx950").as_deref(),
            Some("--offload-arch=gfx942 --offload-arch=gfx950")
        );
    }

    #[test]
    fn bad_patterns_and_exploding_results_are_not_followed() {
        let bad = Filter::Substitute { pattern: "(".to_owned(), replacement: String::new(), global: true };
        assert_eq!(run(vec![bad], "gfx90a"), None);
        let double = Filter::Substitute { pattern: ".+".to_owned(), replacement: "&&".to_owned(), global: true };
        assert_eq!(run(vec![double; 64], "gfx90a"), None);
    }
}
