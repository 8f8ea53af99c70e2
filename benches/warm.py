#!/usr/bin/env python3
"""Compares gfxlint with ruff where both have seen the tree before: wall time, in turn, medians.

    benches/warm.py [--runs N] [--gfxlint PATH] [TREE]...

Each tree is copied and made a git repository. Three runs are measured: gfxlint and ruff on all of it with nothing changed,
and gfxlint on five files that are named, one of which changes each time, as a commit hook does. Prints a Markdown table.
"""
import datetime, os, shutil, statistics, tempfile, time
from pathlib import Path

from compare import arguments, measure, ruff_program, version

RUFF = ["check", "--isolated", "--select", "F401,F811,F822", "-q", "."]
# Files that change together when a target is added.
NAMED = ["CMakeLists.txt", "docker/Dockerfile.rocm", "vllm/platforms/rocm.py", "vllm/_custom_ops.py", "csrc/rocm/attention.cu"]
# Files that changed just now are read again, whatever their time says.
SETTLED = 2.5


def main():
    given = arguments(__doc__)
    ours, theirs = str(given.gfxlint.resolve()), ruff_program()
    print(f"Measured {datetime.date.today().isoformat()}: gfxlint {version(ours)}, ruff {version(theirs)} "
          f"(`ruff {' '.join(RUFF)}`), {len(os.sched_getaffinity(0)) if hasattr(os, 'sched_getaffinity') else os.cpu_count()} cores, "
          f"medians of {given.runs} runs in turn.\n")
    print("| tree | files | gfxlint, nothing changed | ruff, nothing changed | gfxlint, five files named |")
    print("|---|---:|---:|---:|---:|")
    for tree in given.trees:
        with tempfile.TemporaryDirectory() as scratch:
            copy = Path(scratch, tree.name)
            shutil.copytree(tree, copy, symlinks=True)
            (copy / ".git").mkdir()
            os.environ["GFXLINT_CACHE_DIR"] = str(Path(scratch, "gfxlint"))
            os.environ["RUFF_CACHE_DIR"] = str(Path(scratch, "ruff"))
            named = [name for name in NAMED if (copy / name).exists()]
            commands = {
                "gfxlint": [ours, "check", ".", "--isolated", "--format", "concise"],
                "ruff": [theirs, *RUFF],
                "named": [ours, "check", *named, "--isolated", "--format", "concise"],
            }
            time.sleep(SETTLED)
            for command in commands.values():
                measure(command, copy)
                measure(command, copy)
            walls = {name: [] for name in commands}
            for turn in range(given.runs):
                # The file that changed in the turn before is known by now.
                for command in commands.values():
                    measure(command, copy)
                for name, command in commands.items():
                    walls[name].append(measure(command, copy)[0])
                with open(copy / named[turn % len(named)], "a") as changed:
                    changed.write("\n")
                walls["named"][-1] = measure(commands["named"], copy)[0]
            wall = {name: statistics.median(values) for name, values in walls.items()}
            files = sum(len(names) for _, _, names in os.walk(tree))
            print(f"| {tree.name} | {files:,} | {wall['gfxlint'] * 1000:.0f} ms | {wall['ruff'] * 1000:.0f} ms | "
                  f"{wall['named'] * 1000:.0f} ms |", flush=True)


if __name__ == "__main__":
    main()
