//! What is right and wrong stays so in whatever shape it is written: plain, through `ARG` and `${X:-default}`, in
//! here-documents, compose maps and `sh -c`.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

use std::collections::BTreeMap;

use gfxlint::knowledge::Knowledge;
use gfxlint::rules::{RULES, examples};

type Files = BTreeMap<String, String>;

/// A start of vLLM: what follows `vllm serve`, the image's tag, the target, a variable.
#[derive(Clone, Copy)]
struct Start {
    words: &'static str,
    tag: &'static str,
    target: &'static str,
    variable: Option<(&'static str, &'static str)>,
}

const fn start(words: &'static str, tag: &'static str, target: &'static str) -> Start {
    Start { words, tag, target, variable: None }
}

const fn with(
    words: &'static str,
    tag: &'static str,
    target: &'static str,
    variable: (&'static str, &'static str),
) -> Start {
    Start { words, tag, target, variable: Some(variable) }
}

const GGUF: &str = "/m/q.Q4_K_M.gguf --tokenizer Qwen/Qwen2.5-14B-Instruct";
const AITER: (&str, &str) = ("VLLM_ROCM_USE_AITER", "1");

/// The rule, whether it speaks, and the start.
const STARTS: &[(&str, bool, Start)] = &[
    ("GFX301", true, start(GGUF, "v0.14.1", "gfx1151")),
    ("GFX301", true, start("/m/q.gguf --tokenizer Q/q --dtype bfloat16", "v0.19.1", "gfx1100")),
    ("GFX301", false, start("/m/q.gguf --tokenizer Q/q --dtype half", "v0.14.1", "gfx1151")),
    ("GFX301", false, start("/m/q.gguf --tokenizer Q/q --dtype float16", "v0.14.1", "gfx1151")),
    ("GFX301", false, start(GGUF, "v0.14.1", "gfx942")),
    ("GFX301", false, start(GGUF, "v0.12.0", "gfx1151")),
    ("GFX302", true, start("a.gguf --max-model-len 4096", "v0.33.0", "")),
    ("GFX302", false, start("a.gguf --max-model-len 4096", "v0.19.1", "")),
    ("GFX303", true, start("M --quantization awq --dtype bfloat16", "v0.14.1", "")),
    ("GFX303", true, start("M --quantization gptq --dtype bfloat16", "v0.14.1", "")),
    ("GFX303", false, start("M --quantization compressed-tensors --dtype bfloat16", "v0.14.1", "")),
    ("GFX303", false, start("M --quantization awq --dtype float16", "v0.14.1", "")),
    ("GFX304", true, start("openai/gpt-oss-20b --dtype half", "v0.14.1", "")),
    ("GFX304", false, start("amd/Llama-3.3-70B-Instruct-MXFP4-Preview --dtype float16", "v0.14.1", "")),
    ("GFX304", false, start("openai/gpt-oss-20b --dtype bfloat16", "v0.14.1", "")),
    ("GFX305", true, start("google/gemma-3-12b-it --dtype float16", "v0.14.1", "")),
    ("GFX305", false, start("zai-org/GLM-4.7-Flash --dtype half", "v0.14.1", "")),
    ("GFX307", true, start("M --quantization modelopt_fp4", "v0.16.0", "")),
    ("GFX307", false, start("M --quantization modelopt_fp4", "v0.25.1", "")),
    ("GFX308", true, start("M --dtype fp16", "v0.14.1", "")),
    ("GFX308", true, start("M --quantization int8", "v0.14.1", "")),
    ("GFX308", true, start("M --kv-cache-dtype q8_0", "v0.14.1", "")),
    ("GFX308", false, start("M --dtype float16", "v0.14.1", "")),
    ("GFX309", true, start("M --quantization fp8", "v0.14.1", "gfx90a")),
    ("GFX309", false, start("Qwen/Qwen3-8B-FP8 --max-model-len 4096", "v0.16.0", "gfx1201")),
    ("GFX310", true, start("openai/gpt-oss-20b --max-model-len 4096", "v0.19.1", "gfx1151")),
    ("GFX310", false, start("openai/gpt-oss-20b --max-model-len 4096", "v0.25.1", "gfx1151")),
    ("GFX311", true, start("M-bnb-4bit --quantization bitsandbytes", "v0.14.1", "gfx942")),
    ("GFX311", false, start("M-bnb-4bit --quantization bitsandbytes", "v0.14.1", "gfx1100")),
    ("GFX312", true, with("M --max-model-len 4096", "v0.14.0", "gfx1151", AITER)),
    ("GFX312", false, with("M --max-model-len 4096", "v0.14.0", "gfx950", AITER)),
    ("GFX312", false, with("M --max-model-len 4096", "v0.14.0", "gfx1151", ("VLLM_ROCM_USE_AITER", "0"))),
    ("GFX313", true, with("deepseek-ai/DeepSeek-V3 -tp 8", "v0.16.0", "gfx942", AITER)),
    ("GFX313", false, with("deepseek-ai/DeepSeek-V3 -tp 8", "v0.16.0", "gfx950", AITER)),
    ("GFX314", true, with("M --max-model-len 4096", "v0.14.1", "gfx1151", ("VLLM_ATTENTION_BACKEND", "triton"))),
    ("GFX314", false, start("M --attention-backend TRITON_ATTN", "v0.19.1", "gfx1151")),
    ("GFX315", true, start("M --swap-space 16", "v0.19.1", "")),
    ("GFX315", false, start("M --swap-space 16", "v0.14.1", "")),
    ("GFX315", true, with("M --max-model-len 4096", "v0.19.1", "", ("VLLM_USE_TRITON_FLASH_ATTN", "0"))),
    ("GFX317", true, start("M --max-model-len 4096", "v0.11.0", "gfx1151")),
    ("GFX317", true, start("M --max-model-len 4096", "latest", "gfx906")),
    ("GFX317", false, start("M --max-model-len 4096", "v0.14.1", "gfx1151")),
    ("GFX318", true, start("M --kv-cache-dtype float16", "v0.14.1", "")),
    ("GFX318", false, start("M --kv-cache-dtype float16", "v0.19.1", "")),
    ("GFX322", true, start("/m/q.gguf --dtype half", "v0.14.1", "")),
    ("GFX322", false, start("/m/q.gguf --tokenizer Q/q --dtype half", "v0.14.1", "")),
];

