//! Container files, compose files, units and scripts as they also come: filled in by templates, with other systems' line
//! ends, cut off, turning in circles, far too long. No panic, no hang, and no fault where the meaning is not known.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::time::Duration;

use common::cpu::timed;
use common::{Run, folder};

/// Far more time of processors than any of these takes, also in an unoptimised build.
const LONGEST: Duration = Duration::from_secs(60);

fn check(files: &[(&str, &[u8])]) -> Run {
    let tree = folder(files);
    let (run, spent) = timed(tree.path(), &["check", "--isolated", "--no-cache", "--pedantic", "--format", "json"]);
    assert!(matches!(run.status, Some(0 | 1)) && run.err.is_empty(), "{run:?}");
    assert!(spent < LONGEST, "{spent:?}");
    run
}

/// Errors and warnings, as `rule path:line`.
fn faults(run: &Run) -> Vec<String> {
    let findings = run.json()["findings"].as_array().cloned().unwrap();
    let is_fault = |finding: &&serde_json::Value| finding["severity"] != "note";
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    findings
        .iter()
        .filter(is_fault)
        .map(|finding| format!("{} {}:{}", text(&finding["rule"]), text(&finding["path"]), finding["line"]))
        .collect()
}

fn has_no_fault(name: &str, files: &[(&str, &str)]) {
    let files: Vec<(&str, &[u8])> = files.iter().map(|(path, text)| (*path, text.as_bytes())).collect();
    assert_eq!(faults(&check(&files)), Vec::<String>::new(), "{name}");
}

const CHART: &str = r#"{{- if .Values.enabled }}
apiVersion: apps/v1
kind: Deployment
metadata:
  name: {{ include "vllm.fullname" . }}
spec:
  template:
    spec:
      {{- with .Values.nodeSelector }}
      nodeSelector:
        {{- toYaml . | nindent 8 }}
      {{- end }}
      containers:
        - name: vllm
          image: "vllm/vllm-openai-rocm:{{ .Values.image.tag | default .Chart.AppVersion }}"
          args:
            - --model
            - {{ .Values.model | quote }}
            - --dtype={{ .Values.dtype }}
            {{- range .Values.extraArgs }}
            - {{ . }}
            {{- end }}
          env:
            - name: HSA_OVERRIDE_GFX_VERSION
              value: {{ .Values.hsa }}
            - name: VLLM_ROCM_USE_AITER
              value: "{{ .Values.aiter }}"
          resources:
            limits:
              amd.com/gpu: {{ .Values.gpus }}
{{- end }}
"#;

const JINJA: &str = r#"{% set gfx = "gfx1151" %}
FROM rocm/pytorch:{{ rocm_tag }}
{% if pin %}
ARG PYTORCH_ROCM_ARCH={{ archs | join(";") }}
{% endif %}
ENV PYTORCH_ROCM_ARCH={{ gfx }} HSA_OVERRIDE_GFX_VERSION={{ hsa }}
RUN pip install torch=={{ torch }} --index-url {{ index }}
RUN pip install vllm=={{ vllm }} {% if extra %}--extra-index-url {{ extra }}{% endif %}
CMD ["vllm", "serve", "{{ model }}", "--dtype", "{{ dtype }}"]
"#;

#[test]
fn what_templates_fill_in_is_not_known() {
    let values = "image:\n  tag: v0.14.1\nmodel: /m/q.gguf\ndtype: bfloat16\nhsa: \"\"\n";
    has_no_fault("Helm", &[("chart/templates/deployment.yaml", CHART), ("chart/values.yaml", values)]);
    has_no_fault("Jinja", &[("Dockerfile", JINJA)]);
    has_no_fault(
        "autoconf",
        &[("Dockerfile", "FROM @BASE@\nENV PYTORCH_ROCM_ARCH=@ARCH@\nCMD vllm serve @MODEL@ --dtype @DTYPE@\n")],
    );
    let script = "docker run --device /dev/kfd --device /dev/dri --ipc=host {{ image }} --model {{ model }} \
                  --dtype {{ dtype | default('half') }}\nvllm serve {{ m }} --dtype={{d}} --quantization {{ q }}\n";
    has_no_fault("a script", &[("run-gfx1151.sh", script)]);
}

#[test]
fn placeholders_of_documentation_are_no_values() {
    let page = "# ROCm on gfx1151\n\n```bash\nvllm serve M --dtype <dtype>\nvllm serve M --dtype {auto,half}\n\
                vllm serve M --dtype [auto|half]\nvllm serve <MODEL> --dtype $DTYPE\nvllm serve M --dtype ...\n\
                vllm serve M --quantization YOUR_METHOD\n```\n";
    has_no_fault("a page", &[("README.md", page)]);
}

