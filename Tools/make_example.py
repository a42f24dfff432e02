"""Makes Examples/small-molecules/small-molecules.extxyz: 2,000 labelled geometries of 16 small molecules and ions.

    pip install -r Tools/requirements.txt
    python Tools/make_example.py            # writes the file and checks it, a quarter of an hour on one core
    python Tools/make_example.py --check    # checks the file that is there
    python Tools/make_example.py --only water urea --output some.extxyz    # these two, the same frames

Each molecule is optimised, then sampled by Langevin dynamics at rising temperatures, all with tblite's GFN2-xTB
(doi:10.1021/acs.jctc.8b01176). The labels of a frame are computed afresh on the geometry as it is written. One seed
fixes everything, but the dynamics are chaotic: another processor or library gives other frames of the same kind.
"""

import argparse
import os

os.environ["OMP_NUM_THREADS"] = "1"  # a fixed order of summation

from pathlib import Path

import numpy as np
from ase import Atoms, units
from ase.build import molecule
from ase.constraints import FixCom
from ase.io import read
from ase.md.langevin import Langevin
from ase.md.velocitydistribution import thermalize_momenta
from ase.neighborlist import natural_cutoffs, neighbor_list
from ase.optimize import BFGS
from tblite.ase import TBLite

OUTPUT = Path(__file__).resolve().parent.parent / "Examples" / "small-molecules" / "small-molecules.extxyz"
SEED = 20240229
TEMPERATURES = (300, 375, 450, 525, 600)  # K, one after the other in one trajectory
FRAMES = 25  # per molecule and temperature
TIME_STEP = 0.5  # fs
FRICTION = 0.02  # 1/fs
STEPS_BETWEEN_FRAMES = 80  # 40 fs
STEPS_OF_EQUILIBRATION = 500  # 250 fs at each temperature
LEVEL = "GFN2-xTB"
SAMPLING_ACCURACY, LABEL_ACCURACY = 0.1, 1e-4  # scale tblite's thresholds; labels converge beyond the written digits


def acetate():
    """Acetic acid without its acid proton, the hydrogen next to an oxygen."""
    atoms = molecule("CH3COOH")
    from_oxygen = atoms.get_all_distances()[atoms.numbers == 8].min(axis=0)
    return atoms[(atoms.numbers != 1) | (from_oxygen > 1.2)]


def ammonium():
    return Atoms("NH4", 0.6 * np.array([(0, 0, 0), (1, 1, 1), (-1, -1, 1), (-1, 1, -1), (1, -1, -1)]))


def urea():
    return Atoms(
        "CON2H4",
        [(0, 0, 0), (0, 1.2, 0), (1.15, -0.65, 0), (-1.15, -0.65, 0)]
        + [(2.0, -0.1, 0.2), (1.15, -1.6, -0.1), (-2.0, -0.1, -0.2), (-1.15, -1.6, 0.1)],
    )


def glycine():
    """The neutral molecule, as in the gas phase."""
    return Atoms(
        "C2O2NH5",
        [(0, 0, 0), (1.5, 0, 0), (2.1, -1.05, 0), (2.1, 1.2, 0), (-0.65, -1.3, 0)]
        + [(3.05, 1.05, 0), (-0.4, -1.8, 0.8), (-0.4, -1.8, -0.8), (-0.3, 0.55, 0.9), (-0.3, 0.55, -0.9)],
    )


# name: (starting geometry or its name in ASE's G2 collection, total charge in e)
MOLECULES = {
    "water": ("H2O", 0),
    "ammonia": ("NH3", 0),
    "formaldehyde": ("H2CO", 0),
    "ammonium": (ammonium, +1),
    "methane": ("CH4", 0),
    "formic_acid": ("HCOOH", 0),
    "ethylene": ("C2H4", 0),
    "methanol": ("CH3OH", 0),
    "methylamine": ("H3CNH2", 0),
    "acetate": (acetate, -1),
    "urea": (urea, 0),
    "ethanol": ("CH3CH2OH", 0),
    "acetamide": ("CH3CONH2", 0),
    "acetone": ("CH3COCH3", 0),
    "glycine": (glycine, 0),
    "benzene": ("C6H6", 0),
}


def calculator(charge, accuracy):
    return TBLite(method=LEVEL, charge=charge, accuracy=accuracy, verbosity=0)


def bonds(atoms):
    """Pairs of atoms closer than 1.3 times the sum of their covalent radii."""
    first, second = neighbor_list("ij", atoms, natural_cutoffs(atoms, mult=1.3))
    return {(i, j) for i, j in zip(first.tolist(), second.tolist()) if i < j}


def sample(name):
    """Yields (temperature, geometry) of one molecule; the centre of mass is the origin, positions are rounded."""
    start, charge = MOLECULES[name]
    rng = np.random.default_rng([SEED, *name.encode()])  # molecules do not depend on one another
    start = start() if callable(start) else molecule(start)
    atoms = Atoms(start.numbers, start.positions, calculator=calculator(charge, SAMPLING_ACCURACY))
    converged = BFGS(atoms, logfile=None).run(fmax=0.01, steps=500)
    assert converged, f"{name}: the geometry was not optimised"
    intact = bonds(atoms)
    atoms.set_constraint(FixCom())
    thermalize_momenta(atoms, TEMPERATURES[0], rng=rng)
    for temperature in TEMPERATURES:
        settings = dict(timestep=TIME_STEP * units.fs, friction=FRICTION / units.fs, fixcm=False, rng=rng)
        dynamics = Langevin(atoms, temperature_K=temperature, **settings)
        dynamics.run(STEPS_OF_EQUILIBRATION)
        for _ in range(FRAMES):
            dynamics.run(STEPS_BETWEEN_FRAMES)
            assert bonds(atoms) == intact, f"{name}: a bond broke or formed at {temperature} K"
            yield temperature, Atoms(atoms.numbers, np.round(atoms.positions - atoms.get_center_of_mass(), 6))


