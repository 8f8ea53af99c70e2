//! What users met, as small files of our own: every fault of theirs that files show is found, and what is right stays
//! without a finding.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::collections::BTreeSet;
use std::fs;

use common::{run, testdata, write};
use tempfile::TempDir;

/// The findings in a folder of the examples, as `rule severity file:line`.
fn found(folder: &str) -> BTreeSet<String> {
    told(&testdata().join("field-reports").join(folder))
}

fn told(folder: &std::path::Path) -> BTreeSet<String> {
    let run = run(folder, &["check", ".", "--pedantic", "--isolated", "--no-cache", "--format", "json"]);
    let findings = run.json()["findings"].as_array().unwrap().clone();
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap().to_owned();
    findings
        .iter()
        .map(|finding| {
            let (rule, severity, path) = (text(finding, "rule"), text(finding, "severity"), text(finding, "path"));
            format!("{rule} {severity} {path}:{}", finding["line"])
        })
        .collect()
}

fn expect(folder: &str, wanted: &[&str]) {
    let wanted: BTreeSet<String> = wanted.iter().map(|&line| line.to_owned()).collect();
    assert_eq!(found(folder), wanted, "{folder}");
}

#[test]
fn a_gguf_model_on_strix_halo() {
    expect(
        "strix-halo-gguf",
        &[
            "GFX316 note compose.yaml:9",
            "GFX501 error compose.yaml:17",
            "GFX401 error docker/Dockerfile.strix:2",
            "GFX506 note docker/Dockerfile.strix:2",
            "GFX316 error docker/Dockerfile.strix:6",
            "GFX405 warning docker/Dockerfile.strix:10",
            "GFX404 error docker/Dockerfile.strix:11",
            "GFX418 note docker/Dockerfile.strix:15",
            "GFX402 warning docker/Dockerfile.strix:16",
            "GFX419 note docker/Dockerfile.strix:16",
            "GFX301 warning docker/Dockerfile.strix:19",
            "GFX322 note docker/Dockerfile.strix:19",
            "GFX506 note start.sh:11",
            "GFX301 error start.sh:11",
        ],
    );
}

#[test]
fn float16_is_what_helps() {
    let script = fs::read_to_string(testdata().join("field-reports/strix-halo-gguf/start.sh")).unwrap();
    for (dtype, is_found) in [("bfloat16", true), ("auto", true), ("float16", false), ("half", false)] {
        let folder = TempDir::new().unwrap();
        write(folder.path(), "start.sh", script.replace("DTYPE=bfloat16", &format!("DTYPE={dtype}")).as_bytes());
        let found = told(folder.path());
        assert_eq!(found.iter().any(|line| line.starts_with("GFX301")), is_found, "{dtype}: {found:?}");
    }
    for (tag, is_found) in [("v0.12.0", false), ("v0.13.0", true), ("v0.19.1", true), ("v0.25.1", false)] {
        let folder = TempDir::new().unwrap();
        write(folder.path(), "start.sh", script.replace("v0.14.1", tag).as_bytes());
        let found = told(folder.path());
        assert_eq!(found.iter().any(|line| line.starts_with("GFX301")), is_found, "{tag}: {found:?}");
    }
}

#[test]
fn four_images_in_two_days() {
    expect(
        "strix-halo-build",
        &[
            "GFX506 note Dockerfile.isolated:2",
            "GFX406 error Dockerfile.isolated:8",
            "GFX506 note Dockerfile.runtime:2",
            "GFX414 error Dockerfile.runtime:4",
            "GFX413 warning Dockerfile.runtime:7",
            "GFX416 error Dockerfile.runtime:8",
            "GFX415 error Dockerfile.torch:9",
            "GFX421 error Dockerfile.torch:9",
        ],
    );
}

#[test]
fn a_desktop_with_an_mi50() {
    expect(
        "desktop-two-gpus",
        &[
            "GFX508 warning README.md:6",
            "GFX317 note README.md:7",
            "GFX317 note README.md:14",
            "GFX317 error compose.gfx906.yaml:3",
        ],
    );
}

#[test]
fn good_images_are_almost_silent() {
    expect("strix-halo-good", &["GFX401 warning Dockerfile:3", "GFX507 note README.md:3"]);
    expect("verified-image", &[]);
}

#[test]
fn facts_of_builds_and_runs() {
    let folder = testdata().join("field-reports");
    let shown = |arguments: &[&str]| {
        let run = run(&folder, arguments);
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{arguments:?}");
        run
    };
    insta::assert_snapshot!("facts_text", shown(&["facts", "strix-halo-gguf", "strix-halo-build"]).out);
    let json = shown(&["facts", "desktop-two-gpus", "strix-halo-build", "--format", "json"]).json();
    insta::assert_snapshot!("facts_json", serde_json::to_string_pretty(&json).unwrap());
    let kinds: BTreeSet<&str> =
        json["facts"].as_array().unwrap().iter().map(|fact| fact["fact"].as_str().unwrap()).collect();
    for kind in ["arch-set", "setting", "launch", "install", "image", "container-run", "checkout", "copy"] {
        assert!(kinds.contains(kind), "no {kind} among {kinds:?}");
    }
}

