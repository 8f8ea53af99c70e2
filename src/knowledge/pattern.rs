//! Names with `*` for any text.

/// Whether `text` is what `pattern` says, without regard to case.
pub(crate) fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut at, mut read) = (0, 0);
    // Where the last star stands, and how far the text was when it was met.
    let mut star: Option<(usize, usize)> = None;
    while read < text.len() {
        if pattern.get(at) == Some(&b'*') {
            star = Some((at, read));
            at += 1;
        } else if pattern.get(at).is_some_and(|wanted| wanted.eq_ignore_ascii_case(&text[read])) {
            at += 1;
            read += 1;
        } else if let Some((place, taken)) = star {
            star = Some((place, taken + 1));
            at = place + 1;
            read = taken + 1;
        } else {
            return false;
        }
    }
    pattern[at..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn a_star_is_any_text() {
        assert!(matches("rocm/dev-*", "rocm/dev-ubuntu-24.04") && matches("*gfx906*", "me/vllm-GFX906-x"));
        assert!(matches("*", "") && matches("a*b*c", "abbbc") && matches("a*", "a"));
        assert!(!matches("rocm/dev-*", "rocm/vllm") && !matches("a*b", "abc") && !matches("", "x"));
    }
}
