//! GFX113: a comment or message that claims other targets than the code beside it.

use crate::arch::{ArchSet, ArchToken, MatchMode, TokenShape, tokens_in_prose};
use crate::context::Context;
use crate::facts::{Prose, ProseKind, Sense, SiteKind};
use crate::rules::Findings;
use crate::source::SourceFile;
use crate::span::{FileId, Place, Span};
use crate::stack::relevant;
use crate::workspace::{ResolvedSite, SiteFact};

/// How near the code stands, in lines.
const NEAR: usize = 3;

/// The most lines that a sentence runs over before and behind its names.
const LONGEST: usize = 40;

/// How close to a name such a word stands, in bytes.
const CLOSE: usize = 48;

/// Words that make a sentence a claim of what works.
const CLAIMS: &[&str] = &[
    "supports ",
    "supported ",
    "supported.",
    "requires ",
    "require ",
    "required ",
    "requires:",
    "only ",
    "available on",
    "works on",
    "enabled for",
    "enabled on",
];

/// Words that make it a remark on something else: what does not work, what was measured, what is to come.
const OTHERWISE: &[&str] = &[
    "not ",
    "n't ",
    "unsupported",
    "swept",
    "tuned",
    "measured",
    "faster",
    "slower",
    "todo",
    "fixme",
    "e.g.",
    "for example",
    "example",
    "such as",
    "including",
    "like ",
    "default",
    "currently",
    "at least",
    "newer",
    "other than",
    "except",
    "unless",
    "without",
    "on top of",
    "before",
    "was ",
    "needed",
];

/// Compares each claim with the code site nearest to it.
pub fn check(cx: &Context<'_>, out: &mut Findings) {
    let relevant = relevant(cx);
    for (file, source, facts) in cx.files() {
        for prose in facts.prose.iter().filter(|prose| prose.kind != ProseKind::Docs) {
            // A sentence is reported where its first name stands, once for all of its lines.
            let begins_here = |(_, names): &(Span, Vec<ArchToken>)| {
                names.first().is_some_and(|token| prose.span.contains(token.span))
            };
            let sentences = sentences(source.text(), paragraph(source, prose.span))
                .into_iter()
                .map(|span| (span, tokens_in_prose(source.text(), span)));
            let is_wanted = |sentence: &(Span, Vec<ArchToken>)| {
                begins_here(sentence) && is_claim(source.text(), sentence.0, &sentence.1)
            };
            let Some((_, names)) = sentences.into_iter().find(is_wanted) else { continue };
            let claimed = set(cx, &names).intersection(relevant);
            let Some(site) = site_of(cx, file, source, prose) else { continue };
            let holds = site.effective.intersection(relevant);
            // A site that has nothing to do with the claim, or that is known to be narrower for a reason of its own.
            if claimed.is_empty() || holds == claimed || holds.intersection(claimed).is_empty() {
                continue;
            }
            let (extra, missing) = (holds.difference(claimed), claimed.difference(holds));
            let parts = [("admits", extra), ("leaves out", missing)]
                .into_iter()
                .filter(|(_, set)| !set.is_empty())
                .map(|(verb, set)| format!("{verb} {}", cx.universe().list(set)));
            let what = if prose.kind == ProseKind::Comment { "comment" } else { "message" };
            let message = format!(
                "This {what} claims {}, but the code beside it {} as well.",
                cx.universe().list(claimed),
                parts.collect::<Vec<_>>().join(" and ")
            );
            let message = if extra.is_empty() { message.replace(" as well.", ".") } else { message };
            let span = names.iter().map(|token| token.span).reduce(Span::hull).unwrap_or(prose.span);
            let finding = out
                .finding(Place { file, span }, message)
                .label("the claim")
                .related(site.at, format!("holds on {}", cx.universe().list(holds)));
            out.push(
                finding.help("correct the one that is wrong").data("archs", cx.universe().names(extra.union(missing))),
            );
        }
    }
}

