{ pkgs, ... }:
{
  home.username = "ada";
  home.packages = [
    pkgs.ripgrep
    (pkgs.python3Packages.vllm.override {
      rocmSupport = true;
      gpuTargets = [ "gfx906" ];
    })
    pkgs.jq
  ];
}
