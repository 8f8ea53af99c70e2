//! Nix configurations as a whole: the desktop of `testdata/nix-*` in three states, bad input, and Nix's own parser.

#![allow(clippy::expect_used, clippy::panic, clippy::unwrap_used)]

mod common;

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use common::cpu::timed;
use common::{Run, folder, run, run_with_input};

/// Rule, path, line and severity of each finding.
fn findings(run: &Run) -> Vec<String> {
    let all = run.json()["findings"].as_array().cloned().unwrap();
    let line = |finding: &serde_json::Value| {
        let text = |key: &str| finding[key].as_str().unwrap_or_default().to_owned();
        format!("{} {}:{} {}", text("rule"), text("path"), finding["line"], text("severity"))
    };
    all.iter().map(line).collect()
}

fn check(tree: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(tree);
    findings(&run(&root, &["check", "--pedantic", "--isolated", "--format", "json"]))
}

#[test]
fn vllm_as_nixpkgs_has_it_is_a_cpu_build() {
    assert_eq!(check("nix-plain"), ["GFX606 home.nix:7 warning"]);
}

#[test]
fn an_overlay_that_is_applied_is_right_and_the_unit_beside_it_is_not() {
    assert_eq!(
        check("nix-overlay"),
        [
            "GFX610 vllm.nix:10 error",
            "GFX611 vllm.nix:15 error",
            "GFX503 vllm.nix:23 note",
            "GFX504 vllm.nix:23 note",
            "GFX609 vllm.nix:24 warning",
        ]
    );
}

#[test]
fn an_override_in_a_list_leaves_torch_as_it_was() {
    assert_eq!(check("nix-inline"), ["GFX601 home.nix:6 error"]);
}

/// Runs a check of one file and returns its findings; it must neither crash nor take long.
fn quick(path: &str, content: &[u8]) -> Vec<String> {
    let tree = folder(&[(path, content)]);
    let (run, spent) = timed(tree.path(), &["check", "--isolated", "--format", "json"]);
    assert!(matches!(run.status, Some(0 | 1)) && run.err.is_empty(), "{path}: {run:?}");
    assert!(spent < Duration::from_secs(20), "{path}: {spent:?}");
    // What could not be read is told, and is no finding of a rule.
    findings(&run).into_iter().filter(|finding| !finding.starts_with("GFX902")).collect()
}

#[test]
fn broken_and_empty_files_are_silent() {
    let cases: [&str; 12] = [
        "",
        "# rocm, gfx906\n",
        "/* rocm */",
        "{ pkgs, ... }: { a = \"rocm ${pkgs.vllm",
        "{ a = ''\n  rocm ''${ gfx906\n",
        "{ pkgs }: with pkgs [ rocmPackages.clr vllm-rocm ]",
        "{ @inputs@, ... }: { rocm = @package@; vllm = vllm-rocm; }",
        "{ pkgs, ... }: { services.vllm.package = pkgs.@rocm@; gpuTargets = [ \"@gfx@\" ]; }",
        "{ a = ''rocm ''' ''${x} $$ ''",
        "{ rocm = /* vllm",
        "{ rocm = \u{fffd}; é = vllm; ",
        "let in rocm:",
    ];
    for case in cases {
        assert_eq!(quick("a.nix", case.as_bytes()), Vec::<String>::new(), "{case}");
    }
    assert_eq!(
        quick("Dockerfile.nix", b"FROM nixos/nix\nRUN nix profile install nixpkgs#rocmPackages.clr\n"),
        Vec::<String>::new()
    );
}

