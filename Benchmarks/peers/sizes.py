"""Prints as JSON what each package takes on the disk with everything that it requires, in bytes, and its version."""

import importlib.metadata
import json
import re
import sys


def distribution(name):
    try:
        return importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def closure(name, seen):
    """The package and all that it requires, as far as it is installed; extras are left out."""
    key = re.sub(r"[-_.]+", "-", name).lower()
    found = distribution(name)
    if key in seen or found is None:
        return
    seen[key] = found
    for requirement in found.requires or []:
        if "extra ==" not in requirement:
            closure(re.match(r"[\w.-]+", requirement).group(), seen)


def size(found):
    return sum(file.size or 0 for file in found.files or [])


report = {}
for name in sys.argv[1:]:
    packages = {}
    closure(name, packages)
    if packages:
        report[name] = {"version": distribution(name).version, "bytes": sum(map(size, packages.values()))}
print(json.dumps(report))
