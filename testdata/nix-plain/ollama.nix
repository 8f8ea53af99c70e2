{ pkgs, ... }:
let
  mi50 = "GPU-0123456789abcdef";
in
{
  services.ollama = {
    enable = true;
    package = pkgs.ollama-rocm;
    environmentVariables.HIP_VISIBLE_DEVICES = mi50;
  };
}
