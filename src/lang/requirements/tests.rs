use super::*;

const LIST: &str = "# for gfx942\n--index-url https://download.pytorch.org/whl/rocm6.4\n-r common.txt\n-c limits.txt # why\ntorch == 2.9.1+rocm7.2 ; python_version > '3.9'\n\
    vllm[audio]>=0.11 \\\n    --hash=sha256:1\n--extra-index-url=https://pypi.org/simple\r\ntriton@git+https://x.y/z#egg=triton\n-e ../aiter\n--pre\n";

fn read(text: &str) -> FileFacts {
    let mut facts = FileFacts::default();
    extract(text, &mut facts);
    facts
}

#[test]
fn lines_are_installations() {
    let facts = read(LIST);
    let packages: Vec<_> = facts
        .installs
        .iter()
        .flat_map(|install| &install.packages)
        .map(|package| (package.name.as_str(), package.version.as_str(), package.word.span.text(LIST)))
        .collect();
    assert_eq!(
        packages[..3],
        [
            ("torch", "==2.9.1+rocm7.2", "torch == 2.9.1+rocm7.2 ; python_version > '3.9'"),
            ("vllm", ">=0.11", "vllm[audio]>=0.11"),
            ("triton", "", "triton@git+https://x.y/z#egg=triton"),
        ]
    );
    assert!(facts.installs.iter().all(|install| install.index.is_some() && install.extra_indexes.len() == 1));
    let files: Vec<_> = facts
        .installs
        .iter()
        .flat_map(|install| install.requirement_files.iter().chain(&install.constraint_files))
        .filter_map(Word::known)
        .collect();
    assert_eq!(files, ["common.txt", "limits.txt"]);
    assert!(facts.installs.last().is_some_and(|last| last.has("editable") && last.has("pre")));
}

#[test]
fn projects_list_what_they_need() {
    let text = "[build-system]\nrequires = [\n  \"torch == 2.9.0\",\n  'ninja',\n]\n[project]\nname = \"x\"\ndependencies = [\"vllm>=0.11\"]\n\
        optional-dependencies.gpu = [\"amdsmi\"]\n[[tool.uv.index]]\nname = \"rocm\"\nurl = \"https://wheels.vllm.ai/rocm\"\n";
    let facts = read(text);
    let found: Vec<_> = facts
        .installs
        .iter()
        .map(|install| (install.packages[0].name.as_str(), install.has("build-requires"), install.span.text(text)))
        .collect();
    assert_eq!(
        found,
        [
            ("vllm", false, "vllm>=0.11"),
            ("torch", true, "torch == 2.9.0"),
            ("ninja", true, "ninja"),
            ("amdsmi", false, "amdsmi")
        ]
    );
    assert!(facts.installs.iter().all(|install| install.extra_indexes.len() == 1));
}

#[test]
fn names_tell_lists() {
    let claimed =
        |path: &str| claims(&Candidate { path, name: path.rsplit('/').next().unwrap_or_default(), head: b"" });
    assert!(claimed("requirements-rocm.txt") && claimed("a/requirements/rocm.txt") && claimed("constraints.txt"));
    assert!(!claimed("notes.txt") && !claimed("requirements.md"));
}

proptest::proptest! {
    #[test]
    fn no_text_is_fatal(at in 0usize..400, junk in "[-=#\\\\\\[\\] \n\t\"'a-zé]{0,20}") {
        let mut mutated = LIST.to_owned();
        mutated.insert_str(at.min(LIST.len()), &junk);
        read(&mutated);
        read(&format!("[project]\n{mutated}"));
    }
}
