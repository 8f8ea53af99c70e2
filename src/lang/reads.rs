//! Where files read variables that sound like lists of targets.

use memchr::memmem;

use crate::facts::{FileFacts, VariableRead};
use crate::span::Span;

/// Parts of the names that are looked for.
const PARTS: [&str; 2] = ["ARCH", "ROCM_"];

/// So many readings are noted in one file.
const MOST: usize = 1_000;

/// What stands before a name where it is read.
fn marks(language: &str) -> &'static [&'static str] {
    match language {
        "cmake" => &["ENV{"],
        "python" => &["\"", "'"],
        _ => &["$", "${", "ENV{", "env.", "printenv "],
    }
}

/// Notes every reading of such a variable.
pub fn extract(language: &str, text: &str, facts: &mut FileFacts) {
    let bytes = text.as_bytes();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let marks = marks(language);
    for (number, part) in PARTS.iter().enumerate() {
        let mut behind = 0;
        for at in memmem::find_iter(bytes, part) {
            if at < behind {
                continue;
            }
            let start = at - bytes[..at].iter().rev().take_while(|byte| is_part(byte)).count();
            behind = at + bytes[at..].iter().take_while(|byte| is_part(byte)).count();
            let span = Span::new(start, behind);
            let name = span.text(text);
            let is_read = marks.iter().any(|mark| text[..start].ends_with(mark));
            let is_told = PARTS[..number].iter().any(|earlier| name.contains(earlier));
            if is_read && !is_told && facts.variable_reads.len() < MOST {
                facts.variable_reads.push(VariableRead { name: name.to_owned(), span });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(language: &str, text: &str) -> Vec<String> {
        let mut facts = FileFacts::default();
        extract(language, text, &mut facts);
        facts.variable_reads.into_iter().map(|read| read.name).collect()
    }

    #[test]
    fn readings_are_told_from_other_mentions() {
        let script =
            "export HIP_ARCHS=gfx942\n# HIP_ARCHS\nmake A=$HIP_ARCHS B=${PYTORCH_ROCM_ACRH}\nprintenv ROCM_ARCH\n";
        assert_eq!(read("shell", script), ["HIP_ARCHS", "ROCM_ARCH", "PYTORCH_ROCM_ACRH"]);
        assert_eq!(read("cmake", "set(X $ENV{GPU_ARCHS})\nset(GPU_ARCHS ${MY_ARCH})\n"), ["GPU_ARCHS"]);
        assert_eq!(read("python", "os.environ['TORCH_CUDA_ARCH_LIST']\nARCH = 1\n"), ["TORCH_CUDA_ARCH_LIST"]);
    }
}
