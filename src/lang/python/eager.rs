//! Imports of libraries that ask for the GPU when they are imported.

use super::blocks::Blocks;
use super::focus;
use crate::facts::{EagerImport, FileFacts};
use crate::span::Span;

/// How an import of such a library starts: AITER looks the target up, and stops on one that it does not know.
pub(super) const WORDS: &[&str] = &["import aiter", "from aiter"];

/// Notes the imports that run when the module is imported; `words` are the places at which words stand.
pub(super) fn extract(text: &str, words: &[usize], facts: &mut FileFacts) {
    if words.is_empty() {
        return;
    }
    let module = Blocks::new(text);
    for (at, line) in module.lines.iter().enumerate() {
        if focus::holds_one(words, &(line.first..line.end)) {
            facts.eager_imports.extend(import(&module, at));
        }
    }
}

fn import(module: &Blocks<'_>, at: usize) -> Option<EagerImport> {
    let written = module.line(at);
    let rest = written.strip_prefix("import ").or_else(|| written.strip_prefix("from "))?.trim_start();
    let name = &rest[..rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_.".contains(byte)).count()];
    let package = name.split('.').next().filter(|package| *package == "aiter")?;
    let (mut conditions, mut caught) = (Vec::new(), Vec::new());
    for above in module.above(at) {
        let line = module.line(above).split(" #").next().unwrap_or_default().trim_end();
        let body = line.strip_suffix(':').unwrap_or(line);
        match body.split([' ', '(']).next().unwrap_or_default() {
            "def" | "async" => return None,
            "class" | "with" => {}
            "try" => caught.extend(handlers(module, above)),
            // A handler runs once something failed: what it tries is tried in its place.
            "if" => conditions.push(Some(body["if".len()..].trim().to_owned())),
            _ => conditions.push(None),
        }
    }
    let start = module.lines[at].first;
    let end = start + written.trim_end().len();
    Some(EagerImport { package: package.to_owned(), span: Span::new(start, end), conditions, caught })
}

/// The exceptions that the handlers of the `try` at a line catch; a bare `except` catches `BaseException`.
fn handlers(module: &Blocks<'_>, at: usize) -> Vec<String> {
    let indent = module.lines[at].indent;
    let mut found = Vec::new();
    for below in at + 1..module.lines.len() {
        let line = module.line(below);
        match module.lines[below].indent.cmp(&indent) {
            std::cmp::Ordering::Greater => {}
            std::cmp::Ordering::Equal if line.starts_with("except") => {
                let caught = line["except".len()..].split([':', '#']).next().unwrap_or_default();
                let caught = caught.split(" as ").next().unwrap_or_default();
                let names = caught.split(|letter: char| !letter.is_ascii_alphanumeric() && !"_.".contains(letter));
                let mut names = names.filter(|name| !name.is_empty()).map(str::to_owned).peekable();
                if names.peek().is_none() {
                    found.push("BaseException".to_owned());
                }
                found.extend(names);
            }
            _ => break,
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lang::Words;

    /// Each import as `line: conditions | caught`, `?` for a condition that is not read.
    fn read(text: &str) -> Vec<String> {
        let mut facts = FileFacts::default();
        extract(text, &Words::new(WORDS).positions(text.as_bytes()), &mut facts);
        let told = |import: &EagerImport| {
            let conditions: Vec<&str> =
                import.conditions.iter().map(|condition| condition.as_deref().unwrap_or("?")).collect();
            format!("{}: {} | {}", import.span.text(text), conditions.join(" & "), import.caught.join(" "))
        };
        facts.eager_imports.iter().map(told).collect()
    }

    #[test]
    fn imports_tell_what_they_stand_under() {
        let text = "
import aiter as rocm_aiter
import aiterator
if current_platform.is_rocm():  # AMD
    from aiter.ops import (
        a,
    )
else:
    import aiter
try:
    from aiter.x import y
except (ImportError, AttributeError) as error:
    pass
except:
    raise

def later():
    import aiter
";
        assert_eq!(
            read(text),
            [
                "import aiter as rocm_aiter:  | ",
                "from aiter.ops import (\n        a,\n    ): current_platform.is_rocm() | ",
                "import aiter: ? | ",
                "from aiter.x import y:  | ImportError AttributeError BaseException",
            ]
        );
    }

    #[test]
    fn words_in_texts_are_no_imports() {
        assert!(read("\"\"\"\nimport aiter\n\"\"\"\n# from aiter import x\nx = 'import aiter'\n").is_empty());
    }
}
