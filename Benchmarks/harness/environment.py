"""The programs under test: Apus, built here, and the peers in a virtual environment."""

import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys

import processes

BENCHMARKS = pathlib.Path(__file__).resolve().parent.parent
ROOT = BENCHMARKS.parent

# Package on PyPI, the module that makes its potentials, and its models.
PEERS = {
    "schnetpack": ("schnetpack", ["schnet", "painn"]),
    "torchani": ("torchani.models", ["ani2x"]),
    "torchmd-net": ("torchmdnet.models.model", ["tensornet"]),
    "mace-torch": ("mace.modules", ["mace"]),
}


def say(text):
    print(text, file=sys.stderr, flush=True)


def build_apus():
    """Builds the program as `scripts/demo` does and returns its path."""
    if shutil.which("swift") is None:
        raise processes.Failure(
            "there is no 'swift' in the path: install Swift 6.1 or newer, or name a program with --apus")
    say("building Apus")
    static = [] if platform.system() == "Darwin" else ["--static-swift-stdlib"]
    for command in (["scripts/prepare"], ["swift", "build", "-c", "release", "--product", "apus", *static]):
        if subprocess.run(command, cwd=ROOT, stdout=sys.stderr).returncode:
            raise processes.Failure(f"'{' '.join(command)}' failed, see above")
    return ROOT / ".build/release/apus"


def python_for_peers():
    """A Python that the peers can be installed for, of version 3.12 or 3.13."""
    for name in ("python3.12", "python3.13", "python3"):
        test = "import sys, venv, ensurepip; sys.exit(not (3, 12) <= sys.version_info < (3, 14))"
        try:
            if subprocess.run([name, "-c", test], capture_output=True).returncode == 0:
                return name
        except OSError:
            continue
    raise processes.Failure(
        "the peers need Python 3.12 or 3.13 with the module venv: install it, or name an environment that has them "
        "in APUS_PEERS_PYTHON")


def pinned():
    """Package and version of each line of the requirements."""
    lines = (BENCHMARKS / "requirements.txt").read_text().splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def installed(python):
    """Version and size of the packages that are there."""
    found = processes.run([python, BENCHMARKS / "peers/sizes.py", *pinned()])
    return json.loads(found.output)


def prepare_peers():
    """The Python of the peers, what is installed, and why the missing ones are missing."""
    given = os.environ.get("APUS_PEERS_PYTHON")
    if given:
        try:
            there = installed(given)
        except processes.Failure as failure:
            raise processes.Failure(f"APUS_PEERS_PYTHON: {failure}") from None
        return given, there, {name: "not installed in APUS_PEERS_PYTHON" for name in PEERS if name not in there}
    python = BENCHMARKS / ".venv/bin/python"
    if not python.exists():
        say("making Benchmarks/.venv")
        processes.run([python_for_peers(), "-m", "venv", BENCHMARKS / ".venv"])
    missing = {}
    there = installed(python)
    for name, version in pinned().items():
        if there.get(name, {}).get("version", "").split("+")[0] == version:
            continue
        say(f"installing {name} {version}; PyTorch and its libraries take gigabytes")
        pip = [python, "-m", "pip", "install", "--disable-pip-version-check", "--quiet"]
        # What is there already keeps its version, so that one peer does not change another.
        held = [f"{other}=={there[other]['version']}" for other in pinned() if other in there and other != name]
        try:
            processes.run([*pip, f"{name}=={version}", *held], limit=3600)
        except processes.Failure as failure:
            missing[name] = str(failure)
        there = installed(python)
    return python, there, missing
