#!/usr/bin/env python3
"""Writes the molecules of the package qm9pack as extended XYZ, energies in hartree.

    pip install qm9pack==1.0.3
    python Tools/qm9pack_to_extxyz.py qm9.extxyz
"""
import ast
import csv
import importlib.util
import sys
from pathlib import Path

csv.field_size_limit(10**8)
# The data are read by themselves: importing the package would need pandas.
data = Path(importlib.util.find_spec("qm9pack").origin).parent / "data"
with open(sys.argv[1], "w") as out:
    for path in sorted(data.glob("qm9_part*.csv")):
        for row in csv.DictReader(path.open()):
            elements, positions, charges = (ast.literal_eval(row[k]) for k in ("Elements", "XYZ_Ang", "Mulliken_pop"))
            out.write(f"{len(elements)}\nProperties=species:S:1:pos:R:3:mulliken_charges:R:1 name={row['XYZ_file'][:-4]} "
                      f"U0={row['InternalEnergy_0K_au']} energy_unit=hartree length_unit=angstrom pbc=\"F F F\"\n")
            out.writelines(f"{e} {x} {y} {z} {q}\n" for e, (x, y, z), q in zip(elements, positions, charges))
