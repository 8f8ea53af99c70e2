use super::*;
use crate::facts::{Container, ContainerKind, Text, TextPart, Word};

fn shown(text: &Text) -> String {
    text.parts
        .iter()
        .map(|part| match part {
            TextPart::Literal(text, _) => text.clone(),
            TextPart::Outer { name, default: None } => format!("<{name}>"),
            TextPart::Outer { name, default: Some(default) } => format!("<{name}|{}>", shown(default)),
            TextPart::Unknown => "?".to_owned(),
        })
        .collect()
}

fn words(words: &[Word]) -> Vec<String> {
    words.iter().map(|word| shown(&word.text)).collect()
}

fn variables(facts: &FileFacts, container: usize) -> Vec<String> {
    facts
        .settings
        .iter()
        .filter(|setting| setting.container == Some(container))
        .map(|setting| format!("{}={}", setting.name, shown(&setting.value)))
        .collect()
}

fn named<'f>(facts: &'f FileFacts, name: &str) -> (usize, &'f Container) {
    let found = facts.containers.iter().enumerate().find(|(_, own)| own.name.as_deref() == Some(name));
    found.unwrap_or_else(|| panic!("{name}: {:?}", facts.containers))
}

const COMPOSE: &str = r#"
x-gpu: &gpu
  devices: [/dev/kfd:/dev/kfd, "/dev/dri"]
  group_add: [video, "${RENDER_GID:-110}"]
  environment: &env
    PYTORCH_ROCM_ARCH: ${ROCM_ARCH:-gfx1100}
    EMPTY:
services:
  vllm:
    <<: *gpu
    image: "rocm/vllm:${TAG:-rocm7.0}"
    ipc: host
    privileged: true
    command: >
      vllm serve m
      --dtype half
  built:
    build:
      context: .
      dockerfile: docker/Dockerfile.rocm
      target: final
      args:
        - ARG_PYTORCH_ROCM_ARCH=gfx906
        - FROM_HOST
    environment:
      - HIP_VISIBLE_DEVICES=0
      - "VLLM_X=a b"
      - PASSED
    entrypoint: ["python3", "-m", "vllm.entrypoints.openai.api_server"]
    command: ["--model", "m", "--dtype", "${DTYPE:-float16}"]
    deploy:
      resources:
        reservations:
          devices:
            - driver: nvidia
              count: 1
              capabilities: [gpu]
  child:
    extends:
      service: built
    environment: {VLLM_X: c}
    shm_size: 8g
    entrypoint: []
    command:
      - bash
      - -lc
      - |
        export HSA_OVERRIDE_GFX_VERSION=11.0.0
        exec vllm serve x
"#;

#[test]
fn services_are_containers() {
    let facts = read(COMPOSE);
    let (at, vllm) = named(&facts, "vllm");
    assert_eq!(vllm.kind, ContainerKind::Compose);
    assert_eq!(vllm.anchor.text(COMPOSE), "vllm");
    assert_eq!(vllm.image.as_ref().map(|image| shown(&image.text)).as_deref(), Some("rocm/vllm:<TAG|rocm7.0>"));
    assert_eq!(words(&vllm.devices), ["/dev/kfd:/dev/kfd", "/dev/dri"]);
    assert_eq!(words(&vllm.groups), ["video", "<RENDER_GID|110>"]);
    assert_eq!(vllm.privileged.map(|span| span.text(COMPOSE)), Some("privileged: true"));
    assert_eq!(words(&vllm.arguments), ["vllm", "serve", "m", "--dtype", "half"]);
    assert!(!vllm.is_open);
    assert_eq!(variables(&facts, at), ["PYTORCH_ROCM_ARCH=<ROCM_ARCH|gfx1100>", "EMPTY=<EMPTY>"]);
    assert!(
        facts.settings.iter().any(|setting| setting.kind == SettingKind::ShellDefault && setting.name == "ROCM_ARCH")
    );
}

