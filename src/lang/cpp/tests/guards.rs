//! Preprocessor guards.

use super::{definitions, facts, show, sites};
use crate::facts::ProseKind;

#[test]
fn an_exact_macro_and_the_compilers_family_macro() {
    let text = "#if defined(__gfx942__)\nint a;\n#endif\n#  ifdef __GFX9__\nint b;\n#endif\n#if __gfx90a__ || defined __GFX12__\n#endif\n";
    assert_eq!(
        sites(text),
        ["1 device __gfx942__: gfx942", "4 device __GFX9__: gfx9*", "7 device __gfx90a__: (gfx90a || gfx12*)"]
    );
}

#[test]
fn a_list_over_lines_defines_a_macro() {
    let text = "#if defined(__HIPCC__) && \\\r\n    (defined(__gfx90a__) || \\\r\n     defined(__gfx942__))\r\n  #define MY_CDNA\r\n#endif\r\n";
    let found = facts(text);
    assert_eq!(sites(text), ["2 device MY_CDNA: (true && (gfx90a || gfx942))"]);
    assert_eq!(found.arch_sites[0].span.text(text), "defined(__gfx90a__) || \\\r\n     defined(__gfx942__)");
    assert_eq!(definitions(text), ["MY_CDNA = (true && (gfx90a || gfx942))"]);
    assert_eq!(found.guards[0].branches[0].body.text(text), "  #define MY_CDNA\r\n");
}

#[test]
fn every_use_of_a_project_macro_is_a_site_and_comments_are_none() {
    let text = "#ifdef __gfx1100__\n#define WIDE 1\n#endif\n#if defined(WIDE)\n#elif !WIDE && X\n#else // !defined(WIDE)\n#endif // WIDE\n#ifndef WIDE\n#endif\n#if defined(P_GFX11X)\n#endif\n";
    let wanted = [
        "1 device WIDE: gfx1100",
        "4 derived WIDE: WIDE",
        "5 derived WIDE: (!WIDE && ?)",
        "8 derived WIDE: !WIDE",
        "10 derived P_GFX11X: P_GFX11X",
    ];
    assert_eq!(sites(text), wanted);
}

#[test]
fn negation_device_pass_and_comparisons() {
    let text = "#if defined(__HIP_DEVICE_COMPILE__) && !defined(__gfx1100__)\n#define STUB\n#endif\n#if defined(__gfx950__) || !defined(__HIP_DEVICE_COMPILE__)\n#endif\n#if (__gfx942__ == 1) && (FOO(1, 2) > 3)\n#endif\n#if __gfx942__ > __gfx950__\n#endif\n#if !(defined(__gfx906__) || 0)\n#endif\n";
    assert_eq!(
        sites(text),
        [
            "1 device STUB: (true && !gfx1100)",
            "4 device __gfx950__: (gfx950 || false)",
            "6 device __gfx942__: (gfx942 && ?)",
            "10 device __gfx906__: !(gfx906 || false)"
        ]
    );
}

#[test]
fn include_guards_dead_code_strings_and_builtins_are_no_sites() {
    let text = "#ifndef MY_GFX9_H\n#define MY_GFX9_H\n#if 0\n#if defined(__gfx942__)\n#endif\n#endif\nconst char* s = \"\\\n#if defined(__gfx942__)\";\n/*\n#if defined(__gfx942__)\n*/\nauto r = R\"x(\n#if defined(__gfx942__)\n)x\";\nint gfx942_kernel() { return __builtin_amdgcn_wmma_gfx12(1'000, '\"'); }\n#endif\n";
    assert!(sites(text).is_empty(), "{:?}", sites(text));
}

#[test]
fn a_guard_in_a_function_is_about_that_function() {
    let text = "namespace n {\n__device__ inline static void set_mode(bool on) {\n#if defined(__gfx942__)\n  asm volatile(\"x\");\n#endif\n}\n}\n";
    assert_eq!(sites(text), ["3 device set_mode: gfx942"]);
}

#[test]
fn definitions_join_branches_and_drop_values() {
    let text = "#if defined(__gfx90a__)\n#define FAST\n#define LDS 1024\n#elif defined(__gfx942__)\n#define FASTER 1\n#define FAST\n#else\n#define SLOW\n#define LDS 64\n#endif\n#define FREE\n#ifdef __gfx950__\n#define FREE\n#define GONE\n#endif\n#undef GONE\n";
    assert_eq!(
        definitions(text),
        ["FAST = (gfx90a || (!gfx90a && gfx942))", "FASTER = (!gfx90a && gfx942)", "SLOW = (!gfx90a && !gfx942)"]
    );
}

