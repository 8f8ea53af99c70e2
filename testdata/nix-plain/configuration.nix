{ pkgs, ... }:
{
  imports = [ ./ollama.nix ];
  networking.hostName = "desk";
  users.users.ada.isNormalUser = true;
  environment.systemPackages = [ pkgs.git ];
}
