//! What the tables say of vLLM's releases, against the releases themselves, unpacked as `vllm-<version>` in the folder that
//! GFXLINT_CORPUS names: `GFXLINT_CORPUS=<folder> cargo test --test knowledge -- --ignored`.

#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::path::Path;

use gfxlint::knowledge::{Knowledge, OwnList};
use gfxlint::scan::{Input, scan};
use gfxlint::version::{Version, VersionRange};

/// What a tree lists: in any case, and sometimes.
fn own(list: Option<&OwnList>) -> (BTreeSet<String>, BTreeSet<String>) {
    let list = list.expect("the tree has the list");
    (list.names.iter().cloned().collect(), list.sometimes.iter().cloned().collect())
}

#[test]
#[ignore = "needs releases under GFXLINT_CORPUS"]
fn tables_say_what_the_releases_say() {
    let corpus = std::env::var_os("GFXLINT_CORPUS").expect("GFXLINT_CORPUS names a folder with releases");
    let knowledge = Knowledge::embedded().unwrap();
    let mut compared = 0;
    for release in knowledge.releases().all() {
        let tree = Path::new(&corpus).join(format!("vllm-{}", release.version));
        if !tree.is_dir() {
            continue;
        }
        let workspace = scan(Input::Paths(vec![tree]), &knowledge).unwrap();
        let lists = workspace.vllm_lists().expect("it is a vLLM tree");
        let range = VersionRange::exact(Version::parse(workspace.vllm_version().unwrap()).unwrap());
        assert_eq!(range.version(), Some(&release.version));
        let version = &release.version;

        let methods = &knowledge.quantization().methods;
        let table = |lives: &dyn Fn(&gfxlint::knowledge::Method) -> bool| -> BTreeSet<String> {
            methods.iter().filter(|method| lives(method)).map(|method| method.name.clone()).collect()
        };
        let known = table(&|method| method.known.at(&range).is_yes());
        assert_eq!(own(lists.quantization.as_ref()).0, known, "{version}: methods");
        let (always, sometimes) = own(lists.rocm_quantization.as_ref());
        let listed = table(&|method| method.rocm.at(&range).is_yes());
        assert_eq!(&always | &sometimes, listed, "{version}: methods on ROCm");
        if let Some(deprecated) = &lists.deprecated_quantization {
            let told = table(&|method| method.deprecated.at(&range).is_yes());
            assert_eq!(deprecated.names.iter().cloned().collect::<BTreeSet<_>>(), told, "{version}: deprecated");
        }

        let kv_cache: BTreeSet<String> = knowledge
            .kv_cache()
            .dtypes
            .iter()
            .filter(|dtype| dtype.releases.at(&range).is_yes())
            .map(|dtype| dtype.name.clone())
            .collect();
        assert_eq!(own(lists.kv_cache_dtypes.as_ref()).0, kv_cache, "{version}: KV-cache dtypes");
        let backends: BTreeSet<String> = knowledge
            .attention()
            .backends
            .iter()
            .filter(|backend| backend.releases.at(&range).is_yes())
            .map(|backend| backend.name.clone())
            .collect();
        assert_eq!(own(lists.attention_backends.as_ref()).0, backends, "{version}: attention backends");

        for (table, tree, what) in
            [(knowledge.environment(), &lists.environment, "variables"), (knowledge.flags(), &lists.flags, "options")]
        {
            // The server's options of old releases are not read.
            if what == "options" && tree.is_none() {
                continue;
            }
            let (own, _) = own(tree.as_ref());
            let lives = |name: &&str| table.get(name).is_some_and(|life| life.at(&range).is_yes());
            let told: BTreeSet<String> = table.all().filter(lives).map(str::to_owned).collect();
            let missing: Vec<_> = told.difference(&own).collect();
            assert!(missing.is_empty(), "{version}: {what} that the tree lacks: {missing:?}");
            if what == "variables" {
                assert_eq!(own, told, "{version}: {what}");
            }
        }
        compared += 1;
    }
    assert!(compared > 0, "no release in GFXLINT_CORPUS");
}