/// Rules about launches, installations and containers, on what Nix expressions hold: path, content, findings.
const SHARED: [(&str, &str, &[&str]); 6] = [
    (
        "unit.nix",
        r#"{ pkgs, ... }:
let engine = pkgs.pkgsRocm.vllm.override { gpuTargets = [ "gfx906" ]; }; in
{
  systemd.services.vllm = {
    environment.HSA_OVERRIDE_GFX_VERSION = "9.0a";
    environment.HIP_VISIBLE_DEVICES = "0";
    preStart = ''
      pip install torch
      docker run --rm --shm-size 16g rocm/vllm:rocm7.0_v0.11.0 vllm serve M --dtype half
    '';
    serviceConfig.ExecStart = "${engine}/bin/vllm serve M --dtype bfloat16 --kv-cache-dtype fp8";
  };
}
"#,
        &[
            "GFX316 5 error",
            "GFX405 8 error",
            "GFX501 9 error",
            "GFX317 9 error",
            "GFX306 11 warning",
            "GFX318 11 note",
        ],
    ),
    (
        "oci.nix",
        r#"{ ... }:
{
  virtualisation.oci-containers.containers.vllm = {
    image = "example.org/rocm-vllm-gfx906:1";
    environment = { HSA_OVERRIDE_GFX_VERSION = "gfx906"; };
    extraOptions = [ "--device=/dev/kfd" "--device=/dev/dri" "--group-add=video" "--ipc=host" ];
    cmd = [ "bash" "-c" "pip install torch && vllm serve M --dtype bfloat16 --kv-cache-dtype fp8" ];
  };
}
"#,
        &["GFX316 5 error", "GFX405 7 error", "GFX306 7 warning", "GFX318 7 note"],
    ),
    (
        "quadlet.nix",
        r#"{ ... }:
{
  virtualisation.quadlet.containers.vllm.containerConfig = {
    image = "example.org/rocm-vllm-gfx906:1";
    environments.HSA_OVERRIDE_GFX_VERSION = "";
    devices = [ "/dev/kfd" "/dev/dri" ];
    addGroups = [ "keep-groups" ];
    podmanArgs = [ "--ipc=host" ];
    exec = "vllm serve M --dtype bfloat16 --kv-cache-dtype fp8";
  };
}
"#,
        &["GFX316 5 error", "GFX306 9 warning", "GFX318 9 note"],
    ),
    (
        "home.nix",
        r#"{ pkgs, ... }:
let engine = pkgs.pkgsRocm.vllm.override { gpuTargets = [ "gfx906" ]; }; in
{
  systemd.user.services.vllm.Service = {
    Environment = [ "HSA_OVERRIDE_GFX_VERSION=gfx906" "HIP_VISIBLE_DEVICES=0" ];
    ExecStartPre = "${pkgs.podman}/bin/podman run --rm --ipc host rocm/vllm:rocm7.0_v0.11.0 vllm serve M --dtype half";
    ExecStart = "${pkgs.lib.getExe engine} serve M --dtype bfloat16 --kv-cache-dtype fp8";
  };
}
"#,
        &["GFX316 5 error", "GFX501 6 error", "GFX317 6 error", "GFX306 7 warning", "GFX318 7 note"],
    ),
    (
        "shell.nix",
        r#"{ pkgs }:
pkgs.mkShell {
  packages = [ pkgs.rocmPackages.rocminfo pkgs.python3 ];
  shellHook = ''
    export PYTORCH_ROCM_ARCH=gfx906
    export HSA_OVERRIDE_GFX_VERSION=gfx906
    pip install torch
    docker run -it --shm-size 16g rocm/vllm:rocm7.0_v0.11.0 vllm serve M --dtype half
    vllm serve M --dtype bfloat16 --kv-cache-dtype fp8
  '';
}
"#,
        &["GFX316 6 error", "GFX405 7 error", "GFX501 8 error", "GFX306 9 warning", "GFX318 9 note"],
    ),
    (
        "podman.nix",
        r#"{ ... }:
{
  services.podman.containers.vllm = {
    image = "example.org/rocm-vllm-gfx906:1";
    environment = { HSA_OVERRIDE_GFX_VERSION = "x"; };
    devices = [ "/dev/kfd" "/dev/dri" ];
    extraPodmanArgs = [ "--group-add=keep-groups" "--ipc=host" ];
    exec = "vllm serve M --dtype bfloat16 --kv-cache-dtype fp8";
  };
}
"#,
        &["GFX316 5 error", "GFX306 8 warning", "GFX318 8 note"],
    ),
];

#[test]
fn rules_of_other_languages_see_what_nix_holds() {
    for (path, content, wanted) in SHARED {
        let tree = folder(&[(path, content.as_bytes())]);
        let run = run(tree.path(), &["check", "--pedantic", "--isolated", "--format", "json"]);
        let wanted: Vec<String> = wanted.iter().map(|line| line.replacen(' ', &format!(" {path}:"), 1)).collect();
        assert_eq!(findings(&run), wanted, "{path}");
    }
}

