#!/usr/bin/env python3
"""Fits self-energies with NumPy, for the test of the regression on real data.

usage: make_self_energies_golden.py qm9_10k_subset.extxyz.gz OUT.json

The file is a subset of QM9 (doi 10.1038/sdata.2014.22) with the key energy_U0_Ha; energies in the result are in hartree.
"""
import collections
import gzip
import json
import re
import sys

import numpy as np

compositions, energies = [], []
with gzip.open(sys.argv[1], "rt") as lines:
    for count in lines:
        energies.append(float(re.search(r"energy_U0_Ha=(\S+)", next(lines)).group(1)))
        compositions.append(collections.Counter(next(lines).split()[0] for _ in range(int(count))))
elements = sorted(set().union(*compositions))
counts = np.array([[composition[element] for element in elements] for composition in compositions], dtype=float)
solution, _, rank, singular = np.linalg.lstsq(counts, np.array(energies), rcond=None)
residual = np.array(energies) - counts @ solution
with open(sys.argv[2], "w") as out:
    json.dump(
        {
            "configurations": len(energies),
            "self_energies": dict(zip(elements, solution)),
            "residual_rms": float(np.sqrt(np.mean(residual**2))),
            "condition_number": float(singular[0] / singular[-1]),
            "rank": int(rank),
        },
        out,
        indent=1,
    )
    out.write("\n")
