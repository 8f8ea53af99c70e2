{ config, pkgs, ... }:
let
  mi50 = "GPU-0123456789abcdef";
in
{
  systemd.services.vllm = {
    description = "vLLM on the MI50";
    wantedBy = [ "multi-user.target" ];
    environment = {
      HIP_VISIBLE_DEVICES = mi50;
      HF_HOME = "/var/lib/vllm";
    };
    serviceConfig = {
      ExecStart = ''
        ${vllm-rocm}/bin/vllm serve Qwen/Qwen2.5-7B-Instruct \
          --dtype half --port 8000
      '';
      SupplementaryGroups = [ "render" "video" ];
      StateDirectory = "vllm";
    };
  };

  virtualisation.oci-containers.containers.vllm-gfx906 = {
    image = "nalanzeyu/vllm-gfx906:latest";
    cmd = [
      "vllm"
      "serve"
      "Qwen/Qwen2.5-7B-Instruct"
      "--dtype"
      "half"
    ];
    ports = [ "8001:8000" ];
    extraOptions = [
      "--device=/dev/kfd"
      "--device=/dev/dri"
    ];
  };
}