#[test]
fn line_ends_tabs_and_escapes_change_nothing() {
    let plain = "FROM vllm/vllm-openai-rocm:v0.14.1\nENV PYTORCH_ROCM_ARCH=gfx1151\n\
                 CMD [\"/m/q.gguf\", \"--tokenizer\", \"Q/q\", \\\n  \"--dtype\", \"bfloat16\"]\n";
    let tabs = plain.replace("FROM ", "FROM\t").replace("ENV ", "ENV\t").replace(", ", ",\t");
    let escape = format!("# escape=`\n{}", plain.replace('\\', "`"));
    for (form, line) in [(plain.to_owned(), 4), (plain.replace('\n', "\r\n"), 4), (tabs, 4), (escape, 5)] {
        assert_eq!(
            faults(&check(&[("Dockerfile", form.as_bytes())])),
            [format!("GFX301 Dockerfile:{line}")],
            "{form:?}"
        );
    }
    let service = "services:\r\n  v:\r\n    image: vllm/vllm-openai-rocm:v0.14.1\r\n    devices: [/dev/kfd, /dev/dri]\r\n    \
                   ipc: host\r\n    env_file: v.env\r\n    command: >\r\n      /m/q.gguf --tokenizer Q/q\r\n      --dtype bfloat16\r\n";
    let variables = "VLLM_ROCM_USE_AITER=0\r\nHSA_OVERRIDE_GFX_VERSION=11.5.1\r\n";
    let found = check(&[("gfx1151/compose.yaml", service.as_bytes()), ("gfx1151/v.env", variables.as_bytes())]);
    assert_eq!(faults(&found), ["GFX301 gfx1151/compose.yaml:9"]);
}

#[test]
fn a_comment_that_is_not_utf8_is_told() {
    let found = check(&[(
        "Dockerfile",
        b"# caf\xe9\nFROM vllm/vllm-openai-rocm:v0.14.1\nCMD [\"M\", \"--dtype\", \"bf16\"]\n",
    )]);
    assert_eq!(faults(&found), ["GFX903 Dockerfile:1"]);
}

#[test]
fn what_is_cut_off_is_silent() {
    has_no_fault(
        "quotes",
        &[
            (
                "Dockerfile",
                "FROM vllm/vllm-openai-rocm:v0.14.1\nENV A=\"gfx1151\nRUN echo \"abc\nCMD [\"/m/q.gguf\", \"--dtype\n",
            ),
            ("x.sh", "docker run \"abc\nvllm serve '/m/q.gguf --dtype bf16\n"),
        ],
    );
    has_no_fault(
        "here-documents",
        &[(
            "Dockerfile",
            "FROM rocm/pytorch:rocm7.2_ubuntu24.04_py3.12_pytorch_release_2.9.1\nRUN <<EOF\nset -e\npip install foo\n",
        )],
    );
    let unit = "[Service\nExecStart=vllm serve \"M --dtype\nEnvironment=\"A\n[Service]\nExecStart=\n\
                ExecStart=/usr/bin/vllm serve %i --dtype ${DTYPE}\n";
    has_no_fault("a unit", &[("a.service", unit)]);
    has_no_fault(
        "null bytes",
        &[("Dockerfile", "FROM vllm/vllm-openai-rocm:v0.14.1\nENV A=\0gfx1151\0\nCMD [\"M\0\"]\n")],
    );
}

#[test]
fn names_mislead() {
    has_no_fault(
        "names",
        &[
            ("Dockerfile.nix", "FROM nixos/nix:2.18.8\nRUN nix build .#vllm\n"),
            ("x/Dockerfile.nix", "{ pkgs ? import <nixpkgs> {} }:\npkgs.dockerTools.buildImage { name = \"vllm\"; }\n"),
            ("Dockerfile_to_generic.ml", "let x = \"FROM rocm/pytorch\"\n"),
            ("Dockerfile.md", "# About the Dockerfile\nFROM rocm we take ...\n"),
            ("dockerfile.py", "FROM = \"rocm/pytorch:latest\"\n"),
            ("docker-compose.yml.bak", "services: [\n"),
            ("Dockerfile.dockerignore", "vllm\n*.gguf\n"),
        ],
    );
}

#[test]
fn a_container_file_may_be_named_for_nix() {
    let text =
        "# builds with Nix\nFROM rocm/vllm:latest\nENV PYTORCH_ROCM_ARCH=gfx1151 HSA_OVERRIDE_GFX_VERSION=11.0.0\n";
    let found = check(&[("Dockerfile.nix", text.as_bytes())]);
    assert_eq!(faults(&found), ["GFX401 Dockerfile.nix:2", "GFX316 Dockerfile.nix:3"]);
    let nix = "{ pkgs }: (pkgs.python3Packages.vllm.override { rocmSupport = true; gpuTargets = [ \"gfx906\" ]; })\n";
    let (as_nix, named) = (check(&[("x.nix", nix.as_bytes())]), check(&[("Dockerfile.nix", nix.as_bytes())]));
    assert_eq!(
        faults(&named),
        faults(&as_nix).iter().map(|own| own.replace("x.nix", "Dockerfile.nix")).collect::<Vec<_>>()
    );
    assert!(!faults(&named).is_empty());
}

