//! `NAME=value` pairs of `ARG` and `ENV`.

use std::ops::Range;

/// A name, and its value if it has one. Ranges are bytes of the instruction's arguments.
#[derive(Debug, PartialEq)]
pub(super) struct Pair {
    pub name: Range<usize>,
    /// The value, quotes included.
    pub value: Option<Range<usize>>,
}

impl Pair {
    /// The name and the value.
    pub fn whole(&self) -> Range<usize> {
        self.name.start..self.value.as_ref().map_or(self.name.end, |value| value.end)
    }
}

/// The pairs of an `ARG`: values are optional.
pub(super) fn arguments(text: &str, escape: u8) -> Vec<Pair> {
    words(text, escape).into_iter().filter_map(|word| pair(text, word)).collect()
}

/// The pairs of an `ENV`; `ENV NAME value to the end` is one.
pub(super) fn environment(text: &str, escape: u8) -> Vec<Pair> {
    let words = words(text, escape);
    let Some(first) = words.first() else { return Vec::new() };
    if text[first.clone()].contains('=') {
        return words.into_iter().filter_map(|word| pair(text, word).filter(|pair| pair.value.is_some())).collect();
    }
    let rest = text[first.end..].trim();
    let start = text.len() - text[first.end..].trim_start().len();
    let value = (!rest.is_empty()).then(|| start..start + rest.len());
    value.map(|value| Pair { name: first.clone(), value: Some(value) }).into_iter().collect()
}

fn pair(text: &str, word: Range<usize>) -> Option<Pair> {
    let equals = text[word.clone()].find('=').map(|at| word.start + at);
    let name = word.start..equals.unwrap_or(word.end);
    (!name.is_empty()).then(|| Pair { name, value: equals.map(|at| at + 1..word.end) })
}

/// Words as the builder splits them: blanks within quotes and behind the escape character belong to a word.
pub(super) fn words(text: &str, escape: u8) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found: Vec<Range<usize>> = Vec::new();
    let mut start = None;
    let mut quote = None;
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        match quote {
            None if byte.is_ascii_whitespace() => found.extend(start.take().map(|start| start..at)),
            _ => {
                start.get_or_insert(at);
                match quote {
                    _ if byte == escape && quote != Some(b'\'') && at + 1 < bytes.len() => at += 1,
                    Some(open) if open == byte => quote = None,
                    None if matches!(byte, b'"' | b'\'') => quote = Some(byte),
                    _ => {}
                }
            }
        }
        at += 1;
    }
    found.extend(start.map(|start| start..bytes.len()));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_end_outside_of_quotes() {
        let text = r#"A="x y" B=c\ d C='e "f' D"#;
        let found: Vec<_> = arguments(text, b'\\')
            .into_iter()
            .map(|pair| (&text[pair.name], pair.value.map(|value| &text[value])))
            .collect();
        assert_eq!(found, [("A", Some("\"x y\"")), ("B", Some(r"c\ d")), ("C", Some("'e \"f'")), ("D", None)]);
    }

    #[test]
    fn the_old_form_of_env_takes_the_rest() {
        let text = " PATH a b ";
        assert_eq!(environment(text, b'\\'), [Pair { name: 1..5, value: Some(6..9) }]);
        assert_eq!(environment("A", b'\\'), []);
    }
}
