//! Whole runs on small trees; what each rule makes of them is in the rules' own examples.

use std::path::Path;

use crate::knowledge::Knowledge;
use crate::modules::Failure;
use crate::scan::{Input, Overlay, Purpose, Request, scan, scan_as};
use crate::workspace::Workspace;

fn in_memory(files: &[(&str, &str)]) -> Workspace {
    let files = files.iter().map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec())).collect();
    scan(Input::Memory(files), &Knowledge::embedded().unwrap()).unwrap()
}

/// `path:line module name`, the name `-` for a missing module, `~` before what follows from another fault.
fn told(workspace: &Workspace) -> Vec<String> {
    let sources = workspace.sources();
    let describe = |broken: &crate::modules::BrokenImport| {
        let follows = if matches!(broken.failure, Failure::Follows(_)) { "~" } else { "" };
        let (path, line) = (&sources.get(broken.at.file).path, sources.start(broken.at).line);
        format!("{follows}{path}:{line} {} {}", broken.module, broken.name.as_deref().unwrap_or("-"))
    };
    workspace.import_analysis().imports.iter().map(describe).collect()
}

fn write(root: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// The faults of a run over `paths`, their paths below `root`.
fn on_disk(root: &Path, paths: &[&str], against: Option<&str>) -> Vec<String> {
    let paths = paths.iter().map(|path| root.join(path)).collect();
    let against = against.map(|path| root.join(path));
    let request = Request {
        purpose: Purpose::Imports,
        input: Input::Paths(paths),
        against: against.as_deref(),
        overlay: &Overlay::new(),
        cache: None,
    };
    let workspace = scan_as(request, &Knowledge::embedded().unwrap()).unwrap();
    let prefix = format!("{}/", root.display());
    told(&workspace).into_iter().map(|line| line.replace(&prefix, "")).collect()
}

#[test]
fn circles_end() {
    let workspace = in_memory(&[
        ("p/__init__.py", ""),
        ("p/a.py", "from .b import *\nfrom .b import B\nA = 1\n"),
        ("p/b.py", "from .a import *\nfrom .a import A, C\nB = 1\n"),
        ("p/c.py", "from . import c\nfrom .c import *\nfrom .c import nothing\n__all__ = c.__all__\n"),
        ("p/use.py", "from .a import A, B, D\n"),
    ]);
    assert_eq!(told(&workspace), ["p/use.py:1 p.a D"]);
}

#[test]
fn relative_imports_end_where_the_package_does() {
    let use_it = "from ..m import X\n";
    let in_package = in_memory(&[("p/__init__.py", ""), ("p/m.py", "X = 1\n"), ("p/use.py", use_it)]);
    assert_eq!(told(&in_package), ["p/use.py:1 ..m -"]);
    // A loose file is kept to be copied into a package.
    assert!(told(&in_memory(&[("kept/m.py", "X = 1\n"), ("kept/use.py", use_it)])).is_empty());
}

#[test]
fn a_package_hides_the_module_of_its_name() {
    let workspace = in_memory(&[
        ("p/__init__.py", ""),
        ("p/both.py", "Old = 1\nfrom .gone import x\n"),
        ("p/both/__init__.py", "New = 1\n"),
        ("p/file.py", "X = 1\n"),
        ("p/file/inner.py", ""),
        ("p/use.py", "from .both import New, Old\nfrom .file import X\nimport p.file.inner\n"),
    ]);
    assert_eq!(told(&workspace), ["p/both.py:2 p.gone -", "p/use.py:1 p.both Old", "p/use.py:3 p.file.inner -"]);
}

#[test]
fn files_that_are_not_python_may_bind_anything() {
    let texts = [
        "<<<<<<< ours\nX = 1\n=======\n",
        "print 'two'\nexec 'X = 1'\n",
        "{% if a %}\nX = 1\n{% endif %}\n",
        "def (:\n",
        "\u{0}\u{1}",
    ];
    for text in texts {
        let workspace =
            in_memory(&[("p/__init__.py", ""), ("p/odd.py", text), ("p/use.py", "from .odd import Anything\n")]);
        assert!(told(&workspace).is_empty(), "{text:?}");
    }
}

#[test]
fn imports_of_files_that_are_not_python_are_not_judged() {
    let workspace = in_memory(&[
        ("p/__init__.py", ""),
        ("p/odd.py", "from p import one\n<<<<<<< ours\nfrom p import two\n=======\nfrom p import three\n"),
    ]);
    assert!(told(&workspace).is_empty());
}

#[test]
fn deep_nesting_is_no_problem() {
    let parentheses = format!("X = {}1{}\n", "(".repeat(10_000), ")".repeat(10_000));
    let dotted = format!("import p{}\n", ".a".repeat(10_000));
    let relative = format!("from {}x import y\n", ".".repeat(10_000));
    let folders = format!("{}deep.py", "p/".repeat(1_000));
    let blocks: String = (0..200)
        .map(|depth| format!("{}if x:\n", " ".repeat(depth)))
        .chain([format!("{}Y = 1\n", " ".repeat(200))])
        .collect();
    let workspace = in_memory(&[
        ("p/__init__.py", ""),
        ("p/m.py", &parentheses),
        ("p/n.py", &blocks),
        ("p/use.py", &format!("{dotted}{relative}from .m import X\nfrom .n import Y\n")),
        (&folders, "from . import gone\n"),
    ]);
    let told = told(&workspace);
    assert_eq!(told.iter().filter(|line| line.starts_with("p/use.py")).count(), 2, "{told:?}");
}

#[test]
fn names_of_the_standard_library_are_left_alone() {
    let workspace = in_memory(&[
        ("types/__init__.py", ""),
        ("logging.py", ""),
        ("use.py", "from types import ModuleType\nimport logging.config\n"),
    ]);
    assert!(told(&workspace).is_empty());
}

#[test]
fn a_folder_without_init_is_a_namespace() {
    let workspace = in_memory(&[
        ("vllm/__init__.py", ""),
        ("vllm/ops/inner.py", "from ..here import X, Y\n"),
        ("vllm/here.py", "X = 1\n"),
        ("vllm/use.py", "from vllm.ops import inner, matmul\nfrom vllm.ops.inner import X\n"),
    ]);
    assert_eq!(told(&workspace), ["vllm/ops/inner.py:1 vllm.here Y", "vllm/use.py:1 vllm.ops matmul"]);
}

#[test]
fn scripts_import_from_their_own_folder() {
    let workspace = in_memory(&[
        ("vllm/__init__.py", ""),
        ("benchmarks/shapes.py", "SHAPES = 1\n"),
        ("benchmarks/run.py", "from shapes import SHAPES, GONE\nfrom other import X\nimport openai\n"),
        ("tests/__init__.py", ""),
        ("tests/evals/tool/__init__.py", ""),
        ("tests/evals/tool/run.py", "from tool.third import party\nfrom tests.evals.gone import x\n"),
    ]);
    assert_eq!(
        told(&workspace),
        ["benchmarks/run.py:1 benchmarks.shapes GONE", "tests/evals/tool/run.py:2 tests.evals.gone -"]
    );
}

#[test]
fn an_installed_package_shows_its_compiled_and_ignored_modules() {
    let root = tempfile::tempdir().unwrap();
    write(
        root.path(),
        &[
            ("site/.gitignore", "*.gen.py\n_version.py\nvendored/\n"),
            (
                "site/vllm/__init__.py",
                "from ._version import __version__\nfrom . import _C, _gone_C\nfrom .vendored.kernels import matmul\n",
            ),
            ("site/vllm/_version.py", ""),
            ("site/vllm/_C.abi3.so", ""),
            ("site/vllm/vendored/kernels.py", ""),
            ("site/torch/__init__.py", "from torch.gone import x\n"),
            ("site/vllm-0.12.0.dist-info/METADATA", "Name: vllm\nVersion: 0.12.0\n"),
        ],
    );
    assert_eq!(on_disk(root.path(), &["site"], None), ["site/vllm/__init__.py:2 vllm _gone_C"]);
}

#[test]
fn a_plugin_is_checked_against_a_source_tree_or_an_installed_package() {
    let root = tempfile::tempdir().unwrap();
    write(
        root.path(),
        &[
            ("plugin/plug/__init__.py", ""),
            ("plugin/plug/use.py", "from vllm.utils import here, gone\nfrom plug import own\nfrom vllm._C import op\n"),
            ("src/vllm/__init__.py", "from .nowhere import x\n"),
            ("src/vllm/utils.py", "here = 1\n"),
            ("src/setup.py", "CMakeExtension(name='vllm._C')\n"),
            ("src/tests/test_it.py", "from vllm.utils import gone\n"),
            ("site/vllm/__init__.py", ""),
            ("site/vllm/_C.abi3.so", ""),
            ("site/vllm/utils.py", "here = gone = 1\n"),
        ],
    );
    let own = "plugin/plug/use.py:2 plug own";
    assert_eq!(on_disk(root.path(), &["plugin/plug"], Some("src")), ["plugin/plug/use.py:1 vllm.utils gone", own]);
    assert_eq!(on_disk(root.path(), &["plugin"], Some("site/vllm")), [own]);
    assert_eq!(on_disk(root.path(), &["plugin"], None), [own]);
}

#[test]
fn a_part_of_a_package_is_judged_with_the_rest_of_it() {
    let root = tempfile::tempdir().unwrap();
    write(
        root.path(),
        &[
            ("setup.py", "CMakeExtension(name='vllm._C')\n"),
            ("vllm/__init__.py", "from . import _C\n"),
            ("vllm/utils.py", "x = 1\n"),
            ("vllm/sub/__init__.py", ""),
            ("vllm/sub/a.py", "from vllm.utils import x, y\nfrom ..utils import z\nfrom .b import w\n"),
        ],
    );
    let faults = ["vllm/sub/a.py:1 vllm.utils y", "vllm/sub/a.py:2 vllm.utils z", "vllm/sub/a.py:3 vllm.sub.b -"];
    for path in ["", "vllm", "vllm/sub", "vllm/sub/a.py"] {
        assert_eq!(on_disk(root.path(), &[path], None), faults, "{path}");
    }
}

#[test]
fn changed_files_are_laid_over_the_tree_that_they_are_for() {
    let root = tempfile::tempdir().unwrap();
    write(
        root.path(),
        &[
            (
                "patch/vllm/platforms/rocm.py",
                "from .interface import here, gone\nfrom vllm.utils import new, old\nfrom .added import x\n",
            ),
            ("patch/vllm/platforms/added.py", "x = 1\n"),
            ("patch/vllm/utils.py", "new = 1\n"),
            ("src/vllm/__init__.py", ""),
            ("src/vllm/utils.py", "old = 1\n"),
            ("src/vllm/platforms/__init__.py", ""),
            ("src/vllm/platforms/rocm.py", ""),
            ("src/vllm/platforms/interface.py", "here = 1\n"),
        ],
    );
    let faults = [
        "patch/vllm/platforms/rocm.py:1 vllm.platforms.interface gone",
        "patch/vllm/platforms/rocm.py:2 vllm.utils old",
    ];
    assert_eq!(on_disk(root.path(), &["patch"], Some("src")), faults);
}

#[test]
fn an_installed_package_is_compared_with_its_record() {
    let root = tempfile::tempdir().unwrap();
    write(
        root.path(),
        &[
            ("vllm/__init__.py", ""),
            ("vllm/a.py", "changed = 1\n"),
            ("vllm/new.py", ""),
            ("vllm-0.12.0.dist-info/METADATA", "Name: vllm\nVersion: 0.12.0\n"),
            (
                "vllm-0.12.0.dist-info/RECORD",
                "vllm/__init__.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\nvllm/a.py,sha256=x,3\n",
            ),
        ],
    );
    for path in ["", "vllm"] {
        let workspace = scan(Input::Paths(vec![root.path().join(path)]), &Knowledge::embedded().unwrap()).unwrap();
        let [mixture] = workspace.import_analysis().mixtures.as_slice() else { panic!("{path:?}: one mixture") };
        let changed: Vec<_> = mixture
            .changed
            .iter()
            .map(|(file, _)| workspace.sources().get(*file).path.rsplit('/').next().unwrap())
            .collect();
        assert_eq!((changed, mixture.release.as_deref()), (vec!["a.py", "new.py"], Some("0.12.0")), "{path:?}");
    }
}

#[test]
fn names_are_taken_from_where_the_files_beside_take_them() {
    let listed = ("vllm/media/__init__.py", "from .inputs import Data, Kind\n__all__ = [\"Data\"]\n");
    let files = |tests: &'static str, beside: &'static str| {
        [
            ("vllm/__init__.py", ""),
            listed,
            ("vllm/media/inputs.py", "class Data: ...\nclass Kind: ...\n"),
            ("vllm/media/parse.py", "from vllm.words import Data\n"),
            ("vllm/search.py", "from vllm.words import Data, Kind\n"),
            ("vllm/words.py", ""),
            ("vllm/models/one.py", "from vllm.media.inputs import Data, Kind\n"),
            ("vllm/models/two.py", "from vllm.media.inputs import Data, Kind\n"),
            ("tests/use.py", tests),
            ("vllm/beside.py", beside),
        ]
    };
    let suggested = |files: &[(&str, &str)]| -> Vec<String> {
        let workspace = in_memory(files);
        let broken = &workspace.import_analysis().imports;
        broken.iter().map(|import| import.homes[0].dotted.clone()).collect()
    };
    // From within the package: where the definition is. From outside: the package that lists the name, if it is used so.
    let listed_and_used = suggested(&files("from vllm.media import Data\n", ""));
    assert_eq!(listed_and_used, ["vllm.media.inputs", "vllm.media", "vllm.media.inputs"]);
    let unused = suggested(&files("", ""));
    assert_eq!(unused, ["vllm.media.inputs", "vllm.media.inputs", "vllm.media.inputs"]);
    let beside = suggested(&files("", "from vllm.media import Data, Kind\n"));
    assert_eq!(beside, ["vllm.media.inputs", "vllm.media", "vllm.media"]);
}

#[test]
fn a_missing_module_is_replaced_by_the_one_that_the_tree_uses() {
    let workspace = in_memory(&[
        ("vllm/__init__.py", ""),
        ("vllm/models/pix.py", "class Attention: ...\n"),
        ("vllm/layers/attention/__init__.py", "from .attention import Attention\n"),
        ("vllm/layers/attention/attention.py", "class Attention: ...\n"),
        ("vllm/layers/use.py", "from vllm.layers.attention import Attention\n"),
        ("vllm/old.py", "from vllm.attention.layer import Attention\n"),
        ("vllm/layers/attention/mla.py", "from vllm.attention.layer import Attention\n"),
    ]);
    let homes = |index: usize| -> Vec<&str> {
        workspace.import_analysis().imports[index].homes.iter().map(|home| home.dotted.as_str()).collect()
    };
    // From within the package: where the definition is.
    assert_eq!(homes(0), ["vllm.layers.attention.attention", "vllm.models.pix"]);
    assert_eq!(homes(1)[0], "vllm.layers.attention");
}

#[test]
fn a_name_may_be_written_in_other_letters() {
    let workspace = in_memory(&[
        ("p/__init__.py", ""),
        ("p/folded.py", "\u{fb01}t = 1\n"),
        ("p/greek.py", "\u{3c3} = 1\n"),
        ("p/use.py", "from .folded import fit\nfrom .greek import s\n"),
    ]);
    assert_eq!(told(&workspace), ["p/use.py:2 p.greek s"]);
}
