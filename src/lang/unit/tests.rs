use super::*;

const QUADLET: &str = "# for gfx942\n[Unit]\nDescription=vLLM\n[Container]\nImage=docker.io/rocm/vllm:latest\nAddDevice=/dev/kfd\nAddDevice=/dev/dri\n\
    GroupAdd=keep-groups\nPodmanArgs=--ipc=host --security-opt seccomp=unconfined -e X=1\nEnvironment=\"A=b c\" HSA_OVERRIDE_GFX_VERSION=11.5.1\n\
    EnvironmentFile=%h/vllm.env\nExec=vllm serve m \\\n  # why\n  --dtype half \\\n  --port %i\nShmSize=8g\n[Service]\nRestart=always\n";

const SERVICE: &str = "[Service]\r\nEnvironment=HIP_VISIBLE_DEVICES=0\r\nExecStartPre=-/usr/bin/docker rm -f x\r\nExecStart=/bin/old\r\nExecStart=\r\n\
    ExecStart=/bin/bash -lc 'export VLLM_USE_V1=1 PYTORCH_ROCM_ARCH=gfx1100; exec vllm serve m'\r\n";

fn read(text: &str) -> FileFacts {
    let mut facts = FileFacts::default();
    extract(text, &mut facts);
    remarks::assert_spans(text, &facts);
    facts
}

fn known(words: &[Word]) -> Vec<Option<String>> {
    words.iter().map(Word::known).collect()
}

fn some(words: &[&str]) -> Vec<Option<String>> {
    words.iter().map(|word| Some((*word).to_owned())).collect()
}

#[test]
fn quadlets_are_containers() {
    let facts = read(QUADLET);
    let [container] = facts.containers.as_slice() else { panic!("{:?}", facts.containers) };
    assert_eq!((container.kind, container.anchor.text(QUADLET)), (ContainerKind::Quadlet, "[Container]"));
    assert_eq!(known(&container.devices), some(&["/dev/kfd", "/dev/dri"]));
    assert_eq!(known(&container.groups), some(&["keep-groups"]));
    assert_eq!(container.ipc.as_ref().and_then(Word::known).as_deref(), Some("host"));
    assert_eq!(known(&container.security), some(&["seccomp=unconfined"]));
    assert_eq!(known(&container.arguments[..5]), some(&["vllm", "serve", "m", "--dtype", "half"]));
    assert_eq!(container.arguments[6].known(), None);
    let settings: Vec<_> =
        facts.settings.iter().map(|own| (own.name.as_str(), own.value_span.text(QUADLET), own.container)).collect();
    assert_eq!(settings, [("X", "1", Some(0)), ("A", "b c", Some(0)), ("HSA_OVERRIDE_GFX_VERSION", "11.5.1", Some(0))]);
    let [command] = facts.commands.as_slice() else { panic!("{:?}", facts.commands) };
    assert_eq!((command.program().as_str(), command.home.container), ("vllm", Some(0)));
}

#[test]
fn services_are_units() {
    let facts = read(SERVICE);
    assert_eq!(facts.containers[0].kind, ContainerKind::Unit);
    let names: Vec<_> = facts.settings.iter().map(|own| (own.name.as_str(), own.container)).collect();
    assert_eq!(names, [("HIP_VISIBLE_DEVICES", Some(0)), ("VLLM_USE_V1", Some(0)), ("PYTORCH_ROCM_ARCH", Some(0))]);
    assert_eq!(facts.commands[0].program(), "docker");
}

proptest::proptest! {
    #[test]
    fn no_damage_is_fatal(at in 0usize..700, junk in "[\\[\\]\\\\=\"'%$# \n\ta-zé]{0,20}") {
        for whole in [QUADLET, SERVICE] {
            let mut mutated = whole.to_owned();
            mutated.insert_str(at.min(whole.len()), &junk);
            read(&mutated);
        }
    }
}
