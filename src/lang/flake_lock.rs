//! `flake.lock`: from which day the nixpkgs of a flake is.

use serde_json::Value;

use super::{Candidate, FrontEnd};
use crate::facts::{FileFacts, PackageVersion};
use crate::span::Span;

/// The front end for lock files of flakes.
pub static FRONT_END: FrontEnd = FrontEnd {
    language: "flake-lock",
    claims: |candidate: &Candidate<'_>| candidate.name == "flake.lock",
    words: &["nixpkgs"],
    joined: None,
    extract,
    extract_callers: None,
};

/// Notes the day of the input `nixpkgs` as its version: `2025-11-16`.
fn extract(text: &str, facts: &mut FileFacts) {
    let Ok(lock) = serde_json::from_str::<Value>(text) else { return };
    let nodes = &lock["nodes"];
    let root = lock["root"].as_str().unwrap_or("root");
    let Some(node) = nodes[root]["inputs"]["nixpkgs"].as_str() else { return };
    let Some(seconds) = nodes[node]["locked"]["lastModified"].as_u64() else { return };
    let written = seconds.to_string();
    let start = text.find(&written).unwrap_or_default();
    facts.versions.push(PackageVersion {
        package: "nixpkgs".to_owned(),
        version: day(seconds / 86_400),
        span: Span::new(start, start + written.len()),
    });
}

/// The date of a day since 1970-01-01, by the calendar's cycle of 400 years.
fn day(days: u64) -> String {
    // Years that start in March put the odd day at their end.
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let (day, month) = (of_year - (153 * month + 2) / 5 + 1, if month < 10 { month + 3 } else { month - 9 });
    let year = era * 400 + year + u64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_dates() {
        for (days, wanted) in
            [(0, "1970-01-01"), (11_016, "2000-02-29"), (19_782, "2024-02-29"), (20_408, "2025-11-16")]
        {
            assert_eq!(day(days), wanted);
        }
    }

    #[test]
    fn the_roots_own_nixpkgs_counts() {
        let text = r#"{ "nodes": {
            "nixpkgs": { "locked": { "lastModified": 1 } },
            "nixpkgs_2": { "locked": { "lastModified": 1763251200 } },
            "root": { "inputs": { "nixpkgs": "nixpkgs_2" } } }, "root": "root", "version": 7 }"#;
        let mut facts = FileFacts::default();
        extract(text, &mut facts);
        assert_eq!(
            (facts.versions[0].version.as_str(), facts.versions[0].span.text(text)),
            ("2025-11-16", "1763251200")
        );
        let mut broken = FileFacts::default();
        extract("{ nixpkgs", &mut broken);
        assert!(broken.is_empty());
    }
}
