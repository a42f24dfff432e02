#!/usr/bin/env python3
"""Converts the force files of qmllib (tests/assets/force_*.csv, github.com/qmlcode/qmllib) to extended XYZ.

usage: convert_qmllib.py FILE.csv OUT.extxyz

The molecules are neutral; energies are in kcal/mol, forces in kcal/mol/angstrom, dipole moments in debye.
"""
import ast
import csv
import sys

csv.field_size_limit(10**9)
with open(sys.argv[1]) as source, open(sys.argv[2], "w") as target:
    for row in csv.DictReader(source, delimiter=";"):
        symbols, positions, forces = (ast.literal_eval(row[key]) for key in ("atomtypes", "coordinates", "forces"))
        dipole = " ".join(map(repr, ast.literal_eval(row["dipole"])))
        target.write(f"{len(symbols)}\n")
        target.write(
            f'Properties=species:S:1:pos:R:3:forces:R:3 energy={row["total_energy"]} dipole="{dipole}" total_charge=0 '
            f'name={row["name"]} length_unit=angstrom energy_unit=kcal/mol dipole_unit=debye pbc="F F F"\n'
        )
        for symbol, position, force in zip(symbols, positions, forces):
            target.write(" ".join([symbol, *map(repr, position + force)]) + "\n")
