{ pkgs, ... }:
{
  home.username = "ada";
  home.packages = with pkgs; [
    ripgrep
    # Serves models with more throughput than Ollama.
    vllm
    jq
  ];
}
