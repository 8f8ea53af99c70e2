use proptest::prelude::*;

use crate::facts::{Container, FileFacts, Install, Text, TextPart, Word};

fn script(text: &str) -> FileFacts {
    let mut facts = FileFacts::default();
    (crate::lang::shell::FRONT_END.extract)(text, &mut facts);
    facts
}

fn dockerfile(text: &str) -> FileFacts {
    let mut facts = FileFacts::default();
    (crate::lang::dockerfile::FRONT_END.extract)(text, &mut facts);
    facts
}

fn shown(text: &Text) -> String {
    let part = |part: &TextPart| match part {
        TextPart::Literal(text, _) => text.clone(),
        TextPart::Outer { name, .. } => format!("<{name}>"),
        TextPart::Unknown => "?".to_owned(),
    };
    text.parts.iter().map(part).collect()
}

fn words(words: &[Word]) -> String {
    words.iter().map(|word| shown(&word.text)).collect::<Vec<_>>().join(" ")
}

fn packages(install: &Install) -> Vec<String> {
    install.packages.iter().map(|package| format!("{}{}", package.name, package.version)).collect()
}

fn only(facts: &FileFacts) -> &Container {
    let [container] = facts.containers.as_slice() else { panic!("{:?}", facts.containers) };
    container
}

#[test]
fn packages_with_their_indexes() {
    let facts = script(
        "export PIP_EXTRA_INDEX_URL=https://a/whl\nUV_INDEX_URL=https://b/whl sudo pip3 install -U --no-deps 'torch>=2.6' vllm==0.14.1 -r requirements/rocm.txt -c c.txt --index-url=https://i/rocm7.1 # rocm\n",
    );
    let [install] = facts.installs.as_slice() else { panic!("{:?}", facts.installs) };
    assert_eq!(packages(install), ["torch>=2.6", "vllm==0.14.1"]);
    assert_eq!(install.switches, ["no-deps", "upgrade"]);
    assert_eq!(words(&install.requirement_files), "requirements/rocm.txt");
    assert_eq!(words(&install.constraint_files), "c.txt");
    assert_eq!(install.index.as_ref().map(|index| shown(&index.text)).as_deref(), Some("https://i/rocm7.1"));
    assert_eq!(words(&install.extra_indexes), "https://a/whl");
}

#[test]
fn tools_that_install() {
    let tools = |text: &str| {
        script(&format!("# rocm\n{text}\n"))
            .installs
            .iter()
            .map(|install| (install.tool, packages(install).join(",")))
            .collect::<Vec<_>>()
    };
    use crate::facts::InstallTool::{Apt, Conda, Dnf, Pip, Uninstall, Uv, Wheel};
    assert_eq!(tools("python3.12 -m pip install --no-cache-dir amdsmi"), [(Pip, "amdsmi".to_owned())]);
    assert_eq!(tools("uv pip install --python 3.12 torch"), [(Uv, "torch".to_owned())]);
    assert_eq!(tools("pip uninstall -y torch"), [(Uninstall, "torch".to_owned())]);
    assert_eq!(tools("pip wheel --no-deps -w /dist /src/vllm"), [(Wheel, String::new())]);
    assert_eq!(
        tools("apt-get update && apt-get install -y --no-install-recommends amd-smi-lib git"),
        [(Apt, "amd-smi-lib,git".to_owned())]
    );
    assert_eq!(tools("dnf -y install rocm-hip-devel"), [(Dnf, "rocm-hip-devel".to_owned())]);
    assert_eq!(tools("conda install -c conda-forge python=3.12"), [(Conda, "python=3.12".to_owned())]);
    assert_eq!(tools("pip install $(cat list)"), [(Pip, String::new())]);
}

#[test]
fn sources_are_fetched_at_a_reference() {
    let facts = script(
        "# rocm\ngit clone --depth 1 -b v0.14.1 https://github.com/vllm-project/vllm.git /src/vllm\ncd aiter && git checkout 6af8b687\ngit -C x checkout -- file\ngit clone git@github.com:ROCm/aiter.git\ngit checkout $(cat sha)\n",
    );
    let seen: Vec<_> = facts
        .checkouts
        .iter()
        .map(|checkout| {
            (
                checkout.repository.as_deref(),
                checkout.reference.as_ref().map(|reference| shown(&reference.text)),
                checkout.directory.as_ref().map(shown),
            )
        })
        .collect();
    let text = |text: &str| Some(text.to_owned());
    assert_eq!(
        seen,
        [
            (Some("vllm-project/vllm"), text("v0.14.1"), text("/src/vllm")),
            (None, text("6af8b687"), text("aiter")),
            (Some("ROCm/aiter"), None, text("aiter")),
            (None, text("?"), text("aiter")),
        ]
    );
}