def decimals(values):
    return " ".join(f"{x:.6f}" for x in np.round(values, 6) + 0.0)  # adding zero turns -0.0 into 0.0


def frame(name, temperature, atoms):
    """One frame as extended XYZ text: eV, Å, e."""
    charge = MOLECULES[name][1]
    atoms.calc = calculator(charge, LABEL_ACCURACY)
    energy, dipole = atoms.get_potential_energy(), atoms.get_dipole_moment()  # e Å, about the origin
    table = np.column_stack([atoms.positions, atoms.get_forces(), atoms.get_charges()])
    header = (
        "Properties=species:S:1:pos:R:3:forces:R:3:charges:R:1 "
        f"name={name} total_charge={charge} temperature_K={temperature} energy={energy:.8f} "
        f'dipole="{decimals(dipole)}" level={LEVEL} length_unit=angstrom energy_unit=eV pbc="F F F"'
    )
    rows = [f"{symbol} {decimals(row)}" for symbol, row in zip(atoms.symbols, table)]
    return "\n".join([str(len(atoms)), header, *rows, ""])


def deviation(stored, step=2e-4):
    """Largest differences between a stored frame and a new calculation: energy, dipole, and three force components
    against central differences of the energy (`step` in Å)."""

    def compute(positions):
        charge = MOLECULES[stored.info["name"]][1]
        return Atoms(stored.numbers, positions, calculator=calculator(charge, LABEL_ACCURACY))

    again = compute(stored.positions)
    energy = abs(again.get_potential_energy() - stored.get_potential_energy())
    dipole = abs(again.get_dipole_moment() - stored.calc.results["dipole"]).max()
    force = 0
    for atom, axis in [(0, 0), (len(stored) // 2, 1), (len(stored) - 1, 2)]:
        shift = np.zeros_like(stored.positions)
        shift[atom, axis] = step
        ahead, behind = (compute(stored.positions + sign * shift).get_potential_energy() for sign in (1, -1))
        force = max(force, abs((behind - ahead) / (2 * step) - stored.get_forces()[atom, axis]))
    return energy, dipole, force


def check(path):
    """Reads the file back with ASE and stops at the first thing that does not hold."""
    frames = read(path, ":")
    species = {(f.get_chemical_formula(), f.info["total_charge"]) for f in frames}
    assert len(species) == len({formula for formula, _ in species}), "one composition with two charges"
    print("molecule, formula, energy range, rms force, closest pair, |net force, torque|, errors of E, dipole, F")
    for name in dict.fromkeys(f.info["name"] for f in frames):
        mine = [f for f in frames if f.info["name"] == name]
        assert [f.info["temperature_K"] for f in mine] == list(np.repeat(TEMPERATURES, FRAMES)), name
        # Two frames are told apart by the root mean square difference of their interatomic distances, in Å.
        shapes = np.array([f.get_all_distances()[np.triu_indices(len(f), 1)] for f in mine])
        closest = min(np.sqrt(((shapes[i + 1 :] - shapes[i]) ** 2).mean(1)).min() for i in range(len(mine) - 1))
        assert closest > 1e-4, f"{name}: two frames are the same"
        energies, forces = [f.get_potential_energy() for f in mine], np.array([f.get_forces() for f in mine])
        torques = np.array([np.cross(f.positions, f.get_forces()).sum(0) for f in mine])
        net = max(abs(forces.sum(1)).max(), abs(torques).max())
        assert net < 2e-5, f"{name}: net force or torque {net}"
        assert all(abs(f.get_charges().sum() - MOLECULES[name][1]) < 1e-5 for f in mine), f"{name}: charges"
        assert all(abs(f.get_center_of_mass()).max() < 2e-6 for f in mine), f"{name}: centre of mass"
        errors = np.max([deviation(f) for f in mine[:: len(mine) // 4]], axis=0)
        assert all(errors < (1e-7, 2e-6, 2e-5)), f"{name}: labels do not repeat, {errors}"
        columns = f"{np.ptp(energies):7.3f} {forces.std():6.3f} {closest:7.4f} {net:8.1e}"
        print(f"{name:13}{mine[0].get_chemical_formula():>8}", columns, *(f"{x:8.1e}" for x in errors))
    print(f"{path.name}: {len(frames)} frames, {path.stat().st_size} bytes, all checks passed")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=MOLECULES, default=list(MOLECULES), metavar="NAME")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    parser.add_argument("--check", action="store_true", help="check the file and write nothing")
    arguments = parser.parse_args()
    if not arguments.check:
        with open(arguments.output, "w", newline="\n") as file:
            for name in arguments.only:
                file.writelines(frame(name, *state) for state in sample(name))
                print(name, flush=True)
    check(arguments.output)