impl Start {
    fn shapes(&self) -> Vec<(&'static str, Files)> {
        let Self { words, tag, target, variable } = *self;
        let image = format!("vllm/vllm-openai-rocm:{tag}");
        let folder = if target.is_empty() { String::new() } else { format!("{target}/") };
        let mut set = if target.is_empty() { String::new() } else { format!("ENV PYTORCH_ROCM_ARCH={target}\n") };
        let (mut map, mut entries, mut options) = (String::new(), String::new(), String::new());
        if let Some((name, value)) = variable {
            set += &format!("ENV {name}={value}\n");
            map = format!("    environment:\n      {name}: \"${{OWN:-{value}}}\"\n");
            entries = format!("      env:\n        - name: {name}\n          value: \"{value}\"\n");
            options = format!(" -e {name}={value}");
        }
        let list: Vec<String> = words.split(' ').map(|word| format!("\"{word}\"")).collect();
        let (first, last) = words.rsplit_once(' ').unwrap();
        let devices = "--device /dev/kfd --device /dev/dri --ipc=host";
        let file = |path: &str, text: String| Files::from([(path.to_owned(), text)]);
        vec![
            (
                "exec form",
                file("Dockerfile", format!("FROM {image}\n{set}CMD [\"vllm\", \"serve\", {}]\n", list.join(", "))),
            ),
            (
                "ARG and default",
                file(
                    "Dockerfile",
                    format!(
                        "ARG TAG={tag}\nFROM vllm/vllm-openai-rocm:${{TAG}}\n{set}CMD vllm serve {first} ${{LAST:-{last}}}\n"
                    ),
                ),
            ),
            (
                "sh -c",
                file(
                    "Dockerfile",
                    format!("FROM {image}\n{set}ENTRYPOINT [\"sh\", \"-c\", \"exec vllm serve {words}\"]\n"),
                ),
            ),
            (
                "here-document",
                file(
                    "Dockerfile",
                    format!(
                        "FROM {image}\n{set}COPY --chmod=755 <<EOF /start.sh\n#!/bin/sh\nexec vllm serve \\\n  {words}\nEOF\nCMD [\"/start.sh\"]\n"
                    ),
                ),
            ),
            (
                "compose",
                file(
                    &format!("{folder}compose.yaml"),
                    format!(
                        "services:\n  v:\n    image: {image}\n    devices: [/dev/kfd, /dev/dri]\n{map}    command: >\n      {words}\n"
                    ),
                ),
            ),
            (
                "docker run",
                file(
                    &format!("{folder}run.sh"),
                    format!(
                        "#!/bin/bash\nLAST={last}\ndocker run {devices}{options} \\\n  {image} \\\n  --model {first} \"$LAST\"\n"
                    ),
                ),
            ),
            (
                "Kubernetes",
                file(
                    &format!("{folder}pod.yaml"),
                    format!(
                        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: v\nspec:\n  containers:\n    - name: v\n      image: {image}\n{entries}      command: [\"sh\", \"-c\"]\n      args:\n        - vllm serve {words}\n"
                    ),
                ),
            ),
        ]
    }
}

const PYTORCH: &str = "rocm/pytorch:rocm7.2_ubuntu24.04_py3.12_pytorch_release_2.9.1";
const OLDER: &str = "rocm/pytorch:rocm6.4.1_ubuntu24.04_py3.12_pytorch_release_2.6.0";
const BARE: &str = "rocm/dev-ubuntu-24.04:7.2-complete";
const VLLM: &str = "git clone --depth 1 --branch v0.16.0 https://github.com/vllm-project/vllm.git /vllm";
const TORCH: &str = "git clone --branch v2.9.1 https://github.com/pytorch/pytorch.git /pt";
const BUILD: &str = "pip install --no-build-isolation .";

/// The rule, whether it speaks, the base image, what is set before, and commands.
type Build = (&'static str, bool, &'static str, &'static str, &'static [&'static str]);

const BUILDS: &[Build] = &[
    ("GFX401", true, "rocm/pytorch:latest", "", &["pip install x"]),
    ("GFX401", true, PYTORCH, "", &["git clone https://github.com/vllm-project/vllm.git /v", "cd /v", BUILD]),
    ("GFX401", false, PYTORCH, "", &[VLLM]),
    ("GFX402", true, PYTORCH, "", &[VLLM, "cd /vllm", BUILD]),
    ("GFX402", false, PYTORCH, "", &[VLLM, "pip install /opt/rocm/share/amd_smi", "cd /vllm", BUILD]),
    ("GFX403", true, PYTORCH, "", &["pip install amdsmi"]),
    ("GFX403", true, OLDER, "", &["pip install amdsmi==7.0.2"]),
    ("GFX403", false, PYTORCH, "", &["pip install amdsmi==$(cat /opt/ROCM_VERSION_FULL)"]),
    ("GFX404", true, PYTORCH, "", &["pip install x --extra-index-url https://download.pytorch.org/whl/rocm6.2"]),
    ("GFX404", false, PYTORCH, "", &["pip install torch --index-url https://download.pytorch.org/whl/rocm7.2"]),
    ("GFX405", true, BARE, "", &["pip install torch torchvision"]),
    ("GFX405", true, BARE, "", &["pip install vllm"]),
    ("GFX405", true, BARE, "", &["pip install torch --extra-index-url https://download.pytorch.org/whl/rocm7.2"]),
    ("GFX405", false, BARE, "", &["uv pip install torch --extra-index-url https://download.pytorch.org/whl/rocm7.2"]),
    ("GFX405", false, BARE, "", &["pip install torch --index-url https://download.pytorch.org/whl/rocm7.2"]),
    ("GFX406", true, PYTORCH, "", &[VLLM, "cd /vllm", "pip install ."]),
    ("GFX406", true, PYTORCH, "", &[VLLM, "uv pip install -e /vllm"]),
    ("GFX406", false, PYTORCH, "", &[VLLM, "cd /vllm", BUILD]),
    ("GFX406", false, PYTORCH, "", &[VLLM, "cd /vllm", "python setup.py bdist_wheel"]),
    ("GFX120", true, BARE, "", &[VLLM, "cd /vllm", BUILD]),
    ("GFX120", false, BARE, "ENV PYTORCH_ROCM_ARCH=gfx942\n", &[VLLM, "cd /vllm", BUILD]),
    ("GFX102", false, BARE, "ENV PYTORCH_ROCM_ARCH=gfx1151\n", &[VLLM, "cd /vllm", BUILD]),
    ("GFX119", true, BARE, "ENV PYTORCH_ROCM_ARCH=gfx1100,gfx1101\n", &["make"]),
    ("GFX119", true, BARE, "ENV PYTORCH_ROCM_ARCH=gfx11.5.1\n", &["make"]),
    ("GFX119", false, BARE, "ENV PYTORCH_ROCM_ARCH=gfx1100;gfx1101\n", &["make"]),
    ("GFX316", true, PYTORCH, "ENV PYTORCH_ROCM_ARCH=gfx1151 HSA_OVERRIDE_GFX_VERSION=11.5.0\n", &["make"]),
    ("GFX408", true, BARE, "ENV HIP_SUPPORTED_ARCHS=gfx1151\n", &["make"]),
    ("GFX408", true, BARE, "", &["export TORCH_CUDA_ARCH_LIST=gfx1151", "make"]),
    ("GFX410", true, BARE, "ENV MAX_JOBS=$(nproc)\n", &["make"]),
    ("GFX410", false, BARE, "", &["MAX_JOBS=$(nproc) make"]),
    ("GFX411", true, "rocm/dev-ubuntu-24.04:6.2.4", "ENV PYTORCH_ROCM_ARCH=gfx1151\n", &["make"]),
    ("GFX411", false, BARE, "ENV PYTORCH_ROCM_ARCH=gfx1151\n", &["make"]),
    ("GFX412", true, PYTORCH, "ENV VLLM_TARGET_DEVICE=cpu\n", &[VLLM, "cd /vllm", BUILD]),
    ("GFX412", true, PYTORCH, "", &[VLLM, "cd /vllm", "VLLM_TARGET_DEVICE=cuda pip install --no-build-isolation ."]),
    ("GFX412", false, PYTORCH, "ENV VLLM_TARGET_DEVICE=rocm\n", &[VLLM, "cd /vllm", BUILD]),
    ("GFX413", true, PYTORCH, "", &[VLLM, "cd /vllm", "pip install --no-build-isolation --no-deps ."]),
    (
        "GFX413",
        false,
        PYTORCH,
        "",
        &[VLLM, "cd /vllm", "pip install -r requirements/rocm.txt", "pip install --no-build-isolation --no-deps ."],
    ),
    ("GFX414", true, "rocm/vllm:latest", "ENV LD_PRELOAD=/opt/rocm/lib/librocm_smi64.so\n", &["make"]),
    ("GFX414", false, "rocm/vllm:latest", "ENV LD_PRELOAD=/usr/lib/libtcmalloc_minimal.so.4\n", &["make"]),
    ("GFX415", true, BARE, "", &[TORCH, "cd /pt", "USE_ROCM=1 USE_DISTRIBUTED=0 python setup.py bdist_wheel"]),
    ("GFX415", true, BARE, "ENV USE_DISTRIBUTED=OFF\n", &[TORCH, "cd /pt", "USE_ROCM=1 python setup.py bdist_wheel"]),
    ("GFX416", true, PYTORCH, "", &["pip install /w/torch-2.9.1-cp311-cp311-linux_x86_64.whl"]),
    ("GFX416", false, PYTORCH, "", &["pip install /w/torch-2.9.1-cp312-cp312-linux_x86_64.whl"]),
    ("GFX417", true, BARE, "", &["pip install torch>=2.6 --index-url https://download.pytorch.org/whl/rocm7.2"]),
    ("GFX417", false, BARE, "", &["pip install 'torch>=2.6' --index-url https://download.pytorch.org/whl/rocm7.2"]),
    ("GFX418", true, PYTORCH, "", &[VLLM, "cd /vllm", "sed -i 's/import amdsmi/pass/' vllm/platforms/__init__.py"]),
    ("GFX418", false, PYTORCH, "", &[VLLM, "cd /vllm", "sed -i 's/a/b/' vllm/engine/arg_utils.py"]),
    ("GFX419", true, PYTORCH, "", &[VLLM, "cd /vllm", "python setup.py install"]),
    ("GFX421", true, BARE, "", &[TORCH, "cd /pt", "python setup.py bdist_wheel"]),
    (
        "GFX421",
        false,
        BARE,
        "",
        &[TORCH, "cd /pt", "python tools/amd_build/build_amd.py", "USE_ROCM=1 python setup.py bdist_wheel"],
    ),
];

fn build_shapes(&(_, _, base, set, commands): &Build) -> Vec<(&'static str, Files)> {
    let file = |text: String| Files::from([("Dockerfile".to_owned(), text)]);
    let one = commands.join(" && ");
    vec![
        ("one line", file(format!("FROM {base}\n{set}RUN {one}\n"))),
        (
            "continued",
            file(format!("FROM {base}\n{set}RUN set -e; \\\n    # a comment\n    {}\n", commands.join("; \\\n    "))),
        ),
        ("here-document", file(format!("FROM {base}\n{set}RUN <<EOF\nset -e\n{}\nEOF\n", commands.join("\n")))),
        ("base through ARG", file(format!("ARG BASE={base}\nFROM ${{BASE}} AS x\n{set}RUN {one}\nFROM x\n"))),
        ("bash -c", file(format!("FROM {base}\n{set}RUN bash -c \"{one}\"\n"))),
    ]
}

/// Runs one rule on files, with advice on; tells whether it spoke.
fn speaks(id: &str, files: Files, knowledge: &Knowledge) -> bool {
    let rule = RULES.iter().find(|rule| rule.id == id).expect("a rule of that id");
    let example = examples::Example { name: String::new(), arch: Vec::new(), files, expect: Vec::new() };
    examples::check(rule, &example, knowledge).unwrap().is_some()
}

fn wrong(cases: impl Iterator<Item = (String, bool, Vec<(&'static str, Files)>)>) -> Vec<String> {
    let knowledge = Knowledge::embedded().expect("the embedded knowledge parses");
    let mut wrong = Vec::new();
    for (rule, wanted, shapes) in cases {
        for (shape, files) in shapes {
            let text: String = files.values().cloned().collect();
            if speaks(&rule, files, &knowledge) != wanted {
                let what = if wanted { "is silent" } else { "speaks" };
                wrong.push(format!("{rule} {what} ({shape}):\n{text}"));
            }
        }
    }
    wrong
}

#[test]
fn starts_are_judged_alike_in_every_shape() {
    let wrong = wrong(STARTS.iter().map(|(rule, wanted, start)| (rule.to_string(), *wanted, start.shapes())));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn builds_are_judged_alike_in_every_shape() {
    let wrong = wrong(BUILDS.iter().map(|build| (build.0.to_owned(), build.1, build_shapes(build))));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Containers: the rule, whether it speaks, the same in a script and as a service.
const CONTAINERS: &[(&str, bool, &str, &str)] = &[
    ("GFX501", true, "docker run IMAGE --model M", "    image: IMAGE\n    command: --model M\n"),
    (
        "GFX501",
        false,
        "docker run --privileged IMAGE --model M",
        "    image: IMAGE\n    devices: [\"amd.com/gpu=all\"]\n    command: --model M\n",
    ),
    (
        "GFX501",
        false,
        "docker run $DEVICES IMAGE --model M",
        "    image: IMAGE\n    devices:\n      - /dev/kfd\n      - /dev/dri\n    command: --model M\n",
    ),
    (
        "GFX502",
        true,
        "docker run --gpus all --device /dev/kfd --device /dev/dri IMAGE --model M",
        "    image: IMAGE\n    runtime: nvidia\n    devices: [/dev/kfd, /dev/dri]\n    command: --model M\n",
    ),
    (
        "GFX504",
        false,
        "docker run --device /dev/kfd --device /dev/dri --ipc=host IMAGE --model M -tp 2",
        "    image: IMAGE\n    devices: [/dev/kfd, /dev/dri]\n    ipc: ${IPC:-host}\n    command: --model M -tp 2\n",
    ),
    (
        "GFX505",
        true,
        "docker run --device /dev/kfd --device /dev/dri -e PYTORCH_ROCM_ARCH=${A:-gfx1151} IMAGE --model M",
        "    image: IMAGE\n    devices: [/dev/kfd, /dev/dri]\n    environment:\n      PYTORCH_ROCM_ARCH: gfx1151\n    command: --model M\n",
    ),
    (
        "GFX316",
        true,
        "docker run --device /dev/kfd --device /dev/dri -e HSA_OVERRIDE_GFX_VERSION=9.0a IMAGE --model M",
        "    image: IMAGE\n    devices: [/dev/kfd, /dev/dri]\n    environment:\n      - HSA_OVERRIDE_GFX_VERSION=${OV:-}\n    command: --model M\n",
    ),
];

#[test]
fn containers_are_judged_alike_in_every_shape() {
    let cases = CONTAINERS.iter().map(|(rule, wanted, run, service)| {
        let image = "vllm/vllm-openai-rocm:v0.14.1";
        let file = |path: &str, text: String| Files::from([(path.to_owned(), text)]);
        let run = run.replace("IMAGE", image);
        let shapes = vec![
            ("script", file("run.sh", format!("{run}\n"))),
            ("image in a variable", file("run.sh", format!("IMAGE={image}\n{}\n", run.replace(image, "\"$IMAGE\"")))),
            ("podman", file("run.sh", format!("{}\n", run.replace("docker", "podman")))),
            ("compose", file("compose.yaml", format!("services:\n  v:\n{}", service.replace("IMAGE", image)))),
            (
                "compose with a default",
                file(
                    "compose.yaml",
                    format!("services:\n  v:\n{}", service.replace("IMAGE", "vllm/vllm-openai-rocm:${TAG:-v0.14.1}")),
                ),
            ),
        ];
        (rule.to_string(), *wanted, shapes)
    });
    let wrong = wrong(cases);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