#[test]
fn containers_get_devices_groups_and_variables() {
    let facts = script(
        "ARGS=(--device /dev/kfd --device=/dev/dri)\nARGS+=(--group-add video)\nHIP_VISIBLE_DEVICES=0 docker run -it --rm \"${ARGS[@]}\" --ipc host -p8000:8000 -e HSA_OVERRIDE_GFX_VERSION=11.0.0 -v /m:/m rocm/vllm:latest vllm serve /m --dtype half\n",
    );
    let container = only(&facts);
    assert_eq!(words(&container.devices), "/dev/kfd /dev/dri");
    assert_eq!(words(&container.groups), "video");
    assert_eq!(container.image.as_ref().map(|image| shown(&image.text)).as_deref(), Some("rocm/vllm:latest"));
    assert_eq!(words(&container.arguments), "vllm serve /m --dtype half");
    assert_eq!(container.client_environment[0].name, "HIP_VISIBLE_DEVICES");
    assert!(!container.is_open);
    let inner = facts.commands.last().map(|command| (command.program(), command.home.container));
    assert_eq!(inner, Some(("vllm".to_owned(), Some(0))));
    let given = facts.settings.iter().find(|setting| setting.name == "HSA_OVERRIDE_GFX_VERSION");
    assert_eq!(given.and_then(|setting| setting.container), Some(0));
}

#[test]
fn what_may_hold_options_leaves_a_container_open() {
    for line in
        ["docker run $OPTS rocm/vllm", "docker run \"$@\" rocm/vllm", "podman run ${GPU_FLAGS} --rm rocm/vllm sh"]
    {
        assert!(only(&script(line)).is_open, "{line}");
    }
    for line in ["docker run --rm $IMAGE", "docker run ${VLLM_IMAGE:-rocm/vllm:x}", "docker run --gpus all a/rocm"] {
        assert!(!only(&script(line)).is_open, "{line}");
    }
}

#[test]
fn scripts_in_a_container_are_its_own() {
    let facts = script("export VLLM_USE_V1=1\ndocker run rocm/vllm bash -lc 'export HSA_X=1; exec vllm serve m'\n");
    let inner = facts.commands.last().unwrap();
    assert_eq!((inner.program().as_str(), inner.home.container), ("vllm", Some(0)));
    assert_eq!(inner.environment.iter().map(|variable| variable.name.as_str()).collect::<Vec<_>>(), ["HSA_X"]);
}

#[test]
fn images_are_built_with_arguments() {
    let facts = script(
        "docker buildx build -f docker/Dockerfile.rocm --build-arg ARCH=gfx1151 --build-arg JOBS -t me/vllm:gfx1151 --target final .",
    );
    let [build] = facts.image_builds.as_slice() else { panic!("{:?}", facts.image_builds) };
    let names: Vec<_> = build.arguments.iter().map(|argument| shown(&argument.name.text)).collect();
    assert_eq!(names, ["ARCH", "JOBS"]);
    assert_eq!(build.file.as_ref().map(|file| shown(&file.text)).as_deref(), Some("docker/Dockerfile.rocm"));
    assert_eq!(words(&build.tags), "me/vllm:gfx1151");
}

#[test]
fn variables_hold_for_later_commands_where_exported() {
    let facts = script("VLLM_A=1\nexport VLLM_B=2\nVLLM_C=3 vllm serve m\nif x; then vllm serve n; fi\n");
    let names = |at: usize| {
        facts.commands[at]
            .environment
            .iter()
            .map(|variable| (variable.name.as_str(), variable.is_prefix))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(0), [("VLLM_B", false), ("VLLM_C", true)]);
    assert_eq!(names(1), [("VLLM_B", false)]);
    assert!(!facts.commands[0].may_not_run && facts.commands[1].may_not_run);
}

