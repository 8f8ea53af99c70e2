{ pkgs, ... }:
{
  imports = [
    ./ollama.nix
    ./vllm.nix
  ];
  networking.hostName = "desk";
  environment.systemPackages = [ pkgs.rocmPackages.rocminfo ];
}
