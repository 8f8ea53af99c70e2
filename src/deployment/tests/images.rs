//! What is known of images.

use super::*;

/// A container file's last stage, in one line a subject.
fn described(files: &[(&str, &str)]) -> String {
    let run = Run::new(files);
    let joins = run.joins();
    let image = last(&joins);
    let rocm: Vec<String> = image
        .rocm
        .iter()
        .map(|rocm| format!("{} {} `{}`", rocm.version, rocm.origin.name(), run.text(Some(rocm.at))))
        .collect();
    let torch: Vec<String> = image
        .torch
        .iter()
        .map(|torch| {
            let version = torch.version.as_ref().map_or_else(String::new, |version| format!(" {version}"));
            format!("{:?}{version}", torch.kind)
        })
        .collect();
    let vllm: Vec<String> = image
        .vllm
        .iter()
        .map(|vllm| format!("{:?} {} fork {}", vllm.kind, vllm.release.range, vllm.release.is_fork.name()))
        .collect();
    let python: Vec<String> =
        image.python.iter().map(|python| format!("{}.{}", python.value.0, python.value.1)).collect();
    let lists: Vec<String> = image
        .arch_lists
        .iter()
        .map(|list| {
            let mark = if list.reaches_vllm { "*" } else { "" };
            format!("{}{mark}={}", list.setting.name, run.names(list.targets))
        })
        .collect();
    let lines = [
        ("platform", format!("{} `{}`", image.platform.is_rocm.name(), run.text(image.platform.because))),
        ("rocm", rocm.join(", ")),
        ("python", python.join(", ")),
        ("torch", torch.join(", ")),
        ("vllm", vllm.join(", ")),
        ("builds vllm", run.text(image.builds_vllm).to_owned()),
        ("lists", lists.join(", ")),
        ("declared", format!("{} `{}`", run.names(image.declared.set), run.text(image.declared.at))),
    ];
    lines.iter().map(|(name, value)| format!("{name}: {value}\n")).collect()
}

#[test]
fn a_source_build_on_an_amd_image() {
    insta::assert_snapshot!(described(&[(
        "docker/Dockerfile.strix",
        r#"FROM rocm/pytorch:rocm7.2_ubuntu24.04_py3.12_pytorch_release_2.9.1
LABEL org.opencontainers.image.title="vllm-gfx1151"
ENV PYTORCH_ROCM_ARCH=gfx1151
RUN pip install torch==2.9.1+rocm7.2.0 --extra-index-url https://download.pytorch.org/whl/rocm6.2
RUN git clone --branch v0.14.1 https://github.com/vllm-project/vllm.git && cd vllm && python3 setup.py install
"#
    )]));
}

#[test]
fn stages_arguments_and_copies() {
    insta::assert_snapshot!(described(&[(
        "Dockerfile",
        r#"ARG ROCM_VERSION=7.0
ARG BASE=rocm/dev-ubuntu-22.04:${ROCM_VERSION}-complete
FROM ${BASE} AS base
ARG PYTORCH_ROCM_ARCH="gfx942;gfx950"
ENV PYTORCH_ROCM_ARCH=${PYTORCH_ROCM_ARCH}
RUN apt-get update && apt-get install -y python3.11-venv rocm-hip-sdk6.2.4
FROM base AS build
ARG VLLM_REF=releases/v0.16.0
RUN git clone https://github.com/nlzy/vllm-gfx906.git vllm
WORKDIR /vllm
RUN cd vllm && git checkout ${VLLM_REF} && PYTORCH_ROCM_ARCH=gfx906 pip wheel --no-build-isolation -w /dist .
FROM base
COPY --from=build /dist /dist
RUN python3.11 -m venv /venv && pip install /dist/vllm-0.16.0+rocm700-cp311-cp311-linux_x86_64.whl
"#
    )]));
}

#[test]
fn plain_packages_and_other_vendors() {
    insta::assert_snapshot!(described(&[(
        "Dockerfile",
        "FROM nvidia/cuda:12.4.1-devel-ubuntu22.04\nRUN pip install torch vllm==0.11.0\n"
    )]));
    insta::assert_snapshot!(described(&[(
        "Dockerfile",
        "FROM ubuntu:24.04\nRUN uv pip install vllm --extra-index-url https://wheels.vllm.ai/rocm/0.14.0/rocm700\nRUN uv pip install torch --index-url https://rocm.nightlies.amd.com/v2/gfx1151/\n"
    )]));
}

#[test]
fn the_base_image_of_the_same_repository() {
    insta::assert_snapshot!(described(&[
        (
            "docker/Dockerfile.rocm_base",
            "FROM rocm/dev-ubuntu-22.04:7.0-complete\nENV PYTORCH_ROCM_ARCH=gfx90a;gfx942\n"
        ),
        (
            "docker/Dockerfile.rocm",
            "ARG BASE_IMAGE=rocm/vllm-dev:base\nFROM ${BASE_IMAGE} AS base\nCOPY . /app/vllm\nRUN cd /app/vllm && python3 setup.py bdist_wheel\n"
        ),
    ]));
}
