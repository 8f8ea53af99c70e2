//! One self-contained page: a heat map of targets against layers and components, then what was found.

mod map;
mod section;

use std::fmt::Write as _;

use super::printable;
use crate::audit::{Audit, Verdict};
use crate::error::RunError;

pub use section::{Entry, Section};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// What stands on top of a page.
#[derive(Debug, Clone, Default)]
pub struct Head {
    /// The command, as in `gfxlint audit`.
    pub command: String,
    /// What the page is about, where it is about one thing.
    pub subject: String,
    /// The outcome as a word, with how it looks: `yes`, `no` or `maybe`.
    pub badge: Option<(String, &'static str)>,
    /// Products and the release of the tree.
    pub about: String,
    /// One or two sentences.
    pub summary: String,
}

impl Head {
    /// The head of an audit.
    pub fn of_audits(audits: &[Audit], asked: usize) -> Self {
        let names: Vec<&str> = audits.iter().take(asked).map(|audit| audit.arch.as_str()).collect();
        let Some(first) = audits.first() else { return Self::default() };
        let tree = first.vllm.as_ref().map(|version| format!("vLLM {version}"));
        let products = (asked == 1 && !first.products.is_empty()).then(|| first.products.join(", "));
        let about: Vec<String> = products.into_iter().chain(tree).collect();
        let badge = (asked == 1).then(|| (first.verdict.words().to_owned(), tone(first.verdict)));
        let summaries: Vec<&str> = audits.iter().take(asked).map(|audit| audit.summary.as_str()).collect();
        Self {
            command: "gfxlint audit".to_owned(),
            subject: names.join(", "),
            badge,
            about: about.join(" · "),
            summary: summaries.join(" "),
        }
    }

    fn title(&self) -> String {
        let outcome = self.badge.as_ref().map(|(word, _)| word.as_str()).filter(|_| self.subject.is_empty());
        let about = outcome.unwrap_or(&self.subject);
        if about.is_empty() { self.command.clone() } else { format!("{}: {about}", self.command) }
    }

    fn write(&self, out: &mut String) {
        let is_about_one = !self.subject.is_empty();
        let heading = if is_about_one { &self.subject } else { &self.command };
        out.push_str("<header>\n");
        if is_about_one {
            let _ = writeln!(out, "<p class=\"command\">{}</p>", escaped(&self.command));
        }
        let badge =
            self.badge.as_ref().map(|(word, tone)| format!(" <span class=\"badge {tone}\">{}</span>", escaped(word)));
        let _ = writeln!(out, "<h1>{}{}</h1>", escaped(heading), badge.unwrap_or_default());
        if !self.about.is_empty() {
            let _ = writeln!(out, "<p class=\"dim\">{}</p>", escaped(&self.about));
        }
        let _ = writeln!(out, "<p class=\"summary\">{}</p>\n</header>", with_code(&self.summary));
    }
}

/// The page for audits of several targets of one tree; `asked` of them come first and stand out.
///
/// # Errors
/// None with these types.
pub fn page(head: &Head, audits: &[Audit], asked: usize, sections: &[Section]) -> Result<String, RunError> {
    let mut out = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:\">\n<link rel=\"icon\" href=\"data:,\">\n<title>{}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n",
        escaped(&head.title())
    );
    head.write(&mut out);
    map::write(&mut out, audits, asked);
    sections.iter().for_each(|section| section.write(&mut out));
    let _ = writeln!(out, "</main>\n<footer>gfxlint {}</footer>", env!("CARGO_PKG_VERSION"));
    if !audits.is_empty() {
        let _ = writeln!(
            out,
            "<script type=\"application/json\" id=\"data\">{}</script>\n<script>\n{SCRIPT}</script>",
            map::data(audits)?
        );
    }
    out.push_str("</body>\n</html>\n");
    Ok(out)
}

/// How a verdict looks.
fn tone(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Works => "yes",
        Verdict::SourceOnly => "maybe",
        Verdict::NotBuilt | Verdict::Blocked => "no",
        Verdict::Unknown => "",
    }
}

/// Text that cannot be taken for markup.
fn escaped(text: &str) -> String {
    printable(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

/// The same, with what stands between backticks as code.
fn with_code(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return escaped(text);
    }
    let part = |(at, part): (usize, &&str)| match at % 2 {
        0 => escaped(part),
        _ => format!("<code>{}</code>", escaped(part)),
    };
    parts.iter().enumerate().map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_of_files_is_no_markup() {
        assert_eq!(escaped("<b a=\"'&\n"), "&lt;b a=&quot;&#39;&amp;\\n");
        assert_eq!(with_code("a `<b>` c"), "a <code>&lt;b&gt;</code> c");
        assert_eq!(with_code("one ` alone"), "one ` alone");
    }
}
