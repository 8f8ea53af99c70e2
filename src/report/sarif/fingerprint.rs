//! What tells two runs that a finding is the same one.

use std::collections::BTreeMap;

use super::model::Fingerprints;
use crate::finding::Finding;
use crate::report::Report;
use crate::source::SourceFile;
use crate::span::FileId;

/// Fingerprints of one run's findings, in their order.
#[derive(Default)]
pub(in crate::report) struct Fingerprinter {
    /// The hash of every line of the files seen so far.
    lines: BTreeMap<FileId, Vec<String>>,
    /// How often a fact was seen.
    facts: BTreeMap<u64, u32>,
}

impl Fingerprinter {
    /// The fingerprints of findings of one rule on one line.
    pub(super) fn of(&mut self, report: &Report<'_>, findings: &[&Finding]) -> Option<Fingerprints> {
        let at = findings.first()?.at;
        let file = report.sources.get(at.file);
        let lines = self.lines.entry(at.file).or_insert_with(|| line_hashes(file));
        // The hash counts lines as editors do, so the numbers agree.
        let line = report.sources.start(at).line as usize;
        let line = lines.get(line.saturating_sub(1)).cloned().unwrap_or_default();
        Some(Fingerprints { line, fact: self.fact(report, findings) })
    }

    /// The fingerprint by what is at fault: no two of a run are the same.
    pub(in crate::report) fn fact(&mut self, report: &Report<'_>, findings: &[&Finding]) -> String {
        let fact = fact_hash(findings, report);
        let nth = self.facts.entry(fact).and_modify(|seen| *seen += 1).or_default();
        format!("{fact:016x}:{nth}")
    }
}

/// A hash of what is at fault, not of where: it survives moves and reformatting.
fn fact_hash(findings: &[&Finding], report: &Report<'_>) -> u64 {
    let mut whats: Vec<String> = findings
        .iter()
        .map(|finding| {
            let data = || serde_json::to_string(&finding.data).unwrap_or_default();
            if finding.data.is_empty() { report.sources.text(finding.at).to_owned() } else { data() }
        })
        .collect();
    whats.sort();
    let mut parts = vec![String::new(); 2];
    if let Some(first) = findings.first() {
        parts = vec![first.rule.id.to_owned(), report.paths.in_repository(report.sources.get(first.at.file))];
    }
    parts.extend(whats);
    // FNV-1a: stable for good, which no hasher of the standard library promises.
    parts
        .iter()
        .flat_map(|part| part.bytes().chain([0]))
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// GitHub's own hash, `primaryLocationLineHash`, of every line of a file.
fn line_hashes(file: &SourceFile) -> Vec<String> {
    let mark = if file.bom > 0 { "\u{feff}" } else { "" };
    rolling_hashes(mark.chars().chain(file.text().chars()))
}

/// The hash that GitHub's upload action computes for each line: over the 100 UTF-16 units from its start, without
/// spaces and tabs, with every line end as a line feed; then how many lines had that hash so far.
fn rolling_hashes(text: impl Iterator<Item = char>) -> Vec<String> {
    const WINDOW: usize = 100;
    let (mut units, mut starts) = (Vec::new(), vec![0]);
    let mut after_return = false;
    for character in text {
        let is_line_feed = character == '\n';
        let skipped = matches!(character, ' ' | '\t') || is_line_feed && after_return;
        after_return = character == '\r';
        if skipped {
            continue;
        }
        let kept = if after_return { '\n' } else { character };
        units.extend_from_slice(kept.encode_utf16(&mut [0; 2]));
        if kept == '\n' {
            starts.push(units.len());
        }
    }
    units.push(0xffff);
    units.resize(units.len() + WINDOW, 0);
    let mut seen: BTreeMap<u64, u32> = BTreeMap::new();
    starts
        .into_iter()
        .map(|start| {
            let window = units.get(start..start + WINDOW).unwrap_or_default();
            let hash = window.iter().fold(0u64, |hash, &unit| hash.wrapping_mul(37).wrapping_add(u64::from(unit)));
            let count = seen.entry(hash).and_modify(|count| *count += 1).or_insert(1);
            format!("{hash:x}:{count}")
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::rolling_hashes;

    fn hashes(text: &str) -> Vec<String> {
        rolling_hashes(text.chars())
    }

    /// The values of github/codeql-action's own tests, of `gold.sarif`, and of an empty file.
    #[test]
    fn lines_hash_as_github_hashes_them() {
        assert_eq!(hashes(""), ["c129715d7a2bc9a3:1"]);
        assert_eq!(
            hashes(" a\nb\n  \t\tc\n d"),
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]
        );
        assert_eq!(
            hashes(" hello; \t\nworld!!!\n\n\n  \t\tGreetings\n End"),
            [
                "8b7cf3e952e7aeb2:1",
                "b1ae1287ec4718d9:1",
                "bff680108adb0fcc:1",
                "c6805c5e1288b612:1",
                "b86d3392aea1be30:1",
                "e6ceba753e1a442:1"
            ]
        );
        assert_eq!(hashes("x = 2\nx = 1\nprint(x)\nx = 3\nprint(x)\nx = 4\nprint(x)\n")[0], "e54938cc54b302f1:1");
        let gold = "# arch tables\nSUPPORTED = [\"gfx942\", \"gfx950\"]  # é😀\ndef check():\n    msg = \"é😀\"; require_fp8(SUPPORTED)\n";
        assert_eq!(hashes(gold)[1], "4cf1480644ec81e:1");
    }

    #[test]
    fn line_ends_are_all_one() {
        assert_eq!(hashes("a\r\nb\rc"), hashes("a\nb\nc"));
        assert_eq!(hashes("a\r \nb"), hashes("a\n\nb"));
    }
}
