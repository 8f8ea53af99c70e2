//! What the front end makes of Nix files.

use crate::facts::{ContainerKind, FileFacts, NixLayerKind, NixRole, NixValue, SettingKind, TextPart};
use crate::lang::remarks;

fn facts(text: &str) -> FileFacts {
    let mut facts = FileFacts::default();
    (super::FRONT_END.extract)(text, &mut facts);
    remarks::assert_spans(text, &facts);
    facts
}

/// Paths of the uses of packages in a text.
fn paths(text: &str) -> Vec<String> {
    facts(text).nix.unwrap_or_default().references.iter().map(|found| found.path.join(".")).collect()
}

#[test]
fn names_lead_to_packages() {
    let text = r#"
      { pkgs, inputs, ... }:
      let
        ps = pkgs.python3Packages;
        inherit (ps) torch;
        unstable = import inputs.nixpkgs { config.rocmSupport = true; };
      in {
        a = ps.vllm;
        b = [ torch ];
        c = with pkgs.rocmPackages; [ clr ];
        d = unstable.vllm;
        e = inputs.nixpkgs.legacyPackages.${pkgs.system}.vllm;
      }
    "#;
    let found = paths(text);
    for wanted in [
        "pkgs.python3Packages.vllm",
        "pkgs.python3Packages.torch",
        "pkgs.rocmPackages.clr",
        "nixpkgs.vllm",
        "inputs.nixpkgs.legacyPackages.${}.vllm",
    ] {
        assert!(found.iter().any(|path| path == wanted), "{wanted} of {found:?}");
    }
}