/// The findings for one file, as `rule line`.
fn told_of(path: &str, text: &str) -> BTreeSet<String> {
    let folder = TempDir::new().unwrap();
    write(folder.path(), path, text.as_bytes());
    let short = |line: String| {
        let rule = line.split(' ').next().unwrap_or_default().to_owned();
        format!("{rule} {}", line.rsplit(':').next().unwrap_or_default())
    };
    told(folder.path()).into_iter().map(short).collect()
}

#[test]
fn files_of_two_releases() {
    let found = told(&testdata().join("mixed-releases"));
    for name in ["GFX201 error vllm/platforms/__init__.py", "GFX205 error"] {
        assert!(found.iter().any(|line| line.starts_with(name)), "{name}: {found:?}");
    }
    let run = run(&testdata().join("mixed-releases"), &["check", "--isolated", "--no-cache", "--format", "json"]);
    for name in ["supports_xccl", "resolve_obj_by_qualname", "_Backend"] {
        assert!(run.out.contains(name), "{name} is told");
    }
}

#[test]
fn a_fault_each_in_a_few_lines() {
    let base = "FROM rocm/pytorch:rocm7.2_ubuntu24.04_py3.12_pytorch_release_2.9.1\n";
    let vllm = "git clone --branch v0.16.0 https://github.com/vllm-project/vllm /v && cd /v";
    let service = "services:\n  v:\n    image: vllm/vllm-openai-rocm:v0.14.1\n    command: --model M\n";
    let cases = [
        // No GPU in the container, no group for its device.
        ("compose.yaml", service.to_owned(), "GFX501 2"),
        ("run.sh", "podman run --device /dev/kfd --device /dev/dri rocm/vllm:latest vllm serve M\n".to_owned(), "GFX503 1"),
        // A torch for CUDA in an image for ROCm.
        ("Dockerfile", "FROM rocm/dev-ubuntu-24.04:7.2-complete\nRUN pip install torch\n".to_owned(), "GFX405 2"),
        ("Dockerfile", format!("{base}RUN {vllm} && pip install .\n"), "GFX406 2"),
        // No requirements, Python's packages from another version, a torch without its parts.
        ("Dockerfile", format!("{base}RUN {vllm} && pip install --no-build-isolation --no-deps .\n"), "GFX413 2"),
        ("Dockerfile", format!("{base}RUN pip install /w/torch-2.9.1-cp311-cp311-linux_x86_64.whl\n"), "GFX416 2"),
        (
            "Dockerfile",
            "FROM rocm/dev-ubuntu-24.04:7.2-complete\nRUN git clone https://github.com/pytorch/pytorch /p && cd /p && \\\n    USE_DISTRIBUTED=OFF python setup.py bdist_wheel\n".to_owned(),
            "GFX415 3",
        ),
        // gfx906: handed to a component that refuses it, an image without its code, a variable that stays on the host.
        (
            "Dockerfile.rocm_base",
            "FROM rocm/dev-ubuntu-22.04:7.0-complete\nENV PYTORCH_ROCM_ARCH=gfx906;gfx942\nRUN git clone https://github.com/ROCm/flash-attention.git && cd flash-attention && GPU_ARCHS=$(echo ${PYTORCH_ROCM_ARCH} | sed -e 's/;gfx1[0-9]\\{3\\}//g') python3 setup.py bdist_wheel\n".to_owned(),
            "GFX106 3",
        ),
        ("gfx906/compose.yaml", service.to_owned(), "GFX317 3"),
        (
            "run.sh",
            "HIP_VISIBLE_DEVICES=0 docker run --device /dev/kfd --device /dev/dri rocm/vllm:latest vllm serve M\n".to_owned(),
            "GFX508 1",
        ),
        // A wrong name for the part, and a spoof; the identity value is advice.
        ("README.md", "# ROCm\n\nBuilt for gfx1151 (Strix Point) and tested there.\n".to_owned(), "GFX121 3"),
        ("Dockerfile", format!("{base}ENV PYTORCH_ROCM_ARCH=gfx1151 HSA_OVERRIDE_GFX_VERSION=11.0.0\n"), "GFX316 2"),
    ];
    for (path, text, wanted) in cases {
        let found = told_of(path, &text);
        assert!(found.contains(wanted), "{wanted} is not in {found:?}:\n{text}");
    }
}
