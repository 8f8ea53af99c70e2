//! Lists of names, and the classes that bear them.

use super::{WORDS, extract};
use crate::facts::FileFacts;
use crate::lang::Words;

fn read(text: &str) -> FileFacts {
    let mut facts = FileFacts::default();
    extract(text, &Words::new(WORDS).positions(text.as_bytes()), &mut facts);
    facts
}

/// Each list as `scope.name kind names`, with `...` where it is open and `?` where it is conditional.
fn lists(text: &str) -> Vec<String> {
    read(text)
        .name_lists
        .iter()
        .map(|list| {
            for name in &list.names {
                assert_eq!(name.span.text(text), name.name);
            }
            let names: Vec<&str> = list.names.iter().map(|name| name.name.as_str()).collect();
            let marks = [(list.is_open, " ..."), (list.is_conditional, " ?")];
            let marks: String = marks.iter().filter(|(is, _)| *is).map(|(_, mark)| *mark).collect();
            format!("{}:{} {:?} {}{marks}", list.scope, list.span.text(text), list.kind, names.join(" "))
        })
        .collect()
}

#[test]
fn lists_are_read_in_every_form() {
    let text = "
QuantizationMethods = Literal[
    \"awq\",  # a comment with \"quotes\"
    'gptq',
]
QUANTIZATION_METHODS: list[str] = list(get_args(QuantizationMethods))
DEPRECATED_QUANTIZATION_METHODS = [\"old\"]


def get_quantization_config(quantization):
    method_to_config: dict[str, type] = {
        \"awq\": AwqConfig,
        \"gptq\": GptqConfig,
    }
    for shorthand in _SHORTHANDS:
        method_to_config.setdefault(shorthand, Online)
    method_to_config[\"more\"] = More
    method_to_config.update(_CUSTOM)
    overrides = [\"awq\"]
    if quick:
        overrides = [\"gptq\"] + overrides


class RocmPlatform(Platform):
    supported_quantization: list[str] = [\"awq\", *EXTRA]
    if not on_gfx9():
        supported_quantization += [\"bitsandbytes\"]
";
    assert_eq!(
        lists(text),
        [
            ":QuantizationMethods Literal awq gptq",
            ":QUANTIZATION_METHODS Sequence  ...",
            ":DEPRECATED_QUANTIZATION_METHODS Sequence old",
            "get_quantization_config:method_to_config Keys awq gptq",
            "get_quantization_config:method_to_config Added  ... ?",
            "get_quantization_config:method_to_config Added more",
            "get_quantization_config:method_to_config Added  ...",
            "get_quantization_config:overrides Sequence awq",
            "get_quantization_config:overrides Added gptq ?",
            "RocmPlatform:supported_quantization Sequence awq ...",
            "RocmPlatform:supported_quantization Added bitsandbytes ?",
        ]
    );
}

#[test]
fn enumerations_fields_and_options_are_lists() {
    let text = "
class AttentionBackendEnum(Enum):
    \"\"\"Backends.\"\"\"

    FLASH_ATTN = \"vllm.x\"
    ROCM_ATTN = enum.auto()

    def path(self):
        value = 1


class BaseFrontendArgs:
    host: str | None = None
    port: int = 8000

    def make(parser):
        parser.add_argument(
            \"--data-parallel-size\", \"-dp\", type=int)
        parser.add_argument('model', nargs='?')
        parser.add_argument(f\"--{key}\")
";
    assert_eq!(
        lists(text),
        [
            ":AttentionBackendEnum Members FLASH_ATTN ROCM_ATTN",
            ":BaseFrontendArgs Members host port",
            "BaseFrontendArgs.make:add_argument Options data-parallel-size dp",
        ]
    );
}

#[test]
fn classes_tell_their_names() {
    let text = "
class AwqConfig(QuantizationConfig):
    @classmethod
    def get_name(cls) -> QuantizationMethods:
        \"\"\"Its name.\"\"\"
        return \"awq\"

    @classmethod
    def override_quantization_method(cls, config, user):
        if config:
            return None
        return cls.get_name()


class Base:
    def get_name(self):
        raise NotImplementedError
    def override_quantization_method(self):
        return None  # nothing
    def other(self):
        return \"get_name\"


def get_name():
    return \"no class\"
";
    let facts = read(text);
    let shown: Vec<_> = facts
        .named_classes
        .iter()
        .map(|class| {
            (class.class.as_str(), class.name.as_ref().map(|name| name.name.as_str()), class.takes_over.is_some())
        })
        .collect();
    assert_eq!(shown, [("AwqConfig", Some("awq"), true), ("Base", None, false)]);
    let lists = read("@register_quantization_config(\"mine\")\nclass Mine:\n    pass\n").name_lists;
    assert_eq!(lists[0].names[0].name, "mine");
}

#[test]
fn dictionaries_tell_what_names_are_mapped_to() {
    let text =
        "method_to_config = {\n    \"a\": m.AConfig,\n    \"b\": make(),\n}\nmethod_to_config[\"c\"] = CConfig\n";
    let lists = read(text).name_lists;
    let values: Vec<_> =
        lists.iter().flat_map(|list| &list.names).map(|name| name.value.as_deref().unwrap_or("-")).collect();
    assert_eq!(values, ["m.AConfig", "-", "CConfig"]);
}

#[test]
fn broken_files_give_less_and_never_more() {
    for text in [
        "QuantizationMethods = Literal[\"a",
        "method_to_config = {",
        "class _Backend(",
        "def get_name(",
        "overrides = [1, 2",
    ] {
        for list in read(text).name_lists {
            assert!(list.names.iter().all(|name| name.span.text(text) == name.name), "{text}");
        }
    }
}