#[test]
fn encrypted_files_are_left_alone() {
    assert_eq!(quick("secrets/default.nix", b"\0GITCRYPT\0\xff\xfe gfx rocm \xc0"), Vec::<String>::new());
    assert_eq!(quick("default.nix", b"{ rocm = \"caf\xe9\"; }"), ["GFX903 default.nix:1 warning"]);
}

#[test]
fn deep_and_large_files_are_read_in_time() {
    for (open, close) in
        [("[ ", " ]"), ("(", ")"), ("{ a = ", "; }"), ("x: ", ""), ("\"${", "}\""), ("let rocm = ", "; in 1")]
    {
        let depth = 20_000;
        let text = format!("{}rocm{}", open.repeat(depth), close.repeat(depth));
        quick("deep.nix", text.as_bytes());
        quick("open.nix", &text.as_bytes()[..text.len() / 2]);
    }
    let chain = format!("{{ rocm = {}1; }}", "rocm ++ ".repeat(50_000));
    quick("chain.nix", chain.as_bytes());
    let mut set = String::from("{ callPackage, rocmPackages }:\n{\n");
    while set.len() < 5_000_000 {
        let at = set.len();
        set.push_str(&format!("  \"package-{at}\" = callPackage ({{ mkDerivation, base }}: mkDerivation {{ pname = \"p{at}\"; version = \"1\"; }}) {{ }};\n"));
    }
    set.push('}');
    assert_eq!(quick("packages.nix", set.as_bytes()), Vec::<String>::new());
    // What is too large to be written by hand is not read, and that is told.
    let tree = folder(&[("packages.nix", set.as_bytes())]);
    let checked = run(tree.path(), &["check", "--pedantic", "--isolated", "--format", "json"]);
    assert_eq!(findings(&checked), ["GFX902 packages.nix:1 note"]);
    // Of a set that names nothing of ours there is nothing to tell, whatever words it holds.
    let other = set.replace("rocmPackages", "hasktorch, gfx, whip");
    let tree = folder(&[("packages.nix", other.as_bytes())]);
    let checked = run(tree.path(), &["check", "--pedantic", "--isolated", "--format", "json"]);
    assert_eq!(findings(&checked), Vec::<String>::new());
    // Thousands of overlays in one file.
    let line = "  (final: prev: { torch = prev.torch.override { rocmSupport = true; }; })\n";
    quick("overlays.nix", format!("[\n{}]", line.repeat(2000)).as_bytes());
    assert_eq!(
        quick("part.nix", format!("{}}}", &set[..set[..900_000].rfind('\n').unwrap()]).as_bytes()),
        Vec::<String>::new()
    );
}

#[test]
fn files_cut_off_anywhere_do_no_harm() {
    let text =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/nix-overlay/flake.nix")).unwrap();
    for end in (0..text.len()).step_by(29) {
        quick("flake.nix", &text.as_bytes()[..end]);
    }
}

#[test]
fn files_with_pipes_are_read() {
    let text = r#"{ pkgs, lib, ... }:
{
  imports = ./modules |> lib.filesystem.listFilesRecursive |> map import;
  env = lib.concatStringsSep " " <| map (name: "${name}|>") [ "a" ];
  environment.systemPackages = [ vllm-rocm ];
  b = pkgs.rocmPackages.triton;
}
"#;
    let tree = folder(&[("a.nix", text.as_bytes())]);
    let checked = run(tree.path(), &["check", "--pedantic", "--isolated", "--format", "json"]);
    assert_eq!(findings(&checked), ["GFX611 a.nix:5 error", "GFX612 a.nix:6 error"]);
    let tree = folder(&[("a.nix", text.replace("];", "] };").as_bytes())]);
    let checked = run(tree.path(), &["check", "--pedantic", "--isolated", "--format", "json"]);
    assert_eq!(findings(&checked), ["GFX902 a.nix:3 note", "GFX612 a.nix:6 error"]);
}