#[test]
fn images_start_with_their_entry_point() {
    let facts = dockerfile(
        "FROM vllm/vllm-openai-rocm:v0.14.1 AS a\nUSER 1000\nLABEL arch=\"gfx1151\"\nENTRYPOINT [\"vllm\", \"serve\"]\nFROM a\nCOPY --from=a /x /y /z/\nCMD [\"m.gguf\", \"--dtype\", \"half\"]\n",
    );
    assert_eq!(facts.stages[0].user.as_ref().map(|user| shown(&user.text)).as_deref(), Some("1000"));
    assert_eq!(words(&facts.commands.last().unwrap().words), "vllm serve m.gguf --dtype half");
    assert_eq!(facts.commands.last().unwrap().home.stage, Some(1));
    let [copy] = facts.copies.as_slice() else { panic!("{:?}", facts.copies) };
    assert_eq!(
        (words(&copy.sources).as_str(), copy.from.as_ref().map(|from| shown(&from.text)).as_deref()),
        ("/x /y", Some("a"))
    );
}

#[test]
fn shell_forms_and_scripts_of_an_image_are_read() {
    let facts = dockerfile(
        "FROM rocm/vllm\nENV A=1\nCOPY <<EOF /start.sh\nexport HSA_X=2\nvllm serve a\nEOF\nONBUILD RUN git clone https://github.com/vllm-project/vllm\nRUN [\"pip\", \"install\", \"torch\"]\nENTRYPOINT [\"bash\", \"-lc\"]\nCMD [\"exec vllm serve b\"]\n",
    );
    let lines: Vec<_> = facts.commands.iter().map(|command| words(&command.words)).collect();
    assert_eq!(
        lines,
        ["vllm serve a", "git clone https://github.com/vllm-project/vllm", "pip install torch", "vllm serve b"]
    );
    assert_eq!(facts.installs.len(), 1);
}

proptest! {
    #[test]
    fn any_command_is_read(parts in proptest::collection::vec(prop::sample::select(vec![
        "docker ", "run ", "build ", "pip ", "install ", "uv ", "git ", "clone ", "checkout ", "toolbox create ", "-", "--", "e", "X=1 ", "=", "$A ", "\"$@\" ", "'", "\"",
        "é", " ", "\n", "\\\n", "${A[@]} ", "A=(a b)\n", "A+=(c)\n", "-eé", "https://x/y.git ", "vllm ", "serve ", "@", "[", "]", ".whl ", "python -m ", "bash -c 'x' ",
    ]), 0..30)) {
        let text = parts.concat();
        let facts = script(&text);
        for command in &facts.commands {
            prop_assert!(text.get(command.span.range()).is_some());
            prop_assert!(command.words.iter().all(|word| text.get(word.span.range()).is_some()));
        }
        for container in &facts.containers {
            prop_assert!(container.devices.iter().all(|word| text.get(word.span.range()).is_some()));
        }
    }

    #[test]
    fn any_image_is_read(parts in proptest::collection::vec(prop::sample::select(vec![
        "FROM x", " AS a", "\n", "COPY ", "--from=a ", "LABEL ", "a=b ", "CMD ", "ENTRYPOINT ", "[", "]", "\"", ",", "\\", "é", "USER ", "ONBUILD ", "RUN ", "<<EOF", "EOF\n", "vllm serve ", "sh -c ",
    ]), 0..30)) {
        let text = parts.concat();
        let facts = dockerfile(&text);
        for copy in &facts.copies {
            prop_assert!(text.get(copy.span.range()).is_some());
        }
        for command in &facts.commands {
            prop_assert!(command.words.iter().all(|word| text.get(word.span.range()).is_some()));
        }
    }
}

#[test]
fn commands_run_in_a_folder() {
    let facts = dockerfile(
        "FROM x AS a\nWORKDIR /app\nRUN git clone https://github.com/a/vllm && cd vllm && pip install . && cd .. && pip list\nFROM a\nWORKDIR src\nRUN pip install -e .\n",
    );
    let folders: Vec<_> =
        facts.commands.iter().map(|command| command.directory.as_ref().map_or("-".to_owned(), shown)).collect();
    assert_eq!(folders, ["/app", "/app/vllm", "/app", "/app/src"]);
}
