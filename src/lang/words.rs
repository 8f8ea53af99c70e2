//! Searches for any of a set of words, at the speed of memory where the processor allows.

use aho_corasick::packed::Searcher;
use aho_corasick::{AhoCorasick, AhoCorasickKind};
use memchr::memmem::Finder;

/// So many words are searched for in one pass by vector instructions; more make it slower than another pass.
const WORDS_A_PASS: usize = 48;

/// A set of words to look for.
#[derive(Debug)]
pub struct Words {
    /// Vectorised searches that share the words among them; none where the processor has no such instructions.
    packed: Vec<Searcher>,
    automaton: Option<AhoCorasick>,
    /// The search for a single word, which is faster than those for several.
    single: Option<Finder<'static>>,
}

impl Words {
    /// A search for any of `words`; no words match nothing.
    pub fn new<W: AsRef<[u8]>>(words: &[W]) -> Self {
        if let [word] = words {
            let single = Some(Finder::new(word.as_ref()).into_owned());
            return Self { packed: Vec::new(), automaton: None, single };
        }
        let packed: Option<Vec<Searcher>> =
            words.chunks(WORDS_A_PASS).map(|chunk| Searcher::new(chunk.iter())).collect();
        match packed {
            Some(packed) => Self { packed, automaton: None, single: None },
            None => Self {
                packed: Vec::new(),
                automaton: AhoCorasick::builder().kind(Some(AhoCorasickKind::DFA)).build(words).ok(),
                single: None,
            },
        }
    }

    /// Whether one of the words occurs.
    pub fn is_match(&self, text: &[u8]) -> bool {
        self.packed.iter().any(|search| search.find(text).is_some())
            || self.automaton.as_ref().is_some_and(|search| search.is_match(text))
            || self.single.as_ref().is_some_and(|word| word.find(text).is_some())
    }

    /// Where words start, in order; of words that overlap, one is enough.
    pub fn positions(&self, text: &[u8]) -> Vec<usize> {
        let packed = self.packed.iter().flat_map(|search| search.find_iter(text));
        let automaton = self.automaton.iter().flat_map(|search| search.find_iter(text));
        let single = self.single.iter().flat_map(|word| word.find_iter(text));
        let mut found: Vec<usize> = packed.chain(automaton).map(|word| word.start()).chain(single).collect();
        found.sort_unstable();
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_are_found_however_many_there_are() {
        let many: Vec<String> = (0..200).map(|number| format!("word{number:03}()")).collect();
        let words = Words::new(&many);
        for word in &many {
            assert!(words.is_match(format!("a line that calls {word} and more text behind it").as_bytes()), "{word}");
        }
        assert!(!words.is_match(b"word0000()"));
        assert_eq!(words.positions(b"x word001() y word199()"), [2, 14]);
    }

    #[test]
    fn one_word_is_found() {
        let words = Words::new(&["gfx"]);
        assert!(words.is_match(b"a gfx942") && !words.is_match(b"a gf x"));
        assert_eq!(words.positions(b"gfx90a gfx942"), [0, 7]);
    }

    #[test]
    fn no_words_match_nothing() {
        assert!(!Words::new::<&str>(&[]).is_match(b"text"));
    }
}