#[test]
fn services_are_built_and_extended() {
    let facts = read(COMPOSE);
    let (at, built) = named(&facts, "built");
    let build = &facts.image_builds[built.build.unwrap()];
    assert_eq!(build.file.as_ref().and_then(Word::known).as_deref(), Some("docker/Dockerfile.rocm"));
    let arguments: Vec<_> =
        build.arguments.iter().map(|own| (own.name.known(), own.value.as_ref().map(shown))).collect();
    assert_eq!(
        arguments,
        [(Some("ARG_PYTORCH_ROCM_ARCH".to_owned()), Some("gfx906".to_owned())), (Some("FROM_HOST".to_owned()), None)]
    );
    assert_eq!(words(&built.nvidia), ["nvidia"]);
    assert_eq!(variables(&facts, at), ["HIP_VISIBLE_DEVICES=0", "VLLM_X=a b", "PASSED=<PASSED>"]);
    let command = facts.commands.iter().find(|command| command.home.container == Some(at)).unwrap();
    assert_eq!(words(&command.words[..3]), ["python3", "-m", "vllm.entrypoints.openai.api_server"]);
    assert_eq!(words(&command.words[3..]), ["--model", "m", "--dtype", "<DTYPE|float16>"]);

    let (at, child) = named(&facts, "child");
    assert!(child.build.is_some() && !child.is_open);
    assert_eq!(variables(&facts, at)[..2], ["VLLM_X=c", "HIP_VISIBLE_DEVICES=0"]);
    let inner = facts.settings.iter().find(|setting| setting.name == "HSA_OVERRIDE_GFX_VERSION").unwrap();
    assert_eq!((inner.container, inner.value_span.text(COMPOSE)), (Some(at), "11.0.0"));
}

#[test]
fn what_is_not_in_the_file_leaves_a_service_open() {
    let open = |service: &str| {
        let facts = read(&format!("services:\n  a:\n    image: rocm/vllm\n{service}"));
        facts.containers[0].is_open
    };
    assert!(open("    extends: {file: other.yml, service: b}\n"));
    assert!(open("    extends: c\n"));
    assert!(open("    environment:\n      X: \"{{ x }}\"\n"));
    assert!(!open("    environment:\n      X: ${{ x }}\n"));
}

#[test]
fn aliases_have_an_end() {
    let bomb: String =
        (0..40).map(|at| format!("x{at}: &x{at}\n  <<: [*x{0}, *x{0}, *x{0}]\n  k{at}: v\n", at + 1)).collect();
    let bomb = format!(
        "{bomb}x40: &x40 {{image: rocm/vllm}}\nloop: &loop\n  <<: *loop\nservices:\n  a:\n    <<: *x0\n    image: rocm/vllm\n  b: *loop\n  c: &c\n    extends: c\n    image: vllm\n"
    );
    let facts = read(&bomb);
    assert!(named(&facts, "a").1.is_open || facts.containers.len() <= 3);
    assert!(named(&facts, "c").1.is_open);
}

const POD: &str = r#"
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      hostIPC: true
      securityContext: {supplementalGroups: [44, 110]}
      volumes:
        - {name: shm, emptyDir: {medium: Memory}}
        - name: kfd
          hostPath: {path: /dev/kfd}
      containers:
        - name: vllm
          image: rocm/vllm:latest
          command: ["/bin/sh", "-c", "vllm serve m --dtype $(DTYPE)"]
          env:
            - name: HSA_OVERRIDE_GFX_VERSION
              value: "11.0.0"
            - {name: TOKEN, valueFrom: {secretKeyRef: {name: a, key: b}}}
          resources: {limits: {amd.com/gpu: 1, memory: 1Gi}}
          volumeMounts:
            - {name: shm, mountPath: /dev/shm}
            - {name: kfd, mountPath: /dev/kfd}
---
kind: Pod
apiVersion: v1
spec:
  containers:
    - image: rocm/vllm
      name: second
      args: [serve, m]
      securityContext: {privileged: true}
"#;

#[test]
fn pods_hold_containers() {
    let facts = read(POD);
    let (at, vllm) = named(&facts, "vllm");
    assert_eq!(words(&vllm.mounts), ["memory:/dev/shm", "/dev/kfd:/dev/kfd"]);
    assert_eq!(words(&vllm.resources), ["amd.com/gpu"]);
    assert_eq!(words(&vllm.groups), ["44", "110"]);
    assert_eq!(vllm.ipc.as_ref().and_then(Word::known).as_deref(), Some("host"));
    assert_eq!(variables(&facts, at), ["HSA_OVERRIDE_GFX_VERSION=11.0.0", "TOKEN=?"]);
    let (_, second) = named(&facts, "second");
    assert!(second.privileged.is_some());
    assert_eq!(words(&second.arguments), ["serve", "m"]);
}

#[test]
fn other_files_with_services_are_none() {
    assert!(read("services:\n  - rocm\n").containers.is_empty());
    assert!(read("services:\n  db: {host: rocm}\n").containers.is_empty());
}

proptest::proptest! {
    #[test]
    fn no_damage_is_fatal(at in 0usize..2200, junk in "[{}\\[\\]:\"'|>&*!%@`$ #\n\t-]{0,20}", cut in 0usize..200) {
        for whole in [COMPOSE, POD] {
            let mut mutated = whole.replace('\n', if cut % 2 == 0 { "\n" } else { "\r\n" });
            let at = at.min(mutated.len());
            mutated.insert_str(at, &junk);
            mutated.truncate(mutated.len() - cut);
            crate::lang::remarks::assert_spans(&mutated, &read(&mutated));
        }
    }
}
