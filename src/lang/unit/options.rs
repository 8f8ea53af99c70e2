//! Options of `podman run`, as `PodmanArgs=` hands them on.

use crate::facts::{Container, Word};
use crate::lang::programs::split_at_equals;

/// Options that are followed by a value and say something of the container.
const VALUED: &[&str] = &[
    "--device",
    "--group-add",
    "--ipc",
    "--shm-size",
    "--security-opt",
    "--cap-add",
    "--env",
    "-e",
    "--env-file",
    "--user",
    "-u",
    "--volume",
    "-v",
    "--mount",
    "--tmpfs",
    "--runtime",
    "--gpus",
    "--entrypoint",
];

/// Notes what the options say; returns the assignments that `--env` hands on.
pub(super) fn read(words: &[Word], container: &mut Container) -> Vec<Word> {
    let mut environment = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let Some(written) = word.by_default() else {
            container.is_open = true;
            continue;
        };
        if written == "--privileged" || written == "--privileged=true" {
            container.privileged = Some(word.span);
            continue;
        }
        let (name, value) = match split_at_equals(word).filter(|(name, _)| name.starts_with("--")) {
            Some(found) => found,
            None if VALUED.contains(&written.as_str()) => match words.next() {
                Some(value) => (written, value.clone()),
                None => return environment,
            },
            None => continue,
        };
        match name.as_str() {
            "--device" => container.devices.push(value),
            "--group-add" => container.groups.push(value),
            "--ipc" => container.ipc = Some(value),
            "--shm-size" => container.shm_size = Some(value),
            "--security-opt" | "--cap-add" => container.security.push(value),
            "--env" | "-e" => environment.push(value),
            "--env-file" => container.env_files.push(value),
            "--user" | "-u" => container.user = Some(value),
            "--volume" | "-v" | "--mount" | "--tmpfs" => container.mounts.push(value),
            "--runtime" => container.runtime = Some(value),
            "--gpus" => container.nvidia.push(value),
            _ => {}
        }
    }
    environment
}