/// The lines of a comment or of adjacent strings that a line is one of: sentences run over several of them.
fn paragraph(source: &SourceFile, span: Span) -> Span {
    let (text, index) = (source.text(), source.lines());
    let own = index.line_of(span.start);
    let line = |at: usize| index.line_span(text, at);
    let kind = |at: usize| {
        line(at)
            .text(text)
            .trim_start_matches([' ', '\t', 'f', 'r'])
            .chars()
            .next()
            .filter(|first| matches!(first, '#' | '"' | '\'' | '/'))
    };
    let Some(first_letter) = kind(own) else { return span };
    let same = |&at: &usize| kind(at) == Some(first_letter);
    let first = (0..own).rev().take(LONGEST).take_while(same).last().map_or(span.start, |at| line(at).start);
    let last = (own + 1..index.lines()).take(LONGEST).take_while(same).last().map_or(span.end, |at| line(at).end);
    Span { start: first, end: last }
}

/// The sentences of a paragraph.
fn sentences(text: &str, paragraph: Span) -> Vec<Span> {
    let (mut start, end) = (paragraph.range().start, paragraph.range().end);
    let mut found = Vec::new();
    for (at, _) in paragraph.text(text).match_indices('.') {
        let behind = paragraph.range().start + at + 1;
        if behind >= end || text[behind..].starts_with(char::is_whitespace) {
            found.push(Span::new(start, behind));
            start = behind;
        }
    }
    found.push(Span::new(start, end));
    found
}

/// Whether a sentence says of a target that it, and no other, works: a word for that stands close to a name.
fn is_claim(text: &str, sentence: Span, names: &[ArchToken]) -> bool {
    let lower = format!("{} ", sentence.text(text).to_ascii_lowercase());
    let is_near = |word: usize| {
        names.iter().any(|token| {
            let name = token.span.range().start - sentence.range().start;
            token.shape == TokenShape::Processor && name.abs_diff(word) <= CLOSE
        })
    };
    CLAIMS.iter().any(|word| lower.match_indices(word).any(|(at, _)| is_near(at)))
        && !OTHERWISE.iter().any(|word| lower.contains(word))
}

/// The targets that a claim names; a family stands for its members.
fn set(cx: &Context<'_>, names: &[ArchToken]) -> ArchSet {
    names.iter().fold(ArchSet::EMPTY, |set, token| {
        let mode = if token.shape == TokenShape::Family { MatchMode::Prefix } else { MatchMode::Exact };
        set.union(cx.universe().covers(&token.name, mode))
    })
}

/// The site that a claim is about: on its line or the nearest one behind a comment, or the one before a message,
/// within the same function. None where several stand equally near.
fn site_of<'a>(cx: &Context<'a>, file: FileId, source: &SourceFile, prose: &Prose) -> Option<&'a ResolvedSite> {
    let index = source.lines();
    let whole = paragraph(source, prose.span);
    let line = index.line_of(if prose.kind == ProseKind::Comment { whole.end } else { whole.start });
    let distance = |site: &ResolvedSite| {
        let (first, last) = (index.line_of(site.at.span.start), index.line_of(site.at.span.end));
        match prose.kind {
            ProseKind::Comment => (first >= line).then(|| first - line),
            _ => (last <= line).then(|| line - last),
        }
    };
    let mut near: Vec<(usize, &ResolvedSite)> = cx
        .sites()
        .filter(|site| site.at.file == file && is_gate(site))
        .filter_map(|site| Some((distance(site)?, site)))
        .filter(|&(far, _)| far <= NEAR)
        .collect();
    near.sort_by_key(|&(far, site)| (far, site.at.span));
    let nearest = match near.as_slice() {
        [(_, only)] => Some(only),
        [(nearest, first), (second, _), ..] if nearest < second => Some(first),
        _ => None,
    };
    nearest.copied().filter(|site| prose.kind == ProseKind::Comment || site.sense == Sense::Refuses)
}

fn is_gate(site: &ResolvedSite) -> bool {
    use SiteKind::{DerivedGuard, DeviceMacro, HostTest, PythonCapability, PythonOrdinal, PythonPredicate, PythonTest};
    matches!(
        site.kind,
        DerivedGuard | DeviceMacro | HostTest | PythonCapability | PythonOrdinal | PythonPredicate | PythonTest
    ) && matches!(site.fact, SiteFact::Condition(_))
}
