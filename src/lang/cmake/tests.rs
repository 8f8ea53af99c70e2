use super::*;
use crate::facts::{ArchExpr, SiteKind};

fn read(text: &str) -> FileFacts {
    let mut facts = FileFacts::default();
    extract(text, &mut facts);
    facts
}

fn sites(text: &str) -> Vec<(SiteKind, String, String, ArchExpr)> {
    read(text)
        .arch_sites
        .into_iter()
        .map(|site| (site.kind, site.symbol, site.span.text(text).to_owned(), site.expr))
        .collect()
}

#[test]
fn lists_are_evaluated() {
    let text =
        "set(OLD \"gfx906;gfx908\")\nset(MY_ARCHS ${OLD} gfx942\n  gfx950 CACHE STRING \"which\")\nset(FLAGS -O2)\n";
    let facts = read(text);
    let values: Vec<_> = facts.settings.iter().map(|setting| (setting.name.as_str(), setting.value.known())).collect();
    assert_eq!(
        values,
        [("OLD", Some("gfx906;gfx908".to_owned())), ("MY_ARCHS", Some("gfx906;gfx908;gfx942;gfx950".to_owned()))]
    );
    assert_eq!(facts.settings[1].value_span.text(text), "${OLD} gfx942\n  gfx950");
}

#[test]
fn a_branch_leaves_a_value_unknown() {
    let text = "set(A_ARCH gfx906)\nif(X)\n set(A_ARCH gfx908)\n set(B_ARCH ${A_ARCH})\nelse()\n set(C_ARCH ${A_ARCH})\nendif()\nset(D_ARCH ${A_ARCH} $ENV{HIP_ARCH})";
    let values: Vec<_> = read(text).settings.into_iter().map(|setting| (setting.name, setting.value.known())).collect();
    let known = |name: &str, value: &str| (name.to_owned(), Some(value.to_owned()));
    assert_eq!(
        values,
        [
            known("A_ARCH", "gfx906"),
            known("A_ARCH", "gfx908"),
            known("B_ARCH", "gfx908"),
            known("C_ARCH", "gfx906"),
            ("D_ARCH".to_owned(), None)
        ]
    );
}

#[test]
fn a_doubled_list_does_not_grow_without_bounds() {
    let text = format!("set(X_ARCH \"gfx906\")\n{}", "set(X_ARCH ${X_ARCH} ${X_ARCH})\n".repeat(60));
    assert_eq!(read(&text).settings.len(), 61);
}

#[test]
fn conditions_and_filters_are_sites() {
    let text = "if(GPUS MATCHES \"gfx942|gfx1100\")\nendif()\nif(NOT (\"gfx90a\" IN_LIST GPUS) AND FOO)\nendif()\nlist(FILTER GPUS EXCLUDE REGEX \"gfx1250\")";
    let found = sites(text);
    assert_eq!(
        found[0],
        (SiteKind::CmakeCondition, "GPUS".into(), "gfx942|gfx1100".into(), ArchExpr::Regex("gfx942|gfx1100".into()))
    );
    assert!(
        matches!(&found[1].3, ArchExpr::All(parts) if matches!(parts.as_slice(), [ArchExpr::Not(_), ArchExpr::Unknown]))
    );
    assert_eq!(found[2].3, ArchExpr::Not(Box::new(ArchExpr::Regex("gfx1250".into()))));
    assert_eq!((found.len(), found[2].1.as_str()), (3, "GPUS"));
}

#[test]
fn a_call_with_the_supported_list_is_an_intersection() {
    let text =
        "set(HIP_OK_ARCHS gfx906)\nset(CUDA_OK_ARCHS 9.0)\ncut_down(MY_ARCHES ${LANG}\n  \"${${LANG}_OK_ARCHS}\")\n";
    let call = text[text.find("cut").unwrap()..].trim_end().to_owned();
    assert_eq!(
        sites(text),
        [(SiteKind::CmakeIntersect, "MY_ARCHES".into(), call, ArchExpr::Named("HIP_OK_ARCHS".into()))]
    );
}

#[test]
fn the_intersection_itself_is_found() {
    let text = "macro(cut OUT)\n if(DEFINED ENV{MY_ROCM_ARCH})\n  set(HIP $ENV{MY_ROCM_ARCH})\n endif()\n foreach(A ${HIP_ARCHITECTURES})\n  if (A IN_LIST OK)\n   list(APPEND ${OUT} ${A})\n  endif()\n endforeach()\nendmacro()\n";
    let found: Vec<_> = sites(text).into_iter().map(|(kind, symbol, written, _)| (kind, symbol, written)).collect();
    assert_eq!(
        found,
        [
            (SiteKind::CmakeCondition, "MY_ROCM_ARCH".into(), "ENV{MY_ROCM_ARCH}".into()),
            (SiteKind::CmakeCondition, "MY_ROCM_ARCH".into(), "$ENV{MY_ROCM_ARCH}".into()),
            (SiteKind::CmakeIntersect, "OUT".into(), "A IN_LIST OK".to_owned())
        ]
    );
}

