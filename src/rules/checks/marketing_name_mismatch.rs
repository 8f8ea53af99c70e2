//! GFX121: `NAME (gfxN)` where that product is another target.

use crate::arch::{ArchSet, ArchToken, MatchMode, TokenShape, tokens_in_prose};
use crate::context::Context;
use crate::facts::ProseKind;
use crate::rules::Findings;
use crate::source::{Section, SourceFile};
use crate::span::{FileId, Place, Span};

/// A bracket pair, or a value with its target in the comment behind it.
struct Pair {
    /// Product names and what stands between them (`Ryzen AI MAX / AI 300 Series`).
    products: Vec<Span>,
    /// Targets.
    targets: Vec<ArchToken>,
}

/// Checks each pair in comments, messages and documentation.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    for (file, source, facts) in cx.files() {
        let mut lines: Vec<Span> = facts
            .prose
            .iter()
            .map(|prose| if prose.kind == ProseKind::Comment { prose.span } else { line_of(source, prose.span) })
            .collect();
        // The requirement list of a page is a list of targets, not prose.
        if source.section == Section::Docs || source.language == "markdown" {
            lines.extend(facts.arch_sites.iter().map(|site| line_of(source, site.span)));
        }
        lines.sort_unstable();
        lines.dedup();
        for line in lines {
            let mut pairs = bracket_pairs(source.text(), line);
            pairs.extend(commented_value(source, line));
            for pair in pairs {
                compare(cx, file, &pair, out);
            }
        }
    }
}

/// Reports targets of a pair that none of its products is.
fn compare(cx: &Context<'_>, file: FileId, pair: &Pair, out: &mut Findings) {
    let text = cx.workspace.sources().get(file).text();
    let known: Vec<(Span, ArchSet)> = pair.products.iter().filter_map(|&span| product(cx, text, span)).collect();
    // A name that nobody knows may be any of the targets.
    if known.is_empty() || known.len() < pair.products.len() {
        return;
    }
    let meant = known.iter().fold(ArchSet::EMPTY, |set, (_, covers)| set.union(*covers));
    let names = known.iter().map(|(span, _)| span.text(text).trim()).collect::<Vec<_>>().join(" / ");
    for token in &pair.targets {
        let mode = if token.shape == TokenShape::Family { MatchMode::Prefix } else { MatchMode::Exact };
        let covers = cx.universe().covers(&token.name, mode);
        if covers.is_empty() || !covers.intersection(meant).is_empty() {
            continue;
        }
        let right = cx.universe().list(meant);
        let own = covers
            .iter()
            .next()
            .and_then(|arch| cx.knowledge.arch(arch).products.first())
            .map(|product| format!("; {} is {product}", token.name))
            .unwrap_or_default();
        let message = format!("{names} is {right}, not {}{own}.", token.name);
        let finding =
            out.finding(Place { file, span: token.span }, message).label(format!("not the target of {names}"));
        out.push(
            finding
                .help("whoever picks a target by the product builds for another GPU: correct the number or the name")
                .data("arch", token.name.as_str())
                .data("product", names.as_str()),
        );
    }
}

/// The longest end of the words before a bracket that is a product's name; parts of names must hold a number that
/// says which one is meant.
fn product(cx: &Context<'_>, text: &str, span: Span) -> Option<(Span, ArchSet)> {
    let written = span.text(text);
    // `CDNA3+` is that generation and all later ones.
    if written.ends_with('+') {
        return None;
    }
    let starts = std::iter::once(0).chain(written.match_indices([' ', '_']).map(|(at, _)| at + 1));
    let candidates: Vec<(usize, &str)> =
        starts.map(|at| (at, &written[at..])).filter(|(_, name)| !name.is_empty()).collect();
    let place = |at: usize| Span::new(span.range().start + at, span.range().end);
    let whole = candidates.iter().find_map(|&(at, name)| {
        let bare = name
            .trim_end_matches(" series")
            .trim_end_matches(" Series")
            .trim_end_matches(" GPUs")
            .trim_end_matches(" GPU");
        let spellings = [
            name.to_owned(),
            format!("Radeon {name}"),
            format!("Instinct {name}"),
            bare.to_owned(),
            format!("Radeon RX {name}"),
        ];
        let targets = spellings.iter().find_map(|name| cx.knowledge.lookup_whole(name))?;
        Some((place(at), targets))
    });
    whole.or_else(|| {
        let is_numbered = |name: &str| {
            name.chars().filter(char::is_ascii_alphanumeric).count() >= 4
                && name.chars().filter(char::is_ascii_digit).count() >= 3
        };
        candidates
            .iter()
            .filter(|(_, name)| is_numbered(name) && !name.contains("gfx"))
            .find_map(|&(at, name)| Some((place(at), cx.knowledge.lookup(name)?.targets)))
    })
}

