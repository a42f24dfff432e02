"""What the numbers were measured on."""

import os
import pathlib
import platform
import re
import subprocess
import sys


def answer(command, default=None):
    """The first line that a program prints, or `default` where it cannot be run."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    except (OSError, subprocess.SubprocessError):
        return default
    return (done.stdout.strip().splitlines() or [default])[0]


def processor():
    """Name, family and model: virtual machines give processors of several generations one name."""
    if platform.system() == "Darwin":
        return answer(["sysctl", "-n", "machdep.cpu.brand_string"], platform.machine())
    return named(pathlib.Path("/proc/cpuinfo").read_text()) or platform.machine()


def named(information):
    """The processor that a text such as /proc/cpuinfo tells of; None where it does not."""
    fields = dict(re.findall(r"^(model name|cpu family|model)\s*: *(.+?) *$", information, re.MULTILINE))
    if "model name" not in fields:
        return None
    numbers = [f"{key.split()[-1]} {fields[key]}" for key in ("cpu family", "model") if key in fields]
    return fields["model name"] + (f" ({', '.join(numbers)})" if numbers else "")


def cores():
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()


def warn_of_load():
    """Says so where other work would make figures wrong."""
    load = os.getloadavg()[0]
    if load > 0.3 * cores():
        print(f"warning: the load of this machine is {load:.1f}; other work makes all figures wrong", file=sys.stderr)


def memory_gigabytes():
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9)


def name():
    """A name for files, such as amd-epyc-9r14-family-25-model-17-2-cores."""
    plain = re.sub(r"\(r\)|\(tm\)|\bcpu\b|@[^(]*|\d+-core|processor", " ", processor().lower())
    return re.sub(r"[^a-z0-9]+", "-", f"{plain} {cores()} cores").strip("-")


def commit(root):
    """The commit, with -dirty where other files than results differ from it."""
    found = answer(["git", "-C", root, "describe", "--always"], "not known")
    changes = ["git", "-C", root, "status", "--porcelain", "--untracked-files=no", "--", ".", ":!Benchmarks/results"]
    return found + ("-dirty" if answer(changes) else "")


def description(root):
    """Machine and versions, for the head of the results."""
    return {
        "processor": processor(), "cores": cores(), "memory [GB]": memory_gigabytes(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "swift": answer(["swift", "--version"], "not found"),
        "commit": commit(root),
    }
