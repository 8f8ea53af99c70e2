//! Programs that start vLLM, and what is read of them.

use super::extract;
use crate::facts::{FileFacts, Launch, LaunchForm};

fn facts(text: &str) -> FileFacts {
    let mut facts = FileFacts::default();
    extract(text, &crate::lang::Words::new(super::WORDS).positions(text.as_bytes()), &mut facts);
    facts
}

fn told(launch: &Launch) -> String {
    let model = launch.model.as_ref().map_or("-".to_owned(), |model| model.by_default().unwrap_or("?".to_owned()));
    let options = launch.options.iter().map(|option| match &option.value {
        Some(value) => format!(" {}={}", option.name, value.by_default().unwrap_or("?".to_owned())),
        None => format!(" {}", option.name),
    });
    format!("{model}{}{}", options.collect::<String>(), if launch.is_open { " ..." } else { "" })
}

fn all(text: &str) -> Vec<String> {
    facts(text).launches.iter().map(told).collect()
}

fn settings(text: &str) -> Vec<String> {
    facts(text)
        .settings
        .iter()
        .map(|one| format!("{}={}", one.name, one.value.known().unwrap_or("?".to_owned())))
        .collect()
}

#[test]
fn calls_of_the_engine_are_launches() {
    let text = "from vllm import LLM, SamplingParams\nllm = LLM(model='M', dtype=\"bfloat16\", enforce_eager=True,\n    quantization=None, seed=1)\n";
    assert_eq!(all(text), ["M dtype=bfloat16 enforce-eager seed=1"]);
    let found = facts(text);
    assert_eq!(found.launches[0].form, LaunchForm::PythonCall);
    assert_eq!(found.launches[0].program.text(text), "LLM");
    let dtype = found.launches[0].option("dtype").unwrap();
    assert_eq!((dtype.span.text(text), dtype.value.as_ref().unwrap().span.text(text)), ("dtype", "bfloat16"));
    assert_eq!(all("import vllm\nx = vllm.LLM('M', torch_dtype=1)\n"), ["M torch-dtype=1"]);
    assert_eq!(
        all(
            "from vllm.engine.arg_utils import EngineArgs\ndef f():\n    with g(EngineArgs(model='M')) as e:\n        pass\n"
        ),
        ["M"]
    );
    assert_eq!(
        all(
            "from vllm import AsyncEngineArgs, AsyncLLMEngine\ne = AsyncLLMEngine.from_engine_args(AsyncEngineArgs('M'))\n"
        ),
        ["M"]
    );
}

#[test]
fn constants_and_dictionaries_are_followed() {
    let text = "from vllm import LLM\nimport torch\nMODEL = 'a/b'\nKW = dict(dtype=torch.bfloat16)\nMORE = {'quantization': 'awq', 'compilation_config': {'mode': 3}}\nLLM(MODEL, **KW, **MORE)\n";
    assert_eq!(all(text), ["a/b dtype=bfloat16 quantization=awq compilation-config=? compilation-config.mode=3"]);
    assert_eq!(
        all("from vllm import LLM\nKW = {'dtype': 'half'}\nKW['seed'] = 1\nLLM('M', **KW)\n"),
        ["M dtype=half ..."]
    );
    assert_eq!(all("from vllm import LLM\nM = 'a'\nM = 'b'\nLLM(M, dtype=args.dtype, **args)\n"), ["? dtype=? ..."]);
    assert_eq!(all("from vllm import LLM\nM = 'a'\ndef f(M):\n    LLM(M)\n"), ["?"]);
    assert_eq!(all("from vllm import LLM\nM = os.environ.get('MODEL', 'a')\nLLM(f'{M}/b' + \"-c\")\n"), ["a/b-c"]);
}

#[test]
fn other_classes_comments_and_documentation_are_none() {
    for text in [
        "from tensorrt_llm import LLM\nLLM('M')  # not vllm\n",
        "from vllm import LLM\n# LLM('M')\n",
        "from vllm import LLM\n\"\"\"Use it:\n\nLLM('M')\n\"\"\"\n",
        "from vllm import LLM\nclass MyLLM(LLM): pass\nx: LLM = f()\n",
        "cmd = ['vllm', 'bench', 'serve']\n",
        "cmd = ['python', 'benchmark_moe.py', '--dtype', 'int4_w4a16', \"serve\"]  # vllm\n",
        "print('vllm serve M --dtype half')\n",
    ] {
        assert_eq!(all(text), Vec::<String>::new(), "{text}");
    }
}

#[test]
fn lists_of_words_are_command_lines() {
    let text = "cmd = ['vllm', 'serve', MODEL, '--dtype', 'half',\n    f'--port={p}']\n";
    assert_eq!(all(text), ["? dtype=half port=?"]);
    let more = "def f():\n    cmd = [sys.executable, '-m', 'vllm.entrypoints.openai.api_server', '--model', 'M']\n    cmd += ['--dtype', 'half']\n    cmd.extend(['-tp', str(2)])\n    cmd.append('--enforce-eager')\n    if x:\n        cmd += ['--seed', '1']\n    run(cmd)\ncmd += ['--dtype', 'auto']\n";
    assert_eq!(all(more), ["M dtype=half tensor-parallel-size=2 enforce-eager ..."]);
    assert_eq!(all("subprocess.run(['vllm', 'serve', 'M', *extra])\n"), ["M ..."]);
}

#[test]
fn variables_are_settings_where_vllm_is_started() {
    let text = "import os\nfrom vllm import LLM\nos.environ['VLLM_ROCM_USE_AITER'] = '1'\nos.environ.setdefault('HSA_OVERRIDE_GFX_VERSION', '11.0.0')\nos.environ.update({'A': 'b'})\nif x: pass\nenv = {}\nos.putenv('C', y)\nLLM('M')\n";
    assert_eq!(settings(text), ["VLLM_ROCM_USE_AITER=1", "HSA_OVERRIDE_GFX_VERSION=11.0.0", "A=b", "C=?"]);
    assert_eq!(settings("import os  # vllm LLM(\nos.environ['A'] = '1'\n"), Vec::<String>::new());
}

proptest::proptest! {
    #[test]
    fn no_module_panics(text in "(from vllm import LLM\n|import vllm\n|LLM\\(|\\*\\*|KW|KW = \\{|cmd = \\[|cmd \\+= \\[|'vllm', 'serve', |os.environ\\['|[a-z(){}\\[\\]'\"#\\\\:=,.\n é]|f'){0,60}") {
        let _ = facts(&text);
    }
}
