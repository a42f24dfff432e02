"""Writes Tests/ApusDatasetsTests/Fixtures/rattled.extxyz: molecules rattled by 0.02 to 0.2 Å with GFN2-xTB forces.

With a number it makes so many sets of molecules of ASE's G2 collection in the folder of the second argument,
an extended XYZ file each, on which the comparison of forces with energies should give no false alarm:

    python make_rattled_fixture.py
    python make_rattled_fixture.py 1000 /tmp/sets
"""

import os
import sys

import numpy as np
from ase.build import molecule
from ase.collections import g2
from tblite.interface import Calculator

BOHR = 0.529177210903
HARTREE = 27.211386245988
ELEMENTS = {1, 6, 7, 8, 9, 14, 15, 16, 17}


def frames(name, sigma, count, random):
    """Frames of a molecule whose coordinates are moved by normal numbers of standard deviation sigma."""
    atoms = molecule(name)
    lines = []
    while count > 0:
        positions = atoms.positions + sigma * random.normal(size=atoms.positions.shape)
        try:
            calculator = Calculator("GFN2-xTB", atoms.numbers, positions / BOHR)
            calculator.set("verbosity", 0)
            result = calculator.singlepoint()
        except RuntimeError:
            continue  # not converged
        forces = -result.get("gradient") * HARTREE / BOHR
        lines.append(f"{len(atoms)}\nProperties=species:S:1:pos:R:3:forces:R:3 "
                     f"energy={result.get('energy') * HARTREE:.8f} name={name}_{sigma}\n")
        for symbol, position, force in zip(atoms.get_chemical_symbols(), positions, forces):
            lines.append(symbol + "".join(f" {x:.6f}" for x in [*position, *force]) + "\n")
        count -= 1
    return "".join(lines)


def main():
    random = np.random.default_rng(7)
    if len(sys.argv) == 3:
        names = [n for n in g2.names
                 if 4 <= len(molecule(n)) <= 30 and set(molecule(n).numbers) <= ELEMENTS]
        for k in range(int(sys.argv[1])):
            sigma = random.choice([0.02, 0.05, 0.1, 0.15, 0.2])
            text = frames(random.choice(names), sigma, random.choice([8, 12, 20, 30]), random)
            with open(os.path.join(sys.argv[2], f"{k:04}.extxyz"), "w") as file:
                file.write(text)
        return
    folder = os.path.join(os.path.dirname(__file__), "../Tests/ApusDatasetsTests/Fixtures")
    with open(os.path.join(folder, "rattled.extxyz"), "w") as file:
        for name in ["CH4", "CH3OH", "CH3COCH3"]:
            for sigma in [0.02, 0.05, 0.1, 0.2]:
                file.write(frames(name, sigma, 8, random))


if __name__ == "__main__":
    main()
