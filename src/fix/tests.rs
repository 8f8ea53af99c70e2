use std::path::PathBuf;
use std::sync::Arc;

use super::*;
use crate::finding::Edit;
use crate::report::testing::{RULES, place};
use crate::source::SourceFile;
use crate::span::Place;

fn source(path: &str, text: &str, bom: u32) -> Sources {
    Sources::new(vec![SourceFile::new(path.to_owned(), PathBuf::from(path), "", Some(Arc::from(text)), bom)])
}

fn finding(at: Place, how: Applicability, edits: Vec<Edit>) -> Finding {
    Finding::new(RULES[0], at, "m").fix("t", how, edits)
}

fn after(fixer: &Fixer) -> Vec<String> {
    fixer.changes().into_iter().map(|change| String::from_utf8(change.after).unwrap()).collect()
}

#[test]
fn edits_that_touch_wait_for_the_next_round() {
    let sources = source("f", "ab cd", 0);
    let (ab, b, cd) = (place(&sources, "f", "ab"), place(&sources, "f", "b"), place(&sources, "f", "cd"));
    let insert = |text: &str| vec![Edit::insert(cd, cd.span.start, text)];
    let findings = [
        finding(ab, Applicability::Safe, vec![Edit::new(ab, "AB")]),
        finding(b, Applicability::Safe, vec![Edit::new(b, "x")]),
        finding(cd, Applicability::Safe, insert("1")),
        finding(cd, Applicability::Safe, insert("2")),
        // One edit of it is free, the other is not: neither is applied.
        finding(cd, Applicability::Safe, vec![Edit::insert(cd, cd.span.end, "!"), Edit::new(b, "y")]),
    ];
    let mut fixer = Fixer::new(Applicability::Safe);
    assert!(fixer.round(&sources, findings.iter()).unwrap());
    assert_eq!((after(&fixer), fixer.fixed()), (vec!["AB 1cd".to_owned()], 2));
}

#[test]
fn the_same_edit_of_two_findings_is_applied_once() {
    let sources = source("f", "ab", 0);
    let at = place(&sources, "f", "b");
    let findings = [0, 1].map(|_| finding(at, Applicability::Safe, vec![Edit::new(at, "c")]));
    let mut fixer = Fixer::new(Applicability::Safe);
    assert!(fixer.round(&sources, findings.iter()).unwrap());
    assert_eq!((after(&fixer), fixer.fixed()), (vec!["ac".to_owned()], 2));
}

#[test]
fn only_what_is_safe_enough_is_applied() {
    let sources = source("f", "abc", 0);
    let at = |needle| place(&sources, "f", needle);
    let tiers = [Applicability::DisplayOnly, Applicability::Unsafe, Applicability::Safe];
    let findings: Vec<Finding> = ["a", "b", "c"]
        .into_iter()
        .zip(tiers)
        .map(|(needle, how)| finding(at(needle), how, vec![Edit::new(at(needle), needle.to_uppercase())]))
        .collect();
    for (least, expected) in [(Applicability::Safe, "abC"), (Applicability::Unsafe, "aBC")] {
        let mut fixer = Fixer::new(least);
        fixer.round(&sources, findings.iter()).unwrap();
        assert_eq!(after(&fixer), [expected]);
    }
}

#[test]
fn marks_and_line_ends_stay() {
    let sources = source("f", "a\r\nb\r\n", 3);
    let b = place(&sources, "f", "b");
    let findings = [finding(b, Applicability::Safe, vec![Edit::new(b, "x\ny\r\nz")])];
    let mut fixer = Fixer::new(Applicability::Safe);
    fixer.round(&sources, findings.iter()).unwrap();
    assert_eq!(after(&fixer), ["\u{feff}a\r\nx\r\ny\r\nz\r\n"]);
}

#[test]
fn edits_that_change_nothing_or_lie_outside_are_left_out() {
    let sources = source("f", "é", 0);
    let at = place(&sources, "f", "é");
    let cut = Place { span: crate::span::Span { start: 1, end: 2 }, ..at };
    let findings = [
        finding(at, Applicability::Safe, vec![Edit::new(at, "é")]),
        finding(at, Applicability::Safe, vec![Edit::new(cut, "x")]),
        finding(at, Applicability::Safe, vec![Edit::insert(at, 9, "x")]),
        finding(at, Applicability::Safe, Vec::new()),
    ];
    let mut fixer = Fixer::new(Applicability::Safe);
    assert!(!fixer.round(&sources, findings.iter()).unwrap());
    assert_eq!(fixer.changes(), []);
}

#[test]
fn edits_without_an_end_are_an_error() {
    let mut fixer = Fixer::new(Applicability::Safe);
    for round in 0..=MOST_ROUNDS {
        let sources = source("f", if round % 2 == 0 { "a" } else { "b" }, 0);
        let at = place(&sources, "f", if round % 2 == 0 { "a" } else { "b" });
        let findings = [finding(at, Applicability::Safe, vec![Edit::new(at, if round % 2 == 0 { "b" } else { "a" })])];
        let went_on = fixer.round(&sources, findings.iter());
        assert_eq!(went_on.is_err(), round == MOST_ROUNDS, "{round}");
    }
}
