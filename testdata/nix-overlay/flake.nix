{
  description = "The same desktop with vLLM for ROCm, by an overlay";

  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.11";
    home-manager.url = "github:nix-community/home-manager/release-25.11";
  };

  outputs =
    { nixpkgs, home-manager, ... }:
    let
      targets = [ "gfx906" ];
      rocm-python = final: prev: {
        python3Packages = prev.python3Packages.override {
          overrides = pyFinal: pyPrev: {
            torch = pyPrev.torch.override {
              rocmSupport = true;
              gpuTargets = targets;
            };
            vllm = pyPrev.vllm.override {
              rocmSupport = true;
              gpuTargets = targets;
            };
          };
        };
        vllm-rocm = final.python3Packages.vllm;
      };
    in
    {
      nixosConfigurations.desk = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          { nixpkgs.overlays = [ rocm-python ]; }
          ./configuration.nix
          home-manager.nixosModules.home-manager
          {
            home-manager.useGlobalPkgs = true;
            home-manager.users.ada = import ./home.nix;
          }
        ];
      };
    };
}