#[test]
fn only_a_folder_that_was_walked_is_known_to_lack_a_lock_file() {
    let flake = r#"{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { nixpkgs, ... }: { x = import nixpkgs { config.rocmSupport = true; }; };
}
"#;
    let check = |files: &[(&str, &[u8])], arguments: &[&str]| {
        let tree = folder(files);
        let all = [&["check", "--pedantic", "--isolated", "--format", "json"], arguments].concat();
        findings(&run(tree.path(), &all))
    };
    let own: (&str, &[u8]) = ("flake.nix", flake.as_bytes());
    assert_eq!(check(&[own], &["."]), ["GFX617 flake.nix:2 note"]);
    assert_eq!(check(&[own], &["flake.nix"]), Vec::<String>::new());
    assert_eq!(check(&[own, ("flake.lock", b"{}")], &["."]), Vec::<String>::new());
    assert_eq!(check(&[own, ("flake.lock", b"{}"), (".gitignore", b"*.lock\n")], &["."]), Vec::<String>::new());
    assert_eq!(check(&[own, ("a/flake.lock", b"{}")], &["."]), ["GFX617 flake.nix:2 note"]);
    let tree = folder(&[own]);
    let arguments = ["check", "-", "--stdin-filename", "flake.nix", "--pedantic", "--isolated", "--format", "json"];
    assert_eq!(findings(&run_with_input(tree.path(), &arguments, flake.as_bytes())), Vec::<String>::new());
}

/// Expressions, and whether every name in them is bound.
const SCOPES: [(&str, bool); 24] = [
    ("{ pkgs, ... }: { a = rocm-x; }", false),
    ("{ pkgs, ... }: { a = pkgs.rocm-x; }", true),
    ("{ pkgs, ... }: { a = \"${vllm-rocm}/bin\"; }", false),
    ("{ pkgs, ... }: { a = ''${vllm-rocm}/bin''; }", false),
    ("{ pkgs, ... }: { a = '' ''${vllm-rocm} $rocm ''; }", true),
    ("{ pkgs, ... }: { a = \"\\${vllm-rocm}\"; }", true),
    ("{ pkgs, ... }: with pkgs; { a = vllm-rocm; }", true),
    ("{ pkgs, ... }: { a = with pkgs; 1; b = rocm-x; }", false),
    ("rec { rocm = 1; b = rocm; }", true),
    ("{ rocm = 1; b = rocm; }", false),
    ("let rocm = 1; in { inherit rocm; }", true),
    ("{ inherit rocm-x; }", false),
    ("{ x }: { inherit (x) rocm-x; }", true),
    ("{ x }: let inherit (x) rocm-x; in rocm-x", true),
    ("{ rocm ? gfx906, gfx906 }: rocm", true),
    ("{ rocm ? gfx906 }: rocm", false),
    ("args@{ ... }: args.rocm", true),
    ("{ ... }@args: args.rocm or rocm-x", false),
    ("rocm: vllm: rocm vllm", true),
    ("rocm: { ${rocm} = 1; ${vllm-x} = 2; }", false),
    ("let rocm.a = 1; rocm.b = 2; in rocm", true),
    ("assert rocm-x; 1", false),
    ("rocm: if rocm ? vllm then __currentTime else builtins.rocm", true),
    ("let f = { rocm }: rocm; in f { rocm = [ true false null ]; }", true),
];

#[test]
fn names_are_bound_where_nix_says_so() {
    let mut cases: Vec<(String, Option<bool>)> =
        SCOPES.iter().map(|(text, is_bound)| ((*text).to_owned(), Some(*is_bound))).collect();
    for tree in ["nix-plain", "nix-overlay", "nix-inline"] {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(tree);
        let paths = fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path());
        let files = paths.filter(|path| path.extension().is_some_and(|end| end == "nix"));
        cases.extend(files.map(|path| (fs::read_to_string(path).unwrap(), None)));
    }
    for (text, wanted) in cases {
        let tree = folder(&[("a.nix", text.as_bytes())]);
        let checked = run(tree.path(), &["check", "--isolated", "--select", "GFX611", "--format", "json"]);
        let is_bound = findings(&checked).is_empty();
        if let Some(wanted) = wanted {
            assert_eq!(is_bound, wanted, "{text}");
        }
        match parses(tree.path()) {
            Some(parsed) => assert_eq!(is_bound, parsed, "Nix says otherwise: {text}"),
            None => assert!(wanted.is_some() || text.contains('{'), "{text}"),
        }
    }
}

/// Whether Nix reads the file `a.nix` in a folder; none where Nix is not installed.
fn parses(folder: &Path) -> Option<bool> {
    let state = folder.join("state");
    let status = Command::new("nix-instantiate")
        .args(["--parse", "a.nix"])
        .current_dir(folder)
        .env("NIX_STATE_DIR", &state)
        .env("NIX_STORE_DIR", folder.join("store"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .ok()?;
    Some(status.success())
}