#[test]
fn overrides_have_arguments_whose_values_are_followed() {
    let text = r#"
      final: prev:
      let
        targets = [ "gfx906" ];
        common = { rocmSupport = true; cudaSupport = false; };
      in {
        torch = (prev.torch.override (common // { gpuTargets = targets; })).overrideAttrs (old: { x = 1; });
      }
    "#;
    let nix = facts(text).nix.unwrap();
    let torch = &nix.references[0];
    assert_eq!((torch.path.join(".").as_str(), torch.defines.as_deref()), ("prev.torch", Some("torch")));
    assert_eq!(
        torch.overrides.iter().map(|change| change.method.as_str()).collect::<Vec<_>>(),
        ["override", "overrideAttrs"]
    );
    assert_eq!(torch.argument("rocmSupport").map(|given| &given.value), Some(&NixValue::Bool(true)));
    assert!(matches!(&torch.argument("gpuTargets").unwrap().value, NixValue::List(items, false) if items.len() == 1));
    assert_eq!(nix.layers[0].kind, NixLayerKind::Overlay);
    assert_eq!(nix.layers[0].names[0].name, "torch");
}

#[test]
fn layers_are_told_apart() {
    let text = r#"
      final: prev: {
        pythonPackagesExtensions = prev.pythonPackagesExtensions ++ [ (pf: pp: { torch = pp.torch; }) ];
        python3 = prev.python3.override { packageOverrides = a: b: { vllm = b.vllm; }; };
        python3Packages = prev.python3Packages.override { overrides = a: b: { vllm = b.vllm; }; };
        rocmPackages = prev.rocmPackages.overrideScope (a: b: { clr = b.clr; });
        env = final.python3.withPackages (ps: with ps; [ torch vllm ]);
      }
    "#;
    let nix = facts(text).nix.unwrap();
    use NixLayerKind::{Extension, Overlay, Overrides, PackageOverrides, Scope, WithPackages};
    let kinds: Vec<_> = nix.layers.iter().map(|layer| layer.kind).collect();
    assert_eq!(kinds, [Overlay, Extension, PackageOverrides, Overrides, Scope, WithPackages]);
    assert_eq!(nix.layers[3].of, ["prev", "python3Packages"]);
    assert_eq!(nix.layers[5].of, ["final", "python3"]);
    let inside: Vec<_> = nix.references.iter().filter(|found| found.role == NixRole::Dependency).collect();
    assert_eq!(inside.len(), 2);
    assert!(inside.iter().all(|found| found.layer == Some(5) && found.path[0] == "ps"));
}

#[test]
fn scripts_in_strings_are_read_where_they_stand() {
    let text = r#"
      { pkgs, cfg, ... }:
      let port = 8000; in
      {
        systemd.services.vllm = {
          environment.HIP_VISIBLE_DEVICES = "0";
          serviceConfig.ExecStart = ''
            ${pkgs.vllm}/bin/vllm serve --model ${cfg.model} \
              --dtype bfloat16 --port ${toString port}
          '';
        };
        shell = pkgs.mkShell {
          shellHook = ''
            export HSA_OVERRIDE_GFX_VERSION=''${GFX:-11.0.0}
          '';
        };
        run = pkgs.writeShellScript "run" "vllm serve M --dtype \"half\"";
      }
    "#;
    let facts = facts(text);
    let launches: Vec<_> = facts.launches.iter().map(|launch| (launch.model.clone(), launch.options.clone())).collect();
    assert_eq!(launches.len(), 2);
    assert_eq!(launches[0].0.as_ref().map(|model| model.known()), Some(None));
    let values: Vec<_> =
        launches[0].1.iter().map(|option| option.value.as_ref().and_then(|value| value.known())).collect();
    assert_eq!(values, [Some("bfloat16".to_owned()), Some("8000".to_owned())]);
    let dtype = launches[1].1[0].value.as_ref().unwrap();
    assert_eq!((dtype.known().as_deref(), dtype.span.text(text)), (Some("half"), "half"));
    assert_eq!(facts.launches[0].home.container, Some(0));
    let hook = facts.settings.iter().find(|setting| setting.name == "HSA_OVERRIDE_GFX_VERSION").unwrap();
    assert_eq!(hook.value.by_default().as_deref(), Some("11.0.0"));
}

#[test]
fn command_lines_are_put_together_from_lists() {
    let text = r#"
      { lib, pkgs, cfg, ... }: {
        systemd.services.vllm.serviceConfig.ExecStart = lib.concatStringsSep " " [
          (lib.getExe pkgs.vllm)
          "serve"
          cfg.model
          "--dtype"
          "half"
          "--chat-template" "''${x}"
        ];
      }
    "#;
    let facts = facts(text);
    assert_eq!(facts.launches.len(), 1);
    let dtype = facts.launches[0].option("dtype").and_then(|option| option.value.clone()).unwrap();
    assert_eq!(dtype.known().as_deref(), Some("half"));
}

#[test]
fn containers_are_those_of_other_languages() {
    let text = r#"
      { ... }: {
        virtualisation.oci-containers.containers.vllm = {
          image = "rocm/vllm:rocm7.0.0_vllm_0.11.2_20251210";
          cmd = [ "vllm" "serve" "M" "--dtype" "half" ];
          environment = { HIP_VISIBLE_DEVICES = "0"; };
          extraOptions = [ "--device=/dev/kfd" "--group-add" "video" "--ipc=host" "-e" "HSA_ENABLE_SDMA=0" ];
          devices = [ "/dev/dri:/dev/dri" ];
        };
      }
    "#;
    let facts = facts(text);
    let container = &facts.containers[0];
    assert_eq!((container.kind, container.name.as_deref()), (ContainerKind::Nix, Some("vllm")));
    assert_eq!(container.devices.len(), 2);
    assert_eq!(container.groups[0].known().as_deref(), Some("video"));
    assert_eq!(container.ipc.as_ref().and_then(|ipc| ipc.known()).as_deref(), Some("host"));
    let names: Vec<_> = facts.settings.iter().map(|setting| (setting.name.as_str(), setting.container)).collect();
    assert_eq!(names, [("HIP_VISIBLE_DEVICES", Some(0)), ("HSA_ENABLE_SDMA", Some(0))]);
    assert_eq!(facts.launches[0].home.container, Some(0));
}

#[test]
fn lists_of_targets_are_sites() {
    let text = r#"
      { gpuTargets ? [ "gfx906" ], lib, clr, stdenv }:
      let targets = [ "gfx1100" ] ++ [ "gfx1101" ]; in {
        a = clr.override { localGpuTargets = targets; };
        cmakeFlags = [ "-DAMDGPU_TARGETS=gfx90a" (lib.cmakeFeature "GPU_TARGETS" "gfx942") ];
      }
    "#;
    let facts = facts(text);
    let lists: Vec<_> = facts
        .settings
        .iter()
        .map(|setting| (setting.name.as_str(), setting.kind, setting.value.known().unwrap_or_default()))
        .collect();
    assert_eq!(
        lists,
        [
            ("localGpuTargets", SettingKind::NixList, "gfx1100;gfx1101".to_owned()),
            ("gpuTargets", SettingKind::NixList, "gfx906".to_owned()),
            ("AMDGPU_TARGETS", SettingKind::BuildFlag, "gfx90a".to_owned()),
            ("GPU_TARGETS", SettingKind::BuildFlag, "gfx942".to_owned()),
        ]
    );
    assert!(facts.settings[0].via.is_some());
}

#[test]
fn unparsed_files_tell_what_they_import() {
    let text = "{ imports = [ ./a.nix ../b ./c/d.nix ]; # ./no.nix\n src = ./x.patch; url = \"http://x/./y.nix\"; }";
    let mut facts = FileFacts::default();
    super::outline(text, &mut facts);
    let paths: Vec<_> = facts.nix.unwrap().imports.into_iter().map(|import| import.path).collect();
    assert_eq!(paths, ["./a.nix", "../b", "./c/d.nix"]);
}

#[test]
fn values_that_contain_themselves_have_an_end() {
    let text = "let a = a ++ [ a a a ] ++ a; b = { x = b // b; } // b; c = c.d; gpuTargets = c; in { rocm = a; inherit b c gpuTargets; }";
    let found = facts(text);
    assert!(found.settings.iter().all(|setting| setting.value.parts.iter().all(|part| *part == TextPart::Unknown)));
}
