//! Options of `run` and `create`, of Docker and Podman (docs.docker.com/reference/cli/docker/container/run,
//! docs.podman.io `podman-run`).

/// Long options that are followed by a value; all others are switches.
const WITH_VALUE: &[&str] = &[
    "add-host", "annotation", "arch", "attach", "authfile", "blkio-weight", "cap-add", "cap-drop", "cgroup-parent",
    "cgroupns", "cgroups", "cidfile", "conmon-pidfile", "cpu-count", "cpu-percent", "cpu-period", "cpu-quota",
    "cpu-rt-period", "cpu-rt-runtime", "cpu-shares", "cpus", "cpuset-cpus", "cpuset-mems", "detach-keys", "device",
    "device-cgroup-rule", "device-read-bps", "device-read-iops", "device-write-bps", "device-write-iops", "dns",
    "dns-opt", "dns-option", "dns-search", "domainname", "entrypoint", "env", "env-file", "expose", "gidmap", "gpus",
    "group-add", "group-entry", "health-cmd", "health-interval", "health-retries", "health-start-period",
    "health-timeout", "hostname", "image-volume", "init-path", "ip", "ip6", "ipc", "isolation", "label", "label-file",
    "link", "link-local-ip", "log-driver", "log-opt", "mac-address", "memory", "memory-reservation", "memory-swap",
    "memory-swappiness", "mount", "name", "net", "network", "network-alias", "oom-score-adj", "os", "passwd-entry",
    "personality", "pid", "pids-limit", "platform", "pod", "pod-id-file", "preserve-fd", "publish", "pull", "requires",
    "restart", "runtime", "sdnotify", "seccomp-policy", "secret", "security-opt", "shm-size", "shm-size-systemd",
    "stop-signal", "stop-timeout", "storage-opt", "subgidname", "subuidname", "sysctl", "systemd", "timeout", "tmpfs",
    "tz", "uidmap", "ulimit", "umask", "unsetenv", "user", "userns", "uts", "variant", "volume", "volume-driver",
    "volumes-from", "workdir",
];

/// The long name of a short option that takes a value.
pub(super) fn long_name(short: char) -> Option<&'static str> {
    Some(match short {
        'a' => "attach",
        'c' => "cpu-shares",
        'e' => "env",
        'h' => "hostname",
        'l' => "label",
        'm' => "memory",
        'p' => "publish",
        'u' => "user",
        'v' => "volume",
        'w' => "workdir",
        _ => return None,
    })
}

/// Whether an option, as written, is followed by a value of its own.
pub(super) fn takes_value(option: &str) -> bool {
    match option.strip_prefix("--") {
        Some(long) => WITH_VALUE.contains(&long),
        // In a cluster (`-ite X=1`) the last one may take a value.
        None => option.chars().next_back().is_some_and(|last| long_name(last).is_some()) && !is_glued(option),
    }
}

/// Whether the value is written right behind a short option: `-p8000:8000`, `-eX=1`.
pub(super) fn is_glued(option: &str) -> bool {
    let letters: Vec<char> = option.chars().skip(1).collect();
    letters.iter().position(|&letter| long_name(letter).is_some()).is_some_and(|first| first + 1 < letters.len())
}
