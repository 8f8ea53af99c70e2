//! Command lines and what is read of them.

use super::entrypoint;
use crate::facts::{Command, FileFacts, Home, Launch, LaunchForm, Text, TextPart, Word};
use crate::lang::programs;
use crate::span::Span;

/// The words of a text, split at blanks; `'...'` is one word, `$X` a variable from outside.
fn words(text: &str) -> Vec<Word> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let blanks = rest.len() - rest.trim_start().len();
        at += blanks;
        let rest = &text[at..];
        if rest.is_empty() {
            break;
        }
        let quoted = rest.strip_prefix('\'');
        let body = quoted.unwrap_or(rest);
        let end = if quoted.is_some() { body.find('\'') } else { body.find(' ') }.unwrap_or(body.len());
        let start = at + usize::from(quoted.is_some());
        let span = Span::new(start, start + end);
        found.push(match body[..end].strip_prefix('$') {
            Some(name) => {
                let part = TextPart::Outer { name: name.to_owned(), default: None };
                Word { text: Text { parts: vec![part] }, span }
            }
            None => Word::literal(&body[..end], span),
        });
        at = start + end + usize::from(quoted.is_some());
    }
    found
}

fn launches(text: &str) -> Vec<Launch> {
    let words = words(text);
    let command = Command {
        span: Span::new(0, text.len()),
        words,
        home: Home::default(),
        environment: Vec::new(),
        directory: None,
        outputs: Vec::new(),
        may_not_run: false,
    };
    let mut facts = FileFacts::default();
    programs::read(command, &mut facts);
    facts.launches
}

fn handed_in(text: &str) -> Option<Launch> {
    let mut facts = FileFacts::default();
    let span = Span::new(0, text.len());
    entrypoint(&words(text), Home::default(), span, &mut facts);
    facts.launches.pop()
}

/// A launch in one line: model, then options.
fn told(launch: &Launch) -> String {
    let model = launch.model.as_ref().map_or("-".to_owned(), |model| model.known().unwrap_or("?".to_owned()));
    let options = launch.options.iter().map(|option| match &option.value {
        Some(value) => format!(" {}={}", option.name, value.known().unwrap_or("?".to_owned())),
        None => format!(" {}", option.name),
    });
    format!("{model}{}{}", options.collect::<String>(), if launch.is_open { " ..." } else { "" })
}

fn one(text: &str) -> String {
    let found = launches(text);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    told(&found[0])
}

#[test]
fn options_are_read_as_vllm_reads_them() {
    assert_eq!(one("vllm serve M --dtype half"), "M dtype=half");
    assert_eq!(one("vllm serve --dtype=half M"), "M dtype=half");
    assert_eq!(one("/opt/venv/bin/vllm serve --model M -q awq"), "M quantization=awq");
    assert_eq!(
        one("vllm serve M --max_model_len 1024 --kv_cache_dtype=fp8"),
        "M max-model-len=1024 kv-cache-dtype=fp8"
    );
    assert_eq!(one("vllm serve --enforce-eager M -tp 8"), "M enforce-eager tensor-parallel-size=8");
    assert_eq!(one("vllm serve --port 8000 M --seed -1"), "M port=8000 seed=-1");
    assert_eq!(one("vllm serve M --no-enable-prefix-caching"), "M enable-prefix-caching=false");
    assert_eq!(one("vllm serve M -O3 -qawq"), "M optimization-level=3 quantization=awq");
    assert_eq!(one("vllm serve M --quant awq --dt half"), "M quantization=awq dtype=half");
    assert_eq!(one("vllm serve M --dtype"), "M dtype");
    assert_eq!(
        one("vllm serve M --served-model-name a b --allowed-origins '[\"*\"]'"),
        "M served-model-name=a allowed-origins=[\"*\"]"
    );
}

#[test]
fn a_later_option_wins() {
    let found = launches("vllm serve M --dtype half --dtype auto");
    assert_eq!(found[0].option("dtype").and_then(|option| option.value.as_ref()?.known()).as_deref(), Some("auto"));
}

#[test]
fn parts_of_json_are_options() {
    let text = r#"vllm serve M -ac '{"backend":"ROCM_AITER_FA","x":{"y":1}}' --compilation-config.mode 3 -cc.level=2"#;
    assert_eq!(
        one(text),
        r#"M attention-config={"backend":"ROCM_AITER_FA","x":{"y":1}} attention-config.backend=ROCM_AITER_FA compilation-config.mode=3 compilation-config.level=2"#
    );
    let found = launches(text);
    let backend = found[0].option("attention-config.backend").and_then(|option| option.value.clone()).unwrap();
    assert_eq!(backend.span.text(text), "ROCM_AITER_FA");
}

