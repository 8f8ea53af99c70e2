//! What a baseline recognises.

use super::Baseline;
use crate::config::Policy;
use crate::context::{Context, Options};
use crate::engine::Plan;
use crate::facts::Date;
use crate::finding::Finding;
use crate::knowledge::Knowledge;
use crate::rules::{RuleSet, Selection};
use crate::scan::{Input, scan};
use crate::workspace::Workspace;

fn check(files: &[(&str, &str)], baseline: Option<&Baseline>) -> (Workspace, Vec<Finding>, Vec<String>) {
    let knowledge = Knowledge::embedded().unwrap();
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    let workspace = scan(Input::Memory(files), &knowledge).unwrap();
    let options = Options { targets: knowledge.targets(&["gfx906"]).unwrap(), ..Options::default() };
    let rules = RuleSet::default();
    let policy = Policy::of(Selection::new(&["GFX101".into(), "GFX2".into(), "GFX4".into()], &[]).unwrap());
    let today = Date { year: 2026, month: 1, day: 1 };
    let plan = Plan { rules: &rules, policy: &policy, heeds_comments: true, today, baseline, paths: &[] };
    let checked = plan.check(&Context::new(&workspace, &knowledge, &options)).unwrap();
    let stale = checked.stale.iter().map(|entry| format!("{} {} {}", entry.path, entry.rule, entry.about)).collect();
    (workspace, checked.findings, stale)
}

const CMAKE: &str = "set(HIP_SUPPORTED_ARCHS \"gfx90a;gfx942\")\n";
const DOCKER: &str = "FROM rocm/dev-ubuntu-24.04:7.1-complete\nRUN git clone https://github.com/vllm-project/vllm.git && pip install --no-build-isolation ./vllm\n";

/// The findings that are new, and the entries that match nothing, once `before` is the baseline and `after` is checked.
fn compared(before: &[(&str, &str)], after: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
    let (workspace, findings, _) = check(before, None);
    let baseline = Baseline::of("no-such-folder/b.json".as_ref(), &workspace, findings.iter());
    let (_, findings, stale) = check(after, Some(&baseline));
    let fresh = findings.iter().filter(|finding| finding.standing.suppression.is_none());
    (fresh.map(|finding| finding.rule.id.to_owned()).collect(), stale)
}

#[test]
fn what_is_known_survives_moves_and_reformatting() {
    let nothing = (Vec::<String>::new(), Vec::<String>::new());
    let before = [("CMakeLists.txt", CMAKE), ("Dockerfile", DOCKER)];
    assert_eq!(compared(&before, &before), nothing);
    let lines = format!("# a comment\n\n{}", CMAKE.replace("gfx90a;gfx942", "gfx90a;gfx942\" # x\n \""));
    let spread = DOCKER.replace(" && ", " \\\n    && ").replace("RUN", "ENV A=b\nRUN");
    assert_eq!(compared(&before, &[("CMakeLists.txt", &lines), ("Dockerfile", &spread)]), nothing);
    let moved = [("cmake/CMakeLists.txt", CMAKE), ("docker/rocm.Dockerfile", DOCKER)];
    assert_eq!(compared(&before, &moved).0, Vec::<String>::new());
}

#[test]
fn what_is_new_is_not_taken_for_what_is_known() {
    let more = DOCKER.replace("RUN", "RUN git clone https://github.com/ROCm/aiter.git\nRUN");
    assert_eq!(compared(&[("Dockerfile", DOCKER)], &[("Dockerfile", &more)]).0, ["GFX401"]);
    let twice =
        format!("{DOCKER}{}", DOCKER.replace("rocm/dev", "AS second\nFROM rocm/dev").split_once('\n').unwrap().1);
    assert!(!compared(&[("Dockerfile", DOCKER)], &[("Dockerfile", &twice)]).0.is_empty());
}

#[test]
fn what_is_gone_is_stale() {
    let (fresh, stale) = compared(&[("Dockerfile", DOCKER)], &[("Dockerfile", "FROM scratch\n")]);
    assert_eq!(fresh, Vec::<String>::new());
    assert_eq!(stale.len(), 2, "{stale:?}");
    let (_, elsewhere) = compared(&[("Dockerfile", DOCKER)], &[("CMakeLists.txt", "")]);
    assert_eq!(elsewhere, Vec::<String>::new(), "the file was not looked at");
}

#[test]
fn imports_are_known_by_their_names() {
    let tree = |text: &'static str| [("p/__init__.py", ""), ("p/m.py", "x = 1\n"), ("p/use.py", text)];
    let (fresh, stale) = compared(
        &tree("from p.m import gone\n"),
        &tree("import os\n\nfrom p.m import (\n    x,\n    gone,\n    gone_too,\n)\n"),
    );
    assert_eq!((fresh, stale), (vec!["GFX201".to_owned()], Vec::new()));
}