#[test]
fn nested_branches_are_joined() {
    let text = "#ifdef USE_ROCM\n#ifdef __GFX9__\n#ifdef __gfx942__\n#define DEEP\n#endif\n#endif\n#endif\n";
    assert_eq!(definitions(text), ["DEEP = (gfx9* && gfx942)"]);
    assert_eq!(facts(text).guards.iter().map(|chain| chain.depth).collect::<Vec<_>>(), [1, 2]);
}

const KERNELS: &str = "
#define NOT_HERE assert(false);
#if defined(__gfx942__)
template <typename T, int N>
__global__ void __launch_bounds__(N * 64) __attribute__((amdgpu_waves_per_eu(1, 1)))
    one(const T* a, int b[] = {}) { a[0]; }
template <int N>
static __global__
__launch_bounds__(N) void two(int a) {
#if X
  NOT_HERE
#endif
  work<<<1, 2>>>();
}
#elif defined(__GFX11__)
template <int N> __global__ void one(int) {}
__global__ void two(int a) { }
#else
__global__ void one(int a) { NOT_HERE }
__global__ __launch_bounds__(64) void two(int) { std::abort(); }
__global__ void declared(int);
#endif
";

#[test]
fn chains_know_their_kernels_and_stubs() {
    let chain = &facts(KERNELS).guards[0];
    let stubs: Vec<_> = chain
        .branches
        .iter()
        .map(|branch| (show(&branch.condition), branch.is_stub, branch.kernels.join(" ")))
        .collect();
    let both = "one two".to_owned();
    assert_eq!(
        stubs,
        [
            ("gfx942".to_owned(), false, both.clone()),
            ("gfx11*".to_owned(), true, both.clone()),
            ("true".to_owned(), true, both)
        ]
    );
    assert_eq!(chain.branches[2].span.text(KERNELS), "#else");
}

#[test]
fn a_branch_in_a_kernel_may_be_a_stub() {
    let text = "__device__ void refuse(const char* n) { if (n) { printf(n); } __builtin_trap(); }\n__global__ void k() {\n#ifdef __gfx950__\n if (x) abort();\n#else\n  refuse(\"k\");\n#endif\n}\n";
    let found = facts(text);
    assert_eq!(found.guards[0].branches.iter().map(|branch| branch.is_stub).collect::<Vec<_>>(), [false, true]);
    assert_eq!(sites(text), ["3 device k: gfx950"]);
}

#[test]
fn host_code_is_found_in_macros_and_device_types_are_not_host_code() {
    let text = "#if defined(__gfx90a__)\n#define CALL(a) \\\n  if (a) { \\\n    TORCH_CHECK(false, \"no output scale on gfx90a\"); \\\n  }\n#else\nusing H = c10::Half;\n#endif\n";
    let found = facts(text);
    let branches = &found.guards[0].branches;
    assert_eq!(branches[0].host_token.as_ref().map(|token| token.text.as_str()), Some("TORCH_CHECK"));
    assert_eq!(branches[0].defines, ["CALL"]);
    assert_eq!(branches[1].host_token, None);
    assert_eq!((found.prose.len(), found.prose[0].kind), (1, ProseKind::Message));
    assert_eq!(sites(text), ["1 device CALL: gfx90a"]);
}

#[test]
fn braces_of_branches_do_not_add_up() {
    let text = "#if defined(__gfx942__)\nbool f(int a) {\n#else\nbool f(long a) {\n#endif\n  return 1;\n}\nvoid g() {\n#ifdef __gfx950__\n#endif\n}\n";
    assert_eq!(sites(text), ["1 device __gfx942__: gfx942", "9 device g: gfx950"]);
}

#[test]
fn prose_is_what_people_read() {
    let text = "// Wave64 (Box/gfx942), gfx1100/1101\n/* first\n * on gfx90a only */\nconst char* a = \"gfx942\";\nconst char* b = \"needs gfx950 here\";\n#error only gfx1151 works\n";
    let shown: Vec<_> = facts(text)
        .prose
        .iter()
        .map(|prose| format!("{:?} {} {}", prose.kind, prose.tokens.len(), prose.span.text(text)))
        .collect();
    assert_eq!(
        shown,
        [
            "Comment 3 Wave64 (Box/gfx942), gfx1100/1101",
            "Comment 1 on gfx90a only",
            "Message 1 needs gfx950 here",
            "Message 1 only gfx1151 works"
        ]
    );
}
