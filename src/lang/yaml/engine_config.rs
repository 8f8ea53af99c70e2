//! Files for `vllm serve --config`: mappings of engine options.

use tree_sitter::{Node, Tree};

use super::document::{Document, trimmed};
use crate::facts::{FileFacts, Home, Launch, LaunchForm, LaunchOption, Word};
use crate::lang::interpolate::Syntax;
use crate::lang::programs::vllm::names::{dashed, is_engine_option};
use crate::span::Span;

/// Keys that files of other tools have beside a model.
const FOREIGN: &[&str] = &[
    "apiVersion",
    "services",
    "jobs",
    "steps",
    "image",
    "stages",
    "on",
    "model_name",
    "model_name_or_path",
    "output_dir",
    "tasks",
    "model_list",
    "train",
    "trainer",
    "dataset",
    "backend",
];

/// Words of which such a file has one.
const TELLING: &[&str] = &["model", "dtype", "quantization", "load-format", "load_format", "attention"];

/// What the server takes beside the engine.
const SERVER: &[&str] = &[
    "host",
    "port",
    "uvicorn-log-level",
    "api-key",
    "served-model-name",
    "chat-template",
    "tool-call-parser",
    "enable-auto-tool-choice",
    "reasoning-parser",
    "disable-log-requests",
    "root-path",
];

/// Notes a launch for a file whose top-level keys are engine options: a model and one more, and nothing
/// of other tools; or options of vLLM alone, for a model that the command line names.
pub(super) fn read(text: &str, tree: &Tree, home: Home, facts: &mut FileFacts) {
    if text.len() > 1 << 16
        || !TELLING.iter().any(|word| memchr::memmem::find(text.as_bytes(), word.as_bytes()).is_some())
    {
        return;
    }
    let document = Document::new(text, tree, Syntax::Kubernetes, tree.root_node().has_error());
    if document.is_template {
        return;
    }
    if let [root] = document.roots(tree).as_slice() {
        facts.launches.extend(launch(&document, *root, home));
    }
}

fn launch<'t>(document: &Document<'t>, root: Node<'t>, home: Home) -> Option<Launch> {
    let (mut model, mut program, mut options) = (None, None, Vec::new());
    let mut span: Option<Span> = None;
    for pair in document.pairs(root) {
        let key = pair.key.text(document.text);
        if FOREIGN.contains(&key) {
            return None;
        }
        span = Some(span.map_or(pair.span, |whole| whole.hull(pair.span)));
        let value = pair.value;
        match dashed(key).as_str() {
            "model" | "model-tag" => {
                // A section of that name is another tool's.
                model = Some(document.word(value?)?);
                program = Some(pair.key.span);
            }
            name => options.extend(option(document, name, pair.key.span, value)),
        }
    }
    let has_option = options.iter().any(|option| is_engine_option(&option.name));
    if program.is_none() {
        let is_own = |name: &str| is_engine_option(name) || SERVER.contains(&name);
        program = options.first().filter(|_| options.iter().all(|option| is_own(&option.name))).map(|first| first.span);
    }
    Some(Launch {
        form: LaunchForm::ConfigFile,
        span: span.filter(|_| has_option)?,
        program: program?,
        model,
        options,
        is_open: false,
        home,
        command: None,
        environment: Vec::new(),
    })
}

/// A key as an option; `true` is a switch, and the entries of a mapping are options of their own.
fn option<'t>(document: &Document<'t>, name: &str, span: Span, value: Option<Node<'t>>) -> Vec<LaunchOption> {
    let own = |value| LaunchOption { name: name.to_owned(), span, value };
    let Some(node) = value else { return vec![own(None)] };
    if document.is_mapping(node) {
        let parts = document.pairs(node).into_iter().filter_map(|pair| {
            let value = document.word(pair.value?)?;
            Some(LaunchOption {
                name: format!("{name}.{}", pair.key.text(document.text)),
                span: pair.key.span,
                value: Some(value),
            })
        });
        let whole = Word { text: crate::facts::Text::unknown(), span: trimmed(document.text, Span::of(node)) };
        return std::iter::once(own(Some(whole))).chain(parts).collect();
    }
    match document.words(node).into_iter().next() {
        Some(word) if word.known().is_some_and(|word| matches!(word.as_str(), "true" | "True")) => vec![own(None)],
        word => vec![own(word)],
    }
}

#[cfg(test)]
mod tests {
    use crate::facts::{FileFacts, LaunchForm};

    fn told(text: &str) -> Vec<String> {
        let mut facts = FileFacts::default();
        (super::super::FRONT_END.extract)(text, &mut facts);
        let launches = facts.launches.iter().filter(|launch| launch.form == LaunchForm::ConfigFile);
        launches
            .map(|launch| {
                let model = launch.model.as_ref().and_then(|model| model.known()).unwrap_or_default();
                let options = launch.options.iter().map(|option| match &option.value {
                    Some(value) => format!(" {}={}", option.name, value.known().unwrap_or("?".to_owned())),
                    None => format!(" {}", option.name),
                });
                format!("{model}{}", options.collect::<String>())
            })
            .collect()
    }

    #[test]
    fn a_file_of_engine_options_is_a_launch() {
        let text = "# for --config\nmodel: Qwen/Qwen3-8B\ndtype: \"float16\"\nswap_space: 8\nenforce-eager: true\nserved-model-name:\n  - a\ncompilation_config:\n  mode: 3\n";
        assert_eq!(
            told(text),
            [
                "Qwen/Qwen3-8B dtype=float16 swap-space=8 enforce-eager served-model-name=a compilation-config=? compilation-config.mode=3"
            ]
        );
    }

    #[test]
    fn options_alone_wait_for_a_launch_that_names_them() {
        assert_eq!(
            told("port: 8000\ndtype: half\nmax-model-len: 4096\n"),
            [" port=8000 dtype=half max-model-len=4096"]
        );
        assert_eq!(told("seed: 1\nepochs: 3\ndtype: half\n"), Vec::<String>::new());
    }

    #[test]
    fn files_of_other_tools_are_none() {
        for text in [
            "model: gpt\nprovider: x\n",
            "model:\n  dtype: half\nquantization: awq\n",
            "services:\n  a:\n    image: x\nmodel: m\ndtype: half\n",
            "model: m\ntrainer: t\ndtype: half\n",
            "model: {{ .Values.model }}\ndtype: half\n",
            "dtype: half\nlearning_rate: 1\n",
            "- model: m\n  dtype: half\n",
            "model: [\n",
        ] {
            assert_eq!(told(text), Vec::<String>::new(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_file_panics(text in "(model: |dtype: |half\n|[a-z&*{}:,\\[\\]é \n-]|  |quantization:\n){0,30}") {
            let _ = told(&text);
        }
    }
}