#[test]
fn variables_are_the_model_or_more_arguments() {
    assert_eq!(one("vllm serve $MODEL --dtype half"), "? dtype=half");
    assert_eq!(one("vllm serve $1 --dtype half"), "? dtype=half");
    assert_eq!(one("vllm serve M $EXTRA_ARGS"), "M ...");
    assert_eq!(one("vllm serve $@"), "- ...");
    assert_eq!(one("vllm serve M --dtype $DTYPE"), "M dtype=?");
    assert_eq!(one("vllm serve M --enforce-eager $@"), "M enforce-eager ...");
    assert_eq!(one("vllm serve --config f.yaml"), "- config=f.yaml ...");
}

#[test]
fn modules_tools_and_scripts_start_engines_too() {
    let form = |text: &str| launches(text).first().map(|launch| launch.form);
    assert_eq!(form("python3 -m vllm.entrypoints.openai.api_server --model M"), Some(LaunchForm::Module));
    assert_eq!(form("python -u -m vllm.entrypoints.api_server --model M"), Some(LaunchForm::Module));
    assert_eq!(form("python3.12 -m vllm.entrypoints.cli.main serve M"), Some(LaunchForm::Serve));
    assert_eq!(form("vllm bench throughput --model M"), Some(LaunchForm::Tool));
    assert_eq!(form("vllm run-batch -i a -o b --model M"), Some(LaunchForm::Tool));
    assert_eq!(form("python3 benchmarks/benchmark_latency.py --model M"), Some(LaunchForm::Tool));
    assert_eq!(
        one("python3 /app/benchmark_throughput.py --backend vllm --model M --dtype half"),
        "M backend=vllm dtype=half"
    );
}

#[test]
fn clients_other_programs_and_calls_for_help_are_no_launches() {
    for text in [
        "vllm bench serve --model M --dtype half",
        "vllm chat --model M",
        "vllm --version",
        "vllm serve --help",
        "vllm",
        "python benchmark_moe.py --dtype int4_w4a16",
        "python3 benchmark_throughput.py --backend hf --model M",
        "python3 -m sglang.launch_server --dtype half",
        "python -m vllm.entrypoints.openai.tool_parsers",
        "lm_eval --model hf --model_args pretrained=M",
    ] {
        assert_eq!(launches(text), [], "{text}");
    }
}

#[test]
fn arguments_of_lm_eval_are_options() {
    let text = "lm_eval --model vllm --model_args pretrained=M,dtype=float16,kv_cache_dtype=fp8 --tasks gsm8k";
    assert_eq!(one(text), "M dtype=float16 kv-cache-dtype=fp8");
    let found = launches(text);
    let dtype = found[0].option("dtype").unwrap();
    assert_eq!(dtype.span.text(text), "dtype");
    assert_eq!(dtype.value.as_ref().unwrap().span.text(text), "float16");
    assert_eq!(one("lm_eval --model vllm --model_args pretrained=M dtype=half --tasks a"), "M dtype=half");
}

#[test]
fn images_that_start_vllm_take_its_arguments() {
    let line = |text: &str| handed_in(text).map(|launch| told(&launch));
    let form = |text: &str| handed_in(text).map(|launch| launch.form);
    assert_eq!(line("--model M --dtype half").as_deref(), Some("M dtype=half"));
    assert_eq!(line("Qwen/Qwen3-8B").as_deref(), Some("Qwen/Qwen3-8B"));
    assert_eq!(line("/models/q.gguf --dtype half").as_deref(), Some("/models/q.gguf dtype=half"));
    assert_eq!(line("opt --dtype half").as_deref(), Some("opt dtype=half"));
    assert_eq!(line("$MODEL").as_deref(), Some("?"));
    assert_eq!(form("vllm serve M"), Some(LaunchForm::Serve));
    assert_eq!(form("serve M --dtype half"), Some(LaunchForm::Serve));
    assert_eq!(form("python3 -m vllm.entrypoints.openai.api_server --model M"), Some(LaunchForm::Module));
    for text in [
        "",
        "bash",
        "/bin/bash -c ls",
        "rocm-smi --showid",
        "sleep infinity",
        "vllm bench serve",
        "$@",
        "a b",
        "python3 x.py",
        "./run.sh --dtype half",
    ] {
        assert_eq!(handed_in(text), None, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_command_line_panics(text in "(vllm |serve |bench |latency |lm_eval |--model |vllm|--model_args |--dtype|-O|-q|-tp|--|=|\\$[A-Z@]{1,3}|[a-z{}\":,.'é ]| ){0,40}") {
        let _ = launches(&text);
        let _ = handed_in(&text);
        let _ = launches(&format!("vllm serve {text}"));
        let _ = launches(&format!("lm_eval --model vllm --model_args {text}"));
    }
}