/// `NAME (gfx1, gfx2)` and `gfx1 (NAME)` in a line.
fn bracket_pairs(text: &str, line: Span) -> Vec<Pair> {
    let mut pairs = Vec::new();
    for (open, _) in line.text(text).match_indices('(').map(|(at, found)| (at + line.range().start, found)) {
        let Some(close) = text[open..line.range().end].find(')').map(|at| open + at) else { break };
        let inside = Span::new(open + 1, close);
        let before = Span::new(line.range().start, open);
        let named = tokens_in_prose(text, inside);
        if !named.is_empty() && only_names(text, inside, &named) {
            pairs.push(Pair { products: split(text, phrase(text, before)), targets: named });
        } else if named.is_empty()
            && let Some(targets) = targets_at_end(text, before)
            && !inside.text(text).contains(['+', '='])
        {
            pairs.push(Pair { products: split(text, inside), targets });
        }
    }
    pairs.retain(|pair| !pair.products.is_empty());
    pairs
}

/// `"0x7550": "AMD_Radeon_RX9070XT",  # gfx1201`.
fn commented_value(source: &SourceFile, comment: Span) -> Option<Pair> {
    let text = source.text();
    let targets = tokens_in_prose(text, comment);
    let first = targets.first()?;
    let leads = text[comment.range().start..first.span.range().start].trim_matches(['#', '/', ' ']).is_empty();
    let line = line_of(source, comment);
    let code = text[line.range().start..comment.range().start].trim_end().trim_end_matches(',');
    let value = code
        .strip_suffix('"')
        .and_then(|code| code.rfind('"').map(|at| (at + 1, code.len())))
        .filter(|_| leads && code.contains(':'))?;
    let products = vec![Span::new(line.range().start + value.0, line.range().start + value.1)];
    Some(Pair { products, targets: vec![first.clone()] })
}

fn line_of(source: &SourceFile, span: Span) -> Span {
    source.lines().line_span(source.text(), source.lines().line_of(span.start))
}

/// Whether nothing but names and separators stands in a bracket.
fn only_names(text: &str, inside: Span, names: &[ArchToken]) -> bool {
    let length: usize = names.iter().map(|token| token.span.range().len()).sum();
    let rest = inside.text(text).chars().filter(|next| matches!(next, '/' | ',' | ' ' | '`' | '&' | ';')).count();
    length + rest == inside.range().len()
}

/// The words before a bracket, back to the punctuation before them.
fn phrase(text: &str, before: Span) -> Span {
    let words = before.text(text);
    let start = words.rfind([',', ';', ':', '(', ')', '#', '"', '\'', '.', '|', '*', '=', '`']).map_or(0, |at| at + 1);
    Span::new(before.range().start + start, before.range().end)
}

/// The names that slashes separate, without blanks around them.
fn split(text: &str, span: Span) -> Vec<Span> {
    let mut start = span.range().start;
    let mut found = Vec::new();
    for part in span.text(text).split(['/', ',']) {
        let lead = part.len() - part.trim_start().len();
        if !part.trim().is_empty() {
            found.push(Span::new(start + lead, start + lead + part.trim().len()));
        }
        start += part.len() + 1;
    }
    found
}

/// The names right before a bracket: `gfx1150/1151 (`.
fn targets_at_end(text: &str, before: Span) -> Option<Vec<ArchToken>> {
    let end = before.range().start + before.text(text).trim_end().len();
    let mut found = tokens_in_prose(text, before);
    let last = found.pop().filter(|token| token.span.range().end == end)?;
    let mut group = vec![last];
    while let Some(token) =
        found.pop().filter(|token| &text[token.span.range().end..group[group.len() - 1].span.range().start] == "/")
    {
        group.push(token);
    }
    group.reverse();
    Some(group)
}
