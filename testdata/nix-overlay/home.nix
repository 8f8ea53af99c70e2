{ pkgs, ... }:
{
  home.username = "ada";
  home.packages = with pkgs; [
    ripgrep
    vllm-rocm
  ];
}