#[test]
fn sources_stand_under_gates() {
    let text = "if(G MATCHES \"gfx942\")\n list(APPEND S \"a.cu\" b.cpp)\nelse()\n set(S c.hip)\nendif()\nset(F ${G})\nlist(FILTER F INCLUDE REGEX \"gfx95\")\nif(F)\n set(T \"d.cu\")\nendif()\nset(U e.cu)";
    let gates: Vec<_> = read(text)
        .gates
        .into_iter()
        .map(|gate| (gate.expr, gate.sources.into_iter().map(|(path, _)| path).collect::<Vec<_>>()))
        .collect();
    let regex = |pattern: &str| ArchExpr::Regex(pattern.to_owned());
    assert_eq!(
        gates,
        [
            (regex("gfx942"), vec!["a.cu".to_owned(), "b.cpp".to_owned()]),
            (ArchExpr::Not(Box::new(regex("gfx942"))), vec!["c.hip".to_owned()]),
            (regex("gfx95"), vec!["d.cu".to_owned()])
        ]
    );
}

#[test]
fn blocks_for_cuda_alone_are_told_from_others() {
    let text = "if(GPU_LANG STREQUAL \"CUDA\" AND X)\n list(APPEND S \"a.cu\")\n if(Y)\n  set(T b.cu)\n endif()\nelseif(GPU_LANG STREQUAL \"HIP\")\n set(U c.cu)\nendif()\nif(GPU_LANG STREQUAL \"HIP\")\n set(U d.cu)\nelse()\n set(U e.cu)\nendif()\nif(GPU_LANG STREQUAL \"CUDA\" OR GPU_LANG STREQUAL \"HIP\")\n set(V f.cu)\nendif()\nif(NOT GPU_LANG STREQUAL \"CUDA\")\n set(V g.cu)\nendif()";
    let blocks: Vec<_> = read(text).cuda_blocks.into_iter().map(|block| block.sources).collect();
    assert_eq!(blocks, [vec!["a.cu", "b.cu"], vec!["e.cu"]]);
}

#[test]
fn comments_and_messages_are_prose() {
    let text = "# for gfx942 (MI300)\n#[[ gfx90a ]]\nmessage(STATUS \"no gfx1250\")";
    assert_eq!(
        read(text).prose.iter().map(|prose| prose.tokens[0].name.as_str()).collect::<Vec<_>>(),
        ["gfx942", "gfx90a", "gfx1250"]
    );
}

proptest::proptest! {
    #[test]
    fn no_text_is_fatal(text in ".{0,200}", at in 0usize..400, junk in "[()\"${}# a-z\\\\\n\\[\\]]{0,20}") {
        read(&text);
        let mut mutated = "if(NOT (G MATCHES \"gfx942\" OR \"gfx90a\" IN_LIST X))\n set(A_ARCH \"${${L}_X};gfx906\" CACHE STRING \"\")\n list(FILTER A_ARCH INCLUDE REGEX \"gfx9\")\nendif()\ncut(B_ARCH ${A_ARCH})".to_owned();
        let at = at.min(mutated.len());
        mutated.insert_str(at, &junk);
        remarks::assert_spans(&mutated, &read(&mutated));
    }
}

#[test]
fn modules_that_the_build_installs_are_read() {
    let text = r#"
define_extension_target(
  _C
  DESTINATION pkg
  SOURCES ${SRC})
install(TARGETS fast LIBRARY DESTINATION pkg/ops COMPONENT fast)
install(DIRECTORY ${KERNELS} DESTINATION pkg/third_party/kernels/ FILES_MATCHING PATTERN "*.py")
install(DIRECTORY all/ DESTINATION pkg)
install(TARGETS ${NAME} LIBRARY DESTINATION ${WHERE})
"#;
    let facts = read(text);
    let built: Vec<_> = facts.built.iter().map(|one| (one.path.as_str(), one.is_prefix)).collect();
    assert_eq!(built, [("pkg/_C", false), ("pkg/ops/fast", false), ("pkg/third_party/kernels/", true)]);
}

#[test]
fn what_is_no_command_is_a_gap_and_the_rest_is_read() {
    let gaps =
        |text: &str| -> Vec<String> { read(text).gaps.iter().map(|gap| gap.span.text(text).to_owned()).collect() };
    assert_eq!(gaps("@PACKAGE_INIT@\nset(A \"@B@\")\n"), [""; 0], "a template's placeholder");
    assert_eq!(
        gaps("{% if x %}\nset({{ name }}_ARCH b)\n  {{ more }}\n{# it is #}\n{% endif %}\n"),
        [""; 0],
        "and of others"
    );
    assert_eq!(gaps("=======\nset(A b)\n"), ["======="]);
    let text = "set(A_ARCH gfx906\nset(B_ARCH gfx908)\nmessage(STATUS \"x\n";
    assert_eq!(gaps(text), ["set(A_ARCH gfx906", "message(STATUS \"x"]);
    assert_eq!(read(text).settings.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["B_ARCH"]);
    assert!(gaps(&"set(\n".repeat(50_000)).len() <= command::UNCLOSED_LIMIT, "each is looked for to the end");
}

#[test]
fn brackets_that_nothing_closes_are_looked_for_once() {
    // The second one is closed, though one that is met before it has no end.
    let text = "set(A_ARCH [[x]] [=[y\nset(B_ARCH [[gfx908]])\n#[=[ z\nset(C_ARCH gfx942)\n";
    let names: Vec<String> = read(text).settings.into_iter().map(|setting| setting.name).collect();
    assert_eq!(names, ["B_ARCH", "C_ARCH"]);
    let start = std::time::Instant::now();
    read(&format!("{}gfx942", "#[[ ]\n".repeat(200_000)));
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}
