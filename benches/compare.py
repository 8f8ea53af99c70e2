#!/usr/bin/env python3
"""Compares gfxlint with ruff on the same trees: wall time and peak memory, in turn, medians.

    benches/compare.py [--runs N] [--gfxlint PATH] [--arch TARGET] [TREE]...

Without trees, takes every `vllm-*` folder below $GFXLINT_CORPUS. Needs a release build of gfxlint
(`cargo build --release`) and ruff on the PATH. Prints a Markdown table.
"""
import argparse, datetime, os, shutil, statistics, subprocess, sys, time
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
RUFF = ["check", "--no-cache", "--isolated", "--select", "F401,F811,F822", "-q", "."]
# gfxlint reads no file above this, in bytes.
LARGEST_FILE = 16 << 20
# Exit status 1 means findings, for both.
FINE = (0, 1)


def arguments(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees", nargs="*", type=Path, metavar="TREE")
    parser.add_argument("--runs", type=int, default=10, help="runs of each program a tree (default: 10)")
    parser.add_argument("--gfxlint", type=Path, default=HERE / "target" / "release" / "gfxlint")
    parser.add_argument("--arch", help="targets to check for (default: none)")
    given = parser.parse_args()
    if not given.trees:
        if not (corpus := os.environ.get("GFXLINT_CORPUS")):
            parser.error("give trees, or set GFXLINT_CORPUS to a folder with unpacked releases (vllm-0.14.1, ...)")
        given.trees = sorted(Path(corpus).glob("vllm-[0-9]*"), key=lambda tree: [int(n) for n in tree.name[5:].split(".")])
    if not given.trees or given.runs < 1:
        parser.error("nothing to run")
    if not os.access(given.gfxlint, os.X_OK):
        parser.error("no gfxlint there; run `cargo build --release`, or give --gfxlint")
    return given


def ruff_program():
    """ruff itself, not a script that starts it."""
    found = shutil.which("ruff") or sys.exit("compare: ruff is not on the PATH")
    asked = subprocess.run([sys.executable, "-c", "import ruff; print(ruff.find_ruff_bin())"], capture_output=True, text=True)
    return asked.stdout.strip() if asked.returncode == 0 else found


def measure(command, folder):
    """Wall time in seconds and peak resident memory in bytes of one run."""
    start = time.perf_counter()
    child = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    complaint = child.stderr.read()
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode not in FINE:
        sys.exit(f"compare: {Path(command[0]).name} ended with {child.returncode}: {complaint.decode(errors='replace')}")
    # Kilobytes, except on macOS.
    return wall, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def version(program):
    return subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]


def main():
    given = arguments(__doc__)
    ours = str(given.gfxlint.resolve())
    theirs = ruff_program()
    commands = {
        "gfxlint": [ours, "check", ".", "--isolated", "--no-cache", "--format", "concise"] + (["--arch", given.arch] if given.arch else []),
        "ruff": [theirs, *RUFF],
    }
    print(f"Measured {datetime.date.today().isoformat()}: gfxlint {version(ours)}, ruff {version(theirs)} "
          f"(`ruff {' '.join(RUFF)}`), {len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()} cores, "
          f"medians of {given.runs} runs in turn.\n")
    print("| tree | files | MB | gfxlint | a MB | ruff | ratio | gfxlint peak memory | ruff peak memory |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|---:|")
    for tree in given.trees:
        if not tree.is_dir():
            sys.exit(f"compare: {tree} is no folder")
        for command in commands.values():
            measure(command, tree)  # So that both read from the same warm file cache.
        walls, peaks = {name: [] for name in commands}, {name: [] for name in commands}
        for _ in range(given.runs):
            for name, command in commands.items():
                wall, peak = measure(command, tree)
                walls[name].append(wall)
                peaks[name].append(peak)
        wall = {name: statistics.median(values) for name, values in walls.items()}
        peak = {name: max(values) / 2**20 for name, values in peaks.items()}
        sizes = [os.path.getsize(Path(folder, name)) for folder, _, names in os.walk(tree) for name in names]
        megabytes = sum(size for size in sizes if size <= LARGEST_FILE) / 1e6
        print(f"| {tree.name} | {len(sizes):,} | {megabytes:.0f} | {wall['gfxlint'] * 1000:.0f} ms | "
              f"{wall['gfxlint'] * 1000 / megabytes:.1f} ms | {wall['ruff'] * 1000:.0f} ms | "
              f"{wall['gfxlint'] / wall['ruff']:.2f} | {peak['gfxlint']:.0f} MiB | {peak['ruff']:.0f} MiB |", flush=True)


if __name__ == "__main__":
    main()
