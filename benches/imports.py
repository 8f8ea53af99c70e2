#!/usr/bin/env python3
"""Compares the rules about imports alone with type checkers that resolve the same imports: wall time, in turn, medians.

    benches/imports.py [--runs N] [--gfxlint PATH] [TREE]...

Without trees, takes every `vllm-*` folder below $GFXLINT_CORPUS. Needs a release build of gfxlint
(`cargo build --release`), ty and pyrefly on the PATH. Prints a Markdown table. The checkers report no more than
imports, see an environment without packages, and leave the tree's own configuration aside.
"""
import datetime, os, shutil, statistics, subprocess, sys, tempfile, venv
from pathlib import Path

from compare import arguments, measure, version

TY = ["--ignore", "all", "--error", "import-not-found", "--error", "possibly-missing-import"]
PYREFLY = ["--only", "missing-import", "--only", "missing-module-attribute"]


def program(name):
    """The program itself, not a script of pyenv's that starts it."""
    found = shutil.which(name) or sys.exit(f"imports: {name} is not on the PATH")
    asked = subprocess.run(["pyenv", "which", name], capture_output=True, text=True) if shutil.which("pyenv") else None
    return asked.stdout.strip() if asked and asked.returncode == 0 else found


def main():
    given = arguments(__doc__)
    ours, ty, pyrefly = str(given.gfxlint.resolve()), program("ty"), program("pyrefly")
    with tempfile.TemporaryDirectory() as scratch:
        empty = Path(scratch, "venv")
        venv.create(empty)
        nothing = Path(scratch, "ty.toml")
        nothing.touch()
        plain = Path(scratch, "pyrefly.toml")
        plain.touch()
        python = str(empty / "bin" / "python")
        commands = {
            "gfxlint": [ours, "check", ".", "--isolated", "--no-cache", "--select", "GFX2", "--format", "concise"],
            "ty": [ty, "check", "-q", "--config-file", str(nothing), "--python", str(empty), *TY, "."],
            "pyrefly": [pyrefly, "check", "--config", str(plain), "--python-interpreter-path", python, *PYREFLY, "."],
        }
        print(f"Measured {datetime.date.today().isoformat()}: gfxlint {version(ours)} (`--select GFX2`), "
              f"ty {version(ty)} (`{' '.join(TY)}`), pyrefly {version(pyrefly)} (`{' '.join(PYREFLY)}`), "
              f"{len(os.sched_getaffinity(0))} cores, medians of {given.runs} runs in turn.\n")
        print("| tree | Python files | gfxlint | ty | pyrefly | ty / gfxlint | pyrefly / gfxlint |")
        print("|---|---:|---:|---:|---:|---:|---:|")
        for tree in given.trees:
            measure(commands["gfxlint"], tree)  # So that all read from the same warm file cache.
            walls = {name: [] for name in commands}
            for _ in range(given.runs):
                for name, command in commands.items():
                    walls[name].append(measure(command, tree)[0])
            wall = {name: statistics.median(values) for name, values in walls.items()}
            files = sum(name.endswith(".py") for _, _, names in os.walk(tree) for name in names)
            print(f"| {tree.name} | {files:,} | {wall['gfxlint'] * 1000:.0f} ms | {wall['ty']:.1f} s | {wall['pyrefly']:.1f} s | "
                  f"{wall['ty'] / wall['gfxlint']:.0f} x | {wall['pyrefly'] / wall['gfxlint']:.0f} x |", flush=True)


if __name__ == "__main__":
    main()
