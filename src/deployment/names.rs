//! Versions in names of images, files and branches.

use std::ops::Range;

use super::Version;

/// The number behind a word, whatever stands between: `vllm-0.11.2`, `torch-2.9.1`.
pub(super) fn number_behind(text: &str, word: &str) -> Option<(Version, Range<usize>)> {
    let lower = text.to_ascii_lowercase();
    lower.match_indices(word).find_map(|(at, _)| {
        let behind = at + word.len();
        let skipped = lower[behind..].len() - lower[behind..].trim_start_matches(['_', '-', ':', '=']).len();
        number_at(text, behind + skipped)
    })
}

/// The version at a place, as much of it as is one.
pub(super) fn number_at(text: &str, start: usize) -> Option<(Version, Range<usize>)> {
    let rest = text.get(start..)?;
    let word = rest.find(|next: char| !next.is_ascii_alphanumeric() && next != '.').unwrap_or(rest.len());
    let plain = rest.trim_start_matches(['v', 'V']);
    let digits = rest.len() - plain.trim_start_matches(|next: char| next.is_ascii_digit() || next == '.').len();
    let ends = [word, rest[..digits].trim_end_matches('.').len()];
    ends.into_iter().find_map(|end| {
        let version = Version::parse(&rest[..end]).filter(|version| version.numbers().len() > 1)?;
        Some((version, start..start + end))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_where_they_end() {
        let number =
            |text: &str| number_at(text, 0).map(|(version, range)| (version.to_string(), text[range].to_owned()));
        let both = |version: &str, text: &str| Some((version.to_owned(), text.to_owned()));
        assert_eq!(number("v0.14.0rc2-gfx906"), both("0.14.0rc2", "v0.14.0rc2"));
        assert_eq!(number("0.10.1+rocm700"), both("0.10.1", "0.10.1"));
        assert_eq!(number("3.12.4.x"), both("3.12.4", "3.12.4"));
        assert_eq!((number("14"), number("main"), number("")), (None, None, None));
        assert_eq!(number_behind("vllm-0.19.1+rocm721-cp312", "vllm").unwrap().0.to_string(), "0.19.1");
    }
}
