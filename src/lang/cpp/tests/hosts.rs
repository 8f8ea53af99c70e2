//! Host tests of the target's name.

use super::{definitions, facts, sites};
use crate::facts::Sense;

/// The one site of a function that returns this.
fn returned(expr: &str) -> String {
    let text = format!("bool f() {{ return {expr}; }}");
    let found = sites(&text);
    assert_eq!(found.len(), 1, "{text}: {found:?}");
    found[0].strip_prefix("1 host f: ").unwrap_or_default().to_owned()
}

#[test]
fn every_comparison() {
    let wanted = [
        (r#"arch.find("gfx95") != std::string::npos"#, "*gfx95*"),
        (r#"arch.find("gfx94") == std::string::npos"#, "!*gfx94*"),
        (r#"std::string::npos != p->name().find("gfx94")"#, "*gfx94*"),
        (r#"arch.find("gfx11") == 0"#, "gfx11*"),
        (r#"0 == arch.find("gfx11")"#, "gfx11*"),
        (r#"arch.find("gfx11") != 0"#, "!gfx11*"),
        (r#"arch.rfind("gfx11", 0) == 0"#, "gfx11*"),
        (r#"std::string(p()->gcnArchName).rfind("gfx942", 0) != 0"#, "!gfx942*"),
        (r#"std::strncmp(prop()->gcnArchName, "gfx950", 6) == 0"#, "gfx950*"),
        (r#"strncmp(a, "gfx950", 5) == 0"#, "gfx95*"),
        (r#"strncmp(a, "gfx950", sizeof("gfx950") - 1) == 0"#, "gfx950*"),
        (r#"!strncmp(a, "gfx950", 6)"#, "gfx950*"),
        (r#"strcmp(a, "gfx950")"#, "!gfx950"),
        (r#"strstr(a, "gfx94") != nullptr"#, "*gfx94*"),
        (r#"strstr(a, "gfx94")"#, "*gfx94*"),
        (r#"!strstr(a, "gfx94")"#, "!*gfx94*"),
        (r#"arch.starts_with("gfx12")"#, "gfx12*"),
        (r#"absl::StartsWith(arch, "gfx12")"#, "gfx12*"),
        (r#"arch == "gfx942""#, "gfx942"),
        (r#""gfx942" != arch"#, "!gfx942"),
        (r#"arch == std::string_view("gfx942")"#, "gfx942"),
        (r#"arch == "gfx942"sv"#, "gfx942"),
        (r#"arch.substr(0, 6) == "gfx942""#, "gfx942*"),
        (r#"std::string(a).substr(0, 5) == "gfx94""#, "gfx94*"),
        (r#"arch.compare(0, 6, "gfx942") == 0"#, "gfx942*"),
        (r#"arch.compare("gfx942") != 0"#, "!gfx942"),
        (r#"(size_t)-1 != x && arch.find("gfx9") == (size_t)-1"#, "(? && !*gfx9*)"),
        (r#"arch.find("gfx942:sramecc+") == 0"#, "gfx942*"),
        (r#"!(arch.find("gfx11") == 0 || (arch.find("gfx12") == 0 && n > 3))"#, "!(gfx11* || (gfx12* && ?))"),
        (r#"arch.find("gfx94") != npos ? true : false"#, "*gfx94*"),
        (r#"arch.find("gfx94") != npos ? false : true"#, "!*gfx94*"),
    ];
    for (expr, want) in wanted {
        assert_eq!(returned(expr), want, "{expr}");
    }
}

#[test]
fn look_ups_and_other_uses_are_no_tests() {
    let text = r#"void f() { auto it = table.find("gfx942"); if (it != table.end()) g(); names.push_back("gfx90a"); open("gfx9/x.co"); const char* all[] = {"gfx942", "gfx950"}; }"#;
    assert!(sites(text).is_empty(), "{:?}", sites(text));
}

#[test]
fn a_position_in_a_variable_is_followed_to_its_comparison() {
    let text = "static bool is_ocp() {\n  std::string name = p->gcnArchName;\n  size_t at = name.find(\"gfx94\");\n  return at == std::string::npos;\n}\n";
    assert_eq!(sites(text), ["3 host is_ocp: !*gfx94*"]);
    assert_eq!(definitions(text), ["is_ocp = !*gfx94*"]);
    let text = "int lds() {\n  size_t at = name.find(\"gfx95\");\n  r = (at == std::string::npos ? 64 : 160);\n  return r;\n}\n";
    assert_eq!((sites(text), definitions(text).len()), (vec!["2 host lds: *gfx95*".to_owned()], 0));
}

#[test]
fn a_test_over_two_lines_is_one_site() {
    let text = "bool on_x() {\n  static const bool result = [] {\n    return a.find(\"gfx11\") != std::string::npos ||\n           a.find(\"gfx12\") != std::string::npos;\n  }();\n  return result;\n}\nint r() { return a.find(\"gfx95\") == npos ? 1\n : 2; }\n";
    assert_eq!(sites(text), ["3 host on_x: (*gfx11* || *gfx12*)", "8 host r: *gfx95*"]);
    assert_eq!(facts(text).arch_sites[0].span.text(text).matches('\n').count(), 1);
    assert_eq!(definitions(text), ["on_x = (*gfx11* || *gfx12*)"]);
}

#[test]
fn an_object_that_starts_a_line_above_does_not_move_the_site() {
    let text = "void f() {\n  static const bool is_it =\n      std::string(props()->gcnArchName)\n          .rfind(\"gfx942\", 0) == 0;\n}\n";
    assert_eq!(sites(text), ["4 host f: gfx942*"]);
}

#[test]
fn calls_of_the_files_own_predicates_are_sites() {
    let text = "static bool on_a();\nstatic bool on_a() { return n.rfind(\"gfx11\", 0) == 0; }\n#define RUN(x) \\\n  if (on_a()) { x; } else if (!on_a() && x > 1) { y; }\nvoid g() {\n  TORCH_CHECK(on_a() || k * 2 <= (int)(m * 1.2), \"no\");\n  const bool w = on_a();\n  elsewhere(); o.on_a();\n}\n";
    let wanted =
        ["2 host on_a: gfx11*", "4 host : on_a", "4 host : (!on_a && ?)", "6 host g: (on_a || ?)", "7 host g: on_a"];
    assert_eq!(sites(text), wanted);
}

#[test]
fn predicates_of_predicates_and_early_returns() {
    let text = "bool a() { return n == \"gfx942\"; }\nbool b() { if (n == \"gfx950\") return true; return a(); }\nbool c() { if (!ready) return false; if (n == \"gfx90a\") { return false; } return true; }\nbool d() {\n#ifndef USE_ROCM\n  return true;\n#else\n  return n == \"gfx908\";\n#endif\n}\nbool e() { if (n == \"gfx908\") go(); return x; }\n";
    let wanted = ["a = gfx942", "b = (gfx950 ? true : a)", "c = (? ? false : !gfx90a)", "d = gfx908"];
    assert_eq!(definitions(text), wanted);
}

#[test]
fn a_branch_that_throws_refuses() {
    let text = "void f() { if (n.find(\"gfx90a\") == 0) { throw 1; } if (n == \"gfx942\") run(); if (n == \"gfx906\") TORCH_CHECK(false, \"no\"); }";
    let senses: Vec<_> = facts(text).arch_sites.iter().map(|site| site.sense).collect();
    assert_eq!(senses, [Sense::Refuses, Sense::Enables, Sense::Refuses]);
}