#[test]
fn aliases_and_arguments_that_turn_in_circles_end() {
    let mut bomb = "a: &a [x,x,x,x,x,x,x,x,x]\n".to_owned();
    for letter in b'b'..=b'u' {
        let (name, before) = (char::from(letter), char::from(letter - 1));
        bomb += &format!("{name}: &{name} [{}]\n", vec![format!("*{before}"); 9].join(","));
    }
    bomb += "services:\n  v:\n    image: vllm/vllm-openai-rocm:v0.14.1\n    command: *u\n    environment: *t\n    devices: *s\n";
    let circle = "x: &x\n  <<: *x\n  image: vllm/vllm-openai-rocm:v0.14.1\nservices:\n  v:\n    <<: *x\n    command: [*x, *x]\n  \
                  w:\n    extends: w\n  y:\n    extends: {service: z}\n  z:\n    extends: {service: y}\n";
    let arguments = "ARG A=$B\nARG B=${A}\nFROM rocm/pytorch:${A} AS x\nARG A=${B}\nARG B=${A:-${B}}\nENV A=$B B=$A L=${L:-$L}\n\
                     RUN echo $A && pip install torch==${A} --index-url ${B}\nFROM ${A}\nFROM x AS x\nFROM y AS z\nFROM z AS y\n\
                     COPY --from=y /a /b\nCOPY --from=z /a /b\n";
    let script = "A=$B\nB=$A\nA=${A:-$B}\nexport HSA_OVERRIDE_GFX_VERSION=$A\nvllm serve $X --dtype $A\n";
    for (path, text) in
        [("compose.yaml", bomb.as_str()), ("compose.yaml", circle), ("Dockerfile", arguments), ("a.sh", script)]
    {
        let found = faults(&check(&[(path, text.as_bytes())]));
        let is_wrong = |fault: &String| ["GFX30", "GFX316", "GFX405"].iter().any(|rule| fault.starts_with(rule));
        assert!(!found.iter().any(is_wrong), "{path}: {found:?}");
    }
}

#[test]
fn what_is_far_too_long_ends() {
    let base = "FROM rocm/pytorch:rocm7.2_ubuntu24.04_py3.12_pytorch_release_2.9.1";
    let packages: String = (0..70_000).map(|number| format!(" pkg{number}=={number}")).collect();
    let chain: Vec<String> = (0..3_000).map(|number| format!("pip install pkg{number}=={number}")).collect();
    let variables: String = (1..3_000).map(|number| format!("ENV V{number}=$V{}x\n", number - 1)).collect();
    let stages: String = (0..120)
        .map(|number| {
            format!("FROM s{number} AS s{}\nRUN pip install x{number}\nCOPY --from=s{number} /a /b\n", number + 1)
        })
        .collect();
    let options: String = (0..60_000).map(|number| format!(" --x{number} {number}")).collect();
    let handed_on: String = (0..5_000).map(|number| format!("ENV V{}=$V{number}\n", number + 1)).collect();
    let clones: Vec<String> =
        (0..2_000).map(|number| format!("git clone https://example.org/o/x{number}.git")).collect();
    let sorts = vec!["sort -V"; 5_000].join(" | ");
    let anchors: String = (1..4_000).map(|number| format!("x{number}: &a{number} {{b: *a{}}}\n", number - 1)).collect();
    let headings = "| a | AMD GPU |\n|---|---|\n".repeat(10_000);
    let inputs = [
        ("Dockerfile", format!("{base}\n{handed_on}")),
        ("Dockerfile", format!("{base}\nRUN {}\n", clones.join(" && "))),
        ("Dockerfile", format!("{base}\nRUN {sorts}\n")),
        ("docs/features/quantization/README.md", headings),
        ("compose.yaml", format!("{anchors}services:\n  v:\n    image: rocm/vllm\n    environment: *a3999\n")),
        ("Dockerfile", format!("{base}\nRUN pip install{packages}\n")),
        ("Dockerfile", format!("{base}\nRUN {}\n", chain.join(" && \\\n    "))),
        ("Dockerfile", format!("{base}\n{variables}")),
        ("Dockerfile", format!("{base} AS s0\n{stages}")),
        ("Dockerfile", format!("{base}\nENV X=aaaaaaaaaa\n{}CMD vllm serve $X\n", "ENV X=$X$X\n".repeat(60))),
        ("a.sh", format!("vllm serve M{options}\n")),
        ("a.sh", format!("X=\"--dtype bfloat16\"\n{}vllm serve M $X\n", "X=\"$X $X\"\n".repeat(60))),
        ("a.sh", format!("{}docker run rocm/vllm{}\n", "$(".repeat(500), ")".repeat(500))),
    ];
    for (path, text) in inputs {
        let found = faults(&check(&[(path, text.as_bytes())]));
        assert!(found.is_empty() || path == "a.sh", "{path}: {found:?}");
    }
}
