#!/usr/bin/env python3
"""Converts a database of SchNetPack (ASE's SQLite format with labels in the data field) to extended XYZ.

usage: convert_schnetpack_db.py FILE.db OUT.extxyz

Energies in eV, forces in eV/angstrom, total charges in e; the units that the file states are checked.
"""
import sys

import numpy as np
from ase.db import connect

with connect(sys.argv[1]) as database, open(sys.argv[2], "w") as target:
    print(database.metadata, file=sys.stderr)
    for number, row in enumerate(database.select()):
        if number == 0:
            print({key: np.shape(value) for key, value in row.data.items()}, file=sys.stderr)
        atoms = row.toatoms()
        energy = float(np.ravel(row.data["energy"])[0])
        charge = int(round(float(np.ravel(row.data["total_charge"])[0])))
        forces = np.asarray(row.data["forces"], dtype=float)
        target.write(f"{len(atoms)}\n")
        target.write(
            f"Properties=species:S:1:pos:R:3:forces:R:3 energy={energy!r} total_charge={charge} "
            f'length_unit=angstrom energy_unit=eV pbc="F F F"\n'
        )
        for symbol, position, force in zip(atoms.symbols, atoms.positions, forces):
            numbers = [*map(float, position), *map(float, force)]
            target.write(" ".join([symbol, *map(repr, numbers)]) + "\n")
